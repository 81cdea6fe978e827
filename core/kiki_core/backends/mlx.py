"""MLX by `mlx_lm.server`: attached to by its address, or started here, on Apple's GPU or a Linux CPU."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from kiki_core.backends.composing import composed_for
from kiki_core.backends.connection import Connection
from kiki_core.backends.launched import Program
from kiki_core.backends.openai import Refused, chat_body, place, stream_chat
from kiki_core.backends.protocol import Capabilities, Piece, Request, Unable
from kiki_core.domains import MAX_ACTIVE
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    from kiki_core.config import BackendSettings

_START_S = 600.0
_GB = 1_000_000_000
_FOR_OTHERS = 3 * _GB
"""What the system and other programs keep in any case."""
_LONG_CONTEXT = 65_536
"""Tokens from which the keys and values are kept in 8 bits; mlx-lm then serves one request at a time."""


def limits(total: int) -> tuple[int, int]:
    """Bytes that MLX may use, and may keep as cache, of a machine's memory.

    A Mac Studio of 512 GB runs without GPU hangs at 460 GB and 32 GB: nine tenths and a sixteenth.
    """
    return max(min(total * 9 // 10, total - _FOR_OTHERS), total // 4), total // 16


def program(settings: BackendSettings, python: str = sys.executable, total: int | None = None) -> Program:
    """How the server is started for these settings, on a machine with ``total`` bytes (default: this one)."""
    if total is None:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory, cache = limits(total)
    words = [
        python, "-m", "kiki_core.backends.mlx_server", str(memory), str(cache),
        "--model", settings.model, "--host", "127.0.0.1", "--port", "{port}",
        "--prompt-cache-bytes", str(cache),
        "--allowed-origins", "http://127.0.0.1",
    ]  # fmt: skip
    if settings.context >= _LONG_CONTEXT:
        words += ["--kv-bits", "8"]
    return Program("mlx", settings.model, tuple(words), _START_S)


class MlxBackend:
    """An mlx-lm server. It asks for no key: started here, it listens on loopback only."""

    def __init__(self, settings: BackendSettings) -> None:
        if not settings.model:
            raise KikiError(
                "backend.model is empty", "name the model, as a repository or folder, also with backend.url"
            )
        self._settings = settings
        self._server = Connection(settings, program(settings), "mlx_lm", "mlx")

    @property
    def name(self) -> str:
        """Model and place."""
        return f"{self._settings.model} by MLX at {place(self._settings.url) or 'this machine'}"

    @property
    def capabilities(self) -> Capabilities:
        """Adapters, composed into the one that a request can name; mlx-lm knows no schemas and no grammars."""
        return Capabilities(MAX_ACTIVE, False, False, False, bool(self._settings.url), self._settings.context)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion. The server loads the model anew when the adapter changes.

        Raises:
            Unable: for a schema or a grammar.
            KikiError: if the server can't be reached or started, or an adapter belongs to another base.
        """
        if request.json_schema is not None or request.grammar is not None:
            raise Unable(f"{self.name} follows no JSON schema and no grammar", "set backend.kind to llamacpp or vllm")
        body = chat_body(request)
        # Not "default_model": for that name mlx-lm takes the adapter of its command line, and no other.
        body["model"] = self._settings.model
        if request.adapters:
            rank = self._settings.adapter_rank
            folder = await asyncio.to_thread(composed_for, request.adapters, self._settings.model, "mlx", rank)
            if folder is not None:
                body["adapters"] = str(folder)
        client = await self._server.client()
        try:
            async with aclosing(stream_chat(client, "chat/completions", body, self.name)) as pieces:
                async for piece in pieces:
                    yield piece
        except KikiError as error:
            if not isinstance(error, Refused):
                self._server.lost()
            raise

    async def aclose(self) -> None:
        """Closes the connections, and lets go of a server that was started here."""
        await self._server.aclose()
