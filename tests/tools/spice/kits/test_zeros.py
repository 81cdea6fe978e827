"""Elliptic and Linkwitz-Riley filters: the ladder is its prototype, and the decks hold in ngspice."""

import math

import numpy as np
import pytest
from kit_runs import fit

from kiki_tools.spice.kits.ladder import NoLadder
from kiki_tools.spice.kits.prototypes import prototype
from kiki_tools.spice.kits.zeros import ladder


def through(arms: list, w: float) -> float:
    """|H| of shunt capacitors and series traps between 1 ohm and 1 ohm, 1 where all available power arrives."""
    s, chain = 1j * w, np.eye(2, dtype=complex)
    for shunt, trap in arms:
        chain = chain @ np.array([[1, 0], [s * shunt, 1]])
        if trap is not None:
            chain = chain @ np.array([[1, 1 / (s * trap[1] + 1 / (s * trap[0]))], [0, 1]])
    return abs(2 / chain.sum())


@pytest.mark.parametrize(
    ("order", "ripple", "stop"), [(3, 0.1, 30), (5, 0.1, 50), (5, 0.5, 60), (7, 0.1, 70), (9, 0.1, 80)]
)
def test_an_elliptic_ladder_has_its_prototypes_response(order: int, ripple: float, stop: float) -> None:
    proto = prototype("elliptic", order, ripple, stop)
    arms = ladder(proto)
    assert len(arms) == (order + 1) // 2
    for w in (0.1, 0.5, 0.9, 1.0, 1.3, 2.0):
        assert through(arms, w) == pytest.approx(proto.magnitude(w), abs=1e-4)


def test_an_even_elliptic_ladder_between_equal_resistances_is_refused() -> None:
    with pytest.raises(NoLadder, match="odd order"):
        ladder(prototype("elliptic", 4, 0.1, 40))


@pytest.mark.parametrize("plan", [
    {"kit": "lc_lowpass", "response": "elliptic", "order": 5, "cutoff_hz": 1e6, "ripple_db": 0.1, "stop_db": 50},
    {"kit": "lc_highpass", "response": "elliptic", "pass_hz": 10e6, "max_loss_db": 0.3, "stop_hz": 7e6, "stop_db": 50},
    {"kit": "active_lowpass", "response": "elliptic", "pass_hz": 1e3, "max_loss_db": 0.5, "stop_hz": 1.5e3,
     "stop_db": 40},
    {"kit": "active_highpass", "response": "linkwitz-riley", "order": 4, "cutoff_hz": 2e3},
])  # fmt: skip
async def test_filters_with_zeros_and_crossover_filters_hold(plan: dict) -> None:
    found = await fit(plan.pop("kit"), **plan)
    assert found.ok, found.reason


async def test_a_linkwitz_riley_is_6_db_down_at_its_frequency() -> None:
    found = await fit("active_lowpass", response="linkwitz-riley", order=4, cutoff_hz=100.0)
    assert [check.wanted.quantity for check in found.checks if check.wanted.unit == "Hz"] == ["-6 dB frequency"]
    assert prototype("linkwitz-riley", 4).loss_db(1.0) == pytest.approx(20 * math.log10(2), abs=1e-6)


async def test_a_butterworth_may_not_peak_before_its_corner() -> None:
    found = await fit("lc_highpass", response="butterworth", order=2, cutoff_hz=3500.0, source_ohm=0.0, load_ohm=8.0)
    peak = next(check for check in found.checks if check.wanted.measure == "pass_peak")
    assert found.ok
    assert peak.measured is not None
    assert peak.measured <= 0.5


async def test_resistors_and_capacitors_alone_make_a_wide_band_only() -> None:
    wide = await fit("rc_bandpass", low_hz=300.0, high_hz=3000.0)
    narrow = await fit("rc_bandpass", low_hz=900.0, high_hz=1100.0)
    assert wide.ok, wide.reason
    assert not narrow.text
    assert "take op-amps" in narrow.reason


async def test_a_notch_is_measured_at_its_frequency() -> None:
    found = await fit("active_notch", center_hz=1000.0, q=3.0, stop_db=50.0)
    card = next(line for line in found.text.splitlines() if line.startswith(".ac "))
    _, _, points, low, high = card.split()
    steps = float(points) * math.log10(1000.0 / float(low))
    assert found.ok
    assert steps == pytest.approx(round(steps), abs=1e-6)
    # ngspice spreads the points evenly from the first to the last one
    assert float(points) * math.log10(float(high) / float(low)) == pytest.approx(
        round(float(points) * math.log10(float(high) / float(low))), abs=1e-5
    )
