"""The Howland current pump: a current of either sign, set by a voltage, into a load that stands on ground.

Source of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 4.2.5; Texas Instruments AN-1515.
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import deck, equals, number, opamp, resistor, value

_K = 0.25
"""R2/R1 = R4/R3: the op-amp's output is (1 + k) times the load's voltage, and k times the input beside it."""
_MOST_CURRENT = 30e-3


def howland(plan: Plan) -> Design:
    """With R4/R3 = R2/R1 the load takes Vin/R1, whatever its voltage."""
    current, vin, supply = value(plan, "current"), value(plan, "v_in", 1.0), value(plan, "supply", 15.0)
    load = value(plan, "load")
    if current > _MOST_CURRENT:
        raise Impossible(
            f"an op-amp doesn't give {shown(current, 'A')}; up to {shown(_MOST_CURRENT, 'A')}, or a power stage behind",
            {"current": _MOST_CURRENT},
        )
    r1 = vin / current
    r2 = _K * r1
    volts = current * load
    swing = (1 + _K) * volts + current * 50 + 0.5
    if swing > supply:
        raise Impossible(
            f"{shown(current, 'A')} through {shown(load, 'ohm')} take {volts:.3g} V, for which the op-amp would swing "
            f"to {swing:.3g} V of {supply:.4g} V",
            {"load": round((supply - 0.5 - current * 50) / (1 + _K) / current)},
        )
    body = f"""Howland current pump, {shown(current, "A")} at {vin:.4g} V
Vcc vcc 0 {supply:.6g}
Vee vee 0 {-supply:.6g}
Vin in 0 DC {vin:.6g}
R1 in out <R1>
R2 o out <R2>
R3 n 0 <R3>
R4 o n <R4>
XU1 out n vcc vee o OPAMP
RLOAD out 0 {number(load)}
{opamp()}
.dc Vin {-vin:.6g} {1.01 * vin:.6g} {vin / 100:.6g}
let i_load = v(out)/{load:.9g}
.meas dc i_out find i_load at={vin:.6g}
.meas dc i_half find i_load at={vin / 2:.6g}
.meas dc i_back find i_load at={-0.99 * vin:.6g}"""
    return Design(
        "Howland current pump", deck(body),
        (resistor("R1", r1), resistor("R2", r2), resistor("R3", 10e3), resistor("R4", _K * 10e3)),
        (equals("current", "i_out", current, "A", 0.02, f"at {vin:.4g} V"),
         equals("current at half the input", "i_half", current / 2, "A", 0.02, f"at {vin / 2:.4g} V"),
         equals("current backwards", "i_back", -0.99 * current, "A", 0.02, f"at {-0.99 * vin:.4g} V")),
        ("R4/R3 = R2/R1 sets the output resistance: take resistors of 0.1 %, or trim one.",),
    )  # fmt: skip


HOWLAND = Kit(
    "howland_pump", "Howland current pump", "op-amp and five resistors: a current of either sign into a grounded load",
    (Slot("current", "A", "current at full input", required=True, least=1e-6, most=1),
     Slot("v_in", "V", "full input", default=1.0, least=0.01, most=30),
     Slot("supply", "V", "each of the two supplies", default=15.0, least=2.5, most=30),
     Slot("load", "ohm", "the load to ground", required=True, least=1, most=1e6)),
    ("Howland pump, 1 mA per volt into 1k", "bipolar voltage-controlled current source, grounded load, ±12 V"),
    howland,
)  # fmt: skip
