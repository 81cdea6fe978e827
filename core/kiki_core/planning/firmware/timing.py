"""The timers of a request: PWM, counting, encoders, capture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts, rate_of
from kiki_core.planning.firmware.entries import (
    CHANNEL,
    COUNTED,
    NUMBERS,
    Read,
    add_priority,
    entry_of,
    numbers_of,
    placed,
    repeat_of,
)
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
from kiki_core.planning.quantities import Quantity
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
    of_pins = [int(name[2]) for name in pins if name.startswith("CH")]
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
    rates = [each for each in has.of("Hz") if not _is_count(text, each)]
    bare = [each.value for each in has.plain() if each.scaled and each.value >= 10]
    if rates or bare:
        entry["frequency_hz"] = rates[0].value if rates else bare[0]
    elif words.SERVO.search(text):
        entry["frequency_hz"] = 50.0
    elif times and re.search(r"period|périod|période|período|every|alle|cada|toutes", text, re.IGNORECASE):
        entry["frequency_hz"] = 1 / times[0].value
        times = times[1:]
    if words.ONE_PULSE.search(text):
        return _single(entry, text, has, device, pins)
    _shape(entry, text)
    if words.said(words.OPEN_DRAIN, text):
        entry["open_drain"] = True
    parts = has.of("%")
    if several := re.search(
        r"(\d{1,3}(?:[.,]\d+)?)((?:\s?(?:/|,|;|and|et|und|y)\s?\d{1,3}(?:[.,]\d+)?){1,3}) ?%", text
    ):
        listed = [float(each.replace(",", ".")) for each in re.findall(r"\d{1,3}(?:[.,]\d+)?", several.group(0))]
        if len(listed) == len(entry["channels"]) and max(listed) <= 100:
            entry["duties"] = listed
            return entry
    if len(parts) > 1 and len(parts) == len(entry["channels"]) and not dead:
        return _each_its_own(entry, text, parts)
    share = re.search(r"(?:\bD|duty\w*(?: cycle)?)\s?(?:=|:|of)\s?(0?[.,]\d+)(?![\d%])", text, re.IGNORECASE)
    if share and not parts:
        entry["duty_percent"] = round(100 * float(share.group(1).replace(",", ".")), 3)
    elif parts:
        entry["duty_percent"] = min(100.0, max(0.0, parts[0].value))
    elif len(times) > 1 and len(times) == len(entry["channels"]) and "frequency_hz" in entry:
        entry["duties"] = [round(min(100.0, each.value * entry["frequency_hz"] * 100), 4) for each in times]
    elif times and "frequency_hz" in entry and times[0].value * entry["frequency_hz"] <= 1:
        entry["duty_percent"] = round(times[0].value * entry["frequency_hz"] * 100, 4)
    elif words.SERVO.search(text):
        entry["duty_percent"] = 7.5
    return entry


def _is_count(text: str, rate: Quantity) -> bool:
    """Whether a rate is the counter's, not the pulses'."""
    near = text[max(0, rate.start - 28) : rate.end + 24]
    beside = _COUNTED_AFTER.match(text[rate.end :]) or _COUNTED_BEFORE.search(text[: rate.start])
    return bool(beside) or (rate.value >= 100e3 and bool(words.COUNTS.search(near)))


_COUNTED_AFTER = re.compile(r"\s*(?:tick|count|timer clock|counter|zähl|zaehl|compt|cuent)", re.IGNORECASE)
_COUNTED_BEFORE = re.compile(r"(?:tick|count\w*|counter clock|resolution|zählt|compte|cuenta)\W+(?:(?:rate|clock|frequency|at|of|is|mit|à|a|with)\W+){0,3}$",
                             re.IGNORECASE)  # fmt: skip


_ABOUT_BREAK = re.compile(r"(?:break|brake|BKIN|fault|emergency)[^;,.]{0,40}?active[- ](?:low|high)", re.IGNORECASE)
"""The level of a break input, which isn't that of the outputs."""


def _shape(entry: dict[str, Any], text: str) -> None:
    """Alignment, polarity, break input, interrupt of pulse widths."""
    if words.said(words.CENTRED, text):
        entry["aligned"] = "center"
    if words.said(words.INVERTED, _ABOUT_BREAK.sub(" ", text)):
        entry["inverted"] = True
    if words.said(words.BREAK, text) or "BKIN" in entry.get("pins", {}):
        entry["stop"] = True
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text):
        entry["interrupt"] = True
    add_priority(entry, text)


