"""Lines above the text: how often a subcircuit is called, what KiCad's check found, what compiled
firmware takes; to simulate, to see a picture."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.features.rendering import RENDER
from kiki_lsp.features.simulation import SIMULATE, measured_lenses
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace

_COMMANDS = {"": "", "simulate": SIMULATE, "render": RENDER}


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(ls: KikiServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
        document = ls.document(params)
        if document is None or document.snapshot.length > 2_000_000:
            return None
        snapshot, service = document.snapshot, document.service

        def question(workspace: Workspace) -> list[types.CodeLens]:
            return [
                types.CodeLens(
                    convert.range_of(snapshot, lens.span, ls.encoding),
                    types.Command(
                        lens.title, _COMMANDS[lens.action], arguments=[document.uri] if lens.action else None
                    ),
                )
                for lens in (*service.lenses(snapshot, workspace), *measured_lenses(ls, document))
            ]

        return await ls.analyse(document, question)
