"""The schematic that a request asks for: its parts as stated, or the blocks that its words name, joined by their supplies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kiki_core.events import Requirement
from kiki_core.planning.kicad import additions, naming, wired
from kiki_core.planning.kicad.blocks import BLOCKS, Block
from kiki_core.planning.kicad.blocks import named as parts_as_named
from kiki_core.planning.kicad.negated import INPUTS, asserted, without
from kiki_core.planning.kicad.sheet import Ask, Sheet
from kiki_core.planning.kicad.sheet_asked import GAIN
from kiki_core.planning.kicad.stated import stated
from kiki_tools.kicad.circuits import Part

_KINDS = re.compile(r"schematic|kicad|symbol|schéma|schaltplan|esquema", re.IGNORECASE)
_INSIDE = {
    # what a block draws itself, so that another block needn't
    "switch": {"led", "button", "sensor"}, "amplifier": {"divider", "filter", "led"}, "comparator": {"divider", "amplifier", "led", "sensor"},
    "mcu": {"crystal", "button", "decoupling", "led", "i2c", "switch"}, "usb": {"reverse"}, "timer": {"led", "decoupling", "button"},
    "shift": {"led", "decoupling"}, "strip": {"led", "decoupling"}, "ldo": {"decoupling", "zener"}, "buck": {"ldo", "zener", "decoupling", "switch"}, "sallen": {"filter", "amplifier", "divider"}, "high side": {"switch", "reverse"},

    "lm317": {"ldo", "decoupling", "divider"}, "charger": {"led", "decoupling"}, "jack": {"reverse", "led_"}, "opto": {"led", "button"},
    "bridge": {"filter"}, "sense": {"amplifier", "divider"}, "can": {"decoupling"}, "rs485": {"decoupling"}, "rs232": {"decoupling"},
    "levels": {"i2c", "switch", "decoupling"}, "zener": {"divider"}, "sensor": {"divider", "filter"}, "darlington": {"switch", "led"},
    "i2c": {"decoupling"}, "flash": {"decoupling"}, "onewire": {"decoupling"}, "bridge sensor": {"divider"}, "button": {"filter"},
    "pad": {"divider"}, "divider": {"filter"}, "crystal": {"filter"}, "reverse": {"switch", "zener"},
}  # fmt: skip


_PASS = re.compile(
    r"(?:low|high)[- ]?pass|passe-?(?:bas|haut)|(?:tief|hoch)pass|pasa-?(?:baj|alt)|\brc\b[- ]?(?:filter|filtre)?",
    re.IGNORECASE,
)
_HIGH_IMPEDANCE = re.compile(r"follower|buffer|suiveur|folger|impedanzwandler|seguidor|unity|non[- ]?inver|nicht[- ]?invert|no[- ]inversor",
                             re.IGNORECASE)  # fmt: skip
"""Stages that don't load a filter before them."""
_AT_INPUT = re.compile(
    r"before it|davor|avant (?:lui|celui)|upstream|input filter|filter(?:ed)? (?:at|on) (?:the|its) input|eingangsfilter|filtre d'entrée|filtro de entrada",
    re.IGNORECASE,
)


def circuit(text: str) -> tuple[dict[str, Any], tuple[Requirement, ...], tuple[str, ...], tuple[str, ...]] | None:
    """The plan of a schematic, what its values come to, notes, and what it lacks; None if no block is named.

    Raises:
        Impossible: for what no circuit can do.
    """
    sheet = wired.built(text)
    told = stated(text) if sheet is None else None
    if told is not None and {each.name for each in naming.stated(text)} <= {part.reference for part in told.parts}:
        sheet = told
    if sheet is None:
        sheet = _from_blocks(INPUTS.sub(lambda match: "+ input" if match[1] or match[2] else "- input", asserted(text)))
        if sheet is not None:
            additions.add(Ask.of(asserted(text)), sheet)
            without(text, sheet)
            naming.applied(text, sheet)
            wired.applied(text, sheet)
            _gain_again(text, sheet)
    sheet = sheet or told
    if sheet is None:
        return None
    title = ", ".join(sheet.title) or "circuit"
    name = re.sub(r"\W+", "_", sheet.title[0].lower() if sheet.title else "circuit").strip("_")[:40] or "circuit"
    parts = [
        {
            "reference": part.reference,
            "symbol": part.symbol,
            "pins": dict(part.pins),
            "value": part.value,
            "footprint": part.footprint,
        }
        for part in sheet.parts
    ]
    return (
        {"title": title[:1].upper() + title[1:], "name": name, "parts": parts},
        tuple(sheet.claims),
        tuple(sheet.notes),
        tuple(sheet.lost),
    )


