"""Faults of memory, at length: kill -9 at random moments, several processes for minutes. Ends at the first thing lost.

Run by name (`make bench BENCH=bench_memory_faults`); `KIKI_KILLS` (200) and `KIKI_SECONDS` (180) make it longer or
shorter.
The model: what was acknowledged must be there, whole, once; what was asked to be forgotten must be gone; nothing
else may appear than what was sent.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rows import Row

from kiki_core.encoder import Encoder
from kiki_core.errors import KikiError
from kiki_core.memory import Memory, Query
from kiki_core.memory.lance import Lance

KILLS = int(os.environ.get("KIKI_KILLS", "200"))
SECONDS = float(os.environ.get("KIKI_SECONDS", "180"))
PROCESSES = 4

_WORK = """
import json, random, sys
from pathlib import Path
from kiki_core.config import MemorySettings
from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Memory, tending
folder, name, compacting = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "1"
random.seed(name)
memory = Memory(folder, Encoder())
print("ready", flush=True)
if compacting:
    from kiki_core.errors import KikiError
    import lancedb
    print("imported", flush=True)
    while True:
        try:
            tending.compact(memory, MemorySettings(), limit_s=0)
        except KikiError as error:
            if "in use" not in str(error):
                raise
mine, n = [], 0
while True:
    n += 1
    if mine and random.random() < 0.1:
        gone = mine.pop(random.randrange(len(mine)))
        print(json.dumps(["forgetting", gone]), flush=True)
        memory.forget([gone])
        print(json.dumps(["forgot", gone]), flush=True)
        continue
    texts = [f"{name} {n} {i} " + "x" * random.randrange(800) + " end" for i in range(random.choice([1, 1, 1, 8]))]
    print(json.dumps(["sending", texts]), flush=True)
    ids = memory.add([Episode(text, session=name, ref=text.split(" x")[0]) for text in texts])
    mine += ids
    print(json.dumps(["kept", list(zip(ids, texts))]), flush=True)
"""


class Model:
    """What must be in the store, what may be, and what must not."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.sent: set[str] = set()
        self.leaving: set[str] = set()
        self.gone: set[str] = set()

    def hear(self, line: str) -> None:
        if not line.endswith("\n") or not line.startswith("["):
            return
        what, value = json.loads(line)
        if what == "sending":
            self.sent.update(value)
        elif what == "kept":
            self.kept.update(value)
        elif what == "forgetting":
            self.leaving.add(value)
        else:
            self.gone.add(value)

    def check(self, memory: Memory) -> None:
        there = {one.id: one.question for one in memory.episodes()}
        for identity, text in self.kept.items():
            if identity in self.gone:
                assert identity not in there, f"forgotten, but there: {identity}"
            elif identity not in self.leaving:
                assert there.get(identity) == text, f"lost or torn: {identity}"
        strange = [text for text in there.values() if text not in self.sent]
        assert not strange, f"never sent: {strange[:3]}"
        assert not memory.files.notes, memory.files.notes


def benchmarks() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        kills = _kills(Path(folder) / "memory")
    with tempfile.TemporaryDirectory() as folder:
        written = _together(Path(folder) / "memory")
    return [
        Row(
            f"kill -9 during writes and compaction, nothing lost or torn ({kills} episodes)",
            KILLS,
            KILLS,
            "kills",
            "200",
        ),
        Row(f"{PROCESSES} processes for {SECONDS:.0f} s, nothing lost or doubled", written, written, "writes", ""),
    ]


def _start(folder: Path, name: str, compacting: bool) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WORK, str(folder), name, str(int(compacting))], stdout=subprocess.PIPE, text=True
    )


def _kills(folder: Path) -> int:
    model = Model()
    random.seed(1)
    killed = 0
    while killed < KILLS:
        # Importing LanceDB takes seconds: a compacting process is killed in one of five rounds.
        both = [_start(folder, f"w{killed}", False)]
        if killed % 5 == 0:
            both.append(_start(folder, f"c{killed}", True))
        for process in both:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        if len(both) == 2:
            assert both[1].stdout
            assert both[1].stdout.readline() == "imported\n"
        time.sleep(random.uniform(0.0, 0.6))
        for process in both:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        assert both[0].stdout
        for line in both[0].stdout:
            model.hear(line)
        for process in both:
            process.wait()
        memory = Memory(folder, Encoder())
        model.check(memory)
        memory.close()
    _agree(folder)
    return len(model.kept)


def _agree(folder: Path) -> None:
    """After a compaction that isn't killed, Atlas holds what the index holds, and the index can be made from it."""
    from kiki_core.config import MemorySettings
    from kiki_core.memory import tending

    memory = Memory(folder, Encoder())
    tending.compact(memory, MemorySettings(), limit_s=0)
    before = {one.id: one.question for one in memory.episodes()}
    assert Lance(str(folder / "lance")).ids() == set(before)
    memory.close()
    (folder / "index.db").unlink()
    assert {one.id: one.question for one in Memory(folder, Encoder()).episodes()} == before


def _together(folder: Path) -> int:
    processes = [_start(folder, f"p{n}", n == PROCESSES - 1) for n in range(PROCESSES)]
    model = Model()
    reader = Memory(folder, Encoder())
    end = time.monotonic() + SECONDS
    lines: list[list[str]] = [[] for _ in processes]
    threads = []
    import threading

    for process, heard in zip(processes, lines, strict=True):
        assert process.stdout
        threads.append(
            threading.Thread(target=lambda process=process, heard=heard: heard.extend(process.stdout), daemon=True)
        )
        threads[-1].start()
    while time.monotonic() < end:
        try:
            reader.search(Query("p1 20", 5, project=""))
        except KikiError as error:
            raise AssertionError(f"a reader was refused: {error}") from error
        time.sleep(0.1)
        assert all(process.poll() is None for process in processes), "a process ended"
    for process in processes:
        process.kill()
        process.wait()
    for thread in threads:
        thread.join()
    for heard in lines:
        for line in heard:
            model.hear(line)
    model.check(reader)
    reader.close()
    _agree(folder)
    return len(model.kept)
