"""Numbers that prose claims of a circuit, compared with what the simulation measured, and put right.

Only what is unmistakable is touched: one sentence that says that a quantity of the output *is* a number. Wishes,
conditions, bounds, parts and stages stay as they are, and so does everything in a fenced block.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kiki_core import requirements
from kiki_core.artefacts import without
from kiki_core.events import Requirement
from kiki_core.planning import quantities
from kiki_tools.spice.ngspice import Simulation

_IS = (
    r"(?:[\s*_`($=≈~:]|is|was|are|of|at|to|be|about|around|approximately|approx\.?|roughly|exactly|est|de|d'|ist|von)*$"
)
_SUBJECTS = (
    (
        "corner frequency",
        "Hz",
        r"(?:corner|cut-?\s?off|-3\s?dB|coupure|grenzfrequenz|\bf_?c\b)(?:\s+(?:frequency|point))?",
    ),
    ("oscillation frequency", "Hz", r"(?:oscillat\w+|oscillation frequency)"),
    ("gain", "dB", r"(?:gain|verstärkung|amplification)"),
    ("gain", "", r"(?:gain|verstärkung|amplification)"),
    ("output voltage", "V", r"(?:output(?:\s+voltage)?|\bv_?out\b|tension de sortie|ausgangsspannung)"),
    ("output ripple", "V", r"ripple(?:\s+voltage)?"),
)
_BEFORE = tuple((name, unit, re.compile(rf"{subject}\s*{_IS}", re.IGNORECASE)) for name, unit, subject in _SUBJECTS)
_NOT_A_CLAIM = re.compile(
    r"\b(?:ask|asked|need|needs|want|wanted|target|desired|required|requirement|should|must|goal|specif\w+|would|if|"
    r"without|unless|instead|first|second|third|each|stage|input|ideal|open[- ]loop|maximum|minimum|max|min|between|"
    r"souhait\w+|gewünscht\w*|soll)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)|\n")
_OFF, _OFF_DB = 0.05, 0.5
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"))
_LOOKED_BACK = 80


@dataclass(frozen=True, slots=True)
class Claim:
    """A claimed number with its place in the text, and what was measured, in the same SI unit."""

    start: int
    end: int
    quantity: str
    value: float
    unit: str
    measured: float

    @property
    def holds(self) -> bool:
        """Whether the measurement agrees: within 5 %, or half a decibel."""
        if self.unit == "dB":
            return abs(self.measured - self.value) <= _OFF_DB
        return abs(self.measured - self.value) <= _OFF * max(abs(self.value), 1e-12)


def claims(text: str, simulation: Simulation) -> list[Claim]:
    """The claims in the prose of a draft that the run of its one netlist can judge."""
    found: list[Claim] = []
    for begin, end in without(text):
        prose = text[begin:end]
        for one in quantities.read(prose):
            if one.op != "=" or one.conditions or one.scaled:
                continue
            first = max((m.end() for m in _SENTENCE_END.finditer(prose, 0, one.start)), default=0)
            after = _SENTENCE_END.search(prose, one.end)
            sentence = prose[first : after.start() if after else len(prose)]
            if _NOT_A_CLAIM.search(sentence) or re.match(r"\s*(?:%|at\b|when\b|with\b|per\b|/)", prose[one.end :]):
                continue
            before = prose[max(first, one.start - _LOOKED_BACK) : one.start]
            judged = _measured(before, one.value, one.unit, simulation)
            if judged is not None and math.isfinite(judged[1]):
                found.append(Claim(begin + one.start, begin + one.end, judged[0], one.value, one.unit, judged[1]))
    return found


def _measured(before: str, value: float, unit: str, simulation: Simulation) -> tuple[str, float] | None:
    for name, known in simulation.measures.items():
        if known is not None and re.search(rf"\b{re.escape(name)}\b`?\s*{_IS}", before, re.IGNORECASE):
            return name, known
    for name, wanted, pattern in _BEFORE:
        if unit == wanted and pattern.search(before):
            asked = Requirement(name, "=", value, unit, None, None)
            known = requirements.measure([asked], simulation.analyses)[0].measured
            if known is not None:
                return name, known
    return None


def corrected(text: str, found: Sequence[Claim]) -> str:
    """The text with each claim that doesn't hold replaced by what was measured, and marked so."""
    for one in sorted(found, key=lambda each: each.start, reverse=True):
        if not one.holds:
            text = f"{text[: one.start]}{spelled(one.measured, one.unit)} (measured){text[one.end :]}"
    return text


def spelled(value: float, unit: str) -> str:
    """A number with its unit as engineers write it: ``1.234 kHz``; dB and bare numbers without a prefix."""
    if unit in ("", "dB", "%", "deg", "degC") or value == 0 or not math.isfinite(value):
        return f"{value:.4g} {unit}".rstrip()
    scale, prefix = next((each for each in _PREFIXES if abs(value) >= each[0]), (1e-12, "p"))
    return f"{value / scale:.4g} {prefix}{unit}"
