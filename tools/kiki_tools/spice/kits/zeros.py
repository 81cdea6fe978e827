"""Filters with zeros of transmission: the ladder of an elliptic low-pass, and active sections with a notch.

The ladder comes from the reflection by taking out one zero after another: a shunt capacitor moves a zero of the rest's
admittance to the frequency of the notch, a trap in series removes it (S. Darlington, J. Math. Phys. 18, 1939; R.
Saal, E. Ulbrich, IRE Trans. CT-5, 1958). The active section adds the high-pass and the low-pass output of a
state-variable filter (W. J. Kerwin, L. P. Huelsman, R. W. Newcomb, IEEE J. Solid-State Circuits SC-2, 1967).
"""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING, Any

from kiki_tools.spice.kits import series, stages
from kiki_tools.spice.kits.ladder import NoLadder
from kiki_tools.spice.kits.network import Part
from kiki_tools.spice.kits.prototypes import Prototype
from kiki_tools.spice.kits.stages import Grid, Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

Trap = tuple[float, float]
"""Inductance in H and capacitance in F of a parallel circuit in the series arm."""


def ladder(proto: Prototype) -> list[tuple[float, Trap | None]]:
    """Shunt capacitors in F, each with the trap behind it (the last without), for 1 ohm on both sides.

    Raises:
        NoLadder: for an even order, or where no order of the zeros gives positive parts.
    """
    if proto.order % 2 == 0:
        raise NoLadder("an elliptic ladder between equal resistances has an odd order")
    numerator, denominator = _admittance(proto)
    best: tuple[float, list[tuple[float, Trap | None]]] | None = None
    for order in permutations([abs(zero) for zero in proto.zeros]):
        found = _extracted(numerator, denominator, order)
        if found is None:
            continue
        values = [c for c, _ in found] + [v for _, trap in found if trap is not None for v in trap]
        spread = max(values) / min(values)
        if best is None or spread < best[0]:
            best = spread, found
    if best is None:
        raise NoLadder("its ladder would have negative elements")
    return best[1]


def _admittance(proto: Prototype) -> tuple[NDArray[Any], NDArray[Any]]:
    """The input admittance (E + F) / (E - F) with E of the poles and F of the reflection's zeros, both monic."""
    import numpy as np

    poles = [p for pole in proto.poles for p in ((pole, pole.conjugate()) if pole.imag > 0 else (pole,))]
    denominator = np.real(np.poly(poles))
    zeros = np.array([1.0])
    for zero in proto.zeros:
        zeros = np.polymul(zeros, [1.0, 0.0, abs(zero) ** 2])
    zeros = zeros * denominator[-1] / zeros[-1]
    # |E|² - |P|² as a polynomial in x = w², which is x times a square.
    squared = _power(denominator)
    squared = np.polysub(squared, _power(zeros))[:-1]
    root = _square_root(squared)
    reflection = np.zeros(proto.order + 1)
    for n, coefficient in enumerate(root):
        # x^k with x = -s², times s: the signs make all coefficients positive.
        power = 2 * (len(root) - 1 - n) + 1
        reflection[proto.order - power] = abs(coefficient)
    return np.polyadd(denominator, reflection), np.polysub(denominator, reflection)[1:]


def _power(polynomial: NDArray[Any]) -> NDArray[Any]:
    """|p(jw)|² as a polynomial in w², highest power first."""
    import numpy as np

    powers = np.arange(len(polynomial))[::-1]
    mirrored = polynomial * (-1.0) ** powers
    product = np.polymul(polynomial, mirrored)[::2]
    signs = (-1.0) ** np.arange(len(product))[::-1]
    found: NDArray[Any] = product * signs
    return found


def _square_root(polynomial: NDArray[Any]) -> NDArray[Any]:
    """The polynomial whose square this is, from its highest powers."""
    import numpy as np

    degree = (len(polynomial) - 1) // 2
    root = np.zeros(degree + 1)
    root[0] = math.sqrt(max(float(polynomial[0]), 0.0))
    for n in range(1, degree + 1):
        rest = float(polynomial[n]) - sum(root[k] * root[n - k] for k in range(1, n))
        root[n] = rest / (2 * root[0])
    return root


