"""Which device a file is for, and which other files belong to its project."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kiki_tools.language import Workspace
from kiki_tools.stm32.code import Source
from kiki_tools.stm32.device import Device, device
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Snapshot

_LEVELS = 6
_MOST = 300
_SETTINGS = ("compile_commands.json", "compile_flags.txt", "CMakeLists.txt", "Makefile", "platformio.ini")
_DEFINED = re.compile(
    r"(?<![A-Za-z0-9_])(?:-D)?(STM32(?:[FLGHUCN]\d|W[BL]A?|MP\d)[0-9A-Z]{2}[0-9A-Zx]{2})(?![A-Za-z0-9_])"
)
_PART = re.compile(r"(?i)(STM32(?:[FLGHUCN]\d|W[BL]A?|MP\d)[0-9A-Z]{2}[0-9A-Z]{0,4}x{0,2})")
_IOC = re.compile(r"^Mcu\.(?:CPN|UserName)=(\S+)", re.MULTILINE)
_HSE = re.compile(r"(?:-D|\b)HSE_VALUE\s*[=(]+\s*(?:\(uint32_t\))?\s*(\d{6,8})")
_PLATFORMIO = re.compile(r"^\s*(?:board|board_build\.mcu)\s*=\s*(\S+)", re.MULTILINE)
_HEADER = re.compile(r"(?i)[<\"](?:.*/)?(stm32(?:[flghucn]\d|w[bl]a?))xx(?:_hal|_ll_\w+)?\.h")
_PART_HEADER = re.compile(r"(?i)[<\"](?:.*/)?(stm32(?:[flghucn]\d|w[bl]a?)[0-9a-z]{4})\.h")


@dataclass(frozen=True, slots=True)
class Project:
    """A firmware project as far as it is known: its device (or family), where that was found, its C files."""

    device: Device | None
    found_in: str
    sources: Mapping[str, Source]
    defines: Mapping[str, str]
    handlers: frozenset[str] = frozenset()
    """The interrupts that the project's own startup file has, without `_IRQHandler`."""


def _is_startup(name: str) -> bool:
    return name.startswith("startup_") and name.lower().endswith(".s")


def is_firmware(snapshot: Snapshot) -> bool:
    """Whether a C file is for an STM32, as its text says."""
    text = snapshot.text[:200_000]
    if "stm32" in text or "STM32" in text or "HAL_" in text or "LL_GPIO" in text or "RCC->" in text:
        return True
    # A file that only includes its project's own headers is told by what lies beside it.
    return '#include "' in text and _is_project(os.path.dirname(snapshot.path))


def _is_project(folder: str) -> bool:
    """Whether a folder, or one of the two above it, holds what only a project for STM32 does."""
    for _ in range(3):
        for name in _names(folder):
            if name.endswith(".ioc") or _OF_A_PROJECT.match(name):
                return True
            if name in _SETTINGS and "STM32" in _beginning(os.path.join(folder, name)).upper():
                return True
        folder, before = os.path.dirname(folder), folder
        if folder == before or _names(before, ".git"):
            break
    return False


_OF_A_PROJECT = re.compile(
    r"(?i)startup_stm32\w+\.s$|stm32\w+\.(?:ld|icf)$|stm32\w\wxx_(?:hal_conf|hal_msp|it)\.[ch]$|system_stm32"
)


def _beginning(path: str) -> str:
    """A file's first 64 kB, kept until it changes; empty if it can't be read."""
    try:
        state = os.stat(path)
        return _read(path, state.st_mtime_ns, state.st_size) if stat.S_ISREG(state.st_mode) else ""
    except OSError:
        return ""


@lru_cache(maxsize=64)
def _read(path: str, _changed: int, _size: int) -> str:
    with open(path, "rb") as file:
        return file.read(65_536).decode("utf-8", "replace")


def settings(path: str) -> Iterator[str]:
    """Files above a source that can tell the device, nearest first."""
    folder = os.path.dirname(path)
    for _ in range(_LEVELS):
        for name in _names(folder):
            if name in _SETTINGS or name.endswith(".ioc") or _is_startup(name):
                yield os.path.join(folder, name)
        folder, before = os.path.dirname(folder), folder
        if folder == before or _names(before, ".git"):
            return


