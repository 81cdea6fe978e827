"""What the families' clock trees are specified for: PLLs, cores, buses, voltage scales.

From the reference manuals and data sheets: F0 RM0091, F1 RM0008, F2 RM0033, F3 RM0316, F4 RM0090, RM0368, RM0383,
RM0390, F7 RM0385, G0 RM0444, G4 RM0440, H5 RM0481, H7 RM0433, L0 RM0377, L1 RM0038, L4 RM0351, U5 RM0456, WB RM0434,
WL RM0453.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiki_tools.stm32.device import Device

M = 1_000_000


@dataclass(frozen=True, slots=True)
class Family:
    """A family's PLL and buses; frequencies in hertz.

    ``input`` and ``oscillator``: what the PLL takes and how fast it may run (where it has no divider of its own, its
    output). ``output``: the divider that feeds SYSCLK; empty for a PLL that only multiplies.
    """

    input: tuple[float, float]
    oscillator: tuple[float, float]
    output: str
    hsi: int = 16 * M
    adc: float = 0
    """The fastest ADC clock; 0 where it isn't known here."""
    scales: Mapping[int, float] = field(default_factory=dict)
    """The core's highest clock by voltage scale, without over-drive."""
    first_scale: int = 1
    """The number of the scale with the highest voltage."""


FAMILIES: Mapping[str, Family] = {
    "f0": Family((1 * M, 24 * M), (16 * M, 48 * M), "", 8 * M, 14 * M),
    "f1": Family((1 * M, 25 * M), (16 * M, 72 * M), "", 8 * M, 14 * M),
    "f2": Family((0.95 * M, 2.1 * M), (192 * M, 432 * M), "PLLP", adc=30 * M),
    "f3": Family((1 * M, 24 * M), (16 * M, 72 * M), "", 8 * M, 72 * M),
    "f4": Family((0.95 * M, 2.1 * M), (100 * M, 432 * M), "PLLP", adc=36 * M),
    "f7": Family((0.95 * M, 2.1 * M), (100 * M, 432 * M), "PLLP", adc=36 * M,
                 scales={1: 180 * M, 2: 168 * M, 3: 144 * M}),
    "g0": Family((2.66 * M, 16 * M), (64 * M, 344 * M), "PLLR", adc=35 * M),
    "g4": Family((2.66 * M, 16 * M), (96 * M, 344 * M), "PLLR", adc=60 * M),
    "h5": Family((1 * M, 16 * M), (128 * M, 560 * M), "PLLP", 64 * M, first_scale=0),
    "h7": Family((1 * M, 16 * M), (150 * M, 960 * M), "PLLP", 64 * M, first_scale=0),
    "l0": Family((2 * M, 24 * M), (6 * M, 96 * M), "PLLDIV", adc=16 * M),
    "l1": Family((2 * M, 24 * M), (6 * M, 96 * M), "PLLDIV", adc=16 * M),
    "l4": Family((2.66 * M, 16 * M), (64 * M, 344 * M), "PLLR", adc=80 * M),
    "l5": Family((2.66 * M, 16 * M), (64 * M, 344 * M), "PLLR", adc=80 * M),
    "u5": Family((4 * M, 16 * M), (128 * M, 544 * M), "PLLR"),
    "wb": Family((2.66 * M, 16 * M), (96 * M, 344 * M), "PLLR", adc=64 * M),
    "wl": Family((2.66 * M, 16 * M), (96 * M, 344 * M), "PLLR", adc=35 * M),
    "c0": Family((0, 0), (0, 0), "", 48 * M, 35 * M),
}  # fmt: skip

