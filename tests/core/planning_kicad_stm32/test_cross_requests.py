"""From a sensor to the converter: the deck and the code tell the same numbers."""

import asyncio
import re

import pytest

from kiki_core.planning import cross
from kiki_core.planning.cross.ranges import signal_of


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("0-50 mV sensor", (0.0, 0.05)),
        ("±5 V input", (-5.0, 5.0)),
        ("4-20 mA loop", (0.004, 0.02)),
        ("LM35 from 0 to 80 °C", (0.0, 0.8)),
        ("Boucle 4…20 mA", (0.004, 0.02)),
    ],
)
def test_the_range_of_a_sensor(text: str, ends: tuple[float, float]) -> None:
    found = signal_of(text, 3.3)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(ends)


@pytest.mark.parametrize(
    ("text", "ends", "unit"),
    [
        ("0-20 mA transmitter, 0-100 °C, ADC of an F446", (0.0, 100.0), "degC"),
        ("4 bis 20 mA = 0 bis 6 bar an PA1", (0.0, 6.0), "bar"),
        ("current sensor, 1 to 4 V for 0 to 30 A", (0.0, 30.0), "A"),
    ],
)
def test_what_a_signal_stands_for(text: str, ends: tuple[float, float], unit: str) -> None:
    found = signal_of(text, 3.3)
    assert found is not None
    assert (found.ends, found.unit) == (pytest.approx(ends), unit)


def test_a_photodiode_gets_a_transimpedance_stage() -> None:
    text = "Photodiode 0 to 2 µA, transimpedance stage, ADC1 on PA1 of an F411RE, 500 Hz low pass, code in microamperes"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    assert found.verified is True
    assert "SENSOR_HIGH 2.0f" in next(each.text for each in found.artefacts if each.name == "main.c")


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("0-5 V sensor, ADC1 PA0 of an F446RE, and mains ripple of 50 Hz", "50 Hz"),
        ("0-10 V sensor with 14 bit into ADC1 PA0 F446RE", "14 bits"),
        ("0-5 V sensors on PA0 and PA1, ADC1 of F446RE, 100 Hz low pass each", "pin PA1"),
        ("NTC divider 0.3 to 2.9 V on ADC1 PA1, STM32G431RB, 100 Hz low pass, give degrees", "degrees"),
    ],
)
def test_what_nothing_took_is_told(text: str, lost: str) -> None:
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    assert found.verified is False
    assert any(lost in note for note in found.notes)


def test_samples_that_the_converter_cannot_make_are_refused() -> None:
    text = "0-10 V sensor into ADC1 of an STM32F446RE at 5 MS/s"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    assert found.verified is False
    assert "2.4 MS/s" in found.text


def test_both_sides_tell_the_same_numbers() -> None:
    text = "0-50 mV sensor into ADC1 of an STM32F446RE at 10 kS/s with DMA, anti-alias filter at 1 kHz"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    assert found.verified is True
    simulated = {each.quantity: each.measured for each in found.requirements}
    code = next(each.text for each in found.artefacts if each.name == "main.c")
    high = re.search(r"SENSOR_COUNTS_HIGH (\d+)", code)
    assert high is not None
    assert simulated["counts at the high end"] == pytest.approx(int(high[1]), abs=10)


def test_a_filter_that_lets_aliases_through_is_refused() -> None:
    text = "0-1 V sensor, STM32F446 ADC at 1 kS/s with an anti-alias filter at 5 kHz"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    assert found.verified is False
    assert "500 Hz" in found.text
