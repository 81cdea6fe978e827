"""What memory costs at growing sizes: recall with the question's encoding, exact search beside it, writes, opening,
memory, compaction, disk, files.

Run by name (`make bench BENCH=bench_memory`). `KIKI_SIZES` (1000,10000,100000): the sizes; with `KIKI_STORES` the
stores are made once in that folder and measured in copies: 100,000 episodes take minutes to write. Texts and vectors
are made (encoding an episode of 500 characters costs about 50 ms), the vectors as mixtures of those of real
sentences, with noise. Questions are encoded for real. Processor time is told beside wall time, and what the machine
needs for the bare work (one exact search in numpy, one write with fsync) in the same run.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from dialogues import ALL
from rows import Row, row, seconds

from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Memory
from kiki_core.memory.index import Index

SIZES = tuple(int(size) for size in os.environ.get("KIKI_SIZES", "1000,10000,100000").split(","))
STORES = os.environ.get("KIKI_STORES")
QUESTIONS = [text for _, asked in ALL for _, _, text, *_ in asked]
SENTENCES = [turn[3] for turns, _ in ALL for turn in turns]
_SLOWER = "slower than linear"


def benchmarks() -> list[Row]:
    rows = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(dir=STORES) as folder:
            made = Path(STORES or folder) / str(size)
            if not (made / "bulk.json").exists():
                make(made, size)
            rows += measured(made, size, Path(folder) / "copy")
    return rows


def make(folder: Path, size: int) -> None:
    """A store of so many episodes, with what it took to write them."""
    random.seed(size)
    encoder = Encoder()
    memory = Memory(folder / "memory", encoder)
    wall, used = time.perf_counter(), time.process_time()
    for first in range(0, size, 256):
        memory.add(
            [
                Episode(made_text(), session=f"s{n // 20}", ref=f"r{n}", time=1.6e9 + 60 * n)
                for n in range(first, min(first + 256, size))
            ]
        )
    wall, used = time.perf_counter() - wall, time.process_time() - used
    rng = np.random.default_rng(size)
    base = encoder.encode(SENTENCES)

    def put(index: Index, rev: int) -> None:
        for first in range(1, size + 1, 1_000):
            seqs = range(first, min(first + 1_000, size + 1))
            weights = rng.dirichlet(np.full(len(base), 0.05), size=len(seqs)).astype(np.float32)
            vectors = weights @ base + rng.normal(size=(len(seqs), 384)) * 0.02
            vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float16)
            for seq, vector in zip(seqs, vectors, strict=True):
                index.put_vector(seq, vector.tobytes(), rev)

    memory.files.in_index(put)
    memory.close()
    (folder / "bulk.json").write_text(json.dumps({"wall": size / wall, "used": size / used}))


def made_text() -> str:
    """500 characters: whole sentences of our dialogues with other figures, so that facts are read from them."""
    part = random.choice(["TPS62840", "+3V3", f"R{random.randrange(97)}", "USART1_TX", "STM32F446"])
    text = f"{part} item{random.randrange(20_000)}."
    while len(text) < 500:
        sentence = random.choice(SENTENCES)
        text += " " + re.sub(r"\b\d{2,}\b", lambda _: str(random.randrange(10, 1_000)), sentence)
    return text[:500]


def measured(made: Path, size: int, copy: Path) -> list[Row]:
    """The rows of one size."""
    at = f"{size:,} episodes"
    bulk = json.loads((made / "bulk.json").read_text())
    shutil.copytree(made / "memory", copy)
    found: dict[str, Any] = json.loads(_child(_RECALL, copy, json.dumps(QUESTIONS)))
    rows = [
        Row(f"bulk writes per second, {at}", bulk["wall"], bulk["wall"], "/s", ">= 300"),
        Row(f"bulk writes per second of processor time, {at}", bulk["used"], bulk["used"], "/s", ""),
        Row(f"open (LanceDB imported: {found['lancedb']}), {at}", found["open"], found["open"], "ms", "<= 50"),
        Row(f"first recall of a process, processor time, {at}", found["first"], found["first"], "ms", ""),
        row(f"recall with encoding, {at}", found["wall"], "<= 20, p95 <= 50", ("exact search", found["exact"])),
        row(f"recall with encoding, processor time, {at}", found["used"], ""),
        row(f"recall without encoding, processor time, {at}", found["bare"], _SLOWER, ("exact", found["exact_used"])),
        row(f"nearest vectors, processor time, {at}", found["nearest"], _SLOWER, ("exact", found["exact_used"])),
        Row(f"nearest vectors, recall@10 of exact, {at}", 100 * found["same"], 100 * found["same"], "%", ">= 95"),
        Row(
            f"resident after recalls, with encoder (p95: peak), {at}", found["resident"], found["peak"], "MB", "<= 400"
        ),
    ]
    memory = Memory(copy, Encoder())
    memory.add([Episode("the first write opens the store")])
    single, bare = [], []
    for _ in range(200):
        text = made_text()
        single += seconds(lambda text=text: memory.add([Episode(text)]), 1)
        bare += seconds(lambda: _bare_write(copy / "bare", b"x" * 800), 1)
    memory.close()
    rows.append(row(f"acknowledged write, {at}", single, "p95 <= 15", ("append and fsync", bare)))
    done = json.loads(_child(_COMPACT, copy))
    files = [path for path in copy.rglob("*") if path.is_file()]
    taken = sum(path.stat().st_size for path in files) / size
    again = json.loads(_child(_COMPACT, copy))
    return [
        *rows,
        Row(f"first compaction, {at}", done["wall"], done["wall"], "s", ""),
        Row(f"first compaction, processor time, {at}", done["used"], done["used"], "s", ""),
        Row(f"first compaction, peak memory, {at}", done["peak"], done["peak"], "MB", ""),
        Row(f"compaction of a compacted store, {at}", again["wall"], again["wall"], "s", ""),
        Row(f"disk per episode after compaction, {at}", taken, taken, "bytes", "<= 4000"),
        Row(f"files after compaction, {at}", len(files), len(files), "", "bounded"),
    ]


_RECALL = """
import json, resource, sys, time
from pathlib import Path
from kiki_core.encoder import Encoder
from kiki_core.memory import Memory, Query
encoder, found = Encoder(), {}
memory = Memory(Path(sys.argv[1]), encoder)
start = time.perf_counter()
memory.files.read(lambda index: index.meta("format"))
found["open"] = (time.perf_counter() - start) * 1e3
questions = json.loads(sys.argv[2])
encoder.encode(["warm"])
start = time.process_time()
memory.search(Query(questions[0], 10, project=""))
found["first"] = (time.process_time() - start) * 1e3
for question in questions:
    memory.search(Query(question, 10, project=""))
