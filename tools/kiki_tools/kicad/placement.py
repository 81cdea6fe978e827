"""Where the parts of a generated schematic go, and the wires between them.

Everything is on a grid of 1.27 mm, x to the right, y down. A part is put where one of its pins meets a pin that is
already there: in line with it, or hanging from its wire; what is left is wired around obstacles, or named by labels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kiki_tools.kicad.circuits import Circuit, ImpossibleCircuit, Part, is_ground
from kiki_tools.kicad.placed_units import Pin, Unit
from kiki_tools.kicad.schematic import Point
from kiki_tools.kicad.sheet_grid import Grid, cells, inside, strip

_LETTER = 0.95
"""Room for one letter of 1.27 mm, in grid steps."""
_WIDEST, _DEEPEST = 160, 4000
_FAN = 5
"""A net with more pins than this is named by labels, not wired."""


class Mark(NamedTuple):
    """A power symbol or a label: the net's name at a place, and the way it points."""

    net: str
    at: Point
    out: Point


@dataclass(slots=True)
class Sheet:
    """All that is placed: units, wires as two ends, junctions, power symbols, labels, pins left open."""

    units: list[Unit] = field(default_factory=list)
    wires: list[tuple[Point, Point]] = field(default_factory=list)
    junctions: list[Point] = field(default_factory=list)
    power: list[Mark] = field(default_factory=list)
    labels: list[Mark] = field(default_factory=list)
    open_pins: list[Point] = field(default_factory=list)
    flags: list[Mark] = field(default_factory=list)
    """Nets that need a power flag: where, and the way the flag points."""


def place(circuit: Circuit, units: list[Unit]) -> Sheet:
    """The sheet of a circuit; its top left corner at 0, 0."""
    return _Placer(circuit, units).run()


