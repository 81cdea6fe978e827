"""Compaction: Atlas and Trace agree with the index, the log is let go, what was forgotten is in no file."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.config import MemorySettings
from kiki_core.errors import KikiError
from kiki_core.memory import Episode, Link, Memory, Query
from kiki_core.memory.dream import dream
from kiki_core.memory.lance import Lance
from kiki_core.memory.log import locked
from kiki_core.memory.tending import compact

SETTINGS = MemorySettings()


def state(memory: Memory) -> list[object]:
    found = memory.episodes(newest_first=False)
    return [(one, memory.links(one)) for one in found]


def filled(memory: Memory) -> Memory:
    memory.add([Episode(f"note {n} about the regulator", session="s", ref=f"r{n}") for n in range(12)])
    memory.add(
        [Episode("newer", ref="new", supersedes=("r3",), links=(Link("causal", "r4"),), verified=False, pinned=True)]
    )
    return memory


def test_atlas_and_trace_hold_what_the_index_holds(memory: Memory) -> None:
    filled(memory)
    done = compact(memory, SETTINGS)
    assert done["folded"] == 13
    import lancedb

    database = lancedb.connect(str(memory.files.path / "lance"))
    atlas = {row["ref"]: row for row in database.open_table("atlas").to_arrow().to_pylist()}
    assert set(atlas) == {one.ref for one in memory.episodes()}
    assert atlas["r3"]["superseded_by"] == atlas["new"]["id"]
    assert len(atlas["r0"]["vector"]) == 384
    edges = {(row["kind"], row["ref"]) for row in database.open_table("trace").to_arrow().to_pylist() if row["ref"]}
    assert edges == {("supersedes", "r3"), ("causal", "r4")}
    memory.edit("r5", "another text")
    memory.forget(["r6"])
    assert compact(memory, SETTINGS)["removed"] == 1
    rows = lancedb.connect(str(memory.files.path / "lance")).open_table("atlas").to_arrow().to_pylist()
    assert sorted(row["ref"] for row in rows) == sorted(one.ref for one in memory.episodes())
    assert next(row for row in rows if row["ref"] == "r5")["question"] == "another text"


def test_what_is_not_encoded_yet_is_folded_too(memory: Memory) -> None:
    memory.add([Episode(f"note {n}", ref=f"r{n}") for n in range(40)])
    compact(memory, SETTINGS, limit_s=0)
    memory.add([Episode("more")])
    compact(memory, SETTINGS, limit_s=0)
    left = memory.stats()["not_encoded"]
    assert 0 < left < 41
    memory.close()
    (memory.files.path / "index.db").unlink()
    assert len(memory.episodes()) == 41
    assert memory.stats()["not_encoded"] == left


def test_the_index_can_be_made_again_from_atlas_and_trace(memory: Memory) -> None:
    filled(memory)
    memory.switch("private", enabled=False)
    compact(memory, SETTINGS)
    memory.add([Episode("after the fold", ref="after", supersedes=("r1",))])
    memory.edit("r5", "another text")
    memory.forget(["r6"])
    before = state(memory)
    memory.close()
    (memory.files.path / "index.db").unlink()
    assert state(memory) == before
    assert memory.enabled("private") is False
    assert memory.stats()["not_encoded"] <= 2


def test_a_fold_that_was_cut_off_is_done_again(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(memory)
    with monkeypatch.context() as patch:
        patch.setattr(Lance, "tidy", lambda self: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            compact(memory, SETTINGS)
    memory.add([Episode("meanwhile", ref="m")])
    before = state(memory)
    compact(memory, SETTINGS)
    rows = Lance(str(memory.files.path / "lance"))
    assert len(list(rows.operations())) == len(rows.ids()) == 14
    memory.close()
    (memory.files.path / "index.db").unlink()
    assert state(memory) == before


def test_what_was_forgotten_is_in_no_file_after_compaction(memory: Memory) -> None:
    filled(memory)
    memory.add([Episode("the zorblatt connector is cracked", ref="gone", author="Quentin")])
    memory.encode_pending()
    compact(memory, SETTINGS)
    memory.forget(["gone"])
    compact(memory, SETTINGS)
    memory.close()
    for path in memory.files.path.rglob("*"):
        if path.is_file():
            content = path.read_bytes().lower()
            assert b"zorblatt" not in content, path
            assert b"quentin" not in content, path


def test_files_stay_few(memory: Memory) -> None:
    for n in range(6):
        memory.add([Episode(f"note {n}")])
        compact(memory, SETTINGS)
    assert memory.stats()["files"] <= 20
    assert memory.stats()["log_bytes"] < 1_000


def test_one_process_compacts_at_a_time(memory: Memory) -> None:
    filled(memory)
    with locked(memory.files.path / "compact.lock"), pytest.raises(KikiError, match="in use"):
        compact(memory, SETTINGS)


def test_a_damaged_copy_in_lancedb_is_made_anew(memory: Memory) -> None:
    filled(memory)
    compact(memory, SETTINGS)
    for path in (memory.files.path / "lance").rglob("*.manifest"):
        path.write_bytes(b"garbage")
    memory.add([Episode("more")])
    compact(memory, SETTINGS)
    assert any("lance" in note for note in memory.files.notes)
    assert len(Lance(str(memory.files.path / "lance")).ids()) == 14


def test_what_is_too_old_is_forgotten_unless_pinned(memory: Memory) -> None:
    old = time.time() - 40 * 86_400
    memory.add([Episode("old", time=old, ref="old"), Episode("kept", time=old, pinned=True), Episode("fresh")])
    assert compact(memory, MemorySettings(retention_days=30))["aged"] == 1
    assert sorted(one.question for one in memory.episodes()) == ["fresh", "kept"]


def test_consolidation_summarises_what_is_alike_and_keeps_the_sources(memory: Memory) -> None:
    old = time.time() - 30 * 86_400
    alike = [Episode(f"The regulator ripple at load {n} is {n} mV", ref=f"r{n}", time=old + n) for n in range(6)]
    memory.add([*alike, Episode("Antenna gain", time=old, ref="a"), Episode("The regulator ripple at load 9 is 9 mV")])
    memory.encode_pending()
    assert dream(memory, limit_s=30) == 1
    assert dream(memory, limit_s=30) == 0
    (summary,) = memory.episodes(kind="summary")
    assert "6 episodes" in summary.question
    assert "ripple at load" in summary.question
    assert {step.episode.ref for step in memory.walk(summary.id, depth=1)} == {f"r{n}" for n in range(6)}
    assert len(memory.episodes(kind="episode")) == 8
    found = memory.search(Query("regulator ripple at load 3", 3, project="board"))
    assert found[0].ref == "r3"
    assert summary.id not in [one.id for one in found]
    memory.forget(["r2"])
    assert memory.episodes(kind="summary") == []


def test_a_store_of_the_first_format_is_taken_over(tmp_path: Path) -> None:
    script = f"""
import lancedb, pyarrow as pa
schema = pa.schema([("id", pa.string()), ("vector", pa.list_(pa.float32(), 384))]
    + [(n, pa.string()) for n in ("question", "answer", "artefacts", "verified", "domain", "session")] + [("time",
    pa.float64())])
table = lancedb.connect({str(tmp_path)!r}).create_table("episodes", schema=schema)
table.add([{{"id": "ab" * 16, "vector": [0.1] * 384, "question": "RC at 1 kHz", "answer": "R1", "artefacts": "aa\\nbb",
    "verified": "true", "domain": "spice", "session": "s", "time": 5.0}}])
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    memory = Memory(tmp_path, WordVectors())
    (one,) = memory.episodes()
    assert (one.id, one.question, one.answer, one.verified, one.artefacts) == (
        "ab" * 16,
        "RC at 1 kHz",
        "R1",
        True,
        ("aa", "bb"),
    )
    assert "format 1" in memory.files.notes[0]
    assert not (tmp_path / "episodes.lance").exists()
    assert memory.recall("RC at 1 kHz")[0].id == "ab" * 16
    shutil.rmtree(tmp_path)
