"""Signals from one form into another: voltage to a 4-20 mA loop, triangle and square together, a window's comparators.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 4.2.5, 4.3.2 and 7.1.4; U. Tietze, C.
Schenk, Electronic Circuits, 2nd ed., 14.5 (function generators).
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Values, Wanted, shown
from kiki_tools.spice.kits.oscillators import FREQUENCY_TOLERANCE, timing, wanted_frequency
from kiki_tools.spice.kits.parts import (
    capacitor,
    deck,
    equals,
    formula,
    number,
    opamp,
    resistor,
    value,
)

_VREF = 5.0


def current_loop(plan: Plan) -> Design:
    """Three resistors add the input and a reference to 0.2 … 1 V, which an op-amp and a MOSFET hold at RS."""
    v_min, v_max = value(plan, "v_min", 0.0), value(plan, "v_max", 5.0)
    i_min, i_max = value(plan, "i_min", 4e-3), value(plan, "i_max", 20e-3)
    supply, load = value(plan, "supply", 24.0), value(plan, "load", 250.0)
    if not 0 <= v_min < v_max or not 0 <= i_min < i_max:
        raise Impossible("the input and the current have to rise from their first to their second value, from 0 on")
    if i_max * load + 1.0 + 1.0 > supply:
        raise Impossible(
            f"{shown(i_max, 'A')} through {shown(load, 'ohm')} and the sense resistor need {i_max * load + 2:.3g} V, "
            f"the loop has {supply:.4g} V",
            {"load": round((supply - 2) / i_max)},
        )
    rs = 1.0 / i_max
    slope = (i_max - i_min) * rs / (v_max - v_min)
    offset = i_min * rs - slope * v_min
    share = offset / _VREF
    if share < 0 or slope + share >= 1:
        raise Impossible(
            f"three resistors can't add {v_min:.4g} … {v_max:.4g} V to {1e3 * i_min:.3g} … {1e3 * i_max:.3g} mA: put "
            "an amplifier before it"
        )
    r = 8e3
    rest = 1 - slope - share
    parts = [resistor("RS", rs, "E96"), resistor("R1", r / slope), resistor("R3", r / rest)]
    if share > 1e-4:
        parts.append(resistor("R2", r / share))
    top = max(12.0, supply)
    body = f"""Current loop {1e3 * i_min:.3g} to {1e3 * i_max:.3g} mA from {v_min:.4g} to {v_max:.4g} V
Vloop loop 0 {supply:.6g}
Vcc vcc 0 {top:.6g}
Vref ref 0 {_VREF}
Vin in 0 DC {v_max:.6g}
R1 in p <R1>
{"R2 ref p <R2>" if share > 1e-4 else ""}
R3 p 0 <R3>
XU1 p s vcc 0 g OPAMP
M1 out g s s MN L=1u W=1u
RS s 0 <RS>
RLOAD loop out {number(load)}
{opamp()}
.dc Vin {v_min:.6g} {v_max + (v_max - v_min) / 100:.6g} {(v_max - v_min) / 100:.6g}
let i_load = -i(Vloop)
.meas dc i_low find i_load at={v_min + (v_max - v_min) / 1000:.6g}
.meas dc i_high find i_load at={v_max:.6g}
.meas dc i_middle find i_load at={(v_min + v_max) / 2:.6g}"""
    span = i_max - i_min
    return Design(
        "Voltage to a current loop", deck(body, "MN"), tuple(parts),
        (Wanted("current", "i_low", "=", i_min, "A", 0.015 * span, f"at {v_min:.4g} V"),
         Wanted("current", "i_middle", "=", (i_min + i_max) / 2, "A", 0.015 * span, f"at {(v_min + v_max) / 2:.4g} V"),
         Wanted("current", "i_high", "=", i_max, "A", 0.015 * span, f"at {v_max:.4g} V")),
        (f"The load hangs between the loop's {supply:.4g} V and the transistor; the reference is {_VREF:.3g} V.",),
    )  # fmt: skip


def triangle(plan: Plan) -> Design:
    """An integrator and a Schmitt trigger: f = (R2/R1)/(4 R C), amplitude Vsat R1/R2 (Tietze & Schenk 14.5.2)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 12)
    amplitude = value(plan, "amplitude", 0.4 * supply)
    if amplitude > 0.85 * supply:
        raise Impossible(
            f"{amplitude:.4g} V need rails of {amplitude / 0.8:.3g} V", {"supply": round(amplitude / 0.8, 1)}
        )
    share = amplitude / (supply - 0.05)
    r, c = timing(4 * f * share)
    slew = max(20e6, 500 * f * supply)
    if slew > 5e9:
        raise Impossible(f"at {shown(f, 'Hz')} op-amps are too slow for a triangle")
    body = f"""Triangle and square generator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
* Schmitt trigger: square at sq
R1 out p <R1>
R2 sq p <R2>
XU1 p 0 vcc vee sq OPAMP
* integrator: triangle at out
R3 sq n <R3>
C1 n out <C1> IC={-0.2 * amplitude:.4g}
XU2 0 n vcc vee out OPAMP
RL out 0 100k
{opamp(max(10e6, 2000 * f), slew)}
.tran {number(1 / f / 400)} {number(9 / f)} 0 {number(1 / f / 400)} uic
.meas tran t_four trig v(out) val=0 td={number(2 / f)} rise=1 targ v(out) val=0 td={number(2 / f)} rise=5
.meas tran frequency param='4/t_four'
.meas tran swing pp v(out) from={number(3 / f)} to={number(9 / f)}
.meas tran amplitude param='swing/2'"""

    def predict(v: Values) -> dict[str, float]:
        return {
            "frequency": v["R2"] / v["R1"] / (4 * v["R3"] * v["C1"]),
            "amplitude": (supply - 0.05) * v["R1"] / v["R2"],
        }

    return Design(
        "Triangle and square generator", deck(body),
        (resistor("R1", 20e3 * share), resistor("R2", 20e3), resistor("R3", r), capacitor("C1", c)),
        (wanted_frequency(plan, f), equals("amplitude", "amplitude", amplitude, "V", 0.05)),
        ("The square is at node sq.",), formula(predict),
    )  # fmt: skip


