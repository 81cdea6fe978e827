"""What is wrong on a board that its text alone tells, and where it disagrees with its schematic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kiki_tools.kicad.board import Board, board_of, duplicates, is_layer, named, pads_by_part
from kiki_tools.kicad.paths import beside, context_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Fix, Workspace
from kiki_tools.text import Edit, Snapshot

if TYPE_CHECKING:
    from kiki_tools.kicad.diagnostics import Finding

_MOST = 300


def check(snapshot: Snapshot, workspace: Workspace) -> Iterator[Finding]:
    """All findings on a board."""
    board = board_of(snapshot)
    yield from _items(board)
    yield from _zones(board)
    yield from _twice(board)
    root = workspace.snapshots.get(beside(snapshot.path, ".kicad_sch"))
    if root is not None:
        yield from _schematic(board, root, workspace)


def _items(board: Board) -> Iterator[Finding]:
    """Layers, nets and ids that the items name."""
    from kiki_tools.kicad.diagnostics import Finding

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
            found += [("KC405", node, name) for name, node in each.nets.items() if name not in nets]
        for (number, name), node in each.pairs.items():
            if numbered and number in nets and nets[number][0] != name:
                found.append(("KC408", node, number))
    for code, node, name in found[:_MOST]:
        if code == "KC402":
            at = next(each for each, word in enumerate(node.words) if word.text == name)
            near = get_close_matches(name, board.layers, 1, 0.6)
            meant = f"; did you mean {near[0]}?" if near else ""
            span = document.inner_span(node, at)
            offered = tuple(Fix(f"Replace by {each}", (Edit(span, each),)) for each in near)
            yield Finding(code, span, f"the board has no layer {name}{meant}", fixes=offered)
        elif code == "KC405":
            yield Finding(code, document.word_span(node), f"the board declares no net {name}")
        else:
            right = nets[name][0]
            span = document.inner_span(node, 1)
            message = f"net {name} is {right or 'no net'}, not {node.value(1)}"
            yield Finding(code, span, message, fixes=(Fix(f"Write {right}", (Edit(span, right),)),))
    if len(ids) != total:
        yield from _repeated(document)


def _repeated(document: Document) -> Iterator[Finding]:
    from kiki_tools.kicad.diagnostics import Finding

    first: dict[str, Node] = {}
    told = 0
    for each in named(document):
        for node in (*each.ids.values(), *each.repeated):
            other = first.setdefault(node.value(), node)
            if other is not node and told < _MOST:
                told += 1
                line = document.snapshot.line_of(document.offset(other.place)) + 1
                yield Finding("KC203", document.inner_span(node), f"this UUID stands in line {line} too")


def _zones(board: Board) -> Iterator[Finding]:
    from kiki_tools.kicad.diagnostics import Finding

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
    from kiki_tools.kicad.diagnostics import Finding

    document = board.document
    for footprint, other in duplicates(board):
        node = footprint.reference_node or footprint.node
        line = document.snapshot.line_of(document.offset(other.node.place)) + 1
        same = footprint.at == other.at and footprint.layer == other.layer
        where = "at the same place" if same else f"the other is in line {line}"
        message = f"a second footprint {footprint.reference}: {where}"
        span = document.inner_span(node, 1) if node is not footprint.node else document.head_span(node)
        yield Finding("KC404", span, message, "error" if same else None, "duplicate_footprints")


def _schematic(board: Board, root: Snapshot, workspace: Workspace) -> Iterator[Finding]:
    """Where the pads' nets and the schematic's don't agree; names may differ, what is connected may not."""
    from kiki_tools.kicad.design import parts_of
    from kiki_tools.kicad.diagnostics import Finding

    context = context_of(root, workspace)
    if context.design.missing:
        return
    document = board.document
    pads = pads_by_part(board)
    of_board: defaultdict[str, set[str]] = defaultdict(set)
    told = 0
    for net in context.design.nets:
        mine = [
            (footprint, pad, each)
            for each in net.pins
            if each.reference and not each.reference.startswith("#")
            for footprint, pad in pads.get((each.reference, each.pin.number), ())
        ]
        counts = Counter(pad.net for _, pad, _ in mine)
        if not counts:
            continue
        usual = net.name if net.name in counts else counts.most_common(1)[0][0]
        of_board[usual].add(net.name)
        for footprint, pad, _ in mine:
            if (pad.net != usual or (pad.net == "" and len(mine) > 1)) and told < _MOST:
                told += 1
                node = pad.net_node or pad.node
                message = (
                    f"pad {pad.number} of {footprint.reference} is on {pad.net or 'no net'}; "
                    f"the schematic has it on {net.name}"
                )
                span = document.span(node) if pad.net_node is not None else document.head_span(node)
                yield Finding("KC401", span, message, rule="net_conflict")
    parts = {
        reference: symbol
        for _, symbol, reference, _ in parts_of(context.design)
        if not symbol.is_power and symbol.on_board and not reference.startswith("#")
    }
    on_board = {footprint.reference for footprint in board.footprints}
    for reference in sorted(set(parts) - on_board)[:_MOST]:
        main = document.main
        if reference and main is not None and parts[reference].value("Footprint") and board.footprints:
            message = f"{reference} of the schematic has no footprint on the board"
            yield Finding("KC406", document.head_span(main), message, rule="missing_footprint")
    for footprint in board.footprints:
        extra = footprint.reference not in parts and not footprint.board_only and footprint.pads
        if extra and parts and footprint.reference and "exclude_from_pos_files" not in footprint.attributes:
            message = f"the schematic has no part {footprint.reference}"
            node = footprint.reference_node or footprint.node
            yield Finding("KC407", document.inner_span(node, 1), message, rule="extra_footprint")