found["wall"], found["used"], encoding = [], [], []
for question in questions * 4:
    start, used = time.perf_counter(), time.process_time()
    memory.search(Query(question, 10, project=""))
    found["wall"].append(time.perf_counter() - start)
    found["used"].append(time.process_time() - used)
    used = time.process_time()
    encoder.encode([question])
    encoding.append(time.process_time() - used)
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
found["resident"] = int(status["VmRSS"].split()[0]) / 1e3
found["peak"] = int(status["VmHWM"].split()[0]) / 1e3
found["bare"] = [max(0.0, whole - part) for whole, part in zip(found["used"], encoding)]
found["lancedb"] = "yes" if "lancedb" in sys.modules else "no"

import numpy as np
vectors = memory._mirror[1].vectors
mask = np.ones(vectors.count, bool)
everything = vectors.whole[: vectors.count].astype(np.float32)
found["nearest"], found["exact"], found["exact_used"], shares = [], [], [], []
for question in questions:
    vector = encoder.encode([question])[0]
    start, used = time.perf_counter(), time.process_time()
    scores = everything @ vector
    best = np.argpartition(-scores, 10)[:10]
    found["exact"].append(time.perf_counter() - start)
    found["exact_used"].append(time.process_time() - used)
    used = time.process_time()
    near = vectors.nearest(vector, mask, 150)
    found["nearest"].append(time.process_time() - used)
    shares.append(len(set(best.tolist()) & set(near[:10].tolist())) / 10)
found["same"] = sum(shares) / len(shares)
print(json.dumps(found))
"""
_COMPACT = """
import json, resource, sys, time
from pathlib import Path
from kiki_core.config import MemorySettings
from kiki_core.encoder import Encoder
from kiki_core.memory import Memory
from kiki_core.memory import tending
tending.dream = lambda *a, **b: 0  # the made texts are all alike
start = time.perf_counter()
tending.compact(Memory(Path(sys.argv[1]), Encoder()), MemorySettings(), limit_s=60)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
print(json.dumps({"wall": time.perf_counter() - start, "used": time.process_time(), "peak": peak}))
"""


def _child(work: str, folder: Path, *more: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", work, str(folder), *more], check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout


def _bare_write(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
