"""The fixes that diagnostics bring."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.features import answers
from kiki_lsp.server import KikiServer
from kiki_tools.language import Diagnostic, Fix
from kiki_tools.text import Encoding

_OPTIONS = types.CodeActionOptions(
    code_action_kinds=[
        types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite, types.CodeActionKind.Source,
    ]
)  # fmt: skip


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, _OPTIONS)
    async def code_actions(ls: KikiServer, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        document = ls.document(params)
        if document is None:
            return None
        chosen = convert.span_of(document.snapshot, params.range, ls.encoding)
        found = [*(await ls.diagnostics(document) or ()), *ls.of_simulation(document)]
        fixes = [
            _action(document, diagnostic, fix, ls.encoding)
            for diagnostic in found
            if diagnostic.span.start <= chosen.end and chosen.start <= diagnostic.span.end
            for fix in diagnostic.fixes
        ]
        offered = [*fixes, *answers.actions(ls, document, chosen, found)]
        return [action for action in offered if _wanted(action, params.context.only)]


def _wanted(action: types.CodeAction, only: object) -> bool:
    """Whether a client that names kinds wants an action: a kind stands for those below it."""
    if not isinstance(only, list | tuple) or action.kind is None:
        return True
    kinds = [kind.value if isinstance(kind, types.CodeActionKind) else str(kind) for kind in only]
    own = action.kind.value if isinstance(action.kind, types.CodeActionKind) else str(action.kind)
    return any(kind in ("", own) or own.startswith(f"{kind}.") for kind in kinds)


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
