"""Firmware built and run: a C file with its folder, a project's folder, or an ELF file."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_tools.language import Workspace
from kiki_tools.stm32 import compiler, machine
from kiki_tools.stm32.device import Device, vectors
from kiki_tools.stm32.device import device as device_of
from kiki_tools.stm32.flags import flags_of
from kiki_tools.stm32.init import cmsis
from kiki_tools.stm32.project import Project, project_of, settings, siblings
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot

_LARGEST = 64_000_000
_MAIN = re.compile(r"^\s*(?:int|void)\s+main\s*\(", re.MULTILINE)
_SOURCES = ("", "src", "Src", "source", "Core/Src", "app")
_NAME = "name a C file, a project's folder or an ELF file"
_MOST_SOURCES = 400


@dataclass(frozen=True, slots=True)
class FirmwareRun:
    """How a firmware ran, what its source expected of it, and how the machine differs from the device."""

    run: machine.Run
    expectations: tuple[machine.Expectation, ...]
    lacks: str

    @property
    def ok(self) -> bool:
        """Whether all that was expected came; without expectations, whether it ended with 0."""
        if self.expectations:
            return all(each.ok for each in self.expectations) and self.run.exit_code in (0, None)
        return self.run.exit_code == 0


async def run(file: Path, machine_name: str | None, timeout_s: float) -> FirmwareRun:
    """Builds the file or project, if it is C, and runs it.

    Raises:
        KikiError: for a file that can't be read or built, an unknown machine, or a missing program.
    """
    if machine_name is not None and machine_name not in machine.MACHINES:
        raise KikiError(f"kiki knows no machine {machine_name}", f"name one of {', '.join(machine.MACHINES)}")
    source, stands_for = "", ""
    if file.is_dir():
        file = _main_of(file)
    try:
        if file.suffix == ".c":
            snapshot = read_snapshot(file)
            source = snapshot.text
            chosen, firmware, stands_for = await _built(snapshot, machine_name)
        else:
            firmware = _elf(file)
            chosen = machine.MACHINES[machine_name or "netduinoplus2"]
        expected = machine.expectations(source, "")

        def met(so_far: str) -> bool:
            return all(each.ok for each in machine.expectations(source, so_far))

        ran = await machine.run(firmware, chosen, timeout_s, met if expected else None)
    except Unreadable as error:
        raise KikiError(f"can't read {file}: {error}", _NAME) from error
    except compiler.CompilerMissing as error:
        install = "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
        raise KikiError(str(error), install) from error
    except compiler.NotCompiled as error:
        if lost := sorted(set(re.findall(r"undefined reference to `((?:HAL|LL)_\w+)'", str(error)))):
            named = ", ".join(lost[:3]) + (" …" if len(lost) > 3 else "")
            problem = f"{file} can't be linked: the sources of ST's drivers ({named}) aren't among its files"
            raise KikiError(problem, "list them in compile_commands.json, as CMake and `kiki clangd` do") from error
        raise KikiError(f"{file} can't be built:\n{error}", "mend what the compiler names") from error
    except machine.MachineMissing as error:
        raise KikiError(str(error), "apt-get install qemu-system-arm") from error
    other = f"; it is an {chosen.chip}, not an {stands_for}" if stands_for else ""
    return FirmwareRun(ran, tuple(machine.expectations(source, ran.uart)), chosen.lacks + other)


def _main_of(folder: Path) -> Path:
    """The C file of a project that has `main`."""
    found = []
    for name in _SOURCES:
        for path in sorted((folder / name).glob("*.c")):
            try:
                if _MAIN.search(read_snapshot(path).text):
                    found.append(path)
            except Unreadable:
                continue
    if len(found) != 1:
        named = ", ".join(str(path) for path in found[:5])
        problem = f"{folder} has several programs: {named}" if found else f"{folder} has no C file with main"
        raise KikiError(problem, "name the C file to run")
    return found[0]


def _elf(file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise KikiError(f"can't read {file}: {error.strerror}", _NAME) from error
    if not content.startswith(b"\x7fELF") or len(content) > _LARGEST:
        raise KikiError(f"{file} is no ELF file", _NAME)
    return content


async def _built(snapshot: Snapshot, machine_name: str | None) -> tuple[machine.Machine, bytes, str]:
    """The machine, the firmware, and the device that the machine stands for, if it isn't the machine's own."""
    workspace = _workspace(snapshot)
    project = project_of(snapshot, workspace)
    chosen = machine.MACHINES.get(machine_name or "") or machine.machine_for(project.device)
    if chosen is None:
        name = project.device.name if project.device else ""
        raise KikiError(f"QEMU has no machine for {name}", f"choose one of {', '.join(machine.MACHINES)} by --machine")
    folder = os.path.dirname(snapshot.path)
    listed = [path for path in _listed(snapshot, workspace) if path.endswith(".c")]
    sources = {
        path: text.text.encode("utf-8", "surrogatepass")
        for path, text in {**workspace.snapshots, snapshot.path: snapshot}.items()
        if not listed
        and os.path.dirname(path) == folder
        and path.endswith((".c", ".h"))
        and _belongs(path, text, snapshot)
    }
    device: Device | None = project.device
    known = device_of(chosen.chip)
    if machine_name is not None and known is not None and (device is None or device.core != known.core):
        device = known
        project = Project(device, "the machine", project.sources, project.defines)
    names = vectors(device) if device is not None else []
    sources["kiki_startup.c"] = machine.startup(names).encode()
    flags = flags_of(snapshot, workspace, project)
    _stand_in(sources, device, flags.folders)
    firmware = await compiler.build(sources, device, machine.link_script(chosen), flags, listed)
    name = device.name if device is not None else ""
    is_own = not name or name.upper().startswith(chosen.chip) or re.fullmatch(r"STM32[A-Z]\d", name) is not None
    return chosen, firmware, "" if is_own else name


def _stand_in(sources: dict[str, bytes], device: Device | None, folders: Sequence[str]) -> None:
    """Gives the program kiki's stand-in for CMSIS' device header, where it wants that and has none."""
    if device is None:
        return
    name = f"stm32{device.family}xx.h"
    wanted = any(re.search(rf'#\s*include\s*[<"]{name}[>"]'.encode(), text) for text in sources.values())
    there = any(os.path.basename(path) == name for path in sources)
    there = there or any(os.path.isfile(os.path.join(folder, name)) for folder in folders)
    if wanted and not there and (made := cmsis.header(device)) is not None:
        sources[name] = made.encode()


def _workspace(snapshot: Snapshot) -> Workspace:
    """What the program's file draws in, and the files near it: here also of one whose text names no STM32."""
    found = drawn_in(snapshot)
    texts = dict(found.snapshots)
    for path in (*settings(snapshot.path), *siblings(snapshot.path)):
        if path not in texts and path not in found.unreadable:
            with contextlib.suppress(Unreadable):
                texts[path] = read_snapshot(Path(path))
    return replace(found, snapshots=texts)


def _listed(snapshot: Snapshot, workspace: Workspace) -> Iterator[str]:
    """The sources that the project's compile_commands.json names, if it names this one too."""
    for path, text in workspace.snapshots.items():
        if os.path.basename(path) != "compile_commands.json":
            continue
        try:
            entries = json.loads(text.text)
        except (ValueError, RecursionError):
            continue
        found = []
        for entry in entries[:_MOST_SOURCES] if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                base = os.path.join(os.path.dirname(path), str(entry.get("directory", "")))
                found.append(os.path.normpath(os.path.join(base, str(entry.get("file", "")))))
        if snapshot.path in found:
            yield from (each for each in found if os.path.isfile(each))
            return


def _belongs(path: str, text: Snapshot, main: Snapshot) -> bool:
    """Whether a file of the folder is linked too: headers, and sources without a main of their own."""
    return path == main.path or path.endswith(".h") or _MAIN.search(text.text) is None
