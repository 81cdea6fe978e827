"""The comment around a place, as a request in plain words."""

from __future__ import annotations

import re

from kiki_tools.language import LanguageService
from kiki_tools.text import Snapshot, Span

_COMMENT = {
    "spice": re.compile(r"^\s*[*;$]+\s?(.*)$"), "c": re.compile(r"^\s*(?://+|/\*+|\*+(?!/))\s?(.*?)(?:\*/)?\s*$"),
    "kicad": re.compile(r"^\s*#\s?(.*)$"),
}  # fmt: skip


def comment_at(service: LanguageService, snapshot: Snapshot, offset: int) -> tuple[str, Span] | None:
    """The comment around a place, as text and with its lines; null if there is none."""
    form = _COMMENT.get(service.language)
    line = snapshot.line_of(offset)
    if form is None or not _commented(form, snapshot, line):
        return None
    first = last = line
    while first and _commented(form, snapshot, first - 1) and line - first < 20:
        first -= 1
    while last + 1 < snapshot.line_count and _commented(form, snapshot, last + 1) and last - line < 20:
        last += 1
    words = [match[1] for n in range(first, last + 1) if (match := form.match(snapshot.line_text(n)))]
    text = " ".join(" ".join(words).split())
    end = snapshot.line_start(last + 1)
    return (text, Span(snapshot.line_start(first), end)) if len(text) >= 8 else None


def _commented(form: re.Pattern[str], snapshot: Snapshot, line: int) -> bool:
    text = snapshot.line_text(line)
    return form.match(text) is not None and "@expect" not in text and "kiki:" not in text
