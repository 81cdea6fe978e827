"""One composed adapter for servers that take one per request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.backends.protocol import WeightedAdapter


def composed_for(
    adapters: Sequence[WeightedAdapter], model: str, layout: Literal["peft", "mlx"], most_rank: int
) -> Path | None:
    """The folder with the sum of installed adapters for a server's ``model``; null if all weights round to zero.

    The server tells only its model's name, so that is what the adapters' base must agree with; their common
    fingerprint is checked as ever.

    Raises:
        KikiError: if one isn't installed, belongs to another base, or the disk refuses.
    """
    from kiki_core.adapters.base import Base, same_name
    from kiki_core.adapters.cache import composed
    from kiki_core.adapters.store import manifest

    first = manifest(adapters[0].name)
    known = {field.name for field in fields(Base)} & first.base.keys()
    base = Base(**{name: first.base[name] for name in known})
    if not same_name(model, base.name):
        raise KikiError(f"the adapter {first.name} is for {base.name}, not for {model}", "serve its base")
    return composed([(one.name, one.weight) for one in adapters], base, layout, most_rank)
