"""What memory holds: episodes, facts, the edges between them, and what recall gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

EdgeKind = Literal["temporal", "causal", "topical", "summary-of", "supersedes"]
EDGE_KINDS: tuple[EdgeKind, ...] = ("temporal", "causal", "topical", "summary-of", "supersedes")
"""temporal: the one before it in its session. causal: it is so because of the other, or uses it. topical: it is
about the same. summary-of: a summary and its source. supersedes: it holds instead of the other."""

MOST_TEXT = 20_000
"""Characters of an episode's text, and of its answer."""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge from the episode that has it to another, named by the caller's own `ref` or by its id."""

    kind: EdgeKind
    ref: str


@dataclass(frozen=True, slots=True)
class Episode:
    """A question with its answer, or a note (no answer), and whether that was verified.

    ``time``: seconds since 1970; null: now. ``given_time`` is what the caller wrote, kept for export. ``artefacts``:
    SHA-256 hashes. ``project`` null: that of the store. ``id`` empty: a new one.
    """

    question: str
    answer: str = ""
    artefacts: tuple[str, ...] = ()
    verified: bool | None = None
    domain: str = ""
    session: str = ""
    author: str = ""
    ref: str = ""
    time: float | None = None
    given_time: str | float | None = None
    supersedes: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    project: str | None = None
    pinned: bool = False
    kind: Literal["episode", "summary"] = "episode"
    id: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """An episode as it is stored. ``seq`` orders all episodes of a store, whatever the clock said.

    ``superseded_by``: the ``seq`` of what holds instead; null while it holds.
    """

    seq: int
    id: str
    ref: str
    project: str
    session: str
    author: str
    domain: str
    kind: str
    time: float
    given_time: str | float | None
    question: str
    answer: str
    artefacts: tuple[str, ...]
    verified: bool | None
    pinned: bool
    superseded_by: int | None

    @property
    def text(self) -> str:
        """What a person reads of it."""
        return f"Asked: {self.question}\nAnswered: {self.answer}" if self.answer else self.question


@dataclass(frozen=True, slots=True)
class Fact:
    """A short statement taken from an episode: ``subject`` had ``value`` from one time to another (null: it holds)."""

    subject: str
    value: str
    statement: str
    episode: str
    valid_from: float
    valid_to: float | None


@dataclass(frozen=True, slots=True)
class Recollection:
    """A recalled episode: score 0..1 (comparable within one recall), seconds since 1970 as time, and the reason."""

    id: str
    text: str
    score: float
    domain: str
    time: float
    session: str
    why: str
    ref: str = ""
    author: str = ""
    given_time: str | float | None = None
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a walk: the episode reached, over which kind of edge, in which direction, how far from the start."""

    episode: Kept
    kind: str
    forwards: bool
    depth: int


Operation = dict[str, Any]
"""One line of the log: ``op`` and its values."""
