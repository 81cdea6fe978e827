"""The store: what is kept, changed, forgotten, and kept apart."""

import json
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.errors import KikiError
from kiki_core.memory import Episode, Link, Memory, Query
from kiki_core.memory.backups import import_lines, is_backup, take_in
from kiki_core.memory.interchange import episode_of, exported


def texts(memory: Memory, query: str, **more: object) -> list[str]:
    return [one.text for one in memory.search(Query(query, project=memory.project, **more))]  # type: ignore[arg-type]


def test_what_was_remembered_is_recalled_with_a_reason(memory: Memory) -> None:
    identity = memory.remember(Episode("RC low-pass at 1 kHz", "R = 15.9k, C = 10n", verified=True, domain="spice"))
    found = memory.recall("RC low-pass at 1 kHz")
    assert [one.id for one in found] == [identity]
    assert "R = 15.9k" in found[0].text
    assert 0 < found[0].score <= 1
    assert "low" in found[0].why
    assert found[0].domain == "spice"


def test_nothing_is_recalled_from_nothing(memory: Memory) -> None:
    assert memory.recall("anything") == []


def test_projects_are_apart_unless_asked_for_together(memory: Memory, tmp_path: Path) -> None:
    other = Memory(tmp_path / "memory", WordVectors(), project="other")
    memory.add([Episode("the crystal is 8 MHz")])
    other.add([Episode("the crystal is 16 MHz")])
    assert texts(memory, "which crystal") == ["the crystal is 8 MHz"]
    assert texts(other, "which crystal") == ["the crystal is 16 MHz"]
    assert {one.text for one in memory.search(Query("which crystal", project=None))} == {
        "the crystal is 8 MHz",
        "the crystal is 16 MHz",
    }


def test_a_project_can_be_switched_off_and_on(memory: Memory) -> None:
    memory.add([Episode("the fuse is 2 A")])
    memory.switch("board", enabled=False)
    assert memory.remember(Episode("q", "a")) == ""
    assert texts(memory, "fuse") == []
    with pytest.raises(KikiError, match="off"):
        memory.add([Episode("more")])
    memory.switch("board", enabled=True)
    assert texts(memory, "fuse") == ["the fuse is 2 A"]


def test_a_retry_makes_no_second_episode(memory: Memory) -> None:
    draft = Episode("the fuse is 2 A", ref="f1", session="s")
    first, second = memory.add([draft, draft])
    assert memory.add([draft]) == [first]
    assert first == second
    assert memory.add([Episode("the fuse is 3 A", ref="f1", session="s")]) != [first]
    assert memory.stats()["episodes"] == 2


def test_an_edit_is_found_by_its_new_words_only(memory: Memory) -> None:
    memory.add([Episode("the ferrite is 600 ohm", ref="x")])
    memory.edit("x", "the bead is 120 ohm")
    assert texts(memory, "bead") == ["the bead is 120 ohm"]
    assert texts(memory, "ferrite", relevant=True) == []
    memory.encode_pending()
    assert memory.get("x").question == "the bead is 120 ohm"


def test_what_is_forgotten_is_found_by_nothing(memory: Memory) -> None:
    keep, drop = memory.add([Episode("pad A is thermal"), Episode("pad B is thermal", ref="b")])
    memory.encode_pending()
    assert len(texts(memory, "thermal pad")) == 2
    assert memory.forget(["b"]) == [drop]
    assert [one.id for one in memory.search(Query("thermal pad", project="board"))] == [keep]
    with pytest.raises(KikiError, match="no episode"):
        memory.get("b")
    assert [one.id for one in memory.episodes()] == [keep]


def test_forgetting_what_superseded_brings_back_what_held(memory: Memory) -> None:
    memory.add([Episode("C1 is 10 uF", ref="old"), Episode("C1 is 22 uF", ref="new", supersedes=("old",))])
    assert memory.get("old").superseded_by is not None
    memory.forget(["new"])
    assert memory.get("old").superseded_by is None
    assert texts(memory, "C1") == ["C1 is 10 uF"]


def test_links_may_come_before_what_they_name(memory: Memory) -> None:
    memory.add([Episode("clock is 84 MHz", ref="b", supersedes=("a",), links=(Link("causal", "c"),))])
    memory.add([Episode("clock is 100 MHz", ref="a"), Episode("flash was too slow", ref="c")])
    assert memory.get("a").superseded_by == memory.get("b").seq
    assert [(step.episode.ref, step.kind) for step in memory.walk("b", depth=1)] == [
        ("a", "supersedes"),
        ("c", "causal"),
    ]


def test_a_ref_belongs_to_its_project(memory: Memory, tmp_path: Path) -> None:
    other = Memory(tmp_path / "memory", WordVectors(), project="other")
    other.add([Episode("theirs", ref="r")])
    memory.add([Episode("ours", ref="r"), Episode("newer", supersedes=("r",))])
    assert other.get("r").superseded_by is None
    assert memory.get("r").question == "ours"


