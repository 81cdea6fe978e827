"""Active band-passes (multiple feedback, or high-pass and low-pass in a row) and the state-variable filter.

State-variable: W. J. Kerwin, L. P. Huelsman, R. W. Newcomb, IEEE J. Solid-State Circuits SC-2 (1967).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from kiki_tools.spice.kits import active, bands, measures, series, stages
from kiki_tools.spice.kits.active import GAIN_SLOTS, PART_SLOTS, gain_db, gbw_for, grid_of, network_of
from kiki_tools.spice.kits.bands import BAND_SLOTS, STOP_SLOTS, Band
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Wanted, shown
from kiki_tools.spice.kits.network import Part
from kiki_tools.spice.kits.prototypes import Prototype, Section, prototype
from kiki_tools.spice.kits.stages import Grid, Stage, loop_gain
from kiki_tools.spice.kits.sweep import swept

_WIDE = 3.0
"""From this ratio of the edges on, a high-pass and a low-pass in a row make the band."""
_DAMPED = 0.55
"""Below this Q the two poles of a second-order band-pass are (almost) real: a high-pass's and a low-pass's."""
_MOST_Q = 25.0


def _bandpass(plan: dict[str, Any]) -> Design:
    level = gain_db(plan)
    response, ripple = (
        plan.get("response") or ("chebyshev" if plan.get("ripple_db") else "butterworth"),
        plan.get("ripple_db"),
    )

    def make(n: int) -> Prototype:
        return prototype(response, n, 0.8 * (ripple or 0.5)).at_3db()

    plan, inner = bands.widened(plan, make, 10, "band-pass")
    found = bands.band(plan)
    proto = bands.order_of(plan, found, make,
                           4 if found.high / found.low >= _WIDE else 2, 10, "band-pass")  # fmt: skip
    grid, gain = grid_of(plan, found.q), 10 ** (level / 20)
    if found.high / found.low >= _WIDE if proto.order > 1 else found.q < _DAMPED:
        stages_, grid = _wide(found, proto, gain, grid)
        sharpest, kind = max(each.q or 0.5 for each in proto.sections()), "high-pass and low-pass as a"
    else:
        parts = bands.sections(proto, found)
        sharpest, kind = max(each.q or 0.5 for each in parts), "multiple feedback"
        stages_, grid = _narrow(found, parts, gain, grid)
    network, note = network_of(stages_, grid, plan)
    taken, wanted = bands.passed(plan, found, level, inner)
    stops = [each for each in (plan.get("stop_low_hz"), plan.get("stop_high_hz")) if each]
    title = f"{kind} {response.capitalize()} band-pass, order {2 * proto.order}, {shown(found.center, 'Hz')}"
    return swept(title, network, [v for stage in stages_ for v in stage.variables], taken, wanted,
                 *bands.sweep_of(found, stops), notes=(note,), q=max(sharpest, found.q))  # fmt: skip


def _narrow(found: Band, sections: list[Section], gain: float, grid: Grid) -> tuple[list[Stage], Grid]:
    """A multiple-feedback stage for each section, all with the same gain at their own centres."""
    sharpest = max(each.q or 0.5 for each in sections)
    if sharpest > _MOST_Q:
        raise Impossible(f"a stage with a Q of {sharpest:.3g} is too sensitive to its parts for one op-amp; at most "
                         f"{_MOST_Q:g} is sensible", {"topology": "state variable"})  # fmt: skip
    center = 2 * math.pi * found.center
    loss = math.prod(
        1 / math.sqrt(1 + (each.q * (center / each.w - each.w / center)) ** 2) for each in sections if each.q
    )
    each_gain = (gain / loss) ** (1 / len(sections))
    # Q² / 2 of the op-amp's open-loop gain is what such a stage asks for.
    most = max(each.w / (2 * math.pi) * 40 * max((each.q or 1) ** 2, each_gain, 1) for each in sections)
    extra = 1.0
    limit = min((each.q or 1) ** 2 for each in sections) * 1.5
    if each_gain > limit:
        extra, each_gain = (each_gain / limit) ** len(sections), limit
        most = max(most, loop_gain(None, extra) * found.center)
    grid = replace(grid, gbw=gbw_for(most))
    count = len(sections) + (extra > 1.002)
    nodes = ["in", *(f"s{n}" for n in range(1, count)), "out"]
    out = [
        stages.feedback_bandpass(
            str(n + 1), each.w / (2 * math.pi), each.q or 0.5, each_gain, nodes[n], nodes[n + 1], grid
        )
        for n, each in enumerate(sections)
    ]
    if extra > 1.002:
        out.append(stages.amplifier(str(count), extra, nodes[-2], "out", grid))
    return out, grid


def _wide(found: Band, proto: Any, gain: float, grid: Grid) -> tuple[list[Stage], Grid]:
    parts, low_f, high_f = proto.sections(), found.low, found.high
    if proto.order == 1:
        # Exactly: the poles' sum is the bandwidth, their product the square of the centre.
        width = found.high - found.low
        apart = math.sqrt(max(width * width / 4 - found.center**2, 0.0))
        low_f, high_f = width / 2 - apart, width / 2 + apart
        gain *= width / high_f
    # The second pass has the op-amps that both need.
    for _ in range(2):
        high, grid = active.stages_of(parts, lambda w: low_f / w, "high", 1.0, None, grid, ("in", "mid"), "h")
        low, grid = active.stages_of(parts, lambda w: high_f * w, "low", gain, None, grid, ("mid", "out"), "l")
    return [*high, *low], grid


def _state_variable(plan: dict[str, Any]) -> Design:
    """KHN: a summing amplifier and two integrators; with equal feedback the gain G of low-pass and high-pass is R/Rin,
    the band-pass's is G Q, and 1/Q = (2 + G) Rb / (Ra + Rb)."""
    output, f, q = plan["output"], plan["center_hz"], plan["q"]
    level = gain_db(plan)
    gain = 10 ** (level / 20) / (q if output == "bandpass" else 1.0)
    share = 1 / (q * (2 + gain))
    if share >= 0.98:
        raise Impossible(
            f"a state-variable filter with a gain of {gain:.3g} has a Q above {1 / (2 + gain):.2g}, not {q:g}"
        )
    grid = grid_of(plan)
    grid = replace(grid, gbw=gbw_for(f * 100 * max(q, 1.0) * max(gain, 1.0)))
    # The op-amps' lag raises the Q by about 4 Q f0 / GBW (Kerwin et al.).
    share *= 1 + 4 * q * f / grid.gbw
    c = min((series.nearest(stages.usual_capacitor(f) * step, grid.c) for step in (0.6, 0.8, 1.0, 1.3, 1.7)),
            key=lambda each: _off(1 / (2 * math.pi * f * each), grid.r))  # fmt: skip
    r = 1 / (2 * math.pi * f * c)
    a, b = series.pair(1 / share - 1, grid.r, 1e3, 20e3)
    into = series.nearest(10e3 / gain, grid.r)
    names = {"lowpass": ("hp", "bp", "out"), "bandpass": ("hp", "out", "lp"), "highpass": ("out", "bp", "lp")}[output]
    hp, bp, lp = names
    values = {"R1": into, "R2": 10e3, "R3": 10e3, "R4": a, "R5": b, "R6": r, "R7": r, "C1": c, "C2": c}
    ends = {"R1": ("in", "n1"), "R2": (lp, "n1"), "R3": ("n1", hp), "R4": (bp, "p1"), "R5": ("p1", "0"),
            "R6": (hp, "n2"), "C1": ("n2", bp), "R7": (bp, "n3"), "C2": ("n3", lp)}  # fmt: skip
    parts = tuple(Part(name, nodes, name) for name, nodes in ends.items())
    amplifiers = (Part("X1", ("p1", "n1", hp)), Part("X2", ("0", "n2", bp)), Part("X3", ("0", "n3", lp)))
    variables = tuple(
        (stages.resistor if name[0] == "R" else stages.capacitor)(name, v, grid) for name, v in values.items()
    )
    network, note = network_of([Stage(parts + amplifiers, variables)], grid, plan)
    title = f"state-variable {output[:-4]}-pass, {shown(f, 'Hz')}, Q {q:.3g}"
    found = bands.band({"center_hz": f, "q": q})
    if output == "bandpass":
        taken, wanted = bands.passed({**plan, "stop_db": None}, found, level)
        ends_of_sweep = bands.sweep_of(found)
    else:
        far = f / 50 if output == "lowpass" else f * 50
        ends_of_sweep = (f / 100, f * 100)
        taken = [
            measures.level("gain_db", far),
            measures.level("at_f0", f),
            measures.less("resonance_db", "at_f0", "gain_db"),
        ]
        wanted = [Wanted("pass-band gain", "gain_db", "=", level, "dB", 0.5),
                  Wanted("level at f0 (20 log Q)", "resonance_db", "=", 20 * math.log10(q), "dB", 0.6)]  # fmt: skip
    return swept(title, network, variables, taken, wanted, *ends_of_sweep, notes=(note,), q=q)


