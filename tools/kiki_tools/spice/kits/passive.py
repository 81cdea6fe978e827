"""RC and RL filters of first order, and RC sections in a row.

The corner of one section is ``1 / (2 pi R C)`` or ``R / (2 pi L)`` (P. Horowitz, W. Hill, The Art of Electronics, 3rd
ed., 1.7). Sections in a row load each other; each has ten times the resistance of the one before, which leaves about a
tenth of that; the computed response of all sections corrects it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kiki_tools.spice.kits import bands, measures, series, specs
from kiki_tools.spice.kits.bands import BAND_SLOTS
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, Variable, Wanted, fixed, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.specs import FREQUENCY_SLOTS, Family, Spec
from kiki_tools.spice.kits.sweep import swept

R_SERIES = Slot("resistors", "", "series of the resistors", default="E96", choices=("E12", "E24", "E48", "E96", "E192"))
C_SERIES = Slot("capacitors", "", "series of the capacitors", default="E12", choices=("E6", "E12", "E24"))
_RC = Family("RC filter", ("synchronous",), most_order=4, default_order=1)
_RL = Family("RL filter", ("synchronous",), most_order=1, default_order=1)
_STEP = 10.0
_KEPT = 0.8
"""The part of an allowed loss at DC that the design takes."""
_LIGHT = 20.0
"""How many times the section's resistance a load is that hardly matters."""


def _rc(plan: dict[str, Any], way: str) -> Design:
    plan = {**plan, "response": None}
    spec = specs.resolved(plan, way, _RC, 0.0)
    order, load = spec.prototype.order, plan.get("load_ohm")
    f = spec.hertz(abs(spec.prototype.poles[0]))
    first_r, first_c = _first(plan, f, order, load, way)
    lost = plan.get("dc_loss_db") if way == "low" else None
    if lost and load is not None and not (plan.get("resistance") or plan.get("capacitance")):
        most = load * (10 ** (_KEPT * lost / 20) - 1) / sum(_STEP**n for n in range(order))
        if first_r > most:
            first_c = series.nearest(1 / (2 * math.pi * f * most), plan["capacitors"])
            first_r = 1 / (2 * math.pi * f * first_c)
    resistances = [first_r * _STEP**n for n in range(order)]
    if way == "low" and load is not None:
        # The load takes its part of the level, and lowers the last section's resistance.
        level = -20 * math.log10(1 + sum(resistances) / load)
        if level < -6.1:
            raise Impossible(
                f"a load of {shown(load, 'ohm')} behind {shown(sum(resistances), 'ohm')} loses {-level:.1f} dB; take "
                "a smaller resistance, or a buffer (active_lowpass)"
            )
        spec = specs.resolved(plan, way, _RC, level)
    parts, variables = [], []
    nodes = ["in", *(f"n{n}" for n in range(1, order)), "out"]
    for n, resistance in enumerate(resistances):
        r, c, along, across = f"R{n + 1}", f"C{n + 1}", (nodes[n], nodes[n + 1]), (nodes[n + 1], "0")
        parts += [Part(r, along if way == "low" else across, r), Part(c, across if way == "low" else along, c)]
        through = resistance
        if load is not None and n == order - 1 and not plan.get("capacitance"):
            through = resistance * load / (resistance + load)
        capacitance = first_c / _STEP**n * resistance / through
        given_c, given_r = n == 0 and plan.get("capacitance"), n == 0 and plan.get("resistance")
        finer = _finer(capacitance, plan) if given_r else None
        if not given_c:
            capacitance = series.nearest(capacitance, plan["capacitors"])
        exact = resistance if given_r else first_r * first_c / capacitance * (resistance / through)
        variables += [
            fixed(c, capacitance) if given_c else Variable(c, capacitance, 1e-12, 0.1, plan["capacitors"], finer),
            fixed(r, exact) if given_r else Variable(r, exact, 1.0, 50e6, plan["resistors"]),
        ]
    if load is not None:
        parts.append(Part("Rload", ("out", "0"), load))
    title = f"RC {way}-pass, {'one section' if order == 1 else f'{order} sections'}, {shown(spec.corner_hz, 'Hz')}"
    network = Network(tuple(parts))
    if order > 1:
        variables = _moved(network, variables, spec)
    wanted = [*spec.wanted, *([Wanted("level at DC", "gain_db", ">=", -lost, "dB")] if lost else [])]
    return swept(title, network, variables, spec.measures, wanted, spec.low, spec.high)


