"""Numbers as engineers write them: SI prefixes on axes and measures."""

from __future__ import annotations

import math
import re

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}


def engineering(value: float, unit: str = "", digits: int = 4) -> str:
    """``value`` with ``digits`` figures and an SI prefix: 1003.5, "Hz" gives ``1.004 kHz``."""
    if not math.isfinite(value):
        return str(value)
    if value == 0:
        return f"0 {unit}".rstrip()
    rounded = float(f"{value:.{digits}g}")
    power = 3 * math.floor(math.log10(abs(rounded)) / 3)
    prefix = _PREFIXES.get(power)
    if prefix is None or unit in ("dB", "%", "°"):
        return f"{value:.{digits}g} {unit}".rstrip()
    return f"{rounded / 10**power:.{digits}g} {prefix}{unit}".rstrip()


def unit_of(measure: str) -> str:
    """The unit that a measure's name tells of; empty when it tells of none."""
    name = measure.lower()
    if name.endswith("_db") or re.match(r"(gain|loss|ripple|atten)\w*db", name):
        return "dB"
    if re.match(r"f(_|\d|c$|c_|osc|req|low|high|3db)|.*_hz$|.*freq", name):
        return "Hz"
    return ""
