"""Custom design rules from requests: what is limited, to how much, for which nets, layers and objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kiki_core.planning.kicad import rule_words as words
from kiki_core.planning.kicad.sheet import Impossible


@dataclass(frozen=True, slots=True)
class _Value:
    """A length with its place; ``text``: as a rule has it."""

    start: int
    end: int
    value: float
    text: str


def named(text: str) -> bool:
    """Whether a text asks for something that a rule can limit: a constraint's word with a number, or a ban."""
    return bool(
        (_values(text) and _named(text)) or words.DISALLOW.search(text) or _COUNT.search(text) or _CONNECT.search(text)
    )


def plan(text: str) -> dict[str, Any]:
    """The plan of a file of rules. Raises Impossible."""
    made = [each for part in _parts(text) for each in _rules(part)]
    classes = _classes(text)
    for each in made:
        counted = any(limit["constraint"] == "via_count" for limit in each["limits"])
        if counted and "condition" not in each and len(classes) == 1:
            each["condition"] = f"A.hasNetclass('{classes[0]}')"
    if not made:
        raise Impossible("what a rule is to limit isn't said; such as a clearance of 0.2 mm, a track width or no vias")
    names: dict[str, int] = {}
    for each in made:
        names[each["name"]] = names.get(each["name"], 0) + 1
        if names[each["name"]] > 1:
            each["name"] += f" {names[each['name']]}"
    return {"name": "rules", "rules": made}


_COUNT = re.compile(r"(?:at most|max\w*|no more than|up to|höchstens|au plus|como máximo|≤|<=)\W*(?:of |de )?(\d{1,3})\s*(?:vias?|vías?|durchkontaktierungen)|"
                    r"via[- ]?count\D{0,20}(\d{1,3})|(\d{1,3}) vias? (?:at most|max\w*|höchstens|au plus|como máximo)", re.IGNORECASE)  # fmt: skip
_CONNECT = re.compile(r"(solid\w*|thermal\w*|thermisch\w*|massiv\w*|pleine?|directe?\w*|s[óo]lid[oa]s?|térmic\w+|no)\b[^.;]{0,40}(?:connect\w+|connexion\w*|anbind\w+|verbund\w*|conexi\w+|reliefs?|verbind\w+)"
                      r"|(?:connect\w*|anbind\w*|conexi\w+|connexion\w*)[^.;]{0,50}(solid\w*|thermal\w*|thermisch\w*|massiv\w*|pleine?|directe?\w*|s[óo]lid[oa]s?|térmic\w+)",
                      re.IGNORECASE)  # fmt: skip


_QUALIFIED = re.compile(r"\bNPTH\b|\bnon-?plated\b|\bunplated\b|\bmechanical\b|\bSMD\b|\bTHT\b|\bblind\b|\bburied\b|\bmicro-?vias?\b|\bteardrops?\b|\bmounting\b|\bnicht metallisiert\w*|\bfiducials?\b",
                        re.IGNORECASE)  # fmt: skip
"""Kinds of holes and pads that a condition would have to name."""


def missing(text: str, plan: dict[str, Any]) -> list[str]:
    """Lengths, classes and layers that a text names and no rule has."""
    drawn = repr(plan)
    lost = [text[each.start : each.end].strip() for each in _values(text) if each.text not in drawn]
    lost += [name for name in _classes(text) if f"'{name}'" not in drawn]
    lost += [each[1] for each in words.LAYER.finditer(text) if each[1].lower() not in drawn.lower()]
    lost += [each[0] for each in words.UNDER.finditer(text) if (each[1] or each[2]).upper() not in drawn]
    lost += [name for name in re.findall(r"[\"'`«“]([\w .+-]{1,30})[\"'`»”]", text) if name.strip() not in drawn]
    lost += [each[0] for each in _QUALIFIED.finditer(text) if each[0].lower() not in drawn.lower()]
    lost += [each for each in re.findall(r"(?<![\w.])[UJQ]\d{1,3}(?![\w.])", text) if each not in drawn]
    odd = re.search(
        r"\b(?:unless|except|sauf|außer|ausser|salvo|excepto|if|wenn|si|falls|when)\b(.{0,30})", text, re.IGNORECASE
    )
    if odd:
        lost.append(odd[0].strip())
    return lost


