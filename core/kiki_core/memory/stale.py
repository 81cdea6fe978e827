"""What no longer holds, among the candidates of a recall: superseded by a link, or contradicted by a later episode.

A link says that an episode holds instead of another: that one is left out. Words say less. An episode may state much
of which one thing was changed later, and it stays the right answer to questions about the rest. So a contradiction
counts only where the later episode answers the question about as well as the older one does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiki_core.memory import changes, times
from kiki_core.memory.asking import Asked
from kiki_core.memory.index import Index
from kiki_core.memory.mirror import Mirror

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STALE = 3.0
_READ = 12
"""Candidates whose texts are compared."""
_NEWER = 2
"""Later episodes that are brought in for one whose values they state otherwise."""
_AS_GOOD = 0.4
"""Share of the older episode's relevance that a later one must have to contradict it."""
_HANDED = 0.97
"""Share of the score that goes to what holds instead."""
_BEFORE = 1.02
"""The same, where the later one should come first."""


@dataclass
class Hit:
    """A candidate with its score, its reasons, and how relevant it is for itself (the floor is laid on that).

    ``outdated``: a later candidate says otherwise, and answers the question.
    """

    row: int
    score: float
    relevance: float
    why: list[str] = field(default_factory=list)
    outdated: bool = False


def settle(mirror: Mirror, index: Index, hits: dict[int, Hit], mask: NDArray[Any], asked: Asked, past: bool) -> None:
    """Hands what no longer holds over to what holds instead; a question about the past gets both."""
    own = {row: hit.relevance for row, hit in hits.items()}
    if not past:
        _linked(mirror, hits, mask)
    contradictions = _contradictions(mirror, index, hits)
    for old, new, change in contradictions:
        if past:
            _lend(hits, old.row, 0.9 * new.score, new.relevance, "a match replaces it")
        elif not (asked.depends or asked.reasons) and own.get(new.row, 0.0) >= _AS_GOOD * own.get(old.row, 0.0):
            old.outdated = True
            _lend(hits, new.row, _HANDED * old.score, old.relevance, f"replaces what was said on {_day(mirror, old)}")
        else:
            old.why.append(f"some of it was changed on {times.day(mirror.time[new.row])}")
            if not (asked.depends or asked.reasons):
                # "Replaced the LM317 with …" doesn't say what that feeds; whoever asks for it needs both.
                share = _BEFORE if change.kind in ("exchange", "gone") else _HANDED
                _lend(hits, new.row, share * old.score, old.relevance, f"changes what was said on {_day(mirror, old)}")
    if not past:
        _restated(mirror, index, hits, mask)


def _linked(mirror: Mirror, hits: dict[int, Hit], mask: NDArray[Any]) -> None:
    for hit in sorted(hits.values(), key=lambda hit: -hit.score)[:60]:
        row, passed = hit.row, {hit.row}
        while mirror.superseded[row]:
            following = mirror.row_of(int(mirror.superseded[row]))
            if following is None or following in passed or not mirror.alive[following]:
                break
            row = following
            passed.add(row)
        if row != hit.row and mask[row]:
            said = times.day(mirror.time[hit.row])
            _lend(hits, row, _HANDED * hit.score, hit.relevance, f"replaces what was said on {said}")


def _day(mirror: Mirror, hit: Hit) -> str:
    return times.day(mirror.time[hit.row])


def _contradictions(mirror: Mirror, index: Index, hits: dict[int, Hit]) -> list[tuple[Hit, Hit, changes.Change]]:
    """Pairs of an older and a later candidate of one project, with the change that the later tells of.

    Where the order of arrival and the clock disagree, nothing is known of which is the later.
    """
    best = sorted(hits.values(), key=lambda hit: -hit.score)[:_READ]
    seqs = {int(mirror.seq[hit.row]): hit for hit in best if not mirror.summary[hit.row]}
    marks = ",".join("?" * len(seqs))
    texts = dict(
        index.db.execute(
            f"SELECT seq, CASE WHEN answer='' THEN question ELSE answer END FROM episode WHERE seq IN ({marks})",
            tuple(seqs),
        ).fetchall()
    )
    found = []
    for seq, text in texts.items():
        told = changes.read(text)
        if not told:
            continue
        new = seqs[seq]
        for other, stated in texts.items():
            old = seqs[other]
            earlier = other < seq and mirror.time[old.row] <= mirror.time[new.row]
            if not earlier or mirror.project[old.row] != mirror.project[new.row]:
                continue
            change = next((one for one in told if changes.states(stated, one)), None)
            if change is not None:
                found.append((old, new, change))
    return found


def _restated(mirror: Mirror, index: Index, hits: dict[int, Hit], mask: NDArray[Any]) -> None:
    """A value that was stated again, otherwise, without a word of change: it may be that of another thing with the
    same name, so the older is ranked lower, not left out.
    """
    best = sorted(hits.values(), key=lambda hit: -hit.score)[:_READ]
    seqs = {int(mirror.seq[hit.row]): hit for hit in best}
    marks = ",".join("?" * len(seqs))
    changed: dict[int, set[int]] = {}
    lasting: set[int] = set()
    for episode, replaced_by in index.db.execute(
        f"SELECT episode,replaced_by FROM fact WHERE episode IN ({marks})", tuple(seqs)
    ):
        if replaced_by is None:
            lasting.add(episode)
        else:
            changed.setdefault(episode, set()).add(replaced_by)
    for episode, newer in changed.items():
        old = seqs[episode]
        reason = f"newer than {_day(mirror, old)}"
        for seq in sorted(newer)[-_NEWER:]:
            row = mirror.row_of(seq)
            if row is not None and mask[row]:
                _lend(hits, row, _HANDED * old.score, old.relevance, reason)
        if episode not in lasting:
            old.score -= _STALE
            old.why.append("its value was changed later")


def _lend(hits: dict[int, Hit], row: int, score: float, relevance: float, why: str) -> None:
    hit = hits.setdefault(row, Hit(row, 0.0, 0.0))
    hit.score, hit.relevance = max(hit.score, score), max(hit.relevance, relevance)
    if why not in hit.why:
        hit.why.append(why)
