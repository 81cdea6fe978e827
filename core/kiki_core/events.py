"""Typed events of one answer. Every front end consumes these and nothing else.

`to_json` gives the object that ``kiki ask --json`` prints; ``Answer`` is always the last event of a stream,
also after a failure.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Expert:
    """A routed expert and its weight (0..1)."""

    domain: str
    weight: float


@dataclass(frozen=True, slots=True)
class Memory:
    """A recalled episode with its score and the reason for recalling it."""

    id: str
    text: str
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one tool said of one input. ``measures``: name -> number in SI units, null when it failed."""

    tool: str
    version: str
    input_sha256: str
    ok: bool
    summary: str
    measures: dict[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something that kiki wrote: a deck, a schematic, firmware. ``verified`` null: its tool is missing."""

    name: str
    language: str
    text: str
    verified: bool | None


@dataclass(frozen=True, slots=True)
class Requirement:
    """A stated requirement and what was measured; ``ok`` null: it could not be measured."""

    quantity: str
    op: str
    value: float
    unit: str
    measured: float | None
    ok: bool | None


@dataclass(frozen=True, slots=True)
class Routed:
    """The router's choice; empty: the base model answers alone."""

    experts: tuple[Expert, ...]
    none: bool


@dataclass(frozen=True, slots=True)
class Recalled:
    """What memory brought to the question."""

    memories: tuple[Memory, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A step that takes time: what, and how far (0..1, null when unknown)."""

    text: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the draft as it streams. ``attempt`` counts drafts: 0, then one per repair."""

    text: str
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole draft with the artefacts found in it."""

    attempt: int
    text: str
    artefacts: tuple[Artefact, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A tool's verdict on one artefact, with its log and (for a simulation) an SVG plot and spark-line data.

    ``series``: vector name -> (x, y) samples, at most a few hundred, for plots in the terminal.
    """

    attempt: int
    artefact: str
    evidence: Evidence
    log: str = ""
    series: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = field(default_factory=dict)
    x_label: str = ""
    x_log: bool = False


@dataclass(frozen=True, slots=True)
class Vote:
    """One panelist's vote on one candidate (by its attempt). ``evidence``: what of the tools' facts it cites.

    NEUTRAL: not its field, or it cited nothing; such a vote leaves the denominator.
    """

    panelist: str
    candidate: int
    vote: str
    evidence: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Dissent:
    """The dissenter's objection to a candidate, and what came of measuring it.

    ``strength``: 0..1. ``measurement``: the name of what was measured. ``ok``: whether the candidate held; null: it
    could not be measured. ``vital``: one that fails it isn't verified any more. ``by``: who chose the measurement.
    """

    candidate: int
    strength: float
    concern: str
    measurement: str
    ok: bool | None
    result: str
    vital: bool = False
    by: str = "rule"


@dataclass(frozen=True, slots=True)
class Ruling:
    """Which candidate is the answer, and by what: evidence, consensus, attending, arbitration or measurement.

    ``tally``: candidate -> votes to keep, to refuse, neutral. ``refused``: the panel or a measurement speaks against
    it, so it goes back; without a better one it stays the answer. ``panel``: who sat. The tokens are those of votes,
    attending, arbitration and dissent.
    """

    candidate: int
    by: str
    reason: str
    tally: dict[str, dict[str, int]] = field(default_factory=dict)
    refused: bool = False
    panel: tuple[str, ...] = ()
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class BiasFinding:
    """A bias found in the answer's reasoning. ``quote``: the words that show it; ``action``: what was done.

    ``confidence``: 0..1. ``action``: corrected, marked or kept.
    """

    bias: str
    quote: str
    confidence: float
    reason: str
    action: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """The episode was kept under this id."""

    id: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A step failed; the stream goes on to its Answer with what there is."""

    step: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The last event: text, artefacts, and the evidence they stand on (see ``verified`` in the contract).

    ``plan``: what the artefacts were computed from, if they were. ``notes``: what was chosen, or found on the way.
    """

    text: str
    verified: bool | None
    artefacts: tuple[Artefact, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    experts: tuple[Expert, ...] = ()
    usage: dict[str, int] = field(default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0})
    timings_ms: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    plan: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


Event = (
    Routed | Recalled | Progress | Token | Candidate | Verdict | Vote | Dissent | Ruling | BiasFinding | Remembered
    | Failed | Answer
)  # fmt: skip

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def to_json(event: Event) -> dict[str, Any]:
    """The event as a JSON object, with its name in snake case under ``event``."""
    name = _WORD_START.sub("_", type(event).__name__).lower()
    return {"event": name, **dataclasses.asdict(event)}
