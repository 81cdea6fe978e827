"""Pairs of transistors: the differential pair, and the current mirror as sink or source.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., chapter 2; P. R. Gray et al., Analysis
and Design of Analog Integrated Circuits, 5th ed., chapters 3 and 4.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.parts import (
    GAIN,
    VT,
    at_least,
    choice,
    deck,
    equals,
    gain_of,
    gain_wanted,
    optional,
    parallel,
    resistor,
    value,
    vbe,
)


def differential_pair(plan: Plan) -> Design:
    """Gain Rc/(re + RE), differential in and out, a mirror as the tail (Horowitz & Hill 2.3.8; Gray 3.5)."""
    asked, supply, tail = gain_of(plan, 50), value(plan, "supply", 12), value(plan, "current", 1e-3)
    one = choice(plan, "output", "both outputs") == "single-ended"
    gain = 2 * asked if one else asked  # one collector has half of the difference
    re = VT / (tail / 2)
    rc = 0.5 * supply / (tail / 2)
    if rc / gain < 1.05 * re:
        rc = (supply - 0.8) / (tail / 2)
    degeneration = parallel(rc, 74 / tail * 2) / gain - re
    if degeneration < -0.02 * re:
        best = parallel(rc, 74 / tail * 2) / re
        twice = " (twice what one output has)" if one else ""
        raise Impossible(f"with resistors at {supply:.4g} V a pair amplifies by {best:.3g} at most, not by "
                         f"{gain:.4g}{twice}; load it "
                         "with a current mirror, or add a stage",
                         {"gain": round(0.9 * best * asked / gain, 1)})  # fmt: skip
    series = degeneration > 1
    if degeneration * tail / 2 > 0.35 * supply:
        rc = gain * (0.3 * supply / (tail / 2) + re)
        degeneration = 0.3 * supply / (tail / 2)
    parts = [resistor("RC", rc), resistor("RREF", (2 * supply - 0.7 - 0.2) / tail), resistor("RM", max(0.2 / tail, 1))]
    if series:
        parts.append(resistor("RE", degeneration, "E96", span=4))
    across = "v(out)" if one else "v(out)-v(outn)"
    measured = "one output" if one else "the difference of the two outputs"
    e1, e2 = ("e1", "e2") if series else ("t", "t")
    body = f"""Differential pair, gain {asked:.4g}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
