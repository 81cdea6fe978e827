"""Sheets whose parts lie where a request wants them: built from its words alone, or a block's sheet put right by them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kiki_core.planning.kicad import naming
from kiki_core.planning.kicad.blocks.amplifiers import amplifier_alone
from kiki_core.planning.kicad.blocks.named import names, symbol_of
from kiki_core.planning.kicad.sheet import Ask, Sheet, written
from kiki_core.planning.kicad.stated import add_connectors
from kiki_core.planning.kicad.wires import MINUS, PLUS, Wire, net_of, pins, wires
from kiki_tools.kicad.circuits import Part, is_ground

_SYMBOLS = {"R": "Device:R", "C": "Device:C", "L": "Device:L", "D": "Device:D", "F": "Device:Fuse", "Y": "Device:Crystal", "SW": "Switch:SW_Push",
            "TH": "Device:Thermistor_NTC", "FB": "Device:FerriteBead", "BT": "Device:Battery_Cell", "LED": "Device:LED", "RV": "Device:R", "JP": "Jumper:Jumper_2_Open"}  # fmt: skip
_KINDS: Sequence[tuple[str, str, str]] = (
    ("D", r"\bleds?\b|leuchtdiode", "Device:LED"), ("D", r"zener|z-diode", "Device:D_Zener"), ("D", r"schottky|\b1N58\d\d|\bBAT\d\d|\bSS\d\d\b|\bMBR", "Device:D_Schottky"), ("D", r"\btvs\b|transil|suppressor|supprimier|\bSM[ABC]J\d|\bP6KE|\bPESD", "Device:D_TVS"),
    ("C", r"electrolytic|polari[sz]ed|elko|électrolytique|électrochimique|electrolítico|tantal", "Device:C_Polarized"), ("F", r"polyfuse|\bptc\b|resettable|réarmable|rückstell", "Device:Polyfuse"),
)  # fmt: skip
_TRANSISTORS: Sequence[tuple[str, str, str]] = (
    (r"p-?(?:channel|kanal|ch)\b|p-?mos\w*|canal p\b|canal-p", "Transistor_FET:AO3401A", "GDS"), (r"n-?(?:channel|kanal|ch)\b|n-?mos\w*|canal n\b|mosfet", "Transistor_FET:2N7002", "GDS"),
    (r"\bpnp\b", "Transistor_BJT:BC557", "BCE"), (r"\bnpn\b|transistor", "Transistor_BJT:BC547", "BCE"),
)  # fmt: skip
_TYPED = re.compile(
    r"(?<!\w)(?:(2N7002|BSS138|BSS84|AO3400A?|AO3401A?|IRLZ44N|IRF540N)|BC(?:547|557|337|327|807|817|847|857)|2N390[46]|2N2222A?)(?!\w)",
    re.IGNORECASE,
)
"""Transistors with a symbol of their own; the group: a field-effect one."""
_OWN_VALUE = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(m?A|V\d*)(?![\w])|\b(1N\d{3,4}\w?|BAT\d+\w*|SM[ABC]J\d+(?:\.\d)?\w*|P6KE\d+\w*|UF400\d|MBR\w+|SB\d{3}|SS\d\d|BZX\w+)\b",
    re.IGNORECASE,
)


def built(text: str) -> Sheet | None:
    """The sheet of a text that states where each of its parts lies; None where it names one that it doesn't place."""
    placed = {wire.name: wire for wire in wires(text)}
    said = [each.name for each in naming.stated(text)]
    joints = pins(text)
    transistors = [name for name in said if name.startswith("Q")]
    amplifier = _amplifier(text, placed, said) if not transistors else ()
    others = [
        name for name in said if name not in placed and name[0] not in "QJ" and not (amplifier and name[0] == "U")
    ]
    if others or len(placed) + len(transistors) < 2 or len(transistors) > 1 or (transistors and len(joints) < 2):
        return None
    if not amplifier and _has_op_amp(text):
        return None
    library = "Amplifier_Operational:" if amplifier else "no other"
    if any(not symbol.startswith(library) for symbol in map(symbol_of, names(text)) if symbol) or _OTHERS.search(text):
        return None
    sheet = Sheet()
    inputs = {"3": "PLUS", "4": "MINUS", "1": "OUT"}
    if amplifier:
        sheet.parts.append(Part("U0", "", inputs | {"3": amplifier[0], "1": amplifier[1]}, "", ""))
    for name in transistors:
        near = _near(text, name)
        typed = _TYPED.search(f"{near} {text}")
        symbol, letters = (
            ("", "")
            if typed is None
            else (f"Transistor_{'FET' if typed[1] else 'BJT'}:{_typed(typed[0].upper())}", "GDS" if typed[1] else "BCE")
        )
        if not symbol:
            symbol, letters = next(((symbol, letters) for words, symbol, letters in _TRANSISTORS if re.search(words, near, re.IGNORECASE)), ("", ""))  # fmt: skip
        if not symbol:
            return None
        usual = {"G": "GATE", "D": "DRAIN", "S": "SOURCE", "B": "BASE", "C": "COLLECTOR", "E": "EMITTER"}
        nets = {
            letter: _plain(joints.get((name, letter)) or joints.get(("", letter)) or usual[letter])
            for letter in letters
        }
        sheet.parts.append(Part(name, symbol, nets, symbol.partition(":")[2], ""))
    for wire in placed.values():
        ends = [_end(end, sheet, placed) for end in wire.ends]
        if not all(ends) or ends[0] == ends[1]:
            return None
        sheet.parts.append(_part(text, wire.name, ends[0], ends[1]))
    if amplifier:
        sheet.parts = [part for part in sheet.parts if part.reference != "U0"]
        own = amplifier_alone(Ask.of(text), sheet, amplifier[0], "MINUS", amplifier[1])
        name = next((each for each in said if each.startswith("U")), own)
        sheet.parts = [replace(part, reference=name) if part.reference == own else part for part in sheet.parts]
    add_connectors(text, sheet)
    drawn = {part.reference for part in sheet.parts}
    if any(name.startswith("J") and name not in drawn for name in said):
        return None
    counts = sheet.nets()
    single = [net for net in counts if counts[net] == 1]
    outside = [net for net in counts if net in single or is_ground(net) or re.match(r"[+-]|V|IN$|OUT$|PWR|BAT", net)]
    if len(outside) > 1 and not any(name.startswith("J") for name in drawn):
        sheet.connector(outside[:20], "NETS")
    sheet.title.append("circuit as stated")
    return sheet


