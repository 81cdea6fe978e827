"""Reads of the index that recall doesn't need: one episode, lists, walks through Trace, facts, figures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.memory.index import COLUMNS, Index, digest
from kiki_core.memory.model import EDGE_KINDS, EdgeKind, Fact, Kept, Link, Step

_MOST_STEPS = 500


class DamagedRow(Exception):
    """An episode whose text isn't what its checksum says."""


def kept(row: Sequence[Any]) -> Kept:
    """The episode of a row of `COLUMNS`."""
    (seq, identity, ref, project, session, author, domain, kind, time, given, question, answer, artefacts,
     verified, pinned, superseded_by) = row  # fmt: skip
    return Kept(
        seq, identity, ref, project, session, author, domain, kind, time,
        json.loads(given) if given is not None else None, question, answer, tuple(json.loads(artefacts or "[]")),
        None if verified is None else bool(verified), bool(pinned), superseded_by,
    )  # fmt: skip


def by_seq(index: Index, seqs: Sequence[int]) -> dict[int, Kept]:
    """Several episodes by number.

    Raises:
        DamagedRow: if one of them was damaged on the disk.
    """
    marks = ",".join("?" * len(seqs))
    rows = index.db.execute(f"SELECT {COLUMNS},digest FROM episode WHERE seq IN ({marks})", tuple(seqs)).fetchall()
    return {row[0]: _checked(row) for row in rows}


def named(index: Index, name: str, project: str | None) -> Kept:
    """The episode that a person names: by id, by the beginning of an id, or by its ref.

    Raises:
        KikiError: if there is none, or several.
    """
    rows = index.db.execute(f"SELECT {COLUMNS},digest FROM episode WHERE id=?", (name,)).fetchall()
    if not rows and name:
        rows = index.db.execute(
            f"SELECT {COLUMNS},digest FROM episode WHERE ref=? AND (? IS NULL OR project=?) ORDER BY seq DESC LIMIT 1",
            (name, project, project),
        ).fetchall()
    if not rows and len(name) >= 4 and all(c in "0123456789abcdef" for c in name.lower()):
        rows = index.db.execute(
            f"SELECT {COLUMNS},digest FROM episode WHERE id>=? AND id<? LIMIT 2", (name.lower(), name.lower() + "g")
        ).fetchall()
    if not rows:
        raise KikiError(f"memory has no episode {name!r}", "see `kiki memory list`")
    if len(rows) > 1:
        raise KikiError(f"{name!r} stands for several episodes", "write more of the id")
    return _checked(rows[0])


def listed(
    index: Index,
    *,
    project: str | None = None,
    session: str | None = None,
    since: float | None = None,
    until: float | None = None,
    kind: str | None = None,
    newest_first: bool = True,
    most: int | None = None,
) -> Iterator[Kept]:
    """Episodes in the order of their times (``newest_first``), or in the order in which they came."""
    tests: list[tuple[str, Any]] = [
        ("project=?", project), ("session=?", session), ("time>=?", since), ("time<?", until), ("kind=?", kind),
    ]  # fmt: skip
    wanted = [(test, value) for test, value in tests if value is not None]
    where = " AND ".join(test for test, _ in wanted) or "1"
    order = "time DESC, seq DESC" if newest_first else "seq"
    rows = index.db.execute(
        f"SELECT {COLUMNS},digest FROM episode WHERE {where} ORDER BY {order} LIMIT ?",
        (*(value for _, value in wanted), -1 if most is None else most),
    )
    for row in rows:
        yield _checked(row)


def links_of(index: Index, seq: int) -> tuple[list[str], list[Link]]:
    """What an episode supersedes, and its other links that a caller gave: by ref where the target has one, else by
    id.
    """
    supersedes, links = [], []
    for kind, ref, target_ref, target_id in index.db.execute(
        "SELECT g.kind, g.ref, e.ref, e.id FROM edge g LEFT JOIN episode e ON e.seq=g.target "
        "WHERE g.source=? AND g.ref!=''",
        (seq,),
    ):
        name = ref or target_ref or target_id
        if kind == "supersedes":
            supersedes.append(name)
        else:
            links.append(Link(kind, name))
    return supersedes, links


