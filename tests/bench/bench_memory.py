"""What memory costs: recall at growing sizes, against exact search, writes, opening, disk, files, memory.

Run by name (`make bench BENCH=bench_memory`): two to three minutes. Vectors are made, not encoded (an episode costs
the encoder
about 50 ms): mixtures of the vectors of real sentences, with noise. The recall row adds the real encoder's time for
the question.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dialogues import ALL
from rows import Row, row, seconds

from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Memory, Query
from kiki_core.memory.index import Index

SIZES = tuple(int(size) for size in os.environ.get("KIKI_SIZES", "1000,10000,100000").split(","))
QUESTIONS = [text for _, asked in ALL for _, _, text, *_ in asked]
SENTENCES = [turn[3] for turns, _ in ALL for turn in turns]


class Made(Encoder):
    """Vectors of questions by the real encoder, once; all others are put in by hand."""

    def __init__(self) -> None:
        real = Encoder()
        self.costs = []
        self.known = {}
        for text in [*QUESTIONS, *SENTENCES]:
            start = time.perf_counter()
            self.known[text] = real.encode([text])[0]
            self.costs.append(time.perf_counter() - start)

    def encode(self, texts: Sequence[str]) -> Any:
        nothing = next(iter(self.known.values()))
        return np.array([self.known.get(text, nothing) for text in texts])


def benchmarks() -> list[Row]:
    encoder = Made()
    encoding = statistics.median(encoder.costs)
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            rows += _at(size, Path(folder) / "memory", encoder, encoding)
    return rows


def _at(size: int, folder: Path, encoder: Made, encoding: float) -> list[Row]:
    random.seed(size)
    memory = Memory(folder, encoder)
    bulk = _fill(memory, size, encoder)
    at = f"{size:,} episodes"
    rows = [Row(f"bulk writes per second, {at}", bulk, bulk, "/s", ">= 300")]
    memory.close()
    opening = _child(folder, "memory.files.read(lambda index: None)")
    rows.append(Row(f"open, {at}", opening[0], opening[0], "ms", "<= 50"))
    rows.append(
        Row(f"resident memory after recalls with the real encoder, {at}", opening[1], opening[1], "MB", "<= 400")
    )
    first = seconds(lambda: memory.search(Query(QUESTIONS[0], 10, project="")), 1)
    rows.append(row(f"first recall of a process, {at}", first, ""))
    warm = [
        one + encoding
        for question in QUESTIONS
        for one in seconds(lambda question=question: memory.search(Query(question, 10, project="")), 4)
    ]
    rows.append(row(f"recall with the question's encoding ({encoding * 1e3:.0f} ms), {at}", warm, "<= 20, p95 <= 50"))
    start = time.process_time()
    for question in QUESTIONS:
        memory.search(Query(question, 10, project=""))
    used = (time.process_time() - start) / len(QUESTIONS) * 1e3
    rows.append(Row(f"processor time of a recall without encoding, {at}", used, used, "ms", "less than linear"))
    share = 100 * _against_exact(memory, encoder)
    rows.append(Row(f"nearest vectors, recall@10 of exact search, {at}", share, share, "%", ">= 95"))
    single = seconds(lambda: memory.add([Episode(_text(0))]), 200)
    rows.append(row(f"acknowledged write, {at}", single, "p95 <= 15"))
    memory.close()
    ran = subprocess.run([sys.executable, "-c", _COMPACT, str(folder)], check=True, stdout=subprocess.PIPE, text=True)
    files = [path for path in folder.rglob("*") if path.is_file()]
    taken = sum(path.stat().st_size for path in files) / size
    rows.append(Row(f"compaction, {at}", float(ran.stdout), float(ran.stdout), "s", ""))
    rows.append(Row(f"disk per episode after compaction, {at}", taken, taken, "bytes", "<= 4000"))
    rows.append(Row(f"files after compaction, {at}", len(files), len(files), "", "bounded"))
    return rows


_COMPACT = """
import sys, time
from pathlib import Path
from kiki_core.config import MemorySettings
from kiki_core.encoder import Encoder
from kiki_core.memory import Memory
from kiki_core.memory import tending
tending.dream = lambda *a, **b: 0  # the made texts are all alike
start = time.monotonic()
tending.compact(Memory(Path(sys.argv[1]), Encoder()), MemorySettings(), limit_s=0)
print(time.monotonic() - start)
"""
_CHILD = """
import sys, time
from pathlib import Path
from kiki_core.encoder import Encoder
from kiki_core.memory import Memory, Query
memory = Memory(Path(sys.argv[1]), Encoder())
start = time.perf_counter()
WORK
print((time.perf_counter() - start) * 1e3)
for question in ["which regulator feeds the rail", "what did we decide on the antenna", "PWM frequency"]:
    memory.search(Query(question, 10, project=""))
print(int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1]) / 1e3)
"""


def _child(folder: Path, work: str) -> list[float]:
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD.replace("WORK", work), str(folder)], check=True, stdout=subprocess.PIPE, text=True
    )
    return [float(line) for line in ran.stdout.split()]


def _fill(memory: Memory, size: int, encoder: Made) -> float:
    start = time.perf_counter()
    for first in range(0, size, 256):
        memory.add(
            [
                Episode(_text(n), session=f"s{n // 20}", ref=f"r{n}", time=1.6e9 + 60 * n)
                for n in range(first, min(first + 256, size))
            ]
        )
    spent = time.perf_counter() - start
    rng = np.random.default_rng(size)
    base = np.array([encoder.known[text] for text in SENTENCES])

    def put(index: Index, rev: int) -> None:
        for first in range(1, size + 1, 1_000):
            seqs = range(first, min(first + 1_000, size + 1))
            weights = rng.dirichlet(np.full(len(base), 0.05), size=len(seqs)).astype(np.float32)
            made = weights @ base + rng.normal(size=(len(seqs), 384)) * 0.02
            made = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16)
            for seq, vector in zip(seqs, made, strict=True):
                index.put_vector(seq, vector.tobytes(), rev)

    memory.files.in_index(put)
    return size / spent


def _text(number: int) -> str:
    part = random.choice(["TPS62840", "+3V3", f"R{number % 97}", "USART1_TX", "STM32F446"])
    text = f"{part} "
    while len(text) < 500:
        words = random.choice(SENTENCES).split()
        random.shuffle(words)
        text += " ".join(words) + f" item{random.randrange(20_000)} "
    return text[:500]


def _against_exact(memory: Memory, encoder: Made) -> float:
    assert memory._mirror is not None
    vectors = memory._mirror[1].vectors
    mask = np.ones(vectors.count, bool)
    shares = []
    for question in QUESTIONS:
        vector = encoder.known[question]
        scores = np.concatenate(
            [
                vectors.whole[at : min(at + 20_000, vectors.count)].astype(np.float32) @ vector
                for at in range(0, vectors.count, 20_000)
            ]
        )
        exact = set(np.argsort(-scores)[:10].tolist())
        shares.append(len(exact & set(vectors.nearest(vector, mask, 10).tolist())) / 10)
    return statistics.mean(shares)
