"""What kiki finds in a deck before ngspice runs it. Error-level only for what ngspice refuses or drops."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kiki_tools.language import Diagnostic, Fix, Workspace
from kiki_tools.spice import netlist, refusal
from kiki_tools.spice.cards import Card, Deck, parse
from kiki_tools.spice.codes import RULES
from kiki_tools.spice.includes import included
from kiki_tools.spice.netlist import DEVICE_LETTERS, NODES, Netlist
from kiki_tools.spice.values import parse_number, split_number
from kiki_tools.text import Edit, Snapshot, Span

_IGNORE = re.compile(r"kiki:\s*ignore\s+([A-Z0-9 ,]+)", re.IGNORECASE)
_ANALYSES = (".op", ".tran", ".ac", ".dc", ".noise", ".tf", ".pz", ".disto", ".sens", ".sp", ".pss")
_DIRECTIVES = frozenset(
    [
        "ac",
        "alter",
        "backanno",
        "control",
        "csparam",
        "dc",
        "disto",
        "data",
        "else",
        "elseif",
        "end",
        "endc",
        "endif",
        "endl",
        "ends",
        "endm",
        "eom",
        "ends",
        "fft",
        "four",
        "func",
        "global",
        "ic",
        "if",
        "inc",
        "include",
        "lib",
        "lin",
        "macro",
        "mc",
        "meas",
        "measure",
        "model",
        "net",
        "nodeset",
        "noise",
        "op",
        "opt",
        "option",
        "options",
        "param",
        "params",
        "plot",
        "pprint",
        "preprocess",
        "print",
        "probe",
        "protect",
        "unprotect",
        "prot",
        "unprot",
        "pss",
        "pz",
        "save",
        "sens",
        "sp",
        "step",
        "subckt",
        "temp",
        "tf",
        "title",
        "tran",
        "width",
        "wave",
        "vec",
        "connect",
        "hdl",
        "veriloga",
        "del",
        "distribution",
        "inoise",
    ]
)
_GROUNDS = frozenset({"0", "gnd", "gnd!"})
_MOST = 2000


def diagnose(snapshot: Snapshot, workspace: Workspace) -> list[Diagnostic]:
    """All findings of the snapshot, in the order of their places; at most two thousand."""
    deck = parse(snapshot)
    names = netlist.index(deck, workspace)
    silenced = [match[1].upper() for comment in deck.comments for match in _IGNORE.finditer(comment.text)]
    ignored = {code for codes in silenced for code in re.split(r"[ ,]+", codes)}
    found: list[Diagnostic] = []
    for diagnostic in _all(deck, names, workspace):
        if diagnostic.code not in ignored:
            found.append(diagnostic)
        if len(found) >= _MOST:
            break
    return sorted(found, key=lambda diagnostic: (diagnostic.span, diagnostic.code))


def _all(deck: Deck, names: Netlist, workspace: Workspace) -> Iterator[Diagnostic]:
    yield from _structure(deck)
    yield from _devices(deck, names)
    yield from _files(deck, workspace)
    yield from _circuit(deck, names)
    for card, what in refusal.reaching(deck):
        yield _at(deck, card.name.span, "SP601", f"`{card.name.text}` {what}: outside of a sandbox this harms")


def _at(deck: Deck, span: Span, code: str, message: str, *fixes: Fix) -> Diagnostic:
    return Diagnostic(deck.snapshot.path, span, RULES[code].severity, code, message, fixes=fixes)


def _structure(deck: Deck) -> Iterator[Diagnostic]:
    opened: list[Card] = []
    for card in deck.directives(".subckt", ".macro", ".ends", ".eom"):
        if card.name.low in (".subckt", ".macro"):
            opened.append(card)
        elif opened:
            opened.pop()
        else:
            yield _at(deck, card.span, "SP103", "this .ends closes no .subckt")
    for card in opened:
        yield _at(deck, card.name.span, "SP103", "this .subckt has no .ends")
    for card in deck.cards:
        if card.kind == "directive" and card.name.low[1:] not in _DIRECTIVES:
            yield _at(deck, card.name.span, "SP101", f"{card.name.text} is no directive that kiki knows")
    if deck.end is not None:
        after = next((card for card in deck.cards if card.span.start > deck.end.span.end), None)
        if after is not None:
            yield _at(deck, after.span, "SP104", "ngspice reads nothing after .end")


def _devices(deck: Deck, names: Netlist) -> Iterator[Diagnostic]:
    seen: dict[tuple[tuple[str, ...], str], Card] = {}
    conditional = any(True for _ in deck.directives(".if"))
    for card in deck.devices():
        if card.letter not in DEVICE_LETTERS:
            message = f"{card.name.text!r} starts with no device letter: ngspice ignores the line"
            yield _at(deck, card.name.span, "SP101", message)
            continue
        key = (card.scope, card.name.low)
        if key in seen and not conditional:
            first = seen[key].line + 1
            yield _at(deck, card.name.span, "SP201", f"{card.name.text} is already on line {first}")
        seen.setdefault(key, card)
        least = NODES.get(card.letter)
        words = card.positional()
        named = any(True for _ in card.assignments())
        short = least is not None and len(words) < least
        lacks_value = card.letter in "rcl" and len(words) == least and not named
        if least is not None and (short or lacks_value) and card.letter in "rclvid":
            wanted = f"{least} nodes" + (" and a value" if card.letter in "rcl" else "")
            yield _at(deck, card.span, "SP102", f"{card.name.text} needs {wanted}")
            continue
        yield from _models(deck, names, card)
        yield from _values(deck, card)


def _models(deck: Deck, names: Netlist, card: Card) -> Iterator[Diagnostic]:
    if not names.complete:
        return
    model = netlist.model_word(card)
    if model is not None and card.letter in "d" and not _known_model(names, model.low):
        yield _at(deck, model.span, "SP202", f"there is no .model {model.text}{_nearest(model.low, names.models)}")
    elif model is not None and card.letter in "qmjzs":
        after = card.positional()[netlist.MODEL_AFTER[card.letter] :]
        if not any(_known_model(names, word.low) for word in after[:3]) and not _is_number(model.text):
            yield _at(deck, model.span, "SP202", f"there is no .model {model.text}{_nearest(model.low, names.models)}")
    call = netlist.called(card)
    if call is None or "{" in call.text:
        return
    if call.low not in names.subcircuits:
        near = _nearest(call.low, names.subcircuits)
        yield _at(deck, call.span, "SP203", f"there is no .subckt {call.text}{near}")
        return
    wanted = netlist.pins(names.subcircuits[call.low][1])
    given = netlist.nodes(card)
    if len(given) != len(wanted):
        pins = " ".join(word.text for word in wanted)
        yield _at(deck, card.span, "SP204", f"{call.text} has {len(wanted)} pins ({pins}), {len(given)} are connected")


def _known_model(names: Netlist, name: str) -> bool:
    return name in names.models or any(model.startswith(f"{name}.") for model in names.models)


def _nearest(name: str, known: dict[str, tuple[Deck, Card]]) -> str:
    import difflib

    close = difflib.get_close_matches(name, list(known)[:500], 1)
    return f"; did you mean {close[0]}?" if close else ""


def _is_number(text: str) -> bool:
    return parse_number(text) is not None


def _values(deck: Deck, card: Card) -> Iterator[Diagnostic]:
    words = card.positional()
    if card.letter == "r" and len(words) > 2:
        parts = split_number(words[2].text)
        if parts and parts[1] == "m" and words[2].text.rstrip("oOhHmMsS")[-1:] != "m" and "M" in words[2].text:
            mega = words[2].text.replace("M", "MEG", 1)
            fix = Fix(f"Write {mega}", (Edit(words[2].span, mega),))
            yield _at(deck, words[2].span, "SP401", f"{words[2].text} is {parts[0]:g} milliohm; mega is MEG", fix)
        if parse_number(words[2].text) == 0:
            yield _at(deck, words[2].span, "SP403", f"{card.name.text} is a resistor of 0 ohm")
    for word in netlist.nodes(card):
        if word.low == "o":
            yield _at(deck, word.span, "SP402", "the letter O is not ground", Fix("Write 0", (Edit(word.span, "0"),)))


def _files(deck: Deck, workspace: Workspace) -> Iterator[Diagnostic]:
    for card, word, path in included(deck):
        if path in workspace.unreadable:
            yield _at(deck, word.span, "SP206", f"{word.text} can't be read: it {workspace.unreadable[path]}")
        elif path == deck.snapshot.path and card.name.low != ".lib":
            yield _at(deck, word.span, "SP206", "the file includes itself")


def _circuit(deck: Deck, names: Netlist) -> Iterator[Diagnostic]:
    top = [card for card in deck.devices() if not card.scope]
    if deck.title is None or not top or deck.end is None:
        return
    counted = netlist.connections(deck)
    has_includes = any(True for _ in included(deck))
    grounded = any(_GROUNDS & set(scope) for scope in counted.values())
    if not grounded and not has_includes and not any(True for _ in deck.directives(".global")):
        yield _at(deck, top[0].span, "SP301", "no device is connected to node 0")
    for card in deck.devices("rclvidqmj"):
        for word in netlist.nodes(card):
            lone = counted[card.scope][word.low] == 1 and word.low not in _GROUNDS
            if lone and not _global(deck, word.low) and not has_includes:
                yield _at(deck, word.span, "SP302", f"node {word.text} has no other connection")
    control = any(card.kind == "control" for card in deck.cards)
    if not control and not any(True for _ in deck.directives(*_ANALYSES)) and not has_includes:
        yield _at(deck, deck.end.span, "SP501", "nothing is analysed: add .op, .tran, .ac or .dc")


def _global(deck: Deck, node: str) -> bool:
    return any(word.low == node for card in deck.directives(".global") for word in card.words[1:])
