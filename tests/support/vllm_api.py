"""A small server that follows vLLM's documented API for models and adapters; by default it says the model's name."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Vllm:
    """Its state. ``run_time``: whether adapters can be loaded (VLLM_ALLOW_RUNTIME_LORA_UPDATING)."""

    model: str
    most_rank: int = 64
    run_time: bool = True
    adapters: dict[str, Path] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    loads: int = 0
    says: Callable[[dict[str, Any]], str] = lambda body: str(body["model"])

    async def models(self, request: Request) -> Response:
        cards = [{"id": self.model, "object": "model", "owned_by": "vllm", "root": self.model, "parent": None}]
        cards += [
            {"id": name, "object": "model", "owned_by": "vllm", "root": str(path), "parent": self.model}
            for name, path in self.adapters.items()
        ]
        return JSONResponse({"object": "list", "data": cards})

    async def load(self, request: Request) -> Response:
        body = await request.json()
        name, path = body["lora_name"], Path(body["lora_path"])
        if name in self.adapters:
            return _refused(400, f"The lora adapter '{name}' has already been loaded.")
        if not (path / "adapter_config.json").is_file() or not (path / "adapter_model.safetensors").is_file():
            return _refused(404, f"Loading lora {name} failed: No adapter found for {path}")
        rank = json.loads((path / "adapter_config.json").read_text())["r"]
        if rank > self.most_rank:
            return _refused(400, f"LoRA rank {rank} is greater than max_lora_rank {self.most_rank}.")
        self.adapters[name] = path
        self.loads += 1
        return PlainTextResponse(f"Success: LoRA adapter '{name}' added successfully.")

    async def unload(self, request: Request) -> Response:
        name = (await request.json())["lora_name"]
        if self.adapters.pop(name, None) is None:
            return _refused(404, f"The lora adapter '{name}' cannot be found.")
        return PlainTextResponse(f"Success: LoRA adapter '{name}' removed successfully.")

    async def chat(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        if body["model"] not in (self.model, *self.adapters):
            return _refused(404, f"The model `{body['model']}` does not exist.")

        async def events() -> AsyncIterator[str]:
            choice = {"index": 0, "delta": {"content": self.says(body)}, "finish_reason": "stop"}
            yield f"data: {json.dumps({'choices': [choice]})}\n\ndata: [DONE]\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "BadRequestError", "code": status}}, status)


@asynccontextmanager
async def served(vllm: Vllm) -> AsyncIterator[str]:
    """The address of the server, with /v1."""
    routes = [Route("/v1/models", vllm.models), Route("/v1/chat/completions", vllm.chat, methods=["POST"])]
    if vllm.run_time:
        routes += [
            Route("/v1/load_lora_adapter", vllm.load, methods=["POST"]),
            Route("/v1/unload_lora_adapter", vllm.unload, methods=["POST"]),
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
