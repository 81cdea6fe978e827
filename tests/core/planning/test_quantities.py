"""What the unit-aware reader finds in a text."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiki_core.planning.quantities import Quantity, neighbours, read


def the(text: str) -> Quantity:
    """The one quantity of a text."""
    found = read(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,5 kHz", 1500, "Hz"),
        ("a 100-Hz tone", 100, "Hz"),
        ("10 mhz", 10e6, "Hz"),
        ("10 mHz", 0.01, "Hz"),
        ("10KHZ", 10e3, "Hz"),
        ("4k7", 4700, ""),
        ("2R2", 2.2, "ohm"),
        ("3V3", 3.3, "V"),
        ("100n", 1e-7, ""),
        ("0,1 µF", 1e-7, "F"),
        ("USE 100 NF", 1e-7, "F"),
        ("RIPPLE 50 MV", 0.05, "V"),
        ("10 k ohm", 10e3, "ohm"),
        ("4.7 Megohm", 4.7e6, "ohm"),
        ("8 ohms", 8, "ohm"),
        ("47 kΩ", 47e3, "ohm"),
        ("-3 dB", -3, "dB"),
        ("\u221260 dB/decade", -60, "dB/decade"),
        ("40 dB per octave", 40, "dB/octave"),
        ("24 dB/oct", 24, "dB/octave"),
        ("a slope of 20 dB pro Dekade", 20, "dB/decade"),
        ("10 V/µs", 10e6, "V/s"),
        ("five volts", 5, "V"),
        ("ten kilohertz", 10e3, "Hz"),
        ("a gain of twenty", 20, ""),
        ("1e3 Hz", 1000, "Hz"),
        ("2x10^3 Hz", 2000, "Hz"),
        ("12,000 Hz in the band", 12000, "Hz"),
        ("ein Tiefpass mit 1.000 Hz", 1000, "Hz"),
        ("ein Tiefpass mit 1,000 kHz", 1000, "Hz"),
        ("a filter at 1.000 kHz", 1000, "Hz"),
        ("un filtre à 1 000 Hz", 1000, "Hz"),
        ("5 mil hercios", 5000, "Hz"),
        ("25 °C", 25, "degC"),
        ("45°", 45, "deg"),
        ("1 Msps", 1e6, "S/s"),
        ("115200 baud", 115200, "baud"),
        ("16-bit", 16, "bit"),
        ("50 mil", 50, ""),
        ("0.65 mm", 0.65e-3, "m"),
        ("20 mA", 0.02, "A"),
        ("2A", 2, "A"),
        ("0.5 W", 0.5, "W"),
    ],
)
def test_values_and_units(text: str, value: float, unit: str) -> None:
    one = the(text)
    assert one.value == pytest.approx(value)
    assert one.unit == unit


@pytest.mark.parametrize(
    "text", ["STM32F407", "2N3904", "1N4148", "BC547", "SOIC-8", "PA9", "LM358", "USART1", "R1", "f0", "3rd"]
)
def test_names_are_no_quantities(text: str) -> None:
    assert read(f"use {text} please") == ()


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("at least 40 dB", ">="),
        ("not less than 40 dB", ">="),
        (">= 40 dB", ">="),
        ("40 dB or more", ">="),
        ("minimum attenuation of 40 dB", ">="),
        ("au moins 40 dB", ">="),
        ("mindestens 40 dB", ">="),
        ("al menos 40 dB", ">="),
        ("40 dB min", ">="),
        ("ripple under 50 mV", "<="),
        ("no more than 50 mV", "<="),
        ("must not exceed 50 mV", "<="),
        ("≤50 mV", "<="),
        ("ondulation inférieure à 50 mV", "<="),
        ("höchstens 50 mV", "<="),
        ("rizado menor de 50 mV", "<="),
        ("50 mV max", "<="),
        ("about 50 mV", "="),
        ("12 V -> 5 V", "="),
    ],
)
def test_comparisons(text: str, op: str) -> None:
    assert read(text)[-1].op == op


@pytest.mark.parametrize(
    ("text", "width"),
    [("1 kHz +/- 5%", 50), ("1 kHz ± 50 Hz", 50), ("1 kHz (±5 %)", 50), ("1 kHz within 2%", 20), ("5 V ±0.1", 0.1)],
)
def test_tolerances_join_their_value(text: str, width: float) -> None:
    assert the(text).tolerance == pytest.approx(width)


def test_symmetric_supplies_are_no_tolerance() -> None:
    assert (the("from ±15 V rails").value, the("from +/-15V").form) == (15, "±")


def test_conditions_follow_their_quantity() -> None:
    found = read("attenuation of at least 40 dB at 10 kHz, 5 V at 2 A from 12 V")
    assert [[c.text for c in one.conditions] for one in found] == [["10 kHz"], [], ["2 A", "12 V"], [], []]


@pytest.mark.parametrize("text", ["from 12 V to 5 V", "de 12 V a 5 V", "von 12 V auf 5 V", "de 12 V à 5 V"])
def test_conversions(text: str) -> None:
    assert [(one.lead, one.value) for one in read(text)] == [("from", 12), ("to", 5)]


@pytest.mark.parametrize("text", ["between 3 and 5 V", "entre 3 et 5 V", "zwischen 3 und 5 V", "entre 3 y 5 V"])
def test_ranges(text: str) -> None:
    assert [(one.op, one.value, one.unit) for one in read(text)] == [(">=", 3, "V"), ("<=", 5, "V")]


def test_a_range_shares_its_unit() -> None:
    assert [one.value for one in read("3-5 kHz")] == [3000, 5000]
    assert [one.value for one in read("20 to 20k Hz")] == [20, 20000]
    assert [one.value for one in read("a 3 x 2 mm package")] == [pytest.approx(3e-3), pytest.approx(2e-3)]


def test_neighbours_end_at_the_next_quantity() -> None:
    text = "Gain of 20 dB, cutoff at 1 kHz please"
    found = read(text)
    assert neighbours(text, found, 1) == (", cutoff at ", " please")


HOSTILE = ("1" * 50_000, "1." * 50_000, " " * 100_000 + "1", "at least " * 20_000, "+/-" * 40_000, "5 V at 2 A " * 9000,
           "max a b " * 20_000, "1 000" * 20_000, "one hundred " * 10_000, "\0" * 100)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_in_linear_time(text: str) -> None:
    assert len(read(text)) <= 200  # quadratic patterns take minutes here


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="0123456789.,+-/%±kmMuHzVdB° atoflesx()é", max_size=60))
def test_any_text_is_read_in_order_and_place(text: str) -> None:
    found = read(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= after.start for one, after in itertools.pairwise(found))
