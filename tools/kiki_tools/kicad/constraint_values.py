"""The limits of KiCad's custom design rules: `0.2mm`, `-1`, `"5mil + 0.1mm"`, a count of vias, an angle.

A fault of severity ``error`` makes KiCad drop the whole file of rules. Limits are expressions as conditions are; KiCad
wants a unit where a single number stands for a length, and none where it stands for a count or an angle.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiki_tools.kicad.conditions import Fault, parse
from kiki_tools.kicad.dru_vocabulary import Constraint

_SINGLE = re.compile(r"\s*(?P<number>[-+]?[0-9]+(?:[.,][0-9]*)?)\s*(?P<unit>[a-z]*)\s*")
_WITHOUT_UNIT = ("count", "angle")
_WHOLE = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_POINT = re.compile(r"\.[0-9]")
_NO_NUMBERS = ("string", "choice", "layer", "object", "null")
_MOST_SPOKES = 4


@dataclass(frozen=True, slots=True)
class ConstraintValue:
    """A limit as it was read."""

    text: str
    number: float | None
    """The number of a limit that is no calculation."""
    unit: str
    """Its unit; empty if it has none."""
    faults: tuple[Fault, ...]


def parse_value(text: str, constraint: Constraint, *, quoted: bool = True, kicad: int = 10) -> ConstraintValue:
    """Reads what stands in ``(min …)``, ``(opt …)`` or ``(max …)``.

    Args:
        text: The value, without double quotes; several words as they stand in the file.
        constraint: The kind of constraint that it limits.
        quoted: Whether it is one string or word; several bare words are a calculation for KiCad 10 only.
        kicad: The version of KiCad: what came later is a fault.
    """
    single = _SINGLE.fullmatch(text)
    number = float(single["number"].replace(",", ".")) if single else None
    unit = single["unit"] if single else ""
    faults = _faults(text, constraint, kicad)
    if not quoted and " " in text.strip() and not any(fault.severity == "error" for fault in faults):
        message = "KiCad 9 reads only one word here and drops all rules: write it without blanks, or in double quotes"
        near = (f'"{text}"',) if number is None else (text.replace(" ", ""),)
        faults = (*faults, Fault(0, len(text), message, "error" if kicad < 10 else "information", near=near))
    return ConstraintValue(text, number, unit, faults)


def _faults(text: str, constraint: Constraint, kicad: int) -> tuple[Fault, ...]:
    whole = (0, len(text))
    if not text.strip():
        return (Fault(*whole, "a value is missing"),)
    counted = constraint.unit in _WITHOUT_UNIT
    read = parse(text, kicad=kicad, units=not counted)
    if read.faults and read.faults[0].severity == "error":
        return (_refused(read.faults[0], text, constraint),)
    if read.kind in _NO_NUMBERS or any(name.kind in ("object", "property", "function") for name in read.names):
        return (Fault(*whole, f"{text} is no number: KiCad takes it as 0", "warning"),)
    if counted or constraint.unit == "ratio":
        return ()
    if read.without_unit and read.numbers == 1:
        return (Fault(*whole, f"{text} needs a unit: write {text}mm", near=(f"{text}mm", f"{text}mil")),)
    if read.kind == "angle":
        return (Fault(*whole, f"{constraint.name} is a length, not an angle", "warning"),)
    if read.kind == "time" and constraint.unit != "length or time":
        return (Fault(*whole, f"{constraint.name} is a length: times go only with length and skew"),)
    if read.kind == "number" and "-" not in text:
        return (Fault(*whole, f"{text} without a unit is in nm", "warning"),)
    return ()


def _refused(fault: Fault, text: str, constraint: Constraint) -> Fault:
    """What is wrong with an expression that KiCad refuses, in the words of limits."""
    counted = constraint.unit in _WITHOUT_UNIT
    if counted and (unit := _SINGLE.fullmatch(text)) and unit["unit"]:
        what = "in degrees" if constraint.unit == "angle" else "a count"
        message = f"{constraint.name} is {what}, without a unit: write {unit['number']}"
        return Fault(unit.start("unit"), unit.end("unit"), message, near=("",))
    if _POINT.match(text):
        return Fault(0, len(text), f"a digit stands before a decimal point: write 0{text}", near=(f"0{text}",))
    if fault.syntax or fault.message.startswith("only KiCad"):
        return fault
    example = "3" if counted else "0.2mm"
    return Fault(0, len(text), f"{text} is no number: write one such as {example}")


def parse_count(text: str) -> ConstraintValue:
    """Reads the bare number behind ``min_resolved_spokes``."""
    if not _NUMBER.fullmatch(text):
        fault = Fault(0, len(text), f"{text or 'this'} is no number: a number of spokes stands here")
        return ConstraintValue(text, None, "", (fault,))
    number = float(text)
    faults: tuple[Fault, ...] = ()
    if not _WHOLE.fullmatch(text):
        faults = (Fault(0, len(text), f"KiCad reads only the whole part of {text}", "warning"),)
    elif number > _MOST_SPOKES:
        faults = (Fault(0, len(text), "a pad has at most 4 spokes", "warning"),)
    return ConstraintValue(text, number, "", faults)
