"""Footprints for packages: lands after IPC-7351B, silk screen clear of them, body, courtyard, texts, pin 1.

Drawn as KiCad's library convention asks: silk lines 0.12 mm wide and 0.2 mm from copper, the body in 0.1 mm on the
fabrication layer with a cut corner at pin 1, the courtyard in 0.05 mm.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from kiki_tools.kicad.lands import Density, Land, Pattern, land_pattern
from kiki_tools.kicad.layout import Node, Quoted, emit
from kiki_tools.kicad.packages import (
    STANDARD,
    BallGrid,
    ExposedPad,
    GullWing,
    ImpossibleFootprint,
    NoLead,
    Package,
    PadGrid,
    PinRows,
    Size,
    Tab,
    TwoTerminal,
    around,
    exact,
    standard,
)

__all__ = [
    "STANDARD",
    "BallGrid",
    "ExposedPad",
    "FootprintSpec",
    "GullWing",
    "ImpossibleFootprint",
    "NoLead",
    "Package",
    "PadGrid",
    "PinRows",
    "Size",
    "Tab",
    "TwoTerminal",
    "around",
    "exact",
    "footprint",
    "standard",
]

VERSION = 20241229
"""The footprint format of KiCad 9."""

_SPACE = uuid.UUID("5f7c1a52-5d0b-5c38-9a55-0f6c9c1f5a11")
_WIDTHS = {"F.SilkS": 0.12, "F.CrtYd": 0.05, "F.Fab": 0.1}
_CLEAR = 0.2 + _WIDTHS["F.SilkS"] / 2
"""From the edge of a land to the middle of a silk line."""
_FAB_EDGE = (_WIDTHS["F.Fab"] + _WIDTHS["F.SilkS"]) / 2
_SHORTEST = 0.2
_MARK = 0.3

_LAYERS = {
    "lead": ("F.Cu", "F.Mask", "F.Paste"),
    "ball": ("F.Cu", "F.Mask", "F.Paste"),
    "hole": ("*.Cu", "*.Mask"),
    "metal": ("F.Cu", "F.Mask"),
    "paste": ("F.Paste",),
    "via": ("*.Cu",),
    "back": ("B.Cu",),
}


@dataclass(frozen=True, slots=True)
class FootprintSpec:
    """A footprint: its name, its package (or the name of a standard one) and how much copper it gets.

    ``model``: the path of a 3D model, such as `${KICAD9_3DMODEL_DIR}/Package_SO.3dshapes/SOIC-8.step`.
    """

    name: str
    package: Package | str
    density: Density = "B"
    description: str = ""
    tags: str = ""
    model: str = ""


_Point: TypeAlias = tuple[float, float]


class _Shape(NamedTuple):
    """A line or rectangle by its ends, a polygon by its corners."""

    kind: Literal["fp_line", "fp_rect", "fp_poly"]
    layer: str
    points: tuple[_Point, ...]


class _Rectangle(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> _Rectangle:
        return _Rectangle(self.left - by, self.top - by, self.right + by, self.bottom + by)

    @property
    def corners(self) -> tuple[_Point, ...]:
        return (self.left, self.top), (self.right, self.top), (self.right, self.bottom), (self.left, self.bottom)


def footprint(spec: FootprintSpec) -> str:
    """The text of a `.kicad_mod` file; the same spec gives the same text. Raises ImpossibleFootprint."""
    if not spec.name.strip() or any(char in spec.name for char in '/:\\"\n'):
        raise ImpossibleFootprint(f"{spec.name!r} is no name for a footprint")
    package = standard(spec.package) if isinstance(spec.package, str) else spec.package
    pattern = land_pattern(package, spec.density)
    drawing = _Drawing(spec.name)
    body = _around_all([_rectangle(*pattern.body)])
    court = _courtyard(pattern, body)
    head: list[Node] = [
        "footprint",
        Quoted(spec.name),
        ("version", VERSION),
        ("generator", Quoted("micro-kiki")),
        ("generator_version", Quoted("9.0")),
        ("layer", Quoted("F.Cu")),
    ]
    if spec.description:
        head.append(("descr", Quoted(spec.description)))
    if spec.tags:
        head.append(("tags", Quoted(spec.tags)))
    shapes = [*_outline(package, pattern, body), _body(package, body), _Shape("fp_rect", "F.CrtYd", _ends(court))]
    nodes = [
        *drawing.fields(spec, court),
        ("attr", "through_hole" if any(land.use == "hole" for land in pattern.lands) else "smd"),
        *(drawing.shape(shape) for shape in sorted(shapes, key=_order)),
        drawing.reference(body),
        *(drawing.pad(land) for land in sorted(pattern.lands, key=_pad_order)),
        ("embedded_fonts", False),
    ]
    return emit([*head, *nodes, *_model(spec.model)])


def _rectangle(x: float, y: float, width: float, height: float) -> _Rectangle:
    return _Rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _around_all(parts: Sequence[_Rectangle]) -> _Rectangle:
    lefts, tops, rights, bottoms = zip(*parts, strict=True)
    return _Rectangle(min(lefts), min(tops), max(rights), max(bottoms))


def _land_rectangle(land: Land) -> _Rectangle:
    return _rectangle(land.x, land.y, land.width, land.height)


def _courtyard(pattern: Pattern, body: _Rectangle) -> _Rectangle:
    box = _around_all([body, *map(_land_rectangle, pattern.lands)]).grown(pattern.courtyard)
    left, top = (math.floor(value * 100 + 1e-6) / 100 for value in box[:2])
    right, bottom = (math.ceil(value * 100 - 1e-6) / 100 for value in box[2:])
    return _Rectangle(left, top, right, bottom)


def _model(path: str) -> Iterator[Node]:
    if path:
        zero, one = ("xyz", 0, 0, 0), ("xyz", 1, 1, 1)
        yield ("model", Quoted(path), ("offset", zero), ("scale", one), ("rotate", zero))


def _pieces(begin: float, end: float, holes: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """What is left of begin..end outside the holes, if it is long enough to print."""
    at = begin
    for low, high in sorted(holes):
        if low - at >= _SHORTEST:
            yield at, min(low, end)
        at = max(at, high)
        if at >= end:
            return
    if end - at >= _SHORTEST:
        yield at, end


class _Drawing:
    """The items of one footprint; counts them, to give each the same identifier every time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0

    def _uuid(self) -> Node:
        self._count += 1
        return ("uuid", Quoted(str(uuid.uuid5(_SPACE, f"{self._name}/{self._count}"))))

    def fields(self, spec: FootprintSpec, court: _Rectangle) -> Iterator[Node]:
        middle = (court.left + court.right) / 2
        yield self._field("Reference", "REF**", middle, court.top - 0.7, "F.SilkS")
        yield self._field("Value", spec.name, middle, court.bottom + 0.7, "F.Fab")
        yield self._field("Datasheet", "", 0, 0, "F.Fab", hidden=True)
        yield self._field("Description", "", 0, 0, "F.Fab", hidden=True)

    def _field(self, name: str, text: str, x: float, y: float, layer: str, hidden: bool = False) -> Node:
        node: list[Node] = ["property", Quoted(name), Quoted(text), ("at", x, y, 0)]
        if hidden:
            node.append(("unlocked", True))
        node.append(("layer", Quoted(layer)))
        if hidden:
            node.append(("hide", True))
        return [*node, self._uuid(), _effects(1)]

    def reference(self, body: _Rectangle) -> Node:
        """The reference once more inside the body, as large as it fits."""
        width, height = body.right - body.left, body.bottom - body.top
        size = round(min(1.0, max(0.25, max(width, height) / 4), max(0.25, min(width, height) / 1.2)), 2)
        at = ("at", (body.left + body.right) / 2, (body.top + body.bottom) / 2, 90 if height > width * 1.2 else 0)
        layer = ("layer", Quoted("F.Fab"))
        return ("fp_text", "user", Quoted("${REFERENCE}"), at, layer, self._uuid(), _effects(size))

    def shape(self, shape: _Shape) -> Node:
        polygon = shape.kind == "fp_poly"
        points: list[Node] = [("start", *shape.points[0]), ("end", *shape.points[-1])]
        node: list[Node] = [
            shape.kind,
            *([["pts", *(("xy", *point) for point in shape.points)]] if polygon else points),
        ]
        node.append(("stroke", ("width", _WIDTHS[shape.layer]), ("type", "solid")))
        if shape.kind != "fp_line":
            node.append(("fill", polygon and shape.layer == "F.SilkS"))
        return [*node, ("layer", Quoted(shape.layer)), self._uuid()]

    def pad(self, land: Land) -> Node:
        through = land.use in ("hole", "via")
        round_land = land.round or land.use in ("ball", "via") or (land.use == "hole" and not land.first)
        shape = "circle" if round_land else "rect" if land.use in ("metal", "back", "hole") else "roundrect"
        if shape == "circle" and land.width != land.height:
            shape = "oval"
        node: list[Node] = ["pad", Quoted(land.number), "thru_hole" if through else "smd", shape]
        node += [("at", land.x, land.y), ("size", land.width, land.height)]
        if through:
            node.append(("drill", land.drill))
        if purpose := {"metal": "heatsink", "via": "heatsink", "back": "heatsink", "ball": "bga"}.get(land.use):
            node.append(("property", f"pad_prop_{purpose}"))
        node.append(["layers", *map(Quoted, _LAYERS[land.use])])
        if through:
            node.append(("remove_unused_layers", False))
        if shape == "roundrect":
            node.append(("roundrect_rratio", min(0.25, 0.25 / min(land.width, land.height))))
        if land.use in ("via", "back"):
            node.append(("zone_connect", 2))
        return [*node, self._uuid()]


