"""The shape of KiCad's files: outline, folding, growing selection, colours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.language import Folding, Symbol, Token, TokenKind
from kiki_tools.text import Snapshot, Span

_MOST_TOKENS = 400_000
_SECTIONS = frozenset({"lib_symbols", "layers", "setup", "title_block", "general", "sheet_instances"})
_NAMED: dict[str, str] = {
    "label": "net", "global_label": "net", "hierarchical_label": "net", "sheet": "sheet", "zone": "net",
    "rule": "directive", "lib": "model", "net_class": "model", "group": "section",
}  # fmt: skip


def outline(snapshot: Snapshot) -> list[Symbol]:
    """Symbols, sheets and labels of a schematic; footprints, nets and zones of a board; symbols of a library; rules."""
    document = document_of(snapshot)
    main = document.main
    if main is None:
        return []
    nodes = document.root.children if document.base.name == "kicad_dru" else main.children
    return [found for node in nodes if (found := _symbol(document, node)) is not None]


def _symbol(document: Document, node: Node) -> Symbol | None:
    head = node.head
    span = document.span(node)
    if head == "symbol":
        placed = node.find("lib_id")
        if placed is None:
            inner = [_pin(document, pin) for unit in node.all("symbol") for pin in unit.all("pin")]
            return Symbol(
                node.value(), "model", _field(node, "Description"), span, document.inner_span(node), tuple(inner)
            )
        field = next((each for each in node.all("property") if each.value() == "Reference"), None)
        name = field.value(1) if field is not None else placed.value()
        at = document.inner_span(field, 1) if field is not None else document.inner_span(placed)
        return Symbol(name, "device", f"{_field(node, 'Value')}  {placed.value()}", span, at)
    if head in ("footprint", "module"):
        field = next(
            (
                each
                for each in node.children
                if each.head in ("property", "fp_text") and each.value().lower() == "reference"
            ),
            None,
        )
        at = document.inner_span(field, 1) if field is not None else document.inner_span(node)
        name = field.value(1) if field is not None else node.value()
        return Symbol(name, "device", node.value(), span, at)
    if head == "sheet":
        name = _field(node, "Sheetname") or _field(node, "Sheet name")
        inner = [
            Symbol(pin.value(), "net", pin.value(1), document.span(pin), document.inner_span(pin))
            for pin in node.all("pin")
        ]
        return Symbol(name, "sheet", _field(node, "Sheetfile"), span, document.head_span(node), tuple(inner))
    if head == "net" and len(node.words) > 1 and node.value(1):
        return Symbol(node.value(1), "net", f"net {node.value()}", span, document.inner_span(node, 1))
    if head == "zone":
        net = node.text_of("net_name") or "no net"
        return Symbol(f"zone {net}", "section", node.text_of("layer"), span, document.head_span(node))
    if head == "lib":
        return Symbol(node.text_of("name"), "model", node.text_of("uri"), span, document.head_span(node))
    if head in _NAMED and node.words:
        return Symbol(node.value(), _NAMED[head], head.replace("_", " "), span, document.inner_span(node))  # type: ignore[arg-type]
    if head in _SECTIONS:
        symbols = (_symbol(document, child) for child in node.children if child.head == "symbol")
        known = tuple(each for each in symbols if each is not None)
        return Symbol(head, "section", f"{len(node.children)}", span, document.head_span(node), known)
    return None


def _pin(document: Document, pin: Node) -> Symbol:
    number, name = pin.text_of("number"), pin.text_of("name")
    return Symbol(f"{number} {name}".strip(), "net", pin.value(), document.span(pin), document.head_span(pin))


def _field(node: Node, name: str) -> str:
    return next((each.value(1) for each in node.all("property") if each.value() == name), "")


def foldings(snapshot: Snapshot) -> list[Folding]:
    """Every list over several lines."""
    document = document_of(snapshot)
    found = []
    for node in document.root.walk():
        if node.end is None or node is document.root:
            continue
        first = snapshot.line_of(document.offset(node.place))
        last = snapshot.line_of(document.offset(node.end))
        if last - 1 > first:
            found.append(Folding(first, last - 1))
        if len(found) > 50_000:
            break
    return found


def selections(snapshot: Snapshot, offset: int) -> list[Span]:
    """The word at the offset, then each list around it, then the file."""
    document = document_of(snapshot)
    path = document.path_to(offset)
    found: list[Span] = []
    if path:
        node = path[-1]
        for number, word in enumerate(node.words):
            span = document.word_span(node, number)
            if offset in span:
                if word.quoted:
                    found.append(document.inner_span(node, number))
                found.append(span)
                break
        else:
            if offset in (head := document.head_span(node)):
                found.append(head)
    for node in reversed(path):
        span = document.span(node)
        if span.end - span.start > 2:
            found.append(Span(span.start + 1, span.end - 1))
        found.append(span)
    found.append(Span(0, snapshot.length))
    return [span for number, span in enumerate(found) if number == 0 or span != found[number - 1]]


def tokens(snapshot: Snapshot, within: Span | None = None) -> list[Token]:
    """The words with their kinds."""
    document = document_of(snapshot)
    found: list[Token] = []
    for node in _in(document, document.root, within):
        span = document.head_span(node)
        found.append(Token(span, "directive"))
        start = document.offset(node.place)
        for number, word in enumerate(node.own_words):
            at = start + word.start
            found.append(Token(Span(at, at + len(word.raw)), _kind(node, number)))
        if len(found) > _MOST_TOKENS:
            break
    if within is not None:
        found = [token for token in found if token.span.end > within.start and token.span.start < within.end]
    return found


def _in(document: Document, root: Node, within: Span | None) -> Iterator[Node]:
    """The lists that touch a span, in the order of the text."""
    if within is None:
        for node in root.walk():
            if node is not root:
                yield node
        return
    stack: list[Node] = list(reversed(_touching(document, root.children, within)))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_touching(document, node.children, within)))


def _touching(document: Document, children: Sequence[Node], within: Span) -> list[Node]:
    low, high = 0, len(children)
    while low < high:
        middle = (low + high) // 2
        if document.span(children[middle]).end < within.start:
            low = middle + 1
        else:
            high = middle
    found = []
    for node in children[low:]:
        if document.offset(node.place) >= within.end:
            break
        found.append(node)
    return found


_NETS = frozenset({"label", "global_label", "hierarchical_label", "net", "net_name"})


def _kind(node: Node, number: int) -> TokenKind:
    word = node.words[number]
    if node.head in _NETS and word.quoted:
        return "node"
    if node.head in ("layer", "layers"):
        return "type"
    if node.head == "property":
        return "parameter" if number == 0 else "device" if node.value() == "Reference" else "string"
    if node.head in ("uuid", "tstamp"):
        return "comment"
    if node.head == "pin" and number == 0 and not word.quoted:
        return "attribute"
    if word.quoted:
        return "string"
    first = word.raw[0]
    return "number" if first.isdigit() or first in "+-." else "attribute"
