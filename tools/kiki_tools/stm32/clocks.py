"""The clock tree as a source sets it: what it comes to, and what of it the device isn't specified for.

Known are the PLLs of F2, F4, F7 (RM0033, RM0090, RM0385) and of G4 and L4 (RM0440, RM0351), set by HAL or LL calls.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from kiki_tools.stm32.device import Device
from kiki_tools.stm32.source import Function, Source, Word
from kiki_tools.text import Span

Value = Callable[[str], str]
Fault = tuple[str, Span, str]


@dataclass(frozen=True, slots=True)
class _Family:
    """What a family's PLL takes: its input's and its oscillator's range in hertz, the divider that feeds SYSCLK."""

    input: tuple[float, float]
    oscillator: tuple[float, float]
    output: str
    hsi: int = 16_000_000


_FAMILIES: Mapping[str, _Family] = {
    "f2": _Family((0.95e6, 2.1e6), (192e6, 432e6), "PLLP"),
    "f4": _Family((0.95e6, 2.1e6), (100e6, 432e6), "PLLP"),
    "f7": _Family((0.95e6, 2.1e6), (100e6, 432e6), "PLLP"),
    "g4": _Family((2.66e6, 16e6), (96e6, 344e6), "PLLR"),
    "l4": _Family((2.66e6, 16e6), (64e6, 344e6), "PLLR"),
}
_PCLK1 = {84: 42, 100: 50, 120: 30, 168: 42, 180: 45, 216: 54}
"""The highest APB1 clock by the core's, in MHz, for F2, F4 and F7; APB2's is twice that."""


@dataclass(slots=True)
class Clocks:
    """What one function sets: the settings by their names, with their places; the clocks in hertz as far as known."""

    function: Function
    settings: dict[str, Word] = field(default_factory=dict)
    input: float | None = None
    oscillator: float | None = None
    sysclk: float | None = None
    hclk: float | None = None
    pclk1: float | None = None
    pclk2: float | None = None
    usb: float | None = None

    @property
    def summary(self) -> str:
        """In one line: `SYSCLK = 168 MHz, AHB = 168 MHz, APB1 = 42 MHz, APB2 = 84 MHz`."""
        parts = (("SYSCLK", self.sysclk), ("AHB", self.hclk), ("APB1", self.pclk1), ("APB2", self.pclk2))
        return ", ".join(f"{name} = {shown(hertz)}" for name, hertz in parts if hertz)


def shown(hertz: float) -> str:
    """A frequency for a reader."""
    for unit, size in (("MHz", 1e6), ("kHz", 1e3)):
        if hertz >= size:
            return f"{hertz / size:.6g} {unit}"
    return f"{hertz:.6g} Hz"


_NAMES = (
    "PLLM", "PLLN", "PLLP", "PLLQ", "PLLR", "PLLSource", "PLLState", "SYSCLKSource", "AHBCLKDivider", "APB1CLKDivider",
    "APB2CLKDivider",
)  # fmt: skip


def clocks_of(source: Source, device: Device, value: Value) -> Iterator[Clocks]:
    """The clock tree of each function that sets one."""
    family = _FAMILIES.get(device.family)
    for function in source.functions:
        settings = function.notes.get("clock settings")
        if settings is None:
            settings = function.notes["clock settings"] = _settings(function, family.output if family else "")
        found = Clocks(function, dict(settings))
        if found.settings and family is not None:
            _compute(found, family, value)
            yield found


def _settings(function: Function, output: str) -> dict[str, Word]:
    """What a function sets of the clock tree, by name."""
    found: dict[str, Word] = {}
    for assignment in function.assignments:
        name = assignment.target.text.replace("->", ".").rpartition(".")[2]
        if name in _NAMES and assignment.operator == "=" and "." in assignment.target.text:
            found[name] = assignment.value
    for call in function.calls:
        arguments = call.arguments
        if call.name.text == "HAL_RCC_ClockConfig" and len(arguments) == 2:
            found["latency"] = arguments[1]
        elif call.name.text == "LL_FLASH_SetLatency" and arguments:
            found["latency"] = arguments[0]
        elif call.name.text == "LL_RCC_PLL_ConfigDomain_SYS" and len(arguments) == 4:
            names = ("PLLSource", "PLLM", "PLLN", output)
            found.update(zip(names, arguments, strict=True))
        elif call.name.text == "LL_RCC_SetSysClkSource" and arguments:
            found["SYSCLKSource"] = arguments[0]
        elif call.name.text == "LL_RCC_SetAHBPrescaler" and arguments:
            found["AHBCLKDivider"] = arguments[0]
        elif call.name.text in ("LL_RCC_SetAPB1Prescaler", "LL_RCC_SetAPB2Prescaler") and arguments:
            found[call.name.text[10:14] + "CLKDivider"] = arguments[0]
    return found


