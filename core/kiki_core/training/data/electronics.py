"""Pairs for electronics: circuits with parts from the E series, their formulas worked out, and small calculations.

The deck behind the working is what ngspice judges; a calculation's number has to be the one that ngspice measures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from kiki_core.training.data import wording
from kiki_core.training.data.circuits import kinds
from kiki_core.training.data.model import Draft, Words, slots
from kiki_core.training.data.numbers import E24, bucket, drawn, said, spice
from kiki_core.training.data.phrases import phrases
from kiki_core.training.data.working_out import NotWorkedOut, told, worked_out

VERSION = 1
"""Changes when the same seed gives other pairs."""
_CALCULATIONS = 0.4
_MOST_PARTS = 6


def draft(random: Random, place: int) -> Draft | None:
    """The proposal of a place: circuits take turns with calculations. None where nothing has to be worked out."""
    if random.random() < _CALCULATIONS:
        return _calculation(random)
    known = kinds()
    kind = known[place % len(known)]
    language = wording.language(random)
    phrase = random.choice(kind.asks[language])
    circuit = kind.make(random, slots(phrase))
    try:
        body, parts = worked_out(circuit.body)
    except NotWorkedOut:
        return None
    if not 1 <= len(parts) <= _MOST_PARTS:
        return None
    named = wording.filled(random, phrase, circuit, language)
    question = wording.asked(random, named, language, "parts")
    working = "\n".join(f"- {told(part)}" for part in parts)
    title = wording.bare(named)
    text = f"* {title[0].upper()}{title[1:]}\n{body}\n.end\n"
    check = {"kind": "circuit", "devices": circuit.devices, "wants": [want.to_json() for want in circuit.wants]}
    answer = f"{working}\n\n```spice\n{text}```"
    return Draft(kind.name, f"{kind.name}/{circuit.bucket}", language, question, answer, check)


Worked = tuple[Words, str, str, float, str, Mapping[str, Any], str]
"""Words; the formula; the formula with numbers; the result (SI) and its unit; the check's quantity; the deck."""


def _calculation(random: Random) -> Draft:
    name = random.choice(tuple(_FORMULAS))
    language = wording.language(random)
    phrase = random.choice(phrases("calculations")[name][language])
    words, formula, numbers, result, unit, want, deck = _FORMULAS[name](random)
    told = {k: v if isinstance(v, str) else said(random, v[0], v[1], language) for k, v in sorted(words.items())}
    shown = _shown(result, unit)
    answer = f"{formula} = {numbers} = {shown}"
    check = {"kind": "value", "deck": deck, "unit": unit, **want}
    question = phrase.format(**told)
    return Draft(f"calculate-{name}", f"calculate-{name}/{bucket(result)}", language, question, answer, check)


def _shown(value: float, unit: str) -> str:
    """A value with its unit, three digits."""
    if unit in ("dB", ""):
        return f"{value:.3g}{' ' + unit if unit else ''}"
    return f"{_plain(value)}{unit}"


def _plain(value: float) -> str:
    text = spice(value, 3).replace("meg", "M")
    digits = text.rstrip("fpnumkMg")
    return f"{digits} {text[len(digits) :]}"


def _tried(*lines: str) -> str:
    return "\n".join(["* a calculation tried", *lines, ".end"]) + "\n"


def _corner(random: Random) -> Worked:
    r, c = drawn(random, 100, 1e5, E24), drawn(random, 1e-10, 1e-6)
    f = 1 / (2 * math.pi * r * c)
    deck = _tried(
        "V1 in 0 DC 0 AC 1",
        f"R1 in out {spice(r)}",
        f"C1 out 0 {spice(c)}",
        f".ac dec 100 {spice(f / 100)} {spice(f * 100)}",
    )
    words = {"r": (r, "ohm"), "c": (c, "F")}
    return (
        words,
        "f = 1/(2*pi*R*C)",
        f"1/(2*pi*{spice(r)}*{spice(c)})",
        f,
        "Hz",
        {"quantity": "corner", "near": f},
        deck,
    )


