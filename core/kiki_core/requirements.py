"""Numbers that a question states about the circuit's behaviour, and what the simulation measured of them.

Only what is unmistakable is read: a corner frequency, a gain, an attenuation at a frequency, an output voltage, a
ripple, an oscillation frequency. Component values and supplies are conditions, not requirements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kiki_core.events import Requirement
from kiki_core.planning import quantities
from kiki_core.planning.quantities import Quantity
from kiki_tools.spice import waveform
from kiki_tools.spice.ngspice import Analysis

_TOLERANCE = 0.10
_MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class _Form:
    """What words before or after a quantity of this unit make it."""

    quantity: str
    unit: str
    before: re.Pattern[str]
    after: re.Pattern[str]


def _form(quantity: str, unit: str, before: str, after: str = r"(?!)") -> _Form:
    return _Form(quantity, unit, re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE))


_PASS = r"(?:(?:low|high)[- ]?pass|(?:tief|hoch)pass|passe-(?:bas|haut)|paso (?:bajo|alto))"
_CORNER = r"(?:cut-?\s?off|corner|coupure|grenzfrequenz|eckfrequenz|corte)"
_FORMS = (
    _form("corner frequency", "Hz", _CORNER + r"\D{0,30}$", r"\W{0,3}" + _CORNER),
    _form("corner frequency", "Hz", _PASS + r"\D{0,25}$"),
    _form("oscillation frequency", "Hz", r"os[cz]ill?[ai]\w*\D{0,30}$", r"\s*(?:[^\W\d]+[- ]){0,2}oscillator"),
    _form("attenuation", "dB", r"(?:attenuat\w*|atténuation|dämpfung|atenuación|rejection|down)\D{0,25}$",
          r"\s*(?:of\s*)?(?:attenuation|rejection|down|dämpfung)"),
    _form("gain", "dB", r"(?:gain|verstärkung|ganancia)\D{0,25}$", r"\s*(?:of\s*)?gain"),
    _form("gain", "", r"(?:gain|verstärkung|ganancia)\s*(?:of|is|=|:|should be|de|von)?\s*(?:about\s*)?$"),
    _form("output ripple", "V", r"(?:ripple|ondulation|rizado|welligkeit)\D{0,25}$", r"\s*(?:of\s*)?ripple"),
    _form("output voltage", "V", r"(?:output|sortie|vout|salida|ausgang\w*)\s*(?:voltage)?\s*(?:of|is|=|:|de|von)?\s*$",
          r"\s*(?:regulated\s*)?output\b"),
)  # fmt: skip


def read(question: str) -> tuple[Requirement, ...]:
    """The requirements that the question states, not yet measured; each quantity once."""
    text = question[:_MOST_TEXT]
    numbers = quantities.read(text)
    found: dict[str, Requirement] = {}
    for form in _FORMS:
        for index, one in enumerate(numbers):
            if _fits(form, text, numbers, index):
                name = form.quantity if form.quantity != "attenuation" else _attenuation(one)
                if name and name not in found:
                    value = abs(one.value) if form.quantity == "attenuation" else one.value
                    found[name] = Requirement(name, one.op, value, form.unit, None, None)
    converted = _conversion(numbers)
    if converted is not None and "output voltage" not in found:
        found["output voltage"] = Requirement("output voltage", "=", converted.value, "V", None, None)
    return tuple(found.values())


def _fits(form: _Form, text: str, numbers: Sequence[Quantity], index: int) -> bool:
    one = numbers[index]
    hertz = form.unit == "Hz" and one.scaled and one.value >= 1
    if one.unit != form.unit or (one.scaled and not hertz) or (one.unit == "dB" and one.value == -3):
        return False
    before, after = quantities.neighbours(text, numbers, index)
    return bool(form.before.search(before) or form.after.match(after))


def _attenuation(one: Quantity) -> str:
    at = next((condition for condition in one.conditions if condition.unit == "Hz"), None)
    return f"attenuation at {at.value:.6g} Hz" if at else ""


def _conversion(numbers: Sequence[Quantity]) -> Quantity | None:
    """The 5 V of "12 V to 5 V"."""
    for one, further in pairwise(numbers):
        if one.unit == further.unit == "V" and further.lead in ("to", "into") and further.start - one.end < 16:
            return further
    return None


def measure(requirements: Sequence[Requirement], analyses: Sequence[Analysis]) -> tuple[Requirement, ...]:
    """The requirements with what the analyses show at the node ``out``; unmeasured ones keep null."""
    measured = []
    for requirement in requirements:
        value = _measured(requirement, analyses)
        measured.append(replace(requirement, measured=value, ok=None if value is None else _met(requirement, value)))
    return tuple(measured)


def _met(requirement: Requirement, value: float) -> bool:
    margin = 1.0 if requirement.unit == "dB" else _TOLERANCE * abs(requirement.value)
    if requirement.op == ">=":
        return value >= requirement.value
    if requirement.op == "<=":
        return value <= requirement.value
    return abs(value - requirement.value) <= margin


def _measured(requirement: Requirement, analyses: Sequence[Analysis]) -> float | None:
    import numpy as np

    for analysis in analyses:
        name = next((n for n in ("v(out)", "out", "v(vout)", "vout", "v(output)") if n in analysis.vectors), None)
        if name is None:
            continue
        scale = next(iter(analysis.vectors.values())).values
        values = analysis.vectors[name].values
        match requirement.quantity, analysis.kind:
            case "corner frequency", "ac":
                corners = [c for c in waveform.corner_frequencies(scale, values) if c is not None]
                if corners:
                    return min(corners, key=lambda c: abs(c - requirement.value))
            case "gain", "ac":
                source = analysis.vectors.get("v(in)")
                ratio = values / np.where(source.values == 0, 1, source.values) if source is not None else values
                peak = ratio[int(np.abs(ratio).argmax())]
                if requirement.unit == "dB":
                    return float(20 * np.log10(max(abs(peak), 1e-300)))
                return float(np.abs(peak)) * (-1 if requirement.value < 0 and peak.real < 0 else 1)
            case str(attenuation), "ac" if attenuation.startswith("attenuation at "):
                at = quantities.read(attenuation)[-1].value
                gain = waveform.magnitude_db(values)
                value = waveform.value_at(np.abs(scale), gain, at)
                if value is not None:
                    return float(gain.max()) - value
            case "output voltage", "op":
                return float(values[-1].real)
            case "output voltage", "tran":
                return waveform.mean(*waveform.settled(scale, values))
            case "output ripple", "tran":
                return waveform.peak_to_peak(waveform.settled(scale, values)[1])
            case "oscillation frequency", "tran":
                return waveform.oscillation_frequency(scale, values)
    return None
