"""How people ask: frames around the name of what they want, by language, from a bare search to a whole paragraph."""

from __future__ import annotations

import re
from random import Random

from kiki_core.training.data.model import Circuit, slots
from kiki_core.training.data.numbers import said
from kiki_core.training.data.phrases import phrases

_CASED = re.compile(r"\dM|\d M|Ω")
"""What small letters would make another value."""
_ARTICLES = frozenset(
    {"a", "an", "the", "un", "une", "le", "la", "l'", "einen", "eine", "ein", "den", "die", "das", "una", "el"}
)


def language(random: Random) -> str:
    """A language: English in three of five questions."""
    return random.choices(("en", "fr", "de", "es"), (60, 16, 12, 12))[0]


def filled(random: Random, phrase: str, circuit: Circuit, of: str) -> str:
    """A phrase with the circuit's numbers as someone writes them."""
    told = {}
    for name in sorted(slots(phrase)):
        word = circuit.words[name]
        told[name] = word if isinstance(word, str) else said(random, word[0], word[1], of)
    return phrase.format(**told)


def bare(phrase: str) -> str:
    """A phrase without its article; a German one in the nominative."""
    first, _, rest = phrase.partition(" ")
    if first not in _ARTICLES or not rest:
        return phrase
    if first == "einen":
        adjectives = re.match(r"(?:[a-zäöü]+en )+", rest)
        if adjectives is not None:
            rest = re.sub(r"en ", "er ", adjectives[0]) + rest[adjectives.end() :]
    return rest


def asked(random: Random, phrase: str, of: str, frame: str = "circuit") -> str:
    """A question for what the phrase names, in a language and one of its frames of a sort."""
    text = random.choice(phrases("frames")[frame][of]).replace("{x}", phrase).replace("{t}", bare(phrase))
    style = random.random()
    if style < 0.06 and not _CASED.search(text):
        text = text.lower().rstrip(".?")
    elif style < 0.12:
        text = text.rstrip(".")
    return text if style < 0.12 else text[0].upper() + text[1:]
