"""`kiki generate`: artefacts from plans at the command line, each with its tools' verdict."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiki_core.generating import typed
from kiki_core.generating.kinds import KINDS

HEADERS = Path(__file__).parents[3] / "shared" / "corpus" / "stm32"
needs_headers = pytest.mark.skipif(not HEADERS.is_dir(), reason="ST's headers aren't here")
SYMBOL = {
    "kind": "symbol",
    "name": "REG1",
    "pins": [{"number": "1", "name": "IN", "kind": "power_in"}, {"number": "2", "name": "OUT", "kind": "power_out"}],
}
FOOTPRINT = {
    "kind": "footprint",
    "name": "C_own",
    "package": {
        "family": "TwoTerminal",
        "length": {"low": 1.5, "high": 1.7},
        "width": {"low": 0.7, "high": 0.9},
        "terminal": {"low": 0.2, "high": 0.4},
    },
}
SCHEMATIC = {
    "kind": "schematic",
    "title": "RC",
    "name": "rc",
    "parts": [
        {"reference": "J1", "symbol": "Connector:Conn_01x02_Pin", "pins": {"1": "IN", "2": "GND"}},
        {"reference": "R1", "symbol": "Device:R", "value": "1k", "pins": {"1": "IN", "2": "OUT"}},
        {"reference": "C1", "symbol": "Device:C", "value": "100n", "pins": {"1": "OUT", "2": "GND"}},
    ],
}
FIRMWARE = {
    "kind": "stm32",
    "device": "STM32F407VG",
    "style": "register",
    "clock": {"source": "HSE", "sysclk_hz": 168_000_000},
    "peripherals": [
        {"kind": "usart", "instance": "USART2", "interrupt": True, "greeting": 'ready "now"'},
        {"kind": "gpio", "label": "LED", "pin": "PD12"},
        {"kind": "timer", "frequency_hz": 100},
    ],
}


def kiki(*words: object, plan: object = None) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "kiki_core.cli", "generate", *map(str, words)]
    given = None if plan is None else plan if isinstance(plan, str) else json.dumps(plan)
    done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("plan", "name"), [(SYMBOL, "REG1.kicad_sym"), (FOOTPRINT, "C_own.kicad_mod")])
def test_a_symbol_and_a_footprint_are_loaded_by_kicad(plan: object, name: str, tmp_path: Path) -> None:
    code, shown, told = kiki("-", "--json", "--out", tmp_path, plan=plan)
    found = json.loads(shown)
    assert (code, found["ok"], found["verified"]) == (0, True, True), told
    assert [each["name"] for each in found["artefacts"]] == [name]
    assert (tmp_path / name).read_text() == found["artefacts"][0]["text"]
    assert {each["tool"] for each in found["evidence"]} == {"kiki", "kicad-cli"}


def test_a_schematic_passes_kicad_s_electrical_check() -> None:
    code, shown, told = kiki("-", plan=SCHEMATIC)
    assert code == 0
    assert shown.startswith("(kicad_sch")
    assert "its electrical check finds no error" in told


@needs_headers
def test_firmware_is_compiled_written_and_runs(tmp_path: Path) -> None:
    code, _, told = kiki("-", "--headers", HEADERS, "--out", tmp_path / "board", plan=FIRMWARE)
    assert code == 0
    assert "compiles without warnings" in told
    command = [sys.executable, "-m", "kiki_core.cli", "run", str(tmp_path / "board"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], found["uart"]) == (0, True, 'ready "now"\n'), done.stderr
    assert found["elapsed_s"] < 5, "an endless program is stopped when all is said"


def test_a_circuit_is_fitted_and_carries_its_test(tmp_path: Path) -> None:
    plan = {"kind": "circuit", "kit": "rc_lowpass", "cutoff_hz": 1000, "name": "anti_alias"}
    code, _, told = kiki("-", "--out", tmp_path, plan=plan)
    assert code == 0
    assert "-3 dB frequency: 1 kHz wanted, 9" in told
    assert "* @expect f3db = 1000 +/- 5%" in (tmp_path / "anti_alias.cir").read_text()


def test_a_user_s_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    own = tmp_path / "REG1.kicad_sym"
    own.write_text("mine")
    code, _, told = kiki("-", "--out", tmp_path, plan=SYMBOL)
    assert (code, own.read_text()) == (2, "mine")
    assert "--force" in told
    assert kiki("-", "--out", tmp_path, "--force", plan=SYMBOL)[0] == 0
    assert own.read_text().startswith("(kicad_symbol_lib")
    assert kiki("-", "--out", tmp_path, plan=SYMBOL)[0] == 0, "the same file again is no loss"


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ("[1", "is no JSON"),
        ([], "a plan is a JSON object"),
        ({"name": "x"}, "the plan has no kind"),
        ({"kind": "symbl"}, "did you mean symbol?"),
        ({**SYMBOL, "name": "../x"}, "no name for a file"),
        ({**SYMBOL, "pins": [{"numbr": "1"}]}, "did you mean number?"),
        ({**FOOTPRINT, "package": {"family": "Cube"}}, "one of TwoTerminal, GullWing"),
        ({**FOOTPRINT, "package": "SOIC-9_3.9x4.9mm"}, "no package"),
        ({**SCHEMATIC, "parts": [{"reference": "R1", "symbol": "Device:Q_RR", "pins": {}}]}, "Device has no symbol"),
        ({"kind": "circuit", "kit": "rc_lowpas"}, "did you mean rc_lowpass?"),
        (
            {"kind": "circuit", "kit": "rc_lowpass", "cutoff_hz": 1e3, "order": 1, "rolloff_db_per_decade": 60},
            "order 3",
        ),
        ({**FIRMWARE, "device": "STM32F103C8"}, "doesn't compile an init for STM32F1"),
    ],
)
def test_what_can_not_be_made_is_told_in_a_line(plan: object, says: str) -> None:
    code, shown, told = kiki("-", plan=plan)
    assert (code, shown) == (2, "")
    assert says in told
    assert told.count("\n") == 1


def test_problems_come_as_json_too() -> None:
    wrong = {**FIRMWARE, "peripherals": [{"kind": "usart", "baud": 1}, {"kind": "ad"}]}
    code, shown, _ = kiki("-", "--json", plan=wrong)
    found = json.loads(shown)
    assert (code, found["ok"], len(found["problems"])) == (2, False, 2)


def test_every_kind_has_a_schema_that_names_it() -> None:
    for name, kind in KINDS.items():
        found = kind.plan_schema()
        assert found["properties"]["kind"] == {"const": name}
        assert "kind" in found["required"]
        json.dumps(found)
    code, shown, _ = kiki("--schema", "footprint")
    assert (code, json.loads(shown)["type"]) == (0, "object")


def test_a_class_is_read_as_its_schema_says() -> None:
    from kiki_tools.kicad.packages import GullWing

    found = typed.schema(GullWing)
    assert set(found["required"]) == {"body_x", "body_y", "span_x", "lead", "lead_width", "pitch", "left"}
    with pytest.raises(typed.NotRead) as told:
        typed.read(GullWing, {"body_x": {"low": 2, "high": 1}, "pitch": "1"}, "the plan")
    assert "the plan.pitch: a number expected" in str(told.value)
    assert "the plan: left is missing" in told.value.problems
