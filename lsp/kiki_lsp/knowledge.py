"""What is known of a project beyond the open document: read in the background, and kept on the disk by content.

Indexes of large files that services look things up in, and what reading a project's other files worked out.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiki_lsp.documents import Document
from kiki_tools.language import Consults, Keeps, Workspace
from kiki_tools.text import NotText, Snapshot, decode

_LARGEST = 24_000_000
_FIRST = 3
"""So many indexes can be used before all are there: those that count most come first."""
_MOST_KEPT = 20_000
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@contextlib.contextmanager
def without_garbage() -> Iterator[None]:
    """Passes over looking for garbage while many things that last are made: it would take longer than making them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Cache:
    """Small files on the disk, each under the hash of what it was made from; a damaged one is made anew."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._place = folder

    @functools.cached_property
    def _folder(self) -> Path:
        return self._place()

    def index(self, service: Consults, path: str, content: bytes) -> Any:
        """The index of a file's content, from the disk if it is there.

        Raises:
            NotText: if the file is binary.
        """
        name = os.path.basename(path)
        key = hashlib.sha256(f"{service.index_version}\0{name}\0".encode() + content).hexdigest()
        with contextlib.suppress(ValueError):
            found = json.loads(self.read(key) or b"")
            if isinstance(found, dict):
                return found
        found = service.index(Snapshot(decode(content), path))
        self.write(key, json.dumps(found, separators=(",", ":")).encode())
        return found

    def read(self, key: str) -> bytes | None:
        """What is kept under a key; None if that is nothing."""
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def has(self, key: str) -> bool:
        """Whether something is kept under a key."""
        return self._path(key).exists()

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def write(self, key: str, content: bytes) -> None:
        """Keeps something, whole or not at all; a disk that is full or closed costs only time."""
        kept = self._path(key)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                os.replace(temporary, kept)
            except OSError:
                os.unlink(temporary)
                raise

    def prune(self) -> None:
        """Takes away the oldest where there are too many."""
        with contextlib.suppress(OSError):
            kept = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
            for path in kept[:-_MOST_KEPT]:
                path.unlink(missing_ok=True)


class Knowledge:
    """The indexes of the open documents' projects. ``gathered`` brings a document's workspace."""

    def __init__(self, gathered: Callable[[Document], Workspace], learned: Callable[[], None], cache: Cache) -> None:
        self._gathered = gathered
        self._learned = learned
        self._cache = cache
        self._worker = ThreadPoolExecutor(1, "knowledge")
        self._paths: dict[str, tuple[str, ...]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sets: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._kept: set[str] = set()
        self._is_pruned = False
        self._read: dict[str, tuple[tuple[int, int], Any]] = {}

    def restore(self, service: Keeps, workspace: Workspace) -> None:
        """Gives a project's files on the disk what was kept of them, where they weren't read yet."""
        lacking = [
            each for each in workspace.snapshots.values() if each.version is None and service.restore(each, None)
        ]
        with without_garbage():
            for snapshot in lacking:
                service.restore(snapshot, self._cache.read(_key(service, snapshot)))

    def _keep(self, service: Keeps, workspace: Workspace) -> None:
        """Keeps what was worked out about a project's files on the disk."""
        for snapshot in workspace.snapshots.values():
            if snapshot.version is not None or snapshot.sha256 in self._kept:
                continue
            key = _key(service, snapshot)
            if not self._cache.has(key):
                reading = service.reading(snapshot)
                if reading is None:
                    continue
                self._cache.write(key, reading)
            self._kept.add(snapshot.sha256)

    def of(self, path: str) -> Mapping[str, Any]:
        """The indexes that an open document's analysis can use now."""
        return self._sets.get(self._paths.get(path, ()), _NOTHING)

    def learn(self, document: Document) -> asyncio.Task[None] | None:
        """Begins to read what the document's project says, if that wasn't done; None for a service without headers."""
        if not isinstance(document.service, Consults):
            return None
        path = document.snapshot.path
        if path not in self._tasks:
            self._tasks[path] = asyncio.get_running_loop().create_task(self._learn(document, document.service))
        return self._tasks[path]

    async def ready(self, document: Document, patience_s: float) -> None:
        """Waits until the document's project is read, but no longer than so."""
        task = self.learn(document)
        if task is not None and not task.done():
            await asyncio.wait([task], timeout=patience_s)

    def touched(self, path: str) -> None:
        """A file changed on the disk: the documents whose projects it belongs to are asked again."""
        for document, paths in list(self._paths.items()):
            if path in paths or not path.endswith(".c"):
                self.forget(document)

    def forget(self, path: str) -> None:
        """The document is read anew when it is asked next."""
        task = self._tasks.pop(path, None)
        if task is not None and not task.done():
            task.cancel()

    async def _learn(self, document: Document, service: Consults) -> None:
        paths, indexes = await asyncio.get_running_loop().run_in_executor(
            self._worker, self._indexes, document, service
        )
        known = self._sets.get(paths)
        changed = known is None or any(indexes.get(path) is not known.get(path) for path in {*indexes, *known})
        if changed:
            self._sets[paths] = indexes
        self._paths[document.snapshot.path] = paths
        for each in set(self._sets) - set(self._paths.values()):
            del self._sets[each]
        if changed and indexes:
            self._learned()

    def _indexes(self, document: Document, service: Consults) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        workspace = self._gathered(document)
        if isinstance(service, Keeps):
            self._keep(service, workspace)
        paths = tuple(service.consulted(document.snapshot, workspace))
        found = {}
        for path in paths:
            with contextlib.suppress(OSError, NotText):
                status = os.stat(path)
                signature = (status.st_mtime_ns, status.st_size)
                known = self._read.get(path)
                if known is None or known[0] != signature:
                    if status.st_size > _LARGEST or not os.path.isfile(path):
                        continue
                    content = Path(path).read_bytes()
                    known = self._read[path] = (signature, self._cache.index(service, path, content))
                found[path] = known[1]
            if len(found) == _FIRST and document.snapshot.path not in self._paths:
                self._paths[document.snapshot.path] = paths
                self._sets.setdefault(paths, dict(found))
        if not self._is_pruned:
            self._is_pruned = True
            self._cache.prune()
        return paths, found


def _key(service: Keeps, snapshot: Snapshot) -> str:
    return hashlib.sha256(f"{service.reading_version}\0{snapshot.sha256}".encode()).hexdigest()
