"""Symbols from requests: pins as the text lists them, or those of a part that everybody knows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kiki_core.planning.kicad.archetypes import ARCHETYPES
from kiki_core.planning.kicad.pinlists import kind_of, kinds_told, pins_of
from kiki_core.planning.kicad.sheet import Impossible
from kiki_tools.kicad.installation import folders
from kiki_tools.kicad.symbols import Pin

_COUNT = re.compile(
    r"(?<![\w.])(\d{1,3})[- ]?(?:pins?|broches?|polig\w*|pines?|patillas|way|leads?|positions?|pôles?|pos\b|contacts?|anschlüss\w*|terminals?)|"
    r"(?:with|avec|mit|con|has)\s+(\d{1,3})\s+(?:pins?|broches?|pines?|anschlüss\w*|terminals?|leads?)|\b1x(\d{1,2})\b",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"\b(?:pins?|broches?|anschlüsse|pines|patillas)\W+(?:(?:(?:in )?order|from|von|de|du|dans l'ordre|der reihe nach|en orden)\W+)*1\s?(?:to|-|–|through|thru|\.\.+|…|bis|à|a)\s?(\d{1,3})(?![\w.])\W{0,3}(?=[:(=]|are|sind|sont|son)",
    re.IGNORECASE,
)
"""The numbers of all pins: "pins 1 to 16:"."""
_LOGIC = re.compile(
    r"(?i)\b((?:74|54)[a-z]{0,4}(?:[1-3]g)?\d{2,4}[a-z]{0,2}|[1246]n\d{2,4}[a-z]?|24(?:lc|aa|c)\d{2,4}\w?)\b"
)
"""Parts whose names begin with a digit: logic of the 74 series, diodes, transistors, optocouplers, memories."""
_NAMED = re.compile(
    r"\b(?i:called|named|nommée?|appelée?|namens|genannt|llamad[oa]|name it|call it|call the (?:part|symbol)|symbol name|nombre|appelle-le|nenne es|nom)\b\s*[:=]?\s*(?:is |ist |est )?"
    r"[\"'`«“]?([A-Za-z][\w+-]*)|(?:,|;|\n|^)\s*(?i:name)\s*[:=]?\s*[\"'`«“]?([A-Z][\w+-]*)"
)
_CALLED = re.compile(
    r"(?i:symbols?|symbole|símbolo|schaltzeichen|part|chip|ic|for|of|pour|du|de|des|für|von|para|del|capteur|sensor|el|le|la|the|an?|une?|eine?n?|der|die|das)\s+"
    r"[\"'`«]?([A-Z][A-Z0-9_+-]*\d[A-Za-z0-9_+-]*|[A-Z][A-Z0-9]*_[A-Z0-9_]+)(?![\w])"
)
_QUOTED = re.compile(r"[\"“«'`]([A-Za-z][\w+ -]{1,30})[\"”»'`]")
_PART = re.compile(r"(?<![\w-])([A-Z]{1,6}\d{2,5}[A-Z0-9]{0,8}(?:-[A-Z0-9.]{1,8})?)(?![\w-])")
_CONNECTOR = re.compile(
    r"connector|header|\bhdr\b|connecteur|stecker|steckverbinder|buchse|conector|terminal block|bornier|klemme|socket|jack",
    re.IGNORECASE,
)
_ARTICLES = frozenset("it the a an and of for with der die das ein eine le la un une el los y de".split())
_OWN_UNIT = re.compile(
    r"(?:power|supply|aliment\w*|versorgung\w*|alimentación)\W+(?:\w+\W+){0,4}?(?:units?|unité|einheit|unidad|part)|(?:units?|unité|einheit|unidad)\W+(?:\w+\W+){0,4}?(?:power|supply|"
    r"d'aliment\w*|aliment\w*|versorgung)", re.IGNORECASE,
)  # fmt: skip
_UNITS = re.compile(
    r"\bunits? (?:per|for each|each)|(?:two|three|four|six|separate|[2-8]) units|unité par|einheiten?\b|jede einheit|unidad por|unidades|\bunits\b(?=.{0,40}(?:separate|each|one))|(?:zwei|drei|vier|getrennte\w*) (?:getrennte\w* )?einheiten",
    re.IGNORECASE,
)
_GATES = re.compile(
    r"\b(hex|quad|triple|dual)\b(?=.{0,120}?(?:units? (?:per|for each|each)|unité par|einheit (?:pro|je)|unidad por))",
    re.IGNORECASE | re.DOTALL,
)
_COUNTS = {"hex": 6, "quad": 4, "triple": 3, "dual": 2}
_MOST_PINS = 400


def plan(text: str) -> dict[str, Any]:
    """The plan of a symbol (as the generator's schema has it). Raises Impossible if no pin can be told."""
    count = _stated_count(text)
    connector = _CONNECTOR.search(text) is not None
    regulator = re.search(r"\bldo\b|regulat|régulat|regler|regulador", text, re.IGNORECASE) is not None
    pins = pins_of(text, count, regulator=regulator, connector=connector)
    reference, name = ("J", "CONNECTOR") if connector else ("U", "")
    archetype = next((each for each in ARCHETYPES if each[0].search(text)), None) if not connector else None
    if count > _MOST_PINS:
        raise Impossible(
            f"a symbol of {count} pins is too large to draw as one; name its units, at most {_MOST_PINS} pins each"
        )
    named = _name(text)
    if not pins and archetype is not None and (not count or count == len(archetype[3])):
        pins, name, reference = list(archetype[3]), archetype[1], archetype[2]
    if not pins and named:
        pins = _installed(named)
    if archetype is not None and reference == "U":
        reference, name = archetype[2], name or archetype[1]
    if not pins and count:
        pins = [Pin(str(n), f"Pin_{n}" if connector else f"P{n}", "passive") for n in range(1, count + 1)]
    if not pins:
        raise Impossible("no pin is named and no number of pins; list the pins, such as `1 VIN, 2 GND, 3 EN, 5 VOUT`")
    counted = _COUNT.search(text)
    pins = _completed(_contacts(text, pins), count, pad=counted is not None and _with_pad(text, counted))
    pins = _in_units(text, pins)
    twice = [number for number, times in Counter(pin.number for pin in pins).items() if times > 1]
    if twice:
        both = "; ".join(
            f"{number} is {' and '.join(pin.name for pin in pins if pin.number == number)}" for number in twice
        )
        raise Impossible(f"several pins have the number {', '.join(twice)} ({both}); a symbol needs each once")
    if count and len(pins) > count:
        raise Impossible(f"{len(pins)} pins are named, but the part is to have {count}")
    if regulator and not any(pin.kind == "power_out" for pin in pins):
        pins = [
            replace(pin, kind="power_out") if re.fullmatch(r"V?OUT\d*|VO", pin.name, re.IGNORECASE) else pin
            for pin in pins
        ]
    if not named and (free := re.findall(r"(?<![\w/])([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?![\w/])", text)):
        named = next((each for each in free if each not in {pin.name for pin in pins}), "")
    made: dict[str, Any] = {"name": named or name or "PART", "reference": _reference(text) or reference}
    made["pins"] = [_as_json(pin) for pin in pins]
    powers = {pin.unit for pin in pins if pin.kind == "power_in"}
    apart = any(head[2] for head in _UNIT.finditer(text)) and len({pin.unit for pin in pins}) > 1
    if (_OWN_UNIT.search(text) or apart) and powers == {1} and any(pin.kind == "power_in" for pin in pins):
        made["power_unit"] = True
    package = _footprint(text)
    if package:
        made["footprint_filters"] = [package]
    made["description"] = " ".join(text.split())[:120]
    return made


_COIL = re.compile(
    r"(?:coil|spule|bobine|bobina)\W+(?:(?:is|at|on|an|on pins?|auf|sur|en|entre|between|pins?|=|:|zwischen)\W+){0,3}(A1|\d{1,2})\s*(?:and|und|et|y|/|,|-|to)\s*(A2|\d{1,2})(?![\w])",
    re.IGNORECASE,
)


def _contacts(text: str, pins: list[Pin]) -> list[Pin]:
    """The pins with those of a relay's coil, which have numbers only."""
    coil = _COIL.search(text)
    known = {pin.number for pin in pins}
    if coil is None or {coil[1].upper(), coil[2].upper()} & known:
        return pins
    return [*(Pin(number.upper(), number.upper(), "passive") for number in coil.groups()), *pins]


def _in_units(text: str, pins: list[Pin]) -> list[Pin]:
    """The pins in the units that the text asks for: by the channel that their names tell, a relay's coil apart."""
    if {pin.unit for pin in pins} != {1}:
        return pins
    if told := _told_units(text, pins):
        return told
    if not _UNITS.search(text):
        return pins
    if coil := _COIL.search(text):
        ends = {coil[1].upper(), coil[2].upper()}
        return [replace(pin, unit=1 if pin.number in ends else 2) for pin in pins]
    signals = [pin for pin in pins if pin.kind not in ("power_in", "no_connect")]
    for pattern in (r"(?<!\d)(\d)(?!\d)", r"^(?:IN|OUT|O|I|V)?[+-]?([A-F])(?:[+-]|IN|OUT)?$|([A-F])[+-]?$"):
        found = {pin.number: re.search(pattern, re.sub(r"[~{}_]", "", pin.name)) for pin in signals}
        channels = sorted({next(part for part in match.groups() if part) for match in found.values() if match})
        if signals and all(found.values()) and 2 <= len(channels) <= 8:
            units = {
                number: channels.index(next(part for part in match.groups() if part)) + 1
                for number, match in found.items()
                if match
            }
            return [replace(pin, unit=units.get(pin.number, 1)) for pin in pins]
    return pins


_UNIT = re.compile(
    r"\b(?:unit|unité|einheit|unidad|gate|channel|amp(?:lifier)?)\s+([A-H1-8])\b(?=[^\w])|\b(power|supply|alimentation|versorgung)\b(?: unit)?(?=[\s:]+(?:pins?\s)?\d)",
    re.IGNORECASE,
)


def _told_units(text: str, pins: list[Pin]) -> list[Pin]:
    """The pins in the units under which the text lists them: "unit A pins 1 OUT, 2 -; unit B pins 7 OUT"."""
    heads = list(_UNIT.finditer(text))
    names = [head[1].upper() for head in heads if head[1]]
    if len(names) < 2 or len(set(names)) != len(names):
        return []
    units: dict[str, int] = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        part = text[head.end() : following.start() if following else len(text)]
        for number in re.findall(r"(?<![\w.])(\d{1,3})(?![\w.])", part):
            units.setdefault(number, names.index(head[1].upper()) + 1 if head[1] else 0)
    if any(pin.number not in units for pin in pins if pin.kind not in ("power_in", "no_connect")):
        return []
    return [replace(pin, unit=units.get(pin.number) or 1) for pin in pins]


_TOKEN = re.compile(r"(?<![\w.+/~{-])([A-Z][A-Z0-9]*(?:[_/][A-Z0-9]+)*[+-]?|[+-][A-Z][A-Z0-9]*)(?![\w}])")
_NO_PINS = re.compile(
    r"KICAD|SYM|CSV|[A-Z]|IC|LDO|USB|I2C|SPI|UART|CAN|ADC|DAC|LED|LEDS|MOSFET|NPN|PNP|SMD|SOT|SOIC|SO|[A-Z]{0,2}SSOP|MSOP|VSON|UDFN|DIP|QFN|DFN|LQFP|TQFP|BGA|WLCSP|TO|SON|WSON|NAND|NOR|XOR|AND|OR|RTC|PWM|"
    r"EEPROM|RAM|FLASH|MCU|CPU|FPGA|RGB|RF|PIN|PINS|NAME|TYPE|NUMBER|RS\d*|JST|XH|PH|BNC|RJ45|HDMI|D-?SUB|OPAMP|OP|JFET|IGBT|PMIC|ESD|TVS|N|P|U\d*|J\d*|Q\d*|VR|[A-Z]{1,2}\d{1,2}|DE|DIN|PLEASE|OK"
)


def names_units(text: str) -> bool:
    """Whether a text divides a part into units, as only a symbol is."""
    return _UNITS.search(text) is not None


def missing(text: str, made: dict[str, Any]) -> list[str]:
    """Names in capitals that are no pin of the symbol and not its name; units that it hasn't."""
    pins = made["pins"]
    known = {
        re.sub(r"[~{}]", "", part)
        for pin in pins
        for part in (pin["name"], pin["number"], *re.split(r"[/]", pin["name"]))
    }
    lost: list[str] = []
    unknown: list[str] = []
    listed = len(pins_of(text, 0, regulator=False, connector=False)) >= 2
    name = made["name"].upper()
    for match in _TOKEN.finditer(text):
        token = match[1]
        if token in known or token.rstrip("+-") in known or token.upper() in name or name in token.upper():
            continue
        told = re.search(rf"(?<![A-Z]){re.escape(token)}$", name) is not None
        numbered = re.fullmatch(r"[A-Z]{2,}\d{3,}\w*|[A-Z]+-\d+\w*", token) is not None
        if not told and not _NO_PINS.fullmatch(token):
            (lost if listed or numbered else unknown).append(token)
    lost += unknown if len(unknown) > 2 else []
    rows = {stem for stem, times in Counter(re.sub(r"\d+$", "", pin["name"]) for pin in pins).items() if times > 1}
    lost += [each for each in dict.fromkeys(re.findall(r"(?<![\w/-])([A-Z]{1,2}\d{1,2})(?![\w/-])", text))
             if each not in known and re.sub(r"\d+$", "", each) in rows and each not in lost]  # fmt: skip
    lost += [each for each in re.findall(r"(?<![\w'])([A-Z][A-Z0-9]*')(?=\s*[,;)\n])", text) if each not in known]
    grouped = kinds_told(text, [pin["name"] for pin in pins])
    lost += [f"{pin['name']} as {grouped[pin['name']].replace('_', ' ')}" for pin in pins
             if pin["name"] in grouped and not _alike(grouped[pin["name"]], pin["kind"])]  # fmt: skip
    lost += [match[1] for match in re.finditer(r"(?<![\w-])([A-Z]{2,5}-\d{1,3}[A-Z]{0,2})(?![\w])", text)
             if match[1].upper() not in name and not re.match(r"SOT|SOIC|TO-|QFN|DFN|DIP|TSSOP|SSOP|MSOP|LQFP|TQFP|BGA|SC-|SO-|SON|RS-|USB|WSON|VSSOP|XSON|UFQFPN", match[1])]  # fmt: skip
    count = _stated_count(text)
    if (
        count
        and count != len(pins)
        and re.search(r"pins?\b|broches|polig|pines|anschl|leads|terminals", text, re.IGNORECASE)
    ):
        lost.append(f"{count} pins")
    if _NUMBERS.search(text) and not re.search(r"\bN\.?C\b|n/c|connec|verbunden|conect", text, re.IGNORECASE):
        lost += [f"the name of pin {pin['number']}" for pin in pins if pin["kind"] == "no_connect"]
    numbers = {int(pin["number"]) for pin in pins if pin["number"].isdigit()}
    if listed and numbers and len(numbers) == len(pins) and min(numbers) <= 2 and max(numbers) <= 2 * len(numbers):
        lost += [f"pin {number}" for number in range(1, max(numbers)) if number not in numbers]
    for pin in pins:
        typed = re.search(rf"(?<![\w]){re.escape(pin['name'])}(?![\w+-])\s*[(\[]\s*([^)\]\n]{{2,30}})\s*[)\]]", text)
        if typed and (kind := kind_of("", typed[1])) != "passive" and not _alike(kind, pin["kind"]):
            lost.append(f"{pin['name']} as {kind.replace('_', ' ')}")
    if len(pins) > 2 and all(re.fullmatch(rf"P{pin['number']}", pin["name"]) for pin in pins):
        lost.append("the names of its pins")
    if name == "PART" and (odd := re.search(r"(?<![\w.])(\d{1,2}[A-Z]{1,6}\d?[A-Z]?\d{2,5}\w*)(?!\w)", text)):
        lost.append(f"the name {odd[1]}")
    units = {pin.get("unit", 1) for pin in pins}
    if _UNITS.search(text) and units == {1}:
        lost.append("units")
    elif (gates := _GATES.search(text)) and len(units) < (least := _COUNTS[gates[1].lower()]):
        lost.append(f"{least} units")
    return lost


def _alike(told: str, kind: str) -> bool:
    """Whether a pin's type is what was told of it; an output may be a supply's, or an open one."""
    return told == kind or (told == "output" and kind in ("power_out", "open_collector", "tri_state"))


def _with_pad(text: str, counted: re.Match[str]) -> bool:
    """Whether a pad is counted beside the pins: "8 pins + pad"."""
    return _PLUS_PAD.match(text, counted.end()) is not None


_PLUS_PAD = re.compile(
    r"\s*(?:\+|,?\s*(?:plus|and|und|et|y|mit|with|avec|con))\s*(?:(?:an?|the|une?|le|eine?m?|un|el)\s+)?(?:(?:exposed|thermal|bottom|cent(?:re|er)|ground|power|wärme|thermal-)\s*-?)*"
    r"(?:pads?|pastille|e-?pad|EP)(?![\w])",
    re.IGNORECASE,
)


def _stated_count(text: str) -> int:
    rows = re.search(r"(?<![\w.])([2-4])\s?x\s?(\d{1,2})(?![\w.])", text)
    if rows and _CONNECTOR.search(text):
        return int(rows.group(1)) * int(rows.group(2))
    found = _COUNT.search(text)
    if found:
        return int(next(part for part in found.groups() if part)) + _with_pad(text, found)
    row = _NUMBERS.search(text)
    return int(row[1]) if row else 0


def _name(text: str) -> str:
    quoted = _QUOTED.search(text)
    if quoted and not re.search(r"\s", quoted.group(1)):
        return quoted.group(1)
    if (told := _NAMED.search(text)) and (
        name := (told.group(1) or told.group(2)).strip("-+")
    ).lower() not in _ARTICLES:
        return name
    if logic := _LOGIC.search(text):
        return logic.group(1).upper()
    for match in _CALLED.finditer(text):
        name = match.group(1).strip("-+")
        if not re.match(
            r"(?:\d(?!N)|for\b|of\b|with\b|from\b|an?\b|pin|sot|soic|dip|qfn|tssop|ldo$|usb|i2c|spi|kicad|gnd|vcc|vdd|npn|pnp|led$|the$|with|dual|quad|ic$|op-?amp)",
            name,
            re.IGNORECASE,
        ):
            return name
    for match in _PART.finditer(text):
        if not re.match(
            r"(?:SOT|SOIC|DIP|QFN|LQFP|TSSOP|TO\d|SO\d|GPIO|IO|CH|OUT|IN|P[A-K]\d{1,2}$|D\d|A\d|Q\d)", match.group(1)
        ):
            return match.group(1)
    return ""


def _reference(text: str) -> str:
    found = re.search(r"reference(?: prefix| designator)?\s*(?:=|:|is|of)?\s*[\"'`]?([A-Z]{1,3})\b", text)
    return found.group(1) if found else ""


def _footprint(text: str) -> str:
    found = re.search(
        r"\b(SOIC|SO|TSSOP|SSOP|MSOP|DIP|QFN|LQFP|TQFP|SOT-?23|SOT-?223|DFN)-?(\d{1,3})?\b", text, re.IGNORECASE
    )
    if not found:
        return ""
    return f"{found.group(1).upper()}{'-' + found.group(2) if found.group(2) else ''}*"


def _completed(pins: list[Pin], count: int, *, pad: bool) -> list[Pin]:
    """The pins that the text counts but doesn't name: not connected."""
    if not count or len(pins) >= count or not all(pin.number.isdigit() for pin in pins):
        return pins
    known = {pin.number for pin in pins}
    missing = [str(n) for n in range(1, count + 1) if str(n) not in known]
    if pad and missing == [str(count)]:
        return [*pins, Pin(str(count), "EP", kind_of("EP"))]
    if len(known) + len(missing) > count:
        return pins
    return [*pins, *(Pin(number, "NC", "no_connect") for number in missing)]


def _as_json(pin: Pin) -> dict[str, Any]:
    found: dict[str, Any] = {"number": pin.number, "name": pin.name, "kind": pin.kind}
    if pin.side:
        found["side"] = pin.side
    if pin.unit != 1:
        found["unit"] = pin.unit
    return found


@cache
def _libraries() -> tuple[Path, ...]:
    return tuple(
        sorted(path for folder in folders() if folder.endswith("symbols") for path in Path(folder).glob("*.kicad_sym"))
    )


def _installed(name: str) -> list[Pin]:
    """The pins of a part that KiCad's installed libraries have; empty if none has it."""
    from kiki_tools.kicad.circuits import ImpossibleCircuit, Symbols

    needle = f'(symbol "{name}'
    for path in _libraries():
        try:
            text = path.read_text("utf-8")
        except OSError:
            continue
        at = text.find(needle)
        if at < 0 or text[at - 1] not in "\t ":
            continue
        found = text[at + 9 : text.index('"', at + 9)]
        if re.search(r"_\d+_\d+$", found):
            continue
        try:
            symbol = Symbols()(f"{path.stem}:{found}").symbol
        except (ImpossibleCircuit, ValueError):
            continue
        pins = [
            Pin(pin.number, pin.name or "~", pin.type if pin.type else kind_of(pin.name)) for pin in symbol.all_pins()
        ]
        seen: dict[str, Pin] = {}
        for pin in pins:
            seen.setdefault(pin.number, pin)
        return list(seen.values())
    return []
