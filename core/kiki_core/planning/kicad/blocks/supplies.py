"""Inlets, rectifiers, regulators, converters, chargers."""

from __future__ import annotations

import math
import re

from kiki_core.planning.kicad.blocks.common import conversion, downwards, ends, power_in
from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, e12, supply, written
from kiki_tools.spice.kits.series import nearest

_FIXED = {1.2: "AMS1117-1.2" , 1.5: "AMS1117-1.5", 1.8: "AMS1117-1.8", 2.5: "AMS1117-2.5", 3.3: "AMS1117-3.3",
          5.0: "AMS1117-5.0"}  # fmt: skip


def ldo(ask: Ask, sheet: Sheet) -> None:
    """A linear regulator with its capacitors."""
    volts = [abs(v) for v in ask.volts() if 0.8 <= abs(v) <= 40]
    named = ask.find(
        r"\b((?:ams|lm)1117(?:-(?:adj|[\d.v]+))?|ap2112k?(?:-[\d.]+)?|mcp1700(?:-\d+\w*)?|l?m?7[89]\d\d\w*|lp2985(?:-[\d.]+)?|ht7333|xc6206\w*)\b"
    ).upper()
    out = ask.near("V", r"output|out\b|sortie|ausgang|salida|regulat|ldo", 12)
    turned = downwards(ask, "a linear regulator") if not ask.has(r"boost|step-?up|\bbuck\b|step-?down") else None
    fixed = re.search(r"78(?:L|M)?(05|06|08|09|12|15|18|24)\b", named)
    if fixed:
        out = float(fixed.group(1))
    elif part_volts := re.search(r"-(\d)\.?V?(\d)", named):
        out = float(f"{part_volts.group(1)}.{part_volts.group(2)}")
    elif turned is not None:
        out = abs(turned[1])
    elif len(volts) >= 2:
        out = min(volts)
    elif out is None:
        out = volts[0] if volts else 3.3
    given = [v for v in volts if v > out + 1e-9]
    vin = max(given, default=0.0)
    stated_in = ask.near("V", r"input|from|vin|entrée|eingang|entrada|depuis|aus\b|von|desde|de\b", 10)
    same = turned is not None and abs(turned[0]) <= out + 0.05
    if stated_in is not None and (stated_in < out - 0.05 or same) and len(volts) >= 2 and not given:
        raise Impossible(f"a linear regulator can't make {out:g} V from {stated_in:g} V: its input must be higher")
    inlet = sheet.supply or (supply(vin) if vin else "VIN")
    outlet = supply(out)
    farads = ask.value_of("F")
    if fixed or (out >= 5 and vin >= out + 2 and not named.startswith(("AMS", "AP", "MCP", "LM1117", "LP"))):
        number = f"{out:02.0f}"
        symbol = f"Regulator_Linear:LM78{number}_TO220" if out in (5, 12) else f"Regulator_Linear:L78{number}"
        if vin and vin < out + 2:
            raise Impossible(
                f"a 78{number} needs {out + 2:g} V at its input; {vin:g} V is too little: take a low-dropout regulator"
            )
        pins = {"1": inlet, "2": "GND", "3": outlet}
        sheet.add("U", symbol, pins, symbol.partition(":")[2])
        small = [f for f in farads if f <= 100e-6]
        caps = (small * 2)[:2] if small else [330e-9, 100e-9]
    elif (
        named.startswith("AP2112")
        or (not named and ask.has(r"enable|\bldo with en\b"))
        or (not named and out in (1.8, 2.5, 3.3) and vin and vin - out < 1.2)
    ):
        level = out if out in (1.2, 1.8, 2.5, 2.6, 3.3) else 3.3
        sheet.add("U", f"Regulator_Linear:AP2112K-{level:g}", {"VIN": inlet, "EN": inlet, "GND": "GND", "VOUT": outlet},
                  f"AP2112K-{level:g}")  # fmt: skip
        caps = (farads * 2)[:2] if farads else [1e-6, 1e-6]
        if vin > 6:
            raise Impossible(f"an AP2112K takes 6 V at most; {vin:g} V is too much: take an AMS1117 or an LM317")
    elif named.startswith("MCP1700"):
        sheet.add("U", f"Regulator_Linear:MCP1700x-{round(out * 100):03}xxTT", {"VI": inlet, "GND": "GND", "VO": outlet},
                  named if "-" in named else f"MCP1700-{round(out * 1000)}E")  # fmt: skip
        caps = (farads * 2)[:2] if farads else [1e-6, 1e-6]
    elif named.startswith("LP2985"):
        sheet.add("U", f"Regulator_Linear:LP2985-{out:.1f}", {"VIN": inlet, "3": inlet, "GND": "GND", "VOUT": outlet, "BP": "BYPASS"},
                  f"LP2985-{out:.1f}")  # fmt: skip
        sheet.c(10e-9, "BYPASS", "GND")
        caps = (farads * 2)[:2] if farads else [1e-6, 2.2e-6]
    elif out in _FIXED:
        name = _FIXED[out]
        if vin > 15:
            raise Impossible(
                f"an AMS1117 takes 15 V at most; {vin:g} V is too much: take a buck converter or an L78{out:02.0f}"
            )
        if vin and vin < out + 1.1:
            raise Impossible(f"an AMS1117 drops 1.1 V; {vin:g} V is too little for {out:g} V: take an AP2112K")
        sheet.add("U", f"Regulator_Linear:{name}", {"VI": inlet, "GND": "GND", "VO": outlet}, name)
        caps = (farads * 2)[:2] if farads else [10e-6, 22e-6]
    else:
        _adjustable(sheet, inlet, outlet, out)
        caps = (farads * 2)[:2] if farads else [100e-9, 1e-6]
    sheet.c(caps[0], inlet, "GND")
    sheet.c(caps[1], outlet, "GND")
    if not sheet.supply:
        sheet.connector([inlet, "GND"], "IN")
    sheet.connector([outlet, "GND"], "OUT")
    sheet.supply = outlet
    sheet.title.append(f"supply of {out:g} V")


