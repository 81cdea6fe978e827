"""JFET stages: common source, follower, current source.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 3.1.4 and 3.2 (square law, self-bias,
amplifiers, followers, current sources). The parts' parameters are typical ones within the limits of their datasheets
(onsemi 2N5457, 2N3819, MPF102, J310; Vishay J201, J113; NXP BF245); a real JFET's Idss lies anywhere within 1:4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Wanted, shown
from kiki_tools.spice.kits.parts import (
    CORNER_HIGH,
    CORNER_LOW,
    GAIN,
    at_least,
    at_most,
    capacitor,
    deck,
    equals,
    gain_of,
    gain_wanted,
    number,
    optional,
    parallel,
    resistor,
    value,
)
from kiki_tools.spice.kits.transistors import (
    F_HIGH,
    F_LOW,
    INPUT,
    LOAD,
    SUPPLY,
    SUPPLY_CURRENT,
    band_sweep,
    coupling,
    gain_cards,
    rest_sweep,
)


@dataclass(frozen=True)
class Jfet:
    """An N-channel JFET by its square law: pinch-off in V (negative), beta in A/V², capacitances in F."""

    name: str
    pinch: float
    beta: float
    cgs: float = 3e-12
    cgd: float = 1.6e-12
    slope: float = 2.5e-3

    @property
    def idss(self) -> float:
        """Drain current in A with the gate at the source."""
        return self.beta * self.pinch**2

    def gate(self, current: float) -> float:
        """The gate's voltage in V below the source, at a drain current in A below Idss."""
        return -self.pinch - math.sqrt(current / self.beta)

    def gm(self, current: float) -> float:
        """Transconductance in A/V."""
        return 2 * math.sqrt(self.beta * current)

    @property
    def card(self) -> str:
        """Its model for ngspice, called ``J`` and the part's name."""
        return (f".model {self.model} NJF(VTO={self.pinch} BETA={self.beta} LAMBDA={self.slope} IS=10f RD=5 RS=5 "
                f"CGS={number(self.cgs)} CGD={number(self.cgd)} PB=0.8 FC=0.5)")  # fmt: skip

    @property
    def model(self) -> str:
        """The model's name, which begins with a letter."""
        return f"J{self.name}" if self.name[0].isdigit() else self.name


PARTS: Mapping[str, Jfet] = {each.name.lower(): each for each in (
    Jfet("2N5457", -1.6, 1.3e-3), Jfet("2N5458", -2.4, 1.0e-3), Jfet("2N3819", -3.0, 1.1e-3),
    Jfet("J201", -0.8, 0.95e-3), Jfet("MPF102", -3.2, 0.9e-3), Jfet("BF245A", -1.8, 1.1e-3),
    Jfet("BF245B", -2.8, 1.15e-3), Jfet("BF245C", -4.4, 0.9e-3), Jfet("BF245", -2.8, 1.15e-3),
    Jfet("BF256", -3.0, 1.2e-3), Jfet("J113", -2.0, 4e-3, 9e-12, 5e-12), Jfet("J112", -3.0, 4e-3, 9e-12, 5e-12),
    Jfet("J310", -3.4, 3.4e-3, 5e-12, 2.5e-12), Jfet("2N4416", -3.5, 0.9e-3), Jfet("2N4393", -1.6, 6e-3, 9e-12, 4e-12),
)}  # fmt: skip
"""The JFETs that a plan may name."""
_USUAL = ("2n5457", "2n3819", "j310")
"""Taken in this order where no part is named."""
PART = Slot("part", "", "the JFET", choices=tuple(PARTS))
_CURRENT = Slot("current", "A", "drain current", least=20e-6, most=40e-3)


