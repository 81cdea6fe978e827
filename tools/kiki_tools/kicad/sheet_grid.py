"""The grid of a schematic that is being drawn: what is taken, where a wire can run, and the way round the rest.

Cells are points of 1.27 mm, x to the right, y down.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kiki_tools.kicad.placed_units import Pin, Unit
from kiki_tools.kicad.schematic import Point

_REACH = 40
"""A wire costs at most this, in steps and bends; a longer one is hard to follow, so labels take its place."""
_WAYS = ((1, 0), (0, 1), (-1, 0), (0, -1))


@dataclass(slots=True)
class Grid:
    """What is on the sheet, cell by cell.

    ``solid``: cells in bodies, pins and names. ``halo``: cells that a pin needs in front of it, with its net. ``ends``:
    pins by their place. ``lines``: the wires' cells, with the net and the directions in which wires run through.
    ``wires``: the wires by their two ends.
    """

    solid: set[Point] = field(default_factory=set)
    halo: dict[Point, str | None] = field(default_factory=dict)
    ends: dict[Point, Pin] = field(default_factory=dict)
    lines: dict[Point, tuple[str, set[str]]] = field(default_factory=dict)
    wires: list[tuple[Point, Point]] = field(default_factory=list)

    def is_free(self, path: Sequence[Point], net: str, unit: Unit | None = None) -> bool:
        """Whether a wire can run along the corners: nothing in the way, nothing touched but at its ends."""
        passed = list(cells(path))
        corners = set(path)
        own = {pin.at for pin in unit.placed_pins} if unit is not None else set()
        body = unit.box if unit is not None else (0, 0, -1, -1)
        for number, cell in enumerate(passed):
            at_end = number in (0, len(passed) - 1)
            if at_end:
                continue
            inside = body[0] <= cell[0] <= body[2] and body[1] <= cell[1] <= body[3]
            if cell in self.solid or cell in self.ends or cell in own or inside:
                return False
            if cell in self.halo and self.halo[cell] != net:
                return False
            if cell in self.lines:
                other, ways = self.lines[cell]
                way = "h" if passed[number - 1][1] == cell[1] else "v"
                if other == net or cell in corners or way in ways or len(ways) > 1:
                    return False
        return True

    def wire(self, path: Sequence[Point], net: str) -> None:
        """Draws a wire along the corners."""
        for one, other in legs(path):
            self.wires.append((one, other))
            way = "h" if one[1] == other[1] else "v"
            for cell in cells([one, other]):
                _, ways = self.lines.setdefault(cell, (net, set()))
                ways.add(way)
        for corner in path[1:-1]:
            self.lines[corner][1].update("hv")

    def islands(self, net: str) -> list[set[Point]]:
        """The parts of a net that hang together so far: cells of wires and pins."""
        joined: list[set[Point]] = []
        wires = [set(cells([one, other])) for one, other in self.wires if self.lines[one][0] == net]
        for group in (*wires, *({at} for at, pin in self.ends.items() if pin.net == net)):
            touching = [each for each in joined if each & group]
            joined = [each for each in joined if not each & group]
            joined.append(group.union(*touching))
        return joined

    def route(self, start: set[Point], goal: set[Point], net: str) -> list[Point] | None:
        """The way with fewest steps and bends from one island to another; None if it would be long."""
        queue: list[tuple[float, int, Point, Point]] = []
        came: dict[tuple[Point, Point], tuple[Point, Point] | None] = {}
        best: dict[tuple[Point, Point], float] = {}
        number = 0
        for cell in sorted(start):
            pin = self.ends.get(cell)
            for way in [pin.out] if pin is not None and cell not in self.lines else _WAYS:
                queue.append((0, number, cell, way))
                came[cell, way], best[cell, way] = None, 0
                number += 1
        heapq.heapify(queue)
        while queue:
            cost, _, cell, way = heapq.heappop(queue)
            if cost > best[cell, way]:
                continue
            if cell in goal:
                return _corners(came, (cell, way))
            for step in _WAYS:
                if step == (-way[0], -way[1]) or (step != way and (cell in self.lines) and cell not in start):
                    continue
                if cell in start and cell in self.ends and cell not in self.lines and step != self.ends[cell].out:
                    continue
                following = (cell[0] + step[0], cell[1] + step[1])
                price = self._price(following, step, net, start, goal)
                if price is None:
                    continue
                total = cost + price + (3 if step != way and cell not in start else 0)
                if total < best.get((following, step), _REACH + 1):
                    best[following, step] = total
                    came[following, step] = (cell, way)
                    number += 1
                    heapq.heappush(queue, (total, number, following, step))
        return None

    def _price(self, cell: Point, step: Point, net: str, start: set[Point], goal: set[Point]) -> float | None:
        """What a step onto the cell costs; None if no wire can go there."""
        if cell in goal:
            pin = self.ends.get(cell)
            return 1 if pin is None or cell in self.lines or step == (-pin.out[0], -pin.out[1]) else None
        if cell in start or cell in self.solid or cell in self.ends:
            return None
        if cell in self.halo and self.halo[cell] != net:
            return None
        if cell in self.lines:
            other, ways = self.lines[cell]
            way = "h" if step[1] == 0 else "v"
            return None if other == net or way in ways or len(ways) > 1 else 4
        return 1


def legs(path: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """The straight pieces between the corners."""
    for number in range(1, len(path)):
        if path[number - 1] != path[number]:
            yield path[number - 1], path[number]


def cells(path: Sequence[Point]) -> Iterator[Point]:
    """The grid's points along the corners, both ends with them."""
    yield path[0]
    for (x1, y1), (x2, y2) in legs(path):
        dx, dy = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
        while (x1, y1) != (x2, y2):
            x1, y1 = x1 + dx, y1 + dy
            yield x1, y1


def inside(at: Point, wire: tuple[Point, Point]) -> bool:
    """Whether a wire runs through a place, and doesn't end there."""
    (x1, y1), (x2, y2) = wire
    if at in wire:
        return False
    return min(x1, x2) <= at[0] <= max(x1, x2) and min(y1, y2) <= at[1] <= max(y1, y2)


def _corners(came: dict[tuple[Point, Point], tuple[Point, Point] | None], last: tuple[Point, Point]) -> list[Point]:
    path = [last[0]]
    state: tuple[Point, Point] | None = last
    while state is not None and (before := came[state]) is not None:
        if len(path) > 1 and _in_line(path[-2], path[-1], before[0]):
            path[-1] = before[0]
        else:
            path.append(before[0])
        state = before
    return path[::-1]


def _in_line(one: Point, two: Point, three: Point) -> bool:
    return (one[0] == two[0] == three[0]) or (one[1] == two[1] == three[1])


def strip(at: Point, out: Point, length: int, half: int) -> Iterable[Point]:
    """The cells of a name that goes out from a place."""
    for step in range(1, length + 1):
        for aside in range(-half, half + 1):
            yield at[0] + out[0] * step + out[1] * aside, at[1] + out[1] * step + out[0] * aside
