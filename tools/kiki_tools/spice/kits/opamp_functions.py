"""Op-amp functions: integrator, differentiator, transimpedance, comparator with hysteresis, rectifier, V-to-I.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., chapter 4; J. G. Graeme, Photodiode
Amplifiers: Op Amp Solutions (1996), chapter 3; R. Mancini (ed.), Op Amps for Everyone (TI SLOD006B).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.oscillators import timing
from kiki_tools.spice.kits.parts import (
    CORNER_HIGH,
    at_least,
    at_most,
    capacitor,
    choice,
    deck,
    equals,
    number,
    opamp,
    optional,
    resistor,
    value,
)

SUPPLY = Slot("supply", "V", "each of the two supply rails", default=12.0, least=1.5, most=40)
F_UNITY = Slot("f_unity", "Hz", "frequency at which the gain is 1", least=1e-3, most=1e6)
TIME_CONSTANT = Slot("time_constant", "s", "RC, instead of f_unity", least=1e-7, most=100)


def _unity(plan: Plan) -> float:
    time = optional(plan, "time_constant")
    found = optional(plan, "f_unity") if time is None else 1 / (2 * math.pi * time)
    if found is None:
        raise Impossible("the time constant, or the frequency at which the gain is 1, is not given")
    return found


def _rails(supply: float) -> str:
    return f"Vcc vcc 0 {supply:.6g}\nVee vee 0 -{supply:.6g}"


def integrator(plan: Plan) -> Design:
    """Gain 1/(2 pi f R C), a hundred times R beside C for the DC (Horowitz & Hill 4.2.6)."""
    f, most = _unity(plan), optional(plan, "dc_gain")
    if most is not None and most < 5:
        raise Impossible(f"with a DC gain of {most:.3g} it hardly integrates; 20 is the least that makes sense")
    r, c = timing(2 * math.pi * f)
    gbw = max(10e6, 200 * f)
    body = f"""Integrator, gain 1 at {shown(f, "Hz")}
Vin in 0 DC 0 AC 1
{_rails(value(plan, "supply", 12))}
R1 in inn <R1>
C1 inn out <C1>
R2 inn out <R2>
XU1 0 inn vcc vee out OPAMP
RL out 0 100k
{opamp(gbw)}
.ac dec 20 {number(f / 1000)} {number(1000 * f)}
.meas ac gain find vm(out) at={number(f)}
.meas ac gain_low find vm(out) at={number(f / 10)}
.meas ac gain_dc find vm(out) at={number(f / 1000)}
.meas ac tau param='1/({2 * math.pi * f:.6g}*gain)'"""
    wants = [equals("gain at f_unity", "gain", 1, "V/V", 0.04, f"at {shown(f, 'Hz')}"),
             equals("gain a decade below", "gain_low", 10, "V/V", 0.06, f"at {shown(f / 10, 'Hz')}")]  # fmt: skip
    if most is not None:
        below = 1 / math.sqrt(1 / most**2 + 0.01)
        wants[1] = equals("gain a decade below", "gain_low", below, "V/V", 0.06, f"at {shown(f / 10, 'Hz')}")
        wants.append(equals("gain at DC", "gain_dc", most, "V/V", 0.08, f"at {shown(f / 1000, 'Hz')}"))
    if optional(plan, "time_constant") is not None:
        wants[0] = equals("time constant", "tau", value(plan, "time_constant"), "s", 0.04)
    return Design(
        "Integrator", deck(body),
        (resistor("R1", r), capacitor("C1", c), resistor("R2", (most or 100) * r, "E24")), tuple(wants),
        (f"R2 keeps the DC gain at {most or 100:.3g}; without it the output drifts into a rail.",
         "The output is inverted."),
    )  # fmt: skip


def differentiator(plan: Plan) -> Design:
    """Gain 2 pi f R C up to f_limit, where a resistor before C ends it (Horowitz & Hill 4.2.7)."""
    f = _unity(plan)
    limit = value(plan, "f_limit", 30 * f)
    if limit < 3 * f:
        raise Impossible(
            f"the limit of {shown(limit, 'Hz')} has to lie well above {shown(f, 'Hz')}, where the gain is 1"
        )
    r, c = timing(2 * math.pi * f)
    gbw = max(10e6, 100 * limit * limit / f)
    if gbw > 2e9:
        raise Impossible(f"a differentiator up to {shown(limit, 'Hz')} would need an op-amp of {shown(gbw, 'Hz')}")
    body = f"""Differentiator, gain 1 at {shown(f, "Hz")}
