"""Bringing a drafted deck to a missed requirement with ngspice in the loop, without asking the model again."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kiki_core import requirements
from kiki_core.events import Artefact, Requirement
from kiki_core.verification import Checked, check_deck
from kiki_tools.spice import retune


async def tuned(deck: Artefact, wanted: Sequence[Requirement]) -> str | None:
    """The deck's text with the first missed but measured requirement met, as far as the theory goes; else null.

    A frequency is moved by all capacitors and inductors together; anything else by the one resistor that has to
    change least. The caller verifies the result.
    """
    for requirement in wanted:
        if requirement.ok is not False or requirement.measured is None:
            continue
        if requirement.unit == "Hz":
            if requirement.value > 0 and requirement.measured > 0:
                return _changed(deck.text, retune.scale_frequency(deck.text, requirement.value / requirement.measured))
        else:
            return await _by_resistor(deck, requirement)
    return None


async def _by_resistor(deck: Artefact, wanted: Requirement) -> str | None:
    best: tuple[float, str, float] | None = None
    for name in retune.resistors(deck.text):
        points = [(1.0, wanted.measured or 0.0)]
        for factor in retune.TRIED:
            value = await _measured(deck, retune.scale_resistor(deck.text, name, factor), wanted)
            if value is not None:
                points.append((factor, value))
        found = retune.solve_bilinear(points, wanted.value) if len(points) == 3 else None
        if found is not None and (best is None or abs(math.log(found)) < best[0]):
            best = (abs(math.log(found)), name, found)
    return None if best is None else _changed(deck.text, retune.scale_resistor(deck.text, best[1], best[2]))


async def _measured(deck: Artefact, text: str, wanted: Requirement) -> float | None:
    check: Checked = await check_deck(Artefact(deck.name, deck.language, text, None), 0)
    if check.simulation is None or not check.simulation.analyses:
        return None
    return requirements.measure([wanted], check.simulation.analyses)[0].measured


def _changed(before: str, after: str) -> str | None:
    return None if after == before else after
