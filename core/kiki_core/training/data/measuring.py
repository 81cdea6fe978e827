"""What a simulation shows of the quantities that questions state, whoever wrote the deck: at the node `out`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kiki_tools.spice import waveform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kiki_tools.spice.ngspice import Analysis

_AC = frozenset(
    {"corner", "low corner", "high corner", "gain", "gain ratio", "gain at", "phase at", "peak frequency",
     "notch frequency", "notch depth", "bandwidth"}
)  # fmt: skip
_DC = frozenset({"dc", "supply current"})
_SWEEP = frozenset({"output at input", "trip point", "output slope"})
_TRAN = frozenset(
    {"mean", "peak to peak", "maximum", "minimum", "frequency", "duty", "overshoot", "input at falling output",
     "input at rising output"}
)  # fmt: skip
QUANTITIES = _AC | _DC | _SWEEP | _TRAN | {"output at"}
"""Frequencies in Hz, gains and depths in dB (`gain ratio`: V/V), phases in degrees, overshoot in percent."""


def measured(quantity: str, at: float | None, analyses: Sequence[Analysis], near: float = 0.0) -> float | None:
    """The quantity as the first analysis that can show it has it; null if none can. ``near``: of two corners, which."""
    for analysis in analyses:
        vectors = analysis.vectors
        if not vectors or analysis.points < 1:
            continue
        scale = next(iter(vectors.values())).values
        if quantity == "supply current" and analysis.kind == "op":
            return _supply_current(vectors)
        if "v(out)" not in vectors:
            continue
        out = vectors["v(out)"].values
        inside = vectors["v(in)"].values if "v(in)" in vectors else None
        if analysis.kind == "ac" and quantity in _AC:
            return _response(quantity, at, scale.real, out if inside is None else _ratio(out, inside), near)
        if analysis.kind == "op" and quantity == "dc":
            return float(out[-1])
        if analysis.kind == "dc" and quantity in _SWEEP | {"output at"}:
            return _sweep(quantity, at, scale, out, inside)
        if analysis.kind == "tran" and quantity in _TRAN | {"output at"} and analysis.points > 3:
            return _waveform(quantity, at, scale, out, inside)
    return None


def _ratio(out: NDArray[Any], inside: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    ratio: NDArray[Any] = out / np.where(inside == 0, 1, inside)
    return ratio


def _supply_current(vectors: Mapping[str, Any]) -> float | None:
    """The largest current that a voltage source gives, in A."""
    currents = [abs(float(one.values[-1])) for name, one in vectors.items() if name.startswith("i(v")]
    return max(currents, default=None)


def _response(quantity: str, at: float | None, f: NDArray[Any], h: NDArray[Any], near: float) -> float | None:
    import numpy as np

    db = waveform.magnitude_db(h)
    low, high = waveform.corner_frequencies(f, h)
    match quantity:
        case "corner":
            corners = [one for one in (low, high) if one is not None]
            return min(corners, key=lambda one: abs(math.log(one / near)), default=None) if near > 0 else None
        case "low corner":
            return low
        case "high corner":
            return high
        case "bandwidth":
            return None if low is None or high is None else high - low
        case "gain":
            return float(db.max())
        case "gain ratio":
            return float(10 ** (db.max() / 20))
        case "peak frequency":
            return float(f[int(db.argmax())])
        case "notch frequency":
            return float(f[int(db.argmin())])
        case "notch depth":
            return float(min(db[0], db[-1]) - db.min())
        case "gain at" if at is not None and at > 0:
            return waveform.value_at(np.log10(f), db, math.log10(at))
        case "phase at" if at is not None and at > 0:
            phase = np.degrees(np.unwrap(np.angle(h)))
            value = waveform.value_at(np.log10(f), phase, math.log10(at))
            return None if value is None else (value - near + 180) % 360 - 180 + near
    return None


def _sweep(
    quantity: str, at: float | None, x: NDArray[Any], out: NDArray[Any], inside: NDArray[Any] | None
) -> float | None:
    import numpy as np

    match quantity:
        case "output at" if at is not None:
            return waveform.value_at(x, out, at)
        case "output at input" if at is not None:
            return waveform.value_at(x if inside is None else inside, out, at)
        case "output slope" if at is not None and len(x) > 2:
            return waveform.value_at(x, np.gradient(out, x), at)
        case "trip point" if inside is not None:
            level = (float(out.max()) + float(out.min())) / 2
            below = np.flatnonzero(out < level)
            return float(inside[below[0]]) if len(below) else None
    return None


def _waveform(
    quantity: str, at: float | None, t: NDArray[Any], out: NDArray[Any], inside: NDArray[Any] | None
) -> float | None:
    import numpy as np

    late_t, late = waveform.settled(t, out)
    match quantity:
        case "output at" if at is not None:
            return waveform.value_at(t, out, at)
        case "mean":
            return waveform.mean(late_t, late)
        case "peak to peak":
            return waveform.peak_to_peak(late)
        case "maximum":
            return float(late.max())
        case "minimum":
            return float(late.min())
        case "frequency":
            return waveform.oscillation_frequency(t, out)
        case "duty":
            level = (float(late.max()) + float(late.min())) / 2
            return waveform.mean(late_t, (late > level).astype(float))
        case "overshoot":
            final = float(np.mean(out[-max(1, len(out) // 20) :]))
            return 100 * (float(out.max()) - final) / abs(final) if final else None
        case "input at falling output" | "input at rising output" if inside is not None:
            level = (float(out.max()) + float(out.min())) / 2
            above = out > level
            edge = (above[:-1] & ~above[1:]) if "falling" in quantity else (~above[:-1] & above[1:])
            places = np.flatnonzero(edge)
            return float(inside[places[0]]) if len(places) else None
    return None


def outside(want: Mapping[str, Any], analyses: Sequence[Analysis]) -> str | None:
    """What is wrong with a wanted quantity (as `Want.to_json` has it), in words; null if it is met."""
    quantity, low, high = want["quantity"], float(want["low"]), float(want["high"])
    value = measured(quantity, want.get("at"), analyses, (low + high) / 2)
    if value is None:
        return f"{quantity}: not measurable"
    if not math.isfinite(value) or not low <= value <= high:
        return f"{quantity}: {value:.4g}, wanted {low:.4g} to {high:.4g}"
    return None
