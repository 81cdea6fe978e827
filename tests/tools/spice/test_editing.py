"""What an editor does with a netlist: names across scopes and files, formatting, values, colours, folding."""

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_tools.language import NotRenamed, Workspace
from kiki_tools.spice import ngspice
from kiki_tools.spice.cards import parse
from kiki_tools.spice.expressions import NoValue, evaluate, values
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot, Span

LIBRARY = Snapshot(".subckt amp in out vcc\nR1 in out 1k\nR2 out vcc {gain}\n.ends amp\n", "/p/amp.lib")
DECK = Snapshot(
    "* two stages\n"
    ".include amp.lib\n"
    ".param gain=2k load={gain*2}\n"
    "V1 in 0 DC 1 AC 1\n"
    "X1 in mid vcc amp\n"
    "x2 mid out vcc AMP\n"
    "VCC vcc 0 5\n"
    "R1 out 0 {load}\n"
    "D1 out 0 dfast\n"
    ".model dfast D(IS=1n\n"
    "+ N=1.8)\n"
    ".subckt cell in out\n"
    "R1 in out 10\n"
    ".ends\n"
    "Xc out mid cell\n"
    ".ac dec 10 1 1meg\n"
    ".meas ac peak max vdb(out)\n"
    ".end\n",
    "/p/x.cir",
)
FILES = Workspace({LIBRARY.path: LIBRARY})


def at(word: str, number: int = 0, snapshot: Snapshot = DECK) -> int:
    offset = -1
    for _ in range(number + 1):
        offset = snapshot.text.index(word, offset + 1)
    return offset


def applied(snapshot: Snapshot, offset: int, new: str) -> str:
    return snapshot.edited(SPICE.rename(snapshot, offset, new, FILES).get(snapshot.path, [])).text


def test_a_node_is_renamed_in_its_scope_alone() -> None:
    renamed = applied(DECK, at("out", 0), "q7")
    assert "x2 mid q7 vcc AMP" in renamed
    assert "vdb(q7)" in renamed
    assert ".subckt cell in out" in renamed
    assert "R1 in out 10" in renamed


def test_a_subcircuit_is_renamed_across_files_whatever_the_case() -> None:
    edits = SPICE.rename(DECK, at("AMP"), "block", FILES)
    library = LIBRARY.edited(edits[LIBRARY.path]).text
    assert library.count("block") == 2
    assert DECK.edited(edits[DECK.path]).text.count("block") == 2


@pytest.mark.parametrize(
    ("word", "new", "told"),
    [("R1 out", "Q1", "first letter"), ("R1 out", "R 1", "no name"), ("V1 in", "VCC", "taken"), ("mid", "0", "taken"),
     ("load", "1x", "parameter"), ("dfast", "a=b", "no name")],
)  # fmt: skip
def test_a_bad_name_is_refused(word: str, new: str, told: str) -> None:
    with pytest.raises(NotRenamed, match=told):
        SPICE.rename(DECK, at(word), new, FILES)


def test_the_ground_keeps_its_name() -> None:
    assert SPICE.prepare_rename(DECK, at("0 DC"), FILES) is None


def test_references_and_definitions_meet() -> None:
    uses = SPICE.references(DECK, at("gain"), FILES)
    assert [(place.path, len(place.span)) for place in uses] == [(DECK.path, 4), (DECK.path, 4), (LIBRARY.path, 4)]
    (place,) = SPICE.definition(LIBRARY, LIBRARY.text.index("R2"), Workspace())
    assert LIBRARY.slice(place.span) == "R2"
    (place,) = SPICE.definition(DECK, at("dfast"), FILES)
    assert place.span.start == at("dfast", 1)


def test_hover_tells_values_connections_and_models() -> None:
    def hover(offset: int) -> str:
        found = SPICE.hover(DECK, offset, FILES)
        return found.markdown if found else ""

    assert "4 kΩ" in hover(at("R1 out"))
    assert "parameter **load** = 4k" in hover(at("load}"))
    assert "x2" in hover(at("mid"))
    assert "X1" in hover(at("mid"))
    assert "model of type d" in hover(at("dfast"))
    assert "Emission" in hover(at("N=1.8"))
    assert "in = in, out = mid, vcc = vcc" in hover(at("X1"))


def test_hints_show_what_expressions_are_worth() -> None:
    shown = {DECK.slice(Span(h.offset - 6, h.offset)): h.label for h in SPICE.hints(DECK, Span(0, DECK.length), FILES)}
    assert shown["{load}"] == "= 4 kΩ"


def test_signatures_follow_the_cursor() -> None:
    help_ = SPICE.signature(DECK, at("vcc amp"), FILES)
    assert help_ is not None
    assert help_.active is not None
    assert help_.parameters[help_.active][0] == "vcc"
    typed = Snapshot("* t\nV1 a 0 PULSE(0 5 1u ", "/p/y.cir")
    help_ = SPICE.signature(typed, typed.length, Workspace())
    assert help_ is not None
    assert help_.active is not None
    assert help_.parameters[help_.active][0] == "rise"


