"""What goes on behind the prompt: finding ngspice, fetching the model's weights, choosing another model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from kiki_tui.app import KikiApp


def begin(app: KikiApp) -> None:
    """Looks for ngspice, and fetches the model's weights if they are missing."""
    app.run_worker(_find_ngspice(app), group="preparation")
    config = app.desk.config
    if config is not None and config.backend.kind == "llamacpp":
        fetch(app, "", quiet=True)


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


def model(name: str) -> Any:
    """The weights of that name. Raises KikiError, naming the nearest, if there are none."""
    from difflib import get_close_matches

    from kiki_core.models import MODELS

    if name in MODELS:
        return MODELS[name]
    close = get_close_matches(name, MODELS, 1)
    raise KikiError(
        f"there is no model {name!r}", f"did you mean {close[0]}?" if close else f"one of {', '.join(MODELS)}"
    )


async def _fetch(app: KikiApp, weights: Any, quiet: bool) -> None:
    from kiki_core.models import fetch as fetch_weights

    if await asyncio.to_thread(is_there, weights):
        if not quiet:
            app.note(f"{weights.name} is there already")
        return
    status = app.query_one(StatusBar)

    def progress(done: Any) -> None:
        status.fetched(f"↓ {weights.name}", fraction(done))

    try:
        status.fetched(f"↓ {weights.name}", 0.0)
        await fetch_weights(weights, progress)
        app.notify(f"{weights.name} is ready")
    except KikiError as error:
        app.note(f"{weights.name} couldn't be fetched: {error.wrong}; try again with /download", "failure")
    finally:
        status.fetched("", None)


def fraction(done: Any) -> float:
    """How much has come, 0..1."""
    return min(1.0, done.received / done.total) if done.total else 0.0


def is_there(weights: Any) -> bool:
    """Whether every file of the weights is in the store."""
    from kiki_core.models import store

    return all(store.path_of(weights, file) is not None for file in weights.files)


def choose_model(app: KikiApp, name: str) -> None:
    """Uses another model, by name or from a list. Raises KikiError if there is none of that name."""
    if name:
        _use(app, name)
        return
    from kiki_core.models import MODELS
    from kiki_tui.screens.choose import Choice, ChooseScreen

    choices = [
        Choice(known, known, "here" if is_there(weights) else "to be fetched")
        for known, weights in MODELS.items()
        if generates(weights)
    ]
    app.push_screen(ChooseScreen("Models", choices), lambda chosen: _use(app, chosen) if chosen else None)


def generates(weights: Any) -> bool:
    """Whether the weights are a language model's (not an encoder's)."""
    return any(str(file.name).endswith(".gguf") for file in weights.files)


def _use(app: KikiApp, name: str) -> None:
    model(name)
    app.change_setting("models", "name", name)
    fetch(app, name, quiet=True)
