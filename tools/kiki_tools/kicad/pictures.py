"""Pictures of KiCad's files: by KiCad where it is installed, else plain ones of our own."""

from __future__ import annotations

import os
from dataclasses import dataclass

from kiki_tools.kicad import installation, instrument
from kiki_tools.kicad.drawing import svg
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG, and who drew it: `KiCad 9.0.8` or `kiki`."""

    svg: bytes
    by: str


async def picture(snapshot: Snapshot, workspace: Workspace) -> Picture:
    """The picture of a sheet, board, symbol library or footprint."""
    folder = os.path.dirname(snapshot.path) + os.sep
    texts = {path: text for path, text in workspace.snapshots.items() if path.startswith(folder)}
    kicad = installation.find()
    try:
        return Picture(await instrument.picture(snapshot, texts), f"KiCad {kicad.version if kicad else ''}".strip())
    except (instrument.KicadMissing, instrument.KicadFailed):
        return Picture(svg(snapshot).encode(), "kiki")
