"""Zero-crossing detector: a comparator with a little hysteresis behind a resistor and two diodes.

Source of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 4.3.1 and 4.3.2.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import at_least, at_most, choice, deck, number, opamp, optional, resistor, value


def zero_crossing(plan: Plan) -> Design:
    """High while the input is positive; the hysteresis delays each edge by asin(width/2/amplitude)/(2 pi f)."""
    amplitude, vac = optional(plan, "amplitude"), optional(plan, "vac")
    amplitude = amplitude if amplitude is not None else math.sqrt(2) * (vac if vac is not None else 12.0)
    f, supply = value(plan, "frequency", 50), value(plan, "supply", 5)
    allowed = value(plan, "error", 0.01 / f)
    single = choice(plan, "rails", "single") == "single"
    if f > 100e3:
        raise Impossible(f"{shown(f, 'Hz')} are too fast for an op-amp as comparator", {"frequency": 100e3})
    sine = amplitude * math.sin(min(2 * math.pi * f * allowed, 1.5))
    swing = supply if single else 2 * supply
    width = min(0.5 * sine, 0.02 * supply, 0.5)
    if width < 2e-3:
        raise Impossible(
            f"{shown(allowed, 's')} at {shown(f, 'Hz')} are {1e3 * sine:.2g} mV of the sine: within a comparator's "
            "offset",
            {"error": round(4e-3 / amplitude / (2 * math.pi * f), 9)},
        )
    r1 = max(10e3, min(amplitude / 0.2e-3, 1e6))
    period = 1 / f
    level = supply / 2 if single else 0.0
    step = min(period / 1000, allowed / 10)
    if period / step > 1e5:
        raise Impossible(f"an edge within {shown(allowed, 's')} at {shown(f, 'Hz')} is out of reach here",
                         {"error": period / 1e4})  # fmt: skip
    body = f"""Zero-crossing detector, {amplitude:.4g} V at {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
{"" if single else f"Vee vee 0 -{supply:.6g}"}
Vin in 0 SIN(0 {amplitude:.6g} {number(f)})
R1 in p <R1>
D1 p 0 DS
D2 0 p DS
R2 p out <R2>
XU1 p 0 vcc {"0" if single else "vee"} out OPAMP
RL out 0 100k
{opamp(max(10e6, 2000 * f), max(10e6, 400 * f * swing), 0.02)}
.tran {number(step)} {number(2.2 * period)} 0 {number(step)}
.meas tran t_up when v(out)={level:.6g} rise=LAST
.meas tran t_down when v(out)={level:.6g} fall=LAST
.meas tran up_late param='abs(t_up-{2 * period:.9g})'
.meas tran down_late param='abs(t_down-{1.5 * period:.9g})'
.meas tran v_high find v(out) at={number(1.25 * period)}
.meas tran v_low find v(out) at={number(1.75 * period)}"""
    return Design(
        "Zero-crossing detector", deck(body, "DS"),
        (resistor("R1", r1, "E24"), resistor("R2", r1 * swing / width, "E24")),
        (at_most("edge after the rising crossing", "up_late", allowed, "s"),
         at_most("edge after the falling crossing", "down_late", allowed, "s"),
         at_least("output while positive", "v_high", 0.9 * supply, "V"),
         at_most("output while negative", "v_low", 0.1 * supply if single else -0.9 * supply, "V")),
        ("From the mains only behind a transformer, or with an optocoupler.",),
    )  # fmt: skip


ZERO_CROSSING = Kit(
    "zero_crossing", "Zero-crossing detector", "a logic signal that changes as a sine crosses zero",
    (Slot("amplitude", "V", "peak of the input", least=0.05, most=400),
     Slot("vac", "V", "rms of the input, instead", least=0.05, most=280),
     Slot("frequency", "Hz", "of the input", default=50.0, least=1, most=1e6),
     Slot("supply", "V", "the single supply, or each of two rails", default=5.0, least=2.5, most=20),
     Slot("error", "s", "how far an edge may be off", least=1e-8, most=1e-2),
     Slot("rails", "", "two supplies about ground, or a single one", default="single", choices=("dual", "single"))),
    ("zero-crossing detector for 12 V AC, 50 Hz, 5 V logic", "zero cross detector for a 1 kHz sine of 2 V"),
    zero_crossing,
)  # fmt: skip
