"""KiCad's electrical rules check, of our own: the same rules under the same names, in milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiki_tools.kicad import buses
from kiki_tools.kicad.design import Design, Net, NetPin, SheetInstance, belongs, instance_of, power_net
from kiki_tools.kicad.project import Project
from kiki_tools.kicad.schematic import Label, Line, PlacedPin, Point, SheetPin, Symbol
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.wiring import Group


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a rule: where it shows first, and what else takes part."""

    rule: str
    message: str
    sheet: SheetInstance
    node: Node
    at: Point | None = None
    """The place on the sheet that it is about."""
    pin: PlacedPin | None = None
    junction: bool = False
    """Whether a junction would mend it."""
    error: bool | None = None
    """Where the rule alone doesn't decide: whether it is an error."""


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


def violations(design: Design, project: Project) -> list[Violation]:
    """All violations of the rules that the project doesn't ignore."""
    found: list[Violation] = []
    seen: set[tuple[str, int, Point | None]] = set()
    for check in _CHECKS:
        for violation in check(design, project):
            if project.severity(violation.rule) == "ignore":
                continue
            key = (violation.rule, id(violation.node), violation.at)
            if key not in seen:
                seen.add(key)
                found.append(violation)
    return found


def pin_node(pin: PlacedPin) -> Node:
    """Where a pin stands in the file: in its symbol, if that lists its pins."""
    return pin.symbol.pin_nodes.get(pin.number, pin.symbol.node)


def shown(pin: PlacedPin, reference: str = "") -> str:
    """A pin as a person reads it."""
    name = f" ({pin.name})" if pin.name and pin.name != pin.number else ""
    return f"pin {pin.number}{name} of {reference or pin.symbol.value('Reference') or 'a symbol'}"


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


def _drawn(design: Design, project: Project) -> Iterator[Violation]:
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


def _stacked(one: PlacedPin, other: PlacedPin) -> bool:
    same = one.symbol is other.symbol and one.at == other.at and one.name == other.name
    return same and (one.type == other.type or "passive" in (one.type, other.type))


def _connected(design: Design, part: _Part, net_pins: list[NetPin]) -> Iterator[Violation]:
    if part.bus:
        return
    if part.has_no_connect:
        unique: list[NetPin] = []
        for each in net_pins:
            if not any(_stacked(each.pin, other.pin) and each.sheet is other.sheet for other in unique):
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
    others = others or any(not _stacked(pins[0], pin) for pin in pins[1:])
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


def _sheets(design: Design, project: Project) -> Iterator[Violation]:
    """Sheet symbols: their pins against the labels inside, their names."""
    for label in design.root.sheet.labels:
        if label.kind == "hierarchical_label":
            message = f"hierarchical label {label.text} in the root sheet leads nowhere: it has no parent sheet"
            yield Violation("pin_not_connected", message, design.root, label.node, label.at)
    for instance in design.instances:
        for sheet_pin in instance.wiring.dangling_sheet_pins:
            message = f"sheet pin {sheet_pin.name} is not connected"
            yield Violation("pin_not_connected", message, instance, sheet_pin.node, sheet_pin.at)
        names: dict[str, str] = {}
        for symbol in instance.sheet.sheets:
            if symbol.name.lower() in names:
                message = f"two sheets are called {symbol.name}"
                yield Violation("duplicate_sheet_names", message, instance, symbol.name_node or symbol.node)
            names[symbol.name.lower()] = symbol.name
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


_DRIVERS = frozenset({"output", "power_out", "passive", "tri_state", "bidirectional"})
_TYPE_NAMES = {
    "bidirectional": "bidirectional", "tri_state": "tri-state", "power_in": "power input",
    "power_out": "power output", "open_collector": "open collector", "open_emitter": "open emitter",
    "no_connect": "no-connect",
}  # fmt: skip


