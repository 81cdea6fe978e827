"""The embedded model's server: shared, loopback only, behind a key, mended after a crash, gone with its owners."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from kiki_core import paths
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Message, Request
from kiki_core.config import Config

REQUEST = Request((Message("user", "Say: hi"),), max_tokens=3, temperature=0.0, seed=1)
ASKS = """
import asyncio, sys
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Message, Request
from kiki_core.config import Config

async def main():
    backend = LlamaCppBackend(Config())
    async for _ in backend.generate(Request((Message("user", "Say: hi"),), max_tokens=3)):
        pass
    print("answered", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path))
    yield tmp_path
    for state in states():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(state["pid"]), signal.SIGKILL)


def states() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (paths.home() / "run").glob("llama-*.json")]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def say(backend: LlamaCppBackend) -> str:
    return "".join([piece.text async for piece in backend.generate(REQUEST)])


async def test_two_programs_share_one_server_behind_a_key(home: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", ASKS], stdout=subprocess.PIPE, text=True)
    backend = LlamaCppBackend(Config())
    try:
        assert other.stdout
        assert other.stdout.readline() == "answered\n"
        assert await say(backend)
        (state,) = states()
        assert state["url"].startswith("http://127.0.0.1:")
        async with httpx.AsyncClient(base_url=state["url"]) as stranger:
            refused = await stranger.post("/v1/chat/completions", json={"messages": []})
        assert refused.status_code == 401
    finally:
        other.kill()
        other.wait()
        await backend.aclose()


async def test_a_server_that_died_is_started_again(home: Path) -> None:
    backend = LlamaCppBackend(Config())
    try:
        before = await say(backend)
        os.kill(int(states()[0]["pid"]), signal.SIGKILL)
        assert await say(backend) == before
    finally:
        await backend.aclose()


def test_the_server_ends_with_an_owner_that_was_killed(home: Path) -> None:
    owner = subprocess.Popen([sys.executable, "-c", ASKS], stdout=subprocess.PIPE, text=True)
    assert owner.stdout
    assert owner.stdout.readline() == "answered\n"
    (state,) = states()
    assert alive(int(state["pid"]))
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 30
    while alive(int(state["pid"])) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not alive(int(state["pid"]))
    assert states() == []
