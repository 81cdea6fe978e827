"""The panel's rules: what counts, what is a consensus, who decides, and that the tools outrank them all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiki_core.deliberation import tally
from kiki_core.deliberation.model import Ballot, Dossier, Fact, Objection
from kiki_core.deliberation.tally import Count

FACTS = (Fact("1", "it ran", True), Fact("2", "gain 9, wanted 10", False), Fact("3", "says: fine", None))


def dossier(number: int, verified: bool | None = True, stated: int = 1, content: str = "") -> Dossier:
    return Dossier(number, content or f"deck {number}", FACTS, verified, (float(verified is True),), stated, stated)


def ballot(who: str, candidate: int, vote: str, *cited: str) -> Ballot:
    return Ballot(who, candidate, vote, cited or ("3",), f"{who} says so")


def objection(candidate: int, ok: bool | None = False, vital: bool = False) -> Objection:
    return Objection(candidate, "output", "does it do anything?", ok, "the output reaches 0 V", vital)


@pytest.mark.parametrize(
    ("vote", "cited", "counts_as"),
    [
        ("KEEP", ("1",), "KEEP"),
        ("REFUSE", ("2",), "REFUSE"),
        ("KEEP", ("3",), "KEEP"),
        ("KEEP", (), "NEUTRAL"),
        ("REFUSE", ("9",), "NEUTRAL"),
        ("KEEP", ("2",), "NEUTRAL"),
        ("REFUSE", ("1",), "NEUTRAL"),
        ("REFUSE", ("1", "2"), "REFUSE"),
    ],
)
def test_a_vote_counts_with_evidence_that_is_there_and_says_so(vote, cited, counts_as):
    given_vote = Ballot("spice", 0, vote, cited, "")
    assert tally.valid(given_vote, [dossier(0)]).vote == counts_as


def test_neutral_leaves_the_denominator():
    ballots = [ballot("spice", 0, "KEEP"), ballot("emc", 0, "KEEP"), ballot("sql", 0, "NEUTRAL")]
    assert tally.counts(ballots, [0])[0] == Count(2, 0, 1)
    assert tally.counts(ballots, [0])[0].share == 1.0
    assert Count(0, 0, 3).share is None


def test_strong_consensus_decides():
    ballots = [ballot(who, 1, "KEEP") for who in ("spice", "emc")] + [
        ballot(who, 0, "REFUSE") for who in ("spice", "emc")
    ]
    found = tally.ruled("q", [dossier(0), dossier(1)], ballots)
    assert (found.candidate, found.by) == (1, "consensus")


def test_without_consensus_the_attending_decides_then_arbitration_then_the_evidence():
    split = [
        ballot("spice", 0, "KEEP"),
        ballot("emc", 0, "REFUSE"),
        ballot("spice", 1, "KEEP"),
        ballot("emc", 1, "REFUSE"),
    ]
    both = [dossier(0), dossier(1)]
    assert tally.ruled("q", both, split, attending=1).by == "attending"
    assert tally.ruled("q", both, split, attending=1, arbiter=0).candidate == 1
    found = tally.ruled("q", both, split, arbiter=1)
    assert (found.candidate, found.by) == (1, "arbitration")
    assert tally.ruled("q", both, split).by == "evidence"


def test_votes_never_save_a_failing_candidate():
    ballots = [ballot(who, 0, "KEEP") for who in "abcdef"] + [ballot(who, 1, "REFUSE") for who in "abcdef"]
    found = tally.ruled("q", [dossier(0, verified=False), dossier(1)], ballots, attending=0, arbiter=0)
    assert found.candidate == 1
    assert not found.refused


def test_a_panel_sends_back_only_what_is_open_to_doubt():
    against = [ballot(who, 0, "REFUSE", "2") for who in ("spice", "emc")]
    assert tally.ruled("q", [dossier(0, stated=0)], against).refused
    assert tally.ruled("q", [dossier(0, verified=None)], against).refused
    assert not tally.ruled("q", [dossier(0, stated=1)], against).refused


def test_a_failed_measurement_moves_the_ruling():
    found = tally.ruled("q", [dossier(0), dossier(1)], objections=[objection(0), objection(1, ok=True)])
    assert (found.candidate, found.by) == (1, "measurement")


def test_a_vital_failure_costs_the_verification_and_another_only_leaves_a_note():
    assert tally.standing([dossier(0)], [objection(0, vital=True)])[0].verified is False
    assert tally.ruled("q", [dossier(0)], objections=[objection(0, vital=True)]).refused
    other = tally.ruled("q", [dossier(0)], objections=[objection(0)])
    assert (other.candidate, other.by, other.refused) == (0, "measurement", False)


def test_what_is_not_measurable_changes_nothing():
    assert tally.ruled("q", [dossier(0)], objections=[objection(0, ok=None, vital=True)]).by == "evidence"


def test_equal_candidates_are_told_apart_without_their_order():
    one, two = dossier(0, content="A"), dossier(1, content="B")
    assert tally.best([one, two], "q") == tally.best([two, one], "q")
    renumbered = tally.best([dossier(5, content="A"), dossier(3, content="B")], "q")
    assert renumbered.content == tally.best([one, two], "q").content


VOTES = st.sampled_from(["KEEP", "REFUSE", "NEUTRAL"])
CASES = st.lists(st.tuples(st.sampled_from([True, None, False]), st.integers(0, 2)), min_size=1, max_size=5)


@given(
    CASES,
    st.lists(st.tuples(st.integers(0, 4), VOTES), max_size=15),
    st.lists(st.tuples(st.integers(0, 4), st.sampled_from([True, None, False]), st.booleans()), max_size=6),
    st.none() | st.integers(0, 6),
    st.none() | st.integers(0, 6),
)
def test_the_ruling_never_prefers_an_unverified_candidate_to_a_verified_one(cases, votes, doubts, attending, arbiter):
    dossiers = [dossier(number, verified, stated) for number, (verified, stated) in enumerate(cases)]
    ballots = [ballot(f"p{n}", candidate, vote) for n, (candidate, vote) in enumerate(votes)]
    objections = [objection(candidate, ok, vital) for candidate, ok, vital in doubts]
    found = tally.ruled("q", dossiers, ballots, objections, attending, arbiter)
    stood = {one.number: one for one in tally.standing(dossiers, objections)}
    assert stood[found.candidate].tier == max(one.tier for one in stood.values())
