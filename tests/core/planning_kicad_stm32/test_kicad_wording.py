"""Names, numbers and negatives of a request for KiCad: what they become, and what is said to be missing."""

import pytest

from kiki_core.planning.kicad import kind_of
from kiki_core.planning.kicad.asked import missing
from kiki_core.planning.kicad.circuits import circuit
from kiki_core.planning.kicad.footprints import plan as footprint
from kiki_core.planning.kicad.pads import metric
from kiki_core.planning.kicad.sheet import Impossible
from kiki_core.planning.kicad.symbols import missing as lost_of_symbol
from kiki_core.planning.kicad.symbols import plan as symbol
from kiki_tools.kicad.lands import land_pattern
from kiki_tools.kicad.packages import ImpossibleFootprint, PadGrid


def _sheet(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    drawn = circuit(text)
    assert drawn is not None
    return {part["reference"]: (part["value"], part["pins"]) for part in drawn[0]["parts"]}


def _lost(text: str) -> list[str]:
    drawn = circuit(text)
    assert drawn is not None
    plan, claims, _, apart = drawn
    return [*apart, *missing("schematic", text, plan, claims)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Schaltplansymbol AO3400: Pin 1 = G, Pin 2 = S, Pin 3 = D", "symbol"),
        ("sym 74HC595 16 pins: 1 QB 2 QC", "symbol"),
        ("TPS2051 pins: 1 OUT, 2 GND, 3 FLT, 4 EN", "symbol"),
        ("SOT-563", "footprint"),
        ("LED at 5 V with 470 ohm", "schematic"),
        ("quad NAND 74HC00, one unit per gate", "symbol"),
        ("2x4 THT header, 2.00 mm grid", "footprint"),
    ],
)
def test_short_requests_are_told_apart(text: str, kind: str) -> None:
    assert kind_of(text, ["kicad"]) == kind


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pitch .65", "pitch 0.65"),
        ("100 mil pitch", "2.54 mm pitch"),
        ("pads 50x60 mil", "pads 1.27 mm x 1.524 mm"),
        ("1/10 inch apart", "2.54 mm apart"),
        ("650 µm", "0.65 mm"),
    ],
)
def test_lengths_are_read_in_any_unit(text: str, wanted: str) -> None:
    assert metric(text) == wanted


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("footprint: two smd pads, each 1.8 mm wide and 2.4 mm tall, centres 5.0 mm apart", (2, 1, 5.0, 1.8, 2.4, 0)),
        ("6 pads SMD en línea, paso 1,27 mm, cada pad 0,7 x 2 mm, huella", (6, 1, 1.27, 0.7, 2.0, 0)),
        ("3 round pads 60 mil, hole 35 mil, spaced 100 mil, footprint", (3, 1, 2.54, 1.524, 1.524, 0.889)),
        ("mounting hole footprint M3", (1, 1, 0, 6.4, 6.4, 3.2)),
    ],
)
def test_pads_are_made_as_stated(text: str, grid: tuple[float, ...]) -> None:
    package = footprint(text)["package"]
    assert [package[key] for key in ("columns", "rows", "pitch_x", "width", "height", "drill")] == list(grid)


def test_pads_of_a_grid_are_counted_round_and_keep_apart() -> None:
    lands = land_pattern(PadGrid(2, 2, 2.5, 2.0, 1.2, 1.0)).lands
    assert [(land.number, land.x, land.y) for land in lands] == [
        ("1", -1.25, -1.0), ("2", -1.25, 1.0), ("3", 1.25, 1.0), ("4", 1.25, -1.0)
    ]  # fmt: skip
    with pytest.raises(ImpossibleFootprint, match="don't fit"):
        land_pattern(PadGrid(2, 1, 1.0, 0, 1.2, 1.0))
    with pytest.raises(ImpossibleFootprint, match="leaves no copper"):
        land_pattern(PadGrid(1, 1, 0, 0, 1.0, 1.0, drill=1.2))


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("footprint 2x10 header 1.27mm pitch smd", ("pads on the surface",)),
        ("footprint: 2x4 header", ()),
        ("SOIC-8 footprint, drill 0.9 mm", ("0.9 mm", "a hole of 0.9 mm")),
    ],
)
def test_what_a_footprint_hasnt_is_said(text: str, lost: tuple[str, ...]) -> None:
    assert missing("footprint", text, footprint(text)) == lost


