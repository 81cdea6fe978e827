"""What services look up in a project's large files: read in the background, and kept on the disk by content."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kiki_lsp.documents import Document
from kiki_tools.language import Consults, Workspace
from kiki_tools.text import NotText, Snapshot, decode

_LARGEST = 24_000_000
_MOST_KEPT = 4000
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Cache:
    """Indexes on the disk, each under the hash of the file that it was made from; a damaged one is made anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def index(self, service: Consults, path: str, content: bytes) -> Any:
        """The index of a file's content, from the disk if it is there.

        Raises:
            NotText: if the file is binary.
        """
        name = os.path.basename(path)
        key = hashlib.sha256(f"{service.index_version}\0{name}\0".encode() + content).hexdigest()
        kept = self._folder / f"{key}.json"
        try:
            found = json.loads(kept.read_bytes())
            if isinstance(found, dict):
                return found
        except (OSError, ValueError):
            pass
        found = service.index(Snapshot(decode(content), path))
        self._write(kept, json.dumps(found, separators=(",", ":")).encode())
        return found

    def _write(self, kept: Path, content: bytes) -> None:
        """Keeps an index, whole or not at all; a disk that is full or closed costs only time."""
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
        """Takes away the oldest indexes where there are too many."""
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
        self._read: dict[str, tuple[tuple[int, int], Any]] = {}

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
        paths = tuple(service.consulted(document.snapshot, self._gathered(document)))
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
        self._cache.prune()
        return paths, found
