"""Units as people write them in four languages: a word after a number becomes an SI unit and a factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the reader: its SI name, the factor to it, and what was said of the value (pp, rms, peak, dc, ac).

    ``scaled``: only a prefix was written ("4k7", "100n"); which unit is meant the neighbours tell.
    """

    name: str
    factor: float = 1.0
    form: str = ""
    scaled: bool = False


_PREFIXES: Mapping[str, float] = {
    "p": 1e-12, "n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9,
    "T": 1e12, "P": 1e-12, "N": 1e-9, "U": 1e-6,
}  # fmt: skip
_PREFIX_WORDS: Mapping[str, float] = {
    "pico": 1e-12, "piko": 1e-12, "nano": 1e-9, "micro": 1e-6, "mikro": 1e-6, "milli": 1e-3, "mili": 1e-3,
    "kilo": 1e3, "kil": 1e3, "mega": 1e6, "méga": 1e6, "meg": 1e6, "giga": 1e9, "centi": 1e-2,
}  # fmt: skip
SCALE_WORDS: Mapping[str, float] = {
    **_PREFIX_WORDS, "hundred": 100, "cent": 100, "hundert": 100, "cien": 100, "thousand": 1e3, "mille": 1e3,
    "tausend": 1e3, "mil": 1e3, "million": 1e6, "millions": 1e6, "k": 1e3, "K": 1e3, "M": 1e6,
}  # fmt: skip
"""Words between a number and its unit: "10 kilo ohms", "5 mil Hz", "10 k ohm"."""

_SYMBOLS: Mapping[str, str] = {
    "Hz": "Hz", "V": "V", "A": "A", "W": "W", "F": "F", "H": "H", "s": "s", "S": "S", "\u03a9": "ohm", "\u2126": "ohm",
    "ohm": "ohm", "R": "ohm", "m": "m", "C": "degC", "bit": "bit", "B": "B", "Bd": "baud", "J": "J", "Ah": "Ah",
    "Wh": "Wh", "VA": "VA", "g": "g", "N": "N", "Pa": "Pa", "bar": "bar", "lx": "lx", "lm": "lm",
}  # fmt: skip
_WORDS: Mapping[str, str] = {
    "hertz": "Hz", "hercios": "Hz", "hercio": "Hz", "hz": "Hz", "cps": "Hz", "volt": "V", "volts": "V",
    "voltios": "V", "voltio": "V", "amp": "A", "amps": "A", "ampere": "A", "amperes": "A", "ampère": "A",
    "ampères": "A", "amperios": "A", "amperio": "A", "watt": "W", "watts": "W", "vatios": "W", "vatio": "W",
    "farad": "F", "farads": "F", "faradios": "F", "faradio": "F", "henry": "H", "henries": "H", "henrys": "H",
    "henrios": "H", "henrio": "H", "second": "s", "seconds": "s", "sec": "s", "secs": "s", "seconde": "s",
    "secondes": "s", "sekunde": "s", "sekunden": "s", "segundo": "s", "segundos": "s", "ohm": "ohm", "ohms": "ohm",
    "ohmio": "ohm", "ohmios": "ohm", "db": "dB", "decibel": "dB", "decibels": "dB", "dezibel": "dB", "décibel": "dB",
    "décibels": "dB", "decibelios": "dB", "decibelio": "dB", "percent": "%", "prozent": "%", "pct": "%",
    "ppm": "ppm", "deg": "deg", "degs": "deg", "degree": "deg", "degrees": "deg", "grad": "deg", "degré": "deg",
    "degrés": "deg", "grado": "deg", "grados": "deg", "bit": "bit", "bits": "bit", "byte": "B", "bytes": "B",
    "baud": "baud", "bauds": "baud", "baudios": "baud", "bps": "bit/s", "sps": "S/s", "rpm": "rpm",
    "gram": "g", "grams": "g", "kilogram": "kg", "kilograms": "kg", "kelvin": "K",
    "inch": "inch", "inches": "inch", "mils": "mils", "metre": "m", "meter": "m", "metres": "m", "meters": "m",
}  # fmt: skip
_SCALED_UNITS: Mapping[str, tuple[str, float]] = {
    "inch": ("m", 0.0254), "mils": ("m", 25.4e-6),
}  # fmt: skip
_LOOSE = frozenset("VWFHA")
"""Symbols that are often typed in lower case."""
_METRE_PREFIXES = frozenset("nuµμmk")
_UPPER_MILLI = frozenset({"V", "A", "F", "H", "s"})
"""Units whose "M" in a text without lower case is milli: nobody filters megavolts."""
_FORMS: Mapping[str, str] = {
    "pp": "pp", "p-p": "pp", "pkpk": "pp", "ss": "pp", "cc": "pp", "rms": "rms", "eff": "rms", "efficace": "rms",
    "p": "peak", "pk": "peak", "peak": "peak", "dc": "dc", "ac": "ac",
}  # fmt: skip


