"""Circuits in time: steps, ringing, oscillators, pulses, limiters, lines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Measure, Want, Words, about
from kiki_core.training.data.numbers import bucket, drawn, round_value, spice

_PERIOD = Measure("tran {name} trig v(out) val=0 rise=6 targ v(out) val=0 rise=7", "period", 0.0)


def _period(f: float) -> Measure:
    return Measure(_PERIOD.card, "period", 1 / f)


def _rc_step(random: Random, named: frozenset[str]) -> Circuit:
    tau = round_value(random, 1e-6, 0.5)
    v = float(random.choice([1, 3.3, 5, 10, 12]))
    r = drawn(random, 1e3, 1e5) if "r" in named else 10e3
    body = (
        f".param tau={spice(tau)} VS={v:g} R={spice(r)}\n.param C={{tau/R}}\nV1 in 0 PWL(0 0 {{tau/1000}} {{VS}})\n"
        "R1 in out {R}\nC1 out 0 {C}\n.tran {tau/200} {6*tau}"
    )
    wants = [about("output at", v * (1 - math.exp(-1)), 0.03, tau), about("output at", v, 0.03, 5.9 * tau)]
    rise = Measure(
        "tran {name} trig v(out) val={0.1*VS} rise=1 targ v(out) val={0.9*VS} rise=1", "rise", 2.197 * tau, 0.05
    )
    words: Words = {"tau": (tau, "s"), "v": (v, "V"), "r": (r, "ohm")}
    return Circuit(words, body, wants, bucket(tau), "RC", [rise])


def _discharge(random: Random, named: frozenset[str]) -> Circuit:
    tau = round_value(random, 1e-5, 2)
    v = float(random.choice([3.3, 5, 9, 12, 24]))
    body = (
        f".param tau={spice(tau)} R=10k\n.param C={{tau/R}}\nC1 out 0 {{C}} IC={v:g}\nR1 out 0 {{R}}\n"
        f".tran {{tau/200}} {{6*tau}} uic"
    )
    wants = [about("output at", v * math.exp(-1), 0.04, tau), about("output at", v * math.exp(-2), 0.04, 2 * tau)]
    return Circuit({"tau": (tau, "s"), "v": (v, "V")}, body, wants, bucket(tau), "RC")


def _delay(random: Random, named: frozenset[str]) -> Circuit:
    """The output passes half the input's step after `t`: R C = t / ln 2."""
    t = round_value(random, 1e-6, 0.1)
    v = random.choice([3.3, 5.0])
    body = (
        f".param td={spice(t)} VS={v:g} R=10k\n.param C={{td/(R*0.6931)}}\nV1 in 0 PWL(0 0 {{td/1000}} {{VS}})\n"
        "R1 in out {R}\nC1 out 0 {C}\n.tran {td/200} {8*td}"
    )
    delay = Measure("tran {name} trig v(in) val={VS/2} rise=1 targ v(out) val={VS/2} rise=1", "delay", t, 0.05)
    return Circuit({"t": (t, "s"), "v": (v, "V")}, body, [about("output at", v / 2, 0.04, t)], bucket(t), "RC", [delay])


def _ringing(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 1e3, 5e6)
    zeta = random.choice([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) if "z" in named else 0.2
    over = 100 * math.exp(-math.pi * zeta / math.sqrt(1 - zeta * zeta))
    body = (
        f".param f={spice(f)} Z={zeta:g} R=100\n.param L={{R/(2*Z*6.2832*f)}} C={{2*Z/(R*6.2832*f)}}\n"
        "V1 in 0 PWL(0 0 {1m/f} 1)\nR1 in a {R}\nL1 a out {L}\nC1 out 0 {C}\n.tran {1/f/200} {12/f}"
    )
    wants = [about("overshoot", over, 0.1), about("output at", 1.0, 0.1 if zeta > 0.1 else 0.2, 11.8 / f)]
    peak = Measure("tran {name} max v(out)", "maximum", 1 + over / 100, 0.05)
    return Circuit({"f": (f, "Hz"), "z": (zeta, "")}, body, wants, f"{bucket(f)}-{zeta:g}", "RLC", [peak])


def _rl_step(random: Random, named: frozenset[str]) -> Circuit:
    tau = round_value(random, 1e-7, 1e-2)
    v, r = float(random.choice([5, 12, 24])), float(random.choice([10, 22, 47, 100]))
    body = (
        f".param tau={spice(tau)} VS={v:g} R={spice(r)}\n.param L={{tau*R}}\nV1 in 0 PWL(0 0 {{tau/1000}} {{VS}})\n"
        "L1 in out {L}\nR1 out 0 {R}\n.tran {tau/200} {6*tau}"
    )
    words: Words = {"tau": (tau, "s"), "v": (v, "V"), "r": (r, "ohm")}
    return Circuit(words, body, [about("output at", v * (1 - math.exp(-1)), 0.03, tau)], bucket(tau), "RL")


def _relaxation(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 1, 2e5)
    c = 10.0 ** (-math.floor(math.log10(f)) - 5)
    c = drawn(random, c / 3, c * 2) if "c" in named else c
    v = float(random.choice([5, 9, 12])) if "v" in named else 5.0
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{1/(2*f*C*1.0986)}}\nB1 out 0 V={v:g}*tanh(1000*(V(p)-V(n)))\n"
        "R1 out n {R}\nC1 n 0 {C} IC=0.1\nR2 out p 10k\nR3 p 0 10k\n.tran {1/f/200} {10/f} uic"
    )
    words: Words = {"f": (f, "Hz"), "c": (c, "F"), "v": f"±{v:g} V"}
    return Circuit(
        words, body, [about("frequency", f, 0.05), about("peak to peak", 2 * v, 0.1)], bucket(f), "RCB", [_period(f)]
    )


