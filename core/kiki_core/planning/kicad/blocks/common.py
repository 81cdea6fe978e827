"""What blocks share: the supply that they live from, connectors at their ends, the values of an RC."""

from __future__ import annotations

import math
import re

from kiki_core.planning.kicad.sheet import Ask, Sheet, e24, supply
from kiki_tools.spice.kits.series import nearest


def supply_of(ask: Ask, sheet: Sheet, default: float = 5.0) -> tuple[str, float]:
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


def ends(sheet: Sheet, left: str = "IN", right: str = "OUT") -> None:
    """Connectors at both ends of a two-port."""
    sheet.connector([left, "GND"], "IN")
    sheet.connector([right, "GND"], "OUT")


def power_in(sheet: Sheet, net: str) -> None:
    """A connector for the supply, unless something on the sheet gives it already."""
    if not sheet.supply:
        sheet.connector([net, "GND"], "POWER")
        sheet.supply = net


def rc_values(hertz: float | None, r: float | None, c: float | None) -> tuple[float, float]:
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
