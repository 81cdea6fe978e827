"""Audio curves: the Baxandall tone control, and the frequency weightings A and C.

Sources of the formulas: P. J. Baxandall, Wireless World, Oct. 1952, and National Semiconductor, Audio/Radio Handbook
(1980), 2.14 (the control with an op-amp); IEC 61672-1:2013, annex E (weightings).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.opamp_stages import SUPPLY
from kiki_tools.spice.kits.parts import (
    RAILS,
    capacitor,
    choice,
    deck,
    number,
    on_single_supply,
    opamp,
    resistor,
    value,
)


def _pole(level: float, top: float) -> float:
    """At what part of its pole's frequency a shelf of ``top`` (V/V) has fallen to ``level`` (V/V)."""
    return math.sqrt((top**2 - level**2) / (level**2 - 1))


def tone_control(plan: Plan) -> Design:
    """Bass 1 + (P1/R1)/(1 + s P1 C1), treble 1 + (R1 + 2 R3)/(R4 + 1/(s C2)) at one end, its inverse at the other."""
    bass, treble = abs(value(plan, "bass_db", 12)), abs(value(plan, "treble_db", 12))
    low, high, supply = value(plan, "bass_hz", 100), value(plan, "treble_hz", 10e3), value(plan, "supply", 12)
    if high < 8 * low:
        raise Impossible(
            f"bass at {shown(low, 'Hz')} and treble at {shown(high, 'Hz')} overlap: they have to be eight times apart"
        )
    middle = math.sqrt(low * high)
    p1, p2 = 100e3, 470e3
    top = 10 ** ((bass + max(1.5, 0.12 * bass)) / 20)
    r1 = p1 / (top - 1)
    c1 = _pole(10 ** (bass / 20), top) / (2 * math.pi * p1 * low)
    r3 = min(r1, 33e3)
    across = r1 + 2 * r3
    crest = 10 ** ((treble + max(1.5, 0.12 * treble)) / 20)
    r4 = across / (crest * (1 + across / p2) - 1)
    c2 = _treble(across, r4, p2, high, 10 ** (treble / 20))
    left = _bass_left(r1, p1, c1, middle)
    if left > 6.0:
        raise Impossible(
            f"{bass:.3g} dB at {shown(low, 'Hz')} leave {left:.2g} dB at {shown(middle, 'Hz')}: lift less, or move "
            "bass and treble apart",
            {"bass_db": 10.0},
        )
    body = f"""Tone control (Baxandall), {bass:.3g} dB at {shown(low, "Hz")}, {treble:.3g} dB at {shown(high, "Hz")}
Vin in 0 DC 0 AC 1
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
* both knobs at their upper end, at their lower end, and in the middle
XUP in out vcc vee 0 TONE PB=0.001 PT=0.001
XDOWN in outc vcc vee 0 TONE PB=0.999 PT=0.999
XFLAT in outf vcc vee 0 TONE PB=0.5 PT=0.5
RL out 0 10k
.subckt TONE in out vcc vee ref PB=0.5 PT=0.5
R1 in a <R1>
RP1A a w {{{p1:.6g}*PB}}
RP1B w b {{{p1:.6g}*(1-PB)}}
C1A a w <C1>
C1B w b <C1>
R2 b out <R1>
R3 w inn <R3>
C2A in c <C2>
R4A c d <R4>
RP2A d inn {{{p2:.6g}*PT}}
RP2B inn e {{{p2:.6g}*(1-PT)}}
R4B e f <R4>
C2B f out <C2>
XU1 ref inn vcc vee out OPAMP
.ends
{opamp()}
.ac dec 50 {number(low / 10)} {number(10 * high)}
.meas ac bass_up find vdb(out) at={number(low)}
.meas ac bass_down find vdb(outc) at={number(low)}
.meas ac treble_up find vdb(out) at={number(high)}
.meas ac treble_down find vdb(outc) at={number(high)}
.meas ac middle find vdb(outf) at={number(middle)}
.meas ac flat_low find vdb(outf) at={number(low)}
.meas ac flat_high find vdb(outf) at={number(high)}"""
    wants = tuple(
        Wanted(said, measure, "=", level, "dB", 0.8, f"at {shown(f, 'Hz')}, {knob}")
        for said, measure, level, f, knob in (
            ("bass lifted", "bass_up", bass, low, "knobs up"), ("bass cut", "bass_down", -bass, low, "knobs down"),
            ("treble lifted", "treble_up", treble, high, "knobs up"),
            ("treble cut", "treble_down", -treble, high, "knobs down"),
            ("flat", "middle", 0.0, middle, "knobs in the middle"),
            ("flat", "flat_low", 0.0, low, "knobs in the middle"),
            ("flat", "flat_high", 0.0, high, "knobs in the middle"),
        )
    )  # fmt: skip
    if choice(plan, "rails", "dual") == "single":
        body = on_single_supply(body, supply)
    return Design(
        "Tone control (Baxandall)", deck(body),
        (resistor("R1", r1), resistor("R3", r3), resistor("R4", r4), capacitor("C1", c1, "E24"),
         capacitor("C2", c2, "E24")), wants,
        (f"Bass has a linear potentiometer of {shown(p1, 'ohm')}, treble one of {shown(p2, 'ohm')}; the output is "
         "inverted and wants a source of low resistance.",),
    )  # fmt: skip


