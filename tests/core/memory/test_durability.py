"""Acknowledged is durable: whatever is killed, torn, damaged, full, read-only, or written at the same time."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.errors import KikiError
from kiki_core.memory import Episode, Memory, Query

KIKI = Path(sys.executable).with_name("kiki")
SUPPORT = Path(__file__).parents[2] / "support"


def opened(folder: Path) -> Memory:
    return Memory(folder, WordVectors(), project="")


def adding(home: Path, **more: object) -> subprocess.Popen[bytes]:
    command = [KIKI, "memory", "add", "--jsonl", "--project", ""]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "KIKI_HOME": str(home)},
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("after", [1, 40, 300])
def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path, after: int) -> None:
    writer = adding(tmp_path)
    assert writer.stdin
    assert writer.stdout
    os.set_blocking(writer.stdin.fileno(), False)
    lines = b"".join(
        json.dumps({"text": f"note {n} " + "x" * 300, "ref": f"r{n}"}).encode() + b"\n" for n in range(2_000)
    )
    acknowledged = []
    sent = 0
    while len(acknowledged) < after:
        try:
            sent += os.write(writer.stdin.fileno(), lines[sent : sent + 65_536])
        except BlockingIOError:
            acknowledged.append(json.loads(writer.stdout.readline()))
        if sent >= len(lines):
            acknowledged.append(json.loads(writer.stdout.readline()))
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged += [json.loads(line) for line in writer.stdout if line.endswith(b"\n")]
    writer.wait()
    memory = opened(tmp_path / "memory")
    kept = {one.id: one for one in memory.episodes()}
    for told in acknowledged:
        number = told["ref"].removeprefix("r")
        assert kept[told["id"]].question == f"note {number} " + "x" * 300
    assert all(one.question.endswith("x" * 300) for one in kept.values())  # nothing torn
    assert memory.files.notes == []
    memory.add([Episode("after the crash", ref="z")])
    assert memory.search(Query("after the crash", 1, project=""))[0].ref == "z"


def test_a_write_cut_off_before_the_index_is_taken_up(tmp_path: Path) -> None:
    """Killed between the log's fsync and the index's commit: the log is right."""
    memory = opened(tmp_path)
    memory.add([Episode("first", ref="1")])
    memory.close()
    shutil.copy(tmp_path / "index.db", tmp_path / "before.db")
    memory.add([Episode("second", ref="2")])
    memory.forget(["1"])
    memory.close()
    os.replace(tmp_path / "before.db", tmp_path / "index.db")
    assert [one.question for one in opened(tmp_path).episodes()] == ["second"]


def test_a_torn_line_is_never_seen_and_the_next_write_is_whole(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    memory.add([Episode("first")])
    memory.close()
    with (tmp_path / "log" / "00000001.log").open("ab") as file:
        file.write(b'12345678 {"op":"add","id":"torn')
    memory = opened(tmp_path)
    assert [one.question for one in memory.episodes()] == ["first"]
    memory.add([Episode("second")])
    memory.close()
    (tmp_path / "index.db").unlink()
    again = opened(tmp_path)
    assert [one.question for one in again.episodes(newest_first=False)] == ["first", "second"]
    assert again.files.notes == []


def test_a_damaged_line_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    for n in range(5):
        memory.add([Episode(f"note {n}")])
    memory.close()
    log = tmp_path / "log" / "00000001.log"
    log.write_bytes(log.read_bytes().replace(b"note 2", b"note X"))
    assert [one.question for one in opened(tmp_path).episodes(newest_first=False)] == [f"note {n}" for n in range(5)]
    (tmp_path / "index.db").unlink()
    again = opened(tmp_path)
    assert [one.question for one in again.episodes(newest_first=False)] == ["note 0", "note 1", "note 3", "note 4"]
    assert "00000001.log" in again.files.notes[0]


@pytest.mark.parametrize("damage", ["header", "middle", "empty", "text"])
def test_a_damaged_index_is_named_and_made_again(tmp_path: Path, damage: str) -> None:
    memory = opened(tmp_path)
    memory.add([Episode(f"note {n} on the regulator " + "y" * 200, ref=f"r{n}") for n in range(200)])
    memory.forget(["r7"])
    memory.close()
    path = tmp_path / "index.db"
    content = bytearray(path.read_bytes())
    if damage == "header":
        content[:100] = b"\xff" * 100
    elif damage == "middle":
        for page in range(1, len(content) // 4096):
            content[page * 4096 : page * 4096 + 64] = os.urandom(64)
    elif damage == "empty":
        content = bytearray(b"garbage")
    else:
        content = bytearray(bytes(content).replace(b"note 3 on the regulator", b"note 3 on the requlator"))
    path.write_bytes(content)
    again = opened(tmp_path)
    assert sorted(one.ref for one in again.episodes()) == sorted(f"r{n}" for n in range(200) if n != 7)
    assert again.get("r3").question.startswith("note 3 on the regulator")
    assert again.search(Query("note 150", 1, project=""))[0].ref == "r150"
    assert "index.db" in again.files.notes[0]
    assert list(tmp_path.glob("damaged-*.db"))


def test_several_processes_write_and_read_at_once(tmp_path: Path) -> None:
    writers = [adding(tmp_path) for _ in range(3)]
    lines = [
        "".join(json.dumps({"text": f"writer {w} note {n}", "ref": f"{w}-{n}"}) + "\n" for n in range(150)).encode()
        for w in range(3)
    ]
    for writer, text in zip(writers, lines, strict=True):
        assert writer.stdin
        writer.stdin.write(text)
        writer.stdin.close()
    reader = opened(tmp_path / "memory")
    seen = 0
    while any(writer.poll() is None for writer in writers):
        now = len(reader.episodes())
        assert now >= seen
        seen = now
        reader.search(Query("writer 1 note 20", 5, project=""))
        time.sleep(0.05)
    told = [json.loads(line) for writer in writers for line in writer.stdout or ()]
    assert len(told) == 450
    kept = {one.id: one for one in reader.episodes()}
    assert len(kept) == 450
    assert all(kept[one["id"]].ref == one["ref"] for one in told)
    assert len({one.seq for one in kept.values()}) == 450


def in_sandbox(script: str, *mounts: str) -> subprocess.CompletedProcess[str]:
    paths = [item for path in (str(SUPPORT), *sys.path) if path for item in (path,)]
    command = ["bwrap", "--dev-bind", "/", "/", *mounts, sys.executable, "-c", script]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    )


def test_a_full_disk_is_said_and_loses_nothing() -> None:
    script = """
