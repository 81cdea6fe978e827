"""The outline."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.server import KikiServer


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(ls: KikiServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        document = ls.document(params)
        if document is None:
            return None
        text, encoding = document.snapshot, ls.encoding
        return await ls.analyse(
            document, lambda _: [convert.symbol(text, each, encoding) for each in document.service.symbols(text)]
        )
