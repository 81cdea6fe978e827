"""The analog front end between a sensor and a converter: divider, amplifier or level shift, and an anti-alias filter.

Each is a deck that carries its own test: the sensor at both ends of its range, and the step between them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiki_core.planning.cross.ranges import Signal
from kiki_tools.spice.kits.series import nearest, pair

_FILL = 0.94
"""How much of the converter's range the signal fills: the rest is for tolerances of parts and offsets."""


_SETTLED = 5.0
"""Periods of the filter's corner after which its output has settled."""


class Impossible(ValueError):
    """No front end does it: says why."""


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """A deck, and the line that its output follows: out = offset + slope * in (volts per volt, or per ampere).

    ``corner``: of its filter, in hertz; ``values``: its parts for people.
    """

    deck: str
    slope: float
    offset: float
    corner: float
    values: dict[str, float]
    kind: str


def designed(signal: Signal, reference: float, corner: float) -> FrontEnd:
    """The front end for a signal, a converter's reference (V) and the corner of its filter (Hz). Raises Impossible."""
    if signal.light:
        return _of_light(signal, reference, corner)
    scale = signal.shunt or 1.0
    low, high = signal.low * scale, signal.high * scale
    if high - low <= 0:
        raise Impossible("the signal's range is empty: its ends are the same")
    if high - low < 1e-4:
        raise Impossible(
            f"a span of {(high - low) * 1e6:.3g} uV drowns in the offset of an operational amplifier: take a delta-sigma converter"
        )
    top = _FILL * reference
    if low < -1e-9:
        cards, slope, offset, values, kind = _shifted(low, high, reference)
    elif high > reference or (high > top and signal.shunt == 0):
        cards, slope, offset, values, kind = _divided(high, top)
    elif high < 0.8 * top or signal.floating:
        cards, slope, offset, values, kind = _amplified(high, top, signal.floating)
    else:
        cards, slope, offset, values, kind = [], 1.0, 0.0, {}, "direct"
    lag = max(1.0, abs(slope)) / (2 * math.pi * 1e6) if cards else 0.0
    r_filter, c_filter = _filter(corner, signal.shunt if not cards else 0.0, lag)
    values |= {"Rf": r_filter, "Cf": c_filter}
    node = "sig" if cards else "s"
    slope *= scale
    lines = [f"* Front end: {signal.what} to the converter ({kind})", *_source(signal, _SETTLED / corner), *cards,
             f"Rf {node} out {r_filter:.6g}", f"Cf out 0 {c_filter:.6g}"]  # fmt: skip
    return FrontEnd(_with_tests(lines, signal, slope, offset, corner, _SETTLED / corner), slope, offset,
                    corner, values, kind)  # fmt: skip


def _of_light(signal: Signal, reference: float, corner: float) -> FrontEnd:
    """A transimpedance stage: the diode's current, drawn from the inverting input, through one resistor."""
    if signal.low < 0 or not 1e-9 <= signal.high <= 10e-3:
        raise Impossible("a transimpedance stage of one supply takes currents from zero up, of 1 nA to 10 mA")
    resistor = nearest(0.99 * _FILL * reference / signal.high, "E96")
    r_filter, c_filter = _filter(corner, 0.0, 1 / (2 * math.pi * 1e6))
    drive = _source(signal, _SETTLED / corner)[0].removeprefix("Vin s 0 ")
    lines = [f"* Front end: {signal.what} to the converter (transimpedance stage)",
             "* The diode's cathode is at s, its anode at ground; a small capacitor across Rt tames the diode's own.",
             f"Iin s 0 {drive}", *_AMPLIFIER, "X1 0 s sig opamp", f"Rt sig s {resistor:.6g}", f"Rf sig out {r_filter:.6g}",
             f"Cf out 0 {c_filter:.6g}"]  # fmt: skip
    values = {"Rt": resistor, "Rf": r_filter, "Cf": c_filter}
    return FrontEnd(_with_tests(lines, signal, resistor, 0.0, corner, _SETTLED / corner), resistor, 0.0, corner, values,
                    "transimpedance stage")  # fmt: skip


def _source(signal: Signal, settled: float) -> list[str]:
    """The sensor: first at the low end of its range, then at the high one; ``settled``: seconds for each."""
    drive = f"DC {signal.low:.9g} AC 1 PWL(0 {signal.low:.9g} {settled:.6g} {signal.low:.9g} {1.001 * settled:.9g} {signal.high:.9g})"
    if signal.shunt:
        return [f"Iin 0 s {drive}", f"Rshunt s 0 {signal.shunt:.6g}"]
    if signal.floating:
        return [f"Vin s sn {drive}", "Vcm sn 0 DC 1.65"]
    return [f"Vin s 0 {drive}"]


def _filter(corner: float, source: float, lag: float) -> tuple[float, float]:
    """R and C for a corner, less what the source's resistance and the amplifier's own lag (s) take of it."""
    rest = 1 / (2 * math.pi * corner) - lag
    if rest < 0.3 / (2 * math.pi * corner):
        raise Impossible(
            f"an amplifier of 1 MHz gain-bandwidth is too slow for a corner of {corner:g} Hz at this gain: take a faster one"
        )
    c = nearest(rest / 2e3, "E6")
    return nearest(max(1.0, rest / c - source), "E96"), c


