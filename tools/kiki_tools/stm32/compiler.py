"""The instrument: arm-none-eabi-gcc in the sandbox, for the file in the editor and for a firmware to run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiki_tools import process
from kiki_tools.language import Diagnostic, Severity, Workspace
from kiki_tools.process import Limits, Outcome
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import Project, is_firmware, project_of
from kiki_tools.text import Snapshot, Span

_DEDUCED = "the folders of the project"
_GCC = "arm-none-eabi-gcc"
_LIMITS = Limits(cpu_s=30, wall_s=60, memory_bytes=2_000_000_000, output_bytes=4_000_000)
_TAKEN = re.compile(
    r"-(?:D|U|I|isystem|iquote|include|std=|mcpu=|mthumb$|mfpu=|mfloat-abi=|O[0-3sg]?$|W[a-z]|f(?!plugin|dump|profile))"
)
_WITH_VALUE = frozenset({"-I", "-D", "-U", "-isystem", "-iquote", "-include"})
_CORES = {
    "cortex-m0": "-mcpu=cortex-m0", "cortex-m0+": "-mcpu=cortex-m0plus", "cortex-m3": "-mcpu=cortex-m3",
    "cortex-m4": "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard",
    "cortex-m7": "-mcpu=cortex-m7 -mfpu=fpv5-d16 -mfloat-abi=hard",
    "cortex-m33": "-mcpu=cortex-m33 -mfpu=fpv5-sp-d16 -mfloat-abi=hard",
}  # fmt: skip
_TOOLCHAIN = ("/usr/bin", "/usr/include/newlib", "/usr/arm-none-eabi", "/usr/lib/arm-none-eabi", "/usr/lib/gcc")
_SKIPPED = frozenset({".git", "build", "Build", "Debug", "Release", "node_modules"})
_MOST_FOLDERS = 3000


class CompilerMissing(RuntimeError):
    """arm-none-eabi-gcc isn't installed."""


class NotCompiled(RuntimeError):
    """The firmware can't be built; the message is what the compiler said."""


@dataclass(frozen=True, slots=True)
class Flags:
    """How a file is compiled: the words, the folders that the compiler reads, and where both were found."""

    words: tuple[str, ...]
    folders: tuple[str, ...]
    found_in: str


def core_flags(device: Device | None) -> list[str]:
    """The words that choose the core; a Cortex-M4 without a device."""
    core = device.core.rstrip("fd") if device is not None else "cortex-m4"
    return ["-mthumb", *_CORES.get(core, "-mcpu=cortex-m4").split()]


def flags_of(snapshot: Snapshot, workspace: Workspace, project: Project) -> Flags:
    """A file's flags: from compile_commands.json or compile_flags.txt, else deduced from the project's folders."""
    for path, text in workspace.snapshots.items():
        folder = os.path.dirname(path)
        if os.path.basename(path) == "compile_commands.json":
            words = _commanded(text.text, snapshot.path, folder)
            if words is not None:
                return _flags(words, "compile_commands.json", project)
    for path, text in workspace.snapshots.items():
        if os.path.basename(path) == "compile_flags.txt":
            words = [line.strip() for line in text.text.splitlines() if line.strip()]
            return _flags(list(_allowed(words, os.path.dirname(path))), "compile_flags.txt", project, snapshot.path)
    return _flags([], _DEDUCED, project, snapshot.path)


def _commanded(text: str, path: str, folder: str) -> list[str] | None:
    try:
        entries = json.loads(text)
    except ValueError:
        return None
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        base = os.path.join(folder, str(entry.get("directory", "")))
        if os.path.normpath(os.path.join(base, str(entry.get("file", "")))) == path:
            arguments = entry.get("arguments")
            words = [str(word) for word in arguments] if isinstance(arguments, list) else []
            try:
                words = words or shlex.split(str(entry.get("command", "")))
            except ValueError:
                return None
            return list(_allowed(words[1:], base))
    return None


def _allowed(words: Sequence[str], base: str) -> Iterator[str]:
    """The words that say how C is to be read; none that runs, writes or loads something."""
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        if word in _WITH_VALUE and index < len(words):
            value = words[index]
            index += 1
            yield from (word, value if word in ("-D", "-U") else os.path.normpath(os.path.join(base, value)))
        elif word.startswith("-I") and len(word) > 2:
            yield f"-I{os.path.normpath(os.path.join(base, word[2:]))}"
        elif _TAKEN.match(word):
            yield word


