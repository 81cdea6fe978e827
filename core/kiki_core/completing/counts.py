"""How often suggestions were shown, taken, refused and held back, by language: kept on this machine only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import threading
from collections import Counter
from pathlib import Path
from typing import Literal

from kiki_core import paths
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically

What = Literal["asked", "shown", "accepted", "rejected", "suppressed", "none"]
ALL: tuple[What, ...] = ("asked", "shown", "accepted", "rejected", "suppressed", "none")


def file() -> Path:
    """Where the counts are."""
    return paths.home() / "stats" / "completion.json"


def read(path: Path | None = None) -> dict[str, dict[str, int]]:
    """The counts: language -> what -> how often. Nothing was counted yet, or the file is broken: empty."""
    try:
        said = json.loads((path or file()).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {
        str(language): {what: count for what in ALL if type(count := counts.get(what, 0)) is int}
        for language, counts in said.items()
        if isinstance(counts, dict)
    }


class Counts:
    """Counts of this process, added to the file now and then; other processes add theirs."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path or file()
        self._new: dict[str, Counter[str]] = {}
        self._lock = threading.RLock()

    def count(self, language: str, what: What, by: int = 1) -> None:
        """Counts one thing; nothing is written yet."""
        with self._lock:
            self._new.setdefault(language, Counter())[what] += by

    def total(self) -> dict[str, dict[str, int]]:
        """What the file has, and what this process counted since."""
        with self._lock:
            found = read(self._path)
            for language, counts in self._new.items():
                row = found.setdefault(language, dict.fromkeys(ALL, 0))
                for what, count in counts.items():
                    row[what] = row.get(what, 0) + count
            return found

    def save(self) -> None:
        """Adds the new counts to the file; a disk that refuses costs no more than they are worth."""
        with self._lock, contextlib.suppress(OSError, KikiError):
            if not self._new:
                return
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                write_atomically(self._path, json.dumps(self.total(), indent=2) + "\n")
                self._new = {}
