"""What could be typed."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace

_MOST = 500


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", "{", "("]))
    async def completion(ls: KikiServer, params: types.CompletionParams) -> types.CompletionList | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.CompletionList:
            found = document.service.completions(document.snapshot, offset, workspace)
            items = [convert.completion(document.snapshot, c, i, ls.encoding) for i, c in enumerate(found[:_MOST])]
            return types.CompletionList(len(found) > _MOST, items)

        return await ls.at(params, question)
