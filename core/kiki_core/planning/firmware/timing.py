"""The timers of a request: PWM, counting, encoders, capture."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts, rate_of
from kiki_core.planning.firmware.entries import CHANNEL, COUNTED, NUMBERS, Read, entry_of, numbers_of, placed
from kiki_core.planning.firmware.groups import Group
from kiki_tools.stm32.device import Device

_THREE = re.compile(r"(?:3|three|drei|trois|tri)[- ]?phas|dreiphas|triphas|bldc|trifásic", re.IGNORECASE)


def pwm(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of PWM."""
    text = group.text
    entry = entry_of("pwm", group)
    channels = [
        number for listed in CHANNEL.finditer(text) for number in numbers_of(listed.group(1)) if 1 <= number <= 4
    ]
    if words.COMPLEMENTARY.search(text):
        entry["complementary"] = True
    pins = placed(entry, "pwm", text, device)
    of_pins = [int(name[2]) for name in pins]
    if not channels and not of_pins:
        if _THREE.search(text):
            channels = [1, 2, 3]
        elif counted := COUNTED.search(text):
            word = counted.group(1).lower()
            channels = list(range(1, min(4, int(word) if word.isdigit() else NUMBERS[word]) + 1))
    entry["channels"] = sorted({*channels, *of_pins}) or [1]
    if any(name.endswith("N") for name in pins):
        entry["complementary"] = True
    dead = words.DEAD.search(text)
    times = has.of("s")
    if dead and times:
        gap = min(times, key=lambda each: min(abs(each.start - dead.start()), abs(each.start - dead.end())))
        entry["dead_time_ns"] = round(gap.value * 1e9)
        times = [each for each in times if each is not gap]
    rates = has.of("Hz")
    bare = [each.value for each in has.plain() if each.scaled and each.value >= 10]
    if rates or bare:
        entry["frequency_hz"] = rates[0].value if rates else bare[0]
    elif words.SERVO.search(text):
        entry["frequency_hz"] = 50.0
    elif times and re.search(r"period|périod|période|período|every|alle|cada|toutes", text, re.IGNORECASE):
        entry["frequency_hz"] = 1 / times[0].value
        times = times[1:]
    parts = has.of("%")
    share = re.search(r"(?:\bD|duty\w*(?: cycle)?)\s?(?:=|:|of)\s?(0?[.,]\d+)(?![\d%])", text, re.IGNORECASE)
    if share and not parts:
        entry["duty_percent"] = round(100 * float(share.group(1).replace(",", ".")), 3)
    elif parts:
        entry["duty_percent"] = min(100.0, max(0.0, parts[0].value))
    elif times and "frequency_hz" in entry and times[0].value * entry["frequency_hz"] <= 1:
        entry["duty_percent"] = round(times[0].value * entry["frequency_hz"] * 100, 4)
    elif words.SERVO.search(text):
        entry["duty_percent"] = 7.5
    return entry


def timer(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of TIMER."""
    entry = entry_of("timer", group)
    rate = rate_of(has)
    if rate:
        entry["frequency_hz"] = rate
    if words.NO_INTERRUPT.search(group.text) or re.search(
        r"free[- ]running|time ?base only|trgo", group.text, re.IGNORECASE
    ):
        entry["interrupt"] = bool(words.INTERRUPT.search(group.text) and not words.NO_INTERRUPT.search(group.text))
    return entry


def encoder(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of encoder."""
    entry = entry_of("encoder", group)
    placed(entry, "encoder", group.text, device)
    counts = [round(each.value) for each in has.plain() if 16 <= each.value <= 65536]
    if counts:
        # What is told as its last count, or is one short of a power of two, is the reload value.
        last = re.search(
            r"wrap\w* (?:at|to|after)|\bARR\b|reload|up to|bis|jusqu'à|hasta|\bmax", group.text, re.IGNORECASE
        )
        short = (counts[0] + 1) & counts[0] == 0 or (last and counts[0] % 2 == 1)
        entry["counts"] = min(65536, counts[0] + bool(short))
    if re.search(r"(?:no|without|sans|ohne|sin) (?:internal )?pull", group.text, re.IGNORECASE):
        entry["pull_ups"] = False
    return entry


def capture(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of capture."""
    text = group.text
    entry = entry_of("capture", group)
    pins = placed(entry, "capture", text, device)
    listed = CHANNEL.search(text)
    number = int(next(iter(pins))[2]) if pins else numbers_of(listed.group(1))[0] if listed else 1
    entry["channel"] = number if 1 <= number <= 4 else 1
    if pins:
        entry["pins"] = {f"CH{entry['channel']}": next(iter(pins.values()))}
    rates, times = has.of("Hz"), has.of("s")
    if rates and rates[0].value >= 1000:
        entry["tick_hz"] = round(rates[0].value)
    elif times and times[0].value <= 1e-3:
        entry["tick_hz"] = round(1 / times[0].value)
    entry["edge"] = ("both" if words.BOTH_EDGES.search(text) or re.search(r"pulse width|largeur|pulsbreite|ancho", text, re.IGNORECASE)
                     else "falling" if words.FALLING.search(text) else "rising")  # fmt: skip
    return entry
