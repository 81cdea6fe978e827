"""The clock tree for a plan: PLL, prescalers, wait states, 48 MHz; and what can be had where the wish can't."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.init.families import Family, bus_limits, oscillator
from kiki_tools.stm32.init.plan import Clock, ImpossiblePlan

_USB = 48_000_000
_NORMAL_G4 = 150_000_000
"""A G4 above this runs in boost mode (RM0440, 6.1.5)."""
_OVERDRIVE = 168_000_000
"""An F42x, F43x, F446, F469 or F479 above this needs over-drive (RM0090, 5.1.4)."""
_WAIT_G4_NORMAL = 30_000_000


@dataclass(frozen=True, slots=True)
class Pll:
    """The PLL's factors; ``output`` divides for SYSCLK (P or R of the family), ``q`` for 48 MHz."""

    m: int
    n: int
    output: int
    q: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The clocks in hertz and what makes them.

    ``source``: HSI or HSE. ``pll``: None where SYSCLK is the source itself. ``latency``: wait states. ``scale``: of the
    voltage regulator, in HAL's words. ``usb``: where 48 MHz come from: PLL, HSI48 or empty.
    """

    source: str
    source_hz: int
    bypass: bool
    pll: Pll | None
    sysclk: int
    ahb: int
    apb1: int
    apb2: int
    latency: int
    scale: str
    overdrive: bool
    usb: str

    @property
    def hclk(self) -> int:
        """The clock of core, memories and DMA."""
        return self.sysclk // self.ahb

    @property
    def pclk1(self) -> int:
        """The clock of APB1."""
        return self.hclk // self.apb1

    @property
    def pclk2(self) -> int:
        """The clock of APB2."""
        return self.hclk // self.apb2

    def pclk(self, bus: int) -> int:
        """The clock of an APB."""
        return self.pclk1 if bus == 1 else self.pclk2

    def timer_clock(self, bus: int) -> int:
        """The clock of the timers on an APB: twice the bus's where that is divided."""
        divider = self.apb1 if bus == 1 else self.apb2
        return self.pclk(bus) if divider == 1 else 2 * self.pclk(bus)


