"""Lamps, buttons, switches, protection against reversed supplies."""

from __future__ import annotations

import re

from kiki_core.planning.kicad.blocks.common import COUNTS, power_in, supply_of
from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, supply
from kiki_tools.spice.kits.series import nearest

_FORWARD = {"red": 1.9, "rot": 1.9, "rouge": 1.9, "roj": 1.9, "yellow": 2.0, "jaune": 2.0, "gelb": 2.0, "amaril": 2.0,
            "orange": 2.0, "amber": 2.0, "green": 2.1, "vert": 2.1, "grün": 2.1, "verd": 2.1, "blue": 2.9, "bleu": 2.9,
            "blau": 2.9, "azul": 2.9, "white": 2.8, "blanc": 2.8, "weiß": 2.8, "weiss": 2.8, "ir": 1.3}  # fmt: skip


def led(ask: Ask, sheet: Sheet) -> None:
    """Lamps with their resistors."""
    net, volts = supply_of(ask, sheet)
    color = next((word for word in _FORWARD if ask.has(rf"\b{word}\w*")), "")
    drop = ask.near("V", r"forward|vf\b|durchlass|directe|drop", 16) or _FORWARD.get(color, 2.0)
    if drop == volts:
        drop = _FORWARD.get(color, 2.0)
    amps = next((each.value for each in ask.all("A") if each.value <= 0.5), 5e-3)
    count = int(ask.find(r"\b([2-8])\s+(?:\w+ )?leds?") or {"two": 2, "three": 3, "four": 4, "zwei": 2, "drei": 3, "deux": 2,
                "trois": 3, "dos": 2, "tres": 3}.get(ask.find(r"\b(two|three|four|zwei|drei|deux|trois|dos|tres)\s+(?:\w+ )?leds?").lower(), 1))  # fmt: skip
    series = count if ask.has(r"series|série|reihe|serie\b") else 1
    strings = 1 if series > 1 else count
    if volts < series * drop + 0.1 - 1e-9:
        lamps = f"{series} LEDs in series need" if series > 1 else "an LED needs"
        raise Impossible(f"{lamps} {series * drop:.2g} V; {volts:g} V is too little")
    stated = [o for o in ask.value_of("ohm") if o >= 10]
    value = stated[0] if stated else nearest((volts - series * drop) / amps, "E24")
    for string in range(strings):
        node = f"LED_A{string + 1}"
        sheet.r(value, net, node)
        for n in range(series):
            last = "GND" if n == series - 1 else f"LED_K{string + 1}_{n + 1}"
            sheet.led(node, last, color)
            node = last
    if ask.all("A") and not stated:
        sheet.claim("LED current", amps, "A", (volts - series * drop) / value, 0.1)
    power_in(sheet, net)
    sheet.title.append("LED with its resistor")


def button(ask: Ask, sheet: Sheet) -> None:
    """Push-buttons with their pull resistors."""
    net, _ = supply_of(ask, sheet, 3.3)
    down = ask.has(r"pull-?down")
    pull = next((o for o in ask.value_of("ohm") if o >= 1e3), 10e3)
    named = set(re.findall(r"(?<!\w)SW\d{1,2}(?!\w)", ask.text))
    word = ask.find(
        r"\b(two|three|four|five|six|zwei|drei|vier|deux|trois|quatre|dos|tres|cuatro|[2-8])\s+(?:[a-zà-ÿ-]+\s+)?(?:push|buttons?|bout|taster|pulsador|botones)"
    ).lower()
    count = max(len(named), COUNTS.get(word) or int(word or 1))
    outs = [f"BUTTON{n}" for n in range(1, count + 1)] if count > 1 else ["BUTTON"]
    for out in outs:
        sheet.add("SW", "Switch:SW_Push", {"1": out if not down else net, "2": "GND" if not down else out}, "SW_Push")
        sheet.r(pull, net if not down else out, out if not down else "GND")
        if ask.has(r"debounc|entprell|anti-?rebond|antirreb|cap|condens|kondens|\d\s?nf"):
            farads = ask.value_of("F")
            sheet.c(farads[0] if farads else 100e-9, out, "GND")
    sheet.connector([net, *outs, "GND"], "BUTTON")
    sheet.supply = sheet.supply or net
    sheet.title.append("push-button" if count == 1 else f"{count} push-buttons")


_LOADS = r"relay|relais|relé|motor|moteur|solenoid|coil|load|last|charge|carga|lamp|fan|pump|valve|strip"


