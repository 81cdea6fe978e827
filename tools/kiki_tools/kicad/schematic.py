"""A schematic sheet as KiCad means it: symbols with their pins in place, wires, labels, sheets.

Coordinates are whole units of 100 nm, y down, as KiCad counts inside. What is worked out about one list of the file
stays with its node, so after an edit only what changed is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.text import Snapshot

PER_MM = 10_000
Point = tuple[int, int]


def units(text: str) -> int:
    """Millimetres of a file in units of 100 nm; 0 for what is no number."""
    try:
        return round(float(text) * PER_MM)
    except (ValueError, OverflowError):
        return 0


def point_of(node: Node | None) -> Point:
    """The place of an `(at …)` or `(xy …)`."""
    if node is None:
        return (0, 0)
    found = node.texts
    if len(found) < 2:
        return (0, 0)
    return (units(found[0]), units(found[1]))


_ESCAPES = {
    "{slash}": "/", "{backslash}": "\\", "{lt}": "<", "{gt}": ">", "{colon}": ":", "{dblquote}": '"', "{brace}": "{",
}  # fmt: skip


def unescaped(name: str) -> str:
    """A label's text as KiCad shows it: its file writes some characters as `{slash}`."""
    if "{" in name:
        for escape, char in _ESCAPES.items():
            name = name.replace(escape, char)
    return name


@dataclass(frozen=True, slots=True)
class LibraryPin:
    """A pin of a library symbol: place in the symbol (y up), electrical type, alternates by name."""

    number: str
    name: str
    type: str
    x: int
    y: int
    hidden: bool
    alternates: Mapping[str, str]
    node: Node
    length: int = 0


@dataclass(slots=True)
class LibrarySymbol:
    """A symbol of a library, or the copy of it in a schematic."""

    name: str
    power: str
    """`global` or `local` for a power symbol; empty for another."""
    extends: str
    units: dict[tuple[int, int], list[LibraryPin]]
    properties: dict[str, str]
    node: Node
    unit_names: dict[int, str]

    @property
    def unit_count(self) -> int:
        """How many units a part of it has."""
        return max((unit for unit, _ in self.units), default=1) or 1

    def pins(self, unit: int, style: int) -> Iterator[LibraryPin]:
        """The pins of one unit in one body style; those of all units with them."""
        for (in_unit, in_style), pins in self.units.items():
            if in_unit in (0, unit) and in_style in (0, style):
                yield from pins

    def all_pins(self) -> Iterator[LibraryPin]:
        """The pins of all units, in the normal body style."""
        for (_, style), pins in self.units.items():
            if style in (0, 1):
                yield from pins


class Instance(NamedTuple):
    """What a symbol is called on one path through the sheets."""

    project: str
    path: str
    reference: str
    unit: int


class PlacedPin(NamedTuple):
    """A pin of a symbol on the sheet."""

    symbol: Symbol
    number: str
    name: str
    type: str
    at: Point
    hidden: bool


@dataclass(slots=True, eq=False)
class Symbol:
    """A symbol on a sheet: one unit of a part."""

    node: Node
    library_id: str
    library_name: str
    at: Point
    matrix: tuple[int, int, int, int]
    unit: int
    style: int
    uuid: str
    properties: dict[str, tuple[str, Node]]
    instances: tuple[Instance, ...]
    alternates: dict[str, str]
    on_board: bool
    in_bom: bool
    dnp: bool
    simulated: bool
    pin_nodes: dict[str, Node]
    """Its own lists of its pins, by number."""
    pins: tuple[PlacedPin, ...] = ()
    library: LibrarySymbol | None = None

    def value(self, name: str) -> str:
        """What the field says; empty if it has none."""
        found = self.properties.get(name)
        return found[0] if found else ""

    @property
    def is_power(self) -> bool:
        """Whether it names a net instead of being a part."""
        return self.library is not None and bool(self.library.power)


class Line(NamedTuple):
    """A wire or bus from ``a`` to ``b``."""

    a: Point
    b: Point
    node: Node


class Label(NamedTuple):
    """A name on the sheet: ``kind`` is label, global_label, hierarchical_label or netclass_flag."""

    kind: str
    text: str
    at: Point
    shape: str
    node: Node


class SheetPin(NamedTuple):
    """A connection of a sheet symbol to the sheet in it."""

    name: str
    shape: str
    at: Point
    node: Node


@dataclass(slots=True, eq=False)
class SheetSymbol:
    """A box that stands for another sheet."""

    node: Node
    name: str
    file: str
    uuid: str
    pins: tuple[SheetPin, ...]
    file_node: Node | None
    name_node: Node | None
    page: tuple[Instance, ...]


