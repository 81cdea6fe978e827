"""Op-amp amplifiers: inverting, non-inverting, follower, summing, difference, instrumentation, AC-coupled, level shift.

Sources of the formulas: P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., chapter 4; R. Mancini (ed.), Op Amps
for Everyone (TI SLOD006B), chapters 3 and 4 (single supply) and appendix A.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Variable, Wanted, shown
from kiki_tools.spice.kits.parts import (
    CORNER_HIGH,
    CORNER_LOW,
    GAIN,
    RAILS,
    at_least,
    at_most,
    capacitor,
    choice,
    deck,
    equals,
    gain_of,
    gain_wanted,
    number,
    on_single_supply,
    opamp,
    optional,
    resistor,
    value,
)

SUPPLY = Slot("supply", "V", "each of the two supply rails, or the single supply", default=12.0, least=1.5, most=40)
SINGLE = Slot("supply", "V", "the single supply", default=5.0, least=1.5, most=40)
INPUT = Slot("input_resistance", "ohm", "least input resistance", least=10, most=10e6)
BANDWIDTH = Slot("bandwidth", "Hz", "least -3 dB bandwidth", least=1, most=100e6)
AMPLITUDE = Slot("amplitude", "V", "peak of the input that must pass undistorted", least=1e-6, most=100)


def _gbw(noise_gain: float, bandwidth: float | None) -> float:
    """Gain-bandwidth product in Hz of the op-amp to take: 10 MHz, or what the bandwidth needs with half to spare.

    Raises:
        Impossible: beyond 1 GHz.
    """
    needed = 1.6 * noise_gain * (bandwidth or 0)
    if needed > 1e9:
        best = 1e9 / 1.6 / noise_gain
        raise Impossible(
            f"a gain of {noise_gain:.4g} over {shown(bandwidth or 0, 'Hz')} needs an op-amp with a gain-bandwidth "
            f"product of {needed:.3g} Hz; up to 1 GHz there are some, which gives {shown(best, 'Hz')} in one stage"
        )
    return max(10e6, needed)


def _swing(plan: Plan, gain: float, supply: float) -> tuple[str, list[Wanted]]:
    """Transient of a sine at the wanted amplitude, and what it must show: ``vpeak`` in V."""
    amplitude = optional(plan, "amplitude")
    if amplitude is None:
        return "", []
    single = choice(plan, "rails", "dual") == "single"
    room = (0.45 * supply if single else supply) - 0.1
    if amplitude * gain > room:
        raise Impossible(
            f"{amplitude:.4g} V times {gain:.4g} is {amplitude * gain:.4g} V, beyond the "
            + (f"half of the supply, {supply / 2:.4g} V; " if single else f"supply of {supply:.4g} V; ")
            + f"it leaves a gain of {max(room, 0) / amplitude:.4g} at most"
        )
    text = ".tran 5u 2m\n.meas tran v_swing pp v(out)\n.meas tran vpeak param='v_swing/2'"
    return text, [equals("output peak", "vpeak", amplitude * gain, "V", 0.05, f"input peak {amplitude:.4g} V at 1 kHz")]


def _source(plan: Plan) -> str:
    amplitude = optional(plan, "amplitude")
    return "Vin in 0 DC 0 AC 1" + (f" SIN(0 {amplitude:.6g} 1k)" if amplitude else "")


def _supplied(plan: Plan, body: str, *, bias: float | None = None) -> str:
    """The body on the plan's rails: as it is, or on a single supply."""
    if choice(plan, "rails", "dual") != "single":
        return body
    return on_single_supply(body, value(plan, "supply", 12), bias=bias)


def _rails(supply: float) -> str:
    return f"Vcc vcc 0 {supply:.6g}\nVee vee 0 -{supply:.6g}"


def _bandwidth(plan: Plan) -> tuple[str, list[Wanted]]:
    bandwidth = optional(plan, "bandwidth")
    if bandwidth is None:
        return "", []
    return CORNER_HIGH, [at_least("bandwidth", "f_high", bandwidth, "Hz")]


def _sweep(low: float = 10.0, high: float = 10e6) -> str:
    return f".ac dec 20 {number(low)} {number(high)}"


def _top(plan: Plan, gbw: float) -> float:
    return max(10e6, 3 * gbw, 10 * (optional(plan, "bandwidth") or 0))