def _wien(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 20, 1e5)
    c = 10.0 ** (-math.floor(math.log10(f)) - 5)
    c = drawn(random, c / 3, c * 2) if "c" in named else c
    body = (
        f".param f={spice(f)} C={spice(c)}\n.param R={{1/(6.2832*f*C)}}\nB1 out 0 V=5*tanh(3.1*V(p)/5)\n"
        f"R1 out a {{R}}\n"
        "C1 a p {C} IC=0.1\nR2 p 0 {R}\nC2 p 0 {C} IC=0.1\n.tran {1/f/100} {80/f} uic"
    )
    words: Words = {"f": (f, "Hz"), "c": (c, "F")}
    return Circuit(words, body, [about("frequency", f, 0.05), Want("peak to peak", 0.5, 10.5)], bucket(f), "RCB")


def _phase_shift(random: Random, named: frozenset[str]) -> Circuit:
    """Three equal RC sections, loaded by each other: f = 1 / (2 pi R C sqrt 6), gain 29."""
    f = round_value(random, 20, 5e4)
    body = (
        f".param f={spice(f)} C={spice(10.0 ** (-math.floor(math.log10(f)) - 5))}\n"
        f".param R={{1/(6.2832*f*C*sqrt(6))}}\n"
        "B1 out 0 V=-5*tanh(31*V(c)/5)\nC1 out a {C} IC=0.1\nR1 a 0 {R}\nC2 a b {C}\nR2 b 0 {R}\nC3 b c {C}\n"
        "R3 c 0 {R}\n"
        ".tran {1/f/100} {60/f} uic"
    )
    return Circuit(
        {"f": (f, "Hz")}, body, [about("frequency", f, 0.08), Want("peak to peak", 0.5, 10.5)], bucket(f), "RCB"
    )


def _colpitts(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 1e5, 2e7)
    body = (
        f".param f={spice(f)} L={spice(10 / f)}\n.param C={{2/(L*(6.2832*f)**2)}}\nB1 out 0 I=4m*tanh(V(a))\n"
        "R1 out 0 2k\nL1 out a {L}\nC1 out 0 {C} IC=0.1\nC2 a 0 {C}\n.tran {1/f/60} {100/f} uic"
    )
    return Circuit(
        {"f": (f, "Hz")}, body, [about("frequency", f, 0.08), Want("peak to peak", 0.02, 50)], bucket(f), "LCB"
    )


def _pwm(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 100, 5e5)
    duty = random.choice([10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90]) + 0.0
    v = random.choice([3.3, 5.0, 12.0])
    body = (
        f".param f={spice(f)} d={duty / 100:g} VS={v:g}\n"
        f"V1 in 0 PULSE(0 {{VS}} 0 {{1m/f}} {{1m/f}} {{d/f}} {{1/f}})\n"
        "R1 in out 10\nRL out 0 10k\n.tran {1/f/200} {10/f}"
    )
    words: Words = {"f": (f, "Hz"), "duty": (duty, "%"), "v": (v, "V")}
    wants = [about("frequency", f, 0.03), Want("duty", duty / 100 - 0.03, duty / 100 + 0.03), about("maximum", v, 0.05)]
    mean = Measure("tran {name} avg v(out) from={5/f} to={10/f}", "mean", v * duty / 100, 0.05)
    return Circuit(words, body, wants, f"{bucket(f)}-{duty:g}", "VR", [mean])


