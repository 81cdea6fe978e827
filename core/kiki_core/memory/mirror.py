"""What recall keeps in this process: columns of all episodes, their vectors, the postings of words asked for.

Made from the index at the first recall, then kept up with what any process wrote, by revisions. A hundred thousand
episodes take about 150 MB.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kiki_core.memory.index import Index
from kiki_core.memory.scan import DIMENSIONS, Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_POSTINGS = 5_000
"""A word in more episodes than this is scored in the newest of them only: it tells little."""
_MOST_WORDS = 4_000
_COLUMNS = ("seq", "project", "session", "author", "time", "length", "alive", "superseded", "summary", "pinned")


@dataclass(frozen=True, slots=True)
class Postings:
    """The rows (in the mirror) that have a word, and in how many episodes it is (all of them, or `_MOST_POSTINGS`)."""

    rows: NDArray[Any]
    common: bool


@dataclass
class Mirror:
    """Columns by row; a row is an episode, in the order of ``seq``."""

    count: int = 0
    seq: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int64))
    project: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    session: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    author: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    time: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.float64))
    length: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    alive: NDArray[Any] = field(default_factory=lambda: np.zeros(0, bool))
    superseded: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int64))
    summary: NDArray[Any] = field(default_factory=lambda: np.zeros(0, bool))
    pinned: NDArray[Any] = field(default_factory=lambda: np.zeros(0, bool))
    previous: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    following: NDArray[Any] = field(default_factory=lambda: np.zeros(0, np.int32))
    vectors: Vectors = field(default_factory=Vectors)
    codes: dict[str, int] = field(default_factory=lambda: {"": 0})
    """Projects, sessions and authors as numbers."""
    authors: dict[str, set[int]] = field(default_factory=dict)
    """The authors' numbers by each word of their names."""
    mean_length: float = 1.0
    _rev: int = 0
    _vector_rev: int = 0
    _last_of_session: dict[tuple[str, str, int], int] = field(default_factory=dict)
    _postings: dict[str, tuple[int, Postings]] = field(default_factory=dict)

    def follow(self, index: Index) -> None:
        """Takes in what changed in the index since the last time."""
        rev = int(index.meta("rev", 0))
        if rev == self._rev:
            return
        db = index.db
        known = int(self.seq[self.count - 1]) if self.count else 0
        cursor = db.execute(
            "SELECT seq,project,session,author,time,length,superseded_by,kind='summary',pinned FROM episode "
            "WHERE rev>? AND rev<=? ORDER BY seq",
            (self._rev, rev),
        )
        while rows := cursor.fetchmany(8_192):
            self._append([row for row in rows if row[0] > known])
            for row in rows:
                if row[0] > known:
                    break
                at = self.row_of(row[0])
                if at is None:  # taken out, then brought back by an import: too rare to be worth more
                    self._reset()
                    return self.follow(index)
                if self.length[at] != row[5]:
                    self._postings.clear()
                self.time[at], self.length[at] = row[4], row[5]
                self.superseded[at], self.pinned[at] = row[6] or 0, row[8]
        for (seq,) in db.execute("SELECT seq FROM gone WHERE rev>? AND rev<=?", (self._rev, rev)).fetchall():
            at = self.row_of(seq)
            if at is not None:
                self.alive[at] = False
        self._take_vectors(db, rev)
        self.mean_length = max(1.0, float(self.length[: self.count].mean())) if self.count else 1.0
        self._rev = rev

    def row_of(self, seq: int) -> int | None:
        """The row of an episode."""
        at = int(np.searchsorted(self.seq[: self.count], seq))
        return at if at < self.count and self.seq[at] == seq else None

    def rows_of(self, seqs: NDArray[Any]) -> Any:
        """The rows of several episodes; of those that aren't there, none."""
        if not self.count:
            return np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self.seq[: self.count], seqs), self.count - 1)
        return at[self.seq[at] == seqs]

    def postings(self, index: Index, column: str, word: str) -> Postings:
        """The rows that have a word in a column of the full text index, kept and kept up."""
        key = f"{column}:{word}"
        upto, kept = self._postings.get(key, (0, None))
        last = int(self.seq[self.count - 1]) if self.count else 0
        if kept is None or upto < last:
            # One text is several times as fast to fetch as thousands of rows.
            numbers = index.db.execute(
                "SELECT group_concat(rowid) FROM (SELECT rowid FROM words WHERE words MATCH ? AND rowid>? AND rowid<=? "
                f"ORDER BY rowid DESC LIMIT {_MOST_POSTINGS})",
                (f'{column}:"{word}"', upto, last),
            ).fetchone()[0]
            found = np.fromstring(numbers, np.int64, sep=",")[::-1] if numbers else np.zeros(0, np.int64)
            rows = self.rows_of(found)
            before = kept.rows if kept is not None else np.zeros(0, np.int64)
            rows = np.concatenate([before, rows])[-_MOST_POSTINGS:]
            kept = Postings(rows, len(rows) >= _MOST_POSTINGS)
            if len(self._postings) >= _MOST_WORDS:
                self._postings.clear()
            self._postings[key] = (last, kept)
        return kept

    def _append(self, rows: list[tuple[Any, ...]]) -> None:
        if not rows:
            return
        self._grow(len(rows))
        start, end = self.count, self.count + len(rows)
        seq, project, session, author, time, length, superseded, summary, pinned = zip(*rows, strict=True)
        here = slice(start, end)
        codes = self.codes
        self.seq[here], self.time[here], self.length[here] = seq, time, length
        self.project[here] = [codes.setdefault(name, len(codes)) for name in project]
        self.session[here] = [codes.setdefault(name, len(codes)) for name in session]
        self.author[here] = [codes.setdefault(name.casefold(), len(codes)) for name in author]
        for name in set(author):
            for word in name.casefold().split():
                self.authors.setdefault(word, set()).add(codes[name.casefold()])
        self.superseded[here] = [number or 0 for number in superseded]
        self.alive[here], self.summary[here], self.pinned[here] = True, summary, pinned
        self.previous[here] = self.following[here] = -1
        last = self._last_of_session
        for at, key in enumerate(zip(project, session, summary, strict=True), start=start):
            before = last.get(key)
            if before is not None:
                self.previous[at] = before
                self.following[before] = at
            last[key] = at
        self.count = end
        self.vectors.grow(end)

    def _grow(self, more: int) -> None:
        capacity = len(self.seq)
        if self.count + more <= capacity:
            return
        capacity = max(self.count + more, min(2 * capacity, capacity + 20_000), 256)
        for name in (*_COLUMNS, "previous", "following"):
            old = getattr(self, name)
            new = np.zeros(capacity, old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)

    def _take_vectors(self, db: sqlite3.Connection, rev: int) -> None:
        changed = db.execute("SELECT seq,data FROM vector WHERE rev>? AND rev<=? ORDER BY seq", (self._vector_rev, rev))
        while chunk := changed.fetchmany(4_096):
            seqs = np.fromiter((row[0] for row in chunk), np.int64, len(chunk))
            vectors = np.frombuffer(b"".join(row[1] for row in chunk), np.float16).reshape(-1, DIMENSIONS)
            rows = np.minimum(np.searchsorted(self.seq[: self.count], seqs), self.count - 1)
            there = self.seq[rows] == seqs
            self.vectors.place(rows[there], vectors[there])
        self.vectors.settle()
        self._vector_rev = rev

    def _reset(self) -> None:
        self.__init__()  # type: ignore[misc]
