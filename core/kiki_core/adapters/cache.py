"""What can be worked out again from adapters: compositions and other layouts, the least recently used going first.

A composition's key is its adapters (SHA-256 of their weights) with their weights in steps of 1/64, the base's
fingerprint, the layout and the limit of rank; so neighbouring weights of a router share one file.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from kiki_core import paths
from kiki_core.adapters.algebra import compose, recompress, uniform
from kiki_core.adapters.base import Base
from kiki_core.adapters.files import Layout, open_adapter, save
from kiki_core.adapters.order import in_order
from kiki_core.adapters.store import fits, manifest, weights_of
from kiki_core.errors import KikiError

STEP = 1 / 64
"""Weights are rounded to whole steps: half a step at 0.7 is 1.1 %."""
MOST_BYTES = 2_000_000_000
_ENDINGS: dict[Layout, str] = {"gguf": ".gguf", "peft": "", "mlx": ""}


def quantised(weight: float) -> float:
    """The weight in whole steps."""
    return round(weight / STEP) * STEP


def composed(
    parts: Sequence[tuple[str, float]],
    base: Base,
    layout: Layout,
    most_rank: int | None = None,
    most_bytes: int = MOST_BYTES,
) -> Path | None:
    """The file or folder with the sum of installed adapters; null if all weights round to zero.

    Raises:
        KikiError: if one isn't installed, belongs to another base, or the disk refuses.
    """
    weights: dict[str, float] = {}
    for name, weight in parts:
        weights[name] = weights.get(name, 0.0) + weight
    steps = sorted((name, quantised(weight)) for name, weight in weights.items())
    steps = [(name, weight) for name, weight in steps if weight]
    if not steps:
        return None
    manifests = [manifest(name) for name, _ in steps]
    for one in manifests:
        fits(one, base)
    hashes = [one.sha256 for one in manifests]
    key = [list(zip(hashes, [weight for _, weight in steps], strict=True)), base.fingerprint, layout, most_rank]

    def make(out: Path) -> None:
        opened = [open_adapter(weights_of(one)).adapter for one in manifests]
        ordered = [in_order(each, opened[0].order, base) for each in opened]
        total = compose(list(zip(ordered, [weight for _, weight in steps], strict=True)))
        if most_rank is not None and total.rank > most_rank:
            total = recompress(total, most_rank).adapter
        save(uniform(total) if layout != "gguf" else total, layout, out, base)

    return _kept(json.dumps(key), _ENDINGS[layout], make, most_bytes)


def as_gguf(weights: Path, sha256: str, base: Base, most_bytes: int = MOST_BYTES) -> Path:
    """An adapter of any layout as llama.cpp takes it: the file itself, or its conversion.

    Raises:
        KikiError: if it can't be converted, or the disk refuses.
    """
    if weights.suffix == ".gguf":
        return weights
    key = json.dumps(["gguf", sha256, base.fingerprint])

    def make(out: Path) -> None:
        save(open_adapter(weights).adapter, "gguf", out, base)

    return _kept(key, ".gguf", make, most_bytes)


def _kept(key: str, ending: str, make: Callable[[Path], None], most_bytes: int) -> Path:
    root = paths.cache() / "adapters"
    try:
        root.mkdir(parents=True, exist_ok=True)
        path = root / (hashlib.sha256(key.encode()).hexdigest()[:32] + ending)
        with (root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                make(path)
            os.utime(path)
            _shrink(root, path, most_bytes)
    except OSError as error:
        raise KikiError(f"can't keep adapters in {root}: {error.strerror}", "free some space") from error
    return path


def _shrink(root: Path, spared: Path, most_bytes: int) -> None:
    """Lets the least recently used go until all fit; never the one just asked for."""
    found = list(root.iterdir())
    for path in [each for each in found if each.name.startswith(".") and each.name != ".lock"]:
        _discard(path)  # what a killed process left
    found = [path for path in found if not path.name.startswith(".")]
    sizes = {path: _size(path) for path in found}
    total = sum(sizes.values())
    for path in sorted(found, key=_used):
        if total <= most_bytes:
            return
        if path != spared:
            total -= sizes[path]
            _discard(path)


def _discard(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    total = 0
    for file in files:
        with contextlib.suppress(OSError):
            total += file.stat().st_size
    return total


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
