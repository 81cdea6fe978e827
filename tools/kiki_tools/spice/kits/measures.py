"""Measures of an AC sweep: the ``.meas`` cards for ngspice, and the same from a computed response for the search."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

Response = Callable[[Sequence[float], str], "NDArray[Any]"]
"""Complex voltages at a node for frequencies in Hz."""


@dataclass(frozen=True)
class Measure:
    """A named number of a response; ``of`` computes it from a response and the measures before it."""

    name: str
    card: str
    of: Callable[[Response, Mapping[str, float]], float]


def level(name: str, at: float, node: str = "out") -> Measure:
    """The level in dB at a frequency."""
    return Measure(name, f".meas ac {name} find vdb({node}) at={at:.6g}", lambda h, _: _db(h, [at], node)[0])


def highest(name: str, low: float, high: float, node: str = "out") -> Measure:
    """The highest level in dB between two frequencies."""
    card = f".meas ac {name} max vdb({node}) from={low * 0.9999:.6g} to={high * 1.0001:.6g}"
    return Measure(name, card, lambda h, _: max(_db(h, _grid(low, high), node)))


def lowest(name: str, low: float, high: float, node: str = "out") -> Measure:
    """The lowest level in dB between two frequencies."""
    card = f".meas ac {name} min vdb({node}) from={low * 0.9999:.6g} to={high * 1.0001:.6g}"
    return Measure(name, card, lambda h, _: min(_db(h, _grid(low, high), node)))


def crossing(name: str, db: float, near: float, way: str, node: str = "out") -> Measure:
    """The frequency in Hz at which the level passes ``db``.

    ``way``: the last ``fall`` or the first ``rise``, as pass bands end; the first fall ``down`` and the last rise
    ``up``, as stop bands begin and end. ``near``: where it is expected.
    """
    falls, last = way in ("fall", "down"), way in ("fall", "up")

    def of(h: Response, _: Mapping[str, float]) -> float:
        grid = _grid(near / 1.6, near * 1.6)
        return _through(grid, [v - db for v in _db(h, grid, node)], falls=falls, last=last) or near * 2

    edge = f"{'fall' if falls else 'rise'}={'last' if last else 1}"
    return Measure(name, f".meas ac {name} when vdb({node})={db:.6g} {edge}", of)


def peak(name: str, low: float, high: float, node: str = "out") -> Measure:
    """The frequency in Hz of the highest level between two frequencies."""
    card = f".meas ac {name} max_at vdb({node}) from={low:.6g} to={high:.6g}"
    return Measure(name, card, lambda h, _: _at_peak(h, low, high, node))


def phase(name: str, at: float, node: str = "out") -> tuple[Measure, Measure]:
    """The phase in degrees at a frequency, and under another name in radians, as ngspice has it."""

    def of(h: Response, _: Mapping[str, float]) -> float:
        import numpy as np

        return float(np.angle(h([at], node))[0])

    radians = Measure(f"{name}_rad", f".meas ac {name}_rad find vp({node}) at={at:.6g}", of)
    return radians, derived(name, f"{name}_rad*57.29578", lambda m: math.degrees(m[f"{name}_rad"]))


def derived(name: str, expression: str, of: Callable[[Mapping[str, float]], float]) -> Measure:
    """A number computed from measures before it."""
    return Measure(name, f".meas ac {name} param='{expression}'", lambda _, before: of(before))


def less(name: str, minuend: str, subtrahend: str) -> Measure:
    """The difference of two measures."""
    return derived(name, f"{minuend}-{subtrahend}", lambda m: m[minuend] - m[subtrahend])


def all_of(measures: Sequence[Measure], response: Response) -> dict[str, float]:
    """The measures of a computed response."""
    found: dict[str, float] = {}
    for measure in measures:
        found[measure.name] = measure.of(response, found)
    return found


def _db(h: Response, frequencies: Sequence[float], node: str) -> list[float]:
    import numpy as np

    found: list[float] = (20 * np.log10(np.maximum(np.abs(h(frequencies, node)), 1e-15))).tolist()
    return found


def _grid(low: float, high: float, points: int = 40) -> list[float]:
    step = (high / low) ** (1 / (points - 1))
    return [low * step**n for n in range(points)]


def _through(x: Sequence[float], y: Sequence[float], *, falls: bool, last: bool) -> float | None:
    """The first or last place where y passes zero; linear between the points in log x."""
    sign = -1 if falls else 1
    places = [n for n in range(len(x) - 1) if sign * y[n] <= 0 < sign * y[n + 1]]
    if not places:
        return None
    n = places[-1 if last else 0]
    part = y[n] / (y[n] - y[n + 1])
    return float(x[n] * (x[n + 1] / x[n]) ** part)


def _at_peak(h: Response, low: float, high: float, node: str) -> float:
    """Where the level is highest, by a parabola through the three points about it."""
    grid = _grid(low, high, 121)
    levels = _db(h, grid, node)
    n = max(range(1, len(grid) - 1), key=lambda k: levels[k])
    before, at, after = levels[n - 1 : n + 2]
    bend = before - 2 * at + after
    part = (before - after) / (2 * bend) if bend else 0.0
    return float(grid[n] * (grid[n + 1] / grid[n]) ** min(max(part, -1.0), 1.0))
