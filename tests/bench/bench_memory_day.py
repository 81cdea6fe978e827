"""A working day of memory in minutes: several front ends that remember, ask, edit, pin and forget while another
process compacts; watched for what grows. Ends at the first thing that is lost or unbounded.

Run by name (`make bench BENCH=bench_memory_day`). `KIKI_EPISODES` (450): what the day brings; `KIKI_ROUNDS` (12): its
compactions, at least. The day is five days ago, so that consolidation finds what is old.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row

from kiki_core.encoder import Encoder
from kiki_core.memory import Memory
from kiki_core.memory.lance import Lance

EPISODES = int(os.environ.get("KIKI_EPISODES", "450"))
ROUNDS = int(os.environ.get("KIKI_ROUNDS", "12"))
PEOPLE = 3

_PERSON = """
import json, random, sys, time
from pathlib import Path
sys.path[:0] = json.loads(sys.argv[4])
from bench_memory import QUESTIONS, made_text
from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Memory
folder, name, episodes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
random.seed(name)
memory = Memory(folder, Encoder(), project="day")
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1e3
mine, gone, day = [], [], time.time() - 5 * 86_400
for n in range(episodes):
    moment = day + 36_000 * n / episodes
    mine.append(memory.remember(Episode(f"{name} {n}: {made_text()[:160]}", session=f"{name}{n // 15}", time=moment)))
    if n % 3 == 0:
        memory.recall(random.choice(QUESTIONS), session=f"{name}{n // 15}")
    if n % 40 == 39:
        gone.append(mine.pop(random.randrange(len(mine))))
        memory.forget([gone[-1]])
    if n % 50 == 49:
        memory.edit(random.choice(mine), f"{name} {n}: edited. {made_text()[:160]}")
    if n % 60 == 59:
        memory.pin(random.choice(mine))
    if n in (episodes // 4, episodes - 1):
        print(json.dumps({"resident": resident()}), flush=True)
memory.encode_pending(5)
memory.close()
print(json.dumps({"kept": mine, "gone": gone}), flush=True)
"""
_COMPACT = """
import json, sys
from pathlib import Path
from kiki_core.config import MemorySettings
from kiki_core.encoder import Encoder
from kiki_core.errors import KikiError
from kiki_core.memory import Memory, tending
memory = Memory(Path(sys.argv[1]), Encoder())
for _ in sys.stdin:
    print(json.dumps(tending.compact(memory, MemorySettings(), limit_s=5)), flush=True)
"""


def benchmarks() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        return _day(Path(folder) / "memory")


def _day(folder: Path) -> list[Row]:
    paths = json.dumps([str(Path(__file__).parent)])
    each = EPISODES // PEOPLE
    started = time.monotonic()
    people = [
        subprocess.Popen(
            [sys.executable, "-c", _PERSON, str(folder), f"person{n}", str(each), paths],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(PEOPLE)
    ]
    tender = subprocess.Popen(
        [sys.executable, "-c", _COMPACT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert tender.stdin
    assert tender.stdout
    files, logs, took = [], [], []
    done = 0
    while done < ROUNDS or any(person.poll() is None for person in people):
        tender.stdin.write("again\n")
        tender.stdin.flush()
        took.append(json.loads(tender.stdout.readline())["elapsed_s"])
        done += 1
        files.append(sum(path.is_file() for path in folder.rglob("*")))
        logs.append(sum(path.stat().st_size for path in (folder / "log").glob("*.log")) / 1e3)
        time.sleep(0.5)
    resident: list[list[float]] = []
    kept: set[str] = set()
    gone: set[str] = set()
    for person in people:
        assert person.stdout
        told = [json.loads(line) for line in person.stdout]
        assert person.wait() == 0, "a front end failed"
        resident.append([one["resident"] for one in told if "resident" in one])
        kept |= set(told[-1]["kept"])
        gone |= set(told[-1]["gone"])
    tender.stdin.write("last\n")
    tender.stdin.close()
    tender.stdout.readline()
    assert tender.wait() == 0
    spent = time.monotonic() - started
    memory = Memory(folder, Encoder(), project="day")
    there = {one.id for one in memory.episodes() if one.kind == "episode"}
    assert there == kept, f"{len(kept - there)} lost, {len(there - kept)} too many"
    assert not there & gone
    stats = memory.stats()
    assert Lance(str(folder / "lance")).ids() == {one.id for one in memory.episodes()}, "Atlas and the index differ"
    memory.close()
    size = stats["bytes"] / len(there)
    grown = max(last / first for first, last in resident)
    print(
        json.dumps({"files": files, "log_kB": [round(one) for one in logs], "compaction_s": took, "resident": resident})
    )
    assert max(files[len(files) // 2 :]) <= 2 * max(files[: len(files) // 2]), "files grow"
    return [
        Row(f"a day of {len(there)} episodes by {PEOPLE} processes, {len(took)} compactions", spent, spent, "s", ""),
        Row("files after each compaction (p95: most)", sorted(files)[len(files) // 2], max(files), "", "bounded"),
        Row("log after each compaction (p95: most)", sorted(logs)[len(logs) // 2], max(logs), "kB", "bounded"),
        Row("compaction (p95: longest)", sorted(took)[len(took) // 2], max(took), "s", ""),
        Row("summaries", stats["summaries"], stats["summaries"], "", ""),
        Row("disk per episode at the end of the day", size, size, "bytes", "<= 4000"),
        Row("resident at the day's end against its first quarter", grown, grown, "x", "bounded"),
        Row("files at the end", stats["files"], stats["files"], "", "bounded"),
    ]
