"""`kiki clangd`: a project's files read from the disk, and what is written beside them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_tools.stm32 import clangd
from kiki_tools.stm32.clangd import MARK, Deduced, Sources
from kiki_tools.stm32.compiler import CompilerMissing
from kiki_tools.stm32.init.headers import find_named, usual
from kiki_tools.stm32.project import is_firmware, project_of
from kiki_tools.workspace import Unreadable, read_snapshot

_SKIPPED = frozenset({".git", "node_modules", ".venv", "Debug", "Release", ".pio", ".cache", "__pycache__"})
_BUILD_FILES = ("Makefile", "CMakeLists.txt", "platformio.ini", ".cproject")
_BUILD_FOLDERS = ("build", "Build", "Debug", "Release", "cmake-build-debug", "out/build")
_MOST_FOLDERS, _MOST_SOURCES = 4000, 5000
_DATABASE = "compile_commands.json"


@dataclass(frozen=True, slots=True)
class Offer:
    """What clangd would be given: the files by their paths, and how they came to be.

    ``lost``: headers of ST's that were found neither in the project nor elsewhere.
    """

    deduced: Deduced
    sources: int
    files: Mapping[Path, str]
    database: str = ""
    lost: tuple[str, ...] = ()
    written: tuple[Path, ...] = field(default=())


async def offered(folder: Path, headers: Sequence[Path] = (), device: str = "") -> Offer:
    """The files for a project's folder, not yet written; ``device``: its name, where nothing in the project tells it.

    Raises:
        KikiError: if the folder can't be read, has no C, or the compiler is missing.
    """
    if not folder.is_dir():
        raise KikiError(f"{folder} is no folder", "name a firmware project's folder")
    sources = _sources(folder)
    if not sources.sources:
        raise KikiError(f"{folder} has no C or C++ files", "name a firmware project's folder")
    named, found_in = (device, "--device") if device else _named(sources)
    deduced = clangd.deduce(sources, (), named, found_in)
    if device and deduced.device is None:
        raise KikiError(f"there is no device {device}", "name one such as STM32F446RE")
    lost: tuple[str, ...] = ()
    if not sources.database:
        missing = _missing(sources, deduced)
        found = find_named(missing, [sources.folder, *map(str, headers), *usual()]) if missing else {}
        deduced = clangd.deduce(sources, sorted(set(found.values())), named, found_in)
        lost = tuple(sorted(missing - set(found)))
    try:
        c_includes = await clangd.system_includes(deduced.words)
        has_plus = any(path.endswith((".cpp", ".cc", ".cxx")) for path in sources.sources)
        plus_includes = await clangd.system_includes(deduced.words, "c++") if has_plus else []
    except CompilerMissing as error:
        raise KikiError(str(error), "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi") from error
    files = {folder / ".clangd": clangd.configuration(c_includes, plus_includes, sources.database)}
    if not sources.database:
        files[folder / _DATABASE] = clangd.database(sources, deduced)
    return Offer(deduced, len(sources.sources), files, sources.database, lost)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]((?:[\w.+-]+/)*([\w.+-]+))[">]', re.MULTILINE)
_OF_ST = re.compile(r"stm32\w+\.h|core_cm\w+\.h|arm_math\.h")


def _missing(sources: Sources, deduced: Deduced) -> set[str]:
    """ST's headers that the sources, the HAL's configuration and the device's header want, and no folder has."""
    folders = [word[2:] for word in deduced.words if word.startswith("-I")]
    family = deduced.device.family if deduced.device is not None else ""
    wanted = {f"stm32{family}xx.h", f"core_{_CORES.get(deduced.device.core, 'cm4')}.h"} if deduced.device else set()
    texts = _texts([*sources.sources[:300], *_headers_of(sources)])
    for path, text in texts.items():
        for whole, name in _INCLUDE.findall(text[:20_000]):
            beside = os.path.join(os.path.dirname(path), whole)
            if _OF_ST.fullmatch(name) and not os.path.isfile(beside):
                wanted.add(name)
    return {name for name in wanted if not any(os.path.isfile(os.path.join(each, name)) for each in folders)}


