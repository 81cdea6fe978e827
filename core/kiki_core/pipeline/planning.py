"""An answer from a plan, where one fits: computed and measured instead of drafted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncGenerator, Sequence

from kiki_core import planning
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Candidate, Event, Failed, Progress
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.question import Parts, Question

_LOG = logging.getLogger(__name__)
_MOST_PLAN = 600


async def planned(
    question: Question, attached: Sequence[tuple[str, str]], parts: Parts, course: Course
) -> AsyncGenerator[Event, None]:
    """The events of a plan under way; the answer is the course's, if a kit or generator fits.

    Raises:
        KikiError: if the model can't be reached or started.
    """
    start = time.perf_counter()
    told: asyncio.Queue[str | None] = asyncio.Queue()
    domains = [expert.domain for expert in course.experts]

    async def work() -> planning.Planned | None:
        try:
            async with asyncio.timeout(max(0.0, course.seconds_left)):
                return await planning.planned(
                    question.text,
                    domains,
                    parts.backend,
                    adapters=course.adapters,
                    files=attached,
                    tell=told.put_nowait,
                )
        finally:
            told.put_nowait(None)

    working = asyncio.create_task(work())
    try:
        while (text := await told.get()) is not None:
            yield Progress(text)
        found = await working
    except TimeoutError:
        yield Failed("plan", course.exhausted or "the time for one answer is over (pipeline.answer_s)")
        return
    except KikiError:
        raise
    except Exception as error:  # noqa: BLE001 - a request that a planner stumbles over is still answered
        _LOG.exception("a plan broke off")
        yield Failed("plan", f"the plan broke off ({type(error).__name__}); the answer is drafted without one")
        return
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await working
        course.add("plan", start)
    if found is None:
        return
    course.usage["prompt_tokens"] += found.prompt_tokens
    course.usage["completion_tokens"] += found.completion_tokens
    yield Candidate(0, found.text, found.artefacts)
    for verdict in found.verdicts:
        yield verdict
    course.text = found.text
    course.trace.append(f"[plan: {found.kind}: {json.dumps(found.plan, default=str)[:_MOST_PLAN]}]")
    course.planned = Answer(
        found.text, found.verified, found.artefacts, found.requirements,
        tuple(verdict.evidence for verdict in found.verdicts), course.experts, plan={"kind": found.kind, **found.plan},
        notes=found.notes,
    )  # fmt: skip
