"""Power stages of few transistors: high-side switch, LED current driver, complementary follower of class AB.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 2.2.5 (current sources), 2.4.1
(push-pull), 3.5.3 (high-side switches), 12.2 (LEDs).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import (
    VT,
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

_PMOS = ".model MPSW PMOS(LEVEL=1 VTO=-1.9 KP=25 LAMBDA=0.005 RD=25m RS=5m CGSO=1m CGDO=0.1m)"
_QPP = ".model QPP PNP(IS=1p BF=110 VAF=100 IKF=3 RC=0.05 RB=1 BR=5 CJC=150p CJE=250p TF=20n TR=400n)"


def high_side(plan: Plan) -> Design:
    """A P-channel MOSFET whose gate an NPN pulls down (Horowitz & Hill 3.5.3)."""
    supply, load, drive = value(plan, "supply", 12), optional(plan, "load_ohm"), value(plan, "drive", 3.3)
    if load is None and optional(plan, "current") is None:
        raise Impossible("neither the load's current nor its resistance is given")
    current = value(plan, "current", None if load is None else supply / load)
    resistance = supply / current if load is None else load
    if not 0.8 < supply / resistance / current < 1.25:
        raise Impossible(
            f"{supply:.4g} V across {shown(resistance, 'ohm')} give {shown(supply / resistance, 'A')}, not "
            f"{shown(current, 'A')}"
        )
    if supply < 4.0:
        raise Impossible(f"a gate pulled to ground has {supply:.4g} V: too little for this MOSFET", {"supply": 5.0})
    if drive < 1.0:
        raise Impossible(f"{drive:.4g} V don't switch the NPN that pulls the gate", {"drive": 1.8})
    gate = min(supply - 0.2, 11.0)
    channel = 0.03 + 1 / (25 * (gate - 1.9))
    drop = value(plan, "drop", max(1.6 * channel * current, 0.05))
    if channel * current > drop:
        raise Impossible(
            f"this MOSFET drops {shown(channel * current, 'V')} at {shown(current, 'A')}, more than {shown(drop, 'V')}"
        )
    pull = 10e3
    divided = supply > 13
    r2 = pull * (supply - gate - 0.1) / gate if divided else 0.0
    through = supply / (pull + r2)
    body = f"""High-side switch, {shown(current, "A")} at {supply:.4g} V
Vcc vcc 0 {supply:.6g}
Vdrive in 0 PULSE(0 {drive:.6g} 50u 100n 100n 300u 1m)
RB in b <RB>
RBE b 0 100k
Q1 x b 0 QN
{"R2 g x <R2>" if divided else "Vlink g x 0"}
R1 vcc g <R1>
M1 out g vcc vcc MPSW L=1u W=1u
RL out 0 {number(resistance)}
{_PMOS}
.tran 200n 700u
.meas tran v_on find v(out) at=300u
.meas tran i_on param='v_on/{resistance:.6g}'
.meas tran drop param='{supply:.6g}-v_on'
.meas tran v_off find v(out) at=690u
.meas tran v_gate find v(g) at=300u
.meas tran gate param='{supply:.6g}-v_gate'"""
    parts = [resistor("RB", max((drive - 0.7) / (through / 15), 1e3), "E24"), resistor("R1", pull, "E24")]
    if divided:
        parts.append(resistor("R2", r2, "E24"))
    return Design(
        "High-side switch", deck(body, "QN"), tuple(parts),
        (equals("load current", "i_on", supply / resistance, "A", 0.05, f"drive {drive:.4g} V"),
         at_most("drop across the switch", "drop", drop, "V"), at_most("output when off", "v_off", 0.05 * supply, "V"),
         at_most("gate-source voltage", "gate", 15.0, "V")),
        (f"A P-channel MOSFET with {shown(channel, 'ohm')} or less; it takes {shown(channel * current**2, 'W')}.",),
    )  # fmt: skip


def led_current(plan: Plan) -> Design:
    """Two transistors hold 0.65 V at RS, whatever the supply and the LEDs are (Horowitz & Hill 2.2.5)."""
    supply, current = value(plan, "supply", 12), value(plan, "current", 20e-3)
    vf, count = value(plan, "led_voltage", 3.1), int(value(plan, "count", 1))
    room = supply - count * vf
    if room < 1.5:
        raise Impossible(
            f"{count} LED of {vf:.4g} V and the current source need {count * vf + 1.5:.4g} V, the supply has "
            f"{supply:.4g} V: fewer in series, or a boost converter",
            {"count": max(int((supply - 1.5) / vf), 1)} if supply > vf + 1.5 else None,
        )
    power = (room - 0.65) * current
    if power > 10:
        raise Impossible(f"the transistor would take {power:.3g} W; a switching LED driver wouldn't")
    large = current > 0.15
    base = current / (40 if large else 80) + 0.5e-3
    rs = 0.05 * vf / current
    saturation = current / math.exp((vf - current * rs) / (1.8 * VT))
    leds = "\n".join(f"D{k + 1} n{k} {'out' if k == count - 1 else f'n{k + 1}'} LED" for k in range(count))
    at = min(count * vf + 1.6, 0.9 * supply)
    body = f"""LED driver with constant current, {shown(current, "A")}
