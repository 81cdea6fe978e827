"""Symbols from pin tables: a box for each unit, its pins where a reader looks for them, and power symbols.

Millimetres, y upwards, as in KiCad's symbol files. Pins end on the 2.54 mm grid.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kiki_tools.kicad.layout import Node, Quoted, emit

VERSION = 20241209
"""The library format of KiCad 9."""

KINDS = (
    "input output bidirectional tri_state passive free unspecified power_in power_out open_collector open_emitter"
    " no_connect"
).split()
"""The electrical types of pins, in KiCad's words."""

SHAPES = ("line inverted clock inverted_clock input_low clock_low output_low edge_clock_high non_logic").split()
"""The graphic shapes of pins, in KiCad's words."""

SIDES = ("left", "right", "top", "bottom")

_GRID = 2.54
_TEXT = 1.27
_LETTER = 1.14
"""Room for one letter of a pin name: KiCad's stroke font at 1.27 mm, a little more than its mean."""
_OFFSET = 1.016
_GROUND = re.compile(r"(?:[ADPS]?GND|GND[A-Z]*|EARTH|CHASSIS|V?SS|[AD]?VSS\w*|VEE|V-|0V|E?PAD|EP)[_\d]*", re.IGNORECASE)
_ESCAPES = {"{": "brace", "/": "slash", "\\": "backslash", "<": "lt", ">": "gt", ":": "colon", '"': "dblquote"}
_OUTPUTS = frozenset({"output", "tri_state", "open_collector", "open_emitter", "power_out"})


class ImpossibleSymbol(ValueError):
    """No symbol can be drawn from this: says which value is wrong, and what is possible."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One pin: its number and name, its electrical type (``kind``, one of KINDS) and graphic ``shape``.

    ``side``: left, right, top or bottom; empty for the usual one. ``group``: pins of a group stand together, apart from
    the others. ``unit``: from 1. ``alternates``: other functions, as name and electrical type.
    """

    number: str
    name: str = "~"
    kind: str = "passive"
    side: str = ""
    unit: int = 1
    group: str = ""
    shape: str = "line"
    hidden: bool = False
    alternates: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SymbolSpec:
    """A symbol: its pins and its fields.

    ``value``: the name, when it is empty. ``keywords``: words with blanks between. ``footprint_filters``: patterns such
    as `SOIC*3.9x4.9mm*`. ``power_unit``: all power inputs go to a unit of their own, behind the others. ``pin_length``:
    a multiple of 1.27 mm.
    """

    name: str
    pins: Sequence[Pin]
    reference: str = "U"
    value: str = ""
    footprint: str = ""
    datasheet: str = ""
    description: str = ""
    keywords: str = ""
    footprint_filters: Sequence[str] = ()
    power_unit: bool = False
    pin_length: float = 2.54


@dataclass(frozen=True, slots=True)
class PowerSpec:
    """A power symbol: a net by its name. ``drives``: a flag, to tell the electrical check of a supply."""

    name: str
    description: str = ""
    drives: bool = False


def symbol(spec: SymbolSpec) -> str:
    """The symbol's s-expression, as it stands in a library. Raises ImpossibleSymbol."""
    return emit(_symbol(spec))


def power_symbol(name: str, description: str = "", drives: bool = False) -> str:
    """A power symbol's s-expression: the ground sign for names of grounds, else an arrow. Raises ImpossibleSymbol."""
    return emit(_power_symbol(PowerSpec(name, description, drives)))


def library(specs: Iterable[SymbolSpec | PowerSpec]) -> str:
    """A whole `.kicad_sym` file, its symbols in order of their names. Raises ImpossibleSymbol."""
    ordered = sorted(specs, key=lambda spec: spec.name)
    if twice := [name for name, count in Counter(spec.name for spec in ordered).items() if count > 1]:
        raise ImpossibleSymbol(f"several symbols have the name {twice[0]}")
    nodes = [_symbol(spec) if isinstance(spec, SymbolSpec) else _power_symbol(spec) for spec in ordered]
    head: list[Node] = ["kicad_symbol_lib", ("version", VERSION), ("generator", Quoted("micro-kiki"))]
    return emit([*head, ("generator_version", Quoted("9.0")), *nodes])


