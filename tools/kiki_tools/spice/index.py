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

from kiki_tools.spice.blocks import Block, Placed, blocks
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

    placed: Placed
    facts: Facts
    scopes: tuple[Path, ...]

    @property
    def block(self) -> Block:
        """The block."""
        return self.placed.block


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

    def update(self, snapshot: Snapshot, title: bool) -> None:
        """Follows to another version of the file."""
        if self.snapshot is snapshot and self.title == title:
            return
        self.title = title
        placed = blocks(snapshot)
        old = self.entries
        same = 0
        for entry, now in zip(old, placed, strict=False):
            if entry.block is not now.block:
                break
            same += 1
        tail = 0
        most = min(len(old), len(placed)) - same
        while tail < most and old[-1 - tail].block is placed[-1 - tail].block:
            tail += 1
        gone = old[same : len(old) - tail]
        self._walk(placed, title, same, tail, gone)
        self.snapshot = snapshot

    def _walk(self, placed: list[Placed], title: bool, same: int, tail: int, gone: list[Entry]) -> None:
        """Assigns scopes to all segments, and counts those anew that are new or have moved to another scope."""
        old = self.entries
        kept = {index: old[index] for index in range(same)}
        kept |= {len(placed) - n: old[len(old) - n] for n in range(1, tail + 1)}
        for entry in gone:
            self._take_out(entry)
        entries: list[Entry] = []
        stack: list[Path] = [TOP]
        seen: Counter[Path] = Counter()
        control = False
        added: list[Entry] = []
        ended = False
        for number, now in enumerate(placed):
            if ended:
                break
            facts = now.block.facts(title=title and number == 0, control=control)
            control, ended = facts.control, facts.ended
            scopes: tuple[Path, ...]
            if facts.borders:
                listed = [stack[-1]]
                for border in facts.borders:
                    if border.name:
                        path = (*stack[-1], border.name)
                        seen[path] += 1
                        stack.append(path if seen[path] == 1 else (*path[:-1], f"{border.name}#{seen[path]}"))
                    elif len(stack) > 1:
                        stack.pop()
                    listed.append(stack[-1])
                scopes = tuple(listed)
            else:
                scopes = (stack[-1],)
            before = kept.get(number)
            if before is not None and before.facts is facts and before.scopes == scopes:
                before.placed = now
                entries.append(before)
                continue
            if before is not None:
                self._take_out(before)
            entry = Entry(now, facts, scopes)
            entries.append(entry)
            added.append(entry)
        for entry in added:
            self._put_in(entry)
        self.entries = entries

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

    def segments(self) -> Iterator[tuple[Entry, Path, Segment]]:
        """All segments in the order of the text."""
        for entry in self.entries:
            for path, segment in zip(entry.scopes, entry.facts.segments, strict=True):
                yield entry, path, segment

    def directives(self, *names: str) -> Iterator[tuple[int, int]]:
        """Start and end of the cards of these directives, in the order of the text."""
        for entry in self.entries:
            found = [place for name in names for place in entry.facts.directives.get(name, ())]
            for start, end in sorted(found) if len(names) > 1 else found:
                yield entry.placed.start + start, entry.placed.start + end

    def has(self, *names: str) -> bool:
        """Whether one of these directives is there."""
        return any(name in entry.facts.directives for entry in self.entries for name in names)

    def subcircuits(self) -> Iterator[Subcircuit]:
        """All subcircuits in the order of the text."""
        for entry in self.entries:
            for border, path in zip(entry.facts.borders, entry.scopes[1:], strict=True):
                if border.name:
                    base = entry.placed.start
                    yield Subcircuit(
                        border.name, base + border.start, base + border.end, border.pins, border.parameters, path
                    )

    def entry_at(self, offset: int) -> Entry:
        """The entry that holds an offset of the file."""
        from bisect import bisect_right

        number = bisect_right(self.entries, offset, key=lambda entry: entry.placed.start) - 1
        return self.entries[max(number, 0)]

    def scope_at(self, offset: int) -> Path:
        """The scope that an offset of the file lies in."""
        entry = self.entry_at(offset)
        inside = offset - entry.placed.start
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
