"""The converter's set-up of a request: the plan for the init compiler, read as any request for firmware is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from kiki_core.planning.cross.front_end import FrontEnd
from kiki_core.planning.cross.ranges import Signal
from kiki_core.planning.cross.wishes import Wishes
from kiki_core.planning.quantities import read

_ANALOGUE = frozenset({"V", "A", "ohm", "F", "H", "degC", "dB", "Hz", "S/s", "W", "bar", "Pa", "m"})
_WATCHED = re.compile(
    r"analog(?:ue)?[- ]watch-?dog|\bAWD\d?\b|watch-?dog analogique|analog-?watchdog|watchdog anal[óo]gico|watch-?dog",
    re.IGNORECASE,
)
_LOW = re.compile(r"low\w*|below|under|min\w*|less than|inférieur\w*|\bbas|unter\w*|inferior|bajo", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setup:
    """The plan, the sampling times that it has in the converter's cycles, and what couldn't be taken over."""

    plan: dict[str, Any]
    cycles: dict[int, float]
    bare: str
    lost: tuple[str, ...] = ()
    facts: tuple[float, ...] = ()


def setup_of(text: str, wishes: Wishes, signal: Signal, front: FrontEnd) -> Setup:
    """The converter's plan: what the text says of device, pin, transfer, sampling time and limits."""
    from kiki_core.planning.firmware.amounts import amounts
    from kiki_core.planning.firmware.clock import clock_of
    from kiki_core.planning.firmware.converters import adc as adc_of
    from kiki_core.planning.firmware.device import DEFAULT, Chosen, device_in
    from kiki_core.planning.firmware.entries import Read
    from kiki_core.planning.firmware.groups import Group, pins_spelt
    from kiki_tools.stm32.device import device as device_of

    text = pins_spelt(re.sub(r"\bpH\b", "acidity", text))
    chosen = device_in(text) or Chosen(DEFAULT)
    device = device_of(chosen.name)
    bare = _blanked(text, list(chosen.spans))
    clock = clock_of(text, chosen.spans)
    instance = re.search(r"\bADC ?([1-5])\b", bare, re.IGNORECASE)
    adc: dict[str, Any] = {"kind": "adc", "channels": 1}
    cycles: dict[int, float] = {}
    if device is not None:
        numbered = _without_analogue(bare)
        group = Group("adc", f"ADC{instance.group(1)}" if instance else "", [_WATCHED.sub(" ", numbered)])
        adc |= adc_of(group, amounts(numbered), device, Read())
    adc.setdefault("instance", "ADC1")
    adc.pop("_paced", None)
    stated = adc.pop("_cycles", None)
    adc.pop("internal", None)
    lost: list[str] = []
    if isinstance(adc.get("channels"), int) and adc["channels"] > 1:
        pins = list(adc.get("pins", {}).values())
        lost.append(f"a front end for {f'pin {pins[1]}' if len(pins) > 1 else 'the second channel'}")
        adc["channels"] = 1
    if adc.get("pins"):
        adc["pins"] = {"CH1": next(iter(adc["pins"].values()))}
    adc.pop("trigger", None)
    adc.pop("continuous", None)
    entries = [adc]
    limits, facts = _limits(text, wishes, signal, front, adc)
    adc |= limits
    if limits and not re.search(
        r"end of conversion|\bEOC\b|conversion complete|fin de conversion", text, re.IGNORECASE
    ):
        adc.pop("interrupt", None)
    if wishes.rate:
        named = re.search(r"\b(?:TIM|timer ?)(\d{1,2})\b", bare, re.IGNORECASE)
        adc["trigger"] = f"TIM{named.group(1)}" if named else "TIM1" if adc.get("injected") else "TIM3"
        entries = [
            {
                "kind": "timer",
                "instance": adc["trigger"],
                "frequency_hz": wishes.rate,
                "interrupt": False,
                "trigger": True,
            },
            adc,
        ]
    waits = adc.get("interrupt") or adc.get("injected")
    if not waits and (wishes.rate or adc.get("dma")):
        adc["dma"] = True
    elif waits and adc.get("dma"):
        del adc["interrupt"]
    if not wishes.rate and (
        adc.get("dma")
        or limits
        or re.search(r"continu|free[- ]running|kontinuier|fortlaufend|freilaufend", text, re.IGNORECASE)
    ):
        adc["continuous"] = True
    if stated:
        cycles[len(entries) - 1] = stated
    return Setup({"device": chosen.name, "style": "register", "clock": clock.plan, "peripherals": entries}, cycles, bare, tuple(lost),
                 (*clock.taken, *facts))  # fmt: skip


def adc_in(plan: dict[str, Any]) -> dict[str, Any]:
    """The converter's entry of a plan."""
    entry: dict[str, Any] = next(entry for entry in plan["peripherals"] if entry["kind"] == "adc")
    return entry


def full_scale(plan: dict[str, Any]) -> int:
    """The converter's greatest count."""
    return int(2 ** adc_in(plan).get("resolution_bits", 12) - 1)


def counts_of(volts: float, reference: float, full: int) -> int:
    """What the converter makes of volts."""
    return max(0, min(full, round(volts / reference * full)))


def _limits(
    text: str, wishes: Wishes, signal: Signal, front: FrontEnd, adc: dict[str, Any]
) -> tuple[dict[str, int], tuple[float, ...]]:
    """The analogue watchdog's limits in counts, from volts or amperes of the sensor."""
    watched = _WATCHED.search(text)
    if watched is None:
        return {}, ()
    base = "A" if signal.shunt or signal.light else "V"
    after = [each for each in read(text[watched.start() :]) if each.unit == base]
    found: dict[str, int] = {}
    full = int(2 ** adc.get("resolution_bits", 12) - 1)
    least = min((each.value for each in after[:2]), default=0.0)
    for each in after[:2]:
        at = watched.start() + each.start
        below = each.value == least if len(after) > 1 else _LOW.search(text[max(0, at - 18) : at + 12]) is not None
        name = "low" if below != (front.slope < 0) else "high"
        found[name] = counts_of(front.offset + front.slope * each.value, wishes.reference, full)
    return found, tuple(each.value for each in after[:2])


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _without_analogue(text: str) -> str:
    """The text without the numbers that are the front end's."""
    spans = [(each.start, each.end) for each in read(text) if each.unit in _ANALOGUE and not re.search(r"(?:CH|IN|channel)\s?$", text[: each.start], re.IGNORECASE)]  # fmt: skip
    return _blanked(text, spans)
