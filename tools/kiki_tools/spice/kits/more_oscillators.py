"""A Clapp oscillator, a quadrature oscillator of two integrators, and the type II compensator of a control loop.

Sources of the formulas: U. L. Rohde et al., The Design of Modern Microwave Oscillators (2005), chapter 4 (Clapp); R.
Mancini (ed.), Op Amps for Everyone (TI SLOD006B), 15.7.4 (quadrature); R. W. Erickson, D. Maksimovic, Fundamentals of
Power Electronics, 3rd ed., 9.5 (compensators).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.lc_oscillators import COIL_Q, base_bias, slots_of_lc
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Values, shown
from kiki_tools.spice.kits.oscillators import FREQUENCY_TOLERANCE, settled, timing, wanted_frequency
from kiki_tools.spice.kits.parts import (
    VT,
    at_least,
    capacitor,
    deck,
    equals,
    formula,
    gain_of,
    inductor,
    number,
    opamp,
    optional,
    resistor,
    value,
)
from kiki_tools.spice.kits.series import nearest


def clapp(plan: Plan) -> Design:
    """A Colpitts with C3 in series with the coil: C3 sets the frequency, C1 and C2 bear the transistor (Rohde 4.4)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 9)
    z0 = 400.0 if f < 1e6 else 250.0 if f < 12e6 else 140.0
    inductance = value(plan, "inductance", nearest(z0 / (2 * math.pi * f), "E12"))
    z0 = 2 * math.pi * f * inductance
    c = 1 / (z0 * 2 * math.pi * f)
    if c < 4e-12:
        raise Impossible(f"with {shown(inductance, 'H')} only {shown(c, 'F')} are left for the capacitors")
    large = nearest(5 * c, "E12")
    series = 1 / (1 / c - 2 / large)
    reactance = 1 / (2 * math.pi * f * large)
    current = value(plan, "current", min(max(6 * z0 / COIL_Q * VT / reactance**2, 1e-3), 5e-3))
    if current / VT * reactance**2 < 2.5 * z0 / COIL_Q:
        raise Impossible(
            f"at {shown(current, 'A')} the transistor doesn't make up for the coil's {shown(z0 / COIL_Q, 'ohm')}",
            {"current": 4 * z0 / COIL_Q * VT / reactance**2},
        )
    vb, ve = base_bias(supply, current)
    own = current / VT * 301e-12 + 6e-12
    rb = vb / (current / 8)
    body = f"""Clapp oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
R1 vcc b {number(rb * (supply - vb) / vb)}
R2 b 0 {number(rb)}
Q1 vcc b out QN
C1 b out <C1> IC={vb - ve:.4g}
C2 out 0 <C2> IC={ve:.4g}
RE out 0 {number(ve / current)}
* coil and C3 in series from the base to ground
L1 b x <L1> IC={0.3 * current:.4g}
RQ x y {number(z0 / COIL_Q)}
C3 y 0 <C3> IC={vb:.4g}
{settled(f, 150, level=vb, points=100, node="b")}"""

    def predict(v: Values) -> Values:
        total = 1 / (1 / (v["C1"] + own) + 1 / v["C2"] + 1 / v["C3"])
        return {"frequency": 1 / (2 * math.pi * math.sqrt(v["L1"] * total))}

    return Design(
        "Clapp oscillator", deck(body, "QN"),
        (inductor("L1", inductance, None if optional(plan, "inductance") else "E12", span=1.2),
         capacitor("C1", max(large - own, 0.5 * large), "E12"), capacitor("C2", large, "E12"),
         capacitor("C3", series, "E24")),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.1, "V", "at the base")),
        (f"The coil is taken with a quality factor of {COIL_Q:.0f}; C3 is the one to trim.",), formula(predict),
    )  # fmt: skip


def quadrature(plan: Plan) -> Design:
    """Two integrators in a ring, each 1/(2 pi R C) at unity gain; diodes hold the amplitude (Mancini 15.7.4)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 12)
    r, c = timing(2 * math.pi * f)
    held = min(0.45 * supply, 5.1)
    body = f"""Quadrature oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
