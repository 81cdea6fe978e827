"""Numbers in prose against the measurement: put right where unmistakable, left alone elsewhere."""

import asyncio

import pytest

from kiki_core.events import Artefact
from kiki_core.verification import check_deck, claims

DECK = "* RC\nV1 in 0 AC 1\nR1 in out 15.9k\nC1 out 0 10n\n.ac dec 50 10 100k\n.meas ac f3 when vdb(out)=-3.01\n.end\n"


@pytest.fixture(scope="module")
def run():
    found = asyncio.run(check_deck(Artefact("c.cir", "spice", DECK, None), 0)).simulation
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        ("The corner frequency is 1.2 kHz.", "The corner frequency is 1.001 kHz (measured)."),
        ("Its cut-off is **2 kHz** then.", "Its cut-off is **1.001 kHz (measured)** then."),
        ("The gain is 20 dB.", "The gain is -0.0004"),
        ("f3 = 3 kHz", "f3 = 1.001 kHz (measured)"),
        ("La fréquence de coupure est de 2,5 kHz.", "La fréquence de coupure est de 1.001 kHz (measured)."),
    ],
)
def test_a_wrong_claim_is_put_right(said, becomes, run):
    assert claims.corrected(said, claims.claims(said, run)).startswith(becomes)


@pytest.mark.parametrize(
    "said",
    [
        "The corner frequency is about 1.0 kHz.",
        "You asked for a corner frequency of 2 kHz.",
        "The first stage has a corner of 5 kHz.",
        "With an ideal source the gain is 20 dB.",
        "The gain is -20 dB at 10 kHz.",
        "A gain of at least 10 follows.",
        "R1 is 15.9 kΩ, C1 is 10 nF.",
        "f_c = 1/(2 pi R C) = 1.59 kHz.",
        "The output impedance is 2 kHz odd.",
        "```spice\n* the corner frequency is 9 kHz\n```\n",
    ],
)
def test_what_is_right_or_no_claim_stays_as_it_is(said, run):
    assert claims.corrected(said, claims.claims(said, run)) == said


@pytest.mark.parametrize(
    ("value", "unit", "told"), [(1001.05, "Hz", "1.001 kHz"), (2e-7, "s", "200 ns"), (-3.01, "dB", "-3.01 dB")]
)
def test_numbers_are_spelled_as_engineers_do(value, unit, told):
    assert claims.spelled(value, unit) == told
