"""What the readers of all peripherals share: the plan so far, an entry's beginning, its pins and channels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.groups import Group
from kiki_core.planning.firmware.pins import assigned
from kiki_core.planning.quantities import Quantity
from kiki_tools.stm32.device import Device

CHANNEL = re.compile(r"(?:CH|channels?|canaux|canal(?:es)?|kan[äa]le?n?|voies?|IN)\s?_?((?:[1-9]?\d)(?:\s?(?:[,/&]|and|et|und|y|to|-|–|\.\.+|through|bis|à)\s?"
                      r"(?:CH|IN)?\s?(?:[1-9]?\d)){0,15})(?!\d|\w*\s?[kM]?(?:Hz|%))", re.IGNORECASE)  # fmt: skip
COUNTED = re.compile(r"(two|three|four|five|six|[2-8]|deux|trois|quatre|zwei|drei|vier|dos|tres|cuatro)\s+(?:\w+\s+)?(?:channels?|canaux|"
                      r"kan[äa]le|canales|inputs?|entrées|eingänge|entradas|pins?|signals?|voies|outputs?|sorties|ausgänge|salidas|phases?)",
                      re.IGNORECASE)  # fmt: skip
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "quatre": 4, "zwei": 2, "drei": 3,
            "vier": 4, "dos": 2, "tres": 3, "cuatro": 4}  # fmt: skip


@dataclass(slots=True)
class Read:
    """The peripherals of a plan, what they were read from, and what couldn't be taken over."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cycles: dict[int, float] = field(default_factory=dict)
    """Sampling times that are stated in the converter's cycles, by the entry's number."""
    facts: list[float] = field(default_factory=list)
    """Numbers of the text that entries were worked out from."""


def entry_of(kind: str, group: Group) -> dict[str, Any]:
    """The beginning of an entry: its kind, and the instance that is named."""
    entry: dict[str, Any] = {"kind": kind}
    if group.instance:
        entry["instance"] = group.instance
    return entry


def _ways(text: str) -> list[str]:
    """The directions of DMA: those named near the word, else both."""
    near = " ".join(text[max(0, m.start() - 28) : m.end() + 28] for m in words.DMA.finditer(text)).lower()
    sent = re.search(r"\btx\b|transm|send|émission|senden|envío|transmisi", near)
    come = re.search(r"\brx\b|recei|récept|empfang|recep", near)
    if bool(sent) == bool(come):
        return ["rx", "tx"]
    return ["tx"] if sent else ["rx"]


_PRIORITY = re.compile(r"(?:priorit\w*|prioridad|priorität|prio)(?: level| niveau| nivel)?\s?(?:of |to |is |=|:|à |auf |de |a )?\s?(\d{1,2})(?!\d)|"
                       r"(\d{1,2})(?:st|nd|th)? (?:as )?(?:interrupt |nvic |irq )?priority", re.IGNORECASE)  # fmt: skip


def add_priority(entry: dict[str, Any], text: str) -> None:
    """The priority of an entry's interrupts, where the text says one."""
    if (found := _PRIORITY.search(text)) and (value := int(found.group(1) or found.group(2))) <= 15:
        entry["priority"] = value
    elif re.search(
        r"(?:highest|h[öo]chste\w*|plus haute|m[áa]s alta) (?:interrupt )?(?:priorit|prioridad)", text, re.IGNORECASE
    ):
        entry["priority"] = 0


def repeat_of(text: str, times: Sequence[Quantity], rates: Sequence[Quantity] = ()) -> int:
    """After how many milliseconds something is done again; 0 where the text doesn't say."""
    if times and words.EVERY.search(text):
        return max(1, round(times[0].value * 1000))
    if ONCE_A_SECOND.search(text):
        return 1000
    slow = [each for each in rates if each.value <= 200]
    return max(1, round(1000 / slow[0].value)) if slow else 0


ONCE_A_SECOND = re.compile(r"once (?:a|per) second|every second|each second|(?:toutes les|chaque|par) secondes?|jede sekunde|sekündlich|pro sekunde|"
                           r"cada segundo|por segundo", re.IGNORECASE)  # fmt: skip


def add_ways(entry: dict[str, Any], text: str, *, dma: bool = True) -> None:
    """How an entry is served: by interrupt, by DMA, where the text says so."""
    if words.INTERRUPT.search(text) and not words.NO_INTERRUPT.search(text):
        entry["interrupt"] = True
    if dma and words.DMA.search(text):
        entry["dma"] = _ways(text)
    add_priority(entry, text)


def placed(entry: dict[str, Any], kind: str, text: str, device: Device, taken: Sequence[str] = ()) -> dict[str, str]:
    """The pins that the text gives to the signals of an entry."""
    instance, pins = assigned(kind, entry.get("instance", ""), text, device, taken)
    if instance:
        entry["instance"] = instance
    if pins:
        entry["pins"] = pins
    return pins


def numbers_of(text: str) -> list[int]:
    """The numbers of a list such as `1, 2 and 4` or `1 to 4`, each once."""
    found = [int(each) for each in re.findall(r"\d+", text)]
    if (
        len(found) == 2
        and re.search(r"\d\s?(?:to|-|–|\.\.+|through|bis|à)\s?\D{0,3}\d", text)
        and found[0] < found[1] <= found[0] + 15
    ):
        return list(range(found[0], found[1] + 1))
    return list(dict.fromkeys(found))
