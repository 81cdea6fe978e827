"""Encoders, capture, the DAC and the window watchdog in C for ST's HAL; clock output, low power; what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus, interrupt
from kiki_tools.stm32.init.hal_parts import Unit, assigned, checked, digits, where_of
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
    Gpio,
    I2c,
    ImpossiblePlan,
    Iwdg,
    Lowpower,
    Mco,
    Pvd,
    Pwm,
    Rtc,
    Spi,
    Systick,
    Timer,
    Usart,
    Wish,
    Wwdg,
)
from kiki_tools.stm32.init.setup import Setup


def unit_more(setup: Setup, number: int, one: Placed) -> Unit | None:
    """The code of a peripheral; None for those that `hal_parts` has, and those without a handle."""
    match one.wish:
        case Encoder():
            return _encoder(one, one.wish)
        case Capture():
            return _capture(setup, number, one, one.wish)
        case Dac():
            return _dac(setup, one, one.wish)
        case Wwdg():
            return _wwdg(setup, one.wish)
    return None


def _base(handle: str, instance: str, prescaler: int, period: int) -> list[str]:
    fields: dict[str, object] = {
        "Prescaler": prescaler, "CounterMode": "TIM_COUNTERMODE_UP", "Period": period,
        "ClockDivision": "TIM_CLOCKDIVISION_DIV1", "RepetitionCounter": 0,
        "AutoReloadPreload": "TIM_AUTORELOAD_PRELOAD_DISABLE",
    }  # fmt: skip
    return [f"{handle}.Instance = {instance};", *assigned(f"{handle}.Init", fields)]


def _encoder(one: Placed, wish: Encoder) -> Unit:
    handle = f"htim{digits(one.instance)}"
    fields: dict[str, object] = {"EncoderMode": "TIM_ENCODERMODE_TI12"}
    for line in (1, 2):
        fields |= {f"IC{line}Polarity": "TIM_ICPOLARITY_RISING", f"IC{line}Selection": "TIM_ICSELECTION_DIRECTTI",
                   f"IC{line}Prescaler": "TIM_ICPSC_DIV1", f"IC{line}Filter": 3}  # fmt: skip
    body = ["TIM_Encoder_InitTypeDef sConfig = {0};", ""]
    body += [*_base(handle, one.instance, 0, wish.counts - 1), *assigned("sConfig", fields)]
    body += checked(f"HAL_TIM_Encoder_Init(&{handle}, &sConfig)")
    start = checked(f"HAL_TIM_Encoder_Start(&{handle}, TIM_CHANNEL_ALL)")
    name = f"MX_{one.instance}_Init"
    return Unit(handle, "TIM_HandleTypeDef", one.instance, name, "TIM_Encoder", body, ("TIM",), start)


def _capture(setup: Setup, number: int, one: Placed, wish: Capture) -> Unit:
    handle = f"htim{digits(one.instance)}"
    clock = setup.tree.timer_clock(bus(setup.family, one.instance))
    prescaler, _ = rates.tick(clock, wish.tick_hz, where_of(number, one))
    polarity = {"rising": "RISING", "falling": "FALLING", "both": "BOTHEDGE"}[wish.edge]
    fields: dict[str, object] = {
        "ICPolarity": f"TIM_ICPOLARITY_{polarity}", "ICSelection": "TIM_ICSELECTION_DIRECTTI",
        "ICPrescaler": "TIM_ICPSC_DIV1", "ICFilter": 3,
    }  # fmt: skip
    body = ["TIM_IC_InitTypeDef sConfigIC = {0};", "", *_base(handle, one.instance, prescaler, 65535)]
    body += [*checked(f"HAL_TIM_IC_Init(&{handle})"), *assigned("sConfigIC", fields)]
    body += checked(f"HAL_TIM_IC_ConfigChannel(&{handle}, &sConfigIC, TIM_CHANNEL_{wish.channel})")
    start = checked(f"HAL_TIM_IC_Start_IT(&{handle}, TIM_CHANNEL_{wish.channel})")
    vectors = {interrupt(setup.part.device, one.instance, "CC"): f"HAL_TIM_IRQHandler(&{handle});"}
    name = f"MX_{one.instance}_Init"
    return Unit(handle, "TIM_HandleTypeDef", one.instance, name, "TIM_IC", body, ("TIM",), start, vectors)


def _dac(setup: Setup, one: Placed, wish: Dac) -> Unit:
    handle = "hdac" if one.instance == "DAC" else "hdac1"
    fields: dict[str, object] = {"DAC_Trigger": "DAC_TRIGGER_NONE", "DAC_OutputBuffer": "DAC_OUTPUTBUFFER_ENABLE"}
    if setup.family.name == "g4":
        fields |= {"DAC_HighFrequency": "DAC_HIGH_FREQUENCY_INTERFACE_MODE_AUTOMATIC",
                   "DAC_SampleAndHold": "DAC_SAMPLEANDHOLD_DISABLE", "DAC_UserTrimming": "DAC_TRIMMING_FACTORY",
                   "DAC_ConnectOnChipPeripheral": "DAC_CHIPCONNECT_EXTERNAL"}  # fmt: skip
    body = ["DAC_ChannelConfTypeDef sConfig = {0};", "", f"{handle}.Instance = {one.instance};"]
    body += [*checked(f"HAL_DAC_Init(&{handle})"), *assigned("sConfig", fields)]
    start: list[str] = []
    code = min(4095, round(wish.start_mv * 4095 / wish.reference_mv))
    for each in sorted(wish.channels):
        body += checked(f"HAL_DAC_ConfigChannel(&{handle}, &sConfig, DAC_CHANNEL_{each})")
        start += checked(f"HAL_DAC_SetValue(&{handle}, DAC_CHANNEL_{each}, DAC_ALIGN_12B_R, {code}U)")
        start += checked(f"HAL_DAC_Start(&{handle}, DAC_CHANNEL_{each})")
    return Unit(handle, "DAC_HandleTypeDef", one.instance, "MX_DAC_Init", "DAC", body, ("DAC",), start)


def _wwdg(setup: Setup, wish: Wwdg) -> Unit:
    flexible = setup.family.name == "g4"
    power, count, closed = rates.window_watchdog(
        setup.tree.pclk1, wish.timeout_ms, wish.closed_ms, 7 if flexible else 3
    )
    window = min(0x7F, 0x40 + count - closed)
    fields: dict[str, object] = {"Prescaler": f"WWDG_PRESCALER_{2**power}", "Window": window, "Counter": 0x40 + count,
                                 "EWIMode": "WWDG_EWI_DISABLE"}  # fmt: skip
    body = ["hwwdg.Instance = WWDG;", *assigned("hwwdg.Init", fields), *checked("HAL_WWDG_Init(&hwwdg)")]
    inside = checked("HAL_WWDG_Refresh(&hwwdg)")
    loop = inside if not closed else [f"if ((WWDG->CR & 0x7FU) <= 0x{window:X}U) /* the window is open */", "{",
                                      *(f"  {line}" for line in inside), "}"]  # fmt: skip
    return Unit("hwwdg", "WWDG_HandleTypeDef", "WWDG", "MX_WWDG_Init", "WWDG", body, ("WWDG",), loop=loop)


def clock_output(setup: Setup) -> list[str]:
    """What puts a clock out, at the end of SystemClock_Config."""
    wish = next((one.wish for one in setup.placed if isinstance(one.wish, Mco)), None)
    if wish is None:
        return []
    source = "PLLCLK" if wish.source == "PLL" else wish.source
    return ["", f"HAL_RCC_MCOConfig(RCC_MCO1, RCC_MCO1SOURCE_{source}, RCC_MCODIV_{wish.divider});"]


def sleeping(setup: Setup) -> list[str]:
    """What main's loop does to save power."""
    wish = next((one.wish for one in setup.placed if isinstance(one.wish, Lowpower)), None)
    if wish is None:
        return []
    if wish.mode == "standby":
        return ["HAL_PWR_EnableWakeUpPin(PWR_WAKEUP_PIN1);", "HAL_PWR_EnterSTANDBYMode();"]
    if wish.mode == "stop":
        calls = ["HAL_PWR_EnterSTOPMode(PWR_LOWPOWERREGULATOR_ON, PWR_STOPENTRY_WFI);",
                 "SystemClock_Config(); /* after Stop the core runs from HSI */"]  # fmt: skip
    else:
        calls = ["HAL_PWR_EnterSLEEPMode(PWR_MAINREGULATOR_ON, PWR_SLEEPENTRY_WFI);"]
    return ["HAL_SuspendTick();", *calls, "HAL_ResumeTick();"]


