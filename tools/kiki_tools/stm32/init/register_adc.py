"""Analogue-to-digital converters in C for CMSIS registers: sequences, injected groups, limits, inner channels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kiki_tools.stm32.init.families import interrupt
from kiki_tools.stm32.init.hal_parts import channel, converter
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Adc, ImpossiblePlan
from kiki_tools.stm32.init.register_blocks import (
    Block,
    acts,
    clock_on,
    enabled,
    flags_of,
    stream_set,
    stream_started,
    where_of,
)
from kiki_tools.stm32.init.setup import Setup

REGULAR: Mapping[str, Mapping[str, int]] = {
    "f4": {"TIM1": 0, "TIM2": 6, "TIM3": 8, "TIM4": 9, "TIM5": 10, "TIM8": 14},
    "g4": {"TIM1": 9, "TIM2": 11, "TIM3": 4, "TIM4": 12, "TIM6": 13, "TIM7": 30, "TIM8": 7, "TIM15": 14, "TIM20": 16},
}
"""EXTSEL for a timer (RM0090, table 68; RM0440, table 163): its TRGO; of F4's TIM1, TIM4 and TIM5 a compare event."""
COMPARES: Mapping[str, int] = {"TIM1": 1, "TIM4": 4, "TIM5": 1}
"""The channel whose compare event F4's regular conversions take from timers whose TRGO they don't have."""
INJECTED: Mapping[str, Mapping[str, int]] = {
    "f4": {"TIM1": 1, "TIM2": 3, "TIM4": 9, "TIM5": 11},
    "g4": {"TIM1": 0, "TIM2": 2, "TIM3": 12, "TIM4": 5, "TIM6": 14, "TIM7": 30, "TIM8": 9, "TIM15": 15, "TIM20": 16},
}
"""JEXTSEL for a timer's TRGO (RM0090, table 69; RM0440, table 164)."""
_LEAST_INTERNAL_US = 10.0
"""The inner channels' least sampling time (data sheets)."""


def adc(setup: Setup, number: int, one: Placed, wish: Adc) -> Block:
    """The code of a converter."""
    f4 = setup.family.name == "f4"
    port, name = one.instance, one.instance.lower()
    where = where_of(number, one)
    if wish.internal and wish.sample_us < _LEAST_INTERNAL_US:
        wish = replace(wish, sample_us=_LEAST_INTERNAL_US)
    divider, _, sample = converter(setup, number, one, wish)
    channels = [channel(one, f"CH{rank}") for rank in range(1, wish.channels + 1)]
    channels += [_internal(setup, each) for each in wish.internal]
    if wish.differential:
        channels = _between(channels, f4, where)
    _possible(wish, channels, f4, where)
    count = len(channels)
    init = clock_on(setup, port)
    init += [f"pin_analogue(GPIO{pin[1]}, {pin[2:]}U); /* {signal} */" for signal, (pin, _) in one.pins.items()]
    dma = setup.dma.get((number, "rx"))
    vectors: dict[str, Sequence[str]] = {}
    variables = [f"volatile uint16_t {name}_values[{count}];"]
    shared = [f"extern volatile uint16_t {name}_values[{count}];", f"void {name}_start(void);"]
    if dma is not None:
        init += stream_set(setup, dma, "rx", f"{port}->DR", wide=True, circular=True, quiet=not wish.interrupt)
        init += stream_started(setup, dma, f"{name}_values", f"{count}U")
        if wish.interrupt:
            register, mask = flags_of(setup, dma)
            init += enabled(dma.stream, wish.priority)
            variables.append(f"volatile uint32_t {name}_sequences;")
            shared.append(f"extern volatile uint32_t {name}_sequences;")
            vectors[dma.stream] = [f"{register} = {mask};", f"{name}_sequences++;"]
    trigger = _trigger(setup, wish, where)
    make = _f4 if f4 else _g4
    init += make(setup, port, wish, channels, divider, sample, trigger)
    begin = _begin(wish, f4)
    flags = _FLAGS_F4 if f4 else _FLAGS_G4
    status = f"{port}->{'SR' if f4 else 'ISR'}"
    ready = f"({status} & {flags[wish.injected]}) != 0U"
    handler: list[str] = []
    limited = wish.low >= 0 or wish.high >= 0
    if wish.interrupt and dma is None:
        handler += _served(name, port, wish, count, status, ready, flags)
        variables += [] if wish.injected else [f"static volatile uint32_t {name}_rank;"]
    if limited:
        variables.append(f"volatile uint32_t {name}_alarms;")
        shared.append(f"extern volatile uint32_t {name}_alarms; /* values beyond the limits */")
        alarm = "ADC_SR_AWD" if f4 else "ADC_ISR_AWD1"
        clear = f"~{alarm}" if f4 else alarm
        handler += [f"if (({status} & {alarm}) != 0U)", "{", f"  {status} = {clear};", f"  {name}_alarms++;",
                    *(f"  {line}" for line in acts(wish)),
                    "}"]  # fmt: skip
    if handler:
        vector = interrupt(setup.part.device, port)
        init += enabled(vector, wish.priority)
        vectors[vector] = handler
    functions: list[tuple[str, Sequence[str]]] = [(f"void {name}_start(void)", [f"{port}->{begin}"])]
    runs = dma is not None or wish.interrupt or wish.trigger or wish.continuous or limited
    if dma is None and not wish.interrupt:
        shared.append(f"void {name}_read(void); /* converts all channels into {name}_values */")
        functions.append((f"void {name}_read(void)", _read(name, port, wish, count, status, ready, flags)))
    return Block(name, init, variables, functions, shared, vectors, [f"{name}_start();"] if runs else [])


