"""Reads the stream of a chat completion from a server that may be slow, wrong or hostile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kiki_core.backends.protocol import Piece
from kiki_core.backends.thinking import Thinking
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    import httpx

_MOST_LINE = 4_000_000
_MOST_TEXT = 8_000_000
_MOST_REFUSAL = 20_000
_REMEDY = "is backend.url an OpenAI-compatible server?"


async def pieces_of(response: httpx.Response, wait_s: float | None) -> AsyncGenerator[Piece, None]:
    """The pieces of the answer, without the model's thoughts. ``wait_s``: the longest wait for the next one.

    Raises:
        KikiError: if the stream is none, fails, stalls or breaks off.
        httpx.TransportError: if the connection does.
    """
    thinking, size, shown, finish = Thinking(), 0, False, None
    async with aclosing(_raw(response)) as raw:
        while True:
            piece = await _next(raw, wait_s)
            if piece is None:
                break
            size += len(piece.text)
            if size > _MOST_TEXT:
                raise KikiError(f"the server's answer is longer than {_MOST_TEXT} characters", _REMEDY)
            finish = piece.finish or finish
            piece = replace(piece, text=thinking.feed(piece.text))
            shown = shown or bool(piece.text.strip())
            if piece != _NOTHING:
                yield piece
    if rest := thinking.end():
        shown = True
        yield Piece(rest)
    if finish == "length" and not shown and thinking.thought:
        raise KikiError(
            "the model only thought, and came to no answer in the tokens it had", "raise pipeline.max_tokens"
        )


_NOTHING = Piece("")


async def _next(raw: AsyncGenerator[Piece, None], wait_s: float | None) -> Piece | None:
    try:
        async with asyncio.timeout(wait_s):
            return await anext(raw, None)
    except TimeoutError as error:
        raise KikiError(
            f"the server said nothing for {wait_s:g} s", "see its log, or raise backend.timeout_s"
        ) from error


async def _raw(response: httpx.Response) -> AsyncGenerator[Piece, None]:
    if "json" in response.headers.get("content-type", "") and "event" not in response.headers["content-type"]:
        yield _whole(_parsed(await _body(response, _MOST_TEXT)))
        return
    ended = False
    async for line in _lines(response):
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        piece = _piece(_parsed(data))
        ended = ended or piece.finish is not None
        if piece != _NOTHING:
            yield piece
    if not ended:
        raise KikiError("the server's answer broke off", "retry, or see its log")


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    """Lines of limited length, whatever ends them."""
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            yield line.decode("utf-8", "replace")
        if len(rest) > _MOST_LINE:
            raise KikiError("the server's stream is no JSON: a line without an end", _REMEDY)
    yield rest.decode("utf-8", "replace")


def _parsed(data: str) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise KikiError("the server's stream is no JSON", _REMEDY) from error
    if not isinstance(message, dict):
        raise KikiError("the server's stream is no JSON of the chat API", _REMEDY)
    if problem := message.get("error"):
        told = problem.get("message", problem) if isinstance(problem, dict) else problem
        raise KikiError(f"the server failed: {printable(str(told))[:200]}", "retry, or see its log")
    return message


def _piece(message: dict[str, Any], part: str = "delta") -> Piece:
    """What an event holds; fields of another type than the API's count as absent."""
    choices = message.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    choice = choice if isinstance(choice, dict) else {}
    delta = choice.get(part)
    text = delta.get("content") if isinstance(delta, dict) else choice.get("text")
    usage = message.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    finish = choice.get("finish_reason")
    return Piece(
        text if isinstance(text, str) else "",
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        finish if isinstance(finish, str) else None,
    )


def _whole(message: dict[str, Any]) -> Piece:
    """The answer of a server that doesn't stream."""
    piece = _piece(message, "message")
    if piece == _NOTHING:
        raise KikiError("the server's answer holds no text", _REMEDY)
    return piece


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


async def refusal(response: httpx.Response) -> str:
    """What a server says of a request that it refuses, fit to be shown."""
    text = await _body(response, _MOST_REFUSAL)
    try:
        problem = json.loads(text)
        problem = problem.get("error", problem) if isinstance(problem, dict) else text
        text = str(problem.get("message", problem) if isinstance(problem, dict) else problem)
    except (ValueError, RecursionError):
        pass
    return printable(text)


async def _body(response: httpx.Response, most: int) -> str:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > most:
            break
    return bytes(body[:most]).decode("utf-8", "replace")


def printable(text: str) -> str:
    """One line that can't steer a terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
