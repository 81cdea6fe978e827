"""The netlists in the folders that the editor has open."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kiki_lsp.documents import path_of
from kiki_lsp.server import KikiServer
from kiki_tools.languages import service_of

_MOST_FILES = 2000
_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


def folders_of(server: KikiServer) -> list[str]:
    """The folders of the workspace; its root, if the client names none."""
    folders = [path_of(folder.uri) for folder in server.workspace.folders.values()]
    root = server.workspace.root_path
    return folders or ([root] if root else [])


def netlists(folders: list[str]) -> Iterator[str]:
    """The paths of the netlists in some folders, at most some thousands."""
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
