"""Where a name is defined."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer, snapshot_of
from kiki_tools.language import Workspace


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(ls: KikiServer, params: types.DefinitionParams) -> list[types.Location] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.Location]:
            found = document.service.definition(document.snapshot, offset, workspace)
            return [
                convert.location(place, snapshot_of(workspace, document, place.path), ls.encoding) for place in found
            ]

        return await ls.at(params, question)
