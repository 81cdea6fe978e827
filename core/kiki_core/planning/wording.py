"""Words around numbers in English, French, German and Spanish: comparisons, prepositions, decimal marks."""

from __future__ import annotations

import re

_MARKS = {
    "fr": ("le", "la", "les", "une", "des", "avec", "pour", "du", "à", "et", "filtre", "coupure", "moins", "fréquence",
           "je", "sortie", "entrée", "au", "gain de", "passe"),
    "de": ("der", "die", "das", "ein", "eine", "einen", "mit", "für", "und", "bei", "von", "mindestens", "bitte",
           "filter mit", "höchstens", "verstärkung", "tiefpass", "hochpass", "auf", "eingang", "ausgang"),
    "es": ("el", "los", "un", "una", "con", "para", "y", "por", "del", "filtro", "corte", "frecuencia", "necesito",
           "salida", "entrada", "menos", "ganancia", "que"),
    "en": ("the", "a", "an", "with", "for", "and", "at", "of", "from", "least", "i", "need", "design", "to", "filter",
           "cutoff", "gain", "is", "that", "in"),
}  # fmt: skip
_FINDERS = {name: re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) for name, words in _MARKS.items()}


def language(text: str) -> str:
    """``en``, ``fr``, ``de`` or ``es``: whose small words a text has most of; English when in doubt."""
    counts = {name: len(finder.findall(text[:4000])) for name, finder in _FINDERS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] > counts["en"] else "en"


def decimal_comma(text: str) -> bool:
    """Whether "1.000" is a thousand in this text: in German and Spanish, not in English, and not in French either."""
    return language(text) in ("de", "es")