@dataclass(slots=True, eq=False)
class Sheet:
    """One schematic file."""

    document: Document
    uuid: str
    library: dict[str, LibrarySymbol] = field(default_factory=dict)
    symbols: list[Symbol] = field(default_factory=list)
    wires: list[Line] = field(default_factory=list)
    buses: list[Line] = field(default_factory=list)
    entries: list[Line] = field(default_factory=list)
    junctions: list[tuple[Point, Node]] = field(default_factory=list)
    no_connects: list[tuple[Point, Node]] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    sheets: list[SheetSymbol] = field(default_factory=list)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    old_instances: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Of a root of KiCad 6: what the symbol at the end of a path is called, and its unit."""

    @property
    def path(self) -> str:
        """The file's path."""
        return self.document.snapshot.path


def sheet_of(snapshot: Snapshot) -> Sheet:
    """The sheet in a `.kicad_sch`, kept with its snapshot."""
    return snapshot.kept("kicad.sheet", lambda text: _sheet(document_of(text)))


def _sheet(document: Document) -> Sheet:
    main = document.main
    if main is None or main.head != "kicad_sch":
        return Sheet(document, "")
    sheet = Sheet(document, "")
    library = main.find("lib_symbols")
    if library is not None:
        for node in library.children:
            if node.head == "symbol":
                symbol = library_symbol(node)
                sheet.library[symbol.name] = symbol
    for node in main.children:
        head = node.head
        if head in ("wire", "bus"):
            points = node.memo
            if points is None:
                pts = node.find("pts")
                points = node.memo = [point_of(xy) for xy in pts.children if xy.head == "xy"] if pts else []
            lines = sheet.wires if head == "wire" else sheet.buses
            if len(points) == 2:
                lines.append(Line(points[0], points[1], node))
            else:
                lines.extend(Line(a, b, node) for a, b in pairwise(points))
        elif head == "symbol":
            symbol_ = node.memo
            if symbol_ is None:
                symbol_ = node.memo = _symbol(node)
            _place(symbol_, sheet.library)
            sheet.symbols.append(symbol_)
        elif head in ("label", "global_label", "hierarchical_label", "netclass_flag", "directive_label"):
            if node.memo is None:
                node.memo = Label(head, unescaped(node.value()), point_of(node.find("at")), node.text_of("shape"), node)
            if node.memo.text or head not in ("label", "global_label", "hierarchical_label"):
                sheet.labels.append(node.memo)
        elif head == "junction":
            sheet.junctions.append((_at(node), node))
        elif head == "no_connect":
            sheet.no_connects.append((_at(node), node))
        elif head == "bus_entry":
            start, size = _at(node), point_of(node.find("size"))
            sheet.entries.append(Line(start, (start[0] + size[0], start[1] + size[1]), node))
        elif head == "sheet":
            if node.memo is None:
                node.memo = _sheet_symbol(node)
            sheet.sheets.append(node.memo)
        elif head == "uuid":
            sheet.uuid = node.value()
        elif head == "bus_alias":
            members = node.find("members")
            sheet.aliases[node.value()] = [word.text for word in members.words] if members is not None else []
        elif head == "symbol_instances":
            for each in node.all("path"):
                unit = each.text_of("unit", "1")
                sheet.old_instances[each.value()] = (each.text_of("reference"), int(unit) if unit.isdigit() else 1)
    return sheet


def _at(node: Node) -> Point:
    if node.memo is None:
        node.memo = point_of(node.find("at"))
    found: Point = node.memo
    return found


def library_symbol(node: Node) -> LibrarySymbol:
    """The symbol of a library, or in `lib_symbols`."""
    known: LibrarySymbol | None = node.memo
    if known is not None:
        return known
    name = node.value()
    power = node.find("power")
    symbol = LibrarySymbol(name, "", node.text_of("extends"), {}, {}, node, {})
    if power is not None or "power" in node.texts[1:]:
        symbol.power = power.value(0, "global") if power is not None else "global"
    for child in node.children:
        if child.head == "property":
            symbol.properties[child.value()] = child.value(1)
        elif child.head == "symbol":
            unit, style = _unit_of(child.value())
            symbol.units.setdefault((unit, style), []).extend(_pin(pin) for pin in child.all("pin"))
            if called := child.text_of("unit_name"):
                symbol.unit_names[unit] = called
        elif child.head == "pin":
            symbol.units.setdefault((1, 1), []).append(_pin(child))
    node.memo = symbol
    return symbol


def _unit_of(name: str) -> tuple[int, int]:
    parts = name.rsplit("_", 2)
    if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
        return int(parts[1]), int(parts[2])
    return 1, 1


def _pin(node: Node) -> LibraryPin:
    at = point_of(node.find("at"))
    number, name = node.find("number"), node.find("name")
    alternates = {each.value(): each.value(1) for each in node.all("alternate")}
    called = name.value() if name is not None else ""
    return LibraryPin(
        (number.value() if number is not None else "").replace("~", ""),
        "" if called == "~" else called,
        node.value(),
        at[0],
        at[1],
        node.flag("hide"),
        alternates,
        node,
        units(node.text_of("length")),
    )


