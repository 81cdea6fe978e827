"""Where a project's knowledge lies (CMSIS and HAL headers, HAL sources, SVD files), and what it says together."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiki_tools.language import Workspace
from kiki_tools.stm32 import hal, registers, svd
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.project import project_of, settings
from kiki_tools.stm32.registers import Registers
from kiki_tools.text import Snapshot

VERSION = "1"
"""Of the form and meaning of what `index` gives."""
_DEVICE_HEADER = re.compile(r"stm32(?:[a-z]\d|w[bl]a?|mp\d)[0-9a-z]{3,6}\.h")
_DRIVER = re.compile(r"stm32\w+?xx_(?:hal|ll)(?:_(?!conf|msp)\w+)?\.(?:h|c)")
_CORE_HEADER = re.compile(r"core_cm\w+\.h")
_LAYOUTS = (
    "Drivers/CMSIS/Device/ST/*/Include", "Drivers/CMSIS/Core/Include", "Drivers/CMSIS/Include",
    "Drivers/STM32*_HAL_Driver/Inc",
)  # fmt: skip
_ELSEWHERE = (
    "~/.platformio/packages/framework-stm32cube{family}", "~/STM32Cube/Repository/STM32Cube_FW_{FAMILY}_*",
    "~/.platformio/packages/framework-cmsis-stm32{family}",
)  # fmt: skip
_SVD_FOLDERS = (
    "$STM32CLT_PATH/STMicroelectronics_CMSIS_SVD", "/opt/st/stm32cubeclt_*/STMicroelectronics_CMSIS_SVD",
    "C:/ST/STM32CubeCLT*/STMicroelectronics_CMSIS_SVD",
)  # fmt: skip
_MOST = 400


def consulted(snapshot: Snapshot, workspace: Workspace) -> list[str]:
    """The headers, driver sources and SVD files of a file's project, what counts most first."""
    from kiki_tools.stm32.flags import flags_of

    project = project_of(snapshot, workspace)
    device = project.device
    family = device.family if device is not None else ""
    folders = list(dict.fromkeys([*flags_of(snapshot, workspace, project).folders, *_layouts(snapshot.path)]))
    found = list(_in_folders(folders, device))
    if not any(_DEVICE_HEADER.fullmatch(os.path.basename(path)) for path in found) and family:
        found += _in_folders(_elsewhere(family), device)
    return [*dict.fromkeys([*found, *_svds(snapshot.path, device)])][:_MOST]


def _layouts(path: str) -> Iterator[str]:
    """The folders with drivers in the project around a file, as STM32CubeMX lays them out."""
    folder = os.path.dirname(path)
    for _ in range(6):
        if os.path.isdir(os.path.join(folder, "Drivers")):
            for layout in _LAYOUTS:
                yield from sorted(glob.glob(os.path.join(glob.escape(folder), layout)))
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return


def _elsewhere(family: str) -> Iterator[str]:
    """Folders with drivers that a package manager or CubeMX keeps for all projects."""
    for place in _ELSEWHERE:
        root = os.path.expanduser(place.format(family=family, FAMILY=family.upper()))
        for found in sorted(glob.glob(root), reverse=True)[:1]:
            for layout in _LAYOUTS:
                yield from sorted(glob.glob(os.path.join(glob.escape(found), layout)))


def _in_folders(folders: Sequence[str] | Iterator[str], device: Device | None) -> Iterator[str]:
    """The files in some folders that say something of a device: its header, its core's, then the drivers'."""
    ranked: list[tuple[int, str]] = []
    for folder in folders:
        names = _names(folder)
        sources = os.path.join(os.path.dirname(folder), "Src")
        for name in names:
            path = os.path.join(folder, name)
            if _DRIVER.fullmatch(name) and name.endswith(".h") and "_template" not in name and _of(name, device):
                ranked.append((2 if "_hal" in name else 3, path))
            elif _DEVICE_HEADER.fullmatch(name) and _is_header(name, device):
                ranked.append((0, path))
            elif _CORE_HEADER.fullmatch(name) and device is not None and _core_header(device.core) == name:
                ranked.append((1, path))
        if any(_DRIVER.fullmatch(name) for name in names):
            drivers = [name for name in _names(sources) if _DRIVER.fullmatch(name) and "_hal_" in name]
            ranked += [
                (4, os.path.join(sources, name)) for name in drivers if name.endswith(".c") and "_template" not in name
            ]
    yield from (path for _, path in sorted(ranked, key=lambda each: each[0]))


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _of(name: str, device: Device | None) -> bool:
    """Whether a driver's header is for the device's family."""
    return device is None or name.startswith(f"stm32{device.family}")


def _is_header(name: str, device: Device | None) -> bool:
    """Whether `stm32f446xx.h` is the device's: an `x` in either name stands for anything."""
    if device is None or name.endswith(("xx_hal.h", "xx_ll.h")):
        return False
    wanted, stem = device.name.lower(), name[:-2]
    if len(wanted) < 9:
        return stem.startswith(wanted) and len(stem) > 9
    pairs = list(zip(stem, wanted, strict=False))
    return len(stem) >= 10 and all(one == other or "x" in (one, other) for one, other in pairs)


