"""Questions that were asked before, kept under ``$KIKI_HOME`` as one JSON string a line."""

from __future__ import annotations

import json
from pathlib import Path

_LIMIT = 500


class History:
    """Earlier questions, and the place where a person is while walking through them."""

    def __init__(self, file: Path | None) -> None:
        """Reads ``file``; without one the history lives as long as the program."""
        self.file = file
        self.entries: list[str] = _read(file) if file else []
        self._at = len(self.entries)
        self._draft = ""

    def add(self, text: str) -> None:
        """Keeps ``text`` as the latest; a file that can't be written costs the persistence only."""
        if text and (not self.entries or self.entries[-1] != text):
            self.entries.append(text)
            self._keep(text)
        self._at = len(self.entries)
        self._draft = ""

    def earlier(self, current: str) -> str | None:
        """The question before; None at the oldest."""
        if self._at == 0:
            return None
        if self._at == len(self.entries):
            self._draft = current
        self._at -= 1
        return self.entries[self._at]

    def later(self) -> str | None:
        """The question after, at last what was being typed; None beyond."""
        if self._at >= len(self.entries):
            return None
        self._at += 1
        return self._draft if self._at == len(self.entries) else self.entries[self._at]

    def _keep(self, text: str) -> None:
        if self.file is None:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open("a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(text, ensure_ascii=False) + "\n")
        except OSError:
            self.file = None  # a read-only home: the questions stay in this run


def _read(file: Path) -> list[str]:
    try:
        with file.open("rb") as opened:
            opened.seek(0, 2)
            opened.seek(max(0, opened.tell() - 1_000_000))
            lines = opened.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    entries: list[str] = []
    for line in lines[-_LIMIT:]:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, str):
            entries.append(entry)
    return entries
