"""The DAC, the window watchdog, MCO, low power, CRC, memory copies and cycles in C for CMSIS registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import pi, sin

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import Copy, Dac, ImpossiblePlan, Lowpower, Mco, Pvd, Timer, Wwdg
from kiki_tools.stm32.init.register_blocks import (
    Block,
    acts,
    clock_on,
    enabled,
    flags_of,
    pins_on,
    stream_set,
    stream_started,
    where_of,
)
from kiki_tools.stm32.init.setup import Setup

_MOST_DAC_HZ = 1_000_000.0
"""Updates a second that the buffered output follows (data sheets)."""
_DAC_TRIGGERS: Mapping[str, Mapping[str, int]] = {
    "f4": {"TIM6": 0, "TIM8": 1, "TIM7": 2, "TIM5": 3, "TIM2": 4, "TIM4": 5, "software": 7},
    "g4": {"software": 0, "TIM8": 1, "TIM7": 2, "TIM15": 3, "TIM2": 4, "TIM4": 5, "TIM6": 7, "TIM3": 8},
}
"""TSEL by what brings the next value (RM0090, table 76; RM0440, table 187: DAC1)."""


def dac(setup: Setup, number: int, one: Placed, wish: Dac) -> Block:
    """The converter: set by the program, by a timer with a wave of its own, or from a table by DMA (RM0090, 14; RM0440,
    22)."""
    port, new = one.instance, setup.family.name == "g4"
    where = where_of(number, one)
    init = [*clock_on(setup, port)]
    init += [f"pin_analogue(GPIO{pin[1]}, {pin[2:]}U); /* {signal} */" for signal, (pin, _) in one.pins.items()]
    fast = (2 if setup.tree.hclk > 160_000_000 else 1) if new and setup.tree.hclk > 80_000_000 else 0
    channels = sorted(wish.channels)
    unbuffered = sum(2 << 16 * (each - 1) for each in channels) if new and not wish.buffered else 0
    if fast or unbuffered:
        said = " /* for AHB above 80 MHz */" if fast else ""
        init.append(f"{port}->MCR = {f'0x{unbuffered:X}U | ' if unbuffered else ''}{fast}U << 14;{said}")
    by_dma = wish.dma or wish.wave in ("sine", "sawtooth")
    trigger = wish.trigger or ("software" if wish.wave in ("triangle", "noise") else "")
    known = _DAC_TRIGGERS["g4" if new else "f4"]
    if trigger and trigger not in known:
        able = ", ".join(each for each in known if each != "software")
        raise ImpossiblePlan(f"{where}: {trigger} doesn't trigger the DAC; {able} do")
    if by_dma and not wish.trigger:
        raise ImpossiblePlan(f"{where}: values by DMA need a timer as the trigger")
    pace = next((one.wish.frequency_hz for one in setup.placed if isinstance(one.wish, Timer)
                 and one.instance == wish.trigger), 0.0)  # fmt: skip
    if pace > _MOST_DAC_HZ:
        raise ImpossiblePlan(f"{where}: {pace:g} values a second are too fast for the DAC: at most {_MOST_DAC_HZ:g}")
    words, functions, variables, shared = [], [], [], []
    for each in channels:
        own = [f"DAC_CR_EN{each}"]
        if not wish.buffered and not new:
            own.append(f"DAC_CR_BOFF{each}")
        if trigger:
            own += [f"DAC_CR_TEN{each}", f"({known[trigger]}U << DAC_CR_TSEL{each}_Pos)"]
        if wish.wave in ("triangle", "noise"):
            high = wish.amplitude.bit_length() - 1
            own.append(
                f"({1 if wish.wave == 'noise' else 2}U << DAC_CR_WAVE{each}_Pos) | ({high}U << DAC_CR_MAMP{each}_Pos)"
            )
        own += [f"DAC_CR_DMAEN{each}"] if by_dma else []
        words.append(" | ".join(own))
        millivolts = wish.second_mv if each == 2 and wish.second_mv >= 0 else wish.start_mv
        code = min(4095, round(millivolts * 4095 / wish.reference_mv))
        init.append(f"{port}->DHR12R{each} = {code}U; /* {millivolts} mV of {wish.reference_mv} mV */")
        functions.append((f"void dac_set_{each}(uint16_t code)", [f"{port}->DHR12R{each} = code & 0xFFFU;"]))
        shared.append(f"void dac_set_{each}(uint16_t code); /* 0 to 4095 */")
    if by_dma:
        values = _wave(wish)
        variables = [f"volatile uint32_t dac_wave[{wish.samples}] = {{", *values, "};"]
        shared.append(f"extern volatile uint32_t dac_wave[{wish.samples}]; /* what DMA puts out, round and round */")
        for each in channels:
            dma = setup.dma[number, f"tx{each}"]
            init += stream_set(setup, dma, "tx", f"{port}->DHR12R{each}", wide=False, circular=True, quiet=True,
                               whole=True)  # fmt: skip
            init += stream_started(setup, dma, "dac_wave", f"{wish.samples}U")
    init.append(f"{port}->CR = {' | '.join(words)};")
    if trigger == "software":
        body = [f"{port}->SWTRIGR = {sum(1 << each - 1 for each in channels)}U;"]
        functions.append(("void dac_next(void)", body))
        shared.append("void dac_next(void); /* brings the next value */")
    return Block("dac", init, variables, functions, shared)


def _wave(wish: Dac) -> list[str]:
    """The values of a wave over the whole range, twelve a line; the middle where none is named."""
    count = wish.samples
    if wish.wave == "sine":
        codes = [round(2047.5 + 2047.5 * sin(2 * pi * at / count)) for at in range(count)]
    elif wish.wave == "sawtooth":
        codes = [round(4095 * at / (count - 1)) for at in range(count)]
    else:
        codes = [2048] * count
    return ["  " + ", ".join(f"{each}U" for each in codes[at : at + 12]) + "," for at in range(0, count, 12)]


def wwdg(setup: Setup, wish: Wwdg) -> Block:
    """The window watchdog, on APB1's clock (RM0090, 22; RM0440, 43)."""
    flexible = setup.family.name == "g4"
    power, count, closed = rates.window_watchdog(
        setup.tree.pclk1, wish.timeout_ms, wish.closed_ms, 7 if flexible else 3
    )
    window = min(0x7F, 0x40 + count - closed)
    shift = 11 if flexible else 7
    early = " | WWDG_CFR_EWI" if wish.interrupt else ""
    init = [
        *clock_on(setup, "WWDG"),
        f"WWDG->CFR = ({power}U << {shift}U) | 0x{window:X}U{early};",
        f"WWDG->CR = 0x{0x80 | 0x40 + count:X}U; /* starts, and can't be stopped */",
    ]
    refresh = [f"WWDG->CR = 0x{0x40 + count:X}U;"]
    loop = ["wwdg_refresh();"]
    if closed:
        refresh = [f"if ((WWDG->CR & 0x7FU) <= 0x{window:X}U) /* the window is open */", "{", f"  {refresh[0]}", "}"]
    functions, shared = [("void wwdg_refresh(void)", refresh)], ["void wwdg_refresh(void);"]
    if not wish.interrupt:
        return Block("wwdg", init, (), functions, shared, {}, (), loop)
    init += [*enabled("WWDG", 0)]
    shared.append("extern volatile uint32_t wwdg_warnings; /* the reset was that near */")
    handler = ["WWDG->SR = 0U;", "wwdg_warnings++;"]
    return Block("wwdg", init, ["volatile uint32_t wwdg_warnings;"], functions, shared, {"WWDG": handler}, (), loop)