def _off(value: float, of: str) -> float:
    return abs(math.log(series.nearest(value, of) / value))


BANDPASS = Kit(
    "active_bandpass",
    "active band-pass",
    "An active band-pass with op-amps from centre and Q, or from its edges, with order 2 to 10",
    (
        *BAND_SLOTS, *STOP_SLOTS, bands.LOSS_SLOT, Slot("order", "", "number of poles, even", least=2, most=10),
        Slot("response", "", "the approximation", choices=("butterworth", "chebyshev", "bessel")),
        Slot("ripple_db", "dB", "ripple of a Chebyshev", least=0.001, most=3.0), *GAIN_SLOTS, *PART_SLOTS,
    ),
    ("band-pass at 1 kHz with a Q of 5 and a gain of 10", "active band-pass from 300 Hz to 3.4 kHz",
     "4th-order band-pass, 40 kHz centre, 4 kHz bandwidth"),
    lambda plan: _bandpass(dict(plan)),
)  # fmt: skip
STATE_VARIABLE = Kit(
    "state_variable",
    "state-variable filter",
    "A state-variable (KHN) filter of three op-amps: low-pass, band-pass or high-pass of second order",
    (
        Slot("center_hz", "Hz", "natural frequency f0", required=True, least=1e-3, most=1e8),
        Slot("q", "", "quality", default=0.7071, least=0.3, most=100.0),
        Slot("output", "", "which output", default="bandpass", choices=("lowpass", "bandpass", "highpass")),
        *GAIN_SLOTS, Slot("tolerance", "%", "how far the centre may be off", default=5.0, least=0.1, most=30.0),
        *PART_SLOTS,
    ),
    ("state-variable filter, f0 = 2 kHz, Q = 20, band-pass output", "KHN biquad low-pass at 500 Hz, Q 1"),
    lambda plan: _state_variable(dict(plan)),
)  # fmt: skip
