"""From the command to a terminal program that takes keys, in a pseudo-terminal, with warm files."""

import os
import pty
import select
import signal
import sys
import tempfile
import time
from pathlib import Path

from rows import Row, row

BIN = Path(sys.executable).parent
_SIZE = {"LINES": "24", "COLUMNS": "80", "TERM": "xterm-256color"}


def _seconds_to_prompt() -> float:
    """Until the letter typed right after the prompt appeared is on the screen."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, **_SIZE, "KIKI_HOME": home, "KIKI_CONFIG": f"{home}/config.toml"}
        started = time.perf_counter()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(BIN / "kiki-tui", ["kiki-tui"], environment)
        seen, typed = b"", False
        try:
            while time.perf_counter() - started < 30:
                if select.select([terminal], [], [], 0.05)[0]:
                    seen += os.read(terminal, 65536)
                if not typed and b"or a circuit" in seen:
                    os.write(terminal, b"~")
                    typed, seen = True, b""
                elif typed and b"~" in seen:
                    return time.perf_counter() - started
            raise TimeoutError("kiki-tui showed no prompt within 30 s")
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)


def benchmarks() -> list[Row]:
    _seconds_to_prompt()
    return [
        row("kiki-tui: command to a prompt that takes keys", [_seconds_to_prompt() for _ in range(9)], "<= 1000 ms")
    ]
