"""Suggestions: what a model says reaches the editor only if the language service has nothing against it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from kiki_core.backends.protocol import Fill, Piece
from kiki_core.completing.checking import Place, cleaned, objection
from kiki_core.completing.counts import Counts, read
from kiki_core.completing.suggester import Suggester, longest_without_objection
from kiki_core.completing.window import window
from kiki_core.errors import KikiError
from kiki_tools.language import Workspace
from kiki_tools.languages import service
from kiki_tools.text import Edit, Snapshot, Span

DECK = """* divider
.subckt half in out
R1 in out 1k
R2 out 0 1k
.ends
.model DX D
V1 in 0 DC 5
R1 in mid 1k
R2 mid 0 1k
X1 mid out half
RL out 0 1meg
{}
.op
.end
"""


def at(typed: str, text: str = DECK, path: str = "/w/a.cir", language: str = "spice") -> Place:
    """The place behind what is typed, in place of the braces."""
    offset = text.index("{}") + len(typed)
    return Place(service(language), Snapshot(text.replace("{}", typed), path), offset, Workspace())


class Model:
    """Says what it is told to, one text after the other."""

    def __init__(
        self, *texts: str, wait_s: float = 0.0, before: Callable[[], None] = lambda: None, finish: str = "stop"
    ) -> None:
        self.texts, self.wait_s, self.before, self.finish = list(texts), wait_s, before, finish
        self.asked: list[Fill] = []
        self.closed = 0

    async def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        self.asked.append(request)
        self.before()
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        try:
            for char in text:
                await asyncio.sleep(self.wait_s)
                yield Piece(char)
            yield Piece("", finish=self.finish)
        finally:
            self.closed += 1

    async def aclose(self) -> None:
        pass


def suggester(model: Model, tmp_path: Path, **options: float) -> Suggester:
    """One that has the model's word alone."""
    options = {"budget_s": 60.0, **options}  # a busy machine is no reason to propose nothing
    return Suggester(model, Counts(tmp_path / "counts.json"), repeats=False, **options)


async def test_what_fits_is_suggested(tmp_path: Path) -> None:
    model = Model("0 10k")
    found = await suggester(model, tmp_path).suggest(at("R3 mid "))
    assert found is not None
    assert found.text == "0 10k"
    (asked,) = model.asked
    assert asked.before.endswith("\nR3 mid")
    assert ".op" in asked.behind


async def test_the_model_speaks_freely_first_and_is_held_by_the_grammar_then(tmp_path: Path) -> None:
    model = Model(" nowhere 10k", " 0 10k")
    found = await suggester(model, tmp_path).suggest(at("R3 mid "))
    assert found is not None
    assert found.text == "0 10k"
    free, held = model.asked
    assert '"mid"' not in free.grammar
    assert '"mid"' in held.grammar


async def test_a_text_that_was_cut_ends_with_its_last_whole_word(tmp_path: Path) -> None:
    model = Model(" 0 2 tc1=12", finish="length")
    found = await suggester(model, tmp_path).suggest(at("R3 mid "))
    assert found is not None
    assert found.text == "0 2"


async def test_what_the_file_says_for_sure_is_shown_without_the_model(tmp_path: Path) -> None:
    model = Model(" 0 10k")
    chain = "* chain\n.subckt inv a b\nR1 a b 1k\n.ends\nV1 a1 0 1\n" + "".join(
        f"X{n} a{n} a{n + 1} inv\n" for n in range(1, 8)
    )
    place = at("X8 ", chain + "{}\nR9 a9 0 1k\n.op\n.end\n")
    found = await Suggester(model, Counts(tmp_path / "counts.json")).suggest(place)
    assert found is not None
    assert found.text == "a8 a9 inv"
    assert model.asked == []