_REGISTERS_ONLY: Mapping[type[Wish], tuple[str, ...]] = {
    Usart: ("idle", "circular", "half_duplex", "driver_enable", "ring", "oversampling", "kernel", "printf", "reports",
            "toggles", "inverted", "lin", "timeout_bits", "fifo", "forwards", "values", "quiet_ms", "commands"),
    Spi: ("one_line", "divider", "command", "reply", "select"), I2c: ("slave", "address", "writes", "reads"),
    Adc: ("internal", "injected", "low", "high", "oversample", "toggles", "sets", "clears", "differential", "average"),
    Pwm: ("follows", "duties", "open_drain", "fade_ms", "aligned", "inverted", "stop", "one_pulse", "interrupt",
          "trigger"),
    Timer: ("tick_hz", "one_pulse", "every", "prescaler", "samples"), Capture: ("pwm", "counts", "etr"),
    Dac: ("trigger", "wave", "dma", "buffered", "second_mv"),
    Can: ("filter_id", "send_id", "data_bitrate"),
    Gpio: ("high_ms", "burst", "chase_ms", "debounce_ms", "follows", "gate", "turn_ms", "sets", "clears"),
    Rtc: ("time", "date", "alarm", "toggles", "sets", "clears"), Iwdg: ("closed_ms",), Wwdg: ("interrupt",),
    Lowpower: ("wake_pin", "after_ms", "woken"), Pvd: (),
    Systick: ("toggles",), Crc: (), Copy: (), Cycles: (),
}  # fmt: skip
"""What no HAL code is made for, by kind; an empty list: nothing of the kind."""