def _names(folder: str, only: str = "") -> list[str]:
    """The names in a folder; empty if it can't be listed."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if not only or entry.name == only)
    except OSError:
        return []


def siblings(path: str) -> Iterator[str]:
    """The C files and headers of the same project: in the file's folder and the ones beside it."""
    folder = os.path.dirname(path)
    count = 0
    for near in (folder, os.path.join(os.path.dirname(folder), "Inc"), os.path.join(os.path.dirname(folder), "Src")):
        for name in _names(near):
            if name.endswith((".c", ".h")) and count < _MOST and not name.startswith("stm32_hal_legacy"):
                count += 1
                yield os.path.normpath(os.path.join(near, name))


def project_of(snapshot: Snapshot, workspace: Workspace) -> Project:
    """The project of a file, from what the workspace has."""
    near = set(siblings(snapshot.path)) | {snapshot.path}
    texts = {path: text for path, text in workspace.snapshots.items() if path in near and path.endswith((".c", ".h"))}
    texts[snapshot.path] = snapshot
    sources = {path: source_of(text) for path, text in texts.items()}
    defines: dict[str, str] = {}
    for source in sources.values():
        defines.update(source.defines)
    defines.update(sources[snapshot.path].defines)
    beside = tuple(settings(snapshot.path))
    if "HSE_VALUE" not in defines:
        defines.update(_oscillator(beside, workspace))
    name, where = _device_name(snapshot, beside, workspace, sources)
    handlers = {
        handler
        for path in beside
        if _is_startup(os.path.basename(path)) and (text := workspace.snapshots.get(path)) is not None
        for handler in re.findall(r"(\w+)_IRQHandler", text.text)
    }
    return Project(device(name) if name else None, where, sources, _same(defines), frozenset(handlers))


def _oscillator(beside: Sequence[str], workspace: Workspace) -> dict[str, str]:
    """The crystal's frequency as a build or `.ioc` gives it."""
    for path in beside:
        text = workspace.snapshots.get(path)
        if text is not None and "HSE_VALUE" in text.text and (found := _HSE.search(text.text)):
            return {"HSE_VALUE": found.group(1)}
    return {}


_last_defines: list[dict[str, str]] = [{}]


def _same(defines: dict[str, str]) -> dict[str, str]:
    """The macros of the last project, if they are equal: then what was worked out with them still holds."""
    if defines != _last_defines[0]:
        _last_defines[0] = defines
    return _last_defines[0]


def _device_name(
    snapshot: Snapshot, beside: Sequence[str], workspace: Workspace, sources: Mapping[str, Source]
) -> tuple[str, str]:
    for path in beside:
        text = workspace.snapshots.get(path)
        if text is None or _is_startup(os.path.basename(path)):
            continue
        if path.endswith(".ioc"):
            found = _IOC.search(text.text)
        else:
            found = _DEFINED.search(text.text) or (_PLATFORMIO.search(text.text) if path.endswith(".ini") else None)
        if found is not None and (part := _PART.search(_spelled(found.group(1)))) and device(part.group(1)):
            return part.group(1), os.path.basename(path)
    folder = os.path.dirname(snapshot.path)
    for _ in range(3):
        for name in _names(folder):
            if name.startswith("startup_stm32") or name.endswith((".ld", ".icf")):
                part = _PART.search(name)
                if part and device(part.group(1)):
                    return part.group(1), name
        folder = os.path.dirname(folder)
    own = sources[snapshot.path]
    families = ""
    for source in (own, *(each for each in sources.values() if each is not own)):
        for include in source.includes:
            if (part := _PART_HEADER.search(include.text)) and device(part.group(1)):
                return part.group(1), include.text
            if family := _HEADER.search(include.text):
                families = families or family.group(1).upper()
        if families:
            break
    for folder_name in reversed(snapshot.path.split(os.sep)[:-1]):
        # Boards are called NUCLEO-F446RE, and STM32F411RE-Nucleo.
        board = re.sub(r"(?i)^nucleo-(?:STM32)?", "STM32", folder_name).partition("-")[0]
        part = _PART.search(board)
        if part and part.group(1).upper().startswith(families) and device(part.group(1)):
            return part.group(1), folder_name
    if not families and (family := re.search(r"(?i)STM32[FLGHUCNW][0-9BL]", os.path.dirname(snapshot.path))):
        return family.group(), "the folder's name"
    return families, families and f"the includes of {families.lower()}xx"


def _spelled(name: str) -> str:
    """A board of PlatformIO by the part in its name: `nucleo_f446re` is an STM32F446RE."""
    found = re.fullmatch(
        r"(?i)(?:nucleo|disco|bluepill|genericSTM32|generic_stm32)?_?((?:[flghu]\d)[0-9a-z]{2,5})", name
    )
    return f"STM32{found.group(1).upper()}" if found and not name.upper().startswith("STM32") else name