def _finer(capacitance: float, plan: dict[str, Any]) -> str | None:
    """The coarsest series with a value near enough to a capacitance that nothing else can make up for."""
    within = plan["tolerance"] / 200
    near = (of for of in ("E24", "E96") if abs(series.nearest(capacitance, of) / capacitance - 1) < within)
    return next(near, "E192")


def _moved(network: Network, variables: Sequence[Variable], spec: Spec) -> list[Variable]:
    """The resistors scaled so that the corner of the loaded sections is where it should be."""
    corner = measures.crossing("corner", spec.level - 3.0103, spec.corner_hz, "fall" if spec.way == "low" else "rise")
    values = {each.name: each.start for each in variables}
    found = corner.of(lambda frequencies, node: network.response(values, frequencies, node), {})
    factor = found / spec.corner_hz
    if not 0.6 < factor < 1.6:
        return list(variables)
    return [
        replace(each, start=each.start * factor) if each.name[0] == "R" and each.low < each.high else each
        for each in variables
    ]


def _first(plan: dict[str, Any], f: float, order: int, load: float | None, way: str) -> tuple[float, float]:
    """Resistance and capacitance of the first section, as given or usual."""
    r, c = plan.get("resistance"), plan.get("capacitance")
    if r and c:
        actual = 1 / (2 * math.pi * r * c)
        if order == 1 and load is None and abs(actual / f - 1) > plan["tolerance"] / 100:
            raise Impossible(
                f"{shown(r, 'ohm')} and {shown(c, 'F')} have their corner at {shown(actual, 'Hz')}, not at "
                f"{shown(f, 'Hz')}"
            )
        return r, c
    if c:
        return 1 / (2 * math.pi * f * c), c
    if not r:
        r = min(10e3 / _STEP ** ((order - 1) / 2), (load or math.inf) / _LIGHT / _STEP ** (order - 1))
        c = series.nearest(1 / (2 * math.pi * f * r), plan["capacitors"])
        r = 1 / (2 * math.pi * f * c)
    return r, 1 / (2 * math.pi * f * r)


_SPREAD = 20.0
"""How many times the first section's resistance the second of a band-pass has."""


def _rc_band(plan: dict[str, Any]) -> Design:
    """A high-pass R1 C1 with a low-pass R2 C2 behind it; with k = R1/R2 and x = w0 R2 C2 the loaded sections have
    ``(1 + k) x^2 - x / Q + 1 = 0``."""
    found = bands.band(plan)
    k = 1 / _SPREAD
    inside = 1 / found.q**2 - 4 * (1 + k)
    if inside <= 0:
        raise Impossible(
            f"RC sections alone have a Q below {0.5 / math.sqrt(1 + k):.2g}; from {shown(found.low, 'Hz')} to "
            f"{shown(found.high, 'Hz')} it is {found.q:.3g}: take op-amps, or inductors"
        )
    x = (1 / found.q - math.sqrt(inside)) / (2 * (1 + k))
    w0 = 2 * math.pi * found.center
    low_tau, high_tau = 1 / (w0 * x), x / w0
    level = 20 * math.log10(low_tau / (low_tau + high_tau * (1 + k)))
    r1 = float(plan.get("resistance") or 4.7e3)
    c1 = series.nearest(low_tau / r1, plan["capacitors"])
    r1 = r1 if plan.get("resistance") else low_tau / c1
    c2 = series.nearest(high_tau / (_SPREAD * r1), plan["capacitors"])
    parts = (Part("C1", ("in", "a"), "C1"), Part("R1", ("a", "0"), "R1"), Part("R2", ("a", "out"), "R2"),
             Part("C2", ("out", "0"), "C2"))  # fmt: skip
    variables = (
        Variable("C1", c1, 1e-12, 0.1, plan["capacitors"]), Variable("C2", c2, 1e-12, 0.1, plan["capacitors"]),
        Variable("R1", r1, 1.0, 50e6, plan["resistors"]), Variable("R2", high_tau / c2, 1.0, 50e6, plan["resistors"]),
    )  # fmt: skip
    taken, wanted = bands.passed(plan, found, level)
    return swept(f"RC band-pass, {shown(found.low, 'Hz')} to {shown(found.high, 'Hz')}", Network(parts), variables,
                 taken, wanted, *bands.sweep_of(found), notes=(f"it loses {-level:.2g} dB in its band",))  # fmt: skip


