"""Passive radio circuits: the Wilkinson divider and the bias tee.

Sources of the formulas: E. J. Wilkinson, IRE Trans. MTT-8 (1960); D. M. Pozar, Microwave Engineering, 4th ed., 7.3
(lines of sqrt(2) Z0 and a resistor of 2 Z0) and 8.5 (a quarter wave as pi of C, L, C); a bias tee's capacitor and choke
are first-order high-passes against Z0.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import (
    at_least,
    at_most,
    capacitor,
    choice,
    deck,
    inductor,
    number,
    optional,
    resistor,
    value,
)


def wilkinson(plan: Plan) -> Design:
    """Each arm a quarter wave of sqrt(2) Z0: L = sqrt(2) Z0/w, C = 1/(sqrt(2) Z0 w) as a pi; 2 Z0 between both ends."""
    f, z0 = value(plan, "frequency"), value(plan, "impedance", 50)
    topology = choice(plan, "topology", "lumped" if f <= 1e9 else "lines")
    isolation, matched = value(plan, "isolation_db", 18), value(plan, "return_loss_db", 18)
    if isolation > 45 or matched > 45:
        raise Impossible("more than 45 dB of isolation or return loss isn't reached by real parts", {})
    w = 2 * math.pi * f
    arm = math.sqrt(2) * z0
    if topology == "lumped":
        if f > 2e9:
            raise Impossible(
                f"at {shown(f, 'Hz')} a coil of {shown(arm / w, 'H')} is only leads; take lines", {"topology": "lines"}
            )
        cell = "L1 {p} {a} <L>\nL2 {p} {b} <L>\nCP {p} 0 <CP>\nCA {a} 0 <C>\nCB {b} 0 <C>\nRW {a} {b} <RW>"
        c = 1 / (arm * w)
        parts = [inductor("L", arm / w, "E24"), capacitor("C", c, "E24"), capacitor("CP", 2 * c, "E24"),
                 resistor("RW", 2 * z0)]  # fmt: skip
    else:
        cell = (f"T1 {{p}} 0 {{a}} 0 Z0=<ZL> F={number(f)} NL=0.25\nT2 {{p}} 0 {{b}} 0 Z0=<ZL> F={number(f)} NL=0.25\n"
                "RW {a} {b} <RW>")  # fmt: skip
        parts = [fixed("ZL", arm), resistor("RW", 2 * z0)]
    split = cell.format(p="in", a="out", b="out2")
    back = "\n".join(
        line.replace(" ", "B ", 1) for line in cell.format(p="back", a="drive", b="other").splitlines()
    )  # fmt: skip
    load = number(z0)
    body = f"""Wilkinson divider, {shown(f, "Hz")}, {shown(z0, "ohm")}
Vin src 0 AC 2
RS src in {load}
{split}
RL1 out 0 {load}
RL2 out2 0 {load}
* the same, driven at an output: isolation and the output's match
V2 src2 0 AC 2
RS2 src2 drive {load}
{back}
RL3 back 0 {load}
RL4 other 0 {load}
.ac lin 101 {number(0.9 * f)} {number(1.1 * f)}
let isolated = -vdb(other)
let returned = -db(v(in)-1)
let returned_out = -db(v(drive)-1)
let uneven = vdb(out)-vdb(out2)
.meas ac split find vdb(out) at={number(f)}
.meas ac split2 find vdb(out2) at={number(f)}
.meas ac isolation find isolated at={number(f)}
.meas ac return_loss find returned at={number(f)}
.meas ac return_out find returned_out at={number(f)}"""
    at = f"at {shown(f, 'Hz')}"
    made = "two lines of a quarter wave" if topology == "lines" else "lumped parts, good for some 10 % of bandwidth"
    return Design(
        f"Wilkinson divider ({topology})", deck(body), tuple(parts),
        (Wanted("level at the first output", "split", "=", -3.01, "dB", 0.3, at),
         Wanted("level at the second output", "split2", "=", -3.01, "dB", 0.3, at),
         at_least("isolation", "isolation", isolation, "dB", at),
         at_least("return loss", "return_loss", matched, "dB", at),
         at_least("return loss of an output", "return_out", matched, "dB", at)),
        (f"{made[0].upper()}{made[1:]}; levels are against the source's available power.",),
    )  # fmt: skip


def bias_tee(plan: Plan) -> Design:
    """C in series with 2 Z0, L across the two ends in parallel: X a tenth of Z0 and ten times Z0 at the low end."""
    low, high = value(plan, "f_low"), optional(plan, "f_high")
    z0, current, supply = value(plan, "impedance", 50), value(plan, "current", 0.1), value(plan, "supply", 5)
    loss, isolation = value(plan, "loss_db", 0.5), optional(plan, "isolation_db")
    if high is not None and high <= low:
        raise Impossible(f"a band from {shown(low, 'Hz')} to {shown(high, 'Hz')} is none")
    w = 2 * math.pi * low
    # choke and capacitor share the loss at the low end: |1 + Z0/(2 jwL)|² and |1 + 1/(2 Z0 jwC)|²
    share = 10 ** (0.4 * min(loss, 3.0) / 10) - 1
    ind = z0 / (2 * w * math.sqrt(share))
    if isolation is not None:
        # the DC port is blocked by CB; what reaches it is a divider of wL and 1/(w CB)
        ind = max(ind, z0 / w)
    cap = 1 / (2 * z0 * w * math.sqrt(share))
    if ind > 0.1 or cap > 1e-3:
        raise Impossible(
            f"from {shown(low, 'Hz')} on a bias tee would take {shown(ind, 'H')} and {shown(cap, 'F')}; an audio "
            "transformer or a resistor feeds that",
        )
    drain = 100 * 10 ** (((isolation or 40) - 40) / 20)
    feed = max(drain / (w * w * ind) / 10, 1e-10)
    winding = min(0.02 * supply / current, 2.0)
    top = high if high is not None else 100 * low
    body = f"""Bias tee from {shown(low, "Hz")}, {shown(current, "A")}