def _pins(design: Design, project: Project) -> Iterator[Violation]:
    """Pins on one net: who drives it, who fights."""
    for net in design.nets:
        pins = [each for each in net.pins if each.reference[-1:] != "?" or each.pin.symbol.is_power]
        if len(pins) > 1:
            pins = sorted(pins, key=lambda each: (_natural(each.reference), _natural(each.pin.number)))
        power = any(each.pin.type == "power_in" for each in pins)
        drivers = frozenset({"power_out"}) if power else _DRIVERS
        types = {each.pin.type for each in pins}
        if any(project.conflict(one, other) for one in types for other in types):
            yield from _conflicts(pins, project)
        if types & drivers or net.no_connect:
            continue
        needy: NetPin | None = None
        for each in pins:
            kind = each.pin.type
            if kind not in ("input", "power_in"):
                continue
            better = (
                needy is None
                or (needy.pin.hidden and not each.pin.hidden)
                or (power and needy.pin.type != "power_in" and kind == "power_in")
            )
            if better:
                needy = each
        if needy is not None:
            rule = "power_pin_not_driven" if power else "pin_not_driven"
            by = "power output" if power else "output"
            message = f"{shown(needy.pin, needy.reference)} is driven by no {by} pin"
            yield Violation(rule, message, needy.sheet, pin_node(needy.pin), needy.pin.at, needy.pin)


def _natural(text: str) -> tuple[object, ...]:
    digits = len(text) - len(text.rstrip("0123456789"))
    return (text[: len(text) - digits], int(text[-digits:]) if 0 < digits < 12 else 0, text)


def _conflicts(pins: list[NetPin], project: Project) -> Iterator[Violation]:
    told = 0
    kinds_here = {each.pin.type for each in pins}
    foes = {kind: {other for other in kinds_here if project.conflict(kind, other)} for kind in kinds_here}
    fighters = [each for each in pins if foes[each.pin.type]]
    for number, one in enumerate(fighters):
        for other in fighters[number + 1 :]:
            if other.pin.type not in foes[one.pin.type]:
                continue
            level = project.conflict(one.pin.type, other.pin.type)
            if one.sheet is other.sheet and _stacked(one.pin, other.pin):
                continue
            kinds = [_TYPE_NAMES.get(each.pin.type, each.pin.type) for each in (one, other)]
            message = (
                f"{shown(one.pin, one.reference)}, {kinds[0]}, is connected with "
                f"{shown(other.pin, other.reference)}, {kinds[1]}"
            )
            yield Violation("pin_to_pin", message, one.sheet, pin_node(one.pin), one.pin.at, one.pin, error=level == 2)
            told += 1
            if told >= 50:
                return


def _units(design: Design, project: Project) -> Iterator[Violation]:
    """Parts of several units: whether all are placed and alike."""
    parts: defaultdict[str, list[tuple[SheetInstance, Symbol, int]]] = defaultdict(list)
    for instance in design.instances:
        for symbol in instance.sheet.symbols:
            reference, unit = instance_of(symbol, instance, design.root)
            if reference and not reference.startswith("#") and not reference.endswith("?") and symbol.library:
                parts[reference].append((instance, symbol, unit))
    for reference, placed in parts.items():
        sheet, symbol, _ = placed[0]
        library = symbol.library
        assert library is not None
        footprints = {each.value("Footprint") for _, each, _ in placed} - {""}
        if len(footprints) > 1:
            message = f"the units of {reference} have different footprints"
            yield Violation("different_unit_footprint", message, sheet, symbol.node)
        count = library.unit_count
        if count <= 1 or len(placed) == count:
            continue
        missing = sorted(set(range(1, count + 1)) - {unit for _, _, unit in placed})
        if not missing:
            continue
        shown_units = ", ".join(_letter(unit) for unit in missing[:4])
        yield Violation("missing_unit", f"{reference}: unit {shown_units} is not placed", sheet, symbol.node)
        rules = {"power_in": "missing_power_pin", "input": "missing_input_pin", "bidirectional": "missing_bidi_pin"}
        found: set[str] = set()
        for unit in missing:
            for (in_unit, _), pins in library.units.items():
                if in_unit == unit:
                    found.update(rules[pin.type] for pin in pins if pin.type in rules)
        for rule in sorted(found):
            message = f"{reference}: a unit that is not placed has such pins"
            yield Violation(rule, message, sheet, symbol.node)


def _letter(unit: int) -> str:
    return chr(ord("A") + unit - 1) if unit <= 26 else str(unit)


def _units_nets(design: Design, project: Project) -> Iterator[Violation]:
    nets: dict[tuple[str, str], Net] = {}
    for net in design.nets:
        for each in net.pins:
            library = each.pin.symbol.library
            if library is None or library.unit_count < 2:
                continue
            key = (each.reference, each.pin.number)
            other = nets.setdefault(key, net)
            if other is not net:
                message = f"{shown(each.pin, each.reference)} is on {net.name} here and on {other.name} elsewhere"
                yield Violation("different_unit_net", message, each.sheet, pin_node(each.pin), each.pin.at, each.pin)


