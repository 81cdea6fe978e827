"""One peripheral in C for CMSIS registers: what sets it up, the few functions that use it, its handlers."""

from __future__ import annotations

from datetime import date

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.plan import (
    Adc,
    Can,
    Capture,
    Copy,
    Crc,
    Cycles,
    Dac,
    Encoder,
    I2c,
    ImpossiblePlan,
    Iwdg,
    Lowpower,
    Mco,
    Pvd,
    Pwm,
    Rtc,
    Spi,
    Timer,
    Usart,
    Usb,
    Wwdg,
)
from kiki_tools.stm32.init.register_adc import adc
from kiki_tools.stm32.init.register_blocks import (
    Block,
    acts,
    clock_on,
    enabled,
    pins_on,
)
from kiki_tools.stm32.init.register_can import bxcan, fdcan
from kiki_tools.stm32.init.register_more import copy, crc, cycles, dac, lowpower, mco, pvd, wwdg
from kiki_tools.stm32.init.register_serial import i2c, spi, usart
from kiki_tools.stm32.init.register_timers import capture, encoder, pwm, timer
from kiki_tools.stm32.init.setup import Setup


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
            return adc(setup, number, one, one.wish)
        case Pwm():
            return pwm(setup, number, one, one.wish)
        case Timer():
            return timer(setup, number, one, one.wish)
        case Can():
            can = fdcan if setup.family.name == "g4" else bxcan
            return can(setup, number, one, one.wish)
        case Usb():
            return _usb(setup, one)
        case Rtc():
            return _rtc(setup, one.wish)
        case Iwdg():
            return _iwdg(setup, one.wish)
        case Wwdg():
            return wwdg(setup, one.wish)
        case Dac():
            return dac(setup, number, one, one.wish)
        case Encoder():
            return encoder(setup, one, one.wish)
        case Capture():
            return capture(setup, number, one, one.wish)
        case Mco():
            return mco(setup, number, one, one.wish)
        case Lowpower():
            return lowpower(setup, one.wish)
        case Pvd():
            return pvd(setup, one.wish)
        case Crc():
            return crc(setup)
        case Copy():
            return copy(setup, number, one.wish)
        case Cycles():
            return cycles(setup)
    return None


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
        *([f"RTC->TR = 0x{_decimal(wish.time):X}U; /* {wish.time} */"] if wish.time else []),
        *([f"RTC->DR = 0x{_date(wish.date):X}U; /* {wish.date} */"] if wish.date else []),
        f"RTC->{status} &= ~RTC_{status}_INIT;",
        *_wake_up(setup, wish, status),
        *_alarm(setup, wish, status),
        "RTC->WPR = 0xFFU;",
    ]  # fmt: skip
    variables, vectors = [], {}
    pending = "PR1" if new else "PR"
    toggle = acts(wish)
    if wish.wakeup_s:
        init += enabled("RTC_WKUP")
        clear, line = ("SCR = 1U << 2", 20) if new else ("ISR = ~((1U << 10) | RTC_ISR_INIT)", 22)
        vectors["RTC_WKUP"] = [f"RTC->{clear};", f"EXTI->{pending} = 1U << {line};", "rtc_wakeups++;", *toggle]
        variables.append("volatile uint32_t rtc_wakeups;")
    if wish.alarm:
        init += enabled("RTC_Alarm")
        clear = "SCR = 1U" if new else "ISR = ~((1U << 8) | RTC_ISR_INIT)"
        vectors["RTC_Alarm"] = [f"RTC->{clear};", f"EXTI->{pending} = 1U << 17;", "rtc_alarms++;", *toggle]
        variables.append("volatile uint32_t rtc_alarms;")
    return Block("rtc", init, variables, (), [f"extern {each}" for each in variables], vectors)


def _decimal(time: str) -> int:
    """hh:mm:ss as the calendar holds it, in decimal digits; parts that are `--` as 0."""
    hours, minutes, seconds = (int(part.replace("--", "0"), 16) for part in time.split(":"))
    return hours << 16 | minutes << 8 | seconds


