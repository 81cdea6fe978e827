"""Land patterns after IPC-7351B: where the copper goes for a package.

A land reaches beyond its lead by a solder fillet at toe, heel and side. Tolerances of the part, of the board (0.1 mm)
and of its placement (0.05 mm) add up as root of squares (IPC-7351B, chapter 3.1): with L the span over the leads, T the
length of a lead's foot, W its width, S = L - 2 T,

    Z = Lmin + 2 toe  + sqrt(dL² + F² + P²)      outer edge to outer edge
    G = Smax - 2 heel - sqrt(dS² + F² + P²)      inner edge to inner edge
    X = Wmin + 2 side + sqrt(dW² + F² + P²)      width
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from kiki_tools.kicad.packages import (
    BallGrid,
    ExposedPad,
    GullWing,
    ImpossibleFootprint,
    NoLead,
    Package,
    PadGrid,
    PinRows,
    Size,
    Tab,
    TwoTerminal,
)

Density: TypeAlias = Literal["A", "B", "C"]
"""How much copper: A most (robust, hand soldering), B nominal, C least (dense boards)."""

FABRICATION = 0.1
PLACEMENT = 0.05
CLEARANCE = 0.2
"""Distance that lands keep from each other, and from an exposed pad, by being smaller than the fillets ask for."""
GAP = 0.1
"""Distance below which lands can't be made."""


class Goals(NamedTuple):
    """Solder fillets at toe, heel and side, and what the courtyard has around all."""

    toe: float
    heel: float
    side: float
    courtyard: float


_GOALS: dict[str, dict[str, Goals]] = {
    "chip": {"A": Goals(0.55, 0, 0.05, 0.5), "B": Goals(0.35, 0, 0, 0.25), "C": Goals(0.15, 0, -0.05, 0.1)},
    "small chip": {"A": Goals(0.3, 0, 0.05, 0.2), "B": Goals(0.2, 0, 0, 0.15), "C": Goals(0.1, 0, -0.05, 0.1)},
    "melf": {"A": Goals(0.6, 0.2, 0.1, 0.5), "B": Goals(0.4, 0.1, 0.05, 0.25), "C": Goals(0.2, 0.02, 0.01, 0.1)},
    "gull wing": {
        "A": Goals(0.55, 0.45, 0.05, 0.5),
        "B": Goals(0.35, 0.35, 0.03, 0.25),
        "C": Goals(0.15, 0.25, 0.01, 0.1),
    },
    "fine gull wing": {
        "A": Goals(0.55, 0.45, 0.01, 0.5),
        "B": Goals(0.35, 0.35, -0.02, 0.25),
        "C": Goals(0.15, 0.25, -0.04, 0.1),
    },
    "no lead": {"A": Goals(0.4, 0, -0.04, 0.5), "B": Goals(0.3, 0, -0.04, 0.25), "C": Goals(0.2, 0, -0.04, 0.1)},
    "balls": {"A": Goals(0, 0, 0, 2), "B": Goals(0, 0, 0, 1), "C": Goals(0, 0, 0, 0.5)},
    "holes": {"A": Goals(0, 0, 0, 0.5), "B": Goals(0, 0, 0, 0.25), "C": Goals(0, 0, 0, 0.1)},
}
"""IPC-7351B, tables 3-2 to 3-22."""

_BALL_LANDS = (
    *((0.75, 0.55), (0.65, 0.5), (0.6, 0.45), (0.55, 0.4), (0.5, 0.4), (0.45, 0.35), (0.4, 0.3), (0.35, 0.3)),
    *((0.3, 0.25), (0.25, 0.2), (0.2, 0.15), (0.15, 0.1)),
)
"""Land diameters for balls that collapse (IPC-7351B, table 14-5)."""

_HOLE_OVER_LEAD = {"A": 0.25, "B": 0.2, "C": 0.15}
_RING = {"A": 0.5, "B": 0.35, "C": 0.3}
_MOST_PADS = 2000
_ROW_LETTERS = "ABCDEFGHJKLMNPRTUVWY"


