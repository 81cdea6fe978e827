"""Moving a circuit's frequencies: scaling every capacitor and inductor alike.

In a linear network of R, L, C and frequency-independent sources, dividing all L and C by k multiplies every
frequency of its response by k and leaves its levels as they are (A. I. Zverev, Handbook of Filter Synthesis).
"""

from __future__ import annotations

from kiki_tools.spice.cards import parse
from kiki_tools.spice.values import parse_number
from kiki_tools.text import Edit, Snapshot, Span


def scale_frequency(text: str, factor: float) -> str:
    """The deck with all frequencies times ``factor``, and a comment that says so; unchanged if it has no L or C."""
    snapshot = Snapshot(text)
    deck = parse(snapshot, title=True)
    edits: list[Edit] = []
    for card in deck.devices("cl"):
        words = card.positional()
        value = parse_number(words[2].text) if len(words) > 2 else None
        if value is None or factor <= 0:
            return text
        edits.append(Edit(words[2].span, _spice(value / factor)))
    if not edits:
        return text
    first = next(card.span.start for card in deck.cards if card.kind != "title")
    told = f"* retuned: capacitors and inductors divided by {factor:.4g}, which moves all frequencies by that factor\n"
    return snapshot.edited([Edit(Span(first, first), told), *edits]).text


def _spice(value: float) -> str:
    for scale, suffix in ((1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"), (1e-12, "p")):
        if abs(value) >= scale:
            return f"{value / scale:.4g}{suffix}"
    return f"{value:.4g}"
