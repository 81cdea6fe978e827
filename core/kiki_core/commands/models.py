"""`kiki models`: weights and backends."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import click

from kiki_core import config as configuration
from kiki_core import paths
from kiki_core.backends.profiles import PROFILES
from kiki_core.errors import KikiError
from kiki_core.models.registry import ENCODER, MODELS, Weights
from kiki_core.models.store import blob, present, verify


@click.group()
def command() -> None:
    """Weights and backends: list, pull, use, verify."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_(as_json: bool) -> None:
    """What there is, what is here, and what answers (`*`)."""
    config = configuration.load()
    embedded = config.backend.kind == "llamacpp"
    if as_json:
        click.echo(json.dumps(_listed(config)))
        return
    known = [(weights.name, f"{weights.size / 1e6:.0f} MB", present(weights), weights) for weights in MODELS.values()]
    for name, size, here, weights in known:
        mark = "*" if embedded and name == config.models.name else " "
        told = "here" if here else "not here"
        click.echo(f"{mark} {name:22} {size:>8}  {told:9} {weights.licence}: {weights.about}")
    if embedded and config.models.name not in MODELS:
        path = Path(config.models.name).expanduser()
        size = f"{path.stat().st_size / 1e6:.0f} MB" if path.is_file() else ""
        click.echo(f"* {path.name:22} {size:>8}  {'here' if size else 'not here':9} {path}")
    if not embedded:
        settings = config.backend
        click.echo(
            f"* {settings.model or 'default':22} {settings.kind:>8}  {settings.url or 'started on this machine'}"
        )
    click.echo(f"  in {paths.models_dir()}")
    click.echo("  profiles of machines, for `kiki models use`:")
    for name, profile in PROFILES.items():
        mark = "*" if name == config.backend.profile else " "
        model = profile.get("model", "")
        click.echo(
            f"{mark} {name:22} {profile['kind']:>8}  {profile['context']:>7} tokens of context  {model}".rstrip()
        )


def _listed(config: configuration.Config) -> dict[str, Any]:
    settings = config.backend
    return {
        "models": [
            {
                "name": weights.name, "kind": weights.kind, "bytes": weights.size, "here": present(weights),
                "licence": weights.licence, "about": weights.about,
            }
            for weights in MODELS.values()
        ],
        "backend": {
            "profile": settings.profile, "kind": settings.kind, "url": settings.url,
            "model": config.models.name if settings.kind == "llamacpp" else settings.model,
            "context": settings.context,
        },
        "profiles": {name: dict(profile) for name, profile in PROFILES.items()},
    }  # fmt: skip


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
    """Makes NAME answer: a model of the list, the path of a .gguf file, or a profile of a machine."""
    if name in PROFILES:
        _use_profile(name)
        return
    from kiki_core.backends.llamacpp import weights_path

    if name in MODELS and MODELS[name].kind != "chat":
        raise KikiError(f"{name} is no model that answers", "see `kiki models list`")
    if name not in MODELS and not name.endswith(".gguf"):
        there = ", ".join([*(model.name for model in MODELS.values() if model.kind == "chat"), *PROFILES])
        raise KikiError(f"unknown model {name!r}", f"choose one of {there}, or the path of a .gguf file")
    path = weights_path(name)
    if path is None and name not in MODELS:
        raise KikiError(f"{name} is not there", "name a .gguf file that exists")
    if path is not None and name not in MODELS:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise KikiError(f"{name} is no GGUF file", "name one that llama.cpp can load")
        name = str(path.absolute())  # the next command may run in another folder
    configuration.save_key("models", "name", name)
    click.echo(f"{name} answers from now on")
    kind = configuration.load().backend.kind
    if kind != "llamacpp":
        click.echo(f"kiki: but backend.kind is {kind}: `kiki models use cpu` brings the embedded model back", err=True)
    elif path is None:
        click.echo(f"it is not here yet: `kiki models pull {name}`, or it comes with the first question", err=True)


def _use_profile(name: str) -> None:
    configuration.save_key("backend", "profile", name)
    settings = configuration.load().backend
    shown = f" with {settings.model}" if settings.model else ""
    click.echo(f"profile {name}: {settings.kind}{shown}, {settings.context} tokens of context")
    if settings.kind != PROFILES[name]["kind"]:
        told = f"backend.kind is {settings.kind} in the configuration or the environment, which wins"
        click.echo(f"kiki: {told}; take it out there", err=True)
    elif settings.kind == "openai" and not settings.url:
        click.echo("kiki: set backend.url to the server's address, for example http://host:8000/v1", err=True)


@command.command("verify")
@click.pass_context
def verify_(ctx: click.Context) -> None:
    """Checks every file against its SHA-256; a corrupt one is removed."""
    bad = 0
    if not any(blob(file).exists() for weights in MODELS.values() for file in weights.files):
        click.echo("no weights are here; `kiki models pull` fetches them", err=True)
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
