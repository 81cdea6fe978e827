"""What a tool says of an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a tool accepts an answer. ``reason``: why not, in few words, to count them; ``detail``: at length."""

    ok: bool
    reason: str = ""
    detail: str = ""


PASSED = Judgement(True)
