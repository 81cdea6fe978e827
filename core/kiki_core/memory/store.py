"""Aeon's first store: episodes with their vectors in LanceDB; what `remember` returned is on the disk."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kiki_core.encoder import Encoder
from kiki_core.errors import KikiError

_FLOOR = 0.45
"""Cosine similarity below which a memory has nothing to do with the question."""
_MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Episode:
    """A question with its answer, and whether that was verified."""

    question: str
    answer: str
    artefacts: tuple[str, ...] = ()
    verified: bool | None = None
    domain: str = ""
    session: str = ""


@dataclass(frozen=True, slots=True)
class Recollection:
    """A recalled episode: cosine similarity as score, seconds since 1970 as time, and the reason."""

    id: str
    text: str
    score: float
    domain: str
    time: float
    session: str
    why: str


class Memory:
    """The store below one folder. Blocking: call it from a thread."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._folder = folder
        self._encoder = encoder
        self._lock = threading.Lock()

    def remember(self, episode: Episode) -> str:
        """Keeps the episode; on return it is durable.

        Raises:
            KikiError: if the store can't be written.
        """
        identity = uuid.uuid4().hex
        row = {
            "id": identity,
            "vector": self._encoder.encode([episode.question])[0].tolist(),
            "question": episode.question[:_MOST_TEXT],
            "answer": episode.answer[:_MOST_TEXT],
            "artefacts": "\n".join(episode.artefacts),
            "verified": {True: "true", False: "false", None: "null"}[episode.verified],
            "domain": episode.domain,
            "session": episode.session,
            "time": time.time(),
        }
        with self._lock:
            try:
                self._table.add([row])
            except (OSError, RuntimeError, ValueError) as error:
                raise KikiError(f"memory can't be written: {_first_line(error)}", "see `kiki doctor`") from error
        return identity

    def recall(self, query: str, k: int = 3) -> list[Recollection]:
        """The most similar episodes above the relevance floor, best first; possibly none.

        Raises:
            KikiError: if the store can't be read.
        """
        vector = self._encoder.encode([query])[0]
        with self._lock:
            try:
                self._table.checkout_latest()
                rows = self._table.search(vector.tolist()).distance_type("cosine").limit(k).to_list()
            except (OSError, RuntimeError, ValueError) as error:
                raise KikiError(f"memory can't be read: {_first_line(error)}", "see `kiki doctor`") from error
        found = []
        for row in rows:
            score = 1 - float(row["_distance"])
            if score >= _FLOOR:
                text = f"Asked: {row['question']}\nAnswered: {row['answer']}"
                why = f"similar question ({score:.2f}), verified: {row['verified']}"
                found.append(
                    Recollection(row["id"], text, score, row["domain"], float(row["time"]), row["session"], why)
                )
        return found

    @cached_property
    def _table(self) -> Any:
        import lancedb
        import pyarrow as pa

        schema = pa.schema(
            [("id", pa.string()), ("vector", pa.list_(pa.float32(), 384))]
            + [(name, pa.string()) for name in ("question", "answer", "artefacts", "verified", "domain", "session")]
            + [("time", pa.float64())]
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        database = lancedb.connect(str(self._folder))
        return database.create_table("episodes", schema=schema, exist_ok=True)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
