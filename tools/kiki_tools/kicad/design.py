"""A whole design: the sheets of a project in their hierarchy, and the nets that run through them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kiki_tools.kicad import buses
from kiki_tools.kicad.schematic import (
    Label,
    PlacedPin,
    Sheet,
    SheetPin,
    SheetSymbol,
    Symbol,
    pins_of,
    sheet_of,
    unescaped,
)
from kiki_tools.kicad.wiring import Group, Wiring, wiring
from kiki_tools.text import Snapshot

MOST_SHEETS = 2000


@dataclass(slots=True, eq=False)
class SheetInstance:
    """A sheet at one place of the hierarchy."""

    number: int
    sheet: Sheet
    wiring: Wiring
    path: str
    """The UUIDs from the root on: `/root/sheet…`."""
    name: str
    """The names from the root on, as KiCad shows it: `/`, `/power/`."""
    parent: SheetInstance | None
    symbol: SheetSymbol | None
    children: dict[str, SheetInstance] = field(default_factory=dict)
    """The sheets in it, by the UUID of their symbols."""


@dataclass(frozen=True, slots=True)
class NetPin:
    """A pin of a net: of which part, on which sheet."""

    reference: str
    pin: PlacedPin
    sheet: SheetInstance


@dataclass(slots=True, eq=False)
class Net:
    """Pins that are connected, over all sheets."""

    name: str
    pins: list[NetPin]
    groups: list[tuple[SheetInstance, Group]]
    no_connect: bool = False
    driven: bool = False
    """Whether anything names it: KiCad leaves nets out that only parts of another hierarchy have pins on."""


@dataclass(slots=True, eq=False)
class Design:
    """The sheets of a project, root first, and what is wrong with how they hang together."""

    root: SheetInstance
    instances: list[SheetInstance]
    missing: list[tuple[SheetInstance, SheetSymbol, str]]
    """Sheet symbols whose file isn't there, or leads back to where it is used; with the reason."""
    _nets: list[Net] | None = None
    _of_group: dict[tuple[int, int], Net] = field(default_factory=dict)

    @property
    def nets(self) -> list[Net]:
        """All nets with a pin, named as KiCad names them."""
        if self._nets is None:
            self._nets, self._of_group = _nets(self)
        return self._nets

    def net_of(self, instance: SheetInstance, group: Group) -> Net | None:
        """The net that a group belongs to."""
        _ = self.nets
        return self._of_group.get((instance.number, group.number))

    def of_file(self, path: str) -> list[SheetInstance]:
        """The places at which a file is used."""
        return [instance for instance in self.instances if instance.sheet.path == path]


def instance_of(symbol: Symbol, instance: SheetInstance, root: SheetInstance) -> tuple[str, int]:
    """What a symbol is called at one place of the hierarchy, and its unit there."""
    for each in symbol.instances:
        if each.path == instance.path:
            return each.reference or symbol.value("Reference"), each.unit
    old = root.sheet.old_instances
    if old:
        below = instance.path.split("/", 2)
        key = "/" + "/".join([*([below[2]] if len(below) > 2 else []), symbol.uuid])
        if key in old:
            return old[key]
    return symbol.value("Reference"), symbol.unit


def belongs(symbol: Symbol, instance: SheetInstance, root: SheetInstance) -> bool:
    """Whether a symbol has an instance at this place of the hierarchy; all have, if the file tells of none."""
    if not symbol.instances or root.sheet.old_instances:
        return True
    return any(each.path == instance.path for each in symbol.instances)


def placed_pins(symbol: Symbol, instance: SheetInstance, root: SheetInstance) -> tuple[str, tuple[PlacedPin, ...]]:
    """What a symbol is called at a place of the hierarchy, and the pins that it has there."""
    reference, unit = instance_of(symbol, instance, root)
    if unit == symbol.unit:
        return reference, symbol.pins
    return reference, tuple(pins_of(symbol, unit))


def sheet_path(of: str, name: str) -> str:
    """The path of the file that a sheet symbol in the file ``of`` names."""
    return os.path.normpath(os.path.join(os.path.dirname(of), name.replace("\\", "/")))


def design_of(root: Snapshot, snapshots: Mapping[str, Snapshot]) -> Design:
    """The design whose root sheet this is; sheets that aren't among ``snapshots`` are missing."""
    sheet = sheet_of(root)
    top = SheetInstance(0, sheet, wiring(sheet), f"/{sheet.uuid}", "/", None, None)
    instances = [top]
    missing: list[tuple[SheetInstance, SheetSymbol, str]] = []
    queue = [top]
    while queue:
        instance = queue.pop(0)
        above = set()
        up: SheetInstance | None = instance
        while up is not None:
            above.add(up.sheet.path)
            up = up.parent
        for symbol in instance.sheet.sheets:
            path = sheet_path(instance.sheet.path, symbol.file)
            found = snapshots.get(path)
            if path in above:
                missing.append((instance, symbol, "leads back to a sheet that it is in"))
            elif found is None:
                missing.append((instance, symbol, "isn't there"))
            elif len(instances) >= MOST_SHEETS:
                missing.append((instance, symbol, f"is one of more than {MOST_SHEETS} sheets"))
            else:
                inner = sheet_of(found)
                child = SheetInstance(
                    len(instances), inner, wiring(inner), f"{instance.path}/{symbol.uuid}",
                    f"{instance.name}{symbol.name}/", instance, symbol,
                )  # fmt: skip
                instances.append(child)
                instance.children[symbol.uuid] = child
                queue.append(child)
    return Design(top, instances, missing)


