"""Which of several requests for a proposal is answered, whatever the order in which the threads behind them end."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kiki_lsp.documents import Document
from kiki_lsp.experts import Experts, _Opened
from kiki_tools.language import Workspace
from kiki_tools.languages import service_of
from kiki_tools.text import Snapshot


class Noting:
    """Stands for a suggester: notes which place it is asked for last."""

    problem = ""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def stop(self) -> None:
        """Nothing is under way."""

    async def suggest(self, place: Any, adapters: object, *, at_once: bool) -> None:
        self.asked.append(place.offset)


async def _core(suggester: Noting) -> _Opened:
    kiki = SimpleNamespace(config=SimpleNamespace(editor=SimpleNamespace(completion=["spice"])))
    counts = SimpleNamespace(count=lambda *_: None, save=lambda: None)
    return _Opened(cast("Any", kiki), cast("Any", None), cast("Any", suggester), cast("Any", counts), {})


async def test_a_slow_older_request_does_not_take_the_place_of_a_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    experts = Experts(lambda _: Workspace())
    suggester, newer = Noting(), threading.Event()
    monkeypatch.setattr(experts, "_opening", asyncio.create_task(_core(suggester)))
    made = experts._place

    def place(document: Document, offset: int) -> object:
        if offset == 1:
            newer.wait(10)
        return made(document, offset)

    monkeypatch.setattr(experts, "_place", place)
    service = service_of("spice", "d.cir")
    assert service is not None
    document = Document("file:///d.cir", service, Snapshot("* d\nR1 a 0 1k\n", "d.cir"))
    older = asyncio.create_task(experts.suggest(document, 1))
    await asyncio.sleep(0)
    await experts.suggest(document, 2)
    newer.set()
    await older
    assert suggester.asked == [2]


async def test_a_key_drops_what_was_asked_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    experts = Experts(lambda _: Workspace())
    suggester, edited = Noting(), threading.Event()
    monkeypatch.setattr(experts, "_opening", asyncio.create_task(_core(suggester)))
    made = experts._place

    def place(document: Document, offset: int) -> object:
        edited.wait(10)
        return made(document, offset)

    monkeypatch.setattr(experts, "_place", place)
    service = service_of("spice", "d.cir")
    assert service is not None
    document = Document("file:///d.cir", service, Snapshot("* d\nR1 a 0 1k\n", "d.cir"))
    older = asyncio.create_task(experts.suggest(document, 1))
    await asyncio.sleep(0.01)
    experts.edited()
    edited.set()
    assert await older is None
    assert suggester.asked == []


@pytest.mark.parametrize(("wanted", "speaking"), [(False, {}), (True, {"spice", "kicad", "c"})])
def test_experts_propose_only_where_they_are_asked_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wanted: bool, speaking: set[str]
) -> None:
    from kiki_core.adapters import serving

    (tmp_path / "adapters").mkdir()
    monkeypatch.setenv("KIKI_HOME", str(tmp_path))
    monkeypatch.setattr(serving, "speaking", lambda experts, config, most: ())
    kiki = SimpleNamespace(config=SimpleNamespace(editor=SimpleNamespace(experts=wanted)))
    backend = SimpleNamespace(capabilities=SimpleNamespace(adapters=4))
    assert set(Experts._speaking(cast("Any", kiki), backend)) == set(speaking)
