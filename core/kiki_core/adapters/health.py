"""Whether an adapter does what it should: every module's factors there, finite, fitting, not zero, of a usual size."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from kiki_core.adapters.base import Base
from kiki_core.adapters.model import Adapter, Doubles, Module

_OUTLYING = 8.0
_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class ModuleHealth:
    """One module: its norm ``|dW|`` (null if there is none), and what is wrong with it (null: nothing).

    ``warning``: an unusual norm, which makes no adapter unhealthy by itself.
    """

    name: str
    ok: bool
    norm: float | None
    problem: str | None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All modules, in the order of their names."""

    modules: tuple[ModuleHealth, ...]
    rank: int
    notes: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every module is."""
        return bool(self.modules) and all(module.ok for module in self.modules)

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        return {
            "ok": self.ok,
            "rank": self.rank,
            "notes": list(self.notes),
            "modules": [asdict(module) for module in self.modules],
        }


def health(adapter: Adapter, base: Base | None = None) -> Health:
    """Looks at every module; against the base's sizes too if it is given."""
    found = [_module(adapter.modules[name], base) for name in sorted(adapter.modules)]
    return Health(tuple(_outliers(found)), adapter.rank, adapter.notes)


def _module(module: Module, base: Base | None) -> ModuleHealth:
    def ill(problem: str) -> ModuleHealth:
        return ModuleHealth(module.name, False, None, problem)

    if problem := module.misfit():
        return ill(problem)
    a, b = module.factors()
    for name, factor in (("lora_A", a), ("lora_B", b)):
        if not np.isfinite(factor).all():
            return ill(f"{name} holds {int(np.count_nonzero(~np.isfinite(factor)))} numbers that aren't finite")
    for name, factor in (("lora_A", a), ("lora_B", b)):
        if not factor.any():
            return ill(f"{name} is zero: the module was never trained")
    if not math.isfinite(module.scale) or module.scale == 0:
        return ill(f"the scaling is {module.scale}")
    if base is not None and (problem := misfit(module, base)):
        return ill(problem)
    norm = _norm(module.scale, a, b)
    if not math.isfinite(norm) or norm > float(np.finfo(np.float32).max):
        return ill("the update exceeds float32")
    return ModuleHealth(module.name, norm > 0, norm, None if norm > 0 else "A and B cancel out: the update is zero")


def misfit(module: Module, base: Base) -> str:
    """How the module's size contradicts the base; empty if it doesn't."""
    if not base.has(module.name):
        return f"{base.name or base.architecture} has no such module"
    assert module.a is not None
    assert module.b is not None
    have = (module.b.shape[0], module.a.shape[1])
    for side, mine, wanted in zip(("rows", "columns"), have, base.expected(module.name), strict=True):
        if wanted is not None and mine != wanted:
            return f"{mine} {side}, the base has {wanted}"
    return ""


def _norm(scale: float, a: Doubles, b: Doubles) -> float:
    """``|scale B A|`` by ``sum((B^T B) * (A A^T))``."""
    with np.errstate(over="ignore", invalid="ignore"):
        square = float(((b.T @ b) * (a @ a.T)).sum())
    return abs(scale) * math.sqrt(max(square, 0.0)) if not math.isnan(square) else math.inf


def _outliers(found: list[ModuleHealth]) -> list[ModuleHealth]:
    """Names the norms that lie far from their kind's: by the median and the median deviation of logarithms."""
    kinds: dict[str, list[float]] = {}
    for one in found:
        if one.norm:
            kinds.setdefault(one.name.rpartition(".")[2], []).append(math.log(one.norm))
    told = []
    for one in found:
        logs = kinds.get(one.name.rpartition(".")[2], [])
        if one.norm and len(logs) >= _ENOUGH:
            middle = float(np.median(logs))
            deviation = max(1.4826 * float(np.median(np.abs(np.array(logs) - middle))), 0.1)
            ratio = math.exp(math.log(one.norm) - middle)
            if abs(math.log(ratio)) > _OUTLYING * deviation:
                kind = one.name.rpartition(".")[2]
                warning = f"norm {one.norm:.3g} is {ratio:.3g} times the median of {kind}"
                one = ModuleHealth(one.name, one.ok, one.norm, one.problem, warning)
        told.append(one)
    return told