_AMPLIFIER = [
    "* an amplifier whose output reaches both rails, such as MCP6001",
    ".subckt opamp p n o",
    "E1 a 0 p n 1e5",
    "R1 a b 1k",
    "C1 b 0 15.9u",
    "E2 o 0 b 0 1",
    ".ends",
]


def _amplified(high: float, top: float, floating: bool) -> tuple[list[str], float, float, dict[str, float], str]:
    gain = top / high
    if gain > 2000:
        raise Impossible(
            f"a gain of {gain:.0f} in one stage brings more noise and offset than signal: take a delta-sigma converter"
        )
    if floating:
        # an instrumentation amplifier of two stages: 1 + 2 R/Rg, then a difference amplifier of gain 1
        r = 10e3
        rg = nearest(2 * r / (gain - 1), "E96") if gain > 1.01 else 1e6
        real = 1 + 2 * r / rg
        if real * high > top * 1.05:
            raise Impossible("no resistor of E96 sets this gain")
        cards = [*_AMPLIFIER, "X1 s n1 o1 opamp", "X2 sn n2 o2 opamp", f"R1 o1 n1 {r:.6g}", f"Rg n1 n2 {rg:.6g}", f"R2 n2 o2 {r:.6g}",
                 "R3 o2 m 10k", "R4 m sig 10k", "R5 o1 q 10k", "R6 q 0 10k", "X3 q m sig opamp"]  # fmt: skip
        return cards, real, 0.0, {"R1": r, "R2": r, "Rg": rg}, "instrumentation amplifier"
    feedback, base = pair(max(0.01, gain - 1), "E96", 1e3, 10e3)
    real = 1 + feedback / base
    if real * high > top * 1.03:
        feedback = nearest(feedback * 0.98, "E96")
        real = 1 + feedback / base
    cards = [*_AMPLIFIER, "X1 s fb sig opamp", f"R1 sig fb {feedback:.6g}", f"R2 fb 0 {base:.6g}"]
    return cards, real, 0.0, {"R1": feedback, "R2": base}, "non-inverting amplifier"


def _divided(high: float, top: float) -> tuple[list[str], float, float, dict[str, float], str]:
    upper, lower = pair(high / top - 1, "E96", 4.7e3, 22e3)
    if high > 1000:
        raise Impossible(f"{high:g} V on a divider without isolation is dangerous: take an isolated measurement")
    slope = lower / (upper + lower)
    cards = [*_AMPLIFIER, f"R1 s d {upper:.6g}", f"R2 d 0 {lower:.6g}", "X1 d sig sig opamp"]
    return cards, slope, 0.0, {"R1": upper, "R2": lower}, "divider and follower"


def _shifted(low: float, high: float, reference: float) -> tuple[list[str], float, float, dict[str, float], str]:
    """An inverting stage about a bias: out = bias (1 + k) - k in; k by the span, the bias by its middle."""
    k = _FILL * reference / (high - low)
    if k > 2000:
        raise Impossible(f"a gain of {k:.0f} in one stage brings more noise and offset than signal")
    feedback, base = pair(k, "E96", 4.7e3, 47e3)
    k = feedback / base
    bias = (reference / 2 + k * (low + high) / 2) / (1 + k)
    if not 0.01 * reference < bias < 0.99 * reference:
        raise Impossible("the range lies too far from zero for one stage: shift it first")
    upper, lower = pair(reference / bias - 1, "E96", 4.7e3, 22e3)
    bias = reference * lower / (upper + lower)
    cards = [*_AMPLIFIER, f"Vref ref 0 DC {reference:.6g}", f"R3 ref bias {upper:.6g}", f"R4 bias 0 {lower:.6g}", "X1 bias fb sig opamp",
             f"R1 sig fb {feedback:.6g}", f"R2 s fb {base:.6g}"]  # fmt: skip
    return cards, -k, bias * (1 + k), {"R1": feedback, "R2": base, "R3": upper, "R4": lower}, "inverting level shift"


def _with_tests(lines: list[str], signal: Signal, slope: float, offset: float, corner: float, settled: float) -> str:
    """The deck with its analysis and what it must show; the corner by the time constant of the step."""
    ends = [offset + slope * end for end in (signal.low, signal.high)]
    span = abs(ends[1] - ends[0])
    risen = ends[0] + (1 - math.exp(-1)) * (ends[1] - ends[0])
    edge = "rise" if ends[1] > ends[0] else "fall"
    tests = [
        f".tran {settled / 2000:.4g} {2 * settled:.6g}",
        f".meas tran out_low find v(out) at={0.99 * settled:.6g}",
        f".meas tran out_high find v(out) at={1.99 * settled:.6g}",
        f".meas tran risen when v(out)={risen:.6g} {edge}=1",
        f".meas tran f3db param='1/(6.2831853*(risen-{1.0005 * settled:.9g}))'",
        f"* @expect out_low within {ends[0] - 0.01 * span:.5g} {ends[0] + 0.01 * span:.5g}",
        f"* @expect out_high within {ends[1] - 0.01 * span:.5g} {ends[1] + 0.01 * span:.5g}",
        f"* @expect f3db = {corner:.5g} +/- 5%",
        ".end",
    ]
    return "\n".join([*lines, *tests]) + "\n"
