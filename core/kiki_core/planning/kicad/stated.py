"""A circuit that a request states part by part: "R1 10k from IN to OUT, C1 100n between OUT and GND"."""

from __future__ import annotations

import re

from kiki_core.planning.kicad.sheet import Sheet

_NET = r"[+-]?[A-Za-z_][\w+\-./]*|[+-]\d+(?:[.,]\d+)?V\d*|\d+V\d*|0V"
_PART = re.compile(
    rf"(?<![\w.])(?P<ref>(?:LED|SW|RV|TH|R|C|L|D|Y|F|B|Z)\d{{1,3}})\b\s*[:=(,]?\s*(?:(?:is |est |ist |es |=)\s*)?(?:an? |une? |eine? )?"
    rf"(?P<value>[\d.,]+\s?(?:[pnuµμmkKMR]?(?:F|H|Hz|ohms?|Ω|V|A)?\d{{0,2}}|meg)(?![a-zA-Zµ])|1N\d+\w*|red|green|blue|zener(?:\s\d+(?:[.,]\d+)?V\d*|\s\d+V\d+)?|schottky|LED|resistor|capacitor|diode)?\s*[),]?\s*"
    rf"(?:(?:resistor|capacitor|inductor|diode|led|cap|ohms?|résistance|condensateur|widerstand|kondensator|resistencia|condensador|connects?|connected|"
    rf"goes|is|wired|placed|in series|branchée?|reliée?|liegt|conectad[ao]|va|va de|est)\s+){{0,4}}"
    rf"(?:from|between|de|entre|von|zwischen|desde|anode(?: to| on)?|:)?\s*(?:the\s)?(?<![A-Za-z])(?P<one>{_NET})(?!\w)\s*"
    rf"(?:to|and|et|à|a|und|nach|y|-|–|->|→|,|/|vers|hacia|cathode(?: to| on)?)\s*(?:the\s)?(?P<other>{_NET})(?![\w])",
    re.IGNORECASE,
)
_KINDS = {"R": "Device:R", "C": "Device:C", "L": "Device:L", "D": "Device:D", "LED": "Device:LED", "SW": "Switch:SW_Push",
          "Y": "Device:Crystal", "F": "Device:Fuse", "Z": "Device:D_Zener", "B": "Device:Battery_Cell",
          "TH": "Device:Thermistor_NTC", "RV": "Device:R"}  # fmt: skip
_NOT_NETS = frozenset(
    "the a an and or with to of from between is in on at de la le et und der die das y el en les un une value".split()
)


_WORDS_FOR_NETS = re.compile(
    r"in|out|gnd|ground|vin|vout|vcc|vdd|input|output|masse|tierra|entrée|sortie|eingang|ausgang|entrada|salida|[a-z]\d?|\w*\d\w*|[+-].*",
    re.IGNORECASE,
)


def _is_net(name: str) -> bool:
    """Whether a word is a net's name: in capitals, with a digit, or one that everybody has for a net."""
    return name.upper() == name or _WORDS_FOR_NETS.fullmatch(name) is not None


def stated(text: str) -> Sheet | None:
    """The sheet of the parts that a text states with both of their nets; None for fewer than two."""
    if re.search(r"(?<![\w.])[UQ]\d{1,2}(?![\w.])", text):
        return None
    sheet = Sheet()
    seen: set[str] = set()
    for match in _PART.finditer(text):
        reference, one, other = (
            match.group("ref").upper(),
            match.group("one").rstrip(".-/"),
            match.group("other").rstrip(".-/"),
        )
        if {one, other} & _NOT_NETS or reference in seen or one == other or not all(map(_is_net, (one, other))):
            continue
        seen.add(reference)
        _add(sheet, reference, (match.group("value") or "").strip(), _net(one), _net(other))
    if len(sheet.parts) < 2:
        return None
    add_connectors(text, sheet)
    nets = sheet.nets()
    outside = [net for net in nets if nets[net] == 1 or net in ("GND", "IN", "OUT", "VIN", "VOUT", "VCC", "VDD")
               or net.startswith(("+", "-"))]  # fmt: skip
    outside = [
        net
        for net in outside
        if not any(part.reference.startswith("J") and net in part.pins.values() for part in sheet.parts)
    ]
    if outside:
        sheet.connector(outside[:20] if len(outside) > 1 else [*outside, *outside][:1], "NETS")
    sheet.title.append("circuit as stated")
    return sheet


_CONNECTOR = re.compile(
    rf"(?<![\w.])(J\d{{1,2}})\s*[:=(]?\s*(?:with|has|carries|on|to|connects|avec|mit|con|from|between)?\s*((?:{_NET})(?:\s*(?:,|and|et|und|y)\s*(?:{_NET})(?![\w])){{1,19}})",
    re.IGNORECASE,
)


def add_connectors(text: str, sheet: Sheet) -> None:
    """The connectors whose nets a text states: those names that parts have, or that stand for the ground."""
    from kiki_tools.kicad.circuits import Part

    known = {*sheet.nets(), "GND"}
    for match in _CONNECTOR.finditer(text):
        names = [
            _net(each.strip())
            for each in re.split(r"\s*(?:,|\band\b|\bet\b|\bund\b|\by\b)\s*", match.group(2))
            if each.strip()
        ]
        nets = [name for name in names if name in known]
        if len(nets) < 2 or any(part.reference == match.group(1).upper() for part in sheet.parts):
            continue
        pins = {str(number): net for number, net in enumerate(nets, 1)}
        sheet.parts.append(Part(match.group(1).upper(), f"Connector:Conn_01x{len(nets):02}_Pin", pins, "Conn", ""))


def _add(sheet: Sheet, reference: str, value: str, one: str, other: str) -> None:
    from kiki_tools.kicad.circuits import Part

    letters = re.sub(r"\d", "", reference)
    symbol = _KINDS.get(letters, "Device:R")
    lower = value.lower()
    if letters == "D" and lower in ("red", "green", "blue", "led"):
        symbol = "Device:LED"
    if letters == "D" and ("zener" in lower or re.fullmatch(r"[\d.,]+\s?v\d*", lower)):
        symbol = "Device:D_Zener"
    if letters == "D" and "schottky" in lower:
        symbol = "Device:D_Schottky"
    diode = symbol in ("Device:D", "Device:LED", "Device:D_Zener", "Device:D_Schottky")
    pins = {"A": one, "K": other} if diode else {"+": one, "-": other} if letters == "B" else {"1": one, "2": other}
    real = "D" if letters in ("LED", "Z") else "BT" if letters == "B" else letters
    number = re.sub(r"\D", "", reference)
    name = f"{real}{number}"
    if any(part.reference == name for part in sheet.parts):
        name = f"{real}{int(number) + 50}"
    sheet.parts.append(Part(name, symbol, pins, re.sub(r"\s", "", value) or ""))


def _net(name: str) -> str:
    upper = name.upper()
    if upper in ("GROUND", "GND", "0V", "MASSE", "TIERRA"):
        return "GND"
    if upper in ("INPUT", "ENTRÉE", "EINGANG", "ENTRADA"):
        return "IN"
    if upper in ("OUTPUT", "SORTIE", "AUSGANG", "SALIDA"):
        return "OUT"
    if re.fullmatch(r"\d+(?:[.,]\d+)?V\d*", upper):
        return (
            "+"
            + upper.replace(".", "V").replace(",", "V").rstrip("V")
            + ("V" if "." not in upper and "," not in upper else "")
        )
    return upper
