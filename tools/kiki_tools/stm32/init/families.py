"""What the init compiler must know of a family beside the device files: buses, limits, the kinds of its peripherals.

F4: RM0090, RM0368, RM0383, RM0390. G4: RM0440.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiki_tools.stm32.device import Device
from kiki_tools.stm32.init.plan import ImpossiblePlan


@dataclass(frozen=True, slots=True)
class Family:
    """A family: the prefix of its files, and its PLL: the ranges of input, oscillator (Hz), M and N; the outputs'
    dividers; which output feeds SYSCLK."""

    name: str
    prefix: str
    pll_input: tuple[float, float]
    oscillator: tuple[float, float]
    m: range
    n: range
    outputs: tuple[int, ...]
    q: tuple[int, ...]
    output: str
    hse: tuple[int, int]
    most_adc_hz: int
    hsi: int = 16_000_000


FAMILIES: Mapping[str, Family] = {
    "f4": Family(
        "f4", "stm32f4xx", (0.95e6, 2.1e6), (100e6, 432e6), range(2, 64), range(50, 433), (2, 4, 6, 8),
        tuple(range(2, 16)), "P", (4_000_000, 26_000_000), 36_000_000,
    ),
    "g4": Family(
        "g4", "stm32g4xx", (2.66e6, 16e6), (96e6, 344e6), range(1, 17), range(8, 128), (2, 4, 6, 8), (2, 4, 6, 8),
        "R", (4_000_000, 48_000_000), 60_000_000,
    ),
}  # fmt: skip
"""The families whose init is compiled, by modm's names."""

_APB1 = {84: 42, 100: 50, 168: 42, 180: 45}
"""F4: the highest APB1 clock by the core's, in MHz; APB2's is twice that (data sheets)."""
_OSCILLATOR_FROM = {84: 192e6}
"""F401's PLL oscillates from 192 MHz on (RM0368)."""
_F4_APB2 = re.compile(r"(?:TIM(?:1|8|9|10|11)|USART[16]|UART(?:9|10)|ADC\d|SPI[1456]|SYSCFG|SDIO|SAI\d)$")
_G4_APB2 = re.compile(r"(?:TIM(?:1|8|15|16|17|20)|USART1|SPI[14]|SYSCFG|SAI1|HRTIM1)$")


def bus_limits(family: Family, device: Device) -> tuple[float, float]:
    """The highest clocks of APB1 and APB2, in hertz."""
    most = device.max_hz
    if family.name == "f4":
        slow = _APB1.get(most // 1_000_000, most // 4_000_000) * 1e6
        return slow, 2 * slow
    return float(most), float(most)


def oscillator(family: Family, device: Device) -> tuple[float, float]:
    """The range of the PLL's oscillator, in hertz."""
    low, high = family.oscillator
    return _OSCILLATOR_FROM.get(device.max_hz // 1_000_000, low) if family.name == "f4" else low, high


def bus(family: Family, peripheral: str) -> int:
    """The APB of a peripheral: 1 or 2."""
    return 2 if (_F4_APB2 if family.name == "f4" else _G4_APB2).match(peripheral) else 1


def clock_name(family: Family, peripheral: str) -> str:
    """What RCC and HAL call the clock of a peripheral: `ADC12` for a G4's ADC1."""
    if family.name == "g4":
        if re.fullmatch(r"ADC\d", peripheral):
            return "ADC12" if peripheral in ("ADC1", "ADC2") else "ADC345"
        if peripheral.startswith("FDCAN"):
            return "FDCAN"
    return peripheral


def enable(family: Family, peripheral: str) -> tuple[str, str]:
    """The register of RCC that has a peripheral's clock, and the bit: `APB1ENR`, `RCC_APB1ENR_USART2EN`."""
    name = clock_name(family, peripheral)
    if re.fullmatch(r"DMA\w*", name) or (family.name == "f4" and name.startswith("GPIO")):
        register = "AHB1ENR"
    elif name.startswith(("GPIO", "ADC", "DAC")) and family.name == "g4":
        register = "AHB2ENR"
    elif name == "USB_OTG_FS":
        register, name = "AHB2ENR", "OTGFS"
    elif bus(family, peripheral) == 2:
        register = "APB2ENR"
    elif family.name == "g4":
        register = "APB1ENR2" if name in ("I2C4", "LPUART1", "UCPD1") else "APB1ENR1"
    else:
        register = "APB1ENR"
    return register, f"RCC_{register}_{name}EN"


def interrupt(device: Device, peripheral: str, part: str = "") -> str:
    """The vector of a peripheral, without `_IRQHandler`: shared ones too, such as `TIM1_UP_TIM10`.

    ``part``: `EV`, `ER`, `RX0`, `IT0`, `UP`: which of several.
    """
    kind = peripheral.rstrip("0123456789")
    number = peripheral[len(kind) :]
    ways: tuple[Callable[[str, list[str]], object], ...] = (
        lambda name, words: name in (f"{peripheral}_{part}", peripheral),
        lambda name, words: words[0] == peripheral and part in words,
        lambda name, words: peripheral in words,
        lambda name, words: re.fullmatch(rf"{kind}\d(?:_\d)*", name) and number in re.findall(r"\d", name),
        lambda name, words: name == kind,
    )
    for way in ways:
        for name in sorted(device.interrupts):
            if way(name, name.split("_")):
                return name
    raise ImpossiblePlan(f"{device.name} has no interrupt for {peripheral}")


def is_wide(timer: str) -> bool:
    """Whether a timer counts 32 bits."""
    return timer in ("TIM2", "TIM5")


def is_advanced(timer: str) -> bool:
    """Whether a timer's outputs need its main output enabled."""
    return timer in ("TIM1", "TIM8", "TIM15", "TIM16", "TIM17", "TIM20")
