"""One pass of findings over a deck's index: where they stand, how severe they are, how many of a kind are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from kiki_tools.language import Diagnostic, Fix, Workspace
from kiki_tools.spice.codes import RULES
from kiki_tools.spice.index import Entry, Index
from kiki_tools.spice.program import Program, Source
from kiki_tools.spice.vocabulary import DIALECTS
from kiki_tools.text import Edit, Span

_MOST = 1000
_MOST_OF_ONE = 200
_OF_NGSPICE = frozenset({"SP106", "SP205", "SP207", "SP209", "SP216", "SP404", "SP505"})
"""What only ngspice refuses."""


class Findings:
    """One pass over the index of one source of a program."""

    def __init__(self, program: Program, source: Source, workspace: Workspace, patient: bool) -> None:
        self.program = program
        self.source = source
        self.workspace = workspace
        self.patient = patient
        self.index: Index = source.index
        self.snapshot = source.snapshot
        self.conditional = any(each.index.has(".if") for each in program.sources)
        self.dialect = _dialect(self.index, workspace)
        self.called = _called(program) if program.own.title else None
        self.ignored = {code for entry in self.index.entries for code in entry.facts.ignored}

    def of(self, *kinds: Callable[[], Iterator[Diagnostic]]) -> list[Diagnostic]:
        """The findings of some kinds, each kind bounded."""
        found: list[Diagnostic] = []
        for kind in kinds:
            count = 0
            for diagnostic in kind():
                if diagnostic.code in self.ignored:
                    continue
                found.append(diagnostic)
                count += 1
                if count >= _MOST_OF_ONE or len(found) >= _MOST:
                    break
        return found

    def at(self, start: int, end: int, code: str, message: str, *fixes: Fix) -> Diagnostic:
        """A finding with its rule's severity, softer where another simulator or no call makes it harmless."""
        severity = RULES[code].severity
        if severity == "error" and self.dialect != "ngspice" and code in _OF_NGSPICE:
            severity = "warning"
        elif severity == "error" and self.called is not None and not set(self.scope_names(start)) <= self.called:
            severity = "warning"  # ngspice expands what is called, and nothing else
        return Diagnostic(self.snapshot.path, Span(start, end), severity, code, message, fixes=fixes)

    def scope_names(self, offset: int) -> Iterator[str]:
        """The names of the subcircuits around an offset, the outermost first."""
        return (name.partition("#")[0] for name in self.index.scope_at(offset))

    def in_block(self, entry: Entry, place: tuple[int, int], code: str, message: str, write: str = "") -> Diagnostic:
        """A finding at a place of a block, counted from the block's start; ``write``: what mends it there."""
        start, end = (entry.start + offset for offset in place)
        fixes = (Fix(f"Write {write}", (Edit(Span(start, end), write),)),) if write else ()
        return self.at(start, end, code, message, *fixes)

    def written(self, entry: Entry, place: tuple[int, int]) -> str:
        """The text at a place of a block, as the file spells it."""
        return entry.block.text[place[0] : place[1]]

    # what a card says by itself
    @property
    def whole(self) -> bool:
        """Whether all names are at hand: of a deck whose files were all read. A library's may be its deck's."""
        return self.program.complete and self.program.own.title

    @cached_property
    def sectioned(self) -> bool:
        """Whether a part of the file may be left out: conditions, sections of a library."""
        return self.conditional or self.index.has(".endl")


def _dialect(index: Index, workspace: Workspace) -> str:
    """The simulator that the file is written for: by a comment, by the configuration, by what only it has."""
    named = next((entry.facts.dialect for entry in index.entries if entry.facts.dialect), "")
    return (
        named
        or workspace.dialect
        or next((name for name, directives in DIALECTS.items() if index.has(*directives)), "ngspice")
    )


def _called(program: Program) -> set[str]:
    """The names of the subcircuits that the deck calls, directly or not, as scopes name them."""
    uses: dict[str, set[str]] = {}
    for source in program.sources:
        for path, scope in source.index.scopes.items():
            names = {name for segment in scope.segments.values() for name, _ in segment.calls}
            uses.setdefault(path[-1].partition("#")[0] if path else "", set()).update(names)
    found: set[str] = set()
    queue = list(uses.get("", ()))
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue.extend(uses.get(name, ()))
    return found