def switch(ask: Ask, sheet: Sheet) -> None:
    """A transistor that switches a load."""
    net, volts = supply_of(ask, sheet, 12.0)
    load = ask.near("V", _LOADS, 18)
    if load or (loads := [v for v in ask.volts() if v >= 3]):
        volts = load or max(loads)
        net = supply(volts)
    bipolar = ask.has(r"\bnpn|bjt|\bbc[358]\d\d|2n3904|2n2222|mmbt\d|bipolar|transistor npn") and not ask.has(
        r"mosfet|\bfet\b|nmos"
    )
    inductive = ask.has(
        r"relay|relais|relé|motor|moteur|solenoid|coil|spule|bobin|freilauf|roue libre|inducti|induktiv|valve|ventil|pump|flyback|freewheel|fan|lüfter"
    )
    amps = max([each.value for each in ask.all("A")], default=0.1)
    drive = min([v for v in ask.volts() if 1.7 <= v <= 5.1], default=3.3)
    if drive == volts and len(ask.volts()) == 1:
        drive = 3.3 if volts > 3.3 else volts
    if bipolar:
        part = (
            "Transistor_BJT:BC547"
            if amps <= 0.1
            else "Transistor_BJT:BC337"
            if amps <= 0.5
            else "Transistor_BJT:TIP31C"
        )
        named = ask.find(r"\b(bc547|bc337|2n3904|mmbt3904|bc817|p?n?2n?2222a?)\b").upper()
        part = f"Transistor_BJT:{'PN2222A' if '2222' in named else named}" if named else part
        base = amps / 10
        value = nearest((drive - 0.7) / max(base, 1e-4), "E24") if drive > 0.9 else 1e3
        stated = [o for o in ask.value_of("ohm") if 100 <= o <= 47e3]
        sheet.r(stated[0] if stated else min(47e3, max(150.0, value)), "CTRL", "BASE")
        sheet.r(10e3 if value < 4e3 else 100e3, "BASE", "GND")
        sheet.add("Q", part, {"B": "BASE", "C": "SWITCHED", "E": "GND"}, named or part.partition(":")[2])
    else:
        named = ask.find(r"\b(2n7002|bss138|ao3400a?|irlz44n|irf540n|irlml6344|si2302)\b").upper()
        usual = "2N7002" if amps <= 0.2 else "AO3400A" if amps <= 4 and volts <= 24 else "IRLZ44N"
        name = {"AO3400": "AO3400A", "IRLML6344": "AO3400A", "SI2302": "AO3400A"}.get(named, named) or usual
        stated = [o for o in ask.value_of("ohm") if 10 <= o <= 1e3]
        sheet.r(stated[0] if stated else 100.0, "CTRL", "GATE")
        sheet.r(100e3, "GATE", "GND")
        sheet.add("Q", f"Transistor_FET:{name}", {"G": "GATE", "D": "SWITCHED", "S": "GND"}, name)
    if ask.has(r"relay|relais|relé"):
        sheet.add("K", "Relay:G5LE-1", {"2": "SWITCHED", "5": net, "1": "COM", "3": "NO", "4": "NC"}, "G5LE-1")
        sheet.connector(["NC", "COM", "NO"], "CONTACTS")
    elif ask.has(r"\bmotor|moteur"):
        sheet.add("M", "Motor:Motor_DC", {"+": net, "-": "SWITCHED"}, "Motor_DC")
    elif ask.has(r"buzzer"):
        sheet.add("BZ", "Device:Buzzer", {"+": net, "-": "SWITCHED"}, "Buzzer")
    elif ask.has(r"\bled\b(?! ?strip)"):
        current = min(amps, 0.5)
        value = nearest(max(10.0, (volts - 2.0) / current), "E24") if volts > 2.2 else 47.0
        ohms = ask.value_of("ohm")
        sheet.r(ask.near("ohm", r"\bleds?\b|d\d\b", 12) or (ohms[1] if len(ohms) > 1 else value), net, "LED_A")
        sheet.led("LED_A", "SWITCHED")
    else:
        sheet.connector([net, "SWITCHED"], "LOAD")
    if inductive:
        sheet.diode("SWITCHED", net, "1N4007" if volts > 40 or amps > 0.2 else "1N4148")
    sheet.connector(["CTRL", "GND"], "CTRL")
    power_in(sheet, net)
    sheet.title.append("low-side switch")


