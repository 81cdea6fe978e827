"""What an init is compiled from: the device, its clock, its peripherals; read from JSON, with the schema of that JSON.

The classes are the schema: a field's type, default and metadata say what may stand in the JSON, and nothing else may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any

_PIN = r"P[A-K](?:\d|1[0-5])"
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,30}"
_MOST = 64


class ImpossiblePlan(ValueError):
    """No init can be made of this plan: ``problems`` say why, one each, with what is possible instead."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _number(default: int, low: int, high: int, doc: str) -> Any:
    return field(default=default, metadata={"type": "integer", "minimum": low, "maximum": high, "description": doc})


def _part(default: float, low: float, high: float, doc: str) -> Any:
    return field(default=default, metadata={"type": "number", "minimum": low, "maximum": high, "description": doc})


def _flag(doc: str, *, default: bool = False) -> Any:
    return field(default=default, metadata={"type": "boolean", "description": doc})


def _choice(doc: str, *choices: str | int) -> Any:
    return field(default=choices[0], metadata={"enum": list(choices), "description": doc})


def _text(doc: str, pattern: str, default: str = "") -> Any:
    return field(default=default, metadata={"type": "string", "pattern": f"^(?:{pattern})?$", "description": doc})


def _several(doc: str, item: Mapping[str, Any], default: Sequence[Any] = (), least: int = 0) -> Any:
    schema = {"type": "array", "items": dict(item), "uniqueItems": True, "minItems": least, "maxItems": 16}
    return field(default=tuple(default), metadata={**schema, "description": doc})


def _wished(signals: str, pattern: str) -> Any:
    schema = {"type": "object", "patternProperties": {f"^(?:{pattern})$": {"type": "string", "pattern": f"^{_PIN}$"}}}
    return field(
        default_factory=dict,
        metadata={**schema, "additionalProperties": False, "description": f"Wished pins by signal ({signals})."},
    )


def _instance(pattern: str, doc: str) -> Any:
    return _text(f"{doc}; left out: one that fits.", pattern)


_DMA = "Directions that DMA serves."
_IRQ = "Interrupt and its handler."


@dataclass(frozen=True, slots=True)
class Usart:
    """An asynchronous serial port."""

    instance: str = _instance(r"US?ART\d{1,2}", "The port, such as USART2 or UART4")
    pins: Mapping[str, str] = _wished("TX, RX, CTS, RTS", "TX|RX|CTS|RTS")
    baud: int = _number(115200, 300, 12_000_000, "Bits a second.")
    data_bits: int = _choice("Data bits, without parity.", 8, 7, 9)
    parity: str = _choice("Parity.", "none", "even", "odd")
    stop_bits: int = _choice("Stop bits.", 1, 2)
    direction: str = _choice("What it does.", "both", "tx", "rx")
    flow_control: bool = _flag("RTS and CTS.")
    interrupt: bool = _flag("Interrupt on reception and its handler.")
    dma: Sequence[str] = _several(_DMA, {"enum": ["tx", "rx"]})
    greeting: str = field(
        default="",
        metadata={"type": "string", "maxLength": 80, "description": "What main sends once everything is set up."},
    )
    repeat_ms: int = _number(0, 0, 3_600_000, "Main sends it again after so many milliseconds; 0: once.")
    echo: bool = _flag("Main sends back what comes.")


@dataclass(frozen=True, slots=True)
class Spi:
    """A serial peripheral interface."""

    instance: str = _instance(r"SPI\d", "The interface, such as SPI1")
    pins: Mapping[str, str] = _wished("SCK, MISO, MOSI, NSS", "SCK|MISO|MOSI|NSS")
    role: str = _choice("Who gives the clock.", "master", "slave")
    mode: int = _choice("0: CPOL 0, CPHA 0; 1: CPHA 1; 2: CPOL 1; 3: both.", 0, 1, 2, 3)
    max_hz: int = _number(1_000_000, 1000, 100_000_000, "The clock goes at most so fast, in hertz.")
    data_bits: int = _choice("Bits of a word.", 8, 16)
    order: str = _choice("Which bit comes first.", "msb", "lsb")
    direction: str = _choice("Which data lines it has.", "both", "tx", "rx")
    nss: str = _choice("Chip select by software (a GPIO of your own) or by the NSS pin.", "soft", "hard")
    interrupt: bool = _flag(_IRQ)
    dma: Sequence[str] = _several(_DMA, {"enum": ["tx", "rx"]})