def _rl(plan: dict[str, Any], way: str) -> Design:
    spec = specs.resolved({**plan, "order": 1}, way, _RL, 0.0)
    f = spec.corner_hz
    r, inductance = plan.get("resistance"), plan.get("inductance")
    if r and inductance and abs(r / (2 * math.pi * inductance) / f - 1) > plan["tolerance"] / 100:
        raise Impossible(
            f"{shown(r, 'ohm')} and {shown(inductance, 'H')} have their corner at "
            f"{shown(r / (2 * math.pi * inductance), 'Hz')}, not at {shown(f, 'Hz')}"
        )
    usual = (r or 1e3) / (2 * math.pi * f)
    exact_l = float(inductance or (usual if r else series.nearest(min(max(usual, 1e-7), 1.0), "E12")))
    exact_r = float(r or 2 * math.pi * f * exact_l)
    ends = {"low": (("in", "out"), ("out", "0")), "high": (("out", "0"), ("in", "out"))}[way]
    parts = (Part("L1", ends[0], "L1"), Part("R1", ends[1], "R1"))
    variables = (
        fixed("L1", exact_l) if inductance else Variable("L1", exact_l, 1e-9, 100.0, "E24", "E96"),
        fixed("R1", exact_r) if r else Variable("R1", exact_r, 0.1, 10e6, plan["resistors"]),
    )
    title = f"RL {way}-pass, {shown(f, 'Hz')}"
    return swept(title, Network(parts), variables, spec.measures, spec.wanted, spec.low, spec.high)


_ORDER = Slot("order", "", "number of sections in a row", least=1, most=10)
_R = Slot("resistance", "ohm", "of the (first) resistor, if it is given", least=0.1, most=100e6)
_RC_SLOTS = (
    *FREQUENCY_SLOTS, _ORDER, _R, Slot("capacitance", "F", "of the first capacitor, if given", least=1e-13, most=0.1),
    Slot("load_ohm", "ohm", "resistance that the output drives", least=1.0, most=1e9),
    Slot("dc_loss_db", "dB", "of a low-pass: most loss at DC into the load", least=0.01, most=6.0), R_SERIES, C_SERIES,
)  # fmt: skip
_RL_SLOTS = (
    *FREQUENCY_SLOTS, _R, Slot("inductance", "H", "of the inductor, if it is given", least=1e-9, most=100.0), R_SERIES,
)  # fmt: skip

RC_LOWPASS = Kit(
    "rc_lowpass", "RC low-pass", "A passive low-pass of resistors and capacitors, one to four sections", _RC_SLOTS,
    ("RC low-pass with a cutoff of 1 kHz", "passive filter, -3 dB at 160 Hz, with a 100 nF capacitor",
     "single-pole low-pass that attenuates 100 kHz by 30 dB"),
    lambda plan: _rc(dict(plan), "low"),
)  # fmt: skip
RC_HIGHPASS = Kit(
    "rc_highpass", "RC high-pass", "A passive high-pass of resistors and capacitors, one to four sections", _RC_SLOTS,
    ("RC high-pass at 20 Hz into 47 kohm", "coupling capacitor with a corner at 10 Hz for a 10k load"),
    lambda plan: _rc(dict(plan), "high"),
)  # fmt: skip
RC_BANDPASS = Kit(
    "rc_bandpass", "RC band-pass", "A passive band-pass of a high-pass and a low-pass RC section",
    (*BAND_SLOTS, _R, R_SERIES, C_SERIES),
    ("passive RC band-pass from 300 Hz to 3 kHz",), lambda plan: _rc_band(dict(plan)),
)  # fmt: skip
RL_LOWPASS = Kit(
    "rl_lowpass", "RL low-pass", "A passive first-order low-pass of an inductor and a resistor", _RL_SLOTS,
    ("RL low-pass with its corner at 10 kHz and R = 50 ohm",), lambda plan: _rl(dict(plan), "low"),
)  # fmt: skip
RL_HIGHPASS = Kit(
    "rl_highpass", "RL high-pass", "A passive first-order high-pass of a resistor and an inductor", _RL_SLOTS,
    ("RL high-pass at 5 kHz",), lambda plan: _rl(dict(plan), "high"),
)  # fmt: skip
