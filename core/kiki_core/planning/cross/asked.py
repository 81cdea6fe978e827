"""What a request from sensor to converter names and its answer hasn't: numbers, functions, parts. None may go unsaid."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from kiki_core.planning.cross import amplifiers
from kiki_core.planning.cross.converter import Setup, adc_in
from kiki_core.planning.cross.front_end import FrontEnd
from kiki_core.planning.cross.ranges import TO, UNITS, N, Signal, value_of
from kiki_core.planning.cross.wishes import Wishes, per_second
from kiki_core.planning.quantities import Quantity, read

_FEATURES: Sequence[tuple[str, str]] = (
    ("the coupling by a capacitor", r"AC[- ]coupl\w*|ac-?gekoppelt|couplage (?:AC|capacitif)|acoplad[oa] en ac|dc[- ]block\w*|high[- ]pass|passe-?haut|hochpass|pasa-?altos?"),
    ("the notch", r"notch|(?:reject|suppress|remov)\w*\W+(?:\w+\W+){0,3}?(?:mains|hum|50 ?Hz|60 ?Hz)|(?:50|60) ?Hz (?:reject|hum|mains)"),
    ("the isolation", r"(?:galvanic\w*|isolation|isolated (?:amp|front|measure|input)|opto-?coupl\w*|isolier\w*|isolé\w*|aislad\w*|AMC1\d+)"),
    ("the cold junction", r"cold[- ]junction|vergleichsstelle|soudure froide|junta fría|CJC\b"),
    ("the linearisation", r"lineari[sz]\w*|steinhart|\bbeta\b|polynom\w*|look-?up"),
    ("the comparator", r"\bcomparator|komparator|comparateur|comparador"),
    ("the rectifier or detector", r"rectif\w*|envelope|peak[- ](?:detect|hold)\w*|gleichricht\w*|redress\w*|\bRMS[- ]?(?:to|detector|converter|value|calc)|true rms"),
    ("the sensor's excitation", r"(?:excitation|constant|bias) current|current (?:source|excitation)|excitation (?:of |at |with |by )?\d[\d.,]* ?[mµu]?A|\d ?[mµu]?A (?:excitation|source|constant|konstant)|konstantstrom|source de courant"),
    ("the trimming", r"trimm?(?:er|pot|ing)?\b|potentiom\w* (?:to|for) (?:adjust|trim|offset)|adjustable (?:gain|offset)|calibrat\w*|kalibri\w*|étalonn\w*|calibra\w*"),
    ("the high side", r"high[- ]side|côté haut|oberseitig|lado alto"),
    ("the programmable gain", r"\bPGA\b|programmable gain|internal op-?amp|OPAMP\d|gain (?:switch|select)\w*"),
    ("several ranges", r"(?:two|three|switchable|auto-?|both) ?rang\w*|range switch\w*|multiplex\w*|\bmux\b"),
    ("the charge amplifier", r"charge amp\w*|piezo\w*|ladungsverst\w*"),
    ("the logarithm", r"\blog(?:arithmic)? amp\w*|logarith\w*"),
    ("the differential converter input", r"differential (?:adc|input mode|channel)|fully differential|differential(?:ly)? into"),
    ("a TVS or spark gap", r"\bTVS\b|transient|varistor|surge|\bESD\b"),
    ("hysteresis", r"hyst[ée]r[eè]?[sz]\w*"),
    ("the schematic or board", r"\bPCB\b|layout|gerber"),
    ("the current limit", r"current[- ]limit\w*|limit\w* (?:the )?current"),
    ("the open-wire detection", r"(?:open|broken)[- ](?:wire|loop|sensor|circuit) detect\w*|wire[- ]?break|drahtbruch\w*|sensor fault|fault (?:detect|flag)\w*|rupture de (?:ligne|boucle)"),
    ("the quadrature or second sensor", r"both sensors|two sensors|three sensors|zwei sensoren|deux capteurs|dos sensores|(?:two|three|zwei|deux|dos) (?:channels|inputs|kanäle|voies|canales|signals)"),
)  # fmt: skip
_AVERAGED = re.compile(
    r"(?:averag\w*|moyenn\w*|mitte?l\w*|promedi\w*|median|smooth\w*|moving)\b(?!\W+(?:by|with|durch|mit|par|por|con)\W+(?:[\w.,]+\W+){0,4}?(?:low|filt|RC|tief|pass))",
    re.IGNORECASE,
)
"""Averaging that isn't the filter's."""
_PATTERNS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _FEATURES)
_NOT = re.compile(r"(?:\bno|\bnot|without|sans|ohne|kein\w*|sin|isn'?t)(?: \w+)?\s*$", re.IGNORECASE)
_SUPPLIED = re.compile(
    r"suppl|power|excit|batter|nominal|akku|aliment|versorg|speis|\bv(?:cc|dd)\b|rail|\bfed\b|betrieb|ratiometric|bridge voltage|loop|run(?:s|ning)? (?:from|on|off)|einzelversorg|sensor (?:at|from)",
    re.IGNORECASE,
)
_WANTS = re.compile(
    r"(?:in|en|give|gives|return\w*|liefer\w*|ausgeb\w*|renvo\w*|devuelv\w*|donne\w*|soll|report\w*|convert\w* to|value in|result in)\W+(?:[^\W\d]+\W+){0,2}?((?:m|k)?bar|k?Pa|psi|°C|degrees?|celsius|grad|degrés?|grados?|(?:milli|micro)?amp[eè]re?s?|(?:milli)?volts?|rpm|ppm|m/s|km/h|[mµunp]A(?!\w)|mV(?!\w)|pH|kg|k?N\b|newtons?|lux|grams?|percent|%|met(?:er|re)s?|mètres?|metros?|litres?|liters?|kilos?|mm|cm)(?!\w)",
    re.IGNORECASE,
)
_BASES = (("µa", "uA"), ("milliamp", "mA"), ("microamp", "uA"), ("amp", "A"), ("millivolt", "mV"), ("volt", "V"), ("°c", "degC"), ("deg", "degC"), ("dég", "degC"),
          ("cels", "degC"), ("gra", "degC"), ("newton", "N"), ("kilo", "kg"), ("percent", "%"), ("met", "m"), ("mèt", "m"), ("lit", "l"))  # fmt: skip
_OF_ITS_OWN = re.compile(rf"{UNITS}(?![\w/])")
_SENSORS = re.compile(r"\b(?:LM35\w*|TMP36\w*|P[Tt]\d{3,4}|NTC|[Ss]hunt\w*)\b")


def unmet(text: str, signal: Signal, wishes: Wishes, front: FrontEnd, setup: Setup) -> list[str]:
    """What the text asks for that neither deck nor code has, in words for the answer."""
    from kiki_core.planning.firmware.asked import missing

    lost = [*setup.lost]
    facts = (*signal.facts, *wishes.facts, *setup.facts)
    lost += _numbers(text, facts, signal, front)
    lost += [
        name
        for name, pattern in _PATTERNS
        if any(not _NOT.search(text[: match.start()]) for match in pattern.finditer(text))
    ]
    lost += _plain_ranges(text, [abs(each) for each in (*facts, *signal.ends)])
    lost += _unit(text, signal)
    lost += _amplifiers(text, front)
    if wishes.order and wishes.order != front.order:
        lost.append(f"a filter of order {wishes.order}")
    adc = adc_in(setup.plan)
    lost += [f"{bits} bits" for bits in re.findall(r"(?<![\d.,])(\d{1,2})[- ]?bits?(?!\w)", text, re.IGNORECASE)
             if int(bits) != adc.get("resolution_bits", 12)]  # fmt: skip
    plain = _SENSORS.sub(" sensor ", amplifiers.NAMED.sub(" amplifier ", setup.bare))
    told = missing(per_second(plain), setup.plan, facts)
    lost += [each for each in told if not _ours(each) and (_AVERAGED.search(text) or "averag" not in each)
             and (_EDGE.search(text) or "at an edge" not in each)]  # fmt: skip
    return list(dict.fromkeys(lost))


_EDGE = re.compile(
    r"interrupt|\bEXTI|\bIRQ|\bedges?\b|trigger|flanke|fronts? (?:montant|descendant)|flanco|alarm|button|taster|bouton|bot[óo]n",
    re.IGNORECASE,
)
"""Words of a digital edge: without one, a signal that falls or rises is the sensor's."""


