"""The amplifiers of front ends: which one is fast enough, and its macromodel."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_MAKES: dict[str, float] = {
    "MCP6001": 1e6, "MCP6002": 1e6, "MCP6004": 1e6, "LMV321": 1e6, "LMV358": 1e6, "TLV9002": 1e6, "TLV9001": 1e6, "OPA333": 0.35e6,
    "OPA2333": 0.35e6, "MCP6L01": 1e6, "MCP602": 2.8e6, "MCP6022": 10e6, "MCP6021": 10e6, "TLV2372": 3e6, "TLV2371": 3e6, "OPA340": 5.5e6,
    "OPA2340": 5.5e6, "OPA350": 38e6, "OPA365": 50e6, "OPA2365": 50e6, "AD8605": 10e6, "AD8606": 10e6, "TSV912": 8e6, "MCP6242": 0.55e6,
}  # fmt: skip
"""Amplifiers whose outputs reach both rails, and their gain-bandwidth products in hertz (data sheets)."""
_USUAL = (("MCP6001", 1e6), ("MCP6021", 10e6), ("OPA365", 50e6))
NAMED = re.compile(
    r"(?<![A-Za-z0-9])((?:MCP6|OPA|LMV|TLV|TSV|INA|AD86|AD8|LT1|LTC|LM3[25]8|LM324|TL0|NE55|MAX4|TLC|LM741|UA741|ADA)\w*\d\w*)(?!\w)",
    re.IGNORECASE,
)
"""What looks like an amplifier's name."""


@dataclass(frozen=True, slots=True)
class Make:
    """An amplifier by name, and its gain-bandwidth product in hertz."""

    name: str
    hertz: float

    def cards(self, name: str = "opamp") -> list[str]:
        """Its macromodel: one pole, an output that reaches both rails."""
        pole = 1e3 / (2 * math.pi * self.hertz / 1e5 * 1e3 * 1e3)
        return [f"* an amplifier whose output reaches both rails, such as {self.name}", f".subckt {name} p n o", "E1 a 0 p n 1e5",
                "R1 a b 1k", f"C1 b 0 {pole:.4g}", "E2 o 0 b 0 1", ".ends"]  # fmt: skip


def named(text: str) -> list[str]:
    """Amplifiers that a text names, in capitals."""
    return list(dict.fromkeys(match[1].upper() for match in NAMED.finditer(text)))


def known(text: str) -> Make | None:
    """The amplifier that a text names, if its data is here."""
    for name in named(text):
        for make, hertz in _MAKES.items():
            if name.startswith(make):
                return Make(name, hertz)
    return None


def fast_enough(hertz: float, wanted: Make | None) -> Make | None:
    """One with so much gain-bandwidth: the wanted one if it has it, else the slowest usual one; None if none has."""
    if wanted is not None:
        return wanted if wanted.hertz >= hertz else None
    return next((Make(name, has) for name, has in _USUAL if has >= hertz), None)
