"""The outline of a netlist."""

from __future__ import annotations

from kiki_tools.language import Symbol
from kiki_tools.spice.cards import DEEPEST, Card, card_at, has_title, parse
from kiki_tools.spice.index import index_of
from kiki_tools.spice.roles import pins_of
from kiki_tools.spice.vocabulary import ANALYSES
from kiki_tools.text import Snapshot, Span

_LARGE = 2_000_000
"""Characters of a file from which on devices are left out."""


def outline(snapshot: Snapshot) -> list[Symbol]:
    """Subcircuits with what is in them, devices, models, parameters, measures, analyses; of a large file no devices."""
    if snapshot.length > _LARGE:
        return _large(snapshot)
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


def _large(snapshot: Snapshot) -> list[Symbol]:
    """The outline of a large file, from its index, flat; its first entry says what is left out."""
    title = has_title(snapshot)
    index = index_of(snapshot, title)
    top = snapshot.line_span(0)
    found = [Symbol("(large file: devices are left out here)", "directive", "", top, top)]
    with index.lock:
        index.update(snapshot, title)
        subcircuits = list(index.subcircuits())
        starts = [start for start, _ in index.directives(".model", ".meas", ".measure", ".param", *ANALYSES)]
    for each in subcircuits:
        span = Span(each.start, each.end)
        found.append(Symbol(each.name, "subcircuit", " ".join(each.pins), span, span))
    for start in starts:
        card = card_at(snapshot, start)
        if card is not None:
            found += _directive(card)
    return sorted(found, key=lambda symbol: symbol.span)


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
