"""Recall: two ranked lists (dense and full text) fused into candidates, then each candidate scored by all its evidence.

The score of a candidate is a sum in one unit (ten times a cosine above the noise): its own similarity, the share of
the question's words and names that it has (weighted by how rare they are), what its neighbours in the conversation
have, who said it, and what its edges in Trace lead to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kiki_core.memory import stale, times
from kiki_core.memory.asking import Asked, Query, read
from kiki_core.memory.index import Index
from kiki_core.memory.mirror import Mirror
from kiki_core.memory.stale import Hit
from kiki_core.memory.words import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RRF = 60
_LISTED = 150
_CANDIDATES = 150
_WEIGHED = 80
"""Candidates whose edges and facts are looked at."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence counts, in units of a tenth of a cosine.

    ``noise``: the cosine of two sentences that have nothing to do with each other. ``text``: what a text has that holds
    all words of the question. ``near``, ``far``: the share of the turn before and of the turn behind, one and two turns
    away: an answer follows its question. The others: said by the one asked about, in the asking session, in the time
    that the question names, just now.
    """

    noise: float = 0.1
    text: float = 9.0
    near: tuple[float, float] = (0.5, 0.3)
    far: tuple[float, float] = (0.2, 0.1)
    author: float = 0.8
    session: float = 0.5
    in_window: float = 2.0
    recent: float = 0.3


WEIGHTS = Weights()
_SAME_TALK_S = 1_800.0
"""Turns without a session belong together when they are not further apart than this."""
_TOLD_LATER_S = 7 * 86_400.0
_FLOOR = 7.0
_TELLS = 0.4
"""Share of the words of "before the respin" that an episode must have to be that respin."""
_SHARES = {"causal": 0.35, "topical": 0.35, "supersedes": 0.35, "summary-of": 0.0}
_DEPENDENT = 0.85


@dataclass(frozen=True, slots=True)
class _Text:
    """The full text side: for each row its share of the question's words (0..1), and the rows that have a name of
    it.
    """

    share: NDArray[Any]
    named: NDArray[Any]
    words: dict[str, NDArray[Any]]
    unknown_names: bool


def recall(mirror: Mirror, index: Index, query: Query, asked: Asked, vector: NDArray[Any] | None) -> list[Hit]:
    """The best episodes for a query, best first; possibly none. ``vector``: of the question, or null: words alone."""
    if not mirror.count or query.k <= 0:
        return []
    mask = mirror.alive[: mirror.count].copy()
    if query.project is not None:
        mask &= mirror.project[: mirror.count] == mirror.codes.get(query.project, -1)
    if query.since is not None:
        mask &= mirror.time[: mirror.count] >= query.since
    if query.until is not None:
        mask &= mirror.time[: mirror.count] < query.until
    mask, moment, past = _timed(mirror, index, asked, mask, query)
    if not mask.any():
        return []
    people, words = _people(mirror, asked)
    text = _full_text(mirror, index, asked, words, mask)
    rows = _candidates(mirror, vector, text, mask)
    if not len(rows):
        return []
    hits = _scored(mirror, rows, vector, text, people, asked, query)
    _through_trace(mirror, index, hits, mask, asked, past)
    stale.settle(mirror, index, hits, mask, asked, past)
    ordered = sorted(hits.values(), key=lambda hit: (bool(mirror.summary[hit.row]), -hit.score, -hit.row))
    chosen = _chosen(mirror, index, ordered, query, past, asked, text)
    _explain(mirror, index, chosen, vector, text, people, moment)
    return chosen


def _timed(
    mirror: Mirror, index: Index, asked: Asked, mask: NDArray[Any], query: Query
) -> tuple[NDArray[Any], str, bool]:
    """The mask with the question's time, the words of that time, and whether it asks for what held then."""
    moments = mirror.time[: mirror.count]
    if asked.window is not None and asked.window.strict:
        inside = mask & (moments >= asked.window.start) & (moments < asked.window.end)
        if inside.any() or query.relevant:
            return inside, asked.window.phrase, asked.past
        return mask, f"nothing is from {asked.window.phrase!r}", asked.past
    if asked.anchor is not None:
        event = _event(mirror, index, asked.anchor.event, mask)
        if event is not None:
            when = moments[event]
            order = np.arange(mirror.count)
            before = (moments < when) | ((moments == when) & (order < event))
            inside = mask & (before if asked.anchor.before else ~before)
            inside[event] = False
            if inside.any():
                return inside, f"{asked.anchor.phrase} ({times.day(when)})", asked.past or asked.anchor.before
    return mask, "", asked.past