_GLOBAL, _POWER, _LOCAL, _HIERARCHICAL, _SHEET_PIN, _PIN = 6, 5, 4, 3, 2, 1
_PRIORITIES = {"global_label": _GLOBAL, "label": _LOCAL, "hierarchical_label": _HIERARCHICAL}


@dataclass(slots=True)
class _Name:
    """A name that a net could have, with what decides between names: larger is better."""

    priority: int
    depth: int
    text: str
    sheet: str

    def better_than(self, other: _Name | None) -> bool:
        if other is None:
            return True
        if self.priority != other.priority:
            return self.priority > other.priority
        if self.depth != other.depth and self.priority < _POWER:
            return self.depth < other.depth
        poor, others = "-Pad" in self.text, "-Pad" in other.text
        if poor != others:
            return others
        return self.full < other.full

    @property
    def full(self) -> str:
        return self.text if self.priority in (_GLOBAL, _POWER, _PIN) else self.sheet + self.text


class _Union:
    """Disjoint sets of whatever is hashable."""

    def __init__(self) -> None:
        self.parent: dict[object, object] = {}

    def root(self, item: object) -> object:
        parent = self.parent
        if item not in parent:
            parent[item] = item
            return item
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    def join(self, one: object, other: object) -> None:
        one, other = self.root(one), self.root(other)
        if one != other:
            self.parent[other] = one


def power_net(pin: PlacedPin) -> str:
    """The net that a pin names: of a power symbol, or a hidden power input of another; empty for any other pin."""
    library = pin.symbol.library
    if pin.type != "power_in" or library is None:
        return ""
    if library.power:
        return unescaped(pin.symbol.value("Value"))
    return pin.name if pin.hidden else ""


def _nets(design: Design) -> tuple[list[Net], dict[tuple[int, int], Net]]:
    union = _Union()
    through: list[tuple[object, _Name]] = []
    aliases: dict[str, list[str]] = {}
    for instance in design.instances:
        aliases.update(instance.sheet.aliases)
    for instance in design.instances:
        for group in instance.wiring.groups:
            key = (instance.number, group.number)
            if group.bus:
                through += _join_bus(union, instance, group, aliases)
                continue
            for label in group.labels:
                if label.kind == "global_label":
                    union.join(key, ("global", label.text))
                elif label.kind in ("label", "hierarchical_label"):
                    union.join(key, ("local", instance.number, label.text))
            for pin in group.pins:
                name = power_net(pin)
                if not name:
                    continue
                if pin.symbol.library is not None and pin.symbol.library.power == "local":
                    union.join(key, ("local", instance.number, name))
                else:
                    union.join(key, ("global", name))
            for symbol, sheet_pin in group.sheet_pins:
                child = instance.children.get(symbol.uuid)
                if child is not None and _has_port(child, sheet_pin.name):
                    union.join(key, ("local", child.number, sheet_pin.name))
        # A local name and a global one are the same net where both are on one sheet.
        for name in _both(instance):
            union.join(("local", instance.number, name), ("global", name))
    return _collect(design, union, through)


def _has_port(instance: SheetInstance, name: str) -> bool:
    return any(label.kind == "hierarchical_label" and label.text == name for label in instance.sheet.labels)


def _both(instance: SheetInstance) -> set[str]:
    """Names that are local and global on one sheet."""
    local = {label.text for label in instance.sheet.labels if label.kind in ("label", "hierarchical_label")}
    if not local:
        return set()
    everywhere = {label.text for label in instance.sheet.labels if label.kind == "global_label"}
    for symbol in instance.sheet.symbols:
        if symbol.library is not None and symbol.library.power == "global":
            everywhere.update(name for pin in symbol.pins if (name := power_net(pin)))
    return local & everywhere


