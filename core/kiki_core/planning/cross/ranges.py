"""What a request says of its sensor: the range of its signal, and of the quantity behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kiki_core.planning.quantities import Quantity, read

N = r"([-−+]?\d+(?:[.,]\d+)?)"
"""A number of a text, as a group."""
TO = r"(?:-|–|to|up to|…|\.\.+|à|bis|a|hasta)"
UNITS = r"((?:m|k|M|h)?(?:bar|Pa)|psi|[mk]?A|°\s?C|degC|degrees|grad\b|%(?:\s?(?:RH|HR|r\.?\s?[FH]\.?|rel\.?))?|per ?cent|[Pp]rozent|pour ?cent|por ?ciento|kg|g|k?N(?:m)?|mm|cm|m|l/min|L/min|m3/h|m³/h|m/s|km/h|lux|rpm|ppm|pH|W/m2|W/m²|litres?|l)"
"""Units of what a signal stands for, as a group."""
_JOINT = re.compile(r"\s*(?:-|–|to|up to|…|\.\.+|à|bis|a|hasta|and|et|und|y|jusqu'à)\s*(?:\+)?\s*", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"(?:±|\+\s?/\s?-|\+-|plus[ /]?(?:or )?minus|plus ou moins|más o menos)\s*$", re.IGNORECASE)
_SUPPLY = re.compile(
    r"\s*(?:dc |split |dual |analog(?:ue)? )?(?:suppl|rails?\b|aliment|versorg|betriebs|excit|speis|loop suppl)",
    re.IGNORECASE,
)
_LOOP = re.compile(r"(?<![\d.,])([04])(?:\s?mA)?\s?(?:-|–|to|…|\.\.+|à|bis|a)\s?20\s?mA", re.IGNORECASE)
_QUANTITY = re.compile(rf"(?<![\w.,]){N}\s?(?:°\s?C|bar|kg|mm|m|A|%)?\s?{TO}\s?{N}\s?{UNITS}(?![\w/])")
"""A second range, of what the signal stands for: "4-20 mA = 0…16 bar", "0.5 to 4.5 V for 0 to 50 A"."""
_BEHIND = re.compile(
    rf"(?:=|→|->|\bfor|\bpour|\bfür|\bpara|entspricht|corresponds? to|represents?|means?|stands? for|correspond à|equivale a)\s*(?:(?:an?|the)\s)?((?:[^\W\d]{{2,14}}\s){{0,3}}){N}\s?{TO}\s?{N}(?![\d.,]*\d)(?:\s?(?!m?V\b|[kM]?Hz\b|m?s\b|bits?\b|[kM]?S/s)([A-Za-z°%µ][\w°%/²³µ]{{0,8}}))?"
)
"""The same in any unit, where the text ties it to the signal."""
_NO_UNIT = re.compile(r"\b(?:about|approx\w*|roughly|circa|ca|from|between|range|de|von|desde|entre|zwischen|environ|etwa|unos?)\s", re.IGNORECASE)  # fmt: skip
_BOTH_SIGNS = re.compile(rf"(?:±|\+/-|\+-)\s?(\d+(?:[.,]\d+)?)\s?{UNITS}(?![\w/])")
_WHOLE = re.compile(
    rf"{N}\s?{UNITS}(?![\w/])\W{{0,2}}(?:full[- ]?scale|FS\b|capacity|rated|nominal|max\w*|load ?cell|pleine échelle|vollausschlag|nennlast|endwert|fondo de escala|capacidad)|"
    rf"(?:full[- ]?scale|capacity|rated (?:load|pressure)|pleine échelle|vollausschlag|nennlast|endwert|fondo de escala|capacidad|capacité|(?:cell|sensor|transducer) (?:of|for))\W+(?:(?:is|of|for|at|de|von|=)\W+)?{N}\s?{UNITS}(?![\w/])",
    re.IGNORECASE,
)
"""What the whole signal stands for: "20 kg full scale"."""
_POINT = re.compile(
    rf"{N}\s?(m?)V\s?(?:at|@|=|for|bei|à|pour|für|a|para|\()\s?{N}\s?{UNITS}(?![\w/])|"
    rf"{N}\s?(m?)V\s?(?:at|@|=|for|bei|à|pour|für|a|para)\s?(pH)\s?{N}|"
    rf"(?<![\w.,]){N}\s?{UNITS}\s?(?:=|:|→|->|gives?|corresponds to|is|liefert|entspricht|donne|da)\s?{N}\s?(m?)V\b"
)
"""A pair of the signal and what it stands for: "0.5 V at -40 °C"."""
_SHUNT = re.compile(r"shunt|sense resistor|mess-?widerstand|résistance de mesure|resistencia de medida", re.IGNORECASE)
_LIGHT = re.compile(r"photo-?\s?diod|fotodiod|trans-?imp[eé]d|transimped", re.IGNORECASE)
_SLOPE = re.compile(
    r"(?<!\d)(\d+(?:[.,]\d+)?)\s?mV\s?(?:/|per |pro |par |por )\s?(°\s?C|degC|degrees?|grad|K\b|kPa|bar|lux|%|A\b|amp[eè]re|g\b|degré|grado)",
    re.IGNORECASE,
)
_BRIDGE = re.compile(r"(?<!\d)(\d+(?:[.,]\d+)?)\s?mV\s?/\s?V", re.IGNORECASE)
_DEGREES = re.compile(
    r"(?<!\d)([-−+]?\d+(?:[.,]\d+)?)\s?(?:°\s?C?|degC)?\s?(?:-|–|to|…|\.\.+|à|bis|a|hasta|and|et|und)\s?\+?([-−]?\d+(?:[.,]\d+)?)\s?(?:°\s?C?|degC|degrees|grad\b|degrés|grados)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?<![\w.])([-−]?\d+(?:[.,]\d+)?)\s?(?:\.\.+|…|-|–|to|à|bis|a)\s?\+?([-−]?\d+(?:[.,]\d+)?)\s?([mµuk])?([Vv]|A)\b"
)
_TARGET = re.compile(
    r"(?:\b(?:to|into|onto|auf|vers|sur|hacia|in den|in die|a la entrada|fits?|fill\w*|ramen\w*)|→|->|=>)\W+(?:(?:the|a|an|la|le|den|einen|full|whole|entire|ganzen|adc|mcu|stm32|range|bereich|plage|rango|input|of|de|von|about)\W+){0,4}$",
    re.IGNORECASE,
)
"""What stands before the range that a signal is brought to."""
_AMPLITUDE = re.compile(r"(?:amplitude|peak|amplitud|scheitelwert)\W+(?:of |de |von |is |= ?)?$", re.IGNORECASE)
_CENTRE = re.compile(
    rf"(?:cent(?:er|r)ed|centré|zentriert|centrad[oa]|riding|superimposed|swinging|offset)\w*\W+(?:(?:on|at|around|about|by|of|à|sur|um|en|a|the)\W+){{0,2}}{N}\s?(m?)V|"
    rf"(?:on|with|around|about|avec|mit|con)\W+(?:an?\W+)?{N}\s?(m?)V\s?(?:dc|offset|bias|continu|gleich\w*)",
    re.IGNORECASE,
)
"""The level that an alternating signal has under it."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A sensor's signal: volts (or amperes, for a shunt) at both ends of its range.

    ``ends``: the quantity behind it at these ends, in ``unit``. ``shunt``: ohms that turn amperes into volts, 0 for a
    voltage. ``floating``: a bridge, whose two outputs are both above ground. ``light``: a current for a transimpedance
    stage. ``facts``: numbers of the text, in SI, that it was worked out from.
    """

    low: float
    high: float
    ends: tuple[float, float]
    unit: str
    shunt: float = 0.0
    floating: bool = False
    light: bool = False
    what: str = "signal"
    facts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """A range that a text states, in SI, and where it stands."""

    low: float
    high: float
    start: int
    facts: tuple[float, ...] = ()


def value_of(text: str) -> float:
    """A number as a text writes it."""
    return float(text.replace(",", ".").replace("−", "-").replace("+", ""))


def _unit(text: str) -> str:
    unit = text.replace(" ", "")
    if re.match(r"percent|prozent|pourcent|porciento", unit, re.IGNORECASE):
        return "%"
    return "degC" if unit.lower().startswith(("°", "deg", "grad")) else unit


def signal_of(text: str, reference: float) -> Signal | None:
    """The signal of a request; None if it states none. In the quantity that the text wants, where it has a range of it."""
    quantities = read(text)
    if (points := _of_points(text)) is not None:
        return points
    found = _stated(text, reference, quantities)
    if found is None or found.what not in ("loop current", "signal", "bridge", "photocurrent"):
        return found
    for behind in _QUANTITY.finditer(text):
        low, high, unit = value_of(behind.group(1)), value_of(behind.group(2)), _unit(behind.group(3))
        if unit in ("A", "mA") and found.unit == "A":
            continue
        if low < high:
            return replace(found, ends=(low, high), unit=unit, facts=(*found.facts, low, high))
    for behind in _BEHIND.finditer(text):
        low, high = value_of(behind.group(2)), value_of(behind.group(3))
        words = "" if re.match(r"f|p", behind[0]) else _NO_UNIT.sub("", behind.group(1)).strip()
        unit = _unit(behind.group(4) or "") or words
        if not unit or (found.unit == "A" and re.fullmatch(r"[mµun]?A", behind.group(4) or "")):
            continue
        if low < high:
            return replace(found, ends=(low, high), unit=unit, facts=(*found.facts, low, high))
    if (both := _BOTH_SIGNS.search(text)) and _unit(both[2]) != found.unit and found.unit == "V":
        end = value_of(both[1])
        return replace(found, ends=(-end, end), unit=_unit(both[2]), facts=(*found.facts, end))
    if found.low == 0 and found.unit == "V" and len(only := list(_POINT.finditer(text))) == 1:
        first, milli, at, unit, _, _, _, _, at3, unit3, third, milli3 = only[0].groups()
        volts = value_of(first or third or "0") * (1e-3 if milli or milli3 else 1)
        if (first or third) and abs(volts - found.high) <= 1e-6 + 0.01 * volts:
            top = value_of(at or at3)
            return replace(found, ends=(0.0, top), unit=_unit(unit or unit3), facts=(*found.facts, top))
    if (whole := _WHOLE.search(text)) and found.low == 0:
        end, unit = value_of(whole[1] or whole[3]), _unit(whole[2] or whole[4])
        if end > 0 and not (unit in ("A", "mA") and found.unit == "A"):
            return replace(found, ends=(0.0, end), unit=unit, facts=(*found.facts, end))
    return found


def _of_points(text: str) -> Signal | None:
    """A signal from two pairs: "0.5 V at -40 °C and 2.5 V at 120 °C"."""
    pairs: list[tuple[float, float, str]] = []
    for match in _POINT.finditer(text):
        first, milli, end, unit, second, milli2, ph, acid, end3, unit3, third, milli3 = match.groups()
        if first:
            pairs.append((value_of(first) * (1e-3 if milli else 1), value_of(end), _unit(unit)))
        elif second:
            pairs.append((value_of(second) * (1e-3 if milli2 else 1), value_of(acid), ph))
        else:
            pairs.append((value_of(third) * (1e-3 if milli3 else 1), value_of(end3), _unit(unit3)))
    pairs.sort()
    if (
        len(pairs) < 2
        or len({unit for *_, unit in pairs}) > 1
        or pairs[0][0] == pairs[-1][0]
        or pairs[0][1] == pairs[-1][1]
    ):
        return None
    facts = tuple(number for volts, end, _ in pairs for number in (volts, end))
    per = (pairs[-1][1] - pairs[0][1]) / (pairs[-1][0] - pairs[0][0])
    if any(
        abs(pairs[0][1] + per * (volts - pairs[0][0]) - end) > 0.02 * abs(pairs[-1][1] - pairs[0][1])
        for volts, end, _ in pairs
    ):
        return None
    pairs = [pairs[0], pairs[-1]]
    (low, one, unit), (high, other, _) = pairs
    return Signal(low, high, (one, other), unit, what="sensor", facts=(*facts, abs(1 / per)))


def _stated(text: str, reference: float, quantities: Sequence[Quantity]) -> Signal | None:
    ohms = [each.value for each in quantities if each.unit == "ohm"]
    if loop := _LOOP.search(text):
        shunt = next((value for value in ohms if 10 <= value <= 1000), 0.0) or (150.0 if reference >= 3.2 else 100.0)
        least = int(loop.group(1)) * 1e-3
        return Signal(least, 20e-3, (least, 20e-3), "A", shunt, what="loop current", facts=(least, 20e-3, shunt))
    degrees = _DEGREES.search(text)
    spread = (value_of(degrees.group(1)), value_of(degrees.group(2))) if degrees else None
    if re.search(r"lm35", text, re.IGNORECASE):
        low, high = spread or (0.0, 100.0)
        return Signal(
            max(0.0, low) * 0.01,
            high * 0.01,
            (max(0.0, low), high),
            "degC",
            what="LM35",
            facts=(max(0.0, low), high, 0.01),
        )
    if re.search(r"tmp36", text, re.IGNORECASE):
        low, high = spread or (-40.0, 125.0)
        return Signal(0.5 + 0.01 * low, 0.5 + 0.01 * high, (low, high), "degC", what="TMP36", facts=(low, high, 0.01))
    if bridge := _BRIDGE.search(text):
        supplies = [each.value for each in quantities if each.unit == "V" and 1 <= each.value <= 12]
        supply = next((v for v in supplies if v != reference), reference if reference >= 3 else 5.0)
        per = value_of(bridge.group(1))
        high = per * 1e-3 * supply
        low = -high if _PLUS_MINUS.search(text[: bridge.start()]) else 0.0
        return Signal(low, high, (low, high), "V", floating=True, what="bridge", facts=(high, supply, per * 1e-3))
    if slope := _SLOPE.search(text):
        per = value_of(slope.group(1)) * 1e-3
        ends = spread or _plain_range(text, slope.group(2))
        if ends is None and (both := _BOTH_SIGNS.search(text)) and both[2][:1].lower() == slope.group(2)[:1].lower():
            ends = (-value_of(both[1]), value_of(both[1]))
        if ends is not None and ends[1] > ends[0]:
            unit = "degC" if slope.group(2)[0] in "°dgK" and slope.group(2) not in ("g",) else slope.group(2)
            unit = "A" if unit.lower().startswith("amp") else unit
            zero = [
                each for each in _POINT.finditer(text) if each[1] and _unit(each[4])[:1].lower() == unit[:1].lower()
            ]
            if len(zero) == 1:
                at = value_of(zero[0][1]) * (1e-3 if zero[0][2] else 1) - per * value_of(zero[0][3])
                low, high = at + per * ends[0], at + per * ends[1]
                return Signal(low, high, ends, unit, what="sensor", facts=(per, *ends, at, value_of(zero[0][3])))
            return Signal(per * ends[0], per * ends[1], ends, unit, what="sensor", facts=(per, *ends))
    currents, volts = ranges(text, quantities, "A"), ranges(text, quantities, "V")
    amperes = currents[0] if currents else None
    if amperes is not None and _LIGHT.search(text):
        return Signal(
            amperes.low,
            amperes.high,
            (amperes.low, amperes.high),
            "A",
            light=True,
            what="photocurrent",
            facts=amperes.facts,
        )
    if amperes is not None and not (not _SHUNT.search(text) and volts):
        stated = next((value for value in ohms if value <= 10), 0.0) or _milliohm(text)
        shunt = stated or 0.1
        return Signal(
            amperes.low,
            amperes.high,
            (amperes.low, amperes.high),
            "A",
            shunt,
            what="current",
            facts=(*amperes.facts, shunt),
        )
    if volts:
        bridged = re.search(r"\bbridge|wheatstone|load cell|brücke|puente|pont de", text, re.IGNORECASE) is not None
        differential = (
            re.search(r"differential|différentiel|diferencial|differenziell", text, re.IGNORECASE) is not None
        )
        apart = differential or (bridged and volts[0].high <= 0.3)
        first = volts[0]
        return Signal(
            first.low, first.high, (first.low, first.high), "V", floating=apart, what="signal", facts=first.facts
        )
    return None


def _milliohm(text: str) -> float:
    found = re.search(r"(\d+(?:[.,]\d+)?)\s?m\s?(?:Ω|ohms?|Ohm)", text)
    return value_of(found.group(1)) * 1e-3 if found else 0.0


def _plain_range(text: str, unit: str) -> tuple[float, float] | None:
    found = re.search(rf"{N}\s?{TO}\s?{N}\s?{re.escape(unit)}", text, re.IGNORECASE)
    return (value_of(found.group(1)), value_of(found.group(2))) if found else None


def target_of(text: str, reference: float) -> Range | None:
    """The range at the converter that a text brings its signal to: "scaled to 0.2-3.1 V"."""
    found = [each for each in _all(text, read(text), "V") if _TARGET.search(text[max(0, each.start - 40) : each.start])]
    return next((each for each in found if 0 <= each.low < each.high <= reference + 0.011), None)


def ranges(text: str, quantities: Sequence[Quantity], unit: str) -> list[Range]:
    """The stated ranges of a unit that a signal isn't brought to: "0-50 mV", "±5 V", "up to 10 V", "10 mV peak"."""
    found = [
        each for each in _all(text, quantities, unit) if not _TARGET.search(text[max(0, each.start - 40) : each.start])
    ]
    return found or _all(text, quantities, unit)