def _event(mirror: Mirror, index: Index, event: str, mask: NDArray[Any]) -> int | None:
    """The episode that tells of an event: of those that have most of its words, the first."""
    asked = read(Query(event))
    text = _full_text(mirror, index, asked, list(asked.words), mask)
    share = np.where(mask, text.share, 0)
    best = float(share.max())
    if best < _TELLS:
        return None
    telling = np.flatnonzero(share >= 0.9 * best)
    return int(telling[np.argmin(mirror.time[telling])])


def _people(mirror: Mirror, asked: Asked) -> tuple[set[int], list[str]]:
    """The authors that a question names, and its words without them."""
    people: set[int] = set()
    words = []
    for word in asked.words:
        codes = mirror.authors.get(word) or mirror.authors.get(word.removesuffix("s"))
        if codes:
            people |= codes
        else:
            words.append(word)
    return people, words or list(asked.words)


def _full_text(mirror: Mirror, index: Index, asked: Asked, words: Iterable[str], mask: NDArray[Any]) -> _Text:
    count = mirror.count
    total, weights = 0.0, np.zeros(count, np.float32)
    named = np.zeros(count, bool)
    found: dict[str, NDArray[Any]] = {}
    wanted = [("body", word, 1.0) for word in words]
    wanted += [("names", name, 1.5) for name in asked.names] + [("names", value, 1.0) for value in asked.quantities]
    for column, word, weight in wanted:
        rows = mirror.postings(index, column, word).rows
        rarity = math.log(1 + (count - len(rows) + 0.5) / (len(rows) + 0.5)) * weight
        total += rarity if len(rows) else 0.5 * rarity
        if len(rows):
            weights[rows] += rarity
            found[word] = rows
            if column == "names" and word in asked.names:
                named[rows] = True
    share = weights / max(total, 1e-9)
    unknown = bool(asked.names) and not (named & mask).any()
    return _Text(share, named, found, unknown)


def _candidates(mirror: Mirror, vector: NDArray[Any] | None, text: _Text, mask: NDArray[Any]) -> Any:
    """The rows worth scoring: both lists fused by reciprocal rank, then two turns of conversation around each."""
    fused = np.zeros(mirror.count, np.float32)
    lexical = np.flatnonzero((text.share > 0) & mask)
    strength = text.share[lexical] * _shortness(mirror, lexical)
    if len(lexical) > _LISTED:
        best = np.argpartition(-strength, _LISTED)[:_LISTED]
        lexical, strength = lexical[best], strength[best]
    lists = [lexical[np.argsort(-strength, kind="stable")]]
    if vector is not None:
        lists.append(mirror.vectors.nearest(vector, mask, _LISTED))
    for ranked in lists:
        fused[ranked] += 1 / (_RRF + 1 + np.arange(len(ranked)))
    rows = np.flatnonzero(fused)
    if len(rows) > _CANDIDATES:
        rows = rows[np.argpartition(-fused[rows], _CANDIDATES)[:_CANDIDATES]]
    around = [rows]
    for links in (mirror.previous, mirror.following):
        at = rows
        for _ in range(2):
            at = links[at[at >= 0]]
            around.append(at[at >= 0])
    every = np.unique(np.concatenate(around))
    return every[mask[every]]