def _adjustable(sheet: Sheet, inlet: str, outlet: str, out: float) -> None:
    """An LM317: Vout = 1.25 V (1 + R2/R1), R1 = 240 ohm (data sheet, 9.2.1)."""
    if out < 1.25:
        raise Impossible(f"an LM317 gives 1.25 V at least, not {out:g} V")
    lower = nearest(240 * (out / 1.25 - 1), "E96") if out > 1.26 else 0.0
    sheet.add(
        "U", "Regulator_Linear:LM317_TO-220", {"VI": inlet, "VO": outlet, "ADJ": "ADJ" if lower else "GND"}, "LM317"
    )
    sheet.r(240.0, outlet, "ADJ" if lower else "GND")
    if lower:
        sheet.r(lower, "ADJ", "GND")
        sheet.claim("output voltage", out, "V", 1.25 * (1 + lower / 240), 0.03)


def lm317(ask: Ask, sheet: Sheet) -> None:
    """An LM317 with the divider of its output."""
    volts = [v for v in ask.volts() if 1.2 <= v <= 37]
    variable = ask.has(r"pot\b|poti|potentio|potenci|variable|trimmer")
    turned = downwards(ask, "an LM317") if not variable else None
    out = (
        (turned[1] if turned else None)
        or ask.near("V", r"output|out\b|sortie|ausgang|salida|for|to\b|set|einstell|régl", 10)
        or min(volts, default=5.0)
    )
    vin = max([v for v in volts if v > out], default=0.0)
    if vin and vin < out + 2.5:
        raise Impossible(f"an LM317 needs some 2.5 V more at its input than {out:g} V; {vin:g} V is too little")
    inlet = sheet.supply or (supply(vin) if vin else "VIN")
    if variable:
        ohms = ask.value_of("ohm")
        sheet.add("U", "Regulator_Linear:LM317_TO-220", {"VI": inlet, "VO": "VOUT", "ADJ": "ADJ"}, "LM317")
        sheet.r(240.0, "VOUT", "ADJ")
        track = ohms[0] if ohms else 5e3
        sheet.add("RV", "Device:R_Potentiometer", {"1": "ADJ", "2": "GND", "3": "GND"}, written(track))
        sheet.claim("highest output voltage", max(volts, default=out), "V", 1.25 * (1 + track / 240), 0.0, ">=")
        sheet.c(1e-6, "VOUT", "GND")
        sheet.c(100e-9, inlet, "GND")
        if not sheet.supply:
            sheet.connector([inlet, "GND"], "IN")
        sheet.connector(["VOUT", "GND"], "OUT")
        sheet.supply = "VOUT"
        sheet.title.append("adjustable supply")
        return
    _adjustable(sheet, inlet, supply(out), out)
    sheet.c(100e-9, inlet, "GND")
    sheet.c(1e-6, supply(out), "GND")
    if not sheet.supply:
        sheet.connector([inlet, "GND"], "IN")
    sheet.connector([supply(out), "GND"], "OUT")
    sheet.supply = supply(out)
    sheet.title.append("adjustable supply")


