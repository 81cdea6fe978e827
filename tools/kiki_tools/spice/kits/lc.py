"""LC ladder filters between resistances: low-pass, high-pass, band-pass and band-stop.

From the low-pass at 1 rad/s and 1 ohm (see `ladder`): impedances times R, frequencies times w; ``s -> 1/s`` makes a
high-pass, ``s -> Q (s + 1/s)`` a band-pass, its inverse a band-stop (G. Matthaei, L. Young, E. Jones, Microwave
Filters, 1964, ch. 4 and 8).
"""

from __future__ import annotations

import math
from typing import Any

from kiki_tools.spice.kits import bands, reactive, specs, zeros
from kiki_tools.spice.kits.bands import BAND_SLOTS, STOP_SLOTS
from kiki_tools.spice.kits.ladder import NoLadder, doubly, singly
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Slot, shown
from kiki_tools.spice.kits.network import Network, Part
from kiki_tools.spice.kits.prototypes import Prototype, prototype
from kiki_tools.spice.kits.reactive import C_SLOT, L_SLOT
from kiki_tools.spice.kits.specs import FREQUENCY_SLOTS, SHAPE_SLOTS, Family, Spec
from kiki_tools.spice.kits.sweep import swept

_WINDING = 1e-5
_RESPONSES = ("butterworth", "chebyshev", "bessel", "elliptic")
_BAND_RESPONSES = _RESPONSES[:3]
_PORTS = (
    Slot("source_ohm", "ohm", "resistance of the source; 0: a voltage source", default=50.0, least=0.0, most=1e6),
    Slot("load_ohm", "ohm", "resistance of the load; the source's if it isn't given", least=0.01, most=1e7),
)


def _ports(plan: dict[str, Any]) -> tuple[float, float, float]:
    """Source and load in ohm, and the level in dB at ``out`` that they alone leave."""
    source = plan["source_ohm"]
    load = plan.get("load_ohm") or source
    if not load:
        raise Impossible("a filter fed from a voltage source needs a load resistance")
    return source, load, 20 * math.log10(load / (source + load))


def _elements(proto: Prototype, source: float, load: float) -> tuple[str, list[float], float]:
    """The first element's kind, values for 1 rad/s, and the resistance in ohm that they are for."""
    try:
        if source == 0 or load / source > 1e3:
            return "series", singly(proto), load
        begins, values = doubly(proto, load / source)
        return begins, values, source
    except NoLadder as error:
        raise Impossible(f"{error}", {"order": proto.order + 1}) from error


def _family(source: float, load: float) -> Family:
    odd = ("chebyshev", "elliptic") if source and load == source else ("elliptic",)
    return Family("LC filter", _RESPONSES, most_order=10, default_order=3, odd_only=odd)


def _ladder(plan: dict[str, Any], way: str) -> Design:
    source, load, level = _ports(plan)
    family = _family(source, load)
    spec = specs.resolved(plan, way, family, level)
    if spec.prototype.dc < 1:
        spec = specs.resolved(plan, way, family, level - 20 * math.log10(spec.prototype.dc))
    if spec.prototype.response == "elliptic":
        return _with_zeros(plan, way, spec, source, load)
    begins, values, ohm = _elements(spec.prototype, source, load)
    w = 2 * math.pi * spec.at_hz
    variables = []
    places, parts = _places(begins, len(values), source)
    l_series, c_series = _series(plan, spec.prototype)
    for n, (g, (kind, nodes)) in enumerate(zip(values, places, strict=True), 1):
        inductive = (kind == "series") == (way == "low")
        of_g = g if way == "low" else 1 / g
        name = f"{'L' if inductive else 'C'}{n}"
        value = of_g * ohm / w if inductive else of_g / (ohm * w)
        make = reactive.inductor if inductive else reactive.capacitor
        given = plan.get("inductors" if inductive else "capacitors")
        variables.append(make(name, value, l_series if inductive else c_series, None if given else "E96"))
        parts.append(Part(name, nodes, name))
    parts.append(Part("Rload", ("out", "0"), load))
    title = f"LC ladder {spec.title}, {_between(source, load)}"
    q = max((each.q or 0.5) for each in spec.prototype.sections())
    return swept(title, Network(tuple(parts)), variables, spec.measures, spec.wanted, spec.low, spec.high, q=q)


