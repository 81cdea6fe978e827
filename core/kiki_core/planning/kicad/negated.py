"""What a request doesn't want: "no data lines", "sans connecteur". Nothing may be drawn because it is named there."""

from __future__ import annotations

import re

from kiki_core.planning.kicad.sheet import Sheet

_NO = r"\b(?:no|without(?: an?| any| the)?|sans(?: aucune?)?|ohne|kein\w{0,2}|sin|pas de|pas d'|aucune?|not? (?:a|an|any|need(?: an?| any)?)|don'?t (?:want|need|add|include)(?: an?| any)?|nicht)\s+"
_NOUN = (
    r"(?:data(?: ?lines?| ?pins?)?|daten\w*|données|datos|connectors?|connecteurs?|stecker\w*|steckverbinder|conector\w*|headers?|terminals?|leds?|filters?|filtres?|filtros?|fuses?|fusibles?|"
    r"sicherung\w*|(?:pull-?(?:ups?|downs?))|(?:decoupling|bypass|load|output|input|smoothing|filter)?\s?(?:caps?|capacitors?)|condensateurs?(?: de \w+)?|kondensator\w*|entkoppl\w*|condensador\w*|"
    r"(?:flyback |freewheel\w* |protection )?diodes?|freilaufdiode\w*|diodos?|crystals?|quartz|quarz\w*|cristal\w*|buttons?|bout\w+|taster|pulsador\w*|mcu|microcontrollers?|"
    r"termination\w*|terminator|abschluss\w*|terminaison|terminación|bias\w*|esd\w*|protection|schutz\w*|protección|hysteresis|hystérésis|hysterese|histéresis|transformers?|regulators?|resistors?|"
    r"résistances?|widerst\w+|resistencias?|boot\w*|reset\w*|swd|usb\w*|relays?|relais|rel[ée]s?|buzzers?|drama)"
)
_NEGATED = re.compile(
    rf"{_NO}((?:[\w-]+ )?{_NOUN}(?:\s*(?:,|or|nor|and|ou|ni|oder|und|et|y|o)\s+(?:(?:no|sin|sans|ohne|kein\w*)\s+)?{_NOUN})*)",
    re.IGNORECASE,
)
INPUTS = re.compile(r"(non-?)?inverting (?:input|pin|terminal)|(nicht-?)?invertierende\w* eingang", re.IGNORECASE)
"""Inputs of an amplifier, whose names say nothing of how it is wired."""
_CONNECTORS = re.compile(r"connect|stecker|steckverbinder|conector|header|terminal", re.IGNORECASE)


def asserted(text: str) -> str:
    """The text without what it rules out, blanks in its place, so that offsets stay."""
    return _NEGATED.sub(lambda match: " " * len(match[0]), text)


def refused(text: str) -> list[str]:
    """What a text rules out, in its own words."""
    return [match[1] for match in _NEGATED.finditer(text)]


def without(text: str, sheet: Sheet) -> None:
    """Takes connectors off a sheet that is to have none, unless a net would end nowhere."""
    if any(_CONNECTORS.search(each) for each in refused(text)):
        left = [part for part in sheet.parts if not part.symbol.startswith("Connector:Conn_")]
        nets = [net for part in left for net in part.pins.values()]
        if all(nets.count(net) > 1 for net in nets):
            sheet.parts = left
