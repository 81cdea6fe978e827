"""The units of a circuit's parts as symbols on the grid: their pins and bodies, the ways in which they are turned."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kiki_tools.kicad.circuits import Found, ImpossibleCircuit, Part, nets_of
from kiki_tools.kicad.schematic import PER_MM, LibrarySymbol, Point, point_of

GRID = 12_700
"""The grid in units of 100 nm."""
MIRRORED = -1
"""The turn of a symbol whose left and right are exchanged."""
_TURNED = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0), MIRRORED: (-1, 0, 0, 1)}


class Pin(NamedTuple):
    """A place where a unit is connected: its pins' numbers, place, direction away from the body, net."""

    numbers: tuple[str, ...]
    at: Point
    out: Point
    net: str | None
    kinds: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Unit:
    """One symbol of a part: as its library draws it, then as it is placed."""

    part: Part
    found: Found
    number: int
    pins: list[Pin]
    body: tuple[int, int, int, int]
    """Left, top, right, bottom of the drawing without pins."""
    at: Point = (0, 0)
    turn: int = 0
    texts: dict[str, Point] = field(default_factory=dict)
    """Centres of the fields that are shown; relative to `at`, in tenths of the grid."""

    @property
    def is_axial(self) -> bool:
        """Whether it has two pins that look away from each other, as a resistor has."""
        return len(self.pins) == 2 and self.pins[0].out == (-self.pins[1].out[0], -self.pins[1].out[1])

    @property
    def turns(self) -> tuple[int, ...]:
        """As a reader expects it: a resistor in any way, a connector to the left or right, others upright."""
        if self.is_axial:
            return (0, 90, 180, 270)
        return (0, MIRRORED) if len({pin.out for pin in self.pins}) == 1 and self.pins[0].out[1] == 0 else (0,)

    @property
    def placed_pins(self) -> list[Pin]:
        """The pins where they are on the sheet."""
        return [self._turned_pin(pin) for pin in self.pins]

    def _turned_pin(self, pin: Pin) -> Pin:
        x, y = turned(pin.at, self.turn)
        return pin._replace(at=(self.at[0] + x, self.at[1] + y), out=turned(pin.out, self.turn))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The body on the sheet."""
        left, top, right, bottom = self.body
        (x1, y1), (x2, y2) = turned((left, top), self.turn), turned((right, bottom), self.turn)
        x, y = self.at
        return x + min(x1, x2), y + min(y1, y2), x + max(x1, x2), y + max(y1, y2)


def turned(point: Point, turn: int) -> Point:
    """A place in a symbol (y down) after a turn of KiCad's, against the clock."""
    a, b, c, d = _TURNED[turn]
    return a * point[0] + b * point[1], c * point[0] + d * point[1]


def units_of(part: Part, found: Found) -> Iterator[Unit]:
    """The units of a part, not placed yet. Raises ImpossibleCircuit."""
    nets = nets_of(part, found.symbol)
    for number in range(1, found.symbol.unit_count + 1):
        pins = list(_pins(part, found.symbol, number, nets))
        yield Unit(part, found, number, pins, _body(found.symbol, number, pins))


def _pins(part: Part, symbol: LibrarySymbol, unit: int, nets: dict[str, str]) -> Iterator[Pin]:
    spots: dict[Point, list[tuple[str, str, Point]]] = {}
    for pin in symbol.pins(unit, 1):
        if pin.x % GRID or pin.y % GRID:
            raise ImpossibleCircuit(f"{part.symbol}: pin {pin.number} is off the 1.27 mm grid")
        place = pin.node.find("at")
        turn = round(place.number_at(2)) % 360 if place is not None else 0
        out = {0: (-1, 0), 90: (0, 1), 180: (1, 0), 270: (0, -1)}.get(turn, (-1, 0))
        spots.setdefault((pin.x // GRID, -pin.y // GRID), []).append((pin.number, pin.type, out))
    for at, pins in spots.items():
        named = {nets[number] for number, _, _ in pins if number in nets}
        if len(named) > 1:
            raise ImpossibleCircuit(
                f"{part.reference}: pins {', '.join(number for number, _, _ in pins)} are at one place of the symbol, "
                f"but on {' and '.join(sorted(named))}"
            )
        numbers, kinds, outs = zip(*pins, strict=True)
        yield Pin(numbers, at, outs[0], next(iter(named), None), kinds)


def _body(symbol: LibrarySymbol, unit: int, pins: Sequence[Pin]) -> tuple[int, int, int, int]:
    xs, ys = [], []
    for node in symbol.node.children:
        if node.head != "symbol":
            continue
        name = node.value().rsplit("_", 2)
        if len(name) == 3 and name[1] in ("0", str(unit)) and name[2] in ("0", "1"):
            for shape in node.children:
                for inner in (*shape.children, *(xy for pts in shape.all("pts") for xy in pts.children)):
                    if shape.head in ("rectangle", "polyline", "arc", "bezier") and inner.head in _CORNERS:
                        x, y = point_of(inner)
                        xs.append(x)
                        ys.append(-y)
                if shape.head == "circle":
                    (x, y), radius = point_of(shape.find("center")), shape.find("radius")
                    reach = round((radius.number_at(0) if radius is not None else 0) * PER_MM)
                    xs += [x - reach, x + reach]
                    ys += [-y - reach, -y + reach]
    if not xs:
        xs, ys = [pin.at[0] * GRID for pin in pins] or [0], [pin.at[1] * GRID for pin in pins] or [0]
    return math.floor(min(xs) / GRID), math.floor(min(ys) / GRID), math.ceil(max(xs) / GRID), math.ceil(max(ys) / GRID)


_CORNERS = frozenset({"start", "mid", "end", "xy"})
