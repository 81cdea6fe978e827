"""Switched converters in continuous conduction: buck, boost, inverting buck-boost, and their averaged models.

Sources of the formulas: R. W. Erickson, D. Maksimovic, Fundamentals of Power Electronics, 3rd ed., chapters 2 (duty,
ripple), 3 (losses) and 7 (averaged switch model). Open loop: the duty ratio is a value that is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Values, Variable, Wanted, fixed, shown
from kiki_tools.spice.kits.parts import (
    VT,
    at_most,
    capacitor,
    choice,
    deck,
    equals,
    formula,
    inductor,
    number,
    optional,
    value,
)

_RON = 0.02
"""On-resistance of the switch in ohm per ampere of load, at 1 A."""


@dataclass(frozen=True)
class _Point:
    """The steady state of a converter: voltages in V, currents in A, times in s."""

    kind: str
    vin: float
    vout: float
    iout: float
    f: float
    duty: float
    il: float
    ripple_i: float
    ripple_v: float
    inductance: float
    capacitance: float
    ron: float
    vd: float

    @property
    def cycles_of_resonance(self) -> float:
        """Switching cycles in one period of the filter's resonance."""
        d = 1.0 if self.kind == "buck" else 1 - self.duty
        return 2 * math.pi * math.sqrt(self.inductance * self.capacitance) * self.f / d


def _point(kind: str, plan: Plan) -> _Point:
    vin, vout = value(plan, "vin"), abs(value(plan, "output"))
    iout, f = value(plan, "current", 1.0), value(plan, "frequency", 100e3)
    ron = min(_RON / max(iout, 0.1), 0.02 * vin / iout)
    if kind == "buck":
        if vout >= 0.97 * vin:
            raise Impossible(f"a buck converter's output lies below its input: {vout:.4g} V from {vin:.4g} V needs a "
                             "boost or buck-boost converter")  # fmt: skip
    elif kind == "boost":
        if vout <= 1.03 * vin:
            raise Impossible(f"a boost converter's output lies above its input: {vout:.4g} V from {vin:.4g} V needs "
                             "a buck or buck-boost converter")  # fmt: skip
    else:
        ron = min(ron, 0.02 * vin / (iout * (1 + vout / vin)))
    duty, il, vd = _balance(kind, vin, vout, iout, ron)
    if not 0.02 <= duty <= 0.92:
        raise Impossible(
            f"the duty ratio would be {100 * duty:.3g} %; between 2 % and 92 % is practical: take two stages or a "
            "transformer"
        )
    ripple_i = value(plan, "ripple_current", 0.3 * il)
    if ripple_i > 2 * il:
        raise Impossible(
            f"a ripple current of {ripple_i:.3g} A around {il:.3g} A leaves continuous conduction; {2 * il:.3g} A is "
            "the most",
            {"ripple_current": il},
        )
    ripple_v = value(plan, "ripple", 0.01 * vout)
    if ripple_v > 0.2 * vout:
        raise Impossible(f"a ripple of {ripple_v:.3g} V at {vout:.3g} V is no DC output")
    stated = optional(plan, "inductance")
    seconds = ((vout + vd) * (1 - duty) if kind == "buck" else vin * duty) / f
    if stated is not None:
        ripple_i = seconds / stated
        if ripple_i > 1.7 * il:
            raise Impossible(
                f"{shown(stated, 'H')} leave continuous conduction at {shown(iout, 'A')} and {shown(f, 'Hz')}: "
                f"{shown(seconds / il, 'H')} keep it",
                {"inductance": seconds / il},
            )
    inductance = seconds / ripple_i
    capacitance = ripple_i / (8 * f * ripple_v) if kind == "buck" else iout * duty / (f * ripple_v)
    capacitance = value(plan, "capacitance", capacitance)
    return _Point(kind, vin, vout, iout, f, duty, il, ripple_i, ripple_v, inductance, capacitance, ron, vd)


def _balance(kind: str, vin: float, vout: float, iout: float, ron: float) -> tuple[float, float, float]:
    """Duty ratio, coil current in A and drop of the model DPOW in V at which the coil's volt-seconds balance."""
    duty, il, vd = 0.0, iout, 0.3
    for _ in range(20):
        vd = 1.05 * VT * math.log1p(il / 20e-6) + 5e-3 * il
        if kind == "buck":
            duty = (vout + vd) / (vin - ron * il + vd)
        elif kind == "boost":
            duty = (vout + vd - vin) / (vout + vd - ron * il)
        else:
            duty = (vout + vd) / (vin - ron * il + vout + vd)
        if not 0 < duty < 0.95:
            break
        il = iout if kind == "buck" else iout / (1 - duty)
    return duty, il, vd