def test_parts_have_the_references_and_values_of_the_request() -> None:
    parts = _sheet("schematic: resistor R5 = 4.7k in series with LED D2 (green) from 24V, connector J3")
    assert parts["R5"][0] == "4.7k"
    assert parts["D2"][0] == "green"
    assert "J3" in parts


@pytest.mark.parametrize(
    ("text", "nets"),
    [
        ("diviseur de tension 5 V vers 3,3 V, la sortie s'appelle ADC_IN, schéma", {"ADC_IN"}),
        ("AMS1117-3.3 schematic: from VIN (5 V) to VOUT, net names VIN, VOUT, GND", {"VIN", "VOUT", "GND"}),
        ("Schaltplan: MAX485, Netze heißen RS485_A und RS485_B", {"RS485_A", "RS485_B"}),
        ("NPN BC547 driven by MCU_OUT switches a 12 V relay, schematic", {"MCU_OUT"}),
        ("two push buttons SW1 and SW2 with 10k pull-ups to 3V3, nets BTN1 and BTN2", {"BTN1", "BTN2"}),
    ],
)
def test_nets_have_the_names_of_the_request(text: str, nets: set[str]) -> None:
    assert nets <= {net for _, pins in _sheet(text).values() for net in pins.values()}


def test_what_is_ruled_out_isnt_drawn() -> None:
    parts = _sheet("USB-C power only sink, 5.1k on CC1 and CC2, 10 uF on VBUS. No data lines.")
    assert not {"D+", "D-"} & {net for _, pins in parts.values() for net in pins.values()}


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("H-bridge with four MOSFETs for a motor at 12 V, schematic", "the H-bridge"),
        ("buck converter MP1584 12V to 3.3V schematic", "MP1584"),
        ("N-MOSFET as reverse polarity protection for 5V", "an N-channel MOSFET"),
        ("PCF8574 I2C expander driving 8 LEDs, schematic", "a link between i2c and led"),
        ("schematic: LED D1 with R1 330 ohm at 5 V, and Q7", "Q7"),
        ("LED with 470 ohm at 5 V, net named LAMP_ON", "the net LAMP_ON"),
    ],
)
def test_a_sheet_that_lacks_something_says_so(text: str, lost: str) -> None:
    assert lost in _lost(text)


@pytest.mark.parametrize(
    "text",
    [
        "high side switch: P-MOSFET AO3401A switches 12 V to a load, driven by an NPN, gate pull-up 10k",
        "active low-pass Sallen-Key 1 kHz with TL072 on ±15 V",
        "LED flashlight: 3 V coin cell CR2032, slide switch, white LED with 47 ohm",
        "AMS1117-3.3 from 12V with a 1A fuse and TVS at the input",
        "boost converter 3.7 V to 5 V with MT3608",
        "non-inverting amplifier gain 5 with TLV2372",
        "MCP3008 ADC on SPI at 3.3V with decoupling",
    ],
)
def test_blocks_hold_all_that_is_asked_of_them(text: str) -> None:
    assert _lost(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schematic of a plain resistor divider that makes 5 V out of 3.3 V", r"5 V from 3\.3 V"),
        ("LM7805 circuit that gives 5 V out of a 3.7 V LiPo, schematic", r"5 V from 3\.7 V"),
        ("boost converter from 12 V to 5 V", "5 V from 12 V"),
    ],
)
def test_a_voltage_goes_the_way_that_the_words_tell(text: str, said: str) -> None:
    with pytest.raises(Impossible, match=said):
        circuit(text)


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("symbol TPS22918: 1 VIN, 2 GND, 3 ON, 4 CT", ["VIN", "GND", "ON", "CT"]),
        ("symbol INA826: 1 -IN, 2 RG, 3 +IN, 4 -VS", ["-IN", "RG", "+IN", "-VS"]),
        ("symbol: pins left: IN1, IN2, right: OUT, top: VCC, bottom: GND, name GATE_X", ["IN1", "IN2", "OUT", "VCC", "GND"]),
        ("symbol LM4040: 1 = K (passive), 2 = A (passive), 3 = NC", ["K", "A", "NC"]),
        ("sym for 4-pin hdr: VCC GND SDA SCL in that order", ["VCC", "GND", "SDA", "SCL"]),
    ],
)  # fmt: skip
def test_pins_with_odd_names_are_read(text: str, pins: list[str]) -> None:
    assert [pin["name"] for pin in symbol(text)["pins"]] == pins


def test_a_number_that_two_pins_have_is_refused() -> None:
    with pytest.raises(Impossible, match="several pins have the number 3"):
        symbol("symbol with 4 pins: 1 A, 2 B, 3 C, 3 D")


