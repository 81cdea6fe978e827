"""Where a request wants its parts: read from words, drawn so, and told where it isn't so."""

import pytest

from kiki_core.planning.kicad import kind_of
from kiki_core.planning.kicad.asked import missing
from kiki_core.planning.kicad.circuits import circuit
from kiki_core.planning.kicad.footprints import plan as footprint
from kiki_core.planning.kicad.rules import plan as rules
from kiki_core.planning.kicad.sheet import Impossible
from kiki_core.planning.kicad.symbols import missing as missing_of_symbol
from kiki_core.planning.kicad.symbols import plan as symbol
from kiki_core.planning.kicad.wires import wires
from kiki_tools.kicad import circuits, schematics
from kiki_tools.kicad.lands import land_pattern
from kiki_tools.kicad.packages import PadGrid
from kiki_tools.kicad.placed_units import units_of
from kiki_tools.kicad.placement import place


def _sheet(text: str) -> tuple[dict[str, tuple[str, set[str]]], list[str]]:
    drawn = circuit(text)
    assert drawn is not None
    plan, claims, _, apart = drawn
    parts = {part["reference"]: (part["value"], set(part["pins"].values())) for part in plan["parts"]}
    return parts, [*apart, *missing("schematic", text, plan, claims)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("R1 = 240 from output to ADJ", [("R1", "output", "ADJ")]),
        ("diode TVS D1 et condensateur C1 de 100 µF entre VPROT et GND", [("D1", "VPROT", "GND"), ("C1", "VPROT", "GND")]),
        ("R1 = R2 = 10k in series from IN to the + input", [("R1", "IN", "@R1_R2"), ("R2", "@R1_R2", "+ input")]),
        ("C1 = 22n from the node between R1 and R2 to OUT", [("C1", "@R1_R2", "OUT")]),
        ("R1 and R2 = 5.1k from CC1 and CC2 to ground", [("R1", "CC1", "ground"), ("R2", "CC2", "ground")]),
        ("R1 100 ohms, R2 10k de la grille à la masse", [("R2", "grille", "masse")]),
        ("R1 and C1, see below. Power comes from VIN to the board.", []),
    ],
)  # fmt: skip
def test_ends_are_read_from_words(text: str, found: list[tuple[str, str, str]]) -> None:
    assert [(each.name, *each.ends) for each in wires(text)] == found


def test_a_block_takes_the_references_and_values_where_the_text_has_them() -> None:
    parts, lost = _sheet("Sallen-Key low-pass schematic. R1 = R2 = 10k in series from IN to the + input, C2 = 10n from the + input to GND, "
                         "C1 = 22n from the node between R1 and R2 to OUT. U1 is an MCP6001 on +5V, output OUT.")  # fmt: skip
    assert parts["C1"] == ("22n", {"MID", "OUT"})
    assert parts["C2"] == ("10n", {"PLUS", "GND"})
    assert (parts["R1"][1], parts["R2"][1]) == ({"IN", "MID"}, {"MID", "PLUS"})
    assert not lost


def test_a_circuit_of_words_alone_is_drawn_as_it_says() -> None:
    parts, lost = _sheet("schematic: P-channel MOSFET Q1, drain at VIN, source at VOUT, R1 = 100k from the gate to GND, 10 V zener D1 between gate and source")  # fmt: skip
    assert parts["Q1"][1] == {"VIN", "VOUT", "GATE"}
    assert parts["D1"] == ("10V", {"GATE", "VOUT"})
    assert not lost


def test_a_part_that_lies_elsewhere_is_told() -> None:
    text = (
        "LM317 schematic, 9 V from VIN to VOUT: R1 = 240 from output to ADJ, R2 from ADJ to GND, C1 100n at the input"
    )
    drawn = circuit(text)
    assert drawn is not None
    plan = drawn[0]
    assert not list(missing("schematic", text, plan, drawn[1]))
    for part in plan["parts"]:
        if part["reference"] == "R2":
            part["pins"] = {"1": "VIN", "2": "GND"}
    assert "R2 between ADJ and GND" in missing("schematic", text, plan, drawn[1])


def test_a_jumper_is_no_connector() -> None:
    parts, lost = _sheet("CAN transceiver MCP2551 schematic with 120 ohm termination via a jumper")
    assert parts["JP1"][1] == {"TERM", "CANL"}
    assert not lost


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("TPS5430 buck 24V to 5V schematic 3A", "the TPS5430 in place of the LM2596S-5"),
        ("ADS1115 schematic, ADDR pin to GND, AIN0 to AIN3 on a 5-pin header, 3.3 V", "5-pin header"),
        ("I2C bus schematic, pull-ups 4.7k to 3.3 V, 6-pin connector", "6-pin connector"),
    ],
)
def test_what_a_sheet_has_otherwise_is_told(text: str, lost: str) -> None:
    assert lost in _sheet(text)[1]


