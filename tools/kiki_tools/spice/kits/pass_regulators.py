"""Series regulators of few parts: the adjustable three-terminal one, and a zener with a pass transistor.

Sources of the formulas: Texas Instruments, LM317 (SLVS044), 8.2; P. Horowitz, W. Hill, The Art of Electronics, 3rd ed.,
9.1 and 9.3.
"""

from __future__ import annotations

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, at_most, deck, equals, number, optional, resistor, value, vbe
from kiki_tools.spice.kits.series import nearest

REFERENCE, ADJUST, DROPOUT = 1.25, 50e-6, 1.8
"""Of an LM317: reference in V, current of its adjustment pin in A, and drop-out in V at a good load."""
LM317 = f""".subckt LM317 in adj out
* reference between adj and out, its own drop-out, the current of the adjustment pin
Iadj in adj {ADJUST}
Breg r 0 V=min(V(adj)+{REFERENCE}, V(in)-{DROPOUT})
Vs r o 0
Ro o out 10m
Bin in 0 I=I(Vs)
.ends"""
"""The three-terminal regulator ``LM317 in adj out``."""


def adjustable(plan: Plan) -> Design:
    """Vout = 1.25 V (1 + R2/R1) + 50 µA R2 (SLVS044 8.2.2)."""
    vout, vin, current = value(plan, "output"), value(plan, "vin"), value(plan, "current", 0.1)
    if vout < REFERENCE:
        raise Impossible(f"an LM317 gives {REFERENCE} V at least, not {vout:.4g} V", {"output": REFERENCE})
    if vin < vout + DROPOUT + 0.2:
        raise Impossible(
            f"from {vin:.4g} V an LM317 can't hold {vout:.4g} V: it needs {DROPOUT + 0.2:.2g} V more than its output",
            {"vin": round(vout + 3.0, 1)},
        )
    power = (vin - vout) * current
    if power > 20 or current > 1.5:
        raise Impossible(
            f"an LM317 bears 1.5 A and about 20 W with a heat sink, not {shown(current, 'A')} and {power:.3g} W; a "
            "buck converter does that"
        )
    r1 = 240.0
    r2 = max((vout - REFERENCE) / (REFERENCE / r1 + ADJUST), 1.0)
    light = 0.1 * current
    body = f"""Adjustable regulator (LM317), {vout:.4g} V from {vin:.4g} V
Vin in 0 {vin:.6g}
XU1 in adj out LM317
R1 out adj <R1>
R2 adj 0 <R2>
C1 in 0 100n
C2 out 0 1u
RL out 0 {number(vout / current)}
Istep out 0 0
{LM317}
.dc Istep {-0.9 * current:.6g} {0.18 * current:.6g} {0.09 * current:.6g}
.meas dc vout find v(out) at=0
.meas dc v_light find v(out) at={-0.9 * current:.6g}
.dc Vin {0.95 * vin:.6g} {1.06 * vin:.6g} {0.05 * vin:.6g}
.meas dc v_low find v(out) at={0.95 * vin:.6g}"""
    return Design(
        "Adjustable regulator (LM317)", deck(body), (resistor("R1", r1, "E24"), resistor("R2", r2, "E96")),
        (equals("output voltage", "vout", vout, "V", 0.02, f"at {shown(current, 'A')}"),
         equals("output at a light load", "v_light", vout, "V", 0.03, f"at {shown(light, 'A')}"),
         equals("output at 5 % less input", "v_low", vout, "V", 0.03)),
        (f"The regulator takes {power:.3g} W; it wants 10 mA of load at least, 5 of them flow through R1.",),
    )  # fmt: skip


_POTS = (100.0, 200.0, 500.0, 1e3, 2e3, 2.5e3, 5e3, 10e3)


def variable(plan: Plan) -> Design:
    """A potentiometer as rheostat in place of R2; both its ends are measured (SLVS044 8.2.2)."""
    low, high, vin = value(plan, "v_low", REFERENCE), value(plan, "v_high"), optional(plan, "vin")
    current = value(plan, "current", 0.1)
    vin = high + 3.0 if vin is None else vin
    if low < REFERENCE - 0.01:
        raise Impossible(
            f"an LM317 gives {REFERENCE} V at least, not {low:.4g} V; that takes a negative auxiliary supply",
            {"v_low": REFERENCE},
        )
    if high < low + 0.3:
        raise Impossible(f"{low:.4g} V to {high:.4g} V is no range")
    if vin < high + DROPOUT + 0.2:
        raise Impossible(
            f"from {vin:.4g} V an LM317 can't reach {high:.4g} V: it needs {DROPOUT + 0.2:.2g} V more than its output",
            {"vin": round(high + 3.0, 1)},
        )
    power = (vin - low) * current
    if power > 20 or current > 1.5:
        raise Impossible(
            f"an LM317 bears 1.5 A and about 20 W with a heat sink, not {shown(current, 'A')} and {power:.3g} W at "
            f"{low:.4g} V"
        )
    # the smallest usual potentiometer that leaves R1 at most 240 ohm (5 mA, its least load) and at least 100 ohm
    pot, r1 = next(
        ((p, r) for p in _POTS if (r := REFERENCE * p / (high - low - ADJUST * p)) >= 100.0 and r > 0), (5e3, 240.0)
    )
    if r1 > 300 or r1 < 0:
        pot, r1 = 2e3, REFERENCE * 2e3 / max(high - low - ADJUST * 2e3, 0.1)
    fixed_part = max((low - REFERENCE) / (REFERENCE / r1 + ADJUST), 0.0)
    r3 = fixed_part > 5
    parts = [resistor("R1", r1, "E96")]
    if r3:
        parts.append(resistor("R3", fixed_part, "E96"))
    foot = f"R3{{}} {{}} 0 {'<R3>' if r3 else '1m'}"
    body = f"""Variable supply (LM317), {low:.4g} V to {high:.4g} V
Vin in 0 {vin:.6g}
* the potentiometer at its upper end
XU1 in adj out LM317
R1 out adj <R1>
RPOT adj x {number(pot)}
{foot.format("", "x")}
C1 in 0 100n
C2 out 0 1u
RL out 0 {number(high / current)}
* the same at its lower end
XU2 in adj2 out2 LM317
R1L out2 adj2 <R1>
RPOTL adj2 x2 1m
{foot.format("L", "x2")}
RLL out2 0 {number(max(low, 0.1) / current)}
{LM317}
.dc Vin {0.97 * vin:.6g} {1.04 * vin:.6g} {0.03 * vin:.6g}
.meas dc v_high find v(out) at={vin:.6g}
.meas dc v_low find v(out2) at={vin:.6g}"""
    wanted_low = (
        equals("lower end of the range", "v_low", low, "V", 0.04, f"at {shown(current, 'A')}") if low > REFERENCE + 0.1
        else at_most("lower end of the range", "v_low", low + 0.05, "V", f"at {shown(current, 'A')}")
    )  # fmt: skip
    return Design(
        "Variable supply (LM317)", deck(body), tuple(parts),
        (equals("upper end of the range", "v_high", high, "V", 0.05, f"at {shown(current, 'A')}"), wanted_low),
        (f"RPOT is a potentiometer of {shown(pot, 'ohm')} as rheostat. The regulator takes {power:.3g} W at "
         f"{low:.4g} V.",),
    )  # fmt: skip


