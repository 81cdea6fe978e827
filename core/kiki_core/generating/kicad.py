"""Schematics, symbols and footprints for KiCad as artefacts: read by kiki's own checks, and loaded by KiCad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kiki_core.events import Artefact, Evidence
from kiki_core.generating.kinds import Made, NotMade
from kiki_core.generating.typed import NotRead, read
from kiki_core.generating.typed import schema as schema_of
from kiki_tools.kicad import circuits, custom_rules, footprints, instrument, schematics, symbols
from kiki_tools.kicad.lands import Density
from kiki_tools.kicad.packages import Package
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot


@dataclass(frozen=True, slots=True)
class CircuitPlan:
    """A schematic: its parts with the net of each pin. `power`: nets drawn with power symbols, else by their names."""

    title: str
    parts: Sequence[circuits.Part]
    power: Sequence[str] | None = None
    notes: str = ""
    name: str = "circuit"


@dataclass(frozen=True, slots=True)
class FootprintPlan:
    """A footprint: a package by its dimensions (millimetres), or by a usual name such as SOIC-8_3.9x4.9mm_P1.27mm."""

    name: str
    package: Package | str
    density: Density = "B"
    description: str = ""
    tags: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class RulesPlan:
    """Custom design rules of a board."""

    rules: Sequence[custom_rules.Rule]
    name: str = "rules"


def circuit_schema() -> dict[str, Any]:
    """The schema of a schematic's plan."""
    return schema_of(CircuitPlan)


def symbol_schema() -> dict[str, Any]:
    """The schema of a symbol's plan."""
    return schema_of(symbols.SymbolSpec)


def footprint_schema() -> dict[str, Any]:
    """The schema of a footprint's plan."""
    return schema_of(FootprintPlan)


def rules_schema() -> dict[str, Any]:
    """The schema of a file of design rules."""
    return schema_of(RulesPlan)


async def schematic(plan: Any, headers: Sequence[str]) -> Made:
    """A `.kicad_sch`. Raises NotMade."""
    try:
        wanted = read(CircuitPlan, plan, "the plan")
        _check_name(wanted.name)
        circuit = circuits.Circuit(wanted.title, wanted.parts, wanted.power, wanted.notes)
        text = schematics.schematic(circuit, circuits.Symbols(), wanted.name)
    except NotRead as error:
        raise NotMade(*error.problems) from error
    except circuits.ImpossibleCircuit as error:
        raise NotMade(str(error)) from error
    return await _checked(f"{wanted.name}.kicad_sch", "kicad_sch", text)


async def symbol(plan: Any, headers: Sequence[str]) -> Made:
    """A `.kicad_sym` with one symbol. Raises NotMade."""
    try:
        wanted = read(symbols.SymbolSpec, plan, "the plan")
        _check_name(wanted.name)
        text = symbols.library([wanted])
    except NotRead as error:
        raise NotMade(*error.problems) from error
    except symbols.ImpossibleSymbol as error:
        raise NotMade(str(error)) from error
    return await _checked(f"{wanted.name}.kicad_sym", "kicad_sym", text)


async def footprint(plan: Any, headers: Sequence[str]) -> Made:
    """A `.kicad_mod`. Raises NotMade."""
    try:
        wanted = read(FootprintPlan, plan, "the plan")
        _check_name(wanted.name)
        names = ("name", "package", "density", "description", "tags", "model")
        text = footprints.footprint(footprints.FootprintSpec(**{name: getattr(wanted, name) for name in names}))
    except NotRead as error:
        raise NotMade(*error.problems) from error
    except footprints.ImpossibleFootprint as error:
        raise NotMade(str(error)) from error
    return await _checked(f"{wanted.name}.kicad_mod", "kicad_mod", text)


async def rules(plan: Any, headers: Sequence[str]) -> Made:
    """A `.kicad_dru`, read by kiki alone: KiCad drops rules that it can't read without a word. Raises NotMade."""
    try:
        wanted = read(RulesPlan, plan, "the plan")
        _check_name(wanted.name)
        text = custom_rules.rules(wanted.rules)
    except NotRead as error:
        raise NotMade(*error.problems) from error
    except custom_rules.ImpossibleRule as error:
        raise NotMade(str(error)) from error
    snapshot = Snapshot(text, f"/plan/{wanted.name}.kicad_dru")
    own = _own(snapshot)
    evidence = Evidence("kiki", "", snapshot.sha256, not own, own[0] if own else "no error")
    return Made((Artefact(f"{wanted.name}.kicad_dru", "kicad_dru", text, not own),), (evidence,))


def _check_name(name: str) -> None:
    if not name.strip() or name.startswith(".") or any(char in name for char in '/\\:*?"<>|\n\0') or len(name) > 100:
        raise NotMade(f"{name[:40]!r} is no name for a file")


async def _checked(name: str, language: str, text: str) -> Made:
    """The artefact with the verdicts of kiki's own analysis and of KiCad."""
    snapshot = Snapshot(text, f"/plan/{name}")
    own = _own(snapshot)
    checks = Evidence("kiki", "", snapshot.sha256, not own, own[0] if own else "no error")
    try:
        said, ok = await _by_kicad(snapshot, language), True
    except instrument.KicadMissing as error:
        said, ok = f"not checked: {error}", None
    except instrument.KicadFailed as error:
        said, ok = str(error), False
    evidence = (checks, Evidence("kicad-cli", "", snapshot.sha256, ok is True, said))
    verdict = False if own or ok is False or (ok and said.startswith("error")) else ok
    return Made((Artefact(name, language, text, verdict),), evidence)


def _own(snapshot: Snapshot) -> list[str]:
    """Errors that kiki's own analysis finds. A sheet's symbols were just taken from their libraries: those, megabytes
    of them, aren't read again to be compared."""
    from kiki_tools.kicad.service import KICAD

    workspace = Workspace({snapshot.path: snapshot})
    return [each.message for each in KICAD.diagnostics(snapshot, workspace) if each.severity == "error"]


async def _by_kicad(snapshot: Snapshot, language: str) -> str:
    """What KiCad finds: the errors of its electrical check, or that it draws the symbol or footprint."""
    texts: Mapping[str, Snapshot] = {}
    if language == "kicad_sch":
        errors = [each for each in await instrument.check("erc", snapshot, texts) if each.severity == "error"]
        return f"error: {errors[0].message}" if errors else "its electrical check finds no error"
    await instrument.picture(snapshot, texts)
    return "loads and draws it"
