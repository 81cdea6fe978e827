"""The round of a flagged answer: asked without what leans, in each order, compared, rewritten only if it gave way."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np

from kiki_core.debias.detector import Finding, find
from kiki_core.debias.framing import BY_FIGURES, framed, neutral, orders
from kiki_core.debias.marks import shown
from kiki_core.debias.options import Option, conclusion, options
from kiki_core.events import BiasFinding
from kiki_core.planning import quantities

MOST_ROUNDS = 2
SURE = 0.5
"""Mean log odds over the orders from which an option is preferred to the one that is chosen in the question's order."""

Ask = Callable[[str], Awaitable[str | None]]
"""Answers a question; null where no more may be spent."""
Weigh = Callable[[str, tuple[str, ...]], Awaitable[tuple[float, ...] | None]]
"""The natural logarithm of each option's probability as an answer to a question; null where that can't be told."""


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


@dataclass(frozen=True, slots=True)
class Step:
    """What one round found: what to do about the finding, why, and the answer with its question if it is another."""

    action: str
    why: str
    question: str = ""
    answer: str = ""


async def settled(
    question: str, answer: str, ask: Ask, weigh: Weigh | None = None, rounds: int = MOST_ROUNDS
) -> Settled:
    """The answer after DeFrame. Nothing is asked where nothing is flagged.

    Of a question with options the model is asked which of them it takes when nothing leans, with each option in each
    place, because a small model takes the first one of a list: by their weights where ``weigh`` tells them, else by
    answers that must agree. Without options the surest finding decides the opposite framing; the same conclusion
    keeps the answer, and so does one that can't be told. Else the neutral question's answer takes its place, and goes
    round again if it is flagged.
    """
    told: list[BiasFinding] = []
    now, said = question, answer
    ordered = False
    for count in range(rounds):
        flagged = [one for one in find(now, said) if not (ordered and one.bias == "position")]
        if not flagged:
            return Settled(said, now, tuple(told), count)
        first = flagged[0]
        choices = _Choices.of(question, now, first)
        if choices is None:
            step = await _other_framing(now, said, first, ask)
        else:
            step, ordered = await _ordered(choices, now, said, ask, weigh)
        told.append(event(first, step.action, step.why))
        if step.action != "corrected":
            return Settled(said, now, tuple(told), count + 1)
        now, said = step.question, step.answer
    left = [one for one in find(now, said) if not (ordered and one.bias == "position")][:1]
    return Settled(said, now, (*told, *(event(one, "marked", "still so after two rounds") for one in left)), rounds)


@dataclass(frozen=True, slots=True)
class _Choices:
    """A question's options by name, the neutral question in several orders, and where its options are in each."""

    names: list[str]
    views: list[str]
    there: list[tuple[Option, ...]]
    places: list[list[int]]

    @classmethod
    def of(cls, question: str, now: str, finding: Finding) -> _Choices | None:
        """Null where there are none, or the neutral question has others."""
        plain = neutral(now)
        names = [one.text for one in options(shown(question))]
        found = options(shown(plain))
        keys = [one.text.lower() for one in found]
        if len(names) < 2 or len(set(keys)) < len(names):
            return None
        places = [next((i for i, name in enumerate(names) if name.lower().startswith(key)), -1) for key in keys]
        if sorted(places) != list(range(len(names))):
            return None
        views, there, which = [], [], []
        for view in orders(shown(plain), found):
            seen = options(view)
            index = [keys.index(one.text.lower()) if one.text.lower() in keys else -1 for one in seen]
            if sorted(index) != list(range(len(found))):
                return None
            views.append(f"{view}\n{BY_FIGURES}" if finding.mark.end == 0 else view)
            there.append(seen)
            which.append([places[i] for i in index])
        return cls(names, views, there, which)


async def _ordered(choices: _Choices, now: str, said: str, ask: Ask, weigh: Weigh | None) -> tuple[Step, bool]:
    """The round of a question with options, and whether their weights were told."""
    step = None if weigh is None else await _weighed(choices, now, said, ask, weigh)
    return (await _voted(choices, now, said, ask), False) if step is None else (step, True)


