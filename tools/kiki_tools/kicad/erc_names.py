"""The electrical check of names: labels that differ in case, buses and their members, net classes."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from kiki_tools.kicad import buses
from kiki_tools.kicad.design import Design, SheetInstance, power_net
from kiki_tools.kicad.project import Project
from kiki_tools.kicad.schematic import Label
from kiki_tools.kicad.violation import Violation, pin_node
from kiki_tools.kicad.wiring import Group

_NETS = ("label", "global_label", "hierarchical_label")


def similar(design: Design, project: Project) -> Iterator[Violation]:
    """Names that differ in case only, and names that are local and global."""
    seen: dict[str, list[tuple[str, SheetInstance, str]]] = {}
    local: dict[str, tuple[SheetInstance, Label]] = {}
    everywhere: dict[str, tuple[SheetInstance, Label]] = {}

    def others(text: str, kind: str, sheet: SheetInstance) -> Iterator[tuple[str, str]]:
        """What the name is like: other texts, each with its kind. Local labels of different sheets may be alike."""
        known = seen.setdefault(text.lower(), [])
        for other, there, of_kind in known:
            if other != text and not (kind == of_kind == "label" and there is not sheet):
                yield other, of_kind
        if (text, sheet, kind) not in known:
            known.append((text, sheet, kind))

    for instance in design.instances:
        for label in instance.sheet.labels:
            if label.kind not in _NETS:
                continue
            if label.kind == "label":
                local.setdefault(label.text, (instance, label))
            elif label.kind == "global_label":
                everywhere.setdefault(label.text, (instance, label))
            for other, kind in others(label.text, label.kind, instance):
                rule = "similar_label_and_power" if kind == "pin" else "similar_labels"
                message = f"{label.text} and {other} differ in case only: they are two nets"
                yield Violation(rule, message, instance, label.node, label.at)
                break
        for symbol in instance.sheet.symbols:
            if not symbol.is_power or not symbol.pins:
                continue
            text = symbol.value("Value")
            for other, kind in others(text, "pin", instance):
                rule = "similar_power" if kind == "pin" else "similar_label_and_power"
                message = f"{text} and {other} differ in case only: they are two nets"
                yield Violation(rule, message, instance, pin_node(symbol.pins[0]), symbol.at)
                break
    for name, (instance, label) in everywhere.items():
        if name in local:
            message = f"{name} is a global label here and a local one elsewhere"
            yield Violation("same_local_global_label", message, instance, label.node, label.at)


def aliases(design: Design, project: Project) -> Iterator[Violation]:
    """Buses that are defined otherwise on another sheet."""
    known: dict[str, list[str]] = {}
    for instance in design.instances:
        for name, members in instance.sheet.aliases.items():
            if sorted(known.setdefault(name, members)) != sorted(members):
                main = instance.sheet.document.main
                node = next((each for each in main.all("bus_alias") if each.value() == name), main) if main else None
                if node is not None:
                    message = f"the bus {name} is defined otherwise on another sheet"
                    yield Violation("bus_definition_conflict", message, instance, node)


def bus_members(design: Design, project: Project) -> Iterator[Violation]:
    """Nets that enter a bus which has no member of their name."""
    known: dict[str, list[str]] = {}
    for instance in design.instances:
        known.update(instance.sheet.aliases)
    for instance in design.instances:
        groups = instance.wiring.groups
        named: dict[int, set[str]] = {}
        for entry, wire, bus in instance.wiring.entry_buses:
            names = {label.text for label in groups[wire].labels if label.kind in ("label", "hierarchical_label")}
            strong = any(label.kind == "global_label" for label in groups[wire].labels)
            strong = strong or any(power_net(pin) for pin in groups[wire].pins)
            if strong or not names or bus == wire:
                continue
            members = named.get(bus)
            if members is None:
                members = named[bus] = set(_members(groups[bus], known))
            if members and not names & members:
                name = min(names)
                message = f"{name} enters a bus that has no net of that name"
                yield Violation("net_not_bus_member", message, instance, entry.node, entry.a)


def _members(bus: Group, known: dict[str, list[str]]) -> Iterator[str]:
    texts = [label.text for label in bus.labels if label.kind in _NETS]
    for text in texts or [pin.name for _, pin in bus.sheet_pins]:
        yield from (name for _, name in buses.keys(text, known))


_CLASSED = ("label", "global_label", "hierarchical_label", "netclass_flag", "directive_label")


def net_classes(design: Design, project: Project) -> Iterator[Violation]:
    """Net classes that an item is given and the project doesn't have."""
    for instance in design.instances:
        nodes = [label.node for label in instance.sheet.labels if label.kind in _CLASSED and label.node.children]
        nodes += [symbol.node for symbol in instance.sheet.symbols if "Netclass" in symbol.properties]
        for node in nodes:
            for field in node.children:
                if field.head == "property" and field.value() == "Netclass" and field.value(1):
                    name = field.value(1)
                    if name not in project.net_classes:
                        near = get_close_matches(name, project.net_classes, 1, 0.6)
                        meant = f"; did you mean {near[0]}?" if near else ""
                        message = f"the project has no net class {name}{meant}"
                        yield Violation("undefined_netclass", message, instance, field)
