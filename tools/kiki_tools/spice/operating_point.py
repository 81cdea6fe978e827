"""The circuit's real numbers: ngspice's operating point and measures, at the cards that they belong to."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kiki_tools.language import Diagnostic, Fix, Hint
from kiki_tools.process import Limits
from kiki_tools.spice import ngspice
from kiki_tools.spice.cards import Card, Deck, parse
from kiki_tools.spice.codes import RULES
from kiki_tools.spice.ngspice import Simulation
from kiki_tools.spice.rawfile import Vector
from kiki_tools.spice.roles import model_of, nodes_of
from kiki_tools.spice.topology import GROUNDS
from kiki_tools.spice.values import format_value
from kiki_tools.spice.vocabulary import ANALYSES
from kiki_tools.text import Edit, Snapshot, Span

_LOOKING = (".meas", ".measure", ".print", ".plot", ".save", ".probe", ".four", ".step", ".control", ".endc", ".end")
_MOST_DEVICES = 3000
_ON = 0.45
"""Volts of a junction that conducts."""


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Node voltages in volts and device currents in amperes, by name in lower case. ``problem``: why there is none."""

    voltages: dict[str, float] = field(default_factory=dict)
    currents: dict[str, float] = field(default_factory=dict)
    """As ngspice names them: ``r1[i]``, ``q1[ic]``; also what a model says of itself: ``m1[vth]``."""
    problem: str = ""


async def operating_point(
    snapshot: Snapshot, includes: Mapping[str, Snapshot], search: Sequence[str] = (), limits: Limits | None = None
) -> OperatingPoint:
    """Runs the deck's circuit for its operating point alone, without its own analyses.

    Raises:
        NgspiceMissing: if there is no ngspice.
        Refused: if the deck reaches out and this machine has no sandbox.
    """
    deck = parse(snapshot, title=True)
    devices = [card for card in deck.devices() if not card.scope]
    if not devices or len(devices) > _MOST_DEVICES:
        return OperatingPoint(problem="no circuit" if not devices else "too many devices to show")
    simulation = await ngspice.simulate(_alone(deck, devices), includes=includes, search=search, limits=limits)
    for analysis in simulation.analyses:
        if analysis.kind == "op":
            return _read(analysis.vectors)
    problem = simulation.errors[0].message if simulation.errors else "no operating point"
    return OperatingPoint(problem=problem)


def _alone(deck: Deck, devices: list[Card]) -> Snapshot:
    edits = [Edit(card.span, "*") for card in deck.directives(*ANALYSES, *_LOOKING)]
    edits += [Edit(card.span, "*") for card in deck.cards if card.kind == "control"]
    probes = [f"@{card.name.low}[{what}]" for card in devices if card.letter == "m" for what in ("vth", "von", "vdsat")]
    saved = f".save all {' '.join(probes[:600])}\n" if probes else ""
    end = deck.snapshot.length
    edits.append(Edit(Span(end, end), f"\n.options savecurrents\n{saved}.op\n.end\n"))
    return deck.snapshot.edited(edits)


def _read(vectors: Mapping[str, Vector]) -> OperatingPoint:
    voltages: dict[str, float] = {}
    currents: dict[str, float] = {}
    for name, vector in vectors.items():
        value = float(vector.values[0].real)
        inner = name[2:-1] if name[1:2] == "(" else name
        if not math.isfinite(value):
            continue
        if inner.startswith("@"):
            currents[inner[1:]] = value
        elif name.startswith("v("):
            voltages[inner] = value
        elif name.startswith("i(") or name.endswith("#branch"):
            currents[f"{inner.removesuffix('#branch')}[i]"] = value
    return OperatingPoint(voltages, currents)


def point_hints(snapshot: Snapshot, point: OperatingPoint) -> list[Hint]:
    """Node voltages where a node first stands; at the end of each device its current, power, region."""
    deck = parse(snapshot, title=True)
    found: list[Hint] = []
    told: set[str] = set()
    for card in deck.devices():
        if card.scope:
            continue
        for node in nodes_of(card.letter, card.positional()):
            if node.low in point.voltages and node.low not in told and node.low not in GROUNDS:
                told.add(node.low)
                found.append(Hint(node.span.end, format_value(point.voltages[node.low], "V"), "operating point"))
        text = _device(card, deck, point)
        if text:
            found.append(Hint(card.words[-1].span.end, text, f"operating point of {card.name.text}"))
    return sorted(found, key=lambda hint: hint.offset)


