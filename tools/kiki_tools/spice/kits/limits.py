"""Circuits that keep a voltage within limits: clipper, input protection; and the middle of a supply.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 1.6.6 (diode clamps and limiters),
9.1 (zener), 4.2.2 (followers as reference); onsemi BAT54S, BZX84 for the parts.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import (
    at_least,
    at_most,
    capacitor,
    deck,
    equals,
    number,
    opamp,
    optional,
    resistor,
    value,
)
from kiki_tools.spice.kits.series import nearest

_SILICON, _SCHOTTKY = 0.6, 0.24
"""Drops in V at about a milliampere of the models DS and DSK."""
_STACKS = {
    round(a * _SILICON + b * _SCHOTTKY, 3): ("DS",) * a + ("DSK",) * b for a in range(5) for b in range(3) if a + b
}  # fmt: skip


def _limiter(level: float, sign: int, name: str, current: float) -> tuple[str, str, str]:
    """Cards between ``out`` and ground that conduct beyond ``level`` V, their models, and what they are.

    Raises:
        Impossible: if no diode conducts so early.
    """
    if level < 0.2:
        raise Impossible(f"no diode limits at {level:.3g} V; an op-amp with diodes in its loop does")
    if level < 2.6:
        near = min(_STACKS, key=lambda each: abs(math.log(each / level)))
        parts = _STACKS[near]
        nodes = ["out", *(f"{name.lower()}{k}" for k in range(1, len(parts))), "0"]
        found = []
        for k, part in enumerate(parts):
            ends = (nodes[k], nodes[k + 1]) if sign > 0 else (nodes[k + 1], nodes[k])
            found.append(f"D{name}{k + 1} {ends[0]} {ends[1]} {part}")
        return "\n".join(found), "", " and ".join(
            f"{parts.count(each)} {said}" for each, said in (("DS", "1N4148"), ("DSK", "Schottky")) if each in parts
        )  # fmt: skip
    zener = nearest(level - 0.65, "E24")
    model = f"DZ{name}"
    # forward through the diode, backward through the zener
    ends = ("out", "0") if sign > 0 else ("0", "out")
    cards = f"D{name}1 {ends[0]} {name.lower()} DS\nD{name}2 {ends[1]} {name.lower()} {model}"
    card = f".model {model} D(IS=10f N=1.05 RS=6 BV={zener - 6 * current:.5g} IBV={current:.4g} CJO=100p)"
    return cards, card, f"a zener of {zener:.3g} V with a 1N4148"


def clipper(plan: Plan) -> Design:
    """A series resistor, and diodes or zeners to ground that take what is above the limit (Horowitz & Hill 1.6.6)."""
    level = optional(plan, "level")
    high, low = optional(plan, "v_high"), optional(plan, "v_low")
    if level is None and high is None and low is None:
        level = _SILICON
    if high is None:
        high = abs(level) if level is not None else None
    if low is None:
        low = (
            -abs(level)
            if level is not None
            else (-high if high is not None and optional(plan, "v_low") is None else None)
        )
    assert high is not None or low is not None
    high, low = high if high is not None else -(low or 0.0), low if low is not None else -(high or 0.0)
    if not low < 0 < high:
        raise Impossible(
            f"limits of {low:.4g} V and {high:.4g} V don't lie on either side of ground: to keep an input between "
            "ground and a supply is what input protection does",
        )
    amplitude = value(plan, "amplitude", 3 * max(high, -low))
    if amplitude < 1.3 * max(high, -low):
        raise Impossible(f"an input of {amplitude:.4g} V hardly reaches limits of {low:.4g} V and {high:.4g} V",
                         {"amplitude": round(2 * max(high, -low), 3)})  # fmt: skip
    r = value(plan, "resistance", (amplitude - high) / 1e-3)
    current = (amplitude - high) / r
    if current > 0.1:
        raise Impossible(f"{shown(current, 'A')} would flow in small diodes: more than 100 mA; take a larger resistor",
                         {"resistance": round((amplitude - high) / 0.02)})  # fmt: skip
    up, up_model, up_said = _limiter(high, 1, "P", current)
    down, down_model, down_said = _limiter(-low, -1, "N", current)
    inside = 0.4 * min(high, -low)
    stated = optional(plan, "resistance")
    part = fixed("R1", stated) if stated is not None else resistor("R1", r, "E24", span=10)
    body = f"""Clipper, {low:.4g} V to {high:.4g} V