def _with_zeros(plan: dict[str, Any], way: str, spec: Spec, source: float, load: float) -> Design:
    """An elliptic ladder: shunt arms, and traps in series that stop at the zeros."""
    if source != load:
        raise Impossible("an elliptic ladder is made between equal resistances here", {"load_ohm": source or load})
    try:
        arms = zeros.ladder(spec.prototype)
    except NoLadder as error:
        raise Impossible(f"{error}", {"order": spec.prototype.order + 1}) from error
    w, low = 2 * math.pi * spec.at_hz, way == "low"
    l_series, c_series = plan.get("inductors") or "E96", plan.get("capacitors") or "E96"
    parts, variables, at = [Part("Rsource", ("in", "n0"), source)], [], "n0"

    def add(name: str, nodes: tuple[str, str], value: float, of: str) -> None:
        make = reactive.inductor if name[0] == "L" else reactive.capacitor
        variables.append(make(name, value, of, "E192"))
        parts.append(Part(name, nodes, name))

    for n, (shunt, trap) in enumerate(arms, 1):
        if low:
            add(f"C{n}", (at, "0"), shunt / source / w, c_series)
        else:
            add(f"L{n}", (at, "0"), source / shunt / w, l_series)
        if trap is not None:
            after = "out" if n == len(arms) - 1 else f"n{n}"
            inductance, capacitance = trap if low else (1 / trap[1], 1 / trap[0])
            exact, f0 = inductance * source / w, 1 / math.sqrt(inductance * capacitance) * spec.at_hz
            inductance, capacitance = reactive.tuned(f0, exact, l_series, c_series)
            if low:
                add(f"L{n}t", (at, after), inductance, l_series)
            else:
                # between two shunt coils: without any winding resistance the three were a loop that has no DC solution
                add(f"L{n}t", (at, f"w{n}"), inductance, l_series)
                parts.append(Part(f"R{n}w", (f"w{n}", after), _WINDING * source))
            add(f"C{n}t", (at, after), capacitance, c_series)
            at = after
    parts.append(Part("Rload", ("out", "0"), load))
    q = max((each.q or 0.5) for each in spec.prototype.sections())
    title = f"LC ladder {spec.title}, {_between(source, load)}"
    return swept(title, Network(tuple(parts)), variables, spec.measures, spec.wanted, spec.low, spec.high, q=4 * q)


def _between(source: float, load: float) -> str:
    return f"{shown(source, 'ohm')} to {shown(load, 'ohm')}" if source else f"into {shown(load, 'ohm')}"


def _series(plan: dict[str, Any], proto: Prototype) -> tuple[str, str]:
    """The series of inductors and capacitors: E24, or finer where the ripple asks for it and nothing else is said."""
    usual = "E96" if 0 < proto.ripple_db < 0.25 or proto.order > 6 else "E24"
    return plan.get("inductors") or usual, plan.get("capacitors") or usual


def _places(begins: str, count: int, source: float) -> tuple[list[tuple[str, tuple[str, str]]], list[Part]]:
    """Kind and nodes of each element, and the source's resistance before them.

    The node behind the last series element is ``out``, also for what follows it.
    """
    kinds = [begins if n % 2 == 0 else {"series": "shunt", "shunt": "series"}[begins] for n in range(count)]
    last = max((n for n, kind in enumerate(kinds) if kind == "series"), default=None)
    first = "out" if last is None else "n0" if source else "in"
    found, at = [], first
    for n, kind in enumerate(kinds):
        if kind == "shunt":
            found.append((kind, (at, "0")))
            continue
        after = "out" if n == last else f"n{n + 1}"
        found.append((kind, (at, after)))
        at = after
    return found, [Part("Rsource", ("in", first), source)] if source else []