_MCO_G4: Mapping[str, int] = {"SYSCLK": 1, "HSI": 3, "HSE": 4, "PLL": 5, "LSI": 6, "LSE": 7, "HSI48": 8}
_MCO_F4: Mapping[int, Mapping[str, int]] = {
    1: {"HSI": 0, "LSE": 1, "HSE": 2, "PLL": 3},
    2: {"SYSCLK": 0, "HSE": 2, "PLL": 3},
}


def mco(setup: Setup, number: int, one: Placed, wish: Mco) -> Block:
    """A clock on MCO's pin (RM0090, 7.3.3; RM0440, 7.4.3)."""
    where = where_of(number, one)
    source = wish.source
    if setup.family.name == "g4":
        if wish.output != 1 or wish.divider not in (1, 2, 4, 8, 16):
            raise ImpossiblePlan(f"{where}: a G4 has one MCO, which divides by 1, 2, 4, 8 or 16")
        value, mask = (wish.divider.bit_length() - 1) << 28 | _MCO_G4[source] << 24, "0x7F000000U"
    else:
        if source == "SYSCLK" and wish.output == 1 and setup.tree.pll:
            source = "PLL"  # MCO1 has no SYSCLK, but what it comes from
        elif source == "SYSCLK" and wish.output == 1:
            source = setup.tree.source
        if source not in _MCO_F4[wish.output] or wish.divider > 5:
            able = ", ".join(_MCO_F4[wish.output])
            raise ImpossiblePlan(f"{where}: MCO{wish.output} puts out {able}, divided by 1 to 5")
        shift, low = (21, 24) if wish.output == 1 else (30, 27)
        value = (wish.divider + 2 if wish.divider > 1 else 0) << low | _MCO_F4[wish.output][source] << shift
        mask = f"0x{3 << shift | 7 << low:08X}U"
    started = {"LSI": ("CSR", "LSI"), "LSE": ("BDCR", "LSE"), "HSI": ("CR", "HSI")}.get(source)
    init = []
    if source == "LSE":
        init += [*_power_on(setup), f"PWR->{'CR1' if setup.family.name == 'g4' else 'CR'} |= 1U << 8; /* DBP */"]
    if source == "HSE" and setup.tree.source != "HSE":
        raise ImpossiblePlan(f"{where}: HSE isn't this plan's clock source; name its crystal")
    if source == "HSI48":
        init += ["RCC->CRRCR |= RCC_CRRCR_HSI48ON;", "await(&RCC->CRRCR, RCC_CRRCR_HSI48RDY, RCC_CRRCR_HSI48RDY);"]
    if started is not None:
        register, name = started
        bits = f"RCC_{register}_{name}"
        init += [f"RCC->{register} |= {bits}ON;", f"await(&RCC->{register}, {bits}RDY, {bits}RDY);"]
    init += [
        f"RCC->CFGR = (RCC->CFGR & ~{mask}) | 0x{value:X}U; /* {source} divided by {wish.divider} */",
        *pins_on(one, speed=3),
    ]
    return Block(f"mco{wish.output}", init)


