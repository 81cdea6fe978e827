"""Every quantity of a text: its place, its value in SI units, its comparison, and under which condition it holds.

Reads English, French, German and Spanish as engineers type them: "1,5 kHz", "4k7", "2R2", "100n", "±5 %", "at least
40 dB at 10 kHz", "zwischen 3 und 5 V". Text is bounded and every pattern is linear: hostile text costs milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiki_core.planning import wording
from kiki_core.planning.units import SCALE_WORDS, Unit, form_of, unit_of

MOST_TEXT = 20_000
"""Characters that are read."""
MOST = 200
"""Quantities that are given."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text with its unit.

    ``start``, ``end``: its characters. ``value``: in SI (Hz, V, A, W, ohm, F, H, s, m, S, dB, dB/decade, dB/octave,
    %, deg, degC, bit, B, baud, V/s, …; empty: a bare number). ``op``: ``= >= <=``. ``tolerance``: half width in the
    same unit, where stated. ``form``: pp, rms, peak, dc, ac, times, ± (symmetric), m/V/u/c (dBm …). ``lead``: the word
    that ties it to what is before: at, from, to, into, of, with, for, by, between, and, +/-, x, or empty. ``scaled``:
    only a prefix was written ("100n"), the unit is for the neighbours to tell. ``conditions``: the quantities under
    which it holds.
    """

    start: int
    end: int
    text: str
    value: float
    unit: str
    op: str = "="
    tolerance: float | None = None
    form: str = ""
    lead: str = ""
    scaled: bool = False
    conditions: tuple[Quantity, ...] = ()

    def within(self, value: float, default: float) -> bool:
        """Whether a measured value meets it; ``default``: relative tolerance of a plain ``=``."""
        if self.op == ">=":
            return value >= self.value
        if self.op == "<=":
            return value <= self.value
        margin = self.tolerance if self.tolerance is not None else default * abs(self.value)
        return abs(value - self.value) <= margin


_SPACE = "[ \t\u00a0\u202f\u2009]"
_NUMBER = re.compile(
    r"(?P<sign>[-+\u2212\u2013]?)"
    r"(?P<digits>\d{1,3}(?:[ \u00a0\u202f\u2009'\u2019]\d{3}){1,4}(?!\d)(?:[.,]\d{1,9}(?!\d))?"
    r"|\d{1,15}(?:[.,]\d{1,12}){0,4}|(?<!\.)[.,]\d{1,12})"
    r"(?P<power>[eE][-+]?\d{1,3}(?![\w]))?"
)
_TEN = re.compile(r"\s?[x×*·]\s?10\s?(?:\^|\*\*)\s?([-+\u2212]?\d{1,2})(?!\w)")
_INFIX = re.compile(r"(\d{1,4})(meg|[RrkKMmunpµμVvFfHhLΩ])(\d{1,3})(?![\w])")
_RATIO = re.compile(
    r"(?<![/:.,\d])(\d{1,6}(?:[.,]\d{1,4})?)\s?[:/]\s?(\d{1,6}(?:[.,]\d{1,4})?)(?![\w/:]|[.,]\d|\s?(?:W|watts?|"
    r"[Ω%])(?!\w))",
    re.IGNORECASE,
)
"""Two plain numbers as one: "1:4", "1/10"; not a date, a time, or a fraction of a unit."""
_PART_OF_WATT = re.compile(r"(\d{1,2})\s?/\s?(\d{1,2})[- ]?(W|watts?)(?!\w)", re.IGNORECASE)
"""A part's rating: "1/4 W"."""
_COUNTED = re.compile(r"[xX×](?=\d)(?!10\s?[\^*])|\s[xX×]\s?(?!10\s?[\^*])(?=\d[\d.,]{0,8}\s?[kmµuMG]?[VAΩW](?!\w))")
"""Behind a number that counts what follows: "2x12V", "3 x 20 mA"."""
_MINUS_WORD = re.compile(
    r"(?<!\w)(?:(?<!plus or )(?<!plus )minus|(?:de|of|por|par|by|von|um) (?:moins|menos))\s$", re.IGNORECASE
)
_ENGLISH = re.compile(r"(?<!\w)(?:the|with|must|should|for|and|is|of|to|from|into|must|can|that)(?!\w)", re.IGNORECASE)
_IS = re.compile(r"\s?(?:[=:]|[-+±]?\d)")
_MINUS = frozenset("-−–")
_DIGITS_NEXT = re.compile(r"\s?\d")
_PER_AMPERE = re.compile(r"\s?/\s?([pnuµμm]?)A(?!\w)")
_CELSIUS = re.compile(r"\s?[cC](?:elsius)?(?!\w)")
_SPACED_WORD = re.compile(rf"{_SPACE}{{0,2}}-?([%‰°]|[^\W\d_]{{1,16}})")
_SLOPE = re.compile(
    r"\s?(?:/|per\b|pro\b|par\b|por\b|a\b)\s?(dec(?:ade|ada|\.)?|década|décade|dekade|oct(?:ave|ava|\.)?|octava|"
    r"oktave|s(?:ec(?:ond)?)?|µs|us|μs|ms|sample)(?!\w)",
    re.IGNORECASE,
)
_SLOPES = {"d": "decade", "o": "octave"}
_DENSITY = re.compile(
    r"\s?(?:/|per |pro |par |por )\s?(?:√|sqrt|root|rt|wurzel|racine)[ (]{0,2}(?:of )?Hz\)?", re.IGNORECASE
)
_PER_OTHER = re.compile(r"\s?/\s?(°\s?C|degC|K|min|h|Hz|m)(?![\w/])")
"""What makes another quantity of a number: "5 nV/√Hz", "10 mV/°C"."""
_AFTER_UNIT = re.compile(
    rf"{_SPACE}?-?(p-p|pp|rms|RMS|eff|pk-pk|peak[- ]to[- ]peak|crête[- ]à[- ]crête|pico a pico|Spitze[- ]Spitze|"
    r"peak|pk|DC|AC|dc|ac)(?!\w)"
)
_OF_SMALL = ("V", "A", "s", "F", "H", "W")
"""Units of which nobody has thousands here."""
_SPELT = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100, "thousand": 1000,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12,
    "quinze": 15, "vingt": 20, "cent": 100, "mille": 1000, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
    "acht": 8, "neun": 9, "zehn": 10, "zwölf": 12, "fünfzehn": 15, "zwanzig": 20, "hundert": 100, "tausend": 1000,
    "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "doce": 12,
    "veinte": 20, "cien": 100, "half": 0.5, "medio": 0.5, "demi": 0.5,
}  # fmt: skip
_SPELT_NUMBER = re.compile(
    rf"(?<![\w])({'|'.join(_SPELT)})(?:[ -](hundred|thousand|mille|tausend|mil)(?!\w))?[ -](?:of a |a )?"
    r"(?!(?:hundred|thousand|mille|tausend|mil)\W)([^\W\d_]{1,16})",
    re.IGNORECASE,
)
_OF_GAIN = re.compile(
    r"\b(?:(?:gains?|verstärkung|ganancia|fact[eo]u?r|faktor|ratio|times|amplif\w{0,12}|q)(?:[ -](?:en|de|"
    r"of)? ?(?:voltage|tension|tensi[óo]n|total|overall|minimum|spannung\w{0,3}))?\W{1,3}(?:of|de|von|um|by|x|is|"
    r"=)?\W{0,3}|(?:multipl\w{1,8}|amplif\w{1,8}|scal\w{1,4}|verst[äa]rk\w{0,4}) (?:[^\W\d]{1,12} ){0,3}(?:by|um|par|"
    r"por|con) )(?:minus |moins |menos )?$",
    re.IGNORECASE,
)
_TO_WORD = re.compile(r"\s?(?:->|→|to|into|and|auf|zu|und|à|et|a|y)\s?")
_AT_WORD = re.compile(r"\s?(?:a|à|en|from|aus|desde|depuis)\s?")
_PER_SECOND = re.compile(
    r"(?<!\w)(\d{1,6}(?:[.,]\d{1,3})?|once|twice|one|two|three|four|five|six|eight|ten|une|deux|trois|quatre|cinq|"
    r"dix|ein|zwei|drei|vier|fünf|zehn|una|dos|tres|cuatro|cinco|diez)\s?(?:-?mal|times?|x|fois|ve(?:z|ces)|blinks?|"
    r"flash\w*|pulses?|impuls\w*|parpadeos?)?\s?(?:(?:a|per|each|every|pro|par|por|in der|jede|cada) (?:second\w*|"
    r"sek(?:unde)?|seconde|segundo|s(?!\w))|/\s?s(?:ec)?(?!\w))",
    re.IGNORECASE,
)
"""How often a second: "twice a second", "dos veces por segundo", "5 times per second"."""