def _flags(words: list[str], found_in: str, project: Project, path: str = "") -> Flags:
    if path and not any(word.startswith("-I") for word in words):
        words = [*words, *(f"-I{folder}" for folder in _include_folders(path))]
    device = project.device
    if device is not None and not any("STM32" in word for word in words) and re.search(r"x[x\dA-Z]$", device.name):
        words.append(f"-D{device.name}")
    if not any(word.startswith("-mcpu") for word in words):
        words = [*core_flags(device), *words]
    folders = []
    for number, word in enumerate(words):
        if word.startswith("-I") and len(word) > 2:
            folders.append(word[2:])
        elif word in ("-I", "-isystem", "-iquote") and number + 1 < len(words):
            folders.append(words[number + 1])
    return Flags(tuple(words), tuple(folder for folder in dict.fromkeys(folders) if os.path.isdir(folder)), found_in)


def _include_folders(path: str) -> Iterator[str]:
    """The folders with headers in the project around a file: the nearest folder above that has any."""
    folder = os.path.dirname(path)
    for _ in range(3):
        parent = os.path.dirname(folder)
        if parent == folder or os.path.exists(os.path.join(folder, ".git")):
            break
        if any(os.path.isdir(os.path.join(parent, name)) for name in ("Drivers", "Inc", "include", "Core")):
            folder = parent
    for count, (at, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        if count > _MOST_FOLDERS:
            return
        if any(name.endswith(".h") for name in names) and "RTOS2" not in at and "NN" not in at.split(os.sep):
            yield at


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
    if not is_firmware(snapshot):
        return []
    project = project_of(snapshot, workspace)
    flags = flags_of(snapshot, workspace, project)
    words = ["-fsyntax-only", "-fdiagnostics-format=json", "-Wall", *flags.words, snapshot.path]
    folder = os.path.dirname(snapshot.path)
    beside = {path: text for path, text in workspace.snapshots.items() if os.path.dirname(path) == folder}
    texts = {**beside, snapshot.path: snapshot}
    inputs = {path: text.text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
    outcome = await _run(words, inputs, [each for each in flags.folders if each != folder])
    found = list(_diagnostics(outcome.stderr, snapshot))
    lost = b"No such file or directory" in outcome.stderr and flags.found_in == _DEDUCED
    return [] if lost else found


async def _run(
    words: Sequence[str], inputs: Mapping[str, bytes], folders: Sequence[str], collect: Sequence[str] = ()
) -> Outcome:
    compiler = find()
    if compiler is None:
        raise CompilerMissing("arm-none-eabi-gcc is not installed")
    _needs_sandbox()
    readonly = [Path(folder) for folder in dict.fromkeys((*_TOOLCHAIN, *folders)) if os.path.isdir(folder)]
    environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TMPDIR": "/tmp"}
    return await process.run(
        [compiler, *words], inputs=inputs, readonly=readonly, collect=collect, limits=_LIMITS, env=environment
    )


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


async def build(sources: Mapping[str, bytes], device: Device | None, script: str, flags: Flags | None = None) -> bytes:
    """An ELF file from sources by their names (C and assembly), linked by a script.

    Raises:
        CompilerMissing, NotCompiled.
    """
    inputs = {f"src/{os.path.basename(name)}": text for name, text in sources.items()}
    inputs["src/kiki.ld"] = script.encode()
    own = [word for word in (flags.words if flags else ()) if not word.startswith("-Werror")]
    words = [
        *(own or core_flags(device)), "-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wall",
        *(f"/w/{name}" for name in inputs if name.endswith((".c", ".s", ".S"))),
        "-nostartfiles", "--specs=rdimon.specs", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
        "-T", "/w/src/kiki.ld", "-o", "/out/firmware.elf",
    ]  # fmt: skip
    outcome = await _run(words, inputs, flags.folders if flags else (), ["firmware.elf"])
    content = outcome.outputs.get("firmware.elf")
    if content is None or outcome.returncode != 0:
        raise NotCompiled(outcome.stderr.decode("utf-8", "replace").replace("/w/src/", "").strip()[:4000])
    return content