def _core_header(core: str) -> str:
    """The header of a core by modm's name for it: `cortex-m4f`, `cortex-m0+`."""
    found = re.match(r"cortex-m(\d+)(\+|p)?", core)
    return f"core_cm{found.group(1)}{'plus' if found.group(2) else ''}.h" if found else ""


def _svds(path: str, device: Device | None) -> Iterator[str]:
    """SVD files of the device: in the project, and where STM32CubeCLT keeps them."""
    if device is None:
        return
    above = {os.path.dirname(path), *(os.path.dirname(setting) for setting in settings(path))}
    for folder in (*sorted(above, reverse=True), *_SVD_FOLDERS):
        place = os.path.expandvars(folder)
        if "$" in place:
            continue
        found = sorted(glob.glob(os.path.join(place if folder in _SVD_FOLDERS else glob.escape(place), "*.svd")))
        for each in found:
            name = os.path.basename(each)[:-4].lower()
            if all(one == other or "x" in (one, other) for one, other in zip(name, device.name.lower(), strict=False)):
                yield each
                return


def index(snapshot: Snapshot) -> dict[str, Any]:
    """What one of these files says, as plain data; ``kind``: `registers`, `svd` or `driver`."""
    name = os.path.basename(snapshot.path).lower()
    if name.endswith(".svd"):
        try:
            return {"kind": "svd", **svd.index(snapshot.text)}
        except svd.NotSvd as error:
            return {"kind": "svd", "problem": str(error)}
    if _CORE_HEADER.fullmatch(name) or (_DEVICE_HEADER.fullmatch(name) and not _DRIVER.fullmatch(name)):
        return {"kind": "registers", **registers.index(snapshot.text)}
    return {"kind": "driver", **hal.index(snapshot.text)}


class Library:
    """What the headers of a project say together: registers, and ST's drivers."""

    def __init__(self, indexes: Mapping[str, Any]) -> None:
        self.registers = Registers(each for each in indexes.values() if each.get("kind") == "registers")
        self.described = Registers(each for each in indexes.values() if each.get("kind") == "svd")
        """The same as an SVD file has it: reset values and meanings."""
        self.functions: dict[str, dict[str, Any]] = {}
        self.structs: dict[str, list[Any]] = {}
        self.enums: dict[str, list[Any]] = {}
        self.constants: dict[str, list[str]] = {}
        self.groups: dict[str, list[Any]] = {}
        self.fields: dict[str, list[str]] = {}
        """Which LL functions a field of a register has."""
        self.origins: dict[str, str] = {}
        """The header's or source's name for each function, structure and constant."""
        for path, each in indexes.items():
            if each.get("kind") == "driver":
                self._add(os.path.basename(path), each)
        self.enumerators = {value[0]: (kind, value) for kind, (_, values) in self.enums.items() for value in values}

    def _add(self, name: str, driver: Mapping[str, Any]) -> None:
        for function, told in driver["functions"].items():
            known = self.functions.get(function)
            if known is None or (told["about"] and not known["about"]):
                self.functions[function] = told if known is None else {**told, "group": known["group"]}
                self.origins.setdefault(function, name)
        for mine, theirs in ((self.structs, "structs"), (self.enums, "enums"), (self.constants, "constants")):
            for each, said in driver[theirs].items():
                if each not in mine:
                    mine[each] = said
                    self.origins.setdefault(each, name)
        for group, (title, members) in driver["groups"].items():
            title_of, members_of = self.groups.get(group, ["", []])
            self.groups[group] = [title_of or title, [*dict.fromkeys([*members_of, *members])]]
        for field, functions in driver["fields"].items():
            self.fields.setdefault(field, []).extend(functions)

    def values(self, group: str) -> list[tuple[str, str]]:
        """The constants of a group or an enumeration, each with what it is."""
        if group in self.groups:
            return [(name, self.constants.get(name, ["", "", ""])[1]) for name in self.groups[group][1]]
        return [(name, about) for name, _, about in self.enums[group][1]] if group in self.enums else []

    def legal(self, struct: str, member: str) -> list[tuple[str, str]]:
        """The values that a member of a structure takes by its documentation or its type."""
        for name, kind, _, group in self.structs.get(struct, ["", []])[1]:
            if name == member:
                return self.values(group) or self.values(kind)
        return []


_known: list[tuple[Mapping[str, Any], Library]] = []


def library_of(workspace: Workspace) -> Library:
    """What the indexes of a workspace say together, put together once for each set of them."""
    for indexes, library in _known:
        if indexes is workspace.indexes:
            return library
    library = Library(workspace.indexes)
    _known.insert(0, (workspace.indexes, library))
    del _known[4:]
    return library
