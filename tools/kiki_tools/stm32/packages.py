"""The packages of a device: which pin is at which position. From modm's device files (MPL-2.0), as in `device`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree

from kiki_tools.stm32 import device as devices


@dataclass(frozen=True, slots=True)
class Package:
    """A package by its name, such as `LQFP64`: the pins' names by position (`1`, or `A1` in a grid)."""

    name: str
    pins: Mapping[str, str]
    power: frozenset[str]
    """The positions of supplies, ground and other pins without a port."""

    def positions(self, pin: str) -> list[str]:
        """Where a pin is: `PA2` at `16`; some are at two positions, most of a large device on none of a small one."""
        return [position for position, name in self.pins.items() if port_pin(name) == pin]

    @property
    def is_grid(self) -> bool:
        """Whether it has balls below, not pins around."""
        return any(position[:1].isalpha() for position in self.pins)


def port_pin(name: str) -> str:
    """`PC14` of a pin's full name such as `PC14-OSC32_IN`; empty for a supply."""
    found = re.match(r"P[A-K]\d{1,2}(?!\d)", name)
    return found.group() if found else ""


@cache
def packages(name: str) -> tuple[Package, ...]:
    """The packages of a device, or of all that its name leaves open; most pins last."""
    found: dict[str, Package] = {}
    listed = sorted(devices.device_files(name))
    for file in sorted({file for file, _ in listed}):
        root = ElementTree.parse(devices.data_folder() / file).getroot()
        devices.applying(root, [devices.parts_of(known) for of, known in listed if of == file])
        for node in root.iter("package"):
            pins = {pin.get("position", ""): pin.get("name", "") for pin in node.iter("pin")}
            power = frozenset(pin.get("position", "") for pin in node.iter("pin") if not port_pin(pin.get("name", "")))
            label = node.get("name", "").replace("_N", "").replace("_GP", "")
            found.setdefault(label, Package(label, pins, power))
    return tuple(sorted(found.values(), key=lambda each: (len(each.pins), each.name)))
