"""Faults put into decks that ran: what people and weak models get wrong, so that the tool's words teach the mending."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

Fault = Callable[[Random, list[str]], list[str] | None]
"""From a deck's lines to those of the broken one; None where the fault can't be made."""


def broken(random: Random, deck: str) -> str | None:
    """The deck with one fault, or None if none can be put in."""
    lines = deck.splitlines()
    for fault in random.sample(FAULTS, len(FAULTS)):
        found = fault(random, list(lines))
        if found is not None and found != lines:
            return "\n".join(found) + "\n"
    return None


def broken_by(random: Random, answer: str, faults: Sequence[tuple[str, str]]) -> str | None:
    """A text with one fault, as pattern and what stands instead of it; None if none can be put in."""
    for pattern, instead in random.sample(faults, len(faults)):
        places = list(re.finditer(pattern, answer))
        if places:
            at = random.choice(places)
            return answer[: at.start()] + at.expand(instead) + answer[at.end() :]
    return None


def _cards(lines: Sequence[str], letters: str) -> list[int]:
    return [at for at, line in enumerate(lines) if at and line[:1].lower() in letters]


def _dots(lines: Sequence[str], name: str) -> list[int]:
    return [at for at, line in enumerate(lines) if line.lower().startswith(name)]


def _without(lines: list[str], at: int) -> list[str]:
    return lines[:at] + lines[at + 1 :]


def _no_model(random: Random, lines: list[str]) -> list[str] | None:
    places = _dots(lines, ".model")
    return _without(lines, random.choice(places)) if places else None


def _other_model(random: Random, lines: list[str]) -> list[str] | None:
    places = _dots(lines, ".model")
    if not places:
        return None
    at = random.choice(places)
    words = lines[at].split(" ")
    words[1] += random.choice(["1", "X", "_A"])
    return [*lines[:at], " ".join(words), *lines[at + 1 :]]


def _no_analysis(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for name in (".ac", ".tran", ".op", ".dc") for at in _dots(lines, name)]
    return _without(lines, places[0]) if len(places) == 1 else None


def _undefined(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for at in _cards(lines, "rcl") if "{" in lines[at]]
    if not places:
        return None
    at = random.choice(places)
    return [
        *lines[:at],
        re.sub(r"\{(\w+)", lambda m: "{" + m[1] + random.choice(["x", "val", "0"]), lines[at], count=1),
        *lines[at + 1 :],
    ]


def _no_value(random: Random, lines: list[str]) -> list[str] | None:
    places = _cards(lines, "rc")
    if not places:
        return None
    at = random.choice(places)
    return [*lines[:at], " ".join(lines[at].split(" ")[:3]), *lines[at + 1 :]]


def _mega(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for at in range(1, len(lines)) if re.search(r"=\d[\d.]*meg\b", lines[at])]
    return (
        [re.sub(r"(=\d[\d.]*)meg\b", r"\1M", line) if at == places[0] else line for at, line in enumerate(lines)]
        if places
        else None
    )


def _no_two_pi(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for at, line in enumerate(lines) if "6.2832*" in line and line.startswith(".param")]
    return (
        [line.replace("6.2832*", "") if at == places[0] else line for at, line in enumerate(lines)] if places else None
    )


def _no_stimulus(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for at in _cards(lines, "v") if lines[at].endswith(" AC 1")]
    return [line.removesuffix(" AC 1") if at in places else line for at, line in enumerate(lines)] if places else None


def _slipped_node(random: Random, lines: list[str]) -> list[str] | None:
    places = [
        at for at in _cards(lines, "rcldq") if lines[at].split(" ")[1] == "out" or lines[at].split(" ")[2] == "out"
    ]
    if not places:
        return None
    at = random.choice(places)
    return [
        *lines[:at],
        re.sub(r" out\b", random.choice([" ot", " output", " o"]), lines[at], count=1),
        *lines[at + 1 :],
    ]


def _turned(random: Random, lines: list[str]) -> list[str] | None:
    """A transistor with collector and emitter exchanged, or a diode the wrong way round."""
    places = _cards(lines, "qd")
    if not places:
        return None
    at = random.choice(places)
    words = lines[at].split(" ")
    last = 3 if words[0][0] in "qQ" else 2
    words[1], words[last] = words[last], words[1]
    return [*lines[:at], " ".join(words), *lines[at + 1 :]]


def _no_brace(random: Random, lines: list[str]) -> list[str] | None:
    places = [at for at in _cards(lines, "rcl") if lines[at].endswith("}")]
    if not places:
        return None
    at = random.choice(places)
    return [*lines[:at], lines[at][:-1], *lines[at + 1 :]]


def _unknown_card(random: Random, lines: list[str]) -> list[str] | None:
    """An op-amp as a subcircuit that no one has defined."""
    places = [at for at in _cards(lines, "e") if lines[at].startswith("E1 out 0 ")]
    if not places:
        return None
    words = lines[places[0]].split(" ")
    return [
        *lines[: places[0]],
        f"X1 {words[3]} {words[4]} out {random.choice(['OPAMP', 'LM358', 'TL072'])}",
        *lines[places[0] + 1 :],
    ]


FAULTS: Sequence[Fault] = (
    _no_model, _other_model, _no_analysis, _undefined, _no_value, _mega, _no_two_pi, _no_stimulus, _slipped_node,
    _turned, _no_brace, _unknown_card,
)  # fmt: skip
