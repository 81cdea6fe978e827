"""What a block of cards says, read in one pass: names, nodes and references by scope, and what is wrong by itself.

The pass works on text in lower case and keeps no words: who wants to know where a word stands reads that card again
(`kiki_tools.spice.cards`). It is the price of a whole file, so plain cards take a short way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from kiki_tools.spice.cards import comment_start
from kiki_tools.spice.vocabulary import ALL_TYPES, COMMANDS_THAT_ANALYSE, CONSTANTS, KNOWN_DIRECTIVES
from kiki_tools.spice.words import (
    CONTROLLED,
    NODES,
    PROBE,
    RKM,
    identifiers,
    joined,
    passive,
    places,
    split,
    superfluous,
)

_SPECIAL = re.compile(r"[=(),{}'\";$/\[\]]")
_NUMBER_START = frozenset("0123456789.+-")
_LEAST_WORDS = {
    "r": 4, "c": 4, "l": 4, "v": 3, "i": 3, "d": 4, "j": 5, "z": 5, "m": 5, "q": 5, "e": 4, "g": 4, "f": 4, "h": 4,
    "k": 4, "s": 6, "w": 5, "x": 2, "t": 5, "o": 6, "b": 3,
}  # fmt: skip
_CONDUCTS = frozenset("rlvehdqjzmswtouypxan")
"""Devices that join (some of) their nodes for direct current."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong at characters ``start`` to ``end`` of the block. ``fix``: what to write there instead."""

    start: int
    end: int
    code: str
    message: str
    fix: str = ""


@dataclass(slots=True)
class Segment:
    """What the cards of one scope say, between two borders of scopes. Offsets are those of cards in the block."""

    devices: dict[str, int] = field(default_factory=dict)
    repeated: list[tuple[str, int]] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)
    """Terminals by node."""
    conducting: list[tuple[str, ...]] = field(default_factory=list)
    """Nodes that one device joins for direct current."""
    loops: list[tuple[str, str, str, int]] = field(default_factory=list)
    """Voltage sources and inductors: two nodes, name, offset."""
    held: set[str] = field(default_factory=set)
    """Nodes of devices whose inside is unknown here: subcircuits, code models."""
    probed: set[str] = field(default_factory=set)
    """Nodes whose voltage an expression reads."""
    models: dict[tuple[str, str], int] = field(default_factory=dict)
    """Models by (letter of a device, name), and a card that asks for it."""
    calls: dict[tuple[str, int], int] = field(default_factory=dict)
    """Subcircuits by (name, nodes given), and a card that calls it."""
    sources: dict[str, int] = field(default_factory=dict)
    """Devices that others name: controlling sources, coupled inductors."""
    parameters: dict[str, int] = field(default_factory=dict)
    """Parameters by name, and a card that uses one."""
    defined: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    """Parameters that the scope defines: the card, and what their expressions use."""
    types: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Models that the scope defines: the card and the type."""
    redefined: list[tuple[int, str]] = field(default_factory=list)
    """Models that the segment defines once more, and the cards that do."""

    @property
    def wiring(self) -> int:
        """A hash of what connects to what."""
        return hash((tuple(self.conducting), tuple(self.nodes.items()), tuple(branch[:3] for branch in self.loops)))


@dataclass(slots=True)
class Border:
    """A ``.subckt`` (with name and pins) or ``.ends`` (no name) card."""

    name: str
    start: int
    end: int
    pins: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


@dataclass(slots=True)
class Facts:
    """All that a block says. There is one more segment than there are borders."""

    segments: list[Segment] = field(default_factory=lambda: [Segment()])
    borders: list[Border] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    directives: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Cards by directive, all but ``.subckt`` and ``.ends``."""
    ignored: set[str] = field(default_factory=set)
    """Codes that a comment silences."""
    commands: list[tuple[int, int]] = field(default_factory=list)
    """Commands inside of ``.control``."""
    quiet: list[tuple[int, int]] = field(default_factory=list)
    """What looks like a device and is none: the title, commands, rows of data, devices that are cut short."""
    analyses: set[str] = field(default_factory=set)
    """Analyses that ``.control`` runs."""
    stimulated: bool = False
    """Whether a source has an AC value."""
    dialect: str = ""
    """The dialect that a comment names."""
    cards: int = 0
    control: bool = False
    """Whether the block ends inside of ``.control``."""
    ended: bool = False
    """Whether the block holds ``.end``: what follows is not read."""
    found_at: dict[tuple[int, str, str], tuple[int, int] | None] = field(default_factory=dict)
    """Where terminals were looked up: by segment, node and letters of devices."""
    stop: int = 0
    """The block's length, or the end of its ``.end`` card."""