def _parts(text: str) -> list[str]:
    """The parts of a text that are rules of their own. A class named before a colon is that of all."""
    head, colon, rest = text.partition(":")
    for_all = head if colon and _classes(head) and not _values(head) else ""
    sentences = [each for each in re.split(r"[;\n]|\.\s", rest if for_all else text) if each.strip()]
    if len(sentences) < 2 or not all(
        _named(each) or words.DISALLOW.search(each) for each in sentences if _values(each)
    ):
        sentences = [rest if for_all else text]
    return [f"{for_all} {part}" if for_all else part for each in sentences for part in _clauses(each)]


_SCOPES = (
    words.AMONG,
    words.ELSE,
    words.INNER,
    words.OUTER,
    re.compile(r"\bvías?\b|\bvias?\b", re.IGNORECASE),
    re.compile(r"\bpads?\b", re.IGNORECASE),
)


def _scoped(text: str) -> list[str]:
    """The clauses of a sentence that limits one thing in several places: "4 mm to all others, 1 mm among themselves".

    Later rules go before earlier ones in KiCad, so the narrower one is written last. Empty where it isn't so.
    """
    pieces = [
        each
        for each in re.split(r"(?:,|;|\b(?:but|and|und|et|y|aber|mais|pero|while)\b)\s+(?=[^,;]*\d)", text)
        if _values(each)
    ]
    scopes = [tuple(bool(scope.search(each)) for scope in _SCOPES) for each in pieces]
    classes = _classes(text)
    constraints = {name for _, name in _named(text)} & {
        "clearance",
        "track_width",
        "creepage",
        "via_diameter",
        "hole_size",
        "annular_width",
    }
    if (
        len(pieces) != 2
        or scopes[0] == scopes[1]
        or len(constraints) != 1
        or any(len(_values(each)) != 1 for each in pieces)
    ):
        return []
    if len({name for each in pieces for name in _classes(each)}) > 1 or not (classes or any(scopes[1][2:])):
        return []
    word = next(iter(constraints)).replace("annular_width", "annular ring").replace("_", " ")
    made = []
    for piece, scope in zip(pieces, scopes, strict=True):
        whose = f" class {classes[0]}" if classes and not _classes(piece) else ""
        others = " to everything else" if scopes[0][1] and not scope[0] and not scope[1] else ""
        made.append(f"{word}{whose} {piece}{others}")
    return made


def _by_layers(text: str) -> list[str]:
    """The clauses of a sentence that has one value for each of several layers: "on B.Cu 0.3 mm, on F.Cu 0.2 mm"."""
    pieces = [
        each
        for each in re.split(r"(?:,|;|\b(?:but|and|und|et|y|aber|mais|pero)\b)\s+(?=[^,;]*\d)", text)
        if _values(each)
    ]
    layers = [{match[1].lower() for match in words.LAYER.finditer(each)} for each in pieces]
    if len(pieces) < 2 or any(len(each) != 1 for each in layers) or len(set().union(*layers)) < len(pieces):
        return []
    first = _named(pieces[0])
    if not first or any(len(_values(each)) != 1 for each in pieces):
        return []
    return [each if _named(each) else f"{first[0][1].replace('_', ' ')} {each}" for each in pieces]


