"""Another name for a label, net, reference or sheet: in all sheets, and on the board."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kiki_tools.kicad.board import board_of
from kiki_tools.kicad.design import instance_of
from kiki_tools.kicad.names import Kind, Name, board_names, context_at, name_at, places_of
from kiki_tools.kicad.paths import Context, beside
from kiki_tools.kicad.sexpr import quoted
from kiki_tools.kicad.syntax import document_of
from kiki_tools.language import NotRenamed, Workspace
from kiki_tools.text import Edit, Snapshot, Span

_RENAMED: dict[Kind, str] = {
    "local": "label", "global": "label", "port": "label", "power": "net", "reference": "reference",
    "sheet": "sheet's name", "net": "net",
}  # fmt: skip


def prepare_rename(snapshot: Snapshot, offset: int) -> Span | None:
    """The word that a rename would change."""
    name = name_at(snapshot, offset)
    return name.span if name is not None and name.kind in _RENAMED else None


def rename(snapshot: Snapshot, offset: int, new: str, workspace: Workspace) -> Mapping[str, list[Edit]]:
    """The edits, by path, that give the name another text: over all sheets, and the board.

    Raises:
        NotRenamed: if nothing is named there, or the new name won't do.
    """
    name = name_at(snapshot, offset)
    if name is None or name.kind not in _RENAMED:
        raise NotRenamed("a label, net, reference or sheet name can be renamed, not this")
    if not new or any(ord(char) < 32 for char in new):
        raise NotRenamed(f"no {_RENAMED[name.kind]} can be called that")
    if name.kind == "reference":
        if any(char.isspace() for char in new) or not new[-1:].isdigit():
            raise NotRenamed("a reference is letters with a number behind them")
        if _in_use(snapshot, new, workspace):
            raise NotRenamed(f"{new} is another part already")
    edits: dict[str, list[Edit]] = {}
    for place in dict.fromkeys(places_of(snapshot, name, workspace)):
        text = snapshot if place.path == snapshot.path else workspace.snapshots[place.path]
        edits.setdefault(place.path, []).append(_replacing(text, place.span, new))
    if name.kind in ("local", "global", "power", "port", "sheet"):
        for path, edit in _on_board(snapshot, name, new, workspace):
            edits.setdefault(path, []).append(edit)
    return edits


def _replacing(snapshot: Snapshot, span: Span, new: str) -> Edit:
    """Writes a word anew, within the quotes that it has, or with quotes if it has none and needs them."""
    inner = quoted(new)[1:-1]
    before = snapshot.slice(Span(max(span.start - 1, 0), span.start))
    bare = before != '"'
    needs = bare and not new.replace("_", "a").replace("-", "a").isalnum()
    return Edit(span, quoted(new) if needs else inner)


def _in_use(snapshot: Snapshot, reference: str, workspace: Workspace) -> bool:
    context = context_at(snapshot, workspace)
    if context is None:
        return any(footprint.reference == reference for footprint in board_of(snapshot).footprints)
    return any(
        instance_of(symbol, instance, context.design.root)[0] == reference
        for instance in context.design.instances
        for symbol in instance.sheet.symbols
    )


def _on_board(snapshot: Snapshot, name: Name, new: str, workspace: Workspace) -> Iterator[tuple[str, Edit]]:
    """The board's names of the net that a label names, or of what is in a sheet."""
    context = context_at(snapshot, workspace)
    text = workspace.snapshots.get(beside(context.root.path, ".kicad_pcb")) if context is not None else None
    if context is None or text is None:
        return
    document = document_of(text)
    prefixes = _sheet_names(snapshot, name, new, context) if name.kind == "sheet" else {}
    pairs = {} if name.kind == "sheet" else board_names(snapshot, name, new, context)
    heads = ("net", "net_name", "sheetname") if prefixes else ("net", "net_name")
    for node in document.root.walk():
        if node.head in heads and node.words:
            number = len(node.words) - 1
            old = node.value(number)
            after = pairs.get(old)
            before = next((each for each in prefixes if old.startswith(each)), None)
            if before is not None:
                after = prefixes[before] + old[len(before) :]
            if after is not None and node.words[number].quoted:
                yield text.path, _replacing(text, document.inner_span(node, number), after)


def _sheet_names(snapshot: Snapshot, name: Name, new: str, context: Context) -> dict[str, str]:
    """How the names of nets and sheets begin that are in the sheet, and how they are to begin."""
    symbol = name.path[-2] if len(name.path) > 1 else None
    return {
        child.name: f"{instance.name}{new}/"
        for instance in context.design.of_file(snapshot.path)
        for child in instance.children.values()
        if child.symbol is not None and child.symbol.node is symbol
    }
