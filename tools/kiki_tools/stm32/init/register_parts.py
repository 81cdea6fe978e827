"""One peripheral in C for CMSIS registers: what sets it up, the few functions that use it, its handlers."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt, is_advanced
from kiki_tools.stm32.init.hal_parts import channel, converter, period
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import (
    Adc,
    Can,
    Capture,
    Dac,
    Encoder,
    I2c,
    ImpossiblePlan,
    Iwdg,
    Lowpower,
    Mco,
    Pwm,
    Rtc,
    Spi,
    Timer,
    Usart,
    Usb,
    Wwdg,
)
from kiki_tools.stm32.init.register_blocks import (
    Block,
    clock_on,
    enabled,
    pins_on,
    stream_set,
    stream_started,
    where_of,
)
from kiki_tools.stm32.init.register_can import bxcan, fdcan
from kiki_tools.stm32.init.register_more import capture, dac, encoder, lowpower, mco, wwdg
from kiki_tools.stm32.init.register_serial import i2c, spi, usart
from kiki_tools.stm32.init.setup import Setup

_TRIGGERS_F4 = {"TIM2": 6, "TIM3": 8}
_TRIGGERS_G4 = {"TIM2": 11, "TIM3": 4}
"""EXTSEL for a timer's TRGO (RM0090, table 68; RM0440, table 163: ADC1 and ADC2)."""


def block(setup: Setup, number: int, one: Placed) -> Block | None:
    """The code of a peripheral; None for pins and the tick."""
    match one.wish:
        case Usart():
            return usart(setup, number, one, one.wish)
        case Spi():
            return spi(setup, number, one, one.wish)
        case I2c():
            return i2c(setup, number, one, one.wish)
        case Adc():
            return _adc(setup, number, one, one.wish)
        case Pwm():
            return _pwm(setup, number, one, one.wish)
        case Timer():
            return _timer(setup, number, one, one.wish)
        case Can():
            can = fdcan if setup.family.name == "g4" else bxcan
            return can(setup, number, one, one.wish)
        case Usb():
            return _usb(setup, one)
        case Rtc():
            return _rtc(setup, one.wish)
        case Iwdg():
            return _iwdg(one.wish)
        case Wwdg():
            return wwdg(setup, one.wish)
        case Dac():
            return dac(setup, one, one.wish)
        case Encoder():
            return encoder(setup, one, one.wish)
        case Capture():
            return capture(setup, number, one, one.wish)
        case Mco():
            return mco(setup, one, one.wish)
        case Lowpower():
            return lowpower(setup, one.wish)
    return None


def _adc(setup: Setup, number: int, one: Placed, wish: Adc) -> Block:
    f4 = setup.family.name == "f4"
    port, name = one.instance, one.instance.lower()
    divider, _, sample = converter(setup, number, one, wish)
    channels = [channel(one, f"CH{rank}") for rank in range(1, wish.channels + 1)]
    init = clock_on(setup, port)
    init += [f"pin_analogue(GPIO{pin[1]}, {pin[2:]}U); /* {signal} */" for signal, (pin, _) in one.pins.items()]
    dma = setup.dma.get((number, "rx"))
    vectors: dict[str, Sequence[str]] = {}
    variables = [f"volatile uint16_t {name}_values[{wish.channels}];"]
    shared = [f"extern volatile uint16_t {name}_values[{wish.channels}];", f"void {name}_start(void);"]
    if dma is not None:
        init += stream_set(setup, dma, "rx", f"{port}->DR", wide=True, circular=True, quiet=True)
        init += stream_started(setup, dma, f"{name}_values", f"{wish.channels}U")
    resolution = (12, 10, 8, 6).index(wish.resolution_bits)
    if f4:
        init += _adc_f4(setup, port, wish, channels, divider, sample, resolution)
        begin = "ADC_CR2_ADON; /* the timer starts each conversion */" if wish.trigger else "ADC_CR2_SWSTART;"
        start, ready = f"{port}->CR2 |= {begin}", f"({port}->SR & ADC_SR_EOC) != 0U"
    else:
        init += _adc_g4(port, wish, channels, divider, sample, resolution)
        start, ready = f"{port}->CR |= ADC_CR_ADSTART;", f"({port}->ISR & ADC_ISR_EOC) != 0U"
    if wish.interrupt and dma is None:
        vector = interrupt(setup.part.device, port)
        init += enabled(vector)
        variables.append(f"static volatile uint32_t {name}_rank;")
        vectors[vector] = [
            f"if ({ready})", "{", f"  {name}_values[{name}_rank] = (uint16_t){port}->DR;",
            f"  {name}_rank = ({name}_rank + 1U) % {wish.channels}U;", "}",
        ]  # fmt: skip
    functions: list[tuple[str, Sequence[str]]] = [(f"void {name}_start(void)", [start])]
    if dma is None and not wish.interrupt:
        shared.append(f"void {name}_read(void); /* converts all channels into {name}_values */")
        body = [
            f"{name}_start();", f"for (uint32_t rank = 0U; rank < {wish.channels}U; rank++)", "{",
            f"  while (!({ready}))", "  {", "  }", f"  {name}_values[rank] = (uint16_t){port}->DR;", "}",
        ]  # fmt: skip
        functions.append((f"void {name}_read(void)", body))
    return Block(name, init, variables, functions, shared, vectors)