def inverting(plan: Plan) -> Design:
    """Gain -R2/R1; the input resistance is R1 (Horowitz & Hill 4.2.1)."""
    gain, supply = gain_of(plan), value(plan, "supply", 12)
    r1 = value(plan, "input_resistance", 10e3 if gain < 200 else 1e3)
    most = optional(plan, "most_ohm")
    if most is not None and r1 > most:
        raise Impossible(f"the input's {shown(r1, 'ohm')} are more than the {shown(most, 'ohm')} that are allowed",
                         {"input_resistance": most})  # fmt: skip
    branched = choice(plan, "feedback", "plain") == "t" or (most is not None and r1 * gain > most)
    if r1 * gain > 20e6 and not branched:
        raise Impossible(
            f"{shown(r1, 'ohm')} at the input and a gain of {gain:.4g} need {shown(r1 * gain, 'ohm')} of feedback; "
            f"put a follower before it, or take {shown(20e6 / gain, 'ohm')} at most"
        )
    parts, feedback, noise_gain = [resistor("R2", r1 * gain)], "R2 inn out <R2>", 1 + gain
    if branched:
        # R2 + R3 + R2 R3/R4 stands for the one large resistor (Horowitz & Hill 4.3.1)
        arm = min(0.47 * (most or 1e6), 0.3 * r1 * gain)
        foot = arm * arm / (r1 * gain - 2 * arm)
        parts = [resistor("R2", arm), resistor("R3", arm), resistor("R4", foot)]
        feedback, noise_gain = "R3 inn t <R3>\nR2 t out <R2>\nR4 t 0 <R4>", (1 + arm / foot) * (1 + arm / r1) + gain
    gbw = _gbw(noise_gain, optional(plan, "bandwidth"))
    swing, more = _swing(plan, gain, supply)
    band, wanted = _bandwidth(plan)
    body = f"""Inverting amplifier, gain -{gain:.4g}
{_source(plan)}
{_rails(supply)}
R1 in inn <R1>
{feedback}
XU1 0 inn vcc vee out OPAMP
RL out 0 10k
{opamp(gbw)}
{_sweep(high=_top(plan, gbw))}
.meas ac gain find vm(out) at=100
.meas ac gain_db find vdb(out) at=100
let zin = 1/mag(i(Vin))
.meas ac rin find zin at=100
{band}
{swing}"""
    wants = [gain_wanted(plan, gain), *wanted, *more]
    if optional(plan, "input_resistance") is not None:
        wants.append(at_least("input resistance", "rin", 0.97 * r1, "ohm"))
    return Design(
        "Inverting amplifier", deck(_supplied(plan, body)),
        (resistor("R1", r1), *parts), tuple(wants),
        (f"The op-amp needs a gain-bandwidth product of {shown(gbw, 'Hz')}."
         + (f" Its offset comes out {noise_gain:.3g} times as large." if branched else ""),),
    )  # fmt: skip


def noninverting(plan: Plan) -> Design:
    """Gain 1 + R2/R1 (Horowitz & Hill 4.2.2)."""
    gain, supply = gain_of(plan), value(plan, "supply", 12)
    if gain < 1:
        raise Impossible(
            f"a non-inverting stage amplifies by 1 at least, not by {gain:.4g}; a divider and a follower do that"
        )
    if gain < 1.001:
        return follower(plan)
    gbw = _gbw(gain, optional(plan, "bandwidth"))
    swing, more = _swing(plan, gain, supply)
    band, wanted = _bandwidth(plan)
    r1 = 10e3 if gain < 2 else 10e3 / max(1, gain / 100)
    body = f"""Non-inverting amplifier, gain {gain:.4g}
{_source(plan)}
{_rails(supply)}
XU1 in inn vcc vee out OPAMP
R1 inn 0 <R1>
R2 out inn <R2>
RL out 0 10k
{opamp(gbw)}
{_sweep(high=_top(plan, gbw))}
.meas ac gain find vm(out) at=100
.meas ac gain_db find vdb(out) at=100
{band}
{swing}"""
    return Design(
        "Non-inverting amplifier", deck(_supplied(plan, body, bias=0.45 * supply / gain)),
        (resistor("R1", r1), resistor("R2", r1 * (gain - 1))), (gain_wanted(plan, gain), *wanted, *more),
        (f"The op-amp needs a gain-bandwidth product of {shown(gbw, 'Hz')}.",),
    )  # fmt: skip


