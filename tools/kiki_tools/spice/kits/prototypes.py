"""Normalised low-pass prototypes by closed formulas, and the order that a specification needs.

Butterworth and Chebyshev: R. W. Daniels, Approximation Methods for Electronic Filter Design (1974). Bessel: the reverse
Bessel polynomials (W. E. Thomson, Proc. IEE 96, 1949). Elliptic: S. J. Orfanidis, Lecture Notes on Elliptic Filter
Design (2006), with Landen's transformation. They need nothing but numpy, whose import costs a tenth of scipy.signal's;
the tests compare them with scipy.signal.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace

RESPONSES = ("butterworth", "chebyshev", "bessel", "elliptic", "linkwitz-riley")
"""What can be asked for; ``synchronous``, equal real poles, is what RC sections in a row have."""


@dataclass(frozen=True, slots=True)
class Prototype:
    """A low-pass: poles and zeros of H(s), whose maximum is 1 and whose value at DC is ``dc``.

    ``edge``: where its ripple ends in rad/s, if it has one.

    Of conjugate poles and zeros only those with positive imaginary parts are listed.
    """

    response: str
    order: int
    poles: tuple[complex, ...]
    zeros: tuple[complex, ...] = ()
    dc: float = 1.0
    edge: float = 1.0
    ripple_db: float = 0.0

    def magnitude(self, w: float) -> float:
        """|H(jw)|."""
        s = 1j * w
        found = self.dc
        for pole in self.poles:
            found *= abs(pole) / abs(s - pole)
            if pole.imag > 0:
                found *= abs(pole) / abs(s - pole.conjugate())
        for zero in self.zeros:
            found *= abs(zero * zero - s * s) / abs(zero) ** 2
        return found

    def loss_db(self, w: float) -> float:
        """How far |H(jw)| is below its maximum, in dB."""
        return -20 * math.log10(max(self.magnitude(w), 1e-30))

    def scaled(self, factor: float) -> Prototype:
        """The prototype with all frequencies times a factor."""
        return replace(
            self, poles=tuple(p * factor for p in self.poles), zeros=tuple(z * factor for z in self.zeros),
            edge=self.edge * factor,
        )  # fmt: skip

    def at_3db(self) -> Prototype:
        """The prototype with -3.01 dB at 1 rad/s."""
        return self.scaled(1 / self.where(3.0103))

    def where(self, loss_db: float) -> float:
        """The highest frequency in rad/s at which the loss is no more than this, on the way to the stop band."""
        low, high = self.edge, self.edge
        while self.loss_db(high) <= loss_db:
            high *= 1.05
            if high > 1e3 * self.edge:
                return high
        while self.loss_db(low) > loss_db and low > 1e-3 * self.edge:
            low *= 0.95
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.loss_db(middle) <= loss_db else (low, middle)
        return low

    def sections(self) -> tuple[Section, ...]:
        """Second-order sections by rising Q, a first-order one first; each zero goes to the nearest pole."""
        rest = list(self.zeros)
        found = []
        for pole in sorted(self.poles, key=lambda p: -p.imag / abs(p)):
            if pole.imag <= 0:
                found.append(Section(abs(pole), None, None))
                continue
            near = min(rest, key=lambda z: abs(abs(z) - abs(pole))) if rest else None
            if near is not None:
                rest.remove(near)
            found.append(Section(abs(pole), abs(pole) / (-2 * pole.real), None if near is None else abs(near)))
        return tuple(sorted(found, key=lambda each: each.q or 0.0))


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``w`` in rad/s, ``q`` (null: first order), and the frequency of its zeros, if it has them."""

    w: float
    q: float | None
    zero: float | None = None


