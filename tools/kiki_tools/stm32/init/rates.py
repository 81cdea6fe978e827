"""What speeds come to: dividers for baud rates, buses, timers, converters and bit timings; hertz and seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.init.plan import ImpossiblePlan

_MOST_BAUD_ERROR = 0.02
_MOST_CAN_ERROR = 0.001
_MOST_TICK_ERROR = 0.02
LSI = 32_000


@dataclass(frozen=True, slots=True)
class Baud:
    """A UART's divider (`BRR` as it is written), whether it samples 8 times a bit, and the rate that it makes."""

    brr: int
    over8: bool
    actual: float


def baud(clock: int, wanted: int, where: str, samples: int = 0) -> Baud:
    """The divider for a baud rate (RM0090, 30.3.4; RM0440, 37.5.8). Raises ImpossiblePlan beyond 2 % of error."""
    over8 = samples == 8 or (clock / wanted < 16 and samples != 16)
    divider = round((2 if over8 else 1) * clock / wanted)
    if divider < 16:
        raise ImpossiblePlan(
            f"{where}: {wanted} baud are too fast for its clock of {shown(clock)}: at most {clock // 8}"
        )
    if divider > 0xFFFF:
        raise ImpossiblePlan(
            f"{where}: {wanted} baud are too slow for its clock of {shown(clock)}: at least {ceil(clock / 0xFFFF)}"
        )
    actual = clock * (2 if over8 else 1) / divider
    if abs(actual / wanted - 1) > _MOST_BAUD_ERROR:
        raise ImpossiblePlan(
            f"{where}: {wanted} baud come to {actual:.0f} ({actual / wanted - 1:+.1%}) from {shown(clock)}; "
            f"within 2 % are {clock // (divider + 1)} or another SYSCLK"
        )
    brr = (divider & ~0xF) | ((divider & 0xF) >> 1) if over8 else divider
    return Baud(brr, over8, actual)


def low_power_baud(clock: int, wanted: int, where: str) -> int:
    """LPUART's BRR: 256 times the clock by the rate, 0x300 to 0xFFFFF (RM0440, 38.4.7)."""
    divider = round(256 * clock / wanted)
    if not 0x300 <= divider <= 0xFFFFF:
        raise ImpossiblePlan(
            f"{where}: {wanted} baud can't be made from {shown(clock)}: {clock // 4096} to {clock // 3}"
        )
    return divider


def spi_divider(clock: int, most: int, where: str) -> int:
    """The power of two, 2 to 256, that keeps an SPI clock at or below ``most``."""
    for power in range(1, 9):
        if clock / 2**power <= most:
            return int(2**power)
    raise ImpossiblePlan(f"{where}: at most {shown(most)}, but the slowest clock is {shown(clock / 256)}")


@dataclass(frozen=True, slots=True)
class Count:
    """A timer's prescaler and period as its registers hold them (one less), and the frequency that they make."""

    prescaler: int
    period: int
    actual: float


def count(clock: int, wanted: float, where: str, *, wide: bool) -> Count:
    """Prescaler and period for a frequency: exact if it can be, else the nearest; the longest period first."""
    total = clock / wanted
    most = 2**32 - 1 if wide else 2**16 - 1
    if total < 2:
        raise ImpossiblePlan(f"{where}: {shown(wanted)} are too fast for its clock of {shown(clock)}")
    first = max(1, ceil(total / most))
    if first > 65536:
        raise ImpossiblePlan(f"{where}: {wanted:g} Hz are too slow for its clock of {shown(clock)}")
    best = (float("inf"), 0, 0)
    for prescaler in range(first, min(first + 2000, 65537)):
        period = max(2, round(total / prescaler))
        if period > most:
            continue
        error = abs(clock / (prescaler * period) / wanted - 1)
        if error < best[0] - 1e-12:
            best = (error, prescaler, period)
        if error == 0:
            break
    return Count(best[1] - 1, best[2] - 1, clock / (best[1] * best[2]))


