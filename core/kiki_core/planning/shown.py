"""Numbers and requirements as an answer shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kiki_core.events import Requirement

_PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_UNSCALED = frozenset({"baud", "%", "dB", "deg", "degC", "", "LSB", "counts", "bit"})


def with_unit(value: float, unit: str) -> str:
    """A number with its unit and prefix, four digits: 84 MHz, 115200 baud, 3.3 V."""
    if not math.isfinite(value):
        return str(value)
    if unit in _UNSCALED or value == 0:
        text = f"{value:.6g}" if unit in ("baud", "counts", "LSB") else f"{value:.4g}"
        return f"{text} {unit}".rstrip()
    power = min(9, max(-12, 3 * math.floor(math.log10(abs(value)) / 3 + 1e-9)))
    return f"{value / 10**power:.6g} {_PREFIXES[power]}{unit}"


def table(requirements: Sequence[Requirement]) -> str:
    """Requirements as a table in Markdown: wanted, got, met."""
    rows = ["| requirement | wanted | got | |", "| --- | --- | --- | --- |"]
    for each in requirements:
        sign = {"=": "", ">=": "≥ ", "<=": "≤ "}[each.op]
        got = "–" if each.measured is None else with_unit(each.measured, each.unit)
        mark = {True: "✓", False: "✗", None: "?"}[each.ok]
        rows.append(f"| {each.quantity} | {sign}{with_unit(each.value, each.unit)} | {got} | {mark} |")
    return "\n".join(rows)