@dataclass(frozen=True, slots=True)
class Land:
    """A pad: its number, centre and size. ``use``: what it is for.

    `lead`, `hole` and `ball` are what they say; `metal` is an exposed pad without solder paste, `paste` one of its
    paste openings, `via` a thermal via, `back` its copper on the other side. ``first``: pin 1, if it looks different.
    ``round``: a circle, or an oval where it is longer than wide.
    """

    number: str
    x: float
    y: float
    width: float
    height: float
    use: Literal["lead", "hole", "ball", "metal", "paste", "via", "back"] = "lead"
    drill: float = 0.0
    first: bool = False
    round: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A package's lands, its body (centre and size) and the width of the courtyard around both."""

    lands: tuple[Land, ...]
    body: tuple[float, float, float, float]
    courtyard: float


def land_pattern(package: Package, density: Density = "B") -> Pattern:
    """The package's lands at a density level. Raises ImpossibleFootprint."""
    if density not in ("A", "B", "C"):
        raise ImpossibleFootprint(f"density {density!r}: A, B or C expected")
    if isinstance(package, TwoTerminal):
        return _two_terminal(package, density)
    if isinstance(package, GullWing):
        return _gull_wing(package, density)
    if isinstance(package, NoLead):
        return _no_lead(package, density)
    if isinstance(package, PadGrid):
        return _pad_grid(package, density)
    if isinstance(package, BallGrid):
        return _ball_grid(package, density)
    return _pin_rows(package, density)


class _Reach(NamedTuple):
    """A row of lands: outer edge to outer edge, inner to inner, and the width of each."""

    outer: float
    inner: float
    width: float

    @property
    def centre(self) -> float:
        return (self.outer + self.inner) / 4

    @property
    def length(self) -> float:
        return (self.outer - self.inner) / 2


def _reach(span: Size, foot: Size, width: Size, goals: Goals, step: float = 0.05) -> _Reach:
    if span.nominal <= 2 * foot.nominal:
        raise ImpossibleFootprint(f"leads of {foot.nominal:g} mm on both sides of a span of {span.nominal:g} mm")
    spacing = math.hypot(span.tolerance, math.sqrt(2) * foot.tolerance)
    most_inner = span.nominal - 2 * foot.nominal + spacing / 2
    outer = span.low + 2 * goals.toe + _with_board(span.tolerance)
    inner = most_inner - 2 * goals.heel - _with_board(spacing)
    across = width.low + 2 * goals.side + _with_board(width.tolerance)
    found = _Reach(*(round(value / step) * step for value in (outer, inner, across)))
    if found.inner < GAP:
        raise ImpossibleFootprint(f"the lands on both sides meet: {found.inner:.2f} mm between them")
    if found.width <= 0:
        raise ImpossibleFootprint(f"leads {width.low:g} to {width.high:g} mm wide give lands of no width")
    return found


def _with_board(tolerance: float) -> float:
    return math.hypot(tolerance, FABRICATION, PLACEMENT)


def _two_terminal(package: TwoTerminal, density: Density) -> Pattern:
    small = package.length.nominal < 1.6 and not package.melf
    goals = _GOALS["melf" if package.melf else "small chip" if small else "chip"][density]
    reach = _reach(package.length, package.terminal, package.width, goals, 0.02 if small else 0.05)
    sides = (("1", -reach.centre), ("2", reach.centre))
    lands = tuple(Land(number, x, 0, reach.length, reach.width) for number, x in sides)
    return Pattern(lands, (0, 0, package.length.nominal, package.width.nominal), goals.courtyard)


def _gull_wing(package: GullWing, density: Density) -> Pattern:
    goals = _GOALS["gull wing" if package.pitch > 0.625 else "fine gull wing"][density]
    if package.bottom and package.span_y is None:
        raise ImpossibleFootprint("leads at the bottom, but no span_y over them")
    x = _reach(package.span_x, package.lead, package.lead_width, goals)
    y = _reach(package.span_y, package.lead, package.lead_width, goals) if package.span_y else x
    x, y = _clear_of(_apart(x, package), _apart(y, package), package)
    lands = _perimeter(package, x, y)
    if package.tab is not None:
        lands.append(_tab(package.tab, package.span_x, goals))
    lands += _exposed(package.exposed, len(lands) + 1)
    return Pattern(tuple(lands), (0, 0, package.body_x.nominal, package.body_y.nominal), goals.courtyard)


