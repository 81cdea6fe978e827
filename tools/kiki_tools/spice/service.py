"""SPICE as a language service: each question goes to the module that answers it."""

from __future__ import annotations

from collections.abc import Sequence

from kiki_tools.language import Completion, Diagnostic, Hover, Location, Symbol, Workspace
from kiki_tools.spice.includes import openable
from kiki_tools.spice.program import includes, program_of
from kiki_tools.text import Snapshot


class SpiceService:
    """Pure functions of snapshots; see `LanguageService`."""

    language = "spice"

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The included files that the workspace lacks, of this file and of those that it includes."""
        missing: dict[str, None] = {}
        for source in program_of(snapshot, workspace).sources:
            for include in includes(source):
                path = include.path
                known = path == snapshot.path or path in workspace.snapshots or path in workspace.unreadable
                if not known and openable(path):
                    missing[path] = None
        return list(missing)

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace, *, patient: bool = True) -> Sequence[Diagnostic]:
        """All findings, in the order of their places."""
        from kiki_tools.spice.diagnostics import diagnose

        return diagnose(snapshot, workspace, patient=patient)

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """Subcircuits with what is in them, devices, models, analyses."""
        from kiki_tools.spice.outline import outline

        return outline(snapshot)

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """A card explained, a node's connections, a model or subcircuit."""
        from kiki_tools.spice.explain import explain

        return explain(snapshot, offset, workspace)

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """What fits where the cursor stands."""
        from kiki_tools.spice.completion import complete

        return complete(snapshot, offset, workspace)

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """The .model, .subckt, parameter, source or file that the word at ``offset`` names."""
        from kiki_tools.spice.references import definition

        return definition(snapshot, offset, workspace)


SPICE = SpiceService()
