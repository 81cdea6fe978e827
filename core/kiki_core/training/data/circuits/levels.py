"""Direct voltages: dividers, references, regulators, bridges, sensors, and sweeps of one element."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Want, Words, about
from kiki_core.training.data.numbers import bucket, drawn, spice

_NPN = ".model QN NPN(BF=200 IS=1e-14)"
_OUTPUTS = (0.8, 1.0, 1.2, 1.5, 1.8, 2.0, 2.5, 3.0, 3.3, 4.1, 5.0, 6.0, 7.5, 9.0)


def _pair(random: Random, least: float = 1.3) -> tuple[float, float]:
    vout = random.choice(_OUTPUTS)
    vin = random.choice([v for v in (3.3, 5.0, 9.0, 12.0, 15.0, 18.0, 24.0, 28.0, 36.0, 48.0) if v > vout * least])
    return vin, vout


def _divider(random: Random, named: frozenset[str]) -> Circuit:
    vin, vout = _pair(random)
    r = drawn(random, 1e3, 1e5) if "r" in named else 10e3
    i = random.choice([1e-4, 5e-4, 1e-3, 2e-3]) if "i" in named else 0.0
    stated = f"I={spice(i)}\n.param R2={{VO/I}}" if i else f"R2={spice(r)}\n.param"
    stated += " R1={R2*(VI-VO)/VO}" if not i else " R1={(VI-VO)/I}"
    body = f".param VI={vin:g} VO={vout:g} {stated}\nV1 in 0 {{VI}}\nR1 in out {{R1}}\nR2 out 0 {{R2}}\n.op"
    wants = [about("dc", vout, 0.05)] + ([about("supply current", i, 0.05)] if i else [])
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "r": (r, "ohm"), "i": (i, "A")}
    return Circuit(words, body, wants, f"{vin:g}-{vout:g}", "R")


def _loaded(random: Random, named: frozenset[str]) -> Circuit:
    vin, vout = _pair(random)
    load = drawn(random, 1e3, 1e5)
    body = (
        f".param VI={vin:g} VO={vout:g} RL={spice(load)}\n.param R2={{RL}}\n.param R1={{(VI-VO)/(VO/R2+VO/RL)}}\n"
        "V1 in 0 {VI}\nR1 in out {R1}\nR2 out 0 {R2}\nRL out 0 {RL}\n.op"
    )
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "rl": (load, "ohm")}
    return Circuit(words, body, [about("dc", vout, 0.05)], f"{vin:g}-{vout:g}", "R")


def _zener(random: Random, named: frozenset[str]) -> Circuit:
    vz = random.choice([3.3, 3.9, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 9.1, 10.0, 12.0, 15.0])
    vin = random.choice([v for v in (9.0, 12.0, 15.0, 18.0, 24.0, 36.0) if v > vz * 1.4])
    i = random.choice([1e-3, 2e-3, 5e-3, 1e-2, 2e-2])
    body = (
        f".param VI={vin:g} VZ={vz:g} IL={spice(i)}\nV1 in 0 {{VI}}\nR1 in out {{(VI-VZ)/(IL+5m)}}\nD1 0 out DZ\n"
        "RL out 0 {VZ/IL}\n.model DZ D(BV={VZ} IBV=5m)\n.op"
    )
    words: Words = {"vi": (vin, "V"), "vz": (vz, "V"), "i": (i, "A")}
    return Circuit(words, body, [about("dc", vz, 0.04)], f"{vin:g}-{vz:g}", "DR")


def _series_regulator(random: Random, named: frozenset[str]) -> Circuit:
    vout = random.choice([3.3, 5.0, 6.0, 8.0, 9.0, 12.0])
    vin = random.choice([v for v in (9.0, 12.0, 15.0, 18.0, 24.0) if v > vout + 2.5])
    i = random.choice([0.02, 0.05, 0.1, 0.2])
    body = (
        f".param VI={vin:g} VO={vout:g} IL={spice(i)}\n.param VZ={{VO+0.72}}\nV1 in 0 {{VI}}\n"
        f"R1 in b {{(VI-VZ)/(5m+IL/200)}}\n"
        f"D1 0 b DZ\nQ1 in b out QN\nRL out 0 {{VO/IL}}\n{_NPN}\n.model DZ D(BV={{VZ}} IBV=5m)\n.op"
    )
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "i": (i, "A")}
    return Circuit(words, body, [about("dc", vout, 0.05)], f"{vin:g}-{vout:g}", "DQR")


def _op_amp_regulator(random: Random, named: frozenset[str]) -> Circuit:
    vout = random.choice([3.3, 5.0, 9.0, 10.0, 12.0])
    vin = random.choice([v for v in (12.0, 15.0, 18.0, 24.0) if v > vout + 2])
    i = random.choice([0.05, 0.1, 0.25, 0.5])
    body = (
        f".param VI={vin:g} VO={vout:g} IL={spice(i)} VR=2.5\nV1 in 0 {{VI}}\nV2 ref 0 {{VR}}\nE1 b 0 ref n 1e4\n"
        f"Q1 in b out QN\nR1 out n {{10k*(VO/VR-1)}}\nR2 n 0 10k\nRL out 0 {{VO/IL}}\n{_NPN}\n.op"
    )
    words: Words = {"vi": (vin, "V"), "vo": (vout, "V"), "i": (i, "A")}
    return Circuit(words, body, [about("dc", vout, 0.03)], f"{vin:g}-{vout:g}", "QRE")


def _led(random: Random, named: frozenset[str]) -> Circuit:
    vcc = random.choice([3.3, 5.0, 9.0, 12.0, 24.0])
    count = random.choice([n for n in (1, 2, 3) if n * 2 < vcc - 0.8]) if "n" in named else 1
    i = random.choice([2e-3, 5e-3, 8e-3, 1e-2, 1.5e-2, 2e-2])
    chain = "\n".join(
        f"D{n} {'out' if n == 1 else f'd{n}'} {'0' if n == count else f'd{n + 1}'} LED" for n in range(1, count + 1)
    )
    body = (
        f".param VCC={vcc:g} I={spice(i)}\nV1 in 0 {{VCC}}\nR1 in out {{(VCC-{2 * count})/I}}\n{chain}\n"
        f".model LED D(IS=1e-18 N=2.1)\n.op"
    )
    words: Words = {"vcc": (vcc, "V"), "i": (i, "A"), "n": f"{count}"}
    return Circuit(words, body, [about("supply current", i, 0.12)], f"{vcc:g}-{count}", "DR")


def _bridge(random: Random, named: frozenset[str]) -> Circuit:
    v, r = float(random.choice([3, 5, 10])), float(random.choice([120, 350, 1000]))
    change = random.choice([0.001, 0.002, 0.005, 0.01, 0.02])
    body = (
        f".param VE={v:g} R={spice(r)} d={change:g}\nV1 in 0 {{VE}}\nR1 in a {{R}}\nR2 a 0 {{R}}\nR3 in b {{R}}\n"
        "R4 b 0 {R*(1+d)}\nE1 out 0 b a 1\n.op"
    )
    words: Words = {"v": (v, "V"), "r": (r, "ohm"), "d": (change * 100, "%")}
    return Circuit(
        words, body, [about("dc", v * ((1 + change) / (2 + change) - 0.5), 0.05)], f"{v:g}-{r:g}-{change:g}", "R"
    )


def _thermistor(random: Random, named: frozenset[str]) -> Circuit:
    v = random.choice([3.3, 5.0])
    at = float(random.choice([0, 10, 25, 40, 50, 60, 70, 85, 100]))
    r = 1e4 * math.exp(3950 * (1 / (at + 273.15) - 1 / 298.15))
    body = (
        f".param VS={v:g} T={at:g}\n.param RT={{10k*exp(3950*(1/(T+273.15)-1/298.15))}}\nV1 in 0 {{VS}}\n"
        f"R1 in out 10k\n"
        "R2 out 0 {RT}\n.op"
    )
    words: Words = {"v": (v, "V"), "t": (at, "°C")}
    return Circuit(words, body, [about("dc", v * r / (r + 1e4), 0.03)], f"{v:g}-{at:g}", "R")


def _diode_curve(random: Random, named: frozenset[str]) -> Circuit:
    v = random.choice([0.7, 0.8, 0.9, 1.0])
    body = f"V1 in 0 0\nR1 in out 1\nD1 out 0 DN\n.model DN D(IS=1e-14 N=1)\n.dc V1 0 {v:g} 0.01"
    return Circuit({"v": (v, "V")}, body, [Want("output at input", 0.59, 0.61, 0.6)], f"{v:g}", "D")


def _resistor_sweep(random: Random, named: frozenset[str]) -> Circuit:
    v, r = float(random.choice([5, 9, 12])), drawn(random, 50, 1e4)
    body = (
        f".param VS={v:g} RS={spice(r)}\nV1 in 0 {{VS}}\nR1 in out {{RS}}\nR2 out 0 1k\n"
        f".dc R2 {{RS/10}} {{RS*10}} {{RS/20}}"
    )
    words: Words = {"v": (v, "V"), "r": (r, "ohm"), "lo": (r / 10, "ohm"), "hi": (r * 10, "ohm")}
    wants = [about("output at", v / 2, 0.05, r), about("output at", v * 10 / 11, 0.05, 10 * r)]
    return Circuit(words, body, wants, f"{v:g}-{bucket(r)}", "R")


def _temperature(random: Random, named: frozenset[str]) -> Circuit:
    i = random.choice([1e-5, 1e-4, 1e-3])
    low, high = random.choice([(-40, 85), (-40, 125), (0, 70), (0, 100), (-20, 80)])
    body = f"I1 0 out {spice(i)}\nD1 out 0 DN\n.model DN D(IS=1e-14 N=1 XTI=3 EG=1.11)\n.dc temp {low} {high} 5"
    words: Words = {"i": (i, "A"), "lo": f"{low}", "hi": f"{high} °C"}
    middle = round((low + high) / 10) * 5
    return Circuit(words, body, [Want("output slope", -2.6e-3, -1.3e-3, float(middle))], f"{i:g}-{low}", "D")


def _bandgap_sum(random: Random, named: frozenset[str]) -> Circuit:
    v, i = random.choice([5.0, 9.0, 12.0]), random.choice([1e-3, 2e-3, 5e-3])
    n = random.choice([1, 2, 3, 4])
    chain = "\n".join(
        f"D{k} {'out' if k == 1 else f'd{k}'} {'0' if k == n else f'd{k + 1}'} DN" for k in range(1, n + 1)
    )
    body = (
        f".param VS={v:g} I={spice(i)}\nV1 in 0 {{VS}}\nR1 in out {{(VS-{0.65 * n:g})/I}}\n{chain}\n"
        f".model DN D(IS=1e-14)\n.op"
    )
    words: Words = {"v": (v, "V"), "i": (i, "A"), "n": f"{n}"}
    return Circuit(words, body, [about("dc", 0.026 * n * math.log(i / 1e-14), 0.05)], f"{n}-{i:g}", "DR")


KINDS: Mapping[str, Maker] = {
    "divider": _divider,
    "loaded-divider": _loaded,
    "zener": _zener,
    "series-regulator": _series_regulator,
    "op-amp-regulator": _op_amp_regulator,
    "led": _led,
    "wheatstone": _bridge,
    "thermistor": _thermistor,
    "diode-curve": _diode_curve,
    "load-sweep": _resistor_sweep,
    "diode-temperature": _temperature,
    "diode-string": _bandgap_sum,
}
