"""Short circuits that a board's text tells: tracks, vias and pads of different nets at one point of one layer."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

from kiki_tools.kicad.board import Board
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.schematic import PER_MM, Point, point_of
from kiki_tools.kicad.sexpr import Node

_MOST = 200
_ALL = "*.Cu"
_PER_MICROMETRE = PER_MM // 1000
Item = tuple[str, str, Node, str]
"""Layer (all: `*.Cu`), net, where it stands, what it is called."""


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
    at: defaultdict[Point, list[Item]] = defaultdict(list)
    names = {number: name for number, (name, _) in board.nets.items()} if board.numbered else {}
    for node in board.items:
        if node.head not in ("segment", "arc", "via"):
            continue
        net = node.find("net")
        if net is None or net.value() in ("", "0"):
            continue
        name = names.get(net.value(), net.value())
        if node.head == "via":
            if not node.words:
                at[_near(point_of(node.find("at")))].append((_ALL, name, net, "the via"))
            continue
        layer = node.text_of("layer")
        for end in ("start", "end"):
            at[_near(point_of(node.find(end)))].append((layer, name, net, "the track"))
    for footprint in board.footprints:
        if footprint.node.find("net_tie_pad_groups") is not None:
            continue
        turn = math.radians(footprint.angle)
        cos, sin = math.cos(turn), math.sin(turn)
        for pad in footprint.pads:
            place, layers = pad.node.find("at"), pad.node.find("layers")
            if place is None or layers is None or pad.net_node is None or not pad.net:
                continue
            x, y = point_of(place)
            spot = _near((footprint.at[0] + x * cos + y * sin, footprint.at[1] - x * sin + y * cos))
            here = at.get(spot)
            if here is None:
                continue
            called = f"pad {pad.number} of {footprint.reference}"
            here += [(layer, pad.net, pad.net_node, called) for layer in layers.texts if layer.endswith(".Cu")]
    return list(_told(at))


def _told(at: dict[Point, list[Item]]) -> Iterator[tuple[Node, str]]:
    seen: set[int] = set()
    for items in at.values():
        if len(items) < 2 or len({net for _, net, _, _ in items}) < 2:
            continue
        for layer, net, node, called in items:
            other = next(
                (each for each in items if each[1] != net and (layer == each[0] or _ALL in (layer, each[0]))), None
            )
            if other is not None and id(node) not in seen and len(seen) < _MOST:
                seen.add(id(node))
                yield node, f"{called} is on {net}, and meets {other[3]} of {other[1]}"


def _near(point: tuple[float, float]) -> Point:
    return round(point[0] / _PER_MICROMETRE), round(point[1] / _PER_MICROMETRE)
