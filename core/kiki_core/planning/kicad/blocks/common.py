"""What blocks share: the supply that they live from, connectors at their ends, the values of an RC."""

from __future__ import annotations

import math
import re

from kiki_core.planning.kicad.sheet import Ask, Impossible, Sheet, e24, supply
from kiki_tools.spice.kits.series import nearest

COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "deux": 2, "trois": 3, "quatre": 4, "zwei": 2, "drei": 3,
          "vier": 4, "dos": 2, "tres": 3, "cuatro": 4}  # fmt: skip
"""Numbers in words."""
_AT = re.compile(
    r"(?<!threshold )(?<!seuil )(?:\bat|\bon|@|\ban|\bbei|\bsous|\bsur|\ba|\ben|single)\s*(?:an? |\+)?$", re.IGNORECASE
)


def supply_of(ask: Ask, sheet: Sheet, default: float = 5.0) -> tuple[str, float]:
    """The supply of a block: what a block before gives, else what the text says."""
    volts = [v for v in ask.volts() if 1.0 <= v <= 60]
    if sheet.supply:
        value = _volts_of(sheet.supply, default)
        return sheet.supply, value
    behind = next(
        (each.value for each in ask.all("V") if 1 <= each.value <= 60 and _AT.search(ask.text[: each.start])), None
    )
    value = (
        ask.near("V", r"suppl|power|from|vcc|vdd|aliment|versorg|betrieb|rail|aus|desde|depuis|an\b|à partir", 14)
        or behind
        or (volts[0] if volts else default)
    )
    return supply(value), value


_FROM = r"\b(?:from|out of|off|aus|von|de|d'|desde|depuis|à partir d\w*|using|with an? input of|vom)\b"
_TO = r"(?:\b(?:to|into|vers|nach|auf|zu|in|a|à|en|hasta|down to|up to|and (?:gives?|makes?|outputs?))\b|→|->|=>|⇒|/)"


def conversion(ask: Ask) -> tuple[float, float] | None:
    """Input and output of what turns one voltage into another (V), by the words between them; None if none tell."""
    volts = [each for each in ask.all("V") if each.value and abs(each.value) <= 400]
    if len(volts) < 2:
        return None
    one, other = volts[0], volts[1]
    between, before = ask.text[one.end : other.start], ask.text[max(0, one.start - 24) : one.start]
    if len(between) > 60 or abs(one.value) == abs(other.value):
        return None
    came, goes = (list(re.finditer(pattern, between, re.IGNORECASE)) for pattern in (_FROM, _TO))
    label = re.search(
        r"\b(?:v?in|input|entrée|eingang|entrada|vin)\b", before[-14:] + ask.text[one.end : one.end + 10], re.IGNORECASE
    )
    if label and not re.search(
        r"\b(?:out|output|sortie|ausgang|salida)\b", ask.text[one.end : one.end + 10], re.IGNORECASE
    ):
        return one.value, other.value
    if came and (not goes or came[0].start() <= goes[-1].start()):
        return other.value, one.value
    if goes or re.search(_FROM + r"\W*(?:an? |the |einer |un |una |une )?$", before, re.IGNORECASE):
        return one.value, other.value
    return None


def downwards(ask: Ask, what: str) -> tuple[float, float] | None:
    """As `conversion`; raises Impossible where the output is above the input, which ``what`` can't do."""
    found = conversion(ask)
    if found is not None and abs(found[1]) > abs(found[0]):
        raise Impossible(f"{what} can't make {found[1]:g} V from {found[0]:g} V: its output is never above its input")
    return found


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
