"""From a sensor to the converter: the deck and the code tell the same numbers."""

import asyncio
import re

import pytest

from kiki_core.planning import cross
from kiki_core.planning.cross.front_end import Impossible, designed
from kiki_core.planning.cross.ranges import signal_of
from kiki_core.planning.cross.stages import _buffered
from kiki_core.planning.cross.wishes import wishes_of


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("0-50 mV sensor", (0.0, 0.05)),
        ("±5 V input", (-5.0, 5.0)),
        ("4-20 mA loop", (0.004, 0.02)),
        ("LM35 from 0 to 80 °C", (0.0, 0.8)),
        ("Boucle 4…20 mA", (0.004, 0.02)),
        ("10 mV peak around zero", (-0.01, 0.01)),
        ("200 mVpp centered on 1.25 V", (1.15, 1.35)),
        ("hall sensor, 2.5 V ± 1.3 V", (1.2, 3.8)),
        ("0 to -5 V", (-5.0, 0.0)),
        ("±1 g, 1.65 V at 0 g and 660 mV/g", (0.99, 2.31)),
        ("1 to 4 V, scaled to 0-3.3 V", (1.0, 4.0)),
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
        ("load cell 2 mV/V at 5 V, 20 kg full scale", (0.0, 20.0), "kg"),
        ("2.9 V at -20 °C and 0.4 V at 100 °C", (100.0, -20.0), "degC"),
        ("+414 mV at pH 0 and -414 mV at pH 14", (14.0, 0.0), "pH"),
        ("0.5 V at -20 A, 2.5 V at 0 A, 4.5 V at 20 A", (-20.0, 20.0), "A"),
        ("UV photodiode, 0-2 µA = UV index 0-12", (0.0, 12.0), "UV index"),
        ("0-10 V = about 0 to 12 bar", (0.0, 12.0), "bar"),
        ("salida de 0,8 V (0 %HR) a 3,9 V (100 %HR)", (0.0, 100.0), "%HR"),
        ("soil probe 0 to 3 V, moisture 0 to 100 percent", (0.0, 100.0), "%"),
        ("4..20 mA = 0..50 m/s", (0.0, 50.0), "m/s"),
        ("shunt 100 ohm for 4-20 mA sensor", (0.004, 0.02), "A"),
    ],
)
def test_what_a_signal_stands_for(text: str, ends: tuple[float, float], unit: str) -> None:
    found = signal_of(text, 3.3)
    assert found is not None
    assert (found.ends, found.unit) == (pytest.approx(ends), unit)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("±10 V to 0-3.3 V", (0.05, 3.25)),
        ("±50 mV, gain 30, offset 1.65 V", (0.15, 3.15)),
        ("9 to 16 V, whole ADC range", (0.099, 3.201)),
        ("1.2 to 1.8 V, whole ADC range", (0.099, 3.201)),
        ("1.2 to 1.8 V", (2.068, 3.102)),
        ("0.5 to 4.5 V for 100 psi full scale", (0.345, 3.102)),
        ("1.2 to 1.8 V, DMA buffer, use the full scale", (0.099, 3.201)),
        ("±2.5 V differential", (0.099, 3.201)),
        ("0 to 41 mV, gain 75", (0.0, 3.075)),
        ("bridge ±2 mV/V at 5 V", (0.099, 3.201)),
    ],
)
def test_the_line_from_a_sensor_to_the_converter(text: str, ends: tuple[float, float]) -> None:
    wishes, signal = wishes_of(text), signal_of(text, 3.3)
    assert signal is not None
    made = designed(signal, wishes)
    got = [made.offset + made.slope * each for each in (signal.low, signal.high)]
    assert got == pytest.approx(ends, abs=0.05)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("±50 mV straight onto the pin, no amplifier", "below ground"),
        ("0 to 100 mV, gain 50", "at most 33"),
        ("0-1 V, Chebyshev low-pass of 1 kHz", "Chebyshev"),
        ("0-1 V, corner of 1 kHz, at least 100 dB at 2 kHz", "order"),
    ],
)
def test_what_no_front_end_does_is_refused(text: str, why: str) -> None:
    signal = signal_of(text, 3.3)
    assert signal is not None
    with pytest.raises(Impossible, match=why):
        designed(signal, wishes_of(text))


def test_an_order_and_an_attenuation_are_designed_and_measured() -> None:
    text = "0-1 V sensor, ADC1 PA0 of an F446RE, 1 kHz corner, 20 kHz down at least 60 dB, 50 kS/s"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    got = {each.quantity: each for each in found.requirements}
    assert got["attenuation at 20 kHz"].ok
    assert got["corner of the filter"].ok
    assert "Rf2b" in found.plan["front_end"]
    assert found.verified is True


def test_sampling_time_and_limits_come_from_the_sensor() -> None:
    text = "Divider for 0-60 V, ADC1 PA0 of an F446RE, 20 Hz filter, 84 cycles sampling time, analog watchdog at 48 V and 58 V"
    found = asyncio.run(cross.planned(text, ["stm32"], None))  # type: ignore[arg-type]
    assert found is not None
    adc = found.plan["firmware"]["peripherals"][0]
    per = 0.94 * 4095 / 60
    assert (adc["low"], adc["high"]) == pytest.approx((48 * per, 58 * per), rel=0.01)
    assert any(each.quantity == "ADC1 sampling time" and each.ok for each in found.requirements)


def test_a_level_from_the_reference_is_near_what_is_asked() -> None:
    level, cards, values = _buffered(0.8, 3.3, ("R5", "R6", "X2"))
    assert level == pytest.approx(0.8, rel=0.02)
    assert level == pytest.approx(3.3 * values["R6"] / (values["R5"] + values["R6"]))
    assert cards[1].startswith(f"R5 ref bias {values['R5']:.6g}")


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
        ("0-5 V sensor, ADC1 PA1 of an F446RE, 10 Hz low pass, scale 0 to 250", "0 to 250"),
        ("0-10 V sensor with 14 bit into ADC1 PA0 F446RE", "14 bits"),
        ("0-5 V sensors on PA0 and PA1, ADC1 of F446RE, 100 Hz low pass each", "pin PA1"),
        ("0-5 V sensor, ADC1 PA0 of F446RE, galvanic isolation", "isolation"),
        ("0-100 mV sensor, INA128 amplifier, ADC1 PA0 of F446RE", "INA128"),
        ("0-5 V sensor, ADC1 PA0 F446RE, and send it over USART2", "USART2"),
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
