"""From alternating to direct voltage, and from one direct voltage to another, with ideal switches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Measure, Want, Words, about
from kiki_core.training.data.numbers import bucket, round_value, spice

_DIODE = ".model DR D(IS=1e-9 N=1.8 RS=0.02)"
_SWITCH = ".model SW SW(VT=0.5 RON=5m ROFF=1meg)"
_IDEAL = ".model DS D(IS=1e-9 N=0.1 RS=5m)"


def _mains(random: Random) -> tuple[float, float]:
    return float(random.choice([8, 10, 12, 15, 17, 20, 24, 34])), float(random.choice([50, 60]))


def _half_wave(random: Random, named: frozenset[str]) -> Circuit:
    a, f = _mains(random)
    i = random.choice([0.005, 0.01, 0.02, 0.05, 0.1])
    r = random.choice([0.2, 0.5, 1.0]) if "r" in named else 0.5
    body = (
        f".param A={a:g} f={f:g} I={spice(i)} VR={r:g}\nV1 in 0 SIN(0 {{A}} {{f}})\nD1 in out DR\n"
        f"C1 out 0 {{I/(f*VR)}}\n"
        f"RL out 0 {{A/I}}\n{_DIODE}\n.tran {{1/f/200}} {{15/f}}"
    )
    words: Words = {"a": (a, "V"), "f": (f, "Hz"), "i": (i, "A"), "r": (r, "V")}
    wants = [Want("mean", a - 1.2 - r, a), Want("peak to peak", 0.4 * r, 1.05 * r)]
    measure = Measure("tran {name} pp v(out) from={10/f} to={15/f}", "ripple", 0.75 * r, 0.4)
    return Circuit(words, body, wants, f"{a:g}-{i:g}", "DCR", [measure])


def _bridge(random: Random, named: frozenset[str]) -> Circuit:
    a, f = _mains(random)
    i = random.choice([0.02, 0.05, 0.1, 0.2, 0.5])
    r = random.choice([0.2, 0.5, 1.0]) if "r" in named else 0.5
    body = (
        f".param A={a:g} f={f:g} I={spice(i)} VR={r:g}\nV1 in x SIN(0 {{A}} {{f}})\nD1 in out DR\n"
        f"D2 x out DR\nD3 0 in DR\nD4 0 x DR\nR1 in 0 1meg\n"
        f"R2 x 0 1meg\nC1 out 0 {{I/(2*f*VR)}}\nRL out 0 {{A/I}}\n{_DIODE}\n.tran {{1/f/200}} {{15/f}}"
    )
    words: Words = {"a": (a, "V"), "f": (f, "Hz"), "i": (i, "A"), "r": (r, "V")}
    wants = [Want("mean", a - 2.2 - r, a - 0.4), Want("peak to peak", 0.3 * r, 1.05 * r)]
    measure = Measure("tran {name} avg v(out) from={10/f} to={15/f}", "mean", a - 1.3 - r / 2, 0.12)
    return Circuit(words, body, wants, f"{a:g}-{i:g}", "DCR", [measure])


def _doubler(random: Random, named: frozenset[str]) -> Circuit:
    a, f = _mains(random)
    body = (
        f".param A={a:g} f={f:g}\nV1 in 0 SIN(0 {{A}} {{f}})\nC1 in a 100u\nD1 0 a DR\nD2 a out DR\n"
        f"C2 out 0 100u\nRL out 0 100k\n"
        f"{_DIODE}\n.tran {{1/f/200}} {{20/f}}"
    )
    return Circuit({"a": (a, "V"), "f": (f, "Hz")}, body, [Want("mean", 2 * a - 2.2, 2 * a)], f"{a:g}-{f:g}", "DCR")


def _inductor(random: Random, named: frozenset[str]) -> tuple[float, float]:
    return random.choice([1e5, 2e5, 2.5e5, 4e5, 5e5]), random.choice([0.5, 1.0, 2.0, 3.0])


def _buck(random: Random, named: frozenset[str]) -> Circuit:
    vout = random.choice([1.2, 1.8, 2.5, 3.3, 5.0])
    vin = random.choice([v for v in (5.0, 9.0, 12.0, 24.0) if v > 1.3 * vout])
    f, i = _inductor(random, named)
    body = (
        f".param VI={vin:g} VO={vout:g} IO={i:g} f={spice(f)}\n"
        f".param D={{VO/VI}} L={{VO*(1-D)/(0.3*IO*f)}} C={{0.3*IO/(8*f*0.01*VO)}}\n"
        "V1 in 0 {VI}\nVG g 0 PULSE(0 1 0 1n 1n {D/f} {1/f})\nS1 in x g 0 SW\nD1 0 x DS\n"
        f"L1 x out {{L}} IC={{0.85*IO}}\nC1 out 0 {{C}} IC={{VO}}\nRL out 0 {{VO/IO}}\n{_SWITCH}\n{_IDEAL}\n"
        f".tran {{1/f/100}} {{60/f}} uic"
    )
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "i": (i, "A"), "f": (f, "Hz")}
    wants = [about("mean", vout, 0.1), Want("peak to peak", 0, 0.06 * vout)]
    measure = Measure("tran {name} avg v(out) from={40/f} to={60/f}", "mean", vout)
    return Circuit(words, body, wants, f"{vin:g}-{vout:g}", "SDLC", [measure])


def _boost(random: Random, named: frozenset[str]) -> Circuit:
    vin = random.choice([3.3, 5.0, 9.0, 12.0])
    vout = random.choice([v for v in (5.0, 9.0, 12.0, 15.0, 24.0, 36.0) if 1.25 * vin < v < 4 * vin])
    f = random.choice([1e5, 2e5, 2.5e5, 5e5])
    i = random.choice([0.1, 0.2, 0.5, 1.0])
    body = (
        f".param VI={vin:g} VO={vout:g} IO={i:g} f={spice(f)}\n"
        f".param D={{1-VI/VO}} IL={{IO/(1-D)}} L={{VI*D/(0.3*IL*f)}} C={{IO*D/(f*0.01*VO)}}\n"
        "V1 in 0 {VI}\nVG g 0 PULSE(0 1 0 1n 1n {D/f} {1/f})\nL1 in x {L} IC={0.85*IL}\nS1 x 0 g 0 SW\nD1 x out DS\n"
        f"C1 out 0 {{C}} IC={{VO}}\nRL out 0 {{VO/IO}}\n{_SWITCH}\n{_IDEAL}\n.tran {{1/f/100}} {{60/f}} uic"
    )
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "i": (i, "A"), "f": (f, "Hz")}
    measure = Measure("tran {name} avg v(out) from={40/f} to={60/f}", "mean", vout)
    return Circuit(
        words,
        body,
        [about("mean", vout, 0.1), Want("peak to peak", 0, 0.06 * vout)],
        f"{vin:g}-{vout:g}",
        "SDLC",
        [measure],
    )


def _inverting_converter(random: Random, named: frozenset[str]) -> Circuit:
    vin = random.choice([3.3, 5.0, 12.0])
    vout = random.choice([v for v in (3.3, 5.0, 9.0, 12.0, 15.0) if v < 3 * vin])
    f = random.choice([1e5, 2e5, 5e5])
    body = (
        f".param VI={vin:g} VO={vout:g} IO=0.2 f={spice(f)}\n"
        f".param D={{VO/(VI+VO)}} IL={{IO/(1-D)}} L={{VI*D/(0.3*IL*f)}} C={{IO*D/(f*0.01*VO)}}\n"
        "V1 in 0 {VI}\nVG g 0 PULSE(0 1 0 1n 1n {D/f} {1/f})\nS1 in x g 0 SW\nL1 x 0 {L} IC={0.85*IL}\nD1 out x DS\n"
        f"C1 out 0 {{C}} IC={{-VO}}\nRL out 0 {{VO/IO}}\n{_SWITCH}\n{_IDEAL}\n.tran {{1/f/100}} {{60/f}} uic"
    )
    words: Words = {"vi": (vin, "V"), "vo": f"-{vout:g} V", "f": (f, "Hz")}
    return Circuit(
        words, body, [about("mean", -vout, 0.12), Want("peak to peak", 0, 0.06 * vout)], f"{vin:g}-{vout:g}", "SDLC"
    )


def _charge_pump(random: Random, named: frozenset[str]) -> Circuit:
    v = random.choice([3.3, 5.0, 9.0, 12.0])
    f = round_value(random, 1e4, 1e6)
    body = (
        f".param VS={v:g} f={spice(f)}\nV1 in 0 {{VS}}\n"
        f"VG g 0 PULSE(0 {{VS}} 0 {{10m/f}} {{10m/f}} {{0.49/f}} {{1/f}})\nD1 in a DS\n"
        f"C1 g a {{10m/f}}\nD2 a out DS\nC2 out 0 {{10m/f}}\nRL out 0 100k\n{_IDEAL}\n.tran {{1/f/50}} {{60/f}}"
    )
    words: Words = {"v": (v, "V"), "f": (f, "Hz")}
    return Circuit(words, body, [Want("mean", 2 * v - 1.2, 2 * v)], f"{v:g}-{bucket(f)}", "DCR")


def _lc_input(random: Random, named: frozenset[str]) -> Circuit:
    a, f = _mains(random)
    i = random.choice([0.5, 1.0, 2.0])
    mean = 2 * a / math.pi
    body = (
        f".param A={a:g} f={f:g} I={i:g}\nB1 x 0 V=abs({{A}}*sin(2*pi*{{f}}*time))\nL1 x out {{10*A/(6.2832*f*I)}}\n"
        "C1 out 0 {10*I/(6.2832*f*A)}\nRL out 0 {0.6366*A/I}\n.tran {1/f/200} {40/f}"
    )
    words: Words = {"a": (a, "V"), "f": (f, "Hz"), "i": (i, "A")}
    return Circuit(words, body, [about("mean", mean, 0.1)], f"{a:g}-{i:g}", "LCR")


KINDS: Mapping[str, Maker] = {
    "half-wave": _half_wave,
    "bridge-rectifier": _bridge,
    "voltage-doubler": _doubler,
    "buck": _buck,
    "boost": _boost,
    "inverting-converter": _inverting_converter,
    "charge-pump": _charge_pump,
    "choke-input": _lc_input,
}