* inverting integrator, its amplitude held by zeners back to back
R1 cos a <R>
C1 a out <C> IC={-0.5 * held:.4g}
D1 a z DZ
D2 out z DZ
XU1 0 a vcc vee out OPAMP
* non-inverting integrator; R2 a little more than R3 so that the oscillation grows
R2 out p {{<R>*1.04}}
C2 p 0 <C> IC=0
R3 q 0 <R>
C3 q cos <C> IC=0
XU2 p q vcc vee cos OPAMP
.model DZ D(IS=10f N=1.05 RS=10 BV={held - 0.7:.4g} IBV=0.1m)
{opamp(gbw=max(10e6, 300 * f), slew=max(10e6, 60 * f * held))}
{settled(f, 90)}
.meas tran t_out when v(out)=0 rise=60
.meas tran t_cos when v(cos)=0 rise=60
.meas tran phase param='360*{f:.9g}*abs(t_out-t_cos)'
.meas tran quarter param='90+abs(abs(phase-180)-90)'"""
    return Design(
        "Quadrature oscillator", deck(body), (resistor("R", r, "E96"), capacitor("C", c)),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.3 * held, "V"),
         equals("phase between out and cos", "quarter", 90, "deg", 0.12)),
        ("The two phases are at out and cos.",),
        formula(lambda v: {"frequency": 1 / (2 * math.pi * v["R"] * v["C"])}),
    )  # fmt: skip


def compensator(plan: Plan) -> Design:
    """Gain R2/R1 between the zero 1/(2 pi R2 C1) and the pole (C1 + C2)/(2 pi R2 C1 C2) (Erickson & Maksimovic 9.5)."""
    zero, pole, gain = value(plan, "zero"), value(plan, "pole"), gain_of(plan)
    if pole < 4 * zero:
        raise Impossible(
            f"the pole at {shown(pole, 'Hz')} has to lie well above the zero at {shown(zero, 'Hz')}",
            {"pole": 10 * zero},
        )
    r1 = value(plan, "input_resistance", 10e3)
    r2 = gain * r1
    both = 1 / (2 * math.pi * r2 * zero)
    c2 = both * zero / pole
    middle = math.sqrt(zero * pole)
    level = 20 * math.log10(gain)
    # with zero and pole apart by k the gain midway is k/(k + 1) of R2/R1
    low, high = zero / 10, 10 * pole
    body = f"""Type II compensator, zero {shown(zero, "Hz")}, pole {shown(pole, "Hz")}
Vcc vcc 0 12
Vee vee 0 -12
Vin in 0 DC 0 AC 1
R1 in inn <R1>
R2 inn x <R2>
C1 x out <C1>
C2 inn out <C2>
XU1 0 inn vcc vee out OPAMP
{opamp(gbw=max(10e6, 100 * gain * pole))}
.ac dec 40 {number(low / 3)} {number(3 * high)}
.meas ac gain_db find vdb(out) at={number(middle)}
.meas ac low_db find vdb(out) at={number(low)}
.meas ac high_db find vdb(out) at={number(high)}"""
    return Design(
        "Type II compensator", deck(body),
        (resistor("R1", r1), resistor("R2", r2), capacitor("C1", both, "E24"), capacitor("C2", c2, "E24")),
        (equals("gain in the middle", "gain_db", level + 20 * math.log10(1 / (1 + zero / pole)), "dB", 0.03,
                f"at {shown(middle, 'Hz')}"),
         equals("gain a decade below the zero", "low_db", level + 20 * math.log10(math.hypot(1, 0.1) * 10), "dB", 0.02,
                f"at {shown(low, 'Hz')}"),
         equals("gain a decade above the pole", "high_db", level - 20 * math.log10(math.hypot(1, 0.1) * 10), "dB",
                0.6 / max(abs(level - 20), 1.0), f"at {shown(high, 'Hz')}")),
        ("The error amplifier inverts; its DC gain is the op-amp's own.",),
    )  # fmt: skip


CLAPP = Kit(
    "clapp_oscillator", "Clapp oscillator", "Colpitts with a capacitor in series with the coil",
    slots_of_lc(100e3, 60e6), ("Clapp oscillator, 7 MHz, 9 V", "Clapp oscillator at 14 MHz with a bipolar transistor"),
    clapp,
)  # fmt: skip
QUADRATURE = Kit(
    "quadrature_oscillator", "Quadrature oscillator", "two op-amp integrators in a ring: sine and cosine",
    (Slot("frequency", "Hz", "of the oscillation", required=True, least=0.1, most=100e3), FREQUENCY_TOLERANCE,
     Slot("supply", "V", "each of the two supply rails", default=12.0, least=4, most=20)),
    ("quadrature oscillator 1 kHz, ±15 V", "sine and cosine at 400 Hz with op amps"), quadrature,
)  # fmt: skip
COMPENSATOR = Kit(
    "type2_compensator", "Type II compensator", "error amplifier with an integrator, a zero and a pole",
    (Slot("zero", "Hz", "the zero", required=True, least=0.1, most=1e6),
     Slot("pole", "Hz", "the pole above it", required=True, least=1, most=10e6),
     Slot("gain", "V/V", "gain between zero and pole", least=0.01, most=1e4),
     Slot("gain_db", "dB", "the gain in dB, instead of gain", least=-40, most=80),
     Slot("input_resistance", "ohm", "of the resistor at the input", default=10e3, least=100, most=1e6)),
    ("type II compensator, zero at 500 Hz, pole at 50 kHz, gain 10", "type 2 error amplifier: 1 kHz, 100 kHz, 20 dB"),
    compensator,
)  # fmt: skip
