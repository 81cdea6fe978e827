"""Snapshots: lines, positions in three encodings, edits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_tools.text import Edit, Encoding, NotText, Position, Snapshot, Span, decode

TEXTS = st.text(st.sampled_from("ab1 \r\n\f\u2028é€𝄞"), max_size=60)


def test_lines_end_where_the_protocol_says_and_nowhere_else() -> None:
    snapshot = Snapshot("a\r\nb\rc\nd\fe\u2028f")
    assert [snapshot.line_text(line) for line in range(4)] == ["a", "b", "c", "d\fe\u2028f"]
    assert snapshot.line_count == 4


@pytest.mark.parametrize(
    ("encoding", "character"), [("utf-8", 1 + 2 + 3 + 4), ("utf-16", 1 + 1 + 1 + 2), ("utf-32", 4)]
)
def test_columns_count_in_the_units_of_the_encoding(encoding: Encoding, character: int) -> None:
    snapshot = Snapshot("first\na\u00e9\u20ac\U0001d11ez")
    offset = snapshot.text.index("z")
    assert snapshot.position(offset, encoding) == Position(1, character)
    assert snapshot.offset(Position(1, character), encoding) == offset


@given(TEXTS, st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_position_and_offset_are_inverse_inside_lines(text: str, encoding: Encoding) -> None:
    snapshot = Snapshot(text)
    for line in range(snapshot.line_count):
        span = snapshot.line_span(line)
        for offset in range(span.start, span.end + 1):
            assert snapshot.offset(snapshot.position(offset, encoding), encoding) == offset


@given(
    st.lists(TEXTS, max_size=40),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 2000), st.integers(0, 400), TEXTS), max_size=8),
)
def test_many_edits_of_a_long_text_give_what_one_string_gives(
    lines: list[str], edits: list[tuple[int, int, int, str]]
) -> None:
    snapshot = Snapshot("line of a longer text\n" * 300 + "\n".join(lines))
    for _, start, length, new in edits:
        start = min(start * 4, snapshot.length)
        end = min(start + length * 20, snapshot.length)
        expected = snapshot.text[:start] + new + snapshot.text[end:]
        snapshot = snapshot.edited([Edit(Span(start, end), new)])
        assert snapshot.text == expected
    fresh = Snapshot(snapshot.text)
    assert snapshot.line_count == fresh.line_count
    for line in range(snapshot.line_count):
        assert snapshot.line_span(line) == fresh.line_span(line)
        assert snapshot.line_text(line) == fresh.line_text(line)


def test_chunks_stay_whole_lines_when_a_line_end_between_them_goes() -> None:
    old = Snapshot("".join(f"R{i} a b 1k\n" for i in range(3000)))
    for end in list(old.chunk_starts)[1:-1]:
        new = old.edited([Edit(Span(end - 1, end), "")])
        assert all(chunk.text.endswith("\n") for chunk in new.chunks[:-1])


def test_an_edit_shares_the_rest_with_the_text_before() -> None:
    old = Snapshot("".join(f"R{i} a b 1k\n" for i in range(10_000)))
    new = old.edited([Edit(Span(50_000, 50_002), "R2")])
    assert len(set(map(id, old.chunks)) - set(map(id, new.chunks))) <= 1


def test_a_column_past_the_end_is_the_end_of_the_line() -> None:
    snapshot = Snapshot("ab\ncd")
    assert snapshot.offset(Position(0, 99)) == 2
    assert snapshot.offset(Position(99, 0)) == 5


def test_edits_are_made_in_one_go_and_keep_the_old_snapshot() -> None:
    old = Snapshot("R1 a b 1k\n", "x.cir", 1)
    new = old.edited([Edit(Span(7, 9), "2k"), Edit(Span(0, 2), "R2")], version=2)
    assert (new.text, new.path, new.version) == ("R2 a b 2k\n", "x.cir", 2)
    assert old.text == "R1 a b 1k\n"


@pytest.mark.parametrize("spans", [[(0, 3), (2, 4)], [(0, 99)]])
def test_overlapping_or_outside_edits_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="overlaps"):
        Snapshot("R1 a b").edited([Edit(Span(*span), "") for span in spans])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"R1 a 0 1k", "R1 a 0 1k"),
        (b"\xef\xbb\xbfR1\r\n", "R1\r\n"),
        ("10 µH".encode(), "10 µH"),
        ("10 µH".encode("latin-1"), "10 µH"),
        ("R1".encode("utf-16"), "R1"),
    ],
)
def test_decode_reads_the_encodings_that_engineers_have(data: bytes, text: str) -> None:
    assert decode(data) == text


def test_decode_names_the_byte_that_makes_a_file_binary() -> None:
    with pytest.raises(NotText, match="NUL at byte 2"):
        decode(b"ab\0c")
