"""Bringing an analysis the files it wants: the one place where a language service's includes are read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from kiki_tools.language import LanguageService, Workspace
from kiki_tools.text import NotText, Snapshot, decode

MOST_BYTES = 64_000_000
"""Larger files are named as unreadable."""
_MOST_FILES = 500


class Unreadable(ValueError):
    """A file can't be read as text; the message says why, to stand behind a colon: "no such file or directory"."""


def read_snapshot(path: Path) -> Snapshot:
    """The file as a snapshot under its absolute path.

    Raises:
        Unreadable: if it is missing, no regular file, too large or binary.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise Unreadable("no regular file")
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise Unreadable(f"larger than {MOST_BYTES // 1_000_000} MB")
        return Snapshot(decode(content), os.path.abspath(path))
    except OSError as error:
        raise Unreadable((error.strerror or str(error)).lower()) from error
    except NotText as error:
        raise Unreadable(str(error)) from error


class Files:
    """Files of the disk as snapshots, read again only when they changed (by time, size and place)."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[tuple[int, int, int], Snapshot]] = {}

    def read(self, path: str) -> Snapshot:
        """The file's text now.

        Raises:
            Unreadable: as `read_snapshot`.
        """
        try:
            status = os.stat(path)
        except OSError as error:
            self._read.pop(path, None)
            raise Unreadable((error.strerror or str(error)).lower()) from error
        signature = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = self._read.get(path)
        if known is None or known[0] != signature:
            known = (signature, read_snapshot(Path(path)))
            self._read[path] = known
        return known[1]


def gather(
    service: LanguageService,
    snapshot: Snapshot,
    buffers: Mapping[str, Snapshot] | None = None,
    files: Files | None = None,
    search: Sequence[str] = (),
    dialect: str = "",
) -> Workspace:
    """All that ``snapshot`` includes, directly or not: from ``buffers`` (an editor's) first, else from the disk.

    ``search``: folders for files that don't lie beside the one that names them. ``dialect``: as in `Workspace`.
    """
    files = files or Files()
    texts: dict[str, Snapshot] = {snapshot.path: snapshot} if snapshot.path else {}
    unreadable: dict[str, str] = {}
    while wanted := service.wanted(snapshot, Workspace(texts, unreadable, search, dialect)):
        for path in wanted:
            if len(texts) > _MOST_FILES:
                unreadable[path] = f"one of more than {_MOST_FILES} included files"
                continue
            try:
                texts[path] = (buffers or {}).get(path) or files.read(path)
            except Unreadable as error:
                unreadable[path] = str(error)
        if len(unreadable) > _MOST_FILES:
            break
    return Workspace(texts, unreadable, search, dialect)
