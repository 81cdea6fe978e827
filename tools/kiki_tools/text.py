"""Immutable text: a snapshot of one file with its line index, positions in three encodings, and edits.

Offsets are indices into the Python string (code points). Lines end at ``\\n``, ``\\r\\n`` or ``\\r``, as the
Language Server Protocol says, and nowhere else (not at form feeds or U+2028).
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")


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


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text in ``span`` by ``text``."""

    span: Span
    text: str


@dataclass(frozen=True)
class Snapshot:
    """One version of one file's text. Never changes; `edited` gives the next one."""

    text: str
    path: str = ""
    version: int | None = None

    @cached_property
    def line_starts(self) -> Sequence[int]:
        """Offset of the first character of each line; never empty."""
        return [0, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the text as UTF-8, in hex."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def line_of(self, offset: int) -> int:
        """The 0-based line that holds ``offset``."""
        return bisect_right(self.line_starts, max(0, min(offset, len(self.text)))) - 1

    def line_span(self, line: int) -> Span:
        """The line's characters without its line end; empty past the last line."""
        starts = self.line_starts
        if line >= len(starts):
            return Span(len(self.text), len(self.text))
        start = starts[max(line, 0)]
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The line's characters without its line end."""
        span = self.line_span(line)
        return self.text[span.start : span.end]

    def position(self, offset: int, encoding: Encoding = "utf-16") -> Position:
        """The position of ``offset``; clamps into the text."""
        offset = max(0, min(offset, len(self.text)))
        line = self.line_of(offset)
        start = self.line_starts[line]
        if self._ascii or encoding == "utf-32":
            return Position(line, offset - start)
        return Position(line, _width(self.text[start:offset], encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-16") -> int:
        """The offset of ``position``; past a line's end it is that end, as the protocol asks."""
        span = self.line_span(position.line)
        if self._ascii or encoding == "utf-32":
            return min(span.start + max(position.character, 0), span.end)
        left = position.character
        for offset in range(span.start, span.end):
            if left <= 0:
                return offset
            left -= _width(self.text[offset], encoding)
        return span.end

    def range(self, span: Span, encoding: Encoding = "utf-16") -> Range:
        """The range of ``span``."""
        return Range(self.position(span.start, encoding), self.position(span.end, encoding))

    def edited(self, edits: Sequence[Edit], version: int | None = None) -> Snapshot:
        """The snapshot after ``edits``, whose spans are all in this snapshot.

        Raises:
            ValueError: if two spans overlap or one lies outside the text.
        """
        pieces: list[str] = []
        at = 0
        for edit in sorted(edits, key=lambda e: e.span):
            if edit.span.start < at or edit.span.end > len(self.text):
                raise ValueError(f"edit at {edit.span} overlaps another or lies outside the text")
            pieces += [self.text[at : edit.span.start], edit.text]
            at = edit.span.end
        pieces.append(self.text[at:])
        return Snapshot("".join(pieces), self.path, version)


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
            raise NotText(f"starts like UTF-16 but isn't at byte {error.start}") from error
    if (nul := data.find(b"\0")) >= 0:
        raise NotText(f"is binary: a NUL byte at byte {nul}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
