"""Twin-T notches, passive and bootstrapped, and the first-order all-pass.

The twin-T nulls at ``1 / (2 pi R C)`` with R, R, R/2 and C, C, 2C. Its Q is 1/4 between a source and no load; with its
foot on a part k of the output it is ``1 / (4 (1 - k))`` (U. Tietze, C. Schenk, Electronic Circuits, 2nd ed., 13.8).
R/2 and 2C are two equal parts in parallel, so that preferred values match.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from kiki_tools.spice.kits import bands, measures, series, stages
from kiki_tools.spice.kits.active import PART_SLOTS, gbw_for, grid_of, network_of
from kiki_tools.spice.kits.bands import BAND_SLOTS, Band
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, Wanted, fixed, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.stages import Grid, Stage
from kiki_tools.spice.kits.sweep import swept

_MOST_Q = 50.0


def _tuned(f: float, grid: Grid) -> tuple[float, float]:
    """R and C of preferred values with ``1 / (2 pi R C)`` nearest to ``f``."""
    middle = stages.usual_capacitor(f)

    def off(c: float) -> float:
        r = 1 / (2 * math.pi * f * c)
        return abs(math.log(series.nearest(r, grid.r) / r))

    c = min(series.between(middle / 5, middle * 5, grid.c), key=off)
    return series.nearest(1 / (2 * math.pi * f * c), grid.r), c


def _deepest(network: Network, f: float, grid: Grid, rest: dict[str, float]) -> tuple[float, float]:
    """R and C of preferred values with which the whole circuit, its op-amps included, is deepest at ``f``."""
    middle = stages.usual_capacitor(f)
    pairs = [(near, c) for c in series.between(middle / 6, middle * 6, grid.c)
             for near in series.neighbours(1 / (2 * math.pi * f * c), grid.r)]  # fmt: skip
    pairs.sort(key=lambda pair: abs(math.log(2 * math.pi * f * pair[0] * pair[1])))
    return min(pairs[:16], key=lambda pair: abs(network.response({**rest, "R1": pair[0], "C1": pair[1]}, [f])[0]))


def _twin_t(start: str, end: str, foot: str) -> tuple[Part, ...]:
    return (
        Part("R1", (start, "t1"), "R1"), Part("R2", ("t1", end), "R1"), Part("C3", ("t1", foot), "C1"),
        Part("C4", ("t1", foot), "C1"), Part("C1", (start, "t2"), "C1"), Part("C2", ("t2", end), "C1"),
        Part("R3", ("t2", foot), "R1"), Part("R4", ("t2", foot), "R1"),
    )  # fmt: skip


def _passive(plan: dict[str, Any]) -> Design:
    f = plan["center_hz"]
    grid = Grid(plan["resistors"], plan.get("capacitors") or "E12")
    given = plan.get("capacitance")
    r, c = (series.nearest(1 / (2 * math.pi * f * given), grid.r), given) if given else _tuned(f, grid)
    found = bands.band({"center_hz": f, "q": 0.25})
    taken, wanted = bands.stopped(plan, found, 0.0, plan["stop_db"])
    kept = ("gain_db", "gain_above_db", "at_center", "depth_db")
    free = Variable("C1", c, c / 3, c * 3, grid.c)
    variables = (Variable("R1", r, r / 3, r * 3, grid.r), fixed("C1", c) if given else free)
    return swept(
        f"passive twin-T notch, {shown(f, 'Hz')}", Network(_twin_t("in", "out", "0")), variables,
        [each for each in taken if each.name in kept], [each for each in wanted if each.measure in kept],
        *bands.sweep_of(found), q=10.0, through=f,
        notes=("drive it from less than a hundredth of R1, load it with more than a hundred times R1",),
    )  # fmt: skip


def _active(plan: dict[str, Any]) -> Design:
    found: Band = bands.band(plan, 5.0)
    f, q = found.center, found.q
    if q > _MOST_Q:
        raise Impossible(
            f"a twin-T with a Q of {q:.3g} is out of tune with any drift of its parts; {_MOST_Q:g} is the most"
        )
    if q < 0.26:
        raise Impossible(f"a bootstrapped twin-T has a Q above 1/4, not {q:.3g}")
    grid = grid_of(plan, 10.0)
    grid = replace(grid, gbw=gbw_for(max(f * 100 * max(q, 1.0), bands.sweep_of(found)[1] * 20)))
    share = 1 - 1 / (4 * q)
    # k = R6 / (R5 + R6), whose distance from 1 counts.
    r5, r6 = (
        series.pair((1 - share) / share, grid.r, 2e3, 50e3) if share < 0.5 else _reversed(share / (1 - share), grid)
    )
    parts = (
        *_twin_t("in", "t3", "foot"), Part("X1", ("t3", "out", "out")), Part("R5", ("out", "k"), "R5"),
        Part("R6", ("k", "0"), "R6"), Part("X2", ("k", "foot", "foot")),
    )  # fmt: skip
    network, note = network_of([Stage(parts, ())], grid, plan)
    if plan["stop_db"] > 30 and not plan.get("resistors") and not plan.get("capacitors"):
        grid = replace(grid, r="E192", c="E24")
    r, c = _deepest(network, f, grid, {"R5": r5, "R6": r6})
    variables = (
        stages.resistor("R1", r, grid), stages.capacitor("C1", c, grid), stages.resistor("R5", r5, grid),
        stages.resistor("R6", r6, grid),
    )  # fmt: skip
    taken, wanted = bands.stopped(plan, found, 0.0, plan["stop_db"])
    return swept(f"active twin-T notch, {shown(f, 'Hz')}, Q {q:.3g}", network, variables, taken, wanted,
                 *bands.sweep_of(found), notes=(note,), q=4 * q, through=f)  # fmt: skip


def _reversed(ratio: float, grid: Grid) -> tuple[float, float]:
    """R5 and R6 with ``R6 / R5`` nearest to ``ratio``."""
    most = 100e3 / max(ratio, 1.0)
    r6, r5 = series.pair(ratio, grid.r, max(most / 10, 100.0), max(most, 1e3))
    return r5, r6


def _allpass(plan: dict[str, Any]) -> Design:
    """``(1 - s R C) / (1 + s R C)``: the phase is ``-2 atan(w R C)`` (Tietze, Schenk, 13.12).

    With R and C exchanged the sign turns: the output leads by ``180 - 2 atan(w R C)``.
    """
    f, lag, leads = plan["frequency_hz"], abs(plan["phase_deg"]), plan.get("direction") == "lead"
    if not 2 <= lag <= 178:
        raise Impossible(
            f"a first-order all-pass turns the phase by 0 to 180 degrees, not by {lag:g}: put more in a row"
        )
    grid = grid_of(plan)
    corner = f / math.tan(math.radians((180 - lag if leads else lag) / 2))
    grid = replace(grid, gbw=gbw_for(200 * max(f, corner)))
    r, c = _tuned(corner, grid)
    from_input, to_ground = ("in", "p1"), ("p1", "0")
    parts = (
        Part("R1", ("in", "n1"), "R1"), Part("R2", ("n1", "out"), "R1"),
        Part("R3", to_ground if leads else from_input, "R3"),
        Part("C1", from_input if leads else to_ground, "C1"), Part("X1", ("p1", "n1", "out")),
    )  # fmt: skip
    variables = (stages.resistor("R1", 10e3, grid), stages.resistor("R3", r, grid), stages.capacitor("C1", c, grid))
    network, note = network_of([Stage(parts, variables)], grid, plan)
    low, high = min(f, corner) / 100, max(f, corner) * 10
    taken = [*measures.phase("phase", f), measures.highest("level_max", low, high),
             measures.lowest("level_min", low, high),
             measures.less("ripple_db", "level_max", "level_min"), measures.level("gain_db", f)]  # fmt: skip
    wanted = [
        Wanted("phase", "phase", "=", lag if leads else -lag, "deg", 2.0, f"at {shown(f, 'Hz')}"),
        Wanted("gain", "gain_db", "=", 0.0, "dB", 0.2, f"at {shown(f, 'Hz')}"),
        Wanted("variation of the level", "ripple_db", "<=", 0.5, "dB", 0.0, f"up to {shown(high, 'Hz')}"),
    ]
    side = "lead" if leads else "lag"
    return swept(
        f"all-pass, {lag:g} degrees {side} at {shown(f, 'Hz')}",
        network,
        variables,
        taken,
        wanted,
        low,
        high,
        notes=(note,),
    )


_DEPTH = Slot("stop_db", "dB", "least attenuation at the centre", default=20.0, least=1.0, most=60.0)
_TOLERANCE = Slot("tolerance", "%", "how far the centre may be off", default=5.0, least=0.1, most=30.0)

TWIN_T = Kit(
    "twin_t_notch", "passive twin-T notch", "A twin-T of three resistors and three capacitors, with its Q of 1/4",
    (Slot("center_hz", "Hz", "frequency of the notch", required=True, least=0.01, most=100e6), _DEPTH, _TOLERANCE,
     Slot("capacitance", "F", "of its capacitors, if it is given", least=1e-12, most=1e-4),
     Slot("resistors", "", "series of the resistors", default="E96", choices=("E24", "E48", "E96", "E192")),
     Slot("capacitors", "", "series of the capacitors", choices=("E6", "E12", "E24"))),
    ("twin-T notch at 50 Hz", "passive notch filter for 60 Hz hum"), lambda plan: _passive(dict(plan)),
)  # fmt: skip
NOTCH = Kit(
    "active_notch", "active notch", "A bootstrapped twin-T notch with two op-amps, from its centre and Q or bandwidth",
    (*BAND_SLOTS, _DEPTH, *PART_SLOTS),
    ("50 Hz notch with a Q of 10", "active notch at 1 kHz, 100 Hz wide, 30 dB deep"), lambda plan: _active(dict(plan)),
)  # fmt: skip
ALLPASS = Kit(
    "allpass", "all-pass phase shifter",
    "A first-order all-pass with an op-amp: a phase lag or lead at a frequency, level 0 dB",
    (Slot("frequency_hz", "Hz", "where the phase is wanted", required=True, least=0.01, most=10e6),
     Slot("phase_deg", "deg", "phase there, 0 to 180", default=90.0, least=-180.0, most=180.0),
     Slot("direction", "", "whether the output lags or leads", default="lag", choices=("lag", "lead")), *PART_SLOTS),
    ("90 degree phase shifter at 1 kHz", "all-pass with -45 degrees at 10 kHz"), lambda plan: _allpass(dict(plan)),
)  # fmt: skip
