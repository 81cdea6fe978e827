"""The one way to run a foreign program: in a sandbox, within limits, and gone with whoever waits for it.

The sandbox is bubblewrap: own namespaces, no network, read-only system libraries, the named inputs in a
folder of their own, an empty environment. Where bubblewrap can't work (`isolation`), a program runs with
the resource limits alone, and the caller must refuse input that could do harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any, Literal

from kiki_tools import lifeline

Stopped = Literal["wall", "cpu", "file size", "output", "disk", "enough"]

_SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/lib32", "/etc/alternatives", "/etc/ld.so.cache")
_NOBODY = 65534
_GRACE_S = 0.5
"""What a program that has said enough may still do, to end by itself."""
_SIGXCPU, _SIGXFSZ = 24, 25


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds, bytes and counts."""

    cpu_s: int = 10
    wall_s: float = 20.0
    memory_bytes: int = 2_000_000_000
    file_bytes: int = 100_000_000
    disk_bytes: int = 200_000_000
    output_bytes: int = 4_000_000
    processes: int = 64


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended; ``returncode`` is null when it was stopped, ``outputs`` are collected files."""

    returncode: int | None
    stdout: bytes
    stderr: bytes
    outputs: dict[str, bytes] = field(default_factory=dict, repr=False)
    elapsed_s: float = 0.0
    stopped: Stopped | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    """Whether the sandbox works on this machine, and if not, why."""

    works: bool
    why_not: str = ""
    version: str = ""
    path: str = ""


@cache
def isolation() -> Isolation:
    """Tries bubblewrap once, for real."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return Isolation(False, "bubblewrap is not installed")
    try:
        version = subprocess.run([bwrap, "--version"], capture_output=True, text=True, timeout=5).stdout.split()[-1]
        true = "/usr/bin/true"
        code, complaint = lifeline.tried(
            [*_become(), *lifeline.tied([*_bwrap(bwrap), *_system_folders(), "--ro-bind", true, true, true])], 10
        )
    except (OSError, subprocess.TimeoutExpired, IndexError) as error:
        return Isolation(False, f"bubblewrap doesn't start: {error}", path=bwrap)
    if code != 0:
        return Isolation(False, f"bubblewrap can't isolate here: {complaint.strip()[:200]}", version, bwrap)
    return Isolation(True, "", version, bwrap)


