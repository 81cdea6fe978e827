"""Shares and multiples in words become numbers: "half the supply", "a tenth of 1 kHz", "ten times the corner".

What they are of is a number that follows, or one that the request states elsewhere. What can't be resolved stays, and
`UNREAD` finds it, so that an answer that didn't heed it isn't called verified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kiki_core.planning.quantities import Quantity
from kiki_core.planning.roles import Labelled, labelled
from kiki_core.planning.shown import with_unit

_MOST = 8
"""Shares that are read in one request."""
_COUNTS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twenty": 20,
    "fifty": 50, "hundred": 100, "a hundred": 100, "thousand": 1000, "a thousand": 1000, "zwei": 2, "drei": 3,
    "vier": 4, "fünf": 5, "zehn": 10, "zwanzig": 20, "hundert": 100, "tausend": 1000, "deux": 2, "trois": 3,
    "quatre": 4, "cinq": 5, "dix": 10, "vingt": 20, "cent": 100, "mille": 1000, "dos": 2, "tres": 3, "cuatro": 4,
    "cinco": 5, "diez": 10, "veinte": 20, "cien": 100, "mil": 1000,
}  # fmt: skip
_PARTS = (
    (2, r"hal(?:f|ves)|h[äa]lften?|halbe[nrsm]?|moiti[ée]|mitad|demi[- ]?"), (3, r"thirds?|dritteln?|tiers|tercios?"),
    (4, r"quarters?|fourths?|vierteln?|quarts?|cuartos?"), (5, r"fifths?|fünfteln?|cinqui[èe]mes?|quintos?"),
    (8, r"eighths?|achteln?|huiti[èe]mes?|octavos?"),
    (10, r"tenths?|zehnteln?|dixi[èe]mes?|d[ée]cim[ao](?: parte)?"), (100, r"hundredths?|hundertsteln?|centi[èe]mes?"),
)  # fmt: skip
_ORDINALS = (
    (2, r"second|2nd|zweite[nr]?|2e|deuxi[èe]me|segundo"), (3, r"third|3rd|dritte[nr]?|3e|troisi[èe]me|tercer"),
    (4, r"fourth|4th|vierte[nr]?|quatri[èe]me|cuarto"), (5, r"fifth|5th|fünfte[nr]?|5e|cinqui[èe]me|quinto"),
    (7, r"seventh|7th|siebte[nr]?"), (10, r"tenth|10th|zehnte[nr]?|dixi[èe]me|d[ée]cimo"),
)  # fmt: skip
_COUNT = r"\d{1,6}(?:[.,]\d{1,4})?|" + "|".join(sorted(_COUNTS, key=len, reverse=True))
_SHARE = re.compile(
    rf"(?<![\w/.,-])(?:(?:(?P<top>an?|one|two|three|the|eine?[rnm]?|die|der|das|zwei|drei|une?|la|deux|trois|una|dos|"
    rf"tres)[ -])?(?P<part>{'|'.join(f'(?:{words})' for _, words in _PARTS)})(?!\w)"
    r"|(?P<over>\d{1,2})\s?/\s?(?P<under>\d{1,3})(?![\w.,])"
    r"|(?P<percent>\d{1,3}(?:[.,]\d{1,2})?)\s?%"
    r"|(?P<twice>twice|(?:the |le |el |das )?(?:double|doppelte[nr]?|doble))(?!\w)"
    rf"|(?:das )?(?P<count>{_COUNT})[ -]?(?:times|fold|x|×|fois|veces|mal|fache[ns]?)(?!\w))"
    r"(?P<as>\s(?:(?P<less>lower|smaller|less|slower|below|tiefer|kleiner|niedriger|plus (?:bas|petit)\w*|"
    r"m[áa]s bajo|menor|inf[ée]rieure?|inferior)|higher|larger|greater|more|above|faster|höher|größer|plus (?:haut|"
    r"grand|[ée]lev[ée])\w*|m[áa]s alto|mayor|superior|sup[ée]rieure?|as (?:high|large|much|great|fast) as|so (?:hoch|"
    r"groß) wie)(?:\s(?:than|als|que|à|a))?)?"
    r"\s?(?:of |de |d'|von |des |der |du |del )?(?:the |its |a |la |le |l'|los |el |der |die |das |des |dem |seiner |"
    r"ihrer )?",
    re.IGNORECASE,
)
_BEYOND = re.compile(
    r"(?<!\w)(?P<n>an?|one|two|eine?|zwei|une|deux|una|dos) (?P<step>decades?|octaves?|d[ée]cadas?|d[ée]cades?|"
    r"dekaden?|oktaven?|octavas?) (?P<way>above|below|over|under|beyond|higher than|lower than|"
    r"oberhalb|unterhalb|über|unter|au-dessus|en dessous|au-del[àa]|por encima|por debajo) (?:of |de |von |du |del )?"
    r"(?:the |its |la |le |der |dem |el )?",
    re.IGNORECASE,
)
_HARMONIC = re.compile(
    rf"(?<!\w)(?P<nth>{'|'.join(f'(?:{words})' for _, words in _ORDINALS)})(?:[- ](?:order[- ])?)"
    r"(?:harmoni[cq]\w*|oberwelle|harmonische[nr]?|arm[óo]nico)(?!\w)(?!.{0,14}\d ?[kmg]?hz)",
    re.IGNORECASE,
)
_OF_VCC = re.compile(
    r"(?<![\w.,/])(?:(?P<factor>0?[.,]\d{1,4})\s?[*·×x]?\s?(?P<a>v_?(?:cc|dd|s|in|supply))(?![\w/])|"
    r"(?P<b>v_?(?:cc|dd|s|in|supply))\s?/\s?(?P<by>\d{1,2})(?![\w.,]))",
    re.IGNORECASE,
)
_REFERENCES: tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...] = tuple(
    (re.compile(words, re.IGNORECASE), unit, roles)
    for words, unit, roles in (
        (r"(?:positive )?suppl(?:y|ies)(?: voltage)?|v_?(?:cc|dd|s|supply)(?!\w)|rail|versorg\w*|betriebsspann\w*|"
         r"speise\w*|(?:tension d'|la )?aliment\w*", "V", ("supply", "input_voltage")),
        (r"input(?: voltage)?(?! (?:resist|imped))|v_?in(?!\w)|eingang\w*|(?:tension d'|l')?entr[ée]e|entrada", "V",
         ("input_voltage", "supply")),
        (r"output(?: voltage)?(?! (?:resist|imped))|v_?out(?!\w)|ausgang\w*|(?:tension de )?sortie|salida", "V",
         ("output_voltage",)),
        (r"(?:corner|cut-?off|pass[- ]?band|break)(?: ?-?freq\w*| edge)?|f_?c(?!\w)|(?:grenz|eck)freq\w*|(?:fr[ée]q\w* "
         r"de |la )?coupure|(?:frecuencia de )?corte|band edge", "Hz", ("cutoff", "pass", "f_high")),
        (r"(?:cent(?:er|re)|resonan\w*|notch|mid-?band)(?: ?-?freq\w*)?|mittenfreq\w*|fr[ée]q\w* centrale|"
         r"frecuencia central|f_?0(?!\w)", "Hz", ("center", "oscillation")),
        (r"switching freq\w*|clock(?: freq\w*)?|schaltfreq\w*", "Hz", ("switching",)),
        (r"sampl\w*(?: rate| freq\w*)?|f_?s(?!\w)|abtast\w*", "Hz", ("sampling",)),
        (r"fundamental|carrier|grundwelle|grundfreq\w*|fondamental\w*", "Hz", ("oscillation", "center", "pass")),
        (r"load(?: resist\w*| imped\w*)|source (?:resist|imped)\w*", "ohm", ("load", "source")),
        (r"load(?: current)?|laststrom", "A", ("output_current",)),
    )
)  # fmt: skip
_OF = re.compile(r"\s?(?:voltage |frequency )?(?:of|de|von|=|is|:|being|at)?\s?(?:the |a )?", re.IGNORECASE)
_GAIN = re.compile(r"(?:voltage )?(?:gain|verst[äa]rk\w*|ganancia)", re.IGNORECASE)
"""What another rule doubles or halves."""
UNREAD = re.compile(
    rf"(?<![\w/])(?:(?:one|two|three|an?|une?|deux|dos|zwei|eine?n?|drei)[ -](?:"
    rf"{'|'.join(words for parts, words in _PARTS if parts > 2)})(?!\w)(?![- ](?:harmoni|order|ordnung|ordre|stage|"
    r"pole|octave))|(?:half|die h[äa]lfte|la moiti[ée]|la mitad) (?:of |de |der |des |von )?(?:the|its|la|el|der|des)"
    r"|(?:twice (?:the|its|that|as)|double (?:the|its|that|as)(?! (?:voltage )?gain))|"
    rf"(?:{_COUNT})[ -]?times (?:the|its|that|as|lower|higher|smaller|larger|above|below|more|less))(?!\w)",
    re.IGNORECASE,
)
"""A share or multiple in words."""


def without_shares(text: str) -> str:
    """The text with each share of a number, or of a quantity that it states elsewhere, as the number that it is."""
    for _ in range(_MOST):
        found = _resolved(text)
        if found is None:
            break
        start, end, said, (behind, name) = found
        if behind >= end:
            text = f"{text[:behind]} {name}{text[behind:]}"
        text = text[:start] + said + text[end:]
        if 0 <= behind <= start:
            text = f"{text[:behind]} {name}{text[behind:]}"
    return text


_Found = tuple[int, int, str, tuple[int, str]]
"""Where a share stands, what it is, and where a word has to say what another number is."""
_NOWHERE = (-1, "")


def _resolved(text: str) -> _Found | None:
    labels: tuple[Labelled, ...] | None = None
    for match in _SHARE.finditer(text[:4000]):
        factor = _factor(match)
        if not factor:
            continue
        labels = labels if labels is not None else labelled(text)
        if match["percent"] and re.search(r"(?:±|\+/?-|within)\s?$", text[: match.start()]):
            continue
        inner = next((each.quantity for each in labels if each.quantity.start == match.end()), None)
        joined = match["as"] or re.search(r"(?:of|de|d'|von|des|der)\W*(?:the |a )?$", match[0], re.IGNORECASE)
        if inner is not None and inner.unit and inner.form in ("", "times") and joined:
            # "A tenth of 24 V" says where it comes from, too.
            rest = f" from {inner.text}" if inner.unit == "V" and factor < 1 else ""
            return match.start(), inner.end, with_unit(inner.value * factor, inner.unit) + rest, _NOWHERE
        if found := _of_reference(text, match.end(), labels, match.span()):
            end, value, unit, named = found
            said = with_unit(value * factor, unit)
            if any(each.quantity.start > end and _OF.fullmatch(text[end : each.quantity.start]) for each in labels):
                return (
                    match.start(),
                    match.end(),
                    f"{said}, ",
                    _NOWHERE,
                )  # "half the supply of 12 V": says the supply, too
            return match.start(), end, said, named
    for match in _BEYOND.finditer(text[:4000]):
        labels = labels if labels is not None else labelled(text)
        step = 10.0 if match["step"].lower().startswith(("d", "dé")) else 2.0
        step **= 2 if match["n"].lower() in ("two", "zwei", "deux", "dos") else 1
        down = re.match(r"below|under|lower|unter(?!\w)|unterhalb|en dess|por deb", match["way"], re.IGNORECASE)
        if found := _of_reference(text, match.end(), labels, match.span()):
            end, value, unit, named = found
            return match.start(), end, f"at {with_unit(value / step if down else value * step, unit)}", named
    return _of_symbols(text)


def _of_symbols(text: str) -> _Found | None:
    """ "0.5 Vcc", "Vcc/3", "the third harmonic"."""
    for match in _OF_VCC.finditer(text[:4000]):
        factor = float(match["factor"].replace(",", ".")) if match["factor"] else 1 / max(int(match["by"]), 1)
        at = match.start("a") if match["a"] else match.start("b")
        if found := _of_reference(text, at, labelled(text), match.span()):
            return match.start(), match.end(), with_unit(found[1] * factor, "V"), found[3]
    for match in _HARMONIC.finditer(text[:4000]):
        hertz = {each.value for each in labelled(text) if each.quantity.unit == "Hz" and each.value > 0}
        if len(hertz) == 1:
            nth = next(n for n, words in _ORDINALS if re.fullmatch(words, match["nth"], re.IGNORECASE))
            return match.start(), match.end(), with_unit(hertz.pop() * nth, "Hz"), _NOWHERE
    return None


def _factor(match: re.Match[str]) -> float:
    if match["part"]:
        top = {"two": 2, "three": 3, "zwei": 2, "drei": 3, "deux": 2, "trois": 3, "dos": 2, "tres": 3}
        parts = next(n for n, words in _PARTS if re.fullmatch(words, match["part"], re.IGNORECASE))
        return top.get((match["top"] or "a").lower(), 1) / parts
    if match["over"]:
        return int(match["over"]) / int(match["under"]) if int(match["under"]) else 0.0
    if match["percent"]:
        return float(match["percent"].replace(",", ".")) / 100
    if match["twice"]:
        return 0.5 if match["less"] else 2.0
    word = match["count"].lower()
    count = float(_COUNTS[word]) if word in _COUNTS else float(word.replace(",", "."))
    return 1 / count if match["less"] and count else count


def _of_reference(
    text: str, at: int, labels: Iterable[Labelled], around: tuple[int, int]
) -> tuple[int, float, str, tuple[int, str]] | None:
    """Where the name of a quantity ends, and the one value that the request gives it; null if it gives none or two.

    Last, where the name has to be put because no word says what that value is.
    """
    for words, unit, roles in _REFERENCES:
        match = words.match(text, at)
        if match is None or _GAIN.match(text, at):
            continue
        end = max(match.end(), around[1])
        outside = [each for each in labels if not around[0] <= each.quantity.start < end]
        same = [each for each in outside if each.quantity.unit == unit and each.value > 0 and _is_one(each.quantity)]
        named = [each for each in same if each.role in roles]
        first = next((role for role in roles if any(each.role == role for each in named)), None)
        chosen = [each for each in named if each.role == first] or same
        if len({each.value for each in chosen}) == 1:
            one = chosen[0].quantity
            beside = (
                text[max(one.start - 14, end if one.start >= end else 0) : one.start] + text[one.end : one.end + 10]
            )
            unnamed = roles[0] == "supply" and not words.search(beside)
            return match.end(), one.value, unit, (one.end, "supply") if unnamed else _NOWHERE
    return None


def _is_one(quantity: Quantity) -> bool:
    return quantity.form not in ("±", "pp", "count")


def left_in(text: str) -> str:
    """The first share in words that a text still has; empty if there is none."""
    match = UNREAD.search(text[:4000])
    return match[0] if match else ""
