"""Which subcircuit calls which."""

from __future__ import annotations

from collections.abc import Iterator

from kiki_tools.language import Call, Callee
from kiki_tools.spice.cards import card_at
from kiki_tools.spice.index import TOP, Path
from kiki_tools.spice.program import Program, Source, occurrences
from kiki_tools.spice.roles import roles
from kiki_tools.text import Span


def callee(program: Program, offset: int) -> Callee | None:
    """The subcircuit that is defined or called at ``offset`` of the program's own file."""
    card = card_at(program.own.snapshot, offset)
    if card is None:
        return None
    for named in roles(card):
        if named.role == "subcircuit" and (offset in named.span or card.name.low in (".subckt", ".macro")):
            return _callee(program, named.name)
    return None


def incoming_calls(program: Program, path: str, offset: int) -> list[Call]:
    """Who calls the subcircuit whose header stands at ``offset`` of the file ``path``."""
    found = _defined(program, path, offset)
    if found is None:
        return []
    callers: dict[tuple[str, Path], list[Span]] = {}
    for source in program.sources:
        for scope, called, span in _calls(source):
            if called == found.name.lower():
                callers.setdefault((source.snapshot.path, scope), []).append(span)
    return [Call(_caller(program, where, scope), found, tuple(spans)) for (where, scope), spans in callers.items()]


def outgoing_calls(program: Program, path: str, offset: int) -> list[Call]:
    """What the subcircuit whose header stands at ``offset`` of the file ``path`` calls."""
    found = _defined(program, path, offset)
    if found is None:
        return []
    called: dict[str, list[Span]] = {}
    for source in program.sources:
        if source.snapshot.path == path:
            for scope, name, span in _calls(source):
                if scope and scope[-1].partition("#")[0] == found.name.lower():
                    called.setdefault(name, []).append(span)
    listed = ((_callee(program, name), spans) for name, spans in called.items())
    return [Call(found, one, tuple(spans)) for one, spans in listed if one is not None]


def _defined(program: Program, path: str, offset: int) -> Callee | None:
    for source in program.sources:
        if source.snapshot.path == path:
            card = card_at(source.snapshot, offset)
            for named in roles(card) if card is not None else ():
                if named.role == "subcircuit":
                    return _callee(program, named.name)
    return None


def _callee(program: Program, name: str) -> Callee | None:
    known = program.subcircuit(name)
    if known is None:
        return None
    source, header = known
    card = card_at(source.snapshot, header.start)
    word = next((each for each in roles(card) if each.role == "subcircuit"), None) if card is not None else None
    span = Span(header.start, header.end)
    shown = source.snapshot.slice(word.span) if word is not None else name
    return Callee(shown, " ".join(header.pins), source.snapshot.path, span, word.span if word is not None else span)


def _caller(program: Program, path: str, scope: Path) -> Callee:
    """The subcircuit that a scope is; the file for its top level."""
    found = _callee(program, scope[-1].partition("#")[0]) if scope != TOP else None
    return found or Callee(path.rpartition("/")[2], "top level", path, Span(0, 0), Span(0, 0))


def _calls(source: Source) -> Iterator[tuple[Path, str, Span]]:
    for number, entry, path, segment in source.index.having("calls"):
        for name in dict.fromkeys(name for name, _ in segment.calls):
            for start, end in occurrences(entry, number, name, "x"):
                yield path, name, Span(entry.start + start, entry.start + end)