def test_walking_follows_sessions_and_stops_at_the_depth(memory: Memory) -> None:
    memory.add([Episode(f"turn {n}", session="s", ref=f"t{n}") for n in range(5)])
    assert [step.episode.ref for step in memory.walk("t0", depth=2)] == ["t1", "t2"]
    assert [step.episode.ref for step in memory.walk("t4", depth=1, direction="out")] == ["t3"]
    assert memory.walk("t4", depth=1, direction="in") == []


def test_lists_are_by_time(memory: Memory) -> None:
    memory.add([Episode("b", time=200.0), Episode("a", time=100.0), Episode("c", time=300.0)])
    assert [one.question for one in memory.episodes()] == ["c", "b", "a"]
    assert [one.question for one in memory.episodes(since=150.0, until=250.0)] == ["b"]
    assert [one.question for one in memory.episodes(newest_first=False)] == ["b", "a", "c"]


def test_secrets_reach_no_file(memory: Memory, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    memory.add([Episode(f"push with {secret}", f"done, password: {secret}")])
    memory.edit(memory.episodes()[0].id, f"push again with {secret}")
    assert secret not in memory.episodes()[0].text
    assert "GitHub token" in memory.files.notes[0]
    memory.close()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


def test_export_and_import_give_the_same_store(memory: Memory, tmp_path: Path) -> None:
    memory.add(
        [
            Episode("a", "b", ("ab" * 32,), False, "spice", "s", "Ann", "r1", 5.0, "1970-01-01T00:00:05Z"),
            Episode(
                'c é \ud800 \0 \u2028 "quoted"',
                ref="r2",
                supersedes=("r1",),
                links=(Link("causal", "r1"),),
                pinned=True,
            ),
        ]
    )
    other = Memory(tmp_path / "other", WordVectors(), project="board")

    def lines(of: Memory) -> list[str]:
        return [json.dumps(exported(one, *of.links(one)), sort_keys=True) for one in of.episodes(newest_first=False)]

    import_lines(other, [line.encode() for line in lines(memory)])
    import_lines(other, [line.encode() for line in lines(memory)])
    assert lines(other) == lines(memory)
    assert other.get("r1").superseded_by is not None


def test_a_backup_taken_in_use_brings_everything_back(memory: Memory, tmp_path: Path) -> None:
    memory.add([Episode(f"note {n}", ref=f"n{n}") for n in range(50)])
    memory.encode_pending()
    memory.backup(tmp_path / "copy.db")
    memory.add([Episode("later")])
    other = Memory(tmp_path / "other", WordVectors(), project="board")
    assert is_backup(tmp_path / "copy.db")
    take_in(other, tmp_path / "copy.db")
    assert other.stats()["episodes"] == 50
    assert other.stats()["not_encoded"] == 0
    with pytest.raises(KikiError, match="exists"):
        memory.backup(tmp_path / "copy.db")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "no JSON object"),
        ("[]", "no JSON object"),
        ("[" * 100_000, "no JSON object"),
        ("{}", "no text"),
        ('{"text": " "}', "no text"),
        ('{"text": 3}', "no text"),
        ('{"text": "a", "time": "soon"}', "no time"),
        ('{"text": "a", "time": []}', "time is neither"),
        ('{"text": "a", "session": {}}', "session is no text"),
        ('{"text": "a", "links": 3}', "links"),
        ('{"text": "a", "links": [{"kind": "odd", "ref": "x"}]}', "link must have"),
        ('{"text": "a", "supersedes": [{}]}', "supersedes"),
        (json.dumps({"text": "x" * 30_000}), "limit"),
    ],
)
def test_a_bad_line_is_said_in_one_line(line: str, told: str) -> None:
    with pytest.raises(KikiError, match=told):
        episode_of(line)


def test_an_id_may_be_shortened_but_must_be_clear(memory: Memory) -> None:
    ids = memory.add([Episode("a", id="ab" * 16), Episode("b", id="abab" + "cd" * 14)])
    assert memory.get(ids[0][:8]).question == "a"
    with pytest.raises(KikiError, match="several"):
        memory.get("abab")
    for name in ("", "zz", "' OR 1", "%"):
        with pytest.raises(KikiError, match="no episode"):
            memory.get(name)


def test_a_handle_sees_what_another_process_wrote_and_forgot(memory: Memory, tmp_path: Path) -> None:
    other = Memory(tmp_path / "memory", WordVectors(), project="board")
    memory.add([Episode("one fuse")])
    assert texts(other, "fuse") == ["one fuse"]
    memory.add([Episode("two fuses", ref="2")])
    assert len(texts(other, "fuse fuses")) == 2
    other.edit("2", "two breakers")
    assert texts(memory, "breakers")[0] == "two breakers"
    other.forget(["2"])
    assert texts(memory, "fuse breakers") == ["one fuse"]