def _number(word: Word | None, value: Value) -> int | None:
    """The number in a setting: `336`, `RCC_PLLP_DIV2`, `LL_RCC_PLLM_DIV_8`, `FLASH_LATENCY_5`."""
    if word is None:
        return None
    text = value(word.text)
    if plain := re.fullmatch(r"(\d+)[uUlL]*", text):
        return int(plain.group(1))
    found = re.search(r"(?:DIV_?|LATENCY_)(\d+)(?:WS)?$", text)
    return int(found.group(1)) if found else None


def _oscillator(name: str, family: _Family, value: Value) -> float | None:
    if "HSE" in name:
        found = re.search(r"(\d{6,9})", value("HSE_VALUE"))
        return float(found.group(1)) if found else None
    return float(family.hsi) if "HSI" in name and "48" not in name else None


def _compute(found: Clocks, family: _Family, value: Value) -> None:
    settings = found.settings
    source = value(settings["PLLSource"].text) if "PLLSource" in settings else ""
    start = _oscillator(source, family, value)
    m, n = _number(settings.get("PLLM"), value), _number(settings.get("PLLN"), value)
    if start and m:
        found.input = start / m
    if found.input and n:
        found.oscillator = found.input * n
    divider = _number(settings.get(family.output), value)
    system = value(settings["SYSCLKSource"].text) if "SYSCLKSource" in settings else ""
    if "PLL" in system and found.oscillator and divider:
        found.sysclk = found.oscillator / divider
    elif "HSE" in system or "HSI" in system:
        found.sysclk = _oscillator(system, family, value)
    if found.oscillator and (q := _number(settings.get("PLLQ"), value)):
        found.usb = found.oscillator / q
    ahb = _number(settings.get("AHBCLKDivider"), value)
    if found.sysclk and ahb:
        found.hclk = found.sysclk / ahb
    for name in ("1", "2"):
        bus = _number(settings.get(f"APB{name}CLKDivider"), value)
        if found.hclk and bus:
            setattr(found, f"pclk{name}", found.hclk / bus)


def faults(source: Source, device: Device, value: Value) -> Iterator[Fault]:
    """What the device isn't specified for: the code of the diagnostic, the place, the message."""
    family = _FAMILIES.get(device.family)
    if family is None:
        return
    for found in clocks_of(source, device, value):
        yield from _faults(found, family, device, value, source)


