"""Many runs of one deck: parameter steps, corners, Monte Carlo with tolerances; what they say together."""

from __future__ import annotations

import itertools
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kiki_tools.spice.cards import Card, Deck, parse
from kiki_tools.spice.expressions import NoValue, evaluate, values
from kiki_tools.spice.ngspice import Simulation
from kiki_tools.spice.values import parse_number
from kiki_tools.text import Edit, Snapshot, Span

MOST_RUNS = 1_000_000
_MOST_CORNERS = 12
"""Toleranced components whose corners are all tried: two to that power."""
_RANDOM = re.compile(r"\b(gauss|agauss|unif|aunif|limit)\s*\(([^()]*)\)", re.IGNORECASE)

Distribution = Literal["uniform", "normal"]
Row = dict[str, float | str | bool | None]


class BadSweep(ValueError):
    """The sweep can't be run on this deck; the message says why."""


@dataclass(frozen=True, slots=True)
class Step:
    """What changes from run to run: a parameter, a device's value, ``temp``, or ``lib`` (a section); its values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A component's value with what it may differ by, relative (0.05 for 5 %)."""

    name: str
    span: Span
    nominal: float
    relative: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its number from 0, the stepped values, the seed of its random draws (null: nominal), its corner."""

    number: int
    stepped: tuple[tuple[str, str], ...] = ()
    seed: int | None = None
    corner: tuple[int, ...] = ()


@dataclass
class Plan:
    """All runs of a sweep."""

    deck: Deck
    runs: list[Run]
    distribution: Distribution = "uniform"
    tolerances: list[Tolerance] = field(default_factory=list)

    def snapshot(self, run: Run) -> Snapshot:
        """The deck of one run.

        Raises:
            BadSweep: if a step names what isn't there.
        """
        edits = [edit for name, value in run.stepped for edit in _stepped(self.deck, name, value)]
        if run.corner:
            edits += [
                Edit(t.span, _written(t.nominal * (1 + sign * t.relative)))
                for t, sign in zip(self.tolerances, run.corner, strict=True)
            ]
        elif run.seed is not None:
            edits += _drawn(self.deck, self.tolerances, random.Random(run.seed), self.distribution)
        # A step wins over a tolerance of the same component.
        taken: list[Edit] = []
        for edit in edits:
            if not any(edit.span.start < t.span.end and t.span.start < edit.span.end for t in taken):
                taken.append(edit)
        return self.deck.snapshot.edited(taken)


def read_step(text: str) -> Step:
    """``R1=1k,2k,5k`` · ``vcc=3:5:5`` (from, to, how many) · ``f=1:1meg:7:log`` · ``temp=-40,25,85`` · ``lib=tt,ff``.

    Raises:
        BadSweep: if it has none of these forms.
    """
    name, equals, listed = text.partition("=")
    if not equals or not name.strip() or not listed.strip():
        raise BadSweep(f"{text!r} is no step: write NAME=1k,2k,5k or NAME=FROM:TO:COUNT[:log]")
    if ":" not in listed:
        return Step(name.strip().lower(), tuple(value.strip() for value in listed.split(",") if value.strip()))
    first, last, count, *more = [part.strip() for part in listed.split(":")] + ([""] if listed.count(":") == 1 else [])
    start, end = parse_number(first), parse_number(last)
    if (
        start is None
        or end is None
        or not count.isdigit()
        or not 2 <= int(count) <= MOST_RUNS
        or more not in ([], ["log"])
    ):
        raise BadSweep(f"{listed!r} is no range: write FROM:TO:COUNT, with at least 2 values, and :log for decades")
    number = int(count)
    if more:
        if start <= 0 or end <= 0:
            raise BadSweep(f"{listed!r}: a logarithmic range needs positive ends")
        found = [start * (end / start) ** (n / (number - 1)) for n in range(number)]
    else:
        found = [start + (end - start) * n / (number - 1) for n in range(number)]
    return Step(name.strip().lower(), tuple(f"{value:.12g}" for value in found))


def plan(
    snapshot: Snapshot,
    steps: Sequence[Step],
    *,
    monte_carlo: int = 0,
    corners: bool = False,
    seed: int = 1,
    distribution: Distribution = "uniform",
) -> Plan:
    """The runs: every combination of the steps, each nominal, or drawn ``monte_carlo`` times, or at all corners.

    Raises:
        BadSweep: if there is nothing to vary, too much, or a step names what isn't there.
    """
    deck = parse(snapshot, title=True)
    found = tolerances(deck)
    if (monte_carlo or corners) and not found and not _RANDOM.search(snapshot.text):
        raise BadSweep("the deck has no tolerances: write tol=5% behind a value, or {agauss(1k, 50, 3)}")
    if corners and len(found) > _MOST_CORNERS:
        raise BadSweep(f"{len(found)} toleranced components have too many corners; use --monte-carlo")
    products = list(itertools.product(*[[(step.name, value) for value in step.values] for step in steps]))
    varied: list[tuple[int | None, tuple[int, ...]]] = [(None, ())]
    if corners:
        varied = [(None, corner) for corner in itertools.product((-1, 1), repeat=len(found))]
    elif monte_carlo:
        varied = [(seed * 1_000_003 + number, ()) for number in range(monte_carlo)]
    if len(products) * len(varied) > MOST_RUNS:
        raise BadSweep(f"{len(products) * len(varied)} runs are more than {MOST_RUNS}")
    if not steps and len(varied) < 2 and not corners and not monte_carlo:
        raise BadSweep("nothing varies: give --step, --corners or --monte-carlo")
    pairs = itertools.product(products, varied)
    runs = [Run(number, stepped, drawn, corner) for number, (stepped, (drawn, corner)) in enumerate(pairs)]
    planned = Plan(deck, runs, distribution, found)
    planned.snapshot(runs[0])
    return planned


def tolerances(deck: Deck) -> list[Tolerance]:
    """The components with ``tol=``, relative or in per cent, whose value is a number or a computable expression."""
    known: dict[str, float] | None = None
    found = []
    for card in deck.devices("rcl"):
        words = card.positional()
        given = next((v for n, v in card.assignments() if n.low == "tol"), None)
        if given is None or len(words) < 3:
            continue
        relative = _relative(given.text)
        nominal = parse_number(words[2].text)
        if nominal is None:
            known = _parameters(deck) if known is None else known
            try:
                nominal = evaluate(words[2].low, known.get)
            except NoValue:
                continue
        if relative is not None:
            found.append(Tolerance(card.name.text, words[2].span, nominal, relative))
    return found


def _relative(text: str) -> float | None:
    number = parse_number(text.rstrip("%"))
    if number is None or number < 0:
        return None
    return number / 100 if text.endswith("%") else number


def _parameters(deck: Deck) -> dict[str, float]:
    return values(
        {
            name.low: deck.snapshot.slice(span).lower()
            for card in deck.directives(".param", ".params")
            for name, span in card.bindings()
        }
    )


def _written(value: float) -> str:
    return f"{value:.9g}"


def _stepped(deck: Deck, name: str, value: str) -> Iterator[Edit]:
    """The edits that give one value; each place where the name is defined outside of subcircuits."""
    if name == "temp":
        if parse_number(value) is None:
            raise BadSweep(f"{value!r} is no temperature")
        yield from (Edit(card.span, "*") for card in deck.directives(".temp"))
        at = deck.end.span.start if deck.end else deck.snapshot.length
        yield Edit(Span(at, at), f"\n.temp {value}\n")
        return
    if name == "lib":
        cards = [card for card in deck.directives(".lib") if len(card.arguments) > 1]
        if not cards:
            raise BadSweep("the deck has no `.lib FILE SECTION` to step")
        yield from (Edit(card.arguments[1].span, value) for card in cards)
        return
    found = False
    for card in deck.directives(".param", ".params"):
        for word, span in card.bindings():
            if word.low == name and not card.scope:
                found = True
                yield Edit(span, value)
    for card in deck.devices():
        if card.name.low == name and not card.scope and (span_of := _value_span(card)) is not None:
            found = True
            yield Edit(span_of, value)
    if not found:
        raise BadSweep(f"there is no parameter and no device {name} to step")


def _value_span(card: Card) -> Span | None:
    """Where the value of a component or source stands."""
    words = card.positional()
    if card.letter not in "rclvi" or len(words) < 3:
        return None
    at = 3 if card.letter in "vi" and words[2].low == "dc" and len(words) > 3 else 2
    return words[at].span


def _drawn(deck: Deck, found: Sequence[Tolerance], chance: random.Random, distribution: Distribution) -> Iterator[Edit]:
    for tolerance in found:
        spread = chance.gauss(0, 1 / 3) if distribution == "normal" else chance.uniform(-1, 1)
        yield Edit(tolerance.span, _written(tolerance.nominal * (1 + tolerance.relative * spread)))
    known: dict[str, float] | None = None
    for match in _RANDOM.finditer(deck.snapshot.text):
        known = _parameters(deck) if known is None else known
        try:
            arguments = [evaluate(text, known.get) for text in match[2].split(",")]
            value = _draw(match[1].lower(), arguments, chance)
        except (NoValue, IndexError, ZeroDivisionError):
            continue
        yield Edit(Span(*match.span()), _written(value))


def _draw(function: str, arguments: Sequence[float], chance: random.Random) -> float:
    """A draw as ngspice's functions of the same names (ngspice manual, 2.9.5)."""
    nominal, spread = arguments[:2]
    spread *= 1 if function in ("agauss", "aunif", "limit") else nominal
    if function in ("gauss", "agauss"):
        return nominal + spread / arguments[2] * chance.gauss(0, 1)
    if function == "limit":
        return nominal + (spread if chance.random() < 0.5 else -spread)
    return nominal + spread * chance.uniform(-1, 1)


