"""Soft start: a P-channel MOSFET that lets the supply rise slowly into the capacitors of a load.

Source of the formulas: Texas Instruments, Managing Inrush Current (SLVA670A): I = C dV/dt; the slope is the current of
the gate's resistor into the capacitor between gate and drain (S. Mappus in onsemi AND9093 for the P-channel switch).
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, at_most, capacitor, deck, equals, number, optional, resistor, value

_THRESHOLD = 2.1
_CHANNEL = 0.03


def soft_start(plan: Plan) -> Design:
    """The gate's capacitor CG holds dV/dt = (V - Vgs)/(R CG) at the drain; the inrush is the load's C times that."""
    supply, bulk = value(plan, "supply", 12), value(plan, "capacitance", 1e-3)
    most, ramp = optional(plan, "current"), optional(plan, "rise_time")
    load = optional(plan, "load_current") or 0.0
    if supply < 4.5:
        raise Impossible(f"{supply:.4g} V are too little for this MOSFET's gate", {"supply": 5.0})
    if most is None and ramp is None:
        ramp = 20e-3
    if ramp is None:
        assert most is not None
        ramp = 1.25 * bulk * supply / most
    elif most is not None and bulk * supply / ramp > most:
        raise Impossible(
            f"to charge {shown(bulk, 'F')} to {supply:.4g} V in {shown(ramp, 's')} takes "
            f"{shown(bulk * supply / ramp, 'A')}, more than {shown(most, 'A')}",
            {"rise_time": round(1.25 * bulk * supply / most, 6)},
        )
    if load > 10:
        raise Impossible(f"this switch carries 10 A, not {shown(load, 'A')}")
    energy = 0.5 * bulk * supply**2
    if energy > 20:
        raise Impossible(
            f"the MOSFET would take {energy:.3g} J while the capacitors charge; a resistor with a relay across it does "
            "that better"
        )
    wanted = bulk * supply / ramp
    gate = min(supply - 0.1, 11.0)
    divided = supply > 13
    r1, plateau = 100e3, _THRESHOLD + 0.1
    r2 = r1 * (supply - gate) / gate if divided else 0.0
    # at the plateau R2's current charges CG and feeds R1
    pull = r2 if divided else r1
    into = (supply - plateau) / pull - (plateau / r1 if divided else 0.0)
    cg = into * ramp / supply
    if cg < 1e-9 and optional(plan, "rise_time") is None:
        cg, ramp = 1e-9, supply * 1e-9 / into  # slower than the limit asks for
    if cg < 0.5e-9 or cg > 100e-6:
        raise Impossible(
            f"{shown(ramp, 's')} are out of reach of this gate: it would take {shown(cg, 'F')}",
            {"rise_time": 20e-3},
        )
    # plugged in, the supply's step divides between CS and CG: a volt at the gate at most
    cs = max(cg * supply, 1e-9)
    end = 3 * ramp + 3 * cs * plateau / into
    if end > 60:
        raise Impossible(f"{shown(ramp, 's')} are too slow for an RC at a gate", {"rise_time": 0.1})
    divider = "R2 g x <R2>\nR1 in g <R1>" if divided else "R2 g x <R1>\nR1 in g 10meg"
    body = f"""Soft start, {supply:.4g} V into {shown(bulk, "F")}
Vin in 0 PULSE(0 {supply:.6g} {number(ramp / 100)} {number(ramp / 1000)} 1u {number(10 * end)} {number(20 * end)})
Vmeter in s 0
M1 d g s s MPSW L=1u W=1u
{divider}
Vpull x 0 0
* CG slows the drain down, CS keeps the gate off while the supply comes
RCG g y 1k
CG y d <CG>
CS g in <CS>
Vbulk d out 0
CBULK out 0 {number(bulk)}
RL out 0 {number(supply / load if load else 100 * ramp / bulk)}
.model MPSW PMOS(LEVEL=1 VTO=-{_THRESHOLD} KP=25 LAMBDA=0.005 RD=25m RS=5m CGSO=1m CGDO=0.1m)
.tran {number(end / 3000)} {number(end)} 0 {number(end / 3000)}
.meas tran i_inrush max i(Vmeter)
.meas tran t_low when v(out)={0.1 * supply:.6g} rise=1
.meas tran t_high when v(out)={0.9 * supply:.6g} rise=1
.meas tran t_ramp param='(t_high-t_low)*1.25'
.meas tran v_end find v(out) at={number(0.999 * end)}
.meas tran drop param='{supply:.6g}-v_end'"""
    parts = [resistor("R1", r1, "E24"), capacitor("CG", cg, "E12", span=4), capacitor("CS", cs)]
    if divided:
        parts.insert(1, resistor("R2", r2, "E24"))
    wants = [at_least("output at the end", "v_end", 0.96 * supply - load * _CHANNEL * 2, "V")]
    if optional(plan, "rise_time") is not None:
        wants.append(equals("rise of the output", "t_ramp", ramp, "s", 0.15, "0 to 100 %, by its 10 and 90 %"))
    if most is not None:
        wants.append(at_most("inrush current", "i_inrush", most, "A"))
    else:
        wants.append(at_most("inrush current", "i_inrush", 1.3 * wanted + 1.1 * load, "A"))
    return Design(
        "Soft start with a P-channel MOSFET", deck(body), tuple(parts), tuple(wants),
        (f"The MOSFET takes {energy:.2g} J once; look into its safe operating area. "
         f"{'A zener of 12 V from gate to source protects it.' if supply > 12 else ''}".strip(),),
    )  # fmt: skip


SOFT_START = Kit(
    "soft_start", "Soft start (inrush limiter)", "P-channel MOSFET that charges the load's capacitors slowly",
    (Slot("supply", "V", "the supply", default=12.0, least=3, most=60),
     Slot("capacitance", "F", "of the load", default=1e-3, least=1e-7, most=0.1),
     Slot("current", "A", "inrush current, at most", least=1e-3, most=50),
     Slot("rise_time", "s", "how long the output takes to rise", least=1e-5, most=5),
     Slot("load_current", "A", "load current at the end", least=1e-4, most=10)),
    ("soft start for 24 V and 1000 uF, inrush below 2 A", "inrush limiter, 12 V, 2200 uF, ramp in 20 ms"), soft_start,
)  # fmt: skip