def buck(ask: Ask, sheet: Sheet) -> None:
    """A step-down converter with its parts."""
    volts = [v for v in ask.volts() if v >= 1]
    if ask.has(r"boost|step-?up|hochsetz|aufwärts|élévateur|elevador"):
        _boost(ask, sheet)
        return
    downwards(ask, "a step-down converter")
    out = min(volts, default=5.0)
    vin = max([v for v in volts if v > out], default=12.0)
    level = {3.3: "3.3", 5.0: "5", 12.0: "12"}.get(out)
    inlet = sheet.supply or supply(vin)
    outlet = supply(out)
    feedback = outlet if level else "FB"
    sheet.add("U", f"Regulator_Switching:LM2596S-{level or 'ADJ'}", {"VIN": inlet, "5": "GND", "GND": "GND", "OUT": "SW", "FB": feedback},
              f"LM2596S-{level or 'ADJ'}")  # fmt: skip
    farads, henries = ask.value_of("F"), ask.value_of("H")
    sheet.c(farads[0] if farads else 100e-6, inlet, "GND", polarized=True)
    sheet.diode("GND", "SW", ask.find(r"\b(1n58\d\d|ss\d\d|sk\d\d|mbr\w+)\b").upper() or "SS34", "Device:D_Schottky")
    sheet.coil(henries[0] if henries else 33e-6, "SW", outlet)
    sheet.c(farads[1] if len(farads) > 1 else 220e-6, outlet, "GND", polarized=True)
    if not level:
        upper = nearest(1e3 * (out / 1.23 - 1), "E96")
        sheet.r(upper, outlet, "FB")
        sheet.r(1e3, "FB", "GND")
        sheet.claim("output voltage", out, "V", 1.23 * (1 + upper / 1e3), 0.03)
    if not sheet.supply:
        sheet.connector([inlet, "GND"], "IN")
    sheet.connector([outlet, "GND"], "OUT")
    sheet.supply = outlet
    sheet.title.append(f"buck converter to {out:g} V")


def _boost(ask: Ask, sheet: Sheet) -> None:
    """A step-up converter with an MT3608: 2 to 24 V in, up to 28 V out, reference 0.6 V."""
    turned = conversion(ask)
    volts = [v for v in ask.volts() if v >= 1]
    vin, out = turned or (min(volts, default=3.7), max(volts, default=5.0))
    if out <= vin:
        raise Impossible(f"a boost converter can't make {out:g} V from {vin:g} V: its output is above its input")
    if vin < 2 or out > 28:
        raise Impossible(f"an MT3608 takes 2 V at least and gives 28 V at most; {vin:g} V to {out:g} V needs another")
    inlet, outlet = sheet.supply or supply(vin), supply(out)
    upper = nearest(10e3 * (out / 0.6 - 1), "E96")
    sheet.add(
        "U", "Regulator_Switching:MT3608", {"IN": inlet, "EN": inlet, "GND": "GND", "SW": "SW", "FB": "FB"}, "MT3608"
    )
    henries, farads = ask.value_of("H"), ask.value_of("F")
    caps = (farads * 2)[:2] if farads else [22e-6, 22e-6]
    sheet.c(caps[0], inlet, "GND")
    sheet.coil(henries[0] if henries else 22e-6, inlet, "SW")
    sheet.diode("SW", outlet, "SS34", "Device:D_Schottky")
    sheet.r(upper, outlet, "FB")
    sheet.r(10e3, "FB", "GND")
    sheet.c(caps[1], outlet, "GND")
    sheet.claim("output voltage", out, "V", 0.6 * (1 + upper / 10e3), 0.03)
    if not sheet.supply:
        sheet.connector([inlet, "GND"], "IN")
    sheet.connector([outlet, "GND"], "OUT")
    sheet.supply = outlet
    sheet.title.append(f"boost converter to {out:g} V")