@dataclass(frozen=True, slots=True)
class I2c:
    """An I2C bus, as its master."""

    instance: str = _instance(r"I2C\d", "The bus, such as I2C1")
    pins: Mapping[str, str] = _wished("SCL, SDA", "SCL|SDA")
    speed_hz: int = _number(100_000, 10_000, 1_000_000, "Clock in hertz.")
    own_address: int = _number(0, 0, 127, "Its own address of 7 bits; 0: none.")
    pull_ups: bool = _flag("The pins' own pull-ups (weak: 40 kohm).")
    interrupt: bool = _flag(_IRQ)
    dma: Sequence[str] = _several(_DMA, {"enum": ["tx", "rx"]})


@dataclass(frozen=True, slots=True)
class Adc:
    """An analogue-to-digital converter that reads one channel after the other."""

    instance: str = _instance(r"ADC\d", "The converter, such as ADC1")
    pins: Mapping[str, str] = _wished("CH1, CH2 …: the channels in their order", r"CH(?:[1-9]|1[0-6])")
    channels: int = _number(1, 1, 16, "How many pins it reads.")
    resolution_bits: int = _choice("Bits.", 12, 10, 8, 6)
    sample_us: float = _part(1.0, 0.01, 100.0, "Time to sample, in microseconds: at least so long.")
    continuous: bool = _flag("Starts again at once.")
    interrupt: bool = _flag(_IRQ)
    dma: bool = _flag("DMA puts the values into memory, round and round.")
    trigger: str = _text("The timer that starts each conversion by its update; left out: software.", r"TIM(?:2|3)")


@dataclass(frozen=True, slots=True)
class Pwm:
    """Pulse widths from a timer."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM3")
    pins: Mapping[str, str] = _wished("CH1 to CH4, CH1N to CH3N", "CH[1-4]|CH[1-3]N")
    channels: Sequence[int] = _several("The timer's channels.", {"enum": [1, 2, 3, 4]}, (1,), 1)
    frequency_hz: float = _part(1000.0, 0.01, 10_000_000.0, "Of the pulses, in hertz.")
    duty_percent: float = _part(50.0, 0.0, 100.0, "High for so much of the period, at the start.")
    complementary: bool = _flag("Each channel's inverse too, on CH1N to CH3N.")
    dead_time_ns: int = _number(0, 0, 20_000, "Between the two, at least so many nanoseconds.")


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that counts a period."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM6")
    frequency_hz: float = _part(1000.0, 0.0001, 10_000_000.0, "Periods a second.")
    interrupt: bool = _flag("An interrupt each period and its handler.", default=True)
    trigger: bool = _flag("Its update is the trigger (TRGO) of a converter.")
    toggles: str = _text("The label of an output that each period toggles", _NAME)


@dataclass(frozen=True, slots=True)
class Encoder:
    """A timer that counts a quadrature encoder's edges, both ways."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM4")
    pins: Mapping[str, str] = _wished("CH1, CH2", "CH[12]")
    counts: int = _number(65536, 2, 65536, "It counts from 0 to one less, round and round.")
    pull_ups: bool = _flag("The pins' own pull-ups.", default=True)


