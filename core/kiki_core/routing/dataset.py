"""The router's data: prompts with the domains that they need, and glossaries. `data/README.md` is its datasheet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError

Split = Literal["train", "test", "transfer"]
TEST_SHARE = 0.15
"""Of the groups of prompts, so many are only for testing."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question with its domains, the main one first; none: no expert of ours. ``group``: what belongs together."""

    text: str
    labels: tuple[str, ...]
    language: str
    group: str
    kind: str
    source: str

    @property
    def split(self) -> Split:
        """Where the prompt is used; a group is never divided."""
        if self.source == "transfer":
            return "transfer"
        return "test" if place_of(self.group, 1000) < TEST_SHARE * 1000 else "train"


def place_of(group: str, places: int, salt: str = "") -> int:
    """A place 0 … ``places`` - 1 for a group, the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{salt}{group}".encode()).digest()[:8], "big") % places


def prompts() -> list[Prompt]:
    """All prompts, in the order of their files.

    Raises:
        KikiError: for a line that isn't as the datasheet says.
    """
    return [prompt for file in _files(_folder(), ".jsonl") for prompt in _read(file)]


def terms() -> list[tuple[str, str]]:
    """The glossaries: (domain or `outside`, phrase), for training only; without what a test prompt says literally."""
    tested = {prompt.text.casefold().strip(" ?.!") for prompt in prompts() if prompt.split != "train"}
    return [
        (file.name.removesuffix(".txt"), line.strip())
        for file in _files(_folder() / "terms", ".txt")
        for line in file.read_text("utf-8").split("\n")
        if line.strip() and line.casefold().strip(" ?.!") not in tested
    ]


def fingerprint() -> str:
    """SHA-256 of all the data, for the model card."""
    digest = hashlib.sha256()
    for file in (*_files(_folder(), ".jsonl"), *_files(_folder() / "terms", ".txt")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _folder() -> Traversable:
    return files("kiki_core.routing") / "data"


def _files(folder: Traversable, ending: str) -> list[Traversable]:
    return sorted((file for file in folder.iterdir() if file.name.endswith(ending)), key=lambda file: file.name)


def _read(file: Traversable) -> Iterator[Prompt]:
    source = file.name.removesuffix(".jsonl")
    for number, line in enumerate(file.read_text("utf-8").rstrip("\n").split("\n"), start=1):
        try:
            row = json.loads(line)
            labels = tuple(row["labels"])
            prompt = Prompt(row["text"], labels, row["language"], row["group"], row["kind"], source)
        except (ValueError, KeyError, TypeError) as error:
            raise KikiError(f"{file.name} line {number} is no prompt: {error}", "see data/README.md") from error
        if unknown := set(labels) - set(DOMAINS):
            raise KikiError(f"{file.name} line {number}: unknown domain {sorted(unknown)[0]!r}", "see data/README.md")
        yield prompt
