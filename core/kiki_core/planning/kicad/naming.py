"""References and nets as a request names them: "LED D1", "R1 and R2 = 5.1k", "the output is called ADC_IN"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from kiki_core.planning.kicad.sheet import Ask, Sheet
from kiki_tools.kicad.circuits import Part, is_ground

_REFERENCE = r"(?:LED|SW|RV|TH|JP|FB|BT|TP|BZ|IC|R|C|L|D|Q|U|J|Y|F|K|M|S)\d{1,2}(?![\w.%])"
_VALUE = r"(?<![\w.])\d[\d.,]*\s?(?:[pnuµmkKM]?(?:Ω|ohms?|Ohm|F|H|Hz)?\d{0,2}|R\d{0,2})(?![\w])"
_GROUP = re.compile(rf"(?<![\w.-]){_REFERENCE}(?:\s*(?:,|/|&|\+|=|and|et|und|y)\s*{_REFERENCE})*")
_AFTER = re.compile(
    rf"\s*(?:=|:|\(|is|are|each|both|of|de|von|with|,|de valor|chacune?|je|jeweils)?\s*(?:=|each |both |of |a )?\s*({_VALUE})"
)
_BEFORE = re.compile(rf"({_VALUE})\s+(?:[a-zA-ZÀ-ÿ-]+\s+){{0,2}}\(?$")
_KINDS: Sequence[tuple[str, str]] = (
    (r"\bleds?\b|leuchtdiode|diode électro", r":LED"), (r"zener", r"Zener"), (r"schottky", r"Schottky"), (r"\btvs\b", r"TVS|LC6|PESD|SMAJ"), (r"diod|freilauf", r":D(?:_|$)"),
    (r"usb|receptacle|type-?c", r"USB"), (r"jack|barrel", r"Jack"), (r"\binput|entrée|eingang|entrada", "^IN$"), (r"output|sortie|ausgang|salida", "^OUT$"),
    (r"power|supply|aliment|versorg|batter", "^POWER$"), (r"electrolytic|polari[sz]ed|elko|électrolytique|électrochimique|electrolítico", r"Polarized"),
)  # fmt: skip
_NET = r"[\"'`«“„]?(?P<name>[A-Z][A-Z0-9]*(?:[_+\-/.][A-Z0-9]+)*[+-]?|~\{[A-Z]+\})(?![\w])[\"'`»”“]?"
_OUT = r"(?:outputs?|out|sorties?|ausgangs?|ausgang|salidas?|mid ?point|mittelpunkt|tap|abgriff|point milieu|junction)"
_IN = r"(?:inputs?|entrées?|eingangs?|eingang|entradas?)"
_CONTROL = r"(?:control|gate|drive[nr]?|commande|steuer\w*|control|mando|enable|grille|basis|base|signal|trigger)"
_CALLED = (r"(?:(?:\s+(?:net|signal|node|pin|line|netz|nœud|réseau|red|señal|rail))?(?:\s*[:=]\s*|\s+(?:is |should be |shall be |to be |est |ist |es |soll |se |s')?(?:also )?(?:called|named|labell?ed|"
           r"nommée?|appelle|appelée?|heißt|heisst|heißen|genannt|namens|llama|llamada?|to|on|net|as|goes to|going to|sur|auf|label)?\s*(?:is |the |net |label |als )?))")  # fmt: skip
_ROLES: Sequence[tuple[str, re.Pattern[str]]] = (
    ("out", re.compile(rf"(?i:\b{_OUT}){_CALLED.replace('(?:', '(?i:', 1)}{_NET}")),
    ("in", re.compile(rf"(?i:\b{_IN}){_CALLED.replace('(?:', '(?i:', 1)}{_NET}")),
    ("control", re.compile(rf"(?i:\b(?:driven|controlled|switched|commandée?|pilotée?|gesteuert|angesteuert|controlad[oa]|mandad[oa]|accionad[oa])\s+(?:by|from|with|via|par|von|über|por|desde)\s+(?:the |le |la |el |der |dem )?){_NET}")),
    ("control", re.compile(rf"(?i:\b{_CONTROL}){_CALLED.replace('(?:', '(?i:', 1)}{_NET}")),
    ("out", re.compile(rf"(?<![\w.+/-]){_NET}\s+(?i:as|for|comme|als|como|is|at) (?i:the |la |der |)?(?i:{_OUT})\b")),
    ("in", re.compile(rf"(?<![\w.+/-]){_NET}\s+(?i:as|for|comme|als|como|is|at) (?i:the |l'|la |der |)?(?i:{_IN})\b")),
    ("in", re.compile(rf"(?i:\b(?:from|de|von|aus|desde|between|entre|zwischen))\s+{_NET}")),
    ("", re.compile(rf"\(\s*{_NET}\s*\)")),
    ("", re.compile(rf"(?i:\b(?:on|at|an|auf|sur|en|net|netz|label))\s+{_NET}")),
    ("out", re.compile(rf"(?i:\b(?:to|vers|nach|hacia|a|à|into|feeding|auf))\s+{_NET}")),
)  # fmt: skip
_LISTS = re.compile(
    r"(?i:\b(?:nets?|net ?names?|netze?(?: heißen| heissen)?|netznamen|labels?|noms? (?:des |de )?(?:nets?|réseaux)|nombres? de (?:las )?red(?:es)?|redes|réseaux|signals?|signale?|señales|signaux)"
    r"(?:\s+(?:names?|are|called|named|sont|sind|heißen|heissen|se llaman|son|nommés?|llamad[oa]s|labell?ed|is|:))*)\s*[:=]?\s*"
    r"(?P<names>[A-Z~+][\w+\-/.]*(?:\s*(?:,|;|\band\b|\bet\b|\bund\b|\by\b|&|/)\s*[A-Z~+][\w+\-/.]*)*)"
)
_NO_NETS = re.compile(
    r"(?:KICAD|SPICE|USB(?:-?C)?|LEDS?|MOSFETS?|N?PNP?|NPN|PNP|LDO|SMD|SMT|THT|BOM|ERC|DRC|PCB|I2C|SPI|UART|CAN|RC|RL|LC|RLC|GPIO|MCU|ADC|DAC|IC|ESD|TVS|OPV|AOP|AC|DC|TTL|CMOS|"
    r"NTC|PTC|LDR|PWM|LIN|RGB|IR|RF|OP|V|A|I|T|X|Y|N|P|C|R|L|U|J|D|Q|S|NE?\d+|BAT|EMI|EMC|EN|DIP|SOT|SOIC|RS|HF|NF|MP|LI-?ION|LIPO|SWD|JTAG|FTDI|ISP|ICSP|BOOT0?|RESET|NRST|OLED|TFT|LCD|CC|DRAIN|SOURCE|GATE|PTC|MOV|QFN|BGA|THD|[NP]-?(?:MOSFETS?|CHANNEL|FET|MOS)|LI-?PO|HI-?Z)"
)
_PARTLIKE = re.compile(
    r"\d?[A-Z]{1,6}\d{3,}[A-Z0-9]*(?:-[A-Z0-9.]+)*|(?:STM|ESP|ATMEGA|ATTINY|PIC)\w+|RS-?\d{3}[A-Z0-9]*|SOT-?\d+.*|SOIC.*|TO-?\d+|CC[12]|1-WIRE"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A reference that a text names: its value (ohm, F, H, Hz), if it is stated, and the words around it."""

    name: str
    value: float | None
    near: str