from pathlib import Path
from kiki_core.errors import KikiError
from kiki_core.memory import Episode, Memory, Query
from word_vectors import WordVectors
memory = Memory(Path("/mnt/memory"), WordVectors())
kept = 0
try:
    while True:
        memory.add([Episode(f"note {kept} " + "z" * 5000)])
        kept += 1
except KikiError as error:
    print(kept, error)
memory.close()
memory = Memory(Path("/mnt/memory"), WordVectors())
assert len(memory.episodes()) >= kept, (len(memory.episodes()), kept)
assert memory.search(Query("note 3", 1, project=""))
"""
    ran = in_sandbox(script, "--size", "3000000", "--tmpfs", "/mnt")
    assert ran.returncode == 0, ran.stderr
    kept, _, told = ran.stdout.partition(" ")
    assert int(kept) > 20
    assert "free some space" in told
    assert len(told.splitlines()) == 1


def test_a_read_only_store_can_be_read_and_says_so(tmp_path: Path) -> None:
    memory = opened(tmp_path / "memory")
    memory.add([Episode("the fuse is 2 A")])
    memory.close()
    script = f"""
from pathlib import Path
from kiki_core.errors import KikiError
from kiki_core.memory import Episode, Memory, Query
from word_vectors import WordVectors
memory = Memory(Path({str(tmp_path / "memory")!r}), WordVectors())
print(memory.search(Query("fuse", 1, project=""))[0].text)
memory.recall("fuse")
try:
    memory.add([Episode("more")])
except KikiError as error:
    print(error)
"""
    ran = in_sandbox(script, "--ro-bind", str(tmp_path), str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    said = ran.stdout.splitlines()
    assert said[0] == "the fuse is 2 A"
    assert "read-only" in said[1]


def test_a_clock_that_goes_back_changes_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = opened(tmp_path)
    monkeypatch.setattr(time, "time", lambda: 2_000_000.0)
    memory.add([Episode("clock is 8 MHz", ref="a")])
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    memory.add([Episode("clock is 16 MHz", ref="b", supersedes=("a",))])
    assert [one.ref for one in memory.search(Query("clock", 5, project=""))] == ["b"]
    assert [one.ref for one in memory.episodes(newest_first=False)] == ["a", "b"]


def test_a_store_of_a_newer_kiki_is_left_alone(tmp_path: Path) -> None:
    memory = opened(tmp_path)
    memory.add([Episode("a")])
    memory.files.in_index(lambda index, rev: index.set_meta("format", 99))
    memory.close()
    before = (tmp_path / "index.db").read_bytes()
    with pytest.raises(KikiError, match="format 99"):
        opened(tmp_path).add([Episode("b")])
    assert (tmp_path / "index.db").read_bytes() == before


def test_opening_imports_neither_lancedb_nor_numpy(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from kiki_core.encoder import Encoder
from kiki_core.memory import Episode, Memory
memory = Memory(Path({str(tmp_path)!r}), Encoder())
memory.add([Episode("a")])
assert memory.episodes()
assert not [name for name in ("lancedb", "pyarrow", "numpy", "onnxruntime") if name in sys.modules]
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
