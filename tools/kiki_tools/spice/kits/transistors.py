"""Small-signal transistor stages: common emitter, follower, common base, common source, source follower, pair.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., chapters 2 (bipolar) and 3 (FET);
P. R. Gray et al., Analysis and Design of Analog Integrated Circuits, 5th ed., chapters 3 and 4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Variable, shown
from kiki_tools.spice.kits.parts import (
    CORNER_HIGH,
    CORNER_LOW,
    GAIN,
    VT,
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
    vbe,
)

SUPPLY = Slot("supply", "V", "the supply", default=12.0, least=2.5, most=60)
CURRENT = Slot("current", "A", "bias current of the transistor; 1 mA where nothing speaks against it", least=10e-6,
               most=50e-3)  # fmt: skip
SUPPLY_CURRENT = Slot("supply_current", "A", "what the stage draws, at most", least=20e-6, most=0.1)
LOAD = Slot("load", "ohm", "load at the output", default=100e3, least=50, most=10e6)
F_HIGH = Slot("f_high", "Hz", "upper -3 dB corner, at least", least=10, most=100e6)
INPUT = Slot("input_resistance", "ohm", "least input resistance", least=100, most=5e6)
F_LOW = Slot("f_low", "Hz", "lower -3 dB corner, at most", default=20.0, least=0.1, most=1e6)

_BETA = 180.0
"""Current gain that a 2N3904 has at least at these currents."""
_KP, _VTO = 0.1, 1.8
"""Transconductance parameter in A/V² and threshold in V of the model MN (2N7000-like)."""


def rest_sweep(supply: float, measure: str) -> str:
    """A short sweep of the supply about its value: the operating point, as a measure."""
    return f".dc Vcc {0.95 * supply:.6g} {1.06 * supply:.6g} {0.05 * supply:.6g}\n{measure} at={supply:.6g}"


def band_sweep(low: float) -> tuple[str, float]:
    """The AC analysis and the frequency of the middle of the band in Hz."""
    middle = max(1e3, 100 * low) if low < 1e4 else 30 * low
    return f".ac dec 20 {number(low / 20)} {number(max(1e6, 30 * middle))}", middle


def gain_cards(middle: float) -> str:
    """The measures ``gain`` and ``gain_db`` in the middle of the band."""
    return f".meas ac gain find vm(out) at={number(middle)}\n.meas ac gain_db find vdb(out) at={number(middle)}"


def _divider(supply: float, base: float, current: float) -> list[Variable]:
    """The base's divider: a fifteenth of the collector current through it, so that beta hardly matters."""
    through = current / 15
    r2 = base / through
    return [resistor("R1", (supply - base) / (through + current / _BETA), "E96"), resistor("R2", r2, "E96")]


def coupling(f: float, resistance: float) -> float:
    """The capacitor in F that has its corner at ``f`` with a resistance."""
    return 1 / (2 * math.pi * f * resistance)


@dataclass(frozen=True)
class _Device:
    """What a common-emitter and a common-source stage differ in.

    ``ve``: volts at the emitter or source; ``re``: the inverse of gm in ohm; ``ro``: the transistor's own output
    resistance; ``least``: what has to stay across it in V. ``base``: volts at its base or gate. ``top``: the node that
    its divider hangs on; ``floor``: volts across it at rest that are measured as enough.
    """

    title: str
    names: tuple[str, str, str, str]
    card: str
    model: str
    ve: float
    re: float
    ro: float
    least: float
    base: float
    top: str = "vcc"
    floor: float = 0.3


def _amplified(device: _Device, gain: float, supply: float, current: float, load: float) -> tuple[float, float, bool]:
    """The resistor at the collector or drain, the unbypassed one at the emitter or source; whether part is bypassed.

    Raises:
        Impossible: if gm times the load is less than the gain.
    """
    emitter = device.ve / current
    rc = 0.5 * (supply - device.ve) / current
    if parallel(rc, load, device.ro) / gain < device.re * 1.05:
        rc = (supply - device.ve - device.least) / current
    total = parallel(rc, load, device.ro)
    re1 = total / gain - device.re
    if re1 < 0:
        best = total / device.re
        raise Impossible(
            f"one {device.title.lower()} at {shown(current, 'A')} from {supply:.4g} V with {shown(load, 'ohm')} gives "
            f"a gain of {best:.3g} at most (gm times the load), not by {gain:.4g}; take two stages or a higher supply",
            {"gain": round(0.9 * best, 1)},
        )
    if re1 < 0.9 * emitter:
        return rc, re1, True
    wanted = gain * (emitter + device.re)
    if wanted >= load:
        raise Impossible(f"{shown(load, 'ohm')} of load are too little for this gain at {shown(current, 'A')}")
    return 1 / (1 / wanted - 1 / load), emitter, False


