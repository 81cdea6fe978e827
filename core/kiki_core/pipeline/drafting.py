"""Drafts until one holds: spoken, checked, tuned, and sent back with what the tools say."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from kiki_core import artefacts, prompts
from kiki_core.backends.protocol import Message
from kiki_core.events import Artefact, Candidate, Event, Failed, Token
from kiki_core.pipeline import ruling, speaking
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.draft import Draft, judged
from kiki_core.pipeline.question import MOST_FILE, Parts, Question
from kiki_core.planning.grammar import of_domains
from kiki_core.tuning import tuned
from kiki_core.verification import check
from kiki_core.verification.stating import stated

_MOST_HISTORY = 2
_MOST_COMPLAINTS = 6
_MOST_REPEATED = 4000
"""Characters of a failed draft that the model sees again."""


async def conversation(
    question: Question, attached: Sequence[tuple[str, str]], memories: Sequence[str], parts: Parts, course: Course
) -> tuple[Message, ...]:
    """What the model is asked for a first draft."""
    domains = [expert.domain for expert in course.experts]
    examples: list[prompts.Example] = []
    findings: list[str] = []
    if attached:
        findings = await _findings(attached)
    elif not prompts.writes_files(domains):
        floor = 0.0 if prompts.wants_circuit(domains) else prompts.SIMILAR
        examples = await asyncio.to_thread(parts.examples.nearest, question.text, floor=floor)
    if examples:
        memories = []  # a weak model copies what it remembers; the examples are better to copy
    messages = prompts.draft(question.text, examples, memories, attached, domains, findings)
    earlier = [
        message
        for asked, answered in question.history[-_MOST_HISTORY:]
        for message in (Message("user", asked[:2000]), Message("assistant", answered[:3000]))
    ]
    return (*messages[:-1], *earlier, messages[-1])


async def _findings(attached: Sequence[tuple[str, str]]) -> list[str]:
    """What the tools say against the attached files."""
    files = [
        Artefact(name, language, text, None) for name, text in attached if (language := artefacts.kind(name, text))
    ]
    checked = await check(files, 0) if files else []
    return [f"{one.name}: {told}" for one, each in zip(files, checked, strict=True) for told in each.complaints][
        :_MOST_COMPLAINTS
    ]


async def drafts(
    question: Question, attached: Sequence[tuple[str, str]], first: tuple[Message, ...], parts: Parts, course: Course
) -> AsyncGenerator[Event, None]:
    """The events of all drafts; they are kept in the course.

    It ends with the first draft that nothing speaks against, else when count, time or tokens are spent.

    Raises:
        KikiError: if the model can't be reached or started.
    """
    messages = first
    for attempt in range(max(1, question.candidates) + course.limits.repairs):
        if attempt and course.exhausted:
            yield Failed("repair", course.exhausted)
            return
        async with aclosing(one(question, attached, messages, attempt, parts, course)) as events:
            async for event in events:
                yield event
        draft = course.drafts[-1]
        several = course.limits.panel != "off" and len(ruling.distinct(course)) > 1
        if draft.done and several and attempt + 1 < question.candidates:
            messages = first  # for the panel to choose from
            continue
        if draft.done or any(check.ok is None for check in draft.checked):
            return
        # The best draft is told what is wrong; if that mends nothing, a fresh start beats arguing with a weak model.
        repairs = attempt + 1 - max(1, question.candidates)
        best = max(course.drafts, key=lambda each: each.rank)
        messages = repairing(first, best) if repairs >= 0 and repairs % 2 == 0 else first


def repairing(first: tuple[Message, ...], draft: Draft, *more: str) -> tuple[Message, ...]:
    """The conversation that sends a draft back with what is wrong with it."""
    language = draft.artefacts[0].language if draft.artefacts else "spice"
    complaints = [*more, *draft.complaints()][:_MOST_COMPLAINTS]
    return prompts.repair(first, draft.text[-_MOST_REPEATED:], complaints, language)


async def one(
    question: Question,
    attached: Sequence[tuple[str, str]],
    messages: tuple[Message, ...],
    attempt: int,
    parts: Parts,
    course: Course,
) -> AsyncGenerator[Event, None]:
    """One draft, checked and tuned, as the course's last."""
    text, cut, start = "", "", time.perf_counter()
    domains = [expert.domain for expert in course.experts]
    grammar = of_domains(domains, question.text) if course.limits.grammar == "auto" and not attached else None
    async with aclosing(speaking.draft(messages, attempt, parts.backend, course, grammar)) as tokens:
        async for event in tokens:
            if isinstance(event, Token):
                course.timings.setdefault("first_token", (time.perf_counter() - start) * 1e3)
                text += event.text
                course.text = course.text if course.drafts else text
            elif event.step == "draft":
                cut = event.message
            yield event
    course.add("repair" if attempt else "draft", start)
    firmware, circuit = prompts.wants_firmware(domains), prompts.asks_for_circuit(question.text, domains)
    # What was attached in part can't be given back whole.
    found = artefacts.find(text, [name for name, said in attached if len(said) < MOST_FILE], firmware)
    yield Candidate(attempt, text, found)
    start = time.perf_counter()
    checked = await check(found, attempt)
    for each in checked:
        for verdict in each.verdicts:
            yield verdict
    draft = judged(question.text, text, found, checked, attempt, circuit)
    if (better := await _tuned(draft)) is not None:
        yield Candidate(attempt, better[0], better[1])
        checked = await check(better[1], attempt)
        for each in checked:
            for verdict in each.verdicts:
                yield verdict
        retuned = judged(question.text, better[0], better[1], checked, attempt)
        draft = max(draft, retuned, key=lambda each: each.rank)
    if (carrying := await _carrying(question, draft)) is not None:
        draft = carrying
        yield Candidate(attempt, draft.text, draft.artefacts)
        yield draft.checked[0].verdict
    course.add("verify", start)
    course.drafts.append(replace(draft, cut=cut))
    course.text = max(course.drafts, key=lambda each: each.rank).text


async def _carrying(question: Question, draft: Draft) -> Draft | None:
    """The draft that holds with its requirements in its one netlist, if a run confirms them there."""
    if draft.holds is not True or len(draft.artefacts) != 1 or not draft.requirements:
        return None
    deck, simulation = draft.artefacts[0], draft.checked[0].simulation
    text = stated(deck.text, draft.requirements, simulation) if simulation is not None else None
    if text is None or deck.text.strip() not in draft.text:
        return None
    found = (replace(deck, text=text),)
    said = draft.text.replace(deck.text.strip(), text.strip())
    carrying = judged(question.text, said, found, await check(found, draft.attempt), draft.attempt)
    return carrying if carrying.holds is True else None


async def _tuned(draft: Draft) -> tuple[str, tuple[Artefact, ...]] | None:
    """The draft with its one deck tuned to a requirement that it misses; null if there is nothing to tune."""
    if len(draft.artefacts) != 1 or draft.artefacts[0].language != "spice" or not all(c.ok for c in draft.checked):
        return None
    deck = draft.artefacts[0]
    text = await tuned(deck, draft.requirements) if deck.text.strip() in draft.text else None
    if text is None:
        return None
    return draft.text.replace(deck.text.strip(), text.strip()), (replace(deck, text=text),)
