"""What hangs together on one sheet: wires, pins, labels and the rest that touch each other.

As KiCad does it: ends meet at a point; a junction joins all wires through it; a label or sheet pin joins all wires it
lies on, also in their middle; a pin or a wire's end in the middle of a wire doesn't touch it. Buses and wires are two
worlds that meet at bus entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from kiki_tools.kicad.buses import is_bus
from kiki_tools.kicad.schematic import Label, Line, PlacedPin, Point, Sheet, SheetPin, SheetSymbol
from kiki_tools.kicad.sexpr import Node


@dataclass(slots=True, eq=False)
class Group:
    """Everything on a sheet that is connected by drawing alone."""

    number: int
    bus: bool = False
    pins: list[PlacedPin] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    sheet_pins: list[tuple[SheetSymbol, SheetPin]] = field(default_factory=list)
    wires: list[Line] = field(default_factory=list)
    entries: list[Line] = field(default_factory=list)
    no_connects: list[Node] = field(default_factory=list)
    junctions: list[Node] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Wiring:
    """The groups of a sheet, and what touches nothing."""

    groups: list[Group]
    dangling_ends: list[tuple[Line, Point, bool]]
    """Wires with an open end, where it is, and whether it lies in the middle of another wire."""
    dangling_labels: list[Label]
    dangling_sheet_pins: list[SheetPin]
    lonely_pins: set[int]
    """`id` of the pins that touch nothing at all."""
    crowded_labels: list[tuple[Label, list[Line]]]
    """Labels in the middle of several wires."""
    entry_buses: list[tuple[Line, int, int]]
    """Bus entries, the group of their wire, and the group of the bus that they leave."""
    group_at: dict[Point, int]
    """The group of wires at a point where something ends."""
    unbroken: list[tuple[Line, list[Point]]]
    """Wires that run on through junctions, and where these are."""


class _Segments:
    """Finds the lines through a point."""

    def __init__(self, lines: list[Line]) -> None:
        self.rows: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.columns: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.slanted: list[tuple[Point, Point, int]] = []
        for number, ((x1, y1), (x2, y2), _) in enumerate(lines):
            if y1 == y2:
                self.rows[y1].append((min(x1, x2), max(x1, x2), number))
            elif x1 == x2:
                self.columns[x1].append((min(y1, y2), max(y1, y2), number))
            else:
                self.slanted.append(((x1, y1), (x2, y2), number))

    def through(self, point: Point) -> Iterator[int]:
        """The lines that the point lies on, their ends too."""
        x, y = point
        for low, high, number in self.rows.get(y, ()):
            if low <= x <= high:
                yield number
        for low, high, number in self.columns.get(x, ()):
            if low <= y <= high:
                yield number
        for (x1, y1), (x2, y2), number in self.slanted:
            if min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                dx, dy = x2 - x1, y2 - y1
                if abs(dx * (y - y1) - dy * (x - x1)) <= max(abs(dx), abs(dy)):
                    yield number


def wiring(sheet: Sheet) -> Wiring:
    """The groups of a sheet, kept with its file's snapshot."""
    return sheet.document.snapshot.kept("kicad.wiring", lambda _: _wired(sheet))


