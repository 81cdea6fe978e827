"""ngspice as an instrument: real runs, errors at their line, hostile decks, expectations."""

import subprocess
from pathlib import Path

import pytest

from kiki_tools.language import Workspace
from kiki_tools.process import Limits
from kiki_tools.spice import ngspice, rawfile
from kiki_tools.spice.operating_point import operating_point, point_hints, result_diagnostics
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot

RC = "* RC low-pass\nV1 in 0 AC 1\nR1 in out 1.6k\nC1 out 0 100n\n.ac dec 50 10 100k\n{more}\n.end\n"


async def run(text: str, **extra: object) -> ngspice.Simulation:
    return await ngspice.simulate(Snapshot(text, "/project/deck.cir"), **extra)  # type: ignore[arg-type]


async def test_a_good_deck_gives_vectors_and_measures() -> None:
    simulation = await run(RC.format(more=".meas ac f3db when vdb(out)=-3"))
    assert simulation.ok, simulation.errors
    assert [(a.kind, a.points) for a in simulation.analyses] == [("ac", 201)]
    assert list(simulation.analyses[0].vectors) == ["frequency", "v(in)", "v(out)", "i(v1)"]
    assert simulation.measures["f3db"] == pytest.approx(992.4, rel=1e-3)


async def test_the_raw_file_holds_the_analyses_alone() -> None:
    simulation = await run(RC.format(more=".meas ac f3db when vdb(out)=-3"))
    assert [plot.name for plot in rawfile.read(simulation.raw)] == ["AC Analysis"]


@pytest.mark.parametrize(
    ("card", "word"),
    [
        ("Xa in foo", "foo"),
        ("Q1 a b c nomodel", "nomodel"),
        ("R9 in", "r9"),
        ("R8 in out {foo*2}", "line"),
        ('.include "nosuch.cir"', "nosuch.cir"),
        ("B1 q 0 V=foo(1)", "foo"),
    ],
)
async def test_an_error_is_found_at_its_line(card: str, word: str) -> None:
    simulation = await run(RC.format(more=card))
    assert not simulation.ok
    assert any(error.line == 5 and word in error.message.lower() for error in simulation.errors), simulation.errors


async def test_a_failed_measure_is_null_and_an_error() -> None:
    simulation = await run(RC.format(more=".meas ac bad when vdb(out)=30"))
    assert simulation.measures == {"bad": None}
    assert not simulation.ok


@pytest.mark.parametrize(
    ("expectation", "ok"),
    [
        ("f3db = 1k +/- 5%", True),
        ("f3db = 2k +/- 5%", False),
        ("f3db within 900 1.1k", True),
        ("vdb(out)@10k < -19", True),
        ("vdb(out)@10k > -19", False),
        ("nosuch = 3", False),
        ("what is this", False),
    ],
)
async def test_expectations_are_measured(expectation: str, ok: bool) -> None:
    more = f".meas ac f3db when vdb(out)=-3\n* @expect {expectation}"
    simulation = await run(RC.format(more=more))
    assert [(e.ok, e.line) for e in simulation.expectations] == [(ok, 6)]
    assert simulation.ok is ok


async def test_analyses_inside_control_count() -> None:
    simulation = await run("t\nV1 in 0 1\nR1 in 0 1k\n.control\nop\nprint v(in)\n.endc\n.end\n")
    assert simulation.ok, simulation.errors
    assert simulation.analyses[0].vectors["v(in)"].values[0] == pytest.approx(1)


async def test_a_deck_without_analysis_is_not_ok() -> None:
    assert not (await run("t\nV1 in 0 1\nR1 in 0 1k\n.end\n")).ok


async def test_includes_that_are_handed_over_are_found() -> None:
    library = Snapshot(".subckt load a\nR1 a 0 1k\n.ends\n", "/project/lib/load.lib")
    simulation = await run(
        't\nV1 in 0 1\nX1 in load\n.include "lib/load.lib"\n.op\n.end\n', includes={library.path: library}
    )
    assert simulation.ok, simulation.errors
    assert simulation.analyses[0].vectors["i(v1)"].values[0] == pytest.approx(-1e-3)


@pytest.mark.parametrize(
    "command",
    ["shell touch {target}", "write {target} v(in)", "echo x > {target}", "shell cat /etc/passwd", "cd /etc\nls"],
)
async def test_hostile_commands_do_no_harm(command: str, tmp_path: Path) -> None:
    target = tmp_path / "harm"
    told = command.format(target=target)
    simulation = await run(f"t\nV1 in 0 1\nR1 in 0 1k\n.control\nop\n{told}\n.endc\n.end\n")
    assert not target.exists()
    assert "root:" not in simulation.log


async def test_including_a_host_file_leaks_nothing() -> None:
    simulation = await run("t\nV1 in 0 1\nR1 in 0 1k\n.include /etc/passwd\n.op\n.end\n")
    assert not simulation.ok
    assert "root" not in simulation.log


async def test_a_self_include_ends() -> None:
    assert not (await run('t\nV1 in 0 1\nR1 in 0 1k\n.include "deck.cir"\n.op\n.end\n')).ok


