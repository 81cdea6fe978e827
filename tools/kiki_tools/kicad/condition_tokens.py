"""The words of an expression of KiCad's design rules, and what is wrong with those that KiCad can't read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from kiki_tools.kicad.dru_vocabulary import UNIT_SLIPS, UNITS

Severity = Literal["error", "warning", "information"]

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:[.,][0-9]*)?)|(?P<string>'(?:[^'\\]|\\'|\\)*(?P<closed>')?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>==(?!=)|!=(?!=)|<=(?!=)|>=(?!=)|&&(?!&)|\|\|(?!\|)|[-+!*/<>().,])|(?P<bad>[^ ])"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at characters ``start`` to ``end`` of the expression.

    An ``error`` is what KiCad's own check of rules complains of; a ``warning`` is what it accepts, but what can't mean
    what it says; ``information`` is what is easily misread.
    """

    start: int
    end: int
    message: str
    severity: Severity = "error"
    syntax: bool = False
    """Whether the expression can't be read at all: KiCad 10 then drops the whole file."""
    near: tuple[str, ...] = ()
    """What may have been meant, to replace the text from ``start`` to ``end``."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the expression; a string with its quotes."""

    kind: Literal["number", "string", "name", "unit", "operator", "bad", "end"]
    text: str
    start: int
    end: int


def tokens(text: str, units: Collection[str]) -> Iterator[Token]:
    """The words of an expression, where these units are known; an ``end`` is the last."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        word = match.group()
        start = match.start()
        if kind == "closed":
            kind = "string"
        unit = re.match(r"[a-z]+(?![A-Za-z0-9])", word) if kind == "name" else None
        if unit is not None and unit.group() in units:
            yield Token("unit", unit.group(), start, unit.end() + start)
            if unit.end() < len(word):
                yield Token("name", word[unit.end() :], start + unit.end(), match.end())
        else:
            yield Token(kind, word, start, match.end())  # type: ignore[arg-type]
    yield Token("end", "", len(text), len(text))


def unreadable(token: Token, text: str) -> Fault:
    """What is wrong with a character that KiCad can't read."""
    char = token.text
    start, end = token.start, token.end
    if char == "=":
        while start > 0 and text[start - 1] in "=<>!":
            start -= 1
        while end < len(text) and text[end] in "=<>":
            end += 1
        meant = {"=<": "<=", "=>": ">=", "!==": "!="}.get(text[start:end], "==")
        return Fault(start, end, f"KiCad can't read {text[start:end]}: write {meant}", syntax=True, near=(meant,))
    if char in "&|":
        while end < len(text) and text[end] == char:
            end += 1
        return Fault(start, end, f"KiCad can't read {text[start:end]}: write {char * 2}", syntax=True, near=(char * 2,))
    if char in "\t\r\n":
        what = "a tab" if char == "\t" else "the end of a line"
        return Fault(start, end, f"KiCad can't read {what} here: only blanks separate words", syntax=True, near=(" ",))
    if char == '"':
        return Fault(start, end, "strings stand in single quotes here", syntax=True, near=("'",))
    if char == "$":
        return Fault(start, end, "KiCad doesn't replace text variables here", syntax=True)
    return Fault(start, end, f"KiCad can't read {char} here", syntax=True)


def not_a_unit(token: Token) -> Fault:
    """What is wrong with what stands behind a number."""
    wanted = UNIT_SLIPS.get(token.text, UNIT_SLIPS.get(token.text.lower(), ""))
    if not wanted and token.text.lower() in UNITS:
        wanted = token.text.lower()
    if not wanted and re.fullmatch(r"[eE][0-9]*", token.text):
        return Fault(token.start, token.end, "KiCad reads no exponents here", syntax=True)
    meant = f"write {wanted}" if wanted else "there are mm, mil, in and deg"
    near = (wanted,) if wanted in UNITS else ()
    return Fault(token.start, token.end, f"KiCad knows no unit {token.text}: {meant}", syntax=True, near=near)


def said(raw: str) -> str:
    """What a string says, without quotes and escapes."""
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith("'") else raw[1:]
    return inner.replace("\\'", "'")
