"""What each number of a request is: its role by the nearest words of the field, in four languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from kiki_core.planning import role_bands
from kiki_core.planning.kind_words import KINDS
from kiki_core.planning.labels import Labelled as Labelled
from kiki_core.planning.quantities import Quantity, neighbours, read
from kiki_core.planning.role_words import ROLES, Role

_BY_UNIT: Mapping[str, tuple[Role, ...]] = {
    unit: tuple(role for role in ROLES if unit in role.units)
    for unit in {unit for role in ROLES for unit in role.units}
}
_SAMPLING = tuple(role for role in ROLES if role.name == "sampling")
_BARE_WORDS: tuple[Role, ...] = tuple(role for role in ROLES if role.bare)
_BOUNDARY = re.compile(
    r"(?<!max)(?<!min)(?<!ca)[,;:.]\s|[.;]$|\n|(?<!\w)(?:and|et|und|y|but|mais|aber|pero|with|avec|mit|con)(?!\w)",
    re.IGNORECASE,
)
_REACH = 60
_ENUMERATED = re.compile(r"\s?(?:[,;/&]\s?)?(?:and|und|et|y)?\s?")
_UP_TO = re.compile(r"\s(?:up to|bis zu|jusqu'[àa]|hasta)\s", re.IGNORECASE)
_SPANNED = re.compile(
    r"\W{1,3}(?:and |und |et |y )?(?:up to|below|under|to|until|bis|bis zu|jusqu['’][àa]|hasta)\s", re.IGNORECASE
)
_TURNED = re.compile(r"\s(?:dc |volts? )?(?:into|en|in|zu)\s(?:an? |eine? |une? )?", re.IGNORECASE)
_IN = re.compile(r"\s?(?:in(?:put)?(?:s|\s?signal)?|am eingang|en entr[ée]e|de entrada)(?!\w)", re.IGNORECASE)
_RAILS = re.compile(
    r"(?:on|suppl(?:y|ies)|rails?|powered (?:from|by)|runs? (?:on|from|off)|an|sous|aliment\w*|versorg\w*|con)\W{1,3}$"
)
"""Before the two rails, whose unit is often left out: "TL072 on ±15"."""
_BESIDE = re.compile(r"\s?(?:/|,|@|at|and|und|et|y|bei|à|a)\s?", re.IGNORECASE)
_OUT = re.compile(r"\s?(?:out(?:put)?|am ausgang|en sortie|de salida)(?!\w)", re.IGNORECASE)
_FOLLOWED = "\0"
"""Ends the words behind a number where another number follows."""
_COUNTED = re.compile(
    r"[\s-]?(?:\w+ )?(?:inputs?|channels?|eing[äa]ngen?|entr[ée]es|entradas|kan[äa]le\w*|resistors|capacitors|"
    r"transistors|inductors|coils|diodes|op-?amps|resistencias|r[ée]sistances|widerst[äa]nden?|condensateurs|"
    r"condensadores|kondensatoren|transistoren)(?!\w)",
    re.IGNORECASE,
)
"""What a bare number counts."""
_PART_NUMBERS = frozenset({"555", "556", "741", "358", "7805", "7812", "317", "1117", "3904", "2222", "4148", "4007"})
"""Bare numbers that name a part."""
_MARK = re.compile(
    r"\W{0,2}(?:at|point|down|corner|freq\w*|cut-?off|band|bei|à|en|=|:|dämpf\w*|grenz\w*|de coupure|limit)(?!\w)|"
    r"\s?[=:@]",
    re.IGNORECASE,
)
_OF_INPUT = re.compile(
    r"(?<!\w)(?:inputs?|suppl(?:y|ies)|battery|vin|entrées?|eingang\w*|eingangsspannung|entrada|batterie|batería|"
    r"unregulated)(?!\w)[^.;]{0,24}$",
    re.IGNORECASE,
)
_MOST_POLES = 12
_LEAST_DIGITS = 3
_DIGITS = re.compile(r"\d[\d.,]*")
_SHAPE = re.compile(r"butterw|t?s?cheb[iy]|bessel|linkwitz|sallen|(?<!\w)mfb(?!\w)", re.IGNORECASE)
_FILTER = re.compile("|".join(f"(?:{words})" for words in KINDS.values()), re.IGNORECASE)
_ORDER = re.compile(
    r"(?<![\w.])(\d{1,2})\s?(?:st|nd|rd|th|e|er|ème|eme|ª|º|\.)?[- ]?(?:order|ordre|ordnung|orden|-?pole|poles?\b|"
    r"-?polig)|(?<!\w)(?:(?:order|ordre|ordnung|orden)\s?(?:of|=|:|de)?|n\s?=)\s?(\d{1,2})(?![\w.,])",
    re.IGNORECASE,
)
_ORDER_WORDS = re.compile(
    r"(?<!\w)(?:(first|premier|erster?|primer(?:a|o)?|single|one|einpolig\w*)|(second|deuxième|zweiter?|segund[oa]|"
    r"two|double|zweipolig\w*)|(third|troisième|dritter?|tercer(?:a|o)?|three)|(fourth|quatrième|vierter?|cuart[oa]|"
    r"four)|(fifth|cinquième|fünfter?|quint[oa]|five)|(sixth|sixième|sechster?|sext[oa]|six)|(seventh|septième|"
    r"siebter?|séptim[oa])|(eighth|huitième|achter?|octav[oa]))[- ]?(?:order|ordre|ordnung|orden|pole)",
    re.IGNORECASE,
)
ORDERS = (_ORDER, _ORDER_WORDS)
"""How an order is said."""


def order(text: str) -> int | None:
    """The order of a filter that a text states: "4th-order", "zweiter Ordnung", "order 3", "two-pole"."""
    match = _ORDER.search(text)
    if match is not None:
        return int(match[1] or match[2])
    word = _ORDER_WORDS.search(text)
    return None if word is None else next(n for n, group in enumerate(word.groups(), 1) if group)


_SECTIONS = re.compile(
    r"(?<!\w)(?:(single|one|une seule|einzige\w*|un solo)|(two|double|deux|zwei|dos|2)|(three|triple|trois|drei|tres|"
    r"3)|(four|quatre|vier|cuatro|4))[- ](?:(?:cascaded|identical|equal|passive|r-?c|l) ){0,2}(?:(?:r-?c|l)[- ])?"
    r"(?:sections?|stages?|cellules?|cells?|glieder\w*|stufe?n?\w*|celdas?|etapas?|[ée]tages?|(?:rc|l)-glied\w*)(?!\w)",
    re.IGNORECASE,
)


def sections(text: str) -> int | None:
    """How many sections in a row a text states in words: "two RC sections", "deux cellules"."""
    match = _SECTIONS.search(text)
    return None if match is None else next(n for n, group in enumerate(match.groups(), 1) if group)


def labelled(text: str) -> tuple[Labelled, ...]:
    """Every quantity of a request with its role."""
    quantities = read(text)
    orders = [match.span() for match in _ORDER.finditer(text)]
    found = []
    for index, one in enumerate(quantities):
        if not one.unit and any(low <= one.start < high for low, high in orders):
            found.append(Labelled(one, "order", index))
        else:
            found.append(_labelled(text, quantities, index))
    return _conditions(text, _same_digits(_frequency_meant(text, _at_the_mark(text, found))))


def _at_the_mark(text: str, labels: list[Labelled]) -> list[Labelled]:
    """ "-3 dB at 5k6", "3k3 (-3dB)": thousands beside the mark of a corner are hertz."""
    if any(each.quantity.unit == "Hz" for each in labels):
        return labels
    found = list(labels)
    for index, (one, other) in enumerate(pairwise(labels)):
        gap = text[one.quantity.end : other.quantity.start]
        if len(gap) > 24 or re.search(r"[.;]\s", gap):
            continue
        for at, mark in ((index + 1, one), (index, other)):
            each = labels[at]
            if mark.role == "mark" and each.quantity.scaled and not each.quantity.unit and each.value >= 1:
                if mark is one and each.quantity.lead != "at":
                    continue
                found[at] = replace(each, quantity=replace(each.quantity, unit="Hz"), role="cutoff")
    return found


def _frequency_meant(text: str, labels: list[Labelled]) -> list[Labelled]:
    """ "hp butterworth 150": the only bare number of a filter that has no frequency is its frequency, as assumed."""
    if any(each.quantity.unit == "Hz" or each.role == "tau" for each in labels) or not _FILTER.search(text[:4000]):
        return labels
    if order(text) is None and not _SHAPE.search(text[:4000]):
        return labels  # of a plain RC it may be a resistance
    bare = [each for each in labels if not (each.quantity.unit or each.quantity.scaled or each.role)]
    if len(bare) != 1 or bare[0].value <= _MOST_POLES:
        return labels
    meant = replace(bare[0], quantity=replace(bare[0].quantity, unit="Hz"), role="cutoff", assumed=True)
    return [meant if each is bare[0] else each for each in labels]


def _same_digits(labels: Sequence[Labelled]) -> tuple[Labelled, ...]:
    """ "A station on 1440 kHz … 25 dB on 1440": the same digits without a unit are the same quantity."""
    united = {
        match[0]: each
        for each in labels
        if each.quantity.unit and not each.assumed and (match := _DIGITS.search(each.quantity.text)) is not None
    }
    found = []
    for each in labels:
        same = united.get(each.quantity.text) if each.assumed or not (each.quantity.unit or each.role) else None
        if same is not None and not each.quantity.scaled and len(each.quantity.text) >= _LEAST_DIGITS:
            quantity = replace(each.quantity, unit=same.quantity.unit, value=same.value)
            each = replace(each, quantity=quantity, role=same.role, assumed=False)
        found.append(each)
    return tuple(found)


def _labelled(text: str, quantities: Sequence[Quantity], index: int) -> Labelled:
    one = quantities[index]
    before, after = neighbours(text, quantities, index, _REACH)
    if index + 1 < len(quantities) and quantities[index + 1].start - one.end <= _REACH:
        after += _FOLLOWED + quantities[index + 1].unit
    if not one.unit and not one.scaled and one.text in _PART_NUMBERS:
        return Labelled(one, "mark", index)
    if one.form == "ratio":
        return Labelled(one, "ratio", index)
    if one.form == "count" or (not one.unit and not one.scaled and _COUNTED.match(after)):
        return Labelled(one, "mark", index)
    at_crossover = one.unit == "dB" and abs(one.value) == 6 and "linkwitz" in text[:4000].lower()
    gained = one.value > 0 and _nearest(before, after, _BY_UNIT["dB"], limit=12) == "gain_db"
    if at_crossover and not one.conditions and not gained:
        return Labelled(one, "mark", index)
    if one.unit == "dB" and _is_mark(one, after):
        return Labelled(one, "mark", index)
    if (
        one.form == "±"
        and not one.unit
        and 2 <= one.value <= 40
        and _RAILS.search(before.replace("+/-", "").rstrip("±+-/ ") + " ")
    ):
        return Labelled(replace(one, unit="V"), "supply", index)
    if one.unit or one.form == "times":
        if one.form == "times":
            return Labelled(one, "gain", index)
        if one.form in ("peak", "pp") and one.unit == "V":
            near = _nearest(before, after, _BY_UNIT["V"])
            name = "amplitude" if near in ("", "output_voltage", "supply", "drive") else near
            return Labelled(one, name, index)
        if one.form == "±" and one.unit == "V":
            near = _nearest(before, after, _BY_UNIT["V"], limit=12)
            several = sum(each.form == "±" and each.unit == "V" for each in quantities) > 1
            own = (several and near in ("amplitude", "threshold", "input_voltage")) or _IN.match(after) is not None
            near = "input_voltage" if _IN.match(after) else near
            return Labelled(one, near if own else "supply", index)
        name = _nearest(before, after, _BY_UNIT.get(one.unit, ()))
        if name == "sampling" and not _nearest(before, after, _SAMPLING, limit=25):
            # A converter's rate names the number beside it only.
            name = _nearest(before, after, [role for role in _BY_UNIT["Hz"] if role not in _SAMPLING])
        if not name and one.unit == "Hz" and one.lead == "from":
            name = "f_low"
        elif not name and one.unit == "Hz" and one.op == "<=":
            name = "f_high"
        return Labelled(one, name, index)
    if one.scaled:
        return _scaled(one, before, after, index)
    plain = _nearest(before, after, _BY_UNIT[""], limit=25)
    if plain == "order" and one.value > _MOST_POLES:
        plain = ""  # "3rd-order Butterworth 150"
    if plain and (plain == "gain" or plain in ("q", "order", "beta", "sections", "ratio", "leds")):
        return Labelled(one, plain, index)
    name = _nearest(before, after, _BARE_WORDS, limit=14)
    if name:
        role = next(role for role in ROLES if role.name == name)
        return Labelled(replace(one, unit=role.bare), name, index, assumed=True)
    return Labelled(one, "", index)


def _is_mark(one: Quantity, after: str) -> bool:
    """Whether 3 dB only says where a corner is: "-3 dB at 1 kHz", "3 dB point", "3 dB down at", "f-3dB"."""
    return abs(one.value) == 3 and one.op != "<=" and (one.value < 0 or _MARK.match(after) is not None)


def _scaled(one: Quantity, before: str, after: str, index: int) -> Labelled:
    """ "1k" and "100n": the size tells the unit where words don't."""
    if one.value < 1e-4:
        unit = "H" if re.search(r"induct|coil|choke|spule|bobin", before[-25:] + after[:20]) else "F"
        return Labelled(replace(one, unit=unit), "inductance" if unit == "H" else "capacitance", index)
    if one.value >= 1:
        among = (*_BY_UNIT["Hz"], *_BY_UNIT["ohm"], next(role for role in _BY_UNIT[""] if role.name == "gain"))
        name = _nearest(before, after, among)
        role = next((role for role in among if role.name == name), None)
        if role is not None and role.name != "gain":
            return Labelled(replace(one, unit=role.units[0]), name, index)
        return Labelled(one, name, index)
    return Labelled(one, "", index)


