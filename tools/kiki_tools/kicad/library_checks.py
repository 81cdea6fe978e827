"""What is wrong with library symbols, and in the tables of libraries."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kiki_tools.kicad import libraries
from kiki_tools.kicad.finding import Finding
from kiki_tools.kicad.schematic import LibraryPin, LibrarySymbol, library_symbol
from kiki_tools.kicad.syntax import Document
from kiki_tools.language import Workspace


def symbols(document: Document) -> Iterator[Finding]:
    """A symbol library: symbols that stand twice or extend nothing, and what is wrong in each."""
    main = document.main
    first: dict[str, LibrarySymbol] = {}
    nodes = main.all("symbol") if main is not None else []
    known = {node.value() for node in nodes}
    for node in nodes:
        found = library_symbol(node)
        if found.extends and found.extends not in known:
            near = libraries.nearest(found.extends, list(known))
            meant = f"; did you mean {near}?" if near else ""
            at = document.inner_span(node.find("extends") or node)
            message = f"{found.name} extends {found.extends}, which the library doesn't have{meant}"
            yield Finding("KC210", at, message)
        other = first.setdefault(found.name, found)
        if other is not found:
            for each in (other, found):
                yield Finding("KC209", document.word_span(each.node), f"the library has two symbols {found.name}")
        yield from symbol(document, found)


def symbol(document: Document, found: LibrarySymbol) -> Iterator[Finding]:
    """One symbol of a library, or its copy in a schematic: how its units are called, pins with one number."""
    bare = libraries.split(found.name)[1]
    for unit in found.node.all("symbol"):
        name = unit.value()
        rest = name.removeprefix(f"{bare}_").split("_")
        if not name.startswith(f"{bare}_"):
            message = f"the units of {bare} are called {bare}_UNIT_STYLE, not {name}; KiCad refuses the file"
            yield Finding("KC114", document.inner_span(unit), message)
        elif len(rest) != 2 or not all(each.isascii() and each.isdigit() for each in rest):
            message = f"{name} tells no unit and body style: it must be {bare}_1_1, say; KiCad refuses the file"
            yield Finding("KC114", document.inner_span(unit), message)
    for pins in found.units.values():
        seen: dict[str, LibraryPin] = {}
        for pin in pins:
            other = seen.setdefault(pin.number, pin)
            if pin.number and (other.x, other.y) != (pin.x, pin.y):
                for each in (other, pin):
                    number = each.node.find("number") or each.node
                    yield Finding("KC209", document.inner_span(number), f"pin number {pin.number} stands twice")


def table(document: Document, workspace: Workspace) -> Iterator[Finding]:
    """A table of libraries: nicknames that stand twice, files that aren't there."""
    main = document.main
    variables = libraries.variables_of(workspace)
    folder = os.path.dirname(document.snapshot.path)
    seen: set[str] = set()
    for lib in main.all("lib") if main is not None else ():
        name, uri = lib.find("name"), lib.find("uri")
        if name is not None and name.value() in seen:
            yield Finding("KC208", document.inner_span(name), f"{name.value()} stands twice in the table")
        if name is not None:
            seen.add(name.value())
        if uri is None:
            continue
        path = libraries.expanded(uri.value(), folder, variables)
        reason = workspace.unreadable.get(path, "")
        folder_there = "regular file" in reason or reason == "is a directory"
        if "${" not in path and reason and not folder_there:
            yield Finding("KC208", document.inner_span(uri), f"{path}: {reason}")
