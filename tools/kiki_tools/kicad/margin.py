"""What is shown beside the text: nets at wires and pins, pages at sheets, links to files, lines above."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from kiki_tools.kicad import libraries
from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.diagnostics import context_violations
from kiki_tools.kicad.paths import context_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import Hint, Lens, Link, Workspace
from kiki_tools.text import Snapshot, Span


def hints(snapshot: Snapshot, within: Span, workspace: Workspace) -> list[Hint]:
    """Nets at wires, pins and junctions; the page of a sheet; on a board the names of numbered nets."""
    document = document_of(snapshot)
    main = document.main
    if main is None:
        return []

    def shown(node: Node) -> int | None:
        start = document.offset(node.place)
        line = snapshot.line_span(snapshot.line_of(start))
        return line.end if within.start <= start <= within.end else None

    found: dict[int, Hint] = {}
    if main.head == "kicad_sch":
        context = context_of(snapshot, workspace)
        for instance in context.design.of_file(snapshot.path)[:1]:
            for group in instance.wiring.groups:
                net = context.design.net_of(instance, group)
                if net is None or not net.name:
                    continue
                nodes = [*(line.node for line in group.wires), *group.junctions]
                nodes += [child for pin in group.pins for child in _pin_nodes(pin.symbol.node, pin.number)]
                for node in nodes:
                    if (at := shown(node)) is not None:
                        found[at] = Hint(at, net.name, f"{len(net.pins)} pins")
            for symbol in instance.sheet.sheets:
                page = next((each.reference for each in symbol.page), "")
                if page and (at := shown(symbol.node)) is not None:
                    found[at] = Hint(at, f"page {page}", symbol.file)
    elif main.head == "kicad_pcb":
        board = board_of(snapshot)
        for node in board.items:
            named = node.find("net")
            if named is not None and named.value() in board.nets and (at := shown(named)) is not None:
                name = board.nets[named.value()][0]
                if name and len(named.words) == 1 and not named.words[0].quoted:
                    found[at] = Hint(at, name)
    return [found[at] for at in sorted(found)]


def _pin_nodes(symbol: Node, number: str) -> Iterator[Node]:
    return (child for child in symbol.children if child.head == "pin" and child.value() == number)


def links(snapshot: Snapshot, workspace: Workspace) -> list[Link]:
    """Sheets' files, libraries of a table, datasheets."""
    document = document_of(snapshot)
    main = document.main
    if main is None:
        return []
    folder = os.path.dirname(snapshot.path)
    found = []
    if main.head in ("kicad_sch", "kicad_symbol_lib"):
        for node in main.children:
            for field in node.children:
                if field.head != "property" or len(field.words) < 2:
                    continue
                name, text = field.value(), field.value(1)
                if name in ("Sheetfile", "Sheet file") and text:
                    found.append(Link(document.inner_span(field, 1), os.path.normpath(os.path.join(folder, text))))
                elif name == "Datasheet" and urlsplit(text).scheme in ("http", "https"):
                    found.append(Link(document.inner_span(field, 1), text))
    elif main.head in ("kicad_pcb", "footprint"):
        for node in [main] if main.head == "footprint" else main.all("footprint"):
            for field in node.children:
                named = field.head == "property" and field.value() == "Datasheet"
                if named and urlsplit(field.value(1)).scheme in ("http", "https"):
                    found.append(Link(document.inner_span(field, 1), field.value(1)))
    elif main.head.endswith("lib_table"):
        variables = libraries.variables_of(workspace)
        for lib in main.all("lib"):
            uri = lib.find("uri")
            path = libraries.expanded(uri.value(), folder, variables) if uri is not None else ""
            if uri is not None and "${" not in path:
                found.append(Link(document.inner_span(uri), path))
    return found


def lenses(snapshot: Snapshot, workspace: Workspace) -> list[Lens]:
    """At the top: what the electrical check found, and to see a picture."""
    document = document_of(snapshot)
    main = document.main
    if main is None:
        return []
    at = document.head_span(main)
    found = []
    if main.head == "kicad_sch":
        context = context_of(snapshot, workspace)
        mine = [each for each in context_violations(context) if each.sheet.sheet.path == snapshot.path]
        errors = sum(1 for each in mine if context.project.severity(each.rule) == "error")
        sheet = document.main.find("title_block") if document.main else None
        title = sheet.text_of("title") if sheet is not None else ""
        told = f"ERC: {errors} errors, {len(mine) - errors} warnings" if mine else "ERC: clean"
        found.append(Lens(at, f"{title}: {told}" if title else told))
    if main.head in ("kicad_sch", "kicad_pcb", "kicad_symbol_lib", "footprint", "module"):
        found.append(Lens(at, "Show picture", "render"))
    return found
