"""Numbers in words, in English, French, German and Spanish: written as digits, before anything else reads a request.

"one and a half milliseconds" is "1.5 milliseconds", "a third duty" "33.3333 % duty". A number is rewritten only where a
unit, "times" or a duty follows; what is left in words is told as unread (`left`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ONES = {
    1: "one un une ein eine einer eines einem einen uno una", 2: "two deux zwei dos", 3: "three trois drei tres",
    4: "four quatre vier cuatro", 5: "five cinq fünf cinco", 6: "six sechs seis", 7: "seven sept sieben siete",
    8: "eight huit acht ocho", 9: "nine neuf neun nueve", 10: "ten dix zehn diez", 11: "eleven onze elf once_",
    12: "twelve douze zwölf doce dozen", 13: "thirteen treize dreizehn trece", 14: "fourteen quatorze vierzehn catorce",
    15: "fifteen quinze fünfzehn quince", 16: "sixteen seize sechzehn dieciséis", 20: "twenty vingt zwanzig veinte",
    24: "vierundzwanzig veinticuatro", 25: "fünfundzwanzig veinticinco", 30: "thirty trente dreißig treinta",
    32: "zweiunddreißig", 40: "forty quarante vierzig cuarenta", 48: "achtundvierzig", 50: "fifty cinquante fünfzig cincuenta",
    60: "sixty soixante sechzig sesenta", 64: "vierundsechzig", 70: "seventy siebzig setenta",
    75: "fünfundsiebzig", 80: "eighty achtzig ochenta", 90: "ninety neunzig noventa", 200: "doscientos doscientas",
    300: "trescientos", 500: "quinientos quinientas", 17: "seventeen siebzehn", 18: "eighteen achtzehn",
    19: "nineteen neunzehn",
}  # fmt: skip
_WORDS = {word: value for value, words in _ONES.items() for word in words.split()}
_SCALES = {"hundred": 100, "cent": 100, "cents": 100, "hundert": 100, "cien": 100, "ciento": 100, "cientos": 100,
           "thousand": 1000, "mille": 1000, "tausend": 1000, "mil": 1000}  # fmt: skip
_PARTS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10, "demi": 1 / 2, "demie": 1 / 2,
          "tiers": 1 / 3, "quart": 1 / 4, "halb": 1 / 2, "halbe": 1 / 2, "halben": 1 / 2, "halber": 1 / 2, "drittel": 1 / 3,
          "viertel": 1 / 4, "medio": 1 / 2, "media": 1 / 2, "tercio": 1 / 3, "cuarto": 1 / 4}  # fmt: skip
_UNIT = (
    r"(?:(?:milli|micro|nano|mikro|mili)-?)?(?:seconde?s?|sekunden?|segundos?)(?!\w)|(?:ms|µs|us|ns)(?!\w)|(?:kilo|mega)?-?hert?z(?!\w)|"
    r"(?:k|M)?Hz(?!\w)|(?:kilo|mega)?-?(?:bauds?|bits? per second|bits?/s)(?!\w)|per ?cent(?!\w)|pour ?cents?(?!\w)|prozent|por ciento|%|(?:milli|mili)?-?volts?(?!\w)|"
    r"minut(?:e|es|en|os?)(?!\w)|(?:hours?|heures?|stunden?|horas?)(?!\w)|times(?!\w)|(?:readings|samples|conversions|measurements|points|steps|bit times)(?!\w)|fois(?!\w)|mal(?!\w)|veces(?!\w)"
)
_COMPOUND = "|".join(sorted([*_WORDS, *_SCALES], key=len, reverse=True))
_NUMBER = rf"(?:(?:{_COMPOUND})(?!s?\w)|(?:{_COMPOUND})(?={_COMPOUND}))"
_GAP = r"(?:[\s-]+(?:and\s+)?|)"
_PHRASE = re.compile(
    rf"(?<!\w)(?<!\d\s)(?P<whole>a(?=\s(?:hundred|thousand|dozen))|{_NUMBER}(?:{_GAP}{_NUMBER}){{0,5}}|\d+)?"
    rf"(?P<part>(?:\s*(?:and|et|und|y)\s+|[\s-]+)?(?:an?\s+|une?\s+|eine?r?\s+|one\s+|un\s+)?(?:{'|'.join(_PARTS)})s?(?!\w))?"
    rf"(?P<of>[\s-]+(?:of\s+an?\s+|of\s+one\s+|an?\s+|de\s+|d'une?\s+|einer?\s+)?)(?P<unit>{_UNIT})", re.IGNORECASE,
)  # fmt: skip
_AND_HALF = re.compile(
    rf"(?<!\w)(?:an?|one|une?|eine?|{_NUMBER}|\d+)\s(?P<unit>{_UNIT})\s(?:and a half|et demie?|y medi[oa])(?!\w)",
    re.IGNORECASE,
)
_ONE_AND_HALF = re.compile(rf"(?<!\w)(?:anderthalb|eineinhalb)(?:e|er|en)?\s(?P<unit>{_UNIT})", re.IGNORECASE)
_A_UNIT = re.compile(
    r"(?<=\w)(?P<lead>\s(?:for|after|within|lasts?|lasting|than|least|most|pendant|après|für|nach|durante|tras|timeout of|period of|delay of))\s"
    rf"(?:an?|one|une?|einer?|ein|un|una)\s(?P<unit>{_UNIT})(?=\s*(?:[.,;:)]|$|and\b|then\b|before\b|without\b|while\b|if\b|at\b|on\b|each\b|or\b|when\b|until\b|and\b|et\b|und\b|y\b|puis\b|dann\b))",
    re.IGNORECASE,
)
_DUTY = r"duty(?: cycle| ratio)?|duty-?cycle|rapport cyclique|tastgrad|tastverhältnis|ciclo de trabajo"
_SHARE = (
    rf"(?P<many>(?:{_NUMBER}|an?|un|ein)[\s-]+)?(?P<part>{'|'.join(_PARTS)})s?|(?P<top>\d{{1,2}})/(?P<low>\d{{1,3}})"
)
_SHARE_DUTY = (
    re.compile(rf"(?<![\w/])(?:{_SHARE})[\s-]+(?P<duty>{_DUTY})(?!\w)", re.IGNORECASE),
    re.compile(
        rf"(?P<duty>{_DUTY})(?:\s+(?:of|is|at|to|=|:|de|von|à|a|auf))?\s+(?:{_SHARE})(?![\w/])(?!\s+of (?!the (?:period|time)))",
        re.IGNORECASE,
    ),
)
_LEFT = re.compile(
    r"(?<!\w)(?:half (?!(?:duplex|bridge|transfer|complete|word|and full|step|the (?:transfer|buffer))|of the buffer)(?=of|the|full|scale|way|as)|(?:one |a |two )?(?:thirds?|quarters?)(?! (?:button|led|channel|timer|pin|output|one|party|byte))|dozen|"
    r"a (?:couple|few) of|several|half (?:of )?(?:the )?(?:full )?(?:scale|range|amplitude|speed|brightness)|la moitié|le tiers|die hälfte|la mitad)(?!\w)", re.IGNORECASE,
)  # fmt: skip
_RATIO = re.compile(r"(?<![\d:.\w])\d{1,3}:\d{1,3}(?::\d{1,3}){0,2}(?![\d:])")


def spelt(text: str) -> str:
    """The text with its numbers in words as digits."""
    text = _AND_HALF.sub(lambda m: f"{_value(m.group(0).split()[0]) + 0.5:g} {m['unit']}", text)
    text = _ONE_AND_HALF.sub(lambda m: f"1.5 {m['unit']}", text)
    for pattern in _SHARE_DUTY:
        text = pattern.sub(_as_duty, text)
    text = _PHRASE.sub(_as_digits, text)
    return _A_UNIT.sub(lambda m: f"{m['lead']} 1 {m['unit']}", text)


def _as_digits(match: re.Match[str]) -> str:
    whole, part = match["whole"], match["part"]
    if (not whole and not part) or (whole and whole.isdigit() and not part):
        return match.group(0)
    if (
        whole
        and whole.lower() in ("un", "une", "ein", "eine", "una", "uno", "one")
        and not part
        and match["of"].strip()
    ):
        return match.group(0)
    value = 0.0
    if whole:
        value = float(whole) if whole.isdigit() else _value(whole)
    if part:
        share = next(_PARTS[word] for word in re.findall(r"\w+", part.lower()) for word in (word, word.rstrip("s")) if word in _PARTS)  # fmt: skip
        joined = re.search(r"(?<!\w)(?:and|et|und|y)(?!\w)", part, re.IGNORECASE)
        value = value * share if whole and not joined else value + share
    return f"{value:.6g} {match['unit']}"


def _as_duty(match: re.Match[str]) -> str:
    if match["low"]:
        share = int(match["top"]) / max(1, int(match["low"]))
    else:
        many = (match["many"] or "").strip(" -\t").lower()
        share = (_value(many) if many and many not in ("a", "an") else 1.0) * _PARTS[match["part"].lower().rstrip("s")
                                                                                     if match["part"].lower() not in _PARTS else match["part"].lower()]  # fmt: skip
    return f"{100 * share:.6g} % {match['duty']}" if 0 < share <= 1 else match.group(0)


def _value(words: str) -> float:
    """The value of a number in words."""
    if words.isdigit():
        return float(words)
    total, current = 0.0, 0.0
    for word in re.findall(_COMPOUND + r"|an?(?!\w)", words.lower()):
        if word in _SCALES:
            scale = _SCALES[word]
            current = (current or 1) * scale
            if scale == 1000:
                total, current = total + current, 0.0
        elif word in _WORDS:
            current += _WORDS[word]
        else:
            current += 1
    return total + current


def left(text: str, *, times: bool) -> Iterator[str]:
    """Shares and ratios that are still in words; ``times``: whether the plan has times of day, which look like ratios."""
    for match in _LEFT.finditer(text):
        yield match.group(0)
    for match in () if times else _RATIO.finditer(text):
        yield match.group(0)
