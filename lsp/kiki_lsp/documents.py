"""The open documents as immutable snapshots, and the files that they include from the disk."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from kiki_tools.language import LanguageService, Workspace
from kiki_tools.text import Edit, Encoding, NotText, Position, Snapshot, Span, decode

MAX_INCLUDE_BYTES = 16_000_000
MAX_INCLUDES = 500


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
    return Snapshot(snapshot.text, snapshot.path, version) if snapshot.version != version else snapshot


def gather(document: Document, buffers: dict[str, Snapshot]) -> Workspace:
    """What an analysis may see: editor buffers first, then the disk's files that it asks for, bounded."""
    snapshots, unreadable = dict(buffers), dict[str, str]()
    asked = 0
    while wanted := [
        path
        for path in document.service.wanted(document.snapshot, Workspace(snapshots, unreadable))
        if path not in snapshots and path not in unreadable
    ]:
        for path in wanted:
            asked += 1
            if asked > MAX_INCLUDES:
                unreadable[path] = f"is one of more than {MAX_INCLUDES} included files"
                continue
            try:
                snapshots[path] = _read(path)
            except (OSError, ValueError) as error:
                unreadable[path] = getattr(error, "strerror", None) or str(error)
        if asked > 2 * MAX_INCLUDES:
            break
    return Workspace(snapshots, unreadable)


def _read(path: str) -> Snapshot:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotText("is not a regular file")
        content = file.read(MAX_INCLUDE_BYTES + 1)
    if len(content) > MAX_INCLUDE_BYTES:
        raise NotText(f"is larger than {MAX_INCLUDE_BYTES} bytes")
    return Snapshot(decode(content), path)
