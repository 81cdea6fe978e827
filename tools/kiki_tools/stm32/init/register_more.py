"""Encoders, input capture, the DAC, the window watchdog, MCO and low power in C for CMSIS registers."""

from __future__ import annotations

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Capture, Dac, Encoder, Lowpower, Mco, Wwdg
from kiki_tools.stm32.init.register_blocks import Block, clock_on, enabled, pins_on, where_of
from kiki_tools.stm32.init.setup import Setup

_FILTER = 0x3
"""Eight equal samples of the timer's clock: rejects glitches of contacts and lines (RM0090, 18.4.7, ICxF)."""


def encoder(setup: Setup, one: Placed, wish: Encoder) -> Block:
    """A timer in encoder mode 3: it counts both edges of both inputs (RM0090, 18.3.12)."""
    port, name = one.instance, one.instance.lower()
    init = [
        *clock_on(setup, port),
        *pins_on(one, pull_up=wish.pull_ups),
        f"{port}->SMCR = 3U; /* encoder mode 3 */",
        f"{port}->CCMR1 = 0x{0x0101 | _FILTER << 4 | _FILTER << 12:X}U; /* both inputs, filtered */",
        f"{port}->CCER = 0U;",
        f"{port}->ARR = {wish.counts - 1}U;",
        f"{port}->CNT = 0U;",
        f"{port}->CR1 = TIM_CR1_CEN;",
    ]
    functions = [(f"uint32_t {name}_position(void)", [f"return {port}->CNT;"])]
    return Block(name, init, (), functions, [f"uint32_t {name}_position(void);"])


def capture(setup: Setup, number: int, one: Placed, wish: Capture) -> Block:
    """A timer that notes its count at an edge, and the counts since the edge before."""
    port, name = one.instance, one.instance.lower()
    clock = setup.tree.timer_clock(bus(setup.family, port))
    prescaler, actual = rates.tick(clock, wish.tick_hz, where_of(number, one))
    at = wish.channel
    mode, low = (at - 1) // 2 + 1, 8 * ((at - 1) % 2)
    edges = {"rising": 0, "falling": 0x2, "both": 0xA}[wish.edge]
    init = [
        *clock_on(setup, port),
        *pins_on(one),
        f"{port}->PSC = {prescaler}U; /* {actual:.6g} counts a second */",
        f"{port}->ARR = 0xFFFFU;",
        f"{port}->CCMR{mode} = 0x{(0x01 | _FILTER << 4) << low:X}U; /* channel {at} is an input, filtered */",
        f"{port}->CCER = 0x{(0x1 | edges) << 4 * (at - 1):X}U; /* {wish.edge} */",
        f"{port}->EGR = TIM_EGR_UG;",
        f"{port}->SR = 0U;",
        f"{port}->DIER = 1U << {at}U; /* CC{at}IE */",
    ]
    vector = interrupt(setup.part.device, port, "CC")
    init += [*enabled(vector), f"{port}->CR1 = TIM_CR1_CEN;"]
    handler = [
        f"if (({port}->SR & (1U << {at}U)) != 0U)", "{", f"  uint32_t now = {port}->CCR{at};",
        f"  {name}_period = (now - {name}_last) & 0xFFFFU;", f"  {name}_last = now;", f"  {name}_edges++;", "}",
    ]  # fmt: skip
    variables = [
        f"static volatile uint32_t {name}_last;",
        f"volatile uint32_t {name}_period;",
        f"volatile uint32_t {name}_edges;",
    ]
    shared = [
        f"extern volatile uint32_t {name}_period; /* counts between the last two edges */",
        f"extern volatile uint32_t {name}_edges;",
    ]
    return Block(name, init, variables, (), shared, {vector: handler})


def dac(setup: Setup, one: Placed, wish: Dac) -> Block:
    """The converter, its outputs buffered (RM0090, 14; RM0440, 22)."""
    port = one.instance
    code = min(4095, round(wish.start_mv * 4095 / wish.reference_mv))
    init = [*clock_on(setup, port)]
    init += [f"pin_analogue(GPIO{pin[1]}, {pin[2:]}U); /* {signal} */" for signal, (pin, _) in one.pins.items()]
    if setup.family.name == "g4" and setup.tree.hclk > 80_000_000:
        init.append(f"{port}->MCR = {2 if setup.tree.hclk > 160_000_000 else 1}U << 14; /* for AHB above 80 MHz */")
    functions = []
    for each in sorted(wish.channels):
        init.append(f"{port}->DHR12R{each} = {code}U; /* {wish.start_mv} mV of {wish.reference_mv} mV */")
        functions.append((f"void dac_set_{each}(uint16_t code)", [f"{port}->DHR12R{each} = code & 0xFFFU;"]))
    init.append(f"{port}->CR = {' | '.join(f'DAC_CR_EN{each}' for each in sorted(wish.channels))};")
    shared = [f"void dac_set_{each}(uint16_t code); /* 0 to 4095 */" for each in sorted(wish.channels)]
    return Block("dac", init, (), functions, shared)


