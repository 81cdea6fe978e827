"""The API as a client meets it: the real server over HTTP; the model is a small server that we script."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiki_core.config import Config
from kiki_core.errors import KikiError
from kiki_core.serving.running import listen, serve

DECK = "* divider\nV1 in 0 10\nR1 in out 1k\nR2 out 0 1k\n.op\n.end\n"
HI = [{"role": "user", "content": "hi"}]


def event(text: str = "", **rest: object) -> bytes:
    return b"data: " + json.dumps({"choices": [{"delta": {"content": text}, **rest}]}).encode() + b"\n\n"


COUNTS = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}\n\ndata: [DONE]\n\n'
HELLO = (event("Hel"), event("lo", finish_reason="stop"), COUNTS)


@dataclass
class Model:
    """A model server whose words are given; it notes what it was asked, and whether its client stayed."""

    pieces: Callable[[dict[str, Any]], tuple[bytes | float, ...]] = lambda body: HELLO
    asked: list[dict[str, Any]] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split()[0])
        body = json.loads(await reader.readexactly(length))
        self.asked.append(body)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        gone = asyncio.ensure_future(reader.read())
        for piece in self.pieces(body):
            if isinstance(piece, float):
                await asyncio.wait({gone}, timeout=piece)
                if gone.done():
                    self.left.set()
                    break
            else:
                writer.write(piece)
                await writer.drain()
        gone.cancel()
        writer.close()


@asynccontextmanager
async def kiki(model: Model, **settings: object) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `kiki serve` on a free port, its answers made by ``model``."""
    listening = await asyncio.start_server(model.answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    config = Config.model_validate(
        {
            "backend": {"kind": "openai", "url": url, "timeout_s": 300},
            "memory": {"enabled": False},
            "pipeline": {"plans": False},
            "serve": {"port": 0, **settings},
        }
    )
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(serve(config, told.set_result))
    await asyncio.wait({running, told}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()
    try:
        async with httpx.AsyncClient(base_url=told.result().removesuffix("/v1"), timeout=60) as client:
            yield client
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        listening.close()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path))


async def chat(client: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await client.post("/v1/chat/completions", json={"model": "base", "messages": HI, **body})


async def chunks(client: httpx.AsyncClient, **body: object) -> list[dict[str, Any]]:
    answered = await chat(client, stream=True, **body)
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in answered.text.split("\n\n") if line]
    assert events.pop() == "[DONE]"
    return [json.loads(one) for one in events]


def content(streamed: list[dict[str, Any]]) -> str:
    return "".join(one["choices"][0]["delta"].get("content", "") for one in streamed if one.get("choices"))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


async def test_the_base_answers_in_one_piece() -> None:
    model = Model()
    async with kiki(model) as client:
        body = (await chat(client, temperature=0.5, max_tokens=7, stop="x", seed=1)).json()
    assert body["object"] == "chat.completion"
    assert body["choices"] == [
        {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    ]
    assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    (asked,) = model.asked
    assert asked["messages"] == HI
    assert (asked["temperature"], asked["max_tokens"], asked["stop"], asked["seed"]) == (0.5, 7, ["x"], 1)


async def test_a_stream_brings_each_piece_when_it_is_written() -> None:
    model = Model(lambda body: (event("Hel"), 300.0, *HELLO[1:]))
    async with kiki(model) as client:
        body = {"model": "base", "messages": HI, "stream": True}
        async with client.stream("POST", "/v1/chat/completions", json=body) as answer, asyncio.timeout(60):
            read = []
            async for line in answer.aiter_lines():
                read.append(line)
                if "Hel" in line:
                    break  # while the model still waits
            assert "Hel" in read[-1]
            assert not model.left.is_set()
        await asyncio.wait_for(model.left.wait(), 60)  # and whoever goes stops it


async def test_a_stream_ends_with_its_reason_and_on_demand_its_counts() -> None:
    async with kiki(Model()) as client:
        streamed = await chunks(client, stream_options={"include_usage": True})
    assert content(streamed) == "Hello"
    assert streamed[0]["choices"][0]["delta"]["role"] == "assistant"
    assert streamed[-2]["choices"][0]["finish_reason"] == "stop"
    assert streamed[-1]["usage"]["total_tokens"] == 5
    assert len({one["id"] for one in streamed}) == 1


async def test_the_pipeline_answers_with_its_evidence() -> None:
    model = Model(lambda body: (event(f"Here:\n```spice\n{DECK}```"), COUNTS))
    async with kiki(model) as client:
        messages = [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "second"},
            {"role": "user", "content": [{"type": "text", "text": "a divider for 10 V"}]},
        ]
        body = (await chat(client, model="kiki", messages=messages, max_tokens=50)).json()
    assert body["choices"][0]["message"]["content"] == body["kiki"]["text"]
    assert body["kiki"]["verified"] is True
    assert body["kiki"]["artefacts"][0]["language"] == "spice"
    assert body["kiki"]["evidence"][0]["tool"] == "ngspice"
    assert "system message" in body["kiki"]["notes"][0]
    assert model.asked[0]["max_tokens"] == 50
    assert [m["content"] for m in model.asked[0]["messages"][-3:-1]] == ["first", "second"]


