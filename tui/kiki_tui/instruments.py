"""`/check` and `/sim`: the tools by themselves, without a model. Their results are events, as an answer's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.events import Artefact, Candidate, Event, Evidence, Verdict
from kiki_tools.language import Diagnostic, LanguageService, Workspace
from kiki_tools.text import NotText, Snapshot, decode

if TYPE_CHECKING:
    from kiki_tools.spice.ngspice import Simulation

_FILE_LIMIT = 20_000_000
_INCLUDES = 200
_SAMPLES = 300
_CURVES = 6

Series = dict[str, tuple[tuple[float, ...], tuple[float, ...]]]


async def check(path: Path) -> Sequence[Event]:
    """Diagnostics of a deck as a verdict, with their list as its log. Raises KikiError if unreadable."""
    from kiki_tools.spice.service import SPICE

    snapshot = read(path)
    found = await asyncio.to_thread(_diagnostics, SPICE, snapshot)
    errors = sum(one.severity == "error" for one in found)
    warnings = sum(one.severity == "warning" for one in found)
    summary = f"{errors} errors, {warnings} warnings" if found else "nothing to remark"
    evidence = Evidence("kiki check", version("micro-kiki"), snapshot.sha256, errors == 0, summary)
    log = "\n".join(_line(snapshot, one) for one in found)
    return _events(path, snapshot, Verdict(0, path.name, evidence, log), errors == 0)


async def simulate(path: Path) -> Sequence[Event]:
    """A simulation as a verdict with its curves. Raises KikiError for what can't be read or run here."""
    from kiki_tools.spice import ngspice

    snapshot = read(path)
    includes = await asyncio.to_thread(_included, snapshot)
    try:
        simulation = await ngspice.simulate(snapshot, includes=includes)
    except ngspice.NgspiceMissing as error:
        raise KikiError("ngspice isn't there", "`kiki doctor` tells how to add it") from error
    except ngspice.Refused as error:
        raise KikiError(f"{path.name} wasn't run: {error}", "`kiki doctor` tells how to add the sandbox") from error
    evidence = Evidence(
        "ngspice",
        simulation.simulator_version,
        simulation.input_sha256,
        simulation.ok,
        _summary(simulation),
        dict(simulation.measures),
    )
    series, x_label, x_log = curves(simulation)
    verdict = Verdict(0, path.name, evidence, simulation.log, series, x_label, x_log)
    return _events(path, snapshot, verdict, simulation.ok)


def read(path: Path) -> Snapshot:
    """The text of a file. Raises KikiError if it is too long, binary or can't be read."""
    try:
        if path.stat().st_size > _FILE_LIMIT:
            raise KikiError(f"{path.name} is longer than {_FILE_LIMIT // 1_000_000} MB", "name a smaller file")
        return Snapshot(decode(path.read_bytes()), str(path))
    except OSError as error:
        raise KikiError(f"{path.name} can't be read: {error.strerror}", "check its rights") from error
    except NotText as error:
        raise KikiError(f"{path.name} {error}", "name a text file") from error


def curves(simulation: Simulation) -> tuple[Series, str, bool]:
    """Samples of the first analysis with a sweep: name -> (x, y), x's unit, and whether x is logarithmic.

    Complex values (of an AC analysis) are given in dB.
    """
    import numpy as np

    for analysis in simulation.analyses:
        scale, *others = analysis.vectors.values()
        x = np.real(scale.values)
        if len(x) < 3:
            continue
        at = np.unique(np.linspace(0, len(x) - 1, min(len(x), _SAMPLES)).astype(int))
        nodes = [v for v in others if v.name.lower().startswith("v(")] or others
        outputs = sorted(nodes, key=lambda v: "out" not in v.name.lower())[:_CURVES]
        series: Series = {}
        for vector in outputs:
            y = vector.values[at]
            name = vector.name
            if np.iscomplexobj(y):
                y, name = 20 * np.log10(np.maximum(np.abs(y), 1e-15)), f"{name} dB"
            series[name] = (tuple(map(float, x[at])), tuple(map(float, y)))
        return series, scale.unit, analysis.kind in ("ac", "noise")
    return {}, "", False


def _events(path: Path, snapshot: Snapshot, verdict: Verdict, ok: bool) -> Sequence[Event]:
    artefact = Artefact(path.name, "spice", snapshot.text, ok)
    return (Candidate(0, "", (artefact,)), verdict)


def _summary(simulation: Simulation) -> str:
    if simulation.errors:
        first = simulation.errors[0]
        where = f"line {first.line + 1}: " if first.line is not None else ""
        return f"{where}{first.message}"
    failed = [one for one in simulation.expectations if not one.ok]
    if failed:
        return f"{len(failed)} of {len(simulation.expectations)} expectations failed: {failed[0].text}"
    kinds = ", ".join(analysis.kind for analysis in simulation.analyses) or "no analysis"
    return f"ran {kinds} in {simulation.elapsed_s:.2f} s"


def _included(snapshot: Snapshot) -> dict[str, Snapshot]:
    """What the deck draws in, from disk, by absolute path; what can't be read the simulator will miss."""
    from kiki_tools.spice.cards import parse
    from kiki_tools.spice.includes import included, openable

    found: dict[str, Snapshot] = {}
    missing: set[str] = set()
    waiting = [snapshot]
    while waiting and len(found) + len(missing) < _INCLUDES:
        for _card, _word, name in included(parse(waiting.pop())):
            if name in found or name in missing or not openable(name):
                continue
            try:
                found[name] = read(Path(name))
            except KikiError:
                missing.add(name)
            else:
                waiting.append(found[name])
    return found


def _gathered(service: LanguageService, snapshot: Snapshot) -> Workspace:
    """The snapshot's included files, read from disk."""
    texts: dict[str, Snapshot] = {}
    unreadable: dict[str, str] = {}
    while len(texts) + len(unreadable) < _INCLUDES:
        wanted = service.wanted(snapshot, Workspace(texts, unreadable))
        if not wanted:
            break
        for name in wanted:
            try:
                texts[name] = read(Path(name))
            except KikiError as error:
                unreadable[name] = error.wrong
    return Workspace(texts, unreadable)


def _diagnostics(service: Any, snapshot: Snapshot) -> Sequence[Diagnostic]:
    found: Sequence[Diagnostic] = service.diagnostics(snapshot, _gathered(service, snapshot))
    return found


def _line(snapshot: Snapshot, one: Diagnostic) -> str:
    place = snapshot.position(one.span.start, "utf-32")
    return f"{place.line + 1}:{place.character + 1}: {one.severity} {one.code}: {one.message}"
