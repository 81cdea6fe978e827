"""A file that is to be mended and nothing else: the fixes that its own checks offer, before the model is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace

from kiki_core.artefacts import kind
from kiki_core.events import Artefact, Candidate, Event
from kiki_core.pipeline.course import Course
from kiki_core.pipeline.draft import judged
from kiki_core.pipeline.question import Question
from kiki_core.verification import check, own
from kiki_tools.language import Diagnostic, Fix
from kiki_tools.workspace import Unreadable, read_snapshot

_MOST_TEXT = 200_000
_ROUNDS = 4
_MEND = re.compile(
    r"\W*(?:please\s+|can you\s+|could you\s+)?(?:fix|repair|mend|correct|debug|répare|corrige|repariere|korrigiere)\s+"
    r"(?:[^\W\d]+\s+){0,3}(?:netlist|deck|circuit|file|schematic|sheet|symbol|footprint|board|rules|code|program|it|this|"
    r"errors?|faults?|problems?|mistakes?|fichier|schéma|schaltung|datei)\W*(?:please)?\W*",
    re.IGNORECASE,
)
"""Nothing but to mend: what else is asked, no fix knows of."""


async def mended(question: Question, course: Course) -> AsyncGenerator[Event, None]:
    """The events of mending the one attached file; a draft of the course's, if it passes its tools then."""
    if len(question.files) != 1 or _MEND.fullmatch(question.text) is None:
        return
    path = question.files[0]
    try:
        text = (await asyncio.to_thread(read_snapshot, path)).text
    except Unreadable:
        return
    language = kind(path.name, text)
    if language is None or len(text) > _MOST_TEXT:
        return
    artefact = Artefact(path.name, language, text, None)
    done: list[str] = []
    for _ in range(_ROUNDS):
        found = await asyncio.to_thread(own.analysed, artefact)
        fixes = list(_apart(found))
        if not fixes:
            break
        snapshot = own.snapshot_of(artefact)
        done += [f"line {snapshot.line_of(one.span.start) + 1}: {one.message}. {fix.title}." for one, fix in fixes]
        changed = snapshot.edited([edit for _, fix in fixes for edit in fix.edits])
        artefact = replace(artefact, text=changed.text)
    if not done:
        return
    checked = await check([artefact], 0)
    if checked[0].ok is not True:
        return
    listed = "\n".join(f"- {each}" for each in done)
    said = f"{path.name} passes its checks with these changes:\n\n{listed}\n\n"
    said += f"```{language}\n{artefact.text.rstrip()}\n```\n"
    yield Candidate(0, said, (artefact,))
    for verdict in checked[0].verdicts:
        yield verdict
    course.drafts.append(judged("", said, [artefact], checked))
    course.text = said


def _apart(found: Sequence[Diagnostic]) -> Iterator[tuple[Diagnostic, Fix]]:
    """The first fix of each error, as far as no edit touches another's."""
    taken: list[tuple[int, int]] = []
    for one in found:
        if one.severity != "error" or not one.fixes:
            continue
        places = [(edit.span.start, edit.span.end) for edit in one.fixes[0].edits]
        if all(end < begin or start > stop for start, end in places for begin, stop in taken):
            taken += places
            yield one, one.fixes[0]
