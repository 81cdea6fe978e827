"""Linear regulator with its loop, current limiter, LC filter with damping, snubber.

Sources of the formulas: G. A. Rincón-Mora, Analog IC Design with Low-Dropout Regulators, 2nd ed., chapters 2 and 5;
P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 9.1; R. W. Erickson, D. Maksimovic, Fundamentals of Power
Electronics, 3rd ed., 10.4 (filter damping); W. McMurray, IEEE Trans. Ind. Appl. IA-8 (1972) (snubbers).
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, shown
from kiki_tools.spice.kits.parts import (
    at_least,
    at_most,
    capacitor,
    deck,
    equals,
    inductor,
    number,
    optional,
    resistor,
    value,
)

_VREF, _GM = 1.2, 1e-3
"""Reference in V and transconductance of the error amplifier in A/V."""


def ldo(plan: Plan) -> Design:
    """A PMOS pass transistor in a loop with a type-II error amplifier.

    Above its zero the loop gain is fb gm RZ gmp/(2 pi f Cout), which crosses 1 at f_c (Rincón-Mora 5.2); a step dI
    moves the output by about dI/(2 pi f_c Cout).
    """
    vout, vin, current = value(plan, "output"), value(plan, "vin"), value(plan, "current", 0.1)
    step = value(plan, "load_step", 0.8 * current)
    dip, margin = value(plan, "dip", 0.05 * vout), value(plan, "phase_margin", 45)
    if vin < vout + 0.3:
        raise Impossible(
            f"from {vin:.4g} V a linear regulator can't hold {vout:.4g} V: the pass transistor needs 0.3 V"
            + ("; a boost converter raises a voltage" if vin <= vout else ""),
            {"vin": round(vout + 0.5, 2)},
        )
    power = (vin - vout) * current
    if power > 30:
        raise Impossible(f"the pass transistor would turn {power:.3g} W into heat; a buck converter wouldn't")
    if step > current:
        raise Impossible(f"a load step of {shown(step, 'A')} is more than the load current of {shown(current, 'A')}")
    if vout < _VREF:
        raise Impossible(f"the reference of {_VREF} V allows {_VREF} V at the output, not {vout:.4g} V")
    if margin > 80:
        raise Impossible(f"{margin:.3g} deg of phase margin are out of reach with this loop; 45 to 70 deg are usual")
    light = max(current - step, 0.02 * current)
    crossing = 50e3
    share = math.sqrt(light / current)
    cout = max(step / (2 * math.pi * crossing * max(share, 0.25) * 0.6 * dip), 1e-6)
    if cout > 2e-3:
        crossing, cout = 200e3, cout / 4
    if cout > 5e-3:
        raise Impossible(
            f"to hold {shown(dip, 'V')} at a step of {shown(step, 'A')} takes {cout:.2g} F; allow a deeper dip"
        )
    kp = 2 * 1.5 * current / 0.09
    gmp = math.sqrt(2 * kp * current)
    fb = _VREF / vout
    rz = 2 * math.pi * crossing * cout / (fb * _GM * gmp)
    spread = max(4.0, 2.2 * math.tan(math.radians(margin)))
    cc = spread / (2 * math.pi * rz * crossing)
    phase = 40 / crossing / max(share, 0.3)
    body = f"""Linear regulator, {vout:.4g} V at {shown(current, "A")} from {vin:.4g} V