def high_side(ask: Ask, sheet: Sheet) -> None:
    """A P-channel MOSFET that switches a load from the supply, and the transistor that pulls its gate down."""
    net, volts = supply_of(ask, sheet, 12.0)
    loads = [v for v in ask.volts() if v >= 3]
    if loads and not sheet.supply:
        volts = max(loads)
        net = supply(volts)
    if volts > 30:
        raise Impossible(f"the MOSFETs that are known here stand 30 V; {volts:g} V needs one of your choice")
    if ask.has(r"\bpnp\b|bc327|bc557|bc807|2n3906|mmbt3906"):
        _pnp(ask, sheet, net)
        return
    named = ask.find(r"\b(ao3401a?|irf9540n?|irlml6402|dmg2305|si2301\w*|bss84)\b").upper()
    symbol, value = {"IRF9540": ("IRF9540N", "IRF9540N"), "IRF9540N": ("IRF9540N", "IRF9540N"), "BSS84": ("BSS84", "BSS84"),
                     "IRLML6402": ("IRLML6402", "IRLML6402")}.get(named, ("AO3401A", named or "AO3401A"))  # fmt: skip
    value = "AO3401A" if value == "AO3401" else value
    ohms = [o for o in ask.value_of("ohm") if o >= 10]
    pull = ask.near("ohm", r"pull-?up|gate|grille|puerta", 22) or next((o for o in ohms if o >= 4.7e3), 10e3)
    series = next((o for o in ohms if o != pull), 1e3)
    sheet.add("Q", f"Transistor_FET:{symbol}", {"G": "GATE", "S": net, "D": "LOAD"}, value)
    sheet.r(pull, net, "GATE")
    if volts > 12:
        sheet.add("D", "Device:D_Zener", {"K": net, "A": "GATE"}, "12V")
    bipolar = ask.has(r"\bnpn|bc547|bc337|2n3904|mmbt3904|bipolar|bjt")
    part = ask.find(r"\b(bc547|bc337|2n3904|mmbt3904|bc817)\b").upper() or "BC547" if bipolar else "2N7002"
    if bipolar:
        sheet.r(10e3 if series == 1e3 else series, "CTRL", "BASE")
        sheet.r(100e3, "BASE", "GND")
        sheet.add(
            "Q", f"Transistor_BJT:{part}", {"B": "BASE", "C": "GATE" if volts <= 12 else "PULL", "E": "GND"}, part
        )
    else:
        sheet.r(100e3, "CTRL", "GND")
        sheet.add(
            "Q", f"Transistor_FET:{part}", {"G": "CTRL", "D": "GATE" if volts <= 12 else "PULL", "S": "GND"}, part
        )
    if volts > 12:
        sheet.r(4.7e3, "GATE", "PULL")
    if ask.has(r"relay|relais|relé|motor|moteur|solenoid|coil|inducti|flyback|freewheel|freilauf|roue libre|volante"):
        sheet.diode("GND", "LOAD", "1N4007")
    sheet.connector(["LOAD", "GND"], "LOAD")
    sheet.connector(["CTRL", "GND"], "CTRL")
    power_in(sheet, net)
    sheet.title.append("high-side switch")


def _pnp(ask: Ask, sheet: Sheet, net: str) -> None:
    """A PNP transistor between supply and load, on while its control is pulled low."""
    part = ask.find(r"\b(bc327|bc557|bc807|2n3906|mmbt3906)\b").upper() or "BC327"
    ohms = [o for o in ask.value_of("ohm") if 100 <= o <= 47e3]
    sheet.add("Q", f"Transistor_BJT:{part}", {"E": net, "B": "BASE", "C": "LOAD"}, part)
    sheet.r(ohms[0] if ohms else 1e3, "CTRL", "BASE")
    sheet.r(ohms[1] if len(ohms) > 1 else 10e3, net, "BASE")
    sheet.connector(["LOAD", "GND"], "LOAD")
    sheet.connector(["CTRL", "GND"], "CTRL")
    power_in(sheet, net)
    sheet.title.append("high-side switch")


def reverse(ask: Ask, sheet: Sheet) -> None:
    """Protection against a reversed supply."""
    volts = max([v for v in ask.volts() if v > 1], default=12.0)
    if ask.has(r"schottky") and not ask.has(r"mosfet|p-?fet|pmos|p-channel|p-kanal"):
        sheet.diode("VIN", "VOUT", "1N5819", "Device:D_Schottky")
    else:
        sheet.add("Q", "Transistor_FET:AO3401A", {"D": "VIN", "G": "GATE", "S": "VOUT"}, "AO3401A")
        sheet.r(100e3, "GATE", "GND")
        if volts > 10:
            sheet.add("D", "Device:D_Zener", {"K": "VOUT", "A": "GATE"}, "10V")
    sheet.connector(["VIN", "GND"], "IN")
    sheet.connector(["VOUT", "GND"], "OUT")
    sheet.supply = sheet.supply or "VOUT"
    sheet.title.append("reverse polarity protection")
