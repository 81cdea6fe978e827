"""`kiki train`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core import config as configuration
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.config import Config
    from kiki_core.training.course import Judging
    from kiki_core.training.planning import Plan, Wanted

_EVERY = "all"
_CHANGES = {
    "steps": "Steps of the optimiser.",
    "rank": "Rank of the updates.",
    "layers": "So many of the last layers.",
    "batch": "Pairs a step.",
    "sequence": "Most tokens of a pair; longer ones are left out.",
    "seed": "Of the order and the first factors.",
}


def _changes(command: Any) -> Any:
    for name, told in reversed(_CHANGES.items()):
        least = 0 if name == "seed" else 1
        command = click.option(f"--{name}", type=click.IntRange(least, 1_000_000), help=told)(command)
    return command


@click.command()
@click.argument("domain", required=False)
@click.option("--dry-run", is_flag=True, help="Show recipe, data and memory; load nothing.")
@click.option("--curriculum", is_flag=True, help="The order of all domains, foundations first; as `all --dry-run`.")
@click.option(
    "--evaluate", is_flag=True, help="Train nothing: measure the installed adapter on its held-out questions."
)
@click.option("--data", type=click.Path(path_type=Path), help="A file of pairs; else what `kiki data build` made.")
@click.option("--base", default="", help="A known name, a .gguf file or a folder; else the configured model.")
@click.option("--engine", type=click.Choice(["torch", "mlx"]), help="Else by the base and what is installed.")
@click.option("--name", default="", help="The adapter's name in the store; else the domain.")
@_changes
@click.option("--alpha", type=click.FloatRange(0, 10_000, min_open=True), help="Scaling times rank.")
@click.option("--learning-rate", type=click.FloatRange(0, 1, min_open=True), help="Of Adam.")
@click.option("--module", "modules", multiple=True, help="A module within a layer, as self_attn.q_proj.")
@click.option("--threads", default=0, type=click.IntRange(0, 256), help="Processor threads; 0: the framework chooses.")
@click.option("--eval", "evaluations", multiple=True, type=click.Path(path_type=Path), help="Pairs never to train on.")
@click.option("--licence", "licences", multiple=True, help="Allow pairs of this licence too.")
@click.option("--questions", default=40, type=click.IntRange(0, 10_000), help="Most held-out questions; 0: none.")
@click.option("--probes", "probes_file", type=click.Path(path_type=Path), help="The gate's probes; else kiki's own.")
@click.option(
    "--angle", default=30.0, type=click.FloatRange(0, 180), help="Degrees below which the gate calls it near."
)
@click.option("--drop", default=3.0, type=click.FloatRange(-100, 100), help="Points of win rate that may be lost.")
@click.option("--fresh", is_flag=True, help="Begin anew, even if a stopped training could go on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an event and line.")
def command(domain: str | None, as_json: bool, dry_run: bool, **options: Any) -> None:
    """Train the expert of DOMAIN by its recipe, measure it, and let the gate decide; `all` is the curriculum.

    Exit 1 if it isn't admitted. Stopped, it keeps its state: the same command goes on.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for the gate's small matrices, as `kiki adapters`
    config = configuration.load()
    if options["curriculum"] or (domain == _EVERY and dry_run):
        _show_curriculum(config, as_json, options)
        return
    if domain is None:
        raise KikiError("no domain is named", "`kiki train --curriculum` lists them in order")
    from kiki_core.training import planning

    if domain == _EVERY:
        _all(config, as_json, options)
        return
    plan = planning.plan(_wanted(domain, options), config)
    if dry_run:
        _show_plan(plan, as_json)
        return
    events = _evaluation(plan, options, config) if options["evaluate"] else _course(plan, options, config)
    click.get_current_context().exit(0 if _followed(events, as_json) else 1)


def _wanted(domain: str, options: dict[str, Any]) -> Wanted:
    from kiki_core.adapters.store import checked_name
    from kiki_core.training.planning import Wanted

    changes = {key: options[key] for key in (*_CHANGES, "alpha", "learning_rate")}
    changes["modules"] = options["modules"] or None
    if options["name"]:
        checked_name(options["name"])
    return Wanted(
        domain, options["base"], options["data"], options["engine"], options["name"], options["threads"], changes,
        options["evaluations"], options["licences"],
    )  # fmt: skip


def _judging(options: dict[str, Any]) -> Judging:
    from kiki_core.adapters import probes
    from kiki_core.adapters.gate import Thresholds
    from kiki_core.training.course import Judging

    thresholds = Thresholds(options["angle"], options["drop"])
    return Judging(options["questions"], probes.read(options["probes_file"]), thresholds)


def _course(plan: Plan, options: dict[str, Any], config: Config) -> AsyncGenerator[dict[str, Any], None]:
    from kiki_core.training.course import course

    return course(plan, _judging(options), config, options["fresh"])


def _evaluation(plan: Plan, options: dict[str, Any], config: Config) -> AsyncGenerator[dict[str, Any], None]:
    from kiki_core.training.course import evaluation

    return evaluation(plan, options["questions"], config)


def _all(config: Config, as_json: bool, options: dict[str, Any]) -> None:
    """Trains every domain that has data, foundations first."""
    from kiki_core.training import planning
    from kiki_core.training.recipes import curriculum

    for option in ("name", "data"):
        if options[option]:
            raise KikiError(f"--{option} is for one domain", "name the domain")
    there = [domain for domain in curriculum() if planning.data_file(domain).exists()]
    if not there:
        raise KikiError("no domain has data", "`kiki data build DOMAIN` makes some")
    kept = []
    for domain in there:
        plan = planning.plan(_wanted(domain, options), config)
        kept.append(_followed(_course(plan, options, config), as_json))
    click.get_current_context().exit(0 if all(kept) else 1)