def wwdg(setup: Setup, wish: Wwdg) -> Block:
    """The window watchdog, on APB1's clock (RM0090, 22; RM0440, 43)."""
    flexible = setup.family.name == "g4"
    power, count, closed = rates.window_watchdog(
        setup.tree.pclk1, wish.timeout_ms, wish.closed_ms, 7 if flexible else 3
    )
    window = min(0x7F, 0x40 + count - closed)
    shift = 11 if flexible else 7
    init = [
        *clock_on(setup, "WWDG"),
        f"WWDG->CFR = ({power}U << {shift}U) | 0x{window:X}U;",
        f"WWDG->CR = 0x{0x80 | 0x40 + count:X}U; /* starts, and can't be stopped */",
    ]
    refresh = [f"WWDG->CR = 0x{0x40 + count:X}U;"]
    loop = ["wwdg_refresh();"]
    if closed:
        refresh = [f"if ((WWDG->CR & 0x7FU) <= 0x{window:X}U) /* the window is open */", "{", f"  {refresh[0]}", "}"]
    return Block("wwdg", init, (), [("void wwdg_refresh(void)", refresh)], ["void wwdg_refresh(void);"], {}, (), loop)


def mco(setup: Setup, one: Placed, wish: Mco) -> Block:
    """A clock on PA8 (RM0090, 7.3.3; RM0440, 7.4.3)."""
    power = {1: 0, 2: 1, 4: 2}[wish.divider]
    if setup.family.name == "g4":
        source = {"HSI": 3, "HSE": 4, "PLL": 5, "LSE": 7}[wish.source]
        value, mask = power << 28 | source << 24, "0x7F000000U"
    else:
        source = {"HSI": 0, "LSE": 1, "HSE": 2, "PLL": 3}[wish.source]
        value, mask = {1: 0, 2: 4, 4: 6}[wish.divider] << 24 | source << 21, "0x07600000U"
    init = [
        f"RCC->CFGR = (RCC->CFGR & ~{mask}) | 0x{value:X}U; /* {wish.source} divided by {wish.divider} */",
        *pins_on(one, speed=3),
    ]
    return Block("mco", init)


def lowpower(setup: Setup, wish: Lowpower) -> Block:
    """Sleep, Stop or Standby until an interrupt or a wake-up (RM0090, 5.3; RM0440, 6.3)."""
    g4 = setup.family.name == "g4"
    deep = "SCB->SCR |= SCB_SCR_SLEEPDEEP_Msk;"
    rest = ["__DSB();", "__WFI();"]
    if wish.mode == "sleep":
        body = ["SCB->SCR &= ~SCB_SCR_SLEEPDEEP_Msk;", *rest]
    elif wish.mode == "stop":
        how = ["PWR->CR1 = (PWR->CR1 & ~0x7U) | 1U; /* Stop 1 */"] if g4 else [
            "PWR->CR = (PWR->CR & ~PWR_CR_PDDS) | PWR_CR_LPDS | PWR_CR_CWUF;",
        ]  # fmt: skip
        quiet, loud = "SysTick->CTRL &= ~2U; /* or the next tick wakes it */", "SysTick->CTRL |= 2U;"
        body = [*how, deep, quiet, *rest, "SCB->SCR &= ~SCB_SCR_SLEEPDEEP_Msk;",
                "clock_init(); /* after Stop the core runs from HSI */", loud]  # fmt: skip
    else:
        how = ["PWR->SCR = 0x1FU; /* clears the wake-up flags */", "PWR->CR3 |= 1U; /* wake-up pin 1 */",
               "PWR->CR1 = (PWR->CR1 & ~0x7U) | 3U;"] if g4 else [
            "PWR->CSR |= 1U << 8; /* wake-up pin PA0 */", "PWR->CR |= PWR_CR_CWUF | PWR_CR_PDDS;",
        ]  # fmt: skip
        body = [*how, deep, *rest]
    return Block(
        "low_power", _power_on(setup), (), [("void low_power(void)", body)], ["void low_power(void);"], {}, (),
        ["low_power();"],
    )  # fmt: skip


def _power_on(setup: Setup) -> list[str]:
    register = "APB1ENR1" if setup.family.name == "g4" else "APB1ENR"
    return [f"RCC->{register} |= RCC_{register}_PWREN;", f"(void)RCC->{register};"]
