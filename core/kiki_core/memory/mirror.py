"""What recall keeps in this process: columns of all episodes, their vectors, the postings of words asked for.

Made from the index at the first recall, then kept up with what any process wrote, by revisions. A hundred thousand
episodes take about 115 MB.

Vectors are float16; above `_EXACT` of them they are turned so that their first dimensions hold most of what tells them
apart (principal axes, which keeps all inner products), scanned in those dimensions, and the best are compared exactly.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from kiki_core.memory.index import Index

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIMENSIONS = 384
_EXACT = 8_192
_PREFIX = 64
_RESCORED = 600
_MOST_POSTINGS = 6_000
"""A word in more episodes than this is scored in the newest of them only: it tells little."""
_MOST_WORDS = 4_000


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
    vectors: NDArray[Any] = field(default_factory=lambda: np.zeros((0, DIMENSIONS), np.float16))
    prefix: NDArray[Any] = field(default_factory=lambda: np.zeros((0, DIMENSIONS), np.float32))
    turned: NDArray[Any] | None = None
    codes: dict[str, int] = field(default_factory=lambda: {"": 0})
    """Projects, sessions and authors as numbers."""
    authors: dict[str, set[int]] = field(default_factory=dict)
    """The authors' numbers by each word of their names."""
    _rev: int = 0
    _vector_rev: int = 0
    _last_of_session: dict[tuple[int, int], int] = field(default_factory=dict)
    _postings: dict[str, tuple[int, Postings]] = field(default_factory=dict)

    def follow(self, index: Index) -> None:
        """Takes in what changed in the index since the last time."""
        rev = int(index.meta("rev", 0))
        if rev == self._rev:
            return
        db = index.db
        known = int(self.seq[self.count - 1]) if self.count else 0
        rows = db.execute(
            "SELECT seq,project,session,author,time,length,superseded_by,kind='summary',pinned FROM episode "
            "WHERE rev>? AND rev<=? ORDER BY seq",
            (self._rev, rev),
        ).fetchall()
        fresh = [row for row in rows if row[0] > known]
        changed = [row for row in rows if row[0] <= known]
        self._grow(len(fresh))
        for row in fresh:
            self._append(row)
        for row in changed:
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

    def nearest(self, vector: NDArray[Any], mask: NDArray[Any], most: int) -> Any:
        """The rows most similar to a unit vector among those of the mask, best first."""
        if not self.count:
            return np.zeros(0, np.int64)
        turned = vector if self.turned is None else vector @ self.turned
        width = self.prefix.shape[1]
        scores = self.prefix[: self.count] @ turned[:width]
        scores[~mask] = -np.inf
        wanted = min(most if self.turned is None else max(most, _RESCORED), self.count)
        best = np.argpartition(-scores, wanted - 1)[:wanted]
        best = best[np.isfinite(scores[best])]
        if self.turned is not None:
            scores[best] = self.similar(vector, best)
        return best[np.argsort(-scores[best], kind="stable")][:most]

    def similar(self, vector: NDArray[Any], rows: NDArray[Any]) -> Any:
        """The cosines of rows to a unit vector; 0 for an episode whose vector is still to come."""
        turned = vector if self.turned is None else vector @ self.turned
        return self.vectors[rows].astype(np.float32) @ turned.astype(np.float32)

    def postings(self, index: Index, column: str, word: str) -> Postings:
        """The rows that have a word in a column of the full text index, kept and kept up."""
        key = f"{column}:{word}"
        upto, kept = self._postings.get(key, (0, None))
        last = int(self.seq[self.count - 1]) if self.count else 0
        if kept is None or upto < last:
            match = f'{column}:"{word}"'
            found = index.db.execute(
                f"SELECT rowid FROM words WHERE words MATCH ? AND rowid>? AND rowid<=? ORDER BY rowid DESC LIMIT {_MOST_POSTINGS}",
                (match, upto, last),
            ).fetchall()
            rows = self.rows_of(np.fromiter((row[0] for row in reversed(found)), np.int64, len(found)))
            before = kept.rows if kept is not None else np.zeros(0, np.int64)
            rows = np.concatenate([before, rows])[-_MOST_POSTINGS:]
            kept = Postings(rows, len(rows) >= _MOST_POSTINGS)
            if len(self._postings) >= _MOST_WORDS:
                self._postings.clear()
            self._postings[key] = (last, kept)
        return kept

    def _append(self, row: tuple[Any, ...]) -> None:
        at = self.count
        seq, project, session, author, time, length, superseded, summary, pinned = row
        codes = [self.codes.setdefault(text, len(self.codes)) for text in (project, session, author.casefold())]
        for word in author.casefold().split():
            self.authors.setdefault(word, set()).add(codes[2])
        self.seq[at], self.time[at], self.length[at] = seq, time, length
        self.project[at], self.session[at], self.author[at] = codes
        self.alive[at], self.superseded[at], self.summary[at], self.pinned[at] = True, superseded or 0, summary, pinned
        self.previous[at] = self.following[at] = -1
        if not summary:
            before = self._last_of_session.get((codes[0], codes[1]))
            if before is not None:
                self.previous[at], self.following[before] = before, at
            self._last_of_session[codes[0], codes[1]] = at
        self.count += 1

    def _grow(self, more: int) -> None:
        capacity = len(self.seq)
        if self.count + more <= capacity:
            return
        capacity = max(self.count + more, min(2 * capacity, capacity + 20_000), 256)
        names = (
            "seq", "project", "session", "author", "time", "length", "alive", "superseded", "summary", "pinned",
            "previous", "following", "vectors", "prefix",
        )  # fmt: skip
        for name in names:
            old = getattr(self, name)
            new = np.zeros((capacity, *old.shape[1:]), old.dtype)
            new[: self.count] = old[: self.count]
            setattr(self, name, new)

    def _take_vectors(self, db: sqlite3.Connection, rev: int) -> None:
        changed = db.execute("SELECT seq,data FROM vector WHERE rev>? AND rev<=? ORDER BY seq", (self._vector_rev, rev))
        while chunk := changed.fetchmany(4_096):
            seqs = np.fromiter((row[0] for row in chunk), np.int64, len(chunk))
            vectors = np.frombuffer(b"".join(row[1] for row in chunk), np.float16).reshape(-1, DIMENSIONS)
            there = np.isin(seqs, self.seq[: self.count])
            self._place(np.searchsorted(self.seq[: self.count], seqs[there]), vectors[there])
            if self.turned is None and self.count > _EXACT:
                self._turn()
        self._vector_rev = rev

    def _place(self, rows: NDArray[Any], vectors: NDArray[Any]) -> None:
        exact = vectors.astype(np.float32)
        if self.turned is not None:
            exact = exact @ self.turned
        self.vectors[rows] = exact.astype(np.float16)
        self.prefix[rows] = exact[:, : self.prefix.shape[1]]

    def _turn(self) -> None:
        """Turns all vectors to the principal axes of a sample."""
        have = np.flatnonzero(self.prefix[: self.count, :8].any(axis=1))
        if len(have) < _EXACT // 2:
            return
        sample = self.prefix[have[:: max(1, len(have) // 6_000)]]
        _, axes = np.linalg.eigh(sample.T @ sample)
        self.turned = np.ascontiguousarray(axes[:, ::-1], np.float32)
        narrow = np.zeros((len(self.seq), _PREFIX), np.float32)
        for start in range(0, self.count, 16_384):
            part = slice(start, min(start + 16_384, self.count))
            exact = self.prefix[part] @ self.turned
            self.vectors[part] = exact.astype(np.float16)
            narrow[part] = exact[:, :_PREFIX]
        self.prefix = narrow

    def _reset(self) -> None:
        self.__init__()  # type: ignore[misc]