async def test_what_is_usual_is_shown_without_the_model(tmp_path: Path) -> None:
    model = Model("no idea")
    one = Suggester(model, Counts(tmp_path / "counts.json"))
    sheet = (SHEET, "/w/a.kicad_sch", "kicad")
    for place, rest in (
        (at("\t(junction (at 0 0) (diameter ", *sheet), "0))"),
        (at("\t(embedded_fonts ", *sheet), "no)"),
        (at("D1 mid 0 "), "DX"),  # the only model of a diode
    ):
        found = await one.suggest(place)
        assert found is not None
        assert found.text == rest
    assert model.asked == []


async def test_what_the_file_says_must_pass_the_check_too(tmp_path: Path) -> None:
    chain = "* chain\n.subckt inv a b\nR1 a b 1k\n.ends\nV1 a1 0 1\n" + "".join(
        f"X{n} a{n} a{n + 1} inv\n" for n in range(1, 8)
    )
    place = at("X8 ", chain + "{}\n.op\n.end\n")  # nothing else touches a9
    assert await Suggester(Model("rubbish"), Counts(tmp_path / "counts.json")).suggest(place) is None


async def test_a_subcircuit_that_is_defined_elsewhere_may_be_called_again(tmp_path: Path) -> None:
    deck = "* cell\nV1 a 0 1\nX1 a b cell\nX2 b c cell\nR1 c 0 1k\n{}\n.end\n"
    for said, fits in (("a c cell", True), ("a c 0 cell", False), ("a c other", False)):
        found = await suggester(Model(said), tmp_path).suggest(at("X3 ", deck))
        assert (found is not None) is fits, said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("R3 mid ", "nowhere 10k"),  # a node that nothing touches
        ("D1 mid 0 ", "DY"),  # a model that isn't there
        ("X2 mid out ", "third"),  # nor this subcircuit
        ("R", "1 mid 0 1k"),  # a second R1
        ("R3 mid ", "0"),  # no value
        ("R3 mid ", "mid 1k"),  # both ends on one node
        ("V2 mid 0 ", "0 0 0 0"),  # numbers that belong to nothing
        ("V2 mid ", "0 R1 dc 0"),  # nor does a device's name
        ("R3 mid ", "Sure! Here is the resistor you asked for."),
        ("", "```spice\nR3 mid 0 1k\n```"),
        ("R3 mid ", "0 1k\x1b[31m"),
        ("", "int main(void) { return 0; }"),
        ("", "   "),
    ],
)
async def test_what_does_not_fit_reaches_nobody(tmp_path: Path, typed: str, said: str) -> None:
    counts = Counts(tmp_path / "counts.json")
    assert await Suggester(Model(said), counts, repeats=False).suggest(at(typed)) is None
    assert counts.total()["spice"]["shown"] == 0
    assert counts.total()["spice"]["none"] == 1


async def test_the_next_best_is_tried_and_what_was_held_back_is_counted(tmp_path: Path) -> None:
    counts = Counts(tmp_path / "counts.json")
    found = await Suggester(Model("nowhere 1k", "0 1k"), counts, repeats=False).suggest(at("R3 mid "))
    assert found is not None
    assert (found.text, found.held_back) == ("0 1k", 1)
    assert counts.total()["spice"] == {
        "asked": 1, "shown": 1, "accepted": 0, "rejected": 0, "suppressed": 1, "none": 0,
    }  # fmt: skip
    counts.save()
    Counts(tmp_path / "counts.json").save()
    assert read(tmp_path / "counts.json")["spice"]["suppressed"] == 1


async def test_typing_along_asks_no_model(tmp_path: Path) -> None:
    model = Model("0 10k")
    one = suggester(model, tmp_path)
    await one.suggest(at("R3 mid "))
    for typed, rest in (("R3 mid 0", " 10k"), ("R3 mid 0 1", "0k")):
        found = await one.suggest(at(typed))
        assert found is not None
        assert found.text == rest
        assert found.cached
    assert len(model.asked) == 1
    await one.suggest(at("R3 mid o"))
    assert len(model.asked) > 1