async def test_a_stream_of_the_pipeline_ends_with_what_it_settled_on() -> None:
    drafts = iter([DECK.replace("R1 in out 1k", "R1 in out"), DECK])
    model = Model(lambda body: (event(f"```spice\n{next(drafts)}```"), COUNTS))
    async with kiki(model) as client:
        streamed = await chunks(client, model="kiki", messages=[{"role": "user", "content": "a divider"}])
    final = streamed[-1]["kiki"]
    assert final["verified"] is True
    first, _, settled = content(streamed).partition("\n\n---\n\n")
    assert "R1 in out\n" in first
    assert settled == final["text"]
    told = [one["kiki"]["event"] for one in streamed if "kiki" in one]
    assert told[0] == "routed"
    assert told.count("verdict") == 2


async def test_a_stream_without_drafts_brings_only_the_checked_answer() -> None:
    drafts = iter([DECK.replace("R1 in out 1k", "R1 in out"), DECK])
    model = Model(lambda body: (event(f"```spice\n{next(drafts)}```"), COUNTS))
    async with kiki(model) as client:
        wanted = {"drafts": False}
        messages = [{"role": "user", "content": "a divider"}]
        streamed = await chunks(client, model="kiki", messages=messages, kiki=wanted)
    assert content(streamed) == streamed[-1]["kiki"]["text"]


async def test_models_are_listed_and_told_one_by_one() -> None:
    async with kiki(Model()) as client:
        there = (await client.get("/v1/models")).json()["data"]
        assert [one["id"] for one in there] == ["kiki", "base"]
        assert (await client.get("/v1/models/base")).json()["object"] == "model"
        missing = await client.get("/v1/models/gpt-9")
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "model_not_found"


async def test_route_answers_as_the_command_does() -> None:
    async with kiki(Model()) as client:
        one = (await client.post("/v1/route", json={"text": "RC low-pass netlist for ngspice"})).json()
        many = (await client.post("/v1/route", json={"input": ["RC low-pass netlist for ngspice", "hello"]})).json()
        nothing = await client.post("/v1/route", json={"input": []})
    assert set(one) == {"scores", "active", "none", "inside", "elapsed_ms"}
    assert len(one["scores"]) == 35
    assert many["data"][0]["active"] == one["active"]
    assert len(many["data"]) == 2
    assert nothing.status_code == 400


async def test_health_and_metrics_tell_what_goes_on() -> None:
    async with kiki(Model()) as client:
        assert (await client.get("/health")).json() == {"status": "ok", "running": 0, "waiting": 0}
        await chat(client)
        await client.get("/nowhere")
        told = (await client.get("/metrics")).text
    assert 'kiki_requests_total{path="/v1/chat/completions",status="200"} 1.0' in told
    assert 'kiki_requests_total{path="other",status="404"} 1.0' in told
    assert 'kiki_tokens_total{kind="completion",model="base"} 2.0' in told
    assert "kiki_answers_running 0.0" in told


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_stops_the_model(stream: bool) -> None:
    model = Model(lambda body: (event("x"), 300.0))
    async with kiki(model) as client:
        asking = asyncio.create_task(chat(client, stream=stream))
        await until(lambda: bool(model.asked))
        asking.cancel()
        async with asyncio.timeout(60):
            await model.left.wait()
        told = ""
        while "kiki_stopped_total 1.0" not in told:
            told = (await client.get("/metrics")).text
        assert (await client.get("/health")).json()["running"] == 0


async def test_a_full_queue_says_when_to_come_again() -> None:
    model = Model(lambda body: (event("x"), 300.0))
    async with kiki(model, concurrency=1, queue=1) as client:
        first = asyncio.create_task(chat(client))
        await until(lambda: bool(model.asked))
        second = asyncio.create_task(chat(client, stream=True))
        async with asyncio.timeout(60):
            while (await client.get("/health")).json()["waiting"] != 1:
                pass
        refused = await chat(client, stream=True)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 300
        assert refused.json()["error"]["code"] == "queue_full"
        second.cancel()  # one that leaves while it waits makes room
        async with asyncio.timeout(60):
            while (await client.get("/health")).json()["waiting"]:
                pass
        first.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        assert len(model.asked) == 1


