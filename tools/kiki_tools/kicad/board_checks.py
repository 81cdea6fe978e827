"""What is wrong on a board that its text alone tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from kiki_tools.kicad import board_parity, shorts
from kiki_tools.kicad.board import STANDARD_LAYERS, Board, board_of, duplicates, is_layer, is_standard, named
from kiki_tools.kicad.finding import Finding, twice
from kiki_tools.kicad.paths import beside
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Fix, Severity, Workspace
from kiki_tools.text import Edit, Snapshot

_MOST = 300


def check(snapshot: Snapshot, workspace: Workspace, *, patient: bool) -> Iterator[Finding]:
    """All findings on a board."""
    board = board_of(snapshot)
    yield from _layers(board)
    yield from _items(board)
    yield from _zones(board)
    yield from _twice(board)
    yield from shorts.check(board, patient=patient)
    root = workspace.snapshots.get(beside(snapshot.path, ".kicad_sch"))
    if root is not None:
        yield from board_parity.check(board, root, workspace)


def footprint(document: Document) -> Iterator[Finding]:
    """A footprint of a library: layers that KiCad doesn't know."""
    board = Board(document)
    for each in named(document):
        for name, node in each.layers.items():
            if name and not is_layer(name, board):
                yield _no_layer(document, node, name, STANDARD_LAYERS, "KiCad knows no layer", "warning")


_KINDS = ("signal", "power", "mixed", "jumper", "user", "front", "back", "auxiliary")


def _layers(board: Board) -> Iterator[Finding]:
    """The board's own list of layers."""
    document = board.document
    listed = document.part("layers")
    if listed is None:
        return
    first: dict[str, Node] = {}
    copper = 0
    for node in listed.children:
        if not node.head.isdigit():
            continue
        name = node.value()
        copper += name.endswith(".Cu")
        if len(node.words) < 2 or node.value(1) not in _KINDS:
            near = get_close_matches(node.value(1), _KINDS, 1, 0.5)
            span = document.word_span(node, max(min(len(node.words), 2) - 1, 0))
            offered = tuple(Fix(f"Write {each}", (Edit(span, each),)) for each in near if len(node.words) > 1)
            yield Finding("KC409", span, f"a layer is {', '.join(_KINDS[:-1])}", fixes=offered)
        if name in first:
            for each in (first[name], node):
                yield Finding("KC409", document.word_span(each), f"layer {name} stands twice", "warning")
        first.setdefault(name, node)
    if document.version > 20_000_000 and (copper < 2 or copper % 2):
        told = f"{copper} copper layers: KiCad takes an even number of them"
        yield Finding("KC409", document.head_span(listed), told)


def _no_layer(
    document: Document, node: Node, name: str, known: Iterable[str], told: str, severity: Severity | None = None
) -> Finding:
    at = next(each for each, word in enumerate(node.words) if word.text == name)
    near = get_close_matches(name, list(known), 1, 0.6)
    meant = f"; did you mean {near[0]}?" if near else ""
    span = document.inner_span(node, at)
    offered = tuple(Fix(f"Replace by {each}", (Edit(span, each),)) for each in near)
    return Finding("KC402", span, f"{told} {name}{meant}", severity, fixes=offered)


def _items(board: Board) -> Iterator[Finding]:
    """Layers, nets and ids that the items name."""
    document = board.document
    layers, nets = set(board.layers) | board.aliases, board.nets
    numbered = board.numbered and bool(nets)
    total = 0
    ids: set[str] = set()
    found: list[tuple[str, Node, str]] = []
    for each in named(document):
        total += len(each.ids) + len(each.repeated)
        ids.update(each.ids)
        if not each.layers.keys() <= layers:
            found += [("KC402", node, name) for name, node in each.layers.items() if not is_layer(name, board)]
        if numbered and not each.nets.keys() <= nets.keys():
            found += [("KC405", node, name) for name, node in each.nets.items() if name not in nets and name != "0"]
        for (number, name), node in each.pairs.items():
            if numbered and number in nets and nets[number][0] != name:
                found.append(("KC408", node, number))
    for code, node, name in found[:_MOST]:
        if code == "KC402":
            level: Severity | None = "warning" if is_standard(name) else None
            yield _no_layer(document, node, name, board.layers or STANDARD_LAYERS, "the board has no layer", level)
        elif code == "KC405":
            yield Finding(code, document.word_span(node), f"the board declares no net {name}")
        else:
            right = nets[name][0]
            span = document.inner_span(node, 1)
            message = f"net {name} is {right or 'no net'}, not {node.value(1)}"
            yield Finding(code, span, message, fixes=(Fix(f"Write {right}", (Edit(span, right),)),))
    if len(ids) != total:
        yield from _repeated(document)
    for astray in (each.node for each in board.footprints if not each.placed):
        yield Finding("KC113", document.head_span(astray), f"({astray.head} lacks its (at …)")
    if board.numbered:
        for unnamed in (node for each in board.footprints for node in each.unnamed):
            yield Finding("KC106", document.head_span(unnamed), "(net lacks its name: (net NUMBER NAME)")


def _repeated(document: Document) -> Iterator[Finding]:
    first: dict[str, Node] = {}
    told: set[str] = set()
    for each in named(document):
        for node in (*each.ids.values(), *each.repeated):
            other = first.setdefault(node.value(), node)
            if other is not node and len(told) < _MOST:
                yield from twice(document, other, node, again=node.value() in told)
                told.add(node.value())


def _zones(board: Board) -> Iterator[Finding]:
    for node in board.items:
        if node.head != "zone" or node.find("keepout") is not None or node.find("placement") is not None:
            continue
        net = node.find("net")
        name = node.text_of("net_name")
        if (net is None or net.value() in ("", "0")) and not name:
            layers = [word.text for child in node.children if child.head in ("layer", "layers") for word in child.words]
            if any(layer.endswith(".Cu") for layer in layers):
                span = board.document.span(net) if net is not None else board.document.head_span(node)
                yield Finding("KC403", span, "a copper zone without a net")


def _twice(board: Board) -> Iterator[Finding]:
    document = board.document
    told: set[str] = set()
    for other, one in duplicates(board):
        same = one.at == other.at and one.layer == other.layer
        for each, there in ((other, one),) if one.reference in told else ((other, one), (one, other)):
            told.add(one.reference)
            node = each.reference_node or each.node
            line = document.snapshot.line_of(document.offset(there.node.place)) + 1
            where = "at the same place" if same else f"the other is in line {line}"
            message = f"a second footprint {each.reference}: {where}"
            span = document.inner_span(node, 1) if node is not each.node else document.head_span(node)
            yield Finding("KC404", span, message, "error" if same else None, "duplicate_footprints")
