"""The installed adapters that a model can load, as files for llama.cpp."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kiki_core.adapters import gguf, store
from kiki_core.adapters.base import base_of, from_gguf
from kiki_core.adapters.cache import as_gguf
from kiki_core.backends.protocol import WeightedAdapter
from kiki_core.domains import MERGES
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.config import Config
    from kiki_core.events import Expert


def fitting(config: Config) -> list[store.Manifest]:
    """The installed adapters that the configured model can take."""
    there = list(store.installed())
    if not there or config.backend.kind != "llamacpp":
        return there  # a remote base tells no fingerprint; its server refuses what doesn't fit
    try:
        fingerprint = base_of(config.models.name).fingerprint
    except KikiError:
        return []
    return [one for one in there if one.fingerprint == fingerprint]


def speaking(experts: Sequence[Expert], config: Config, most: int) -> tuple[WeightedAdapter, ...]:
    """The adapters of the routed experts, each with its expert's score as weight; at most ``most``.

    An adapter speaks for its domain, or for the merge that its domain is in; of several for one domain the newest does.
    """
    if not experts or not most:
        return ()
    by_domain = {one.domain: one.name for one in sorted(fitting(config), key=lambda one: one.installed)}
    merge = {domain: name for name, domains in MERGES.items() for domain in domains}
    named: dict[str, float] = {}
    for expert in experts:
        name = by_domain.get(expert.domain) or by_domain.get(merge.get(expert.domain, ""))
        if name is not None:
            named[name] = max(expert.weight, named.get(name, 0.0))
    return tuple(WeightedAdapter(name, weight) for name, weight in list(named.items())[:most])


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