def _from_blocks(text: str) -> Sheet | None:
    named = [block for block in BLOCKS if block.asks.search(text)]
    hidden = {other for block in named for other in _INSIDE.get(block.name, ())}
    plain = {block.name for block in named}
    if "bridge" in plain and "mcu" not in plain:
        hidden.discard("decoupling")
    if "led" in hidden and re.search(r"power(?:-on)? (?:indicator )?led|indicator led|led (?:power )?indicat|status led|témoin|betriebsanzeige|kontroll-?led|anzeige-?led|"
                                     r"led indicador|led (?:on|at) the output", text, re.IGNORECASE) and not plain & {"mcu", "timer", "charger"}:  # fmt: skip
        hidden.discard("led")
    cascaded = (
        {"filter", "amplifier"} <= plain
        and _PASS.search(text)
        and _HIGH_IMPEDANCE.search(text) is not None
        and "sallen" not in plain
    )
    if cascaded:
        hidden.discard("filter")
    if "sense" in plain and any(
        each.startswith(_SENSORS) for each in map(parts_as_named.symbol_of, parts_as_named.names(text))
    ):
        hidden.add("sense")
    chosen = [block for block in named if block.name not in hidden]
    sheet, ask = Sheet(), Ask.of(text)
    if not chosen:
        return sheet if parts_as_named.draw(ask, sheet) else None
    if cascaded and {"filter", "amplifier"} <= {block.name for block in chosen[:5]}:
        pair = sorted(
            (block for block in chosen if block.name in ("filter", "amplifier")), key=lambda each: _at(each, text)
        )
        if _AT_INPUT.search(text):
            pair.sort(key=lambda each: each.name != "filter")
        _in_a_row(pair, ask, sheet)
        chosen = [block for block in chosen if block not in pair]
    drawn: dict[str, set[str]] = {}
    bare = (
        len(chosen) == 1 and chosen[0].name in _BUSES and any(map(parts_as_named.symbol_of, parts_as_named.names(text)))
    )
    for block in [] if bare else chosen[:_MOST_BLOCKS]:
        before = len(sheet.parts)
        block.draws(ask, sheet)
        drawn[block.name] = _signals(sheet, before)
    before = len(sheet.parts)
    if parts_as_named.draw(ask, sheet):
        drawn["the named part"] = _signals(sheet, before)
        sheet.lost += _doubled(text, sheet.parts[:before], sheet.parts[before:])
    sheet.lost += _apart(text, drawn) + [block.name for block in chosen[_MOST_BLOCKS:]]
    return sheet if sheet.parts else None


def _doubled(text: str, own: Sequence[Part], named: Sequence[Part]) -> list[str]:
    """Parts that a text names and a block has another one for, of the same library: what they do isn't joined to them."""
    chosen = [part for part in own if part.reference.startswith("U") and part.value.lower() not in text.lower()]
    return [f"the {other.value} in place of the {part.value}" for part in chosen for other in named
            if other.reference.startswith("U") and other.symbol.partition(":")[0] == part.symbol.partition(":")[0]]  # fmt: skip


