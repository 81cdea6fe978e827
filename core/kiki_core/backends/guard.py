"""Keeps a model server alive while a kiki process needs it, and ends it with the last one, also after a kill.

Run as ``python -m kiki_core.backends.guard STATE PROGRAM…``; ``{port}`` in the program's arguments becomes a free port
on loopback. An owner holds a lock on a file beside STATE, as `llama_server` has it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from kiki_core.backends.llama_server import owned

_GRACE_S = 15.0
_POLL_S = 1.0
_END_S = 10.0


def main() -> None:
    """Starts the program, writes STATE, and waits until the program ends or nobody owns it."""
    state = Path(sys.argv[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    program = subprocess.Popen(
        [word.replace("{port}", port) for word in sys.argv[2:]], stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        unfinished = state.with_suffix(".unfinished")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            key = os.environ.get("KIKI_SERVER_KEY", "")
            json.dump({"url": f"http://127.0.0.1:{port}", "key": key, "pid": os.getpid()}, file)
        os.replace(unfinished, state)
        started = time.monotonic()
        while program.poll() is None and (owned(state) or time.monotonic() - started < _GRACE_S):
            time.sleep(_POLL_S)
    finally:
        state.unlink(missing_ok=True)
        _end(program)


def _end(program: subprocess.Popen[bytes]) -> None:
    """Ends the program with all that it started: politely, then not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            program.wait(_END_S)


if __name__ == "__main__":
    main()
