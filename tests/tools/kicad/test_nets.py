"""What is connected with what, and what the electrical rules say of it."""

import pytest
from drawn import (
    ROOT,
    junction,
    label,
    no_connect,
    schematic,
    sheet,
    symbol,
    wire,
)

from kiki_tools.kicad.design import Design, design_of
from kiki_tools.kicad.diagnostics import diagnose
from kiki_tools.kicad.erc import violations
from kiki_tools.kicad.netlist import nets
from kiki_tools.kicad.project import DEFAULT, Project
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

CHILD = "11111111-0000-4000-8000-000000000000"


def design(*items: str, **sheets: str) -> Design:
    """The design of a root with these items; sheets by their file's stem."""
    root = Snapshot(schematic(*items), "/p/t.kicad_sch")
    texts = {f"/p/{name}.kicad_sch": Snapshot(text, f"/p/{name}.kicad_sch") for name, text in sheets.items()}
    return design_of(root, {root.path: root, **texts})


def connected(found: Design) -> set[frozenset[str]]:
    """The nets of more than one pin, as sets of `R1.2`."""
    return {frozenset(f"{ref}.{pin}" for ref, pin in pins) for pins in nets(found).values() if len(pins) > 1}


def rules(found: Design, project: Project = DEFAULT) -> set[str]:
    return {violation.rule for violation in violations(found, project)}


R1, R2 = symbol("Device:R", "R1", 50.8, 50.8), symbol("Device:R", "R2", 50.8, 76.2)


def test_a_wire_from_pin_to_pin_connects() -> None:
    assert connected(design(R1, R2, wire(50.8, 53.34, 50.8, 73.66))) == {frozenset({"R1.2", "R2.1"})}


def test_a_pin_in_the_middle_of_a_wire_is_not_connected() -> None:
    across = wire(40.64, 53.34, 60.96, 53.34)
    other = symbol("Device:R", "R3", 60.96, 55.88)
    assert connected(design(R1, other, across)) == set()


def test_a_wire_that_ends_on_another_needs_a_junction() -> None:
    items = [R1, R2, wire(50.8, 53.34, 50.8, 73.66), wire(50.8, 63.5, 60.96, 63.5)]
    third = symbol("Device:R", "R3", 60.96, 66.04)
    assert frozenset({"R1.2", "R2.1"}) in connected(design(*items, third))
    assert frozenset({"R1.2", "R2.1", "R3.1"}) in connected(design(*items, third, junction(50.8, 63.5)))


def test_crossing_wires_do_not_touch() -> None:
    r3, r4 = symbol("Device:R", "R3", 40.64, 66.04), symbol("Device:R", "R4", 60.96, 66.04)
    found = design(R1, R2, r3, r4, wire(50.8, 53.34, 50.8, 73.66), wire(40.64, 63.5, 60.96, 63.5))
    assert connected(found) == {frozenset({"R1.2", "R2.1"}), frozenset({"R3.1", "R4.1"})}


def test_labels_of_one_name_join_a_sheet_and_global_ones_all_sheets() -> None:
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("A", 50.8, 48.26),
        label("G", 50.8, 53.34, "global_label"),
        uuid=CHILD,
    )
    root = [R1, R2, label("A", 50.8, 48.26), label("A", 50.8, 73.66), label("G", 50.8, 53.34, "global_label")]
    found = design(*root, sheet("in", "inner.kicad_sch", [], CHILD), inner=inner)
    assert connected(found) == {frozenset({"R1.1", "R2.1"}), frozenset({"R1.2", "R9.2"})}


def test_a_sheet_pin_leads_to_its_label_inside_wherever_the_file_has_the_pin() -> None:
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("IN", 50.8, 48.26, "hierarchical_label"),
        uuid=CHILD,
    )
    drawn = sheet("in", "inner.kicad_sch", [("IN", 98.73, 53.34)], CHILD)
    found = design(R1, wire(50.8, 53.34, 100, 53.34), drawn, inner=inner)
    assert connected(found) == {frozenset({"R1.2", "R9.1"})}
    assert "hier_label_mismatch" not in rules(found)


