"""What received characters do to outputs: "'a' switches PB0 on, 'b' off"."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.pins import pins_in

CHARACTER = re.compile(r"(?<!\w)['‘’`\"“”«] ?([^\s'‘’`\"“”«»]) ?['’`\"”“»](?!\w)")
"""One character in quotation marks."""
_ON = re.compile(r"turn\w*\W+(?:\w+\W+){0,5}?on\b|\b(?:on|high|an|ein|sets?)\b|allum\w*|enci?end\w*|einschalt\w*|leuchtet", re.IGNORECASE)  # fmt: skip
_OFF = re.compile(r"\b(?:off|low|aus|clears?)\b|éteind\w*|éteint\w*|apag\w*|ausschalt\w*", re.IGNORECASE)
_VERB = re.compile(r"\b(?:turn|switch|drive|light|set|clear|toggl|schalt|allum|éteind|enci?end|apag)\w*", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:sen[dt]s?(?!\W+(?:\w+\W+){0,3}back)|print\w*|report\w*|start\w*|stop\w*|blink\w*|flash\w*|increas\w*|decreas\w*|PWM|ADC|duty|affich\w*|envoi\w*|send[en]\w*|schick\w*|env[ií]a\w*|manda\w*|parpade\w*|clignot\w*)\b",
    re.IGNORECASE,
)
"""What no character does to an output here."""
_AT_A_PIN = re.compile(r"\b(?:on|an|en|at|sur|auf) (?=(?:pin |the |der |el |la )?P[A-K]\d)", re.IGNORECASE)


def commanded(entries: list[dict[str, Any]], outputs: list[dict[str, Any]], text: str) -> None:
    """Ties each quoted character of a text to what it does to an output, if all of them do something."""
    listening = [entry for entry in entries if entry["kind"] == "usart" and entry.get("direction") != "tx"]
    found = [match for match in CHARACTER.finditer(text) if match.group(1).isascii()]
    if len(listening) != 1 or not outputs or not found:
        return
    ends = [*(match.start() for match in found[1:]), len(text)]
    begins = [0, *(match.end() for match in found[:-1])]
    after = [text[match.end() : end] for match, end in zip(found, ends, strict=True)]
    before = [text[begin : match.start()] for match, begin in zip(found, begins, strict=True)]
    done = _acts(after, outputs) or (_acts(before, outputs) if _VERB.search(before[0]) else [])
    if not done:
        return
    port = listening[0]
    port["commands"] = [
        f"0x{ord(match.group(1)):02X} {act} {label}" for match, (act, label) in zip(found, done, strict=True)
    ]
    port["interrupt"] = True
    if CHARACTER.search(f"'{port.get('greeting', '')}'"):
        port.pop("greeting")
        port.pop("repeat_ms", None)
    for lamp in outputs:
        if any(lamp["label"] == label for _, label in done):
            lamp.pop("blink_hz", None)
            lamp.pop("initial", None)


def _acts(parts: list[str], outputs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What each part of a text does, and to which output; empty where one of them does nothing that is known."""
    done: list[tuple[str, str]] = []
    for part in parts:
        part = re.split(r"[.;](?=\s|$)", part)[0]
        plain = _AT_A_PIN.sub(" ", part)
        if _MORE.search(plain):
            return []
        off, on = _OFF.search(plain), _ON.search(plain)
        act = "toggles" if words.TOGGLES.search(plain) else "clears" if off and (not on or off.start() >= on.start()) else "sets" if on else ""  # fmt: skip
        own = [entry["label"] for entry in outputs if entry.get("pin") in pins_in(part)]
        label = own[0] if own else outputs[0]["label"] if len(outputs) == 1 else done[-1][1] if done else ""
        if not act or not label or len(own) > 1:
            return []
        done.append((act, label))
    return done