def _gain_again(text: str, sheet: Sheet) -> None:
    """The gain of an amplifier by the resistors that it has at last; none is claimed that the text doesn't state."""
    nets = sheet.nets()
    for claim in [each for each in sheet.claims if each.quantity == "gain"]:
        if not GAIN.search(text):
            sheet.claims.remove(claim)
            continue
        ends = ("FB", "GND") if "FB" in nets else ("IN", "MINUS")
        values = [next((Ask.of(part.value).quantities[0].value for part in sheet.parts if part.reference.startswith("R")
                        and set(part.pins.values()) == pair and Ask.of(part.value).quantities), 0.0)
                  for pair in ({"OUT", "FB" if "FB" in nets else "MINUS"}, set(ends))]  # fmt: skip
        if all(values):
            sheet.claims.remove(claim)
            sheet.claim("gain", claim.value, "", values[0] / values[1] + (1 if "FB" in nets else 0))


_MOST_BLOCKS = 8
_BUSES = frozenset({"i2c", "decoupling", "sense", "button"})
"""Blocks that a part of that kind, known by its name, needs no other drawing of."""
_SENSORS = ("Sensor_Energy:", "Sensor_Current:")
"""Libraries of parts that measure a current themselves."""
_SUPPLIES = frozenset({"usb", "jack", "bridge", "charger", "reverse", "buck", "lm317", "ldo", "zener", "decoupling"})
_LINKED = re.compile(
    r"\b(?:driv\w+|control\w*|switch(?:es|ed|ing)|trigger\w*|feed\w*|into|followed|then|turns? on|lights?|toggles?|connected to|outputs? to|from the|buffered|amplif\w+|schalt\w*|steuer\w*|"
    r"treib\w*|gefolgt|danach|pilot\w*|command\w*|suivi\w*|allum\w*|puis|conmut\w*|control\w*|enciend\w*|seguido|luego|with|mit|avec|con)\b", re.IGNORECASE,
)  # fmt: skip
_LAMP_APART = re.compile(
    r"(?:power|status|indicator|supply)(?:[- ]?on)?[- ](?:indicator )?leds?|indicator|témoin|betriebsanzeige|kontroll|anzeige|indicador|led (?:on|at) ",
    re.IGNORECASE,
)


def _signals(sheet: Sheet, before: int) -> set[str]:
    """The nets of the parts that were added, without supplies and grounds."""
    from kiki_tools.kicad.circuits import Circuit

    nets = {net for part in sheet.parts[before:] for net in part.pins.values()}
    power = Circuit("", ())
    return {net for net in nets if not power.is_power(net) and net != sheet.supply}


def _apart(text: str, drawn: dict[str, set[str]]) -> list[str]:
    """Blocks that the text links and no signal joins: each lives from the same supply, but nothing goes between."""
    if not _LINKED.search(text):
        return []
    blocks = {name: nets for name, nets in drawn.items() if name not in _SUPPLIES and nets}
    if _LAMP_APART.search(text):
        blocks.pop("led", None)
    if len(blocks) < 2:
        return []
    joined, nets = [next(iter(blocks))], set(next(iter(blocks.values())))
    while fresh := [name for name, own in blocks.items() if name not in joined and own & nets]:
        joined += fresh
        nets |= set().union(*(blocks[name] for name in fresh))
    return [f"a link between {joined[0]} and {name}" for name in blocks if name not in joined]


def _at(block: Block, text: str) -> int:
    found = block.asks.search(text)
    return found.start() if found else len(text)


def _in_a_row(pair: Sequence[Block], ask: Ask, sheet: Sheet) -> None:
    """Draws two two-ports, the first one's output at the second one's input."""
    one, other = pair
    one.draws(ask, sheet)
    sheet.parts = [replace(part, pins={pin: "STAGE" if net == "OUT" else net for pin, net in part.pins.items()})
                   for part in sheet.parts if not (part.reference.startswith("J") and part.value == "OUT")]  # fmt: skip
    before = {part.reference for part in sheet.parts}
    other.draws(ask, sheet)
    sheet.parts = [part if part.reference in before else
                   replace(part, pins={pin: "STAGE" if net == "IN" else net for pin, net in part.pins.items()})
                   for part in sheet.parts
                   if part.reference in before or not (part.reference.startswith("J") and part.value == "IN")]  # fmt: skip
