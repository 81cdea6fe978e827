"""Active filter stages of first and second order: preferred values for a frequency, Q and gain.

Sallen-Key: R. P. Sallen, E. L. Key, IRE Trans. CT-2 (1955); multiple feedback: W. J. Kerwin, L. P. Huelsman (1966); the
equations as in U. Tietze, C. Schenk, Electronic Circuits, 2nd ed., ch. 13. Each stage takes capacitors of a coarse series, solves
the resistors exactly, rounds them, and keeps the choice whose rounded values come nearest to its frequency and Q.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Impossible, Variable, shown
from kiki_tools.spice.kits.network import Part

R_LEAST, R_MOST = 470.0, 2.2e6
_R_USUAL = 10e3
_C_LEAST, _C_MOST = 10e-12, 10e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """The series of resistors and capacitors."""

    r: str = "E96"
    c: str = "E12"


@dataclass(frozen=True, slots=True)
class Stage:
    """Parts from node ``start`` to node ``end`` with their variables; ``loop_gain``: the GBW it needs is that times f."""

    parts: tuple[Part, ...]
    variables: tuple[Variable, ...]
    loop_gain: float


def resistor(name: str, value: float, grid: Grid) -> Variable:
    """A resistor's variable."""
    return Variable(name, value, R_LEAST / 10, R_MOST * 10, grid.r)


def capacitor(name: str, value: float, grid: Grid) -> Variable:
    """A capacitor's variable."""
    return Variable(name, value, 1e-12, 100e-6, grid.c)


def usual_capacitor(f: float, resistance: float = _R_USUAL) -> float:
    """A capacitor whose reactance at ``f`` Hz is about ``resistance``."""
    return min(max(1 / (2 * math.pi * f * resistance), _C_LEAST), _C_MOST)