def _effects(size: float) -> Node:
    return ("effects", ("font", ("size", size, size), ("thickness", round(size * 0.15, 3))))


def _order(shape: _Shape) -> tuple[int, int, tuple[_Point, ...]]:
    """KiCad's order of shapes in a file."""
    return list(_WIDTHS).index(shape.layer), ("fp_line", "fp_rect", "fp_poly").index(shape.kind), shape.points


def _pad_order(land: Land) -> tuple[list[tuple[int, str]], float, float, float]:
    """KiCad's order of pads in a file: by number, A2 before A10."""
    parts = re.split(r"(\d+)", land.number)
    return [(int(part) if part.isdecimal() else -1, part) for part in parts], land.x, land.y, land.width


def _ends(box: _Rectangle) -> tuple[_Point, _Point]:
    return (box.left, box.top), (box.right, box.bottom)


def _body(package: Package, body: _Rectangle) -> _Shape:
    """The body, with a cut corner at pin 1."""
    if not _has_first(package):
        return _Shape("fp_rect", "F.Fab", _ends(body))
    cut = round(min(1.0, min(body.right - body.left, body.bottom - body.top) / 4), 3)
    return _Shape("fp_poly", "F.Fab", ((body.left + cut, body.top), *body.corners[1:], (body.left, body.top + cut)))


