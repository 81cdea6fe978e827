"""`kiki-tui` in a real terminal: tmux shows what a person would see."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = Path(sys.executable).with_name("kiki-tui")
DECK = "RC low-pass\nV1 in 0 DC 0 AC 1\nR1 in out 1k\nC1 out 0 159.155n\n.ac dec 20 10 100k\n.end\n"


class Terminal:
    """A tmux server of its own, 80x24."""

    def __init__(self, folder, environ):
        self.socket = str(folder / "tmux")
        self.environ = environ
        self.folder = folder

    def tmux(self, *arguments):
        run = subprocess.run(
            ["tmux", "-S", self.socket, "-f", "/dev/null", *arguments],
            capture_output=True,
            text=True,
            env=self.environ,
            check=False,
            timeout=20,
        )
        return run.stdout

    def start(self, *arguments):
        line = " ".join([str(PROGRAM), *arguments])
        self.tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(self.folder), f"{line}; echo left=$?; cat")

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def wait_until_gone(self, text, seconds=30):
        until = time.monotonic() + seconds
        while text in self.screen():
            assert time.monotonic() < until, f"{text!r} is still on the screen:\n{self.screen()}"
            time.sleep(0.05)

    def wait_for(self, text, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            screen = self.screen()
            if text in screen:
                return screen
            time.sleep(0.05)
        raise AssertionError(f"{text!r} isn't on the screen:\n{self.screen()}")


@pytest.fixture
def terminal(tmp_path):
    assert shutil.which("tmux"), "tmux is needed: apt-get install tmux"
    work = tmp_path / "work"
    work.mkdir()
    (work / "rc.cir").write_text(DECK)
    (tmp_path / "config.toml").write_text('[backend]\nkind = "openai"\nurl = "http://127.0.0.1:9/v1"\nmodel = "none"\n')
    environ = {
        **os.environ,
        "KIKI_HOME": str(tmp_path / "home"),
        "KIKI_CONFIG": str(tmp_path / "config.toml"),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    environ.pop("TMUX", None)
    terminal = Terminal(work, environ)
    yield terminal
    terminal.tmux("kill-server")


def test_the_prompt_comes_up_and_control_q_leaves_with_zero(terminal):
    terminal.start()
    terminal.wait_for("Ask for a circuit · / commands")
    terminal.wait_for("experts argue")
    terminal.type("C-q")
    terminal.wait_for("left=0")


def test_a_deck_is_simulated_without_a_model(terminal):
    terminal.start()
    terminal.wait_for("Ask for a circuit · / commands")
    terminal.type("/sim rc.cir", "Enter")
    terminal.wait_for("✔ ngspice")
    terminal.type("F4")
    screen = terminal.wait_for("frequency")
    assert "10 kHz" in screen
    assert max(map(len, screen.splitlines())) <= 80
    terminal.type("C-q")
    terminal.wait_for("left=0")


def test_a_broken_configuration_is_one_line_and_two(terminal, tmp_path):
    (tmp_path / "config.toml").write_text("[tui]\nthem = 'dark'\n")
    terminal.start()
    screen = terminal.wait_for("left=2")
    assert "did you mean tui.theme?" in screen


def test_help_opens_and_closes(terminal):
    terminal.start("rc.cir")
    terminal.wait_for("attached to the next question")
    terminal.type("?")
    terminal.wait_for("type to search")
    terminal.type("Escape")
    terminal.wait_until_gone("type to search")
    terminal.type("/quit", "Enter")
    terminal.wait_for("left=0")


def test_plain_mode_in_a_terminal(terminal):
    terminal.start("--plain")
    terminal.wait_for("/quit leaves")
    terminal.type("/quit", "Enter")
    terminal.wait_for("left=0")