async def test_an_endless_loop_is_stopped_and_said() -> None:
    deck = "t\nV1 in 0 1\nR1 in 0 1k\n.control\nwhile 1\nend\n.endc\n.end\n"
    simulation = await run(deck, limits=Limits(wall_s=1))
    assert not simulation.ok
    assert "limit" in simulation.errors[0].message


def test_without_a_sandbox_reaching_decks_are_refused() -> None:
    from kiki_tools.spice.cards import parse

    deck = parse(Snapshot("t\nV1 a 0 1\n.control\nshell ls\n.endc\n.end\n", "/project/x.cir"))
    with pytest.raises(ngspice.Refused, match=r"line 4.*shell"):
        ngspice.refuse_reaching(deck, "not installed")


LIBRARY = Snapshot(".subckt amp in out\nR1 in out 1k\nD1 out 0 nomodel\n.ends\n", "/p/amp.lib")


async def test_an_error_inside_of_an_include_is_placed_there() -> None:
    deck = Snapshot("* t\n.include amp.lib\nV1 in 0 1\nX1 in out amp\nR9 out 0 1k\n.op\n.end\n", "/p/d.cir")
    simulation = await ngspice.simulate(deck, includes={LIBRARY.path: LIBRARY})
    assert (simulation.errors[0].path, simulation.errors[0].line) == (LIBRARY.path, 2)
    (static,) = [d for d in SPICE.diagnostics(deck, Workspace({LIBRARY.path: LIBRARY})) if d.severity == "error"]
    assert (static.path, static.code, LIBRARY.line_of(static.span.start)) == (LIBRARY.path, "SP202", 2)


async def test_no_solution_is_told_at_the_device_with_what_usually_helps() -> None:
    deck = Snapshot(
        "* t\nV1 a 0 10\nD1 a b DX\nD2 b 0 DX\n.model DX D(IS=1e-300 N=0.001)\n"
        "B1 c 0 V=exp(v(b)*1000)\nR1 c b 1\n.op\n.end\n",
        "/p/d.cir",
    )
    simulation = await ngspice.simulate(deck)
    (found,) = result_diagnostics(deck, simulation, {})
    assert (found.code, deck.line_of(found.span.start)) == ("SP506", 2)
    assert any("rshunt" in fix.title for fix in found.fixes)
    mended = deck.edited(found.fixes[0].edits).text
    assert mended.endswith(".options rshunt=1e12\n.end\n")


async def test_the_operating_point_stands_at_its_devices() -> None:
    deck = Snapshot(
        "* t\nVCC vcc 0 10\nR1 vcc b 100k\nR2 b 0 22k\nRC vcc c 1k\nRE e 0 500\nQ1 c b e QN\n.model QN NPN(BF=200)\n"
        "M1 vcc b 0 0 MN\n.model MN NMOS(VTO=1)\n.tran 1u 1m\n.meas tran x max v(c)\n.end\n",
        "/p/d.cir",
    )
    point = await operating_point(deck, {})
    shown = {deck.line_of(hint.offset): hint.label for hint in point_hints(deck, point)}
    assert "active" in shown[6]
    assert "saturated" in shown[8]
    assert shown[4].endswith("W")
    assert point.voltages["vcc"] == pytest.approx(10)
    # Ohm's law between what is shown: the current through RC is its voltage over 1k.
    assert point.currents["rc[i]"] == pytest.approx((10 - point.voltages["c"]) / 1000, rel=1e-6)


@pytest.mark.parametrize("more", ["", ".meas ac f3db when vdb(out)=-3", ".control\nrun\n.endc"])
async def test_the_vectors_are_what_ngspice_writes(more: str, tmp_path: Path) -> None:
    deck = RC.format(more=more)
    ours = (await run(deck)).analyses[0].vectors
    file = tmp_path / "d.cir"
    written = f".control\nset filetype=ascii\nrun\nwrite {tmp_path}/o.raw\n.endc\n.end"
    file.write_text(RC.format(more="").replace(".end", written))
    subprocess.run(["ngspice", "-n", "-b", str(file)], capture_output=True, check=False)
    (plot,) = rawfile.read((tmp_path / "o.raw").read_bytes())
    assert ours.keys() == plot.vectors.keys()
    for name, vector in plot.vectors.items():
        expected = vector.values.real if name == "frequency" else vector.values
        found = ours[name].values.real if name == "frequency" else ours[name].values
        assert found == pytest.approx(expected, rel=1e-12)


async def test_each_analysis_gets_its_measures() -> None:
    deck = (
        "* two\nV1 in 0 DC 0 AC 1 PULSE(0 1 0 1u 1u 5m 10m)\nR1 in out 1k\nC1 out 0 159n\n"
        ".ac dec 20 10 100k\n.tran 10u 20m\n"
        ".meas ac f3db when vdb(out)=-3\n.meas tran vmax max v(out)\n.meas ac never when vdb(out)=99\n"
        "* @expect f3db = 1k +/- 1%\n* @expect vmax = 1 +/- 1%\n.end\n"
    )
    ran = await ngspice.simulate(Snapshot(deck))
    assert ran.measures["f3db"] == pytest.approx(998.6, rel=1e-2)
    assert ran.measures["vmax"] == pytest.approx(1, rel=1e-3)
    assert [(error.line, error.message) for error in ran.errors] == [(8, "measure never failed")]
    assert all(each.ok for each in ran.expectations)
