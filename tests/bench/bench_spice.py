"""SPICE in an editor: a first analysis, an edit to its diagnostics, and requests, by the size of the file."""

import random
import time
import tracemalloc

from rows import Row, row

from kiki_tools.language import Workspace
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Edit, Position, Snapshot, Span

EMPTY = Workspace()


def deck(megabytes: float) -> Snapshot:
    """A ladder with some subcircuit calls, models and parameters in between."""
    count = int(megabytes * 19_000)
    lines = [
        f"R{i} n{i} n{i + 1} 1k\nC{i} n{i} 0 {i % 90 + 10}p\n" + (f"X{i} n{i} n{i + 1} cell\n" if i % 5 == 0 else "")
        for i in range(count)
    ]
    head = "* ladder\n.param load=1k\n.subckt cell a b\nR1 a m {load}\nC1 m b 1n\nR2 b 0 1meg\n.ends\nV1 n0 0 1\n"
    return Snapshot(head + "".join(lines) + ".op\n.end\n", "/tmp/ladder.cir")


def _edits(snapshot: Snapshot, times: int) -> tuple[Snapshot, list[float]]:
    chance = random.Random(1)
    samples = []
    for number in range(times):
        line = chance.randrange(20, snapshot.line_count - 20)
        start = snapshot.line_start(line)
        span = snapshot.line_span(line)
        edit = [
            Edit(Span(span.end, span.end), "5"),  # a value
            Edit(Span(start, start), f"R9{number} n{line} 0 2k\n"),  # a device
            Edit(Span(start, start + 1), "?"),  # a typing mistake
        ][number % 3]
        began = time.perf_counter()
        snapshot = snapshot.edited([edit])
        SPICE.diagnostics(snapshot, EMPTY, patient=False)
        samples.append(time.perf_counter() - began)
    return snapshot, samples


def benchmarks() -> list[Row]:
    rows = []
    for size in (1, 5):
        snapshot = deck(size)
        began = time.process_time()
        SPICE.diagnostics(snapshot, EMPTY)
        first = time.process_time() - began
        megabytes = snapshot.length / 1e6
        rows.append(
            Row(
                f"first analysis of {megabytes:.1f} MB, CPU",
                first * 1e3,
                first * 1e3,
                "ms",
                "<= 500 ms" if size == 1 else "",
            )
        )
        snapshot, edits = _edits(snapshot, 90)
        rows.append(row(f"one-line edit to diagnostics, {megabytes:.1f} MB", edits, "p95 <= 30 ms"))
        place = snapshot.offset(Position(snapshot.line_count // 2, 6))
        for name, ask in (("hover", SPICE.hover), ("completion", SPICE.completions), ("definition", SPICE.definition)):
            samples = []
            for _ in range(20):
                began = time.perf_counter()
                ask(snapshot, place, EMPTY)
                samples.append(time.perf_counter() - began)
            rows.append(row(f"{name}, {megabytes:.1f} MB", samples, "p95 <= 20 ms"))
    text = deck(10).text
    tracemalloc.start()
    snapshot = Snapshot(text, "/tmp/large.cir")
    SPICE.diagnostics(snapshot, EMPTY)
    used = tracemalloc.get_traced_memory()[0] / len(text)
    tracemalloc.stop()
    rows.append(Row("memory per byte of a 10 MB netlist", used, used, "bytes", "<= 25"))
    return rows
