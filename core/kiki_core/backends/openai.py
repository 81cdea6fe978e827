"""Any OpenAI-compatible server over HTTP; the embedded llama.cpp server speaks the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from kiki_core.backends.chat_stream import pieces_of, printable, refusal
from kiki_core.backends.filling import NO_MARKS, Marks, fill_body, marks_of
from kiki_core.backends.protocol import Capabilities, Fill, Piece, Request, Unable
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    import httpx

    from kiki_core.config import BackendSettings

_TRIES = 3
_MOST_WAIT_S = 30.0
_ASKING_S = 5.0
Dialect = Literal["openai", "llamacpp", "vllm"]


class _Busy(Exception):
    """The server is busy or restarting; worth another try, after ``wait_s`` if it said so."""

    def __init__(self, told: str, wait_s: float) -> None:
        super().__init__(told)
        self.wait_s = wait_s


class Refused(KikiError):
    """The server answered, and refused. ``status``: of HTTP."""

    def __init__(self, wrong: str, remedy: str, status: int) -> None:
        super().__init__(wrong, remedy)
        self.status = status


class OpenAIBackend:
    """A server by address and key. The key is never shown."""

    def __init__(self, settings: BackendSettings) -> None:
        if not settings.url:
            raise KikiError("backend.url is empty", "set it to the server's address, for example http://host:8000/v1")
        self._settings = settings
        self._client: httpx.AsyncClient | None = None
        self._dialect: Dialect | None = None
        self._marks: Marks | None = None

    @property
    def name(self) -> str:
        """Model and place."""
        return f"{self._settings.model or 'default'} at {place(self._settings.url)}"

    @property
    def capabilities(self) -> Capabilities:
        """Chat with JSON schemas; no adapters; grammars once the server has said that it is one that takes them."""
        grammar = self._dialect in ("llamacpp", "vllm")
        return Capabilities(0, grammar, True, False, True, self._settings.context)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion; retries with back-off until the first piece.

        Raises:
            Unable: for adapters, or for a grammar that the server doesn't take.
            KikiError: if the server can't be reached, refuses, stalls, or breaks off.
        """
        if request.adapters:
            raise Unable(f"{self.name} takes no adapters", "set backend.kind to llamacpp, vllm or mlx")
        client = await self._connected()
        body = chat_body(request)
        if self._settings.model:
            body["model"] = self._settings.model
        if request.grammar is not None:
            body |= await self._grammar(client, request.grammar)
        stream = stream_chat(client, "chat/completions", body, self.name)
        try:
            async for piece in stream:
                yield piece
        finally:
            await stream.aclose()

    async def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        """Streams what may stand at a place, by `completions`: with marks and grammar where the server is one that is
        known to take them, else after the text before the place alone.

        Raises:
            KikiError: as `generate`; also from a server that has no `completions`.
        """
        if request.adapters:
            raise Unable(f"{self.name} takes no adapters", "set backend.kind to llamacpp, vllm or mlx")
        client = await self._connected()
        if self._dialect is None:
            self._dialect = await dialect_of(client)
        if self._marks is None:
            known = self._dialect == "llamacpp"
            self._marks = await marks_of(client, "../tokenize") if known else NO_MARKS
        body = fill_body(replace(request, grammar=""), self._marks)
        if self._settings.model:
            body["model"] = self._settings.model
        if request.grammar and self._dialect != "openai":
            body |= await self._grammar(client, request.grammar)
        async with aclosing(stream_chat(client, "completions", body, self.name)) as pieces:
            async for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = await client_of(self._settings)
        return self._client

    async def _grammar(self, client: httpx.AsyncClient, grammar: str) -> dict[str, Any]:
        if self._dialect is None:
            self._dialect = await dialect_of(client)
        if self._dialect == "llamacpp":
            return {"grammar": grammar}
        if self._dialect == "vllm":
            return {"structured_outputs": {"grammar": grammar}}
        raise Unable(f"{self.name} doesn't say that it takes grammars", "use a JSON schema, or llama.cpp or vLLM")