def _shortness(mirror: Mirror, rows: NDArray[Any]) -> Any:
    """Less than 1 for texts longer than the average: they have more words by chance."""
    return 1 / np.sqrt(0.5 + 0.5 * np.maximum(mirror.length[rows], 1) / mirror.mean_length)


def _scored(
    mirror: Mirror,
    rows: NDArray[Any],
    vector: NDArray[Any] | None,
    text: _Text,
    people: set[int],
    asked: Asked,
    query: Query,
) -> dict[int, Hit]:
    weights = WEIGHTS
    own = weights.text * text.share[rows] * np.minimum(_shortness(mirror, rows), 1.3)
    if vector is not None:
        own += 10 * np.maximum(mirror.vectors.similar(vector, rows) - weights.noise, 0)
    every = np.zeros(mirror.count, np.float32)
    every[rows] = own
    score = own.copy()
    before, behind = rows, rows
    for share_before, share_behind in (weights.near, weights.far):
        before, behind = _step(mirror, before, mirror.previous), _step(mirror, behind, mirror.following)
        score += share_before * np.where(before >= 0, every[before], 0)
        score += share_behind * np.where(behind >= 0, every[behind], 0)
    if people:
        score += weights.author * np.isin(mirror.author[rows], list(people))
    if query.session:
        score += weights.session * (mirror.session[rows] == mirror.codes.get(query.session, -1))
    if asked.window is not None and not asked.window.strict:
        moments = mirror.time[rows]
        score += weights.in_window * ((moments >= asked.window.start) & (moments < asked.window.end + _TOLD_LATER_S))
    score += weights.recent * np.exp2((mirror.time[rows] - mirror.time[rows].max()) / (30 * 86_400.0))
    if len(rows) > _WEIGHED:
        best = np.argpartition(-score, _WEIGHED)[:_WEIGHED]
        rows, score, own = rows[best], score[best], own[best]
    every_hit = zip(rows.tolist(), score.tolist(), own.tolist(), strict=True)
    return {row: Hit(row, value, relevance) for row, value, relevance in every_hit}


def _step(mirror: Mirror, at: NDArray[Any], links: NDArray[Any]) -> Any:
    """One turn on in the same conversation; -1 where there is none."""
    there = np.where(at >= 0, links[at], -1)
    loose = mirror.session[there] == 0
    apart = np.abs(mirror.time[there] - mirror.time[at]) > _SAME_TALK_S
    return np.where((there >= 0) & ~(loose & apart), there, -1)


def _through_trace(
    mirror: Mirror, index: Index, hits: dict[int, Hit], mask: NDArray[Any], asked: Asked, past: bool
) -> None:
    """Lends what edges lead to a share of the score; what uses a thing gets most of it when the question asks for
    that.
    """
    best = sorted(hits.values(), key=lambda hit: -hit.score)[:12]
    reach = 3 if asked.depends else 1
    front = [(hit.row, hit.score, hit.relevance) for hit in best[: 5 if asked.depends else 12]]
    seen = {row for row, _, _ in front}
    for _ in range(reach):
        beyond: list[tuple[int, float, float]] = []
        for row, score, relevance in front:
            for other, kind, outgoing in _edges(mirror, index, row):
                dependent = asked.depends and kind == "causal" and not outgoing
                replaced = kind == "supersedes" and (asked.depends or (past and outgoing))
                share = _DEPENDENT if dependent or replaced else _SHARES.get(kind, 0.0)
                if not share or not mask[other]:
                    continue
                lent = share * score
                hit = hits.setdefault(other, Hit(other, 0.0, 0.0))
                if lent > hit.score or dependent:
                    hit.score = max(lent, hit.score) + (0.1 * score if dependent else 0.0)
                    hit.why.append(_edge_reason(kind, outgoing))
                hit.relevance = max(hit.relevance, relevance * (0.95 if dependent else share))
                if other not in seen and (dependent or (asked.depends and kind == "supersedes")):
                    seen.add(other)
                    beyond.append((other, lent, relevance * 0.95))
        front = beyond


