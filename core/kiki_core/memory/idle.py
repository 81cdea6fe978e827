"""Consolidation while nobody asks: `kiki memory compact` in a process of its own, at the lowest priority."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Sequence

COMPACT = (sys.executable, "-m", "kiki_core.cli", "memory", "compact", "--seconds", "60")
"""One round: bounded in time; the store's lock lets only one process do it."""


class IdleConsolidation:
    """Runs one round each time that a front end has been idle for ``after_s`` seconds; 0: never.

    The front end says `busy` at each sign of life, calls `tick` now and then, and `stop` at its end. A sign of life
    ends a round under way: what it has done is kept, the rest waits for the next one.
    """

    def __init__(self, after_s: float, command: Sequence[str] = COMPACT) -> None:
        self._after_s = after_s
        self._command = command
        self._since = time.monotonic()
        self._done = False
        self._process: asyncio.subprocess.Process | None = None

    @property
    def running(self) -> bool:
        """Whether a round is under way."""
        return self._process is not None and self._process.returncode is None

    def busy(self) -> None:
        """Somebody works: starts the wait anew, and ends a round under way."""
        self._since, self._done = time.monotonic(), False
        self.stop()

    async def tick(self) -> None:
        """Starts a round if the front end has been idle for long enough and none was done since."""
        if not self._after_s or self._done or self.running or time.monotonic() - self._since < self._after_s:
            return
        self._done = True
        nothing = asyncio.subprocess.DEVNULL
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=nothing, stdout=nothing, stderr=nothing, preexec_fn=_yield_to_others
        )

    def stop(self) -> None:
        """Ends a round under way."""
        if self.running and self._process is not None:
            self._process.terminate()
        self._process = None


def _yield_to_others() -> None:
    os.nice(19)
