"""The words of a text as full text search knows them: plain words, and the names that must match exactly.

A name is a part number (TPS62840), a net (+3V3, USART1_TX, /SDA), a designator (R12). A quantity becomes one word
however it is written: 4.7 kΩ, 4.7k and 4k7 are the same.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from kiki_tools.spice.values import format_value

_MOST = 40_000
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<![\w.])[+\-~/]?[A-Za-z0-9]+(?:[_\-./#][A-Za-z0-9]+)*[+#]?(?![\w])")
_QUANTITY = re.compile(
    r"(?<![\w.])(\d{1,9}(?:[.,]\d{1,6})?)\s?([pnuµμmkKMG]?)(V|A|Hz|F|H|W|s|Ω|Ohms?|ohms?|dB|%|°C|bits?|R)?(?![\w])"
)
_MIDDLE = re.compile(r"(?<![\w.])\+?(\d{1,4})([pnuµμmkKMGRV])(\d{1,3})(?![\w])")
_SCALE = {"p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "": 0, "k": 3, "K": 3, "M": 6, "G": 9, "R": 0, "V": 0}

STOP = frozenset(
    """a an the and or but if of to in on at for with from by as is are was were be been being am do does did have
    has had
    having it its this that these those i me my we us our you your he him his she her they them their what which who
    whom
    whose when where why how not no so than then too very can could will would shall should may might must just about
    into
    over under again there here all any both each few more most other some such only own same s t d ll m re ve up out
    off get got please tell show
    le la les un une des du de et ou est sont que qui quoi quel quelle dans sur pour par avec nous vous je il elle on
    ne pas der die das ein eine und oder ist sind war wir ihr ich mit für von zu im auf den dem was wie wo wann nicht
    el los las una y o es son con para por en qué cuál como cuando no""".split()
)
"""Words that say nothing of what a question is about."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a text, in order and with repeats, and its names and quantities in one spelling each."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    quantities: tuple[str, ...]


def terms(text: str) -> Terms:
    """What full text search keeps of a text; of a very long one, its beginning."""
    text = text[:_MOST]
    quantities = list(dict.fromkeys([*_quantities(text)]))
    names = list(dict.fromkeys(name for match in _NAME.finditer(text) for name in _spellings(match.group())))
    return Terms(tuple(_WORD.findall(folded(text))), tuple(names), tuple(quantities))


def question_words(text: str) -> list[str]:
    """The words of a question that say what it is about, each once; all of them if it has no others."""
    words = list(dict.fromkeys(_WORD.findall(folded(text))))
    return [word for word in words if telling(word)] or words


def telling(word: str) -> bool:
    """Whether a word says something of what a text is about: no article, no single letter."""
    return len(word) > 1 and word not in STOP


def folded(text: str) -> str:
    """Lower case, without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def shown(word: str) -> str:
    """A word as a person writes it: ``q3d3v``, the one spelling of a quantity, is 3.3 V."""
    match = re.fullmatch(r"q(\d+)(?:d(\d+))?(?:em?(\d+))?([a-z]*)", word)
    if match is None:
        return word
    number = float(word[1 : match.start(4)].replace("d", ".").replace("m", "-"))
    unit = {"v": "V", "a": "A", "hz": "Hz", "f": "F", "h": "H", "w": "W", "db": "dB", "percent": "%", "degc": "°C"}
    symbol = unit.get(match.group(4), match.group(4))
    return f"{number:g} {symbol}" if symbol in ("dB", "%", "°C") else format_value(number, symbol)


@functools.lru_cache(maxsize=8_192)
def _spellings(word: str) -> tuple[str, ...]:
    """The one spelling of a name, and of its base if it has a suffix (TPS62840-Q1); none for a plain word."""
    letters = any(c.isalpha() for c in word)
    digits = any(c.isdigit() for c in word)
    bare = word.strip("+-~/#")
    capitals = len(bare) >= 3 and bare.isupper() and bare.isalpha()
    if not letters or not (digits or capitals or ("_" in word and len(bare) > 2)):
        return ()
    sign = {"+": "plus", "-": "minus"}.get(word[0], "")
    found = [sign + re.sub(r"[^a-z0-9]", "", bare.lower())]
    if sign:
        found.append(found[0].removeprefix(sign))
    base = re.split(r"[-./#]", bare)[0].lower()
    if len(base) >= 4 and any(c.isdigit() for c in base) and any(c.isalpha() for c in base) and "_" not in base:
        found.append(base)
    return tuple(dict.fromkeys(found))


def _quantities(text: str) -> list[str]:
    found = []
    for match in _MIDDLE.finditer(text):
        whole, letter, part = match.groups()
        found.append(_one(f"{whole}.{part}", letter, "V" if letter == "V" else ""))
    for match in _QUANTITY.finditer(text):
        number, prefix, unit = match.groups()
        if prefix or unit:
            found.append(_one(number.replace(",", "."), prefix, unit or ""))
    return found


def _one(number: str, prefix: str, unit: str) -> str:
    unit = "" if unit.lower() in ("ω", "ohm", "ohms", "r") else unit.lower().rstrip("s") if len(unit) > 1 else unit
    value = f"{float(number) * 10.0 ** _SCALE[prefix]:.5g}"
    token = value.replace(".", "d").replace("-", "m").replace("+", "")
    return "q" + token + {"%": "percent", "°c": "degc"}.get(unit, unit.lower())
