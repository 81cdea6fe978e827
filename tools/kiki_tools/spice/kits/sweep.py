"""A network with an AC sweep as a design: the deck's text, and the measures as a computed response sees them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kiki_tools.spice.kits.measures import Measure, Response, all_of
from kiki_tools.spice.kits.model import Design, Impossible, Values, Variable, Wanted, shown
from kiki_tools.spice.kits.network import Network

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    through: float | None = None,
) -> Design:
    """The design. ``low`` and ``high``: the sweep in Hz; ``q``: of the sharpest resonance that it has to show.

    ``through``: a frequency in Hz that is one of the sweep's points, so that a null there isn't interpolated.
    """
    _check(variables)
    decades = math.log10(high / low)
    points = int(min(max(100, 60 * q), max(_MOST_POINTS / decades, 50)))
    if through is not None:
        low = through / 10 ** (math.ceil(points * math.log10(through / low)) / points)
        # ngspice stretches the steps so that the last point is the end: that has to be a step, too.
        high = through * 10 ** (math.ceil(points * math.log10(high / through)) / points) * (1 + 1e-9)
    digits = 12 if through is not None else 6

    def template(values: Values) -> str:
        lines = [
            title,
            *(f"* {note}" for note in notes),
            network.cards(values),
            f".ac dec {points} {low:.{digits}g} {high:.{digits}g}",
            *(measure.card for measure in measures),
            ".end",
        ]
        return "\n".join(lines) + "\n"

    def predictor(values: Values) -> Callable[[Values], Mapping[str, float]]:
        response = _near(network, values)
        return lambda moved: all_of(measures, response(moved))

    return Design(title, template, tuple(variables), tuple(wanted), tuple(notes), predictor)


def _check(variables: Sequence[Variable]) -> None:
    """Raises Impossible for a part that nobody makes."""
    for each in variables:
        if not each.low / 1.05 <= each.start <= each.high * 1.05:
            unit = {"R": "ohm", "C": "F", "L": "H"}[each.name[0]]
            raise Impossible(
                f"{each.name} would have to be {shown(each.start, unit)}; from {shown(each.low, unit)} to "
                f"{shown(each.high, unit)} is sensible"
            )


_DIFFERENCE = 1e-4
_SHARP = 4.0
_NULL = 0.15


def _near(network: Network, base: Values) -> Callable[[Values], Response]:
    """The response for values near ``base``, from its sensitivities.

    Numerator and denominator are linear in each value: near a null the response moves linearly, near a resonance its
    inverse does, and elsewhere the logarithm serves best for larger steps.
    """
    import numpy as np

    names = list(base)
    known: dict[tuple[float, float, int, str], tuple[NDArray[Any], NDArray[Any]]] = {}

    def sensitivities(frequencies: Sequence[float], node: str) -> tuple[NDArray[Any], NDArray[Any]]:
        key = (frequencies[0], frequencies[-1], len(frequencies), node)
        if key not in known:
            at = np.log(network.response(base, frequencies, node))
            moved = [{**base, name: base[name] * (1 + _DIFFERENCE)} for name in names]
            slopes = [(np.log(network.response(each, frequencies, node)) - at) / _DIFFERENCE for each in moved]
            # The logarithm's branch may differ between two neighbours.
            wrapped = [
                each - 2j * np.pi / _DIFFERENCE * np.round(each.imag * _DIFFERENCE / 2 / np.pi) for each in slopes
            ]
            known[key] = at, np.array(wrapped).T
        return known[key]

    def response(values: Values) -> Response:
        step = np.log([values[name] / base[name] for name in names])
        seen: dict[tuple[float, float, int, str], NDArray[Any]] = {}

        def of(frequencies: Sequence[float], node: str) -> NDArray[Any]:
            key = (frequencies[0], frequencies[-1], len(frequencies), node)
            if key not in seen:
                at, slopes = sensitivities(frequencies, node)
                moved, response_at = slopes @ step, np.exp(at)
                sharp = np.abs(slopes).max(axis=1) > _SHARP
                null = sharp & (np.abs(response_at) < _NULL * network.level)
                below = np.where(np.abs(1 - moved) > 0.05, 1 - moved, 0.05)
                smooth = np.exp(np.clip(moved, -20, 20))
                seen[key] = response_at * np.where(null, 1 + moved, np.where(sharp, 1 / below, smooth))
            return seen[key]

        return of

    return response
