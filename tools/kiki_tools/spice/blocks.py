"""A netlist as blocks of whole cards: what an edit re-reads.

A block is a chunk of the snapshot, or several of them where a card continues across their border. What a block says
(`facts`) depends on its text and on whether it begins as a title or inside of ``.control``; it is kept with the chunk,
so that the next version of the file finds it where the text is the same.
"""

from __future__ import annotations

import re

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


def blocks(snapshot: Snapshot) -> tuple[list[int], list[Block]]:
    """Where the snapshot's blocks start, and the blocks."""
    chunks, offsets = snapshot.chunks, snapshot.chunk_starts
    starts: list[int] = []
    found: list[Block] = []
    at, count = 0, len(chunks)
    while at < count:
        end = at + 1
        while end < count and _continues(chunks[end]):
            end += 1
        block = chunks[at].notes.get(_NOTE)
        if block is None or len(block.chunks) != end - at or (end - at > 1 and block.chunks != chunks[at:end]):
            block = chunks[at].notes[_NOTE] = Block(chunks[at:end])
        starts.append(offsets[at])
        found.append(block)
        at = end
    return starts, found


def _continues(chunk: Chunk) -> bool:
    """Whether a card of the chunk before goes on here."""
    known = chunk.notes.get("spice continues")
    if known is None:
        known = chunk.notes["spice continues"] = _CONTINUES.match(chunk.text) is not None
    return bool(known)