def _filtered_pwm(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 1e3, 2e5)
    duty = random.choice([10, 20, 25, 30, 40, 50, 60, 75, 80]) + 0.0
    v = random.choice([3.3, 5.0])
    body = (
        f".param f={spice(f)} d={duty / 100:g} VS={v:g} R=10k\n.param C={{10/(f*R)}}\n"
        "V1 in 0 PULSE(0 {VS} 0 {1m/f} {1m/f} {d/f} {1/f})\nR1 in out {R}\nC1 out 0 {C}\n.tran {1/f/40} {150/f}"
    )
    words: Words = {"f": (f, "Hz"), "duty": (duty, "%"), "v": (v, "V")}
    mean = Measure("tran {name} avg v(out) from={100/f} to={150/f}", "mean", v * duty / 100)
    return Circuit(
        words,
        body,
        [about("mean", v * duty / 100, 0.08), Want("peak to peak", 0, 0.05 * v)],
        f"{bucket(f)}-{duty:g}",
        "RC",
        [mean],
    )


def _triangle(random: Random, named: frozenset[str]) -> Circuit:
    f = round_value(random, 10, 1e5)
    a = float(random.choice([1, 2, 2.5, 5]))
    body = (
        f".param f={spice(f)} A={a:g}\nV1 out 0 PULSE({{-A}} {{A}} 0 {{0.5/f}} {{0.5/f}} {{1n/f}} {{1/f}})\n"
        f"RL out 0 10k\n.tran {{1/f/200}} {{8/f}}"
    )
    words: Words = {"f": (f, "Hz"), "a": (a, "V")}
    return Circuit(
        words,
        body,
        [about("frequency", f, 0.03), about("peak to peak", 2 * a, 0.05), Want("mean", -0.1 * a, 0.1 * a)],
        bucket(f),
        "V",
    )


def _clipper(random: Random, named: frozenset[str]) -> Circuit:
    level = random.choice([2.0, 2.5, 3.0, 3.3, 4.0, 5.0])
    f = round_value(random, 50, 1e4)
    a = level * random.choice([2, 3])
    body = (
        f".param f={spice(f)} VC={level:g} A={a:g}\nV1 in 0 SIN(0 {{A}} {{f}})\nR1 in out 1k\nD1 out a DN\n"
        f"VA a 0 {{VC-0.65}}\n"
        "D2 b out DN\nVB b 0 {0.65-VC}\n.model DN D(IS=1e-14)\n.tran {1/f/200} {5/f}"
    )
    words: Words = {"v": f"±{level:g} V", "f": (f, "Hz"), "a": (a, "V")}
    return Circuit(
        words,
        body,
        [about("maximum", level, 0.08), about("minimum", -level, 0.08)],
        f"{level:g}-{bucket(f)}",
        "DR",
        [Measure("tran {name} max v(out)", "maximum", level, 0.08)],
    )


def _clamp(random: Random, named: frozenset[str]) -> Circuit:
    a = random.choice([2.0, 3.0, 5.0, 10.0])
    f = round_value(random, 100, 1e5)
    body = (
        f".param f={spice(f)} A={a:g}\nV1 in 0 SIN(0 {{A}} {{f}})\nC1 in out {{10m/f}}\nD1 0 out DN\nR1 out 0 100k\n"
        ".model DN D(IS=1e-12)\n.tran {1/f/100} {40/f}"
    )
    words: Words = {"f": (f, "Hz"), "a": (a, "V")}
    return Circuit(
        words, body, [Want("minimum", -0.85, -0.2), about("peak to peak", 2 * a, 0.06)], f"{a:g}-{bucket(f)}", "DCR"
    )


def _peak_detector(random: Random, named: frozenset[str]) -> Circuit:
    a = random.choice([2.0, 3.0, 5.0, 10.0])
    f = round_value(random, 100, 1e5)
    body = (
        f".param f={spice(f)} A={a:g}\nV1 in 0 SIN(0 {{A}} {{f}})\nD1 in out DN\nC1 out 0 {{1m/f}}\nR1 out 0 100k\n"
        ".model DN D(IS=1e-9 N=1.5)\n.tran {1/f/100} {20/f}"
    )
    words: Words = {"f": (f, "Hz"), "a": (a, "V")}
    return Circuit(words, body, [Want("mean", a - 0.9, a)], f"{a:g}-{bucket(f)}", "DCR")