def _nearest(before: str, after: str, among: Sequence[Role], limit: int = _REACH) -> str:
    """The role whose word is nearest to the number; a word behind another clause counts as far."""
    best, least = "", limit + 0.5
    for role in among:
        for distance in (_before(before, role.words), _after(after, role)):
            if distance is not None and distance < least:
                best, least = role.name, distance
    return best


def _before(before: str, words: re.Pattern[str]) -> float | None:
    last = None
    for match in words.finditer(before):
        if match.end() > match.start() or not words.pattern.startswith(".{0}"):
            last = match
    if last is None:
        return 50.0 if words.pattern == ".{0}" else None
    if last.end() == last.start():
        return 50.0
    between = before[last.end() :]
    return len(between) + 16.0 * len(_BOUNDARY.findall(between)) - 0.1 * (last.end() - last.start())


def _after(after: str, role: Role) -> float | None:
    after, followed, next_unit = after.partition(_FOLLOWED)
    match = role.words.search(after + _FOLLOWED)  # a word at the end is the next number's
    if match is None or match.end() == match.start():
        return None
    between = after[: match.start()]
    clauses = len(_BOUNDARY.findall(between))
    if clauses and followed and not _BOUNDARY.search(after[match.end() :]):
        return None  # "1 A, ripple under 50 mV": the word is the next number's
    if followed and next_unit in role.units and len(after) - match.end() <= match.start():
        return None  # "at 3.3 V until threshold 2 V": it stands nearer to the next number, which may have it
    return len(between) + 5.0 + 20.0 * clauses - 0.1 * (match.end() - match.start())


