"""Filters, passive and active: corner and centre frequencies, notches, orders, Q.

Formulas: Tietze, Schenk and Gamm, *Electronic Circuits*, chapter on active filters; the tables of Butterworth elements
are those of Zverev. `6.2832` is 2 pi, which `.param` doesn't know by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Measure, Want, Words, about, decibels
from kiki_core.training.data.numbers import bucket, drawn, round_value, spice

_AC = ".ac dec 50 {f/100} {f*100}"
_SOURCE = "V1 in 0 DC 0 AC 1"


def capacitor(f: float) -> float:
    """The capacitor for a corner when none is stated: resistors then lie between 1.6 k and 16 k."""
    return 10.0 ** (-math.floor(math.log10(f)) - 5)


def _corner(f: float, falling: bool) -> Measure:
    edge = "fall" if falling else "rise"
    return Measure(f"ac {{name}} when vdb(out)=-3.0103 {edge}=1", "corner", f)


def _rc(random: Random, named: frozenset[str], low: bool) -> Circuit:
    f = round_value(random, 10, 5e6)
    c, r = capacitor(f), 0.0
    given = ""
    if "c" in named:
        c = drawn(random, c / 5, c * 2)
    if "r" in named:
        r = drawn(random, 1e3, 1e5)
        given = f".param f={spice(f)} R={spice(r)}\n.param C={{1/(6.2832*f*R)}}"
    else:
        given = f".param f={spice(f)} C={spice(c)}\n.param R={{1/(6.2832*f*C)}}"
    parts = "R1 in out {R}\nC1 out 0 {C}" if low else "C1 in out {C}\nR1 out 0 {R}"
    at = 10 * f if low else f / 10
    wants = [about("corner", f), decibels(-20.04, at=at, quantity="gain at")]
    words: Words = {"f": (f, "Hz"), "c": (c, "F"), "r": (r, "ohm")}
    body = f"{given}\n{_SOURCE}\n{parts}\n{_AC}"
    return Circuit(words, body, wants, bucket(f), "RC", [_corner(f, low)])


def _rl(random: Random, named: frozenset[str], low: bool) -> Circuit:
    f = round_value(random, 100, 2e6)
    r = drawn(random, 47, 2200) if "r" in named else 100.0
    parts = "L1 in out {L}\nR1 out 0 {R}" if low else "R1 in out {R}\nL1 out 0 {L}"
    at = 10 * f if low else f / 10
    body = f".param f={spice(f)} R={spice(r)}\n.param L={{R/(6.2832*f)}}\n{_SOURCE}\n{parts}\n{_AC}"
    wants = [about("corner", f), decibels(-20.04, at=at, quantity="gain at")]
    return Circuit({"f": (f, "Hz"), "r": (r, "ohm")}, body, wants, bucket(f), "RL", [_corner(f, low)])


def _series_bandpass(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 200, 5e6)
    q = random.choice([1, 2, 3, 5, 8, 10, 20]) if "q" in named else 5
    body = (
        f".param f={spice(f)} Q={q} R=100\n.param L={{Q*R/(6.2832*f)}} C={{1/(6.2832*f*Q*R)}}\n{_SOURCE}\n"
        "L1 in a {L}\nC1 a out {C}\nR1 out 0 {R}\n.ac dec 200 {f/10} {f*10}"
    )
    wants = [about("peak frequency", f, 0.05), about("bandwidth", f / q)]
    peak = Measure("ac {name} max vdb(out)", "peak", 0.0, 0.5)
    return Circuit({"f": (f, "Hz"), "q": (q, "")}, body, wants, bucket(f), "RLC", [peak])


def _tank(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 1e4, 2e7)
    c = drawn(random, 1e-10, 1e-8) if "c" in named else 1e-9
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param L={{1/(C*(6.2832*f)**2)}} Z={{1/(6.2832*f*C)}}\n{_SOURCE}\n"
        "R1 in out {10*Z}\nL1 out 0 {L}\nC1 out 0 {C}\n.ac dec 200 {f/10} {f*10}"
    )
    wants = [about("peak frequency", f, 0.05), about("bandwidth", f / 10)]
    return Circuit({"f": (f, "Hz"), "c": (c, "F")}, body, wants, bucket(f), "RLC")


def _trap(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 500, 1e7)
    q = random.choice([1, 2, 5, 10]) if "q" in named else 1
    body = (
        f".param f={spice(f)} Q={q} R=50\n.param L={{Q*R/(6.2832*f)}} C={{1/(6.2832*f*Q*R)}}\n{_SOURCE}\n"
        "R1 in out {R}\nL1 out a {L}\nC1 a 0 {C}\n.ac dec 400 {f/10} {f*10}"
    )
    wants = [about("notch frequency", f, 0.05), Want("notch depth", 25, 400)]
    return Circuit({"f": (f, "Hz"), "q": (q, "")}, body, wants, bucket(f), "RLC")


def _twin_t(random: Random, named: frozenset[str]) -> Circuit:
    f = random.choice([50.0, 60.0, round_value(random, 20, 2e4)])
    c = drawn(random, capacitor(f) / 5, capacitor(f) * 2) if "c" in named else capacitor(f)
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{1/(6.2832*f*C)}}\n{_SOURCE}\nR1 in a {{R}}\nR2 a out {{R}}\n"
        "C3 a 0 {2*C}\nC1 in b {C}\nC2 b out {C}\nR3 b 0 {R/2}\nRL out 0 10meg\n.ac dec 400 {f/10} {f*10}"
    )
    wants = [about("notch frequency", f, 0.05), Want("notch depth", 25, 400)]
    return Circuit({"f": (f, "Hz"), "c": (c, "F")}, body, wants, bucket(f), "RC")


def _sallen_key(random: Random, named: frozenset[str], low: bool) -> Circuit:
    f = round_value(random, 20, 3e5)
    q = random.choice([0.5, 0.577, 1, 1.3]) if "q" in named else 0.7071
    if low:
        values = f".param f={spice(f)} Q={q} R=10k\n.param C1={{2*Q/(6.2832*f*R)}} C2={{1/(2*Q*6.2832*f*R)}}"
        parts = "R1 in a {R}\nR2 a p {R}\nC1 a out {C1}\nC2 p 0 {C2}"
    else:
        values = (
            f".param f={spice(f)} Q={q} C={spice(capacitor(f))}\n"
            f".param R1={{1/(2*Q*6.2832*f*C)}} R2={{2*Q/(6.2832*f*C)}}"
        )
        parts = "C1 in a {C}\nC2 a p {C}\nR1 a out {R1}\nR2 p 0 {R2}"
    wants = [decibels(20 * math.log10(q), 0.8, f, "gain at"), decibels(-40, 1.5, 10 * f if low else f / 10, "gain at")]
    if q == 0.7071:
        wants.append(about("corner", f))
    measures = [_corner(f, low)] if q == 0.7071 else []
    body = f"{values}\n{_SOURCE}\n{parts}\nE1 out 0 p out 1e5\n{_AC}"
    return Circuit({"f": (f, "Hz"), "q": (q, "")}, body, wants, bucket(f), "RCE", measures)


def _equal_parts(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 50, 1e5)
    c = drawn(random, capacitor(f) / 5, capacitor(f) * 2) if "c" in named else capacitor(f)
    body = (
        f".param f={spice(f)} C={spice(c)} K=1.586\n.param R={{1/(6.2832*f*C)}}\n{_SOURCE}\nR1 in a {{R}}\n"
        "R2 a p {R}\nC1 a out {C}\nC2 p 0 {C}\nE1 out 0 p n 1e5\nRF out n {10k*(K-1)}\nRG n 0 10k\n" + _AC
    )
    wants = [about("corner", f), decibels(4.006), decibels(4 - 40, 1.5, 10 * f, "gain at")]
    return Circuit({"f": (f, "Hz"), "c": (c, "F")}, body, wants, bucket(f), "RCE")


def _multiple_feedback(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 50, 5e4)
    q = random.choice([2, 3, 4, 5, 8, 10]) if "q" in named else 4
    gain = random.choice([1, 2, 4]) if "gain" in named else 1
    body = (
        f".param f={spice(f)} Q={q} G={gain} C={spice(capacitor(f))}\n.param W={{6.2832*f}}\n"
        ".param R1={Q/(G*W*C)} R2={Q/((2*Q*Q-G)*W*C)} R3={2*Q/(W*C)}\n"
        f"{_SOURCE}\nR1 in a {{R1}}\nR2 a 0 {{R2}}\nC1 a n {{C}}\nC2 a out {{C}}\nR3 n out {{R3}}\n"
        "E1 out 0 0 n 1e5\n.ac dec 200 {f/10} {f*10}"
    )
    wants = [about("peak frequency", f, 0.05), about("bandwidth", f / q), decibels(20 * math.log10(gain))]
    words: Words = {"f": (f, "Hz"), "q": (q, ""), "gain": (gain, "")}
    return Circuit(
        words, body, wants, bucket(f), "RCE", [Measure("ac {name} max vdb(out)", "peak", 20 * math.log10(gain), 0.5)]
    )


def _ladder(random: Random, named: frozenset[str], low: bool) -> Circuit:
    """Third order between equal terminations: Butterworth g = 1, 2, 1 (Zverev)."""
    f = round_value(random, 1e4, 1e8)
    r = random.choice([50.0, 75.0, 600.0]) if "r" in named else 50.0
    values = f".param f={spice(f)} R={spice(r)}\n"
    if low:
        values += ".param C={1/(6.2832*f*R)} L={2*R/(6.2832*f)}\n"
        parts = "C1 a 0 {C}\nL1 a out {L}\nC2 out 0 {C}"
    else:
        values += ".param L={R/(6.2832*f)} C={1/(2*6.2832*f*R)}\n"
        parts = "L1 a 0 {L}\nC1 a out {C}\nL2 out 0 {L}"
    body = f"{values}{_SOURCE}\nRS in a {{R}}\n{parts}\nRL out 0 {{R}}\n{_AC}"
    at = 10 * f if low else f / 10
    wants = [about("corner", f), decibels(-6.02), decibels(-66, 1.5, at, "gain at")]
    return Circuit({"f": (f, "Hz"), "r": (r, "ohm")}, body, wants, bucket(f), "RLC")


def _two_stages(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 20, 2e5)
    c = drawn(random, capacitor(f) / 5, capacitor(f) * 2) if "c" in named else capacitor(f)
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{0.6436/(6.2832*f*C)}}\n{_SOURCE}\nR1 in a {{R}}\n"
        f"C1 a 0 {{C}}\n"
        f"E1 b 0 a 0 1\nR2 b out {{R}}\nC2 out 0 {{C}}\n{_AC}"
    )
    wants = [about("corner", f), Want("gain at", -34, -30.5, 10 * f)]
    return Circuit({"f": (f, "Hz"), "c": (c, "F")}, body, wants, bucket(f), "RCE", [_corner(f, True)])


def _wide_bandpass(random: Random, named: frozenset[str]) -> Circuit:
    low = round_value(random, 10, 2e3)
    high = low * random.choice([20.0, 50.0, 100.0, 200.0])
    body = (
        f".param fl={spice(low)} fh={spice(high)}\n.param C1={{1/(6.2832*fl*10k)}} C2={{1/(6.2832*fh*10k)}}\n"
        f"{_SOURCE}\n"
        "C1 in a {C1}\nR1 a 0 10k\nE1 b 0 a 0 1\nR2 b out 10k\nC2 out 0 {C2}\n.ac dec 50 {fl/100} {fh*100}"
    )
    wants = [about("low corner", low), about("high corner", high)]
    return Circuit({"fl": (low, "Hz"), "fh": (high, "Hz")}, body, wants, f"{bucket(low)}-{bucket(high)}", "RC")


def _all_pass(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 50, 1e5)
    body = (
        f".param f={spice(f)} C={spice(capacitor(f))}\n.param R={{1/(6.2832*f*C)}}\n{_SOURCE}\nR1 in n 10k\n"
        f"R2 n out 10k\nR3 in p {{R}}\nC1 p 0 {{C}}\nE1 out 0 p n 1e5\n{_AC}"
    )
    wants = [Want("phase at", -95, -85, f), decibels(0, 0.5, 10 * f, "gain at"), decibels(0, 0.5, f / 10, "gain at")]
    return Circuit({"f": (f, "Hz")}, body, wants, bucket(f), "RCE")


def _low_pass(random: Random, named: frozenset[str]) -> Circuit:
    return _rc(random, named, True)


def _high_pass(random: Random, named: frozenset[str]) -> Circuit:
    return _rc(random, named, False)


KINDS: Mapping[str, Maker] = {
    "rc-low-pass": _low_pass,
    "rc-high-pass": _high_pass,
    "rl-low-pass": lambda random, named: _rl(random, named, True),
    "rl-high-pass": lambda random, named: _rl(random, named, False),
    "series-rlc-band-pass": _series_bandpass,
    "parallel-tank": _tank,
    "lc-trap": _trap,
    "twin-t-notch": _twin_t,
    "sallen-key-low-pass": lambda random, named: _sallen_key(random, named, True),
    "sallen-key-high-pass": lambda random, named: _sallen_key(random, named, False),
    "equal-component-sallen-key": _equal_parts,
    "mfb-band-pass": _multiple_feedback,
    "ladder-low-pass": lambda random, named: _ladder(random, named, True),
    "ladder-high-pass": lambda random, named: _ladder(random, named, False),
    "two-stage-rc": _two_stages,
    "wide-band-pass": _wide_bandpass,
    "all-pass": _all_pass,
}