def _bass_left(r1: float, p1: float, c1: float, f: float) -> float:
    """What bass lifts at a frequency, in dB."""
    h = 1 + p1 / r1 / (1 + 2j * math.pi * f * p1 * c1)
    return 20 * math.log10(abs(h))


def _treble(across: float, r4: float, p2: float, f: float, level: float) -> float:
    """The capacitor in F with which treble is lifted to ``level`` (V/V) at ``f``, by bisection."""
    low, high = 1e-12, 1e-6
    for _ in range(60):
        c = math.sqrt(low * high)
        s = 2j * math.pi * f * c
        h = (1 + across * s / (1 + s * r4)) / (1 + across * s / (1 + s * (r4 + p2)))
        low, high = (low, c) if abs(h) > level else (c, high)
    return math.sqrt(low * high)


_F1, _F2, _F3, _F4 = 20.598997, 107.65265, 737.86223, 12194.217
"""The poles of the weightings in Hz."""


def _weight(f: float, letter: str) -> float:
    """The level of the poles alone in dB: A or C before it is set to 0 at 1 kHz (IEC 61672-1, E.4)."""
    found = _F4**2 * f**2 / ((f**2 + _F1**2) * (f**2 + _F4**2))
    if letter == "A":
        found *= f**2 / math.sqrt((f**2 + _F2**2) * (f**2 + _F3**2))
    return 20 * math.log10(found)


def weighting_db(f: float, kind: str) -> float:
    """The weighting at a frequency in dB, 0 at 1 kHz; ``kind``: a-weighting or c-weighting."""
    letter = kind[0].upper()
    return _weight(f, letter) - _weight(1e3, letter)