def _line(random: Random, named: frozenset[str]) -> Circuit:
    z, t = float(random.choice([50, 75, 100])), random.choice([1e-9, 2e-9, 5e-9, 1e-8, 2e-8, 5e-8])
    body = (
        f".param Z={z:g} td={spice(t)}\nV1 src 0 PULSE(0 2 0 {{td/100}} {{td/100}} {{10*td}} {{30*td}})\n"
        f"RS src in {{Z}}\n"
        "T1 in 0 out 0 Z0={Z} TD={td}\nRL out 0 {Z}\n.tran {td/100} {8*td}"
    )
    words: Words = {"z": (z, "ohm"), "t": (t, "s")}
    wants = [Want("output at", -0.05, 0.1, 0.8 * t), about("output at", 1.0, 0.05, 1.3 * t)]
    delay = Measure("tran {name} trig v(in) val=0.5 rise=1 targ v(out) val=0.5 rise=1", "delay", t, 0.05)
    return Circuit(words, body, wants, f"{z:g}-{bucket(t)}", "TR", [delay])


def _open_line(random: Random, named: frozenset[str]) -> Circuit:
    z, t = float(random.choice([50, 75, 100])), random.choice([1e-9, 2e-9, 5e-9, 1e-8])
    v = random.choice([1.8, 3.3, 5.0])
    body = (
        f".param Z={z:g} td={spice(t)} VS={v:g}\n"
        f"V1 src 0 PULSE(0 {{VS}} 0 {{td/50}} {{td/50}} {{20*td}} {{50*td}})\nRS src in {{Z}}\n"
        "T1 in 0 out 0 Z0={Z} TD={td}\nRL out 0 1meg\n.tran {td/100} {8*td}"
    )
    words: Words = {"z": (z, "ohm"), "t": (t, "s"), "v": (v, "V")}
    return Circuit(
        words,
        body,
        [about("output at", v, 0.05, 1.5 * t), about("output at", v, 0.05, 5 * t)],
        f"{z:g}-{bucket(t)}-{v:g}",
        "TR",
    )


def _monostable(random: Random, named: frozenset[str]) -> Circuit:
    """A comparator watches a capacitor that a pulse has discharged: t = R C ln 3 for a third of the way left."""
    t = round_value(random, 1e-5, 0.1)
    body = (
        f".param tp={spice(t)} R=10k\n.param C={{tp/(R*1.0986)}}\nV1 vcc 0 5\nR1 vcc c {{R}}\nC1 c 0 {{C}} IC=0\n"
        "B1 out 0 V=2.5+2.5*tanh(200*(10/3-V(c)))\n.tran {tp/200} {4*tp} uic"
    )
    wants = [about("output at", 5.0, 0.05, 0.85 * t), Want("output at", -0.1, 0.3, 1.15 * t)]
    return Circuit({"t": (t, "s")}, body, wants, bucket(t), "RCB")


def _am(random: Random, named: frozenset[str]) -> Circuit:
    fc = random.choice([1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6])
    fm = fc / random.choice([20, 50])
    m = random.choice([0.3, 0.5, 0.8])
    body = (
        f".param fc={spice(fc)} fm={spice(fm)} m={m:g}\n"
        f"B1 out 0 V=(1+{{m}}*sin(2*pi*{{fm}}*time))*sin(2*pi*{{fc}}*time)\n"
        "RL out 0 1k\n.tran {1/fc/30} {3/fm}"
    )
    words: Words = {"fc": (fc, "Hz"), "fm": (fm, "Hz"), "m": (m * 100, "%")}
    return Circuit(
        words, body, [about("maximum", 1 + m, 0.05), about("frequency", fc, 0.05)], f"{bucket(fc)}-{m:g}", "B"
    )


KINDS: Mapping[str, Maker] = {
    "rc-step": _rc_step,
    "rc-discharge": _discharge,
    "rc-delay": _delay,
    "ringing": _ringing,
    "rl-step": _rl_step,
    "relaxation": _relaxation,
    "wien-bridge": _wien,
    "phase-shift-oscillator": _phase_shift,
    "colpitts": _colpitts,
    "pwm": _pwm,
    "filtered-pwm": _filtered_pwm,
    "triangle": _triangle,
    "clipper": _clipper,
    "clamp": _clamp,
    "peak-detector": _peak_detector,
    "matched-line": _line,
    "source-terminated-line": _open_line,
    "monostable": _monostable,
    "amplitude-modulation": _am,
}
