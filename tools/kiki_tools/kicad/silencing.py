"""Findings that a file silences itself: by `(property "kiki" "ignore KC301")` in an item, or for all of the file.

For all of the file: a text on a sheet or board that says `kiki: ignore KC301`, such a property in the file's own list,
or a comment `# kiki: ignore KC506` in a rules file. KiCad's names of rules do as well as codes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiki_tools.kicad.sexpr import Node, unquoted
from kiki_tools.kicad.syntax import Document
from kiki_tools.text import Span

_NAMED = re.compile(r"kiki:\s*ignore\s+([\w ,]+)")
_COMMENT = re.compile(r"^\s*#.*", re.MULTILINE)
_TEXTS = frozenset({"text", "text_box", "gr_text", "gr_text_box"})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Silenced:
    """What a file silences: codes and rules for all of it, and for items with their place."""

    everywhere: frozenset[str]
    items: tuple[tuple[Span, frozenset[str]], ...]

    def covers(self, code: str, rule: str | None, offset: int) -> bool:
        """Whether a finding at an offset isn't to be told."""
        if code in self.everywhere or (rule and rule in self.everywhere):
            return True
        return any(
            (code in names or (rule and rule in names)) and span.start <= offset <= span.end
            for span, names in self.items
        )


_NOTHING = Silenced(NONE, ())


def silenced(document: Document) -> Silenced:
    """What the file silences; worked out once for each version of it."""
    return document.snapshot.kept("kicad.silenced", lambda _: _silenced(document))


def _silenced(document: Document) -> Silenced:
    if not any(_says(chunk.notes, chunk.text) for chunk in document.snapshot.chunks):
        return _NOTHING
    if document.base.name == "kicad_dru":
        comments = " ".join(_COMMENT.findall(document.snapshot.text))
        return Silenced(frozenset().union(*(names(match) for match in _NAMED.findall(comments))), ())
    main = document.main
    if main is None:
        return _NOTHING
    everywhere: set[str] = set()
    items: list[tuple[Span, frozenset[str]]] = []
    stack: list[tuple[Node, int]] = [(main, 0)]
    while stack:
        node, depth = stack.pop()
        for child in node.children:
            if child.head == "property" and child.value() == "kiki":
                found = names(child.value(1))
                if node is main:
                    everywhere |= found
                else:
                    items.append((document.span(node), found))
            elif depth == 0 and child.head in _TEXTS:
                everywhere.update(*(names(match) for text in child.texts for match in _NAMED.findall(text)))
            elif depth < 2 and child.children:
                stack.append((child, depth + 1))
    return Silenced(frozenset(everywhere), tuple(items))


def names(text: str) -> frozenset[str]:
    """The codes and rules in a text such as `ignore KC301, pin_not_connected`."""
    return frozenset(unquoted(text).replace(",", " ").split()) - {"ignore", "kiki:"}


def _says(notes: dict[str, object], text: str) -> bool:
    known = notes.get("kicad.says")
    if known is None:
        known = notes["kicad.says"] = '"kiki"' in text or "kiki:" in text
    return bool(known)
