"""A card's text as words and pairs, and what is odd about a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from kiki_tools.spice.cards import comment_start
from kiki_tools.spice.values import is_plain_number, parse_number

_TOKEN = re.compile(r"""'[^']*'?|"[^"]*"?|\{(?:[^{}]|\{[^{}]*\})*\}?|=|[^\s=(),'"{}]+|\}""")
IDENTIFIER = re.compile(r"(?<![\w.@#$])[a-z_]\w*(?![\w.]*\s*\()(?![\w])")
NODES = {
    "r": 2, "c": 2, "l": 2, "v": 2, "i": 2, "d": 2, "b": 2, "e": 2, "f": 2, "g": 2, "h": 2, "j": 3, "z": 3,
    "m": 4, "q": 3, "s": 4, "w": 2, "t": 4, "o": 4, "u": 3, "y": 4,
}  # fmt: skip
"""Nodes of a device by its letter; the least where there may be more (ngspice manual, 2.1.3)."""
FLAGS = frozenset({"off", "on", "ic", "thermal", "tnodeout"})
"""Words behind a model that are no nodes and no model."""
CONTROLLED = frozenset({"poly", "value", "vol", "cur", "table", "laplace", "freq", "chebyshev"})
"""What stands behind a controlled source's own nodes instead of a controlling node."""


def joined(first: str, more: list[str]) -> str:
    """A card and its continuations as one line, each without its comment."""
    return " ".join([line[: comment_start(line)] for line in (first, *more)])


def split(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """A card's words before the first ``name = value``, and those pairs; without comments, parentheses, commas."""
    text = text[: comment_start(text)]
    tokens = _TOKEN.findall(text)
    if "=" not in tokens:
        return tokens, []
    first = max(tokens.index("=") - 1, 0)
    named: list[tuple[str, list[str]]] = []
    at, count = first, len(tokens)
    while at < count:
        if at + 1 < count and tokens[at + 1] == "=":
            named.append((tokens[at], tokens[at + 2 : at + 3]))
            at += 3
        else:
            if named and tokens[at] != "=":  # an expression without braces goes on
                named[-1][1].append(tokens[at])
            at += 1
    return tokens[:first], [(name, " ".join(value)) for name, value in named]


def places(letter: str, words: Sequence[str]) -> tuple[Sequence[int], int | None]:
    """Which of a device's words (in lower case, those after its name) are nodes, and which names its model.

    For a call the model is the subcircuit. ngspice manual, chapters 3 to 8.
    """
    count = len(words)
    match letter:
        case "r" | "c" | "l":
            named = count > 2 and words[2][0] not in "{'\"" and parse_number(words[2]) is None
            return range(min(2, count)), 2 if named else None
        case "x":
            count = words.index("params:") if "params:" in words else count
            return range(max(count - 1, 0)), count - 1 if count else None
        case "d" | "q" | "j" | "z" | "m":
            least, last = NODES[letter], count
            while last > 2 and (
                words[last - 1] in FLAGS or words[last - 1][0] in "{'" or is_plain_number(words[last - 1])
            ):
                last -= 1
            if last <= least and not (letter == "m" and last == 4):  # a VDMOS has no bulk
                return range(min(least, count)), least if count > least else None
            return range(last - 1), last - 1
        case "e" | "g":
            if count > 3 and words[2] == "poly" and words[3].isdigit():
                return [0, 1, *range(4, min(4 + 2 * int(words[3]), count))], None
            return range(4 if count > 3 and words[2] not in CONTROLLED else min(2, count)), None
        case "a":
            return [
                n for n in range(count - 1) if words[n] not in "[]" and words[n][0] not in "%~[]"
            ], count - 1 if count else None
        case "k":
            return [], None
        case "s" | "w" | "o" | "y" | "u":
            model = {"s": 4, "w": 3, "o": 4, "y": 4, "u": 3}[letter]
            return range(min(NODES[letter], count)), model if count > model else None
    if letter in NODES:
        return range(min(NODES[letter], count)), None
    return [n for n in range(count - 1) if words[n][0] not in "{'\""], None


_TAKES = {"dc": 1, "ac": 2, "distof1": 2, "distof2": 2, "portnum": 1, "z0": 1, "pwr": 1, "freq": 1, "phase": 1}
"""How many numbers the words of an independent source take (ngspice manual, 4.1); a waveform takes all."""


def superfluous(words: Sequence[str]) -> int | None:
    """Where the first number behind an independent source's nodes stands that belongs to nothing: ngspice stops there.

    A card's words; without any of its own a source has one value.
    """
    left = 1
    for index, word in enumerate(words[3:], 3):
        if is_plain_number(word):
            if not left:
                return index
            left -= 1
        elif word[0] in "{'\"":
            left = max(left - 1, 0)  # how many values an expression is, isn't known
        elif (takes := _TAKES.get(word)) is not None:
            left = takes
        else:
            return None
    return None


@lru_cache(maxsize=4096)
def identifiers(expression: str) -> tuple[str, ...]:
    """The names of an expression that are no functions and no arguments of ``v()`` and ``i()``."""
    text = _PROBES.sub(" ", expression)
    return tuple(dict.fromkeys(IDENTIFIER.findall(text)))


PROBE = re.compile(r"\bv\s*\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)")
_PROBES = re.compile(r"""\b[vi]\s*\([^()]*\)|@\w+\[\w*\]|"[^"]*"|\b\d[\w.]*(?:e[+-]\d+)?""")


RKM = re.compile(r"(\d+)(r|meg|[tgkmunpfa])(\d+)")
"""A value with its suffix for a point, as on a schematic: ``4k7``."""


@lru_cache(maxsize=16384)
def passive(letter: str, value: str) -> str | None:
    """What is odd about the value of a resistor, capacitor or inductor; null if nothing is."""
    if value[0] in "{'\"":
        return None
    if RKM.fullmatch(value):
        return "rkm"
    number = parse_number(value)
    if number is None:
        return "odd" if value[0].isdigit() else "name"
    if number == 0:
        return "zero" if letter == "r" else None
    if number < 0:
        return None if letter == "r" else "negative"
    if letter == "r":
        return "huge" if number > 1e15 else ("milli" if value.endswith(("m", "mohm")) and number >= 1e-3 else None)
    bare = value[-1] in "0123456789."
    return "huge" if bare and number >= (1 if letter == "c" else 1e4) else None
