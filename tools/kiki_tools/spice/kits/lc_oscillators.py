"""LC and crystal oscillators with one transistor or inverter: Colpitts, Hartley, Pierce.

Sources of the formulas: U. L. Rohde et al., The Design of Modern Microwave Oscillators (2005), chapter 4 (Colpitts,
negative resistance gm/(w² C1 C2)); P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 7.1.5 and 7.1.6; E. A. Vittoz
et al., IEEE JSSC 23 (1988) (crystal oscillators).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, fixed, shown
from kiki_tools.spice.kits.oscillators import FREQUENCY_TOLERANCE, settled, wanted_frequency
from kiki_tools.spice.kits.parts import (
    VT,
    at_least,
    capacitor,
    deck,
    equals,
    formula,
    inductor,
    number,
    optional,
    resistor,
    value,
    vbe,
)
from kiki_tools.spice.kits.series import nearest

COIL_Q = 80.0
"""Quality factor that coils are taken with."""


def base_bias(supply: float, current: float) -> tuple[float, float]:
    """Base and emitter voltages in V of the follower."""
    vb = 0.45 * supply
    ve = vb - vbe(current)
    if ve < 0.3:
        raise Impossible(f"{supply:.4g} V are too little for this oscillator's bias", {"supply": 5.0})
    return vb, ve


def _own(current: float) -> float:
    """Capacitance in F between base and emitter of the model QN: gm TF and the junction's."""
    return current / VT * 301e-12 + 6e-12


def _current(plan: Plan, f: float, c: float) -> float:
    """Bias current in A: given, or such that the transistor's capacitance is a fifth of the circuit's."""
    fitting = (c / 5 - 6e-12) / 301e-12 * VT
    return value(plan, "current", min(max(fitting, 0.25e-3), 1e-3 if f < 5e6 else 3e-3))


def _resonance(inductance: float, capacitance: float) -> float:
    return 1 / (2 * math.pi * math.sqrt(inductance * capacitance))


def _own_beside(c: float, current: float) -> float:
    """The transistor's own capacitance in farads, as long as it is the smaller part of the coil's ``c``."""
    own = _own(current)
    if own > 0.4 * c:
        raise Impossible(
            f"the transistor's {shown(own, 'F')} are too large a part of the {shown(c, 'F')} at the coil; take a "
            "smaller coil or current"
        )
    return own


def colpitts(plan: Plan) -> Design:
    """f = 1/(2 pi sqrt(L C1 C2/(C1 + C2))), an emitter follower with the coil at its base (Rohde 4.3)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 9)
    z0 = 250.0 if f < 1e6 else 150.0 if f < 12e6 else 70.0
    inductance = value(plan, "inductance", nearest(z0 / (2 * math.pi * f), "E12"))
    c = 1 / ((2 * math.pi * f) ** 2 * inductance)
    z0 = 2 * math.pi * f * inductance
    if c < 6e-12:
        best = 1 / (2 * math.pi * math.sqrt(inductance * 6e-12))
        raise Impossible(
            f"with {shown(inductance, 'H')} the transistor's own capacitance ends at about {shown(best, 'Hz')}"
        )
    current = _current(plan, f, c)
    vb, ve = base_bias(supply, current)
    gm = current / VT
    if gm * (z0 / 2) ** 2 < 4 * z0 / COIL_Q:
        raise Impossible(f"the coil's {shown(z0, 'ohm')} are too little for oscillation at {shown(current, 'A')}")
    own = _own_beside(c, current)
    rb = vb / (current / 8)
    body = f"""Colpitts oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
