"""Transistors as switches: load switch, relay driver with flyback diode, LED driver.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 2.2.1 (saturated switch), 2.4.2
(Darlington), 3.4.4 (MOSFET switch), 1.6.7 (inductive loads).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Variable, shown
from kiki_tools.spice.kits.parts import at_least, at_most, choice, deck, equals, number, optional, resistor, value

_FORCED_BETA = 20.0


@dataclass(frozen=True)
class _Switch:
    """A low-side switch at node ``c``, driven from node ``in``: cards, models, parts, and its drop in V."""

    name: str
    cards: str
    models: tuple[str, ...]
    parts: tuple[Variable, ...]
    drop: float
    drive_current: float


def _switch(plan: Plan, current: float) -> _Switch:
    """The transistor that was asked for, or the first that the drive can switch.

    Raises:
        Impossible: if the drive can't.
    """
    drive, allowed = value(plan, "drive", 3.3), value(plan, "drive_current", 10e-3)
    kind = choice(plan, "transistor", "auto")
    if kind == "auto":
        if current <= min(0.3, _FORCED_BETA * allowed) and drive >= 1.2:
            kind = "bjt"
        else:
            kind = "mosfet" if drive >= 2.8 else "darlington"
    if kind == "bjt":
        needed = current / _FORCED_BETA
        if current > 0.6:
            raise Impossible(
                f"{shown(current, 'A')} are too much for a small transistor; a MOSFET or Darlington switches it"
            )
        if needed > allowed:
            raise Impossible(
                f"to saturate at {shown(current, 'A')} the base wants {shown(needed, 'A')}, the drive gives "
                f"{shown(allowed, 'A')}: take a Darlington or a MOSFET"
            )
        if drive < 1.0:
            raise Impossible(f"{drive:.4g} V don't switch a base-emitter junction reliably; 1.2 V do", {"drive": 1.2})
        parts = (resistor("RB", (drive - 0.82) / max(needed, 50e-6), "E24"), resistor("RBE", 22e3, "E24"))
        return _Switch("NPN transistor", "RB in b <RB>\nRBE b 0 <RBE>\nQ1 c b 0 QSW", ("QSW",), parts, 0.25, needed)
    if kind == "darlington":
        needed = max(current / 1000, 0.3e-3)
        if drive < 2.0:
            raise Impossible(f"two junctions in series need 2 V of drive, not {drive:.4g} V", {"drive": 2.4})
        if needed > allowed:
            raise Impossible(f"the drive would have to give {shown(needed, 'A')}; it gives {shown(allowed, 'A')}")
        parts = (resistor("RB", (drive - 1.7) / needed, "E24"), resistor("RBE", 4.7e3, "E24"))
        cards = "RB in b <RB>\nQ1 c b e QSW\nRBE e 0 <RBE>\nQ2 c e 0 QPOW"
        return _Switch("Darlington", cards, ("QSW", "QPOW"), parts, 0.95, needed)
    if drive < 2.8:
        raise Impossible(
            f"a logic-level MOSFET (threshold 1.8 V) needs 2.8 V of drive, not {drive:.4g} V", {"drive": 3.3}
        )
    small = current < 0.1 and (0.6 + 10 / (drive - 1.8)) * current < (optional(plan, "drop") or 0.5)
    channel = 0.6 + 10 / (drive - 1.8) if small else 0.015 + 1 / (40 * (drive - 1.8))
    if current > 0.5 * 20 * (drive - 1.8) ** 2:
        raise Impossible(f"at {drive:.4g} V of drive this MOSFET doesn't carry {shown(current, 'A')}")
    parts = (resistor("RG", max(100.0, drive / allowed), "E24"), resistor("RGS", 100e3, "E24"))
    model = "MN" if small else "MPOW"
    cards = f"RG in g <RG>\nRGS g 0 <RGS>\nM1 c g 0 0 {model} L=1u W=1u"
    return _Switch("N-channel MOSFET", cards, (model,), parts, channel * current, drive / 100e3)


def _at_out(cards: str) -> str:
    """The switch with its node ``c`` called ``out``."""
    return re.sub(r"(?<= )c(?= )", "out", cards)


def load_switch(plan: Plan) -> Design:
    """Base current = I/20 for saturation, or a gate at the drive voltage (Horowitz & Hill 2.2.1, 3.4.4)."""
    supply, load = value(plan, "supply", 12), optional(plan, "load_ohm")
    if load is None and optional(plan, "current") is None:
        raise Impossible("neither the load's current nor its resistance is given")
    current = value(plan, "current", None if load is None else supply / load)
    if load is not None and not 0.8 < supply / load / current < 1.25:
        raise Impossible(
            f"{supply:.4g} V across {shown(load, 'ohm')} give {shown(supply / load, 'A')}, not {shown(current, 'A')}"
        )
    drive, allowed = value(plan, "drive", 3.3), value(plan, "drive_current", 10e-3)
    switch = _switch(plan, current)
    most = value(plan, "drop", max(1.6 * switch.drop, 0.05))
    if switch.drop > most:
        raise Impossible(f"a {switch.name} drops about {shown(switch.drop, 'V')} here, more than {shown(most, 'V')}")
    if switch.drop > 0.3 * supply:
        raise Impossible(f"of {supply:.4g} V the switch would take {shown(switch.drop, 'V')}")
    resistance = (supply - switch.drop) / current if load is None else load
    body = f"""Load switch, {shown(current, "A")} at {supply:.4g} V
