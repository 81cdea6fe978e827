"""Drafts before the panel: their facts, who may vote, and what the ruling does to them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from kiki_core.artefacts import without
from kiki_core.backends.protocol import WeightedAdapter
from kiki_core.deliberation import dissent
from kiki_core.deliberation.asking import Purse
from kiki_core.deliberation.measurements import Case
from kiki_core.deliberation.model import Dossier, Fact
from kiki_core.deliberation.panel import Panelist, seated
from kiki_core.deliberation.sitting import Sitting, convenes, deliberate
from kiki_core.domains import MERGES
from kiki_core.events import Dissent, Event, Expert, Ruling, Vote
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.draft import Draft
from kiki_core.pipeline.question import Parts, Question

_MOST_SENTENCES = 6
_SENTENCE = re.compile(r"[^.!?\n]{12,200}[.!?]")
_MERGED = {domain: name for name, domains in MERGES.items() for domain in domains}
_LEAST_SCORE = 0.3
"""Of an expert that sits on the panel; the router's others are a guess."""


def distinct(course: Course) -> list[str]:
    """The domains that the question is in, merged ones once, the strongest first."""
    found: dict[str, str] = {}
    for expert in course.experts:
        if expert.weight >= _LEAST_SCORE or not found:
            found.setdefault(_MERGED.get(expert.domain, expert.domain), expert.domain)
    return list(found.values())


async def deliberated(
    question: Question, parts: Parts, course: Course, voting: bool = True
) -> AsyncGenerator[Event, None]:
    """The events of the panel on the course's drafts, which it leaves ordered: the chosen one is the last.

    A panel may spend as many tokens as the drafts did, so no answer costs more than twice. Nothing is asked and nothing
    comes where votes can't change anything and nothing is to be doubted.

    Raises:
        KikiError: if the model can't be reached; then the order is as it was.
    """
    start = time.perf_counter()
    course.drafts.sort(key=lambda draft: draft.rank)
    domains = distinct(course)
    dossiers = tuple(_dossier(draft) for draft in course.drafts)
    limits = course.limits
    panelists: list[Panelist] = []
    if voting and limits.panel != "off" and convenes(dossiers, len(domains), limits.panel == "always"):
        panelists = seated(domains, await _adapters(domains, parts))
    cases = {case.candidate: case for draft in course.drafts if (case := _case(draft)) is not None}
    doubts = limits.catfish == "auto" and bool(cases)
    if not panelists and not doubts:
        return
    best = course.drafts[-1]
    complexity = dissent.complexity(len(domains), len(best.requirements), len(best.artefacts), len(question.text))
    sitting = Sitting(question.text, dossiers, cases, tuple(panelists), doubts, complexity, limits.seed)
    purse = Purse(sum(course.usage.values()), time.monotonic() + course.seconds_left)
    try:
        async with aclosing(deliberate(sitting, parts.backend, purse)) as events:
            async for event in events:
                _take(event, course)
                if not isinstance(event, Ruling) or panelists or event.by == "measurement":
                    yield event
    finally:
        course.usage["prompt_tokens"] += purse.prompt_tokens
        course.usage["completion_tokens"] += purse.completion_tokens
        course.add("deliberate", start)


def _take(event: Vote | Dissent | Ruling, course: Course) -> None:
    """What an event does to the drafts, and its line in the trace."""
    match event:
        case Vote():
            cited = ", ".join(event.evidence) or "no evidence"
            course.trace.append(
                f"[{event.panelist} on draft {event.candidate}: {event.vote} ({cited}): {event.reason}]"
            )
        case Dissent():
            said = {True: "held", False: "failed", None: "not measurable"}[event.ok]
            course.trace.append(f"[dissent, draft {event.candidate}: {event.measurement}: {said}: {event.result}]")
            if event.ok is False and not event.vital:
                course.doubts.setdefault(event.candidate, []).append(f"{event.concern} {event.result}")
            elif event.ok is False:
                course.drafts = [
                    replace(draft, faults=(*draft.faults, f"{event.concern} {event.result}"))
                    if draft.attempt == event.candidate
                    else draft
                    for draft in course.drafts
                ]
        case Ruling():
            if event.tally or event.by == "measurement":
                course.trace.append(f"[ruling: draft {event.candidate} by {event.by}: {event.reason}]")
            course.refused = event.reason if event.refused else ""
            course.notes = course.doubts.get(event.candidate, [])
            course.drafts.sort(key=lambda draft: draft.attempt == event.candidate)


async def _adapters(domains: list[str], parts: Parts) -> dict[str, tuple[WeightedAdapter, ...]]:
    """For each domain the adapter that speaks for it, alone and whole."""
    from kiki_core.adapters.serving import speaking

    most = parts.backend.capabilities.adapters

    def found() -> dict[str, tuple[WeightedAdapter, ...]]:
        return {domain: speaking((Expert(domain, 1.0),), parts.config, most) for domain in domains}

    return await asyncio.to_thread(found)


def _case(draft: Draft) -> Case | None:
    """The draft's netlist with its run, if that is its one artefact and it ran."""
    if len(draft.artefacts) != 1 or draft.holds is not True:
        return None
    simulation = draft.checked[0].simulation
    return None if simulation is None else Case(draft.attempt, draft.artefacts[0], simulation, draft.requirements)


def _dossier(draft: Draft) -> Dossier:
    facts: list[tuple[str, bool | None]] = []
    for check in draft.checked:
        for verdict in check.verdicts:
            one = verdict.evidence
            facts.append((f"{one.tool} on {verdict.artefact}: {one.summary}", None if check.ok is None else one.ok))
            facts += [(f"{name} = {value:.5g}", None) for name, value in one.measures.items() if value is not None][:3]
    for need in draft.requirements:
        wanted = f"{need.quantity} {need.op} {need.value:.5g} {need.unit}".rstrip()
        said = "not measured" if need.measured is None else f"measured {need.measured:.5g} {need.unit}".rstrip()
        facts.append((f"wanted {wanted}: {said}", need.ok))
    content = "\n".join(one.text for one in draft.artefacts)
    if not draft.artefacts:
        content = draft.text
        prose = " ".join(draft.text[begin:end] for begin, end in without(draft.text))
        facts += [(f"says: {match[0].strip()}", None) for match in _SENTENCE.finditer(prose)][:_MOST_SENTENCES]
    numbered = tuple(Fact(str(number), text, ok) for number, (text, ok) in enumerate(facts, 1))
    measured = sum(need.measured is not None for need in draft.requirements)
    return Dossier(draft.attempt, content, numbered, draft.holds, draft.rank, len(draft.requirements), measured)