def row_of(run: Run, simulation: Simulation) -> Row:
    """A run's row: what was stepped, whether it ran and met its expectations, its measures.

    A deck without measures gives the voltages of its operating point.
    """
    row: Row = {"run": run.number}
    row |= {name: parse_number(value) if parse_number(value) is not None else value for name, value in run.stepped}
    row["ran"] = not simulation.errors and bool(simulation.analyses)
    row["met"] = all(e.ok for e in simulation.expectations) and row["ran"] if simulation.expectations else None
    row |= simulation.measures
    for expectation in simulation.expectations:
        row.setdefault(expectation.text.split()[0].lower(), expectation.measured)
    if not simulation.measures and not simulation.expectations:
        for analysis in simulation.analyses:
            if analysis.kind == "op":
                nodes = [v for name, v in analysis.vectors.items() if name.startswith("v(")]
                row |= {vector.name: float(vector.values[0].real) for vector in nodes}
    row["error"] = simulation.errors[0].message[:200] if simulation.errors else ""
    return row


@dataclass(frozen=True)
class Spread:
    """One measure over all runs. ``worst``: the rows of the least and the greatest value. ``edges``: of ``counts``."""

    count: int
    mean: float
    deviation: float
    quantiles: dict[str, float]
    worst: tuple[Row, Row]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Summary:
    """What the rows say together. ``yield_``: the share that met all expectations; null where there are none."""

    runs: int
    ran: int
    yield_: float | None
    measures: dict[str, Spread]