Vin in 0 DC 0 AC 1
{_rails(value(plan, "supply", 12))}
R1 in x <R1>
C1 x inn <C1>
R2 inn out <R2>
XU1 0 inn vcc vee out OPAMP
RL out 0 100k
{opamp(gbw)}
.ac dec 20 {number(f / 100)} {number(100 * limit)}
.meas ac gain find vm(out) at={number(f)}
.meas ac gain_low find vm(out) at={number(f / 10)}"""
    return Design(
        "Differentiator", deck(body), (resistor("R2", r), capacitor("C1", c), resistor("R1", r * f / limit)),
        (equals("gain at f_unity", "gain", 1, "V/V", 0.06, f"at {shown(f, 'Hz')}"),
         equals("gain a decade below", "gain_low", 0.1, "V/V", 0.06, f"at {shown(f / 10, 'Hz')}")),
        (f"R1 ends the rise at about {number(limit)}Hz, for stability and noise.", "The output is inverted."),
    )  # fmt: skip


def transimpedance(plan: Plan) -> Design:
    """Output RF times the current; CF sets the bandwidth, GBW of (3 BW)² 2 pi RF Cin keeps it flat (Graeme 3.2)."""
    rf, bandwidth = value(plan, "transimpedance"), value(plan, "bandwidth", 10e3)
    diode, supply = value(plan, "diode_capacitance", 50e-12), value(plan, "supply", 5)
    cf = 1 / (2 * math.pi * rf * 1.25 * bandwidth)
    cin = diode + 5e-12 + cf
    gbw = max(10e6, 9 * bandwidth**2 * 2 * math.pi * rf * cin)
    if gbw > 4e9 or cf < 0.05e-12:
        best = min(math.sqrt(4e9 / (9 * 2 * math.pi * rf * (diode + 5e-12))), 1 / (2 * math.pi * rf * 1.25 * 0.05e-12))
        raise Impossible(
            f"{shown(rf, 'ohm')} with {shown(diode, 'F')} at the input reach about {shown(best, 'Hz')}, not "
            f"{shown(bandwidth, 'Hz')}: take less transimpedance and a second stage",
            {"bandwidth": best},
        )
    current = optional(plan, "current")
    if current is not None and current * rf > supply - 0.1:
        raise Impossible(
            f"{shown(current, 'A')} times {shown(rf, 'ohm')} is {current * rf:.3g} V, beyond the supply of "
            f"{supply:.4g} V",
            {"transimpedance": 0.9 * (supply - 0.1) / current},
        )
    part = capacitor("CF", max(cf, 0.5e-12), "E24") if cf >= 0.5e-12 else None
    cards = "CF inn out <CF>" if part else f"CF inn out {number(cf)}"
    body = f"""Transimpedance amplifier, {shown(rf, "V")}/A
* the photodiode: its current, and its capacitance
Iin 0 inn DC 0 AC 1
CD inn 0 {number(diode)}
{_rails(supply)}
RF inn out <RF>
{cards}
XU1 0 inn vcc vee out OPAMP
RL out 0 10k
{opamp(gbw)}
.ac dec 30 {number(bandwidth / 1000)} {number(bandwidth * 30)}
.meas ac gain find vm(out) at={number(bandwidth / 100)}
.meas ac peak max vm(out)
.meas ac peaking_db param='20*log10(peak/gain)'
{CORNER_HIGH}
{f".dc Iin 0 {-current:.6g} {-current / 20:.6g}" if current else ""}
{f".meas dc v_full find v(out) at={-current:.6g}" if current else ""}"""
    wants = [equals("transimpedance", "gain", rf, "ohm", 0.03), at_least("bandwidth", "f_high", bandwidth, "Hz"),
             at_most("peaking", "peaking_db", 1.0, "dB")]  # fmt: skip
    if current:
        wants.append(equals("output at full current", "v_full", current * rf, "V", 0.03))
    return Design(
        "Transimpedance amplifier", deck(body), (resistor("RF", rf), *((part,) if part else ())), tuple(wants),
        (f"The op-amp needs a gain-bandwidth product of {shown(gbw, 'Hz')} and a FET input.",),
    )  # fmt: skip


def precision_rectifier(plan: Plan) -> Design:
    """The diode inside of the loop; full wave by adding twice the half wave (Horowitz & Hill 4.3.1, figure 4.37)."""
    kind, amplitude = choice(plan, "kind", "full"), value(plan, "amplitude", 1.0)
    f, supply = value(plan, "frequency", 1e3), value(plan, "supply", 12)
    if amplitude > supply - 1:
        raise Impossible(
            f"{amplitude:.4g} V need a supply of {amplitude + 1:.4g} V at least", {"supply": amplitude + 1}
        )
    slew = 100 * 2 * math.pi * f * (amplitude + 2 * supply)
    # between its two diodes the op-amp has to cross 1.2 V within a few per cent of a period
    gbw = max(10e6, 2000 * f, 100 * f / amplitude)
    if gbw > 2e9 or slew > 2e9:
        raise Impossible(f"at {shown(f, 'Hz')} op-amps are too slow for a precision rectifier; a diode detector isn't")
    added = "R3 in n2 <R>\nR4A h n2 <R>\nR4B h n2 <R>" if kind == "full" else "R4 h n2 <R>"
    stage = f"""R1 in n1 <R>
