"""Where a name is defined and used: across scopes, and across the files that a deck draws in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_tools.language import Location, NotRenamed, Workspace
from kiki_tools.spice.cards import card_at
from kiki_tools.spice.index import TOP, Path
from kiki_tools.spice.program import Program, Source, includes
from kiki_tools.spice.roles import Named, Role, expected, roles
from kiki_tools.spice.topology import GROUNDS
from kiki_tools.text import Edit, Snapshot, Span

_MOST = 5000
_GLOBAL: frozenset[Role] = frozenset({"model", "subcircuit", "parameter", "measure"})


@dataclass(frozen=True, slots=True)
class Name:
    """What a word names: its kind, the name in lower case, and the scope where it counts."""

    role: Role
    name: str
    path: Path


def name_at(program: Program, offset: int) -> tuple[Name, Named] | None:
    """The name that stands at ``offset``; null where none does."""
    pieces = [named for named in _pieces(program.own.snapshot, offset) if offset in named.span]
    for named in sorted(pieces, key=lambda each: len(each.span)):
        found = _name(named, program.own)
        if found is not None:
            return found, named
    return None


def definition(program: Program, offset: int, workspace: Workspace) -> list[Location]:
    """Where the name at ``offset`` is defined, in this file or an included one."""
    for include in includes(program.own, workspace):
        if offset in include.span:
            return [Location(include.path(workspace), Span(0, 0))]
    found = name_at(program, offset)
    if found is None:
        return []
    name = found[0]
    match name.role:
        case "model":
            model = program.model(name.name)
            return _place(model[0], model[1], name) if model else []
        case "subcircuit":
            subcircuit = program.subcircuit(name.name)
            return _place(subcircuit[0], subcircuit[1].start, name) if subcircuit else []
        case "parameter":
            parameter = program.parameter(name.name)
            return _place(parameter[0], parameter[1], name) if parameter else []
        case "device":
            index = program.own.index
            for _, entry, path, segment in index.having("devices"):
                if path == name.path and name.name in segment.devices:
                    return _place(program.own, entry.start + segment.devices[name.name], name)
        case "node":
            own = next(iter(_uses(program.own, name)), None)
            return [Location(program.own.snapshot.path, own)] if own else []
    return []


def references(
    program: Program, offset: int, workspace: Workspace, *, declaration: bool = True, everywhere: bool = True
) -> list[Location]:
    """All places of the name at ``offset``, at most some thousands; only this file's unless ``everywhere``."""
    found = name_at(program, offset)
    if found is None:
        return []
    name = found[0]
    sources = program.sources if everywhere and name.role in _GLOBAL else [program.own]
    places = [Location(source.snapshot.path, span) for source in sources for span in _uses(source, name)]
    if not declaration:
        declared = definition(program, offset, workspace)
        places = [place for place in places if place not in declared]
    return places


def prepare_rename(program: Program, offset: int) -> Span | None:
    """The word that a rename at ``offset`` would change; null if there is no name."""
    found = name_at(program, offset)
    if found is None or (found[0].role == "node" and found[0].name in GROUNDS):
        return None
    return found[1].span


def rename(program: Program, offset: int, new: str, workspace: Workspace) -> dict[str, list[Edit]]:
    """The edits, by path, that give the name at ``offset`` another one.

    Raises:
        NotRenamed: if there is no name, or the new one is none, is taken, or would make another device of it.
    """
    found = name_at(program, offset)
    if found is None or prepare_rename(program, offset) is None:
        raise NotRenamed("there is no name to change here")
    name = found[0]
    low = new.lower()
    if not re.fullmatch(r"[^\s=(),'\"{};$*+]+", new):
        raise NotRenamed(f"{new!r} is no name: no spaces, quotes, brackets, commas, = or ;")
    if name.role == "device" and low[0] != name.name[0]:
        raise NotRenamed(f"the first letter says what the device is: the name must begin with {name.name[0].upper()}")
    if name.role == "parameter" and not re.fullmatch(r"[a-z_]\w*", low):
        raise NotRenamed(f"{new!r} is no name of a parameter: letters, digits and _")
    if low != name.name and _taken(program, name, low):
        raise NotRenamed(f"{new} is taken")
    edits: dict[str, list[Edit]] = {}
    for place in references(program, offset, workspace):
        edits.setdefault(place.path, []).append(Edit(place.span, new))
    return edits


def _taken(program: Program, name: Name, new: str) -> bool:
    match name.role:
        case "model":
            return program.model(new) is not None
        case "subcircuit":
            return program.subcircuit(new) is not None
        case "parameter":
            return program.parameter(new) is not None
        case "device":
            scope = program.own.index.scopes.get(name.path)
            return scope is not None and new in scope.devices
        case "node":
            scope = program.own.index.scopes.get(name.path)
            return new in GROUNDS or (scope is not None and new in scope.nodes)
    return False


def _pieces(snapshot: Snapshot, offset: int) -> list[Named]:
    """The pieces of the card, or of the ``@expect`` comment, at ``offset``."""
    card = card_at(snapshot, offset)
    if card is not None:
        return roles(card)
    span = snapshot.line_span(snapshot.line_of(offset))
    return expected(snapshot.slice(span), span.start)


def _name(named: Named, source: Source) -> Name | None:
    if named.role in _GLOBAL:
        return Name(named.role, named.name, TOP)
    path = source.index.scope_at(named.span.start)
    if named.role == "node":
        return Name("node", named.name, TOP if named.name in GROUNDS else path)
    return Name("device", named.name, path) if named.role in ("device", "reference") else None


def _uses(source: Source, name: Name) -> Iterator[Span]:
    """The places of a name in one file, in the order of the text."""
    text = source.snapshot.text
    pattern = re.compile(rf"(?<![\w.#:-]){re.escape(name.name)}(?![\w.#:-])", re.IGNORECASE)
    pieces: list[Named] = []
    read = Span(0, 0)
    count = 0
    for match in pattern.finditer(text):
        if not pieces or not read.start <= match.start() < read.end:
            pieces = _pieces(source.snapshot, match.start())
            read = Span(pieces[0].span.start, pieces[-1].span.end) if pieces else read
        for named in pieces:
            if named.span.start == match.start() and named.name == name.name and _name(named, source) == name:
                yield named.span
                count += 1
                break
        if count >= _MOST:
            return


def _place(source: Source, start: int, name: Name) -> list[Location]:
    card = card_at(source.snapshot, start)
    if card is None:
        return []
    for named in roles(card):
        if named.name == name.name and named.role in (name.role, "parameter"):
            return [Location(source.snapshot.path, named.span)]
    return [Location(source.snapshot.path, card.name.span)]