_OTHERS = re.compile(r"\b(?:regulator|régulateur|regler|microcontroller|mcu|driver ic)\b", re.IGNORECASE)
_OP_AMP = re.compile(r"\bop-?amp|\bOPV\b|\bAOP\b|operationsverst|opérationnel|operacional", re.IGNORECASE)
_PLUS_AT = re.compile(
    r"(?i:(?:(?:non-?inverting|nicht-?invertierende\w*|\+) ?(?:input|eingang)|(?:entrada|entrée) (?:no inversora|non[- ]inverseuse|\+)) (?:(?:is|goes|tied|connected|at|on|to|an|auf|liegt|a|à|est|reliée|conectada) )+(?:the |net |la )*)"
    r"([A-Z][A-Z0-9_]*|ground|masse)(?!\w)"
)


def _has_op_amp(text: str) -> bool:
    """Whether a text has an operational amplifier, by the word or by its part's name."""
    if _OP_AMP.search(text):
        return True
    return any(symbol_of(each).startswith("Amplifier_Operational:") for each in names(text))


def _amplifier(text: str, placed: Mapping[str, Wire], said: Sequence[str]) -> tuple[str, ...]:
    """The nets at the + input and the output of the one op-amp whose inputs a text's parts lie at; empty if it hasn't one."""
    if not _has_op_amp(text) or sum(name.startswith("U") for name in said) > 1:
        return ()
    if re.search(
        r"\b(?:two|dual|second|both|three|quad|zwei|deux|dos) (?:op-?amp|amplif|OPV|AOP)|buffer|follower|\bgain|verstärkung|ganancia",
        text,
        re.IGNORECASE,
    ):
        return ()
    ends = [end for wire in placed.values() for end in wire.ends]
    if not any(MINUS.fullmatch(end) for end in ends):
        return ()
    joined = any(PLUS.fullmatch(end) for end in ends)
    told = None if joined else _PLUS_AT.search(text)
    if not told and not joined:
        return ()
    out = next((end for end in ends if re.fullmatch(r"V?OUT\w*|VO|AOUT", end)), "")
    if not out and any(re.fullmatch(r"outputs?|sortie|ausgang|salida", end, re.IGNORECASE) for end in ends):
        out = "OUT"
    return (_plain(told[1]) if told else "PLUS", out) if out else ()


