"""Small interfaces of two or three parts: a MOSFET's logic-level shifter, a compensated probe, a TL431 as a shunt.

Sources of the formulas: NXP AN10441 (level shifting by a MOSFET); P. Horowitz, W. Hill, The Art of Electronics, 3rd
ed., 9.10.2 (TL431) and appendix O (compensated probes).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import at_least, capacitor, deck, equals, number, resistor, value

_SHUNT_LEAST = 1e-3
VREF = 2.495
TL431_MODEL = f"""* cathode, reference: 2.495 V, 2 A/V beyond it, 0.3 mA of its own
.subckt TL431 k r
Rk k 0 1meg
Bk k 0 I=V(k) > 1 ? 0.3m + 0.05*ln(1+exp(min((V(r)-{VREF})/1m,60)))*0.02 : 0
Rr r 0 1.2meg
.ends"""
"""The shunt regulator ``TL431 cathode reference``, its anode on ground, and its reference in V."""


def logic_shifter(plan: Plan) -> Design:
    """The gate stands on the low supply: a low input pulls the output down through the channel, a high one lets go."""
    low, high, pull = value(plan, "low_supply", 3.3), value(plan, "high_supply", 5.0), value(plan, "pull_up", 10e3)
    if not low < high:
        raise Impossible(f"the input's {low:.4g} V have to lie below the output's {high:.4g} V")
    if low < 2.3:
        raise Impossible(f"{low:.4g} V hardly open the MOSFET, whose threshold is up to 1.5 V", {"low_supply": 2.5})
    step = low / 200
    body = f"""Logic-level shifter, {low:.4g} V to {high:.4g} V
Vlow vl 0 {low:.6g}
Vhigh vh 0 {high:.6g}
Vin in 0 DC 0
R1 vl in <R1>
R2 vh out <R2>
M1 out vl in in BSS138 L=1u W=1u
.model BSS138 NMOS(LEVEL=1 VTO=1.3 KP=0.2 LAMBDA=0.01 RD=0.6 RS=0.1 CGSO=20u CGDO=5u)
.dc Vin 0 {low:.6g} {step:.6g}
.meas dc v_low find v(out) at={number(step / 10)}
.meas dc v_high find v(out) at={number(low - step / 10)}"""
    return Design(
        "Logic-level shifter", deck(body), (fixed("R1", pull), fixed("R2", pull)),
        (Wanted("output for a low input", "v_low", "<=", 0.3, "V"), at_least("output for a high input", "v_high",
                                                                             0.97 * high, "V")),
        ("The MOSFET's body diode makes it work in both directions; the pull-ups set the rise time.",),
    )  # fmt: skip


def probe(plan: Plan) -> Design:
    """R1/(R1 + R2) and C1 R1 = C2 R2: the division is the same at every frequency."""
    ratio, r2, c2 = value(plan, "ratio", 10.0), value(plan, "scope_ohm", 1e6), value(plan, "scope_f", 20e-12)
    if ratio < 1:
        ratio = 1 / ratio
    if ratio < 1.5:
        raise Impossible(f"a probe divides by more than 1, not by {ratio:.4g}")
    r1 = (ratio - 1) * r2
    c1 = c2 / (ratio - 1)
    top = 1e3 / (2 * math.pi * r2 * c2)
    level = -20 * math.log10(ratio)
    body = f"""Compensated probe {ratio:.4g}:1