def lowpower(setup: Setup, wish: Lowpower) -> Block:
    """Sleep, Stop or Standby until an interrupt or a wake-up (RM0090, 5.3; RM0440, 6.3)."""
    g4 = setup.family.name == "g4"
    pin = _wake_pin(setup, wish)
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
        how = ["PWR->SCR = 0x1FU; /* clears the wake-up flags */",
               f"PWR->CR3 |= 1U << {pin - 1}U; /* wake-up pin {pin} */",
               "PWR->CR1 = (PWR->CR1 & ~0x7U) | 3U;"] if g4 else [
            f"PWR->CSR |= 1U << {9 - pin}U; /* wake-up pin {pin} */", "PWR->CR |= PWR_CR_CWUF | PWR_CR_PDDS;",
        ]  # fmt: skip
        body = [*how, deep, *rest]
    init = _power_on(setup)
    if wish.woken and wish.mode == "standby":  # SBF (RM0090, 5.4.2; RM0440, 6.4.6)
        flag = "PWR->SR1 & (1U << 8)" if g4 else "PWR->CSR & (1U << 1)"
        clear = "PWR->SCR = 1U << 8;" if g4 else "PWR->CR |= 1U << 3;"
        init += [f"if (({flag}) != 0U) /* out of Standby, not of power-on */", "{", f"  {clear}",
                 f"  {wish.woken}_PORT->BSRR = {wish.woken}_MASK;", "}"]  # fmt: skip
    first = [f"delay_ms({wish.after_ms}U);"] if wish.after_ms else []
    once = first if wish.mode == "standby" else []
    return Block(
        "low_power", init, (), [("void low_power(void)", body)], ["void low_power(void);"], {}, (),
        [*once, "low_power();"],
    )  # fmt: skip


