"""Circuits with operational amplifiers: ideal ones (gain 1e5), or with a stated gain-bandwidth product."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Measure, Want, Words, about, decibels
from kiki_core.training.data.numbers import bucket, drawn, round_value, spice

_SOURCE = "V1 in 0 DC 0 AC 1"
_AC = ".ac dec 10 10 100k"


def _gain(
    random: Random, named: frozenset[str], least: float
) -> tuple[float, dict[str, tuple[float, str] | str], Measure]:
    value = random.choice([2, 3, 4, 5, 6, 8, 10, 11, 15, 20, 22, 25, 33, 47, 50, 75, 100]) + 0.0
    value = 1.5 if least < 1.5 and random.random() < 0.05 else value
    db = 20 * math.log10(value)
    if "db" in named:
        db = float(random.choice([6, 10, 12, 14, 15, 18, 20, 24, 26, 30, 32, 36, 40]))
        value = 10 ** (db / 20)
    return (
        value,
        {"gain": (value, ""), "minus": (-value, ""), "db": (db, "dB")},
        Measure("ac {name} max vdb(out)", "gain", db, 0.05),
    )


def _inverting(random: Random, named: frozenset[str]) -> Circuit:
    gain, words, measure = _gain(random, named, 0.5)
    r = drawn(random, 1e3, 47e3) if "r" in named else 10e3
    stated = (
        f".param G={{10**({words['db'][0]:g}/20)}} R={spice(r)}" if "db" in named else f".param G={gain:g} R={spice(r)}"
    )
    body = f"{stated}\n{_SOURCE}\nR1 in n {{R}}\nR2 n out {{G*R}}\nE1 out 0 0 n 1e6\n{_AC}"
    wants = [about("gain ratio", gain, 0.05), Want("phase at", 175, 185, 1e3)]
    return Circuit({**words, "r": (r, "ohm")}, body, wants, bucket(gain), "RE", [measure])


def _noninverting(random: Random, named: frozenset[str]) -> Circuit:
    gain, words, measure = _gain(random, named, 1.5)
    r = drawn(random, 1e3, 22e3) if "r" in named else 10e3
    stated = (
        f".param G={{10**({words['db'][0]:g}/20)}} R={spice(r)}" if "db" in named else f".param G={gain:g} R={spice(r)}"
    )
    body = f"{stated}\n{_SOURCE}\nE1 out 0 in n 1e6\nR2 out n {{(G-1)*R}}\nR1 n 0 {{R}}\n{_AC}"
    wants = [about("gain ratio", gain, 0.05), Want("phase at", -5, 5, 1e3)]
    return Circuit({**words, "r": (r, "ohm")}, body, wants, bucket(gain), "RE", [measure])


def _bandwidth(random: Random, named: frozenset[str]) -> Circuit:
    gbw = random.choice([1e6, 3e6, 4e6, 5e6, 8e6, 10e6, 20e6])
    gain = float(random.choice([2, 5, 10, 20, 50, 100]))
    body = (
        f".param GBW={spice(gbw)} G={gain:g}\n{_SOURCE}\nG1 0 a in n 1m\nR3 a 0 100meg\nC1 a 0 {{1m/(6.2832*GBW)}}\n"
        "E1 out 0 a 0 1\nR2 out n {(G-1)*1k}\nR1 n 0 1k\n.ac dec 50 100 {10*GBW}"
    )
    measure = Measure("ac {name} when vdb(out)={20*log10(G)-3.0103} fall=1", "corner", gbw / gain)
    wants = [about("corner", gbw / gain), about("gain ratio", gain)]
    return Circuit({"gbw": (gbw, "Hz"), "gain": (gain, "")}, body, wants, bucket(gbw), "RE", [measure])


def _integrator(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 10, 5e4)
    c = 10.0 ** (-math.floor(math.log10(f)) - 5)
    c = drawn(random, c / 3, c * 2) if "c" in named else c
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{1/(6.2832*f*C)}}\n{_SOURCE}\nR1 in n {{R}}\nC1 n out {{C}}\n"
        "R2 n out {1000*R}\nE1 out 0 0 n 1e6\n.ac dec 20 {f/30} {f*30}"
    )
    wants = [decibels(0, 0.7, f, "gain at"), decibels(-20, 1, 10 * f, "gain at"), Want("phase at", 85, 95, f)]
    return Circuit({"f": (f, "Hz"), "c": (c, "F")}, body, wants, bucket(f), "RCE")


def _differentiator(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 20, 2e4)
    c = 10.0 ** (-math.floor(math.log10(f)) - 5)
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{1/(6.2832*f*C)}}\n{_SOURCE}\nC1 in a {{C}}\nR1 a n {{R/100}}\n"
        "R2 n out {R}\nE1 out 0 0 n 1e6\n.ac dec 20 {f/30} {f*30}"
    )
    wants = [decibels(0, 0.7, f, "gain at"), decibels(-20, 1, f / 10, "gain at"), Want("phase at", -95, -85, f)]
    return Circuit({"f": (f, "Hz")}, body, wants, bucket(f), "RCE")


def _difference(random: Random, named: frozenset[str]) -> Circuit:
    gain = float(random.choice([1, 2, 4, 5, 10, 20]))
    a = round(random.uniform(0.2, 3), 1)
    b = round(a + random.choice([0.05, 0.1, 0.2, 0.3]), 2)
    body = (
        f".param G={gain:g}\nV1 in1 0 {a:g}\nV2 in2 0 {b:g}\nR1 in1 n 10k\nR2 n out {{G*10k}}\nR3 in2 p 10k\n"
        "R4 p 0 {G*10k}\nE1 out 0 p n 1e6\n.op"
    )
    words: Words = {"gain": (gain, ""), "a": (a, "V"), "b": (b, "V")}
    return Circuit(words, body, [about("dc", gain * (b - a), 0.05)], f"{gain:g}", "RE")


def _summing(random: Random, named: frozenset[str]) -> Circuit:
    a, b = (round(random.uniform(0.1, 2), 1) for _ in range(2))
    gain = float(random.choice([1, 1, 2, 5]))
    body = (
        f".param G={gain:g}\nV1 in1 0 {a:g}\nV2 in2 0 {b:g}\nR1 in1 n 10k\nR2 in2 n 10k\nR3 n out {{G*10k}}\n"
        f"E1 out 0 0 n 1e6\n.op"
    )
    words: Words = {"a": (a, "V"), "b": (b, "V"), "gain": (gain, "")}
    return Circuit(words, body, [about("dc", -gain * (a + b), 0.05)], f"{gain:g}-{round(a + b)}", "RE")


def _instrumentation(random: Random, named: frozenset[str]) -> Circuit:
    gain = float(random.choice([5, 10, 11, 20, 21, 50, 51, 100, 101, 200]))
    body = (
        f".param G={gain:g}\nV1 in 0 DC 0 AC 1\nV2 in2 0 0\nE1 a 0 in na 1e6\nE2 b 0 in2 nb 1e6\nR1 a na 10k\n"
        f"R2 b nb 10k\n"
        "RG na nb {20k/(G-1)}\nR3 b n 10k\nR4 n out 10k\nR5 a p 10k\nR6 p 0 10k\nE3 out 0 p n 1e6\n" + _AC
    )
    measure = Measure("ac {name} max vdb(out)", "gain", 20 * math.log10(gain), 0.05)
    return Circuit({"gain": (gain, "")}, body, [about("gain ratio", gain, 0.05)], bucket(gain), "RE", [measure])


def _transimpedance(random: Random, named: frozenset[str]) -> Circuit:
    i = round_value(random, 1e-8, 1e-4)
    v = float(random.choice([0.5, 1, 2, 2.5, 3]))
    body = f".param I={spice(i)} V={v:g}\nI1 n 0 {{I}}\nR1 n out {{V/I}}\nE1 out 0 0 n 1e6\n.op"
    return Circuit({"i": (i, "A"), "v": (v, "V")}, body, [about("dc", v, 0.05)], bucket(i), "RE")


def _schmitt(random: Random, named: frozenset[str]) -> Circuit:
    supply = float(random.choice([5, 9, 10, 12, 15]))
    share = random.choice([0.1, 0.2, 0.25, 0.4, 0.5])
    high = supply * share
    body = (
        f".param VS={supply:g} VT={high:g}\nV1 in 0 PWL(0 {{-VS}} 1m {{VS}} 2m {{-VS}})\n"
        "B1 out 0 V=VS*tanh(1000*(V(p)-V(in)))\nR1 out p {10k*(VS/VT-1)}\nR2 p 0 10k\n.tran 1u 2m"
    )
    wants = [about("input at falling output", high, 0.1), about("input at rising output", -high, 0.1)]
    words: Words = {"vt": f"±{high:g} V", "vs": f"±{supply:g} V"}
    return Circuit(words, body, wants, f"{supply:g}-{share:g}", "RB")


KINDS: Mapping[str, Maker] = {
    "inverting": _inverting,
    "non-inverting": _noninverting,
    "finite-gbw": _bandwidth,
    "integrator": _integrator,
    "differentiator": _differentiator,
    "difference": _difference,
    "summing": _summing,
    "instrumentation": _instrumentation,
    "transimpedance": _transimpedance,
    "schmitt": _schmitt,
}
