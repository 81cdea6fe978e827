"""KiCad's files at the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from drawn import RESISTOR, label, schematic, symbol, wire

SOURCE = (
    '(symbol "Sim:V" (symbol "V_1_1" (pin passive line (at 0 2.54 0) (length 0) (name "+") (number "1")) '
    '(pin passive line (at 0 -2.54 0) (length 0) (name "-") (number "2"))))'
)


@pytest.fixture
def divider(tmp_path: Path) -> Path:
    """A source of 10 V over two equal resistors, with a directive on the sheet."""
    source = symbol("Sim:V", "V1", 25.4, 50.8, value="10")
    items = [
        source,
        symbol("Device:R", "R1", 50.8, 50.8, value="1k"),
        symbol("Device:R", "R2", 50.8, 55.88, value="1k"),
        label("IN", 25.4, 48.26),
        label("IN", 50.8, 48.26),
        label("OUT", 50.8, 53.34),
        label("GND", 25.4, 53.34, "global_label"),
        label("GND", 50.8, 58.42, "global_label"),
        '(text ".op\\n* @expect V(OUT) = 5 +/- 1%" (at 10 10 0) (effects (font (size 1.27 1.27))))',
    ]
    path = tmp_path / "divider.kicad_sch"
    path.write_text(schematic(*items, symbols=(RESISTOR, SOURCE)))
    (tmp_path / "divider.kicad_pro").write_text("{}")
    return path


def kiki(*words: object) -> tuple[int, str]:
    command = [sys.executable, "-m", "kiki_core.cli", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout


def test_netlist_gives_the_nets_of_a_schematic_and_of_a_project_folder(divider: Path) -> None:
    for path in (divider, divider.parent):
        code, shown = kiki("netlist", path)
        nets = {net["name"]: net["pins"] for net in json.loads(shown)["nets"]}
        assert code == 0
        assert nets["/OUT"] == [["R1", "2"], ["R2", "1"]]
        assert nets["GND"] == [["R2", "2"], ["V1", "2"]]


def test_a_schematic_is_simulated_as_a_deck(divider: Path) -> None:
    code, shown = kiki("sim", divider, "--json")
    found = json.loads(shown)
    assert code == 0
    assert found["ok"] is True
    assert found["expectations"][0]["measured"] == pytest.approx(5)


def test_check_tells_kicads_rule_with_kikis_code(divider: Path) -> None:
    divider.write_text(divider.read_text().replace('(label "OUT" (at 50.8 53.34', '(label "OUT" (at 80 80'))
    code, shown = kiki("check", divider, "--no-tools", "--format", "json")
    found = [one for one in json.loads(shown) if one["code"] == "KC307"]
    assert code == 1
    assert [one["rule"] for one in found] == ["label_dangling"]


def test_kicads_own_check_is_merged_and_nothing_is_told_twice(divider: Path) -> None:
    divider.write_text(divider.read_text().replace('(label "OUT" (at 50.8 53.34', '(label "OUT" (at 80 80'))
    _, shown = kiki("check", divider, "--format", "json")
    found = json.loads(shown)
    assert sum(one["rule"] == "label_dangling" for one in found) == 1
    assert "kicad" in {one["source"] for one in found}, found


def test_fmt_lays_a_schematic_out_as_kicad_does_and_is_done_then(divider: Path) -> None:
    before = divider.read_text()
    assert kiki("fmt", "--check", divider)[0] == 1
    assert kiki("fmt", divider)[0] == 0
    assert kiki("fmt", "--check", divider)[0] == 0
    assert "".join(divider.read_text().split()) == "".join(before.split())


def test_explain_has_a_page_for_kicads_codes() -> None:
    code, shown = kiki("explain", "KC301")
    assert code == 0
    assert "pin_not_connected" in shown


def test_a_wire_alone_has_no_net(tmp_path: Path) -> None:
    path = tmp_path / "w.kicad_sch"
    path.write_text(schematic(wire(0, 0, 10, 0)))
    assert json.loads(kiki("netlist", path)[1]) == {"nets": []}


@pytest.mark.parametrize("words", [[], ["--no-tools"]])
def test_a_sheet_is_drawn_with_and_without_kicad(divider: Path, tmp_path: Path, words: list[str]) -> None:
    out = tmp_path / "picture.svg"
    code, _ = kiki("render", divider, "--out", out, *words)
    assert code == 0
    assert "<svg" in out.read_text()
    assert ">R1</" in out.read_text() or not words


def test_a_deck_has_no_picture(tmp_path: Path) -> None:
    (tmp_path / "a.cir").write_text("* t\nR1 1 0 1\n.end\n")
    code, shown = kiki("render", tmp_path / "a.cir")
    assert (code, shown) == (2, "")
