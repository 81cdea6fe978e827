"""The numbers of one peripheral's part of a request, by what they are: rates, times, parts, plain counts."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from kiki_core.planning.quantities import Quantity, read

BAUDS = frozenset({
    300, 600, 1200, 2400, 4800, 9600, 14400, 19200, 28800, 31250, 38400, 56000, 57600, 76800, 100000, 115200, 128000,
    230400, 250000, 256000, 420000, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 3000000,
})  # fmt: skip
_INSTANCES = re.compile(
    r"(?<![A-Za-z0-9])(US?ART|SPI|I2C|TIM|ADC|DAC|(?:bx|FD)?CAN|MCO|CH)(\d{1,2})(?= \d{3}(?!\d))", re.IGNORECASE
)
_PINS = re.compile(r"(?<![A-Za-z0-9_])P[A-K]\d{1,2}(?!\d)", re.IGNORECASE)
_TIMES = {"twice": 2, "two times": 2, "three times": 3, "four times": 4, "five times": 5, "ten times": 10, "zweimal": 2, "dreimal": 3, "deux fois": 2,
          "trois fois": 3, "dos veces": 2, "tres veces": 3}  # fmt: skip
_OFTEN = re.compile(
    rf"\b({'|'.join(_TIMES)}|\d+)(?: ?(?:times|fois|mal|veces))? (?:a|per|each|every|pro|par|por) (?:second|sekunde|seconde|segundo)\b",
    re.IGNORECASE,
)
_EACH = re.compile(
    r"\b(every|each|per|chaque|toutes les|jede|pro|cada|por) (?:(milli|mili)?(?:seconde?s?|sekunden?|segundos?))\b",
    re.IGNORECASE,
)
_MODES = re.compile(r"\b(?:mode|modus|modo|rank|priority) ?[0-3](?=\s)", re.IGNORECASE)
FRAME = re.compile(r"(?<![\w.])([789])\s?[-,/]?\s?([NEOneo])\s?[-,/]?\s?([12])(?!\w)")
_GROUPED = re.compile(r"(?<![\w.,])(\d{1,3})[ ,.'](\d{3})(?=\s*(?:bau?ds?|bps|b/s|bit|Bd))", re.IGNORECASE)


_SCALED = re.compile(r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,4})?)\s?([kKM])\s?(?:bau?ds?|bd)(?!\w)", re.IGNORECASE)


_WORDED = re.compile(r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,4})?)[ -]?([kM])(?:ilo|ega)[ -]?(?:bauds?|bits?(?: per second| ?/ ?s))(?!\w)", re.IGNORECASE)  # fmt: skip
_LONG = re.compile(r"(?<![\w.,:])(\d{1,4}(?:[.,]\d{1,3})?)[ -]?(min(?:ut(?:e|es|en|os?))?|h|hours?|heures?|stunden?|horas?)(?![\w-])(?!\.\d)(?! format| mode| clock)", re.IGNORECASE)  # fmt: skip

_FORMAT = re.compile(r"\b(?:12|24)[- ]?(?:h|hours?|stunden|heures|horas)[- ]?(?:format|mode|clock)", re.IGNORECASE)


def _in_seconds(match: re.Match[str]) -> str:
    factor = 60 if match.group(2).lower().startswith("m") else 3600
    return f"{float(match.group(1).replace(',', '.')) * factor:g} s"


def _in_baud(match: re.Match[str]) -> str:
    factor = 1e6 if match.group(2).upper() == "M" else 1e3
    return f"{float(match.group(1).replace(',', '.')) * factor:.0f} baud"


@dataclass(frozen=True, slots=True)
class Amounts:
    """The quantities of a text, those taken for the clock left out."""

    text: str
    every: tuple[Quantity, ...]

    def of(self, *units: str) -> list[Quantity]:
        """Those of the units, in their order."""
        return [each for each in self.every if each.unit in units and not each.scaled]

    def first(self, *units: str) -> float | None:
        """The value of the first one of the units."""
        found = self.of(*units)
        return found[0].value if found else None

    def plain(self) -> list[Quantity]:
        """Numbers without a unit, or with a prefix only ("115200", "500k")."""
        return [each for each in self.every if each.unit == "" and not each.form]


def amounts(text: str, clock: Collection[float] = ()) -> Amounts:
    """The quantities of a text; ``clock``: frequencies in hertz that the clock's part has taken."""
    text = _SCALED.sub(_in_baud, _GROUPED.sub(r"\1\2", text))
    text = _FORMAT.sub(" ", text)
    text = _LONG.sub(_in_seconds, _WORDED.sub(_in_baud, text))
    text = re.sub(r"(?<![\w.])115k2(?!\w)", "115200", text)
    # "CAN2 250k" has no 2 250k.
    text = _INSTANCES.sub(lambda match: match.group(1) + "x" * len(match.group(2)), text)
    text = _OFTEN.sub(lambda match: f" {_TIMES.get(match.group(1).lower(), match.group(1))} Hz", text)
    text = _EACH.sub(lambda match: f"{match.group(1)} 1 {'ms' if match.group(2) else 's'}", text)
    text = _MODES.sub(lambda match: match.group(0)[:-1] + "x", text)  # "modo 0 a 1 MHz" is no range
    text = _PINS.sub(lambda match: " " * len(match.group(0)), text)  # "250k PB5": no unit begins there
    frames = [match.span() for match in FRAME.finditer(text)]
    every = tuple(
        each
        for each in read(text)
        if not any(start <= each.start < end for start, end in frames)
        and not (each.unit == "Hz" and each.value in clock)
    )
    return Amounts(text, every)


def frame_of(text: str) -> tuple[int, str, int] | None:
    """Data bits, parity and stop bits of a frame such as 8N1; None where none is written."""
    match = FRAME.search(text)
    if match is None:
        return None
    parity = {"N": "none", "E": "even", "O": "odd"}[match.group(2).upper()]
    return int(match.group(1)), parity, int(match.group(3))


def baud_of(found: Amounts) -> float | None:
    """A baud rate: with its unit, or a plain number of the usual ones."""
    value = found.first("baud", "bit/s", "Bd")
    if value is None:
        value = next((each.value for each in found.of("bit") if each.value >= 300), None)
    if value is None:
        usual = [each.value for each in found.plain() if round(each.value) in BAUDS and each.value >= 600]
        large = [each.value for each in found.plain() if each.value >= 1200]
        value = next(iter([*usual, *large]), None)
    if value is None:
        value = next((each.value for each in found.of("Hz") if 300 <= each.value <= 20e6), None)
    return value


def rate_of(found: Amounts) -> float | None:
    """A frequency in hertz: stated, or as a period."""
    rates = found.of("Hz", "S/s")
    if rates:
        return rates[0].value
    bare = [each.value for each in found.plain() if each.scaled and each.value >= 10]
    if bare:
        return bare[0]  # "PWM 20k"
    times = [each.value for each in found.of("s") if each.value > 0]
    return 1 / times[0] if times else None
