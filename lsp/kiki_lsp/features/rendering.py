"""A picture of a sheet, board, symbol or footprint: by KiCad where it is installed, else a plain one of our own."""

from __future__ import annotations

import asyncio
import os
import tempfile
from typing import Any

from lsprotocol import types

from kiki_lsp import documents
from kiki_lsp.server import KikiServer
from kiki_tools.languages import folders

RENDER = "kiki.render"


def register(server: KikiServer) -> None:
    """Adds the command: it writes an SVG to the temporary folder and asks the client to show it."""

    @server.command(RENDER)
    async def render(ls: KikiServer, uri: str) -> dict[str, Any] | None:
        document = ls.open.get(documents.path_of(uri))
        if document is None or document.service.language != "kicad":
            return None
        from kiki_tools.kicad.pictures import picture
        from kiki_tools.workspace import gather

        buffers = {path: each.snapshot for path, each in ls.open.items()}
        search = folders(document.service, ls.libraries)
        workspace = await asyncio.to_thread(gather, document.service, document.snapshot, buffers, ls.files, search)
        drawn = await picture(document.snapshot, workspace)
        folder = tempfile.mkdtemp(prefix="kiki-picture-")
        path = os.path.join(folder, os.path.basename(document.snapshot.path) + ".svg")
        await asyncio.to_thread(_write, path, drawn.svg)
        window = ls.client_capabilities.window
        if window is not None and window.show_document is not None and window.show_document.support:
            await ls.window_show_document_async(types.ShowDocumentParams(documents.uri_of(path), external=True))
        return {"path": path, "drawn_by": drawn.by}


def _write(path: str, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
