"""The instruments on save: a deck is simulated, KiCad checks a schematic or board, a compiler reads firmware."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from dataclasses import replace
from typing import Any

from lsprotocol import types

from kiki_lsp import documents
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer, Measured, at_include
from kiki_tools.language import Lens, Workspace
from kiki_tools.languages import folders
from kiki_tools.text import Span

SIMULATE = "kiki.simulate"
_KEPT = 32


def register(server: KikiServer) -> None:
    """Adds the feature."""
    running: dict[str, asyncio.Task[Any]] = {}
    known: dict[tuple[str, ...], Measured] = {}

    def start(ls: KikiServer, document: Document) -> asyncio.Task[Any]:
        path = document.snapshot.path
        if (old := running.get(path)) is not None:
            old.cancel()
        task = running[path] = asyncio.get_running_loop().create_task(_simulate(ls, document, known))
        return task

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def did_save(ls: KikiServer, params: types.DidSaveTextDocumentParams) -> None:
        document = ls.document(params)
        if document is not None and ls.simulates:
            start(ls, document)

    @server.command(SIMULATE)
    async def simulate(ls: KikiServer, uri: str) -> dict[str, Any] | None:
        document = ls.open.get(documents.path_of(uri))
        if document is None:
            return None
        with contextlib.suppress(asyncio.CancelledError):
            await start(ls, document)
        measured = ls.measured.get(document.snapshot.path)
        return None if measured is None else {"problem": measured.problem, "values": len(measured.hints)}


async def _simulate(ls: KikiServer, document: Document, known: dict[tuple[str, ...], Measured]) -> None:
    from kiki_tools.workspace import gather

    buffers = {path: each.snapshot for path, each in ls.open.items()}
    search = folders(document.service, ls.libraries)
    workspace = await asyncio.to_thread(gather, document.service, document.snapshot, buffers, ls.files, search)
    key = tuple(sorted(snapshot.sha256 for snapshot in workspace.snapshots.values()))
    measured = known.get(key)
    if measured is None:
        instrument = _INSTRUMENTS[document.service.language]
        async with progress(ls, "Checking"):
            measured = await instrument(document, workspace)
        known[key] = measured
        while len(known) > _KEPT:
            del known[next(iter(known))]
    path = document.snapshot.path
    now = ls.open.get(path)
    if now is None or now.snapshot.sha256 != document.snapshot.sha256:
        return
    ls.measured[path] = replace(measured, snapshot=now.snapshot)
    await ls.publish(path)
    capabilities = ls.client_capabilities.workspace
    if capabilities and capabilities.code_lens and capabilities.code_lens.refresh_support and measured.lenses:
        await ls.workspace_code_lens_refresh_async(None)
    if capabilities and capabilities.inlay_hint and capabilities.inlay_hint.refresh_support:
        await ls.workspace_inlay_hint_refresh_async(None)


async def _measure(document: Document, workspace: Workspace) -> Measured:
    from kiki_tools.spice import ngspice
    from kiki_tools.spice.operating_point import operating_point, point_hints, result_diagnostics, result_hints

    snapshot, includes = document.snapshot, workspace.snapshots
    try:
        simulation = await ngspice.simulate(snapshot, includes=includes, search=workspace.search)
        point = await operating_point(snapshot, includes, workspace.search)
    except (ngspice.NgspiceMissing, ngspice.Refused) as error:
        return Measured(snapshot, (), (), str(error))
    hints = [*point_hints(snapshot, point), *result_hints(snapshot, simulation)]
    found = [
        at_include(document, one, includes)
        for one in result_diagnostics(snapshot, simulation, includes)
        if "no analysis ran" not in one.message
    ]
    return Measured(snapshot, tuple(hints), tuple(found), point.problem)


async def _checked(document: Document, workspace: Workspace) -> Measured:
    """What KiCad itself says of the schematic or board, beyond what the analysis says."""
    from kiki_tools.kicad.instrument import KicadFailed, KicadMissing
    from kiki_tools.kicad.reported import merged

    snapshot = document.snapshot
    ours = await asyncio.to_thread(document.service.diagnostics, snapshot, workspace)
    try:
        found = (await merged(snapshot, workspace, ours))[len(ours) :]
    except (KicadMissing, KicadFailed) as error:
        return Measured(snapshot, (), (), str(error))
    return Measured(snapshot, (), tuple(one for one in found if one.path == snapshot.path), "")


async def _compiled(document: Document, workspace: Workspace) -> Measured:
    """What the compiler says of firmware, and what memory and stack it takes; of a startup file nothing."""
    snapshot = document.snapshot
    if snapshot.path.lower().endswith(".s"):
        return Measured(snapshot, (), (), "")
    from kiki_tools.stm32.compiler import CompilerMissing, report
    from kiki_tools.stm32.sizes import lenses

    try:
        found, taken = await report(snapshot, workspace)
    except CompilerMissing as error:
        return Measured(snapshot, (), (), str(error))
    return Measured(snapshot, (), tuple(found), "", tuple(lenses(taken, snapshot)) if taken is not None else ())


_INSTRUMENTS = {"spice": _measure, "kicad": _checked, "c": _compiled}


@contextlib.asynccontextmanager
async def progress(ls: KikiServer, title: str):  # type: ignore[no-untyped-def]
    """Progress that the person can cancel, where the client shows any."""
    window = ls.client_capabilities.window
    if window is None or not window.work_done_progress:
        yield
        return
    token = str(uuid.uuid4())
    await ls.work_done_progress.create_async(token)
    task = asyncio.current_task()
    ls.work_done_progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True))
    cancelled = ls.work_done_progress.tokens[token]
    cancelled.add_done_callback(lambda done: task.cancel() if done.cancelled() and task is not None else None)
    try:
        yield
    finally:
        ls.work_done_progress.end(token, types.WorkDoneProgressEnd())


def measured_lenses(ls: KikiServer, document: Document) -> tuple[Lens, ...]:
    """What the compiled file takes, as long as its text is the one that was compiled."""
    measured = ls.measured.get(document.snapshot.path)
    return measured.lenses if measured is not None and measured.snapshot is document.snapshot else ()


def measured_hints(ls: KikiServer, document: Document, within: Span) -> list[Any]:
    """The measured values in a part of the document, as long as its text is the one that was simulated."""
    measured = ls.measured.get(document.snapshot.path)
    if measured is None or measured.snapshot is not document.snapshot:
        return []
    return [hint for hint in measured.hints if within.start <= hint.offset <= within.end]