def _all(text: str, quantities: Sequence[Quantity], unit: str) -> list[Range]:
    found: list[Range] = []
    of_unit = [each for each in quantities if each.unit == unit]
    for one, other in pairwise(of_unit):
        if _JOINT.fullmatch(text[one.end : other.start]) and one.value < other.value and not other.form:
            found.append(Range(one.value, other.value, one.start, (one.value, other.value)))
        elif _JOINT.fullmatch(text[one.end : other.start]) and other.value < 0 <= one.value:
            found.append(Range(other.value, one.value, one.start, (one.value, other.value)))
    for number, each in enumerate(of_unit):
        before = text[max(0, each.start - 20) : each.start]
        if _SUPPLY.match(text[each.end : each.end + 24]):
            continue
        if _PLUS_MINUS.search(before) or each.form == "±" or each.text.startswith("±"):
            end = abs(each.value)
            middle = of_unit[number - 1] if number else None
            joined = middle is not None and re.fullmatch(r"\s?(?:±|\+\s?/\s?-|\+-)?\s?", text[middle.end : each.start])
            if middle is not None and joined:
                found.append(Range(middle.value - end, middle.value + end, middle.start, (middle.value, end)))
            else:
                found.append(Range(-end, end, each.start, (end,)))
        elif each.form in ("peak", "pp", "rms") or _AMPLITUDE.search(before):
            end = each.value * {"pp": 0.5, "rms": 2**0.5}.get(each.form, 1.0)
            about = _CENTRE.search(text)
            middle_volts = 0.0
            if about and unit == "V":
                middle_volts = value_of(about[1] or about[3]) * (1e-3 if about[2] or about[4] else 1)
            found.append(Range(middle_volts - end, middle_volts + end, each.start, (each.value, middle_volts)))
        elif re.search(
            r"(?:up to|max(?:imum|\.)?(?: of)?|jusqu'à|bis(?: zu)?|hasta|full[- ]scale(?: of)?|at most)\s*$",
            before,
            re.IGNORECASE,
        ) or re.match(
            r"\s?(?:max\b|maximum|full[- ]scale|FS\b|pleine échelle)", text[each.end : each.end + 16], re.IGNORECASE
        ):
            had = any(each.start >= one.start and each.value in one.facts for one in found)
            found += [] if had else [Range(0.0, each.value, each.start, (each.value,))]
    if not found and (joined_text := _JOINED.search(text)) and joined_text.group(4).upper() == unit:
        factor = {"m": 1e-3, "µ": 1e-6, "u": 1e-6, "k": 1e3}.get(joined_text.group(3) or "", 1.0)
        low, high = value_of(joined_text.group(1)) * factor, value_of(joined_text.group(2)) * factor
        found += [Range(low, high, joined_text.start(), (low, high))] if low < high else []
    return found