def follower(plan: Plan) -> Design:
    """Gain 1: the output is fed back whole (Horowitz & Hill 4.2.3)."""
    supply = value(plan, "supply", 12)
    gbw = _gbw(1, optional(plan, "bandwidth"))
    swing, more = _swing(plan, 1, supply)
    band, wanted = _bandwidth(plan)
    body = f"""Voltage follower
{_source(plan)}
{_rails(supply)}
XU1 in out vcc vee out OPAMP
RL out 0 <RL>
{opamp(gbw)}
{_sweep(high=_top(plan, gbw))}
.meas ac gain find vm(out) at=100
.meas ac gain_db find vdb(out) at=100
{band}
{swing}"""
    return Design(
        "Voltage follower",
        deck(_supplied(plan, body, bias=supply / 2)),
        (resistor("RL", 10e3),),
        (equals("gain", "gain", 1, "V/V", 0.01), *wanted, *more),
        (),
    )


def summing(plan: Plan) -> Design:
    """Each input's gain is -Rf/Rn (Op Amps for Everyone, 3.5)."""
    gains = [value(plan, "gain1", 1), value(plan, "gain2", 1)]
    if optional(plan, "gain3") is not None:
        gains.append(value(plan, "gain3"))
    gains = [abs(gain) for gain in gains]
    if not all(1e-3 <= gain <= 1000 for gain in gains):
        raise Impossible("each input's gain has to be between 0.001 and 1000")
    rf = min(1e6, max(10e3, 1e3 * max(gains)))
    gbw = 10e6
    lines = []
    # One superposition a time: input n has its signal alone, in a copy of the stage of its own.
    for at in range(len(gains)):
        for n in range(len(gains)):
            lines.append(f"V{at + 1}{n + 1} in{at + 1}{n + 1} 0 DC 0" + (" AC 1" if at == n else ""))
            lines.append(f"R{at + 1}{n + 1} in{at + 1}{n + 1} inn{at + 1} <R{n + 1}>")
        out = "out" if at == 0 else f"out{at + 1}"
        lines += [f"RF{at + 1} inn{at + 1} {out} <RF>", f"XU{at + 1} 0 inn{at + 1} vcc vee {out} OPAMP"]
        lines.append(f".meas ac gain{at + 1} find vm({out}) at=100")
    stages = "\n".join(lines)
    body = f"""Summing amplifier, gains {", ".join(f"-{gain:.4g}" for gain in gains)}
* one stage per input, each measured with its own signal alone (superposition)
{_rails(value(plan, "supply", 12))}
{stages}
{opamp(gbw)}
{_sweep()}"""
    return Design(
        "Summing amplifier", deck(_supplied(plan, body)),
        (resistor("RF", rf), *(resistor(f"R{n + 1}", rf / gain) for n, gain in enumerate(gains))),
        tuple(equals(f"gain of input {n + 1}", f"gain{n + 1}", gain, "V/V") for n, gain in enumerate(gains)), (),
    )  # fmt: skip


def difference(plan: Plan) -> Design:
    """Gain R2/R1 for the difference with matching arms; CMRR about (1 + gain)/(4 tolerance) (Horowitz & Hill 4.2.4)."""
    gain = gain_of(plan)
    r1 = value(plan, "input_resistance", 10e3 if gain < 200 else 1e3)
    cmrr = value(plan, "cmrr_db", 40)
    if r1 * gain > 20e6:
        raise Impossible(f"the feedback would need {shown(r1 * gain, 'ohm')}; take a smaller input resistance or gain")
    if cmrr > 95:
        raise Impossible(
            f"{cmrr:.4g} dB of common-mode rejection is out of reach with one op-amp of 100 dB gain; 90 dB is"
        )
    body = f"""Difference amplifier, gain {gain:.4g}
* first stage: difference signal; second, the same parts: common-mode signal
{_rails(value(plan, "supply", 12))}
Vp inp 0 DC 0 AC 0.5
Vn inn 0 DC 0 AC -0.5
R1 inn fb <R1>
R2 fb out <R2>
R3 inp ref <R1>
R4 ref 0 <R2>
XU1 ref fb vcc vee out OPAMP
Vcm cm 0 DC 0 AC 1
R5 cm fb2 <R1>
R6 fb2 outcm <R2>
R7 cm ref2 <R1>
R8 ref2 0 <R2>
XU2 ref2 fb2 vcc vee outcm OPAMP
{opamp()}
{_sweep()}
.meas ac gain find vm(out) at=100
.meas ac gain_db find vdb(out) at=100
.meas ac cm_db find vdb(outcm) at=10
.meas ac dm_db find vdb(out) at=10
.meas ac cmrr param='dm_db-cm_db'"""
    part = (1 + gain) / (4 * 10 ** (cmrr / 20))
    return Design(
        "Difference amplifier", deck(_supplied(plan, body)), (resistor("R1", r1), resistor("R2", r1 * gain)),
        (gain_wanted(plan, gain), at_least("common-mode rejection", "cmrr", cmrr, "dB", "matched resistors")),
        (f"The resistors must match within {100 * part:.2g} % to keep {cmrr:.3g} dB of common-mode rejection.",),
    )  # fmt: skip


