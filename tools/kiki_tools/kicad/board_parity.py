"""Where a board and its schematic disagree: nets, parts, pads without pins and pins without pads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set

from kiki_tools.kicad.board import Board, Footprint, Pad, pads_by_part
from kiki_tools.kicad.design import parts_of
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.paths import context_of
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

_MOST = 300


def check(board: Board, root: Snapshot, workspace: Workspace) -> Iterator[Finding]:
    """Where the pads' nets and the schematic's don't agree; names may differ, what is connected may not."""
    context = context_of(root, workspace)
    if context.design.missing:
        return
    document = board.document
    pads = pads_by_part(board)
    of_board: defaultdict[str, set[str]] = defaultdict(set)
    told = 0
    pins = {(each.reference, each.pin.number) for net in context.design.nets for each in net.pins}
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
    yield from _without_partner(board, pins, pads, {name for name, part in parts.items() if part.library is not None})
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


def _without_partner(
    board: Board,
    pins: Set[tuple[str, str]],
    pads: Mapping[tuple[str, str], list[tuple[Footprint, Pad]]],
    parts: Set[str],
) -> Iterator[Finding]:
    """Pads on a net that no pin stands behind, and pins that no pad stands for."""
    document = board.document
    footprints = {footprint.reference: footprint for footprint in board.footprints}
    told = 0
    for (reference, number), found in pads.items():
        for _, pad in found:
            if reference in parts and pad.net and (reference, number) not in pins and told < _MOST:
                told += 1
                message = (
                    f"pad {number} of {reference} is on {pad.net}; the schematic's {reference} has no pin {number}"
                )
                yield Finding("KC401", document.word_span(pad.node), message, rule="net_conflict")
    for reference, number in sorted(pin for pin in pins if pin[1]):
        footprint = footprints.get(reference)
        if footprint is not None and footprint.pads and reference in parts and (reference, number) not in pads:
            node = footprint.reference_node or footprint.node
            message = f"{reference} has no pad {number} for its pin of that number"
            yield Finding("KC411", document.inner_span(node, 1), message)
            told += 1
            if told > _MOST:
                return
