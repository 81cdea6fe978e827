"""The sandbox: what a program can't do in it, and that good work still gets done."""

import asyncio
import time
from pathlib import Path

import pytest

from kiki_tools import process
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
    outcome = await bash("sleep 60", Limits(wall_s=0.5))
    assert outcome.stopped == "wall"
    assert outcome.elapsed_s < 5


async def test_a_busy_loop_ends_with_its_processor_time() -> None:
    assert (await bash("while :; do :; done", Limits(cpu_s=1, wall_s=20))).stopped == "cpu"


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
    await asyncio.sleep(0.2)
    running = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if _readable(p)]
    assert not [line for line in running if b"bomb()" in line]


def _readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


async def test_cancelling_kills_the_whole_group() -> None:
    task = asyncio.ensure_future(bash("sleep 31.4159 & sleep 31.4159"))
    await asyncio.sleep(0.5)
    task.cancel()
    started = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 25, "it waited for the sleep"
    await asyncio.sleep(0.2)
    running = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if _readable(p)]
    assert not [line for line in running if b"31.4159" in line]


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


async def test_a_program_that_has_said_enough_is_stopped() -> None:
    outcome = await bash("echo first; echo second; sleep 30", until=lambda so_far: b"second" in so_far)
    assert (outcome.stopped, outcome.returncode, outcome.stdout) == ("enough", None, b"first\nsecond\n")
    assert outcome.elapsed_s < 5
    ended = await bash("echo second; exit 3", until=lambda so_far: b"second" in so_far)
    assert (ended.stopped, ended.returncode) == (None, 3), "its own end counts"
