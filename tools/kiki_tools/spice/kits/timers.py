"""Timers: the 555 as astable and monostable, and two-transistor multivibrators.

Sources of the formulas: Texas Instruments, xx555 Precision Timers (SLFS022), 8.4; J. Millman, H. Taub, Pulse, Digital
and Switching Waveforms (1965), chapters 10 and 11.
"""

from __future__ import annotations

import math

from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Slot, Values, shown
from kiki_tools.spice.kits.oscillators import FREQUENCY_TOLERANCE, timing, wanted_frequency
from kiki_tools.spice.kits.parts import at_least, capacitor, deck, equals, formula, number, resistor, value
from kiki_tools.spice.kits.series import nearest

_TIMER = """.subckt TIMER555 trig thr dis vcc out
* a CMOS 555: divider, two comparators as switches, a latch that holds 0 or 1 on a capacitor
RD1 vcc n23 100k
RD2 n23 n13 100k
RD3 n13 0 100k
Vone one 0 1
Vhalf half 0 0.5
Sset one q n13 trig SWL
Srst q 0 thr n23 SWL
CQ q 0 {latch}
Bhold 0 q I=1m*tanh(20*(V(q)-0.5))-1m*(2*V(q)-1)
Bo o 0 V=V(vcc)*0.5*(1+tanh(20*(V(q)-0.5)))
Ro o out 20
Sdis dis 0 half q SWD
RL1 trig 0 10g
RL2 thr 0 10g
.model SWL SW(VT=0 VH=0 RON=100 ROFF=1t)
.model SWD SW(VT=0 VH=0.1 RON=15 ROFF=10g)
.ends"""


def _timer(time: float) -> str:
    """The 555's model for pulses of ``time`` s."""
    return _TIMER.format(latch=number(min(max(time / 5e5, 0.05e-12), 100e-12)))


def astable_555(plan: Plan) -> Design:
    """High 0.693 (RA + RB) C, low 0.693 RB C; a diode across RB for duty ratios up to one half (SLFS022 8.4.2)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 5)
    duty = value(plan, "duty", 0.6)
    duty = duty / 100 if duty > 1 else duty
    if not 0.02 <= duty <= 0.98:
        raise Impossible(f"a duty ratio of {100 * duty:.3g} % is out of reach; 2 % to 98 % are possible")
    diode = duty < 0.53
    _, c = timing(0.693 * f, (20e3, 200e3, 2e6, 5e3))
    high = 0.693
    if diode:
        # the diode takes its 0.6 V off the charging voltage
        left = supply - 0.55
        high = math.log((left - supply / 3) / (left - 2 * supply / 3)) if left > 0.75 * supply else high
        ra, rb = duty / f / (high * c), (1 - duty) / f / (0.693 * c)
    else:
        rb = (1 - duty) / f / (0.693 * c)
        ra = duty / f / (0.693 * c) - rb
    if min(ra, rb) < 300:
        raise Impossible(
            f"at a duty ratio of {100 * duty:.3g} % one resistor would be below 300 ohm; go nearer to 50 %"
        )
    begin, end = 2 / f, 9 / f
    at = f"v(out) val={supply / 2:.6g} td={number(begin)}"
    body = f"""Astable 555, {shown(f, "Hz")}, duty {100 * duty:.3g} %
Vcc vcc 0 {supply:.6g}
RA vcc dis <RA>
RB dis c <RB>
{"D1 dis c DS" if diode else ""}
C1 c 0 <C1> IC=0
XU1 c c dis vcc out TIMER555
RL out 0 100k
{_timer(min(duty, 1 - duty) / f)}
.tran {number(1 / f / 500)} {number(end)} 0 {number(1 / f / 500)} uic
.meas tran t_four trig {at} rise=1 targ {at} rise=5
{_duty(at)}.meas tran frequency param='4/t_four'
.meas tran v_mean avg v(out) from={number(begin)} to={number(end)}
.meas tran swing pp v(out) from={number(begin)} to={number(end)}"""

    def predict(v: Values) -> dict[str, float]:
        up = v["RA"] * high if diode else (v["RA"] + v["RB"]) * 0.693
        up, down = up * v["C1"], 0.693 * v["RB"] * v["C1"]
        return {"frequency": 1 / (up + down), "duty": 100 * up / (up + down)}

    return Design(
        "Astable 555", deck(body, *(("DS",) if diode else ())),
        (resistor("RA", ra, "E96", span=3), resistor("RB", rb, "E96", span=3), capacitor("C1", c)),
        (wanted_frequency(plan, f), equals("duty ratio", "duty", 100 * duty, "%", 0.05),
         at_least("swing", "swing", 0.9 * supply, "V")),
        (("The diode across RB lets the capacitor charge through RA alone.",) if diode else ()),
        formula(predict),
    )  # fmt: skip


def _duty(at: str) -> str:
    """Measures: the high part of a period in per cent, from three crossings in a row."""
    return (
        f".meas tran t_rise when {at.replace(' val=', '=')} rise=1\n.meas tran t_rise2 when "
        f"{at.replace(' val=', '=')} rise=2\n"
        f".meas tran t_fall1 when {at.replace(' val=', '=')} fall=1\n.meas tran t_fall2 when "
        f"{at.replace(' val=', '=')} fall=2\n"
        ".meas tran fall_in param='t_fall1+(t_fall2-t_fall1)*(t_fall1<t_rise)'\n"
        ".meas tran duty param='100*(fall_in-t_rise)/(t_rise2-t_rise)'\n"
    )


def monostable_555(plan: Plan) -> Design:
    """Pulse 1.1 R C from a short low trigger (SLFS022 8.4.1)."""
    width, supply = value(plan, "pulse"), value(plan, "supply", 5)
    r, c = timing(1.0986 / width)
    level = supply / 2
    edge = number(0.001 * width)
    pulse = f"{number(0.1 * width)} {edge} {edge} {number(0.05 * width)} {number(10 * width)}"
    body = f"""Monostable 555, pulse {shown(width, "s")}
