"""Immutable text: a snapshot of one file with its line index, positions in three encodings, and edits.

Offsets are indices into the Python string (code points). Lines end at ``\\n``, ``\\r\\n`` or ``\\r``, as the
Language Server Protocol says, and nowhere else (not at form feeds or U+2028).

A snapshot is a sequence of chunks of whole lines. An edit makes new chunks where it touches the text and shares all
others with the snapshot before, together with what analyses have noted on them: so an edit costs no more in a larger
file.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_CHUNK = 4096


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file: 0-based line, and column in the units of an `Encoding`."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Range:
    """From ``start`` up to, not including, ``end``."""

    start: Position
    end: Position


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Offsets ``start`` up to, not including, ``end``, into one snapshot's text."""

    start: int
    end: int

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.start <= offset <= self.end

    def __len__(self) -> int:
        return self.end - self.start

    def moved(self, by: int) -> Span:
        """The span ``by`` characters further."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text in ``span`` by ``text``."""

    span: Span
    text: str


class Chunk:
    """Some whole lines of a text. ``notes``: what analyses worked out about exactly this text, by their names."""

    __slots__ = ("_starts", "lines", "notes", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.count("\n") if "\r" not in text else sum(1 for _ in _LINE_END.finditer(text))
        """Line ends in the chunk."""
        self.notes: dict[str, Any] = {}
        self._starts: array[int] | None = None

    @property
    def starts(self) -> array[int]:
        """Offsets in the chunk at which its lines start; after a last line end, the end of the chunk too."""
        if self._starts is None:
            self._starts = array("I", [0, *(match.end() for match in _LINE_END.finditer(self.text))])
        return self._starts


class Snapshot:
    """One version of one file's text. Never changes; `edited` gives the next one."""

    def __init__(self, text: str, path: str = "", version: int | None = None) -> None:
        self._set(_cut(text), path, version)
        self.__dict__["text"] = text

    def _set(self, chunks: tuple[Chunk, ...], path: str, version: int | None) -> None:
        self.chunks = chunks
        """The text in order; never empty."""
        self.path = path
        self.version = version
        self.history: dict[str, Any] = {}
        """What analyses keep for the versions of this text to come; all versions share it."""

    def __repr__(self) -> str:
        return f"Snapshot({self.path!r}, version={self.version}, {self.length} characters)"

    @cached_property
    def text(self) -> str:
        """The whole text."""
        return "".join([chunk.text for chunk in self.chunks])

    @cached_property
    def chunk_starts(self) -> Sequence[int]:
        """Offset of each chunk, and of the end."""
        return list(accumulate((len(chunk.text) for chunk in self.chunks), initial=0))

    @cached_property
    def _chunk_lines(self) -> Sequence[int]:
        return list(accumulate((chunk.lines for chunk in self.chunks), initial=0))

    @property
    def length(self) -> int:
        """Characters of the text."""
        return self.chunk_starts[-1]

    @property
    def line_count(self) -> int:
        """Lines of the text, at least one; what follows the last line end is a line too."""
        return self._chunk_lines[-1] + 1

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text as UTF-8, in hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def kept(self, name: str, build: Callable[[Snapshot], T]) -> T:
        """What an analysis worked out about this version, built once; of versions before, nothing is kept."""
        known = self.history.get(name)
        if known is not None and known[0] is self:
            found: T = known[1]
            return found
        found = build(self)
        self.history[name] = (self, found)
        return found

    def slice(self, span: Span) -> str:
        """The text of a span, without the whole text being put together."""
        first = self._chunk_at(span.start)
        starts = self.chunk_starts
        pieces: list[str] = []
        for number in range(first, len(self.chunks)):
            if starts[number] >= span.end and pieces:
                break
            pieces.append(self.chunks[number].text)
        at = starts[first]
        return "".join(pieces)[max(span.start, 0) - at : max(span.end, 0) - at]

    def line_of(self, offset: int) -> int:
        """The 0-based line that holds ``offset``."""
        offset = max(0, min(offset, self.length))
        number = self._chunk_at(offset)
        starts = self.chunks[number].starts
        return self._chunk_lines[number] + bisect_right(starts, offset - self.chunk_starts[number]) - 1

    def line_start(self, line: int) -> int:
        """Offset of the first character of a line; the text's end past the last line."""
        if line >= self.line_count:
            return self.length
        line = max(line, 0)
        number = min(bisect_right(self._chunk_lines, line) - 1, len(self.chunks) - 1)
        return self.chunk_starts[number] + self.chunks[number].starts[line - self._chunk_lines[number]]

    def line_span(self, line: int) -> Span:
        """The line's characters without its line end; empty past the last line."""
        start, end = self.line_start(line), self.line_start(max(line, 0) + 1)
        text = self.slice(Span(start, end))
        return Span(start, start + len(text.rstrip("\r\n")) if text else start)

    def line_text(self, line: int) -> str:
        """The line's characters without its line end."""
        return self.slice(self.line_span(line))

    def position(self, offset: int, encoding: Encoding = "utf-16") -> Position:
        """The position of ``offset``; clamps into the text."""
        offset = max(0, min(offset, self.length))
        line = self.line_of(offset)
        start = self.line_start(line)
        if encoding == "utf-32":
            return Position(line, offset - start)
        before = self.slice(Span(start, offset))
        return Position(line, len(before) if before.isascii() else _width(before, encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-16") -> int:
        """The offset of ``position``; past a line's end it is that end, as the protocol asks."""
        span = self.line_span(position.line)
        text = self.slice(span)
        if encoding == "utf-32" or text.isascii():
            return min(span.start + max(position.character, 0), span.end)
        left = position.character
        for offset, char in enumerate(text, span.start):
            if left <= 0:
                return offset
            left -= _width(char, encoding)
        return span.end

    def range(self, span: Span, encoding: Encoding = "utf-16") -> Range:
        """The range of ``span``."""
        return Range(self.position(span.start, encoding), self.position(span.end, encoding))

    def edited(self, edits: Sequence[Edit], version: int | None = None) -> Snapshot:
        """The snapshot after ``edits``, whose spans are all in this snapshot.

        Raises:
            ValueError: if two spans overlap or one lies outside the text.
        """
        ordered = sorted(edits, key=lambda e: e.span)
        at = 0
        for edit in ordered:
            if edit.span.start < at or edit.span.end > self.length:
                raise ValueError(f"edit at {edit.span} overlaps another or lies outside the text")
            at = edit.span.end
        chunks = self.chunks
        if ordered:
            first, last = self._chunk_at(ordered[0].span.start), self._chunk_at(ordered[-1].span.end)
            at = self.chunk_starts[first]
            pieces: list[str] = []
            for edit in ordered:
                pieces += [self.slice(Span(at, edit.span.start)), edit.text]
                at = edit.span.end
            pieces.append(self.slice(Span(at, self.chunk_starts[last + 1])))
            new = "".join(pieces)
            # Whole lines they stay: an edit that takes a chunk's last line end reaches into the next one. No crumbs.
            while last + 1 < len(chunks) and len(new) < _CHUNK // 4:
                last += 1
                new += chunks[last].text
            cut = _cut(new) if len(new) > 2 * _CHUNK else (Chunk(new),)
            chunks = (*chunks[:first], *cut, *chunks[last + 1 :])
        after = Snapshot.__new__(Snapshot)
        after._set(chunks, self.path, version)
        after.history = self.history
        return after

    def _chunk_at(self, offset: int) -> int:
        """The number of the chunk that holds ``offset``; the last one for the end."""
        return max(0, min(bisect_right(self.chunk_starts, offset) - 1, len(self.chunks) - 1))


def _cut(text: str) -> tuple[Chunk, ...]:
    """Cuts after the first line end beyond every few thousand characters."""
    chunks: list[Chunk] = []
    at = 0
    while len(text) - at > _CHUNK:
        end = text.find("\n", at + _CHUNK - 1) + 1
        if end in (0, len(text)):
            break
        chunks.append(Chunk(text[at:end]))
        at = end
    chunks.append(Chunk(text[at:]))
    return tuple(chunks)


def _width(text: str, encoding: Encoding) -> int:
    if encoding == "utf-16":
        return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)
    return len(text.encode("utf-8", "surrogatepass"))


class NotText(ValueError):
    """The bytes of a file are not text that an engineer wrote."""


def decode(data: bytes) -> str:
    """Text from a file's bytes: UTF-8 (with or without mark), UTF-16 with mark, else Latin-1.

    Line ends are kept as they are.

    Raises:
        NotText: if the bytes are binary (they hold NUL outside of UTF-16).
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise NotText(f"neither text nor UTF-16: it starts like that, but isn't at byte {error.start}") from error
    if (nul := data.find(b"\0")) >= 0:
        raise NotText(f"binary, with a NUL at byte {nul}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
