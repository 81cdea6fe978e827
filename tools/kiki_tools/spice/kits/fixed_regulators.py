"""Series regulators with a fixed reference: three-terminal 78xx and 1117, a TL431 that drives a pass transistor.

Sources of the formulas: Texas Instruments, µA7800 (SLVS056), LM1117 (SNOS412) and TL431 (SLVS543), 9.3; P. Horowitz,
W. Hill, The Art of Electronics, 3rd ed., 9.3.
"""

from __future__ import annotations

from kiki_tools.spice.kits.interfaces import TL431_MODEL, VREF
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, fixed, shown
from kiki_tools.spice.kits.parts import at_least, choice, deck, equals, number, resistor, value

_FAMILIES = {"78": (2.0, 1.5, 5e-3, 35.0), "78l": (1.8, 0.1, 4e-3, 30.0), "1117": (1.2, 0.8, 5e-3, 15.0)}
"""Of each family: drop-out in V, greatest current in A, its own current in A, greatest input in V."""
_STEPS = {"78": (5, 6, 8, 9, 10, 12, 15, 18, 24), "78l": (3.3, 5, 6, 8, 9, 10, 12, 15, 18, 24),
          "1117": (1.2, 1.5, 1.8, 2.5, 2.85, 3.3, 5)}  # fmt: skip


def three_terminal(plan: Plan) -> Design:
    """The macromodel holds its output while the input is a drop-out above it; capacitors as in the datasheets."""
    vout, vin, current = value(plan, "output"), value(plan, "vin"), value(plan, "current", 0.1)
    family = choice(plan, "family", "78")
    dropout, most, own, highest = _FAMILIES[family]
    if not any(abs(vout - step) < 0.01 for step in _STEPS[family]):
        made = ", ".join(f"{step:g}" for step in _STEPS[family])
        raise Impossible(f"there is no {family.upper()} for {vout:.4g} V; there are {made} V. An LM317 is adjustable")
    if vin < vout + dropout:
        raise Impossible(
            f"from {vin:.4g} V a {family.upper()} can't hold {vout:.4g} V: it needs {dropout:.2g} V more than its "
            "output",
            {"vin": round(vout + dropout + 0.5, 1)},
        )
    power = (vin - vout) * current
    if vin > highest or current > most or power > (0.7 if family == "78l" else 15):
        raise Impossible(
            f"a {family.upper()} bears {highest:.3g} V, {shown(most, 'A')} and what its case cools, not {vin:.4g} V, "
            f"{shown(current, 'A')} and {power:.3g} W; a buck converter does that"
        )
    name = f"LM1117_{vout:g}".replace(".", "V") if family == "1117" else f"LM{family.upper()}{vout:02.0f}"
    usual = (10e-6, 10e-6) if family == "1117" else (0.33e-6, 0.1e-6)
    cin, cout = value(plan, "input_f", usual[0]), value(plan, "output_f", usual[1])
    body = f"""{name}, {vout:.4g} V from {vin:.4g} V
Vin in 0 {vin:.6g}
C1 in 0 <C1>
XU1 in 0 out {name}
C2 out 0 <C2>
RL out 0 {number(vout / current)}
* output, drop-out and the regulator's own current
.subckt {name} in gnd out
Iq in gnd {number(own)}
Breg r gnd V=min({vout:.6g}, V(in,gnd)-{dropout:.3g})
Vs r o 0
Ro o out 15m
Bin in gnd I=I(Vs)
.ends
.dc Vin {0.999 * max(vout + dropout, 0.95 * vin):.6g} {1.001 * vin:.6g} {0.01 * vin:.6g}
.meas dc v_low find v(out) at={max(vout + dropout, 0.95 * vin):.6g}
.dc Vin {vin:.6g} {1.02 * vin:.6g} {0.01 * vin:.6g}
.meas dc vout find v(out) at={vin:.6g}"""
    return Design(
        f"Fixed regulator {name.replace('_', '-').replace('V', '.')}", deck(body),
        (fixed("C1", cin), fixed("C2", cout)),
        (equals("output voltage", "vout", vout, "V", 0.02, f"at {shown(current, 'A')}"),
         equals("output at less input", "v_low", vout, "V", 0.03,
                f"at {max(vout + dropout, 0.95 * vin):.3g} V in")),
        (f"The regulator takes {power + own * vin:.3g} W and needs {vout + dropout:.3g} V at its input.",),
    )  # fmt: skip


