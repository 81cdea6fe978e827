"""What the device files say beyond `device`: the name that CMSIS has for a part, and who can ask which DMA."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from xml.etree import ElementTree

from kiki_tools.stm32 import device as devices
from kiki_tools.stm32.device import Device
from kiki_tools.stm32.init.plan import ImpossiblePlan


@dataclass(frozen=True, slots=True)
class Part:
    """One device: its data, the macro that chooses it in CMSIS' headers, and the numbers of DMA requests.

    ``requests``: of a DMA multiplexer, by signal (`USART2_TX`, `ADC1`); empty where streams have fixed requests.
    ``channels``: the DMA channels behind the multiplexer, such as `DMA1_Channel1`, in the multiplexer's order.
    """

    device: Device
    define: str
    requests: Mapping[str, int]
    channels: tuple[str, ...]


@cache
def part(name: str) -> Part:
    """The device of a plan.

    Raises:
        ImpossiblePlan: if there is none of that name; with the nearest ones.
    """
    found = devices.device(name)
    if found is None or re.fullmatch(r"STM32\w\d", name):
        raise ImpossiblePlan(_unknown(name))
    file, known = sorted(devices.device_files(name))[0]
    root = ElementTree.parse(devices.data_folder() / file).getroot()
    devices.applying(root, [devices.parts_of(known)])
    defines = [each.get("value", "") for each in root.iter("attribute-cmsis-define")]
    requests: dict[str, int] = {}
    channels: list[str] = []
    for driver in root.iter("driver"):
        if driver.get("name") != "dma" or driver.find("requests") is None:
            continue
        for request in driver.iter("request"):
            for function in devices.functions_of(request.iter("signal")):
                requests.setdefault(function.name, int(request.get("position", "0")))
        for channel in driver.iter("mux-channel"):
            channels.append(f"DMA{channel.get('dma-instance')}_Channel{channel.get('dma-channel')}")
    return Part(found, defines[0] if defines else name, requests, tuple(channels))


def _unknown(name: str) -> str:
    known = sorted({each[:11].upper() for each in devices.known_names()})
    near = get_close_matches(name[:11].upper(), known, 3, 0.75)
    return f"there is no device {name}" + (f"; did you mean {', '.join(near)}?" if near else "")
