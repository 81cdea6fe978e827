"""Programs for an STM32 in registers: what they are made of, and what they have to leave in the registers.

Register names and bits are those of CMSIS and the reference manuals (RM0090, RM0390, RM0440); alternate functions are
those of the device files. Shifts stay visible (`5 * 2`), so that neither a reader nor a model has to work them out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from kiki_core.training.data.model import Words
from kiki_core.training.data.registers import Shown, Step, shown
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.device import device as device_of
from kiki_tools.stm32.init import cmsis

PARTS = ("STM32F401RE", "STM32F407VG", "STM32F411RE", "STM32F429ZI", "STM32F446RE", "STM32G431KB", "STM32G474RE")


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its words for the question, its C without the include, and patterns of what it has to touch.

    ``needs``: regular expressions, searched in the code without comments and blanks. ``topic``: what makes the group.
    ``steps``: what is called, and what then has to stand in the registers.
    """

    words: Words
    code: str
    needs: Sequence[str]
    topic: str
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A device, and what its header enables clocks with."""

    name: str
    device: Device
    enables: Mapping[str, str]

    @property
    def is_f4(self) -> bool:
        """F4, else G4."""
        return self.device.family == "f4"

    def clock(self, peripheral: str) -> str:
        """The statement that enables a peripheral's clock."""
        register = self.enables[peripheral]
        return f"RCC->{register} |= RCC_{register}_{peripheral}EN;"

    def has(self, peripheral: str) -> bool:
        """Whether it is there, and its clock's bit is known."""
        return peripheral in self.enables and (peripheral.startswith("GPIO") or peripheral in self.device.peripherals)

    def pins(self, peripheral: str, signal: str) -> list[tuple[str, int]]:
        """Pins with the alternate function on which a signal comes out, on ports that small packages have too."""
        return [
            (pin, function.af)
            for pin, function in self.device.pins_of(peripheral, signal)
            if function.af is not None and pin[1] in "ABCD" and f"GPIO{pin[1]}" in self.enables
        ]


@cache
def part(name: str) -> Part:
    """A part by its name."""
    device = device_of(name)
    assert device is not None
    header = cmsis.header(device) or ""
    enables = {found[2]: found[1] for found in re.finditer(r"#define RCC_(\w+ENR\d?)_(\w+?)EN\b", header)}
    return Part(name, device, enables)


def mode(port: str, number: int, mode: int) -> str:
    """The statement that gives a pin a mode."""
    return f"GPIO{port}->MODER = (GPIO{port}->MODER & ~(3U << ({number} * 2))) | ({mode}U << ({number} * 2));"


def alternate(pin: str, af: int) -> str:
    """The statements that give a pin an alternate function."""
    port, number = pin[1], int(pin[2:])
    at = f"({number} * 4)" if number < 8 else f"(({number} - 8) * 4)"
    register = f"GPIO{port}->AFR[{number // 8}]"
    return f"{mode(port, number, 2)}\n    {register} = ({register} & ~(15U << {at})) | ({af}U << {at});"


def function(name: str, *statements: str, takes: str = "void", gives: str = "void") -> str:
    """A function in C."""
    return f"{gives} {name}({takes})\n{{\n" + "\n".join(f"    {one}" for one in statements) + "\n}\n"


def clocked(of: Part, *peripherals: str) -> list[Shown]:
    """Their clocks are enabled."""
    return [shown(f"(RCC->{r} & RCC_{r}_{one}EN) != 0U", 1) for one in peripherals for r in (of.enables[one],)]


def is_mode(port: str, number: int, mode: int) -> Shown:
    """A pin has a mode."""
    return shown(f"GPIO{port}->MODER", mode << 2 * number, 3 << 2 * number)


def is_alternate(of: Part, pin: str, af: int) -> list[Shown]:
    """A pin has an alternate function, and its port a clock."""
    port, number = pin[1], int(pin[2:])
    at = number % 8 * 4
    placed = shown(f"GPIO{port}->AFR[{number // 8}]", af << at, 15 << at)
    return [*clocked(of, f"GPIO{port}"), is_mode(port, number, 2), placed]


def level(port: str, number: int, width: int = 1) -> str:
    """What the pins would be at, whichever register was written."""
    kept = f"(GPIO{port}->ODR & ~(GPIO{port}->BSRR >> 16))"
    return f"(({kept} | (GPIO{port}->BSRR & 0xFFFFU)) >> {number}) & {(1 << width) - 1:#x}U"


def near(expression: str, value: float, share: float = 0.01) -> Shown:
    """An expression that has to be near a value."""
    return shown(expression, round(value * (1 - share)), high=round(value * (1 + share)))


def free_pin(random: Random, of: Part) -> tuple[str, int]:
    """A port and a pin of it that most packages have."""
    ports = "ABCDE" if of.name not in ("STM32G431KB",) else "AB"
    ports = ports if of.name not in ("STM32F401RE", "STM32F411RE", "STM32F446RE", "STM32G474RE") else "ABC"
    while True:
        port, number = random.choice(ports), random.randrange(16)
        if f"{port}{number}" not in ("A13", "A14", "B2") and f"P{port}{number}" in of.device.pins:
            return port, number


def port_needs(port: str, number: int) -> list[str]:
    """What code for a pin has to name."""
    return [f"GPIO{port}EN", rf"GPIO{port}->MODER", rf"\b{number}\b"]


def signals(of: Part, kinds: str, signal: str) -> list[tuple[str, str, int]]:
    """Peripherals of a kind with the pins, and their functions, on which a signal comes out."""
    names = sorted(name for name in of.device.peripherals if re.fullmatch(kinds, name) and of.has(name))
    return [(name, pin, af) for name in names for pin, af in of.pins(name, signal)]


Maker = Callable[[Random, Part], Program | None]
