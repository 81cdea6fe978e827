"""Kinds of circuits: decks that compute their own values, and what has to be measured of them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from kiki_core.training.data.model import Kind
from kiki_core.training.data.phrases import phrases

FIELDS = ("filters", "amplifiers", "stages", "levels", "waveforms", "rectifiers")


@cache
def kinds() -> tuple[Kind, ...]:
    """All of them, by field."""
    return tuple(
        Kind(name, phrases(field)[name], make)
        for field in FIELDS
        for name, make in import_module(f"{__name__}.{field}").KINDS.items()
    )
