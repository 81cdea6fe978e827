"""One deliberation: votes on what the tools leave open, then a dissenter whose doubt is measured, then the ruling."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict, dataclass

from kiki_core import prompts
from kiki_core.backends.protocol import Backend, Message
from kiki_core.deliberation import dissent, panel, tally
from kiki_core.deliberation.asking import Purse, constrained
from kiki_core.deliberation.measurements import Case, Measurement, fitting, run
from kiki_core.deliberation.model import MOST_CANDIDATES, Ballot, Dossier, Objection
from kiki_core.deliberation.panel import Panelist
from kiki_core.events import Dissent, Ruling, Vote

_DOUBT_TOKENS = 60
_MOST_OTHERS = 2


@dataclass(frozen=True)
class Sitting:
    """A case before the panel. ``cases``: the netlists that can be measured further, by candidate.

    ``panelists`` empty: nobody votes. ``catfish``: whether doubt is measured. ``complexity``: 0..1.
    """

    question: str
    dossiers: tuple[Dossier, ...]
    cases: dict[int, Case]
    panelists: tuple[Panelist, ...]
    catfish: bool
    complexity: float
    seed: int = 7


def convenes(dossiers: Sequence[Dossier], domains: int, always: bool = False) -> bool:
    """Whether votes can change anything: several candidates that stand equally with the tools; if ``always``, also one
    that little proves, in a question of several domains. Failed ones are a matter of the tools."""
    best = max(one.tier for one in dossiers)
    first = {one.content: one for one in dossiers if one.tier == best}
    if best == 0:
        return False
    return len(first) > 1 or (always and domains > 1 and all(not one.stated for one in first.values()))


async def deliberate(sitting: Sitting, backend: Backend, purse: Purse) -> AsyncGenerator[Vote | Dissent | Ruling, None]:
    """Votes, measured doubt, and the ruling last.

    Raises:
        KikiError: if the model can't be reached; then the caller keeps what the tools' evidence says.
    """
    open_ = tally.eligible(sitting.dossiers)[:MOST_CANDIDATES]
    ballots: list[Ballot] = []
    sat: list[str] = []
    for panelist in sitting.panelists:
        cast = await panel.votes(panelist, sitting.question, open_, backend, purse, sitting.seed)
        sat += [panelist.name] if cast else []
        for ballot in cast:
            yield Vote(**asdict(ballot))
        ballots += cast
    numbers = [one.number for one in open_]
    objections: list[Objection] = []
    leading = tally.ruled(sitting.question, sitting.dossiers, ballots).candidate
    strength, chosen = 0.0, []
    if sitting.catfish and leading in sitting.cases:
        one = next(one for one in open_ if one.number == leading)
        proven = dissent.evidence(one.stated, one.measured, one.verified)
        strength = dissent.strength(sitting.complexity, tally.agreement(ballots, numbers), proven)
        chosen = await _doubts(sitting, leading, dissent.measurements(strength), backend, purse, asked=bool(ballots))
    for measurement, by in chosen:
        objection = await run(measurement, sitting.cases[leading])
        objections.append(objection)
        yield _dissent(objection, strength, by)
        if objection.ok is not False:
            continue
        others = [n for n in numbers if n != leading and n in sitting.cases and measurement.fits(sitting.cases[n])]
        for other in others[:_MOST_OTHERS]:
            objections.append(await run(measurement, sitting.cases[other]))
            yield _dissent(objections[-1], strength, by)
        break
    ruling = tally.ruled(sitting.question, sitting.dossiers, ballots, objections)
    still = tally.eligible(sitting.dossiers, objections)
    if ballots and len(still) > 1 and ruling.by == "evidence":
        attending = await panel.attends(sitting.question, still, ballots, backend, purse, sitting.seed)
        arbiter = None
        if attending is None:
            arbiter = await panel.arbitrates(sitting.question, still, backend, purse, sitting.seed)
        ruling = tally.ruled(sitting.question, sitting.dossiers, ballots, objections, attending, arbiter)
    counted = {str(number): asdict(count) for number, count in tally.counts(ballots, numbers).items()}
    yield Ruling(
        ruling.candidate, ruling.by, ruling.reason, counted if ballots else {}, ruling.refused, tuple(sat),
        purse.prompt_tokens, purse.completion_tokens,
    )  # fmt: skip


def _dissent(objection: Objection, strength: float, by: str) -> Dissent:
    return Dissent(
        objection.candidate, round(strength, 3), objection.concern, objection.measurement, objection.ok,
        objection.result, objection.vital, by,
    )  # fmt: skip


async def _doubts(
    sitting: Sitting, candidate: int, most: int, backend: Backend, purse: Purse, asked: bool
) -> list[tuple[Measurement, str]]:
    """What to measure, and who chose it: the model where a panel sat (of the list only), else the list's order."""
    case = sitting.cases[candidate]
    options = fitting(case)
    if not most or not options:
        return []
    chosen: list[tuple[Measurement, str]] = []
    if asked and len(options) > 1:
        listed = "\n".join(f"{each.name}: {each.concern}" for each in options)
        told = (
            f"The question:\n{prompts.data(sitting.question[:800])}\n"
            f"The circuit:\n{prompts.data(case.deck.text[:1000])}\n"
            "All agree on this circuit. You are the one who doubts. "
            f"Which measurement would most likely show a fault?\n{listed}"
        )
        schema: dict[str, object] = {
            "type": "object",
            "properties": {"measurement": {"enum": [each.name for each in options]}},
            "required": ["measurement"],
            "additionalProperties": False,
        }
        said = await constrained(backend, purse, (Message("user", told),), schema, _DOUBT_TOKENS, sitting.seed)
        named = (said or {}).get("measurement")
        chosen = [(each, "catfish") for each in options if each.name == named][:1]
    rest = [(each, "rule") for each in options if all(each is not one for one, _ in chosen)]
    return [*chosen, *rest][:most]