def _clauses(text: str) -> list[str]:
    """The clauses of a sentence, where each has numbers and a class or constraint of its own."""
    if scoped := _by_layers(text) or _scoped(text):
        return scoped
    if words.RANGE.search(text):
        return [text]
    pieces = [each for each in re.split(r"(?:,|\band\b|\bund\b|\bet\b|\by\b)\s+(?=[^,;]*\d)", text) if each.strip()]
    bans = [
        each
        for each in pieces
        if not _values(each)
        and words.DISALLOW.search(each)
        and any(re.search(pattern, each, re.IGNORECASE) for _, pattern in words.ITEMS)
    ]
    if bans and len(bans) < len(pieces):
        rest = ", ".join(each for each in pieces if each not in bans)
        return [*bans, *_clauses(rest)]
    with_value = [each for each in pieces if _values(each)]
    own = [each for each in with_value if _classes(each) or _named(each)]
    if len(with_value) < 2 or len(own) < len(with_value):
        return [text]
    if not all(_named(each) for each in with_value):
        first = _named(with_value[0])
        return (
            [each if _named(each) else f"{first[0][1].replace('_', ' ')} {each}" for each in with_value]
            if first
            else [text]
        )
    if any(_shared(text) - _shared(each) for each in with_value):
        heads = [_shared(each) for each in with_value]
        if not all(_classes(each) for each in with_value) or heads[0] == heads[-1]:
            return [text]
    return with_value


def _shared(text: str) -> set[str]:
    """What a rule is for: classes, the layer, vias. Said once, it holds for all that the sentence limits."""
    vias = {"via"} if re.search(r"\bvias?\b|\bvías?\b|durchkontakt", text, re.IGNORECASE) else set()
    return {*_classes(text), *([_layer(text)] if _layer(text) else []), *vias}


def _values(text: str) -> list[_Value]:
    found = []
    for match in words.LENGTH.finditer(text):
        if not re.search(r"\d", match[1]):
            continue
        number = stated = float(match[1].replace(",", "."))
        word = match[2].lower()
        if word in ("µm", "um", "μm") or word.startswith("micron"):
            number, unit = number / 1000, "mm"
        elif word == "cm":
            number, unit = number * 10, "mm"
        else:
            unit = "mm" if word.startswith(("mm", "millim", "milím")) else words.UNITS[word[:2]]
        if lower := words.LOWER.search(text, max(0, match.start() - 40), match.start()):
            other = float(lower[1].replace(",", ".")) * (number / stated if stated else 1)
            found.append(_Value(lower.start(1), lower.end(1), other, f"{other:.6g}{unit}"))
        found.append(_Value(match.start(), match.end(), number, f"{number:.6g}{unit}"))
    return found


def _named(text: str) -> list[tuple[int, str]]:
    """Constraints that a text names, each with its place; of words that overlap, the more special constraint's."""
    text = words.LAYER.sub(lambda match: " " * len(match[0]), text)
    text = re.sub(
        r"through[- ]holes?|\bTHT\b|durchsteck\w*", lambda match: " " * len(match[0]), text, flags=re.IGNORECASE
    )
    taken: list[tuple[int, int]] = []
    found = []
    for name, pattern in words.CONSTRAINTS:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            if not any(low < match.end() and match.start() < high for low, high in taken):
                taken.append(match.span())
                found.append((match.start(), name))
                break
    if not re.search(r"\bvias?\b|\bvías?\b|durchkontakt", text, re.IGNORECASE):
        found = [(at, "hole_size" if name == "via_diameter" else name) for at, name in found]
    if (
        len(_values(text)) == 1
        and {"clearance", "hole_clearance", "edge_clearance"} & {name for _, name in found}
        and not words.WIDTH.search(text)
    ):
        found = [each for each in found if each[1] != "track_width"]  # named as what keeps the distance
    if (
        [name for _, name in found] == ["track_width"]
        and len(_values(text)) == 1
        and not words.WIDTH.search(text)
        and any(re.search(pattern, text, re.IGNORECASE) for _, pattern, name in words.TYPES if name in ("pad", "zone"))
    ):
        return [(found[0][0], "clearance")]  # "tracks 0.3 mm from pads"
    if len(_values(text)) == 1 and {"hole_size", "clearance"} <= {name for _, name in found}:
        apart = "hole_clearance" if words.COPPER.search(text) else "hole_to_hole"
        found = [(at, apart if name == "hole_size" else name) for at, name in found if name != "clearance"]
    if any(name.startswith("text_") for _, name in found):
        found = [each for each in found if each[1] != "silk_clearance"]
    names = {name for _, name in found}
    if len(_values(text)) >= len(found):
        return sorted(found)
    special = names & {"edge_clearance", "silk_clearance", "courtyard_clearance", "hole_to_hole", "hole_clearance", "creepage",
                       "diff_pair_gap", "physical_clearance"}  # fmt: skip
    if special:
        found = [
            each
            for each in found
            if each[1] not in ("clearance", *(("hole_size",) if special & {"hole_to_hole", "hole_clearance"} else ()))
        ]
    if "length" in names and names & {"skew", "track_segment_length", "diff_pair_uncoupled"}:
        found = [each for each in found if each[1] != "length"]
    return sorted(found)


