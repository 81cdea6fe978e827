"""The command line itself: help, errors in one line, exit codes."""

import subprocess
import sys

import pytest

from kiki_core.cli import COMMANDS


def kiki(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kiki_core.cli", *arguments], capture_output=True, text=True, timeout=60
    )


def test_help_lists_every_command() -> None:
    shown = kiki("--help")
    assert shown.returncode == 0
    assert all(f"\n  {name} " in shown.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_listed_command_is_there(name: str) -> None:
    shown = kiki(name, "--help")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Usage:")


@pytest.mark.parametrize("arguments", [["nonsense"], ["sim"], ["check", "--format", "xml", "x.cir"]])
def test_wrong_use_is_one_line_with_a_remedy_and_exit_2(arguments: list[str]) -> None:
    refused = kiki(*arguments)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("kiki: ")
    assert refused.stderr.count("\n") == 1
    assert "--help`" in refused.stderr
