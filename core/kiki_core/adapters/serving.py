"""The installed adapters that a model can load, as files for llama.cpp."""

from __future__ import annotations

import contextlib
from pathlib import Path

from kiki_core.adapters import gguf, store
from kiki_core.adapters.base import from_gguf
from kiki_core.adapters.cache import as_gguf
from kiki_core.errors import KikiError


def loadable(model: Path) -> dict[str, Path]:
    """GGUF files by name: the installed adapters of exactly this base. Nothing is read where none is installed.

    One that can't be loaded is left out, so that it harms nobody who doesn't name it; `refusal` says why.
    """
    found: dict[str, Path] = {}
    there = store.installed()
    if there:
        base = from_gguf(gguf.read(model))
        for one in there:
            if one.fingerprint == base.fingerprint:
                with contextlib.suppress(KikiError):
                    found[one.name] = as_gguf(store.weights_of(one), one.sha256, base)
    return found


def refusal(name: str, model: Path) -> KikiError:
    """Why an adapter can't be loaded with this model."""
    try:
        base = from_gguf(gguf.read(model))
        one = store.manifest(name)
        store.fits(one, base)
        as_gguf(store.weights_of(one), one.sha256, base)
    except KikiError as error:
        return error
    return KikiError(f"the adapter {name} was installed just now", "ask again")
