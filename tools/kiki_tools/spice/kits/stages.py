"""Active filter stages of first and second order: preferred values for a frequency, Q and gain.

Sallen-Key: R. P. Sallen, E. L. Key, IRE Trans. CT-2 (1955); multiple feedback: W. J. Kerwin, L. P. Huelsman (1966); the
equations as in U. Tietze, C. Schenk, Electronic Circuits, 2nd ed., ch. 13. For capacitors of a coarse series the
resistors follow exactly. They are corrected for the op-amp's gain-bandwidth product (the poles with a one-pole op-amp,
by Newton's method) and rounded, and the choice whose rounded values come nearest to frequency and Q is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Impossible, Variable, shown
from kiki_tools.spice.kits.network import Part

R_LEAST, R_MOST = 470.0, 2.2e6
_R_USUAL = 10e3
_C_LEAST, _C_MOST = 10e-12, 10e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """The series of resistors, of capacitors, of those whose ratio is a gain; the op-amps' gain-bandwidth in Hz."""

    r: str = "E96"
    c: str = "E12"
    ratio: str = "E24"
    gbw: float = 10e6
    finer: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Parts from one node to another, with their variables."""

    parts: tuple[Part, ...]
    variables: tuple[Variable, ...]


def resistor(name: str, value: float, grid: Grid) -> Variable:
    """A resistor's variable."""
    return Variable(name, value, R_LEAST / 10, R_MOST * 10, grid.r, grid.finer)


def capacitor(name: str, value: float, grid: Grid) -> Variable:
    """A capacitor's variable."""
    return Variable(name, value, 1e-12, 100e-6, grid.c)


def usual_capacitor(f: float, resistance: float = _R_USUAL) -> float:
    """A capacitor whose reactance at ``f`` Hz is about ``resistance``."""
    return min(max(1 / (2 * math.pi * f * resistance), _C_LEAST), _C_MOST)


def loop_gain(q: float | None, gain: float, way: str = "low") -> float:
    """How many times a stage's frequency the gain-bandwidth product has to be, for errors that can be corrected.

    A high-pass passes what is above its frequency, too.
    """
    return max(60 * max(q or 0.7, 0.7), 300 if way == "high" else 0) * max(gain, 1.0)