R2 n1 h <R>
D1 h o1 DS
D2 o1 n1 DS
XU1 0 n1 vcc vee o1 OPAMP
{added}
R5 n2 out <R>
XU2 0 n2 vcc vee out OPAMP"""
    mean = (2 if kind == "full" else 1) * amplitude / math.pi
    body = f"""Precision rectifier, {kind} wave
Vin in 0 DC 0 SIN(0 {amplitude:.6g} {number(f)})
{_rails(supply)}
{stage}
{opamp(gbw, max(10e6, slew))}
.dc Vin {-amplitude:.6g} {1.02 * amplitude:.6g} {amplitude / 50:.6g}
.meas dc v_plus find v(out) at={amplitude / 2:.6g}
.meas dc v_minus find v(out) at={-amplitude / 2:.6g}
.tran {number(1 / f / 200)} {number(3 / f)} 0 {number(1 / f / 200)}
.meas tran v_mean avg v(out) from={number(1 / f)} to={number(3 / f)}
.meas tran v_peak max v(out) from={number(1 / f)} to={number(3 / f)}"""
    wants = [equals("output at +half", "v_plus", amplitude / 2, "V", 0.02, f"at {amplitude / 2:.4g} V in")]
    minus = amplitude / 2 if kind == "full" else 0.0
    wants.append(
        Wanted("output at -half", "v_minus", "=", minus, "V", 0.02 * amplitude, f"at {-amplitude / 2:.4g} V in")
    )
    wants.append(equals("mean output", "v_mean", mean, "V", 0.04, f"sine of {amplitude:.4g} V at {shown(f, 'Hz')}"))
    return Design(f"Precision rectifier, {kind} wave", deck(body, "DS"), (resistor("R", 10e3),), tuple(wants))


def voltage_to_current(plan: Plan) -> Design:
    """The op-amp holds RS at the input voltage: I = Vin/RS, a sink at the drain (Horowitz & Hill 4.2.5)."""
    current, sense = value(plan, "current"), optional(plan, "sense")
    vin = value(plan, "v_in", 1.0 if sense is None else current * sense)
    supply, load = value(plan, "supply", 12), optional(plan, "load")
    rs = vin / current if sense is None else sense
    if abs(vin / rs / current - 1) > 0.05:
        raise Impossible(
            f"{vin:.4g} V across {shown(rs, 'ohm')} give {shown(vin / rs, 'A')}, not {shown(current, 'A')}",
            {"sense": vin / current},
        )
    on = 1.0 if current < 0.1 else 0.1
    drop = vin + current * on
    if drop >= supply:
        raise Impossible(
            f"{vin:.4g} V at the sense resistor leave nothing of the supply of {supply:.4g} V; divide the input"
        )
    if load is None:
        load = 0.5 * (supply - drop) / current
    if current * load + drop > supply:
        best = (supply - drop) / load
        raise Impossible(
            f"{shown(current, 'A')} through {shown(load, 'ohm')} and the sense resistor need "
            f"{current * load + drop:.4g} V, the supply has {supply:.4g} V; {shown(best, 'A')} is the most",
            {"current": best},
        )
    gate = max(12.0, vin + 6)
    bipolar = choice(plan, "transistor", "mosfet") == "npn"
    model = ("QN" if current < 0.05 else "QPOW") if bipolar else ("MN" if current < 0.1 else "MPOW")
    if bipolar and current > 1:
        raise Impossible(f"an NPN would want {shown(current / 50, 'A')} from the op-amp; take a MOSFET or a Darlington")
    device = f"Q1 out g s {model}" if bipolar else f"M1 out g s s {model} L=1u W=1u"
    body = f"""Voltage-to-current converter, {shown(current, "A")} at {vin:.4g} V