_FLAGS_F4 = ("ADC_SR_EOC", "ADC_SR_JEOC")
_FLAGS_G4 = ("ADC_ISR_EOC", "ADC_ISR_JEOS")


def _between(channels: Sequence[int], f4: bool, where: str) -> list[int]:
    """The channel that converts the difference of two pins: the second is the next channel's (RM0440, 21.4.7)."""
    if f4:
        raise ImpossiblePlan(f"{where}: this converter measures against ground alone; a G4's takes differences")
    if len(channels) != 2 or channels[1] != channels[0] + 1:
        raise ImpossiblePlan(
            f"{where}: a difference is taken of two pins with neighbouring channels, the lower one plus"
        )
    return [channels[0]]


def _possible(wish: Adc, channels: Sequence[int], f4: bool, where: str) -> None:
    if wish.average > 1 and (wish.interrupt or wish.dma or wish.injected or wish.continuous):
        raise ImpossiblePlan(
            f"{where}: a mean is taken of conversions that the program waits for, without interrupt or DMA"
        )
    if not channels or len(channels) > 16:
        raise ImpossiblePlan(f"{where}: it reads 1 to 16 channels, not {len(channels)}")
    if wish.injected and len(channels) > 4:
        raise ImpossiblePlan(f"{where}: an injected group has at most 4 channels, not {len(channels)}")
    if wish.injected and wish.dma:
        raise ImpossiblePlan(f"{where}: an injected group has data registers of its own and no DMA")
    if f4 and wish.oversample > 1:
        raise ImpossiblePlan(f"{where}: this converter has no oversampling in hardware")
    if len(set(channels)) < len(channels):
        raise ImpossiblePlan(f"{where}: temperature and battery share a channel here; only one of them can be read")


def _internal(setup: Setup, name: str) -> int:
    """The channel of what is inside the chip (RM0090, 13.3; RM0390, 13.3.3; RM0440, 21.4.11)."""
    if setup.family.name == "g4":
        return {"temperature": 16, "battery": 17, "reference": 18}[name]
    first = re.match(r"STM32F4(?:0[157]|1[057])", setup.plan.device) is not None
    return {"temperature": 16 if first else 18, "reference": 17, "battery": 18}[name]


def _trigger(setup: Setup, wish: Adc, where: str) -> int:
    if not wish.trigger:
        return 0
    known = (INJECTED if wish.injected else REGULAR)[setup.family.name]
    if wish.trigger not in known:
        kind = "injected" if wish.injected else "regular"
        raise ImpossiblePlan(f"{where}: {wish.trigger} doesn't start its {kind} conversions; {', '.join(known)} do")
    return known[wish.trigger]


def _begin(wish: Adc, f4: bool) -> str:
    if not f4:
        return f"CR |= {'ADC_CR_JADSTART' if wish.injected else 'ADC_CR_ADSTART'};"
    if wish.trigger:
        return "CR2 |= ADC_CR2_ADON; /* the timer starts each conversion */"
    return f"CR2 |= {'ADC_CR2_JSWSTART' if wish.injected else 'ADC_CR2_SWSTART'};"


