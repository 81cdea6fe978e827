"""From a plan to a deck that meets its requirements: preferred values, ngspice in the loop, a search where they miss.

The first deck has each value rounded to its series. If ngspice finds a requirement missed, a surrogate leads to better
values: the design's own formula corrected by what ngspice measured (output space mapping: J. W. Bandler et al., IEEE
Trans. MTT 52, 2004), or a linear model in logarithms by finite differences with Broyden's updates (C. G. Broyden, Math.
Comp. 19, 1965). Levenberg-Marquardt finds continuous values on it, moves by one or two steps of the series polish them,
and ngspice judges. Nothing counts but ngspice's measures of a deck whose values are preferred ones.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from kiki_tools.process import Limits
from kiki_tools.spice import ngspice
from kiki_tools.spice.kits import series
from kiki_tools.spice.kits.model import Design, Impossible, Kit, Plan, Values, Variable, Wanted, read, shown
from kiki_tools.text import Snapshot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[Any]
    Surrogate = Callable[[Vector], Vector]

_MARGIN = 0.1
"""The least slack (see `Wanted.slack`) with which a requirement counts as safely met."""
_AIM = 0.3
"""The slack that the search aims at for an inequality."""
_REACH = 0.5
"""How far a step goes in log value: a surrogate holds near its point."""
_STEP = 0.06
"""Step of the finite differences in log value: 6 %."""
_TRIES = 4
_POLISHED = 12
"""Most variables whose moves are tried in pairs."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What one fit may take: runs of ngspice, and seconds in all."""

    runs: int = 15
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement and what ngspice measured; null: the measure failed."""

    wanted: Wanted
    measured: float | None
    ok: bool


@dataclass(frozen=True)
class Fitted:
    """The best deck found. ``ok``: every requirement was measured and met, and ngspice ran without an error.

    ``reason``: why not, in a sentence; ``best``: slots that would make an impossible plan possible. ``text`` is empty
    if no deck could be made at all.
    """

    kit: str
    title: str
    text: str = field(repr=False)
    values: Mapping[str, float]
    measured: Mapping[str, float | None]
    checks: tuple[Check, ...]
    ok: bool
    reason: str = ""
    best: Mapping[str, float | str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    runs: int = 0
    elapsed_s: float = 0.0
    simulator: str = ""


async def fitted(kit: Kit, plan: Plan, *, budget: Budget | None = None) -> Fitted:
    """Designs a plan and fits it; a plan that can't be is told by ``reason``, not raised.

    Raises:
        NgspiceMissing: if there is no ngspice.
    """
    started = time.monotonic()
    try:
        design = kit.design(read(kit, plan))
    except Impossible as error:
        return Fitted(kit.name, kit.title, "", {}, {}, (), False, error.reason, error.best)
    bench = _Bench(kit, design, budget or Budget(), started)
    trial = await bench.tried(rounded(design))
    if trial.least < _MARGIN:
        await _searched(bench, trial)
    if not bench.holds and bench.remaining > 0 and any(each.finer for each in design.variables):
        bench.design = _refined(design)
        trial = await bench.tried(rounded(bench.design))
        if trial.least < _MARGIN:
            await _searched(bench, trial)
    return bench.result()


def _refined(design: Design) -> Design:
    """The design with the finer series of its variables."""
    finer = sorted({each.finer for each in design.variables if each.finer})
    return replace(
        design,
        variables=tuple(replace(each, series=each.finer or each.series, finer=None) for each in design.variables),
        notes=(*design.notes, f"needs values as fine as {', '.join(finer)}: trimmed, or two parts together"),
    )


def text_of(design: Design, values: Values) -> str:
    """The deck with its requirements as ``@expect`` lines, and the measures that they name."""
    text = design.template(values)
    lines = [card for wanted in design.wanted for card in wanted.cards]
    added = [*dict.fromkeys(line for line in lines if line not in text)]
    added += [wanted.expectation() for wanted in design.wanted]
    body, end, rest = text.rpartition("\n.end")
    if not end or rest.strip():
        body, end, rest = text.rstrip("\n"), "\n.end", "\n"
    return body + "\n" + "\n".join(added) + end + (rest or "\n")


@dataclass(frozen=True)
class _Trial:
    """Values and what ngspice measured with them."""

    values: dict[str, float]
    text: str
    checks: tuple[Check, ...]
    errors: tuple[str, ...]
    measured: Mapping[str, float | None]
    least: float
    cost: float

    @property
    def rank(self) -> tuple[float, float]:
        """The least slack counts up to the margin, then all together."""
        return min(self.least, _MARGIN), -self.cost


class _Bench:
    """Runs decks of one design within the budget, and keeps the best."""

    def __init__(self, kit: Kit, design: Design, budget: Budget, started: float) -> None:
        self.kit, self.design, self.budget, self.started = kit, design, budget, started
        self.runs = 0
        self.best: _Trial | None = None
        self._known: dict[tuple[float, ...], _Trial] = {}

    @property
    def remaining(self) -> int:
        """Runs that are left; none when the time is up."""
        return 0 if time.monotonic() - self.started > self.budget.seconds else self.budget.runs - self.runs

    async def tried(self, values: dict[str, float], *, probe: bool = False) -> _Trial:
        """A run of the deck with these values, or what it was when it ran; a probe can't become the best."""
        key = tuple(values.values())
        if key not in self._known:
            self._known[key] = await self._run(values)
        trial = self._known[key]
        if not probe and (self.best is None or trial.rank > self.best.rank):
            self.best = trial
        return trial

    async def _run(self, values: dict[str, float]) -> _Trial:
        self.runs += 1
        text = text_of(self.design, values)
        left = max(self.budget.seconds - (time.monotonic() - self.started), 1.0)
        found = await ngspice.simulate(
            Snapshot(text, path="/kit.cir"), limits=Limits(cpu_s=math.ceil(left), wall_s=left)
        )
        slacks = [wanted.slack(found.measures.get(wanted.measure)) for wanted in self.design.wanted]
        met = {each.text: each.ok for each in found.expectations}
        checks = tuple(
            Check(wanted, found.measures.get(wanted.measure), met.get(_bare(wanted), False))
            for wanted in self.design.wanted
        )
        errors = tuple(error.message for error in found.errors)
        least = min(slacks, default=1.0) if not errors else -math.inf
        cost = sum(min(max(_AIM - slack, 0), 1e6) ** 2 for slack in slacks)
        return _Trial(values, text, checks, errors, found.measures, least, cost)

    @property
    def holds(self) -> bool:
        """Whether the best trial meets every requirement."""
        return self.best is not None and not self.best.errors and all(check.ok for check in self.best.checks)

    def result(self) -> Fitted:
        """What the best trial came to."""
        best, simulator = self.best, ngspice.find()
        assert best is not None
        ok = self.holds
        return Fitted(
            self.kit.name, self.design.title, best.text, best.values, best.measured, best.checks, ok,
            "" if ok else _reason(best), {}, self.design.notes, self.runs, time.monotonic() - self.started,
            f"ngspice {simulator.version}" if simulator else "",
        )  # fmt: skip


