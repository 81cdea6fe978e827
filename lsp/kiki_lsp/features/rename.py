"""Giving a name another one, in every file that uses it."""

from __future__ import annotations

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from kiki_lsp import convert
from kiki_lsp.documents import Document, uri_of
from kiki_lsp.server import KikiServer, snapshot_of
from kiki_tools.language import NotRenamed, Workspace


def register(server: KikiServer) -> None:
    """Adds the features."""

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    async def prepare(ls: KikiServer, params: types.PrepareRenameParams) -> types.Range | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.Range | None:
            span = document.service.prepare_rename(document.snapshot, offset, workspace)
            return None if span is None else convert.range_of(document.snapshot, span, ls.encoding)

        return await ls.at(params, question)

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    async def rename(ls: KikiServer, params: types.RenameParams) -> types.WorkspaceEdit | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.WorkspaceEdit | str:
            try:
                edits = document.service.rename(document.snapshot, offset, params.new_name, workspace)
            except NotRenamed as error:
                return str(error)
            changes = {}
            for path, listed in edits.items():
                snapshot = snapshot_of(workspace, document, path)
                if snapshot is not None:
                    uri = ls.open[path].uri if path in ls.open else uri_of(path)
                    changes[uri] = [convert.edit(snapshot, each, ls.encoding) for each in listed]
            return types.WorkspaceEdit(changes)

        answer = await ls.at(params, question)
        if isinstance(answer, str):
            raise JsonRpcInvalidParams(answer)
        return answer
