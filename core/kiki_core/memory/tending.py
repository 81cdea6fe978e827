"""Compaction: one process at a time encodes, summarises, ages, and folds the log into LanceDB. Bounded in time.

Each step leaves the store whole; one that is cut off is taken up by the next run.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.memory.dream import dream
from kiki_core.memory.index import Index
from kiki_core.memory.log import Position, locked
from kiki_core.memory.store import Memory

if TYPE_CHECKING:
    from kiki_core.config import MemorySettings
    from kiki_core.memory.lance import Lance

_MOST_LOST = 50
_AT_ONCE = 1_000
_FREE_SHARE = 0.1
"""Share of free pages from which on the index is written anew."""


def compact(
    memory: Memory, settings: MemorySettings, *, limit_s: float = 120.0, tell: Callable[[int], None] | None = None
) -> dict[str, Any]:
    """Does all of it and gives figures.

    Raises:
        KikiError: if another process compacts, or LanceDB's store can't be written: then the log keeps everything.
    """
    from kiki_core.memory.lance import Lance

    started = time.monotonic()
    memory.files.read(lambda index: None)  # makes the folder
    with locked(memory.files.path / "compact.lock", wait_s=0.5):
        not_encoded = _encode(memory, limit_s, tell)
        _take_facts(memory)
        aged = _age(memory, settings.retention_days)
        summaries = dream(memory, limit_s=max(5.0, limit_s - (time.monotonic() - started)))
        place = settings.store or str(memory.files.path / "lance")
        lance = Lance(place)
        taken = _take_over(memory, lance) if lance.shared else 0
        written, removed = _fold(memory, lance)
        _shrink(memory)
    return {
        "encoded_left": not_encoded, "aged": aged, "summaries": summaries, "folded": written, "removed": removed,
        "taken_over": taken, "elapsed_s": round(time.monotonic() - started, 2),
    }  # fmt: skip


def _encode(memory: Memory, limit_s: float, tell: Callable[[int], None] | None) -> int:
    try:
        return memory.encode_pending(limit_s, tell)
    except KikiError as error:
        memory.files.note(f"not encoded: {error}")
        return memory.stats()["not_encoded"]  # type: ignore[no-any-return]


def _take_facts(memory: Memory) -> None:
    """Reads the facts again of a store whose earlier format kept them otherwise."""

    def some(index: Index, rev: int) -> None:
        upto = int(index.meta("facts_upto", 0))
        seqs = [
            row[0]
            for row in index.db.execute(
                "SELECT seq FROM episode WHERE seq<=? AND kind='episode' ORDER BY seq DESC LIMIT ?", (upto, _AT_ONCE)
            )
        ]
        for seq in seqs:
            index.take_facts(seq)
        index.set_meta("facts_upto", seqs[-1] - 1 if seqs else 0)

    while memory.files.read(lambda index: int(index.meta("facts_upto", 0))):
        memory.files.in_index(some)


def _age(memory: Memory, days: int) -> int:
    """Forgets what is older than the configuration keeps; never what is pinned."""
    if not days:
        return 0
    limit = time.time() - days * 86_400.0
    old = memory.files.read(
        lambda index: [
            row[0] for row in index.db.execute("SELECT id FROM episode WHERE time<? AND NOT pinned", (limit,))
        ]
    )
    if old:
        memory.files.write(
            lambda index: [{"op": "forget", "ids": old[at : at + 500]} for at in range(0, len(old), 500)]
        )
    return len(old)


def _fold(memory: Memory, lance: Lance) -> tuple[int, int]:
    """Brings Atlas and Trace up to the index. What is written meanwhile goes to a new segment of the log."""
    files = memory.files
    state: dict[str, Any] = {}

    def turn_over(index: Index, rev: int) -> None:
        state["upto"] = rev
        same = index.meta("folded_into") == lance.place and lance.exists()
        state["since"] = int(index.meta("folded", 0)) if same else 0
        state["off"] = [row[0] for row in index.db.execute("SELECT project FROM switch WHERE NOT enabled")]
        state["segment"] = max([index.position.segment, *files.log.segments()]) + 1
        index.set_meta("position", json.dumps([state["segment"], 0]))

    files.in_index(turn_over)
    # The switches are in the log alone, whose old segments will go.
    files.write(lambda index: [{"op": "switch", "project": name, "enabled": False} for name in state["off"]])
    try:
        written, removed = files.read(lambda index: lance.fold(index, state["since"]))
        lance.tidy()
    except KikiError as error:
        if lance.shared:
            raise
        _set_aside(memory, str(error))
        lance = type(lance)(lance.place)
        written, removed = files.read(lambda index: lance.fold(index, 0))
        lance.tidy()

    def folded(index: Index, rev: int) -> None:
        index.set_meta("folded", state["upto"])
        index.set_meta("folded_into", lance.place)
        index.set_meta("log_from", state["segment"])

    files.in_index(folded)
    return written, removed


def _set_aside(memory: Memory, why: str) -> None:
    """A damaged copy in LanceDB is kept under another name and made anew: the index has everything."""
    folder = memory.files.path / "lance"
    aside = folder.with_name(f"damaged-lance-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        folder.rename(aside)
    except OSError as error:
        raise KikiError(f"{folder} is damaged and can't be set aside: {error.strerror}", "check its rights") from error
    memory.files.note(f"{why}; it was made anew, the damaged copy is {aside.name}")


def _take_over(memory: Memory, lance: Lance) -> int:
    """Takes in what others put into a shared store, and forgets what they forgot."""
    if not lance.exists():
        return 0
    there = lance.ids()

    def differences(index: Index) -> tuple[set[str], list[str]]:
        here = {row[0] for row in index.db.execute("SELECT id FROM episode")}
        gone = {row[0] for row in index.db.execute("SELECT id FROM gone")}
        folded = index.meta("folded_into") == lance.place
        old = index.db.execute("SELECT id FROM episode WHERE rev<=?", (index.meta("folded", 0) if folded else 0,))
        return there - here - gone, [row[0] for row in old if row[0] not in there]

    new, lost = memory.files.read(differences)
    if len(lost) > max(_MOST_LOST, len(there)):
        # Somebody emptied or exchanged the store; that isn't forgetting.
        raise KikiError(
            f"memory's store {lance.place} lacks {len(lost)} episodes that were folded into it",
            "check memory.store; to go on with an empty store, choose another address",
        )
    if lost:
        memory.files.write(lambda index: [{"op": "forget", "ids": lost}])
    vectors: dict[str, bytes] = {}

    def build(index: Index) -> list[dict[str, Any]]:
        seq = index.next_seq()
        operations = []
        for operation, vector in lance.operations(new):
            operations.append({**operation, "seq": seq})
            seq += 1
            if vector is not None:
                vectors[operation["id"]] = vector
        return operations

    if new:
        memory.files.write(build)

    def put(index: Index, rev: int) -> None:
        for identity, vector in vectors.items():
            seq = index.seq_of(identity)
            if seq is not None:
                index.put_vector(seq, vector, rev)

    memory.files.in_index(put)
    return len(new)


def _shrink(memory: Memory) -> None:
    """Makes the index durable, lets the log go up to there, and gives back what was freed."""

    def shrunk(index: Index, rev: int) -> None:
        forgotten = index.db.execute("SELECT count(*) FROM gone WHERE rev>?", (index.meta("shrunk", 0),)).fetchone()[0]
        if forgotten:
            # Forgotten words stay in old segments of the full text index until these are merged.
            index.db.execute("INSERT INTO words(words) VALUES('optimize')")
        index.set_meta("shrunk", rev)
        index.set_meta("vacuum", int(bool(forgotten)))

    memory.files.in_index(shrunk)

    def durable(index: Index) -> int:
        free, pages = (index.db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
        if index.meta("vacuum", 0) or free > _FREE_SHARE * pages:
            index.db.execute("VACUUM")
        index.db.execute("PRAGMA synchronous=FULL")
        index.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        index.db.execute("PRAGMA synchronous=NORMAL")
        return int(index.meta("log_from", 0))

    with locked(memory.files.path / "lock"):
        upto = memory.files.read(durable)
        if upto:
            memory.files.log.drop_before(Position(upto, 0))
