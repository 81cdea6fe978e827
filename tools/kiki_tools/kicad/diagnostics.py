"""All findings in one of KiCad's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiki_tools.kicad import board_checks, fixes, library_checks, project_checks, rules_checks, sheet_checks
from kiki_tools.kicad.codes import CODES, RULES
from kiki_tools.kicad.erc import violations
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.paths import Context, context_of, kind_of
from kiki_tools.kicad.schematic import Sheet
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.silencing import silenced
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.kicad.violation import Violation
from kiki_tools.language import Diagnostic, Fix, Severity, Workspace
from kiki_tools.text import Edit, Snapshot, Span

NEWEST = {
    "kicad_sch": 20260306, "kicad_symbol_lib": 20251024, "kicad_pcb": 20260206, "footprint": 20260206,
    "kicad_wks": 20231118,
}  # fmt: skip
"""The newest format of each kind that kiki knows all words of."""
_OLDEST = {"kicad_sch": 20_000_000, "kicad_symbol_lib": 20_000_000}
"""Versions are dates; only boards had smaller numbers once."""
_MOST = 2000


def diagnose(snapshot: Snapshot, workspace: Workspace, *, patient: bool) -> list[Diagnostic]:
    """All findings, in the order of their places; of a schematic, in the sheets below it too."""
    kind = kind_of(snapshot.path)
    if kind == "kicad_pro":
        found: Iterable[Finding] = project_checks.check(snapshot)
    else:
        found = _told(_findings(snapshot, workspace, kind, patient), snapshot, workspace)
    told: list[Diagnostic] = []
    for one in found:
        severity = one.severity or RULES[one.code].severity
        rule = one.rule or RULES[one.code].rule or None
        told.append(
            Diagnostic(one.path or snapshot.path, one.span, severity, one.code, one.message, rule=rule, fixes=one.fixes)
        )
        if len(told) >= _MOST:
            break
    told.sort(key=lambda each: (each.path != snapshot.path, each.path, each.span.start))
    return told


def _told(found: Iterable[Finding], snapshot: Snapshot, workspace: Workspace) -> Iterator[Finding]:
    """The findings without those that their files silence."""
    for one in found:
        text = workspace.snapshots.get(one.path, snapshot) if one.path else snapshot
        if not silenced(document_of(text)).covers(one.code, one.rule or RULES[one.code].rule, one.span.start):
            yield one


def _findings(snapshot: Snapshot, workspace: Workspace, kind: str, patient: bool) -> Iterator[Finding]:
    document = document_of(snapshot)
    yield from syntax(document)
    main = document.main
    head = main.head if main is not None else ""
    if head == "kicad_sch":
        yield from _schematic(snapshot, workspace, patient)
    elif head == "kicad_pcb":
        yield from board_checks.check(snapshot, workspace, patient=patient)
    elif head in ("footprint", "module"):
        yield from board_checks.footprint(document)
    elif head == "kicad_symbol_lib":
        yield from library_checks.symbols(document)
    elif kind == "kicad_dru":
        yield from rules_checks.check(document, workspace)
    elif kind == "kicad_table":
        yield from library_checks.table(document, workspace)


def syntax(document: Document) -> Iterator[Finding]:
    """What KiCad couldn't load, and what a later version wrote."""
    main = document.main
    version, newest = document.version, NEWEST.get(main.head if main is not None else "", 0)
    later = bool(newest) and version > newest
    if main is not None and later and (node := document.part("version")) is not None:
        message = f"format {version} is newer than kiki knows ({newest}): what it knows is checked"
        yield Finding("KC108", document.span(node), message)
    elif main is not None and newest and main.head != "footprint" and version < _OLDEST.get(main.head, 1):
        node = document.part("version")
        at = document.span(node) if node is not None else document.head_span(main)
        yield Finding("KC109", at, f"({main.head} has no (version …) with a date")
    behind = min(
        (document.problem_span(each).start for each in document.problems if each.code == "KC112"), default=None
    )
    for problem in document.problems:
        span = document.problem_span(problem)
        unread = behind is not None and span.start > behind
        severity: Severity | None = "warning" if unread or (later and problem.code in ("KC104", "KC105")) else None
        offered = tuple(Fix(f"Replace by {near}", (Edit(span, near),)) for near in problem.near)
        if problem.code == "KC102":
            offered = (Fix("Remove this parenthesis", (Edit(span, ""),)),)
        yield Finding(problem.code, span, problem.message, severity, fixes=offered)


def _schematic(snapshot: Snapshot, workspace: Workspace, patient: bool) -> Iterator[Finding]:
    context = context_of(snapshot, workspace)
    below = _below(context, snapshot.path)
    for sheet in below:
        for found in sheet_checks.check(sheet, context, workspace, patient):
            yield found if sheet.path == snapshot.path else found._replace(path=sheet.path)
    here = {sheet.path for sheet in below}
    for violation in context_violations(context):
        path = violation.sheet.sheet.path
        if path in here:
            yield _violation(violation, CODES.get(violation.rule, "KC399"), context, path)


def _below(context: Context, path: str) -> list[Sheet]:
    """The sheet with this path and those in it."""
    found: dict[str, Sheet] = {}
    for instance in context.design.instances:
        up = instance
        while up is not None:
            if up.sheet.path == path:
                found[instance.sheet.path] = instance.sheet
                break
            up = up.parent  # type: ignore[assignment]
    return list(found.values())


def context_violations(context: Context) -> list[Violation]:
    """The violations in a design, worked out once."""
    known: tuple[Context, list[Violation]] | None = context.root.history.get("kicad.violations")
    if known is not None and known[0].design is context.design and known[0].project is context.project:
        return known[1]
    found = violations(context.design, context.project)
    context.root.history["kicad.violations"] = (context, found)
    return found


def _violation(violation: Violation, code: str, context: Context, path: str) -> Finding:
    level = context.project.severity(violation.rule)
    severity: Severity = "error" if level == "error" else "warning"
    if violation.error is not None and violation.rule not in context.project.severities:
        severity = "error" if violation.error else "warning"
    document = violation.sheet.sheet.document
    span = place_of(document, violation.node)
    offered = tuple(fixes.of(violation, document))
    return Finding(code, span, violation.message, severity, violation.rule, offered, path)


def place_of(document: Document, node: Node) -> Span:
    """What is underlined for an item: its first line's words, not all of it."""
    start = document.offset(node.place)
    return Span(start, start + len(node.piece.split("\n", 1)[0].rstrip()))