def instrumentation(plan: Plan) -> Design:
    """Gain 1 + 2 R1/RG before a unity difference amplifier (Horowitz & Hill 5.15)."""
    gain = gain_of(plan)
    cmrr = value(plan, "cmrr_db", 60)
    if gain < 1:
        raise Impossible(f"an instrumentation amplifier's gain is 1 at least, not {gain:.4g}")
    if cmrr > 110:
        raise Impossible(f"{cmrr:.4g} dB of common-mode rejection is beyond what three op-amps and resistors hold")
    gbw = _gbw(gain, optional(plan, "bandwidth"))
    band, wanted = _bandwidth(plan)
    unity = gain < 1.02
    rg = "" if unity else "RG a1 a2 <RG>\nRG2 b1 b2 <RG>"
    r1 = 10e3 if gain < 2000 else 50e3
    stage = """R{n}1 {s}1 {s}o1 <R1>
R{n}2 {s}2 {s}o2 <R1>
XU{n}1 {n1} {s}1 vcc vee {s}o1 OPAMP
XU{n}2 {n2} {s}2 vcc vee {s}o2 OPAMP
R{n}3 {s}o1 {s}n <R2>
R{n}4 {s}n {out} <R2>
R{n}5 {s}o2 {s}p <R2>
R{n}6 {s}p 0 <R2>
XU{n}3 {s}p {s}n vcc vee {out} OPAMP
"""
    body = f"""Instrumentation amplifier, gain {gain:.4g}
* first: the amplifier with a difference signal; second, the same parts: common-mode signal
{_rails(value(plan, "supply", 12))}
Vp inp 0 DC 0 AC 0.5
Vn inn 0 DC 0 AC -0.5
Vcm cm 0 DC 0 AC 1
{stage.format(n=1, s="a", n1="inn", n2="inp", out="out")}{stage.format(n=2, s="b", n1="cm", n2="cm", out="outcm")}{rg}
{opamp(gbw)}
{_sweep(high=_top(plan, gbw))}
.meas ac gain find vm(out) at=100
.meas ac gain_db find vdb(out) at=100
.meas ac cm_db find vdb(outcm) at=10
.meas ac dm_db find vdb(out) at=10
.meas ac cmrr param='dm_db-cm_db'
{band}"""
    parts: list[Variable] = [resistor("R1", r1), resistor("R2", 10e3)]
    if not unity:
        parts.append(resistor("RG", 2 * r1 / (gain - 1)))
    return Design(
        "Instrumentation amplifier", deck(_supplied(plan, body)), tuple(parts),
        (gain_wanted(plan, gain), at_least("common-mode rejection", "cmrr", cmrr, "dB", "matched resistors"), *wanted),
    )  # fmt: skip


