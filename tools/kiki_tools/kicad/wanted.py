"""Which other files the analysis of one of KiCad's files needs."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kiki_tools.kicad import libraries
from kiki_tools.kicad.paths import beside, context_of, kind_of, wanted_sheets
from kiki_tools.kicad.schematic import sheet_of
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

_MOST_LIBRARIES = 60
_MOST_FOOTPRINTS = 300


def wanted(snapshot: Snapshot, workspace: Workspace) -> Iterator[str]:
    """Their paths: those that can be told now; more may follow when these are there."""
    main = document_of(snapshot).main
    head = main.head if main is not None else ""
    kind = kind_of(snapshot.path)
    if head == "kicad_sch":
        yield from _schematic(snapshot, workspace)
    elif head == "kicad_pcb":
        yield beside(snapshot.path, ".kicad_pro")
        root = beside(snapshot.path, ".kicad_sch")
        yield root
        if (text := workspace.snapshots.get(root)) is not None:
            yield from wanted_sheets(text, workspace)
    elif kind == "kicad_dru":
        yield beside(snapshot.path, ".kicad_pcb")
        yield beside(snapshot.path, ".kicad_pro")
    elif kind == "kicad_table":
        folder = os.path.dirname(snapshot.path)
        variables = libraries.variables_of(workspace)
        for uri in (lib.find("uri") for lib in (main.all("lib") if main is not None else ())):
            path = libraries.expanded(uri.value(), folder, variables) if uri is not None else "${"
            if "${" not in path:
                yield path


def _schematic(snapshot: Snapshot, workspace: Workspace) -> Iterator[str]:
    yield from wanted_sheets(snapshot, workspace)
    context = context_of(snapshot, workspace)
    root = context.root.path
    yield beside(root, ".kicad_pcb")
    for folder in (os.path.dirname(root), *workspace.search):
        yield os.path.join(folder, "sym-lib-table")
        yield os.path.join(folder, "fp-lib-table")
    symbols: dict[str, None] = {}
    footprints: dict[str, None] = {}
    for instance in context.design.instances:
        for symbol in sheet_of(instance.sheet.document.snapshot).symbols:
            symbols[libraries.split(symbol.library_id)[0]] = None
            if ":" in (footprint := symbol.value("Footprint")):
                footprints[footprint] = None
    for nickname in list(symbols)[:_MOST_LIBRARIES]:
        if nickname:
            yield from libraries.paths(nickname, root, workspace, symbols=True)
    for footprint in list(footprints)[:_MOST_FOOTPRINTS]:
        nickname, name = libraries.split(footprint)
        for folder in libraries.paths(nickname, root, workspace, symbols=False):
            yield os.path.join(folder, f"{name}.kicad_mod")