_NO_MEASURE = ("run", "ran", "met", "error")


def summarise(rows: Sequence[Row], stepped: Sequence[str]) -> Summary:
    """Yield, and for each measure its spread."""
    import numpy as np

    names = [n for n in dict.fromkeys(k for row in rows for k in row) if n not in (*_NO_MEASURE, *stepped)]
    spreads: dict[str, Spread] = {}
    for name in names:
        known = [(value, row) for row in rows if _number(value := row.get(name))]
        if not known:
            continue
        numbers = np.array([value for value, _ in known], dtype=float)
        counts, edges = np.histogram(numbers, bins=min(20, max(5, int(math.sqrt(len(numbers))))))
        quantiles = np.quantile(numbers, (0, 0.01, 0.05, 0.5, 0.95, 0.99, 1))
        labels = ("min", "p1", "p5", "p50", "p95", "p99", "max")
        spreads[name] = Spread(
            len(numbers),
            float(numbers.mean()),
            float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0,
            {label: float(value) for label, value in zip(labels, quantiles, strict=True)},
            (known[int(numbers.argmin())][1], known[int(numbers.argmax())][1]),
            tuple(map(float, edges)),
            tuple(map(int, counts)),
        )
    judged = [row for row in rows if row.get("met") is not None]
    share = sum(row["met"] is True for row in judged) / len(judged) if judged else None
    return Summary(len(rows), sum(row["ran"] is True for row in rows), share, spreads)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def columns(rows: Sequence[Mapping[str, object]]) -> list[str]:
    """The columns of a table of rows, in the order in which they came, the error last."""
    names = [name for name in dict.fromkeys(key for row in rows for key in row) if name != "error"]
    return [*names, "error"]
