"""A whole port of a request at once: all its pins analogue, so that they take no current."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware.pins import pins_in
from kiki_tools.stm32.device import Device

_WHOLE_PORT = re.compile(
    r"(?:all (?:of )?(?:the )?(?:pins|gpios?) (?:of|on) (?:gpio ?)?(?:port )?|(?:whole|entire|complete|all of) (?:gpio ?)?port |tous les (?:pins|broches) du port |tout le port |(?:ganzen?|gesamten?|kompletten?) port |"
    r"alle (?:pins|anschlüsse) (?:von|an|des|von) (?:port )?|todo el puerto |todos los pines del puerto )(?:GPIO)?([A-K])(?![A-Za-z0-9])", re.IGNORECASE,
)  # fmt: skip
_EXCEPT = re.compile(
    r"except|but not|leave|spare|(?:not|don'?t) touch|touche\w*|sauf|hormis|à part|außer|ausgenommen|nicht|excepto|salvo|menos|no toques",
    re.IGNORECASE,
)


def spared(text: str) -> list[str]:
    """The pins that a text about a whole port excepts."""
    begin = _EXCEPT.search(text)
    return pins_in(text[begin.start() :]) if begin and _WHOLE_PORT.search(text) else []


def whole_port(text: str, device: Device) -> list[dict[str, Any]]:
    """All pins of a port as analogue ones, without those that the text excepts and the debugger's; empty if none is."""
    port = _WHOLE_PORT.search(text)
    if port is None or not re.search(r"analog", text, re.IGNORECASE):
        return []
    letter, kept = port.group(1).upper(), {"PA13", "PA14", *spared(text)}
    return [
        {"kind": "gpio", "label": f"AN_P{letter}{number}", "pin": f"P{letter}{number}", "direction": "analog"}
        for number in range(16)
        if f"P{letter}{number}" in device.pins and f"P{letter}{number}" not in kept
    ]
