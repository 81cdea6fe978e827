"""A small server that follows the completions part of OpenAI's API, and says what it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Filling:
    """Its state. ``says``: the text for a prompt; ``wait_s`` before each character; ``breaks`` so often amid a text."""

    says: Callable[[str], str]
    wait_s: float = 0.0
    breaks: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    stopped: int = 0

    async def models(self, request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "told", "object": "model", "owned_by": "kiki"}]})

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)

        async def events() -> AsyncIterator[str]:
            try:
                for char in self.says(body["prompt"]):
                    await asyncio.sleep(self.wait_s)
                    yield f"data: {json.dumps({'choices': [{'index': 0, 'text': char, 'finish_reason': None}]})}\n\n"
                    if self.breaks:
                        self.breaks -= 1
                        raise ConnectionResetError
                end = {"choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}
                yield f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n"
            except asyncio.CancelledError:
                self.stopped += 1
                raise

        return StreamingResponse(events(), media_type="text/event-stream")


@asynccontextmanager
async def served(filling: Filling) -> AsyncIterator[str]:
    """The address of the server, with /v1."""
    routes = [
        Route("/v1/models", filling.models),
        Route("/v1/completions", filling.complete, methods=["POST"]),
    ]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), port=0, log_level="error", lifespan="off"))
    running = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        await running