Vload load 0 {supply:.6g}
Vcc vcc 0 {gate:.6g}
Vin in 0 DC {vin:.6g}
XU1 in s vcc 0 g OPAMP
{device}
RS s 0 <RS>
RLOAD load out {number(load)}
{opamp()}
.dc Vin 0 {1.01 * vin:.6g} {vin / 100:.6g}
let i_load = -i(Vload)
.meas dc i_out find i_load at={vin:.6g}
.meas dc i_half find i_load at={vin / 2:.6g}"""
    return Design(
        "Voltage-to-current converter", deck(body, model),
        (resistor("RS", rs) if sense is None else fixed("RS", sense),),
        (equals("current", "i_out", current, "A", 0.02, f"at {vin:.4g} V"),
         equals("current at half the input", "i_half", current / 2, "A", 0.03, f"at {vin / 2:.4g} V")),
        (f"RS takes {shown(vin * current, 'W')}.",),
    )  # fmt: skip


INTEGRATOR = Kit(
    "integrator", "Integrator", "inverting op-amp integrator with DC feedback",
    (F_UNITY, TIME_CONSTANT, Slot("dc_gain", "V/V", "gain at DC, where it ends", least=1, most=10e3), SUPPLY),
    ("op-amp integrator with a time constant of 1 ms", "integrator with unity gain at 100 Hz"), integrator,
)  # fmt: skip
DIFFERENTIATOR = Kit(
    "differentiator", "Differentiator", "inverting op-amp differentiator with limited rise",
    (F_UNITY, TIME_CONSTANT, Slot("f_limit", "Hz", "where the rise ends", least=1e-2, most=10e6), SUPPLY),
    ("differentiator with unity gain at 1 kHz", "op amp differentiator, RC of 100 us"), differentiator,
)  # fmt: skip
TRANSIMPEDANCE = Kit(
    "transimpedance_amplifier", "Transimpedance amplifier", "photodiode amplifier: current to voltage",
    (Slot("transimpedance", "ohm", "volt per ampere", required=True, least=10, most=1e9),
     Slot("bandwidth", "Hz", "least -3 dB bandwidth", default=10e3, least=0.1, most=500e6),
     Slot("diode_capacitance", "F", "capacitance of the photodiode", default=50e-12, least=0.1e-12, most=10e-9),
     Slot("current", "A", "greatest photocurrent", least=1e-12, most=0.1),
     Slot("supply", "V", "each of the two supply rails", default=5.0, least=1.5, most=40)),
    ("photodiode amplifier with 1 V/uA and 100 kHz", "transimpedance amplifier, 100k, 20 pF diode, 1 MHz"),
    transimpedance,
)  # fmt: skip
PRECISION_RECTIFIER = Kit(
    "precision_rectifier", "Precision rectifier", "op-amp rectifier without the diode's drop, half or full wave",
    (Slot("kind", "", "half or full wave", default="full", choices=("full", "half")),
     Slot("amplitude", "V", "peak of the input", default=1.0, least=1e-3, most=35),
     Slot("frequency", "Hz", "of the input", default=1e3, least=0.1, most=10e6), SUPPLY),
    ("full-wave precision rectifier for 1 V at 1 kHz", "absolute value circuit with op amps"), precision_rectifier,
)  # fmt: skip
VOLTAGE_TO_CURRENT = Kit(
    "voltage_to_current", "Voltage-to-current converter", "op-amp, transistor and sense resistor: a controlled "
                                                          "sink",
    (Slot("current", "A", "current at full input", required=True, least=1e-6, most=10),
     Slot("v_in", "V", "full input; 1 V, or what the sense resistor drops", least=0.01, most=30),
     Slot("sense", "ohm", "the sense resistor, if it is given", least=1e-3, most=1e6),
     Slot("supply", "V", "supply of the load", default=12.0, least=1.5, most=60),
     Slot("load", "ohm", "the load", least=0.01, most=1e7),
     Slot("transistor", "", "what carries the current", default="mosfet", choices=("mosfet", "npn"))),
    ("voltage-controlled current sink, 0 to 2 V gives 0 to 20 mA", "V-to-I converter, 100 mA at 1 V"),
    voltage_to_current,
)  # fmt: skip
