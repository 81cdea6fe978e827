"""What a question states and a draft's artefacts neither hold nor were measured for: numbers, pins, kinds of file.

A tool that runs a draft says nothing about a number that no measure looked at. So such a draft isn't verified, whatever
its tool says: each number of the question has to be a measured requirement, or a value that stands in the artefact.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from kiki_core.events import Artefact, Requirement
from kiki_core.planning import quantities, shares
from kiki_core.planning.quantities import Quantity
from kiki_tools.spice.cards import parse
from kiki_tools.spice.values import is_plain_number, parse_number
from kiki_tools.text import Snapshot

_NAMES = {
    "V": "voltage", "A": "current", "Hz": "frequency", "s": "time", "dB": "level", "ohm": "resistance", "%": "share",
    "F": "capacitance", "H": "inductance", "W": "power", "degC": "temperature", "deg": "angle", "m": "length",
    "baud": "rate",
}  # fmt: skip
_NEAR = 2e-3
_MOST_NUMBERS = 20_000
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_LITERAL = re.compile(r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)")
_WRITTEN = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][+-]?\d+)?[A-Za-zµΩ%]*")
_CARDS = (".param", ".params", ".temp", ".model", ".ic")
_PIN = re.compile(r"(?<!\w)P([A-K])(1[0-5]|\d)(?!\w)")
_INSTANCE = re.compile(r"(?<!\w)(US?ART\d|LPUART\d|SPI\d|I2C\d|TIM\d{1,2}|ADC\d|DAC\d?|CAN\d?|FDCAN\d)(?!\w)")
_KICAD = re.compile(
    r"(?<!\w)(?:\.?kicad\w*|footprint|schematic|schaltplan|empreinte|sch[ée]ma (?:kicad|[ée]lectrique)|esquem[áa]tico)"
    r"(?!\w)",
    re.IGNORECASE,
)
_FACTOR = re.compile(
    r"(?<!\w)(?:hal(?:ves|ving|ve|bier\w*)|doubl(?:es|ing)|tripl(?:es|ing)|verdoppel\w*|double)(?!\w)", re.I
)
_FIRMWARE = re.compile(r"(?<!\w)(?:stm32\w*|firmware)(?!\w)", re.IGNORECASE)


def left_open(question: str, artefacts: Sequence[Artefact], read: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """The numbers of a question that are no requirement of ``read`` and stand in no artefact, each as one that nothing
    measured. Empty without an artefact: then nothing claims to be checked."""
    if not artefacts:
        return ()
    found: dict[tuple[str, float], Requirement] = {}
    values = [(one.language, sorted(_values(one))) for one in artefacts]
    numbers = [one for one in quantities.read(question) if one.unit or one.scaled]
    for one in numbers:
        if any(_is(need, one) for need in read) or any(_holds(held, one, language) for language, held in values):
            continue
        name = _NAMES.get(one.unit, "value")
        found.setdefault((name, one.value), Requirement(f"stated {name}", one.op, one.value, one.unit, None, None))
    return tuple(found.values())


def unread(question: str, artefacts: Sequence[Artefact]) -> str:
    """A share or multiple in words that is no number of the question, such as "ten times as", where a netlist is to
    have it; else empty."""
    if all(one.language != "spice" for one in artefacts):
        return ""
    told = _FACTOR.search(question)
    return shares.left_in(question) or (told[0] if told else "")


def missing(question: str, artefacts: Sequence[Artefact]) -> tuple[str, ...]:
    """Kinds of file, pins and peripherals that a question names and its artefacts don't have."""
    if not artefacts:
        return ()
    languages = {one.language for one in artefacts}
    told = []
    if _KICAD.search(question) and not any(language.startswith("kicad") for language in languages):
        told.append("there is no KiCad file in it")
    if _FIRMWARE.search(question) and "c" not in languages and not any(one.startswith("kicad") for one in languages):
        told.append("there is no C in it")
    code = "\n".join(_COMMENT.sub(" ", one.text) for one in artefacts if one.language == "c")
    if code:
        for port, pin in dict.fromkeys(_PIN.findall(question)):
            in_pairs = f"GPIO{port}" in code and re.search(rf"(?:PIN_?|(?<![\w.])){pin}(?![\w.])", code)
            if f"P{port}{pin}" not in code and not in_pairs:
                told.append(f"it doesn't use P{port}{pin}")
        for name in dict.fromkeys(_INSTANCE.findall(question)):
            if re.search(re.sub(r"^US?ART", "US?ART", name), code) is None:
                told.append(f"it doesn't use {name}")
    return tuple(told)


def _is(need: Requirement, one: Quantity) -> bool:
    """Whether a quantity is what a requirement is about, or the condition under which it is measured."""
    if need.quantity == f"attenuation at {one.value:.6g} Hz":
        return True
    if need.quantity == "corner frequency" and one.unit == "dB" and abs(one.value) == 3:
        return True
    return (need.unit == one.unit or one.scaled) and math.isclose(abs(need.value), abs(one.value), rel_tol=1e-6)


def _holds(values: Sequence[float], one: Quantity, language: str) -> bool:
    """Whether a quantity stands in an artefact that has these values, in order."""
    if language == "spice":
        return _among(values, abs(one.value))
    if not one.value:
        return _among(values, 0.0)
    # C and KiCad leave the unit to the place: 500 for 500 ms, 1.27 for mm; a rate also stands as its period.
    sought = [abs(one.value) * 10.0**power for power in range(-9, 13, 3)]
    if language == "c" and one.unit == "Hz":
        sought += [10.0**power / (abs(one.value) * part) for part in (1, 2) for power in range(0, 10, 3)]
    return any(_among(values, value) for value in sought)


def _among(values: Sequence[float], value: float) -> bool:
    from bisect import bisect_left

    low = bisect_left(values, value * (1 - _NEAR))
    return low < len(values) and values[low] <= value * (1 + _NEAR)


def _values(one: Artefact) -> set[float]:
    found: set[float] = set()
    for value in _written(one):
        found.add(abs(value))
        if len(found) >= _MOST_NUMBERS:
            break
    return found


def _written(one: Artefact) -> Iterator[float]:
    """The numbers of an artefact: of a netlist those of its devices and parameters, not of comments and analyses."""
    if one.language == "spice":
        for card in parse(Snapshot(one.text, "")).cards:
            if card.kind == "device" or card.name.low in _CARDS:
                words = [word.text for word in card.words[1:]]
                yield from (
                    value for word in words if is_plain_number(word) and (value := parse_number(word)) is not None
                )
        return
    if one.language == "c":
        for match in _LITERAL.finditer(_COMMENT.sub(" ", one.text)):
            yield float(int(match[0], 16)) if match[0][:2] in ("0x", "0X") else float(match[0])
        return
    for match in _WRITTEN.finditer(one.text):
        if (value := parse_number(match[0])) is not None:
            yield value