def _names(design: Design, project: Project) -> Iterator[Violation]:
    """Names that differ in case only, or are local and global."""
    first: dict[str, tuple[str, bool]] = {}
    local: dict[str, tuple[SheetInstance, Label]] = {}
    everywhere: dict[str, tuple[SheetInstance, Label]] = {}
    for instance in design.instances:
        for label in instance.sheet.labels:
            if label.kind not in _NETS:
                continue
            if label.kind == "label":
                local.setdefault(label.text, (instance, label))
            elif label.kind == "global_label":
                everywhere.setdefault(label.text, (instance, label))
            known, is_pin = first.setdefault(label.text.lower(), (label.text, False))
            if known != label.text:
                rule = "similar_label_and_power" if is_pin else "similar_labels"
                message = f"{label.text} and {known} differ in case only: they are two nets"
                yield Violation(rule, message, instance, label.node, label.at)
        for symbol in instance.sheet.symbols:
            if not symbol.is_power or not symbol.pins:
                continue
            text = symbol.value("Value")
            known, is_pin = first.setdefault(text.lower(), (text, True))
            if known != text:
                rule = "similar_power" if is_pin else "similar_label_and_power"
                message = f"{text} and {known} differ in case only: they are two nets"
                yield Violation(rule, message, instance, pin_node(symbol.pins[0]), symbol.at)
    for name, (instance, label) in everywhere.items():
        if name in local:
            message = f"{name} is a global label here and a local one elsewhere"
            yield Violation("same_local_global_label", message, instance, label.node, label.at)


def _grid(design: Design, project: Project) -> Iterator[Violation]:
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


def _no_connect_pins(design: Design, project: Project) -> Iterator[Violation]:
    for instance in design.instances:
        for group in instance.wiring.groups:
            for pin in group.pins:
                if pin.type == "no_connect" and id(pin) not in instance.wiring.lonely_pins:
                    message = f"{shown(pin)} must not be connected, and yet it is"
                    yield Violation("no_connect_connected", message, instance, pin_node(pin), pin.at, pin)


def _references(design: Design, project: Project) -> Iterator[Violation]:
    """References: two parts with one, parts without. KiCad's command line doesn't check this."""
    placed: dict[tuple[str, int], tuple[SheetInstance, Symbol]] = {}
    kinds: dict[str, tuple[str, Symbol]] = {}
    for instance in design.instances:
        for symbol in instance.sheet.symbols:
            reference, unit = instance_of(symbol, instance, design.root)
            if symbol.is_power or reference.startswith("#"):
                continue
            node = symbol.node
            if not reference or reference.endswith("?") or not reference[-1].isdigit():
                what = f"{reference} has no number yet" if reference else "a symbol without reference"
                yield Violation("unannotated", what, instance, node)
                continue
            other = placed.setdefault((reference, unit), (instance, symbol))
            if other[1] is not symbol or other[0] is not instance:
                message = f"{reference} stands for two symbols"
                yield Violation("duplicate_reference", message, instance, node)
                continue
            value, first = kinds.setdefault(reference, (symbol.value("Value"), symbol))
            if first is not symbol and value != symbol.value("Value"):
                message = f"the units of {reference} have different values: {value} and {symbol.value('Value')}"
                yield Violation("unit_value_mismatch", message, instance, node)
            if symbol.library is not None and unit > symbol.library.unit_count:
                message = f"{reference} has no unit {unit}"
                yield Violation("extra_units", message, instance, symbol.node)


def _aliases(design: Design, project: Project) -> Iterator[Violation]:
    known: dict[str, list[str]] = {}
    for instance in design.instances:
        for name, members in instance.sheet.aliases.items():
            if sorted(known.setdefault(name, members)) != sorted(members):
                main = instance.sheet.document.main
                node = next((each for each in main.all("bus_alias") if each.value() == name), main) if main else None
                if node is not None:
                    message = f"the bus {name} is defined otherwise on another sheet"
                    yield Violation("bus_definition_conflict", message, instance, node)


_CHECKS: tuple[Callable[[Design, Project], Iterator[Violation]], ...] = (
    _drawn, _sheets, _pins, _units, _units_nets, _names, _grid, _no_connect_pins, _references, _aliases,
)  # fmt: skip
