"""The converters of a request: ADCs and DACs."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import Amounts
from kiki_core.planning.firmware.entries import CHANNEL, COUNTED, NUMBERS, Read, entry_of, numbers_of
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import pins_in
from kiki_tools.stm32.device import Device

_TIMER = re.compile(r"(?:TIM|TIMER)[ _-]?(\d{1,2})", re.IGNORECASE)


def adc(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of ADC."""
    text = group.text
    entry = entry_of("adc", group)
    paced = _TIMER.search(text)
    pins = pins_in(text)
    if not pins and (listed := CHANNEL.search(text)):
        numbers = numbers_of(listed.group(1))
        name = entry.get("instance", "ADC1")
        for number in numbers:
            pin = next((p for p, f in device.pins_of(name) if f.signal in (f"IN{number}", f"INP{number}")), "")
            if not pin:
                read.notes.append(f"{name} of {device.name} has no pin with channel {number}")
            else:
                pins.append(pin)
        if numbers and "instance" not in entry:
            entry["instance"] = name
    if pins:
        entry["pins"] = {f"CH{at}": pin for at, pin in enumerate(pins, 1)}
        entry["channels"] = len(pins)
    elif counted := COUNTED.search(text):
        word = counted.group(1).lower()
        entry["channels"] = int(word) if word.isdigit() else NUMBERS[word]
    bits = re.search(r"(?<!\d)(12|10|8|6)[- ]?bits?", text, re.IGNORECASE)
    if bits:
        entry["resolution_bits"] = int(bits.group(1))
    if words.DMA.search(text):
        entry["dma"] = True
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text) and not entry.get("dma"):
        entry["interrupt"] = True
    cycles = re.search(r"([\d.,]+)\s*(?:adc )?(?:cycles?|zyklen|ciclos|takte)", text, re.IGNORECASE)
    if cycles:
        entry["_cycles"] = float(cycles.group(1).replace(",", "."))
    sampling = re.search(
        r"sampl\w* time|temps d'échantillonnage|abtastzeit|sample time|tiempo de muestreo", text, re.IGNORECASE
    )
    times = has.of("s")
    if sampling and times and times[0].value <= 1e-4:
        entry["sample_us"] = round(times[0].value * 1e6, 4)
        times = times[1:]
    rates = [each.value for each in has.of("Hz", "S/s") if 0.01 <= each.value <= 5e6]
    rate = rates[0] if rates else 1 / times[0].value if times and times[0].value > 2e-7 else None
    if rate is not None or paced:
        entry["trigger"] = f"TIM{paced.group(1)}" if paced else "TIM3"
        if entry["trigger"] not in ("TIM2", "TIM3"):
            read.notes.append(f"conversions are paced by TIM3, not {entry['trigger']}")
            entry["trigger"] = "TIM3"
        entry["_paced"] = rate or 1000.0
    elif words.CONTINUOUS.search(text) or entry.get("dma"):
        entry["continuous"] = True
    return entry


def dac(group: Group, has: Amounts, device: Device, read: Read) -> dict[str, Any]:
    """The entry of DAC."""
    text = group.text
    entry: dict[str, Any] = {"kind": "dac"}
    pins = pins_in(text)
    channels = [{"PA4": 1, "PA5": 2}[pin] for pin in pins if pin in ("PA4", "PA5")]
    if not channels and (listed := CHANNEL.search(text)):
        channels = [number for number in numbers_of(listed.group(1)) if number in (1, 2)]
    for pin in pins:
        if pin not in ("PA4", "PA5"):
            read.notes.append(f"{pin} is no output of the DAC: its outputs are PA4 and PA5")
    both = re.search(
        r"(?:both|two|2|les deux|beide|zwei|ambos|dos) (?:\w+ )?(?:channels?|canaux|kan[äa]le|canales|outputs?)",
        text,
        re.IGNORECASE,
    )
    entry["channels"] = sorted(set(channels)) or ([1, 2] if both else [1])
    volts = [each.value for each in has.of("V") if each.value <= 3.6]
    if volts:
        reference = re.search(r"(?:v?ref\w*|vdda?|supply)\W{0,4}(?:of |= ?|is )?([\d.,]+) ?V", text, re.IGNORECASE)
        level = next((v for v in volts if not reference or f"{v:g}" != reference.group(1).replace(",", ".")), volts[0])
        entry["start_mv"] = round(level * 1000)
    return entry