class _Placer:
    """The work on one sheet.

    ``grid``: what is taken so far. ``fans``: how many places a net has. ``shared``: pins whose power symbol stands at a
    neighbour. ``named``: cells in front of pins that a label may need, each with its net.
    """

    def __init__(self, circuit: Circuit, units: list[Unit]) -> None:
        self.circuit = circuit
        self.waiting = units
        self.grid = Grid()
        self.sheet = Sheet(wires=self.grid.wires)
        self.fans: dict[str, int] = {}
        self.shared: set[Point] = set()
        self.named: dict[Point, str] = {}
        for unit in units:
            for pin in unit.pins:
                if pin.net is not None:
                    self.fans[pin.net] = self.fans.get(pin.net, 0) + 1

    def is_signal(self, net: str | None) -> bool:
        return net is not None and not self.circuit.is_power(net)

    def run(self) -> Sheet:
        while self.waiting:
            unit, neighbour = self._next()
            self.waiting.remove(unit)
            if not neighbour or not self._beside(unit):
                self._apart(unit)
        self._wire_the_rest()
        self._finish()
        return self.sheet

    def _next(self) -> tuple[Unit, bool]:
        """The unit that has most to do with what is there; if none has, the one with most pins."""
        near = {pin.net for pin in self.grid.ends.values() if self.is_signal(pin.net)}
        best, score = self.waiting[0], (0, 0)
        for unit in self.waiting:
            shared = sum(1 for pin in unit.pins if pin.net in near)
            wired = sum(1 for pin in unit.pins if pin.net in near and self.fans[pin.net or ""] <= _FAN)
            if (wired, shared) > score:
                best, score = unit, (wired, shared)
        if score != (0, 0):
            return best, True
        return max(
            self.waiting, key=lambda unit: (len(unit.pins) > 3, len(unit.pins) if len(unit.pins) > 3 else 0)
        ), False

    # -- one unit ---------------------------------------------------------------------------------------------------

    def _beside(self, unit: Unit) -> bool:
        """Puts the unit where it meets a pin of a net that is there; false if there's no room."""
        for _, at, turn, path in sorted(self._spots(unit), key=lambda spot: spot[0]):
            unit.at, unit.turn = at, turn
            net = next(pin.net for pin in unit.placed_pins if pin.at == path[-1])
            if self._fits(unit) and self.grid.is_free(path, net or "", unit) and not self._crosses_own(unit, path):
                self._settle(unit)
                self.grid.wire(path, net or "")
                return True
        return False

    def _crosses_own(self, unit: Unit, path: list[Point]) -> bool:
        """Whether a wire to a unit would run through its own texts and power symbols."""
        inner = set(cells(path)) - {path[0], path[-1]}
        return bool(inner & (self._names(unit) | self._stems(unit)))

    def _spots(self, unit: Unit) -> Iterator[tuple[float, Point, int, list[Point]]]:
        near = {pin.net for pin in self.grid.ends.values()}
        widest = (
            0 if unit.is_axial else max((_label_room(pin.net or "") for pin in unit.pins if pin.net in near), default=0)
        )
        for pin in list(self.grid.ends.values()):
            if not self.is_signal(pin.net) or self.fans[pin.net or ""] > _FAN:
                continue
            for turn in unit.turns:
                unit.at, unit.turn = (0, 0), turn
                cost = self._orientation(unit)
                for own in unit.placed_pins:
                    if own.net == pin.net:
                        yield from self._ways(pin, own, cost, turn, widest)

    def _orientation(self, unit: Unit) -> float:
        """What speaks against the unit as it is turned: ground not below, supply not above, signals not across."""
        cost = 0.0
        pins = unit.placed_pins
        for pin in pins:
            if pin.net is None or not unit.is_axial:
                continue
            if self.is_signal(pin.net):
                other = pins[0] if pin is pins[1] else pins[1]
                cost += 4 if pin.out[0] == 0 and self.is_signal(other.net) else 0
            else:
                cost += 12 if pin.out != ((0, 1) if is_ground(pin.net) else (0, -1)) else 0
        return cost

    def _ways(
        self, pin: Pin, own: Pin, cost: float, turn: int, widest: int
    ) -> Iterator[tuple[float, Point, int, list[Point]]]:
        (dx, dy), (x, y) = pin.out, pin.at
        room = max(widest, _label_room(pin.net or "")) if dx else 0
        cost += 0 if dx > 0 else 2 if dx < 0 else 1
        first, last = (6, 24) if widest else (2, 14)
        if own.out == (-dx, -dy):
            for far in range(first, last, 2):
                end = (x + dx * far, y + dy * far)
                short = (4 if far < 4 else 0) + (8 if far < room else 0)
                yield cost + far + short, _shift(end, own.at), turn, [pin.at, end]
        elif own.out != pin.out:
            for far in range(2, last, 2):
                corner = (x + dx * far, y + dy * far)
                for down in range(2, last, 2):
                    end = (corner[0] - own.out[0] * down, corner[1] - own.out[1] * down)
                    yield cost + far + down + 3, _shift(end, own.at), turn, [pin.at, corner, end]

    def _apart(self, unit: Unit) -> None:
        """Puts a unit that meets nothing into the next free place, in rows from the top."""
        unit.turn = min(unit.turns, key=lambda turn: self._cost_of(unit, turn))
        room = 8 if any(self.is_signal(pin.net) for pin in unit.pins) else 3
        for y in range(0, _DEEPEST, 2):
            for x in range(0, _WIDEST, 2):
                unit.at = (x, y)
                if self._fits(unit, room):
                    self._settle(unit)
                    return
        raise ImpossibleCircuit("the circuit is too large for one sheet")

    def _cost_of(self, unit: Unit, turn: int) -> float:
        unit.turn = turn
        return self._orientation(unit) - sum(pin.out[0] for pin in unit.placed_pins)

    def _fits(self, unit: Unit, margin: int = 1) -> bool:
        own = {pin.at: pin for pin in unit.placed_pins}
        for at, pin in own.items():
            if at in self.grid.solid or at in self.grid.ends or at in self.grid.lines:
                return False
            if at in self.grid.halo and self.grid.halo[at] != pin.net:
                return False
            for step in (1, 2):
                front = (at[0] + pin.out[0] * step, at[1] + pin.out[1] * step)
                if front in self.grid.solid or (front in self.grid.lines and self.grid.lines[front][0] != pin.net):
                    return False
                if front in self.grid.ends and self.grid.ends[front].net != pin.net:
                    return False
            if self.is_signal(pin.net) and pin.out[0] and not self._has_room(pin):
                return False
        left, top, right, bottom = unit.box
        for x in range(left - margin, right + margin + 1):
            for y in range(top - margin, bottom + margin + 1):
                cell = (x, y)
                if cell in self.grid.solid or cell in self.grid.lines or (cell in self.grid.halo and cell not in own):
                    return False
        nets = {pin.net for pin in own.values()}
        kept = {cell for cell, net in self.named.items() if net not in nets}
        if any(left <= x <= right and top <= y <= bottom for x, y in kept):
            return False
        _arrange_texts(unit, self.circuit)
        taken = {*self._stems(unit), *self._names(unit)}
        if taken & kept:
            return False
        return not any(cell in self.grid.solid or cell in self.grid.lines or cell in self.grid.ends for cell in taken)

    def _has_room(self, pin: Pin) -> bool:
        """Whether a label fits in front of a pin, unless its net is met there."""
        for step in range(1, _label_room(pin.net or "") + 1):
            front = (pin.at[0] + pin.out[0] * step, pin.at[1])
            if front in self.grid.solid:
                return False
            met = self.grid.ends.get(front)
            if (met is not None and met.net == pin.net) or self.grid.lines.get(front, ("",))[0] == pin.net:
                return True
        return True

    def _settle(self, unit: Unit) -> None:
        left, top, right, bottom = unit.box
        pins = unit.placed_pins
        places = {pin.at for pin in pins}
        self.grid.solid |= {(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)} - places
        self.grid.solid |= self._stems(unit) - places
        self.grid.solid |= self._names(unit) - places
        self._bundle(pins)
        for pin in pins:
            self.grid.ends[pin.at] = pin
            if self.is_signal(pin.net):
                for step in (1, 2):
                    self.grid.halo[pin.at[0] + pin.out[0] * step, pin.at[1] + pin.out[1] * step] = pin.net
                if pin.out[0] and self.fans[pin.net or ""] > 1:
                    for step in range(1, _label_room(pin.net or "") + 1):
                        for row in (0, -1):
                            self.named[pin.at[0] + pin.out[0] * step, pin.at[1] + row] = pin.net or ""
        self.sheet.units.append(unit)

    def _bundle(self, pins: list[Pin]) -> None:
        """Joins neighbouring pins of one supply: they share a power symbol, at the first of them."""
        supplied = {pin.at: pin for pin in pins if pin.net is not None and not self.is_signal(pin.net)}
        for at, pin in sorted(supplied.items()):
            beside = supplied.get((at[0] + 2 * abs(pin.out[1]), at[1] + 2 * abs(pin.out[0])))
            if beside is not None and beside.net == pin.net and beside.out == pin.out:
                self.grid.wire([at, beside.at], pin.net or "")
                self.shared.add(beside.at)

    def _stems(self, unit: Unit) -> set[Point]:
        """The cells between the body and the ends of the pins."""
        left, top, right, bottom = unit.box
        found = set()
        for pin in unit.placed_pins:
            x, y = pin.at
            for _ in range(12):
                x, y = x - pin.out[0], y - pin.out[1]
                if left <= x <= right and top <= y <= bottom:
                    break
                found.add((x, y))
                if pin.out[0] and not unit.is_axial:  # its number
                    found.add((x, y - 1))
        return found

    def _names(self, unit: Unit) -> set[Point]:
        """The cells of the texts beside the unit, and of the power symbols at its pins."""
        found: set[Point] = set()
        for name, (x, y) in unit.texts.items():
            half = math.ceil(len(_shown(unit.part, name)) * _LETTER / 2)
            middle, row = unit.at[0] + round(x / 10), unit.at[1] + round(y / 10)
            found |= {(cell, row) for cell in range(middle - half, middle + half + 1)}
        for pin in unit.placed_pins:
            if pin.net is not None and not self.is_signal(pin.net):
                found |= set(strip(pin.at, pin.out, _power_reach(pin.net, pin.out), 0 if pin.out[0] else 1))
        return found

    # -- wires ------------------------------------------------------------------------------------------------------

    def _wire_the_rest(self) -> None:
        for net in dict.fromkeys(pin.net for pin in self.grid.ends.values()):
            if net is None or not self.is_signal(net) or self.fans[net] > _FAN:
                continue
            while len(islands := self.grid.islands(net)) > 1:
                path = self.grid.route(islands[0], set().union(*islands[1:]), net)
                if path is None:
                    break
                self.grid.wire(path, net)

    # -- names ------------------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        for at, pin in self.grid.ends.items():
            if pin.net is None:
                if set(pin.kinds) - {"no_connect"}:
                    self.sheet.open_pins.append(at)
            elif not self.is_signal(pin.net) and at not in self.shared:
                self.sheet.power.append(Mark(pin.net, at, pin.out))
        nets = dict.fromkeys(pin.net for pin in self.grid.ends.values() if self.is_signal(pin.net))
        for net in nets:
            islands = self.grid.islands(net or "")
            for island in islands if len(islands) > 1 or not _is_automatic(net or "") else []:
                self._label(net or "", island)
        self._junctions()

    def _label(self, net: str, island: set[Point]) -> None:
        """Names an island: at the open end of a pin, else on a wire."""
        pins = [self.grid.ends[cell] for cell in sorted(island) if cell in self.grid.ends]
        lone = [pin for pin in pins if pin.at not in self.grid.lines]
        length = math.ceil(len(net) * _LETTER) + 1
        for spare in (True, False):
            for pin in lone:
                if self._label_in_front(pin, net, length, spare):
                    return
            if self._label_on_wire(net, island, length, spare):
                return
        wires = [cell for cell in sorted(island) if cell in self.grid.lines] or [min(island)]
        spots = [Mark(net, cell, out) for cell in wires for out in ((1, 0), (-1, 0))]
        self.sheet.labels.append(min(spots, key=lambda mark: self._hidden(mark, length)))

    def _label_in_front(self, pin: Pin, net: str, length: int, spare: bool) -> bool:
        """A label at the end of a short wire from a pin; ``spare``: a row above its letters stays free."""
        for far in (2, 4, 6, 8, 10, 1, 0):
            end = (pin.at[0] + pin.out[0] * far, pin.at[1] + pin.out[1] * far)
            name = set(strip(end, pin.out, length, 1))
            if pin.out[0]:
                rows = (-2, -1, 0) if spare else (-1, 0)
                name = {(end[0] + pin.out[0] * step, end[1] + row) for step in range(1, length + 1) for row in rows}
            if not self.grid.is_free([pin.at, end], net) or end in self.grid.lines:
                continue
            if (far > 0 and end in self.grid.solid) or ((far > 0 or spare) and self._covers(name)):
                continue
            if far:
                self.grid.wire([pin.at, end], net)
            self.grid.solid |= name - {end}
            self.sheet.labels.append(Mark(net, end, pin.out))
            return True
        return False

    def _label_on_wire(self, net: str, island: set[Point], length: int, spare: bool) -> bool:
        """A label above a wire; ``spare``: a row above its letters stays free."""
        wires = [cell for cell in sorted(island) if cell in self.grid.lines]
        for cell in sorted(wires, key=lambda cell: self.grid.lines[cell][1] != {"h"}):
            for out in ((1, 0), (-1, 0)):
                name = {(cell[0] + out[0] * step, cell[1] - 1) for step in range(1, length + 1)}
                above = {(x, y - 1) for x, y in name} if spare else set()
                if not self._covers(name) and not above & self.grid.solid:
                    self.grid.solid |= name
                    self.sheet.labels.append(Mark(net, cell, out))
                    return True
        return False

    def _hidden(self, mark: Mark, length: int) -> int:
        """How many cells of a label's letters would lie on what is drawn."""
        letters = [(mark.at[0] + mark.out[0] * step, mark.at[1] - 1) for step in range(1, length + 1)]
        return sum(cell in self.grid.solid or cell in self.grid.lines for cell in letters)

    def _covers(self, name: set[Point]) -> bool:
        """Whether letters would lie on what is drawn."""
        return any(cell in self.grid.solid or cell in self.grid.lines for cell in name)

    def _junctions(self) -> None:
        """A dot where three or more ends or wires of one net meet."""
        ends: dict[Point, int] = {}
        for one, other in self.grid.wires:
            for at in (one, other):
                ends[at] = ends.get(at, 0) + 1
        for at in ends:
            through = sum(1 for wire in self.grid.wires if inside(at, wire))
            pins = (at in self.grid.ends) + any(mark.at == at for mark in self.sheet.power)
            if ends[at] + 2 * through + pins > 2:
                self.sheet.junctions.append(at)
        self._break()

    def _break(self) -> None:
        """Ends the wires at every junction, as KiCad writes them: its command line loses what goes on behind one."""
        for at in self.sheet.junctions:
            for wire in [wire for wire in self.grid.wires if inside(at, wire)]:
                self.grid.wires.remove(wire)
                self.grid.wires += [(wire[0], at), (at, wire[1])]


