"""What any circuit may have at its input: a battery, a fuse, a switch, a clamp; and test points on its nets."""

from __future__ import annotations

import re
from dataclasses import replace

from kiki_core.planning.kicad.sheet import Ask, Sheet, written
from kiki_tools.kicad.circuits import Part, is_ground

_BATTERY = r"batter(?:y|ies)|batterien?\b|\bpiles?\b|bater[íi]as?\b|\bpilas?\b|\bakku|coin cell|\baccu\b|knopfzelle|\blipo\b|18650|cr2032"
_NO_SOURCE = r"charg|lader|cargador|\bvbat\b|monitor|measure|mess|mesure|medir|surveill|überwach|divider|diviseur|teiler|divisor|connector|protect"
_FUSE = r"\bfuses?\b|polyfuse|\bptc\b|fusibles?|sicherung|schmelzsicherung|resettable"
_SWITCH = r"(?:power|on[/-]?off|slide|toggle|main) switch|interrupteur|hauptschalter|ein-?/?aus-?schalter|kippschalter|schiebeschalter|interruptor"
_CLAMP = r"\btvs\b|suppressordiode|transient (?:voltage )?suppress|smaj|smbj"
_BEAD = r"ferrite?\b(?: bead)?|ferritperle|perle de ferrite|ferrita"
_POINTS = r"test ?points?|testpunkte?|points? de (?:test|mesure)|puntos? de (?:prueba|test)"


