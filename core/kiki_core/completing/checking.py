"""Whether a text that a model proposes may be shown: the language service reads the file with it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from kiki_tools.language import Continues, Diagnostic, LanguageService, Workspace
from kiki_tools.text import Edit, Snapshot, Span

_MOST = 2000
_FENCE = re.compile(r"^\s*(```|~~~)")
_TOLD = ("error", "warning")
_ELSEWHERE = frozenset({"SP202", "SP203", "SP205", "KC205", "KC207"})
"""What these miss may be in a file that isn't at hand. Where a file does without it already, one more use of the same
name says nothing new."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a completion is asked for, and what the language service may see."""

    service: LanguageService
    snapshot: Snapshot
    offset: int
    workspace: Workspace


def cleaned(text: str, most_lines: int) -> str:
    """What of a model's text could be shown: no control characters, no fences, so many lines, no blank end.

    Empty for a text with anything in it that an editor's buffer must not get.
    """
    text = text[:_MOST].replace("\r\n", "\n")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Cn") and char not in "\n\t" for char in text):
        return ""
    lines = text.split("\n")
    if any(_FENCE.match(line) for line in lines):
        return ""
    return "\n".join(lines[:most_lines]).rstrip()


def objection(place: Place, text: str) -> str:
    """Why a text must not be shown at a place; empty if nothing speaks against it."""
    service, snapshot = place.service, place.snapshot
    span = Span(place.offset, place.offset + len(text))
    after = snapshot.edited([Edit(Span(place.offset, place.offset), text)])
    if isinstance(service, Continues):
        found = service.objections(after, span, place.workspace)
        if found:
            return found[0]
    lines = Span(after.line_start(after.line_of(span.start)), after.line_span(after.line_of(span.end)).end)
    known = Counter((one.code, one.message) for one in _findings(service, snapshot, place.workspace))
    for one in _findings(service, after, place.workspace):
        if one.code not in _ELSEWHERE or not known[one.code, one.message]:
            known[one.code, one.message] -= 1
        touches = one.span.start < lines.end and lines.start <= one.span.end
        if known[one.code, one.message] < 0 or (touches and _is_syntax(one)):
            return one.message
    return ""


def _is_syntax(one: Diagnostic) -> bool:
    """Whether the text can't be read as it stands: that isn't excused by having been so before."""
    return one.severity == "error" and re.fullmatch(r"\w\w1\d\d", one.code) is not None


def _findings(service: LanguageService, snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    found = service.diagnostics(snapshot, workspace, patient=False)
    return [one for one in found if one.severity in _TOLD and one.path == snapshot.path]