def _check(spec: SymbolSpec) -> None:
    _check_name(spec.name)
    if not spec.pins:
        raise ImpossibleSymbol(f"{spec.name} has no pins")
    if not re.fullmatch(r"#?[A-Za-z_]+", spec.reference):
        raise ImpossibleSymbol(f"the reference of {spec.name} is {spec.reference!r}: letters expected, such as U")
    if spec.pin_length <= 0 or abs(spec.pin_length / 1.27 - round(spec.pin_length / 1.27)) > 1e-6:
        raise ImpossibleSymbol(f"pin length {spec.pin_length} mm: a multiple of 1.27 mm expected")
    for pin in spec.pins:
        _check_pin(pin)
    if twice := [number for number, count in Counter(pin.number for pin in spec.pins).items() if count > 1]:
        raise ImpossibleSymbol(f"several pins of {spec.name} have the number {', '.join(twice)}")
    units = {pin.unit for pin in spec.pins}
    if missing := set(range(1, max(units))) - units:
        raise ImpossibleSymbol(f"unit {min(missing)} of {spec.name} has no pins")


def _check_name(name: str) -> None:
    if not name.strip() or any(ord(char) < 32 for char in name):
        raise ImpossibleSymbol(f"{name!r} is no name for a symbol")


def _check_pin(pin: Pin) -> None:
    if not pin.number or re.search(r"\s", pin.number):
        raise ImpossibleSymbol(f"pin {pin.name}: {pin.number!r} is no pin number")
    for kind in (pin.kind, *(kind for _, kind in pin.alternates)):
        _check_word(pin, "electrical type", kind, KINDS)
    _check_word(pin, "shape", pin.shape, SHAPES)
    if pin.side:
        _check_word(pin, "side", pin.side, SIDES)
    if pin.unit < 1:
        raise ImpossibleSymbol(f"pin {pin.number}: unit {pin.unit}; units count from 1")


def _check_word(pin: Pin, what: str, word: str, possible: Sequence[str]) -> None:
    if word not in possible:
        raise ImpossibleSymbol(f"pin {pin.number}: unknown {what} {word!r}; KiCad has {', '.join(possible)}")


@dataclass(frozen=True, slots=True)
class _Box:
    """A unit's body, from ``left`` to ``-left``, and its pins with their ends: x, y, direction in degrees.

    The pins are in KiCad's order: from left to right, from top to bottom.
    """

    left: float
    top: float
    bottom: float
    pins: tuple[tuple[Pin, float, float, int], ...]


def _symbol(spec: SymbolSpec) -> Node:
    _check(spec)
    units = _units(spec)
    boxes = [_box(unit, spec.pin_length) for unit in units]
    name = _escaped(spec.name)
    alike = len({tuple(sorted((pin.name, pin.kind) for pin in unit)) for unit in units}) == 1
    nodes: list[Node] = [
        "symbol",
        Quoted(name),
        ("pin_names", ("offset", _OFFSET)),
        ("exclude_from_sim", False),
        ("in_bom", True),
        ("on_board", True),
        *_fields(spec, boxes, locked=not alike),
    ]
    nodes += [_unit(f"{name}_{index}_1", box, spec.pin_length) for index, box in enumerate(boxes, 1)]
    return [*nodes, ("embedded_fonts", False)]


def _escaped(name: str) -> str:
    return "".join(f"{{{_ESCAPES[char]}}}" if char in _ESCAPES else char for char in name)


def _units(spec: SymbolSpec) -> list[list[Pin]]:
    last = max(pin.unit for pin in spec.pins)
    pins = list(spec.pins)
    if spec.power_unit and not all(pin.kind == "power_in" for pin in pins):
        pins = [replace(pin, unit=last + 1) if pin.kind == "power_in" else pin for pin in pins]
    units = [[pin for pin in pins if pin.unit == unit] for unit in range(1, last + 2)]
    return [unit for unit in units if unit]


