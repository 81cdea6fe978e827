"""What baud rates, timers, buses and conversions come to with the clocks of the project, and how far they are off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kiki_tools.stm32.clocks import Clocks, Value, shown
from kiki_tools.stm32.code import Function, Source, Word
from kiki_tools.text import Span

_FAST = frozenset(
    {"USART1", "USART6", "UART9", "UART10", "SPI1", "SPI4", "SPI5", "SPI6", "ADC1", "ADC2", "ADC3"}
    | {f"TIM{number}" for number in (1, 8, 9, 10, 11, 15, 16, 17, 20)}
)
"""What hangs on APB2."""
TOO_FAR = 0.02
"""A UART's clock may be off by two per cent and still be read at the other end."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a baud rate or a timer comes to: the place that sets it, a line for a reader, how far off (a fraction)."""

    function: Function
    span: Span
    shown: str
    error: float = 0.0
    kind: str = ""
    """`baud`, `timer`, `spi`, `i2c` or `adc`."""

    @property
    def is_too_far(self) -> bool:
        """Whether a receiver would lose bits."""
        return self.kind == "baud" and abs(self.error) > TOO_FAR


def count(text: str) -> int | None:
    """A whole number as code writes it: `8400`, `8400U`, `8400 - 1`, `0x20A`."""
    found = re.fullmatch(r"\(?\s*(0[xX][0-9a-fA-F]+|\d{1,10})[uUlL]*\s*(?:-\s*(\d{1,10})[uUlL]*)?\s*\)?", text)
    return (
        int(found.group(1), 0 if found.group(1)[:2] in ("0x", "0X") else 10) - int(found.group(2) or 0)
        if found
        else None
    )


def rates(source: Source, clocks: Clocks, value: Value, family: str = "") -> Iterator[Rate]:
    """What the rates and timers of a file come to with the buses' clocks."""
    for function in source.functions:
        text = function.text
        if not any(
            word in text for word in ("BaudRate", "Period", "ClockSpeed", "Timing", "SamplingTime", "Autoreload")
        ):
            continue
        yield from _rates_in(function, clocks, value, family)


def _rates_in(function: Function, clocks: Clocks, value: Value, family: str) -> Iterator[Rate]:
    fields: dict[str, dict[str, Word]] = {}
    for assignment in function.assignments:
        owner, _, name = assignment.target.text.replace("->", ".").replace(".Init.", ".").rpartition(".")
        if owner and assignment.operator == "=":
            fields.setdefault(owner, {})[name] = assignment.value
    for call in function.calls:
        if re.fullmatch(r"LL_(?:USART|LPUART|TIM|SPI|I2C)_Init", call.name.text) and len(call.arguments) == 2:
            owner = call.arguments[1].text.lstrip("& ")
            if owner in fields:
                fields[owner].setdefault("Instance", call.arguments[0])
    adc = next((each for each in fields.values() if "ClockPrescaler" in each and "Resolution" in each), None)
    for settings in fields.values():
        instance = value(settings["Instance"].text) if "Instance" in settings else ""
        if "BaudRate" in settings and re.fullmatch(r"(?:LP)?US?ART\d+", instance):
            yield from _baud(function, instance, settings, clocks, value)
        elif "Prescaler" in settings and ("Period" in settings or "Autoreload" in settings) and instance[:3] == "TIM":
            yield from _timer(function, instance, settings, clocks, value)
        elif ("BaudRatePrescaler" in settings or "BaudRate" in settings) and re.fullmatch(r"SPI\d", instance):
            yield from _spi(function, instance, settings, clocks, value)
        elif "ClockSpeed" in settings and re.fullmatch(r"I2C\d", instance):
            yield from _i2c_old(function, instance, settings["ClockSpeed"], settings, clocks, value)
        elif "Timing" in settings and re.fullmatch(r"I2C\d", instance):
            yield from _i2c(function, instance, settings["Timing"], clocks, value, family)
        elif "SamplingTime" in settings and "Channel" in settings and adc is not None:
            yield from _adc(function, settings["SamplingTime"], adc, clocks, value, family)


def _bus(instance: str, clocks: Clocks) -> float | None:
    return (clocks.pclk2 or clocks.pclk1) if instance in _FAST else clocks.pclk1


def _baud(
    function: Function, instance: str, settings: Mapping[str, Word], clocks: Clocks, value: Value
) -> Iterator[Rate]:
    word = settings["BaudRate"]
    wanted, bus = count(value(word.text)), _bus(instance, clocks)
    if not wanted or not bus:
        return
    if instance.startswith("LPUART"):
        # Its divider has eight bits of fraction and is 3 at least (RM0440 38.4.7).
        bus, least = 256 * bus, 3 * 256
        error = bus / max(least, round(bus / wanted)) / wanted - 1
        yield Rate(function, word.span, f"{wanted * (1 + error):.0f} baud, {error:+.2%}", error, "baud")
        return
    # With oversampling by 8 the divider keeps three bits of its fraction: the same step of the clock (RM0090 30.3.4).
    eight = "OverSampling" in settings and value(settings["OverSampling"].text).endswith("8")
    divider = max(8 if eight else 16, round(bus / wanted))
    error = bus / divider / wanted - 1
    yield Rate(function, word.span, f"{bus / divider:.0f} baud, {error:+.2%}", error, "baud")


