"""A backend whose answers are kept on the disk by their requests, so that a long run goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path

from kiki_core.backends.protocol import Backend, Capabilities, Piece, Request


@dataclass(frozen=True)
class Kept:
    """The backend, and the folder of the answers. ``model``: what tells one model's answers from another's."""

    backend: Backend
    folder: Path
    model: str

    @property
    def name(self) -> str:
        """The backend's."""
        return self.backend.name

    @property
    def capabilities(self) -> Capabilities:
        """The backend's."""
        return self.backend.capabilities

    async def generate(self, request: Request) -> AsyncGenerator[Piece, None]:
        """The whole answer in one piece, from the disk where it is there."""
        asked = json.dumps([self.model, asdict(request)], sort_keys=True)
        file = self.folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.json"
        if not file.exists():
            text, spent = "", [0, 0]
            async with aclosing(self.backend.generate(request)) as stream:
                async for piece in stream:
                    text += piece.text
                    spent = [spent[0] + (piece.prompt_tokens or 0), spent[1] + (piece.completion_tokens or 0)]
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"text": text, "spent": spent}), "utf-8")
        kept = json.loads(file.read_text("utf-8"))
        yield Piece(kept["text"], *kept["spent"])

    async def aclose(self) -> None:
        """Closes the backend."""
        await self.backend.aclose()
