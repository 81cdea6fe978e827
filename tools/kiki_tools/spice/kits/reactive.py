"""Preferred values of inductors and capacitors that resonate, which their rounding must not detune."""

from __future__ import annotations

import math

from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Slot, Variable

L_SLOT = Slot("inductors", "", "series of the inductors", choices=("E6", "E12", "E24"))
C_SLOT = Slot("capacitors", "", "series of the capacitors", choices=("E6", "E12", "E24", "E96"))
L_LEAST, L_MOST = 1e-10, 1000.0
C_LEAST, C_MOST = 1e-14, 1.0


def tuned(f: float, inductance: float, l_series: str = "E24", c_series: str = "E96") -> tuple[float, float]:
    """An inductor near ``inductance`` and a capacitor that resonate at ``f`` Hz, both of their series."""
    w = 2 * math.pi * f

    def cost(each: float) -> float:
        exact = 1 / (w * w * each)
        detuned = abs(math.log(series.nearest(exact, c_series) / exact))
        return detuned + 0.03 * abs(math.log(each / inductance))

    best = min(series.between(inductance / 1.6, inductance * 1.6, l_series), key=cost)
    return best, series.nearest(1 / (w * w * best), c_series)


def inductor(name: str, value: float, of: str | None = "E24", finer: str | None = None) -> Variable:
    """An inductor's variable."""
    return Variable(name, value, L_LEAST, L_MOST, of, finer)


def capacitor(name: str, value: float, of: str | None = "E24", finer: str | None = None) -> Variable:
    """A capacitor's variable."""
    return Variable(name, value, C_LEAST, C_MOST, of, finer)
