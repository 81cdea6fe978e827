"""`kiki check`: diagnostics for files and folders, as LSP has them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in, service_for
from kiki_tools.language import Diagnostic, Workspace
from kiki_tools.languages import language_of
from kiki_tools.spice.recognise import is_spice
from kiki_tools.text import Range, Snapshot
from kiki_tools.workspace import Files, Unreadable, read_snapshot

_SKIPPED = frozenset({".git", ".venv", "node_modules", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic with its range in UTF-16 columns, as LSP counts."""

    diagnostic: Diagnostic
    range: Range

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        start, end = self.range.start, self.range.end
        one = self.diagnostic
        return {
            "path": one.path,
            "range": {
                "start": {"line": start.line, "character": start.character},
                "end": {"line": end.line, "character": end.character},
            },
            "severity": one.severity,
            "code": one.code,
            "rule": one.rule,
            "message": one.message,
            "source": one.source,
        }


def check(paths: Sequence[Path], simulate: bool = False, instruments: bool = False) -> list[Finding]:
    """The findings in all netlists and KiCad files among ``paths``, folders walked; each told once.

    ``instruments``: KiCad's own checks and the compiler for firmware too, where they are installed.

    Raises:
        KikiError: for a path that is missing, binary, or of no kind that kiki checks; for a missing ngspice.
    """
    files = Files()
    found: dict[Diagnostic, Finding] = {}
    for snapshot in snapshots(paths):
        for finding in _findings(snapshot, files, simulate, instruments):
            found.setdefault(finding.diagnostic, finding)
    return list(found.values())


def snapshots(paths: Sequence[Path], to: str = "check") -> Iterator[Snapshot]:
    """The files among ``paths`` that kiki knows; in folders, others are passed over. ``to``: the verb of a refusal.

    Raises:
        KikiError: for a file that is missing, binary, or of no kind that kiki knows.
    """
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if name not in _SKIPPED)
                for name in sorted(names):
                    if (found := _checked(Path(folder, name))) is not None:
                        yield found
            continue
        try:
            snapshot = read_snapshot(path)
        except Unreadable as error:
            raise KikiError(f"can't {to} {path}: {error}", "name a netlist, a KiCad file or a folder") from error
        if language_of(snapshot.path) is None and not is_spice(snapshot.path, snapshot.text):
            known = "SPICE (.cir .sp .spice .ckt and libraries), KiCad's files and C"
            raise KikiError(f"{path} is neither a netlist nor a file of KiCad's nor C", f"kiki checks {known}")
        yield snapshot


def _checked(path: Path) -> Snapshot | None:
    if language_of(str(path)) is None and path.suffix.lower() not in (".net", ".lib", ".inc", ".mod", ".sub", ".model"):
        return None
    try:
        snapshot = read_snapshot(path)
    except Unreadable:
        return None
    return snapshot if language_of(snapshot.path) or is_spice(snapshot.path, snapshot.text) else None


def _findings(snapshot: Snapshot, files: Files, simulate: bool, instruments: bool) -> Iterator[Finding]:
    workspace = drawn_in(snapshot, files)
    service = service_for(snapshot)
    found = list(service.diagnostics(snapshot, workspace))
    if simulate and service.language == "spice":
        from kiki_core.verification import simulate_file
        from kiki_tools.spice.operating_point import result_diagnostics

        found += result_diagnostics(snapshot, asyncio.run(simulate_file(snapshot)), workspace.snapshots)
    if instruments and service.language == "kicad":
        found = asyncio.run(_with_kicad(snapshot, workspace, found))
    if instruments and service.language == "c" and not snapshot.path.lower().endswith(".s"):
        found += asyncio.run(_of_compiler(snapshot, workspace))
    for diagnostic in found:
        text = workspace.snapshots.get(diagnostic.path, snapshot)
        yield Finding(diagnostic, text.range(diagnostic.span))


async def _with_kicad(snapshot: Snapshot, workspace: Workspace, found: list[Diagnostic]) -> list[Diagnostic]:
    """Our findings and KiCad's; where it gives no result, ours."""
    from kiki_tools.kicad.instrument import KicadFailed, KicadMissing
    from kiki_tools.kicad.reported import merged

    try:
        return await merged(snapshot, workspace, found)
    except (KicadMissing, KicadFailed):
        return found


async def _of_compiler(snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    """What the compiler says of firmware whose flags the project tells; nothing where it isn't installed."""
    from kiki_tools.stm32.compiler import CompilerMissing, syntax

    try:
        return await syntax(snapshot, workspace)
    except CompilerMissing:
        return []