def test_the_gain_is_that_of_the_resistors_at_last() -> None:
    drawn = circuit("Non-inverting amplifier, gain 10.1: U1 MCP6002 on +5V, + input at IN, R1 = 1k from the - input to GND, R2 = 9.1k from OUT to the - input")  # fmt: skip
    assert drawn is not None
    (gain,) = drawn[1]
    assert gain.ok
    assert gain.measured == pytest.approx(10.1)


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("symbol X1A: 1 A1, 2-4 = B8-B6, 5 GND. A and B pins are bidirectional", {"2": "B8 bidirectional", "4": "B6 bidirectional", "1": "A1 bidirectional"}),
        ("symbol ULN2003: 1-3 are IN1 to IN3 (inputs), 4-6 are OUT3 down to OUT1 (open collector)", {"4": "OUT3 open_collector", "6": "OUT1 open_collector"}),
        ("symbol TPS1: BOOT 1, VIN 2, GND 3, PH 4. Thermal pad (pin 5) goes to GND", {"5": "GND power_in"}),
        ("Symbol für einen 3-poligen Regler L7805: 1 = VI (Eingang), 2 = GND, 3 = VO (Ausgang)", {"3": "VO power_out"}),
        ("relay symbol: coil A1 and A2, 11 = COM, 12 = NC, 14 = NO", {"A2": "A2 passive", "12": "NC passive", "14": "NO passive"}),
        ("symbol BME280: VDD 8, GND 1 and 7, CSB 2, SDI 3, SCK 4, SDO 5, VDDIO 6", {"7": "GND power_in"}),
    ],
)  # fmt: skip
def test_pins_that_are_told_together(text: str, pins: dict[str, str]) -> None:
    had = {each["number"]: f"{each['name']} {each['kind']}" for each in symbol(text)["pins"]}
    assert pins.items() <= had.items()


def test_a_gap_in_the_numbers_of_pins_is_told() -> None:
    text = "symbol for CHIP9: 1 VCC, 2 GND, 5 OUT, 6 IN"
    assert missing_of_symbol(text, symbol(text)) == ["pin 3", "pin 4"]


def test_units_follow_the_channels_of_names() -> None:
    text = "symbol LM339, one unit per comparator, separate power unit: 1 OUT2, 2 OUT1, 3 V+, 4 IN1-, 5 IN1+, 6 IN2-, 7 IN2+, 8 GND"
    made = symbol(text)
    units = {each["name"]: each.get("unit", 1) for each in made["pins"]}
    assert (units["OUT1"], units["OUT2"], units["IN2+"], made["power_unit"]) == (1, 2, 2, True)


@pytest.mark.parametrize(
    "text", ["SOIC-8 footprint with a pitch of 500 m", "1x4 header, 2.54 mm pitch, pads of 3.2 mm"]
)
def test_sizes_that_no_package_has_are_refused(text: str) -> None:
    with pytest.raises(Impossible):
        footprint(text)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("DIP-28 narrow (300 mil row spacing), footprint", {"package": "DIP-28_W7.62mm"}),
        ("SOIC-16W footprint", {"package": "SOIC-16W_7.5x10.3mm_P1.27mm"}),
    ],
)
def test_the_package_that_the_words_mean(text: str, values: dict[str, str]) -> None:
    assert values.items() <= footprint(text).items()


def test_rows_of_pads_and_their_order() -> None:
    package = footprint("2 rows of 7 SMD pads, 2.54 mm pitch, pads 1.5 x 2.5 mm, rows 15.24 mm apart, footprint")[
        "package"
    ]
    assert (package["columns"], package["rows"], package["pitch_x"], package["pitch_y"]) == (7, 2, 2.54, 15.24)
    lands = land_pattern(PadGrid(2, 2, 6.5, 4.5, 1.8, 1.8, 1.0, by_rows=True)).lands
    assert [(land.x, land.y) for land in lands] == [(-3.25, -2.25), (3.25, -2.25), (-3.25, 2.25), (3.25, 2.25)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("rule: nets of class MAINS must keep 6 mm from every net of another class, and 2.5 mm among themselves",
         [("6mm", "A.hasNetclass('MAINS') && !B.hasNetclass('MAINS')", ""), ("2.5mm", "A.hasNetclass('MAINS') && B.hasNetclass('MAINS')", "")]),
        ("règle: largeur minimale des pistes de la classe P 0,8 mm, 1,2 mm sur les couches internes",
         [("0.8mm", "A.hasNetclass('P')", ""), ("1.2mm", "A.hasNetclass('P')", "inner")]),
    ],
)  # fmt: skip
def test_one_limit_in_several_places(text: str, found: list[tuple[str, str, str]]) -> None:
    made = [(each["limits"][0]["least"], each["condition"], each.get("layer", "")) for each in rules(text)["rules"]]
    assert made == found


