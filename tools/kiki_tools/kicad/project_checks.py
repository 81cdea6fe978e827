"""What is wrong in a project file: it is JSON, and KiCad passes over it without a word when it isn't."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.project import SEVERITIES
from kiki_tools.language import Fix
from kiki_tools.text import Edit, Snapshot, Span

DESIGN_RULES = frozenset(
    """
    annular_width clearance connection_width copper_edge_clearance copper_sliver courtyards_overlap creepage
    diff_pair_gap_out_of_range diff_pair_uncoupled_length_too_long drill_out_of_range duplicate_footprints
    extra_footprint footprint footprint_filters_mismatch footprint_symbol_field_mismatch footprint_symbol_mismatch
    footprint_type_mismatch
    hole_clearance hole_near_hole hole_to_hole holes_co_located invalid_outline isolated_copper item_on_disabled_layer
    items_not_allowed length_out_of_range lib_footprint_issues lib_footprint_mismatch malformed_courtyard
    microvia_drill_out_of_range mirrored_text_on_front_layer missing_courtyard missing_footprint missing_tuning_profile
    net_conflict nonmirrored_text_on_back_layer npth_inside_courtyard overlapping_pads padstack padstack_invalid
    pth_inside_courtyard shorting_items silk_edge_clearance silk_over_copper silk_overlap skew_out_of_range
    solder_mask_bridge starved_thermal text_height text_on_edge_cuts text_thickness through_hole_pad_without_hole
    too_many_vias track_angle track_dangling track_not_centered_on_via track_segment_length track_width
    tracks_crossing tuning_profile_track_geometries unconnected_items unresolved_variable via_dangling via_diameter
    zone_has_empty_net zones_intersect
    """.split()
)
"""KiCad's rules of the design rules check, by the names that a project gives them."""
_LEVELS = ("error", "warning", "ignore")
_SECTION = re.compile(r'"rule_severities"\s*:\s*\{([^{}]*)\}')
_ENTRY = re.compile(r'"(\w+)"\s*:\s*("(?:[^"\\\n]|\\.)*"|[^,\s}]+)')
_LENGTH = re.compile(
    r'"((?:micro)?via_(?:diameter|drill)|clearance|track_width|diff_pair_(?:gap|via_gap|width)|bus_width|wire_width|min_\w+)"\s*:\s*'
    r'("(?:[^"\\\n]|\\.)*"|true|false)'
)


def check(snapshot: Snapshot) -> Iterator[Finding]:
    """All findings in a project file: its syntax, and the severities that it gives to rules."""
    try:
        data = json.loads(snapshot.text)
    except json.JSONDecodeError as error:
        at = min(error.pos, max(snapshot.length - 1, 0))
        yield Finding("KC110", Span(at, min(at + 1, snapshot.length)), f"not JSON: {error.msg}")
        return
    except (RecursionError, ValueError) as error:
        told = "nested too deep" if isinstance(error, RecursionError) else f"not JSON: {error}"
        yield Finding("KC110", Span(0, 1), told)
        return
    if not isinstance(data, dict):
        yield Finding("KC110", Span(0, 1), "a project file holds one object in braces")
        return
    rules = {*SEVERITIES, *DESIGN_RULES}
    sections = list(_SECTION.finditer(snapshot.text))
    for section in sections:
        for entry in _ENTRY.finditer(snapshot.text, section.start(1), section.end(1)):
            yield from _severity(entry, rules)
    for length in _LENGTH.finditer(snapshot.text):
        if any(section.start() <= length.start() < section.end() for section in sections):
            continue
        told = f"{length[1]} is a number, not {length[2][:40]}: KiCad takes its own value"
        yield Finding("KC115", Span(*length.span(2)), told)


def _severity(entry: re.Match[str], rules: Collection[str]) -> Iterator[Finding]:
    rule, level = entry[1], entry[2].strip('"')
    if level not in _LEVELS:
        near = get_close_matches(level, _LEVELS, 1, 0.5)
        span = Span(*entry.span(2))
        offered = tuple(Fix(f"Write {each}", (Edit(span, f'"{each}"'),)) for each in near)
        told = f"{rule} can be {', '.join(_LEVELS)}, not {level[:40]}: KiCad takes its own level"
        yield Finding("KC115", span, told, fixes=offered)
    if rule not in rules and (near := get_close_matches(rule, rules, 1, 0.85)):
        span = Span(*entry.span(1))
        offered = tuple(Fix(f"Write {each}", (Edit(span, each),)) for each in near)
        yield Finding("KC115", span, f"KiCad knows no rule {rule}; did you mean {near[0]}?", fixes=offered)
