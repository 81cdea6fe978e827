"""The tokens of one draft, bounded: a model that never stops, or goes round in circles, is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from kiki_core.backends.protocol import Backend, Message, Request, Unable
from kiki_core.errors import KikiError
from kiki_core.events import Failed, Token
from kiki_core.pipeline.course import Course

_CHARACTERS = 12
"""Of a token at most, on average; a server that heeds no limit is stopped at that."""
_LOOKED_AT = 64
_TAIL, _TIMES, _WITHIN = 160, 5, 4000


async def draft(
    messages: tuple[Message, ...], attempt: int, backend: Backend, course: Course, grammar: str | None = None
) -> AsyncGenerator[Token | Failed, None]:
    """The tokens of one draft. Adapters and a grammar that can't be used are told, and the draft goes without them.

    Raises:
        KikiError: if the model can't be reached or started.
    """
    limits = course.limits
    request = Request(
        messages,
        max_tokens=max(1, min(limits.max_tokens, course.tokens_left)),
        # The same words at a higher temperature: a repair that repeats the mistake repairs nothing.
        temperature=limits.temperature + 0.25 * attempt,
        seed=limits.seed + attempt,
        adapters=course.adapters,
        grammar=grammar,
    )
    while True:
        begun = False
        try:
            async with aclosing(spoken(request, attempt, backend, course)) as tokens:
                async for token in tokens:
                    begun = True
                    yield token
        except KikiError as error:
            if begun or not (request.adapters or request.grammar):
                raise
            if request.grammar and isinstance(error, Unable):
                yield Failed("grammar", str(error))
                request = replace(request, grammar=None)
            elif request.adapters:
                yield Failed("experts", str(error))
                course.adapters = ()
                request = replace(request, adapters=())
            else:
                raise
        else:
            return


async def spoken(
    request: Request, attempt: int, backend: Backend, course: Course
) -> AsyncGenerator[Token | Failed, None]:
    """The tokens that answer a request, counted; a `Failed` last says why they were cut off."""
    said, pieces, counted = "", 0, False
    async with aclosing(backend.generate(request)) as stream:
        while True:
            try:
                async with asyncio.timeout(max(0.0, course.seconds_left)):
                    piece = await anext(stream)
            except StopAsyncIteration:
                break
            except TimeoutError:
                yield Failed("draft", course.exhausted or "the time for one answer is over (pipeline.answer_s)")
                break
            course.usage["prompt_tokens"] += piece.prompt_tokens or 0
            course.usage["completion_tokens"] += piece.completion_tokens or 0
            counted = counted or piece.completion_tokens is not None
            if not piece.text:
                continue
            said += piece.text
            pieces += 1
            yield Token(piece.text, attempt)
            if len(said) > _CHARACTERS * request.max_tokens:
                yield Failed("draft", f"the model didn't stop at {request.max_tokens} tokens; it was stopped")
                break
            if pieces % _LOOKED_AT == 0 and circling(said):
                yield Failed("draft", "the model went round in circles; it was stopped")
                break
    if not counted:
        course.usage["completion_tokens"] += pieces


def circling(text: str) -> bool:
    """Whether the text ends in a passage that it has said several times just before."""
    tail = text[-_TAIL:]
    return len(tail) == _TAIL and text[-_WITHIN:].count(tail) >= _TIMES