@dataclass(frozen=True, slots=True)
class Capture:
    """A timer that notes when edges come: periods and pulse widths."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM2")
    pins: Mapping[str, str] = _wished("CH1 to CH4", "CH[1-4]")
    channel: int = _choice("The timer's channel.", 1, 2, 3, 4)
    tick_hz: int = _number(1_000_000, 1000, 200_000_000, "Counts a second.")
    edge: str = _choice("Which edge it notes.", "rising", "falling", "both")


@dataclass(frozen=True, slots=True)
class Dac:
    """A digital-to-analogue converter, 12 bits."""

    channels: Sequence[int] = _several("Its channels: 1 on PA4, 2 on PA5.", {"enum": [1, 2]}, (1,), 1)
    start_mv: int = _number(0, 0, 3600, "What it puts out at the start, in millivolts.")
    reference_mv: int = _number(3300, 1700, 3600, "VREF+, in millivolts.")


@dataclass(frozen=True, slots=True)
class Can:
    """A CAN bus with frames of CAN 2.0."""

    instance: str = _instance(r"(?:FD)?CAN\d?", "The controller, such as CAN1 or FDCAN1")
    pins: Mapping[str, str] = _wished("TX, RX", "TX|RX")
    bitrate: int = _number(500_000, 5_000, 1_000_000, "Bits a second.")
    sample_percent: float = _part(87.5, 50.0, 95.0, "The sample point, in per cent of a bit.")
    mode: str = _choice("How it takes part.", "normal", "loopback", "silent")
    interrupt: bool = _flag("Interrupt on reception and its handler.")


@dataclass(frozen=True, slots=True)
class Gpio:
    """One pin, in or out; with an edge: an interrupt (EXTI)."""

    label: str = _text("Its name in the code, such as LED.", _NAME)
    pin: str = _text("The pin; left out: one that is free.", _PIN)
    direction: str = _choice("In or out.", "out", "in")
    pull: str = _choice("Pull resistor.", "none", "up", "down")
    open_drain: bool = _flag("Drives low only.")
    initial: bool = _flag("High at the start.")
    edge: str = _choice("What interrupts.", "none", "rising", "falling", "both")
    speed: str = _choice("How steep the edges are.", "low", "medium", "high", "very_high")
    blink_hz: float = _part(0.0, 0.0, 500.0, "An output that main makes blink so often a second; 0: not.")
    toggles: str = _text("The label of an output that each of its interrupts toggles", _NAME)


@dataclass(frozen=True, slots=True)
class Usb:
    """USB full speed as a device: pins, 48 MHz and, with the HAL, its controller. The stack is yours."""

    pins: Mapping[str, str] = _wished("DM, DP", "DM|DP")


@dataclass(frozen=True, slots=True)
class Rtc:
    """The calendar."""

    source: str = _choice("Its oscillator: the inner one, or a crystal of 32768 Hz.", "lsi", "lse")
    wakeup_s: int = _number(0, 0, 65_536, "An interrupt, which also wakes, every so many seconds; 0: none.")


@dataclass(frozen=True, slots=True)
class Iwdg:
    """The independent watchdog."""

    timeout_ms: int = _number(1000, 1, 32_000, "Resets when it wasn't refreshed for so long, in milliseconds.")


@dataclass(frozen=True, slots=True)
class Wwdg:
    """The window watchdog."""

    timeout_ms: float = _part(50.0, 0.05, 10_000.0, "Resets when it wasn't refreshed for so long, in milliseconds.")
    closed_ms: float = _part(0.0, 0.0, 10_000.0, "It resets too when it is refreshed earlier than this.")


@dataclass(frozen=True, slots=True)
class Lowpower:
    """What main does when there's nothing to do."""

    mode: str = _choice("How deep the core sleeps until an interrupt.", "sleep", "stop", "standby")


@dataclass(frozen=True, slots=True)
class Mco:
    """A clock put out on MCO (PA8)."""

    pins: Mapping[str, str] = _wished("OUT", "OUT")
    source: str = _choice("Which clock.", "HSI", "HSE", "PLL", "LSE")
    divider: int = _choice("By what it is divided.", 1, 2, 4)


@dataclass(frozen=True, slots=True)
class Systick:
    """The tick that delays count; always there."""

    frequency_hz: int = _choice("Ticks a second.", 1000, 100, 10)


