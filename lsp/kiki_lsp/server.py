"""The language server: the open documents, their analysis off the event loop, and what depends on what."""

from __future__ import annotations

import asyncio
import gc
import os
import traceback
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from kiki_lsp import convert, documents
from kiki_lsp.documents import Document
from kiki_lsp.experts import Experts
from kiki_lsp.knowledge import Cache, Knowledge
from kiki_lsp.protocol import KikiProtocol
from kiki_lsp.scheduler import Scheduler
from kiki_tools.language import Diagnostic, Hint, Keeps, Lens, Workspace
from kiki_tools.languages import folders
from kiki_tools.text import Encoding, Position, Snapshot, Span
from kiki_tools.workspace import Files, gather

T = TypeVar("T")
_LARGE = 500_000
_PATIENCE_S = 0.3
"""After this time without an edit what takes long is analysed too."""
_KNOWLEDGE_S = 3.0
"""So long a question about a place waits for a project's headers that are just being read."""


class _OfDocument(Protocol):
    """A request about a document."""

    @property
    def text_document(self) -> types.TextDocumentIdentifier: ...


class _OfPlace(_OfDocument, Protocol):
    """A request about a place in a document."""

    @property
    def position(self) -> types.Position: ...


@dataclass(frozen=True)
class Measured:
    """What an instrument gave: values beside the text, diagnostics, lines above it. ``problem``: why there are none."""

    snapshot: Snapshot
    hints: tuple[Hint, ...]
    diagnostics: tuple[Diagnostic, ...]
    problem: str
    lenses: tuple[Lens, ...] = ()