def walk(
    index: Index, start: Kept, *, depth: int = 2, kinds: Sequence[EdgeKind] = EDGE_KINDS, direction: str = "both"
) -> list[Step]:
    """The episodes around one, breadth first. ``direction``: "out" (what it rests on), "in" (what rests on it), or
    "both".
    """
    seen, front, steps = {start.seq}, [start.seq], list[Step]()
    for level in range(1, depth + 1):
        reached: list[tuple[int, str, bool]] = []
        for seq in front:
            for other, kind, forwards in _around(index, seq, kinds, direction):
                if other not in seen and len(seen) <= _MOST_STEPS:
                    seen.add(other)
                    reached.append((other, kind, forwards))
        episodes = by_seq(index, [other for other, _, _ in reached])
        steps += [
            Step(episodes[other], kind, forwards, level) for other, kind, forwards in reached if other in episodes
        ]
        front = [other for other, _, _ in reached]
    return steps


def facts_of(index: Index, *, project: str | None = None, current: bool = True, most: int = 200) -> list[Fact]:
    """The facts of a project, newest first. ``current``: only those that hold."""
    rows = index.db.execute(
        "SELECT f.subject,f.value,substr(CASE WHEN e.answer='' THEN e.question ELSE e.answer END, f.at+1, f.length),"
        "e.id,f.valid_from,f.valid_to "
        "FROM fact f JOIN episode e ON e.seq=f.episode "
        "WHERE (? IS NULL OR f.project=?) AND (NOT ? OR (f.valid_to IS NULL AND e.superseded_by IS NULL)) "
        "ORDER BY f.valid_from DESC, e.seq DESC LIMIT ?",
        (project, project, current, most),
    )
    return [Fact(*row) for row in rows]


def figures(index: Index) -> dict[str, Any]:
    """Counts of what the index holds."""

    def count(sql: str) -> int:
        return int(index.db.execute(sql).fetchone()[0])

    return {
        "episodes": count("SELECT count(*) FROM episode WHERE kind='episode'"),
        "summaries": count("SELECT count(*) FROM episode WHERE kind='summary'"),
        "superseded": count("SELECT count(*) FROM episode WHERE superseded_by IS NOT NULL"),
        "pinned": count("SELECT count(*) FROM episode WHERE pinned"),
        "facts": count("SELECT count(*) FROM fact"),
        "edges": dict(index.db.execute("SELECT kind,count(*) FROM edge WHERE target IS NOT NULL GROUP BY kind")),
        "waiting_links": count("SELECT count(*) FROM edge WHERE target IS NULL"),
        "not_encoded": count("SELECT count(*) FROM pending"),
        "projects": dict(index.db.execute("SELECT project,count(*) FROM episode GROUP BY project")),
        "off": [row[0] for row in index.db.execute("SELECT project FROM switch WHERE NOT enabled")],
    }


def enabled(index: Index, project: str) -> bool:
    """Whether a project wants to be remembered."""
    row = index.db.execute("SELECT enabled FROM switch WHERE project=?", (project,)).fetchone()
    return row is None or bool(row[0])


def salvage(path: Any) -> Iterator[tuple[Kept, bytes | None]]:
    """The episodes of a damaged index that can still be read, with their vectors."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        last = connection.execute("SELECT max(seq) FROM episode").fetchone()[0] or 0
    except sqlite3.DatabaseError:
        connection.close()
        return
    for seq in range(1, last + 1):
        try:
            row = connection.execute(f"SELECT {COLUMNS},digest FROM episode WHERE seq=?", (seq,)).fetchone()
            if row is None:
                continue
            episode = _checked(row)
        except (sqlite3.DatabaseError, DamagedRow, ValueError):
            continue
        try:
            vector = connection.execute("SELECT data FROM vector WHERE seq=?", (seq,)).fetchone()
        except sqlite3.DatabaseError:
            vector = None
        yield episode, vector[0] if vector is not None else None
    connection.close()


def _around(index: Index, seq: int, kinds: Sequence[EdgeKind], direction: str) -> list[tuple[int, str, bool]]:
    found: list[tuple[int, str, bool]] = []
    marks = ",".join("?" * len(kinds))
    if direction in ("out", "both"):
        sql = (
            f"SELECT target,kind FROM edge WHERE source=? AND target IS NOT NULL AND kind IN ({marks}) ORDER BY target"
        )
        found += [(other, kind, True) for other, kind in index.db.execute(sql, (seq, *kinds))]
    if direction in ("in", "both"):
        sql = f"SELECT source,kind FROM edge WHERE target=? AND kind IN ({marks}) ORDER BY source"
        found += [(other, kind, False) for other, kind in index.db.execute(sql, (seq, *kinds))]
    return found


def _checked(row: Sequence[Any]) -> Kept:
    *values, checksum = row
    episode = kept(values)
    if digest(episode.question, episode.answer) != checksum:
        raise DamagedRow(episode.id)
    return episode