def prototype(response: str, order: int, ripple_db: float = 0.5, stop_db: float = 40.0) -> Prototype:
    """The prototype of a response; Chebyshev and elliptic end their ripple at 1 rad/s, others have -3.01 dB there.

    A Linkwitz-Riley, a Butterworth of half the order twice, has -6.02 dB there.

    Raises:
        ValueError: if there is no such response or order.
    """
    if not 1 <= order <= 20:
        raise ValueError(f"there is no {response} of order {order}")
    match response:
        case "butterworth":
            return Prototype(response, order, _circle(order))
        case "synchronous":
            return Prototype(response, order, (-1 + 0j,) * order).at_3db()
        case "chebyshev":
            return _chebyshev(order, ripple_db)
        case "bessel":
            return Prototype(response, order, _bessel(order)).at_3db()
        case "linkwitz-riley" if order % 2 == 0:
            return Prototype(response, order, tuple(pole for pole in _circle(order // 2) for _ in range(2)))
        case "elliptic":
            return _elliptic(order, ripple_db, stop_db)
    raise ValueError(f"there is no response {response}; there are {', '.join(RESPONSES)}")


def order_for(response: str, loss_db: float, stop_db: float, ratio: float, most: int = 20) -> int | None:
    """The least order with ``stop_db`` of loss at ``ratio`` times the edge of ``loss_db``; null: above ``most``."""
    if ratio <= 1 or stop_db <= loss_db:
        return None
    for order in range(1, most + 1):
        found = prototype(response, order, loss_db, stop_db)
        edge = found.edge if response in ("chebyshev", "elliptic") else found.where(loss_db)
        if response == "elliptic":
            enough = order > 1 and found.where(stop_db - 1e-6) <= ratio * (1 + 1e-9)
        else:
            enough = found.loss_db(edge * ratio) >= stop_db - 1e-9
        if enough:
            return order
    return None


def _circle(order: int) -> tuple[complex, ...]:
    """Butterworth's poles in the upper left, the real one last."""
    found = [cmath.exp(1j * math.pi * (0.5 + (2 * k - 1) / (2 * order))) for k in range(1, order // 2 + 1)]
    return (*found, -1 + 0j) if order % 2 else tuple(found)


def _chebyshev(order: int, ripple_db: float) -> Prototype:
    epsilon = math.sqrt(10 ** (ripple_db / 10) - 1)
    a = math.asinh(1 / epsilon) / order
    poles = tuple(
        complex(p.real * math.sinh(a), p.imag * math.cosh(a)) if p.imag > 0 else complex(-math.sinh(a))
        for p in _circle(order)
    )
    return Prototype("chebyshev", order, poles, dc=1.0 if order % 2 else 10 ** (-ripple_db / 20), ripple_db=ripple_db)


def _bessel(order: int) -> tuple[complex, ...]:
    import numpy as np

    coefficients = [
        math.factorial(2 * order - k) / (2 ** (order - k) * math.factorial(k) * math.factorial(order - k))
        for k in range(order, -1, -1)
    ]
    roots = sorted((complex(r) for r in np.roots(coefficients)), key=lambda r: -r.imag)
    upper = [root for root in roots if root.imag > 1e-6]
    return (*upper, *(complex(root.real) for root in roots if abs(root.imag) <= 1e-6))


def _elliptic(order: int, ripple_db: float, stop_db: float) -> Prototype:
    """Equal ripple up to 1 rad/s and at least ``stop_db`` beyond the edge that the order gives."""
    if order == 1:
        return replace(_chebyshev(1, ripple_db), response="elliptic")
    pass_, stop = math.sqrt(10 ** (ripple_db / 10) - 1), math.sqrt(10 ** (stop_db / 10) - 1)
    k1 = pass_ / stop
    k = _degree(order, k1)
    places = [(2 * n - 1) / order for n in range(1, order // 2 + 1)]
    v0 = (-1j * _asne(1j / pass_, k1) / order).real
    zeros = tuple(complex(0, 1 / (k * _cde(u, k).real)) for u in places)
    poles = [1j * _cde(u - 1j * v0, k) for u in places]
    upper = [complex(-abs(p.real), abs(p.imag)) for p in poles]
    if order % 2:
        upper.append(complex(-abs((1j * _sne(1j * v0, k)).real)))
    dc = 1.0 if order % 2 else 10 ** (-ripple_db / 20)
    return Prototype("elliptic", order, tuple(upper), zeros, dc, ripple_db=ripple_db)


def _landen(k: float) -> list[float]:
    found: list[float] = []
    while k > 1e-15 and len(found) < 12:
        k = (k / (1 + math.sqrt(1 - k * k))) ** 2
        found.append(k)
    return found


def _cde(u: complex, k: float) -> complex:
    """Jacobi's cd(u K, k)."""
    return _ascended(cmath.cos(u * math.pi / 2), k)


def _sne(u: complex, k: float) -> complex:
    """Jacobi's sn(u K, k)."""
    return _ascended(cmath.sin(u * math.pi / 2), k)


def _ascended(w: complex, k: float) -> complex:
    for v in reversed(_landen(k)):
        w = (1 + v) * w / (1 + v * w * w)
    return w


def _asne(w: complex, k: float) -> complex:
    """The inverse of `_sne`."""
    before = k
    for v in _landen(k):
        w = w / (1 + cmath.sqrt(1 - w * w * before * before)) * 2 / (1 + v)
        before = v
    return cmath.asin(w) * 2 / math.pi


def _degree(order: int, k1: float) -> float:
    """The selectivity k = edge / stop edge of an elliptic filter of an order (the degree equation)."""
    other = math.sqrt(1 - k1 * k1)
    product = math.prod(_sne((2 * n - 1) / order, other).real for n in range(1, order // 2 + 1))
    complement = other**order * product**4
    return math.sqrt(max(1 - complement * complement, 0.0))
