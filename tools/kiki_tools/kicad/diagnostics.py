"""All findings in one of KiCad's files."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import NamedTuple

from kiki_tools.kicad import board_checks, fixes, libraries, rules_checks
from kiki_tools.kicad.codes import CODES, RULES
from kiki_tools.kicad.erc import violations
from kiki_tools.kicad.paths import Context, context_of, kind_of
from kiki_tools.kicad.schematic import Sheet, Symbol
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.kicad.violation import Violation
from kiki_tools.kicad.wiring import wiring
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


class Finding(NamedTuple):
    """What a check found, before it becomes a diagnostic."""

    code: str
    span: Span
    message: str
    severity: Severity | None = None
    rule: str | None = None
    fixes: tuple[Fix, ...] = ()
    path: str = ""


def diagnose(snapshot: Snapshot, workspace: Workspace, *, patient: bool) -> list[Diagnostic]:
    """All findings, in the order of their places; of a schematic, in the sheets below it too."""
    kind = kind_of(snapshot.path)
    if kind == "kicad_pro":
        found: Iterable[Finding] = _project(snapshot)
    else:
        found = _findings(snapshot, workspace, kind, patient)
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


def _findings(snapshot: Snapshot, workspace: Workspace, kind: str, patient: bool) -> Iterator[Finding]:
    document = document_of(snapshot)
    yield from syntax(document)
    main = document.main
    head = main.head if main is not None else ""
    if head == "kicad_sch":
        yield from _schematic(snapshot, workspace, patient)
    elif head == "kicad_pcb":
        yield from board_checks.check(snapshot, workspace)
    elif head == "kicad_symbol_lib":
        yield from _symbols(document)
    elif kind == "kicad_dru":
        yield from rules_checks.check(document, workspace)
    elif kind == "kicad_table":
        yield from _table(document, workspace)


def syntax(document: Document) -> Iterator[Finding]:
    """What KiCad couldn't load, and what a later version wrote."""
    main = document.main
    version, newest = document.version, NEWEST.get(main.head if main is not None else "", 0)
    later = bool(newest) and version > newest
    if main is not None and later and (node := main.find("version")) is not None:
        message = f"format {version} is newer than kiki knows ({newest}): what it knows is checked"
        yield Finding("KC108", document.span(node), message)
    elif main is not None and newest and main.head != "footprint" and version < _OLDEST.get(main.head, 1):
        node = main.find("version")
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
        silenced = _silenced(sheet)
        for found in _sheet(sheet, context, workspace, patient):
            if found.code not in silenced:
                yield found if sheet.path == snapshot.path else found._replace(path=sheet.path)
    silenced_in = {sheet.path: _silenced(sheet) for sheet in below}
    for violation in context_violations(context):
        path = violation.sheet.sheet.path
        code = CODES.get(violation.rule, "KC399")
        if path in silenced_in and code not in silenced_in[path] and code not in _silenced_in(violation.node):
            yield _violation(violation, code, context, path)


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


def _silenced(sheet: Sheet) -> frozenset[str]:
    """The codes that a whole sheet silences: by a text `kiki: ignore KC301`."""
    main = sheet.document.main
    if main is None:
        return frozenset()
    texts = [node.value() for node in main.children if node.head in ("text", "text_box")]
    return frozenset(word for text in texts if "kiki: ignore" in text for word in text.replace(",", " ").split())


def _silenced_in(node: Node) -> frozenset[str]:
    for child in node.children:
        if child.head == "property" and child.value() == "kiki":
            return frozenset(child.value(1).replace(",", " ").split())
    return frozenset()


def _sheet(sheet: Sheet, context: Context, workspace: Workspace, patient: bool) -> Iterator[Finding]:
    document = sheet.document
    for instance, symbol, why in context.design.missing:
        if instance.sheet is sheet:
            node = symbol.file_node or symbol.node
            code = "KC202" if "leads back" in why else "KC201"
            span = document.inner_span(node, 1) if symbol.file_node is not None else document.head_span(node)
            yield Finding(code, span, f"the sheet's file {symbol.file or '(none)'} {why}")
    yield from _ids(document)
    for wire, points in wiring(sheet).unbroken:
        message = "the wire goes on behind a junction in one piece: KiCad's command line loses what is behind it"
        break_up = Fix("Break the wire at its junctions", tuple(fixes.broken(document, wire, points)))
        yield Finding("KC332", document.head_span(wire.node), message, fixes=(break_up,))
    for placed in sheet.symbols:
        if placed.library is None and placed.library_id:
            name = placed.library_name or placed.library_id
            node = placed.node.find("lib_name") or placed.node.find("lib_id") or placed.node
            near = get_close_matches(name, sheet.library, 1, 0.6)
            meant = f"; did you mean {near[0]}?" if near else ""
            message = f"{name} is not in this file's lib_symbols{meant}"
            span = document.inner_span(node)
            offered = tuple(Fix(f"Replace by {each}", (Edit(span, each),)) for each in near)
            yield Finding("KC204", span, message, fixes=offered)
        elif patient:
            yield from _of_library(placed, sheet, context, workspace)
        yield from _footprint(placed, sheet, context, workspace)


