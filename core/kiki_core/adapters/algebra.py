"""Exact sums of adapters, and the best approximation of a given rank.

``sum_i w_i s_i B_i A_i`` is one update with ``B = [w1 s1 B1 | w2 s2 B2 | …]`` and ``A = [A1; A2; …]``, of the sum of
the ranks. Averaging A and B apart would add cross terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiki_core.adapters.base import normal_name
from kiki_core.adapters.files import sound
from kiki_core.adapters.model import Adapter, Doubles, Module, single
from kiki_core.errors import KikiError

RELATIVE = 1e-6
"""Singular values below this share of the largest are rounding, not rank (factors are float32 at best)."""
_ORTHONORMAL = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Update:
    """The singular value decomposition of one dW: ``u @ diag(s) @ v.T``, of its numerical rank."""

    u: Doubles
    s: Doubles
    v: Doubles

    @property
    def norm(self) -> float:
        """The Frobenius norm."""
        return float(np.linalg.norm(self.s))


def update_of(module: Module) -> Update:
    """The SVD of a module's dW through thin QR of both factors; dW itself is never formed.

    Raises:
        KikiError: if the factors don't fit or hold infinite numbers.
    """
    a, b = module.factors()
    if not (np.isfinite(a).all() and np.isfinite(b).all() and math.isfinite(module.scale)):
        raise KikiError(f"{module.name} holds numbers that aren't finite", "`kiki adapters health` tells all")
    q_b, r_b = thin_qr(b)
    q_a, r_a = thin_qr(a.T)
    with np.errstate(over="ignore", invalid="ignore"):
        core = module.scale * (r_b @ r_a.T)
    if not np.isfinite(core).all():
        raise KikiError(f"{module.name} is too large to compute with", "`kiki adapters health` tells all")
    u, s, vt = np.linalg.svd(core)
    kept = int((s > RELATIVE * s[0]).sum()) if s[0] > 0 else 0
    return Update(q_b @ u[:, :kept], s[:kept], q_a @ vt[:kept].T)


def thin_qr(tall: Doubles) -> tuple[Doubles, Doubles]:
    """``tall = Q R`` with orthonormal columns of Q, which LAPACK computes only where it must.

    Two rounds of Cholesky (Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, 2015) on columns of norm 1 are products of
    matrices: ten to fifty times as fast as Householder's reflections. The result is checked; columns too near to
    dependent go to LAPACK.
    """
    norms = np.linalg.norm(tall, axis=0)
    if tall.shape[0] >= tall.shape[1] and norms.all():
        q, r = tall / norms, np.diag(norms)
        try:
            for _ in range(2):
                upper = np.linalg.cholesky(q.T @ q).T
                q, r = q @ np.linalg.inv(upper), upper @ r
        except np.linalg.LinAlgError:
            pass
        else:
            if np.abs(q.T @ q - np.eye(q.shape[1])).max() < _ORTHONORMAL:
                return q, r
    found = np.linalg.qr(tall)
    return found.Q, found.R


def compose(parts: Sequence[tuple[Adapter, float]]) -> Adapter:
    """The weighted sum of adapters of one order of heads, as one adapter whose scaling is 1 everywhere.

    Raises:
        KikiError: if nothing is given, weights aren't finite, modules differ in size, or numbers aren't finite.
    """
    if not parts:
        raise KikiError("nothing to compose", "name adapters with weights: A:0.7 B:0.3")
    first = parts[0][0]
    if any(adapter.order != first.order for adapter, _ in parts):
        raise KikiError("the adapters have their heads in different orders", "give --base")
    names = {normal_name(adapter.base_name) for adapter, _ in parts if adapter.base_name}
    if len(names) > 1:
        raise KikiError(f"the adapters are for {' and '.join(sorted(names))}", "compose those of one base")
    if not all(math.isfinite(weight) for _, weight in parts):
        raise KikiError("a weight isn't finite", "weights are numbers such as 0.7")
    found = sorted({name for adapter, _ in parts for name in sound(adapter).modules})
    modules = {}
    for name in found:
        owners = [(adapter.modules[name], weight) for adapter, weight in parts if name in adapter.modules]
        modules[name] = _joined(name, owners)
    return replace(first, modules=modules, notes=_all(adapter.notes for adapter, _ in parts), facts={})


def _joined(name: str, owners: Sequence[tuple[Module, float]]) -> Module:
    factors = []
    for module, weight in owners:
        a, b = module.factors()
        if not (np.isfinite(a).all() and np.isfinite(b).all()):
            raise KikiError(f"{name} holds numbers that aren't finite", "`kiki adapters health` tells all")
        factors.append((a, weight * module.scale * b))
    sizes = {(b.shape[0], a.shape[1]) for a, b in factors}
    if len(sizes) > 1:
        told = " and ".join(f"{out} x {into}" for out, into in sorted(sizes))
        raise KikiError(f"{name} is {told}", "these adapters belong to different base models")
    wide = single(np.concatenate([b for _, b in factors], axis=1))
    if not np.isfinite(wide.bits).all():
        raise KikiError(f"{name}: weight and scaling exceed float32", "choose smaller weights")
    return Module(name, single(np.concatenate([a for a, _ in factors], axis=0)), wide, 1.0)


def _all(notes: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(note for some in notes for note in some))


def uniform(adapter: Adapter) -> Adapter:
    """The same updates with one rank everywhere, filled up with zeros: vLLM and MLX know only one rank an adapter."""
    rank = adapter.rank
    return replace(adapter, modules={name: _filled(module, rank) for name, module in adapter.modules.items()})


def _filled(module: Module, rank: int) -> Module:
    if module.rank == rank:
        return module
    a, b = module.factors()
    # The scaling stays, so that alpha follows the rank.
    more = rank - module.rank
    return replace(module, a=single(np.pad(a, ((0, more), (0, 0)))), b=single(np.pad(b, ((0, 0), (0, more)))))


@dataclass(frozen=True, slots=True, eq=False)
class Recompressed:
    """An adapter of limited rank, and the relative error ``|dW - dW'| / |dW|`` (Frobenius), of all and by module."""

    adapter: Adapter
    error: float
    errors: Mapping[str, float]


def recompress(adapter: Adapter, rank: int) -> Recompressed:
    """The best approximation with at most this rank in each module (Eckart and Young, 1936), by QR and SVD.

    Modules within the limit stay as they are.

    Raises:
        KikiError: for a limit below 1, or numbers that aren't finite.
    """
    if rank < 1:
        raise KikiError(f"a rank of {rank}", "the least is 1")
    modules, errors = {}, {}
    lost = whole = 0.0
    for name, module in sound(adapter).modules.items():
        update = update_of(module)
        whole += update.norm**2
        if module.rank <= rank:
            modules[name], errors[name] = module, 0.0
            continue
        root = np.sqrt(update.s[:rank])
        b, a = update.u[:, :rank] * root, (update.v[:, :rank] * root).T
        if not len(root):  # dW is zero: rank 1 of zeros
            b, a = np.zeros((b.shape[0], 1)), np.zeros((1, a.shape[1]))
        modules[name] = Module(name, single(a), single(b), 1.0)
        tail = float(np.linalg.norm(update.s[rank:]))
        errors[name] = tail / update.norm if update.norm else 0.0
        lost += tail**2
    error = math.sqrt(lost / whole) if whole else 0.0
    return Recompressed(replace(adapter, modules=modules, facts={}), error, errors)
