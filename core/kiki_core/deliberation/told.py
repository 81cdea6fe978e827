"""Votes, doubts and rulings in words: what the command line, the screen and the plain mode all say."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_core.events import Dissent, Ruling, Vote

_MOST = 160


def told(event: Vote | Dissent | Ruling) -> str:
    """One event as one line; drafts are counted from 1."""
    match event:
        case Vote():
            cited = f" (facts {', '.join(event.evidence)})" if event.evidence else ""
            return f"{event.panelist}: {event.vote} draft {event.candidate + 1}{cited}: {event.reason}"[:_MOST]
        case Dissent():
            held = {True: "it holds", False: "it fails", None: "not measurable"}[event.ok]
            return f"doubt on draft {event.candidate + 1}: {event.concern} {held}: {event.result}"[:_MOST]
        case Ruling():
            back = ", but it goes back" if event.refused else ""
            return f"ruling: draft {event.candidate + 1} by {event.by}{back}: {event.reason}"[:_MOST]


def summed_up(events: Sequence[Vote | Dissent | Ruling]) -> str:
    """A whole deliberation in a line: its ruling, the count of votes, and each doubt in a word."""
    parts = []
    rulings = [each for each in events if isinstance(each, Ruling)]
    votes = [each for each in events if isinstance(each, Vote)]
    if rulings:
        parts.append(f"draft {rulings[-1].candidate + 1} by {rulings[-1].by}")
    if votes:
        kept, refused = (sum(each.vote == word for each in votes) for word in ("KEEP", "REFUSE"))
        parts.append(f"{kept} keep, {refused} refuse, {len(votes) - kept - refused} neutral")
    for each in events:
        if isinstance(each, Dissent):
            parts.append(f"{each.measurement} {({True: 'holds', False: 'fails', None: 'not measurable'})[each.ok]}")
    return " · ".join(parts)
