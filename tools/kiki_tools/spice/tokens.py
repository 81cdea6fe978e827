"""The kinds of words, for colours, and what can be folded and selected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.language import Folding, Token, TokenKind
from kiki_tools.spice.blocks import Block, blocks
from kiki_tools.spice.cards import Card, card_at, has_title, read_block
from kiki_tools.spice.index import index_of
from kiki_tools.spice.roles import Role, roles
from kiki_tools.text import Snapshot, Span

_NOTE = "tokens"
_LINE_END = re.compile(r"\r\n|\n|\r")
_KINDS: dict[Role, TokenKind] = {
    "device": "device", "node": "node", "model": "model", "subcircuit": "subcircuit", "parameter": "parameter",
    "attribute": "attribute", "value": "number", "directive": "directive", "measure": "measure", "type": "type",
    "file": "string", "string": "string", "section": "string", "keyword": "keyword", "reference": "device",
    "function": "function", "command": "keyword", "title": "comment",
}  # fmt: skip
_DECLARING = {".subckt": "subcircuit", ".macro": "subcircuit", ".model": "model", ".param": "parameter",
              ".func": "parameter", ".meas": "measure", ".measure": "measure"}  # fmt: skip


def tokens(snapshot: Snapshot, within: Span | None = None) -> list[Token]:
    """The words with their kinds, in the order of the text, without overlaps."""
    title = has_title(snapshot)
    index = index_of(snapshot, title)
    found: list[Token] = []
    with index.lock:
        index.update(snapshot, title)
        control = {id(entry.block): entry.control for entry in index.entries}
    starts, parts = blocks(snapshot)
    for number, (start, block) in enumerate(zip(starts, parts, strict=True)):
        if within is not None and (start > within.end or start + len(block.text) < within.start):
            continue
        for token in _of_block(block, title and number == 0, control.get(id(block), False)):
            span = token.span.moved(start)
            if within is None or (span.start <= within.end and within.start <= span.end):
                found.append(Token(span, token.kind, token.declares))
    return found


def _of_block(block: Block, title: bool, control: bool) -> list[Token]:
    notes = block.chunks[0].notes
    known = notes.get(_NOTE)
    if known is None or known[0] is not block or known[1] != (title, control):
        known = notes[_NOTE] = (block, (title, control), list(_read(block, title, control)))
    found: list[Token] = known[2]
    return found


def _read(block: Block, title: bool, control: bool) -> Iterator[Token]:
    cards, comments = read_block(block.text, title=title, control=control)
    found = [Token(comment.span, "comment") for comment in comments]
    for card in cards:
        found += _of_card(card)
    last = 0
    for token in sorted(found, key=lambda token: token.span):
        if token.span.start >= last and len(token.span):
            last = token.span.end
            yield token


def _of_card(card: Card) -> Iterator[Token]:
    declaring = _DECLARING.get(card.name.low, "") if card.kind == "directive" else ""
    first = True
    for named in roles(card):
        kind = _KINDS.get(named.role)
        if kind is None:
            continue
        declares = (named.role == declaring and first) or (named.role == "device" and card.kind == "device")
        if named.role == declaring:
            first = card.name.low == ".param"
        yield Token(named.span, kind, declares)


def foldings(snapshot: Snapshot) -> list[Folding]:
    """Subcircuits, control blocks, conditions, cards of several lines, runs of comments."""
    found: list[Folding] = []
    opened: list[tuple[str, int]] = []
    comment = -1
    card = -1
    before = ""
    for line, text in enumerate(_LINE_END.split(snapshot.text)):
        text = text.lstrip(" \t")
        first, last = text[:1], before
        before = first
        if first == "*":
            comment = line if comment < 0 else comment
            continue
        if comment >= 0 and line - comment > 1:
            found.append(Folding(comment, line - 1, True))
        comment = -1
        if first == "+":
            continue
        if card >= 0 and line - card > 1 and last == "+":
            found.append(Folding(card, line - 1))
        card = line if text else -1
        if first != ".":
            continue
        word = text.split(None, 1)[0].lower()
        if word in _OPENING:
            opened.append((word, line))
        elif word in _CLOSING:
            while opened:
                begun, start = opened.pop()
                if begun in _CLOSING[word]:
                    if line - start > 1:
                        found.append(Folding(start, line - 1))
                    break
    return sorted(found, key=lambda folding: folding.first)


_OPENING = frozenset({".subckt", ".macro", ".control", ".if", ".lib"})
_CLOSING = {".ends": {".subckt", ".macro"}, ".eom": {".subckt", ".macro"}, ".endc": {".control"}, ".endif": {".if"},
            ".endl": {".lib"}}  # fmt: skip


def selections(snapshot: Snapshot, offset: int) -> list[Span]:
    """The word, what it is part of, its card, its subcircuits, the file: innermost first."""
    spans: list[Span] = []
    card = card_at(snapshot, offset)
    if card is not None:
        spans += [word.span for word in card.words if offset in word.span]
        spans += [named.span for named in roles(card) if offset in named.span]
        spans.append(card.span)
    spans += [
        Span(snapshot.line_start(fold.first), snapshot.line_span(fold.last + 1).end)
        for fold in foldings(snapshot)
        if not fold.comment and fold.first <= snapshot.line_of(offset) <= fold.last + 1
    ]
    spans.append(Span(0, snapshot.length))
    growing: list[Span] = []
    for span in sorted(set(spans), key=len):
        if not growing or (span.start <= growing[-1].start and growing[-1].end <= span.end):
            growing.append(span)
    return growing
