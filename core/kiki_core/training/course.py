"""A training from its plan to the store: train, measure, judge, admit. Every step is an event.

Nothing is seen in the store before the gate has kept it; what is stopped or fails leaves a checkpoint in the training's
own folder, and the same plan goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.models.store import sha256_of
from kiki_core.training import pairs
from kiki_core.training.evaluation import Rates, questions, rates
from kiki_core.training.loop import CHECKPOINT
from kiki_core.training.planning import Plan, ready
from kiki_core.training.running import events_of
from kiki_core.training.worker import ADAPTER, HELD_OUT, PAIRS

if TYPE_CHECKING:
    from kiki_core.adapters.base import Base
    from kiki_core.adapters.gate import Thresholds
    from kiki_core.adapters.probes import Probe
    from kiki_core.config import Config

Event = dict[str, Any]
CARD = "card.json"
_MARGIN_TOKENS = 1.5


@dataclass(frozen=True, slots=True)
class Judging:
    """How the trained adapter is judged. ``questions``: most held-out ones that a tool judges; 0: none."""

    questions: int
    probes: tuple[Probe, ...]
    thresholds: Thresholds


async def course(plan: Plan, judging: Judging, config: Config, fresh: bool = False) -> AsyncGenerator[Event, None]:
    """Trains, and admits what is better than the base and harms nobody. The last event is ``outcome``.

    Raises:
        KikiError: if the training can't begin or fails, or the adapter can't be judged: then it isn't installed.
    """
    ready(plan)
    assert plan.data is not None
    with _own(plan.folder, fresh):
        pairs.write(plan.folder / PAIRS, plan.data.train)
        pairs.write(plan.folder / HELD_OUT, plan.data.held_out)
        yield {"event": "plan", **plan.to_json()}
        if why := _unjudged(plan, config):
            yield {"event": "note", "text": f"it will be trained but not admitted: {why}"}
        adapter = plan.folder / f"{ADAPTER}.safetensors"
        card = None if fresh else _finished(plan, adapter)
        if card is None:
            told: dict[str, Any] = {}
            async with contextlib.aclosing(events_of(plan.job(), plan.folder / "log")) as events:
                async for event in events:
                    _note(told, event)
                    yield event
            card = {
                "domain": plan.recipe.domain,
                "base": plan.base_name,
                "recipe": plan.recipe.to_json(),
                "data": plan.data.to_json(),
                "training": {"engine": plan.engine, **told},
                "identity": plan.identity,
                "sha256": sha256_of(adapter),
            }
            write_atomically(plan.folder / CARD, json.dumps(card, indent=2))
        else:
            yield {"event": "note", "text": "it is trained already and judged anew; --fresh trains it again"}
        async with contextlib.aclosing(_judged(plan, judging, config, adapter, card)) as events:
            async for event in events:
                yield event


def _finished(plan: Plan, adapter: Path) -> dict[str, Any] | None:
    """The card of this very training, if it has ended and its adapter is there untouched."""
    try:
        card: dict[str, Any] = json.loads((plan.folder / CARD).read_bytes())
        same = card["identity"] == plan.identity and card["sha256"] == sha256_of(adapter)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return card if same else None


def _note(told: dict[str, Any], event: Event) -> None:
    if event["event"] == "held_out":
        told.setdefault("held_out_loss", {})[event["when"]] = event["loss"]
    elif event["event"] == "trained":
        told |= {key: value for key, value in event.items() if key not in ("event", "adapter")}


async def _judged(
    plan: Plan, judging: Judging, config: Config, adapter: Path, card: dict[str, Any]
) -> AsyncGenerator[Event, None]:
    from kiki_core.adapters import admission

    base = _judging_base(plan, config, adapter)
    new = replace(admission.contender(str(adapter), base, plan.recipe.domain), name=plan.name)
    assert plan.data is not None
    asked = questions(plan.data.held_out, judging.questions)
    if asked:
        async for event in _with_progress("questions", lambda tell: measured(plan, config, base, asked, new, tell)):
            if "result" not in event:
                yield event
                continue
            found: Rates = event["result"]
            card["verified_rate"] = found.to_json()
            write_atomically(plan.folder / CARD, json.dumps(card, indent=2))
            yield {"event": "verified_rate", **found.to_json()}
            if not found.better:
                yield _outcome(plan, "rollback", "it is no better than the base on held-out questions", adapter)
                return
    priors = admission.priors_for((), plan.name, base)

    def gate(tell: Callable[[int, int], None]) -> Awaitable[Any]:
        return admission.run_gate(new, priors, judging.probes, base, config, judging.thresholds, tell)

    async for event in _with_progress("gate", gate):
        if "result" not in event:
            yield event
            continue
        report = event["result"]
        place, manifest = admission.admit(new, report, base, card, "kiki train")
        yield {"event": "gate", **report.to_json(), "report": str(place)}
        if manifest is None:
            yield _outcome(plan, "rollback", "it harms the experts that are there", adapter)
        else:
            (plan.folder / CHECKPOINT).unlink(missing_ok=True)
            yield _outcome(plan, "keep", "", adapter)


async def evaluation(plan: Plan, most: int, config: Config) -> AsyncGenerator[Event, None]:
    """Measures an installed adapter on the questions that its training held out. The last event is ``evaluated``.

    Raises:
        KikiError: if it isn't installed, or nothing can be measured.
    """
    from kiki_core.adapters import admission
    from kiki_core.adapters.base import base_of

    if plan.data is None:
        raise KikiError(f"there is no {plan.data_file}", f"`kiki data build {plan.recipe.domain}`, or --data FILE")
    base = base_of(config.models.name)
    one = admission.contender(plan.name, base, plan.recipe.domain)
    asked = questions(plan.data.held_out, most)
    async for event in _with_progress("questions", lambda tell: measured(plan, config, base, asked, one, tell)):
        if "result" not in event:
            yield event
            continue
        found: Rates = event["result"]
        yield {"event": "verified_rate", **found.to_json()}
        yield {"event": "evaluated", "better": found.better, "name": plan.name}


def _outcome(plan: Plan, decision: str, why: str, adapter: Path) -> Event:
    card = str(plan.folder / CARD)
    return {
        "event": "outcome", "decision": decision, "why": why, "name": plan.name, "adapter": str(adapter), "card": card,
    }  # fmt: skip


def _judging_base(plan: Plan, config: Config, adapter: Path) -> Base:
    """The configured embedded model, which has to be the base that was trained.

    Raises:
        KikiError: if it is another: nobody can judge the adapter here.
    """
    from kiki_core.adapters.base import base_of

    if why := _unjudged(plan, config):
        raise KikiError(
            f"{adapter} is trained but not admitted: {why}", "`kiki adapters install` and `gate` where its base runs"
        )
    return base_of(config.models.name)


def _unjudged(plan: Plan, config: Config) -> str:
    """Why adapters of this base can't be judged here; empty if they can."""
    from kiki_core.adapters.base import base_of

    assert plan.base is not None
    if config.backend.kind != "llamacpp":
        return "only the embedded backend can judge adapters"
    try:
        there = base_of(config.models.name)
    except KikiError as error:
        return error.wrong
    return "" if there.fingerprint == plan.base.fingerprint else f"the configured model is {there.name}"


