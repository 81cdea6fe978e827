"""kiki's own analysis of artefacts that lie on no disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiki_core.events import Artefact, Evidence, Verdict
from kiki_core.netlists import drawn_in, service_for
from kiki_core.verification.spice import quoted
from kiki_tools.language import Diagnostic
from kiki_tools.text import Snapshot
from kiki_tools.workspace import gather

FOLDER = "/kiki-answer/src"
"""Where artefacts are thought to lie. There is no such folder: what else is needed isn't found by accident."""
_MOST = 4


def snapshot_of(artefact: Artefact) -> Snapshot:
    """The artefact as a file of its own folder."""
    return Snapshot(artefact.text, f"{FOLDER}/{artefact.name}")


def analysed(artefact: Artefact, beside: Sequence[Artefact] = ()) -> list[Diagnostic]:
    """The errors and warnings of kiki's own analysis; ``beside``: other artefacts of the same answer."""
    snapshot = snapshot_of(artefact)
    service = service_for(snapshot)
    if service.language == "c":
        buffers = {each.path: each for each in map(snapshot_of, beside)}
        workspace = gather(service, snapshot, buffers=buffers)
        texts = {**buffers, **workspace.snapshots}
        found = service.diagnostics(snapshot, replace(workspace, snapshots=texts))
    else:
        found = service.diagnostics(snapshot, drawn_in(snapshot))
    return [one for one in found if one.severity in ("error", "warning") and one.path == snapshot.path]


def verdict(artefact: Artefact, attempt: int, found: Sequence[Diagnostic]) -> Verdict:
    """The analysis as a verdict: it fails where there is an error."""
    snapshot = snapshot_of(artefact)
    errors = [one for one in found if one.severity == "error"]
    log = "\n".join(f"line {snapshot.line_of(one.span.start) + 1}: {one.code} {one.message}" for one in found[:200])
    if found:
        first = (errors or list(found))[0]
        count = f"{len(errors)} errors, first" if errors else f"no error; {len(found)} warnings, first"
        said = f"{count}: line {snapshot.line_of(first.span.start) + 1}: {first.code} {first.message}"
    else:
        said = "no error"
    evidence = Evidence("kiki", "", snapshot.sha256, not errors, said)
    return Verdict(attempt, artefact.name, evidence, log)


def complaints(artefact: Artefact, found: Sequence[Diagnostic]) -> tuple[str, ...]:
    """What the next draft must mend: the errors, each with its line."""
    snapshot = snapshot_of(artefact)
    errors = [one for one in found if one.severity == "error"]
    return tuple(
        f"{one.code} {one.message[:300]}{quoted(snapshot, snapshot.line_of(one.span.start))}" for one in errors[:_MOST]
    )