def first_order(n: str, way: str, f: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """An RC section with a non-inverting amplifier behind it (gain >= 1)."""
    c = series.nearest(usual_capacitor(f), grid.c)
    r = 1 / (2 * math.pi * f * c)
    rc, cr = (start, f"p{n}"), (f"p{n}", "0")
    parts = (Part(f"R{n}a", rc if way == "low" else cr, f"R{n}a"), Part(f"C{n}a", cr if way == "low" else rc, f"C{n}a"))
    behind = amplifier(n, gain, f"p{n}", end, grid)
    return Stage(parts + behind.parts, (capacitor(f"C{n}a", c, grid), resistor(f"R{n}a", r, grid), *behind.variables))


def inverting_first_order(n: str, way: str, f: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """One pole at an inverting amplifier: C beside the feedback (low), or in series with the input (high)."""
    usual = _R_USUAL * (gain**0.5 if way == "low" else gain**-0.5)  # of the resistor beside C
    c = series.nearest(usual_capacitor(f, usual), grid.c)
    r = 1 / (2 * math.pi * f * c)
    feedback, into = (r, r / gain) if way == "low" else (r * gain, r)
    minus, entry = f"n{n}", f"n{n}" if way == "low" else f"a{n}"
    parts = (
        Part(f"R{n}g", (start, entry), f"R{n}g"), Part(f"R{n}f", (minus, end), f"R{n}f"),
        Part(f"C{n}a", (minus, end) if way == "low" else (entry, minus), f"C{n}a"),
        Part(f"X{n}", ("0", minus, end)),
    )  # fmt: skip
    variables = (capacitor(f"C{n}a", c, grid), resistor(f"R{n}g", into, grid), resistor(f"R{n}f", feedback, grid))
    return Stage(parts, variables)


def sallen_key(n: str, way: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A Sallen-Key section with gain >= 1."""
    w, a, b = 2 * math.pi * f, f"a{n}", f"p{n}"
    behind = amplifier(n, gain, b, end, grid)
    if way == "low":
        found = _chosen(
            _sallen_key_capacitors(w, q, gain, grid),
            partial(_sk_low, gain),
            partial(_sk_low_poles, gain, grid.gbw),
            w,
            q,
            grid,
        )
        nodes = {"Ra": (start, a), "Rb": (a, b), "Ca": (a, end), "Cb": (b, "0")}
    else:
        near = [(c1, c2) for c1 in _capacitors(w, grid) for c2 in series.between(c1 / 2.3, c1 * 2.3, grid.c)]
        found = _chosen(near, partial(_sk_high, gain), partial(_sk_high_poles, gain, grid.gbw), w, q, grid)
        nodes = {"Ca": (start, a), "Cb": (a, b), "Ra": (a, end), "Rb": (b, "0")}
    stage = _stage(n, nodes, dict(zip(("Ca", "Cb", "Ra", "Rb"), found, strict=True)), grid)
    return Stage(stage.parts + behind.parts, stage.variables + behind.variables)


def multiple_feedback(n: str, way: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A multiple-feedback section; it inverts. ``gain`` is its magnitude."""
    w, a, b = 2 * math.pi * f, f"a{n}", f"n{n}"
    if way == "low":
        c1, c2, r2, r3 = _chosen(
            _mfb_capacitors(w, q, gain, grid),
            partial(_mfb_low, gain),
            partial(_mfb_low_poles, gain, grid.gbw),
            w,
            q,
            grid,
        )
        nodes = {"Ra": (start, a), "Ca": (a, "0"), "Rb": (a, end), "Rc": (a, b), "Cb": (b, end)}
        values = {"Ca": c1, "Cb": c2, "Ra": r2 / gain, "Rb": r2, "Rc": r3}
    else:
        middle = usual_capacitor(f) / max(1.0, gain) ** 0.5
        into, back = series.pair(gain, grid.ratio, middle / 2, middle * 2)
        _, _, r1, r2 = _chosen(
            [(into, back)], _mfb_high, lambda i, o, r1, r2: _poles(_mfb_caps(grid.gbw, i, o, o, r1, r2)), w, q, grid
        )
        nodes = {"Ca": (start, a), "Cb": (a, end), "Cc": (a, b), "Ra": (a, "0"), "Rb": (b, end)}
        values = {"Ca": into, "Cb": back, "Cc": back, "Ra": r1, "Rb": r2}
        grid = replace(grid, c=grid.ratio)
    stage = _stage(n, nodes, values, grid)
    return Stage((*stage.parts, Part(f"X{n}", ("0", b, end))), stage.variables)


def feedback_bandpass(n: str, f: float, q: float, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """A multiple-feedback band-pass (Delyiannis-Friend) with a gain below 2 Q^2 at its centre; it inverts.

    Raises:
        Impossible: for a gain that it can't have.
    """
    if gain >= 1.9 * q * q:
        raise Impossible(
            f"a multiple-feedback band-pass of Q {q:.3g} has a gain below 2 Q² = {2 * q * q:.3g}, not {gain:.3g}",
            {"topology": "state variable"},
        )
    w, a, b = 2 * math.pi * f, f"a{n}", f"n{n}"
    best: tuple[float, dict[str, float]] | None = None
    for back in _capacitors(w, grid, f / max(q, 1.0) ** 0.5):
        for to_minus in series.between(back / 2.3, back * 2.3, grid.c):
            error, values = _band_values(back, to_minus, w, q, gain, grid)
            if best is None or error < best[0]:
                best = error, values
    assert best is not None
    nodes = {"Ra": (start, a), "Rb": (a, "0"), "Ca": (a, end), "Cb": (a, b), "Rc": (b, end)}
    stage = _stage(n, nodes, best[1], grid)
    return Stage((*stage.parts, Part(f"X{n}", ("0", b, end))), stage.variables)


def _band_values(
    back: float, to_minus: float, w: float, q: float, gain: float, grid: Grid
) -> tuple[float, dict[str, float]]:
    """The rounded resistors of a multiple-feedback band-pass for its capacitors, and how far off they are."""

    def poles(c1: float, c2: float, across: float, r3: float) -> tuple[float, float]:
        return _poles(_mfb_caps(grid.gbw, 0.0, c1, c2, across, r3))

    across, r3 = _corrected(0, back, to_minus, _mfb_band(back, to_minus, w, q)[0], _mfb_band, poles, w, q)
    share = to_minus / (back + to_minus)
    r3 = series.nearest(r3, grid.r)
    r1 = series.nearest(r3 * share / gain, grid.r)
    if r1 <= across * 1.02:
        return 1e9, {}
    r2 = series.nearest(1 / (1 / across - 1 / r1), grid.r)
    w_is, q_is = poles(back, to_minus, r1 * r2 / (r1 + r2), r3)
    error = 2 * max(q, 1.0) * abs(math.log(w_is / w)) + abs(math.log(q_is / q)) + abs(math.log(r3 * share / r1 / gain))
    return error + 0.3 * _awkward((r1, r2, r3)), {"Ca": back, "Cb": to_minus, "Ra": r1, "Rb": r2, "Rc": r3}


def amplifier(n: str, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """An op-amp as a follower, or with the two resistors of a non-inverting gain >= 1."""
    if gain < 1.002:
        return Stage((Part(f"X{n}", (start, end, end)),), ())
    feedback, ground = series.pair(gain - 1, grid.r, 1e3, 100e3)
    while feedback > 200e3 and ground > 500:
        feedback, ground = feedback / 10, ground / 10
    parts = (
        Part(f"R{n}f", (f"n{n}", end), f"R{n}f"), Part(f"R{n}g", (f"n{n}", "0"), f"R{n}g"),
        Part(f"X{n}", (start, f"n{n}", end)),
    )  # fmt: skip
    return Stage(parts, (resistor(f"R{n}f", feedback, grid), resistor(f"R{n}g", ground, grid)))


def inverter(n: str, gain: float, start: str, end: str, grid: Grid) -> Stage:
    """An inverting amplifier, which may attenuate."""
    feedback, into = series.pair(gain, grid.r, 4.7e3, 47e3)
    parts = (
        Part(f"R{n}f", (f"n{n}", end), f"R{n}f"), Part(f"R{n}g", (start, f"n{n}"), f"R{n}g"),
        Part(f"X{n}", ("0", f"n{n}", end)),
    )  # fmt: skip
    return Stage(parts, (resistor(f"R{n}f", feedback, grid), resistor(f"R{n}g", into, grid)))


def _stage(n: str, nodes: dict[str, tuple[str, str]], values: dict[str, float], grid: Grid) -> Stage:
    """Parts named R1a, C1b, … of a stage without its op-amp."""
    parts = tuple(Part(f"{key[0]}{n}{key[1]}", ends, f"{key[0]}{n}{key[1]}") for key, ends in nodes.items())
    variables = tuple(
        (resistor if key[0] == "R" else capacitor)(f"{key[0]}{n}{key[1]}", value, grid) for key, value in values.items()
    )
    return Stage(parts, variables)


Quad = tuple[float, float, float, float]
"""Two capacitors and two resistors."""
Solve = Callable[[float, float, float, float], list[tuple[float, float]]]
"""The resistors that give two capacitors a frequency in rad/s and a Q, with an ideal op-amp."""
Poles = Callable[[float, float, float, float], tuple[float, float]]
"""Frequency in rad/s and Q of two capacitors and two resistors with a real op-amp."""


def _chosen(pairs: Iterable[tuple[float, float]], solve: Solve, poles: Poles, w: float, q: float, grid: Grid) -> Quad:
    """The capacitors and exact resistors whose rounded values give frequency and Q best, with usual resistors."""
    best: tuple[float, Quad] | None = None
    for c1, c2 in pairs:
        spread = 0.002 * abs(math.log(c1 / c2))
        for n, exact in enumerate(solve(c1, c2, w, q)):
            awkward = spread + _awkward(exact)
            if best is not None and awkward > best[0]:
                continue
            r1, r2 = _corrected(n, c1, c2, exact, solve, poles, w, q)
            w_rounded, q_rounded = poles(c1, c2, series.nearest(r1, grid.r), series.nearest(r2, grid.r))
            error = 2 * max(q, 1.0) * abs(math.log(w_rounded / w)) + abs(math.log(q_rounded / q)) + awkward
            if best is None or error < best[0]:
                best = (error, (c1, c2, r1, r2))
    if best is None:
        raise Impossible(f"no usual capacitors make a stage of {shown(w / 2 / math.pi, 'Hz')} with a Q of {q:.3g}")
    return best[1]


def _corrected(
    n: int, c1: float, c2: float, exact: tuple[float, float], solve: Solve, poles: Poles, w: float, q: float
) -> tuple[float, float]:
    """The resistors with which the real op-amp gives what the ideal one would."""
    w_aim, q_aim = w, q
    for _ in range(2):
        w_is, q_is = poles(c1, c2, *exact)
        w_aim, q_aim = w_aim * w / w_is, q_aim * q / q_is
        found = solve(c1, c2, w_aim, q_aim)
        if n >= len(found):
            break
        exact = found[n]
    return exact


def _awkward(resistances: Sequence[float]) -> float:
    """A cost of resistors out of the usual range, which noise, bias currents and loading speak against."""
    return sum(
        0.5 * max(0.0, math.log(1e3 / r), math.log(r / 300e3)) + (10.0 if not R_LEAST / 10 < r < R_MOST * 5 else 0.0)
        for r in resistances
    )


def _capacitors(w: float, grid: Grid, f: float | None = None, reach: float = 2.5) -> Iterator[float]:
    middle = usual_capacitor(f or w / (2 * math.pi))
    return series.between(max(middle / reach, _C_LEAST), middle * reach, grid.c)


def _sallen_key_capacitors(w: float, q: float, gain: float, grid: Grid) -> Iterator[tuple[float, float]]:
    """The first leads to the output; a follower needs a ratio of 4 Q^2."""
    least, most = (0.7, 7.0) if gain > 1.2 else (3.9 * q * q, 16 * q * q)
    for c2 in _capacitors(w, grid, w / (2 * math.pi) * max(math.sqrt(least), 1.0), 3.2 if q > 3 else 2.2):
        yield from ((c1, c2) for c1 in series.between(c2 * least, min(c2 * most, 1e-4), grid.c))


def _mfb_capacitors(w: float, q: float, gain: float, grid: Grid) -> Iterator[tuple[float, float]]:
    least = 4 * q * q * (1 + gain) * 1.02
    for c2 in _capacitors(w, grid, w * math.sqrt(least) / (2 * math.pi)):
        yield from ((c1, c2) for c1 in series.between(c2 * least, c2 * least * 3, grid.c))


def _sk_low(gain: float, c1: float, c2: float, w: float, q: float) -> list[tuple[float, float]]:
    """C1 goes to the output, C2 to ground: two equations, one quadratic for R1."""
    product = 1 / (w * w * c1 * c2)
    return [(r1, product / r1) for r1 in _roots(c2 + c1 * (1 - gain), -1 / (w * q), c2 * product)]


def _sk_high(gain: float, c1: float, c2: float, w: float, q: float) -> list[tuple[float, float]]:
    roots = _roots((c1 + c2) / (c1 * c2), -w / q, (1 - gain) * w * w * c2)
    return [(g2 / (w * w * c1 * c2), 1 / g2) for g2 in roots]


def _mfb_low(gain: float, c1: float, c2: float, w: float, q: float) -> list[tuple[float, float]]:
    """R2 (feedback) and R3 for C1 (to ground) and C2 (feedback)."""
    return [(r2, 1 / (w * w * c1 * c2 * r2)) for r2 in _roots(w * w * c1 * c2, -w * c1 / q, 1 + gain)]


def _mfb_high(into: float, back: float, w: float, q: float) -> list[tuple[float, float]]:
    r2 = q * (into + 2 * back) / (w * back * back)
    return [(1 / (w * w * r2 * back * back), r2)]


def _mfb_band(c1: float, c2: float, w: float, q: float) -> list[tuple[float, float]]:
    """The resistance at the inner node, and R3."""
    r3 = q * (c1 + c2) / (w * c1 * c2)
    return [(1 / (w * w * c1 * c2 * r3), r3)]


def _roots(a: float, b: float, c: float) -> list[float]:
    """The positive roots of ``a x^2 + b x + c``."""
    if a == 0 or abs(a * c) < 1e-12 * b * b:
        return [x for x in ([-c / b] if abs(a) < 1e-300 else [-b / a]) if x > 0]
    inside = b * b - 4 * a * c
    if inside < 0:
        return []
    half = -(b + math.copysign(math.sqrt(inside), b)) / 2
    return [x for x in (half / a, c / half) if x > 0]


Cubic = tuple[float, float, float, float]
"""Coefficients of s^3, s^2, s, 1 of a characteristic polynomial."""


def _sk_low_poles(gain: float, gbw: float, c1: float, c2: float, r1: float, r2: float) -> tuple[float, float]:
    t, b, c = 1 / (2 * math.pi * gbw), r1 * c2 + r2 * c2 + r1 * c1, r1 * r2 * c1 * c2
    return _poles((c * t, c / gain + b * t, b / gain + t - r1 * c1, 1 / gain))


def _sk_high_poles(gain: float, gbw: float, c1: float, c2: float, r1: float, r2: float) -> tuple[float, float]:
    t, b, c = 1 / (2 * math.pi * gbw), (c1 + c2) / (c1 * c2 * r2) + 1 / (r1 * c1), 1 / (r1 * r2 * c1 * c2)
    return _poles((t, 1 / gain + b * t, b / gain + c * t - 1 / (r1 * c1), c / gain))


def _mfb_low_poles(gain: float, gbw: float, c1: float, c2: float, r2: float, r3: float) -> tuple[float, float]:
    t, tau, g = 1 / (2 * math.pi * gbw), c2 * r3, (1 + gain) / r2 + 1 / r3
    return _poles((tau * c1 * t, (tau + t) * c1 + g * tau * t, g * (tau + t) - t / r3, 1 / r2))


def _mfb_caps(gbw: float, into: float, back: float, to_minus: float, r1: float, r2: float) -> Cubic:
    """The section with capacitors into, back and to the inverting input: high-pass, or band-pass without the first."""
    t, total, g1, g2 = 1 / (2 * math.pi * gbw), into + back + to_minus, 1 / r1, 1 / r2
    return (
        to_minus * (into + back) * t, g2 * total * t + to_minus * g1 * t + back * to_minus,
        g2 * total + g1 * g2 * t, g1 * g2,
    )  # fmt: skip


def _poles(cubic: Cubic) -> tuple[float, float]:
    """Frequency and Q of the conjugate pair, by Newton's method from where an ideal op-amp has it."""
    d, c, b, a = cubic
    w = math.sqrt(a / c)
    q = w * c / b if b > 0 else 50.0
    if q <= 0.501:
        return w, q
    s = w * complex(-1 / (2 * q), math.sqrt(1 - 1 / (4 * q * q)))
    for _ in range(6):
        step = (((d * s + c) * s + b) * s + a) / ((3 * d * s + 2 * c) * s + b)
        s -= step
        if abs(step) < 1e-7 * w:
            break
    return abs(s), abs(s) / (-2 * s.real) if s.real < 0 else 1e3