def only_registers(setup: Setup) -> None:
    """Raises ImpossiblePlan where a plan asks for what only the register style has."""
    lost = []
    for number, one in enumerate(setup.placed):
        kind = type(one.wish)
        if kind not in _REGISTERS_ONLY:
            continue
        named = _REGISTERS_ONLY[kind]
        usual = {each.name: each.default for each in fields(kind)}
        more = [name for name in named if getattr(one.wish, name) != usual[name]]
        priority = getattr(one.wish, "priority", 5)
        more += ["priority"] if priority != 5 else []
        more += ["LPUART1"] if one.instance == "LPUART1" else []
        if isinstance(one.wish, Adc) and one.wish.trigger not in ("", "TIM2", "TIM3"):
            more.append(one.wish.trigger)
        if isinstance(one.wish, Mco) and (one.wish.output != 1 or one.wish.divider not in (1, 2, 4)
                                          or one.wish.source not in ("HSI", "HSE", "PLL", "LSE")):  # fmt: skip
            more.append(f"MCO{one.wish.output}")
        if isinstance(one.wish, Gpio) and one.wish.direction == "analog":
            more.append("analog")
        if isinstance(one.wish, Rtc) and one.wish.wakeup_s != int(one.wish.wakeup_s):
            more.append("wakeup_s")
        if isinstance(one.wish, Systick) and one.wish.frequency_hz not in (1000, 100, 10):
            more.append("frequency_hz")
        if more or not named:
            lost.append(f"peripherals[{number}] ({one.instance or kind.__name__}): style hal has no "
                        f"{', '.join(more) or kind.__name__.lower()}; choose style register")  # fmt: skip
    if lost:
        raise ImpossiblePlan(*lost)
