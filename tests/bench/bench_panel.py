"""The panel against best-of-K and self-correction at matched cost, on the embedded model.

Run by name (`make bench BENCH=bench_panel`). Generations are kept under ``$KIKI_PANEL_CACHE`` (default: a folder of the
temporary files) and found again, so that a run goes on where the last one stopped. Questions are such that no kit plans
them away (plans are off); each has a check that the pipeline doesn't know, on the waveforms of its final netlist.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rows import Row

from kiki_core import config as configuration
from kiki_core import pipeline
from kiki_core.app import open_kiki
from kiki_core.backends.protocol import Backend, Capabilities, Piece, Request
from kiki_core.events import Answer, Artefact, Ruling
from kiki_core.pipeline import Question
from kiki_core.verification import check_deck
from kiki_tools.spice.ngspice import Analysis

_LOCK = os.environ.get("KIKI_BENCH_LOCK", "")
"""A file that others lock too before heavy work; empty: none."""


def _curve(analyses: Sequence[Analysis], kind: str, name: str = "v(out)") -> Any:
    found = next((a for a in analyses if a.kind == kind and name in a.vectors), None)
    return None if found is None else found.vectors[name].values


def _level(low: float, high: float) -> Callable[[Sequence[Analysis]], bool]:
    """Whether out rests between two voltages, by .op, else by the end of .tran."""

    def judged(analyses: Sequence[Analysis]) -> bool:
        values = _curve(analyses, "op")
        values = _curve(analyses, "tran") if values is None else values
        return values is not None and low <= float(values[-1].real) <= high

    return judged


def _gain(low: float, high: float) -> Callable[[Sequence[Analysis]], bool]:
    """Whether the largest gain over frequency is between two factors."""

    def judged(analyses: Sequence[Analysis]) -> bool:
        out, source = _curve(analyses, "ac"), _curve(analyses, "ac", "v(in)")
        if out is None or source is None:
            return False
        peak = float(np.abs(out / np.where(source == 0, 1, source)).max())
        return low <= peak <= high

    return judged


def _falls(analyses: Sequence[Analysis]) -> bool:
    out = _curve(analyses, "ac")
    return out is not None and float(abs(out[0])) > 0.5 and float(abs(out[-1])) < 0.5 * float(abs(out[0]))


def _rises(analyses: Sequence[Analysis]) -> bool:
    out = _curve(analyses, "ac")
    return out is not None and float(abs(out[-1])) > 0.5 and float(abs(out[0])) < 0.5 * float(abs(out[-1]))


def _one_sided(analyses: Sequence[Analysis]) -> bool:
    out = _curve(analyses, "tran")
    return out is not None and float(out.real.min()) > -0.2 and float(np.ptp(out.real)) > 0.2


def _clamped(analyses: Sequence[Analysis]) -> bool:
    out = _curve(analyses, "tran")
    return out is not None and 0.3 < float(np.abs(out.real).max()) < 1.2


ITEMS: tuple[tuple[str, Callable[[Sequence[Analysis]], bool]], ...] = (
    ("A circuit that halves a 10 V supply with two resistors", _level(4.5, 5.5)),
    ("Let only slow signals through: resistor and capacitor, for a sensor", _falls),
    ("Block the DC of an audio signal and keep what is above 20 Hz", _rises),
    ("Half-wave rectifier with one diode on a 5 V sine at 50 Hz", _one_sided),
    ("Emitter follower from a 9 V supply", _gain(0.7, 1.1)),
    ("Op-amp buffer in front of an ADC", _gain(0.9, 1.1)),
    ("An op-amp that makes a microphone's signal ten times as large", _gain(9, 11)),
    ("Clip a 5 V sine to one diode drop in both directions", _clamped),
    ("Zener reference of about 5 V from 12 V", _level(4, 6)),
    ("A quarter of a 12 V battery's voltage, for an ADC", _level(2.7, 3.3)),
    ("Common-emitter stage with a noticeable gain", _gain(2, 1e5)),
    ("Wheatstone bridge at balance, both midpoints at half of 5 V", _level(2.3, 2.7)),
)


@dataclass(frozen=True)
class Kept:
    """A backend whose answers are kept on the disk by their requests."""

    backend: Backend
    folder: Path

    @property
    def name(self) -> str:
        return self.backend.name

    @property
    def capabilities(self) -> Capabilities:
        return self.backend.capabilities

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        key = hashlib.sha256(json.dumps(asdict(request), sort_keys=True).encode()).hexdigest()[:24]
        file = self.folder / f"{key}.json"
        if not file.exists():
            pieces: list[Piece] = []
            with _locked():
                async with aclosing(self.backend.generate(request)) as stream:
                    async for piece in stream:
                        pieces.append(piece)
            text = "".join(piece.text for piece in pieces)
            prompt = sum(piece.prompt_tokens or 0 for piece in pieces)
            answer = sum(piece.completion_tokens or 0 for piece in pieces)
            file.write_text(json.dumps({"text": text, "prompt": prompt, "answer": answer}))
        kept = json.loads(file.read_text())
        yield Piece(kept["text"], kept["prompt"], kept["answer"])

    async def aclose(self) -> None:
        await self.backend.aclose()


_held: list[Any] = []
_HOLD_S = 120.0


@contextlib.contextmanager
def _locked() -> Any:
    """Holds the lock for some generations in a row, then lets others."""
    if _LOCK and not _held:
        file = open(_LOCK, "a")  # noqa: SIM115
        fcntl.flock(file, fcntl.LOCK_EX)
        _held.extend([file, time.monotonic()])
    yield
    if _held and time.monotonic() - _held[1] > _HOLD_S:
        _held[0].close()
        _held.clear()


ARMS: dict[str, tuple[dict[str, Any], int]] = {
    "single draft": ({"repairs": 0, "panel": "off", "catfish": "off"}, 1),
    "best of 3 by evidence": ({"repairs": 0, "panel": "off", "catfish": "off"}, 3),
    "self-correction, 2 repairs": ({"repairs": 2, "panel": "off", "catfish": "off"}, 1),
    "self-correction + catfish": ({"repairs": 2, "panel": "off", "catfish": "auto"}, 1),
    "panel of 2 drafts + catfish": ({"repairs": 1, "panel": "always", "catfish": "auto"}, 2),
}


@dataclass(frozen=True)
class Outcome:
    verified: bool
    right: bool
    tokens: int
    votes: int
    moved: bool


async def _asked(text: str, right: Callable[[Sequence[Analysis]], bool], made_with: Any, arm: str) -> Outcome:
    limits, candidates = ARMS[arm]
    settings = made_with.config.pipeline.model_copy(update={"plans": False, "max_tokens": 350, **limits})
    parts = replace(made_with, config=made_with.config.model_copy(update={"pipeline": settings}))
    answer, votes, moved = Answer("", None), 0, False
    async for event in pipeline.ask(Question(text, memory=False, candidates=candidates), parts):
        if isinstance(event, Ruling):
            votes += sum(sum(count.values()) for count in event.tally.values())
            moved = moved or event.refused or event.by in ("consensus", "attending", "arbitration", "measurement")
        if isinstance(event, Answer):
            answer = event
    holds = False
    if answer.artefacts and answer.artefacts[0].language == "spice":
        simulation = (await check_deck(Artefact("x", "spice", answer.artefacts[0].text, None), 0)).simulation
        holds = simulation is not None and right(simulation.analyses)
    return Outcome(answer.verified is True, holds, sum(answer.usage.values()), votes, moved)


async def _all(most: int) -> dict[str, list[Outcome]]:
    folder = Path(os.environ.get("KIKI_PANEL_CACHE", Path(tempfile.gettempdir(), "kiki-panel-cache")))
    folder.mkdir(parents=True, exist_ok=True)
    kiki = open_kiki(configuration.load())
    found: dict[str, list[Outcome]] = {arm: [] for arm in ARMS}
    try:
        parts = replace(kiki.parts, backend=Kept(kiki.parts.backend, folder))
        for text, right in ITEMS[:most]:
            for arm in ARMS:
                found[arm].append(await _asked(text, right, parts, arm))
                print(arm, found[arm][-1], text, file=sys.stderr, flush=True)
    finally:
        await kiki.aclose()
    return found


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    share, total = hits / of, 1 + z * z / of
    middle, half = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / total, (middle + half) / total


def benchmarks() -> list[Row]:
    found = asyncio.run(_all(int(os.environ.get("KIKI_PANEL_ITEMS", len(ITEMS)))))
    rows = []
    for arm, outcomes in found.items():
        count = len(outcomes)
        for what, hits in (("verified", sum(o.verified for o in outcomes)), ("right", sum(o.right for o in outcomes))):
            low, high = wilson(hits, count)
            rows.append(Row(f"{arm}: {what} of {count}", 100 * hits / count, 100 * high, "%", f"from {100 * low:.0f}"))
        tokens = [o.tokens for o in outcomes]
        rows.append(Row(f"{arm}: tokens", sum(tokens) / count, max(tokens), "", ""))
        rows.append(Row(f"{arm}: votes", sum(o.votes for o in outcomes) / count, 0, "", ""))
    return rows
