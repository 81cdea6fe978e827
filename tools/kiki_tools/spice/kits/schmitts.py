"""Comparators with hysteresis on one supply or two.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 4.3.2 (Schmitt trigger); the thresholds
are those of superposition at the non-inverting input.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted
from kiki_tools.spice.kits.parts import choice, deck, number, opamp, optional, resistor, value


def _thresholds(plan: Plan, supply: float, usual: float) -> tuple[float, float]:
    """The lower and the upper threshold in V: both stated, one and the hysteresis, or a middle and the hysteresis."""
    low, high = optional(plan, "v_low"), optional(plan, "v_high")
    width = value(plan, "hysteresis", 0.1 * supply)
    if low is not None and high is not None:
        return low, high
    if low is not None:
        return low, low + width
    if high is not None:
        return high - width, high
    middle = value(plan, "threshold", usual)
    return middle - width / 2, middle + width / 2


def _step(share: float) -> str:
    """The step of time: with one much longer than the regeneration ngspice stays on the unstable branch, and late.

    Twice the time constant 1/(2 pi GBW share) makes the trapezoidal rule leave it fastest.
    """
    return number(min(max(1 / (math.pi * 10e6 * share), 0.5e-6), 2e-6))


def schmitt(plan: Plan) -> Design:
    """Three resistors set both thresholds of a comparator between 0 and the supply (Horowitz & Hill 4.3.2).

    Inverting: with conductances g1 to the supply, g2 to ground, g3 to the output, the thresholds are Vcc g1/g and
    Vcc (g1 + g3)/g. Non-inverting: R1/R3 = hysteresis/Vcc, reference = high/(1 + R1/R3).
    """
    supply, kind, rails = value(plan, "supply", 5), choice(plan, "kind", "inverting"), choice(plan, "rails", "auto")
    below = optional(plan, "v_low")
    dual = rails == "dual" or (rails == "auto" and below is not None and below < 0)
    low, high = _thresholds(plan, supply, 0.0 if dual else supply / 2)
    if high - low < 1e-3:
        raise Impossible(
            f"{1e3 * (high - low):.3g} mV of hysteresis are within a comparator's own offset; 5 mV are sensible"
            if high > low
            else f"the upper threshold of {high:.4g} V has to lie above the lower one of {low:.4g} V"
        )
    if dual:
        return _on_two_rails(low, high, supply, kind)
    if low < 0.01 * supply or high > 0.99 * supply:
        raise Impossible(
            f"thresholds of {low:.4g} V and {high:.4g} V don't lie between 0 and the supply of {supply:.4g} V"
        )
    # the output comes within 30 mV of its rails
    out_low, out_high = 0.03, supply - 0.03
    swing = out_high - out_low
    w3 = (high - low) / swing
    if kind == "inverting":
        w1 = (low - w3 * out_low) / supply
        w2 = 1 - w1 - w3
        if w1 < 1e-4 or w2 < 1e-4:
            raise Impossible("these thresholds leave nothing for the divider; take them farther from the rails")
        parts = [resistor(name, 10e3 / w, "E96") for name, w in (("R1", w1), ("R2", w2), ("R3", w3))]
        stage = "R1 vcc p <R1>\nR2 p 0 <R2>\nR3 p out <R3>\nXU1 p in vcc 0 out OPAMP"
        up, down = "fall", "rise"
    else:
        ratio = w3
        reference = (high + ratio * out_low) / (1 + ratio)
        if reference >= supply:
            raise Impossible("this would need a reference above the supply")
        parts = [resistor("R1", 10e3), resistor("R3", 10e3 / ratio), resistor("RA", 20e3 * (1 - reference / supply)),
                 resistor("RB", 20e3 * reference / supply)]  # fmt: skip
        stage = "R1 in p <R1>\nR3 p out <R3>\nRA vcc ref <RA>\nRB ref 0 <RB>\nXU1 p ref vcc 0 out OPAMP"
        up, down = "rise", "fall"
    body = f"""Comparator with hysteresis, {low:.4g} V and {high:.4g} V, {kind}
