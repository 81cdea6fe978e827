"""LC ladders from their transfer function: element values of a low-pass at 1 rad/s between resistances.

All-pole ladders by Darlington's method: the reflection follows from ``|rho|^2 = 1 - |H|^2``, the input impedance from
the reflection, and the elements from its continued fraction (S. Darlington, J. Math. Phys. 18, 1939; L. Weinberg,
Network Analysis and Synthesis, 1962). Where the reflection has double zeros (equal terminations of Butterworth and
Chebyshev) the closed formulas hold (G. Matthaei, L. Young, E. Jones, Microwave Filters, 1964, 4.05). Fed from a voltage
source the continued fraction is that of the odd by the even part of the denominator.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kiki_tools.spice.kits.prototypes import Prototype

if TYPE_CHECKING:
    from numpy.typing import NDArray


class NoLadder(ValueError):
    """No ladder of the wanted kind has this response."""


def doubly(proto: Prototype, ratio: float) -> tuple[str, list[float]]:
    """The first element (``series`` or ``shunt``) and the values of a ladder from 1 ohm to ``ratio`` ohm.

    Values are in H and F for 1 ohm and 1 rad/s, alternating. All of the power that the terminations can exchange at DC
    arrives there.

    Raises:
        NoLadder: a Chebyshev of even order peaks above DC, which equal terminations can't give.
    """
    if abs(ratio - 1) < 1e-9 and proto.response == "butterworth":
        scale = abs(proto.poles[0])
        return "shunt", [
            2 * math.sin((2 * k - 1) * math.pi / (2 * proto.order)) / scale for k in range(1, proto.order + 1)
        ]
    if abs(ratio - 1) < 1e-9 and proto.response == "chebyshev":
        if proto.order % 2 == 0:
            raise NoLadder("a Chebyshev ladder of even order needs unequal terminations")
        return "shunt", [g / proto.edge for g in _chebyshev(proto.order, proto.ripple_db)]
    return _darlington(proto, ratio)


def singly(proto: Prototype) -> list[float]:
    """The values from the voltage source on to a load of 1 ohm, beginning with a series inductor."""
    import numpy as np

    denominator = _denominator(proto)
    powers = np.arange(len(denominator))[::-1]
    odd = np.where(powers % 2 == 1, denominator, 0.0)
    even = np.where(powers % 2 == 0, denominator, 0.0)
    high, low = (odd, even) if proto.order % 2 else (even, odd)
    return _continued(high, low, proto.order)[::-1]


def _chebyshev(order: int, ripple_db: float) -> list[float]:
    beta = math.log(1 / math.tanh(ripple_db * math.log(10) / 40))
    gamma = math.sinh(beta / (2 * order))
    a = [math.sin((2 * k - 1) * math.pi / (2 * order)) for k in range(1, order + 1)]
    b = [gamma**2 + math.sin(k * math.pi / order) ** 2 for k in range(1, order + 1)]
    g = [2 * a[0] / gamma]
    for k in range(1, order):
        g.append(4 * a[k - 1] * a[k] / (b[k - 1] * g[-1]))
    return g


def _denominator(proto: Prototype) -> NDArray[Any]:
    """The coefficients of the poles' polynomial, highest power first, with 1 at s = 0."""
    import numpy as np

    poles = [p for pole in proto.poles for p in ((pole, pole.conjugate()) if pole.imag > 0 else (pole,))]
    found = np.real(np.poly(poles))
    scaled: NDArray[Any] = found / found[-1]
    return scaled


def _darlington(proto: Prototype, ratio: float) -> tuple[str, list[float]]:
    import numpy as np

    order, denominator = proto.order, _denominator(proto)
    power = 4 * ratio / (1 + ratio) ** 2
    if power > proto.dc**2 + 1e-9:
        raise NoLadder("the response peaks above its level at DC, where the terminations exchange too much already")
    powers = np.arange(order + 1)[::-1]
    mirrored = denominator * (-1.0) ** powers
    squared = np.polymul(denominator, mirrored)
    squared[-1] -= power
    # In x = s^2; the reflection's zeros are the roots in the left half plane.
    in_x = squared[::2]
    if abs(in_x[-1]) < 1e-12:
        in_x[-1] = 0.0
    roots = np.sqrt(np.roots(in_x).astype(complex))
    zeros = np.where(roots.real > 0, -roots, roots)
    reflection = np.real(np.poly(zeros)) * abs(denominator[0])
    if ratio < 1 and order % 2:
        reflection = -reflection * (-1.0) ** powers
    elif ratio < 1:
        reflection = -reflection
    begins = "series" if reflection[0] * denominator[0] > 0 else "shunt"
    sign = 1.0 if begins == "series" else -1.0
    high, low = denominator + sign * reflection, denominator - sign * reflection
    return begins, _continued(high, low, order)


def _continued(high: NDArray[Any], low: NDArray[Any], order: int) -> list[float]:
    """The first ``order`` quotients of the continued fraction of ``high / low``, each times s."""
    high, low = _trimmed(high, order), _trimmed(low, order - 1)
    found = []
    for n in range(order):
        quotient = high[0] / low[0]
        found.append(float(quotient))
        rest = high.copy()
        rest[: len(low)] -= quotient * low
        high, low = low, _trimmed(rest, order - 2 - n)
    if not all(math.isfinite(each) and each > 0 for each in found):
        raise NoLadder("its ladder would have negative elements")
    return found


def _trimmed(polynomial: NDArray[Any], degree: int) -> NDArray[Any]:
    """The last ``degree + 1`` coefficients: what is above is rounding."""
    return polynomial[len(polynomial) - max(degree, 0) - 1 :].copy()