JOINS = re.compile(
    r"\s?(?:->|→|-|–|—|\.{2,3}|…|to|from|aus|desde|depuis|through|and|et|und|y|à|a|bis|hasta|\+/-|±|x|×|by)\s?(?:\+|"
    r"about )?"
)
"""What may stand between two numbers that share a unit."""
AND = re.compile(r"\s?(?:and|et|und|y)\s?")
BETWEEN = re.compile(r"(?:between|entre|zwischen)\s?$", re.I)
TIMES = re.compile(r"\s?(?:x|×|by)\s?")
PLUS_MINUS = re.compile(
    r"(?:\+\s?/\s?-|±|\+-|\bplus\s(?:or\s|ou\s|oder\s|o\s)?(?:minus|moins|menos)|más\so\smenos)\s{0,2}$", re.I
)
PLUS_MINUS_ALONE = re.compile(
    r"\W{0,3}(?:\+\s?/\s?-|±|\+-|plus\s(?:or\s)?minus|plus ou moins|más o menos)\s{0,2}", re.I
)
WITHIN = re.compile(
    r"\W{0,3}(?:(?:to|with|and|avec|mit|con)\s(?:a\s|an\s|une?\s|einer?\s)?)?(?:within|tolerance|tolérance|toleranz|"
    r"tolerancia|accuracy|accurate to|genauigkeit|précision|à moins de|auf)\s?(?:of|de|von|about|:|=)?\s{0,2}",
    re.I,
)
NEARLY = re.compile(r"\s?,?\s?(?:[^\W\d]+\s){0,3}à\s", re.I)
_LEAST = (
    r"at least|not less than|no less than|not below|no lower than|not lower than|minimum(?: of)?|min\.?|more than|"
    r"greater than|larger than|higher than|better than|over|above|exceeding|beyond|>=|=>|≥|⩾|(?<![-=])>|au moins|"
    r"au minimum|minimum de|supérieure? (?:ou égale? )?à|plus de|au-dessus de|mindestens|wenigstens|minimal|mehr als|"
    r"über|größer als|oberhalb(?: von)?|al menos|como mínimo|por lo menos|mínimo(?: de)?|superior a|más de|"
    r"mayor (?:que|de)|por encima de"
)
_MOST = (
    r"at most|no more than|not more than|not over|not above|(?:not|never|n't|cannot|nicht) exceed(?:ing)?|"
    r"no greater than|maximum(?: of)?|max\.?|less than|lower than|smaller than|under|below|up to|within|<=|=<|≤|⩽|<|"
    r"au plus|au maximum|maximum de|ne (?:doit |devrait )?(?:pas )?dépass\w{1,4}(?: pas)?|sans dépasser|"
    r"inférieure? (?:ou égale? )?à|moins de|en dessous de|sous|höchstens|maximal|nicht mehr als|weniger als|"
    r"kleiner als|unterhalb(?: von)?|unter|bis zu|como máximo|máximo(?: de)?|a lo sumo|inferior a|menos de|"
    r"menor (?:que|de)|por debajo de|hasta"
)
_ABOUT_BEFORE = re.compile(
    r"(?<!\w)(?:about|around|approx(?:imately|\.)?|roughly|nearly|exactly|circa|ca\.?|~|≈|environ|ungefähr|etwa|rund|"
    r"genau|aproximadamente|unos|unas|exactement|exactamente)\s?$",
    re.I,
)
_ABOUT = (
    r"(?:(?:about|around|approx(?:imately|\.)?|roughly|nearly|exactly|circa|ca\.?|~|≈|environ|ungefähr|etwa|rund|"
    r"genau|aproximadamente|unos|unas|exactement|exactamente|a|an|the|some|of|de|d'|von|un|une|einer?|einem)\s?){0,3}"
)
_LEAST_BEFORE = re.compile(rf"(?<!\w)(?:{_LEAST})\s?(?:of |de |von |que )?{_ABOUT}$", re.I)
_MOST_BEFORE = re.compile(rf"(?<!\w)(?:{_MOST})\s?(?:of |de |von |que )?{_ABOUT}$", re.I)
_NOT_BEFORE = re.compile(
    r"(?:\bno|\bnot|n't|\bpas|\bnicht|\bkein\w{0,2}|\bnon|\bnever|\bsin)(?: be| go| get| rise| fall| ser| sein)?\s$",
    re.I,
)
_NOT_FAR = re.compile(
    r"(?:(?:must|may|should|shall|can|do|does|will|would|need)(?: not|n't|n’t)|cannot|(?<!\w)nicht|"
    r"(?<!\w)ne (?:doi(?:t|vent)|peu(?:t|vent)|devrai(?:t|ent)) pas|(?<!\w)no (?:debe|puede)n?)(?:\s[^\W\d]+){1,4}\s$|"
    r"(?<!\w)(?:no|keine?n?|aucune?|ning[úu]na?) [^\W\d]{3,}\s$",
    re.I,
)
"""A verb that is denied some words before the comparison: "must not be off by more than 20 mV"."""
_LEAST_WORD = re.compile(
    r"(?<!\w)(?:min(?:imum|imal|\.)?|mínim[oa])\s+(?:[^\W\d]{1,20}\s+){1,3}(?:of|de|von|is|:|=)?\s?$", re.I
)
_MOST_WORD = re.compile(
    r"(?<!\w)(?:max(?:imum|imal|\.)?|máxim[oa])\s+(?:[^\W\d]{1,20}\s+){1,3}(?:of|de|von|is|:|=)?\s?$", re.I
)
_LEAST_AFTER = re.compile(
    r"\s?\(?(?:or (?:more|better|higher|above|greater)|and (?:up|above|more)(?!\w)|min(?:imum|\.|\b)|at (?:the )?least|"
    r"ou plus|au moins|minimum|oder mehr|mindestens|o más|mínimo|como mínimo|\+(?!\s?/|\d))",
    re.I,
)
_MOST_AFTER = re.compile(
    r"\s?\(?(?:or (?:less|below|lower|better still|under)|max(?:imum|\.|\b)|at (?:the )?most|ou moins|au plus|"
    r"maximum|oder weniger|höchstens|o menos|máximo|como máximo|tops)",
    re.I,
)
_ARTICLE = r"\s?(?:a |an |the |une? |una |einer? |eine[mn] )?$"
_LEADS = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"(?:->|→|=>|⇒)\s?$", "to"),
        (r"(?:^|\W)(?:out of|from|von|aus|ab|depuis|desde|à partir de|à partir d'|off)" + _ARTICLE, "from"),
        (r"(?:^|\W)(?:down to|up to|to|bis|nach|zu|auf|vers|jusqu'à|hasta)\s?$", "to"),
        (r"(?:^|\W)(?:into|onto|on|across|dans|sur|sobre|an|driving|loaded (?:with|by))" + _ARTICLE, "into"),
        (r"(?:^|\W)(?:at|bei|à|a|en|um)" + _ARTICLE, "at"),
        (r"@\s?$", "at"),
        (r"(?:^|\W)(?:between|entre|zwischen)\s?$", "between"),
        (r"(?:^|\W)(?:and|et|und|y|e)\s?$|&\s?$", "and"),
        (r"(?:^|\W)(?:with|avec|mit|con|w/)" + _ARTICLE, "with"),
        (r"(?:^|\W)(?:for|pour|für|para)" + _ARTICLE, "for"),
        (r"(?:^|\W)(?:by|per|pro|par|por)\s?$", "by"),
        (r"(?:^|\W)(?:of|de|d'|von|del)" + _ARTICLE, "of"),
        (r"(?:^|\s)[x×*]\s?$", "x"),
    )
)
CONDITION = re.compile(
    r"\s?[,(]?\s?(?:down |each |out |only |max |typ |output |signal |dc |of |supply |current )?(?:or (?:more|better|"
    r"less|higher|lower) |and above |minimum |maximum |min |"
    r"max )?[\w@→'’-]{0,12}\s?[\w'’]{0,6}\s?[\w'’>=<≥≤~.]{0,8}\s?[\w'’]{0,6}\s?",
    re.I,
)
"""What may stand between a quantity and its condition: hardly more than a preposition."""


