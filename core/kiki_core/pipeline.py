"""One answer: route, recall, draft, verify, repair, remember. A stream of events; the answer is always the last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiki_core import artefacts, paths, prompts, requirements
from kiki_core.backends.protocol import Backend, Message, Request, WeightedAdapter
from kiki_core.config import Config
from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.events import (
    Answer,
    Artefact,
    Candidate,
    Event,
    Evidence,
    Expert,
    Failed,
    Memory,
    Recalled,
    Remembered,
    Requirement,
    Routed,
    Token,
)
from kiki_core.memory import Episode
from kiki_core.memory import Memory as Aeon
from kiki_core.routing import AS_ROUTED, Router, Surroundings, Wishes
from kiki_core.tuning import tuned
from kiki_core.verification import Checked, check_deck

MOST_QUESTION = 100_000
"""Characters of a question; what is longer belongs into a file."""
_MOST_FILE = 12_000
_MOST_MEMORY = 700
_MOST_SURROUNDING = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, and with what.

    ``history``: earlier questions and answers of the session. ``wishes``: experts that are pinned or muted.
    ``language``: the language of the file in the editor that asks.
    """

    text: str
    domain: str | None = None
    files: tuple[Path, ...] = ()
    session: str | None = None
    memory: bool = True
    candidates: int = 1
    history: tuple[tuple[str, str], ...] = ()
    wishes: Wishes = AS_ROUTED
    language: str = ""


@dataclass(frozen=True)
class Parts:
    """What an answer is made with."""

    config: Config
    backend: Backend
    router: Router
    examples: prompts.Examples
    memory: Aeon


@dataclass(frozen=True)
class _Draft:
    """A draft with what the tools said of it."""

    text: str
    artefacts: tuple[Artefact, ...]
    checked: tuple[Checked, ...]
    requirements: tuple[Requirement, ...]

    @property
    def verified(self) -> bool | None:
        """As the contract has it."""
        if not self.artefacts:
            return None if not self.requirements else False
        if any(check.ok is None for check in self.checked):
            return None
        met = all(requirement.ok for requirement in self.requirements)
        return met and all(check.ok for check in self.checked)

    @property
    def rank(self) -> tuple[float, ...]:
        """Better drafts are greater: verified, then what ran, then what was met, then fewer complaints."""
        met = sum(1 for requirement in self.requirements if requirement.ok)
        complaints = sum(len(check.complaints) for check in self.checked)
        ran = sum(1 for check in self.checked if check.ok)
        return (self.verified is True, bool(self.artefacts), ran == len(self.checked), met, -complaints)

    def complaints(self) -> list[str]:
        """What the next draft must mend."""
        told = [complaint for check in self.checked for complaint in check.complaints]
        for requirement in self.requirements:
            unit = requirement.unit
            if requirement.ok is None:
                told.append(
                    f"the {requirement.quantity} can't be measured: name the output node out and add its analysis"
                )
            elif not requirement.ok:
                measured = f"{requirement.measured:.4g} {unit}"
                told.append(f"the {requirement.quantity} is {measured}, not {requirement.value:.4g} {unit}")
        return told


@dataclass
class _Course:
    """The state of one answer under way."""

    timings: dict[str, float] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0})
    experts: tuple[Expert, ...] = ()
    adapters: tuple[WeightedAdapter, ...] = ()
    text: str = ""


def validate(question: Question) -> None:
    """Checks a question before any work.

    Raises:
        KikiError: if it is empty, too long, or names an unknown domain.
    """
    if not question.text.strip():
        raise KikiError("the question is empty", "say what you need, for example: RC low-pass with a corner at 1 kHz")
    if len(question.text) > MOST_QUESTION:
        raise KikiError(
            f"the question has {len(question.text)} characters, the limit is {MOST_QUESTION}",
            "put the material into a file and attach it",
        )
    for domain in (*filter(None, [question.domain]), *question.wishes.pinned, *question.wishes.muted):
        if domain not in DOMAINS:
            from rapidfuzz import process

            nearest = process.extract(domain, DOMAINS, limit=1)[0][0]
            raise KikiError(f"unknown domain {domain!r}", f"did you mean {nearest!r}?")


