"""What fits where the cursor stands: lists that may stand there, words that an argument can be, names of the design."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from kiki_tools.kicad import libraries
from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.dru_vocabulary import CONNECTIONS, CONSTRAINTS, FUNCTIONS, ITEMS, OBJECTS, PROPERTIES
from kiki_tools.kicad.explain import about_form
from kiki_tools.kicad.names import _root as root_of
from kiki_tools.kicad.paths import beside, context_of
from kiki_tools.kicad.project import project_of
from kiki_tools.kicad.schema import UNKNOWN, Argument, Form
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.language import Completion, Signature, Workspace
from kiki_tools.text import Snapshot, Span

_WORD = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[^\s()"]+')
_STANDARD_LAYERS = (
    "F.Cu", "B.Cu", "F.SilkS", "B.SilkS", "F.Mask", "B.Mask", "F.Paste", "B.Paste", "F.Fab", "B.Fab", "F.CrtYd",
    "B.CrtYd", "Edge.Cuts", "Dwgs.User", "Cmts.User", "F.Adhes", "B.Adhes", "Margin", "*.Cu", "*.Mask",
)  # fmt: skip
_FIELDS = (
    "Reference",
    "Value",
    "Footprint",
    "Datasheet",
    "Description",
    "Sim.Device",
    "Sim.Pins",
    "ki_keywords",
    "ki_fp_filters",
)


def complete(snapshot: Snapshot, offset: int, workspace: Workspace) -> list[Completion]:
    """The proposals at an offset, best first."""
    document = document_of(snapshot)
    node, form = around(document, offset)
    line = snapshot.line_start(snapshot.line_of(offset))
    before = snapshot.slice(Span(line, offset))
    typed = re.search(r'\(?\s*"?[^\s()"]*$', before)
    text = typed.group() if typed else ""
    start = offset - len(text)
    if text.startswith("("):
        return list(_lists(form, Span(start + 1, offset)))
    number = position(document, node, offset) if node is not None else 0
    span = Span(start + (1 if text.lstrip().startswith('"') else 0), offset)
    quoted = text.lstrip().startswith('"') or _in_string(before)
    if quoted:
        inner = re.search(r'"([^"]*)$', before)
        if inner is not None:
            span = Span(line + inner.start(1), offset)
    if node is not None and node.head == "condition" and quoted:
        return list(_in_condition(before, offset))
    found = list(_arguments(document, node, form, number, span, workspace, quoted)) if node is not None else []
    if not found and not quoted:
        found = [
            Completion(f"({each.label}", each.kind, Span(start, offset), f"({each.insert}", each.detail)
            for each in _lists(form, Span(start, offset))
        ]
    return found


def _in_condition(before: str, offset: int) -> Iterator[Completion]:
    """Objects, their properties and functions, the values that a property can have."""
    expression = before[before.index('"') + 1 :] if '"' in before else before
    if compared := re.search(r"[AB]\.(\w+)\s*[=!]=\s*'([^']*)$", expression):
        span = Span(offset - len(compared.group(2)), offset)
        known = PROPERTIES.get(compared.group(1).lower())
        for value in known.values if known is not None else ():
            yield Completion(value, "value", span, value, known.name if known is not None else "")
        return
    if asked := re.search(r"\b[AB]\.(\w*)$", expression):
        span = Span(offset - len(asked.group(1)), offset)
        for each in PROPERTIES.values():
            yield Completion(each.name, "parameter", span, each.name, each.documentation)
        for function in FUNCTIONS.values():
            insert = f"{function.name}('" if function.arguments else f"{function.name}()"
            yield Completion(function.name, "function", span, insert, function.documentation)
        return
    span = Span(offset - len(re.search(r"\w*$", expression).group()), offset)  # type: ignore[union-attr]
    for name, about in OBJECTS.items():
        yield Completion(name, "device", span, name, about)


def _in_string(before: str) -> bool:
    return len(re.findall(r'(?<!\\)"', before)) % 2 == 1


def around(document: Document, offset: int) -> tuple[Node | None, Form]:
    """The innermost list around an offset, and what may stand in it."""
    path = [node for node in document.path_to(offset) if document.offset(node.place) < offset]
    while path and offset > document.span(path[-1]).end - (1 if path[-1].end or path[-1].piece.endswith(")") else 0):
        path.pop()
    while path and path[-1].form is UNKNOWN:
        path.pop()
    if not path:
        return None, document.base
    return path[-1], path[-1].form


def position(document: Document, node: Node, offset: int) -> int:
    """Which of the list's words stands at the offset, or would."""
    for number in range(len(node.words)):
        if offset <= document.word_span(node, number).end:
            return number
    return len(node.words)


def _lists(form: Form, span: Span) -> Iterator[Completion]:
    for head in sorted(form.children, key=lambda each: (each not in form.required, each)):
        child = form.children[head]
        insert = head if child.arguments or child.children else f"{head})"
        detail = child.documentation.split(". ")[0][:100]
        yield Completion(head, "directive", span, insert, detail)


