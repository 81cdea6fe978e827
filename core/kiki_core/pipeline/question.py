"""What is asked, and what an answer is made with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiki_core import prompts
from kiki_core.backends.protocol import Backend
from kiki_core.config import Config
from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.memory import Memory
from kiki_core.routing import AS_ROUTED, Router, Wishes

MOST_QUESTION = 100_000
"""Characters of a question; what is longer belongs into a file."""
MOST_FILE = 12_000
"""Characters of an attached file that are read."""
"""Characters of an attached file that the model sees."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, and with what.

    ``history``: earlier questions and answers of the session. ``wishes``: experts that are pinned or muted.
    ``language``: the language of the file in the editor that asks. ``texts``: names and texts of what isn't a file,
    such as an editor's buffer, attached like one.
    """

    text: str
    domain: str | None = None
    files: tuple[Path, ...] = ()
    session: str | None = None
    memory: bool = True
    candidates: int = 1
    history: tuple[tuple[str, str], ...] = ()
    wishes: Wishes = AS_ROUTED
    language: str = ""
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Parts:
    """What an answer is made with."""

    config: Config
    backend: Backend
    router: Router
    examples: prompts.Examples
    memory: Memory


def validate(question: Question) -> None:
    """Checks a question before any work.

    Raises:
        KikiError: if it is empty, too long, or names an unknown domain.
    """
    if not question.text.strip():
        raise KikiError("the question is empty", "say what you need, for example: RC low-pass with a corner at 1 kHz")
    if len(question.text) > MOST_QUESTION:
        raise KikiError(
            f"the question has {len(question.text)} characters, the limit is {MOST_QUESTION}",
            "put the material into a file and attach it",
        )
    for domain in (*filter(None, [question.domain]), *question.wishes.pinned, *question.wishes.muted):
        if domain not in DOMAINS:
            from rapidfuzz import process

            nearest = process.extract(domain, DOMAINS, limit=1)[0][0]
            raise KikiError(f"unknown domain {domain!r}", f"did you mean {nearest!r}?")


def read_attached(path: Path) -> str:
    """The beginning of an attached file, as text.

    Raises:
        KikiError: if it can't be read or is binary.
    """
    from kiki_tools.workspace import Unreadable, read_snapshot

    try:
        return read_snapshot(path).text[:MOST_FILE]
    except Unreadable as error:
        raise KikiError(f"can't attach {path}: {error}", "attach a text file") from error
