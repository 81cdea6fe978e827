"""Filters, dividers, attenuators."""

from __future__ import annotations

import math

from kiki_core.planning.kicad.blocks.common import downwards, ends, rc_values
from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, e12, e24
from kiki_tools.spice.kits.series import pair


def filter(ask: Ask, sheet: Sheet) -> None:
    """An RC, RL or LC filter between two connectors."""
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
        r, c = rc_values(hertz, ohms[0] if ohms else None, farads[0] if farads else None)
        for stage in range(stages):
            out = "OUT" if stage == stages - 1 else f"N{stage + 1}"
            factor = 1 if stage == 0 else 10
            r_value, c_value = r * factor, c / factor
            (sheet.c if high else sheet.r)(c_value if high else r_value, node, out)
            (sheet.r if high else sheet.c)(r_value if high else c_value, out, "GND")
            node = out
        if hertz:
            sheet.claim("corner frequency of a stage", hertz, "Hz", 1 / (2 * math.pi * r * c))
    ends(sheet)
    sheet.title.append(f"{'high' if high else 'low'}-pass filter")


def divider(ask: Ask, sheet: Sheet) -> None:
    """A voltage divider."""
    ohms = ask.value_of("ohm")
    volts = [abs(v) for v in ask.volts()]
    downwards(ask, "a resistor divider")
    if len(ohms) >= 2 and not (len(volts) >= 2 and ohms[0] == ohms[1]):
        top, bottom = ohms[0], ohms[1]
        if len(volts) >= 2:
            sheet.claim("output voltage", min(volts[:2]), "V", max(volts[:2]) * bottom / (top + bottom), 0.03)
    else:
        if len(volts) >= 2:
            high, low = max(volts[:2]), min(volts[:2])
            if high == low:
                raise Impossible(f"a divider can't give {low:g} V from {high:g} V: that is the same")
        else:
            ratio = ask.find(
                r"(?:\b1\s?[:/]\s?(\d+)|\b(\d+)\s?:\s?1\b|by (\d+)|par (\d+)|durch (\d+)|por (\d+)|divide-by-(\d+))"
            )
            high, low = float(ratio or 2), 1.0
        total = next((o for o in ohms), None)
        top, bottom = pair(
            high / low - 1,
            "E24",
            *((0.8 * total * low / high, 1.25 * total * low / high) if total and total > 100 else (3.3e3, 33e3)),
        )
        if len(volts) < 2:
            sheet.claim("ratio", high, "", (top + bottom) / bottom, 0.03)
        if total:
            sheet.claim("total resistance", total, "ohm", top + bottom, 0.25)
        if len(volts) >= 2:
            sheet.claim("output voltage", low, "V", high * bottom / (top + bottom), 0.03)
    sheet.r(top, "IN", "OUT")
    sheet.r(bottom, "OUT", "GND")
    if ask.value_of("F") or ask.has(r"capacitor|filter cap|condens|kondensator|\bcap\b"):
        farads = ask.value_of("F")
        sheet.c(farads[0] if farads else 100e-9, "OUT", "GND")
    ends(sheet)
    sheet.title.append("voltage divider")


def pad(ask: Ask, sheet: Sheet) -> None:
    """An attenuator between equal resistances."""
    loss = ask.first("dB", 10.0) or 10.0
    z = next(iter(ask.value_of("ohm")), 50.0)
    k = 10 ** (abs(loss) / 20)
    if ask.has(r"\bt[- ](?:pad|atten|netz|network|dämpf)|t-glied"):
        arm, leg = e24(z * (k - 1) / (k + 1)), e24(2 * z * k / (k * k - 1))
        sheet.r(arm, "IN", "MID")
        sheet.r(arm, "MID", "OUT")
        sheet.r(leg, "MID", "GND")
        middle = 1 / (1 / leg + 1 / (arm + z))
        inner, ratio = arm + middle, middle / (arm + middle) * z / (arm + z)
    else:
        leg, arm = e24(z * (k + 1) / (k - 1)), e24(z * (k * k - 1) / (2 * k))
        sheet.r(leg, "IN", "GND")
        sheet.r(arm, "IN", "OUT")
        sheet.r(leg, "OUT", "GND")
        last = 1 / (1 / leg + 1 / z)
        inner, ratio = 1 / (1 / leg + 1 / (arm + last)), last / (arm + last)
    sheet.claim("attenuation", abs(loss), "dB", -20 * math.log10(2 * inner / (inner + z) * ratio), 0.05)
    sheet.claim("impedance", z, "ohm", inner, 0.06)
    ends(sheet)
    sheet.title.append(f"attenuator of {abs(loss):g} dB, {z:g} ohm")
