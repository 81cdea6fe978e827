"""Short circuits that a board's text tells: tracks, vias and pads of different nets at one point of one layer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping

from kiki_tools.kicad.board import Board
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.schematic import PER_MM
from kiki_tools.kicad.sexpr import Node

_MOST = 200
_ALL = "*.Cu"
Item = tuple[str, str, Node, str]
"""Layer as it is written (all: `*.Cu`), net as it is written, its list, what the item is called."""


def check(board: Board, *, patient: bool) -> Iterator[Finding]:
    """The shorts on a board; without patience, those found before that are still in the text."""
    document = board.document
    history = document.snapshot.history
    if patient:
        history["kicad.shorts"] = _shorts(board)
    for node, message in history.get("kicad.shorts", ()):
        try:
            span = document.span(node)
        except KeyError:
            continue
        yield Finding("KC410", span, message)


def _shorts(board: Board) -> list[tuple[Node, str]]:
    at: defaultdict[str, list[Item]] = defaultdict(list)
    for node in board.items:
        head = node.head
        if head not in ("segment", "arc", "via"):
            continue
        ends = []
        layer = ""
        net: Node | None = None
        for child in node.children:
            if child.head in ("start", "end", "at"):
                ends.append(_place(child.piece))
            elif child.head == "layer":
                layer = child.piece
            elif child.head == "net":
                net = child
        if net is None or (head == "via" and node.words):
            continue
        for end in ends:
            at[end].append((_ALL if head == "via" else layer, net.piece, net, ""))
    names = {number: name for number, (name, _) in board.nets.items()} if board.numbered else {}
    for footprint in board.footprints:
        if not footprint.pads or footprint.node.find("net_tie_pad_groups") is not None:
            continue
        turn = math.radians(footprint.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        for pad in footprint.pads:
            place = pad.node.find("at")
            if place is None or pad.net_node is None or not pad.net:
                continue
            x, y = place.number_at(0), place.number_at(1)
            x, y = (
                footprint.at[0] / PER_MM + x * cos + y * sin,
                footprint.at[1] / PER_MM - x * sin + y * cos,
            )
            here = at.get(f"{_shown(x)} {_shown(y)}")
            layers = pad.node.find("layers") if here is not None else None
            if here is not None and layers is not None:
                called = f"pad {pad.number} of {footprint.reference}"
                for layer in layers.texts:
                    if layer.endswith(".Cu"):
                        written = _ALL if layer == "*.Cu" else f'(layer "{layer}")'
                        here.append((written, pad.net_node.piece, pad.net_node, called))
    return list(_told(at, names))


def _place(piece: str) -> str:
    """A place as it is written; KiCad writes equal numbers alike."""
    return piece[piece.find(" ") + 1 : -1]


def _shown(value: float) -> str:
    """A coordinate as KiCad writes it, mm."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _net_of(node: Node, names: Mapping[str, str]) -> str:
    if len(node.texts) > 1:
        return node.value(1)
    return names.get(node.value(), node.value())


def _told(at: Mapping[str, list[Item]], names: Mapping[str, str]) -> Iterator[tuple[Node, str]]:
    seen: set[int] = set()
    for items in at.values():
        if len(items) < 2 or len({written for _, written, _, _ in items}) < 2:
            continue
        named = [(layer, _net_of(node, names), node, called or "this") for layer, _, node, called in items]
        for layer, net, node, called in named:
            if net in ("", "0"):
                continue
            other = next(
                (
                    each
                    for each in named
                    if each[1] not in (net, "", "0") and (layer == each[0] or _ALL in (layer, each[0]))
                ),
                None,
            )
            if other is not None and id(node) not in seen and len(seen) < _MOST:
                seen.add(id(node))
                met = other[3] if other[3] != "this" else "a track"
                yield node, f"{called} is on {net}, and meets {met} of {other[1]}"
