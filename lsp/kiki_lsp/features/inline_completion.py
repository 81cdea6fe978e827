"""Text that the model proposes while a person types, and the model's status."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.text import Position, Span

ACCEPTED = "kiki.completion.accepted"
_STATUS = "kiki.status"


def register(server: KikiServer) -> None:
    """Adds the feature."""

    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def inline_completion(
        ls: KikiServer, params: types.InlineCompletionParams
    ) -> types.InlineCompletionList | None:
        document = ls.document(params)
        if document is None or params.context.selected_completion_info is not None:
            return None
        offset = document.snapshot.offset(Position(params.position.line, params.position.character), ls.encoding)
        if is_in_word(document, offset):
            return None
        asked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
        found = await ls.experts.suggest(document, offset, at_once=asked)
        if found is None or ls.open.get(document.snapshot.path) is None:
            return None
        language = document.service.language
        item = types.InlineCompletionItem(
            found.text,
            range=types.Range(params.position, params.position),
            command=types.Command("Taken", ACCEPTED, arguments=[language]),
        )
        return types.InlineCompletionList([item])

    @server.command(ACCEPTED)
    def accepted(ls: KikiServer, language: str) -> None:
        ls.experts.accepted(str(language)[:20])

    @server.command(_STATUS)
    async def status(ls: KikiServer) -> dict[str, Any]:
        return await ls.experts.status()

    @server.feature(types.SHUTDOWN)
    async def shutdown(ls: KikiServer, params: None) -> None:
        await ls.experts.aclose()


def is_in_word(document: Document, offset: int) -> bool:
    """Whether a place is in the middle of a word."""
    following = document.snapshot.slice(Span(offset, min(offset + 1, document.snapshot.length)))
    return following.isalnum() or following == "_"


def fallback(ls: KikiServer, document: Document, offset: int) -> types.CompletionItem | None:
    """The proposal as an ordinary item, for a client without inline completion; there is one if one was made before.

    Else one is made in the background, and the next request finds it.
    """
    if is_in_word(document, offset):
        return None
    found = ls.experts.kept(document, offset)
    if found is None:
        if not ls.experts.is_asking(document, offset):
            ls.later(ls.experts.suggest(document, offset))
        return None
    start = ls_position(ls, document, offset)
    first, _, more = found.text.partition("\n")
    typed = _typed(document, offset)
    return types.CompletionItem(
        f"{typed}{first}{' …' if more else ''}",
        kind=types.CompletionItemKind.Snippet,
        detail="kiki proposes",
        filter_text=typed or first,
        sort_text="~kiki",
        text_edit=types.TextEdit(
            types.Range(ls_position(ls, document, offset - len(typed)), start), f"{typed}{found.text}"
        ),
        command=types.Command("Taken", ACCEPTED, arguments=[document.service.language]),
    )


def ls_position(ls: KikiServer, document: Document, offset: int) -> types.Position:
    """A place as the protocol has it."""
    found = document.snapshot.position(offset, ls.encoding)
    return types.Position(found.line, found.character)


def _typed(document: Document, offset: int) -> str:
    """The word that is begun before a place."""
    line = document.snapshot.line_start(document.snapshot.line_of(offset))
    before = document.snapshot.slice(Span(line, offset))
    word = len(before)
    while word and (before[word - 1].isalnum() or before[word - 1] in "_."):
        word -= 1
    return before[word:]
