"""What goes on behind the prompt: finding ngspice, fetching the model's weights, choosing another model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kiki_core.errors import KikiError
from kiki_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from kiki_core.config import Config
    from kiki_core.models import Weights
    from kiki_core.models.fetch import FetchProgress
    from kiki_tui.app import KikiApp


def begin(app: KikiApp) -> None:
    """Reads the configuration, looks for ngspice, fetches the model's weights if they are missing."""
    app.run_worker(_begin(app), group="preparation")


async def _begin(app: KikiApp) -> None:
    if app.desk.config is None:
        try:
            app.desk.configure(await asyncio.to_thread(_configuration))
        except KikiError as error:
            app.fault = error
            app.exit(return_code=2)
            return
        app.configured()
    app.run_worker(_find_ngspice(app), group="preparation")
    config = app.desk.config
    if config is None:
        return
    from kiki_core.models.registry import ENCODER

    await _fetch(app, ENCODER, quiet=True)
    if config.backend.kind == "llamacpp" and not config.models.name.endswith(".gguf"):
        fetch(app, "", quiet=True)


def _configuration() -> Config:
    from kiki_core import config

    return config.load()


async def _find_ngspice(app: KikiApp) -> None:
    from kiki_tools.spice import ngspice

    found = await asyncio.to_thread(ngspice.find)
    app.query_one(StatusBar).ngspice = f"ngspice {found.version}" if found else "no ngspice (see kiki doctor)"


def fetch(app: KikiApp, name: str, *, quiet: bool = False) -> None:
    """Fetches the weights of a model in the background. ``quiet``: says nothing if they are there.

    Raises:
        KikiError: if there is no model of that name.
    """
    weights = model(name or (app.desk.config.models.name if app.desk.config else ""))
    app.run_worker(_fetch(app, weights, quiet), group="fetch", exclusive=True)


def model(name: str) -> Weights:
    """The weights of that name. Raises KikiError, naming the nearest, if there are none."""
    from difflib import get_close_matches

    from kiki_core.models import MODELS

    if name in MODELS:
        return MODELS[name]
    close = get_close_matches(name, MODELS, 1)
    raise KikiError(
        f"there is no model {name!r}", f"did you mean {close[0]}?" if close else f"one of {', '.join(MODELS)}"
    )


async def _fetch(app: KikiApp, weights: Weights, quiet: bool) -> None:
    from kiki_core.models import present
    from kiki_core.models.fetch import fetch as fetch_weights

    config = app.desk.config
    if config is None or await asyncio.to_thread(present, weights):
        if not quiet:
            app.note(f"{weights.name} is there already")
        return
    status = app.query_one(StatusBar)

    mirrored = False

    def report(progress: FetchProgress) -> None:
        nonlocal mirrored
        status.fetched(f"↓ {weights.name}", fraction(progress))
        if progress.note.startswith("from the mirror") and not mirrored:
            mirrored = True
            app.note(f"{weights.name} comes from a mirror, checked by its SHA-256 (models.mirrors = false to refuse)")

    try:
        status.fetched(f"↓ {weights.name}", 0.0)
        await fetch_weights(weights, config, report)
        app.note(f"{weights.name} is ready")
    except KikiError as error:
        app.note(f"{weights.name} couldn't be fetched: {error.wrong}; try again with {command(weights)}", "failure")
    finally:
        status.fetched("", None)


def command(weights: Weights) -> str:
    """The slash command that fetches the weights."""
    return f"/download {weights.name}"


def fraction(progress: FetchProgress) -> float:
    """How much has come, 0..1."""
    return min(1.0, progress.done / progress.total) if progress.total else 0.0


def choose_model(app: KikiApp, name: str) -> None:
    """Uses another model, by name or from a list. Raises KikiError if there is none of that name."""
    if name:
        _use(app, name)
        return
    from kiki_core.models import MODELS, present
    from kiki_tui.screens.choose import Choice, ChooseScreen

    choices = [
        Choice(known, known, f"{'here' if present(weights) else 'to be fetched'} · {weights.about}")
        for known, weights in MODELS.items()
        if weights.kind == "chat"
    ]
    app.push_screen(ChooseScreen("Models", choices), lambda chosen: _use(app, chosen) if chosen else None)


def _use(app: KikiApp, name: str) -> None:
    model(name)
    app.change_setting("models", "name", name)
    fetch(app, name, quiet=True)
