"""The names of a whole file, brought up to date with what an edit changed.

An `Index` follows one file through its versions: it takes out what blocks said that are gone and puts in what new ones
say. What it tells depends on the text alone, not on the way there. Places are given as (block, offset in it): only
what is shown is turned into offsets of the file.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kiki_tools.spice.blocks import Block, blocks
from kiki_tools.spice.cards import DEEPEST
from kiki_tools.spice.facts import Border, Facts, Segment
from kiki_tools.text import Snapshot

Path = tuple[str, ...]
"""A scope: the names of its subcircuits, outermost first; a name's second definition has ``#2`` behind it."""
TOP: Path = ()
_STATE = "spice index"


@dataclass
class Scope:
    """One scope's names, counted over the segments that belong to it."""

    path: Path
    segments: dict[int, Segment] = field(default_factory=dict)
    """By their identity, in the order in which they came."""
    nodes: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    lonely: set[str] = field(default_factory=set)
    """Nodes with one terminal."""
    repeated: set[str] = field(default_factory=set)
    """Devices that are there more than once."""
    probed: Counter[str] = field(default_factory=Counter)
    """Nodes whose voltage an expression reads."""
    pins: tuple[str, ...] = ()
    wiring: int = 0
    """Differs, in all likelihood, where devices connect other nodes."""

    def add(self, segment: Segment) -> None:
        """Puts a segment in."""
        self.segments[id(segment)] = segment
        self._count(segment, 1)

    def remove(self, segment: Segment) -> None:
        """Takes a segment out."""
        del self.segments[id(segment)]
        self._count(segment, -1)

    def _count(self, segment: Segment, sign: int) -> None:
        self.wiring += sign * segment.wiring
        for node in segment.probed:
            self.probed[node] += sign
        nodes, lonely = self.nodes, self.lonely
        for node, count in segment.nodes.items():
            now = nodes[node] + sign * count
            if now == 1:
                lonely.add(node)
            else:
                lonely.discard(node)
            if now:
                nodes[node] = now
            else:
                del nodes[node]
        devices, repeated = self.devices, self.repeated
        for name in segment.devices:
            self._device(devices, repeated, name, sign)
        for name, _ in segment.repeated:
            self._device(devices, repeated, name, sign)

    @staticmethod
    def _device(devices: Counter[str], repeated: set[str], name: str, sign: int) -> None:
        now = devices[name] + sign
        if now > 1:
            repeated.add(name)
        else:
            repeated.discard(name)
        if now:
            devices[name] = now
        else:
            del devices[name]


@dataclass(slots=True)
class Entry:
    """A block in the file, its facts, and the scopes of its segments."""

    start: int
    block: Block
    facts: Facts
    scopes: tuple[Path, ...]
    open: tuple[Path, ...]
    """The scopes that are open where the block begins, outermost first."""
    control: bool
    """Whether the block begins inside of ``.control``."""


Placed = tuple[int, Entry, Path, Segment]
"""A segment: its number in its block, the block, the scope."""


class _Walk:
    """Assigns scopes to the segments of one block after the other."""

    def __init__(self, title: bool, before: list[Entry]) -> None:
        self.title = title
        self.ended = bool(before) and before[-1].facts.ended
        self.control = before[-1].facts.control if before else False
        self.stack: list[Path] = [TOP]
        self.seen: Counter[Path] = Counter()
        for entry in before:
            if entry.facts.borders:
                self._scopes(entry.facts)

    def read(self, start: int, block: Block, number: int) -> Entry:
        """The entry of the next block."""
        opened, control = tuple(self.stack), self.control
        facts = block.facts(title=self.title and number == 0, control=control)
        self.control, self.ended = facts.control, facts.ended
        scopes = self._scopes(facts) if facts.borders else (self.stack[-1],)
        return Entry(start, block, facts, scopes, opened, control)

    def joins(self, entry: Entry, gone: list[Entry], fresh: list[Entry]) -> bool:
        """Whether what follows begins as it did: the same scopes open, and none more or less of any name before."""
        return (
            not self.ended
            and entry.control == self.control
            and entry.open == tuple(self.stack)
            and _opened(gone) == _opened(fresh)
        )

    def _scopes(self, facts: Facts) -> tuple[Path, ...]:
        stack = self.stack
        scopes = [stack[-1]]
        for border in facts.borders:
            if border.name and len(stack) > DEEPEST:
                stack.append(stack[-1])
            elif border.name:
                path = (*stack[-1], border.name)
                self.seen[path] += 1
                stack.append(path if self.seen[path] == 1 else (*path[:-1], f"{border.name}#{self.seen[path]}"))
            elif len(stack) > 1:
                stack.pop()
            scopes.append(stack[-1])
        return tuple(scopes)


def _opened(entries: list[Entry]) -> Counter[Path]:
    return Counter(
        path
        for entry in entries
        for border, path in zip(entry.facts.borders, entry.scopes[1:], strict=True)
        if border.name
    )


def _shared(old: list[Entry], found: list[Block]) -> tuple[int, int]:
    """How many blocks at the start, and at the end, are those of before."""
    same = 0
    for entry, block in zip(old, found, strict=False):
        if entry.block is not block:
            break
        same += 1
    most = min(len(old), len(found)) - same
    tail = 0
    while tail < most and old[-1 - tail].block is found[-1 - tail]:
        tail += 1
    return same, tail


