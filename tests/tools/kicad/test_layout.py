"""KiCad's layout of a file: the same as KiCad's own, the same words for any text, a place for what is wrong."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiki_tools.kicad.layout import Layout, Quoted, Unbalanced, emit, laid_out, number, quoted

SHARE = Path("/usr/share/kicad")
WORD = re.compile(r'^[ \t]*#[^\n]*|"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+', re.MULTILINE)


def words(text: str) -> list[str]:
    return [word.strip() for word in WORD.findall(text)]


def written_by_kicad_9() -> list[Path]:
    """A few hundred files of each kind, always the same ones."""
    found = []
    for folder, suffix, most in (
        ("symbols", "kicad_sym", 25),
        ("footprints", "kicad_mod", 250),
        ("demos", "kicad_sch", 40),
        ("demos", "kicad_pcb", 4),
    ):
        files = sorted((SHARE / folder).rglob(f"*.{suffix}"))
        random.Random(7).shuffle(files)
        mine = [
            path for path in files if path.stat().st_size < 2e6 and 'generator_version "9.0"' in path.read_text()[:400]
        ]
        found += mine[:most]
    return found


def test_what_kicad_wrote_stays_as_it_is() -> None:
    files = written_by_kicad_9()
    assert len(files) > 250
    others = [path.name for path in files if laid_out(path.read_text()) != path.read_text()]
    assert len(others) <= len(files) // 100, others


def test_lists_get_lines_and_tabs() -> None:
    assert laid_out('(a b  "c (d"(e 1 2)\n\n(f (g)) ) ') == '(a b "c (d"\n\t(e 1 2)\n\t(f\n\t\t(g)\n\t)\n)\n'


def test_points_stand_side_by_side_up_to_column_99() -> None:
    text = laid_out("(pts" + "(xy 100.5 200.5)" * 12 + ")")
    lines = text.splitlines()
    assert lines[1] == "\t" + " ".join(["(xy 100.5 200.5)"] * 6)
    assert lines[2] == "\t" + " ".join(["(xy 100.5 200.5)"] * 6)
    assert lines[3] == ")"


def test_long_lists_of_words_break_behind_column_72() -> None:
    text = laid_out("(members " + " ".join(f'"{n:036}"' for n in range(3)) + ")")
    assert text == f'(members "{0:036}" "{1:036}"\n\t"{2:036}"\n)\n'


def test_columns_are_bytes() -> None:
    assert "\n\t" not in laid_out('(a "' + "o" * 60 + '" b)')
    assert "\n\tb" in laid_out('(a "' + "Ω" * 60 + '" b)')


def test_compact_layout_keeps_text_effects_on_one_line() -> None:
    text = "(effects (font (size 1 1) (thickness 0.15)) (justify left))"
    assert laid_out(text, Layout.COMPACT) == "(effects\n\t(font (size 1 1) (thickness 0.15))\n\t(justify left)\n)\n"


def test_library_table_keeps_a_row_on_one_line() -> None:
    text = '(sym_lib_table (version 7) (lib (name "a")(type "KiCad")))'
    assert laid_out(text, Layout.TABLE) == '(sym_lib_table\n\t(version 7)\n\t(lib (name "a") (type "KiCad"))\n)\n'


def test_comments_keep_their_line() -> None:
    assert (
        laid_out("# one\n(a b\n  # two ) (\nc (d)\n# three\n)")
        == "# one\n(a b\n\t# two ) (\n\tc\n\t(d)\n\t# three\n)\n"
    )


def test_a_word_that_looks_like_a_comment_is_not_put_first_in_a_line() -> None:
    text = f'(a "{"x" * 90}" #7)'
    assert words(laid_out(text)) == words(text)


@pytest.mark.parametrize(
    ("text", "offset"),
    [("(a (b)", 0), ("(a) )", 4), ('(a "b)\n(c)', 3), ("(a\n(b (c)\n", 3), ('(a "b\\")', 3), ("(", 0)],
)
def test_unbalanced_text_is_refused_with_its_place(text: str, offset: int) -> None:
    with pytest.raises(Unbalanced) as caught:
        laid_out(text)
    assert caught.value.offset == offset


def test_nothing_gives_nothing() -> None:
    assert laid_out(" \n ") == ""


atoms = st.one_of(
    st.from_regex(r"[a-zµ%][a-z0-9#.-]{0,12}", fullmatch=True),
    st.sampled_from(["xy", "pts", "font", "lib", "-1.5", "fill"]),
    st.text(max_size=40).map(quoted),
)
blanks = st.sampled_from([" ", "\n", "\t", "\r\n", "  ", '\n# note ( "\n'])
trees = st.recursive(
    atoms, lambda inner: st.lists(st.tuples(inner, blanks), max_size=8).map(lambda t: f"({''.join(map(''.join, t))})")
)


@given(st.lists(st.tuples(trees, blanks), max_size=4), st.sampled_from(Layout))
@settings(max_examples=150, deadline=None)
def test_only_white_space_changes_and_once_is_enough(parts: list[tuple[str, str]], layout: Layout) -> None:
    text = "".join(map("".join, parts))
    once = laid_out(text, layout)
    assert words(once) == words(text)
    assert laid_out(once, layout) == once


def test_long_and_deep_files_are_laid_out() -> None:
    text = (
        "(kicad_pcb" + '(segment (start 100.5 20.25) (end 101 21) (width 0.25) (layer "F.Cu") (net 12))' * 30_000 + ")"
    )
    assert laid_out(text).count("(segment") == 30_000
    assert laid_out("(" * 3000 + ")" * 3000).count("(") == 3000


def test_tuples_become_kicad_text() -> None:
    node = (
        "pad",
        Quoted("1"),
        "smd",
        ("at", -0.825, 0),
        ("size", 1e-7, 2.5000001),
        ("locked", True),
        ("x", Quoted('a"\n')),
    )
    assert emit(node) == ('(pad "1" smd\n\t(at -0.825 0)\n\t(size 0 2.5)\n\t(locked yes)\n\t(x "a\\"\\n")\n)\n')


def test_deep_tuples_are_written() -> None:
    node: object = "a"
    for _ in range(3000):
        node = ("b", node)
    assert emit(node).count("b") == 3000  # type: ignore[arg-type]


@pytest.mark.parametrize("word", ["two words", "", "a)", '"', "#x"])
def test_a_bare_word_that_needs_quotes_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="quotes"):
        emit(("a", word))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e-9, "0"),
        (0.1 + 0.2, "0.3"),
        (1234567.25, "1234567.25"),
        (-1e-6, "-0.000001"),
        (10, "10"),
    ],
)
def test_numbers_have_no_exponent_and_no_idle_zeros(value: float, text: str) -> None:
    assert number(value) == text


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="nan"):
        number(float("nan"))