def test_foldings_and_selections() -> None:
    assert [(fold.first, fold.last) for fold in SPICE.foldings(DECK)] == [(9, 10), (11, 12)]
    grown = [DECK.slice(span) for span in SPICE.selections(DECK, at("10\n"))]
    assert grown[0] == "10"
    assert grown[1] == "R1 in out 10"
    assert grown[-1] == DECK.text


MESSY = (
    "* keep   this   title\n"
    "V1   in 0   AC = 1\n"
    "R1 in  out   1k   ; load   here\n"
    "Rlong out 0 47\n"
    "C1 out 0\t1n\n"
    "B1 b 0 V = V(in) * 'a  b'\n"
    ".param   k = {1   +  1}\n"
    "+l = 3\n"
    ".control\n"
    "let  x  =  1\n"
    ".endc\n"
    ".end  \n"
)


def formatted(text: str) -> str:
    snapshot = Snapshot(text, "/p/x.cir")
    return snapshot.edited(SPICE.format(snapshot)).text


def test_formatting_touches_blanks_alone() -> None:
    assert formatted(MESSY) == (
        "* keep   this   title\n"
        "V1 in 0 AC=1\n"
        "R1 in out 1k ; load   here\n"
        "Rlong out 0 47\n"
        "C1 out 0 1n\n"
        "B1 b 0 V=V(in) * 'a  b'\n"
        ".param k={1   +  1}\n"
        "+ l=3\n"
        ".control\n"
        "let  x  =  1\n"
        ".endc\n"
        ".end\n"
    )


def test_devices_of_a_kind_stand_in_columns() -> None:
    assert formatted("* t\nR1 a b 1k\nR10 out 0 47\n.end\n") == "* t\nR1  a   b 1k\nR10 out 0 47\n.end\n"


@given(st.lists(st.text(st.sampled_from("Rrc1 \t=(){}'\"+*;$,.aE0\r"), max_size=40), max_size=12))
def test_formatting_keeps_the_words_and_comes_to_rest(lines: list[str]) -> None:
    text = "* t\n" + "\n".join(lines) + "\n"
    once = formatted(text)
    assert formatted(once) == once
    before, after = (parse(Snapshot(each), title=True) for each in (text, once))
    assert [[w.text for w in card.words] for card in before.cards[1:]] == [
        [w.text for w in card.words] for card in after.cards[1:]
    ]


def test_formatting_keeps_what_ngspice_computes() -> None:
    deck = "* t\nV1 in  0  DC = 1\n.param k =  2k\nR1   in out {k}\nR2 out 0  1k\n.op\n.end\n"
    runs = [asyncio.run(ngspice.simulate(Snapshot(text))) for text in (deck, formatted(deck))]
    assert runs[0].ok
    assert runs[0].analyses[0].vectors["v(out)"].values == runs[1].analyses[0].vectors["v(out)"].values


@given(st.text(st.sampled_from("Rrcx.m1 \t=(){}'\"+*;$,\naE0"), max_size=200))
def test_colours_stand_in_order(text: str) -> None:
    snapshot = Snapshot("* t\n" + text, "/p/x.cir")
    last = 0
    for token in SPICE.tokens(snapshot):
        assert token.span.start >= last
        last = token.span.end


def test_colours_tell_what_words_are() -> None:
    kinds = {DECK.slice(token.span): token.kind for token in SPICE.tokens(DECK)}
    assert kinds["X1"] == "device"
    assert kinds["mid"] == "node"
    assert kinds["AMP"] == "subcircuit"
    assert kinds["dfast"] == "model"
    assert kinds["gain"] == "parameter"
    assert kinds["peak"] == "measure"


@pytest.mark.parametrize(
    ("expression", "value"),
    [("{1+2*3}", 7), ("'2**3**2'", 512), ("-2^2", -4), ("(1k+1k)/2", 1000), ("sqrt(16)", 4), ("1>2?3:4", 4),
     ("max(1,2)*pi", 2 * math.pi), ("2meg", 2e6), ("a*2", 6), ("!0 && 1", 1), ("pwr(-2,2)", -4)],
)  # fmt: skip
def test_expressions(expression: str, value: float) -> None:
    assert evaluate(expression, {"a": 3.0}.get) == pytest.approx(value)


@pytest.mark.parametrize(
    "expression", ["", "1/0", "nope", "(" * 5000, "1 2", "f(1)", "1e308*1e308", "-" * 5000, "(-8)**0.5", "1?2"]
)
def test_what_has_no_value_says_so(expression: str) -> None:
    with pytest.raises(NoValue):
        evaluate(expression, lambda _: None)


def test_parameters_may_use_each_other_but_not_themselves() -> None:
    assert values({"a": "{b*2}", "b": "3", "c": "{c}", "d": "{c+1}"}) == {"a": 6.0, "b": 3.0}
