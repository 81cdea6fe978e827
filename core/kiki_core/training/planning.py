"""What a training would do, before anything is loaded: its recipe, base, engine, data, and memory."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core import paths
from kiki_core.errors import KikiError
from kiki_core.training import memory
from kiki_core.training.engine import EngineName
from kiki_core.training.preparing import Prepared, prepared
from kiki_core.training.recipes import LARGE_HIDDEN, Kind, Recipe, known_bases, recipe

if TYPE_CHECKING:
    from kiki_core.adapters.base import Base
    from kiki_core.config import Config

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asks for. Empty and null: by the configuration and the recipe."""

    domain: str
    base: str = ""
    data: Path | None = None
    engine: EngineName | None = None
    name: str = ""
    threads: int = 0
    changes: Mapping[str, Any] = field(default_factory=dict)
    evaluations: Sequence[Path] = ()
    licences: Sequence[str] = ()
    reads: bool = True
    """Whether to read the data."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One training. ``weights`` null: they aren't here; ``base`` null: only its size is known."""

    name: str
    recipe: Recipe
    kind: Kind
    engine: EngineName
    base_name: str
    base: Base | None
    weights: Path | None
    estimate: memory.Estimate
    free: float | None
    """Bytes of this machine's memory; null where the training uses a device of its own."""
    data: Prepared | None
    data_file: Path
    threads: int

    @property
    def folder(self) -> Path:
        """Where checkpoints, log and card lie."""
        return paths.home() / "training" / self.name

    @property
    def identity(self) -> str:
        """Equal for trainings of which one can go on with the other's checkpoint."""
        assert self.base is not None
        told = [_FORMAT, self.recipe.to_json(), self.engine, self.base.fingerprint, self.data and self.data.sha256]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def job(self) -> dict[str, Any]:
        """What the process that trains is told."""
        assert self.base is not None
        return {
            "engine": self.engine,
            "weights": str(self.weights),
            "base_name": self.base.name,
            "architecture": self.base.architecture,
            "blocks": self.base.blocks,
            "recipe": self.recipe.to_json(),
            "folder": str(self.folder),
            "identity": self.identity,
            "threads": self.threads,
            "estimate": asdict(self.estimate),
        }

    def to_json(self) -> dict[str, Any]:
        """As `--dry-run` shows it."""
        return {
            "name": self.name,
            "recipe": self.recipe.to_json(),
            "kind": self.kind,
            "engine": self.engine,
            "base": self.base_name,
            "weights": str(self.weights) if self.weights else None,
            "memory": self.estimate.to_json(),
            "free_gb": None if self.free is None else round(self.free / memory.GB, 2),
            "fits": self.free is None or self.estimate.total <= self.free,
            "data_file": str(self.data_file),
            "data": self.data and self.data.to_json(),
            "folder": str(self.folder),
        }


def without_data(wanted: Wanted) -> Wanted:
    """The same wish for a plan that reads no data: for lists of many."""
    return replace(wanted, data=None, reads=False)


def data_file(domain: str) -> Path:
    """Where `kiki data build` puts a domain's pairs."""
    return paths.home() / "data" / domain / "pairs.jsonl"


def plan(wanted: Wanted, config: Config) -> Plan:
    """The plan of a training; data may be missing from it, not wrong.

    Raises:
        KikiError: for an unknown domain or base, or data that can't be used.
    """
    from kiki_core.adapters.base import normal_name

    recipe(wanted.domain, "small")  # an unknown domain comes first
    base_name = wanted.base or (config.backend.model if config.backend.kind == "mlx" else config.models.name)
    known = known_bases().get(normal_name(base_name))
    if known is not None and not Path(base_name).exists():
        return _far(wanted, normal_name(base_name), known)
    base, weights = located(base_name)
    size = memory.size_of(base, weights)
    kind: Kind = "large" if base.experts or base.embedding >= LARGE_HIDDEN else "small"
    chosen = recipe(wanted.domain, kind, wanted.changes)
    engine = wanted.engine or engine_for(weights, config)
    own_device = engine == "torch" and _has_cuda()
    if engine == "mlx" and weights.is_dir():
        weight_bytes = sum(float(file.stat().st_size) for file in weights.glob("*.safetensors"))
    else:
        weight_bytes = size.parameters * (2.0 if own_device else 4.0)
    needed = memory.estimate(size, chosen, engine, weight_bytes, 2 if own_device or engine == "mlx" else 4)
    file = wanted.data or data_file(wanted.domain)
    there = wanted.reads and (wanted.data is not None or file.exists())
    return Plan(
        wanted.name or wanted.domain, chosen, kind, engine, base.name, base, weights, needed,
        None if own_device else memory.available(),
        prepared(file, chosen, wanted.evaluations, wanted.licences) if there else None, file, wanted.threads,
    )  # fmt: skip


def _far(wanted: Wanted, name: str, known: Mapping[str, Any]) -> Plan:
    """For a base whose weights aren't here: in bfloat16, as it was published."""
    chosen = recipe(wanted.domain, known["recipe"], wanted.changes)
    size = memory.size_from(known)
    needed = memory.estimate(size, chosen, wanted.engine or "mlx", 2.0 * size.parameters, 2)
    file = wanted.data or data_file(wanted.domain)
    return Plan(
        wanted.name or wanted.domain, chosen, known["recipe"], wanted.engine or "mlx", name, None, None, needed,
        memory.available(), None, file, wanted.threads,
    )  # fmt: skip


def located(base_name: str) -> tuple[Base, Path]:
    """A base and its weights: a file, or a folder.

    Raises:
        KikiError: if they aren't here.
    """
    from kiki_core.adapters.base import base_of
    from kiki_core.backends.llamacpp import weights_path
    from kiki_core.models import MODELS

    base = base_of(base_name)
    if base_name in MODELS:
        found = weights_path(base_name)
        assert found is not None
        return base, found
    path = Path(base_name).expanduser().absolute()
    return base, path.parent if path.name == "config.json" else path


def engine_for(weights: Path, config: Config) -> EngineName:
    """What the weights and this machine are for: MLX for folders on a Mac or where torch is missing."""
    torch = find_spec("torch") is not None and find_spec("peft") is not None
    mlx = find_spec("mlx_lm") is not None and weights.is_dir()
    if mlx and (config.backend.kind == "mlx" or sys.platform == "darwin" or not torch):
        return "mlx"
    return "torch"


def _has_cuda() -> bool:
    """Without importing torch, which takes seconds: the worker looks again."""
    return os.path.exists("/proc/driver/nvidia/version")


def ready(one: Plan) -> None:
    """Raises KikiError if this training can't begin: for memory first, then for what is missing."""
    if one.free is not None:
        memory.refuse_if_too_large(one.estimate, one.free, "this machine")
    if one.weights is None:
        raise KikiError(f"the weights of {one.base_name} aren't here", "name their folder with --base")
    packages = ("torch", "transformers", "peft", "gguf") if one.engine == "torch" else ("mlx", "mlx_lm")
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        extra = "train" if one.engine == "torch" else "mlx"
        raise KikiError(f"{', '.join(missing)} not installed", f"pip install 'micro-kiki[{extra}]'")
    if one.engine == "mlx" and not one.weights.is_dir():
        raise KikiError(f"mlx-lm loads folders, not {one.weights.name}", "name one with --base, or --engine torch")
    if one.data is None:
        raise KikiError(f"there is no {one.data_file}", f"`kiki data build {one.recipe.domain}`, or --data FILE")