def window(plan: Plan) -> Design:
    """Two comparators: the output is high while the input lies between two voltages (Horowitz & Hill 4.3.2)."""
    low, high, supply = value(plan, "v_low"), value(plan, "v_high"), value(plan, "supply", 5)
    if not 0 < low < high < supply:
        raise Impossible(f"a window from {low:.4g} V to {high:.4g} V doesn't lie within the supply of {supply:.4g} V")
    total = 30e3
    step = supply / 400
    body = f"""Window comparator, {low:.4g} V to {high:.4g} V
Vcc vcc 0 {supply:.6g}
Vin in 0 DC {(low + high) / 2:.6g}
R1 vcc hi <R1>
R2 hi lo <R2>
R3 lo 0 <R3>
* comparators with open collectors, which share a pull-up
B1 c1 0 V={supply:.6g}*0.5*(1+tanh(2000*(V(hi)-V(in))))
B2 c2 0 V={supply:.6g}*0.5*(1+tanh(2000*(V(in)-V(lo))))
S1 out 0 vcc c1 SWC
S2 out 0 vcc c2 SWC
RPU vcc out 10k
.model SWC SW(VT={supply / 2:.4g} VH=0.01 RON=50 ROFF=100meg)
.dc Vin {step:.6g} {supply - step:.6g} {step:.6g}
.meas dc v_low when v(out)={supply / 2:.6g} rise=1
.meas dc v_high when v(out)={supply / 2:.6g} fall=1
.meas dc inside find v(out) at={(low + high) / 2:.6g}"""
    return Design(
        "Window comparator", deck(body),
        (resistor("R1", total * (supply - high) / supply), resistor("R2", total * (high - low) / supply),
         resistor("R3", total * low / supply)),
        (equals("lower threshold", "v_low", low, "V", 0.03), equals("upper threshold", "v_high", high, "V", 0.03),
         Wanted("output within the window", "inside", ">=", 0.9 * supply, "V")),
        ("The comparators stand for an LM393: open collectors with one pull-up.",),
    )  # fmt: skip


CURRENT_LOOP = Kit(
    "current_loop", "Voltage to a current loop", "0 to 5 V (or another range) becomes 4 to 20 mA",
    (Slot("v_min", "V", "least input", default=0.0, least=0, most=20),
     Slot("v_max", "V", "greatest input", default=5.0, least=0.1, most=30),
     Slot("i_min", "A", "current at the least input", default=4e-3, least=0, most=0.1),
     Slot("i_max", "A", "current at the greatest input", default=20e-3, least=1e-3, most=0.1),
     Slot("supply", "V", "of the loop", default=24.0, least=5, most=48),
     Slot("load", "ohm", "load in the loop", default=250.0, least=1, most=10e3)),
    ("4-20 mA transmitter, 0 to 5 V input, 24 V loop", "convert 0 to 10 V into 4 to 20 mA"), current_loop,
)  # fmt: skip
TRIANGLE = Kit(
    "triangle_generator", "Triangle and square generator", "integrator and Schmitt trigger with two op-amps",
    (Slot("frequency", "Hz", "of the oscillation", required=True, least=0.01, most=500e3), FREQUENCY_TOLERANCE,
     Slot("amplitude", "V", "peak of the triangle", least=0.05, most=30),
     Slot("supply", "V", "each of the two rails", default=12.0, least=2.5, most=40)),
    ("triangle wave generator 1 kHz, 2 V amplitude", "function generator, triangle and square, 500 Hz"), triangle,
)  # fmt: skip
WINDOW = Kit(
    "window_comparator", "Window comparator", "high while the input lies between two voltages",
    (Slot("v_low", "V", "lower end of the window", required=True, least=1e-2, most=40),
     Slot("v_high", "V", "upper end of the window", required=True, least=1e-2, most=40),
     Slot("supply", "V", "the single supply", default=5.0, least=2, most=40)),
    ("window comparator 2 V to 3 V on 5 V",), window,
)  # fmt: skip