Vin in 0 DC 0 AC 0.5
Vinn inn 0 DC 0 AC -0.5
RC1 vcc outn <RC>
RC2 vcc out <RC>
Q1 outn in {e1} QN
Q2 out inn {e2} QN
{"RE1 e1 t <RE>" if series else ""}
{"RE2 e2 t <RE>" if series else ""}
Q3 t bm em QN
RM1 em vee <RM>
Q4 bm bm er QN
RM2 er vee <RM>
RREF vcc bm <RREF>
.ac dec 20 10 100meg
let diff = mag({across})
.meas ac gain find diff at=1k
let diff_db = db({across})
.meas ac gain_db find diff_db at=1k
.dc Vcc {0.95 * supply:.6g} {1.06 * supply:.6g} {0.05 * supply:.6g}
let it = (v(em)-v(vee))/<RM>
.meas dc itail find it at={supply:.6g}
.meas dc vout find v(out) at={supply:.6g}"""
    return Design("Differential pair", deck(body, "QN"), tuple(parts), (
        gain_wanted(plan, asked), equals("tail current", "itail", tail, "A", 0.08),
        at_least("output at rest", "vout", 0.2, "V", "the transistors aren't saturated"),
    ), (f"The gain is from the input difference to {measured}.",))  # fmt: skip


def current_mirror(plan: Plan) -> Design:
    """Two transistors; a quarter of a volt at their emitters' resistors sets the ratio (Horowitz & Hill 2.3.7)."""
    current, supply = value(plan, "current", 1e-3), value(plan, "supply", 12)
    kind = choice(plan, "kind", "sink")
    ratio = value(plan, "ratio", 1.0)
    at = value(plan, "output_voltage", supply / 2)
    reference = current / ratio
    if not 1e-6 <= reference <= 0.05:
        raise Impossible(
            f"the reference branch would carry {shown(reference, 'A')}; choose a ratio between input and output "
            "nearer 1"
        )
    # Equal transistors at different currents differ by VT ln(ratio) in base-emitter voltage: the resistors make it up.
    drop = min(0.25, 0.1 * supply) + max(0.0, VT * math.log(ratio))
    room = at if kind == "sink" else supply - at
    resistance = optional(plan, "output_resistance")
    if resistance is not None:
        # ro (1 + gm RE/(1 + gm RE/beta)) with ro = VAF/I (Gray 4.2.4): the drop at RE that it takes, in VT
        share, beta = resistance * current / (74 if kind == "sink" else 18.7) - 1, 150.0
        if share > 0.8 * beta:
            raise Impossible(
                f"{shown(resistance, 'ohm')} at {shown(current, 'A')} are beyond one transistor, which reaches about "
                f"{shown(0.7 * beta * resistance / (share + 1), 'ohm')}; a cascode does more"
            )
        drop = max(drop, 1.4 * VT * share / (1 - share / beta))
    if room < drop + 0.3:
        raise Impossible(
            f"with its output at {at:.4g} V of {supply:.4g} V the mirror keeps {room:.3g} V; it needs "
            f"{drop + 0.3:.2g} V"
        )
    if supply < drop + 0.9:
        raise Impossible(f"{supply:.4g} V are too little for a mirror", {"supply": 3.3})
    drop_be = vbe(reference) if kind == "sink" else VT * math.log(reference / 1.41e-15)
    parts = (resistor("RREF", (supply - drop - drop_be) / reference), resistor("RE1", drop / reference),
             resistor("RE2", (drop - VT * math.log(ratio)) / current))  # fmt: skip
    if kind == "sink":
        circuit = "RREF vcc b <RREF>\nQ1 b b e1 QN\nRE1 e1 0 <RE1>\nQ2 out b e2 QN\nRE2 e2 0 <RE2>"
        model, sign = "QN", "-"
    else:
        circuit = "RREF b 0 <RREF>\nQ1 b b e1 QP\nRE1 vcc e1 <RE1>\nQ2 out b e2 QP\nRE2 vcc e2 <RE2>"
        model, sign = "QP", ""
    body = f"""Current mirror ({kind}), {shown(current, "A")}
Vcc vcc 0 {supply:.6g}
{circuit}
Vout out 0 DC {at:.6g}
.dc Vout 0 {supply:.6g} {supply / 200:.6g}
let io = {sign}i(Vout)
let slope = deriv(io)
let ro = 1/abs(slope)
.meas dc i_out find io at={at:.6g}
.meas dc r_out find ro at={at:.6g}"""
    wants: list[Wanted] = [equals("output current", "i_out", current, "A", 0.03, f"output at {at:.4g} V")]
    if resistance is not None:
        wants.append(at_least("output resistance", "r_out", resistance, "ohm"))
    return Design("Current mirror", deck(body, model), parts, tuple(wants))


DIFFERENTIAL_PAIR = Kit(
    "differential_pair", "Differential pair", "long-tailed bipolar pair on two supplies with a mirror as the tail",
    (*GAIN, Slot("supply", "V", "each of the two rails", default=12.0, least=2.5, most=30),
     Slot("current", "A", "tail current", default=1e-3, least=20e-6, most=20e-3),
     Slot("output", "", "one output or the difference of both", default="both outputs",
          choices=("both outputs", "single-ended"))),
    ("differential pair with gain 100, 1 mA tail, ±12 V", "long-tailed pair, 30 dB differential gain"),
    differential_pair,
)  # fmt: skip
CURRENT_MIRROR = Kit(
    "current_mirror", "Current mirror", "bipolar current sink (NPN) or source (PNP) from a reference resistor",
    (Slot("current", "A", "output current", required=True, least=5e-6, most=50e-3),
     Slot("supply", "V", "the supply", default=12.0, least=1.5, most=60),
     Slot("kind", "", "sink to ground or source from the supply", default="sink", choices=("sink", "source")),
     Slot("ratio", "", "output current over reference current", default=1.0, least=0.02, most=50),
     Slot("output_voltage", "V", "voltage at the output", least=0, most=60),
     Slot("output_resistance", "ohm", "least output resistance", least=10, most=100e6)),
    ("current mirror that sinks 1 mA from 12 V", "PNP current source of 500 uA from 5 V"), current_mirror,
)  # fmt: skip
