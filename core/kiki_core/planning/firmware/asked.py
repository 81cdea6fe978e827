"""What a request names and its plan hasn't: pins, peripherals, numbers, interrupts. None of it may go unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import FRAME, amounts
from kiki_core.planning.firmware.pins import pins_in
from kiki_core.planning.firmware.ports import spared
from kiki_core.planning.firmware.unread import unread

_INSTANCE = re.compile(
    r"(?<![A-Za-z0-9])(LPUART|US?ART|SPI|I2C|TIM|ADC|(?:FD|bx)?CAN|MCO|DAC)(\d{1,2})(?!\d)", re.IGNORECASE
)
_CHANNEL = re.compile(r"(?<![A-Za-z])CH ?([1-4])(N)?(?![A-Za-z0-9])", re.IGNORECASE)
_COUNTS = re.compile(r"Hz (?:tick|count)|(?:tick|count\w*|resolution|auflösung|résolution)\W+(?:rate |clock |at |of |de |à |mit |von ){0,2}\d[\d.,]* ?[kM]?Hz|"
                     r"\d ?[mun]s (?:resolution|tick resolution)|(?:micro|milli|nano|mikro)(?:second|sekunden|-?s)[- ]?(?:counter|timer|tick|zähler)|(?:compteur|contador) (?:de |des |en |à la )?(?:micro|milli|nano|mili)se|free[- ]running.{0,20}\d ?MHz|\d ?MHz.{0,20}free[- ]running", re.IGNORECASE)  # fmt: skip
_KINDS: Sequence[tuple[str, str, re.Pattern[str]]] = tuple(
    (name, kind, re.compile(pattern, re.IGNORECASE))
    for name, kind, pattern in (
        ("the window watchdog", "wwdg", r"WWDG|watch-?dog.{0,14}(?:window|fen[êe]tr|fenster|ventana)|(?:window|fenster)\w*[- ]watch-?dog"),
        ("the independent watchdog", "iwdg", r"IWDG"), ("the clock output", "mco", r"\bMCO\d?\b"),
        ("the encoder", "encoder", r"\bencoder\b|quadratur|drehgeber|codeur"), ("the DAC", "dac", r"\bDAC\d?\b"),
        ("the input capture", "capture", r"input[- ]capture"), ("PWM", "pwm", r"\bPWM"), ("the RTC", "rtc", r"\bRTC\b"),
        ("low power", "lowpower", r"stand-?by|stop[- ]mode|low[- ]power"), ("CAN", "can", r"\b(?:bx|FD)CAN\d?\b"),
        ("the CRC unit", "crc", r"\bCRC\b"), ("copying memory by DMA", "copy", r"mem(?:ory)?[- ]?(?:to|2)[- ]?mem|\bM2M"),
        ("the cycle counter", "cycles", r"\bDWT\b|cycle counter|CYCCNT"), ("SysTick", "systick", r"sys ?tick"),
        ("the converter", "adc", r"\bADC\d?\b"), ("the I2C bus", "i2c", r"\bI2C\d?\b"), ("SPI", "spi", r"\bSPI\d?\b(?! flash)"),
        ("the serial port", "usart", r"\b(?:LP)?US?ART\d?\b"),
        ("USB", "usb", r"\bUSB\b(?![ -]?(?:c\b|serial|uart|to|2))"),
    )
)  # fmt: skip
"""Words that leave no doubt about a kind of peripheral."""
_CHOICE = re.compile(r"\b(?:or|ou|oder|o)\b|whichever|either", re.IGNORECASE)
_OSCILLATORS = frozenset({"PH0", "PH1", "PC14", "PC15", "PA13", "PA14", "PB3"})
"""Pins that a text may name for crystals and the debugger, which no entry has."""
_WAKES_BY_PIN = re.compile(r"(?:wak\w+|réveil\w*|weck\w*|despert\w*)\W+(?:\w+\W+){0,4}?(?:button|pin|taster|bouton|bot[óo]n|P[A-K]\d)",
                           re.IGNORECASE)  # fmt: skip
_DATES = re.compile(
    r"(?<!\d)\d{1,2}[./]\d{1,2}[./]20\d\d(?!\d)|(?<!\d)20\d\d-\d\d?-\d\d?(?!\d)|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?(?![\d:])"
)
_SMALL = frozenset({"channels", "channel", "mode", "data_bits", "stop_bits", "output", "resolution_bits", "priority", "register",
                    "reads", "reply", "command", "writes", "address", "starts", "width"})  # fmt: skip
"""Fields whose numbers are no rates, times or shares."""
_TOLERANCE = 0.02
_USUAL_HZ = (16e6, 32768.0, 32e3)
"""Frequencies of the inner oscillators and of the calendar's crystal, which a text may tell without asking for them."""