_CORES = {"cortex-m0": "cm0", "cortex-m0plus": "cm0plus", "cortex-m3": "cm3", "cortex-m7fd": "cm7", "cortex-m7f": "cm7",
          "cortex-m7": "cm7", "cortex-m33": "cm33", "cortex-m33f": "cm33"}  # fmt: skip


def _headers_of(sources: Sources) -> list[str]:
    """The project's own headers; not those of drivers that it carries along."""
    own = [each for each in sources.header_folders if "Drivers" not in each.split(os.sep)]
    return [os.path.join(at, name) for at in own[:50] for name in sorted(os.listdir(at)) if name.endswith(".h")][:300]


def _named(sources: Sources) -> tuple[str, str]:
    """The device as kiki's own analysis finds it: by startup file, linker script, includes, folders' names."""
    for path in sources.sources[:50]:
        try:
            snapshot = read_snapshot(Path(path))
        except Unreadable:
            continue
        if is_firmware(snapshot):
            project = project_of(snapshot, drawn_in(snapshot))
            return (project.device.name, project.found_in) if project.device is not None else ("", "")
    return "", ""


def refusals(offer: Offer) -> list[Path]:
    """The files that are there and aren't kiki's own: they are replaced only on request."""
    return [path for path, text in offer.files.items() if not _is_ours(path, text)]


def _is_ours(path: Path, text: str) -> bool:
    if not path.exists():
        return True
    try:
        there = read_snapshot(path).text
    except Unreadable:
        return False
    return there == text or there.startswith(MARK)


def _sources(folder: Path) -> Sources:
    root = os.path.abspath(folder)
    sources: list[str] = []
    header_folders: list[str] = []
    build_files: list[str] = []
    for count, (at, folders, names) in enumerate(os.walk(root)):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED and not _is_build(at, each))
        if count > _MOST_FOLDERS:
            break
        if any(name.endswith((".h", ".hpp")) for name in names):
            header_folders.append(at)
        for name in sorted(names):
            path = os.path.join(at, name)
            if name.endswith((".c", ".cpp", ".cc", ".cxx")) and len(sources) < _MOST_SOURCES:
                sources.append(path)
            elif _is_build_file(name) and path.count(os.sep) - root.count(os.sep) <= 3:
                build_files.append(path)
    ordered = sorted(build_files, key=lambda path: (path.count(os.sep), path))
    return Sources(root, sources, header_folders, _texts(ordered[:100]), _database(root), _uses_ll(sources))


def _uses_ll(paths: Sequence[str]) -> bool:
    return any(re.search(r"\bLL_[A-Z0-9]+_Init\w*\(", text) for text in _texts(paths[:20]).values())


def _is_build(at: str, name: str) -> bool:
    return name.lower().startswith(("build", "cmake-build")) and os.path.isfile(
        os.path.join(at, name, "CMakeCache.txt")
    )


def _is_build_file(name: str) -> bool:
    return name in _BUILD_FILES or name.endswith((".ioc", ".cmake"))


def _texts(paths: Sequence[str]) -> dict[str, str]:
    found = {}
    for path in paths:
        try:
            found[path] = read_snapshot(Path(path)).text
        except Unreadable:
            continue
    return found


def _database(root: str) -> str:
    """The folder of a compilation database that a build tool wrote, relative to the project's; empty for none."""
    for name in _BUILD_FOLDERS:
        if os.path.isfile(os.path.join(root, name, _DATABASE)):
            return name
    presets = os.path.join(root, "build")
    if os.path.isdir(presets):
        for name in sorted(os.listdir(presets)):
            if os.path.isfile(os.path.join(presets, name, _DATABASE)):
                return f"build/{name}"
    return ""


def to_json(offer: Offer) -> dict[str, Any]:
    """As `--json` gives it."""
    device = offer.deduced.device
    return {
        "ok": not offer.lost,
        "device": device.name if device is not None else None,
        "found_in": list(offer.deduced.found_in),
        "sources": offer.sources,
        "arguments": list(offer.deduced.words),
        "database": offer.database or None,
        "missing_headers": list(offer.lost),
        "files": [{"path": str(path), "text": text} for path, text in offer.files.items()],
        "written": [str(path) for path in offer.written],
    }