def test_a_bus_carries_its_members_into_a_sheet() -> None:
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("X[0..1]", 60.96, 60.96, "hierarchical_label"),
        wire(60.96, 60.96, 71.12, 60.96, "bus"),
        label("X1", 50.8, 48.26),
        uuid=CHILD,
    )
    root = [
        R1,
        label("D1", 50.8, 48.26),
        wire(81.28, 55.88, 100, 55.88, "bus"),
        label("D[0..1]", 83.82, 55.88),
        sheet("in", "inner.kicad_sch", [("X[0..1]", 100, 55.88)], CHILD),
    ]
    assert connected(design(*root, inner=inner)) == {frozenset({"R1.1", "R9.1"})}


def test_a_net_with_a_bar_in_a_group_stays_apart_as_in_kicad_9() -> None:
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("X{~{RST} CLK}", 60.96, 60.96, "hierarchical_label"),
        wire(60.96, 60.96, 71.12, 60.96, "bus"),
        label("X.~{RST}", 50.8, 48.26),
        label("X.CLK", 50.8, 53.34),
        uuid=CHILD,
    )
    root = [
        R1,
        label("X.~{RST}", 50.8, 48.26),
        label("X.CLK", 50.8, 53.34),
        wire(81.28, 55.88, 100, 55.88, "bus"),
        label("X{~{RST} CLK}", 83.82, 55.88),
        sheet("in", "inner.kicad_sch", [("X{~{RST} CLK}", 100, 55.88)], CHILD),
    ]
    assert connected(design(*root, inner=inner)) == {frozenset({"R1.2", "R9.2"})}


def test_a_net_through_a_bus_has_the_name_of_the_upper_sheet() -> None:
    inner = schematic(
        symbol("Device:R", "R9", 50.8, 50.8, path=f"{ROOT}/{CHILD}"),
        label("D[0..1]", 60.96, 60.96, "hierarchical_label"),
        wire(60.96, 60.96, 71.12, 60.96, "bus"),
        label("D1", 50.8, 48.26),
        uuid=CHILD,
    )
    root = [
        wire(81.28, 55.88, 100, 55.88, "bus"),
        label("D[0..1]", 83.82, 55.88),
        sheet("in", "inner.kicad_sch", [("D[0..1]", 100, 55.88)], CHILD),
    ]
    assert nets(design(*root, inner=inner))["/D1"] == [("R9", "1")]


def bus_entry(name: str) -> list[str]:
    """R1's wire, called so, enters the bus D[0..3]."""
    entry = f'(bus_entry (at 50.8 43.18) (size 2.54 -2.54) (stroke (width 0) (type default)) (uuid "{ROOT[:-1]}9"))'
    wired = wire(50.8, 48.26, 50.8, 43.18)
    return [R1, wired, label(name, 50.8, 45.72), entry, wire(53.34, 40.64, 73.66, 40.64, "bus"),
            label("D[0..3]", 60.96, 40.64)]  # fmt: skip


def test_a_net_that_enters_a_bus_must_be_in_it() -> None:
    assert "net_not_bus_member" not in rules(design(*bus_entry("D2")))
    assert "net_not_bus_member" in rules(design(*bus_entry("D7")))


def test_each_pin_is_told_once_of_the_pins_that_it_fights() -> None:
    buffers = [symbol("Logic:BUF", f"U{number}", 50.8, 50.8 + 12.7 * number) for number in range(4)]
    wires = [wire(53.34, 50.8 + 12.7 * number, 53.34, 63.5 + 12.7 * number) for number in range(3)]
    found = [each for each in violations(design(*buffers, *wires), DEFAULT) if each.rule == "pin_to_pin"]
    assert len(found) == 3


def test_local_labels_of_different_sheets_may_be_alike() -> None:
    inner = schematic(label("in", 50.8, 48.26), uuid=CHILD)
    drawn = sheet("in", "inner.kicad_sch", [], CHILD)
    assert "similar_labels" not in rules(design(label("IN", 50.8, 48.26), drawn, inner=inner))