def _of_library(symbol: Symbol, sheet: Sheet, context: Context, workspace: Workspace) -> Iterator[Finding]:
    nickname, name = libraries.split(symbol.library_id)
    node = symbol.node.find("lib_id")
    if node is None or not nickname or context.project.severity("lib_symbol_issues") == "ignore":
        return
    span = sheet.document.inner_span(node)
    candidates = list(libraries.paths(nickname, context.root.path, workspace, symbols=True))
    library = next((found for path in candidates if (found := workspace.snapshots.get(path)) is not None), None)
    if library is None:
        if workspace.search or candidates:
            yield Finding("KC205", span, f"no library {nickname} is configured", rule="lib_symbol_issues")
        return
    names = libraries.symbol_names(library)
    if name not in names:
        near = libraries.nearest(name, names)
        meant = f"; did you mean {near}?" if near else ""
        edit = Edit(span, f"{nickname}:{near}")
        offered = (Fix(f"Replace by {nickname}:{near}", (edit,)),) if near else ()
        yield Finding("KC205", span, f"{nickname} has no symbol {name}{meant}", None, "lib_symbol_issues", offered)
        return
    theirs = libraries.symbol_in(library, name)
    if theirs is not None and symbol.library is not None and not libraries.same_pins(symbol.library, theirs):
        message = f"the pins of {symbol.library_id} differ from its library's"
        yield Finding("KC206", span, message, rule="lib_symbol_mismatch")


def _footprint(symbol: Symbol, sheet: Sheet, context: Context, workspace: Workspace) -> Iterator[Finding]:
    found = symbol.properties.get("Footprint")
    if found is None or not found[0] or context.project.severity("footprint_link_issues") == "ignore":
        return
    text, node = found
    nickname, name = libraries.split(text)
    span = sheet.document.inner_span(node, 1)
    if not nickname:
        yield Finding("KC207", span, f"{text} is no LIBRARY:FOOTPRINT", rule="footprint_link_issues")
        return
    candidates = list(libraries.paths(nickname, context.root.path, workspace, symbols=False))
    if not candidates:
        return
    for folder in candidates:
        path = os.path.join(folder, f"{name}.kicad_mod")
        if path in workspace.snapshots or path not in workspace.unreadable:
            return
    yield Finding("KC207", span, f"{nickname} has no footprint {name}", rule="footprint_link_issues")


def _ids(document: Document) -> Iterator[Finding]:
    """UUIDs that stand twice in the file."""
    main = document.main
    if main is None:
        return
    first: dict[str, Node] = {}
    for node in main.children:
        if node.head in ("lib_symbols", "uuid", "sheet_instances", "symbol_instances"):
            continue
        for child in node.children:
            if child.head == "uuid":
                other = first.setdefault(child.piece, child)
                if other is not child:
                    span = document.inner_span(child)
                    line = document.snapshot.line_of(document.offset(other.place)) + 1
                    new = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{child.value()}:{span.start}"))
                    fix = Fix("Give it a new UUID", (Edit(span, new),))
                    yield Finding("KC203", span, f"this UUID stands in line {line} too", fixes=(fix,))


def _symbols(document: Document) -> Iterator[Finding]:
    """A symbol library: pin numbers that stand twice in one unit."""
    from kiki_tools.kicad.schematic import library_symbol

    main = document.main
    names: set[str] = set()
    nodes = main.all("symbol") if main is not None else []
    known = {node.value() for node in nodes}
    for node in nodes:
        symbol = library_symbol(node)
        if symbol.extends and symbol.extends not in known:
            near = libraries.nearest(symbol.extends, list(known))
            meant = f"; did you mean {near}?" if near else ""
            at = document.inner_span(node.find("extends") or node)
            message = f"{symbol.name} extends {symbol.extends}, which the library doesn't have{meant}"
            yield Finding("KC210", at, message)
        if symbol.name in names:
            yield Finding("KC209", document.word_span(node), f"the library has a symbol {symbol.name} already")
        names.add(symbol.name)
        for pins in symbol.units.values():
            seen: dict[str, tuple[int, int]] = {}
            for pin in pins:
                if pin.number in seen and seen[pin.number] != (pin.x, pin.y):
                    number = pin.node.find("number") or pin.node
                    yield Finding("KC209", document.inner_span(number), f"pin number {pin.number} stands twice")
                seen[pin.number] = (pin.x, pin.y)


def _table(document: Document, workspace: Workspace) -> Iterator[Finding]:
    main = document.main
    variables = libraries.variables_of(workspace)
    folder = os.path.dirname(document.snapshot.path)
    seen: set[str] = set()
    for lib in main.all("lib") if main is not None else ():
        name, uri = lib.find("name"), lib.find("uri")
        if name is not None and name.value() in seen:
            yield Finding("KC208", document.inner_span(name), f"{name.value()} stands twice in the table")
        if name is not None:
            seen.add(name.value())
        if uri is None:
            continue
        path = libraries.expanded(uri.value(), folder, variables)
        if "${" not in path and path in workspace.unreadable and "directory" not in workspace.unreadable[path]:
            yield Finding("KC208", document.inner_span(uri), f"{path}: {workspace.unreadable[path]}")


def _project(snapshot: Snapshot) -> Iterator[Finding]:
    try:
        data = json.loads(snapshot.text)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(snapshot.length - 1, 0))
        yield Finding("KC110", Span(at, min(at + 1, snapshot.length)), f"not JSON: {error.msg}")
        return
    except RecursionError:
        yield Finding("KC110", Span(0, 1), "nested too deep")
        return
    if not isinstance(data, dict):
        yield Finding("KC110", Span(0, 1), "a project file holds one object in braces")