def missing(text: str, plan: Mapping[str, Any], facts: Sequence[float] = ()) -> tuple[str, ...]:
    """What a text (without the device's name) asks for that the plan hasn't, in words for the answer.

    ``facts``: numbers of the text that the plan was worked out from.
    """
    entries: Sequence[Mapping[str, Any]] = plan["peripherals"]
    free = bool(_CHOICE.search(text))
    told = {*_pins(entries), *_OSCILLATORS, *spared(text)}
    lost = [f"pin {pin}" for pin in pins_in(text) if pin not in told and not free]
    if not free:
        lost += _instances(text, entries)
    lost += _behaviour(text, entries)
    lost += _channels(text, entries)
    lost += _contradictions(text)
    lost += _numbers(text, plan, facts)
    lost += unread(text, plan)
    return tuple(dict.fromkeys(lost))


_PARITY_SAID = re.compile(r"\b(even|odd|gerade\w*|ungerade\w*|paire|impaire|par|impar)\W+(?:parit|paridad)|(?:parité|paridad|parität) (paire|impaire|par|impar|gerade|ungerade)|\b(no|without|keine|sans|sin) (?:parit|paridad)", re.IGNORECASE)  # fmt: skip


def _contradictions(text: str) -> Iterator[str]:
    """A frame's letters against its words, where one port alone is spoken of."""
    frames = [match.group(0) for match in FRAME.finditer(text)]
    said = [next(part for part in match.groups() if part).lower() for match in _PARITY_SAID.finditer(text)]
    if len(frames) != 1 or len(said) != 1:
        return
    letter = next(each for each in frames[0].upper() if each in "NEO")
    odd = said[0].startswith(("odd", "un", "im"))
    wanted = "N" if said[0] in ("no", "without", "keine", "sans", "sin") else "O" if odd else "E"
    if letter != wanted:
        yield f"{frames[0]} together with “{said[0]}” parity, which contradict each other"


def _pins(entries: Sequence[Mapping[str, Any]]) -> set[str]:
    found = set()
    for entry in entries:
        found |= {entry.get("pin", ""), entry.get("wake_pin", ""), *entry.get("pins", {}).values()}
        if entry["kind"] == "dac":
            found |= {"PA4" if channel == 1 else "PA5" for channel in entry.get("channels", (1,))}
        found |= {"mco": {"PC9" if entry.get("output") == 2 else "PA8"}, "usb": {"PA11", "PA12"}}.get(
            entry["kind"], set()
        )
    return found