R1 vcc bias {number(rb * (supply - vb) / vb)}
R2 bias 0 {number(rb)}
CB bias 0 {number(40 * c)} IC={vb:.4g}
L1 bias x <L1> IC={0.1 * current:.4g}
RQ x b {number(z0 / COIL_Q)}
Q1 vcc b out QN
C1 b out <C1> IC={vb - ve:.4g}
C2 out 0 <C2> IC={ve:.4g}
RE out 0 {number(ve / current)}
{settled(f, 120, level=vb, points=100, node="b")}"""
    return Design(
        "Colpitts oscillator", deck(body, "QN"),
        (inductor("L1", inductance, None if optional(plan, "inductance") else "E12", span=1.5),
         capacitor("C1", 2 * c - own, "E24"), capacitor("C2", 2 * c, "E24")),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.1, "V", "at the base")),
        (f"The coil is taken with a quality factor of {COIL_Q:.0f}.",),
        formula(lambda v: {"frequency": _resonance(v["L1"], (v["C1"] + own) * v["C2"] / (v["C1"] + own + v["C2"]))}),
    )  # fmt: skip


def hartley(plan: Plan) -> Design:
    """f = 1/(2 pi sqrt((L1 + L2) C)), the emitter at a tap of the coil (Horowitz & Hill 7.1.5D)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 9)
    z0 = 250.0 if f < 1e6 else 150.0 if f < 12e6 else 70.0
    total = value(plan, "inductance", 4 * nearest(0.25 * z0 / (2 * math.pi * f), "E24"))
    z0 = 2 * math.pi * f * total
    c = 1 / ((2 * math.pi * f) ** 2 * total)
    if c < 8e-12:
        best = 1 / (2 * math.pi * math.sqrt(total * 8e-12))
        raise Impossible(f"with {shown(total, 'H')} the transistor's own capacitance ends at about {shown(best, 'Hz')}")
    current = _current(plan, f, c)
    vb, ve = base_bias(supply, current)
    own = _own_beside(c, current)
    rb = vb / (current / 8)
    # small coupling capacitors: with large ones the bias follows the amplitude too late, and the oscillation is chopped
    body = f"""Hartley oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
R1 vcc b {number(rb * (supply - vb) / vb)}
R2 b 0 {number(rb)}
CB b t {number(6 * c)} IC={vb:.4g}
* the output is taken at the coil, where it is a sine
CO t out {number(c / 50)}
RO out 0 {number(400 * z0)}
* the tapped coil and its losses
L1 t x <L1> IC={0.1 * current:.4g}
RQ x m {number(0.75 * z0 / COIL_Q)}
L2 m y <L2> IC={0.1 * current:.4g}
RQ2 y 0 {number(0.25 * z0 / COIL_Q)}
C1 t 0 <C1>
Q1 vcc b e QN
RE e 0 {number(ve / current)}
CE e m {number(4 * c)} IC={ve:.4g}
{settled(f, 120, points=100, node="t")}"""
    return Design(
        "Hartley oscillator", deck(body, "QN"),
        (inductor("L1", 0.75 * total, "E24", span=1.5), inductor("L2", 0.25 * total, "E24", span=1.5),
         capacitor("C1", c * 0.98 - 0.56 * own, "E24")),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.1, "V", "at the coil")),
        (f"The coil is taken with a quality factor of {COIL_Q:.0f}; its halves without coupling.",),
        formula(lambda v: {"frequency": _resonance(v["L1"] + v["L2"], v["C1"] + c / 50 + 0.56 * own)}),
    )  # fmt: skip