Vin in 0 {vin:.6g}
M1 out g in in MPASS L=1u W=1u
R1 out fb <R1>
R2 fb 0 <R2>
* the loop is measured with a voltage in series (Middlebrook): T = -V(fb)/V(fi)
Vloop fb fi DC 0 AC 1
Vref ref 0 {_VREF}
* error amplifier: transconductance, output resistance, compensation, buffer
Gea 0 ea fi ref {number(_GM)}
Rea ea 0 20meg
RZ ea z <RZ>
CC z 0 <CC>
Ebuf gb 0 ea 0 1
Rbuf gb g 20
COUT out 0 <COUT>
Iload out 0 PULSE({current:.6g} {light:.6g} {number(phase / 4)} 100n 100n {number(phase)} 1)
.model MPASS PMOS(LEVEL=1 VTO=-0.9 KP={kp:.4g} LAMBDA=0.02 CGSO={1e-3 * current:.3g} CGDO={2e-4 * current:.3g})
.tran {number(phase / 1000)} {number(phase * 2.25)} 0 {number(phase / 1000)}
.meas tran vout find v(out) at={number(phase / 5)}
.meas tran v_light find v(out) at={number(phase * 1.24)}
.meas tran v_dip min v(out) from={number(phase * 1.24)} to={number(phase * 2.25)}
.meas tran v_over max v(out) from={number(phase / 5)} to={number(phase * 1.24)}
.meas tran dip param='v_light-v_dip'
.meas tran overshoot param='v_over-vout'
.ac dec 30 10 30meg
let loop = -v(fb)/v(fi)
let loop_mag = mag(loop)
let loop_phase = 180+180/pi*cph(loop)
.meas ac f_cross when loop_mag=1 fall=1
.meas ac phase_margin find loop_phase when loop_mag=1 fall=1"""
    r2 = 12e3
    return Design(
        "Linear regulator", deck(body),
        (resistor("R1", r2 * (vout / _VREF - 1) if vout > 1.001 * _VREF else 10.0), resistor("R2", r2),
         resistor("RZ", rz, "E24", span=3), capacitor("CC", cc, "E12", span=3), capacitor("COUT", cout, "E12", span=3)),
        (equals("output voltage", "vout", vout, "V", 0.02, f"at {shown(current, 'A')}"),
         at_most("dip", "dip", dip, "V", f"at a step of {shown(current - light, 'A')}"),
         at_least("phase margin", "phase_margin", margin, "deg", f"at {shown(current, 'A')}")),
        (f"The pass transistor takes {power:.3g} W; the loop crosses 1 near {shown(crossing, 'Hz')}.",),
    )  # fmt: skip


def current_limiter(plan: Plan) -> Design:
    """The second transistor takes the base current when RS drops its Vbe: I = 0.65 V/RS (Horowitz & Hill 9.1.1)."""
    limit, supply = value(plan, "current"), value(plan, "supply", 12)
    if supply < 2.5:
        raise Impossible(f"two base-emitter voltages and the load need more than {supply:.4g} V", {"supply": 3.3})
    if limit * supply > 25:
        raise Impossible(
            f"into a short circuit the transistor would take {limit * supply:.3g} W; limit by a switching regulator"
        )
    large = limit > 0.15
    base = limit / 50 + 0.5e-3
    body = f"""Current limiter, {shown(limit, "A")}
