"""Changes that a text tells of in words ("raised from 20 kHz to 32 kHz", "is now", "instead of", "no longer"), and
whether an older text states what was changed.

Reading is by English patterns and errs on the side of finding nothing. Questions, proposals and what was not done are
no changes.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kiki_core.memory.words import STOP, folded

_MOST_TEXT = 4_000
_MOST_CHANGES = 6
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_WORD = re.compile(r"[^\W_]+(?:[._/+-][^\W_]+)*")
_WORDS_OF_CHANGE = re.compile(
    r"\b(?:(?P<verb>(?:chang|switch|rais|lower|increas|decreas|reduc|doubl|halv|bump|updat|migrat|correct|mov|relocat"
    r"|shift)(?:e[ds]?|ing|s|p?ed)?\b|went(?:\s(?:up|down))?\b|(?:goes|came|comes)\s(?:up|down)\b|set\b(?=.{1,60}\bnow\b))"
    r"|(?P<exchange>(?:replac|exchang)(?:e[ds]?|ing)\b|swap(?:s|ped|ping)?\b|takes\sthe\splace\sof\b)"
    r"|(?P<than>instead\sof\b|rather\sthan\b|in\splace\sof\b)"
    r"|(?P<longer>no\slonger\b)"
    r"|(?P<dropped>(?:dropped|removed|abandoned|discarded|dismissed|gave\sup(?:\son)?|got\srid\sof)\b)"
    r"|(?P<gone>(?:gone|goes(?:\saway)?|went\saway|(?<=\bis\s)out|(?<=\bare\s)out)(?=\s*[,;.!]|$))"
    r"|(?P<becomes>becomes?\b|became\b)"
    r"|(?P<now>from\snow\son\b|now\b)"
    r"|(?P<instead>instead\b))",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:should|could|would|might|may|maybe|perhaps|if|unless|whether|consider(?:ed|ing)?|propos\w+|suggest\w*"
    r"|think about|wonder\w*|idea|not|never|cannot|tomorrow|later on)\b|n't\b",
    re.IGNORECASE,
)
_PHRASE = r"[^,;:.!?]{1,60}?"
_STOPS = (
    r"(?=\s*(?:[,;:!?]|\.(?:\s|$)|$)|\s(?:because|since|as|so|for|to|in|on|at|and|after|before|but|the|is|are|was|were"
    r"|has|have|does|speaks?|runs?|with)\b)"
)
_BETWEEN = re.compile(
    rf"\s+(?P<subject>{_PHRASE}\s+)?from\s+(?P<old>{_PHRASE})\s+to\s+(?P<new>.{{1,60}})", re.IGNORECASE
)
_TO = re.compile(
    rf"\s+(?P<subject>{_PHRASE}\s+)?(?:back\s+)?(?:to|onto|into|under|below|above)\s+(?P<new>.{{1,60}})", re.IGNORECASE
)
_FOR = re.compile(rf"\s+(?P<old>{_PHRASE}\s+)?(?:with|by|for|against)\s+(?P<new>.{{1,80}})", re.IGNORECASE)
_OLD = re.compile(rf"\s+(?P<old>{_PHRASE}){_STOPS}", re.IGNORECASE)
_USED = re.compile(
    r"\s+(?:\w+\s+){0,2}?(?:us(?:e[ds]?|ing)|need(?:s|ed)?|have|has|fit(?:s|ted)?|run(?:s|ning)?|there|populated|exists?)\b",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"\b(?:use|using|take|taking|pick|picked|choose|chose|go(?:ing)? with|went with|switch(?:ed)? to)\s+"
    rf"(?P<new>{_PHRASE})\s+$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[,;:](?=\s)")
_BEING = re.compile(
    r"\b(?:is|are|was|were|has|have|had|been|be|being|got|gets?|we|i|they|then|just|also|so|therefore|runs?|uses?|sits?)"
    r"\s*$",
    re.IGNORECASE,
)
_PLACED = re.compile(
    r"\b(?:sits?|is|are|placed|located|mounted|goes|lies?|kept|stored|fitted|soldered|stands?|hangs?|lives?|put)\s+"
    r"(?:\w+\s+){0,2}?(?:on|at|in|under|near|next to|beside|between|above|below|inside|outside|behind)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.])(?:±|\+|plus |minus |-)?(\d{1,12}(?:[.,]\d{1,9})?)\s?([a-zA-ZµμΩ°%]{1,12})?(?![\w])"
    r"|(?<![\w.])(0x[0-9a-fA-F]{1,16})\b"
)
_PREFIX = {"p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "k": 3, "K": 3, "M": 6, "G": 9}
_UNITS = {
    "v": "v", "a": "a", "hz": "hz", "f": "f", "h": "h", "w": "w", "s": "s", "ω": "ohm", "ohm": "ohm", "ohms": "ohm",
    "r": "ohm", "b": "b", "bit": "bit", "bits": "bit", "ah": "ah", "m": "m", "baud": "baud", "bps": "baud",
    "bd": "baud",
}  # fmt: skip
_FILLERS = frozenset(
    "so therefore problem note decision finally cause then also just new old previous current first whole same one"
    " speed value level setting been being get gets".split()
)
"""Words that say little of what was changed."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different now. ``subject``: the stems of what it is about, ``named`` those that are names (SPI, R6);
    ``old``, ``new``: the words of both.

    ``kind``: "between" (from old to new), "exchange" (old for new), "gone" (old alone), "place" (it is elsewhere),
    "value" (new alone), "other" (another thing of the kind that ``subject`` names).
    """

    kind: Literal["between", "exchange", "gone", "place", "value", "other"]
    subject: tuple[str, ...]
    old: str
    new: str
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a sentence that states something has: stems of its words, quantities with their units, a place or none."""

    stems: frozenset[str]
    values: frozenset[tuple[float, str]]
    placed: bool


