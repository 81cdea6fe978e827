"""Lines of real files with a place to complete them at, grouped by project; the same ones in each run.

Half of the projects, by their names, are for choosing what a proposal is built from (``open``); the figures are of the
other half (``held``).
"""

from __future__ import annotations

import hashlib
import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
Half = Literal["open", "held"]
_SPICE = re.compile(r"^[rclvidqmjxegfhbk]\w*\s+\S+\s+\S+", re.IGNORECASE)
_KICAD = re.compile(r"^\s*\((?!uuid|data|tstamp)\w+ .+\)\s*$")
_C = re.compile(r"^\s+[A-Za-z_][\w>.\-\[\]]*\s*(?:=|\().*;\s*$")
_LARGEST = 400_000
_OF_ALL = re.compile(r"system_stm32\w+\.c|\w*sys(calls|mem)\.c")
"""Files that each firmware project has a copy of."""


@dataclass(frozen=True)
class Line:
    """A held-out line: the file's text, where the line's typed part ends, and what really follows."""

    language: str
    project: str
    path: str
    text: str
    offset: int
    rest: str

    @property
    def without(self) -> str:
        """The file as it stands while the line is being typed: without the line's rest."""
        return self.text[: self.offset] + self.text[self.offset + len(self.rest) :]


def sample(language: str, count: int, half: Half = "held", seed: int = 1) -> list[Line]:
    """So many lines, from project to project in turn, each line from another place."""
    chance = random.Random(seed)
    by_project: dict[str, list[Path]] = {}
    for path in sorted(_files(language)):
        if path.stat().st_size <= _LARGEST and _half(project := _project(language, path)) == half:
            by_project.setdefault(project, []).append(path)
    found: dict[tuple[str, int], Line] = {}
    projects = sorted(by_project)
    for paths in by_project.values():
        chance.shuffle(paths)
    chance.shuffle(projects)
    turn = 0
    while len(found) < count and turn < 60 * count:
        project = projects[turn % len(projects)]
        path = by_project[project][turn // len(projects) % len(by_project[project])]
        turn += 1
        if (line := _line(language, project, path, chance)) is not None:
            found[line.path, line.text.count("\n", 0, line.offset)] = line
    return list(found.values())


def _project(language: str, path: Path) -> str:
    """What belongs together: a repository; of ngspice's examples and tests a folder; of ST's examples one."""
    parts = path.relative_to(CORPUS).parts
    if language == "c":
        return parts[parts.index("Src") - 1] if "Src" in parts else parts[-2]
    return "/".join(parts[1:4]) if parts[1] == "ngspice" else parts[1]


def _half(project: str) -> Half:
    return "held" if hashlib.sha256(project.encode()).digest()[0] % 2 else "open"


def _files(language: str) -> Iterator[Path]:
    folder = CORPUS / ("stm32" if language == "c" else language)
    patterns = {
        "spice": ("*.cir", "*.sp", "*.net", "*.spice"),
        "kicad": ("*.kicad_sch", "*.kicad_sym", "*.kicad_mod", "*.kicad_pcb"),
        "c": ("*.c",),
    }[language]
    for pattern in patterns:
        yield from (
            each for each in folder.rglob(pattern) if "mutants" not in each.parts and not _OF_ALL.fullmatch(each.name)
        )


def _line(language: str, project: str, path: Path, chance: random.Random) -> Line | None:
    text = path.read_text("utf-8", "replace").replace("\r\n", "\n")
    wanted = {"spice": _SPICE, "kicad": _KICAD, "c": _C}[language]
    places, at, commands = [], 0, False
    for number, line in enumerate(text.split("\n")):
        if line.lstrip().lower().startswith((".control", ".endc")):  # what stands between is no netlist
            commands = line.lstrip().lower().startswith(".control")
        if number and not commands and wanted.match(line) and len(line) < 100:
            places.append((at, line.rstrip()))
        at += len(line) + 1
    if not places:
        return None
    start, line = chance.choice(places)
    words = [match.start() for match in re.finditer(r"(?<=[\s(])[^\s]", line)]
    inner = [one for one in words if len(line[:one].strip()) >= 2 and len(line) - one >= 3]
    if not inner:
        return None
    cut = chance.choice(inner)
    shown = str(path) if language != "c" else str(_laid_out(path))
    return Line(language, project, shown, text, start + cut, line[cut:])


def _laid_out(source: Path) -> Path:
    """A firmware example as CubeMX lays a project out, with its sources and the drivers that the corpus has."""
    example = source.parents[1]
    family = "G4" if "STM32CubeG4" in source.parts else "F4"
    name = hashlib.sha256(str(example).encode()).hexdigest()[:12]
    root = Path(tempfile.gettempdir()) / "kiki-completion-firmware" / name
    drivers = root / "Drivers"
    corpus = CORPUS / "stm32"
    links = {
        root / "Core" / "Src": source.parent,
        root / "Core" / "Inc": example / "Inc",
        drivers / "CMSIS" / "Include": corpus / "CMSIS" / "Include",
        drivers / "CMSIS" / "Core" / "Include": corpus / "CMSIS" / "Core" / "Include",
        drivers / "CMSIS" / "Device" / "ST" / f"STM32{family}xx" / "Include": corpus
        / f"cmsis_device_{family.lower()}"
        / "Include",
        drivers / f"STM32{family}xx_HAL_Driver" / "Inc": corpus / f"stm32{family.lower()}xx_hal_driver" / "Inc",
        drivers / "BSP": corpus / "BSP",
    }
    for link, target in links.items():
        if target.exists() and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
    return root / "Core" / "Src" / source.name
