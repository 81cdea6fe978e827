"""Starts the process that trains, follows its events, and ends it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.training.worker import STOPPED

_GRACE_S = 60.0
"""For the step in progress and a checkpoint, before the process is killed."""
_LONGEST_EVENT = 1 << 20


async def events_of(job: Mapping[str, Any], log: Path) -> AsyncGenerator[dict[str, Any], None]:
    """The events of a training in a process of its own; when left early, the process keeps its state and ends.

    Raises:
        KikiError: if the process says why it can't, is killed, or ends without a word.
    """
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "kiki_core.training.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors,
            start_new_session=True, limit=_LONGEST_EVENT, env={**os.environ, "TOKENIZERS_PARALLELISM": "false"},
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    failure: dict[str, Any] | None = None
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(json.dumps(dict(job)).encode() + b"\n")
            await process.stdin.drain()
        async for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "failed":
                failure = event
            else:
                yield event
        status = await process.wait()
    finally:
        await _ended(process)
    if failure is not None:
        raise KikiError(str(failure["wrong"]), str(failure["remedy"]))
    if status == STOPPED:
        raise KikiError("the training was stopped from outside", "the same command goes on")
    if status == -signal.SIGKILL:
        raise KikiError("the training was killed, perhaps for memory", "lower --sequence or --batch; see dmesg")
    if status != 0:
        raise KikiError(f"the training ended with status {status}: {_last_line(log)}", f"see {log}")


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Asks the process to keep its state and end; kills it and what it started if it doesn't."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _GRACE_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return "no log"
    return lines[-1][:300] if lines else "it said nothing"
