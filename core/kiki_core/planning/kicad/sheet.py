"""A schematic as it grows from blocks: parts with their nets, references counted, values as they are written."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kiki_core.events import Requirement
from kiki_core.planning.quantities import Quantity, read
from kiki_tools.kicad.circuits import Part
from kiki_tools.spice.kits.series import nearest

_PREFIXES = {-12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M"}


class Impossible(ValueError):
    """A request that no circuit meets: says why, and what would be possible."""


def written(value: float, unit: str = "") -> str:
    """A value as a schematic has it: 4.7k, 100n, 10u."""
    power = min(6, max(-12, 3 * math.floor(math.log10(abs(value)) / 3 + 1e-9))) if value else 0
    return f"{value / 10**power:.4g}{_PREFIXES[power]}{unit}"


def supply(volts: float) -> str:
    """The net of a supply: +3V3, +5V, -12V."""
    sign = "-" if volts < 0 else "+"
    whole, part = divmod(round(abs(volts) * 100), 100)
    digits = f"{part:02}".rstrip("0")
    return f"{sign}{whole}V{digits}"


def _plain(quantity: Quantity) -> Quantity:
    """A quantity as a schematic means it."""
    if quantity.unit == "V" and quantity.value >= 1000 and not re.search(r"[vV]", quantity.text):
        return replace(quantity, unit="", scaled=True)
    if quantity.unit in ("V", "A") and 0 < abs(quantity.value) < 1e-5 and not re.search(r"[vVaA]", quantity.text):
        return replace(quantity, unit="", scaled=True)  # "100n from +5V"
    if quantity.unit == "Hz" and re.match(r"32,768\D", quantity.text) and quantity.value > 1e6:
        return replace(quantity, value=quantity.value / 1000)
    return quantity


@dataclass
class Ask:
    """A request: its text in lower case, its quantities, and where each stands."""

    text: str
    quantities: tuple[Quantity, ...] = ()

    @classmethod
    def of(cls, text: str) -> Ask:
        """A text with its quantities read: "2k2 to 3V3" is no range of volts, "32,768 kHz"
        no 32 MHz, "R2 330 ohm" no 2330."""
        apart = re.sub(r"(?<!\w)([A-Z]{1,3}\d{1,2})[ \u00a0\u202f](?=\d{3}(?!\d))", r"\1:", text)
        return cls(text, tuple(map(_plain, read(apart))))

    def has(self, pattern: str) -> bool:
        """Whether a pattern stands in the text."""
        return re.search(pattern, self.text, re.IGNORECASE) is not None

    def find(self, pattern: str) -> str:
        """The first group of a pattern; empty if it isn't there."""
        found = re.search(pattern, self.text, re.IGNORECASE)
        return next((part for part in found.groups() if part), "") if found else ""

    def all(self, unit: str) -> list[Quantity]:
        """The quantities of a unit."""
        return [each for each in self.quantities if each.unit == unit]

    def volts(self) -> list[float]:
        """Voltages in their order."""
        return [each.value for each in self.all("V") if not each.form]

    def first(self, unit: str, default: float | None = None) -> float | None:
        """The first quantity of a unit."""
        found = self.all(unit)
        return found[0].value if found else default

    def near(self, unit: str, pattern: str, reach: int = 30) -> float | None:
        """The quantity of a unit that stands nearest to a word."""
        best: tuple[int, float] | None = None
        for match in re.finditer(pattern, self.text, re.IGNORECASE):
            for each in self.all(unit):
                gap = min(abs(each.start - match.end()), abs(match.start() - each.end))
                if gap <= reach and (best is None or gap < best[0]):
                    best = (gap, each.value)
        return best[1] if best else None

    def value_of(self, kind: str) -> list[float]:
        """Stated resistances (ohm), capacitances (F) or inductances (H); "100n" counts where its unit must be it."""
        found = []
        for each in self.quantities:
            small = each.scaled and each.unit == ""
            if each.unit == kind or (
                small and ((kind == "F" and each.value < 1e-2) or (kind == "ohm" and each.value >= 1e3))
            ):
                found.append(each.value)
        return found


@dataclass
class Sheet:
    """The parts so far. ``ports``: nets that leave the sheet, for its connectors; ``claims``: what the values come to.
    ``lost``: what the request wants and the sheet can't have."""

    parts: list[Part] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    claims: list[Requirement] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    supply: str = ""
    output: str = ""

    def add(self, letter: str, symbol: str, pins: Mapping[str, str], value: str = "", footprint: str = "") -> str:
        """A part; gives its reference."""
        self.counts[letter] = self.counts.get(letter, 0) + 1
        while any(each.reference == f"{letter}{self.counts[letter]}" for each in self.parts):
            self.counts[letter] += 1
        reference = f"{letter}{self.counts[letter]}"
        self.parts.append(Part(reference, symbol, dict(pins), value, footprint))
        return reference

    def r(self, value: float | str, one: str, other: str) -> str:
        """A resistor between two nets."""
        return self.add("R", "Device:R", {"1": one, "2": other}, value if isinstance(value, str) else written(value))

    def c(self, value: float | str, one: str, other: str, *, polarized: bool = False) -> str:
        """A capacitor between two nets; the first one is the positive one."""
        text = value if isinstance(value, str) else f"{value * 1e6:g}u" if value >= 1e-3 else written(value)
        return self.add("C", "Device:C_Polarized" if polarized else "Device:C", {"1": one, "2": other}, text)

    def coil(self, value: float | str, one: str, other: str) -> str:
        """An inductor between two nets."""
        return self.add("L", "Device:L", {"1": one, "2": other}, value if isinstance(value, str) else written(value))

    def diode(self, anode: str, cathode: str, value: str = "1N4148", symbol: str = "Device:D") -> str:
        """A diode."""
        return self.add("D", symbol, {"A": anode, "K": cathode}, value)

    def led(self, anode: str, cathode: str, color: str = "") -> str:
        """A light-emitting diode."""
        return self.add("D", "Device:LED", {"A": anode, "K": cathode}, color or "LED")

    def connector(self, nets: list[str], value: str = "") -> str:
        """A header with these nets on its pins."""
        pins = {str(number): net for number, net in enumerate(nets, 1)}
        return self.add("J", f"Connector:Conn_01x{len(nets):02}_Pin", pins, value or "Conn")

    def nets(self) -> dict[str, int]:
        """How many pins each net has, as stated."""
        found: dict[str, int] = {}
        for part in self.parts:
            for net in part.pins.values():
                found[net] = found.get(net, 0) + 1
        return found

    def claim(
        self, quantity: str, wanted: float, unit: str, got: float, tolerance: float = 0.05, op: str = "="
    ) -> None:
        """A number that the request states, and what the chosen values make of it."""
        ok = {
            "=": abs(got - wanted) <= tolerance * abs(wanted) + 1e-15,
            "<=": got <= wanted * (1 + 1e-9),
            ">=": got >= wanted * (1 - 1e-9),
        }[op]
        self.claims.append(Requirement(quantity, op, wanted, unit, got, ok))


def e24(value: float) -> float:
    """The nearest value of E24."""
    return nearest(value, "E24")


def e12(value: float) -> float:
    """The nearest value of E12."""
    return nearest(value, "E12")
