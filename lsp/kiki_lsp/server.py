"""The language server: keeps the open documents, publishes diagnostics, answers the editor's requests."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from kiki_lsp import convert, documents
from kiki_lsp.documents import Document
from kiki_lsp.languages import service_of
from kiki_lsp.scheduler import Scheduler
from kiki_tools.language import Workspace
from kiki_tools.text import Encoding, Position, Snapshot

T = TypeVar("T")
VERSION = "0.1.0"


class KikiServer(LanguageServer):
    """The open documents and what is known about them."""

    def __init__(self) -> None:
        super().__init__("kiki-lsp", VERSION, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.open: dict[str, Document] = {}
        self.includes: dict[str, frozenset[str]] = {}
        self.scheduler = Scheduler(self.publish)
        self.workers = ThreadPoolExecutor(2, "analysis")

    @property
    def encoding(self) -> Encoding:
        """The negotiated unit of columns."""
        units: dict[object, Encoding] = {"utf-8": "utf-8", "utf-32": "utf-32"}
        return units.get(self.workspace.position_encoding, "utf-16")

    async def analyse(self, document: Document, question: Callable[[Workspace], T]) -> T | None:
        """The answer of a service, worked out off the event loop; None, and logged, if the service fails."""
        buffers = {path: each.snapshot for path, each in self.open.items()}

        def work() -> tuple[Workspace, T]:
            workspace = documents.gather(document, buffers)
            return workspace, question(workspace)

        try:
            workspace, answer = await asyncio.get_running_loop().run_in_executor(self.workers, work)
        except Exception:  # noqa: BLE001 - the boundary: a service's mistake is reported, the server lives on
            text = f"analysis of {document.snapshot.path} failed\n{traceback.format_exc()}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))
            return None
        read = (workspace.snapshots.keys() - buffers.keys()) | workspace.unreadable.keys()
        asked = {*read, *(path for path in buffers if path != document.snapshot.path)}
        self.includes[document.snapshot.path] = frozenset(asked)
        return answer

    async def publish(self, path: str) -> None:
        """Analyse the document and send its diagnostics, unless its text has moved on meanwhile."""
        document = self.open.get(path)
        if document is None:
            return
        snapshot, encoding = document.snapshot, self.encoding
        found = await self.analyse(
            document,
            lambda workspace: [
                convert.diagnostic(snapshot, each, encoding)
                for each in document.service.diagnostics(snapshot, workspace)
                if each.path == snapshot.path
            ],
        )
        now = self.open.get(path)
        if found is None or now is None or now.snapshot is not snapshot:
            return
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(document.uri, found, snapshot.version))

    def touched(self, path: str) -> None:
        """A file's text changed: the open documents that read it are analysed again."""
        for other, read in list(self.includes.items()):
            if other != path and path in read and other in self.open:
                self.scheduler.request(other)

    async def at(
        self,
        params: types.HoverParams | types.CompletionParams | types.DefinitionParams,
        question: Callable[[Document, int, Workspace], T],
    ) -> T | None:
        """The answer of a service about a place in an open document."""
        document = self.open.get(documents.path_of(params.text_document.uri))
        if document is None:
            return None
        place = Position(params.position.line, params.position.character)
        offset = document.snapshot.offset(place, self.encoding)
        return await self.analyse(document, lambda workspace: question(document, offset, workspace))


def create() -> KikiServer:
    """A server with all its features, not yet listening."""
    server = KikiServer()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def did_open(ls: KikiServer, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        path = documents.path_of(item.uri)
        if (service := service_of(item.language_id, path)) is None:
            return
        ls.open[path] = Document(item.uri, service, Snapshot(item.text, path, item.version))
        ls.scheduler.request(path, at_once=True)
        ls.touched(path)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(ls: KikiServer, params: types.DidChangeTextDocumentParams) -> None:
        path = documents.path_of(params.text_document.uri)
        if (old := ls.open.get(path)) is None:
            return
        text = documents.changed(old.snapshot, params.content_changes, ls.encoding, params.text_document.version)
        ls.open[path] = Document(old.uri, old.service, text)
        ls.scheduler.request(path)
        ls.touched(path)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    async def did_close(ls: KikiServer, params: types.DidCloseTextDocumentParams) -> None:
        path = documents.path_of(params.text_document.uri)
        if ls.open.pop(path, None) is None:
            return
        ls.includes.pop(path, None)
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))
        ls.touched(path)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def did_change_files(ls: KikiServer, params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            ls.touched(documents.path_of(change.uri))

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(ls: KikiServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol] | None:
        document = ls.open.get(documents.path_of(params.text_document.uri))
        if document is None:
            return None
        text, encoding = document.snapshot, ls.encoding
        return await ls.analyse(
            document, lambda _: [convert.symbol(text, s, encoding) for s in document.service.symbols(text)]
        )

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: KikiServer, params: types.HoverParams) -> types.Hover | None:
        def question(document: Document, offset: int, workspace: Workspace) -> types.Hover | None:
            found = document.service.hover(document.snapshot, offset, workspace)
            if found is None:
                return None
            return types.Hover(
                types.MarkupContent(types.MarkupKind.Markdown, found.markdown),
                convert.range_of(document.snapshot, found.span, ls.encoding),
            )

        return await ls.at(params, question)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", "{", "("]))
    async def completion(ls: KikiServer, params: types.CompletionParams) -> list[types.CompletionItem] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.CompletionItem]:
            found = document.service.completions(document.snapshot, offset, workspace)
            return [convert.completion(document.snapshot, c, i, ls.encoding) for i, c in enumerate(found[:500])]

        return await ls.at(params, question)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(ls: KikiServer, params: types.DefinitionParams) -> list[types.Location] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.Location]:
            texts: dict[str, Any] = {**workspace.snapshots, document.snapshot.path: document.snapshot}
            found = document.service.definition(document.snapshot, offset, workspace)
            return [
                convert.location(texts[place.path], place.span, ls.encoding) for place in found if place.path in texts
            ]

        return await ls.at(params, question)

    return server
