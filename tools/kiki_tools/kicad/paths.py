"""Where the files of a project are: the root of a sheet, the project file, the library tables, the board."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from kiki_tools.kicad.design import Design, design_of, sheet_path
from kiki_tools.kicad.project import Project, project_of
from kiki_tools.kicad.schematic import Sheet, sheet_of
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

MOST_SHEET_FILES = 400


def kind_of(path: str) -> str:
    """The language id of a file of KiCad's: `kicad_sch` …; `json` for a project, `kicad_table`; empty for another."""
    pure = PurePath(path)
    if pure.name in ("sym-lib-table", "fp-lib-table"):
        return "kicad_table"
    suffix = pure.suffix.lstrip(".")
    if suffix in ("kicad_sch", "kicad_pcb", "kicad_sym", "kicad_mod", "kicad_dru", "kicad_wks", "kicad_pro"):
        return suffix
    return ""


def beside(path: str, suffix: str) -> str:
    """The file of the same name with another suffix."""
    return str(PurePath(path).with_suffix(suffix))


def sheet_files(root: Snapshot, workspace: Workspace) -> Iterator[tuple[str, Snapshot | None]]:
    """The files of all sheets below one, with their text where the workspace has it."""
    seen = {root.path}
    queue = [root]
    while queue:
        sheet = sheet_of(queue.pop(0))
        for symbol in sheet.sheets:
            if not symbol.file:
                continue
            path = sheet_path(sheet.path, symbol.file)
            if path in seen or len(seen) > MOST_SHEET_FILES:
                continue
            seen.add(path)
            found = workspace.snapshots.get(path)
            yield path, found
            if found is not None:
                queue.append(found)


def project_names(sheet: Sheet) -> list[str]:
    """The projects that a sheet's instances name, most used first."""
    counts: dict[str, int] = {}
    for symbol in sheet.symbols:
        for instance in symbol.instances:
            if instance.project:
                counts[instance.project] = counts.get(instance.project, 0) + 1
    for inner in sheet.sheets:
        for page in inner.page:
            if page.project:
                counts[page.project] = counts.get(page.project, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])[:4]


def root_candidates(snapshot: Snapshot) -> list[str]:
    """Where the root sheet of a sheet's project could be: beside it, or in a folder above."""
    folder = os.path.dirname(snapshot.path)
    names = [name for name in project_names(sheet_of(snapshot)) if os.sep not in name and "/" not in name]
    folders = [folder, os.path.dirname(folder)]
    return [
        path
        for name in names
        for where in folders
        if (path := os.path.join(where, f"{name}.kicad_sch")) != snapshot.path
    ]


@dataclass(frozen=True)
class Context:
    """What an analysis of a sheet needs: its design from the root on, and the project's settings."""

    root: Snapshot
    design: Design
    project: Project


def context_of(snapshot: Snapshot, workspace: Workspace) -> Context:
    """The design that a sheet belongs to; its own, if no root leads to it."""
    root = snapshot
    for path in root_candidates(snapshot):
        candidate = workspace.snapshots.get(path)
        if candidate is not None and any(at == snapshot.path for at, _ in sheet_files(candidate, workspace)):
            root = candidate
            break
    project = project_of(workspace.snapshots.get(beside(root.path, ".kicad_pro")))
    return Context(root, _design(root, snapshot, workspace), project)


def _design(root: Snapshot, snapshot: Snapshot, workspace: Workspace) -> Design:
    """The design, kept with its root's snapshot while all its sheets stay the same."""
    texts: Mapping[str, Snapshot] = {**workspace.snapshots, snapshot.path: snapshot, root.path: root}
    known: tuple[Sequence[tuple[str, Snapshot | None]], Design] | None = root.history.get("kicad.design")
    if (
        known is not None
        and known[1].root.sheet.document.snapshot is root
        and all(texts.get(path) is text for path, text in known[0])
    ):
        return known[1]
    design = design_of(root, texts)
    used = [(path, texts.get(path)) for path, _ in sheet_files(root, Workspace(texts))]
    root.history["kicad.design"] = (used, design)
    return design


def wanted_sheets(snapshot: Snapshot, workspace: Workspace) -> Iterator[str]:
    """The files that the analysis of a sheet needs: sheets below it, its root and what is below that, the project."""
    roots = [snapshot]
    for path in root_candidates(snapshot):
        found = workspace.snapshots.get(path)
        if found is not None:
            roots.append(found)
        else:
            yield path
    for root in roots:
        for path, _ in sheet_files(root, workspace):
            yield path
        yield beside(root.path, ".kicad_pro")
        yield os.path.join(os.path.dirname(root.path), "sym-lib-table")
        yield os.path.join(os.path.dirname(root.path), "fp-lib-table")