def _bare(wanted: Wanted) -> str:
    return wanted.expectation().removeprefix("* @expect ")


def _reason(best: _Trial) -> str:
    if best.errors:
        return f"ngspice refused the deck: {best.errors[0]}"
    missed = [check for check in best.checks if not check.ok]
    return "the best found misses " + "; ".join(_missed(check) for check in missed)


def _missed(check: Check) -> str:
    wanted = check.wanted
    what = f"{wanted.quantity} {wanted.condition}".strip()
    compared = {"=": "", ">=": "at least ", "<=": "at most "}[wanted.op]
    got = "could not be measured" if check.measured is None else f"is {shown(check.measured, wanted.unit)}"
    return f"{what}: {compared}{shown(wanted.value, wanted.unit)} wanted, {got}"


def rounded(design: Design) -> dict[str, float]:
    """The design's own values, each as the nearest of its series."""
    return {each.name: _preferred(each, each.start) for each in design.variables}


def _preferred(variable: Variable, value: float) -> float:
    """The value in the variable's series and range."""
    value = min(max(value, variable.low), variable.high)
    if variable.series is None:
        return value
    near = series.neighbours(value, variable.series)
    inside = [each for each in near if variable.low * (1 - 1e-9) <= each <= variable.high * (1 + 1e-9)]
    return min(inside or near, key=lambda each: abs(math.log(each / value)))


