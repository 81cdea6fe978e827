"""The measurements that the dissenter may propose: a closed list, each of them really run.

*Vital* ones find what no working circuit does: a dead output, a short. The others press on a stated requirement that
the circuit meets: warmer, with a meter at the output, with parts that are off by a hundredth, with finer steps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiki_core import requirements
from kiki_core.deliberation.model import Objection
from kiki_core.events import Artefact, Requirement
from kiki_core.verification import check_deck
from kiki_tools.spice import retune

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Analysis, Simulation

_OUTPUTS = ("v(out)", "out", "v(vout)", "vout", "v(output)")
_DEAD_V = 1e-6
_SHORT_A = 100.0
_WARM_C = 70
_OFF = 1.01
_CHANGED = 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """A candidate's one netlist with its run, and the requirements that it states, as measured."""

    candidate: int
    deck: Artefact
    simulation: Simulation
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One of the list. ``fits``: whether it can be asked of a case. ``changed``: the netlist to run, null if it can't
    be made; without it, the run that is there is read. ``judged``: whether the circuit held, and what was found."""

    name: str
    concern: str
    vital: bool
    fits: Callable[[Case], bool]
    changed: Callable[[str], str | None] | None
    judged: Callable[[Case, Sequence[Analysis]], tuple[bool | None, str]]


async def run(measurement: Measurement, case: Case) -> Objection:
    """Measures; ``ok`` null where the changed circuit can't be made or doesn't run."""
    analyses: Sequence[Analysis] = case.simulation.analyses
    ok: bool | None = None
    result = "the circuit can't be changed so"
    if measurement.changed is None:
        ok, result = measurement.judged(case, analyses)
    elif (text := measurement.changed(case.deck.text)) is not None:
        check = await check_deck(Artefact(case.deck.name, "spice", text, None), case.candidate)
        if check.simulation is None or not check.simulation.analyses:
            result = "the changed circuit didn't run"
        else:
            ok, result = measurement.judged(case, check.simulation.analyses)
    return Objection(case.candidate, measurement.name, measurement.concern, ok, result, measurement.vital)


def fitting(case: Case) -> list[Measurement]:
    """What of the list can be asked of a case, the most telling first."""
    return [each for each in LIST if each.fits(case)]


def _output(analyses: Sequence[Analysis], kinds: Sequence[str]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for analysis in analyses:
        name = next((name for name in _OUTPUTS if name in analysis.vectors), None)
        if name is not None and analysis.kind in kinds:
            found.append((analysis.kind, analysis.vectors[name].values))
    return found


def _alive(case: Case, analyses: Sequence[Analysis]) -> tuple[bool | None, str]:
    import numpy as np

    peaks = {kind: float(np.abs(np.asarray(values)).max()) for kind, values in _output(analyses, ("op", "tran", "ac"))}
    if not peaks:
        return None, "there is no node out"
    if not all(np.isfinite(list(peaks.values()))):
        return False, "the output isn't finite"
    kind, peak = max(peaks.items(), key=lambda each: each[1])
    return peak > _DEAD_V, f"the output reaches {peak:.3g} V ({kind})"


def _no_short(case: Case, analyses: Sequence[Analysis]) -> tuple[bool | None, str]:
    import numpy as np

    currents = {
        name: float(np.abs(vector.values).max())
        for analysis in analyses
        if analysis.kind in ("op", "tran")
        for name, vector in analysis.vectors.items()
        if re.match(r"i\(v|v\w*#branch", name) and len(vector.values)
    }
    if not currents:
        return None, "no source's current is known"
    name, most = max(currents.items(), key=lambda each: each[1])
    return bool(most < _SHORT_A), f"the most that a source gives is {most:.3g} A ({name})"


def _still_met(case: Case, analyses: Sequence[Analysis]) -> tuple[bool | None, str]:
    measured = requirements.measure(case.requirements, analyses)
    if any(each.ok is None for each in measured):
        return None, "the requirement can't be measured there"
    said = ", ".join(f"{each.quantity} {each.measured:.4g} {each.unit}".rstrip() for each in measured)
    return all(each.ok for each in measured), said


def _same_wave(case: Case, analyses: Sequence[Analysis]) -> tuple[bool | None, str]:
    import numpy as np

    spans = []
    for each in (case.simulation.analyses, analyses):
        found = _output(each, ("tran",))
        if not found:
            return None, "there is no transient at out"
        spans.append(float(np.ptp(np.asarray(found[0][1]).real)))
    before, after = spans
    return abs(after - before) <= _CHANGED * max(
        abs(before), _DEAD_V
    ), f"its span goes from {before:.3g} to {after:.3g} V"


def _met(case: Case) -> bool:
    return bool(case.requirements) and all(each.ok for each in case.requirements)


def _with(*cards: str) -> Callable[[str], str | None]:
    def changed(text: str) -> str | None:
        title, _, rest = text.partition("\n")
        return "\n".join([title, *cards, rest])

    return changed


def _off(text: str) -> str | None:
    changed = retune.scale_frequency(text, 1 / _OFF)
    for name in retune.resistors(text):
        changed = retune.scale_resistor(changed, name, _OFF)
    return None if changed == text else changed


_TRAN = re.compile(r"^[ \t]*\.tran[ \t]+(\S+)[ \t]+(\S+)(?P<rest>[^\n]*)$", re.IGNORECASE | re.MULTILINE)


def _finer(text: str) -> str | None:
    from kiki_tools.spice.values import parse_number

    card = _TRAN.search(text)
    if card is None or card["rest"].strip():
        return None
    stop = parse_number(card[2])
    return None if not stop else text[: card.end()] + f" 0 {stop / 2000:.6g}" + text[card.end() :]


def _has(kind: str) -> Callable[[Case], bool]:
    return lambda case: any(analysis.kind == kind for analysis in case.simulation.analyses)


LIST: tuple[Measurement, ...] = (
    Measurement("output", "does the output do anything at all?", True, lambda case: True, None, _alive),
    Measurement("current", "does a source feed a short?", True, lambda case: True, None, _no_short),
    Measurement("tolerance", "does it hold with parts that are 1 % larger?", False, _met, _off, _still_met),
    Measurement(
        "temperature", f"does it hold at {_WARM_C} degrees C?", False,
        lambda case: _met(case) and bool(re.search(r"(?im)^[dqmj]", case.deck.text)),
        _with(f".options temp={_WARM_C}"), _still_met,
    ),
    Measurement(
        "meter", "does it hold with a meter of 10 Mohm at the output?", False, _met,
        _with("Rkikimeter out 0 10meg"), _still_met,
    ),
    Measurement("time step", "is the waveform one of the step's size?", False, _has("tran"), _finer, _same_wave),
)  # fmt: skip
"""The whole list, the most telling first."""
