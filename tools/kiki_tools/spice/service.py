"""SPICE as a language service: each question goes to the module that answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    Signature,
    Symbol,
    Token,
    Workspace,
)
from kiki_tools.spice.includes import openable
from kiki_tools.spice.program import includes, reading
from kiki_tools.text import Edit, Snapshot, Span


class SpiceService:
    """Pure functions of snapshots; see `LanguageService`."""

    language = "spice"

    def wanted(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[str]:
        """The included files that the workspace lacks, of this file and of those that it includes."""
        missing: dict[str, None] = {}
        with reading(snapshot, workspace) as program:
            for source in program.sources:
                for include in includes(source, workspace):
                    path = include.missing(workspace)
                    if path is not None and path != snapshot.path and openable(path):
                        missing[path] = None
        return list(missing)

    def diagnostics(self, snapshot: Snapshot, workspace: Workspace, *, patient: bool = True) -> Sequence[Diagnostic]:
        """All findings, in the order of their places."""
        from kiki_tools.spice.diagnostics import diagnose

        with reading(snapshot, workspace) as program:
            return diagnose(program, workspace, patient=patient)

    def symbols(self, snapshot: Snapshot) -> Sequence[Symbol]:
        """Subcircuits with what is in them, devices, models, analyses."""
        from kiki_tools.spice.outline import outline

        return outline(snapshot)

    def hover(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Hover | None:
        """A card explained, a node's connections, a model or subcircuit."""
        from kiki_tools.spice.explain import explain

        with reading(snapshot, workspace) as program:
            return explain(program, offset)

    def completions(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Completion]:
        """What fits where the cursor stands."""
        from kiki_tools.spice.completion import complete

        with reading(snapshot, workspace) as program:
            return complete(program, offset)

    def continuation(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Continuation | None:
        """The rest of the card with the names in scope; the headers that it may need."""
        from kiki_tools.spice.continuation import continuation

        with reading(snapshot, workspace) as program:
            return continuation(program, offset)

    def objections(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[str]:
        """Nodes and sources that only ``within`` knows."""
        from kiki_tools.spice.continuation import objections

        return objections(snapshot, within, workspace)

    def describe(self, snapshot: Snapshot, name: str, kind: str, workspace: Workspace) -> str:
        """A model's or subcircuit's card, a node's connections, how a directive is written."""
        from kiki_tools.spice.explain import describe

        with reading(snapshot, workspace) as program:
            return describe(program, name.lower(), kind)

    def definition(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Location]:
        """The .model, .subckt, parameter, source or file that the word at ``offset`` names."""
        from kiki_tools.spice.references import definition

        with reading(snapshot, workspace) as program:
            return definition(program, offset, workspace)

    def references(
        self, snapshot: Snapshot, offset: int, workspace: Workspace, *, declaration: bool = True
    ) -> Sequence[Location]:
        """Where the name at ``offset`` is used, in the files that the deck draws in too."""
        from kiki_tools.spice.references import references

        with reading(snapshot, workspace) as program:
            return references(program, offset, workspace, declaration=declaration)

    def highlights(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Sequence[Span]:
        """Where the name at ``offset`` stands in this file."""
        from kiki_tools.spice.references import references

        with reading(snapshot, workspace) as program:
            return [place.span for place in references(program, offset, workspace, everywhere=False)]

    def prepare_rename(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Span | None:
        """The word that a rename would change."""
        from kiki_tools.spice.references import prepare_rename

        with reading(snapshot, workspace) as program:
            return prepare_rename(program, offset)

    def rename(self, snapshot: Snapshot, offset: int, new: str, workspace: Workspace) -> Mapping[str, Sequence[Edit]]:
        """The edits, by path, that give the name at ``offset`` another one."""
        from kiki_tools.spice.references import rename

        with reading(snapshot, workspace) as program:
            return rename(program, offset, new, workspace)

    def foldings(self, snapshot: Snapshot) -> Sequence[Folding]:
        """Subcircuits, control blocks, conditions, long cards, runs of comments."""
        from kiki_tools.spice.tokens import foldings

        return foldings(snapshot)

    def selections(self, snapshot: Snapshot, offset: int) -> Sequence[Span]:
        """The word, its card, its subcircuits, the file."""
        from kiki_tools.spice.tokens import selections

        return selections(snapshot, offset)

    def tokens(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Token]:
        """The words with their kinds."""
        from kiki_tools.spice.tokens import tokens

        return tokens(snapshot, within)

    def hints(self, snapshot: Snapshot, within: Span, workspace: Workspace) -> Sequence[Hint]:
        """The values of expressions."""
        from kiki_tools.spice.hints import hints

        with reading(snapshot, workspace) as program:
            return hints(program, within)

    def signature(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Signature | None:
        """How the card or function at ``offset`` is written."""
        from kiki_tools.spice.hints import signature

        with reading(snapshot, workspace) as program:
            return signature(program, offset)

    def format(self, snapshot: Snapshot, within: Span | None = None) -> Sequence[Edit]:
        """Single spaces, columns, no trailing blanks."""
        from kiki_tools.spice.formatting import format_lines

        return format_lines(snapshot, within)

    def links(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Link]:
        """The included files."""
        with reading(snapshot, workspace) as program:
            return [Link(each.span, each.path(workspace)) for each in includes(program.own, workspace)]

    def lenses(self, snapshot: Snapshot, workspace: Workspace) -> Sequence[Lens]:
        """How often each subcircuit is called; at the first analysis, to simulate."""
        found = []
        analysed = False
        for symbol in self.symbols(snapshot):
            if symbol.kind == "subcircuit":
                calls = self.calls(snapshot, snapshot.path, symbol.name_span.start, workspace, incoming=True)
                count = sum(len(call.spans) for call in calls)
                found.append(Lens(symbol.name_span, "1 call" if count == 1 else f"{count} calls"))
            elif symbol.kind == "analysis" and not analysed:
                analysed = True
                found.append(Lens(symbol.name_span, "Simulate", "simulate"))
        return found

    def callee(self, snapshot: Snapshot, offset: int, workspace: Workspace) -> Callee | None:
        """The subcircuit that is defined or called at ``offset``."""
        from kiki_tools.spice.calls import callee

        with reading(snapshot, workspace) as program:
            return callee(program, offset)

    def calls(
        self, snapshot: Snapshot, path: str, offset: int, workspace: Workspace, *, incoming: bool
    ) -> Sequence[Call]:
        """The calls of a subcircuit, or those inside of it."""
        from kiki_tools.spice.calls import incoming_calls, outgoing_calls

        with reading(snapshot, workspace) as program:
            return (incoming_calls if incoming else outgoing_calls)(program, path, offset)


SPICE = SpiceService()
