"""Matching networks of inductors and capacitors between resistances: L, pi and T.

An L section has ``Q = sqrt(Rhigh / Rlow - 1)``, the series arm ``Q Rlow``, the shunt arm ``Rhigh / Q``; pi and T are
two L sections that meet at a resistance below, or above, both ends, which sets their Q; several L sections in a row
over resistances in equal ratios have a lower Q each, and a wider band (C. Bowick, RF Circuit Design, ch. 4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kiki_tools.spice.kits import measures, reactive
from kiki_tools.spice.kits.attenuators import matched, reflection
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, Wanted, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.reactive import C_SLOT, L_SLOT
from kiki_tools.spice.kits.sweep import swept

_SHARP = 3.0
"""From this Q on the parts have to be finer than 5 %, or trimmed."""

Arm = tuple[str, float]
"""``series`` or ``shunt``, and the reactance in ohm."""


def _matching(plan: dict[str, Any]) -> Design:
    f, source, load, kind = plan["frequency_hz"], plan["source_ohm"], plan["load_ohm"], plan["topology"]
    ratio = max(source, load) / min(source, load)
    if ratio < 1.02:
        raise Impossible(f"{shown(source, 'ohm')} and {shown(load, 'ohm')} match without a network")
    least_q, count = math.sqrt(ratio - 1), 1
    q = plan.get("q")
    if kind == "l":
        if q is not None and abs(q / least_q - 1) > 0.1 and plan.get("sections", 1) == 1:
            other = f"a pi or T section of Q {q:g} can" if q > least_q else "no network has less"
            raise Impossible(
                f"an L section between {shown(source, 'ohm')} and {shown(load, 'ohm')} has a Q of {least_q:.3g}, "
                f"which can't be chosen: {other}",
                {"topology": "pi"} if q > least_q else {},
            )
        count = _sections(plan, f, source, load)
        arms = _steps(source, load, count)
        q = math.sqrt(ratio ** (1 / count) - 1)
    elif plan.get("sections", 1) > 1:
        raise Impossible("only L sections are put in a row here", {"topology": "l"})
    else:
        q = q or max(1.6 * least_q, 2.0)
        if q <= least_q * 1.02:
            raise Impossible(f"between {shown(source, 'ohm')} and {shown(load, 'ohm')} a {kind} section's Q is above "
                             f"{least_q:.3g}, not {q:g}", {"topology": "l"})  # fmt: skip
        # The end that is farther from the meeting point has the higher Q, which is the network's.
        middle = max(source, load) / (1 + q * q) if kind == "pi" else min(source, load) * (1 + q * q)
        arms = _merged([*_step(source, middle), *_step(middle, load)])
    parts, variables = _parts(arms, f, plan, q)
    taken = [measures.level("out_db", f), *reflection(f),
             measures.derived("mismatch_db", f"{10 * math.log10(load / source):.6g}-out_db",
                              lambda m: 10 * math.log10(load / source) - m["out_db"])]  # fmt: skip
    wanted = [
        Wanted("return loss", "return_loss_db", ">=", plan["return_loss_db"], "dB", condition=f"at {shown(f, 'Hz')}"),
        Wanted("power lost by mismatch", "mismatch_db", "<=", 0.5, "dB", 0.25, f"at {shown(f, 'Hz')}"),
    ]
    for side in ("low", "high"):
        if (edge := plan.get(f"band_{side}_hz")) and (most := plan.get("band_loss_db")):
            taken += _mismatch(side, edge, 10 * math.log10(load / source))
            wanted.append(Wanted("power lost by mismatch", f"{side}_loss_db", "<=", most, "dB",
                                 condition=f"at {shown(edge, 'Hz')}"))  # fmt: skip
    name = {"l": "L", "pi": "Pi", "t": "T"}[kind]
    if kind == "l" and count > 1:
        name = f"{count} L sections'"
    title = f"{name} match {shown(source, 'ohm')} to {shown(load, 'ohm')} at {shown(f, 'Hz')}, Q {q:.3g}"
    network = Network((*matched(source), *parts, Part("Rload", ("out", "0"), load)), "src", 2.0)
    return swept(title, network, variables, taken, wanted, f / 10, f * 10, q=q)


def _step(source: float, load: float) -> list[Arm]:
    """One L section: its shunt arm is on the side of the higher resistance."""
    low, high = min(source, load), max(source, load)
    q = math.sqrt(high / low - 1)
    arms = [("shunt", high / q), ("series", q * low)]
    return arms if source > load else arms[::-1]


def _mismatch(name: str, at: float, matched_db: float) -> list[measures.Measure]:
    """What is lost by mismatch at a frequency, against the level ``matched_db`` of a perfect match."""
    return [
        measures.level(f"{name}_db", at),
        measures.derived(f"{name}_loss_db", f"{matched_db:.6g}-{name}_db", lambda m: matched_db - m[f"{name}_db"]),
    ]


_MOST_SECTIONS = 4


def _steps(source: float, load: float, count: int) -> list[Arm]:
    """L sections in a row over resistances in equal ratios, which makes the band widest."""
    ends = [source * (load / source) ** (n / count) for n in range(count + 1)]
    return [arm for one, other in pairwise(ends) for arm in _step(one, other)]


def _sections(plan: dict[str, Any], f: float, source: float, load: float) -> int:
    """How many L sections: as stated, or as many as the band takes, with a quarter of its loss to spare."""
    if stated := plan.get("sections"):
        return int(stated)
    edges = [edge for edge in (plan.get("band_low_hz"), plan.get("band_high_hz")) if edge]
    most = plan.get("band_loss_db")
    if not edges or not most:
        return 1
    for count in range(1, _MOST_SECTIONS + 1):
        if all(_lost(_steps(source, load, count), edge / f, source, load, plan["form"]) <= 0.75 * most
               for edge in edges):  # fmt: skip
            return count
    raise Impossible(f"{_MOST_SECTIONS} L sections between {shown(source, 'ohm')} and {shown(load, 'ohm')} lose more "
                     f"than {most:g} dB at the band's edges: a transformer is wider")  # fmt: skip


def _lost(arms: Sequence[Arm], x: float, source: float, load: float, form: str) -> float:
    """What is lost by mismatch in dB at ``x`` times the centre, from the impedance at the source."""
    z = complex(load)
    for kind, reactance in reversed(arms):
        inductive = (kind == "series") == (form == "lowpass")
        arm = 1j * reactance * x if inductive else -1j * reactance / x
        z = z + arm if kind == "series" else z * arm / (z + arm)
    reflected = abs((z - source) / (z + source))
    return float(-10 * math.log10(max(1 - reflected**2, 1e-12)))


def _merged(arms: Sequence[Arm]) -> list[Arm]:
    """Two neighbours of a kind as one: reactances in series add, in shunt they go in parallel."""
    found: list[Arm] = []
    for kind, x in arms:
        if found and found[-1][0] == kind:
            before = found.pop()[1]
            x = before + x if kind == "series" else before * x / (before + x)
        found.append((kind, x))
    return found


def _parts(arms: Sequence[Arm], f: float, plan: dict[str, Any], q: float) -> tuple[list[Part], list[Variable]]:
    """Low-pass form: inductors in series, capacitors in shunt; high-pass form the other way round."""
    w, low = 2 * math.pi * f, plan["form"] == "lowpass"
    usual = "E24" if q < _SHARP else "E96"
    of_l, of_c = plan.get("inductors") or usual, plan.get("capacitors") or usual
    last = max(n for n, (kind, _) in enumerate(arms) if kind == "series")
    parts, variables, at = [], [], "in"
    for n, (kind, x) in enumerate(arms):
        after = "out" if n == last else f"m{n + 1}"
        ends = (at, after) if kind == "series" else (at, "0")
        at = after if kind == "series" else at
        inductive = (kind == "series") == low
        name = f"{'L' if inductive else 'C'}{n + 1}"
        value = x / w if inductive else 1 / (w * x)
        if not (reactive.L_LEAST if inductive else reactive.C_LEAST) * 5 < value < (10 if inductive else 0.1):
            raise Impossible(f"it needs {shown(value, 'H' if inductive else 'F')}, which nobody makes")
        make = reactive.inductor if inductive else reactive.capacitor
        of = of_l if inductive else of_c
        given = plan.get("inductors" if inductive else "capacitors")
        variables.append(make(name, value, of, None if given else "E96"))
        parts.append(Part(name, ends, name))
    return parts, variables


MATCH = Kit(
    "matching_network",
    "matching network",
    "An L, pi or T network of inductors and capacitors that matches two resistances at a frequency",
    (
        Slot("frequency_hz", "Hz", "where they match", required=True, least=100.0, most=5e9),
        Slot("source_ohm", "ohm", "resistance of the source", default=50.0, least=0.1, most=100e3),
        Slot("load_ohm", "ohm", "resistance of the load", required=True, least=0.1, most=100e3),
        Slot("topology", "", "l, pi or t", default="l", choices=("l", "pi", "t")),
        Slot("q", "", "loaded Q of a pi or T", least=0.3, most=30.0),
        Slot("sections", "", "L sections in a row, for a wider band", least=1, most=4),
        Slot("band_low_hz", "Hz", "lower edge of the band where band_loss_db holds", least=50.0, most=5e9),
        Slot("band_high_hz", "Hz", "upper edge of that band", least=50.0, most=10e9),
        Slot("band_loss_db", "dB", "most power lost by mismatch at the band's edges", least=0.02, most=3.0),
        Slot("form", "", "lowpass: inductors in series; highpass: capacitors in series", default="lowpass",
             choices=("lowpass", "highpass")),
        Slot("return_loss_db", "dB", "least return loss", default=20.0, least=6.0, most=40.0), L_SLOT, C_SLOT,
    ),
    ("match 50 ohm to 300 ohm at 100 MHz", "L network, 5 ohm to 50 ohm, 13.56 MHz",
     "pi match with Q = 8 at 7 MHz, 50 to 1k"),
    lambda plan: _matching(dict(plan)),
)  # fmt: skip
