"""A deck's names: nodes by scope, models, subcircuits; those of included files too."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kiki_tools.language import Workspace
from kiki_tools.spice.cards import Card, Deck, Word, parse
from kiki_tools.spice.includes import included
from kiki_tools.text import Snapshot

NODES = {
    "r": 2, "c": 2, "l": 2, "v": 2, "i": 2, "d": 2, "b": 2, "e": 2, "f": 2, "g": 2, "h": 2, "j": 3, "z": 3,
    "m": 4, "q": 3, "s": 4, "w": 2, "t": 4, "o": 4, "u": 3,
}  # fmt: skip
"""Nodes of a device by its letter; the least where there may be more (ngspice manual, 2.1.3)."""
DEVICE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz") - {"y"}
MODEL_AFTER = {"d": 2, "q": 3, "m": 4, "j": 3, "z": 3, "s": 4}
"""Letters whose device needs a model, and how many nodes stand before it, at least."""


@dataclass(frozen=True)
class Netlist:
    """The names of a deck and of what it includes. ``complete``: every include could be read."""

    deck: Deck
    models: dict[str, tuple[Deck, Card]] = field(default_factory=dict)
    subcircuits: dict[str, tuple[Deck, Card]] = field(default_factory=dict)
    complete: bool = True


def index(deck: Deck, workspace: Workspace) -> Netlist:
    """Collects the names; include cycles are walked once."""
    models: dict[str, tuple[Deck, Card]] = {}
    subcircuits: dict[str, tuple[Deck, Card]] = {}
    complete = True
    seen = {deck.snapshot.path}
    queue = [deck]
    while queue:
        current = queue.pop()
        for card in current.directives(".model", ".subckt", ".macro"):
            if len(card.words) > 1:
                table = models if card.name.low == ".model" else subcircuits
                table.setdefault(card.words[1].low, (current, card))
        for _, _, path in included(current):
            if path in seen:
                continue
            seen.add(path)
            found = workspace.snapshots.get(path)
            if found is None:
                complete = False
            else:
                queue.append(parse_library(found))
    return Netlist(deck, models, subcircuits, complete)


def parse_library(snapshot: Snapshot) -> Deck:
    """An included file: it has no title line."""
    return parse(snapshot, title=False)


def nodes(card: Card) -> tuple[Word, ...]:
    """The node words of a device card, as far as they are sure."""
    words = card.positional()
    if card.letter == "x":
        return words[:-1]
    count = NODES.get(card.letter, 0)
    if card.letter == "q":  # a substrate or thermal node may follow; the model comes after the nodes
        return words[:3]
    if card.letter in "eg" and len(words) >= 5 and words[2].low not in ("poly", "vol", "value", "table"):
        return words[:4]
    return words[:count]


def connections(deck: Deck) -> dict[tuple[str, ...], Counter[str]]:
    """How many device terminals each node has, per scope; a subcircuit's pins count as one more."""
    counted: dict[tuple[str, ...], Counter[str]] = {}
    for card in deck.devices():
        if card.letter in "kapny":
            continue
        counted.setdefault(card.scope, Counter()).update(word.low for word in nodes(card))
    for card in deck.directives(".subckt", ".macro"):
        inner = (*card.scope, card.words[1].low) if len(card.words) > 1 else card.scope
        counted.setdefault(inner, Counter()).update(word.low for word in pins(card))
    return counted


def pins(card: Card) -> tuple[Word, ...]:
    """The pins that a ``.subckt`` card names."""
    words = card.positional()[1:]
    names = [word.low for word in words]
    for stop in ("params:", "optional:"):
        if stop in names:
            words = words[: names.index(stop)]
    return words


def model_word(card: Card) -> Word | None:
    """The word that names a device's model, where it is sure."""
    after = MODEL_AFTER.get(card.letter)
    if after is None:
        return None
    words = card.positional()
    return words[after] if len(words) > after else None


def called(card: Card) -> Word | None:
    """The subcircuit that an X card calls."""
    words = card.positional()
    if words and words[-1].low == "params:":
        words = words[:-1]
    return words[-1] if card.letter == "x" and words else None