Vcc vcc 0 {supply:.6g}
Vtrig in 0 PULSE({supply:.6g} 0 {pulse})
R1 vcc c <R1>
C1 c 0 <C1> IC=0
XU1 in c c vcc out TIMER555
RL out 0 100k
{_timer(width)}
.tran {number(width / 1000)} {number(1.6 * width)} 0 {number(width / 1000)} uic
.meas tran pulse trig v(out) val={level:.6g} rise=1 targ v(out) val={level:.6g} fall=1
.meas tran v_high find v(out) at={number(0.6 * width)}
.meas tran v_end find v(out) at={number(1.55 * width)}"""
    return Design(
        "Monostable 555", deck(body), (resistor("R1", r), capacitor("C1", c)),
        (equals("pulse width", "pulse", width, "s", 0.04), at_least("high level", "v_high", 0.9 * supply, "V")),
        ("The trigger has to be shorter than the pulse.",), formula(lambda v: {"pulse": 1.0986 * v["R1"] * v["C1"]}),
    )  # fmt: skip


def _collector(plan: Plan, supply: float) -> tuple[float, float]:
    current = value(plan, "current", 2e-3)
    if supply < 2:
        raise Impossible(f"{supply:.4g} V are too little for a transistor multivibrator", {"supply": 5.0})
    return current, (supply - 0.1) / current


def _discharge(supply: float) -> float:
    """How many RC the base stays below its threshold: ln((2 V - Vbe - Vce)/(V - Vbe)) (Millman & Taub 11.2)."""
    return 1.02 * math.log((2 * supply - 0.7 - 0.1 - 0.65) / (supply - 0.65))


def astable_bjt(plan: Plan) -> Design:
    """Each half lasts R C ln((2 V - ...)/(V - Vbe)), about 0.69 R C (Millman & Taub 11.2)."""
    f, supply = value(plan, "frequency"), value(plan, "supply", 5)
    duty = value(plan, "duty", 0.5)
    duty = duty / 100 if duty > 1 else duty
    current, rc = _collector(plan, supply)
    if not 0.15 <= duty <= 0.85:
        raise Impossible(
            f"a duty ratio of {100 * duty:.3g} % is too far from one half for this circuit; 15 % to 85 % work"
        )
    rb = 25 * rc
    factor = _discharge(supply)
    # out is the collector of Q2: high while Q2 is off, which C1 at its base times
    c1, c2 = (nearest(part / f / (factor * rb), "E12") for part in (duty, 1 - duty))
    rb1, rb2 = (1 - duty) / (f * factor * c2), duty / (f * factor * c1)
    if min(c1, c2) < 20e-12:
        best = duty / (factor * rb * 20e-12)
        raise Impossible(
            f"at {shown(current, 'A')} this multivibrator reaches about {shown(best, 'Hz')}", {"frequency": best}
        )
    begin, end = 3 / f, 11 / f
    at = f"v(out) val={supply / 2:.6g} td={number(begin)}"
    body = f"""Astable multivibrator, {shown(f, "Hz")}
