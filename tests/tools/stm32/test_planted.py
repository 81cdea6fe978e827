"""Faults planted into ST's example projects, by kinds: nine of ten are told at their line."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from kiki_tools.stm32.service import STM32
from kiki_tools.stm32.source import source_of
from kiki_tools.text import Edit, Span
from kiki_tools.workspace import Files, gather, read_snapshot

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "stm32"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus isn't here")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_SITES = 10
Replacement = str | Callable[[re.Match[str]], str]


class Kind(NamedTuple):
    """A kind of fault: the codes that tell it, what it is planted at, what stands there then."""

    codes: str
    place: str
    fault: Replacement


def _other_af(found: re.Match[str]) -> str:
    return re.sub(r"AF_?\d+", lambda it: f"{it.group().rstrip('0123456789')}{(int(found[1]) + 3) % 13 + 1}", found[0])


def _other_line(found: re.Match[str]) -> str:
    return f"{found[1]}GPIO_PIN_{1 if '13' in found[0] else 14}"


def _raised(by: float) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{found[1]}{int(int(found[2]) * by)}"


KINDS = {
    "alternate function, HAL": Kind("ST101 ST104", r"GPIO_AF(\d+)_(?:USART|UART|SPI|I2C|TIM)\w*\d", _other_af),
    "alternate function, LL": Kind("ST101 ST104", r"\bLL_GPIO_AF_([1-9]\d*)\b", _other_af),
    "pin beside its function": Kind(
        "ST101 ST102 ST103 ST104 ST105 ST106",
        r"(GPIO_InitStruct\.Pin\s*=\s*(?:LL_)?GPIO_PIN_)(\d+);(?=(?:[^;]*;){1,5}[^;]*Alternate)",
        lambda found: f"{found[1]}{(int(found[2]) + 5) % 16};",
    ),
    "priority": Kind("ST310", r"(NVIC_SetPriority\(\w+_IRQn, *)\w+(?=, *\w+\))", r"\g<1>16"),
    "line of EXTI": Kind("ST307", r"(HAL_GPIO_EXTI_IRQHandler\()[^)]*", _other_line),
    "timer's counter": Kind("ST220", r"(TIM\w*\.Init\.Prescaler *= *)[^;]+", r"\g<1>70000"),
    "handler's name": Kind("ST302 ST301", r"^(void \w+?_IRQHand)ler(?=\(void\))", r"\1lr"),
    "no handler": Kind("ST301", r"NVIC_EnableIRQ\(\w+_IRQn\)", "NVIC_EnableIRQ(FPU_IRQn)"),
    "delay in a handler": Kind("ST304", r"^(void \w+_IRQHandler\(void\)\s*\{)", r"\1 HAL_Delay(10);"),
    "printf in a callback": Kind("ST304", r"^(void HAL_\w+Callback\([^)]*\)\s*\{)", r'\1 printf("x");'),
    "factor of the PLL, HAL": Kind("ST211 ST212", r"(\.PLLN *= *)(\d+)", _raised(1.25)),
    "factor of the PLL, LL": Kind("ST211 ST212 ST219", r"(PLL_ConfigDomain_SYS\([^,]*,[^,]*, *)(\d+)", _raised(1.3)),
    "divider of APB1": Kind("ST213", r"(APB1CLKDivider *= *)RCC_HCLK_DIV[24]", r"\1RCC_HCLK_DIV1"),
    "wait states": Kind(
        "ST214", r"(RCC_ClockConfig\(&\w+, *FLASH_LATENCY_|SetLatency\(LL_FLASH_LATENCY_)[2-8]", r"\g<1>0"
    ),
    "DMA channel, LL": Kind("ST401", r"(SetChannelSelection\(\w+, *\w+, *LL_DMA_CHANNEL_)\d", r"\g<1>7"),
    "DMA request, LL": Kind("ST401", r"(SetPeriphRequest\(\w+, *\w+, *LL_DMAMUX_REQ_)\w+", r"\1TIM8_CH2"),
    "clock before HAL_Init": Kind("ST504", r"^( *)(HAL_Init\(\);)", r"\1SystemClock_Config(); \2"),
    "status ignored": Kind(
        "ST503", r"if *\((HAL_\w+_(?:Init|Start\w*)\([^;{}()]*\)) *!= *HAL_OK\)\s*\{[^{}]*\}", r"\1;"
    ),
    "constant of .Pull": Kind("ST501", r"(\.Pull *= *)GPIO_\w+", r"\1GPIO_MODE_OUTPUT_PP"),
    "constant of .Mode, LL": Kind("ST501", r"(Struct\.Mode *= *)LL_GPIO_MODE_\w+", r"\1LL_GPIO_PULL_UP"),
    "constant of a UART": Kind("ST501", r"(\.(?:Parity|StopBits|WordLength) *= *)UART_\w+", r"\1UART_MODE_TX_RX"),
    "constant of an SPI": Kind("ST501", r"(\.(?:CLKPhase|NSS|FirstBit) *= *)SPI_\w+", r"\1SPI_MODE_MASTER"),
    "constant of an argument": Kind("ST501", r"(LL_GPIO_SetPin\w+\(\w+, *\w+, *)LL_GPIO_\w+", r"\1LL_GPIO_AF_7"),
    "EXTI's flags": Kind("ST508", r"^(void EXTI\w+_IRQHandler\(void\)\s*\{)", r"\1 EXTI->PR |= EXTI_PR_PR0;"),
    "a timer's flag": Kind("ST509", r"^(void TIM\w+_IRQHandler\(void\)\s*\{)", r"\1 TIM3->SR |= TIM_SR_UIF;"),
    "flash's width": Kind("ST519", r"FLASH_TYPEPROGRAM_(?:DOUBLE)?WORD", "FLASH_TYPEPROGRAM_FLASHWORD"),
}


def without_comments(text: str) -> str:
    """The code with its comments blanked out, every place as it was."""
    return _COMMENT.sub(lambda it: re.sub(r"[^\n]", " ", it.group()), text)


def places(kind: Kind, codes: dict[Path, str]) -> Iterator[tuple[Path, Span, str]]:
    """Where a fault can be planted, and what stands there then."""
    for path, code in codes.items():
        for found in re.finditer(kind.place, code, re.MULTILINE):
            fault = kind.fault(found) if callable(kind.fault) else found.expand(kind.fault)
            yield path, Span(found.start(), found.end()), fault


DELETED = {
    "clock of a port": Kind(
        "ST201 ST202 ST203",
        r"^[ \t]*(?:__HAL_RCC_GPIO[A-K]_CLK_ENABLE\(\);|LL_AHB\d_GRP1_EnableClock\([^;]*GPIO[A-K]\);)",
        "",
    ),
    "clock of a peripheral": Kind(
        "ST201 ST202", r"^[ \t]*__HAL_RCC_(?:USART|SPI|I2C|TIM|ADC|DAC)\d*_CLK_ENABLE\(\);", ""
    ),
    "HAL_Init": Kind("ST504", r"^[ \t]*HAL_Init\(\);", ""),
    "wake-up flag": Kind("ST514", r"^[ \t]*__HAL_PWR_CLEAR_FLAG\(PWR_FLAG_W\w+\);", ""),
    "unlocking of flash": Kind("ST516", r"^[ \t]*HAL_FLASH_Unlock\(\);", ""),
    "the HAL's handler": Kind("ST303", r"^[ \t]*HAL_(?:UART|SPI|TIM|GPIO_EXTI)_IRQHandler\([^)]*\);", ""),
}
"""Calls that are taken away: there is no line to tell, but a function."""


def test_of_calls_taken_away_the_function_is_told() -> None:
    files = Files()
    texts = {path: read_snapshot(path) for path in sorted(CORPUS.glob("STM32Cube*/**/*.c"))}
    codes = {path: without_comments(snapshot.text) for path, snapshot in texts.items()}
    missed: dict[str, list[str]] = {}
    planted = 0
    for name, kind in DELETED.items():
        sites = list(places(kind, codes))
        for path, span, _ in random.Random(name).sample(sites, min(_SITES, len(sites))):
            planted += 1
            snapshot = texts[path].edited([Edit(span, "")])
            around = [one.place(one.span) for one in source_of(snapshot).functions]
            spans = [
                one.span
                for one in STM32.diagnostics(snapshot, gather(STM32, snapshot, files=files))
                if one.code in kind.codes.split()
            ]
            if not any(span.start in one and found.start in one for one in around for found in spans):
                missed.setdefault(name, []).append(f"{path.relative_to(CORPUS)}:{snapshot.line_of(span.start) + 1}")
    assert planted >= 45
    assert sum(map(len, missed.values())) <= 0.12 * planted, missed


def test_nine_of_ten_faults_are_told_at_their_line() -> None:
    files = Files()
    texts = {path: read_snapshot(path) for path in sorted(CORPUS.glob("STM32Cube*/**/*.c"))}
    codes = {path: without_comments(snapshot.text) for path, snapshot in texts.items()}
    missed: dict[str, list[str]] = {}
    planted = 0
    for name, kind in KINDS.items():
        sites = list(places(kind, codes))
        for path, span, fault in random.Random(name).sample(sites, min(_SITES, len(sites))):
            planted += 1
            snapshot = texts[path].edited([Edit(span, fault)])
            first = snapshot.line_of(span.start)
            last = snapshot.line_of(span.start + len(fault))
            found = STM32.diagnostics(snapshot, gather(STM32, snapshot, files=files))
            lines = {snapshot.line_of(one.span.start) for one in found if one.code in kind.codes.split()}
            if not lines & set(range(first, last + 1)):
                missed.setdefault(name, []).append(f"{path.relative_to(CORPUS)}:{first + 1}")
    assert planted > 180
    assert sum(map(len, missed.values())) <= 0.1 * planted, missed
