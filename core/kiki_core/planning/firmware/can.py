"""The CAN buses of a request, which frames they take and send; and USB."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware.amounts import Amounts
from kiki_core.planning.firmware.entries import Read, add_ways, entry_of, placed, repeat_of
from kiki_core.planning.firmware.groups import Group
from kiki_tools.stm32.device import Device


def can(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of CAN."""
    text = group.text
    entry = entry_of("can", group)
    name = entry.get("instance", "")
    if name and name not in device.peripherals:
        other = f"FDCAN{name[-1]}" if name.startswith("CAN") else f"CAN{name[-1]}"
        entry["instance"] = other if other in device.peripherals else name
    placed(entry, "can", text, device)
    named = [each.value for each in has.of("bit/s", "baud", "Hz") if each.value != entry.get("data_bitrate")]
    rate = named[0] if named else next((each.value for each in has.of("bit") if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value for each in has.plain() if each.value >= 5000), None)
    if rate is None:
        rate = next((each.value * (1e3 if each.value < 2000 else 1) for each in has.plain()
                     if each.value in (50, 100, 125, 250, 500, 800, 1000)), None)  # fmt: skip
    if rate:
        entry["bitrate"] = round(rate)
    fast = _DATA_RATE.search(text)
    if fast:
        entry["data_bitrate"] = round(
            float(fast.group(1).replace(",", ".")) * {"k": 1e3, "m": 1e6}[fast.group(2).lower()]
        )
    parts = [each.value for each in has.of("%") if 50 <= each.value <= 95]
    if parts:
        entry["sample_percent"] = parts[0]
    if re.search(r"loop[- ]?back|bouclage|schleife|bucle", text, re.IGNORECASE):
        entry["mode"] = "loopback"
    elif re.search(r"silent|listen[- ]only|silencieux|écoute|nur hören|bus monitor|silencioso", text, re.IGNORECASE):
        entry["mode"] = "silent"
    if ONCE.search(text):
        entry["once"] = True
    add_ways(entry, text, dma=False)
    _frames(entry, text, has)
    return entry


ONCE = re.compile(
    r"\bNART\b|\bDAR\b|(?:no|without|disabl\w*|deactivat\w*|sans|ohne|keine|sin|off)\W+(?:\w+\W+){0,2}?(?:re-?transmi\w*|wiederhol\w*|retransm\w*|re-?send\w*)|"
    r"(?:re-?transmi\w*|wiederhol\w*)\W+(?:\w+\W+){0,3}?(?:off|disabled|aus|abgeschaltet|désactivée?|desactivada)|one[- ]shot|single[- ]shot",
    re.IGNORECASE,
)
_DATA_RATE = re.compile(
    r"(?:data (?:phase|bit ?rate|rate|section)|datenphase|phase de données|fase de datos|BRS)\W+(?:(?:at|of|with|mit|bei|à|de|a|is|to)\W+)?"
    r"(\d{1,4}(?:[.,]\d)?) ?([kM])(?:bit(?:/s)?|bps|bd|baud)?(?!\w)", re.IGNORECASE,
)  # fmt: skip
_NUMBER = r"(0x[0-9a-f]{1,8}|\d{1,9})(?!\w)"
_FILTER = re.compile(rf"filter\w*\W+(?:[a-zäöüéèà]\w*\W+){{0,6}}?{_NUMBER}|(?:only|nur|seulement|s[óo]lo|just|accept\w*|receiv\w*)\W+(?:[a-z]\w*\W+){{0,4}}?(?:ids?|identifiers?|kennung|identifica\w+)\W{{0,3}}{_NUMBER}",
                     re.IGNORECASE)  # fmt: skip
_MASK = re.compile(rf"mas(?:k|que|ke|c)\w*\W{{0,3}}(?:of |is |de |von )?{_NUMBER}", re.IGNORECASE)
_SENDS = re.compile(rf"(?:send|sent|transmi|emit|envo|émet|sende|schick|env[íi]a|manda|transmit)\w*\W+(?:[\w,']+\W+){{0,8}}?(?:ids?|identifiers?|kennung|identifiant|identificador)\W{{0,3}}(?:of |is |=|: )?{_NUMBER}",
                    re.IGNORECASE)  # fmt: skip
_FRAME_OF = re.compile(
    rf"(?:heartbeat|frame|message|trame|nachricht|mensaje)s?\W+(?:[a-z]\w*\W+){{0,3}}?{_NUMBER}(?!.{{0,20}}filter)",
    re.IGNORECASE,
)
_PAYLOAD = re.compile(
    r"\[((?:0x[0-9a-f]{1,2}[ ,]*){1,8})\]|(?:data|payload|bytes?|daten|donn[ée]es|datos)\W+(?:bytes? )?((?:0x[0-9a-f]{1,2}[ ,]*){1,8})",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"(\d)[- ](?:data )?(?:bytes?|octets?)|DLC\W{0,3}(\d)", re.IGNORECASE)


def _frames(entry: dict[str, Any], text: str, has: Amounts) -> None:
    """Which frames a CAN controller takes, and the one that main sends."""
    if re.search(r"extended|29[- ]?bits?|étendu|erweitert|extendid", text, re.IGNORECASE):
        entry["extended"] = True
    sent = _SENDS.search(text) or _FRAME_OF.search(text)
    if sent:
        entry["send_id"] = int(sent.group(1), 0)
        if listed := _PAYLOAD.search(text):
            entry["payload"] = [
                int(each, 16)
                for each in re.findall(r"0x([0-9a-f]{1,2})", listed.group(1) or listed.group(2), re.IGNORECASE)
            ]
        elif (length := _LENGTH.search(text)) and int(length.group(1) or length.group(2)) <= 8:
            entry["payload"] = [0] * int(length.group(1) or length.group(2))
        if repeat := repeat_of(text, has.of("s"), [each for each in has.of("Hz") if each.value <= 1000]):
            entry["repeat_ms"] = repeat
    text = re.sub(r"\b(bank|fifo)[ -]?\d{1,2}(?!\d)", r"\1", text, flags=re.IGNORECASE)  # no identifiers
    if (taken := _FILTER.search(text)) and (not sent or taken.start() != sent.start()):
        entry["filter_id"] = int(taken.group(1) or taken.group(2), 0)
        if mask := _MASK.search(text):
            entry["filter_mask"] = int(mask.group(1), 0)
    for key in ("send_id", "filter_id"):
        if entry.get(key, 0) > 0x7FF:
            entry["extended"] = True


def usb(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of USB."""
    return {"kind": "usb"}
