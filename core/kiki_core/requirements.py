"""Numbers that a question states about the circuit's behaviour, and what the simulation measured of them.

Only what is unmistakable is read: a corner frequency, a gain, an output voltage, an oscillation frequency.
Component values and supplies are conditions, not requirements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiki_core.events import Requirement
from kiki_tools.spice import waveform
from kiki_tools.spice.ngspice import Analysis

_NUMBER = r"(-?\d+(?:[.,]\d+)?)\s*"
_HERTZ = _NUMBER + r"([kKMG]?)[Hh]z"
_VOLT = _NUMBER + r"(m|k)?[Vv](?:olts?)?\b"
_SCALES = {"": 1.0, "m": 1e-3, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}
_CORNER = r"(?:cut-?off|corner|coupure|-3\s*dB)"
_TOLERANCE = 0.10


@dataclass(frozen=True, slots=True)
class _Form:
    quantity: str
    unit: str
    pattern: re.Pattern[str]


_FORMS = (
    _Form("corner frequency", "Hz", re.compile(_CORNER + r"\D{0,30}?" + _HERTZ, re.IGNORECASE)),
    _Form("corner frequency", "Hz", re.compile(_HERTZ + r"\s*" + _CORNER, re.IGNORECASE)),
    _Form("corner frequency", "Hz", re.compile(r"(?:low|high)[- ]?pass\D{0,25}?" + _HERTZ, re.IGNORECASE)),
    _Form("oscillation frequency", "Hz", re.compile(r"oscillat\w*\D{0,30}?" + _HERTZ, re.IGNORECASE)),
    _Form("oscillation frequency", "Hz", re.compile(_HERTZ + r"\s*(?:\w+[- ]){0,2}oscillator", re.IGNORECASE)),
    _Form("gain", "dB", re.compile(r"gain\D{0,12}?" + _NUMBER + r"()dB", re.IGNORECASE)),
    _Form("gain", "dB", re.compile(_NUMBER + r"()dB\s*(?:of\s*)?gain", re.IGNORECASE)),
    _Form(
        "gain",
        "",
        re.compile(r"gain\s*(?:of|is|=|:|should be)?\s*" + _NUMBER + r"()(?!\s*[dD][bB])(?![\d.,]*\s*[dD][bB])"),
    ),
    _Form("output voltage", "V", re.compile(r"(?:output|sortie)\s*(?:voltage)?\s*(?:of|is|=|:|de)?\s*" + _VOLT)),
    _Form("output voltage", "V", re.compile(_VOLT + r"\s*(?:regulated\s*)?output")),
    _Form("output voltage", "V", re.compile(r"\d\s*V\s*(?:down\s*|up\s*)?(?:to|into|->|→|en)\s*" + _VOLT)),
)


def read(question: str) -> tuple[Requirement, ...]:
    """The requirements that the question states, not yet measured; each quantity once."""
    found: dict[str, Requirement] = {}
    for form in _FORMS:
        match = form.pattern.search(question[:20_000])
        if match and form.quantity not in found:
            value = float(match.group(1).replace(",", ".")) * _SCALES.get(match.group(2) or "", 1.0)
            found[form.quantity] = Requirement(form.quantity, "=", value, form.unit, None, None)
    return tuple(found.values())


def measure(requirements: Sequence[Requirement], analyses: Sequence[Analysis]) -> tuple[Requirement, ...]:
    """The requirements with what the analyses show at the node ``out``; unmeasured ones keep null."""
    measured = []
    for requirement in requirements:
        value = _measured(requirement, analyses)
        ok = None if value is None else abs(value - requirement.value) <= _margin(requirement)
        measured.append(replace(requirement, measured=value, ok=ok))
    return tuple(measured)


def _margin(requirement: Requirement) -> float:
    return 1.0 if requirement.unit == "dB" else _TOLERANCE * abs(requirement.value)


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
            case "output voltage", "op":
                return float(values[-1])
            case "output voltage", "tran":
                return waveform.mean(*waveform.settled(scale, values))
            case "oscillation frequency", "tran":
                return waveform.oscillation_frequency(scale, values)
    return None
