"""What a project file says that the checks need: severities, the table of pin conflicts, net classes, the grid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeGuard

from kiki_tools.kicad.schematic import PER_MM
from kiki_tools.text import Snapshot

RuleSeverity = Literal["error", "warning", "ignore"]

PIN_TYPES = (
    "input", "output", "bidirectional", "tri_state", "passive", "free", "unspecified", "power_in", "power_out",
    "open_collector", "open_emitter", "no_connect",
)  # fmt: skip
"""KiCad's electrical types, in the order of its table of conflicts."""

_PIN_MAP = (
    "000000100002", "020100102222", "000000101012", "010000112112", "000000100002", "000000000002", "111110111112",
    "000100100002", "021200102222", "020100102002", "021100102002", "222222222222",
)  # fmt: skip

SEVERITIES: dict[str, RuleSeverity] = {
    "bus_definition_conflict": "error",
    "bus_entry_needed": "error",
    "bus_to_bus_conflict": "error",
    "bus_to_net_conflict": "error",
    "conflicting_netclasses": "error",
    "different_unit_footprint": "error",
    "different_unit_net": "error",
    "duplicate_reference": "error",
    "duplicate_sheet_names": "error",
    "endpoint_off_grid": "warning",
    "extra_units": "error",
    "footprint_filter": "ignore",
    "footprint_link_issues": "warning",
    "four_way_junction": "ignore",
    "global_label_dangling": "warning",
    "hier_label_mismatch": "error",
    "label_dangling": "error",
    "label_multiple_wires": "warning",
    "lib_symbol_issues": "warning",
    "lib_symbol_mismatch": "warning",
    "missing_bidi_pin": "warning",
    "missing_input_pin": "warning",
    "missing_power_pin": "error",
    "missing_unit": "warning",
    "multiple_net_names": "warning",
    "net_not_bus_member": "warning",
    "no_connect_connected": "warning",
    "no_connect_dangling": "warning",
    "pin_not_connected": "error",
    "pin_not_driven": "error",
    "pin_to_pin": "warning",
    "power_pin_not_driven": "error",
    "same_local_global_label": "warning",
    "similar_label_and_power": "warning",
    "similar_labels": "warning",
    "similar_power": "warning",
    "simulation_model_issue": "ignore",
    "single_global_label": "ignore",
    "unannotated": "error",
    "unconnected_wire_endpoint": "warning",
    "undefined_netclass": "error",
    "unit_value_mismatch": "error",
    "unresolved_variable": "error",
    "wire_dangling": "error",
}
"""KiCad's rules of the electrical check, and how bad it takes them where the project doesn't say."""


@dataclass(frozen=True)
class Project:
    """The settings of a `.kicad_pro` that matter here; KiCad's own where there is none."""

    severities: Mapping[str, RuleSeverity] = field(default_factory=dict)
    pin_map: Sequence[Sequence[int]] = tuple(tuple(int(each) for each in row) for row in _PIN_MAP)
    grid: int = 12_700
    """The grid on which ends should lie, in units of 100 nm."""
    net_classes: frozenset[str] = frozenset({"Default"})
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = ""

    def severity(self, rule: str) -> RuleSeverity:
        """How bad the project takes a rule's violations."""
        return self.severities.get(rule) or SEVERITIES.get(rule, "warning")

    def conflict(self, one: str, other: str) -> int:
        """What the table says of two pins on one net: 0 nothing, 1 a warning, 2 an error."""
        return self._conflicts.get((one, other), 0)

    @cached_property
    def _conflicts(self) -> dict[tuple[str, str], int]:
        rows = zip(PIN_TYPES, self.pin_map, strict=False)
        return {(one, other): level for one, row in rows for other, level in zip(PIN_TYPES, row, strict=False)}


DEFAULT = Project()


def project_of(snapshot: Snapshot | None) -> Project:
    """The settings in a project file; KiCad's own where it says nothing or nothing readable."""
    if snapshot is None:
        return DEFAULT
    return snapshot.kept("kicad.project", _read)


def _read(snapshot: Snapshot) -> Project:
    try:
        data = json.loads(snapshot.text)
    except (ValueError, RecursionError):
        return DEFAULT
    erc = _table(_table(data).get("erc"))
    levels: dict[str, RuleSeverity] = {"error": "error", "warning": "warning", "ignore": "ignore"}
    severities = {
        str(rule): levels[level]
        for rule, level in _table(erc.get("rule_severities")).items()
        if isinstance(level, str) and level in levels
    }
    given = erc.get("pin_map")
    pin_map: Sequence[Sequence[int]] = given if _is_map(given) else DEFAULT.pin_map
    classes = _table(_table(data).get("net_settings")).get("classes")
    names = {"Default"}
    if isinstance(classes, list):
        names.update(str(_table(each).get("name")) for each in classes)
    drawing = _table(_table(data).get("schematic"))
    mils = drawing.get("connection_grid_size", 50)
    grid = round(float(mils) * 0.0254 * PER_MM) if isinstance(mils, int | float) and mils > 0 else DEFAULT.grid
    variables = {str(name): str(text) for name, text in _table(_table(data).get("text_variables")).items()}
    name = str(_table(_table(data).get("meta")).get("filename", "")).removesuffix(".kicad_pro")
    return Project(severities, pin_map, grid, frozenset(names), variables, name)


def _is_map(value: Any) -> TypeGuard[Sequence[Sequence[int]]]:
    return (
        isinstance(value, list)
        and len(value) >= len(PIN_TYPES)
        and all(isinstance(row, list) and len(row) >= len(PIN_TYPES) for row in value)
        and all(isinstance(each, int) for row in value for each in row)
    )


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
