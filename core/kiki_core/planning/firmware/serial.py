"""The buses of a request: UARTs, SPI, I2C, CAN, USB."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts, amounts, baud_of, frame_of
from kiki_core.planning.firmware.entries import Read, add_ways, entry_of, placed
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
from kiki_tools.stm32.device import Device

_QUOTED = re.compile(r"[\"“”«]\s?([^\"“”«»\n]{1,60}?)\s?[\"”“»]|(?<!\w)'([^'\n]{1,60})'(?!\w)|`([^`\n]{1,60})`")
_UNNAMED_TEXT = re.compile(r"(?:send|print|transmit|write|output|envo\w+|affich\w*|send\w*|schick\w*|ausgeb\w*|envía\w*|manda\w*|"
                           r"imprim\w*|sagt?|say)\w*\s+(?:the (?:string|text|message) |le (?:texte|message) |den text )?"
                           r"(hello(?:,? world)?!?|ok|ready|bonjour|hallo(?: welt)?|hola(?: mundo)?|ping|alive|boot(?:ed)?)(?!\w)",
                           re.IGNORECASE)  # fmt: skip
_MODE = re.compile(r"mode\s?(?:=|:)?\s?([0-3])(?!\d|\s?[kM]?Hz)|modus\s?([0-3])|modo\s?([0-3])", re.IGNORECASE)
_CPOL = re.compile(r"CPOL\s?(?:=|:)?\s?(1|0|high|low)", re.IGNORECASE)
_CPHA = re.compile(r"CPHA\s?(?:=|:)?\s?(1|0|2\s?edge|1\s?edge|high|low)", re.IGNORECASE)
SELECT = re.compile(r"(?:NSS|N?CS|chip[- ]select|SS|slave select)(?:\W+|\s+(?:on|is|at|sur|auf|an|en|line|pin)\s+){1,3}(P[A-K]\d{1,2})|"
                     r"(P[A-K]\d{1,2})\s*(?:\(|as|=|for|als|comme|como)\s*(?:the\s)?(?:NSS|N?CS|chip[- ]select|SS)(?!\w)",
                     re.IGNORECASE)  # fmt: skip
_HEX = re.compile(r"0x([0-9a-f]{1,2})(?!\w)", re.IGNORECASE)


def usart(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of USART."""
    text = group.text
    entry = entry_of("usart", group)
    name = entry.get("instance", "")
    swapped = name.replace("USART", "UART") if name.startswith("USART") else name.replace("UART", "USART")
    if name and name not in device.peripherals and swapped in device.peripherals:
        entry["instance"] = swapped
    pins = placed(entry, "usart", _QUOTED.sub(" ", text), device)
    rate = baud_of(amounts(_QUOTED.sub(" ", text), [each.value for each in has.of("Hz") if each.value >= 4e6]))
    if rate:
        entry["baud"] = round(rate)
    _frame(entry, text)
    if words.TX_ONLY.search(text) or (
        set(pins) == {"TX"} and not re.search(r"\brx|receiv|récept|empfang|echo", text, re.IGNORECASE)
    ):
        entry["direction"] = "tx"
    elif words.RX_ONLY.search(text) or (
        set(pins) == {"RX"} and not re.search(r"\btx|send|print|transm", text, re.IGNORECASE)
    ):
        entry["direction"] = "rx"
    if words.FLOW.search(text) or {"CTS", "RTS"} & set(pins):
        entry["flow_control"] = True
    add_ways(entry, text)
    if words.ECHO.search(text):
        entry["echo"] = True
    said = _QUOTED.search(text) or _UNNAMED_TEXT.search(text)
    if said:
        entry["greeting"] = next(part for part in said.groups() if part).replace("\\r", "").replace("\\n", "").strip()
        times = has.of("s")
        if times and words.EVERY.search(text):
            entry["repeat_ms"] = max(1, round(times[0].value * 1000))
        elif re.search(r"once (?:a|per) second|every second|each second|(?:toutes les|chaque) secondes?|jede sekunde|cada segundo",
                       text, re.IGNORECASE):  # fmt: skip
            entry["repeat_ms"] = 1000
        rates = [each for each in has.of("Hz") if each.value <= 100]
        if "repeat_ms" not in entry and rates:
            entry["repeat_ms"] = max(1, round(1000 / rates[0].value))
    return entry


def _frame(entry: dict[str, Any], text: str) -> None:
    frame = frame_of(text)
    if frame is not None:
        bits, parity, stop = frame
        entry |= {"data_bits": bits, "parity": parity, "stop_bits": stop}
        return
    none = re.search(
        r"(?:no|without|sans|ohne|keine|sin) (?:parity|parité|parität|paridad)|parity (?:none|off)", text, re.IGNORECASE
    )
    odd = re.search(r"odd(?: parity)?|impair|ungerade|impar", text, re.IGNORECASE)
    parity_said = re.search(r"parit|paridad", text, re.IGNORECASE)
    if parity_said and not none:
        entry["parity"] = "odd" if odd else "even"
    if re.search(r"(?:2|two|deux|zwei|dos) (?:stop|bits? (?:de )?(?:stop|parada)|bits? d'arrêt)", text, re.IGNORECASE):
        entry["stop_bits"] = 2
    stated = re.search(r"([789]) (?:data ?)?bits?(?! de (?:stop|parada))(?! d'arrêt)(?! stop)|([789])[- ]bit(?:s)? (?:data|words?|mots)",
                     text, re.IGNORECASE)  # fmt: skip
    if stated:
        entry["data_bits"] = int(stated.group(1) or stated.group(2))


