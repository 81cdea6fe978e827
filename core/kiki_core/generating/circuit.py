"""A SPICE deck from a design kit's plan: fitted with ngspice, with its requirements as `@expect` lines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from kiki_core.events import Artefact, Evidence
from kiki_core.generating.kinds import Made, NotMade
from kiki_tools.spice.kits import KITS, load
from kiki_tools.spice.kits.fitting import Check, Fitted, fitted, rounded, text_of
from kiki_tools.spice.kits.model import Impossible, Kit, read, shown
from kiki_tools.spice.kits.model import schema as schema_of
from kiki_tools.spice.ngspice import NgspiceMissing

_NAME = re.compile(r"[\w][\w.-]{0,60}")
_COMPARED = {"=": "", ">=": "at least ", "<=": "at most "}


def schema() -> dict[str, Any]:
    """The schema of a plan: a kit by its name, and its slots."""
    each = [_schema_of(load(name)) for name in KITS]
    return {
        "type": "object",
        "description": "A circuit that a design kit computes",
        "properties": {"kit": {"enum": list(KITS)}, "name": {"type": "string", "description": "of the file"}},
        "required": ["kit"],
        "oneOf": each,
    }


def _schema_of(kit: Kit) -> dict[str, Any]:
    found = schema_of(kit)
    own = {"kind": {"const": "circuit"}, "kit": {"const": kit.name}, "name": {"type": "string"}}
    return {**found, "properties": {**own, **found["properties"]}, "required": ["kit", *found["required"]]}


async def make(plan: Any, headers: Sequence[str]) -> Made:
    """A `.cir`, simulated. Raises NotMade."""
    if not isinstance(plan, dict):
        raise NotMade("a plan is a JSON object")
    slots = {key: value for key, value in plan.items() if key not in ("kit", "name")}
    try:
        kit = load(str(plan.get("kit", "")))
        name = _name(plan.get("name"), kit)
        try:
            found = await fitted(kit, slots)
        except NgspiceMissing:
            return _unmeasured(kit, slots, name)
    except Impossible as error:
        raise NotMade(error.reason) from error
    if not found.text:
        best = ", ".join(f"{slot} {value}" for slot, value in found.best.items())
        raise NotMade(found.reason + (f" (possible: {best})" if best else ""))
    sha256 = hashlib.sha256(found.text.encode()).hexdigest()
    met = sum(check.ok for check in found.checks)
    summary = found.reason or f"{met} of {len(found.checks)} requirements met"
    evidence = Evidence(
        "ngspice", found.simulator.removeprefix("ngspice "), sha256, found.ok, summary, dict(found.measured)
    )
    return Made((Artefact(f"{name}.cir", "spice", found.text, found.ok),), (evidence,), _notes(found))


def _name(name: object, kit: Kit) -> str:
    if name is None:
        return kit.name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NotMade(f"{str(name)[:40]!r} is no name for a file")
    return name


def _unmeasured(kit: Kit, slots: dict[str, Any], name: str) -> Made:
    """The deck as the formulas have it, where there is no ngspice to measure it."""
    design = kit.design(read(kit, slots))
    text = text_of(design, rounded(design))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    evidence = Evidence("ngspice", "", sha256, False, "ngspice is not installed: nothing was measured")
    return Made((Artefact(f"{name}.cir", "spice", text, None),), (evidence,), (design.title, *design.notes))


def _notes(found: Fitted) -> tuple[str, ...]:
    return (found.title, *found.notes, *(_note(check) for check in found.checks))


def _note(check: Check) -> str:
    wanted = check.wanted
    what = f"{wanted.quantity} {wanted.condition}".strip()
    got = "not measured" if check.measured is None else shown(check.measured, wanted.unit)
    return f"{what}: {_COMPARED[wanted.op]}{shown(wanted.value, wanted.unit)} wanted, {got}"
