"""Op-amp stages, comparators, current sensing, sensors."""

from __future__ import annotations

import math
import re

from kiki_core.planning.kicad.blocks.common import COUNTS, ends, power_in, rc_values, supply_of
from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, supply, written
from kiki_tools.spice.kits.series import nearest, pair

_OPAMPS = {"MCP6001": ("Amplifier_Operational:MCP6001-OT", 1), "TL071": ("Amplifier_Operational:TL071", 3),
           "LM741": ("Amplifier_Operational:LM741", 3), "TL072": ("Amplifier_Operational:TL072", 2),
           "LM358": ("Amplifier_Operational:LM358", 2), "NE5532": ("Amplifier_Operational:NE5532", 2),
           "OP07": ("Amplifier_Operational:OP07", 3), "LM324": ("Amplifier_Operational:LM324", 4),
           "TL074": ("Amplifier_Operational:TL074", 4), "TL081": ("Amplifier_Operational:TL081", 3),
           "TL082": ("Amplifier_Operational:TL082", 2), "MCP6002": ("Amplifier_Operational:MCP6002-xP", 2),
           "OPA2134": ("Amplifier_Operational:OPA2134", 2), "LMV321": ("Amplifier_Operational:LMV321", 1)}  # fmt: skip


def _opamp_at(sheet: Sheet, ask: Ask, plus: str, minus: str, out: str, high: str, low: str) -> None:
    """An amplifier between nets; the unused ones of its package follow ground."""
    if found := _from_library(ask):
        _as_pinned(sheet, found, plus, minus, out, high, low)
        return
    name = ask.find(rf"\b({'|'.join(_OPAMPS)})\w*\b").upper() or "MCP6001"
    if low != "GND" and not ask.find(rf"\b({'|'.join(_OPAMPS)})"):
        name = "TL071"
    symbol, kind = _OPAMPS[name]
    if kind == 1:
        numbers = {"5": high, "2": low, "3": plus, "4": minus, "1": out}
        if name == "LMV321":
            numbers = {"5": high, "2": low, "1": plus, "3": minus, "4": out}
    elif kind == 3:
        numbers = {"7": high, "4": low, "3": plus, "2": minus, "6": out}
    elif kind == 2:
        numbers = {"8": high, "4": low, "3": plus, "2": minus, "1": out, "5": "GND", "6": "IDLE", "7": "IDLE"}
    else:
        numbers = {"4": high, "11": low, "3": plus, "2": minus, "1": out, "5": "GND", "6": "IDLE1", "7": "IDLE1",
                   "10": "GND", "9": "IDLE2", "8": "IDLE2", "12": "GND", "13": "IDLE3", "14": "IDLE3"}  # fmt: skip
    sheet.add("U", symbol, numbers, name)
    sheet.c(100e-9, high, "GND")
    if low != "GND":
        sheet.c(100e-9, "GND", low)


def _from_library(ask: Ask) -> str:
    """`library:symbol` of an amplifier that the text names, that KiCad's library has and that isn't in the table."""
    from kiki_core.planning.kicad.blocks.named import names, symbol_of

    for name in names(ask.text):
        if not any(name.upper().startswith(known) for known in _OPAMPS) and len(name) > 3:
            symbol = symbol_of(name)
            if symbol.startswith("Amplifier_Operational:"):
                return symbol
    return ""


def _as_pinned(sheet: Sheet, symbol: str, plus: str, minus: str, out: str, high: str, low: str) -> None:
    """An amplifier by the pins of its symbol: the first unit is used, the others follow ground."""
    from kiki_tools.kicad.circuits import Symbols

    joined: dict[str, str] = {}
    used = False
    for _, pins in sorted(Symbols()(symbol).symbol.units.items()):
        names = {pin.name for pin in pins}
        if {"+", "-"} <= names:
            idle = f"IDLE_{pins[0].number}"
            nets = (plus, minus, out) if not used else ("GND", idle, idle)
            for pin in pins:
                if pin.type == "output" or pin.name in ("+", "-"):
                    joined[pin.number] = nets[0] if pin.name == "+" else nets[1] if pin.name == "-" else nets[2]
            used = True
        for pin in pins:
            if pin.type == "power_in":
                joined[pin.number] = low if re.search(r"-|SS|EE|GND", pin.name) else high
    sheet.add("U", symbol, joined, symbol.partition(":")[2])
    sheet.c(100e-9, high, "GND")
    if low != "GND":
        sheet.c(100e-9, "GND", low)


