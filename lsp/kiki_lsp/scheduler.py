"""When a document is analysed: one run per file at a time, obsolete ones dropped, a short adaptive wait."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from statistics import median

MAX_WAIT_S = 0.05


class Scheduler:
    """Runs ``analyse(path)`` after the edits of a file pause."""

    def __init__(self, analyse: Callable[[str], Awaitable[None]]) -> None:
        self._analyse = analyse
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._times: deque[float] = deque(maxlen=7)

    def request(self, path: str, *, at_once: bool = False) -> None:
        """Analyse the file soon; a run in progress is followed by exactly one more."""
        task = self._tasks.get(path)
        if task is not None and not task.done():
            self._again.add(path)
            return
        self._tasks[path] = asyncio.get_running_loop().create_task(self._run(path, at_once))

    async def _run(self, path: str, at_once: bool) -> None:
        while True:
            if not at_once:
                # As clangd: wait about as long as an analysis takes, so typing costs at most twice the work.
                await asyncio.sleep(min(median(self._times), MAX_WAIT_S) if self._times else 0)
            at_once = False
            self._again.discard(path)
            started = time.perf_counter()
            await self._analyse(path)
            self._times.append(time.perf_counter() - started)
            if path not in self._again:
                del self._tasks[path]
                return
