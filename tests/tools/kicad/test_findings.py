"""What is told of a file beyond its nets: what KiCad refuses, passes over or makes up, and what the file silences."""

import pytest
from drawn import RESISTOR, ROOT, label, schematic, sheet, symbol, wire

from kiki_tools.kicad.service import KICAD
from kiki_tools.language import Diagnostic, Workspace
from kiki_tools.text import Snapshot

R1 = symbol("Device:R", "R1", 50.8, 50.8)


def told(text: str, path: str = "/p/t.kicad_sch", **others: str) -> list[tuple[str, int, str]]:
    """Codes, lines from 1 and the words underlined."""
    snapshot = Snapshot(text, path)
    texts = {f"/p/t.{suffix}": Snapshot(other, f"/p/t.{suffix}") for suffix, other in others.items()}
    found = KICAD.diagnostics(snapshot, Workspace({**texts, path: snapshot}))
    return [(one.code, snapshot.line_of(one.span.start) + 1, snapshot.slice(one.span)) for one in found]


def codes(text: str, path: str = "/p/t.kicad_sch", **others: str) -> set[str]:
    return {code for code, _, _ in told(text, path, **others)}


@pytest.mark.parametrize(
    ("old", "new", "code", "word"),
    [
        ("(size 1.27 1.27)", "(size 1.27)", "KC106", "size"),
        ("(in_bom yes)", "(in_bom)", "KC106", "in_bom"),
        ('(number "1"', "(number 1", "KC105", "1"),
        ("(at 50.8 50.8 0) (unit", "(at 50.8 50.8) (unit", "KC106", "at"),
        ("(color 0 0 0 0)", "(color 0 0 0)", "KC106", "color"),
        ('"R_1_1"', '"Q_1_1"', "KC114", "Q_1_1"),
        ('"R_1_1"', '"R_one"', "KC114", "R_one"),
        ('(number "2"', '(number "1"', "KC209", "1"),
        ('(lib_id "Device:R")', "", "KC113", "symbol"),
        ('(property "Value" "R" (at 50.8 50.8 0) (effects (font (size 1.27 1.27))))', "", "KC113", "symbol"),
        ('(pin "2" (uuid', '(pin "3" (uuid', "KC211", "3"),
    ],
)
def test_what_is_wrong_in_a_sheet_is_told_where_it_is(old: str, new: str, code: str, word: str) -> None:
    text = schematic(R1, sheet("in", "in.kicad_sch", [], ROOT[:-1] + "1"), symbols=(RESISTOR,))
    assert old in text
    assert code not in codes(text)
    assert (code, word) in {(each, under.lstrip("(")) for each, _, under in told(text.replace(old, new, 1))}


def test_two_symbols_with_one_reference_are_both_told() -> None:
    other = symbol("Device:R", "R1", 76.2, 50.8)
    assert [line for code, line, _ in told(schematic(R1, other)) if code == "KC314"] == [7, 8]


def test_two_items_with_one_uuid_are_both_told() -> None:
    one, other = wire(0, 0, 10.16, 0), wire(0, 2.54, 10.16, 2.54)
    same = other.replace(other.split('(uuid "')[1], one.split('(uuid "')[1])
    assert [line for code, line, _ in told(schematic(one, same)) if code == "KC203"] == [7, 8]


def test_a_symbol_without_a_reference_for_its_sheet_is_told() -> None:
    astray = symbol("Device:R", "R2", 76.2, 50.8, path="99999999-0000-4000-8000-000000000000")
    assert ("KC212", 8) in {(code, line) for code, line, _ in told(schematic(R1, astray))}
    assert "KC212" not in codes(schematic(astray))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("(kicad_sch\n\t(version 20250114)\n\t(generator x))\n\t(uuid a)\n\t(paper A4)\n)\n", 3),
        ('(footprint "a"\n\t(version 20241229)\n\t(layer "F.Cu")\n\t(attr smd))\n\t(descr "b")\n)\n', 4),
    ],
)
def test_a_parenthesis_too_many_is_told_in_its_line(text: str, line: int) -> None:
    path = "/p/t.kicad_mod" if text.startswith("(footprint") else "/p/t.kicad_sch"
    assert ("KC112", line) in {(code, at) for code, at, _ in told(text, path)}