Vin in 0 DC 0 SIN(0 {amplitude:.6g} 1k)
R1 in out <R1>
{up}
{down}
RL out 0 10meg
{up_model}
{down_model}
.dc Vin -{amplitude:.6g} {1.006 * amplitude:.6g} {amplitude / 200:.6g}
.meas dc v_top find v(out) at={amplitude:.6g}
.meas dc v_bottom min v(out)
.meas dc v_inside find v(out) at={inside:.6g}"""
    wants = (
        Wanted("upper limit", "v_top", "=", high, "V", 0.1 * high, f"at {amplitude:.4g} V in"),
        Wanted("lower limit", "v_bottom", "=", low, "V", 0.1 * -low, f"at -{amplitude:.4g} V in"),
        Wanted("output within the limits", "v_inside", "=", inside, "V", 0.05 * inside, f"at {inside:.3g} V in"),
    )
    return Design(
        "Clipper", deck(body, "DS", "DSK"), (part,), wants,
        (f"Upwards {up_said}, downwards {down_said}; {shown(current, 'A')} at the crest.",),
    )  # fmt: skip


def protection(plan: Plan) -> Design:
    """R = (Vmax - Vcc - 0.3 V)/I, Schottky diodes to both rails, which take that current (Horowitz & Hill 1.6.6)."""
    rail, amplitude = value(plan, "supply", 3.3), value(plan, "amplitude", 24)
    most, cutoff = value(plan, "current", 5e-3), optional(plan, "cutoff")
    if amplitude < rail + 0.5:
        raise Impossible(f"an input of {amplitude:.4g} V does no harm on a supply of {rail:.4g} V")
    stated = optional(plan, "resistance")
    r = amplitude / (0.9 * most) if stated is None else stated
    if stated is not None and amplitude / stated > most:
        if optional(plan, "current") is not None:
            raise Impossible(
                f"{amplitude:.4g} V at {shown(stated, 'ohm')} drive {shown(amplitude / stated, 'A')}, more than "
                f"{shown(most, 'A')}",
                {"resistance": math.ceil(amplitude / (0.9 * most))},
            )
        most = 1.05 * amplitude / stated
    if (amplitude + 0.3) / r > 0.2:
        raise Impossible(f"{shown(amplitude / r, 'A')} are too much for small Schottky diodes: a larger resistor",
                         {"resistance": math.ceil(amplitude / 0.02)})  # fmt: skip
    top, bottom = value(plan, "output_most", rail + 0.4), -value(plan, "output_below", 0.4)
    if top < rail + 0.25 or bottom > -0.25:
        raise Impossible(
            f"Schottky diodes to the rails hold a pin within {rail + 0.25:.3g} V and -0.25 V at best, not within "
            f"{top:.4g} V and {bottom:.4g} V"
        )
    inside, error = value(plan, "inside", 0.5 * rail), optional(plan, "error")
    error = 0.02 * inside if error is None else error
    filtered = f"C1 out 0 <C1>\n.ac dec 100 {number(cutoff / 100)} {number(100 * cutoff)}" if cutoff else ""
    body = f"""Input protection, {rail:.4g} V, up to {amplitude:.4g} V
Vcc vcc 0 {rail:.6g}
Vin in 0 DC {inside:.6g} AC 1
R1 in out <R1>
D1 out vcc DBAT
D2 0 out DBAT
RL out 0 10meg
.model DBAT D(IS=0.2u RS=0.4 N=1.05 CJO=10p M=0.4)
{filtered}
{".meas ac f_cut when vdb(out)=-3.0103 fall=1" if cutoff else ""}
.dc Vin -{amplitude:.6g} {1.006 * amplitude:.6g} {amplitude / 400:.6g}
let i_in = abs((v(in)-v(out))/<R1>)
.meas dc v_over find v(out) at={amplitude:.6g}
.meas dc v_under min v(out)
.meas dc v_inside find v(out) at={inside:.6g}
.meas dc i_most max i_in"""
    parts = [resistor("R1", r, "E24") if stated is None else fixed("R1", stated)]
    wants = [
        at_most("output at too much", "v_over", top, "V", f"at {amplitude:.4g} V in"),
        at_least("output at too little", "v_under", bottom, "V", f"at -{amplitude:.4g} V in"),
        Wanted("output within the range", "v_inside", "=", inside, "V", error, f"at {inside:.3g} V in"),
        at_most("current", "i_most", most, "A", f"at ±{amplitude:.4g} V"),
    ]  # fmt: skip
    if cutoff:
        parts.append(capacitor("C1", 1 / (2 * math.pi * r * cutoff), "E12", span=3))
        wants.append(equals("cutoff", "f_cut", cutoff, "Hz", 0.05))
    return Design(
        "Input protection", deck(body), tuple(parts), tuple(wants),
        (f"BAT54S-like diodes; the supply has to take up {shown(most, 'A')}, or a zener across it does. R1 takes "
         f"{shown(amplitude**2 / r, 'W')} at most.",),
    )  # fmt: skip


def splitter(plan: Plan) -> Design:
    """Half the supply by two resistors, buffered; beyond 15 mA by two transistors within the loop."""
    supply, current = value(plan, "supply", 9), value(plan, "current", 10e-3)
    strong = current > 15e-3
    if supply < 4.5 and strong:
        raise Impossible(f"{supply:.4g} V leave no room for two transistors", {"supply": 5.0})
    if supply / 2 * current > 5:
        raise Impossible(f"one of the transistors would take {supply / 2 * current:.3g} W; make both halves by "
                         "converters")  # fmt: skip
    out = "Q1 vcc d out QPOW\nQ2 0 d out QPP\nRD d out 100\nCF d inn 1n\nRF out inn 1k" if strong else ""
    model = ".model QPP PNP(IS=1p BF=110 VAF=100 IKF=3 RC=0.05 RB=1 BR=5 CJC=150p CJE=250p TF=20n TR=400n)"
    body = f"""Rail splitter, {supply / 2:.4g} V from {supply:.4g} V
