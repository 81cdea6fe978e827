"""Unregulated supplies and simple shunts: rectifiers, voltage multipliers, zener, LED resistor.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 1.6.2 to 1.6.4 (rectifiers, ripple),
1.2.6 and 9.1 (zener); O. H. Schade, Proc. IRE 31 (1943) for the rectifier's conduction.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.parts import (
    at_least,
    at_most,
    capacitor,
    choice,
    deck,
    equals,
    number,
    optional,
    resistor,
    value,
)

_SHAPES = {"half": "half wave", "full": "full wave", "bridge": "bridge"}


def rectifier(plan: Plan) -> Design:
    """Ripple about I/(f C), f twice the mains' with full wave (Horowitz & Hill 1.6.3)."""
    kind = choice(plan, "kind", "bridge")
    f, current = value(plan, "frequency", 50), value(plan, "current", 0.1)
    diodes = 2 if kind == "bridge" else 1
    vac, vout = optional(plan, "vac"), optional(plan, "output")
    drop = diodes * (0.75 + 0.08 * math.log10(current / 0.1) + 0.15 * current)
    given = optional(plan, "ripple")
    percent = optional(plan, "ripple_percent")
    if vac is None:
        if vout is None:
            raise Impossible("neither the AC voltage nor the output voltage is given")
        ripple = given if given is not None else vout * (percent if percent is not None else 5.0) / 100
        vac = (vout + ripple / 2 + drop + 0.2) / math.sqrt(2)
    peak = vac * math.sqrt(2) - drop
    if peak <= 0.3:
        raise Impossible(
            f"{vac:.4g} V of AC are lost in the diodes; take a transformer with more, or a precision rectifier"
        )
    ripple = given if given is not None else (peak * (percent if percent is not None else 5.0) / 100)
    if ripple > 0.7 * peak:
        raise Impossible(
            f"a ripple of {ripple:.3g} V at a peak of {peak:.3g} V is no supply; take less than {0.5 * peak:.3g} V"
        )
    rate = f if kind == "half" else 2 * f
    # while the diodes conduct the capacitor isn't discharged, the less of the period the smaller the ripple
    c = current / (rate * ripple) * (0.95 if ripple > 0.03 * peak else 1.15)
    if c > 0.2:
        raise Impossible(
            f"a ripple of {ripple:.3g} V at {shown(current, 'A')} needs {c:.2g} F; put a regulator behind "
            f"{0.1 * peak:.2g} V of ripple",
            {"ripple": round(0.1 * peak, 3)},
        )
    mean = peak - ripple / 2
    if vout is not None and abs(mean / vout - 1) > 0.12:
        fitting = (vout + ripple / 2 + drop) / math.sqrt(2)
        raise Impossible(
            f"{vac:.4g} V AC rectified are about {mean:.3g} V, not {vout:.4g} V; {fitting:.3g} V AC give that, or a "
            "regulator",
            {"vac": round(fitting, 1)},
        )
    load = mean / current
    rs = max(0.02 * load / 4, 1e-3) if vout is None else 0.003 * load
    source = {
        "half": f"Vac in 0 SIN(0 {vac * math.sqrt(2):.6g} {f:.6g})\nRS in a {number(rs)}\nD1 a out DR",
        "full": f"Vac1 in 0 SIN(0 {vac * math.sqrt(2):.6g} {f:.6g})\nVac2 in2 0 SIN(0 "
        f"-{vac * math.sqrt(2):.6g} {f:.6g})\n"
        f"RS1 in a {number(rs)}\nRS2 in2 b {number(rs)}\nD1 a out DR\nD2 b out DR",
        "bridge": f"Vac in ac2 SIN(0 {vac * math.sqrt(2):.6g} {f:.6g})\nRS in a {number(rs)}\n"
        "D1 a out DR\nD2 ac2 out DR\nD3 0 a DR\nD4 0 ac2 DR\nRac ac2 0 1meg",
    }[kind]
    # from the peak down, since charging through the source's resistance takes long at a small ripple
    cycles, points = (12, 200) if ripple > 0.03 * peak else (36, 100)
    begin, end = (cycles - 4) / f, cycles / f
    body = f"""Rectifier, {kind} wave, {vac:.4g} V AC at {f:.4g} Hz
{source}
C1 out 0 <C1> IC={peak:.4g}
RL out 0 {number(load)}
.tran {number(1 / f / points)} {number(end)} 0 {number(1 / f / points)} uic
.meas tran vout avg v(out) from={number(begin)} to={number(end)}
.meas tran ripple pp v(out) from={number(begin)} to={number(end)}
.meas tran i_load param='vout/{load:.6g}'
.meas tran ripple_percent param='100*ripple/vout'"""
    wants: list[Wanted] = []
    if percent is not None and given is None:
        wants.append(at_most("ripple", "ripple_percent", percent, "%", "peak to peak"))
    else:
        wants.append(at_most("ripple", "ripple", ripple, "V", f"peak to peak at {shown(current, 'A')}"))
    wants.append(equals("load current", "i_load", current, "A", 0.1))
    if vout is not None:
        wants.append(equals("output voltage", "vout", vout, "V", 0.07))
    return Design(
        f"Rectifier, {_SHAPES[kind]}", deck(body, "DR"), (capacitor("C1", c, "E12", span=8),), tuple(wants),
        (f"The transformer gives {vac:.4g} V rms; the diodes bear {2 * vac * math.sqrt(2):.3g} V.",),
    )  # fmt: skip