def test_power_symbols_name_their_net_everywhere() -> None:
    ground = symbol("power:GND", "#PWR01", 50.8, 53.34, value="GND")
    other = symbol("power:GND", "#PWR02", 50.8, 78.74, value="GND")
    found = design(R1, R2, ground, other)
    assert nets(found)["GND"] == [("R1", "2"), ("R2", "2")]


@pytest.mark.parametrize(
    ("items", "rule"),
    [
        ([R1], "pin_not_connected"),
        ([R1, wire(50.8, 53.34, 50.8, 60.96)], "unconnected_wire_endpoint"),
        ([wire(10.16, 10.16, 20.32, 10.16)], "wire_dangling"),
        ([label("A", 10.16, 10.16)], "label_dangling"),
        ([label("A", 10.16, 10.16, "global_label")], "global_label_dangling"),
        ([no_connect(10.16, 10.16)], "no_connect_dangling"),
        ([R1, R2, wire(50.8, 53.34, 50.8, 73.66), no_connect(50.8, 53.34)], "no_connect_connected"),
        ([symbol("power:GND", "#PWR01", 50.8, 53.34), R1], "power_pin_not_driven"),
        ([symbol("Logic:BUF", "U1", 50.8, 50.8)], "pin_not_driven"),
        (
            [
                symbol("Logic:BUF", "U1", 50.8, 50.8),
                symbol("Logic:BUF", "U2", 50.8, 63.5),
                wire(53.34, 50.8, 53.34, 63.5),
            ],
            "pin_to_pin",
        ),
        ([R1, label("A", 50.8, 53.34), label("B", 50.8, 53.34)], "multiple_net_names"),
        ([symbol("Device:R", "R1", 50.8, 50.81)], "endpoint_off_grid"),
        ([R1, symbol("Device:R", "R1", 80.01, 50.8)], "duplicate_reference"),
        ([symbol("Device:R", "R?", 50.8, 50.8)], "unannotated"),
        ([label("in", 50.8, 48.26), label("IN", 50.8, 53.34), R1], "similar_labels"),
        ([R1, label("P", 50.8, 48.26, "hierarchical_label")], "pin_not_connected"),
    ],
)
def test_what_breaks_a_rule_is_found(items: list[str], rule: str) -> None:
    assert rule in rules(design(*items))


def test_a_flag_drives_a_power_net_and_a_mark_excuses_an_open_pin() -> None:
    ground, flag = symbol("power:GND", "#PWR01", 50.8, 53.34), symbol("power:PWR_FLAG", "#FLG01", 50.8, 53.34)
    assert rules(design(R1, ground, flag, no_connect(50.8, 48.26))) == set()


def test_the_project_decides_about_severities() -> None:
    assert "pin_not_connected" not in rules(design(R1), Project({"pin_not_connected": "ignore"}))


def test_a_wire_in_one_piece_behind_a_junction_is_told_and_can_be_broken() -> None:
    """KiCad 9's command line loses what goes on behind the junction; its editor doesn't."""
    third = symbol("Device:R", "R3", 50.8, 68.58)
    text = schematic(R1, third, wire(50.8, 53.34, 50.8, 66.04), junction(50.8, 58.42), junction(50.8, 63.5))
    for _ in range(2):
        sheet_text = Snapshot(text, "/p/t.kicad_sch")
        assert frozenset({"R1.2", "R3.1"}) in connected(design_of(sheet_text, {sheet_text.path: sheet_text}))
        told = [each for each in diagnose(sheet_text, Workspace({}), patient=False) if each.code == "KC332"]
        if not told:
            break
        assert sheet_text.slice(told[0].span) == "wire"
        text = sheet_text.edited(told[0].fixes[0].edits).text
    assert "(xy 50.8 53.34) (xy 50.8 58.42)" in text
    assert "(xy 50.8 58.42) (xy 50.8 63.5)" in text
    assert "(xy 50.8 63.5) (xy 50.8 66.04)" in text
    assert not told
