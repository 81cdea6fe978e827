"""`kiki sim`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.netlists import deck_of
from kiki_core.verification import simulate_file, summary
from kiki_tools.process import Limits
from kiki_tools.spice import pyspice
from kiki_tools.spice.ngspice import Analysis, Simulation
from kiki_tools.spice.values import format_value
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--timeout", default=60.0, type=click.FloatRange(0.1, 86_400), help="Seconds of wall time.")
@click.option("--csv", "csv_out", type=_PATH, help="Write the vectors of the last analysis with a curve.")
@click.option("--plot", "plot_out", type=_PATH, help="Draw them, as .svg or .png.")
@click.option("--raw", "raw_out", type=_PATH, help="Write ngspice's raw file.")
@click.pass_context
def command(
    ctx: click.Context,
    file: Path,
    as_json: bool,
    timeout: float,
    csv_out: Path | None,
    plot_out: Path | None,
    raw_out: Path | None,
) -> None:
    """Simulates a deck, a KiCad schematic or a PySpice script in the sandbox; exit 1 if it failed or missed an
    expectation.
    """
    if plot_out is not None and plot_out.suffix.lower() not in (".svg", ".png"):
        raise KikiError(f"can't draw {plot_out.name}", "end its name in .svg or .png")
    simulation = run(file, timeout)
    _write(simulation, csv_out, plot_out, raw_out)
    if as_json:
        click.echo(json.dumps(to_json(simulation)))
    else:
        _show(simulation)
    ctx.exit(0 if simulation.ok else 1)


def run(file: Path, timeout: float = 60.0) -> Simulation:
    """Simulates a file.

    Raises:
        KikiError: if it can't be read, ngspice is missing, or the deck is refused.
    """
    try:
        snapshot = read_snapshot(file)
    except Unreadable as error:
        raise KikiError(f"can't simulate {file}: {error}", "name a netlist") from error
    limits = Limits(cpu_s=max(1, int(timeout) + 1), wall_s=timeout)
    if file.suffix == ".py" and not pyspice.is_script(snapshot):
        raise KikiError(f"{file} is no PySpice script: it doesn't mention PySpice", "name a netlist or such a script")
    if pyspice.is_script(snapshot):
        snapshot = _built(snapshot, limits)
    elif file.suffix == ".kicad_sch":
        snapshot = deck_of(snapshot)
    elif file.suffix == ".c":
        raise KikiError(f"{file} is firmware, no circuit", f"run it: kiki run {file}")
    return asyncio.run(simulate_file(snapshot, limits))


def _built(script: Snapshot, limits: Limits) -> Snapshot:
    """The deck of a PySpice script."""
    try:
        return asyncio.run(pyspice.build(script, limits))
    except pyspice.PySpiceMissing as error:
        raise KikiError(str(error), "pip install 'micro-kiki[pyspice]'; `kiki doctor` tells of the sandbox") from error
    except pyspice.NoCircuit as error:
        raise KikiError(f"{script.path} builds no circuit: {error}", "mend the script") from error


def to_json(simulation: Simulation) -> dict[str, Any]:
    """The simulation as the contract has it. Lines are 1-based, as in the file."""
    return {
        "ok": simulation.ok,
        "simulator": {"name": "ngspice", "version": simulation.simulator_version},
        "analyses": [{"kind": a.kind, "points": a.points, "vectors": list(a.vectors)} for a in simulation.analyses],
        "measures": simulation.measures,
        "expectations": [
            {"line": e.line + 1, "text": e.text, "ok": e.ok, "measured": e.measured} for e in simulation.expectations
        ],
        "errors": [
            {"path": e.path, "line": None if e.line is None else e.line + 1, "message": e.message}
            for e in simulation.errors
        ],
        "elapsed_s": round(simulation.elapsed_s, 4),
    }


def _curve(simulation: Simulation) -> Analysis:
    for analysis in reversed(simulation.analyses):
        if analysis.points > 1:
            return analysis
    if simulation.analyses:
        return simulation.analyses[-1]
    raise KikiError(f"nothing to write: {summary(simulation)}", "mend the deck first")


def _write(simulation: Simulation, csv_out: Path | None, plot_out: Path | None, raw_out: Path | None) -> None:
    from kiki_tools.spice import plot

    if csv_out is not None:
        write_atomically(csv_out, plot.table(_curve(simulation)))
    if plot_out is not None:
        write_atomically(plot_out, plot.render(_curve(simulation), plot_out.suffix.lower().lstrip(".")))
    if raw_out is not None:
        write_atomically(raw_out, simulation.raw)


def _show(simulation: Simulation) -> None:
    mark, colour = ("✓", "green") if simulation.ok else ("✗", "red")
    click.secho(f"{mark} ngspice {simulation.simulator_version}: {summary(simulation)}", fg=colour)
    for error in simulation.errors:
        where = f"line {error.line + 1}: " if error.line is not None else ""
        click.echo(f"  error: {where}{error.message}")
    for name, value in simulation.measures.items():
        click.echo(f"  {name} = {'failed' if value is None else format_value(value)}")
    for expectation in simulation.expectations:
        told = expectation.problem or "met"
        click.echo(f"  {'✓' if expectation.ok else '✗'} line {expectation.line + 1}: {expectation.text}: {told}")
    for analysis in simulation.analyses:
        if analysis.kind == "op":
            for vector in list(analysis.vectors.values())[:40]:
                click.echo(f"  {vector.name} = {format_value(float(vector.values[0].real), vector.unit)}")
