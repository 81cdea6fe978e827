"""Colours by meaning: whole, what changed since, and a part."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from kiki_lsp import convert
from kiki_lsp.documents import Document
from kiki_lsp.server import KikiServer
from kiki_tools.language import Token, TokenKind
from kiki_tools.text import Encoding, Snapshot, Span

_TYPES: dict[TokenKind, str] = {
    "device": "variable", "node": "property", "model": "class", "subcircuit": "function", "parameter": "parameter",
    "attribute": "enumMember", "number": "number", "directive": "keyword", "measure": "event", "type": "type",
    "string": "string", "keyword": "modifier", "function": "method", "comment": "comment",
}  # fmt: skip
_LEGEND = types.SemanticTokensLegend(list(dict.fromkeys(_TYPES.values())), ["declaration"])
_NUMBERS: dict[TokenKind, int] = {kind: _LEGEND.token_types.index(name) for kind, name in _TYPES.items()}
_LARGEST = 2_000_000
"""Characters of a document that is coloured as a whole; a larger one only by what is on the screen."""


def register(server: KikiServer) -> None:
    """Adds the features."""
    sent: dict[str, tuple[str, list[int]]] = {}
    count = 0

    async def whole(ls: KikiServer, document: Document) -> list[int] | None:
        if document.snapshot.length > _LARGEST:
            return None
        return await ls.analyse(
            document, lambda _: encode(document.snapshot, document.service.tokens(document.snapshot), ls.encoding)
        )

    def keep(path: str, data: list[int]) -> str:
        nonlocal count
        count += 1
        sent[path] = (str(count), data)
        return str(count)

    options = types.SemanticTokensRegistrationOptions(_LEGEND, full=types.SemanticTokensFullDelta(True), range=True)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, options)
    async def full(ls: KikiServer, params: types.SemanticTokensParams) -> types.SemanticTokens | None:
        document = ls.document(params)
        data = await whole(ls, document) if document else None
        if document is None or data is None:
            return None
        return types.SemanticTokens(data, keep(document.snapshot.path, data))

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA, options)
    async def delta(
        ls: KikiServer, params: types.SemanticTokensDeltaParams
    ) -> types.SemanticTokens | types.SemanticTokensDelta | None:
        document = ls.document(params)
        data = await whole(ls, document) if document else None
        if document is None or data is None:
            return None
        known = sent.get(document.snapshot.path)
        name = keep(document.snapshot.path, data)
        if known is None or known[0] != params.previous_result_id:
            return types.SemanticTokens(data, name)
        return types.SemanticTokensDelta(_changes(known[1], data), name)

    @server.feature(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, options)
    async def part(ls: KikiServer, params: types.SemanticTokensRangeParams) -> types.SemanticTokens | None:
        document = ls.document(params)
        if document is None:
            return None
        snapshot, encoding = document.snapshot, ls.encoding
        within = convert.span_of(snapshot, params.range, encoding)
        data = await ls.analyse(
            document, lambda _: encode(snapshot, document.service.tokens(snapshot, within), encoding)
        )
        return None if data is None else types.SemanticTokens(data)


def encode(snapshot: Snapshot, tokens: Sequence[Token], encoding: Encoding) -> list[int]:
    """The protocol's five numbers for each token."""
    data: list[int] = []
    line = character = next_line = 0
    start_of_line, plain = -1, True
    for token in tokens:
        # Tokens come in order: walk the lines along with them.
        if not start_of_line <= token.span.start < next_line:
            number = snapshot.line_of(token.span.start)
            start_of_line, next_line = snapshot.line_start(number), snapshot.line_start(number + 1)
            before = snapshot.slice(Span(start_of_line, next_line))
            plain = encoding == "utf-32" or before.isascii()
            now = number
        else:
            now = line
        if plain:
            column, length = token.span.start - start_of_line, len(token.span)
        else:
            column = snapshot.position(token.span.start, encoding).character
            length = snapshot.position(token.span.end, encoding).character - column
        if length <= 0:
            continue
        step = now - line
        data += [step, column - character if step == 0 else column, length, _NUMBERS[token.kind], int(token.declares)]
        line, character = now, column
    return data


def _changes(old: list[int], new: list[int]) -> list[types.SemanticTokensEdit]:
    """One edit: what differs between the common beginning and the common end."""
    start = 0
    most = min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start == len(old) == len(new):
        return []
    return [types.SemanticTokensEdit(start, len(old) - start - end, new[start : len(new) - end])]
