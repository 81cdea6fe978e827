"""Who calls a subcircuit, and what it calls."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document, path_of, uri_of
from kiki_lsp.server import KikiServer, snapshot_of
from kiki_tools.language import Callee, Workspace
from kiki_tools.text import Position


def register(server: KikiServer) -> None:
    """Adds the features."""

    def item(ls: KikiServer, document: Document, workspace: Workspace, found: Callee) -> types.CallHierarchyItem:
        snapshot = snapshot_of(workspace, document, found.path) or document.snapshot
        return types.CallHierarchyItem(
            found.name,
            types.SymbolKind.Module,
            ls.open[found.path].uri if found.path in ls.open else uri_of(found.path),
            convert.range_of(snapshot, found.span, ls.encoding),
            convert.range_of(snapshot, found.name_span, ls.encoding),
            detail=found.detail,
        )

    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    async def prepare(ls: KikiServer, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
        def question(document: Document, offset: int, workspace: Workspace) -> list[types.CallHierarchyItem]:
            found = document.service.callee(document.snapshot, offset, workspace)
            return [item(ls, document, workspace, found)] if found else []

        return await ls.at(params, question)

    async def calls(
        ls: KikiServer, of: types.CallHierarchyItem, incoming: bool
    ) -> list[tuple[types.CallHierarchyItem, list[types.Range]]]:
        path = path_of(of.uri)
        document = ls.open.get(path)
        if document is None:  # a library that is not open: seen from the document that draws it in
            document = next(
                (ls.open[other] for other, read in ls.read.items() if path in read and other in ls.open), None
            )
        if document is None:
            return []
        own = document

        def question(workspace: Workspace) -> list[tuple[types.CallHierarchyItem, list[types.Range]]]:
            snapshot = snapshot_of(workspace, own, path)
            if snapshot is None:
                return []
            at = of.selection_range.start
            offset = snapshot.offset(Position(at.line, at.character), ls.encoding)
            listed = []
            for call in own.service.calls(own.snapshot, path, offset, workspace, incoming=incoming):
                where = snapshot_of(workspace, own, call.caller.path if incoming else path)
                if where is not None:
                    ranges = [convert.range_of(where, span, ls.encoding) for span in call.spans]
                    listed.append((item(ls, own, workspace, call.caller if incoming else call.callee), ranges))
            return listed

        return await ls.analyse(document, question) or []

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    async def incoming(
        ls: KikiServer, params: types.CallHierarchyIncomingCallsParams
    ) -> list[types.CallHierarchyIncomingCall]:
        return [types.CallHierarchyIncomingCall(one, ranges) for one, ranges in await calls(ls, params.item, True)]

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    async def outgoing(
        ls: KikiServer, params: types.CallHierarchyOutgoingCallsParams
    ) -> list[types.CallHierarchyOutgoingCall]:
        return [types.CallHierarchyOutgoingCall(one, ranges) for one, ranges in await calls(ls, params.item, False)]
