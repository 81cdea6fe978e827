"""The outline of a netlist."""

from __future__ import annotations

from kiki_tools.language import Symbol
from kiki_tools.spice.cards import DEEPEST, Card, parse
from kiki_tools.spice.roles import pins_of
from kiki_tools.spice.vocabulary import ANALYSES
from kiki_tools.text import Snapshot, Span


def outline(snapshot: Snapshot) -> list[Symbol]:
    """Subcircuits with what is in them, devices, models, parameters, measures, analyses."""
    roots: list[Symbol] = []
    stack: list[tuple[Card, list[Symbol]]] = []
    for card in parse(snapshot).cards:
        into = stack[-1][1] if stack else roots
        low = card.name.low
        if low in (".subckt", ".macro") and len(card.words) > 1:
            # What is nested absurdly deep is shown side by side.
            stack.append((card, [] if len(stack) < DEEPEST else into))
        elif low in (".ends", ".eom") and stack:
            opened, children = stack.pop()
            outer = stack[-1][1] if stack else roots
            outer.append(_subcircuit(opened, card.span.end, children if children is not outer else []))
        elif card.kind == "device":
            detail = " ".join(word.text for word in card.words[1:])[:60]
            into.append(Symbol(card.name.text, "device", detail, card.span, card.name.span))
        else:
            into += _directive(card)
    while stack:
        opened, children = stack.pop()
        outer = stack[-1][1] if stack else roots
        outer.append(_subcircuit(opened, snapshot.length, children if children is not outer else []))
    return roots


def _directive(card: Card) -> list[Symbol]:
    low, words = card.name.low, card.words
    if low == ".model" and len(words) > 2:
        return [Symbol(words[1].text, "model", words[2].text, card.span, words[1].span)]
    if low in ANALYSES:
        return [Symbol(low, "analysis", "", card.span, card.name.span)]
    if low in (".meas", ".measure") and len(words) > 2:
        return [Symbol(words[2].text, "measure", words[1].text, card.span, words[2].span)]
    if low == ".param":
        return [Symbol(n.text, "parameter", v.text, card.span, n.span) for n, v in card.assignments()]
    return []


def _subcircuit(card: Card, end: int, children: list[Symbol]) -> Symbol:
    detail = " ".join(word.text for word in pins_of(card))
    name = card.words[1]
    return Symbol(name.text, "subcircuit", detail, Span(card.span.start, end), name.span, tuple(children))