def _wired(sheet: Sheet) -> Wiring:
    wires, buses, entries = sheet.wires, sheet.buses, sheet.entries
    parent = list(range(len(wires) + len(buses)))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(one: int, other: int) -> None:
        one, other = root(one), root(other)
        if one != other:
            parent[max(one, other)] = min(one, other)

    def new() -> int:
        parent.append(len(parent))
        return len(parent) - 1

    at_wire: dict[Point, int] = {}
    at_bus: dict[Point, int] = {}
    touching: defaultdict[Point, int] = defaultdict(int)
    bus_touching: defaultdict[Point, int] = defaultdict(int)

    def meet(item: int, point: Point, at: dict[Point, int]) -> None:
        there = at.get(point)
        if there is None:
            at[point] = item
        else:
            join(item, there)

    for number, (a, b, _) in enumerate(wires):
        meet(number, a, at_wire)
        meet(number, b, at_wire)
        touching[a] += 1
        touching[b] += 1
    first_bus = len(wires)
    for number, (a, b, _) in enumerate(buses, first_bus):
        meet(number, a, at_bus)
        meet(number, b, at_bus)
        bus_touching[a] += 1
        bus_touching[b] += 1
    wire_lines, bus_lines = _Segments(wires), _Segments(buses)

    placed_pins: list[tuple[int, PlacedPin]] = []
    for symbol in sheet.symbols:
        for pin in symbol.pins:
            item = new()
            meet(item, pin.at, at_wire)
            touching[pin.at] += 1
            placed_pins.append((item, pin))

    dangling_labels: list[Label] = []
    crowded: list[tuple[Label, list[Line]]] = []
    later: list[tuple[int, Point, bool]] = []
    placed_labels: list[tuple[int, Label]] = []
    for label in sheet.labels:
        item = new()
        placed_labels.append((item, label))
        names_bus = label.kind != "netclass_flag" and label.kind != "directive_label" and is_bus(label.text)
        over_bus = [*bus_lines.through(label.at)]
        over = [*wire_lines.through(label.at)] if not (names_bus and over_bus) else []
        for line in over:
            join(item, line)
        if names_bus or not over:
            for line in over_bus:
                join(item, first_bus + line)
        inside = [wires[line] for line in over if label.at not in wires[line][:2]]
        if len(inside) > 1 and label.kind == "label":
            crowded.append((label, inside))
        later.append((item, label.at, bool(over or over_bus)))
    placed_sheet_pins: list[tuple[int, SheetSymbol, SheetPin]] = []
    for symbol_ in sheet.sheets:
        for sheet_pin in symbol_.pins:
            item = new()
            placed_sheet_pins.append((item, symbol_, sheet_pin))
            over_bus = [*bus_lines.through(sheet_pin.at)] if is_bus(sheet_pin.name) else []
            over = [*wire_lines.through(sheet_pin.at)] if not over_bus else []
            for line in over:
                join(item, line)
            for line in over_bus:
                join(item, first_bus + line)
            later.append((item, sheet_pin.at, bool(over or over_bus)))
    for item, point, _ in later:
        touching[point] += 1
        bus_touching[point] += 1
        if point in at_wire or point not in at_bus:
            meet(item, point, at_wire)
        else:
            meet(item, point, at_bus)

    placed_junctions: list[tuple[int, Node]] = []
    unbroken: defaultdict[int, list[Point]] = defaultdict(list)
    for point, node in sheet.junctions:
        item = new()
        placed_junctions.append((item, node))
        over = [*wire_lines.through(point)]
        for line in over:
            join(item, line)
            if point not in wires[line][:2]:
                unbroken[line].append(point)
        if not over:
            for line in bus_lines.through(point):
                join(item, first_bus + line)
        else:
            meet(item, point, at_wire)
        touching[point] += 1
        bus_touching[point] += 1
    placed_no_connects: list[tuple[int, Node]] = []
    for point, node in sheet.no_connects:
        item = new()
        placed_no_connects.append((item, node))
        meet(item, point, at_wire if point in at_wire or point not in at_bus else at_bus)
        touching[point] += 1

    placed_entries: list[tuple[int, Line]] = []
    linked: list[tuple[Line, int, int]] = []
    for entry in entries:
        item = new()
        placed_entries.append((item, entry))
        for point in entry[:2]:
            bus = next(bus_lines.through(point), None)
            if bus is not None:
                linked.append((entry, item, first_bus + bus))
                bus_touching[point] += 1
            else:
                meet(item, point, at_wire)
                touching[point] += 1

    groups: list[Group] = []
    number_of: dict[int, int] = {}

    def group(item: int) -> Group:
        top = root(item)
        number = number_of.get(top)
        if number is None:
            number = number_of[top] = len(groups)
            groups.append(Group(number))
        return groups[number]

    for number, wire in enumerate(wires):
        group(number).wires.append(wire)
    for number, bus_line in enumerate(buses, first_bus):
        bus_group = group(number)
        bus_group.bus = True
        bus_group.wires.append(bus_line)
    for item, pin in placed_pins:
        group(item).pins.append(pin)
    for item, label in placed_labels:
        group(item).labels.append(label)
    for item, symbol_, sheet_pin in placed_sheet_pins:
        found = group(item)
        found.sheet_pins.append((symbol_, sheet_pin))
        if not found.wires and is_bus(sheet_pin.name):
            found.bus = True
    for item, node in placed_junctions:
        group(item).junctions.append(node)
    for item, node in placed_no_connects:
        group(item).no_connects.append(node)
    for item, entry in placed_entries:
        group(item).entries.append(entry)

    junction_points = {point for point, _ in sheet.junctions}
    dangling = [
        (each, point, sum(1 for _ in wire_lines.through(point)) > 1)
        for each in (*wires, *entries)
        for point in (each.a, each.b)
        if touching[point] < 2 and point not in junction_points and not _on_bus(each, point, entries, bus_lines)
    ]
    for _item, label in placed_labels:
        on_line = next(wire_lines.through(label.at), None) is not None
        on_line = on_line or next(bus_lines.through(label.at), None) is not None
        if not on_line and touching[label.at] < 2:
            dangling_labels.append(label)
    dangling_sheet_pins = [
        sheet_pin
        for _, _, sheet_pin in placed_sheet_pins
        if touching[sheet_pin.at] < 2
        and next(wire_lines.through(sheet_pin.at), None) is None
        and next(bus_lines.through(sheet_pin.at), None) is None
    ]
    return Wiring(
        groups,
        dangling,
        dangling_labels,
        dangling_sheet_pins,
        {id(pin) for _, pin in placed_pins if touching[pin.at] < 2},
        crowded,
        [(entry, group(item).number, group(bus).number) for entry, item, bus in linked],
        {point: group(item).number for point, item in at_wire.items()},
        [(wires[line], points) for line, points in unbroken.items()],
    )


def _on_bus(line: Line, point: Point, entries: list[Line], bus_lines: _Segments) -> bool:
    """Whether an entry's end lies on a bus."""
    return line in entries and next(bus_lines.through(point), None) is not None
