"""What the server does for an editor: one module per feature of the protocol."""

from kiki_lsp.features import (
    answers,
    call_hierarchy,
    code_actions,
    code_lens,
    completion,
    definition,
    diagnostics,
    folding,
    formatting,
    hover,
    inlay_hints,
    inline_completion,
    links,
    references,
    rename,
    rendering,
    semantic_tokens,
    signature_help,
    simulation,
    symbols,
    synchronisation,
    workspace_symbols,
)
from kiki_lsp.server import KikiServer

_FEATURES = (
    synchronisation, diagnostics, symbols, hover, completion, signature_help, definition, references, rename,
    code_actions, semantic_tokens, folding, inlay_hints, formatting, links, simulation, code_lens, call_hierarchy,
    workspace_symbols, rendering, inline_completion, answers,
)  # fmt: skip


def register(server: KikiServer) -> None:
    """Adds every feature to the server."""
    for feature in _FEATURES:
        feature.register(server)
