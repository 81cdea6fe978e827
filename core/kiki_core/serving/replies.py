"""Responses that end with their client: an answer in one piece, or as server-sent events."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kiki_core.events import to_json
from kiki_core.serving.errors import ApiError
from kiki_core.serving.generation import Part

T = TypeVar("T")

_WRITE_S = 60.0
"""A client that takes nothing for so long is gone; it would hold its slot."""


@dataclass(frozen=True, slots=True)
class Head:
    """What all chunks of one answer share. ``usage``: whether a stream ends with the token counts."""

    model: str
    usage: bool = False
    identity: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def to_json(self, kind: str) -> dict[str, Any]:
        """The fields that come first."""
        return {"id": self.identity, "object": kind, "created": self.created, "model": self.model}


class Left(Exception):
    """The client is gone."""


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response; in ASCII, since a request can bring characters that UTF-8 hasn't."""
    return Response(json.dumps(body), status, headers, "application/json")


@dataclass(frozen=True)
class Reply:
    """An ASGI response made from an answer's parts; the answer is stopped when the client leaves."""

    parts: AsyncGenerator[Part, None]
    head: Head
    stream: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers. Raises ApiError while nothing was sent yet, and Left."""
        if self.stream:
            await _while_there(receive, self._events(send))
        else:
            body = await _while_there(receive, self._whole())
            await reply(body)(scope, receive, send)

    async def _whole(self) -> dict[str, Any]:
        text, last = "", Part()
        async with aclosing(self.parts) as parts:
            async for part in parts:
                text += part.text
                last = part
        if last.answer is not None:
            text = last.answer.text
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": last.finish}
        body = {**self.head.to_json("chat.completion"), "choices": [choice], "usage": _usage(last.usage)}
        if last.answer is not None:
            body["kiki"] = _evidence(last)
        return body

    async def _events(self, send: Send) -> None:
        async with aclosing(self.parts) as parts:
            part: Part | None = await anext(parts)  # fails before the status is sent
            headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"),
                       (b"x-accel-buffering", b"no")]  # fmt: skip
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            role: dict[str, str] = {"role": "assistant", "content": ""}
            await self._send(send, {"choices": [_choice(role)]})
            usage = None
            try:
                while part is not None:
                    usage = part.usage or usage
                    await self._send(send, _chunk(part))
                    part = await anext(parts, None)
                if self.head.usage:
                    await self._send(send, {"choices": [], "usage": _usage(usage)})
            except ApiError as error:
                await _write(send, _event(error.to_json()))
            await _write(send, b"data: [DONE]\n\n")
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, send: Send, rest: dict[str, Any]) -> None:
        await _write(send, _event({**self.head.to_json("chat.completion.chunk"), **rest}))


def _choice(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _chunk(part: Part) -> dict[str, Any]:
    chunk: dict[str, Any] = {"choices": [_choice({"content": part.text} if part.text else {}, part.finish)]}
    if part.answer is not None:
        chunk["kiki"] = _evidence(part)
    elif part.progress is not None:
        chunk["kiki"] = part.progress
    return chunk


def _evidence(part: Part) -> dict[str, Any]:
    assert part.answer is not None
    return {**to_json(part.answer), "notes": list(part.notes)}


def _usage(usage: dict[str, int] | None) -> dict[str, int] | None:
    return None if usage is None else {**usage, "total_tokens": sum(usage.values())}


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n\n"


async def _write(send: Send, body: bytes) -> None:
    try:
        async with asyncio.timeout(_WRITE_S):
            await send({"type": "http.response.body", "body": body, "more_body": True})
    except TimeoutError as error:
        raise Left from error


async def _while_there(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; the work is cancelled, and has ended, when the client leaves.

    Raises:
        Left: if it left.
    """
    working = asyncio.create_task(work)
    watching = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise Left
    finally:
        for task in (working, watching):
            task.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
