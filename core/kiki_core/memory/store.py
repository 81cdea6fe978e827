"""Aeon's store: one folder that the terminal, the editor and headless runs share.

A write goes to the log (on the disk before it is acknowledged) and to the index (which serves every read) under one
lock.
Vectors follow: an episode that isn't encoded yet is found by its words. LanceDB takes over what is old in batches
(`kiki_core.memory.tending`).
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.encoder import Encoder
from kiki_core.errors import KikiError
from kiki_core.memory import reading, secrets
from kiki_core.memory.asking import Query
from kiki_core.memory.asking import read as read_query
from kiki_core.memory.folder import Folder
from kiki_core.memory.index import Index
from kiki_core.memory.model import EDGE_KINDS, MOST_TEXT, Episode, Fact, Kept, Operation, Recollection, Step

if TYPE_CHECKING:
    from kiki_core.memory.mirror import Mirror

_MOST_ENCODED = 1_500
"""Characters of a text that are encoded: about what the encoder reads."""
_BATCH = 16
_IDLE_S = 0.05


class Memory:
    """The store below one folder, for one project. Blocking: call it from a thread. Cheap to make."""

    def __init__(self, folder: Path, encoder: Encoder, *, project: str = "") -> None:
        self.files = Folder(folder)
        self.project = project
        self._encoder = encoder
        self._mutex = threading.RLock()
        self._mirror: tuple[int, Mirror] | None = None
        self._encoding: threading.Thread | None = None
        self._closing = threading.Event()
        self._last_use = 0.0

    # Writing

    def remember(self, episode: Episode) -> str:
        """Keeps the episode and gives its id; on return it is durable. Its vector follows in the background.

        If the project's memory is off, nothing is kept and the id is empty.

        Raises:
            KikiError: if the store can't be written.
        """
        if not self.enabled(episode.project):
            return ""
        identity = self.add([episode])[0]
        self.encode_in_background()
        return identity

    def add(self, episodes: Sequence[Episode]) -> list[str]:
        """Keeps several episodes in one durable step, all or none, and gives their ids.

        An episode with the ref, text and session of one that is there is that one: a retry makes no second.

        Raises:
            KikiError: if one is empty, the store can't be written, or a project's memory is off.
        """
        drafts = [self._draft(episode) for episode in episodes]

        def build(index: Index) -> list[Operation]:
            seq = index.next_seq()
            operations: list[Operation] = []
            given: dict[object, str] = {}
            for draft in drafts:
                if not reading.enabled(index, draft["project"]):
                    where = draft["project"] or "what belongs to no project"
                    raise KikiError(f"memory is off for {where}", "turn it on with `kiki memory on`")
                same = _identity(draft)
                there = _same(index, draft) or given.get(same)
                if there is not None:
                    draft["id"] = there
                    continue
                given[same] = draft["id"]
                operations.append({**draft, "seq": seq})
                seq += 1
            return operations

        self.files.write(build)
        return [draft["id"] for draft in drafts]

    def edit(self, name: str, text: str, answer: str | None = None) -> str:
        """Replaces the text of an episode (and its answer, if given).

        Raises:
            KikiError: if there is no such episode, the text is empty, or the store can't be written.
        """
        if not text.strip():
            raise KikiError("the new text is empty", "to remove an episode, forget it")
        values = {"text": self._clean(text)} | ({} if answer is None else {"answer": self._clean(answer)})
        values["question"] = values.pop("text")
        return self._change(name, lambda identity: {"op": "edit", "id": identity, **values})

    def pin(self, name: str, *, pinned: bool = True) -> str:
        """Keeps an episode from ageing out, or no longer."""
        return self._change(name, lambda identity: {"op": "pin", "id": identity, "pinned": pinned})

    def link(self, name: str, kind: str, ref: str) -> str:
        """Adds an edge from one episode to another."""
        if kind not in EDGE_KINDS:
            raise KikiError(f"unknown kind of link {kind!r}", f"one of {', '.join(EDGE_KINDS)}")
        return self._change(name, lambda identity: {"op": "link", "id": identity, "kind": kind, "ref": ref})

    def forget(self, names: Sequence[str]) -> list[str]:
        """Forgets episodes: from now on nothing finds them; after a compaction no file holds them.

        Raises:
            KikiError: if one isn't there, or the store can't be written; then none is forgotten.
        """
        found: list[str] = []

        def build(index: Index) -> list[Operation]:
            found.extend(reading.named(index, name, self.project).id for name in names)
            return [{"op": "forget", "ids": found}] if found else []

        self.files.write(build)
        return found

    def switch(self, project: str, *, enabled: bool) -> None:
        """Turns the memory of a project on or off. Off: nothing of it is stored or recalled; what is there stays."""
        self.files.write(lambda index: [{"op": "switch", "project": project, "enabled": enabled}])

    # Reading

    def recall(
        self, query: str, k: int = 3, *, session: str = "", budget: int | None = None, most_text: int | None = None
    ) -> list[Recollection]:
        """What is relevant to a question in this project, best first; possibly nothing. ``budget``: tokens of all
        texts, each cut after ``most_text`` characters.

        Raises:
            KikiError: if the store can't be read.
        """
        self._encode_pending(limit_s=0.3)
        found = self.search(Query(query, k, self.project, session, relevant=True, budget=budget, most_text=most_text))
        self.encode_in_background()
        return found

    def search(self, query: Query) -> list[Recollection]:
        """The best episodes for a query, with their reasons.

        Raises:
            KikiError: if the store can't be read.
        """
        from kiki_core.memory.mirror import Mirror
        from kiki_core.memory.recall import recall

        self._last_use = time.monotonic()
        asked = read_query(query)
        vector = self._vector(asked.text)

        def found(index: Index) -> list[Recollection]:
            if query.project is not None and not reading.enabled(index, query.project):
                return []
            if self._mirror is None or self._mirror[0] != self.files.opened:
                self._mirror = (self.files.opened, Mirror())
            mirror = self._mirror[1]
            mirror.follow(index)
            hits = recall(mirror, index, query, asked, vector)
            seqs = [int(mirror.seq[hit.row]) for hit in hits]
            episodes = self._readable(index, seqs)
            return [
                _recollection(episodes[seq], hit.score, hit.why, query.most_text)
                for seq, hit in zip(seqs, hits, strict=True)
                if seq in episodes
            ]

        return self.files.read(found)

    def get(self, name: str) -> Kept:
        """An episode by id, the beginning of its id, or its ref.

        Raises:
            KikiError: if there is none, or several.
        """
        return self.files.read(lambda index: reading.named(index, name, self.project))

    def links(self, episode: Kept) -> tuple[list[str], list[Any]]:
        """What an episode supersedes, and its other links."""
        return self.files.read(lambda index: reading.links_of(index, episode.seq))

    def episodes(self, **choice: Any) -> list[Kept]:
        """Episodes by time, session, project; see `reading.listed`."""
        return self.files.read(lambda index: list(reading.listed(index, **choice)))

    def walk(self, name: str, **choice: Any) -> list[Step]:
        """The episodes around one; see `reading.walk`."""
        return self.files.read(lambda index: reading.walk(index, reading.named(index, name, self.project), **choice))

    def facts(self, **choice: Any) -> list[Fact]:
        """What holds, as short statements; see `reading.facts_of`."""
        return self.files.read(lambda index: reading.facts_of(index, **choice))

    def enabled(self, project: str | None = None) -> bool:
        """Whether a project's memory is on."""
        return self.files.read(lambda index: reading.enabled(index, self.project if project is None else project))

    def stats(self) -> dict[str, Any]:
        """Counts, and the size of the files in bytes."""
        counted = self.files.read(reading.figures)
        files = [path for path in self.files.path.rglob("*") if path.is_file()]
        return {
            **counted,
            "files": len(files),
            "bytes": sum(path.stat().st_size for path in files),
            "log_bytes": self.files.log.size(),
        }

    def backup(self, target: Path) -> None:
        """Copies the store into one new file while it is in use; `kiki memory import` reads it.

        Raises:
            KikiError: if the file is there already or can't be written.
        """
        if target.exists():
            raise KikiError(f"{target} exists", "name a new file")

        def copied(index: Index) -> None:
            other = sqlite3.connect(target)
            try:
                index.db.backup(other, pages=2_000, sleep=0.001)
            finally:
                other.close()

        self.files.read(copied)

    # Vectors

    def encode_pending(self, limit_s: float = math.inf, tell: Callable[[int], None] | None = None) -> int:
        """Encodes what isn't yet, newest first, for at most about ``limit_s``; gives how many are left.

        Raises:
            KikiError: if the encoder isn't here, or the store can't be written.
        """
        deadline = time.monotonic() + limit_s
        while True:
            left = self._encode_some()
            if tell is not None:
                tell(left)
            if not left or time.monotonic() >= deadline:
                return left

    def encode_in_background(self) -> None:
        """Encodes what isn't yet while nobody recalls."""
        with self._mutex:
            if self._encoding is None or not self._encoding.is_alive():
                self._encoding = threading.Thread(target=self._encode_while_idle, name="memory-encoder", daemon=True)
                self._encoding.start()

    def close(self) -> None:
        """Lets go of the files."""
        self._closing.set()
        if self._encoding is not None:
            self._encoding.join(timeout=5)
        self.files.close()
        self._mirror = None
        self._closing.clear()

    def _encode_while_idle(self) -> None:
        try:
            while not self._closing.is_set():
                if time.monotonic() - self._last_use < _IDLE_S:
                    self._closing.wait(_IDLE_S)
                elif not self._encode_some():
                    return
        except KikiError as error:
            self.files.note(f"not encoded yet: {error}")

    def _encode_pending(self, limit_s: float) -> None:
        try:
            self.encode_pending(limit_s)
        except KikiError as error:
            self.files.note(f"not encoded yet: {error}")

    def _encode_some(self) -> int:
        def some(index: Index) -> tuple[list[tuple[int, str]], int]:
            rows = index.db.execute(
                "SELECT p.seq, e.author, e.question, e.answer FROM pending p "
                "JOIN episode e ON e.seq=p.seq ORDER BY p.seq DESC LIMIT ?",
                (_BATCH,),
            ).fetchall()
            total = index.db.execute("SELECT count(*) FROM pending").fetchone()[0]
            return [(seq, _encodable(*texts)) for seq, *texts in rows], total

        batch, total = self.files.read(some)
        if not batch or not self.files.writable:
            return 0
        import numpy as np

        vectors = [self._encoder.encode([text])[0].astype(np.float16).tobytes() for _, text in batch]

        def put(index: Index, rev: int) -> None:
            for (seq, _), vector in zip(batch, vectors, strict=True):
                index.put_vector(seq, vector, rev)

        self.files.in_index(put)
        return max(0, total - len(batch))

    def _vector(self, text: str) -> Any:
        try:
            return self._encoder.encode([text])[0]
        except KikiError as error:
            self.files.note(f"recalled by words alone: {error}")
            return None

    def _change(self, name: str, change: Callable[[str], Operation]) -> str:
        found: list[str] = []

        def build(index: Index) -> list[Operation]:
            found.append(reading.named(index, name, self.project).id)
            return [change(found[-1])]

        self.files.write(build)
        return found[-1]

    def _draft(self, episode: Episode) -> Operation:
        if not episode.question.strip():
            raise KikiError("there is nothing to remember: the text is empty", "write some")
        moment = time.time() if episode.time is None else episode.time
        return {
            "op": "add",
            "id": episode.id or uuid.uuid4().hex,
            "ref": _plain(episode.ref),
            "project": self.project if episode.project is None else _plain(episode.project),
            "session": _plain(episode.session),
            "author": _plain(episode.author),
            "domain": _plain(episode.domain),
            "kind": episode.kind,
            "time": moment,
            "given_time": episode.given_time,
            "question": self._clean(episode.question),
            "answer": self._clean(episode.answer),
            "artefacts": list(episode.artefacts),
            "verified": episode.verified,
            "pinned": episode.pinned,
            "supersedes": [_plain(ref) for ref in episode.supersedes if ref],
            "links": [[link.kind, _plain(link.ref)] for link in episode.links if link.ref],
        }

    def _clean(self, text: str) -> str:
        """The text as it is stored: valid, bounded, without secrets."""
        told, kinds = secrets.redacted(_plain(text, MOST_TEXT))
        if kinds:
            self.files.note(f"left out of memory: {', '.join(dict.fromkeys(kinds))}")
        return told

    def _readable(self, index: Index, seqs: list[int]) -> dict[int, Kept]:
        """Episodes; one that is damaged and can't be had elsewhere is named and left out."""
        try:
            return reading.by_seq(index, seqs)
        except reading.DamagedRow:
            if not self.files.rebuilt:
                raise
        found: dict[int, Kept] = {}
        for seq in seqs:
            try:
                found |= reading.by_seq(index, [seq])
            except reading.DamagedRow as error:
                self.files.note(f"episode {error} is damaged and was left out")
        return found