def _converter(kind: str, plan: Plan, title: str) -> Design:
    p = _point(kind, plan)
    if p.cycles_of_resonance > 400 and optional(plan, "inductance") is not None:
        raise Impossible(
            f"{shown(p.inductance, 'H')} and {shown(p.capacitance, 'F')} settle over hundreds of cycles of "
            f"{shown(p.f, 'Hz')}; a smaller inductor does",
            {"inductance": p.inductance * (300 / p.cycles_of_resonance) ** 2},
        )
    if p.cycles_of_resonance > 400:
        raise Impossible(
            f"a ripple of {shown(p.ripple_v, 'V')} is too little for one LC filter at {shown(p.f, 'Hz')}; take a "
            "second filter stage"
        )
    # What is left of the filter's ringing has no mean over its period; 1.17: L and C are taken larger.
    window = max(10, math.ceil(1.17 * p.cycles_of_resonance))
    cycles = max(30, math.ceil(1.7 * window))
    step = number((0.05 if cycles < 150 else 0.1) / p.f)
    begin, end = (cycles - window) / p.f, cycles / p.f
    sign = "-" if kind == "buck_boost" else ""
    # Near the steady state of the values that are taken, else the filter rings for long: the valley of the current,
    # and where the diode feeds the output alone, the crest of its voltage.
    start = f"{{{p.il:.6g}-{p.ripple_i * p.inductance / 2:.6g}/(<L1>)}}"
    crest = "0" if kind == "buck" else f"{p.ripple_v * p.capacitance / 2:.6g}/(<C1>)"
    drive = f"Vg g 0 PULSE(0 1 0 {number(0.005 / p.f)} {number(0.005 / p.f)} <TON> {number(1 / p.f)})"
    power = {
        "buck": f"S1 in x g 0 SW\nD1 0 x DPOW\nL1 x out <L1> IC={start}",
        "boost": f"L1 in x <L1> IC={start}\nS1 x 0 g 0 SW\nD1 x out DPOW",
        "buck_boost": f"S1 in x g 0 SW\nL1 x 0 <L1> IC={start}\nD1 out x DPOW",
    }[kind]
    averaged = choice(plan, "model", "switched") == "averaged"
    body = f"""{title}, {p.vin:.4g} V to {sign}{p.vout:.4g} V, {shown(p.iout, "A")} at {shown(p.f, "Hz")}
Vin in 0 {p.vin:.6g}
{drive}
{power}
C1 out 0 <C1> IC={{{sign}({p.vout:.6g}+{crest})}}
RL out 0 {number(p.vout / p.iout)}
.model SW SW(VT=0.5 VH=0.1 RON={p.ron:.4g} ROFF=1meg)
{_averaged(p) if averaged else ""}
.tran {step} {number(end)} 0 {step} uic
.meas tran v_mean avg v(out) from={number(begin)} to={number(end)}
.meas tran vout param='{sign}1*v_mean'
.meas tran ripple pp v(out) from={number(begin)} to={number(end)}
.meas tran ripple_current pp i(L1) from={number((cycles - 3) / p.f)} to={number(end)}
.meas tran i_valley min i(L1) from={number((cycles - 3) / p.f)} to={number(end)}
{_averaged_measures(p, begin, end) if averaged else ""}"""
    wants = [
        equals(
            "output voltage" + (", negative" if sign else ""), "vout", p.vout, "V", 0.02, f"at {shown(p.iout, 'A')}"
        ),
        at_most("output ripple", "ripple", p.ripple_v, "V", "peak to peak"),
        _ripple_current(plan, p),
        Wanted("least inductor current", "i_valley", ">=", 0.0, "A", 0.2 * p.il, "continuous conduction"),
    ]
    if averaged:
        wants.append(equals("output of the averaged model", "vavg", p.vout, "V", 0.04))
    ton = Variable("TON", (p.duty - 0.005) / p.f, 0.5 * p.duty / p.f, min(0.97, 1.5 * p.duty) / p.f)

    def predict(v: Values) -> dict[str, float]:
        duty = v["TON"] * p.f + 0.005
        if p.kind == "buck":
            il, vout = p.iout, duty * p.vin - (1 - duty) * p.vd
            ripple_i = (vout + p.vd) * (1 - duty) / (p.f * v["L1"])
            ripple_v = ripple_i / (8 * p.f * v["C1"])
        else:
            il, ripple_i = p.iout / (1 - duty), p.vin * duty / (p.f * v["L1"])
            vout = p.vin * (1 if p.kind == "boost" else duty) / (1 - duty) - p.vd
            ripple_v = p.iout * duty / (p.f * v["C1"])
        return {
            "vout": vout,
            "vavg": vout,
            "ripple": ripple_v,
            "ripple_current": ripple_i,
            "i_valley": il - ripple_i / 2,
        }

    stated = optional(plan, "inductance")
    coil = inductor("L1", 1.1 * p.inductance) if stated is None else fixed("L1", stated)
    stated = optional(plan, "capacitance")
    output = capacitor("C1", 1.25 * p.capacitance) if stated is None else fixed("C1", stated)
    return Design(
        title, deck(body, "DPOW"), (ton, coil, output),
        tuple(wants),
        (f"Open loop at a duty ratio of {100 * p.duty:.3g} %; the controller closes it. The inductor bears "
         f"{p.il + p.ripple_i / 2:.3g} A at its peak, the output capacitor is taken without ESR.",),
        formula(predict),
    )  # fmt: skip


