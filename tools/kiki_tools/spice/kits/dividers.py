"""Voltage dividers, without and with a load.

``Vout = Vin R2' / (R1 + R2')`` with R2' the lower resistor in parallel with the load.
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Values, Variable, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import number

_STIFF = 10.0
"""How many times a load's current flows through an unloaded divider, where nothing else is said."""


_USUAL_TOLERANCE = {"E6": 12.0, "E12": 6.0, "E24": 3.0}
"""How near pairs of a coarse series come, in percent."""


def _divider(plan: dict[str, Any]) -> Design:
    plan = {"tolerance": _USUAL_TOLERANCE.get(plan["resistors"], 2.0), **plan}
    vin, ratio, out = plan["input_v"], plan.get("ratio"), plan.get("output_v")
    if out is None:
        if ratio is None:
            raise Impossible("the output voltage or the ratio is missing")
        out = vin * ratio
    elif ratio is not None and abs(vin * ratio / out - 1) > 0.02:
        raise Impossible(f"{ratio:g} of {shown(vin, 'V')} is {shown(vin * ratio, 'V')}, not {shown(out, 'V')}")
    if out >= vin:
        raise Impossible(
            f"a divider of resistors lowers a voltage: {shown(out, 'V')} from {shown(vin, 'V')} needs a boost "
            "converter or an amplifier"
        )
    load = _load(plan, out)
    of = plan["resistors"]
    r1, r2 = _resistors(plan, vin, out, load, of)
    tolerance = plan["tolerance"] / 100
    drawn = vin / (r1 + (r2 if load is None else r2 * load / (r2 + load)))
    title = f"voltage divider {shown(vin, 'V')} to {shown(out, 'V')}" + (
        "" if load is None else f", load {shown(load, 'ohm')}"
    )
    given = _given(plan)

    def template(values: Values) -> str:
        lines = [
            title, f"V1 in 0 DC {vin:.6g}", f"R1 in out {number(values['R1'])}", f"R2 out 0 {number(values['R2'])}",
            *([] if load is None else [f"Rload out 0 {number(load)}"]),
            f".dc V1 0 {vin * 1.25:.6g} {vin / 40:.6g}",
            f".meas dc vout find v(out) at={vin:.6g}",
            f".meas dc supply_a find i(V1) at={vin:.6g}",
            ".meas dc drawn param='-supply_a'", ".end",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"

    wanted = [Wanted("output voltage", "vout", "=", out, "V", tolerance * out, f"from {shown(vin, 'V')}")]
    if plan.get("current_a"):
        wanted.append(Wanted("current drawn", "drawn", "<=", plan["current_a"], "A"))
    variables = [
        fixed(name, value) if name in given else Variable(name, value, value / 2, value * 2, of)
        for name, value in (("R1", r1), ("R2", r2))
    ]
    notes = (f"draws {shown(drawn, 'A')}, {shown(drawn * vin, 'W')}",)
    return Design(title, template, tuple(variables), tuple(wanted), notes)


def _given(plan: dict[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, slot in (("R1", "r1_ohm"), ("R2", "r2_ohm")) if plan.get(slot))


def _load(plan: dict[str, Any], out: float) -> float | None:
    load, current = plan.get("load_ohm"), plan.get("load_a")
    if load and current and abs(out / load / current - 1) > 0.05:
        raise Impossible(
            f"{shown(load, 'ohm')} at {shown(out, 'V')} draw {shown(out / load, 'A')}, not {shown(current, 'A')}"
        )
    return load or (out / current if current else None)


def _resistors(plan: dict[str, Any], vin: float, out: float, load: float | None, of: str) -> tuple[float, float]:
    """The pair of preferred values whose loaded output comes nearest."""
    given1, given2, k = plan.get("r1_ohm"), plan.get("r2_ohm"), out / (vin - out)
    if given1 and given2:
        found = given2 if load is None else given2 * load / (given2 + load)
        actual = vin * found / (given1 + found)
        if abs(actual / out - 1) > plan["tolerance"] / 100:
            raise Impossible(f"{shown(given1, 'ohm')} over {shown(given2, 'ohm')} give {shown(actual, 'V')}, not "
                             f"{shown(out, 'V')}")  # fmt: skip
        return given1, given2
    if given2:
        below = given2 if load is None else given2 * load / (given2 + load)
        return series.nearest(below / k, of), given2
    if given1:
        return given1, series.nearest(_below(given1 * k, load), of)
    if plan.get("current_a"):
        total = vin / plan["current_a"]
        if load is not None and load <= total * out / vin:
            raise Impossible(f"the load alone draws {shown(out / load, 'A')}; no more than "
                             f"{shown(plan['current_a'], 'A')} are allowed")  # fmt: skip
    else:
        total = vin / (_STIFF * out / load) if load is not None else 20e3 if vin < 50 else vin / 1e-3
    middle = total * (vin - out) / vin
    if plan.get("current_a") and load is None:
        middle *= 1.05
    best: tuple[float, float, float] | None = None
    for r1 in series.between(middle / 3.2, middle * 3.2, of):
        exact = r1 * k
        if load is not None and exact >= load:
            continue
        r2 = series.nearest(_below(exact, load), of)
        through = r2 if load is None else r2 * load / (r2 + load)
        if plan.get("current_a") and vin / (r1 + through) > plan["current_a"]:
            continue
        error = abs(through / (r1 + through) * vin / out - 1)
        rated = (round(error, 4) + 0.002 * abs(math.log(r1 / middle)), r1, r2)
        best = rated if best is None or rated < best else best
    if best is None:
        raise Impossible(f"the load of {shown(load or 0, 'ohm')} leaves nothing for the divider's lower resistor")
    return best[1], best[2]


def _below(exact: float, load: float | None) -> float:
    """The resistor that is ``exact`` together with the load."""
    if load is None:
        return exact
    if load <= exact:
        raise Impossible(f"the load of {shown(load, 'ohm')} draws more than the upper resistor lets through")
    return 1 / (1 / exact - 1 / load)


DIVIDER = Kit(
    "voltage_divider",
    "voltage divider",
    "Two resistors that make a lower voltage, for no load or a given one",
    (
        Slot("input_v", "V", "input voltage", required=True, least=1e-3, most=10e3),
        Slot("output_v", "V", "output voltage", least=1e-4, most=10e3),
        Slot("ratio", "V/V", "output by input, instead of the output voltage", least=1e-5, most=0.9999),
        Slot("load_ohm", "ohm", "resistance that the output drives", least=0.1, most=1e12),
        Slot("load_a", "A", "current that the load draws, instead of its resistance", least=1e-9, most=10.0),
        Slot("current_a", "A", "most current that the divider may draw", least=1e-9, most=10.0),
        Slot("r1_ohm", "ohm", "upper resistor, if it is given", least=0.1, most=1e9),
        Slot("r2_ohm", "ohm", "lower resistor, if it is given", least=0.1, most=1e9),
        Slot(
            "tolerance", "%", "how far the output may be off; by default what the series gives", least=0.05, most=20.0
        ),
        Slot(
            "resistors",
            "",
            "series of the resistors",
            default="E96",
            choices=("E6", "E12", "E24", "E48", "E96", "E192"),
        ),
    ),
    ("divide 12 V down to 3.3 V", "voltage divider 5 V to 1.8 V into 10 kohm, E24 resistors, at most 1 mA"),
    lambda plan: _divider(dict(plan)),
)