def test_a_ban_beside_limits_is_a_rule_of_its_own() -> None:
    ban, limits = rules("no vias under U3, and minimum annular ring 0.15 mm for vias")["rules"]
    assert ban["limits"][0] == {"constraint": "disallow", "words": ["via"]}
    assert "intersectsCourtyard" not in limits["condition"]


def test_names_of_nets_lie_on_no_value() -> None:
    resistor = [
        circuits.Part("R1", "Device:R", {"1": "+5V", "2": "TIMING"}, "910k"),
        circuits.Part("R2", "Device:R", {"1": "TIMING", "2": "GND"}, "10k"),
    ]
    drawn = circuits.Circuit("Divider", resistor)
    units = [unit for part in drawn.parts for unit in units_of(part, circuits.Symbols()(part.symbol))]
    sheet = place(drawn, units)
    assert "R1" in schematics.schematic(drawn, circuits.Symbols())
    (label,) = sheet.labels
    letters = {(label.at[0] + label.out[0] * step, label.at[1] - 1) for step in range(1, 7)}
    for unit in units:
        left, top, right, bottom = unit.box
        assert not any(left <= x <= right and top <= y <= bottom for x, y in letters)
        for name, (x, y) in unit.texts.items():
            half = len(unit.part.reference if name == "Reference" else unit.part.value) / 2
            middle, row = unit.at[0] + x / 10, unit.at[1] + y / 10
            assert not any(abs(cell - middle) < half and abs(line - row) < 1 for cell, line in letters)


def test_a_part_told_behind_its_net_beside_another_or_with_a_resistor_lies_there() -> None:
    parts, lost = _sheet("Zener supply: net VIN through R1 = 1k to net VZ, D1 5.1 V zener from VZ to GND, C1 = 1u across it, LED D2 with R2 = 2k2 from VZ to GND")  # fmt: skip
    assert {name: nets for name, (_, nets) in parts.items() if name != "J1"} == {
        "R1": {"VIN", "VZ"}, "D1": {"VZ", "GND"}, "C1": {"VZ", "GND"}, "D2": {"VZ", "N_D2_R2"}, "R2": {"N_D2_R2", "GND"}
    }  # fmt: skip
    assert lost == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Difference amplifier schematic: U1 one op-amp, R1 = R3 = 10k, R2 = R4 = 100k. R1 from INN to the - input, R2 from OUT to the - input, "
         "R3 from INP to the + input, R4 from the + input to GND.",
         {"R1": {"INN", "MINUS"}, "R2": {"OUT", "MINUS"}, "R3": {"INP", "PLUS"}, "R4": {"PLUS", "GND"}}),
        ("Schaltplan: OPV U1, R1 = 10k von IN zum - Eingang, R2 = 22k von OUT zum - Eingang, + Eingang an GND",
         {"R1": {"IN", "MINUS"}, "R2": {"OUT", "MINUS"}}),
    ],
)  # fmt: skip
def test_parts_lie_at_the_inputs_of_an_op_amp_as_stated(text: str, wanted: dict[str, set[str]]) -> None:
    assert kind_of(text, ("kicad-dsl",)) == "schematic"
    drawn = circuit(text)
    assert drawn is not None
    parts = {part["reference"]: part for part in drawn[0]["parts"]}
    assert {name: set(parts[name]["pins"].values()) for name in wanted} == wanted
    assert {"PLUS", "GND"} & set(parts["U1"]["pins"].values())
    assert missing("schematic", text, drawn[0]) == ()


def test_an_input_that_an_op_amp_has_elsewhere_is_said() -> None:
    text = "schematic of an op-amp, R1 10k from IN to the - input"
    drawn = circuit(text)
    assert drawn is not None
    assert "IN at the - input only" in missing("schematic", text, drawn[0])
