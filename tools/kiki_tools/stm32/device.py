"""What a device has: pins with their functions, interrupts, memories, clocks; from modm's device files (MPL-2.0)."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

_DEFINE = re.compile(r"STM32([FLGHUCN]\d|W[BL]A?|MP\d)([0-9A-Z]{2})([0-9A-Zx]{0,2})\w*", re.IGNORECASE)


_WAIT_STATES: Mapping[str, Mapping[int, tuple[int, ...]]] = {
    "g4": {
        1280: (34_000_000, 68_000_000, 102_000_000, 136_000_000, 170_000_000),
        1200: (30_000_000, 60_000_000, 90_000_000, 120_000_000, 150_000_000),
        1000: (12_000_000, 24_000_000, 26_000_000),
    },
}
"""Where the device files are wrong: G4 in boost, range 1 and range 2 by RM0440, table 29."""
_ALIASES = (("RNG", "HASH_RNG"),)
"""Interrupts that ST's startup files call otherwise on some devices (F407)."""


@dataclass(frozen=True, slots=True)
class Function:
    """What a pin can do: `USART1_TX` as alternate function 7; ``af`` None: without one (analogue, or remapped)."""

    peripheral: str
    signal: str
    af: int | None

    @property
    def name(self) -> str:
        """As the data sheet writes it."""
        return f"{self.peripheral}_{self.signal}" if self.signal else self.peripheral

    def __str__(self) -> str:
        return self.name if self.af is None else f"AF{self.af} {self.name}"


@dataclass(frozen=True, slots=True)
class Device:
    """A device, or all those that a name leaves open.

    ``interrupts``: the vectors' names without `_IRQHandler`. ``max_hz``: of the core. ``wait_states``: for each supply
    from so many millivolts on, the core's highest frequency for each number of wait states. ``memories``: name, start,
    bytes.
    """

    name: str
    family: str
    core: str
    pins: Mapping[str, tuple[Function, ...]]
    interrupts: frozenset[str]
    peripherals: frozenset[str]
    max_hz: int
    wait_states: Mapping[int, tuple[int, ...]]
    memories: tuple[tuple[str, int, int], ...]
    dma: Mapping[tuple[str, int], frozenset[str]]
    """What a DMA stream serves on a channel: `("DMA1_Stream6", 4)` serves `USART2_TX`.

    Of the kinds without streams: `("DMA1_Channel6", 2)`, the channel and the request; with -1 where there is no request
    to choose. Empty where a multiplexer brings any request to any channel.
    """

    has_alternate_functions: bool = True
    """Whether its pins have numbered alternate functions; F1's haven't."""

    @property
    def name_has_pins(self) -> bool:
        """Whether its name is that of a device or of a line of them, not of a whole family."""
        return len(self.name) > len("STM32F4xx")

    def functions(self, pin: str) -> tuple[Function, ...]:
        """What the pin can do, in the order of the alternate functions; empty for a pin that it hasn't."""
        return self.pins.get(pin, ())

    def pins_of(self, peripheral: str, signal: str = "") -> list[tuple[str, Function]]:
        """Where a peripheral, or one signal of it, can come out."""
        return [
            (pin, function)
            for pin, functions in self.pins.items()
            for function in functions
            if function.peripheral == peripheral and signal in ("", function.signal)
        ]


def device(name: str) -> Device | None:
    """The device by a name such as `STM32F446xx`, `STM32F103xB` or `STM32G474RET6`; a family: all of it (`STM32F4`).

    None if the data has no such device.
    """
    found = tuple(sorted(device_files(name)))
    return _read(name.upper().replace("X", "x") if found else name, found) if found else None


def data_folder() -> Path:
    """Where modm's device files lie."""
    spec = find_spec("modm_devices")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "resources" / "devices"


@cache
def known_names() -> Mapping[str, str]:
    """The devices' files by their full names, such as `stm32f446ret6`."""
    by_prefix: dict[str, dict[str, str]] = json.loads((data_folder() / "db.json").read_text("utf-8"))
    return {name: file for devices in by_prefix.values() for name, file in devices.items() if name.startswith("stm32")}


@cache
def device_files(name: str) -> frozenset[tuple[str, str]]:
    """The devices of this name, each with its file."""
    lowered = name.lower()
    family = re.fullmatch(r"(stm32(?:[a-z]\d|w[bl]a?))(xx)?", lowered)
    if family:
        pattern = re.compile(family.group(1))
    elif match := _DEFINE.fullmatch(name):
        line, number, rest = (part.lower() for part in match.groups())
        tail = "".join("." if char == "x" else char for char in rest)
        pattern = re.compile(f"stm32{line}{number}{tail}")
    else:
        return frozenset()
    return frozenset((file, known) for known, file in known_names().items() if pattern.match(known))


_PARTS = re.compile(r"stm32(?P<family>[a-z]\d|w[bl]a?|mp\d)(?P<name>..)(?P<pin>.)(?P<size>.)(?P<package>.)"
                    r"(?P<temperature>.)(?P<variant>\w*)")  # fmt: skip


