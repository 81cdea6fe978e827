"""First-order RC and RL filters, and RC sections in a row.

The corner of one section is ``1 / (2 pi R C)`` or ``R / (2 pi L)`` (P. Horowitz, W. Hill, The Art of Electronics, 3rd
ed., 1.7).
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits.model import Design, Kit, Slot, Values, Variable, Wanted
from kiki_tools.spice.kits.parts import number
from kiki_tools.spice.kits.series import nearest


def _lowpass(plan: dict[str, Any]) -> Design:
    corner = plan["cutoff_hz"]
    capacitance = plan.get("capacitance") or nearest(1 / (2 * math.pi * corner * 10e3), "E12")

    def template(values: Values) -> str:
        return (
            f"RC low-pass, {corner:g} Hz\nV1 in 0 DC 0 AC 1\nR1 in out {number(values['R1'])}\n"
            f"C1 out 0 {number(values['C1'])}\n.ac dec 100 {corner / 100:g} {corner * 100:g}\n"
            f".meas ac f3db when vdb(out)=-3.0103 fall=1\n.end\n"
        )

    return Design(
        f"RC low-pass, {corner:g} Hz",
        template,
        (
            Variable("C1", capacitance, 1e-12, 1e-3, "E12"),
            Variable("R1", 1 / (2 * math.pi * corner * capacitance), 10, 10e6, "E24"),
        ),
        (Wanted("corner frequency", "f3db", "=", corner, "Hz", 0.05 * corner),),
    )


LOWPASS = Kit(
    "rc_lowpass",
    "RC low-pass",
    "A first-order low-pass of a resistor and a capacitor",
    (
        Slot("cutoff_hz", "Hz", "where the output is 3 dB down", required=True, least=1e-3, most=1e9),
        Slot("capacitance", "F", "of the capacitor, if it is given", least=1e-12, most=1.0),
    ),
    ("RC low-pass with a cutoff of 1 kHz",),
    _lowpass,
)
