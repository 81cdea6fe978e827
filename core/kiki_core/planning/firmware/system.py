"""What belongs to the whole chip: clocks that are read or put out, watchdogs, low power."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts
from kiki_core.planning.firmware.entries import Read, add_priority
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
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
        times = [each.value for each in has.of("s") if each.value >= 0.001 and not each.form]
        minutes = re.search(r"(\d+)\s?min", text, re.IGNORECASE)
        slow = [each.value for each in has.of("Hz") if 0 < each.value <= 1000]
        if times:
            entry["wakeup_s"] = min(65536, times[0])
        elif slow:
            entry["wakeup_s"] = 1 / slow[0]
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
    _moments(entry, text)
    return entry


_MOMENT = re.compile(
    r"(?<![\d:])([01]?\d|2[0-3])(?::|h ?)([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:\s?(am|pm))?", re.IGNORECASE
)
_DAY = re.compile(r"(?<!\d)(20\d\d)-(\d\d?)-(\d\d?)(?!\d)|(?<!\d)(\d\d?)[./](\d\d?)[./](20\d\d)(?!\d)")
_ALARM = re.compile(r"alarm\w*|alarma|wecker|réveil", re.IGNORECASE)


def _moments(entry: dict[str, Any], text: str) -> None:
    """The time and date that the calendar begins with, and the alarm's: that nearest after its word."""
    found = []
    for match in _MOMENT.finditer(text):
        hour = (
            int(match.group(1)) % 12 + 12 * (match.group(4).lower() == "pm") if match.group(4) else int(match.group(1))
        )
        found.append((match.start(), f"{hour:02d}:{match.group(2)}:{match.group(3) or '00'}"))
    alarm = _ALARM.search(text)
    if alarm and found:
        after = [each for each in found if each[0] > alarm.start()] or found
        entry["alarm"] = after[0][1]
        found.remove(after[0])
        entry.pop("wakeup_s", None)
    elif alarm and re.search(
        r"(?:every|each|once an?|chaque|toutes les|jede|cada) (?:minute|minut[eo])", text, re.IGNORECASE
    ):
        second = re.search(r"(?:at|à|bei|en) (?:second |la seconde |sekunde )?:?(\d\d)(?:\s?s\b)?", text, re.IGNORECASE)
        entry["alarm"] = f"--:--:{second.group(1) if second else '00'}"
        entry.pop("wakeup_s", None)
    if found:
        entry["time"] = found[0][1]
    if day := _DAY.search(text):
        year, month, date = (
            (day.group(1), day.group(2), day.group(3)) if day.group(1) else (day.group(6), day.group(5), day.group(4))
        )
        if 1 <= int(month) <= 12 and 1 <= int(date) <= 31:
            entry["date"] = f"{year}-{int(month):02d}-{int(date):02d}"


def iwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of IWDG."""
    times = [each.value for each in has.of("s") if each.value > 0]
    entry: dict[str, Any] = {"kind": "iwdg"}
    window = re.search(r"window|fen[êe]tre|fenster|ventana", group.text, re.IGNORECASE)
    if window and len(times) > 1:
        entry["closed_ms"] = max(1, round(min(times) * 1000))
        times = [max(times)]
    if times:
        entry["timeout_ms"] = max(1, round(times[0] * 1000))
    part = _LAST_PART.search(group.text)
    if part and times and "closed_ms" not in entry:
        share = {"half": 0.5, "third": 2 / 3, "quarter": 0.75, "hälfte": 0.5, "moitié": 0.5, "mitad": 0.5}
        entry["closed_ms"] = round(entry["timeout_ms"] * share[part.group(1).lower()])
    return entry


_LAST_PART = re.compile(r"(?:second|last|final|zweiten|letzten|deuxième|dernière?|segunda|última) (half|third|quarter|hälfte|moitié|mitad)\b", re.IGNORECASE)  # fmt: skip
"""When a window is open, as a part of the whole time."""


def pvd(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of the supply's supervision."""
    text = group.text
    entry: dict[str, Any] = {"kind": "pvd"}
    volts = [each.value for each in has.of("V") if 1.9 <= each.value <= 3.0]
    if volts:
        entry["level_mv"] = round(volts[0] * 1000)
    if words.BOTH_EDGES.search(text):
        entry["edge"] = "both"
    elif re.search(r"rises|above|steigt|über|dépasse|sube|encima", text, re.IGNORECASE) and not re.search(
        r"falls?|below|drops?|sinkt|unter|tombe|cae|baja", text, re.IGNORECASE
    ):
        entry["edge"] = "rising"
    add_priority(entry, text)
    return entry


