"""A request for firmware read: whether it is one, its device, its clock, its peripherals, its style."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.asked import missing
from kiki_core.planning.firmware.clock import clock_of
from kiki_core.planning.firmware.device import DEFAULT, Chosen, device_in, unknown_in
from kiki_core.planning.firmware.groups import PIN, Group, groups, pins_spelt
from kiki_core.planning.firmware.ports import whole_port
from kiki_core.planning.firmware.spelt import spelt
from kiki_core.planning.firmware.wishes import wishes
from kiki_tools.stm32.device import device as device_of

MOST_TEXT = 8000
_MISTYPED = re.compile(r"(?<![A-Za-z])(?:usrat|uasrt|ursat|ustar|usar|urat|uatr|usart)(?=[ _-]?\d)", re.IGNORECASE)
_PLAIN_PIN = re.compile(
    rf"\bpins?\b|{words.BOTH_EDGES.pattern}|{words.RISING.pattern}|{words.FALLING.pattern}|{words.INTERRUPT.pattern}|open[- ]?drain|push[- ]?pull|pull-?(?:up|down)|broche|anschluss|patilla",
    re.IGNORECASE,
)
"""What a text without any other noun has of a plain pin."""
_PLUS_MINUS = re.compile(r"[+−–-] ?(?:input|eingang|entrée|entrada|in)? ?(P[A-K]\d{1,2})(?!\d)", re.IGNORECASE)
"""The two pins of a difference."""
_SWITCHES = re.compile(
    r"(?<![\w-])switch(es|ed|ing)?\s+(?=(?:P[A-K]\d{1,2}|the|it|this|that|both|all|LEDs?|an?)\b[^.;,]{0,30}?\b(?:on|off)\b(?!\s+P[A-K]))",
    re.IGNORECASE,
)
"""The verb, which isn't the part: "switch PD14 on"."""
_CRYSTAL = re.compile(r"\bHSE (\d{1,2}) (?=\d{2,3} ?MHz)", re.IGNORECASE)
"""A crystal without its unit before the core's frequency, which would read as one number."""
_OTHERS = re.compile(
    r"schematic|symbol\b|footprint|kicad|\bpcb\b|sch[ée]ma\b|schaltplan|esquem[áa]tico|empreinte|netlist|spice|simulat|"
    r"\brust\b|micropython|circuitpython|arduino|\bmbed\b|zephyr|esphome|\bhal ?library for rust|datasheet of|layout of",
    re.IGNORECASE,
)
_STRANGERS = re.compile(r"esp32|esp8266|\bavr\b|atmega|attiny|msp430|nrf5\d|rp2040|\bpico\b|teensy|\bpic\d|raspberry|fpga|"
                        r"gd32|\bch32|lpc\d", re.IGNORECASE)  # fmt: skip
_NOT_COVERED: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("FreeRTOS", r"free ?rtos|\brtos\b"), ("Ethernet", r"\bethernet|\blwip|\bETH\b(?! ?switch)"),
        ("SDIO/SDMMC", r"\bSDIO|SDMMC|sd[- ]?card|carte sd|sd-karte|tarjeta sd"), ("QSPI", r"\bQ(?:UAD)?SPI|octospi"),
        ("FMC/FSMC", r"\bFS?MC\b|sdram"), ("LTDC", r"\bLTDC|dsi host"), ("DCMI", r"\bDCMI|camera interface"),
        ("I2S/SAI", r"\bI2S\d?\b|\bSAI\d?\b"), ("a USB class (CDC, HID, MSC)", r"\bCDC\b|\bHID\b|\bMSC\b|virtual com"),
        ("the bootloader", r"boot ?loader"), ("a file system", r"\bfatfs|file ?system"), ("the FFT", r"\bFFT\b"),
        ("the random number generator", r"\bRNG\b|random number"),
        ("the comparator", r"\bCOMP\d\b|comparator"), ("the internal operational amplifier", r"\bOPAMP\d"),
        ("HRTIM", r"\bHRTIM"), ("LPTIM", r"\bLPTIM"), ("the FPU's traps", r"\bMPU\b(?![- ]?\d)"),
        ("Modbus", r"modbus"), ("IrDA", r"\birda\b"), ("smart cards", r"smart ?card"),
        ("flash writing", r"(?:write|erase|program)\w* (?:the )?(?:internal )?flash|eeprom emulation"),
    )
)  # fmt: skip


_OUTER = re.compile(r"(?:extern\w*|SPI|I2C|audio)[ -](?:\w+[ -])?(?:ADC|DAC)s?(?![A-Za-z0-9])|(?<=drives an )(?:\w+ )?(?:ADC|DAC)(?![A-Za-z0-9])|(?:DAC|ADC)s? extern\w*|(?:DAC|ADC)s?(?= (?:MCP|AD[S\d]|DAC\d|LTC|MAX)\w*\d)",
                    re.IGNORECASE)  # fmt: skip
