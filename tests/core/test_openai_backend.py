"""Any OpenAI-compatible server: streamed, retried, cancelled; its key never shown."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from kiki_core.backends.openai import OpenAIBackend
from kiki_core.backends.protocol import Message, Piece, Request
from kiki_core.config import BackendSettings
from kiki_core.errors import KikiError

REQUEST = Request((Message("user", "hello"),), max_tokens=10)
Answerer = Callable[[int, dict[str, str], dict[str, object]], bytes | None]


def event(**choice: object) -> bytes:
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def head(status: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".encode()


WHOLE = (
    head("200 OK")
    + event(delta={"content": "Hel"})
    + event(delta={"content": "lo"})
    + b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}\n\ndata: [DONE]\n\n'
)


@asynccontextmanager
async def server(answer: Answerer) -> AsyncIterator[BackendSettings]:
    """A server on loopback that answers request N with ``answer(N, headers, body)``; null hangs."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        text = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines()[1:])}
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        said = answer(count, headers, body)
        count += 1
        if said is None:
            await asyncio.sleep(30)
        else:
            writer.write(said)
            await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield BackendSettings(kind="openai", url=f"http://127.0.0.1:{port}/v1", model="m", timeout_s=1)
    finally:
        listening.close()


async def said(settings: BackendSettings) -> list[Piece]:
    backend = OpenAIBackend(settings)
    try:
        return [piece async for piece in backend.generate(REQUEST)]
    finally:
        await backend.aclose()


async def test_pieces_arrive_with_their_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_API_KEY", "sesame")
    seen: list[tuple[dict[str, str], dict[str, object]]] = []
    async with server(lambda n, h, b: seen.append((h, b)) or WHOLE) as settings:  # type: ignore[func-returns-value]
        pieces = await said(settings)
        assert "sesame" not in OpenAIBackend(settings).name
    assert "".join(piece.text for piece in pieces) == "Hello"
    assert (pieces[-1].prompt_tokens, pieces[-1].completion_tokens) == (3, 2)
    assert seen[0][0]["authorization"] == "Bearer sesame"
    assert seen[0][1]["model"] == "m"


async def test_a_busy_server_is_tried_again() -> None:
    async with server(lambda n, h, b: head("503 Busy") if n == 0 else WHOLE) as settings:
        assert "".join(piece.text for piece in await said(settings)) == "Hello"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (head("401 Unauthorized") + b"no such key", "refused"),
        (head("200 OK") + b"data: rubbish\n\n", "no JSON"),
        (head("200 OK") + b'data: {"error": "out of memory"}\n\n', "out of memory"),
        (None, "m at"),
    ],
)
async def test_a_bad_server_is_one_clear_line(answer: bytes | None, told: str) -> None:
    async with server(lambda n, h, b: answer) as settings:
        with pytest.raises(KikiError, match=told):
            await said(settings)


async def test_nothing_listening_is_said() -> None:
    with pytest.raises(KikiError, match="doctor"):
        await said(BackendSettings(kind="openai", url="http://127.0.0.1:9/v1", model="m"))


async def test_closing_the_stream_closes_the_connection() -> None:
    endless = head("200 OK") + event(delta={"content": "x"}) * 3
    async with server(lambda n, h, b: endless) as settings:
        backend = OpenAIBackend(settings)
        async with aclosing(backend.generate(REQUEST)) as pieces:
            assert (await anext(pieces)).text == "x"
        await backend.aclose()


def test_an_empty_address_is_refused() -> None:
    with pytest.raises(KikiError, match="url"):
        OpenAIBackend(BackendSettings(kind="openai"))
