"""The server's way to the core's model: opened when it is first needed, and not at all where it is switched off."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiki_tools.language import Workspace
from kiki_tools.text import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiki_core.app import Kiki
    from kiki_core.backends.protocol import Backend, WeightedAdapter
    from kiki_core.completing.checking import Place
    from kiki_core.completing.counts import Counts
    from kiki_core.completing.suggester import Suggester, Suggestion
    from kiki_lsp.documents import Document

_IDLE_S = 1.5
"""After so long without an edit the model reads the place of the last one."""
_SAVED_S = 20.0
DOMAINS = {"spice": "spice-sim", "kicad": "kicad-dsl", "c": "stm32"}
"""The expert that completes a language."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What an opened core gives to the editor. ``suggester``: null where the backend can't complete."""

    kiki: Kiki
    backend: Backend
    suggester: Suggester | None
    counts: Counts
    adapters: dict[str, tuple[WeightedAdapter, ...]]


class Experts:
    """The model as the editor uses it. Nothing of the core is imported before the first use."""

    def __init__(self, gathered: Callable[[Document], Workspace]) -> None:
        self.wanted = True
        """Whether the client wants the model; the configuration may still switch it off."""
        self.problem = ""
        """Why the model can't be used; empty while it can, or wasn't tried."""
        self._gathered = gathered
        self._opening: asyncio.Task[_Opened | None] | None = None
        self._warming: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._asked: tuple[Snapshot, int] | None = None
        self._shown: dict[str, tuple[str, str]] = {}

    @property
    def usable(self) -> bool:
        """Whether the core is open, and the model switched on: known some moments after a file was opened."""
        return self.wanted and self._done() is not None

    async def opened(self) -> _Opened | None:
        """The core; None where the model is switched off or the configuration can't be read."""
        if not self.wanted:
            return None
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(asyncio.to_thread(self._open))
        return await asyncio.shield(self._opening)

    def _open(self) -> _Opened | None:
        from kiki_core.app import open_kiki
        from kiki_core.backends import build
        from kiki_core.backends.protocol import Fills
        from kiki_core.completing.counts import Counts
        from kiki_core.completing.suggester import Suggester
        from kiki_core.errors import KikiError

        try:
            kiki = open_kiki()
            if not kiki.config.editor.model:
                return None
            backend = build(kiki.config)
            counts = Counts()
            suggester = None
            if isinstance(backend, Fills):
                suggester = Suggester(backend, counts, budget_s=kiki.config.editor.completion_s)
            else:
                self.problem = f"{backend.name} can't complete text"
            return _Opened(kiki, backend, suggester, counts, self._speaking(kiki, backend))
        except KikiError as error:
            self.problem = str(error)
            return None

    @staticmethod
    def _speaking(kiki: Kiki, backend: Any) -> dict[str, tuple[WeightedAdapter, ...]]:
        from kiki_core import paths
        from kiki_core.errors import KikiError
        from kiki_core.events import Expert

        if not kiki.config.editor.experts or not (paths.home() / "adapters").is_dir():
            return {}
        from kiki_core.adapters.serving import speaking

        found = {}
        for language, domain in DOMAINS.items():
            with contextlib.suppress(KikiError):
                found[language] = speaking([Expert(domain, 1.0)], kiki.config, backend.capabilities.adapters)
        return found

    async def suggest(self, document: Document, offset: int, *, at_once: bool = False) -> Suggestion | None:
        """A suggestion at a place, or none."""
        from kiki_core.errors import KikiError

        asked = (document.snapshot, offset)
        self._asked = asked
        try:
            core = await self.opened()
            if core is None or core.suggester is None or not self._completes(core, document):
                return None
            place = await asyncio.to_thread(self._place, document, offset)
            if self._asked is not asked:
                return None  # a key or a request came meanwhile, and threads don't end in the order they began in
            found = await core.suggester.suggest(place, self._adapters(core, document), at_once=at_once)
            self.problem = ""
        except KikiError as error:
            self.problem = str(error)
            return None
        finally:
            if self._asked is asked:
                self._asked = None
        self._remember(core, document, offset, found)
        return found

    def is_asking(self, document: Document, offset: int) -> bool:
        """Whether a suggestion for exactly this place is under way."""
        return self._asked is not None and self._asked[0] is document.snapshot and self._asked[1] == offset

    def kept(self, document: Document, offset: int) -> Suggestion | None:
        """What was suggested for this place before; asks nobody, waits for nothing."""
        core = self._done()
        if core is None or core.suggester is None:
            return None
        return core.suggester.kept(self._place(document, offset, Workspace()))

    def touched(self, document: Document, offset: int | None = None) -> None:
        """A document was opened, or a person is at a place: when nothing more happens, the model reads it."""
        if not self.wanted:
            return
        if self._warming is not None:
            self._warming.cancel()
        place = document.snapshot.length if offset is None else offset
        self._warming = asyncio.get_running_loop().create_task(self._warm(document, place))

    def edited(self) -> None:
        """A key was pressed: what the model was asked for is out of date, and the processor is wanted elsewhere."""
        self._asked = None
        core = self._done()
        if core is not None and core.suggester is not None:
            core.suggester.stop()

    def accepted(self, language: str) -> None:
        """A suggestion was taken."""
        core = self._done()
        if core is not None:
            core.counts.count(language, "accepted")
            self._shown.pop(language, None)
            self._save_soon(core)

    async def status(self) -> dict[str, Any]:
        """What an editor can show of the model."""
        core = await self.opened()
        if core is None:
            return {"model": False, "problem": self.problem}
        backend = core.backend
        return {
            "model": True, "name": backend.name, "remote": backend.capabilities.remote,
            "completion": list(core.kiki.config.editor.completion) if core.suggester else [],
            "experts": {key: [one.name for one in value] for key, value in core.adapters.items() if value},
            "problem": self.problem or (core.suggester.problem if core.suggester else ""),
            "counts": core.counts.total(),
        }  # fmt: skip

    async def aclose(self) -> None:
        """Lets go of the model."""
        for task in (self._warming, self._saving):
            if task is not None:
                task.cancel()
        core = self._done()
        if core is not None:
            if core.suggester is not None:
                core.suggester.stop()
            await core.backend.aclose()
            await asyncio.to_thread(core.counts.save)
            await core.kiki.aclose()

    def _done(self) -> _Opened | None:
        task = self._opening
        return task.result() if task is not None and task.done() and not task.cancelled() else None

    def _completes(self, core: _Opened, document: Document) -> bool:
        return document.service.language in core.kiki.config.editor.completion

    @staticmethod
    def _adapters(core: _Opened, document: Document) -> tuple[WeightedAdapter, ...]:
        return core.adapters.get(document.service.language, ())

    def _place(self, document: Document, offset: int, workspace: Workspace | None = None) -> Place:
        from kiki_core.completing.checking import Place

        seen = self._gathered(document) if workspace is None else workspace
        return Place(document.service, document.snapshot, offset, seen)

    async def _warm(self, document: Document, offset: int) -> None:
        await asyncio.sleep(_IDLE_S)
        core = await self.opened()
        if core is not None and core.suggester is not None and self._completes(core, document):
            place = await asyncio.to_thread(self._place, document, offset)
            await core.suggester.warm(place, self._adapters(core, document))

    def _remember(self, core: _Opened, document: Document, offset: int, found: Suggestion | None) -> None:
        """Counts a suggestion as refused once another one takes its place that doesn't go on with it."""
        language = document.service.language
        before = self._shown.pop(language, None)
        typed = document.snapshot.line_text(document.snapshot.line_of(offset))
        if before is not None and not (before[0] + before[1]).startswith(typed.strip()):
            core.counts.count(language, "rejected")
        if found is not None:
            self._shown[language] = (typed.strip(), found.text)
        self._save_soon(core)

    def _save_soon(self, core: _Opened) -> None:
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save(core))

    @staticmethod
    async def _save(core: _Opened) -> None:
        await asyncio.sleep(_SAVED_S)
        await asyncio.to_thread(core.counts.save)