_OF_NEXT = re.compile(r"\s(?:max|min)(?:imum|imal|\.)?\s(?:[^\W\d]+\s){1,2}$", re.I)
"""Before the next number: "300 kHz max ripple 40 mV"."""


def comparison(before: str, after: str, unit: str, *, followed: bool = False) -> tuple[str, str]:
    """The comparison that the words around a number state, and the words before it without that comparison.

    ``followed``: whether ``after`` ends at another number.
    """
    lower, behind = before.lower(), after.lower()
    for pattern, op, opposite in ((_MOST_BEFORE, "<=", ">="), (_LEAST_BEFORE, ">=", "<=")):
        match = pattern.search(lower)
        if match is None:
            continue
        rest = lower[: match.start()]
        denied = _NOT_BEFORE.search(rest)
        if match[0].lstrip().startswith("better than") and unit in ("%", "s", "V", "A"):
            op = "<="
        if denied is None and _NOT_FAR.search(rest):
            return opposite, rest
        return (opposite if denied else op), rest[: denied.start()] if denied else rest
    for pattern, op in ((_LEAST_AFTER, ">="), (_MOST_AFTER, "<=")):
        if (match := pattern.match(behind)) and not (followed and _OF_NEXT.match(behind)):
            return op, lower
    if _LEAST_WORD.search(lower):
        return ">=", lower
    if _MOST_WORD.search(lower):
        return "<=", lower
    about = _ABOUT_BEFORE.search(lower)
    if about is not None:
        return "=", lower[: about.start()]
    return "=", lower


def lead(before: str) -> str:
    """The preposition before a number, in English; empty if there is none."""
    for pattern, name in _LEADS:
        if pattern.search(before):
            return name
    return ""


SINGLE_SUPPLY = (
    r"(?<!\w)single \+?\d[\d.,]{0,8} ?v(?:olts?)?(?!\w)|(?:single|"
    r"one)[- ](?:\+?\d[\d.,]{0,8} ?v(?:olts?)? )?(?:supply|rail)|"
    r"single[- ](?:ended )?supplied|single-?supply|(?<!\w)(?:mono|simple|unique)[- ]?alimentation|"
    r"alimentation (?:simple|unique|asym\w+|mono\w*)|(?:einzel|einfache[rn]? |unipolare[rn]? |"
    r"einzige[rn]? )(?:versorgung|speisung)|(?:alimentaci[oó]n|fuente) (?:simple|[uú]nica|sencilla|unipolar)|"
    r"(?<!\w)(?:no|without(?: an?)?|sans|ohne|keine|sin)[- ](?:negative[rn]?|alimentation n[ée]gative|"
    r"negativa)(?: supply| rail| \w*versorgung| \w*spannung)?"
)
"""Words that allow one supply only."""

