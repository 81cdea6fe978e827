"""SPICE as a language: cards, values, diagnostics, and what an editor asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_tools.language import Workspace
from kiki_tools.spice.cards import parse
from kiki_tools.spice.retune import scale_frequency, solve_bilinear
from kiki_tools.spice.service import SPICE
from kiki_tools.spice.values import format_value, parse_number
from kiki_tools.text import Snapshot

EMPTY = Workspace()


@pytest.mark.parametrize(
    ("text", "value"),
    [("1k", 1e3), ("10MEG", 1e7), ("10M", 1e-2), ("100nF", 1e-7), ("-2.5e-3", -2.5e-3), ("1mil", 25.4e-6),
     (".5u", 5e-7), ("3V", 3.0), ("x1", None), ("", None), ("1 k", None), ("{a}", None)],
)  # fmt: skip
def test_numbers(text: str, value: float | None) -> None:
    assert parse_number(text) == (None if value is None else pytest.approx(value))


def test_values_are_shown_with_prefix() -> None:
    assert [format_value(v, "Hz") for v in (1592.0, 0.0, 2.2e-9)] == ["1.592 kHz", "0 Hz", "2.2 nHz"]


@given(st.text(st.sampled_from("rRcvx.+*=(){}'\"$; \n\t10kabs"), max_size=200))
def test_words_stand_where_they_say(text: str) -> None:
    snapshot = Snapshot(text)
    last = -1
    for card in parse(snapshot, title=False).cards:
        for word in card.words:
            assert snapshot.text[word.span.start : word.span.end] == word.text
            assert word.span.start > last
            last = word.span.start


def test_continuations_comments_and_scopes() -> None:
    deck = parse(Snapshot("title\nR1 a b ; note\n* comment\n+ 1k\n.subckt s p\nC1 p 0 1n $ tail\n.ends\n"))
    shown = [(card.kind, [word.text for word in card.words], card.scope) for card in deck.cards]
    assert shown[1] == ("device", ["R1", "a", "b", "1k"], ())
    assert shown[3] == ("device", ["C1", "p", "0", "1n"], ("s",))


DECK = "* t\nV1 in 0 1\nR1 in 0 1k\n{}\n.op\n.end\n"


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("?1 in 0 1", "SP101"),
        (".nonsense", "SP106"),
        ("R2 in 0 {2*x", "SP105"),
        ("R2 in 0 {nope}", "SP205"),
        ("R2 in 0 {2*pi}", "SP205"),
        ("R2 in 0 abc", "SP404"),
        (".model q npn\nD1 in 0 q", "SP207"),
        (".param a={b} b={a}", "SP208"),
        ("F1 in 0 vnone 2", "SP209"),
        (".model d1 d(isx=1)", "SP211"),
        ("C1 in 0 1u Rser=1", "SP216"),
        ("I1 in 0 DC 0 1", "SP216"),
        ("V2 x 0 AC 1 0 0\nR2 x 0 1k", "SP216"),
        ("C1 in x 1n\nC2 x 0 1n", "SP303"),
        ("V2 in 0 2", "SP304"),
        ("L1 in 0 1m", "SP305"),
        ("C1 in 0 -1n", "SP405"),
        ("C1 in 0 10", "SP406"),
        (".meas tran x max v(in)", "SP504"),
        (".dc vnone 0 1 1", "SP505"),
        ("R2 in 0", "SP102"),
        (".subckt s a b", "SP103"),
        (".ends", "SP103"),
        ("R1 in 0 2k", "SP201"),
        ("D1 in 0 nomodel", "SP202"),
        ("Q1 in in 0 nomodel", "SP202"),
        ("X1 in nosub", "SP203"),
        ("R2 in O 1k", "SP402"),
        ("R2 in 0 10M", "SP401"),
        ("R2 in 0 0", "SP403"),
        ("R2 in lonely 1k", "SP302"),
        (".control\nshell ls\n.endc", "SP601"),
        (".model dx d\n.model dx d", "SP212"),
        (".subckt s a\n.ends\n.subckt s a\n.ends", "SP212"),
        (".param lost=1", "SP215"),
        (".ac dec 10 1 1k", "SP507"),
        (".op\n.meas op x max v(nowhere)", "SP508"),
    ],
)
def test_a_fault_is_found_at_its_line(card: str, code: str) -> None:
    snapshot = Snapshot(DECK.format(card), "/p/x.cir")
    found = [(d.code, snapshot.line_of(d.span.start)) for d in SPICE.diagnostics(snapshot, EMPTY)]
    assert any(c == code and line in (3, 4, 5) for c, line in found), found


def test_a_clean_deck_has_nothing_to_remark() -> None:
    snapshot = Snapshot(DECK.format("C1 in 0 1n"), "/p/x.cir")
    assert SPICE.diagnostics(snapshot, EMPTY) == []


@pytest.mark.parametrize(
    "card",
    ["I1 in 0 DC 1m AC 1 90", "I1 in 0 AC 1 0 DC 0", "I1 in 0 SIN 0 1 1k", "I1 in 0 1m PULSE(0 1m 0 1n 1n 1u 2u)"],
)
def test_a_source_takes_what_ngspice_takes(card: str) -> None:
    snapshot = Snapshot(DECK.format(card), "/p/x.cir")
    assert SPICE.diagnostics(snapshot, EMPTY) == []


def test_behavioural_sources_know_pi() -> None:
    snapshot = Snapshot(DECK.format("B1 b 0 v={2*pi*v(in)}\nR2 b 0 1k"), "/p/x.cir")
    assert SPICE.diagnostics(snapshot, EMPTY) == []


def test_a_code_can_be_silenced_in_the_file() -> None:
    snapshot = Snapshot(DECK.format("R2 in lonely 1k\n* kiki: ignore SP302"), "/p/x.cir")
    assert SPICE.diagnostics(snapshot, EMPTY) == []


def test_wrong_pins_across_an_include() -> None:
    library = Snapshot(".subckt amp in out vcc\nR1 in out 1k\nR2 out vcc 1k\n.ends\n", "/p/amp.lib")
    snapshot = Snapshot('* t\n.include "amp.lib"\nV1 a 0 1\nX1 a b amp\n.op\n.end\n', "/p/x.cir")
    assert SPICE.wanted(snapshot, EMPTY) == [library.path]
    workspace = Workspace({library.path: library})
    codes = [diagnostic.code for diagnostic in SPICE.diagnostics(snapshot, workspace)]
    assert "SP204" in codes
    (location,) = SPICE.definition(snapshot, snapshot.text.index("amp\n.op"), workspace)
    assert (location.path, library.text[location.span.start : location.span.end]) == (library.path, "amp")


def test_a_missing_include_is_said_and_hides_no_false_alarm() -> None:
    snapshot = Snapshot('* t\n.include "no.lib"\nX1 a b amp\n.op\n.end\n', "/p/x.cir")
    workspace = Workspace({}, {"/p/no.lib": "no such file"})
    assert [d.code for d in SPICE.diagnostics(snapshot, workspace) if d.severity == "error"] == ["SP206"]


def test_hover_completion_and_outline() -> None:
    snapshot = Snapshot("* t\nR1 in out 4k7\n.model dx D(IS=1n)\nD1 in 0 dx\n.op\n.end\n", "/p/x.cir")
    hover = SPICE.hover(snapshot, snapshot.text.index("R1"), EMPTY)
    assert hover is not None
    assert "resistor" in hover.markdown
    assert {s.name for s in SPICE.symbols(snapshot)} == {"R1", "dx", "D1", ".op"}
    begun = Snapshot(snapshot.text.replace(".op", "D2 in 0 d"), "/p/x.cir")
    labels = [one.label for one in SPICE.completions(begun, begun.text.index("D2 in 0 d") + 9, EMPTY)]
    assert labels[0] == "dx"


@pytest.mark.parametrize(
    "text", ["", "\0\0", "(" * 100_000, "x\n" + "{" * 50_000, "R1 " + "a" * 1_000_000, "é€\r\n.end"]
)
def test_hostile_text_is_survived(text: str) -> None:
    snapshot = Snapshot(text, "/p/x.cir")
    found = SPICE.diagnostics(snapshot, EMPTY)
    assert len(found) <= 1000
    assert all(0 <= one.span.start <= one.span.end <= snapshot.length for one in found)
    assert all(0 <= one.span.start <= one.span.end <= snapshot.length for one in SPICE.symbols(snapshot))
    hover = SPICE.hover(snapshot, len(text) // 2, EMPTY)
    assert hover is None or 0 <= hover.span.start <= hover.span.end <= snapshot.length


def test_scaling_moves_every_reactance() -> None:
    scaled = scale_frequency("* t\n* R*C = 1k*10n\nR1 a b 1k\nC1 b 0 10n\nL1 b 0 1m\n.end\n", 2.0)
    assert "C1 b 0 5n" in scaled
    assert "L1 b 0 500u" in scaled
    assert "R1 a b 1k" in scaled
    assert "R*C" not in scaled


@given(st.floats(-5, 5), st.floats(0.1, 5), st.floats(0.1, 5), st.floats(0.05, 20))
def test_three_points_tell_a_bilinear_function(a: float, b: float, c: float, x: float) -> None:
    def y(x: float) -> float:
        return (a + b * x) / (1 + c * x)

    if abs(b - a * c) > 0.1:
        found = solve_bilinear([(p, y(p)) for p in (0.5, 1.0, 2.0)], y(x))
        assert found == pytest.approx(x, rel=1e-3)


def test_a_library_is_found_in_the_search_folders() -> None:
    library = Snapshot(".subckt amp in out\nR1 in out 1k\n.ends\n", "/libraries/amp.lib")
    snapshot = Snapshot("* t\n.include amp.lib\nV1 a 0 1\nX1 a 0 amp\n.op\n.end\n", "/p/x.cir")
    files = {library.path: library}
    workspace = Workspace({}, {}, ["/elsewhere", "/libraries"])
    asked = []
    while wanted := SPICE.wanted(snapshot, workspace):
        asked += wanted
        texts = {**workspace.snapshots, **{path: files[path] for path in wanted if path in files}}
        missing = {**workspace.unreadable, **{path: "is missing" for path in wanted if path not in files}}
        workspace = Workspace(texts, missing, workspace.search)
    assert asked == ["/p/amp.lib", "/elsewhere/amp.lib", "/libraries/amp.lib"]
    assert SPICE.diagnostics(snapshot, workspace) == []
    (location,) = SPICE.definition(snapshot, snapshot.text.index("amp\n.op"), workspace)
    assert location.path == library.path


@pytest.mark.parametrize(
    ("card", "code", "fix"),
    [("R2 in 0 4k7", "SP407", "4.7k"), ("C2 in 0 4n7", "SP404", "4.7n"), ("R2 in 0 2R2", "SP407", "2.2")],
)
def test_a_value_with_its_suffix_for_a_point_is_mended(card: str, code: str, fix: str) -> None:
    snapshot = Snapshot(DECK.format(card), "/p/x.cir")
    (found,) = SPICE.diagnostics(snapshot, EMPTY)
    assert found.code == code
    assert found.fixes[0].edits[0].text == fix


def test_files_that_draw_each_other_in_are_told() -> None:
    texts = {
        path: Snapshot(text, path)
        for path, text in {"/p/a.inc": ".include b.inc\nR2 in 0 1k\n", "/p/b.inc": ".include x.cir\n"}.items()
    }
    snapshot = Snapshot(DECK.format(".include a.inc"), "/p/x.cir")
    (found,) = SPICE.diagnostics(snapshot, Workspace({**texts, snapshot.path: snapshot}))
    assert (found.code, snapshot.line_of(found.span.start)) == ("SP214", 3)


def test_a_section_that_a_library_lacks_is_told_with_the_nearest() -> None:
    library = Snapshot(".lib tt\n.model n1 nmos\n.endl\n.lib ff\n.model n1 nmos\n.endl\n", "/p/m.lib")
    snapshot = Snapshot(DECK.format(".lib m.lib ttt"), "/p/x.cir")
    (found,) = SPICE.diagnostics(snapshot, Workspace({library.path: library}))
    assert found.code == "SP213"
    assert "did you mean tt" in found.message
    fine = Snapshot(DECK.format(".lib m.lib tt"), "/p/x.cir")
    assert SPICE.diagnostics(fine, Workspace({library.path: library})) == []


@pytest.mark.parametrize("mark", [".backanno", "* kiki: dialect pspice", ".alter"])
def test_what_another_simulator_allows_is_no_error_there(mark: str) -> None:
    text = DECK.format("R2 in 0 {undefined}\n.strange 1\n{}").format(mark, undefined="{undefined}")
    severities = {d.code: d.severity for d in SPICE.diagnostics(Snapshot(text, "/p/x.cir"), EMPTY)}
    assert severities["SP205"] == "warning"
    assert severities["SP106"] == "warning"
    plain = Snapshot(DECK.format(".strange 1"), "/p/x.cir")
    assert [d.severity for d in SPICE.diagnostics(plain, EMPTY)] == ["error"]
    assert [d.severity for d in SPICE.diagnostics(plain, Workspace(dialect="xyce"))] == ["warning"]


def test_a_library_may_use_what_its_deck_defines() -> None:
    library = Snapshot(".subckt cell a b\nM1 a b 0 0 nch W={wmin}\nX1 a b other\n.ends\n", "/p/cells.lib")
    assert [d for d in SPICE.diagnostics(library, EMPTY) if d.severity == "error"] == []
    deck = Snapshot(DECK.format(".include cells.lib\nX2 in 0 cell"), "/p/x.cir")
    found = {(d.path, d.code) for d in SPICE.diagnostics(deck, Workspace({library.path: library}))}
    assert found == {(library.path, code) for code in ("SP202", "SP203", "SP205")}


@pytest.mark.parametrize(
    "card",
    [".param x=agauss(1k,50,3)\nR2 in 0 {x}", ".ic v(in)='1+1' v(in)='2'", ".param f=max(1,2) g={f}\nR2 in 0 {g}"],
)
def test_functions_and_probes_are_no_parameters(card: str) -> None:
    assert SPICE.diagnostics(Snapshot(DECK.format(card), "/p/x.cir"), EMPTY) == []
