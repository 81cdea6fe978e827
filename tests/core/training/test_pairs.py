"""Files of pairs: what is read, what is refused and where, what is the same, what is held out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.errors import KikiError
from kiki_core.training import pairs
from kiki_core.training.pairs import Pair

ROW = {"domain": "spice-sim", "licence": "CC0-1.0", "source": "by hand", "group": "rc", "checked_by": "ngspice 46"}


def pair(instruction: str, answer: str = "yes", group: str = "g") -> Pair:
    return Pair(instruction, answer, "spice-sim", "CC0-1.0", "by hand", group, "ngspice 46")


def line(**changes: object) -> str:
    return json.dumps({"instruction": "a", "answer": "b", **ROW, **changes})


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = [
        pair("Qu'est-ce que µ ?\nDeux lignes.", '```spice\n* "x"\n```'),
        Pair("q", "a", "stm32", "MIT", "s", "g", "gcc", {"kind": "c"}),
    ]
    pairs.write(tmp_path / "p.jsonl", written)
    assert list(pairs.read(tmp_path / "p.jsonl")) == written
    first = json.loads((tmp_path / "p.jsonl").read_text().splitlines()[0])
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant"]


def test_the_plain_layout_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text(f"\n{line()}\n\n{line(instruction='c')}\n")
    assert [one.instruction for one in pairs.read(tmp_path / "p.jsonl")] == ["a", "c"]


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", "line 2: a pair is a JSON object"),
        (line(answer=" "), "line 2: the answer is missing or empty"),
        (line(instruction=None), "line 2: the instruction is missing"),
        (line(domain="cooking"), "line 2: 'cooking' is no domain"),
        (line(licence=""), "line 2: the column licence is missing"),
        (line(group="a\nb"), "line 2: the column group is no single line"),
        (line(source=7), "line 2: the column source is missing"),
        (line(check=[]), "line 2: check is an object"),
        (line(messages=[{"role": "user", "content": "x"}]), "line 2: messages are one of the user"),
        (line(messages=[{"role": "user", "content": 1}, {"role": "assistant"}]), "line 2: the instruction"),
        (line(answer="a\0b"), "line 2: the answer holds a NUL"),
        ('{"instruction": "\\ud800"}', "line 2: the instruction holds half"),
        ("[" * 100_000, "line 2: nested too deep"),
        ("x" * 1_100_000, "line 2: longer than"),
        (b"\xff\xfe", "line 2: not UTF-8"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: str | bytes, told: str) -> None:
    content = bad if isinstance(bad, bytes) else bad.encode()
    (tmp_path / "p.jsonl").write_bytes(line().encode() + b"\n" + content + b"\n")
    with pytest.raises(KikiError, match=told):
        pairs.read(tmp_path / "p.jsonl")


def test_the_other_bad_lines_are_counted(tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("\n".join([line(), "?", line(), "{}", "?"]))
    with pytest.raises(KikiError, match=r"line 2: no JSON.*\(and 2 more: line 4, 5\)"):
        pairs.read(tmp_path / "p.jsonl")


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_no_data(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.jsonl").write_text(content)
    with pytest.raises(KikiError, match="holds no pair"):
        pairs.read(tmp_path / "p.jsonl")


def test_doubles_go_and_the_first_stays() -> None:
    long = (
        "design a low-pass filter of first order with a corner at one kilohertz from a source of fifty ohms to a load"
    )
    given_ = [pair("A filter?"), pair("a  FILTER?", "no"), pair(long, long), pair(long + " now", long), pair("else")]
    kept, dropped = pairs.deduplicated(given_, near=0.8)
    assert [given_.index(one) for one in kept] == [0, 2, 4]
    assert [(twin.one, twin.other) for twin in dropped] == [(1, 0), (3, 2)]


def test_a_question_that_is_evaluated_leaks_and_another_number_does_not() -> None:
    asked = "Write a deck of an RC low-pass with a corner at 1 kHz and simulate it from 10 Hz to 1 MHz, please."
    same, other = asked.upper().replace("PLEASE", "please !"), "Give me a full-wave rectifier for 12 V."
    found = pairs.leaks([pair(other), pair(same)], [asked])
    assert [twin.one for twin in found] == [1]


@given(st.lists(st.text("ab ", max_size=12), max_size=12), st.sampled_from([0.2, 0.5, 0.8, 1.0]))
def test_alike_finds_what_comparing_all_finds(texts: list[str], near: float) -> None:
    grams = [pairs._grams(text) for text in texts]
    expected = [
        (one, other)
        for one in range(len(texts))
        for other in range(len(texts))
        if len(grams[one] & grams[other]) / len(grams[one] | grams[other]) >= near
    ]
    assert [(twin.one, twin.other) for twin in pairs.alike(texts, texts, near)] == expected


@given(st.lists(st.sampled_from("abcdefg"), min_size=2), st.floats(0, 1), st.integers(0, 3))
def test_a_split_never_cuts_a_group(groups: list[str], share: float, seed: int) -> None:
    given_ = [pair(str(place), group=group) for place, group in enumerate(groups)]
    if len(set(groups)) == 1:
        with pytest.raises(KikiError, match="one group"):
            pairs.split(given_, share, seed)
        return
    train, held = pairs.split(given_, share, seed)
    assert train
    assert held
    assert not {one.group for one in train} & {one.group for one in held}
    assert sorted([*train, *held], key=lambda one: int(one.instruction)) == given_
    assert pairs.split(given_, share, seed) == (train, held)