def ac_coupled(plan: Plan) -> Design:
    """Non-inverting stage with its input at half the supply and R1 on a capacitor (Op Amps for Everyone, 4.4)."""
    gain, supply = gain_of(plan), value(plan, "supply", 5)
    low, high = value(plan, "f_low", 20), optional(plan, "f_high")
    least, entry = optional(plan, "f_high_least"), optional(plan, "input_resistance")
    dual = plan.get("rails") == "dual"
    if gain < 1.05:
        raise Impossible(f"this stage amplifies by more than 1, not by {gain:.4g}")
    if high is not None and high < 4 * low:
        raise Impossible(
            f"the upper corner of {shown(high, 'Hz')} has to lie well above the lower one of {shown(low, 'Hz')}"
        )
    load, allowed = optional(plan, "load_ohm"), optional(plan, "max_loss_db")
    coupled = load is not None and not dual
    edge = None
    if allowed is not None and high is not None:
        edge, high, least = high, None, high  # the edges of a pass band, not corners
    gbw = _gbw(gain, 10 * edge if edge else 10 * high if high else max(20 * low, 2 * (least or 0.0)))
    middle = math.sqrt(low * high) if high else 30 * low
    # two equal corners at 0.64 of the wanted one add up to it
    corner = 0.57 * low if not coupled else 0.45 * low
    if edge and allowed is not None:
        corner = low * math.sqrt(10 ** (0.07 * allowed / (3 if coupled else 2)) - 1)
    rb = max(200e3, 2.2 * (entry or 0.0))
    r2 = 100e3 if gain <= 200 else 1e6 if gain > 2000 else 220e3
    r1 = r2 / (gain - 1)
    parts = [resistor("RB", rb), resistor("R1", r1), resistor("R2", r2)]
    parts += [
        capacitor("C1", (1 if dual else 2) / (2 * math.pi * corner * rb)),
        capacitor("C2", 1 / (2 * math.pi * corner * r1)),
    ]
    cf, wants = "", []
    if high is not None:
        c = 1 / (2 * math.pi * high * r2 * 1.0)
        parts.append(capacitor("CF", c))
        cf = "CF out inn <CF>\n"
        wants.append(equals("upper corner", "f_high", high, "Hz", 0.15))
        if gain < 4 and load is None:
            # below a gain of about 4 the zero at the corner's gain multiple shows: filter behind the stage instead
            parts[-1] = capacitor("CF", 1 / (2 * math.pi * high * 1e3))
            parts.append(resistor("RF", 1e3))
            cf = "RF amp out <RF>\nCF out 0 <CF>\n"
    if least is not None and high is None:
        wants.append(at_least("upper corner", "f_high", least, "Hz"))
    if entry is not None:
        wants.append(at_least("input resistance", "r_in", entry, "ohm", f"at {shown(middle, 'Hz')}"))
    node = "amp" if coupled or (high is not None and gain < 4 and load is None) else "out"
    if coupled and load is not None:
        parts.append(capacitor("C3", 1 / (2 * math.pi * corner * load)))
        cf = cf.replace("CF out", "CF amp") + "C3 amp out <C3>\n"
    bias = "RB1 bias 0 <RB>" if dual else "RB1 vcc bias <RB>\nRB2 bias 0 <RB>"
    rails = f"Vee vee 0 {-supply:.6g}\n" if dual else ""
    rest = (
        Wanted("output at rest", "vbias", "=", 0.0, "V", 0.1) if dual
        else equals("output at rest", "vbias", supply / 2, "V", 0.1)
    )  # fmt: skip
    hangs = f"RL out 0 {number(load)}\n" if load else "" if node == "amp" else "RL out 0 100k\n"
    end = max(30 * (high or least or 100 * low), 1000 * low, 20 * gbw / gain if least else 0.0)
    title = "AC amplifier" if dual else "AC amplifier on a single supply"
    losses = [("low_loss", low), ("high_loss", edge)] if edge else []
    levels = "\n".join(
        f".meas ac {name}_at find vdb(out) at={number(at)}\nlet {name}_is = gain_db-{name}_at\n"
        f".meas ac {name} max {name}_is" for name, at in losses if at
    )  # fmt: skip
    wants += [at_most("loss", each, allowed, "dB", f"at {shown(at, 'Hz')}") for each, at in losses if at and allowed]
    body = f"""{title}, gain {gain:.4g}
Vcc vcc 0 {supply:.6g}
{rails}Vin in 0 DC 0 AC 1
{bias}
C1 in bias <C1>
XU1 bias inn vcc {"vee" if dual else 0} {node} OPAMP
R2 {node} inn <R2>
R1 inn x <R1>
C2 x 0 <C2>
{cf}{hangs}{opamp(gbw)}
.ac dec 20 {number(low / 30)} {number(end)}
.meas ac gain find vm(out) at={number(middle)}
.meas ac gain_db find vdb(out) at={number(middle)}
{CORNER_LOW}
{CORNER_HIGH if high or least else ""}
{levels}
{f"let zin = mag(v(in)/i(Vin)){chr(10)}.meas ac r_in find zin at={number(middle)}" if entry else ""}
.dc Vcc {0.95 * supply:.6g} {1.06 * supply:.6g} {0.05 * supply:.6g}
.meas dc vbias find v({node}) at={supply:.6g}"""
    return Design(
        title, deck(body), tuple(parts),
        (gain_wanted(plan, gain, 0.05 if high is None or high > 100 * low else 0.1),
         at_most("lower corner", "f_low", low, "Hz"), *wants,
         rest), (),
    )  # fmt: skip


