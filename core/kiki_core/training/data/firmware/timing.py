"""Time: SysTick, timers, PWM, encoders, the watchdog, the clock, priorities."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from kiki_core.training.data.firmware.program import (
    Maker,
    Part,
    Program,
    alternate,
    clocked,
    function,
    is_alternate,
    near,
    signals,
)
from kiki_core.training.data.registers import ALL, Step, shown


def _systick(random: Random, of: Part) -> Program:
    clock = random.choice([16, 48, 84, 100, 168] if of.is_f4 else [16, 80, 150, 170])
    rate = random.choice([1000, 1000, 1000, 100, 10000])
    count, delay = random.choice([("ticks", "delay_ms"), ("uptime", "wait_ticks"), ("ms", "delay")])
    code = (
        f"static volatile uint32_t {count};\n\n"
        + function("SysTick_Handler", f"{count}++;")
        + "\n"
        + function("tick_init", f"(void)SysTick_Config({clock}000000U / {rate}U);")
        + "\n"
        + function(
            delay, f"uint32_t start = {count};", f"while ({count} - start < time)", "{", "}", takes="uint32_t time"
        )
    )
    needs = ["voidSysTick_Handler", "SysTick_Config|SysTick->LOAD", "volatile", delay]
    words = {"clk": f"{clock} MHz", "rate": f"{rate} Hz" if rate != 1000 else "1 ms", "delay": delay, "count": count}
    period = shown("*(volatile uint32_t *)0xE000E014U + 1U", clock * 1_000_000 // rate)
    return Program(words, code, needs, f"{clock}-{rate}", [ALL, period])


def _timers(of: Part) -> list[str]:
    return [name for name in ("TIM2", "TIM3", "TIM4", "TIM5") if of.has(name)]


def _timer_interrupt(random: Random, of: Part) -> Program:
    timer = random.choice([*_timers(of), *(["TIM7"] if of.has("TIM7") else [])])
    clock, rate = (
        random.choice([16, 84] if of.is_f4 else [16, 170]),
        random.choice([1, 2, 5, 10, 50, 100, 200, 500, 1000]),
    )
    code = (
        "volatile uint32_t events;\n\n"
        + function(
            f"{timer.lower()}_init",
            of.clock(timer),
            f"{timer}->PSC = {clock}000000U / 10000U - 1U;",
            f"{timer}->ARR = 10000U / {rate}U - 1U;",
            f"{timer}->DIER |= TIM_DIER_UIE;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
            f"NVIC_EnableIRQ({timer}_IRQn);",
        )
        + "\n"
        + function(f"{timer}_IRQHandler", f"{timer}->SR = ~TIM_SR_UIF;", "events++;")
    )
    needs = [
        f"{timer}EN",
        f"{timer}->PSC=",
        f"{timer}->ARR=",
        "UIE|DIER",
        f"{timer}_IRQn",
        f"void{timer}_IRQHandler",
        f"{timer}->SR",
    ]
    period = near(f"({timer}->PSC + 1U) * ({timer}->ARR + 1U)", clock * 1e6 / rate)
    steps: list[Step] = [ALL, *clocked(of, timer), period, shown(f"{timer}->DIER", 1, 1), shown(f"{timer}->CR1", 1, 1)]
    return Program({"tim": timer, "clk": f"{clock} MHz", "rate": f"{rate} Hz"}, code, needs, f"{timer}-{rate}", steps)


def _microseconds(random: Random, of: Part) -> Program:
    timer = random.choice([name for name in ("TIM2", "TIM5") if of.has(name)])
    clock = random.choice([16, 48, 84] if of.is_f4 else [16, 80, 170])
    code = (
        function(
            "us_init",
            of.clock(timer),
            f"{timer}->PSC = {clock}U - 1U;",
            f"{timer}->ARR = 0xFFFFFFFFU;",
            f"{timer}->EGR = TIM_EGR_UG;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
        )
        + "\n"
        + function(
            "delay_us",
            f"uint32_t start = {timer}->CNT;",
            f"while ({timer}->CNT - start < us)",
            "{",
            "}",
            takes="uint32_t us",
        )
    )
    steps: list[Step] = [ALL, *clocked(of, timer), shown(f"{timer}->PSC + 1U", clock), shown(f"{timer}->CR1", 1, 1)]
    needs = [f"{timer}EN", f"{timer}->PSC=", f"{timer}->CNT", "delay_us"]
    return Program({"tim": timer, "clk": f"{clock} MHz"}, code, needs, f"{timer}-{clock}", steps)


def _pwm(random: Random, of: Part) -> Program | None:
    channel = random.randrange(1, 5)
    found = [one for one in signals(of, r"TIM[2-5]", f"CH{channel}") if of.has(one[0])]
    if not found:
        return None
    timer, pin, af = random.choice(found)
    clock, rate = (
        random.choice([16, 84] if of.is_f4 else [16, 170]),
        random.choice([50, 100, 500, 1000, 2000, 10000, 20000]),
    )
    duty = random.choice([10, 20, 25, 30, 50, 75, 80])
    shift = 4 if channel in (1, 3) else 12
    mode = f"{timer}->CCMR{1 if channel < 3 else 2}"
    code = function(
        "pwm_init",
        of.clock(f"GPIO{pin[1]}"),
        of.clock(timer),
        *alternate(pin, af).split("\n    "),
        f"{timer}->PSC = {clock}U - 1U;",
        f"{timer}->ARR = 1000000U / {rate}U - 1U;",
        f"{timer}->CCR{channel} = 1000000U / {rate}U * {duty}U / 100U;",
        f"{mode} |= (6U << {shift}) | (1U << {shift - 1});",
        f"{timer}->CCER |= TIM_CCER_CC{channel}E;",
        f"{timer}->CR1 |= TIM_CR1_ARPE | TIM_CR1_CEN;",
    )
    needs = [
        f"{timer}EN",
        f"{timer}->PSC=",
        f"{timer}->ARR=",
        f"{timer}->CCR{channel}=",
        f"{timer}->CCMR{1 if channel < 3 else 2}",
        f"{timer}->CCER",
        "AFR",
    ]
    words = {
        "tim": timer,
        "ch": f"{channel}",
        "pin": pin,
        "clk": f"{clock} MHz",
        "rate": f"{rate} Hz" if rate < 1000 else f"{rate // 1000} kHz",
        "duty": f"{duty} %",
    }
    bits = 4 * (channel - 1)
    steps: list[Step] = [
        ALL,
        *clocked(of, timer),
        *is_alternate(of, pin, af),
        near(f"({timer}->PSC + 1U) * ({timer}->ARR + 1U)", clock * 1e6 / rate),
        shown(f"{timer}->CCR{channel} * 1000U / ({timer}->ARR + 1U)", 10 * duty - 15, high=10 * duty + 15),
        shown(mode, 6 << shift, 7 << shift),
        shown(f"{timer}->CCER", 1 << bits, 3 << bits),
        shown(f"{timer}->CR1", 1, 1),
    ]
    return Program(words, code, needs, f"{timer}-{channel}", steps)


def _encoder(random: Random, of: Part) -> Program | None:
    timer = random.choice(_timers(of))
    one, other = of.pins(timer, "CH1"), of.pins(timer, "CH2")
    if not one or not other:
        return None
    (a, af), (b, bf) = random.choice(one), random.choice(other)
    if a == b:
        return None
    ports = [of.clock(f"GPIO{port}") for port in dict.fromkeys((a[1], b[1]))]
    code = (
        function(
            "encoder_init",
            *ports,
            of.clock(timer),
            *alternate(a, af).split("\n    "),
            *alternate(b, bf).split("\n    "),
            f"{timer}->CCMR1 |= (1U << 0) | (1U << 8);",
            f"{timer}->SMCR |= 3U << 0;",
            f"{timer}->ARR = 0xFFFFU;",
            f"{timer}->CR1 |= TIM_CR1_CEN;",
        )
        + "\n"
        + function("encoder_count", f"return (int16_t){timer}->CNT;", gives="int16_t")
    )
    steps: list[Step] = [
        ALL,
        *clocked(of, timer),
        *is_alternate(of, a, af),
        *is_alternate(of, b, bf),
        shown(f"{timer}->SMCR", 1, 7, 3),
        shown(f"{timer}->CCMR1", 0x101, 0x303),
        shown(f"{timer}->CR1", 1, 1),
    ]
    needs = [f"{timer}EN", f"{timer}->SMCR", f"{timer}->CCMR1", f"{timer}->CNT", "AFR"]
    return Program({"tim": timer, "a": a, "b": b}, code, needs, timer, steps)


def _watchdog(random: Random, of: Part) -> Program:
    seconds = random.choice([1, 2, 4, 5, 8])
    code = (
        function(
            "watchdog_start",
            "IWDG->KR = 0x5555U;",
            "IWDG->PR = 6U;",
            f"IWDG->RLR = {seconds}U * 32000U / 256U - 1U;",
            "IWDG->KR = 0xAAAAU;",
            "IWDG->KR = 0xCCCCU;",
        )
        + "\n"
        + function("watchdog_feed", "IWDG->KR = 0xAAAAU;")
    )
    time = "((IWDG->RLR & 0xFFFU) + 1U) * (4U << (IWDG->PR & 7U)) / 32U"
    steps: list[Step] = [
        "watchdog_start();",
        near(time, seconds * 1000, 0.1),
        "watchdog_feed();",
        shown("IWDG->KR", 0xAAAA, 0xFFFF),
    ]
    return Program(
        {"s": f"{seconds} s"},
        code,
        ["IWDG->KR=0x5555", "IWDG->PR=", "IWDG->RLR=", "(?i)IWDG->KR=0xcccc", "(?i)IWDG->KR=0xaaaa"],
        f"{seconds}",
        steps,
    )


def _pll(random: Random, of: Part) -> Program | None:
    if not of.is_f4:
        return None
    crystal = random.choice([8, 12, 16, 25])
    target = random.choice([f for f in (84, 96, 100, 120, 168, 180) if f * 1_000_000 <= of.device.max_hz and f != 180])
    states = 5 if target > 150 else 3 if target > 90 else 2
    states = 3 if of.name in ("STM32F411RE",) and target == 100 else states
    half = 4 if target > 84 and of.device.max_hz > 100_000_000 else 2
    first, second = (f"({5 if half == 4 else 4}U << 10)", f"({4 if half == 4 else 0}U << 13)")
    code = function(
        "clock_init",
        "RCC->CR |= RCC_CR_HSEON;",
        "while ((RCC->CR & RCC_CR_HSERDY) == 0U)",
        "{",
        "}",
        f"FLASH->ACR = FLASH_ACR_PRFTEN | FLASH_ACR_ICEN | FLASH_ACR_DCEN | {states}U;",
        f"RCC->PLLCFGR = {crystal}U | ({2 * target}U << 6) | RCC_PLLCFGR_PLLSRC_HSE | (8U << 24);",
        f"RCC->CFGR = {first} | {second};",
        "RCC->CR |= RCC_CR_PLLON;",
        "while ((RCC->CR & RCC_CR_PLLRDY) == 0U)",
        "{",
        "}",
        "RCC->CFGR |= RCC_CFGR_SW_PLL;",
        "while ((RCC->CFGR & RCC_CFGR_SWS) != RCC_CFGR_SWS_PLL)",
        "{",
        "}",
    )
    needs = ["HSEON", "HSERDY", "FLASH->ACR", f"RCC->PLLCFGR=.*{2 * target}", "PLLON", "PLLRDY", "RCC->CFGR"]
    return Program({"hse": f"{crystal} MHz", "f": f"{target} MHz"}, code, needs, f"{crystal}-{target}")


def _priority(random: Random, of: Part) -> Program:
    interrupt = random.choice([*_timers(of), "USART1", "USART2", "EXTI0", "EXTI9_5", "I2C1_EV", "SPI1"])
    level = random.randrange(1, 15)
    code = function("irq_init", f"NVIC_SetPriority({interrupt}_IRQn, {level}U);", f"NVIC_EnableIRQ({interrupt}_IRQn);")
    return Program(
        {"irq": interrupt, "level": f"{level}"},
        code,
        [rf"NVIC_SetPriority\({interrupt}_IRQn,{level}", rf"NVIC_EnableIRQ\({interrupt}_IRQn"],
        interrupt,
        [ALL, shown(f"((volatile uint8_t *)0xE000E400U)[{interrupt}_IRQn] >> 4", level)],
    )


KINDS: Mapping[str, Maker] = {
    "systick": _systick,
    "timer-interrupt": _timer_interrupt,
    "microseconds": _microseconds,
    "pwm": _pwm,
    "encoder": _encoder,
    "watchdog": _watchdog,
    "pll": _pll,
    "priority": _priority,
}
