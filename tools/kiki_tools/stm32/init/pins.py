"""Pins for a plan: each signal its own, wished ones first; a conflict is explained by the signals that fight.

Instances are chosen by backtracking, pins by bipartite matching (augmenting paths). Where a signal can't be matched,
the signals and pins on its alternating paths are Hall's proof that there are too few pins: they are the explanation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from kiki_tools.stm32.device import Device, Function
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
    Plan,
    Pvd,
    Pwm,
    Rtc,
    Spi,
    Systick,
    Timer,
    Usart,
    Usb,
    Wish,
    Wwdg,
)

_MOST_TRIES = 3000
_PLAIN = Function("GPIO", "", None)
_BASIC_FIRST = ("TIM6", "TIM7")
_NO_CHANNELS = frozenset({"TIM6", "TIM7"})
_TRIGGERING = frozenset({"TIM2", "TIM3", "TIM8"})
"""Timers whose TRGO starts the converters of all families here."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A signal that needs a pin: which wish it belongs to, its name, the pins that have it."""

    wish: int
    name: str
    places: Mapping[str, Function]
    label: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A peripheral with its instance and, by signal, its pins and the functions that these have for it."""

    wish: Wish
    instance: str
    pins: Mapping[str, tuple[str, Function]] = field(default_factory=dict)


def place(plan: Plan, device: Device) -> list[Placed]:
    """Instances and pins for all peripherals, in the plan's order.

    Raises:
        ImpossiblePlan: with each conflict, and where the signals could go instead.
    """
    reserved = _reserved(plan, device)
    candidates = [_instances(number, wish, device) for number, wish in enumerate(plan.peripherals)]
    problems = _wrong_wishes(plan, candidates, device, reserved)
    if problems:
        raise ImpossiblePlan(*problems)
    order = sorted(range(len(candidates)), key=lambda number: (len(candidates[number]), number))
    search = _Search(plan, device, candidates, order, reserved)
    chosen = search.instances()
    pins = search.matched(chosen)
    _external_lines(plan, pins, device, reserved)
    return [
        Placed(
            wish,
            chosen[number] or "",
            {
                s.name: (pin, s.places[pin])
                for s, pin in sorted(pins.items(), key=lambda each: _natural(each[0].name))
                if s.wish == number
            },
        )
        for number, wish in enumerate(plan.peripherals)
    ]


def _natural(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"(.*?)(\d*)", text)
    assert found is not None
    return found.group(1), int(found.group(2) or 0)


def _reserved(plan: Plan, device: Device) -> dict[str, str]:
    """Pins that stay free, with the reason."""
    found: dict[str, str] = {}
    for pin, functions in device.pins.items():
        names = {each.name for each in functions}
        if plan.swd and names & {"SYS_SWDIO", "SYS_SWCLK", "SYS_JTMS", "SYS_JTCK"} and pin in ("PA13", "PA14"):
            found[pin] = "the debugger's (SWD)"
        if plan.clock.source == "HSE" and "RCC_OSC_IN" in names:
            found[pin] = "the crystal's (HSE)"
        if plan.clock.source == "HSE" and "RCC_OSC_OUT" in names and not plan.clock.bypass:
            found[pin] = "the crystal's (HSE)"
        lse = any(isinstance(each, Rtc) and each.source == "lse" for each in plan.peripherals)
        if lse and names & {"RCC_OSC32_IN", "RCC_OSC32_OUT"}:
            found[pin] = "the 32 kHz crystal's (LSE)"
        if "SYS_NRST" in names or "RCC_NRST" in names or (device.family == "g4" and pin == "PG10"):
            found[pin] = "the reset's (NRST)"
    return found


_KINDS: Mapping[type[Wish], str] = {
    Usart: r"US?ART\d+|LPUART1", Spi: r"SPI\d", I2c: r"I2C\d", Adc: r"ADC\d", Pwm: r"TIM\d+", Timer: r"TIM\d+",
    Can: r"(FD)?CAN\d?", Usb: r"USB(_OTG_FS)?", Dac: r"DAC1?", Encoder: r"TIM[1-58]", Capture: r"TIM\d+",
}  # fmt: skip


def _instances(number: int, wish: Wish, device: Device) -> list[str | None]:
    """The instances that a wish could have, the likeliest first; [None] for a kind without instances."""
    pattern = _KINDS.get(type(wish))
    if pattern is None:
        return [None]
    where = f"peripherals[{number}]"
    every = sorted((each for each in device.peripherals if re.fullmatch(pattern, each)), key=_natural)
    if isinstance(wish, (Pwm, Capture)):
        every = [each for each in every if each not in _NO_CHANNELS]
    if isinstance(wish, Pwm) and wish.complementary and not wish.instance:
        every = [each for each in every if all(device.pins_of(each, f"CH{c}N") for c in wish.channels)]
    named = getattr(wish, "instance", "")
    if named:
        if named in _NO_CHANNELS and named in device.peripherals and named not in every:
            raise ImpossiblePlan(f"{where}: {named} has no channels on pins; it has no {named}_CH1")
        if named not in every:
            near = get_close_matches(named, every, 2)
            has = f"it has {', '.join(every)}" if every else "it has none of the kind"
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ImpossiblePlan(f"{where}: {device.name} has no {named}; {has}{hint}")
        if isinstance(wish, Pwm) and (lost := [c for c in wish.channels if not device.pins_of(named, f"CH{c}")]):
            raise ImpossiblePlan(f"{where}: {named} has no channel {lost[0]}")
        if isinstance(wish, Pwm) and wish.complementary and not device.pins_of(named, f"CH{min(wish.channels)}N"):
            able = ", ".join(each for each in every if device.pins_of(each, "CH1N"))
            raise ImpossiblePlan(f"{where}: {named} has no complementary outputs; {able} have")
        return [named]
    if not every:
        kind = type(wish).__name__.upper()
        raise ImpossiblePlan(f"{where}: {device.name} has no {kind}")
    if isinstance(wish, Adc) and wish.internal:
        every = every[:1]  # the inner channels are ADC1's
    if isinstance(wish, Timer) and wish.trigger and (starting := [each for each in every if each in _TRIGGERING]):
        every = starting
    if isinstance(wish, Timer):
        every.sort(key=lambda each: (each not in _BASIC_FIRST, -_natural(each)[1]))
    elif isinstance(wish, (Pwm, Capture, Encoder)):
        every.sort(key=lambda each: (each in ("TIM1", "TIM8", "TIM20"), _natural(each)))
    elif isinstance(wish, Usart):
        every.sort(key=lambda each: (each != "USART2", each.startswith("LP"), _natural(each)[1]))
    fitting = [each for each in every if all(signal.places for signal in _signals(number, wish, each, device))]
    if not fitting:
        asked = ", ".join(f"{name} on {pin}" for name, pin in sorted(_wished(wish).items())) or "these signals"
        raise ImpossiblePlan(f"{where}: no {pattern.split('(')[0].split(chr(92))[0]}… of {device.name} has {asked}")
    return list(fitting)


def _wished(wish: Wish) -> Mapping[str, str]:
    if isinstance(wish, Gpio):
        return {"PIN": wish.pin} if wish.pin else {}
    return getattr(wish, "pins", {})


def _needs(wish: Wish) -> list[str]:
    """The signals that a peripheral needs as it is used."""
    match wish:
        case Usart():
            lines = {"both": ["TX", "RX"], "tx": ["TX"], "rx": ["RX"]}[wish.direction]
            lines = ["TX"] if wish.half_duplex else lines
            lines += ["CTS", "RTS"] if wish.flow_control else []
            return [*lines, "DE"] if wish.driver_enable else lines
        case Spi():
            if wish.one_line:
                return ["SCK", "MOSI" if wish.role == "master" else "MISO", *(["NSS"] if wish.nss == "hard" else [])]
            data = {"both": ["MISO", "MOSI"], "tx": ["MOSI"], "rx": ["MISO"]}[wish.direction]
            if wish.role == "slave" and wish.direction != "both":
                data = ["MISO" if wish.direction == "tx" else "MOSI"]
            return ["SCK", *data, *(["NSS"] if wish.nss == "hard" else [])]
        case I2c():
            return ["SCL", "SDA"]
        case Can():
            return ["TX", "RX"]
        case Usb():
            return ["DM", "DP"]
        case Adc():
            return [f"CH{number}" for number in range(1, wish.channels + 1)]
        case Pwm():
            inverse = [f"CH{number}N" for number in sorted(wish.channels)] if wish.complementary else []
            more = [*(["BKIN"] if wish.stop else []), *([wish.starts] if wish.starts != "software" else [])]
            return [*(f"CH{number}" for number in sorted(wish.channels)), *inverse, *more]
        case Encoder():
            return ["CH1", "CH2"]
        case Capture():
            return ["ETR"] if wish.etr else [f"CH{wish.channel}"]
        case Dac():
            return [f"OUT{number}" for number in sorted(wish.channels)]
        case Mco():
            return ["OUT"]
        case Gpio():
            return ["PIN"]
        case Timer() | Rtc() | Iwdg() | Wwdg() | Pvd() | Lowpower() | Systick() | Crc() | Copy() | Cycles():
            return []


def _signals(number: int, wish: Wish, instance: str | None, device: Device) -> Iterator[Signal]:
    """The signals of a wish on an instance; the pins that its wishes leave."""
    wished = _wished(wish)
    for name in _needs(wish):
        if isinstance(wish, Gpio):
            places = dict.fromkeys(device.pins, _PLAIN)
            label = wish.label or "gpio"
        elif isinstance(wish, Adc):
            places = {pin: f for pin, f in device.pins_of(instance or "") if re.fullmatch(r"INP?\d+", f.signal)}
            label = f"{instance} {name}"
        elif isinstance(wish, Mco):
            outputs = ("MCO_1", "MCO") if wish.output == 1 else ("MCO_2",)
            places = {pin: f for pin, f in device.pins_of("RCC") if f.signal in outputs}
            label = f"MCO{wish.output}"
        elif name == "DE" and not device.pins_of(instance or "", "DE"):
            places, label = dict.fromkeys(device.pins, _PLAIN), f"{instance}_DE"  # an output that the code switches
        else:
            of_it = device.pins_of(instance or "", name)
            places = {pin: f for pin, f in of_it if f.af is not None or isinstance(wish, Usb | Dac)}
            label = f"{instance}_{name}"
        pin = wished.get(name)
        if pin is not None:
            places = {pin: places[pin]} if pin in places else {}
        yield Signal(number, name, places, label)


def _wrong_wishes(
    plan: Plan, candidates: Sequence[Sequence[str | None]], device: Device, reserved: Mapping[str, str]
) -> list[str]:
    """Wishes that fail by themselves: a pin that isn't there, hasn't the signal, is kept free, or is wished twice."""
    problems: list[str] = []
    taken: dict[str, str] = {}
    for number, wish in enumerate(plan.peripherals):
        needs = _needs(wish)
        for name, pin in _wished(wish).items():
            where = f"peripherals[{number}]"
            instance = candidates[number][0] if len(candidates[number]) == 1 else None
            if pin not in device.pins:
                problems.append(f"{where}: {device.name} has no pin {pin}")
                continue
            if name not in needs:
                problems.append(f"{where}: {name} isn't used; it uses {', '.join(needs)}")
                continue
            label = (wish.label or "gpio") if isinstance(wish, Gpio) else f"{instance or type(wish).__name__} {name}"
            if pin in reserved:
                how = " (`swd: false` gives it free)" if "SWD" in reserved[pin] else ""
                problems.append(f"{where}: {label} can't have {pin}: it is {reserved[pin]}{how}")
            elif pin in taken:
                others = "" if isinstance(wish, Gpio) else _elsewhere(instance, name, device, {*reserved, *taken})
                problems.append(f"{where}: {label} can't have {pin}: {taken[pin]} has it{others}")
            elif instance is not None and not any(
                s.places for s in _signals(number, wish, instance, device) if s.name == name
            ):
                has = ", ".join(str(each) for each in device.functions(pin)[:8]) or "no function"
                others = _elsewhere(instance, name, device, reserved)
                problems.append(f"{where}: {pin} has no {label}; it has {has}{others}")
            else:
                taken[pin] = label
    return problems


def _elsewhere(instance: str | None, name: str, device: Device, without: Mapping[str, str] | set[str]) -> str:
    if instance is None:
        return ""
    signal = "" if instance.startswith("ADC") else name
    pins = [pin for pin, _ in device.pins_of(instance, signal) if pin not in without]
    named = instance if instance.startswith("ADC") else f"{instance}_{name}"
    return f"; {named} comes out of {', '.join(sorted(set(pins), key=_natural)[:8])}" if pins else ""


class _Search:
    """The search for instances; holds what all its steps need, and the deepest conflict."""

    def __init__(
        self,
        plan: Plan,
        device: Device,
        candidates: Sequence[Sequence[str | None]],
        order: Sequence[int],
        reserved: Mapping[str, str],
    ) -> None:
        self._plan, self._device, self._candidates, self._order = plan, device, candidates, order
        self._reserved = reserved
        self._tries = 0
        self._deepest = -1
        self._conflict = ""

    def instances(self) -> list[str | None]:
        """An instance for each wish so that all signals can have pins. Raises ImpossiblePlan."""
        chosen: list[str | None] = [None] * len(self._candidates)
        if not self._choose(0, chosen, set()):
            raise ImpossiblePlan(self._conflict or "no assignment of pins was found")
        return chosen

    def _choose(self, depth: int, chosen: list[str | None], taken: set[str]) -> bool:
        if depth == len(self._order):
            return True
        number = self._order[depth]
        for instance in self._candidates[number]:
            self._tries += 1
            if self._tries > _MOST_TRIES:
                return False
            if instance is not None and instance in taken:
                have = ", ".join(str(each) for each in self._candidates[number])
                self._told(depth, f"peripherals[{number}]: {have} of {self._device.name} already taken")
                continue
            chosen[number] = instance
            pairs = self._match([self._order[n] for n in range(depth + 1)], chosen, depth)
            if pairs is not None and self._choose(depth + 1, chosen, taken | ({instance} if instance else set())):
                return True
            chosen[number] = None
        return False

    def _told(self, depth: int, conflict: str) -> None:
        if depth > self._deepest:
            self._deepest, self._conflict = depth, conflict

    def _all_signals(self, numbers: Sequence[int], chosen: Sequence[str | None]) -> list[Signal]:
        found = []
        for number in numbers:
            for signal in _signals(number, self._plan.peripherals[number], chosen[number], self._device):
                places = {pin: f for pin, f in signal.places.items() if pin not in self._reserved}
                found.append(Signal(number, signal.name, places, signal.label))
        return sorted(found, key=lambda each: len(each.places))

    def _match(self, numbers: Sequence[int], chosen: Sequence[str | None], depth: int) -> dict[Signal, str] | None:
        signals = self._all_signals(numbers, chosen)
        owner: dict[str, int] = {}
        for index in range(len(signals)):
            seen: set[str] = set()
            if not _augment(index, signals, owner, seen):
                self._told(depth, _hall(index, signals, owner, seen))
                return None
        return {signals[index]: pin for pin, index in owner.items()}

    def matched(self, chosen: Sequence[str | None]) -> dict[Signal, str]:
        """A pin for each signal: as a reader would choose them, if that leaves pins for the rest."""
        signals = self._all_signals(range(len(chosen)), chosen)
        free = [dict(signal.places) for signal in signals]
        wanted: dict[str, int] = {}
        for signal in signals:
            for pin in signal.places if len(signal.places) < 20 else ():
                wanted[pin] = wanted.get(pin, 0) + 1
        ports: dict[int, str] = {}
        for index, signal in enumerate(signals):
            order = sorted(
                free[index],
                key=lambda pin: (_awkward(pin, self._device), pin[1] != ports.get(signal.wish, pin[1]),
                                 wanted.get(pin, 0), _natural(pin)),
            )  # fmt: skip
            for pin in order:
                before = free[index]
                free[index] = {pin: before[pin]}
                if _is_possible(signals, free):
                    ports.setdefault(signal.wish, pin[1])
                    break
                free[index] = before
        return {signal: next(iter(free[index])) for index, signal in enumerate(signals)}


def _is_possible(signals: Sequence[Signal], free: Sequence[Mapping[str, Function]]) -> bool:
    tried = [Signal(s.wish, s.name, places, s.label) for s, places in zip(signals, free, strict=True)]
    owner: dict[str, int] = {}
    return all(_augment(index, tried, owner, set()) for index in range(len(tried)))


def _augment(index: int, signals: Sequence[Signal], owner: dict[str, int], seen: set[str]) -> bool:
    """Finds the signal a pin, moving others if need be (Kuhn's augmenting path)."""
    for pin in signals[index].places:
        if pin in seen:
            continue
        seen.add(pin)
        if pin not in owner or _augment(owner[pin], signals, owner, seen):
            owner[pin] = index
            return True
    return False


def _hall(index: int, signals: Sequence[Signal], owner: Mapping[str, int], seen: set[str]) -> str:
    fighting = {index, *(owner[pin] for pin in seen if pin in owner)}
    labels = sorted({signals[each].label for each in fighting})
    pins = sorted(seen, key=_natural)
    if not pins:
        return f"{signals[index].label} has no pin that stays free"
    shown = ", ".join(pins[:12]) + (" …" if len(pins) > 12 else "")
    named = ", ".join(labels[:8]) + (" …" if len(labels) > 8 else "")
    return f"{named} need {len(fighting)} pins, but can only have {len(pins)}: {shown}"


def _awkward(pin: str, device: Device) -> int:
    """Pins that have another use on most boards: trace, boot, 32 kHz and main crystal, a weak supply."""
    names = {each.name for each in device.functions(pin)}
    if pin in ("PA13", "PA14"):
        return 3
    if names & {"RCC_OSC_IN", "RCC_OSC_OUT", "RCC_OSC32_IN", "RCC_OSC32_OUT"} or pin in ("PC13", "PB2"):
        return 2
    if names & {"SYS_SWO", "SYS_JTDI", "SYS_JTRST", "SYS_JTDO", "USB_OTG_FS_DM", "USB_OTG_FS_DP", "USB_DM", "USB_DP"}:
        return 1
    return int(device.family == "g4" and pin == "PB8")


def _external_lines(plan: Plan, pins: dict[Signal, str], device: Device, reserved: Mapping[str, str]) -> None:
    """Gives each pin that interrupts a line (EXTI) of its own: pins of one number share a line."""
    taken = set(pins.values())
    used: dict[int, str] = {}
    asking = [
        (signal, plan.peripherals[signal.wish].pin)  # type: ignore[union-attr]
        for signal in pins
        if isinstance(wish := plan.peripherals[signal.wish], Gpio) and wish.edge != "none"
    ]
    for signal, wished in sorted(asking, key=lambda each: (not each[1], each[0].wish)):
        pin = pins[signal]
        line = _natural(pin[1:])[1]
        if line in used and wished:
            raise ImpossiblePlan(
                f"{signal.label} on {pin} and {used[line]} share the interrupt line EXTI{line}: "
                "choose a pin of another number"
            )
        if line in used:
            free = [p for p in sorted(device.pins, key=lambda p: (_awkward(p, device), _natural(p)))
                    if p not in taken and p not in reserved and _natural(p[1:])[1] not in used]  # fmt: skip
            if not free:
                raise ImpossiblePlan(f"no pin with a free interrupt line (EXTI) is left for {signal.label}")
            taken.discard(pin)
            pin = free[0]
            taken.add(pin)
            pins[signal] = pin
            line = _natural(pin[1:])[1]
        used[line] = f"{signal.label} on {pin}"