async def _searched(bench: _Bench, first: _Trial) -> None:
    """Better values, as long as there are runs and they get better."""
    import numpy as np

    variables = [each for each in bench.design.variables if each.low < each.high and each.start > 0]
    if not variables or any(check.measured is None for check in first.checks):
        return
    scale = _Scale(bench.design.wanted, first)
    predictor, surrogate = bench.design.predictor, None
    if predictor is None:
        surrogate = await _linear(bench, variables[: max(bench.remaining - 3, 0)], variables, first, scale)
    at = first
    offset = np.zeros(len(bench.design.wanted))
    for _ in range(_TRIES):
        if predictor is not None:
            surrogate = _predicting(bench.design, predictor(at.values), variables, first, scale)
        if bench.remaining <= 0 or surrogate is None:
            return
        x = _logs(at.values, variables)
        offset = scale.of(at) - surrogate(x)
        model = _shifted(surrogate, offset)
        found = _polished(model, _solved(model, x, variables, scale), variables, scale)
        values = {**at.values, **{each.name: v for each, v in zip(variables, found, strict=True)}}
        after = await bench.tried(values)
        if after.least >= _MARGIN or after is at or any(check.measured is None for check in after.checks):
            return
        if predictor is None:
            surrogate = _broyden(surrogate, at, after, variables, scale)
        at = after


class _Scale:
    """Measures as the search sees them: logarithms where measure and wanted value are positive, else themselves."""

    def __init__(self, wanted: Sequence[Wanted], first: _Trial) -> None:
        self.wanted = wanted
        self.log = [
            each.unit not in ("dB", "deg") and each.value > 0 and (check.measured or 0) > 0
            for each, check in zip(wanted, first.checks, strict=True)
        ]

    def of(self, trial: _Trial) -> Vector:
        """The measures of a trial."""
        return self.seen([check.measured or 0.0 for check in trial.checks])

    def seen(self, measures: Sequence[float]) -> Vector:
        """Measures in this scale."""
        import numpy as np

        return np.array([math.log(max(m, 1e-300)) if log else m for m, log in zip(measures, self.log, strict=True)])

    def residuals(self, seen: Vector) -> Vector:
        """How far each requirement is from the slack aimed at, in units of its tolerance."""
        import numpy as np

        measures = [math.exp(min(v, 600.0)) if log else v for v, log in zip(seen, self.log, strict=True)]
        found = []
        for wanted, measure in zip(self.wanted, measures, strict=True):
            if wanted.op == "=":
                found.append((measure - wanted.value) / (wanted.tolerance or abs(wanted.value) * 1e-3 or 1e-12))
            else:
                found.append(2 * min(wanted.slack(measure) - _AIM, 0.0))
        limited: Vector = np.clip(np.array(found), -1e6, 1e6)
        return limited


def _logs(values: Values, variables: Sequence[Variable]) -> Vector:
    import numpy as np

    return np.log([values[each.name] for each in variables])


def _predicting(
    design: Design, predict: Callable[[Values], Mapping[str, float]], variables: Sequence[Variable], first: _Trial,
    scale: _Scale,
) -> Surrogate:  # fmt: skip
    def surrogate(x: Vector) -> Vector:
        values = {**first.values, **{each.name: math.exp(v) for each, v in zip(variables, x, strict=True)}}
        found = predict(values)
        measured = [check.measured or 0.0 for check in first.checks]
        return scale.seen([found.get(w.measure, m) for w, m in zip(design.wanted, measured, strict=True)])

    return surrogate


@dataclass(frozen=True)
class _Linear:
    """Measures as a linear function of the logarithms of the values."""

    x: Vector
    y: Vector
    slopes: Vector

    def __call__(self, x: Vector) -> Vector:
        found: Vector = self.y + self.slopes @ (x - self.x)
        return found


