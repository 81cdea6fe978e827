"""Parts that a request names and no block knows: joined as the names and types of their pins in KiCad's library tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kiki_core.planning.kicad.sheet import Ask, Sheet, supply
from kiki_tools.kicad.circuits import ImpossibleCircuit, Symbols
from kiki_tools.kicad.installation import folders

_OTHER = re.compile(
    r"MCU_(?!Rasp)|FPGA|DSP|CPU|CPLD|\w+_IEEE|Connector|Device|Simulation|power|4xxx|GPU|Mechanical|Graphic|Transistor|Diode|Valve"
)
"""Libraries whose parts need more than their pins' names tell, or are drawn by blocks."""
_PART = re.compile(
    r"(?<![\w.+-])([A-Za-z]{1,6}-?\d{2,6}[A-Za-z]{0,6}\d{0,3}[A-Za-z]{0,3}|74[A-Za-z]{2,4}\d{2,4})(?![\w])"
)
_GROUND = re.compile(
    r"[ADPS]?GND\w*|V?SS[AD]?\d*|V[SE]{2}\d*|EP|E?PAD|THERMAL|PGND|AGND|DGND|COM(?:MON)?|V-", re.IGNORECASE
)
_SUPPLY = re.compile(
    r"[ADPS]?V(?:CC|DD|BAT|IN|S|IO|BUS|REG_VIN|P|M|SYS|\+)?\w{0,5}|[ADI]OVDD|IOVDD|\w*VDD\w*|\w*VCC\w*|V\+|\+?3V3|\+?5V|USB_VDD|ADC_AVDD|PVDD",
    re.IGNORECASE,
)
_HELD_HIGH = re.compile(
    r"(?:~\{)?(?:n|/)?(?:RESET|RST|MR|WP|HOLD|SHDN|STBY|SLEEP|CLR|SRCLR|POR)(?:_?N)?\}?", re.IGNORECASE
)
_ENABLES = re.compile(r"EN\d?|ENABLE|CE|CHIP_?EN|RUN|ON", re.IGNORECASE)
_STRAPS = re.compile(r"A[0-3]|AD[0-3]|ADDR?\d?|ADR\d?|SA0|SEL|TEST\w*|MODE|~?\{?OE\}?|AS", re.IGNORECASE)
_MOST = 3


@cache
def _index() -> dict[str, str]:
    """The parts of the installed libraries, each with its library."""
    found: dict[str, str] = {}
    for folder in folders():
        if not folder.endswith("symbols"):
            continue
        for path in sorted(Path(folder).glob("*.kicad_sym")):
            if _OTHER.match(path.stem):
                continue
            try:
                text = path.read_text("utf-8")
            except OSError:
                continue
            for match in re.finditer(r'^\t\(symbol "([^"]+)"', text, re.MULTILINE):
                found.setdefault(match[1], path.stem)
    return found


def symbol_of(name: str) -> str:
    """`library:symbol` of a part, with the suffix of some package if it has none of its own; empty for none."""
    index, upper = _index(), name.upper()
    hits = [known for known in index if known.upper() == upper] or [
        known for known in index if known.upper().startswith(upper) and not re.match(r"\d", known[len(upper) :])
    ]
    best = min(hits, key=lambda known: (len(known), known), default="")
    return f"{index[best]}:{best}" if best else ""


def names(text: str) -> list[str]:
    """What in a text may be the number of a part."""
    return list(dict.fromkeys(match[1] for match in _PART.finditer(text)))


def draw(ask: Ask, sheet: Sheet) -> bool:
    """Adds the parts that the text names and the sheet hasn't; whether it added any."""
    drawn = " ".join(f"{part.symbol} {part.value}" for part in sheet.parts).upper()
    fresh = [name for name in names(ask.text) if name.upper() not in drawn and not re.search(r"[a-z]{4,}", name)]
    added = 0
    for name in fresh:
        symbol = symbol_of(name) if added < _MOST and len(re.sub(r"\D", "", name)) >= 2 and len(name) >= 4 else ""
        if symbol:
            try:
                pins = list(Symbols()(symbol).symbol.all_pins())
            except (ImpossibleCircuit, ValueError):
                continue
            if any(pin.type == "power_in" for pin in pins) and len(pins) <= 100:
                _part(ask, sheet, name, symbol, pins)
                added += 1
    return added > 0


def _plain(name: str) -> str:
    bare = re.sub(r"~\{([^}]*)\}", r"\1", name)
    return re.sub(r"[^\w+-]", "_", bare).strip("_") or "X"


