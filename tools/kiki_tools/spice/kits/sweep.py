"""A network with an AC sweep as a design: the deck's text, and the measures as a computed response sees them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from kiki_tools.spice.kits.measures import Measure, all_of
from kiki_tools.spice.kits.model import Design, Values, Variable, Wanted
from kiki_tools.spice.kits.network import Network

_MOST_POINTS = 6000


def swept(
    title: str,
    network: Network,
    variables: Sequence[Variable],
    measures: Sequence[Measure],
    wanted: Sequence[Wanted],
    low: float,
    high: float,
    *,
    notes: Sequence[str] = (),
    q: float = 1.0,
) -> Design:
    """The design. ``low`` and ``high``: the sweep in Hz; ``q``: of the sharpest resonance, which the points have to show."""
    decades = math.log10(high / low)
    points = int(min(max(100, 60 * q), max(_MOST_POINTS / decades, 50)))

    def template(values: Values) -> str:
        lines = [
            title,
            *(f"* {note}" for note in notes),
            network.cards(values),
            f".ac dec {points} {low:.6g} {high:.6g}",
            *(measure.card for measure in measures),
            ".end",
        ]
        return "\n".join(lines) + "\n"

    def predict(values: Values) -> Mapping[str, float]:
        return all_of(measures, lambda frequencies, node: network.response(values, frequencies, node))

    return Design(title, template, tuple(variables), tuple(wanted), tuple(notes), predict)
