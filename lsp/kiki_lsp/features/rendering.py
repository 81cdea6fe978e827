"""A picture: of a sheet, board, symbol or footprint (by KiCad where it is installed), of a chip's pins in use."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from kiki_lsp import documents
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace

RENDER = "kiki.render"


@dataclass(frozen=True)
class _Drawn:
    """A picture, and who drew it."""

    svg: bytes
    by: str


def register(server: KikiServer) -> None:
    """Adds the command: it writes an SVG to the temporary folder and asks the client to show it."""

    @server.command(RENDER)
    async def render(ls: KikiServer, uri: str) -> dict[str, Any] | None:
        document = ls.open.get(documents.path_of(uri))
        if document is None or document.service.language not in _DRAWN:
            return None
        workspace = await asyncio.to_thread(ls.gathered, document)
        drawn = await _DRAWN[document.service.language](document, workspace)
        if drawn is None:
            return None
        folder = tempfile.mkdtemp(prefix="kiki-picture-")
        path = os.path.join(folder, os.path.basename(document.snapshot.path) + ".svg")
        await asyncio.to_thread(_write, path, drawn.svg)
        window = ls.client_capabilities.window
        if window is not None and window.show_document is not None and window.show_document.support:
            await ls.window_show_document_async(types.ShowDocumentParams(documents.uri_of(path), external=True))
        return {"path": path, "drawn_by": drawn.by}


async def _sheet(document: Document, workspace: Workspace) -> _Drawn | None:
    from kiki_tools.kicad.pictures import picture

    drawn = await picture(document.snapshot, workspace)
    return _Drawn(drawn.svg, drawn.by)


async def _pins(document: Document, workspace: Workspace) -> _Drawn | None:
    from kiki_tools.stm32.pinout import package_of, svg
    from kiki_tools.stm32.project import project_of

    project = await asyncio.to_thread(project_of, document.snapshot, workspace)
    package = package_of(project)
    return _Drawn(svg(project, package).encode(), "kiki") if package is not None else None


_DRAWN = {"kicad": _sheet, "c": _pins}


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
