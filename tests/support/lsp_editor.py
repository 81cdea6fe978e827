"""A client of a language server that has a model at some address."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types as t
from pytest_lsp import ClientServerConfig, LanguageClient, make_test_lsp_client

INLINE = t.ClientCapabilities(
    text_document=t.TextDocumentClientCapabilities(inline_completion=t.InlineCompletionClientCapabilities())
)
PLAIN = t.ClientCapabilities(
    text_document=t.TextDocumentClientCapabilities(completion=t.CompletionClientCapabilities())
)


@asynccontextmanager
async def editor(
    url: str, home: Path, capabilities: t.ClientCapabilities = INLINE, **environment: str
) -> AsyncIterator[LanguageClient]:
    """A client of a server that has the model at ``url``."""
    command = [
        "env", "KIKI_BACKEND__KIND=openai", f"KIKI_BACKEND__URL={url}", "KIKI_EDITOR__MODEL=true", f"KIKI_HOME={home}",
        "KIKI_EDITOR__COMPLETION_S=30",  # a proposal that a busy machine makes late is one too
        *(f"{name}={value}" for name, value in environment.items()),
        sys.executable, "-m", "kiki_lsp",
    ]  # fmt: skip
    config = ClientServerConfig(server_command=command, client_factory=make_test_lsp_client)
    client = await config.start()
    await client.initialize_session(t.InitializeParams(capabilities=capabilities))
    try:
        yield client
    finally:
        await client.shutdown_session()
        await client.stop()