def voltage_doubler(plan: Plan) -> Design:
    """Two diodes and capacitors on AC: twice the peak; ripple I/(f C) (Greinacher; Horowitz & Hill 1.6.4)."""
    vac, f, current = value(plan, "vac"), value(plan, "frequency", 50), value(plan, "current", 10e-3)
    peak = vac * math.sqrt(2)
    ideal = 2 * (peak - 0.75)
    ripple = value(plan, "ripple", 0.05 * ideal if ideal > 0 else 0.1)
    if ideal < 0.5:
        raise Impossible(f"{vac:.4g} V of AC don't reach over two diodes' drops")
    c = 1.0 * current / (f * ripple)
    if c > 0.1:
        raise Impossible(f"{shown(current, 'A')} at a ripple of {ripple:.3g} V would need {c:.2g} F")
    least = value(plan, "output", 0.85 * ideal)
    if least > ideal:
        raise Impossible(
            f"twice the peak less two diodes is {ideal:.4g} V, not {least:.4g} V; a tripler or more AC gives it"
        )
    load = (ideal - ripple) / current
    body = f"""Voltage doubler, {vac:.4g} V AC at {f:.4g} Hz
Vac in 0 SIN(0 {peak:.6g} {f:.6g})
C1 in x <C1> IC={-peak + 0.7:.4g}
D1 0 x DR
D2 x out DR
C2 out 0 <C2> IC={ideal - ripple:.4g}
RL out 0 {number(load)}
.tran {number(1 / f / 200)} {number(30 / f)} 0 {number(1 / f / 200)} uic
.meas tran vout avg v(out) from={number(22 / f)} to={number(30 / f)}
.meas tran ripple pp v(out) from={number(22 / f)} to={number(30 / f)}"""
    return Design(
        "Voltage doubler", deck(body, "DR"), (capacitor("C1", 2 * c, "E12", span=8), capacitor("C2", c, "E12", span=8)),
        (at_least("output voltage", "vout", least, "V", f"at {shown(current, 'A')}"),
         at_most("ripple", "ripple", ripple, "V")),
    )  # fmt: skip


def charge_pump(plan: Plan) -> Design:
    """A square wave drives C1: 2 Vin - 2 Vd - I/(f C), or minus Vin + 2 Vd + I/(f C) (Horowitz & Hill 9.6.3)."""
    vin, f, current = value(plan, "vin", 5), value(plan, "frequency", 100e3), value(plan, "current", 10e-3)
    kind = "invert" if value(plan, "output", 1.0) < 0 else choice(plan, "kind", "double")
    drop = 2 * 0.3 + 2 * 10 * current
    ideal = (2 * vin if kind == "double" else vin) - drop
    if ideal < 0.3:
        raise Impossible(f"from {vin:.4g} V nothing is left at {shown(current, 'A')}")
    least = value(plan, "output", 0.9 * ideal if optional(plan, "output") is None else None)
    least = abs(least)
    if least > ideal:
        raise Impossible(
            f"this charge pump gives {ideal:.3g} V at {shown(current, 'A')} (two diodes and the driver's 10 ohm cost "
            f"{drop:.2g} V), not {least:.4g} V; a boost converter does",
            {"output": round(0.95 * ideal, 2)},
        )
    droop = max(0.3 * (ideal - least), 0.01 * ideal)
    ripple = value(plan, "ripple", 0.02 * ideal)
    load = ideal / current
    c1, c2 = current / (f * droop), 0.7 * current / (f * ripple)
    if kind == "double":
        stage = "D1 vin x DSK\nD2 x out DSK"
        start, sign = 0.95 * ideal, ""
    else:
        stage = "D1 x 0 DSK\nD2 out x DSK"
        start, sign = -0.95 * ideal, "-"
    body = f"""Charge pump ({kind}), {vin:.4g} V at {shown(f, "Hz")}
Vin vin 0 {vin:.6g}
{"" if kind == "double" else "Rb vin 0 100k"}
Vdrv drv 0 PULSE(0 {vin:.6g} 0 {number(0.01 / f)} {number(0.01 / f)} {number(0.49 / f)} {number(1 / f)})
RDRV drv d 10
C1 d x <C1>
{stage}
C2 out 0 <C2> IC={start:.4g}
RL out 0 {number(load)}
.tran {number(0.01 / f)} {number(60 / f)} 0 {number(0.02 / f)} uic
.meas tran v_mean avg v(out) from={number(50 / f)} to={number(60 / f)}
.meas tran vout param='{sign}1*v_mean'
.meas tran ripple pp v(out) from={number(58 / f)} to={number(60 / f)}"""
    return Design(
        f"Charge pump ({kind})", deck(body, "DSK"),
        (capacitor("C1", c1, "E12", span=8), capacitor("C2", c2, "E12", span=8)),
        (at_least("output voltage" if kind == "double" else "output voltage, negative", "vout", least, "V",
                  f"at {shown(current, 'A')}"), at_most("ripple", "ripple", ripple, "V")),
    )  # fmt: skip