def timer_clock(instance: str, clocks: Clocks) -> float | None:
    """A timer's clock: its bus's, doubled where the bus is divided (RM0090 7.2, RM0440 7.2)."""
    bus = _bus(instance, clocks)
    if not bus or not clocks.hclk:
        return None
    return bus if bus >= clocks.hclk * 0.999 else 2 * bus


def _timer(
    function: Function, instance: str, settings: Mapping[str, Word], clocks: Clocks, value: Value
) -> Iterator[Rate]:
    period_word = settings.get("Period") or settings["Autoreload"]
    prescaler, period = count(value(settings["Prescaler"].text)), count(value(period_word.text))
    clock = timer_clock(instance, clocks)
    if prescaler is None or period is None or clock is None or prescaler < 0 or period < 0:
        return
    hertz = clock / ((prescaler + 1) * (period + 1))
    yield Rate(function, period_word.span, f"{instance}: {shown(hertz)}, every {_time(1 / hertz)}", kind="timer")


def _spi(
    function: Function, instance: str, settings: Mapping[str, Word], clocks: Clocks, value: Value
) -> Iterator[Rate]:
    word = settings.get("BaudRatePrescaler") or settings["BaudRate"]
    by = re.search(r"PRESCALER_(?:DIV)?(\d+)$", value(word.text))
    bus = _bus(instance, clocks)
    if by and bus and int(by.group(1)):
        yield Rate(function, word.span, f"{instance}: {shown(bus / int(by.group(1)))}", kind="spi")


def _i2c_old(
    function: Function, instance: str, word: Word, settings: Mapping[str, Word], clocks: Clocks, value: Value
) -> Iterator[Rate]:
    """F1's, F2's, F4's and L1's I2C: a divider of PCLK1 (RM0090 27.6.8)."""
    wanted = count(value(word.text))
    if not wanted or not clocks.pclk1:
        return
    duty = value(settings["DutyCycle"].text) if "DutyCycle" in settings else ""
    parts = 2 if wanted <= 100_000 else 25 if duty.endswith("16_9") else 3
    divider = max(-(-int(clocks.pclk1) // (wanted * parts)), 4 if parts == 2 else 1)
    real = clocks.pclk1 / (divider * parts)
    yield Rate(function, word.span, f"{instance}: {shown(real)}, {real / wanted - 1:+.2%}", real / wanted - 1, "i2c")


def _i2c(function: Function, instance: str, word: Word, clocks: Clocks, value: Value, family: str) -> Iterator[Rate]:
    """`TIMINGR` (RM0440 41.4.9): both halves of SCL and two to four clocks of synchronisation each."""
    timing = count(value(word.text))
    if timing is None or not clocks.pclk1 or family not in ("l4", "g4", "g0", "f7", "wb"):
        return
    prescaler, high, low = (timing >> 28) + 1, (timing >> 8 & 0xFF) + 1, (timing & 0xFF) + 1
    hertz = clocks.pclk1 / (prescaler * (high + low) + 4)
    yield Rate(function, word.span, f"{instance}: at most {shown(float(f'{hertz:.3g}'))} from PCLK1", kind="i2c")


_BITS = {"12B": 12, "10B": 10, "8B": 8, "6B": 6, "12b": 12, "10b": 10, "8b": 8, "6b": 6}


def adc_clock(prescaler: str, clocks: Clocks, family: str) -> float | None:
    """The ADC's clock by the constant of its prescaler; None if it isn't known."""
    by = re.search(r"(?:DIV_?)(\d+)$", prescaler)
    if family in ("f2", "f4", "f7"):
        return clocks.pclk2 / int(by.group(1)) if by and clocks.pclk2 else None
    if "SYNC" in prescaler and "ASYNC" not in prescaler and by and clocks.hclk:
        return clocks.hclk / int(by.group(1)) if family in ("g4", "l4", "f3") else None
    return None


def _adc(
    function: Function, word: Word, settings: Mapping[str, Word], clocks: Clocks, value: Value, family: str
) -> Iterator[Rate]:
    clock = adc_clock(value(settings["ClockPrescaler"].text), clocks, family)
    time = re.search(r"SAMPLETIME_(\d+)CYCLES?(_5)?", value(word.text))
    bits = _BITS.get(value(settings["Resolution"].text).rpartition("_")[2].removeprefix("RESOLUTION"), 12)
    if clock is None or time is None:
        return
    # Successive approximation: a cycle a bit; half a cycle more on the newer ones, whose sampling times end in a half.
    cycles = int(time.group(1)) + bits + (1 if time.group(2) else 0)
    yield Rate(function, word.span, f"{_time(cycles / clock)} a conversion at {shown(clock)}", kind="adc")


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.5g} {unit}"
    return f"{seconds * 1e9:.5g} ns"
