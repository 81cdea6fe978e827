"""The instrument: arm-none-eabi-gcc in the sandbox, for the file in the editor and for a firmware to run."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kiki_tools import process
from kiki_tools.language import Diagnostic, Severity, Workspace
from kiki_tools.process import Limits, Outcome
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.flags import DEDUCED, Flags, core_flags, flags_of
from kiki_tools.stm32.project import is_firmware, project_of
from kiki_tools.stm32.sizes import Report, frames, sections
from kiki_tools.text import Snapshot, Span

_GCC = "arm-none-eabi-gcc"
_LIMITS = Limits(cpu_s=30, wall_s=60, memory_bytes=2_000_000_000, output_bytes=4_000_000)
_MOST_COPIED = 40_000_000
_TOOLCHAIN = ("/usr/bin", "/usr/include/newlib", "/usr/arm-none-eabi", "/usr/lib/arm-none-eabi", "/usr/lib/gcc")


class CompilerMissing(RuntimeError):
    """arm-none-eabi-gcc isn't installed."""


class NotCompiled(RuntimeError):
    """The firmware can't be built; the message is what the compiler said."""


def find() -> str | None:
    """The compiler's path, if it is installed."""
    return shutil.which(_GCC)


def _needs_sandbox() -> None:
    sandbox = process.isolation()
    if not sandbox.works:
        raise CompilerMissing(f"firmware is compiled only in the sandbox, and that doesn't work: {sandbox.why_not}")