def spi(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of SPI."""
    text = group.text
    entry = entry_of("spi", group)
    select = SELECT.search(text)
    hard = bool(
        re.search(
            r"hardware (?:nss|cs|chip|slave)|(?:nss|cs) (?:by|in) hardware|nss mat[ée]riel|hardware-nss|hard nss",
            text,
            re.IGNORECASE,
        )
    )
    taken = pins_in(select.group(0)) if select else []
    entry_pins = placed(entry, "spi", text, device, taken)
    if words.SLAVE.search(text) and not re.search(r"\bmaster|maître|maestro", text, re.IGNORECASE):
        entry["role"] = "slave"
    if hard or (entry.get("role") == "slave" and taken):
        entry["nss"] = "hard"
        told = [pin for pin in pins_in(text) if pin not in entry_pins.values()]
        able = [
            pin
            for pin in told
            if any(f.peripheral == entry.get("instance") and f.signal == "NSS" for f in device.functions(pin))
        ]
        if taken or able:
            entry["pins"] = {**entry_pins, "NSS": (taken or able)[0]}
    rates = has.of("Hz", "bit/s")
    if rates:
        entry["max_hz"] = round(rates[0].value)
    if mode := _MODE.search(text):
        entry["mode"] = int(next(part for part in mode.groups() if part))
    elif _CPOL.search(text) or _CPHA.search(text):
        polarity, phase = _CPOL.search(text), _CPHA.search(text)
        high = polarity is not None and polarity.group(1).lower() in ("1", "high")
        late = (
            phase is not None
            and phase.group(1).lower()[0] in ("1", "2", "h")
            and not phase.group(1).lower().endswith("1edge")
        )
        entry["mode"] = 2 * high + late
    if re.search(r"16[- ]?bits?", text, re.IGNORECASE):
        entry["data_bits"] = 16
    if words.LSB.search(text):
        entry["order"] = "lsb"
    names = set(entry.get("pins", {}))
    if (
        words.TX_ONLY.search(text)
        or re.search(r"(?:no|without|sans|ohne|sin|kein) miso|write[- ]only|mosi only", text, re.IGNORECASE)
        or (names - {"NSS"} == {"SCK", "MOSI"})
    ):
        entry["direction"] = "tx"
    elif words.RX_ONLY.search(text) or re.search(
        r"(?:no|without|sans|ohne|sin) mosi|read[- ]only", text, re.IGNORECASE
    ):
        entry["direction"] = "rx"
    add_ways(entry, text)
    return entry


def i2c(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of I2C."""
    text = group.text
    entry = entry_of("i2c", group)
    placed(entry, "i2c", text, device)
    rates = [each.value for each in has.of("Hz", "bit/s") if each.value >= 10_000]
    plain = [each.value for each in has.plain() if 10_000 <= each.value <= 5_000_000]
    if rates or plain:
        entry["speed_hz"] = round((rates or plain)[0])
    elif re.search(r"fast[- ]?mode[- ]?plus|fm\+|fast mode \+", text, re.IGNORECASE):
        entry["speed_hz"] = 1_000_000
    elif re.search(r"fast[- ]?mode|mode rapide|fast i2c|schnell|modo rápido", text, re.IGNORECASE):
        entry["speed_hz"] = 400_000
    if words.SLAVE.search(text) or re.search(
        r"own address|adresse propre|eigene adresse|dirección propia", text, re.IGNORECASE
    ):
        address = _HEX.search(text)
        if address and 0 < int(address.group(1), 16) < 128:
            entry["own_address"] = int(address.group(1), 16)
    if words.INTERNAL_PULL.search(text) and not re.search(r"extern|no (?:internal )?pull", text, re.IGNORECASE):
        entry["pull_ups"] = True
    add_ways(entry, text)
    return entry


def can(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of CAN."""
    text = group.text
    entry = entry_of("can", group)
    name = entry.get("instance", "")
    if name and name not in device.peripherals:
        other = f"FDCAN{name[-1]}" if name.startswith("CAN") else f"CAN{name[-1]}"
        entry["instance"] = other if other in device.peripherals else name
    placed(entry, "can", text, device)
    rate = has.first("bit/s", "baud", "Hz") or next((each.value for each in has.of("bit") if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value for each in has.plain() if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value * (1e3 if each.value < 2000 else 1) for each in has.plain()
                     if each.value in (50, 100, 125, 250, 500, 800, 1000)), None)  # fmt: skip
    if rate:
        entry["bitrate"] = round(rate)
    parts = [each.value for each in has.of("%") if 50 <= each.value <= 95]
    if parts:
        entry["sample_percent"] = parts[0]
    if re.search(r"loop[- ]?back|bouclage|schleife|bucle", text, re.IGNORECASE):
        entry["mode"] = "loopback"
    elif re.search(r"silent|listen[- ]only|silencieux|écoute|nur hören|bus monitor|silencioso", text, re.IGNORECASE):
        entry["mode"] = "silent"
    add_ways(entry, text, dma=False)
    return entry


def usb(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of USB."""
    return {"kind": "usb"}