def read(text: str) -> tuple[Quantity, ...]:
    """The quantities of a text in their order; at most `MOST`, of its first `MOST_TEXT` characters. Never raises."""
    text = text[:MOST_TEXT]
    rates = _rates(text)
    read_ones = [one for one in (*_digits(text), *_spelt(text)) if not any(r.start <= one.start < r.end for r in rates)]
    found = sorted([*read_ones, *rates], key=lambda one: one.start)[: MOST + 1]
    apart = [one for one, before in zip(found, [None, *found], strict=False) if not before or one.start >= before.end]
    shared = _sharing_units(text, apart)
    return _conditioned(text, _tolerated(text, _compared(text, shared)))[:MOST]


def neighbours(text: str, quantities: Sequence[Quantity], index: int, most: int = 80) -> tuple[str, str]:
    """The words before and after a quantity, up to the next quantity and at most ``most`` characters, lower case."""
    one = quantities[index]
    left = max(quantities[index - 1].end if index else 0, one.start - most)
    right = min(quantities[index + 1].start if index + 1 < len(quantities) else len(text), one.end + most)
    return text[left : one.start].lower(), text[one.end : right].lower()


def _digits(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    commas = wording.decimal_comma(text)
    upper = text.isupper()
    at = 0
    while len(found) <= MOST and (match := _NUMBER.search(text, at)) is not None:
        at = match.end()
        one = _quantity(text, match, commas, upper)
        if one is not None:
            found.append(one)
            at = max(at, one.end)
        else:
            at = _past_word(text, match.start("digits") + len(re.split(r"[^\d.,]", match["digits"])[0]))
    return found


def _past_word(text: str, at: int) -> int:
    """Behind the name that a number is part of ("2N3904", "STM32F407")."""
    end = at
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return end


def _quantity(text: str, match: re.Match[str], commas: bool, upper: bool) -> Quantity | None:
    start, sign = match.start(), match["sign"]
    before = text[start - 1] if start else " "
    if sign and (before == "/" or (before == "+" and sign != "+")):
        sign, start = "", start + 1  # the end of "+/-" or "+-"
    if sign and (before.isalnum() or before == "_"):
        # "3-5 V" is a range, "SOIC-8" a name.
        named = before.isalpha() and _is_name(text, start)
        sign, before, start = "", "" if not named else before, start + 1
    counted = before in tuple("xX×") and start >= 2 and text[start - 2].isdigit()  # the 12 of "2x12V"
    if before and not counted and (before.isalnum() or before in "_#×"):
        times = before in "xX×" and (start < 2 or not text[start - 2].isalnum())
        if not times:
            return None
        return Quantity(start - 1, match.end(), text[start - 1 : match.end()], _number(match, commas), "", form="times")
    infix = _INFIX.match(text, match.start("digits"))
    if infix is not None and match.end() <= infix.end():
        value, name = _infix(infix)
        value = -value if sign in _MINUS else value
        return Quantity(start, infix.end(), text[start : infix.end()], value, name, scaled=not name)
    value, end = _number(match, commas), match.end()
    if _MINUS_WORD.search(text, max(0, start - 24), start):
        sign = "-"
    if match["digits"] != "0" and _COUNTED.match(text, end):
        return Quantity(start, end, text[start:end], value, "", form="count")
    if not sign and (rating := _PART_OF_WATT.match(text, start)) is not None and int(rating[2]):
        return Quantity(start, rating.end(), rating[0], int(rating[1]) / int(rating[2]), "W")
    if not sign and (ratio := _RATIO.match(text, start)) is not None and _number_of(ratio[2]):
        parts = _number_of(ratio[1]) / _number_of(ratio[2])
        return Quantity(start, ratio.end(), ratio[0], parts, "", form="ratio")
    power = _TEN.match(text, end)
    if power is not None:
        value, end = value * 10.0 ** int(power[1].replace("−", "-")), power.end()
    if sign in _MINUS:
        value = -value
    unit, after = _unit(text, end, upper)
    if unit is None:
        attached = end < len(text) and (text[end].isalnum() or text[end] == "_")
        return None if attached else Quantity(start, end, text[start:end], value, "")
    value *= unit.factor
    if (value, unit.name) == (32_768_000.0, "Hz"):
        value = 32_768.0  # "32,768 kHz" is a watch's crystal in every language
    return Quantity(start, after, text[start:after], value, unit.name, form=unit.form, scaled=unit.scaled)


def _is_name(text: str, start: int) -> bool:
    """Whether the letters before a hyphen and its number look like a part's name: capitals only."""
    left = start
    while left > 0 and start - left < 12 and text[left - 1].isalnum():
        left -= 1
    return text[left:start].isupper()


def _number(match: re.Match[str], commas: bool) -> float:
    digits = re.sub("[ \u00a0\u202f\u2009'\u2019]", "", match["digits"])
    points, marks = digits.count("."), digits.count(",")
    if points and marks:
        decimal = max(digits.rfind("."), digits.rfind(","))
        digits = re.sub("[.,]", "", digits[:decimal]) + "." + digits[decimal + 1 :]
    elif points > 1 or marks > 1:
        digits = re.sub("[.,]", "", digits)
    elif points or marks:
        whole, fraction = re.split("[.,]", digits)
        grouping = "." if commas else ","
        is_group = len(fraction) == 3 and 1 <= len(whole) <= 3 and whole != "0" and grouping in digits
        digits = whole + fraction if is_group else f"{whole or '0'}.{fraction}"
    return float(digits + (match["power"] or ""))


def _number_of(digits: str) -> float:
    return float(digits.replace(",", "."))


def _infix(match: re.Match[str]) -> tuple[float, str]:
    letter = match[2]
    unit = {"R": "ohm", "r": "ohm", "Ω": "ohm", "V": "V", "v": "V", "F": "F", "H": "H", "L": "H", "f": "F", "h": "H"}
    factors = {"k": 1e3, "K": 1e3, "M": 1e6, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "p": 1e-12,
               "meg": 1e6}  # fmt: skip
    return float(f"{match[1]}.{match[3]}") * factors.get(letter, 1.0), unit.get(letter, "")


def _unit(text: str, at: int, upper: bool) -> tuple[Unit | None, int]:
    word = _SPACED_WORD.match(text, at)
    if word is None:
        return None, at
    attached = word.start(1) == at
    end = word.end(1)
    if end < len(text) and (text[end].isdigit() or text[end] == "_"):
        return None, at
    name = word[1]
    if name.lower() in ("vcc", "vdd", "vss", "vee") and _IS.match(text, end):
        return None, at  # "gain 50 Vcc=9V"
    if name in "xX×" and _DIGITS_NEXT.match(text, end):
        return None, at  # "3 x 2 mm"
    if name == "°":
        celsius = _CELSIUS.match(text, end)
        return (Unit("degC"), celsius.end()) if celsius else (Unit("deg"), end)
    found = unit_of(name, attached=attached, upper=upper)
    if name in SCALE_WORDS and not (found and not found.scaled and found.name):
        further = _SPACED_WORD.match(text, end)
        unit = unit_of(further[1], attached=True, upper=upper) if further and further.start(1) > end else None
        if further and unit is not None and unit.name and not unit.scaled and len(further[1]) > (name in "kKM"):
            return _with_rest(text, replace(unit, factor=unit.factor * SCALE_WORDS[name]), further.end(1))
    if found is None:
        return None, at
    return _with_rest(text, found, end)


def _with_rest(text: str, unit: Unit, end: int) -> tuple[Unit, int]:
    """The unit with what follows it: "/decade", "p-p", "rms"."""
    if unit.name in ("dB", "V", "bit", "%", "S") and (slope := _SLOPE.match(text, end)):
        per = slope[1].lower()
        if unit.name == "dB" and per[0] in _SLOPES:
            return replace(unit, name=f"dB/{_SLOPES[per[0]]}"), slope.end()
        if per[0] not in "do" and unit.name in ("V", "bit", "S"):
            factor = {"µs": 1e6, "us": 1e6, "μs": 1e6, "ms": 1e3}.get(per, 1.0)
            return replace(unit, name=f"{unit.name}/s", factor=unit.factor * factor), slope.end()
    if unit.name in ("V", "A") and (density := _DENSITY.match(text, end)):
        return replace(unit, name=f"{unit.name}/√Hz"), density.end()
    if unit.name and (other := _PER_OTHER.match(text, end)):
        return replace(
            unit, name=f"{unit.name}/{'K' if other[1] not in ('min', 'h', 'Hz', 'm') else other[1]}"
        ), other.end()
    if unit.name == "V" and (per_ampere := _PER_AMPERE.match(text, end)):
        scale = {"n": 1e-9, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "m": 1e-3, "p": 1e-12}.get(per_ampere[1], 1.0)
        return replace(unit, name="ohm", factor=unit.factor / scale), per_ampere.end()
    if unit.name == "deg" and (celsius := _CELSIUS.match(text, end)):
        return replace(unit, name="degC"), celsius.end()
    if unit.name in ("V", "A") and not unit.form and (form := _AFTER_UNIT.match(text, end)):
        return replace(unit, form=form_of(form[1]) or "pp"), form.end()
    return unit, end


def _rates(text: str) -> list[Quantity]:
    found: list[Quantity] = []
    for match in _PER_SECOND.finditer(text):
        word = match[1].lower()
        counted = {"once": 1.0, "twice": 2.0, "une": 1.0, "ein": 1.0, "una": 1.0, **_SPELT}.get(word)
        value = counted if counted is not None else _number_of(word) if word[0].isdigit() else 0.0
        if value and len(found) < MOST:
            found.append(Quantity(match.start(), match.end(), match[0], float(value), "Hz"))
    return found


def _spelt(text: str) -> list[Quantity]:
    found = []
    for match in _SPELT_NUMBER.finditer(text):
        value = _SPELT[match[1].lower()] * (
            1000 if match[2] and match[2].lower() != "hundred" else 100 if match[2] else 1
        )
        unit = unit_of(match[3], attached=False)
        if unit is not None and (unit.name or unit.form) and len(match[3]) > 1 and not unit.scaled:
            found.append(Quantity(match.start(), match.end(), match[0], value * unit.factor, unit.name, form=unit.form))
        elif _OF_GAIN.search(text[max(0, match.start() - 50) : match.start()]):
            end = match.end(2) if match[2] else match.end(1)
            value = -value if _MINUS_WORD.search(text, max(0, match.start() - 24), match.start()) else value
            found.append(Quantity(match.start(), end, text[match.start() : end], value, ""))
        if len(found) > MOST:
            break
    trailing = re.compile(
        rf"(?<!\w)({'|'.join(_SPELT)})(?: (hundred|thousand))?(?=\W{{0,3}}(?:$|[.,;!?(]))", re.IGNORECASE
    )
    for match in trailing.finditer(text):
        if len(found) <= MOST and _OF_GAIN.search(text[max(0, match.start() - 50) : match.start()]):
            scale = match[2].lower() if match[2] else ""
            value = float(_SPELT[match[1].lower()]) * {"": 1, "hundred": 100}.get(scale, 1000)
            value = -value if _MINUS_WORD.search(text, max(0, match.start() - 24), match.start()) else value
            found.append(Quantity(match.start(), match.end(), match[0], value, ""))
    return found


def _sharing_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """ "3-5 kHz", "20 to 20k Hz", "3 x 2 mm": the first number takes the unit of the second."""
    shared = list(found)
    for index in range(len(shared) - 2, -1, -1):
        one, further = shared[index], shared[index + 1]
        between = text[one.end : further.start].lower()
        if one.unit == "ohm" and further.scaled and not further.unit and _TO_WORD.fullmatch(between):
            shared[index + 1] = replace(further, unit="ohm", scaled=False)  # "50 ohm to 1 k"
            continue
        bare = not one.unit and one.form in ("", "±", "count") and "/" not in further.unit
        if one.scaled and further.unit in (
            _OF_SMALL if one.value >= 1e3 else ("Hz", "ohm") if one.value < 1e-3 else ()
        ):
            continue  # "2k2 to 3V3", "100n at 1 kHz"
        if further.unit not in ("", "m", "inch") and wording.TIMES.fullmatch(between):
            continue  # "2 x 12 V"
        if (wording.PLUS_MINUS.search(between) or _AT_WORD.fullmatch(between)) and _OF_GAIN.search(
            text[max(0, one.start - 30) : one.start]
        ):
            continue  # "gain 40 ±5 V", "ganancia de 10 a 1 kHz"
        joined = wording.AND.fullmatch(between) and not wording.BETWEEN.search(text[max(0, one.start - 12) : one.start])
        if joined and not _two_frequencies(text, one, further):
            continue  # "a Q of 5 and 20 dB"
        if not bare or not (further.unit or further.scaled) or not wording.JOINS.fullmatch(between):
            continue
        factor = 1.0
        if not one.scaled:
            number = _NUMBER.search(further.text)
            stated = abs(_number(number, wording.decimal_comma(text))) if number else 0.0
            scale = abs(further.value) / stated if stated else 1.0
            factor = scale if one.value * scale < further.value or wording.TIMES.fullmatch(between) else 1.0
        shared[index] = replace(
            one,
            value=one.value * factor,
            unit=further.unit,
            scaled=further.scaled,
            form="" if one.form == "count" else one.form,
        )
    return shared


def _two_frequencies(text: str, one: Quantity, further: Quantity) -> bool:
    """ "-3 dB at 300 and 3400 Hz", against "gain 100 and 1 kHz" or "a beta of 100 and 300 Hz"."""
    if further.unit != "Hz" or one.scaled or not 10 <= one.value < 1e4:
        return False
    number = _NUMBER.search(further.text)
    stated = abs(_number(number, wording.decimal_comma(text))) if number else 0.0
    return one.value < stated and _BESIDE_FREQUENCY.search(text[max(0, one.start - 40) : one.start]) is not None


_BESIDE_FREQUENCY = re.compile(
    r"(?:\d ?db\W{1,3}|(?<!\w)(?:corners?|edges?|points?|cut-?offs?|grenzfrequenzen|[ée]cks?|coupures?|cortes?|notches|"
    r"nulls?|(?:pass|stop)[- ]?band|so|thus|i\.e\.|hence)\W{1,3})(?:(?:at|about|around|near|bei|à|a|en|von|de|etwa|"
    r"ca\.|environ|roughly)\s){0,2}$",
    re.IGNORECASE,
)


def _compared(text: str, found: list[Quantity]) -> list[Quantity]:
    compared: list[Quantity] = []
    english = _ENGLISH.search(text) is not None and wording.language(text) == "en"
    for index, one in enumerate(found):
        before = text[max(found[index - 1].end if index else 0, one.start - 60) : one.start]
        after = text[one.end : min(found[index + 1].start if index + 1 < len(found) else len(text), one.end + 30)]
        near = index + 1 < len(found) and found[index + 1].start - one.end <= 30
        op, rest = wording.comparison(before, after, one.unit, followed=near)
        lead = wording.lead(rest)
        form = one.form
        if wording.PLUS_MINUS.search(before):
            lead, form = "+/-", one.form or "±"
        if english and lead == "at" and rest.rstrip().endswith((" a", " an")):
            lead = ""  # an article
        if lead in ("to", "at", "of", "and") and index:
            lead = _settled_lead(lead, rest, one, compared[-1])
        compared.append(replace(one, op=op, lead=lead, form=form))
    for index in range(1, len(compared)):
        low, high = compared[index - 1], compared[index]
        if low.lead == "of" and high.lead == "to" and low.unit == high.unit:
            compared[index - 1] = replace(low, lead="from")  # "de 12 V a 5 V", "von 12 V auf 5 V"
        if low.lead == "between" and high.lead == "and" and low.unit == high.unit:
            compared[index - 1 : index + 1] = [replace(low, op=">="), replace(high, op="<=")]
    return compared


def _settled_lead(lead: str, words: str, one: Quantity, before: Quantity) -> str:
    """What "a", "à" and "en" mean: "de 12 V a 5 V" leads to, "40 dB a 10 kHz" is at."""
    last = words.strip().lower().split()[-1:] or [""]
    if last[0] in ("a", "à", "en", "auf") and one.unit == before.unit:
        return "to"
    return lead


def _tolerated(text: str, found: list[Quantity]) -> list[Quantity]:
    """Tolerances joined to what they belong to: "1 kHz ± 5 %", "3.3 V within 50 mV"."""
    kept: list[Quantity] = []
    for one in found:
        if kept and _is_tolerance(text, kept[-1], one):
            of = kept[-1]
            width = abs(of.value * one.value / 100) if one.unit == "%" and of.unit != "%" else abs(one.value)
            kept[-1] = replace(of, tolerance=width, end=of.end)
        else:
            kept.append(one)
    return kept


def _is_tolerance(text: str, of: Quantity, one: Quantity) -> bool:
    between = text[of.end : one.start]
    if of.tolerance is not None or of.form in ("±", "times") or len(between) > 40:
        return False
    if one.unit == of.unit != "%" and abs(one.value) >= 0.5 * abs(of.value):
        return False  # "inputs up to 5 V, ±12 V supplies"
    same = one.unit in ("%", of.unit) or (one.unit == "" and not one.scaled)
    if not same or not (of.unit or one.unit == "%"):
        return False
    if wording.NEARLY.fullmatch(between) and text[one.end : one.end + 6].strip().lower().startswith("près"):
        return True  # "1 mA à 3 % près"
    if wording.PLUS_MINUS.search(between):
        return wording.PLUS_MINUS_ALONE.fullmatch(between) is not None
    return wording.WITHIN.fullmatch(between) is not None and (
        one.unit == "%" or (abs(one.value) < abs(of.value) and "auf" not in between.lower())
    )


def _conditioned(text: str, found: list[Quantity]) -> tuple[Quantity, ...]:
    """Each quantity with those that follow it as its conditions: "40 dB at 10 kHz", "5 V at 2 A from 12 V"."""
    conditioned = list(found)
    head = 0
    for index in range(1, len(found)):
        between = text[found[index - 1].end : found[index].start]
        tied = found[index].lead in ("at", "into", "from") and wording.CONDITION.fullmatch(between)
        if tied and found[index].unit:
            of = conditioned[head]
            conditioned[head] = replace(of, conditions=(*of.conditions, found[index]))
        else:
            head = index
    return tuple(conditioned)