Vcc vcc 0 {supply:.6g}
Vin in 0 PULSE(0 {supply:.6g} 0 2m 2m 1u 6m)
{stage}
RL out 0 100k
{opamp(drop=0.045)}
.tran {_step(w3)} 4m 0 {_step(w3)}
.meas tran v_high find v(in) when v(out)={supply / 2:.6g} {up}=1
.meas tran v_low find v(in) when v(out)={supply / 2:.6g} {down}=LAST"""
    tolerance = max(0.05 * (high - low), 0.004 * supply)
    return Design("Comparator with hysteresis", deck(body), tuple(parts), (
        Wanted("upper threshold", "v_high", "=", high, "V", tolerance),
        Wanted("lower threshold", "v_low", "=", low, "V", tolerance),
    ), ("The comparator has a push-pull output; an open-collector one needs a pull-up well below the feedback's "
        "R3.",))  # fmt: skip


def _on_two_rails(low: float, high: float, supply: float, kind: str) -> Design:
    """Thresholds on either side of ground, the output between both rails.

    Inverting: the input's other end hangs on the output, on ground, and on the rail of the middle's sign.
    """
    swing, middle = supply - 0.03, (low + high) / 2
    if max(abs(low), abs(high)) > 0.97 * supply:
        raise Impossible(
            f"thresholds of {low:.4g} V and {high:.4g} V don't lie within the rails of ±{supply:.4g} V",
            {"supply": round(1.2 * max(abs(low), abs(high)), 1)},
        )
    share = (high - low) / 2 / swing
    rail = "vcc" if middle > 0 else "vee"
    centred = abs(middle) < 1e-3 * supply
    if kind == "inverting":
        to_rail = abs(middle) / supply
        to_ground = 1 - share - to_rail
        if to_ground < 1e-3:
            raise Impossible("these thresholds leave nothing for the divider; take them farther from the rails")
        total = 10e3 if share > 0.02 else 1e3
        parts = [resistor("R2", total / to_ground), resistor("R3", total / share)]
        stage = "R2 p 0 <R2>\nR3 p out <R3>\nXU1 p in vcc vee out OPAMP"
        if not centred:
            parts.append(resistor("R1", total / to_rail))
            stage = f"R1 {rail} p <R1>\n{stage}"
        up, down = "fall", "rise"
    else:
        reference = middle / (1 + share)
        parts = [resistor("R1", 10e3), resistor("R3", 10e3 / share)]
        stage = f"R1 in p <R1>\nR3 p out <R3>\nXU1 p {'0' if centred else 'ref'} vcc vee out OPAMP"
        if not centred:
            parts += [
                resistor("RA", 20e3 * (1 - abs(reference) / supply)),
                resistor("RB", 20e3 * abs(reference) / supply),
            ]
            stage += f"\nRA {rail} ref <RA>\nRB ref 0 <RB>"
        up, down = "rise", "fall"
    # not from rail to rail: the slower the input, the less its delay counts
    start, end = max(low - (high - low), -supply), min(high + (high - low), supply)
    body = f"""Comparator with hysteresis, {low:.4g} V and {high:.4g} V, {kind}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
Vin in 0 PULSE({start:.6g} {end:.6g} 0 2m 2m 1u 6m)
{stage}
RL out 0 100k
{opamp(drop=0.045)}
.tran {_step(share)} 4m 0 {_step(share)}
.meas tran v_high find v(in) when v(out)=0 {up}=1
.meas tran v_low find v(in) when v(out)=0 {down}=LAST"""
    tolerance = max(0.05 * (high - low), 0.004 * supply)
    return Design("Comparator with hysteresis", deck(body), tuple(parts), (
        Wanted("upper threshold", "v_high", "=", high, "V", tolerance),
        Wanted("lower threshold", "v_low", "=", low, "V", tolerance),
    ), ("The output swings between both rails.",))  # fmt: skip


SCHMITT = Kit(
    "hysteresis_comparator", "Comparator with hysteresis", "Schmitt trigger with two thresholds, single or dual supply",
    (Slot("v_low", "V", "lower threshold", least=-40, most=40),
     Slot("v_high", "V", "upper threshold", least=-40, most=40),
     Slot("threshold", "V", "middle of the thresholds", least=-40, most=40),
     Slot("hysteresis", "V", "their distance", least=1e-4, most=40),
     Slot("supply", "V", "the single supply, or each of two rails", default=5.0, least=1.8, most=40),
     Slot("rails", "", "two supplies about ground, or a single one", choices=("dual", "single")),
     Slot("kind", "", "inverting or not", default="inverting", choices=("inverting", "noninverting"))),
    ("Schmitt trigger with thresholds 1 V and 2 V on 5 V", "comparator at 2.5 V with 200 mV hysteresis"), schmitt,
)  # fmt: skip
