"""Cascade of diodes and capacitors on AC: tripler, quadrupler and more.

Sources of the formulas: J. D. Cockcroft, E. T. S. Walton, Proc. R. Soc. A 136 (1932); drop and ripple of a loaded
cascade as in J. Millman, H. Taub, Pulse, Digital and Switching Waveforms; the drop of n doubling stages is
I/(f C) (2 n³/3 + n²/2 - n/6), the ripple I/(f C) n (n + 1)/2.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, at_most, capacitor, choice, deck, number, optional, value

_NAMES = {2: "doubler", 3: "tripler", 4: "quadrupler"}
_MOST = 12


def _factor(plan: Plan) -> int:
    """How many times the crest: stated, as doubling stages, or by a word.

    Raises:
        Impossible: if two of them differ, or there are too many cells.
    """
    by_word = {"doubler": 2, "tripler": 3, "quadrupler": 4}.get(choice(plan, "kind", ""))
    stages, factor = optional(plan, "stages"), optional(plan, "factor")
    stated = [int(each) for each in (by_word, factor, None if stages is None else 2 * stages) if each is not None]
    if len(set(stated)) > 1:
        raise Impossible(f"{stated[0]} times the crest and {stated[1]} times are two different multipliers")
    found = stated[0] if stated else 3
    if not 2 <= found <= _MOST:
        raise Impossible(f"a cascade of {found} cells falls too much under load; up to {_MOST} are possible here")
    return found


def multiplier(plan: Plan) -> Design:
    """Cells of a diode and a capacitor; those that the output hangs on stand on ground, the others on the AC."""
    cells, vac, f = _factor(plan), value(plan, "vac"), value(plan, "frequency", 50)
    load = optional(plan, "load")
    crest = vac * math.sqrt(2)
    ideal = cells * crest
    current = optional(plan, "current")
    if current is None:
        current = 1e-3 if load is None else 0.9 * ideal / load
    elif load is not None and not 0.6 < ideal / load / current < 1.6:
        raise Impossible(f"about {ideal:.3g} V at {shown(load, 'ohm')} are {shown(ideal / load, 'A')}, not "
                         f"{shown(current, 'A')}")  # fmt: skip
    drop = cells * (0.72 + 0.06 * math.log10(max(current, 1e-5) / 1e-2) + 0.3 * current)
    possible = ideal - drop
    if possible < 0.4 * ideal:
        raise Impossible(f"{cells} diodes leave nothing of {crest:.3g} V crests; take a higher AC voltage")
    least = value(plan, "output", 0.92 * possible)
    if least > 0.99 * possible:
        raise Impossible(
            f"{cells} times {crest:.4g} V less the diodes is {possible:.4g} V without any load, not {least:.4g} V",
            {"output": round(0.9 * possible, 1), "factor": cells + 1},
        )
    n = cells / 2
    ripple = value(plan, "ripple", 0.05 * possible)
    sag = 0.6 * max(possible - least, 0.01 * possible)
    weight = 2 * n**3 / 3 + n**2 / 2 - n / 6
    c = current / f * max(weight / sag, n * (n + 1) / 2 / ripple * 0.9)
    if c > 0.05:
        raise Impossible(
            f"{shown(current, 'A')} at {shown(f, 'Hz')} would take {shown(c, 'F')} in each cell; a transformer with a "
            "higher voltage does that better",
            {"output": round(0.8 * possible, 1)} if optional(plan, "output") is not None else None,
        )
    resistance = load if load is not None else 0.95 * possible / current
    nodes = ["ac" if cells % 2 else "0", *(f"n{k}" for k in range(1, cells)), "out"]
    lines = []
    for k in range(1, cells + 1):
        on_ground = (cells - k) % 2 == 0
        foot = (nodes[k - 2] if k > 2 else "0") if on_ground else (nodes[k - 2] if k > 2 else "ac")
        charge = (1.0 if k == 1 else 2.0) * (possible / cells) - sag * k / cells / 2
        lines += [f"D{k} {nodes[k - 1]} {nodes[k]} DR", f"C{k} {nodes[k]} {foot} <C> IC={max(charge, 0.0):.4g}"]
    periods = max(60, 20 * cells)
    end = periods / f
    body = f"""Voltage multiplier, {cells} times {crest:.4g} V
Vin in 0 SIN(0 {crest:.6g} {number(f)})
Rac in ac {number(max(0.004 * crest / cells**2 / max(current, 1e-3), 0.01))}
{chr(10).join(lines)}
RL out 0 {number(resistance)}
.tran {number(1 / f / 100)} {number(end)} {number(end - 12 / f)} {number(1 / f / 100)} uic
.meas tran v_mean avg v(out) from={number(end - 10 / f)} to={number(end)}
.meas tran ripple pp v(out) from={number(end - 4 / f)} to={number(end)}
.meas tran i_load param='v_mean/{resistance:.6g}'"""
    name = _NAMES.get(cells, f"{cells}-fold multiplier")
    wants = [
        at_least("output voltage", "v_mean", least, "V", f"into {shown(resistance, 'ohm')}"),
        at_most("output voltage", "v_mean", ideal, "V"),
        at_most("ripple", "ripple", ripple, "V", "peak to peak"),
    ]  # fmt: skip
    if optional(plan, "current") is not None:
        wants.append(at_least("load current", "i_load", 0.85 * current, "A"))
    return Design(
        f"Voltage multiplier ({name})", deck(body, "DR"), (capacitor("C", c, "E12", span=8),), tuple(wants),
        (f"Each diode and capacitor has to bear {2 * crest:.3g} V (C1 of an odd cascade half of it).",),
    )  # fmt: skip


MULTIPLIER = Kit(
    "voltage_multiplier", "Voltage multiplier", "Cockcroft-Walton cascade: tripler, quadrupler, more",
    (Slot("vac", "V", "rms of the AC", required=True, least=1, most=10e3),
     Slot("kind", "", "by its name", choices=("doubler", "tripler", "quadrupler")),
     Slot("factor", "", "how many times the crest", least=2, most=20),
     Slot("stages", "", "doubling stages, instead", least=1, most=10),
     Slot("frequency", "Hz", "of the AC", default=50.0, least=1, most=1e6),
     Slot("current", "A", "load current", least=1e-7, most=1),
     Slot("load", "ohm", "load, instead of its current", least=100, most=1e10),
     Slot("output", "V", "least output", least=1, most=50e3),
     Slot("ripple", "V", "ripple peak to peak, at most", least=1e-3, most=1e3)),
    ("voltage tripler for 12 V AC with 5 mA", "Cockcroft-Walton multiplier, 4 stages, 230 V, 100 uA"), multiplier,
)  # fmt: skip
