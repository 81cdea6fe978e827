"""The paths of the API."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.routing import Router as RoutesOf
from starlette.types import Message, Receive, Scope, Send

from kiki_core.app import Kiki
from kiki_core.commands.route import result
from kiki_core.routing import Router
from kiki_core.serving import doors
from kiki_core.serving.chat import Chat, read
from kiki_core.serving.errors import ApiError, no_model, wrong
from kiki_core.serving.generation import BASE, WHOLE, Part, experts, parts
from kiki_core.serving.metrics import CONTENT_TYPE, Metrics
from kiki_core.serving.replies import Head, Left, Reply, reply
from kiki_core.serving.slots import Slots

_MOST_BYTES = 4_000_000
_BODY_S = 30.0
_MOST_TEXTS = 1024
_OPEN = frozenset({"/health"})
_LOG = logging.getLogger("kiki.serve")

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Api:
    """The server's state: kiki, its router, the queue, the counters."""

    def __init__(self, kiki: Kiki, router: Router) -> None:
        self._kiki = kiki
        self._router = router
        settings = kiki.config.serve
        self._slots = Slots(settings.concurrency, settings.queue)
        self._metrics = Metrics(self._slots)
        self._started = int(time.time())

    def app(self) -> App:
        """The ASGI application."""
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/models", self._models),
            Route("/v1/models/{name}", self._model),
            Route("/v1/route", self._route, methods=["POST"]),
            Route("/health", self._health),
            Route("/metrics", self._tell_metrics),
        ]
        paths = {route.path for route in routes}
        # A bare router: Starlette's own error middleware would answer before `_guarded` can.
        inner = RoutesOf(routes=routes, redirect_slashes=False)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope["app"] = self  # makes the router raise for what it can't serve
                path = scope["path"] if scope["path"] in paths else "other"
                await self._guarded(inner, path, scope, receive, send)

        return app

    async def _guarded(self, inner: App, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Admits, counts, and turns every error into OpenAI's shape."""
        status, start = 0, time.perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if scope["path"] not in _OPEN:
                doors.admit(Request(scope).headers, self._kiki.config.serve.api_key)
            await inner(scope, receive, noted)
        except (Left, ClientDisconnect):
            self._metrics.stopped()
            status = status or 499
        except ApiError as error:
            if not status:
                await _refusal(error)(scope, receive, noted)
        except HTTPException as error:
            await _refusal(_http_error(scope, error))(scope, receive, noted)
        except Exception:  # noqa: BLE001 the server outlives a request that finds a fault
            _LOG.exception("a fault of kiki at %s", path)
            if not status:
                await _refusal(ApiError(500, "a fault of kiki; its log tells", "api_error"))(scope, receive, noted)
        finally:
            self._metrics.request(path, status, time.perf_counter() - start)

    async def _chat(self, request: Request) -> Reply:
        chat = read(await _json(request))
        usage = chat.stream_options is not None and chat.stream_options.include_usage
        return Reply(self._parts(chat), Head(chat.model, usage), bool(chat.stream))

    async def _parts(self, chat: Chat) -> AsyncGenerator[Part, None]:
        """The answer's parts once there is a slot, counted."""
        start, first = time.perf_counter(), True
        kind = chat.model if chat.model in (WHOLE, BASE) else "expert"
        async with self._slots.taken(), aclosing(parts(chat, self._kiki)) as pieces:
            async for part in pieces:
                if part.text and first:
                    first = False
                    self._metrics.first_token(kind, time.perf_counter() - start)
                if part.usage is not None:
                    self._metrics.tokens(kind, part.usage["prompt_tokens"], part.usage["completion_tokens"])
                if part.answer is not None:
                    self._metrics.answer(part.answer.verified)
                yield part

    async def _names(self) -> list[str]:
        return [WHOLE, BASE, *await asyncio.to_thread(experts, self._kiki)]

    def _card(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": self._started, "owned_by": "kiki"}

    async def _models(self, request: Request) -> Response:
        return reply({"object": "list", "data": [self._card(name) for name in await self._names()]})

    async def _model(self, request: Request) -> Response:
        name, there = request.path_params["name"], await self._names()
        if name not in there:
            raise no_model(name, there)
        return reply(self._card(name))

    async def _route(self, request: Request) -> Response:
        body = await _json(request)
        given = body.get("text", body.get("input")) if isinstance(body, dict) else None
        texts: list[Any] = given if isinstance(given, list) else [given]
        if not texts or not all(isinstance(text, str) for text in texts):
            raise wrong('send {"text": "…"} or {"input": ["…", …]}', "text")
        if len(texts) > _MOST_TEXTS:
            raise wrong(f"{len(texts)} texts at once; the limit is {_MOST_TEXTS}", "input")
        start = time.perf_counter()
        routings = await asyncio.to_thread(self._router.route_many, texts)
        elapsed = (time.perf_counter() - start) * 1e3 / len(texts)
        results = [result(routing, elapsed) for routing in routings]
        return reply({"object": "list", "data": results} if isinstance(given, list) else results[0])

    async def _health(self, request: Request) -> Response:
        return reply({"status": "ok", "running": self._slots.running, "waiting": self._slots.waiting})

    async def _tell_metrics(self, request: Request) -> Response:
        return Response(self._metrics.text(), media_type=CONTENT_TYPE)


async def _json(request: Request) -> Any:
    """The body; read at most so far and so long.

    Raises:
        ApiError: 413, 408, or 400 for what is no JSON.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _MOST_BYTES:
                    close = {"Connection": "close"}
                    raise ApiError(413, f"the body is larger than {_MOST_BYTES} bytes", headers=close)
    except TimeoutError as error:
        raise ApiError(408, "the body took too long to come", headers={"Connection": "close"}) from error
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise wrong("the body is no JSON") from error


def _http_error(scope: Scope, error: HTTPException) -> ApiError:
    """Paths that aren't there, and methods that a path hasn't."""
    told = f"there is no path {scope['path'][:80]}"
    if error.status_code == 405:
        told = f"{scope['path'][:80]} doesn't take {scope['method'][:20]}"
    return ApiError(error.status_code, told, headers=error.headers or {})


def _refusal(error: ApiError) -> Response:
    return reply(error.to_json(), error.status, error.headers)


def open_api(kiki: Kiki) -> Api:
    """The API of a kiki. Its parts are made here, once, so that two first requests don't make them twice.

    Raises:
        KikiError: if the router can't be read, or the configuration names no model that could answer.
    """
    router = kiki.parts.router
    _ = router.route("warm up")
    return Api(kiki, router)
