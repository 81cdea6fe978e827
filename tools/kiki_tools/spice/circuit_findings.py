"""What kiki finds in a deck's circuit and its analyses: open nodes, islands, loops, measures of nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from kiki_tools.language import Diagnostic
from kiki_tools.spice import refusal
from kiki_tools.spice.cards import Card, card_at
from kiki_tools.spice.findings import Findings
from kiki_tools.spice.index import TOP, Entry, Scope
from kiki_tools.spice.program import occurrences
from kiki_tools.spice.roles import nodes_of, roles
from kiki_tools.spice.topology import GROUNDS, floating, source_loops
from kiki_tools.spice.vocabulary import ANALYSES

_LARGE = 8000
"""Devices of a scope whose graph is walked at once; larger ones only when there is time."""
_TERMINALS = "rclvidqmj"
_LOOKING = (".meas", ".measure", ".print", ".plot", ".save", ".probe", ".four", ".noise", ".tf", ".ic", ".nodeset")


class CircuitFindings(Findings):
    """What the devices and the analyses say together."""

    def circuit(self) -> Iterator[Diagnostic]:
        """No circuit, no ground, nodes with one connection, islands, loops of sources."""
        index = self.index
        top = index.scopes[TOP]
        if index.title and not top.devices and index.has(".control") and index.has(".end"):
            drawn_in = any(source.index.scopes[TOP].devices for source in self.program.sources)
            if self.program.complete and not drawn_in:
                place = next(index.directives(".control"))
                yield self.at(*place, "SP306", "there is no circuit: ngspice runs these commands on none")
            return
        if not index.title or not top.devices or not (index.has(".end") or index.has(*ANALYSES)):
            return
        drawn = not self.program.complete or any(
            source.index.scopes[TOP].devices for source in self.program.sources[1:]
        )
        shared = set(GROUNDS)
        for start, _ in index.directives(".global"):
            card = card_at(self.snapshot, start)
            shared |= {word.low for word in card.words[1:]} if card else set()
        analogue = any(name[0] in "rcldqjmvi" for name in top.devices)
        if (
            analogue
            and not drawn
            and shared == GROUNDS
            and not any(GROUNDS & scope.nodes.keys() for scope in index.scopes.values())
        ):
            first = min(entry.start + at for _, entry, _, s in index.having("devices") for at in s.devices.values())
            card = card_at(self.snapshot, first)
            if card is not None:
                yield self.at(card.span.start, card.span.end, "SP301", "no device is connected to node 0")
            return
        yield from self._lonely(shared, drawn)
        for scope in list(index.scopes.values()):
            if not (drawn and scope.path == TOP):
                yield from self._graph(scope, shared)

    def _lonely(self, shared: set[str], drawn: bool) -> Iterator[Diagnostic]:
        wanted = {
            path: {node for node in scope.lonely if node not in shared and not scope.probed[node]}
            for path, scope in self.index.scopes.items()
            if scope.lonely and not (drawn and path == TOP)
        }
        if not any(wanted.values()):
            return
        for number, entry, path, segment in self.index.having("nodes"):
            for node in wanted.get(path, set()) & segment.nodes.keys():
                place = self._terminal(entry, number, node, _TERMINALS)
                if place is None or self.program.model(node) or node in self.mentioned:
                    continue
                if node == "o":
                    yield self.in_block(entry, place, "SP402", "the letter O is not the ground", "0")
                    continue
                shown = self.written(entry, place)
                yield self.in_block(entry, place, "SP302", f"node {shown} has no other connection")

    @cached_property
    def mentioned(self) -> set[str]:
        """Words of commands and of directives that look at results."""
        texts = []
        for entry in self.index.directed:
            looking = [place for name in _LOOKING for place in entry.facts.directives.get(name, ())]
            texts += [entry.block.low[start:end] for start, end in (*entry.facts.commands, *looking)]
        return {word for text in texts for word in re.findall(r"[^\s=(),'\"{}\[\]+*/]+", text)}

    def _graph(self, scope: Scope, shared: set[str]) -> Iterator[Diagnostic]:
        key = f"graph {scope.path}"
        wiring = (scope.wiring, frozenset(shared))
        known = self.index.notes.get(key)
        stale = not (isinstance(known, tuple) and known[0] == wiring)
        if stale and (self.patient or len(scope.devices) <= _LARGE or known is None):
            known = (wiring, *_islands_and_loops(scope, shared, self._branches(scope)))
            self.index.notes[key] = known
        assert isinstance(known, tuple)
        _, islands, loops = known
        told: set[str] = set()
        for number, entry, path, segment in self.index.having("nodes") if islands or loops else ():
            if path != scope.path:
                continue
            places = ((self._terminal(entry, number, n), n) for n in islands.keys() & segment.nodes.keys())
            for place, node in sorted((place, node) for place, node in places if place is not None):
                if islands[node] in told:
                    continue
                told.add(islands[node])
                shown = self.written(entry, place)
                message = f"node {shown} has no DC path to ground: only capacitors, current sources or gates"
                yield self.in_block(entry, place, "SP303", message)
            for plus, minus, name, start in segment.loops:
                if (name, plus, minus) in loops:
                    what = "inductor" if name[0] == "l" else "voltage source"
                    shown = entry.block.text[start : start + len(name)]
                    message = f"the {what} {shown} closes a loop of voltage sources and inductors"
                    code = "SP305" if name[0] == "l" else "SP304"
                    yield self.in_block(entry, (start, start + len(name)), code, message)

    def _terminal(self, entry: Entry, number: int, node: str, letters: str = "") -> tuple[int, int] | None:
        """Where a segment's first device touches a node."""
        key = (number, node, letters)
        known = entry.facts.found_at
        if key not in known:
            known[key] = next(self._terminals(entry, number, node, letters), None)
        return known[key]

    def _terminals(self, entry: Entry, number: int, node: str, letters: str) -> Iterator[tuple[int, int]]:
        for start, end in occurrences(entry, number, node, letters):
            card = card_at(self.snapshot, entry.start + start)
            words = nodes_of(card.letter, card.positional()) if card is not None else ()
            if any(word.span.start == entry.start + start for word in words):
                yield start, end

    def _branches(self, scope: Scope) -> list[tuple[str, str, str, int]]:
        """The scope's voltage sources and inductors, in the order of the text."""
        return [
            (plus, minus, name, entry.start + start)
            for _, entry, path, segment in self.index.having("loops")
            if path == scope.path
            for plus, minus, name, start in segment.loops
        ]

    def analyses(self) -> Iterator[Diagnostic]:
        """Nothing analysed, measured without its analysis, swept without its device."""
        index = self.index
        if not index.title or not index.scopes[TOP].devices:
            return
        commands = any(entry.facts.commands for entry in index.entries)
        ends = list(index.directives(".end"))
        if ends and not commands and not index.has(*ANALYSES) and len(self.program.sources) == 1:
            if self.program.complete:
                yield self.at(*ends[0], "SP501", "nothing is analysed: add .op, .tran, .ac or .dc")
            return
        yield from self._measures(commands)
        alone = len(self.program.sources) == 1 and self.program.complete
        if alone and index.has(".ac") and not any(entry.facts.stimulated for entry in index.entries):
            yield self.at(*next(index.directives(".ac")), "SP507", "no source has an AC value: all results are zero")
        if len(self.program.sources) == 1 and self.program.complete and not self.conditional:
            yield from self._swept()

    def _measures(self, commands: bool) -> Iterator[Diagnostic]:
        for start, _ in self.index.directives(".meas", ".measure"):
            card = card_at(self.snapshot, start)
            if card is None or len(card.words) < 3:
                continue
            kind = card.words[1]
            if kind.low not in ("tran", "ac", "dc", "sp", "noise", "op"):
                continue
            if len(self.program.sources) == 1 and self.program.complete:
                yield from self._unknown_nodes(card)
            ran = self.index.has(f".{kind.low}") or commands or (kind.low == "op" and self.index.has(".dc"))
            if not ran:
                message = f"the measure {card.words[2].text} needs a .{kind.low} analysis"
                yield self.at(kind.span.start, kind.span.end, "SP504", message)

    def _unknown_nodes(self, card: Card) -> Iterator[Diagnostic]:
        nodes = self.index.scopes[TOP].nodes
        for named in roles(card):
            plain = named.role == "node" and not any(char in named.name for char in ".:#@[")
            if plain and named.name not in nodes and named.name not in GROUNDS:
                shown = self.snapshot.slice(named.span)
                yield self.at(named.span.start, named.span.end, "SP508", f"there is no node {shown}")

    def _swept(self) -> Iterator[Diagnostic]:
        devices = self.index.scopes[TOP].devices
        for start, _ in self.index.directives(".dc"):
            card = card_at(self.snapshot, start)
            words = card.positional() if card else ()
            for at in (0, 4):
                if at + 3 >= len(words) + (1 if at == 0 else 0):
                    break
                name = words[at].low
                if name not in devices and name != "temp" and name[0] in "vir" and "." not in name and "[" not in name:
                    span = words[at].span
                    yield self.at(span.start, span.end, "SP505", f"there is no {words[at].text} to sweep")

    def commands(self) -> Iterator[Diagnostic]:
        """Commands that reach out of the simulator."""
        for entry in self.index.directed:
            for start, end in entry.facts.commands:
                text = entry.block.low[start:end]
                what = refusal.reaches_out(text)
                if what is not None:
                    word = entry.block.text[start:end].split()[0]
                    message = f"`{word}` {what}: outside of a sandbox this harms"
                    yield self.in_block(entry, (start, start + len(word)), "SP601", message)


def _islands_and_loops(
    scope: Scope, shared: set[str], branches: list[tuple[str, str, str, int]]
) -> tuple[dict[str, str], frozenset[tuple[str, str, str]]]:
    """Nodes without a DC path to ground, each with a node that stands for its island, and the loops' sources."""
    segments = list(scope.segments.values())
    held = {*shared, *scope.pins, *(node for segment in segments for node in segment.held)}
    nodes = {node for node in scope.nodes if node not in GROUNDS}
    islands = floating(nodes, (joined for segment in segments for joined in segment.conducting), held)
    closing = {name for name, _ in source_loops(branches)}
    loops = frozenset((name, plus, minus) for plus, minus, name, _ in branches if name in closing)
    # Islands of lonely nodes alone are told as such.
    larger = {island for node, island in islands.items() if node not in scope.lonely}
    return {node: island for node, island in islands.items() if island in larger}, loops
