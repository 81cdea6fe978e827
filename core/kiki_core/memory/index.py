"""The index: what serves reads, in SQLite. It follows the log and can be made again from the log and LanceDB.

`Index.apply` is the only place where an operation changes anything, so replaying the log gives the same index.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.memory import facts
from kiki_core.memory.log import Position
from kiki_core.memory.model import Operation
from kiki_core.memory.words import telling, terms

FORMAT = 3
"""Of the whole store. 1 was a single LanceDB table of questions and answers; 2 kept each fact's sentence twice."""

_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE episode(
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, rev INTEGER NOT NULL, ref TEXT NOT NULL, project TEXT NOT NULL,
    session TEXT NOT NULL, author TEXT NOT NULL, domain TEXT NOT NULL, kind TEXT NOT NULL, time REAL NOT NULL,
    given_time,
    question TEXT NOT NULL, answer TEXT NOT NULL, artefacts TEXT NOT NULL, verified INTEGER, pinned INTEGER NOT NULL,
    superseded_by INTEGER, length INTEGER NOT NULL, digest INTEGER NOT NULL);
CREATE INDEX episode_rev ON episode(rev);
CREATE INDEX episode_ref ON episode(ref, project) WHERE ref != '';
CREATE INDEX episode_time ON episode(time);
CREATE INDEX episode_session ON episode(session, project);
CREATE TABLE edge(source INTEGER NOT NULL, kind TEXT NOT NULL, target INTEGER, ref TEXT NOT NULL,
    PRIMARY KEY(source, kind, ref)) WITHOUT ROWID;