def _outline(package: Package, pattern: Pattern, body: _Rectangle) -> Iterator[_Shape]:
    """The body's outline as far as it keeps clear of lands, and the mark at pin 1."""
    copper = [_land_rectangle(land).grown(_CLEAR) for land in pattern.lands if land.use in ("lead", "hole", "ball")]
    box = _between_rows(package, body.grown(_FAB_EDGE), copper)
    mark = _mark(package, pattern, box)
    if mark:
        yield _Shape("fp_line" if len(mark) == 2 else "fp_poly", "F.SilkS", mark)
        copper.append(_around_all([_Rectangle(x, y, x, y) for x, y in mark]).grown(_WIDTHS["F.SilkS"]))
    for y in (box.top, box.bottom):
        holes = [(land.left, land.right) for land in copper if land.top < y < land.bottom]
        for left, right in _pieces(box.left, box.right, holes):
            yield _Shape("fp_line", "F.SilkS", ((left, y), (right, y)))
    for x in (box.left, box.right):
        holes = [(land.top, land.bottom) for land in copper if land.left < x < land.right]
        for top, bottom in _pieces(box.top, box.bottom, holes):
            yield _Shape("fp_line", "F.SilkS", ((x, top), (x, bottom)))


def _has_first(package: Package) -> bool:
    if isinstance(package, PadGrid):
        return package.columns * package.rows > 2
    return package.polarized if isinstance(package, TwoTerminal) else True


def _between_rows(package: Package, box: _Rectangle, copper: Sequence[_Rectangle]) -> _Rectangle:
    """A DIP's outline stands between its rows of lands."""
    if not isinstance(package, PinRows) or package.zigzag or package.rows == 1:
        return box
    left = max(box.left, min(land.right for land in copper))
    right = min(box.right, max(land.left for land in copper))
    return box._replace(left=left, right=right) if left < right else box


def _mark(package: Package, pattern: Pattern, box: _Rectangle) -> tuple[_Point, ...]:
    """A bar beside the first terminal of two; else a triangle that points at pin 1, or at its corner of the body."""
    if not _has_first(package):
        return ()
    first = _land_rectangle(pattern.lands[0])
    if isinstance(package, TwoTerminal):
        x = first.left - _CLEAR
        return (x, first.top), (x, first.bottom)
    if isinstance(package, BallGrid) or (isinstance(package, PinRows) and package.zigzag):
        x, y = box.left - 0.22, box.top + _MARK if isinstance(package, BallGrid) else 0.0
        return (x, y), (x - _MARK, y - _MARK), (x - _MARK, y + _MARK)
    x, y = (first.left + first.right) / 2, first.top - _CLEAR
    return (x, y), (x - _MARK * 0.7, y - _MARK), (x + _MARK * 0.7, y - _MARK)
