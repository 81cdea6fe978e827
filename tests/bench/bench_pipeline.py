"""What one answer costs beside the model and the tools: routing, recall, examples, reading, rules, remembering."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from dataclasses import replace

from rows import Row, row

from kiki_core import config as configuration
from kiki_core import pipeline
from kiki_core.app import open_kiki
from kiki_core.backends.protocol import Capabilities, Piece, Request
from kiki_core.deliberation import tally
from kiki_core.deliberation.model import Ballot, Dossier, Fact
from kiki_core.events import Answer
from kiki_core.pipeline import Question

DRAFT = (
    "The corner is 1 kHz.\n```spice\n* RC\nV1 in 0 AC 1\nR1 in out 15.9k\nC1 out 0 10n\n.ac dec 50 10 100k\n.end\n```\n"
)


_NO = frozenset({"total", "first_token"})


class Instant:
    """A model that takes no time."""

    name = "instant"
    capabilities = Capabilities(0, False, True, False, False, 8192)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        for start in range(0, len(DRAFT), 4):
            yield Piece(DRAFT[start : start + 4])
        yield Piece("", 700, 60)

    async def aclose(self) -> None:
        pass


async def _samples(times: int, plans: bool = False) -> dict[str, list[float]]:
    """Seconds of each step of an answer; ``rest``: of what is no step; ``cpu``: of the whole process."""
    kiki = open_kiki(configuration.load())
    found: dict[str, list[float]] = {}
    try:
        parts = replace(kiki.parts, backend=Instant())
        settings = parts.config.pipeline.model_copy(update={"plans": plans})
        parts = replace(parts, config=parts.config.model_copy(update={"pipeline": settings}))
        for number in range(times):
            # As between a person's questions: what was remembered last is encoded when nobody asks.
            encoding = time.process_time()
            await asyncio.to_thread(parts.memory.encode_pending)
            found.setdefault("encoding", []).append(time.process_time() - encoding)
            started = time.process_time()
            async for event in pipeline.ask(Question(f"RC low-pass number {number}, corner at 1 kHz"), parts):
                if isinstance(event, Answer) and number:
                    steps = {name: ms / 1e3 for name, ms in event.timings_ms.items() if name != "first_token"}
                    total = steps.pop("total")
                    steps["all"] = (
                        total - steps.pop("verify", 0.0) - steps.pop("deliberate", 0.0) - steps.pop("plan", 0.0)
                    )
                    steps["rest"] = total - sum(event.timings_ms[name] for name in event.timings_ms.keys() - _NO) / 1e3
                    steps["cpu"] = time.process_time() - started
                    for name, seconds in steps.items():
                        found.setdefault(name, []).append(seconds)
    finally:
        await kiki.aclose()
    return found


def _rules() -> list[float]:
    """Seconds of one ruling on eight candidates and 32 votes."""
    facts = tuple(Fact(str(n), f"fact {n}", n % 2 == 0) for n in range(8))
    dossiers = [Dossier(n, f"deck {n}", facts, True, (1.0,), 1, 1) for n in range(8)]
    ballots = [Ballot(f"p{n % 4}", n % 8, "KEEP" if n % 3 else "REFUSE", ("0",), "") for n in range(32)]
    found = []
    for _ in range(200):
        start = time.perf_counter()
        tally.ruled("q", dossiers, [tally.valid(each, dossiers) for each in ballots])
        found.append(time.perf_counter() - start)
    return found


def benchmarks() -> list[Row]:
    home = os.environ.get("KIKI_HOME")
    with tempfile.TemporaryDirectory(prefix="kiki-bench-") as folder:
        os.environ["KIKI_HOME"] = folder
        try:
            found = asyncio.run(_samples(30))
            planned = asyncio.run(_samples(15, plans=True))
        finally:
            del os.environ["KIKI_HOME"]
            if home is not None:
                os.environ["KIKI_HOME"] = home
    return [
        row("answer: without model and tools", found["all"], "60 ms"),
        *(
            row(f"answer: of that, {name}", found[name], "")
            for name in ("route", "recall", "remember", "draft", "rest")
        ),
        row("answer: CPU time, reading the tools' data included", found["cpu"], ""),
        row("answer by a plan: CPU time, planning and reading the tools' data included", planned["cpu"], ""),
        row("answer: CPU time afterwards, encoding what was remembered", found["encoding"][2:], ""),
        row("panel: one ruling on 8 candidates, 32 votes", _rules(), ""),
    ]
