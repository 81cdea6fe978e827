"""What any circuit may have at its input: a battery, a fuse, a switch, a clamp; and test points on its nets."""

from __future__ import annotations

import re
from dataclasses import replace

from kiki_core.planning.kicad.sheet import Ask, Sheet
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
