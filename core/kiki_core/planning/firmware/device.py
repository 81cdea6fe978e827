"""Which device a request means: its full name, a short one, or that of a board."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kiki_core.planning.firmware.words import STM32
from kiki_tools.stm32.device import known_names

DEFAULT = "STM32F446RE"
"""Where a request says no more than STM32: that of a usual Nucleo board."""
_BOARDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"black ?pill\W{0,3}(?:stm32)?f401|f401\W{0,3}black ?pill", "STM32F401CC"),
        (r"black ?pill", "STM32F411CE"),
        (r"blue ?pill", "STM32F103C8"),
        (r"(?:stm)?(?:32)?f429i?[- ]?disc(?:o(?:very)?|1)?\b", "STM32F429ZI"),
        (r"(?:stm)?(?:32)?f407g?[- ]?disc(?:o(?:very)?|1)?\b", "STM32F407VG"),
        (r"(?:stm)?(?:32)?f411e?[- ]?disc(?:o(?:very)?|1)?\b", "STM32F411VE"),
        (r"(?:stm)?(?:32)?f469i?[- ]?disc(?:o(?:very)?|1)?\b", "STM32F469NI"),
        (r"(?:stm)?(?:32)?f401c?[- ]?disc(?:o(?:very)?|1)?\b", "STM32F401VC"),
        (r"b-?g474e-?dpow1?", "STM32G474RE"),
        (r"b-?g431b-?esc1?", "STM32G431CB"),
        (r"we ?act\w*\W{0,3}(?:stm32)?g431", "STM32G431CB"),
        (r"weact\w*\W{0,3}(?:stm32)?f405|feather\W{0,3}(?:stm32)?f405", "STM32F405RG"),
        (r"stm32f4\W{0,3}disco(?:very)?\b|disco(?:very)?\W{0,2}f4\b|f4 ?discovery", "STM32F407VG"),
    )
)
_USUAL: Mapping[str, str] = {
    "F401": "RE", "F405": "RG", "F407": "VG", "F410": "RB", "F411": "RE", "F412": "ZG", "F413": "ZH", "F427": "VI",
    "F429": "ZI", "F437": "VI", "F439": "ZI", "F446": "RE", "F469": "NI", "G431": "RB", "G441": "RB", "G473": "RE",
    "G474": "RE", "G483": "RE", "G484": "RE", "G491": "RE", "F103": "C8", "F030": "R8", "F042": "K6", "F072": "RB",
    "F091": "RC", "F100": "RB", "F302": "R8", "F303": "RE", "F334": "R8", "F373": "RC", "F722": "ZE", "F746": "ZG",
    "F767": "ZI", "G030": "F6", "G031": "K8", "G070": "RB", "G071": "RB", "G0B1": "RE", "H723": "ZG", "H743": "ZI",
    "H750": "VB", "L031": "K6", "L053": "R8", "L073": "RZ", "L152": "RE", "L412": "KB", "L432": "KC", "L433": "RC",
    "L452": "RE", "L476": "RG", "L496": "ZG", "L552": "ZE", "U575": "ZI", "WB55": "RG", "WL55": "JC", "H503": "RB",
    "H563": "ZI", "C031": "C6",
}  # fmt: skip
"""The part on the usual board, by the line."""
_FULL = re.compile(r"stm ?-?32\W?([FGLHUCN]\d|W[BL])([0-9A-Z]\d|\d\d)?([A-Z][0-9A-Z])?\w{0,6}", re.IGNORECASE)
_SHORT = re.compile(r"(?<![\w.])([FGLHU]\d)(\d\d|[B]\d)([A-Z][0-9A-Z])?(?:[TU]\dx?|xx|x\w)?(?![\w])", re.IGNORECASE)
_BARE_FAMILY = re.compile(r"(?<![\w.#])([FG]4)(?:xx)?(?=[ ,:;]|$)", re.IGNORECASE)
_FAMILY = re.compile(r"stm ?-?32\W?([FGLHUC]\d|W[BL])(?:xx|x)?(?![\w])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A device by its name, and what was assumed to get there; ``spans``: where the text names it."""

    name: str
    assumed: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def device_in(text: str) -> Chosen | None:
    """The device that a text means; None if it has nothing of an STM32. A line without package: the usual board's."""
    for pattern, name in _BOARDS:
        if found := pattern.search(text):
            return Chosen(name, "", (found.span(),))
    spans = tuple(each.span() for each in (*_FULL.finditer(text), *_SHORT.finditer(text)))
    for pattern in (_FULL, _SHORT):
        for found in pattern.finditer(text):
            line, number, package = ((part or "").upper() for part in found.groups())
            if not number:
                continue
            if (chosen := _known(line, number, package)) is not None:
                return Chosen(chosen.name, chosen.assumed, spans)
    if found := _FAMILY.search(text):
        family = found.group(1).upper()
        usual = {"F4": DEFAULT, "G4": "STM32G474RE", "F1": "STM32F103C8", "L4": "STM32L476RG", "F7": "STM32F746ZG",
                 "H7": "STM32H743ZI", "F0": "STM32F072RB", "G0": "STM32G071RB", "F3": "STM32F303RE",
                 "L0": "STM32L053R8"}  # fmt: skip
        if family in usual:
            return Chosen(usual[family], f"no part is named; {usual[family]} is assumed", spans)
    if found := _BARE_FAMILY.search(text):
        family = {"F4": DEFAULT, "G4": "STM32G474RE"}[found.group(1).upper()]
        return Chosen(family, f"no part is named; {family} is assumed", (found.span(),))
    if STM32.search(text):
        return Chosen(DEFAULT, f"no device is named; {DEFAULT} is assumed", spans)
    return None


def unknown_in(text: str) -> str:
    """An STM32 that a text names by its full name though there is none of it; empty otherwise."""
    for found in _FULL.finditer(text):
        line, number, package = ((part or "").upper() for part in found.groups())
        if number and len(number) == 2 and _known(line, number, package) is None:
            return f"STM32{line}{number}{package}"
    return ""


def _known(line: str, number: str, package: str) -> Chosen | None:
    stem = f"stm32{line}{number}".lower()
    of_line = sorted(name for name in known_names() if name.startswith(stem))
    if not of_line:
        return None
    full = f"{stem}{package}".lower()
    if package and any(name.startswith(full) for name in of_line):
        return Chosen(full.upper())
    usual = f"{stem}{_USUAL.get(f'{line}{number}', '')}".lower()
    chosen = next((name for name in of_line if name.startswith(usual)), of_line[0])[: len(stem) + 2].upper()
    said = f"{full.upper()} isn't known" if package else f"{stem.upper()} without its package"
    return Chosen(chosen, f"{said}; {chosen} is assumed")
