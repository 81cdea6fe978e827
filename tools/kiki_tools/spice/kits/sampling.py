"""Sample and hold: two op-amps, an analog switch and the hold capacitor.

Source of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 4.5.2: settling in Ron C ln(1/error),
droop I/C, pedestal Q/C. The switch stands for a DG419-like part, the charge for an LF398's 5 pC.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import at_most, capacitor, deck, number, opamp, optional, value

_ON, _LEAK, _CHARGE = 100.0, 100e-12, 5e-12
"""Switch and op-amp output in ohm, leakage in A, charge in C that the switch's drive leaves on the capacitor."""


def sample_and_hold(plan: Plan) -> Design:
    """The capacitor between what droop and pedestal ask for and what the acquisition allows (Horowitz & Hill 4.5.2)."""
    acquisition, hold = value(plan, "acquisition", 10e-6), value(plan, "hold", 1e-3)
    amplitude, supply = value(plan, "amplitude", 5), value(plan, "supply", 12)
    error = value(plan, "accuracy", 0.1) / 100 * amplitude
    rate, given = optional(plan, "droop_rate"), optional(plan, "capacitance")
    droop = value(plan, "droop", error if rate is None else rate * hold)
    if amplitude > supply - 1:
        raise Impossible(f"{amplitude:.4g} V need rails of {amplitude + 1:.4g} V", {"supply": math.ceil(amplitude + 1)})
    least = max(1.5 * _LEAK * hold / droop, 1.2 * _CHARGE / (2 * error))
    most = 0.7 * acquisition / ((_ON + 50) * math.log(amplitude / (0.4 * error)))
    if given is None and least > most:
        raise Impossible(
            f"to hold {shown(hold, 's')} within {shown(min(droop, error), 'V')} takes {shown(least, 'F')}, to follow "
            f"in {shown(acquisition, 's')} at most {shown(most, 'F')}: allow more time, or more error",
            {"acquisition": acquisition * 1.3 * least / most},
        )
    c = given if given is not None else min(max(3 * least, math.sqrt(least * most)), most)
    gbw = max(10e6, 30 / acquisition)
    if gbw > 1e9:
        raise Impossible(f"{shown(acquisition, 's')} are too short for op-amps", {"acquisition": 30e-9})
    on, end = acquisition / 20, acquisition * 1.05 + hold
    step = min(acquisition / 100, hold / 500)
    if hold / step > 4e5:
        step = hold / 4e5
    body = f"""Sample and hold, {shown(acquisition, "s")} to follow, {shown(hold, "s")} held
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
* the input steps up as the sample begins, and down while it is held
Vin in 0 PULSE(0 {amplitude:.6g} {number(on)} 1n 1n {number(acquisition + 0.2 * hold)} {number(4 * end)})
Vctl ctl 0 PULSE(0 5 {number(on)} 5n 5n {number(acquisition)} {number(4 * end)})
XU1 in b vcc vee b OPAMP
S1 b h ctl 0 SWA
* what the drive of the switch couples over, and what leaks
CINJ ctl h {number(_CHARGE / 5)}
ILEAK h 0 {_LEAK:.3g}
CH h 0 <CH>
XU2 h out vcc vee out OPAMP
RL out 0 10k
.model SWA SW(VT=2.5 VH=0 RON={_ON - 50:.4g} ROFF=1e12)
{opamp(gbw, max(10e6, 20 * amplitude / acquisition))}
.tran {number(step)} {number(end)} 0 {number(step)}
.meas tran v_sampled find v(out) at={number(on + 0.999 * acquisition)}
.meas tran v_held find v(out) at={number(on + acquisition + max(0.02 * acquisition, 20e-9) + 3 / gbw)}
.meas tran v_end find v(out) at={number(0.9999 * end)}
.meas tran pedestal param='abs(v_sampled-v_held)'
.meas tran droop param='abs(v_held-v_end)'"""
    part = fixed("CH", given) if given is not None else capacitor("CH", c, "E12", span=3)
    wants = [
        Wanted("output when sampled", "v_sampled", "=", amplitude, "V", error, f"after {shown(acquisition, 's')}"),
        at_most("hold step", "pedestal", max(error, 1e-6), "V", "as the switch opens"),
        at_most("droop", "droop", droop, "V", f"over {shown(hold, 's')}"),
    ]  # fmt: skip
    return Design(
        "Sample and hold", deck(body), (part,), tuple(wants),
        (f"CH of polypropylene or C0G; leakage {shown(_LEAK, 'A')}: an op-amp with FET inputs.",),
    )  # fmt: skip


SAMPLE_AND_HOLD = Kit(
    "sample_and_hold", "Sample and hold", "analog switch and capacitor between two followers",
    (Slot("acquisition", "s", "how long it may take to follow", default=10e-6, least=50e-9, most=1),
     Slot("hold", "s", "how long it has to hold", default=1e-3, least=1e-7, most=100),
     Slot("droop", "V", "what it may lose meanwhile", least=1e-6, most=5),
     Slot("droop_rate", "V/s", "the same as a rate", least=1e-4, most=1e5),
     Slot("accuracy", "%", "error, at most", default=0.1, least=0.005, most=5),
     Slot("amplitude", "V", "full step of the input", default=5.0, least=0.05, most=30),
     Slot("capacitance", "F", "the hold capacitor, if it is given", least=10e-12, most=10e-6),
     Slot("supply", "V", "each of the two rails", default=12.0, least=2.5, most=40)),
    ("sample and hold, 10 us acquisition, droop below 5 mV in 1 ms", "S/H for 5 V with a 1 nF capacitor"),
    sample_and_hold,
)  # fmt: skip