def _classes(text: str) -> list[str]:
    for pattern in words.CLASSES:
        found = [name.strip("-.") for match in pattern.finditer(text) for name in match.groups() if name]
        if kept := [name for name in dict.fromkeys(found) if name.lower() not in words.FILLERS]:
            return kept
    return []


def _nets(text: str) -> list[str]:
    for pattern in words.NETS:
        found = [name for match in pattern.finditer(text) for name in match.groups() if name]
        if kept := [
            name
            for name in dict.fromkeys(found)
            if re.search(r"[A-Z0-9+]", name) and name.lower() not in ("class", "classes")
        ]:
            return kept
    return []


def _condition(text: str, constraints: Sequence[str]) -> str:
    both = bool(words.BETWEEN_KINDS & set(constraints))
    terms: list[str] = []
    classes, nets = _classes(text), _nets(text)
    pairs = [f"hasNetclass('{name}')" for name in classes] or [f"NetName == '{name}'" for name in nets]
    if (
        pairs
        and re.search(r"diff\w*[ -]?pairs?|paires? diff\w*|diff\w*paar\w*|pares? diferencial\w*", text, re.IGNORECASE)
        and not classes
    ):
        pairs = [f"inDiffPair('{re.sub('[+_-]?[PN+-]$', '', nets[0])}')"]
    if both and len(pairs) >= 2:
        terms = [f"A.{pairs[0]}", f"B.{pairs[1]}"]
    elif pairs:
        terms = [f"A.{pairs[0]}" if len(pairs) == 1 else "(" + " || ".join(f"A.{each}" for each in pairs) + ")"]
        if both and words.AMONG.search(text):
            terms.append(f"B.{pairs[0]}")
        elif both and words.ELSE.search(text):
            terms.append(f"!B.{pairs[0]}" if classes else f"B.NetName != '{nets[0]}'")
    elif re.search(r"diff\w*[ -]?pairs?|paires? diff\w*|diff\w*paar\w*|pares? diferencial\w*", text, re.IGNORECASE):
        terms = ["A.inDiffPair('*')"]
    if under := words.UNDER.search(text):
        terms.append(f"A.intersectsCourtyard('{(under[1] or under[2]).upper()}')")
    elif area := words.AREA.search(text):
        terms.append(f"A.intersectsArea('{area[1]}')")
    return " && ".join([*terms, *_types(text, constraints)])


def _types(text: str, constraints: Sequence[str]) -> list[str]:
    """The kinds of objects between which a distance is kept, or whose holes are limited."""
    named = sorted(
        (match.start(), test, name)
        for test, pattern, name in words.TYPES
        if (match := re.search(pattern, text, re.IGNORECASE))
    )
    if "clearance" in constraints and len(named) == 2:
        return [named[0][1], named[1][1].replace("A.", "B.")]
    if (
        "clearance" in constraints
        and len(named) == 1
        and re.search(r"(?:via|pad|track)\w*[- ](?:to|à|zu|a)[- ](?:via|pad|track)", text, re.IGNORECASE)
    ):
        return [named[0][1], named[0][1].replace("A.", "B.")]
    if "clearance" in constraints and len(named) == 1 and named[0][2] != "track":
        _, test, kind = named[0]
        again = re.search(
            rf"other {kind}s?|{kind}s? (?:and|to) {kind}s?|between (?:\w+ )?{kind}s(?! and)", text, re.IGNORECASE
        )
        among = again or words.AMONG.search(text)
        return [test, test.replace("A.", "B.")] if among else [test]
    if {"hole_size", "annular_width"} & set(constraints) and len(named) == 1 and named[0][2] in ("via", "pad"):
        return [named[0][1]]
    return []


