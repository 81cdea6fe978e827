"""Training on the embedded base: a step with a shipped expert's recipe, and what an expert costs while it answers.

Run by name (`make bench BENCH=bench_training`), about three minutes. Steps need the extra `train`.
"""

import asyncio
import time
from collections.abc import Sequence
from importlib.util import find_spec

import numpy as np
from rows import Row, row

from kiki_core.adapters.base import base_of
from kiki_core.adapters.cache import as_gguf
from kiki_core.adapters.shipped import shipped
from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.config import BackendSettings, Config
from kiki_core.models.store import sha256_of
from kiki_core.training.engine import Encoded, Setting, open_engine
from kiki_core.training.planning import located
from kiki_core.training.recipes import recipe

_BASE = "qwen2.5-coder-0.5b"
_TOKENS = 48
_TIMES = 3


def benchmarks() -> list[Row]:
    return [*_steps(), *asyncio.run(_answering())]


def _steps() -> list[Row]:
    if missing := [name for name in ("torch", "transformers", "peft") if find_spec(name) is None]:
        return [Row(f"a step of training: no {', '.join(missing)} (the extra `train`)", np.nan, np.nan, "s", "")]
    base, weights = located(_BASE)
    rows = []
    batches: Sequence[tuple[str, list[Encoded]]] = (
        ("a step of 256 tokens, 200 answered", [_random(0, 256, 200)]),
        ("a step of 4 pairs of 100 tokens, 45 answered", [_random(seed, 100, 45) for seed in range(4)]),
    )
    for domain in ("spice-sim", "kicad-dsl"):
        chosen = recipe(domain, "small")
        engine = open_engine("torch", Setting(str(weights), base.name, base.architecture, chosen, 1, base.blocks))
        for name, batch in batches:
            engine.step(batch, 1e-4)
            samples = []
            for _ in range(_TIMES):
                start = time.process_time()
                engine.step(batch, 1e-4)
                samples.append(time.process_time() - start)
            told = f"{name}, rank {chosen.rank}, {chosen.layers} layers, one thread, CPU"
            if told not in {one.name for one in rows}:
                rows.append(row(told, samples, ""))
    return rows


def _random(seed: int, tokens: int, answered: int) -> Encoded:
    """A pair of any words behind a common beginning, as the chat template gives one."""
    random = np.random.default_rng(seed)
    return Encoded((*range(24), *random.integers(0, 150_000, tokens - 24).tolist()), tokens - answered)


async def _answering() -> list[Row]:
    """Milliseconds a token of the bare base, and with each expert that comes with kiki."""
    base = base_of(_BASE)
    files = {name: as_gguf(one.weights, sha256_of(one.weights), base) for name, one in shipped().items()}
    backend = LlamaCppBackend(Config(backend=BackendSettings(threads=1, context=1024)), files)

    async def ask(adapters: tuple[WeightedAdapter, ...]) -> float:
        """Seconds a token, behind the first."""
        words = (Message("user", "Write a poem on resistors, as long as you can."),)
        request = Request(words, max_tokens=_TOKENS, temperature=0.0, adapters=adapters)
        first, pieces = 0.0, 0
        async for piece in backend.generate(request):
            first = first or time.perf_counter()
            pieces += bool(piece.text)
        return (time.perf_counter() - first) / max(1, pieces - 1)

    try:
        await ask(())
        rows = [row("the base alone: a token, one thread", [await ask(()) for _ in range(_TIMES)], "")]
        for name in files:
            samples = [await ask((WeightedAdapter(name, 1.0),)) for _ in range(_TIMES)]
            rows.append(row(f"with the expert {name}: a token", samples, ""))
        return rows
    finally:
        await backend.aclose()