def _band(plan: dict[str, Any], way: str) -> Design:
    source, load, level = _ports(plan)
    response = plan.get("response") or ("chebyshev" if plan.get("ripple_db") else "butterworth")
    ripple, family = 0.8 * (plan.get("ripple_db") or 0.5), _family(source, load)
    name = "LC band-pass" if way == "pass" else "LC band-stop"

    def make(n: int) -> Prototype:
        return prototype(response, family.next_order(response, n), ripple).at_3db()

    plan, inner = bands.widened(plan, make, 12, name) if way == "pass" else (plan, None)
    found = bands.band(plan)
    sized = plan if way == "pass" else {key: value for key, value in plan.items() if key != "stop_db"}
    proto = bands.order_of(sized, found, make, 4 if way == "pass" else 2, 12, name)
    level -= 20 * math.log10(proto.dc)
    begins, values, ohm = _elements(proto, source, load)
    w0, width = 2 * math.pi * found.center, 2 * math.pi * (found.high - found.low)
    variables = []
    places, parts = _places(begins, len(values), source)
    l_series, c_series = plan.get("inductors") or "E24", plan.get("capacitors") or "E96"
    for n, (g, (arm, nodes)) in enumerate(zip(values, places, strict=True), 1):
        series_arm = arm == "series"
        # A series arm passes at resonance in a band-pass (L and C in series) and stops in a band-stop (in parallel).
        in_line = series_arm == (way == "pass")
        if way == "pass":
            exact = g * ohm / width if series_arm else ohm * width / (g * w0 * w0)
        else:
            exact = g * ohm * width / (w0 * w0) if series_arm else ohm / (g * width)
        inductance, capacitance = reactive.tuned(found.center, exact, l_series, c_series)
        variables += [
            reactive.inductor(f"L{n}", inductance, l_series),
            reactive.capacitor(f"C{n}", capacitance, c_series),
        ]
        middle = f"m{n}"
        ends = ((nodes[0], middle), (middle, nodes[1])) if in_line else (nodes, nodes)
        parts += [Part(f"L{n}", ends[0], f"L{n}"), Part(f"C{n}", ends[1], f"C{n}")]
    parts.append(Part("Rload", ("out", "0"), load))
    if way == "pass":
        taken, wanted = bands.passed(plan, found, level, inner)
        stops = [each for each in (plan.get("stop_low_hz"), plan.get("stop_high_hz")) if each]
        low, high = bands.sweep_of(found, stops)
    else:
        taken, wanted = bands.stopped(plan, found, level, plan.get("stop_db") or 30.0)
        low, high = bands.sweep_of(found)
    kind = f"{response.capitalize()} order {2 * proto.order}"
    title = f"{name}, {kind}, {shown(found.center, 'Hz')}, {_between(source, load)}"
    sharpest = found.q * max((each.q or 0.5) for each in proto.sections()) * 2
    return swept(title, Network(tuple(parts)), variables, taken, wanted, low, high, q=sharpest)


_LADDER_SLOTS = (*FREQUENCY_SLOTS, *(slot for slot in SHAPE_SLOTS if slot.name != "response"),
                 Slot("response", "", "the approximation", choices=_RESPONSES), *_PORTS, L_SLOT, C_SLOT)  # fmt: skip
_BAND_SLOTS = (
    *BAND_SLOTS, Slot("order", "", "number of poles, even", least=2, most=12),
    Slot("response", "", "the approximation", choices=_BAND_RESPONSES),
    Slot("ripple_db", "dB", "ripple of a Chebyshev", least=0.001, most=3.0), *_PORTS, L_SLOT, C_SLOT,
)  # fmt: skip

LOWPASS = Kit(
    "lc_lowpass", "LC low-pass", "A passive LC ladder low-pass between resistances, order 1 to 10", _LADDER_SLOTS,
    ("5th-order Chebyshev LC low-pass at 10 MHz, 0.5 dB ripple, 50 ohm",
     "passive low-pass between 50 ohm, 1 dB at 30 MHz, 40 dB at 60 MHz", "LC output filter into 8 ohm at 30 kHz"),
    lambda plan: _ladder(dict(plan), "low"),
)  # fmt: skip
HIGHPASS = Kit(
    "lc_highpass", "LC high-pass", "A passive LC ladder high-pass between resistances, order 1 to 10", _LADDER_SLOTS,
    ("third-order Butterworth LC high-pass, 88 MHz, 75 ohm",), lambda plan: _ladder(dict(plan), "high"),
)  # fmt: skip
BANDPASS = Kit(
    "lc_bandpass", "LC band-pass", "A passive LC ladder band-pass between resistances, order 2 to 12",
    (*_BAND_SLOTS, *STOP_SLOTS, bands.LOSS_SLOT),
    ("LC band-pass at 10.7 MHz, 300 kHz wide, 50 ohm", "6th-order LC band-pass 7 to 7.3 MHz"),
    lambda plan: _band(dict(plan), "pass"),
)  # fmt: skip
BANDSTOP = Kit(
    "lc_bandstop", "LC band-stop", "A passive LC ladder band-stop between resistances, order 2 to 12",
    (*_BAND_SLOTS, Slot("stop_db", "dB", "least attenuation at the centre", default=20.0, least=3.0, most=80.0)),
    ("LC notch for the FM band, 88 to 108 MHz, in a 75 ohm line",), lambda plan: _band(dict(plan), "stop"),
)  # fmt: skip
