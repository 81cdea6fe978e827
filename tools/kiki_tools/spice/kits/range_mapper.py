"""Range mapping (ADC front ends): an op-amp on a single supply that brings an input range to an output range.

Sources of the formulas: R. Mancini (ed.), Op Amps for Everyone (TI SLOD006B), chapter 4 (single-supply design).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Variable, Wanted
from kiki_tools.spice.kits.parts import CORNER_HIGH, capacitor, deck, equals, number, opamp, optional, resistor, value


def level_shifter(plan: Plan) -> Design:
    """Output = m in + b by the four cases of Op Amps for Everyone, 4.3; here with the input divided onto a reference.

    The input, a reference and ground feed one node through R1, R2, R3; a non-inverting stage brings it to the range:
    with conductances g the node is (g1 in + g2 ref) / (g1 + g2 + g3), and gain G = 1 + RF/RG.
    """
    in_min, in_max = value(plan, "in_min"), value(plan, "in_max")
    out_min, out_max = value(plan, "out_min", 0), value(plan, "out_max")
    supply = value(plan, "supply", max(5.0, out_max + 0.3))
    ref = value(plan, "reference", supply)
    if in_max <= in_min or out_max == out_min:
        raise Impossible("a range needs two different ends, the least one first")
    if min(out_min, out_max) < 0 or max(out_min, out_max) > supply + 1e-9:
        raise Impossible(f"the op-amp between 0 and {supply:.4g} V can't give {out_min:.4g} to {out_max:.4g} V")
    slope = (out_max - out_min) / (in_max - in_min)
    offset = out_min - slope * in_min
    edge = 0.06  # the op-amp's last millivolts at its rails
    rail_low, rail_high = max(0.0, edge - min(out_min, out_max)), max(0.0, max(out_min, out_max) - supply + edge)
    notes = []
    if rail_low or rail_high:
        notes.append(
            f"Rail to rail isn't to the last millivolt: within {1e3 * edge:.0f} mV of a rail the output saturates."
        )
    span = in_max - in_min
    low_in, high_in = in_min + 0.05 * span, in_max - 0.05 * span
    corner = optional(plan, "f_high")
    node = "amp" if corner else "out"
    if slope > 0:
        parts, stage = _shift_up(slope, offset, ref, node)
    else:
        parts, stage = _shift_down(slope, offset, ref, node)
    filtering = ""
    tolerance = 0.015 * abs(out_max - out_min)
    wants = [
        Wanted(f"output near the {end} input", measure, "=", offset + slope * at, "V", tolerance, f"at {at:.4g} V in")
        for end, measure, at in (("least", "v_low", low_in), ("greatest", "v_high", high_in))
    ]
    wants += [
        equals("slope", "slope", abs(slope), "V/V", 0.02),
    ]
    if corner:
        parts = [*parts, resistor("RA", 1e3), capacitor("CA", 1 / (2 * math.pi * 1e3 * corner))]
        filtering = (
            f"RA amp out <RA>\nCA out 0 <CA>\n.ac dec 20 {number(corner / 100)} {number(corner * 30)}\n"
            f".meas ac gain find vm(out) at={number(corner / 50)}\n{CORNER_HIGH}\n"
        )
        wants.append(equals("corner of the output's RC", "f_high", corner, "Hz", 0.1))
    body = f"""Range mapper: {in_min:.4g} to {in_max:.4g} V becomes {out_min:.4g} to {out_max:.4g} V