def _device(card: Card, deck: Deck, point: OperatingPoint) -> str:
    words = card.positional()
    nodes = [node.low for node in nodes_of(card.letter, words)]
    volts = [0.0 if node in GROUNDS else point.voltages.get(node, math.nan) for node in nodes]
    name = card.name.low
    if card.letter in "rlcvid" and len(volts) >= 2:
        current = point.currents.get(f"{name}[{'id' if card.letter == 'd' else 'i'}]")
        if current is None or card.letter == "c":
            return ""
        power = current * (volts[0] - volts[1])
        return f"{format_value(current, 'A')}, {format_value(power, 'W')}" if math.isfinite(power) else ""
    model = model_of(card.letter, words)
    kind = _type_of(deck, model.low) if model is not None else ""
    if card.letter == "q" and len(volts) >= 3:
        return _bipolar(point.currents.get(f"{name}[ic]"), volts, kind)
    if card.letter == "m" and len(volts) >= 3:
        return _mosfet(name, volts, kind, point)
    if card.letter == "j" and len(volts) >= 3 and (current := point.currents.get(f"{name}[id]")) is not None:
        return f"Id {format_value(current, 'A')}, Vds {format_value(volts[0] - volts[2], 'V')}"
    return ""


def _bipolar(current: float | None, volts: list[float], kind: str) -> str:
    collector, base, emitter = volts[:3]
    sign = -1 if kind == "pnp" else 1
    forward, reverse = sign * (base - emitter) > _ON, sign * (base - collector) > _ON
    region = {(True, False): "active", (True, True): "saturated", (False, False): "off", (False, True): "reverse"}
    shown = f"Vce {format_value(collector - emitter, 'V')}, {region[forward, reverse]}"
    return shown if current is None else f"Ic {format_value(current, 'A')}, {shown}"


def _mosfet(name: str, volts: list[float], kind: str, point: OperatingPoint) -> str:
    drain, gate, source = volts[:3]
    sign = -1 if kind.startswith("p") else 1
    parts = []
    if (current := point.currents.get(f"{name}[id]")) is not None:
        parts.append(f"Id {format_value(current, 'A')}")
    parts.append(f"Vds {format_value(drain - source, 'V')}")
    # BSIM models tell their threshold as vth, the older ones as von; what a model doesn't have reads 0.
    threshold = point.currents.get(f"{name}[vth]") or point.currents.get(f"{name}[von]")
    saturation = point.currents.get(f"{name}[vdsat]")
    if threshold and saturation is not None:
        if sign * (gate - source) < sign * threshold:
            parts.append("off")
        else:
            parts.append("saturated" if sign * (drain - source) >= abs(saturation) else "triode")
    return ", ".join(parts)


def _type_of(deck: Deck, model: str) -> str:
    for card in deck.directives(".model"):
        if len(card.words) > 2 and card.words[1].low == model:
            return card.words[2].low
    return ""


def result_hints(snapshot: Snapshot, simulation: Simulation) -> list[Hint]:
    """Each measure and expectation with what was measured, at the end of its line."""
    deck = parse(snapshot, title=True)
    found = []
    for card in deck.directives(".meas", ".measure"):
        name = card.words[2].low if len(card.words) > 2 else ""
        if name in simulation.measures:
            value = simulation.measures[name]
            found.append(Hint(card.span.end, "= failed" if value is None else f"= {format_value(value)}", "ngspice"))
    for expectation in simulation.expectations:
        mark = "✓" if expectation.ok else "✗"
        shown = "" if expectation.measured is None else f" {format_value(expectation.measured)}"
        found.append(Hint(snapshot.line_span(expectation.line).end, f"{mark}{shown}", expectation.problem))
    return found


def result_diagnostics(
    snapshot: Snapshot, simulation: Simulation, texts: Mapping[str, Snapshot]
) -> Iterator[Diagnostic]:
    """ngspice's errors and the failed expectations, at their lines; what is wrong in an included file, there."""
    remedies = tuple(_remedies(snapshot))
    for failure in simulation.errors:
        where = texts.get(failure.path, snapshot)
        span = where.line_span(failure.line) if failure.line is not None else Span(0, 0)
        code, fixes = ("SP506", remedies) if failure.unsolved else ("SP502", ())
        path = where.path or snapshot.path
        yield Diagnostic(path, span, RULES[code].severity, code, failure.message, "ngspice", fixes=fixes)
    for expectation in simulation.expectations:
        if not expectation.ok:
            message = f"expected {expectation.text}; {expectation.problem}"
            span = snapshot.line_span(expectation.line)
            yield Diagnostic(snapshot.path, span, RULES["SP503"].severity, "SP503", message, "ngspice")


def _remedies(snapshot: Snapshot) -> Iterator[Fix]:
    """What usually helps where ngspice finds no solution (ngspice manual, 11.1)."""
    deck = parse(snapshot, title=True)
    at = deck.end.span.start if deck.end else snapshot.length
    for title, options in (
        ("Add 1 TΩ from every node to ground", "rshunt=1e12"),
        ("Loosen the tolerances", "reltol=3e-3 abstol=1e-10 vntol=1e-5"),
        ("Raise gmin and the iteration limits", "gmin=1e-10 itl1=500 itl4=100"),
        ("Integrate by Gear's method", "method=gear"),
    ):
        yield Fix(f"{title} (.options {options})", (Edit(Span(at, at), f".options {options}\n"),))
