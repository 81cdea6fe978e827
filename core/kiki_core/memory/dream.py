"""Consolidation: old episodes that are about the same get a summary that is linked to them. The sources stay.

A summary is made of the sources' own sentences, the ones nearest to what all of them are about, those that state facts
first. No model writes it: what is in it was said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from kiki_core.memory import facts, times
from kiki_core.memory.index import Index
from kiki_core.memory.model import Episode, Link
from kiki_core.memory.store import Memory
from kiki_core.memory.words import question_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

OLD_S = 3 * 86_400.0
_SAME = 0.55
"""Cosine to a cluster's first episode from which an episode belongs to it."""
_FEWEST, _MOST = 4, 24
_AT_ONCE = 2_000
_SENTENCES = 6
_MOST_SENTENCE = 240
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


def dream(memory: Memory, *, limit_s: float, older_than_s: float = OLD_S) -> int:
    """Summarises clusters of old episodes, for at most about ``limit_s``; gives the number of summaries written."""
    deadline = time.monotonic() + limit_s
    written = 0
    for project in memory.files.read(_projects):
        for cluster in memory.files.read(partial(_clusters, project=project, older_than_s=older_than_s)):
            if time.monotonic() >= deadline:
                return written
            memory.add([_summary(project, cluster)])
            written += 1
    return written


def _projects(index: Index) -> list[str]:
    return [row[0] for row in index.db.execute("SELECT DISTINCT project FROM episode ORDER BY project")]


def _clusters(index: Index, *, project: str, older_than_s: float) -> list[list[tuple[Any, ...]]]:
    """Groups of (id, time, text, vector) that no summary has yet, each of at least four, by their first member."""
    import numpy as np

    rows = index.db.execute(
        "SELECT e.id, e.time, e.question, e.answer, v.data FROM episode e JOIN vector v ON v.seq=e.seq "
        "WHERE e.project=? AND e.kind='episode' AND e.superseded_by IS NULL AND e.time<? AND NOT EXISTS "
        "(SELECT 1 FROM edge g WHERE g.target=e.seq AND g.kind='summary-of') ORDER BY e.seq LIMIT ?",
        (project, time.time() - older_than_s, _AT_ONCE),
    ).fetchall()
    if len(rows) < _FEWEST:
        return []
    vectors = np.frombuffer(b"".join(row[4] for row in rows), np.float16).reshape(len(rows), -1).astype(np.float32)
    alike = vectors @ vectors.T
    free = np.ones(len(rows), bool)
    clusters = []
    for first in range(len(rows)):
        if not free[first]:
            continue
        members = np.flatnonzero(free & (alike[first] >= _SAME))[:_MOST]
        if len(members) >= _FEWEST:
            free[members] = False
            clusters.append(
                [(rows[at][0], rows[at][1], f"{rows[at][2]}\n{rows[at][3]}".strip(), vectors[at]) for at in members]
            )
    return clusters


def _summary(project: str, cluster: Sequence[tuple[Any, ...]]) -> Episode:
    import numpy as np

    centre: NDArray[Any] = np.mean([vector for *_, vector in cluster], axis=0)
    nearest = sorted(cluster, key=lambda one: -float(one[3] @ centre))
    sentences: list[str] = []
    for wanted in (True, False):
        for _, _, text, _ in nearest:
            for sentence in _SENTENCE.split(text):
                said = sentence.strip()
                if 15 <= len(said) <= _MOST_SENTENCE and bool(facts.read(said)) == wanted and said not in sentences:
                    sentences.append(said)
                    break
    moments = [moment for _, moment, _, _ in cluster]
    counts: dict[str, int] = {}
    for _, _, text, _ in cluster:
        for word in question_words(text):
            counts[word] = counts.get(word, 0) + 1
    topic = ", ".join(sorted(counts, key=lambda word: (-counts[word], word))[:5])
    head = f"{len(cluster)} episodes from {times.day(min(moments))} to {times.day(max(moments))} about {topic}:"
    return Episode(
        "\n".join([head, *(f"- {sentence}" for sentence in sentences[:_SENTENCES])]),
        project=project,
        time=max(moments),
        links=tuple(Link("summary-of", identity) for identity, *_ in cluster),
        kind="summary",
    )
