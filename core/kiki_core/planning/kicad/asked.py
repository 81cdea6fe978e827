"""What a request names and what was planned hasn't: parts, values, dimensions. None of it may go unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kiki_core.planning.kicad import pads, rules
from kiki_core.planning.kicad.sheet import Ask, written

_PARTS: Sequence[tuple[str, str, str]] = (
    ("a resistor", r"resistors?|résistances?|widerst[aä]nd\w*|vorwiderstand|resistencias?|pull-?ups?|pull-?downs?", "R|RV|RN"),
    ("a capacitor", r"capacitors?|condensateurs?|kondensator\w*|condensador\w*|decoupling|découplage|entkopplung|desacoplo", "C"),
    ("an inductor", r"inductors?|bobines?|spulen?|inductancia", "L"),
    ("an LED", r"LEDs?|leuchtdioden?", "D"),
    ("a diode", r"(?<!de )diodes?|schottky|zener|freilaufdiode|diodo", "D"),
    ("a button", r"push[- ]?buttons?|(?:reset|boot|user) (?:button|switch)|buttons?|taster|boutons?|pulsador\w*|botón", "SW"),
    ("a crystal", r"crystals?|quartz|quarz|cristal", "Y"),
    ("a connector", r"connectors?|headers?|connecteurs?|stecker\w*|stiftleiste|conector\w*|terminal block|bornier", "J"),
    ("a relay", r"relays?|relais|relé", "K"),
    ("a fuse", r"fuses?|polyfuse|fusibles?|sicherung\w*", "F"),
    ("a potentiometer", r"potentiometers?|potentiomètre|poti|trimmer|potenciómetro", "RV"),
    ("a thermistor", r"thermistors?|ntc", "TH"),
    ("a buzzer", r"buzzers?|summer", "BZ|LS"),
    ("a battery", r"batter(?:y|ies) holder|coin cell", "BT|J"),
    ("a test point", r"test ?points?", "TP"),
)  # fmt: skip
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "quatre": 4, "zwei": 2, "drei": 3,
           "vier": 4, "dos": 2, "tres": 3, "cuatro": 4}  # fmt: skip
_SEVERAL = (rf"(?<![\w.,-])({'|'.join(_COUNTS)}|[2-9])\s+(?!pin|way|pol|[kmg]?hz|[munp]?[fhvaw]\b|mm|mil|k\b|input|position|terminal|channel|ohm|kohm|volt|watt|stage)"
            r"(?:[a-zà-ÿ]{3,}\s+)?")  # fmt: skip
_FILTER = re.compile(r"(?:low|high|band)[- ]?pass|passe-?(?:bas|haut|bande)|(?:tief|hoch|band)pass|pasa-?(?:baj|alt|banda)|notch|sallen",
                     re.IGNORECASE)  # fmt: skip
_NONE = r"(?:no|without|sans|ohne|sin|kein\w*)\s+(?:an? |any |the )?(?:\w+ )?"
_STATED = re.compile(r"(?<![\w.])((?:R|C|L|D|Q|U|SW|RV|TH|J|Y|F|K)\d{1,2})(?![\w])")
_NUMBERED = re.compile(r"(?<![\w-])((?:LM|TL|NE|OP|OPA|MCP|AMS|MAX|BC|BSS|IRF|IRL|AO|SN|TPS|TJA|INA|LT|AD|ULN|DS|ADS|AP|XC|W25Q|74HC|1N|2N)\d{2,5})",
                       re.IGNORECASE)  # fmt: skip
_SIZE = re.compile(
    r"(?<![\w.])(\d{1,2}(?:[.,]\d{1,3})?)\s?(?:mm)?\s?[x×]\s?(\d{1,2}(?:[.,]\d{1,3})?)(?![\d.])", re.IGNORECASE
)
_MILLIMETRES = re.compile(r"(?<![\w.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?mm(?![\w²])|(?:pitch|raster|paso|pas)\s?(?:of |de |von )?(\d(?:[.,]\d{1,3})?)(?![\w.])",
                          re.IGNORECASE)  # fmt: skip


def missing(kind: str, text: str, plan: dict[str, Any]) -> tuple[str, ...]:
    """What a text asks for that the plan hasn't, in words for the answer."""
    if kind == "schematic":
        return tuple(dict.fromkeys(_of_sheet(text, plan)))
    if kind == "footprint":
        return tuple(dict.fromkeys(_of_footprint(text, plan)))
    if kind == "rules":
        return tuple(dict.fromkeys(rules.missing(text, plan)))
    return ()


