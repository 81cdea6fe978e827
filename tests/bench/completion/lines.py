"""Lines of real files with a place to complete them at, grouped by project; the same ones in each run."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
_SPICE = re.compile(r"^[rclvidqmjxegfhbk]\w*\s+\S+\s+\S+", re.IGNORECASE)
_KICAD = re.compile(r"^\s*\((?!uuid|data|tstamp)\w+ .+\)\s*$")
_C = re.compile(r"^\s+[A-Za-z_][\w>.\-\[\]]*\s*(?:=|\().*;\s*$")
_LARGEST = 400_000


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


def held_out(language: str, count: int, seed: int = 1) -> list[Line]:
    """So many lines, at most a few per file and as many per project as there are projects to share among."""
    chance = random.Random(seed)
    by_project: dict[str, list[Path]] = {}
    for path in sorted(_files(language)):
        if path.stat().st_size <= _LARGEST:
            by_project.setdefault(path.relative_to(CORPUS).parts[1], []).append(path)
    found: list[Line] = []
    projects = sorted(by_project)
    for paths in by_project.values():
        chance.shuffle(paths)
    turn = 0
    while len(found) < count and turn < 60 * count:
        project = projects[turn % len(projects)]
        path = by_project[project][turn // len(projects) % len(by_project[project])]
        turn += 1
        if (line := _line(language, project, path, chance)) is not None:
            found.append(line)
    return found


def _files(language: str) -> Iterator[Path]:
    folder = CORPUS / ("stm32" if language == "c" else language)
    patterns = {
        "spice": ("*.cir", "*.sp", "*.net", "*.spice"),
        "kicad": ("*.kicad_sch", "*.kicad_sym", "*.kicad_mod", "*.kicad_pcb"),
        "c": ("*.c",),
    }[language]
    for pattern in patterns:
        yield from (each for each in folder.rglob(pattern) if "mutants" not in each.parts)


def _line(language: str, project: str, path: Path, chance: random.Random) -> Line | None:
    text = path.read_text("utf-8", "replace")
    wanted = {"spice": _SPICE, "kicad": _KICAD, "c": _C}[language]
    places, at = [], 0
    for number, line in enumerate(text.split("\n")):
        if number and wanted.match(line) and len(line) < 100:
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
    return Line(language, project, str(path), text, start + cut, line[cut:])
