"""`kiki router`: the router's own life."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiki_core import config as configuration
from kiki_core import paths
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiki_core.routing import Router
    from kiki_core.routing.dataset import Prompt
    from kiki_core.routing.evaluation import Figures


@click.group()
def command() -> None:
    """Train, evaluate and calibrate the router, and fit it to your corrections."""


@command.command()
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the head [default: KIKI_HOME/routing/model].")
def train(out: Path | None) -> None:
    """Train the head anew from the data that comes with kiki: minutes, deterministic."""
    from kiki_core.routing import Router, card, dataset
    from kiki_core.routing.training import train as trained

    folder = out or paths.home() / "routing" / "model"
    prompts = dataset.prompts()
    head = trained([p for p in prompts if p.split == "train"], dataset.terms(), lambda line: click.echo(line, err=True))
    head.save(folder)
    card.write(folder, Router(folder), prompts)
    click.echo(f"{folder}: the head, and its card README.md")
    if out is None or out != Path(configuration.load().routing.model or "-"):
        click.echo(f"to use it, set routing.model = {str(folder)!r} in the configuration")


@command.command("eval")
@click.option(
    "--file", type=click.Path(path_type=Path), help='Your own prompts: {"text", "labels" or "domain"} a line.'
)
@click.option("--baselines", is_flag=True, help="Beside simpler ways to route (a minute more).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def evaluate(file: Path | None, baselines: bool, as_json: bool) -> None:
    """Measure the router on prompts that it wasn't trained with."""
    from kiki_core.routing import dataset
    from kiki_core.routing.evaluation import figures, latency, routed
    from kiki_core.routing.opening import open_router

    router = open_router(configuration.load())
    prompts = dataset.prompts()
    sets = (
        {file.name: _own(file)}
        if file
        else {name: [p for p in prompts if p.split == name] for name in ("test", "transfer")}
    )
    measured: list[tuple[str, str, Figures]] = []
    for name, chosen in sets.items():
        measured.append((name, "kiki", figures(routed(router, chosen), chosen)))
        if baselines:
            from kiki_core.routing.baselines import baselines as simpler

            known = [p for p in prompts if p.split == "train"]
            measured += [(name, way, figures(scored, chosen)) for way, scored in simpler(known, chosen)]
    p50, p95, rate = latency(router, [p.text for p in next(iter(sets.values()))][:300])
    if as_json:
        listed = [{"set": name, "way": way, **dataclasses.asdict(found)} for name, way, found in measured]
        click.echo(json.dumps({"figures": listed, "latency_ms": {"p50": p50, "p95": p95}, "batch_per_s": rate}))
        return
    _print(measured)
    click.echo(f"\n{p50:.1f} ms a question (95 %: {p95:.1f} ms), {rate:.0f} a second in batches")


