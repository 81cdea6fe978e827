"""From text to cards: one `Card` per logical line, with its words and where they stand.

Nothing is lost: every line of the snapshot belongs to a card, a comment, a blank, or the title. The reader
takes linear time, never recurses, and accepts any text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from kiki_tools.text import Snapshot, Span

Kind = Literal["title", "device", "directive", "control"]

_WORD = re.compile(
    r"""
    '[^'\n]*' | "[^"\n]*" | \{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}   # quoted text, expression in braces
    | [=(),]                                                        # punctuation
    | [^\s=(),'"{]+ | .                                             # a plain word, or a stray quote or brace
    """,
    re.VERBOSE,
)
_PUNCTUATION = frozenset("=(),")
_COMMENT = re.compile(r";|//|(?<![^\s,])\$(?=\s|\Z)")


def comment_start(line: str) -> int:
    """Where the comment at the end of a line begins; the line's length if it has none."""
    for match in _COMMENT.finditer(line):
        at = match.start()
        if line.count('"', 0, at) % 2 == 0 and line.count("'", 0, at) % 2 == 0:
            return at
    return len(line)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a card, as it stands in the text."""

    text: str
    span: Span

    @property
    def low(self) -> str:
        """Lower case, as SPICE compares."""
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Card:
    """One logical line. ``words`` are without comments, continuation marks and line ends.

    ``scope`` names the enclosing subcircuits, outermost first, in lower case.
    """

    kind: Kind
    span: Span
    line: int
    words: tuple[Word, ...]
    scope: tuple[str, ...] = ()

    @property
    def name(self) -> Word:
        """The first word: a device's name or a directive."""
        return self.words[0]

    @property
    def letter(self) -> str:
        """The device letter in lower case; empty for what is no device."""
        return self.words[0].low[0] if self.kind == "device" else ""

    def moved(self, by: int, lines: int) -> Card:
        """The card ``by`` characters and ``lines`` lines further."""
        words = tuple(Word(word.text, word.span.moved(by)) for word in self.words)
        return Card(self.kind, self.span.moved(by), self.line + lines, words, self.scope)

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the first, without parentheses and commas."""
        return tuple(word for word in self.words[1:] if word.text not in ("(", ")", ","))

    def assignments(self) -> Iterator[tuple[Word, Word]]:
        """The pairs of ``name = value``."""
        for at, word in enumerate(self.words):
            if word.text == "=" and 0 < at < len(self.words) - 1:
                yield self.words[at - 1], self.words[at + 1]

    def bindings(self) -> Iterator[tuple[Word, Span]]:
        """The names of ``name = expression``, each with the span of its expression up to the next name."""
        words = self.words
        marks = [at for at, word in enumerate(words) if word.text == "=" and 0 < at < len(words) - 1]
        for number, at in enumerate(marks):
            last = marks[number + 1] - 2 if number + 1 < len(marks) else len(words) - 1
            while last > at + 1 and words[last].text == ",":
                last -= 1
            if last > at:
                yield words[at - 1], Span(words[at + 1].span.start, words[last].span.end)

    def positional(self) -> tuple[Word, ...]:
        """The arguments before the first ``name = value``."""
        words = self.words
        for at, word in enumerate(words):
            if word.text == "=":
                words = words[: at - 1]
                break
        return tuple(word for word in words[1:] if word.text not in ("(", ")", ","))


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment line, whole."""

    text: str
    span: Span
    line: int


@dataclass(frozen=True)
class Deck:
    """A netlist: its cards and comments in the order of the text."""

    snapshot: Snapshot
    cards: tuple[Card, ...]
    comments: tuple[Comment, ...] = field(default=())

    @cached_property
    def title(self) -> Card | None:
        """The title line, when the file is a deck rather than a library."""
        return self.cards[0] if self.cards and self.cards[0].kind == "title" else None

    @cached_property
    def end(self) -> Card | None:
        """The first ``.end`` card."""
        return next((c for c in self.cards if c.kind == "directive" and c.name.low == ".end"), None)

    def directives(self, *names: str) -> Iterator[Card]:
        """The cards of these directives, each named in lower case with its dot."""
        return (card for card in self.cards if card.kind == "directive" and card.name.low in names)

    def devices(self, letters: str = "") -> Iterator[Card]:
        """The device cards, of these letters if any are given."""
        return (card for card in self.cards if card.kind == "device" and (not letters or card.letter in letters))

    def card_at(self, offset: int) -> Card | None:
        """The card that covers ``offset``."""
        return next((card for card in self.cards if offset in card.span), None)


_LIBRARY_SUFFIXES = (".lib", ".inc", ".mod", ".model", ".sub", ".subckt", ".pm", ".l")
_FIRST_CARD = re.compile(
    r"\s*(?:\*|\.(?:subckt|model|param|include|inc|lib|func|global|option|options|control)\b)", re.I
)


def has_title(snapshot: Snapshot) -> bool:
    """Whether ngspice reads the first line as a title: in a deck always; an included library has none."""
    if snapshot.path.lower().endswith(_LIBRARY_SUFFIXES):
        return False
    return _FIRST_CARD.match(snapshot.line_text(0)) is None or snapshot.line_text(0).lstrip().startswith("*")


def parse(snapshot: Snapshot, title: bool | None = None) -> Deck:
    """Reads all cards of the snapshot. ``title``: whether the first line is one (by default `has_title`)."""
    reader = _Reader(snapshot)
    reader.read(has_title(snapshot) if title is None else title)
    return Deck(snapshot, tuple(reader.cards), tuple(reader.comments))


def card_at(snapshot: Snapshot, offset: int) -> Card | None:
    """The one card that covers ``offset``, read without the rest of the file: not of ``.control``, with no scope.

    Null in a comment, on a blank line, and in a card of absurd length.
    """
    line = snapshot.line_of(offset)
    first = last = line
    while _CONTINUES.match(snapshot.line_text(first)):
        above = first - 1
        while above >= 0 and line - above < _MOST_LINES and _SKIPPED.match(snapshot.line_text(above)):
            above -= 1
        if above < 0:
            break
        if line - above >= _MOST_LINES:
            return None
        first = above
    for below in range(line + 1, min(snapshot.line_count, line + _MOST_LINES)):
        text = snapshot.line_text(below)
        if _CONTINUES.match(text):
            last = below
        elif not _SKIPPED.match(text):
            break
    span = Span(snapshot.line_start(first), snapshot.line_span(last).end)
    if len(span) > _MOST_CHARACTERS:
        return None
    reader = _Reader(Snapshot(snapshot.slice(span)))
    reader.read(False)
    inside = offset - span.start
    found = next((card for card in reader.cards if card.span.start <= inside <= card.span.end), None)
    return None if found is None else found.moved(span.start, first)


_CONTINUES = re.compile(r"[ \t]*\+")
_SKIPPED = re.compile(r"[ \t]*(?:[*#;$].*)?\Z")
DEEPEST = 40
"""Subcircuits within subcircuits; what is deeper belongs to the last of them."""
_MOST_LINES = 3000
_MOST_CHARACTERS = 60_000


def read_block(text: str, *, title: bool, control: bool) -> tuple[list[Card], list[Comment]]:
    """The cards and comments of some whole cards; places count from the text's start."""
    reader = _Reader(Snapshot(text))
    reader.control = control
    reader.read(title)
    return reader.cards, reader.comments


class _Reader:
    """The state of one pass over the lines."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.cards: list[Card] = []
        self.comments: list[Comment] = []
        self.scope: list[str] = []
        self.control = False
        self.pending: list[Word] = []
        self.start = self.end = self.first_line = 0

    def read(self, title: bool) -> None:
        lines = self.snapshot.line_count
        begin = 0
        if title:
            span = self.snapshot.line_span(0)
            self.cards.append(Card("title", span, 0, (Word(self.snapshot.line_text(0), span),)))
            begin = 1
        for line in range(begin, lines):
            self.line(line)
        self.finish()

    def line(self, line: int) -> None:
        span = self.snapshot.line_span(line)
        text = self.snapshot.text[span.start : span.end]
        stripped = text.lstrip()
        indent = len(text) - len(stripped)
        if not stripped:
            return
        if stripped[0] == "*" or (stripped[0] in "#;$" and not self.control):
            self.comments.append(Comment(stripped, Span(span.start + indent, span.end), line))
            return
        if stripped[0] == "+" and self.pending and not self.control:
            self.words(span.start + indent + 1, stripped[1:])
            self.end = span.end
            return
        self.finish()
        self.start, self.end, self.first_line = span.start + indent, span.end, line
        self.words(self.start, stripped)

    def words(self, offset: int, text: str) -> None:
        if not self.control:
            text = text[: comment_start(text)]
        for match in _WORD.finditer(text):
            if not match.group().isspace():
                self.pending.append(Word(match.group(), Span(offset + match.start(), offset + match.end())))

    def finish(self) -> None:
        if not self.pending:
            return
        words, self.pending = tuple(self.pending), []
        first = words[0].low
        span = Span(self.start, self.end)
        if self.control and first != ".endc":
            self.cards.append(Card("control", span, self.first_line, words, tuple(self.scope)))
            return
        kind: Kind = "directive" if first.startswith(".") else "device"
        if first == ".ends" and self.scope:
            self.scope.pop()
        self.cards.append(Card(kind, span, self.first_line, words, tuple(self.scope)))
        if first in (".subckt", ".macro") and len(words) > 1 and len(self.scope) < DEEPEST:
            self.scope.append(words[1].low)
        elif first == ".control":
            self.control = True
        elif first == ".endc":
            self.control = False