_PVD_LEVELS: Mapping[str, Sequence[int]] = {
    "f4": (2000, 2100, 2300, 2500, 2600, 2700, 2800, 2900),
    "g4": (2000, 2200, 2400, 2500, 2600, 2800, 2900),
}
"""PLS's levels in millivolts (RM0090, 5.4.1; RM0440, 6.4.2)."""


def pvd(setup: Setup, wish: Pvd) -> Block:
    """The supply's supervision: PVDO falls as VDD rises, so VDD's fall is the line's rising edge (RM0090, 5.2.3)."""
    g4 = setup.family.name == "g4"
    levels = _PVD_LEVELS["g4" if g4 else "f4"]
    if all(abs(wish.level_mv - each) > 60 for each in levels):
        raise ImpossiblePlan(
            f"the supply's supervision has the levels {', '.join(f'{each / 1000:g} V' for each in levels)}"
        )
    at = min(range(len(levels)), key=lambda n: abs(levels[n] - wish.level_mv))
    register, low, bank = ("CR2", 1, "1") if g4 else ("CR", 5, "")
    enable = 0 if g4 else 4
    init = [
        *_power_on(setup),
        f"PWR->{register} = (PWR->{register} & ~(7U << {low})) | ({at}U << {low}) | (1U << {enable});"
        f" /* {levels[at]} mV */",
        f"EXTI->IMR{bank} |= 1U << 16;",
        *([f"EXTI->RTSR{bank} |= 1U << 16; /* VDD falls */"] if wish.edge != "rising" else []),
        *([f"EXTI->FTSR{bank} |= 1U << 16; /* VDD rises */"] if wish.edge != "falling" else []),
    ]  # fmt: skip
    vector = next(each for each in ("PVD", "PVD_PVM", "PVD_AVD") if each in setup.part.device.interrupts)
    handler = [f"EXTI->PR{bank} = 1U << 16;", "pvd_events++;", *acts(wish)]
    return Block("pvd", [*init, *enabled(vector, wish.priority)], ["volatile uint32_t pvd_events;"], (),
                 ["extern volatile uint32_t pvd_events;"], {vector: handler})  # fmt: skip


def _wake_pin(setup: Setup, wish: Lowpower) -> int:
    """The number of the wake-up pin, from 1 (RM0090, 5.4.2; RM0440, 6.4.3); PA0 where none is named."""
    device = setup.part.device
    found = {
        pin: max(1, int(f.signal[4:] or "0") + ("WKUP0" in names))
        for pin, functions in device.pins.items()
        for names in [{f.signal for each in device.pins.values() for f in each}]
        for f in functions
        if f.signal.startswith("WKUP")
    }
    if wish.wake_pin and wish.wake_pin not in found:
        raise ImpossiblePlan(f"{wish.wake_pin} doesn't wake {device.name} from Standby; {', '.join(sorted(found))} do")
    return found.get(wish.wake_pin or "PA0", 1)


def _power_on(setup: Setup) -> list[str]:
    register = "APB1ENR1" if setup.family.name == "g4" else "APB1ENR"
    return [f"RCC->{register} |= RCC_{register}_PWREN;", f"(void)RCC->{register};"]