Wish = (
    Usart | Spi | I2c | Adc | Dac | Pwm | Timer | Encoder | Capture | Can | Gpio | Usb | Rtc | Iwdg | Wwdg | Lowpower
    | Mco | Systick
)  # fmt: skip
KINDS: Mapping[str, type[Wish]] = {
    "usart": Usart, "spi": Spi, "i2c": I2c, "adc": Adc, "pwm": Pwm, "timer": Timer, "can": Can, "gpio": Gpio,
    "usb": Usb, "rtc": Rtc, "iwdg": Iwdg, "systick": Systick, "dac": Dac, "encoder": Encoder, "capture": Capture,
    "wwdg": Wwdg, "lowpower": Lowpower, "mco": Mco,
}  # fmt: skip
"""The kinds of peripherals, as the JSON's `kind` names them."""
ALONE = frozenset({Usb, Rtc, Iwdg, Wwdg, Dac, Lowpower, Mco, Systick})
"""Kinds of which a device has one."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the clock comes from and how fast the core runs."""

    source: str = _choice("The inner oscillator, or a crystal or clock outside.", "HSI", "HSE")
    hse_hz: int = _number(8_000_000, 4_000_000, 50_000_000, "The crystal's frequency in hertz.")
    bypass: bool = _flag("A clock outside, not a crystal: OSC_OUT stays free.")
    sysclk_hz: int = _number(0, 0, 600_000_000, "The core's frequency in hertz; 0: as fast as it goes.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be set up, and in which style of C."""

    device: str
    style: str = "hal"
    clock: Clock = field(default_factory=Clock)
    swd: bool = True
    peripherals: tuple[Wish, ...] = ()


_TOP: Mapping[str, Mapping[str, Any]] = {
    "device": {"type": "string", "pattern": "^STM32[A-Z0-9]{4,12}$", "description": "Such as STM32F446RE."},
    "style": {"enum": ["hal", "register"], "description": "C for ST's HAL, or for CMSIS registers alone."},
    "swd": {"type": "boolean", "description": "Keep PA13 and PA14 for the debugger (default)."},
}


def schema() -> dict[str, Any]:
    """The JSON schema of a plan (draft 2020-12)."""
    kinds = []
    for name, made in KINDS.items():
        properties = {"kind": {"const": name}, **{each.name: dict(each.metadata) for each in fields(made)}}
        doc = (made.__doc__ or "").strip()
        kinds.append(
            {"type": "object", "description": doc, "properties": properties, "required": ["kind"],
             "additionalProperties": False}
        )  # fmt: skip
    clock = {"type": "object", "properties": {each.name: dict(each.metadata) for each in fields(Clock)},
             "additionalProperties": False}  # fmt: skip
    peripherals = {"type": "array", "maxItems": _MOST, "items": {"oneOf": kinds}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan of an STM32's init",
        "type": "object",
        "properties": {**{k: dict(v) for k, v in _TOP.items()}, "clock": clock, "peripherals": peripherals},
        "required": ["device", "peripherals"],
        "additionalProperties": False,
    }


def read(data: Any) -> Plan:
    """A plan from parsed JSON.

    Raises:
        ImpossiblePlan: for what the schema doesn't allow; names each place and what may stand there.
    """
    problems: list[str] = []
    if not isinstance(data, dict):
        raise ImpossiblePlan(f"a plan is an object, not {_what(data)}")
    allowed = [*_TOP, "clock", "peripherals"]
    problems += [_unknown("the plan", key, allowed) for key in data if key not in allowed]
    top = {key: data[key] for key in _TOP if key in data}
    for key, value in top.items():
        problems += _faults(key, value, _TOP[key])
    if "device" not in data:
        problems.append("the plan names no device, such as STM32F446RE")
    clock = _made(Clock, data.get("clock", {}), "clock", problems)
    listed = data.get("peripherals", [])
    if not isinstance(listed, list) or len(listed) > _MOST:
        problems.append(f"peripherals: at most {_MOST} in a list expected")
        listed = []
    wishes = []
    for number, entry in enumerate(listed):
        where = f"peripherals[{number}]"
        kind = entry.get("kind") if isinstance(entry, dict) else None
        if not isinstance(kind, str) or kind not in KINDS:
            near = get_close_matches(str(kind), KINDS, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(KINDS)}"
            problems.append(f"{where}.kind: {_what(kind)} is no kind of peripheral{hint}")
            continue
        rest = {key: value for key, value in entry.items() if key != "kind"}
        wishes.append(_made(KINDS[kind], rest, where, problems))
    if problems:
        raise ImpossiblePlan(*problems[:20])
    assert clock is not None
    return Plan(**top, clock=clock, peripherals=tuple(wish for wish in wishes if wish is not None))


def _made(made: type[Any], data: Any, where: str, problems: list[str]) -> Any:
    """An object of a class from its JSON; None, with the reasons among ``problems``, if it can't be."""
    if not isinstance(data, dict):
        problems.append(f"{where}: an object expected, not {_what(data)}")
        return None
    known = {each.name: each for each in fields(made)}
    before = len(problems)
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            problems.append(_unknown(where, key, list(known)))
            continue
        if value is None:
            continue
        problems += _faults(f"{where}.{key}", value, known[key].metadata)
        values[key] = tuple(value) if isinstance(value, list) else value
    return made(**values) if len(problems) == before else None


def _unknown(where: str, key: str, allowed: Sequence[str]) -> str:
    near = get_close_matches(str(key), allowed, 1)
    return f"{where} has no {str(key)[:40]!r}" + (
        f"; did you mean {near[0]}?" if near else f"; there are {', '.join(allowed)}"
    )


def _faults(where: str, value: Any, wanted: Mapping[str, Any]) -> list[str]:
    """Why a value isn't what the schema's part wants."""
    if "enum" in wanted:
        if any(value == each and type(value) is type(each) for each in wanted["enum"]):
            return []
        return [f"{where}: {_what(value)} isn't among {', '.join(map(str, wanted['enum']))}"]
    kind = wanted["type"]
    if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        return [f"{where}: {kind} expected, not {_what(value)}"]
    return _RANGES[kind](where, value, wanted) if kind in _RANGES else []


def _number_faults(where: str, value: float, wanted: Mapping[str, Any]) -> list[str]:
    low, high = wanted["minimum"], wanted["maximum"]
    return [] if low <= value <= high else [f"{where}: {value} isn't within {low:,} and {high:,}".replace(",", " ")]


def _text_faults(where: str, value: str, wanted: Mapping[str, Any]) -> list[str]:
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        return [f"{where}: {_what(value)} isn't what is expected there: {wanted['description']}"]
    most = wanted.get("maxLength", 200)
    return (
        [] if len(value) <= most and value.isprintable() else [f"{where}: at most {most} printable characters expected"]
    )


def _list_faults(where: str, value: list[Any], wanted: Mapping[str, Any]) -> list[str]:
    low, high = wanted["minItems"], wanted["maxItems"]
    if not low <= len(value) <= high or len({str(each) for each in value}) < len(value):
        return [f"{where}: different ones, {low} to {high}, expected"]
    return [fault for n, each in enumerate(value) for fault in _faults(f"{where}[{n}]", each, wanted["items"])]


def _pin_faults(where: str, value: dict[Any, Any], wanted: Mapping[str, Any]) -> list[str]:
    ((pattern, inner),) = wanted["patternProperties"].items()
    found = []
    for key, each in value.items():
        if not re.search(pattern, key):
            found.append(f"{where}: no signal {str(key)[:40]!r}. {wanted['description']}")
        elif not isinstance(each, str) or not re.search(inner["pattern"], each):
            found.append(f"{where}.{key}: a pin such as PA9 expected, not {_what(each)}")
    return found


_TYPES: Mapping[str, tuple[type, ...]] = {
    "integer": (int,), "number": (int, float), "boolean": (bool,), "string": (str,), "array": (list,),
    "object": (dict,),
}  # fmt: skip
_RANGES: Mapping[str, Callable[[str, Any, Mapping[str, Any]], list[str]]] = {
    "integer": _number_faults, "number": _number_faults, "string": _text_faults, "array": _list_faults,
    "object": _pin_faults,
}  # fmt: skip


def _what(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:40]
