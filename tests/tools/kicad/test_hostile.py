"""Files that nobody meant well: each gives diagnostics, in time, and every question an answer."""

import time

import pytest
from drawn import schematic, wire

from kiki_tools.kicad.service import KICAD
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot, Span

HEAD = '(kicad_sch (version 20250114) (uuid "r") (lib_symbols)'
SHEET = '(sheet (at 0 0) (size 1 1) (uuid "s{n}") (property "Sheetname" "a{n}") (property "Sheetfile" "{file}"))'


def ask_everything(snapshot: Snapshot, **texts: Snapshot) -> list[str]:
    """The codes of the diagnostics, after every other question was answered too."""
    workspace = Workspace({snapshot.path: snapshot, **{text.path: text for text in texts.values()}})
    middle = snapshot.length // 2
    KICAD.wanted(snapshot, workspace)
    found = KICAD.diagnostics(snapshot, workspace)
    for ask in (KICAD.hover, KICAD.completions, KICAD.definition, KICAD.references, KICAD.signature):
        ask(snapshot, middle, workspace)
    for shape in (KICAD.symbols, KICAD.foldings, KICAD.tokens, KICAD.format):
        shape(snapshot)
    KICAD.selections(snapshot, middle)
    KICAD.hints(snapshot, Span(0, snapshot.length), workspace)
    KICAD.lenses(snapshot, workspace)
    KICAD.links(snapshot, workspace)
    return [one.code for one in found]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "KC107"),
        ("(" * 200_000, "KC104"),
        ("(symbol " * 200_000, "KC104"),
        (HEAD + "(symbol " * 50_000, "KC101"),
        (HEAD + ")" * 200_000, "KC102"),
        (HEAD + '(title_block (title "' + '\\"' * 300_000, "KC103"),
        ("(kicad_sch " + "a " * 200_000 + ")", "KC105"),
        (HEAD + "(wire (pts (xy 1e999 nan) (xy 1 2))))", "KC105"),
        (HEAD.replace("20250114", "9" * 100_000), "KC109"),
        ("(kicad_sch (version 20991231) (hologram 3))", "KC108"),
        ("(kicad_pcb (version 20241229))", "KC104"),
        ("Here is your schematic:\n```\n(kicad_sch)\n```", "KC104"),
        (HEAD + SHEET.format(n=1, file="a.kicad_sch") + ")", "KC202"),
        (HEAD + SHEET.format(n=1, file="../../gone.kicad_sch") + ")", "KC201"),
    ],
    ids=range(14),
)
def test_a_schematic_of_rubbish_is_told(text: str, code: str) -> None:
    assert code in ask_everything(Snapshot(text, "/p/a.kicad_sch"))


def test_sheets_that_lead_back_are_a_circle() -> None:
    one = Snapshot(HEAD + SHEET.format(n=1, file="b.kicad_sch") + ")", "/p/a.kicad_sch")
    other = Snapshot(HEAD + SHEET.format(n=1, file="a.kicad_sch") + ")", "/p/b.kicad_sch")
    assert "KC202" in ask_everything(one, other=other)


def test_sheets_that_multiply_are_cut_off() -> None:
    def level(file: str, inner: str) -> Snapshot:
        boxes = "".join(SHEET.format(n=n, file=inner) for n in range(60))
        return Snapshot(f"{HEAD}{boxes})", f"/p/{file}")

    texts = {str(n): level(f"{n}.kicad_sch", f"{n + 1}.kicad_sch") for n in range(1, 6)}
    assert "KC201" in ask_everything(level("0.kicad_sch", "1.kicad_sch"), **texts)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/p/a.kicad_pro", '{"erc": ' + "[" * 100_000),
        ("/p/a.kicad_dru", '(version 1)\n(rule a (condition "' + "(" * 50_000 + '") (constraint clearance (min 1mm)))'),
        ("/p/a.kicad_pcb", "(kicad_pcb (version 20241229) (segment " * 20_000),
        ("/p/a.kicad_sym", '(kicad_symbol_lib (version 20241209) (symbol "a" (extends "a")) (symbol "a"))'),
        ("/p/sym-lib-table", "(sym_lib_table (lib (name a) (uri ${X})) (lib))"),
        ("/p/a.kicad_wks", "(kicad_wks (line (start a b)))"),
    ],
)
def test_other_files_of_rubbish_are_told(path: str, text: str) -> None:
    assert any(code.startswith("KC") for code in ask_everything(Snapshot(text, path)))


def test_every_cut_of_a_schematic_is_read() -> None:
    text = schematic(wire(0, 0, 10, 0), wire(10, 0, 10, 10))
    for end in range(37, len(text), 37):
        told = ask_everything(Snapshot(text[:end], "/p/a.kicad_sch"))
        assert any(code.startswith("KC1") for code in told), text[:end]


def test_many_wires_take_no_more_than_their_share() -> None:
    def seconds(count: int) -> float:
        lines = "\n".join(f"(wire (pts (xy {n} 0) (xy {n + 1} 0)))" for n in range(count))
        snapshot = Snapshot(f"{HEAD}\n{lines})", "/p/a.kicad_sch")
        began = time.process_time()
        KICAD.diagnostics(snapshot, Workspace({snapshot.path: snapshot}))
        return time.process_time() - began

    assert seconds(16_000) < 10 * seconds(4_000)