Vcc vcc 0 {supply:.6g}
* the load, from a short circuit to the whole supply
Vload vcc out DC 0
Q1 out b e {"QPOW" if large else "QSW"}
RS e 0 <RS>
Q2 b e 0 QN
RB vcc b <RB>
.dc Vload 0 {supply:.6g} {supply / 100:.6g}
let i_load = i(Vload)
.meas dc i_short find i_load at=0
.meas dc i_half find i_load at={supply / 2:.6g}"""
    return Design(
        "Current limiter", deck(body, "QPOW" if large else "QSW", "QN"),
        (resistor("RS", 0.67 / limit, "E96"), resistor("RB", (supply - 1.4) / base, "E24")),
        (equals("current into a short circuit", "i_short", limit, "A", 0.07),
         equals("current at half the supply", "i_half", limit, "A", 0.1)),
        (f"The transistor takes {limit * supply:.3g} W at a short circuit; the limit falls by 0.3 % per kelvin.",),
    )  # fmt: skip


def lc_filter(plan: Plan) -> Design:
    """f0 = f/10^(A/40); RD and CD = 4 C damp it: RD = 0.61 sqrt(L/C) (Erickson & Maksimovic 10.4.2, n = 4)."""
    f, load = optional(plan, "frequency"), value(plan, "load", 10)
    wanted, corner = optional(plan, "attenuation_db"), optional(plan, "corner")
    peaking = value(plan, "peaking_db", 3.0)
    if corner is None:
        if f is None:
            raise Impossible("neither the corner frequency nor the attenuation at a frequency is given")
        wanted = 40.0 if wanted is None else wanted
        corner = f / 10 ** ((wanted + 1.5) / 40)
    elif f is not None and wanted is not None:
        reached = 40 * math.log10(f / corner) if f > corner else 0.0
        if wanted > reached - 1:
            raise Impossible(
                f"one LC section falls by 40 dB a decade: with its corner at {shown(corner, 'Hz')} it takes "
                f"{max(reached, 0):.3g} dB off {shown(f, 'Hz')}, not {wanted:.3g} dB; use two sections or a lower "
                "corner",
                {"corner": f / 10 ** ((wanted + 1.5) / 40)},
            )
    if peaking < 1.0:
        raise Impossible(f"a damped LC section peaks by 1 dB or more in practice, not {peaking:.3g} dB")
    z0 = optional(plan, "impedance") or 0.5 * load
    if z0 > load:
        raise Impossible(
            f"with a characteristic impedance of {shown(z0, 'ohm')} above the load of {shown(load, 'ohm')} the load "
            "overdamps the filter; take a smaller inductance and a larger capacitance",
            {"impedance": 0.5 * load},
        )
    lowest, c, inductance = corner / 100, 1 / (2 * math.pi * corner * z0), z0 / (2 * math.pi * corner)
    body = f"""LC filter with damping, corner {shown(corner, "Hz")}
Vin in 0 DC 1 AC 1
L1 in out <L1>
C1 out 0 <C1>
RD out d <RD>
CD d 0 <CD>
RL out 0 {number(load)}
.ac dec 100 {number(lowest)} {number(max(100 * corner, 3 * (f or 0)))}
.meas ac peaking_db max vdb(out)
.meas ac f_corner when vdb(out)=-3.0103 fall=1
{f".meas ac out_db find vdb(out) at={number(f)}" if f else ""}
{".meas ac attenuation_db param='-1*out_db'" if f else ""}"""
    wants = [at_most("peaking", "peaking_db", peaking, "dB")]
    if f is not None and wanted is not None:
        wants.append(at_least("attenuation", "attenuation_db", wanted, "dB", f"at {shown(f, 'Hz')}"))
    if optional(plan, "corner") is not None:
        # with this damping the response is 3 dB down at 1.2 to 1.3 times the resonance of L and C
        c, inductance = c * 1.2, inductance * 1.2
        wants.append(equals("corner", "f_corner", corner, "Hz", 0.1))
    return Design(
        "LC filter with damping", deck(body),
        (inductor("L1", inductance), capacitor("C1", c), capacitor("CD", 4 * c, span=3),
         resistor("RD", 0.61 * math.sqrt(inductance / c), "E24", span=3)),
        tuple(wants), ("CD may be an electrolytic whose own resistance is part of RD.",),
    )  # fmt: skip


def snubber(plan: Plan) -> Design:
    """RS near sqrt(L/C) of the parasitics, CS several times C; the more, the less overshoot (McMurray 1972)."""
    f, c = value(plan, "ring_frequency"), value(plan, "capacitance", 200e-12)
    voltage, overshoot = value(plan, "voltage", 12), value(plan, "overshoot", 30.0)
    if overshoot < 3:
        raise Impossible(
            f"{overshoot:.3g} % of overshoot needs a snubber that is larger than what it damps; 10 % is practical"
        )
    inductance = 1 / ((2 * math.pi * f) ** 2 * c)
    z0 = math.sqrt(inductance / c)
    share = 6 if overshoot >= 25 else 20 if overshoot >= 12 else 40
    cs, rs = share * c, z0 * (0.85 if share == 6 else 0.65 if share == 20 else 0.57)
    loss = cs * voltage**2 * value(plan, "switching_frequency", 100e3)
    period = 1 / f
    body = f"""RC snubber for ringing at {shown(f, "Hz")}
