"""Attenuators between resistances: pi, T, bridged T.

With ``N = 10^(dB/10)`` the T has ``R3 = 2 sqrt(Z1 Z2 N) / (N - 1)`` and ``R1,2 = Z1,2 (N + 1) / (N - 1) - R3``; the pi
is its dual; the bridged T has ``Z (K - 1)`` over ``Z / (K - 1)`` with ``K = sqrt(N)`` (Reference Data for Radio
Engineers, 6th ed., ch. 11).
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import measures, series
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, Wanted, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.sweep import swept

_F = 1e3


def matched(source: float) -> tuple[Part, ...]:
    """The resistance of a source of 2 V, and what ``in`` reflects as the voltage ``refl``: v(in) less 1 V."""
    return (
        Part("Rsource", ("src", "in"), source),
        Part("Rhalf1", ("src", "half"), 1e6),
        Part("Rhalf2", ("half", "0"), 1e6),
        Part("Erefl", ("refl", "0", "in", "half"), 1.0),
        Part("Rrefl", ("refl", "0"), 1e6),
    )


def reflection(f: float) -> list[measures.Measure]:
    """The return loss in dB at the input, for a source of 2 V."""
    return [
        measures.level("reflected_db", f, "refl"),
        measures.derived("return_loss_db", "0-reflected_db", lambda m: -m["reflected_db"]),
    ]


def _pad(plan: dict[str, Any]) -> Design:
    loss, first = plan["loss_db"], plan["impedance_ohm"]
    second, kind = plan.get("output_ohm") or first, plan["topology"]
    n, k = 10 ** (loss / 10), 10 ** (loss / 20)
    ratio = max(first, second) / min(first, second)
    least = 20 * math.log10(math.sqrt(ratio) + math.sqrt(ratio - 1))
    if loss < least - 1e-9:
        raise Impossible(
            f"a pad of resistors that matches {shown(first, 'ohm')} to {shown(second, 'ohm')} loses at least "
            f"{least:.2f} dB, so {loss:g} dB can't be; a matching network or a transformer can",
            {"loss_db": math.ceil(least * 10) / 10},
        )  # fmt: skip
    if kind == "bridged-t" and ratio > 1.001:
        raise Impossible("a bridged T has the same resistance on both sides", {"topology": "pi"})
    middle = 2 * math.sqrt(first * second * n) / (n - 1)
    if kind == "t":
        values = {"R1": first * (n + 1) / (n - 1) - middle, "R2": second * (n + 1) / (n - 1) - middle, "R3": middle}
        ends = {"R1": ("in", "m1"), "R2": ("m1", "out"), "R3": ("m1", "0")}
    elif kind == "pi":
        along = first * second / middle
        values = {"R1": 1 / ((n + 1) / (n - 1) / first - 1 / along), "R2": 1 / ((n + 1) / (n - 1) / second - 1 / along),
                  "R3": along}  # fmt: skip
        ends = {"R1": ("in", "0"), "R2": ("out", "0"), "R3": ("in", "out")}
    else:
        values = {"R1": first, "R2": first, "R3": first * (k - 1), "R4": first / (k - 1)}
        ends = {"R1": ("in", "m1"), "R2": ("m1", "out"), "R3": ("in", "out"), "R4": ("m1", "0")}
    of = plan["resistors"]
    # At the least loss a resistor vanishes: it is left out, or a wire.
    parts, variables = [*matched(first)], []
    for name, value in values.items():
        vanishes = value < 1e-3 * first if ends[name][1] != "0" else not 0 < value < 1e4 * max(first, second)
        if vanishes and ends[name][1] != "0":
            parts.append(Part(name, ends[name], 1e-3))
        elif not vanishes:
            parts.append(Part(name, ends[name], name))
            variables.append(Variable(name, series.nearest(value, of), value / 1.5, value * 1.5, of))
    parts.append(Part("Rload", ("out", "0"), second))
    # In a load of another resistance the same power has another voltage.
    taken = [measures.level("level_db", _F),
             measures.derived("loss_db", f"{10 * math.log10(second / first):.6g}-level_db",
                              lambda m: 10 * math.log10(second / first) - m["level_db"]), *reflection(_F)]  # fmt: skip
    wanted = [Wanted("attenuation", "loss_db", "=", loss, "dB", plan["tolerance_db"]),
              Wanted("return loss", "return_loss_db", ">=", plan["return_loss_db"], "dB")]  # fmt: skip
    sizes = shown(first, "ohm") if ratio < 1.001 else f"{shown(first, 'ohm')} to {shown(second, 'ohm')}"
    title = f"{'bridged T' if kind == 'bridged-t' else kind.capitalize()} attenuator, {loss:g} dB, {sizes}"
    return swept(title, Network(tuple(parts), "src", 2.0), variables, taken, wanted, _F / 10, _F * 10)


PAD = Kit(
    "attenuator",
    "attenuator",
    "A resistive attenuator (pi, T or bridged T) between resistances",
    (
        Slot("loss_db", "dB", "attenuation", required=True, least=0.1, most=60.0),
        Slot("impedance_ohm", "ohm", "resistance of the source, and of the load", default=50.0, least=1.0, most=100e3),
        Slot("output_ohm", "ohm", "resistance of the load, if it is another", least=1.0, most=100e3),
        Slot("topology", "", "pi, t or bridged-t", default="pi", choices=("pi", "t", "bridged-t")),
        Slot("return_loss_db", "dB", "least return loss", default=26.0, least=6.0, most=50.0),
        Slot("tolerance_db", "dB", "how far the attenuation may be off", default=0.3, least=0.02, most=3.0),
        Slot("resistors", "", "series of the resistors", default="E96", choices=("E12", "E24", "E48", "E96", "E192")),
    ),
    ("10 dB pi attenuator, 50 ohm", "minimum-loss pad 75 to 50 ohm", "6 dB T-pad for 600 ohm"),
    lambda plan: _pad(dict(plan)),
)