def _each_its_own(entry: dict[str, Any], text: str, parts: Sequence[Quantity]) -> dict[str, Any]:
    """A share for each channel: as the text pairs them, else in order."""
    named = [
        (m.start(), int(m.group(1)))
        for m in re.finditer(r"(?:CH|channel|canal|kanal|voie)\s?([1-4])", text, re.IGNORECASE)
    ]
    given: dict[int, float] = {}
    last = 0
    for part in parts:  # "CH1 25 %, CH2 75 %"
        between = [number for at, number in named if last <= at < part.start]
        if len(between) == 1:
            given[between[0]] = part.value
        last = part.end
    order = sorted(entry["channels"])
    if set(given) != set(order):
        given = dict(zip(order, (part.value for part in parts), strict=True))
    entry["duties"] = [min(100.0, max(0.0, given[number])) for number in order]
    return entry


def _single(entry: dict[str, Any], text: str, has: Amounts, device: Device, pins: dict[str, str]) -> dict[str, Any]:
    """One pulse: its width, the delay before it, what starts it."""
    times = [each for each in has.of("s") if each.value > 0]
    late = re.search(r"delay|after|délai|retard|verzöger|nach|retardo|tras", text, re.IGNORECASE)
    delay = min(times, key=lambda each: abs(each.start - late.start())) if late and len(times) > 1 else None
    widths = [each.value for each in times if each is not delay]
    width, before = widths[0] if widths else 1e-3, delay.value if delay is not None else 0.0
    entry |= {
        "one_pulse": True,
        "frequency_hz": 1 / (width + before),
        "duty_percent": min(100.0, 100 * width / (width + before)),
    }
    entry["_facts"] = [width, before]
    started = re.search(r"(?:trigger\w*|start\w*|déclench\w*|ausgelöst|gestartet|dispar\w*)\W+(?:\w+\W+){0,6}?(P[A-K]\d{1,2}|TI[12]|CH ?[12]|ETR)(?!\w)",
                        text, re.IGNORECASE)  # fmt: skip
    if started:
        word = started.group(1).upper().replace(" ", "")
        if word.startswith("P"):
            names = [
                f.signal
                for f in device.functions(word)
                if f.peripheral == entry.get("instance") and f.signal in ("CH1", "CH2", "ETR")
            ]
            entry["starts"] = names[0] if names else "CH2"
            entry["pins"] = {name: pin for name, pin in pins.items() if pin != word} | {entry["starts"]: word}
        else:
            entry["starts"] = word.replace("TI", "CH")
    entry["channels"] = (
        [
            int(name[2])
            for name in entry.get("pins", {})
            if re.fullmatch(r"CH[1-4]", name) and name != entry.get("starts")
        ][:1]
        or [each for each in entry["channels"] if f"CH{each}" != entry.get("starts")][:1]
        or [2 if entry.get("starts") == "CH1" else 1]
    )
    if words.said(words.INVERTED, text):
        entry["inverted"] = True
    return entry


