"""What training a base takes of memory, and what this machine has: told before anything is loaded.

Bytes for weights are exact. For the rest: 16 a trained number (float32 value, gradient, Adam's two means), three
float32 copies of a batch's logits, and of each token in each layer that gradients pass what the layer keeps for them:
eight vectors of the hidden size, two of attention's width, four of the feed-forward's. The allocator's share is fitted
to the published peak of the 35 B base: 107 GB at rank 16, sequence 2048.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.training.recipes import Recipe

if TYPE_CHECKING:
    from kiki_core.adapters.base import Base

GB = 1_000_000_000
_RUNTIME = {"torch": 0.7 * GB, "mlx": 0.3 * GB}
"""Interpreter and libraries."""
_ALLOCATOR = 1.28
_PER_TRAINED = 16
_PER_LOGIT = 12
_EXPERTS_A_TOKEN = 9
"""Eight and a shared one, as in the 35 B base; what others have differs little."""
_CONTROL_GROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True, slots=True)
class Size:
    """What of a base decides on memory. ``inner``: rows of the feed-forward that a token passes."""

    parameters: int
    blocks: int
    hidden: int
    vocabulary: int
    inner: int
    attention: int
    """Rows of q, k and v together."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Bytes, by what takes them."""

    weights: float
    adapter: float
    activations: float
    logits: float
    runtime: float

    @property
    def total(self) -> float:
        """All together, with the allocator's share."""
        return _ALLOCATOR * (self.weights + self.adapter + self.activations + self.logits) + self.runtime

    def to_json(self) -> dict[str, float]:
        """In GB (10^9 bytes)."""
        parts = ("weights", "adapter", "activations", "logits", "runtime", "total")
        return {f"{name}_gb": round(getattr(self, name) / GB, 2) for name in parts}


def estimate(size: Size, recipe: Recipe, engine: str, weight_bytes: float, number_bytes: int) -> Estimate:
    """What a training takes at its peak. ``weight_bytes``: of all weights; ``number_bytes``: of an activation."""
    layers = min(recipe.layers, size.blocks)
    trained = layers * sum(recipe.rank * _rows(module, size) for module in recipe.modules)
    tokens = recipe.batch * recipe.sequence
    kept = 8 * size.hidden + 2 * size.attention + 4 * size.inner
    return Estimate(
        weight_bytes,
        _PER_TRAINED * trained,
        tokens * layers * kept * number_bytes,
        tokens * size.vocabulary * _PER_LOGIT,
        _RUNTIME[engine],
    )


def _rows(module: str, size: Size) -> int:
    """Rows of A's input and B's output, roughly: what a rank costs in numbers."""
    if module.startswith("mlp."):
        return size.hidden + size.inner
    return 2 * size.hidden if module.endswith(("o_proj", "out_proj")) else size.hidden + size.attention


def size_of(base: Base, weights: Path) -> Size:
    """The size of a base whose weights are here.

    Raises:
        KikiError: if the file doesn't tell.
    """
    attention = base.embedding + 2 * base.embedding // max(1, base.heads) * base.kv_heads
    if base.shapes:
        vocabulary = max(base.shapes.get("token_embd.weight", (0,)))
        parameters = sum(math.prod(shape) for shape in base.shapes.values())
    else:
        vocabulary = _vocabulary(weights)
        block = base.embedding * (attention + base.embedding + 3 * base.feed_forward * max(1, base.experts))
        parameters = 2 * vocabulary * base.embedding + base.blocks * block
    inner = base.feed_forward * (min(base.experts, _EXPERTS_A_TOKEN) or 1)
    return Size(parameters, base.blocks, base.embedding, vocabulary, inner, attention)


def size_from(table: Mapping[str, Any]) -> Size:
    """The size of a known base that isn't here."""
    keys = ("parameters", "blocks", "hidden", "vocabulary", "inner", "attention")
    return Size(**{key: int(table[key]) for key in keys})


def _vocabulary(folder: Path) -> int:
    import json

    try:
        config = json.loads((folder / "config.json").read_bytes())
        return int(config.get("text_config", config)["vocab_size"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KikiError(f"{folder}/config.json doesn't tell its vocab_size", "name another base") from error


def available() -> float:
    """Bytes of memory that this machine can still give to a process, its control group's limit counted in."""
    free = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    try:
        told = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
        free = min(free, 1024.0 * int(told[1])) if told else free
    except OSError:
        pass  # not Linux: what there is in all
    for place in _CONTROL_GROUPS:
        try:
            free = min(free, float(Path(place).read_text()))
        except (OSError, ValueError):
            continue  # no such group, or "max"
    return free


def refuse_if_too_large(needed: Estimate, free: float, where: str) -> None:
    """Raises KikiError with the numbers if a training can't fit."""
    if needed.total > free:
        told = needed.to_json()
        raise KikiError(
            f"training needs about {needed.total / GB:.1f} GB (weights {told['weights_gb']}, activations "
            f"{told['activations_gb']}, logits {told['logits_gb']}, adapter {told['adapter_gb']}); {where} has "
            f"{free / GB:.1f} GB free",
            "take a smaller base, --sequence, --batch or --rank, or a larger machine",
        )
