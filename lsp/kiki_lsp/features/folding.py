"""Folding, and selections that grow."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.server import KikiServer
from kiki_tools.text import Position


def register(server: KikiServer) -> None:
    """Adds the features."""

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def foldings(ls: KikiServer, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        document = ls.document(params)
        if document is None:
            return None
        found = await ls.analyse(document, lambda _: document.service.foldings(document.snapshot))
        return [
            types.FoldingRange(fold.first, fold.last, kind=types.FoldingRangeKind.Comment if fold.comment else None)
            for fold in found or ()
        ]

    @server.feature(types.TEXT_DOCUMENT_SELECTION_RANGE)
    async def selections(ls: KikiServer, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
        document = ls.document(params)
        if document is None:
            return None
        snapshot, encoding = document.snapshot, ls.encoding

        def growing(at: types.Position) -> types.SelectionRange:
            offset = snapshot.offset(Position(at.line, at.character), encoding)
            outer: types.SelectionRange | None = None
            for span in reversed(document.service.selections(snapshot, offset)):
                outer = types.SelectionRange(convert.range_of(snapshot, span, encoding), outer)
            assert outer is not None
            return outer

        return await ls.analyse(document, lambda _: [growing(at) for at in params.positions])