def _of_sheet(text: str, plan: Mapping[str, Any]) -> Iterator[str]:
    parts = plan["parts"]
    letters = {re.sub(r"\d+$", "", part["reference"]) for part in parts}
    for name, pattern, wanted in _PARTS:
        said = re.search(rf"(?<![\w-])(?:{pattern})(?![\w])", text, re.IGNORECASE)
        if (
            said
            and not letters & set(wanted.split("|"))
            and not re.search(rf"{_NONE}(?:{pattern})", text, re.IGNORECASE)
        ):
            yield name
        several = re.search(rf"{_SEVERAL}(?:{pattern})(?![\w])", text, re.IGNORECASE)
        if several and letters & set(wanted.split("|")):
            count = _COUNTS.get(several.group(1).lower()) or int(several.group(1))
            if sum(re.sub(r"\d+$", "", part["reference"]) in wanted.split("|") for part in parts) < count:
                yield several.group(0)
    if _FILTER.search(text) and not ({"R", "L"} & letters and {"C", "L"} & letters and "pass" in plan["title"].lower()):
        yield "the filter"
    references = {part["reference"] for part in parts}
    if len(_STATED.findall(text)) > 1:
        yield from (each for each in _STATED.findall(text) if each not in references)
    drawn = " ".join(f"{part['symbol']} {part['value']}" for part in parts).upper()
    yield from (match.group(1) for match in _NUMBERED.finditer(text) if match.group(1).upper() not in drawn)
    yield from _values(text, parts)


def _values(text: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Stated resistances, capacitances and inductances that no part has."""
    had = {str(part["value"]).replace(" ", "").rstrip("ΩFH").lower() for part in parts}
    ask = Ask.of(text)
    for each in ask.quantities:
        if each.unit in ("ohm", "F", "H") and not each.scaled and each.value > 0:
            forms = {written(each.value), f"{each.value * 1e6:g}u", f"{each.value:g}", f"{each.value * 1e3:g}m"}
            if not any(form.lower() in had for form in forms) and not re.search(
                r"load|charge|last|carga|impedance|stray|CL\b|speaker|sens",
                text[max(0, each.start - 24) : each.end + 16],
                re.IGNORECASE,
            ):
                yield each.text.strip()


def _of_footprint(text: str, plan: dict[str, Any]) -> Iterator[str]:
    text = pads.metric(text)
    had = {round(value, 3) for value in _numbers(plan.get("package", {}))}
    had |= {round(float(each), 3) for each in re.findall(r"\d+(?:\.\d+)?", plan.get("name", ""))}
    had |= {round(low + (high - low) / 2, 3) for low, high in _spans(plan.get("package", {}))}
    lands = _lands(plan)
    had |= {round(value, 3) for land in lands for value in (land.width, land.height, land.drill)}
    for match in _SIZE.finditer(text):
        if any(not _near(float(each.replace(",", ".")), had) for each in match.groups()):
            yield match.group(0).strip()
    for match in _MILLIMETRES.finditer(text):
        value = next(part for part in match.groups() if part)
        if not _near(float(value.replace(",", ".")), had):
            yield match.group(0).strip()
    if not lands:
        return
    if (drill := pads.drill_of(text)) and not any(abs(land.drill - drill) < 0.006 for land in lands):
        yield f"a hole of {drill:g} mm"
    if (size := pads.size_of(text)) and not any(
        _near(land.width, {one}) and _near(land.height, {other}) for land in lands for one, other in (size, size[::-1])
    ):
        yield f"a pad of {size[0]:g} x {size[1]:g} mm"
    surface = pads.on_surface(text)
    if surface is not None and surface == any(land.use == "hole" for land in lands):
        yield "pads on the surface" if surface else "holes"
    if stated := pads.count_of(text):
        numbers = {land.number for land in lands if land.number}
        if stated not in (len(numbers), len(numbers) - any(land.use == "metal" for land in lands)):
            yield f"{stated} pads"


def _lands(plan: Mapping[str, Any]) -> Sequence[Any]:
    """The copper that a plan comes to; none where it can't be made, which is said elsewhere."""
    from kiki_core.generating.kicad import FootprintPlan
    from kiki_core.generating.typed import NotRead, read
    from kiki_tools.kicad.lands import land_pattern
    from kiki_tools.kicad.packages import ImpossibleFootprint, standard

    try:
        wanted = read(FootprintPlan, plan, "the plan")
        package = standard(wanted.package) if isinstance(wanted.package, str) else wanted.package
        return land_pattern(package, wanted.density).lands
    except (NotRead, ImpossibleFootprint):
        return ()


def _near(value: float, had: set[float]) -> bool:
    return any(abs(value - known) <= 0.011 + 0.01 * known for known in had)


def _numbers(data: Any) -> Iterator[float]:
    if isinstance(data, Mapping):
        for each in data.values():
            yield from _numbers(each)
    elif isinstance(data, (list, tuple)):
        for each in data:
            yield from _numbers(each)
    elif isinstance(data, (int, float)) and not isinstance(data, bool):
        yield float(data)


def _spans(data: Any) -> Iterator[tuple[float, float]]:
    """Ranges of a package's dimensions: {min, max}."""
    if isinstance(data, Mapping):
        numbers = [each for each in data.values() if isinstance(each, (int, float))]
        if {"min", "max"} <= set(data):
            yield float(data["min"]), float(data["max"])
        elif len(numbers) == len(data) == 2:
            yield min(numbers), max(numbers)
        for each in data.values():
            yield from _spans(each)
    elif isinstance(data, (list, tuple)):
        if len(data) == 2 and all(isinstance(each, (int, float)) for each in data):
            yield float(data[0]), float(data[1])
        for each in data:
            yield from _spans(each)