def _adc_f4(
    setup: Setup, port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, resolution: int
) -> list[str]:
    common = "ADC123_COMMON" if "ADC3" in setup.part.device.peripherals else "ADC1_COMMON"
    samples, sequence = [0, 0], [0, 0, 0]
    for rank, each in enumerate(channels):
        samples[each < 10] |= sample << 3 * (each % 10)
        sequence[2 - rank // 6] |= each << 5 * (rank % 6)
    sequence[0] |= (len(channels) - 1) << 20
    first = [f"({resolution}U << ADC_CR1_RES_Pos)", *(["ADC_CR1_SCAN"] if len(channels) > 1 else [])]
    first += ["ADC_CR1_EOCIE"] if wish.interrupt and not wish.dma else []
    second = ["ADC_CR2_ADON", *(["ADC_CR2_DMA", "ADC_CR2_DDS"] if wish.dma else ["ADC_CR2_EOCS"])]
    second += ["ADC_CR2_CONT"] if wish.continuous else []
    if wish.trigger:
        second.append(f"(1U << ADC_CR2_EXTEN_Pos) | ({_TRIGGERS_F4[wish.trigger]}U << ADC_CR2_EXTSEL_Pos)")
    return [
        f"{common}->CCR = {divider // 2 - 1}U << ADC_CCR_ADCPRE_Pos;",
        f"{port}->CR1 = {' | '.join(first)};",
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *(f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence)),
        f"{port}->CR2 = {' | '.join(second)};",
        "pause(10U);",
    ]


