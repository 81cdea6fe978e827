"""The files of a store: log and index, opened, kept in step, locked, and put together again when one is damaged."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from kiki_core.errors import KikiError
from kiki_core.memory import reading
from kiki_core.memory.index import Index, open_index
from kiki_core.memory.log import Damaged, Log, locked, sync_folder
from kiki_core.memory.model import Kept, Operation

_Result = TypeVar("_Result")


class Folder:
    """One store's files. Several processes may have them open; in this one, one thread at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = Log(path / "log")
        self.notes: list[str] = []
        """What a person should know, such as files that were damaged."""
        self._mutex = threading.RLock()
        self._index: Index | None = None
        self.rebuilt = False
        """Whether the index was made again by this process: once is enough."""
        self.opened = 0
        """Counts how often the index was opened: what was kept of an earlier one is void."""

    def read(self, read: Callable[[Index], _Result]) -> _Result:
        """Reads the index.

        Raises:
            KikiError: if it can't be read.
        """
        with self._mutex, self._told("read"):
            try:
                return read(self._opened())
            except (sqlite3.DatabaseError, reading.DamagedRow) as error:
                if _lacks_room(error):
                    return self._without_room(read)
                if not _is_damage(error) or self.rebuilt:
                    raise
                self.rebuild(f"index.db is damaged ({error})")
                return read(self._opened())

    def write(self, build: Callable[[Index], list[Operation]]) -> list[Operation]:
        """Makes operations from the newest state and keeps them; on return they are durable.

        Raises:
            KikiError: if they can't be written; then nothing was acknowledged.
        """
        with self._mutex, self._told("written"):
            try:
                return self._written(build)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error) or self.rebuilt:
                    raise
            self.rebuild("index.db is damaged")
            return self._written(build)

    def in_index(self, change: Callable[[Index, int], None]) -> None:
        """Changes what the index alone holds, such as vectors: nothing that the log must know.

        Raises:
            KikiError: if it can't be written.
        """
        with self._mutex, self._told("written"):
            self._opened()
            with locked(self.path / "lock"):
                index = self._opened()
                with index.transaction() as rev:
                    change(index, rev)

    @property
    def writable(self) -> bool:
        """Whether the store can be written."""
        return self.read(lambda index: index.writable)

    def note(self, text: str) -> None:
        """Keeps something that a person should know, once."""
        if text not in self.notes:
            self.notes.append(text)

    def close(self) -> None:
        """Lets go of the files."""
        with self._mutex:
            if self._index is not None:
                self._index.close()
            self._index = None

    def rebuild(self, why: str) -> None:
        """Makes the index again: from LanceDB, the log, and what can still be read of the old one, which is kept aside.

        Raises:
            KikiError: if another process holds the store.
        """
        self.rebuilt = True
        self.close()
        with locked(self.path / "lock"):
            target = self.path / "index.db"
            aside = self.path / f"damaged-{time.strftime('%Y%m%d-%H%M%S')}.db"
            for suffix in ("-wal", "-shm", ""):
                old = self.path / f"index.db{suffix}"
                if old.exists():
                    os.replace(old, f"{aside}{suffix}")
            saved = list(reading.salvage(aside)) if aside.exists() else []
            index = open_index(self.path / "index.new.db")
            try:
                self._restore_folded(index)
                self._catch_up(index)
                known = index.db.execute("SELECT count(*) FROM episode").fetchone()[0]
                more = _put_salvaged(index, saved)
            finally:
                index.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                index.close()
            for suffix in ("-wal", "-shm"):
                (self.path / f"index.new.db{suffix}").unlink(missing_ok=True)
            os.replace(self.path / "index.new.db", target)
            sync_folder(self.path)
        self.note(
            f"{self.path / 'index.db'}: {why}; made again with {known + more} episodes, the old file is {aside.name}"
        )

    def _without_room(self, read: Callable[[Index], _Result]) -> _Result:
        """Reads the index as it is in its file, when there is no room for what SQLite keeps beside it."""
        index = open_index(self.path / "index.db", create=False, migrate=False, as_is=True)
        try:
            self.note(f"memory at {self.path}: the disk is full; read as of the last clean end")
            return read(index)
        finally:
            index.close()

    def _written(self, build: Callable[[Index], list[Operation]]) -> list[Operation]:
        self._opened()
        with locked(self.path / "lock"):
            index = self._opened()
            if not index.writable:
                raise KikiError(f"memory at {self.path} is read-only", "nothing was stored; check the folder's rights")
            self._catch_up(index)
            with index.transaction() as rev:
                operations = build(index)
                for operation in operations:
                    index.apply(operation, rev)
                if operations:
                    end = self.log.append(operations, index.position)
                    index.set_meta("position", json.dumps([end.segment, end.offset]))
            return operations

    def _opened(self) -> Index:
        """The index: opened, caught up with the log after a crash, and still the file that is there."""
        if self._index is not None:
            try:
                if os.stat(self._index.path).st_ino == self._index.inode:
                    return self._index
            except FileNotFoundError:
                pass
            self._index.close()
            self._index = None
        path = self.path / "index.db"
        if not path.exists():
            self._make(path)
        self._index = open_index(path)
        self.opened += 1
        if self._index.writable and self.log.beyond(self._index.position):
            try:
                with locked(self.path / "lock"):
                    self._catch_up(self._index)
            except (OSError, sqlite3.OperationalError) as error:
                # Reading goes on with what the index has; the next write takes the rest up, or says why it can't.
                self.note(f"{self.path / 'index.db'} is behind the log: {_said(error)}")
        return self._index

    def _make(self, path: Path) -> None:
        """A new store, or the index of one whose index is missing."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "log").mkdir(exist_ok=True)
        with locked(self.path / "lock"):
            if path.exists():
                return
            index = open_index(self.path / "index.new.db")
            try:
                self._restore_folded(index)
                self._catch_up(index)
            finally:
                index.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                index.close()
            for suffix in ("-wal", "-shm"):
                (self.path / f"index.new.db{suffix}").unlink(missing_ok=True)
            os.replace(self.path / "index.new.db", path)
            sync_folder(self.path)

    def _restore_folded(self, index: Index) -> None:
        """What LanceDB holds, or the store of an earlier format."""
        if (self.path / "episodes.lance").exists() or (self.path / "lance" / "atlas.lance").exists():
            from kiki_core.memory import lance

            lance.restore(self.path, index, self.note)

    def _catch_up(self, index: Index) -> None:
        """Applies what the log has and the index hasn't."""
        if not self.log.beyond(index.position):
            return
        lines = self.log.read(index.position)
        more = True
        while more:
            with index.transaction() as rev:
                more, end = False, None
                for number, (line, position) in enumerate(lines):
                    end = position
                    if isinstance(line, Damaged):
                        self.note(f"{line.file}: a line is damaged and was left out (the {line.line}. of those read)")
                    else:
                        index.apply(line, rev)
                    if number >= 2_000:
                        more = True
                        break
                if end is not None:
                    index.set_meta("position", json.dumps([end.segment, end.offset]))

    @contextmanager
    def _told(self, verb: str) -> Iterator[None]:
        """Says what the operating system or the database refused in one line."""
        try:
            yield
        except (OSError, sqlite3.Error, reading.DamagedRow) as error:
            raise KikiError(f"memory at {self.path} can't be {verb}: {_said(error)}", _remedy(error)) from error


