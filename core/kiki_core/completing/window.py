"""What a model sees of a file around the cursor: short, and the same from key to key, so that its cache holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiki_tools.text import Snapshot, Span

_STEP = 16
"""The window's first line moves by so many lines at once: each move costs the cache."""
_ABOVE = 16
"""Lines above the place that are seen at least; up to `_ABOVE` + `_STEP` are."""
_BELOW = 4
_MOST_BEFORE, _MOST_BEHIND = 2400, 240
"""Characters."""


@dataclass(frozen=True, slots=True)
class Window:
    """The text before and behind a place. ``typed``: the place's line up to it; the end of ``before``."""

    before: str
    behind: str
    typed: str


def window(snapshot: Snapshot, offset: int, facts: Sequence[str] = ()) -> Window:
    """The window around an offset, with ``facts`` on top."""
    line = snapshot.line_of(offset)
    first = max(0, (line - _ABOVE) // _STEP * _STEP)
    start = snapshot.line_start(first)
    while offset - start > _MOST_BEFORE and first < line:
        first += 1
        start = snapshot.line_start(first)
    start = max(start, offset - _MOST_BEFORE)
    above = "".join(f"{fact}\n" for fact in facts)
    return Window(
        _unix(above + snapshot.slice(Span(start, offset))),
        _unix(_behind(snapshot, line, offset)),
        snapshot.slice(Span(snapshot.line_start(line), offset)),
    )


def _behind(snapshot: Snapshot, line: int, offset: int) -> str:
    """The rest of the line and the next lines with something on them."""
    rest = snapshot.slice(Span(offset, snapshot.line_span(line).end)).rstrip("\r\n")
    found: list[str] = []
    number = line + 1
    while number < snapshot.line_count and len(found) < _BELOW and number < line + 40:
        text = snapshot.line_text(number)
        if text.strip():
            found.append(text)
        number += 1
    return (rest + "\n" + "\n".join(found) + "\n")[:_MOST_BEHIND]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