def add(ask: Ask, sheet: Sheet) -> None:
    """Draws what the request names of these and the blocks haven't drawn."""
    _termination_jumper(ask, sheet)
    _guards(ask, sheet)
    _capacitors(ask, sheet)
    _diode(ask, sheet)
    drawn = {re.sub(r"\d+$", "", part.reference) for part in sheet.parts}
    inlet = _inlet(sheet)
    if inlet is None:
        return
    net = inlet.pins["1"]
    if "BT" not in drawn and ask.has(_BATTERY) and not ask.has(_NO_SOURCE):
        cell = ask.has(r"coin|cell|knopfzelle|pile bouton|cr2032|18650")
        value = ask.find(r"\b(cr\d{4}|18650)\b").upper() or f"{net.lstrip('+').replace('V', 'V')}"
        sheet.parts = [each for each in sheet.parts if each is not inlet]
        sheet.add("BT", "Device:Battery_Cell" if cell else "Device:Battery", {"+": net, "-": "GND"}, value)
    if "F" not in drawn and ask.has(_FUSE):
        amps = next((each for each in ask.all("A") if ask.near("A", _FUSE, 24) == each.value), None)
        symbol = (
            "Device:Polyfuse"
            if ask.has(r"polyfuse|\bptc\b|resettable|réarmable|rückstell|rearmable")
            else "Device:Fuse"
        )
        _in_series(sheet, symbol, "F", ("1", "2"), amps.text.replace(" ", "") if amps else "1A", "FUSED")
    if "SW" not in drawn and ask.has(_SWITCH):
        _in_series(sheet, "Switch:SW_SPST", "SW", ("1", "2"), "SW_SPST", "SWITCHED_IN")
    if not {"FB"} & drawn and ask.has(_BEAD):
        _in_series(sheet, "Device:FerriteBead", "FB", ("1", "2"), "600R@100MHz", "BEAD")
    if ask.has(_CLAMP) and not any("TVS" in part.symbol for part in sheet.parts):
        clamp = ask.find(r"\b(sm[abc]j\w+|p6ke\w+|pesd\w+)\b").upper() or "TVS"
        lines = [each for each in ("CANH", "CANL", "A", "B", "D+", "D-", "RS_TX", "RS_RX") if each in sheet.nets()]
        for each in [net] if ask.has(r"(?:input|supply|eingang|entrée|entrada)") or not lines else lines:
            sheet.add("D", "Device:D_TVS", {"1": each, "2": "GND"}, clamp)
    if ask.has(_POINTS) and "TP" not in drawn:
        nets = [each for each in sheet.nets() if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", ask.text)] or ["OUT"]
        for each in nets[:8]:
            if each in sheet.nets():
                sheet.add("TP", "Connector:TestPoint", {"1": each}, each)


_JUMPER = r"jumpers?|solder bridge|cavalier|lötbrücke|steckbrücke|puente de soldadura"
_BUS = ({"CANH", "CANL"}, {"A", "B"}, {"RS485_A", "RS485_B"})


def _termination_jumper(ask: Ask, sheet: Sheet) -> None:
    """Puts a jumper in series with a bus's termination, where the text wants one there."""
    if not ask.has(_JUMPER) or any(part.reference.startswith("JP") for part in sheet.parts):
        return
    for number, part in enumerate(sheet.parts):
        if part.reference.startswith("R") and set(part.pins.values()) in _BUS and part.value == "120":
            end = part.pins["2"]
            sheet.parts[number] = replace(part, pins={**part.pins, "2": "TERM"})
            sheet.add("JP", "Jumper:Jumper_2_Open", {"1": "TERM", "2": end}, "TERM")
            return


def _guards(ask: Ask, sheet: Sheet) -> None:
    """The two diodes that let a regulator's capacitors discharge around it: from output to input, from ADJ to output."""
    if not ask.has(r"(?:protecti\w*|schutz|protecc\w*)[- ]?diod\w*|diod\w* (?:de |of |for )?prot\w*|schutzdiode\w*"):
        return
    for part in sheet.parts:
        if "Regulator_Linear:LM317" in part.symbol and part.pins["ADJ"] != "GND":
            kind = ask.find(r"\b(1n400\d|1n4148|s1[a-m]|ss1\d)\b").upper() or "1N4002"
            sheet.diode(part.pins["VO"], part.pins["VI"], kind)
            sheet.diode(part.pins["ADJ"], part.pins["VO"], kind)
            return


def _diode(ask: Ask, sheet: Sheet) -> None:
    """Gives the only plain diode of a sheet the type that the text names."""
    kinds = set(
        re.findall(
            r"(?<!\w)(1N(?:4\d{3}|5\d{3}|914)\w?|UF400\d|MBR\w+|SB\d{3}|SS\d{2}|BAT\d{2}\w*|BAS\d{2}\w*|RS1\w|ES1\w)(?!\w)",
            ask.text,
        )
    )
    plain = [part for part in sheet.parts if part.symbol in ("Device:D", "Device:D_Schottky")]
    if len(kinds) == 1 and len(plain) == 1:
        kind = next(iter(kinds))
        symbol = "Device:D_Schottky" if re.match(r"1N58|BAT|SS|SB|MBR", kind) else "Device:D"
        sheet.parts = [replace(part, value=kind, symbol=symbol) if part is plain[0] else part for part in sheet.parts]


_PLACED = (("IN", r"(?:at |am |an der |on )?(?:the )?(?:in(?:put)?|eingang|entrée|entrada)"),
           ("OUT", r"(?:at |am |on )?(?:the )?(?:out(?:put)?|ausgang|sortie|salida)"))  # fmt: skip


def _capacitors(ask: Ask, sheet: Sheet) -> None:
    """Gives the capacitors at a supply's input and output the values that the text has for them: "100n in and 10u out"."""
    for value, words in _PLACED:
        end = next((part for part in sheet.parts if part.reference.startswith("J") and part.value == value), None)
        if end is None or not re.match(r"[+]|V", end.pins.get("1", "")):
            continue
        for each in ask.quantities:
            small = each.unit == "F" or (each.scaled and each.unit == "" and each.value < 1e-2)
            behind = ask.text[each.end : each.end + 34]
            if small and re.match(
                rf"\s?(?:F )?(?:ceramic |electrolytic |cap\w* )?{words}(?![\w])", behind, re.IGNORECASE
            ):
                fits = [
                    part
                    for part in sheet.parts
                    if part.reference.startswith("C") and set(part.pins.values()) == {end.pins["1"], "GND"}
                ]
                if len(fits) == 1:
                    text = f"{each.value * 1e6:g}u" if each.value >= 1e-3 else written(each.value)
                    sheet.parts = [replace(part, value=text) if part is fits[0] else part for part in sheet.parts]
                break


def _inlet(sheet: Sheet) -> Part | None:
    """The connector that the supply comes in by."""
    ends = [part for part in sheet.parts if part.reference.startswith("J") and "GND" in part.pins.values()
            and part.pins.get("1") and not is_ground(part.pins["1"])]  # fmt: skip
    for value in ("POWER", "IN"):
        for part in ends:
            if part.value == value and (value == "POWER" or re.match(r"[+]|V", part.pins["1"])):
                return part
    return next((part for part in ends if part.pins["1"] == sheet.supply), None)


def _in_series(sheet: Sheet, symbol: str, letter: str, pins: tuple[str, str], value: str, name: str) -> None:
    """Puts a part between the source and the net that it feeds."""
    source = next((part for part in sheet.parts if part.reference.startswith("BT")), None) or _inlet(sheet)
    if source is None:
        return
    pin = "+" if "+" in source.pins else "1"
    net = source.pins[pin]
    while name in sheet.nets():
        name += "_"
    sheet.parts = [replace(each, pins={**each.pins, pin: name}) if each is source else each for each in sheet.parts]
    sheet.add(letter, symbol, {pins[0]: name, pins[1]: net}, value)