def zener_regulator(plan: Plan) -> Design:
    """RS = (Vin min - Vz)/(IL + Iz min); the zener bears the rest at the highest input (Horowitz & Hill 9.1.1)."""
    vz, current = value(plan, "output"), value(plan, "current", 5e-3)
    vin = value(plan, "vin")
    low, high = value(plan, "vin_min", 0.9 * vin), value(plan, "vin_max", 1.1 * vin)
    least = max(0.1 * current, 2e-3)
    if not low <= vin <= high:
        raise Impossible(f"the input of {vin:.4g} V doesn't lie between its own limits of {low:.4g} V and {high:.4g} V")
    if low < vz + 0.3:
        raise Impossible(
            f"the input falls to {low:.4g} V: a shunt regulator of {vz:.4g} V needs {vz + 1:.4g} V at least",
            {"vin": vz * 1.5},
        )
    rs = (low - vz) / (current + least)
    power = vz * ((high - vz) / rs)
    if power > 5:
        raise Impossible(
            f"without load the zener would take {power:.3g} W; zeners up to 5 W are common: take a series regulator",
        )
    zz = 0.02 * vz / max(current, 5e-3)
    body = f"""Zener regulator, {vz:.4g} V
Vin in 0 DC {vin:.6g}
RS in out <RS>
D1 0 out DZ
RL out 0 {number(vz / current)}
.model DZ D(IS=10f N=1.05 RS={zz:.4g} BV={vz - 0.5 * zz * least:.6g} IBV={least:.4g} CJO=100p)
.dc Vin {low:.6g} {high + max(0.01 * (high - low), 1e-3):.6g} {max((high - low) / 50, 1e-3):.6g}
.meas dc v_nominal find v(out) at={vin:.6g}
.meas dc v_min min v(out)
.meas dc v_max max v(out)
let i_zener = (v(in)-v(out))/<RS> - v(out)/{vz / current:.6g}
.meas dc i_z_min min i_zener
let p_zener = v(out)*i_zener
.meas dc p_z max p_zener"""
    return Design(
        "Zener regulator", deck(body), (resistor("RS", 0.93 * rs, "E24"),), (
            equals("output voltage", "v_nominal", vz, "V", 0.05, f"from {vin:.4g} V into {shown(vz / current, 'ohm')}"),
            at_least("output at the lowest input", "v_min", 0.94 * vz, "V", f"{low:.4g} V"),
            at_most("output at the highest input", "v_max", 1.06 * vz, "V", f"{high:.4g} V"),
            at_least("zener current", "i_z_min", 0.5 * least, "A", "at the lowest input with full load"),
        ), (f"The zener has to bear {power:.2g} W without load, RS {(high - vz) ** 2 / rs:.2g} W.",),
    )  # fmt: skip