def _inverting(plan: Plan, device: _Device, bias: list[Variable], gain: float, current: float, seen: float) -> Design:
    """The stage with the gain Rc'/(re + RE1). ``bias``: its divider; ``seen``: 5/beta ohm more at the emitter."""
    supply, load, low = value(plan, "supply", 12), value(plan, "load", 100e3), value(plan, "f_low", 20)
    rc, re1, bypassed = _amplified(device, gain, supply, current, load)
    emitter, (base, c, e, x) = device.ve / current, device.names
    split = bypassed and re1 > 0.3
    re1 = re1 if split or not bypassed else 0.0
    node = f"{e}2" if split else e
    through = _BETA * (device.re + re1) if seen else math.inf
    rin = parallel(bias[0].start, bias[1].start, through)
    spread = 0.1 if bypassed else 0.5
    parts = [*bias, resistor(f"R{c.upper()}", rc)]
    if split:
        parts.append(resistor(f"R{x}1", re1, "E96", span=4))
    parts.append(resistor(f"R{x}2", emitter - re1 if bypassed else emitter))
    parts += [capacitor("C1", coupling(spread * low, rin)), capacitor("C2", coupling(spread * low, rc + load))]
    if bypassed:
        parts.append(capacitor(f"C{x}", coupling(0.72 * low, parallel(emitter - re1, re1 + device.re + seen))))
    most, high = optional(plan, "supply_current"), optional(plan, "f_high")
    ac, middle = band_sweep(low)
    if high is not None:
        ac = f".ac dec 20 {number(low / 20)} 1g"
    body = f"""{device.title}, gain {gain:.4g}
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
C1 in {base} <C1>
R1 {device.top} {base} <R1>
R2 {base} 0 <R2>
R{c.upper()} vcc {c} <R{c.upper()}>
{device.card}
{f"R{x}1 {e} {node} <R{x}1>" if split else ""}
R{x}2 {node} 0 <R{x}2>
{f"C{x} {node} 0 <C{x}>" if bypassed else ""}
C2 {c} out <C2>
RL out 0 {number(load)}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
{rest_sweep(supply, f"let icol = (v(vcc)-v({c}))/<R{c.upper()}>" + chr(10) + f".meas dc i{c} find icol")}
let vce_all = v({c})-v({e})
.meas dc vce find vce_all at={supply:.6g}
let drawn = -i(Vcc)
.meas dc i_supply find drawn at={supply:.6g}"""
    resistance = optional(plan, "input_resistance")
    if resistance is not None:
        body = body.replace(
            CORNER_LOW, f"{CORNER_LOW}\nlet zin = 1/mag(i(Vin))\n.meas ac rin find zin at={number(middle)}", 1
        )
    name = {"c": "collector current", "d": "drain current"}[c]
    wants = [
        gain_wanted(plan, gain), equals(name, f"i{c}", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
        at_least("voltage across the transistor", "vce", device.floor, "V", "at rest: not saturated"),
    ]  # fmt: skip
    if high is not None:
        body = body.replace(CORNER_LOW, f"{CORNER_LOW}\n{CORNER_HIGH}", 1)
        wants.append(at_least("upper corner", "f_high", high, "Hz"))
    if resistance is not None:
        wants.append(at_least("input resistance", "rin", resistance, "ohm"))
    if most is not None:
        wants.append(at_most("supply current", "i_supply", most, "A"))
    return Design(device.title, deck(body, device.model), tuple(parts), tuple(wants), ("The output is inverted.",))


def _input_of(gain: float, supply: float, current: float, load: float, ve: float) -> float:
    """About the input resistance of a common-emitter stage in ohm: its divider beside beta times the emitter's."""
    divider = parallel(*(each.start for each in _divider(supply, ve + vbe(current), current)))
    total = parallel(0.5 * (supply - ve) / current, load, 74 / current)
    return parallel(divider, _BETA * max(total / gain, VT / current))


def _bias_current(plan: Plan) -> float:
    """The transistor's current: as stated, or what a limit of the supply current leaves beside the divider."""
    most = optional(plan, "supply_current")
    usual = 1e-3 if most is None else min(1e-3, 0.8 * most)
    return value(plan, "current", usual)


def common_emitter(plan: Plan) -> Design:
    """Gain Rc'/(re + RE1) with part of the emitter's resistor bypassed (Horowitz & Hill 2.3.4 and 2.3.5)."""
    gain, supply, current = gain_of(plan, 20), value(plan, "supply", 12), _bias_current(plan)
    ve = min(max(0.1 * supply, 0.4), 2.0)
    if supply - ve <= 0.6:
        raise Impossible(f"{supply:.4g} V leave no room for a transistor stage", {"supply": 5.0})
    base = ve + vbe(current)
    resistance = optional(plan, "input_resistance")
    if resistance is not None and optional(plan, "current") is None:
        load = value(plan, "load", 100e3)
        while current > 20e-6 and _input_of(gain, supply, current, load, ve) < 1.1 * resistance:
            current *= 0.85
        base = ve + vbe(current)
    device = _Device("Common-emitter stage", ("b", "c", "e", "E"), "Q1 c b e QN", "QN", ve, VT / current, 74 / current,
                     0.6, base)  # fmt: skip
    return _inverting(plan, device, _divider(supply, base, current), gain, current, 5 / _BETA)


def cascode(plan: Plan) -> Design:
    """A common-base transistor holds the collector of a common-emitter one: no Miller effect (Gray & Meyer 3.4.2).

    Three resistors in a row give both bases; the upper one is on ground for signals.
    """
    gain, supply, current = gain_of(plan, 20), value(plan, "supply", 12), _bias_current(plan)
    ve = min(max(0.08 * supply, 0.4), 1.5)
    if supply - ve < 3.0:
        raise Impossible(f"{supply:.4g} V leave no room for two transistors in series and their load", {"supply": 6.0})
    base = ve + vbe(current)
    through = current / 12
    held = 1.0  # volts across the lower transistor
    upper = base + held
    bias = [
        resistor("R1", held / (through + 1.4 * current / _BETA)), resistor("R2", 1.02 * base / through),
        resistor("R3", (supply - upper) / (through + 2.8 * current / _BETA)),
        capacitor("CB", coupling(0.05 * value(plan, "f_low", 20), held / through), "E6"),
    ]  # fmt: skip
    card = "Q1 x b e QN\nQ2 c b2 x QN\nR3 vcc b2 <R3>\nCB b2 0 <CB>"
    device = _Device("Cascode", ("b", "c", "e", "E"), card, "QN", ve, VT / current, 37 * _BETA / current, held + 0.7,
                     base, "b2", held + 0.25)  # fmt: skip
    return _inverting(plan, device, bias, gain, current, 5 / _BETA)


def emitter_follower(plan: Plan) -> Design:
    """Gain RE'/(RE' + re), input resistance beta RE' beside the divider (Horowitz & Hill 2.2.3 and 2.2.5)."""
    supply, current = value(plan, "supply", 12), _bias_current(plan)
    load, low = value(plan, "load", 10e3), value(plan, "f_low", 20)
    least, resistance = value(plan, "gain", 0.9), optional(plan, "input_resistance")
    vb = supply / 2 + 0.3
    if resistance is not None and optional(plan, "current") is None:
        # A smaller current lets the divider be larger; the load's part of beta stays.
        for _ in range(40):
            divider = parallel(*(each.start for each in _divider(supply, vb, current)))
            if parallel(divider, _BETA * parallel((vb - vbe(current)) / current, load)) > 1.1 * resistance:
                break
            current *= 0.85
    ve = vb - vbe(current)
    if ve < 0.5:
        raise Impossible(f"{supply:.4g} V are too little for an emitter follower with a divider", {"supply": 5.0})
    re = ve / current
    got = parallel(re, load) / (parallel(re, load) + VT / current)
    needed = least / (1 - least) * VT / load if least < 1 else math.inf
    more = (1.4 if resistance is None else 1.15) * needed
    if got < least and optional(plan, "current") is None and more < 0.05:
        return emitter_follower({**plan, "current": more})
    if got < least:
        raise Impossible(
            f"at {shown(current, 'A')} into {shown(load, 'ohm')} a follower's gain is {got:.3f}, not {least:.4g}; "
            + (f"about {shown(1.3 * needed, 'A')} would do" if needed < 1 else "it stays below 1")
        )
    parts = [*_divider(supply, vb, current), resistor("RE", re)]
    rin = parallel(parts[0].start, parts[1].start, _BETA * parallel(re, load))
    parts += [capacitor("C1", coupling(0.47 * low, rin)), capacitor("C2", coupling(0.6 * low, load))]
    ac, middle = band_sweep(low)
    body = f"""Emitter follower
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
C1 in b <C1>
R1 vcc b <R1>
R2 b 0 <R2>
Q1 vcc b e QN
RE e 0 <RE>
C2 e out <C2>
RL out 0 {number(load)}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
let zin = 1/mag(i(Vin))
.meas ac rin find zin at={number(middle)}
{rest_sweep(supply, "let iem = v(e)/<RE>" + chr(10) + ".meas dc ie find iem")}"""
    wants = [
        at_least("gain", "gain", least, "V/V"), equals("emitter current", "ie", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
    ]  # fmt: skip
    if resistance is not None:
        if resistance > 0.95 * rin:
            raise Impossible(
                f"the divider and the transistor have {shown(rin, 'ohm')} at {shown(current, 'A')}, not "
                f"{shown(resistance, 'ohm')}; {shown(current * rin / resistance, 'A')} would"
            )
        wants.append(at_least("input resistance", "rin", resistance, "ohm"))
    return Design("Emitter follower", deck(body, "QN"), tuple(parts), tuple(wants))


def common_base(plan: Plan) -> Design:
    """Gain Rc'/(RS + re + RE1) from a source of RS (Gray & Meyer 3.3.3)."""
    gain, supply, current = gain_of(plan, 10), value(plan, "supply", 12), value(plan, "current", 1e-3)
    load, low, rs = value(plan, "load", 100e3), value(plan, "f_low", 1e3), value(plan, "source_resistance", 50)
    ve, entry = min(max(0.15 * supply, 0.5), 2.0), optional(plan, "input_resistance")
    if entry is not None:
        # the gain counts from the input's node, and RC beside the load is gain times the input resistance
        rs, wanted = value(plan, "source_resistance", 0.0), gain * entry
        if wanted > 0.9 * load:
            raise Impossible(
                f"a gain of {gain:.4g} at an input resistance of {shown(entry, 'ohm')} takes {shown(wanted, 'ohm')} at "
                f"the collector; the load of {shown(load, 'ohm')} allows a gain of {0.9 * load / entry:.3g}",
                {"gain": round(0.85 * load / entry, 1)},
            )
        collector = wanted * load / (load - wanted)
        current = value(plan, "current", min(max(0.35 * (supply - ve) / collector, 1.3 * VT / entry), 20e-3))
    re, rc = VT / current, 0.5 * (supply - ve) / current
    if entry is not None:
        rc, gain_at = collector, entry - parallel(re, ve / current)
        if gain_at < 0 or rc * current > 0.8 * (supply - ve):
            raise Impossible(
                f"{shown(current, 'A')} don't give an input resistance of {shown(entry, 'ohm')} and a gain of "
                f"{gain:.4g} on {supply:.4g} V",
                {"current": 1.3 * VT / entry},
            )
    elif parallel(rc, load) / gain < (re + rs) * 1.05:
        rc = (supply - ve - 0.8) / current
    re1 = parallel(rc, load) / gain - re - rs if entry is None else gain_at
    if re1 < 0:
        best = parallel(rc, load) / (re + rs)
        raise Impossible(
            f"from {shown(rs, 'ohm')} at {shown(current, 'A')} and {supply:.4g} V a common-base stage amplifies by "
            f"{best:.3g} at most",
            {"gain": round(0.9 * best, 1)},
        )
    parts = [*_divider(supply, ve + vbe(current), current), resistor("RC", rc), resistor("RE", ve / current)]
    series = re1 > 1
    if series:
        parts.append(resistor("RE1", re1, "E96", span=4))
    rb = parallel(parts[0].start, parts[1].start)
    parts += [
        capacitor("C1", coupling(0.8 * low, rs + re + re1)), capacitor("C2", coupling(0.1 * low, rc + load)),
        capacitor("CB", coupling(0.05 * low, parallel(rb, _BETA * (re + rs + re1)))),
    ]  # fmt: skip
    ac, middle = band_sweep(low)
    body = f"""Common-base stage, gain {gain:.4g}
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
{f"RS in s {number(rs)}" if rs else ""}
C1 {"s" if rs else "in"} {"s1" if series else "e"} <C1>
{"RE1 s1 e <RE1>" if series else ""}
RE e 0 <RE>
R1 vcc b <R1>
R2 b 0 <R2>
CB b 0 <CB>
Q1 c b e QN
RC vcc c <RC>
C2 c out <C2>
RL out 0 {number(load)}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
let zin = mag({"v(s)" if rs else "v(in)"}/i(Vin))
.meas ac rin find zin at={number(middle)}
{rest_sweep(supply, "let icol = (v(vcc)-v(c))/<RC>" + chr(10) + ".meas dc ic find icol")}"""
    return Design("Common-base stage", deck(body, "QN"), tuple(parts), (
        *([equals("input resistance", "rin", entry, "ohm", 0.1)] if entry is not None else []),
        gain_wanted(plan, gain), equals("collector current", "ic", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
    ))  # fmt: skip


def common_source(plan: Plan) -> Design:
    """Gain Rd'/(1/gm + RS1) with gm = sqrt(2 KP Id) (Horowitz & Hill 3.2.3)."""
    gain, supply, current = gain_of(plan, 5), value(plan, "supply", 12), _bias_current(plan)
    vov = math.sqrt(2 * current / _KP)
    vs = min(max(0.12 * supply, 0.5), 2.0)
    if vs + vov + 0.5 >= supply or vs + _VTO + vov > 0.95 * supply:
        raise Impossible(f"{supply:.4g} V are too little for this MOSFET (threshold {_VTO} V)", {"supply": 9.0})
    vg = vs + _VTO + vov
    device = _Device("Common-source stage", ("g", "d", "s", "S"), "M1 d g s s MN L=1u W=1u", "MN", vs,
                     vov / 2 / current, 1 / (0.01 * current), vov + 0.5, vg)  # fmt: skip
    bias = [resistor("R1", 1e6 * (supply - vg) / vg), resistor("R2", 1e6)]
    return _inverting(plan, device, bias, gain, current, 0.0)


def source_follower(plan: Plan) -> Design:
    """Gain RS'/(RS' + 1/gm) (Horowitz & Hill 3.2.6)."""
    supply, current = value(plan, "supply", 12), value(plan, "current", 1e-3)
    load, low, least = value(plan, "load", 10e3), value(plan, "f_low", 20), value(plan, "gain", 0.85)
    vov = math.sqrt(2 * current / _KP)
    vs = supply / 2 - 0.5
    if vs < 0.5 or vs + vov + _VTO > 0.95 * supply:
        raise Impossible(f"{supply:.4g} V are too little for a follower with this MOSFET", {"supply": 9.0})
    rs = vs / current
    got = parallel(rs, load) / (parallel(rs, load) + vov / 2 / current)
    if got < least:
        raise Impossible(
            f"at {shown(current, 'A')} into {shown(load, 'ohm')} its gain is {got:.3f}, not {least:.4g}; take more "
            "current"
        )
    vg = vs + vov + _VTO
    entry = optional(plan, "input_resistance")
    # R1 and R2 in parallel are R2 (1 - vg/supply)
    rg = 1e6 if entry is None else max(1e6, 1.08 * entry / (1 - vg / supply))
    parts = [resistor("R1", rg * (supply - vg) / vg), resistor("R2", rg), resistor("RS", rs)]
    parts += [
        capacitor("C1", coupling(0.47 * low, parallel(parts[0].start, rg))),
        capacitor("C2", coupling(0.6 * low, load)),
    ]
    ac, middle = band_sweep(low)
    body = f"""Source follower
Vcc vcc 0 {supply:.6g}
Vin in 0 DC 0 AC 1
C1 in g <C1>
R1 vcc g <R1>
R2 g 0 <R2>
M1 vcc g s s MN L=1u W=1u
RS s 0 <RS>
C2 s out <C2>
RL out 0 {number(load)}
{ac}
{gain_cards(middle)}
{CORNER_LOW}
let zin = mag(1/i(Vin))
.meas ac rin find zin at={number(middle)}
{rest_sweep(supply, "let idr = v(s)/<RS>" + chr(10) + ".meas dc id find idr")}"""
    return Design("Source follower", deck(body, "MN"), tuple(parts), (
        *([at_least("input resistance", "rin", entry, "ohm")] if entry is not None else []),
        at_least("gain", "gain", least, "V/V"), equals("drain current", "id", current, "A", 0.1),
        at_most("lower corner", "f_low", low, "Hz"),
    ))  # fmt: skip


COMMON_EMITTER = Kit(
    "common_emitter", "Common-emitter stage", "bipolar amplifier with divider bias and partly bypassed emitter",
    (*GAIN, SUPPLY, CURRENT, SUPPLY_CURRENT, LOAD, F_LOW, F_HIGH, INPUT),
    ("common emitter amplifier, gain 50, 12 V supply, 1 mA", "single-transistor BJT amplifier with 26 dB from 50 Hz"),
    common_emitter,
)  # fmt: skip
EMITTER_FOLLOWER = Kit(
    "emitter_follower", "Emitter follower", "bipolar buffer, common collector",
    (Slot("gain", "V/V", "least gain", default=0.9, least=0.5, most=1), SUPPLY, CURRENT,
     Slot("load", "ohm", "load at the output", default=10e3, least=10, most=10e6), F_LOW,
     Slot("input_resistance", "ohm", "least input resistance", least=100, most=1e6)),
    ("emitter follower that drives 600 ohm from 9 V", "common-collector buffer at 5 mA"), emitter_follower,
)  # fmt: skip
CASCODE = Kit(
    "cascode", "Cascode", "common-emitter transistor with a common-base one on top: gain up to high frequencies",
    (*GAIN, SUPPLY, CURRENT, SUPPLY_CURRENT, LOAD, F_LOW, F_HIGH, INPUT),
    ("cascode amplifier, gain 40, 12 V, 1 mA", "BJT cascode with 26 dB up to 10 MHz"), cascode,
)  # fmt: skip
COMMON_BASE = Kit(
    "common_base", "Common-base stage", "bipolar amplifier with a low input resistance",
    (*GAIN, SUPPLY, CURRENT, LOAD,
     Slot("f_low", "Hz", "lower -3 dB corner, at most", default=1e3, least=0.1, most=10e6),
     Slot("source_resistance", "ohm", "resistance of the source; 50 ohm where no input resistance is stated", least=1,
          most=10e3),
     Slot("input_resistance", "ohm", "input resistance; the gain counts from its node then", least=2, most=5e3)),
    ("common base amplifier, gain 20 from a 50 ohm source", "low-impedance BJT RF stage in common base"), common_base,
)  # fmt: skip
COMMON_SOURCE = Kit(
    "common_source", "Common-source stage", "MOSFET amplifier with divider bias",
    (*GAIN, SUPPLY, CURRENT, SUPPLY_CURRENT, LOAD, F_LOW, F_HIGH, INPUT),
    ("common source amplifier with gain 10 at 2 mA from 12 V", "NMOS amplifier stage, 20 dB"), common_source,
)  # fmt: skip
SOURCE_FOLLOWER = Kit(
    "source_follower", "Source follower", "MOSFET buffer, common drain",
    (Slot("gain", "V/V", "least gain", default=0.85, least=0.5, most=1), SUPPLY, CURRENT,
     Slot("load", "ohm", "load at the output", default=10e3, least=10, most=10e6), F_LOW, INPUT),
    ("source follower at 5 mA into 1k", "MOSFET buffer with high input resistance"), source_follower,
)  # fmt: skip
