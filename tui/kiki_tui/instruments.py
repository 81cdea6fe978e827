"""`/check` and `/sim`: the tools by themselves, without a model. Their results are events, as an answer's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from kiki_core.errors import KikiError
from kiki_core.events import Artefact, Candidate, Event, Evidence, Verdict
from kiki_core.netlists import drawn_in
from kiki_core.verification import simulate_file, verdict_of
from kiki_tools.language import Diagnostic
from kiki_tools.spice.recognise import is_spice
from kiki_tools.text import Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot


async def check(path: Path) -> Sequence[Event]:
    """Diagnostics of a deck as a verdict, with their list as its log. Raises KikiError if unreadable."""
    snapshot = _read(path)
    if not is_spice(snapshot.path, snapshot.text):
        raise KikiError(f"{path.name} is no netlist", "kiki checks SPICE: .cir .sp .spice .ckt and their libraries")
    found = await asyncio.to_thread(_diagnostics, snapshot)
    errors = sum(one.severity == "error" for one in found)
    warnings = sum(one.severity == "warning" for one in found)
    summary = f"{errors} errors, {warnings} warnings" if found else "nothing to remark"
    evidence = Evidence("kiki check", version("micro-kiki"), snapshot.sha256, errors == 0, summary)
    log = "\n".join(_line(snapshot, one) for one in found)
    return _events(path, snapshot, Verdict(0, path.name, evidence, log), errors == 0)


async def simulate(path: Path) -> Sequence[Event]:
    """A simulation as a verdict with its curves. Raises KikiError for what can't be read or run here."""
    snapshot = _read(path)
    simulation = await simulate_file(snapshot)
    return _events(path, snapshot, verdict_of(path.name, simulation), simulation.ok)


def _read(path: Path) -> Snapshot:
    try:
        return read_snapshot(path)
    except Unreadable as error:
        raise KikiError(f"{path.name} can't be read: {error}", "name a text file") from error


def _diagnostics(snapshot: Snapshot) -> Sequence[Diagnostic]:
    from kiki_tools.spice.service import SPICE

    return SPICE.diagnostics(snapshot, drawn_in(snapshot))


def _events(path: Path, snapshot: Snapshot, verdict: Verdict, ok: bool) -> Sequence[Event]:
    artefact = Artefact(path.name, "spice", snapshot.text, ok)
    return (Candidate(0, "", (artefact,)), verdict)


def _line(snapshot: Snapshot, one: Diagnostic) -> str:
    place = snapshot.position(one.span.start, "utf-32")
    return f"{place.line + 1}:{place.character + 1}: {one.severity} {one.code}: {one.message}"
