"""A row of the benchmark table, and how its samples are taken."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """Median and 95th percentile of one measurement; ``ratio`` is against the peer in the same run."""

    name: str
    median: float
    p95: float
    unit: str
    goal: str
    peer: str = ""
    ratio: float | None = None


def seconds(work: Callable[[], object], times: int) -> list[float]:
    samples = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        samples.append(time.perf_counter() - start)
    return samples


def row(name: str, samples: list[float], goal: str, peer: tuple[str, list[float]] | None = None) -> Row:
    median = statistics.median(samples)
    p95 = sorted(samples)[min(len(samples) - 1, int(0.95 * len(samples)))]
    if peer is None:
        return Row(name, median * 1e3, p95 * 1e3, "ms", goal)
    return Row(name, median * 1e3, p95 * 1e3, "ms", goal, peer[0], median / statistics.median(peer[1]))