_TERM = r"([-+−]?)\s?(\d{0,6}(?:[.,]\d{1,4})?)\s?[*·×]?\s?v_?(?:in_?)?[\dab]"
_SUM = re.compile(rf"v_?(?:out|o)\s?=\s?([-−]?)\s?\(?\s?{_TERM}\s?\+\s?{_TERM}(?:\s?\+\s?{_TERM})?\s?\)?", re.I)
_DIFFERENCE = re.compile(
    r"v_?(?:out|"
    r"o)\s?=\s?(\d{0,6}(?:[.,]\d{1,4})?)\s?[*·×]?\s?\(\s?v_?(?:in_?)?[\dab+]\s?[-−]\s?v_?(?:in_?)?[\dab-]\s?\)",
    re.I,
)


_FACTOR = r"(\d{0,4}(?:[.,]\d{1,4})?)\s?[*·×x⋅]?\s?v_?(?:in|e|i)(?!\w)"
_VOLTS = r"(\d{1,3}(?:[.,]\d{1,4})?)\s?v?"
_LINE = re.compile(
    rf"v_?(?:out|o|a|s)\s?=\s?(?:{_VOLTS}\s?([-−–+])\s?{_FACTOR}|"
    rf"([-−–]?)\s?{_FACTOR}\s?([-−–+])\s?{_VOLTS})",
    re.I,
)
_ABOUT_GROUND = re.compile(r"(?:±|\+\s?/\s?-)\s?(\d{1,3}(?:[.,]\d{1,4})?)\s?(m?)v(?!\w)", re.I)


def _mapped(text: str) -> str | None:
    """The text with "Vout = 1.65 V - 2 Vin" for an input of ±0.5 V as the two ends of that line."""
    line, given = _LINE.search(text[:4000]), _ABOUT_GROUND.search(text[:4000])
    if line is None or given is None:
        return None
    one, sign, factor, first, other, second, last = line.groups()

    def of(number: str | None) -> float:
        return float((number or "1").replace(",", "."))

    if one is not None:
        offset, slope = of(one), of(factor) * (1 if sign == "+" else -1)
    else:
        offset, slope = of(last) * (1 if second == "+" else -1), of(other) * (-1 if first else 1)
    end = of(given[1]) * (1e-3 if given[2] else 1.0)
    low, high = (f"{at:g} V -> {round(offset + slope * at, 6):g} V" for at in (-end, end))
    return f"{text[: line.start()]}{low} and {high}{text[line.end() :]}"


_TWO_RAILS = re.compile(
    r"\+\s?(\d{1,3}(?:[.,]\d{1,2})?)\s?v?(?:olts?)?\s?(?:and|und|et|y|/|,|"
    r"&)\s?[-−–]\s?\1(?:\s?v(?:olts?)?)?(?![\w.,]\d|\w)",
    re.IGNORECASE,
)


def with_rails(text: str) -> str:
    """The text with "+15 and -15" as "±15 V"."""
    return _TWO_RAILS.sub(lambda match: f"±{match[1]} V", text)


_LEVELS = re.compile(
    r"(?<![\w.,])(?:0 ?v? ?/ ?(\d{1,2}(?:[.,]\d{1,2})?)|(\d{1,2}(?:[.,]\d{1,2})?) ?v? ?/ ?0) ?v(?!\w)", re.I
)


def with_levels(text: str) -> str:
    """The text with "0/3.3 V in, 5/0 V out", the levels of two logic signals, as "3.3 V in, 5 V out"."""
    if len(_LEVELS.findall(text[:4000])) != 2:
        return text
    return _LEVELS.sub(lambda match: f"{match[1] or match[2]} V", text)


def without_equations(text: str) -> str:
    """The text with "Vout = -(2 V1 + 3 V2)" and "Vout = 5 (V2 - V1)" in words that the reader knows."""
    match = _SUM.search(text[:4000])
    if match is not None:
        gains = [match[n] or "1" for n in (3, 5, 7) if match[n] is not None]
        sign = "inverting " if match[1] else ""
        return f"{text[: match.start()]}{sign}summing amplifier with gains {' and '.join(gains)}{text[match.end() :]}"
    if (said := _mapped(text)) is not None:
        return said
    match = _DIFFERENCE.search(text[:4000])
    if match is not None:
        return f"{text[: match.start()]}difference amplifier with gain {match[1] or '1'}{text[match.end() :]}"
    return text
