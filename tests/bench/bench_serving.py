"""What `kiki serve` costs a stream: against the same model server asked directly, in the same run."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time

import httpx
from rows import Row, row

TOKENS, PER_S = 90, 30.0
ASKED = {"model": "base", "stream": True, "messages": [{"role": "user", "content": "x"}], "max_tokens": TOKENS}


async def _model(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, per_s: float) -> None:
    """A model that writes so many tokens a second, by the clock; 0: as fast as it can."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.split("content-length:")[1].split()[0]))
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
    start = time.perf_counter()
    for number in range(TOKENS if per_s else 20 * TOKENS):
        if per_s:
            await asyncio.sleep(max(0.0, start + number / per_s - time.perf_counter()))
        writer.write(b"data: " + json.dumps({"choices": [{"delta": {"content": "word "}}]}).encode() + b"\n\n")
        await writer.drain()
    writer.write(b"data: [DONE]\n\n")
    writer.close()


async def _streamed(client: httpx.AsyncClient, address: str) -> tuple[float, float, int]:
    """Seconds to the first token, seconds in all, tokens."""
    start, first, count = time.perf_counter(), 0.0, 0
    async with client.stream("POST", f"{address}/chat/completions", json=ASKED) as answer:
        async for line in answer.aiter_lines():
            if '"word ' in line:
                first = first or time.perf_counter() - start
                count += 1
    return first, time.perf_counter() - start, count


async def _measure() -> list[Row]:
    rows = []
    for per_s, times in ((PER_S, 4), (0.0, 4)):
        listening = await asyncio.start_server(lambda r, w, p=per_s: _model(r, w, p), "127.0.0.1", 0)
        bare = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        with tempfile.TemporaryDirectory() as home:
            process = subprocess.Popen(
                [sys.executable, "-m", "kiki_core.cli", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True,
                env={**os.environ, "KIKI_HOME": home, "KIKI_BACKEND__KIND": "openai", "KIKI_BACKEND__URL": bare},
            )  # fmt: skip
            assert process.stdout
            served = (await asyncio.to_thread(process.stdout.readline)).split()[3]
            try:
                async with httpx.AsyncClient(timeout=60) as client:
                    await _streamed(client, served)
                    both = [(await _streamed(client, bare), await _streamed(client, served)) for _ in range(times)]
            finally:
                process.terminate()
                process.wait()
        listening.close()
        peer = ("the bare server", [one[1] for one, _ in both])
        if per_s:
            rows.append(row(f"a stream of {TOKENS} tokens at 30/s", [one[1] for _, one in both], "1.03x", peer))
            rows.append(row("first token behind kiki serve", [b[0] - a[0] for a, b in both], ""))
        else:
            each = [(b[1] - a[1]) / b[2] for a, b in both]
            rows.append(row("relaying one token", each, "1 ms (3 % of 30 ms)"))
    return rows


def benchmarks() -> list[Row]:
    return asyncio.run(_measure())