def _served(name: str, port: str, wish: Adc, count: int, status: str, ready: str, flags: Sequence[str]) -> list[str]:
    if not wish.injected:
        return [
            f"if ({ready})", "{", f"  {name}_values[{name}_rank] = (uint16_t){port}->DR;",
            f"  {name}_rank = ({name}_rank + 1U) % {count}U;", "}",
        ]  # fmt: skip
    return [f"if ({ready})", "{", *(f"  {line}" for line in _taken(name, port, count, status, flags)), "}"]


def _taken(name: str, port: str, count: int, status: str, flags: Sequence[str]) -> list[str]:
    clear = f"~{flags[1]}" if status.endswith("->SR") else f"{flags[1]} | ADC_ISR_JEOC"
    return [f"{status} = {clear};", *(f"{name}_values[{n}] = (uint16_t){port}->JDR{n + 1};" for n in range(count))]


def _read(name: str, port: str, wish: Adc, count: int, status: str, ready: str, flags: Sequence[str]) -> list[str]:
    if wish.injected:
        return [f"{name}_start();", f"while (!({ready}))", "{", "}", *_taken(name, port, count, status, flags)]
    if wish.average > 1:
        clear = [f"{status} = 0U; /* what came before doesn't count */"] if status.endswith("->SR") else []
        return [
            f"uint32_t sums[{count}] = {{0U}};", *clear,
            f"for (uint32_t time = 0U; time < {wish.average}U; time++)", "{", f"  {name}_start();",
            f"  for (uint32_t rank = 0U; rank < {count}U; rank++)", "  {", f"    while (!({ready}))", "    {", "    }",
            f"    sums[rank] += {port}->DR;", "  }", "}",
            f"for (uint32_t rank = 0U; rank < {count}U; rank++)", "{",
            f"  {name}_values[rank] = (uint16_t)(sums[rank] / {wish.average}U);", "}",
        ]  # fmt: skip
    return [
        f"{name}_start();", f"for (uint32_t rank = 0U; rank < {count}U; rank++)", "{",
        f"  while (!({ready}))", "  {", "  }", f"  {name}_values[rank] = (uint16_t){port}->DR;", "}",
    ]  # fmt: skip


def _f4(
    setup: Setup, port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, trigger: int
) -> list[str]:
    common = "ADC123_COMMON" if "ADC3" in setup.part.device.peripherals else "ADC1_COMMON"
    samples = [0, 0]
    for each in channels:
        samples[each < 10] |= sample << 3 * (each % 10)
    resolution = (12, 10, 8, 6).index(wish.resolution_bits)
    first = [f"({resolution}U << ADC_CR1_RES_Pos)", *(["ADC_CR1_SCAN"] if len(channels) > 1 else [])]
    if wish.interrupt and not wish.dma:
        first.append("ADC_CR1_JEOCIE" if wish.injected else "ADC_CR1_EOCIE")
    limited = wish.low >= 0 or wish.high >= 0
    if limited:
        first += ["ADC_CR1_AWDIE", "ADC_CR1_JAWDEN" if wish.injected else "ADC_CR1_AWDEN"]
        first += [f"ADC_CR1_AWDSGL | {channels[0]}U"] if len(channels) == 1 else []
    second = ["ADC_CR2_ADON", *(["ADC_CR2_DMA", "ADC_CR2_DDS"] if wish.dma else ["ADC_CR2_EOCS"])]
    second += ["ADC_CR2_CONT"] if wish.continuous else []
    group = "J" if wish.injected else ""
    if wish.trigger:
        second.append(f"(1U << ADC_CR2_{group}EXTEN_Pos) | ({trigger}U << ADC_CR2_{group}EXTSEL_Pos)")
    inner = ["ADC_CCR_TSVREFE"] if {"temperature", "reference"} & set(wish.internal) else []
    inner += ["ADC_CCR_VBATE"] if "battery" in wish.internal else []
    return [
        f"{common}->CCR = {' | '.join([f'({divider // 2 - 1}U << ADC_CCR_ADCPRE_Pos)', *inner])};",
        f"{port}->CR1 = {' | '.join(first)};",
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *_sequence_f4(port, wish, channels),
        *([f"{port}->HTR = {wish.high if wish.high >= 0 else 4095}U;", f"{port}->LTR = {max(0, wish.low)}U;"]
          if limited else []),
        f"{port}->CR2 = {' | '.join(second)};",
        "pause(10U);",
    ]  # fmt: skip


