"""Symbols and footprints of libraries: through a project's tables, and in the folders that KiCad was installed with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from kiki_tools.kicad.schematic import LibrarySymbol, library_symbol
from kiki_tools.kicad.sexpr import Node, unquoted
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_TOP_SYMBOL = re.compile(r'^(?:\t|  )\(symbol\s+("(?:[^"\\\n]|\\.)*")', re.MULTILINE)


def expanded(uri: str, folder: str, variables: Mapping[str, str]) -> str:
    """The path in a table, with `${KIPRJMOD}` as the project's folder and the other variables as they are set."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        return folder if name == "KIPRJMOD" else variables.get(name, match.group(0))

    return os.path.normpath(os.path.join(folder, _VARIABLE.sub(value, uri)))


def table(snapshot: Snapshot | None, variables: Mapping[str, str]) -> dict[str, str]:
    """The libraries of a table: their paths by nickname."""
    if snapshot is None:
        return {}
    main = document_of(snapshot).main
    if main is None:
        return {}
    folder = os.path.dirname(snapshot.path)
    return {
        lib.text_of("name"): expanded(lib.text_of("uri"), folder, variables)
        for lib in main.all("lib")
        if lib.find("disabled") is None
    }


def variables_of(workspace: Workspace) -> dict[str, str]:
    """The variables that KiCad sets for the folders of its own libraries."""
    found = {}
    for folder in workspace.search:
        name = os.path.basename(folder)
        if name in ("symbols", "footprints"):
            what = "SYMBOL_DIR" if name == "symbols" else "FOOTPRINT_DIR"
            found.update({f"KICAD{version}_{what}": folder for version in (6, 7, 8, 9, 10)})
    return found


def paths(nickname: str, of: str, workspace: Workspace, *, symbols: bool) -> Iterator[str]:
    """Where a library can be: what the project's table says, the user's table, the installed folders."""
    name, suffix = ("sym-lib-table", ".kicad_sym") if symbols else ("fp-lib-table", ".pretty")
    variables = variables_of(workspace)
    for folder in (os.path.dirname(of), *workspace.search):
        at = table(workspace.snapshots.get(os.path.join(folder, name)), variables).get(nickname)
        if at is not None:
            yield at
            return
    for folder in workspace.search:
        if os.path.basename(folder) == ("symbols" if symbols else "footprints"):
            yield os.path.join(folder, nickname + suffix)


def symbol_names(snapshot: Snapshot) -> list[str]:
    """The names of a library's symbols, without reading all of it where it is laid out as KiCad does."""
    return snapshot.kept("kicad.symbol_names", _symbol_names)


def _symbol_names(snapshot: Snapshot) -> list[str]:
    found = [unquoted(match.group(1)) for match in _TOP_SYMBOL.finditer(snapshot.text)]
    if not found and (main := document_of(snapshot).main) is not None:
        found = [node.value() for node in main.all("symbol")]
    return found


def symbol_in(snapshot: Snapshot, name: str) -> LibrarySymbol | None:
    """A symbol of a library; of one that extends another, with the other's pins."""
    main = document_of(snapshot).main
    if main is None:
        return None
    found = next((node for node in main.all("symbol") if node.value() == name), None)
    if found is None:
        return None
    symbol = library_symbol(found)
    seen = {name}
    base = symbol
    while base.extends and base.extends not in seen:
        seen.add(base.extends)
        node = next((each for each in main.all("symbol") if each.value() == base.extends), None)
        if node is None:
            break
        base = library_symbol(node)
    if base is not symbol:
        return LibrarySymbol(
            symbol.name, base.power, symbol.extends, base.units, {**base.properties, **symbol.properties}, found,
            base.unit_names,
        )  # fmt: skip
    return symbol


def split(identifier: str) -> tuple[str, str]:
    """A library's nickname and the name in it."""
    nickname, _, name = identifier.partition(":")
    return (nickname, name) if name else ("", nickname)


def nearest(name: str, names: list[str]) -> str:
    """What was probably meant; empty if nothing is near."""
    if len(names) > 5000:
        names = [each for each in names if each[:2].lower() == name[:2].lower()]
    found = get_close_matches(name, names, 1, 0.7)
    return found[0] if found else ""


def same_pins(one: LibrarySymbol, other: LibrarySymbol) -> bool:
    """Whether two symbols have the same pins at the same places, with names and types."""

    def key(symbol: LibrarySymbol) -> set[tuple[object, ...]]:
        return {
            (unit, style, pin.number, pin.name, pin.type, pin.x, pin.y)
            for (unit, style), pins in symbol.units.items()
            for pin in pins
        }

    return key(one) == key(other)


def drawing(node: Node) -> str:
    """A symbol's text without white space, ids and fields: what two copies of it have in common."""
    return "".join(
        part.piece.replace(" ", "") for unit in node.all("symbol") for part in unit.walk() if part.head != "uuid"
    )