* radio frequency comes in here, direct current at node dc; both go out
Vin src 0 AC 2
RS src in {number(z0)}
C1 in out <C1>
L1 dc x <L1>
RW x out {number(winding)}
C2 dc 0 <C2>
VDC feed 0 {supply:.6g}
RDC feed dc 10m
* the load: its resistance for signals, and what it draws
CL out y 10m
RL y 0 {number(z0)}
IL out 0 {current:.6g}
.ac dec 100 {number(low / 10)} {number(10 * top)}
let lost = -vdb(y)
let isolated = -vdb(dc)
let returned = -db(v(in)-1)
.meas ac loss_low find lost at={number(low)}
.meas ac loss_high find lost at={number(top)}
.meas ac isolation find isolated at={number(low)}
.dc VDC {0.9 * supply:.6g} {1.11 * supply:.6g} {0.1 * supply:.6g}
.meas dc v_out find v(out) at={supply:.6g}"""
    wants = [
        at_most("loss at the low end", "loss_low", loss, "dB", f"at {shown(low, 'Hz')}"),
        at_most("loss at the high end", "loss_high", loss, "dB", f"at {shown(top, 'Hz')}"),
        at_least("isolation of the DC port", "isolation", isolation or 30.0, "dB", f"at {shown(low, 'Hz')}"),
        at_least("DC at the output", "v_out", 0.95 * supply, "V", f"at {shown(current, 'A')}"),
    ]  # fmt: skip
    return Design(
        "Bias tee", deck(body),
        (capacitor("C1", 1.1 * cap, "E12", span=6), inductor("L1", 1.1 * ind, "E12", span=6),
         capacitor("C2", feed, "E12", span=6)), tuple(wants),
        (f"The choke has to carry {shown(current, 'A')} without saturating; its own resonance has to lie above "
         f"{shown(top, 'Hz')} (several in series do).",),
    )  # fmt: skip


WILKINSON = Kit(
    "wilkinson_divider", "Wilkinson divider", "splits a signal equally, its outputs matched and isolated",
    (Slot("frequency", "Hz", "centre", required=True, least=1e5, most=50e9),
     Slot("impedance", "ohm", "of all three ports", default=50.0, least=5, most=600),
     Slot("isolation_db", "dB", "between the outputs, at least", default=18.0, least=6, most=60),
     Slot("return_loss_db", "dB", "of all ports, at least", default=18.0, least=6, most=60),
     Slot("topology", "", "coils and capacitors, or lines", choices=("lumped", "lines"))),
    ("Wilkinson power divider for 100 MHz, 50 ohm", "lumped-element Wilkinson splitter at 435 MHz"), wilkinson,
)  # fmt: skip
BIAS_TEE = Kit(
    "bias_tee", "Bias tee", "direct current and a radio signal onto one line",
    (Slot("f_low", "Hz", "lower end of the band", required=True, least=1e3, most=10e9),
     Slot("f_high", "Hz", "upper end of the band", least=1e4, most=20e9),
     Slot("impedance", "ohm", "of the line", default=50.0, least=10, most=300),
     Slot("current", "A", "direct current", default=0.1, least=1e-4, most=5),
     Slot("supply", "V", "DC fed in", default=5.0, least=1, most=60),
     Slot("loss_db", "dB", "insertion loss, at most", default=0.5, least=0.05, most=3),
     Slot("isolation_db", "dB", "from the signal to the DC port, at least", least=10, most=80)),
    ("bias tee 1 MHz to 1 GHz, 50 ohm, 200 mA", "bias-T for an antenna amplifier, 5 V at 100 mA, from 100 MHz"),
    bias_tee,
)  # fmt: skip