def tl431_pass(plan: Plan) -> Design:
    """The TL431 takes from the base what the output doesn't need: Vout = 2.495 V (1 + R1/R2) (SLVS543 9.3.2)."""
    vout, vin, current = value(plan, "output"), value(plan, "vin"), value(plan, "current", 0.1)
    junction = 0.75 + 0.1 * current
    large = current > 0.15
    if vout < 2.6 or vout > 35:
        raise Impossible(f"a TL431 holds 2.5 to 36 V, not {vout:.4g} V", {"output": min(max(vout, 2.6), 35)})
    base = current / (50 if large else 100)
    low = 0.95 * vin
    if low < vout + junction + 0.5:
        raise Impossible(
            f"the base stands {junction:.2g} V above the output: {vin:.4g} V are too little for {vout:.4g} V",
            {"vin": round((vout + junction + 0.8) / 0.95, 1)},
        )
    if (vin - vout) * current > 25 or current > 3:
        raise Impossible(f"the transistor would take {(vin - vout) * current:.3g} W; a buck converter wouldn't")
    rb = (low - vout - junction) / (base + 1.5e-3)
    idle = (1.05 * vin - vout - junction) / rb
    if idle > 0.1:
        raise Impossible(f"without its load the TL431 would take {shown(idle, 'A')}, more than its 100 mA")
    r2 = VREF / 0.5e-3
    body = f"""TL431 with pass transistor, {vout:.4g} V from {vin:.4g} V
Vin in 0 {vin:.6g}
RB in b <RB>
XU1 b ref TL431
Q1 in b out {"QPOW" if large else "QSW"}
R1 out ref <R1>
R2 ref 0 <R2>
COUT out 0 10u
RL out 0 {number(vout / current)}
{TL431_MODEL}
.dc Vin {0.999 * low:.6g} {1.06 * vin:.6g} {0.01 * vin:.6g}
.meas dc v_low find v(out) at={low:.6g}
.meas dc vout find v(out) at={vin:.6g}
let i_shunt = (v(in)-v(b))/<RB>-{base:.6g}
.meas dc i_k find i_shunt at={vin:.6g}"""
    return Design(
        "TL431 with pass transistor", deck(body, "QPOW" if large else "QSW"),
        (resistor("RB", rb, "E24"), resistor("R2", r2), resistor("R1", (vout - VREF) / 0.5e-3)),
        (equals("output voltage", "vout", vout, "V", 0.02, f"at {shown(current, 'A')}"),
         equals("output at 5 % less input", "v_low", vout, "V", 0.03),
         at_least("current through the TL431", "i_k", 1e-3, "A", f"at {shown(current, 'A')}")),
        (f"The transistor takes {(vin - vout) * current:.3g} W; nothing protects it against a short circuit.",),
    )  # fmt: skip


_SLOTS = (
    Slot("output", "V", "regulated output", required=True, least=1, most=60),
    Slot("vin", "V", "input", required=True, least=2, most=80),
    Slot("current", "A", "greatest load current", default=0.1, least=1e-4, most=10),
)
FIXED = Kit(
    "fixed_regulator", "Fixed regulator", "a three-terminal regulator 78xx or 1117 with its capacitors",
    (*_SLOTS, Slot("family", "", "which", default="78", choices=("78", "78l", "1117")),
     Slot("input_f", "F", "at the input", least=1e-9, most=0.1),
     Slot("output_f", "F", "at the output", least=1e-9, most=0.1)),
    ("7805, 9 V in, 500 mA", "LM7812 from 18 V, 1 A", "AMS1117-3.3 from 5 V, 300 mA"), three_terminal,
)  # fmt: skip
TL431_PASS = Kit(
    "tl431_pass", "TL431 with pass transistor", "a TL431 that holds the base of an NPN series transistor", _SLOTS,
    ("TL431 and an NPN pass transistor, 12 V at 0.5 A from 16 V", "TL431 series regulator 5 V, 1 A, 9 V in"),
    tl431_pass,
)  # fmt: skip