WRONG = [
    (b"{", 400, "no JSON"),
    (b"[" * 100_000, 400, "no JSON"),
    (b"[]", 400, "object"),
    (b'{"messages": []}', 400, "model"),
    (b'{"model": "base", "messages": []}', 400, "messages"),
    (b'{"model": "base", "messages": [{"role": "wizard", "content": "x"}]}', 400, "role"),
    (b'{"model": "base", "messages": [{"role": "user", "content": " "}]}', 400, "text"),
    (b'{"model": "base", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}', 400, "image_url"),
    (b'{"model": "\\ud800", "messages": [{"role": "user", "content": "\\ud800"}]}', 400, "model"),
    (b'{"model": "base", "temperature": NaN, "messages": [{"role": "user", "content": "x"}]}', 400, "temperature"),
    (b'{"model": "base", "n": 2, "messages": [{"role": "user", "content": "x"}]}', 400, "n:"),
    (b'{"model": "base", "tools": [{}], "messages": [{"role": "user", "content": "x"}]}', 400, "tools"),
    (b'{"model": "base", "grammar": "root ::= x", "messages": [{"role": "user", "content": "x"}]}', 400, "grammar"),
    (b'{"model": "kiki", "stop": "x", "messages": [{"role": "user", "content": "x"}]}', 400, "stop"),
    (b'{"model": "kiki", "kiki": {"domain": "spise"}, "messages": [{"role": "user", "content": "x"}]}', 400, "spi"),
    (b'{"model": "kiki", "kiki": {"momory": 1}, "messages": [{"role": "user", "content": "x"}]}', 400, "momory"),
    (b'{"model": "kiki", "messages": [{"role": "user", "content": "' + b"x" * 100_001 + b'"}]}', 400, "100001"),
    (b" " * 4_000_001, 413, "larger"),
    (b'{"model": "gpt-9", "messages": [{"role": "user", "content": "x"}]}', 404, "kiki, base"),
    (b'{"model": "base", "response_format": {"type": "json_schema", "json_schema": {"schema": {"a": "\\ud800"}}},'
     b'"messages": [{"role": "user", "content": "x"}]}', 400, "schema"),
]  # fmt: skip


async def test_a_wrong_request_is_told_in_the_shape_of_openai() -> None:
    async with kiki(Model()) as client:
        for body, status, told in WRONG:
            answered = await client.post("/v1/chat/completions", content=body)
            error = answered.json()["error"]
            assert (answered.status_code, error["type"]) == (status, "invalid_request_error"), (body[:200], error)
            assert told in error["message"], body[:200]
        assert (await chat(client)).status_code == 200


@pytest.mark.parametrize("model_name", ["base", "kiki"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_fails_is_no_answer(model_name: str, stream: bool) -> None:
    model = Model(lambda body: (b'data: {"error": "out of memory"}\n\n',))
    async with kiki(model) as client:
        answered = await chat(client, model=model_name, stream=stream)
    if answered.status_code == 200:
        assert model_name == "kiki"  # its stream began with the routing
        assert '"code": "backend_failed"' in answered.text
        assert answered.text.endswith("data: [DONE]\n\n")
    else:
        assert answered.status_code == 502
        assert "out of memory" in answered.json()["error"]["message"]


async def test_a_stream_that_breaks_off_ends_with_an_error() -> None:
    model = Model(lambda body: (event("Hel"), b"data: rubbish\n\n"))
    async with kiki(model) as client:
        answered = await chat(client, stream=True)
    assert '"Hel"' in answered.text
    assert "no JSON" in answered.text
    assert answered.text.endswith("data: [DONE]\n\n")


async def test_with_a_key_only_its_holders_come_in() -> None:
    async with kiki(Model(), api_key="sesame") as client:
        for headers in ({}, {"Authorization": "Bearer open"}, {"Authorization": "Basic sesame"}):
            refused = await client.get("/v1/models", headers=headers)
            assert refused.status_code == 401
            assert "sesame" not in refused.text
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/health")).status_code == 200
        allowed = await client.get("/v1/models", headers={"Authorization": "Bearer sesame"})
    assert allowed.status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_without_a_key_no_web_page_comes_in(headers: dict[str, str]) -> None:
    async with kiki(Model()) as client:
        assert (await client.get("/v1/models", headers=headers)).status_code == 403


async def test_off_loopback_a_key_is_required() -> None:
    with pytest.raises(KikiError, match="API_KEY"):
        async with kiki(Model(), host="0.0.0.0"):
            pass
    async with kiki(Model(), host="0.0.0.0", api_key="sesame") as client:
        assert (await client.get("/health")).status_code == 200


def test_a_port_in_use_is_one_line() -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    with taken, pytest.raises(KikiError, match="in use; choose another one with --port"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(KikiError, match="address of this machine"):
        listen("no.such.host.invalid", 0)