def stated(text: str) -> list[Stated]:
    """The references of a text, each once."""
    found: dict[str, Stated] = {}
    for group in _GROUP.finditer(text):
        after, before = _AFTER.match(text, group.end()), _BEFORE.search(text, max(0, group.start() - 40), group.start())
        shown = after[1] if after else before[1] if before else ""
        near = text[max(0, group.start() - 28) : group.start()]
        near = re.split(_REFERENCE, near)[-1] + "|" + text[group.end() : group.end() + 12]
        for name in re.findall(_REFERENCE, group[0]):
            value = _read(shown) if shown and re.match(r"R|C|L\d|Y|TH", name) else None
            if name not in found or (found[name].value is None and value is not None):
                found[name] = Stated(name, value, near)
    return list(found.values())


def _read(shown: str) -> float | None:
    numbers = Ask.of(shown).quantities
    return numbers[0].value if numbers else None


def nets(text: str) -> list[tuple[str, str]]:
    """Nets that a text names, each with its role: out, in, control, or empty where only the name is told."""
    found: dict[str, str] = {}
    for match in _LISTS.finditer(text):
        for name in re.split(r"\s*(?:,|;|\band\b|\bet\b|\bund\b|\by\b|&|/)\s*", match["names"]):
            name = name.strip(".-/")
            if re.fullmatch(r"[A-Z~+][A-Z0-9_+\-/.{}]*", name) and _is_net(name):
                found.setdefault(name, "")
    for role, pattern in _ROLES:
        for match in pattern.finditer(text):
            name = match["name"]
            if _is_net(name) and not found.get(name):
                found[name] = role or found.get(name, "")
    for name in re.findall(r"(?<![\w/.-])([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])(?![\w/])", text):
        if _is_net(name):
            found.setdefault(name, "")
    return list(found.items())


def _is_net(name: str) -> bool:
    return len(name) > 1 and not (
        _NO_NETS.fullmatch(name)
        or _PARTLIKE.fullmatch(name)
        or re.fullmatch(_REFERENCE, name)
        or re.fullmatch(r"\d.*|[A-Z]\d{0,2}", name)
    )


def applied(text: str, sheet: Sheet) -> None:
    """Gives the sheet's parts and nets the names that the text has for them."""
    _rename_parts(text, sheet)
    _rename_nets(text, sheet)


def _letters(reference: str) -> str:
    return re.sub(r"\d+$", "", reference)


