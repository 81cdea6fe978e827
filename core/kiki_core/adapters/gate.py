"""The forgetting gate: may a new adapter stay beside those that are there?

It goes when it works in the same directions as one of them (angle below 30 degrees) **and** the win rate on held-out
probes of the other domains drops by more than 3 points. Both are measured, always: where one can't be, there is no
decision but an error, and the adapter isn't admitted.

The win rate: each probe of a domain other than the new adapter's is answered twice, greedily: as before (with the
installed expert of the probe's domain, else the base alone), and with the new adapter added at full weight.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kiki_core.adapters.angles import Angles, angles
from kiki_core.adapters.model import Adapter
from kiki_core.adapters.probes import Probe
from kiki_core.adapters.scoring import passes
from kiki_core.backends.protocol import Backend, WeightedAdapter
from kiki_core.errors import KikiError

ANGLE_DEG = 30.0
DROP_POINTS = 3.0
_Z = 1.959964  # 95 %

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Below this angle (degrees) and above this drop (points of win rate) an adapter goes."""

    angle_deg: float = ANGLE_DEG
    drop_points: float = DROP_POINTS


@dataclass(frozen=True, slots=True, eq=False)
class Contender:
    """An adapter in the gate: its name in the backend, its domain (empty if unknown), its factors, its origin."""

    name: str
    domain: str
    adapter: Adapter
    weights: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One probe: whether it was passed before, and with the new adapter."""

    probe: Probe
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class Report:
    """The decision with all that it stands on."""

    decision: Literal["keep", "rollback"]
    angles: Mapping[str, Angles | None]
    """By prior adapter; null where no module is shared."""
    win_rate_drop: float
    """Points: 100 (before - after)."""
    interval: tuple[float, float]
    outcomes: tuple[Outcome, ...]
    thresholds: Thresholds
    facts: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """As the contract has it, and what else a reader wants to check."""
        count = len(self.outcomes)
        domains: dict[str, dict[str, int]] = {}
        for one in self.outcomes:
            row = domains.setdefault(one.probe.domain, {"probes": 0, "before": 0, "after": 0})
            row["probes"] += 1
            row["before"] += one.before
            row["after"] += one.after
        return {
            "decision": self.decision,
            "angles": {name: found and found.to_json() for name, found in self.angles.items()},
            "win_rate_drop": round(self.win_rate_drop, 3),
            "win_rate_drop_interval": [round(end, 3) for end in self.interval],
            "win_rate": {
                "before": sum(one.before for one in self.outcomes) / count,
                "after": sum(one.after for one in self.outcomes) / count,
                "probes": count,
            },
            "domains": domains,
            "lost": [one.probe.id for one in self.outcomes if one.before and not one.after],
            "won": [one.probe.id for one in self.outcomes if one.after and not one.before],
            "thresholds": {"angle_deg": self.thresholds.angle_deg, "drop_points": self.thresholds.drop_points},
            **self.facts,
        }


def decide(closest_deg: float | None, drop: float, thresholds: Thresholds) -> Literal["keep", "rollback"]:
    """The rule. ``closest_deg``: the smallest angle to a prior adapter, weighted over modules; null: there is none."""
    near = closest_deg is not None and closest_deg < thresholds.angle_deg
    return "rollback" if near and drop > thresholds.drop_points else "keep"


def drop_interval(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    """The 95 % interval of the drop in points, for pairs (Agresti and Min, 2005: half a pair added to each cell)."""
    count = len(outcomes) + 2
    lost = sum(one.before and not one.after for one in outcomes) + 0.5
    won = sum(one.after and not one.before for one in outcomes) + 0.5
    middle = (lost - won) / count
    half = _Z * math.sqrt(max(0.0, lost + won - (lost - won) ** 2 / count)) / count
    return 100 * max(-1.0, middle - half), 100 * min(1.0, middle + half)


async def judge(
    new: Contender,
    priors: Sequence[Contender],
    probes: Sequence[Probe],
    backend: Backend,
    thresholds: Thresholds,
    tell: Tell = lambda done, total: None,
) -> Report:
    """Measures angles and win rates, and decides.

    Raises:
        KikiError: if anything can't be measured: no probe of another domain, a backend without adapters, a model that
            can't answer, a missing tool, or probes of which not one was passed before.
    """
    held_out = [probe for probe in probes if probe.domain != new.domain]
    if not held_out:
        raise KikiError(f"no probe is of another domain than {new.domain}", "give more with --probes")
    if backend.capabilities.adapters < 2:
        raise KikiError(
            f"{backend.name} can't apply adapters: the win rate can't be measured", "set backend.kind = llamacpp"
        )
    found = {prior.name: angles(new.adapter, prior.adapter) for prior in priors}
    started = time.time()
    outcomes = await _outcomes(new, priors, held_out, backend, tell)
    before, after = (sum(getattr(one, when) for one in outcomes) for when in ("before", "after"))
    if not before:
        raise KikiError("not one probe was passed before: they measure nothing", "give easier ones with --probes")
    drop = 100 * (before - after) / len(outcomes)
    closest = min((one.weighted_mean for one in found.values() if one is not None), default=None)
    facts = {
        "closest_deg": None if closest is None else round(closest, 6),
        "new": {"name": new.name, "domain": new.domain, "sha256": new.sha256},
        "priors": [{"name": prior.name, "domain": prior.domain, "sha256": prior.sha256} for prior in priors],
        "probes_sha256": _digest(held_out),
        "model": backend.name,
        "time": round(started),
        "elapsed_s": round(time.time() - started, 1),
    }
    decision = decide(closest, drop, thresholds)
    return Report(decision, found, drop, drop_interval(outcomes), tuple(outcomes), thresholds, facts)


async def _outcomes(
    new: Contender, priors: Sequence[Contender], probes: Sequence[Probe], backend: Backend, tell: Tell
) -> list[Outcome]:
    """All probes before, then all after, each sorted by the adapters in use: changing those costs the cached prompt."""
    experts = {
        probe.id: tuple(WeightedAdapter(prior.name, 1.0) for prior in priors if prior.domain == probe.domain)
        for probe in probes
    }
    ordered = sorted(probes, key=lambda probe: [one.name for one in experts[probe.id]])
    passed: dict[bool, dict[str, bool]] = {False: {}, True: {}}
    done = 0
    for with_new, results in passed.items():
        added = (WeightedAdapter(new.name, 1.0),) if with_new else ()
        for probe in ordered:
            results[probe.id] = await passes(probe, (*experts[probe.id], *added), backend)
            done += 1
            tell(done, 2 * len(ordered))
    return [Outcome(probe, passed[False][probe.id], passed[True][probe.id]) for probe in probes]


def _digest(probes: Sequence[Probe]) -> str:
    return hashlib.sha256("\n".join(f"{p.id}\t{p.prompt}\t{p.check}" for p in probes).encode()).hexdigest()
