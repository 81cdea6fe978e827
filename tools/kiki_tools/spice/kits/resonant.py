"""Second-order filters of one resistor, inductor and capacitor.

In series they have ``w0 = 1/sqrt(L C)`` and ``Q = w0 L / R``; the voltage across C is a low-pass, across L a high-pass,
across R a band-pass, across L and C together a notch (P. Horowitz, W. Hill, The Art of Electronics, 3rd ed., 1.7.14).
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import bands, reactive, series, specs
from kiki_tools.spice.kits.bands import BAND_SLOTS
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, fixed, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.passive import R_SERIES
from kiki_tools.spice.kits.reactive import C_SLOT, L_SLOT
from kiki_tools.spice.kits.specs import FREQUENCY_SLOTS, Family
from kiki_tools.spice.kits.sweep import swept

_FAMILY = Family("RLC filter", ("butterworth",), most_order=2, default_order=2)
_USUAL_OHM = 1e3
_PARTS = (
    Slot("resistance", "ohm", "of the resistor, if it is given", least=0.01, most=10e6),
    Slot("inductance", "H", "of the inductor, if it is given", least=1e-10, most=100.0),
    Slot("capacitance", "F", "of the capacitor, if it is given", least=1e-13, most=0.1),
    R_SERIES, L_SLOT, C_SLOT,
)  # fmt: skip


def _values(plan: dict[str, Any], f: float, q: float, usual: tuple[str, str]) -> list[Variable]:
    """R1, L1 and C1 for a frequency and Q, around what is given; ``usual``: series of L and C."""
    w = 2 * math.pi * f
    r, inductance, c = plan.get("resistance"), plan.get("inductance"), plan.get("capacitance")
    l_series, c_series = plan.get("inductors") or usual[0], plan.get("capacitors") or usual[1]
    if inductance and c:
        actual = 1 / (2 * math.pi * math.sqrt(inductance * c))
        if abs(actual / f - 1) > plan["tolerance"] / 100:
            raise Impossible(f"{shown(inductance, 'H')} and {shown(c, 'F')} resonate at {shown(actual, 'Hz')}, not "
                             f"at {shown(f, 'Hz')}")  # fmt: skip
    elif c:
        inductance = 1 / (w * w * c)
    elif inductance:
        c = 1 / (w * w * inductance)
    else:
        wanted = q * r / w if r else min(max(_USUAL_OHM / w, 1e-7), 0.1)
        if not reactive.L_LEAST * 2 < wanted < 100:
            raise Impossible(f"a Q of {q:g} at {shown(f, 'Hz')} with {shown(r or _USUAL_OHM, 'ohm')} needs an "
                             f"inductor of {shown(wanted, 'H')}, which nobody makes")  # fmt: skip
        inductance, c = reactive.tuned(f, wanted, l_series, c_series)
    exact = math.sqrt(inductance / c) / q
    if r and abs(exact / r - 1) > 0.3:
        raise Impossible(f"with {shown(inductance, 'H')} and {shown(c, 'F')} a resistor of {shown(r, 'ohm')} gives a "
                         f"Q of {q * exact / r:.3g}, not {q:g}: {shown(exact, 'ohm')} would")  # fmt: skip
    return [
        _variable("L1", inductance, plan.get("inductance"), l_series),
        _variable("C1", c, plan.get("capacitance"), c_series),
        _variable("R1", exact, r, plan["resistors"]),
    ]


def _variable(name: str, exact: float, given: float | None, of: str) -> Variable:
    if given:
        return fixed(name, given)
    return Variable(name, series.nearest(exact, of), exact / 3, exact * 3, of)


def _edge(plan: dict[str, Any], way: str) -> Design:
    q = plan.get("q")
    spec = specs.resolved({**plan, "order": 2}, way, _FAMILY, 0.0)
    pole = spec.prototype.poles[0]
    variables = _values(plan, spec.hertz(abs(pole)), q or math.sqrt(0.5), ("E12", "E24"))
    across, along = ("C1", "L1") if way == "low" else ("L1", "C1")
    parts = (Part("R1", ("in", "m1"), "R1"), Part(along, ("m1", "out"), along), Part(across, ("out", "0"), across))
    title = f"RLC {way}-pass, {shown(plan.get('cutoff_hz') or spec.corner_hz, 'Hz')}, Q {q or 0.7071:.3g}"
    return swept(title, Network(parts), variables, spec.measures, spec.wanted, spec.low, spec.high, q=q or 1.0)


def _band(plan: dict[str, Any], way: str) -> Design:
    found = bands.band(plan, 5.0)
    variables = _values(plan, found.center, found.q, ("E24", "E96"))
    if way == "pass":
        parts = (Part("L1", ("in", "m1"), "L1"), Part("C1", ("m1", "out"), "C1"), Part("R1", ("out", "0"), "R1"))
        taken, wanted = bands.passed(plan, found, 0.0)
    else:
        parts = (Part("R1", ("in", "out"), "R1"), Part("L1", ("out", "m1"), "L1"), Part("C1", ("m1", "0"), "C1"))
        taken, wanted = bands.stopped(plan, found, 0.0, plan["stop_db"])
    title = f"RLC {'band-pass' if way == 'pass' else 'notch'}, {shown(found.center, 'Hz')}, Q {found.q:.3g}"
    return swept(title, Network(parts), variables, taken, wanted, *bands.sweep_of(found), q=found.q * 2)


_EDGE_SLOTS = (
    *FREQUENCY_SLOTS,
    Slot("q", "", "quality; a Butterworth's 0.707 if it isn't given", least=0.2, most=50.0), *_PARTS,
)  # fmt: skip
_DEPTH = Slot("stop_db", "dB", "least attenuation at the centre", default=20.0, least=1.0, most=80.0)

LOWPASS = Kit(
    "rlc_lowpass", "RLC low-pass", "A passive second-order low-pass of one resistor, inductor and capacitor",
    _EDGE_SLOTS,
    ("RLC low-pass at 10 kHz with Q = 2", "second-order passive low-pass with a 10 mH inductor, 5 kHz"),
    lambda plan: _edge(dict(plan), "low"),
)  # fmt: skip
HIGHPASS = Kit(
    "rlc_highpass", "RLC high-pass", "A passive second-order high-pass of one resistor, inductor and capacitor",
    _EDGE_SLOTS,
    ("RLC high-pass at 1 MHz",), lambda plan: _edge(dict(plan), "high"),
)  # fmt: skip
BANDPASS = Kit(
    "rlc_bandpass", "RLC band-pass", "A series resonant circuit as a band-pass", (*BAND_SLOTS, *_PARTS),
    ("series RLC band-pass at 455 kHz, Q = 20", "RLC resonant circuit, 10 kHz, 1 kHz bandwidth"),
    lambda plan: _band(dict(plan), "pass"),
)  # fmt: skip
NOTCH = Kit(
    "rlc_notch", "RLC notch", "A series resonant circuit to ground as a notch", (*BAND_SLOTS, _DEPTH, *_PARTS),
    ("RLC trap for 100 kHz, 30 dB deep", "notch out 19 kHz with an LC trap"), lambda plan: _band(dict(plan), "stop"),
)  # fmt: skip