def _join_bus(
    union: _Union, instance: SheetInstance, group: Group, aliases: Mapping[str, list[str]]
) -> Iterator[tuple[object, _Name]]:
    """The members of a bus: joined with the nets of their names on its sheet, and with the buses of other sheets.

    Gives the names that it has for them.
    """
    here = ("bus", instance.number, group.number)
    depth = instance.path.count("/")
    named = False
    for label in group.labels:
        priority = _PRIORITIES.get(label.kind)
        if priority is None:
            continue
        named = True
        for key, name in buses.keys(label.text, aliases):
            union.join((*here, key), ("local", instance.number, name))
            yield (*here, key), _Name(priority, depth, name, instance.name)
            if label.kind == "global_label":
                union.join((*here, key), ("global", name))
            if label.kind == "hierarchical_label":
                union.join((*here, key), ("port", instance.number, label.text, key))
    for symbol, sheet_pin in group.sheet_pins:
        child = instance.children.get(symbol.uuid)
        for key, name in buses.keys(sheet_pin.name, aliases):
            if child is not None:
                union.join((*here, key), ("port", child.number, sheet_pin.name, key))
            if not named:
                union.join((*here, key), ("local", instance.number, name))
                yield (*here, key), _Name(_SHEET_PIN, depth, name, instance.name)


def _collect(
    design: Design, union: _Union, through: Sequence[tuple[object, _Name]]
) -> tuple[list[Net], dict[tuple[int, int], Net]]:
    nets: dict[object, Net] = {}
    names: dict[object, _Name] = {}
    of_group: dict[tuple[int, int], Net] = {}
    root = design.root
    for instance in design.instances:
        known: dict[int, tuple[str, tuple[PlacedPin, ...]]] = {}
        depth = instance.path.count("/")
        for group in instance.wiring.groups:
            if group.bus:
                continue
            top = union.root((instance.number, group.number))
            net = nets.get(top)
            if net is None:
                net = nets[top] = Net("", [], [])
            net.groups.append((instance, group))
            of_group[instance.number, group.number] = net
            if group.no_connects:
                net.no_connect = True
            for pin in group.pins:
                symbol = pin.symbol
                found = known.get(id(symbol))
                if found is None:
                    found = known[id(symbol)] = placed_pins(symbol, instance, root)
                reference, pins = found
                if pins is not symbol.pins:
                    pin = next((each for each in pins if each.number == pin.number), pin)
                net.pins.append(NetPin(reference, pin, instance))
                net.driven = net.driven or belongs(symbol, instance, root)
                if pin.type == "no_connect":
                    net.no_connect = True
            best = names.get(top)
            net.driven = net.driven or bool(group.labels or group.sheet_pins)
            for name in _names(instance, group, depth, net):
                if name.better_than(best):
                    best = names[top] = name
    for key, name in through:
        top = union.root(key)
        if top in names and name.better_than(names[top]):
            names[top] = name
    for top, net in nets.items():
        name_ = names.get(top)
        net.name = name_.full if name_ is not None else ""
    for net in nets.values():
        if (not net.name or net.name.startswith("\0")) and net.pins:
            net.name = _pin_name(net)
    with_pins = [net for net in nets.values() if net.pins]
    return with_pins, of_group


def _names(instance: SheetInstance, group: Group, depth: int, net: Net) -> Iterator[_Name]:
    for label in group.labels:
        priority = _PRIORITIES.get(label.kind)
        if priority is not None:
            yield _Name(priority, depth, (label.text), instance.name)
    for pin in group.pins:
        if name := power_net(pin):
            yield _Name(_POWER, depth, (name), instance.name)
    for _, sheet_pin in group.sheet_pins:
        yield _Name(_SHEET_PIN, depth, (sheet_pin.name), instance.name)


def _pin_name(net: Net) -> str:
    """A net that nobody named is called after one of its pins."""
    candidates = [_default(each, len(net.pins) == 1 or net.no_connect) for each in net.pins if each.pin.symbol.on_board]
    if not candidates:
        candidates = [_default(each, len(net.pins) == 1 or net.no_connect) for each in net.pins]
    return min(candidates, key=lambda name: ("-Pad" in name, name))


def _default(each: NetPin, alone: bool) -> str:
    pin = each.pin
    kind = "unconnected" if alone else "Net"
    library = pin.symbol.library
    if not pin.name or pin.name == pin.number or library is None:
        return f"{kind}-({each.reference}-Pad{pin.number})"
    unit = _unit_letter(pin.symbol.unit) if library.unit_count > 1 else ""
    name = f"{kind}-({each.reference}{unit}-{(pin.name)}"
    shared = any(
        other.name == pin.name and other.number != pin.number and alone == (other.type == "no_connect")
        for other in pin.symbol.pins
    )
    return f"{name}-Pad{pin.number})" if alone or shared else f"{name})"


def _unit_letter(unit: int) -> str:
    letters = ""
    while unit > 0:
        unit, rest = divmod(unit - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def parts_of(design: Design) -> Iterator[tuple[SheetInstance, Symbol, str, int]]:
    """Every symbol at every place of the hierarchy, with what it is called and its unit there."""
    for instance in design.instances:
        for symbol in instance.sheet.symbols:
            reference, unit = instance_of(symbol, instance, design.root)
            yield instance, symbol, reference, unit


__all__ = ["Design", "Label", "Net", "NetPin", "SheetInstance", "SheetPin", "design_of", "parts_of"]
