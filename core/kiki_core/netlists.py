"""Files of the disk with the others that their analysis needs, by the configuration."""

from __future__ import annotations

import os
from pathlib import Path

from kiki_core import config
from kiki_tools.language import LanguageService, Workspace
from kiki_tools.languages import folders, service, service_of
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Files, Unreadable, gather, read_snapshot


def service_for(snapshot: Snapshot) -> LanguageService:
    """The service for a file: by its name, else SPICE's."""
    return service_of("", snapshot.path) or service("spice")


def drawn_in(snapshot: Snapshot, files: Files | None = None) -> Workspace:
    """The texts that a netlist includes, or that belong to a KiCad file's design.

    A netlist's relative includes lie beside it, else in ``spice.libraries``; KiCad's libraries where KiCad was
    installed.

    Raises:
        KikiError: if the configuration can't be read.
    """
    settings = config.load().spice
    found = service_for(snapshot)
    libraries = [os.path.abspath(os.path.expanduser(folder)) for folder in settings.libraries]
    return gather(found, snapshot, files=files, search=folders(found, libraries), dialect=settings.dialect)


def deck_of(schematic: Snapshot) -> Snapshot:
    """The SPICE deck that a KiCad schematic stands for, beside it: with the directives that stand on its sheets."""
    from kiki_tools.kicad.libraries import expanded, variables_of
    from kiki_tools.kicad.netlist import spice
    from kiki_tools.kicad.paths import beside, context_of

    workspace = drawn_in(schematic)
    context = context_of(schematic, workspace)
    folder, variables = os.path.dirname(context.root.path), variables_of(workspace)

    def library(path: str) -> str | None:
        try:
            return read_snapshot(Path(expanded(path, folder, variables))).text
        except Unreadable:
            return None

    return Snapshot(spice(context.design, library), beside(schematic.path, ".cir"))