def _ours(name: str) -> bool:
    """What the firmware's own reader misses, and the front end or its code has."""
    return (
        name in ("the filter", "a unit conversion", "a differential input", "the waveform")
        or name.startswith("what “")
        or re.match(r"talking to the|\d", name) is not None
    )


_NOMINAL = re.compile(
    r"\s+(?:[^\W\d]+\s+){0,2}?(?:bus|system|line|batter\w+|bank|pack|mains|net\b|netz|bordnetz|akku|réseau|batterie|red|batería)(?!\w)",
    re.IGNORECASE,
)
"""What a voltage names rather than states: "48 V telecom bus"."""


def _numbers(text: str, facts: Sequence[float], signal: Signal, front: FrontEnd) -> Iterator[str]:
    """Quantities of the text that nothing took."""
    text = per_second(text)
    known = [abs(each) for each in facts]
    for each in read(text):
        if each.unit not in ("V", "A", "ohm", "F", "Hz", "S/s", "s", "dB", "degC", "H", "W", "%", "bar", "Pa"):
            if each.scaled and each.unit == "" and not _had(each, [*known, *front.values.values()]):
                yield each.text.strip()
            if (
                each.unit == ""
                and not each.scaled
                and _OF_ITS_OWN.match(text[each.end :].lstrip())
                and not _had(each, known)
            ):
                yield text[each.start : each.end + 6].strip()
            continue
        bare = re.match(r"[\d.,]+", each.text)
        if (
            bare
            and each.unit in ("Pa", "bar", "m", "%")
            and any(abs(value_of(bare[0].rstrip(".,")) - one) <= 0.01 * one for one in known)
        ):
            continue
        if _had(each, known) or (each.unit in ("V", "A", "degC") and each.value == 0):
            continue
        around = text[max(0, each.start - 28) : each.end + 24]
        if each.unit == "V" and 1.2 <= each.value <= 30 and _SUPPLIED.search(around):
            continue
        if each.unit == "V" and each.value <= signal.high and _NOMINAL.match(text, each.end):
            continue
        if each.unit == "dB" and front.gain > 0 and abs(20 * math.log10(front.gain) - each.value) < 0.2:
            continue
        if each.unit == "%" and re.search(r"tolerance|resistor|1 ?% ?(?:E96|parts|widerst)", around, re.IGNORECASE):
            continue
        if each.unit == "V" and any(abs(each.value - value) <= 0.03 * value for value in front.values.values()):
            continue
        if each.unit in ("ohm", "F") and any(
            abs(each.value - value) <= 0.005 * value for value in front.values.values()
        ):
            continue
        yield each.text.strip()


