"""File names in the text that can be followed."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import uri_of
from kiki_lsp.server import KikiServer


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_LINK, types.DocumentLinkOptions(resolve_provider=False))
    async def links(ls: KikiServer, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        document = ls.document(params)
        if document is None:
            return None
        found = await ls.analyse(document, lambda workspace: document.service.links(document.snapshot, workspace))
        return [
            types.DocumentLink(convert.range_of(document.snapshot, link.span, ls.encoding), uri_of(link.path))
            for link in found or ()
        ]
