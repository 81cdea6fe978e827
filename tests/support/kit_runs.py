"""Runs of design kits, for tests: fitted for real by ngspice, checked by our own analysis too."""

import math
import random

from kiki_tools.language import Workspace
from kiki_tools.spice import ngspice
from kiki_tools.spice.kits import load
from kiki_tools.spice.kits.fitting import Budget, Fitted, fitted
from kiki_tools.spice.kits.model import Kit
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Snapshot

_PATIENT = Budget(runs=15, seconds=120.0)
"""No limit of time that a busy machine could reach: tests don't depend on it."""


async def fit(name: str, **plan: float | str) -> Fitted:
    """The plan fitted by the kit of a name."""
    return await fitted(load(name), plan, budget=_PATIENT)


def complaints(text: str) -> list[str]:
    """What our own analysis has against a deck: errors and warnings."""
    found = SPICE.diagnostics(Snapshot(text, "/kit.cir"), Workspace({}))
    return [f"{each.code} {each.message}" for each in found if each.severity in ("error", "warning")]


async def simulated(text: str) -> ngspice.Simulation:
    """The deck, run once more as a user would."""
    return await ngspice.simulate(Snapshot(text, "/kit.cir"))


def random_plan(kit: Kit, seed: int) -> dict[str, float | str]:
    """A plan near the kit's defaults, or in the middle of what its slots allow.

    Every second optional slot is filled, and those of which a kit needs one.
    """
    rng = random.Random(f"{kit.name} {seed}")
    plan: dict[str, float | str] = {}
    for slot in kit.slots:
        needed = slot.required or slot.name in ("gain", "f_unity", "vac", "corner")
        if slot.name in ("gain_db", "time_constant", "tolerance") or (not needed and rng.random() < 0.5):
            continue
        if slot.choices:
            plan[slot.name] = rng.choice(slot.choices)
            continue
        least, most = slot.least or 1e-3, slot.most or 1e9
        least = max(least, 1e-3)
        low, high = math.log(least), math.log(most)
        if isinstance(slot.default, float | int) and slot.default > 0:
            low, high = max(low, math.log(slot.default / 3)), min(high, math.log(slot.default * 3))
        else:
            third = (high - low) / 3
            low, high = low + third, high - third
        plan[slot.name] = float(f"{math.exp(rng.uniform(low, high)):.3g}")
    return plan
