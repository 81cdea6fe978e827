"""What each word of a card is: the one reading that hover, references, colours and completion share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kiki_tools.spice.cards import Card, Word
from kiki_tools.spice.values import parse_number
from kiki_tools.spice.words import CONTROLLED, FLAGS, identifiers, places
from kiki_tools.text import Span

Role = Literal[
    "device", "node", "model", "subcircuit", "parameter", "attribute", "value", "expression", "directive", "measure",
    "type", "file", "section", "keyword", "reference", "function", "command", "title", "string",
]  # fmt: skip
_WAVES = frozenset({"pulse", "sin", "sine", "exp", "pwl", "sffm", "am", "trnoise", "trrandom", "external", "dc", "ac"})
_MEASURE_WORDS = frozenset(
    """
        tran ac dc sp noise op avg max min pp rms integ deriv param find when at trig targ val rise fall cross
        last from to td min_at max_at par
    """.split()
)
_PROBE = re.compile(r"(?i)\b(v|i|vdb|vm|vp|vr|vi|idb|im|ip)\s*\(\s*([^\s,()]+)\s*(?:,\s*([^\s,()]+)\s*)?\)")


@dataclass(frozen=True, slots=True)
class Named:
    """A piece of a card with its role; ``name`` is as SPICE compares it."""

    role: Role
    name: str
    span: Span


def roles(card: Card) -> list[Named]:
    """The pieces of a card in the order of the text. Expressions give the names inside of them too."""
    return sorted(_roles(card), key=lambda named: named.span)


def _roles(card: Card) -> Iterator[Named]:
    words = card.words
    if card.kind == "title":
        yield Named("title", words[0].low, words[0].span)
        return
    if card.kind == "control":
        yield Named("command", words[0].low, words[0].span)
        yield from _probes(card, card.words)
        return
    if card.kind == "directive":
        yield from _directive(card)
    else:
        yield from _device(card)


def _named(role: Role, word: Word) -> Named:
    return Named(role, word.low, word.span)


def _value(word: Word) -> Iterator[Named]:
    if word.text[:1] in "{'" and len(word.text) > 1:
        yield _named("expression", word)
        yield from inside(word)
    elif word.text[:1] == '"':
        yield _named("string", word)
    else:
        yield _named("value" if parse_number(word.text) is not None else "keyword", word)


def inside(word: Word) -> Iterator[Named]:
    """The parameters and probed nodes of an expression."""
    for match in _PROBE.finditer(word.text):
        for group in (2, 3):
            if match[group]:
                role: Role = "node" if match[1].lower()[0] == "v" else "reference"
                start = word.span.start + match.start(group)
                yield Named(role, match[group].lower(), Span(start, start + len(match[group])))
    for name in identifiers(word.low):
        for match in re.finditer(rf"(?<![\w.@]){re.escape(name)}(?![\w.]*\s*\(|\w)", word.low):
            start = word.span.start + match.start()
            yield Named("parameter", name, Span(start, start + len(name)))


def _assignments(card: Card, name_role: Role) -> Iterator[Named]:
    """The pairs of ``name = value``; a value goes on to the next name."""
    words = card.words
    marks = [at for at, word in enumerate(words) if word.text == "="]
    for number, at in enumerate(marks):
        if at == 0:
            continue
        yield _named(name_role, words[at - 1])
        end = marks[number + 1] - 1 if number + 1 < len(marks) else len(words)
        value = [word for word in words[at + 1 : end] if word.text not in ("(", ")", ",")]
        if len(value) == 1:
            yield from _value(value[0])
        else:
            yield from _bare(value)


def _bare(words: list[Word]) -> Iterator[Named]:
    """An expression without braces: its numbers and names."""
    for word in words:
        if word.text[:1] in "{'\"" or parse_number(word.text) is not None:
            yield from _value(word)
        else:
            yield from inside(word)


def _probes(card: Card, words: tuple[Word, ...]) -> Iterator[Named]:
    """``v ( node )`` and ``i ( source )`` among words."""
    for at, word in enumerate(words[:-2]):
        if words[at + 1].text == "(" and word.low in ("v", "i", "vdb", "vm", "vp", "vr", "vi", "idb", "im", "ip"):
            role: Role = "node" if word.low[0] == "v" else "reference"
            for inner in words[at + 2 : at + 5]:
                if inner.text == ")":
                    break
                if inner.text != ",":
                    yield _named(role, inner)


def _device(card: Card) -> Iterator[Named]:
    words = card.positional()
    name, letter = card.name, card.letter
    yield _named("device", name)
    if any(word.text == "=" for word in card.words):
        yield from _assignments(card, "attribute")
    yield from _probes(card, card.words)
    nodes, rest = nodes_of(letter, words), []
    for node in nodes:
        yield _named("node", node)
    taken = {id(node) for node in nodes}
    rest = [word for word in words if id(word) not in taken]
    model = model_of(letter, words)
    if letter == "x":
        yield from (_named("keyword", word) for word in rest if word.low == "params:")
        if model is not None:
            yield _named("subcircuit", model)
        return
    for number, word in enumerate(rest):
        if model is not None and word is model:
            yield _named("model", word)
        elif (letter in "fhw" and number == 0 and word.low not in CONTROLLED and parse_number(word.text) is None) or (
            letter == "k" and word.low[:1] == "l"
        ):
            yield _named("reference", word)
        elif word.low in CONTROLLED or word.low in _WAVES or word.low in FLAGS:
            yield _named("keyword", word)
        else:
            yield from _value(word)


_EXPECTATION = re.compile(r"\s*\*+\s*@expect\s+(?P<name>[a-z_][\w.]*)?", re.IGNORECASE)


def expected(line: str, start: int) -> list[Named]:
    """The names in an ``@expect`` comment at offset ``start``: its measure, or the nodes and sources of its vector."""
    match = _EXPECTATION.match(line)
    if match is None:
        return []
    word = Word(line, Span(start, start + len(line)))
    found = [named for named in inside(word) if named.role != "parameter"]
    if match["name"] and not found:
        found.append(
            Named("measure", match["name"].lower(), Span(start + match.start("name"), start + match.end("name")))
        )
    return found


def nodes_of(letter: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The nodes among a device's words (those after its name, before the first ``name = value``)."""
    return tuple(words[index] for index in places(letter, [word.low for word in words])[0])


