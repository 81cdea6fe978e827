"""A plain picture of a sheet, board, symbol or footprint as SVG, for machines without KiCad."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import cos, hypot, radians, sin

from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.schematic import PER_MM, LibrarySymbol, Point, Sheet, Symbol, library_symbol, point_of, sheet_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import document_of
from kiki_tools.text import Snapshot

_MOST = 60_000
_WIRE, _BUS, _BODY, _TEXT, _LABEL, _SHEET = "#008400", "#000084", "#840000", "#006464", "#000000", "#840084"
_COPPER = {"F.Cu": "#c83434", "B.Cu": "#4d7fc4"}
_LINES = {"Edge.Cuts": "#d0d200", "F.SilkS": "#808080", "B.SilkS": "#8080a0", "F.Fab": "#afafaf", "F.CrtYd": "#ff26e2"}
Matrix = tuple[int, int, int, int]
Place = tuple[float, float]


class _Page:
    """What is drawn, in millimetres, and the box around it."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.left = self.top = float("inf")
        self.right = self.bottom = float("-inf")

    def see(self, x: float, y: float, reach: float = 0) -> None:
        if abs(x) > 1e5 or abs(y) > 1e5:
            return
        self.left, self.right = min(self.left, x - reach), max(self.right, x + reach)
        self.top, self.bottom = min(self.top, y - reach), max(self.bottom, y + reach)

    def add(self, item: str) -> None:
        if len(self.items) < _MOST:
            self.items.append(item)

    def line(self, points: list[tuple[float, float]], color: str, width: float = 0.15, fill: str = "none") -> None:
        if len(points) < 2:
            return
        for x, y in points:
            self.see(x, y)
        where = " ".join(f"{x:.3f},{y:.3f}" for x, y in points[:5000])
        shape = "polygon" if fill != "none" else "polyline"
        self.add(f'<{shape} points="{where}" fill="{fill}" stroke="{color}" stroke-width="{max(width, 0.1):.3f}"/>')

    def arc(self, start: Place, middle: Place, end: Place, color: str, width: float = 0.15) -> None:
        """The arc through three places; a line where they lie on one."""
        (ax, ay), (bx, by), (cx, cy) = start, middle, end
        cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(cross) < 1e-6:
            self.line([start, middle, end], color, width)
            return
        radius = hypot(bx - ax, by - ay) * hypot(cx - bx, cy - by) * hypot(cx - ax, cy - ay) / (2 * abs(cross))
        large = (ax - bx) * (cx - bx) + (ay - by) * (cy - by) > 0
        for x, y in (start, middle, end):
            self.see(x, y)
        way = f"A{radius:.3f},{radius:.3f} 0 {int(large)} {int(cross > 0)} {cx:.3f},{cy:.3f}"
        self.add(
            f'<path d="M{ax:.3f},{ay:.3f} {way}" fill="none" stroke="{color}" stroke-width="{max(width, 0.1):.3f}"/>'
        )

    def circle(self, x: float, y: float, radius: float, color: str, fill: str = "none") -> None:
        self.see(x, y, radius)
        self.add(f'<circle cx="{x:.3f}" cy="{y:.3f}" r="{radius:.3f}" fill="{fill}" stroke="{color}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        color: str,
        size: float = 1.27,
        anchor: str = "middle",
        upright: bool = False,
    ) -> None:
        if not text or text == "~":
            return
        self.see(x, y, size)
        shown = escape("".join(char for char in text[:200] if char.isprintable()))
        turned = f' transform="rotate(-90 {x:.3f} {y:.3f})"' if upright else ""
        self.add(
            f'<text x="{x:.3f}" y="{y:.3f}" font-size="{size:.2f}" text-anchor="{anchor}" fill="{color}" '
            f'stroke="none"{turned}>{shown}</text>'
        )

    def svg(self) -> str:
        if self.left > self.right:
            self.left = self.top = 0
            self.right = self.bottom = 10
        x, y, width, height = self.left - 2, self.top - 2, self.right - self.left + 4, self.bottom - self.top + 4
        cut = "<!-- more than is drawn here -->" if len(self.items) >= _MOST else ""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}mm" height="{height:.1f}mm" '
            f'viewBox="{x:.3f} {y:.3f} {width:.3f} {height:.3f}" stroke-width="0.15" stroke-linejoin="round" '
            f'stroke-linecap="round" font-family="sans-serif">'
            f'<rect x="{x:.3f}" y="{y:.3f}" width="{width:.3f}" height="{height:.3f}" fill="#ffffff" stroke="none"/>'
            f"{''.join(self.items)}{cut}</svg>\n"
        )


