"""What a question lets choose, and which of it an answer chooses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_MOST = 8
_MOST_LENGTH = 400
_LETTERED = re.compile(r"\(([a-h])\)\s*(.+?)(?=\s*[;,]?\s*(?:or\s+|and\s+)?\([a-h]\)|[?]?\s*$|\n)", re.IGNORECASE)
_LISTED = re.compile(
    r":\s*((?:[^:?.,\n]|\.(?=\d)){1,60}(?:,\s*(?:[^:?.,\n]|\.(?=\d)){1,60}){0,6},?\s+or\s+[^:?\n]{1,60})\?"
)
_BETWEEN = re.compile(r"\bbetween\s+([^?.,\n]{1,60}?)\s+and\s+([^?,\n]{1,60}?)(?=[?,\n]|\.(?!\d)|$)", re.IGNORECASE)
_OR = re.compile(
    r"(?:\b(?:use|choose|pick|take|fit|buy|have|be|better|best|want|need|prefer|is it|is|are)\b[,:]?|,|^)\s+"
    r"((?:[^?,.;:\n]|\.(?=\d)){1,60}?)\s+(?:or|versus|vs\.?)\s+((?:[^?,.;:\n]|\.(?=\d)){1,60}?)"
    r"(?=\s+(?:for|in|on|to|at|as|when|if|here|there)\b|[?,;\n]|\.(?!\d)|$)",
    re.IGNORECASE,
)
_THAN = re.compile(
    r"\b(?:is|are)\s+((?:[^?,;:\n]){1,50}?)\s+(?:so much |much |obviously |clearly |simply |far )?"
    r"(?:better|superior|preferable|safer|cheaper)(?:\s+\w+){0,2}?\s+(?:than|to)\s+((?:[^?,;:\n]){1,50}?)"
    r"(?=\s+(?:for|in|on|at|as|when|if|here|there)\b|[?,;\n]|\.(?!\d)|$)",
    re.IGNORECASE,
)
_CLAIMED = re.compile(
    r"\bthat\s+([^?,;:.\n]{1,50}?)\s+(?:is|are)\s+(?:so much |much |far )?(?:better|superior|preferable) (?:than|to)\s+([^?,;:\n]{1,50}?)"
    r"(?=\s+(?:for|in|on|at|as|when|if|here|there)\b|[?,;\n]|\.(?!\d)|$)",
    re.IGNORECASE,
)
_ISNT = re.compile(
    r"\b(?:isn't|aren't|wouldn't)\s+([^?,;:\n]{1,50}?)\s+(?:obviously|clearly|simply|the|a better|better|best)\b[^?;\n]{0,120}?,\s+or\s+([^?,;:\n]{1,50}?)"
    r"(?=[?,;\n])",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:(?:either|a|an|the|my|une?|l[ea]|ein|eine|der|die|das)\s+)+", re.IGNORECASE)
_WORD = re.compile(r"[\w.+µΩ-]*\w", re.UNICODE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CHOOSES = re.compile(
    r"\b(?:use|using|choos\w+|chose|pick\w*|recommend\w*|go(?:ing)? (?:with|for)|prefer\w*|best|better|suit\w*|take|fit|"
    r"answer|ideal|right|should|superior|option)\b",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\b(?:instead of|rather than|not|than|avoid|over|against|unlike|never|don't|isn't)\b[^,.;]*$", re.I
)
_COMMON = frozenset(
    "a an the for of with and or in at to is are it as resistor capacitor regulator type one option".split()
)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, with its place in the question. ``lead``: how many characters before it are its article's."""

    text: str
    start: int
    end: int
    lead: int = 0


def options(question: str) -> tuple[Option, ...]:
    """The choices that a question offers, in its order; none if it offers none."""
    text = question[:4_000]
    lettered = [Option(m[2][:_MOST_LENGTH], m.start(2), m.end(2)) for m in _LETTERED.finditer(text)]
    if len(lettered) >= 2:
        return tuple(lettered[:_MOST])
    if (match := _LISTED.search(text)) is not None:
        return _cut(text, match.start(1), match.end(1))
    for pattern in (_BETWEEN, _THAN, _CLAIMED, _ISNT, _OR):
        for match in pattern.finditer(text):
            found = tuple(_trimmed(text, match.start(group), match.end(group)) for group in (1, 2))
            if all(one.text for one in found):
                return found
    return ()


def _cut(text: str, begin: int, end: int) -> tuple[Option, ...]:
    found, at = [], begin
    for match in re.finditer(r",\s*(?:or\s+)?|\s+or\s+|$", text[begin:end]):
        one = _trimmed(text, at, begin + match.start())
        if one.text:
            found.append(one)
        at = begin + match.end()
    return tuple(found[:_MOST]) if len(found) >= 2 else ()


def _trimmed(text: str, begin: int, end: int) -> Option:
    raw = text[begin:end]
    article = _ARTICLE.match(raw.lstrip())
    lead = article.end() if article else 0
    begin += len(raw) - len(raw.lstrip()) + lead
    kept = text[begin:end].rstrip()
    return Option(kept, begin, begin + len(kept), lead)


def keys(found: Sequence[str]) -> tuple[frozenset[str], ...]:
    """For each option the words that no other has, in lower case."""
    sets = [{w.lower() for w in _WORD.findall(one)} - _COMMON for one in found]
    return tuple(
        frozenset(mine - set().union(*(other for j, other in enumerate(sets) if j != i))) for i, mine in enumerate(sets)
    )


def named(text: str, found: Sequence[str]) -> frozenset[int]:
    """Which options a passage names, by whole name or by a word that is theirs alone."""
    low = text.lower()
    words = {w.lower() for w in _WORD.findall(text)}
    whole = {i for i, one in enumerate(found) if one.lower() in low}
    return frozenset(whole or {i for i, own in enumerate(keys(found)) if own & words})


def conclusion(answer: str, found: Sequence[str]) -> int | None:
    """The option that an answer chooses; null where it chooses none, or can't be told."""
    if not found:
        return None
    letter = re.search(r"(?:^|\b(?:option|answer|choose|pick|is)\s*)\(?([a-h])\)(?!\w)", answer, re.IGNORECASE)
    if letter is not None and (index := ord(letter[1].lower()) - ord("a")) < len(found):
        return index
    mentioned: set[int] = set()
    for sentence in _SENTENCE.split(answer[:20_000]):
        here = named(sentence, found)
        mentioned |= here
        if not here or not _CHOOSES.search(sentence):
            continue
        kept = {i for i in here if not _AGAINST.search(_before(sentence, found, i))}
        if len(kept) == 1:
            return next(iter(kept))
    return next(iter(mentioned)) if len(mentioned) == 1 else None


def _before(sentence: str, found: Sequence[str], index: int) -> str:
    low = sentence.lower()
    places = [low.find(found[index].lower()), *(low.find(word) for word in keys(found)[index])]
    at = min((place for place in places if place >= 0), default=0)
    return sentence[:at]
