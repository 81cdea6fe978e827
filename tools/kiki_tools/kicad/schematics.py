"""A schematic from a description of a circuit: placed for a reader, wired, checked, the same every time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from uuid import NAMESPACE_URL, UUID, uuid5

from kiki_tools.kicad import layout
from kiki_tools.kicad.circuits import Circuit, Finder, Found, ImpossibleCircuit, check, embedded, is_ground
from kiki_tools.kicad.design import Design, design_of
from kiki_tools.kicad.erc import violations
from kiki_tools.kicad.layout import Node, Quoted
from kiki_tools.kicad.netlist import nets
from kiki_tools.kicad.placed_units import GRID, MIRRORED, Unit, turned, units_of
from kiki_tools.kicad.placement import Mark, Sheet, place
from kiki_tools.kicad.project import DEFAULT
from kiki_tools.kicad.schematic import Point
from kiki_tools.kicad.symbols import power_symbol
from kiki_tools.text import Snapshot

VERSION = 20250114
"""The schematic format of KiCad 9."""
_MM = GRID / 10_000
_MARGIN = 20
_PAPERS = (("A4", 297, 210), ("A3", 420, 297), ("A2", 594, 420), ("A1", 841, 594), ("A0", 1189, 841))
_ROW = 8
_ANGLES = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}


def schematic(circuit: Circuit, find: Finder, name: str = "circuit") -> str:
    """The text of a `.kicad_sch` in KiCad 9's format.

    Its nets are those of the circuit, every pin is connected or marked as open, and supplies carry power flags, so it
    has no error of the electrical rules check. ``name``: what the project is called.

    Raises:
        ImpossibleCircuit: for an unknown symbol or pin, or a circuit that breaks an electrical rule.
    """
    check(circuit)
    units = [unit for part in circuit.parts for unit in units_of(part, find(part.symbol))]
    sheet = place(circuit, units)
    _flag(circuit, sheet)
    text = _Writer(circuit, sheet, find, name).text()
    _prove(circuit, units, text)
    return text


def _flag(circuit: Circuit, sheet: Sheet) -> None:
    """Tells of the supplies that nothing on the sheet drives, in a row below."""
    kinds: dict[str, set[str]] = {}
    for unit in sheet.units:
        for pin in unit.pins:
            if pin.net is not None:
                kinds.setdefault(pin.net, set()).update(pin.kinds)
    lowest = max((unit.box[3] for unit in sheet.units), default=0)
    lowest = max([lowest, *(at[1] for wire in sheet.wires for at in wire), *(mark.at[1] for mark in sheet.power)])
    x = min((unit.box[0] for unit in sheet.units), default=0)
    x, y = x - x % 2 + 4, lowest - lowest % 2 + 2 * _ROW
    for net, found in sorted(kinds.items()):
        if "power_out" in found or not (circuit.is_power(net) or "power_in" in found):
            continue
        if circuit.is_power(net):
            out = (0, 1) if is_ground(net) else (0, -1)
            sheet.power.append(Mark(net, (x, y), out))
            sheet.flags.append(Mark(net, (x, y), (0, -out[1])))
        else:
            sheet.labels.append(Mark(net, (x, y), (1, 0)))
            sheet.flags.append(Mark(net, (x, y), (0, -1)))
        x += 2 * math.ceil(max(10, len(net) + 6) / 2)


class _Writer:
    """The text of one sheet."""

    def __init__(self, circuit: Circuit, sheet: Sheet, find: Finder, name: str) -> None:
        self.circuit = circuit
        self.sheet = sheet
        self.find = find
        self.name = name
        self.root = str(self._id("root"))
        self.symbols: dict[str, Found] = {}
        self.shift = (0, 0)

    def _id(self, *what: object) -> UUID:
        return uuid5(NAMESPACE_URL, "\n".join([self.name, self.circuit.title, *map(str, what)]))

    def text(self) -> str:
        self._to_the_corner()
        body: list[str] = [layout.emit(node) for node in self._items()]
        head: list[Node] = [
            ("version", VERSION),
            ("generator", Quoted("micro-kiki")),
            ("generator_version", Quoted("9.0")),
            ("uuid", Quoted(self.root)),
            ("paper", Quoted(self.paper)),
            ("title_block", ("title", Quoted(self.circuit.title))),
        ]
        library = "\n".join(found.text for _, found in sorted(self.symbols.items()))
        tail: list[Node] = [
            ("sheet_instances", ("path", Quoted("/"), ("page", Quoted("1")))),
            ("embedded_fonts", False),
        ]
        parts = [
            *(layout.emit(node) for node in head),
            f"(lib_symbols\n{library}\n)",
            *body,
            *(layout.emit(node) for node in tail),
        ]
        return layout.laid_out("(kicad_sch\n" + "\n".join(parts) + "\n)\n")

    def _to_the_corner(self) -> None:
        """Moves all to the page's corner, and takes the smallest paper that holds it."""
        cells = [at for wire in self.sheet.wires for at in wire]
        for unit in self.sheet.units:
            left, top, right, bottom = unit.box
            cells += [(left, top - 4), (right, bottom + 2)]
            half = max(len(unit.part.reference), len(unit.part.value)) // 2 + 1
            for x, y in unit.texts.values():
                cells += [
                    (unit.at[0] + x // 10 - half, unit.at[1] + y // 10),
                    (unit.at[0] + x // 10 + half, unit.at[1]),
                ]
        for mark in (*self.sheet.power, *self.sheet.labels, *self.sheet.flags):
            far = len(mark.net) + 4
            cells += [mark.at, (mark.at[0] + mark.out[0] * far, mark.at[1] + mark.out[1] * far)]
        left, top = min(x for x, _ in cells), min(y for _, y in cells)
        width, height = max(x for x, _ in cells) - left, max(y for _, y in cells) - top
        self.shift = (_MARGIN - left + left % 2, _MARGIN - top + top % 2)
        self.bottom = height + _MARGIN + 4
        lines = self.circuit.notes.count("\n") + 2 if self.circuit.notes else 0
        for paper, wide, high in _PAPERS:
            self.paper = paper
            if (width + 2 * _MARGIN) * _MM < wide and (height + 2 * _MARGIN + 12 + lines * 2) * _MM < high:
                break

    def _at(self, point: Point) -> tuple[float, float]:
        return round((point[0] + self.shift[0]) * _MM, 4), round((point[1] + self.shift[1]) * _MM, 4)

    def _items(self) -> Iterator[Node]:
        sheet = self.sheet
        if self.circuit.notes:
            place = ("at", _MARGIN * _MM, round((self.bottom + 4) * _MM, 4), 0)
            effects = ("effects", _FONT, ("justify", "left", "top"))
            yield ("text", Quoted(self.circuit.notes), ("exclude_from_sim", False), place, effects, self._uuid("notes"))
        for at in sorted(sheet.junctions):
            color = ("color", 0, 0, 0, 0)
            yield ("junction", ("at", *self._at(at)), ("diameter", 0), color, self._uuid("junction", at))
        for at in sorted(sheet.open_pins):
            yield ("no_connect", ("at", *self._at(at)), self._uuid("open", at))
        for one, other in sorted(sheet.wires):
            points = ["pts", ("xy", *self._at(one)), ("xy", *self._at(other))]
            stroke = ("stroke", ("width", 0), ("type", "default"))
            yield ("wire", points, stroke, self._uuid("wire", one, other))
        for mark in sorted(sheet.labels):
            yield self._label(mark)
        for unit in sheet.units:
            yield self._unit(unit)
        for number, mark in enumerate(sheet.power, 1):
            yield self._power(mark, f"#PWR{number:02}", self._supply(mark.net), mark.net)
        for number, mark in enumerate(sheet.flags, 1):
            yield self._power(mark, f"#FLG{number:02}", self._known("power:PWR_FLAG", drives=True), "PWR_FLAG")

    def _uuid(self, *what: object) -> Node:
        return ("uuid", Quoted(str(self._id(*what))))

    def _label(self, mark: Mark) -> Node:
        angle = _ANGLES[mark.out]
        effects = ("effects", _FONT, ("justify", "left" if angle < 180 else "right", "bottom"))
        place = ("at", *self._at(mark.at), angle)
        return (
            "label",
            Quoted(mark.net.replace("/", "{slash}")),
            place,
            effects,
            self._uuid("label", mark.net, mark.at),
        )

    def _unit(self, unit: Unit) -> Node:
        part = unit.part
        self.symbols[part.symbol] = unit.found
        known = unit.found.symbol.properties
        shown = {"Reference": part.reference, "Value": part.value or known.get("Value", "")}
        others = {
            "Footprint": part.footprint or known.get("Footprint", ""),
            "Datasheet": known.get("Datasheet", ""),
            "Description": known.get("Description", ""),
            **part.fields,
        }
        x0, y0 = self._at(unit.at)
        fields: list[Node] = []
        for name, text in {**shown, **others}.items():
            dx, dy = unit.texts.get(name, (0, 0))
            place = (round(x0 + dx / 10 * _MM, 4), round(y0 + dy / 10 * _MM, 4))
            fields.append(_field(name, text, place, unit.turn, hidden=name not in unit.texts))
        role = (part.reference, unit.number)
        return self._symbol(part.symbol, (x0, y0), unit.turn, unit.number, part.reference, fields, unit.found, role)

    def _symbol(
        self,
        identifier: str,
        at: tuple[float, float],
        turn: int,
        unit: int,
        reference: str,
        fields: Iterable[Node],
        found: Found,
        role: tuple[object, ...],
    ) -> Node:
        numbers = dict.fromkeys(pin.number for pin in found.symbol.all_pins())
        path = ("path", Quoted(f"/{self.root}"), ("reference", Quoted(reference)), ("unit", unit))
        return [
            "symbol",
            ("lib_id", Quoted(identifier)),
            ("at", *at, max(turn, 0)),
            *([("mirror", "y")] if turn == MIRRORED else []),
            ("unit", unit),
            ("exclude_from_sim", False),
            ("in_bom", True),
            ("on_board", True),
            ("dnp", False),
            self._uuid("symbol", *role),
            *fields,
            *(("pin", Quoted(number), self._uuid("pin", *role, number)) for number in numbers),
            ("instances", ("project", Quoted(self.name), path)),
        ]

    def _supply(self, net: str) -> Found:
        """The power symbol of a net: its own if KiCad has one, else a plain one with its name as value."""
        for identifier in (f"power:{net}", "power:GND" if is_ground(net) else "power:VCC"):
            try:
                return self.find(identifier)
            except ImpossibleCircuit:
                continue
        return self._known("power:GND" if is_ground(net) else "power:VCC", drives=False)

    def _known(self, identifier: str, *, drives: bool) -> Found:
        try:
            return self.find(identifier)
        except ImpossibleCircuit:
            return embedded(identifier, power_symbol(identifier.partition(":")[2], drives=drives))

    def _power(self, mark: Mark, reference: str, found: Found, value: str) -> Node:
        self.symbols[found.identifier] = found
        pin = next(iter(found.symbol.all_pins()))
        place = pin.node.find("at")
        own = {0: (1, 0), 90: (0, -1), 180: (-1, 0)}.get(round(place.number_at(2)) % 360 if place else 90, (0, 1))
        turn = next(turn for turn in (0, 90, 180, 270) if turned(own, turn) == mark.out)
        x, y = self._at(mark.at)
        far = 3.0 if mark.out[0] == 0 else 2.6 + len(value) * 0.95 / 2
        if mark.out[0] != 0 and reference.startswith("#FLG"):
            far += 1
        shown = (round(x + mark.out[0] * far * _MM, 4), round(y + mark.out[1] * far * _MM, 4))
        fields = [_field("Reference", reference, (x, y), turn, hidden=True), _field("Value", value, shown, turn)]
        fields += [_field(name, "", (x, y), turn, hidden=True) for name in ("Footprint", "Datasheet")]
        description = found.symbol.properties.get("Description", "")
        fields.append(_field("Description", description, (x, y), turn, hidden=True))
        role = (mark.net, reference)
        return self._symbol(found.identifier, (x, y), turn, 1, reference, fields, found, role)


_FONT = ("font", ("size", 1.27, 1.27))


def _field(name: str, text: str, at: tuple[float, float], turn: int, *, hidden: bool = False) -> Node:
    """A field whose text lies, however the symbol is turned."""
    effects: list[Node] = ["effects", _FONT]
    if hidden:
        effects.append(("hide", True))
    return ("property", Quoted(name), Quoted(text), ("at", *at, 90 if turn in (90, 270) else 0), effects)


def _prove(circuit: Circuit, units: list[Unit], text: str) -> None:
    """Reads the sheet again: its nets have to be the circuit's, and its rules check without an error."""
    path = "/circuit.kicad_sch"
    snapshot = Snapshot(text, path)
    design = design_of(snapshot, {path: snapshot})
    asked: dict[str, set[tuple[str, str]]] = {}
    for unit in units:
        for pin in unit.pins:
            if pin.net is not None:
                asked.setdefault(pin.net, set()).update((unit.part.reference, number) for number in pin.numbers)
    drawn = {frozenset(pins) for pins in nets(design).values()}
    if lost := [net for net, pins in asked.items() if frozenset(pins) not in drawn]:
        raise AssertionError(f"the sheet doesn't connect {', '.join(sorted(lost))} as the circuit does")
    _rules(design)


def _rules(design: Design) -> None:
    for violation in violations(design, DEFAULT):
        serious = violation.error if violation.error is not None else DEFAULT.severity(violation.rule) == "error"
        if serious:
            raise ImpossibleCircuit(f"the electrical rules forbid it: {violation.message}")