Vcc vcc 0 {supply:.6g}
{f"Vref ref 0 {ref:.6g}" if " ref " in stage else ""}
Vin in 0 DC {(in_min + in_max) / 2:.6g} AC 1
{stage}
{filtering}{opamp(drop=0.03)}
.dc Vin {in_min:.6g} {in_max:.6g} {span / 100:.6g}
.meas dc v_low find v(out) at={low_in:.6g}
.meas dc v_high find v(out) at={high_in:.6g}
.meas dc slope param='abs(v_high-v_low)/{high_in - low_in:.6g}'"""
    return Design("Range mapper", deck(body), tuple(parts), tuple(wants), tuple(notes))


def _shift_up(slope: float, offset: float, ref: float, node: str) -> tuple[list[Variable], str]:
    """Positive slope: with a negative offset the reference feeds the inverting side."""
    if offset < -1e-9:
        # out = in k G - ref RF/RG, G = 1 + RF/RG; the divider k keeps the input in range
        ratio = -offset / ref
        gain, k = 1 + ratio, slope / (1 + ratio)
        if k > 0.999:  # more gain than the shift brings: RX to ground raises it
            extra = slope - gain
            rf = 10e3 * max(1, ratio + extra)
            parts = [resistor("RF", rf, "E192"), resistor("RG", rf / ratio, "E192")]
            lines = [f"XU1 in inn vcc 0 {node} OPAMP", f"RF {node} inn <RF>", "RG inn ref <RG>"]
            if extra > 1e-3:
                parts.append(resistor("RX", rf / extra, "E192"))
                lines.append("RX inn 0 <RX>")
            return parts, "\n".join(lines)
        rf = 10e3 * max(1, ratio)
        parts = [resistor("R1", 100e3 * (1 - k), "E192"), resistor("R3", 100e3 * k, "E192"),
                 resistor("RF", rf, "E192"), resistor("RG", rf / ratio, "E192")]  # fmt: skip
        return parts, "\n".join(
            ["R1 in p <R1>", "R3 p 0 <R3>", f"XU1 p inn vcc 0 {node} OPAMP", f"RF {node} inn <RF>", "RG inn ref <RG>"]
        )
    share = max(offset, 0.0) / ref
    gain = max(1.0, (slope + share) * 1.0)
    # weights of the node: w1 = slope/G, w2 = share/G, the rest to ground
    w1, w2 = slope / gain, share / gain
    w3 = 1 - w1 - w2
    base = 50e3 if w1 > 0.05 else 5e3
    parts = [resistor("R1", base / w1, "E192")]
    lines = ["R1 in p <R1>"]
    for name, weight, to in (("R2", w2, "ref"), ("R3", w3, "0")):
        if weight > 1e-4:
            parts.append(resistor(name, base / weight, "E192"))
            lines.append(f"{name} p {to} <{name}>")
    if gain > 1.001:
        rg = 10e3
        parts += [resistor("RG", rg, "E192"), resistor("RF", rg * (gain - 1), "E192")]
        lines += [f"XU1 p inn vcc 0 {node} OPAMP", "RG inn 0 <RG>", f"RF {node} inn <RF>"]
    else:
        lines.append(f"XU1 p {node} vcc 0 {node} OPAMP")
    return parts, "\n".join(lines)


def _shift_down(slope: float, offset: float, ref: float, node: str) -> tuple[list[Variable], str]:
    """Negative slope: an inverting stage on a divided reference; out = (1 + m) b' - m in."""
    m = -slope
    bias = offset / (1 + m)
    if not 0 < bias < ref:
        raise Impossible(f"an inverting stage would need {bias:.4g} V at its other input; the reference is {ref:.4g} V")
    r1 = 10e3 if m >= 1 else 10e3 / m
    parts = [resistor("R1", r1, "E192"), resistor("RF", m * r1, "E192"),
             resistor("R2", 20e3 * (1 - bias / ref), "E192"), resistor("R3", 20e3 * bias / ref, "E192")]  # fmt: skip
    return parts, "\n".join(
        ["R1 in inn <R1>", f"RF inn {node} <RF>", "R2 ref p <R2>", "R3 p 0 <R3>", f"XU1 p inn vcc 0 {node} OPAMP"]
    )


LEVEL_SHIFTER = Kit(
    "level_shifter", "Range mapper (ADC front end)", "op-amp that maps an input range to an output range",
    (Slot("in_min", "V", "least input", required=True, least=-1000, most=1000),
     Slot("in_max", "V", "greatest input", required=True, least=-1000, most=1000),
     Slot("out_min", "V", "output at the least input", default=0.0, least=-30, most=30),
     Slot("out_max", "V", "output at the greatest input", required=True, least=-30, most=30),
     Slot("supply", "V", "the single supply of the op-amp", default=5.0, least=1.5, most=40),
     Slot("reference", "V", "reference voltage for the shift", least=0.5, most=40),
     Slot("f_high", "Hz", "corner of the anti-aliasing RC at the output", least=0.1, most=10e6)),
    ("map -10..10 V to 0..3.3 V for an ADC", "scale a 0.5 V to 4.5 V sensor to 0 to 3 V", "level shifter for ±5 V"),
    level_shifter,
)  # fmt: skip
