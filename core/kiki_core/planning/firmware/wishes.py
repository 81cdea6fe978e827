"""From the parts of a request to the peripherals of a plan for the init compiler."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from kiki_core.planning.firmware import can, converters, serial, system, timing, words
from kiki_core.planning.firmware.amounts import Amounts, amounts
from kiki_core.planning.firmware.coupled import coupled
from kiki_core.planning.firmware.entries import Read
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import is_advanced_timer, pins_in
from kiki_core.planning.firmware.plain import plain_pins
from kiki_core.planning.firmware.ports import whole_port
from kiki_core.planning.firmware.together import together
from kiki_tools.stm32.device import Device


def wishes(found: Sequence[Group], device: Device, clock: Collection[float], whole: str = "") -> Read:
    """The peripherals that the parts of a request ask for; ``clock``: frequencies in hertz that the clock has taken.

    ``whole``: the request's text, for what ties peripherals together.
    """
    read = Read()
    lamps = next((group for group in found if group.kind == "gpio"), None)
    toggling = [
        group for group in found
        if group.kind in ("timer", "rtc", "systick") and words.TOGGLES.search(group.text)
        and (lamps or re.search(r"\bLED\b", group.text))
    ]  # fmt: skip
    if not toggling and lamps is not None:
        toggling = _told_apart(found, lamps)
    label = ""
    chip_selects: list[dict[str, Any]] = []
    if analog := whole_port(whole, device):
        entries = analog
    elif lamps is not None:
        entries, label = plain_pins(lamps.text, bool(toggling))
    else:
        entries = []
    for group in found:
        has = amounts(group.text, clock)
        maker = _MAKERS.get(group.kind)
        if maker is None:
            continue
        made = maker(group, has, device, read)
        if group in toggling and label:
            _toggled(made, Group(group.kind, group.instance, [group.text, lamps.text if lamps else ""]), has, label)
        if made["kind"] == "spi" and (select := serial.SELECT.search(group.text)) and made.get("nss") != "hard":
            pin = pins_in(select.group(0))[0]
            name = f"{group.instance or 'SPI'}_CS"
            chip_selects.append({"kind": "gpio", "label": name, "pin": pin, "direction": "out", "initial": True,
                                 "speed": "high"})  # fmt: skip
            if "command" in made:
                made["select"] = name
        read.facts += made.pop("_facts", [])
        chip_selects += made.pop("_beside", [])
        paced = made.pop("_paced", None)
        if "_cycles" in made:
            read.cycles[len(read.entries)] = made.pop("_cycles")
        read.entries.append(made)
        if paced is not None and made.get("trigger"):
            read.entries.append({"kind": "timer", "instance": made["trigger"], "interrupt": False, "trigger": True,
                                 **({"frequency_hz": paced} if paced else {})})  # fmt: skip
    _paced_once(read.entries)
    known = {entry.get("pin") for entry in chip_selects}
    for made in read.entries:
        if made["kind"] == "dac":
            outputs = {"PA4": 1, "PA5": 2}
            own = [e["pin"] for e in entries if e.get("pin") in outputs and e["label"].startswith("OUT")]
            if own:
                made["channels"] = sorted({*(outputs[pin] for pin in own), *(made["channels"] if len(own) > 1 else ())})
                known |= set(own)
    entries = _of_timers(read.entries, entries, device)
    read.entries += [entry for entry in entries if entry.get("pin") not in known or not entry.get("pin")]
    read.entries += chip_selects
    together(read.entries, whole)
    coupled(read.entries, whole, device)
    read.facts += [fact for entry in read.entries for fact in entry.pop("_facts", [])]
    return read


_IN_HANDLER = re.compile(
    r"\b(?:isr|interr?up\w*|handler|callback|irq|unterbrech\w*|überlauf|overflow|update|débordement)", re.IGNORECASE
)


def _told_apart(found: Sequence[Group], lamps: Group) -> list[Group]:
    """The one timer that toggles a pin which another sentence names: "in its handler toggle PC0"."""
    timers = [group for group in found if group.kind in ("timer", "systick", "rtc")]
    has = amounts(lamps.text)
    if (
        len(timers) != 1
        or not words.TOGGLES.search(lamps.text)
        or re.search(
            r"button|taster|bouton|bot[óo]n|pulsador|input|edge|flanke|flanco|front", lamps.text, re.IGNORECASE
        )
    ):
        return []
    own = has.of("Hz", "s")
    handled = _IN_HANDLER.search(lamps.text) or not own
    return timers if handled and not timers[0].text.lower().count("free") else []


_EVERY_NTH = re.compile(r"(?:every|each|all[ej]?|chaque|tous les|toutes les|cada|jede[nrs]?) (\d{1,6})(?:th|\.|e|ème)? (?:interru\w+|overflows?|updates?|periods?|ticks?|irqs?|calls?|times|débordements|"
                        r"überläufe|desbordamientos|interrupciones)", re.IGNORECASE)  # fmt: skip


def _toggled(made: dict[str, Any], group: Group, has: Amounts, label: str) -> None:
    """What a timer, the calendar or the tick toggles, and how often it comes round for that."""
    made["toggles"] = label
    if made["kind"] == "rtc":
        return
    nth = _EVERY_NTH.search(group.text)
    if made["kind"] == "systick":
        times = [each.value for each in has.of("s")]
        slow = max(times, default=0.0)
        blinks = [each.value for each in has.of("Hz") if each.value <= 50]
        if nth:
            made["every"] = int(nth.group(1))
        elif slow >= 0.01:
            made["every"] = max(1, round(slow * made["frequency_hz"]))
        elif blinks:
            made["frequency_hz"] = max((round(each.value) for each in has.of("Hz") if each.value > 50), default=1000)
            made["every"] = max(1, round(made["frequency_hz"] / blinks[0] / 2))
        return
    if nth:
        made["every"] = int(nth.group(1))
    else:
        made["frequency_hz"] = _toggle_rate(group, has) or made.get("frequency_hz", 1000.0)
        made.pop("tick_hz", None)
    made["interrupt"] = True


def _paced_once(entries: list[dict[str, Any]]) -> None:
    """Of two entries for one timer, one that the request names and one that paces a converter, one."""
    for extra in [entry for entry in entries if entry["kind"] == "timer" and entry.get("trigger") is True]:
        twin = next((entry for entry in entries if entry is not extra and entry.get("instance") == extra["instance"]
                     and entry["kind"] in ("timer", "pwm")), None)  # fmt: skip
        if twin is None:
            extra.setdefault("frequency_hz", 1000.0)
            continue
        twin["trigger"] = True
        if twin["kind"] == "timer":
            if "frequency_hz" in extra:
                twin["frequency_hz"] = extra["frequency_hz"]
            twin.setdefault("frequency_hz", 1000.0)
            if not twin.get("toggles"):
                twin["interrupt"] = False
        entries[:] = [entry for entry in entries if entry is not extra]


def _of_timers(made: Sequence[dict[str, Any]], plain: list[dict[str, Any]], device: Device) -> list[dict[str, Any]]:
    """The plain pins that stay so: a lamp or buzzer whose pin is a timer's output is that output."""
    for entry in made:
        if entry["kind"] != "pwm" or entry.get("pins"):
            continue
        for lamp in [each for each in plain if each["direction"] == "out" and each.get("pin")]:
            functions = [f for f in device.functions(lamp["pin"]) if re.fullmatch(r"TIM\d+_CH[1-4]", str(f.name))
                         and entry.get("instance", f.peripheral) == f.peripheral]  # fmt: skip
            if functions and not lamp.get("blink_hz") and not lamp.get("toggles"):
                functions.sort(key=lambda each: is_advanced_timer(each.peripheral))
                entry |= {"instance": functions[0].peripheral, "pins": {functions[0].signal: lamp["pin"]},
                          "channels": [int(functions[0].signal[2])]}  # fmt: skip
                break
    used = {pin for entry in made for pin in entry.get("pins", {}).values()}
    pulses = any(entry["kind"] == "pwm" for entry in made)
    named = {entry.get("toggles") for entry in (*made, *plain)} | {entry.get("follows") for entry in plain}
    return [
        each for each in plain
        if not (each["direction"] == "out" and each.get("pin") in used)
        and not (pulses and not each.get("pin") and each["label"] in ("LED", "BUZZER") and each["label"] not in named
                 and not each.get("blink_hz"))
    ]  # fmt: skip


