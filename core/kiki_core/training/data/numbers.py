"""Numbers as decks have them and as people write them."""

from __future__ import annotations

import math
import re
from random import Random

_SPICE = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "meg", 9: "g"}
_PEOPLE = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
E12 = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)
E24 = (*E12, 1.1, 1.3, 1.6, 2.0, 2.4, 3.0, 3.6, 4.3, 5.1, 6.2, 7.5, 9.1)


def spice(value: float, digits: int = 4) -> str:
    """A value as a deck has it: `2k`, `4.7u`, `1meg`."""
    shown, exponent = _scaled(value, digits)
    return shown + _SPICE[exponent]


def nearest(value: float, series: tuple[float, ...] = E24) -> float:
    """The nearest value of an E series, by ratio."""
    decade = 10.0 ** math.floor(math.log10(value))
    found = min(
        (m * d for d in (decade / 10, decade, decade * 10) for m in series), key=lambda v: abs(math.log(v / value))
    )
    return float(f"{found:.3g}")


def drawn(random: Random, low: float, high: float, series: tuple[float, ...] = E12) -> float:
    """A value of a series, by chance, evenly over the decades between two values."""
    value = nearest(math.exp(random.uniform(math.log(low), math.log(high))), series)
    return min(max(value, low), high)


def round_value(random: Random, low: float, high: float) -> float:
    """A value as people ask for: 1, 2, 5, 10 … more often than 3.4."""
    series = random.choice([(1.0, 2.0, 5.0), (1.0, 1.5, 2.5, 3.0, 4.0, 6.0, 8.0), (*E12, 1.6, 2.4, 3.4, 4.4, 7.2, 9.6)])
    return drawn(random, low, high, series)


def bucket(value: float) -> str:
    """The half decade of a value: `1e3`, `3e3`."""
    exponent = math.floor(math.log10(abs(value)) * 2 + 1e-9) if value else 0
    return f"{'-' if value < 0 else ''}{'3' if exponent % 2 else '1'}e{exponent // 2}"


def said(random: Random, value: float, unit: str, language: str) -> str:
    """A value with its unit as someone writes it in a language."""
    if unit == "":
        return _local(f"{value:.4g}", language)
    if unit in ("dB", "%", "deg", "°C"):
        gap = random.choice(["", " "]) if language == "en" else " "
        return f"{_local(f'{value:.4g}', language)}{gap}{unit}"
    shown, exponent = _scaled(value, 4)
    prefix = _PEOPLE[exponent]
    if unit == "ohm":
        return _resistance(random, value, shown, prefix, language)
    if prefix == "k" and unit == "Hz" and random.random() < 0.12:
        return f"{value:.0f} Hz"
    if prefix == "u" and random.random() < 0.4:
        prefix = "µ"
    if unit == "Hz" and prefix == "k" and random.random() < 0.08:
        return f"{_local(shown, language)}{random.choice(['khz', ' khz', 'KHz'])}"
    gap = random.choice([" ", " ", ""])
    return f"{_local(shown, language)}{gap}{prefix}{unit}"


def last_number(text: str, unit: str) -> float | None:
    """The last number of a text that has the unit (any where the unit is empty), in SI."""
    units = {"": "", "ohm": r"(?:ohms?|Ω|Ohm)", "dB": "dB"}.get(unit, re.escape(unit))
    ending = rf"\s*([fpnuµmkMG]?)\s*{units}(?![A-Za-z])" if unit else r"()(?![\d.,]*\d)"
    found = re.findall(rf"([-−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?){ending}", text)
    if not found:
        return None
    number, prefix = found[-1]
    scale = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "m": -3, "k": 3, "M": 6, "G": 9}[prefix]
    return float(number.replace(",", ".").replace("−", "-")) * 10.0**scale


def _resistance(random: Random, value: float, shown: str, prefix: str, language: str) -> str:
    style = random.random()
    if "." in shown and prefix in ("k", "M") and style < 0.25:
        return shown.replace(".", prefix)
    if prefix in ("k", "M") and style < 0.5:
        return f"{_local(shown, language)}{prefix}"
    word = random.choice(["Ω", " Ω", " ohm", " ohms" if language in ("en", "fr") else " Ohm"])
    return (
        f"{_local(shown, language)}{' ' if word[0] == ' ' and prefix else ''}{prefix}{word.strip() if prefix else word}"
    )


def _scaled(value: float, digits: int) -> tuple[str, int]:
    if value == 0:
        return "0", 0
    exponent = min(9, max(-15, math.floor(math.log10(abs(value)) / 3 + 1e-9) * 3))
    shown = f"{value / 10.0**exponent:.{digits}g}"
    if abs(float(shown)) >= 1000 and exponent < 9:
        exponent += 3
        shown = f"{value / 10.0**exponent:.{digits}g}"
    return (f"{float(shown):.10g}", exponent)


def _local(shown: str, language: str) -> str:
    return shown if language == "en" else shown.replace(".", ",")