def usb_c(ask: Ask, sheet: Sheet) -> None:
    """A USB-C inlet with the resistors of its CC lines."""
    data = ask.has(r"d\+|data|usb ?2|données|daten|esd|mcu|datos")
    source = ask.has(r"\bsource\b|\bhost\b|dfp|56k|22k|provid")
    if data:
        pins = {"VBUS": "VBUS", "GND": "GND", "CC1": "CC1", "CC2": "CC2", "SHIELD": "GND", "D+": "D+", "D-": "D-"}
        sheet.add("J", "Connector:USB_C_Receptacle_USB2.0_16P", pins, "USB_C")
    else:
        pins = {"VBUS": "VBUS", "GND": "GND", "CC1": "CC1", "CC2": "CC2", "SHIELD": "GND"}
        sheet.add("J", "Connector:USB_C_Receptacle_PowerOnly_6P", pins, "USB_C")
    usual = (5e3, 5.3e3) if not source else (9e3, 60e3)
    stated = [o for o in ask.value_of("ohm") if usual[0] <= o <= usual[1]]
    value = ask.near("ohm", r"\bcc\d?\b", 16) or (stated[0] if stated else 56e3 if source else 5.1e3)
    far = "VBUS" if source else "GND"
    sheet.r(value, "CC1", far)
    sheet.r(value, "CC2", far)
    if data and ask.has(r"esd|usblc6|protect|tvs|schutz"):
        sheet.add("U", "Power_Protection:USBLC6-2SC6", {"1": "D+", "6": "D+", "3": "D-", "4": "D-", "VBUS": "VBUS", "GND": "GND"},
                  "USBLC6-2SC6")  # fmt: skip
    if ask.has(r"fuse|fusible|sicherung|polyfuse|ptc"):
        sheet.add("F", "Device:Polyfuse", {"1": "VBUS", "2": "+5V"}, "500mA")
    outlet = "+5V" if any(part.symbol == "Device:Polyfuse" for part in sheet.parts) else "VBUS"
    farads = ask.value_of("F")
    sheet.c(farads[0] if farads else 10e-6, outlet, "GND")
    nets = [outlet, *(["D+", "D-"] if data else []), "GND"]
    sheet.connector(nets, "OUT")
    sheet.supply = outlet
    sheet.title.append("USB-C inlet")


def jack(ask: Ask, sheet: Sheet) -> None:
    """A barrel jack with its protection."""
    volts = max([v for v in ask.volts() if v >= 3], default=12.0)
    net = "VIN_RAW"
    sheet.add("J", "Connector:Barrel_Jack", {"1": net, "2": "GND"}, "Barrel_Jack")
    if ask.has(r"fuse|fusible|sicherung"):
        amps = next((each.value for each in ask.all("A")), 1.0)
        sheet.add("F", "Device:Fuse", {"1": net, "2": "FUSED"}, f"{amps:g}A")
        net = "FUSED"
    outlet = supply(volts)
    if ask.has(r"revers|verpol|inversion|schottky|diode|polari"):
        sheet.diode(net, outlet, "SS34", "Device:D_Schottky")
    else:
        sheet.add("JP", "Device:R", {"1": net, "2": outlet}, "0")
    bulk = [f for f in ask.value_of("F") if f >= 47e-6]
    sheet.c(bulk[0] if bulk else 100e-6, outlet, "GND", polarized=True)
    if ask.has(r"tvs"):
        sheet.add("D", "Device:D_TVS", {"1": outlet, "2": "GND"}, f"SMAJ{math.ceil(volts)}A")
    sheet.connector([outlet, "GND"], "OUT")
    sheet.supply = outlet
    sheet.title.append("power inlet")


def bridge(ask: Ask, sheet: Sheet) -> None:
    """A bridge rectifier with its capacitor."""
    sheet.add("J", "Connector:Conn_01x02_Pin", {"1": "AC1", "2": "AC2"}, "AC")
    if ask.has(r"four|discrete|einzel|quatre|cuatro|1n4\d\d\d"):
        for one, other in (("AC1", "VRAW"), ("AC2", "VRAW"), ("GND", "AC1"), ("GND", "AC2")):
            sheet.diode(one, other, ask.find(r"(1n4\d\d\d)").upper() or "1N4007")
    else:
        sheet.add("D", "Device:D_Bridge_+-AA", {"1": "VRAW", "2": "GND", "3": "AC1", "4": "AC2"}, "DF01M")
    farads = [f for f in ask.value_of("F") if f >= 1e-6]
    sheet.c(farads[0] if farads else 1000e-6, "VRAW", "GND", polarized=True)
    if ask.has(r"bleed|entlade"):
        sheet.r(10e3, "VRAW", "GND")
    if not ask.has(r"regulat|78\d\d|régul|regler|ldo|lm317"):
        sheet.connector(["VRAW", "GND"], "OUT")
    sheet.supply = "VRAW"
    sheet.title.append("bridge rectifier")


