"""What is wrong in a sheet beyond its nets: files, libraries, footprints, ids, what its symbols lack."""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import get_close_matches

from kiki_tools.kicad import fixes, libraries, library_checks
from kiki_tools.kicad.design import instance_of
from kiki_tools.kicad.finding import Finding, twice
from kiki_tools.kicad.paths import Context
from kiki_tools.kicad.schematic import Sheet, Symbol
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document
from kiki_tools.kicad.wiring import wiring
from kiki_tools.language import Fix, Workspace
from kiki_tools.text import Edit


def check(sheet: Sheet, context: Context, workspace: Workspace, patient: bool) -> Iterator[Finding]:
    """All findings in a sheet besides syntax and the electrical check."""
    document = sheet.document
    for instance, symbol, why in context.design.missing:
        if instance.sheet is sheet:
            node = symbol.file_node or symbol.node
            code = "KC202" if "leads back" in why else "KC201"
            span = document.inner_span(node, 1) if symbol.file_node is not None else document.head_span(node)
            yield Finding(code, span, f"the sheet's file {symbol.file or '(none)'} {why}")
    yield from _ids(document)
    yield from _instances(sheet, context)
    for copy in sheet.library.values():
        yield from library_checks.symbol(document, copy)
    for wire, points in wiring(sheet).unbroken:
        message = "the wire goes on behind a junction in one piece: KiCad's command line loses what is behind it"
        break_up = Fix("Break the wire at its junctions", tuple(fixes.broken(document, wire, points)))
        yield Finding("KC332", document.head_span(wire.node), message, fixes=(break_up,))
    for placed in sheet.symbols:
        yield from _whole(placed, document)
        if placed.library is None and placed.library_id:
            name = placed.library_name or placed.library_id
            node = placed.node.find("lib_name") or placed.node.find("lib_id") or placed.node
            near = get_close_matches(name, sheet.library, 1, 0.6)
            meant = f"; did you mean {near[0]}?" if near else ""
            message = f"{name} is not in this file's lib_symbols{meant}"
            span = document.inner_span(node)
            offered = tuple(Fix(f"Replace by {each}", (Edit(span, each),)) for each in near)
            yield Finding("KC204", span, message, fixes=offered)
        elif patient:
            yield from _of_library(placed, sheet, context, workspace)
        yield from _footprint(placed, sheet, context, workspace)


def _of_library(symbol: Symbol, sheet: Sheet, context: Context, workspace: Workspace) -> Iterator[Finding]:
    nickname, name = libraries.split(symbol.library_id)
    node = symbol.node.find("lib_id")
    if node is None or not nickname or context.project.severity("lib_symbol_issues") == "ignore":
        return
    span = sheet.document.inner_span(node)
    candidates = list(libraries.paths(nickname, context.root.path, workspace, symbols=True))
    library = next((found for path in candidates if (found := workspace.snapshots.get(path)) is not None), None)
    if library is None:
        if workspace.search or candidates:
            yield Finding("KC205", span, f"no library {nickname} is configured", rule="lib_symbol_issues")
        return
    names = libraries.symbol_names(library)
    if name not in names:
        near = libraries.nearest(name, names)
        meant = f"; did you mean {near}?" if near else ""
        edit = Edit(span, f"{nickname}:{near}")
        offered = (Fix(f"Replace by {nickname}:{near}", (edit,)),) if near else ()
        yield Finding("KC205", span, f"{nickname} has no symbol {name}{meant}", None, "lib_symbol_issues", offered)
        return
    theirs = libraries.symbol_in(library, name)
    if theirs is not None and symbol.library is not None and not libraries.same_pins(symbol.library, theirs):
        message = f"the pins of {symbol.library_id} differ from its library's"
        yield Finding("KC206", span, message, rule="lib_symbol_mismatch")


def _footprint(symbol: Symbol, sheet: Sheet, context: Context, workspace: Workspace) -> Iterator[Finding]:
    found = symbol.properties.get("Footprint")
    if found is None or not found[0] or context.project.severity("footprint_link_issues") == "ignore":
        return
    text, node = found
    nickname, name = libraries.split(text)
    span = sheet.document.inner_span(node, 1)
    if not nickname:
        yield Finding("KC207", span, f"{text} is no LIBRARY:FOOTPRINT", rule="footprint_link_issues")
        return
    candidates = list(libraries.paths(nickname, context.root.path, workspace, symbols=False))
    if not candidates:
        return
    for folder in candidates:
        path = os.path.join(folder, f"{name}.kicad_mod")
        if path in workspace.snapshots or path not in workspace.unreadable:
            return
    yield Finding("KC207", span, f"{nickname} has no footprint {name}", rule="footprint_link_issues")


def _ids(document: Document) -> Iterator[Finding]:
    """UUIDs that stand twice in the file."""
    main = document.main
    if main is None:
        return
    first: dict[str, Node] = {}
    told: set[str] = set()
    for node in main.children:
        if node.head in ("lib_symbols", "uuid", "sheet_instances", "symbol_instances"):
            continue
        for child in node.children:
            if child.head == "uuid":
                other = first.setdefault(child.piece, child)
                if other is not child:
                    yield from twice(document, other, child, again=child.piece in told)
                    told.add(child.piece)


def _whole(symbol: Symbol, document: Document) -> Iterator[Finding]:
    """What a symbol on the sheet lacks, and pins of it that its library symbol doesn't have."""
    for field in ("Reference", "Value"):
        if field not in symbol.properties:
            yield Finding("KC113", document.head_span(symbol.node), f"the symbol lacks its field {field}")
    library = symbol.library
    if library is None or library.extends or not symbol.pin_nodes:
        return
    known = {pin.number for pins in library.units.values() for pin in pins}
    for number, node in symbol.pin_nodes.items():
        if number.replace("~", "") not in known:
            called = symbol.value("Reference") or "the symbol"
            message = f"{called} has a pin {number} here, and its library symbol has none"
            yield Finding("KC211", document.inner_span(node), message)


def _instances(sheet: Sheet, context: Context) -> Iterator[Finding]:
    """Symbols that tell no reference for the place of the hierarchy where their sheet is, while others of it do."""
    root = context.design.root
    if root.sheet.old_instances:
        return
    for instance in context.design.of_file(sheet.path):
        apart = [symbol for symbol in sheet.symbols if all(each.path != instance.path for each in symbol.instances)]
        if not apart or len(apart) == len(sheet.symbols):
            continue
        for symbol in apart:
            node = symbol.node.find("instances") or symbol.node
            inner = next((each for each in node.walk() if each.head == "path"), None)
            document = sheet.document
            span = document.inner_span(inner) if inner is not None else document.head_span(node)
            reference, _ = instance_of(symbol, instance, root)
            called = reference or "the symbol"
            message = f"{called} tells no reference for the sheet {instance.name}: KiCad leaves it out of the nets"
            yield Finding("KC212", span, message)