def unit_of(word: str, *, attached: bool, upper: bool = False) -> Unit | None:
    """The unit that a word after a number names; null if it names none.

    ``attached``: no space between them, so that single letters count. ``upper``: the whole text is in capitals.
    """
    if word in ("%", "‰"):
        return Unit("%", 1.0 if word == "%" else 0.1)
    if word == "°":
        return Unit("deg")
    found = _plain(word, attached, upper) or _with_form(word, attached, upper)
    if found is None and word.lower() in ("x", "times", "fold", "fach", "fois", "veces", "×"):
        return Unit("", form="times")
    return found


def _plain(word: str, attached: bool, upper: bool) -> Unit | None:
    if len(word) == 1 and word in _PREFIXES and word not in "PNUT":
        usable = attached or word in "kKM"
        if word == "m" and not attached:
            return Unit("m")
        return Unit("", _PREFIXES[word], scaled=True) if usable else None
    if word.lower() in ("meg", "mega", "kilo"):
        return Unit("", _PREFIX_WORDS[word.lower()], scaled=True)
    base = _base(word, attached)
    if base is not None:
        return _in_si(base, 1.0)
    first, rest = word[0], word[1:]
    base = _base(rest, True) if rest and first in _PREFIXES else None
    if base is not None and base not in ("dB", "%", "deg", "ppm", "degC", "inch", "mils", "rpm", "baud"):
        if first in "PNU" and not (base in ("F", "H", "A", "V", "s") and word.isupper()):
            return None
        if base in ("g", "N", "Pa", "bar", "lx", "lm") and first not in "kmMµu":
            return None
        if first == "T" and base not in ("Hz", "ohm"):
            return None
        if base == "m" and (first not in _METRE_PREFIXES or not rest.islower()):
            return None
        factor = _PREFIXES[first]
        if base == "Hz" and first == "m" and rest != "Hz":
            factor = 1e6  # "10 mhz" is a sloppy MHz; only a careful "mHz" is milli
        if first == "M" and base in _UPPER_MILLI and (upper or not rest.isupper()):
            factor = 1e-3
        return Unit(base, factor)
    lower = word.lower()
    for prefix, factor in _PREFIX_WORDS.items():
        if lower.startswith(prefix) and len(lower) - len(prefix) >= 3:
            name = _WORDS.get(lower[len(prefix) :])
            if name is not None:
                return _in_si(name, factor)
    for start, name, form in (("dbm", "dB", "m"), ("dbv", "dB", "V"), ("dbu", "dB", "u"), ("dbc", "dB", "c")):
        if lower == start:
            return Unit(name, form=form)
    return None


def _with_form(word: str, attached: bool, upper: bool) -> Unit | None:
    lower = word.lower()
    for ending, form in _FORMS.items():
        stem = word[: -len(ending)]
        if lower.endswith(ending) and stem:
            found = _plain(stem, attached, upper)
            if found is not None and found.name in ("V", "A") and not found.form:
                return Unit(found.name, found.factor, form)
    return None


def form_of(word: str) -> str:
    """What a word after a unit says of the value: pp, rms, peak, dc, ac; empty if nothing."""
    lower = word.lower()
    if lower.startswith(("peak-to", "peak to", "crête à", "crête-à", "pico a", "spitze-s", "spitze s")):
        return "pp"
    return _FORMS.get(lower, "") if lower not in ("p", "ss", "cc") else ""


def _base(word: str, attached: bool) -> str | None:
    if word in _SYMBOLS:
        if word in "RN" and not attached:
            return None  # "two N-channel MOSFETs"
        return _SYMBOLS[word]
    lower = word.lower()
    if lower in _WORDS:
        return _WORDS[lower]
    if len(word) == 1 and word.upper() in _LOOSE:
        # A lone "a" or "h" after a space is a word, not an ampere; "5 v" and "3 w" are clear.
        return word.upper() if attached or word in "vw" else None
    if lower == "r" and attached:
        return "ohm"
    if lower in ("ah", "wh", "va"):
        return {"ah": "Ah", "wh": "Wh", "va": "VA"}[lower]
    return None


def _in_si(name: str, factor: float) -> Unit:
    unit, more = _SCALED_UNITS.get(name, (name, 1.0))
    return Unit(unit, factor * more)
