"""The rules of a panel, as pure functions: what counts, what is a consensus, who decides, what never may happen.

Case-adaptive panel (CAMP, arXiv 2604.00085): KEEP, REFUSE or NEUTRAL per candidate; NEUTRAL leaves the denominator;
strong consensus decides, else the attending, else arbitration by evidence. Here the tools come first: votes only choose
among candidates that stand equally with them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kiki_core.deliberation.model import Ballot, Dossier, Objection

STRONG = 0.75
"""The share of votes that counts, from which on they are a consensus."""
_LEAST = 2
"""Votes that count, of which a consensus is made at least."""
By = Literal["evidence", "consensus", "attending", "arbitration", "measurement"]


@dataclass(frozen=True, slots=True)
class Count:
    """The votes on one candidate."""

    keep: int = 0
    refuse: int = 0
    neutral: int = 0

    @property
    def share(self) -> float | None:
        """KEEP among the votes that count, 0..1; null if none does."""
        counted = self.keep + self.refuse
        return self.keep / counted if counted else None


@dataclass(frozen=True, slots=True)
class Ruled:
    """The candidate that is the answer, by what, and whether it goes back all the same."""

    candidate: int
    by: By
    reason: str
    refused: bool = False


def valid(ballot: Ballot, dossiers: Sequence[Dossier]) -> Ballot:
    """The ballot, neutral if it cites no fact of its candidate's, or votes against what all its cited facts say."""
    facts = {fact.id: fact for one in dossiers if one.number == ballot.candidate for fact in one.facts}
    cited = tuple(dict.fromkeys(each for each in ballot.evidence if each in facts))
    if ballot.vote != "NEUTRAL":
        if not cited:
            return replace(ballot, vote="NEUTRAL", evidence=(), reason=f"cited no evidence: {ballot.reason}"[:200])
        spoken = {facts[each].ok for each in cited} - {None}
        if spoken == {ballot.vote == "REFUSE"}:
            return replace(
                ballot, vote="NEUTRAL", evidence=cited, reason=f"its evidence says else: {ballot.reason}"[:200]
            )
    return replace(ballot, evidence=cited)


def counts(ballots: Sequence[Ballot], candidates: Sequence[int]) -> dict[int, Count]:
    """The votes on each candidate."""
    of = {number: [ballot.vote for ballot in ballots if ballot.candidate == number] for number in candidates}
    return {n: Count(votes.count("KEEP"), votes.count("REFUSE"), votes.count("NEUTRAL")) for n, votes in of.items()}


def standing(dossiers: Sequence[Dossier], objections: Sequence[Objection] = ()) -> list[Dossier]:
    """The candidates after the measurements: one that failed a vital one isn't verified any more."""
    lost = {each.candidate for each in objections if each.ok is False and each.vital}
    return [replace(one, verified=False) if one.number in lost else one for one in dossiers]


def eligible(dossiers: Sequence[Dossier], objections: Sequence[Objection] = ()) -> list[Dossier]:
    """The candidates among which votes may choose: those of the highest tier; of these, those that no measurement
    speaks against, if there are any."""
    stood = standing(dossiers, objections)
    best = max(one.tier for one in stood)
    first = [one for one in stood if one.tier == best]
    doubted = {each.candidate for each in objections if each.ok is False}
    return [one for one in first if one.number not in doubted] or first


def consensus(found: dict[int, Count]) -> int | None:
    """The candidate that the panel agrees on: strongly kept, and the only one; else null."""
    kept = [n for n, c in found.items() if c.share is not None and c.share >= STRONG and c.keep >= _LEAST]
    return kept[0] if len(kept) == 1 else None


def refused(count: Count) -> bool:
    """Whether the panel agrees against a candidate."""
    return count.share is not None and 1 - count.share >= STRONG and count.refuse >= _LEAST


def agreement(ballots: Sequence[Ballot], candidates: Sequence[int]) -> float:
    """How far the votes that count agree, 0..1: the mean share of the commoner one; 1 where nobody spoke."""
    shares = [max(c.share, 1 - c.share) for c in counts(ballots, candidates).values() if c.share is not None]
    return sum(shares) / len(shares) if shares else 1.0


def blind_order(dossiers: Sequence[Dossier], question: str) -> list[Dossier]:
    """The candidates in an order that neither authors nor the order of drafts tell: by a hash of what they say."""

    def key(one: Dossier) -> str:
        return hashlib.sha256(f"{question}\0{one.content}".encode("utf-8", "surrogatepass")).hexdigest()

    return sorted(dossiers, key=key)


def best(dossiers: Sequence[Dossier], question: str) -> Dossier:
    """The candidate that the tools' facts speak for most; equal ones by `blind_order`."""
    return max(blind_order(dossiers, question), key=lambda one: (one.tier, one.rank))


def ruled(
    question: str,
    dossiers: Sequence[Dossier],
    ballots: Sequence[Ballot] = (),
    objections: Sequence[Objection] = (),
    attending: int | None = None,
    arbiter: int | None = None,
) -> Ruled:
    """Who is the answer. ``attending``, ``arbiter``: the candidate that each chose; null: it didn't, or wasn't asked.

    A candidate of a lower tier never wins, whatever was voted or chosen.
    """
    open_ = eligible(dossiers, objections)
    numbers = [one.number for one in open_]
    found = counts(ballots, numbers)
    failed = {each.candidate: each for each in objections if each.ok is False}
    if len(open_) == 1:
        one = open_[0]
        if one.number in failed:
            each = failed[one.number]
            return Ruled(one.number, "measurement", f"{each.measurement}: {each.result}", refused=each.vital)
        moved = bool(failed) and len(eligible(dossiers)) > 1
        turned_down = refused(found[one.number]) and _open_to_doubt(one)
        if turned_down:
            reasons = [b.reason for b in ballots if b.candidate == one.number and b.vote == "REFUSE"]
            return Ruled(one.number, "consensus", "; ".join(reasons)[:300], refused=True)
        if moved:
            each = next(iter(failed.values()))
            return Ruled(one.number, "measurement", f"another failed: {each.measurement}: {each.result}")
        agreed = consensus(found) == one.number
        return Ruled(one.number, "consensus" if agreed else "evidence", _facts(one))
    agreed_on = consensus(found)
    if agreed_on is not None:
        count = found[agreed_on]
        return Ruled(agreed_on, "consensus", f"{count.keep} of {count.keep + count.refuse} keep it")
    if attending in numbers and attending is not None:
        return Ruled(attending, "attending", "the panel doesn't agree; the attending chose by the evidence")
    if arbiter in numbers and arbiter is not None:
        return Ruled(arbiter, "arbitration", "chosen in both orders, without votes and names")
    one = best(open_, question)
    again = (one.number in failed and failed[one.number].vital) or (_open_to_doubt(one) and refused(found[one.number]))
    return Ruled(one.number, "evidence", _facts(one), refused=again)


def _open_to_doubt(one: Dossier) -> bool:
    """Whether votes may send a candidate back: not one whose stated numbers were measured and met."""
    return one.tier < 2 or not one.stated


def _facts(one: Dossier) -> str:
    """What speaks for a candidate, or else against it."""
    said = [fact.text for fact in one.facts if fact.ok] or [fact.text for fact in one.facts if fact.ok is False]
    return "; ".join(said)[:300] or "nothing can be measured of it"
