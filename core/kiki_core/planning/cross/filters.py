"""The filter before a converter: one resistor and capacitor, or stages after Sallen and Key with gain one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiki_tools.spice.kits.series import nearest

_BESSEL = {2: ((1.2720, 0.5773),), 3: ((1.3225, 0.0), (1.4474, 0.6910)), 4: ((1.4302, 0.5219), (1.6033, 0.8055))}
"""Poles of Bessel filters, frequency over the -3 dB corner and Q (0: a real one). A. Zverev, Handbook of Filter Synthesis."""


class TooSlow(ValueError):
    """The amplifiers before the filter leave no room for its corner."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Cards from a node to `out`, and their values for people."""

    cards: list[str]
    values: dict[str, float]


def single(node: str, corner: float, source: float, lag: float) -> Filter:
    """R and C for a corner (Hz), less what the source's resistance (ohm) and the amplifier's own lag (s) take of it."""
    rest = 1 / (2 * math.pi * corner) - lag
    if rest < 0.3 / (2 * math.pi * corner):
        raise TooSlow
    c = nearest(rest / 2e3, "E6")
    r = nearest(max(1.0, rest / c - source), "E96")
    return Filter([f"Rf {node} out {r:.6g}", f"Cf out 0 {c:.6g}"], {"Rf": r, "Cf": c})


def poles(order: int, response: str) -> list[tuple[float, float]]:
    """Pole frequencies over the corner, each with its Q (0: a real pole), flat ones first."""
    if response.startswith("bessel"):
        return list(_BESSEL[order])
    found = [(1.0, 0.0)] if order % 2 else []
    return found + [(1.0, 1 / (2 * math.sin(math.pi * (2 * k + 1) / (2 * order)))) for k in reversed(range(order // 2))]


def far_down(order: int, response: str) -> float:
    """The attenuation in decibels that a filter has at ten times its corner, less 3 for the rounding of its parts."""
    return sum(20 * (1 if not q else 2) * (1 - math.log10(over)) for over, q in poles(order, response)) - 3


def cascade(node: str, corner: float, source: float, order: int, response: str) -> Filter:
    """Stages of an order of two or more, each with the corner's frequency (Hz) in it."""
    cards: list[str] = []
    values: dict[str, float] = {}
    stages = poles(order, response)
    for number, (over, q) in enumerate(stages, 1):
        last = number == len(stages)
        to = "out" if last else f"f{number}"
        w0 = 2 * math.pi * corner * over
        if not q:
            c = nearest(1 / (w0 * 5e3), "E6")
            r = nearest(max(1.0, 1 / (w0 * c) - source), "E96")
            cards += [
                f"Rf{number} {node} g{number} {r:.6g}",
                f"Cf{number} g{number} 0 {c:.6g}",
                f"Xf{number} g{number} {to} {to} filteramp",
            ]
            values |= {f"Rf{number}": r, f"Cf{number}": c}
        else:
            made = _sallen_key(number, node, to, w0, q, source)
            cards += made.cards
            values |= made.values
        node, source = to, 0.0
    return Filter(cards, values)


def _sallen_key(number: int, node: str, to: str, w0: float, q: float, source: float) -> Filter:
    """Of the pairs of capacitors on E6 the one whose rounded resistors keep frequency and Q best."""
    best: tuple[float, tuple[float, float, float, float]] | None = None
    for shift in range(-2, 3):
        low = nearest(1 / (w0 * 2 * q * 8e3) * 10 ** (shift / 6), "E6")
        for more in (1.05, 1.5, 2.2):
            high = nearest(4 * q * q * low * more, "E6")
            total, product = 1 / (q * w0 * low), 1 / (w0 * w0 * low * high)
            if total * total < 4 * product:
                continue
            root = math.sqrt(total * total - 4 * product)
            one, other = nearest(max(1.0, (total + root) / 2 - source), "E96"), nearest((total - root) / 2, "E96")
            real = one + source
            w = 1 / math.sqrt(real * other * low * high)
            error = abs(w / w0 - 1) + abs(1 / (w * low * (real + other)) / q - 1)
            if other >= 500 and (best is None or error < best[0]):
                best = (error, (one, other, high, low))
    assert best is not None
    one, other, high, low = best[1]
    cards = [f"Rf{number}a {node} f{number}a {one:.6g}", f"Rf{number}b f{number}a f{number}b {other:.6g}", f"Cf{number}a f{number}a {to} {high:.6g}",
             f"Cf{number}b f{number}b 0 {low:.6g}", f"Xf{number} f{number}b {to} {to} filteramp"]  # fmt: skip
    return Filter(cards, {f"Rf{number}a": one, f"Rf{number}b": other, f"Cf{number}a": high, f"Cf{number}b": low})
