"""Between which nets a request wants its parts: "R1 = 240 from the output to ADJ", "D1 et C1 entre VPROT et GND"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_REF = r"(?:LED|SW|RV|TH|JP|FB|BT|TP|BZ|R|C|L|D|Q|U|J|Y|F|K)\d{1,2}(?![\w.%])"
_NAMED = r"(?:[+-]?(?!(?:LED|SW|RV|TH|JP|FB|BT|TP|BZ|[RCLDQUJYFK])\d{1,2}(?!\w))[A-Z][A-Z0-9]*(?:[_+\-/.][A-Z0-9]+)*[+-]?|[+-]\d+(?:[.,]\d+)?V\d*|0V|\d+V\d+)(?![\w])"
_ROLE = (
    r"(?:(?:non-?inverting|inverting|plus|minus|\+|[-−]) ?(?:input|eingang|pin)|entrée (?:non[- ]inverseuse|inverseuse|\+|-)|outputs?|inputs?|ground|masse|masa|tierra|gate|grille|drain|source|base|collector|emitter|kollektor|"
    r"collecteur|émetteur|entrée|sortie|eingang|ausgang|entrada|salida|adj(?:ust)?|feedback|supply|(?:led |diode )?(?:anode|cathode|kathode|ánodo|cátodo))(?:\s+(?:of|de|von|du)\s+[A-Z]{1,2}\d{1,2})?(?![\w])"
)
_ARTICLE = r"(?:(?i:the|its|le|la|les|el|der|die|das|dem|den|pin|net|node|netz|nœud)\s+|(?i:l'))*"
_END = rf"{_ARTICLE}(@\w+|(?i:{_ROLE})|{_NAMED})"
_PAIR = re.compile(
    rf"(?i:\b(?:from|between|across|de|du|entre|von|vom|zwischen|desde|des?))\s+{_END}\s*(?i:to|and|à|et|a|y|nach|und|bis|vers|zu|zur|zum|an|auf|->|→|,)\s*{_END}|"
    rf"(?<=[\s(]){_END}\s*(?:to|->|→)\s*{_END}"
)
_EACH = re.compile(
    rf"(?i:\b(?:from|von|de|desde))\s+{_END}\s*(?i:and|et|und|y|,|/)\s*{_END}\s*(?i:to|à|nach|a|auf|gegen)\s*{_END}"
)
"""Two parts, each from its own net to one that they share."""
_SHARED = re.compile(
    rf"(?i:(?:the |le |den |el )?(?:node|junction|point|mid-?point|nœud|knoten|nodo|connection)\s+(?:between|of|entre|zwischen|von|de))\s+({_REF})\s*(?i:and|et|und|y|/|&)\s*({_REF})"
)
_LINK = re.compile(
    r"(?i:\s*[,/]\s*|\s*(?:[(=:]?\s*[\d.,]+\s?[a-zA-ZµΩ%]{0,5}\d*\)?)?\s*(?:=|&|\+|and|et|und|y|in series with|in reihe mit|en série avec|en serie con|with|mit|avec|con)\s*(?:(?:an?|une?|eine?n?|le|la|the|el|un)\s+)?(?:[\w-]{3,20}\s+){0,2})"
)
"""What may stand between two references that share their ends."""
_SERIES = re.compile(r"in series|in reihe|en série|en serie", re.IGNORECASE)
_THROUGH = re.compile(
    rf"{_END}\s+(?i:through|via|über|par|por|à travers)\s+({_REF})((?:\s*[(=:]?\s*\d[\d.,]*\s?[a-zA-ZµΩ]{{0,4}}\d*\)?)?)\s*(?i:to|à|a|nach|an|auf|->|→)\s*{_END}"
)
"""A part told behind its first end: "VIN through R1 = 1k to VZ"."""
_ACROSS = re.compile(
    rf"(?<![\w@_.-])({_REF})[^.;,]{{0,16}}?\s(?i:across|in parallel (?:with|to)|parallel zu|en parallèle (?:avec|sur)|en paralelo con)\s+({_REF}|(?i:it|ihr|ihm|this)(?!\w))"
)
"""A part beside another one, or beside that told last."""
_WITH = re.compile(r"\b(?:with|mit|avec|con)\b", re.IGNORECASE)
_STOP = re.compile(r"[.;\n](?!\d)|:\s")
_AT = re.compile(
    r"(?i:\s*[\w.,µ ]{0,16}?\b(?:at|on|across|am|an der|à|sur|en|a)\s+(?:the |le |la |dem |l')?)(?i:(inputs?|outputs?|eingang|ausgang|entrée|sortie|entrada|salida))(?!\w)(?!\s+(?i:voltage|of))"
)
_PIN = re.compile(
    rf"(?<!from the )(?<!between )(?<!from )(?<!between the )(?<!de la )(?<!de l')(?<!entre la )(?<!entre le )(?<!von )(?<!vom )(?<!zwischen )(?i:\b(drain|source|gate|base|collector|emitter|kollektor|emitter|collecteur|émetteur|grille))(?:\s+(?i:of|de|von)\s+({_REF}))?\s+(?i:(?:is|goes|tied|connected|wired|ist|est)\s+)*(?i:at|to|on|=|an|auf|à|a|sur|in|from)\s+{_ARTICLE}((?i:ground|masse|masa)|{_NAMED})"
)
_PINS = {"d": "D", "s": "S", "g": "G", "b": "B", "c": "C", "k": "C", "e": "E", "é": "E"}


@dataclass(frozen=True, slots=True)
class Wire:
    """A reference and the two ends that a text gives it, as the text has them; `@R1@R2` is what two parts share."""

    name: str
    ends: tuple[str, str]


def wires(text: str) -> list[Wire]:
    """The parts of two ends whose ends a text states."""
    text = _THROUGH.sub(r"\2\3 from \1 to \4", _SHARED.sub(r"@\1_\2 ", text))
    found: dict[str, Wire] = {}
    group: list[tuple[str, int]] = []
    events = sorted(
        [(match.start(), match.end(), match) for match in re.finditer(rf"(?<![\w@_.-]){_REF}", text)]
        + [(match.start(), match.end(), match) for match in _EACH.finditer(text)]
        + [(match.start(), match.end(), match) for match in _PAIR.finditer(text)]
        + [(match.start(), match.end(), match) for match in _STOP.finditer(text)],
        key=lambda event: event[0],
    )
    until = 0
    for start, end, match in events:
        if start < until:
            continue
        if match.re is _STOP or (match.re is not _PAIR and match.re is not _EACH and match[0][0] in "QUJK"):
            group = []
        elif match.re is _EACH:
            until = end
            for (name, _), own in zip(group, match.groups()[:2], strict=False):
                found.setdefault(name, Wire(name, (own, match[3])))
            group = []
        elif match.re is _PAIR:
            ends = [each for each in match.groups() if each]
            until = end
            if group and re.search(r",(?!\d)", text[group[-1][1] : start]):
                group = []  # another thing than the part lies there
            for wire in _shared_out([name for name, _ in group], ends, text[group[0][1] : start] if group else ""):
                found.setdefault(wire.name, wire)
            group = []
        else:
            linked = group and _LINK.fullmatch(text, group[-1][1], start)
            group = [*group, (match[0], end)] if linked else [(match[0], end)]
            if match[0][0] == "C" and (at := _AT.match(text, end)):
                found.setdefault(match[0], Wire(match[0], (at[1], "GND")))
    for match in _ACROSS.finditer(text):
        before = [each for each in re.findall(rf"(?<![\w@_.-]){_REF}", text[: match.start()]) if each in found]
        other = match[2] if match[2] in found else before[-1] if before and match[2].islower() else ""
        if other:
            found.setdefault(match[1], Wire(match[1], found[other].ends))
    return [wire for wire in found.values() if wire.ends[0] != wire.ends[1] and wire.name[0] not in "QUJK"]


def _shared_out(names: Sequence[str], ends: Sequence[str], between: str) -> Iterator[Wire]:
    lamp = len(names) == 2 and {name[0] for name in names} == {"D", "R"} and _WITH.search(between)  # with its resistor
    if len(names) > 1 and (_SERIES.search(between) or lamp):
        nodes = [ends[0], *(f"@{one}_{other}" for one, other in pairwise(names)), ends[1]]
        for name, one, other in zip(names, nodes, nodes[1:], strict=False):
            yield Wire(name, (one, other))
        return
    for name in names:
        yield Wire(name, (ends[0], ends[1]))


def pins(text: str) -> dict[tuple[str, str], str]:
    """What a text joins a transistor's pins to: (reference or empty, pin) and the net."""
    found = {}
    for match in _PIN.finditer(text):
        found[match[2] or "", _PINS[match[1][0].lower()]] = match[3]
    return found