def _adc_g4(port: str, wish: Adc, channels: Sequence[int], divider: int, sample: int, resolution: int) -> list[str]:
    samples, sequence = [0, 0], [0, 0, 0, 0]
    for rank, each in enumerate(channels):
        samples[each >= 10] |= sample << 3 * (each % 10)
        place = rank + 1
        sequence[place // 5] |= each << 6 * (place % 5)
    sequence[0] |= len(channels) - 1
    words = [f"({resolution}U << ADC_CFGR_RES_Pos)", "ADC_CFGR_OVRMOD"]
    words += (["ADC_CFGR_CONT"] if wish.continuous else []) + (
        ["ADC_CFGR_DMAEN", "ADC_CFGR_DMACFG"] if wish.dma else []
    )
    if wish.trigger:
        if port not in ("ADC1", "ADC2"):
            raise ImpossiblePlan(f"{port}: only ADC1 and ADC2 are started by {wish.trigger} here")
        words.append(f"(1U << ADC_CFGR_EXTEN_Pos) | ({_TRIGGERS_G4[wish.trigger]}U << ADC_CFGR_EXTSEL_Pos)")
    common = "ADC12_COMMON" if port in ("ADC1", "ADC2") else "ADC345_COMMON"
    return [
        f"{common}->CCR = {(1, 2, 4).index(divider) + 1}U << ADC_CCR_CKMODE_Pos;",
        f"{port}->CR = 0U; /* out of deep power-down */",
        f"{port}->CR = ADC_CR_ADVREGEN;",
        "pause(30U);",
        f"{port}->CR |= ADC_CR_ADCAL;",
        f"await(&{port}->CR, ADC_CR_ADCAL, 0U);",
        f"{port}->CFGR = {' | '.join(words)};",
        *(f"{port}->SMPR{n + 1} = 0x{value:X}U;" for n, value in enumerate(samples) if value),
        *(f"{port}->SQR{n + 1} = 0x{value:X}U;" for n, value in enumerate(sequence) if value or n == 0),
        *([f"{port}->IER = ADC_IER_EOCIE;"] if wish.interrupt and not wish.dma else []),
        "pause(1U);",
        f"{port}->ISR = ADC_ISR_ADRDY;",
        f"{port}->CR |= ADC_CR_ADEN;",
        f"await(&{port}->ISR, ADC_ISR_ADRDY, ADC_ISR_ADRDY);",
    ]


def _counted(setup: Setup, number: int, one: Placed, hertz: float) -> list[str]:
    counted = period(setup, number, one, hertz)
    port = one.instance
    return [
        *clock_on(setup, port),
        f"{port}->PSC = {counted.prescaler}U;",
        f"{port}->ARR = {counted.period}U; /* {counted.actual:.6g} Hz */",
    ]


def _pwm(setup: Setup, number: int, one: Placed, wish: Pwm) -> Block:
    port = one.instance
    init = [*_counted(setup, number, one, wish.frequency_hz), *pins_on(one, speed=1)]
    pulse = round((period(setup, number, one, wish.frequency_hz).period + 1) * wish.duty_percent / 100)
    modes, outputs = [0, 0], []
    dead = rates.dead_time(setup.tree.timer_clock(bus(setup.family, port)), wish.dead_time_ns, where_of(number, one))
    for each in sorted(wish.channels):
        modes[(each - 1) // 2] |= 0x68 << 8 * ((each - 1) % 2)
        outputs += [f"TIM_CCER_CC{each}E", *([f"TIM_CCER_CC{each}NE"] if wish.complementary else [])]
        init.append(f"{port}->CCR{each} = {pulse}U; /* {wish.duty_percent:g} % */")
    init += [f"{port}->CCMR{n + 1} = 0x{value:X}U; /* PWM 1, preloaded */" for n, value in enumerate(modes) if value]
    init.append(f"{port}->CCER = {' | '.join(outputs)};")
    if is_advanced(port):
        gap = f" | {dead}U; /* at least {wish.dead_time_ns} ns between the two */" if dead else ";"
        init.append(f"{port}->BDTR = TIM_BDTR_MOE{gap}")
    init += [f"{port}->EGR = TIM_EGR_UG;", f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"]
    return Block(port.lower(), init)


def _timer(setup: Setup, number: int, one: Placed, wish: Timer) -> Block:
    port, name = one.instance, one.instance.lower()
    init = [*_counted(setup, number, one, wish.frequency_hz), f"{port}->EGR = TIM_EGR_UG;", f"{port}->SR = 0U;"]
    init += [f"{port}->CR2 = 2U << 4; /* TRGO at each update */"] if wish.trigger else []
    if not wish.interrupt:
        return Block(name, [*init, f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"])
    vector = interrupt(setup.part.device, port, "UP")
    init += [f"{port}->DIER = TIM_DIER_UIE;", *enabled(vector), f"{port}->CR1 = TIM_CR1_ARPE | TIM_CR1_CEN;"]
    handler = [
        f"if (({port}->SR & TIM_SR_UIF) != 0U)",
        "{",
        f"  {port}->SR = ~TIM_SR_UIF;",
        f"  {name}_periods++;",
        *([f"  {wish.toggles}_PORT->ODR ^= {wish.toggles}_MASK;"] if wish.toggles else []),
        "}",
    ]
    return Block(
        name, init, [f"volatile uint32_t {name}_periods;"], (), [f"extern volatile uint32_t {name}_periods;"],
        {vector: handler},
    )  # fmt: skip


def _usb(setup: Setup, one: Placed) -> Block:
    if setup.family.name == "g4":
        init = [
            "RCC->CRRCR |= RCC_CRRCR_HSI48ON;",
            "await(&RCC->CRRCR, RCC_CRRCR_HSI48RDY, RCC_CRRCR_HSI48RDY);",
            "RCC->CCIPR &= ~RCC_CCIPR_CLK48SEL; /* HSI48, trimmed by the host's frames */",
            "RCC->APB1ENR1 |= RCC_APB1ENR1_CRSEN;",
            "CRS->CR |= CRS_CR_AUTOTRIMEN | CRS_CR_CEN;",
        ]
    else:
        init = pins_on(one)
    return Block(
        "usb", ["/* Pins and 48 MHz; the controller is its stack's. */", *init, *clock_on(setup, one.instance)]
    )


def _rtc(setup: Setup, wish: Rtc) -> Block:
    new = setup.family.name == "g4"
    power, status = ("CR1", "ICSR") if new else ("CR", "ISR")
    select = 1 if wish.source == "lse" else 2
    reference = 255 if wish.source == "lse" else 249
    started = (
        ["RCC->BDCR |= RCC_BDCR_LSEON;", "await(&RCC->BDCR, RCC_BDCR_LSERDY, RCC_BDCR_LSERDY);"]
        if wish.source == "lse"
        else ["RCC->CSR |= RCC_CSR_LSION;", "await(&RCC->CSR, RCC_CSR_LSIRDY, RCC_CSR_LSIRDY);"]
    )
    clock = ["RCC->APB1ENR1 |= RCC_APB1ENR1_PWREN | RCC_APB1ENR1_RTCAPBEN;", "(void)RCC->APB1ENR1;"]
    init = [
        *(clock if new else ["RCC->APB1ENR |= RCC_APB1ENR_PWREN;", "(void)RCC->APB1ENR;"]),
        f"PWR->{power} |= PWR_{power}_DBP;",
        f"if ((RCC->BDCR & RCC_BDCR_RTCSEL) != ({select}U << RCC_BDCR_RTCSEL_Pos))",
        "{", "  RCC->BDCR = RCC_BDCR_BDRST; /* only then another clock can be chosen */", "  RCC->BDCR = 0U;", "}",
        *started,
        f"RCC->BDCR |= ({select}U << RCC_BDCR_RTCSEL_Pos) | RCC_BDCR_RTCEN;",
        "RTC->WPR = 0xCAU;", "RTC->WPR = 0x53U;",
        f"RTC->{status} |= RTC_{status}_INIT;",
        f"await(&RTC->{status}, RTC_{status}_INITF, RTC_{status}_INITF);",
        f"RTC->PRER = {reference}U;", "RTC->PRER |= 127U << RTC_PRER_PREDIV_A_Pos;",
        f"RTC->{status} &= ~RTC_{status}_INIT;",
        *_wake_up(setup, wish, status),
        "RTC->WPR = 0xFFU;",
    ]  # fmt: skip
    if not wish.wakeup_s:
        return Block("rtc", init)
    init += enabled("RTC_WKUP")
    clear, line = ("SCR = 1U << 2", 20) if new else ("ISR = ~((1U << 10) | RTC_ISR_INIT)", 22)
    pending = "PR1" if new else "PR"
    handler = [f"RTC->{clear};", f"EXTI->{pending} = 1U << {line};", "rtc_wakeups++;"]
    return Block("rtc", init, ["volatile uint32_t rtc_wakeups;"], (), ["extern volatile uint32_t rtc_wakeups;"],
                 {"RTC_WKUP": handler})  # fmt: skip


def _wake_up(setup: Setup, wish: Rtc, status: str) -> list[str]:
    """The wake-up timer, on the calendar's clock of 1 Hz (RM0090, 26.3.5; RM0440, 35.3.9)."""
    if not wish.wakeup_s:
        return []
    bank, line = ("1", 20) if setup.family.name == "g4" else ("", 22)
    return [
        "RTC->CR &= ~(1U << 10);",
        f"await(&RTC->{status}, 1U << 2, 1U << 2);",
        f"RTC->WUTR = {wish.wakeup_s - 1}U; /* every {wish.wakeup_s} s */",
        "RTC->CR = (RTC->CR & ~7U) | 4U | (1U << 10) | (1U << 14); /* WUTE, WUTIE */",
        f"EXTI->RTSR{bank} |= 1U << {line};",
        f"EXTI->IMR{bank} |= 1U << {line};",
    ]


def _iwdg(wish: Iwdg) -> Block:
    divider, reload = rates.watchdog(wish.timeout_ms)
    init = [
        "IWDG->KR = 0xCCCCU; /* starts, and can't be stopped */",
        "IWDG->KR = 0x5555U;",
        f"IWDG->PR = {divider.bit_length() - 3}U;",
        f"IWDG->RLR = {reload}U; /* {wish.timeout_ms} ms */",
        "await(&IWDG->SR, 0x3U, 0U);",
        "IWDG->KR = 0xAAAAU;",
    ]
    functions = [("void iwdg_refresh(void)", ["IWDG->KR = 0xAAAAU;"])]
    return Block("iwdg", init, (), functions, ["void iwdg_refresh(void);"], {}, (), ["iwdg_refresh();"])
