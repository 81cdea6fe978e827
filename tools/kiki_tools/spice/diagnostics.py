"""What kiki finds in a deck before ngspice runs it. Error-level only for what ngspice refuses or drops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from kiki_tools.language import Diagnostic, Fix, Workspace
from kiki_tools.spice import refusal
from kiki_tools.spice.cards import Card, card_at
from kiki_tools.spice.codes import RULES
from kiki_tools.spice.includes import openable
from kiki_tools.spice.index import TOP, Entry, Index, Path, Scope
from kiki_tools.spice.program import Program, Source, includes, is_within, occurrences
from kiki_tools.spice.roles import nodes_of, roles
from kiki_tools.spice.topology import GROUNDS, floating, source_loops
from kiki_tools.spice.vocabulary import ALL_TYPES, ANALYSES, BUILTIN_NAMES, CONSTANTS, DIALECTS, MODEL_TYPES
from kiki_tools.text import Edit, Snapshot, Span

_MOST = 1000
_MOST_OF_ONE = 200
_LARGE = 8000
"""Devices of a scope whose graph is walked at once; larger ones only when there is time."""
_MOST_TEXT = 1_000_000
_OF_NGSPICE = frozenset({"SP106", "SP205", "SP207", "SP209", "SP216", "SP404", "SP505"})
"""What only ngspice refuses."""
_TERMINALS = "rclvidqmj"
_LOOKING = (".meas", ".measure", ".print", ".plot", ".save", ".probe", ".four", ".noise", ".tf", ".ic", ".nodeset")


def diagnose(program: Program, workspace: Workspace, *, patient: bool = True) -> list[Diagnostic]:
    """All findings of the program's own file, in the order of their places; at most a thousand.

    Behind them what is an error in the files that a deck draws in, with their own paths.

    Not ``patient``: the graph of a large circuit is not walked anew; what was found in it before is told again.
    """
    found = sorted(_Findings(program, program.own, workspace, patient).all(), key=lambda one: (one.span, one.code))
    if program.own.title:
        for source in program.sources[1:]:
            found += _Findings(program, source, workspace, patient).drawn_in()
    return found


class _Findings:
    """One pass over an index."""

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

    def all(self) -> list[Diagnostic]:
        """Everything, each kind bounded."""
        return self.of(
            self.local, self.borders, self.end, self.files, self.repeated, self.defined_again, self.unused, self.models,
            self.calls, self.sources, self.parameters, self.circuit, self.analyses, self.commands,
        )  # fmt: skip

    def drawn_in(self) -> list[Diagnostic]:
        """The errors of a file that a deck draws in: what stops the deck."""
        found = self.of(self.local, self.repeated, self.models, self.calls, self.sources, self.parameters)
        return sorted((one for one in found if one.severity == "error"), key=lambda one: one.span)

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
        severity = RULES[code].severity
        if severity == "error" and self.dialect != "ngspice" and code in _OF_NGSPICE:
            severity = "warning"
        elif severity == "error" and self.called is not None and not set(self.scope_names(start)) <= self.called:
            severity = "warning"  # ngspice expands what is called, and nothing else
        return Diagnostic(self.snapshot.path, Span(start, end), severity, code, message, fixes=fixes)

    def scope_names(self, offset: int) -> Iterator[str]:
        return (name.partition("#")[0] for name in self.index.scope_at(offset))

    def in_block(self, entry: Entry, place: tuple[int, int], code: str, message: str, write: str = "") -> Diagnostic:
        start, end = (entry.start + offset for offset in place)
        fixes = (Fix(f"Write {write}", (Edit(Span(start, end), write),)),) if write else ()
        return self.at(start, end, code, message, *fixes)

    def written(self, entry: Entry, place: tuple[int, int]) -> str:
        return entry.block.text[place[0] : place[1]]

    # what a card says by itself

    def local(self) -> Iterator[Diagnostic]:
        for entry in self.index.entries:
            for one in entry.facts.found:
                yield self.in_block(entry, (one.start, one.end), one.code, one.message, one.fix)

    @property
    def whole(self) -> bool:
        """Whether all names are at hand: of a deck whose files were all read. A library's may be its deck's."""
        return self.program.complete and self.program.own.title

    @cached_property
    def sectioned(self) -> bool:
        """Whether a part of the file may be left out: conditions, sections of a library."""
        return self.conditional or self.index.has(".endl")

    def borders(self) -> Iterator[Diagnostic]:
        opened: list[tuple[int, int, str]] = []
        for entry in self.index.entries:
            base = entry.start
            for border in entry.facts.borders:
                if border.name:
                    opened.append((base + border.start, base + border.end, border.name))
                elif opened:
                    opened.pop()
                else:
                    yield self.at(base + border.start, base + border.end, "SP103", "this .ends closes no .subckt")
        for start, end, name in opened:
            yield self.at(start, end, "SP103", f"the subcircuit {name} has no .ends")

    def end(self) -> Iterator[Diagnostic]:
        ends = list(self.index.directives(".end"))
        if ends:
            last = self.index.entries[-1]
            after = _first_card_after(self.snapshot, ends[0][1], last.start + len(last.block.text))
            if after is not None:
                yield self.at(after.start, after.end, "SP104", "ngspice reads nothing after .end")
        elif self.index.title and self.index.has(*ANALYSES):
            end = self.snapshot.length
            yield self.at(end, end, "SP107", "there is no .end", Fix("Write .end", (Edit(Span(end, end), "\n.end\n"),)))

    def files(self) -> Iterator[Diagnostic]:
        for include in includes(self.source, self.workspace):
            name = self.snapshot.slice(include.span)
            path = include.path(self.workspace)
            if path in self.workspace.unreadable:
                why = self.workspace.unreadable[path]
                yield self.at(include.span.start, include.span.end, "SP206", f"{name} can't be read: {why}")
            elif not openable(path) and path not in self.workspace.snapshots:
                yield self.at(include.span.start, include.span.end, "SP602", f"{name} is no netlist by its suffix")
            elif include.section and (problem := self._section(path, include.section)):
                yield self.at(include.span.start, include.span.end, "SP213", problem)
            elif path in self.leading_back and path != self.snapshot.path:
                yield self.at(include.span.start, include.span.end, "SP214", f"{name} draws this file in again")
            elif path == self.snapshot.path and include.card.name.low != ".lib":
                yield self.at(include.span.start, include.span.end, "SP206", "the file includes itself")

    @cached_property
    def leading_back(self) -> set[str]:
        """The files that draw this one in, directly or not."""
        above: dict[str, set[str]] = {}
        for source in self.program.sources:
            for include in includes(source, self.workspace):
                above.setdefault(include.path(self.workspace), set()).add(source.snapshot.path)
        found: set[str] = set()
        queue = [self.snapshot.path]
        while queue:
            for path in above.get(queue.pop(), set()) - found:
                found.add(path)
                queue.append(path)
        return found

    def _section(self, path: str, section: str) -> str:
        """What is wrong with drawing a section of a file in; nothing if it is there."""
        for source in self.program.sources:
            if source.snapshot.path == path:
                cards = (card_at(source.snapshot, start) for start, _ in source.index.directives(".lib"))
                known = {card.arguments[0].low for card in cards if card is not None and len(card.arguments) == 1}
                if known and section not in known:
                    return f"there is no section {section}{_nearest(section, known)}"
        return ""

    # names

    def defined_again(self) -> Iterator[Diagnostic]:
        if self.sectioned:
            return
        seen: set[tuple[Path, str]] = set()
        for _, entry, path, segment in self.index.having("types"):
            firsts = [(start, name) for name, (start, _) in segment.types.items() if (path, name) in seen]
            for start, name in sorted([*firsts, *segment.redefined]):
                place = next(_words(entry, name, start), None)
                if place is not None:
                    yield self.in_block(entry, place, "SP212", f"{self.written(entry, place)} is defined already")
            seen.update((path, name) for name in segment.types)
        first: set[tuple[Path, str]] = set()
        for subcircuit in self.index.subcircuits():
            key = (subcircuit.path[:-1], subcircuit.name)
            if key in first:
                yield self.at(subcircuit.start, subcircuit.end, "SP212", f"{subcircuit.name} is defined already")
            first.add(key)

    def unused(self) -> Iterator[Diagnostic]:
        """Parameters of a deck that nothing uses."""
        if not self.index.title or not self.index.has(".end") or not self.program.complete or self.conditional:
            return
        if self.snapshot.length > _MOST_TEXT or len(self.program.sources) > 1:
            return
        used = {name for _, _, _, segment in self.index.having("parameters") for name in segment.parameters}
        low = ""
        for _, entry, path, segment in self.index.having("defined"):
            for name, (start, _) in segment.defined.items():
                if path != TOP or name in used:
                    continue
                low = low or self.snapshot.text.lower()
                place = next(_words(entry, name, start), None)
                if place is not None and len(re.findall(rf"(?<![\w.]){re.escape(name)}(?![\w.])", low)) == 1:
                    yield self.in_block(entry, place, "SP215", f"nothing uses {self.written(entry, place)}")

    def repeated(self) -> Iterator[Diagnostic]:
        if self.conditional:
            return
        scopes = {path: scope for path, scope in self.index.scopes.items() if scope.repeated}
        if not scopes:
            return
        first: dict[tuple[Path, str], int] = {}
        for _, entry, path, segment in self.index.having("devices"):
            scope = scopes.get(path)
            if scope is None or not (here := scope.repeated & segment.devices.keys()):
                continue
            places = [(segment.devices[name], name) for name in here]
            for start, name in sorted([*places, *((start, name) for name, start in segment.repeated)]):
                if (path, name) not in first:
                    first[path, name] = self.snapshot.line_of(entry.start + start) + 1
                    continue
                place = (start, start + len(name))
                shown = self.written(entry, place)
                yield self.in_block(entry, place, "SP201", f"{shown} is already on line {first[path, name]}")

    def models(self) -> Iterator[Diagnostic]:
        known: dict[tuple[str, str], tuple[str, str] | None] = {}
        for number, entry, _, segment in self.index.having("models"):
            for letter, name in segment.models:
                if (letter, name) not in known:
                    known[letter, name] = self._model_problem(letter, name)
                problem = known[letter, name]
                if problem is None:
                    continue
                code, message = problem
                for place in occurrences(entry, number, name, letter):
                    write = f"{{{self.written(entry, place)}}}" if code == "SP404" and "braces" in message else ""
                    yield self.in_block(entry, place, code, message.replace("NAME", self.written(entry, place)), write)

    def _model_problem(self, letter: str, name: str) -> tuple[str, str] | None:
        found = self.program.model(name)
        if found is not None:
            fitting = MODEL_TYPES.get(letter)
            if fitting and found[2] not in fitting and found[2] in ALL_TYPES:
                return "SP207", f"NAME is a model of type {found[2]}: it doesn't fit this device"
            return None
        if not self.whole:
            return None
        if letter in "rcl":
            if self.program.parameter(name):
                return "SP404", "NAME is a parameter: write it in braces"
            if name in ("poly", "value", "table") or self.conditional:
                return None
            return "SP404", "NAME is no number and no model"
        if letter == "y" or letter == "o":
            return "SP202", "there is no .model NAME"
        return "SP202", f"there is no .model NAME{self._nearest_model(name)}"

    def _nearest_model(self, name: str) -> str:
        return _nearest(name, (known for source in self.program.sources for known in source.definitions.models))

    def calls(self) -> Iterator[Diagnostic]:
        for number, entry, _, segment in self.index.having("calls"):
            for name in dict.fromkeys(name for name, _ in segment.calls):
                found = self.program.subcircuit(name)
                if found is None and self.whole:
                    near = _nearest(name, (k for s in self.program.sources for k in s.definitions.subcircuits))
                    for place in occurrences(entry, number, name, "x"):
                        shown = self.written(entry, place)
                        yield self.in_block(entry, place, "SP203", f"there is no .subckt {shown}{near}")
                elif found is not None and not self.conditional:
                    pins = found[1].pins
                    if any(called == name and given != len(pins) for called, given in segment.calls):
                        yield from self._pins(number, entry, name, pins)

    def _pins(self, number: int, entry: Entry, name: str, pins: tuple[str, ...]) -> Iterator[Diagnostic]:
        listed = " ".join(pins[:12]) + (" …" if len(pins) > 12 else "")
        for start, _ in occurrences(entry, number, name, "x"):
            card = card_at(self.snapshot, entry.start + start)
            given = len(nodes_of("x", card.positional())) if card is not None else len(pins)
            if card is not None and given != len(pins):
                message = f"{name} has {len(pins)} pins ({listed}), {given} are connected"
                yield self.at(card.span.start, card.span.end, "SP204", message)

    def sources(self) -> Iterator[Diagnostic]:
        for number, entry, path, segment in self.index.having("sources"):
            scope = self.index.scopes[path]
            for name in segment.sources:
                if name in scope.devices or "." in name or not self.program.complete or self.conditional:
                    continue
                if path == TOP and len(self.program.sources) > 1:
                    continue
                what = "inductor" if name[0] == "l" else "voltage source"
                for place in occurrences(entry, number, name, "fhwk"):
                    yield self.in_block(entry, place, "SP209", f"there is no {what} {self.written(entry, place)} here")

    def parameters(self) -> Iterator[Diagnostic]:
        if not self.whole:
            return
        defined = {name for source in self.program.sources for name in source.definitions.parameters} | BUILTIN_NAMES
        for number, entry, path, segment in self.index.having("parameters"):
            for name in segment.parameters.keys() - defined:
                inside = path != TOP and name == "m"  # the multiplier of the call
                if name in self.index.scopes[path].devices or self.conditional or inside:
                    continue
                near = _nearest(name, (n for s in self.program.sources for n in s.definitions.parameters))
                near = "; only behavioural sources know it" if name in CONSTANTS else near
                for place in self._in_expressions(entry, number, name):
                    shown = self.written(entry, place)
                    yield self.in_block(entry, place, "SP205", f"there is no parameter {shown}{near}")
        yield from self._circles()

    def _in_expressions(self, entry: Entry, number: int, name: str) -> Iterator[tuple[int, int]]:
        """Where a segment's expressions use a parameter."""
        borders = entry.facts.borders
        first = borders[number - 1].start if number else 0
        last = borders[number].end if number < len(borders) else entry.facts.stop
        for start, end in _words(entry, name, first):
            if start >= last:
                return
            card = card_at(self.snapshot, entry.start + start)
            span = Span(entry.start + start, entry.start + end)
            if card is None or is_within(entry.facts.quiet, card.span.start - entry.start):
                continue
            if any(n.role == "parameter" and n.span == span for n in roles(card)):
                yield start, end

    def _circles(self) -> Iterator[Diagnostic]:
        uses: dict[str, tuple[Entry, int, frozenset[str]]] = {}
        for _, entry, path, segment in self.index.having("defined"):
            if path == TOP:
                for name, (start, used) in segment.defined.items():
                    if used:
                        uses.setdefault(name, (entry, start, used))
        for name in _in_circles({name: used for name, (_, _, used) in uses.items()}):
            entry, start, _ = uses[name]
            place = next((p for p in _words(entry, name, start)), None)
            if place is not None:
                yield self.in_block(entry, place, "SP208", f"{self.written(entry, place)} depends on itself")

    # the circuit

    def circuit(self) -> Iterator[Diagnostic]:
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
        for entry in self.index.directed:
            for start, end in entry.facts.commands:
                text = entry.block.low[start:end]
                what = refusal.reaches_out(text)
                if what is not None:
                    word = entry.block.text[start:end].split()[0]
                    message = f"`{word}` {what}: outside of a sandbox this harms"
                    yield self.in_block(entry, (start, start + len(word)), "SP601", message)


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