def _typed(name: str) -> str:
    """A transistor's name as KiCad's libraries have it."""
    return {"AO3400": "AO3400A", "AO3401": "AO3401A", "2N2222": "PN2222A", "2N2222A": "PN2222A"}.get(name, name)


def _end(end: str, sheet: Sheet, placed: Mapping[str, Wire]) -> str:
    """The net of an end, by its name, by a transistor's pin, or as what two parts share."""
    if end.startswith("@"):
        one, _, other = end[1:].partition("_")
        return (
            f"N_{one}_{other}"
            if {one, other} <= set(placed) and all(end in placed[name].ends for name in (one, other))
            else ""
        )
    known = net_of(end, [(part.reference, part.pins) for part in sheet.parts], {})
    if known:
        return known
    plain = _plain(end)
    return (
        plain
        if re.fullmatch(r"[A-Z0-9_+\-/.]+", plain)
        and not re.fullmatch(r"GATE|DRAIN|SOURCE|BASE|COLLECTOR|EMITTER|ADJ", plain)
        else ""
    )


def _plain(end: str) -> str:
    if re.fullmatch(r"ground|masse|masa|tierra|gnd|0v", end, re.IGNORECASE):
        return "GND"
    if re.fullmatch(r"outputs?|sortie|ausgang|salida", end, re.IGNORECASE):
        return "OUT"
    if re.fullmatch(r"inputs?|entrée|eingang|entrada", end, re.IGNORECASE):
        return "IN"
    return end.upper() if not re.search(r"\s|[+-] ?i", end) else ""


def _near(text: str, name: str) -> str:
    """The words about a reference: those before it up to another part, and those after it up to a comma."""
    found = re.search(rf"(?<![\w]){name}(?!\w)", text)
    if found is None:
        return ""
    before = re.split(
        r"[,;.](?!\d)|\b(?:and|et|und|y)\b|\b[A-Z]{1,2}\d{1,2}\b", text[max(0, found.start() - 40) : found.start()]
    )[-1]
    after = re.split(
        r"[,;.](?!\d)|\b(?:from|between|entre|zwischen|von|and|et|und|y)\b|\b[A-Z]{1,2}\d{1,2}\b",
        text[found.end() : found.end() + 40],
    )[0]
    return f"{before} {after}"


def _part(text: str, name: str, one: str, other: str) -> Part:
    letter = re.sub(r"\d", "", name)
    near = _near(text, name)
    symbol = next((symbol for kind, words, symbol in _KINDS if kind == letter and re.search(words, near, re.IGNORECASE)), _SYMBOLS.get(letter, "Device:R"))  # fmt: skip
    value = _value(text, name) or ""
    if not value and letter in "RCL":
        unit = {"R": "ohm", "C": "F", "L": "H"}[letter]
        value = next((written(each.value) for each in Ask.of(near).quantities if each.unit == unit), "")
    if not value and (own := _OWN_VALUE.search(near)):
        value = (own[3] or f"{own[1].replace(',', '.')}{own[2]}").replace(" ", "")
    if symbol == "Device:D_Zener":  # its cathode at the higher end
        one, other = (one, other) if not is_ground(one) and one not in ("GATE", "BASE") else (other, one)
        return Part(name, symbol, {"K": one, "A": other}, value or "Zener", "")
    if symbol == "Device:LED" or (symbol.startswith("Device:D") and symbol != "Device:D_TVS"):
        return Part(name, symbol, {"A": one, "K": other}, value or symbol.partition(":")[2], "")
    if letter == "BT":
        return Part(name, symbol, {"+": one, "-": other}, value or "Battery", "")
    return Part(name, symbol, {"1": one, "2": other}, value or symbol.partition(":")[2], "")


