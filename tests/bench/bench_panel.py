"""The panel against best-of-K, self-consistency and self-correction at like cost, on the embedded model.

Run by name (`make bench BENCH=bench_panel`); `KIKI_PANEL_SLOTS=4` starts a server that answers four requests at once,
`KIKI_PANEL_ITEMS=6` takes the first six questions, `KIKI_PANEL_SECONDS=400` ends after that time. Generations are kept
under ``$KIKI_PANEL_CACHE`` (default: a folder of the temporary files), so that a run goes on where the last one ended.
Questions are such that no kit plans them away (plans are off); each has a check that the pipeline doesn't know, on the
waveforms of its final netlist. All arms begin with the same first draft, so what changes against it is by pairs.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from rows import Row

sys.path.insert(0, str(Path(__file__).parent / "answers"))
from ablation import serving
from keeping import Kept
from run import wilson

from kiki_core import artefacts, pipeline
from kiki_core import config as configuration
from kiki_core.app import open_kiki
from kiki_core.backends.protocol import Capabilities, Piece, Request
from kiki_core.events import Answer, Artefact, Ruling
from kiki_core.pipeline import Parts, Question
from kiki_core.verification import check_deck
from kiki_tools.spice.ngspice import Analysis

Right = Callable[[Sequence[Analysis]], bool]


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


@dataclass
class Watched:
    """A backend that remembers what it was asked."""

    kept: Kept
    asked: list[Request] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.kept.name

    @property
    def capabilities(self) -> Capabilities:
        return self.kept.capabilities

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.asked.append(request)
        async with aclosing(self.kept.generate(request)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        pass


_DRAFTS = 3
_OFF: dict[str, Any] = {
    "repairs": 0,
    "panel": "off",
    "catfish": "off",
    "plans": False,
    "max_tokens": 350,
    "debias": "off",
}
SINGLE, CONSISTENT = "single draft", "self-consistency of 3"
ARMS: dict[str, tuple[dict[str, Any], int]] = {
    SINGLE: (_OFF, 1),
    "best of 3 by evidence": (_OFF, _DRAFTS),
    CONSISTENT: (_OFF, 1),
    "self-correction, 2 repairs": (_OFF | {"repairs": 2}, 1),
    "2 drafts, 1 repair": (_OFF | {"repairs": 1}, 2),
    "the same with the panel": (_OFF | {"repairs": 1, "panel": "always", "catfish": "auto"}, 2),
    "1 draft, 1 repair": (_OFF | {"repairs": 1}, 1),
    "the same with panel and dissent": (_OFF | {"repairs": 1, "panel": "always", "catfish": "auto"}, 1),
}
"""What an arm changes in the pipeline, and its drafts. "The same with …" is to be compared with the row above it."""


@dataclass(frozen=True)
class Outcome:
    """What came of a question: the pipeline's word, the judge's, the tokens generated and those read, the votes."""

    verified: bool
    right: bool
    tokens: int
    read: int
    votes: int


async def _right(deck: str | None, right: Right) -> bool:
    if deck is None:
        return False
    simulation = (await check_deck(Artefact("x", "spice", deck, None), 0)).simulation
    return simulation is not None and right(simulation.analyses)


async def _asked(text: str, right: Right, parts: Parts, kept: Kept, arm: str) -> Outcome:
    limits, candidates = ARMS[arm]
    watched = Watched(kept)
    settings = parts.config.pipeline.model_copy(update=limits)
    parts = replace(parts, backend=watched, config=parts.config.model_copy(update={"pipeline": settings}))
    answer, votes = Answer("", None), 0
    async for event in pipeline.ask(Question(text, memory=False, candidates=candidates), parts):
        if isinstance(event, Ruling):
            votes += sum(sum(count.values()) for count in event.tally.values())
        if isinstance(event, Answer):
            answer = event
    decks = [one.text for one in answer.artefacts if one.language == "spice"]
    if arm == CONSISTENT:
        return await _consistent(watched.asked[0], right, kept)
    found = await _right(decks[0] if decks else None, right)
    usage = answer.usage
    return Outcome(answer.verified is True, found, usage["completion_tokens"], usage["prompt_tokens"], votes)


async def _consistent(first: Request, right: Right, kept: Kept) -> Outcome:
    """The draft whose cards most drafts have, the earliest of these: no tool is asked."""
    decks, tokens, read = [], 0, 0
    for attempt in range(_DRAFTS):
        request = replace(first, temperature=first.temperature + 0.25 * attempt, seed=(first.seed or 0) + attempt)
        async for piece in kept.generate(request):
            tokens, read = tokens + (piece.completion_tokens or 0), read + (piece.prompt_tokens or 0)
            decks += [one.text for one in artefacts.find(piece.text) if one.language == "spice"][:1]
    cards = [" ".join(sorted(deck.lower().split())) for deck in decks]
    most = Counter(cards).most_common(1)
    return Outcome(False, await _right(decks[cards.index(most[0][0])] if most else None, right), tokens, read, 0)


async def _all(items: Sequence[tuple[str, Right]], slots: int) -> dict[str, list[Outcome]]:
    """The outcomes of the questions that were asked in all arms."""
    folder = Path(os.environ.get("KIKI_PANEL_CACHE", Path(tempfile.gettempdir(), "kiki-panel-cache")))
    end = time.monotonic() + float(os.environ.get("KIKI_PANEL_SECONDS") or math.inf)
    config = configuration.load()
    kiki = open_kiki(config)
    free = asyncio.Semaphore(max(1, slots))
    kept = Kept(kiki.parts.backend, folder, config.models.name)

    async def one(text: str, right: Right) -> dict[str, Outcome]:
        async with free:
            found = {}
            for arm in ARMS:
                try:
                    async with asyncio.timeout(None if end == math.inf else max(0.0, end - time.monotonic())):
                        found[arm] = await _asked(text, right, kiki.parts, kept, arm)
                except TimeoutError:
                    return {}
                print(arm, found[arm], text, file=sys.stderr, flush=True)
            return found

    try:
        asked = [found for found in await asyncio.gather(*(one(*item) for item in items)) if found]
    finally:
        await kiki.aclose()
    return {arm: [found[arm] for found in asked] for arm in ARMS}


def benchmarks() -> list[Row]:
    """For each arm: shares, tokens against the single draft, and what it changed of the single draft's answers."""
    slots = int(os.environ.get("KIKI_PANEL_SLOTS", 0))
    with serving(slots, int(os.environ.get("KIKI_PANEL_THREADS", os.cpu_count() or 1))) as environment:
        os.environ.update(environment)
        found = asyncio.run(_all(ITEMS[: int(os.environ.get("KIKI_PANEL_ITEMS", len(ITEMS)))], slots))
    rows: list[Row] = []
    single = found[SINGLE]
    for arm, outcomes in found.items():
        count = len(outcomes)
        if not count:
            return [Row("no question is asked in all arms yet", 0, 0, "", "")]
        for what, hits in (("verified", sum(o.verified for o in outcomes)), ("right", sum(o.right for o in outcomes))):
            low, high = wilson(hits, count)
            told = f"{100 * low:.0f} to {100 * high:.0f}"
            rows.append(Row(f"{arm}: {what} of {count}", 100 * hits / count, 100 * high, "%", told))
        pairs = list(zip(single, outcomes, strict=True))
        rows.append(Row(f"{arm}: corrected", sum(b.right and not a.right for a, b in pairs), 0, "", ""))
        rows.append(Row(f"{arm}: wrongly changed", sum(a.right and not b.right for a, b in pairs), 0, "", "0"))
        ratio = sum(o.tokens for o in outcomes) / max(1, sum(o.tokens for o in single))
        most = max(b.tokens / max(1, a.tokens) for a, b in pairs)
        rows.append(Row(f"{arm}: tokens generated, times the single draft's", ratio, most, "", ""))
        whole = sum(o.tokens + o.read for o in outcomes) / max(1, sum(o.tokens + o.read for o in single))
        rows.append(Row(f"{arm}: tokens generated and read, times", whole, 0, "", ""))
        rows.append(Row(f"{arm}: votes", sum(o.votes for o in outcomes) / count, 0, "", ""))
    return rows
