"""What could be typed: by the card's letter and the place in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from kiki_tools.language import Completion
from kiki_tools.spice.cards import Card, card_at
from kiki_tools.spice.explain import INSTANCE, parameter_values
from kiki_tools.spice.includes import SUFFIXES
from kiki_tools.spice.index import Path
from kiki_tools.spice.parameters import devices, of_model
from kiki_tools.spice.program import Program
from kiki_tools.spice.values import format_value
from kiki_tools.spice.vocabulary import DEVICES, DIRECTIVES, FUNCTIONS, MODEL_TYPES, OPTIONS
from kiki_tools.spice.words import NODES
from kiki_tools.text import Snapshot, Span

_WORD = re.compile(r"[^\s=(),'{}\"+*/<>?:-]*$")
_MOST_NODES = 2000


def complete(program: Program, offset: int) -> Sequence[Completion]:
    """What fits where the cursor stands, best first."""
    snapshot = program.own.snapshot
    line = snapshot.line_span(snapshot.line_of(offset))
    before = snapshot.slice(Span(line.start, offset))
    if before.lstrip()[:1] in ("*", "#", ";", "$") or re.search(r";|\$ ", before):
        return []
    match = _WORD.search(before)
    typed = match.group() if match else ""
    span = Span(offset - len(typed), offset)
    found = list(_proposals(program, before, typed, span))
    low = typed.lower()
    fitting = [one for one in found if one.label.lower().startswith(low)]
    return list({one.label: one for one in fitting}.values())


def _proposals(program: Program, before: str, typed: str, span: Span) -> Iterator[Completion]:
    stripped = before.lstrip()
    if stripped == typed:
        yield from _first(span)
        return
    # The card without what stands behind the cursor: its words say which place this is.
    card = card_at(program.own.snapshot, span.start)
    if card is None:
        return
    done = tuple(word for word in card.words if word.span.end <= span.start)
    if not done:
        return
    head = Card(card.kind, Span(card.span.start, span.start), card.line, done)
    if _in_expression(before):
        yield from _expression(program, span)
        return
    low = head.name.low
    path = program.own.index.scope_at(card.span.start)
    if head.kind == "directive":
        yield from _directive(head, low, program, path, span, before)
    else:
        yield from _device(head, program, path, span)


def _first(span: Span) -> Iterator[Completion]:
    for name, about in DIRECTIVES.items():
        yield Completion(name, "directive", span, name, about)
    for letter, about in DEVICES.items():
        yield Completion(letter.upper(), "device", span, letter.upper(), about)


def _in_expression(before: str) -> bool:
    return before.count("{") > before.count("}") or before.count("'") % 2 == 1


def _expression(program: Program, span: Span) -> Iterator[Completion]:
    known = parameter_values(program)
    for source in program.sources:
        for name in source.definitions.parameters:
            detail = format_value(known[name]) if name in known else ""
            yield Completion(name, "parameter", span, name, detail)
    for name, about in FUNCTIONS.items():
        yield Completion(name, "function", span, f"{name}(", about)


def _device(head: Card, program: Program, path: Path, span: Span) -> Iterator[Completion]:
    letter = head.letter
    at = len(head.positional())
    if head.words[-1].text == "=":
        yield from _expression(program, span)
        return
    if letter == "x":
        yield from _subcircuits(program, span)
        yield from _nodes(program, path, span)
        return
    needed = NODES.get(letter, 0)
    if letter in "fhw" and at == 2:
        yield from _devices(program, path, span, "v")
    elif letter == "k":
        yield from _devices(program, path, span, "l")
    elif at < needed:
        yield from _nodes(program, path, span)
    else:
        yield from _models(program, span, letter)
        if letter in ("q", "m", "e", "g", "d"):
            yield from _nodes(program, path, span)
    if at >= needed and letter in INSTANCE:
        for name, about in devices()[INSTANCE[letter]]["instance"].items():
            yield Completion(name, "parameter", span, f"{name}=", about)
        if letter in "vi":
            for name, about in _WAVES.items():
                yield Completion(name, "function", span, f"{name}(", about)


_WAVES = {
    "PULSE": "PULSE(V1 V2 DELAY RISE FALL WIDTH PERIOD)", "SIN": "SIN(OFFSET AMPLITUDE FREQ DELAY DAMPING PHASE)",
    "EXP": "EXP(V1 V2 DELAY1 TAU1 DELAY2 TAU2)", "PWL": "PWL(T1 V1 T2 V2 …)",
    "SFFM": "SFFM(OFFSET AMPLITUDE CARRIER INDEX SIGNAL)", "AM": "AM(AMPLITUDE OFFSET MODULATION CARRIER DELAY)",
}  # fmt: skip


def _directive(head: Card, low: str, program: Program, path: Path, span: Span, before: str) -> Iterator[Completion]:
    count = len(head.words)
    if low in (".include", ".inc", ".lib") and count == 1:
        yield from _files(program.own.snapshot, before, span)
    elif low == ".model":
        if count == 2:
            for letter, kinds in MODEL_TYPES.items():
                for kind in sorted(kinds):
                    yield Completion(kind.upper(), "keyword", span, kind.upper(), DEVICES.get(letter, ""))
        elif count > 2 and head.words[-1].text != "=":
            for name, about in (of_model(head.words[2].low, _level(head)) or {}).items():
                yield Completion(name, "parameter", span, f"{name}=", about)
    elif low in (".options", ".option"):
        for name, about in OPTIONS.items():
            yield Completion(name, "keyword", span, name, about)
    elif low in (".meas", ".measure") and count == 1:
        for kind in ("tran", "ac", "dc", "sp", "noise"):
            yield Completion(kind, "keyword", span, kind, DIRECTIVES.get(f".{kind}", ""))
    elif low == ".ac" and count == 1:
        for kind in ("dec", "oct", "lin"):
            yield Completion(kind, "keyword", span, kind)
    elif low in (".dc", ".noise", ".tf") and count in (1, 2, 5):
        yield from _devices(program, path, span, "vi")
        yield from _nodes(program, path, span)
    elif low in (".meas", ".measure", ".print", ".plot", ".save", ".probe", ".ic", ".nodeset", ".noise", ".tf"):
        yield from _nodes(program, path, span)
        if low in (".meas", ".measure"):
            for word in (
                "avg",
                "max",
                "min",
                "pp",
                "rms",
                "integ",
                "find",
                "when",
                "at",
                "trig",
                "targ",
                "param",
                "from",
                "to",
            ):
                yield Completion(word, "keyword", span, word)
    elif low in (".ends",):
        yield from _subcircuits(program, span)


def _level(head: Card) -> int | None:
    for name, value in head.assignments():
        if name.low == "level" and value.text.isdigit():
            return int(value.text)
    return None


def _nodes(program: Program, path: Path, span: Span) -> Iterator[Completion]:
    scope = program.own.index.scopes.get(path)
    names = list(scope.nodes)[:_MOST_NODES] if scope else []
    for name in sorted({"0", *names}):
        yield Completion(name, "node", span, name)


def _devices(program: Program, path: Path, span: Span, letters: str) -> Iterator[Completion]:
    scope = program.own.index.scopes.get(path)
    for name in sorted(scope.devices) if scope else ():
        if name[0] in letters:
            yield Completion(name, "device", span, name, DEVICES.get(name[0], ""))


def _models(program: Program, span: Span, letter: str) -> Iterator[Completion]:
    fitting = MODEL_TYPES.get(letter)
    for source in program.sources:
        for name, (_, kind) in source.definitions.models.items():
            if fitting is None or kind in fitting:
                yield Completion(name, "model", span, name, kind)


def _subcircuits(program: Program, span: Span) -> Iterator[Completion]:
    for source in program.sources:
        for name, subcircuit in source.definitions.subcircuits.items():
            yield Completion(name, "subcircuit", span, name, " ".join(subcircuit.pins))


def _files(snapshot: Snapshot, before: str, span: Span) -> Iterator[Completion]:
    """Netlists beside the file and below; reading a folder is all the I/O there is in a completion."""
    begun = before.split(None, 1)[1].lstrip("\"'") if len(before.split(None, 1)) > 1 else ""
    folder = os.path.join(os.path.dirname(snapshot.path), os.path.dirname(begun))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)[:500]
    except OSError:
        return
    last = os.path.basename(begun)
    place = Span(span.end - len(last), span.end)
    for entry in entries:
        if entry.is_dir():
            yield Completion(f"{entry.name}/", "file", place, f"{entry.name}/")
        elif PurePath(entry.name).suffix.lower() in SUFFIXES:
            yield Completion(entry.name, "file", place, entry.name)