async def test_the_next_request_stops_the_one_before(tmp_path: Path) -> None:
    model = Model("0 10k", wait_s=0.2)
    one = suggester(model, tmp_path)
    first = asyncio.create_task(one.suggest(at("R3 mid "), at_once=True))
    while not model.asked:
        await asyncio.sleep(0.01)
    storm = [asyncio.create_task(one.suggest(at(f"R3 mid 0 {digit}"))) for digit in range(1, 6)]
    results = await asyncio.gather(first, *storm)
    assert results[0] is None
    assert [one is None for one in results[1:-1]] == [True] * 4
    assert model.closed == len(model.asked)
    assert len(model.asked) < 6


async def test_a_model_that_never_ends_is_stopped_in_time(tmp_path: Path) -> None:
    model = Model("R" * 50_000, wait_s=0.02)
    found = await asyncio.wait_for(suggester(model, tmp_path, budget_s=0.2).suggest(at("R3 mid ")), 60)
    assert found is None
    assert model.closed == len(model.asked)


async def test_a_model_that_dies_is_told_and_the_next_request_asks_again(tmp_path: Path) -> None:
    def dead() -> None:
        if len(model.asked) == 1:
            raise KikiError("the server ended", "ask again")

    model = Model("0 10k", before=dead)
    one = suggester(model, tmp_path)
    with pytest.raises(KikiError):
        await one.suggest(at("R3 mid "))
    found = await one.suggest(at("R3 mid "))
    assert found is not None


async def test_warming_reads_what_the_next_request_begins_with(tmp_path: Path) -> None:
    model = Model("0 10k")
    one = suggester(model, tmp_path)
    await one.warm(at(""))
    await one.suggest(at("R3 mid "))
    warmed, asked = model.asked
    assert asked.before.startswith(warmed.before)
    assert asked.behind == warmed.behind


async def test_in_a_very_large_file_nothing_is_proposed_and_nothing_waits(tmp_path: Path) -> None:
    model = Model(" 0 10k")
    place = at("R3 mid ", DECK.replace(".op", "* padding\n" * 1_000_000))
    assert await suggester(model, tmp_path).suggest(place) is None
    assert model.asked == []


@pytest.mark.parametrize("typed", ["* a comm", "R3 mid 0 1k ; no", '.include "a', "* "])
async def test_no_model_is_asked_where_nothing_is_to_be_proposed(tmp_path: Path, typed: str) -> None:
    model = Model("x")
    assert await suggester(model, tmp_path).suggest(at(typed)) is None
    assert model.asked == []


def test_the_window_stands_still_from_line_to_line() -> None:
    lines = [f"R{n} a b 1k\n" for n in range(100)]
    text = Snapshot("".join(lines))
    tops = {window(text, text.line_start(line)).before.split("\n")[0] for line in range(48, 64)}
    assert tops == {"R32 a b 1k"}
    assert len(window(Snapshot("x" * 1_000_000), 900_000).before) < 10_000


@pytest.mark.parametrize(
    ("text", "lines", "clean"),
    [
        ("a\nb\nc", 1, "a"),
        ("a\nb\nc", 2, "a\nb"),
        ("a\r\nb", 2, "a\nb"),
        ("a\x07", 1, ""),
        ("a\u202e", 1, ""),
        ("```\na", 3, ""),
        ("a  \n\n", 3, "a"),
    ],
)
def test_what_an_editor_must_not_get_is_taken_out(text: str, lines: int, clean: str) -> None:
    assert cleaned(text, lines) == clean


SHEET = """(kicad_sch
\t(version 20250114)
\t(generator "eeschema")
\t(generator_version "9.0")
\t(uuid "00000000-0000-4000-8000-000000000001")
\t(paper "A4")
\t(lib_symbols)
{}
\t(sheet_instances
\t\t(path "/" (page "1"))
\t)
)
"""
FIRMWARE = """/* STM32F446 */
#include "stm32f4xx_hal.h"
UART_HandleTypeDef huart2;
static int ready;
int send(int value) { return value; }
void loop(void)
{
  if (ready) {
    {}
  }
}
"""


