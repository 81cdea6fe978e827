"""`kiki-tui --plain`: lines in, lines out, nothing else."""

import io
import os
import subprocess
import sys

import pytest

from kiki_core import events
from kiki_tui.plain import PlainTalk


def talk(desk, *lines):
    said = io.StringIO()
    code = PlainTalk(desk, io.StringIO("".join(f"{line}\n" for line in lines)), said).run()
    assert "\x1b" not in said.getvalue()
    return code, said.getvalue()


def test_an_answer_streams_and_says_what_was_verified(desk, kiki):
    code, said = talk(desk, "an RC low-pass", "/quit")
    assert code == 0
    assert "[experts] spice 72%, electronics 28%" in said
    assert said.count("A first-order low-pass:") == 1
    assert "[passed] ngspice 46 · rc.cir" in said
    assert "  f3db = 1.001 kHz" in said
    assert "[✔ verified · 120 tokens · 4.21 s]" in said
    assert kiki.closed


def test_the_end_of_the_input_ends_it(desk):
    assert talk(desk)[0] == 0


def test_an_error_is_a_line_and_the_talk_goes_on(desk):
    _, said = talk(desk, "/sim nothing.cir", "/theme", "/sesions", "/memory off")
    assert "there is no file nothing.cir" in said
    assert "/theme needs the screen" in said
    assert "did you mean /sessions?" in said
    assert "memory is off" in said


def test_sessions_are_listed_and_resumed(desk):
    talk(desk, "an RC low-pass")
    first = desk.session.id
    _, said = talk(desk, "/new", "/sessions", f"/resume {first}")
    assert f"{first}: an RC low-pass (1 questions)" in said
    assert "resumed an RC low-pass" in said


def test_what_a_model_writes_cannot_steer_the_terminal(desk, kiki):
    def script():
        yield events.Token("before\x1b]0;owned\x07\x1b[2Jafter")
        yield events.Answer("before", None)

    kiki.script = script
    _, said = talk(desk, "hello")
    assert "before]0;owned[2Jafter" in said


def test_a_saved_artefact_is_the_deck(desk, folder):
    _, said = talk(desk, "an RC low-pass", "/save new.cir", "/save new.cir")
    assert (folder / "new.cir").read_text().startswith("RC low-pass")
    assert "new.cir is there already" in said


@pytest.mark.parametrize(
    ("arguments", "code", "out"),
    [
        (["--version"], 0, "kiki-tui, version"),
        (["--help"], 0, "PATH is a folder"),
        (["--plain"], 0, "> "),
        (["missing-folder"], 2, ""),
        (["--nonsense"], 2, ""),
    ],
)
def test_the_command_line(tmp_path, arguments, code, out):
    environ = {**os.environ, "KIKI_HOME": str(tmp_path), "KIKI_CONFIG": str(tmp_path / "config.toml")}
    run = subprocess.run(
        [sys.executable, "-m", "kiki_tui", *arguments],
        input=b"/help\n/sim \xff\n" if not code else b"",
        capture_output=True,
        env=environ,
        cwd=tmp_path,
        check=False,
    )
    assert run.returncode == code
    assert out in run.stdout.decode()
    assert run.stderr.decode().startswith("kiki: ") == (code == 2)
    assert run.stderr.decode().count("\n") == (1 if code == 2 else 0)


def test_a_broken_configuration_is_one_line(tmp_path):
    (tmp_path / "config.toml").write_text("[tui]\nthem = 'dark'\n")
    run = subprocess.run(
        [sys.executable, "-m", "kiki_tui"],
        env={**os.environ, "KIKI_CONFIG": str(tmp_path / "config.toml"), "KIKI_DEBUG": ""},
        input=b"",
        capture_output=True,
        check=False,
    )
    assert run.returncode == 2
    assert b"tui.theme" in run.stderr
    assert run.stderr.count(b"\n") == 1


def test_a_deliberation_is_said_in_lines(desk, kiki):
    def script():
        yield events.Vote("spice", 0, "REFUSE", ("2",), "gain is 9")
        yield events.Dissent(0, 0.4, "does it hold at 70 degrees C?", "temperature", False, "gain 8.1")
        yield events.Ruling(0, "measurement", "temperature: gain 8.1")
        yield events.Answer("fine", True, requirements=(events.Requirement("gain", "=", 10, "", 9.9, True),))

    kiki.script = script
    _, said = talk(desk, "an amplifier")
    assert "[panel] spice: REFUSE draft 1 (facts 2): gain is 9" in said
    assert "[panel] doubt on draft 1: does it hold at 70 degrees C? it fails: gain 8.1" in said
    assert "[panel] ruling: draft 1 by measurement: temperature: gain 8.1" in said
    assert "gain = 10" in said
