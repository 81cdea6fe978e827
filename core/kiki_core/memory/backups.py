"""Taking in what another store exported or backed up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.memory import reading
from kiki_core.memory.index import Index, open_index
from kiki_core.memory.interchange import episode_of, exported
from kiki_core.memory.model import Episode
from kiki_core.memory.store import Memory

_AT_ONCE = 512
_MAGIC = b"SQLite format 3\0"


def is_backup(file: Path) -> bool:
    """Whether a file is what `Memory.backup` wrote."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def import_lines(memory: Memory, lines: Iterable[bytes]) -> None:
    """Takes in exported lines; an episode whose id is there already stays as it is.

    Raises:
        KikiError: at the first line that is no episode; those before it are kept.
    """
    batch: list[Episode] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            batch.append(episode_of(line))
        except KikiError as error:
            memory.add(batch)
            raise KikiError(f"line {number}: {error.wrong}", error.remedy) from error
        if len(batch) == _AT_ONCE:
            memory.add(batch)
            batch = []
    memory.add(batch)


def take_in(memory: Memory, file: Path) -> None:
    """Takes in a backup, with its vectors.

    Raises:
        KikiError: if it is damaged or of another format.
    """
    import json

    try:
        other = open_index(file, create=False, migrate=False)
        try:
            kept = list(reading.listed(other, newest_first=False))
            lines = [json.dumps(exported(one, *reading.links_of(other, one.seq))).encode() for one in kept]
            vectors = dict(
                other.db.execute("SELECT e.id, v.data FROM vector v JOIN episode e ON e.seq=v.seq").fetchall()
            )
        finally:
            other.close()
    except (sqlite3.Error, reading.DamagedRow) as error:
        raise KikiError(f"{file} can't be read as a backup: {error}", "take another one") from error
    import_lines(memory, lines)

    def put(index: Index, rev: int) -> None:
        waiting = index.db.execute("SELECT e.id, p.seq FROM pending p JOIN episode e ON e.seq=p.seq").fetchall()
        for identity, seq in waiting:
            if identity in vectors:
                index.put_vector(seq, vectors[identity], rev)

    memory.files.in_index(put)
