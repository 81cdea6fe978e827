"""The change of a file that an answer stands for: small edits, checked in the whole file before anybody sees them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from kiki_core.editing.asking import Asked
from kiki_core.events import Answer, Artefact
from kiki_core.verification import check
from kiki_tools.language import LanguageService, Workspace
from kiki_tools.text import Edit, Snapshot, Span

_MOST_DIFF = 60
_TITLE_AND_END = re.compile(r"^\s*\.end\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """What would be changed. ``verified``: as in an answer; ``evidence``: what the tools said, a line each."""

    edits: tuple[Edit, ...]
    diff: str
    verified: bool | None
    evidence: tuple[str, ...]
    text: str
    """The answer's own words."""


async def of_answer(asked: Asked, answer: Answer, service: LanguageService, workspace: Workspace) -> Change | None:
    """The change that an answer's artefact makes; None if it has none, or the file would stay as it is."""
    artefact = next((one for one in answer.artefacts if _same_kind(one.language, asked.language)), None)
    if artefact is None:
        return None
    put = _fitted(artefact, asked)
    return await checked(asked.snapshot, asked.span, put, service, workspace, answer.text)


async def checked(
    snapshot: Snapshot, span: Span, put: str, service: LanguageService, workspace: Workspace, words: str
) -> Change | None:
    """The change that puts a text in place of a span, with what the tools say of the whole file."""
    after = snapshot.edited([Edit(span, put)])
    edits = _edits(snapshot, span, put)
    if not edits:
        return None
    language = PurePath(snapshot.path).suffix.lstrip(".") if service.language == "kicad" else service.language
    (judged,) = await check([Artefact(PurePath(snapshot.path).name, language, after.text, None)], 0)
    evidence = [f"{one.evidence.tool} {one.evidence.version}: {one.evidence.summary}" for one in judged.verdicts]
    worse = _errors(service, after, workspace) - _errors(service, snapshot, workspace)
    verified = judged.ok
    if worse > 0:
        verified = False
        evidence.append(f"kiki: {worse} more error{'s' if worse > 1 else ''} than before")
    return Change(edits, _diff(snapshot, after), verified, tuple(evidence), words)


def _same_kind(one: str, other: str) -> bool:
    return one == other or {one, other} <= {"c", "cpp"}


def _fitted(artefact: Artefact, asked: Asked) -> str:
    """The artefact as it stands in the file: below a comment of a deck without its own title and end."""
    text = artefact.text
    if asked.span.start != asked.span.end or artefact.language != "spice":
        return text
    lines = text.rstrip("\n").split("\n")
    rest = [line for line in lines[1:] if not _TITLE_AND_END.match(line)]
    ended = any(_TITLE_AND_END.match(asked.snapshot.line_text(n)) for n in range(asked.snapshot.line_count))
    return "\n".join(rest if ended else [*rest, ".end"]) + "\n"


def _edits(snapshot: Snapshot, span: Span, put: str) -> tuple[Edit, ...]:
    """The lines that differ, each run of them as one edit."""
    old = snapshot.slice(span)
    new = put if old.endswith("\n") or not old else put.rstrip("\n")
    if "\r\n" in old and "\r\n" not in new:
        new = new.replace("\n", "\r\n")
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [span.start]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return tuple(
        Edit(Span(starts[i1], starts[i2]), "".join(after[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def _diff(before: Snapshot, after: Snapshot) -> str:
    name = PurePath(before.path).name
    lines = difflib.unified_diff(before.text.splitlines(), after.text.splitlines(), name, name, n=1, lineterm="")
    shown = list(lines)
    more = [f"… {len(shown) - _MOST_DIFF} more lines"] if len(shown) > _MOST_DIFF else []
    return "\n".join([*shown[:_MOST_DIFF], *more])


def _errors(service: LanguageService, snapshot: Snapshot, workspace: Workspace) -> int:
    own = replace(workspace, snapshots={**workspace.snapshots, snapshot.path: snapshot})
    found: Sequence[object] = [
        one for one in service.diagnostics(snapshot, own) if one.severity == "error" and one.path == snapshot.path
    ]
    return len(found)
