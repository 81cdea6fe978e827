"""How much two adapters work in the same directions: angles between their updates, per module and over all.

The angle of a module is the smallest principal angle between the column spaces of dW1 and dW2 (Björck and Golub, 1973):
the singular values of ``Q1^T Q2`` are the cosines. dW counts, not its factors: ``B R`` and ``R^-1 A`` make the same
update.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kiki_core.adapters.algebra import Update, update_of
from kiki_core.adapters.files import sound
from kiki_core.adapters.model import Adapter
from kiki_core.errors import KikiError

_DRAWS = 64
_SEED = 1


@dataclass(frozen=True, slots=True)
class ModuleAngle:
    """One module that both adapters update. Angles in degrees."""

    name: str
    angle_deg: float
    cosine: float
    """``<dW1, dW2> / (|dW1| |dW2|)``, from -1 to 1."""
    null_deg: float
    """The mean angle between random subspaces of the same sizes."""
    excess_deg: float
    """``null_deg - angle_deg``: how much closer than chance."""
    energy: float
    """``|dW1| |dW2|``: the weight in the mean."""


@dataclass(frozen=True, slots=True)
class Angles:
    """All shared modules; ``max``, ``p95``, ``min`` and the energy-weighted mean of their angles, in degrees."""

    modules: tuple[ModuleAngle, ...]
    max: float
    p95: float
    min: float
    weighted_mean: float
    null_mean: float
    """The energy-weighted mean of ``null_deg``."""
    cosine: float
    """The cosine of the whole updates, all modules taken as one vector."""

    def to_json(self) -> dict[str, Any]:
        """As the contract has it, rounded to a millionth of a degree."""
        shown = asdict(self)
        shown["excess"] = self.null_mean - self.weighted_mean
        return {key: value if key == "modules" else round(value, 6) for key, value in shown.items()} | {
            "modules": [{k: v if k == "name" else round(v, 6) for k, v in one.items()} for one in shown["modules"]]
        }


def angles(first: Adapter, second: Adapter) -> Angles | None:
    """The angles of the modules that both update; null if they share none (then they can't meet).

    Raises:
        KikiError: if the adapters differ in order or size, or hold infinite numbers.
    """
    if first.order != second.order:
        raise KikiError("the adapters have their heads in different orders", "give --base")
    mine, theirs = _updates(first, second), _updates(second, first)
    found = [_angle(name, mine[name], theirs[name]) for name in sorted(mine.keys() & theirs.keys())]
    if not found:
        return None
    degrees = np.array([one.angle_deg for one in found])
    energy = np.array([one.energy for one in found])
    weights = energy / energy.sum() if energy.sum() > 0 else np.full(len(found), 1 / len(found))
    whole = math.sqrt(sum(u.norm**2 for u in mine.values())) * math.sqrt(sum(u.norm**2 for u in theirs.values()))
    inner = float((energy * np.array([one.cosine for one in found])).sum())
    return Angles(
        tuple(found),
        float(degrees.max()),
        float(np.percentile(degrees, 95)),
        float(degrees.min()),
        float(weights @ degrees),
        float(weights @ np.array([one.null_deg for one in found])),
        inner / whole if whole else 0.0,
    )


def _updates(adapter: Adapter, other: Adapter) -> Mapping[str, Update]:
    for name, module in sound(adapter).modules.items():
        if name in other.modules and module.misfit() == "":
            twin = other.modules[name]
            assert module.a is not None
            assert module.b is not None
            if twin.a and twin.b and (module.b.shape[0], module.a.shape[1]) != (twin.b.shape[0], twin.a.shape[1]):
                raise KikiError(f"{name} differs in size", "these adapters belong to different base models")
    return {name: update_of(module) for name, module in adapter.modules.items()}


def _angle(name: str, one: Update, other: Update) -> ModuleAngle:
    size, ranks = one.u.shape[0], (len(one.s), len(other.s))
    null = null_angle(size, *sorted(ranks))
    if not all(ranks):
        return ModuleAngle(name, 90.0, 0.0, null, null - 90.0, 0.0)
    overlap = one.u.T @ other.u
    energy = one.norm * other.norm
    inner = np.einsum("i,ij,j,ij->", one.s, overlap, other.s, one.v.T @ other.v)
    cosine = float(np.clip(inner / energy, -1.0, 1.0)) if energy else 0.0
    angle = _smallest(one.u, other.u, overlap)
    return ModuleAngle(name, angle, cosine, null, null - angle, energy)


def _smallest(q1: Any, q2: Any, overlap: Any) -> float:
    """The smallest principal angle; small ones by their sine, which keeps digits that the cosine loses."""
    _, cosines, right = np.linalg.svd(overlap)
    cosine = min(1.0, float(cosines[0]))
    if cosine < 0.7:
        return math.degrees(math.acos(cosine))
    direction = q2 @ right[0]
    sine = float(np.linalg.norm(direction - q1 @ (q1.T @ direction)))
    return math.degrees(math.asin(min(1.0, sine)))


@functools.lru_cache(maxsize=4096)
def null_angle(size: int, smaller: int, larger: int) -> float:
    """The mean smallest principal angle, in degrees, between random subspaces of ``size`` dimensions.

    The squared cosines are the eigenvalues of ``W1 (W1 + W2)^-1`` with Wishart matrices W1 and W2 of ``larger`` and
    ``size - larger`` degrees of freedom (Absil, Edelman and Koev, 2006), drawn by Bartlett's decomposition with a
    fixed seed.
    """
    if smaller == 0:
        return 90.0
    if smaller + larger > size:
        return 0.0
    random = np.random.default_rng(_SEED)
    found = []
    for _ in range(_DRAWS):
        first, second = _bartlett(smaller, larger, random), _bartlett(smaller, size - larger, random)
        w1, w2 = first @ first.T, second @ second.T
        lower = np.linalg.cholesky(w1 + w2)
        half = np.linalg.solve(lower, first)
        cosine = float(np.linalg.norm(half, 2))
        found.append(math.degrees(math.acos(min(1.0, cosine))))
    return float(np.mean(found))


def _bartlett(size: int, freedom: int, random: np.random.Generator) -> Any:
    """The lower triangle T of a Wishart matrix ``T T^T`` (Bartlett, 1933)."""
    triangle = np.tril(random.standard_normal((size, size)), -1)
    np.fill_diagonal(triangle, np.sqrt(random.chisquare(freedom - np.arange(size))))
    return triangle
