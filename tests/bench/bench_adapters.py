"""Adapters: the algebra at the size of a 35 B base's experts, and llama.cpp with none, one, two and four of them."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rows import Row, row

from kiki_core.adapters import algebra
from kiki_core.adapters.angles import angles
from kiki_core.adapters.base import Base, base_of
from kiki_core.adapters.files import open_adapter, save
from kiki_core.adapters.health import health
from kiki_core.adapters.model import Adapter, Module, single
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.config import BackendSettings, Config

_LARGE = {"q_proj": (4096, 2048), "k_proj": (512, 2048), "v_proj": (512, 2048), "o_proj": (2048, 4096)}
_TOKENS = 24


def random_adapter(seed: int, layers: int, rank: int, shapes: dict[str, tuple[int, int]]) -> Adapter:
    random = np.random.default_rng(seed)
    modules = {}
    for layer in range(layers):
        for kind, (out, into) in shapes.items():
            a, b = random.standard_normal((rank, into)) / np.sqrt(into), 0.02 * random.standard_normal((out, rank))
            modules[f"layers.{layer}.self_attn.{kind}"] = Module(
                f"layers.{layer}.self_attn.{kind}", single(a), single(b), 1.0
            )
    return Adapter(modules, "hf", "", "qwen2")


def _cpu(work: Callable[[], object], times: int) -> list[float]:
    samples = []
    for _ in range(times):
        start = time.process_time()
        work()
        samples.append(time.process_time() - start)
    return samples


def benchmarks() -> list[Row]:
    experts = [random_adapter(seed, 32, 16, _LARGE) for seed in range(4)]
    total = algebra.compose([(expert, 0.25) for expert in experts])
    base = Base("qwen2", "", 32, 2048, 32, 4, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.gguf")
        save(experts[0], "gguf", file, base)
        weights = [(expert, 0.25) for expert in experts]
        rows = [
            row("adapter of 128 modules, r 16: read, CPU", _cpu(lambda: open_adapter(file), 5), ""),
            row("the same: health, CPU", _cpu(lambda: health(experts[0]), 3), ""),
            row("the same: angles of two, CPU", _cpu(lambda: angles(experts[0], experts[1]), 2), ""),
            row("four of them composed, r 64, CPU", _cpu(lambda: algebra.compose(weights), 3), ""),
            row("the sum recompressed to r 16, CPU", _cpu(lambda: algebra.recompress(total, 16), 1), ""),
            row("convert GGUF to PEFT", _cpu(lambda: _converted(file, base), 3), ""),
            row("base's fingerprint from GGUF, CPU", _cpu(lambda: base_of("qwen2.5-coder-0.5b").fingerprint, 5), ""),
        ]
        return rows + asyncio.run(_served(Path(folder)))


def _converted(file: Path, base: Base) -> None:
    with tempfile.TemporaryDirectory() as folder:
        save(open_adapter(file).adapter, "peft", Path(folder, "p"), base)


async def _served(folder: Path) -> list[Row]:
    """Milliseconds a token with 0, 1, 2 and 4 adapters of rank 4 on q and v, and the first token behind a change."""
    base = base_of("qwen2.5-coder-0.5b")
    shapes = {"q_proj": (896, 896), "v_proj": (128, 896)}
    files = {}
    for number in range(4):
        files[f"e{number}"] = folder / f"e{number}.gguf"
        save(random_adapter(number, base.blocks, 4, shapes), "gguf", files[f"e{number}"], base)
    backend = LlamaCppBackend(Config(backend=BackendSettings(threads=1, context=1024)), files)

    async def ask(adapters: tuple[WeightedAdapter, ...]) -> tuple[float, float]:
        """Seconds to the first piece, and a token from there on."""
        request = Request((Message("user", "Count to fifty."),), max_tokens=_TOKENS, temperature=0.0, adapters=adapters)
        start, first, pieces = time.perf_counter(), 0.0, 0
        async for piece in backend.generate(request):
            first = first or time.perf_counter()
            pieces += bool(piece.text)
        return first - start, (time.perf_counter() - first) / max(1, pieces - 1)

    try:
        await ask(())
        rows, switched, kept = [], [], []
        for count in (0, 1, 2, 4):
            adapters = tuple(WeightedAdapter(f"e{n}", 0.5) for n in range(count))
            switched.append((await ask(adapters))[0])
            samples = []
            for _ in range(3):
                first, each = await ask(adapters)
                kept.append(first)
                samples.append(each)
            rows.append(row(f"0.5B, one thread, {count} adapters: a token", samples, ""))
        rows.append(row("first token, 35-token prompt, behind a change of adapters", switched, ""))
        rows.append(row("first token, the same adapters and prompt again", kept, ""))
        return rows
    finally:
        await backend.aclose()
