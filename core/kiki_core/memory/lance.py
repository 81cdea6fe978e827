"""Atlas and Trace: the tables in LanceDB that hold what the log held, for good, and for a team.

Atlas has a row for each episode, Trace one for each edge. Compaction brings them up to the index in batches, keyed
by the
episodes' own ids, so a fold that was cut off is simply done again. Importing LanceDB takes seconds: only compaction and
the making of a new index do.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.memory.index import Index
from kiki_core.memory.model import Operation
from kiki_core.memory.scan import DIMENSIONS

_BATCH = 4_096
_TEXTS = ("ref", "project", "session", "author", "domain", "kind", "given_time", "question", "answer", "artefacts")


class Lance:
    """The two tables in one place: a folder, or an address such as `s3://bucket/path`."""

    def __init__(self, place: str) -> None:
        import lancedb

        self.place = place
        self.shared = "://" in place
        try:
            self._database: Any = lancedb.connect(place)
        except (OSError, RuntimeError, ValueError) as error:
            raise KikiError(
                f"memory's store {place} can't be opened: {_first_line(error)}", "check memory.store"
            ) from error

    def fold(self, index: Index, since: int) -> tuple[int, int]:
        """Writes the episodes and edges that changed after a revision, removes those forgotten after it.

        Raises:
            KikiError: if the store refuses.
        """
        changed = [
            row[0] for row in index.db.execute(
                "SELECT seq FROM episode WHERE rev>? UNION SELECT seq FROM vector WHERE rev>? ORDER BY 1",
                (since, since),
            )
        ]  # fmt: skip
        gone = [row[0] for row in index.db.execute("SELECT id FROM gone WHERE rev>?", (since,))]
        try:
            self._mend()
            atlas, trace = self._table("atlas"), self._table("trace")
            for start in range(0, len(changed), _BATCH):
                seqs = changed[start : start + _BATCH]
                rows = _rows(index, seqs)
                ids = [row["id"] for row in rows]
                if atlas.count_rows():
                    atlas.merge_insert("id").when_matched_update_all().when_not_matched_insert_all().execute(
                        _arrow(rows, _atlas_schema())
                    )
                    _delete(trace, "source", ids)
                else:
                    atlas.add(_arrow(rows, _atlas_schema()))
                edges = _edges(index, seqs)
                if edges:
                    trace.add(_arrow(edges, _trace_schema()))
            _delete(atlas, "id", gone)
            _delete(trace, "source", gone)
            _delete(trace, "target", gone)
            if int(index.meta("erased", 0)) > since > 0:
                self._rewrite("atlas")
        except (OSError, RuntimeError, ValueError) as error:
            raise KikiError(
                f"memory's store {self.place} can't be written: {_first_line(error)}", "see docs/memory.md"
            ) from error
        return len(changed), len(gone)

    def tidy(self) -> None:
        """Joins fragments and lets go of old versions, so that files stay few and what was forgotten is gone.

        Raises:
            KikiError: if the store refuses.
        """
        # Others may still be reading a version of a shared store.
        keep = timedelta(hours=1) if self.shared else timedelta(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # no other process has a local store open: the lock
                for name in ("atlas", "trace"):
                    self._table(name).optimize(cleanup_older_than=keep, delete_unverified=not self.shared)
        except (OSError, RuntimeError, ValueError) as error:
            raise KikiError(
                f"memory's store {self.place} can't be tidied: {_first_line(error)}", "try again"
            ) from error
        if not self.shared:
            _make_durable(Path(self.place))

    def ids(self) -> set[str]:
        """The ids of all episodes."""
        return set(self._table("atlas").search().select(["id"]).limit(None).to_arrow()["id"].to_pylist())

    def operations(self, wanted: set[str] | None = None) -> Iterator[tuple[Operation, bytes | None]]:
        """The log lines that add the episodes again, with their vectors, in the order in which they came first."""
        links: dict[str, list[dict[str, Any]]] = {}
        for edge in self._table("trace").search().limit(None).to_arrow().to_pylist():
            links.setdefault(edge["source"], []).append(edge)
        order = self._table("atlas").search().select(["id", "seq"]).limit(None).to_arrow().to_pylist()
        ids = [row["id"] for row in sorted(order, key=lambda row: row["seq"]) if wanted is None or row["id"] in wanted]
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            rows = self._table("atlas").search().where(_among("id", part)).limit(len(part) + 1).to_arrow().to_pylist()
            for row in sorted(rows, key=lambda row: row["seq"]):
                yield _operation(row, links.get(row["id"], []))

    def _rewrite(self, name: str) -> None:
        """Writes a table anew: a removed row otherwise stays in its file, marked, until many are."""
        import pyarrow as pa

        table = self._table(name)
        rows = pa.RecordBatchReader.from_batches(table.schema, table.search().limit(None).to_batches(_BATCH))
        self._database.create_table(f"{name}_new", data=rows)
        fresh = self._database.open_table(f"{name}_new")
        again = pa.RecordBatchReader.from_batches(fresh.schema, fresh.search().limit(None).to_batches(_BATCH))
        self._database.create_table(name, data=again, mode="overwrite")
        self._database.drop_table(f"{name}_new")

    def exists(self) -> bool:
        """Whether anything was folded here."""
        return "atlas" in self._names()

    def _mend(self) -> None:
        """Removes the copy that a rewriting left when it was cut off; replacing a table is one step."""
        if "atlas_new" in self._names():
            self._database.drop_table("atlas_new")

    def _names(self) -> list[str]:
        return list(self._database.list_tables().tables)

    def _table(self, name: str) -> Any:
        schema = _atlas_schema() if name == "atlas" else _trace_schema()
        return self._database.create_table(name, schema=schema, exist_ok=True)


def restore(folder: Path, index: Index, note: Callable[[str], None]) -> None:
    """Puts into a new index what LanceDB holds, and what a store of format 1 held."""
    if (folder / "lance" / "atlas.lance").exists():
        try:
            _put(index, Lance(str(folder / "lance")).operations())
        except (KikiError, OSError, RuntimeError, ValueError) as error:
            note(f"{folder / 'lance'} is damaged: {_first_line(error)}; what the log and the old index have is used")
    if (folder / "episodes.lance").exists():
        _migrate(folder, index, note)


def _put(index: Index, operations: Iterator[tuple[Operation, bytes | None]]) -> None:
    with index.transaction() as rev:
        for operation, vector in operations:
            index.apply(operation, rev)
            seq = index.seq_of(operation["id"])
            if vector is not None and seq is not None:
                index.put_vector(seq, vector, rev)


def _migrate(folder: Path, index: Index, note: Callable[[str], None]) -> None:
    """Format 1: one table of questions and answers. It is kept aside under another name."""
    import lancedb

    def each() -> Iterator[tuple[Operation, bytes | None]]:
        table = lancedb.connect(str(folder)).open_table("episodes")
        rows = sorted(table.to_arrow().to_pylist(), key=lambda row: row["time"])
        for seq, row in enumerate(rows, start=index.next_seq()):
            yield {
                "op": "add", "seq": seq, "id": row["id"], "ref": "", "project": "", "session": row["session"],
                "author": "",
                "domain": row["domain"], "kind": "episode", "time": row["time"], "given_time": None,
                "question": row["question"], "answer": row["answer"], "artefacts": row["artefacts"].split(),
                "verified": {"true": True, "false": False}.get(row["verified"]), "pinned": False,
                "supersedes": [], "links": [],
            }, None  # fmt: skip

    try:
        _put(index, each())
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        note(f"{folder / 'episodes.lance'}: the store of an earlier kiki can't be read: {_first_line(error)}")
        return
    os.replace(folder / "episodes.lance", folder / "episodes.format1")
    note(f"memory was moved from format 1 to 2; the old table is {folder / 'episodes.format1'}")


def _rows(index: Index, seqs: Sequence[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(seqs))
    found = index.db.execute(
        f"SELECT e.id,e.seq,e.time,e.verified,e.pinned,s.id,v.data,{','.join('e.' + name for name in _TEXTS)} "
        "FROM episode e "
        f"LEFT JOIN vector v ON v.seq=e.seq LEFT JOIN episode s ON s.seq=e.superseded_by WHERE e.seq IN ({marks})",
        tuple(seqs),
    )
    rows = []
    for identity, seq, moment, verified, pinned, newer, vector, *texts in found:
        row = {
            "id": identity, "seq": seq, "time": moment, "verified": None if verified is None else bool(verified),
            "pinned": bool(pinned), "superseded_by": newer, "vector": vector,
        }  # fmt: skip
        rows.append({**row, **dict(zip(_TEXTS, texts, strict=True))})
    return rows


def _edges(index: Index, seqs: Sequence[int]) -> list[dict[str, Any]]:
    marks = ",".join("?" * len(seqs))
    found = index.db.execute(
        f"SELECT s.id, g.kind, g.ref, t.id FROM edge g JOIN episode s ON s.seq=g.source "
        "LEFT JOIN episode t ON t.seq=g.target "
        f"WHERE g.source IN ({marks})",
        tuple(seqs),
    )
    return [dict(zip(("source", "kind", "ref", "target"), row, strict=True)) for row in found]


def _operation(row: dict[str, Any], edges: list[dict[str, Any]]) -> tuple[Operation, bytes | None]:
    import numpy as np

    named = [
        (edge["kind"], edge["ref"] or edge["target"]) for edge in edges if edge["kind"] != "temporal" or edge["ref"]
    ]
    vector = np.array(row["vector"], np.float16)
    given = row["given_time"]
    operation = {
        "op": "add", "seq": row["seq"], "id": row["id"], "time": row["time"], "verified": row["verified"],
        "pinned": row["pinned"], **{name: row[name] for name in _TEXTS},
        "given_time": json.loads(given) if given is not None else None,
        "artefacts": json.loads(row["artefacts"] or "[]"),
        "supersedes": [ref for kind, ref in named if kind == "supersedes" and ref],
        "links": [[kind, ref] for kind, ref in named if kind != "supersedes" and ref],
    }  # fmt: skip
    return operation, vector.tobytes() if vector.any() else None


def _atlas_schema() -> Any:
    import pyarrow as pa

    return pa.schema(
        [
            ("id", pa.string()),
            ("seq", pa.int64()),
            ("time", pa.float64()),
            ("verified", pa.bool_()),
            ("pinned", pa.bool_()),
        ]
        + [("superseded_by", pa.string()), ("vector", pa.list_(pa.float16(), DIMENSIONS))]
        + [(name, pa.string()) for name in _TEXTS]
    )


def _trace_schema() -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.string()) for name in ("source", "kind", "ref", "target")])


def _arrow(rows: list[dict[str, Any]], schema: Any) -> Any:
    import numpy as np
    import pyarrow as pa

    columns = []
    for column in schema:
        values = [row[column.name] for row in rows]
        if column.name == "vector":
            # Zeros, not null, for what isn't encoded yet: LanceDB refuses a column of vectors and nulls.
            whole = b"".join(value if value is not None else b"\0" * (2 * DIMENSIONS) for value in values)
            columns.append(pa.FixedSizeListArray.from_arrays(pa.array(np.frombuffer(whole, np.float16)), DIMENSIONS))
        else:
            columns.append(pa.array(values, column.type))
    return pa.Table.from_arrays(columns, schema=schema)


def _delete(table: Any, column: str, values: Sequence[str]) -> None:
    for start in range(0, len(values), 1_000):
        table.delete(_among(column, values[start : start + 1_000]))


def _among(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({','.join(chr(39) + value + chr(39) for value in values)})"  # ids are hexadecimal


def _make_durable(folder: Path) -> None:
    """LanceDB leaves its files to the operating system; before the log lets go of them they must be on the disk."""
    for root, _, files in os.walk(folder):
        for name in [*files, ""]:
            descriptor = os.open(os.path.join(root, name), os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
