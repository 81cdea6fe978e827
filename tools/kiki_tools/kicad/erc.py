"""KiCad's electrical rules check, of our own: the same rules under the same names, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kiki_tools.kicad import erc_drawing, erc_names, erc_parts
from kiki_tools.kicad.design import Design
from kiki_tools.kicad.project import Project
from kiki_tools.kicad.schematic import Point
from kiki_tools.kicad.violation import Violation


def violations(design: Design, project: Project) -> list[Violation]:
    """All violations of the rules that the project doesn't ignore."""
    found: list[Violation] = []
    seen: set[tuple[str, int, Point | None]] = set()
    for check in _CHECKS:
        for violation in check(design, project):
            if project.severity(violation.rule) == "ignore":
                continue
            key = (violation.rule, id(violation.node), violation.at)
            if key not in seen:
                seen.add(key)
                found.append(violation)
    return found


_CHECKS: tuple[Callable[[Design, Project], Iterator[Violation]], ...] = (
    erc_drawing.drawn, erc_drawing.sheets, erc_parts.pins_on_nets, erc_parts.units, erc_parts.units_nets,
    erc_names.similar, erc_drawing.grid, erc_drawing.no_connect_pins, erc_parts.references, erc_names.aliases,
    erc_names.bus_members, erc_names.net_classes,
)  # fmt: skip