def _is_automatic(net: str) -> bool:
    """Whether a net's name says nothing: then it is shown only where the net has to be joined."""
    return (
        (net[:1].upper() == "N" and net[1:].lstrip("_$et").isdigit()) or net.isdigit() or net.lower().startswith("net-")
    )


def _label_room(net: str) -> int:
    """The cells that a net's name takes in front of a pin; none where it needs no name."""
    return 0 if _is_automatic(net) else min(14, math.ceil(len(net) * _LETTER) + 1)


def _shift(end: Point, pin: Point) -> Point:
    return end[0] - pin[0], end[1] - pin[1]


def _power_reach(net: str, out: Point) -> int:
    return 4 if out[0] == 0 else 3 + math.ceil(len(net) * _LETTER)


def _shown(part: Part, name: str) -> str:
    return part.reference if name == "Reference" else part.value


def _arrange_texts(unit: Unit, circuit: Circuit) -> None:
    """Puts reference and value where they cover nothing: beside a standing part, above and below a lying one."""
    left, top, right, bottom = unit.box
    x0, y0 = unit.at
    names = [name for name in ("Reference", "Value") if _shown(unit.part, name)]
    unit.texts = {}
    pins = unit.placed_pins
    standing = unit.is_axial and pins[0].out[0] == 0
    upper = [pin.at[0] for pin in pins if pin.out == (0, -1)]
    middle = (top + bottom) // 2
    for number, name in enumerate(names):
        half = len(_shown(unit.part, name)) * _LETTER / 2
        if standing:
            x, y = right + 1 + half, float(middle - 1 + 2 * number)
        elif unit.is_axial:
            x, y = (left + right) / 2, (top - 1.0 if number == 0 else bottom + 1.0)
        else:
            begin = max(upper) + 2 if upper else left
            x, y = begin + half, top - 3.0 + number * 1.5
        unit.texts[name] = (round((x - x0) * 10), round((y - y0) * 10))
