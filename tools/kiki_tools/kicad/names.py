"""What the words of a design name, and where else they stand: nets, references, symbols, sheets, files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kiki_tools.kicad import libraries
from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.design import SheetInstance, instance_of, power_net
from kiki_tools.kicad.paths import Context, beside, context_of
from kiki_tools.kicad.sexpr import Node
from kiki_tools.kicad.syntax import Document, document_of
from kiki_tools.language import Location, Workspace
from kiki_tools.text import Snapshot, Span

Kind = Literal["local", "global", "port", "power", "reference", "symbol", "footprint", "sheet", "file", "layer", "net"]


@dataclass(frozen=True, slots=True)
class Name:
    """A word that names something: what, and where it stands without its quotes."""

    kind: Kind
    text: str
    span: Span
    node: Node
    path: tuple[Node, ...]
    """The lists around it, outermost first."""


def name_at(snapshot: Snapshot, offset: int) -> Name | None:
    """The name that stands at an offset."""
    document = document_of(snapshot)
    path = document.path_to(offset)
    if not path:
        return None
    node = path[-1]
    number = next((n for n in range(len(node.words)) if offset in document.word_span(node, n)), None)
    if number is None:
        return None
    kind = _kind(node, number, path)
    if kind is None:
        return None
    return Name(kind, node.value(number), document.inner_span(node, number), node, tuple(path))


def _kind(node: Node, number: int, path: Sequence[Node]) -> Kind | None:
    head = node.head
    if number == 0:
        simple: dict[str, Kind] = {
            "label": "local", "global_label": "global", "hierarchical_label": "port", "lib_id": "symbol",
            "lib_name": "symbol", "extends": "symbol", "layer": "layer", "reference": "reference",
            "net_name": "net", "footprint": "footprint",
        }  # fmt: skip
        if head in simple:
            return simple[head]
        if head == "pin" and len(path) > 1 and path[-2].head == "sheet":
            return "port"
        if head == "symbol":
            return "symbol"
        if head == "uri":
            return "file"
    if head == "layers":
        return "layer"
    if head == "net" and number == len(node.words) - 1:
        return "net"
    if number == 1 and head in ("property", "fp_text"):
        field = node.value().replace(" ", "").lower()
        if field == "value" and len(path) > 1 and path[-2].text_of("lib_id").startswith("power:"):
            return "power"
        fields: dict[str, Kind] = {
            "reference": "reference", "footprint": "footprint", "sheetname": "sheet", "sheetfile": "file"
        }  # fmt: skip
        return fields.get(field)
    return None


def definition(snapshot: Snapshot, offset: int, workspace: Workspace) -> list[Location]:
    """Where the name is defined: a symbol's copy and its library, the file of a sheet, a net's declaration."""
    name = name_at(snapshot, offset)
    if name is None:
        return []
    document = document_of(snapshot)
    main = document.main
    assert main is not None
    if name.kind == "symbol":
        found = []
        library = main.find("lib_symbols")
        for node in library.children if library is not None else ():
            if node.value() == name.text:
                found.append(Location(snapshot.path, document.inner_span(node)))
        nickname, symbol = libraries.split(name.text)
        for path in libraries.paths(nickname, _root(snapshot, workspace).path, workspace, symbols=True):
            text = workspace.snapshots.get(path)
            inside = libraries.symbol_in(text, symbol) if text is not None else None
            if text is not None and inside is not None:
                found.append(Location(path, document_of(text).inner_span(inside.node)))
        return found
    if name.kind == "footprint":
        nickname, footprint = libraries.split(name.text)
        folders = libraries.paths(nickname, _root(snapshot, workspace).path, workspace, symbols=False)
        paths = [os.path.join(folder, f"{footprint}.kicad_mod") for folder in folders]
        return [Location(path, Span(0, 0)) for path in paths if path in workspace.snapshots]
    if name.kind in ("file", "sheet"):
        sheet = next((node for node in reversed(name.path) if node.head == "sheet"), None)
        file = (
            next((p.value(1) for p in sheet.all("property") if p.value() in ("Sheetfile", "Sheet file")), "")
            if sheet
            else ""
        )
        path = os.path.normpath(os.path.join(os.path.dirname(snapshot.path), file))
        return [Location(path, Span(0, 0))] if file and path in workspace.snapshots else []
    if name.kind == "port" and name.node.head == "pin":
        return [place for place in _ports(snapshot, name, workspace) if place.path != snapshot.path]
    if name.kind == "port":
        return [place for place in _ports(snapshot, name, workspace) if place.span != name.span]
    if name.kind == "layer" and (layers := main.find("layers")) is not None:
        nodes = [node for node in layers.children if node.value() == name.text]
        return [Location(snapshot.path, document.inner_span(node)) for node in nodes]
    if name.kind == "net":
        for node in main.all("net"):
            if node.value(len(node.words) - 1) == name.text or (len(node.words) > 1 and node.value() == name.text):
                return [Location(snapshot.path, document.inner_span(node, len(node.words) - 1))]
    places = references(snapshot, offset, workspace)
    if name.kind == "reference":
        places.sort(key=lambda place: place.path == snapshot.path)
    return places[:1]


def references(snapshot: Snapshot, offset: int, workspace: Workspace, *, everywhere: bool = True) -> list[Location]:
    """Where what the name stands for is named, in all sheets and on the board."""
    name = name_at(snapshot, offset)
    if name is None:
        return []
    found: dict[tuple[str, Span], Location] = {}
    for place in (*places_of(snapshot, name, workspace), *partners(snapshot, name, workspace)):
        if everywhere or place.path == snapshot.path:
            found[place.path, place.span] = place
    return sorted(found.values(), key=lambda place: (place.path != snapshot.path, place.path, place.span))


def _root(snapshot: Snapshot, workspace: Workspace) -> Snapshot:
    main = document_of(snapshot).main
    if main is not None and main.head == "kicad_sch":
        return context_of(snapshot, workspace).root
    return workspace.snapshots.get(beside(snapshot.path, ".kicad_sch")) or snapshot


def context_at(snapshot: Snapshot, workspace: Workspace) -> Context | None:
    """The design that a file belongs to: of a sheet its own, of a board that beside it."""
    main = document_of(snapshot).main
    if main is not None and main.head == "kicad_sch":
        return context_of(snapshot, workspace)
    root = workspace.snapshots.get(beside(snapshot.path, ".kicad_sch"))
    return None if root is None else context_of(root, workspace)


def places_of(snapshot: Snapshot, name: Name, workspace: Workspace) -> Iterator[Location]:
    """Where the name itself stands: what a rename changes."""
    context = context_at(snapshot, workspace)
    kind = name.kind
    if kind == "reference":
        yield from _of_reference(snapshot, name.text, context, workspace)
    elif kind in ("local", "port") and context is not None:
        yield from _labels_of(snapshot, name.text, context)
        if kind == "port" or any(True for _ in _ports_inside(snapshot, name.text, context)):
            yield from _ports(snapshot, name, workspace)
    elif kind in ("global", "power") and context is not None:
        yield from _global(name.text, context)
    elif kind == "symbol":
        yield from _of_symbol(snapshot, name.text, context)
    elif kind in ("layer", "net", "footprint", "sheet"):
        document = document_of(snapshot)
        for node in document.root.walk():
            for number, word in enumerate(node.words):
                if word.text == name.text and (node is name.node or _same_kind(node, number, kind)):
                    yield Location(snapshot.path, document.inner_span(node, number))


def _same_kind(node: Node, number: int, kind: Kind) -> bool:
    if kind == "net":
        return node.head in ("net", "net_name")
    if kind == "layer":
        return node.head in ("layer", "layers") or (number == 0 and node.head.isdigit())
    if kind == "footprint":
        return node.head == "property" and number == 1 and node.value() == "Footprint"
    return False


def _sheets(context: Context) -> Iterator[Document]:
    seen: set[str] = set()
    for instance in context.design.instances:
        if instance.sheet.path not in seen:
            seen.add(instance.sheet.path)
            yield instance.sheet.document


def _labels_of(snapshot: Snapshot, text: str, context: Context) -> Iterator[Location]:
    """The local and hierarchical labels of one sheet with a text."""
    for document in _sheets(context):
        if document.snapshot.path == snapshot.path and document.main is not None:
            for node in document.main.children:
                if node.head in ("label", "hierarchical_label") and node.value() == text:
                    yield Location(snapshot.path, document.inner_span(node))


def _ports_inside(snapshot: Snapshot, text: str, context: Context) -> Iterator[SheetInstance]:
    for instance in context.design.of_file(snapshot.path):
        if any(label.kind == "hierarchical_label" and label.text == text for label in instance.sheet.labels):
            yield instance


def _ports(snapshot: Snapshot, name: Name, workspace: Workspace) -> Iterator[Location]:
    """A sheet's pins, and the hierarchical labels inside, that belong together."""
    context = context_at(snapshot, workspace)
    if context is None:
        return
    if name.node.head == "pin":
        sheet = name.path[-2]
        yield Location(snapshot.path, name.span)
        for instance in context.design.instances:
            if instance.symbol is not None and instance.symbol.node is sheet:
                yield from _labels_of(instance.sheet.document.snapshot, name.text, context)
        return
    yield from _labels_of(snapshot, name.text, context)
    for instance in context.design.of_file(snapshot.path):
        if instance.symbol is None or instance.parent is None:
            continue
        parent = instance.parent.sheet
        for pin in instance.symbol.pins:
            if pin.name == name.text:
                yield Location(parent.path, parent.document.inner_span(pin.node))