"""A converter that isn't the chip's own."""
_FENCED = re.compile(r"```.*?(?:```|$)", re.DOTALL)
"""Code in a request: what is there already isn't asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request as a plan for the init compiler.

    ``devices``: its device first, then others of the line with more pins, if no package was named. ``notes``: what was
    assumed. ``lost``: what the text asks for and no plan has. ``cycles``: see `wishes.Read`.
    """

    plan: dict[str, Any]
    devices: tuple[str, ...]
    notes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    cycles: dict[int, float] = field(default_factory=dict)
    says_style: bool = False
    unknown: str = ""


def _is_question(text: str) -> bool:
    """Whether a text begins as a question does; "when VDD falls …" without its mark is a condition."""
    return words.QUESTION.match(text) is not None and not (
        re.match(r"\s*when\b", text, re.IGNORECASE) and "?" not in text
    )


def is_request(text: str, domains: Sequence[str], attached: bool) -> bool:
    """Whether a text asks for firmware of an STM32, rather than for an explanation or for something else."""
    if _OTHERS.search(text) or (_is_question(text) and not words.HOW_TO.search(text)):
        return False
    if (attached or "```" in text) and words.REPAIR.search(text):
        return False
    named = device_in(text) is not None
    if _STRANGERS.search(text) and not named:
        return False
    return named or bool({"stm32", "embedded"} & set(domains))


def wanted(text: str, domains: Sequence[str], *, attached: bool = False) -> Wanted | None:
    """The plan of a request; None if it is none, or names nothing that could be set up."""
    text = _CRYSTAL.sub(r"HSE \1 MHz, ", _MISTYPED.sub("USART", text))
    if re.search(r"\bdifferen[tz]i(?:al|ell)|différentiel|diferencial", text, re.IGNORECASE):
        text = _PLUS_MINUS.sub(r"\1", text)
    text = _SWITCHES.sub(lambda match: f"turn{match.group(1) or ''} ", spelt(text[:MOST_TEXT]))
    text = pins_spelt(text[:MOST_TEXT].replace("\u2011", "-").replace("\u00a0", " "))
    if not is_request(text, domains, attached):
        return None
    unknown = unknown_in(text)
    chosen = device_in(text) or Chosen(DEFAULT, f"no device is named; {DEFAULT} is assumed")
    device = device_of(chosen.name)
    if device is None:
        return None
    clock = clock_of(_without(text, chosen.spans))
    bare = _OUTER.sub(" device ", _without(text, chosen.spans))
    found = groups(bare)
    if not found and PIN.search(bare) and _PLAIN_PIN.search(bare):
        found = [Group("gpio", "", [bare])]
    if not found and not clock.plan and not whole_port(bare, device):
        return None
    if not found and not (words.ASKS.search(text) or len(text) < 120):
        return None
    read = wishes(found, device, clock.taken, bare)
    named = any(entry.get("instance") or entry.get("pin") or entry.get("pins") for entry in read.entries)
    if not read.entries and not clock.plan:
        return None
    if device_in(text) is None and not named:
        return None
    style = "hal" if words.HAL.search(text) and not words.NO_HAL.search(text) else "register"
    plan: dict[str, Any] = {"device": chosen.name, "style": style, "clock": clock.plan, "peripherals": read.entries}
    if re.search(r"(?:no|without|disable|free) (?:the )?(?:swd|jtag|debug)", text, re.IGNORECASE):
        plan["swd"] = False
    lost = (
        *(name for name, pattern in _NOT_COVERED if pattern.search(bare)),
        *missing(_FENCED.sub(" ", bare), plan, read.facts),
    )
    notes = tuple(filter(None, (chosen.assumed, *read.notes)))
    said = bool(words.HAL.search(text) or words.REGISTERS.search(text))
    return Wanted(plan, _packages(chosen), notes, lost, read.cycles, said, unknown)


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with the device's names blanked: "F407" is no pin, and "STM32F4" no number."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _packages(chosen: Chosen) -> tuple[str, ...]:
    if "without its package" not in chosen.assumed and "assumed" not in chosen.assumed:
        return (chosen.name,)
    from kiki_tools.stm32.device import known_names

    stem = chosen.name[:9].lower()
    others = sorted(
        {name[:11].upper() for name in known_names() if name.startswith(stem)}, key=lambda n: ("RVZICK".find(n[9]), n)
    )
    more = [next((name for name in others if name[9] == size), "") for size in "RVZI"]
    return tuple(dict.fromkeys([chosen.name, *filter(None, more)]))
