"""What the server does for an editor: one module per feature of the protocol."""

from kiki_lsp.features import code_actions, completion, definition, hover, symbols, synchronisation
from kiki_lsp.server import KikiServer


def register(server: KikiServer) -> None:
    """Adds every feature to the server."""
    for feature in (synchronisation, symbols, hover, completion, definition, code_actions):
        feature.register(server)