Vin in 0 DC 0 AC 1
R1 in out <R1>
C1 in out <C1>
RSCOPE out 0 {number(r2)}
CSCOPE out 0 {number(c2)}
.ac dec 30 1 {number(top)}
.meas ac gain_db find vdb(out) at=10
.meas ac level_max max vdb(out)
.meas ac level_min min vdb(out)
.meas ac flat_db param='level_max-level_min'"""
    return Design(
        "Compensated probe", deck(body), (resistor("R1", r1, "E96"), capacitor("C1", c1, "E24")),
        (Wanted("division", "gain_db", "=", level, "dB", 0.2, "at 10 Hz"),
         Wanted("variation", "flat_db", "<=", 0.5, "dB", condition=f"up to {shown(top, 'Hz')}")),
        (f"At the tip {shown(ratio * r2, 'ohm')} beside {shown(c2 / ratio, 'F')}; make C1 a trimmer.",),
    )  # fmt: skip


def tl431(plan: Plan) -> Design:
    """Output 2.495 V (1 + R1/R2); RS carries the load and what the TL431 needs, 1 mA at least."""
    output, vin, current = value(plan, "output"), value(plan, "input"), value(plan, "current", 5e-3)
    if output < 2.5 or output > 36:
        raise Impossible(f"a TL431 holds 2.5 to 36 V, not {output:.4g} V", {"output": min(max(output, 2.5), 36)})
    if vin < output + 0.5:
        raise Impossible(f"from {vin:.4g} V a shunt can't hold {output:.4g} V", {"input": output + 2})
    spare = max(0.3 * current, 5 * _SHUNT_LEAST)
    divider = 0.3e-3
    rs = (vin - output) / (current + spare + divider)
    if spare + current > 0.1:
        raise Impossible(f"without its load a TL431 would take {shown(spare + current, 'A')}, more than its 100 mA")
    r2 = VREF / divider
    body = f"""TL431 shunt regulator, {output:.4g} V
Vin in 0 DC {vin:.6g}
RS in out <RS>
R1 out ref <R1>
R2 ref 0 <R2>
XU1 out ref TL431
COUT out 0 10u
ILOAD out 0 {number(current)}
{TL431_MODEL}
.dc Vin {0.97 * vin:.6g} {1.04 * vin:.6g} {0.01 * vin:.6g}
let i_shunt = (v(in)-v(out))/<RS>-{current:.9g}-{divider:.9g}
.meas dc vout find v(out) at={vin:.6g}
.meas dc i_k find i_shunt at={0.98 * vin:.6g}"""
    return Design(
        "TL431 shunt regulator", deck(body),
        (resistor("RS", rs, "E24"), resistor("R2", r2), resistor("R1", (output - VREF) / divider)) if output > 2.55
        else (resistor("RS", rs, "E24"), resistor("R2", 100e3), fixed("R1", 1.0)),
        (equals("output voltage", "vout", output, "V", 0.02),
         at_least("current through the TL431", "i_k", _SHUNT_LEAST, "A", "2 % less at the input")),
        (f"Without load the TL431 takes {shown(current + spare, 'A')}, {(current + spare) * output:.2g} W.",),
    )  # fmt: skip


LOGIC_SHIFTER = Kit(
    "logic_shifter", "Logic-level shifter", "one MOSFET and two pull-ups between two logic supplies",
    (Slot("low_supply", "V", "logic supply of the input side", default=3.3, least=1, most=12),
     Slot("high_supply", "V", "logic supply of the output side", default=5.0, least=1.5, most=50),
     Slot("pull_up", "ohm", "of the pull-up resistors", default=10e3, least=200, most=1e6)),
    ("BSS138 level shifter from 3.3 V to 5 V, 10k pull-ups", "MOSFET logic level translator 2.5 V to 5 V"),
    logic_shifter,
)  # fmt: skip
PROBE = Kit(
    "compensated_probe", "Compensated probe", "a divider of resistors with capacitors beside them, for an oscilloscope",
    (Slot("ratio", "", "input over output", default=10.0, least=0.001, most=1000),
     Slot("scope_ohm", "ohm", "of the oscilloscope's input", default=1e6, least=1e3, most=1e9),
     Slot("scope_f", "F", "of the oscilloscope's input", default=20e-12, least=1e-12, most=1e-9)),
    ("compensated 10:1 scope probe for 1 Mohm beside 15 pF", "x100 oscilloscope probe, compensated"), probe,
)  # fmt: skip
TL431 = Kit(
    "tl431_shunt", "TL431 shunt regulator", "an adjustable shunt reference, its divider and the series resistor",
    (Slot("output", "V", "the output", required=True, least=1, most=100),
     Slot("input", "V", "the input", required=True, least=2, most=100),
     Slot("current", "A", "load current", default=5e-3, least=1e-6, most=1)),
    ("TL431 for 5 V from 12 V, 10 mA load", "shunt reference with a TL431, 3.3 V out of 9 V"), tl431,
)  # fmt: skip
