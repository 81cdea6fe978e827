"""Thoughts are taken out of a stream, wherever its pieces are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.backends.thinking import Thinking

CASES = [
    ("Hello", "Hello"),
    ("<think>a < b</think>\n\nHello", "Hello"),
    ("\n<think>a</think>Hello", "Hello"),
    ("<think></think>Hello", "Hello"),
    ("Hello <think>hm</think>world", "Hello world"),
    ("<think>a</think><think>b</think>c", "c"),
    ("<think>never ends", ""),
    ("1 <thi 2 < 3", "1 <thi 2 < 3"),
    ("ends with <think", "ends with <think"),
    ("the tag `<think>` opens", "the tag `<think>` opens"),
    ("open <think> was text", "open <think> was text"),
    ("</think>", "</think>"),
]


def filtered(pieces: list[str]) -> str:
    thinking = Thinking()
    return "".join([thinking.feed(piece) for piece in pieces] + [thinking.end()])


@pytest.mark.parametrize(("text", "shown"), CASES)
def test_whole_and_letter_by_letter(text: str, shown: str) -> None:
    assert filtered([text]).lstrip() == shown
    assert filtered(list(text)).lstrip() == shown


@given(st.lists(st.sampled_from(["<think>", "</think>", "<th", "ink>", "`", " ", "a", "</"])), st.data())
def test_where_a_stream_is_cut_changes_nothing(words: list[str], data: st.DataObject) -> None:
    text = "".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert filtered(pieces) == filtered([text])


def test_text_is_shown_as_it_comes_and_thoughts_take_no_memory() -> None:
    thinking = Thinking()
    assert thinking.feed("Hello <") == "Hello "
    assert thinking.feed("b>") == "<b>"
    silent = Thinking()
    silent.feed("<think>")
    for _ in range(100):
        assert silent.feed("x" * 1000) == ""
    assert len(silent._held) < 100
