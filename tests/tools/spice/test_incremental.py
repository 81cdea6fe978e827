"""An edited file is told the same as one that was opened like that."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kiki_tools.language import Workspace
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Edit, Snapshot, Span

LINES = st.sampled_from(
    [
        "R{n} a b 1k", "C{n} b 0 1n", "V{n} a 0 1", "L{n} a b 1m", "X{n} a b amp", "D{n} a b dx", "Q{n} a b 0 qx",
        ".subckt amp p q", ".subckt s2 a b params: k=1", ".ends", "+ 2k", "* note", "", ".model dx d(is=1n)",
        ".model qx npn(bf=100", "+ is=1n)", ".param k={n}", "R{n} a b {{k}}", "R{n} a b {{nope}}", ".control", ".endc",
        "run", "shell ls", ".end", ".op", "R{n} a", "R1 a o 10M", ".if (k)", ".endif", "* kiki: ignore SP302",
        "I{n} x 0 1", "C{n} x 0 1n", "K1 L1 L2 1", "F{n} a 0 v1 2", ".dc v1 0 1 1", ".meas tran m max v(a)",
    ]
)  # fmt: skip
DECKS = st.lists(LINES, min_size=1, max_size=400).map(
    lambda lines: "* title\n" + "\n".join(line.format(n=number) for number, line in enumerate(lines))
)
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 90), st.sampled_from(["", "x", "\n", "+", " 0 "]) | DECKS), max_size=5
)
EMPTY = Workspace()


def told(snapshot: Snapshot) -> list[tuple[object, ...]]:
    return [(d.code, d.span, d.message, d.severity, d.fixes) for d in SPICE.diagnostics(snapshot, EMPTY)]


_QUICK = [Phase.explicit, Phase.reuse, Phase.generate]  # to shrink a deck takes minutes


@settings(max_examples=60, deadline=None, phases=_QUICK)
@given(DECKS, EDITS)
def test_incremental_is_full(deck: str, edits: list[tuple[float, int, str]]) -> None:
    snapshot = Snapshot("\n".join([deck] * 12), "/p/x.cir")
    told(snapshot)
    for place, length, new in edits:
        start = int(place * snapshot.length)
        span = Span(start, min(start + length, snapshot.length))
        snapshot = snapshot.edited([Edit(span, new)])
        assert told(snapshot) == told(Snapshot(snapshot.text, snapshot.path))


def test_an_older_version_is_told_as_it_was() -> None:
    old = Snapshot("* t\nV1 a 0 1\nR1 a 0 1k\n.op\n.end\n", "/p/x.cir")
    new = old.edited([Edit(Span(4, 4), "X1 a nosub\n")])
    assert [code for code, *_ in told(new)] == ["SP203"]
    assert told(old) == []
    assert [code for code, *_ in told(new)] == ["SP203"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_change_nothing_but_places(line_end: str) -> None:
    text = "* t\nV1 a 0 1\nR1 a o 1k\nX1 a b\n+ nosub\n.op\n.end\n"
    lines = [(d.code, Snapshot(text).line_of(d.span.start)) for d in SPICE.diagnostics(Snapshot(text, "/p/x"), EMPTY)]
    other = Snapshot(text.replace("\n", line_end), "/p/x")
    assert [(d.code, other.line_of(d.span.start)) for d in SPICE.diagnostics(other, EMPTY)] == lines