def pierce(plan: Plan) -> Design:
    """C1 = C2 = 2 (CL - stray); gm/(w² C1 C2) at least five times the crystal's resistance (Vittoz 1988).

    The crystal is its motional L, C, R beside C0; it starts with the current that it has after its start-up, which
    would take some ten thousand periods.
    """
    f, supply, cl = value(plan, "frequency"), value(plan, "supply", 3.3), value(plan, "load_capacitance", 12e-12)
    stray, stated = 3e-12, optional(plan, "each_capacitor")
    if stated is not None:
        cl = stated / 2 + stray  # two in series, and what the pins have
    slow = f < 1e6
    cm, c0 = (3.5e-15, 1.2e-12) if slow else (12e-15, 4e-12)
    rm = value(plan, "crystal_resistance", 50e3 if slow else 60.0 if f < 15e6 else 35.0)
    if cl < stray + 2e-12:
        raise Impossible(f"{shown(cl, 'F')} of load capacitance are little more than the strays of {shown(stray, 'F')}")
    # at its load capacitance the crystal has its frequency: the series resonance lies below by Cm/(2 (C0 + CL))
    series = f / (1 + cm / (2 * (c0 + cl)))
    lm = 1 / ((2 * math.pi * series) ** 2 * cm)
    w = 2 * math.pi * f
    each = 2 * cl
    over = supply / 2 - 0.7
    if over < 0.2:
        raise Impossible(f"{supply:.4g} V don't bias the inverter", {"supply": 3.3})
    damping = rm * (1 + c0 / cl) ** 2
    # an inverter that gives ten times the damping; discrete ones have up to about 10 mA/V²
    kp = min(max(10 * damping * (w * each) ** 2 / (2 * over), 2e-6 if slow else 1e-3), 10e-3)
    gm = 2 * kp * over
    negative = gm / (w * each) ** 2
    if negative < 5 * damping:
        raise Impossible(
            f"the inverter's negative resistance of {shown(negative, 'ohm')} is below five times the crystal's "
            f"{shown(damping, 'ohm')}; take a smaller load capacitance or another crystal"
        )
    current = 0.3 * supply * w * each
    rd = max(1 / (w * each) * 0.5, 10.0)
    body = f"""Pierce crystal oscillator, {shown(f, "Hz")}
Vdd vdd 0 {supply:.6g}
* the crystal: motional branch and shunt capacitance
LM in xm {lm:.8g} IC={current:.4g}
CM xm xr {cm:.6g}
RM xr xo {number(rm)}
C0 in xo {number(c0)}
RF in out <RF>
RD out xo <RD>
C1 in 0 <C1> IC={supply / 2:.4g}
CS1 in 0 {number(2 * stray)}
C2 xo 0 <C2> IC={supply / 2:.4g}
CS2 xo 0 {number(2 * stray)}
MP1 out in vdd vdd MPI L=1u W=1u
MN1 out in 0 0 MNI L=1u W=1u
.model MNI NMOS(LEVEL=1 VTO=0.7 KP={kp:.4g} LAMBDA=0.05)
.model MPI PMOS(LEVEL=1 VTO=-0.7 KP={kp:.4g} LAMBDA=0.05)
{settled(f, 150, level=supply / 2, points=100, node="in")}
.meas tran swing_before pp v(in) from={number(100 / f)} to={number(113 / f)}
.meas tran growth param='swing/swing_before'"""
    return Design(
        "Pierce crystal oscillator", deck(body),
        (resistor("RF", 10e6 if slow else 1e6, "E12"), resistor("RD", rd, "E12"),
         *(fixed(name, stated) if stated else capacitor(name, 2 * (cl - stray), "E12") for name in ("C1", "C2"))),
        (equals("frequency", "frequency", f, "Hz", 1e-3),
         at_least("swing", "swing", 0.2 * supply, "V", "at the inverter's input"),
         at_least("growth", "growth", 0.97, "", "swing against that of 50 periods before: it doesn't die down")),
        (f"Negative resistance {shown(negative, 'ohm')}, crystal {shown(damping, 'ohm')}: a reserve of "
         f"{negative / damping:.2g}.",),
    )  # fmt: skip


def slots_of_lc(least: float, most: float) -> tuple[Slot, ...]:
    """The slots of an LC oscillator between two frequencies in Hz."""
    return (
        Slot("frequency", "Hz", "of the oscillation", required=True, least=least, most=most),
        FREQUENCY_TOLERANCE,
        Slot("supply", "V", "supply", default=9.0, least=2.5, most=30),
        Slot("current", "A", "bias current", least=50e-6, most=20e-3),
        Slot("inductance", "H", "of the coil", least=1e-9, most=0.1),
    )


COLPITTS = Kit(
    "colpitts_oscillator", "Colpitts oscillator", "LC oscillator with a capacitive divider and one transistor",
    slots_of_lc(10e3, 200e6), ("Colpitts oscillator at 1 MHz", "LC oscillator 10 MHz with a 1 uH coil"), colpitts,
)  # fmt: skip
HARTLEY = Kit(
    "hartley_oscillator", "Hartley oscillator", "LC oscillator with a tapped coil and one transistor",
    slots_of_lc(10e3, 100e6), ("Hartley oscillator at 500 kHz", "tapped coil oscillator, 7 MHz"), hartley,
)  # fmt: skip
PIERCE = Kit(
    "crystal_oscillator", "Pierce crystal oscillator", "CMOS inverter with a crystal and two load capacitors",
    (Slot("frequency", "Hz", "of the crystal", required=True, least=10e3, most=50e6),
     Slot("load_capacitance", "F", "of the crystal", default=12e-12, least=1e-12, most=100e-12),
     Slot("each_capacitor", "F", "of each of the two capacitors, as a part that is given", least=2e-12, most=200e-12),
     Slot("crystal_resistance", "ohm", "motional resistance", least=5, most=200e3),
     Slot("supply", "V", "supply", default=3.3, least=1, most=6)),
    ("8 MHz crystal oscillator for a microcontroller, 18 pF crystal", "32.768 kHz Pierce oscillator"), pierce,
)  # fmt: skip