async def _linear(
    bench: _Bench, moved: Sequence[Variable], variables: Sequence[Variable], first: _Trial, scale: _Scale
) -> Surrogate | None:
    """Finite differences by one run for each moved variable; null if there are no runs for it."""
    import numpy as np

    if not moved:
        return None
    y = scale.of(first)
    slopes = np.zeros((len(y), len(variables)))
    for n, variable in enumerate(variables):
        if variable not in moved or bench.remaining <= 1:
            continue
        before = first.values[variable.name]
        step = _STEP if before * math.exp(_STEP) <= variable.high else -_STEP
        trial = await bench.tried({**first.values, variable.name: before * math.exp(step)}, probe=True)
        if all(check.measured is not None for check in trial.checks):
            slopes[:, n] = (scale.of(trial) - y) / step
    return _Linear(_logs(first.values, variables), y, slopes)


def _broyden(
    surrogate: Surrogate, before: _Trial, after: _Trial, variables: Sequence[Variable], scale: _Scale
) -> Surrogate:
    import numpy as np

    assert isinstance(surrogate, _Linear)
    x, y = _logs(after.values, variables), scale.of(after)
    step = x - _logs(before.values, variables)
    change = y - scale.of(before) - surrogate.slopes @ step
    norm = float(step @ step)
    slopes = surrogate.slopes + (np.outer(change, step) / norm if norm > 1e-12 else 0.0)
    return _Linear(x, y, slopes)


def _shifted(surrogate: Surrogate, offset: Vector) -> Surrogate:
    return lambda x: surrogate(x) + offset


def _solved(model: Surrogate, start: Vector, variables: Sequence[Variable], scale: _Scale) -> Vector:
    """Levenberg-Marquardt from ``start`` within the variables' ranges and the surrogate's reach."""
    import numpy as np

    low = np.maximum(np.log([each.low for each in variables]), start - _REACH)
    high = np.minimum(np.log([each.high for each in variables]), start + _REACH)

    def residuals(x: Vector) -> Vector:
        return np.concatenate([scale.residuals(model(x)), 0.05 * (x - start)])

    x, damping = np.clip(start, low, high), 1e-2
    r = residuals(x)
    for _ in range(12):
        jacobian = np.column_stack([(residuals(x + 1e-4 * unit) - r) / 1e-4 for unit in np.eye(len(x))])
        normal, slope = jacobian.T @ jacobian, jacobian.T @ r
        for _ in range(6):
            step = np.linalg.lstsq(normal + damping * (np.diag(np.diag(normal)) + 1e-9 * np.eye(len(x))), slope)[0]
            tried = np.clip(x - np.clip(step, -0.7, 0.7), low, high)
            r_tried = residuals(tried)
            if r_tried @ r_tried < r @ r:
                break
            damping *= 6
        else:
            break
        done = float(np.abs(tried - x).max()) < 1e-4
        x, r, damping = tried, r_tried, damping / 4
        if done:
            break
    return x


def _polished(model: Surrogate, x: Vector, variables: Sequence[Variable], scale: _Scale) -> list[float]:
    """Preferred values near ``x``: moves of one variable or of two at once by a step of the series, while they help."""
    import numpy as np

    values = [_preferred(each, math.exp(v)) for each, v in zip(variables, x, strict=True)]

    def cost(tried: Sequence[float]) -> float:
        r = scale.residuals(model(np.log(tried)))
        # The worst counts most: it decides.
        return float(r @ r + 4 * max(np.abs(r)) ** 2)

    def moves(n: int) -> list[float]:
        variable = variables[n]
        if variable.series is None:
            return []
        near = series.neighbours(values[n], variable.series)
        return [v for v in near if variable.low <= v <= variable.high and v != values[n]]

    best = cost(values)
    series_ones = [n for n, each in enumerate(variables) if each.series is not None]
    groups: list[tuple[int, ...]] = [(n,) for n in series_ones]
    groups += list(combinations(series_ones[:_POLISHED], 2))
    tried = 0
    improved = True
    while improved and tried < 600:
        improved = False
        for group in groups:
            for move in product(*(moves(n) for n in group)):
                candidate = list(values)
                for n, value in zip(group, move, strict=True):
                    candidate[n] = value
                tried += 1
                rated = cost(candidate)
                if rated < best * (1 - 1e-9):
                    best, values, improved = rated, candidate, True
                    break
    return values