def wwdg(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of WWDG."""
    times = sorted(each.value * 1e3 for each in has.of("s") if each.value > 0)
    entry: dict[str, Any] = {"kind": "wwdg"}
    if times:
        entry["timeout_ms"] = times[-1]
    if len(times) > 1:
        entry["closed_ms"] = times[0]
    if re.search(r"early|\bEWI\b|interr|précoce|frühwarn|temprana", group.text, re.IGNORECASE):
        entry["interrupt"] = True
    return entry


def lowpower(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of lowpower."""
    text = group.text.lower()
    mode = "standby" if re.search(r"stand-?by", text) else "stop" if re.search(r"\bstop|stopp", text) else "sleep"
    entry: dict[str, Any] = {"kind": "lowpower", "mode": mode}
    if mode == "standby":
        waking = [pin for pin in pins_in(group.text) if any("WKUP" in f.signal for f in device.functions(pin))]
        if waking and re.search(r"wak|wkup|réveil|weck|aufwach|despert", text):
            entry["wake_pin"] = waking[0]
        late = re.search(
            r"(\d[\d.,]*) ?(ms|s|sec\w*)\b after (?:the )?(?:start|reset|boot|power)|after (\d[\d.,]*) ?(ms|s|sec\w*)\b",
            text,
        )
        if late:
            number, unit = (late.group(1), late.group(2)) if late.group(1) else (late.group(3), late.group(4))
            entry["after_ms"] = round(float(number.replace(",", ".")) * (1 if unit == "ms" else 1000))
    return entry


_SOURCES = (("HSI48", r"HSI ?48"), ("SYSCLK", r"SYS ?CLK|system clock|horloge système|systemtakt|reloj del sistema|core clock|\bHCLK"), ("HSE", r"HSE|crystal|quartz|quarz|cristal"),
            ("LSE", r"LSE|32[.,]?768"), ("LSI", r"LSI"), ("HSI", r"HSI"), ("PLL", r"PLL\w*"))  # fmt: skip


def mco(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of MCO."""
    text = group.text
    second = re.search(r"MCO[ _-]?2", text, re.IGNORECASE) or ("PC9" in pins_in(text) and "PA8" not in pins_in(text))
    named = [
        (found.start(), name)
        for name, word in _SOURCES
        for found in re.finditer(rf"(?<![A-Za-z0-9])(?:{word})(?![A-Za-z0-9])", text, re.IGNORECASE)
    ]
    word = re.search(
        r"MCO|clock output|sortie d'horloge|taktausgang|salida de reloj|output|PA8|PC9", text, re.IGNORECASE
    )
    begin = word.start() if word else 0
    usual = "SYSCLK" if second or device.family == "g4" else "HSI"
    source = min(named, key=lambda each: abs(each[0] - begin) + 12 * (each[0] < begin))[1] if named else usual
    entry: dict[str, Any] = {"kind": "mco", "source": source}
    if second:
        entry["output"] = 2
    if source == "SYSCLK" and not second and device.family != "g4":
        entry["source"] = "PLL"
    divided = re.search(
        r"(?:/|÷|divi\w+ (?:by|par|por|durch)|geteilt durch|dividido (?:por|entre)|(?:prescaler|divider|vorteiler|diviseur)(?: of| =|:| de)?|div|by)\s?(\d{1,2})(?!\d)",
        text,
        re.IGNORECASE,
    )
    if divided and int(divided.group(1)) in (1, 2, 3, 4, 5, 8, 16):
        entry["divider"] = int(divided.group(1))
    if pins_in(text):
        entry["pins"] = {"OUT": pins_in(text)[0]}
    return entry


def crc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of the CRC unit."""
    return {"kind": "crc"}


def cycles(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of the cycle counter."""
    return {"kind": "cycles"}


def copy(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of DMA from memory to memory."""
    text = group.text
    entry: dict[str, Any] = {"kind": "copy"}
    if stream := re.search(r"(?:stream|channel|canal|kanal|flux)[ _-]?(\d)", text, re.IGNORECASE):
        entry["stream"] = int(stream.group(1))
    width = re.search(r"(8|16|32)[- ]?bits?|(half[- ]?words?)|(bytes?\b|octets?\b)", text, re.IGNORECASE)
    if width:
        entry["width"] = int(width.group(1)) if width.group(1) else 16 if width.group(2) else 8
    if count := re.search(
        r"(?<![\d.x])(\d{1,5})(?:[- ](?:x )?(?:\d\d?[- ]bits? )?(?:words?|bytes?|octets?|mots?|wörter|palabras|items?|elements?|half[- ]?words?|samples|uint\d+_t))",
        text,
        re.IGNORECASE,
    ):
        entry["words"] = min(16384, max(1, int(count.group(1))))
    if _IN_THE_INIT.search(text):
        entry["at_start"] = True
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text):
        entry["interrupt"] = True
    return entry


_IN_THE_INIT = re.compile(
    r"(?:start|launch|begin|trigger|kick|run|arran|inici|empez|lanc|démarr|déclench|gestartet|beginn|läuft)\w*\W+(?:\w+\W+){0,3}?"
    r"(?:in|during|by|from|within|en|pendant|dès|dans|während|bei|durante|desde)\W+(?:the |la |l'|der |el )?\W?(?:board_)?ini[tc]", re.IGNORECASE,
)  # fmt: skip


def systick(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of systick."""
    rates, times = has.of("Hz"), [each for each in has.of("s") if 0 < each.value <= 0.1]
    rate = rates[0].value if rates else 1 / times[0].value if times else None
    entry: dict[str, Any] = {"kind": "systick", "frequency_hz": 1000}
    if rate and 1 <= rate <= 1_000_000:
        entry["frequency_hz"] = round(rate)
    return entry
