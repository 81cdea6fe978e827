"""Drafts from a folder of someone's own files, as far as their licence permits: decks by their titles, footprints and
symbols by their descriptions."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from kiki_core.errors import KikiError
from kiki_core.training.data.model import Draft
from kiki_core.training.pairs import PERMISSIVE
from kiki_tools.workspace import Unreadable, read_snapshot

if TYPE_CHECKING:
    from kiki_core.training.data.building import Generator

_SUFFIXES = {
    "spice-sim": (".cir", ".sp", ".spice", ".ckt"),
    "electronics": (".cir", ".sp", ".spice", ".ckt"),
    "kicad-dsl": (".kicad_mod", ".kicad_sym"),
}
_MOST_FILES, _MOST_TEXT = 5000, 20_000
_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+-]+)")
_DESCRIBED = re.compile(r'\((?:descr|property "Description") "((?:[^"\\]|\\.){8,200})"')
_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Folder:
    """A generator that takes the files first, by their paths, and then goes on with another's drafts."""

    domain: str
    root: Path
    licence: str
    after: Generator
    files: tuple[Path, ...] = field(default=())

    @property
    def VERSION(self) -> int:
        """Changes with the files and the generator behind them."""
        found = hashlib.sha256(f"{self.after.VERSION} {self.licence}".encode())
        for path in self.files:
            found.update(f"\n{path.relative_to(self.root)} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return int(found.hexdigest()[:12], 16)

    def draft(self, random: Random, place: int) -> Draft | None:
        """The pair of a file; behind the last one, the other generator's proposals from its first place on."""
        if place >= len(self.files):
            return self.after.draft(random, place - len(self.files))
        path = self.files[place]
        try:
            text = read_snapshot(path).text
        except (Unreadable, OSError):
            return None
        own = _SPDX.search(text)
        return _draft(text, path.relative_to(self.root), own.group(1) if own else self.licence)


def folder(domain: str, root: Path, licence: str, after: Generator) -> Folder:
    """The files of a folder that can make pairs of a domain.

    Raises:
        KikiError: if the licence isn't a permissive one, or there are no files, or none are read for the domain.
    """
    if licence not in PERMISSIVE:
        known = ", ".join(sorted(PERMISSIVE))
        raise KikiError(f"{licence or 'no licence'} doesn't permit training", f"give --licence with one of {known}")
    if domain not in _SUFFIXES:
        raise KikiError(f"no pairs are made of files for {domain}", f"folders are read for {', '.join(_SUFFIXES)}")
    found = []
    for at, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(at, name) for name in sorted(names) if name.lower().endswith(_SUFFIXES[domain])]
        if len(found) > _MOST_FILES:
            raise KikiError(f"{root} has more than {_MOST_FILES} such files", "name a smaller folder")
    if not found:
        raise KikiError(f"{root} has no {', '.join(_SUFFIXES[domain])} file", "name another folder")
    return Folder(domain, root, licence, after, tuple(found))


def _draft(text: str, path: Path, licence: str) -> Draft | None:
    if len(text) > _MOST_TEXT:
        return None
    group, source = f"files/{path.parent}", str(path)
    if path.suffix in (".kicad_mod", ".kicad_sym"):
        described = _DESCRIBED.search(text)
        if described is None:
            return None
        what = "footprint" if path.suffix == ".kicad_mod" else "symbol"
        question = f"Write the KiCad {what} {path.stem}: {described.group(1)}"
        check = {"kind": "kicad", "file": path.suffix[1:]}
        return Draft(
            f"file-{what}", group, "en", question, f"```kicad\n{text.strip()}\n```", check, "", licence, source
        )
    title, _, rest = text.strip().partition("\n")
    told = title.lstrip("* ").strip()
    if len(_WORDS.findall(told)) < 2:
        return None
    letters = "".join(sorted({line[0].upper() for line in rest.splitlines() if line[:1].isalpha()})[:4])
    answer = f"```spice\n* {told}\n{rest.strip()}\n```"
    return Draft("file-deck", group, "en", f"Write the ngspice netlist of: {told}", answer,
                 {"kind": "circuit", "devices": letters}, "", licence, source)  # fmt: skip
