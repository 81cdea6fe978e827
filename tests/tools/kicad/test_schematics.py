"""Schematics from descriptions of circuits: KiCad opens them, finds the same nets and nothing to complain of."""

import json
import random
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kiki_tools.kicad.circuits import Circuit, ImpossibleCircuit, Part, Symbols
from kiki_tools.kicad.schematics import schematic

LIBRARIES = Path("/usr/share/kicad/symbols")
FIND = Symbols()


def two(reference: str, kind: str, one: str, other: str, value: str = "") -> Part:
    return Part(reference, f"Device:{kind}", {"1": one, "2": other}, value)


def plug(reference: str, *nets: str) -> Part:
    symbol = f"Connector_Generic:Conn_01x{len(nets):02}"
    return Part(reference, symbol, {str(number): net for number, net in enumerate(nets, 1)})


LM358 = {"3": "IN", "2": "FB", "1": "OUT", "5": "GND", "6": "BUF", "7": "BUF", "8": "+5V", "4": "GND"}
GATES = {
    "1": "A", "2": "B", "3": "N1", "4": "N1", "5": "A", "6": "N2", "9": "N1", "10": "B", "8": "N3", "12": "N2",
    "13": "N3", "11": "Y", "14": "VCC", "7": "GND",
}  # fmt: skip
CHIP = {
    "VDD": "+3V3", "VSS": "GND", "VDDA": "+3V3", "VSSA": "GND", "VBAT": "+3V3", "NRST": "NRST", "BOOT0": "BOOT0",
    "PD0": "OSC_IN", "PD1": "OSC_OUT", "PA13": "SWDIO", "PA14": "SWCLK",
}  # fmt: skip
CIRCUITS = {
    "filter": [plug("J1", "IN", "GND"), two("R1", "R", "IN", "OUT", "1k"), two("C1", "C", "OUT", "GND", "100n"),
               plug("J2", "OUT", "GND")],
    "amplifier": [plug("J1", "+5V", "IN", "GND"), Part("U1", "Amplifier_Operational:LM358", LM358, "LM358"),
                  two("R1", "R", "OUT", "FB", "100k"), two("R2", "R", "FB", "GND", "10k"),
                  two("C1", "C", "+5V", "GND", "100n"), plug("J2", "OUT", "GND")],
    "supply": [plug("J1", "VIN", "GND"), two("C1", "C", "VIN", "GND", "10u"),
               Part("U1", "Regulator_Linear:AMS1117-3.3", {"VI": "VIN", "VO": "+3V3", "GND": "GND"}),
               two("C2", "C", "+3V3", "GND", "22u"), Part("D1", "Device:LED", {"K": "GND", "A": "LED"}, "green"),
               two("R1", "R", "+3V3", "LED", "1k"), plug("J2", "+3V3", "GND")],
    "stage": [plug("J1", "+12V", "IN", "GND"), two("C1", "C", "IN", "B"), two("R1", "R", "+12V", "B"),
              two("R2", "R", "B", "GND"), Part("Q1", "Transistor_BJT:BC547", {"C": "COL", "B": "B", "E": "EM"}),
              two("R3", "R", "+12V", "COL"), two("R4", "R", "EM", "GND"), two("C3", "C", "EM", "GND"),
              two("C2", "C", "COL", "OUT"), plug("J2", "OUT", "GND")],
    "logic": [plug("J1", "VCC", "A", "B", "GND"), Part("U1", "74xx:74HC00", GATES), plug("J2", "Y", "GND")],
    "chip": [Part("U1", "MCU_ST_STM32F1:STM32F103C8Tx", CHIP),
             Part("Y1", "Device:Crystal", {"1": "OSC_IN", "2": "OSC_OUT"}),
             two("C1", "C", "OSC_IN", "GND"), two("C2", "C", "OSC_OUT", "GND"), two("C3", "C", "NRST", "GND"),
             two("R1", "R", "BOOT0", "GND"), two("C4", "C", "+3V3", "GND"), two("C5", "C", "+3V3", "GND"),
             plug("J1", "+3V3", "SWDIO", "SWCLK", "GND")],
    "odd names": [plug("J1", "clk/4", "out \"x\"", "5V_USB"), plug("J2", "clk/4", "out \"x\"", "5V_USB")],
}  # fmt: skip


