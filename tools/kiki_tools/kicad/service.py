"""KiCad's files as a language service: each question goes to the module that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kiki_tools.kicad.paths import kind_of
from kiki_tools.kicad.syntax import base_form, document_of
from kiki_tools.language import (
    Call,
    Callee,
    Completion,
    Continuation,
    Diagnostic,
    Folding,
    Hint,
    Hover,
    Lens,
    Link,
    Location,
    NotRenamed,
    Signature,
    Symbol,
    Token,
    Workspace,
)
from kiki_tools.text import Edit, Snapshot, Span


def _readable(snapshot: Snapshot) -> bool:
    """Whether the file is one of KiCad's lists; a project is not, it is JSON."""
    if kind_of(snapshot.path) == "kicad_pro":
        return False
    if base_form(snapshot.path) is not None:
        return True
    try:
        document_of(snapshot)
    except ValueError:
        return False
    return True


class KicadService:
    """Pure functions of snapshots; see `LanguageService`."""

    language = "kicad"

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """Sheets, root, project, board, tables, the libraries and footprints that a design uses."""
        if not _readable(snapshot):
            return []
        from kiki_tools.kicad.wanted import wanted

        known = workspace.snapshots
        missing = dict.fromkeys(wanted(snapshot, workspace))
        return [path for path in missing if path not in known and path not in workspace.unreadable]

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace, *, patient: bool = True) -> Sequence[Diagnostic]:
        """All findings; of a schematic, in the sheets below it too."""
        from kiki_tools.kicad.diagnostics import diagnose

        if not _readable(snapshot) and kind_of(snapshot.path) != "kicad_pro":
            return []
        return diagnose(snapshot, workspace, patient=patient)

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """Parts, sheets, labels, nets, symbols, rules."""
        from kiki_tools.kicad.structure import outline

        return outline(snapshot) if _readable(snapshot) else []

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """A list's meaning, a part, a pin's net and its neighbours."""
        from kiki_tools.kicad.explain import explain

        return explain(snapshot, offset, workspace) if _readable(snapshot) else None

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """What fits where the cursor stands."""
        from kiki_tools.kicad.completion import complete

        return complete(snapshot, offset, workspace) if _readable(snapshot) else []

    def continuation(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
        """The rest of the list by the schema, with the design's names."""
        from kiki_tools.kicad.continuation import continuation

        return continuation(snapshot, offset, workspace) if _readable(snapshot) else None

    def objections(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[str]:
        """Lists that the schema doesn't know where they stand."""
        from kiki_tools.kicad.continuation import objections

        return objections(snapshot, within, workspace) if _readable(snapshot) else []

    def describe(self, snapshot: Snapshot, name: str, kind: str, workspace: Workspace) -> str:
        """How a list is written, and what it means."""
        from kiki_tools.kicad.completion import describe

        return describe(snapshot, name, kind) if _readable(snapshot) else ""

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """A symbol's copy and library, a sheet's file, the partner of a sheet pin, a net's or layer's declaration."""
        from kiki_tools.kicad.names import definition

        return definition(snapshot, offset, workspace) if _readable(snapshot) else []

    def references(
        self, snapshot: Snapshot, offset: int, workspace: Workspace, *, declaration: bool = True
    ) -> Sequence[Location]:
        """Where a label, reference, symbol, net or layer is named, in all sheets and on the board."""
        from kiki_tools.kicad.names import references

        return references(snapshot, offset, workspace) if _readable(snapshot) else []

    def highlights(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Span]:
        """Where the name at ``offset`` stands in this file."""
        from kiki_tools.kicad.names import references

        if not _readable(snapshot):
            return []
        return [place.span for place in references(snapshot, offset, workspace, everywhere=False)]

    def prepare_rename(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Span | None:
        """The word that a rename would change."""
        from kiki_tools.kicad.renaming import prepare_rename

        return prepare_rename(snapshot, offset) if _readable(snapshot) else None

    def rename(self, snapshot: Snapshot, offset: int, new: str, workspace: Workspace) -> Mapping[str, Sequence[Edit]]:
        """The edits, by path, that give the name at ``offset`` another one: over all sheets and the board."""
        from kiki_tools.kicad.renaming import rename

        if not _readable(snapshot):
            raise NotRenamed("nothing is named here")
        return rename(snapshot, offset, new, workspace)

    def foldings(self, snapshot: Snapshot) -> Sequence[Folding]:
        """Every list over several lines."""
        from kiki_tools.kicad.structure import foldings

        return foldings(snapshot) if _readable(snapshot) else []

    def selections(self, snapshot: Snapshot, offset: int) -> Sequence[Span]:
        """The word, then each list around it."""
        from kiki_tools.kicad.structure import selections

        return selections(snapshot, offset) if _readable(snapshot) else []

    def tokens(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Token]:
        """The words with their kinds."""
        from kiki_tools.kicad.structure import tokens

        return tokens(snapshot, within) if _readable(snapshot) else []

    def hints(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[Hint]:
        """Nets at wires and pins, pages at sheets."""
        from kiki_tools.kicad.margin import hints

        return hints(snapshot, within, workspace) if _readable(snapshot) else []

    def signature(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Signature | None:
        """How the list at ``offset`` is written."""
        from kiki_tools.kicad.completion import signature

        return signature(snapshot, offset) if _readable(snapshot) else None

    def format(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Edit]:
        """KiCad's own layout; of a part of the file, the lists that lie in it."""
        from kiki_tools.kicad.formatting import format_text

        return format_text(snapshot, within) if _readable(snapshot) else []

    def links(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Link]:
        """Sheets, libraries, datasheets."""
        from kiki_tools.kicad.margin import links

        return links(snapshot, workspace) if _readable(snapshot) else []

    def lenses(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Lens]:
        """What the electrical check found; to see a picture."""
        from kiki_tools.kicad.margin import lenses

        return lenses(snapshot, workspace) if _readable(snapshot) else []

    def callee(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Callee | None:
        """Nothing: sheets are followed by their links."""
        return None

    def calls(
        self, snapshot: Snapshot, path: str, offset: int, workspace: Workspace, *, incoming: bool
    ) -> Sequence[Call]:
        """Nothing."""
        return []


KICAD = KicadService()
