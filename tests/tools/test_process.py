"""The sandbox: what a program can't do in it, and that good work still gets done."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiki_tools import lifeline, process
from kiki_tools.process import Limits

BASH = [Path("/usr/bin") / name for name in ("cat", "sleep", "touch", "yes", "head")]


async def bash(script: str, limits: Limits | None = None, **extra: object) -> process.Outcome:
    return await process.run(["/bin/bash", "-c", script], readonly=BASH, limits=limits, **extra)  # type: ignore[arg-type]


def test_the_sandbox_works_here() -> None:
    assert process.isolation().works, process.isolation().why_not


async def test_a_program_sees_its_inputs_and_leaves_its_outputs() -> None:
    outcome = await bash("cat /w/in.txt > /out/o.txt; cat /w/in.txt", inputs={"in.txt": b"hi"}, collect=["o.txt"])
    assert (outcome.returncode, outcome.stdout, outcome.outputs) == (0, b"hi", {"o.txt": b"hi"})


@pytest.mark.parametrize(
    "script",
    [
        "cat /etc/passwd",
        "echo x > /w/x",
        "echo x > /usr/lib/kiki",
        "cat /root/.bashrc",
        "echo > /dev/tcp/127.0.0.1/22",
        "kill -9 -1; cat /proc/1/root/etc/passwd",
    ],
)
async def test_the_host_is_out_of_reach(script: str) -> None:
    outcome = await bash(script)
    assert outcome.returncode != 0 or outcome.stopped
    assert b"root:" not in outcome.stdout


async def test_an_endless_loop_ends_with_the_wall_clock() -> None:
    outcome = await bash("sleep 600", Limits(wall_s=0.5))
    assert outcome.stopped == "wall"
    assert outcome.elapsed_s < 60


async def test_a_busy_loop_ends_with_its_processor_time() -> None:
    assert (await bash("while :; do :; done", Limits(cpu_s=1, wall_s=120))).stopped == "cpu"


async def test_endless_output_is_stopped() -> None:
    outcome = await bash("yes", Limits(output_bytes=100_000))
    assert outcome.stopped == "output"
    assert len(outcome.stdout) == 100_000


async def test_a_huge_file_is_stopped() -> None:
    outcome = await bash("head -c 10000000000 /dev/zero > /out/big", Limits(file_bytes=1_000_000), collect=["big"])
    assert outcome.returncode != 0
    assert len(outcome.outputs.get("big", b"")) <= 1_000_000


async def test_a_fork_bomb_stays_small() -> None:
    outcome = await bash("bomb() { bomb | bomb & }; bomb; sleep 30", Limits(wall_s=2, processes=32))
    assert outcome.stopped == "wall"
    await _gone(b"bomb()")


def _readable(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


async def test_cancelling_kills_the_whole_group() -> None:
    task = asyncio.ensure_future(bash("sleep 314.1 & sleep 314.1"))
    await asyncio.sleep(0.5)
    task.cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 200, "it waited for the sleep"
    await _gone(b"sleep 314.1 &")


async def test_cancelled_at_any_moment_of_its_start_it_ends_and_leaves_nothing() -> None:
    for turns in range(15):
        task = asyncio.ensure_future(bash("sleep 31.41592"))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=60)
        assert done, f"cancelled after {turns} turns of the loop it never ended"
    await _gone(b"31.41592")


_KILLED = """
import asyncio, os, signal, subprocess
from kiki_tools import process

process.isolation()
start = subprocess.Popen

def started(*words, **how):
    start(*words, **how)
    os.kill(os.getpid(), signal.SIGKILL)

def enough(said):
    if said:
        os.kill(os.getpid(), signal.SIGKILL)

command = "SCRIPT"
if not command.startswith("echo"):
    subprocess.Popen = started
asyncio.run(process.run(["/bin/bash", "-c", command], readonly=["/usr/bin/sleep"], until=enough))
"""


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("sleep 314.15", id="before the program began"),  # and silent: a word to nobody would end it
        pytest.param("echo on; sleep 314.159", id="while it runs"),
    ],
)
async def test_nothing_outlives_a_process_that_is_killed(script: str) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED.replace("SCRIPT", script)], timeout=60)
    assert killed.returncode == -signal.SIGKILL
    await _gone(b"-c\0" + script.encode())


def test_a_program_started_after_its_holder_died_ends_at_once() -> None:
    with lifeline.held() as line:
        late = os.dup(line)
    process = subprocess.Popen(lifeline.tied(["/bin/sleep", "300"]), stdin=late, start_new_session=True)
    os.close(late)
    assert process.wait(60) == -signal.SIGKILL


async def test_a_signal_to_its_own_group_stays_inside() -> None:
    outcome = await bash("kill -KILL 0")
    assert (outcome.returncode, outcome.stopped) == (128 + signal.SIGKILL, None)


async def _gone(words: bytes) -> None:
    """Waits until no process has these words in its command; a minute is for slow machines."""
    deadline = time.monotonic() + 60
    while left := [p for p in Path("/proc").glob("[0-9]*/cmdline") if words in _readable(p)]:
        assert time.monotonic() < deadline, left
        await asyncio.sleep(0.05)


async def test_a_link_is_not_collected() -> None:
    outcome = await process.run(
        ["/bin/bash", "-c", "/usr/bin/ln -s /etc/hostname /out/link"],
        readonly=[Path("/usr/bin/ln")],
        collect=["link"],
    )
    assert outcome.returncode == 0
    assert outcome.outputs == {}


async def test_a_missing_program_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        await process.run(["no-such-program"])


async def test_a_program_that_has_said_enough_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def enough(so_far: bytes) -> bool:
        return b"second" in so_far

    outcome = await bash("echo first; echo second; sleep 600", Limits(wall_s=300), until=enough)
    assert (outcome.stopped, outcome.returncode, outcome.stdout) == ("enough", None, b"first\nsecond\n")
    assert outcome.elapsed_s < 60
    monkeypatch.setattr(process, "_GRACE_S", 60.0)
    ended = await bash("echo second; exit 3", Limits(wall_s=300), until=enough)
    assert (ended.stopped, ended.returncode) == (None, 3), "its own end counts"