@pytest.mark.parametrize(
    ("language", "path", "text", "typed", "said", "fits"),
    [
        ("kicad", "/w/a.kicad_sch", SHEET, "\t(junction (at ", "50.8 50.8))", True),
        ("kicad", "/w/a.kicad_sch", SHEET, "\t(junction (at ", "50.8 50.8)", False),  # a list that stays open
        ("kicad", "/w/a.kicad_sch", SHEET, "\t(junction (at ", "50.8 50.8) (colour 1))", False),
        ("c", "/w/main.c", FIRMWARE, "ready = ", "send(ready);", True),
        ("c", "/w/main.c", FIRMWARE, "ready = ", "receive(ready);", False),
        ("c", "/w/main.c", FIRMWARE, "ready = ", "send(ready;", False),
        ("c", "/w/main.c", FIRMWARE, "", "HAL_UART_Frobnicate(&huart2);", False),
        ("c", "/w/main.c", FIRMWARE, "", "int left = send(1);", True),
    ],
)
def test_each_language_says_what_speaks_against_a_text(
    language: str, path: str, text: str, typed: str, said: str, fits: bool
) -> None:
    assert (objection(at(typed, text, path, language), said) == "") is fits


RUBBISH = [
    "Sure! Here is what you asked for:", "As an AI language model, I can't", "Note: this is a value",
    "<think>hm</think>", "<|im_end|>", "```", "~~~python", "# Title", "* Here you go", "// Here you go",
    "; here you go", "/* Here you go */", "0 1k ; as you asked", "0 1k $ as you asked", "import numpy as np",
    "def main(): pass", 'print("hi")', '{"a": 1}', "<html>", "+ and more of it", '.include "/etc/passwd"',
    ".lib /etc/passwd", ".control\nshell ls\n.endc", '#include "evil.h"', "#define X system()", "0 1k\x00",
    "0 1k\x1b[0m", "\u202e0 1k", "\ufeff0 1k", "\ud800", "y" * 9000,
]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "path", "text", "typed"),
    [
        ("spice", "/w/a.cir", DECK, ""),
        ("spice", "/w/a.cir", DECK, "R3 mid "),
        ("spice", "/w/a.cir", DECK, "V2 mid 0 "),
        ("spice", "/w/a.cir", DECK, ".param "),
        ("spice", "/w/a.cir", DECK, "B1 mid 0 V="),
        ("kicad", "/w/a.kicad_sch", SHEET, ""),
        ("kicad", "/w/a.kicad_sch", SHEET, "\t(junction (at "),
        ("c", "/w/main.c", FIRMWARE, ""),
        ("c", "/w/main.c", FIRMWARE, "ready = "),
        ("c", "/w/main.c", FIRMWARE, "send("),
    ],
)
def test_rubbish_of_any_kind_reaches_no_buffer(language: str, path: str, text: str, typed: str) -> None:
    place = at(typed, text, path, language)
    for said in RUBBISH:
        for wrapped in (said, f"{said}\n", f" {said}"):
            shown = cleaned(wrapped, 8)
            assert not shown.strip() or not longest_without_objection(place, shown), said


@pytest.mark.parametrize("tail", ["", "\n", "))))", "(((", '"', "\x00"])
def test_odd_text_gives_no_error(tail: str) -> None:
    for language, path, text in (("spice", "/w/a.cir", DECK), ("kicad", "/w/a.kicad_sch", SHEET),
                                 ("c", "/w/main.c", FIRMWARE)):  # fmt: skip
        whole = Snapshot(text, path).edited([Edit(Span(0, 0), tail)])
        asked = service(language)
        for offset in range(0, whole.length, 7):
            found = asked.continuation(whole, offset, Workspace())  # type: ignore[attr-defined]
            assert found is None or found.grammar == "" or found.grammar.startswith("root ::= ")
            assert found is None or 1 <= found.most_lines <= 10
