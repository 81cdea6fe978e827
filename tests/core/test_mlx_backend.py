"""mlx-lm's own server, started by the backend, with a tiny random model: it answers, takes adapters, ends."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import lora
import pytest
from mlx_model import tiny

from kiki_core import paths
from kiki_core.adapters import algebra, store
from kiki_core.adapters.base import base_of
from kiki_core.adapters.files import save
from kiki_core.backends import mlx
from kiki_core.backends.mlx import MlxBackend
from kiki_core.backends.protocol import Message, Piece, Request, Unable, WeightedAdapter
from kiki_core.config import BackendSettings
from kiki_core.errors import KikiError

GB = 1_000_000_000


@pytest.fixture
async def backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MlxBackend]:
    """A backend whose server runs the tiny model; two experts and their sum are installed."""
    monkeypatch.setenv("KIKI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model = tiny(tmp_path / "Tiny-Qwen2")
    base = base_of(str(model))
    one, two = lora.adapter(1), lora.adapter(2)
    for name, adapter in (("one", one), ("two", two), ("sum", algebra.compose([(one, 0.75), (two, 0.5)]))):
        save(adapter, "mlx", tmp_path / name, base)
        store.install(tmp_path / name, name, base)
    backend = MlxBackend(BackendSettings(kind="mlx", model=str(model), timeout_s=60))
    yield backend
    await backend.aclose()
    for state in (paths.home() / "run").glob("mlx-*.json"):
        os.kill(json.loads(state.read_text())["pid"], signal.SIGTERM)
    deadline = time.monotonic() + 20
    while list((paths.home() / "run").glob("mlx-*.json")) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)


def wanted(*adapters: tuple[str, float], tokens: int = 24) -> Request:
    parts = tuple(WeightedAdapter(name, weight) for name, weight in adapters)
    return Request((Message("user", "hello"),), max_tokens=tokens, temperature=0.0, adapters=parts)


async def pieces(backend: MlxBackend, request: Request) -> list[Piece]:
    return [piece async for piece in backend.generate(request)]


async def said(backend: MlxBackend, request: Request) -> str:
    return "".join(piece.text for piece in await pieces(backend, request))


async def test_adapters_act_compose_and_leave_and_a_left_stream_holds_nobody_up(backend: MlxBackend) -> None:
    plain = await pieces(backend, wanted())
    text = "".join(piece.text for piece in plain)
    assert plain[-1].prompt_tokens == 5
    assert await said(backend, wanted()) == text
    assert await said(backend, wanted(("one", 1.0))) != text
    composed = await said(backend, wanted(("one", 0.75), ("two", 0.5)))
    assert composed not in (text, await said(backend, wanted(("one", 1.0))))
    assert composed == await said(backend, wanted(("sum", 1.0)))
    assert await said(backend, wanted()) == text

    async with aclosing(backend.generate(wanted(tokens=3000))) as stream:
        await anext(stream)
    start = time.monotonic()
    assert await said(backend, wanted()) == text
    assert time.monotonic() - start < 20

    other = MlxBackend(backend._settings)  # joins the server that is there
    assert await said(other, wanted()) == text
    await other.aclose()
    assert len(list((paths.home() / "run").glob("mlx-*.json"))) == 1


async def test_what_mlx_cannot_do_is_said() -> None:
    backend = MlxBackend(BackendSettings(kind="mlx", model="m", url="http://127.0.0.1:9/v1", timeout_s=1))
    able = backend.capabilities
    assert (able.adapters, able.json_schema, able.grammar, able.remote) == (4, False, False, True)
    with pytest.raises(Unable, match="no JSON schema"):
        await anext(backend.generate(Request((Message("user", "x"),), json_schema={"type": "object"})))
    with pytest.raises(KikiError, match=r"backend\.model is empty"):
        MlxBackend(BackendSettings(kind="mlx"))


async def test_a_model_that_is_not_there_is_said_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIKI_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    backend = MlxBackend(BackendSettings(kind="mlx", model=str(tmp_path / "nothing")))
    with pytest.raises(KikiError, match=r"load .*nothing.*mlx-server\.log"):
        await anext(backend.generate(wanted()))
    await backend.aclose()


@pytest.mark.parametrize(
    ("total", "memory", "cache"),
    [(512 * GB, 460.8, 32), (64 * GB, 57.6, 4), (16 * GB, 13, 1), (8 * GB, 5, 0.5), (2 * GB, 0.5, 0.125)],
)
def test_limits_follow_the_machine(total: int, memory: float, cache: float) -> None:
    assert mlx.limits(total) == (int(memory * GB), int(cache * GB))


def test_the_start_command_keeps_long_contexts_in_eight_bits() -> None:
    long = mlx.program(BackendSettings(profile="mac-studio"), total=512 * GB).arguments
    assert long[3:5] == ("460800000000", "32000000000")
    assert " ".join(long).endswith("--kv-bits 8")
    assert "--kv-bits" not in mlx.program(BackendSettings(kind="mlx", model="m")).arguments
