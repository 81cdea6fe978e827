"""Which pins meet in which net: a deck's connectivity, subcircuits opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from kiki_tools.language import Workspace
from kiki_tools.spice.cards import Card, parse
from kiki_tools.spice.includes import included
from kiki_tools.spice.roles import nodes_of, pins_of
from kiki_tools.spice.topology import GROUNDS
from kiki_tools.text import Snapshot

MOST_DEVICES = 1_000_000
_DEEPEST = 30


@dataclass(frozen=True)
class _Definition:
    pins: tuple[str, ...]
    cards: list[Card]


class TooLarge(ValueError):
    """The opened circuit has too many devices."""


def nets(snapshot: Snapshot, workspace: Workspace, *, flat: bool = True) -> dict[str, list[tuple[str, str]]]:
    """The nets by name, each with its pins: device and pin number from 1, or the subcircuit's own name of it.

    ``flat``: subcircuits are opened, their inner names prefixed by the calls (``x1.r1``); those that aren't there stay.

    Raises:
        TooLarge: if there are more than a million devices.
    """
    top, definitions = _read(snapshot, workspace)
    found: dict[str, list[tuple[str, str]]] = {}
    opened = count()
    for net, device, pin in _pins(top, definitions, "", {}, opened if flat else None, 0):
        found.setdefault("0" if net in GROUNDS else net, []).append((device, pin))
    return found


def _read(snapshot: Snapshot, workspace: Workspace) -> tuple[list[Card], dict[str, _Definition]]:
    """The devices of the top level, and the subcircuits by name, of the file and of what it draws in."""
    top: list[Card] = []
    definitions: dict[str, _Definition] = {}
    seen = {snapshot.path}
    queue = [(snapshot, True)]
    while queue:
        current, title = queue.pop()
        deck = parse(current, title=title)
        stack: list[_Definition] = []
        for card in deck.cards:
            low = card.name.low
            if low in (".subckt", ".macro") and len(card.words) > 1:
                definition = _Definition(tuple(pin.low for pin in pins_of(card)), [])
                definitions.setdefault(card.words[1].low, definition)
                stack.append(definition)
            elif low in (".ends", ".eom") and stack:
                stack.pop()
            elif low == ".end":
                break
            elif card.kind == "device":
                (stack[-1].cards if stack else top).append(card)
        for _, _, path in included(deck):
            if path not in seen and path in workspace.snapshots:
                seen.add(path)
                queue.append((workspace.snapshots[path], False))
    return top, definitions


def _pins(
    cards: list[Card],
    definitions: Mapping[str, _Definition],
    prefix: str,
    names: Mapping[str, str],
    opened: Iterator[int] | None,
    depth: int,
) -> Iterator[tuple[str, str, str]]:
    """``opened`` counts the devices; null leaves subcircuits closed."""
    for card in cards:
        if opened is not None and next(opened) > MOST_DEVICES:
            raise TooLarge(f"more than {MOST_DEVICES} devices")
        words = card.positional()
        device = prefix + card.name.text
        nets = [_net(node.low, prefix, names) for node in nodes_of(card.letter, words)]
        definition = definitions.get(words[-1].low) if card.letter == "x" and words else None
        if definition is None or opened is None or depth >= _DEEPEST:
            pins = definition.pins if definition is not None else ()
            for number, net in enumerate(nets):
                yield net, device, pins[number] if number < len(pins) else str(number + 1)
            continue
        inner = dict(zip(definition.pins, nets, strict=False))
        yield from _pins(definition.cards, definitions, f"{device}.", inner, opened, depth + 1)


def _net(node: str, prefix: str, names: Mapping[str, str]) -> str:
    if node in GROUNDS:
        return "0"
    return names.get(node, prefix.lower() + node)
