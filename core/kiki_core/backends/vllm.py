"""vLLM: attached to by its address, or started here; one composed adapter per request, loaded at run time."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.backends.chat_stream import printable
from kiki_core.backends.composing import composed_for
from kiki_core.backends.connection import Connection
from kiki_core.backends.launched import Program
from kiki_core.backends.openai import Refused, chat_body, place, stream_chat
from kiki_core.backends.protocol import Capabilities, Piece, Request, WeightedAdapter
from kiki_core.domains import MAX_ACTIVE
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    import httpx

    from kiki_core.config import BackendSettings

_START_S = 1200.0
_LOAD_S = 120.0
_ASKING_S = 10.0
_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What `--max-lora-rank` takes."""
_MOST_LOADED = 16
"""Compositions that the server holds in its own memory (`--max-cpu-loras`)."""


def program(settings: BackendSettings, python: str = sys.executable) -> Program:
    """How vLLM is started for these settings."""
    rank = next(rank for rank in _RANKS if rank >= settings.adapter_rank)
    slots = min(settings.adapter_slots, _MOST_LOADED)
    words = [
        python, "-m", "vllm.entrypoints.openai.api_server", "--model", settings.model,
        "--host", "127.0.0.1", "--port", "{port}",
        "--max-model-len", str(settings.context),
        "--gpu-memory-utilization", str(settings.gpu_share),
        "--enable-prefix-caching",
        "--enable-lora", "--max-loras", str(slots), "--max-lora-rank", str(rank),
        "--max-cpu-loras", str(max(slots, _MOST_LOADED)),
    ]  # fmt: skip
    if settings.gpus > 1:
        words += ["--tensor-parallel-size", str(settings.gpus)]
    if settings.nodes > 1:
        words += ["--pipeline-parallel-size", str(settings.nodes), "--distributed-executor-backend", "ray"]
    return Program(
        "vllm", settings.model, tuple(words), _START_S, {"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True"}, "VLLM_API_KEY"
    )


class VllmBackend:
    """A vLLM server. Quantisation (AWQ, GPTQ, FP8) is read by vLLM from the model itself."""

    def __init__(self, settings: BackendSettings) -> None:
        if not settings.url and not settings.model:
            raise KikiError("backend.model is empty", "name the model that vLLM is to serve, or set backend.url")
        self._settings = settings
        self._server = Connection(settings, program(settings), "vllm", "vllm")
        self._known: httpx.AsyncClient | None = None
        self._model, self._root = settings.model, settings.model
        self._loading = asyncio.Lock()
        self._loaded: OrderedDict[str, None] = OrderedDict()
        self._used: Counter[str] = Counter()

    @property
    def name(self) -> str:
        """Model and place."""
        return f"{self._model or 'default'} by vLLM at {place(self._settings.url) or 'this machine'}"

    @property
    def capabilities(self) -> Capabilities:
        """Schemas, grammars, and adapters: several are composed into the one that vLLM takes per request."""
        return Capabilities(MAX_ACTIVE, True, True, False, bool(self._settings.url), self._settings.context)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion; an adapter that the server forgot is loaded once more.

        Raises:
            KikiError: if the server can't be reached or started, or doesn't take an adapter.
        """
        client = await self._connected()
        body = chat_body(request)
        if request.grammar is not None:
            body["structured_outputs"] = {"grammar": request.grammar}
        for attempt in (1, 2):
            streamed = False
            async with self._adapted(client, request.adapters) as model:
                body["model"] = model
                try:
                    async with aclosing(stream_chat(client, "chat/completions", body, self.name)) as pieces:
                        async for piece in pieces:
                            streamed = True
                            yield piece
                    return
                except Refused as error:
                    if error.status != 404 or model == self._model or streamed or attempt == 2:
                        raise
                    self._loaded.pop(model, None)
                except KikiError:
                    self._server.lost()
                    raise

    async def aclose(self) -> None:
        """Closes the connections, and lets go of a server that was started here."""
        await self._server.aclose()

    async def _connected(self) -> httpx.AsyncClient:
        client = await self._server.client()
        if client is not self._known:
            self._known = client
            self._loaded.clear()
            await self._look(client)
        return client

    async def _look(self, client: httpx.AsyncClient) -> None:
        """Learns which model the server has, and which adapters it holds already."""
        import httpx

        try:
            answer = await client.get("models", timeout=_ASKING_S)
            cards = [card for card in answer.json()["data"] if isinstance(card, dict)]
        except (httpx.HTTPError, ValueError, KeyError, TypeError, RecursionError):
            return  # the request itself will say what is wrong
        bases = [card for card in cards if not card.get("parent")]
        base = next((card for card in bases if card.get("id") == self._settings.model), bases[0] if bases else None)
        if base is not None:
            self._model = self._settings.model or str(base.get("id"))
            self._root = str(base.get("root") or base.get("id"))
        for card in cards:
            if card.get("parent") and str(card.get("id")).startswith("kiki-"):
                self._loaded[str(card["id"])] = None

    @asynccontextmanager
    async def _adapted(self, client: httpx.AsyncClient, adapters: Sequence[WeightedAdapter]) -> AsyncIterator[str]:
        """The model's name to ask for; its adapter stays loaded meanwhile."""
        if not adapters:
            yield self._model
            return
        rank = self._settings.adapter_rank
        folder = await asyncio.to_thread(composed_for, adapters, self._root, "peft", rank)
        if folder is None:
            yield self._model
            return
        name = f"kiki-{folder.name}"
        self._used[name] += 1
        try:
            async with self._loading:
                await self._load(client, name, folder)
            yield name
        finally:
            self._used[name] -= 1

    async def _load(self, client: httpx.AsyncClient, name: str, folder: Path) -> None:
        if name in self._loaded:
            self._loaded.move_to_end(name)
            return
        for old in [old for old in self._loaded if not self._used[old]]:
            if len(self._loaded) < _MOST_LOADED:
                break
            await self._post(client, "unload_lora_adapter", {"lora_name": old}, fine=("not found", "cannot be found"))
            del self._loaded[old]
        sent = {"lora_name": name, "lora_path": str(folder)}
        await self._post(client, "load_lora_adapter", sent, fine=("already been loaded",))
        self._loaded[name] = None

    async def _post(self, client: httpx.AsyncClient, path: str, body: dict[str, Any], fine: tuple[str, ...]) -> None:
        import httpx

        try:
            answer = await client.post(path, json=body, timeout=_LOAD_S)
        except httpx.HTTPError as error:
            reason = printable(str(error)) or type(error).__name__
            raise KikiError(f"{self.name}: {reason}", "is the server running?") from error
        told = printable(answer.text)
        if answer.status_code < 300 or any(word in told for word in fine):
            return
        if answer.status_code in (404, 405) and body.get("lora_path", "") not in told:
            remedy = "start it with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"
            raise KikiError(f"{self.name} takes no adapters while it runs", remedy)
        remedy = "it must see kiki's cache folder, and its --max-lora-rank must be backend.adapter_rank"
        raise KikiError(f"{self.name} refused an adapter ({answer.status_code}): {told[:200]}", remedy)
