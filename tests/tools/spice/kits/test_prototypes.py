"""Prototypes and ladders against scipy.signal and against their own response; preferred values against IEC 60063."""

import math

import numpy as np
import pytest
from scipy import signal

from kiki_tools.spice.kits import bands, ladder, series
from kiki_tools.spice.kits.prototypes import order_for, prototype

W = np.logspace(-2, 1, 40)
DESIGNS = {
    "butterworth": lambda n: signal.butter(n, 1, analog=True, output="zpk"),
    "chebyshev": lambda n: signal.cheby1(n, 0.5, 1, analog=True, output="zpk"),
    "bessel": lambda n: signal.bessel(n, 1, analog=True, output="zpk", norm="mag"),
    "elliptic": lambda n: signal.ellip(n, 0.5, 40, 1, analog=True, output="zpk"),
}


@pytest.mark.parametrize("response", DESIGNS)
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 7, 8, 10])
def test_a_prototype_is_that_of_scipy(response: str, order: int) -> None:
    _, theirs = signal.freqs_zpk(*DESIGNS[response](order), W)
    ours = prototype(response, order, 0.5, 40)
    assert [ours.magnitude(w) for w in W] == pytest.approx(np.abs(theirs), rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(("loss", "stop", "ratio"), [(1, 40, 3.3), (0.5, 60, 1.5), (3, 20, 1.2), (0.1, 80, 4)])
def test_the_order_is_that_of_scipy(loss: float, stop: float, ratio: float) -> None:
    theirs = {"butterworth": signal.buttord, "chebyshev": signal.cheb1ord, "elliptic": signal.ellipord}
    for response, order in theirs.items():
        wanted = int(order(1, ratio, loss, stop, analog=True)[0])
        assert order_for(response, loss, stop, ratio) == (wanted if wanted <= 20 else None)


def attenuation_db(begins: str, values: list[float], load: float, w: float) -> float:
    """Of a ladder between 1 ohm and a load, by its chain matrix."""
    chain = np.array([[1, 1], [0, 1]], complex)
    for n, value in enumerate(values):
        x = 1j * w * value
        chain = chain @ np.array([[1, x], [0, 1]] if (n % 2 == 0) == (begins == "series") else [[1, 0], [x, 1]])
    chain = chain @ np.array([[1, 0], [1 / load, 1]])
    return 20 * math.log10(abs(chain[0, 0]))


@pytest.mark.parametrize("response", ["butterworth", "chebyshev", "bessel"])
@pytest.mark.parametrize("load", [1.0, 2.0, 0.25, 10.0])
def test_a_ladder_has_the_response_that_it_was_made_for(response: str, load: float) -> None:
    for order in range(1, 10):
        wanted = prototype(response, order, 0.5)
        try:
            begins, values = ladder.doubly(wanted, load)
        except ladder.NoLadder:
            assert (response, order % 2) == ("chebyshev", 0), "only an even Chebyshev has none"
            continue
        shape = [attenuation_db(begins, values, load, w) - attenuation_db(begins, values, load, 1e-6) for w in W]
        assert shape == pytest.approx([wanted.loss_db(w) - wanted.loss_db(1e-6) for w in W], rel=1e-4, abs=1e-3)


def test_a_ladder_on_a_voltage_source_is_the_textbook_s() -> None:
    assert ladder.singly(prototype("butterworth", 3)) == pytest.approx([1.5, 4 / 3, 0.5])


@pytest.mark.parametrize(
    ("value", "of", "nearest"),
    [(1.05e3, "E12", 1e3), (9.5e-9, "E24", 9.1e-9), (9.6e-9, "E12", 1e-8), (4.99e3, "E96", 4.99e3), (0.0, "E12", 0.0),
     (9.22e4, "E192", 9.2e4), (3.0, "E3", 2.2), (1e-12, "E6", 1e-12), (123.4, None, 123.4)],
)  # fmt: skip
def test_nearest_preferred_value(value: float, of: str | None, nearest: float) -> None:
    assert series.nearest(value, of) == nearest


def test_series_have_their_counts_and_contain_each_other() -> None:
    for coarse, fine in (("E3", "E6"), ("E6", "E12"), ("E12", "E24"), ("E48", "E96"), ("E96", "E192")):
        assert set(series.mantissas(coarse)) < set(series.mantissas(fine))
        assert len(series.mantissas(fine)) == int(fine[1:])
    assert list(series.between(8.2, 12, "E12")) == [8.2, 10, 12]
    first, second = series.pair(9.0, "E24", 1e3, 1e4)
    assert first / second == pytest.approx(9, rel=2e-3)
    with pytest.raises(ValueError, match="no series"):
        series.mantissas("E13")


def test_corners_of_a_band_pass_lie_between_its_loss_and_its_stop_band() -> None:
    plan = {"low_hz": 144e6, "high_hz": 146e6, "max_loss_db": 1.0, "stop_low_hz": 108e6, "stop_db": 40.0}
    widened, inner = bands.widened(plan, lambda n: prototype("butterworth", n, 0.5).at_3db(), 12, "band-pass")
    assert inner is not None
    found = bands.band(widened)
    proto = prototype("butterworth", widened["order"] // 2, 0.5).at_3db()
    assert proto.loss_db(found.ratio(144e6)) < 0.6
    assert proto.loss_db(found.ratio(108e6)) > 41
