"""Diagnostics that the client asks for: of a document, and of all netlists in the workspace."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import uri_of
from kiki_lsp.server import KikiServer
from kiki_lsp.workspace import folders_of, netlists
from kiki_tools.languages import folders, service_of
from kiki_tools.text import Encoding
from kiki_tools.workspace import Files, Unreadable, gather

_LARGEST = 2_000_000


def register(server: KikiServer) -> None:
    """Adds the features."""

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, types.DiagnosticOptions(True, True, "kiki"))
    async def pulled(ls: KikiServer, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        document = ls.document(params)
        found = await ls.shown(document) if document else None
        return types.RelatedFullDocumentDiagnosticReport(found or [])

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    async def workspace(ls: KikiServer, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        reports: list[types.WorkspaceDocumentDiagnosticReport] = [
            types.WorkspaceFullDocumentDiagnosticReport(
                document.uri, await ls.shown(document), document.snapshot.version
            )
            for document in list(ls.open.values())
        ]
        closed = [path for path in netlists(folders_of(ls)) if path not in ls.open]
        for path in closed:
            found = await asyncio.to_thread(_of_file, path, ls.files, ls.libraries, ls.encoding)
            reports += found
        return types.WorkspaceDiagnosticReport(reports)


def _of_file(
    path: str, files: Files, libraries: tuple[str, ...], encoding: Encoding
) -> list[types.WorkspaceFullDocumentDiagnosticReport]:
    service = service_of("", path)
    try:
        snapshot = files.read(path)
    except Unreadable:
        return []
    if service is None or snapshot.length > _LARGEST:
        return []
    workspace = gather(service, snapshot, files=files, search=folders(service, libraries))
    found = [one for one in service.diagnostics(snapshot, workspace) if one.path == path]
    shown = [convert.diagnostic(snapshot, one, encoding) for one in found]
    return [types.WorkspaceFullDocumentDiagnosticReport(uri_of(path), shown)]
