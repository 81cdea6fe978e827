"""How a netlist may go on at a place: a grammar of the card's rest with the names in scope, and what it should know.

The grammar has the nodes, models, subcircuits and devices that there are, so that a model that is held to it can
propose no others. It is narrower than SPICE: what a person writes beyond it, the person writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kiki_tools.gbnf import choice, grammar, literal
from kiki_tools.language import Continuation, Workspace
from kiki_tools.spice.cards import Card, card_at
from kiki_tools.spice.index import TOP, Path, Scope
from kiki_tools.spice.program import Program, reading
from kiki_tools.spice.proposed import foreign
from kiki_tools.spice.roles import nodes_of, roles
from kiki_tools.spice.topology import GROUNDS
from kiki_tools.spice.vocabulary import MODEL_TYPES
from kiki_tools.text import Snapshot, Span

_MOST_NAMES = 40
"""Of a kind; more make each token slow where the model wants another one: all its vocabulary is held against them."""
_NEAR = 200
"""Lines around the place whose spelling and names come first."""
_MOST_FACTS = 12
_OPEN_LINES = 8
_RULES = {
    "ws": '" "',
    "sign": '"-"?',
    "digits": "[0-9]{1,6}",
    "suffix": '("meg" | "Meg" | "MEG" | [fpnumkKgGtTUNPM]) ("F" | "H" | "V" | "A" | "s" | "Hz")?',
    "number": '(digits ("." [0-9]{0,12})? | "." [0-9]{1,12}) ([eE] [-+]? [0-9]{1,2})? suffix?',
    "signed": "sign number",
    "word": "[A-Za-z] [A-Za-z0-9_]{0,23}",
    "expression": r'''"{" [A-Za-z0-9_+*/(). -]{1,60} "}" | "'" [A-Za-z0-9_+*/(). -]{1,60} "'"''',
    "value": "sign number | expression",
    "pair": '[A-Za-z] [A-Za-z0-9_]{0,11} "=" value',
    "pairs": "(ws pair){0,6}",
    "numbers": "signed (ws signed){0,11}",
    "wave": '("PULSE" | "SIN" | "EXP" | "PWL" | "pulse" | "sin" | "exp" | "pwl") " "? "(" numbers ")"',
    "dc": '("DC " | "dc ")? value',
    "ac": '("AC " | "ac ") value',
    "source": "(dc (ws (ac | wave))? | ac | wave)",
}
_ANY = "[ -~]{1,90}"


def continuation(program: Program, offset: int) -> Continuation | None:
    """What may follow; None in titles, comments, commands, quoted text and within words."""
    snapshot = program.own.snapshot
    number = snapshot.line_of(offset)
    line = snapshot.line_span(number)
    before, after = snapshot.slice(Span(line.start, offset)), snapshot.slice(Span(offset, line.end)).rstrip("\r\n")
    if after.strip() or before.count('"') % 2 or before.count("'") % 2 or re.search(r"^\s*[*#;$]|;|\$ ", before):
        return None
    if (number == 0 and program.own.title) or _is_command(program, offset):
        return None
    scope = program.own.index.scopes.get(program.own.index.scope_at(offset)) or program.own.index.scopes[TOP]
    names = _Names(program, scope, offset)
    open_lines = _OPEN_LINES if not before.strip() and scope.path != TOP and not _is_closed(program, offset) else 1
    rest: str | None
    if not before.strip():
        first = names.card()
        rest = f'{first} ("\\n" {first}){{0,{open_lines - 1}}}' if open_lines > 1 else first
    else:
        rest = names.rest(before, offset)
    if rest is None:
        return None
    # The line's end belongs to it: a model that may not end the line goes on with what else is allowed.
    held = grammar(f'{rest} "\\n"', {**_RULES, **names.rules()}) if rest != _ANY else ""
    return Continuation(held, tuple(_facts(program, offset)), open_lines, names.only)


def _is_command(program: Program, offset: int) -> bool:
    """Whether a place is inside of ``.control``."""
    entry = program.own.index.entry_at(offset)
    borders = re.findall(r"^[ \t]*\.(control|endc)\b", entry.block.low[: offset - entry.start], re.MULTILINE)
    return borders[-1] == "control" if borders else entry.control


def _is_closed(program: Program, offset: int) -> bool:
    """Whether the subcircuit that is open at the offset is closed further down."""
    for entry in program.own.index.entries:
        for border in entry.facts.borders:
            if entry.start + border.start >= offset:
                return not border.name
    return False


@dataclass(frozen=True, slots=True)
class _Slot:
    """A word of a card: its expression, and the names that it can be; null where it is no name."""

    rule: str
    names: Sequence[str] | None = None


class _Names:
    """The names that may stand at a place, as the file spells them, the nearest first."""

    def __init__(self, program: Program, scope: Scope, offset: int) -> None:
        self.program, self.scope, self.offset = program, scope, offset
        snapshot = program.own.snapshot
        middle = snapshot.line_of(offset)
        first, last = max(0, middle - _NEAR), min(snapshot.line_count - 1, middle + _NEAR)
        around = snapshot.slice(Span(snapshot.line_start(first), snapshot.line_span(last).end))
        self.only = ""
        """The one name that can end the card; empty where there are several."""
        self.in_columns = re.search(r"^\w[^\n]*?\S(?:[ \t]{2,}|\t)\w", around, re.MULTILINE) is not None
        """Whether more than a blank stands between words."""
        self.spelled: dict[str, str] = {}
        for match in re.finditer(r"[^\s=(),'\"{}]+", around):
            self.spelled.setdefault(match.group().lower(), match.group())

    def _of(self, names: Iterable[str]) -> list[str]:
        """At most so many of some names, those that are spelled nearby first."""
        known = list(names)
        near = [name for name in known if name in self.spelled]
        far = sorted(name for name in known if name not in self.spelled)
        return [self.spelled.get(name, name) for name in (*near, *far)[:_MOST_NAMES]]

    def nodes(self) -> list[str]:
        return self._of(dict.fromkeys(["0", *self.scope.nodes, *self.scope.pins]))

    def devices(self, letters: str) -> list[str]:
        return self._of(name for name in self.scope.devices if name[0] in letters)

    def models(self, letter: str) -> list[str]:
        fitting = MODEL_TYPES.get(letter)
        return self._of(
            name
            for source in self.program.sources
            for name, (_, kind) in source.definitions.models.items()
            if fitting is None or kind in fitting
        )

    def rules(self) -> dict[str, str]:
        """Rules of the names that the cards refer to."""
        found = {"node": choice(map(literal, self.nodes())), "probe": '("V(" | "v(") node ")"'}
        return found | ({"ws": r"[ \t]{1,24}"} if self.in_columns else {})

    def _subcircuits(self) -> list[tuple[str, int]]:
        """Names and numbers of pins: of what is defined, and of what is called and defined in no file at hand."""
        found = {
            (name, len(subcircuit.pins)): None
            for source in self.program.sources
            for name, subcircuit in source.definitions.subcircuits.items()
        }
        found.update((call, None) for call in _undefined(self.program))
        return list(found)[:_MOST_NAMES]

    def slots(self, letter: str, done: int) -> list[list[_Slot]]:
        """The words that may follow a device's name and ``done`` words: one list for each way to go on."""
        node = _Slot("node", self.nodes())
        value, two = _Slot("value"), [node, node]
        ways: list[list[_Slot]]
        match letter:
            case "r" | "c" | "l":
                ways = [[*two, value]]
            case "v" | "i":
                ways = [[*two, _Slot("source")]]
            case "d":
                ways = [[*two, self._named(self.models("d"))]]
            case "q" | "j" | "z":
                ways = [[*two, node, self._named(self.models(letter))]]
            case "m":
                model = self.models("m")
                ways = [[*two, node, node, _Slot(f"{choice(map(literal, model))} pairs" if model else "", model)]]
            case "s":
                ways = [[*two, *two, self._named(self.models("s"))]]
            case "w":
                ways = [[*two, self._named(self.devices("v")), self._named(self.models("w"))]]
            case "e" | "g":
                ways = [[*two, *two, value]]
            case "f" | "h":
                ways = [[*two, self._named(self.devices("v")), value]]
            case "k":
                ways = [[*[self._named(self.devices("l"))] * 2, value]]
            case "b":
                ways = [[*two, _Slot(f'("V=" | "I=" | "v=" | "i=") {_ANY}')]]
            case "x":
                ways = [
                    [*[node] * pins, _Slot(f"{literal(self._of([name])[0])} pairs", self._of([name]))]
                    for name, pins in self._subcircuits()
                    if (name,) != self.scope.path[-1:]
                ]
            case _:
                ways = []
        return [way[done:] for way in ways if len(way) > done and all(slot.rule for slot in way)]

    @staticmethod
    def _named(names: Sequence[str]) -> _Slot:
        return _Slot(choice(map(literal, names)) if names else "", names)

    def card(self) -> str:
        """A whole new card: a device of a letter for which all names are there, or a directive."""
        found = [
            f"{choice(self._fresh(letter))} ws {_either(ways)}"
            for letter in "rclvidqjmsegfhkbx"
            if (ways := self.slots(letter, 0))
        ]
        return choice([*found, *self._directives()])

    def _fresh(self, letter: str) -> list[str]:
        """The next number of a letter, and names that go on with a letter, in the file's case."""
        used = [name for name in self.scope.devices if name[0] == letter]
        lower = any(self.spelled.get(name, "X")[0] == letter for name in used)
        shown = letter if lower else letter.upper()
        numbers = [int(name[1:]) for name in used if name[1:].isdecimal() and len(name) < 8]
        return [literal(f"{shown}{max(numbers, default=0) + 1}"), f"{literal(shown)} [A-Za-z_] [A-Za-z0-9_]{{0,9}}"]

    def _directives(self) -> Iterator[str]:
        if self.scope.path != TOP:
            yield f'".ends" ({literal(" " + self._of([self.scope.path[-1].partition("#")[0]])[0])})?'
        yield '".param " word " "? "=" " "? value'
        yield '".model " word ws word " "? "(" pair pairs ")"'
        if self.scope.path == TOP:
            yield '".op"'
            yield '".tran " number ws number (ws number)? (ws "uic")?'
            yield '(".ac dec " | ".ac oct " | ".ac lin ") number ws number ws number'
            yield '(".save " | ".print tran " | ".print ac ") probe (ws probe){0,3}'
            yield f'(".meas " | ".measure ") ("tran " | "ac " | "dc ") word ws {_ANY}'
            yield '".ic " probe "=" value'
            if sources := self.devices("vi"):
                yield f'".dc " {choice(map(literal, sources))} ws number ws number ws number'
            yield '".end"'

    def rest(self, before: str, offset: int) -> str | None:
        """What completes a card that is begun; null where that is not known well enough."""
        typed = re.search(r"[^\s=(),'\"{}]*$", before)
        begun = typed.group() if typed else ""
        stop = offset - len(begun)
        card = card_at(self.program.own.snapshot, stop)
        words = tuple(word for word in card.words if word.span.end <= stop) if card is not None else ()
        if card is None or not words:  # its first word is being typed
            named = self.slots(begun[:1].lower(), 0)
            return _ANY if begun.startswith(".") else f"[A-Za-z0-9_]{{0,9}} ws {_either(named)}" if named else None
        head = Card(card.kind, Span(card.span.start, stop), card.line, words)
        plain = head.positional()
        if head.kind != "device" or len(plain) != len(words) - 1:
            return _ANY if head.kind in ("device", "directive") else None
        ways = self.slots(head.letter, len(plain))
        if not ways:
            return _ANY
        if not begun:
            last = ways[0][0].names if len(ways) == 1 and len(ways[0]) == 1 and head.letter != "m" else None
            self.only = last[0] if last is not None and len(last) == 1 else ""
            return _either(ways)
        endings = [[ending, *way[1:]] for way in ways if (ending := self._ending(way[0], begun)) is not None]
        return _either(endings) if endings else None

    def _ending(self, slot: _Slot, begun: str) -> _Slot | None:
        """The rest of a word that is begun."""
        if slot.names is None:
            return _Slot("[0-9A-Za-z.]{0,8}")
        low = begun.lower()
        alone = self.scope.nodes.get(low, 0) < 2  # nobody but this card knows the word as it stands
        names = [n for n in slot.names if n.lower().startswith(low) and not (n.lower() == low and alone)]
        return _Slot(choice(literal(name[len(begun) :]) for name in names)) if names else None