def weighting(plan: Plan) -> Design:
    """Sallen-Key stages of unity gain: two equal poles have Q = 1/2, the poles of A at 108 and 738 Hz Q = 1/3."""
    kind, gain_db = choice(plan, "kind", "a-weighting"), value(plan, "gain_db", 0)
    supply = value(plan, "supply", 12)
    letter = kind[0].upper()
    # a stage of equal capacitors: R2/R1 = 4 Q^2 and w0^2 = 1/(R1 R2 C^2), its pole pair p1 p2
    c_high, c_mid, c_low = 330e-9, 100e-9, 1e-9
    r_low = 1 / (2 * math.pi * _F1 * c_high)
    f0, q = math.sqrt(_F2 * _F3), math.sqrt(_F2 * _F3) / (_F2 + _F3)
    r1 = 1 / (2 * math.pi * f0 * c_mid * 2 * q)
    parts = [resistor("R1", r_low), resistor("R2", r_low)]
    stages = ["C1 in a1 <CH>\nC2 a1 p1 <CH>\nR1 a1 o1 <R1>\nR2 p1 0 <R2>\nXU1 p1 o1 vcc vee o1 OPAMP"]
    at = "o1"
    if letter == "A":
        parts += [resistor("R3", r1), resistor("R4", r1 * 4 * q * q)]
        # the resistor to ground is the larger one of a high-pass; with Q below 1/2 it is the smaller
        stages.append("C3 o1 a2 <CM>\nC4 a2 p2 <CM>\nR3 a2 o2 <R3>\nR4 p2 0 <R4>\nXU2 p2 o2 vcc vee o2 OPAMP")
        at = "o2"
    base = gain_db - _weight(1e3, letter)
    total = 10 ** (base / 20)
    parts += [resistor("R5", 1 / (2 * math.pi * _F4 * c_low)), resistor("R6", 1 / (2 * math.pi * _F4 * c_low))]
    stages.append(f"R5 {at} a3 <R5>\nR6 a3 p3 <R6>\nC5 a3 o3 <CL>\nC6 p3 0 <CL>\nXU3 p3 o3 vcc vee o3 OPAMP")
    if total >= 1.001:
        parts += [resistor("RF", 10e3 * (total - 1), "E96"), resistor("RG", 10e3)]
        stages.append("XU4 o3 n4 vcc vee out OPAMP\nRF out n4 <RF>\nRG n4 0 <RG>")
    else:
        parts += [resistor("RF", 10e3 * (1 - total) + 1.0, "E96"), resistor("RG", 10e3 * total)]
        stages.append("RF o3 p4 <RF>\nRG p4 0 <RG>\nXU4 p4 out vcc vee out OPAMP")
    for name, c, used in (("CH", c_high, True), ("CM", c_mid, letter == "A"), ("CL", c_low, True)):
        if used:
            parts.append(capacitor(name, c, "E12", span=1.0001))
    points = (31.5, 100.0, 200.0, 1e3, 2e3, 4e3, 8e3, 12.5e3)
    gbw = 10e6 * max(1.0, total / 10)
    if gbw > 2e8:
        raise Impossible(f"{gain_db:.3g} dB are too much for one op-amp over the audio band", {"gain_db": 40.0})
    body = f"""{letter}-weighting filter, {gain_db:.3g} dB at 1 kHz
Vin in 0 DC 0 AC 1
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
{chr(10).join(stages)}
RL out 0 10k
{opamp(gbw)}
.ac dec 100 5 100k
""" + "\n".join(f".meas ac db_{f:.0f} find vdb(out) at={number(f)}" for f in points)
    if choice(plan, "rails", "dual") == "single":
        body = on_single_supply(body, supply)
    return Design(
        f"{letter}-weighting filter", deck(body), tuple(parts),
        tuple(Wanted("level", f"db_{f:.0f}", "=", base + _weight(f, letter), "dB", 0.5, f"at {shown(f, 'Hz')}")
              for f in points),
        ("The weighting of IEC 61672-1, 0.5 dB at the points measured.",),
    )  # fmt: skip


TONE = Kit(
    "tone_control", "Tone control (Baxandall)", "bass and treble, lifted and cut, one op-amp",
    (Slot("bass_db", "dB", "lift and cut of bass", default=12.0, least=2, most=20),
     Slot("treble_db", "dB", "lift and cut of treble", default=12.0, least=2, most=20),
     Slot("bass_hz", "Hz", "where bass has it", default=100.0, least=20, most=500),
     Slot("treble_hz", "Hz", "where treble has it", default=10e3, least=1e3, most=20e3), SUPPLY, RAILS),
    ("Baxandall tone control, ±12 dB at 100 Hz and 10 kHz", "bass and treble control, 10 dB"), tone_control,
)  # fmt: skip
WEIGHTING = Kit(
    "weighting_filter", "Weighting filter", "A- or C-weighting for sound levels, four op-amps",
    (Slot("kind", "", "the weighting", default="a-weighting", choices=("a-weighting", "c-weighting")),
     Slot("gain_db", "dB", "gain at 1 kHz", default=0.0, least=-40, most=40), SUPPLY, RAILS),
    ("A-weighting filter for a sound level meter", "C-weighting filter with 20 dB"), weighting,
)  # fmt: skip