async def syntax(snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    """What the compiler says of a file as it stands in the editor; nothing of a file that isn't for an STM32.

    Where no one tells the flags and a header isn't found, it says nothing either: it would be about the search only.

    Raises:
        CompilerMissing: if it isn't installed.
    """
    found, _ = await _read(snapshot, workspace, ["-fsyntax-only"], ())
    return found


_OBJECT = ("file.o", "file.su")


async def report(snapshot: Snapshot, workspace: Workspace) -> tuple[list[Diagnostic], Report | None]:
    """What the compiler says of a file, as `syntax`, and what the compiled file takes; None if it doesn't compile.

    Compiled as the project optimises, else for size.

    Raises:
        CompilerMissing: if it isn't installed.
    """
    words = ["-c", "-Os", "-Wno-maybe-uninitialized", "-fstack-usage"]
    found, outputs = await _read(snapshot, workspace, words, _OBJECT)
    if not set(_OBJECT) <= set(outputs):
        return found, None
    usage = outputs["file.su"].decode("utf-8", "replace")
    return found, Report(*sections(outputs["file.o"]), tuple(frames(usage, snapshot.path)))


async def _read(
    snapshot: Snapshot, workspace: Workspace, how: Sequence[str], collect: Sequence[str]
) -> tuple[list[Diagnostic], Mapping[str, bytes]]:
    """A file read by the compiler: its diagnostics, and what it wrote."""
    if not is_firmware(snapshot):
        return [], {}
    flags = flags_of(snapshot, workspace, project_of(snapshot, workspace))
    words = [*how, "-fdiagnostics-format=json", "-Wall", *flags.words, "-fno-lto", snapshot.path]
    words += ["-o", f"/out/{collect[0]}"] if collect else []
    folder = os.path.dirname(snapshot.path)
    beside = {path: text for path, text in workspace.snapshots.items() if os.path.dirname(path) == folder}
    texts = {**beside, snapshot.path: snapshot}
    inputs = {path: text.text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
    outcome = await run(words, inputs, [each for each in flags.folders if each != folder], collect)
    lost = b"No such file or directory" in outcome.stderr and flags.found_in == DEDUCED
    return [] if lost else list(_diagnostics(outcome.stderr, snapshot)), outcome.outputs


async def run(
    words: Sequence[str], inputs: Mapping[str, bytes], folders: Sequence[str], collect: Sequence[str] = ()
) -> Outcome:
    """The compiler with these words, in the sandbox, where it reads only the inputs, the toolchain and the folders.

    Raises:
        CompilerMissing: if it isn't installed.
    """
    compiler = find()
    if compiler is None:
        raise CompilerMissing("arm-none-eabi-gcc is not installed")
    _needs_sandbox()
    words, copies, within = _within_reach(words, folders)
    readonly = [Path(folder) for folder in dict.fromkeys((*_TOOLCHAIN, *within)) if os.path.isdir(folder)]
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TMPDIR": "/tmp"}
    return await process.run(
        [compiler, *words], inputs={**inputs, **copies}, readonly=readonly, collect=collect, limits=_LIMITS,
        env=environment,
    )  # fmt: skip


def _within_reach(words: Sequence[str], folders: Sequence[str]) -> tuple[list[str], dict[str, bytes], list[str]]:
    """The words, with folders that the sandbox can't open replaced by copies of their headers; these, and the others.

    For root the sandboxed program is another user, who can't go through folders such as `/root`.
    """
    told, copies, within = list(words), dict[str, bytes](), []
    for number, folder in enumerate(dict.fromkeys(folders)):
        if os.geteuid() != 0 or _is_open(folder):
            within.append(folder)
            continue
        found = _headers(folder, f"h{number}")
        copies.update(found)
        told = [word.replace(folder, f"/w/h{number}") if word in (folder, f"-I{folder}") else word for word in told]
    return told, copies, within


def _placed(listed: Sequence[str]) -> tuple[list[str], dict[str, bytes]]:
    """Where the sandbox sees the sources of a project: at their own places, else as copies beside their headers."""
    placed, copies = [], dict[str, bytes]()
    for path in listed:
        folder = os.path.dirname(path)
        if os.geteuid() != 0 or _is_open(folder):
            placed.append(path)
            continue
        name = f"p/{folder.strip(os.sep).replace(os.sep, '_')}"
        with open(path, "rb") as file:
            copies[f"{name}/{os.path.basename(path)}"] = file.read(_MOST_COPIED)
        copies.update(_headers(folder, name))
        placed.append(f"/w/{name}/{os.path.basename(path)}")
    return placed, copies


def _is_open(folder: str) -> bool:
    """Whether anyone may go into a folder and those above it."""
    at = os.path.abspath(folder)
    while True:
        try:
            if not os.stat(at).st_mode & 0o001:
                return False
        except OSError:
            return True
        if at == (above := os.path.dirname(at)):
            return True
        at = above


def _headers(folder: str, name: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    taken = 0
    for at, folders, names in os.walk(folder):
        depth = os.path.relpath(at, folder).count(os.sep) + (at != folder)
        folders[:] = sorted(folders) if depth < 1 else []
        for each in sorted(names):
            if each.endswith((".h", ".hpp", ".inc")) and taken < _MOST_COPIED:
                try:
                    with open(os.path.join(at, each), "rb") as file:
                        content = file.read(_MOST_COPIED - taken)
                except OSError:
                    continue
                taken += len(content)
                found[os.path.normpath(os.path.join(name, os.path.relpath(at, folder), each))] = content
    return found


_SEVERITIES: dict[str, Severity] = {"error": "error", "fatal error": "error", "warning": "warning", "note": "info"}


def _diagnostics(shown: bytes, snapshot: Snapshot) -> Iterator[Diagnostic]:
    begin = shown.find(b"[")
    try:
        entries: Any = json.loads(shown[begin:].split(b"\n")[0]) if begin >= 0 else []
    except ValueError:
        return
    for entry in entries:
        caret = (entry.get("locations") or [{}])[0].get("caret", {})
        if os.path.normpath(str(caret.get("file", ""))) != snapshot.path:
            continue
        line = int(caret.get("line", 1)) - 1
        start = snapshot.line_start(line)
        text = snapshot.slice(Span(start, snapshot.line_start(line + 1)))
        bytes_before = text.encode("utf-8", "surrogatepass")[: max(0, int(caret.get("byte-column", 1)) - 1)]
        at = start + len(bytes_before.decode("utf-8", "ignore"))
        word = re.match(r"\w+", snapshot.slice(Span(at, start + len(text))))
        span = Span(at, at + (len(word.group()) if word else 1))
        severity = _SEVERITIES.get(str(entry.get("kind")), "warning")
        option = str(entry.get("option", "")) or "gcc"
        message = str(entry.get("message", ""))
        yield Diagnostic(snapshot.path, span, severity, option, message, source="arm-none-eabi-gcc")


async def build(
    sources: Mapping[str, bytes],
    device: Device | None,
    script: str,
    flags: Flags | None = None,
    listed: Sequence[str] = (),
) -> bytes:
    """An ELF file, linked by a script, from sources by their names (C and assembly) and those ``listed`` by their
    absolute paths; `KIKI_RUN` is defined.

    Raises:
        CompilerMissing, NotCompiled.
    """
    inputs = {f"src/{os.path.basename(name)}": text for name, text in sources.items()}
    inputs["src/kiki.ld"] = script.encode()
    own = [word for word in (flags.words if flags else ()) if not word.startswith("-Werror")]
    placed, copies = _placed(listed)
    inputs.update(copies)
    words = [
        *(own or core_flags(device)), "-DKIKI_RUN", "-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wall",
        *(f"/w/src/{name}" for name in map(os.path.basename, sources) if name.endswith((".c", ".s", ".S"))), *placed,
        "-nostartfiles", "--specs=rdimon.specs", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
        "-T", "/w/src/kiki.ld", "-o", "/out/firmware.elf",
    ]  # fmt: skip
    folders = [*(os.path.dirname(path) for path in placed), *(flags.folders if flags else ())]
    outcome = await run(words, inputs, folders, ["firmware.elf"])
    content = outcome.outputs.get("firmware.elf")
    if content is None or outcome.returncode != 0:
        raise NotCompiled(outcome.stderr.decode("utf-8", "replace").replace("/w/src/", "").strip()[:4000])
    return content