@dataclass(frozen=True, slots=True)
class Bits:
    """A CAN bit: prescaler, time quanta before and after the sample point (without the first), jump width."""

    prescaler: int
    before: int
    after: int
    jump: int
    actual: float

    @property
    def sample(self) -> float:
        """The sample point as a part of the bit."""
        return (1 + self.before) / (1 + self.before + self.after)


def can_bits(clock: int, wanted: int, sample: float, where: str, *, flexible: bool, data: bool = False) -> Bits:
    """The bit timing (bxCAN: RM0090, 32.7.7; ``flexible``: FDCAN, RM0440, 44.4): exact, near the sample point."""
    most_before, most_after, most_prescaler = (256, 128, 512) if flexible else (16, 8, 1024)
    if data:  # DBTP's fields (RM0440, 44.4.4)
        most_before, most_after, most_prescaler = 32, 16, 32
    found: list[tuple[float, float, int, Bits]] = []
    for quanta in range(5 if data else 8, 49 if data else 81 if flexible else 26):
        prescaler = round(clock / wanted / quanta)
        if not 1 <= prescaler <= most_prescaler:
            continue
        actual = clock / (prescaler * quanta)
        before = min(most_before, max(2 if flexible else 1, round(sample * quanta) - 1))
        after = quanta - 1 - before
        if not (2 if flexible else 1) <= after <= most_after:
            continue
        bits = Bits(prescaler, before, after, min(4, after), actual)
        found.append((round(abs(actual / wanted - 1), 9), round(abs(bits.sample - sample), 4), -quanta, bits))
    if not found or min(found, key=lambda each: each[:3])[0] > _MOST_CAN_ERROR:
        near = f"; it comes to {min(found)[3].actual:.0f} at best" if found else ""
        raise ImpossiblePlan(
            f"{where}: {wanted} bit/s can't be made exactly from {shown(clock)}{near}; try another SYSCLK"
        )
    return min(found, key=lambda each: each[:3])[3]


def watchdog(timeout_ms: int) -> tuple[int, int]:
    """The independent watchdog's divider (4 to 256) and reload value, from its 32 kHz; rounded up."""
    for divider in (4, 8, 16, 32, 64, 128, 256):
        reload = ceil(timeout_ms * LSI / 1000 / divider)
        if reload <= 4096:
            return divider, reload - 1
    raise ImpossiblePlan(f"a watchdog of {timeout_ms} ms is too slow: at most 32 768 ms")


def dead_time(clock: int, wanted_ns: int, where: str) -> int:
    """DTG of a timer's BDTR for at least so many nanoseconds (RM0090, 17.4.18)."""
    counts = ceil(wanted_ns * 1e-9 * clock - 1e-9)
    for top, base, step in ((0x00, 0, 1), (0x80, 64, 2), (0xC0, 32, 8), (0xE0, 32, 16)):
        most = 127 if step == 1 else 63 if step == 2 else 31
        low = max(0, ceil(counts / step) - base)
        if low <= most:
            return top | low
    raise ImpossiblePlan(f"{where}: a dead time of {wanted_ns} ns is too long: at most {1008 / clock * 1e9:.0f} ns")


def tick(clock: int, wanted: int, where: str) -> tuple[int, float]:
    """The prescaler, as its register holds it, for a timer that counts so many hertz; and what it makes."""
    prescaler = min(65536, max(1, round(clock / wanted)))
    actual = clock / prescaler
    if abs(actual / wanted - 1) > _MOST_TICK_ERROR:
        raise ImpossiblePlan(f"{where}: {shown(wanted)} can't be counted from {shown(clock)}; near is {actual:.6g} Hz")
    return prescaler - 1, actual


def window_watchdog(clock: int, timeout_ms: float, closed_ms: float, most_power: int) -> tuple[int, int, int]:
    """The window watchdog's prescaler (a power of two), its counts to the reset (less one), and those of them in which
    it mustn't be refreshed; the timeout is rounded up (RM0090, 22.4)."""
    for power in range(most_power + 1):
        unit = 4096 * 2**power / clock * 1e3
        count = max(1, ceil(timeout_ms / unit - 1e-9))
        if count <= 64:
            return power, count - 1, min(count - 1, int(closed_ms / unit))
    longest = 64 * 4096 * 2**most_power / clock * 1e3
    raise ImpossiblePlan(
        f"a window watchdog of {timeout_ms:g} ms is too slow for APB1's {shown(clock)}: at most {longest:.4g} ms; "
        "the independent watchdog (iwdg) goes up to 32 s"
    )


