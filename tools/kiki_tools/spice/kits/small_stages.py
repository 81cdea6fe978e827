"""A transistor's operating point by four resistors, an inverting logic shifter, a MOSFET against reverse polarity.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 2.2.5 (divider bias), 2.2.1 (saturated
switch), 3.5.4 (power MOSFETs as switches).
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import at_least, at_most, deck, equals, number, optional, resistor, value, vbe

_BETA = 180.0
_FORCED_BETA = 20.0


def bias(plan: Plan) -> Design:
    """RE = VE/IC, RC = (V - VC)/IC, and a divider that carries a tenth of IC (Horowitz & Hill 2.2.5)."""
    supply, current = value(plan, "supply", 12), value(plan, "current", 1e-3)
    ve = value(plan, "emitter", min(max(0.1 * supply, 0.5), 2.0))
    across = optional(plan, "vce")
    vc = value(plan, "collector", (supply + ve) / 2 if across is None else ve + across)
    if across is not None and abs(vc - ve - across) > 0.05 * across:
        raise Impossible(f"{vc:.4g} V at the collector and {ve:.4g} V at the emitter aren't {across:.4g} V apart")
    if not 0 < ve < vc < supply:
        raise Impossible(
            f"the emitter at {ve:.4g} V, the collector at {vc:.4g} V and the supply of {supply:.4g} V have to lie "
            "above one another"
        )
    if vc < ve + 0.4:
        raise Impossible(f"{vc - ve:.3g} V across the transistor saturate it; 0.4 V at least", {"collector": ve + 1})
    base = ve + vbe(current)
    if base > 0.9 * supply:
        raise Impossible(f"the base would stand at {base:.3g} V of {supply:.4g} V", {"emitter": 0.1 * supply})
    through = current / 10
    parts = (
        resistor("R1", (supply - base) / (through + current / _BETA)), resistor("R2", base / through),
        resistor("RC", (supply - vc) / current), resistor("RE", ve / current),
    )  # fmt: skip
    body = f"""Transistor bias, {shown(current, "A")} on {supply:.4g} V
Vcc vcc 0 {supply:.6g}
R1 vcc b <R1>
R2 b 0 <R2>
RC vcc out <RC>
RE e 0 <RE>
Q1 out b e {"QN" if current < 0.03 else "QSW"}
.dc Vcc {0.95 * supply:.6g} {1.06 * supply:.6g} {0.05 * supply:.6g}
let icol = (v(vcc)-v(out))/<RC>
.meas dc ic find icol at={supply:.6g}
.meas dc v_e find v(e) at={supply:.6g}
.meas dc v_c find v(out) at={supply:.6g}"""
    return Design(
        "Transistor bias by four resistors", deck(body, "QN" if current < 0.03 else "QSW"), parts,
        (equals("collector current", "ic", current, "A", 0.05), equals("emitter voltage", "v_e", ve, "V", 0.05),
         equals("collector voltage", "v_c", vc, "V", 0.04)),
        (f"The base stands at {base:.2f} V; the divider draws {shown(through, 'A')} beside it.",),
    )  # fmt: skip


def logic_inverter(plan: Plan) -> Design:
    """A saturated switch with a pull-up to the output's supply: high in gives low out (Horowitz & Hill 2.2.1)."""
    drive, high = value(plan, "drive", 3.3), value(plan, "supply", 5.0)
    pull = value(plan, "pull_up", 4.7e3)
    current = high / pull
    mosfet = plan.get("transistor") == "mosfet"
    if mosfet and drive < 2.5:
        raise Impossible(f"{drive:.4g} V hardly open the MOSFET, whose threshold is 1.8 V; a bipolar one does")
    if not mosfet and drive < 1.0:
        raise Impossible(f"{drive:.4g} V don't switch a base-emitter junction reliably; 1.2 V do", {"drive": 1.2})
    parts = [fixed("RL", pull)]
    if mosfet:
        cards, model = "M1 out in 0 0 MN L=1u W=1u", "MN"
    else:
        cards, model = "RB in b <RB>\nRBE b 0 <RBE>\nQ1 out b 0 QN", "QN"
        rbe = 47e3
        parts += [resistor("RB", (drive - 0.75) / (current / _FORCED_BETA + 0.7 / rbe), "E24"), fixed("RBE", rbe)]
    step = drive / 200
    body = f"""Inverting logic-level shifter, {drive:.4g} V to {high:.4g} V
Vcc vcc 0 {high:.6g}
Vin in 0 DC 0
RL vcc out <RL>
{cards}
.dc Vin 0 {drive:.6g} {step:.6g}
.meas dc v_high find v(out) at={number(step / 10)}
.meas dc v_low find v(out) at={number(drive - step / 10)}"""
    return Design(
        "Inverting logic-level shifter", deck(body, model), tuple(parts),
        (at_least("output for a low input", "v_high", 0.97 * high, "V"),
         Wanted("output for a high input", "v_low", "<=", 0.3, "V")),
        (f"The pull-up sets the rise; {shown(current, 'A')} flow while the output is low.",),
    )  # fmt: skip


