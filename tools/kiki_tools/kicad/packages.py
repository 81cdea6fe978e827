"""Component packages as their makers dimension them, and the usual ones by the names KiCad's libraries give them.

Millimetres throughout, seen from above; x to the right, y downwards, as on a board.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


class ImpossibleFootprint(ValueError):
    """No footprint can be made from this: says which dimension is wrong, and what is possible."""


@dataclass(frozen=True, slots=True)
class Size:
    """A dimension with its limits, ``low`` to ``high``. Raises ImpossibleFootprint unless 0 < low <= high."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ImpossibleFootprint(f"a size from {self.low} mm to {self.high} mm: 0 < low <= high expected")

    @property
    def nominal(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def tolerance(self) -> float:
        """The whole range, high less low."""
        return self.high - self.low


def exact(value: float) -> Size:
    """A dimension without tolerance."""
    return Size(value, value)


def around(nominal: float, deviation: float) -> Size:
    """A dimension of ``nominal`` ± ``deviation``."""
    return Size(nominal - deviation, nominal + deviation)


@dataclass(frozen=True, slots=True)
class TwoTerminal:
    """A chip (R, C, L) or a MELF: its length, width (diameter), and how long its metal ends are.

    ``polarized``: terminal 1, the cathode of a diode, gets a mark.
    """

    length: Size
    width: Size
    terminal: Size
    melf: bool = False
    polarized: bool = False


@dataclass(frozen=True, slots=True)
class ExposedPad:
    """The metal under a body. ``vias``: columns and rows of thermal vias; none for 0, 0."""

    width: float
    height: float
    vias: tuple[int, int] = (0, 0)
    drill: float = 0.2


@dataclass(frozen=True, slots=True)
class Tab:
    """A broad lead in the middle of the right side, joined to the lead with this number."""

    width: Size
    length: Size
    number: str


@dataclass(frozen=True, slots=True)
class GullWing:
    """SOT, SOIC, SSOP, TSSOP, MSOP (leads left and right) and QFP (on four sides).

    ``span_x``, ``span_y``: over the leads; ``lead``: the length of the foot that touches the board. ``left``: places
    for leads on the left, as many on the right; ``bottom``: those on the bottom, as many at the top. ``absent``: places
    without a lead, counted like pins, counterclockwise from the top of the left side.
    """

    body_x: Size
    body_y: Size
    span_x: Size
    lead: Size
    lead_width: Size
    pitch: float
    left: int
    bottom: int = 0
    span_y: Size | None = None
    absent: frozenset[int] = frozenset()
    exposed: ExposedPad | None = None
    tab: Tab | None = None


@dataclass(frozen=True, slots=True)
class NoLead:
    """QFN, and DFN where ``bottom`` is 0: contacts under the edges of the body."""

    body_x: Size
    body_y: Size
    lead: Size
    lead_width: Size
    pitch: float
    left: int
    bottom: int = 0
    absent: frozenset[int] = frozenset()
    exposed: ExposedPad | None = None


@dataclass(frozen=True, slots=True)
class BallGrid:
    """A BGA. ``ball``: the nominal diameter. ``absent``: names of balls that are not there. ``land``: own diameter."""

    body_x: float
    body_y: float
    columns: int
    rows: int
    pitch: float
    ball: float
    absent: frozenset[str] = frozenset()
    land: float = 0.0


@dataclass(frozen=True, slots=True)
class PinRows:
    """DIP and pin headers, pin 1 at the origin. ``lead``: the largest diagonal of a pin.

    ``zigzag``: odd and even pins face each other, as in headers; else the count goes round, as in DIPs. ``drill``,
    ``land``: own diameters in place of those that follow from the lead.
    """

    pins: int
    rows: int
    pitch: float
    row_pitch: float
    body_x: float
    body_y: float
    lead: float
    zigzag: bool = False
    drill: float = 0.0
    land: float = 0.0


@dataclass(frozen=True, slots=True)
class PadGrid:
    """Pads of given sizes in rows and columns, for what no package's rules fit; their middle at the origin.

    A single row is counted from the left; of several rows the left column goes down, the others go up and down in turn,
    or with ``by_rows`` one row is counted behind the other, each from the left. ``drill``: holes through all pads, 0
    for pads on the surface. ``body_x``, ``body_y``: 0 for the pads' own extent. ``round``: all of them circles (ovals).
    """

    columns: int
    rows: int
    pitch_x: float
    pitch_y: float
    width: float
    height: float
    drill: float = 0.0
    body_x: float = 0.0
    body_y: float = 0.0
    by_rows: bool = False
    round: bool = False


Package: TypeAlias = TwoTerminal | GullWing | NoLead | BallGrid | PinRows | PadGrid

_RESISTORS = {
    "0201_0603": (Size(0.57, 0.63), Size(0.27, 0.33), Size(0.1, 0.2)),
    "0402_1005": (Size(1.0, 1.1), Size(0.48, 0.6), Size(0.1, 0.3)),
    "0603_1608": (Size(1.5, 1.7), Size(0.7, 0.95), Size(0.15, 0.4)),
    "0805_2012": (Size(1.85, 2.15), Size(1.1, 1.4), Size(0.15, 0.65)),
    "1206_3216": (Size(3.05, 3.35), Size(1.45, 1.75), Size(0.25, 0.75)),
    "1210_3225": (Size(3.05, 3.35), Size(2.34, 2.64), Size(0.25, 0.75)),
    "2010_5025": (Size(4.85, 5.15), Size(2.35, 2.65), Size(0.35, 0.85)),
    "2512_6332": (Size(6.15, 6.45), Size(3.05, 3.35), Size(0.35, 0.85)),
}
_CAPACITORS = {
    "0201_0603": (Size(0.57, 0.63), Size(0.27, 0.33), Size(0.1, 0.2)),
    "0402_1005": (Size(0.9, 1.1), Size(0.4, 0.6), Size(0.1, 0.3)),
    "0603_1608": (Size(1.45, 1.75), Size(0.65, 0.95), Size(0.2, 0.5)),
    "0805_2012": (Size(1.8, 2.2), Size(1.05, 1.45), Size(0.25, 0.75)),
    "1206_3216": (Size(3.0, 3.4), Size(1.4, 1.8), Size(0.25, 0.75)),
    "1210_3225": (Size(3.0, 3.4), Size(2.3, 2.7), Size(0.25, 0.75)),
    "1812_4532": (Size(4.2, 4.8), Size(3.0, 3.4), Size(0.25, 0.95)),
}


def _chips() -> dict[str, Package]:
    """Sizes of IPC-SM-782 and, for 0201, of thick film resistors."""
    found: dict[str, Package] = {}
    for letter, sizes in (("R", _RESISTORS), ("C", _CAPACITORS), ("L", _RESISTORS)):
        for code, (length, width, terminal) in sizes.items():
            found[f"{letter}_{code}Metric"] = TwoTerminal(length, width, terminal)
    found["D_MELF"] = TwoTerminal(Size(4.7, 5.2), Size(2.4, 2.7), Size(0.3, 0.55), melf=True, polarized=True)
    found["D_MiniMELF"] = TwoTerminal(Size(3.3, 3.7), Size(1.4, 1.6), Size(0.3, 0.5), melf=True, polarized=True)
    found["R_MELF_MMB-0207"] = TwoTerminal(Size(5.6, 6.0), Size(2.0, 2.2), Size(0.75, 1.05), melf=True)
    return found


def _sot(pitch: float, absent: set[int]) -> GullWing:
    """JEDEC MO-178."""
    lead, width = Size(0.3, 0.6), Size(0.3, 0.5)
    return GullWing(exact(1.6), exact(2.9), exact(2.8), lead, width, pitch, 3, absent=frozenset(absent))


def _sots() -> dict[str, Package]:
    outer = frozenset({4, 6})
    return {
        "SOT-23": GullWing(  # JEDEC TO-236
            *(Size(1.2, 1.4), Size(2.8, 3.04), Size(2.1, 2.64), Size(0.4, 0.6), Size(0.3, 0.51), 0.95, 3),
            absent=outer | {2},
        ),
        "SOT-23-3": _sot(0.95, {2, 4, 6}),
        "SOT-23-5": _sot(0.95, {5}),
        "SOT-23-6": _sot(0.95, set()),
        "SOT-223-3_TabPin2": GullWing(  # JEDEC TO-261
            *(Size(3.3, 3.7), Size(6.3, 6.7), Size(6.7, 7.3), Size(0.75, 1.15), Size(0.6, 0.84), 2.3, 3),
            absent=outer,
            tab=Tab(Size(2.9, 3.1), Size(0.75, 1.15), "2"),
        ),
        "SOT-89-3": GullWing(  # JEDEC TO-243
            *(Size(2.29, 2.6), Size(4.4, 4.6), Size(3.94, 4.25), Size(0.8, 1.2), Size(0.36, 0.56), 1.5, 3),
            absent=outer,
            tab=Tab(Size(1.4, 1.83), Size(2.3, 2.7), "2"),
        ),
    }


def _small_outlines() -> dict[str, Package]:
    """JEDEC MS-012 and MS-013 (SOIC), MO-153 (TSSOP), MO-187 (MSOP), MO-150 (SSOP)."""
    found: dict[str, Package] = {}
    for pins, length in ((8, 4.9), (14, 8.7), (16, 9.9)):
        found[f"SOIC-{pins}_3.9x{length}mm_P1.27mm"] = GullWing(
            *(around(3.9, 0.1), around(length, 0.1), Size(5.8, 6.2), Size(0.4, 1.27), Size(0.31, 0.51), 1.27, pins // 2)
        )
    for pins, length in ((16, 10.3), (18, 11.6), (20, 12.8), (24, 15.4), (28, 17.9)):
        found[f"SOIC-{pins}W_7.5x{length}mm_P1.27mm"] = GullWing(
            *(around(7.5, 0.1), around(length, 0.2), Size(10.0, 10.6), Size(0.4, 1.27), Size(0.31, 0.51)),
            *(1.27, pins // 2),
        )
    for pins, length in ((8, 3), (14, 5), (16, 5), (20, 6.5), (24, 7.8), (28, 9.7)):
        found[f"TSSOP-{pins}_4.4x{length}mm_P0.65mm"] = GullWing(
            *(around(4.4, 0.1), around(length, 0.1), exact(6.4), Size(0.45, 0.75), Size(0.17, 0.3), 0.65, pins // 2)
        )
    for pins, pitch, width in ((8, 0.65, Size(0.22, 0.38)), (10, 0.5, Size(0.17, 0.33))):
        found[f"MSOP-{pins}_3x3mm_P{pitch}mm"] = GullWing(
            *(around(3, 0.1), around(3, 0.1), Size(4.65, 5.15), Size(0.4, 0.8), width, pitch, pins // 2)
        )
    for pins, length in ((14, 6.2), (16, 6.2), (20, 7.2), (24, 8.2), (28, 10.2)):
        found[f"SSOP-{pins}_5.3x{length}mm_P0.65mm"] = GullWing(
            *(around(5.3, 0.3), around(length, 0.3), Size(7.4, 8.2), Size(0.55, 0.95), Size(0.22, 0.38), 0.65),
            pins // 2,
        )
    return found


def _quads() -> dict[str, Package]:
    """JEDEC MS-026 (QFP) and MO-220 (QFN)."""
    found: dict[str, Package] = {}
    for pins, body, pitch, width in (
        *((32, 7, 0.8, Size(0.3, 0.45)), (48, 7, 0.5, Size(0.17, 0.27)), (44, 10, 0.8, Size(0.3, 0.45))),
        *((64, 10, 0.5, Size(0.17, 0.27)), (100, 14, 0.5, Size(0.17, 0.27)), (144, 20, 0.5, Size(0.17, 0.27))),
    ):
        size, span = around(body, 0.1), exact(body + 2)
        package = GullWing(size, size, span, Size(0.45, 0.75), width, pitch, pins // 4, pins // 4, span)
        found[f"LQFP-{pins}_{body}x{body}mm_P{pitch}mm"] = package
        found[f"TQFP-{pins}_{body}x{body}mm_P{pitch}mm"] = package
    for pins, body, exposed, vias in (
        *((16, 3, 1.7, 2), (20, 4, 2.5, 2), (24, 4, 2.6, 2), (28, 5, 3.35, 3), (32, 5, 3.1, 3), (32, 5, 3.45, 3)),
        *((48, 7, 5.6, 4), (64, 9, 7.5, 5)),
    ):
        size = around(body, 0.1)
        pad, with_vias = ExposedPad(exposed, exposed), ExposedPad(exposed, exposed, (vias, vias))
        for suffix, metal in (("", pad), ("_ThermalVias", with_vias)):
            found[f"QFN-{pins}-1EP_{body}x{body}mm_P0.5mm_EP{exposed}x{exposed}mm{suffix}"] = NoLead(
                *(size, size, Size(0.3, 0.5), Size(0.18, 0.3), 0.5, pins // 4, pins // 4), exposed=metal
            )
    found["DFN-8-1EP_3x3mm_P0.5mm_EP1.65x2.38mm"] = NoLead(
        *(around(3, 0.1), around(3, 0.1), Size(0.3, 0.5), Size(0.2, 0.3), 0.5, 4), exposed=ExposedPad(1.65, 2.38)
    )
    return found


def _through_holes() -> dict[str, Package]:
    """Hole and land diameters as KiCad's libraries have them."""
    found: dict[str, Package] = {}
    for pins in (4, 6, 8, 14, 16, 18, 20, 24, 28, 40):
        for width in (15.24,) if pins == 40 else (7.62, 15.24) if pins >= 24 else (7.62,):
            found[f"DIP-{pins}_W{width}mm"] = PinRows(
                *(pins, 2, 2.54, width, width - 1.27, pins // 2 * 2.54), lead=0.6, drill=0.8, land=1.6
            )
    for count in range(1, 41):
        for rows in (1, 2):
            found[f"PinHeader_{rows}x{count:02}_P2.54mm_Vertical"] = PinRows(
                *(rows * count, rows, 2.54, 2.54, rows * 2.54, count * 2.54, 0.905), zigzag=True, drill=1.0, land=1.7
            )
    return found


STANDARD: dict[str, Package] = {**_chips(), **_sots(), **_small_outlines(), **_quads(), **_through_holes()}
"""Packages by the names they have in KiCad's libraries."""


def standard(name: str) -> Package:
    """The package with this name. Raises ImpossibleFootprint, which names similar ones."""
    if name not in STANDARD:
        begin = name.split("_")[0].split("-")[0]
        near = [known for known in STANDARD if known.startswith(begin)][:5]
        raise ImpossibleFootprint(f"no package {name!r} is known by name; near: {', '.join(near) or 'none'}")
    return STANDARD[name]