Vcc vcc 0 {supply:.6g}
Vdrive in 0 PULSE(0 {drive:.6g} 20u 100n 100n 100u 300u)
RL vcc out {number(resistance)}
{_at_out(switch.cards)}
.tran 100n 250u
let i_load = (v(vcc)-v(out))/{resistance:.6g}
.meas tran i_on find i_load at=110u
.meas tran drop find v(out) at=110u
.meas tran i_off find i_load at=240u
let i_dr = -i(Vdrive)
.meas tran i_drive find i_dr at=110u"""
    return Design(
        f"Load switch with {switch.name}", deck(body, *switch.models), switch.parts,
        (equals("load current", "i_on", current, "A", 0.05, f"drive {drive:.4g} V"),
         at_most("drop across the switch", "drop", most, "V", f"at {shown(current, 'A')}"),
         at_most("drive current", "i_drive", allowed, "A"),
         at_most("current when off", "i_off", max(0.01 * current, 1e-6), "A")),
        (f"The transistor takes {shown(switch.drop * current, 'W')} when on.",),
    )  # fmt: skip


def relay_driver(plan: Plan) -> Design:
    """A saturated switch, and a diode across the coil that takes its current at turn-off (Horowitz & Hill 1.6.7)."""
    supply = value(plan, "supply", 12)
    resistance, current = optional(plan, "coil_resistance"), optional(plan, "current")
    if resistance is None:
        resistance = supply / (current if current is not None else 30e-3)
    elif current is not None and not 0.8 < supply / resistance / current < 1.25:
        raise Impossible(
            f"{supply:.4g} V across {shown(resistance, 'ohm')} give {shown(supply / resistance, 'A')}, not "
            f"{shown(current, 'A')}"
        )
    current = supply / resistance
    if not 1e-3 <= current <= 10:
        raise Impossible(
            f"a coil of {shown(resistance, 'ohm')} on {supply:.4g} V takes {shown(current, 'A')}: no relay does"
        )
    inductance = value(plan, "coil_inductance", 2e-3 * resistance)
    drive, allowed = value(plan, "drive", 3.3), value(plan, "drive_current", 10e-3)
    switch = _switch(plan, current)
    most = optional(plan, "drop")
    if most is not None and switch.drop > most:
        raise Impossible(f"a {switch.name} drops about {shown(switch.drop, 'V')} here, more than {shown(most, 'V')}")
    tau = inductance / resistance
    body = f"""Relay driver, coil {shown(resistance, "ohm")}, {supply:.4g} V
Vcc vcc 0 {supply:.6g}
Vdrive in 0 PULSE(0 {drive:.6g} {number(0.2 * tau)} 1u 1u {number(7 * tau)} {number(40 * tau)})
* the coil and its diode
LCOIL vcc x {number(inductance)}
RCOIL x out {number(resistance)}
D1 out vcc DFLY
{_at_out(switch.cards)}
.tran {number(tau / 50)} {number(14 * tau)} 0 {number(tau / 50)}
.meas tran i_coil find i(LCOIL) at={number(7 * tau)}
.meas tran drop find v(out) at={number(7 * tau)}
.meas tran v_peak max v(out)
.meas tran i_end find i(LCOIL) at={number(13.9 * tau)}
let i_dr = -i(Vdrive)
.meas tran i_drive find i_dr at={number(7 * tau)}"""
    least = 0.85 if switch.name == "Darlington" else 0.9
    return Design(
        f"Relay driver with {switch.name}", deck(body, *switch.models, "DFLY"), switch.parts,
        (at_least("coil current", "i_coil", least * current, "A", f"drive {drive:.4g} V"),
         at_most("peak at the transistor", "v_peak", supply + 1.5, "V", "at turn-off"),
         at_most("drive current", "i_drive", allowed, "A"),
         at_most("coil current after turn-off", "i_end", 0.05 * current, "A"),
         *([at_most("drop across the switch", "drop", most, "V", "when on")] if most is not None else [])),
        (f"The diode carries {shown(current, 'A')} for about {shown(3 * tau, 's')}.",),
    )  # fmt: skip


def led_driver(plan: Plan) -> Design:
    """R = (V - n Vf - drop)/I in series with a saturated switch (Horowitz & Hill 2.2.1)."""
    supply, current, vf = value(plan, "supply", 5), value(plan, "current", 20e-3), value(plan, "led_voltage", 2.0)
    count, drive = int(value(plan, "count", 1)), value(plan, "drive", 3.3)
    allowed = value(plan, "drive_current", 10e-3)
    switch = _switch(plan, current)
    left = supply - count * vf - switch.drop
    if left < 0.05 * supply:
        fits = max(int((0.95 * supply - switch.drop) // vf), 0)
        raise Impossible(
            f"{count} LED of {vf:.4g} V and the switch need more than {count * vf + switch.drop:.3g} V, the supply has "
            f"{supply:.4g} V" + (f"; {fits} in series fit" if fits else "; take a boost converter"),
            {"count": fits} if fits else None,
        )
    rs = 0.05 * vf / current
    saturation = current / math.exp((vf - current * rs) / (1.8 * 0.02585))
    leds = "\n".join(f"D{k + 1} n{k} {'c' if k == count - 1 else f'n{k + 1}'} LED" for k in range(count))
    body = f"""LED driver, {shown(current, "A")} from {supply:.4g} V