Vcc in 0 {supply:.6g}
Vsense in n0 0
{leds}
Q1 out b e {"QPOW" if large else "QSW"}
RS e 0 <RS>
Q2 b e 0 QN
RB in b <RB>
.model LED D(IS={saturation:.4g} N=1.8 RS={rs:.4g})
.dc Vcc {at:.6g} {1.2 * supply:.6g} {(supply - at) / 20:.6g}
let i_all = i(Vsense)
.meas dc i_led find i_all at={supply:.6g}
.meas dc i_low find i_all at={(at + supply) / 2:.6g}"""
    return Design(
        "LED driver with constant current", deck(body, "QPOW" if large else "QSW", "QN"),
        (resistor("RS", 0.66 / current, "E96"), resistor("RB", (supply - 1.4) / base, "E24")),
        (equals("LED current", "i_led", current, "A", 0.05, f"at {supply:.4g} V"),
         equals("LED current", "i_low", current, "A", 0.1, f"at {(at + supply) / 2:.3g} V")),
        (f"Q1 takes {power:.3g} W; the current falls by 0.3 % per kelvin.",),
    )  # fmt: skip


def push_pull(plan: Plan) -> Design:
    """Complementary followers with two diodes and small resistors against crossover (Horowitz & Hill 2.4.1)."""
    load, supply = value(plan, "load", 8), optional(plan, "supply")
    power, amplitude = optional(plan, "power"), optional(plan, "amplitude")
    if amplitude is None:
        amplitude = math.sqrt(2 * power * load) if power is not None else 0.5 * ((supply or 12.0) - 2)
    elif power is not None and abs(amplitude**2 / 2 / load / power - 1) > 0.1:
        raise Impossible(
            f"{amplitude:.4g} V at {shown(load, 'ohm')} are {amplitude**2 / 2 / load:.3g} W, not {power:.3g} W"
        )
    crest, driven = amplitude / load, 1.1 * amplitude  # a follower gives a little less than it gets
    needed = driven * 1.06 + 1.6 + 0.3 * crest
    supply = math.ceil(needed) if supply is None else supply
    if supply < needed:
        raise Impossible(
            f"a crest of {amplitude:.4g} V takes rails of ±{needed:.3g} V, not ±{supply:.4g} V",
            {"supply": math.ceil(needed)},
        )
    if crest > 3:
        raise Impossible(f"{crest:.3g} A of crest current are too much for one pair of transistors; take several")
    base = crest / 60 + 1e-3
    rb = (supply - driven - 1.0) / base
    re = min(max(0.05 * load, 0.1), 22.0)
    body = f"""Push-pull follower (class AB), {shown(load, "ohm")}
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
Vin in 0 DC 0 AC 1 SIN(0 {driven:.6g} 1k)
RB1 vcc b1 <RB>
D1 b1 in DB
D2 in b2 DB
RB2 b2 vee <RB>
Q1 vcc b1 e1 QPOW
RE1 e1 out <RE>
RE2 out e2 <RE>
Q2 vee b2 e2 QPP
RL out 0 {number(load)}
.model DB D(IS=2p N=1.02 RS=0.1)
{_QPP}
.tran 2u 3m 0 2u
.meas tran v_peak max v(out) from=1m to=3m
.meas tran v_valley min v(out) from=1m to=3m
.meas tran v_rms rms v(out) from=1m to=3m
.meas tran p_out param='v_rms*v_rms/{load:.6g}'
.ac dec 10 10 100k
.meas ac gain find vm(out) at=1k
.dc Vcc {0.95 * supply:.6g} {1.06 * supply:.6g} {0.05 * supply:.6g}
let i_rest = (v(e1)-v(out))/<RE>
.meas dc i_idle find i_rest at={supply:.6g}"""
    wants = [
        at_least("output crest", "v_peak", amplitude, "V", f"of {driven:.4g} V in"),
        at_most("output valley", "v_valley", -amplitude, "V"),
        at_least("gain", "gain", 0.85, "V/V", "small signals: no dead zone"),
        at_most("idle current", "i_idle", max(0.2 * crest, 20e-3), "A"),
    ]  # fmt: skip
    if power is not None:
        wants.append(at_least("output power", "p_out", power, "W"))
    return Design(
        "Push-pull follower (class AB)", deck(body, "QPOW"),
        (resistor("RB", rb, "E24"), resistor("RE", re, "E24", span=4)), tuple(wants),
        (f"Each transistor takes about {supply**2 / (10 * load):.3g} W at most; the diodes sit on its heat sink.",),
    )  # fmt: skip


def peak_detector(plan: Plan) -> Design:
    """An op-amp charges C through a diode; R lets it fall (Horowitz & Hill 4.5.1)."""
    amplitude, f = value(plan, "amplitude", 1.0), value(plan, "frequency", 1e3)
    supply, tau = value(plan, "supply", 12), optional(plan, "time_constant")
    if amplitude > supply - 2:
        raise Impossible(f"{amplitude:.4g} V need rails of {amplitude + 2:.4g} V", {"supply": math.ceil(amplitude + 2)})
    tau = 50 / f if tau is None else tau
    if tau < 3 / f:
        raise Impossible(
            f"with {shown(tau, 's')} it falls between two crests of {shown(f, 'Hz')}; {shown(20 / f, 's')} would do"
        )
    r = 1e6 if tau > 1e-3 else 100e3
    c = tau / r
    body = f"""Peak detector, {amplitude:.4g} V at {shown(f, "Hz")}