def _value(text: str, name: str) -> str:
    value = next((each.value for each in naming.stated(text) if each.name == name), None)
    return "" if value is None else f"{value * 1e6:g}u" if name.startswith("C") and value >= 1e-3 else written(value)


def applied(text: str, sheet: Sheet) -> None:
    """Gives the parts of a drawn sheet the places that the text has for them: by references changed, or a part added."""
    roles = dict(naming.nets(text))
    _series(text, sheet, roles)
    for wire in wires(text):
        ends = [net_of(end, _plainly(sheet.parts), roles) for end in wire.ends]
        letter = re.sub(r"\d", "", wire.name)
        alike = [part for part in sheet.parts if re.sub(r"\d", "", part.reference) == letter and len(part.pins) == 2]
        if all(ends) and ends[0] != ends[1]:
            right = [part for part in alike if set(part.pins.values()) == set(ends)]
            mine = next((part for part in right if part.reference == wire.name), None)
            if mine is None and right:
                value = _value(text, wire.name)
                mine = next((part for part in right if value and part.value == value), right[0])
                _swap(sheet, mine.reference, wire.name)
            elif mine is None and not (letter in ("R", "L", "F") and all(_is_rail(end, sheet) for end in ends)):
                _moved_away(sheet, wire.name)
                sheet.parts.append(_part(text, wire.name, ends[0], ends[1]))
        elif any(ends) and (name := next((end for end, net in zip(wire.ends, ends, strict=True) if not net and re.fullmatch(r"[A-Z][A-Z0-9_]+", end)), "")):  # fmt: skip
            known = ends[0] or ends[1]
            _net_renamed(sheet, alike, wire.name, known, name, set(roles), bool(Ask.of(text).volts()))
        if value := _value(text, wire.name):
            sheet.parts = [
                replace(part, value=value) if part.reference == wire.name and len(part.pins) == 2 else part
                for part in sheet.parts
            ]


def _is_rail(net: str, sheet: Sheet) -> bool:
    """Whether a net is a supply or ground: nothing but a capacitor or clamp lies between two of them."""
    return is_ground(net) or net.startswith(("+", "-")) or net == sheet.supply


def _series(text: str, sheet: Sheet, roles: Mapping[str, str]) -> None:
    """References of two parts that share a node of their own: "R1 and R2 in series from IN to OUT"."""
    stated = {wire.name: wire for wire in wires(text)}
    for name, wire in stated.items():
        if not wire.ends[1].startswith("@") or wire.ends[0].startswith("@"):
            continue
        one, _, other = wire.ends[1][1:].partition("_")
        last = stated.get(other)
        if one != name or last is None or last.ends[0] != wire.ends[1] or last.ends[1].startswith("@"):
            continue
        start, end = (net_of(each, _plainly(sheet.parts), roles) for each in (wire.ends[0], last.ends[1]))
        for first in [
            part
            for part in sheet.parts
            if part.reference.startswith(re.sub(r"\d", "", one)) and start in part.pins.values()
        ]:
            for second in sheet.parts:
                shared = set(first.pins.values()) & set(second.pins.values())
                if (
                    second is not first
                    and second.reference[0] == first.reference[0]
                    and end in second.pins.values()
                    and shared - {start, end, "GND"}
                ):
                    _swap(sheet, first.reference, one)
                    later = next(
                        part.reference for part in sheet.parts if part.pins == second.pins and part.reference != one
                    )
                    _swap(sheet, later, other)
                    for each in (one, other):
                        if value := _value(text, each):
                            sheet.parts = [
                                replace(part, value=value) if part.reference == each else part for part in sheet.parts
                            ]
                    return


def _plainly(parts: Sequence[Part]) -> list[tuple[str, Mapping[str, str]]]:
    return [(part.reference, part.pins) for part in parts]