def _undefined(program: Program) -> Iterator[tuple[str, int]]:
    """The calls of subcircuits that no file at hand defines: names and numbers of nodes, as often as they stand."""
    for scope in program.own.index.scopes.values():
        for segment in scope.segments.values():
            yield from (call for call in segment.calls if program.subcircuit(call[0]) is None)


def _either(ways: Iterable[Sequence[_Slot]]) -> str:
    return choice(" ws ".join(slot.rule for slot in way) for way in ways)


def _facts(program: Program, offset: int) -> Iterator[str]:
    """The headers of the subcircuits that can be called and the models, of included files and far places, in order."""
    given = 0
    for source in program.sources:
        snapshot = source.snapshot
        near = snapshot.line_of(offset) if source is program.own else None
        starts = [subcircuit.start for subcircuit in source.definitions.subcircuits.values()]
        starts += [start for start, _ in source.definitions.models.values()]
        for start in sorted(starts):
            if given >= _MOST_FACTS:
                return
            line = snapshot.line_of(start)
            if near is None or not near - _NEAR < line <= near:
                given += 1
                yield snapshot.line_text(line).strip()[:120]


def objections(snapshot: Snapshot, within: Span, workspace: Workspace) -> list[str]:
    """Nodes that nothing else in their scope touches, sources that don't exist, parts with both ends on one node."""
    with reading(snapshot, workspace) as program:
        index = program.own.index
        found: dict[str, None] = {}
        inside: dict[tuple[Path, str], int] = {}
        named: list[tuple[Path, str]] = []
        cards = list(_cards(snapshot, within))
        if not cards:
            return ["a comment, or what is no netlist"]
        for number, card in enumerate(cards):
            path = index.scope_at(card.span.start)
            start = within.start if number == 0 else card.span.start
            end = cards[number + 1].span.start if number + 1 < len(cards) else within.end
            told = foreign(card, snapshot, Span(start, end), program, index.scopes.get(path))
            found.update(dict.fromkeys(told))
            ends = (
                nodes_of(card.letter, card.positional()) if card.kind == "device" and card.letter in "rclvidx" else ()
            )
            if len(ends) == 2 and ends[0].low == ends[1].low:
                found[f"both ends of {card.name.text} are on node {ends[0].text}"] = None
            if card.kind == "device" and card.letter == "x":
                found.update(dict.fromkeys(_called_otherwise(card, program)))
            for one in roles(card):
                if one.role == "node" and one.name not in GROUNDS and not any(char in one.name for char in ".:#@["):
                    if one.span.end > within.start:  # what a person typed isn't proposed
                        named.append((path, one.name))
                    if card.kind == "device":
                        inside[path, one.name] = inside.get((path, one.name), 0) + 1
                elif one.role == "reference" and "." not in one.name and "#" not in one.name:
                    scope = index.scopes.get(path)
                    if scope is not None and one.name not in scope.devices:
                        found[f"there is no {one.name}"] = None
        for path, name in named:
            scope = index.scopes.get(path)
            touched = scope.nodes.get(name, 0) if scope is not None else 0
            pins = scope.pins if scope is not None else ()
            if name not in pins and touched <= inside.get((path, name), 0):
                found[f"nothing else touches {name}"] = None
        return list(found)


def _called_otherwise(card: Card, program: Program) -> Iterator[str]:
    """What speaks against a call of a subcircuit that nobody defines: all others give it another number of nodes."""
    plain = card.positional()
    if not plain or program.subcircuit(plain[-1].low) is not None:
        return
    given = len(nodes_of("x", plain))
    others = {count for name, count in _undefined(program) if name == plain[-1].low} - {given}
    alone = card.span.start in _starts(program, plain[-1].low, given)
    if others and alone:
        yield f"{plain[-1].text} is called with {min(others)} nodes elsewhere"


def _starts(program: Program, name: str, given: int) -> Iterator[int]:
    """Where the first card begins that calls a subcircuit with so many nodes, in each part of the file."""
    for entry in program.own.index.entries:
        for segment in entry.facts.segments:
            if (name, given) in segment.calls:
                yield entry.start + segment.calls[name, given]


def _cards(snapshot: Snapshot, within: Span) -> Iterator[Card]:
    last = snapshot.line_of(max(within.start, within.end - 1))
    seen: set[int] = set()
    for line in range(snapshot.line_of(within.start), last + 1):
        card = card_at(snapshot, snapshot.line_start(line))
        if card is not None and card.span.start not in seen:
            seen.add(card.span.start)
            yield card