def amplifier_alone(ask: Ask, sheet: Sheet, plus: str, minus: str, out: str) -> str:
    """An op-amp between nets with its supply and decoupling; gives its reference."""
    high, low = _rails(ask, sheet)
    _opamp_at(sheet, ask, plus, minus, out, high, low)
    return next(part.reference for part in reversed(sheet.parts) if part.reference.startswith("U"))


def _rails(ask: Ask, sheet: Sheet) -> tuple[str, str]:
    both = re.search(r"(?:±|\+/-|\+-|plus[ /]?minus)\s?(\d+(?:[.,]\d+)?)\s?V", ask.text, re.IGNORECASE)
    if both:
        volts = float(both.group(1).replace(",", "."))
        return supply(volts), supply(-volts)
    if ask.has(r"dual supply|split supply|symmetri|symétri|bipolar supply|doble"):
        return "+12V", "-12V"
    net, _ = supply_of(ask, sheet)
    return net, "GND"


def _gain(ask: Ask) -> float:
    decibels = next((each.value for each in ask.all("dB") if 0 < each.value <= 80), None)
    if decibels is not None:
        return float(10 ** (decibels / 20))
    plain = [
        abs(each.value) for each in ask.quantities if each.form == "times" or (each.unit == "" and not each.scaled)
    ]
    found = ask.find(
        r"(?:gain|verstärkung|ganancia|amplif\w*)\W{0,4}(?:of|de|von|=|by|um|is)?\W{0,3}(?:(?:exactly|about|genau|etwa|exactamente|exactement|environ)\s)?"
        r"([-−]?\d+(?:[.,]\d+)?)"
    )
    if found:
        return abs(float(found.replace("−", "-").replace(",", ".")))
    return next((value for value in plain if 1 <= value <= 1000), 10.0)


def amplifier(ask: Ask, sheet: Sheet) -> None:
    """An op-amp stage: inverting, non-inverting, follower, with the gain asked for."""
    high, low = _rails(ask, sheet)
    reference = "GND"
    if ask.has(r"follower|buffer|suiveur|folger|impedanzwandler|seguidor|unity|voltage-follower|puffer"):
        _opamp_at(sheet, ask, "IN", "OUT", "OUT", high, low)
        kind = "voltage follower"
    elif ask.has(r"differen|différen|subtract|soustract|differenz"):
        gain = _gain(ask) if ask.has(r"gain|verst|gananc|\d+ ?x\b|dB") else 1.0
        base = 10e3
        feedback = nearest(base * gain, "E24")
        _opamp_at(sheet, ask, "PLUS", "MINUS", "OUT", high, low)
        sheet.r(base, "IN-", "MINUS")
        sheet.r(feedback, "MINUS", "OUT")
        sheet.r(base, "IN+", "PLUS")
        sheet.r(feedback, "PLUS", reference)
        sheet.connector(["IN+", "IN-", "GND"], "IN")
        sheet.connector(["OUT", "GND"], "OUT")
        sheet.claim("gain", gain, "", feedback / base)
        kind = "difference amplifier"
    elif ask.has(r"summ(?:ing|er)|addi(?:er|tionn)|sumador|summier"):
        _opamp_at(sheet, ask, "GND", "MINUS", "OUT", high, low)
        told = ask.find(rf"({'|'.join(COUNTS)}|[2-4])[- ](?:input|channel|entrées|eing|entrad)").lower()
        count = min(6, COUNTS.get(told) or int(told or 2))
        gain = _gain(ask) if ask.has(r"gain|verst|gananc") else 1.0
        base = next((o for o in ask.value_of("ohm") if o >= 100), 10e3)
        for n in range(1, count + 1):
            sheet.r(base, f"IN{n}", "MINUS")
        sheet.r(nearest(base * gain, "E24"), "MINUS", "OUT")
        sheet.connector([*(f"IN{n}" for n in range(1, count + 1)), "GND"], "IN")
        sheet.connector(["OUT", "GND"], "OUT")
        kind = "summing amplifier"
    elif ask.has(r"integrat|intégrat"):
        r, c = rc_values(
            ask.first("Hz", 100.0), next(iter(ask.value_of("ohm")), None), next(iter(ask.value_of("F")), None)
        )
        _opamp_at(sheet, ask, "GND", "MINUS", "OUT", high, low)
        sheet.r(r, "IN", "MINUS")
        sheet.c(c, "MINUS", "OUT")
        sheet.r(r * 10, "MINUS", "OUT")
        kind = "integrator"
    elif ask.has(
        r"(?<!non)(?<!non-)(?<!non )(?<!nicht)(?<!nicht-)(?<!no )invert|(?<!non[- ])inverseur|(?<!nicht)(?<!nicht[- ])invertier"
    ) and not ask.has(r"non[- ]?inver|nicht[- ]?invert|no[- ]inversor"):
        gain = _gain(ask)
        stated = ask.value_of("ohm")
        base = stated[0] if stated and stated[0] <= 100e3 else 10e3
        feedback = nearest(base * gain, "E24")
        if low == "GND":
            reference = "VMID"
            sheet.r(10e3, high, "VMID")
            sheet.r(10e3, "VMID", "GND")
            sheet.c(10e-6, "VMID", "GND")
        _opamp_at(sheet, ask, reference, "MINUS", "OUT", high, low)
        sheet.r(base, "IN", "MINUS")
        sheet.r(feedback, "MINUS", "OUT")
        sheet.claim("gain", gain, "", feedback / base)
        kind = "inverting amplifier"
    else:
        gain = _gain(ask)
        if gain < 1:
            raise Impossible(
                f"a non-inverting stage amplifies at least 1 times, not {gain:g} times: take an inverting one or a divider"
            )
        _opamp_at(sheet, ask, "IN", "FB", "OUT", high, low)
        if gain == 1:
            sheet.r(1e3, "FB", "OUT")
        else:
            feedback, base = pair(gain - 1, "E24", 1e3, 10e3)
            stated = [o for o in ask.value_of("ohm") if o >= 100]
            if len(stated) == 1:
                base, feedback = stated[0], nearest(stated[0] * (gain - 1), "E24")
            elif stated:
                feedback, base = stated[:2]
            sheet.r(feedback, "OUT", "FB")
            sheet.r(base, "FB", "GND")
            sheet.claim("gain", gain, "", 1 + feedback / base)
        kind = "non-inverting amplifier"
    nets = sheet.nets()
    if "IN" in nets:
        ends(sheet)
    if not sheet.supply:
        sheet.connector([high, "GND", *([low] if low != "GND" else [])], "POWER")
        sheet.supply = high
    sheet.title.append(kind)


