"""What the formats demand of several modules together: one scaling for all, and experts in a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from kiki_core.adapters.model import NUMPY, Adapter, Module, Tensor, single
from kiki_core.errors import KikiError


def one_scale(adapter: Adapter, measure: Callable[[Module], float]) -> tuple[Adapter, list[str]]:
    """The adapter if all its modules agree in ``measure``; else with scalings of 1, and what was changed for that."""
    measures = {measure(module) for module in adapter.modules.values()}
    if len(measures) <= 1:
        return adapter, []
    return unscaled(adapter), ["the modules' scalings differ: each was multiplied into B, as float32"]


def unscaled(adapter: Adapter) -> Adapter:
    """The same updates with a scaling of 1 everywhere, the former scaling multiplied into B as float32."""
    return replace(adapter, modules={name: _unscaled(module) for name, module in adapter.modules.items()})


def _unscaled(module: Module) -> Module:
    if module.scale == 1.0 or module.b is None:
        return replace(module, scale=1.0)
    return replace(module, b=single(module.scale * module.b.doubles()), scale=1.0)


def stacked(
    adapter: Adapter, places: Mapping[str, tuple[str, int | None]], experts: int
) -> tuple[dict[str, tuple[Tensor, Tensor, bool]], list[str]]:
    """The factors by the target's names, experts of one name in a stack; and what was changed.

    An expert without an update gets zeros; a smaller rank than the others' is filled up with zeros: the updates stay.
    """
    found: dict[str, tuple[Tensor, Tensor, bool]] = {}
    groups: dict[str, dict[int, Module]] = {}
    notes = []
    for name, module in adapter.modules.items():
        key, expert = places[name]
        if expert is None:
            assert module.a is not None
            assert module.b is not None
            found[key] = (module.a, module.b, False)
        else:
            groups.setdefault(key, {})[expert] = module
    for key, group in groups.items():
        count = max(experts, max(group) + 1)
        found[key] = (*_stack(group, count), True)
        if len(group) < count:
            notes.append(f"{key}: zeros for {count - len(group)} of {count} experts")
    return found, notes


def _stack(group: Mapping[int, Module], count: int) -> tuple[Tensor, Tensor]:
    sides = []
    rank = max(module.rank for module in group.values())
    for which in ("a", "b"):
        tensors = {number: getattr(module, which) for number, module in group.items()}
        shapes = {t.shape[1] if which == "a" else t.shape[0] for t in tensors.values()}
        if len(shapes) != 1:
            raise KikiError("the experts of one layer differ in size", "the file is damaged")
        size = shapes.pop()
        shape = (rank, size) if which == "a" else (size, rank)
        dtypes = {t.dtype for t in tensors.values()}
        if len(dtypes) > 1:
            tensors = {number: single(t.doubles()) for number, t in tensors.items()}
            dtypes = {"F32"}
        dtype = dtypes.pop()
        bits = np.zeros((count, *shape), dtype=NUMPY[dtype])
        for number, tensor in tensors.items():
            bits[number, : tensor.shape[0], : tensor.shape[1]] = tensor.bits
        sides.append(Tensor(dtype, bits))
    return sides[0], sides[1]
