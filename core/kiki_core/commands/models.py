"""`kiki models`: weights."""

from __future__ import annotations

import asyncio

import click

from kiki_core import config as configuration
from kiki_core import paths
from kiki_core.errors import KikiError
from kiki_core.models.registry import ENCODER, MODELS, Weights
from kiki_core.models.store import blob, present, verify


@click.group()
def command() -> None:
    """Weights: list, pull, use, verify."""


@command.command("list")
def list_() -> None:
    """What there is, and what is here."""
    current = configuration.load().models.name
    for weights in MODELS.values():
        mark = "*" if weights.name == current else " "
        here = "here" if present(weights) else "not here"
        size = f"{weights.size / 1e6:.0f} MB"
        click.echo(f"{mark} {weights.name:22} {size:>8}  {here:9} {weights.licence}: {weights.about}")
    click.echo(f"  in {paths.models_dir()}")


@command.command()
@click.argument("names", nargs=-1)
def pull(names: tuple[str, ...]) -> None:
    """Fetches weights; without a name the encoder and the configured model."""
    if not names:
        current = configuration.load().models.name
        names = (ENCODER.name, *((current,) if current in MODELS else ()))
    for name in names:
        ensure(_named(name))


@command.command()
@click.argument("name")
def use(name: str) -> None:
    """Makes NAME (or the path of a .gguf file) the model that answers."""
    from kiki_core.backends.llamacpp import weights_path

    if name in MODELS and MODELS[name].kind != "chat":
        raise KikiError(f"{name} is no model that answers", "see `kiki models list`")
    if weights_path(name) is None and name not in MODELS:
        raise KikiError(f"{name} is not there", "name a .gguf file that exists")
    configuration.save_key("models", "name", name)
    click.echo(f"{name} answers from now on")


@command.command("verify")
@click.pass_context
def verify_(ctx: click.Context) -> None:
    """Checks every file against its SHA-256; a corrupt one is removed."""
    bad = 0
    for weights in MODELS.values():
        for file in verify(weights):
            blob(file).unlink(missing_ok=True)
            click.echo(f"{weights.name}: {file.name} was corrupt and is removed; `kiki models pull {weights.name}`")
            bad += 1
        if present(weights):
            click.echo(f"{weights.name}: whole")
    ctx.exit(1 if bad else 0)


def ensure_all(config: configuration.Config) -> None:
    """Fetches what answers need: the encoder, and the embedded model if it is the one that answers.

    Raises:
        KikiError: if they can't be had.
    """
    ensure(ENCODER)
    if config.backend.kind == "llamacpp" and config.models.name in MODELS:
        ensure(MODELS[config.models.name])


def ensure(weights: Weights) -> None:
    """Fetches the weights if they are not here, with progress on stderr.

    Raises:
        KikiError: if they can't be had.
    """
    if present(weights):
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    from kiki_core.models.fetch import FetchProgress, fetch

    console = Console(stderr=True)
    columns = ("{task.description}", BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(weights.name, total=weights.size)
        said: set[str] = set()

        def report(progress: FetchProgress) -> None:
            bar.update(task, completed=progress.done)
            note = progress.note.split(" the mirror ")[0]
            if note and note not in said:
                said.add(note)
                console.print(f"kiki: {weights.name}: {progress.note}", highlight=False)

        asyncio.run(fetch(weights, configuration.load(), report))


def _named(name: str) -> Weights:
    if name not in MODELS:
        raise KikiError(f"unknown weights {name!r}", f"choose one of {', '.join(MODELS)}")
    return MODELS[name]