def svg(snapshot: Snapshot, name: str = "") -> str:
    """The picture of a file; of a symbol library, its first symbol or the one with this name."""
    page = _Page()
    main = document_of(snapshot).main
    head = main.head if main is not None else ""
    if main is None:
        return page.svg()
    if head == "kicad_sch":
        _sheet(page, sheet_of(snapshot))
    elif head == "kicad_pcb":
        _board(page, snapshot)
    elif head in ("footprint", "module"):
        _footprint(page, main, 0, 0, 0)
    elif head == "kicad_symbol_lib":
        found = [node for node in main.all("symbol") if not name or node.value() == name]
        if found:
            _symbol(page, library_symbol(found[0]), (0, 0), (1, 0, 0, 1), 1, 1, pins=True)
    return page.svg()


def _mm(point: Point) -> tuple[float, float]:
    return point[0] / PER_MM, point[1] / PER_MM


def _sheet(page: _Page, sheet: Sheet) -> None:
    for lines, color, width in ((sheet.wires, _WIRE, 0.15), (sheet.buses, _BUS, 0.3), (sheet.entries, _WIRE, 0.15)):
        for line in lines:
            page.line([_mm(line.a), _mm(line.b)], color, width)
    for point, _ in sheet.junctions:
        page.circle(*_mm(point), 0.45, _WIRE, _WIRE)
    for point, _ in sheet.no_connects:
        x, y = _mm(point)
        page.line([(x - 0.6, y - 0.6), (x + 0.6, y + 0.6)], _BUS)
        page.line([(x - 0.6, y + 0.6), (x + 0.6, y - 0.6)], _BUS)
    for symbol in sheet.symbols:
        if symbol.library is not None:
            _symbol(page, symbol.library, symbol.at, symbol.matrix, symbol.unit, symbol.style, not symbol.is_power)
        for text, node in symbol.properties.values():
            effects = node.find("effects")
            if not node.flag("hide") and not (effects is not None and effects.flag("hide")):
                _property(page, symbol, node, text)
    for label in sheet.labels:
        x, y = _mm(label.at)
        at = label.node.find("at")
        turn = round(at.number_at(2)) % 360 if at is not None else 0
        upright = turn in (90, 270)
        place = (x - 0.3, y) if upright else (x, y - 0.3)
        color = _LABEL if label.kind == "label" else _BODY
        page.text(*place, label.text, color, 1.27, "end" if turn in (180, 270) else "start", upright)
        page.circle(x, y, 0.25, _LABEL)
    for box in sheet.sheets:
        x, y = _mm(point_of(box.node.find("at")))
        width, height = _mm(point_of(box.node.find("size")))
        page.line([(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)], _SHEET)
        page.text(x, y - 0.5, box.name, _SHEET, 1.27, "start")
        for pin in box.pins:
            page.text(*_mm(pin.at), pin.name, _SHEET)
    main = sheet.document.main
    for node in main.children if main is not None else ():
        if node.head in ("text", "text_box"):
            x, y = _mm(point_of(node.find("at")))
            for number, line_text in enumerate(node.value().splitlines()[:60]):
                page.text(x, y + number * 1.8, line_text, _BUS, 1.27, "start")
        elif node.head in ("polyline", "rectangle", "circle", "arc"):
            _graphic(page, node, (0, 0), (1, 0, 0, -1))