_F4_SCALES = (
    (("05", "07", "15", "17"), {1: 168 * M, 2: 144 * M}),
    (("01",), {1: 84 * M, 2: 84 * M, 3: 60 * M}),
    (("10", "11", "12", "13", "23"), {1: 100 * M, 2: 84 * M, 3: 64 * M}),
    (("27", "29", "37", "39", "46", "69", "79"), {1: 168 * M, 2: 144 * M, 3: 120 * M}),
)
_OVER_DRIVE = {168 * M: 180 * M, 144 * M: 168 * M, 180 * M: 216 * M}
"""What over-drive makes of a scale's limit (RM0090 5.1.4, RM0385 4.1.4)."""
_APB = {84: (42, 84), 100: (50, 100), 120: (30, 60), 168: (42, 84), 180: (45, 90), 216: (54, 108)}
"""The buses' highest clocks by the core's, in MHz: F2, F4, F7."""
_BY_SCALE = frozenset({"g0", "h5", "l0", "l1", "l4", "l5", "u5", "wb", "wl"})
"""Where a scale's longest row of wait states ends at its highest SYSCLK."""
_MSI = (100e3, 200e3, 400e3, 800e3, 1e6, 2e6, 4e6, 8e6, 16e6, 24e6, 32e6, 48e6)
_MSI_L0 = (65.536e3, 131.072e3, 262.144e3, 524.288e3, 1.048e6, 2.097e6, 4.194e6)
_MSI_U5 = (48e6, 24e6, 16e6, 12e6, 4e6, 2e6, 1.33e6, 1e6, 3.072e6, 1.536e6, 1.024e6, 768e3, 400e3, 200e3, 133e3, 100e3)


def core_limit(device: Device) -> float:
    """The highest SYSCLK; 0 if it isn't known."""
    if device.family == "l4" and device.name[7:8] in "PQRS":
        return 120 * M  # The device files have 80 MHz for L4+ (RM0432).
    return device.max_hz


def bus_limits(device: Device) -> tuple[float, float]:
    """The highest clocks of APB1 and APB2; 0 where the core's limit is theirs too."""
    if device.family in ("f2", "f4", "f7"):
        slow, fast = _APB.get(device.max_hz // M, (0, 0))
        return slow * M, fast * M
    if device.family in ("f1", "f3"):
        return 36 * M, 72 * M
    if device.family == "h7":
        return core_limit(device) / (2 if core_limit(device) <= 280 * M else 4), core_limit(device) / (
            2 if core_limit(device) <= 280 * M else 4
        )
    return 0, 0


def scale_limit(device: Device, scale: int, *, boosted: bool) -> float:
    """The highest SYSCLK at a voltage scale; 0 if it isn't known. ``boosted``: with over-drive, or G4's boost."""
    family = FAMILIES.get(device.family)
    if family is None:
        return 0
    if device.family in ("f4", "f7"):
        line = device.name[7:9]
        scales = (
            next((each for lines, each in _F4_SCALES if line in lines), {}) if device.family == "f4" else family.scales
        )
        limit = scales.get(scale, 0)
        may_over = device.max_hz in (180 * M, 216 * M)
        return _OVER_DRIVE.get(int(limit), limit) if boosted and may_over else limit
    if device.family == "g4":
        return {(1, True): 170 * M, (1, False): 150 * M, (2, False): 26 * M, (2, True): 26 * M}.get((scale, boosted), 0)
    states = wait_states(device, scale, boosted=boosted)
    return max(states, default=0) if device.family in _BY_SCALE else 0


def wait_states(device: Device, scale: int | None, *, boosted: bool) -> tuple[int, ...]:
    """The highest HCLK for each number of wait states, at the best supply; for a voltage scale if it is known."""
    if not device.wait_states:
        return ()
    rows = [device.wait_states[key] for key in sorted(device.wait_states, reverse=True)]
    if device.family in ("f0", "f1", "f2", "f3", "f4", "f7", "c0") or scale is None:
        return rows[0]
    if device.family == "g4":
        index = 0 if scale == 1 and boosted else scale
    else:
        index = scale - FAMILIES[device.family].first_scale
    return rows[index] if 0 <= index < len(rows) else rows[0]


def msi(family: str, index: int | None) -> float | None:
    """The multi-speed oscillator's frequency by its range; at reset if the range is None."""
    table, reset = {"l0": (_MSI_L0, 5), "l1": (_MSI_L0, 5), "u5": (_MSI_U5, 4)}.get(family, (_MSI, 6))
    index = reset if index is None else index
    return table[index] if 0 <= index < len(table) else None