def _tab(tab: Tab, span: Size, goals: Goals) -> Land:
    across = round((tab.width.low + 2 * goals.side + _with_board(tab.width.tolerance)) / 0.05) * 0.05
    outer = round((span.low + _with_board(span.tolerance)) / 2 + goals.toe, 2)
    inner = round(span.nominal / 2 - tab.length.high - goals.heel, 2)
    return Land(tab.number, (outer + inner) / 2, 0, outer - inner, across)


def _no_lead(package: NoLead, density: Density) -> Pattern:
    goals = _GOALS["no lead"][density]
    x = _reach(package.body_x, package.lead, package.lead_width, goals)
    y = _reach(package.body_y, package.lead, package.lead_width, goals) if package.bottom else x
    x, y = _clear_of(_apart(x, package), _apart(y, package), package)
    lands = _perimeter(package, x, y)
    lands += _exposed(package.exposed, len(lands) + 1)
    return Pattern(tuple(lands), (0, 0, package.body_x.nominal, package.body_y.nominal), goals.courtyard)


def _apart(reach: _Reach, package: GullWing | NoLead) -> _Reach:
    """Narrower lands, down to the lead's width, where neighbours would come too near to each other."""
    return reach._replace(width=min(reach.width, max(package.pitch - CLEARANCE, package.lead_width.nominal)))


def _clear_of(x: _Reach, y: _Reach, package: GullWing | NoLead) -> tuple[_Reach, _Reach]:
    """Shorter lands, where they would come too near to the exposed pad."""
    metal = package.exposed
    if metal is None:
        return x, y
    return _shortened(x, metal.width), _shortened(y, metal.height) if package.bottom else y


def _shortened(reach: _Reach, metal: float) -> _Reach:
    if metal + 2 * CLEARANCE <= reach.inner:
        return reach
    if metal + 2 * CLEARANCE >= reach.outer:
        raise ImpossibleFootprint(f"an exposed pad of {metal:g} mm leaves no room for lands in {reach.outer:.2f} mm")
    return reach._replace(inner=metal + 2 * CLEARANCE)


def _perimeter(package: GullWing | NoLead, x: _Reach, y: _Reach) -> list[Land]:
    """Lands along the sides, counted counterclockwise from the top of the left side."""
    if package.left < 1 or package.bottom < 0:
        raise ImpossibleFootprint(f"{package.left} leads on the left, {package.bottom} at the bottom")
    places = 2 * (package.left + package.bottom)
    if package.absent and not 1 <= min(package.absent) <= max(package.absent) <= places:
        raise ImpossibleFootprint(f"places {sorted(package.absent)} without a lead: they count from 1 to {places}")
    wider = max(x.width, y.width if package.bottom else 0)
    if package.pitch - wider < GAP - 1e-9 and max(package.left, package.bottom) > 1:
        raise ImpossibleFootprint(f"lands {wider:.2f} mm wide don't fit a pitch of {package.pitch:g} mm")
    lands: list[Land] = []
    for place, land in enumerate(_places(package, x, y), 1):
        if place not in package.absent:
            lands.append(replace(land, number=str(len(lands) + 1)))
    if not lands:
        raise ImpossibleFootprint("no place has a lead")
    if package.bottom and _meet_at_corners(package, x, y):
        raise ImpossibleFootprint("the lands of two sides meet at the corners")
    if isinstance(package, GullWing) and package.tab is not None:
        return [land for land in lands if land.x < 0]
    return lands


