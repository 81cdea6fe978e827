"""The electrical check of pins on nets, and of parts: their units, their references."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from kiki_tools.kicad.design import Design, Net, NetPin, SheetInstance, instance_of
from kiki_tools.kicad.project import Project
from kiki_tools.kicad.schematic import Symbol
from kiki_tools.kicad.violation import Violation, pin_node, shown, stacked

_DRIVERS = frozenset({"output", "power_out", "passive", "tri_state", "bidirectional"})
_MOST_CONFLICTS = 50
_TYPE_NAMES = {
    "bidirectional": "bidirectional", "tri_state": "tri-state", "power_in": "power input",
    "power_out": "power output", "open_collector": "open collector", "open_emitter": "open emitter",
    "no_connect": "no-connect",
}  # fmt: skip


def pins_on_nets(design: Design, project: Project) -> Iterator[Violation]:
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
    """As KiCad tells them: one for each pin, with a pin of the type that is in most of the conflicts."""
    counts = Counter(each.pin.type for each in pins)
    foes = {kind: {other for other in counts if project.conflict(kind, other)} for kind in counts}
    weights = {
        kind: sum(counts[other] * counts[kind] - (counts[kind] if other == kind else 0) for other in foes[kind])
        for kind in counts
    }
    told: set[int] = set()
    for kind in sorted(weights, key=lambda each: -weights[each]):
        those = [each for each in pins if each.pin.type == kind]
        for one in pins:
            if kind not in foes[one.pin.type] or id(one) in told or len(told) >= _MOST_CONFLICTS:
                continue
            others = (each for each in those if each is not one and id(each) not in told)
            other = next(
                (each for each in others if not (one.sheet is each.sheet and stacked(one.pin, each.pin))), None
            )
            if other is None or (one.pin.type == kind and one is those[0]):
                continue
            told.add(id(one))
            level = project.conflict(one.pin.type, kind)
            kinds = [_TYPE_NAMES.get(each.pin.type, each.pin.type) for each in (one, other)]
            message = (
                f"{shown(one.pin, one.reference)}, {kinds[0]}, is connected with "
                f"{shown(other.pin, other.reference)}, {kinds[1]}"
            )
            yield Violation("pin_to_pin", message, one.sheet, pin_node(one.pin), one.pin.at, one.pin, error=level == 2)


def units(design: Design, project: Project) -> Iterator[Violation]:
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


def units_nets(design: Design, project: Project) -> Iterator[Violation]:
    """Pins that several units of a part share, on different nets."""
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


def references(design: Design, project: Project) -> Iterator[Violation]:
    """References: two parts with one, parts without. KiCad's command line doesn't check this."""
    placed: dict[tuple[str, int], tuple[SheetInstance, Symbol]] = {}
    kinds: dict[str, tuple[str, Symbol]] = {}
    for instance in design.instances:
        for symbol in instance.sheet.symbols:
            reference, unit = instance_of(symbol, instance, design.root)
            node = symbol.node
            if symbol.library is not None and unit > symbol.library.unit_count:
                message = f"{reference or symbol.library_id} has no unit {unit}"
                yield Violation("extra_units", message, instance, node)
            if symbol.is_power or reference.startswith("#"):
                continue
            if not reference or reference.endswith("?") or not reference[-1].isdigit():
                what = f"{reference} has no number yet" if reference else "a symbol without reference"
                yield Violation("unannotated", what, instance, node)
                continue
            other = placed.setdefault((reference, unit), (instance, symbol))
            if other[1] is not symbol or other[0] is not instance:
                message = f"{reference} stands for two symbols"
                yield Violation("duplicate_reference", message, other[0], other[1].node)
                yield Violation("duplicate_reference", message, instance, node)
                continue
            value, first = kinds.setdefault(reference, (symbol.value("Value"), symbol))
            if first is not symbol and value != symbol.value("Value"):
                message = f"the units of {reference} have different values: {value} and {symbol.value('Value')}"
                yield Violation("unit_value_mismatch", message, instance, node)