def crc(setup: Setup) -> Block:
    """The CRC unit (RM0090, 4; RM0440, 16): words, the most significant bit first, nothing reflected."""
    init = ["RCC->AHB1ENR |= RCC_AHB1ENR_CRCEN;", "(void)RCC->AHB1ENR;", "CRC->CR = CRC_CR_RESET;"]
    body = ["CRC->CR = CRC_CR_RESET;", "for (uint32_t at = 0U; at < count; at++)", "{", "  CRC->DR = words[at];", "}",
            "return CRC->DR;"]  # fmt: skip
    signature = "uint32_t crc_of(const uint32_t *words, uint32_t count)"
    return Block("crc", init, (), [(signature, body)], [f"{signature}; /* CRC-32, polynomial 0x04C11DB7 */"])


def copy(setup: Setup, number: int, wish: Copy) -> Block:
    """DMA from memory to memory (RM0090, 10.3.6; RM0440, 12.4.5)."""
    dma = setup.dma[number, "copy"]
    register, mask = flags_of(setup, dma)
    size = {8: "", 16: "_0", 32: "_1"}[wish.width]
    prefix = "DMA_CCR" if setup.part.channels else "DMA_SxCR"
    words = [f"{prefix}_MINC", f"{prefix}_PINC", f"{prefix}_TCIE"]
    words += [f"{prefix}_PSIZE{size}", f"{prefix}_MSIZE{size}"] if size else []
    port = dma.stream
    if setup.part.channels:
        init = [f"{port}->CCR = {' | '.join(['DMA_CCR_MEM2MEM', *words])};"]
        start = [f"{port}->CCR &= ~DMA_CCR_EN;", f"{register} = {mask};", f"{port}->CPAR = (uint32_t)from;",
                 f"{port}->CMAR = (uint32_t)to;", f"{port}->CNDTR = count;", f"{port}->CCR |= DMA_CCR_EN;"]  # fmt: skip
    else:
        init = [f"{port}->CR = {' | '.join(['DMA_SxCR_DIR_1', *words])};",
                f"{port}->FCR = 1U << 2; /* memory to memory needs the FIFO */"]  # fmt: skip
        start = [f"{port}->CR &= ~DMA_SxCR_EN;", f"await(&{port}->CR, DMA_SxCR_EN, 0U);", f"{register} = {mask};",
                 f"{port}->PAR = (uint32_t)from;", f"{port}->M0AR = (uint32_t)to;", f"{port}->NDTR = count;",
                 f"{port}->CR |= DMA_SxCR_EN;"]  # fmt: skip
    kind = f"uint{wish.width}_t"
    functions = [("void copy_start(const void *from, void *to, uint16_t count)", ["copy_done = 0U;", *start])]
    variables = ["volatile uint32_t copy_done;", f"static {kind} copy_source[{wish.words}];",
                 f"static {kind} copy_target[{wish.words}];"]  # fmt: skip
    shared = ["extern volatile uint32_t copy_done;", "void copy_start(const void *from, void *to, uint16_t count);",
              "void copy_all(void);"]  # fmt: skip
    functions.append(("void copy_all(void)", [f"copy_start(copy_source, copy_target, {wish.words}U);"]))
    handler = [f"{register} = {mask};", "copy_done = 1U;"]
    init += [*enabled(port, wish.priority), *(["copy_all();"] if wish.at_start else [])]
    main = [] if wish.at_start else ["copy_all();"]
    return Block("copy", init, variables, functions, shared, {port: handler}, main)


def cycles(setup: Setup) -> Block:
    """The core's counter of cycles (ARMv7-M, C1.8), and waiting by it."""
    init = [
        "CoreDebug->DEMCR |= CoreDebug_DEMCR_TRCENA_Msk;",
        "DWT->CYCCNT = 0U;",
        "DWT->CTRL |= DWT_CTRL_CYCCNTENA_Msk;",
    ]
    per_us = max(1, setup.tree.hclk // 1_000_000)
    body = ["uint32_t begin = DWT->CYCCNT;", f"while (DWT->CYCCNT - begin < microseconds * {per_us}U)", "{", "}"]
    signature = "void delay_us(uint32_t microseconds)"
    return Block("cycles", init, (), [(signature, body)], [f"{signature}; /* at most {2**32 // per_us} */"])
