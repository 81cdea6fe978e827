"""The round of a flagged answer: asked under the opposite framing, compared, rewritten only if it gives way."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from kiki_core.debias.detector import Finding, find
from kiki_core.debias.framing import framed, neutral
from kiki_core.debias.marks import shown
from kiki_core.debias.options import conclusion, options
from kiki_core.events import BiasFinding
from kiki_core.planning import quantities

MOST_ROUNDS = 2

Ask = Callable[[str], Awaitable[str | None]]
"""Answers a question; null where no more may be spent."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands in the end. ``question``: what ``answer`` answers, the original where nothing was rewritten."""

    answer: str
    question: str
    findings: tuple[BiasFinding, ...]
    rounds: int

    @property
    def rewritten(self) -> bool:
        """Whether another answer takes the first one's place."""
        return any(one.action == "corrected" for one in self.findings)


async def settled(question: str, answer: str, ask: Ask, rounds: int = MOST_ROUNDS) -> Settled:
    """The answer after DeFrame. Nothing is asked where nothing is flagged.

    The surest finding decides the framing of a round. The same conclusion under the opposite framing keeps the
    answer; so does one that can't be told. Else the neutral question's answer takes its place, and goes round again if
    it is flagged.
    """
    told: list[BiasFinding] = []
    now, said = question, answer
    names = [one.text for one in options(shown(question))]
    for count in range(rounds):
        flagged = find(now, said)
        if not flagged:
            return Settled(said, now, tuple(told), count)
        first = flagged[0]
        turned = framed(now, first.mark)
        if turned.opposite == now:
            return Settled(said, now, (*told, event(first, "marked", "no opposite framing is known")), count)
        other = await ask(turned.opposite)
        if other is None or not other.strip():
            return Settled(said, now, (*told, event(first, "marked", "nothing more may be spent")), count)
        same = agree(said, other, names, first)
        if same is None and first.mark.end == 0 and not find(turned.opposite, other):
            same = False  # the reasoning is what was flagged, and it is gone
        if same is not False:
            why = "asked the other way round, the answer is the same" if same else "the two answers can't be compared"
            return Settled(said, now, (*told, event(first, "kept" if same else "marked", why)), count + 1)
        plain = neutral(turned.neutral)
        fresh = other if plain == turned.opposite else await ask(plain)
        if fresh is None or not fresh.strip():
            return Settled(said, now, (*told, event(first, "marked", "nothing more may be spent")), count + 1)
        action = "kept" if agree(said, fresh, names, first) else "corrected"
        told.append(event(first, action, "asked the other way round, the answer was another"))
        if action == "kept":
            return Settled(said, now, tuple(told), count + 1)
        now, said = plain, fresh
    return Settled(
        said, now, (*told, *(event(one, "marked", "still so after two rounds") for one in find(now, said)[:1])), rounds
    )


def agree(one: str, other: str, names: list[str], finding: Finding) -> bool | None:
    """Whether two answers conclude the same; null if that can't be told."""
    mine, theirs = conclusion(one, names), conclusion(other, names)
    if mine is not None and theirs is not None:
        return mine == theirs
    if finding.mark.value is not None:
        unit, planted = finding.mark.unit, finding.mark.value
        values = [q.value for q in quantities.read(other) if q.unit == unit]
        return any(math.isclose(value, planted, rel_tol=0.05) for value in values) if values else None
    return None


def event(finding: Finding, action: str, why: str) -> BiasFinding:
    """The event of a finding, with what was done about it."""
    return BiasFinding(
        finding.bias, finding.quote, finding.confidence, f"{finding.reason} ({finding.quote[:80]!r}); {why}", action
    )