def _jfet(plan: Plan, current: float | None) -> Jfet:
    """The part that was named, or the first usual one that carries a current.

    Raises:
        Impossible: if the part's Idss is too little.
    """
    name = plan.get("part")
    found = PARTS[str(name)] if name else next(
        (PARTS[each] for each in _USUAL if current is None or current < 0.85 * PARTS[each].idss), PARTS[_USUAL[-1]]
    )  # fmt: skip
    if current is not None and current >= 0.97 * found.idss:
        raise Impossible(
            f"a {found.name} has an Idss of {shown(found.idss, 'A')} here: {shown(current, 'A')} can't flow without "
            "its gate becoming positive", {"current": 0.6 * found.idss},
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class _Rest:
    """A self-biased stage at rest: drain current in A, drain resistor, unbypassed source resistor in ohm."""

    part: Jfet
    current: float
    drain: float
    bare: float


def _at_rest(plan: Plan, gain: float, supply: float, load: float) -> _Rest:
    """The current that was stated, or the greatest of some whose gain is enough.

    Raises:
        Impossible: with the greatest gain of all that were tried.
    """
    most, stated = optional(plan, "supply_current"), optional(plan, "current")
    first = stated if stated is not None else min(1e-3, 0.8 * (most or 1.0))
    part = _jfet(plan, first if stated is not None else None)
    if stated is None:
        first = min(first, 0.5 * part.idss)
    best, at = 0.0, first
    for step in range(1 if stated is not None else 14):
        current = first * 0.75**step
        if current < 20e-6:
            break
        vs = part.gate(current)
        # the drain stays a volt beyond pinch-off; half of what is left where the gain allows it
        room = supply - vs + part.pinch - 0.7
        if room <= 0.3:
            continue
        for share in (0.55, 0.75, 0.97):
            drain = share * (supply - vs + part.pinch) / current if share < 0.9 else room / current
            drain = min(drain, room / current)
            total = parallel(drain, load, 1 / (part.slope * current))
            reach = part.gm(current) * total
            if reach > best:
                best, at = reach, current
            bare = total / gain - 1 / part.gm(current)
            if reach >= 1.04 * gain:
                limit = vs / current
                if bare > limit:  # more than the bias resistor: less drain resistance does
                    total = gain * (limit + 1 / part.gm(current))
                    others = 1 / load + part.slope * current
                    if 1 / total > others:
                        return _Rest(part, current, 1 / (1 / total - others), limit)
                return _Rest(part, current, drain, min(bare, limit))
    if best == 0.0:
        raise Impossible(
            f"{supply:.4g} V are too little for a {part.name}, which pinches off at {part.pinch:.3g} V",
            {"supply": math.ceil(3 - 2 * part.pinch)},
        )
    raise Impossible(
        f"one {part.name} from {supply:.4g} V into {shown(load, 'ohm')} amplifies by {best:.3g} at most (at "
        f"{shown(at, 'A')}), not by {gain:.4g}; take a bipolar stage, or two",
        {"gain": round(0.9 * best, 1)},
    )


def amplifier(plan: Plan) -> Design:
    """Self-bias, gain RD'/(1/gm + RS1) with gm = 2 sqrt(beta Id) (Horowitz & Hill 3.2.2 and 3.2.3)."""
    gain, supply = gain_of(plan, 5), value(plan, "supply", 12)
    load, low, high = value(plan, "load", 1e6), value(plan, "f_low", 20), optional(plan, "f_high")
    if gain < 1:
        raise Impossible(f"for a gain of {gain:.3g} nobody needs an amplifier; a follower has nearly 1", {"gain": 2.0})
    rest = _at_rest(plan, gain, supply, load)
    part, current, most = rest.part, rest.current, optional(plan, "supply_current")
    source = part.gate(current) / current
    bypassed = rest.bare < 0.93 * source
    split = bypassed and rest.bare > 2
    gate = 1.03 * (optional(plan, "input_resistance") or 1e6)
    parts = [resistor("RG", gate, "E96"), resistor("RD", rest.drain)]
    if split:
        parts.append(resistor("RS1", rest.bare, "E96", span=4))
    parts.append(resistor("RS2", source - (rest.bare if split else 0.0)))
    parts += [capacitor("C1", coupling(0.2 * low, gate), "E6"),
              capacitor("C2", coupling(0.15 * low, rest.drain + load), "E6")]  # fmt: skip
    if bypassed:
        bare = rest.bare if split else 0.0
        parts.append(capacitor("CS", coupling(0.75 * low, parallel(source - bare, bare + 1 / part.gm(current)))))
    ac, middle = band_sweep(low)
    if high is not None:
        ac = f".ac dec 20 {number(low / 20)} 1g"
    node = "s2" if split else "s"
    body = f"""JFET common-source stage, gain {gain:.4g}
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
C1 in g <C1>
RG g 0 <RG>
RD vcc d <RD>
J1 d g s {part.model}
{"RS1 s s2 <RS1>" if split else ""}
RS2 {node} 0 <RS2>
{f"CS {node} 0 <CS>" if bypassed else ""}
C2 d out <C2>
RL out 0 {number(load)}
{part.card}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
{CORNER_HIGH if high is not None else ""}
let zin = 1/mag(i(Vin))
.meas ac rin find zin at={number(middle)}
{rest_sweep(supply, "let idrain = (v(vcc)-v(d))/<RD>" + chr(10) + ".meas dc id find idrain")}
let vds_all = v(d)-v(s)
.meas dc vds find vds_all at={supply:.6g}
let drawn = -i(Vcc)
.meas dc i_supply find drawn at={supply:.6g}"""
    wants = [
        gain_wanted(plan, gain), equals("drain current", "id", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
        at_least("voltage across the JFET", "vds", math.sqrt(current / part.beta), "V", "at rest: beyond pinch-off"),
    ]  # fmt: skip
    if high is not None:
        wants.append(at_least("upper corner", "f_high", high, "Hz"))
    resistance = optional(plan, "input_resistance")
    if resistance is not None:
        wants.append(at_least("input resistance", "rin", resistance, "ohm", f"at {shown(middle, 'Hz')}"))
    if most is not None:
        wants.append(at_most("supply current", "i_supply", most, "A"))
    return Design("JFET common-source stage", deck(body), tuple(parts), tuple(wants),
                  ("The output is inverted.", _SPREAD.format(part.name, shown(part.idss, "A"))))  # fmt: skip


_SPREAD = "The {} of the deck has an Idss of {}; real ones differ, and RS sets what they draw."


def follower(plan: Plan) -> Design:
    """Gain gm RS'/(1 + gm RS'), the gate biased by a divider (Horowitz & Hill 3.2.6)."""
    supply, load, low = value(plan, "supply", 12), value(plan, "load", 10e3), value(plan, "f_low", 20)
    asked, stated = optional(plan, "gain"), optional(plan, "current")
    loss = optional(plan, "loss_db")
    if asked is None and loss is not None:
        asked = 10 ** (-loss / 20)
    least = 0.8 if asked is None else asked
    stated_part = plan.get("part") is not None
    candidates = [_jfet(plan, stated)] if stated_part or stated is not None else [PARTS[each] for each in _USUAL]
    best: tuple[float, Jfet, float, float] | None = None
    for part in candidates:
        first = stated if stated is not None else min(2e-3, 0.7 * part.idss)
        for step in range(1 if stated is not None else 10):
            current = first * 0.7**step
            vs = min(0.5 * supply + 0.5 * part.gate(current), supply + part.pinch - 0.5)
            if vs - part.gate(current) < 0.3:
                continue
            through = part.gm(current) * parallel(vs / current, load)
            if best is None or through / (1 + through) > best[0]:
                best = (through / (1 + through), part, current, vs)
            if best[0] > 1.01 * least:
                break
        if best is not None and best[0] > 1.01 * least:
            break
    if best is None:
        raise Impossible(f"{supply:.4g} V are too little for a follower with a {candidates[0].name}", {"supply": 9.0})
    got, part, current, vs = best
    if asked is None:
        least = min(0.8, 0.95 * got)
    if got < 1.01 * least:
        raise Impossible(
            f"into {shown(load, 'ohm')} a {part.name} follows with {got:.3f} (at {shown(current, 'A')}), not "
            f"{least:.4g}; an op-amp does",
            {"gain": round(0.97 * got, 2)},
        )
    vg, source = vs - part.gate(current), vs / current
    resistance = optional(plan, "input_resistance")
    needed = 1.03 * (resistance if resistance is not None else 1e6)
    r1, r2 = needed * supply / vg, needed * supply / (supply - vg)
    parts = (
        resistor("R1", r1), resistor("R2", r2), resistor("RS", source),
        capacitor("C1", coupling(0.35 * low, needed), "E12"), capacitor("C2", coupling(0.5 * low, load)),
    )  # fmt: skip
    ac, middle = band_sweep(low)
    body = f"""JFET follower
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
C1 in g <C1>
R1 vcc g <R1>
R2 g 0 <R2>
J1 vcc g s {part.model}
RS s 0 <RS>
C2 s out <C2>
RL out 0 {number(load)}
{part.card}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
let zin = 1/mag(i(Vin))
.meas ac rin find zin at={number(min(middle, max(2 * low, 100.0)))}
{rest_sweep(supply, "let idrain = v(s)/<RS>" + chr(10) + ".meas dc id find idrain")}
let vds_all = v(vcc)-v(s)
.meas dc vds find vds_all at={supply:.6g}"""
    wants: list[Wanted] = [
        at_least("gain", "gain", least, "V/V") if loss is None else at_least("gain", "gain_db", -loss, "dB"),
        equals("drain current", "id", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
        at_least("voltage across the JFET", "vds", math.sqrt(current / part.beta), "V", "at rest: beyond pinch-off"),
    ]  # fmt: skip
    if resistance is not None:
        wants.append(at_least("input resistance", "rin", resistance, "ohm", "at low frequencies"))
    return Design("JFET follower", deck(body), parts, tuple(wants),
                  (_SPREAD.format(part.name, shown(part.idss, "A")),))  # fmt: skip


def current_source(plan: Plan) -> Design:
    """I = beta (I RS - |Vp|)²: the source resistor's drop is the gate's bias (Horowitz & Hill 3.2.2)."""
    current, supply = value(plan, "current"), value(plan, "supply", 12)
    part = _jfet(plan, current)
    least = -part.pinch + 0.5
    load = value(plan, "load", 0.4 * max(supply - least, 0.1) / current)
    if supply - load * current < least:
        raise Impossible(
            f"{shown(current, 'A')} through {shown(load, 'ohm')} leave {supply - load * current:.3g} V of "
            f"{supply:.4g} V for the {part.name}, which needs {least:.3g} V",
            {"load": round(0.8 * (supply - least) / current, 1)} if supply > least + 0.5 else None,
        )
    body = f"""JFET current source, {shown(current, "A")}
Vcc in 0 {supply:.6g}
RLOAD in out {number(load)}
J1 out 0 s {part.model}
RS s 0 <RS>
{part.card}
.dc Vcc {load * current + least:.6g} {1.25 * supply:.6g} {(1.25 * supply - load * current - least) / 200:.6g}
let i_load = (v(in)-v(out))/{load:.6g}
.meas dc i_out find i_load at={supply:.6g}
.meas dc i_least min i_load
.meas dc i_most max i_load"""
    return Design(
        "JFET current source", deck(body), (resistor("RS", part.gate(current) / current, "E96", span=3),),
        (equals("current", "i_out", current, "A", 0.03, f"through {shown(load, 'ohm')} from {supply:.4g} V"),
         at_least("current at the least supply", "i_least", 0.93 * current, "A", f"{load * current + least:.3g} V"),
         at_most("current at a quarter more supply", "i_most", 1.07 * current, "A")),
        (f"Two pins, no supply of its own. {_SPREAD.format(part.name, shown(part.idss, 'A'))}",),
    )  # fmt: skip


AMPLIFIER = Kit(
    "jfet_amplifier", "JFET common-source stage", "self-biased JFET amplifier",
    (*GAIN, SUPPLY, _CURRENT, SUPPLY_CURRENT,
     Slot("load", "ohm", "load at the output", default=1e6, least=LOAD.least, most=LOAD.most), F_LOW, F_HIGH, INPUT,
     PART),
    ("JFET common-source amplifier, gain 5 from 12 V", "2N3819 preamp with 14 dB, input resistance 1 Mohm"), amplifier,
)  # fmt: skip
FOLLOWER = Kit(
    "jfet_follower", "JFET follower", "JFET buffer with a high input resistance",
    (Slot("gain", "V/V", "least gain", least=0.3, most=1),
     Slot("loss_db", "dB", "what it may lose, instead", least=0.1, most=10), SUPPLY, _CURRENT,
     Slot("load", "ohm", "load at the output", default=10e3, least=50, most=10e6), F_LOW, INPUT, PART),
    ("JFET source follower, 1 Mohm input, 12 V", "J201 buffer for a guitar on 9 V"), follower,
)  # fmt: skip
CURRENT_SOURCE = Kit(
    "jfet_current_source", "JFET current source", "a JFET and one resistor hold a current",
    (Slot("current", "A", "the current", required=True, least=20e-6, most=40e-3),
     Slot("supply", "V", "the supply", default=12.0, least=2, most=40),
     Slot("load", "ohm", "the load", least=1, most=10e6), PART),
    ("JFET current source, 1 mA from 12 V", "constant current of 2 mA with a 2N3819"), current_source,
)  # fmt: skip
