"""How the card or function at the cursor is written."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions([" ", "(", ","]))
    async def signature(ls: KikiServer, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.SignatureHelp | None:
            found = document.service.signature(document.snapshot, offset, workspace)
            if found is None:
                return None
            parameters = [types.ParameterInformation(name, about) for name, about in found.parameters]
            one = types.SignatureInformation(found.label, found.documentation, parameters, found.active)
            return types.SignatureHelp([one], 0, found.active)

        return await ls.at(params, question)