def _swap(sheet: Sheet, one: str, other: str) -> None:
    names = {one: other, other: one}
    sheet.parts = [replace(part, reference=names.get(part.reference, part.reference)) for part in sheet.parts]


def _moved_away(sheet: Sheet, name: str) -> None:
    """Gives a part that has a name which is another's the next free one."""
    letter, number = re.sub(r"\d", "", name), 1
    taken = {part.reference for part in sheet.parts}
    if name not in taken:
        return
    while f"{letter}{number}" in taken:
        number += 1
    sheet.parts = [
        replace(part, reference=f"{letter}{number}") if part.reference == name else part for part in sheet.parts
    ]


def _net_renamed(
    sheet: Sheet, alike: Sequence[Part], name: str, known: str, fresh: str, kept: set[str], text_volts: bool
) -> None:
    """Gives a part's other net the text's name, where nothing else names it."""
    fits = [part for part in alike if known in part.pins.values() and len(set(part.pins.values())) == 2]
    part = next((each for each in fits if each.reference == name), fits[0] if len(fits) == 1 else None)
    if part is None:
        return
    old = next(net for net in part.pins.values() if net != known)
    if is_ground(old) or old in kept or (old.startswith(("+", "-")) and (text_volts or old != sheet.supply)):
        return
    if part.reference != name:
        _swap(sheet, part.reference, name)
    sheet.parts = [
        replace(each, pins={pin: fresh if net == old else net for pin, net in each.pins.items()})
        for each in sheet.parts
    ]


def unmet(text: str, parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Parts of a planned sheet that don't lie where the text wants them, in words for the answer."""
    drawn = [(str(part["reference"]), part["pins"]) for part in parts]
    roles = dict(naming.nets(text))
    by_name = dict(drawn)
    for wire in wires(text):
        had = by_name.get(wire.name)
        if had is None:
            continue  # told as a part that is missing
        ends = [net_of(end, drawn, roles) for end in wire.ends]
        if all(ends) and _through(drawn, wire.name, had, ends):
            continue
        if not all(ends) or not set(ends) <= set(had.values()):
            told = [re.sub(r"@(\w+?)_(\w+)", r"the node of \1 and \2", end) for end in wire.ends]
            yield f"{wire.name} between {told[0]} and {told[1]}"
    yield from _unmet_inputs(text, drawn, roles)
    for (name, pin), net in pins(text).items():
        found = [
            had
            for reference, had in drawn
            if reference.startswith("Q") and pin in had and (not name or reference == name)
        ]
        wanted = net_of(net, drawn, roles)
        if not any(had[pin] == wanted for had in found):
            yield f"the {pin} of {name or 'a transistor'} at {net}"


def _unmet_inputs(text: str, drawn: Sequence[tuple[str, Mapping[str, str]]], roles: Mapping[str, str]) -> Iterator[str]:
    """An op-amp's inputs that don't lie where the text has them: the + input's net; what goes to the - input only."""
    if not _has_op_amp(text) or not (plus := net_of("+ input", drawn, roles)):
        return
    ends = [wire.ends for wire in wires(text)]
    told = None if any(PLUS.fullmatch(end) for pair in ends for end in pair) else _PLUS_AT.search(text)
    if told and net_of(_plain(told[1]), drawn, roles) != plus:
        yield f"the + input at {told[1]}"
    for pair in ends:
        nets = [net_of(end, drawn, roles) for end in pair if not MINUS.fullmatch(end)]
        if len(nets) == 1 and nets[0] == plus and not is_ground(plus):
            yield f"{plus} at the - input only"


def _through(
    drawn: Sequence[tuple[str, Mapping[str, str]]], name: str, had: Mapping[str, str], ends: Sequence[str]
) -> bool:
    """Whether a part lies between its ends together with one other: "an LED with R1 between +3V3 and ground"."""
    own = set(had.values())
    if len(own) != 2 or len(own & set(ends)) != 1 or not name.startswith(("R", "D", "F", "L")):
        return False
    inner, far = next(iter(own - set(ends))), next(iter(set(ends) - own))
    return any(
        set(other.values()) == {inner, far}
        for reference, other in drawn
        if reference != name and reference[0] in "RDFL"
    )
