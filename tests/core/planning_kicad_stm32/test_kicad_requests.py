"""A request for a symbol, footprint or schematic becomes its plan, or a plain refusal."""

import pytest

from kiki_core.planning.kicad import kind_of
from kiki_core.planning.kicad.asked import missing
from kiki_core.planning.kicad.circuits import circuit
from kiki_core.planning.kicad.footprints import plan as footprint
from kiki_core.planning.kicad.sheet import Impossible
from kiki_core.planning.kicad.symbols import plan as symbol


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("make a schematic symbol for a relay", "symbol"),
        ("Empreinte SOT-23-5", "footprint"),
        ("Schaltplan: LED an 5 V", "schematic"),
        ("simulate an RC filter in SPICE", ""),
        ("What is a footprint?", ""),
    ],
)
def test_what_a_request_asks_for(text: str, kind: str) -> None:
    assert kind_of(text, ["spice"]) == kind


@pytest.mark.parametrize(
    "text",
    [
        "symbol for an LDO: pins 1 VIN, 2 GND, 3 EN, 4 NC, 5 VOUT",
        "symbole de régulateur : broches 1=VIN, 2=GND, 3=EN, 4=NC, 5=VOUT",
        "regulator symbol with VIN (1), GND (2), EN (3), NC (4), VOUT (5)",
        "regulator symbol\n| 1 | VIN | power |\n| 2 | GND | power |\n| 3 | EN | input |\n| 4 | NC | nc |\n| 5 | VOUT | power out |",
        "LDO symbol, pins in order: VIN, GND, EN, NC, VOUT",
    ],
)
def test_pins_are_read_however_they_are_listed(text: str) -> None:
    pins = [(pin["number"], pin["name"], pin["kind"]) for pin in symbol(text)["pins"]]
    assert pins == [("1", "VIN", "power_in"), ("2", "GND", "power_in"), ("3", "EN", "input"), ("4", "NC", "no_connect"),
                    ("5", "VOUT", "power_out")]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("footprint SOIC-8", "SOIC-8_3.9x4.9mm_P1.27mm"),
        ("QFN-32 5x5 mm, 0.5 mm pitch, exposed pad 3.45 mm", "QFN-32-1EP_5x5mm_P0.5mm_EP3.45x3.45mm"),
        ("land pattern for a 0603 capacitor", "C_0603_1608Metric"),
        ("2x5 pin header", "PinHeader_2x05_P2.54mm_Vertical"),
        ("Footprint LQFP-48, 7x7 mm", "LQFP-48_7x7mm_P0.5mm"),
    ],
)
def test_a_package_is_found_by_its_name(text: str, name: str) -> None:
    assert footprint(text)["package"] == name


def test_leads_that_find_no_room_are_refused() -> None:
    with pytest.raises(Impossible, match=r"11\.8 mm.*5 mm"):
        footprint("SOIC with 20 leads at 1.27 mm pitch, body 3.9 x 5 mm")


def test_a_circuit_is_taken_as_stated() -> None:
    found = circuit("schematic: R1 10k from VIN to OUT, C1 100n between OUT and GND")
    assert found is not None
    parts = {part["reference"]: (part["value"], set(part["pins"].values())) for part in found[0]["parts"]}
    assert parts["R1"] == ("10k", {"VIN", "OUT"})
    assert parts["C1"] == ("100n", {"OUT", "GND"})


def test_values_come_from_the_numbers_of_the_request() -> None:
    found = circuit("schematic of a non-inverting op-amp with gain 11 on a 5 V supply")
    assert found is not None
    (claim,) = found[1]
    assert (claim.quantity, claim.value, claim.ok) == ("gain", 11.0, True)


def test_a_lamp_without_enough_voltage_is_refused() -> None:
    with pytest.raises(Impossible, match="2 V is too little"):
        circuit("schematic of a blue LED from 2 V")


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("schematic: n-mosfet drives a 12 V motor, with a fuse", ()),
        ("schematic: n-mosfet drives a 12 V motor, with a transformer", ("a transformer",)),
        ("schematic: LED at 5 V with a resistor", ()),
        ("schematic: three LEDs and a resistor at 5 V, and a TL071", ("an LED",)),
        ("RC high-pass 100 Hz schematic, then a unity gain buffer", ()),
    ],
)
def test_what_the_sheet_hasnt_is_said(text: str, lost: tuple[str, ...]) -> None:
    drawn = circuit(text)
    assert drawn is not None
    assert missing("schematic", text, drawn[0], drawn[1]) == lost


def test_a_filter_feeds_its_buffer() -> None:
    drawn = circuit("RC high-pass 100 Hz schematic, then a unity gain buffer")
    assert drawn is not None
    ends = [part["reference"][0] for part in drawn[0]["parts"] if "STAGE" in part["pins"].values()]
    assert sorted(ends) == ["C", "R", "U"]


def test_a_size_before_the_pitch_is_none() -> None:
    assert footprint("footprint QFN 24 4x4 pitch 0.5 w/ thermal pad 2.6x2.6")["name"].startswith(
        "QFN-24-1EP_4x4mm_P0.5mm"
    )


def test_a_pin_called_in_counts() -> None:
    with pytest.raises(Impossible, match="5 pins are named"):
        symbol("symbol with 4 pins: 1 VCC, 2 GND, 3 OUT, 4 IN, 5 EN")