@functools.lru_cache(maxsize=1_024)
def read(text: str) -> tuple[Change, ...]:
    """The changes that a text tells of, in its order; of a very long one, those at its beginning."""
    if not _WORDS_OF_CHANGE.search(text, 0, _MOST_TEXT):
        return ()
    found: list[Change] = []
    for sentence in _sentences(text):
        if _WORDS_OF_CHANGE.search(sentence) and not _UNSURE.search(sentence):
            found += _of(sentence)
    return tuple(found[:_MOST_CHANGES])


@functools.lru_cache(maxsize=1_024)
def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text that state something."""
    return tuple(
        Sentence(frozenset(stems(one)), frozenset(_values(one)), bool(_PLACED.search(one))) for one in _sentences(text)
    )


def states(text: str, change: Change) -> bool:
    """Whether a text states what a change has made untrue."""
    keys = _keys(change)
    return any(not keys.touch.isdisjoint(one.stems) and _stated(one, change, keys) for one in sentences(text))


def stems(text: str) -> list[str]:
    """The words of a text that say what it is about, without endings."""
    return [_stem(word) for word in _WORD.findall(folded(text)) if len(word) > 1 and word not in STOP]


def _sentences(text: str) -> Iterator[str]:
    for raw in _SENTENCE.split(text[:_MOST_TEXT]):
        sentence = raw.strip()
        if 4 <= len(sentence) <= 400 and not sentence.endswith("?"):
            yield sentence


def _of(sentence: str) -> list[Change]:
    found: list[Change] = []
    for match in _WORDS_OF_CHANGE.finditer(sentence):
        change = _READERS[match.lastgroup or ""](sentence, match)
        if change is not None:
            found.append(dataclasses.replace(change, named=_names(sentence) & set(change.subject)))
            if change.kind != "gone":
                break
    return found


def _names(sentence: str) -> frozenset[str]:
    """The stems of acronyms and of words with figures."""
    words = (word for word in _WORD.findall(sentence) if len(word) > 1)
    return frozenset(
        _stem(folded(word))
        for word in words
        if word.isupper() or (word[0].isalpha() and any(c.isdigit() for c in word))
    )


def _moved(sentence: str, match: re.Match[str]) -> Change | None:
    """ "raised X from A to B", "X went up to B", "moved X to the edge"."""
    before = _before(sentence, match.start())
    if between := _BETWEEN.match(sentence, match.end()):
        subject = _about(between["subject"] or "") or _about(before) or _about(sentence[: match.start()])
        return Change("between", subject, between["old"], between["new"])
    if (to := _TO.match(sentence, match.end())) is None:
        return None
    subject = _about(to["subject"] or "") or _about(before)
    return _set(subject, to["new"], placed=match.group().lower().startswith(("mov", "relocat", "shift")))


def _exchanged(sentence: str, match: re.Match[str]) -> Change | None:
    """ "replaced A with B", "A was replaced by B", "B replaces A", "swapped A for B"."""
    subject = tuple(stem for stem in stems(_NUMBER.sub(" ", sentence)) if stem not in _FILLERS)
    before = _before(sentence, match.start())
    if match.group().lower() in ("replaces", "takes the place of"):
        old = _OLD.match(sentence, match.end())
        return Change("exchange", subject, old["old"], before) if old and stems(old["old"]) else None
    given = _FOR.match(sentence, match.end())
    old_words = (given["old"] or before) if given else ""
    return Change("exchange", subject, old_words, given["new"]) if given and stems(old_words) else None


def _rather(sentence: str, match: re.Match[str]) -> Change | None:
    """ "B instead of A"."""
    old = _OLD.match(sentence, match.end())
    subject = tuple(stem for stem in stems(_NUMBER.sub(" ", sentence)) if stem not in _FILLERS)
    new = _before(sentence, match.start()) or sentence[old.end() :] if old else ""
    return Change("exchange", subject, old["old"], new) if old and stems(old["old"]) else None


def _unused(sentence: str, match: re.Match[str]) -> Change | None:
    """ "no longer use A", "A is no longer used"."""
    used = _USED.match(sentence, match.end())
    old = _OLD.match(sentence, used.end()) if used else None
    words = old["old"] if old and stems(old["old"]) else _before(sentence, match.start()) if used else ""
    return Change("gone", (), words, "") if stems(words) else None


def _dropped(sentence: str, match: re.Match[str]) -> Change | None:
    """ "gave up on A", "A was dropped"."""
    old = _OLD.match(sentence, match.end())
    words = old["old"] if old and stems(old["old"]) else _before(sentence, match.start())
    return Change("gone", (), words, "") if stems(words) else None


def _gone(sentence: str, match: re.Match[str]) -> Change | None:
    """ "A goes", "A is out"."""
    words = _before(sentence, match.start())
    return Change("gone", (), words, "") if stems(words) else None


def _became(sentence: str, match: re.Match[str]) -> Change | None:
    """ "A becomes B"."""
    return _set(_about(_before(sentence, match.start())), sentence[match.end() : match.end() + 60])


def _is_now(sentence: str, match: re.Match[str]) -> Change | None:
    """ "A is now B", "A now has B", "A is B now"."""
    before, after = _before(sentence, match.start()), _CLAUSE.split(sentence[match.end() : match.end() + 60])[0]
    if stems(after):
        return _set(_about(before), after)
    said = re.search(r"\s(?:is|are|has|have|runs?|uses?|kept|set)\s", before)
    return _set(_about(before[: said.start()]), before[said.end() :]) if said else None


def _other(sentence: str, match: re.Match[str]) -> Change | None:
    """ "use a LiFePO4 cell instead": another thing of the kind that the last word names."""
    chosen = _CHOSEN.search(sentence, max(0, match.start() - 90), match.start())
    if chosen is None:
        return None
    kind = _about(chosen["new"])[-1:]
    if not kind or any(c.isdigit() for c in kind[0]):
        return None
    return Change("other", kind, "", chosen["new"])


def _set(subject: tuple[str, ...], new: str, *, placed: bool = False) -> Change | None:
    if not subject:
        return None
    if _values(new) or _named(new):
        return Change("value", subject, "", new)
    return Change("place", subject, "", new) if placed else None


_READERS: dict[str, Callable[[str, re.Match[str]], Change | None]] = {
    "verb": _moved,
    "exchange": _exchanged,
    "than": _rather,
    "longer": _unused,
    "dropped": _dropped,
    "gone": _gone,
    "becomes": _became,
    "now": _is_now,
    "instead": _other,
}


def _before(sentence: str, end: int) -> str:
    """What stands before a place in its clause, without the auxiliary verbs at its end."""
    words = _CLAUSE.split(sentence[max(0, end - 70) : end])[-1]
    while (shorter := _BEING.sub("", words)) != words:
        words = shorter
    return words.strip()


def _about(phrase: str) -> tuple[str, ...]:
    """The stems of the last few words of a phrase: what stands nearest to the verb is its subject."""
    return tuple([stem for stem in stems(phrase) if stem not in _FILLERS][-4:])


@dataclass(frozen=True, slots=True)
class _Keys:
    """What a sentence must have to state what a change changed: of ``touch`` at least one stem."""

    subject: frozenset[str]
    wanted: frozenset[str]
    figures: frozenset[tuple[float, str]]
    parts: frozenset[str]
    touch: frozenset[str]


@functools.lru_cache(maxsize=1_024)
def _keys(change: Change) -> _Keys:
    replaced = change.kind in ("between", "exchange", "gone")
    phrase = change.old if replaced else change.new
    wanted = frozenset(stem for stem in stems(phrase) if stem not in _FILLERS)
    subject = frozenset(change.subject)
    parts = frozenset(stem for stem in wanted if _is_name(stem))
    return _Keys(subject, wanted, frozenset(_values(phrase)), parts, subject | wanted if replaced else subject)


def _stated(sentence: Sentence, change: Change, keys: _Keys) -> bool:
    have = sentence.stems
    about = len(keys.subject & have)
    if change.kind in ("between", "exchange", "gone"):
        if keys.figures:
            return bool(about) and bool(keys.figures & sentence.values)
        if change.kind == "between" and not keys.parts:
            return bool(keys.wanted) and bool(about) and keys.wanted <= have
        return bool(keys.parts & have) if keys.parts else bool(keys.wanted) and keys.wanted <= have
    if 2 * about < len(keys.subject) or not about or not change.named <= have:
        return False
    if change.kind == "place":
        return sentence.placed and not keys.wanted <= have
    if change.kind == "other":
        return not keys.wanted <= have
    if keys.figures:
        units = {unit for _, unit in keys.figures}
        return any(unit in units for _, unit in sentence.values) and not keys.figures & sentence.values
    others = {stem for stem in have - keys.parts if _is_name(stem)}
    return about == len(keys.subject) and bool(others) and not keys.parts & have


def _values(text: str) -> set[tuple[float, str]]:
    """The quantities of a text, each with its unit: 4.7 kΩ is (4700, "ohm"); without one it has an empty unit."""
    found = set()
    for match in _NUMBER.finditer(text):
        number, unit, address = match.groups()
        if address:
            found.add((float(int(address, 16)), "0x"))
            continue
        value, unit = float(number.replace(",", ".")), unit or ""
        known = (
            _UNITS.get(unit.casefold()) if len(unit) > 1 or unit in ("V", "A", "F", "H", "W", "s", "Ω", "R") else None
        )
        if known is None and unit and unit[0] in _PREFIX:
            known = _UNITS.get(unit[1:].casefold()) if len(unit) > 1 else "ohm" if unit in "kKM" else None
            value = value * 10.0 ** _PREFIX[unit[0]] if known is not None else value
        if known is None:
            known = "" if unit.casefold() in STOP else _stem(unit.casefold())
        found.add((float(f"{value:.6g}"), known))
    return found


def _named(text: str) -> set[str]:
    return {stem for stem in stems(text) if _is_name(stem)}


def _is_name(word: str) -> bool:
    """Whether a word is the name of a part: letters and digits, at least four."""
    return len(word) >= 4 and any(c.isdigit() for c in word) and any(c.isalpha() for c in word) and word[:2] != "0x"


def _stem(word: str) -> str:
    if any(c.isdigit() for c in word):
        return word
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word.removesuffix(ending)
    return word