async def _weighed(choices: _Choices, now: str, said: str, ask: Ask, weigh: Weigh) -> Step | None:
    """By the options' weights without what leans; null where they can't be told.

    What is likeliest in the question's own order is what the lean is compared with. Another option is preferred to it
    only if it is clearly likelier in all orders together: then the order had decided.
    """
    chosen = conclusion(said, choices.names)
    if chosen is None:
        return Step("marked", "which option the answer takes can't be told")
    total, plain = np.zeros(len(choices.names)), chosen
    for number, (view, there, places) in enumerate(zip(choices.views, choices.there, choices.places, strict=True)):
        logs = await weigh(view, tuple(view[one.start - one.lead : one.end] for one in there))
        if logs is None:
            return None
        values = np.array(logs)
        total[places] += values - np.logaddexp.reduce(values)
        if number == 0 and view != now:
            plain = places[int(values.argmax())]
    mean = total / len(choices.views)
    best = int(mean.argmax())
    odds = float(mean[best] - mean[plain])
    why, view = "without what leans", choices.views[0]
    if best != plain and odds >= SURE:
        why = f"without what leans, in every order together (log odds {odds:.1f})"
        first = (view for view, places in zip(choices.views, choices.places, strict=True) if places[0] == best)
        plain, view = best, next(first, view)
    if plain == chosen:
        return Step("kept", f"{why}, the answer is the same")
    fresh = await ask(view)
    if fresh is None or not fresh.strip():
        return Step("marked", "nothing more may be spent")
    if conclusion(fresh, choices.names) != plain:
        return Step("marked", f"{why}, {choices.names[plain]} is likelier, but a new answer says otherwise")
    return Step("corrected", f"{why}, {choices.names[plain]} is likelier", view, fresh)


async def _voted(choices: _Choices, now: str, said: str, ask: Ask) -> Step:
    """By the answers to the neutral question in each order: only if all agree on another option than the answer's."""
    chosen = conclusion(said, choices.names)
    if chosen is None:
        return Step("marked", "which option the answer takes can't be told")
    fresh = ""
    taken = {chosen} if choices.views[0] == now else set()
    for view in choices.views[len(taken) :]:
        answer = await ask(view)
        if answer is None or not answer.strip():
            return Step("marked", "nothing more may be spent")
        fresh = fresh or answer
        other = conclusion(answer, choices.names)
        if other is None:
            return Step("marked", "the two answers can't be compared")
        taken.add(other)
        if len(taken) > 1:
            return Step(
                "kept", "without what leans, the order of the options decides: no other answer is better founded"
            )
    if taken == {chosen}:
        return Step("kept", "without what leans, in every order, the answer is the same")
    return Step("corrected", "without what leans, in every order, the answer is another", choices.views[0], fresh)


async def _other_framing(now: str, said: str, first: Finding, ask: Ask) -> Step:
    """By the answer under the opposite framing, and if it is another one, by the neutral question's."""
    names = [one.text for one in options(shown(now))]
    turned = framed(now, first.mark)
    if turned.opposite == now:
        return Step("marked", "no opposite framing is known")
    other = await ask(turned.opposite)
    if other is None or not other.strip():
        return Step("marked", "nothing more may be spent")
    same = agree(said, other, names, first)
    if same is None and first.mark.end == 0 and not find(turned.opposite, other):
        same = False  # the reasoning is what was flagged, and it is gone
    if same:
        return Step("kept", "asked the other way round, the answer is the same")
    if same is None:
        return Step("marked", "the two answers can't be compared")
    plain = neutral(turned.neutral)
    fresh = other if plain == turned.opposite else await ask(plain)
    if fresh is None or not fresh.strip():
        return Step("marked", "nothing more may be spent")
    changed = "asked the other way round, the answer was another"
    return Step("kept", changed) if agree(said, fresh, names, first) else Step("corrected", changed, plain, fresh)


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
