"""What people say, by language: tables of phrases written by hand, one file for each field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def phrases(name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """A file of phrases: what they are for, then the language, then the phrases."""
    table = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))
    return {kind: {of: tuple(said) for of, said in asks.items()} for kind, asks in table.items()}
