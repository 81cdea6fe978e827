"""Moving a circuit to what was asked: all frequencies at once, or one resistor by the bilinear theorem.

In a linear network of R, L, C and frequency-independent sources, dividing all L and C by k multiplies every
frequency of its response by k and leaves its levels as they are (A. I. Zverev, Handbook of Filter Synthesis). Any
of its voltages is a bilinear function ``(a + b R) / (1 + c R)`` of one resistance R (H. W. Bode, Network Analysis
and Feedback Amplifier Design, 1945), so three simulations tell the R at which it takes a wanted value. Where the
circuit isn't linear both are good guesses, which a simulation has to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kiki_tools.spice.cards import parse
from kiki_tools.spice.values import parse_number
from kiki_tools.text import Edit, Snapshot, Span

TRIED = (0.5, 2.0)
"""Factors of a resistance at which the circuit is measured, besides 1."""
_MOST_RESISTORS = 6
_WIDEST = 1000.0
_COMPUTES = re.compile(r"=.*\d")


def scale_frequency(text: str, factor: float) -> str:
    """The deck with all frequencies times ``factor``, and a comment that says so; unchanged if it has no L or C."""
    told = f"capacitors and inductors divided by {factor:.4g}, which moves all frequencies by that factor"
    return _scaled(text, "cl", None, 1 / factor, told) if factor > 0 else text


def scale_resistor(text: str, name: str, factor: float) -> str:
    """The deck with the resistance of ``name`` times ``factor``, and a comment that says so."""
    return _scaled(text, "r", name, factor, f"{name} times {factor:.4g}")


def resistors(text: str) -> tuple[str, ...]:
    """The first few resistors of the top level whose values are numbers."""
    found = []
    for card in parse(Snapshot(text), title=True).devices("r"):
        words = card.positional()
        if not card.scope and len(words) > 2 and (parse_number(words[2].text) or 0) > 0:
            found.append(card.name.text)
    return tuple(found[:_MOST_RESISTORS])


def solve_bilinear(points: Sequence[tuple[float, float]], target: float) -> float | None:
    """The positive x at which the bilinear function through three ``(x, y)`` takes ``target``; null if none near."""
    import numpy as np

    x, y = np.array(points, dtype=float).T
    if not np.isfinite(y).all() or np.ptp(y) <= 1e-6 * max(np.abs(y).max(), 1e-12):
        return None
    try:
        a, b, c = np.linalg.solve(np.column_stack([np.ones(3), x, -x * y]), y)
    except np.linalg.LinAlgError:
        return None
    slope = b - target * c
    found = float((target - a) / slope) if slope else -1.0
    return found if 1 / _WIDEST < found < _WIDEST else None


def _scaled(text: str, letters: str, name: str | None, factor: float, told: str) -> str:
    snapshot = Snapshot(text)
    deck = parse(snapshot, title=True)
    edits: list[Edit] = []
    for card in deck.devices(letters):
        if name is not None and card.name.low != name.lower():
            continue
        words = card.positional()
        value = parse_number(words[2].text) if len(words) > 2 else None
        if value is None:
            return text
        edits.append(Edit(words[2].span, _spice(value * factor)))
    if not edits:
        return text
    # A remark that computes the old values would now be wrong.
    edits += [
        Edit(Span(comment.span.start, snapshot.line_start(comment.line + 1)), "")
        for comment in deck.comments
        if _COMPUTES.search(comment.text) and "@expect" not in comment.text
    ]
    first = next(card.span.start for card in deck.cards if card.kind != "title")
    return snapshot.edited([Edit(Span(first, first), f"* retuned: {told}\n"), *edits]).text


def _spice(value: float) -> str:
    for scale, suffix in ((1e6, "meg"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p")):
        if abs(value) >= scale:
            return f"{value / scale:.4g}{suffix}"
    return f"{value:.4g}"
