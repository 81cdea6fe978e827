"""What fields mean where a CMSIS header is silent: by their names (RM0090, RM0440), or by ST's LL driver."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kiki_tools.stm32.headers import Library
from kiki_tools.stm32.registers import Field

_PATTERNS: tuple[tuple[str, str, str], ...] = (
    (r"RCC_(?:AHB|APB|IOP)\w*(?:SM|LP)ENR\d?", r"(\w+?)(?:SM|LP)EN", "clock of {0} while the core sleeps"),
    (r"RCC_(?:AHB|APB|IOP)\w*ENR\d?", r"(\w+?)EN", "clock of {0}"),
    (r"RCC_(?:AHB|APB|IOP)\w*RSTR\d?", r"(\w+?)RST", "holds {0} in reset"),
    (r"RCC_CR|RCC_CSR|RCC_BDCR|RCC_CRRCR", r"(HS[EI]48|HS[EI]|LS[EI]|MSI|PLL\w*?)ON", "switches {0} on"),
    (r"RCC_CR|RCC_CSR|RCC_BDCR|RCC_CRRCR", r"(HS[EI]48|HS[EI]|LS[EI]|MSI|PLL\w*?)RDY", "{0} is stable"),
    (r"GPIO_MODER", r"MODER?(\d+)", "mode of pin {0}"),
    (r"GPIO_OTYPER", r"OT_?(\d+)", "output type of pin {0}"),
    (r"GPIO_OSPEEDR", r"OSPEED(?:R|ER_OSPEEDR)?(\d+)", "output speed of pin {0}"),
    (r"GPIO_PUPDR", r"PUPDR?(\d+)", "pull-up or pull-down of pin {0}"),
    (r"GPIO_IDR", r"ID(?:R_)?(\d+)", "level at pin {0}"),
    (r"GPIO_ODR", r"OD(?:R_)?(\d+)", "output level of pin {0}"),
    (r"GPIO_BSRR", r"BS_?(\d+)", "writing 1 sets pin {0}"),
    (r"GPIO_BSRR", r"BR_?(\d+)", "writing 1 clears pin {0}"),
    (r"GPIO_AFR[LH]", r"AFSEL(\d+)|AFR[LH]_?(\d+)", "alternate function of pin {0}"),
    (r"EXTI_IMR\d?", r"(?:MR|IM)(\d+)", "interrupt of line {0} is let through"),
    (r"EXTI_EMR\d?", r"(?:MR|EM)(\d+)", "event of line {0} is let through"),
    (r"EXTI_RTSR\d?", r"(?:TR|RT)(\d+)", "rising edge of line {0} triggers"),
    (r"EXTI_FTSR\d?", r"(?:TR|FT)(\d+)", "falling edge of line {0} triggers"),
    (r"EXTI_PR\d?", r"PR?IF?(\d+)|PR(\d+)", "line {0} was triggered; writing 1 clears it"),
    (r"DMA_\w?IFCR", r"C(TC|HT|TE|DME|FE|G)IF(\d+)", "writing 1 clears {0}IF{1}"),
    (r"DMA_\w?ISR", r"TCIF(\d+)", "transfer of {0} is complete"),
    (r"DMA_\w?ISR", r"HTIF(\d+)", "transfer of {0} is half done"),
    (r"DMA_\w?ISR", r"TEIF(\d+)", "transfer of {0} failed"),
    (r"DMA_SxCR|DMA_CCR", r"EN", "stream enabled"),
    (r"DMA_SxCR", r"CHSEL", "channel, that is the request that is served"),
    (r"DMA_SxCR|DMA_CCR", r"(TC|HT|TE|DME)IE", "interrupt on {0}"),
    (r"DMA_SxCR", r"DIR", "direction: 0 from the peripheral, 1 to it, 2 memory to memory"),
    (r"DMA_SxCR|DMA_CCR", r"MINC", "memory address counts up"),
    (r"DMA_SxCR|DMA_CCR", r"PINC", "peripheral address counts up"),
    (r"DMA_SxCR|DMA_CCR", r"CIRC", "begins again at the end"),
    (r"DMA_SxCR|DMA_CCR", r"PL", "priority"),
    (r"DMA_SxCR|DMA_CCR", r"[MP]SIZE", "size of one item: 0 a byte, 1 half a word, 2 a word"),
    (r"SysTick_CTRL", r"ENABLE", "the counter runs"),
    (r"SysTick_CTRL", r"TICKINT", "reaching 0 raises the SysTick exception"),
    (r"SysTick_CTRL", r"CLKSOURCE", "1: the core's clock, 0: an eighth of it"),
    (r"SysTick_CTRL", r"COUNTFLAG", "reached 0 since it was last read"),
    (r"DBGMCU_\w+", r"DBG_(\w+?)_STOP", "{0} stops while the core is halted"),
)  # fmt: skip
_VALUES: tuple[tuple[str, Mapping[int, str]], ...] = (
    ("GPIO_MODER", {0: "input", 1: "output", 2: "alternate function", 3: "analog"}),
    ("GPIO_OTYPER", {0: "push-pull", 1: "open drain"}),
    ("GPIO_OSPEEDR", {0: "low", 1: "medium", 2: "high", 3: "very high"}),
    ("GPIO_PUPDR", {0: "none", 1: "pull-up", 2: "pull-down"}),
    ("GPIO_AFRL", {number: f"AF{number}" for number in range(16)}),
    ("GPIO_AFRH", {number: f"AF{number}" for number in range(16)}),
)


def meaning(prefix: str, field: Field, library: Library) -> str:
    """What a field means: as the header says, else by its name, else by the LL function that sets it."""
    if field.about:
        return field.about
    for register, name, words in _PATTERNS:
        if re.fullmatch(register, prefix) and (found := re.fullmatch(name, field.name)):
            return words.format(*(each for each in found.groups() if each is not None))
    for function in library.fields.get(field.macro, ()):
        about: str = library.functions.get(function, {}).get("about", "")
        if about and not re.search(r"_(?:Disable|Is|Get|Read)", function):
            return about.rstrip(".")
    return ""


def value_name(prefix: str, field: Field, value: int) -> str:
    """What a value of a field is called; empty if it has no name."""
    for register, names in _VALUES:
        if register == prefix and field.width <= 4:
            return names.get(value, "")
    found = next((each for each in field.values if each.value == value), None)
    return found.name.removeprefix(f"{field.macro}_") if found is not None else ""


def named_values(prefix: str, field: Field) -> list[tuple[int, str]]:
    """The values of a field that have a meaning, in their order."""
    for register, names in _VALUES:
        if register == prefix:
            return sorted(names.items())
    return sorted((each.value, each.about or each.name.removeprefix(f"{field.macro}_")) for each in field.values)
