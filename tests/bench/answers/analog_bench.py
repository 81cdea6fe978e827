"""An analog deck on the bench: its own analyses taken out, the judge's put in, and its cards found and changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from kiki_tools.process import Limits
from kiki_tools.spice import ngspice
from kiki_tools.spice.values import parse_number
from kiki_tools.text import Snapshot

_CONTROL = re.compile(r"^\s*\.control\b.*?^\s*\.endc\b[^\n]*\n?", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_ANALYSES = re.compile(
    r"^\s*\.(?:ac|dc|tran|op|tf|noise|pz|meas\w*|four|print|plot|save|probe|end)\b(?!s).*$", re.IGNORECASE
)
TRAN = re.compile(r"^\s*\.?tran\s+(.+)$", re.IGNORECASE | re.MULTILINE)
OUT = ("v(out)", "out", "v(vout)", "vout", "v(output)", "v(outp)")
IN = ("v(in)", "in", "v(vin)", "vin", "v(input)", "v(inp)")
_LIMITS = Limits(cpu_s=30, wall_s=150.0)
"""More than kiki's own: a ripple takes three times the deck's span, and a busy machine mustn't fail an answer."""


@dataclass
class Bench:
    """One deck on the bench: its analyses, each run once when a check needs it."""

    deck: str
    runs: dict[str, Any]

    @property
    def body(self) -> list[str]:
        text = _CONTROL.sub("", re.sub(r"\n\s*\+", " ", self.deck))
        return [line for line in text.splitlines() if not _ANALYSES.match(line)]

    async def analysis(self, kind: str, card: str, body: list[str] | None = None) -> Any:
        key = card + str(hash(tuple(body or ())))
        if key not in self.runs:
            text = "\n".join([*(body or self.body), card, ".end", ""])
            found = await ngspice.simulate(Snapshot(text, path="/judge.cir"), limits=_LIMITS)
            self.runs[key] = next((one for one in found.analyses if one.kind == kind), None)
        return self.runs[key]

    async def response(self, low: float, high: float, sweep: str = "") -> tuple[Any, Any, Any] | None:
        """Frequencies, complex gain from the source to the output, and the analysis."""
        body = with_ac(self.body)
        found = await self.analysis("ac", ".ac " + (sweep or f"dec 200 {low:.6g} {high:.6g}"), body)
        if found is None:
            return None
        out = vector(found, OUT)
        source = vector(found, IN)
        if source is None or float(np.abs(source).max()) < 1e-15:
            source = vector(found, tuple(f"v({node})" for node in source_nodes(body)))
        if out is None or source is None:
            return None
        other = vector(found, ("v(inn)",))
        if other is not None and "inn" in source_nodes(body):
            source = source - other
        f = np.abs(next(iter(found.vectors.values())).values)
        return f, out / np.where(np.abs(source) < 1e-18, 1, source), found

    async def levels(self, body: list[str] | None = None) -> Any:
        """The operating point, or the settled part of the deck's own transient where it has one."""
        tran = TRAN.search(self.deck)
        if tran is not None:
            return await self.analysis("tran", f".tran {tran[1]}", body)
        return await self.analysis("op", ".op", body)


def vector(analysis: Any, names: tuple[str, ...]) -> Any:
    return next((analysis.vectors[name].values for name in names if name in analysis.vectors), None)


def with_ac(body: list[str]) -> list[str]:
    """The deck with a source of 1 V for AC, where it has none."""
    if any(re.match(r"^\s*[VI]\w*\s.*\bAC\b", line, re.IGNORECASE) for line in body[1:]):
        return body
    changed = []
    for line in body:
        if re.match(r"^\s*V(?:in|1|s|sig|i|input)?\s+(?:in|vin|input|inp)\s", line, re.IGNORECASE):
            line += " AC 1"
        changed.append(line)
    return changed


def source_nodes(body: list[str]) -> list[str]:
    return [
        m[1].lower() for line in body[1:] if (m := re.match(r"^\s*V\w*\s+(\S+)\s+\S+\s.*\bAC\b", line, re.IGNORECASE))
    ]


def elements(bench: Bench, letters: str) -> list[tuple[str, list[str], str]]:
    """Names, first two nodes, and the rest of the cards of these letters, outside of subcircuits."""
    found, inside = [], False
    for line in bench.body[1:]:
        if re.match(r"^\s*\.subckt", line, re.IGNORECASE):
            inside = True
        elif re.match(r"^\s*\.ends", line, re.IGNORECASE):
            inside = False
        elif not inside and (m := re.match(r"^\s*(\w+)\s+(\S+)\s+(\S+)\s+(.*)$", line)) and m[1][0].upper() in letters:
            found.append((m[1].lower(), [m[2].lower(), m[3].lower()], m[4]))
    return found


def supplied(body: list[str], within: list[float], word: str) -> list[str]:
    """The deck with the voltages of its sources that lie within two volts' values changed to another word."""

    def other(match: re.Match[str]) -> str:
        value = parse_number(match[0])
        return word if value is not None and within[0] <= value <= within[1] else match[0]

    cards = (re.match(r"^(\s*V\w*\s+\S+\s+\S+)(\s.*)$", line, re.IGNORECASE) for line in body)
    return [
        card[1] + re.sub(r"[^\s()=]+", other, card[2]) if card else line for card, line in zip(cards, body, strict=True)
    ]


def quiet(body: list[str]) -> list[str]:
    """The deck with no source's AC."""
    source = re.compile(r"^\s*[VI]\w*\s", re.IGNORECASE)
    return [re.sub(r"(?i)\bAC\b(?:\s+[\d.]\S*)?", "AC 0", line) if source.match(line) else line for line in body]