def _resonance(random: Random) -> Worked:
    coil, c = drawn(random, 1e-6, 1e-2), drawn(random, 1e-11, 1e-6)
    f = 1 / (2 * math.pi * math.sqrt(coil * c))
    z = math.sqrt(coil / c)
    deck = _tried(
        "V1 in 0 DC 0 AC 1",
        f"R1 in out {spice(100 * z)}",
        f"L1 out 0 {spice(coil)}",
        f"C1 out 0 {spice(c)}",
        f".ac lin 4001 {spice(f * 0.9)} {spice(f * 1.1)}",
    )
    words = {"l": (coil, "H"), "c": (c, "F")}
    return (
        words,
        "f = 1/(2*pi*sqrt(L*C))",
        f"1/(2*pi*sqrt({spice(coil)}*{spice(c)}))",
        f,
        "Hz",
        {"quantity": "peak frequency"},
        deck,
    )


def _divided(random: Random) -> Worked:
    v = random.choice([3.3, 5.0, 9.0, 12.0, 15.0, 24.0])
    a, b = drawn(random, 1e3, 1e5, E24), drawn(random, 1e3, 1e5, E24)
    deck = _tried(f"V1 in 0 {v:g}", f"R1 in out {spice(a)}", f"R2 out 0 {spice(b)}", ".op")
    words = {"v": (v, "V"), "a": (a, "ohm"), "b": (b, "ohm")}
    numbers = f"{v:g}*{spice(b)}/({spice(a)}+{spice(b)})"
    return words, "Vout = Vin*R2/(R1+R2)", numbers, v * b / (a + b), "V", {"quantity": "dc"}, deck


def _gain(random: Random, inverts: bool) -> Worked:
    a, b = drawn(random, 1e3, 22e3, E24), drawn(random, 1e4, 4.7e5, E24)
    gain = -b / a if inverts else 1 + b / a
    vin = 0.01
    parts = (
        ["V1 in 0 10m", f"R1 in n {spice(a)}", f"R2 n out {spice(b)}", "E1 x 0 0 n 1e7"]
        if inverts
        else ["V1 in 0 10m", f"R1 n 0 {spice(a)}", f"R2 n out {spice(b)}", "E1 x 0 in n 1e7"]
    )
    deck = _tried(*parts, "RX x out 1m", ".op")
    formula, numbers = (
        ("A = -R2/R1", f"-{spice(b)}/{spice(a)}") if inverts else ("A = 1+R2/R1", f"1+{spice(b)}/{spice(a)}")
    )
    return {"a": (a, "ohm"), "b": (b, "ohm")}, formula, numbers, gain, "", {"quantity": "dc", "scale": 1 / vin}, deck


def _parallel(random: Random) -> Worked:
    a, b = drawn(random, 10, 1e5, E24), drawn(random, 10, 1e5, E24)
    deck = _tried("I1 0 out 1m", f"R1 out 0 {spice(a)}", f"R2 out 0 {spice(b)}", ".op")
    numbers = f"{spice(a)}*{spice(b)}/({spice(a)}+{spice(b)})"
    return (
        {"a": (a, "ohm"), "b": (b, "ohm")},
        "R = R1*R2/(R1+R2)",
        numbers,
        a * b / (a + b),
        "ohm",
        {"quantity": "dc", "scale": 1e3},
        deck,
    )


def _charged(random: Random) -> Worked:
    r, c = drawn(random, 1e3, 1e6, E24), drawn(random, 1e-9, 1e-4)
    tau = r * c
    deck = _tried(
        f"V1 in 0 PWL(0 0 {spice(tau / 1000)} 1)",
        f"R1 in out {spice(r)}",
        f"C1 out 0 {spice(c)}",
        f".tran {spice(tau / 500)} {spice(3 * tau)}",
        ".meas tran tau when v(out)=0.63212 rise=1",
    )
    return {"r": (r, "ohm"), "c": (c, "F")}, "tau = R*C", f"{spice(r)}*{spice(c)}", tau, "s", {"measure": "tau"}, deck


def _current(random: Random) -> Worked:
    v, r = random.choice([1.8, 3.3, 5.0, 9.0, 12.0, 24.0]), drawn(random, 10, 1e5, E24)
    deck = _tried(f"V1 out 0 {v:g}", f"R1 out 0 {spice(r)}", ".op")
    return (
        {"v": (v, "V"), "r": (r, "ohm")},
        "I = V/R",
        f"{v:g}/{spice(r)}",
        v / r,
        "A",
        {"quantity": "supply current"},
        deck,
    )


_FORMULAS: Mapping[str, Callable[[Random], Worked]] = {
    "corner": _corner,
    "resonance": _resonance,
    "divider": _divided,
    "inverting": lambda random: _gain(random, True),
    "non-inverting": lambda random: _gain(random, False),
    "parallel": _parallel,
    "time-constant": _charged,
    "current": _current,
}
