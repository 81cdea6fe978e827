"""Facts: short statements that a text makes about a thing's value, by a few safe patterns.

They are taken only where the wording says what is replaced or set: a fact that is missed costs little (its episode
is still found), one that is wrong would hide what holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_core.memory.words import STOP, folded

_MOST_TEXT = 6_000
_MOST_FACTS = 12
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_UNIT = r"(?:[pnuµmkKMG]?(?:V|A|Hz|F|H|W|s|Ω|ohms?|dB|%|°C|mm|mil|bits?|baud|layers?))"
_VALUE = (
    r"(?P<value>[+\-]?[\w.,/+%°Ωµμ-]*(?:\d|(?-i:[A-Z]{2}))[\w.,/+%°Ωµμ-]*"
    rf"(?:\s{_UNIT}\b)?)"
)
_SUBJECT = r"(?P<subject>(?:[\w+./\-]+\s){0,5}?[\w+./\-]+)"
_THE = r"(?:the\s+|our\s+|an?\s+)?"
_CHANGE = (
    r"(?:(?:chang|switch|mov|rais|lower|increas|decreas|reduc|bump|swapp|updat|migrat|correct)(?:e|ed|ing|es|s)?|set)"
)
_CHOOSE = r"(?:use|used|using|choose|chose|picked|pick|selected|decided on|go with|going with|settled on)"
_IS = r"(?:=|:|\bis\b|\bare\b|\bis now\b|\b(?:is |was )?set to\b|\bbecomes\b|\bwill be\b)"
_LEAD = r"(?:so\s+|ok\s+|now\s+|note:?\s+|decision:?\s+|the\s+|our\s+)"
_END = r"(?=[.,;!](?:\s|$)|$|\s(?:because|since|with|in|on|and|at|so)\b)"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "change",
            rf"\b{_CHANGE}\s+{_THE}{_SUBJECT}\s+(?:from\s+(?P<old>\S+(?:\s{_UNIT}\b)?)\s+)?to\s+{_THE}{_VALUE}",
        ),
        (
            "replace",
            rf"\breplac(?:e|ed|ing|es)\s+{_THE}(?P<old>\S+(?:\s[\w-]+)?)\s+(?:with|by)\s+{_THE}{_VALUE}",
        ),
        ("set", rf"\b{_CHOOSE}\s+{_THE}{_VALUE}\s+(?:as|for)\s+{_THE}{_SUBJECT}{_END}"),
        ("set", rf"^\W*{_LEAD}*{_SUBJECT}\s*{_IS}\s*(?:now\s+|set to\s+)?{_THE}{_VALUE}"),
    )
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement read from a text. ``subject`` is a key: its words in one order; ``old``: the value that it
    replaces. ``at``, ``length``: where its sentence is in the text.
    """

    subject: str
    value: str
    at: int
    length: int
    old: str = ""


def read(text: str) -> list[Stated]:
    """The facts that a text states, in its order."""
    found: list[Stated] = []
    for at, sentence in _sentences(text[:_MOST_TEXT]):
        if not 6 <= len(sentence) <= 400 or sentence.endswith("?"):
            continue
        for kind, pattern in _PATTERNS:
            match = pattern.search(sentence)
            if match is None:
                continue
            old = _tidy(match.groupdict().get("old") or "")
            subject = "" if kind == "replace" else key(match["subject"])
            if kind != "replace" and not subject:
                continue
            found.append(Stated(subject, _tidy(match["value"]), at, len(sentence), old))
            break
        if len(found) >= _MOST_FACTS:
            break
    return found


def key(subject: str) -> str:
    """The key of a subject: its words without articles and endings, sorted, so that "rail 3V3" is "the 3V3 rail"."""
    words = [word.strip("._/+-") for word in folded(subject).split()]
    kept = sorted({_singular(word) for word in words if word and word not in STOP})
    return " ".join(kept) if len(kept) <= 5 else ""


def bare(value: str) -> str:
    """A value without blanks and case: values that are written alike have the same."""
    return re.sub(r"[\s,]+", "", folded(value))


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for end, following in [*(match.span() for match in _SENTENCE.finditer(text)), (len(text), len(text))]:
        raw = text[start:end]
        yield start + len(raw) - len(raw.lstrip()), raw.strip()
        start = following


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _tidy(value: str) -> str:
    return value.strip().strip(".,;:")
