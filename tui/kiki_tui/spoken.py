"""Verdicts and answers in words: what the screen and the plain mode both say."""

from __future__ import annotations

from kiki_core.events import Answer, Evidence, Requirement
from kiki_tui.units import engineering, unit_of

_HEAD_MEASURES = 4


def headline(evidence: Evidence, artefact: str) -> str:
    """One line: tool and version, artefact, and what was measured (or what went wrong)."""
    said = ", ".join(measured(evidence)[:_HEAD_MEASURES]) if evidence.ok else ""
    return f"{evidence.tool} {evidence.version} · {artefact} · {said or evidence.summary}"


def measured(evidence: Evidence) -> list[str]:
    """Each measure with its value, as ``f3db = 1.004 kHz``."""
    return [
        f"{name} = " + ("failed" if value is None else engineering(value, unit_of(name)))
        for name, value in evidence.measures.items()
    ]


def summary(answer: Answer) -> str:
    """The last line of an answer: whether it holds, its price in tokens and time."""
    if answer.error:
        word = "✘ no answer"
    else:
        word = {True: "✔ verified", False: "✘ not verified", None: "nothing to verify"}[answer.verified]
        missing = [evidence.summary for evidence in answer.evidence if not evidence.ok]
        if answer.verified is None and missing:
            word = f"not verified: {missing[0]}"
    parts = [word]
    if tokens := answer.usage.get("completion_tokens"):
        parts.append(f"{tokens} tokens")
    if "total" in answer.timings_ms:
        parts.append(engineering(answer.timings_ms["total"] / 1000, "s", 3))
    return " · ".join(parts)


def requirement_line(requirement: Requirement) -> str:
    """A requirement, and whether it was met."""
    mark = {True: "✔", False: "✘", None: "?"}[requirement.ok]
    wanted = engineering(requirement.value, requirement.unit)
    if requirement.measured is None:
        return f"{mark} {requirement.quantity} {requirement.op} {wanted}: not measured"
    found = engineering(requirement.measured, requirement.unit)
    return f"{mark} {requirement.quantity} {requirement.op} {wanted}: measured {found}"


def printable(text: str) -> str:
    """A tool's text without control characters, which a terminal would obey."""
    return "".join(char for char in text.expandtabs() if char == "\n" or char.isprintable())
