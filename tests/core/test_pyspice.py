"""PySpice scripts: run in the sandbox alone, their circuit simulated by our ngspice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from PySpice.Spice.Netlist import Circuit
from PySpice.Unit import *
circuit = Circuit('divider')
circuit.V('input', 'in', circuit.gnd, 10@u_V)
circuit.R(1, 'in', 'out', 9@u_kOhm)
circuit.R(2, 'out', circuit.gnd, 1@u_kOhm)
{more}
"""
ANALYSED = SCRIPT.format(
    more="circuit.simulator().transient(step_time=1@u_us, end_time=10@u_us)\nraise SystemError('never')"
)


def simulate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kiki_core.cli", "sim", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("script", "kind"), [(SCRIPT.format(more=""), "op"), (ANALYSED, "tran")])
def test_the_circuit_of_a_script_is_simulated(script: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "divider.py"
    file.write_text(script)
    ran = simulate(file, "--json", "--csv", tmp_path / "t.csv")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["analyses"][0]["kind"] == kind
    heads, first, *_ = (tmp_path / "t.csv").read_text().splitlines()
    values = dict(zip(heads.split(","), map(float, first.split(",")), strict=True))
    assert values["v(out)"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("import os; os.system('touch {place}/pwned')", ""),
        ("open('{place}/secret').read()", "No such file"),
        ("import socket; socket.create_connection(('1.1.1.1', 53), 2)", "unreachable"),
        ("del circuit", "builds no circuit"),
        ("while True: pass", "over the limit"),
    ],
)
def test_a_hostile_or_empty_script_does_no_harm(more: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("42")
    file = tmp_path / "bad.py"
    file.write_text(SCRIPT.format(more=more.format(place=tmp_path)))
    ran = simulate(file, "--timeout", "5")
    assert told in ran.stderr
    assert ran.stderr.count("\n") <= 1
    assert not (tmp_path / "pwned").exists()


def test_another_script_is_refused_before_anything_runs(tmp_path: Path) -> None:
    file = tmp_path / "other.py"
    file.write_text("print(1)\n")
    ran = simulate(file)
    assert ran.returncode == 2
    assert "no PySpice script" in ran.stderr


def test_an_exported_deck_comes_back_with_the_same_results(tmp_path: Path) -> None:
    deck, script = tmp_path / "d.cir", tmp_path / "d.py"
    deck.write_text(
        "* it's a deck\nV1 in 0 PULSE(0 5 0\n+ 1n 1n 1m 2m) ; five volts\nR1 in out {top}\nC1 out 0 1u\nD1 out 0 dx\n"
        ".param top=1k\n.model dx d(is=1n)\nX1 out 0 load\n.subckt load a b\nR1 a b 10k\n.ends\n.tran 10u 2m\n.end\n"
    )
    command = [sys.executable, "-m", "kiki_core.cli", "netlist", str(deck), "--format", "pyspice"]
    script.write_text(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert "circuit.R('1', 'in', 'out', '{top}')" in script.read_text()
    last = []
    for file in (deck, script):
        ran = simulate(file, "--csv", tmp_path / "t.csv")
        assert ran.returncode == 0, ran.stderr
        heads, *rows = (tmp_path / "t.csv").read_text().splitlines()
        last.append(float(rows[-1].split(",")[heads.split(",").index("v(out)")]))
    assert last[1] == pytest.approx(last[0], rel=1e-6)
