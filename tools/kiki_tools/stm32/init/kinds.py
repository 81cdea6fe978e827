"""The kinds of peripherals that a plan may have, and its clock: what each can be asked for.

The classes are the schema: a field's type, default and metadata say what may stand in the JSON, and nothing else may.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PIN = r"P[A-K](?:\d|1[0-5])"
_NAME = r"[A-Za-z][A-Za-z0-9_]{0,30}"


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


def _list(doc: str, item: Mapping[str, Any], most: int) -> Any:
    """Values in an order, equal ones too."""
    schema = {"type": "array", "items": dict(item), "uniqueItems": False, "minItems": 0, "maxItems": most}
    return field(default=(), metadata={**schema, "description": doc})


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
_TIMERS = r"TIM(?:1?\d|20)"


def _priority() -> Any:
    return _number(5, 0, 15, "Of its interrupts; 0 comes first.")


@dataclass(frozen=True, slots=True)
class Usart:
    """An asynchronous serial port."""

    instance: str = _instance(r"US?ART\d{1,2}|LPUART1", "The port, such as USART2 or UART4")
    pins: Mapping[str, str] = _wished("TX, RX, CTS, RTS, DE", "TX|RX|CTS|RTS|DE")
    baud: int = _number(115200, 300, 100_000_000, "Bits a second.")
    data_bits: int = _choice("Data bits, without parity.", 8, 7, 9)
    oversampling: int = _choice("Samples of a bit; 0: as fits the rate.", 0, 16, 8)
    kernel: str = _choice("What LPUART1 takes its rate from.", "auto", "PCLK1", "SYSCLK", "HSI16", "LSE")
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
    idle: bool = _flag("An interrupt when the line falls idle; with DMA it tells how much has come.")
    circular: bool = _flag("DMA receives round and round into a buffer of ``ring`` items, from the start.")
    half_duplex: bool = _flag("One wire, on TX's pin, for both ways.")
    driver_enable: bool = _flag("A line (DE) that enables an RS-485 driver while it sends.")
    ring: int = _number(64, 8, 8192, "Bytes that wait to be read, where reception is by interrupt.")
    reports: bool = _flag("Main sends the converters' values, each repeat_ms.")
    printf: bool = _flag("The C library's printf writes to it.")
    toggles: str = _text("The label of an output that each byte received toggles", _NAME)
    lin: int = _choice("LIN: a break of so many bits is told by an interrupt; 0: no LIN.", 0, 10, 11)
    timeout_bits: int = _number(0, 0, 0xFFFFFF, "An interrupt when nothing came for so many bit times (G4); 0: none.")
    fifo: bool = _flag("Its FIFOs (G4).")
    forwards: bool = _flag("Main passes what comes on to the plan's other port.")
    values: Sequence[str] = _several(
        "Main sends these as a line, each repeat_ms.",
        {"enum": ["encoder", "frequency", "period", "width", "count", "edges", "uptime", "device"]},
    )
    hexadecimal: bool = _flag("The bytes of a device (values) are sent as hexadecimal digits.")
    commands: Sequence[str] = _several(
        "What a received byte does to an output, such as `0x41 sets LED`.",
        {"type": "string", "pattern": rf"^0x[0-9A-F]{{2}} (?:sets|clears|toggles) {_NAME}$"},
    )
    quiet_ms: int = _number(0, 0, 3_600_000, "Main sets ``lights`` while nothing came for so long; 0: not.")
    lights: str = _text("The label of an output that is on while the line is quiet", _NAME)
    inverted: str = _choice("The line whose levels are inverted, so that it idles low.", "none", "rx", "tx", "both")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Spi:
    """A serial peripheral interface."""

    instance: str = _instance(r"SPI\d", "The interface, such as SPI1")
    pins: Mapping[str, str] = _wished("SCK, MISO, MOSI, NSS", "SCK|MISO|MOSI|NSS")
    role: str = _choice("Who gives the clock.", "master", "slave")
    mode: int = _choice("0: CPOL 0, CPHA 0; 1: CPHA 1; 2: CPOL 1; 3: both.", 0, 1, 2, 3)
    max_hz: int = _number(1_000_000, 1000, 100_000_000, "The clock goes at most so fast, in hertz.")
    divider: int = _choice("What its clock is divided by; 0: as max_hz says.", 0, 2, 4, 8, 16, 32, 64, 128, 256)
    data_bits: int = _choice("Bits of a word.", 8, 16)
    order: str = _choice("Which bit comes first.", "msb", "lsb")
    direction: str = _choice("Which data lines it has.", "both", "tx", "rx")
    one_line: bool = _flag("One data line for both ways, on a master's MOSI (BIDIMODE).")
    nss: str = _choice("Chip select by software (a GPIO of your own) or by the NSS pin.", "soft", "hard")
    interrupt: bool = _flag(_IRQ)
    dma: Sequence[str] = _several(_DMA, {"enum": ["tx", "rx"]})
    select: str = _text("The label of the output that selects the device which is asked", _NAME)
    command: Sequence[int] = _list(
        "Bytes that main sends to it at the start.", {"type": "integer", "minimum": 0, "maximum": 255}, 16
    )
    reply: int = _number(0, 0, 64, "Bytes that it answers then.")
    overlaps: bool = _flag("It answers while the command is sent; what comes with it is kept.")
    expects: int = _number(-1, -1, 255, "What its first byte should be; -1: anything.")
    lights: str = _text("The label of an output that is switched on if it is", _NAME)
    device: str = _text("What the device is called.", r"[A-Za-z0-9_ -]{1,24}")
    repeat_ms: int = _number(0, 0, 3_600_000, "Main asks again after so many milliseconds; 0: once.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class I2c:
    """An I2C bus, as its master; as a slave where ``slave`` is true."""

    instance: str = _instance(r"I2C\d", "The bus, such as I2C1")
    pins: Mapping[str, str] = _wished("SCL, SDA", "SCL|SDA")
    speed_hz: int = _number(100_000, 10_000, 10_000_000, "Clock in hertz.")
    own_address: int = _number(0, 0, 127, "Its own address of 7 bits; 0: none.")
    pull_ups: bool = _flag("The pins' own pull-ups (weak: 40 kohm).")
    interrupt: bool = _flag(_IRQ)
    dma: Sequence[str] = _several(_DMA, {"enum": ["tx", "rx"]})
    slave: bool = _flag("It answers to its own address.")
    device: str = _text("What the device on the bus is called.", r"[A-Za-z0-9_ -]{1,24}")
    address: int = _number(0, 0, 127, "The address of 7 bits of the device that is read; 0: none.")
    register: int = _number(-1, -1, 255, "The register of it that main reads; -1: none is named first.")
    reads: int = _number(0, 0, 64, "Bytes that main reads from it; 0: nothing.")
    expects: int = _number(-1, -1, 255, "What the first of them should be; -1: anything.")
    lights: str = _text("The label of an output that is switched on if it is", _NAME)
    writes: Sequence[int] = _list(
        "Bytes that main writes to it at the start.", {"type": "integer", "minimum": 0, "maximum": 255}, 16
    )
    repeat_ms: int = _number(0, 0, 3_600_000, "Main reads again after so many milliseconds; 0: once.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Adc:
    """An analogue-to-digital converter that reads one channel after the other."""

    instance: str = _instance(r"ADC\d", "The converter, such as ADC1")
    pins: Mapping[str, str] = _wished("CH1, CH2 …: the channels in their order", r"CH(?:[1-9]|1[0-6])")
    channels: int = _number(1, 0, 16, "How many pins it reads.")
    internal: Sequence[str] = _several(
        "Channels inside the chip, read after the pins.", {"enum": ["temperature", "reference", "battery"]}
    )
    resolution_bits: int = _choice("Bits.", 12, 10, 8, 6)
    sample_us: float = _part(1.0, 0.01, 100.0, "Time to sample, in microseconds: at least so long.")
    continuous: bool = _flag("Starts again at once.")
    interrupt: bool = _flag(_IRQ)
    dma: bool = _flag("DMA puts the values into memory, round and round.")
    trigger: str = _text("The timer that starts each conversion by its update; left out: software.", _TIMERS)
    injected: bool = _flag("The channels are its injected group (at most 4), with data registers of their own.")
    low: int = _number(-1, -1, 4095, "The analogue watchdog interrupts below it; -1: no lower limit.")
    high: int = _number(-1, -1, 4095, "The analogue watchdog interrupts above it; -1: no upper limit.")
    toggles: str = _text("The label of an output that a value beyond the limits toggles", _NAME)
    sets: str = _text("The label of an output that a value beyond the limits switches on", _NAME)
    clears: str = _text("The label of an output that a value beyond the limits switches off", _NAME)
    differential: bool = _flag("One channel between two pins, CH1 and CH2 (G4).")
    average: int = _number(1, 1, 1024, "Conversions of each channel whose mean is taken by the program.")
    oversample: int = _choice("Conversions that are averaged in hardware.", 1, 2, 4, 8, 16, 32, 64, 128, 256)
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Pwm:
    """Pulse widths from a timer."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM3")
    pins: Mapping[str, str] = _wished("CH1 to CH4, CH1N to CH3N, BKIN, ETR", "CH[1-4]|CH[1-3]N|BKIN|ETR")
    channels: Sequence[int] = _several("The timer's channels.", {"enum": [1, 2, 3, 4]}, (1,), 1)
    frequency_hz: float = _part(1000.0, 0.01, 10_000_000.0, "Of the pulses, in hertz.")
    duty_percent: float = _part(50.0, 0.0, 100.0, "High for so much of the period, at the start.")
    complementary: bool = _flag("Each channel's inverse too, on CH1N to CH3N.")
    dead_time_ns: int = _number(0, 0, 20_000, "Between the two, at least so many nanoseconds.")
    duties: Sequence[float] = _list(
        "Each channel's own share, in their order, where they differ.",
        {"type": "number", "minimum": 0.0, "maximum": 100.0},
        4,
    )
    aligned: str = _choice("Pulses begin at the period's edge, or lie around its middle.", "edge", "center")
    inverted: bool = _flag("The outputs are active low.")
    follows: bool = _flag("Main sets its share from a value: the first converter's first, a byte, a position.")
    by: str = _choice("Which value it follows.", "adc", "byte", "encoder")
    most: int = _number(255, 1, 65535, "The byte or position that is all of the period.")
    fade_ms: int = _number(
        0, 0, 3_600_000, "Main lets the share rise and fall again in so long, over and over; 0: not."
    )
    open_drain: bool = _flag("The outputs drive low only.")
    stop: bool = _flag("The break input (BKIN, active low) switches the outputs off.")
    one_pulse: bool = _flag("Each start makes one pulse, as long as duty and frequency say.")
    starts: str = _choice("What starts the one pulse.", "software", "CH1", "CH2", "ETR")
    interrupt: bool = _flag("An interrupt each period and its handler.")
    trigger: bool = _flag("Its update is the trigger (TRGO) of a converter.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that counts a period."""

    instance: str = _instance(r"TIM\d{1,2}", "The timer, such as TIM6")
    frequency_hz: float = _part(1000.0, 0.0001, 10_000_000.0, "Periods a second.")
    interrupt: bool = _flag("An interrupt each period and its handler.", default=True)
    trigger: bool = _flag("Its update is the trigger (TRGO) of a converter.")
    toggles: str = _text("The label of an output that each period toggles", _NAME)
    tick_hz: int = _number(0, 0, 200_000_000, "Counts a second, where that matters more than the period; 0: any.")
    counts: int = _number(0, 0, 4_294_967_295, "Counts of a period with tick_hz; 0: as many as it has.")
    one_pulse: bool = _flag("It stops after one period.")
    prescaler: int = _number(-1, -1, 65535, "What PSC holds, where counts says ARR plus one; -1: as fits.")
    every: int = _number(1, 1, 1_000_000, "It toggles at each so many periods.")
    samples: str = _text("The label of an input that each period reads; a press counts once it was steady", _NAME)
    steady: int = _number(2, 1, 1000, "For so many periods that input must be the same.")
    priority: int = _priority()


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
    pins: Mapping[str, str] = _wished("CH1 to CH4, ETR", "CH[1-4]|ETR")
    channel: int = _choice("The timer's channel.", 1, 2, 3, 4)
    tick_hz: int = _number(1_000_000, 1000, 200_000_000, "Counts a second.")
    edge: str = _choice("Which edge it notes.", "rising", "falling", "both")
    pwm: bool = _flag("It notes period and width of pulses at once (PWM input), on channel 1 or 2.")
    counts: bool = _flag("It notes nothing but counts the edges (external clock mode 1), on channel 1 or 2.")
    etr: bool = _flag("It counts the edges of ETR (external clock mode 2).")
    gate_ms: int = _number(0, 0, 60_000, "Main reads the count each so many milliseconds and clears it; 0: not.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Dac:
    """A digital-to-analogue converter, 12 bits."""

    channels: Sequence[int] = _several("Its channels: 1 on PA4, 2 on PA5.", {"enum": [1, 2]}, (1,), 1)
    start_mv: int = _number(0, 0, 3600, "What it puts out at the start, in millivolts.")
    second_mv: int = _number(-1, -1, 3600, "What channel 2 puts out then, where that differs; -1: the same.")
    reference_mv: int = _number(3300, 1700, 3600, "VREF+, in millivolts.")
    trigger: str = _text("The timer whose update brings the next value; left out: each write.", _TIMERS + "|software")
    wave: str = _choice("What it makes by itself.", "none", "triangle", "noise", "sine", "sawtooth")
    amplitude: int = _choice(
        "The triangle's or noise's height, in counts.", 4095, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 2047
    )
    samples: int = _number(64, 8, 1024, "Values of a sine or sawtooth, brought by DMA.")
    dma: bool = _flag("DMA brings the values from memory, round and round.")
    buffered: bool = _flag("The output buffers.", default=True)


@dataclass(frozen=True, slots=True)
class Can:
    """A CAN bus with frames of CAN 2.0."""

    instance: str = _instance(r"(?:FD)?CAN\d?", "The controller, such as CAN1 or FDCAN1")
    pins: Mapping[str, str] = _wished("TX, RX", "TX|RX")
    bitrate: int = _number(500_000, 5_000, 1_000_000, "Bits a second.")
    sample_percent: float = _part(87.5, 50.0, 95.0, "The sample point, in per cent of a bit.")
    mode: str = _choice("How it takes part.", "normal", "loopback", "silent")
    interrupt: bool = _flag("Interrupt on reception and its handler.")
    filter_id: int = _number(-1, -1, 0x1FFFFFFF, "The only identifier that is taken; -1: every frame.")
    filter_mask: int = _number(-1, -1, 0x1FFFFFFF, "The identifier's bits that must agree; -1: all.")
    send_id: int = _number(-1, -1, 0x1FFFFFFF, "Main sends a frame with it; -1: none.")
    payload: Sequence[int] = _list("That frame's bytes.", {"type": "integer", "minimum": 0, "maximum": 255}, 8)
    repeat_ms: int = _number(0, 0, 3_600_000, "Main sends it again after so many milliseconds; 0: once.")
    extended: bool = _flag("Those identifiers have 29 bits.")
    once: bool = _flag("A frame that fails isn't sent again (no automatic retransmission).")
    data_bitrate: int = _number(0, 0, 8_000_000, "CAN FD: bits a second of the data phase, switched to; 0: CAN 2.0.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Gpio:
    """One pin, in, out or analogue; with an edge: an interrupt (EXTI)."""

    label: str = _text("Its name in the code, such as LED.", _NAME)
    pin: str = _text("The pin; left out: one that is free.", _PIN)
    direction: str = _choice("In, out, or analogue.", "out", "in", "analog")
    pull: str = _choice("Pull resistor.", "none", "up", "down")
    open_drain: bool = _flag("Drives low only.")
    initial: bool = _flag("High at the start.")
    edge: str = _choice("What interrupts.", "none", "rising", "falling", "both")
    speed: str = _choice("How steep the edges are.", "low", "medium", "high", "very_high")
    blink_hz: float = _part(0.0, 0.0, 500.0, "An output that main makes blink so often a second; 0: not.")
    toggles: str = _text("The label of an output that each of its interrupts toggles", _NAME)
    high_ms: int = _number(0, 0, 3_600_000, "It blinks: so long on, then low_ms off.")
    low_ms: int = _number(0, 0, 3_600_000, "It blinks: so long off.")
    chase_ms: int = _number(
        0, 0, 60_000, "One of those that have it is on at a time, each for so long: a running light."
    )
    burst: int = _number(0, 0, 20, "It blinks so many times, high_ms on and high_ms off, and is off for low_ms then.")
    turn_ms: int = _number(0, 0, 3_600_000, "Those that have it are on in turn, in their order, each for its own time.")
    sets: str = _text("The label of an output that each of its interrupts switches on", _NAME)
    clears: str = _text("The label of an output that each of its interrupts switches off", _NAME)
    debounce_ms: int = _number(0, 0, 1000, "An input counts only when it was steady for so long.")
    follows: str = _text("The label of an input that an output is on with: while a button is pressed", _NAME)
    gate: Sequence[str] = _several(
        "Labels of more inputs it follows, all at once.", {"type": "string", "pattern": f"^{_NAME}$"}
    )
    any_of: bool = _flag("Any one of those inputs is enough.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Usb:
    """USB full speed as a device: pins, 48 MHz and, with the HAL, its controller. The stack is yours."""

    pins: Mapping[str, str] = _wished("DM, DP", "DM|DP")


@dataclass(frozen=True, slots=True)
class Rtc:
    """The calendar."""

    source: str = _choice("Its oscillator: the inner one, or a crystal of 32768 Hz.", "lsi", "lse")
    wakeup_s: float = _part(0.0, 0.0, 65_536.0, "An interrupt, which also wakes, every so many seconds; 0: none.")
    time: str = _text("The time of day at the start, such as 12:30:00.", r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")
    date: str = _text("The date at the start, such as 2026-01-31.", r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
    alarm: str = _text(
        "When its alarm A interrupts each day, such as 07:30:00; --:--:30: each minute at 30 s.",
        r"(?:(?:[01]\d|2[0-3]|--):(?:[0-5]\d|--):[0-5]\d)",
    )
    toggles: str = _text("The label of an output that each of its interrupts toggles", _NAME)
    sets: str = _text("The label of an output that each of its interrupts switches on", _NAME)
    clears: str = _text("The label of an output that each of its interrupts switches off", _NAME)


@dataclass(frozen=True, slots=True)
class Pvd:
    """The supply's supervision: an interrupt when VDD falls below a level."""

    level_mv: int = _number(2700, 2000, 3000, "That level in millivolts.")
    edge: str = _choice("When VDD falls below, rises above it, or both.", "falling", "rising", "both")
    toggles: str = _text("The label of an output that its interrupt toggles", _NAME)
    sets: str = _text("The label of an output that its interrupt switches on", _NAME)
    clears: str = _text("The label of an output that its interrupt switches off", _NAME)
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Iwdg:
    """The independent watchdog."""

    timeout_ms: int = _number(1000, 1, 32_768, "Resets when it wasn't refreshed for so long, in milliseconds.")
    closed_ms: int = _number(0, 0, 32_000, "It resets too when it is refreshed earlier than this (G4).")


@dataclass(frozen=True, slots=True)
class Wwdg:
    """The window watchdog."""

    timeout_ms: float = _part(40.0, 0.05, 10_000.0, "Resets when it wasn't refreshed for so long, in milliseconds.")
    closed_ms: float = _part(0.0, 0.0, 10_000.0, "It resets too when it is refreshed earlier than this.")
    interrupt: bool = _flag("An interrupt just before the reset (EWI) and its handler.")


@dataclass(frozen=True, slots=True)
class Lowpower:
    """What main does when there's nothing to do."""

    mode: str = _choice("How deep the core sleeps until an interrupt.", "sleep", "stop", "standby")
    wake_pin: str = _text("The pin that wakes from Standby by its rising edge.", _PIN)
    after_ms: int = _number(0, 0, 3_600_000, "Main goes on for so long first.")
    woken: str = _text("The label of an output that is on after waking from Standby, not after power-on", _NAME)


@dataclass(frozen=True, slots=True)
class Mco:
    """A clock put out on MCO: MCO1 on PA8, MCO2 on PC9."""

    pins: Mapping[str, str] = _wished("OUT", "OUT")
    output: int = _choice("Which output.", 1, 2)
    source: str = _choice("Which clock.", "HSI", "HSE", "PLL", "LSE", "SYSCLK", "LSI", "HSI48")
    divider: int = _choice("By what it is divided.", 1, 2, 3, 4, 5, 8, 16)


@dataclass(frozen=True, slots=True)
class Crc:
    """The unit that computes CRC-32 (polynomial 0x04C11DB7, begun with 0xFFFFFFFF)."""


@dataclass(frozen=True, slots=True)
class Copy:
    """DMA that copies memory to memory."""

    stream: int = _number(-1, -1, 8, "DMA2's stream (F4), or DMA1's channel (G4); -1: one that is free.")
    words: int = _number(256, 1, 16384, "How many items the copy at the start has.")
    width: int = _choice("Bits of an item.", 32, 16, 8)
    at_start: bool = _flag("The init itself starts it, rather than main.")
    interrupt: bool = _flag("Interrupt at its end and its handler.")
    priority: int = _priority()


@dataclass(frozen=True, slots=True)
class Cycles:
    """The core's cycle counter (DWT): times and delays of microseconds."""


@dataclass(frozen=True, slots=True)
class Systick:
    """The tick that delays count; always there."""

    frequency_hz: int = _number(1000, 1, 1_000_000, "Ticks a second.")
    toggles: str = _text("The label of an output that the tick toggles", _NAME)
    every: int = _number(1, 1, 1_000_000, "It toggles at each so many ticks.")


Wish = (
    Usart | Spi | I2c | Adc | Dac | Pwm | Timer | Encoder | Capture | Can | Gpio | Usb | Rtc | Iwdg | Wwdg | Lowpower
    | Mco | Pvd | Crc | Copy | Cycles | Systick
)  # fmt: skip
KINDS: Mapping[str, type[Wish]] = {
    "usart": Usart, "spi": Spi, "i2c": I2c, "adc": Adc, "pwm": Pwm, "timer": Timer, "can": Can, "gpio": Gpio,
    "usb": Usb, "rtc": Rtc, "iwdg": Iwdg, "systick": Systick, "dac": Dac, "encoder": Encoder, "capture": Capture,
    "wwdg": Wwdg, "lowpower": Lowpower, "mco": Mco,
    "pvd": Pvd, "crc": Crc, "copy": Copy, "cycles": Cycles,
}  # fmt: skip
"""The kinds of peripherals, as the JSON's `kind` names them."""
ALONE = frozenset({Pvd, Usb, Rtc, Iwdg, Wwdg, Dac, Lowpower, Crc, Cycles, Systick})
"""Kinds of which a device has one."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the clock comes from and how fast the core runs."""

    source: str = _choice("The inner oscillator, or a crystal or clock outside.", "HSI", "HSE")
    hse_hz: int = _number(8_000_000, 4_000_000, 50_000_000, "The crystal's frequency in hertz.")
    bypass: bool = _flag("A clock outside, not a crystal: OSC_OUT stays free.")
    sysclk_hz: int = _number(0, 0, 600_000_000, "The core's frequency in hertz; 0: as fast as it goes.")
    hclk_hz: int = _number(0, 0, 600_000_000, "AHB's clock in hertz, a power of two below SYSCLK; 0: the same.")
    pclk1_hz: int = _number(0, 0, 600_000_000, "APB1's clock in hertz; 0: as fast as it may be.")
    pclk2_hz: int = _number(0, 0, 600_000_000, "APB2's clock in hertz; 0: as fast as it may be.")