def _instances(text: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    had = {str(entry.get(key, "")) for entry in entries for key in ("instance", "trigger")}
    kinds = {entry["kind"] for entry in entries}
    bare = {re.sub(r"^(?:FD|BX|US|U)(?=ART|CAN)", "", name) for name in had}
    for match in _INSTANCE.finditer(text):
        name = f"{match.group(1).upper()}{match.group(2)}"
        if re.sub(r"^(?:FD|BX|US|U)(?=ART|CAN)", "", name) in bare:
            continue
        if name[:3] == "MCO" and any(
            entry["kind"] == "mco" and entry.get("output", 1) == int(name[3]) for entry in entries
        ):
            continue
        if name[:3] == "DAC" and "dac" in kinds:
            continue
        yield name


def _channels(text: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Channels of timers ("CH2", "CH1N") that no timer of the plan has."""
    timed = [entry for entry in entries if entry["kind"] in ("pwm", "capture", "encoder")]
    if not timed:
        return
    had = {1, 2} if any(entry["kind"] == "encoder" or entry.get("pwm") for entry in timed) else set()
    for entry in timed:
        had |= {*entry.get("channels", ()), entry.get("channel", 0)}
        had |= {int(name[2]) for name in entry.get("pins", {}) if name.startswith("CH")}
    for match in _CHANNEL.finditer(text):
        if int(match.group(1)) not in had or (
            match.group(2) and not any(entry.get("complementary") for entry in timed)
        ):
            yield match.group(0).upper()


def _behaviour(text: str, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for name, kind, pattern in _KINDS:
        if words.said(pattern, text) and all(
            entry["kind"] != kind and not (kind == "pwm" and entry.get("pwm")) for entry in entries
        ):
            yield name
    if (
        any(entry["kind"] == "timer" for entry in entries)
        and _COUNTS.search(text)
        and not any("tick_hz" in entry for entry in entries)
    ):
        yield "the timer's count rate"
    counted = [entry for entry in entries if entry["kind"] == "capture" and entry.get("counts")]
    edges = any(
        entry.get("edge", "none") != "none" or entry["kind"] == "pvd" for entry in entries if entry not in counted
    )
    kinds = {entry["kind"] for entry in entries}
    serves = edges or any(
        entry.get("interrupt") or entry.get("wakeup_s") or entry.get("alarm") or entry.get("slave") or entry.get("idle")
        or entry["kind"] in ("copy", "systick") or (entry["kind"] == "capture" and entry not in counted) or "low" in entry or "high" in entry or (entry["kind"] == "timer" and entry.get("interrupt", True))
        for entry in entries
    )  # fmt: skip
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text) and not serves and not kinds & {"wwdg"}:
        yield "the interrupt"
    if words.DMA.search(text) and not any(
        entry.get("dma") or entry["kind"] == "copy" or entry.get("wave") in ("sine", "sawtooth") for entry in entries
    ):
        yield "DMA"
    if (
        (words.RISING.search(text) or words.FALLING.search(text))
        and not edges
        and not counted
        and not kinds & {"spi", "encoder"}
        and not any(entry.get("wake_pin") for entry in entries)
        and not any(entry.get("one_pulse") or entry.get("pwm") for entry in entries)
    ):
        yield "the interrupt at an edge"
    if (
        _WAKES_BY_PIN.search(text)
        and not edges
        and not any(entry.get("wake_pin") or entry.get("wakeup_s") for entry in entries)
    ):
        yield "waking by a pin"
    asleep = any(entry.get("mode") == "standby" for entry in entries)
    if asleep and edges and not any(entry.get("wake_pin") for entry in entries):
        yield "waking from Standby by that edge (only a wake-up pin does)"


def _numbers(text: str, plan: Mapping[str, Any], facts: Sequence[float]) -> Iterator[str]:
    """Rates, times and shares of the text that no field of the plan comes from."""
    usb = [48e6] if any(entry["kind"] == "usb" for entry in plan["peripherals"]) else []
    had = [*usb, *_USUAL_HZ, *facts, *_values(plan), *_products(plan)]
    text = _DATES.sub(" ", text)
    for each in amounts(text).every:
        value = each.value
        bare = each.unit == "" and not each.form and (each.scaled or value >= 4800) and value >= 1000
        if each.unit == "V" and any(
            entry["kind"] in ("dac", "pvd") or "low" in entry or "high" in entry for entry in plan["peripherals"]
        ):
            if not any(abs(value * 1000 - known) <= 2 for known in [*had, *(1000 * fact for fact in facts), 3300.0]):
                yield each.text.strip()
            continue
        if not bare and (each.unit not in ("Hz", "s", "%", "baud", "bit/s", "S/s") or each.scaled or value <= 0):
            continue
        forms = {value, value * 2, value / 2}
        if each.unit == "s":
            forms |= {value * 1e3, value * 1e6, value * 1e9, 1 / value, 0.5 / value, 2 / value}
            forms |= {100 * value * rate for rate in had if rate * value <= 1}
        elif each.unit == "Hz":
            forms |= {1e3 / value, 500 / value}
        if not any(abs(form - known) <= _TOLERANCE * known for form in forms for known in had):
            yield each.text.strip()


def _products(plan: Mapping[str, Any]) -> Iterator[float]:
    """Seconds that several fields make together: so many ticks, or periods, of so many hertz; blinks by parts."""
    for entry in plan["peripherals"]:
        rate = entry.get("frequency_hz", 0)
        if rate and entry.get("every"):
            yield entry["every"] / rate
        if entry.get("high_ms") and entry.get("low_ms"):
            yield (entry["high_ms"] + entry["low_ms"]) / 1000
        if entry.get("tick_hz") and entry.get("counts"):
            yield entry["counts"] / entry["tick_hz"]


def _values(plan: Any) -> Iterator[float]:
    if isinstance(plan, Mapping):
        for key, each in plan.items():
            if key not in _SMALL:
                yield from _values(each)
    elif isinstance(plan, (list, tuple)):
        for each in plan:
            yield from _values(each)
    elif isinstance(plan, (int, float)) and not isinstance(plan, bool) and plan > 0:
        yield float(plan)
