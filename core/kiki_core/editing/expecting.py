"""Expectations from a comment: the numbers that it states, as ``@expect`` lines that the circuit can be held to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kiki_core import requirements
from kiki_core.events import Requirement
from kiki_tools.spice.ngspice import Analysis
from kiki_tools.spice.values import format_value

_OUTPUTS = ("v(out)", "v(vout)", "v(output)")
_HALF_POWER_DB = 3.0103


def lines(comment: str, analyses: Sequence[Analysis]) -> tuple[list[str], list[str]]:
    """The cards and comments for what a comment states, and what of it this deck can't measure.

    ``analyses``: what the deck's simulation gave: they tell which node is the output, and what can be measured.
    """
    cards: list[str] = []
    unmeasured: list[str] = []
    for one in requirements.measure(requirements.read(comment), analyses):
        written = list(_written(one, analyses)) if one.measured is not None else []
        cards += written
        if not written:
            unmeasured.append(one.quantity)
    return cards, unmeasured


def _written(one: Requirement, analyses: Sequence[Analysis]) -> Iterator[str]:
    node = next((name for analysis in analyses for name in _OUTPUTS if name in analysis.vectors), "")
    if not node:
        return
    inner = node[2:-1]
    match one.quantity.split(" at ")[0], one.unit:
        case "corner frequency", _:
            peak = _peak_db(analyses, node)
            if peak is not None:
                edge = "fall=last" if _falls(analyses, node) else "rise=1"
                yield f".meas ac f3db when vdb({inner})={peak - _HALF_POWER_DB:.4g} {edge}"
                yield f"* @expect f3db {_bound(one)}"
        case "gain", "dB":
            yield f".meas ac gain_db max vdb({inner})"
            yield f"* @expect gain_db {_bound(one, '0.5')}"
        case "gain", _:
            yield f".meas ac gain max vm({inner})"
            yield f"* @expect gain {_bound(one)}"
        case "output voltage", _:
            yield f"* @expect {node} {_bound(one)}"
        case "output ripple", _:
            stop = next((next(iter(a.vectors.values())).values[-1] for a in analyses if a.kind == "tran"), None)
            if stop is not None:
                yield f".meas tran ripple pp {node} from={0.8 * float(stop):.4g} to={float(stop):.4g}"
                yield f"* @expect ripple {'<=' if one.op == '=' else one.op} {format_value(one.value)}"


def _bound(one: Requirement, tolerance: str = "5%") -> str:
    value = format_value(abs(one.value) if one.quantity == "gain" and not one.unit else one.value)
    return f"= {value} +/- {tolerance}" if one.op == "=" else f"{one.op} {value}"


def _peak_db(analyses: Sequence[Analysis], node: str) -> float | None:
    import numpy as np

    for analysis in analyses:
        if analysis.kind == "ac" and node in analysis.vectors:
            return float(20 * np.log10(np.abs(analysis.vectors[node].values).max()))
    return None


def _falls(analyses: Sequence[Analysis], node: str) -> bool:
    """Whether the response is lower at the end of the sweep than at its beginning: a low-pass."""
    import numpy as np

    for analysis in analyses:
        if analysis.kind == "ac" and node in analysis.vectors:
            values = np.abs(analysis.vectors[node].values)
            return bool(values[-1] < values[0])
    return True