_OUT = re.compile(r"outputs?|sortie|ausgang|salida", re.IGNORECASE)
_IN = re.compile(r"inputs?|entrée|eingang|entrada", re.IGNORECASE)
_GROUND = re.compile(r"ground|masse|masa|tierra|gnd|0v", re.IGNORECASE)
PLUS = re.compile(r"(?:non-?inverting|plus|\+) ?(?:input|eingang|pin)|entrée (?:non[- ]inverseuse|\+)", re.IGNORECASE)
MINUS = re.compile(r"(?:inverting|minus|[-−]) ?(?:input|eingang|pin)|entrée (?:inverseuse|-)", re.IGNORECASE)


def net_of(end: str, parts: Sequence[tuple[str, Mapping[str, str]]], named: Mapping[str, str]) -> str:
    """The net that an end means on a sheet of parts (reference, pins); empty for none. ``named``: the text's own nets and roles."""
    nets = {net for _, had in parts for net in had.values()}
    bare, _, owner = re.sub(r"\s+(?:of|de|von|du)\s+(?=[A-Z])", "\0", end).partition("\0")
    if end.startswith("@"):
        one, _, other = end[1:].partition("_")
        shared = [set(had.values()) for name, had in parts if name in (one, other)]
        both = shared[0] & shared[1] if len(shared) == 2 else set()
        return next(iter(both)) if len(both) == 1 else ""
    if _GROUND.fullmatch(bare):
        return next((net for net in ("GND", "AGND", "0") if net in nets), "")
    if bare in nets:
        return bare
    for pattern, role, usual in ((_OUT, "out", ("OUT", "VOUT", "VO")), (_IN, "in", ("IN", "VIN", "VI"))):
        if pattern.fullmatch(bare):
            told = next((net for net, has in named.items() if has == role and net in nets and net != "ADJ"), "")
            return _by_pin(parts, usual, owner) or next((net for net in usual if net in nets), "") or told
    if PLUS.fullmatch(bare):
        return next((net for net in ("PLUS", "NONINV") if net in nets), "") or _by_pin(parts, ("3",), owner)
    if MINUS.fullmatch(bare):
        return next((net for net in ("MINUS", "FB", "INV") if net in nets), "") or _by_pin(parts, ("4", "2"), owner)
    letter = (
        _PINS.get(bare[0].lower(), "")
        if re.fullmatch(
            r"gate|grille|drain|source|base|collector|emitter|kollektor|collecteur|émetteur", bare, re.IGNORECASE
        )
        else ""
    )
    if letter:
        return _by_pin([part for part in parts if part[0].startswith("Q")], (letter,), owner)
    if lead := re.fullmatch(r"(?:led |diode )?(anode|cathode|kathode|ánodo|cátodo)", bare, re.IGNORECASE):
        pin = "A" if lead[1][0].lower() in "aá" else "K"
        found = {had[pin] for name, had in parts if name[0] == "D" and pin in had and (not owner or name == owner)}
        return next(iter(found)) if len(found) == 1 else ""
    word = {"adjust": "ADJ", "feedback": "FB"}.get(bare.lower(), bare.upper())
    return word if word in nets else _by_pin(parts, (word,), owner)


def _by_pin(parts: Sequence[tuple[str, Mapping[str, str]]], names: Sequence[str], owner: str) -> str:
    """The net at a pin of that name, if one part only has such a pin, or the owner."""
    found = {
        had[pin]
        for name, had in parts
        if (not owner or name == owner) and name[0] in "UQ"
        for pin in had
        if pin.upper() in names
    }
    return next(iter(found)) if len(found) == 1 else ""