def read(text: str, low: str, *, title: bool, control: bool) -> Facts:
    """The facts of a block's text; ``low`` is the same in lower case with ``\\n`` as line ends."""
    reader = _Reader(text, low, control)
    reader.lines(title)
    return reader.facts


_QUOTED = re.compile(r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|'[^']*'")
_CALLED = re.compile(r"([a-z_]\w*)\s*\(")
_DIALECT = re.compile(r"kiki:\s*dialect\s+(ngspice|ltspice|pspice|hspice|xyce)")
_IGNORE = re.compile(r"kiki:\s*ignore\s+([a-z0-9 ,]+)")


class _Reader:
    """The state of one pass."""

    def __init__(self, text: str, low: str, control: bool) -> None:
        self.text = text
        self.low = low
        self.control = control
        self.data = False
        """Whether rows of an HSPICE ``.data`` block are read."""
        self.facts = Facts(stop=len(low))
        self.segment = self.facts.segments[0]
        self.start = 0
        self.end = 0

    def lines(self, title: bool) -> None:
        """Puts logical lines together and reads each."""
        at = 0
        pending = ""
        more: list[str] = []
        begun = ended = 0
        skip = title
        for line in self.low.split("\n"):
            start = at
            at += len(line) + 1
            if skip:
                skip = False
                self.facts.quiet.append((start, at))
                continue
            first = line[:1]
            if first in " \t\f\v" and first:
                stripped = line.lstrip()
                start += len(line) - len(stripped)
                line = stripped
                first = line[:1]
            if not first:
                continue
            if first == "*" or (first in "#;$" and not self.control):
                if "kiki:" in line and (match := _IGNORE.search(line)):
                    self.facts.ignored.update(match[1].upper().replace(",", " ").split())
                if "kiki:" in line and (match := _DIALECT.search(line)):
                    self.facts.dialect = match[1]
                continue
            if first == "+" and pending and not self.control:
                more.append(line[1:])
                ended = start + len(line)
                continue
            if pending:
                self.card(joined(pending, more) if more else pending, begun, ended)
                if self.facts.ended:
                    return
            pending, begun, ended = line, start, start + len(line)
            more = []
        if pending:
            self.card(joined(pending, more) if more else pending, begun, ended)
        self.facts.control = self.control

    def card(self, text: str, start: int, end: int) -> None:
        """Reads one logical line."""
        self.facts.cards += 1
        self.start, self.end = start, end
        if self.control:
            self.command(text)
        elif text[0] == ".":
            self.directive(text)
        elif self.data:
            self.facts.quiet.append((start, end))
        elif "a" <= text[0] <= "z":
            self.device(text)
        else:
            word = text.split(None, 1)[0]
            self.say("SP101", "WORD starts with no device letter: ngspice doesn't read the line", word)

    def say(self, code: str, message: str, word: str = "", fix: str = "", *, before: int = 0) -> None:
        """Notes a finding at ``word`` of the card, or at the card; ``WORD`` in the message is as it is written.

        ``before``: how often the same word stands before the one that is meant.
        """
        start, end = self.place(word, before) if word else (self.start, self.end)
        message = message.replace("WORD", self.text[start:end])
        self.facts.found.append(Found(start, end, code, message, fix))

    def place(self, word: str, before: int = 0) -> tuple[int, int]:
        """Where the word stands in the card, behind so many of its like; the card, if it can't be told."""
        found = re.compile(rf"(?<![^\s=(),]){re.escape(word)}(?![^\s=(),])").finditer(self.low, self.start, self.end)
        match = next(islice(found, before, None), None)
        return match.span() if match else (self.start, self.end)

    # .control

    def command(self, text: str) -> None:
        words = text.split()
        if words[0] == ".endc":
            self.control = False
            return
        self.facts.commands.append((self.start, self.end))
        self.facts.quiet.append((self.start, self.end))
        if words[0] in COMMANDS_THAT_ANALYSE:
            self.facts.analyses.add(words[0])

    # directives

    def directive(self, text: str) -> None:
        if "{" in text or "}" in text or "'" in text:
            self.brackets(text)
        words, named = split(text)
        name = words[0] if words else text.split()[0]
        if name in (".subckt", ".macro"):
            self.subcircuit(words, named)
            return
        if name in (".ends", ".eom"):
            self.facts.borders.append(Border("", self.start, self.end))
            self.open_segment()
            return
        self.facts.directives.setdefault(name, []).append((self.start, self.end))
        if name == ".model":
            if len(words) > 2:
                self.model(words[1], words[2], dict(named))
            self.uses(value for _, value in named)
        elif name in (".param", ".params", ".csparam", ".global_param"):
            functions = frozenset(_CALLED.findall(text))
            for parameter, value in named:
                used = frozenset(identifiers(value)) - functions
                self.segment.defined.setdefault(parameter, (self.start, used))
                self.uses((value,), bare=True, known=functions)
        elif name == ".func" and len(words) > 1:
            self.segment.defined.setdefault(words[1], (self.start, frozenset()))
        elif name == ".control":
            self.control = True
        elif name == ".end":
            self.facts.ended, self.facts.stop = True, self.end
        elif name == ".data":
            self.data = True
        elif name == ".enddata":
            self.data = False
        elif name[1:] not in KNOWN_DIRECTIVES:
            self.say("SP106", "WORD is no directive of ngspice", name)
        elif name not in (".if", ".elseif", ".meas", ".measure"):
            self.uses([*words[1:], *(value for _, value in named)])

    def model(self, name: str, kind: str, named: dict[str, str]) -> None:
        """A ``.model`` card: its type, and parameters that the type doesn't have."""
        from kiki_tools.spice.parameters import devices, unknown_parameters

        if name in self.segment.types:
            self.segment.redefined.append((self.start, name))
        else:
            self.segment.types[name] = (self.start, kind)
        if kind not in ALL_TYPES and kind[0].isalpha() and kind not in devices() and not kind.startswith("d_"):
            self.say("SP210", "WORD is no model type of ngspice", kind)
        for wrong, near in unknown_parameters(kind, named):
            hint = f"; did you mean {near}?" if near else ""
            self.say("SP211", f"WORD is no parameter of a model of type {kind}{hint}", wrong)

    def subcircuit(self, words: list[str], named: list[tuple[str, str]]) -> None:
        if len(words) < 2:
            self.say("SP102", "this .subckt has no name")
        pins = tuple(word for word in words[2:] if word not in ("params:", "optional:"))
        parameters = tuple(parameter for parameter, _ in named)
        name = words[1] if len(words) > 1 else "?"
        self.facts.borders.append(Border(name, self.start, self.end, pins, parameters))
        self.open_segment()
        for parameter in parameters:
            self.segment.defined.setdefault(parameter, (self.start, frozenset()))
        for pin in pins:
            self.segment.nodes[pin] = self.segment.nodes.get(pin, 0) + 1

    def open_segment(self) -> None:
        self.segment = Segment()
        self.facts.segments.append(self.segment)

    # devices

    def device(self, text: str) -> None:
        segment = self.segment
        if _SPECIAL.search(text) is None:
            words: list[str] = text.split()
            named: list[tuple[str, str]] = []
        else:
            if "{" in text or "}" in text or "'" in text:
                self.brackets(text)
            words, named = split(text)
            if not words:
                return
        name = words[0]
        letter = name[0]
        if name in segment.devices:
            segment.repeated.append((name, self.start))
        else:
            segment.devices[name] = self.start
        if len(words) < _LEAST_WORDS.get(letter, 2) and not (named and len(words) > NODES.get(letter, 1)):
            self.short(name, letter, len(words))
            return
        nodes = self.nodes_of(letter, words)
        counts = segment.nodes
        for node in nodes:
            counts[node] = counts.get(node, 0) + 1
        if letter in "rcl":
            if letter != "c":
                segment.conducting.append((nodes[0], nodes[1]))
                if letter == "l":
                    segment.loops.append((nodes[0], nodes[1], name, self.start))
            if len(words) > 3:
                wrong = passive(letter, words[3])
                if wrong is not None:
                    self.passive(letter, words, wrong)
        elif letter in _CONDUCTS:
            self.conduct(letter, nodes, name)
        elif letter == "b" and any(key == "v" for key, _ in named):
            segment.conducting.append((nodes[0], nodes[1]))
        if letter in "vi" and len(words) > 4 and (more := superfluous(words)) is not None:
            message = "WORD belongs to nothing: a source has one value, and what DC and AC take"
            self.say("SP216", message, words[more], before=words[:more].count(words[more]))
        if letter in "vi" and ("ac" in words or any(key == "ac" for key, _ in named)):
            self.facts.stimulated = True
        if "v(" in text or "v (" in text:
            for match in PROBE.finditer(text):
                segment.probed.update(node for node in match.groups() if node)
        if named and letter in "rcldqjm":
            from kiki_tools.spice.parameters import unknown_instance_parameters

            for wrong in unknown_instance_parameters(letter, [key for key, _ in named]):
                self.say("SP216", "WORD is no parameter of this device", wrong)
        if letter != "u" and (named or "{" in text or "'" in text):
            known = CONSTANTS if letter in "beg" or "v(" in text or "i(" in text else frozenset()
            self.uses([*words[1:], *(value for _, value in named)], known=known)

    def short(self, name: str, letter: str, words: int) -> None:
        wanted = {
            "r": "two nodes and a value", "c": "two nodes and a value", "l": "two nodes and a value",
            "v": "two nodes", "i": "two nodes", "d": "two nodes and a model", "q": "three nodes and a model",
            "j": "three nodes and a model", "z": "three nodes and a model",
            "m": "three or four nodes and a model", "k": "two inductors and a coefficient",
        }.get(letter, "more nodes")  # fmt: skip
        self.facts.quiet.append((self.start, self.end))
        shown = self.text[self.start : self.start + len(name)]
        self.say("SP102", f"{shown} needs {wanted}")

    def nodes_of(self, letter: str, words: list[str]) -> list[str]:
        """The nodes of the device; notes the model, subcircuit or sources that it names."""
        if letter in "rclvib":  # what a value may name is looked at with the value
            return words[1:3]
        segment, rest = self.segment, words[1:]
        indices, model = places(letter, rest)
        nodes = [rest[index] for index in indices]
        if letter == "x":
            if model is not None and rest[model][0] not in "{'\"":
                segment.calls.setdefault((rest[model], len(nodes)), self.start)
        elif model is not None and letter not in "au":
            segment.models.setdefault((letter, rest[model]), self.start)
        named = rest[2:3] if letter in "fhw" else [word for word in rest if word[0] == "l"] if letter == "k" else []
        for name in named:
            if name not in CONTROLLED and name[0] not in _NUMBER_START:
                segment.sources.setdefault(name, self.start)
        return nodes

    def conduct(self, letter: str, nodes: list[str], name: str) -> None:
        if letter in "veh":
            self.segment.loops.append((nodes[0], nodes[1], name, self.start))
            nodes = nodes[:2]
        elif letter in "sw":
            nodes = nodes[:2]
        elif letter in "xaunpy":
            self.segment.held.update(nodes)
            return
        elif letter == "m":
            nodes = [*nodes[:1], *nodes[2:]]  # the gate is an insulator
        if len(nodes) > 1:
            self.segment.conducting.append(tuple(nodes))

    def passive(self, letter: str, words: list[str], wrong: str) -> None:
        """Notes what `passive` found odd about the value."""
        name, value = words[0], words[3]
        if wrong == "name":
            # No number: a model, a parameter without braces, or a mistake. The index knows the names.
            self.segment.models.setdefault((letter, value), self.start)
        elif wrong == "milli":
            start, end = self.place(value)
            written = self.text[start:end]
            if "M" in written:
                self.say("SP401", "WORD is in milliohms: mega is MEG", value, written.replace("M", "MEG", 1))
        elif wrong == "odd":
            self.say("SP407", "WORD is read up to its first odd character", value)
        elif wrong == "rkm":
            digits, suffix, more = RKM.fullmatch(value).groups()  # type: ignore[union-attr]
            suffix = "" if suffix == "r" else suffix
            written = f"{digits}.{more}{suffix}"
            if letter == "r":
                self.say(
                    "SP407", f"WORD is read as {digits}{suffix}: ngspice stops at the {suffix or 'R'}", value, written
                )
            else:
                self.say("SP404", "WORD is no number for ngspice: it takes it for a model", value, written)
        elif wrong == "zero":
            self.say("SP403", f"{name} is a resistor of 0 ohm", value)
        elif wrong == "negative":
            self.say("SP405", f"{name} has a negative value", value)
        elif wrong == "huge":
            unit = {"c": "farads", "l": "henries", "r": "ohms"}[letter]
            self.say("SP406", f"WORD is in {unit}: is a suffix missing?", value)

    # expressions

    def uses(self, expressions: Iterable[str], *, bare: bool = False, known: frozenset[str] = frozenset()) -> None:
        """Notes the parameters that expressions in braces or quotes use (``bare``: without them too), but the known."""
        for expression in expressions:
            for piece in (expression,) if bare else _QUOTED.findall(expression):
                for name in identifiers(piece):
                    if name not in known:
                        self.segment.parameters.setdefault(name, self.start)

    def brackets(self, text: str) -> None:
        text = text[: comment_start(text)]
        if text.count("{") != text.count("}"):
            more = "{" if text.count("{") > text.count("}") else "}"
            self.say("SP105", f"unbalanced braces: one {more} too many")
        elif text.count("'") % 2:
            self.say("SP105", "a quote is not closed")
