"""Any OpenAI-compatible server over HTTP; the embedded llama.cpp server speaks the same."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from kiki_core.backends.protocol import Capabilities, Piece, Request
from kiki_core.errors import KikiError

if TYPE_CHECKING:
    import httpx

    from kiki_core.config import BackendSettings

_TRIES = 3


class _Busy(Exception):
    """The server is busy or restarting; worth another try."""


class OpenAIBackend:
    """A server by address and key. The key is never shown."""

    def __init__(self, settings: BackendSettings) -> None:
        if not settings.url:
            raise KikiError("backend.url is empty", "set it to the server's address, for example http://host:8000/v1")
        self._settings = settings
        self._client: httpx.AsyncClient | None = None

    @property
    def name(self) -> str:
        """Model and place."""
        return f"{self._settings.model or 'default'} at {self._settings.url}"

    @property
    def capabilities(self) -> Capabilities:
        """Chat with JSON schemas; no adapters, no grammars."""
        return Capabilities(0, False, True, False, True, self._settings.context)

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """Streams the completion; retries with back-off until the first piece.

        Raises:
            KikiError: if the server can't be reached, refuses, or breaks off.
        """
        import httpx

        if self._client is None:
            key = _key(self._settings)
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            self._client = httpx.AsyncClient(
                base_url=self._settings.url.rstrip("/") + "/",
                headers=headers,
                timeout=httpx.Timeout(self._settings.timeout_s, connect=10),
            )
        body = chat_body(request)
        if self._settings.model:
            body["model"] = self._settings.model
        stream = stream_chat(self._client, "chat/completions", body, self.name)
        try:
            async for piece in stream:
                yield piece
        finally:
            await stream.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


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
        KikiError: after the retries, or when the stream breaks off.
    """
    import httpx

    try:
        response = await _opened(client, path, body)
        try:
            if response.status_code >= 400:
                await response.aread()
                told = f"{name} refused ({response.status_code}): {response.text[:200]}"
                raise KikiError(told, "check backend.url, model and key")
            async for piece in _pieces(response):
                yield piece
        finally:
            await response.aclose()
    except (httpx.TransportError, _Busy) as error:
        reason = str(error) or type(error).__name__
        raise KikiError(f"{name}: {reason}", "is the server running? `kiki doctor` tells") from error


async def _opened(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """The server's response once it begins; tries again, with back-off, while it is busy or out of reach."""
    import httpx
    from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

    retrying = AsyncRetrying(
        retry=retry_if_exception_type((httpx.TransportError, _Busy)),
        stop=stop_after_attempt(_TRIES),
        wait=wait_random_exponential(multiplier=0.3, max=5),
        reraise=True,
    )
    async for attempt in retrying:
        with attempt:
            response = await client.send(client.build_request("POST", path, json=body), stream=True)
            if response.status_code == 429 or response.status_code >= 500:
                await response.aread()
                await response.aclose()
                raise _Busy(f"answered {response.status_code}: {response.text[:200]}")
    return response


async def _pieces(response: httpx.Response) -> AsyncGenerator[Piece, None]:
    async for line in response.aiter_lines():
        if not line.startswith("data:"):
            continue
        data = line.removeprefix("data:").strip()
        if data == "[DONE]":
            return
        try:
            message = json.loads(data)
        except ValueError as error:
            raise KikiError("the server's stream is no JSON", "is backend.url an OpenAI-compatible server?") from error
        if not isinstance(message, dict):
            continue
        if problem := message.get("error"):
            raise KikiError(f"the server failed: {str(problem)[:200]}", "retry, or see its log")
        usage = message.get("usage") or {}
        choices = message.get("choices") or [{}]
        text = (choices[0].get("delta") or {}).get("content") or ""
        finish = choices[0].get("finish_reason")
        if text or usage or finish:
            yield Piece(text, usage.get("prompt_tokens"), usage.get("completion_tokens"), finish)


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
