"""`kiki check`: diagnostics for files and folders, as LSP has them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiki_core.errors import KikiError
from kiki_core.netlists import drawn_in
from kiki_tools.language import Diagnostic
from kiki_tools.spice.recognise import is_spice
from kiki_tools.spice.service import SPICE
from kiki_tools.text import Range, Snapshot
from kiki_tools.workspace import Unreadable, read_snapshot

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


def check(paths: Sequence[Path], simulate: bool = False) -> list[Finding]:
    """The findings of all SPICE files among ``paths``, folders walked.

    Raises:
        KikiError: for a path that is missing, binary, or of no kind that kiki checks; for a missing ngspice.
    """
    return [finding for snapshot in snapshots(paths) for finding in _findings(snapshot, simulate)]


def snapshots(paths: Sequence[Path]) -> Iterator[Snapshot]:
    """The netlists among ``paths``; in folders, what is no netlist is passed over."""
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if name not in _SKIPPED)
                for name in sorted(names):
                    if (found := _netlist(Path(folder, name))) is not None:
                        yield found
            continue
        try:
            snapshot = read_snapshot(path)
        except Unreadable as error:
            raise KikiError(f"can't check {path}: {error}", "name a netlist or a folder") from error
        if not is_spice(snapshot.path, snapshot.text):
            raise KikiError(f"{path} is no netlist", "kiki checks SPICE: .cir .sp .spice .ckt and their libraries")
        yield snapshot


def _netlist(path: Path) -> Snapshot | None:
    if not is_spice(str(path), "") and path.suffix.lower() not in (".net", ".lib", ".inc", ".mod", ".sub", ".model"):
        return None
    try:
        snapshot = read_snapshot(path)
    except Unreadable:
        return None
    return snapshot if is_spice(snapshot.path, snapshot.text) else None


def _findings(snapshot: Snapshot, simulate: bool) -> Iterator[Finding]:
    workspace = drawn_in(snapshot)
    found = list(SPICE.diagnostics(snapshot, workspace))
    if simulate:
        from kiki_core.verification import simulate_file
        from kiki_tools.spice.operating_point import result_diagnostics

        found += result_diagnostics(snapshot, asyncio.run(simulate_file(snapshot)), workspace.snapshots)
    for diagnostic in found:
        text = workspace.snapshots.get(diagnostic.path, snapshot)
        yield Finding(diagnostic, text.range(diagnostic.span))
