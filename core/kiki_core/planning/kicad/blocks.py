"""Blocks of small circuits: each with the words that ask for it, and the parts that it puts on the sheet."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, e12, e24, supply, written
from kiki_tools.spice.kits.series import nearest, pair


@dataclass(frozen=True, slots=True)
class Block:
    """A block: its name, the pattern that asks for it, what draws it."""

    name: str
    asks: re.Pattern[str]
    draws: Callable[[Ask, Sheet], None]


def _supply_of(ask: Ask, sheet: Sheet, default: float = 5.0) -> tuple[str, float]:
    """The supply of a block: what a block before gives, else what the text says."""
    volts = [v for v in ask.volts() if 1.0 <= v <= 60]
    if sheet.supply:
        value = _volts_of(sheet.supply, default)
        return sheet.supply, value
    value = ask.near(
        "V", r"suppl|power|from|vcc|vdd|aliment|versorg|betrieb|rail|aus|desde|depuis|an\b|à partir", 14
    ) or (volts[0] if volts else default)
    return supply(value), value


def _volts_of(net: str, default: float) -> float:
    match = re.fullmatch(r"([+-])(\d+)V(\d*)", net)
    return float(f"{match.group(2)}.{match.group(3) or 0}") if match else default


# -- filters and dividers --------------------------------------------------------------------------------------------


def _filter(ask: Ask, sheet: Sheet) -> None:
    high = ask.has(r"high[- ]?pass|passe-?haut|hochpass|pasa-?altos?|paso alto")
    coil = ask.has(r"\blc\b|\brl\b|inductor|bobine|spule")
    rl = ask.has(r"\brl\b")
    stages = 2 if ask.has(r"two[- ]stage|second[- ]order|2nd[- ]order|zweistufig|deux étages|deuxième ordre|zweiter ordnung|"
                          r"segundo orden|dos etapas|cascade") and not coil else 1  # fmt: skip
    hertz = ask.first("Hz")
    ohms, farads, henries = ask.value_of("ohm"), ask.value_of("F"), ask.value_of("H")
    node = "IN"
    if coil and not rl:
        c = farads[0] if farads else 0.0
        l_value = henries[0] if henries else 0.0
        target = hertz or (1 / (2 * math.pi * math.sqrt(l_value * c)) if c and l_value else 10e3)
        load = ohms[0] if ohms else 50.0
        if not l_value:
            l_value = 1 / ((2 * math.pi * target) ** 2 * c) if c else e12(load * math.sqrt(2) / (2 * math.pi * target))
        if not c:
            c = e12(1 / ((2 * math.pi * target) ** 2 * l_value))
        (sheet.c if high else sheet.coil)(c if high else l_value, "IN", "OUT")
        (sheet.coil if high else sheet.c)(l_value if high else c, "OUT", "GND")
        if hertz:
            sheet.claim("resonance", hertz, "Hz", 1 / (2 * math.pi * math.sqrt(l_value * c)), 0.1)
    elif rl:
        r = ohms[0] if ohms else 1000.0
        l_value = henries[0] if henries else e12(r / (2 * math.pi * (hertz or 10e3)))
        (sheet.r if high else sheet.coil)(r if high else l_value, "IN", "OUT")
        (sheet.coil if high else sheet.r)(l_value if high else r, "OUT", "GND")
        if hertz:
            sheet.claim("corner frequency", hertz, "Hz", r / (2 * math.pi * l_value), 0.1)
    else:
        r, c = _rc(hertz, ohms[0] if ohms else None, farads[0] if farads else None)
        for stage in range(stages):
            out = "OUT" if stage == stages - 1 else f"N{stage + 1}"
            factor = 1 if stage == 0 else 10
            r_value, c_value = r * factor, c / factor
            (sheet.c if high else sheet.r)(c_value if high else r_value, node, out)
            (sheet.r if high else sheet.c)(r_value if high else c_value, out, "GND")
            node = out
        if hertz:
            sheet.claim("corner frequency of a stage", hertz, "Hz", 1 / (2 * math.pi * r * c))
    _ends(sheet)
    sheet.title.append(f"{'high' if high else 'low'}-pass filter")


def _rc(hertz: float | None, r: float | None, c: float | None) -> tuple[float, float]:
    """R and C of a corner: what is stated stays, what isn't is chosen from E24 and E12."""
    if r and c:
        return r, c
    hertz = hertz or 1000.0
    if r:
        return r, e24(1 / (2 * math.pi * hertz * r))
    if c:
        return e24(1 / (2 * math.pi * hertz * c)), c
    best = (math.inf, 10e3, 10e-9)
    for value in (
        nearest(1 / (2 * math.pi * hertz * 10e3) * f, "E6") for f in (0.2, 0.3, 0.45, 0.63, 1, 1.5, 2.2, 3.3)
    ):
        resistor = nearest(1 / (2 * math.pi * hertz * value), "E24")
        error = abs(1 / (2 * math.pi * resistor * value) / hertz - 1) + 0.002 * abs(math.log10(resistor / 10e3))
        best = min(best, (error, resistor, value))
    return best[1], best[2]


def _ends(sheet: Sheet, left: str = "IN", right: str = "OUT") -> None:
    sheet.connector([left, "GND"], "IN")
    sheet.connector([right, "GND"], "OUT")


def _divider(ask: Ask, sheet: Sheet) -> None:
    ohms = ask.value_of("ohm")
    volts = [abs(v) for v in ask.volts()]
    if len(ohms) >= 2 and not (len(volts) >= 2 and ohms[0] == ohms[1]):
        top, bottom = ohms[0], ohms[1]
    else:
        if len(volts) >= 2:
            high, low = max(volts[:2]), min(volts[:2])
            if high == low:
                raise Impossible(f"a divider can't give {low:g} V from {high:g} V: that is the same")
        else:
            ratio = ask.find(r"(?:1\s?[:/]\s?(\d+)|by (\d+)|par (\d+)|durch (\d+)|por (\d+))")
            high, low = float(ratio or 2), 1.0
        total = next((o for o in ohms), None)
        top, bottom = pair(high / low - 1, "E24", *((total / 3, total) if total and total > 100 else (3.3e3, 33e3)))
        if len(volts) >= 2:
            sheet.claim("output voltage", low, "V", high * bottom / (top + bottom), 0.03)
    sheet.r(top, "IN", "OUT")
    sheet.r(bottom, "OUT", "GND")
    if ask.has(r"capacitor|filter cap|condens|kondensator|\bcap\b"):
        farads = ask.value_of("F")
        sheet.c(farads[0] if farads else 100e-9, "OUT", "GND")
    _ends(sheet)
    sheet.title.append("voltage divider")


