"""A plan solved: instances, pins, clocks, DMA; what both styles of C are written from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kiki_tools.stm32.clocks import shown
from kiki_tools.stm32.init.families import FAMILIES, Family
from kiki_tools.stm32.init.parts import Part, part
from kiki_tools.stm32.init.pins import Placed, place
from kiki_tools.stm32.init.plan import ALONE, KINDS, Adc, Copy, Dac, Gpio, ImpossiblePlan, Mco, Plan, Systick, Usb
from kiki_tools.stm32.init.tree import Tree, solve


@dataclass(frozen=True, slots=True)
class Dma:
    """A DMA stream or channel: `DMA1_Stream5` with channel 4, or `DMA1_Channel1` with request 26."""

    stream: str
    request: int

    @property
    def controller(self) -> str:
        """DMA1 or DMA2."""
        return self.stream[:4]

    @property
    def number(self) -> int:
        """The stream's or channel's number."""
        return int(self.stream[len(self.stream.rstrip("0123456789")) :])


@dataclass(frozen=True, slots=True)
class Setup:
    """All that was chosen for a plan. ``dma``: by the number of the peripheral and the direction (rx, tx)."""

    plan: Plan
    part: Part
    family: Family
    tree: Tree
    placed: Sequence[Placed]
    dma: Mapping[tuple[int, str], Dma]

    def each(self, kind: type) -> Iterator[tuple[int, Placed]]:
        """The peripherals of a kind, with their numbers."""
        return ((number, one) for number, one in enumerate(self.placed) if isinstance(one.wish, kind))

    @property
    def ports(self) -> list[str]:
        """The letters of the ports in use, with the debugger's and the crystal's."""
        used = {pin[1] for one in self.placed for pin, _ in one.pins.values()}
        if self.plan.swd:
            used.add("A")
        return sorted(used)

    @property
    def tick_hz(self) -> int:
        """Ticks of SysTick a second."""
        return next((wish.frequency_hz for wish in self.plan.peripherals if isinstance(wish, Systick)), 1000)


def solved(plan: Plan) -> Setup:
    """The plan with everything chosen.

    Raises:
        ImpossiblePlan: if its parts can't be had together, or its family's rules aren't known.
    """
    found = part(plan.device)
    device = found.device
    family = FAMILIES.get(device.family)
    if family is None:
        known = ", ".join(f"STM32{name.upper()}" for name in FAMILIES)
        raise ImpossiblePlan(
            f"kiki doesn't compile an init for STM32{device.family.upper()} yet ({plan.device}); it does for {known}"
        )
    kinds = [type(wish) for wish in plan.peripherals]
    outputs = [wish.output for wish in plan.peripherals if isinstance(wish, Mco)]
    if len(set(outputs)) < len(outputs):
        raise ImpossiblePlan("two clocks are to come out of the same MCO")
    twice = [name for name, kind in KINDS.items() if kind in ALONE and kinds.count(kind) > 1]
    if twice:
        raise ImpossiblePlan(f"{twice[0]} is there twice; a device has one")
    _labels(plan)
    placed = place(plan, device)
    tree = solve(plan.clock, family, device, usb=any(kind is Usb for kind in kinds))
    return Setup(plan, found, family, tree, placed, _dma(placed, found))


def _labels(plan: Plan) -> None:
    labels = [wish.label for wish in plan.peripherals if isinstance(wish, Gpio) and wish.label]
    twice = [label for label in labels if labels.count(label) > 1]
    if twice:
        raise ImpossiblePlan(f"two pins are called {twice[0]}")


def _asked(placed: Sequence[Placed]) -> Iterator[tuple[int, str, str]]:
    """Who wants DMA: the peripheral's number, the direction, the signal that asks."""
    for number, one in enumerate(placed):
        wish = one.wish
        if isinstance(wish, Adc):
            if wish.dma:
                yield number, "rx", one.instance
        elif isinstance(wish, Dac):
            if wish.dma or wish.wave in ("sine", "sawtooth"):
                stem = "DAC1_CH" if one.instance == "DAC1" else "DAC_DAC"
                yield from ((number, f"tx{each}", f"{stem}{each}") for each in wish.channels)
        elif isinstance(wish, Copy):
            continue
        else:
            for direction in sorted(getattr(wish, "dma", ())):
                yield number, direction, f"{one.instance}_{direction.upper()}"