def model_of(letter: str, words: tuple[Word, ...]) -> Word | None:
    """The word that names a device's model, or the subcircuit that a call names."""
    model = places(letter, [word.low for word in words])[1]
    return None if model is None else words[model]


def pins_of(card: Card) -> tuple[Word, ...]:
    """The pins that a ``.subckt`` card names."""
    words = card.positional()[1:]
    return tuple(word for word in words if word.low not in ("params:", "optional:"))


def _directive(card: Card) -> Iterator[Named]:
    words = card.words
    name = card.name.low
    yield _named("directive", card.name)
    arguments = [word for word in card.positional() if word is not card.name]
    if name in (".subckt", ".macro"):
        if arguments:
            yield _named("subcircuit", arguments[0])
        for pin in pins_of(card):
            yield _named("node", pin)
        yield from _assignments(card, "parameter")
    elif name in (".ends", ".eom"):
        if arguments:
            yield _named("subcircuit", arguments[0])
    elif name == ".model":
        if arguments:
            yield _named("model", arguments[0])
        if len(arguments) > 1:
            yield _named("type", arguments[1])
        yield from _assignments(card, "attribute")
    elif name in (".param", ".params", ".csparam", ".global_param"):
        yield from _assignments(card, "parameter")
    elif name == ".func":
        if arguments:
            yield _named("parameter", arguments[0])
        for word in words[2:]:
            if word.text[0] in "{'":
                yield from _value(word)
    elif name in (".include", ".inc", ".lib"):
        if arguments:
            yield _named("file" if name != ".lib" or len(arguments) > 1 else "section", arguments[0])
        if len(arguments) > 1:
            yield _named("section", arguments[1])
    elif name in (".meas", ".measure"):
        for number, word in enumerate(words[1:]):
            if number == 1:
                yield _named("measure", word)
            elif word.low in _MEASURE_WORDS:
                yield _named("keyword", word)
            elif word.text[0] in "{'" or parse_number(word.text) is not None:
                yield from _value(word)
        yield from _probes(card, words)
    elif name in (".global", ".nodeset", ".ic") and name == ".global":
        for word in arguments:
            yield _named("node", word)
    elif name == ".dc":
        for number, word in enumerate(arguments):
            if number % 4 == 0 and parse_number(word.text) is None:
                yield _named("keyword" if word.low == "temp" else "reference", word)
            else:
                yield from _value(word)
    else:
        yield from _probes(card, words)
        probed = {named.span for named in _probes(card, words)}
        for word in arguments:
            if word.span not in probed:
                yield from _value(word)
        yield from _assignments(card, "attribute")