INVERTING = Kit(
    "inverting_amplifier", "Inverting amplifier", "op-amp stage with gain -R2/R1, two supplies",
    (*GAIN, INPUT, SUPPLY, RAILS, BANDWIDTH, AMPLITUDE,
     Slot("most_ohm", "ohm", "no resistor above this; the feedback is a T network where it takes one", least=1e3,
          most=1e8),
     Slot("feedback", "", "one resistor or a T network", default="plain", choices=("plain", "t"))),
    ("inverting op amp with a gain of 10 and 10k input resistance", "invert and amplify by 20 dB, bandwidth 100 kHz"),
    inverting,
)  # fmt: skip
NONINVERTING = Kit(
    "noninverting_amplifier", "Non-inverting amplifier", "op-amp stage with gain 1 + R2/R1, high input resistance",
    (*GAIN, SUPPLY, RAILS, BANDWIDTH, AMPLITUDE),
    ("non-inverting amplifier, gain 11, ±15 V", "op amp that amplifies a sensor's 10 mV to 1 V without loading it"),
    noninverting,
)  # fmt: skip
FOLLOWER = Kit(
    "voltage_follower", "Voltage follower", "op-amp buffer with gain 1",
    (SUPPLY, RAILS, BANDWIDTH, AMPLITUDE),
    ("unity-gain buffer with an op amp", "voltage follower with 1 MHz bandwidth"), follower,
)  # fmt: skip
SUMMING = Kit(
    "summing_amplifier", "Summing amplifier", "op-amp that adds up to three inputs with own gains, inverting",
    (Slot("gain1", "V/V", "gain of the first input", default=1.0, least=1e-3, most=1000),
     Slot("gain2", "V/V", "gain of the second input", default=1.0, least=1e-3, most=1000),
     Slot("gain3", "V/V", "gain of the third input", least=1e-3, most=1000), SUPPLY, RAILS),
    ("sum two signals with gains 1 and 2", "three-input op-amp mixer, unity gain for each input"), summing,
)  # fmt: skip
DIFFERENCE = Kit(
    "difference_amplifier", "Difference amplifier", "op-amp with four resistors: gain times the input difference",
    (*GAIN, INPUT, SUPPLY, RAILS, Slot("cmrr_db", "dB", "least common-mode rejection", least=20, most=120)),
    ("difference amplifier with gain 5", "subtract two voltages and amplify by 10 with CMRR of at least 60 dB"),
    difference,
)  # fmt: skip
INSTRUMENTATION = Kit(
    "instrumentation_amplifier", "Instrumentation amplifier", "three op-amps: high input resistance, high CMRR",
    (*GAIN, SUPPLY, RAILS, BANDWIDTH, Slot("cmrr_db", "dB", "least common-mode rejection", least=20, most=120)),
    ("instrumentation amplifier, gain 100, for a strain gauge bridge", "three op amp in-amp with 40 dB gain"),
    instrumentation,
)  # fmt: skip
AC_COUPLED = Kit(
    "ac_amplifier", "AC amplifier on a single supply", "non-inverting op-amp stage biased at half the supply",
    (*GAIN, SINGLE, Slot("f_low", "Hz", "lower -3 dB corner", default=20.0, least=0.01, most=1e6),
     Slot("f_high", "Hz", "upper -3 dB corner", least=1, most=50e6),
     Slot("f_high_least", "Hz", "least upper -3 dB corner, where only that is asked", least=1, most=50e6),
     Slot("input_resistance", "ohm", "least input resistance", least=100, most=20e6),
     Slot("load_ohm", "ohm", "what the output drives; on a single supply behind a capacitor", least=250, most=1e7),
     Slot("max_loss_db", "dB", "most loss at f_low and f_high: edges then, not corners", least=0.05, most=2.9),
     Slot("rails", "", "a single supply or two about ground", default="single", choices=("single", "dual"))),
    ("microphone amplifier on 5 V, gain 100, 20 Hz to 20 kHz", "single-supply AC-coupled gain of 10 from 100 Hz"),
    ac_coupled,
)  # fmt: skip