async def client_of(settings: BackendSettings, url: str = "", key: str | None = None) -> httpx.AsyncClient:
    """A client of the configured server with its configured key, or of the one at ``url`` with its own."""
    import httpx

    if not url:
        url, key = settings.url, await asyncio.to_thread(_key, settings)
    headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {key}"} if key else {})}
    try:
        return httpx.AsyncClient(
            base_url=url.rstrip("/") + "/",
            headers=headers,
            timeout=httpx.Timeout(settings.timeout_s, connect=min(10, settings.timeout_s)),
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        raise KikiError(f"backend.url is no address: {error}", "for example http://host:8000/v1") from error


async def dialect_of(client: httpx.AsyncClient) -> Dialect:
    """What the server is, by the owner that it names for its models; `openai` when it says nothing known."""
    import httpx

    try:
        answer = await client.get("models", timeout=_ASKING_S)
        owners = {str(model.get("owned_by")) for model in answer.json()["data"]}
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "openai"
    return "llamacpp" if "llamacpp" in owners else "vllm" if "vllm" in owners else "openai"


def place(url: str) -> str:
    """An address without the name and password that it may hold."""
    scheme, slashes, rest = url.rpartition("://")
    host, slash, path = rest.partition("/")
    return scheme + slashes + host.rpartition("@")[2] + slash + path


def chat_body(request: Request) -> dict[str, Any]:
    """The request as the chat API wants it."""
    body: dict[str, Any] = {
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.seed is not None:
        body["seed"] = request.seed
    if request.stop:
        body["stop"] = list(request.stop)
    if request.json_schema is not None:
        schema = {"name": "answer", "schema": request.json_schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


async def stream_chat(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], name: str
) -> AsyncGenerator[Piece, None]:
    """The pieces of one chat completion. Closing the iterator closes the connection, which stops the server.

    Raises:
        KikiError: after the retries, or when the stream stalls or breaks off.
    """
    import httpx

    try:
        response = await _accepted(client, path, dict(body), name)
        try:
            async with aclosing(pieces_of(response, client.timeout.read)) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            await response.aclose()
    except httpx.ReadTimeout as error:
        told = f"{name}: the server said nothing for {client.timeout.read:g} s"
        raise KikiError(told, "see its log, or raise backend.timeout_s") from error
    except (httpx.TransportError, httpx.InvalidURL, _Busy) as error:
        reason = printable(str(error)) or type(error).__name__
        raise KikiError(f"{name}: {reason}", "is the server running? `kiki doctor` tells") from error


async def _accepted(client: httpx.AsyncClient, path: str, body: dict[str, Any], name: str) -> httpx.Response:
    """The response of a server that takes the request, without fields that it says it doesn't know."""
    for _ in range(4):
        response = await _opened(client, path, body)
        if response.status_code < 300:
            return response
        try:
            told = await refusal(response)
        finally:
            await response.aclose()
        if response.status_code not in (400, 422) or not _without(body, told):
            break
    if key := client.headers.get("Authorization", "").removeprefix("Bearer "):
        told = told.replace(key, "…")
    wrong = f"{name} refused ({response.status_code}): {told[:200]}"
    raise Refused(wrong, "check backend.url, model and key", response.status_code)


def _without(body: dict[str, Any], told: str) -> bool:
    """Changes a body whose refusal names a field that not every server takes; whether it did."""
    if "max_completion_tokens" in told and "max_tokens" in body:
        body["max_completion_tokens"] = body.pop("max_tokens")
        return True
    field = next((name for name in ("stream_options", "seed") if name in told and name in body), None)
    if field is not None:
        del body[field]
    return field is not None


async def _opened(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """The server's response once it begins; tries again, with back-off, while it is busy or out of reach."""
    import httpx
    from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

    back_off = wait_random_exponential(multiplier=0.3, max=5)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        return max(back_off(state), error.wait_s if isinstance(error, _Busy) else 0.0)

    def passing(error: BaseException) -> bool:
        # Not a server that took the request and is silent: it may be at work, and asking again doubles that.
        return isinstance(error, (httpx.TransportError, _Busy)) and not isinstance(error, httpx.ReadTimeout)

    retrying = AsyncRetrying(
        retry=retry_if_exception(passing), stop=stop_after_attempt(_TRIES), wait=wait, reraise=True
    )
    async for attempt in retrying:
        with attempt:
            response = await client.send(client.build_request("POST", path, json=body), stream=True)
            if response.status_code == 429 or response.status_code >= 500:
                try:
                    told = await refusal(response)
                finally:
                    await response.aclose()
                raise _Busy(f"answered {response.status_code}: {told[:200]}", _asked_to_wait(response))
    return response


def _asked_to_wait(response: httpx.Response) -> float:
    """Seconds of Retry-After; 0 without one, or when it is more than anyone waits."""
    told = response.headers.get("retry-after", "")
    seconds = float(told) if told.isascii() and told.isdecimal() else 0.0
    return seconds if seconds <= _MOST_WAIT_S else 0.0


def _key(settings: BackendSettings) -> str | None:
    import os

    if key := os.environ.get(settings.api_key_env):
        return key
    import keyring
    import keyring.errors

    try:
        return keyring.get_password("kiki", settings.url)
    except keyring.errors.KeyringError:
        return None
