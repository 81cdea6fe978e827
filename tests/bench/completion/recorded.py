"""A backend that remembers what the model said and when, so that a bench can be stopped, continued and judged anew."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, replace
from pathlib import Path

from kiki_core.backends.protocol import Fill, Fills, Piece

KEPT = Path("/tmp/kiki-completion")


class Recorded:
    """Says what was said to the same request before, as slowly as then; else asks the model, with the window read.

    The window is read before each request that the model sees: that is the state an editor keeps it in. ``pace``: of
    the recorded times; 0 says all at once.
    """

    def __init__(self, model: Fills, name: str, pace: float = 1.0) -> None:
        self._model, self._name, self._pace = model, name, pace
        self._window = ("", "")
        self.said: list[str] = []
        """The texts since it was last emptied."""
        KEPT.mkdir(exist_ok=True)

    async def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        """The pieces, recorded or new."""
        self.said.append("")
        file = self._file(request)
        if file.exists():
            record = json.loads(file.read_text())
            before = 0.0
            for at, text, finish in record["pieces"]:
                await asyncio.sleep((at - before) * self._pace)
                before = at
                self.said[-1] += text
                yield Piece(text, finish=finish)
            if not record["ended"]:
                await asyncio.sleep(3600)  # whoever listened then stopped here
            return
        await self._read(request)
        pieces: list[tuple[float, str, str | None]] = []
        ended, started = False, time.perf_counter()
        try:
            async with aclosing(self._model.fill(request)) as said:
                async for piece in said:
                    pieces.append((round(time.perf_counter() - started, 4), piece.text, piece.finish))
                    self.said[-1] += piece.text
                    yield piece
            ended = True
        finally:
            if pieces or ended:
                file.write_text(json.dumps({"pieces": pieces, "ended": ended}))

    async def _read(self, request: Fill) -> None:
        """Lets the model read a window up to the line of the place."""
        window = (request.before[: request.before.rfind("\n") + 1], request.behind)
        if window == self._window:
            return
        self._window = window
        reading = replace(request, before=window[0], max_tokens=1, grammar="")
        started = time.perf_counter()
        async with aclosing(self._model.fill(reading)) as said:
            async for _ in said:
                pass
        file = self._file(reading).with_suffix(".cold")
        if not file.exists():
            file.write_text(str(time.perf_counter() - started))

    def cold_s(self, request: Fill) -> float | None:
        """What reading the window of a request took when it was new; null if the model never did."""
        window = request.before[: request.before.rfind("\n") + 1]
        file = self._file(replace(request, before=window, max_tokens=1, grammar="")).with_suffix(".cold")
        return float(file.read_text()) if file.exists() else None

    def _file(self, request: Fill) -> Path:
        told = json.dumps([self._name, asdict(request)], sort_keys=True)
        return KEPT / f"{hashlib.sha256(told.encode()).hexdigest()[:24]}.json"
