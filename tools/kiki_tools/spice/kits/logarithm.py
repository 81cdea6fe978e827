"""Logarithmic and exponential amplifiers: two matched transistors with their op-amps.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 2.x.14 and 4.3.5 (log converter);
D. H. Sheingold, Nonlinear Circuits Handbook, Analog Devices 1974, II-3: Vout = -K VT ln(Iin/Iref).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.parts import VT, deck, equals, opamp, optional, resistor, value

_DECADE = VT * math.log(10)
_LEAST, _MOST = 20e-9, 1e-3
"""Collector currents in A between which the junctions are logarithmic enough."""


def logarithmic(plan: Plan) -> Design:
    """Q1 takes the input's current, Q2 the reference's; a difference amplifier gets both their Vbe."""
    slope, low, high = abs(value(plan, "slope", 1.0)), value(plan, "v_min", 10e-3), value(plan, "v_max", 10)
    supply, reference = value(plan, "supply", 12), optional(plan, "reference")
    if slope < 0.05:
        raise Impossible(f"{slope:.3g} V per decade are less than a junction's own {_DECADE:.3g} V: divide the output")
    if high <= 2 * low:
        raise Impossible(f"{low:.4g} V to {high:.4g} V is no range for a logarithm")
    decades = math.log10(high / low)
    if decades > 4.5:
        raise Impossible(
            f"{decades:.3g} decades are beyond op-amps and a resistor: their offset is as large as {shown(low, 'V')}",
            {"v_min": high * 1e-4},
        )
    reference = math.sqrt(low * high) if reference is None else reference
    crest = slope * max(abs(math.log10(high / reference)), abs(math.log10(low / reference)))
    if crest > supply - 1:
        raise Impossible(
            f"{slope:.4g} V per decade over this range reach {crest:.3g} V; rails of ±{supply:.4g} V don't",
            {"slope": round(0.9 * (supply - 1) * slope / crest, 2)},
        )
    r1 = max(high / 0.5e-3, 1e3)
    if low / r1 < _LEAST:
        r1 = low / _LEAST
    if high / r1 > _MOST:
        raise Impossible(f"from {shown(low, 'V')} to {shown(high, 'V')} the junctions aren't logarithmic")
    iref = reference / r1
    rail = 5.0 if supply >= 5 else 0.8 * supply
    body = f"""Logarithmic amplifier, {slope:.4g} V per decade
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
Vref ref 0 {rail:.6g}
Vin in 0 DC {reference:.6g}
* the transistors are a matched pair
R1 in n1 <R1>
XU1 0 n1 vcc vee o1 OPAMP
Q1 n1 0 e1 QN
RE1 o1 e1 2.2k
CC1 n1 o1 100p
R2 ref n2 <R2>
XU2 0 n2 vcc vee o2 OPAMP
Q2 n2 0 e2 QN
RE2 o2 e2 2.2k
CC2 n2 o2 100p
R3 e2 m <R3>
R4 m out <R4>
R5 e1 p <R3>
R6 p 0 <R4>
XU3 p m vcc vee out OPAMP
RL out 0 100k
{opamp(1e6, 1e6)}"""
    points = (("v_low", low), ("v_ref", reference), ("v_high", high))
    for name, at in points:
        body += f"\n.dc Vin {0.98 * at:.9g} {1.021 * at:.9g} {0.02 * at:.9g}\n.meas dc {name} find v(out) at={at:.9g}"
    wants = tuple(
        Wanted("output", name, "=", slope * math.log10(reference / at), "V", 0.03 * slope, f"at {shown(at, 'V')}")
        for name, at in points
    )
    return Design(
        "Logarithmic amplifier", deck(body, "QN"),
        (resistor("R1", r1), resistor("R2", rail / iref), resistor("R3", 10e3),
         resistor("R4", 10e3 * slope / _DECADE)), wants,
        (f"0 V at {shown(reference, 'V')}, falling by {slope:.4g} V each decade. The slope grows by 0.33 % per kelvin "
         "unless R3 does too.",),
    )  # fmt: skip


def exponential(plan: Plan) -> Design:
    """The input moves the base of Q1 by a part of itself: Iout = Iref 10^(-Vin/slope), and RF makes it a voltage."""
    slope, supply = abs(value(plan, "slope", 1.0)), value(plan, "supply", 12)
    top, low, high = value(plan, "output", 1.0), value(plan, "v_min", -1.0), value(plan, "v_max", 1.0)
    if high <= low:
        raise Impossible(f"{low:.4g} V to {high:.4g} V is no range")
    if slope < 1.05 * _DECADE:
        raise Impossible(f"a junction alone takes {1e3 * _DECADE:.3g} mV per decade; less needs gain before it")
    most, least = top * 10 ** (-low / slope), top * 10 ** (-high / slope)
    if most > supply - 1:
        raise Impossible(
            f"at {low:.4g} V in, the output would be {most:.4g} V; rails of ±{supply:.4g} V don't allow it"
        )
    if most / least > 3e4:
        raise Impossible(f"{math.log10(most / least):.3g} decades are too many; 4 are sensible")
    iref = 20e-6
    rf = top / iref
    if most / rf > _MOST:
        rf = most / (0.8 * _MOST)
        iref = top / rf
    rail = 5.0 if supply >= 5 else 0.8 * supply
    r4 = 1e3
    body = f"""Exponential amplifier, one decade for {slope:.4g} V
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
Vref ref 0 {rail:.6g}
Vin in 0 DC 0
* the transistors are a matched pair; Q1's base stands at a part of the input
R3 in b <R3>
R4 b 0 <R4>
R1 ref n1 <R1>
XU1 0 n1 vcc vee o1 OPAMP
Q1 n1 b e QN
RE o1 e 2.2k
CC1 n1 o1 100p
Q2 n2 0 e QN
XU2 0 n2 vcc vee out OPAMP
RF out n2 <RF>
CC2 n2 out 10p
RL out 0 100k
{opamp(1e6, 1e6)}
.dc Vin {low:.6g} {high + (high - low) / 130:.6g} {(high - low) / 200:.6g}
.meas dc v_at_low find v(out) at={low + (high - low) / 200:.9g}
.meas dc v_zero find v(out) at={low + (high - low) / 2:.9g}
.meas dc v_at_high find v(out) at={high:.9g}"""
    points = (("v_at_low", low + (high - low) / 200), ("v_zero", low + (high - low) / 2), ("v_at_high", high))
    wants = tuple(
        equals("output", name, top * 10 ** (-at / slope), "V", 0.05, f"at {at:.4g} V in") for name, at in points
    )
    return Design(
        "Exponential amplifier", deck(body, "QN"),
        (resistor("R1", rail / iref), resistor("RF", rf), resistor("R3", r4 * (slope / _DECADE - 1)),
         resistor("R4", r4)), wants,
        (f"{top:.4g} V at 0 V in, a tenth for each {slope:.4g} V more.",),
    )  # fmt: skip


_RAILS = Slot("supply", "V", "each of the two rails", default=12.0, least=3, most=40)
LOG = Kit(
    "log_amplifier", "Logarithmic amplifier", "output falls by some volts for each decade of the input",
    (Slot("slope", "V", "volts per decade, falling", default=1.0, least=-10, most=10),
     Slot("v_min", "V", "least input", default=10e-3, least=1e-4, most=20),
     Slot("v_max", "V", "greatest input", default=10.0, least=1e-3, most=40),
     Slot("reference", "V", "the input that gives 0 V", least=1e-4, most=40), _RAILS),
    ("logarithmic amplifier, 1 V per decade, 10 mV to 10 V", "log amp with two transistors, 500 mV/decade"),
    logarithmic,
)  # fmt: skip
ANTILOG = Kit(
    "antilog_amplifier", "Exponential amplifier", "output falls by ten for some volts of the input",
    (Slot("slope", "V", "volts per decade", default=1.0, least=0.05, most=10),
     Slot("v_min", "V", "least input", default=-1.0, least=-20, most=20),
     Slot("v_max", "V", "greatest input", default=1.0, least=-20, most=20),
     Slot("output", "V", "output at 0 V in", default=1.0, least=1e-3, most=20), _RAILS),
    ("antilog amplifier, 1 V per decade", "exponential converter, 1 V out at 0 V in"), exponential,
)  # fmt: skip
