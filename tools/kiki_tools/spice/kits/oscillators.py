"""RC oscillators: Wien bridge, phase shift, op-amp relaxation, ring. Measured when settled.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 7.1; R. Mancini (ed.), Op Amps for
Everyone (TI SLOD006B), chapter 15 (sine wave oscillators); J. M. Rabaey et al., Digital Integrated Circuits, 2nd ed.,
5.4 (ring oscillator). Each starts from an initial condition, so that it starts surely in a simulation.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Variable, Wanted, shown
from kiki_tools.spice.kits.parts import (
    at_least,
    capacitor,
    deck,
    equals,
    formula,
    number,
    opamp,
    resistor,
    value,
    within,
)
from kiki_tools.spice.kits.series import nearest

SUPPLY = Slot("supply", "V", "each of the two supply rails", default=12.0, least=3, most=30)


def timing(f: float, resistances: tuple[float, ...] = (10e3, 100e3, 1e6, 2e3)) -> tuple[float, float]:
    """R in ohm and C in F (of the E12 series) of an ordinary size with ``R C = 1/f``."""
    r = next((r for r in resistances if 100e-12 <= 1 / (f * r) <= 2e-6), resistances[-2 if f < 1 else -1])
    c = nearest(1 / (f * r), "E12")
    return 1 / (f * c), c


def settled(f: float, cycles: int, *, level: float = 0.0, points: int = 150, node: str = "out") -> str:
    """A transient of ``cycles`` periods; of its last thirteen frequency in Hz and amplitude in V (peak)."""
    begin, end = number((cycles - 13) / f), number(cycles / f)
    at = f"v({node}) val={level:.6g} td={begin}"
    return f""".tran {number(1 / f / points)} {end} 0 {number(1 / f / points)} uic
.meas tran t_six trig {at} rise=1 targ {at} rise=7
.meas tran frequency param='6/t_six'
.meas tran swing pp v({node}) from={begin} to={end}
.meas tran amplitude param='swing/2'"""


def wien(plan: Plan) -> Design:
    """f = 1/(2 pi R C), gain 3; diodes across part of the feedback hold the amplitude (Horowitz & Hill 7.1.5)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 12)
    amplitude = value(plan, "amplitude", min(5.0, 0.5 * supply))
    if amplitude > supply - 0.5:
        raise Impossible(f"an amplitude of {amplitude:.4g} V needs more than the supply of {supply:.4g} V",
                         {"amplitude": 0.8 * supply})  # fmt: skip
    if amplitude < 1.0:
        raise Impossible(f"the diodes hold amplitudes of 1 V and more, not {amplitude:.4g} V; divide the output")
    r, c = timing(2 * math.pi * f)
    rg = 10e3
    effective = 0.6 / amplitude * 3 * rg
    body = f"""Wien-bridge oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
R1 out x <R>
C1 x p <C> IC={0.5 * amplitude / 3:.4g}
R2 p 0 <R>
C2 p 0 <C> IC={0.5 * amplitude / 3:.4g}
RG inn 0 {number(rg)}
RA inn d <RA>
RB d out <RB>
D1 d out DS
D2 out d DS
XU1 p inn vcc vee out OPAMP
{opamp(max(10e6, 500 * f), max(10e6, 100 * f * amplitude))}
{settled(f, 45, points=100)}"""
    return Design(
        "Wien-bridge oscillator", deck(body, "DS"),
        (resistor("R", r), capacitor("C", c), resistor("RA", 2 * rg - effective), resistor("RB", 1.6 * effective)),
        (wanted_frequency(plan, f), equals("amplitude", "amplitude", amplitude, "V", 0.12)),
        predictor=formula(lambda v: {"frequency": 1 / (2 * math.pi * v["R"] * v["C"]),
                           "amplitude": 0.6 * 3 * rg / max(2 * rg - v["RA"], 0.01 * rg)}),
    )  # fmt: skip


def phase_shift(plan: Plan) -> Design:
    """f = 1/(2 pi sqrt(6) R C), gain 29, the last R being the amplifier's input (Op Amps for Everyone, 15.7.2)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 12)
    r, c = timing(2 * math.pi * math.sqrt(6) * f)
    body = f"""RC phase-shift oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
C1 out a <C>
R1 a 0 <R>
C2 a b <C> IC=0.1
R2 b 0 <R>
C3 b d <C>
R3 d inn <R>
RF inn out <RF>
XU1 0 inn vcc vee out OPAMP
{opamp(max(10e6, 3000 * f), max(10e6, 300 * f * supply))}
{settled(f, 60, points=100)}"""
    return Design(
        "RC phase-shift oscillator", deck(body),
        (resistor("R", r), capacitor("C", c), resistor("RF", 31 * r, span=1.2)),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.7 * supply, "V")),
        ("The op-amp's rails limit the amplitude: the last RC's are cleaner sines than the output.",),
        formula(lambda v: {"frequency": 1 / (2 * math.pi * math.sqrt(6) * v["R"] * v["C"])}),
    )  # fmt: skip


def relaxation(plan: Plan) -> Design:
    """f = 1/(2 R C ln((1 + b)/(1 - b))) with b = R1/(R1 + R2) (Horowitz & Hill 7.1.3A)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 12)
    share = 0.4621  # makes the logarithm 1
    r, c = timing(2 * f)
    slew = max(10e6, 400 * f * supply)
    if slew > 5e9:
        raise Impossible(f"at {shown(f, 'Hz')} op-amps are too slow for a relaxation oscillator; take an LC oscillator")
    body = f"""Relaxation oscillator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
R out inn <R>
C inn 0 <C> IC=-0.1
R2 out p <R2>
R1 p 0 <R1>
XU1 p inn vcc vee out OPAMP
{opamp(max(10e6, 1000 * f), slew)}
{settled(f, 18)}
.meas tran triangle pp v(inn) from={number(5 / f)} to={number(18 / f)}"""
    return Design(
        "Relaxation oscillator", deck(body),
        (resistor("R", r), capacitor("C", c), resistor("R1", 10e3 * share / (1 - share)), resistor("R2", 10e3)),
        (wanted_frequency(plan, f), at_least("amplitude", "amplitude", 0.9 * supply, "V")),
        (f"The op-amp has to slew {shown(slew, 'V')}/s.",),
        formula(lambda v: {"frequency": 1 / (2 * v["R"] * v["C"] * math.log(1 + 2 * v["R1"] / v["R2"]))}),
    )  # fmt: skip