def test_the_types_of_pins_are_those_that_the_words_tell() -> None:
    found = symbol(
        "símbolo: 1 VIN (alimentación), 2 PG (colector abierto), 3 VOUT (salida de alimentación), 4 NC (no conectado)"
    )
    assert [pin["kind"] for pin in found["pins"]] == ["power_in", "open_collector", "power_out", "no_connect"]


def test_names_in_order_are_all_read_and_groups_have_their_types() -> None:
    text = "74HC4051. Pins in order 1 to 8: Y4, Z, E, GND, S1, S0, Y0, VCC. E and S0 to S1 are inputs, the Y and Z pins passive."
    made = symbol(text)
    assert [pin["name"] for pin in made["pins"]] == ["Y4", "Z", "E", "GND", "S1", "S0", "Y0", "VCC"]
    kinds = {pin["name"]: pin["kind"] for pin in made["pins"]}
    assert kinds == {"Y4": "passive", "Z": "passive", "E": "input", "GND": "power_in", "S1": "input", "S0": "input", "Y0": "passive", "VCC": "power_in"}  # fmt: skip
    assert lost_of_symbol(text, made) == []
    made["pins"] = [{**pin, "kind": "output"} if pin["name"] == "S1" else pin for pin in made["pins"][1:]]
    assert lost_of_symbol(text + " S2", made)[:2] == ["S2", "S1 as input"]
    short = "symbol ABC12 pins 1 to 5: A, B, C, D"
    assert lost_of_symbol(short, symbol(short)) == ["the name of pin 5"]


def test_a_pad_counts_beside_the_pins() -> None:
    made = symbol("symbol TPS99, 4 pins and an exposed pad: 1 VIN, 2 GND, 3 EN, 4 OUT")
    assert (made["pins"][-1]["number"], made["pins"][-1]["name"]) == ("5", "EP")


def test_supplies_go_to_a_unit_of_their_own_on_request() -> None:
    text = "symbol DRV1: 1 IN, 2 OUT, 3 VM, 4 GND, the power pins in a separate unit"
    assert symbol(text)["power_unit"] is True
    assert missing("symbol", "symbol X123: 1 IN, 2 OUT, one unit per channel", symbol("symbol X123: 1 IN, 2 OUT")) == (
        "units",
    )


def test_a_type_for_all_pins_holds_for_those_without_one_of_their_own() -> None:
    made = symbol("symbol DBG, all pins passive: 1 VREF, 2 SWDIO, 3 NRST (input)")
    assert [pin["kind"] for pin in made["pins"]] == ["passive", "passive", "input"]


def test_german_pins_are_read() -> None:
    made = symbol("Schaltzeichen BC337: Pin 1 ist C, Pin 2 ist B und Pin 3 ist E")
    assert [(pin["number"], pin["name"]) for pin in made["pins"]] == [("1", "C"), ("2", "B"), ("3", "E")]


@pytest.mark.parametrize(
    ("text", "pads", "pitch"),
    [
        ("Empreinte d'un connecteur à 5 broches traversantes sur une ligne, pas de 2,5 mm", 5, 2.5),
        ("footprint 2x3 through hole header, 2.0 mm both ways", 6, 2.0),
    ],
)
def test_rows_of_pins_have_the_pitch_that_is_said(text: str, pads: int, pitch: float) -> None:
    package = footprint(text)["package"]
    assert (package["pins"], package["pitch"]) == (pads, pitch)


def test_round_pads_are_round_and_a_stated_hole_holds_for_a_named_package() -> None:
    text = "Footprint: eine Reihe von 5 runden SMD-Testpads, Durchmesser 1,5 mm, Raster 2,0 mm"
    package = footprint(text)["package"]
    assert [package[key] for key in ("columns", "pitch_x", "width", "round")] == [5, 2.0, 1.5, True]
    assert "round" not in footprint("footprint: two square smd pads 2 x 2 mm, 5 mm apart")["package"]
    text = "TO-220 upright, 3 leads in a row at 2.54 mm, 1.1 mm holes"
    assert footprint(text)["package"]["drill"] == 1.1
    assert missing("footprint", text, footprint(text)) == ()


def test_a_non_inverting_gain_below_one_is_refused() -> None:
    with pytest.raises(Impossible, match=r"0\.5"):
        circuit("schematic: non-inverting op-amp amplifier, gain of exactly 0.5")