_SLOW_MODE = 100_000
_FAST_MODE = 400_000
_FAST_PLUS = 1_000_000


@dataclass(frozen=True, slots=True)
class I2cOld:
    """The older I2C's registers: FREQ in MHz, CCR with its mode bit, TRISE (RM0090, 27.6)."""

    frequency: int
    ccr: int
    rise: int


def i2c_old(clock: int, wanted: int, where: str) -> I2cOld:
    """The timing of F4's I2C; in fast mode low is twice as long as high."""
    if wanted > _FAST_MODE:
        raise ImpossiblePlan(f"{where}: {shown(wanted)}; this I2C goes up to 400 kHz")
    megahertz = clock // 1_000_000
    if megahertz < (2 if wanted <= _SLOW_MODE else 4):
        raise ImpossiblePlan(f"{where}: its clock of {shown(clock)} is too slow for {shown(wanted)}")
    if wanted <= _SLOW_MODE:
        return I2cOld(megahertz, max(4, ceil(clock / (2 * wanted))), megahertz + 1)
    return I2cOld(megahertz, 0x8000 | max(1, ceil(clock / (3 * wanted))), megahertz * 300 // 1000 + 1)


def i2c_new(clock: int, wanted: int, where: str) -> int:
    """TIMINGR of the newer I2C (RM0440, 41.4.10), for the rise and fall times that the bus specification allows.

    The period counts no rise time: on a real bus the clock is a little slower than wished, never faster.
    """
    if wanted > _FAST_PLUS:
        raise ImpossiblePlan(f"{where}: {shown(wanted)}; this I2C goes up to 1 MHz")
    rise, fall, setup, low, valid = (
        (1000e-9, 300e-9, 250e-9, 4.7e-6, 3.45e-6)
        if wanted <= _SLOW_MODE
        else (300e-9, 300e-9, 100e-9, 1.3e-6, 0.9e-6)
        if wanted <= _FAST_MODE
        else (120e-9, 120e-9, 50e-9, 0.5e-6, 0.45e-6)
    )
    filter_least, filter_most = 50e-9, 260e-9
    tick = 1 / clock
    best: tuple[float, int, int] | None = None
    for prescaler in range(16):
        unit = (prescaler + 1) * tick
        hold_least = max(0, ceil((fall - filter_least - 3 * tick) / unit))
        hold_most = int(max(0.0, valid - rise - filter_most - 4 * tick) / unit)
        hold, delay = min(hold_least, max(hold_most, 0), 15), max(0, ceil((rise + setup) / unit) - 1)
        sync = 2 * (filter_least + 2 * tick)
        low_count = max(1, ceil((low - filter_least - 2 * tick) / unit))
        high_count = max(1, ceil((1 / wanted - sync) / unit - low_count))
        if delay > 15 or low_count > 256 or high_count > 256 or hold_least > 15:
            continue
        error = (low_count + high_count) * unit + sync - 1 / wanted
        timing = prescaler << 28 | delay << 20 | hold << 16 | (high_count - 1) << 8 | (low_count - 1)
        if best is None or (round(error, 10), prescaler) < best[:2]:
            best = (round(error, 10), prescaler, timing)
    if best is None:
        raise ImpossiblePlan(f"{where}: {shown(wanted)} can't be made from {shown(clock)}")
    return best[2]


def sampling(clock: float, wanted_us: float, cycles: Sequence[float], where: str) -> float:
    """The shortest sampling time, in the converter's cycles, that lasts so long."""
    for each in cycles:
        if each / clock >= wanted_us * 1e-6:
            return each
    raise ImpossiblePlan(f"{where}: it samples for at most {cycles[-1] / clock * 1e6:.4g} us at {shown(clock)}")
