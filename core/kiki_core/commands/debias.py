"""`kiki debias`: bias in answers, looked for and weakened."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from kiki_core import config as configuration


@click.group()
def command() -> None:
    """Look for bias in an answer; build the adapter against it."""


@command.command()
@click.argument("question")
@click.argument("answer")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def find(question: str, answer: str, as_json: bool) -> None:
    """What in ANSWER to QUESTION looks biased, by rules and a classifier: no model is asked."""
    from kiki_core.debias import find as found
    from kiki_core.debias.framing import framed

    findings = found(question, answer)
    turned = [framed(question, one.mark).opposite for one in findings]
    if as_json:
        click.echo(json.dumps([{**asdict(one), "opposite": how} for one, how in zip(findings, turned, strict=True)]))
        return
    for one, how in zip(findings, turned, strict=True):
        click.echo(f"{one.bias} {one.confidence:.2f}: {one.reason}\n  {one.quote}\n  asked otherwise: {how}")
    if not findings:
        click.echo("nothing found")


@command.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="File for the classifier (JSON).")
def fit(out: Path) -> None:
    """Train the classifier anew from the written examples: seconds, deterministic; its held-out figures with it."""
    from kiki_core.debias.fitting import examples
    from kiki_core.debias.fitting import fit as fitted
    from kiki_core.files import write_atomically

    made = fitted(examples())
    write_atomically(out, json.dumps(made.to_json(), indent=1) + "\n")
    click.echo(", ".join(f"{name} {value:g}" for name, value in made.figures.items()))


@command.command()
@click.option(
    "--base", "base_name", default="", help="A known name, a .gguf file or a folder; else the configured model."
)
@click.option("--engine", type=click.Choice(["torch", "mlx"]), help="Else by the base and what is installed.")
@click.option("--neurons", default=32, type=click.IntRange(1, 4096), help="How many are amplified.  [default: 32]")
@click.option("--factor", default=1.5, type=click.FloatRange(0, 100), help="By how much.  [default: 1.5]")
@click.option("--replace", is_flag=True, help="In place of the one that is installed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def knowbias(base_name: str, engine: str | None, neurons: int, factor: float, replace: bool, as_json: bool) -> None:
    """Find the base's neurons that know of bias, and install their amplification as the adapter `knowbias`."""
    from kiki_core.debias import knowbias as known
    from kiki_core.debias.attribution import open_base
    from kiki_core.training.planning import engine_for, located

    config = configuration.load()
    chosen_name = base_name or (config.backend.model if config.backend.kind == "mlx" else config.models.name)
    base, weights = located(chosen_name)
    chosen_engine = engine or engine_for(weights, config)
    opened = open_base(weights, chosen_engine)
    asked = known.knowledge()
    found = known.scores(opened, asked, lambda line: click.echo(line, err=True))
    best = known.best(found, neurons)
    provenance = {
        "method": "KnowBias (arXiv 2601.21864): factor of feed-forward neurons",
        "neurons": {str(layer): list(some) for layer, some in best.items()},
        "factor": factor,
        "questions": len(asked),
        "engine": chosen_engine,
    }
    made = known.install(known.adapter(opened, best, factor, base), base, provenance, replace)
    if as_json:
        click.echo(json.dumps({"name": made.name, "rank": made.rank, "provenance": provenance}))
        return
    click.echo(f"{made.name}: {sum(map(len, best.values()))} neurons of {len(best)} layers, times {factor:g}")
    click.echo("to compose it with the experts, set pipeline.knowbias = true")
