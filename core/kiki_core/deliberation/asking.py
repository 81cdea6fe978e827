"""Questions to a panelist: constrained to a schema, and paid from a purse that the panel can't overdraw."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from kiki_core.backends.protocol import Backend, Message, Request, WeightedAdapter

_CHARACTERS = 3.0
"""Of a token at least, on average: an estimate of a prompt's tokens that is rather too high."""
_MOST_ANSWER = 8000


@dataclass
class Purse:
    """What a panel may spend: tokens of prompts and answers together, until a time of `time.monotonic`."""

    tokens: int
    until: float
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def affords(self, messages: tuple[Message, ...], most: int) -> bool:
        """Whether a request of that size fits into what is left."""
        prompt = sum(len(message.content) for message in messages) / _CHARACTERS
        spent = self.prompt_tokens + self.completion_tokens
        return spent + prompt + most <= self.tokens and time.monotonic() < self.until


async def constrained(
    backend: Backend,
    purse: Purse,
    messages: tuple[Message, ...],
    schema: dict[str, object],
    most: int,
    seed: int,
    adapters: tuple[WeightedAdapter, ...] = (),
) -> dict[str, Any] | None:
    """The object that the model answers; null if the purse doesn't afford it, or what came is no such object.

    A backend that can't be held to a schema is asked all the same, and what it says is read as far as it goes.

    Raises:
        KikiError: if the model can't be reached or started.
    """
    if not purse.affords(messages, most):
        return None
    held = schema if backend.capabilities.json_schema else None
    request = Request(messages, max_tokens=most, temperature=0.0, seed=seed, adapters=adapters, json_schema=held)
    said, pieces, counted = "", 0, False
    async with aclosing(backend.generate(request)) as stream:
        while len(said) < _MOST_ANSWER:
            try:
                async with asyncio.timeout(max(0.0, purse.until - time.monotonic())):
                    piece = await anext(stream)
            except (StopAsyncIteration, TimeoutError):
                break
            purse.prompt_tokens += piece.prompt_tokens or 0
            purse.completion_tokens += piece.completion_tokens or 0
            counted = counted or piece.completion_tokens is not None
            pieces += bool(piece.text)
            said += piece.text
    if not counted:
        purse.completion_tokens += pieces
    return _object(said)


def _object(said: str) -> dict[str, Any] | None:
    begin, end = said.find("{"), said.rfind("}")
    try:
        found = json.loads(said[begin : end + 1]) if 0 <= begin < end else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