def _global(text: str, context: Context) -> Iterator[Location]:
    for document in _sheets(context):
        main = document.main
        for node in main.children if main is not None else ():
            if node.head == "global_label" and node.value() == text:
                yield Location(document.snapshot.path, document.inner_span(node))
    for instance in context.design.instances:
        for symbol in instance.sheet.symbols:
            if symbol.is_power and symbol.value("Value") == text and any(power_net(pin) for pin in symbol.pins):
                field = symbol.properties["Value"][1]
                yield Location(instance.sheet.path, instance.sheet.document.inner_span(field, 1))


def _of_reference(snapshot: Snapshot, text: str, context: Context | None, workspace: Workspace) -> Iterator[Location]:
    if context is not None:
        for instance in context.design.instances:
            document = instance.sheet.document
            for symbol in instance.sheet.symbols:
                reference, _ = instance_of(symbol, instance, context.design.root)
                if reference != text:
                    continue
                field = symbol.properties.get("Reference")
                if field is not None and field[0] == text:
                    yield Location(instance.sheet.path, document.inner_span(field[1], 1))
                for node in symbol.node.walk():
                    if node.head == "reference" and node.value() == text:
                        yield Location(instance.sheet.path, document.inner_span(node))
    main = document_of(snapshot).main
    if main is not None and main.head == "kicad_pcb":
        text_of_board: Snapshot | None = snapshot
    else:
        root = context.root.path if context is not None else snapshot.path
        text_of_board = workspace.snapshots.get(beside(root, ".kicad_pcb"))
    if text_of_board is not None:
        board = board_of(text_of_board)
        for footprint in board.footprints:
            if footprint.reference == text and footprint.reference_node is not None:
                yield Location(text_of_board.path, board.document.inner_span(footprint.reference_node, 1))