def _extracted(
    numerator: NDArray[Any], denominator: NDArray[Any], zeros: tuple[float, ...]
) -> list[tuple[float, Trap | None]] | None:
    """The elements for the zeros in this order; null if one isn't positive."""
    import numpy as np

    found: list[tuple[float, Trap | None]] = []
    for zero in zeros:
        s = 1j * zero
        c = float((np.polyval(numerator, s) / np.polyval(denominator, s) / s).real)
        if c <= 1e-9:
            return None
        rest = np.polysub(numerator, c * np.append(denominator, 0.0))
        inner = np.polydiv(rest, np.array([1.0, 0.0, zero * zero]))[0]
        residue = float((np.polyval(denominator, s) / (s * np.polyval(inner, s))).real)
        if residue <= 1e-9:
            return None
        left = np.polysub(denominator, residue * np.append(inner, 0.0))
        denominator = np.polydiv(left, np.array([1.0, 0.0, zero * zero]))[0]
        numerator = inner
        found.append((c, (residue / zero**2, 1 / residue)))
    degree = len(numerator) - len(denominator)
    c = float(numerator[0] / denominator[0])
    if degree != 1 or c <= 1e-9:
        return None
    return [*found, (c, None)]


def section(n: str, way: str, f: float, q: float, zero: float, start: str, end: str, grid: Grid) -> Stage:
    """A second-order low-pass or high-pass section with its zeros at ``zero`` Hz and a gain of 1 in its pass band."""
    share = 1 / (3 * q) * (1 + 4 * q * f / grid.gbw)
    c = min((series.nearest(stages.usual_capacitor(f) * step, grid.c) for step in (0.6, 0.8, 1.0, 1.3, 1.7)),
            key=lambda each: _off(1 / (2 * math.pi * f * each), grid.r))  # fmt: skip
    r = series.nearest(1 / (2 * math.pi * f * c), grid.r)
    a, b = series.pair(1 / share - 1, grid.r, 1e3, 20e3)
    # The sum's zeros lie where the high-pass's part s²/Rh and the low-pass's w0²/Rl cancel.
    ratio = (zero / f) ** 2
    high, low = series.pair(ratio, grid.r, 5e3, 50e3)
    while max(high, low) > 1e6:
        high, low = high / 10, low / 10
    back = low if way == "low" else high
    ends = {
        "a": (start, f"n{n}"), "b": (f"lp{n}", f"n{n}"), "c": (f"n{n}", f"hp{n}"), "d": (f"bp{n}", f"p{n}"),
        "e": (f"p{n}", "0"), "f": (f"hp{n}", f"i{n}"), "g": (f"bp{n}", f"j{n}"), "h": (f"hp{n}", f"z{n}"),
        "l": (f"lp{n}", f"z{n}"), "z": (f"z{n}", end),
    }  # fmt: skip
    values = {"a": 10e3, "b": 10e3, "c": 10e3, "d": a, "e": b, "f": r, "g": r, "h": high, "l": low, "z": back}
    parts = [Part(f"R{n}{key}", nodes, f"R{n}{key}") for key, nodes in ends.items()]
    parts += [Part(f"C{n}f", (f"i{n}", f"bp{n}"), f"C{n}f"), Part(f"C{n}g", (f"j{n}", f"lp{n}"), f"C{n}g")]
    parts += [Part(f"X{n}a", (f"p{n}", f"n{n}", f"hp{n}")), Part(f"X{n}b", ("0", f"i{n}", f"bp{n}")),
              Part(f"X{n}c", ("0", f"j{n}", f"lp{n}")), Part(f"X{n}d", ("0", f"z{n}", end))]  # fmt: skip
    variables = [stages.resistor(f"R{n}{key}", value, grid) for key, value in values.items()]
    variables += [stages.capacitor(f"C{n}{key}", c, grid) for key in "fg"]
    return Stage(tuple(parts), tuple(variables))


def _off(value: float, of: str) -> float:
    return abs(math.log(series.nearest(value, of) / value))