def _edges(mirror: Mirror, index: Index, row: int) -> list[tuple[int, str, bool]]:
    seq = int(mirror.seq[row])
    found = index.db.execute(
        "SELECT target,kind,1 FROM edge WHERE source=? AND target IS NOT NULL AND kind!='temporal' "
        "UNION ALL SELECT source,kind,0 FROM edge WHERE target=? AND kind!='temporal' LIMIT 64",
        (seq, seq),
    ).fetchall()
    rows = [(mirror.row_of(other), kind, bool(outgoing)) for other, kind, outgoing in found]
    return [(other, kind, outgoing) for other, kind, outgoing in rows if other is not None and mirror.alive[other]]


def _edge_reason(kind: str, outgoing: bool) -> str:
    return {
        ("causal", True): "a match rests on it",
        ("causal", False): "rests on a match",
        ("topical", True): "same topic as a match",
        ("topical", False): "same topic as a match",
        ("supersedes", True): "a match replaces it",
        ("supersedes", False): "replaces a match",
        ("summary-of", True): "source of a matching summary",
        ("summary-of", False): "summary of a match",
    }.get((kind, outgoing), f"linked to a match ({kind})")


def _chosen(
    mirror: Mirror, index: Index, ordered: list[Hit], query: Query, past: bool, asked: Asked, text: _Text
) -> list[Hit]:
    chosen: list[Hit] = []
    digests: set[int] = set()
    room = math.inf if query.budget is None else query.budget
    for hit in ordered:
        if len(chosen) >= query.k:
            break
        if (mirror.superseded[hit.row] or hit.outdated) and not past:
            continue
        if query.relevant and not _relevant(hit, asked, text):
            continue
        row = index.db.execute(
            "SELECT digest,length(question)+length(answer) FROM episode WHERE seq=?", (int(mirror.seq[hit.row]),)
        ).fetchone()
        if row is None or row[0] in digests:
            continue
        tokens = min(row[1], query.most_text or row[1]) / 4  # about four characters each
        if tokens > room:
            continue
        room -= tokens
        digests.add(row[0])
        chosen.append(hit)
    return chosen


def _relevant(hit: Hit, asked: Asked, text: _Text) -> bool:
    if text.unknown_names:
        return False  # the question is about a part or net that memory has never seen
    return hit.relevance >= _FLOOR


def _explain(
    mirror: Mirror,
    index: Index,
    chosen: list[Hit],
    vector: NDArray[Any] | None,
    text: _Text,
    people: set[int],
    moment: str,
) -> None:
    rows = np.array([hit.row for hit in chosen], np.int64)
    cosines = mirror.vectors.similar(vector, rows) if vector is not None and len(rows) else np.zeros(len(rows))
    for hit, cosine in zip(chosen, cosines, strict=True):
        reasons = []
        if cosine >= 0.35:
            reasons.append(f"similar ({cosine:.2f})")
        held = [word for word, having in text.words.items() if (having == hit.row).any()]
        if held:
            reasons.append("has " + ", ".join(map(shown, held[:6])))
        if int(mirror.author[hit.row]) in people:
            reasons.append("said by the one asked about")
        reasons += list(dict.fromkeys(hit.why))[:3]
        if moment:
            reasons.append(moment)
        if mirror.superseded[hit.row]:
            reasons.append("superseded since")
        if mirror.pinned[hit.row]:
            reasons.append("pinned")
        rests = index.db.execute(
            "SELECT e.ref, e.id FROM edge g JOIN episode e ON e.seq=g.target "
            "WHERE g.source=? AND g.kind='causal' AND e.superseded_by IS NOT NULL LIMIT 1",
            (int(mirror.seq[hit.row]),),
        ).fetchone()
        if rests is not None:
            reasons.append(f"rests on {rests[0] or rests[1][:8]}, which was superseded: check it again")
        hit.why = reasons or ["near a match in the conversation"]