def _pad(ask: Ask, sheet: Sheet) -> None:
    loss = ask.first("dB", 10.0) or 10.0
    z = next(iter(ask.value_of("ohm")), 50.0)
    k = 10 ** (abs(loss) / 20)
    if ask.has(r"\bt[- ](?:pad|atten|netz|network|dämpf)|t-glied"):
        arm, leg = e24(z * (k - 1) / (k + 1)), e24(2 * z * k / (k * k - 1))
        sheet.r(arm, "IN", "MID")
        sheet.r(arm, "MID", "OUT")
        sheet.r(leg, "MID", "GND")
    else:
        leg, arm = e24(z * (k + 1) / (k - 1)), e24(z * (k * k - 1) / (2 * k))
        sheet.r(leg, "IN", "GND")
        sheet.r(arm, "IN", "OUT")
        sheet.r(leg, "OUT", "GND")
    _ends(sheet)
    sheet.title.append(f"attenuator of {abs(loss):g} dB, {z:g} ohm")


# -- lamps, buttons, switches ----------------------------------------------------------------------------------------

_FORWARD = {"red": 1.9, "rot": 1.9, "rouge": 1.9, "roj": 1.9, "yellow": 2.0, "jaune": 2.0, "gelb": 2.0, "amaril": 2.0,
            "orange": 2.0, "amber": 2.0, "green": 2.1, "vert": 2.1, "grün": 2.1, "verd": 2.1, "blue": 3.0, "bleu": 3.0,
            "blau": 3.0, "azul": 3.0, "white": 3.0, "blanc": 3.0, "weiß": 3.0, "weiss": 3.0, "ir": 1.3}  # fmt: skip


def _led(ask: Ask, sheet: Sheet) -> None:
    net, volts = _supply_of(ask, sheet)
    color = next((word for word in _FORWARD if ask.has(rf"\b{word}\w*")), "")
    drop = ask.near("V", r"forward|vf\b|durchlass|directe|drop", 16) or _FORWARD.get(color, 2.0)
    if drop == volts:
        drop = _FORWARD.get(color, 2.0)
    amps = next((each.value for each in ask.all("A") if each.value <= 0.5), 5e-3)
    count = int(ask.find(r"\b([2-8])\s+(?:\w+ )?leds?") or {"two": 2, "three": 3, "four": 4, "zwei": 2, "drei": 3, "deux": 2,
                "trois": 3, "dos": 2, "tres": 3}.get(ask.find(r"\b(two|three|four|zwei|drei|deux|trois|dos|tres)\s+(?:\w+ )?leds?").lower(), 1))  # fmt: skip
    series = count if ask.has(r"series|série|reihe|serie\b") else 1
    strings = 1 if series > 1 else count
    if volts <= series * drop + 0.1:
        raise Impossible(f"{series if series > 1 else 'an'} LED{'s in series need' if series > 1 else ' needs'} "
                         f"{series * drop:.2g} V; {volts:g} V is too little")  # fmt: skip
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
    _power_in(sheet, net)
    sheet.title.append("LED with its resistor")


def _power_in(sheet: Sheet, net: str) -> None:
    """A connector for the supply, unless something on the sheet gives it already."""
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
        sheet.supply = net


