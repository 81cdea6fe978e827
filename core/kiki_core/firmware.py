"""Firmware built and run: a C file with its folder, or an ELF file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_tools.stm32 import compiler, machine
from kiki_tools.stm32.device import Device, vectors
from kiki_tools.stm32.device import device as device_of
from kiki_tools.stm32.flags import flags_of
from kiki_tools.stm32.project import Project, project_of
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot

_LARGEST = 64_000_000


@dataclass(frozen=True, slots=True)
class FirmwareRun:
    """How a firmware ran, what its source expected of it, and what the machine doesn't model."""

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
    """Builds the file, if it is C, and runs it.

    Raises:
        KikiError: for a file that can't be read or built, an unknown machine, or a missing program.
    """
    if machine_name is not None and machine_name not in machine.MACHINES:
        raise KikiError(f"kiki knows no machine {machine_name}", f"name one of {', '.join(machine.MACHINES)}")
    source = ""
    try:
        if file.suffix == ".c":
            snapshot = read_snapshot(file)
            source = snapshot.text
            chosen, firmware = await _built(snapshot, machine_name)
        else:
            firmware = _elf(file)
            chosen = machine.MACHINES[machine_name or "netduinoplus2"]
        ran = await machine.run(firmware, chosen, timeout_s)
    except Unreadable as error:
        raise KikiError(f"can't read {file}: {error}", "name a C file or an ELF file") from error
    except compiler.CompilerMissing as error:
        install = "apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
        raise KikiError(str(error), install) from error
    except compiler.NotCompiled as error:
        raise KikiError(f"{file} can't be built:\n{error}", "mend what the compiler names") from error
    except machine.MachineMissing as error:
        raise KikiError(str(error), "apt-get install qemu-system-arm") from error
    return FirmwareRun(ran, tuple(machine.expectations(source, ran.uart)), chosen.lacks)


def _elf(file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise KikiError(f"can't read {file}: {error.strerror}", "name a C file or an ELF file") from error
    if not content.startswith(b"\x7fELF") or len(content) > _LARGEST:
        raise KikiError(f"{file} is no ELF file", "name a C file or an ELF file")
    return content


async def _built(snapshot: Snapshot, machine_name: str | None) -> tuple[machine.Machine, bytes]:
    workspace = drawn_in(snapshot)
    project = project_of(snapshot, workspace)
    chosen = machine.MACHINES.get(machine_name or "") or machine.machine_for(project.device)
    if chosen is None:
        name = project.device.name if project.device else ""
        raise KikiError(f"QEMU has no machine for {name}", f"choose one of {', '.join(machine.MACHINES)} by --machine")
    folder = os.path.dirname(snapshot.path)
    sources = {
        path: text.text.encode("utf-8", "surrogatepass")
        for path, text in {**workspace.snapshots, snapshot.path: snapshot}.items()
        if os.path.dirname(path) == folder and path.endswith((".c", ".h")) and _belongs(path, text, snapshot)
    }
    device: Device | None = project.device
    known = device_of(chosen.chip)
    if machine_name is not None and known is not None and (device is None or device.core != known.core):
        device = known
        project = Project(device, "the machine", project.sources, project.defines)
    names = vectors(device) if device is not None else []
    sources["kiki_startup.c"] = machine.startup(names).encode()
    flags = flags_of(snapshot, workspace, project)
    return chosen, await compiler.build(sources, device, machine.link_script(chosen), flags)


def _belongs(path: str, text: Snapshot, main: Snapshot) -> bool:
    """Whether a file of the folder is linked too: headers, and sources without a main of their own."""
    return path == main.path or path.endswith(".h") or " main(" not in text.text