def led_resistor(plan: Plan) -> Design:
    """R = (V - n Vf)/I (Horowitz & Hill 2.2.1 and 12.2)."""
    supply, current, vf = value(plan, "supply", 5), value(plan, "current", 10e-3), value(plan, "led_voltage", 2.0)
    count = int(value(plan, "count", 1))
    left = supply - count * vf
    if left < 0.05 * supply or left <= 0.1:
        fits = int((0.95 * supply) // vf)
        raise Impossible(
            f"{count} LED of {vf:.4g} V in series need {count * vf:.4g} V and some for the resistor, the supply has "
            f"{supply:.4g} V" + (f"; {fits} in series fit" if fits else "; take a boost converter"),
            {"count": fits} if fits else None,
        )
    n = 1.8
    rs = 0.05 * vf / current
    saturation = current / math.exp((vf - current * rs) / (n * 0.02585))
    leds = "\n".join(f"D{k + 1} n{k} {'0' if k == count - 1 else f'n{k + 1}'} LED" for k in range(count))
    body = f"""LED with series resistor, {shown(current, "A")} from {supply:.4g} V
Vcc in 0 DC {supply:.6g}
R1 in out <R1>
Vsense out n0 0
{leds}
.model LED D(IS={saturation:.4g} N={n} RS={rs:.4g})
.dc Vcc {0.9 * supply:.6g} {1.11 * supply:.6g} {0.1 * supply:.6g}
let i_led = i(Vsense)
.meas dc current find i_led at={supply:.6g}
let p_r = i_led*i_led*<R1>
.meas dc p_resistor find p_r at={supply:.6g}"""
    return Design(
        "LED with series resistor", deck(body), (resistor("R1", left / current, "E24"),),
        (equals("LED current", "current", current, "A", 0.06),), (f"The resistor takes {left * current:.2g} W.",),
    )  # fmt: skip


RECTIFIER = Kit(
    "rectifier", "Rectifier with capacitor", "half, full (centre tap) or bridge rectifier for a load current and a "
                                             "ripple",
    (Slot("kind", "", "half wave, full wave with a centre tap, or bridge", default="bridge",
          choices=("half", "full", "bridge")),
     Slot("vac", "V", "rms voltage of the (half) secondary", least=0.5, most=1000),
     Slot("output", "V", "wanted DC output, if the AC voltage is free", least=0.5, most=1200),
     Slot("frequency", "Hz", "of the AC", default=50.0, least=1, most=100e3),
     Slot("current", "A", "load current", default=0.1, least=1e-5, most=20),
     Slot("ripple", "V", "ripple peak to peak, at most", least=1e-4, most=500),
     Slot("ripple_percent", "%", "ripple in per cent of the output, instead", least=0.1, most=60)),
    ("bridge rectifier for 12 V AC, 50 Hz, 500 mA, 1 V ripple", "half-wave supply of 9 V at 20 mA with 5 % ripple"),
    rectifier,
)  # fmt: skip
VOLTAGE_DOUBLER = Kit(
    "voltage_doubler", "Voltage doubler", "Greinacher doubler on AC",
    (Slot("vac", "V", "rms of the AC", required=True, least=0.5, most=1000),
     Slot("frequency", "Hz", "of the AC", default=50.0, least=1, most=1e6),
     Slot("current", "A", "load current", default=10e-3, least=1e-6, most=2),
     Slot("output", "V", "least output", least=0.5, most=3000),
     Slot("ripple", "V", "ripple peak to peak, at most", least=1e-3, most=200)),
    ("voltage doubler for 12 V AC with 10 mA", "double 24 V AC, ripple below 1 V at 20 mA"), voltage_doubler,
)  # fmt: skip
CHARGE_PUMP = Kit(
    "charge_pump", "Charge pump", "diodes and capacitors on a square wave: twice the input, or its negative",
    (Slot("kind", "", "double or invert", default="double", choices=("double", "invert")),
     Slot("vin", "V", "input", default=5.0, least=1.5, most=30),
     Slot("frequency", "Hz", "of the driver", default=100e3, least=100, most=5e6),
     Slot("current", "A", "load current", default=10e-3, least=1e-6, most=0.2),
     Slot("output", "V", "least magnitude of the output", least=-60, most=60),
     Slot("ripple", "V", "ripple peak to peak, at most", least=1e-4, most=5)),
    ("charge pump that doubles 5 V at 10 mA", "make -4 V from 5 V with a charge pump, 5 mA"), charge_pump,
)  # fmt: skip
ZENER_REGULATOR = Kit(
    "zener_regulator", "Zener regulator", "shunt regulator with a series resistor",
    (Slot("output", "V", "zener voltage", required=True, least=1.8, most=200),
     Slot("vin", "V", "nominal input", required=True, least=2, most=400),
     Slot("vin_min", "V", "lowest input", least=2, most=400), Slot("vin_max", "V", "highest input", least=2, most=400),
     Slot("current", "A", "load current", default=5e-3, least=1e-5, most=1)),
    ("zener regulator 5.1 V from 12 V, 20 mA", "shunt regulator for 3.3 V, input 8 to 10 V"), zener_regulator,
)  # fmt: skip
LED_RESISTOR = Kit(
    "led_resistor", "LED with series resistor", "the resistor for one LED or several in series",
    (Slot("supply", "V", "supply", default=5.0, least=1, most=400),
     Slot("current", "A", "LED current", default=10e-3, least=1e-4, most=3),
     Slot("led_voltage", "V", "forward voltage of one LED", default=2.0, least=1, most=5),
     Slot("count", "", "LEDs in series", default=1, least=1, most=50)),
    ("resistor for a red LED at 15 mA from 5 V", "three white LEDs in series on 12 V, 20 mA"), led_resistor,
)  # fmt: skip
