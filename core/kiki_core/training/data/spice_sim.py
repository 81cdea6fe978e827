"""Pairs for spice-sim: decks that compute their values themselves by `.param`, so that no arithmetic can be wrong.

Most ask for a circuit, one in five shows a broken deck with the tool's words, one in eight asks for a single card.
"""

from __future__ import annotations

from random import Random
from typing import Any

from kiki_core.training.data import cards, wording
from kiki_core.training.data.circuits import kinds
from kiki_core.training.data.mending import broken
from kiki_core.training.data.model import Circuit, Draft, Kind, Measure, slots
from kiki_core.training.data.phrases import phrases

VERSION = 1
"""Changes when the same seed gives other pairs."""
_MEASURED = 0.3
_REPAIRS, _CARDS = 0.2, 0.125


def draft(random: Random, place: int) -> Draft | None:
    """The proposal of a place: kinds take turns, all else is drawn. None where a deck can't be broken."""
    known = kinds()
    which = random.random()
    if which < _CARDS:
        return cards.draft(random)
    return designed(random, known[place % len(known)], mends=which < _CARDS + _REPAIRS)


def designed(random: Random, kind: Kind, mends: bool = False) -> Draft | None:
    """A question for a circuit of a kind, with its deck; or for the mending of it."""
    language = wording.language(random)
    phrase = random.choice(kind.asks[language])
    circuit = kind.make(random, slots(phrase))
    named = wording.filled(random, phrase, circuit, language)
    question = wording.asked(random, named, language)
    measure, name = None, ""
    if not mends and circuit.measures and random.random() < _MEASURED:
        measure = random.choice(circuit.measures)
        name = random.choice(phrases("measures")[measure.what]["names"])
        ask = random.choice(phrases("frames")["measured"][language])
        question = _stopped(question) + ask.format(what=phrases("measures")[measure.what][language][0], name=name)
    text = deck(wording.bare(named), circuit, measure, name)
    check: dict[str, Any] = {
        "kind": "circuit",
        "devices": circuit.devices,
        "wants": [want.to_json() for want in circuit.wants],
    }
    if measure is not None:
        low, high = _limits(measure)
        check["measure"] = {"name": name, "low": low, "high": high}
    group, answer = f"{kind.name}/{circuit.bucket}", fenced(text)
    if not mends:
        return Draft(kind.name, group, language, question, answer, check)
    wrong = broken(random, text)
    if wrong is None:
        return None
    question = random.choice(phrases("frames")["mending"][language]).replace("{deck}", fenced(wrong))
    return Draft(f"mend-{kind.name}", group, language, question, answer, check, fenced(wrong))


def fenced(text: str) -> str:
    """A deck in its block."""
    return f"```spice\n{text}```"


def deck(title: str, circuit: Circuit, measure: Measure | None = None, name: str = "") -> str:
    """The deck with its title, and the measure that was asked for."""
    lines = [f"* {title[0].upper()}{title[1:]}", circuit.body]
    if measure is not None:
        lines.append(f".meas {measure.card.replace('{name}', name)}")
    return "\n".join([*lines, ".end"]) + "\n"


def _limits(measure: Measure) -> tuple[float, float]:
    margin = measure.tolerance * (abs(measure.value) or 1.0)
    return float(f"{measure.value - margin:.6g}"), float(f"{measure.value + margin:.6g}")


def _stopped(question: str) -> str:
    return question if question[-1] in ".?!" else question + "."