@dataclass(frozen=True, slots=True)
class Subcircuit:
    """A subcircuit as its header has it, at ``start`` of the file; ``path`` is the scope inside."""

    name: str
    start: int
    end: int
    pins: tuple[str, ...]
    parameters: tuple[str, ...]
    path: Path


class Index:
    """The names of one file's version. `of` gives the index of a snapshot."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.snapshot: Snapshot | None = None
        self.entries: list[Entry] = []
        self.scopes: dict[Path, Scope] = {TOP: Scope(TOP)}
        self.notes: dict[str, object] = {}
        """What is worked out of the index and kept as long as its scopes don't change."""
        self.title = False
        self._lists: dict[str, list[Placed]] = {}
        self._directed: tuple[list[Entry], list[Entry]] | None = None

    def update(self, snapshot: Snapshot, title: bool) -> None:
        """Follows to another version of the file."""
        if self.snapshot is snapshot and self.title == title:
            return
        starts, found = blocks(snapshot)
        old = self.entries if self.title == title else []
        for entry in self.entries if self.title != title else ():
            self._take_out(entry)
        same, tail = _shared(old, found)
        gone = old[same : len(old) - tail]
        for entry in gone:
            self._take_out(entry)
        walk = _Walk(title, old[:same])
        fresh = [walk.read(starts[n], found[n], n) for n in range(same, len(found) - tail) if not walk.ended]
        kept = old[len(old) - tail :] if tail else []
        if kept and walk.joins(kept[0], gone, fresh):
            for entry, start in zip(kept, starts[len(found) - tail :], strict=True):
                entry.start = start
        else:
            for entry in kept:
                self._take_out(entry)
            fresh += [walk.read(starts[n], found[n], n) for n in range(len(found) - tail, len(found)) if not walk.ended]
            kept = []
        for entry in fresh:
            self._put_in(entry)
        self.entries = [*old[:same], *fresh, *kept]
        self.title, self.snapshot = title, snapshot
        self._lists = {}

    def _take_out(self, entry: Entry) -> None:
        for path, segment in zip(entry.scopes, entry.facts.segments, strict=True):
            scope = self.scopes[path]
            scope.remove(segment)
            if not scope.segments and path:
                del self.scopes[path]

    def _put_in(self, entry: Entry) -> None:
        borders: Iterable[Border | None] = (None, *entry.facts.borders)
        for path, segment, border in zip(entry.scopes, entry.facts.segments, borders, strict=True):
            scope = self.scopes.get(path)
            if scope is None:
                scope = self.scopes[path] = Scope(path)
            if border is not None and border.name and path:
                scope.pins = border.pins
            scope.add(segment)

    # questions

    def having(self, what: str) -> list[Placed]:
        """The segments in the order of the text that have ``what`` (an attribute of `Segment`); all for nothing."""
        known = self._lists.get(what)
        if known is None:
            known = self._lists[what] = (
                [placed for placed in self.having("") if getattr(placed[3], what)] if what else list(self._segments())
            )
        return known

    def _segments(self) -> Iterator[Placed]:
        for entry in self.entries:
            if entry.facts.borders:
                for number, (path, segment) in enumerate(zip(entry.scopes, entry.facts.segments, strict=True)):
                    yield number, entry, path, segment
            else:
                yield 0, entry, entry.scopes[0], entry.facts.segments[0]

    def directives(self, *names: str) -> Iterator[tuple[int, int]]:
        """Start and end of the cards of these directives, in the order of the text."""
        for entry in self.directed:
            found = [place for name in names for place in entry.facts.directives.get(name, ())]
            for start, end in sorted(found) if len(names) > 1 else found:
                yield entry.start + start, entry.start + end

    @property
    def directed(self) -> list[Entry]:
        """The entries with directives or commands."""
        if self._directed is None or self._directed[0] is not self.entries:
            listed = [entry for entry in self.entries if entry.facts.directives or entry.facts.commands]
            self._directed = (self.entries, listed)
        return self._directed[1]

    def has(self, *names: str) -> bool:
        """Whether one of these directives is there."""
        return any(name in entry.facts.directives for entry in self.directed for name in names)

    def subcircuits(self) -> Iterator[Subcircuit]:
        """All subcircuits in the order of the text."""
        for entry in self.entries:
            if not entry.facts.borders:
                continue
            for border, path in zip(entry.facts.borders, entry.scopes[1:], strict=True):
                if border.name:
                    base = entry.start
                    yield Subcircuit(
                        border.name, base + border.start, base + border.end, border.pins, border.parameters, path
                    )

    def entry_at(self, offset: int) -> Entry:
        """The entry that holds an offset of the file."""
        from bisect import bisect_right

        number = bisect_right(self.entries, offset, key=lambda entry: entry.start) - 1
        return self.entries[max(number, 0)]

    def scope_at(self, offset: int) -> Path:
        """The scope that an offset of the file lies in."""
        entry = self.entry_at(offset)
        inside = offset - entry.start
        number = sum(1 for border in entry.facts.borders if border.start <= inside)
        return entry.scopes[number]


def index_of(snapshot: Snapshot, title: bool) -> Index:
    """The index of a snapshot, brought up from the version before if there is one. Hold its ``lock`` to read it."""
    index = snapshot.history.get(_STATE)
    if not isinstance(index, Index):
        index = snapshot.history.setdefault(_STATE, Index())
    with index.lock:
        index.update(snapshot, title)
    return index
