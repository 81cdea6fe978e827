"""How strongly the dissenter speaks, as pure functions.

The Catfish agent (arXiv 2505.21503) breaks silent agreement; its intervention grows with the case's complexity and with
the level of agreement. Here it also shrinks with what was measured: doubt of a measured number is cheap talk.
"""

from __future__ import annotations

SPEAKS = 0.3
"""From this strength on it speaks, and one thing is measured."""
INSISTS = 0.6
"""From this strength on, two."""


def complexity(domains: int, stated: int, artefacts: int, characters: int) -> float:
    """How hard a case is, 0..1: its domains, stated requirements, artefacts, and the question's length."""
    return min(1.0, 0.2 * max(0, domains - 1) + 0.12 * stated + 0.15 * max(0, artefacts - 1) + characters / 4000)


def evidence(stated: int, measured: int, verified: bool | None) -> float:
    """How much is proven, 0..1: the share of stated numbers that were measured; a bare run proves little."""
    if verified is None:
        return 0.0
    return measured / stated if stated else 0.25


def strength(complexity: float, agreement: float, evidence: float) -> float:
    """How strongly to object, 0..1; it grows with complexity and agreement, and shrinks with evidence."""
    return agreement * (0.4 + 0.6 * complexity) * (1 - 0.7 * evidence)


def measurements(strength: float) -> int:
    """How many measurements an objection of that strength may ask for."""
    return 0 if strength < SPEAKS else 1 if strength < INSISTS else 2