def solve(clock: Clock, family: Family, device: Device, *, usb: bool) -> Tree:
    """The clock tree for a wish.

    Raises:
        ImpossiblePlan: says what limits it and which frequencies can be had.
    """
    source_hz = family.hsi if clock.source == "HSI" else clock.hse_hz
    low, high = family.hse
    if clock.source == "HSE" and not low <= source_hz <= high:
        raise ImpossiblePlan(
            f"clock.hse_hz: {shown(source_hz)}; {device.name} takes a crystal of {shown(low)} to {shown(high)}"
        )
    if clock.sysclk_hz > device.max_hz:
        raise ImpossiblePlan(
            f"clock.sysclk_hz: {shown(clock.sysclk_hz)}; {device.name} goes up to {shown(device.max_hz)}"
        )
    exact_48 = usb and family.name == "f4"
    choices = list(_choices(source_hz, family, device, exact_48=exact_48))
    wanted = clock.sysclk_hz or max((hertz for hertz, _ in choices), default=0)
    pll: Pll | None = None
    if wanted != source_hz or exact_48:
        fitting = [found for hertz, found in choices if hertz == wanted]
        if not fitting:
            raise ImpossiblePlan(_not_reached(wanted, source_hz, clock, choices, exact_48=exact_48))
        pll = min(fitting, key=lambda each: _rank(each, source_hz, family))
    slow, fast = bus_limits(family, device)
    ahb = _divider("clock.hclk_hz", clock.hclk_hz, wanted, device.max_hz, _AHB)
    apb1 = _divider("clock.pclk1_hz", clock.pclk1_hz, wanted // ahb, slow, _APB)
    apb2 = _divider("clock.pclk2_hz", clock.pclk2_hz, wanted // ahb, fast, _APB)
    overdrive = family.name == "f4" and wanted > _OVERDRIVE
    return Tree(
        clock.source,
        source_hz,
        clock.bypass,
        pll,
        wanted,
        ahb,
        apb1,
        apb2,
        _latency(wanted // ahb, family, device),
        _scale(wanted, family, device),
        overdrive,
        ("PLL" if family.name == "f4" else "HSI48") if usb else "",
    )


_AHB, _APB = (1, 2, 4, 8, 16, 64, 128, 256, 512), (1, 2, 4, 8, 16)


def _divider(what: str, wish: int, clock: int, most: float, dividers: tuple[int, ...]) -> int:
    """A bus's divider: the one that is wished, else the smallest that keeps it at or below ``most`` hertz."""
    if not wish:
        return next(divider for divider in dividers if clock / divider <= most)
    found = next((divider for divider in dividers if abs(clock / divider - wish) < 1), None)
    if wish > most:
        raise ImpossiblePlan(f"{what}: {shown(wish)}; it goes up to {shown(int(most))}")
    if found is None:
        near = sorted((clock / divider for divider in dividers), key=lambda each: abs(each - wish))[:2]
        raise ImpossiblePlan(
            f"{what}: {shown(wish)} isn't a power of two below {shown(clock)}; near are "
            + " and ".join(shown(int(each)) for each in near)
        )
    return found


def _choices(source_hz: int, family: Family, device: Device, *, exact_48: bool) -> Iterator[tuple[int, Pll]]:
    """Every frequency in whole hertz that the PLL can make, with its factors."""
    low, high = oscillator(family, device)
    for m in family.m:
        if not family.pll_input[0] <= source_hz / m <= family.pll_input[1]:
            continue
        for n in family.n:
            vco = source_hz * n / m
            if not low <= vco <= high:
                continue
            q = next((each for each in family.q if vco == _USB * each), None)
            if q is None and exact_48:
                continue
            if q is None:
                q = next((each for each in family.q if vco / each <= _USB), family.q[-1])
            for output in family.outputs:
                hertz = vco / output
                if hertz == int(hertz) and hertz <= device.max_hz:
                    yield int(hertz), Pll(m, n, output, q)


def _rank(pll: Pll, source_hz: int, family: Family) -> tuple[float, float, int]:
    """Least jitter first: a fast input (F4: 2 MHz, RM0090 7.3.2), then a slow oscillator."""
    best = 2e6 if family.name == "f4" else 8e6
    return abs(source_hz / pll.m - best), source_hz * pll.n / pll.m, pll.output


def _not_reached(wanted: int, source_hz: int, clock: Clock, choices: list[tuple[int, Pll]], *, exact_48: bool) -> str:
    near = sorted({hertz for hertz, _ in choices}, key=lambda hertz: (abs(hertz - wanted), hertz))
    whole = [hertz for hertz in near if hertz % 1_000_000 == 0][:3] or near[:3]
    with_usb = " with 48 MHz for USB" if exact_48 else ""
    what = f"clock.sysclk_hz: no PLL factors make {shown(wanted)}{with_usb} from {clock.source} of {shown(source_hz)}"
    return what + (f"; near are {', '.join(map(shown, whole))}" if whole else "; no frequency can be made from it")


def _latency(hertz: int, family: Family, device: Device) -> int:
    """The flash's wait states at 2.7 V and more."""
    if family.name == "g4" and hertz <= _NORMAL_G4:
        return (hertz - 1) // _WAIT_G4_NORMAL
    states = device.wait_states[max(device.wait_states)]
    return next(count for count, limit in enumerate(states) if hertz <= limit)


def _scale(hertz: int, family: Family, device: Device) -> str:
    if family.name == "g4":
        return "PWR_REGULATOR_VOLTAGE_SCALE1_BOOST" if hertz > _NORMAL_G4 else "PWR_REGULATOR_VOLTAGE_SCALE1"
    return "PWR_REGULATOR_VOLTAGE_SCALE2" if device.max_hz == 84_000_000 else "PWR_REGULATOR_VOLTAGE_SCALE1"
