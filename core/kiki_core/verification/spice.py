"""ngspice's run of a netlist as a verdict, with its curves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kiki_core.errors import KikiError
from kiki_core.events import Artefact, Evidence, Verdict
from kiki_core.verification.checked import Checked
from kiki_tools.text import Snapshot

if TYPE_CHECKING:
    from kiki_tools.process import Limits
    from kiki_tools.spice.ngspice import Analysis, Simulation

_SAMPLES = 300
_CURVES = 6

Series = dict[str, tuple[tuple[float, ...], tuple[float, ...]]]


async def check_deck(artefact: Artefact, attempt: int) -> Checked:
    """Runs the deck in ngspice."""
    from kiki_tools.spice import ngspice

    snapshot = Snapshot(artefact.text, "")
    try:
        simulation = await ngspice.simulate(snapshot)
    except ngspice.NgspiceMissing:
        evidence = Evidence("ngspice", "", snapshot.sha256, False, "ngspice is not installed: nothing was verified")
        return Checked((Verdict(attempt, artefact.name, evidence),), None)
    except ngspice.Refused as error:
        evidence = Evidence("kiki", "", snapshot.sha256, False, f"not run: {error}")
        return Checked((Verdict(attempt, artefact.name, evidence),), None, (str(error),))
    verdict = verdict_of(artefact.name, simulation, attempt)
    return Checked((verdict,), simulation.ok, _complaints(snapshot, simulation), simulation)


def verdict_of(name: str, simulation: Simulation, attempt: int = 0) -> Verdict:
    """A simulation as a verdict with curves for the terminal."""
    evidence = Evidence(
        "ngspice",
        simulation.simulator_version,
        simulation.input_sha256,
        simulation.ok,
        summary(simulation),
        dict(simulation.measures),
    )
    series, label, log = curves(simulation.analyses)
    return Verdict(attempt, name, evidence, simulation.log[:20_000], series, label, log)


def summary(simulation: Simulation) -> str:
    """The run in one line."""
    if simulation.errors:
        first = simulation.errors[0]
        where = f"line {first.line + 1}: " if first.line is not None else ""
        return f"{where}{first.message}"
    failed = [expectation for expectation in simulation.expectations if not expectation.ok]
    if failed:
        return f"{len(failed)} of {len(simulation.expectations)} expectations failed: {failed[0].text}"
    kinds = ", ".join(f"{analysis.kind} ({analysis.points} points)" for analysis in simulation.analyses)
    return f"ran {kinds} in {simulation.elapsed_s:.2f} s"


def curves(analyses: Sequence[Analysis]) -> tuple[Series, str, bool]:
    """The first analysis with a curve, down-sampled: its series, the scale's unit, whether that is logarithmic."""
    import numpy as np

    for analysis in analyses:
        if analysis.points < 2:
            continue
        scale, *others = analysis.vectors.values()
        x = np.abs(scale.values) if np.iscomplexobj(scale.values) else scale.values
        at = np.unique(np.linspace(0, len(x) - 1, min(len(x), _SAMPLES)).astype(int))
        nodes = [v for v in others if v.name.startswith("v(") or v.unit == "V"] or others
        series: Series = {}
        for vector in sorted(nodes, key=lambda v: "out" not in v.name)[:_CURVES]:
            y, name = vector.values[at], vector.name
            if np.iscomplexobj(y):
                y, name = 20 * np.log10(np.maximum(np.abs(y), 1e-15)), f"{name} dB"
            if np.isfinite(y).all():
                series[name] = (tuple(map(float, x[at])), tuple(map(float, y)))
        return series, scale.unit, analysis.kind in ("ac", "noise")
    return {}, "", False


def _complaints(snapshot: Snapshot, simulation: Simulation) -> tuple[str, ...]:
    """What the model is told: the tool's own message and the line that it is about."""
    told = []
    for error in simulation.errors[:4]:
        told.append(f"ngspice: {error.message[:300]}{quoted(snapshot, error.line)}")
    told += [f"expected {e.text}, but {e.problem}" for e in simulation.expectations if not e.ok]
    return tuple(told)


def quoted(snapshot: Snapshot, line: int | None) -> str:
    """The part of the file that a message is about: its line (numbered from 1) with the ones around it."""
    if line is None or not 0 <= line < snapshot.line_count:
        return ""
    near = range(max(0, line - 1), min(snapshot.line_count, line + 2))
    return "".join(f"\n  {'>' if at == line else ' '} {at + 1}: {snapshot.line_text(at)[:200]}" for at in near)


async def simulate_file(snapshot: Snapshot, limits: Limits | None = None) -> Simulation:
    """Simulates a deck of the disk with the files that it draws in.

    Raises:
        KikiError: if ngspice is missing, or the deck reaches out and there is no sandbox.
    """
    from kiki_core.netlists import drawn_in
    from kiki_tools.spice import ngspice

    workspace = await asyncio.to_thread(drawn_in, snapshot)
    try:
        return await ngspice.simulate(snapshot, includes=workspace.snapshots, search=workspace.search, limits=limits)
    except ngspice.NgspiceMissing as error:
        raise KikiError("ngspice is not installed", "`kiki doctor` names the command that adds it") from error
    except ngspice.Refused as error:
        raise KikiError(
            f"{snapshot.path} was not run: {error}", "`kiki doctor` names the command that adds the sandbox"
        ) from error
