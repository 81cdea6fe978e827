"""What a panel works with: candidates as files of facts, ballots, objections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Choice = Literal["KEEP", "REFUSE", "NEUTRAL"]
LETTERS = "ABCDEFGH"
MOST_CANDIDATES = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a tool said of a candidate. ``ok`` null: it speaks neither for nor against it."""

    id: str
    text: str
    ok: bool | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """A candidate as the panel sees it. ``number``: its draft's. ``content``: its artefacts, or its prose.

    ``verified``: as in the contract. ``rank``: the tools' order of drafts, better ones greater. ``measured``: stated
    requirements that were measured; ``stated``: all of them. ``author``: not shown to the arbiter.
    """

    number: int
    content: str
    facts: tuple[Fact, ...]
    verified: bool | None
    rank: tuple[float, ...] = ()
    stated: int = 0
    measured: int = 0
    author: str = ""

    @property
    def tier(self) -> int:
        """How the tools stand to it: nothing outranks a higher tier. 2: verified, 1: nothing to verify, 0: failed."""
        return {True: 2, None: 1, False: 0}[self.verified]


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote of one panelist on one candidate, with the ids of the facts that it cites."""

    panelist: str
    candidate: int
    vote: Choice
    evidence: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Objection:
    """What a measurement of the dissenter's found. ``ok`` null: it could not be measured.

    ``vital``: a candidate that fails it doesn't do what anything of its kind must do, so it isn't verified any more.
    """

    candidate: int
    measurement: str
    concern: str
    ok: bool | None
    result: str
    vital: bool
