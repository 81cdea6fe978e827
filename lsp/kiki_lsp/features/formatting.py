"""Bringing the text into order: the document, a part of it, a line that was ended."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.text import Span


def register(server: KikiServer) -> None:
    """Adds the features."""

    async def formatted(ls: KikiServer, document: Document | None, within: Span | None) -> list[types.TextEdit] | None:
        if document is None:
            return None
        snapshot = document.snapshot
        edits = await ls.analyse(document, lambda _: document.service.format(snapshot, within))
        return [convert.edit(snapshot, each, ls.encoding) for each in edits or ()]

    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    async def whole(ls: KikiServer, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
        return await formatted(ls, ls.document(params), None)

    @server.feature(types.TEXT_DOCUMENT_RANGE_FORMATTING)
    async def part(ls: KikiServer, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
        document = ls.document(params)
        if document is None:
            return None
        return await formatted(ls, document, convert.span_of(document.snapshot, params.range, ls.encoding))

    @server.feature(types.TEXT_DOCUMENT_ON_TYPE_FORMATTING, types.DocumentOnTypeFormattingOptions("\n"))
    async def typed(ls: KikiServer, params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit] | None:
        document = ls.document(params)
        if document is None or params.position.line == 0:
            return None
        return await formatted(ls, document, document.snapshot.line_span(params.position.line - 1))