def _conditions(text: str, found: tuple[Labelled, ...]) -> tuple[Labelled, ...]:
    """The labels that follow from how quantities are tied: pairs, "40 dB at 10 kHz", "12 V to 5 V", "5 V at 2 A"."""
    labels = list(found)

    def give(index: int, role: str) -> None:
        labels[index] = replace(labels[index], role=role)

    for index, one in enumerate(labels):
        # "At most 0.5 dB of attenuation" is a pass band's, "a drop of at least 40 dB" a stop band's.
        deep = one.value > 3 if one.quantity.op == ">=" else one.value > 6 and one.role == "ripple_db"
        if one.role in ("loss", "ripple_db") and deep:
            give(index, "attenuation")
        elif (
            one.role in ("attenuation", "")
            and one.quantity.unit == "dB"
            and one.quantity.op == "<="
            and 0 < one.value <= 3
        ):
            give(index, "loss")
    for index, one in enumerate(labels):
        quantity = one.quantity
        before = labels[index - 1] if index else None
        if before is None:
            continue
        gap = text[before.quantity.end : quantity.start]
        paired = len(gap) <= 24 and quantity.unit == before.quantity.unit and quantity.lead in ("to", "and")
        if before.quantity.lead == "from" and quantity.op == "<=" and _UP_TO.fullmatch(gap):
            quantity = replace(quantity, op="=", lead="to")  # "from 80 Hz up to 8 kHz"
            labels[index] = replace(one, quantity=quantity)
            paired = quantity.unit == before.quantity.unit
        hertz = quantity.unit == before.quantity.unit == "Hz"
        if hertz and before.quantity.op == ">=" and quantity.op == "<=" and _SPANNED.fullmatch(gap):
            labels[index - 1] = replace(before, quantity=replace(before.quantity, op="="))
            quantity = replace(quantity, op="=")  # "above 1 kHz (up to 20 kHz)"
            labels[index] = replace(one, quantity=quantity)
            paired = True
        ranged = paired or (quantity.unit == before.quantity.unit and re.fullmatch(r"\s?(?:-|–|—|\.{2,3}|…)\s?", gap))
        if ranged and quantity.unit == "Hz" and quantity.lead == "and" and role_bands.two_nulls(text, before.quantity):
            give(index - 1, "center")
            give(index, "center")
            continue
        # "up to 5 kHz, and 10 kHz must be down"
        ends = before.quantity.op == "<=" and quantity.op == "=" and "," in gap
        if (
            ranged
            and quantity.unit == "Hz"
            and quantity.value > before.value
            and before.quantity.lead != "at"
            and not ends
        ):
            give(index - 1, "f_low")
            give(index, "f_high")
        elif (
            ranged
            and quantity.unit == "V"
            and (
                _OF_INPUT.search(text[max(0, before.quantity.start - 36) : before.quantity.start])
                or (before.quantity.lead == "from" and (quantity.lead != "to" or _has_output(labels[: index - 1])))
            )
        ):
            give(index - 1, "in_low")
            give(index, "in_high")
        elif quantity.unit == "V" and (
            (paired and quantity.lead == "to" and before.role not in ("in_min", "out_min"))
            or (before.quantity.unit == "V" and _TURNED.fullmatch(gap))  # "turn 5 V into 12 V"
        ):
            give(index - 1, "input_voltage")
            give(index, "output_voltage")
        elif before.role == "gain" and not quantity.unit and _ENUMERATED.fullmatch(gap):
            give(index, "gain")
        elif quantity.unit == "dB" and quantity.lead == "by" and before.quantity.unit == "Hz" and len(gap) < 30:
            give(index, "attenuation")
            give(index - 1, "stop")
        elif quantity.lead == "from" and quantity.unit == "V" and before.quantity.unit in ("V", "A", "ohm", "", "W"):
            behind = text[quantity.end : quantity.end + 14].lower()
            if before.quantity.unit != "ohm" and re.search(
                r"(?:driven|controlled|switched)\s(?:from|by|with)\s$", gap + " "
            ):
                give(index, "drive")
                continue
            if re.search(r"gpio|logic|pin\b|mcu|micro|ttl|cmos|arduino|esp\d|raspb", behind):
                give(index, "drive")
                continue
            if not re.search(r"rail|suppl|aliment|versorg", behind):
                give(index, "input_voltage")
            earlier = next((n for n in range(index - 1, -1, -1) if labels[n].quantity.unit == "V"), None)
            if earlier is not None and labels[earlier].role in ("", "supply", "input_voltage") and len(gap) < 30:
                give(earlier, "output_voltage")
    for index, one in enumerate(labels):
        for condition in role_bands.own_conditions(text, one):
            at = next((n for n, other in enumerate(labels) if other.quantity.start == condition.start), None)
            if at is None:
                continue
            if one.quantity.unit == "dB" and (condition.unit == "Hz" or (labels[at].role == "" and condition.scaled)):
                role_bands.tie_level(labels, index, at, give)
            elif one.quantity.unit == "V" and condition.unit == "A" and labels[at].role in ("", "output_current"):
                give(at, "output_current")
                if one.role in ("", "amplitude"):
                    give(index, "output_voltage")
    for index in range(1, len(labels)):
        if labels[index - 1].role == "f_low" and labels[index - 1].value == 0 and labels[index].role == "f_high":
            labels[index - 1] = replace(labels[index - 1], role="mark")  # "0 to 2 kHz" is a low-pass's
            labels[index] = replace(labels[index], role="pass")
    for index, (volts, amperes) in enumerate(pairwise(list(labels))):
        units = (volts.quantity.unit, amperes.quantity.unit)
        gap = text[volts.quantity.end : amperes.quantity.start]
        if units == ("V", "A") and _BESIDE.fullmatch(gap) and _OUT.match(text, amperes.quantity.end):
            give(index, "output_voltage")  # "3.3 V / 250 mA out"
            give(index + 1, "output_current")
    role_bands.at_the_corner(text, labels)
    role_bands.lower_and_upper(text, labels)
    role_bands.levels_with_bands(text, labels)
    role_bands.subjects(text, labels)
    role_bands.edges_of_two(labels)
    return tuple(labels)


def _has_output(labels: Sequence[Labelled]) -> bool:
    """Whether a voltage before is what is made: "5.6 V from 9 to 12 V"."""
    return any(each.quantity.unit == "V" and each.role in ("", "output_voltage", "zener") for each in labels)
