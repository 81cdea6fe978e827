"""Documents that open, change and close, and files that change on the disk."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import documents
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.languages import PATTERNS, service_of
from kiki_tools.text import Snapshot

_SHOW_BOTH = ("Neovim", "Visual Studio Code", "VSCodium", "Code - OSS", "Cursor")
"""Editors that show what is pushed beside what they pull: they are only pushed to."""


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.INITIALIZE)
    def initialize(ls: KikiServer, params: types.InitializeParams) -> None:
        options = params.initialization_options
        if isinstance(options, dict):
            ls.simulates = options.get("simulate") is not False
            ls.experts.wanted = options.get("model") is not False
            ls.dialect = str(options.get("dialect") or "")
            listed = options.get("libraries")
            ls.libraries = tuple(str(folder) for folder in listed) if isinstance(listed, list) else ()
        client = params.client_info.name if params.client_info else ""
        if client.startswith(_SHOW_BOTH):
            ls.protocol.fm.features.pop(types.TEXT_DOCUMENT_DIAGNOSTIC, None)

    @server.feature(types.INITIALIZED)
    async def initialized(ls: KikiServer, params: types.InitializedParams) -> None:
        workspace = ls.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching is None or not watching.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(each) for each in PATTERNS])
        wanted = types.Registration("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([wanted]))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: KikiServer, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        path = documents.path_of(item.uri)
        service = service_of(item.language_id, path)
        if service is not None:
            ls.changed(path, Document(item.uri, service, Snapshot(item.text, path, item.version)))

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: KikiServer, params: types.DidChangeTextDocumentParams) -> None:
        path = documents.path_of(params.text_document.uri)
        if (old := ls.open.get(path)) is None:
            return
        text = documents.changed(old.snapshot, params.content_changes, ls.encoding, params.text_document.version)
        ls.changed(path, Document(old.uri, old.service, text))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: KikiServer, params: types.DidCloseTextDocumentParams) -> None:
        ls.changed(documents.path_of(params.text_document.uri), None)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(ls: KikiServer, params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            ls.touched(documents.path_of(change.uri))
