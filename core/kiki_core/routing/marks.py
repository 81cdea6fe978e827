"""Marks that a technical text carries on its surface: a SPICE card, an s-expression, a HAL call, a file's extension."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources

_LONGEST_STEM = 14


@dataclass(frozen=True)
class Marks:
    """The table of marks, ready to be looked for."""

    names: tuple[str, ...]
    patterns: tuple[tuple[int, re.Pattern[str]], ...]
    words: dict[str, tuple[int, ...]]
    stems: dict[str, tuple[int, ...]]
    files: dict[str, int]
    languages: dict[str, int]

    def found(self, text: str, words: Iterable[str], files: Sequence[str] = (), language: str = "") -> list[int]:
        """Columns of the marks in a text with these (casefolded) words, and of what is attached to it."""
        columns = {column for column, pattern in self.patterns if pattern.search(text)}
        for word in words:
            columns.update(self.words.get(word, ()))
            for end in range(2, min(len(word), _LONGEST_STEM) + 1):
                columns.update(self.stems.get(word[:end], ()))
        for name in files:
            name = name.lower()
            for key in (name, name.rpartition(".")[2]):
                if key in self.files:
                    columns.add(self.files[key])
        if language in self.languages:
            columns.add(self.languages[language])
        return sorted(columns)


@cache
def marks() -> Marks:
    """The table in `marks.toml`."""
    rows = tomllib.loads(resources("kiki_core.routing").joinpath("marks.toml").read_text("utf-8"))["mark"]
    words: dict[str, tuple[int, ...]] = {}
    stems: dict[str, tuple[int, ...]] = {}
    for column, row in enumerate(rows):
        for word in row.get("words", "").split():
            table, key = (stems, word[:-1]) if word.endswith("*") else (words, word)
            table[key] = (*table.get(key, ()), column)
    return Marks(
        tuple(row["name"] for row in rows),
        tuple((column, re.compile(row["pattern"])) for column, row in enumerate(rows) if "pattern" in row),
        words,
        stems,
        {name: column for column, row in enumerate(rows) for name in row.get("files", "").split()},
        {name: column for column, row in enumerate(rows) for name in row.get("languages", "").split()},
    )
