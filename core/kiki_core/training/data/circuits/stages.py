"""Transistor stages, biased by their own parameters: gains, currents, output levels."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from kiki_core.training.data.model import Circuit, Maker, Measure, Want, Words, about
from kiki_core.training.data.numbers import bucket, round_value, spice

_NPN = ".model QN NPN(BF=200 IS=1e-14)"


def _supply(random: Random) -> float:
    return float(random.choice([5, 9, 10, 12, 15, 18, 24]))


def _common_emitter(random: Random, named: frozenset[str]) -> Circuit:
    vcc, gain = _supply(random), float(random.choice([3, 4, 5, 6, 8, 10]))
    i = random.choice([5e-4, 1e-3, 2e-3]) if "i" in named else 1e-3
    body = (
        f".param VCC={vcc:g} G={gain:g} I={spice(i)}\n.param RC={{VCC/(2*I)}} RE={{RC/G-26m/I}}\n"
        f".param VB={{I*RE+0.65}}\n"
        "V1 in 0 DC 0 AC 1\nVCC vcc 0 {VCC}\nC1 in b 10u\nR1 vcc b {(VCC-VB)/(I/20)}\nR2 b 0 {VB/(I/22)}\n"
        f"RC vcc out {{RC}}\nRE e 0 {{RE}}\nQ1 out b e QN\n{_NPN}\n.ac dec 20 10 1meg"
    )
    wants = [about("gain ratio", gain, 0.12)]
    words: Words = {"vcc": (vcc, "V"), "gain": (gain, ""), "i": (i, "A")}
    return Circuit(words, body, wants, f"{vcc:g}-{gain:g}", "QR")


def _common_source(random: Random, named: frozenset[str]) -> Circuit:
    vdd, gain = float(random.choice([5, 9, 10, 12, 15])), float(random.choice([3, 4, 5, 8]))
    body = (
        f".param VDD={vdd:g} G={gain:g} I=1m KP=20m\n.param GM={{sqrt(2*KP*I)}} RD={{VDD/(2*I)}} RS={{RD/G-1/GM}}\n"
        ".param VG={1+sqrt(2*I/KP)+I*RS}\nV1 in 0 DC 0 AC 1\nVDD vdd 0 {VDD}\nC1 in g 1u\nR1 vdd g {(VDD-VG)*1meg}\n"
        "R2 g 0 {VG*1meg}\nRD vdd out {RD}\nRS s 0 {RS}\nM1 out g s s MN\n.model MN NMOS(VTO=1 KP=20m)\n"
        ".ac dec 20 10 1meg"
    )
    words: Words = {"vdd": (vdd, "V"), "gain": (gain, "")}
    return Circuit(words, body, [about("gain ratio", gain, 0.12)], f"{vdd:g}-{gain:g}", "MR")


def _follower(random: Random, named: frozenset[str]) -> Circuit:
    vcc = _supply(random)
    i = random.choice([1e-3, 2e-3, 5e-3, 1e-2])
    body = (
        f".param VCC={vcc:g} I={spice(i)}\n.param RE={{VCC/(2*I)}}\nV1 in 0 DC 0 AC 1\nVCC vcc 0 {{VCC}}\n"
        f"C1 in b 10u\n"
        "R1 vcc b {(VCC/2-0.65)/(I/10)}\nR2 b 0 {(VCC/2+0.65)/(I/10-I/200)}\nQ1 vcc b out QN\nRE out 0 {RE}\n"
        f"{_NPN}\n.op\n.ac dec 20 100 1meg"
    )
    wants = [about("dc", vcc / 2, 0.12), about("gain ratio", 1.0, 0.05)]
    return Circuit({"vcc": (vcc, "V"), "i": (i, "A")}, body, wants, f"{vcc:g}", "QR")


def _mirror(random: Random, named: frozenset[str]) -> Circuit:
    vcc = _supply(random)
    i = round_value(random, 1e-4, 5e-3)
    load = 0.4 * vcc / i
    body = (
        f".param VCC={vcc:g} I={spice(i)}\nVCC vcc 0 {{VCC}}\nR1 vcc b {{(VCC-0.65)/I}}\nQ1 b b 0 QN\nQ2 out b 0 QN\n"
        f"RL vcc out {{0.4*VCC/I}}\n{_NPN}\n.op"
    )
    wants = [about("dc", vcc - load * i, 0.1)]
    return Circuit({"vcc": (vcc, "V"), "i": (i, "A")}, body, wants, bucket(i), "QR")


def _npn_switch(random: Random, named: frozenset[str]) -> Circuit:
    vcc = float(random.choice([5, 9, 12, 24]))
    i = random.choice([0.01, 0.02, 0.03, 0.04, 0.05, 0.08, 0.1, 0.15, 0.2])
    drive = random.choice([3.3, 5.0])
    body = (
        f".param VCC={vcc:g} I={spice(i)} VD={drive:g}\nVCC vcc 0 {{VCC}}\nV1 in 0 {{VD}}\n"
        f"R1 in b {{(VD-0.8)/(I/20)}}\n"
        f"Q1 out b 0 QN\nRL vcc out {{VCC/I}}\n{_NPN}\n.op"
    )
    words: Words = {"vcc": (vcc, "V"), "i": (i, "A"), "vd": (drive, "V")}
    wants = [Want("dc", 0.0, 0.3), about("supply current", i, 0.15)]
    return Circuit(words, body, wants, f"{vcc:g}-{bucket(i)}", "QR")


def _mos_switch(random: Random, named: frozenset[str]) -> Circuit:
    vcc = float(random.choice([5, 12, 24, 48]))
    i = random.choice([0.1, 0.2, 0.5, 1, 1.5, 2, 3])
    drive = random.choice([3.3, 5.0, 10.0])
    body = (
        f".param VCC={vcc:g} I={spice(i)} VD={drive:g}\nVCC vcc 0 {{VCC}}\nV1 in 0 {{VD}}\nRG in g 100\n"
        f"M1 out g 0 0 MN\n"
        "RL vcc out {VCC/I}\n.model MN NMOS(VTO=1.5 KP=50)\n.op"
    )
    words: Words = {"vcc": (vcc, "V"), "i": (i + 0.0, "A"), "vd": (drive, "V")}
    return Circuit(words, body, [Want("dc", 0.0, 0.3), about("supply current", i, 0.1)], f"{vcc:g}-{i:g}", "MR")


def _high_side(random: Random, named: frozenset[str]) -> Circuit:
    vcc = float(random.choice([5, 9, 12]))
    i = random.choice([0.05, 0.1, 0.2, 0.5, 1.0])
    body = (
        f".param VCC={vcc:g} I={spice(i)}\nVCC vcc 0 {{VCC}}\nV1 in 0 5\nRB in b 10k\nQ1 g b 0 QN\nRG vcc g 10k\n"
        f"M1 out g vcc vcc MP\nRL out 0 {{VCC/I}}\n{_NPN}\n.model MP PMOS(VTO=-1.5 KP=20)\n.op"
    )
    words: Words = {"vcc": (vcc, "V"), "i": (i, "A")}
    return Circuit(words, body, [Want("dc", vcc - 0.25, vcc), about("supply current", i, 0.1)], f"{vcc:g}-{i:g}", "MQR")


def _differential(random: Random, named: frozenset[str]) -> Circuit:
    v = float(random.choice([5, 9, 12, 15]))
    i = random.choice([5e-4, 1e-3, 2e-3])
    body = (
        f".param VS={v:g} I={spice(i)}\n.param RC={{VS/(2*I/2)/2}}\nVP vcc 0 {{VS}}\nVN vee 0 {{-VS}}\n"
        f"V1 in 0 DC 0 AC 1\n"
        "RC1 vcc a {RC}\nRC2 vcc out {RC}\nQ1 a in e QN\nQ2 out 0 e QN\nI1 e vee {I}\n"
        f"{_NPN}\n.op\n.ac dec 20 10 1meg"
    )
    rc = v / (2 * i / 2) / 2
    wants = [about("dc", v - i / 2 * rc, 0.1), about("gain ratio", (i / 2) / 0.02585 * rc / 2, 0.12)]
    return Circuit({"vs": f"±{v:g} V", "i": (i, "A")}, body, wants, f"{v:g}-{i:g}", "QR")


def _cascade_led(random: Random, named: frozenset[str]) -> Circuit:
    """A constant-current sink: a transistor with an emitter resistor, its base held by two diodes."""
    vcc = float(random.choice([5, 9, 12, 15]))
    i = random.choice([1e-3, 2e-3, 5e-3, 1e-2, 1.5e-2, 2e-2])
    body = (
        f".param VCC={vcc:g} I={spice(i)}\nVCC vcc 0 {{VCC}}\nR1 vcc b {{(VCC-1.4)/(2m+I/50)}}\nD1 b d DN\n"
        f"D2 d 0 DN\n"
        f"Q1 out b e QN\nRE e 0 {{0.66/I}}\nRL vcc out {{0.3*VCC/I}}\n{_NPN}\n.model DN D(IS=1e-14)\n.op"
    )
    wants = [about("dc", 0.7 * vcc, 0.08)]
    return Circuit({"vcc": (vcc, "V"), "i": (i, "A")}, body, wants, f"{vcc:g}-{bucket(i)}", "QDR")


def _op_amp_sink(random: Random, named: frozenset[str]) -> Circuit:
    vcc = float(random.choice([5, 12, 24]))
    i = random.choice([0.01, 0.02, 0.05, 0.1, 0.25, 0.5])
    body = (
        f".param VCC={vcc:g} I={spice(i)} VR=0.5\nVCC vcc 0 {{VCC}}\nV1 in 0 {{VR}}\nE1 g 0 in s 1e4\n"
        f"M1 out g s s MN\n"
        "RS s 0 {VR/I}\nRL vcc out {0.5*VCC/I}\n.model MN NMOS(VTO=1.5 KP=2)\n.op"
    )
    wants = [about("dc", vcc / 2, 0.08), about("supply current", i, 0.05)]
    return Circuit({"vcc": (vcc, "V"), "i": (i, "A")}, body, wants, f"{vcc:g}-{i:g}", "MRE")


def _inverter(random: Random, named: frozenset[str]) -> Circuit:
    vdd = random.choice([1.8, 2.5, 3.3, 5.0])
    body = (
        f".param VDD={vdd:g}\nVDD vdd 0 {{VDD}}\nV1 in 0 0\nM1 out in vdd vdd MP L=1u W=4u\n"
        f"M2 out in 0 0 MN L=1u W=2u\n"
        "CL out 0 10f\n.model MN NMOS(VTO=0.5 KP=100u)\n.model MP PMOS(VTO=-0.5 KP=50u)\n.dc V1 0 {VDD} 0.01"
    )
    wants = [
        about("output at input", vdd, 0.02, 0.0),
        Want("output at input", -0.02, 0.05, vdd),
        about("trip point", vdd / 2, 0.06),
    ]
    words: Words = {"vdd": (vdd, "V")}
    return Circuit(
        words, body, wants, f"{vdd:g}", "M", [Measure("dc {name} find v(in) when v(out)={VDD/2}", "trip", vdd / 2)]
    )


KINDS: Mapping[str, Maker] = {
    "common-emitter": _common_emitter,
    "common-source": _common_source,
    "emitter-follower": _follower,
    "current-mirror": _mirror,
    "npn-switch": _npn_switch,
    "mosfet-switch": _mos_switch,
    "high-side-switch": _high_side,
    "differential-pair": _differential,
    "diode-current-sink": _cascade_led,
    "op-amp-current-sink": _op_amp_sink,
    "cmos-inverter": _inverter,
}
