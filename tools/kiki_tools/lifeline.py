"""Ties a program to the life of this process: when that ends, however it does, so do all that the program started.

The kernel's own signal at a parent's death (`--die-with-parent` of bubblewrap, PR_SET_PDEATHSIG) leaves gaps: a parent
that dies before the program has asked for the signal is never told of, and bubblewrap's second process waits for ever
for a first one that was killed in between. Here a shell leads the program's process group and holds the read end of a
pipe, of which this process alone has the other end: at the pipe's end, early or late, the shell kills the group.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from typing import IO

_SCRIPT = """\
exec 3<&0 4>&2 </dev/null 2>/dev/null
"$@" 2>&4 3<&- 4>&- &
program=$!
{ read -r line <&3; kill -KILL 0; } >/dev/null 4>&- &
watch=$!
exec >/dev/null 3<&- 4>&-
wait $program
code=$?
kill -KILL $watch
wait $watch
exit $code
"""


def tied(command: Sequence[str]) -> list[str]:
    """The words that run a command with its life tied; its standard input must be that of `held`.

    Start them in a session of their own. They end as the command does; 128 more than the signal that killed it.
    """
    return ["/bin/sh", "-c", _SCRIPT, "kiki", *command]


@contextlib.contextmanager
def held() -> Iterator[int]:
    """The descriptor that the shell watches: what is started with it lives no longer than this block."""
    watched, life = os.pipe()
    try:
        yield watched
    finally:
        os.close(watched)
        os.close(life)


def kill_group(leader: int) -> None:
    """Kills a process group, whatever is left of it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def tried(command: Sequence[str], wait_s: float) -> tuple[int, str]:
    """Runs a short command whose life is `tied`: how it ended, and what it complained of.

    Raises:
        OSError: if it can't be started.
        subprocess.TimeoutExpired: if it takes longer; it is gone then.
    """
    with held() as line:
        process = subprocess.Popen(
            command, stdin=line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            complaint = process.communicate(timeout=wait_s)[1]
        finally:
            kill_group(process.pid)
            process.wait()
    return process.returncode, complaint


async def ended(process: subprocess.Popen[bytes]) -> int:
    """Waits for a program, in a thread of its own as asyncio does: the shared ones may all be at work."""
    loop = asyncio.get_running_loop()
    end: asyncio.Future[int] = loop.create_future()

    def tell(code: int) -> None:
        if not end.done():
            end.set_result(code)

    def wait() -> None:
        code = process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(tell, code)

    threading.Thread(target=wait, name=f"wait for {process.pid}", daemon=True).start()
    return await end


async def reader(pipe: IO[bytes]) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    """A stream of what a program writes, and the transport to close at the end."""
    loop = asyncio.get_running_loop()
    stream = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    return stream, transport
