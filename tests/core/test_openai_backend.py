"""Any OpenAI-compatible server: streamed, retried, cancelled; its key never shown."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import pytest

from kiki_core.backends.openai import OpenAIBackend
from kiki_core.backends.protocol import Message, Piece, Request, Unable, WeightedAdapter
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
async def server(answer: Answerer, timeout_s: float = 60) -> AsyncIterator[BackendSettings]:
    """A server on loopback that answers request N with ``answer(N, headers, body)``; null hangs."""
    count = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        text = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in text.splitlines()[1:])}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))) or b"{}")
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
        yield BackendSettings(kind="openai", url=f"http://127.0.0.1:{port}/v1", model="m", timeout_s=timeout_s)
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
    async with server(lambda n, h, b: answer, timeout_s=1 if answer is None else 60) as settings:
        with pytest.raises(KikiError, match=told):
            await said(settings)


async def test_nothing_listening_is_said() -> None:
    with pytest.raises(KikiError, match="doctor"):
        await said(BackendSettings(kind="openai", url="http://127.0.0.1:9/v1", model="m"))


LENGTH = event(delta={"content": "<think>long"}, finish_reason="length") + b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (head("200 OK") + event(delta={"content": "Hel"}), "broke off"),
        (head("200 OK").replace(b"Connection: close", b"Content-Length: 999") + event(delta={}), "body"),
        (head("200 OK") + b"data: [1, 2]\n\n", "no JSON"),
        (head("200 OK") + b"data: " + b"[" * 99_999 + b"\n\n", "no JSON"),
        (head("200 OK") + b"data: " + b"x" * 4_100_000, "line without an end"),
        (head("200 OK") + LENGTH, "only thought"),
        (b"rubbish\r\n\r\n", "m at"),
        (head("302 Found"), "refused .302"),
        (head("400 Bad") + b'{"error": {"message": "no \x1b[31m such model"}}', "no .31m such model"),
    ],
)
async def test_a_hostile_server_is_one_clear_line_too(answer: bytes, told: str) -> None:
    async with server(lambda n, h, b: answer) as settings:
        with pytest.raises(KikiError, match=told) as caught:
            await said(settings)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("choices", ["x", [], [None], ["x"], [{"delta": 3}], [{"delta": {"content": 3}}], None, {}])
async def test_fields_of_another_type_are_passed_over(choices: object) -> None:
    odd = json.dumps({"choices": choices, "usage": "none"}).encode()
    answer = head("200 OK") + b"data: " + odd + b"\n\n" + WHOLE.removeprefix(head("200 OK"))
    async with server(lambda n, h, b: answer) as settings:
        assert "".join(piece.text for piece in await said(settings)) == "Hello"


async def test_a_silent_server_is_asked_only_once() -> None:
    asked: list[int] = []
    async with server(lambda n, h, b: asked.append(n), timeout_s=1) as settings:  # type: ignore[func-returns-value]
        with pytest.raises(KikiError, match="said nothing for 1 s"):
            await said(settings)
    assert asked == [0]


async def test_signs_of_life_are_no_answer() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK"))
        for _ in range(40):
            writer.write(b": ping\n\n")
            await asyncio.sleep(0.1)
        writer.close()

    listening = await asyncio.start_server(trickle, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    with pytest.raises(KikiError, match=r"said nothing for 0\.5 s"):
        await said(BackendSettings(kind="openai", url=url, timeout_s=0.5))
    listening.close()


async def test_a_busy_server_that_says_when_is_asked_then() -> None:
    busy = head("429 Busy").replace(b"Connection", b"Retry-After: 1\r\nConnection")
    at: list[float] = []
    clock = asyncio.get_running_loop().time

    def answer(number: int, *_: object) -> bytes:
        at.append(clock())
        return busy if number == 0 else WHOLE

    async with server(answer) as settings:
        await said(settings)
    assert at[1] - at[0] >= 1.0


async def test_a_field_that_a_server_does_not_know_is_left_out() -> None:
    def answer(number: int, headers: object, body: dict[str, object]) -> bytes:
        if "stream_options" in body:
            return head("400 Bad") + b'{"error": {"message": "stream_options: extra fields not permitted"}}'
        if "max_tokens" in body:
            return head("400 Bad") + b"Unsupported parameter: use 'max_completion_tokens'"
        return WHOLE if body["max_completion_tokens"] == 10 else head("400 Bad")

    async with server(answer) as settings:
        assert "".join(piece.text for piece in await said(settings)) == "Hello"


async def test_a_server_that_does_not_stream_answers_all_the_same() -> None:
    whole = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
    answer = head("200 OK").replace(b"text/event-stream", b"application/json") + json.dumps(whole).encode()
    async with server(lambda n, h, b: answer) as settings:
        assert await said(settings) == [Piece("Hello", 3, None, "stop")]


async def test_thoughts_are_taken_out_of_the_stream() -> None:
    words = "".join(
        f"data: {json.dumps({'choices': [{'delta': {'content': c}}]})}\n\n" for c in "<think>x</think>\n\nHi"
    )
    answer = head("200 OK") + words.encode() + b"data: [DONE]\n\n"
    async with server(lambda n, h, b: answer) as settings:
        assert "".join(piece.text for piece in await said(settings)) == "Hi"


async def test_the_key_is_not_shown_even_if_the_server_echoes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_API_KEY", "sesame")
    async with server(lambda n, h, b: head("401 No") + h["authorization"].encode()) as settings:
        with pytest.raises(KikiError) as caught:
            await said(settings)
    assert "sesame" not in str(caught.value)
    named = BackendSettings(kind="openai", url="http://me:sesame@host/v1")
    assert OpenAIBackend(named).name == "default at http://host/v1"


@pytest.mark.parametrize(
    ("owner", "field"),
    [("llamacpp", {"grammar": "root ::= x"}), ("vllm", {"structured_outputs": {"grammar": "root ::= x"}})],
)
async def test_a_grammar_goes_to_a_server_that_takes_it(owner: str, field: dict[str, object]) -> None:
    seen: list[dict[str, object]] = []
    models = head("200 OK") + json.dumps({"data": [{"id": "m", "owned_by": owner}]}).encode()
    async with server(lambda n, h, b: seen.append(b) or (WHOLE if b else models)) as settings:  # type: ignore[func-returns-value]
        backend = OpenAIBackend(settings)
        assert not backend.capabilities.grammar
        wanted = Request((Message("user", "x"),), grammar="root ::= x")
        assert [piece async for piece in backend.generate(wanted)]
        assert backend.capabilities.grammar
        await backend.aclose()
    assert seen[-1].items() >= field.items()


async def test_what_a_server_does_not_say_it_can_is_refused() -> None:
    async with server(lambda n, h, b: head("404 No")) as settings:
        backend = OpenAIBackend(settings)
        for request in (
            Request((Message("user", "x"),), grammar="root ::= x"),
            Request((Message("user", "x"),), adapters=(WeightedAdapter("a", 1.0),)),
        ):
            with pytest.raises(Unable):
                await anext(backend.generate(request))
        await backend.aclose()


async def test_closing_the_stream_closes_the_connection_at_once() -> None:
    left = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK") + event(delta={"content": "x"}))
        await reader.read()
        if await reader.read() == b"":
            left.set()
        writer.close()

    listening = await asyncio.start_server(endless, "127.0.0.1", 0)
    settings = BackendSettings(kind="openai", url=f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")
    backend = OpenAIBackend(settings)
    async with aclosing(backend.generate(REQUEST)) as pieces:
        assert (await anext(pieces)).text == "x"
    async with asyncio.timeout(60):
        await left.wait()
    await backend.aclose()
    listening.close()


def test_an_empty_address_is_refused() -> None:
    with pytest.raises(KikiError, match="url"):
        OpenAIBackend(BackendSettings(kind="openai"))