class KikiServer(LanguageServer):
    """The open documents and what is known about them."""

    def __init__(self) -> None:
        super().__init__(
            "kiki-lsp",
            version("micro-kiki"),
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            protocol_cls=KikiProtocol,
        )
        self.open: dict[str, Document] = {}
        self.read: dict[str, frozenset[str]] = {}
        """The files that each open document's analysis read, or missed."""
        self.libraries: tuple[str, ...] = ()
        """Folders in which included files are looked for."""
        self.dialect = ""
        """The dialect of netlists, where the client sets it."""
        self.simulates = True
        """Whether a document that is saved is simulated."""
        self.measured: dict[str, Measured] = {}
        """The last simulation of each document."""
        self.settled: set[str] = set()
        """The large documents whose trees the garbage collector passes over."""
        self.files = Files()
        self.scheduler = Scheduler(self.publish)
        self.workers = ThreadPoolExecutor(8, "analysis")
        self.waiting: dict[str, asyncio.Task[None]] = {}
        self.experts = Experts(self.gathered)
        """The model, where it is wanted."""
        self.behind: set[asyncio.Task[Any]] = set()
        self.knowledge = Knowledge(self.gathered, self._learned, Cache(_indexes))

    @property
    def ends_with(self) -> int:
        """The exit status of the process."""
        assert isinstance(self.protocol, KikiProtocol)
        return self.protocol.exit_status

    @property
    def encoding(self) -> Encoding:
        """The negotiated unit of columns."""
        units: dict[object, Encoding] = {"utf-8": "utf-8", "utf-32": "utf-32"}
        return units.get(self.workspace.position_encoding, "utf-16")

    @property
    def completes_inline(self) -> bool:
        """Whether the client shows proposals in the text by itself."""
        documents_ = self.client_capabilities.text_document
        return documents_ is not None and documents_.inline_completion is not None

    def document(self, params: _OfDocument) -> Document | None:
        """The open document that a request is about; null for one of another language."""
        return self.open.get(documents.path_of(params.text_document.uri))

    async def analyse(self, document: Document, question: Callable[[Workspace], T]) -> T | None:
        """The answer of a service, worked out off the event loop; None, and logged, if the service fails."""
        buffers = {path: each.snapshot for path, each in self.open.items()}

        def work() -> tuple[Workspace, T]:
            workspace = self.gathered(document, buffers)
            return workspace, question(workspace)

        try:
            workspace, answer = await asyncio.get_running_loop().run_in_executor(self.workers, work)
        except Exception:  # noqa: BLE001 - the boundary: a service's mistake is reported, the server lives on
            text = f"analysis of {document.snapshot.path} failed\n{traceback.format_exc()}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))
            return None
        path = document.snapshot.path
        self.read[path] = frozenset(workspace.snapshots.keys() | workspace.unreadable.keys()) - {path}
        return answer

    def gathered(self, document: Document, buffers: Mapping[str, Snapshot] | None = None) -> Workspace:
        """What an analysis of the document may see: the texts that it wants, and what is known of its project."""
        if buffers is None:
            buffers = {path: each.snapshot for path, each in list(self.open.items())}
        search = folders(document.service, self.libraries)
        workspace = gather(document.service, document.snapshot, buffers, self.files, search, self.dialect)
        if isinstance(document.service, Keeps):
            self.knowledge.restore(document.service, workspace)
        indexes = self.knowledge.of(document.snapshot.path)
        return replace(workspace, indexes=indexes) if indexes else workspace

    def _learned(self) -> None:
        """A project's headers were read: what the editor shows of them is asked for anew."""
        capabilities = self.client_capabilities.workspace
        if capabilities and capabilities.inlay_hint and capabilities.inlay_hint.refresh_support:
            self.workspace_inlay_hint_refresh(None)

    async def at(self, params: _OfPlace, question: Callable[[Document, int, Workspace], T]) -> T | None:
        """The answer of a service about a place in an open document."""
        document = self.document(params)
        if document is None:
            return None
        place = Position(params.position.line, params.position.character)
        offset = document.snapshot.offset(place, self.encoding)
        self.experts.touched(document, offset)
        await self.knowledge.ready(document, _KNOWLEDGE_S)
        return await self.analyse(document, lambda workspace: question(document, offset, workspace))

    async def diagnostics(self, document: Document, *, patient: bool = True) -> list[Diagnostic] | None:
        """The findings in the document, and in what it draws in."""
        snapshot = document.snapshot
        return await self.analyse(
            document,
            lambda workspace: [
                at_include(document, found, workspace.snapshots)
                for found in document.service.diagnostics(snapshot, workspace, patient=patient)
                if found.path == snapshot.path or document.service.language == "spice"
            ],
        )

    async def publish(self, path: str) -> None:
        """Analyse the document and send its diagnostics, at once and again when there is time for the slow ones."""
        quick = await self._send(path, patient=False, unless=None)
        document = self.open.get(path)
        if path not in self.settled and document is not None and document.snapshot.length > _LARGE:
            # What a large document is read into lives as long as it is open: looking for garbage in it only takes time.
            self.settled.add(path)
            gc.freeze()
        if quick is not None and path in self.open:
            if (waiting := self.waiting.pop(path, None)) is not None:
                waiting.cancel()
            self.waiting[path] = asyncio.get_running_loop().create_task(self._later(path, quick))
            self.knowledge.learn(self.open[path])

    async def _later(self, path: str, told: list[Diagnostic]) -> None:
        await asyncio.sleep(_PATIENCE_S)
        await self._send(path, patient=True, unless=told)

    async def _send(self, path: str, *, patient: bool, unless: list[Diagnostic] | None) -> list[Diagnostic] | None:
        """Sends the diagnostics if the text hasn't moved on meanwhile, and if they aren't ``unless``."""
        document = self.open.get(path)
        found = await self.diagnostics(document, patient=patient) if document else None
        now = self.open.get(path)
        if document is None or found is None or now is None or now.snapshot is not document.snapshot:
            return None
        if found != unless:
            found_all = [*found, *self.of_simulation(document)]
            shown = [convert.diagnostic(document.snapshot, each, self.encoding) for each in found_all]
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(document.uri, shown, document.snapshot.version)
            )
        return found

    async def shown(self, document: Document) -> list[types.Diagnostic]:
        """All diagnostics of the document as the protocol has them."""
        found = [*(await self.diagnostics(document) or ()), *self.of_simulation(document)]
        return [convert.diagnostic(document.snapshot, each, self.encoding) for each in found]

    def of_simulation(self, document: Document) -> tuple[Diagnostic, ...]:
        """What the instrument said of exactly this text."""
        measured = self.measured.get(document.snapshot.path)
        return measured.diagnostics if measured is not None and measured.snapshot is document.snapshot else ()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Does something beside what is asked for; it is let go when the server ends."""
        task = asyncio.get_running_loop().create_task(work)
        self.behind.add(task)
        task.add_done_callback(self.behind.discard)

    def changed(self, path: str, document: Document | None) -> None:
        """A document was opened, edited, or closed (null): it and what reads it are analysed anew."""
        opened = path not in self.open
        if document is None:
            closed = self.open.pop(path, None)
            if (waiting := self.waiting.pop(path, None)) is not None:
                waiting.cancel()
            self.read.pop(path, None)
            self.measured.pop(path, None)
            self.knowledge.forget(path)
            if path in self.settled:
                self.settled.discard(path)
                gc.unfreeze()
            if closed is not None:
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(closed.uri, []))
        else:
            self.open[path] = document
            if opened:
                self.experts.touched(document)
            else:
                self.experts.edited()
            self.scheduler.request(path, at_once=opened)
        self.touched(path)

    def touched(self, path: str) -> None:
        """A file's text changed: the open documents that read it are analysed again."""
        if path not in self.open:
            self.knowledge.touched(path)
        for other, read in list(self.read.items()):
            if path in read and other in self.open:
                self.scheduler.request(other)


def snapshot_of(workspace: Workspace, document: Document, path: str) -> Snapshot | None:
    """The text of a file as the analysis saw it; null if it did not see it."""
    return document.snapshot if path == document.snapshot.path else workspace.snapshots.get(path)


def at_include(document: Document, found: Diagnostic, texts: Mapping[str, Snapshot]) -> Diagnostic:
    """What is wrong in an included file is told where the document draws that file in."""
    snapshot = document.snapshot
    if found.path == snapshot.path:
        return found
    links = document.service.links(snapshot, Workspace(texts))
    span = next((link.span for link in links if link.path == found.path), Span(0, 0))
    line = texts[found.path].line_of(found.span.start) + 1
    message = f"{os.path.basename(found.path)}, line {line}: {found.message}"
    return replace(found, path=snapshot.path, span=span, message=message)


def _indexes() -> Path:
    """Where what was read of projects is kept."""
    from kiki_core import paths

    return paths.cache() / "indexes"


def create() -> KikiServer:
    """A server with all its features, not yet listening."""
    from kiki_lsp import features

    server = KikiServer()
    features.register(server)
    return server