def _places(package: GullWing | NoLead, x: _Reach, y: _Reach) -> Iterator[Land]:
    down = [(index - (package.left - 1) / 2) * package.pitch for index in range(package.left)]
    along = [(index - (package.bottom - 1) / 2) * package.pitch for index in range(package.bottom)]
    yield from (Land("", -x.centre, at, x.length, x.width) for at in down)
    yield from (Land("", at, y.centre, y.width, y.length) for at in along)
    yield from (Land("", x.centre, at, x.length, x.width) for at in reversed(down))
    yield from (Land("", at, -y.centre, y.width, y.length) for at in reversed(along))


def _meet_at_corners(package: GullWing | NoLead, x: _Reach, y: _Reach) -> bool:
    last_x = (package.bottom - 1) / 2 * package.pitch + y.width / 2
    last_y = (package.left - 1) / 2 * package.pitch + x.width / 2
    return x.inner / 2 - last_x < GAP and y.inner / 2 - last_y < GAP


def _exposed(metal: ExposedPad | None, number: int) -> list[Land]:
    """The pad, paste on about two thirds of it in a grid of openings, and its vias."""
    if metal is None:
        return []
    if min(metal.width, metal.height) <= 0 or min(metal.vias) < 0 or metal.drill <= 0:
        raise ImpossibleFootprint(f"an exposed pad of {metal.width:g} x {metal.height:g} mm, vias {metal.vias}")
    name = str(number)
    lands = [Land(name, 0, 0, metal.width, metal.height, "metal")]
    columns, rows = (max(1, math.ceil(side / 1.6)) for side in (metal.width, metal.height))
    cell_x, cell_y = metal.width / columns, metal.height / rows
    for x, y in _grid(columns, rows, cell_x, cell_y):
        lands.append(Land("", x, y, round(cell_x * 0.806, 2), round(cell_y * 0.806, 2), "paste"))
    if all(metal.vias):
        via = metal.drill + 0.3
        step_x, step_y = (
            (side - via) / max(count - 1, 1)
            for side, count in zip((metal.width, metal.height), metal.vias, strict=True)
        )
        if min(step_x if metal.vias[0] > 1 else via, step_y if metal.vias[1] > 1 else via) < via:
            raise ImpossibleFootprint(f"{metal.vias[0]} x {metal.vias[1]} vias don't fit the exposed pad")
        lands += [Land(name, x, y, via, via, "via", metal.drill) for x, y in _grid(*metal.vias, step_x, step_y)]
        lands.append(Land(name, 0, 0, metal.width, metal.height, "back"))
    return lands


def _grid(columns: int, rows: int, step_x: float, step_y: float) -> list[tuple[float, float]]:
    return [
        ((column - (columns - 1) / 2) * step_x, (row - (rows - 1) / 2) * step_y)
        for row in range(rows)
        for column in range(columns)
    ]


def row_letters(row: int) -> str:
    """The letters of a BGA's row, from 0: A to Y without I, O, Q, S, X, Z, then AA (JEDEC)."""
    high, low = divmod(row, len(_ROW_LETTERS))
    return (_ROW_LETTERS[high - 1] if high else "") + _ROW_LETTERS[low]


def _ball_grid(package: BallGrid, density: Density) -> Pattern:
    _positive(body_x=package.body_x, body_y=package.body_y, pitch=package.pitch, ball=package.ball)
    if package.columns < 1 or not 1 <= package.rows <= len(_ROW_LETTERS) ** 2:
        raise ImpossibleFootprint(f"a grid of {package.columns} x {package.rows} balls")
    land = package.land or min(_BALL_LANDS, key=lambda known: abs(known[0] - package.ball))[1]
    if package.pitch - land < GAP - 1e-9:
        raise ImpossibleFootprint(f"lands of {land:g} mm don't fit a pitch of {package.pitch:g} mm")
    names = [f"{row_letters(row)}{column + 1}" for row in range(package.rows) for column in range(package.columns)]
    if unknown := package.absent - set(names):
        raise ImpossibleFootprint(f"no ball is called {min(unknown)}: they go from A1 to {names[-1]}")
    places = _grid(package.columns, package.rows, package.pitch, package.pitch)
    lands = [
        Land(name, x, y, land, land, "ball")
        for name, (x, y) in zip(names, places, strict=True)
        if name not in package.absent
    ]
    return Pattern(tuple(lands), (0, 0, package.body_x, package.body_y), _GOALS["balls"][density].courtyard)


