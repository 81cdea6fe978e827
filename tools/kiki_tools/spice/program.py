"""A file with all that it draws in: whose names it may use."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from kiki_tools.language import Workspace
from kiki_tools.spice.cards import Card, card_at, has_title
from kiki_tools.spice.includes import target
from kiki_tools.spice.index import Entry, Index, Subcircuit, index_of
from kiki_tools.text import Snapshot, Span

_INCLUDES = (".include", ".inc", ".lib")


@dataclass(frozen=True, slots=True)
class Include:
    """An include: its card, where the file's name stands, and the file's absolute path."""

    card: Card
    span: Span
    paths: list[str]
    section: str

    def path(self, workspace: Workspace) -> str:
        """The file's absolute path: of the places where it may lie, the first one with a text, else the first."""
        return next((path for path in self.paths if path in workspace.snapshots), self.paths[0])

    def missing(self, workspace: Workspace) -> str | None:
        """The next place to look for the file; null if it was found or is nowhere."""
        if any(path in workspace.snapshots for path in self.paths):
            return None
        return next((path for path in self.paths if path not in workspace.unreadable), None)


@dataclass
class Definitions:
    """What one file defines, by name in lower case: offsets of cards."""

    models: dict[str, tuple[int, str]] = field(default_factory=dict)
    subcircuits: dict[str, Subcircuit] = field(default_factory=dict)
    parameters: dict[str, int] = field(default_factory=dict)


@dataclass
class Source:
    """One file of a program."""

    snapshot: Snapshot
    title: bool
    index: Index
    definitions: Definitions


@dataclass
class Program:
    """The file itself first, then what it draws in. ``complete``: every include could be read."""

    sources: list[Source]
    complete: bool

    @property
    def own(self) -> Source:
        """The file itself."""
        return self.sources[0]

    def model(self, name: str) -> tuple[Source, int, str] | None:
        """A model: file, offset of its card, type. Binned models (``name.1``) count by their stem."""
        for source in self.sources:
            if name in source.definitions.models:
                return (source, *source.definitions.models[name])
        binned = f"{name}."
        for source in self.sources:
            for known, place in source.definitions.models.items():
                if known.startswith(binned):
                    return (source, *place)
        return None

    def subcircuit(self, name: str) -> tuple[Source, Subcircuit] | None:
        """A subcircuit, with the file that defines it."""
        for source in self.sources:
            if name in source.definitions.subcircuits:
                return source, source.definitions.subcircuits[name]
        return None

    def parameter(self, name: str) -> tuple[Source, int] | None:
        """A parameter or function: file, offset of its card."""
        for source in self.sources:
            if name in source.definitions.parameters:
                return source, source.definitions.parameters[name]
        return None


@contextmanager
def reading(snapshot: Snapshot, workspace: Workspace) -> Iterator[Program]:
    """The file with what it draws in, held still: no other thread moves its indices to other versions meanwhile."""
    program = _program(snapshot, workspace)
    with ExitStack() as held:
        for source in sorted(program.sources, key=lambda source: id(source.index)):
            held.enter_context(source.index.lock)
        for source in program.sources:
            source.index.update(source.snapshot, source.title)
        yield program


def _program(snapshot: Snapshot, workspace: Workspace) -> Program:
    """The file with what it draws in, as far as the workspace has it. Include cycles are walked once."""
    own = _source(snapshot, has_title(snapshot))
    sources, complete = [own], True
    seen = {snapshot.path}
    at = 0
    while at < len(sources):
        source = sources[at]
        with source.index.lock:
            source.index.update(source.snapshot, source.title)
            listed = list(includes(source, workspace))
        for include in listed:
            path = include.path(workspace)
            if path in seen:
                continue
            seen.add(path)
            found = workspace.snapshots.get(path)
            if found is None:
                complete = False
            else:
                sources.append(_source(found, False))
        at += 1
    return Program(sources, complete)


def includes(source: Source, workspace: Workspace) -> Iterator[Include]:
    """The includes of one file."""
    for start, _ in source.index.directives(*_INCLUDES):
        card = card_at(source.snapshot, start)
        found = target(card, source.snapshot.path, workspace.search) if card is not None else None
        if card is not None and found is not None:
            yield Include(card, found[0].span, found[1], found[2])


def _source(snapshot: Snapshot, title: bool) -> Source:
    index = index_of(snapshot, title)
    with index.lock:
        index.update(snapshot, title)
        return Source(snapshot, title, index, _definitions(index))


def _definitions(index: Index) -> Definitions:
    known = index.notes.get("definitions")
    if isinstance(known, tuple) and known[0] is index.snapshot:
        assert isinstance(known[1], Definitions)
        return known[1]
    found = Definitions()
    for _, entry, _, segment in index.having("types"):
        base = entry.start
        for name, (start, kind) in segment.types.items():
            found.models.setdefault(name, (base + start, kind))
    for _, entry, _, segment in index.having("defined"):
        base = entry.start
        for name, (start, _) in segment.defined.items():
            found.parameters.setdefault(name, base + start)
    for subcircuit in index.subcircuits():
        found.subcircuits.setdefault(subcircuit.name, subcircuit)
    index.notes["definitions"] = (index.snapshot, found)
    return found


def occurrences(entry: Entry, segment: int, word: str, letters: str = "") -> Iterator[tuple[int, int]]:
    """Where a word stands in the devices of a segment: start and end in the block.

    ``letters``: of the devices; ``.`` stands for directives; all devices if empty.
    """
    low = entry.block.low
    borders = entry.facts.borders
    first = borders[segment - 1].start if segment else 0
    last = borders[segment].start if segment < len(borders) else entry.facts.stop
    for match in re.compile(rf"(?<![^\s=(),'{{}}]){re.escape(word)}(?![^\s=(),'{{}}])").finditer(low, first, last):
        head = _head(low, match.start())
        if (
            head is None
            or is_within(entry.facts.quiet, head)
            or (letters and low[head] not in letters)
            or (not letters and not low[head].isalpha())
        ):
            continue
        yield match.span()


def is_within(places: list[tuple[int, int]], at: int) -> bool:
    """Whether one of the places, which are in order, holds ``at``."""
    number = bisect_right(places, at, key=lambda place: place[0]) - 1
    return number >= 0 and at < places[number][1]


def _head(low: str, at: int) -> int | None:
    """The first character of the card that holds ``at``; null in a comment."""
    line = low.rfind("\n", 0, at) + 1
    while True:
        start = line
        while start < len(low) and low[start] in " \t":
            start += 1
        first = low[start : start + 1]
        if first == "+" and line:
            line = low.rfind("\n", 0, line - 1) + 1
            continue
        if first in ("*", "#", ";", "$", ""):
            if start <= at <= (low.find("\n", start) if "\n" in low[start:] else len(low)):
                return None
            if not line:
                return None
            line = low.rfind("\n", 0, line - 1) + 1
            continue
        return start
