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
