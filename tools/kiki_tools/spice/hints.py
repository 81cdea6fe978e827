"""Computed values beside the text, and how a card is written while it is typed."""

from __future__ import annotations

from kiki_tools.language import Hint, Signature
from kiki_tools.spice.cards import card_at
from kiki_tools.spice.explain import UNITS, parameter_values
from kiki_tools.spice.expressions import NoValue, evaluate
from kiki_tools.spice.index import TOP
from kiki_tools.spice.program import Program
from kiki_tools.spice.roles import roles
from kiki_tools.spice.values import format_value
from kiki_tools.spice.vocabulary import FUNCTIONS, SIGNATURES
from kiki_tools.text import Span

_MOST_LINES = 400


def hints(program: Program, within: Span) -> list[Hint]:
    """The value of each expression in ``within`` that has one before any simulation."""
    snapshot = program.own.snapshot
    known: dict[str, float] | None = None
    found: list[Hint] = []
    first, last = snapshot.line_of(within.start), snapshot.line_of(within.end)
    for line in range(first, min(last, first + _MOST_LINES) + 1):
        text = snapshot.line_text(line)
        if ("{" not in text and "'" not in text and ".param" not in text.lower()) or text.lstrip()[:1] == "*":
            continue
        card = card_at(snapshot, snapshot.line_start(line) + len(text) - len(text.lstrip()))
        if card is None or program.own.index.scope_at(card.span.start) != TOP:
            continue  # inside of a subcircuit the values are the call's
        known = parameter_values(program) if known is None else known
        span = snapshot.line_span(line)
        unit = UNITS.get(card.letter, "") if card.kind == "device" else ""
        for named in roles(card):
            if named.role == "expression" and span.start <= named.span.end <= span.end:
                try:
                    value = evaluate(named.name, known.get)
                except NoValue:
                    continue
                found.append(Hint(named.span.end, f"= {format_value(value, unit)}"))
    return found


def signature(program: Program, offset: int) -> Signature | None:
    """How the card at ``offset`` is written: a function's arguments, a subcircuit's pins, a device's, a directive's."""
    snapshot = program.own.snapshot
    line = snapshot.line_span(snapshot.line_of(offset))
    before = snapshot.slice(Span(line.start, offset))
    if before.lstrip()[:1] in ("*", ""):
        return None
    inner = _function(before)
    if inner is not None:
        return inner
    card = card_at(snapshot, offset if offset < line.end else max(line.start, len(before.rstrip()) + line.start - 1))
    if card is None:
        return None
    done = sum(1 for word in card.arguments if word.span.end < offset) - sum(
        1 for word in card.words if word.text == "=" and word.span.end < offset
    )
    low = card.name.low
    if card.kind == "device" and card.letter == "x":
        words = card.positional()
        called = program.subcircuit(words[-1].low) if words else None
        if called is None:
            return None
        pins = tuple((pin, "pin") for pin in called[1].pins)
        name = called[1].name
        label = f"X… {' '.join(called[1].pins)} {name}"
        return Signature(label, f"subcircuit {name}", pins, done if done < len(pins) else None)
    known = SIGNATURES.get(low if card.kind == "directive" else card.letter)
    if known is None:
        return None
    label, about, parameters = known
    return Signature(label, about, parameters, done if done < len(parameters) else None)


def _function(before: str) -> Signature | None:
    """The innermost function whose parenthesis is open."""
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        if before[at] == ")":
            depth += 1
        elif before[at] == "(":
            if depth:
                depth -= 1
                continue
            start = at
            while start and (before[start - 1].isalnum() or before[start - 1] == "_"):
                start -= 1
            name = before[start:at].lower()
            inside = before[at + 1 :]
            known = SIGNATURES.get(f"{name}(")
            if known is not None:
                count = len(inside.replace(",", " ").split()) - (0 if inside[-1:].isspace() or not inside else 1)
                return Signature(*known, max(count, 0) if count < len(known[2]) else None)
            if name in FUNCTIONS:
                return Signature(f"{name}(…)", FUNCTIONS[name], (), None)
            return None
    return None