def reverse_polarity(plan: Plan) -> Design:
    """A P-channel MOSFET in the supply, drain to the input: the body diode starts it, the gate on ground holds it."""
    supply, current = value(plan, "supply", 12), optional(plan, "current")
    load = optional(plan, "load_ohm")
    if load is not None and current is not None and not 0.8 < supply / load / current < 1.25:
        raise Impossible(
            f"{supply:.4g} V across {shown(load, 'ohm')} give {shown(supply / load, 'A')}, not {shown(current, 'A')}"
        )
    current = current if current is not None else 1.0 if load is None else supply / load
    load = supply / current if load is None else load
    if supply < 3:
        raise Impossible(f"{supply:.4g} V don't open the MOSFET, whose threshold is 2 V", {"supply": 5.0})
    most = value(plan, "drop", 0.1 if current < 5 else 0.03 * current)
    clamped = supply > 15
    over = min(supply, 12.0 if clamped else supply) - 2.0
    channel = 0.012 + 1 / (30 * over)
    if current * channel > most:
        raise Impossible(
            f"at {shown(current, 'A')} a MOSFET of about {shown(channel, 'ohm')} drops "
            f"{shown(current * channel, 'V')}, "
            f"more than {shown(most, 'V')}; two in parallel halve it",
            {"current": 0.9 * most / channel},
        )
    gate = "D2 g out DZG\n.model DZG D(IS=10f N=1.05 RS=5 BV=12 IBV=1m)\n" if clamped else ""
    pull = 10e3 if clamped else 1e3
    body = f"""Reverse-polarity protection, {supply:.4g} V, {shown(current, "A")}
Vin in 0 DC {supply:.6g}
* drain at the input, source at the load: the body diode conducts first
M1 in g out out MPREV L=1u W=1u
D1 in out DBODY
RG g 0 <RG>
{gate}RL out 0 {number(load)}
.model MPREV PMOS(LEVEL=1 VTO=-2 KP=30 LAMBDA=0.005 RD=8m RS=2m CGSO=1m CGDO=0.1m)
.model DBODY D(IS=1n N=1.1 RS=10m CJO=300p)
.dc Vin -{supply:.6g} {1.02 * supply:.6g} {supply / 100:.6g}
let v_lost = v(in)-v(out)
.meas dc drop find v_lost at={supply:.6g}
.meas dc v_rev min v(out)"""
    return Design(
        "Reverse-polarity protection by a P-channel MOSFET", deck(body), (fixed("RG", pull),),
        (at_most("drop", "drop", most, "V", f"at {shown(current, 'A')}"),
         at_least("output for reversed polarity", "v_rev", -0.05, "V", f"at -{supply:.4g} V in")),
        (f"The MOSFET takes {shown(current**2 * channel, 'W')}; it has to block {supply:.4g} V"
         + (", a 12 V zener guards its gate." if clamped else "."),),
    )  # fmt: skip


BIAS = Kit(
    "transistor_bias", "Transistor bias", "an NPN's operating point by four resistors",
    (Slot("supply", "V", "the supply", default=12.0, least=1.5, most=60),
     Slot("current", "A", "collector current", default=1e-3, least=1e-5, most=0.2),
     Slot("emitter", "V", "at the emitter", least=0.05, most=40),
     Slot("collector", "V", "at the collector", least=0.3, most=59),
     Slot("vce", "V", "between collector and emitter, instead", least=0.3, most=59)),
    ("bias a 2N3904 at 2 mA on 12 V, emitter at 1 V, collector at 6 V", "four-resistor bias, 1 mA, 9 V"), bias,
)  # fmt: skip
LOGIC_INVERTER = Kit(
    "logic_inverter", "Inverting logic-level shifter", "one transistor and its pull-up: high in, low out",
    (Slot("drive", "V", "high level of the input", default=3.3, least=0.8, most=24),
     Slot("supply", "V", "of the output, its high level", default=5.0, least=1, most=50),
     Slot("pull_up", "ohm", "of the pull-up resistor", default=4.7e3, least=200, most=1e6),
     Slot("transistor", "", "what switches", default="npn", choices=("npn", "mosfet"))),
    ("inverting level shifter with one transistor, 1.8 V logic in, 5 V out", "NPN logic inverter 3.3 V to 12 V"),
    logic_inverter,
)  # fmt: skip
REVERSE = Kit(
    "reverse_polarity", "Reverse-polarity protection", "a P-channel MOSFET in the supply line",
    (Slot("supply", "V", "the supply", default=12.0, least=2, most=60),
     Slot("current", "A", "load current", least=1e-3, most=30),
     Slot("load_ohm", "ohm", "the load, instead of its current", least=0.05, most=1e5),
     Slot("drop", "V", "at most lost when on", least=1e-3, most=2)),
    ("reverse polarity protection with a PMOS, 12 V, 2 A", "P-FET against a reversed battery, 24 V, 1 A"),
    reverse_polarity,
)  # fmt: skip