def _property(page: _Page, symbol: Symbol, node: Node, text: str) -> None:
    """The text of a symbol's field, which turns with the symbol but never stands on its head."""
    at, effects = node.find("at"), node.find("effects")
    if at is None:
        return
    font = effects.find("font") if effects is not None else None
    size = font.find("size") if font is not None else None
    justify = effects.find("justify") if effects is not None else None
    sides = justify.texts if justify is not None else ()
    x, y = _mm(point_of(at))
    upright = (round(at.number_at(2)) % 180 == 90) != (symbol.matrix[0] == 0)
    high = size.number_at(0) if size is not None else 1.27
    anchor = "start" if "left" in sides else "end" if "right" in sides else "middle"
    x, y = (x + high * 0.35, y) if upright else (x, y + high * 0.35)
    page.text(x, y, text, _TEXT, high or 1.27, anchor, upright)


def _symbol(page: _Page, symbol: LibrarySymbol, at: Point, matrix: Matrix, unit: int, style: int, pins: bool) -> None:
    for node in symbol.node.children:
        if node.head != "symbol":
            _graphic(page, node, at, matrix)
            continue
        name = node.value().rsplit("_", 2)
        numbers = [int(each) if each.isdigit() else 0 for each in name[1:]] if len(name) == 3 else [0, 0]
        if numbers[0] in (0, unit) and numbers[1] in (0, style):
            for child in node.children:
                _graphic(page, child, at, matrix)
    for pin in symbol.pins(unit, style):
        if pin.hidden:
            continue
        x, y = _placed((pin.x, pin.y), at, matrix)
        place = pin.node.find("at")
        turn = round(place.number_at(2)) % 360 if place is not None else 0
        dx, dy = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}.get(turn, (1, 0))
        inner = _placed((pin.x + dx * pin.length, pin.y + dy * pin.length), at, matrix)
        page.line([(x, y), inner], _BODY)
        if pins:
            page.text((x + inner[0]) / 2, (y + inner[1]) / 2 - 0.3, pin.number, _BODY, 1)
            page.text(inner[0] + (inner[0] - x) * 0.3, inner[1] + (inner[1] - y) * 0.3 + 0.4, pin.name, _TEXT, 1)


