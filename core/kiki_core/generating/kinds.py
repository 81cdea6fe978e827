"""The kinds of artefacts that plans are turned into: one row each, with the plan's schema and its maker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from kiki_core.events import Artefact, Evidence

_MOST_BYTES = 2_000_000


class NotMade(ValueError):
    """Nothing can be made of the plan: ``problems`` say why, one each, with what is possible."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Made:
    """What a plan became, each artefact with its tools' verdict; ``notes``: what was chosen, a line each."""

    artefacts: tuple[Artefact, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()

    @property
    def verified(self) -> bool | None:
        """Whether all passed; None where a tool is missing."""
        verdicts = {each.verified for each in self.artefacts}
        return False if False in verdicts else None if None in verdicts else True


Maker = Callable[[Any, Sequence[str]], Awaitable[Made]]
"""From a plan, parsed and without its kind, and folders with headers. Raises NotMade."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of artefact; its module has `schema()` and `make(plan, headers)` under these names."""

    name: str
    title: str
    module: str
    schema: str
    maker: str

    def plan_schema(self) -> dict[str, Any]:
        """The JSON schema of a plan of this kind, with the kind itself."""
        found: dict[str, Any] = getattr(import_module(self.module), self.schema)()
        properties = {"kind": {"const": self.name}, **found.get("properties", {})}
        return {**found, "properties": properties, "required": ["kind", *found.get("required", [])]}

    async def make(self, plan: Any, headers: Sequence[str]) -> Made:
        """The artefacts, checked. Raises NotMade."""
        maker: Maker = getattr(import_module(self.module), self.maker)
        return await maker(plan, headers)


_FIRMWARE, _KICAD = "kiki_core.generating.firmware", "kiki_core.generating.kicad"
_CIRCUIT = "kiki_core.generating.circuit"
KINDS: Mapping[str, Kind] = {
    each.name: each
    for each in (
        Kind("stm32", "the init of an STM32 in C", _FIRMWARE, "schema", "make"),
        Kind("circuit", "a SPICE deck from a design kit", _CIRCUIT, "schema", "make"),
        Kind("schematic", "a KiCad schematic from parts and nets", _KICAD, "circuit_schema", "schematic"),
        Kind("symbol", "a KiCad symbol from a table of pins", _KICAD, "symbol_schema", "symbol"),
        Kind("rules", "custom design rules of a KiCad board", _KICAD, "rules_schema", "rules"),
        Kind("footprint", "a KiCad footprint from a package's dimensions", _KICAD, "footprint_schema", "footprint"),
    )
}
"""All kinds by their names."""


def kind_of(plan: Any, named: str | None = None) -> tuple[Kind, Any]:
    """A plan's kind, and the plan without it.

    Raises:
        NotMade: if it names none that there is.
    """
    if not isinstance(plan, dict):
        raise NotMade("a plan is a JSON object")
    name = named or plan.get("kind")
    if name is None:
        raise NotMade(f"the plan has no kind; there are {', '.join(KINDS)}")
    if not isinstance(name, str) or name not in KINDS:
        near = get_close_matches(str(name), KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
        raise NotMade(f"{str(name)[:40]!r} is no kind of plan; {hint}")
    return KINDS[name], {key: value for key, value in plan.items() if key != "kind"}
