"""What a check of one of KiCad's files found, before it becomes a diagnostic."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import NamedTuple

from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Fix, Severity
from kiki_tools.text import Edit, Span


class Finding(NamedTuple):
    """A code and where it is; severity and rule are the code's own where none is given."""

    code: str
    span: Span
    message: str
    severity: Severity | None = None
    rule: str | None = None
    fixes: tuple[Fix, ...] = ()
    path: str = ""


def twice(document: Document, one: Node, other: Node, *, again: bool = False) -> Iterator[Finding]:
    """Two items with one UUID, each told where the other is; ``again``: the first was told already."""
    for node, there in ((other, one),) if again else ((one, other), (other, one)):
        span = document.inner_span(node)
        line = document.snapshot.line_of(document.offset(there.place)) + 1
        new = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{node.value()}:{span.start}"))
        fix = Fix("Give it a new UUID", (Edit(span, new),))
        yield Finding("KC203", span, f"this UUID stands in line {line} too", fixes=(fix,))