* the step of the switch node, its parasitic inductance and capacitance
Vsw in 0 PULSE(0 {voltage:.6g} {number(period / 10)} {number(period / 20)} {number(period / 20)} 1 2)
LP in out {number(inductance)}
CP out 0 {number(c)}
RS out s <RS>
CS s 0 <CS>
.tran {number(period / 200)} {number(12 * period)} 0 {number(period / 200)}
.meas tran v_peak max v(out)
.meas tran overshoot param='100*(v_peak-{voltage:.6g})/{voltage:.6g}'
.meas tran v_end find v(out) at={number(11.9 * period)}"""
    return Design(
        "RC snubber", deck(body), (resistor("RS", rs, "E24"), capacitor("CS", cs, "E12")),
        (at_most("overshoot", "overshoot", overshoot, "%"), equals("final value", "v_end", voltage, "V", 0.02)),
        (f"Parasitic inductance {shown(inductance, 'H')}; RS takes {shown(loss, 'W')} (CS V² f).",),
    )  # fmt: skip


LDO = Kit(
    "linear_regulator", "Linear regulator", "low-dropout regulator: PMOS pass transistor, error amplifier, loop gain",
    (Slot("output", "V", "regulated output", required=True, least=0.8, most=60),
     Slot("vin", "V", "input", required=True, least=1, most=80),
     Slot("current", "A", "greatest load current", default=0.1, least=1e-4, most=10),
     Slot("load_step", "A", "step of the load", least=1e-5, most=10),
     Slot("dip", "V", "dip at the load step, at most", least=1e-3, most=10),
     Slot("phase_margin", "deg", "least phase margin", default=45.0, least=5, most=180)),
    ("LDO 3.3 V from 5 V, 200 mA, 50 mV dip, phase margin 60 degrees", "linear regulator 5 V, 1 A from 9 V"), ldo,
)  # fmt: skip
CURRENT_LIMITER = Kit(
    "current_limiter", "Current limiter", "two transistors that limit the load's current",
    (Slot("current", "A", "limit", required=True, least=1e-3, most=5),
     Slot("supply", "V", "supply", default=12.0, least=1, most=60)),
    ("limit the current to 100 mA at 12 V", "two-transistor current limiter for 20 mA"), current_limiter,
)  # fmt: skip
LC_FILTER = Kit(
    "lc_supply_filter", "LC supply filter with damping", "input or output filter of a supply, damped by R and C",
    (Slot("attenuation_db", "dB", "least attenuation at frequency", least=3, most=120),
     Slot("frequency", "Hz", "where it attenuates (switching frequency)", least=10, most=100e6),
     Slot("corner", "Hz", "corner frequency", least=1, most=10e6),
     Slot("load", "ohm", "load", default=10.0, least=0.05, most=10e3),
     Slot("impedance", "ohm", "characteristic impedance", least=0.01, most=1e3),
     Slot("peaking_db", "dB", "peaking, at most", default=3.0, least=0.1, most=20)),
    ("damped LC input filter with 40 dB at 100 kHz", "output filter for a supply, corner 5 kHz, peaking below 3 dB"),
    lc_filter,
)  # fmt: skip
SNUBBER = Kit(
    "rc_snubber", "RC snubber", "damps the ringing of a switch node",
    (Slot("ring_frequency", "Hz", "of the ringing", required=True, least=1e3, most=1e9),
     Slot("capacitance", "F", "parasitic capacitance that rings", default=200e-12, least=1e-12, most=1e-6),
     Slot("voltage", "V", "step of the node", default=12.0, least=0.1, most=2000),
     Slot("switching_frequency", "Hz", "for the losses", default=100e3, least=10, most=10e6),
     Slot("overshoot", "%", "at most", default=30.0, least=0.1, most=95)),
    ("snubber for 50 MHz ringing at a 24 V switch node", "RC snubber, ringing 20 MHz, 300 pF, overshoot below 15 %"),
    snubber,
)  # fmt: skip
