"""Where a name is used: references, and highlights in the document."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer, snapshot_of
from kiki_tools.language import Workspace


def register(server: KikiServer) -> None:
    """Adds the features."""

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(ls: KikiServer, params: types.ReferenceParams) -> list[types.Location] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.Location]:
            found = document.service.references(
                document.snapshot, offset, workspace, declaration=params.context.include_declaration
            )
            return [
                convert.location(place, snapshot_of(workspace, document, place.path), ls.encoding) for place in found
            ]

        return await ls.at(params, question)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlights(ls: KikiServer, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.DocumentHighlight]:
            found = document.service.highlights(document.snapshot, offset, workspace)
            return [types.DocumentHighlight(convert.range_of(document.snapshot, span, ls.encoding)) for span in found]

        return await ls.at(params, question)