def _sequence_f4(port: str, wish: Adc, channels: Sequence[int]) -> list[str]:
    if wish.injected:  # fewer than four end with JSQ4 (RM0090, 13.13.12)
        value = (len(channels) - 1) << 20
        for rank, each in enumerate(channels):
            value |= each << 5 * (4 - len(channels) + rank)
        return [f"{port}->JSQR = 0x{value:X}U;"]
    sequence = [0, 0, 0]
    for rank, each in enumerate(channels):
        sequence[2 - rank // 6] |= each << 5 * (rank % 6)
    sequence[0] |= (len(channels) - 1) << 20
    return [f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence)]


def _g4(
    setup: Setup, port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, trigger: int
) -> list[str]:
    samples = [0, 0]
    for each in channels:
        samples[each >= 10] |= sample << 3 * (each % 10)
    resolution = (12, 10, 8, 6).index(wish.resolution_bits)
    words = [f"({resolution}U << ADC_CFGR_RES_Pos)", "ADC_CFGR_OVRMOD"]
    words += (["ADC_CFGR_CONT"] if wish.continuous else []) + (
        ["ADC_CFGR_DMAEN", "ADC_CFGR_DMACFG"] if wish.dma else []
    )
    if wish.trigger and not wish.injected:
        words.append(f"(1U << ADC_CFGR_EXTEN_Pos) | ({trigger}U << ADC_CFGR_EXTSEL_Pos)")
    limited = wish.low >= 0 or wish.high >= 0
    if limited:
        words.append("ADC_CFGR_JAWD1EN" if wish.injected else "ADC_CFGR_AWD1EN")
        words += [f"ADC_CFGR_AWD1SGL | ({channels[0]}U << ADC_CFGR_AWD1CH_Pos)"] if len(channels) == 1 else []
    ends = ["ADC_IER_JEOSIE" if wish.injected else "ADC_IER_EOCIE"] if wish.interrupt and not wish.dma else []
    ends += ["ADC_IER_AWD1IE"] if limited else []
    common = "ADC12_COMMON" if port in ("ADC1", "ADC2") else "ADC345_COMMON"
    inner = {"temperature": "ADC_CCR_VSENSESEL", "reference": "ADC_CCR_VREFEN", "battery": "ADC_CCR_VBATSEL"}
    shared = [f"({(1, 2, 4).index(divider) + 1}U << ADC_CCR_CKMODE_Pos)", *(inner[each] for each in wish.internal)]
    power = wish.oversample.bit_length() - 1
    high = wish.high if wish.high >= 0 else 4095
    averaged = f"({power - 1}U << ADC_CFGR2_OVSR_Pos) | ({power}U << ADC_CFGR2_OVSS_Pos) | ADC_CFGR2_ROVSE"
    return [
        f"{common}->CCR = {' | '.join(shared)};",
        f"{port}->CR = 0U; /* out of deep power-down */",
        f"{port}->CR = ADC_CR_ADVREGEN;",
        "pause(30U);",
        f"{port}->CR |= {'ADC_CR_ADCAL | (1U << 30)' if wish.differential else 'ADC_CR_ADCAL'};",
        f"await(&{port}->CR, ADC_CR_ADCAL, 0U);",
        *([f"{port}->DIFSEL = 1U << {channels[0]}U; /* plus and minus inputs */"] if wish.differential else []),
        f"{port}->CFGR = {' | '.join(words)};",
        *([f"{port}->CFGR2 = {averaged};"] if power else []),
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *_sequence_g4(port, wish, channels, trigger),
        *([f"{port}->TR1 = ({high}U << 16) | {max(0, wish.low)}U;"] if limited else []),
        *([f"{port}->IER = {' | '.join(ends)};"] if ends else []),
        "pause(1U);",
        f"{port}->ISR = ADC_ISR_ADRDY;",
        f"{port}->CR |= ADC_CR_ADEN;",
        f"await(&{port}->ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY);",
    ]  # fmt: skip


def _sequence_g4(port: str, wish: Adc, channels: Sequence[int], trigger: int) -> list[str]:
    if wish.injected:
        value = len(channels) - 1 | (1 << 7 | trigger << 2 if wish.trigger else 0)
        for rank, each in enumerate(channels):
            value |= each << 9 + 6 * rank
        return [f"{port}->JSQR = 0x{value:X}U;"]
    sequence = [0, 0, 0, 0]
    for rank, each in enumerate(channels, start=1):
        sequence[rank // 5] |= each << 6 * (rank % 5)
    sequence[0] |= len(channels) - 1
    return [f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence) if value or n == 0]
