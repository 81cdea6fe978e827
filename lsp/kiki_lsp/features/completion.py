"""What could be typed."""

from __future__ import annotations

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.features.inline_completion import fallback
from kiki_lsp.server import KikiServer
from kiki_tools.language import Workspace
from kiki_tools.text import Position, Span

_MOST = 500
_OF_C = (">", "=", "|", "&", "@", ",", " ")
"""Characters after which only C has something to propose, and of a space only behind an operator."""


def register(server: KikiServer) -> None:
    """Adds the feature."""

    options = types.CompletionOptions(trigger_characters=[".", "{", "(", *_OF_C], resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    async def completion(ls: KikiServer, params: types.CompletionParams) -> types.CompletionList | None:
        typed = params.context.trigger_character if params.context else None

        def question(document: Document, offset: int, workspace: Workspace) -> types.CompletionList | None:
            if typed in _OF_C and not _is_asked(document, offset, typed):
                return None
            found = document.service.completions(document.snapshot, offset, workspace)
            items = [convert.completion(document.snapshot, c, i, ls.encoding) for i, c in enumerate(found[:_MOST])]
            for item, proposal in zip(items, found, strict=False):
                item.data = [document.snapshot.path, proposal.kind]
            return types.CompletionList(len(found) > _MOST, items)

        listed = await ls.at(params, question)
        document = ls.document(params)
        if document is None or listed is None or ls.completes_inline or not ls.experts.usable:
            return listed
        offset = document.snapshot.offset(Position(params.position.line, params.position.character), ls.encoding)
        proposed = fallback(ls, document, offset)
        if proposed is None:
            return types.CompletionList(True, listed.items)  # what is proposed comes with the next key
        return types.CompletionList(listed.is_incomplete, [*listed.items, proposed])

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    async def resolve(ls: KikiServer, item: types.CompletionItem) -> types.CompletionItem:
        path, kind = item.data if isinstance(item.data, list | tuple) and len(item.data) == 2 else ("", "")
        document = ls.open.get(str(path))
        if document is not None and item.documentation is None:
            about = await ls.analyse(
                document,
                lambda workspace: document.service.describe(document.snapshot, item.label, str(kind), workspace),
            )
            client = ls.client_capabilities.text_document
            asked = client.completion.completion_item if client and client.completion else None
            formats = asked.documentation_format if asked else None
            explained = convert.markup(about or "", formats)
            item.documentation = (explained if formats else explained.value) if about else None
        return item


def _is_asked(document: Document, offset: int, typed: str) -> bool:
    """Whether a character that was typed asks for proposals in this document."""
    if document.service.language != "c":
        return False
    before = document.snapshot.slice(Span(max(0, offset - 20), offset)).rstrip(" ")
    return typed != " " or before.endswith(("=", "|", "&", ",", "~"))