def _arguments(
    document: Document, node: Node, form: Form, number: int, span: Span, workspace: Workspace, quoted: bool
) -> Iterator[Completion]:
    names = list(dict.fromkeys(names_for(document, node, number, workspace)))
    bare = quoted or node.head == "constraint"
    for name, detail in names:
        yield Completion(name, "value", span, name if bare else f'"{name}"', detail)
    if names:
        return
    argument = _argument(form, number)
    for choice in argument.choices if argument is not None else ():
        yield Completion(choice, "keyword", span, choice, argument.label if argument is not None else "")


def _argument(form: Form, number: int) -> Argument | None:
    arguments = form.arguments
    if number < len(arguments):
        return arguments[number]
    return arguments[-1] if arguments and arguments[-1].count in ("*", "+") else None


def names_for(document: Document, node: Node, number: int, workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Names of the design that fit a word."""
    snapshot = document.snapshot
    main = document.main
    head = node.head
    is_board = main is not None and main.head == "kicad_pcb"
    if head in ("layer", "layers") and document.base.name != "kicad_dru":
        layers = list(board_of(snapshot).layers) if is_board else list(_STANDARD_LAYERS)
        yield from ((layer, "layer") for layer in layers)
    elif head == "layer" and document.base.name == "kicad_dru":
        text = workspace.snapshots.get(beside(snapshot.path, ".kicad_pcb"))
        layers = list(board_of(text).layers) if text is not None else list(_STANDARD_LAYERS)
        yield from ((layer, "layer") for layer in ("outer", "inner", *layers))
    elif head == "constraint" and document.base.name == "kicad_dru":
        words = {"disallow": ITEMS, "zone_connection": CONNECTIONS}.get(node.value(), {})
        yield from ((each, about) for each, about in words.items() if number > 0)
        yield from ((each.name, each.documentation) for each in CONSTRAINTS.values() if number == 0)
    elif is_board and head in ("net", "net_name"):
        board = board_of(snapshot)
        if head == "net" and number == 0 and board.numbered:
            return
        yield from ((name, f"net {key}") for key, (name, _) in board.nets.items() if name)
    elif head in ("label", "global_label", "hierarchical_label") and number == 0:
        context = context_of(snapshot, workspace)
        for instance in context.design.instances:
            if head == "global_label" or instance.sheet.path == snapshot.path:
                for label in instance.sheet.labels:
                    if (label.kind == "global_label") == (head == "global_label") and label.node is not node:
                        yield label.text, label.kind.replace("_", " ")
    elif head == "lib_id":
        yield from _symbols(document, node, workspace)
    elif head == "property" and number == 0:
        yield from ((field, "field") for field in _FIELDS)
    elif head == "property" and number == 1 and node.value() == "Footprint":
        yield from _footprints(node, snapshot, workspace)
    elif head == "netclass_flag" or (head == "property" and node.value() == "Netclass"):
        root = root_of(snapshot, workspace)
        project = project_of(workspace.snapshots.get(beside(root.path, ".kicad_pro")))
        yield from ((name, "net class") for name in sorted(project.net_classes))


def _symbols(document: Document, node: Node, workspace: Workspace) -> Iterator[tuple[str, str]]:
    main = document.main
    library = main.find("lib_symbols") if main is not None else None
    for symbol in library.children if library is not None else ():
        yield symbol.value(), "in this file"
    nickname, _ = libraries.split(node.value())
    root = root_of(document.snapshot, workspace)
    for path in libraries.paths(nickname, root.path, workspace, symbols=True) if nickname else ():
        text = workspace.snapshots.get(path)
        for name in libraries.symbol_names(text) if text is not None else ():
            yield f"{nickname}:{name}", nickname


def _footprints(node: Node, snapshot: Snapshot, workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Footprints that the design uses already; the rest of the libraries isn't read for this."""
    for path in workspace.snapshots:
        if path.endswith(".kicad_mod"):
            folder = os.path.basename(os.path.dirname(path)).removesuffix(".pretty")
            yield f"{folder}:{os.path.basename(path).removesuffix('.kicad_mod')}", "used in this design"


def describe(snapshot: Snapshot, name: str, kind: str) -> str:
    """What a proposed list means."""
    if kind != "directive":
        return ""
    document = document_of(snapshot)
    seen: set[int] = set()
    stack = [document.base]
    while stack:
        form = stack.pop()
        if id(form) in seen:
            continue
        seen.add(id(form))
        if form.head == name.lstrip("("):
            return about_form(form)
        stack.extend(form.children.values())
    return ""


def signature(snapshot: Snapshot, offset: int) -> Signature | None:
    """How the list at an offset is written, and which of its words is the one there."""
    document = document_of(snapshot)
    node, form = around(document, offset)
    if node is None or not form.arguments:
        return None
    number = position(document, node, offset)
    shown = tuple((argument.shown, argument.type.replace("|", " or ")) for argument in form.arguments)
    return Signature(form.signature, form.documentation, shown, min(number, len(shown) - 1))
