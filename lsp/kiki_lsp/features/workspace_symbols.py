"""Names of the whole workspace: subcircuits, models, parameters, measures of its netlists."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import path_of
from kiki_lsp.languages import service_of
from kiki_lsp.server import KikiServer
from kiki_tools.language import Symbol
from kiki_tools.text import Encoding, Snapshot
from kiki_tools.workspace import Files, Unreadable

_MOST_FILES = 2000
_LARGEST = 2_000_000
_MOST = 200
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})
_SHOWN = frozenset({"subcircuit", "model", "parameter", "measure"})


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.WORKSPACE_SYMBOL, types.WorkspaceSymbolOptions(resolve_provider=False))
    async def symbols(ls: KikiServer, params: types.WorkspaceSymbolParams) -> list[types.WorkspaceSymbol]:
        folders = [path_of(folder.uri) for folder in ls.workspace.folders.values()]
        if not folders and ls.workspace.root_path:
            folders = [ls.workspace.root_path]
        buffers = {path: each.snapshot for path, each in ls.open.items()}
        return await asyncio.to_thread(_find, folders, buffers, ls.files, params.query.lower(), ls.encoding)


def _find(
    folders: list[str], buffers: dict[str, Snapshot], files: Files, query: str, encoding: Encoding
) -> list[types.WorkspaceSymbol]:
    found: list[types.WorkspaceSymbol] = []
    for path in dict.fromkeys([*buffers, *_netlists(folders)]):
        service = service_of("", path)
        try:
            snapshot = buffers.get(path) or files.read(path)
        except Unreadable:
            continue
        if service is None or snapshot.length > _LARGEST:
            continue
        for symbol in _all(service.symbols(snapshot)):
            if symbol.kind in _SHOWN and _matches(query, symbol.name.lower()):
                found.append(convert.workspace_symbol(snapshot, symbol, encoding))
                if len(found) >= _MOST:
                    return found
    return found


def _netlists(folders: list[str]) -> Iterator[str]:
    count = 0
    for folder in folders:
        for place, below, names in os.walk(folder):
            below[:] = sorted(name for name in below if name not in _SKIPPED)
            for name in sorted(names):
                path = os.path.join(place, name)
                if service_of("", path) is not None:
                    yield path
                    count += 1
                    if count >= _MOST_FILES:
                        return


def _all(symbols: object) -> Iterator[Symbol]:
    for symbol in symbols:  # type: ignore[attr-defined]
        yield symbol
        yield from _all(symbol.children)


def _matches(query: str, name: str) -> bool:
    """Whether the query's letters stand in the name in their order, as editors filter."""
    rest = iter(name)
    return all(char in rest for char in query)