def grid(seed: int, count: int) -> list[Part]:
    """Parts at random between nets, each net with two pins at least."""
    chance = random.Random(seed)
    names = [f"S{number}" for number in range(count // 2)] + ["GND", "+5V"]
    parts = []
    for number in range(1, count + 1):
        one, other = chance.sample(names, 2)
        parts.append(two(f"R{number}", chance.choice(["R", "C", "L", "D"]), one, other, f"{number}k"))
    pins = [net for part in parts for net in part.pins.values()]
    lone = sorted({net for net in pins if pins.count(net) == 1})
    return [*parts, *(plug(f"J{number}", net, "GND") for number, net in enumerate(lone, 1))]


CIRCUITS |= {f"random {seed}": grid(seed, 14 + 5 * seed) for seed in range(4)}


@pytest.mark.parametrize("name", CIRCUITS)
def test_kicad_reads_the_same_nets_and_complains_of_nothing(name: str, tmp_path: Path) -> None:
    text = schematic(Circuit(name, CIRCUITS[name]), FIND, "made")
    path = tmp_path / "made.kicad_sch"
    path.write_text(text)
    (tmp_path / "made.kicad_pro").write_text("{}")
    used = sorted({part.symbol.partition(":")[0] for part in CIRCUITS[name]} | {"power"})
    rows = [f'(lib (name "{each}")(type "KiCad")(uri "{LIBRARIES}/{each}.kicad_sym"))' for each in used]
    (tmp_path / "sym-lib-table").write_text("(sym_lib_table (version 7)\n" + "\n".join(rows) + ")\n")
    kicad = shutil.which("kicad-cli")
    assert kicad, "KiCad isn't installed: make env-dev installs it"
    run = [kicad, "sch", "erc", "--format", "json", "--severity-all", "-o", tmp_path / "erc.json", path]
    subprocess.run(run, check=True, capture_output=True, timeout=60)
    sheets = json.loads((tmp_path / "erc.json").read_text())["sheets"]
    told = [violation for sheet in sheets for violation in sheet["violations"]]
    assert [(each["type"], each["items"][0]["description"]) for each in told] == []
    netlist = [kicad, "sch", "export", "netlist", "--format", "kicadxml", "-o", tmp_path / "n.xml", path]
    subprocess.run(netlist, check=True, capture_output=True, timeout=60)
    found = {
        frozenset((node.get("ref", ""), node.get("pin", "")) for node in net)
        for net in ElementTree.parse(tmp_path / "n.xml").iter("net")
    }
    asked: dict[str, set[tuple[str, str]]] = {}
    for part in CIRCUITS[name]:
        pins = list(FIND(part.symbol).symbol.all_pins())
        for pin, net in part.pins.items():
            numbers = [each.number for each in pins if pin in (each.number, each.name)]
            asked.setdefault(net, set()).update((part.reference, number) for number in numbers)
    for net, pins_of_net in asked.items():
        assert frozenset(pins_of_net) in found, net


def test_the_same_circuit_gives_the_same_file() -> None:
    once, again = (schematic(Circuit("t", CIRCUITS["amplifier"]), Symbols(), "t") for _ in range(2))
    assert once == again


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "without parts"),
        ([Part("R1", "Device:R", {"1": "A", "3": "B"})], "has no pin 3; it has 1, 2"),
        ([Part("C1", "Device:C_Polarised", {"1": "A", "2": "B"})], "did you mean Device:C_Polarized"),
        ([Part("R1", "Divice:R", {"1": "A", "2": "B"})], "did you mean Device?"),
        ([Part("R1", "../../etc/passwd:R", {})], "library:name expected"),
        ([two("R1", "R", "A", "B"), two("R1", "R", "A", "B")], "two parts are called R1"),
        ([two("R 1", "R", "A", "B")], "is no reference"),
        ([Part("U1", "74xx:74HC00", {**GATES, "6": "N1"}), plug("J1", "A", "B", "VCC", "GND")], "forbid it"),
    ],
)
def test_what_can_not_be_drawn_is_told(parts: list[Part], said: str) -> None:
    with pytest.raises(ImpossibleCircuit) as error:
        schematic(Circuit("t", parts), FIND)
    assert said in str(error.value)


def test_notes_stand_on_the_sheet_and_fields_in_the_part() -> None:
    divider = [Part("R1", "Device:R", {"1": "A", "2": "GND"}, "1k", "Resistor_SMD:R_0805_2012Metric", {"MPN": "X-1"})]
    text = schematic(Circuit("t", [*divider, plug("J1", "A", "GND")], notes=".tran 1m\n.end"), FIND)
    assert '(text ".tran 1m\\n.end"' in text
    assert '"Resistor_SMD:R_0805_2012Metric"' in text
    assert '"MPN" "X-1"' in text