def _part(ask: Ask, sheet: Sheet, name: str, symbol: str, pins: Sequence[Any]) -> None:
    volts = [v for v in ask.volts() if 1.6 <= v <= 24]
    usual = 5.0 if any(pin.name.upper() in ("5V", "VBUS") for pin in pins) else 3.3
    net = sheet.supply or supply(
        ask.near("V", r"suppl|power|from|at|an|aliment|versorg|desde|vcc|vdd", 12) or (volts[0] if volts else usual)
    )
    joined: dict[str, str] = {}
    signals: list[str] = []
    supplies = 0
    places: dict[tuple[int, int], str] = {}
    for pin in sorted(pins, key=lambda each: each.type != "power_in"):
        if (pin.x, pin.y) in places and pin.hidden | (pin.type == "passive"):
            joined[pin.number] = places[pin.x, pin.y]
            continue
        label = pin.name if pin.name not in ("", "~") else f"P{pin.number}"
        had = sheet.nets()
        if pin.type == "no_connect" or re.fullmatch(r"N\.?C\.?\d*|DNC", label, re.IGNORECASE):
            continue
        if pin.type == "power_in" and (_GROUND.fullmatch(label) or not _SUPPLY.fullmatch(label)):
            joined[pin.number] = "GND"
        elif pin.type == "power_in":
            supplies += pin.number not in joined
            joined[pin.number] = net
        elif pin.type == "power_out" or re.fullmatch(
            r"V3|VREG|VREF|CAP\w*|VOUT|REGOUT|VCAP\w*|V1P8|VDDCORE", label, re.IGNORECASE
        ):
            joined[pin.number] = _own(_plain(label), name, had)
            if list(joined.values()).count(joined[pin.number]) == 1:
                sheet.c(100e-9, joined[pin.number], "GND")
        elif _GROUND.fullmatch(label) or (
            (
                pin.type in ("input", "passive")
                and _STRAPS.fullmatch(label)
                and not re.match(r"Analog_|Interface_Exp|74", symbol)
            )
            or (label.upper() in ("A0", "A1", "A2") and "SDA" in {each.name for each in pins})
        ):
            joined[pin.number] = "GND"
        elif pin.type == "input" and (_HELD_HIGH.fullmatch(label) or _ENABLES.fullmatch(label)):
            joined[pin.number] = net if _ENABLES.fullmatch(label) else _own(_plain(label), name, had)
            if not _ENABLES.fullmatch(label):
                sheet.r(10e3, net, joined[pin.number])
        else:
            joined[pin.number] = _bus(_plain(label), name, had)
            if joined[pin.number] not in signals:
                signals.append(joined[pin.number])
        places[pin.x, pin.y] = joined[pin.number]
    sheet.add("U", symbol, joined, name.upper() if name.upper() != name and not re.search(r"[a-z]", symbol) else name)
    for _ in range(min(4, max(1, supplies))):
        sheet.c(100e-9, net, "GND")
    _buses(ask, sheet, net, signals, pins)
    nets = sheet.nets()
    alone = [each for each in signals if nets.get(each, 0) < 2 or each in ("SDA", "SCL")]
    alone += [each for each in dict.fromkeys(joined.values()) if nets.get(each, 0) < 2 and each not in alone]
    fresh = [
        each
        for each in alone
        if not any(part.reference.startswith("J") and each in part.pins.values() for part in sheet.parts)
    ]
    for start in range(0, len(fresh), 18):
        sheet.connector([*([net] if start == 0 else []), *fresh[start : start + 18], "GND"], name.upper())
    if not sheet.supply and not fresh:
        sheet.connector([net, "GND"], "POWER")
    sheet.supply = sheet.supply or net
    if symbol.startswith("MCU_"):
        sheet.lost.append(f"the clock, memory and reset that {name} needs to start")
    sheet.title.append(f"{name} with decoupling")
    sheet.notes.append(
        f"{name} is joined as the names of its pins tell: address and mode pins to ground, the rest to connectors. "
        "Compare it with its datasheet."
    )


def _own(label: str, name: str, had: dict[str, int]) -> str:
    return f"{name.upper()}_{label}" if label in had else label


def _bus(label: str, name: str, had: dict[str, int]) -> str:
    """Lines of a bus keep their usual names, so that parts share them."""
    upper = label.upper()
    for usual, words in (
        ("SDA", r"SDA\w{0,2}|SDA_?SDI|SDI_SDA"),
        ("SCL", r"SCL|SCL_?SCK|SCK_SCL"),
        ("SCK", r"SCLK|SCK|CLK"),
        ("MOSI", r"MOSI|DIN|SDI"),
        ("MISO", r"MISO|DOUT|SDO"),
    ):
        if re.fullmatch(words, upper):
            return usual
    return _own(label, name, had)


def _buses(ask: Ask, sheet: Sheet, net: str, signals: Sequence[str], pins: Sequence[Any]) -> None:
    """The pull-ups of an I2C bus and of open outputs, once a sheet."""
    pulled = {part.pins.get("2") for part in sheet.parts if part.reference.startswith("R")} | {
        part.pins.get("1") for part in sheet.parts if part.reference.startswith("R")
    }
    ohms = [o for o in ask.value_of("ohm") if 500 <= o <= 50e3]
    for line in ("SDA", "SCL"):
        if line in signals and line not in pulled and {"SDA", "SCL"} <= set(signals):
            sheet.r(ohms[0] if ohms else 4.7e3, net, line)
    for line in _open_outputs(pins):
        if line in signals and line not in pulled:
            sheet.r(10e3, net, line)


def _open_outputs(pins: Sequence[Any]) -> Iterator[str]:
    yield from (_plain(pin.name) for pin in pins if pin.type == "open_collector" and pin.name not in ("SDA", "SCL"))