def parts_of(known: str) -> Mapping[str, str]:
    """The parts of a device's full name, as the device files ask for them: family, name, pin, size, package, …"""
    found = _PARTS.fullmatch(known)
    return found.groupdict() if found else {}


def applying(root: ElementTree.Element, devices: Sequence[Mapping[str, str]]) -> None:
    """Takes out what is for none of the devices."""
    todo = [root]
    while todo:
        node = todo.pop()
        for child in list(node):
            asked = [(key[7:], value.split("|")) for key, value in child.attrib.items() if key.startswith("device-")]
            if asked and not any(all(each.get(key, values[0]) in values for key, values in asked) for each in devices):
                node.remove(child)
            else:
                todo.append(child)


def vectors(of: Device) -> tuple[str, ...]:
    """The interrupts in the order of the vector table; empty names are reserved."""
    files = sorted(device_files(of.name))
    if not files:
        return ()
    root = ElementTree.parse(data_folder() / files[0][0]).getroot()
    applying(root, [parts_of(files[0][1])])
    found = {int(vector.get("position", "0")): vector.get("name", "") for vector in root.iter("vector")}
    return tuple(found.get(number, "") for number in range(max(found, default=-1) + 1))


@cache
def _read(name: str, files: tuple[tuple[str, str], ...]) -> Device:
    pins: defaultdict[str, dict[Function, None]] = defaultdict(dict)
    dma: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    interrupts: set[str] = set()
    peripherals: set[str] = set()
    max_hz = 0
    core = ""
    waits: dict[int, tuple[int, ...]] = {}
    memories: dict[tuple[str, int, int], None] = {}
    family = ""
    for file in sorted({file for file, _ in files}):
        root = ElementTree.parse(data_folder() / file).getroot().find("device")
        if root is None:
            continue
        applying(root, [parts_of(known) for of, known in files if of == file])
        family = root.get("family", "")
        for driver in root.iter("driver"):
            kind = driver.get("name", "")
            if kind == "core":
                core = driver.get("type", "")
                interrupts |= {vector.get("name", "") for vector in driver.iter("vector")}
                for memory in driver.iter("memory"):
                    place = (memory.get("name", ""), int(memory.get("start", "0"), 0), int(memory.get("size", "0")))
                    memories[place] = None
            elif kind == "gpio":
                for gpio in driver.iter("gpio"):
                    pin = f"P{gpio.get('port', '').upper()}{gpio.get('pin', '')}"
                    pins[pin].update(dict.fromkeys(functions_of(gpio.iter("signal"))))
            elif kind == "rcc":
                found = [int(each.get("value", "0")) for each in driver.iter("max-frequency")]
                max_hz = max([max_hz, *found])
            elif kind == "flash":
                for latency in driver.iter("latency"):
                    states = [int(each.get("hclk-max", "0")) for each in latency.iter("wait-state")]
                    waits[int(latency.get("vcore-min", "0"))] = tuple(states)
            elif kind == "dma":
                for (part, number), served in _dma(driver):
                    dma[part, number] |= served
            instances = [each.get("value", "") for each in driver.iter("instance")]
            peripherals |= {f"{kind}{instance}".upper() for instance in instances or [""]}
    ordered = {
        pin: tuple(sorted(functions, key=lambda each: (each.af is None, each.af or 0, each.name)))
        for pin, functions in pins.items()
    }
    for one, other in _ALIASES:
        if one in interrupts or other in interrupts:
            interrupts |= {one, other}
    if family in _WAIT_STATES:
        waits = dict(_WAIT_STATES[family])
    return Device(
        name,
        family,
        core,
        ordered,
        frozenset(interrupts),
        frozenset(peripherals),
        max_hz,
        waits,
        tuple(memories),
        {key: frozenset(served) for key, served in dma.items()},
        any(each.af is not None for functions in ordered.values() for each in functions),
    )


def _dma(driver: ElementTree.Element) -> Iterable[tuple[tuple[str, int], set[str]]]:
    """What each stream or channel of a device's DMA serves."""
    for streams in driver.iter("streams"):
        for stream in streams.iter("stream"):
            part = f"DMA{streams.get('instance', '')}_Stream{stream.get('position', '')}"
            for channel in stream.iter("channel"):
                yield (part, int(channel.get("position", "0"))), _served(channel)
    for channels in driver.iter("channels"):
        for channel in channels.iter("channel"):
            part = f"DMA{channels.get('instance', '') or '1'}_Channel{channel.get('position', '')}"
            requests = list(channel.iter("request"))
            for request in requests:
                yield (part, int(request.get("position", "0"))), _served(request)
            if not requests:
                yield (part, -1), _served(channel)


def _served(node: ElementTree.Element) -> set[str]:
    return {each.name for each in functions_of(node.iter("signal"))}


def functions_of(signals: Iterable[Any]) -> Iterable[Function]:
    """The functions that `signal` nodes of a device file name."""
    for signal in signals:
        af = signal.get("af")
        peripheral = f"{signal.get('driver', '')}{signal.get('instance', '')}".upper()
        yield Function(peripheral, signal.get("name", "").upper(), int(af) if af and af.isdigit() else None)
