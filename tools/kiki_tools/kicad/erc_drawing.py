"""The electrical check, what shows on a sheet alone: wires, labels, marks, sheet symbols, the grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kiki_tools.kicad import buses
from kiki_tools.kicad.design import Design, Net, NetPin, SheetInstance, belongs, instance_of, power_net
from kiki_tools.kicad.project import Project
from kiki_tools.kicad.schematic import Label, Line, PlacedPin, Point, SheetPin, SheetSymbol
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.violation import Violation, pin_node, shown, stacked
from kiki_tools.kicad.wiring import Group


@dataclass(slots=True, eq=False)
class _Part:
    """What KiCad takes as one on a sheet: groups that are drawn together or share a name there."""

    sheet: SheetInstance
    groups: list[Group]
    pins: list[PlacedPin] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    sheet_pins: list[SheetPin] = field(default_factory=list)
    wires: list[Line] = field(default_factory=list)
    no_connects: list[Node] = field(default_factory=list)
    bus: bool = False
    net: Net | None = None

    @property
    def has_no_connect(self) -> bool:
        return bool(self.no_connects) or any(pin.type == "no_connect" for pin in self.pins)


_NETS = ("label", "global_label", "hierarchical_label")
_PRIORITY = {"global_label": 6, "label": 4, "hierarchical_label": 3}
_DANGLING = {"global_label": "global_label_dangling"}
_LABEL_NAMES = {"label": "Label", "global_label": "Global label", "hierarchical_label": "Hierarchical label"}


def _parts(design: Design) -> list[_Part]:
    """The parts of all sheets."""
    return [part for instance in design.instances for part in _parts_of(design, instance)]


def _parts_of(design: Design, instance: SheetInstance) -> Iterator[_Part]:
    groups = instance.wiring.groups
    parent = list(range(len(groups)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[str, int] = {}
    for group in groups:
        for name in _strong_names(group):
            there = first.setdefault(name, group.number)
            one, other = root(there), root(group.number)
            if one != other:
                parent[max(one, other)] = min(one, other)
    parts: dict[int, _Part] = {}
    for group in groups:
        top = root(group.number)
        part = parts.get(top)
        if part is None:
            part = parts[top] = _Part(instance, [])
            part.bus = group.bus
        part.groups.append(group)
        part.pins += group.pins
        part.labels += group.labels
        part.sheet_pins += [pin for _, pin in group.sheet_pins]
        part.wires += group.wires
        part.wires += group.entries
        part.no_connects += group.no_connects
        if part.net is None and not group.bus:
            part.net = design.net_of(instance, group)
    return iter(parts.values())


def _strong_names(group: Group) -> Iterator[str]:
    for label in group.labels:
        if label.kind in _NETS:
            yield label.text
    for pin in group.pins:
        if name := _global_name(pin, group):
            yield name


def _global_name(pin: PlacedPin, group: Group) -> str:
    """The name that a power pin gives its net."""
    return power_net(pin)


def drawn(design: Design, project: Project) -> Iterator[Violation]:
    """What shows on a sheet alone: drivers, wires, no-connects, labels."""
    pins_of_net: dict[int, list[NetPin]] = {}
    for part in _parts(design):
        net_pins = part.net.pins if part.net is not None else []
        pins_of_net.setdefault(id(part.net), net_pins)
        yield from _several_names(part)
        yield from _buses(part)
        if part.wires and not part.bus and not _driven(design, part):
            line = part.wires[0]
            yield Violation("wire_dangling", "a wire that leads nowhere", part.sheet, line.node, line.a)
        yield from _connected(design, part, net_pins)
        yield from _labels(part, net_pins)
    for instance in design.instances:
        for line, point, on_wire in instance.wiring.dangling_ends:
            told = "this end of the wire is open"
            if on_wire:
                told += ": on the middle of another wire it needs a junction"
            yield Violation("unconnected_wire_endpoint", told, instance, line.node, point, junction=on_wire)


def _driven(design: Design, part: _Part) -> bool:
    """Whether anything on the part names its net."""
    named = part.labels or part.sheet_pins
    return bool(named) or any(belongs(pin.symbol, part.sheet, design.root) or power_net(pin) for pin in part.pins)


def _several_names(part: _Part) -> Iterator[Violation]:
    drivers: list[tuple[int, str, Node, Point]] = []
    for label in part.labels:
        if label.kind in _NETS:
            drivers.append((_PRIORITY[label.kind], label.text, label.node, label.at))
    for group in part.groups:
        for pin in group.pins:
            if name := _global_name(pin, group):
                drivers.append((5, name, pin_node(pin), pin.at))
    if len(drivers) < 2:
        return
    best = max(priority for priority, *_ in drivers)
    first = min((each for each in drivers if each[0] == best), key=lambda each: each[1])
    for _, name, node, at in drivers:
        if name != first[1]:
            message = f"{first[1]} and {name} name the same net; {first[1]} counts"
            yield Violation("multiple_net_names", message, part.sheet, node, at)
            return


def _buses(part: _Part) -> Iterator[Violation]:
    for label in part.labels:
        if label.kind not in _NETS:
            continue
        group = next((each for each in part.groups if label in each.labels), None)
        if group is None or not group.wires:
            continue
        if group.bus != buses.is_bus(label.text):
            what = "a bus's name at a wire" if not group.bus else "a net's name at a bus"
            yield Violation("bus_to_net_conflict", f"{label.text}: {what}", part.sheet, label.node, label.at)
            return


def _connected(design: Design, part: _Part, net_pins: list[NetPin]) -> Iterator[Violation]:
    if part.bus:
        return
    if part.has_no_connect:
        unique: list[NetPin] = []
        for each in net_pins:
            if not any(stacked(each.pin, other.pin) and each.sheet is other.sheet for other in unique):
                unique.append(each)
            if len(unique) > 1:
                break
        if len(unique) > 1:
            marked = part.pins[-1] if part.pins else None
            node = pin_node(marked) if marked is not None else part.no_connects[0]
            message = "a no-connect mark, and yet it is connected"
            at = marked.at if marked is not None else None
            yield Violation("no_connect_connected", message, part.sheet, node, at, marked)
        if not unique and not any(label.kind in _NETS for label in part.labels) and part.no_connects:
            yield Violation(
                "no_connect_dangling", "a no-connect mark that touches nothing", part.sheet, part.no_connects[0]
            )
        return
    pins = part.pins
    if not pins:
        return
    others = bool(part.sheet_pins) or any(label.kind in _NETS for label in part.labels)
    others = others or any(not stacked(pins[0], pin) for pin in pins[1:])
    pin = next((each for each in pins if each.type == "power_in"), pins[0])
    if not others and power_net(pin) and not pin.symbol.is_power:
        others = len(net_pins) > 1
    if not others and pin.type not in ("no_connect", "free"):
        yield _open_pin(design, part.sheet, pin)
    if len(pins) > 1:
        for one in pins:
            if one.symbol.is_power and id(one) in part.sheet.wiring.lonely_pins:
                yield _open_pin(design, part.sheet, one)


def _open_pin(design: Design, sheet: SheetInstance, pin: PlacedPin) -> Violation:
    reference, _ = instance_of(pin.symbol, sheet, design.root)
    message = f"{shown(pin, reference)} is not connected"
    return Violation("pin_not_connected", message, sheet, pin_node(pin), pin.at, pin)


def _labels(part: _Part, net_pins: list[NetPin]) -> Iterator[Violation]:
    if part.bus:
        return
    named = [label for label in part.labels if label.kind in _NETS]
    loose = part.sheet.wiring.dangling_labels
    for label in named:
        if label in loose:
            message = f"{_LABEL_NAMES[label.kind]} {label.text} touches nothing"
            yield Violation(_DANGLING.get(label.kind, "label_dangling"), message, part.sheet, label.node, label.at)
            return
    if len(part.pins) > 1:
        return
    alone = len(net_pins) == 0 or (len(net_pins) == 1 and not (part.net is not None and part.net.no_connect))
    if not alone:
        return
    for label in named:
        rule = _DANGLING.get(label.kind, "label_dangling")
        what = "a single pin" if net_pins else "no pin"
        message = f"{_LABEL_NAMES[label.kind]} {label.text} connects {what}"
        yield Violation(rule, message, part.sheet, label.node, label.at)


def sheets(design: Design, project: Project) -> Iterator[Violation]:
    """Sheet symbols: their pins against the labels inside, their names."""
    for label in design.root.sheet.labels:
        if label.kind == "hierarchical_label":
            message = f"hierarchical label {label.text} in the root sheet leads nowhere: it has no parent sheet"
            yield Violation("pin_not_connected", message, design.root, label.node, label.at)
    for instance in design.instances:
        for sheet_pin in instance.wiring.dangling_sheet_pins:
            message = f"sheet pin {sheet_pin.name} is not connected"
            yield Violation("pin_not_connected", message, instance, sheet_pin.node, sheet_pin.at)
        names: dict[str, SheetSymbol] = {}
        for symbol in instance.sheet.sheets:
            other = names.setdefault(symbol.name.lower(), symbol)
            if other is not symbol:
                message = f"two sheets are called {symbol.name}"
                for each in (other, symbol):
                    yield Violation("duplicate_sheet_names", message, instance, each.name_node or each.node)
            child = instance.children.get(symbol.uuid)
            inside = child.sheet.labels if child is not None else []
            pins = {pin.name: pin for pin in symbol.pins}
            labels = {label.text: label for label in inside if label.kind == "hierarchical_label"}
            for name, pin in pins.items():
                if name not in labels:
                    message = f"sheet pin {name} has no hierarchical label of that name inside {symbol.file}"
                    yield Violation("hier_label_mismatch", message, instance, pin.node, pin.at)
            for name, label in labels.items():
                if name not in pins and child is not None:
                    message = f"hierarchical label {name} has no pin of that name at the sheet {symbol.name}"
                    yield Violation("hier_label_mismatch", message, child, label.node, label.at)


def grid(design: Design, project: Project) -> Iterator[Violation]:
    """Ends and pins off the grid; labels that join wires by their place."""
    size = project.grid
    for instance in design.instances:
        for line in (*instance.sheet.wires, *instance.sheet.buses):
            for x, y in line[:2]:
                if x % size or y % size:
                    yield Violation("endpoint_off_grid", "an end off the grid", instance, line.node, (x, y))
                    break
        for symbol in instance.sheet.symbols:
            for pin in symbol.pins:
                x, y = pin.at
                if x % size or y % size:
                    message = f"{shown(pin)} is off the grid"
                    yield Violation("endpoint_off_grid", message, instance, symbol.node, pin.at)
                    break
        for label, _ in instance.wiring.crowded_labels:
            message = f"label {label.text} lies in the middle of several wires and joins them"
            yield Violation("label_multiple_wires", message, instance, label.node, label.at)


def no_connect_pins(design: Design, project: Project) -> Iterator[Violation]:
    """Pins of the type no-connect that are connected."""
    for instance in design.instances:
        for group in instance.wiring.groups:
            for pin in group.pins:
                if pin.type == "no_connect" and id(pin) not in instance.wiring.lonely_pins:
                    message = f"{shown(pin)} must not be connected, and yet it is"
                    yield Violation("no_connect_connected", message, instance, pin_node(pin), pin.at, pin)
