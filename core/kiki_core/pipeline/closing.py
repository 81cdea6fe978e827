"""From the chosen draft to the answer: its claims put right, and in plain words what doesn't hold."""

from __future__ import annotations

from kiki_core.events import Answer, Evidence
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.draft import Draft
from kiki_core.verification import claims

_MOST_TOLD = 4


def answer(draft: Draft, course: Course) -> Answer:
    """The draft as the answer. Its artefacts stay as they were checked."""
    evidence: tuple[Evidence, ...] = tuple(v.evidence for check in draft.checked for v in check.verdicts)
    text = draft.text
    runs = [check.simulation for check in draft.checked if check.simulation is not None and check.ok]
    if len(runs) == 1 and len(draft.artefacts) == 1:
        text = claims.corrected(text, claims.claims(text, runs[0]))
    if not text.strip():
        text = f"There is no answer: {course.exhausted or 'the model said nothing'}.\n"
    elif draft.cut:
        text = _with(text, "**Cut off:**", [draft.cut])
    if draft.holds is False or draft.missing:
        told = [each.partition("\n")[0] for each in draft.complaints()[:_MOST_TOLD]]
        text = _with(text, "**This doesn't hold:**", told)
    if draft.left_open or draft.unread:
        told = [f"{one.quantity} {claims.spelled(one.value, one.unit)}" for one in draft.left_open[:_MOST_TOLD]]
        told += [f"“{draft.unread}”"] if draft.unread else []
        text = _with(text, "**Asked for, and not measured:**", told)
    if course.notes:
        text = _with(text, "**Measured beyond the question:**", course.notes)
    return Answer(
        text,
        draft.verified,
        draft.artefacts,
        (*draft.requirements, *draft.left_open),
        evidence,
        course.experts,
        notes=tuple(course.notes),
    )


def _with(text: str, title: str, lines: list[str]) -> str:
    return f"{text.rstrip()}\n\n{title}\n\n" + "\n".join(f"- {line}" for line in lines) + "\n" if lines else text
