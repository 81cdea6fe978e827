"""Syntax trees of C by tree-sitter, kept by snapshot and changed with it: an edit parses what it touched."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections import OrderedDict

import tree_sitter_c
from tree_sitter import Language, Parser, Tree

from kiki_tools.text import Snapshot

C = Language(tree_sitter_c.language())
"""The language, for parsers and queries."""
_KEPT = 24
_MOST_OPEN = 2_000
"""A text with more parentheses or braces that nothing closes isn't read: it is no C, and takes seconds."""
_WIDE = re.compile(r"[^\x00-\x7f]")


class _Trees:
    """The last tree of each file, to read the next version of it from."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[bytes, Tree]] = OrderedDict()
        self._lock = threading.Lock()
        self._parser = Parser(C)

    def tree(self, path: str, code: bytes) -> Tree:
        with self._lock:
            before = self._kept.pop(path, None) if path else None
            if before is None:
                tree = self._parser.parse(code)
            else:
                old, tree = before
                if old != code:
                    _edit(tree, old, code)
                    tree = self._parser.parse(code, tree)
            if path:
                self._kept[path] = (code, tree)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return tree.copy()


def _edit(tree: Tree, old: bytes, new: bytes) -> None:
    """Tells a tree what changed between two versions."""
    start, old_end, new_end = changed(old, new)

    def point(code: bytes, at: int) -> tuple[int, int]:
        return code.count(b"\n", 0, at), at - (code.rfind(b"\n", 0, at) + 1)

    tree.edit(start, old_end, new_end, point(old, start), point(old, old_end), point(new, new_end))


def changed(old: bytes, new: bytes) -> tuple[int, int, int]:
    """The stretch from the first to the last difference: its start, its end in the old and in the new version."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    return start, len(old) - end, len(new) - end


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


_TREES = _Trees()


class Offsets:
    """Turns offsets in bytes into offsets in characters."""

    def __init__(self, text: str, size: int) -> None:
        self._bytes: list[int] = []
        self._extra = [0]
        if len(text) != size:
            extra = 0
            for match in _WIDE.finditer(text):
                self._bytes.append(match.start() + extra)
                extra += len(match.group().encode("utf-8", "surrogatepass")) - 1
                self._extra.append(extra)

    def char(self, byte: int) -> int:
        """The character that begins at the byte."""
        return byte - self._extra[bisect_left(self._bytes, byte)]


def tree_of(snapshot: Snapshot) -> tuple[Tree, Offsets]:
    """The file's tree, and what turns its bytes into characters."""

    def build(text: Snapshot) -> tuple[Tree, Offsets]:
        code = text.text.encode("utf-8", "surrogatepass")
        if any(abs(code.count(one) - code.count(other)) > _MOST_OPEN for one, other in ((b"(", b")"), (b"{", b"}"))):
            code = b""
        return _TREES.tree(text.path, code), Offsets(text.text, len(code))

    return snapshot.kept("stm32.tree", build)