_RESPONSES = {r"bessel": 0.5774, r"cheb|tscheb": 0.9565}


def sallen_key(ask: Ask, sheet: Sheet) -> None:
    """A low- or high-pass of second order with unity gain (Sallen and Key, IRE Transactions CT-2, 1955)."""
    high, low = _rails(ask, sheet)
    passes_high = ask.has(r"high[- ]?pass|passe-?haut|hochpass|pasa-?altos?|paso alto")
    hertz = ask.first("Hz", 1000.0) or 1000.0
    q = next((value for word, value in _RESPONSES.items() if ask.has(word)), 0.7071)
    reference = "GND"
    if low == "GND":
        reference = "VMID"
        sheet.r(10e3, high, "VMID")
        sheet.r(10e3, "VMID", "GND")
        sheet.c(10e-6, "VMID", "GND")
    ohms, farads = ask.value_of("ohm"), ask.value_of("F")
    if passes_high:
        c = farads[0] if farads else nearest(1 / (2 * math.pi * hertz * 12e3), "E6")
        lower, upper = (
            nearest(r, "E96") for r in (2 * q / (2 * math.pi * hertz * c), 1 / (2 * q * 2 * math.pi * hertz * c))
        )
        sheet.c(c, "IN", "MID")
        sheet.c(c, "MID", "PLUS")
        sheet.r(upper, "MID", "OUT")
        sheet.r(lower, "PLUS", reference)
        got = 1 / (2 * math.pi * math.sqrt(lower * upper) * c)
    else:
        r = ohms[0] if ohms else 0.0
        small = farads[-1] if farads else nearest(1 / (2 * math.pi * hertz * (r or 10e3)) / (2 * q), "E12")
        large = farads[0] if len(farads) > 1 else nearest(small * 4 * q * q, "E12")
        r = r or nearest(1 / (2 * math.pi * hertz * math.sqrt(small * large)), "E96")
        sheet.r(r, "IN", "MID")
        sheet.r(r, "MID", "PLUS")
        sheet.c(large, "MID", "OUT")
        sheet.c(small, "PLUS", "GND")
        got = 1 / (2 * math.pi * r * math.sqrt(small * large))
    _opamp_at(sheet, ask, "PLUS", "OUT", "OUT", high, low)
    if ask.all("Hz"):
        sheet.claim("corner frequency", hertz, "Hz", got, 0.06)
    ends(sheet)
    if not sheet.supply:
        sheet.connector([high, "GND", *([low] if low != "GND" else [])], "POWER")
        sheet.supply = high
    sheet.title.append(f"Sallen-Key {'high' if passes_high else 'low'}-pass filter")


