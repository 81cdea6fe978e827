"""Measurements on result vectors (numpy arrays, SI units)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def value_at(x: NDArray[Any], y: NDArray[Any], at: float) -> float | None:
    """``y`` at ``x == at``, linear between points; null outside of ``x``."""
    import numpy as np

    if not len(x):
        return None
    if x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    if not x[0] <= at <= x[-1]:
        # A sweep's last point may miss its nominal value by rounding.
        span = abs(x[-1] - x[0]) or abs(x[-1])
        if not (x[0] - 1e-6 * span <= at <= x[-1] + 1e-6 * span):
            return None
    return float(np.interp(at, x, y))


def magnitude_db(h: NDArray[Any]) -> NDArray[Any]:
    """``20 log10 |h|`` in dB."""
    import numpy as np

    gain: NDArray[Any] = 20 * np.log10(np.maximum(np.abs(h), 1e-300))
    return gain


def corner_frequencies(f: NDArray[Any], h: NDArray[Any], drop_db: float = 3.0103) -> tuple[float | None, float | None]:
    """Lower and upper frequency in Hz where ``|h|`` is ``drop_db`` below its maximum; null where it never is.

    Interpolates over log f, as a Bode plot shows it.
    """
    import numpy as np

    gain = magnitude_db(h)
    level = gain.max() - drop_db
    peak = int(gain.argmax())
    log_f = np.log10(np.maximum(f, 1e-300))

    def crossing(indices: range) -> float | None:
        for inner, outer in pairwise(indices):
            if gain[inner] >= level > gain[outer]:
                part = (gain[inner] - level) / (gain[inner] - gain[outer])
                return float(10 ** (log_f[inner] + part * (log_f[outer] - log_f[inner])))
        return None

    return crossing(range(peak, -1, -1)), crossing(range(peak, len(f)))


def mean(t: NDArray[Any], y: NDArray[Any]) -> float:
    """Time average over all of ``t`` (trapezoids)."""
    span = float(t[-1] - t[0]) if len(t) > 1 else 0.0
    if span == 0:
        return float(y[-1])
    return float((((y[1:] + y[:-1]) / 2) * (t[1:] - t[:-1])).sum() / span)


def peak_to_peak(y: NDArray[Any]) -> float:
    """Largest less smallest value."""
    return float(y.max() - y.min())


def settled(t: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The second half of a transient, where start-up is over."""
    keep = t >= (t[0] + t[-1]) / 2
    return t[keep], y[keep]


def oscillation_frequency(t: NDArray[Any], y: NDArray[Any]) -> float | None:
    """Frequency in Hz from the rising crossings of the middle level in the second half; null below two periods."""
    import numpy as np

    t, y = settled(t, y)
    if len(t) < 4 or peak_to_peak(y) < 1e-3:
        return None
    level = (float(y.max()) + float(y.min())) / 2
    rising = np.flatnonzero((y[:-1] < level) & (y[1:] >= level))
    if len(rising) < 3:
        return None
    times = t[rising] + (level - y[rising]) / (y[rising + 1] - y[rising]) * (t[rising + 1] - t[rising])
    return float((len(times) - 1) / (times[-1] - times[0]))
