"""What the numbers of a request come to in the registers: the requirements, wanted and got."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kiki_core.events import Requirement
from kiki_tools.stm32.init import rates
from kiki_tools.stm32.init.families import bus
from kiki_tools.stm32.init.hal_parts import converter, period
from kiki_tools.stm32.init.pins import Placed
from kiki_tools.stm32.init.register_serial import low_power_clock
from kiki_tools.stm32.init.register_timers import centred
from kiki_tools.stm32.init.setup import Setup

_TOLERANCES = {"baud": 0.02, "Hz": 0.01, "bit/s": 0.001, "%": 0.01, "s": 0.02, "V": 0.01}


def requirements(setup: Setup, asked: dict[str, Any]) -> tuple[Requirement, ...]:
    """Every number that the plan states, with what the chosen dividers make of it; ``asked``: the plan as JSON."""
    found: list[Requirement] = []
    wish = asked.get("clock", {})
    if wish.get("sysclk_hz"):
        found.append(_same("core clock (SYSCLK)", wish["sysclk_hz"], "Hz", float(setup.tree.sysclk)))
    for key, what, got in (("hclk_hz", "AHB clock", setup.tree.hclk), ("pclk1_hz", "APB1 clock", setup.tree.pclk1),
                           ("pclk2_hz", "APB2 clock", setup.tree.pclk2)):  # fmt: skip
        if wish.get(key):
            found.append(_same(what, wish[key], "Hz", float(got)))
    for number, one in enumerate(setup.placed):
        entry = asked["peripherals"][number]
        found += _of(setup, number, one, entry)
    return tuple(found)


def _same(quantity: str, value: float, unit: str, measured: float) -> Requirement:
    tolerance = _TOLERANCES[unit]
    return Requirement(quantity, "=", value, unit, measured, abs(measured - value) <= tolerance * abs(value) + 1e-12)


def _of(setup: Setup, number: int, one: Placed, entry: dict[str, Any]) -> Iterator[Requirement]:
    name, kind = one.instance, entry["kind"]
    where = f"peripherals[{number}]"
    if kind == "usart" and "baud" in entry:
        if name == "LPUART1":
            clock = low_power_clock(setup, one.wish)[1]  # type: ignore[arg-type]
            actual = 256 * clock / rates.low_power_baud(clock, entry["baud"], where)
        else:
            actual = rates.baud(setup.tree.pclk(bus(setup.family, name)), entry["baud"], where).actual
        yield _same(f"{name} baud rate", entry["baud"], "baud", actual)
    elif kind == "spi" and "max_hz" in entry and not entry.get("divider") and entry.get("role") != "slave":
        clock = setup.tree.pclk(bus(setup.family, name))
        actual = clock / rates.spi_divider(clock, entry["max_hz"], where)
        yield Requirement(f"{name} clock", "<=", entry["max_hz"], "Hz", actual, actual <= entry["max_hz"])
    elif kind == "i2c" and "speed_hz" in entry:
        actual = _i2c_speed(setup, entry["speed_hz"], where)
        # The bus' speed is a limit; rise times make it a little slower than the counters say.
        yield Requirement(f"{name} clock", "<=", entry["speed_hz"], "Hz", actual, actual <= entry["speed_hz"] * 1.005)
    elif kind == "timer" and entry.get("tick_hz"):
        clock = setup.tree.timer_clock(bus(setup.family, name))
        yield _same(f"{name} count rate", entry["tick_hz"], "Hz", rates.tick(clock, entry["tick_hz"], where)[1])
    elif kind == "pwm" and entry.get("one_pulse"):
        clock, total = setup.tree.timer_clock(bus(setup.family, name)), 1 / entry["frequency_hz"]
        width = total * entry["duty_percent"] / 100
        prescaler = max(1, -(-round(total * clock) // 65535))
        yield _same(f"{name} pulse", width, "s", round(width * clock / prescaler) * prescaler / clock)
    elif kind in ("pwm", "timer") and "frequency_hz" in entry:
        centre = kind == "pwm" and entry.get("aligned") == "center"
        counted = centred(setup, number, one, one.wish) if centre else period(  # type: ignore[arg-type]
            setup, number, one, entry["frequency_hz"]
        )  # fmt: skip
        yield _same(f"{name} frequency", entry["frequency_hz"], "Hz", counted.actual)
        for channel, duty in zip(sorted(entry.get("channels", ())), entry.get("duties", ()), strict=False):
            part = 100 * round((counted.period + (not centre)) * duty / 100) / (counted.period + (not centre))
            yield Requirement(f"{name} channel {channel} duty cycle", "=", duty, "%", part, abs(part - duty) <= 0.5)
        if "duty_percent" in entry:
            whole = counted.period + (not centre)
            part = 100 * round(whole * entry["duty_percent"] / 100) / whole
            ok = abs(part - entry["duty_percent"]) <= 0.5
            yield Requirement(f"{name} duty cycle", "=", entry["duty_percent"], "%", part, ok)
        if entry.get("dead_time_ns"):
            clock = setup.tree.timer_clock(bus(setup.family, name))
            got = _dead_time(rates.dead_time(clock, entry["dead_time_ns"], where)) / clock
            yield Requirement(f"{name} dead time", ">=", entry["dead_time_ns"] * 1e-9, "s", got, True)
    elif kind == "can" and "bitrate" in entry:
        flexible = setup.family.name == "g4"
        sample = entry.get("sample_percent", 87.5) / 100
        bits = rates.can_bits(setup.tree.pclk1, entry["bitrate"], sample, where, flexible=flexible)
        yield _same(f"{name} bit rate", entry["bitrate"], "bit/s", bits.actual)
        if "sample_percent" in entry:
            got = 100 * bits.sample
            yield Requirement(f"{name} sample point", "=", 100 * sample, "%", got, abs(got - 100 * sample) <= 3)
    elif kind == "adc" and "sample_us" in entry:
        divider, cycles, _ = converter(setup, number, one, one.wish)  # type: ignore[arg-type]
        rate = (setup.tree.pclk2 if setup.family.name == "f4" else setup.tree.hclk) / divider
        yield Requirement(f"{name} sampling time", ">=", entry["sample_us"] * 1e-6, "s", cycles / rate, True)
    elif kind == "iwdg" and "timeout_ms" in entry:
        divider, reload = rates.watchdog(entry["timeout_ms"])
        yield _same("watchdog timeout", entry["timeout_ms"] / 1e3, "s", (reload + 1) * divider / rates.LSI)
    elif kind == "wwdg" and "timeout_ms" in entry:
        most = 7 if setup.family.name == "g4" else 3
        power, count, _ = rates.window_watchdog(
            setup.tree.pclk1, entry["timeout_ms"], entry.get("closed_ms", 0.0), most
        )
        got = (count + 1) * 4096 * 2**power / setup.tree.pclk1
        yield Requirement("window watchdog timeout", ">=", entry["timeout_ms"] / 1e3, "s", got, True)
    elif kind == "capture" and "tick_hz" in entry:
        clock = setup.tree.timer_clock(bus(setup.family, name))
        yield _same(f"{name} count rate", entry["tick_hz"], "Hz", rates.tick(clock, entry["tick_hz"], where)[1])
    elif kind == "dac" and entry.get("start_mv"):
        code = min(4095, round(entry["start_mv"] * 4095 / 3300))
        yield _same("DAC output at the start", entry["start_mv"] / 1e3, "V", code * 3.3 / 4095)


def _dead_time(value: int) -> int:
    """Counts of a dead time from BDTR's DTG (RM0090, 17.4.18)."""
    if value < 0x80:
        return value
    if value < 0xC0:
        return (64 + (value & 0x3F)) * 2
    return (32 + (value & 0x1F)) * (8 if value < 0xE0 else 16)


def _i2c_speed(setup: Setup, wanted: int, where: str) -> float:
    clock = setup.tree.pclk1
    if setup.family.name == "f4":
        timing = rates.i2c_old(clock, wanted, where)
        return clock / ((3 if timing.ccr & 0x8000 else 2) * (timing.ccr & 0xFFF))
    timing_register = rates.i2c_new(clock, wanted, where)
    unit = ((timing_register >> 28) + 1) / clock
    counts = (timing_register & 0xFF) + (timing_register >> 8 & 0xFF) + 2
    return 1 / (counts * unit + 2 * (50e-9 + 2 / clock))