_TURNED = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def _symbol(node: Node) -> Symbol:
    at = point_of(None)
    matrix = _TURNED[0]
    unit = style = 1
    mirror = uuid = library_id = library_name = ""
    properties: dict[str, tuple[str, Node]] = {}
    instances: list[Instance] = []
    alternates: dict[str, str] = {}
    pin_nodes: dict[str, Node] = {}
    on_board = in_bom = simulated = True
    dnp = False
    for child in node.children:
        head = child.head
        if head == "property":
            properties[child.value()] = (child.value(1), child)
        elif head == "at":
            at = point_of(child)
            matrix = _TURNED.get(round(child.number_at(2)) % 360, _TURNED[0])
        elif head == "lib_id":
            library_id = child.value()
        elif head == "lib_name":
            library_name = child.value()
        elif head == "mirror":
            mirror = child.value()
        elif head == "unit":
            unit = _whole(child.value())
        elif head in ("convert", "body_style"):
            style = _whole(child.value())
        elif head == "uuid":
            uuid = child.value()
        elif head == "pin":
            pin_nodes[child.value()] = child
            if (other := child.find("alternate")) is not None:
                alternates[child.value()] = other.value()
        elif head == "instances":
            instances = list(_instances(child))
        elif head == "on_board":
            on_board = child.value(0, "yes") != "no"
        elif head == "in_bom":
            in_bom = child.value(0, "yes") != "no"
        elif head == "dnp":
            dnp = child.value(0, "yes") != "no"
        elif head == "exclude_from_sim":
            simulated = child.value(0, "yes") == "no"
    if mirror:
        a, b, c, d = matrix
        matrix = (a, b, -c, -d) if mirror == "x" else (-a, -b, c, d)
    return Symbol(
        node, library_id, library_name, at, matrix, unit, style, uuid, properties, tuple(instances), alternates,
        on_board, in_bom, dnp, simulated, pin_nodes,
    )  # fmt: skip


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1


def _instances(node: Node) -> Iterator[Instance]:
    for project in node.children:
        if project.head != "project":
            continue
        for path in project.children:
            if path.head == "path":
                reference = page = ""
                unit = 1
                for each in path.children:
                    if each.head == "reference":
                        reference = each.value()
                    elif each.head == "unit":
                        unit = _whole(each.value())
                    elif each.head == "page":
                        page = each.value()
                yield Instance(project.value(), path.value(), reference or page, unit)


def _place(symbol: Symbol, library: Mapping[str, LibrarySymbol]) -> None:
    """Gives the symbol its pins; nothing to do while its library symbol stays the same."""
    found = library.get(symbol.library_name or symbol.library_id)
    if found is symbol.library and (found is None or symbol.pins):
        return
    symbol.library = found
    symbol.pins = tuple(pins_of(symbol, symbol.unit)) if found is not None else ()


def pins_of(symbol: Symbol, unit: int) -> Iterator[PlacedPin]:
    """The pins that the symbol has where it stands for this unit."""
    if symbol.library is None:
        return
    a, b, c, d = symbol.matrix
    x0, y0 = symbol.at
    for pin in symbol.library.pins(unit, symbol.style):
        x, y = pin.x, -pin.y
        name, kind = pin.name, pin.type
        if pin.number in symbol.alternates:
            name = symbol.alternates[pin.number]
            kind = pin.alternates.get(name, kind)
        yield PlacedPin(symbol, pin.number, name, kind, (x0 + a * x + b * y, y0 + c * x + d * y), pin.hidden)


def _sheet_symbol(node: Node) -> SheetSymbol:
    name = file = ""
    name_node = file_node = None
    pins = []
    page: tuple[Instance, ...] = ()
    corner, size = point_of(node.find("at")), point_of(node.find("size"))
    for child in node.children:
        if child.head == "property":
            called = child.value().replace(" ", "").lower()
            if called == "sheetname":
                name, name_node = child.value(1), child
            elif called == "sheetfile":
                file, file_node = child.value(1), child
        elif child.head == "pin":
            pins.append(
                SheetPin(unescaped(child.value()), child.value(1), _on_edge(child.find("at"), corner, size), child)
            )
        elif child.head == "instances":
            page = tuple(_instances(child))
    return SheetSymbol(node, name, file, node.text_of("uuid"), tuple(pins), file_node, name_node, page)


def _on_edge(at: Node | None, corner: Point, size: Point) -> Point:
    """A sheet pin sits on the edge that its turn tells, wherever the file has it."""
    x, y = point_of(at)
    turn = round(at.number_at(2)) % 360 if at is not None else 0
    if turn in (0, 180):
        return (corner[0] + (size[0] if turn == 0 else 0), y)
    return (x, corner[1] + (size[1] if turn == 270 else 0))
