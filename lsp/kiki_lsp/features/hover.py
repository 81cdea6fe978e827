"""What stands under the cursor, explained."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: KikiServer, params: types.HoverParams) -> types.Hover | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.Hover | None:
            found = document.service.hover(document.snapshot, offset, workspace)
            if found is None:
                return None
            client = ls.client_capabilities.text_document
            text = convert.markup(found.markdown, client.hover.content_format if client and client.hover else None)
            return types.Hover(text, convert.range_of(document.snapshot, found.span, ls.encoding))

        return await ls.at(params, question)
