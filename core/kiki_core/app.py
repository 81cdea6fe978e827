"""The one place where kiki's parts are put together from the configuration."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from kiki_core import config as configuration
from kiki_core import paths

if TYPE_CHECKING:
    from kiki_core.config import Config
    from kiki_core.encoder import Encoder
    from kiki_core.events import Event
    from kiki_core.memory import Memory
    from kiki_core.pipeline import Parts, Question


class Kiki:
    """The whole pipeline. Cheap to make: models, databases and servers are opened when they are first needed."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._parts: Parts | None = None

    async def ask(self, question: Question) -> AsyncGenerator[Event, None]:
        """The events of one answer; the answer is the last one.

        Raises:
            KikiError: for a question that can't be asked (empty, too long, an unreadable file).
        """
        from kiki_core import pipeline

        async with aclosing(pipeline.ask(question, self.parts)) as events:
            async for event in events:
                yield event

    @property
    def parts(self) -> Parts:
        """Backend, router, examples and memory, made once."""
        if self._parts is None:
            from kiki_core.backends import build
            from kiki_core.encoder import Encoder
            from kiki_core.pipeline import Parts
            from kiki_core.prompts import Examples
            from kiki_core.routing.opening import open_router

            encoder = Encoder()
            memory = open_memory(self.config, encoder=encoder)
            self._parts = Parts(self.config, build(self.config), open_router(self.config), Examples(encoder), memory)
        return self._parts

    async def aclose(self) -> None:
        """Lets go of the model server."""
        if self._parts is not None:
            await self._parts.backend.aclose()
            await asyncio.to_thread(self._parts.memory.close)
            self._parts = None


def open_kiki(config: Config | None = None) -> Kiki:
    """kiki as configured."""
    return Kiki(config or configuration.load())


def open_memory(config: Config, *, project: str | None = None, encoder: Encoder | None = None) -> Memory:
    """The memory of a project (default: the configured one, else that of the working folder)."""
    from kiki_core.encoder import Encoder
    from kiki_core.memory import Memory
    from kiki_core.memory.project import project_of

    if project is None:
        project = config.memory.project or project_of(Path.cwd())
    return Memory(paths.home() / "memory", encoder or Encoder(), project=project)
