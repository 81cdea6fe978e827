"""KnowBias (arXiv 2601.21864): the neurons that know what bias is, amplified by an ordinary adapter.

Yes/no questions about bias are put to the base. A neuron's score is its mean attribution to the right answers, less
that for plain questions of the field, so that neurons which merely say yes or no drop out; half of the answers are yes.
The best become an adapter on the down projections (`kiki_core.adapters.neurons`): their amplification, exactly.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from kiki_core.adapters import store
from kiki_core.adapters.base import Base
from kiki_core.adapters.files import save
from kiki_core.adapters.model import Adapter
from kiki_core.adapters.neurons import amplify
from kiki_core.backends.protocol import WeightedAdapter
from kiki_core.debias.attribution import Array, Attributing
from kiki_core.errors import KikiError

NAME = "knowbias"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A yes/no question, its right answer, and whether it is a plain one of the field."""

    text: str
    right: str
    control: bool


def knowledge() -> tuple[Knowledge, ...]:
    """The questions in `data/knowledge.jsonl`."""
    lines = (files("kiki_core.debias.data") / "knowledge.jsonl").read_text("utf-8").splitlines()
    return tuple(Knowledge(**json.loads(line)) for line in lines if line.strip())


def scores(base: Attributing, asked: tuple[Knowledge, ...], tell: Callable[[str], None]) -> Array:
    """For each neuron its mean attribution to bias knowledge less that to plain knowledge; (layers, feed-forward)."""
    total: dict[bool, list[Array]] = {True: [], False: []}
    for number, one in enumerate(asked, 1):
        total[one.control].append(base.attribution(one.text, one.right, "no" if one.right == "yes" else "yes"))
        tell(f"{number}/{len(asked)} {one.text}")
    return np.asarray(np.mean(total[False], axis=0) - np.mean(total[True], axis=0))


def best(found: Array, count: int) -> dict[int, tuple[int, ...]]:
    """The neurons of the highest scores by layer; only positive ones.

    Raises:
        KikiError: if there is none.
    """
    order = np.argsort(found, axis=None)[::-1][:count]
    chosen: dict[int, list[int]] = {}
    for place in order:
        layer, neuron = divmod(int(place), found.shape[1])
        if found[layer, neuron] > 0:
            chosen.setdefault(layer, []).append(neuron)
    if not chosen:
        raise KikiError("no neuron speaks for the right answers", "name another base")
    return {layer: tuple(sorted(some)) for layer, some in sorted(chosen.items())}


def adapter(base: Attributing, chosen: Mapping[int, tuple[int, ...]], factor: float, known: Base) -> Adapter:
    """The amplification of these neurons by ``factor`` as an adapter of this base."""
    parts = [amplify(layer, base.down(layer), some, factor) for layer, some in chosen.items()]
    return Adapter({part.name: part for part in parts}, "hf", known.name, known.architecture)


def install(made: Adapter, known: Base, provenance: Mapping[str, object], replace: bool) -> store.Manifest:
    """Puts the adapter into the store.

    Raises:
        KikiError: if one is there and isn't to be replaced, or the disk refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        save(made, "peft", path, known)
        return store.install(path, NAME, known, replace=replace, provenance=provenance, source="kiki debias knowbias")


def composed(there: tuple[WeightedAdapter, ...], most: int, installed: bool) -> tuple[WeightedAdapter, ...]:
    """The experts' adapters with this one beside them.

    Raises:
        KikiError: where the backend takes no adapters, or none was built for the model.
    """
    if most < 1:
        raise KikiError("knowbias is unavailable: this backend takes no adapters", "set pipeline.knowbias = false")
    if not installed:
        raise KikiError("knowbias is unavailable: there is no such adapter of this base", "`kiki debias knowbias`")
    return (*there[: most - 1], WeightedAdapter(NAME, 1.0))