def _dma(placed: Sequence[Placed], of: Part) -> dict[tuple[int, str], Dma]:
    """A stream or channel for each that asks; copies get those that are named or left."""
    copies = {number: wish.stream for number, one in enumerate(placed) if isinstance(wish := one.wish, Copy)}
    kept = {_stream_of(of, stream) for stream in copies.values() if stream >= 0}
    found = _served(placed, of, kept)
    for number, stream in copies.items():
        taken = {each.stream for each in found.values()}
        every = of.channels or [f"DMA2_Stream{each}" for each in range(8)]
        free = [each for each in every if each not in taken and (each not in kept or stream >= 0)]
        name = _stream_of(of, stream) if stream >= 0 else next(iter(free), "")
        if name not in free:
            raise ImpossiblePlan(f"peripherals[{number}]: {name or 'no DMA stream'} isn't free for a copy")
        found[number, "copy"] = Dma(name, 0)
    return found


def _stream_of(of: Part, number: int) -> str:
    """The stream or channel of memory copies by its number: F4's DMA1 can't copy memory (RM0090, 10.3.6)."""
    return f"DMA1_Channel{number}" if of.channels else f"DMA2_Stream{number}"


def _served(placed: Sequence[Placed], of: Part, kept: Collection[str]) -> dict[tuple[int, str], Dma]:
    asked = list(_asked(placed))
    if of.channels:
        channels = [each for each in of.channels if each not in kept]
        if len(asked) > len(channels):
            raise ImpossiblePlan(f"{len(asked)} DMA channels are wanted; {of.device.name} has {len(channels)}")
        lost = [signal for _, _, signal in asked if signal not in of.requests]
        if lost:
            raise ImpossiblePlan(f"DMA doesn't serve {lost[0]} on {of.device.name}")
        return {
            (number, direction): Dma(channels[at], of.requests[signal])
            for at, (number, direction, signal) in enumerate(asked)
        }
    owner: dict[str, int] = {}
    able: list[dict[str, int]] = []
    for _, _, signal in asked:
        able.append(
            {
                stream: ch
                for (stream, ch), served in sorted(of.device.dma.items())
                if signal in served and stream not in kept
            }
        )
    for index, (_, _, signal) in enumerate(asked):
        if not able[index]:
            raise ImpossiblePlan(f"no DMA stream of {of.device.name} serves {signal}")
        seen: set[str] = set()
        if not _find(index, able, owner, seen):
            fighting = sorted({asked[owner[stream]][2] for stream in seen} | {signal})
            raise ImpossiblePlan(f"{', '.join(fighting)} need a DMA stream each, but share {', '.join(sorted(seen))}")
    streams = {index: stream for stream, index in owner.items()}
    return {
        (number, direction): Dma(streams[index], able[index][streams[index]])
        for index, (number, direction, _) in enumerate(asked)
    }


def _find(index: int, able: Sequence[Mapping[str, int]], owner: dict[str, int], seen: set[str]) -> bool:
    for stream in able[index]:
        if stream not in seen:
            seen.add(stream)
            if stream not in owner or _find(owner[stream], able, owner, seen):
                owner[stream] = index
                return True
    return False


def summary(setup: Setup) -> list[str]:
    """What was chosen, a line each: for the head of the code and for a reader of the report."""
    tree = setup.tree
    factors = f", PLL M {tree.pll.m} N {tree.pll.n} {setup.family.output} {tree.pll.output}" if tree.pll else ""
    lines = [
        f"{setup.plan.device}: SYSCLK {shown(tree.sysclk)} from {tree.source} {shown(tree.source_hz)}{factors}",
        f"AHB {shown(tree.hclk)}, APB1 {shown(tree.pclk1)}, APB2 {shown(tree.pclk2)}, {tree.latency} wait states",
    ]
    for number, one in enumerate(setup.placed):
        pins = ", ".join(
            f"{name} {pin}" if not function.name.startswith("GPIO") else pin
            for name, (pin, function) in one.pins.items()
        )
        streams = [f"DMA {way} {one_dma.stream}" for (n, way), one_dma in sorted(setup.dma.items()) if n == number]
        name = one.instance or (getattr(one.wish, "label", "") or type(one.wish).__name__.lower())
        name = f"MCO{one.wish.output}" if isinstance(one.wish, Mco) else name
        kind = f" {type(one.wish).__name__.lower()}" if re.match(r"TIM", one.instance) else ""
        lines.append(
            f"{name}{kind}" + (f": {', '.join([pins, *streams] if pins else streams)}" if pins or streams else "")
        )
    return lines
