"""KiCad's text: s-expressions read into nodes that know where they stand, chunk by chunk.

A *piece* is a whole list without lists in it, `(at 93.98 66.04 0)`; or the beginning of a longer one up to its first
inner list, `(property "Reference" "R1"`; or a `)`, a word on its own, or a comment. KiCad's strings end on the line
where they begin, so the lines of a chunk can be cut into pieces without the lines before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kiki_tools.text import Chunk

if TYPE_CHECKING:
    from kiki_tools.kicad.schema import Form

_STRING = r'"(?:[^"\\\n]++|\\.)*+"'
_BARE = r'[^\s()"]++'
_OPEN_STRING = r'"[^\n]*?(?=[ \t\r]*\)*[ \t\r]*$)'


def _list(blank: str) -> str:
    return rf"\({blank}*+(?:{_BARE})?+(?:{blank}++(?:{_BARE}|{_STRING}))*+(?:{blank}*+\))?+"


_OTHER = rf"\)|{_STRING}|{_BARE}|{_OPEN_STRING}"
_PIECE = re.compile(r'\([^()"\n]*\)|' + _list(r"[ \t\r\n\f\v]") + "|" + _OTHER, re.MULTILINE)
_COMMENTED = re.compile(r"^[ \t]*+#[^\n]*|" + _list(r"[ \t]") + "|" + _OTHER, re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*#", re.MULTILINE)
_WORD = re.compile(rf"{_STRING}|{_BARE}|{_OPEN_STRING}", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def _pattern(text: str) -> re.Pattern[str]:
    return _COMMENTED if "#" in text and _COMMENT.search(text) else _PIECE


def pieces(chunk: Chunk) -> list[str]:
    """The chunk's text cut into pieces; between them there is only white space."""
    return _pattern(chunk.text).findall(chunk.text)


def starts(chunk: Chunk) -> list[int]:
    """Where in the chunk each piece begins."""
    known: list[int] | None = chunk.notes.get("kicad.starts")
    if known is None:
        known = chunk.notes["kicad.starts"] = [m.start() for m in _pattern(chunk.text).finditer(chunk.text)]
    return known


class Word(NamedTuple):
    """One word of a list: as it is written, and where in its piece it begins."""

    raw: str
    start: int

    @property
    def quoted(self) -> bool:
        """Whether it is written as a string."""
        return self.raw.startswith('"')

    @property
    def text(self) -> str:
        """What it says, without quotes and escapes."""
        return unquoted(self.raw)


def words(piece: str, at: int = 0) -> list[Word]:
    """The words of a piece from ``at`` on."""
    return [Word(m.group(), m.start()) for m in _WORD.finditer(piece, at)]


def unquoted(raw: str) -> str:
    """What a word says: a string without its quotes and escapes."""
    if not raw.startswith('"'):
        return raw
    inner = raw[1:-1] if len(raw) > 1 and raw.endswith('"') else raw[1:]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    hexadecimal, octal, char = match.groups()
    if hexadecimal:
        return chr(int(hexadecimal, 16))
    if octal:
        return chr(int(octal, 8))
    return _ESCAPED.get(char, char)


def quoted(text: str) -> str:
    """The text as a string of a KiCad file."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped.replace(chr(9), chr(92) + "t")}"'


class Mark:
    """Stands for a chunk in what is noted on it: so that nothing that is noted holds the chunk itself."""

    __slots__ = ()


def mark_of(chunk: Chunk) -> Mark:
    """The chunk's mark."""
    found: Mark | None = chunk.notes.get("kicad.mark")
    if found is None:
        found = chunk.notes.setdefault("kicad.mark", Mark())
    return found


class Place(NamedTuple):
    """A piece of a text: its chunk, and its number in it. Holds in every version of the text that has the chunk."""

    mark: Mark
    number: int


class Node:
    """A list of the file: its head, its words, the lists in it.

    ``piece``: its text up to the first inner list. ``end``: the place of its `)`, its own when it has no inner lists.
    ``loose``: words behind inner lists. ``form``: what the schema knows about it. ``memo``: for what is worked out
    about this node alone.
    """

    __slots__ = ("_texts", "_words", "children", "end", "form", "head", "loose", "mark", "memo", "number", "piece")

    def __init__(self, piece: str, head: str, form: Form, mark: Mark, number: int) -> None:
        self.piece = piece
        self.head = head
        self.form = form
        self.mark = mark
        self.number = number
        self.end: Place | None = None
        self.children: list[Node] | tuple[()] = ()
        self.loose: list[tuple[Place, Word]] | tuple[()] = ()
        self._words: list[Word] | None = None
        self._texts: list[str] | None = None
        self.memo: Any = None

    def __repr__(self) -> str:
        return f"Node({self.piece[:60]!r}, {len(self.children)} inside)"

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.mark, self.number)

    @property
    def own_words(self) -> list[Word]:
        """The words in the list's piece, without the head."""
        if self._words is None:
            self._words = words(self.piece, self.piece.index(self.head, 1) + len(self.head) if self.head else 1)
        return self._words

    @property
    def words(self) -> list[Word]:
        """All its words without the head, those behind inner lists last."""
        return [*self.own_words, *(word for _, word in self.loose)] if self.loose else self.own_words

    def add_loose(self, place: Place, word: Word) -> None:
        """Adds a word that stands behind inner lists."""
        if isinstance(self.loose, tuple):
            self.loose = []
        self.loose.append((place, word))

    @property
    def texts(self) -> list[str]:
        """What its words say, in the same order as `words`."""
        if self.loose:
            return [word.text for word in self.words]
        if self._texts is None:
            rest = self.piece[self.piece.index(self.head, 1) + len(self.head) if self.head else 1 :]
            if '"' in rest:
                self._texts = [unquoted(raw) for raw in _WORD.findall(rest)]
            else:
                self._texts = rest.rstrip(") \t\r\n").split()
        return self._texts

    def value(self, number: int = 0, default: str = "") -> str:
        """What the word with this number says."""
        found = self.texts
        return found[number] if number < len(found) else default

    def number_at(self, number: int = 0, default: float = 0.0) -> float:
        """The word with this number as a number; ``default`` if it is none."""
        try:
            return float(self.texts[number])
        except (IndexError, ValueError):
            return default

    def find(self, head: str) -> Node | None:
        """The last inner list with this head: KiCad lets the last one count."""
        for child in reversed(self.children):
            if child.head == head:
                return child
        return None

    def all(self, head: str) -> list[Node]:
        """The inner lists with this head, in their order."""
        return [child for child in self.children if child.head == head]

    def text_of(self, head: str, default: str = "") -> str:
        """What the first word of the inner list with this head says."""
        found = self.find(head)
        return default if found is None else found.value(0, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A property that is a bare word in old files, and `(name yes)` or `(name)` in new ones."""
        found = self.find(name)
        if found is not None:
            return found.value(0, "yes") in ("yes", "true")
        return default or name in self.texts

    def walk(self) -> Iterator[Node]:
        """This list and all in it, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))
