"""The lines of a stream on standard input, as they come."""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Iterator

LONGEST_LINE = 4_000_000
"""Bytes; a longer line is read as several, each of which is then no JSON."""


def batches(most: int) -> Iterator[list[tuple[int, bytes]]]:
    """The lines that are there, with their numbers from 1, at most ``most`` at a time; blank ones are passed over.

    A slow writer gets each answer at once, a fast one's lines are worked on together.
    """
    lines: queue.Queue[tuple[int, bytes] | None] = queue.Queue(maxsize=4 * most)

    def read() -> None:
        number = 0
        while line := sys.stdin.buffer.readline(LONGEST_LINE):
            number += 1
            if line.strip():
                lines.put((number, line))
        lines.put(None)

    threading.Thread(target=read, name="standard input", daemon=True).start()
    while (first := lines.get()) is not None:
        batch = [first]
        while len(batch) < most:
            try:
                following = lines.get_nowait()
            except queue.Empty:
                break
            if following is None:
                yield batch
                return
            batch.append(following)
        yield batch