def _button(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
    down = ask.has(r"pull-?down")
    pull = next((o for o in ask.value_of("ohm") if o >= 1e3), 10e3)
    out = "BUTTON"
    sheet.add("SW", "Switch:SW_Push", {"1": out if not down else net, "2": "GND" if not down else out}, "SW_Push")
    sheet.r(pull, net if not down else out, out if not down else "GND")
    if ask.has(r"debounc|entprell|anti-?rebond|antirreb|cap|condens|kondens|\d\s?nf"):
        farads = ask.value_of("F")
        sheet.c(farads[0] if farads else 100e-9, out, "GND")
    sheet.connector([net, out, "GND"], "BUTTON")
    sheet.supply = sheet.supply or net
    sheet.title.append("push-button")


def _switch(ask: Ask, sheet: Sheet) -> None:
    net, volts = _supply_of(ask, sheet, 12.0)
    loads = [v for v in ask.volts() if v >= 3]
    if ask.near(
        "V", r"relay|relais|relé|motor|moteur|solenoid|coil|load|last|charge|carga|lamp|fan|pump|valve|strip", 18
    ):
        volts = (
            ask.near(
                "V",
                r"relay|relais|relé|motor|moteur|solenoid|coil|load|last|charge|carga|lamp|fan|pump|valve|strip",
                18,
            )
            or volts
        )
        net = supply(volts)
    elif loads:
        volts = max(loads)
        net = supply(volts)
    bipolar = ask.has(r"\bnpn|bjt|bc5\d\d|2n3904|2n2222|bipolar|transistor npn") and not ask.has(r"mosfet|\bfet\b|nmos")
    inductive = ask.has(
        r"relay|relais|relé|motor|moteur|solenoid|coil|inducti|induktiv|valve|ventil|pump|flyback|freewheel|fan|lüfter"
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
        named = ask.find(r"\b(bc547|bc337|2n3904|mmbt3904|bc817)\b").upper()
        part = f"Transistor_BJT:{named}" if named else part
        base = amps / 10
        value = nearest((drive - 0.7) / max(base, 1e-4), "E24") if drive > 0.9 else 1e3
        stated = [o for o in ask.value_of("ohm") if 100 <= o <= 47e3]
        sheet.r(stated[0] if stated else min(47e3, max(150.0, value)), "CTRL", "BASE")
        sheet.r(10e3 if value < 4e3 else 100e3, "BASE", "GND")
        sheet.add("Q", part, {"B": "BASE", "C": "SWITCHED", "E": "GND"}, part.partition(":")[2])
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
        sheet.r(value, net, "LED_A")
        sheet.led("LED_A", "SWITCHED")
    else:
        sheet.connector([net, "SWITCHED"], "LOAD")
    if inductive:
        sheet.diode("SWITCHED", net, "1N4007" if volts > 40 or amps > 0.2 else "1N4148")
    sheet.connector(["CTRL", "GND"], "CTRL")
    _power_in(sheet, net)
    sheet.title.append("low-side switch")


def _reverse(ask: Ask, sheet: Sheet) -> None:
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


# -- supplies --------------------------------------------------------------------------------------------------------

_FIXED = {1.2: "AMS1117-1.2" , 1.5: "AMS1117-1.5", 1.8: "AMS1117-1.8", 2.5: "AMS1117-2.5", 3.3: "AMS1117-3.3",
          5.0: "AMS1117-5.0"}  # fmt: skip


def _ldo(ask: Ask, sheet: Sheet) -> None:
    volts = [abs(v) for v in ask.volts() if 0.8 <= abs(v) <= 40]
    named = ask.find(
        r"\b((?:ams|lm)1117(?:-(?:adj|[\d.v]+))?|ap2112k?(?:-[\d.]+)?|mcp1700(?:-\d+\w*)?|l?m?7[89]\d\d\w*|lp2985(?:-[\d.]+)?|ht7333|xc6206\w*)\b"
    ).upper()
    out = ask.near("V", r"output|out\b|sortie|ausgang|salida|regulat|ldo", 12)
    fixed = re.search(r"78(?:L|M)?(05|06|08|09|12|15|18|24)\b", named)
    if fixed:
        out = float(fixed.group(1))
    elif part_volts := re.search(r"-(\d)\.?V?(\d)", named):
        out = float(f"{part_volts.group(1)}.{part_volts.group(2)}")
    elif len(volts) >= 2:
        out = min(volts)
    elif out is None:
        out = volts[0] if volts else 3.3
    given = [v for v in volts if v > out + 1e-9]
    vin = max(given, default=0.0)
    stated_in = ask.near("V", r"input|from|vin|entrée|eingang|entrada|depuis|aus\b|von|desde|de\b", 10)
    if stated_in is not None and stated_in <= out + 0.05 and len(volts) >= 2 and not given:
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
        or ask.has(r"enable|\bldo with en\b")
        or (out in (1.8, 2.5, 3.3) and vin and vin - out < 1.2)
    ):
        level = out if out in (1.2, 1.8, 2.5, 2.6, 3.3) else 3.3
        sheet.add("U", f"Regulator_Linear:AP2112K-{level:g}", {"VIN": inlet, "EN": inlet, "GND": "GND", "VOUT": outlet},
                  f"AP2112K-{level:g}")  # fmt: skip
        caps = (farads * 2)[:2] if farads else [1e-6, 1e-6]
        if vin > 6:
            raise Impossible(f"an AP2112K takes 6 V at most; {vin:g} V is too much: take an AMS1117 or an LM317")
    elif named.startswith("MCP1700"):
        sheet.add("U", f"Regulator_Linear:MCP1700x-{round(out * 100):03}xxTT", {"VI": inlet, "GND": "GND", "VO": outlet},
                  f"MCP1700-{round(out * 1000)}E")  # fmt: skip
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


def _lm317(ask: Ask, sheet: Sheet) -> None:
    volts = [v for v in ask.volts() if 1.2 <= v <= 37]
    out = ask.near("V", r"output|out\b|sortie|ausgang|salida|for|to\b|set|einstell|régl", 10) or min(volts, default=5.0)
    vin = max([v for v in volts if v > out], default=0.0)
    if vin and vin < out + 2.5:
        raise Impossible(f"an LM317 needs some 2.5 V more at its input than {out:g} V; {vin:g} V is too little")
    inlet = sheet.supply or (supply(vin) if vin else "VIN")
    _adjustable(sheet, inlet, supply(out), out)
    sheet.c(100e-9, inlet, "GND")
    sheet.c(1e-6, supply(out), "GND")
    if not sheet.supply:
        sheet.connector([inlet, "GND"], "IN")
    sheet.connector([supply(out), "GND"], "OUT")
    sheet.supply = supply(out)
    sheet.title.append("adjustable supply")


def _buck(ask: Ask, sheet: Sheet) -> None:
    volts = [v for v in ask.volts() if v >= 1]
    out = min(volts, default=5.0)
    vin = max([v for v in volts if v > out], default=12.0)
    level = {3.3: "3.3", 5.0: "5", 12.0: "12"}.get(out)
    if ask.has(r"boost|step-?up|hochsetz|élévateur|elevador"):
        raise Impossible(
            "the block for switching supplies steps down only; a boost converter needs a controller of your choice"
        )
    inlet = sheet.supply or supply(vin)
    outlet = supply(out)
    feedback = outlet if level else "FB"
    sheet.add("U", f"Regulator_Switching:LM2596S-{level or 'ADJ'}", {"VIN": inlet, "5": "GND", "GND": "GND", "OUT": "SW", "FB": feedback},
              f"LM2596S-{level or 'ADJ'}")  # fmt: skip
    sheet.c(100e-6, inlet, "GND", polarized=True)
    sheet.diode("GND", "SW", "SS34", "Device:D_Schottky")
    sheet.coil(33e-6, "SW", outlet)
    sheet.c(220e-6, outlet, "GND", polarized=True)
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


def _usb_c(ask: Ask, sheet: Sheet) -> None:
    data = ask.has(r"d\+|data|usb ?2|données|daten|esd|mcu|datos")
    source = ask.has(r"\bsource\b|\bhost\b|dfp|56k|22k|provid")
    if data:
        pins = {"VBUS": "VBUS", "GND": "GND", "CC1": "CC1", "CC2": "CC2", "SHIELD": "GND", "D+": "D+", "D-": "D-"}
        sheet.add("J", "Connector:USB_C_Receptacle_USB2.0_16P", pins, "USB_C")
    else:
        pins = {"VBUS": "VBUS", "GND": "GND", "CC1": "CC1", "CC2": "CC2", "SHIELD": "GND"}
        sheet.add("J", "Connector:USB_C_Receptacle_PowerOnly_6P", pins, "USB_C")
    stated = [o for o in ask.value_of("ohm") if o >= 1e3]
    value = stated[0] if stated else 56e3 if source else 5.1e3
    far = "VBUS" if source else "GND"
    sheet.r(value, "CC1", far)
    sheet.r(value, "CC2", far)
    if data and ask.has(r"esd|usblc6|protect|tvs|schutz"):
        sheet.add("U", "Power_Protection:USBLC6-2SC6", {"1": "D+", "6": "D+", "3": "D-", "4": "D-", "VBUS": "VBUS", "GND": "GND"},
                  "USBLC6-2SC6")  # fmt: skip
    if ask.has(r"fuse|fusible|sicherung|polyfuse|ptc"):
        sheet.add("F", "Device:Polyfuse", {"1": "VBUS", "2": "+5V"}, "500mA")
    outlet = "+5V" if any(part.symbol == "Device:Polyfuse" for part in sheet.parts) else "VBUS"
    sheet.c(10e-6, outlet, "GND")
    nets = [outlet, *(["D+", "D-"] if data else []), "GND"]
    sheet.connector(nets, "OUT")
    sheet.supply = outlet
    sheet.title.append("USB-C inlet")


def _jack(ask: Ask, sheet: Sheet) -> None:
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
    sheet.c(100e-6, outlet, "GND", polarized=True)
    if ask.has(r"tvs"):
        sheet.add("D", "Device:D_TVS", {"1": outlet, "2": "GND"}, f"SMAJ{math.ceil(volts)}A")
    sheet.connector([outlet, "GND"], "OUT")
    sheet.supply = outlet
    sheet.title.append("power inlet")


def _bridge(ask: Ask, sheet: Sheet) -> None:
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


def _charger(ask: Ask, sheet: Sheet) -> None:
    amps = next((each.value for each in ask.all("A") if 0.015 <= each.value <= 0.5), 0.5)
    value = nearest(1000 / amps, "E24")
    inlet = sheet.supply or "+5V"
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
    _power_in(sheet, inlet)
    sheet.title.append("Li-ion charger")


def _zener(ask: Ask, sheet: Sheet) -> None:
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
    _ends(sheet)
    sheet.title.append("Zener regulator")


# -- amplifiers ------------------------------------------------------------------------------------------------------

_OPAMPS = {"MCP6001": ("Amplifier_Operational:MCP6001-OT", 1), "TL071": ("Amplifier_Operational:TL071", 3),
           "LM741": ("Amplifier_Operational:LM741", 3), "TL072": ("Amplifier_Operational:TL072", 2),
           "LM358": ("Amplifier_Operational:LM358", 2), "NE5532": ("Amplifier_Operational:NE5532", 2),
           "OP07": ("Amplifier_Operational:OP07", 3), "LM324": ("Amplifier_Operational:LM324", 4),
           "TL074": ("Amplifier_Operational:TL074", 4), "TL081": ("Amplifier_Operational:TL081", 3),
           "TL082": ("Amplifier_Operational:TL082", 2), "MCP6002": ("Amplifier_Operational:MCP6002-xP", 2),
           "OPA2134": ("Amplifier_Operational:OPA2134", 2), "LMV321": ("Amplifier_Operational:LMV321", 1)}  # fmt: skip


def _opamp_at(sheet: Sheet, ask: Ask, plus: str, minus: str, out: str, high: str, low: str) -> None:
    """An amplifier between nets; the unused ones of its package follow ground."""
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


def _rails(ask: Ask, sheet: Sheet) -> tuple[str, str]:
    both = re.search(r"(?:±|\+/-|\+-|plus[ /]?minus)\s?(\d+(?:[.,]\d+)?)\s?V", ask.text, re.IGNORECASE)
    if both:
        volts = float(both.group(1).replace(",", "."))
        return supply(volts), supply(-volts)
    if ask.has(r"dual supply|split supply|symmetri|symétri|bipolar supply|doble"):
        return "+12V", "-12V"
    net, _ = _supply_of(ask, sheet)
    return net, "GND"


def _gain(ask: Ask) -> float:
    decibels = next((each.value for each in ask.all("dB") if 0 < each.value <= 80), None)
    if decibels is not None:
        return float(10 ** (decibels / 20))
    plain = [
        abs(each.value) for each in ask.quantities if each.form == "times" or (each.unit == "" and not each.scaled)
    ]
    found = ask.find(
        r"(?:gain|verstärkung|ganancia|amplif\w*)\W{0,4}(?:of|de|von|=|by|um)?\W{0,3}([-−]?\d+(?:[.,]\d+)?)"
    )
    if found:
        return abs(float(found.replace("−", "-").replace(",", ".")))
    return next((value for value in plain if 1 <= value <= 1000), 10.0)


def _amplifier(ask: Ask, sheet: Sheet) -> None:
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
        count = int(ask.find(r"([2-4])[- ](?:input|channel|entrées|eing|entrad)") or 2)
        gain = _gain(ask) if ask.has(r"gain|verst|gananc") else 1.0
        for n in range(1, count + 1):
            sheet.r(10e3, f"IN{n}", "MINUS")
        sheet.r(nearest(10e3 * gain, "E24"), "MINUS", "OUT")
        sheet.connector([*(f"IN{n}" for n in range(1, count + 1)), "GND"], "IN")
        sheet.connector(["OUT", "GND"], "OUT")
        kind = "summing amplifier"
    elif ask.has(r"integrat|intégrat"):
        r, c = _rc(ask.first("Hz", 100.0), next(iter(ask.value_of("ohm")), None), next(iter(ask.value_of("F")), None))
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
            sheet.r(feedback, "OUT", "FB")
            sheet.r(base, "FB", "GND")
            sheet.claim("gain", gain, "", 1 + feedback / base)
        kind = "non-inverting amplifier"
    nets = sheet.nets()
    if "IN" in nets:
        _ends(sheet)
    if not sheet.supply:
        sheet.connector([high, "GND", *([low] if low != "GND" else [])], "POWER")
        sheet.supply = high
    sheet.title.append(kind)


def _comparator(ask: Ask, sheet: Sheet) -> None:
    net, volts = _supply_of(ask, sheet)
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
    sheet.r(4.7e3, net, "OUT")
    sheet.c(100e-9, net, "GND")
    sheet.claim("threshold", threshold, "V", volts * bottom / (top + bottom), 0.03)
    _ends(sheet)
    _power_in(sheet, net)
    sheet.title.append("comparator with hysteresis")


def _sense(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
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


def _sensor(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
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
        symbol = "Device:R_Photo" if light else "Device:Thermistor_NTC"
        sheet.r(fixed, net, "OUT")
        sheet.add("R" if light else "TH", symbol, {"1": "OUT", "2": "GND"}, written(value))
        kind = "light sensor" if light else "thermistor divider"
    farads = ask.value_of("F")
    sheet.c(farads[0] if farads else 100e-9, "OUT", "GND")
    sheet.connector([net, "OUT", "GND"], "SENSOR")
    sheet.supply = sheet.supply or net
    sheet.title.append(kind)


# -- clocks, buses, chips --------------------------------------------------------------------------------------------


def _crystal(ask: Ask, sheet: Sheet) -> None:
    hertz = ask.first("Hz", 8e6) or 8e6
    farads = [f for f in ask.value_of("F") if f <= 100e-12]
    load = ask.near("F", r"load|charge|last|\bcl\b|carga|bürde", 22)
    stray = 5e-12
    named = ask.near("F", r"stray|parasit|streu", 18)
    if named is not None:
        stray = named
    direct = ask.has(r"(?:two|2|deux|zwei|dos) (?:\S+ ){0,2}(?:pf|capacitors|caps|condens|kondens)") and ask.has(
        r"\d ?pf (?:cap|cond|kond)"
    )
    if load is not None and not direct:
        value = e24(2 * (load - stray))
        sheet.claim("load capacitance", load, "F", value / 2 + stray, 0.1)
    else:
        value = farads[0] if farads else 12e-12 if hertz < 1e5 else 20e-12
    text = f"{hertz / 1e6:g}MHz" if hertz >= 1e6 else f"{hertz / 1e3:g}kHz"
    if ask.has(r"4[- ]?pin|four[- ]pin|gnd24|3225|smd"):
        sheet.add("Y", "Device:Crystal_GND24", {"1": "XTAL1", "3": "XTAL2", "2": "GND", "4": "GND"}, text)
    else:
        sheet.add("Y", "Device:Crystal", {"1": "XTAL1", "2": "XTAL2"}, text)
    sheet.c(value, "XTAL1", "GND")
    sheet.c(value, "XTAL2", "GND")
    if ask.has(r"1 ?m(?:eg)?(?:Ω|ohm)?\b.*(?:parallel|across)|feedback resistor"):
        sheet.r(1e6, "XTAL1", "XTAL2")
    sheet.connector(["XTAL1", "XTAL2", "GND"], "XTAL")
    sheet.title.append(f"crystal of {text}")


def _i2c(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
    ohms = [o for o in ask.value_of("ohm") if 500 <= o <= 50e3]
    fast = ask.has(r"400 ?k|fast")
    value = ohms[0] if ohms else 2.2e3 if fast else 4.7e3
    sheet.r(value, net, "SDA")
    sheet.r(value, net, "SCL")
    if ask.has(r"eeprom|24lc|24c\d"):
        number = ask.find(r"24(?:lc|c|aa)(\d+)") or "256"
        part = f"24LC{number}" if number in ("256", "02", "16", "64", "32", "128", "512") else "24LC256"
        pins = {"8": net, "4": "GND", "5": "SDA", "6": "SCL", "7": "GND", "1": "GND", "2": "GND", "3": "GND"}
        sheet.add("U", f"Memory_EEPROM:{part if part in ('24LC256', '24LC02') else '24LC256'}", pins, part)
        sheet.c(100e-9, net, "GND")
    sheet.connector([net, "SDA", "SCL", "GND"], "I2C")
    sheet.supply = sheet.supply or net
    sheet.title.append("I2C bus")


def _decoupling(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
    words = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "quatre": 4, "zwei": 2, "drei": 3,
             "vier": 4, "dos": 2, "tres": 3, "cuatro": 4}  # fmt: skip
    counted = re.search(r"\b(\d+|two|three|four|five|six|deux|trois|quatre|zwei|drei|vier|dos|tres|cuatro)\s*(?:x|×)?\s*(?:of )?"
                        r"(?:\d+ ?n|caps|capac|decoupl|condens|kondens|entkoppel|stück|pcs)", ask.text, re.IGNORECASE)  # fmt: skip
    count = (words.get(counted.group(1).lower()) or int(counted.group(1))) if counted else 2
    values = ask.value_of("F") or [100e-9]
    for _ in range(min(count, 20)):
        sheet.c(min(values), net, "GND")
    if len(values) > 1:
        sheet.c(max(values), net, "GND")
    sheet.connector([net, "GND"], "POWER")
    sheet.supply = sheet.supply or net
    sheet.title.append("decoupling")


def _can(ask: Ask, sheet: Sheet) -> None:
    three = ask.has(r"3[.,v]3|sn65|vd230|tja1051")
    net = sheet.supply or ("+3V3" if three else "+5V")
    common = {"CANH": "CANH", "CANL": "CANL"}
    if ask.has(r"tja1051"):
        sheet.add("U", "Interface_CAN_LIN:TJA1051T-3", {**common, "1": "TXD", "4": "RXD", "VCC": "+5V", "VIO": "+3V3", "GND": "GND",
                                                        "S": "GND"}, "TJA1051T/3")  # fmt: skip
        sheet.connector(["+5V", "+3V3", "TXD", "RXD", "GND"], "MCU")
        sheet.c(100e-9, "+5V", "GND")
        sheet.c(100e-9, "+3V3", "GND")
        sheet.supply = sheet.supply or "+5V"
    else:
        if three:
            sheet.add("U", "Interface_CAN_LIN:SN65HVD230", {**common, "D": "TXD", "R": "RXD", "VCC": net, "GND": "GND", "Rs": "RS"},
                      "SN65HVD230")  # fmt: skip
        else:
            sheet.add("U", "Interface_CAN_LIN:MCP2551-I-SN", {**common, "TXD": "TXD", "RXD": "RXD", "VDD": net, "VSS": "GND", "Rs": "RS"},
                      "MCP2551")  # fmt: skip
        sheet.r(10e3 if not three else "0", "RS", "GND")
        sheet.c(100e-9, net, "GND")
        sheet.connector([net, "TXD", "RXD", "GND"], "MCU")
        sheet.supply = sheet.supply or net
    if ask.has(r"split term|two 60|2 ?x ?60|60 ?(?:ohm|Ω)"):
        sheet.r(60.4, "CANH", "SPLIT")
        sheet.r(60.4, "SPLIT", "CANL")
        sheet.c(4.7e-9, "SPLIT", "GND")
    else:
        sheet.r(120.0, "CANH", "CANL")
    sheet.connector(["CANH", "CANL", "GND"], "CAN")
    sheet.title.append("CAN transceiver")


def _rs485(ask: Ask, sheet: Sheet) -> None:
    three = ask.has(r"3[.,v]3|max3485")
    net = sheet.supply or ("+3V3" if three else "+5V")
    name = "MAX3485" if three else "MAX485E"
    sheet.add(
        "U",
        f"Interface_UART:{name}",
        {"RO": "RO", "2": "DIR", "DE": "DIR", "DI": "DI", "VCC": net, "GND": "GND", "A": "A", "B": "B"},
        name,
    )
    sheet.c(100e-9, net, "GND")
    sheet.r(120.0, "A", "B")
    if ask.has(r"bias|fail-?safe|polari"):
        sheet.r(680.0, net, "A")
        sheet.r(680.0, "B", "GND")
    sheet.connector([net, "RO", "DIR", "DI", "GND"], "MCU")
    sheet.connector(["A", "B", "GND"], "RS485")
    sheet.supply = sheet.supply or net
    sheet.title.append("RS-485 transceiver")


def _rs232(ask: Ask, sheet: Sheet) -> None:
    net = sheet.supply or "+5V"
    pins = {"1": "C1P", "3": "C1N", "4": "C2P", "5": "C2N", "2": "VPLUS", "6": "VMINUS", "16": net, "15": "GND",
            "11": "TXD", "12": "RXD", "14": "RS_TX", "13": "RS_RX", "10": "GND", "8": "GND"}  # fmt: skip
    sheet.add("U", "Interface_UART:MAX232", pins, "MAX232")
    for one, other in (("C1P", "C1N"), ("C2P", "C2N"), ("VPLUS", "GND"), ("GND", "VMINUS"), (net, "GND")):
        sheet.c(1e-6, one, other)
    sheet.connector([net, "TXD", "RXD", "GND"], "TTL")
    sheet.connector(["RS_TX", "RS_RX", "GND"], "RS232")
    sheet.supply = sheet.supply or net
    sheet.title.append("RS-232 level shifter")


def _levels(ask: Ask, sheet: Sheet) -> None:
    volts = sorted({v for v in ask.volts() if 1 <= v <= 12}) or [3.3, 5.0]
    low, high = supply(volts[0]), supply(volts[-1] if len(volts) > 1 else 5.0)
    count = 2 if ask.has(r"i2c|two|2[- ]ch|sda|zwei|deux|dos|bidirectional i") else 1
    count = int(ask.find(r"\b([1-4])[- ](?:ch|canau|kan|canal|line|signal)") or count)
    lows, highs = [], []
    for n in range(1, count + 1):
        names = (("SDA", "SCL")[n - 1],) * 2 if ask.has(r"i2c") and count == 2 else (f"A{n}", f"B{n}")
        one, other = f"{names[0]}_L", f"{names[1]}_H"
        sheet.add("Q", "Transistor_FET:BSS138", {"G": low, "S": one, "D": other}, "BSS138")
        sheet.r(10e3, low, one)
        sheet.r(10e3, high, other)
        lows.append(one)
        highs.append(other)
    sheet.connector([low, *lows, "GND"], "LOW")
    sheet.connector([high, *highs, "GND"], "HIGH")
    sheet.supply = sheet.supply or low
    sheet.title.append("level shifter")


def _opto(ask: Ask, sheet: Sheet) -> None:
    volts = max([v for v in ask.volts() if v > 3.4], default=24.0)
    net = sheet.supply or "+3V3"
    amps = next((each.value for each in ask.all("A") if each.value <= 0.05), 5e-3)
    value = e12((volts - 1.2) / amps)
    sheet.r(value, "IN+", "LED_A")
    sheet.add("U", "Isolator:PC817", {"1": "LED_A", "2": "IN-", "4": "OUT", "3": "GND"}, "PC817")
    sheet.r(10e3, net, "OUT")
    if ask.has(r"revers|protect|antiparall|verpol"):
        sheet.diode("IN-", "LED_A")
    sheet.connector(["IN+", "IN-"], "IN")
    sheet.connector([net, "OUT", "GND"], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("isolated input")


def _timer555(ask: Ask, sheet: Sheet) -> None:
    net, volts = _supply_of(ask, sheet)
    pins = {
        "GND": "GND",
        "VCC": net,
        "4": net,
        "DISCH": "DISCH",
        "THRES": "TIMING",
        "TRIG": "TIMING",
        "CONT": "CONT",
        "OUT": "OUT",
    }
    if ask.has(r"monostab|one[- ]shot|monoflop|einzelimpuls"):
        seconds = ask.first("s", 1.0) or 1.0
        c = next(iter(ask.value_of("F")), None) or (10e-6 if seconds >= 0.1 else 100e-9)
        r = e24(seconds / (1.1 * c))
        pins |= {"DISCH": "TIMING", "TRIG": "TRIG"}
        sheet.add("U", "Timer:NE555P", pins, "NE555")
        sheet.r(r, net, "TIMING")
        sheet.c(c, "TIMING", "GND")
        sheet.r(10e3, net, "TRIG")
        sheet.connector(["TRIG", "GND"], "TRIGGER")
        sheet.claim("pulse", seconds, "s", 1.1 * r * c, 0.1)
        kind = "monostable 555"
    else:
        times = [each.value for each in ask.all("s") if each.value > 0]
        hertz = ask.first("Hz") or (1 / times[0] if times else 1.0)
        c = next(iter(ask.value_of("F")), None) or e12(0.7 / (hertz * 50e3))
        second = e24(1.44 / (hertz * c) * 0.45)
        first = e24(max(1e3, 1.44 / (hertz * c) - 2 * second))
        sheet.add("U", "Timer:NE555P", pins, "NE555")
        sheet.r(first, net, "DISCH")
        sheet.r(second, "DISCH", "TIMING")
        sheet.c(c, "TIMING", "GND")
        sheet.claim("frequency", hertz, "Hz", 1.44 / ((first + 2 * second) * c), 0.1)
        kind = "astable 555"
    sheet.c(10e-9, "CONT", "GND")
    sheet.c(100e-9, net, "GND")
    if ask.has(r"\bled\b"):
        sheet.r(e24(max(100.0, (volts - 2) / 10e-3)), "OUT", "LED_A")
        sheet.led("LED_A", "GND")
    sheet.connector(["OUT", "GND"], "OUT")
    _power_in(sheet, net)
    sheet.title.append(kind)


def _shift(ask: Ask, sheet: Sheet) -> None:
    net, volts = _supply_of(ask, sheet)
    outs = [f"Q{letter}" for letter in "ABCDEFGH"]
    pins = {
        "14": "SER",
        "11": "SRCLK",
        "10": net,
        "12": "RCLK",
        "13": "GND",
        "16": net,
        "8": "GND",
        **{name: name for name in outs},
    }
    if ask.has(r"daisy|cascad|chain|kask"):
        pins["9"] = "SER_OUT"
    sheet.add("U", "74xx:74HC595", pins, "74HC595")
    sheet.c(100e-9, net, "GND")
    nets = [net, "SER", "SRCLK", "RCLK", *(["SER_OUT"] if "9" in pins else []), "GND"]
    sheet.connector(nets, "MCU")
    if ask.has(r"\bleds?\b"):
        value = e24(max(150.0, (volts - 2.0) / 5e-3))
        for n, name in enumerate(outs, 1):
            sheet.r(value, name, f"LED{n}")
            sheet.led(f"LED{n}", "GND")
    else:
        sheet.connector([*outs, "GND"], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("74HC595 shift register")


def _onewire(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 3.3)
    ohms = [o for o in ask.value_of("ohm") if o >= 1e3]
    sheet.add("U", "Sensor_Temperature:DS18B20", {"3": net, "1": "GND", "2": "DQ"}, "DS18B20")
    sheet.r(ohms[0] if ohms else 4.7e3, net, "DQ")
    sheet.c(100e-9, net, "GND")
    sheet.connector([net, "DQ", "GND"], "MCU")
    sheet.supply = sheet.supply or net
    sheet.title.append("DS18B20")


def _flash(ask: Ask, sheet: Sheet) -> None:
    net = sheet.supply or "+3V3"
    pins = {"1": "CS", "6": "SCK", "5": "MOSI", "2": "MISO", "3": net, "7": net, "8": net, "4": "GND"}
    sheet.add("U", "Memory_Flash:W25Q32JVSS", pins, ask.find(r"\b(w25q\d+\w*)").upper() or "W25Q32JV")
    sheet.r(10e3, net, "CS")
    sheet.c(100e-9, net, "GND")
    sheet.connector([net, "CS", "SCK", "MOSI", "MISO", "GND"], "SPI")
    sheet.supply = sheet.supply or net
    sheet.title.append("SPI flash")


def _mcu(ask: Ask, sheet: Sheet) -> None:
    from kiki_core.planning.kicad.micro import draw

    draw(ask, sheet)


def _bridge_sensor(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet)
    value = next(iter(ask.value_of("ohm")), 1e3)
    for one, other in ((net, "OUT+"), ("OUT+", "GND"), (net, "OUT-"), ("OUT-", "GND")):
        sheet.r(value, one, other)
    sheet.connector(["OUT+", "OUT-"], "OUT")
    _power_in(sheet, net)
    sheet.title.append("Wheatstone bridge")


def _darlington(ask: Ask, sheet: Sheet) -> None:
    net, _ = _supply_of(ask, sheet, 12.0)
    count = 7
    pins = {
        **{f"I{n}": f"IN{n}" for n in range(1, count + 1)},
        **{f"O{n}": f"OUT{n}" for n in range(1, count + 1)},
        "8": "GND",
        "9": net,
    }
    sheet.add("U", "Transistor_Array:ULN2003A", pins, "ULN2003A")
    sheet.connector([*(f"IN{n}" for n in range(1, count + 1)), "GND"], "IN")
    sheet.connector([net, *(f"OUT{n}" for n in range(1, count + 1))], "OUT")
    sheet.supply = sheet.supply or net
    sheet.title.append("ULN2003A driver")


def _strip(ask: Ask, sheet: Sheet) -> None:
    count = min(16, int(ask.find(r"\b(\d{1,2})\s+(?:ws2812|neopixel|rgb|addressable|leds?)") or 3))
    net = sheet.supply or "+5V"
    sheet.r(330.0, "DATA", "D0")
    for n in range(count):
        pins = {"1": net, "3": "GND", "4": f"D{n}", **({"2": f"D{n + 1}"} if n < count - 1 else {})}
        sheet.add("D", "LED:WS2812B", pins, "WS2812B")
        sheet.c(100e-9, net, "GND")
    sheet.connector([net, "DATA", "GND"], "IN")
    sheet.supply = sheet.supply or net
    sheet.title.append(f"{count} WS2812B")


def _block(name: str, pattern: str, draws: Callable[[Ask, Sheet], None]) -> Block:
    return Block(name, re.compile(pattern, re.IGNORECASE), draws)


BLOCKS: Sequence[Block] = (
    _block("usb", r"usb[- ]?(?:type[- ]?)?c\b|type-c|usbc", _usb_c),
    _block("jack", r"barrel jack|dc jack|jack d'alim|hohlstecker|power inlet|conector (?:de )?barril|netzteilbuchse", _jack),
    _block("bridge", r"bridge rectif|pont (?:de )?(?:diodes|redresseur|graetz)|brückengleichrichter|full[- ]wave rectif|puente (?:de diodes|"
           r"rectificador)|graetz|gleichrichter|redresseur|rectificador", _bridge),
    _block("charger", r"charger|chargeur|ladeschaltung|lader\b|cargador|mcp73831|tp4056", _charger),
    _block("reverse", r"reverse[- ](?:polarity|voltage|battery)(?! diode)|verpolschutz|inversion de polarité|polaridad inversa|protection contre l'inversion",
           _reverse),
    _block("buck", r"\bbuck\b|step-?down|lm2596|abaisseur|abwärtswandler|reductor|boost converter|step-?up", _buck),
    _block("lm317", r"lm317|adjustable (?:linear )?regulator|einstellbarer (?:spannungs)?regler|régulateur (?:réglable|ajustable)", _lm317),
    _block("ldo", r"\bldo\b|linear regulator|voltage regulator|régulateur|spannungsregler|linearregler|regulador|ams1117|lm1117|ap2112|mcp1700|"
           r"\b(?:lm|l|ua)?78(?:l|m)?(?:05|06|08|09|12|15|18|24)\w*|lp2985|3[.v]3 ?v? regulator|regulated supply|low[- ]dropout", _ldo),
    _block("mcu", r"stm32|\batmega\d+|\battiny\d+|esp32|\barduino[- ](?:uno )?minimal|microcontroller|\bmcu\b(?= (?:minimal|board|circuit))", _mcu),
    _block("crystal", r"crystal|quartz|quarz|cristal|xtal", _crystal),
    _block("shift", r"74hc595|shift register|schieberegister|registre à décalage|registro de desplazamiento", _shift),
    _block("darlington", r"uln2003", _darlington),
    _block("strip", r"ws2812|neopixel|addressable led", _strip),
    _block("onewire", r"ds18b20|1-wire", _onewire),
    _block("flash", r"spi flash|w25q|flash memory|nor flash|mémoire flash", _flash),
    _block("i2c", r"\bi2c\b|i²c|\biic\b|24lc|24c\d\d|eeprom", _i2c),
    _block("can", r"\bcan[- ](?:bus|trans|interface|phy|node|knoten)|can-?transceiver|mcp2551|sn65hvd|tja10|transceiver can|bus can|émetteur-récepteur can|"
           r"\bcan\b(?= 120)", _can),
    _block("rs485", r"rs-?485|max485|max3485", _rs485),
    _block("rs232", r"rs-?232|max232|max3232", _rs232),
    _block("levels", r"level[- ]?(?:shift|conver|translat)|pegelwandler|adaptateur de niveau|convert\w+ (?:de )?niv|bss138", _levels),
    _block("opto", r"opto|isolated input|galvanisch|isolation galvanique|pc817|4n35", _opto),
    _block("timer", r"\bne?555\b|555 timer|timer 555|astab|monostab|temporisateur 555", _timer555),
    _block("comparator", r"comparator|comparateur|komparator|comparador|lm393|schmitt", _comparator),
    _block("sense", r"current[- ]sens|shunt|mesure de courant|strommess|sensor de corriente|ina180|ina169", _sense),
    _block("bridge sensor", r"wheatstone|strain gauge bridge|load cell", _bridge_sensor),
    _block("amplifier", r"op-?amp|operational|amplifier|opérationnel|operationsverstärker|\bopv\b|amplificador|amplificateur|verstärker|follower|suiveur|"
           r"spannungsfolger|seguidor|inverting|summing|\bbuffer\b|tl07\d|lm358|mcp600\d|integrator", _amplifier),
    _block("switch", r"(?:transistor|mosfet|npn|nmos|n-channel|low[- ]side|\bfet\b)\w*(?:(?! filter).){0,60}(?:switch|driv|relay|relais|relé|motor|load|solenoid|lamp|fan|pump|"
           r"schalt|commut|interrup|treib|pilot|control|led|buzzer|strip)|(?:switch|driv|schalt|commut|pilot|treib|control|steuer)\w*(?:.){0,60}(?:transistor|mosfet|npn|"
           r"nmos|bc547|2n7002|2n3904)|relay driver|relaistreiber|motor driver|low-?side switch|flyback diode|relay (?:with|circuit|control)|"
           r"(?:driver|pilote|treiber|control) (?:for|de|für|para) (?:a |un |ein )?(?:relay|relais|relé|motor|solenoid)|relais(?:ansteuerung|treiber)|commande de relais", _switch),
    _block("zener", r"zener", _zener),
    _block("pad", r"attenuat|atténuat|dämpfungsglied|atenuador|\bpi[- ]pad|t-pad", _pad),
    _block("filter", r"filter|filtre|filtro|low[- ]?pass|high[- ]?pass|passe-?bas|passe-?haut|tiefpass|hochpass|pasa-?baj|pasa-?alt|\brc\b(?! time)", _filter),
    _block("divider", r"divider|diviseur|spannungsteiler|teiler|divisor", _divider),
    _block("sensor", r"thermistor|\bntc\b|\bldr\b|photo-?resist|fotowider|fotorresist|potentiomet|potentiomètre|potenció|\bpoti\b|light sensor", _sensor),
    _block("button", r"push[- ]?button|button|taster|bouton|pulsador|botón", _button),
    _block("decoupling", r"decoupl|bypass cap|découplage|entkoppl|desacoplo", _decoupling),
    _block("led", r"\bleds?\b|light-emitting|leuchtdiode|diode électrolum|\bdel\b", _led),
)  # fmt: skip
"""The blocks in the order in which a sheet is drawn: supplies first, so that the rest lives from them."""