def ring(plan: Plan) -> Design:
    """f = 1/(2 n tp); tp is about C Vdd/(2 Iav) with Iav of the quadratic MOSFET (Rabaey 5.4)."""
    f, supply, n = value(plan, "frequency"), value(plan, "supply", 3.3), round(value(plan, "stages", 5))
    if n % 2 == 0:
        raise Impossible(f"a ring of {n} inverters latches up in one of two states; an odd number oscillates",
                         {"stages": float(n + 1)})  # fmt: skip
    kp, vt = 1e-3, 0.7
    if supply < 1.4:
        raise Impossible(f"{supply:.4g} V don't switch transistors with a threshold of {vt} V surely", {"supply": 3.3})
    on = 0.5 * kp * (supply - vt) ** 2
    # half the swing at the saturation current; the slopes of the stages slow each other down by 1.7
    c = on / (f * n * supply * 1.74)
    if c < 0.3e-12:
        best = on / (0.3e-12 * n * supply * 1.74)
        raise Impossible(f"{n} such stages reach {shown(best, 'Hz')}, not {shown(f, 'Hz')}; take fewer stages")
    cells = "\n".join(
        f"MP{k} n{(k + 1) % n} n{k} vdd vdd MPI L=1u W=1u\nMN{k} n{(k + 1) % n} n{k} 0 0 MNI L=1u W=1u\n"
        f"C{k} n{(k + 1) % n} 0 <CL>" + (f" IC={supply:.4g}" if k % 2 == 0 and k < n - 1 else "")
        for k in range(n)
    )
    body = f"""Ring oscillator of {n} inverters, {shown(f, "Hz")}
Vdd vdd 0 {supply:.6g}
{cells}
Rout n0 out 10
Cout out 0 10f
.model MNI NMOS(LEVEL=1 VTO={vt} KP={kp} LAMBDA=0.05)
.model MPI PMOS(LEVEL=1 VTO=-{vt} KP={kp} LAMBDA=0.05)
{settled(f, 25, level=supply / 2)}"""
    return Design(
        "Ring oscillator", deck(body), (Variable("CL", c, c / 4, c * 4),),
        (wanted_frequency(plan, f, 0.05), at_least("swing", "swing", 0.7 * supply, "V")),
        (f"Each stage delays by {shown(1 / (2 * n * f), 's')}.",), formula(lambda v: {"frequency": f * c / v["CL"]}),
    )  # fmt: skip


def wanted_frequency(plan: Plan, f: float, tolerance: float = 0.02) -> Wanted:
    """The requirement of a frequency, within what was asked for."""
    return equals("frequency", "frequency", f, "Hz", within(plan, tolerance))


FREQUENCY_TOLERANCE = Slot("tolerance", "%", "how far the frequency may be off", least=0.2, most=50)


def _frequency(least: float, most: float) -> Slot:
    return Slot("frequency", "Hz", "of the oscillation", required=True, least=least, most=most)


WIEN = Kit(
    "wien_oscillator", "Wien-bridge oscillator", "sine oscillator with an op-amp and diode amplitude control",
    (_frequency(0.1, 2e6), FREQUENCY_TOLERANCE, Slot("amplitude", "V", "peak amplitude", least=1e-3, most=30), SUPPLY),
    ("Wien bridge oscillator at 1 kHz", "sine wave generator 440 Hz, 3 V amplitude"), wien,
)  # fmt: skip
PHASE_SHIFT = Kit(
    "phase_shift_oscillator", "RC phase-shift oscillator", "sine oscillator with three RC sections and an op-amp",
    (_frequency(0.1, 500e3), FREQUENCY_TOLERANCE, SUPPLY),
    ("phase shift oscillator, 500 Hz", "RC oscillator with three sections for 2 kHz"),
    phase_shift,
)  # fmt: skip
RELAXATION = Kit(
    "relaxation_oscillator", "Relaxation oscillator", "square (and triangle) oscillator of an op-amp Schmitt trigger",
    (_frequency(0.01, 5e6), FREQUENCY_TOLERANCE, SUPPLY),
    ("op-amp square wave oscillator at 1 kHz", "relaxation oscillator 100 Hz ±12 V"),
    relaxation,
)  # fmt: skip
RING = Kit(
    "ring_oscillator", "Ring oscillator", "odd number of CMOS inverters in a ring",
    (_frequency(10, 2e9), FREQUENCY_TOLERANCE,
     Slot("stages", "", "inverters, odd", default=5, least=3, most=31),
     Slot("supply", "V", "supply", default=3.3, least=0.5, most=15)),
    ("5-stage ring oscillator at 10 MHz", "ring oscillator with 7 inverters, 1.8 V, 50 MHz"), ring,
)  # fmt: skip
