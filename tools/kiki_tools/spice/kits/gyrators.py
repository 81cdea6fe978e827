"""Simulated inductance: Antoniou's converter of two op-amps.

Source of the formula: A. Antoniou, Proc. IEE 116 (1969): Z = R1 R3 R5 C s/R2; the op-amps' gain-bandwidth product as in
L. T. Bruton, RC-Active Circuits (1980), 5.3.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, capacitor, deck, equals, number, opamp, resistor, value
from kiki_tools.spice.kits.series import nearest


def gyrator(plan: Plan) -> Design:
    """L = C R², with four equal resistors but for the one that is trimmed."""
    inductance, f = value(plan, "inductance"), value(plan, "frequency", 1e3)
    supply, q = value(plan, "supply", 12), value(plan, "q", 20)
    if f > 200e3:
        raise Impossible(f"at {shown(f, 'Hz')} a coil is smaller and better than op-amps", {"frequency": 100e3})
    x = 2 * math.pi * f * inductance
    if not 10 < x < 10e6:
        raise Impossible(
            f"{shown(inductance, 'H')} at {shown(f, 'Hz')} are {shown(x, 'ohm')}: op-amps simulate 10 ohm to 10 Mohm"
        )
    r = min(max(x, 1e3), 100e3)
    c = nearest(inductance / r**2, "E12")
    if not 100e-12 <= c <= 10e-6:
        raise Impossible(f"it would take {shown(c, 'F')}, no usual capacitor")
    r = math.sqrt(inductance / c)
    gbw = max(10e6, 100 * f * max(q / 20, 1))
    body = f"""Simulated inductance, {shown(inductance, "H")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
* the inductance lies between in and ground
Iin 0 in DC 0 AC 1
RDC in 0 1g
R1 in n2 <R>
R2 n2 n3 <R>
R3 n3 n4 <R>
C1 n4 n5 <C1>
R5 n5 0 <R5>
XU1 in n3 vcc vee n4 OPAMP
XU2 n5 n3 vcc vee n2 OPAMP
{opamp(gbw)}
.ac dec 100 {number(f / 30)} {number(30 * f)}
let l_seen = imag(v(in))/(2*pi*frequency)
let q_seen = abs(imag(v(in)))/(abs(real(v(in)))+1e-9)
.meas ac inductance find l_seen at={number(f)}
.meas ac l_low find l_seen at={number(f / 5)}
.meas ac q find q_seen at={number(f)}"""
    return Design(
        "Simulated inductance (gyrator)", deck(body),
        (resistor("R", r), capacitor("C1", c, "E12", span=1.0001), resistor("R5", r)),
        (equals("inductance", "inductance", inductance, "H", 0.03, f"at {shown(f, 'Hz')}"),
         equals("inductance", "l_low", inductance, "H", 0.05, f"at {shown(f / 5, 'Hz')}"),
         at_least("Q", "q", q, "", f"at {shown(f, 'Hz')}")),
        ("One end is ground; the voltage across it must stay within the rails.",),
    )  # fmt: skip


GYRATOR = Kit(
    "gyrator", "Simulated inductance (gyrator)", "two op-amps make a capacitor an inductance to ground",
    (Slot("inductance", "H", "the inductance", required=True, least=1e-4, most=1e5),
     Slot("frequency", "Hz", "where it is used", default=1e3, least=0.1, most=1e6),
     Slot("q", "", "its Q, at least", default=20, least=1, most=200),
     Slot("supply", "V", "each of the two rails", default=12.0, least=2.5, most=40)),
    ("gyrator that simulates 1 H", "simulated inductor of 100 mH at 10 kHz"), gyrator,
)  # fmt: skip