CREATE INDEX edge_target ON edge(target);
CREATE INDEX edge_waiting ON edge(ref) WHERE target IS NULL;
CREATE TABLE vector(seq INTEGER PRIMARY KEY, rev INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX vector_rev ON vector(rev);
CREATE TABLE pending(seq INTEGER PRIMARY KEY);
CREATE TABLE gone(seq INTEGER PRIMARY KEY, id TEXT NOT NULL, rev INTEGER NOT NULL);
CREATE TABLE switch(project TEXT PRIMARY KEY, enabled INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(body, names, content='', detail=column,
    tokenize='porter unicode61 remove_diacritics 2');
"""
_FACTS = """
CREATE TABLE fact(episode INTEGER NOT NULL, subject TEXT NOT NULL, value TEXT NOT NULL, bare TEXT NOT NULL,
    at INTEGER NOT NULL, length INTEGER NOT NULL, project TEXT NOT NULL, valid_from REAL NOT NULL, valid_to REAL,
    replaced_by INTEGER);
CREATE INDEX fact_subject ON fact(subject, project, bare) WHERE valid_to IS NULL;
CREATE INDEX fact_bare ON fact(bare, project) WHERE valid_to IS NULL;
CREATE INDEX fact_episode ON fact(episode);
CREATE INDEX fact_replaced ON fact(replaced_by) WHERE replaced_by IS NOT NULL;
"""
"""A fact's sentence is told by its place in the episode's text. The indexes hold what holds: writing stays as cheap as
it was however much was replaced.
"""
COLUMNS = (
    "seq,id,ref,project,session,author,domain,kind,time,given_time,question,answer,artefacts,"
    "verified,pinned,superseded_by"
)


class Index:
    """One connection. Not for several threads at once."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writable: bool) -> None:
        self.path = path
        self.db = connection
        self.writable = writable
        self.inode = path.stat().st_ino

    def close(self) -> None:
        """Lets go of the file."""
        self.db.close()

    @property
    def position(self) -> Position:
        """Up to where the log is in the index."""
        segment, offset = json.loads(self.meta("position", "[0,0]"))
        return Position(segment, offset)

    def meta(self, key: str, default: Any = None) -> Any:
        """A value kept with the index."""
        row = self.db.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
        return default if row is None else row[0]

    def set_meta(self, key: str, value: Any) -> None:
        """Keeps a value with the index."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[int]:
        """All or nothing; gives the revision that marks what changes in it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            revision = int(self.meta("rev", 0)) + 1
            self.set_meta("rev", revision)
            yield revision
            self.db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")
            raise

    def next_seq(self) -> int:
        """The number of the next episode; numbers are never used again."""
        row = self.db.execute(
            "SELECT max((SELECT ifnull(max(seq),0) FROM episode), (SELECT ifnull(max(seq),0) FROM gone))"
        )
        return int(row.fetchone()[0]) + 1

    def apply(self, operation: Operation, rev: int) -> None:
        """Does what a line of the log says. Twice is as good as once."""
        match operation.get("op"):
            case "add":
                self._add(operation, rev)
            case "edit":
                self._edit(operation, rev)
            case "pin":
                self.db.execute(
                    "UPDATE episode SET pinned=?, rev=? WHERE id=?", (operation["pinned"], rev, operation["id"])
                )
            case "forget":
                for identity in operation["ids"]:
                    self._forget(identity, rev)
            case "link":
                seq = self.seq_of(operation["id"])
                if seq is not None:
                    project = self.db.execute("SELECT project FROM episode WHERE seq=?", (seq,)).fetchone()[0]
                    self._link(seq, operation["kind"], operation["ref"], project, rev)
                    self.db.execute("UPDATE episode SET rev=? WHERE seq=?", (rev, seq))
            case "switch":
                self.db.execute(
                    "INSERT OR REPLACE INTO switch VALUES(?,?)", (operation["project"], int(operation["enabled"]))
                )
            case other:
                raise KikiError(f"memory's log has an operation {other!r} that this kiki doesn't know", "update kiki")

    def seq_of(self, identity: str) -> int | None:
        """The number of an episode by its whole id."""
        row = self.db.execute("SELECT seq FROM episode WHERE id=?", (identity,)).fetchone()
        return None if row is None else int(row[0])

    def resolve(self, ref: str, project: str) -> int | None:
        """The episode that a ref names: the newest of the project with that ref, else the one with that id."""
        row = self.db.execute(
            "SELECT seq FROM episode WHERE ref=? AND project=? ORDER BY seq DESC LIMIT 1", (ref, project)
        ).fetchone()
        return int(row[0]) if row is not None else self.seq_of(ref)

    def put_vector(self, seq: int, data: bytes, rev: int) -> None:
        """Keeps an episode's vector (float16), if the episode is still there."""
        if self.db.execute("SELECT 1 FROM episode WHERE seq=?", (seq,)).fetchone():
            self.db.execute("INSERT OR REPLACE INTO vector VALUES(?,?,?)", (seq, rev, data))
        self.db.execute("DELETE FROM pending WHERE seq=?", (seq,))

    def _add(self, given: Operation, rev: int) -> None:
        if self.seq_of(given["id"]) is not None:
            return
        # Of a store that was put together again, the number may be taken.
        seq, question, answer = int(given["seq"]), given["question"], given["answer"]
        if self.db.execute("SELECT 1 FROM episode WHERE seq=?", (seq,)).fetchone():
            seq = self.next_seq()
        project, session, kind = given["project"], given["session"], given["kind"]
        words, names, length = _searchable(question, answer)
        previous = None
        if session and kind == "episode":
            previous = self.db.execute(
                "SELECT max(seq) FROM episode WHERE session=? AND project=? AND kind='episode'", (session, project)
            ).fetchone()[0]
        self.db.execute(
            f"INSERT INTO episode({COLUMNS},rev,length,digest) VALUES({','.join('?' * 19)})",
            (
                seq, given["id"], given["ref"], project, session, given["author"], given["domain"], kind, given["time"],
                json.dumps(given["given_time"]) if given["given_time"] is not None else None,
                question, answer, json.dumps(given["artefacts"]) if given["artefacts"] else "", given["verified"],
                int(given["pinned"]), None, rev, length, digest(question, answer),
            ),
        )  # fmt: skip
        self.db.execute("DELETE FROM gone WHERE id=?", (given["id"],))
        self.db.execute("INSERT INTO words(rowid,body,names) VALUES(?,?,?)", (seq, words, names))
        self.db.execute("INSERT OR IGNORE INTO pending VALUES(?)", (seq,))
        if previous is not None:
            self._edge(seq, "temporal", int(previous), "")
        for ref in given["supersedes"]:
            self._link(seq, "supersedes", ref, project, rev)
        for kind_, ref in given["links"]:
            self._link(seq, kind_, ref, project, rev)
        for name in (given["ref"], given["id"]):
            if name:
                self._arrived(name, seq, project, rev)
        if kind == "episode":
            self.take_facts(seq)

    def _edit(self, given: Operation, rev: int) -> None:
        row = self.db.execute("SELECT seq,question,answer,kind FROM episode WHERE id=?", (given["id"],)).fetchone()
        if row is None:
            return
        seq, question, answer, kind = row
        self._unsearchable(seq, question, answer)
        question, answer = given.get("question", question), given.get("answer", answer)
        words, names, length = _searchable(question, answer)
        self.db.execute(
            "UPDATE episode SET question=?, answer=?, length=?, digest=?, rev=? WHERE seq=?",
            (question, answer, length, digest(question, answer), rev, seq),
        )
        self.db.execute("INSERT INTO words(rowid,body,names) VALUES(?,?,?)", (seq, words, names))
        self.db.execute("DELETE FROM vector WHERE seq=?", (seq,))
        self.db.execute("INSERT OR IGNORE INTO pending VALUES(?)", (seq,))
        if kind == "episode":
            self.take_facts(seq)
        self._drop_summaries(seq, rev)
        self.set_meta("erased", rev)

    def _forget(self, identity: str, rev: int) -> None:
        row = self.db.execute("SELECT seq,question,answer FROM episode WHERE id=?", (identity,)).fetchone()
        if row is None:
            return
        seq, question, answer = row
        self._drop_summaries(seq, rev)
        self._unsearchable(seq, question, answer)
        # What it had superseded holds again, unless something else supersedes it too.
        for (target,) in self.db.execute(
            "SELECT target FROM edge WHERE source=? AND kind='supersedes' AND target IS NOT NULL", (seq,)
        ).fetchall():
            other = self.db.execute(
                "SELECT max(source) FROM edge WHERE target=? AND kind='supersedes' AND source!=?", (target, seq)
            ).fetchone()[0]
            self.db.execute("UPDATE episode SET superseded_by=?, rev=? WHERE seq=?", (other, rev, target))
        self._drop_facts(seq)
        self.db.execute("DELETE FROM edge WHERE source=? OR target=?", (seq, seq))
        self.db.execute("DELETE FROM vector WHERE seq=?", (seq,))
        self.db.execute("DELETE FROM pending WHERE seq=?", (seq,))
        self.db.execute("DELETE FROM episode WHERE seq=?", (seq,))
        self.db.execute("INSERT OR REPLACE INTO gone VALUES(?,?,?)", (seq, identity, rev))
        self.set_meta("erased", rev)

    def _drop_summaries(self, source: int, rev: int) -> None:
        """A summary holds its sources' words: it goes with any of them; the next consolidation writes it anew."""
        for (identity,) in self.db.execute(
            "SELECT e.id FROM edge g JOIN episode e ON e.seq=g.source WHERE g.target=? AND g.kind='summary-of'",
            (source,),
        ).fetchall():
            self._forget(identity, rev)

    def _link(self, seq: int, kind: str, ref: str, project: str, rev: int) -> None:
        target = self.resolve(ref, project)
        target = None if target == seq else target
        self._edge(seq, kind, target, ref)
        if kind == "supersedes" and target is not None:
            self._supersede(target, seq, rev)

    def _edge(self, source: int, kind: str, target: int | None, ref: str) -> None:
        self.db.execute("INSERT OR REPLACE INTO edge VALUES(?,?,?,?)", (source, kind, target, ref))

    def _arrived(self, ref: str, seq: int, project: str, rev: int) -> None:
        """Ties the edges that were waiting for this ref."""
        waiting = self.db.execute(
            "SELECT g.source, g.kind FROM edge g JOIN episode e ON e.seq=g.source "
            "WHERE g.ref=? AND g.target IS NULL AND e.project=? AND g.source!=?",
            (ref, project, seq),
        ).fetchall()
        for source, kind in waiting:
            self._edge(source, kind, seq, ref)
            self.db.execute("UPDATE episode SET rev=? WHERE seq=?", (rev, source))
            if kind == "supersedes":
                self._supersede(seq, source, rev)

    def _supersede(self, old: int, new: int, rev: int) -> None:
        self.db.execute("UPDATE episode SET superseded_by=?, rev=? WHERE seq=?", (new, rev, old))

    def take_facts(self, seq: int) -> None:
        """Reads the facts that an episode states, anew; a newer value ends the older one."""
        self._drop_facts(seq)
        project, moment, text = self.db.execute(
            "SELECT project, time, CASE WHEN answer='' THEN question ELSE answer END FROM episode WHERE seq=?", (seq,)
        ).fetchone()
        for stated in facts.read(text):
            subject = stated.subject
            if stated.old:
                # What the old value is a value of: the newest such fact knows.
                matching = self.db.execute(
                    "SELECT subject FROM fact WHERE bare=? AND project=? AND valid_to IS NULL AND episode!=? "
                    "ORDER BY rowid DESC LIMIT 1",
                    (facts.bare(stated.old), project, seq),
                ).fetchone()
                subject = subject or (matching[0] if matching else facts.key(stated.old))
            row = self.db.execute(
                "INSERT INTO fact VALUES(?,?,?,?,?,?,?,?,NULL,NULL)",
                (seq, subject, stated.value, facts.bare(stated.value), stated.at, stated.length, project, moment),
            ).lastrowid
            self._end_facts(int(row or 0))

    def _end_facts(self, rowid: int) -> None:
        """Ends the facts that one replaces, or that one, if a later value of its subject is known already."""
        seq, subject, value, project, moment = self.db.execute(
            "SELECT episode,subject,bare,project,valid_from FROM fact WHERE rowid=?", (rowid,)
        ).fetchone()
        others = "SELECT rowid,episode,valid_from FROM fact WHERE subject=? AND project=? AND valid_to IS NULL AND bare"
        for other, episode, since in self.db.execute(
            f"{others}<? UNION ALL {others}>?", (subject, project, value, subject, project, value)
        ).fetchall():
            if episode == seq:
                continue
            if self._later(episode, seq):
                self.db.execute(
                    "UPDATE fact SET valid_to=?, replaced_by=? WHERE rowid=?", (max(since, moment), episode, rowid)
                )
                return
            self.db.execute("UPDATE fact SET valid_to=?, replaced_by=? WHERE rowid=?", (max(since, moment), seq, other))

    def _later(self, one: int, other: int) -> bool:
        """Whether an episode is later than another: by their times where a caller wrote one, else as they came."""
        (first, dated), (second, dated_too) = (
            self.db.execute("SELECT time, given_time IS NOT NULL FROM episode WHERE seq=?", (seq,)).fetchone()
            for seq in (one, other)
        )
        return (first, one) > (second, other) if dated or dated_too else one > other

    def _drop_facts(self, seq: int) -> None:
        """Removes an episode's facts; what they had ended holds again, unless something else ended it too."""
        ended = [row[0] for row in self.db.execute("SELECT rowid FROM fact WHERE replaced_by=?", (seq,))]
        self.db.execute("UPDATE fact SET valid_to=NULL, replaced_by=NULL WHERE replaced_by=?", (seq,))
        self.db.execute("DELETE FROM fact WHERE episode=?", (seq,))
        for rowid in ended:
            self._end_facts(rowid)

    def _unsearchable(self, seq: int, question: str, answer: str) -> None:
        words, names, _ = _searchable(question, answer)
        self.db.execute("INSERT INTO words(words,rowid,body,names) VALUES('delete',?,?,?)", (seq, words, names))


def open_index(path: Path, *, create: bool = True, migrate: bool = True, as_is: bool = False) -> Index:
    """Opens the index, making it if it isn't there, and brings one of format 2 up to this one unless ``migrate`` is
    false. A folder that can't be written gives one that can only be read, as does ``as_is``.

    Raises:
        KikiError: if it was made by a newer kiki.
        sqlite3.Error: if it is damaged or can't be opened.
    """
    made = path.exists()
    if not made and not create:
        raise FileNotFoundError(path)
    writable = not as_is and os.access(path if made else path.parent, os.W_OK) and os.access(path.parent, os.W_OK)
    connection = _connect(path) if writable else _connect_read_only(path)
    try:
        if writable:
            connection.execute("PRAGMA journal_mode=WAL")
        tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name='meta'").fetchone()[0]
        if not tables:
            connection.executescript(
                f"BEGIN IMMEDIATE;{_SCHEMA}{_FACTS}"
                f"INSERT INTO meta VALUES('format',{FORMAT}),('made',{time.time()});COMMIT;"
            )
        index = Index(path, connection, writable=writable)
        found = index.meta("format", 0)
        if found == 2 and writable and migrate:
            connection.executescript(
                f"BEGIN IMMEDIATE;DROP TABLE fact;{_FACTS}INSERT OR REPLACE INTO meta VALUES('format',{FORMAT}),"
                "('facts_upto',(SELECT ifnull(max(seq),0) FROM episode));COMMIT;"
            )
            found = FORMAT
        if found == 2 and migrate:
            where = f"memory at {path.parent} has format 2 and is read-only"
            raise KikiError(where, "open it once where it can be written")
        if found != FORMAT and found != 2:
            raise KikiError(f"memory at {path.parent} has format {found}, this kiki knows {FORMAT}", "update kiki")
        return index
    except BaseException:
        connection.close()
        raise


def digest(question: str, answer: str) -> int:
    """A checksum of an episode's texts: a damaged page may still be a valid row."""
    return zlib.crc32(f"{question}\0{answer}".encode())


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA synchronous=NORMAL")  # the log is what is durable
    connection.execute("PRAGMA cache_size=-16000")
    return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    for mode in ("mode=ro", "immutable=1"):  # the second needs no room and no rights, and doesn't see a journal
        connection = sqlite3.connect(f"file:{path}?{mode}", uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.OperationalError:
            connection.close()
            continue
        return connection
    raise KikiError(f"memory can't be read: {path}", "check the rights of its folder")


def _searchable(question: str, answer: str) -> tuple[str, str, int]:
    found = terms(f"{question}\n{answer}")
    words = [word for word in found.words if telling(word)]
    names = [*found.names, *found.quantities]
    return " ".join(words), " ".join(names), len(set(words)) + len(names)
