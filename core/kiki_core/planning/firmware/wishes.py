"""From the parts of a request to the peripherals of a plan for the init compiler."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from kiki_core.planning.firmware import converters, serial, system, timing, words
from kiki_core.planning.firmware.amounts import Amounts, amounts
from kiki_core.planning.firmware.entries import Read
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
from kiki_core.planning.firmware.plain import plain_pins
from kiki_tools.stm32.device import Device


def wishes(found: Sequence[Group], device: Device, clock: Collection[float]) -> Read:
    """The peripherals that the parts of a request ask for; ``clock``: frequencies in hertz that the clock has taken."""
    read = Read()
    lamps = next((group for group in found if group.kind == "gpio"), None)
    toggling = [
        group for group in found
        if group.kind == "timer" and words.TOGGLES.search(group.text) and (lamps or re.search(r"\bLED\b", group.text))
    ]  # fmt: skip
    label = ""
    chip_selects: list[dict[str, Any]] = []
    if lamps is not None:
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
            made["toggles"] = label
            made["frequency_hz"] = _toggle_rate(group, has) or made.get("frequency_hz", 1000.0)
            made["interrupt"] = True
        if group.kind == "spi" and (select := serial.SELECT.search(group.text)) and made.get("nss") != "hard":
            pin = pins_in(select.group(0))[0]
            name = f"{group.instance or 'SPI'}_CS"
            chip_selects.append({"kind": "gpio", "label": name, "pin": pin, "direction": "out", "initial": True,
                                 "speed": "high"})  # fmt: skip
        paced = made.pop("_paced", None)
        if paced is not None:
            read.entries.append({"kind": "timer", "instance": made["trigger"], "frequency_hz": paced,
                                 "interrupt": False, "trigger": True})  # fmt: skip
        if "_cycles" in made:
            read.cycles[len(read.entries)] = made.pop("_cycles")
        read.entries.append(made)
    known = {entry.get("pin") for entry in chip_selects}
    for made in read.entries:
        if made["kind"] == "dac":
            outputs = {"PA4": 1, "PA5": 2}
            own = [e["pin"] for e in entries if e.get("pin") in outputs and e["label"].startswith("OUT")]
            if own:
                made["channels"] = sorted({*(outputs[pin] for pin in own), *(made["channels"] if len(own) > 1 else ())})
                known |= set(own)
    read.entries += [entry for entry in entries if entry.get("pin") not in known or not entry.get("pin")]
    read.entries += chip_selects
    return read


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
    "capture": timing.capture, "dac": converters.dac, "can": serial.can, "usb": serial.usb, "rtc": system.rtc, "iwdg": system.iwdg, "wwdg": system.wwdg,
    "lowpower": system.lowpower, "mco": system.mco, "systick": system.systick,
}  # fmt: skip
