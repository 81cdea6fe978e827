"""How a firmware file is compiled: flags from compile_commands.json, else deduced from the project."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiki_tools.language import Workspace
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import Project
from kiki_tools.text import Snapshot

DEDUCED = "the folders of the project"
"""Where flags were found that no file tells."""
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
_SKIPPED = frozenset({".git", "build", "Build", "Debug", "Release", "node_modules"})
_MOST_FOLDERS = 3000


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
    return _flags([], DEDUCED, project, snapshot.path)


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
