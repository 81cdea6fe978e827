"""What a request says of its sensor: the range of its signal, and of the quantity behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from kiki_core.planning.quantities import Quantity, read

_JOINT = re.compile(r"\s*(?:-|–|to|…|\.\.+|à|bis|a|hasta|and|et|und|y|jusqu'à)\s*(?:\+)?\s*", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"(?:±|\+\s?/\s?-|\+-|plus[ /]?(?:or )?minus|plus ou moins|más o menos)\s*$", re.IGNORECASE)
_LOOP = re.compile(r"(?<![\d.,])([04])(?:\s?mA)?\s?(?:-|–|to|…|\.\.+|à|bis|a)\s?20\s?mA", re.IGNORECASE)
_QUANTITY = re.compile(
    r"(?<![\w.,])([-−]?\d+(?:[.,]\d+)?)\s?(?:°\s?C)?\s?(?:-|–|to|…|\.\.+|à|bis|a|hasta)\s?\+?([-−]?\d+(?:[.,]\d+)?)\s?"
    r"((?:m|k|M|h)?(?:bar|Pa)|psi|A|mA|°\s?C|degC|degrees|grad\b|%(?:\s?RH)?|kg|g|kN|N(?:m)?|mm|cm|m|l/min|L/min|m3/h|m³/h|lux|rpm|ppm|pH)(?![\w/])"
)
"""A second range, of what the signal stands for: "4-20 mA = 0…16 bar", "0.5 to 4.5 V for 0 to 50 A"."""
_SHUNT = re.compile(r"shunt|sense resistor|mess-?widerstand|résistance de mesure|resistencia de medida", re.IGNORECASE)
_LIGHT = re.compile(r"photo-?\s?diod|fotodiod|trans-?imp[eé]d|transimped", re.IGNORECASE)
_SLOPE = re.compile(
    r"(?<!\d)(\d+(?:[.,]\d+)?)\s?mV\s?(?:/|per |pro |par |por )\s?(°\s?C|degC|degrees?|grad|K\b|kPa|bar|lux|%|A\b|g\b|degré|grado)",
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


@dataclass(frozen=True, slots=True)
class Signal:
    """A sensor's signal: volts (or amperes, for a shunt) at both ends of its range.

    ``ends``: the quantity behind it at these ends, in ``unit``. ``shunt``: ohms that turn amperes into volts, 0 for a
    voltage. ``floating``: a bridge, whose two outputs are both above ground. ``light``: a current for a transimpedance stage.
    """

    low: float
    high: float
    ends: tuple[float, float]
    unit: str
    shunt: float = 0.0
    floating: bool = False
    light: bool = False
    what: str = "signal"


def _value(text: str) -> float:
    return float(text.replace(",", ".").replace("−", "-").replace("+", ""))


def signal_of(text: str, reference: float) -> Signal | None:
    """The signal of a request; None if it states none. In the quantity that the text wants, where it has a range of it."""
    found = _stated(text, reference)
    if found is None or found.what not in ("loop current", "signal"):
        return found
    for behind in _QUANTITY.finditer(text):
        low, high, unit = _value(behind.group(1)), _value(behind.group(2)), behind.group(3).replace(" ", "")
        if unit in ("A", "mA") and found.unit == "A":
            continue
        if low < high:
            unit = "degC" if unit.startswith(("°", "deg", "grad")) else unit
            return replace(found, ends=(low, high), unit=unit)
    return found


def _stated(text: str, reference: float) -> Signal | None:
    quantities = read(text)
    ohms = [each.value for each in quantities if each.unit == "ohm"]
    if loop := _LOOP.search(text):
        shunt = next((value for value in ohms if 10 <= value <= 1000), 0.0) or (150.0 if reference >= 3.2 else 100.0)
        least = int(loop.group(1)) * 1e-3
        return Signal(least, 20e-3, (least, 20e-3), "A", shunt, what="loop current")
    degrees = _DEGREES.search(text)
    spread = (_value(degrees.group(1)), _value(degrees.group(2))) if degrees else None
    if re.search(r"lm35", text, re.IGNORECASE):
        low, high = spread or (0.0, 100.0)
        return Signal(max(0.0, low) * 0.01, high * 0.01, (max(0.0, low), high), "degC", what="LM35")
    if re.search(r"tmp36", text, re.IGNORECASE):
        low, high = spread or (-40.0, 125.0)
        return Signal(0.5 + 0.01 * low, 0.5 + 0.01 * high, (low, high), "degC", what="TMP36")
    if bridge := _BRIDGE.search(text):
        supplies = [each.value for each in quantities if each.unit == "V" and 1 <= each.value <= 12]
        supply = next((v for v in supplies if v != reference), reference if reference >= 3 else 5.0)
        high = _value(bridge.group(1)) * 1e-3 * supply
        return Signal(0.0, high, (0.0, high), "V", floating=True, what="bridge")
    if slope := _SLOPE.search(text):
        per = _value(slope.group(1)) * 1e-3
        ends = spread or _plain_range(text, slope.group(2))
        if ends is not None and ends[1] > ends[0]:
            unit = "degC" if slope.group(2)[0] in "°dgK" and slope.group(2) not in ("g",) else slope.group(2)
            return Signal(per * ends[0], per * ends[1], ends, unit, what="sensor")
    amperes = _range(text, quantities, "A")
    if amperes is not None and _LIGHT.search(text):
        return Signal(amperes[0], amperes[1], amperes, "A", light=True, what="photocurrent")
    behind = amperes is not None and not _SHUNT.search(text) and _range(text, quantities, "V") is not None
    if amperes is not None and not behind:
        shunt = next((value for value in ohms if value <= 10), 0.0) or _milliohm(text) or 0.1
        return Signal(amperes[0], amperes[1], amperes, "A", shunt, what="current")
    volts = _range(text, quantities, "V")
    if volts is not None:
        floating = (
            re.search(r"\bbridge|wheatstone|differential|différentiel|load cell|brücke|puente", text, re.IGNORECASE)
            is not None
        )
        return Signal(volts[0], volts[1], volts, "V", floating=floating, what="signal")
    return None


def _milliohm(text: str) -> float:
    found = re.search(r"(\d+(?:[.,]\d+)?)\s?m\s?(?:Ω|ohms?|Ohm)", text)
    return _value(found.group(1)) * 1e-3 if found else 0.0


def _plain_range(text: str, unit: str) -> tuple[float, float] | None:
    found = re.search(
        rf"([-−]?\d+(?:[.,]\d+)?)\s?(?:-|–|to|\.\.+|à|bis|a)\s?([-−]?\d+(?:[.,]\d+)?)\s?{re.escape(unit)}",
        text,
        re.IGNORECASE,
    )
    return (_value(found.group(1)), _value(found.group(2))) if found else None


def _range(text: str, quantities: tuple[Quantity, ...], unit: str) -> tuple[float, float] | None:
    """The widest stated range of a unit that isn't what the signal is brought to: "0-50 mV", "±5 V", "up to 10 V"."""
    found: list[tuple[float, float]] = []
    of_unit = [each for each in quantities if each.unit == unit]
    for one, other in pairwise(of_unit):
        between = text[one.end : other.start]
        target = re.search(r"(?:into|onto|to (?:the |a )?(?:adc|mcu|stm32)|vers|scaled? to|mapped? to|adapt\w* (?:to|à)|auf|in den|a la entrada)\W+(?:the |a |la |den )?(?:range )?(?:of )?$",
                           text[max(0, one.start - 26) : one.start], re.IGNORECASE)  # fmt: skip
        if _JOINT.fullmatch(between) and one.value < other.value and not target:
            found.append((one.value, other.value))
    for each in of_unit:
        if (
            _PLUS_MINUS.search(text[max(0, each.start - 16) : each.start])
            or each.form == "±"
            or each.text.startswith("±")
        ):
            found.append((-abs(each.value), abs(each.value)))
        elif re.search(
            r"(?:up to|max(?:imum|\.)?(?: of)?|jusqu'à|bis(?: zu)?|hasta|full[- ]scale(?: of)?|at most)\s*$",
            text[max(0, each.start - 20) : each.start],
            re.IGNORECASE,
        ):
            found.append((0.0, each.value))
    if not found and (joined := _JOINED.search(text)) and joined.group(4).upper() == unit:
        factor = {"m": 1e-3, "µ": 1e-6, "u": 1e-6, "k": 1e3}.get(joined.group(3) or "", 1.0)
        low, high = _value(joined.group(1)) * factor, _value(joined.group(2)) * factor
        found += [(low, high)] if low < high else []
    return found[0] if found else None
