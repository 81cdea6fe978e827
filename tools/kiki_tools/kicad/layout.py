"""KiCad's own layout of a file, and KiCad text from nested tuples.

KiCad 8 and newer write their files in one form: a tab for each depth, a list on its own line, a list without lists in
it on one line, runs of points `(xy 1 2) (xy 3 4)` side by side up to a column, long lists of words broken behind a
column. Columns are bytes of UTF-8, and a tab is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import TypeAlias

from kiki_tools.kicad.sexpr import quoted

__all__ = ["Layout", "Node", "Quoted", "Unbalanced", "emit", "laid_out", "number", "quoted"]

_STRING = r'"(?:[^"\\\n]++|\\[^\n])*+"'
_TOKEN = re.compile(rf'^[ \t]*+#[^\n]*+\n|[()]|(?:[^ \t\r\n()"]++|{_STRING})++|"', re.MULTILINE)
_BARE = re.compile(r'[^\s()"#][^\s()"]*')

_POINTS_UP_TO = 99
_WORDS_UP_TO = 72
_EFFECTS = frozenset({"font", "stroke", "fill", "teardrop", "offset", "rotate", "scale"})


class Layout(Enum):
    """KiCad's layouts, by the lists that stay on one line with all in them."""

    FILE = frozenset[str]()
    """Its schematics, boards, symbols and footprints."""
    COMPACT = _EFFECTS
    """The same with the advanced setting for compact files."""
    TABLE = frozenset({"lib"})
    """Library tables, as KiCad 10 writes them."""


class Unbalanced(ValueError):
    """A `)` too many, a list or a string without its end. ``offset``: where it stands, in characters."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (offset {offset})")
        self.offset = offset


def laid_out(text: str, layout: Layout = Layout.FILE) -> str:
    """The text as KiCad would write it: the same words, strings and lists, other white space, `\\n` as line end.

    A comment (`#` as the first character of a line) keeps a line of its own. Raises Unbalanced.
    """
    text = text if text.endswith("\n") else text + "\n"
    tokens = _TOKEN.findall(text)
    if _is_unbalanced(tokens):
        raise _first_fault(text)
    page = _Page(layout.value)
    for index, token in enumerate(tokens):
        if token == "(":
            page.open(tokens[index + 1], tokens[index + 2 : index + 3])
        elif token == ")":
            page.close()
        elif token[-1] == "\n":
            page.comment(token.strip())
        else:
            page.word(token)
    return page.text()


class _Page:
    """What is written so far, and what the place of the next token depends on.

    ``points``: the list begun last is a point. ``wrapped``: a list of words was broken, its `)` is still to come.
    ``row``: the depth of the list that stays on one line, -1 for none. ``last``: the kind of token before.
    """

    __slots__ = ("column", "depth", "last", "lines", "one_line", "points", "row", "wrapped")

    def __init__(self, one_line: frozenset[str]) -> None:
        self.one_line = one_line
        self.lines: list[str] = []
        self.column = self.depth = 0
        self.row = -1
        self.last = ""
        self.points = self.wrapped = False

    def text(self) -> str:
        return "".join([*self.lines, "\n"]) if self.lines else ""

    def open(self, head: str, following: list[str]) -> None:
        point = head == "xy" and following != ["("] and following != [")"]
        if self.last != "#" and (self.row >= 0 or (point and self.points and self.column < _POINTS_UP_TO)):
            self.lines.append(" (")
            self.column += 2
        else:
            self._break("(")
        self.points = point
        if head in self.one_line:
            self.row = self.depth
        self.depth += 1
        self.last = "("

    def close(self) -> None:
        self.depth -= 1
        if self.last == "#" or (self.row < 0 and (self.wrapped or self.last == ")")):
            self._break(")")
            self.wrapped = False
        else:
            self.lines.append(")")
            self.column += 1
        if self.depth == self.row:
            self.row = -1
        self.last = ")"

    def comment(self, text: str) -> None:
        self._break(text)
        self.row = -1
        self.last = "#"

    def word(self, token: str) -> None:
        if self.last == "(":
            self.lines.append(token)
            self.column += 1
        elif self.last == "#" or not self.depth:
            self._break(token)
        elif self._is_full(token):
            self._break(token)
            self.wrapped = True
        else:
            self.lines.append(" " + token)
            self.column += 2
        self.column += (len(token) if token.isascii() else len(token.encode())) - 1
        self.last = "a"

    def _is_full(self, token: str) -> bool:
        """Whether a word goes to the next line. There, one with a `#` in front would be a comment."""
        return self.column >= _WORDS_UP_TO and not self.points and self.row < 0 and token[0] != "#"

    def _break(self, start: str) -> None:
        """``start`` on a new line; the column behind its first character."""
        self.lines.append("\n" + "\t" * self.depth + start if self.lines else start)
        self.column = self.depth + 1


def _is_unbalanced(tokens: list[str]) -> bool:
    depth = 0
    for token in tokens:
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth < 0:
                return True
        elif token == '"':
            return True
    return depth != 0


def _first_fault(text: str) -> Unbalanced:
    opened: list[int] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "(":
            opened.append(match.start())
        elif token == '"':
            return Unbalanced("this string doesn't end on its line", match.start())
        elif token == ")":
            if not opened:
                return Unbalanced("this ) closes nothing", match.start())
            opened.pop()
    return Unbalanced("this ( is never closed", opened[-1])


class Quoted(str):
    """A text to be written as a string, in quotes."""

    __slots__ = ()


Node: TypeAlias = "str | int | float | Sequence[Node]"
"""A list as a tuple: its head, then bare words, numbers, booleans (`yes`, `no`), `Quoted` texts and lists."""


def emit(node: Node, layout: Layout = Layout.FILE) -> str:
    """The file text of a nested tuple. Raises ValueError for a bare word that can't stand without quotes."""
    written: list[str] = []
    todo: list[Node | None] = [node]
    while todo:
        item = todo.pop()
        if item is None:
            written.append(")")
        elif isinstance(item, str | int | float):
            written.append(_atom(item))
        else:
            written.append("(")
            todo += [None, *reversed(item)]
    return laid_out(" ".join(written), layout)


def _atom(value: str | float) -> str:
    if isinstance(value, Quoted):
        return quoted(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if not _BARE.fullmatch(value):
        raise ValueError(f"{value!r} can't be written without quotes")
    return value


def number(value: float) -> str:
    """A number as KiCad writes it: no exponent, at most six decimals, no idle zeros. Raises ValueError for inf, nan."""
    if not abs(value) < float("inf"):
        raise ValueError(f"{value} is no number for a file")
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