def _pad_grid(package: PadGrid, density: Density) -> Pattern:
    _positive(width=package.width, height=package.height)
    columns, rows = package.columns, package.rows
    if columns < 1 or rows < 1 or columns * rows > _MOST_PADS:
        raise ImpossibleFootprint(f"{columns} x {rows} pads: 1 to {_MOST_PADS} of them")
    for count, pitch, size in ((columns, package.pitch_x, package.width), (rows, package.pitch_y, package.height)):
        if count > 1 and pitch - size < GAP - 1e-9:
            raise ImpossibleFootprint(f"pads of {size:g} mm don't fit {pitch:g} mm apart")
    if package.drill < 0 or (package.drill and min(package.width, package.height) <= package.drill):
        pad = f"{package.width:g} x {package.height:g} mm"
        raise ImpossibleFootprint(f"a hole of {package.drill:g} mm leaves no copper of a pad of {pad}")
    left, top = -(columns - 1) * package.pitch_x / 2, -(rows - 1) * package.pitch_y / 2
    cells = [(column, rows - 1 - row if column % 2 else row) for column in range(columns) for row in range(rows)]
    if package.by_rows:
        cells = [(column, row) for row in range(rows) for column in range(columns)]
    use: Literal["hole", "lead"] = "hole" if package.drill else "lead"
    lands = []
    for number, (column, row) in enumerate(cells, 1):
        x, y = round(left + column * package.pitch_x, 4), round(top + row * package.pitch_y, 4)
        first = number == 1 and len(cells) > 1
        lands.append(
            Land(
                str(number),
                x,
                y,
                package.width,
                package.height,
                use,
                package.drill,
                first and not package.round,
                package.round,
            )
        )
    body = (package.body_x or package.width - 2 * left, package.body_y or package.height - 2 * top)
    return Pattern(tuple(lands), (0, 0, *body), _GOALS["holes" if package.drill else "chip"][density].courtyard)


def _pin_rows(package: PinRows, density: Density) -> Pattern:
    _positive(pitch=package.pitch, body_x=package.body_x, body_y=package.body_y, lead=package.lead)
    if package.rows not in (1, 2) or package.pins < 1 or package.pins % package.rows:
        raise ImpossibleFootprint(f"{package.pins} pins in {package.rows} rows: one row, or two equal ones expected")
    drill = package.drill or round((package.lead + _HOLE_OVER_LEAD[density]) / 0.05) * 0.05
    land = package.land or drill + 2 * _RING[density]
    if drill < package.lead or land <= drill:
        raise ImpossibleFootprint(f"a lead of {package.lead:g} mm, a hole of {drill:g} mm, a land of {land:g} mm")
    nearest = min(package.pitch, package.row_pitch) if package.rows == 2 else package.pitch
    if nearest - land < GAP - 1e-9:
        raise ImpossibleFootprint(f"lands of {land:g} mm don't fit pins {nearest:g} mm apart")
    lands = [
        Land(str(number), x, y, land, land, "hole", drill, first=number == 1)
        for number, (x, y) in enumerate(_pins(package), 1)
    ]
    middle = ((package.rows - 1) * package.row_pitch / 2, (package.pins // package.rows - 1) * package.pitch / 2)
    return Pattern(tuple(lands), (*middle, package.body_x, package.body_y), _GOALS["holes"][density].courtyard)


def _pins(package: PinRows) -> Sequence[tuple[float, float]]:
    down = [index * package.pitch for index in range(package.pins // package.rows)]
    across = [row * package.row_pitch for row in range(package.rows)]
    if package.zigzag:
        return [(x, y) for y in down for x in across]
    return [(across[0], y) for y in down] + [(x, y) for x in across[1:] for y in reversed(down)]


def _positive(**sizes: float) -> None:
    for name, size in sizes.items():
        if size <= 0:
            raise ImpossibleFootprint(f"{name} is {size:g} mm: more than 0 expected")