async def run(
    argv: Sequence[str],
    *,
    inputs: Mapping[str, bytes] | None = None,
    readonly: Sequence[Path] = (),
    collect: Sequence[str] = (),
    limits: Limits | None = None,
    env: Mapping[str, str] | None = None,
    until: Callable[[bytes], bool] | None = None,
) -> Outcome:
    """Runs ``argv`` in the sandbox and waits for it; cancelling the wait kills everything it started.

    ``inputs`` maps names to contents: an absolute name appears at that path, another one below the
    working folder ``/w``. ``readonly`` are paths of the host that the program may read (itself among them).
    ``collect`` names files that it may leave in ``/out``; links and oversize files don't come back. ``until``: asked
    of the output so far; once it says yes, the program has half a second to end, and is stopped. Without
    bubblewrap, ``/w`` and ``/out`` in ``argv`` stand for the temporary folders that take their place, and
    absolute inputs are not placed.

    Raises:
        FileNotFoundError: if the program isn't there.
    """
    limits = limits or Limits()
    program = shutil.which(argv[0])
    if program is None:
        raise FileNotFoundError(argv[0])
    folder = Path(tempfile.mkdtemp(prefix="kiki-"))
    try:
        return await _run_in(folder, [program, *argv[1:]], inputs or {}, readonly, collect, limits, env or {}, until)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _run_in(
    folder: Path,
    argv: list[str],
    inputs: Mapping[str, bytes],
    readonly: Sequence[Path],
    collect: Sequence[str],
    limits: Limits,
    env: Mapping[str, str],
    until: Callable[[bytes], bool] | None,
) -> Outcome:
    out = folder / "out"
    work = folder / "w"
    out.mkdir()
    work.mkdir()
    # The sandboxed program may run as another user: the folder's random name is what guards it.
    for path, mode in ((folder, 0o711), (out, 0o777), (work, 0o755)):
        path.chmod(mode)
    absolute = _place(work, folder, inputs)
    sandbox = isolation()
    if sandbox.works:
        inside = _sandboxed(sandbox.path, argv, folder, absolute, readonly, limits, env)
        command = [*_become(), *lifeline.tied(inside)]
    else:
        moved = [arg.replace("/w/", f"{work}/").replace("/out/", f"{out}/") for arg in argv]
        command = lifeline.tied([*_limited(limits), *moved])
    environment = {} if sandbox.works else {"HOME": str(work), "PATH": "/usr/bin:/bin", **env}
    stdout, stderr = bytearray(), bytearray()
    started = time.monotonic()
    with lifeline.held() as line:
        # Not asyncio's way to start one: cancelled in the middle, that kills the leader alone and waits for the rest.
        process = subprocess.Popen(
            command, stdin=line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=work, env=environment,
            start_new_session=True,
        )  # fmt: skip
        stopped = await _attended(process, (stdout, stderr), out, limits, started + limits.wall_s, until)
    elapsed = time.monotonic() - started
    code = process.returncode
    number = code - 128 if code > 128 else -code
    if stopped is None and number == _SIGXCPU:
        stopped = "cpu"
    elif stopped is None and number == _SIGXFSZ:
        stopped = "file size"
    elif stopped is None and number == signal.SIGKILL and elapsed >= limits.cpu_s:
        stopped = "cpu"
    outputs = {name: data for name in collect if (data := _collected(out / name, limits)) is not None}
    return Outcome(None if stopped else code, bytes(stdout), bytes(stderr), outputs, elapsed, stopped)


async def _attended(
    process: subprocess.Popen[bytes],
    outputs: tuple[bytearray, bytearray],
    out: Path,
    limits: Limits,
    deadline: float,
    until: Callable[[bytes], bool] | None,
) -> Stopped | None:
    """Reads a program's ``outputs`` to its end or a limit; gives which. Nothing of it runs when this returns."""
    assert process.stdout is not None
    assert process.stderr is not None
    over = asyncio.Event()
    readers = [
        asyncio.ensure_future(_read(pipe, into, limits.output_bytes, over))
        for pipe, into in zip((process.stdout, process.stderr), outputs, strict=True)
    ]
    satisfied = asyncio.ensure_future(_until(outputs[0], until))
    flooded = asyncio.ensure_future(over.wait())
    watch = asyncio.ensure_future(_watch(out, limits.disk_bytes))
    ended = asyncio.ensure_future(lifeline.ended(process))
    try:
        waiting: set[asyncio.Future[Any]] = {flooded, watch, satisfied}
        while not ended.done():
            left = deadline - time.monotonic()
            if left <= 0:
                return "enough" if satisfied.done() else "wall"
            done, _ = await asyncio.wait({ended, *waiting}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if watch in done:
                return "disk"
            if flooded in done:
                return "output"
            if satisfied in done:
                waiting.discard(satisfied)
                deadline = min(deadline, time.monotonic() + _GRACE_S)
        return None
    finally:
        watch.cancel()
        satisfied.cancel()
        flooded.cancel()
        lifeline.kill_group(process.pid)
        await asyncio.shield(ended)
        await asyncio.wait(readers, timeout=2)
        for each in readers:
            each.cancel()


def _place(work: Path, folder: Path, inputs: Mapping[str, bytes]) -> dict[str, Path]:
    """Writes the inputs; returns where the absolute ones lie until the sandbox shows them at their paths."""
    absolute: dict[str, Path] = {}
    for number, (name, content) in enumerate(inputs.items()):
        if name.startswith("/"):
            path = folder / f"input{number}"
            absolute[name] = path
        else:
            path = work / name
            if not path.resolve().is_relative_to(work.resolve()):
                raise ValueError(f"input {name!r} lies outside the working folder")
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o644)
    return absolute