async def ask(question: Question, parts: Parts) -> AsyncGenerator[Event, None]:
    """The events of one answer. Closing the generator stops the model and the tools.

    Raises:
        KikiError: for a question that `validate` refuses, or an attached file that can't be read.
    """
    validate(question)
    attached = [(path.name, read_attached(path)) for path in question.files]
    started = time.perf_counter()
    course = _Course()
    try:
        async with aclosing(_steps(question, attached, parts, course)) as steps:
            async for event in steps:
                yield _stamped(event, course, started)
    except KikiError as error:
        yield Failed("draft", str(error))
        yield _stamped(Answer(course.text, None, experts=course.experts, error=str(error)), course, started)


def _stamped(event: Event, course: _Course, started: float) -> Event:
    if not isinstance(event, Answer):
        return event
    timings = {**course.timings, "total": (time.perf_counter() - started) * 1e3}
    return replace(event, usage=course.usage, timings_ms={name: round(ms, 1) for name, ms in timings.items()})


async def _steps(
    question: Question, attached: list[tuple[str, str]], parts: Parts, course: _Course
) -> AsyncGenerator[Event, None]:
    start = time.perf_counter()
    try:
        course.experts, none = await _route(question, attached, parts)
        yield Routed(course.experts, none)
        course.adapters = await asyncio.to_thread(_adapters, course.experts, parts)
    except KikiError as error:
        yield Failed("route", str(error))
    course.timings["route"] = (time.perf_counter() - start) * 1e3

    remembering = question.memory and parts.config.memory.enabled
    memories: list[str] = []
    if remembering:
        start = time.perf_counter()
        try:
            budget = parts.config.memory.budget
            session = question.session or ""
            found = await asyncio.to_thread(
                parts.memory.recall, question.text, session=session, budget=budget, most_text=_MOST_MEMORY
            )
            memories = [one.text for one in found]
            yield Recalled(tuple(Memory(one.id, one.text, one.score, one.why) for one in found))
        except KikiError as error:
            yield Failed("recall", str(error))
        course.timings["recall"] = (time.perf_counter() - start) * 1e3

    messages = first = await _conversation(question, attached, memories, parts, course)
    best: _Draft | None = None
    for attempt in range(max(1, question.candidates) + parts.config.pipeline.repairs):
        text = ""
        start = time.perf_counter()
        async with aclosing(_draft(messages, attempt, parts, course)) as tokens:
            async for event in tokens:
                if isinstance(event, Token):
                    course.timings.setdefault("first_token", (time.perf_counter() - start) * 1e3)
                    text += event.text
                yield event
        name = "repair" if attempt else "draft"
        course.timings[name] = course.timings.get(name, 0.0) + (time.perf_counter() - start) * 1e3
        found_decks = artefacts.find(text)
        yield Candidate(attempt, text, found_decks)
        start = time.perf_counter()
        checked = []
        for deck in found_decks:
            check = await check_deck(deck, attempt)
            checked.append(check)
            yield check.verdict
        course.timings["verify"] = course.timings.get("verify", 0.0) + (time.perf_counter() - start) * 1e3
        draft = _judged(question, text, found_decks, checked)
        better = await _tuned_text(draft)
        if better is not None:
            yield Candidate(attempt, *better)
            checked = [await check_deck(deck, attempt) for deck in better[1]]
            for check in checked:
                yield check.verdict
            tuned_draft = _judged(question, *better, checked)
            if tuned_draft.rank > draft.rank:
                draft, text, found_decks = tuned_draft, tuned_draft.text, tuned_draft.artefacts
        if best is None or draft.rank > best.rank:
            best = draft
            course.text = text
        missing_circuit = draft.verified is False and not found_decks
        if draft.verified is not False or missing_circuit or any(check.ok is None for check in checked):
            break
        # Told once what is wrong; if that mends nothing, a fresh start beats arguing with a weak model.
        messages = prompts.repair(first, text[-4000:], draft.complaints()[:6]) if attempt % 2 == 0 else first
    assert best is not None
    answer = _answer(best, course)
    if remembering:
        start = time.perf_counter()
        try:
            identity = await asyncio.to_thread(parts.memory.remember, _episode(question, answer))
            if identity:
                yield Remembered(identity)
        except KikiError as error:
            yield Failed("remember", str(error))
        course.timings["remember"] = (time.perf_counter() - start) * 1e3
    yield answer


async def _route(question: Question, attached: list[tuple[str, str]], parts: Parts) -> tuple[tuple[Expert, ...], bool]:
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


