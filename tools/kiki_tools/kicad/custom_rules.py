"""Custom design rules from what they constrain: the text of a `.kicad_dru` file.

A rule holds for objects that its condition and layer let through; each of its constraints has limits with their units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kiki_tools.kicad.dru_vocabulary import CONSTRAINTS, LAYER_GROUPS, UNITS
from kiki_tools.kicad.sexpr import quoted


class ImpossibleRule(ValueError):
    """No rule can be written from this: says which value is wrong, and what is possible."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One constraint: its name as KiCad has it, its limits as they are written (`0.2mm`, `8mil`, `4`), empty for none.

    ``words``: what stands in place of limits, such as `via` behind `disallow`.
    """

    constraint: str
    least: str = ""
    ideal: str = ""
    most: str = ""
    words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, what it limits, an expression such as `A.hasNetclass('HV')`, a layer or `outer`, `inner`."""

    name: str
    limits: Sequence[Limit]
    condition: str = ""
    layer: str = ""


def rules(wanted: Sequence[Rule]) -> str:
    """The text of the file. Raises ImpossibleRule."""
    if not wanted:
        raise ImpossibleRule("there is no rule")
    return "\n".join(["(version 1)", *(_rule(each) for each in wanted), ""])


def _rule(rule: Rule) -> str:
    if not rule.name.strip() or not rule.limits:
        raise ImpossibleRule(f"rule {rule.name!r}: a name and a constraint expected")
    lines = [f"(rule {quoted(rule.name)}"]
    if rule.layer:
        lines.append(f"\t(layer {rule.layer if rule.layer in LAYER_GROUPS else quoted(rule.layer)})")
    if rule.condition:
        lines.append(f"\t(condition {quoted(rule.condition)})")
    lines += [f"\t{_limit(each)}" for each in rule.limits]
    return "\n".join(lines) + ")"


def _limit(limit: Limit) -> str:
    known = CONSTRAINTS.get(limit.constraint)
    if known is None:
        raise ImpossibleRule(f"KiCad has no constraint {limit.constraint}")
    if strange := [word for word in limit.words if word not in known.words]:
        raise ImpossibleRule(f"{limit.constraint} can't name {strange[0]}: {', '.join(known.words) or 'no words'}")
    words = [*limit.words]
    for name, value in (("min", limit.least), ("opt", limit.ideal), ("max", limit.most)):
        if not value:
            continue
        if name not in known.limits:
            raise ImpossibleRule(f"{limit.constraint} heeds no {name}, but {', '.join(known.limits) or 'no limits'}")
        number = re.fullmatch(r"(-?\d+(?:\.\d+)?)([a-z]*)", value)
        unit = "" if known.unit in ("count", "angle") else "length"
        if number is None or (number[2] in UNITS) is not bool(unit):
            raise ImpossibleRule(f"{value!r} is no limit of {limit.constraint}")
        words.append(f"({name} {value})")
    if not words and known.unit != "none":
        raise ImpossibleRule(f"{limit.constraint} has no limit")
    return f"(constraint {' '.join([limit.constraint, *words])})"
