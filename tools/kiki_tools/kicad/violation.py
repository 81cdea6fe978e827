"""One violation of a rule of the electrical check, and how its pins are called."""

from __future__ import annotations

from dataclasses import dataclass

from kiki_tools.kicad.design import SheetInstance
from kiki_tools.kicad.schematic import PlacedPin, Point
from kiki_tools.kicad.sexpr import Node


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation of a rule: where it shows first, and what else takes part."""

    rule: str
    message: str
    sheet: SheetInstance
    node: Node
    at: Point | None = None
    """The place on the sheet that it is about."""
    pin: PlacedPin | None = None
    junction: bool = False
    """Whether a junction would mend it."""
    error: bool | None = None
    """Where the rule alone doesn't decide: whether it is an error."""


def pin_node(pin: PlacedPin) -> Node:
    """Where a pin stands in the file: in its symbol, if that lists its pins."""
    return pin.symbol.pin_nodes.get(pin.number, pin.symbol.node)


def shown(pin: PlacedPin, reference: str = "") -> str:
    """A pin as a person reads it."""
    name = f" ({pin.name})" if pin.name and pin.name != pin.number else ""
    return f"pin {pin.number}{name} of {reference or pin.symbol.value('Reference') or 'a symbol'}"


def stacked(one: PlacedPin, other: PlacedPin) -> bool:
    """Whether two pins of a symbol lie on each other and count as one."""
    same = one.symbol is other.symbol and one.at == other.at and one.name == other.name
    return same and (one.type == other.type or "passive" in (one.type, other.type))
