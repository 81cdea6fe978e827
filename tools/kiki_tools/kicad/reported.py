"""KiCad's own reports among our findings: at the items that they name, and nothing twice."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from kiki_tools.kicad.codes import CODES
from kiki_tools.kicad.diagnostics import place_of
from kiki_tools.kicad.instrument import Report, Violation, check
from kiki_tools.kicad.paths import beside, context_of, kind_of
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Diagnostic, Severity, Workspace
from kiki_tools.text import Snapshot, Span

_SEVERITIES: dict[str, Severity] = {"error": "error", "warning": "warning", "exclusion": "hint", "info": "info"}


async def merged(snapshot: Snapshot, workspace: Workspace, found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Our findings with what KiCad reports beyond them; those of a kind of file that KiCad doesn't check as they are.

    Raises:
        KicadMissing, KicadFailed: as `check`.
    """
    kind = kind_of(snapshot.path)
    if kind == "kicad_sch":
        context = context_of(snapshot, workspace)
        report: Report = "erc"
        main = context.root
    elif kind == "kicad_pcb":
        report, main = "drc", snapshot
    else:
        return list(found)
    texts = _texts(main, workspace)
    violations = await check(report, main, texts)
    paths = {diagnostic.path for diagnostic in found} | {snapshot.path}
    if kind == "kicad_sch":
        paths |= {instance.sheet.path for instance in context.design.instances if main is snapshot}
    shown = [text for path in sorted(paths) if (text := texts.get(path)) is not None]
    return [*found, *beyond(violations, found, shown, report)]


def _texts(main: Snapshot, workspace: Workspace) -> dict[str, Snapshot]:
    """The files of a project that KiCad reads."""
    folder = os.path.dirname(main.path) + os.sep
    texts = {path: text for path, text in workspace.snapshots.items() if path.startswith(folder)}
    for suffix in (".kicad_pro", ".kicad_dru", ".kicad_sch"):
        path = beside(main.path, suffix)
        if path in workspace.snapshots:
            texts[path] = workspace.snapshots[path]
    texts[main.path] = main
    return texts


def beyond(
    violations: Sequence[Violation], found: Sequence[Diagnostic], texts: Sequence[Snapshot], report: Report
) -> Iterator[Diagnostic]:
    """The violations as diagnostics, without those that we have found at the same item by the same rule."""
    ours = [each for each in found if each.rule]
    lines: set[tuple[str, str, int, str]] = set()
    for violation in violations:
        place = next((at for _, _, _, ident in violation.items if (at := _place(ident, texts)) is not None), None)
        if place is None and (violation.items or not texts):
            continue
        snapshot, span, whole = place or (texts[0], Span(0, 1), Span(0, 1))
        line = snapshot.line_of(span.start)
        if any(
            each.rule == violation.rule and each.path == snapshot.path and whole.start <= each.span.start < whole.end
            for each in ours
        ):
            continue
        named = [description for description, *_ in violation.items]
        message = f"{violation.message}: {', '.join(named)}" if named else violation.message
        key = (snapshot.path, violation.rule, line, message)
        if key in lines:
            continue
        lines.add(key)
        code = CODES.get(violation.rule, "KC399" if report == "erc" else "KC499")
        severity = _SEVERITIES.get(violation.severity, "warning")
        yield Diagnostic(snapshot.path, span, severity, code, message, "kicad", violation.rule)


def _place(ident: str, texts: Sequence[Snapshot]) -> tuple[Snapshot, Span, Span] | None:
    """The item with a UUID: what of it is underlined, and all of it."""
    if len(ident) < 8:
        return None
    for snapshot in texts:
        at = snapshot.text.find(ident)
        while at >= 0:
            document = document_of(snapshot)
            path = document.path_to(at)
            if len(path) > 1 and path[-1].head in ("uuid", "tstamp"):
                return snapshot, place_of(document, path[-2]), document.span(path[-2])
            at = snapshot.text.find(ident, at + 1)
    return None
