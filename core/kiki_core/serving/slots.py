"""How many answers are made at once, and how many requests may wait for that."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kiki_core.serving.errors import ApiError

_FIRST_GUESS_S = 10.0
_SMOOTHING = 0.3


class Slots:
    """First come, first served; who finds the queue full is told when to come again."""

    def __init__(self, running: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(running)
        self._most = running + waiting
        self._width = running
        self._mean_s = _FIRST_GUESS_S
        self.running = 0
        self.waiting = 0

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Waits for a slot and holds it.

        Raises:
            ApiError: 429 with Retry-After, if the queue is full.
        """
        if self.running + self.waiting >= self._most:
            told = f"{self.running} answers are being made and {self.waiting} requests wait; try again later"
            raise ApiError(429, told, "rate_limit_error", "queue_full", headers={"Retry-After": str(self.retry_after)})
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.running += 1
        start = time.monotonic()
        try:
            yield
        finally:
            self.running -= 1
            self._mean_s += _SMOOTHING * (time.monotonic() - start - self._mean_s)
            self._free.release()

    @property
    def retry_after(self) -> int:
        """Whole seconds until a place in the queue should be free, from how long answers took lately."""
        return max(1, min(300, math.ceil(self._mean_s / self._width)))
