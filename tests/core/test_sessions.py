"""Sessions survive crashes, foreign lines and new names."""

import json

import pytest

from kiki_core import sessions
from kiki_core.errors import KikiError
from kiki_core.events import Answer, Artefact, Evidence, Expert, Routed, Token, Verdict

ROUTED = Routed((Expert("spice", 0.8), Expert("dsp", 0.2)), none=False)
EVIDENCE = Evidence("ngspice", "46", "ab" * 32, True, "ran", {"f3db": 1003.5, "gain": None})
VERDICT = Verdict(0, "rc.cir", EVIDENCE, "log", {"v(out)": ((1.0, 10.0), (0.0, -3.0))}, "Hz", True)
ANSWER = Answer("Here it is.", True, (Artefact("rc.cir", "spice", "R1 1 0 1k", True),), evidence=(EVIDENCE,))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "sessions"


def talk(folder, question="an RC low-pass"):
    session = sessions.new(folder)
    session.asked(question, ("a.cir",))
    for event in (ROUTED, Token("Here"), VERDICT, ANSWER):
        session.keep(event)
    return session


def test_nothing_is_written_before_the_first_question(folder):
    session = sessions.new(folder)
    assert session.name == "new session"
    assert not folder.exists()
    assert sessions.sessions(folder) == []


def test_a_resumed_session_holds_what_was_said(folder):
    session = talk(folder)
    again = sessions.resume(folder, session.id)
    assert again.turns[0].question == "an RC low-pass"
    assert again.turns[0].files == ("a.cir",)
    assert again.turns[0].events == [ROUTED, VERDICT, ANSWER]
    assert again.turns[0].answer == ANSWER
    assert again.skipped == 0


def test_tokens_are_not_kept(folder):
    assert '"event": "token"' not in talk(folder).path.read_text()


def test_a_torn_last_line_costs_only_itself(folder):
    session = talk(folder)
    session.path.write_bytes(session.path.read_bytes()[:-40])
    again = sessions.resume(folder, session.id)
    assert again.turns[0].events == [ROUTED, VERDICT]
    assert again.skipped == 1
    again.asked("and a high-pass?")
    assert [turn.question for turn in sessions.resume(folder, session.id).turns] == [
        "an RC low-pass",
        "and a high-pass?",
    ]


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe garbage",
        b"[1, 2]",
        b"null",
        b'{"kind": "event", "event": "answer", "text": 5}',
        b'{"kind": "event", "event": "from the future"}',
        b"[" * 50_000,
    ],
)
def test_foreign_lines_are_skipped_and_counted(folder, line):
    session = talk(folder)
    with session.path.open("ab") as file:
        file.write(line + b"\n")
    again = sessions.resume(folder, session.id)
    assert again.skipped == 1
    assert again.turns[0].answer == ANSWER


def test_a_field_of_a_later_version_is_ignored(folder):
    session = talk(folder)
    with session.path.open("a") as file:
        file.write(json.dumps({"kind": "event", "event": "routed", "experts": [], "none": True, "new": 1}) + "\n")
    assert sessions.resume(folder, session.id).turns[0].events[-1] == Routed((), True)


def test_renaming_and_listing(folder):
    first, second = talk(folder, "one " * 40), talk(folder, "two")
    first.rename("  filter   bench ")
    titles = {info.id: info.title for info in sessions.sessions(folder)}
    assert titles == {first.id: "filter bench", second.id: "two"}
    assert sessions.resume(folder, "Filter Bench").id == first.id
    with pytest.raises(KikiError):
        first.rename("  ")


@pytest.mark.parametrize("name", ["", "nothing", "../../etc/passwd", "a/b", "\0"])
def test_an_unknown_session_is_an_error(folder, name):
    talk(folder)
    with pytest.raises(KikiError, match="no session"):
        sessions.resume(folder, name)


def test_a_long_question_makes_a_short_title(folder):
    assert len(talk(folder, "word " * 100).name) <= 60


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "sessions").write_text("a file is in the way")
    with pytest.raises(KikiError, match="can't be kept"):
        sessions.new(tmp_path / "sessions").asked("hello")
