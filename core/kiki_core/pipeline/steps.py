"""The steps of one answer, in order; the answer is always the last event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from kiki_core import paths
from kiki_core.backends.protocol import Message, WeightedAdapter
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Event, Expert, Failed, Memory, Recalled, Remembered, Routed
from kiki_core.memory import Episode
from kiki_core.pipeline import closing, debiasing, drafting, mending, planning, ruling
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.question import MOST_FILE, Parts, Question, read_attached, validate
from kiki_core.routing import Surroundings

_MOST_MEMORY = 700
_MOST_SURROUNDING = 1000
_MOST_TRACE = 4000

Attached = list[tuple[str, str]]


async def ask(question: Question, parts: Parts) -> AsyncGenerator[Event, None]:
    """The events of one answer. Closing the generator stops the model and the tools.

    Raises:
        KikiError: for a question that `validate` refuses, or an attached file that can't be read.
    """
    validate(question)
    texts = [(name, text[:MOST_FILE]) for name, text in question.texts]
    attached = [*texts, *((path.name, read_attached(path)) for path in question.files)]
    started = time.perf_counter()
    course = Course(parts.config.pipeline)
    try:
        async with aclosing(_steps(question, attached, parts, course)) as steps:
            async for event in steps:
                yield _stamped(event, course, started)
    except KikiError as error:
        yield Failed("draft", str(error))
        yield _stamped(Answer(course.text, None, experts=course.experts, error=str(error)), course, started)


def _stamped(event: Event, course: Course, started: float) -> Event:
    if not isinstance(event, Answer):
        return event
    timings = {**course.timings, "total": (time.perf_counter() - started) * 1e3}
    return replace(event, usage=course.usage, timings_ms={name: round(ms, 1) for name, ms in timings.items()})


async def _steps(question: Question, attached: Attached, parts: Parts, course: Course) -> AsyncGenerator[Event, None]:
    start = time.perf_counter()
    remembering = question.memory and parts.config.memory.enabled
    recalling = asyncio.create_task(asyncio.to_thread(_recall, question, parts)) if remembering else None
    if recalling is not None:  # what it raises is read here too: the answer may be stopped before it is awaited
        recalling.add_done_callback(lambda task: task.cancelled() or task.exception())
    try:
        course.experts, none = await _route(question, attached, parts)
        yield Routed(course.experts, none)
        course.adapters = await asyncio.to_thread(_adapters, course.experts, parts)
    except KikiError as error:
        yield Failed("route", str(error))
    if course.limits.knowbias:
        try:
            course.adapters = await asyncio.to_thread(_with_knowbias, course, parts)
        except KikiError as error:
            yield Failed("debias", str(error))
    course.add("route", start)

    memories: list[str] = []
    if recalling is not None:
        start = time.perf_counter()
        try:
            recalled = await recalling
            memories = [one.text for one in recalled.memories]
            yield recalled
        except KikiError as error:
            yield Failed("recall", str(error))
        course.add("recall", start)

    async with aclosing(mending.mended(question, course)) as events:
        async for event in events:
            yield event
    if course.limits.plans and not course.drafts:
        async with aclosing(planning.planned(question, attached, parts, course)) as events:
            async for event in events:
                yield event
    if course.planned is None and not course.drafts:
        async with aclosing(_drafted(question, attached, memories, parts, course)) as events:
            async for event in events:
                yield event
    answer = course.planned or closing.answer(course.drafts[-1], course)
    if remembering:
        start = time.perf_counter()
        try:
            identity = await asyncio.to_thread(parts.memory.remember, _episode(question, answer, course))
            if identity:
                yield Remembered(identity)
        except KikiError as error:
            yield Failed("remember", str(error))
        course.add("remember", start)
    yield answer


async def _drafted(
    question: Question, attached: Attached, memories: list[str], parts: Parts, course: Course
) -> AsyncGenerator[Event, None]:
    for name, text in attached:
        if len(text) >= MOST_FILE:
            yield Failed("attach", f"{name} is long: only its first {MOST_FILE} characters are read")
    first = await drafting.conversation(question, attached, memories, parts, course)
    async with aclosing(drafting.drafts(question, attached, first, parts, course)) as events:
        async for event in events:
            yield event
    try:
        async with aclosing(_ruled(question, attached, first, parts, course)) as events:
            async for event in events:
                yield event
    except KikiError as error:
        yield Failed("panel", str(error))
    try:
        async with aclosing(debiasing.debiased(question, attached, memories, parts, course)) as events:
            async for event in events:
                yield event
    except KikiError as error:
        yield Failed("debias", str(error))


async def _ruled(
    question: Question, attached: Attached, first: tuple[Message, ...], parts: Parts, course: Course
) -> AsyncGenerator[Event, None]:
    """The panel's events; the chosen draft is the course's last. What the panel refuses goes back once."""
    async with aclosing(ruling.deliberated(question, parts, course)) as events:
        async for event in events:
            yield event
    if not course.refused or course.exhausted:
        return
    before = course.drafts.pop()
    messages = drafting.repairing(first, before, f"The panel refuses it: {course.refused}")
    attempt = max([before.attempt, *(draft.attempt for draft in course.drafts)]) + 1
    async with aclosing(drafting.one(question, attached, messages, attempt, parts, course)) as events:
        async for event in events:
            yield event
    again = course.drafts.pop()
    others, course.drafts = course.drafts, [again]
    async with aclosing(ruling.deliberated(question, parts, course, voting=False)) as events:
        async for event in events:
            yield event
    again = course.drafts[-1]
    # The panel has its way only as far as the tools let it.
    order = [before, again] if again.holds is True else sorted([again, before], key=lambda draft: draft.rank)
    course.drafts = [*others, *order]


async def _route(question: Question, attached: Attached, parts: Parts) -> tuple[tuple[Expert, ...], bool]:
    chosen = tuple(filter(None, [question.domain])) + question.wishes.pinned
    if (chosen or question.wishes.muted) and parts.config.routing.keep_corrections:
        from kiki_core.routing import feedback

        override = feedback.Override(question.text, chosen, question.wishes.muted)
        await asyncio.to_thread(feedback.keep, override, paths.home() / "routing")
    if question.domain is not None:
        return (Expert(question.domain, 1.0),), False
    files = tuple(name for name, _ in attached)
    around = Surroundings(files, tuple(text[:_MOST_SURROUNDING] for _, text in attached), question.language)
    routing = await asyncio.to_thread(parts.router.route, question.text, around, question.wishes)
    return routing.active, routing.none


def _adapters(experts: tuple[Expert, ...], parts: Parts) -> tuple[WeightedAdapter, ...]:
    from kiki_core.adapters.serving import speaking

    return speaking(experts, parts.config, parts.backend.capabilities.adapters)


def _with_knowbias(course: Course, parts: Parts) -> tuple[WeightedAdapter, ...]:
    from kiki_core.adapters.serving import fitting
    from kiki_core.debias import knowbias

    there = any(one.name == knowbias.NAME for one in fitting(parts.config))
    return knowbias.composed(course.adapters, parts.backend.capabilities.adapters, there)


def _recall(question: Question, parts: Parts) -> Recalled:
    found = parts.memory.recall(
        question.text, session=question.session or "", budget=parts.config.memory.budget, most_text=_MOST_MEMORY
    )
    return Recalled(tuple(Memory(one.id, one.text, one.score, one.why) for one in found))


def _episode(question: Question, answer: Answer, course: Course) -> Episode:
    domain = answer.experts[0].domain if answer.experts else ""
    hashes = tuple(dict.fromkeys(evidence.input_sha256 for evidence in answer.evidence))
    trace = "\n".join(course.trace)[:_MOST_TRACE]
    text = f"{answer.text}\n\n{trace}" if trace else answer.text
    return Episode(question.text, text, hashes, answer.verified, domain, question.session or "")