def _placed(point: Point, at: Point, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d = matrix
    x, y = point[0], -point[1]
    return (at[0] + a * x + b * y) / PER_MM, (at[1] + c * x + d * y) / PER_MM


def _points(node: Node) -> Iterator[Point]:
    pts = node.find("pts")
    for child in pts.children if pts is not None else ():
        if child.head == "xy":
            yield point_of(child)


def _graphic(page: _Page, node: Node, at: Point, matrix: Matrix) -> None:
    def point(head: str) -> Point:
        return point_of(node.find(head))

    filled = node.find("fill")
    fill = "#ffffc2" if filled is not None and filled.text_of("type") == "background" else "none"
    if node.head == "rectangle":
        (x1, y1), (x2, y2) = point("start"), point("end")
        corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        page.line([_placed(corner, at, matrix) for corner in corners], _BODY, 0.25, fill)
    elif node.head in ("polyline", "bezier"):
        page.line([_placed(each, at, matrix) for each in _points(node)], _BODY, 0.25, fill)
    elif node.head == "arc":
        start, middle, end = (_placed(point(head), at, matrix) for head in ("start", "mid", "end"))
        page.arc(start, middle, end, _BODY, 0.25)
    elif node.head == "circle":
        x, y = _placed(point("center"), at, matrix)
        radius = node.find("radius")
        page.circle(x, y, abs(radius.number_at(0)) if radius is not None else 0.5, _BODY, fill)
    elif node.head == "text":
        page.text(*_placed(point("at"), at, matrix), node.value(), _BODY)


def _board(page: _Page, snapshot: Snapshot) -> None:
    board = board_of(snapshot)
    for node in board.items:
        layer = node.text_of("layer")
        if node.head == "zone" and node.find("keepout") is None:
            for polygon in node.all("polygon"):
                page.line([_mm(each) for each in _points(polygon)], _COPPER.get(layer, "#7f7f7f"), 0.1)
        elif node.head in ("segment", "arc"):
            width = node.find("width")
            wide = width.number_at(0) if width is not None else 0.2
            _bow(page, node, 0, 0, 0, _COPPER.get(layer, "#7fc87f"), wide)
        elif node.head == "via":
            size = node.find("size")
            page.circle(*_mm(point_of(node.find("at"))), (size.number_at(0) if size else 0.6) / 2, "#a09030", "#e3b72e")
        else:
            _drawn(page, node, 0, 0, 0)
    for footprint in board.footprints:
        x, y = _mm(footprint.at)
        at = footprint.node.find("at")
        _footprint(page, footprint.node, x, y, at.number_at(2) if at is not None else 0)
        page.text(x, y, footprint.reference, "#606060", 1)


def _turned(x: float, y: float, at_x: float, at_y: float, degrees: float) -> tuple[float, float]:
    angle = radians(degrees)
    return at_x + x * cos(angle) + y * sin(angle), at_y - x * sin(angle) + y * cos(angle)


def _footprint(page: _Page, node: Node, x: float, y: float, turn: float) -> None:
    for child in node.children:
        if child.head == "pad":
            place, size = child.find("at"), child.find("size")
            px, py = _turned(*_mm(point_of(place)), x, y, turn)
            width, height = _mm(point_of(size))
            own = (place.number_at(2) if place is not None else 0) or turn
            corners = [
                (-width / 2, -height / 2),
                (width / 2, -height / 2),
                (width / 2, height / 2),
                (-width / 2, height / 2),
            ]
            layers = child.find("layers")
            color = _COPPER["B.Cu" if layers is not None and "B.Cu" in layers.texts else "F.Cu"]
            if child.value(2) in ("circle", "oval") and abs(width - height) < 0.01:
                page.circle(px, py, width / 2, color, color)
            else:
                page.line([_turned(cx, cy, px, py, own) for cx, cy in corners], color, 0.05, color)
            if (drill := child.find("drill")) is not None and drill.number_at(0) > 0:
                page.circle(px, py, drill.number_at(0) / 2, "#404040", "#ffffff")
            page.text(px, py + 0.25, child.value(), "#ffffff", min(width, height, 1) * 0.7 or 0.5)
        else:
            _drawn(page, child, x, y, turn)


def _bow(page: _Page, node: Node, x: float, y: float, turn: float, color: str, width: float) -> None:
    """A line, or an arc by its three points."""
    heads = [head for head in ("start", "mid", "end") if node.find(head) is not None]
    places = [_turned(*_mm(point_of(node.find(head))), x, y, turn) for head in heads]
    if len(places) == 3:
        start, middle, end = places
        page.arc(start, middle, end, color, width)
    else:
        page.line(places, color, width)


def _drawn(page: _Page, node: Node, x: float, y: float, turn: float) -> None:
    """A line, arc, circle, rectangle or polygon of a board or footprint."""
    kind = node.head.removeprefix("fp_").removeprefix("gr_")
    color = _LINES.get(node.text_of("layer"), "#b0b0b0")

    def point(head: str) -> tuple[float, float]:
        return _turned(*_mm(point_of(node.find(head))), x, y, turn)

    if kind in ("line", "arc"):
        _bow(page, node, x, y, turn, color, 0.12)
    elif kind == "rect":
        (x1, y1), (x2, y2) = _mm(point_of(node.find("start"))), _mm(point_of(node.find("end")))
        corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        page.line([_turned(*corner, x, y, turn) for corner in corners], color, 0.12)
    elif kind == "circle":
        (cx, cy), (ex, ey) = point("center"), point("end")
        page.circle(cx, cy, ((cx - ex) ** 2 + (cy - ey) ** 2) ** 0.5, color)
    elif kind in ("poly", "curve"):
        page.line([_turned(*_mm(each), x, y, turn) for each in _points(node)], color, 0.1)
    elif kind == "text" and node.head == "gr_text":
        page.text(*point("at"), node.value(), color)
