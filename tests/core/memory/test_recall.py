"""What a question brings back: the thing meant, what holds now, what depends on it, its time, or nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from word_vectors import WordVectors

from kiki_core.memory import Episode, Link, Memory, Query

NOW = datetime(2026, 6, 9, 15, 0, tzinfo=UTC).timestamp()
DAY = 86_400.0


def refs(memory: Memory, query: str, k: int = 3, **more: object) -> list[str]:
    found = memory.search(Query(query, k, project=memory.project, now=NOW, **more))  # type: ignore[arg-type]
    return [one.ref for one in found]


def note(text: str, ref: str, days_ago: float = 0, **more: object) -> Episode:
    return Episode(text, ref=ref, time=NOW - days_ago * DAY, **more)  # type: ignore[arg-type]


@pytest.fixture
def board(memory: Memory) -> Memory:
    memory.add(
        [
            note("We chose the TPS62840 as regulator for the 3.3 V rail", "reg1", 20, session="power"),
            note("The radio module takes its supply from the 3.3 V rail", "radio", 19, links=(Link("causal", "reg1"),)),
            note("Antenna matching assumes the radio module", "antenna", 18, links=(Link("causal", "radio"),)),
            note("Replaced the regulator: TPS62843, better at light load", "reg2", 10, supersedes=("reg1",)),
            note("Respin B of the board was ordered", "respin", 8),
            note("Bring-up: SWD connector moved to the edge", "swd", 7),
            note("Firmware watchdog set to two seconds", "dog", 1),
        ]
    )
    memory.encode_pending()
    return memory


def test_what_was_superseded_is_not_recalled_as_current(board: Memory) -> None:
    found = refs(board, "which regulator supplies the 3.3 V rail?")
    assert "reg1" not in found
    assert "reg2" in found[:2]


def test_the_successor_is_reached_through_what_it_replaced(memory: Memory) -> None:
    memory.add([note("crystal Y1 is 8 MHz", "a", 5), note("changed for the PLL", "b", 3, supersedes=("a",))])
    memory.add([note("and once more", "c", 2, supersedes=("b",)), note("unrelated thing", "x", 1)])
    memory.encode_pending()
    assert refs(memory, "what is crystal Y1?", 1) == ["c"]


@pytest.mark.parametrize(
    "question", ["which regulator did we use previously?", "what was the old part before that, regulator"]
)
def test_a_question_about_the_past_gets_the_past(board: Memory, question: str) -> None:
    assert "reg1" in refs(board, question, 4)


def test_the_past_is_there_on_request(board: Memory) -> None:
    assert "reg1" in refs(board, "regulator for the 3.3 V rail", superseded=True)


def test_what_depends_on_a_thing_is_found_through_trace(board: Memory) -> None:
    found = refs(board, "what used the TPS62840 regulator?", 4)
    assert {"radio", "antenna"} <= set(found)
    why = {one.ref: one.why for one in board.search(Query("what depends on the TPS62840?", 5, project="board"))}
    assert "rests on reg1, which was superseded" in why["radio"]


@pytest.mark.parametrize(
    "question",
    ["Which FPGA bitstream did we flash?", "what about the LM7805?", "who approved the invoice", "password of the NAS"],
)
def test_absence_is_answered_as_absence(board: Memory, question: str) -> None:
    assert refs(board, question, relevant=True) == []


def test_a_part_number_is_matched_exactly(memory: Memory) -> None:
    memory.add([note(f"TPS6284{n} was evaluated on the bench", f"p{n}") for n in range(6)])
    memory.encode_pending()
    assert refs(memory, "TPS62843 bench", 1) == ["p3"]
    assert refs(memory, "tell me of TPS62843", relevant=True) == ["p3"]
    assert refs(memory, "tell me of TPS62849 evaluated on the bench", relevant=True) == []


def test_a_value_is_matched_however_it_is_written(memory: Memory) -> None:
    memory.add([note("R5 is 4k7 now", "v"), note("R6 is 10k now", "w"), note("R7 is 47k now", "x")])
    memory.encode_pending()
    assert refs(memory, "where is the 4.7 kΩ resistor", 1) == ["v"]


def test_time_phrases_choose_by_time(board: Memory) -> None:
    assert refs(board, "what did we do yesterday?") == ["dog"]
    assert refs(board, "what did we do last Tuesday?") == ["swd"]
    assert set(refs(board, "what did we do before the respin?", 9)) == {"reg1", "radio", "antenna", "reg2"}
    assert set(refs(board, "what changed after the respin", 9)) == {"swd", "dog"}
    assert refs(board, "regulator two weeks ago", relevant=True) == []


def test_a_window_can_be_given(board: Memory) -> None:
    assert refs(board, "anything", since=NOW - 8.5 * DAY, until=NOW - 6.5 * DAY) in (
        ["respin", "swd"],
        ["swd", "respin"],
    )


def test_an_answer_is_found_by_the_question_before_it(memory: Memory) -> None:
    memory.add(
        [
            Episode("How far is the antenna from the edge?", session="s", author="Ann", ref="q"),
            Episode("Twelve millimetres.", session="s", author="Bob", ref="a"),
            *[Episode(f"Filler turn number {n} on other things", session="t", ref=f"f{n}") for n in range(20)],
        ]
    )
    memory.encode_pending()
    assert set(refs(memory, "how far is the antenna from the edge", 2)) == {"q", "a"}


def test_the_one_asked_about_is_preferred(memory: Memory) -> None:
    memory.add([Episode("I measured the ripple", author=who, ref=who, session=who) for who in ("Ann", "Bob", "Eve")])
    memory.encode_pending()
    assert refs(memory, "what did Bob measure?", 1) == ["Bob"]


def test_the_asking_session_is_preferred(memory: Memory) -> None:
    memory.add([Episode(f"ripple was {n} mV", session=f"s{n}", ref=f"r{n}") for n in range(5)])
    memory.encode_pending()
    assert refs(memory, "ripple", 1, session="s2") == ["r2"]


def test_the_same_text_comes_once(memory: Memory) -> None:
    memory.add([Episode("check the fuse", session=f"s{n}") for n in range(4)])
    assert len(memory.search(Query("fuse", 10, project="board"))) == 1


def test_a_changed_value_ranks_before_the_old_one(memory: Memory) -> None:
    memory.add([note("R5 is 10k on the feedback divider", "old", 9), note("Changed R5 from 10k to 4.7k", "new", 2)])
    memory.encode_pending()
    found = memory.search(Query("what is R5 on the feedback divider?", 2, project="board"))
    assert [one.ref for one in found] == ["new", "old"]
    assert "changed later" in found[1].why
    assert [fact.value for fact in memory.facts(project="board")] == ["4.7k"]


def test_texts_stay_within_the_budget(memory: Memory) -> None:
    memory.add([Episode(f"fuse {n} " + "x" * 400) for n in range(10)])
    found = memory.search(Query("fuse", 10, project="board", budget=300))
    assert 1 <= len(found) <= 3
    assert sum(len(one.text) for one in found) <= 1_200
    cut = memory.search(Query("fuse", 10, project="board", budget=300, most_text=100))
    assert len(cut) == 10
    assert all(len(one.text) <= 100 for one in cut)


def test_what_is_not_encoded_yet_is_found_by_its_words(tmp_path: Path) -> None:
    class Broken(WordVectors):
        def encode(self, texts):  # type: ignore[no-untyped-def]
            from kiki_core.errors import KikiError

            raise KikiError("the sentence encoder is not here yet", "run `kiki models pull`")

    memory = Memory(tmp_path / "memory", Broken(), project="board")
    memory.add([note("the ferrite bead is 600 ohm", "f"), note("the fuse is slow", "g")])
    assert refs(memory, "ferrite", 1) == ["f"]
    assert [one.ref for one in memory.recall("ferrite bead 600 ohm")] == ["f"]
    assert "not here yet" in memory.files.notes[0]


@pytest.mark.parametrize(
    "query", ["", "   ", "?", '"', "*", "NEAR(a b)", "a:b", "\0", "x" * 50_000, "🦊", "-", "OR AND NOT", "\ud800"]
)
def test_any_text_may_be_asked(board: Memory, query: str) -> None:
    board.search(Query(query, 3, project="board"))


def test_large_stores_recall_as_small_ones(tmp_path: Path) -> None:
    """Above the size where the scan goes in steps: nearest vectors as by exact search."""
    import numpy as np

    from kiki_core.memory.scan import Vectors

    rng = np.random.default_rng(7)
    topics = rng.normal(size=(300, 384)) * np.geomspace(3, 0.2, 384)
    rows = topics[rng.integers(300, size=30_000)] + 0.6 * rng.normal(size=(30_000, 384)) * np.geomspace(2, 0.3, 384)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    vectors = Vectors()
    for start in range(0, 30_000, 5_000):
        vectors.grow(start + 5_000)
        vectors.place(np.arange(start, start + 5_000), rows[start : start + 5_000].astype(np.float16))
    vectors.settle()
    mask = np.ones(30_000, bool)
    share = []
    for query in rows[rng.integers(30_000, size=50)]:
        exact = set(np.argpartition(-(rows @ query), 10)[:10].tolist())
        share.append(len(exact & set(vectors.nearest(query, mask, 10).tolist())) / 10)
    assert np.mean(share) >= 0.95
    mask[:] = False
    mask[17] = True
    assert vectors.nearest(rows[0], mask, 10).tolist() == [17]
