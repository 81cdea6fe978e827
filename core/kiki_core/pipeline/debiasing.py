"""The chosen draft's bias: told, or tried under the opposite framing. What the tools verified stays as it is."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from kiki_core import artefacts, prompts
from kiki_core.backends.protocol import Message, Request, Weighs
from kiki_core.debias import find
from kiki_core.debias.deframe import Settled, event, settled
from kiki_core.errors import KikiError
from kiki_core.events import BiasFinding, Candidate, Event, Progress, Token, Verdict
from kiki_core.pipeline import drafting, speaking
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.draft import Draft, judged
from kiki_core.pipeline.question import MOST_FILE, Parts, Question
from kiki_core.verification import check


async def debiased(
    question: Question, attached: Sequence[tuple[str, str]], memories: Sequence[str], parts: Parts, course: Course
) -> AsyncGenerator[Event, None]:
    """The findings on the course's last draft, and, if it is rewritten, the new last draft with its verdicts.

    Raises:
        KikiError: if the model can't be reached; then the draft is as it was.
    """
    if course.limits.debias == "off" or not course.drafts:
        return
    start = time.perf_counter()
    draft = course.drafts[-1]
    findings = find(question.text, draft.text)
    course.add("debias", start)
    if not findings:
        return
    if course.limits.debias == "mark" or draft.holds is True:
        why = "the tools' measurements stand" if draft.holds is True else "told, not rewritten"
        for one in findings:
            if one.bias == "position":
                continue  # a suspicion, unless the options are asked in another order
            yield _kept(event(one, "marked", why), course)
        return
    yield Progress(f"asking again without what leans towards one answer ({findings[0].bias})")

    async def ask(text: str) -> str | None:
        if course.exhausted:
            return None
        messages = await drafting.conversation(replace(question, text=text), attached, memories, parts, course)
        said = ""
        async with aclosing(speaking.draft(messages, draft.attempt, parts.backend, course)) as tokens:
            async for token in tokens:
                said += token.text if isinstance(token, Token) else ""
        return said

    async def weigh(text: str, names: tuple[str, ...]) -> tuple[float, ...] | None:
        backend = parts.backend
        if attached or course.exhausted or not isinstance(backend, Weighs) or len({*names}) < len(names):
            return None  # what a file says counts too: then whole answers are compared
        messages = (Message("system", prompts.CHOOSING), Message("user", text))
        try:
            told = await backend.weigh(Request(messages, seed=course.limits.seed, adapters=course.adapters), names)
        except KikiError as error:
            course.trace.append(f"[bias: options aren't weighed: {error}]")
            return None
        course.usage["prompt_tokens"] += told.prompt_tokens
        course.usage["completion_tokens"] += told.completion_tokens
        return told.logs

    found = await settled(question.text, draft.text, ask, weigh)
    if found.rewritten:
        again, verdicts = await _judged(question, attached, found, course)
        if again.rank >= draft.rank and _standing(again) >= _standing(draft):
            yield Candidate(again.attempt, again.text, again.artefacts)
            for verdict in verdicts:
                yield verdict
            course.drafts.append(again)
            course.text = again.text
        else:
            marked = [
                replace(one, action="marked", reason=f"{one.reason}; the rewritten answer does worse with the tools")
                if one.action == "corrected"
                else one
                for one in found.findings
            ]
            found = replace(found, findings=tuple(marked))
    for told in found.findings:
        yield _kept(told, course)
    course.add("debias", start)


async def _judged(
    question: Question, attached: Sequence[tuple[str, str]], found: Settled, course: Course
) -> tuple[Draft, list[Verdict]]:
    attempt = max(draft.attempt for draft in course.drafts) + 1
    domains = [expert.domain for expert in course.experts]
    names = [name for name, said in attached if len(said) < MOST_FILE]
    there = artefacts.find(found.answer, names, prompts.wants_firmware(domains))
    checked = await check(there, attempt)
    circuit = prompts.asks_for_circuit(question.text, domains)
    draft = judged(question.text, found.answer, there, checked, attempt, circuit)
    return draft, [verdict for one in checked for verdict in one.verdicts]


def _standing(draft: Draft) -> int:
    return {True: 2, None: 1, False: 0}[draft.verified]


def _kept(told: BiasFinding, course: Course) -> BiasFinding:
    course.trace.append(f"[bias: {told.bias}: {told.action}: {told.reason}]")
    return told
