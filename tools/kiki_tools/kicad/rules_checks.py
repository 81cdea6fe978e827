"""Custom design rules: what makes KiCad drop the whole file without a word, and what never holds."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase

from kiki_tools.kicad.board import STANDARD_LAYERS, Board, board_of
from kiki_tools.kicad.conditions import Fault, parse
from kiki_tools.kicad.constraint_values import parse_count, parse_value
from kiki_tools.kicad.dru_vocabulary import CONNECTIONS, CONSTRAINTS, ITEMS, LAYER_GROUPS
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.paths import beside
from kiki_tools.kicad.project import project_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Fix, Severity, Workspace
from kiki_tools.text import Edit, Span

_KICAD = 9
_DROPS = "; KiCad drops the whole file"


def check(document: Document, workspace: Workspace) -> Iterator[Finding]:
    """All findings in a rules file beyond its syntax."""
    lists = document.root.children
    if lists and lists[0].head != "version":
        yield Finding("KC501", document.head_span(lists[0]), f"the version must come first{_DROPS}")
    text = workspace.snapshots.get(beside(document.snapshot.path, ".kicad_pcb"))
    board = board_of(text) if text is not None else None
    project = workspace.snapshots.get(beside(document.snapshot.path, ".kicad_pro"))
    classes = project_of(project).net_classes if project is not None else None
    for node in lists:
        if node.head == "version" and node.value() not in ("1", ""):
            yield Finding("KC501", document.word_span(node), f"the version of the rule language is 1{_DROPS}")
        elif node.head == "rule":
            yield from _rule(document, node, board, classes)


def _rule(document: Document, rule: Node, board: Board | None, classes: frozenset[str] | None) -> Iterator[Finding]:
    if rule.words and not rule.words[0].quoted and rule.value().replace(".", "").lstrip("-").isdigit():
        span = document.word_span(rule)
        fix = Fix("Quote the name", (Edit(span, f'"{rule.value()}"'),))
        yield Finding("KC501", span, f"a bare number is no name of a rule{_DROPS}", fixes=(fix,))
    kinds: set[str] = set()
    layers = 0
    for node in rule.children:
        if node.head == "constraint":
            if node.value() in kinds:
                told = f"the rule has a constraint {node.value()} already{_DROPS}"
                yield Finding("KC501", document.word_span(node), told)
            kinds.add(node.value())
            yield from _constraint(document, node)
        elif node.head == "layer":
            layers += 1
            if layers > 1:
                yield Finding("KC501", document.head_span(node), f"a rule takes one layer list{_DROPS}")
            yield from _layer(document, node, board)
        elif node.head == "condition":
            yield from _condition(document, node, board, classes)
    if not kinds:
        yield Finding("KC506", document.head_span(rule), "a rule without a constraint does nothing")


def _layer(document: Document, node: Node, board: Board | None) -> Iterator[Finding]:
    name = node.value()
    if node.words and node.words[0].quoted and name in LAYER_GROUPS:
        fix = Fix(f"Write {name} without quotes", (Edit(document.word_span(node), name),))
        yield Finding("KC502", document.word_span(node), f"{name} stands without quotes{_DROPS}", fixes=(fix,))
        return
    if name in LAYER_GROUPS:
        return
    told = "the board has no layer"
    level: Severity | None = None
    known = [*board.layers, *board.aliases] if board is not None else []
    if not known:
        known, level = list(STANDARD_LAYERS), "warning"
        told = "without its board only KiCad's own layers are known, not"
    if any(fnmatchcase(layer, name) for layer in known):
        return
    near = get_close_matches(name, known, 1, 0.5)
    meant = f"; did you mean {near[0]}?" if near else ""
    span = document.word_span(node)
    offered = tuple(Fix(f"Replace by {each}", (Edit(span, f'"{each}"'),)) for each in near)
    yield Finding("KC502", span, f"{told} {name}{meant}{_DROPS}", level, fixes=offered)


def _constraint(document: Document, node: Node) -> Iterator[Finding]:
    if not node.words:
        return
    name = node.value()
    span = document.word_span(node)
    constraint = CONSTRAINTS.get(name)
    if constraint is None:
        near = get_close_matches(name, CONSTRAINTS, 1, 0.6)
        meant = f"; did you mean {near[0]}?" if near else ""
        offered = tuple(Fix(f"Replace by {each}", (Edit(span, each),)) for each in near)
        yield Finding("KC507", span, f"KiCad knows no constraint {name}{meant}{_DROPS}", fixes=offered)
        return
    if node.words[0].quoted:
        fix = Fix("Remove the quotes", (Edit(span, name),))
        yield Finding("KC507", span, f"a constraint's kind stands without quotes{_DROPS}", fixes=(fix,))
    words = {"disallow": ITEMS, "zone_connection": CONNECTIONS}.get(name)
    for number in range(1, len(node.words)):
        word, at = node.value(number), document.word_span(node, number)
        if name == "min_resolved_spokes":
            yield from _faults(at, parse_count(word).faults, "KC505")
        elif words is not None and word not in words:
            near = get_close_matches(word, words, 1, 0.6)
            meant = f"; did you mean {near[0]}?" if near else ""
            offered = tuple(Fix(f"Replace by {each}", (Edit(at, each),)) for each in near)
            yield Finding("KC505", at, f"{name} takes no {word}{meant}{_DROPS}", fixes=offered)
    for limit in node.children:
        if limit.head not in ("min", "opt", "max") or not limit.words:
            continue
        first, last = document.inner_span(limit), document.inner_span(limit, len(limit.words) - 1)
        quoted = len(limit.words) == 1
        text = document.snapshot.slice(Span(first.start, last.end))
        read = parse_value(text, constraint, quoted=quoted, kicad=_KICAD)
        yield from _faults(Span(first.start, last.end), read.faults, "KC505")


def _condition(
    document: Document, node: Node, board: Board | None, classes: frozenset[str] | None
) -> Iterator[Finding]:
    if not node.words:
        return
    span = document.inner_span(node)
    layers = [*board.layers, *board.aliases] if board is not None else []
    read = parse(node.value(), layers=layers, kicad=_KICAD)
    yield from _faults(span, read.faults, "KC503")
    for name in read.names:
        if name.kind != "string" or name.about.lower() != "netclass" or classes is None:
            continue
        if not any(fnmatchcase(each, name.text) for each in classes):
            near = get_close_matches(name.text, classes, 1, 0.6)
            meant = f"; did you mean {near[0]}?" if near else ""
            at = Span(span.start + name.start, span.start + name.end)
            yield Finding("KC504", at, f"the project has no net class {name.text}{meant}")


_LEVELS: dict[str, Severity] = {"error": "error", "warning": "warning", "information": "info"}


def _faults(span: Span, faults: tuple[Fault, ...], code: str) -> Iterator[Finding]:
    """The faults of an expression, at their places in it."""
    for fault in faults:
        at = Span(min(span.start + fault.start, span.end), min(span.start + fault.end, span.end))
        offered = tuple(Fix(f"Write {near}", (Edit(at, near),)) for near in fault.near)
        level = _LEVELS[fault.severity]
        number = "KC504" if code == "KC503" and level != "error" else code
        yield Finding(number, at, fault.message, level, fixes=offered)