Vcc vcc 0 {supply:.6g}
R1 vcc vh <R1>
R2 vh 0 <R1>
C1 vh 0 10u
XU1 vh {"inn vcc 0 d" if strong else "out vcc 0 out"} OPAMP
{out}
Iload out 0 0
{model if strong else ""}
{opamp(1e6, 0.5e6)}
.dc Iload -{current:.6g} {1.011 * current:.6g} {current / 100:.6g}
let slope = abs(deriv(v(out)))
.meas dc v_out find v(out) at=0
.meas dc v_least min v(out)
.meas dc v_most max v(out)"""
    half = supply / 2
    return Design(
        "Rail splitter", deck(body, *(("QPOW",) if strong else ())), (resistor("R1", 47e3, "E24"),),
        (equals("output", "v_out", half, "V", 0.01, "without load"),
         at_least("output", "v_least", 0.98 * half, "V", f"giving {shown(current, 'A')}"),
         at_most("output", "v_most", 1.02 * half, "V", f"taking {shown(current, 'A')}")),
        ("The op-amp has to bear the capacitance behind it; 10 ohm in series help.",),
    )  # fmt: skip


CLIPPER = Kit(
    "clipper", "Clipper", "diodes or zeners that limit a signal in both directions",
    (Slot("level", "V", "limit in both directions", least=0.1, most=60),
     Slot("v_high", "V", "upper limit", least=0.1, most=60), Slot("v_low", "V", "lower limit", least=-60, most=60),
     Slot("amplitude", "V", "peak of the input", least=0.2, most=400),
     Slot("resistance", "ohm", "in series", least=1, most=1e6)),
    ("diode clipper at ±0.7 V for a 5 V sine", "zener clipper that limits to ±5.1 V"), clipper,
)  # fmt: skip
PROTECTION = Kit(
    "input_protection", "Input protection", "a resistor and two Schottky diodes keep an input within its supply",
    (Slot("supply", "V", "supply of what is protected", default=3.3, least=1.5, most=36),
     Slot("amplitude", "V", "what may come, of either sign", default=24.0, least=2, most=400),
     Slot("current", "A", "into the diodes, at most; 5 mA if not said", least=1e-4, most=0.2),
     Slot("resistance", "ohm", "in series, instead", least=10, most=1e6),
     Slot("cutoff", "Hz", "with a capacitor: the corner", least=0.1, most=100e6),
     Slot("output_most", "V", "to which the pin may be driven", least=1, most=40),
     Slot("output_below", "V", "how far below ground the pin may be driven", least=1e-3, most=5),
     Slot("inside", "V", "a signal within the rails", least=1e-3, most=36),
     Slot("error", "V", "by which that signal may be off", least=1e-4, most=1)),
    ("protect a 3.3 V ADC input from 24 V with Schottky diodes", "clamp an input to a 5 V supply, ±50 V"), protection,
)  # fmt: skip
SPLITTER = Kit(
    "rail_splitter", "Rail splitter", "half of the supply as a virtual ground",
    (Slot("supply", "V", "the supply", default=9.0, least=3, most=40),
     Slot("current", "A", "taken or given, at most", default=10e-3, least=1e-5, most=1)),
    ("rail splitter for 9 V, 20 mA", "virtual ground at half of 12 V"), splitter,
)  # fmt: skip
