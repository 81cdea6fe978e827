"""What generators propose and tools judge: drafts of pairs, and kinds of circuits with their wording."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

LANGUAGES = ("en", "fr", "de", "es")
_SLOT = re.compile(r"\{(\w+)\}")


Words = Mapping[str, tuple[float, str] | str]
"""What people may say of something: slot -> value and unit, or text."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed pair. ``check``: how an answer is judged, its own first.

    ``broken``: an artefact that the question shows and that its tool has to refuse or to measure as wrong; what the
    tool says of it takes the place of `{said}` in the question.
    """

    kind: str
    group: str
    language: str
    instruction: str
    answer: str
    check: Mapping[str, Any]
    broken: str = ""
    licence: str = "Apache-2.0"
    source: str = "kiki data build"


@dataclass(frozen=True, slots=True)
class Want:
    """What has to be measured: a quantity of `measuring.QUANTITIES`, where (Hz or s), and between which values (SI)."""

    quantity: str
    low: float
    high: float
    at: float | None = None

    def to_json(self) -> dict[str, Any]:
        """As a check has it."""
        told = {"quantity": self.quantity, "low": float(f"{self.low:.6g}"), "high": float(f"{self.high:.6g}")}
        return told if self.at is None else {**told, "at": float(f"{self.at:.6g}")}


def about(quantity: str, value: float, tolerance: float = 0.1, at: float | None = None) -> Want:
    """A want of a value, within a relative tolerance; 10 % is what kiki's answers are held to."""
    margin = abs(value) * tolerance
    return Want(quantity, value - margin, value + margin, at)


def decibels(value: float, margin: float = 1.0, at: float | None = None, quantity: str = "gain") -> Want:
    """A want of a gain in dB, within a margin in dB."""
    return Want(quantity, value - margin, value + margin, at)


@dataclass(frozen=True, slots=True)
class Measure:
    """A `.meas` that a question may ask for: its card without the name, what it is called by, and what it gives."""

    card: str
    what: str
    value: float
    tolerance: float = 0.1


@dataclass(frozen=True, slots=True)
class Circuit:
    """One circuit of a kind: what people may say of it (``words``: slot -> value and unit, or text), and its deck.

    ``bucket``: the part of the parameters' range, which makes the group. ``devices``: letters of cards that have to be
    there. ``body``: all lines of the deck between title and `.end`.
    """

    words: Words
    body: str
    wants: Sequence[Want]
    bucket: str
    devices: str = ""
    measures: Sequence[Measure] = ()


Maker = Callable[[Random, frozenset[str]], Circuit]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of circuit: what people call it, by language, and how one is made.

    A phrase begins with its article; its slots are words of the circuit. ``make`` is told which slots the phrase
    names: what a question doesn't state is always chosen the same way.
    """

    name: str
    asks: Mapping[str, Sequence[str]]
    make: Maker


def slots(phrase: str) -> frozenset[str]:
    """The slots that a phrase names."""
    return frozenset(_SLOT.findall(phrase))
