"""Above each subcircuit how often it is called; above the first analysis, to simulate."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.features.simulation import SIMULATE
from kiki_lsp.server import KikiServer
from kiki_tools.language import Symbol, Workspace


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=False))
    async def lenses(ls: KikiServer, params: types.CodeLensParams) -> list[types.CodeLens] | None:
        document = ls.document(params)
        if document is None or document.snapshot.length > 2_000_000:
            return None
        snapshot, service = document.snapshot, document.service

        def lens(symbol: Symbol, title: str, command: str = "", *arguments: object) -> types.CodeLens:
            where = convert.range_of(snapshot, symbol.name_span, ls.encoding)
            return types.CodeLens(where, types.Command(title, command, arguments=list(arguments) or None))

        def question(workspace: Workspace) -> list[types.CodeLens]:
            found = []
            analysed = False
            for symbol in service.symbols(snapshot):
                if symbol.kind == "subcircuit":
                    calls = service.calls(snapshot, snapshot.path, symbol.name_span.start, workspace, incoming=True)
                    count = sum(len(call.spans) for call in calls)
                    found.append(lens(symbol, "1 call" if count == 1 else f"{count} calls"))
                elif symbol.kind == "analysis" and not analysed:
                    analysed = True
                    found.append(lens(symbol, "Simulate", SIMULATE, document.uri))
            return found

        return await ls.analyse(document, question)