async def _conversation(
    question: Question, attached: list[tuple[str, str]], memories: list[str], parts: Parts, course: _Course
) -> tuple[Message, ...]:
    examples: list[prompts.Example] = []
    if not attached:
        routed = prompts.wants_circuit([expert.domain for expert in course.experts])
        floor = 0.0 if routed else prompts.SIMILAR
        examples = await asyncio.to_thread(parts.examples.nearest, question.text, floor=floor)
    if examples:
        memories = []  # a weak model copies what it remembers; the examples are better to copy
    messages = prompts.draft(question.text, examples, memories, attached)
    earlier = [
        message
        for asked, answered in question.history[-2:]
        for message in (Message("user", asked[:2000]), Message("assistant", answered[:3000]))
    ]
    return (*messages[:-1], *earlier, messages[-1])


async def _draft(
    messages: tuple[Message, ...], attempt: int, parts: Parts, course: _Course
) -> AsyncGenerator[Token | Failed, None]:
    """The tokens of one draft. Adapters that can't be used are told, and the base drafts without them."""
    settings = parts.config.pipeline
    request = Request(
        messages,
        max_tokens=settings.max_tokens,
        # The same words at a higher temperature: a repair that repeats the mistake repairs nothing.
        temperature=settings.temperature + 0.25 * attempt,
        seed=settings.seed + attempt,
        adapters=course.adapters,
    )
    begun = False
    try:
        async with aclosing(_spoken(request, attempt, parts, course)) as tokens:
            async for token in tokens:
                begun = True
                yield token
    except KikiError as error:
        if begun or not request.adapters:
            raise
        yield Failed("experts", str(error))
        course.adapters = ()
        async with aclosing(_spoken(replace(request, adapters=()), attempt, parts, course)) as tokens:
            async for token in tokens:
                yield token


async def _spoken(request: Request, attempt: int, parts: Parts, course: _Course) -> AsyncGenerator[Token, None]:
    async with aclosing(parts.backend.generate(request)) as pieces:
        async for piece in pieces:
            course.usage["prompt_tokens"] += piece.prompt_tokens or 0
            course.usage["completion_tokens"] += piece.completion_tokens or 0
            if piece.text:
                yield Token(piece.text, attempt)


def _adapters(experts: tuple[Expert, ...], parts: Parts) -> tuple[WeightedAdapter, ...]:
    from kiki_core.adapters.serving import speaking

    return speaking(experts, parts.config, parts.backend.capabilities.adapters)


def _judged(question: Question, text: str, decks: tuple[Artefact, ...], checked: list[Checked]) -> _Draft:
    judged = tuple(replace(deck, verified=check.ok) for deck, check in zip(decks, checked, strict=True))
    analyses = [a for check in checked if check.simulation for a in check.simulation.analyses]
    measured = requirements.measure(requirements.read(question.text), analyses) if decks else ()
    return _Draft(text, judged, tuple(checked), measured)


async def _tuned_text(draft: _Draft) -> tuple[str, tuple[Artefact, ...]] | None:
    """The draft with its one deck tuned to a requirement that it misses; null if there is nothing to tune."""
    if len(draft.artefacts) != 1 or not all(check.ok for check in draft.checked):
        return None
    deck = draft.artefacts[0]
    text = await tuned(deck, draft.requirements) if deck.text.strip() in draft.text else None
    if text is None:
        return None
    return draft.text.replace(deck.text.strip(), text.strip()), (replace(deck, text=text),)


def _answer(draft: _Draft, course: _Course) -> Answer:
    evidence: tuple[Evidence, ...] = tuple(check.verdict.evidence for check in draft.checked)
    return Answer(draft.text, draft.verified, draft.artefacts, draft.requirements, evidence, course.experts)


def _episode(question: Question, answer: Answer) -> Episode:
    domain = answer.experts[0].domain if answer.experts else ""
    hashes = tuple(evidence.input_sha256 for evidence in answer.evidence)
    return Episode(question.text, answer.text, hashes, answer.verified, domain, question.session or "")


def read_attached(path: Path) -> str:
    """The beginning of an attached file, as text.

    Raises:
        KikiError: if it can't be read or is binary.
    """
    from kiki_tools.workspace import Unreadable, read_snapshot

    try:
        return read_snapshot(path).text[:_MOST_FILE]
    except Unreadable as error:
        raise KikiError(f"can't attach {path}: {error}", "attach a text file") from error