def as_operation(episode: Kept, **more: object) -> Operation:
    """The log's line that adds an episode as it is."""
    return {
        "op": "add", "id": episode.id, "seq": episode.seq, "ref": episode.ref, "project": episode.project,
        "session": episode.session, "author": episode.author, "domain": episode.domain, "kind": episode.kind,
        "time": episode.time, "given_time": episode.given_time, "question": episode.question, "answer": episode.answer,
        "artefacts": list(episode.artefacts), "verified": episode.verified, "pinned": episode.pinned,
        "supersedes": [], "links": [], **more,
    }  # fmt: skip


def _put_salvaged(index: Index, saved: list[tuple[Kept, bytes | None]]) -> int:
    more = 0
    with index.transaction() as rev:
        gone = {row[0] for row in index.db.execute("SELECT id FROM gone")}
        for episode, vector in saved:
            if episode.id in gone:
                continue
            if index.seq_of(episode.id) is None:
                index.apply(as_operation(episode), rev)
                index.db.execute("UPDATE episode SET superseded_by=? WHERE id=?", (episode.superseded_by, episode.id))
                more += 1
            seq = index.seq_of(episode.id)
            if vector is not None and seq is not None and len(vector) == 768:
                index.put_vector(seq, vector, rev)
    return more


def _lacks_room(error: Exception) -> bool:
    """Whether SQLite couldn't write what it keeps beside the index; what is in the index is whole then."""
    name = str(getattr(error, "sqlite_errorname", ""))
    return name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and "READ" not in name and "CORRUPT" not in name)


def _is_damage(error: Exception) -> bool:
    if isinstance(error, reading.DamagedRow):
        return True
    if _lacks_room(error):
        return False
    told = str(error)
    return any(word in told for word in ("malformed", "not a database", "disk I/O error", "no such table", "vtable"))


def _said(error: Exception) -> str:
    if isinstance(error, OSError):
        return "it is read-only" if error.errno == errno.EROFS else error.strerror or str(error)
    if isinstance(error, reading.DamagedRow):
        return f"episode {error} is damaged"
    told = str(error)
    if _lacks_room(error):
        return "the disk is full or refuses to write"
    return {
        "database or disk is full": "the disk is full",
        "attempt to write a readonly database": "it is read-only",
    }.get(told, told)


def _remedy(error: Exception) -> str:
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or "full" in str(error) or _lacks_room(error):
        return "free some space; what was acknowledged is safe"
    if isinstance(error, OSError) or "readonly" in str(error) or "unable to open" in str(error):
        return "check the rights of the folder"
    return "see `kiki memory stats`"
