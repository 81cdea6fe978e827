"""The embedded default: llama.cpp in a process of its own, shared by every kiki on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kiki_core import paths
from kiki_core.backends.filling import FILLING, Marks, fill_body, marks_of
from kiki_core.backends.openai import chat_body, stream_chat
from kiki_core.backends.protocol import Capabilities, Fill, Piece, Request, WeightedAdapter, Weights
from kiki_core.backends.weighing import BEGIN, TOP, pieces_of, tokens_of, weighed
from kiki_core.errors import KikiError
from kiki_core.models import MODELS, path_of
from kiki_core.models.registry import FALLBACK

if TYPE_CHECKING:
    import httpx

    from kiki_core.config import Config

_START_S = 90.0


class LlamaCppBackend:
    """Starts the server on first use, or joins the one that is there; lets go of it when closed."""

    def __init__(self, config: Config, adapters: Mapping[str, Path] | None = None) -> None:
        """``adapters``: GGUF files by name, for requests to name; by default the installed ones of this base."""
        self._config = config
        self._given = adapters
        self._loaded: dict[str, Path] = {}
        self._client: httpx.AsyncClient | None = None
        self._owner: IO[str] | None = None
        self._marks: Marks | None = None

    @property
    def name(self) -> str:
        """The model's name, marked when it is the fallback."""
        wanted = self._config.models.name
        return wanted if weights_path(wanted) else f"{FALLBACK.name} ({wanted} is not here)"

    @property
    def capabilities(self) -> Capabilities:
        """Grammars, schemas and adapters, on this machine."""
        return Capabilities(4, True, True, False, False, self._config.backend.context)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion; a server that died is started again once.

        Raises:
            KikiError: if the weights are missing or the server can't be started.
        """
        body = chat_body(request)
        if request.grammar is not None:
            body["grammar"] = request.grammar
        async with aclosing(self._streamed("v1/chat/completions", body, request.adapters)) as pieces:
            async for piece in pieces:
                yield piece

    async def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        """Streams what may stand at a place: with the model's own marks where it has them, else after the text alone.

        Raises:
            KikiError: as `generate`.
        """
        if self._marks is None:
            self._marks = await marks_of(await self._connected({adapter.name for adapter in request.adapters}))
        body = fill_body(request, self._marks) | {"id_slot": FILLING}
        async with aclosing(self._streamed("v1/completions", body, request.adapters)) as pieces:
            async for piece in pieces:
                yield piece

    async def weigh(self, request: Request, answers: tuple[str, ...]) -> Weights:
        """How probable each of the answers is, behind the request's conversation; hardly anything is generated.

        Raises:
            KikiError: as `generate`, or if the server tells no probabilities.
        """
        client = await self._connected({adapter.name for adapter in request.adapters})
        messages = [{"role": one.role, "content": one.content} for one in request.messages]
        prompt = str((await self._told(client, "apply-template", {"messages": messages})).get("prompt", ""))
        pieces = [
            pieces_of(await self._told(client, "tokenize", {"content": f"{BEGIN} {one}.", "with_pieces": True}))
            for one in answers
        ]
        asked = [0, 0]

        async def likely(said: str) -> dict[str, float]:
            body = {"prompt": prompt + said, "n_predict": 1, "n_probs": TOP, "temperature": 0.0, "cache_prompt": True}
            self._weight(body, request.adapters)
            reply = await self._told(client, "completion", body)
            asked[0] = max(asked[0], int(reply.get("tokens_evaluated", 0)))
            asked[1] += 1
            return tokens_of(reply)

        return Weights(await weighed(pieces, likely), asked[0], asked[1])

    async def _told(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
        import httpx

        try:
            reply = (await client.post(path, json=body)).raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise KikiError(f"{self.name} doesn't answer: {error or type(error).__name__}", "ask again") from error
        if not isinstance(reply, dict):
            raise KikiError(f"{self.name} answers something else than an object", "ask again")
        return reply

    def _weight(self, body: dict[str, Any], adapters: tuple[WeightedAdapter, ...]) -> None:
        if self._loaded:  # all of them each time: those not named would keep the last request's weight
            weights = dict.fromkeys(self._loaded, 0.0)
            for adapter in adapters:
                weights[adapter.name] += adapter.weight
            body["lora"] = [{"id": id_, "scale": weight} for id_, weight in enumerate(weights.values())]

    async def _streamed(
        self, path: str, body: dict[str, Any], adapters: tuple[WeightedAdapter, ...]
    ) -> AsyncGenerator[Piece, None]:
        body["cache_prompt"] = True
        for attempt in (1, 2):
            client = await self._connected({adapter.name for adapter in adapters})
            self._weight(body, adapters)
            streamed = False
            stream = stream_chat(client, path, body, self.name)
            try:
                async for piece in stream:
                    streamed = True
                    yield piece
                return
            except KikiError:
                if streamed or attempt == 2 or await _healthy(client):
                    raise
                await self._disconnect()
            finally:
                await stream.aclose()

    async def aclose(self) -> None:
        """Lets go of the server, which ends when nobody holds it."""
        await self._disconnect()
        self._let_go()

    def _loadable(self, model: Path) -> dict[str, Path]:
        if self._given is not None:
            return dict(self._given)
        if not (paths.home() / "adapters").is_dir():
            return {}  # and numpy stays unloaded
        from kiki_core.adapters.serving import loadable

        return loadable(model)

    def _refusal(self, name: str, model: Path) -> KikiError:
        if self._given is not None:
            return KikiError(f"no adapter {name!r} was given", "name one of those")
        from kiki_core.adapters.serving import refusal

        return refusal(name, model)

    def _let_go(self) -> None:
        if self._owner is not None:
            Path(self._owner.name).unlink(missing_ok=True)
            self._owner.close()
            self._owner = None

    async def _disconnect(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _connected(self, adapters: set[str]) -> httpx.AsyncClient:
        """A client of a server that has these adapters loaded.

        Raises:
            KikiError: if there is no model, or no such adapter for it.
        """
        import httpx

        if self._client is not None and adapters <= self._loaded.keys():
            return self._client
        model = weights_path(self._config.models.name) or path_of(FALLBACK, "model.gguf")
        if model is None:
            raise KikiError(f"the model {self._config.models.name} is not here yet", "run `kiki models pull`")
        self._loaded = await asyncio.to_thread(self._loadable, model)
        if missing := sorted(adapters - self._loaded.keys()):
            raise await asyncio.to_thread(self._refusal, missing[0], model)
        await self._disconnect()
        state = self._state(model)
        server = await self._started(state, model)
        self._client = httpx.AsyncClient(
            base_url=server["url"],
            headers={"Authorization": f"Bearer {server['key']}"},
            timeout=httpx.Timeout(self._config.backend.timeout_s, connect=5),
        )
        return self._client

    def _state(self, model: Path) -> Path:
        folder = paths.home() / "run"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise KikiError(f"can't make {folder}: {error.strerror}", "set KIKI_HOME to a folder of yours") from error
        settings = self._config.backend
        identity = f"{model}|{settings.threads}|{settings.context}"
        for path in self._loaded.values():
            identity += f"|{path}|{path.stat().st_mtime_ns}"
        which = hashlib.sha256(identity.encode()).hexdigest()[:12]
        state = folder / f"llama-{which}.json"
        if self._owner is not None and not Path(self._owner.name).name.startswith(f"{state.stem}."):
            self._let_go()
        if self._owner is None:
            self._owner = (folder / f"{state.stem}.owner-{os.getpid()}-{secrets.token_hex(3)}").open("w")
            fcntl.flock(self._owner, fcntl.LOCK_EX)
        return state

    async def _started(self, state: Path, model: Path) -> dict[str, Any]:
        with state.with_suffix(".lock").open("w") as lock:
            while True:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                await asyncio.sleep(0.1)
            server = _read_state(state)
            if server is not None and await _answers(server):
                return server
            state.unlink(missing_ok=True)
            return await self._start(state, model)

    async def _start(self, state: Path, model: Path) -> dict[str, Any]:
        logs = paths.home() / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / "llama-server.log"
        threads = self._config.backend.threads or max(1, min(8, os.cpu_count() or 1))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "kiki_core.backends.llama_server", str(state), str(model), str(threads),
                 str(self._config.backend.context), *map(str, self._loaded.values())],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
                env={**os.environ, "KIKI_SERVER_KEY": secrets.token_urlsafe(24)},
            )  # fmt: skip
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise KikiError(
                    f"the model server ended while loading {model.name}", f"see {log}; `kiki models verify`"
                )
            server = _read_state(state)
            if server is not None and await _answers(server):
                return server
            await asyncio.sleep(0.1)
        process.kill()
        raise KikiError(f"the model server did not answer within {_START_S:.0f} s", f"see {log}")


def weights_path(name: str) -> Path | None:
    """The GGUF file of a known model, or the file that ``name`` is the path of; null if it is not here."""
    if name in MODELS:
        return path_of(MODELS[name], "model.gguf")
    path = Path(name).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return path
    if path.suffix != ".gguf":
        raise KikiError(f"unknown model {name!r}", f"choose one of {', '.join(MODELS)}, or the path of a .gguf file")
    return None


def _read_state(state: Path) -> dict[str, Any] | None:
    try:
        server = json.loads(state.read_text())
    except (OSError, ValueError):
        return None
    return server if isinstance(server, dict) and "url" in server else None


async def _answers(server: dict[str, Any]) -> bool:
    import httpx

    async with httpx.AsyncClient(base_url=server["url"], timeout=2) as client:
        return await _healthy(client)


async def _healthy(client: httpx.AsyncClient) -> bool:
    import httpx

    try:
        return (await client.get("/health", timeout=2)).status_code == 200
    except httpx.HTTPError:
        return False