def zener_pass(plan: Plan) -> Design:
    """The base is held by a zener: Vout = Vz - Vbe (Horowitz & Hill 9.1.1)."""
    vout, vin, current = value(plan, "output"), value(plan, "vin"), value(plan, "current", 0.1)
    large = current > 0.15
    junction = (0.62 + 0.06 * current) if large else vbe(current) - 0.02
    vz = nearest(vout + junction, "E24")
    low = 0.9 * vin
    base = current / (50 if large else 100)
    if low < vout + junction + 0.8:
        raise Impossible(
            f"a zener with a pass transistor needs about 2 V more than its output: {vin:.4g} V are too little for "
            f"{vout:.4g} V; an LDO does with less",
            {"vin": round((vout + junction + 1.2) / 0.9, 1)},
        )
    if (vin - vout) * current > 25:
        raise Impossible(f"the transistor would take {(vin - vout) * current:.3g} W; a buck converter wouldn't")
    rb = (low - vz) / (base + 2e-3)
    zz = 8.0
    body = f"""Zener with pass transistor, {vout:.4g} V from {vin:.4g} V
Vin in 0 {vin:.6g}
RB in b <RB>
D1 0 b DZ
Q1 in b out {"QPOW" if large else "QSW"}
RL out 0 {number(vout / current)}
.model DZ D(IS=10f N=1.05 RS={zz:.4g} BV={vz - zz * 2e-3:.6g} IBV=2m CJO=100p)
.dc Vin {low:.6g} {1.11 * vin:.6g} {0.05 * vin:.6g}
.meas dc vout find v(out) at={vin:.6g}
.meas dc v_min min v(out)
.meas dc v_max max v(out)
let i_zener = (v(in)-v(b))/<RB>-i(Vbase)
.meas dc i_z_min min i_zener"""
    body = body.replace("Q1 in b out", "Vbase b b1 0\nQ1 in b1 out")
    return Design(
        "Zener with pass transistor", deck(body, "QPOW" if large else "QSW"), (resistor("RB", rb, "E24"),),
        (equals("output voltage", "vout", vout, "V", 0.05, f"at {shown(current, 'A')}"),
         at_least("output at 10 % less input", "v_min", 0.93 * vout, "V"),
         at_most("output at 10 % more input", "v_max", 1.07 * vout, "V"),
         at_least("zener current", "i_z_min", 0.5e-3, "A", "at the lowest input with full load")),
        (f"D1 is a zener of {vz:.3g} V; the transistor takes {(vin - vout) * current:.3g} W; nothing protects it "
         "against a short circuit.",),
    )  # fmt: skip


_SLOTS = (
    Slot("output", "V", "regulated output", required=True, least=1.2, most=60),
    Slot("vin", "V", "input", required=True, least=2, most=80),
    Slot("current", "A", "greatest load current", default=0.1, least=1e-4, most=10),
)
ADJUSTABLE = Kit(
    "adjustable_regulator", "Adjustable regulator (LM317)", "three-terminal regulator set by two resistors", _SLOTS,
    ("LM317, 9 V out of 15 V at 300 mA", "adjustable regulator for 5 V, input 12 V"), adjustable,
)  # fmt: skip
VARIABLE = Kit(
    "variable_supply", "Variable supply (LM317)", "three-terminal regulator with a potentiometer over a range",
    (Slot("v_high", "V", "upper end of the range", required=True, least=1.5, most=37),
     Slot("v_low", "V", "lower end of the range", default=1.25, least=0, most=30),
     Slot("vin", "V", "input", least=3, most=42),
     Slot("current", "A", "greatest load current", default=0.1, least=1e-3, most=3)),
    ("LM317 supply adjustable from 1.25 V to 12 V, 16 V in", "variable bench supply 3 to 9 V with an LM317, 0.5 A"),
    variable,
)  # fmt: skip
ZENER_PASS = Kit(
    "zener_pass", "Zener with pass transistor", "emitter follower behind a zener as a simple series regulator", _SLOTS,
    ("5 V at 100 mA from 9 V with a zener and a pass transistor", "regulator of a zener and an NPN, 12 V in, 9 V out"),
    zener_pass,
)  # fmt: skip