def _date(text: str) -> int:
    """A date as DR holds it, with its weekday, Monday 1 (RM0090, 26.6.2)."""
    day = date.fromisoformat(text)
    digits = [int(f"{part:02d}", 16) for part in (day.year % 100, day.month, day.day)]
    return digits[0] << 16 | day.isoweekday() << 13 | digits[1] << 8 | digits[2]


def _wake_up(setup: Setup, wish: Rtc, status: str) -> list[str]:
    """The wake-up timer, on the calendar's clock of 1 Hz, or on a 16th of its oscillator for parts of a second
    (RM0090, 26.3.5; RM0440, 35.3.9)."""
    if not wish.wakeup_s:
        return []
    bank, line = ("1", 20) if setup.family.name == "g4" else ("", 22)
    counts, select = round(wish.wakeup_s), 4
    if wish.wakeup_s != counts:
        rate = 2048 if wish.source == "lse" else 2000
        counts, select = round(wish.wakeup_s * rate), 0
        if not 1 <= counts <= 65536:
            raise ImpossiblePlan(f"a wake-up of {wish.wakeup_s:g} s: parts of a second go up to 32 s, from 0.5 ms on")
    return [
        "RTC->CR &= ~(1U << 10);",
        f"await(&RTC->{status}, 1U << 2, 1U << 2);",
        f"RTC->WUTR = {counts - 1}U; /* every {wish.wakeup_s:g} s */",
        f"RTC->CR = (RTC->CR & ~7U) | {select}U | (1U << 10) | (1U << 14); /* WUTE, WUTIE */",
        f"EXTI->RTSR{bank} |= 1U << {line};",
        f"EXTI->IMR{bank} |= 1U << {line};",
    ]


def _alarm(setup: Setup, wish: Rtc, status: str) -> list[str]:
    """Alarm A, on any day (RM0090, 26.6.7; RM0440, 35.6)."""
    if not wish.alarm:
        return []
    bank = "1" if setup.family.name == "g4" else ""
    hours, minutes, _ = wish.alarm.split(":")
    masks = 1 << 31 | (1 << 23 if hours == "--" else 0) | (1 << 15 if minutes == "--" else 0)
    return [
        "RTC->CR &= ~(1U << 8);",
        f"await(&RTC->{status}, 1U, 1U);",
        f"RTC->ALRMAR = 0x{masks | _decimal(wish.alarm):X}U; /* {wish.alarm}, each day */",
        "RTC->CR |= (1U << 8) | (1U << 12); /* ALRAE, ALRAIE */",
        f"EXTI->RTSR{bank} |= 1U << 17;",
        f"EXTI->IMR{bank} |= 1U << 17;",
    ]


def _iwdg(setup: Setup, wish: Iwdg) -> Block:
    divider, reload = rates.watchdog(wish.timeout_ms)
    window = []
    if wish.closed_ms:
        if setup.family.name != "g4":
            raise ImpossiblePlan("this independent watchdog has no window; the window watchdog (wwdg) has")
        closed = round(wish.closed_ms * rates.LSI / 1000 / divider)
        window = [f"IWDG->WINR = {max(0, reload - closed)}U; /* not before {wish.closed_ms} ms */"]
    init = [
        "IWDG->KR = 0xCCCCU; /* starts, and can't be stopped */",
        "IWDG->KR = 0x5555U;",
        f"IWDG->PR = {divider.bit_length() - 3}U;",
        f"IWDG->RLR = {reload}U; /* {wish.timeout_ms} ms */",
        f"await(&IWDG->SR, {'0x7U' if window else '0x3U'}, 0U);",
        *(window or ["IWDG->KR = 0xAAAAU;"]),
    ]
    functions = [("void iwdg_refresh(void)", ["IWDG->KR = 0xAAAAU;"])]
    loop = [f"delay_ms({wish.closed_ms + 1}U); /* the window is open then */"] if window else []
    return Block("iwdg", init, (), functions, ["void iwdg_refresh(void);"], {}, (), [*loop, "iwdg_refresh();"])
