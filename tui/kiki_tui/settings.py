"""Settings: every key of the configuration with its value, changed one at a time and written to the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_tui.screens.choose import Choice, ChooseScreen

if TYPE_CHECKING:
    from kiki_core.config import Config
    from kiki_tui.app import KikiApp


def rows(config: Config) -> list[tuple[str, Any]]:
    """Each key as ``section.key`` with its value."""
    return [(f"{section}.{key}", value) for section, keys in config.model_dump().items() for key, value in keys.items()]


def split(name: str) -> tuple[str, str]:
    """Section and key of ``section.key``. Raises KikiError if it isn't of that form."""
    section, dot, key = name.partition(".")
    if not dot or not key:
        raise KikiError(f"{name!r} is no setting", "write it as section.key, such as tui.theme")
    return section, key


def typed(text: str, like: Any) -> str | int | float | bool:
    """``text`` as the type of the value that stands there now. Raises KikiError if it can't be."""
    if isinstance(like, bool):
        word = text.strip().lower()
        if word not in ("true", "false", "on", "off"):
            raise KikiError(f"{text!r} is neither true nor false", "say true or false")
        return word in ("true", "on")
    try:
        if isinstance(like, int):
            return int(text)
        if isinstance(like, float):
            return float(text)
    except ValueError as error:
        raise KikiError(f"{text!r} is no number", "write a number") from error
    return text


def change(config: Config, name: str, text: str) -> Config:
    """Writes one setting to the file and gives the configuration as it is then.

    Raises:
        KikiError: if there is no such key or the value doesn't fit.
    """
    from kiki_core import config as configuration

    section, key = split(name)
    configuration.save_key(section, key, typed(text, dict(rows(config)).get(name, "")))
    return configuration.load()


def perform(app: KikiApp, argument: str) -> str | None:
    """`/settings`: the list; `/settings KEY`: its value; `/settings KEY VALUE`: changes it."""
    config = app.desk.config
    if config is None:
        raise KikiError("there is no configuration", "start kiki-tui")
    name, _, value = argument.partition(" ")
    if value:
        app.change_setting(*split(name), value.strip())
        return f"{name} is {value.strip()}"
    known = dict(rows(config))
    if name:
        split(name)
        if name not in known:
            from difflib import get_close_matches

            close = get_close_matches(name, known, 1)
            raise KikiError(f"there is no setting {name}", f"did you mean {close[0]}?" if close else "see /settings")
        return f"{name} is {known[name]}"
    from kiki_tui.screens.value import ValueScreen

    def picked(name: str | None) -> None:
        if name is None:
            return
        options = _options(name, known[name])
        screen = (
            ChooseScreen(name, [Choice(option, option) for option in options])
            if options
            else ValueScreen(name, str(known[name]))
        )
        app.push_screen(screen, lambda text: None if text is None else kept(name, text))

    def kept(name: str, text: str) -> None:
        try:
            app.change_setting(*split(name), text)
        except KikiError as error:
            app.notify(str(error), severity="error")
        else:
            app.notify(f"{name} is {text}")

    choices = [Choice(name, f"{name:<24} {value}", describe(config, name)) for name, value in known.items()]
    app.push_screen(ChooseScreen("Settings", choices), picked)
    return None


def describe(config: Config, name: str) -> str:
    """What a setting is for."""
    section, key = split(name)
    field: Any = type(getattr(config, section)).model_fields[key]
    return field.description or ""


def _options(name: str, value: Any) -> tuple[str, ...]:
    from kiki_core import config as configuration

    return ("true", "false") if isinstance(value, bool) else configuration.choices(*split(name))
