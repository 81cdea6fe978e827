"""The fixes that diagnostics bring."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Diagnostic, Fix
from kiki_tools.text import Encoding

_OPTIONS = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, _OPTIONS)
    async def code_actions(ls: KikiServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        document = ls.document(params)
        if document is None or not _wanted(params.context.only):
            return None
        chosen = convert.span_of(document.snapshot, params.range, ls.encoding)
        found = [*(await ls.diagnostics(document) or ()), *ls.of_simulation(document)]
        return [
            _action(document, diagnostic, fix, ls.encoding)
            for diagnostic in found
            if diagnostic.span.start <= chosen.end and chosen.start <= diagnostic.span.end
            for fix in diagnostic.fixes
        ]


def _wanted(only: object) -> bool:
    if not isinstance(only, list | tuple):
        return True
    kinds = [kind.value if isinstance(kind, types.CodeActionKind) else str(kind) for kind in only]
    return any(kind in ("", "quickfix") for kind in kinds)


def _action(document: Document, diagnostic: Diagnostic, fix: Fix, encoding: Encoding) -> types.CodeAction:
    snapshot = document.snapshot
    edits = [convert.edit(snapshot, each, encoding) for each in fix.edits]
    return types.CodeAction(
        fix.title,
        types.CodeActionKind.QuickFix,
        [convert.diagnostic(snapshot, diagnostic, encoding)],
        is_preferred=len(diagnostic.fixes) == 1,
        edit=types.WorkspaceEdit({document.uri: edits}),
    )