def comparator(ask: Ask, sheet: Sheet) -> None:
    """A comparator with its threshold and hysteresis."""
    net, volts = supply_of(ask, sheet)
    threshold = ask.near("V", r"threshold|seuil|schwell|umbral|trip|switch(?:es)? at|reference|compar", 20)
    if threshold is None or threshold == volts:
        others = [v for v in ask.volts() if v != volts]
        threshold = others[0] if others else volts / 2
    if not 0 < threshold < volts:
        raise Impossible(f"a threshold of {threshold:g} V lies outside the supply of {volts:g} V")
    top, bottom = pair(volts / threshold - 1, "E24", 3.3e3, 33e3)
    sheet.add("U", "Comparator:LM393", {"8": net, "4": "GND", "3": "PLUS", "2": "REF", "1": "OUT", "5": "GND", "6": "REF"},
              "LM393")  # fmt: skip
    sheet.r(top, net, "REF")
    sheet.r(bottom, "REF", "GND")
    sheet.r(10e3, "IN", "PLUS")
    sheet.r(1e6, "OUT", "PLUS")
    sheet.r(
        ask.near("ohm", r"pull-?ups?|output|sortie|ausgang|salida", 14) or ask.near("", r"pull-?ups?", 14) or 4.7e3,
        net,
        "OUT",
    )
    sheet.c(100e-9, net, "GND")
    sheet.claim("threshold", threshold, "V", volts * bottom / (top + bottom), 0.03)
    ends(sheet)
    power_in(sheet, net)
    sheet.title.append("comparator with hysteresis")


def sense(ask: Ask, sheet: Sheet) -> None:
    """A shunt with its current-sense amplifier."""
    net, _ = supply_of(ask, sheet, 3.3)
    shunt = next((o for o in ask.value_of("ohm") if o <= 1), 0.1)
    sheet.r(shunt, "LOAD+", "LOAD-")
    sheet.add(
        "U", "Amplifier_Current:INA180A1", {"3": "LOAD+", "4": "LOAD-", "5": net, "2": "GND", "1": "OUT"}, "INA180A1"
    )
    sheet.c(100e-9, net, "GND")
    sheet.connector(["LOAD+", "LOAD-"], "CURRENT")
    sheet.connector([net, "OUT", "GND"], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("current sense amplifier")


def sensor(ask: Ask, sheet: Sheet) -> None:
    """A resistive sensor in a divider."""
    net, _ = supply_of(ask, sheet, 3.3)
    ohms = [o for o in ask.value_of("ohm") if o >= 100]
    if ask.has(r"potentiometer|potentiomètre|\bpoti?\b|potenció"):
        sheet.add(
            "RV", "Device:R_Potentiometer", {"1": net, "2": "OUT", "3": "GND"}, written(ohms[0]) if ohms else "10k"
        )
        kind = "potentiometer"
    else:
        light = ask.has(r"ldr|photo-?res|light|lumi|licht|luz|fotor")
        value = ohms[0] if ohms else 10e3
        fixed = ohms[1] if len(ohms) > 1 else value
        platinum = ask.find(r"\b(pt-?100\d?)\b").upper()
        symbol = "Device:R_Photo" if light else "Device:Thermistor" if platinum else "Device:Thermistor_NTC"
        sheet.r(fixed, net, "OUT")
        sheet.add("R" if light else "TH", symbol, {"1": "OUT", "2": "GND"}, platinum or written(value))
        kind = "light sensor" if light else "thermistor divider"
    farads = ask.value_of("F")
    sheet.c(farads[0] if farads else 100e-9, "OUT", "GND")
    sheet.connector([net, "OUT", "GND"], "SENSOR")
    sheet.supply = sheet.supply or net
    sheet.title.append(kind)
