"""A question to memory, read: its words, names, people, the time that it means, and whether it asks for the past."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from kiki_core.memory import times
from kiki_core.memory.words import question_words, terms

_PAST = re.compile(
    r"\b(?:previous(?:ly)?|originally|formerly|used to|at first|initial(?:ly)?"
    r"|earlier (?:value|choice|decision|version)"
    r"|history|was replaced|did .{0,60}\breplace|before (?:that|it|the change|we changed)"
    r"|old (?:value|one|part|version)"
    r"|superseded|no longer|abandoned|dropped|avant|früher)\b",
    re.IGNORECASE,
)
_DEPENDS = re.compile(
    r"\b(?:what|which|who|where|anything|everything)(?: \w+){0,2}? (?:else )?"
    r"(?:is |was |are |were )?(?:use[sd]?|using)\b"
    r"|\b(?:depend(?:s|ed|ing|ent)?|affect(?:s|ed)?|impact(?:s|ed)?|rel(?:y|ies|ied) on|rest(?:s|ed)? on|because of"
    r"|caus(?:e|ed|es)|consequences?|due to|results? (?:of|from)|fed by|powered (?:by|from)|breaks?"
    r"|needs? (?:to )?(?:change|update|recheck|be (?:changed|updated|checked)))\b",
    re.IGNORECASE,
)
_REASONS = re.compile(r"\b(?:why|how come|what for|for what reason|reasons?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of memory.

    ``project`` null: all projects. ``session``: the one that asks; its own episodes are preferred. ``relevant``:
    nothing below the relevance floor. ``budget``: most tokens of all texts together; ``most_text``: characters after
    which each is cut. ``superseded``: also what no longer holds.
    ``since``, ``until``: only episodes of that time. ``now``: for "yesterday".
    """

    text: str
    k: int = 10
    project: str | None = None
    session: str = ""
    relevant: bool = False
    budget: int | None = None
    most_text: int | None = None
    superseded: bool = False
    since: float | None = None
    until: float | None = None
    now: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with what was read from its text. ``text`` is what is left without its time phrase."""

    text: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    quantities: tuple[str, ...]
    window: times.Window | None
    anchor: times.Anchor | None
    past: bool
    depends: bool
    reasons: bool
    """Whether it asks why: the reasons for a change are often in what was changed."""


def read(query: Query) -> Asked:
    """What a query says."""
    text = query.text[:4_000].encode("utf-8", "replace").decode()
    now = time.time() if query.now is None else query.now
    window = times.window(text, now)
    anchor = None if window is not None and window.strict else times.anchor(text)
    bare = text
    if window is not None and window.strict and question_words(window.rest):
        bare = window.rest
    elif anchor is not None and question_words(anchor.rest):
        bare = anchor.rest
    else:
        anchor = None
    found = terms(bare)
    return Asked(
        bare,
        tuple(question_words(bare)[:32]),
        found.names[:16],
        found.quantities[:8],
        window,
        anchor,
        query.superseded or bool(_PAST.search(text)),
        bool(_DEPENDS.search(text)),
        bool(_REASONS.search(text)),
    )
