"""Passive two-way loudspeaker crossovers into resistive drivers.

Each way is a ladder fed from a voltage source. Butterworth ways are 3 dB down at the crossover, Linkwitz-Riley ways 6
dB, where their poles are a Butterworth's of half the order, twice (S. H. Linkwitz, J. Audio Eng. Soc. 24, 1976).
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import measures, reactive
from kiki_tools.spice.kits.ladder import singly
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, Wanted, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.prototypes import Prototype, prototype
from kiki_tools.spice.kits.reactive import C_SLOT, L_SLOT
from kiki_tools.spice.kits.sweep import swept


def _crossover(plan: dict[str, Any]) -> Design:
    f, order, response = plan["crossover_hz"], plan["order"], plan["response"]
    if order != int(order):
        raise Impossible(f"the order is a whole number, not {order:g}")
    order = int(order)
    if response == "linkwitz-riley" and order % 2:
        raise Impossible("a Linkwitz-Riley crossover has order 2 or 4", {"order": order + 1})
    proto = _prototype(response, order)
    down = proto.loss_db(1.0)
    values = singly(proto)
    woofer, tweeter = plan["woofer_ohm"], plan.get("tweeter_ohm") or plan["woofer_ohm"]
    parts, variables = [], []
    for way, ohm in (("low", woofer), ("high", tweeter)):
        more, its = _way(way, values, f, ohm, plan)
        parts += more
        variables += its
    part = plan["tolerance"] / 100 * f
    taken, wanted = [], []
    for way, edge in (("low", "fall"), ("high", "rise")):
        far = f / 90 if way == "low" else f * 90
        taken += [measures.level(f"{way}_pass_db", far, way), measures.crossing(f"f_{way}", -down, f, edge, way)]
        name = {"low": "woofer", "high": "tweeter"}[way]
        wanted += [Wanted(f"{name} level in its band", f"{way}_pass_db", "=", 0.0, "dB", 0.5),
                   Wanted(f"{name} -{down:.0f} dB frequency", f"f_{way}", "=", f, "Hz", part)]  # fmt: skip
    title = f"{response.title()} crossover, order {order}, {shown(f, 'Hz')}, {shown(woofer, 'ohm')}"
    return swept(title, Network(tuple(parts)), variables, taken, wanted, f / 100, f * 100)


def _prototype(response: str, order: int) -> Prototype:
    if response == "butterworth":
        return prototype("butterworth", order)
    half = prototype("butterworth", order // 2)
    return Prototype("linkwitz-riley", order, tuple(pole for pole in half.poles for _ in range(2)))


def _way(
    way: str, values: list[float], f: float, ohm: float, plan: dict[str, Any]
) -> tuple[list[Part], list[Variable]]:
    w, prefix = 2 * math.pi * f, way[0]
    parts, variables, at = [], [], "in"
    last = (len(values) - 1) // 2 * 2
    for n, g in enumerate(values):
        in_series = n % 2 == 0
        after = (way if n == last else f"{prefix}{n + 1}") if in_series else "0"
        inductive = in_series == (way == "low")
        scaled = g if way == "low" else 1 / g
        name = f"{'L' if inductive else 'C'}{prefix}{n + 1}"
        value = scaled * ohm / w if inductive else scaled / (ohm * w)
        make, slot = (reactive.inductor, "inductors") if inductive else (reactive.capacitor, "capacitors")
        variables.append(make(name, value, plan.get(slot) or "E24", None if plan.get(slot) else "E96"))
        parts.append(Part(name, (at, after), name))
        at = after if in_series else at
    parts.append(Part(f"R{way}", (way, "0"), ohm))
    return parts, variables


CROSSOVER = Kit(
    "crossover",
    "loudspeaker crossover",
    "A passive two-way crossover: outputs low (woofer) and high (tweeter)",
    (
        Slot("crossover_hz", "Hz", "crossover frequency", required=True, least=50.0, most=20e3),
        Slot("order", "", "1 to 4", default=2.0, least=1, most=4),
        Slot("response", "", "butterworth or linkwitz-riley", default="butterworth",
             choices=("butterworth", "linkwitz-riley")),
        Slot("woofer_ohm", "ohm", "resistance of the woofer", default=8.0, least=1.0, most=100.0),
        Slot("tweeter_ohm", "ohm", "resistance of the tweeter, if it is another", least=1.0, most=100.0),
        Slot("tolerance", "%", "how far the crossover may be off", default=5.0, least=0.5, most=30.0), L_SLOT, C_SLOT,
    ),
    ("two-way crossover at 3 kHz, 8 ohm, 12 dB per octave", "Linkwitz-Riley 24 dB/octave crossover, 2.2 kHz, 4 ohm"),
    lambda plan: _crossover(dict(plan)),
)  # fmt: skip
