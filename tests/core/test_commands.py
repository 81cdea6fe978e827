"""kiki's commands as a shell sees them."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiki_core.errors import KikiError

DECK = "* RC\nV1 in 0 AC 1\nR1 in out 1.6k\nC1 out 0 100n\n.ac dec 50 10 100k\n.meas ac f3db when vdb(out)=-3\n{}.end\n"


def kiki(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiki_core.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "rc.cir"
    path.write_text(DECK.format("* @expect f3db = 1k +/- 5%\n"))
    return path


def test_sim_gives_the_contracts_json_and_files(deck: Path, tmp_path: Path) -> None:
    svg, png, csv, raw = (tmp_path / name for name in ("p.svg", "p.png", "t.csv", "r.raw"))
    ran = kiki("sim", deck, "--json", "--plot", svg, "--csv", csv, "--raw", raw)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["ok"] is True
    assert told["simulator"]["name"] == "ngspice"
    assert told["analyses"] == [{"kind": "ac", "points": 201, "vectors": ["frequency", "v(in)", "v(out)", "i(v1)"]}]
    assert told["expectations"][0]["measured"] == pytest.approx(992.4, rel=1e-3)
    assert "<svg" in svg.read_text()
    assert len(csv.read_text().splitlines()) == 202
    assert raw.read_bytes().startswith(b"Title:")
    assert kiki("sim", deck, "--plot", png).returncode == 0
    assert png.read_bytes().startswith(b"\x89PNG")


def test_sim_fails_with_1_on_a_missed_expectation(tmp_path: Path) -> None:
    path = tmp_path / "rc.cir"
    path.write_text(DECK.format("* @expect f3db = 2k +/- 5%\n"))
    assert kiki("sim", path).returncode == 1
    checked = kiki("check", "--simulate", "--format", "json", path)
    assert checked.returncode == 1
    assert [one["code"] for one in json.loads(checked.stdout)] == ["SP503"]


def test_check_gives_the_contracts_json(tmp_path: Path) -> None:
    path = tmp_path / "bad.cir"
    path.write_text("* t µ\nV1 in 0 1\nX1 in nosub\n.op\n.end\n")
    checked = kiki("check", "--format", "json", tmp_path)
    assert checked.returncode == 1
    (one,) = json.loads(checked.stdout)
    assert (one["code"], one["severity"], one["rule"], one["path"]) == ("SP203", "error", None, str(path))
    assert one["range"] == {"start": {"line": 2, "character": 6}, "end": {"line": 2, "character": 11}}


@pytest.mark.parametrize("form", ["text", "sarif", "github", "junit"])
def test_check_speaks_other_formats(form: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.cir"
    path.write_text("* t\nV1 in 0 1\nX1 in nosub\n.op\n.end\n")
    checked = kiki("check", "--format", form, path)
    assert checked.returncode == 1
    assert "SP203" in checked.stdout


@pytest.mark.parametrize("command", ["check", "sim"])
def test_a_binary_or_missing_file_is_one_line(command: str, tmp_path: Path) -> None:
    binary = tmp_path / "x.cir"
    binary.write_bytes(b"\x7fELF\0\0")
    for path in (binary, tmp_path / "nosuch.cir"):
        refused = kiki(command, path)
        assert refused.returncode == 2
        assert refused.stderr.startswith("kiki: ")
        assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("command", "verb"), [("fmt", "format"), ("netlist", "read"), ("render", "draw")])
def test_a_missing_file_is_refused_with_the_commands_own_verb(command: str, verb: str, tmp_path: Path) -> None:
    with pytest.raises(KikiError, match=f"^can't {verb} .*nosuch.cir: no such file"):
        importlib.import_module(f"kiki_core.commands.{command}").command.main(
            [str(tmp_path / "nosuch.cir")], standalone_mode=False
        )


def test_an_empty_question_is_one_line() -> None:
    refused = kiki("ask", " ")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_doctor_lists_what_the_main_job_needs() -> None:
    told = json.loads(kiki("doctor", "--json").stdout)
    assert {"ngspice", "bubblewrap", "sentence encoder"} <= {one["name"] for one in told["components"]}
    assert all(one["version"] for one in told["components"] if one["found"] and one["name"] == "arm-none-eabi-gcc")
    assert set(told["components"][0]) == {"name", "found", "version", "path", "needed_for", "fix"}


@pytest.mark.model
def test_route_gives_all_domains() -> None:
    told = json.loads(kiki("route", "--json", "STM32 HAL UART with DMA").stdout)
    assert len(told["scores"]) == 35
    assert told["active"][0]["domain"] == "stm32"
    assert told["none"] is False


@pytest.mark.model
def test_a_wrong_line_of_a_stream_is_answered_in_its_place() -> None:
    lines = '{"text": "a netlist"}\nno object\n{"text": "a query in SQL"}\n'
    routed = subprocess.run(
        [sys.executable, "-m", "kiki_core.cli", "route", "--jsonl"],
        input=lines, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answers = [json.loads(line) for line in routed.stdout.splitlines()]
    assert ["scores" in answer for answer in answers] == [True, False, True]
    assert (answers[1]["line"], routed.returncode) == (2, 1)


@pytest.mark.model
def test_a_question_goes_all_the_way_through(tmp_path: Path) -> None:
    asked = kiki("ask", "--json", "--no-memory", "--out", tmp_path, "RC low-pass with a corner at 2 kHz")
    assert asked.returncode == 0, asked.stderr
    events = [json.loads(line) for line in asked.stdout.splitlines()]
    assert events[0]["event"] == "routed"
    last = events[-1]
    assert last["event"] == "answer"
    assert last["artefacts"], last["text"]
    assert list(tmp_path.glob("*.cir"))
    assert last["evidence"][0]["tool"] == "ngspice"


def test_fmt_names_what_would_change_and_changes_blanks_alone(tmp_path: Path) -> None:
    deck = tmp_path / "d.cir"
    deck.write_bytes("* µ\r\nR1  a   0 1k\r\n.end\r\n".encode("latin-1"))
    assert kiki("fmt", "--check", deck).returncode == 1
    assert kiki("fmt", deck).returncode == 0
    assert deck.read_bytes() == "* µ\r\nR1 a 0 1k\r\n.end\r\n".encode("latin-1")
    assert kiki("fmt", "--check", deck).stdout == ""


def test_netlist_opens_subcircuits(tmp_path: Path) -> None:
    deck = tmp_path / "d.cir"
    deck.write_text("* t\nV1 in gnd 1\nX1 in mid div\n.subckt div a b\nR1 a c 1\nR2 c b 1\n.ends\nR3 mid 0 1\n.end\n")
    shown = kiki("netlist", deck).stdout
    nets = {net["name"]: net["pins"] for net in json.loads(shown)["nets"]}
    assert nets == {
        "in": [["V1", "1"], ["X1.R1", "1"]],
        "0": [["V1", "2"], ["R3", "2"]],
        "x1.c": [["X1.R1", "2"], ["X1.R2", "1"]],
        "mid": [["X1.R2", "2"], ["R3", "1"]],
    }
    shown = kiki("netlist", deck, "--hierarchical", "--format", "kicadxml").stdout
    assert '<node ref="X1" pin="a" />' in shown