def test_a_list_that_ends_on_a_later_line_was_not_closed() -> None:
    text = '(footprint "a"\n\t(version 20241229)\n\t(layer "F.Cu")\n\t(fp_line\n\t\t(start 0 0)\n\t\t(end 1 1\n\t)\n)\n'
    assert ("KC101", 6) in {(code, line) for code, line, _ in told(text, "/p/t.kicad_mod")}


@pytest.mark.parametrize("said", ["KC301", "ignore KC301", "pin_not_connected", "KC999, KC301"])
def test_a_property_silences_what_is_told_of_its_symbol(said: str) -> None:
    silent = R1.replace("(pin ", f'(property "kiki" "{said}" (at 0 0 0)) (pin ', 1)
    other = symbol("Device:R", "R2", 76.2, 50.8)
    assert [line for code, line, _ in told(schematic(silent, other)) if code == "KC301"] == [8, 8]


def test_a_text_silences_a_rule_in_all_of_the_sheet() -> None:
    text = '(text "kiki: ignore KC301" (at 0 0 0) (uuid "1"))'
    assert "KC301" in codes(schematic(R1))
    assert "KC301" not in codes(schematic(R1, text))


def test_a_comment_silences_a_rule_of_a_rules_file() -> None:
    text = '(version 1)\n(rule "a" (condition "A.Type == \'Via\'"))\n'
    assert "KC506" in codes(text, "/p/t.kicad_dru")
    assert "KC506" not in codes(f"# kiki: ignore KC506\n{text}", "/p/t.kicad_dru")


def test_a_layer_of_a_rule_is_checked_without_a_board_too() -> None:
    text = '(version 1)\n(rule "a" (layer "F.Cuu") (constraint clearance (min 1mm)))\n'
    assert ("KC502", 2, '"F.Cuu"') in told(text, "/p/t.kicad_dru")
    assert "KC502" not in codes(text.replace("F.Cuu", "In3.Cu"), "/p/t.kicad_dru")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"erc": {"rule_severities": {"pin_not_driven": "eror"}}}', '"eror"'),
        ('{"erc": {"rule_severities": {"pin_not_drivn": "error"}}}', "pin_not_drivn"),
        ('{"net_settings": {"classes": [{"clearance": "wide"}]}}', '"wide"'),
    ],
)
def test_a_setting_that_kicad_passes_over_is_told(text: str, word: str) -> None:
    assert [(code, under) for code, _, under in told(text, "/p/t.kicad_pro")] == [("KC115", word)]


def test_a_project_as_kicad_writes_it_is_clean() -> None:
    levels = '{"pin_not_driven": "error", "a_later_rule": "ignore", "clearance": "error"}'
    assert told(f'{{"erc": {{"rule_severities": {levels}}}, "net_settings": {{}}}}', "/p/t.kicad_pro") == []


def test_a_library_that_is_missing_is_told_and_a_folder_is_not() -> None:
    text = '(sym_lib_table (version 7) (lib (name "a")(type "KiCad")(uri "${KIPRJMOD}/a.x")(options "")(descr "")))'
    snapshot = Snapshot(text, "/p/sym-lib-table")

    def found(why: str) -> list[Diagnostic]:
        return list(KICAD.diagnostics(snapshot, Workspace({snapshot.path: snapshot}, {"/p/a.x": why})))

    assert [one.code for one in found("no such file or directory")] == ["KC208"]
    assert found("no regular file") == []


def test_a_class_that_the_project_lacks_is_told_at_its_field() -> None:
    classed = label("A", 50.8, 48.26).replace("(uuid", '(property "Netclass" "Powr" (at 0 0 0)) (uuid', 1)
    project = '{"net_settings": {"classes": [{"name": "Default"}, {"name": "Power"}]}}'
    assert ("KC331", 8) in {(code, line) for code, line, _ in told(schematic(R1, classed), kicad_pro=project)}
    assert "KC331" not in codes(schematic(R1, classed.replace("Powr", "Power")), kicad_pro=project)