def first_order(n: str, way: str, f: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """An RC section with a non-inverting amplifier behind it (gain >= 1)."""
    c = series.nearest(usual_capacitor(f), grid.c)
    r = 1 / (2 * math.pi * f * c)
    rc, cr = (start, f"p{n}"), (f"p{n}", "0")
    parts = [Part(f"R{n}a", rc if way == "low" else cr, f"R{n}a"), Part(f"C{n}a", cr if way == "low" else rc, f"C{n}a")]
    amplifier, variables = _amplifier(n, gain, f"p{n}", end, grid)
    return Stage(
        (*parts, *amplifier), (capacitor(f"C{n}a", c, grid), resistor(f"R{n}a", r, grid), *variables), 40 * gain
    )


def sallen_key(n: str, way: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A Sallen-Key section with gain >= 1."""
    w = 2 * math.pi * f
    solve = _sk_low if way == "low" else _sk_high
    c1, c2, r1, r2 = _chosen(solve(w, q, gain, grid), grid, lambda *v: _sk_of(way, gain, *v), w, q)
    a, b = f"a{n}", f"p{n}"
    if way == "low":
        parts = [Part(f"R{n}a", (start, a), f"R{n}a"), Part(f"R{n}b", (a, b), f"R{n}b"),
                 Part(f"C{n}a", (a, end), f"C{n}a"), Part(f"C{n}b", (b, "0"), f"C{n}b")]  # fmt: skip
    else:
        parts = [Part(f"C{n}a", (start, a), f"C{n}a"), Part(f"C{n}b", (a, b), f"C{n}b"),
                 Part(f"R{n}a", (a, end), f"R{n}a"), Part(f"R{n}b", (b, "0"), f"R{n}b")]  # fmt: skip
    amplifier, variables = _amplifier(n, gain, b, end, grid)
    return Stage(
        (*parts, *amplifier),
        (capacitor(f"C{n}a", c1, grid), capacitor(f"C{n}b", c2, grid), resistor(f"R{n}a", r1, grid),
         resistor(f"R{n}b", r2, grid), *variables),
        60 * gain * max(q, 1.0),
    )  # fmt: skip


def multiple_feedback(n: str, way: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A multiple-feedback section; it inverts. ``gain`` is its magnitude."""
    w, a, b = 2 * math.pi * f, f"a{n}", f"n{n}"
    if way == "low":
        c1, c2, r2, r3 = _chosen(_mfb_low(w, q, gain, grid), grid, lambda *v: _mfb_low_of(gain, *v), w, q)
        values = {f"C{n}a": c1, f"C{n}b": c2, f"R{n}a": r2 / gain, f"R{n}b": r2, f"R{n}c": r3}
        parts = [Part(f"R{n}a", (start, a), f"R{n}a"), Part(f"C{n}a", (a, "0"), f"C{n}a"),
                 Part(f"R{n}b", (a, end), f"R{n}b"), Part(f"R{n}c", (a, b), f"R{n}c"),
                 Part(f"C{n}b", (b, end), f"C{n}b")]  # fmt: skip
    else:
        c2 = series.nearest(usual_capacitor(f) / max(1.0, gain) ** 0.5, grid.c)
        c1, c2 = series.pair(gain, grid.c, c2 / 2, c2 * 2)
        total = c1 + 2 * c2
        r2 = q * total / (w * c2 * c2)
        r1 = 1 / (w * w * r2 * c2 * c2)
        values = {f"C{n}a": c1, f"C{n}b": c2, f"C{n}c": c2, f"R{n}a": r1, f"R{n}b": r2}
        parts = [Part(f"C{n}a", (start, a), f"C{n}a"), Part(f"C{n}b", (a, end), f"C{n}b"),
                 Part(f"C{n}c", (a, b), f"C{n}c"), Part(f"R{n}a", (a, "0"), f"R{n}a"),
                 Part(f"R{n}b", (b, end), f"R{n}b")]  # fmt: skip
    return Stage((*parts, Part(f"X{n}", ("0", b, end))), _variables(values, grid), 60 * (1 + gain) * max(q, 1.0))


def feedback_bandpass(n: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A multiple-feedback band-pass (Delyiannis-Friend) with gain < 2 Q^2 at its centre; it inverts.

    Raises:
        Impossible: for a gain that it can't have.
    """
    if gain >= 1.9 * q * q:
        raise Impossible(f"a multiple-feedback band-pass of Q {q:.3g} has a gain below 2 Q² = {2 * q * q:.3g}, not {gain:.3g}",
                         {"topology": "state variable"})  # fmt: skip
    best: tuple[float, float, tuple[float, ...]] | None = None
    middle = usual_capacitor(f)
    for c in series.between(middle / 3.2, middle * 3.2, grid.c):
        r3 = q / (math.pi * f * c)
        exact = (r3 / (2 * gain), q / (2 * math.pi * f * c * (2 * q * q - gain)), r3)
        rounded = [series.nearest(r, grid.r) for r in exact]
        through = rounded[0] * rounded[1] / (rounded[0] + rounded[1])
        f_rounded = 1 / (2 * math.pi * c * math.sqrt(through * rounded[2]))
        q_rounded = math.pi * f_rounded * c * rounded[2]
        error = 3 * abs(math.log(f_rounded / f)) * max(q, 1) + abs(math.log(q_rounded / q))
        error += abs(math.log(rounded[2] / (2 * rounded[0]) / gain))
        rated = (round(error + _awkward(exact), 4), c, exact)
        best = rated if best is None or rated < best else best
    assert best is not None
    _, c, (r1, r2, r3) = best
    a, b = f"a{n}", f"n{n}"
    parts = (
        Part(f"R{n}a", (start, a), f"R{n}a"), Part(f"R{n}b", (a, "0"), f"R{n}b"), Part(f"C{n}a", (a, end), f"C{n}a"),
        Part(f"C{n}b", (a, b), f"C{n}b"), Part(f"R{n}c", (b, end), f"R{n}c"), Part(f"X{n}", ("0", b, end)),
    )  # fmt: skip
    values = {f"C{n}a": c, f"C{n}b": c, f"R{n}a": r1, f"R{n}b": r2, f"R{n}c": r3}
    return Stage(parts, _variables(values, grid), 60 * max(2 * q * q, gain))


def amplifier(n: str, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A non-inverting amplifier of gain >= 1."""
    parts, variables = _amplifier(n, gain, start, end, grid)
    return Stage(parts, variables, 40 * gain)


def inverter(n: str, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """An inverting amplifier, which may attenuate."""
    feedback, into = (
        series.pair(gain, grid.r, 4.7e3, 47e3) if gain >= 1 else series.pair(1 / gain, grid.r, 4.7e3, 47e3)[::-1]
    )
    parts = (
        Part(f"R{n}f", (f"n{n}", end), f"R{n}f"), Part(f"R{n}g", (start, f"n{n}"), f"R{n}g"),
        Part(f"X{n}", ("0", f"n{n}", end)),
    )  # fmt: skip
    return Stage(parts, (resistor(f"R{n}f", feedback, grid), resistor(f"R{n}g", into, grid)), 40 * (1 + gain))


def _variables(values: dict[str, float], grid: Grid) -> tuple[Variable, ...]:
    return tuple((resistor if name[0] == "R" else capacitor)(name, value, grid) for name, value in values.items())


def _amplifier(n: str, gain: float, plus: str, end: str, grid: Grid) -> tuple[tuple[Part, ...], tuple[Variable, ...]]:
    """An op-amp as a follower, or with the two resistors of a non-inverting gain."""
    if gain < 1.002:
        return (Part(f"X{n}", (plus, end, end)),), ()
    feedback, ground = series.pair(gain - 1, grid.r, 1e3, 100e3)
    while feedback > 200e3 and ground > 500:
        feedback, ground = feedback / 10, ground / 10
    parts = (
        Part(f"R{n}f", (f"n{n}", end), f"R{n}f"), Part(f"R{n}g", (f"n{n}", "0"), f"R{n}g"),
        Part(f"X{n}", (plus, f"n{n}", end)),
    )  # fmt: skip
    return parts, (resistor(f"R{n}f", feedback, grid), resistor(f"R{n}g", ground, grid))


Quad = tuple[float, float, float, float]


def _sk_low(w: float, q: float, gain: float, grid: Grid) -> Iterator[Quad]:
    """R1, R2 for C1 (to the output) and C2 (to ground): two equations, one quadratic."""
    for c2 in _capacitors(w, grid):
        for c1 in series.between(c2, min(c2 * max(40 * q * q, 10.0), 1e-4), grid.c):
            a = c2 + c1 * (1 - gain)
            yield from ((c1, c2, r1, 1 / (w * w * c1 * c2 * r1))
                        for r1 in _roots(a, -1 / (w * q), c2 / (w * w * c1 * c2)))  # fmt: skip


def _sk_high(w: float, q: float, gain: float, grid: Grid) -> Iterator[Quad]:
    for c in _capacitors(w, grid):
        for g2 in _roots((2 * c) / (c * c), -w / q, (1 - gain) * w * w * c):
            yield c, c, g2 / (w * w * c * c), 1 / g2


def _mfb_low(w: float, q: float, gain: float, grid: Grid) -> Iterator[Quad]:
    """R2 (feedback) and R3 for C1 (to ground) and C2 (feedback)."""
    least = 4 * q * q * (1 + gain)
    for c2 in _capacitors(w * math.sqrt(least), grid):
        for c1 in series.between(c2 * least, c2 * least * 4, grid.c):
            for r2 in _roots(w * w * c1 * c2, -w * c1 / q, 1 + gain):
                yield c1, c2, r2, 1 / (w * w * c1 * c2 * r2)


def _capacitors(w: float, grid: Grid) -> Iterator[float]:
    middle = usual_capacitor(w / (2 * math.pi))
    return series.between(max(middle / 3.2, _C_LEAST), middle * 3.2, grid.c)


def _roots(a: float, b: float, c: float) -> list[float]:
    """The positive roots of ``a x^2 + b x + c``."""
    if abs(c) < 1e-12 * abs(b * b / a if a else 1.0):
        found = [-b / a] if a else []
    else:
        inside = b * b - 4 * a * c
        if inside < 0 or a == 0:
            return []
        half = -(b + math.copysign(math.sqrt(inside), b)) / 2
        found = [half / a, c / half] if half else []
    return [x for x in found if x > 0]


def _sk_of(way: str, gain: float, c1: float, c2: float, r1: float, r2: float) -> tuple[float, float]:
    """Frequency in rad/s and Q of a Sallen-Key section."""
    w = 1 / math.sqrt(r1 * r2 * c1 * c2)
    if way == "low":
        damping = (r1 * c2 + r2 * c2 + r1 * c1 * (1 - gain)) * w * w
    else:
        damping = (c1 + c2) / (r2 * c1 * c2) + (1 - gain) / (r1 * c1)
    return w, w / damping if damping > 0 else 1e9


def _mfb_low_of(gain: float, c1: float, c2: float, r2: float, r3: float) -> tuple[float, float]:
    w = 1 / math.sqrt(r2 * r3 * c1 * c2)
    return w, w / ((1 + gain) / r2 + 1 / r3) * c1


def _chosen(candidates: Iterator[Quad], grid: Grid, of, w: float, q: float) -> Quad:  # type: ignore[no-untyped-def]
    """The candidate whose rounded values give the frequency and Q best, with usual resistors."""
    best: tuple[float, Quad] | None = None
    for found in candidates:
        c1, c2, r1, r2 = found
        awkward = _awkward((r1, r2)) + 0.002 * abs(math.log(c1 / c2))
        if best is not None and awkward > best[0]:
            continue
        w_rounded, q_rounded = of(c1, c2, series.nearest(r1, grid.r), series.nearest(r2, grid.r))
        error = 2 * abs(math.log(w_rounded / w)) + abs(math.log(q_rounded / q)) + awkward
        if best is None or error < best[0]:
            best = (error, found)
    if best is None:
        raise Impossible(f"no usual capacitors make a stage of {shown(w / 2 / math.pi, 'Hz')} with a Q of {q:.3g}")
    return best[1]


def _awkward(resistances: Sequence[float]) -> float:
    """A cost of resistors out of the usual range, which noise, bias currents and loading speak against."""
    return sum(
        0.5 * max(0.0, math.log(1e3 / r), math.log(r / 300e3)) + (10.0 if not R_LEAST / 10 < r < R_MOST * 5 else 0.0)
        for r in resistances
    )
