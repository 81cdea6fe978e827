"""RC sections in time: time constant, rise time, delay to a threshold.

``v(t) = V (1 - exp(-t / R C))``: 63.2 % after ``R C``, 10 to 90 % in ``ln(9) R C``, a part x after ``-ln(1 - x) R C``.
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Values, Variable, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import number


def _delay(plan: dict[str, Any]) -> Design:
    supply = plan["supply_v"]
    part = _threshold(plan, supply)
    stated = {name: plan[name] for name in ("time_constant_s", "rise_time_s", "delay_s") if plan.get(name)}
    if not stated:
        raise Impossible("the time constant, the rise time or the delay is missing")
    taus = {"time_constant_s": 1.0, "rise_time_s": math.log(9), "delay_s": -math.log(1 - part)}
    found = {name: value / taus[name] for name, value in stated.items()}
    tau = next(iter(found.values()))
    if any(abs(each / tau - 1) > plan["tolerance"] / 100 for each in found.values()):
        raise Impossible("; ".join(f"a {name[:-2].replace('_', ' ')} of {shown(value, 's')} needs R C = "
                                   f"{shown(found[name], 's')}" for name, value in stated.items())
                         + ": one RC can't have both")  # fmt: skip
    variables = _parts(plan, tau)
    title = f"RC delay, R C = {shown(tau, 's')}"

    def template(values: Values) -> str:
        lines = [
            title, f"V1 in 0 PULSE(0 {supply:g} 0 {tau * 1e-4:.6g} {tau * 1e-4:.6g} {tau * 20:.6g} {tau * 40:.6g})",
            f"R1 in out {number(values['R1'])}", f"C1 out 0 {number(values['C1'])} IC=0",
            f".tran {tau / 200:.6g} {tau * 8:.6g} 0 {tau / 200:.6g} UIC",
            f".meas tran time_constant when v(out)={supply * (1 - math.exp(-1)):.6g} rise=1",
            f".meas tran rise_time trig v(out) val={supply * 0.1:.6g} rise=1 targ v(out) val={supply * 0.9:.6g} rise=1",
            f".meas tran delay when v(out)={supply * part:.6g} rise=1", ".end",
        ]  # fmt: skip
        return "\n".join(lines) + "\n"

    condition = {"delay_s": f"to {shown(supply * part, 'V')} of {shown(supply, 'V')}", "rise_time_s": "10 to 90 %"}
    wanted = tuple(
        Wanted(
            name[:-2].replace("_", " "),
            name[:-2],
            "=",
            value,
            "s",
            plan["tolerance"] / 100 * value,
            condition.get(name, ""),
        )
        for name, value in stated.items()
    )
    return Design(title, template, tuple(variables), wanted)


def _threshold(plan: dict[str, Any], supply: float) -> float:
    """The part of the supply at which a delay ends."""
    volts, part = plan.get("threshold_v"), plan["threshold"] / 100
    if volts is not None:
        part = float(volts) / supply
    if not 0.01 <= part <= 0.99:
        raise Impossible(
            f"an RC charged from {shown(supply, 'V')} reaches {shown(part * supply, 'V')} "
            + ("never" if part >= 1 else "so late, or so early, that the delay depends on nothing you can buy")
        )
    return float(part)


def _parts(plan: dict[str, Any], tau: float) -> list[Variable]:
    r, c = plan.get("resistance"), plan.get("capacitance")
    if r and c and abs(r * c / tau - 1) > plan["tolerance"] / 100:
        raise Impossible(f"{shown(r, 'ohm')} times {shown(c, 'F')} is {shown(r * c, 's')}, not {shown(tau, 's')}")
    capacitance = float(
        c or series.nearest(tau / r if r else min(max(tau / 100e3, 10e-12), 100e-6), plan["capacitors"])
    )
    resistance = float(r or tau / capacitance)
    if not 1 <= resistance <= 100e6 or not 1e-12 <= capacitance <= 0.1:
        raise Impossible(
            f"R C = {shown(tau, 's')} would take {shown(resistance, 'ohm')} and {shown(capacitance, 'F')}: use a "
            "timer instead"
        )
    return [
        fixed("C1", c) if c else Variable("C1", capacitance, capacitance / 3, capacitance * 3, plan["capacitors"]),
        fixed("R1", r) if r else Variable("R1", resistance, resistance / 3, resistance * 3, plan["resistors"]),
    ]


DELAY = Kit(
    "rc_delay",
    "RC delay",
    "A resistor and a capacitor with a time constant, a rise time, or a delay to a threshold",
    (
        Slot("time_constant_s", "s", "R times C", least=1e-9, most=1e4),
        Slot("rise_time_s", "s", "10 to 90 % rise time of the step response", least=1e-9, most=1e4),
        Slot("delay_s", "s", "time from the step to the threshold", least=1e-9, most=1e4),
        Slot("threshold", "%", "of the supply, where the delay ends", default=50.0, least=1.0, most=99.0),
        Slot("threshold_v", "V", "where the delay ends, instead of threshold", least=1e-3, most=1e3),
        Slot("supply_v", "V", "height of the step", default=5.0, least=0.01, most=1e3),
        Slot("resistance", "ohm", "of the resistor, if it is given", least=1.0, most=100e6),
        Slot("capacitance", "F", "of the capacitor, if it is given", least=1e-12, most=0.1),
        Slot("tolerance", "%", "how far the times may be off", default=5.0, least=0.1, most=30.0),
        Slot(
            "resistors",
            "",
            "series of the resistors",
            default="E96",
            choices=("E6", "E12", "E24", "E48", "E96", "E192"),
        ),
        Slot("capacitors", "", "series of the capacitors", default="E12", choices=("E3", "E6", "E12", "E24")),
    ),
    ("RC with a time constant of 10 ms", "delay of 100 ms to 2.5 V from 5 V", "RC circuit with a rise time of 1 us"),
    lambda plan: _delay(dict(plan)),
)