def _become() -> list[str]:
    # As root, first become nobody: the kernel never holds root to a limit on processes.
    setpriv = shutil.which("setpriv") if os.geteuid() == 0 else None
    return [setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"] if setpriv else []


def _bwrap(path: str) -> list[str]:
    # No --new-session: bubblewrap stays in the group that is killed; the program gets a session of its own inside.
    return [path, "--unshare-all", "--die-with-parent", "--clearenv"]


def _system_folders() -> list[str]:
    words: list[str] = []
    for path in _SYSTEM:
        words += ["--ro-bind-try", path, path]
    for link in ("/lib", "/lib64", "/lib32"):
        if os.path.islink(link):
            words += ["--symlink", os.readlink(link), link]
        elif os.path.isdir(link):
            words += ["--ro-bind", link, link]
    return words


def _sandboxed(
    bwrap: str,
    argv: list[str],
    folder: Path,
    absolute: Mapping[str, Path],
    readonly: Sequence[Path],
    limits: Limits,
    env: Mapping[str, str],
) -> list[str]:
    words = [*_bwrap(bwrap), *_system_folders(), "--proc", "/proc", "--dev", "/dev"]
    words += ["--size", str(limits.file_bytes), "--tmpfs", "/tmp"]
    for path in {Path(argv[0]), *readonly}:
        words += ["--ro-bind", str(path), str(path)]
    words += ["--ro-bind", str(folder / "w"), "/w", "--bind", str(folder / "out"), "/out"]
    for name, path in absolute.items():
        words += ["--ro-bind", str(path), name]
    for name, value in {"HOME": "/tmp", "LANG": "C.UTF-8", **env}.items():
        words += ["--setenv", name, value]
    limited = _limited(limits)
    if limited:
        words += ["--ro-bind", limited[0], limited[0]]
    apart = shutil.which("setsid")  # a signal to its own group reaches nothing outside
    if apart:
        words += ["--ro-bind", apart, apart]
    return [*words, "--chdir", "/tmp", *([apart] if apart else []), *limited, *argv]


def _limited(limits: Limits) -> list[str]:
    """The words that put a command under resource limits; none where the platform has no `prlimit`."""
    prlimit = shutil.which("prlimit") if sys.platform == "linux" else None
    if prlimit is None:
        return []
    return [
        prlimit,
        f"--cpu={limits.cpu_s}:{limits.cpu_s + 1}",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        f"--nproc={limits.processes}",
        "--core=0",
    ]


async def _read(pipe: IO[bytes], into: bytearray, most: int, over: asyncio.Event) -> None:
    """Reads to the end, keeping ``most`` bytes and telling ``over`` when there are more.

    It never stops early: a program whose output nobody reads doesn't go on.
    """
    stream, transport = await lifeline.reader(pipe)
    try:
        while chunk := await stream.read(65536):
            into += chunk[: most - len(into)]
            if len(into) >= most:
                over.set()
    finally:
        transport.close()


async def _until(output: bytearray, enough: Callable[[bytes], bool] | None) -> None:
    """Ends when the output is enough; asked now and then, for a program may write byte by byte."""
    asked = -1
    while True:
        await asyncio.sleep(0.05)
        if enough is not None and len(output) != asked:
            asked = len(output)
            if enough(bytes(output)):
                return


async def _watch(folder: Path, most: int) -> None:
    """Ends when the files in ``folder`` take more than ``most`` bytes."""
    while True:
        await asyncio.sleep(0.1)
        with contextlib.suppress(OSError):
            if sum(entry.lstat().st_size for entry in folder.rglob("*")) > most:
                return


def _collected(path: Path, limits: Limits) -> bytes | None:
    """The file's content; null for a link, a special file, or one that is missing or too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limits.file_bytes:
            return None
        return file.read()