@command.command()
@click.option(
    "--file", type=click.Path(path_type=Path), required=True, help="Labelled prompts, as for eval; 200 or more."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the head.")
def calibrate(file: Path, out: Path) -> None:
    """Fit calibration and thresholds, and nothing else, to prompts of yours."""
    import numpy as np

    from kiki_core.routing.features import features, shortened
    from kiki_core.routing.opening import open_router
    from kiki_core.routing.training import calibrate as calibrated
    from kiki_core.routing.training import targets

    router = open_router(configuration.load())
    prompts = _own(file)
    wanted = targets([prompt.labels for prompt in prompts])
    lacking = int((wanted.sum(0) == 0).sum())
    if lacking:
        raise KikiError(
            f"{file} has no prompt for {lacking} of the 35 domains and none",
            "give some for each, and some that fit none; or correct single domains: `kiki router adapt`",
        )
    texts = [shortened(prompt.text) for prompt in prompts]
    vectors = router.encoder.encode(texts)
    outputs = np.stack([router.head.logits(features(t), v) for t, v in zip(texts, vectors, strict=True)])
    calibrated(router.head, outputs, wanted).save(out)
    click.echo(f"{out}: the calibrated head; to use it, set routing.model = {str(out)!r} in the configuration")


@command.command()
@click.option("--yes", is_flag=True, help="Apply without asking.")
@click.option("--reset", is_flag=True, help="Forget the corrections (your examples stay).")
def adapt(yes: bool, reset: bool) -> None:
    """Fit the calibration to your own corrections (`kiki ask --domain`, /pin, /mute); shows it, then asks."""
    from kiki_core.routing import feedback
    from kiki_core.routing.opening import open_router

    folder = paths.home() / "routing"
    if reset:
        click.echo("the corrections are forgotten" if feedback.reset(folder) else "there were no corrections")
        return
    router: Router = open_router(configuration.load(), adapted=False)
    examples = feedback.kept(folder)
    if not examples:
        raise KikiError(
            "there are no corrections to learn from",
            "set routing.keep_corrections = true, then choose experts yourself: `kiki ask --domain`, /pin, /mute",
        )
    corrections = feedback.fitted(router, examples)
    for one in corrections:
        click.echo(
            f"{one.domain:14} {one.offset:+.2f}  ({one.wanted} for, {one.unwanted} against; "
            f"mean score there {one.before:.2f} -> {one.after:.2f})"
        )
    if not yes and not click.confirm("apply?", err=True):
        click.echo("nothing was changed")
        return
    feedback.apply(corrections, router.head.fingerprint, folder)
    click.echo("applied; `kiki router adapt --reset` takes it back")


@command.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder for the token vectors.")
def distil(out: Path) -> None:
    """Make the sentence vectors of tokens from the encoder: a minute; only when the encoder changes."""
    from kiki_core.commands.models import ensure
    from kiki_core.encoder import Encoder
    from kiki_core.models.registry import ENCODER
    from kiki_core.routing.distil import distil as distilled

    ensure(ENCODER)
    out.mkdir(parents=True, exist_ok=True)
    distilled(out, Encoder())
    click.echo(f"{out}: static.safetensors and vocabulary.txt")


def _own(file: Path) -> list[Prompt]:
    from kiki_core.domains import DOMAINS
    from kiki_core.routing.dataset import Prompt

    prompts = []
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KikiError(f"can't read {file}: {error}", "name a UTF-8 file with one JSON object a line") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
            labels = row["labels"] if "labels" in row else [row["domain"]]
            labels = tuple(label for label in labels if label != "none")
            prompts.append(Prompt(str(row["text"]), labels, str(row.get("language", "")), str(number), "", file.name))
        except (ValueError, KeyError, TypeError) as error:
            raise KikiError(f'{file} line {number}: no object with "text" and "labels"', "mend the line") from error
        if unknown := set(labels) - set(DOMAINS):
            raise KikiError(f"{file} line {number}: unknown domain {sorted(unknown)[0]!r}", "see `kiki route --json`")
    if not prompts:
        raise KikiError(f"{file} is empty", "one JSON object a line")
    return prompts


def _print(measured: Sequence[tuple[str, str, Figures]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from kiki_core.routing.evaluation import rows

    for name in dict.fromkeys(name for name, _, _ in measured):
        header, *body = rows([(way, found) for set_, way, found in measured if set_ == name])
        table = Table(*header, title=f"{name}: {next(f.prompts for s, _, f in measured if s == name)} prompts")
        for line in body:
            table.add_row(*line)
        Console().print(table)
        for set_, way, found in measured:
            if set_ == name and way == "kiki":
                languages = ", ".join(f"{language or '?'} {share:.3f}" for language, share in found.by_language.items())
                confused = ", ".join(f"{meant} -> {got} ({times})" for meant, got, times in found.confusions[:8])
                click.echo(f"top-1 by language: {languages}\nmost confused: {confused}")
                click.echo(f"none: {found.none_right:.3f} of what fits none, {found.none_wrong:.3f} of what fits")
