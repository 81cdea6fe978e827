"""The dissenter's strength: more with complexity and agreement, less with evidence."""

from hypothesis import given
from hypothesis import strategies as st

from kiki_core.deliberation import dissent

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, SHARE)
def test_strength_grows_with_complexity_and_agreement_and_shrinks_with_evidence(a, b, other, third):
    low, high = sorted((a, b))
    assert dissent.strength(low, other, third) <= dissent.strength(high, other, third)
    assert dissent.strength(other, low, third) <= dissent.strength(other, high, third)
    assert dissent.strength(other, third, high) <= dissent.strength(other, third, low)
    assert 0 <= dissent.strength(a, b, other) <= 1


def test_a_bare_run_is_doubted_and_measured_numbers_are_not():
    simple = dissent.complexity(domains=1, stated=0, artefacts=1, characters=60)
    bare = dissent.strength(simple, 1.0, dissent.evidence(0, 0, True))
    proven = dissent.strength(simple, 1.0, dissent.evidence(1, 1, True))
    assert dissent.measurements(bare) == 1
    assert dissent.measurements(proven) == 0


def test_a_hard_case_that_all_agree_on_is_doubted_twice():
    hard = dissent.complexity(domains=3, stated=2, artefacts=2, characters=900)
    assert dissent.measurements(dissent.strength(hard, 1.0, dissent.evidence(2, 0, True))) == 2
    assert hard > dissent.complexity(domains=1, stated=2, artefacts=2, characters=900)