Vcc vcc 0 {supply:.6g}
RC1 vcc c1 {number(rc)}
RC2 vcc out {number(rc)}
RB1 vcc b1 <RB1>
RB2 vcc b2 <RB2>
C1 c1 b2 <C1> IC={supply - 0.7:.4g}
C2 out b1 <C2> IC=-0.5
Q1 c1 b1 0 QN
Q2 out b2 0 QN
.tran {number(1 / f / 400)} {number(end)} 0 {number(1 / f / 400)} uic
.meas tran t_four trig {at} rise=1 targ {at} rise=5
.meas tran frequency param='4/t_four'
{_duty(at)}.meas tran swing pp v(out) from={number(begin)} to={number(end)}"""

    def predict(v: Values) -> dict[str, float]:
        up, down = factor * v["RB2"] * v["C1"], factor * v["RB1"] * v["C2"]
        return {"frequency": 1 / (up + down), "duty": 100 * up / (up + down)}

    return Design(
        "Astable multivibrator", deck(body, "QN"),
        (resistor("RB1", rb1), resistor("RB2", rb2), capacitor("C1", c1), capacitor("C2", c2)),
        (wanted_frequency(plan, f, 0.05), equals("duty ratio", "duty", 100 * duty, "%", 0.08),
         at_least("swing", "swing", 0.8 * supply, "V")),
        (("Above 6 V the bases need diodes in series: they bear 6 V backwards.",) if supply > 6 else ()),
        formula(predict),
    )  # fmt: skip


def monostable_bjt(plan: Plan) -> Design:
    """Q2 is off for R C ln((2 V - ...)/(V - Vbe)) after a trigger at the base of Q1 (Millman & Taub 10.1)."""
    width, supply = value(plan, "pulse"), value(plan, "supply", 5)
    _, rc = _collector(plan, supply)
    rb = 25 * rc
    c = nearest(width / (_discharge(supply) * rb), "E12")
    if c < 20e-12:
        raise Impossible(f"pulses of {shown(width, 's')} are too short for this circuit; a gate or a 555 makes them")
    rb = width / (_discharge(supply) * c)
    level = supply / 2
    edge = number(0.001 * width)
    pulse = f"{number(0.2 * width)} {edge} {edge} {number(0.05 * width)} {number(10 * width)}"
    body = f"""Monostable multivibrator, pulse {shown(width, "s")}
Vcc vcc 0 {supply:.6g}
Vtrig in 0 PULSE(0 {supply:.6g} {pulse})
RT in b1 {number(10 * rc)}
RC1 vcc c1 {number(rc)}
RC2 vcc out {number(rc)}
RB vcc b2 <RB>
C1 c1 b2 <C1>
RF out b1 {number(10 * rc)}
Q1 c1 b1 0 QN
Q2 out b2 0 QN
.tran {number(width / 1000)} {number(2 * width)} 0 {number(width / 1000)}
.meas tran pulse trig v(out) val={level:.6g} rise=1 targ v(out) val={level:.6g} fall=1
.meas tran v_high find v(out) at={number(0.7 * width)}
.meas tran v_end find v(out) at={number(1.9 * width)}"""
    return Design(
        "Monostable multivibrator", deck(body, "QN"), (resistor("RB", rb, "E96"), capacitor("C1", c)),
        (equals("pulse width", "pulse", width, "s", 0.05), at_least("high level", "v_high", 0.7 * supply, "V")),
        (("Above 6 V the base of Q2 needs a diode in series: it bears 6 V backwards.",) if supply > 6 else ()),
        formula(lambda v: {"pulse": _discharge(supply) * v["RB"] * v["C1"]}),
    )  # fmt: skip


def _supply(default: float, most: float) -> Slot:
    return Slot("supply", "V", "supply", default=default, least=2, most=most)


_PULSE = Slot("pulse", "s", "width of the pulse", required=True, least=1e-7, most=1000)
_DUTY = Slot("duty", "%", "high part of the period", least=0.01, most=99)
_CURRENT = Slot("current", "A", "collector current", default=2e-3, least=50e-6, most=50e-3)
ASTABLE_555 = Kit(
    "astable_555", "Astable 555", "555 timer as a square-wave oscillator",
    (Slot("frequency", "Hz", "of the oscillation", required=True, least=1e-3, most=500e3),
     FREQUENCY_TOLERANCE, _DUTY, _supply(5.0, 16)),
    ("555 astable at 1 kHz with 60 % duty cycle", "blink an LED with a 555 at 2 Hz, 50 %"), astable_555,
)  # fmt: skip
MONOSTABLE_555 = Kit(
    "monostable_555", "Monostable 555", "555 timer that gives one pulse", (_PULSE, _supply(5.0, 16)),
    ("555 one-shot of 10 ms", "monostable with a 555, 1 second pulse"), monostable_555,
)  # fmt: skip
ASTABLE_BJT = Kit(
    "astable_multivibrator", "Astable multivibrator", "two cross-coupled transistors",
    (Slot("frequency", "Hz", "of the oscillation", required=True, least=0.01, most=1e6), FREQUENCY_TOLERANCE, _DUTY,
     _supply(5.0, 30), _CURRENT),
    ("two-transistor astable at 1 kHz", "transistor flasher 1 Hz"), astable_bjt,
)  # fmt: skip
MONOSTABLE_BJT = Kit(
    "monostable_multivibrator", "Monostable multivibrator", "two transistors that give one pulse",
    (_PULSE, _supply(5.0, 30), _CURRENT), ("two-transistor one-shot, 1 ms pulse",), monostable_bjt,
)  # fmt: skip