def _of_symbol(snapshot: Snapshot, text: str, context: Context | None) -> Iterator[Location]:
    documents = list(_sheets(context)) if context is not None else [document_of(snapshot)]
    for document in documents:
        main = document.main
        if main is None:
            continue
        library = main.find("lib_symbols")
        holders = [*(library.children if library is not None else ()), *main.children]
        for node in holders:
            if node.head == "symbol" and node.words and node.value() == text:
                yield Location(document.snapshot.path, document.inner_span(node))
            elif node.head == "symbol":
                for child in node.children:
                    if child.head in ("lib_id", "lib_name", "extends") and child.value() == text:
                        yield Location(document.snapshot.path, document.inner_span(child))


def board_names(snapshot: Snapshot, name: Name, new: str, context: Context) -> dict[str, str]:
    """What the board calls the net of a label, at each place of its sheet; and what it is to call it."""
    if name.kind in ("global", "power"):
        return {name.text: new}
    return {
        f"{instance.name}{name.text}": f"{instance.name}{new}" for instance in context.design.of_file(snapshot.path)
    }


def partners(snapshot: Snapshot, name: Name, workspace: Workspace) -> Iterator[Location]:
    """A label's net on the board, a board's net among the labels."""
    context = context_at(snapshot, workspace)
    if context is None:
        return
    text = workspace.snapshots.get(beside(context.root.path, ".kicad_pcb"))
    if name.kind in ("local", "global", "power", "port") and text is not None:
        names = board_names(snapshot, name, name.text, context)
        for named, node in board_of(text).nets.values():
            if named in names:
                yield Location(text.path, document_of(text).inner_span(node, len(node.words) - 1))
    elif name.kind == "net":
        called = board_of(snapshot).nets.get(name.text, (name.text,))[0]
        net = next((each for each in context.design.nets if each.name == called), None)
        for instance, group in net.groups if net is not None else ():
            for label in group.labels:
                yield Location(instance.sheet.path, instance.sheet.document.inner_span(label.node))
