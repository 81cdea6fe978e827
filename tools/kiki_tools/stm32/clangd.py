"""What clangd needs to read firmware: a compilation database, and a `.clangd` for the arm toolchain."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kiki_tools.stm32 import buildfiles, compiler
from kiki_tools.stm32 import device as devices
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.flags import core_flags
from kiki_tools.stm32.init.parts import part
from kiki_tools.stm32.init.plan import ImpossiblePlan

MARK = "# Written by kiki (`kiki clangd`)"
_GCC_ONLY = (
    "-mthumb-interwork", "-mslow-flash-data", "-mlong-calls", "-mno-unaligned-access", "-fcyclomatic-complexity",
    "-fsingle-precision-constant", "-fconserve-stack", "-fno-tree-*", "-ftree-*", "-fanalyzer", "-fno-ipa-*",
    "-fdump-*", "-fno-reorder-functions", "-fstrict-volatile-bitfields", "-fno-strict-volatile-bitfields",
    "-fstack-usage", "-fno-move-loop-invariants", "-finline-limit=*", "--specs=*", "-specs=*", "-Wa,*", "-MMD", "-MP",
    "-MF*", "-flto*", "-ffat-lto-objects",
)  # fmt: skip
"""What gcc takes and clang doesn't, or what is of no use to a reader."""


@dataclass(frozen=True, slots=True)
class Sources:
    """A project's files: absolute paths of C and C++ sources, folders with headers, texts of build files by path."""

    folder: str
    sources: Sequence[str]
    header_folders: Sequence[str]
    build_files: Mapping[str, str]
    database: str = ""
    """The folder of a compilation database that a build tool made, relative to ``folder``."""
    uses_ll: bool = False
    """Whether the sources call ST's low-level drivers, which a macro of their own switches on."""


@dataclass(frozen=True, slots=True)
class Deduced:
    """How the sources are compiled: the device, the words, and where both were found."""

    device: Device | None
    words: tuple[str, ...]
    found_in: tuple[str, ...]


def deduce(sources: Sources, extra: Sequence[str] = (), named: str = "", found_in: str = "") -> Deduced:
    """The command line of a project's sources.

    ``extra``: folders of ST's headers, for a project without its own. ``named``: the device, where no build file names
    it; ``found_in``: where that was found.
    """
    read = [buildfiles.read(path, text) for path, text in sources.build_files.items()]
    builds = [each for each in read if each is not None and each.says_something]
    name = buildfiles.device_of(builds)
    device, define = _device(name or named)
    words = list(buildfiles.joined(builds))
    if define and not any(re.match(r"-DSTM32[A-Z]", word) for word in words):
        words.insert(0, f"-D{define}")
    includes = [word[2:] for word in words if word.startswith("-I")]
    if not any(os.path.isdir(each) for each in includes):
        words += [f"-I{folder}" for folder in sources.header_folders]
    words += [f"-I{folder}" for folder in extra]
    folders = {word[2:] for word in words if word.startswith("-I")}
    if any(os.path.isfile(os.path.join(each, _hal(each))) for each in folders if _hal(each)) and not any(
        word.startswith("-DUSE_HAL_DRIVER") for word in words
    ):
        words.insert(0, "-DUSE_HAL_DRIVER")
    if sources.uses_ll and not any(build.defines for build in builds):
        words.insert(0, "-DUSE_FULL_LL_DRIVER")
    if not any(word.startswith("-mcpu") for word in words):
        words = [*core_flags(device), *words]
    elif "-mthumb" not in words:
        words.insert(0, "-mthumb")
    places = [os.path.relpath(build.path, sources.folder) for build in builds]
    places += [found_in] if found_in and not name else []
    return Deduced(device, tuple(dict.fromkeys(words)), tuple(places))


def _hal(folder: str) -> str:
    """The configuration of the HAL in a folder, if there is one."""
    try:
        return next((name for name in sorted(os.listdir(folder)) if re.fullmatch(r"stm32\w+_hal_conf\.h", name)), "")
    except OSError:
        return ""


_PART = re.compile(r"(?i)(?:stm32|^|_)((?:[flghucn]\d|w[bl]a?|mp\d)(?:\d[0-9a-z]([0-9a-z]{0,2}))?)")


def _device(name: str) -> tuple[Device | None, str]:
    """A device and the macro that chooses it, by a part's, a macro's or a board's name (`nucleo_f446re`)."""
    found = _PART.search(name)
    if found is None:
        return None, ""
    if not found.group(2):  # a family: its core is known, the device's own header isn't
        return devices.device(f"STM32{found.group(1).upper()}"), ""
    try:
        tail = found.group(2)
        known = part(f"STM32{found.group(1).upper()}"[: -len(tail) or None] + (tail.upper().replace("X", "x")))
    except ImpossiblePlan:
        return None, ""
    return known.device, known.define


def database(sources: Sources, deduced: Deduced) -> str:
    """The text of `compile_commands.json`."""
    entries = []
    for path in sources.sources:
        plus = path.endswith((".cpp", ".cc", ".cxx"))
        program = "arm-none-eabi-g++" if plus else "arm-none-eabi-gcc"
        words = [word for word in deduced.words if not (plus and word.startswith("-std=gnu1") and "++" not in word)]
        relative = os.path.relpath(path, sources.folder)
        entries.append({"directory": sources.folder, "file": relative, "arguments": [program, *words, "-c", relative]})
    return json.dumps(entries, indent=1) + "\n"


async def system_includes(words: Sequence[str], language: str = "c") -> list[str]:
    """Where the arm compiler looks for its C library's headers. Its own are left out: clang has others.

    Raises:
        CompilerMissing: if it isn't installed.
    """
    target = [word for word in words if word.startswith("-m")]
    outcome = await compiler.run([*target, "-E", "-v", "-x", language, "/w/empty"], {"empty": b""}, ())
    said = outcome.stderr.decode("utf-8", "replace")
    listed = said.partition("search starts here:\n#include <...> search starts here:\n")[2].partition("End of search")[
        0
    ]
    folders = [os.path.normpath(line.strip()) for line in listed.splitlines() if line.startswith(" ")]
    return [each for each in folders if not re.search(r"/gcc/arm-none-eabi/[\d.]+/include(?:-fixed)?$", each)]


def configuration(c_includes: Sequence[str], plus_includes: Sequence[str], where: str = "") -> str:
    """The text of `.clangd`; ``where``: the folder of a compilation database, if it isn't beside it."""
    lines = [f"{MARK}: what clangd must know of the arm toolchain.", "CompileFlags:"]
    if where:
        lines.append(f"  CompilationDatabase: {json.dumps(where)}")
    added = ["--target=arm-none-eabi", "-Wno-unknown-warning-option", *(f"-isystem{each}" for each in c_includes)]
    lines += ["  Add:", *(f"    - {json.dumps(each)}" for each in added)]
    lines += ["  Remove:", *(f"    - {json.dumps(each)}" for each in _GCC_ONLY)]
    if plus_includes:
        lines += [
            "---", "If:", "  PathMatch: .*\\.(cpp|cc|cxx|hpp|hh)", "CompileFlags:", "  Add:",
            *(f"    - {json.dumps('-isystem' + each)}" for each in plus_includes if each not in c_includes),
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