def _ripple_current(plan: Plan, p: _Point) -> Wanted:
    if optional(plan, "ripple_current") is None:
        return at_most("inductor ripple current", "ripple_current", 1.15 * p.ripple_i, "A", "peak to peak")
    return at_most("inductor ripple current", "ripple_current", value(plan, "ripple_current"), "A", "peak to peak")


def _averaged(p: _Point) -> str:
    """The averaged switch: the same L and C with sources for switch and diode (Erickson & Maksimovic 7.4)."""
    d, off = "V(d)", "(1-V(d))"
    loss = f"({p.ron:.4g}*I(VLA)*{d}+{p.vd:.3g}*{off})"
    network = {
        "buck": f"Bx ax 0 V={d}*V(in)-{loss}\nVLA ax al 0\nLA al av <L1> IC={p.il:.4g}\nCA av 0 <C1> "
        f"IC={p.vout:.6g}\nRA av 0 {number(p.vout / p.iout)}",
        "boost": f"VLA in al 0\nLA al ax <L1> IC={p.il:.4g}\nBx ax 0 V={off}*V(av)+{loss}\nBo 0 av "
        f"I={off}*I(VLA)\nCA av 0 <C1> IC={p.vout:.6g}\n"
        f"RA av 0 {number(p.vout / p.iout)}",
        "buck_boost": f"Bx ax 0 V={d}*V(in)+{off}*V(av)-{loss}\nVLA ax al 0\nLA al 0 <L1> IC={p.il:.4g}\nBo "
        f"av 0 I={off}*I(VLA)\n"
        f"CA av 0 <C1> IC=-{p.vout:.6g}\nRA av 0 {number(p.vout / p.iout)}",
    }[p.kind]
    said = "* averaged model of the same converter; its control is the duty ratio at node d"
    return f"{said}\nVd d 0 DC {{<TON>*{p.f:.6g}+0.005}} AC 1\n{network}"


def _averaged_measures(p: _Point, begin: float, end: float) -> str:
    f0 = p.f / p.cycles_of_resonance
    return f""".meas tran av_mean avg v(av) from={number(begin)} to={number(end)}
.meas tran vavg param='abs(av_mean)'
.ac dec 50 {number(f0 / 100)} {number(p.f / 2)}
.meas ac control_gain find vm(av) at={number(f0 / 50)}
.meas ac peak max vm(av)"""


def buck(plan: Plan) -> Design:
    """D = Vout/Vin, L = Vout (1 - D)/(f dI), C = dI/(8 f dV) (Erickson & Maksimovic 2.2, 2.5)."""
    return _converter("buck", plan, "Buck converter")


def boost(plan: Plan) -> Design:
    """D = 1 - Vin/Vout, L = Vin D/(f dI), C = Iout D/(f dV) (Erickson & Maksimovic 2.3)."""
    return _converter("boost", plan, "Boost converter")


def buck_boost(plan: Plan) -> Design:
    """D = Vout/(Vin + Vout) with a negative output, L = Vin D/(f dI), C = Iout D/(f dV) (Erickson & Maksimovic 2.4)."""
    return _converter("buck_boost", plan, "Inverting buck-boost converter")


def _kit(name: str, title: str, about: str, examples: tuple[str, ...], design: Callable[[Plan], Design]) -> Kit:
    least = -400 if name == "buck_boost_converter" else 0.5
    return Kit(
        name, title, about,
        (Slot("vin", "V", "input", required=True, least=0.8, most=400),
         Slot("output", "V", "output (its magnitude)", required=True, least=least, most=600),
         Slot("current", "A", "load current", default=1.0, least=1e-3, most=50),
         Slot("frequency", "Hz", "switching frequency", default=100e3, least=1e3, most=5e6),
         Slot("ripple_current", "A", "ripple of the inductor's current, peak to peak", least=1e-4, most=50),
         Slot("ripple", "V", "ripple of the output, peak to peak", least=1e-4, most=50),
         Slot("model", "", "switched, or with the averaged model beside it", default="switched",
              choices=("switched", "averaged")),
         Slot("inductance", "H", "of the inductor, instead of its ripple", least=1e-8, most=1),
         Slot("capacitance", "F", "of the output capacitor, if it is given", least=1e-8, most=0.1)),
        examples, design,
    )  # fmt: skip


BUCK = _kit(
    "buck_converter", "Buck converter", "step-down converter with switch, diode, L and C",
    ("buck converter 12 V to 5 V, 2 A, 200 kHz, 20 mV ripple", "step down 24 V to 3.3 V at 500 mA"), buck,
)  # fmt: skip
BOOST = _kit(
    "boost_converter", "Boost converter", "step-up converter with switch, diode, L and C",
    ("boost converter 5 V to 12 V at 500 mA", "step up 3.3 V to 5 V, 1 A, 1 MHz"), boost,
)  # fmt: skip
BUCK_BOOST = _kit(
    "buck_boost_converter", "Inverting buck-boost converter", "negative output of any magnitude from a positive input",
    ("inverting converter -12 V from 5 V, 200 mA", "buck-boost 12 V to -15 V at 300 mA, 150 kHz"), buck_boost,
)  # fmt: skip