def _limits(text: str, constraints: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    values = _values(text)
    taken: dict[str, list[_Value]] = {}
    for value in values:
        if not constraints:
            break
        name = min(constraints, key=lambda each: _gap(each[0], value, text))[1]
        before = [each for each in constraints if each[0] <= value.start]
        if len(before) == len(constraints) == len(values):
            name = constraints[values.index(value)][1]
        previous = values[values.index(value) - 1] if values.index(value) else None
        if previous is not None and re.fullmatch(
            r"\s*(?:and|und|et|y|to|bis|à|a|-|–)\s*", text[previous.end : value.start]
        ):
            ranged = re.search(
                r"(?:between|from|zwischen|entre|von|de|desde)\s*$", text[: previous.start], re.IGNORECASE
            )
            name = next((key for key, some in taken.items() if previous in some), name) if ranged else name
        taken.setdefault(name, []).append(value)
    return [_limit(name, some, text) for name, some in taken.items()]


def _gap(at: int, value: _Value, text: str) -> float:
    low, high = (at, value.start) if at < value.start else (value.end, at)
    between = text[low:high]
    return len(between) + 40 * len(re.findall(r"[,;]|\band\b|\bund\b|\bet\b|\by\b", between))


def _around(text: str, value: _Value) -> str:
    """What is said about a value: up to its neighbours' clauses, the value itself as a bar."""
    before, after = text[max(0, value.start - 45) : value.start], text[value.end : value.end + 24]
    last = [match.end() for match in re.finditer(r"\d\s?(?:mm|mils?|µm|um|in|\"|%)(?![\w])\s*[,;]|[;]", before)]
    before = before[last[-1] :] if last else before
    return f"{before} | " + re.split(r"[,;]|\b(?:and|und|et|y|but|aber|mais|pero)\b(?=[^|]*\d)", after)[0]


def _limit(name: str, values: Sequence[_Value], text: str) -> dict[str, Any]:
    from kiki_tools.kicad.dru_vocabulary import CONSTRAINTS

    heeded = CONSTRAINTS[name].limits
    made: dict[str, Any] = {"constraint": name}
    if len(values) == 1:
        value = values[0]
        near = _around(text, value)
        most, least = list(words.MOST.finditer(near)), list(words.LEAST.finditer(near))
        if most and least:
            at = near.index(" | ")
            far_most, far_least = (min(abs(match.end() - at) for match in some) for some in (most, least))
            most, least = (most, []) if far_most < far_least else ([], least)
        exact = words.EXACT.search(near)
        if "opt" in heeded and "min" in heeded and exact and not most and not least:
            return made | {"least": value.text, "ideal": value.text, "most": value.text}
        wants_most = bool(most) or (not least and name in words.NO_MINIMUM)
        if wants_most and "max" in heeded:
            return made | {"most": value.text}
        if wants_most and "max" not in heeded and most:
            raise Impossible(f"KiCad's {name} has no greatest value, only a least one")
        if "opt" in heeded and name == "diff_pair_gap" and not least:
            return made | {"least": value.text, "ideal": value.text}
        return made | ({"least": value.text} if "min" in heeded else {"most": value.text})
    ordered = sorted(
        values, key=lambda each: each.value * {"mil": 0.0254, "in": 25.4}.get(re.sub(r"[-\d.]", "", each.text), 1)
    )
    if "max" not in heeded:
        raise Impossible(f"KiCad's {name} has one limit, not {len(values)}: {', '.join(each.text for each in values)}")
    between = text[min(each.end for each in values) : max(each.start for each in values)]
    if len(ordered) == 2 and not (
        words.RANGE.search(text) or words.MOST.search(text) or re.fullmatch(r"\W*(?:to|bis|à|a|\W)\W*", between)
    ):
        raise Impossible(
            f"two values for one {name.replace('_', ' ')}, {ordered[0].text} and {ordered[1].text}: which is the least, and which the most?"
        )
    if len(ordered) == 2:
        return made | {"least": ordered[0].text, "most": ordered[1].text}
    return made | {"least": ordered[0].text, "ideal": ordered[1].text, "most": ordered[-1].text}


def _rules(text: str) -> list[dict[str, Any]]:
    layer, constraints = _layer(text), _named(text)
    limits = _limits(text, constraints)
    if counted := _COUNT.search(text):
        limits.append({"constraint": "via_count", "most": next(each for each in counted.groups() if each)})
    if not limits and (ban := words.DISALLOW.search(text)):
        rest = (
            text[ban.start() :]
            if re.search(
                r"\bno\b|kein|pas de|aucun|sin|disallow|forbid|prohib|ban|interdi|verbiet", ban[0], re.IGNORECASE
            )
            else text
        )
        rest = (
            re.split(
                r"\b(?:under|in|inside|within|on|for|of|unter|im|auf|für|sous|dans|sur|pour|bajo|en|para|debajo)\b",
                rest,
            )[0]
            if re.search(
                r"vias?|tracks?|traces?|zones?|pads?|leiterb|pist|holes?|text",
                re.split(
                    r"\b(?:under|in|inside|within|on|for|of|unter|im|auf|für|sous|dans|sur|pour|bajo|en|para|debajo)\b",
                    rest,
                )[0],
                re.IGNORECASE,
            )
            else rest
        )
        if not any(re.search(pattern, rest, re.IGNORECASE) for _, pattern in words.ITEMS):
            rest = text
        hits = sorted(
            (match.start(), item) for item, pattern in words.ITEMS if (match := re.search(pattern, rest, re.IGNORECASE))
        )
        items = [
            item
            for at, item in hits
            if not (item == "footprint" and words.UNDER.search(text))
            and not (item == "zone" and words.AREA.search(text))
        ]
        if "micro_via" in items or "buried_via" in items:
            items = [item for item in items if item != "via"]
        if items:
            limits.append({"constraint": "disallow", "words": list(dict.fromkeys(items))})
    elif not limits and (joined := _CONNECT.search(text)):
        word = (joined[1] or joined[2]).lower()
        limits.append(
            {
                "constraint": "zone_connection",
                "words": ["none" if word == "no" else "thermal_reliefs" if word[0] == "t" else "solid"],
            }
        )
    if not limits:
        return []
    bored = [each for each in limits if each["constraint"] in ("hole_size", "annular_width", "via_diameter")]
    others = [each for each in limits if each not in bored]
    return [
        _rule(text, some, layer) for some in ((bored, others) if bored and others and not _classes(text) else (limits,))
    ]


def _rule(text: str, limits: list[dict[str, Any]], layer: str) -> dict[str, Any]:
    names = [each["constraint"] for each in limits]
    condition = _condition(text, names)
    title = " ".join([*names, *_classes(text)[:2], *([] if _classes(text) else _nets(text)[:1])]).replace("_", " ")
    made: dict[str, Any] = {"name": title[:60], "limits": limits}
    if condition:
        made["condition"] = condition
    if layer:
        made["layer"] = layer
    return made


def _layer(text: str) -> str:
    if found := words.LAYER.search(text):
        name, _, kind = found[1].partition(".")
        return f"{name[0].upper()}{name[1:].lower()}.{kind}".replace(".cu", ".Cu").replace(".CU", ".Cu")
    return "inner" if words.INNER.search(text) else "outer" if words.OUTER.search(text) else ""
