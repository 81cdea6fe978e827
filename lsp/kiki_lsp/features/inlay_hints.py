"""Values beside the text."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.features.simulation import measured_hints
from kiki_lsp.server import KikiServer


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintOptions(resolve_provider=True))
    async def hints(ls: KikiServer, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        document = ls.document(params)
        if document is None:
            return None
        snapshot, encoding = document.snapshot, ls.encoding
        within = convert.span_of(snapshot, params.range, encoding)
        found = await ls.analyse(document, lambda workspace: document.service.hints(snapshot, within, workspace))
        return [
            types.InlayHint(
                convert.position(snapshot, hint.offset, encoding),
                hint.label,
                padding_left=True,
                data=hint.tooltip,
            )
            for hint in (*(found or ()), *measured_hints(ls, document, within))
        ]

    @server.feature(types.INLAY_HINT_RESOLVE)
    async def resolve(ls: KikiServer, hint: types.InlayHint) -> types.InlayHint:
        hint.tooltip = str(hint.data) if hint.data else None
        return hint
