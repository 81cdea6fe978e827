"""What kiki finds in a deck before ngspice runs it. Error-level only for what ngspice refuses or drops."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from kiki_tools.language import Diagnostic, Fix, Workspace
from kiki_tools.spice.cards import card_at
from kiki_tools.spice.circuit_findings import CircuitFindings
from kiki_tools.spice.includes import openable
from kiki_tools.spice.index import TOP, Entry, Path
from kiki_tools.spice.program import Program, includes, is_within, occurrences
from kiki_tools.spice.roles import nodes_of, roles
from kiki_tools.spice.vocabulary import ALL_TYPES, ANALYSES, BUILTIN_NAMES, CONSTANTS, MODEL_TYPES
from kiki_tools.text import Edit, Snapshot, Span

_MOST_TEXT = 1_000_000


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


class _Findings(CircuitFindings):
    """All kinds, in the order in which they are told."""

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

    def local(self) -> Iterator[Diagnostic]:
        for entry in self.index.entries:
            for one in entry.facts.found:
                yield self.in_block(entry, (one.start, one.end), one.code, one.message, one.fix)

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