def _faults(found: Clocks, family: _Family, device: Device, value: Value, source: Source) -> Iterator[Fault]:
    place, settings = found.function.place, found.settings
    low, high = family.input
    if found.input and not low <= found.input <= high:
        message = f"the PLL's input is {shown(found.input)}; it takes {shown(low)} to {shown(high)}"
        yield "ST501", place(settings["PLLM"].span), message
    low, high = family.oscillator
    if found.oscillator and not low * 0.999 <= found.oscillator <= high * 1.001:
        message = f"the PLL's oscillator runs at {shown(found.oscillator)}; it takes {shown(low)} to {shown(high)}"
        yield "ST502", place(settings["PLLN"].span), message
    most = device.max_hz
    if found.sysclk and most and found.sysclk > most * 1.001:
        where = settings.get(family.output) or settings.get("PLLN") or settings["SYSCLKSource"]
        yield "ST503", place(where.span), f"SYSCLK is {shown(found.sysclk)}; {device.name} goes up to {shown(most)}"
    elif device.family in ("f2", "f4", "f7") and most // 1_000_000 in _PCLK1:
        slow = _PCLK1[most // 1_000_000] * 1e6
        for bus, hertz, limit in (("APB1", found.pclk1, slow), ("APB2", found.pclk2, 2 * slow)):
            if hertz and hertz > limit * 1.001:
                message = f"{bus} is {shown(hertz)}; on {device.name} it goes up to {shown(limit)}"
                yield "ST506", place(settings[f"{bus}CLKDivider"].span), message
    latency = _number(settings.get("latency"), value)
    if latency is not None and found.hclk and device.wait_states:
        states = device.wait_states[max(device.wait_states)]
        needed = next((count for count, limit in enumerate(states) if found.hclk <= limit * 1.001), len(states) - 1)
        if latency < needed:
            message = f"{shown(found.hclk)} needs {needed} wait states (at 2.7 V and more), not {latency}"
            yield "ST504", place(settings["latency"].span), message
    uses_usb = any(call.name.text == "HAL_PCD_Init" for function in source.functions for call in function.calls)
    if uses_usb and found.usb and abs(found.usb - 48e6) > 48e6 * 0.0025:
        yield "ST505", place(settings["PLLQ"].span), f"USB gets {shown(found.usb)} instead of 48 MHz"


_FAST_USARTS = frozenset({"USART1", "USART6", "UART9", "UART10"})
_FAST_TIMERS = frozenset(f"TIM{number}" for number in (1, 8, 9, 10, 11, 15, 16, 17, 20))
_TOO_FAR = 0.02
"""A UART's clock may be off by two per cent and still be read at the other end."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a baud rate or a timer comes to: the place that sets it, a line for a reader, how far off (a fraction)."""

    function: Function
    span: Span
    shown: str
    error: float = 0.0

    @property
    def is_too_far(self) -> bool:
        """Whether a receiver would lose bits."""
        return abs(self.error) > _TOO_FAR


def count(text: str) -> int | None:
    """A whole number as code writes it: `8400`, `8400U`, `8400 - 1`."""
    found = re.fullmatch(r"\(?\s*(\d{1,10})[uUlL]*\s*(?:-\s*(\d{1,10})[uUlL]*)?\s*\)?", text)
    return int(found.group(1)) - int(found.group(2) or 0) if found else None


def rates(source: Source, clocks: Clocks, value: Value) -> Iterator[Rate]:
    """What the baud rates and timers of a file come to with the buses' clocks."""
    for function in source.functions:
        fields: dict[str, dict[str, Word]] = {}
        for assignment in function.assignments:
            owner, _, name = assignment.target.text.replace("->", ".").replace(".Init.", ".").rpartition(".")
            if owner and assignment.operator == "=":
                fields.setdefault(owner, {})[name] = assignment.value
        for settings in fields.values():
            instance = value(settings["Instance"].text) if "Instance" in settings else ""
            if "BaudRate" in settings and re.fullmatch(r"US?ART\d+", instance):
                yield from _baud(function, instance, settings["BaudRate"], clocks, value)
            elif "Period" in settings and "Prescaler" in settings and re.fullmatch(r"TIM\d+", instance):
                yield from _timer(function, instance, settings, clocks, value)


def _baud(function: Function, instance: str, word: Word, clocks: Clocks, value: Value) -> Iterator[Rate]:
    wanted = count(value(word.text))
    bus = clocks.pclk2 if instance in _FAST_USARTS else clocks.pclk1
    if not wanted or not bus:
        return
    divider = max(1, round(bus / wanted))
    error = bus / divider / wanted - 1
    yield Rate(function, word.span, f"{bus / divider:.0f} baud, {error:+.2%}", error)


def _timer(
    function: Function, instance: str, settings: Mapping[str, Word], clocks: Clocks, value: Value
) -> Iterator[Rate]:
    prescaler, period = count(value(settings["Prescaler"].text)), count(value(settings["Period"].text))
    bus = clocks.pclk2 if instance in _FAST_TIMERS else clocks.pclk1
    if prescaler is None or period is None or not bus or not clocks.hclk or prescaler < 0 or period < 0:
        return
    clock = bus if bus >= clocks.hclk * 0.999 else 2 * bus
    hertz = clock / ((prescaler + 1) * (period + 1))
    yield Rate(function, settings["Period"].span, f"{instance}: {shown(hertz)}, every {_time(1 / hertz)}")


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.5g} {unit}"
    return f"{seconds * 1e9:.5g} ns"
