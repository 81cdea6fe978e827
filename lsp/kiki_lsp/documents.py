"""The open documents as immutable snapshots, and their addresses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from kiki_tools.language import LanguageService
from kiki_tools.text import Edit, Encoding, Position, Snapshot, Span


@dataclass(frozen=True, slots=True)
class Document:
    """One open document: its address, its service and its text now."""

    uri: str
    service: LanguageService
    snapshot: Snapshot


def path_of(uri: str) -> str:
    """The absolute path of a file address; another scheme's address stands for itself."""
    return os.path.normpath(to_fs_path(uri) or uri) if uri.startswith("file:") else uri


def uri_of(path: str) -> str:
    """The address of a path as `path_of` gives it."""
    return (from_fs_path(path) or path) if os.path.isabs(path) else path


def changed(
    snapshot: Snapshot,
    changes: Sequence[types.TextDocumentContentChangeEvent],
    encoding: Encoding,
    version: int,
) -> Snapshot:
    """The snapshot after the changes, each of which counts on the text that the one before left."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            start, end = (
                snapshot.offset(Position(at.line, at.character), encoding)
                for at in (change.range.start, change.range.end)
            )
            snapshot = snapshot.edited([Edit(Span(min(start, end), max(start, end)), change.text)], version)
        else:
            snapshot = Snapshot(change.text, snapshot.path, version)
    return snapshot if snapshot.version == version else snapshot.edited([], version)
