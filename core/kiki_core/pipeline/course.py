"""The state of one answer under way, and what it may still cost."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from kiki_core.backends.protocol import WeightedAdapter
from kiki_core.config import Pipeline
from kiki_core.events import Answer, Expert
from kiki_core.pipeline.draft import Draft

LEAST_TOKENS = 32
"""A draft with fewer isn't worth its start."""


@dataclass
class Course:
    """What was spent, who answers, the drafts so far, and the best text to fall back on."""

    limits: Pipeline
    started: float = field(default_factory=time.monotonic)
    timings: dict[str, float] = field(default_factory=dict)
    usage: dict[str, int] = field(default_factory=lambda: {"prompt_tokens": 0, "completion_tokens": 0})
    experts: tuple[Expert, ...] = ()
    adapters: tuple[WeightedAdapter, ...] = ()
    planned: Answer | None = None
    drafts: list[Draft] = field(default_factory=list)
    text: str = ""
    trace: list[str] = field(default_factory=list)
    doubts: dict[int, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What further measurements found that nobody had asked for."""
    refused: str = ""
    """Why the panel sends the chosen draft back; empty if it stands."""

    def add(self, step: str, since: float) -> None:
        """Counts the time since ``since`` (of `time.perf_counter`) for a step, in ms."""
        self.timings[step] = self.timings.get(step, 0.0) + (time.perf_counter() - since) * 1e3

    @property
    def seconds_left(self) -> float:
        """Seconds until the answer's time is over."""
        return self.limits.answer_s - (time.monotonic() - self.started)

    @property
    def tokens_left(self) -> int:
        """Tokens that may still be generated."""
        return self.limits.answer_tokens - self.usage["completion_tokens"]

    @property
    def exhausted(self) -> str:
        """Why no further draft may be made, in words; empty if one may."""
        if self.seconds_left <= 1:
            return f"the time for one answer is over (pipeline.answer_s = {self.limits.answer_s:g})"
        if self.tokens_left < LEAST_TOKENS:
            return f"the tokens for one answer are spent (pipeline.answer_tokens = {self.limits.answer_tokens})"
        return ""
