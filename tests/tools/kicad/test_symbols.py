"""Symbols from pin tables: KiCad loads and keeps them, and pins stand where a reader looks for them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kiki_tools.kicad.layout import laid_out
from kiki_tools.kicad.symbols import ImpossibleSymbol, Pin, PowerSpec, SymbolSpec, library, power_symbol, symbol

_PIN = re.compile(
    r'\(pin (\w+) \w+\s+\(at (\S+) (\S+) (\d+)\)\s+\(length (\S+)\).*?\(name "(.*?)".*?\(number "(.*?)"', re.S
)

REGULATOR = SymbolSpec(
    name="LM1117-3.3",
    pins=[Pin("3", "VI", "power_in"), Pin("2", "VO", "power_out"), Pin("1", "GND", "power_in")],
    footprint="Package_TO_SOT_SMD:SOT-223-3_TabPin2",
    datasheet="https://example.org/lm1117.pdf",
    description='Regulator, "3.3 V", 800 mA',
    keywords="ldo regulator",
    footprint_filters=["SOT?223*", "TO?263*"],
)
DUAL = SymbolSpec(
    name="LM358",
    pins=[
        *(Pin("1", "~", "output"), Pin("2", "-", "input"), Pin("3", "+", "input"), Pin("4", "V-", "power_in")),
        *(Pin("5", "+", "input", unit=2), Pin("6", "-", "input", unit=2), Pin("7", "~", "output", unit=2)),
        Pin("8", "V+", "power_in"),
    ],
    power_unit=True,
)
MCU = SymbolSpec(
    name="MCU/48",
    pins=[
        *(Pin("1", "VBAT", "power_in"), Pin("24", "VDD", "power_in"), Pin("23", "VSS", "power_in")),
        *(Pin("7", "~{NRST}", "input"), Pin("44", "BOOT0", "input"), Pin("A1", "NC", "no_connect", hidden=True)),
        *(
            Pin(str(n), f"PA{n - 10}", "bidirectional", group="A", alternates=(("T2", "input"), ("ADC", "input")))
            for n in range(10, 22)
        ),
        *(Pin(str(n), f"PB{n - 26}", "bidirectional", group="B") for n in range(26, 40)),
    ],
)


def pins(text: str) -> dict[str, tuple[float, float, int]]:
    """Where each pin ends and to where it points, by its number."""
    return {m[7]: (float(m[2]), float(m[3]), int(m[4])) for m in _PIN.finditer(text)}


def sides(spec: SymbolSpec) -> dict[str, str]:
    words = {0: "left", 180: "right", 270: "top", 90: "bottom"}
    return {number: words[angle] for number, (_, _, angle) in pins(symbol(spec)).items()}


def box(text: str) -> tuple[float, float, float, float]:
    found = re.search(r"\(rectangle\s+\(start (\S+) (\S+)\)\s+\(end (\S+) (\S+)\)", text)
    assert found
    left, top, right, bottom = map(float, found.groups())
    return left, top, right, bottom


def kicad(*arguments: str | Path) -> str:
    done = subprocess.run(["kicad-cli", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_kicad_reads_a_library_and_writes_it_back_unchanged(tmp_path: Path) -> None:
    flag = PowerSpec("PWR_FLAG", drives=True)
    text = library([REGULATOR, DUAL, MCU, PowerSpec("+3V3"), PowerSpec("GND"), flag]).replace("{slash}", "_")
    file = tmp_path / "all.kicad_sym"
    file.write_text(text)
    kicad("sym", "upgrade", "--force", file)
    assert file.read_text() == text.replace('"micro-kiki"', '"kicad_symbol_editor"')
    kicad("sym", "export", "svg", "-o", tmp_path / "svg", file)
    drawn = sorted(path.name for path in (tmp_path / "svg").iterdir())
    assert [name for name in drawn if "LM358" in name] == [f"LM358_unit{unit}.svg" for unit in (1, 2, 3)]
    assert len(drawn) == 8


def test_sides_follow_from_the_electrical_types() -> None:
    assert sides(REGULATOR) == {"3": "top", "2": "right", "1": "bottom"}
    assert {number: side for number, side in sides(DUAL).items() if number in "1238"} == {
        "1": "right",
        "2": "left",
        "3": "left",
        "8": "top",
    }
    assert sides(DUAL)["4"] == "bottom"


def test_pins_without_a_side_of_their_own_are_balanced_and_groups_stay_together() -> None:
    at = sides(MCU)
    assert {at[str(n)] for n in range(10, 22)} == {"right"}
    assert {at[str(n)] for n in range(26, 40)} == {"left"}
    assert sides(SymbolSpec("R", [Pin("1"), Pin("2")])) == {"1": "left", "2": "right"}
    many = sides(SymbolSpec("J", [Pin(str(n)) for n in range(1, 10)]))
    assert [many[str(n)] for n in range(1, 10)] == ["left"] * 5 + ["right"] * 4


def test_a_side_that_is_given_counts() -> None:
    spec = SymbolSpec("X", [Pin("1", kind="input", side="right"), Pin("2", "GND", "power_in", side="left")])
    assert sides(spec) == {"1": "right", "2": "left"}


@pytest.mark.parametrize("spec", [REGULATOR, DUAL, MCU, SymbolSpec("L", [Pin("1", "X" * 30)], pin_length=3.81)])
def test_pins_end_on_the_grid_each_in_its_own_place(spec: SymbolSpec) -> None:
    for unit in symbol(spec).split('\n\t(symbol "')[1:]:
        placed = list(pins(unit).values())
        assert len(set(placed)) == len(placed)
        assert all(abs(value / 2.54 - round(value / 2.54)) < 1e-6 for x, y, _ in placed for value in (x, y))


def test_groups_stand_apart() -> None:
    spec = SymbolSpec("X", [Pin("1", group="a", side="left"), Pin("2", side="left"), Pin("3", group="a", side="left")])
    y = {number: y for number, (_, y, _) in pins(symbol(spec)).items()}
    assert y["1"] - y["3"] == pytest.approx(2.54)
    assert y["3"] - y["2"] == pytest.approx(5.08)


def test_the_box_is_wide_enough_for_the_names() -> None:
    def width(left: str, right: str) -> float:
        spec = SymbolSpec("X", [Pin("1", left, side="left"), Pin("2", right, side="right")])
        begin, _, end, _ = box(symbol(spec))
        return end - begin

    assert width("A" * 20, "B" * 20) > 40 * 1.1
    assert width("~{" + "A" * 20 + "}", "B") == width("A" * 20, "B")
    assert width("A", "B") < 12


def test_names_of_top_pins_don_t_meet_those_of_the_sides() -> None:
    spec = SymbolSpec("X", [Pin("1", "LONGNAME", "input"), *(Pin(f"V{n}", f"VDD{n}", "power_in") for n in range(6))])
    left, _, right, _ = box(symbol(spec))
    columns = [x for number, (x, _, _) in pins(symbol(spec)).items() if number != "1"]
    assert min(columns) - left > 8 * 1.1
    assert max(columns) < right


def test_power_pins_get_a_unit_of_their_own() -> None:
    units = symbol(DUAL).split('\n\t(symbol "LM358_')[1:]
    assert [sorted(pins(unit)) for unit in units] == [["1", "2", "3"], ["5", "6", "7"], ["4", "8"]]
    assert '"ki_locked"' in symbol(DUAL)
    gates = [
        Pin("1", "A", "input"),
        Pin("2", "Y", "output"),
        Pin("3", "A", "input", unit=2),
        Pin("4", "Y", "output", unit=2),
    ]
    assert '"ki_locked"' not in symbol(SymbolSpec("G", gates))


def test_fields_say_what_the_spec_says() -> None:
    fields = dict(re.findall(r'\(property "(\w+)" "((?:[^"\\]|\\.)*)"', symbol(REGULATOR)))
    assert fields == {
        "Reference": "U",
        "Value": "LM1117-3.3",
        "Footprint": "Package_TO_SOT_SMD:SOT-223-3_TabPin2",
        "Datasheet": "https://example.org/lm1117.pdf",
        "Description": 'Regulator, \\"3.3 V\\", 800 mA',
        "ki_keywords": "ldo regulator",
        "ki_fp_filters": "SOT?223* TO?263*",
    }


def test_a_name_with_reserved_characters_is_escaped_but_shown() -> None:
    text = symbol(MCU)
    assert text.startswith('(symbol "MCU{slash}48"')
    assert '(property "Value" "MCU/48"' in text


def test_power_symbols() -> None:
    assert "(power)" in power_symbol("+5V")
    assert "(pin power_in line\n\t\t\t(at 0 0 90)" in power_symbol("+5V")
    assert "(pin power_in line\n\t\t\t(at 0 0 270)" in power_symbol("GND")
    assert "(pin power_out line" in power_symbol("PWR_FLAG", drives=True)


def test_the_text_is_laid_out_and_always_the_same() -> None:
    assert symbol(MCU) == symbol(MCU) == laid_out(symbol(MCU))
    assert library([DUAL, REGULATOR]) == library([REGULATOR, DUAL])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "no name"),
        ({"pins": []}, "no pins"),
        ({"pins": [Pin("1"), Pin("2"), Pin("1")]}, "several pins of X have the number 1"),
        ({"pins": [Pin("1", kind="in")]}, "pin 1: unknown electrical type 'in'; KiCad has input"),
        ({"pins": [Pin("1", side="up")]}, "pin 1: unknown side 'up'"),
        ({"pins": [Pin("1", shape="round")]}, "pin 1: unknown shape"),
        ({"pins": [Pin("1", alternates=(("A", "in"),))]}, "unknown electrical type 'in'"),
        ({"pins": [Pin("")]}, "no pin number"),
        ({"pins": [Pin("1", unit=0)]}, "count from 1"),
        ({"pins": [Pin("1"), Pin("2", unit=3)]}, "unit 2 of X has no pins"),
        ({"reference": "U1"}, "letters expected"),
        ({"pin_length": 2.0}, "multiple of 1.27"),
        ({"pin_length": -2.54}, "multiple of 1.27"),
    ],
)
def test_impossible_symbols_are_refused_with_the_reason(changes: dict[str, Any], message: str) -> None:
    spec = SymbolSpec(**{"name": "X", "pins": [Pin("1")], **changes})
    with pytest.raises(ImpossibleSymbol, match=message):
        symbol(spec)


def test_a_library_has_each_name_once() -> None:
    with pytest.raises(ImpossibleSymbol, match="LM358"):
        library([DUAL, DUAL])