def _show_curriculum(config: Config, as_json: bool, options: dict[str, Any]) -> None:
    from kiki_core.training import planning
    from kiki_core.training.recipes import curriculum

    for place, domain in enumerate(curriculum(), start=1):
        wanted = _wanted(domain, {**options, "data": None, "name": ""})
        plan = planning.plan(planning.without_data(wanted), config)
        file = planning.data_file(domain)
        if as_json:
            click.echo(json.dumps({"event": "plan", "place": place, **plan.to_json(), "has_data": file.exists()}))
            continue
        recipe = plan.recipe
        data = "" if file.exists() else "  no data yet"
        click.echo(f"{place:3} {domain:13} {recipe.steps:5} steps of {recipe.sequence:4} tokens  {recipe.group}{data}")


def _show_plan(plan: Plan, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"event": "plan", **plan.to_json()}))
        return
    recipe, needed = plan.recipe, plan.estimate.to_json()
    parts = ", ".join(f"{name} {needed[f'{name}_gb']}" for name in ("weights", "activations", "logits", "adapter"))
    click.echo(f"domain   {recipe.domain} ({recipe.group})")
    click.echo(f"base     {plan.base_name}, by {plan.engine}")
    click.echo(
        f"recipe   rank {recipe.rank}, alpha {recipe.alpha:g}, last {recipe.layers} layers, {recipe.steps} steps, "
        f"learning rate {recipe.learning_rate:g}, batch {recipe.batch}, sequence {recipe.sequence}"
    )
    click.echo(f"modules  {', '.join(recipe.modules)}")
    free = "of a device of its own" if plan.free is None else f"{plan.free / 1e9:.1f} GB are free"
    fits = "" if plan.free is None or plan.estimate.total <= plan.free else ": it can't fit"
    click.echo(f"memory   about {needed['total_gb']:.1f} GB ({parts}); {free}{fits}")
    if plan.data is None:
        click.echo(f"data     none yet: `kiki data build {recipe.domain}` makes {plan.data_file}")
    else:
        data = plan.data
        click.echo(
            f"data     {len(data.train)} pairs and {len(data.held_out)} held out; left out: {data.doubles} doubles, "
            f"{data.leaks} leaks, {data.others} of other domains, {data.other_kinds} of other kinds; "
            f"{', '.join(name for name, _ in data.licences)}"
        )
    click.echo(f"place    {plan.folder}, then {plan.name} in the store")


def _followed(events: AsyncGenerator[dict[str, Any], None], as_json: bool) -> bool:
    """Shows the events of one training; gives whether the last one says that its adapter was kept, or is better."""

    async def follow() -> bool:
        kept = False
        task = asyncio.current_task()
        assert task is not None
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        with contextlib.ExitStack() as stack:
            show = (lambda event: click.echo(json.dumps(event))) if as_json else _display(stack)
            async with contextlib.aclosing(events):
                async for event in events:
                    show(event)
                    kept = event.get("decision") == "keep" or event.get("better", False)
        return kept

    try:
        return asyncio.run(follow())
    except (KeyboardInterrupt, asyncio.CancelledError):
        click.echo("kiki: what was trained is kept; the same command goes on", err=True)
        raise KeyboardInterrupt from None


def _display(stack: contextlib.ExitStack) -> Callable[[dict[str, Any]], None]:
    """A line for each thing worth one on stdout, and a bar on stderr if that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    bar = stack.enter_context(Progress(console=console, disable=not console.is_terminal, transient=True))
    task = bar.add_task("loading", total=None)

    def show(event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "measuring" or kind.startswith("judging_"):
            what = f"held-out loss {event['when']}" if kind == "measuring" else kind.removeprefix("judging_")
            bar.update(task, description=what, completed=event["done"], total=event["of"])
        elif kind == "step":
            told = (
                f"step {event['step']}/{event['steps']}  loss {event['loss']:.3f}  "
                f"{event['tokens_per_s']:.0f} tokens/s  {_duration(event['eta_s'])} left"
            )
            bar.update(task, description=told, completed=event["step"], total=event["steps"])
            if not console.is_terminal:
                click.echo(told, err=True)
        elif line := _line(event):
            click.echo(line)

    return show


def _line(event: dict[str, Any]) -> str:
    match event["event"]:
        case "plan":
            memory = event["memory"]["total_gb"]
            return f"{event['name']}: {event['base']} by {event['engine']}, about {memory:.1f} GB; {event['folder']}"
        case "encoded":
            long = f", {event['too_long']} left out as too long" if event["too_long"] else ""
            return f"{event['pairs']} pairs, {event['held_out']} held out{long}"
        case "note":
            return str(event["text"])
        case "resumed":
            return f"goes on from step {event['step']} of {event['steps']}"
        case "held_out":
            return f"held-out loss {event['when']}: {event['loss']:.4f}"
        case "verified_rate":
            return (
                f"answers that the tool accepts, of {event['questions']}: base {100 * event['base']:.0f} %, "
                f"with the adapter {100 * event['adapter']:.0f} %"
            )
        case "gate":
            closest = "none" if event["closest_deg"] is None else f"{event['closest_deg']:.1f}°"
            return (
                f"gate: closest {closest}, win rate drop {event['win_rate_drop']:.1f} points; report: {event['report']}"
            )
        case "evaluated":
            return f"{event['name']} is {'better' if event['better'] else 'no better'} than the base"
        case "outcome":
            if event["decision"] == "keep":
                return f"{event['name']} is installed"
            return f"not admitted: {event['why']}; it stays in {event['adapter']}"
    return ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {rest:02} s"