def _toggle_rate(group: Group, has: Amounts) -> float | None:
    """How often a timer must come round for what it toggles: twice for each blink, once for each "toggle every"."""
    rates, times = has.of("Hz"), has.of("s")
    toggles = re.search(
        r"toggl\w* (?:\w+ ){0,5}?every|every (?:\S+ ){0,2}toggl|umschalt|bascul|interrupt", group.text, re.IGNORECASE
    )
    if rates:
        blinks = re.search(r"blink|clignot|parpade|flash", group.text, re.IGNORECASE)
        return rates[0].value * (2 if blinks else 1)
    if times and times[0].value > 0:
        return (1 if toggles else 2) / times[0].value
    return None


_MAKERS = {
    "usart": serial.usart, "spi": serial.spi, "i2c": serial.i2c, "adc": converters.adc, "pwm": timing.pwm, "timer": timing.timer, "encoder": timing.encoder,
    "capture": timing.capture, "dac": converters.dac, "can": can.can, "usb": can.usb, "rtc": system.rtc, "iwdg": system.iwdg, "wwdg": system.wwdg, "pvd": system.pvd,
    "lowpower": system.lowpower, "mco": system.mco, "systick": system.systick, "crc": system.crc, "copy": system.copy,
    "cycles": system.cycles,
}  # fmt: skip
