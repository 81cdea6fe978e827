"""``* @expect NAME OP VALUE``: what a circuit must do, written into the deck as a comment.

NAME is a measure, or a vector with an optional place: ``f3db = 1k +/- 5%``, ``gain_db >= 20``,
``V(out)@2ms within 3.2 3.4``, ``vdb(out)@10k < -20``. Without a place, a vector's last value counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kiki_tools.spice import waveform
from kiki_tools.spice.cards import Deck
from kiki_tools.spice.values import format_value, parse_number

if TYPE_CHECKING:
    from kiki_tools.spice.rawfile import Vector


class HasVectors(Protocol):
    """An analysis, as far as expectations look at it."""

    @property
    def kind(self) -> str:
        """op, tran, ac, dc, …"""
        ...

    @property
    def vectors(self) -> dict[str, Vector]:
        """By name in lower case, the scale first."""
        ...


@dataclass(frozen=True, slots=True)
class Expectation:
    """One ``@expect`` at its 0-based line. ``ok`` is false too when nothing could be measured."""

    line: int
    text: str
    ok: bool
    measured: float | None
    problem: str = ""


_EXPECT = re.compile(r"\*+\s*@expect\s+(.*)", re.IGNORECASE)
_FORM = re.compile(
    r"(?P<name>[a-z_][\w.#]*(?:\([^()]*\))?)(?:\s*@\s*(?P<at>[\w.+-]+))?\s*"
    r"(?:(?P<op><=|>=|==|=|<|>)\s*(?P<value>\S+)(?:\s*(?:\+/-|\+-|±)\s*(?P<tolerance>[\w.+-]+)\s*(?P<percent>%?))?"
    r"|within\s+(?P<low>\S+)\s+(?P<high>\S+))\s*$",
    re.IGNORECASE,
)
_VECTOR = re.compile(r"(v|i|vdb|vm|vp|vr|vi|idb|im)\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)", re.IGNORECASE)
_EXACT = 1e-3
"""Relative tolerance of a plain ``=``."""


def check(deck: Deck, measures: Mapping[str, float | None], analyses: Sequence[HasVectors]) -> Iterator[Expectation]:
    """Every expectation of the deck, measured."""
    for comment in deck.comments:
        found = _EXPECT.match(comment.text)
        if found is None:
            continue
        text = found.group(1).strip()
        form = _FORM.match(text)
        if form is None:
            yield Expectation(comment.line, text, False, None, "not of the form NAME OP VALUE")
            continue
        measured = _measured(form["name"].lower(), form["at"], measures, analyses)
        if measured is None:
            yield Expectation(comment.line, text, False, None, f"{form['name']} was not measured")
            continue
        met = _met(measured, form)
        if met is None:
            yield Expectation(comment.line, text, False, measured, "its value is no number")
        else:
            yield Expectation(comment.line, text, met, measured, "" if met else f"is {format_value(measured)}")


def _met(measured: float, form: re.Match[str]) -> bool | None:
    if form["low"] is not None:
        low, high = parse_number(form["low"]), parse_number(form["high"])
        return None if low is None or high is None else low <= measured <= high
    value = parse_number(form["value"])
    if value is None:
        return None
    match form["op"]:
        case "<":
            return measured < value
        case "<=":
            return measured <= value
        case ">":
            return measured > value
        case ">=":
            return measured >= value
    margin = abs(value) * _EXACT
    if form["tolerance"] is not None:
        tolerance = parse_number(form["tolerance"])
        if tolerance is None:
            return None
        margin = abs(value) * tolerance / 100 if form["percent"] else tolerance
    return abs(measured - value) <= margin + 1e-12 * abs(value)


def _measured(
    name: str, at: str | None, measures: Mapping[str, float | None], analyses: Sequence[HasVectors]
) -> float | None:
    if at is None and name in measures:
        return measures[name]
    place = parse_number(at) if at is not None else None
    if at is not None and place is None:
        return None
    for analysis in analyses:
        if at is not None and analysis.kind not in ("tran", "ac", "dc", "noise"):
            continue
        value = vector_value(name, place, analysis)
        if value is not None and math.isfinite(value):
            return value
    return None


def vector_value(name: str, place: float | None, analysis: HasVectors) -> float | None:
    """The value of ``v(a)``, ``v(a,b)``, ``i(v1)``, ``vdb(a)``, … at ``place`` on the scale (its end if null)."""
    import numpy as np

    vectors = analysis.vectors
    match = _VECTOR.fullmatch(name)
    if match is None:
        values = vectors[name].values if name in vectors else None
        form = ""
    else:
        form = match.group(1).lower()
        plus = _node(vectors, form[0], match.group(2).lower())
        minus = _node(vectors, form[0], match.group(3).lower()) if match.group(3) else None
        values = plus if minus is None or plus is None else plus - minus
        if match.group(3) and minus is None:
            return None
    if values is None or not len(values):
        return None
    match form[1:]:
        case "db":
            values = 20 * np.log10(np.maximum(np.abs(values), 1e-300))
        case "p":
            values = np.degrees(np.unwrap(np.angle(values)))
        case "r":
            values = values.real
        case "i":
            values = values.imag
        case _:
            values = np.abs(values) if np.iscomplexobj(values) else values
    if place is None:
        return float(values[-1])
    scale = next(iter(vectors.values())).values
    return waveform.value_at(np.abs(scale) if np.iscomplexobj(scale) else scale, values, place)


def _node(vectors: Mapping[str, Vector], form: str, name: str):  # type: ignore[no-untyped-def]
    import numpy as np

    if form == "v" and name in ("0", "gnd"):
        return np.zeros(len(next(iter(vectors.values())).values)) if vectors else None
    for key in (f"{form}({name})", f"{name}#branch", name):
        if key in vectors:
            return vectors[key].values
    return None
