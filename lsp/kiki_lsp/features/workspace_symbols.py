"""Names of the whole workspace: subcircuits, models, measures of netlists, peripherals, pins, handlers of firmware."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.server import KikiServer
from kiki_lsp.workspace import folders_of, netlists
from kiki_tools.language import Named, Symbol
from kiki_tools.languages import service_of
from kiki_tools.text import Encoding, Snapshot
from kiki_tools.workspace import Files, Unreadable

_LARGEST = 2_000_000
_MOST = 200
_SHOWN = frozenset(
    {"subcircuit", "model", "parameter", "measure", "sheet", "net", "device", "peripheral", "pin", "interrupt"}
)


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.WORKSPACE_SYMBOL, types.WorkspaceSymbolOptions(resolve_provider=False))
    async def symbols(ls: KikiServer, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        folders = folders_of(ls)
        buffers = {path: each.snapshot for path, each in ls.open.items()}
        return await asyncio.to_thread(_find, folders, buffers, ls.files, params.query.lower(), ls.encoding)


def _find(
    folders: list[str], buffers: dict[str, Snapshot], files: Files, query: str, encoding: Encoding
) -> list[types.WorkspaceSymbol]:
    found: list[types.WorkspaceSymbol] = []
    for path in dict.fromkeys([*buffers, *netlists(folders)]):
        service = service_of("", path)
        try:
            snapshot = buffers.get(path) or files.read(path)
        except Unreadable:
            continue
        if service is None or snapshot.length > _LARGEST:
            continue
        named = service.names(snapshot) if isinstance(service, Named) else service.symbols(snapshot)
        for symbol in _all(named):
            if symbol.kind in _SHOWN and _matches(query, symbol.name.lower()):
                found.append(convert.workspace_symbol(snapshot, symbol, encoding))
                if len(found) >= _MOST:
                    return found
    return found


def _all(symbols: object) -> Iterator[Symbol]:
    for symbol in symbols:  # type: ignore[attr-defined]
        yield symbol
        yield from _all(symbol.children)


def _matches(query: str, name: str) -> bool:
    """Whether the query's letters stand in the name in their order, as editors filter."""
    rest = iter(name)
    return all(char in rest for char in query)
