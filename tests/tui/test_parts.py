"""The parts that need no screen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.events import Answer
from kiki_core.sessions import Session, Turn
from kiki_tui import actions, export, mentions
from kiki_tui.app import KikiApp
from kiki_tui.highlighting import coloured
from kiki_tui.history import History
from kiki_tui.plain import PlainTalk
from kiki_tui.units import engineering, unit_of
from kiki_tui.widgets.plot import EngineeringTicks, drawable
from kiki_tui.widgets.prompt import propose


@pytest.mark.parametrize("action", actions.ACTIONS, ids=lambda action: action.slash)
def test_every_action_is_there_where_the_table_says(action):
    assert action.where == "plain" or callable(getattr(KikiApp, action.run))
    assert action.where == "screen" or action.slash == "quit" or callable(getattr(PlainTalk, action.run))


def test_no_two_actions_share_a_key_or_a_name():
    names = [name for action in actions.ACTIONS for name in (action.slash, *action.aliases)]
    keys = [action.key for action in actions.ACTIONS if action.key]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/sim a b.cir", ("sim", "a b.cir")),
        ("/help", ("help", "")),
        ("/nonsense", ("nonsense", "")),
        ("/home/me/rc.cir is slow", None),
        ("/ is a slash", None),
        ("sim", None),
        ("/sim a\nand more", None),
    ],
)
def test_slash_commands(line, expected):
    assert actions.parse(line) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1003.5, "Hz", "1.004 kHz"),
        (999.99, "Hz", "1 kHz"),
        (0.0, "V", "0 V"),
        (4.7e-9, "F", "4.7 nF"),
        (-3.0103, "dB", "-3.01 dB"),
        (-0.0004, "dB", "-0.0004 dB"),
        (1e-30, "A", "1e-30 A"),
        (math.inf, "", "inf"),
    ],
)
def test_engineering_numbers(value, unit, expected):
    assert engineering(value, unit) == expected


def test_units_come_from_the_names_of_measures():
    assert (unit_of("f3db"), unit_of("gain_db"), unit_of("vout")) == ("Hz", "dB", "")


def test_ticks_of_a_logarithmic_axis_are_decades():
    ticks = EngineeringTicks(log=True, unit="Hz")
    places = ticks.get_ticks(1, 5)
    assert ticks.get_labels_for_ticks(places) == ["10 Hz", "100 Hz", "1 kHz", "10 kHz", "100 kHz"]


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_ticks_lie_on_the_axis(low, width):
    ticks = EngineeringTicks().get_ticks(low, low + width)
    assert len(ticks) <= 12
    assert all(low - width * 1e-3 <= tick <= low + width * 1.001 for tick in ticks)


def test_samples_that_cannot_be_drawn_are_left_out():
    assert drawable([0, 10, 100, math.nan], [1, 2, math.inf, 4], log=True) == ([1.0], [2])


def test_a_bounded_walk_finds_no_hidden_files(tmp_path):
    for name in ("a.cir", "sub/b c.cir", ".git/config", "node_modules/x.js", "deep/" + "d/" * 12 + "e.cir"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    assert mentions.walk(tmp_path) == ["a.cir", "sub/b c.cir"]


def test_mentions_name_files_that_exist(tmp_path):
    for name in ("a.cir", "b c.cir"):
        (tmp_path / name).touch()
    text = 'compare @a.cir, @"b c.cir" and @missing, me@a.cir @\0'
    assert mentions.mentioned(text, tmp_path) == (str(tmp_path / "a.cir"), str(tmp_path / "b c.cir"))


def test_proposals_prefer_the_beginning_of_a_name():
    files = ["x/hp.cir", "hx/p.cir", "amp/lp.cir"]
    assert mentions.proposals("lp", files) == ["amp/lp.cir"]
    assert mentions.proposals("h", files) == ["x/hp.cir", "hx/p.cir"]


def test_proposals_for_what_stands_before_the_cursor():
    def files():
        return ["rc.cir", "b c.cir"]

    assert [p.insert for p in propose("see @rc", "see @rc", files)] == ["@rc.cir "]
    assert [p.insert for p in propose("see @b", "see @b", files)] == ['@"b c.cir" ']
    assert [p.insert for p in propose("/sim rc", "/sim rc", files)] == ["rc.cir"]
    assert propose("me@rc", "me@rc", files) == []
    assert propose("and/or", "and/or", files) == []


def test_history_survives_a_broken_file(tmp_path):
    file = tmp_path / "history.jsonl"
    file.write_bytes(b'"one"\n{broken\n5\n\xff\n"two"\n"to')
    assert History(file).entries == ["one", "two"]
    assert History(tmp_path / "none").earlier("") is None


def styles_of(code, language="spice"):
    content = coloured(code, language)
    return {content.plain[span.start : span.end]: str(span.style) for span in content.spans if span.end > span.start}


def test_decks_have_colours():
    styles = styles_of("R C\nR1 in out 4.7k ; load\n* remark\n.tran 1u {5*T}\n.end")
    assert styles["R C"] == "bold"
    assert styles["R1"] == styles["4.7k"].replace("warning", "accent")
    assert styles[".tran"] == "$text-accent"
    assert "60%" in styles["* remark\n"]


@given(
    st.text(st.characters(exclude_categories=["C"], include_characters="\n\t"), max_size=300),
    st.sampled_from(["spice", "python", "kicad_sch", "", "no such language", "{x}"]),
)
def test_any_code_is_shown_as_it_is(code, language):
    assert coloured(code, language).plain == "\n".join(code.splitlines())


def test_an_exported_fence_is_longer_than_the_fences_inside(tmp_path):
    from kiki_core.events import Artefact

    artefact = Artefact("notes.md", "text", "a\n````\nb", None)
    session = Session("s", tmp_path, "t", [Turn("q", events=[Answer("text", None, (artefact,))])])
    assert "`````text\na\n````\nb\n`````" in export.markdown(session)