def charger(ask: Ask, sheet: Sheet) -> None:
    """A charger of a lithium cell."""
    amps = next((each.value for each in ask.all("A") if 0.015 <= each.value <= 0.5), 0.5)
    inlet = sheet.supply or "+5V"
    if ask.has(r"tp4056"):
        _tp4056(ask, sheet, inlet)
        return
    value = nearest(1000 / amps, "E24")
    sheet.add(
        "U",
        "Battery_Management:MCP73831-2-OT",
        {"4": inlet, "2": "GND", "3": "VBAT", "5": "PROG", "1": "STAT"},
        "MCP73831",
    )
    sheet.r(value, "PROG", "GND")
    sheet.c(4.7e-6, inlet, "GND")
    sheet.c(4.7e-6, "VBAT", "GND")
    sheet.r(1e3, inlet, "LED_A")
    sheet.led("LED_A", "STAT")
    sheet.connector(["VBAT", "GND"], "BATTERY")
    if ask.all("A"):
        sheet.claim("charging current", amps, "A", 1000 / value, 0.1)
    power_in(sheet, inlet)
    sheet.title.append("Li-ion charger")


def _tp4056(ask: Ask, sheet: Sheet, inlet: str) -> None:
    """A TP4056: its current is 1200 V / R (datasheet of NanJing Top Power, "Rprog")."""
    stated = [o for o in ask.value_of("ohm") if 1e3 <= o <= 30e3 and not 5e3 <= o <= 5.3e3]
    amps = next((each.value for each in ask.all("A") if 0.04 <= each.value <= 1), None)
    value = stated[0] if stated else nearest(1200 / (amps or 1.0), "E24")
    pins = {
        "4": inlet,
        "CE": inlet,
        "GND": "GND",
        "EPAD": "GND",
        "BAT": "VBAT",
        "TEMP": "GND",
        "PROG": "PROG",
        "~{CHRG}": "CHRG",
        "~{STDBY}": "STDBY",
    }
    sheet.add("U", "Battery_Management:TP4056-42-ESOP8", pins, "TP4056")
    sheet.r(value, "PROG", "GND")
    sheet.c(10e-6, inlet, "GND")
    sheet.c(10e-6, "VBAT", "GND")
    for net, color in (("CHRG", "red"), ("STDBY", "green")):
        sheet.r(1e3, inlet, f"LED_{net}")
        sheet.led(f"LED_{net}", net, color)
    sheet.connector(["VBAT", "GND"], "BATTERY")
    if amps:
        sheet.claim("charging current", amps, "A", 1200 / value, 0.1)
    power_in(sheet, inlet)
    sheet.title.append("Li-ion charger")


def zener(ask: Ask, sheet: Sheet) -> None:
    """A Zener shunt with its resistor."""
    volts = sorted({v for v in ask.volts() if v >= 1.8})
    out = ask.near("V", r"zener|clamp|klemm|écrêt|limit", 14) or (volts[0] if volts else 5.1)
    vin = max([v for v in volts if v > out], default=0.0)
    amps = next((each.value for each in ask.all("A")), 5e-3)
    if volts and vin == 0 and len(volts) > 1:
        raise Impossible(f"a Zener diode can't make {out:g} V from less")
    stated = ask.value_of("ohm")
    value = stated[0] if stated else e12((vin - out) / (amps + 5e-3)) if vin else 1e3
    sheet.r(value, "IN", "OUT")
    sheet.add("D", "Device:D_Zener", {"K": "OUT", "A": "GND"}, f"{out:g}V")
    if ask.has(r"capacitor|condens|kondens|\bcap"):
        sheet.c(100e-9, "OUT", "GND")
    ends(sheet)
    sheet.title.append("Zener regulator")
