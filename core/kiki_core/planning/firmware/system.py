"""What belongs to the whole chip: clocks that are read or put out, watchdogs, low power."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware.amounts import Amounts, rate_of
from kiki_core.planning.firmware.entries import Read
from kiki_core.planning.firmware.groups import Group
from kiki_tools.stm32.device import Device


def rtc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of RTC."""
    text = group.text
    entry: dict[str, Any] = {"kind": "rtc", "source": "lsi"}
    lse = re.search(
        r"\bLSE\b|32[.,]?768|32 ?k(?:Hz)? (?:crystal|quartz|xtal|quarz|cristal)|crystal|quartz|xtal|quarz|cristal",
        text,
        re.IGNORECASE,
    )
    if lse and not re.search(r"\bLSI\b", text, re.IGNORECASE):
        entry["source"] = "lse"
    if re.search(r"wake|réveil|weck|aufwach|despert|every|each|toutes|alle|jede|cada|periodic", text, re.IGNORECASE):
        times = [each.value for each in has.of("s") if each.value >= 1]
        minutes = re.search(r"(\d+)\s?min", text, re.IGNORECASE)
        if times:
            entry["wakeup_s"] = min(65536, round(times[0]))
        elif minutes:
            entry["wakeup_s"] = min(65536, 60 * int(minutes.group(1)))
        elif re.search(
            r"every second|once (?:a|per) second|toutes les secondes|jede sekunde|cada segundo", text, re.IGNORECASE
        ):
            entry["wakeup_s"] = 1
        elif re.search(
            r"(?:every|an?|one|une|eine[rm]?|un) minut[eo]?|toutes les minutes|jede minute|cada minuto",
            text,
            re.IGNORECASE,
        ):
            entry["wakeup_s"] = 60
    if re.search(r"alarm|alarme", text, re.IGNORECASE):
        read.notes.append(
            "the calendar's alarm isn't set: it needs the time of day; HAL_RTC_SetAlarm_IT or ALRMAR set it"
        )
    return entry


def iwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of IWDG."""
    times = [each.value for each in has.of("s") if each.value > 0]
    entry: dict[str, Any] = {"kind": "iwdg"}
    if times:
        entry["timeout_ms"] = max(1, round(times[0] * 1000))
    return entry


def wwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of WWDG."""
    times = sorted(each.value * 1e3 for each in has.of("s") if each.value > 0)
    entry: dict[str, Any] = {"kind": "wwdg"}
    if times:
        entry["timeout_ms"] = times[-1]
    if len(times) > 1:
        entry["closed_ms"] = times[0]
    return entry


def lowpower(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of lowpower."""
    text = group.text.lower()
    mode = "standby" if re.search(r"stand-?by", text) else "stop" if re.search(r"\bstop|stopp", text) else "sleep"
    return {"kind": "lowpower", "mode": mode}


def mco(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of MCO."""
    text = group.text
    source = next((name for name in ("HSE", "LSE", "HSI", "PLL") if re.search(rf"\b{name}", text, re.IGNORECASE)), "")
    if not source:
        source = "PLL" if re.search(r"sysclk|system clock|core", text, re.IGNORECASE) else "HSI"
    entry: dict[str, Any] = {"kind": "mco", "source": source}
    divided = re.search(
        r"(?:/|÷|divided by|divis[ée] par|geteilt durch|dividido por|prescaler(?: of)?|div)\s?(\d)", text, re.IGNORECASE
    )
    if divided and int(divided.group(1)) in (1, 2, 4):
        entry["divider"] = int(divided.group(1))
    return entry


def systick(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of systick."""
    rate = rate_of(has)
    allowed = [each for each in (1000, 100, 10) if rate and abs(each - rate) < 1]
    if rate and not allowed:
        read.notes.append(f"SysTick runs at 1000, 100 or 10 Hz here, not at {rate:g} Hz")
    return {"kind": "systick", "frequency_hz": allowed[0] if allowed else 1000}
