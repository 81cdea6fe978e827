"""How each expert is trained: recipes as data (`recipes.toml`), for the large base and for small ones."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Any, Literal

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError

Kind = Literal["large", "small"]
LARGE_HIDDEN = 2048
"""Bases from this hidden size on, or with experts, take the large recipe."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One expert's training. ``layers``: so many of the last ones; ``modules``: their names within a layer."""

    domain: str
    group: str
    """The class of domains that it belongs to."""
    rank: int
    alpha: float
    layers: int
    modules: tuple[str, ...]
    learning_rate: float
    warmup: int
    """Steps in which the learning rate rises to its value."""
    batch: int
    sequence: int
    """Most tokens of a question with its answer; longer pairs are left out, not cut."""
    steps: int
    held_out: float
    """The share of pairs that are never trained on."""
    report: int
    """Steps between reports of progress."""
    checkpoint: int
    """Steps between checkpoints."""
    seed: int = 0
    kinds: tuple[str, ...] = ()
    """Kinds of pairs (their group up to the first slash) that are used; empty: all."""
    decay: int = 0
    """Steps in which the learning rate would fall to a tenth; 0: all of them. More: it ends while it is still high."""

    def to_json(self) -> dict[str, Any]:
        """As it stands in a provenance."""
        return {**asdict(self), "modules": list(self.modules), "kinds": list(self.kinds)}


def recipe(domain: str, kind: Kind, changes: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe of a domain for a kind of base, with some keys changed.

    Raises:
        KikiError: if there is no such domain.
    """
    if domain not in DOMAINS:
        raise KikiError(f"{domain!r} is no domain", f"choose one of {', '.join(DOMAINS)}")
    table = _table()
    group = next(one for one in table["classes"] if domain in one["domains"])
    of_group = {key: value for key, value in group.items() if key not in ("name", "domains")}
    own = table["experts"].get(domain, {})
    merged = {**of_group, **table["small"], **own} if kind == "small" else {**table["large"], **of_group}
    merged |= {key: value for key, value in (changes or {}).items() if value is not None}
    lists = {name: tuple(merged.get(name, ())) for name in ("modules", "kinds")}
    return Recipe(domain=domain, group=group["name"], **{**merged, **lists})


def curriculum() -> tuple[str, ...]:
    """All domains in the order of training: foundations first."""
    return tuple(domain for group in _table()["classes"] for domain in group["domains"])


def known_bases() -> Mapping[str, Mapping[str, Any]]:
    """Sizes of bases that needn't be here, by their normal name."""
    bases: Mapping[str, Mapping[str, Any]] = _table()["bases"]
    return bases


@functools.cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("kiki_core.training").joinpath("recipes.toml").read_text("utf-8"))