async def measured(
    plan: Plan, config: Config, base: Base, asked: Any, new: Any, tell: Callable[[int, int], None]
) -> Rates:
    """The verified rates of the embedded base, and of it with an adapter that needn't be installed."""
    from kiki_core.adapters.cache import as_gguf
    from kiki_core.backends.llamacpp import LlamaCppBackend

    backend = LlamaCppBackend(config, {new.name: as_gguf(new.weights, new.sha256, base)})
    try:
        return await rates(asked, backend, new.name, judge, int(_MARGIN_TOKENS * plan.recipe.sequence), tell)
    finally:
        await backend.aclose()


async def judge(check: Mapping[str, Any], text: str) -> bool:
    """Whether the tool of a check accepts an answer.

    Raises:
        KikiError: if the tool is missing.
    """
    from kiki_core.training.data.checking import judged

    return (await judged(check, text)).ok


async def _with_progress(
    what: str, work: Callable[[Callable[[int, int], None]], Awaitable[Any]]
) -> AsyncGenerator[Event, None]:
    """Events of how far a measurement is, then one with its result."""
    news: asyncio.Queue[Event | None] = asyncio.Queue()

    async def run() -> Any:
        try:
            return await work(lambda done, of: news.put_nowait({"event": what, "done": done, "of": of}))
        finally:
            news.put_nowait(None)

    task = asyncio.ensure_future(run())
    try:
        while (event := await news.get()) is not None:
            yield {**event, "event": f"judging_{what}"}
        yield {"result": await task}
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, KikiError):
            await task


@contextlib.contextmanager
def _own(folder: Path, fresh: bool) -> Iterator[None]:
    """The training's folder, for one process at a time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise KikiError(f"{folder.name} is being trained already", "wait, or choose another --name") from error
            if fresh:
                (folder / CHECKPOINT).unlink(missing_ok=True)
            yield
    except OSError as error:
        raise KikiError(
            f"can't use {folder}: {error.strerror}", "free some space, or set KIKI_HOME to a folder of yours"
        ) from error