def _rename_parts(text: str, sheet: Sheet) -> None:
    names: dict[str, str] = {}
    wishes = sorted(stated(text), key=lambda each: each.value is None)
    for wish in wishes:
        letter = {"LED": "D", "S": "SW", "IC": "U"}.get(_letters(wish.name), _letters(wish.name))
        free = [part for part in sheet.parts if _letters(part.reference) == letter and part.reference not in names]
        if free and letter == _letters(wish.name):
            names[_best(wish, free).reference] = wish.name
    taken = set(names.values())
    numbers: dict[str, int] = {}
    parts = []
    for part in sheet.parts:
        name = names.get(part.reference, part.reference)
        if part.reference not in names and name in taken:
            letter = _letters(name)
            number = numbers.get(letter, 0) + 1
            while f"{letter}{number}" in taken or any(
                f"{letter}{number}" == each.reference and each.reference not in names for each in sheet.parts
            ):
                number += 1
            numbers[letter], name = number, f"{letter}{number}"
        taken.add(name)
        parts.append(replace(part, reference=name))
    sheet.parts = parts


def _best(wish: Stated, free: Sequence[Part]) -> Part:
    """The part that has the stated value, or is of the kind that the words beside the reference tell; else the first."""
    if wish.value is not None:
        for part in free:
            had = Ask.of(part.value).quantities
            if had and abs(had[0].value - wish.value) <= 0.011 * abs(wish.value):
                return part
    before, _, after = wish.near.partition("|")
    for words, kind in _KINDS:
        if re.search(words, before[-22:], re.IGNORECASE) or re.search(rf"^\W*(?:{words})", after, re.IGNORECASE):
            for part in free:
                if re.search(kind, part.symbol) or re.search(kind, part.value):
                    return part
    same = next((part for part in free if part.reference == wish.name), None)
    return same or free[0]


def _rename_nets(text: str, sheet: Sheet) -> None:
    wishes = [(name, role) for name, role in nets(text) if name not in sheet.nets()]
    for name, role in wishes:
        had = sheet.nets()
        told = _told(name)
        old = _alike(name, had) or _of_role(
            told if told == "control" else role or told, name, sheet, {other for other, _ in nets(text)}
        )
        if old and old in had and not is_ground(old) and not any(old == other for other, _ in nets(text)):
            sheet.parts = [
                replace(part, pins={pin: name if net == old else net for pin, net in part.pins.items()})
                for part in sheet.parts
            ]
            sheet.supply = name if sheet.supply == old else sheet.supply


def _told(name: str) -> str:
    """The role that a net's own name tells."""
    if re.search(r"OUT|SENSE|ADC|MEAS", name):
        return "out"
    if re.search(r"CTRL|CONTROL|EN(?:ABLE)?$|GPIO|DRV|DRIVE|PWM|_EN", name):
        return "control"
    return "in" if re.search(r"IN(?:PUT)?$|^VIN|^IN|VBAT|VRAW|_IN", name) else ""


def _alike(name: str, had: dict[str, int]) -> str:
    """The net whose name is a part of this one: A of RS485_A, CANH of CAN_H, SDA of I2C_SDA."""
    plain = re.sub(r"[_\-/.]", "", name)
    pieces = [each for each in re.split(r"[_\-/.]", name) if each]
    for net in had:
        if re.sub(r"[_\-/.]", "", net) == plain or (len(pieces) > 1 and net in (pieces[-1], pieces[0])):
            return net
    number = re.search(r"\d+$", name)
    return (
        next((f"{stem}{number[0]}" for stem in ("BUTTON", "OUT", "IN") if f"{stem}{number[0]}" in had), "")
        if number
        else ""
    )


def _of_role(role: str, name: str, sheet: Sheet, taken: Collection[str]) -> str:
    had = sheet.nets()
    supplies = re.match(r"[+-]|V|BAT|SYS|PWR|POWER|SUPPLY", name) is not None
    values = {
        "out": ("OUT", "SENSOR", "BUTTON", "LOAD", "NETS"),
        "in": ("IN", *(("POWER",) if supplies else ()), "NETS"),
        "control": ("CTRL", "IN", "TRIGGER"),
    }.get(role, ())
    if role == "out" and "OUT" in had:
        return "OUT"
    if role == "in" and "IN" in had:
        return "IN"
    if role == "control" and "CTRL" in had:
        return "CTRL"
    crystal = {"out": "XTAL2", "in": "XTAL1"}.get(role, "")
    if crystal in had:
        return crystal
    for value in values:
        ends = [part for part in sheet.parts if part.reference.startswith("J") and part.value == value]
        for part in reversed(ends) if role == "out" else ends:
            for net in _signals(part, role, sheet):
                if net not in taken:
                    return net
    return ""


def _signals(part: Part, role: str, sheet: Sheet) -> Iterator[str]:
    """The nets of a connector that may have the role: no ground, and a supply only where there is nothing else."""
    open_nets = [net for net in part.pins.values() if not is_ground(net)]
    yield from (net for net in open_nets if not net.startswith(("+", "-")))
    yield from (net for net in open_nets if net.startswith(("+", "-")))