def timer(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of TIMER."""
    entry = entry_of("timer", group)
    text = group.text
    if words.ONE_PULSE.search(text):
        entry = entry_of("pwm", group) | {"channels": [1]}
        pins = placed(entry, "pwm", text, device)
        return _single(entry, text, has, device, pins)
    counting = [
        each for each in has.of("Hz") if each.value >= 1000 and (_is_count(text, each) or words.FREE.search(text))
    ]
    ticks = words.TICKS.search(text)
    if counting:
        entry["tick_hz"] = round(counting[0].value)
    elif ticks:
        unit = ticks.group(2) or ticks.group(4) or ""
        number = float((ticks.group(1) or ticks.group(3) or "1").replace(",", "."))
        scale = {"m": 1e-3, "µ": 1e-6, "μ": 1e-6, "u": 1e-6, "n": 1e-9}.get(unit[:1].lower(), 1e-6)
        entry["tick_hz"] = round(1 / (number * scale))
    elif words.FREE.search(text) and re.search(
        r"microsecond|mikrosekund|microseconde|microsegund|µ-?second|(?<!\w)[uµμ]s(?!\w)", text, re.IGNORECASE
    ):
        entry["tick_hz"] = 1_000_000
    if (scaled := _PRESCALER.search(text)) and (top := _TOP.search(text)):
        entry["prescaler"] = int(scaled.group(1))
        entry["counts"] = int(next(part for part in top.groups() if part)) + 1
    elif "tick_hz" in entry:
        others = [each.value for each in has.of("Hz") if each not in counting]
        if top := _TOP.search(text):
            entry["counts"] = int(next(part for part in top.groups() if part)) + (0 if top.group(2) else 1)
        elif others:
            entry["counts"] = round(entry["tick_hz"] / others[0])
    elif rate := rate_of(has):
        entry["frequency_hz"] = rate
    if (
        words.NO_INTERRUPT.search(text)
        or "tick_hz" in entry
        or re.search(r"free[- ]running|time ?base only|trgo", text, re.IGNORECASE)
    ):
        entry["interrupt"] = bool(words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text))
    add_priority(entry, text)
    return entry


_PRESCALER = re.compile(
    r"(?:prescaler|PSC|vorteiler|prédiviseur|diviseur|preescaler)(?: value)?\s?(?:=|:|of |is |to |à |de |auf )?\s?(\d{1,5})(?!\d)",
    re.IGNORECASE,
)
_TOP = re.compile(r"(?:(?:from )?0 ?(?:to|-|\.\.+|bis|à|a) ?|counts? (?:up )?to |zählt bis |compte jusqu'à |cuenta hasta |\bARR|auto-?reload(?: value)?|reload|up to|wrap\w* (?:at|after))\s?(?:=|:|of |is |to )?\s?(\d{2,10})(?! ?[kMunµm]?(?:Hz|s\b))|"
                  r"(?:period|période|periode) (?:of |de |von )?(\d{2,10}) (?:counts|ticks|pas|schritte)", re.IGNORECASE)  # fmt: skip


def encoder(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of encoder."""
    entry = entry_of("encoder", group)
    placed(entry, "encoder", group.text, device)
    if wraps := re.search(
        r"(?:wrap\w*|overflow\w*|überlauf|\bARR|reload|débord\w*|desbord\w*)\W+(?:(?:at|to|after|bei|à|en|of|is|value)\W+){0,2}(\d{2,5})(?!\d)",
        group.text,
        re.IGNORECASE,
    ):
        entry["counts"] = min(65536, int(wraps.group(1)) + 1 if int(wraps.group(1)) % 2 else int(wraps.group(1)))
    counts = [] if "counts" in entry else [round(each.value) for each in has.plain() if 16 <= each.value <= 65536]
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


_ETR = re.compile(r"(?<![A-Za-z0-9])(?:TIM\d+_)?ETR\b|external clock mode 2", re.IGNORECASE)
_CLEARED = re.compile(r"read\w* and (?:clear|reset|zero)|(?:clear|reset|zero)\w*|remis\w* à zéro|gelöscht|zurückgesetzt|pone a cero|per second|frequency counter|pro sekunde", re.IGNORECASE)  # fmt: skip


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
    if re.search(r"pwm[- ]input|entrée pwm|pwm-?eingang|entrada pwm|duty|rapport cyclique|tastgrad|ciclo de trabajo|(?:period|frequency) and (?:pulse )?width", text,
                 re.IGNORECASE):  # fmt: skip
        entry["pwm"] = True
    add_priority(entry, text)
    if words.COUNTS_EDGES.search(text) and "pwm" not in entry:
        entry["counts"] = True
    if _ETR.search(text):
        entry |= {"counts": True, "etr": True}
        if named := pins_in(text):
            entry["pins"] = {"ETR": named[0]}
    if entry.get("counts") and _CLEARED.search(text):
        gate = repeat_of(text, has.of("s"))
        if gate:
            entry["gate_ms"] = gate
    rates, times = has.of("Hz"), has.of("s")
    if "counts" in entry:
        pass
    elif ticks := words.TICKS.search(text):
        count, unit = next((n, u) for n, u in zip(ticks.groups()[::2], ticks.groups()[1::2], strict=True) if n)
        entry["tick_hz"] = round({"n": 1e9, "m": 1e3}.get(unit[0].lower(), 1e6) / float(count.replace(",", ".")))
    elif rates and rates[0].value >= 1000:
        entry["tick_hz"] = round(rates[0].value)
    elif times and times[0].value <= 1e-3:
        entry["tick_hz"] = round(1 / times[0].value)
    entry["edge"] = ("both" if words.BOTH_EDGES.search(text) or re.search(r"pulse width|largeur|pulsbreite|ancho", text, re.IGNORECASE)
                     else "falling" if words.FALLING.search(text) else "rising")  # fmt: skip
    return entry