Vin in 0 DC 0 SIN(0 {amplitude:.6g} {number(f)})
Vcc vcc 0 {supply:.6g}
Vee vee 0 -{supply:.6g}
XU1 in fb vcc vee o1 OPAMP
D1 o1 h DS
D2 fb o1 DS
RF fb out 10k
R1 h 0 <R1>
C1 h 0 <C1>
XU2 h out vcc vee out OPAMP
RL out 0 100k
{opamp(max(10e6, 2000 * f), max(10e6, 2000 * f * amplitude))}
.tran {number(1 / f / 200)} {number(12 / f)} 0 {number(1 / f / 200)}
.meas tran held avg v(out) from={number(8 / f)} to={number(12 / f)}
.meas tran ripple pp v(out) from={number(8 / f)} to={number(12 / f)}"""
    return Design(
        "Peak detector", deck(body, "DS"), (resistor("R1", r, "E24"), capacitor("C1", c, "E12")),
        (equals("output", "held", amplitude, "V", 0.04, "the crest of the input"),
         at_most("ripple", "ripple", max(1.3 * amplitude / (tau * f), 0.02 * amplitude), "V")),
        (f"It forgets a crest in {shown(tau, 's')} (R1 C1).",),
    )  # fmt: skip


_DRIVE = Slot("drive", "V", "high level of the drive (GPIO)", default=3.3, least=0.5, most=20)
HIGH_SIDE = Kit(
    "high_side_switch", "High-side switch", "P-channel MOSFET between supply and load, switched by an NPN",
    (Slot("current", "A", "load current", least=1e-4, most=20),
     Slot("load_ohm", "ohm", "the load, instead of its current", least=0.05, most=1e6),
     Slot("supply", "V", "supply of the load", default=12.0, least=1, most=60),
     Slot("drop", "V", "drop across the switch, at most", least=1e-3, most=5), _DRIVE),
    ("high-side switch for 12 V, 2 A, from a 3.3 V GPIO", "PMOS high side switch, 24 V, 500 mA"), high_side,
)  # fmt: skip
LED_CURRENT = Kit(
    "led_current_driver", "LED driver with constant current", "two transistors and a resistor hold the LEDs' current",
    (Slot("supply", "V", "supply", default=12.0, least=3, most=60),
     Slot("current", "A", "LED current", default=20e-3, least=1e-3, most=2),
     Slot("led_voltage", "V", "forward voltage of one LED", default=3.1, least=1, most=5),
     Slot("count", "", "LEDs in series", default=1, least=1, most=15)),
    ("constant-current LED driver, 20 mA from 12 V", "constant current of 350 mA for three white LEDs on 24 V"),
    led_current,
)  # fmt: skip
PUSH_PULL = Kit(
    "push_pull", "Push-pull follower (class AB)", "complementary emitter followers, biased by two diodes",
    (Slot("load", "ohm", "load", default=8.0, least=2, most=10e3),
     Slot("power", "W", "power into the load at a sine", least=1e-4, most=30),
     Slot("amplitude", "V", "peak of the output", least=0.05, most=40),
     Slot("supply", "V", "each of the two rails", least=2, most=50)),
    ("class AB output stage, 8 ohm, 5 W", "push-pull emitter follower for a 32 ohm headphone on ±9 V"), push_pull,
)  # fmt: skip
PEAK_DETECTOR = Kit(
    "peak_detector", "Peak detector", "op-amp, diode and capacitor hold the crest of a signal",
    (Slot("amplitude", "V", "peak of the input", default=1.0, least=0.01, most=30),
     Slot("frequency", "Hz", "of the input", default=1e3, least=1, most=1e6),
     Slot("time_constant", "s", "how long it holds", least=1e-6, most=100),
     Slot("supply", "V", "each of the two rails", default=12.0, least=2.5, most=40)),
    ("peak detector for a 1 kHz sine of 2 V", "envelope detector with an op amp, time constant 100 ms"), peak_detector,
)  # fmt: skip