_PLAIN_RANGE = re.compile(rf"(?<![\w.,:/-]){N}\s?{TO}\s?{N}(?![\d.,]*\d)(?!\s?[A-Za-zµ°%Ω/])", re.IGNORECASE)
_PLACES = re.compile(
    r"(?:bits?|pins?|channels?|rank|sequence|lines?|steps?|counts?|codes?|bytes?|page|section|sensors?|inputs?)\W*$",
    re.IGNORECASE,
)


def _plain_ranges(text: str, known: Sequence[float]) -> Iterator[str]:
    """Ranges without a unit that nothing took: what the code is to give at the signal's ends, or a scale."""
    for match in _PLAIN_RANGE.finditer(text):
        ends = [abs(value_of(each)) for each in match.groups()]
        full = {255.0, 1023.0, 4095.0, 65535.0}
        if _PLACES.search(text[: match.start()]) or ends[1] in full:
            continue
        if not all(
            each == 0 or any(abs(each * by - one) <= 0.01 * one for one in known for by in (1, 1e-3, 1e-6))
            for each in ends
        ):
            yield match[0].strip()


def _had(each: Quantity, known: Sequence[float]) -> bool:
    values = [abs(each.value)]
    if each.unit == "s" and each.value > 0:
        values.append(1 / each.value)
    return any(abs(value - one) <= 0.01 * one + 1e-15 for value in values for one in known)


def _unit(text: str, signal: Signal) -> Iterator[str]:
    """The unit that the text wants of the code, where the code gives another."""
    wants = _WANTS.search(text)
    if wants is None:
        return
    word = wants.group(1).lower()
    unit = next((base for stem, base in _BASES if word.startswith(stem)), word)
    if unit.lower() != signal.unit.lower() and not (unit == "%" and signal.unit.startswith("%")):
        yield f"a value in {wants.group(1)}"


def _amplifiers(text: str, front: FrontEnd) -> Iterator[str]:
    for name in amplifiers.named(text):
        if name != front.amplifier:
            yield f"the {name} (an ideal amplifier stands for it)" if front.amplifier else f"the {name}"