def is_ground(name: str) -> bool:
    """Whether a pin or net of this name is a ground or a negative supply."""
    return _GROUND.fullmatch(name) is not None


def _side(pin: Pin) -> str:
    """Where a pin belongs; empty when any of left and right will do."""
    if pin.side:
        return pin.side
    if pin.kind == "power_in":
        return "bottom" if is_ground(pin.name) else "top"
    if pin.kind == "input":
        return "left"
    return "right" if pin.kind in _OUTPUTS else ""


def _sides(pins: Sequence[Pin]) -> dict[str, list[Pin]]:
    sides: dict[str, list[Pin]] = {side: [] for side in SIDES}
    groups: dict[str, list[Pin]] = {}
    for pin in pins:
        if side := _side(pin):
            sides[side].append(pin)
        else:
            groups.setdefault(pin.group, []).append(pin)
    single = groups.pop("", [])
    left, right = sides["left"], sides["right"]
    for group in groups.values():
        (left if len(left) <= len(right) else right).extend(group)
    more_left = min(max((len(right) - len(left) + len(single) + 1) // 2, 0), len(single))
    left += single[:more_left]
    right += single[more_left:]
    return sides


def _slots(pins: Sequence[Pin]) -> list[tuple[int, Pin]]:
    """The pins of one side with their places on the grid: groups together, a free place between groups."""
    groups: dict[str, list[Pin]] = {}
    for pin in pins:
        groups.setdefault(pin.group, []).append(pin)
    slots: list[tuple[int, Pin]] = []
    at = 0
    for group in groups.values():
        slots += [(at + index, pin) for index, pin in enumerate(group)]
        at += len(group) + 1
    return slots


def _name_width(pins: Sequence[Pin]) -> float:
    names = [re.sub(r"[~^_]\{([^}]*)\}", r"\1", pin.name) for pin in pins if pin.name != "~"]
    return max((len(name) * _LETTER + _OFFSET for name in names), default=0.0)


def _up_to_grid(value: float, length: float) -> float:
    """The next larger half size with which pins of this length end on the grid."""
    return math.ceil((value + length) / _GRID - 1e-9) * _GRID - length


def _box(pins: Sequence[Pin], length: float) -> _Box:
    sides = _sides(pins)
    slots = {side: _slots(sides[side]) for side in SIDES}
    count = {side: slots[side][-1][0] + 1 if slots[side] else 0 for side in SIDES}
    width = {side: _name_width(sides[side]) for side in SIDES}
    columns, rows = max(count["top"], count["bottom"]), max(count["left"], count["right"])
    strip = columns // 2 * _GRID + _TEXT if columns else 0.0
    half = max(strip + max(width["left"], width["right"]), (width["left"] + width["right"] + _GRID) / 2, 2 * _GRID)
    right = _up_to_grid(half, length)
    first = rows // 2 * _GRID
    height = width["top"] + width["bottom"] + _TEXT
    top = _up_to_grid(max(first + _GRID if rows else 0.0, height / 2), length)
    bottom = -_up_to_grid(max((rows - 1) * _GRID - first + _GRID if rows else 0.0, height - top, _GRID), length)
    placed = [(pin, -right - length, first - slot * _GRID, 0) for slot, pin in slots["left"]]
    placed += [(pin, right + length, first - slot * _GRID, 180) for slot, pin in slots["right"]]
    for side, y, angle in (("top", top + length, 270), ("bottom", bottom - length, 90)):
        begin = -(count[side] // 2) * _GRID
        placed += [(pin, begin + slot * _GRID, y, angle) for slot, pin in slots[side]]
    return _Box(-right, top, bottom, tuple(sorted(placed, key=lambda place: (place[1], -place[2]))))


def _effects(justify: str = "", hidden: bool = False) -> Node:
    node: list[Node] = ["effects", ("font", ("size", _TEXT, _TEXT))]
    if justify:
        node.append(("justify", justify))
    if hidden:
        node.append(("hide", True))
    return node


def _field(name: str, text: str, x: float = 0, y: float = 0, justify: str = "", hidden: bool = True) -> Node:
    return ("property", Quoted(name), Quoted(text), ("at", x, y, 0), _effects(justify, hidden))


def _fields(spec: SymbolSpec, boxes: Sequence[_Box], locked: bool) -> list[Node]:
    left = min(box.left for box in boxes)
    above = max(max([box.top, *(y for _, _, y, _ in box.pins)]) for box in boxes) + _TEXT
    below = min(min([box.bottom, *(y for _, _, y, _ in box.pins)]) for box in boxes) - _TEXT
    fields = [
        _field("Reference", spec.reference, left, above, "left", hidden=False),
        _field("Value", spec.value or spec.name, left, below, "left", hidden=False),
        _field("Footprint", spec.footprint),
        _field("Datasheet", spec.datasheet),
        _field("Description", spec.description),
    ]
    if locked:
        fields.append(_field("ki_locked", "", hidden=False))
    if spec.keywords:
        fields.append(_field("ki_keywords", spec.keywords))
    if spec.footprint_filters:
        fields.append(_field("ki_fp_filters", " ".join(spec.footprint_filters)))
    return fields


def _unit(name: str, box: _Box, length: float) -> Node:
    body = (
        "rectangle",
        ("start", box.left, box.top),
        ("end", -box.left, box.bottom),
        ("stroke", ("width", 0.254), ("type", "default")),
        ("fill", ("type", "background")),
    )
    return ["symbol", Quoted(name), body, *(_pin(pin, x, y, angle, length) for pin, x, y, angle in box.pins)]


def _pin(pin: Pin, x: float, y: float, angle: int, length: float) -> Node:
    node: list[Node] = ["pin", pin.kind, pin.shape, ("at", x, y, angle), ("length", length)]
    if pin.hidden:
        node.append(("hide", True))
    node.append(("name", Quoted(pin.name or "~"), _effects()))
    node.append(("number", Quoted(pin.number), _effects()))
    return node + [("alternate", Quoted(name), kind, "line") for name, kind in sorted(pin.alternates)]


_ARROW = (((-0.762, 1.27), (0, 2.54)), ((0, 2.54), (0.762, 1.27)), ((0, 0), (0, 2.54)))
_GROUND_SIGN = (((0, 0), (0, -1.27), (1.27, -1.27), (0, -2.54), (-1.27, -1.27), (0, -1.27)),)
_FLAG = (((0, 0), (0, 1.27), (-1.016, 1.905), (0, 2.54), (1.016, 1.905), (0, 1.27)),)


def _power_symbol(spec: PowerSpec) -> Node:
    _check_name(spec.name)
    ground = is_ground(spec.name) and not spec.drives
    lines = _GROUND_SIGN if ground else _FLAG if spec.drives else _ARROW
    what = "flag: a supply drives this net" if spec.drives else f'symbol creates a global label with name "{spec.name}"'
    name = _escaped(spec.name)
    kind = "power_out" if spec.drives else "power_in"
    pin = _pin(Pin("1", kind=kind), 0, 0, 270 if ground else 90, 0)
    return (
        "symbol",
        Quoted(name),
        ("power",),
        ("pin_numbers", ("hide", True)),
        ("pin_names", ("offset", 0), ("hide", True)),
        ("exclude_from_sim", False),
        ("in_bom", True),
        ("on_board", True),
        _field("Reference", "#FLG" if spec.drives else "#PWR", 0, 3.81 if ground else -3.81),
        _field("Value", spec.name, 0, -3.81 if ground else 3.81, hidden=False),
        _field("Footprint", ""),
        _field("Datasheet", ""),
        _field("Description", spec.description or f"Power {what}"),
        _field("ki_keywords", "global power"),
        ["symbol", Quoted(f"{name}_0_1"), *map(_polyline, lines)],
        ["symbol", Quoted(f"{name}_1_1"), pin],
        ("embedded_fonts", False),
    )


def _polyline(points: Sequence[tuple[float, float]]) -> Node:
    return (
        "polyline",
        ["pts", *(("xy", x, y) for x, y in points)],
        ("stroke", ("width", 0), ("type", "default")),
        ("fill", ("type", "none")),
    )
