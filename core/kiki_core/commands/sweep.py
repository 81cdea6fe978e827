"""`kiki sweep`."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any, Literal, cast

import click

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_core.sweeping import journal_of, run_all, write_rows
from kiki_tools.spice.sweep import BadSweep, Plan, Row, Summary, plan, read_step, summarise
from kiki_tools.spice.values import format_value
from kiki_tools.workspace import Unreadable, read_snapshot


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--step", "steps", multiple=True, metavar="P=…", help="P=1k,2k or P=FROM:TO:COUNT[:log]; also temp, lib.")
@click.option("--monte-carlo", default=0, type=click.IntRange(0), metavar="N", help="Draw the tolerances N times.")
@click.option("--corners", is_flag=True, help="All combinations of the tolerances' ends.")
@click.option(
    "--distribution", type=click.Choice(["uniform", "normal"]), default="uniform", help="Of tol=; normal: 3σ."
)
@click.option("--seed", default=1, type=int, show_default=True)
@click.option("--jobs", default=0, type=click.IntRange(0), metavar="N", help="Simulators at a time (default: cores).")
@click.option("--cluster", default="", metavar="ADDRESS", help="A Dask scheduler, as tcp://host:8786.")
@click.option("--timeout", default=60.0, type=click.FloatRange(0.1, 86_400), help="Seconds of wall time of a run.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Rows as .csv or .parquet; resumable.")
@click.option("--json", "as_json", is_flag=True, help="The summary as one JSON object.")
@click.pass_context
def command(ctx: click.Context, /, file: Path, as_json: bool, out: Path | None, **options: Any) -> None:
    """Runs a deck many times: steps, corners, Monte Carlo; exit 1 if a run failed or missed an expectation."""
    if out is not None and out.suffix.lower() not in (".csv", ".parquet"):
        raise KikiError(f"can't write rows to {out.name}", "end its name in .csv or .parquet")
    try:
        snapshot = read_snapshot(file)
    except Unreadable as error:
        raise KikiError(f"can't sweep {file}: {error}", "name a netlist") from error
    try:
        steps = [read_step(text) for text in options["steps"]]
        distribution = cast('Literal["uniform", "normal"]', options["distribution"])
        planned = plan(
            snapshot,
            steps,
            monte_carlo=options["monte_carlo"],
            corners=options["corners"],
            seed=options["seed"],
            distribution=distribution,
        )
    except BadSweep as error:
        raise KikiError(str(error), "see `kiki sweep --help`") from error
    started = time.perf_counter()
    rows = _run(planned, out, **options)
    summary = summarise(rows, [step.name for step in steps])
    if out is not None:
        write_rows(out, rows)
        journal_of(out).unlink(missing_ok=True)
    if as_json:
        click.echo(json.dumps(to_json(summary, time.perf_counter() - started)))
    else:
        _show(summary)
    ctx.exit(0 if summary.ran == summary.runs and summary.yield_ in (None, 1.0) else 1)


def _run(planned: Plan, out: Path | None, *, jobs: int, timeout: float, cluster: str, **_: Any) -> list[Row]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    workspace = drawn_in(planned.deck.snapshot)
    bar = Progress(
        TextColumn("simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=Console(stderr=True)
    )
    with bar:
        task = bar.add_task("", total=len(planned.runs))
        try:
            return asyncio.run(
                run_all(
                    planned,
                    workspace,
                    jobs=jobs or os.cpu_count() or 1,
                    timeout_s=timeout,
                    journal=journal_of(out) if out is not None else None,
                    cluster=cluster,
                    report=lambda done, _: bar.update(task, completed=done),
                )
            )
        except KeyboardInterrupt:
            if out is not None:
                bar.console.print("kiki: stopped; the same command goes on where it was")
            raise


def to_json(summary: Summary, elapsed_s: float) -> dict[str, Any]:
    """The summary as the contract has it."""
    return {
        "runs": summary.runs,
        "ran": summary.ran,
        "yield": summary.yield_,
        "measures": {
            name: {
                "count": spread.count,
                "mean": spread.mean,
                "sd": spread.deviation,
                "quantiles": spread.quantiles,
                "worst": {"min": spread.worst[0], "max": spread.worst[1]},
                "histogram": {"edges": spread.edges, "counts": spread.counts},
            }
            for name, spread in summary.measures.items()
        },
        "elapsed_s": round(elapsed_s, 3),
    }


def _show(summary: Summary) -> None:
    click.echo(f"{summary.ran} of {summary.runs} runs ran clean")
    if summary.yield_ is not None:
        click.secho(f"yield {summary.yield_:.1%}", fg="green" if summary.yield_ == 1 else "red")
    for name, spread in summary.measures.items():
        shown = {label: format_value(value) for label, value in spread.quantiles.items()}
        click.echo(
            f"{name}: median {shown['p50']}, 5 % {shown['p5']}, 95 % {shown['p95']}, "
            f"from {shown['min']} (run {spread.worst[0]['run']}) to {shown['max']} (run {spread.worst[1]['run']})"
        )
        most = max(spread.counts)
        for edge, count in zip(spread.edges, spread.counts, strict=False):
            click.echo(f"  {format_value(edge):>10} {'█' * round(40 * count / most)} {count}")
