"""Sweeps: what varies, what comes out, going on after an interruption, a cluster."""

import csv
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiki_core.cli import kiki
from kiki_core.errors import KikiError
from kiki_core.sweeping import journal_of
from kiki_tools.spice.sweep import BadSweep, plan, read_step, summarise
from kiki_tools.text import Snapshot

DECK = (
    "* divider\n.param top=1k\nV1 in 0 DC 10\nR1 in out {top} tol=10%\nR2 out 0 1k tol=0.1\n.op\n"
    "* @expect v(out) within 4.8 5.2\n.end\n"
)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(kiki, ["sweep", *arguments], standalone_mode=False, catch_exceptions=False)
    return (result.return_value if result.exit_code == 0 and result.return_value else result.exit_code), result.output


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    file = tmp_path / "d.cir"
    file.write_text(DECK)
    return file


def test_steps_are_combined_and_measured(deck: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    run(str(deck), "--step", "top=1k,3k", "--step", "V1=5:10:2", "--out", str(out))
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert [float(row["v(out)"]) for row in rows] == pytest.approx([2.5, 5, 1.25, 2.5])
    assert [row["met"] for row in rows] == ["False", "True", "False", "False"]
    assert not journal_of(out).exists()


def test_corners_reach_the_ends_of_the_tolerances(deck: Path) -> None:
    _, shown = run(str(deck), "--corners", "--json")
    summary = json.loads(shown[shown.index("{") :])
    assert summary["runs"] == 4
    assert summary["measures"]["v(out)"]["quantiles"]["max"] == pytest.approx(10 * 1.1 / 2.0, rel=1e-6)
    assert summary["yield"] == 0.5


def test_monte_carlo_is_the_same_for_the_same_seed(deck: Path) -> None:
    shown = [run(str(deck), "--monte-carlo", "8", "--seed", seed, "--json")[1] for seed in ("1", "1", "2")]
    one, again, other = (json.loads(text[text.index("{") :])["measures"] for text in shown)
    assert one == again
    assert one != other
    assert 4.5 <= one["v(out)"]["quantiles"]["min"] < one["v(out)"]["quantiles"]["max"] <= 5.5


def test_random_functions_are_drawn() -> None:
    planned = plan(Snapshot("* t\nV1 a 0 1\nR1 a 0 {agauss(1k, 100, 3)}\n.op\n.end\n"), [], monte_carlo=50)
    drawn = [float(planned.snapshot(one).text.split("{")[1].split("}")[0]) for one in planned.runs]
    assert 900 < min(drawn) < 1000 < max(drawn) < 1100


def test_an_interrupted_sweep_goes_on(deck: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    arguments = (str(deck), "--step", "top=1k:2k:5", "--out", str(out))
    run(*arguments)
    whole = out.read_text()
    planned = plan(Snapshot(DECK, str(deck)), [read_step("top=1k:2k:5")])
    from kiki_core.sweeping import _key
    from kiki_tools.spice.service import SPICE
    from kiki_tools.workspace import gather

    rows = list(csv.DictReader(whole.splitlines()))
    kept = {"run": 0, "top": 1000.0, "ran": True, "met": True, "v(out)": 123.0, "error": ""}
    key = _key(planned, gather(SPICE, planned.deck.snapshot).snapshots)
    journal_of(out).write_text(json.dumps({"sweep": key}) + "\n" + json.dumps(kept) + '\n{"run": 1, "to')
    run(*arguments)
    again = list(csv.DictReader(out.read_text().splitlines()))
    assert float(again[0]["v(out)"]) == 123.0  # taken from the journal, not run again
    assert again[1:] == rows[1:]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--step", "nope=1,2"], "no parameter and no device nope"),
        (["--step", "R1"], "no step"),
        (["--step", "R1=1:2"], "no range"),
        (["--step", "R1=0:2:5:log"], "positive"),
        ([], "nothing varies"),
        (["--step", "lib=tt,ff"], "no `.lib"),
        (["--step", "R1=1,2", "--out", "x.txt"], ".csv or .parquet"),
        (["--step", "R1=1:2:1000000", "--monte-carlo", "9"], "more than"),
    ],
)
def test_a_bad_sweep_is_refused_in_one_line(deck: Path, arguments: list[str], told: str) -> None:
    with pytest.raises(KikiError) as raised:
        run(str(deck), *arguments)
    assert told in str(raised.value)


def test_tolerances_are_needed_for_monte_carlo() -> None:
    with pytest.raises(BadSweep, match="tol=5%"):
        plan(Snapshot("* t\nR1 a 0 1k\n.end\n"), [], monte_carlo=5)


def test_failed_runs_are_counted_and_named() -> None:
    rows = [{"run": 0, "ran": True, "met": None, "x": 1.0, "error": ""}, {"run": 1, "ran": False, "error": "no"}]
    summary = summarise(rows, [])
    assert (summary.runs, summary.ran, summary.yield_) == (2, 1, None)
    assert summary.measures["x"].count == 1


def test_a_cluster_gives_the_same_rows(deck: Path) -> None:
    from distributed import LocalCluster

    _, here = run(str(deck), "--step", "top=1k,3k", "--json")
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        _, there = run(str(deck), "--step", "top=1k,3k", "--cluster", cluster.scheduler_address, "--json")
    measures = [json.loads(shown[shown.index("{") :])["measures"] for shown in (here, there)]
    assert measures[0] == measures[1]


def test_a_missing_cluster_is_one_line(deck: Path) -> None:
    with pytest.raises(KikiError, match="can't be reached"):
        run(str(deck), "--step", "top=1k,3k", "--cluster", "tcp://127.0.0.1:1")