def _same(index: Index, draft: Operation) -> str | None:
    """The id of the episode that a draft repeats."""
    if index.seq_of(draft["id"]) is not None:
        return str(draft["id"])
    if not draft["ref"]:
        return None
    row = index.db.execute(
        "SELECT id FROM episode WHERE ref=? AND project=? AND session=? AND question=? AND answer=?",
        (draft["ref"], draft["project"], draft["session"], draft["question"], draft["answer"]),
    ).fetchone()
    return None if row is None else str(row[0])


def _identity(draft: Operation) -> object:
    """What two drafts of one batch have in common if one repeats the other."""
    names = ("ref", "project", "session", "question", "answer")
    return tuple(draft[name] for name in names) if draft["ref"] else draft["id"]


def _encodable(author: str, question: str, answer: str) -> str:
    """What stands for an episode as a vector: who said it, and the beginning of what was said."""
    said = f"{author}: {question}" if author and not question.startswith(author) else question
    return f"{said}\n{answer}"[:_MOST_ENCODED].strip()


def _plain(text: str, most: int = 500) -> str:
    """Text that every file can hold: no lone surrogates, no NUL."""
    return text[:most].replace("\0", "").encode("utf-8", "replace").decode()


def _recollection(episode: Kept, score: float, why: Sequence[str], most_text: int | None) -> Recollection:
    text = episode.text
    return Recollection(
        episode.id,
        text if most_text is None or len(text) <= most_text else f"{text[: most_text - 1]}…",
        round(1 - math.exp(-max(score, 0.0) / 12), 4),
        episode.domain,
        episode.time,
        episode.session,
        "; ".join(why),
        episode.ref,
        episode.author,
        episode.given_time,
        episode.superseded_by is not None,
    )
