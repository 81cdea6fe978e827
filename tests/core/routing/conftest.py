"""kiki's commands with a home of their own."""

import os
import subprocess
import sys

import pytest


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def kiki(home):
    def run(*arguments, stdin="", check=True):
        command = [sys.executable, "-m", "kiki_core.cli", *arguments]
        environment = {**os.environ, "KIKI_HOME": str(home)}
        ran = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, env=environment)
        assert not check or ran.returncode == 0, ran.stderr
        return ran

    return run
