"""From files and offsets to the protocol's types."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from kiki_lsp.documents import uri_of
from kiki_tools.language import Completion, Diagnostic, Location, Symbol
from kiki_tools.text import Edit, Encoding, Position, Snapshot, Span

_SEVERITY = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
    "hint": types.DiagnosticSeverity.Hint,
}
_SYMBOL = {
    "subcircuit": types.SymbolKind.Module,
    "device": types.SymbolKind.Object,
    "model": types.SymbolKind.Class,
    "parameter": types.SymbolKind.Constant,
    "directive": types.SymbolKind.Property,
    "analysis": types.SymbolKind.Event,
    "measure": types.SymbolKind.Number,
    "sheet": types.SymbolKind.File,
    "net": types.SymbolKind.Variable,
    "section": types.SymbolKind.Namespace,
    "peripheral": types.SymbolKind.Object,
    "pin": types.SymbolKind.Key,
    "interrupt": types.SymbolKind.Event,
}
_COMPLETION = {
    "device": types.CompletionItemKind.Unit,
    "model": types.CompletionItemKind.Class,
    "node": types.CompletionItemKind.Variable,
    "directive": types.CompletionItemKind.Keyword,
    "parameter": types.CompletionItemKind.Constant,
    "function": types.CompletionItemKind.Function,
    "subcircuit": types.CompletionItemKind.Module,
    "file": types.CompletionItemKind.File,
    "keyword": types.CompletionItemKind.Keyword,
    "value": types.CompletionItemKind.Value,
}


def range_of(snapshot: Snapshot, span: Span, encoding: Encoding) -> types.Range:
    """The protocol's range of a span, columns in the negotiated encoding."""
    found = snapshot.range(span, encoding)
    return types.Range(
        types.Position(found.start.line, found.start.character),
        types.Position(found.end.line, found.end.character),
    )


def span_of(snapshot: Snapshot, asked: types.Range, encoding: Encoding) -> Span:
    """The span of a range that a client sends, whichever of its ends comes first."""
    ends = sorted(snapshot.offset(Position(at.line, at.character), encoding) for at in (asked.start, asked.end))
    return Span(*ends)


def position(snapshot: Snapshot, offset: int, encoding: Encoding) -> types.Position:
    """The protocol's position of an offset."""
    found = snapshot.position(offset, encoding)
    return types.Position(found.line, found.character)


def edit(snapshot: Snapshot, change: Edit, encoding: Encoding) -> types.TextEdit:
    """A change of the text."""
    return types.TextEdit(range_of(snapshot, change.span, encoding), change.text)


def diagnostic(snapshot: Snapshot, found: Diagnostic, encoding: Encoding) -> types.Diagnostic:
    """One finding for the editor."""
    return types.Diagnostic(
        range=range_of(snapshot, found.span, encoding),
        severity=_SEVERITY[found.severity],
        code=found.code,
        source=found.source,
        message=found.message,
    )


def markup(text: str, formats: Sequence[types.MarkupKind] | None) -> types.MarkupContent:
    """Markdown for a client that reads it, else its plain words."""
    if types.MarkupKind.Markdown in (formats or ()):
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    plain = "\n".join(line for line in text.splitlines() if not line.startswith("```"))
    return types.MarkupContent(types.MarkupKind.PlainText, plain.replace("**", "").replace("`", ""))


def symbol(snapshot: Snapshot, found: Symbol, encoding: Encoding) -> types.DocumentSymbol:
    """One entry of the outline with what is inside."""
    return types.DocumentSymbol(
        name=found.name or "?",
        kind=_SYMBOL[found.kind],
        detail=found.detail,
        range=range_of(snapshot, found.span, encoding),
        selection_range=range_of(snapshot, found.name_span, encoding),
        children=[symbol(snapshot, child, encoding) for child in found.children],
    )


def workspace_symbol(snapshot: Snapshot, found: Symbol, encoding: Encoding) -> types.WorkspaceSymbol:
    """One name of the workspace."""
    where = types.Location(uri_of(snapshot.path), range_of(snapshot, found.name_span, encoding))
    return types.WorkspaceSymbol(where, found.name, _SYMBOL[found.kind])


def completion(snapshot: Snapshot, found: Completion, order: int, encoding: Encoding) -> types.CompletionItem:
    """One proposal; ``order`` keeps the service's order in the editor's list."""
    return types.CompletionItem(
        label=found.label,
        kind=_COMPLETION[found.kind],
        detail=found.detail or None,
        sort_text=f"{order:05}",
        text_edit=types.TextEdit(range_of(snapshot, found.span, encoding), found.insert),
    )


def location(place: Location, snapshot: Snapshot | None, encoding: Encoding) -> types.Location:
    """A place in a file; at its top if the file's text isn't at hand."""
    top = types.Position(0, 0)
    where = types.Range(top, top) if snapshot is None else range_of(snapshot, place.span, encoding)
    return types.Location(uri_of(place.path), where)