def _first_card_after(snapshot: Snapshot, start: int, end: int) -> Span | None:
    line = snapshot.line_of(start) + 1
    while line < snapshot.line_count:
        text = snapshot.line_text(line)
        stripped = text.strip()
        if stripped and stripped[0] not in "*;$#":
            return snapshot.line_span(line)
        line += 1
        if snapshot.line_start(line) >= end:
            return None
    return None


def _words(entry: Entry, word: str, start: int) -> Iterator[tuple[int, int]]:
    for match in re.compile(rf"(?<![\w.]){re.escape(word)}(?![\w.])").finditer(entry.block.low, start):
        yield match.span()


def _in_circles(uses: dict[str, frozenset[str]]) -> set[str]:
    """The names that depend on themselves."""
    state: dict[str, int] = {}
    circular: set[str] = set()
    for root in uses:
        if root in state:
            continue
        trail: list[str] = []
        work: list[tuple[str, Iterator[str]]] = [(root, iter(uses[root]))]
        state[root] = 1
        trail.append(root)
        while work:
            name, rest = work[-1]
            following = next((n for n in rest if n in uses), None)
            if following is None:
                work.pop()
                trail.pop()
                state[name] = 2
            elif state.get(following) == 1:
                circular.update(trail[trail.index(following) :])
            elif following not in state:
                state[following] = 1
                trail.append(following)
                work.append((following, iter(uses[following])))
    return circular


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib
    from itertools import islice

    close = difflib.get_close_matches(name, list(islice(known, 2000)), 1)
    return f"; did you mean {close[0]}?" if close else ""
