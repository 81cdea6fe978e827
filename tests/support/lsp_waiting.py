"""What a test of the server waits for."""

from __future__ import annotations

import asyncio

from lsprotocol import types as t
from pytest_lsp import LanguageClient


async def diagnostics_of(client: LanguageClient, uri: str) -> list[t.Diagnostic]:
    """The next diagnostics of one document; those of others of its project may come in between."""
    before = client.diagnostics.get(uri)
    while client.diagnostics.get(uri) is before:
        await asyncio.wait_for(client.wait_for_notification(t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS), 60)
    return list(client.diagnostics[uri])
