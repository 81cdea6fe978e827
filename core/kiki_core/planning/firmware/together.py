"""What ties the peripherals of a request together: values that are sent, lamps that bytes toggle."""

from __future__ import annotations

import re
from typing import Any

from kiki_core.planning.firmware import words
from kiki_core.planning.firmware.amounts import amounts
from kiki_core.planning.firmware.entries import repeat_of
from kiki_core.planning.firmware.serial import EACH_BYTE

_SENDS = re.compile(r"to (?:the )?(?:lpuart|uart|usart|serial)|send|sent|print|report|transmit|stream|output|log\b|show|dump|envo|transmet|affich|imprim|send|sende|schick|ausgeb|gib|übertr|env[íi]a|manda|muestra|transmite|"
                    r"over (?:the )?(?:uart|usart|serial)|(?:via|par|über|por) (?:l'|la |le |die |el )?(?:uart|usart|serial)", re.IGNORECASE)  # fmt: skip


_RESULT = re.compile(r"result|values?\b|wert|valeur|valor|ergebnis|résultat|resultado|readings?", re.IGNORECASE)
_ON_PORT = re.compile(
    r"(?:on|to|an|auf|sur|en|a) (?:the |l'|la |le |die |el )?(?:lpuart|uart|usart|serial)", re.IGNORECASE
)


def together(entries: list[dict[str, Any]], text: str) -> None:
    """Ties the entries as the whole text says."""
    told = _SENDS.search(text) or (_RESULT.search(text) and _ON_PORT.search(text))
    ports = [entry for entry in entries if entry["kind"] == "usart" and entry.get("direction") != "rx"]
    if len(ports) == 1 and any(entry["kind"] == "adc" for entry in entries) and told:
        has = amounts(text)
        ports[0]["reports"] = True
        ports[0]["repeat_ms"] = (
            repeat_of(text, has.of("s"), [each for each in has.of("Hz") if each.value <= 100]) or 1000
        )
    listening = [entry for entry in entries if entry["kind"] == "usart" and entry.get("direction") != "tx"]
    lamps = [entry for entry in entries if entry["kind"] == "gpio" and entry["direction"] == "out"]
    if len(listening) == 1 and len(lamps) == 1 and EACH_BYTE.search(text) and words.TOGGLES.search(text):
        listening[0] |= {"toggles": lamps[0]["label"], "interrupt": True}
        lamps[0].pop("blink_hz", None)
    asked = [entry for entry in entries if entry.get("expects", -1) >= 0]
    if len(asked) == 1 and len(lamps) == 1 and not lamps[0]["label"].endswith("_CS") and "follows" not in lamps[0]:
        asked[0]["lights"] = lamps[0]["label"]
        lamps[0].pop("blink_hz", None)
    elif len(asked) == 1 and (lit := [lamp for lamp in lamps if not lamp["label"].endswith("_CS")]) and len(lit) == 1:
        asked[0]["lights"] = lit[0]["label"]
        lit[0].pop("blink_hz", None)
    watching = [entry for entry in entries if entry["kind"] == "adc" and ("low" in entry or "high" in entry)]
    if (
        len(watching) == 1
        and len(lamps) == 1
        and words.TOGGLES.search(text)
        and not any(entry.get("toggles") for entry in entries)
    ):
        watching[0]["toggles"] = lamps[0]["label"]
        lamps[0].pop("blink_hz", None)
    pulses = [entry for entry in entries if entry["kind"] == "pwm"]
    if pulses and any(entry["kind"] == "adc" for entry in entries) and _LEADS.search(text):
        for entry in pulses:
            entry["follows"] = True


_LEADS = re.compile(
    r"control(?:s|led|la)?\b|steuer|contrôl|proportional|according to|depend|abhängig|sets the (?:duty|brightness)|(?:duty|brightness|dimm\w*)\W+(?:\w+\W+){0,4}?(?:from|by) (?:the )?(?:pot|adc|analog)",
    re.IGNORECASE,
)