Vcc vcc 0 {supply:.6g}
Vdrive in 0 PULSE(0 {drive:.6g} 20u 100n 100n 100u 300u)
R1 vcc a <R1>
Vsense a n0 0
{leds}
{switch.cards}
.model LED D(IS={saturation:.4g} N=1.8 RS={rs:.4g})
.tran 100n 250u
.meas tran i_led find i(Vsense) at=110u
.meas tran i_off find i(Vsense) at=240u
let i_dr = -i(Vdrive)
.meas tran i_drive find i_dr at=110u"""
    return Design(
        f"LED driver with {switch.name}", deck(body, *switch.models),
        (resistor("R1", left / current, "E24"), *switch.parts),
        (equals("LED current", "i_led", current, "A", 0.08, f"drive {drive:.4g} V"),
         at_most("drive current", "i_drive", allowed, "A"),
         at_most("current when off", "i_off", max(0.01 * current, 1e-6), "A")),
        (f"R1 takes {shown(left * current, 'W')}.",),
    )  # fmt: skip


_DRIVE = (
    Slot("drive", "V", "high level of the drive (GPIO)", default=3.3, least=0.5, most=20),
    Slot("drive_current", "A", "most that the drive gives", default=10e-3, least=1e-5, most=1),
    Slot("transistor", "", "bjt, darlington, mosfet, or auto", default="auto",
         choices=("auto", "bjt", "darlington", "mosfet")),
)  # fmt: skip
LOAD_SWITCH = Kit(
    "load_switch", "Load switch", "low-side transistor switch (BJT, Darlington or MOSFET) for a resistive load",
    (Slot("current", "A", "load current", least=1e-4, most=30),
     Slot("load_ohm", "ohm", "the load, instead of its current", least=0.05, most=1e6),
     Slot("supply", "V", "supply of the load", default=12.0, least=1, most=60),
     Slot("drop", "V", "drop across the switch, at most", least=1e-3, most=5), *_DRIVE),
    ("MOSFET switch for 2 A at 12 V from a 3.3 V GPIO", "NPN switch for 100 mA", "Darlington switch, 1 A, 5 V logic"),
    load_switch,
)  # fmt: skip
RELAY_DRIVER = Kit(
    "relay_driver", "Relay driver", "transistor switch for a coil with a flyback diode",
    (Slot("supply", "V", "coil voltage", default=12.0, least=2, most=60),
     Slot("coil_resistance", "ohm", "of the coil", least=1, most=50e3),
     Slot("current", "A", "coil current, instead of the resistance", least=1e-3, most=10),
     Slot("coil_inductance", "H", "of the coil", least=1e-5, most=20),
     Slot("drop", "V", "drop across the switch, at most", least=1e-3, most=5), *_DRIVE),
    ("drive a 12 V relay (400 ohm) from 3.3 V", "relay driver 5 V, 70 mA coil, NPN and flyback diode"), relay_driver,
)  # fmt: skip
LED_DRIVER = Kit(
    "led_driver", "LED driver", "transistor switch with LEDs in series and a resistor",
    (Slot("supply", "V", "supply", default=5.0, least=1.5, most=60),
     Slot("current", "A", "LED current", default=20e-3, least=1e-4, most=3),
     Slot("led_voltage", "V", "forward voltage of one LED", default=2.0, least=1, most=5),
     Slot("count", "", "LEDs in series", default=1, least=1, most=20), *_DRIVE),
    ("drive three white LEDs at 20 mA from 12 V with a 3.3 V GPIO", "LED driver, 350 mA, 5 V, MOSFET"), led_driver,
)  # fmt: skip
