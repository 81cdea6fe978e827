"""A netlist as blocks of whole cards: what an edit re-reads.

A block is a chunk of the snapshot, or several of them where a card continues across their border. What a block says
(`facts`) depends on its text and on whether it begins as a title or inside of ``.control``; it is kept with the chunk,
so that the next version of the file finds it where the text is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from kiki_tools.spice.facts import Facts, read
from kiki_tools.text import Chunk, Snapshot

_NOTE = "spice"
_CONTINUES = re.compile(r"(?:[ \t]*(?:[*#;$][^\r\n]*)?(?:\r\n|\n|\r))*[ \t]*\+")


class Block:
    """Some whole cards. Places in it count from its first character."""

    __slots__ = ("_facts", "_low", "chunks", "text")

    def __init__(self, chunks: tuple[Chunk, ...]) -> None:
        self.chunks = chunks
        self.text = chunks[0].text if len(chunks) == 1 else "".join([chunk.text for chunk in chunks])
        self._facts: dict[tuple[bool, bool], Facts] = {}

    @property
    def low(self) -> str:
        """The text in lower case, line ends as ``\\n``, character for character."""
        low = self.text.lower()
        if len(low) != len(self.text):
            low = "".join([char.lower() if char.isascii() else char for char in self.text])
        return low.replace("\r\n", " \n").replace("\r", "\n") if "\r" in low else low

    def facts(self, *, title: bool, control: bool) -> Facts:
        """What the block says if it begins with a title line, or inside of ``.control``."""
        key = (title, control)
        known = self._facts.get(key)
        if known is None:
            known = self._facts[key] = read(self.text, self.low, title=title, control=control)
        return known


@dataclass(frozen=True, slots=True)
class Placed:
    """A block at its offset in a snapshot."""

    start: int
    block: Block


def blocks(snapshot: Snapshot) -> list[Placed]:
    """The snapshot's blocks in order."""
    placed = []
    for first, last in pairwise(_borders(snapshot.chunks)):
        placed.append(Placed(snapshot.chunk_starts[first], _block(snapshot.chunks[first:last])))
    return placed


def _borders(chunks: tuple[Chunk, ...]) -> Iterator[int]:
    yield 0
    for number in range(1, len(chunks)):
        if not _continues(chunks[number]):
            yield number
    yield len(chunks)


def _continues(chunk: Chunk) -> bool:
    """Whether a card of the chunk before goes on here."""
    known = chunk.notes.get("spice continues")
    if known is None:
        known = chunk.notes["spice continues"] = _CONTINUES.match(chunk.text) is not None
    return bool(known)


def _block(chunks: tuple[Chunk, ...]) -> Block:
    known = chunks[0].notes.get(_NOTE)
    if (
        isinstance(known, Block)
        and len(known.chunks) == len(chunks)
        and all(a is b for a, b in zip(known.chunks, chunks, strict=True))
    ):
        return known
    block = chunks[0].notes[_NOTE] = Block(chunks)
    return block
