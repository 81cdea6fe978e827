"""Preferred values (IEC 60063: E6 … E192), and the best pairs of them."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

SERIES = ("E3", "E6", "E12", "E24", "E48", "E96", "E192")
_E24 = (10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30, 33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91)


@cache
def mantissas(series: str) -> tuple[float, ...]:
    """The values of a series from 1 up to, not including, 10.

    E24 and below are history, not formula; E192 is ``round(10^(n/192), 2)`` but for 9.20 (IEC 60063).

    Raises:
        ValueError: if there is no such series.
    """
    if series not in SERIES:
        raise ValueError(f"{series} is no series of preferred values")
    count = int(series[1:])
    if count <= 24:
        return tuple(value / 10 for value in _E24[:: 24 // count])
    e192 = [round(10 ** (n / 192), 2) for n in range(192)]
    e192[185] = 9.20
    return tuple(e192[:: 192 // count])


def nearest(value: float, series: str | None) -> float:
    """The series' value that is nearest by ratio; the value itself without a series or if it isn't positive."""
    if series is None or not value > 0:
        return value
    return min(neighbours(value, series), key=lambda each: abs(math.log(each / value)))


def neighbours(value: float, series: str, reach: int = 1) -> list[float]:
    """The ``reach`` values below and above (or equal to) a positive value, in order; its own too if it has one."""
    known = mantissas(series)
    decade = math.floor(math.log10(value) + 1e-12)
    at = bisect_left(known, value / 10.0**decade * (1 - 1e-9)) + decade * len(known)
    exact = abs(_value(known, at) / value - 1) < 1e-6
    return [_value(known, n) for n in range(at - reach, at + reach + exact)]


def between(low: float, high: float, series: str) -> Iterator[float]:
    """All values of a series from ``low`` to ``high``, both inclusive."""
    known = mantissas(series)
    n = math.floor(math.log10(low)) * len(known)
    while (value := _value(known, n)) <= high * (1 + 1e-9):
        if value >= low * (1 - 1e-9):
            yield value
        n += 1


def is_in(value: float, series: str) -> bool:
    """Whether a value belongs to a series."""
    return value > 0 and abs(nearest(value, series) / value - 1) < 1e-6


def pair(ratio: float, series: str, low: float, high: float) -> tuple[float, float]:
    """Two values of a series with ``first / second`` nearest to ``ratio``, ``second`` between ``low`` and ``high``.

    Of equally good ones, that whose second value is nearest to the geometric middle.
    """
    middle = math.sqrt(low * high)
    best: tuple[float, float, float, float] | None = None
    for second in between(low, high, series):
        first = nearest(ratio * second, series)
        error = round(abs(math.log(first / second / ratio)), 4)
        rated = (error, abs(math.log(second / middle)), first, second)
        best = rated if best is None or rated < best else best
    if best is None:
        raise ValueError("no value of the series lies between the limits")
    return best[2], best[3]


def _value(known: tuple[float, ...], n: int) -> float:
    decade, at = divmod(n, len(known))
    # Through text, so that 4.7e-9 is the float that "4.7e-9" reads as.
    return float(f"{known[at]:.2f}e{decade}")
