"""The loop of a training: losses before and after, steps, checkpoints, in an order that a resumed run repeats."""

from __future__ import annotations

import json
import math
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiki_core.adapters import safetensors
from kiki_core.adapters.model import Tensor
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.training.engine import Encoded, Engine
from kiki_core.training.pairs import Pair
from kiki_core.training.recipes import Recipe

Emit = Callable[[dict[str, Any]], None]
CHECKPOINT = "checkpoint.safetensors"
MOST_HELD_OUT = 32
"""Pairs whose loss is measured before and after; more cost time and tell little."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands, as a checkpoint keeps it."""

    identity: str
    step: int
    before: float | None
    tokens: int
    seconds: float


class Stopped(Exception):
    """Asked to stop; the state is kept."""


def train(
    engine: Engine,
    recipe: Recipe,
    pairs: Sequence[Pair],
    held_out: Sequence[Pair],
    folder: Path,
    identity: str,
    emit: Emit,
    stopping: Callable[[], bool],
) -> Progress:
    """Trains to the recipe's last step, from the folder's checkpoint if it is of the same training.

    Raises:
        Stopped: after a checkpoint, when ``stopping`` says so.
        KikiError: if no pair is short enough, the loss isn't finite, or the disk refuses.
    """
    batches, judged = _encoded(engine, recipe, pairs, held_out, emit)
    at = _restored(engine, folder, identity) or Progress(identity, 0, None, 0, 0.0)
    if at.step:
        emit({"event": "resumed", "step": at.step, "steps": recipe.steps})
    if at.before is None:
        loss = _held_out_loss(engine, recipe, judged, emit, "before", stopping)
        at = Progress(identity, 0, loss, 0, 0.0)
    emit({"event": "held_out", "when": "before", "loss": at.before})
    began, begun_at, recent, recent_tokens = time.monotonic(), at.step, 0.0, 0
    reported = began
    for step, batch in _from(batches, recipe, at.step):
        started = time.monotonic()
        total, count = engine.step(batch, rate_of(recipe, step))
        now = time.monotonic()
        if not math.isfinite(total):
            raise KikiError(f"the loss isn't finite at step {step + 1}", "lower --learning-rate")
        recent, recent_tokens = recent + total, recent_tokens + count
        passed = sum(len(one.tokens) for one in batch)
        at = Progress(identity, step + 1, at.before, at.tokens + passed, at.seconds + now - started)
        if at.step % recipe.report == 0 or at.step == recipe.steps:
            per_step = (now - began) / (at.step - begun_at)
            emit(
                {
                    "event": "step", "step": at.step, "steps": recipe.steps, "loss": round(recent / recent_tokens, 4),
                    "tokens_per_s": round(at.tokens / at.seconds, 1), "s_per_step": round(per_step, 3),
                    "eta_s": round(per_step * (recipe.steps - at.step), 1), "elapsed_s": round(now - reported, 1),
                }
            )  # fmt: skip
            recent, recent_tokens, reported = 0.0, 0, now
        if stopping():
            _keep(engine, folder, at)
            raise Stopped
        if at.step % recipe.checkpoint == 0 and at.step < recipe.steps:
            _keep(engine, folder, at)
            emit({"event": "checkpoint", "step": at.step})
    _keep(engine, folder, at)
    after = _held_out_loss(engine, recipe, judged, emit, "after", stopping)
    emit({"event": "held_out", "when": "after", "loss": after})
    return at


def rate_of(recipe: Recipe, step: int) -> float:
    """The learning rate of a step, counted from 0: rising at first, falling to a tenth along a cosine."""
    if step < recipe.warmup:
        return recipe.learning_rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(1, (recipe.decay or recipe.steps) - recipe.warmup)
    return recipe.learning_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * share)))


def order(count: int, batch: int, seed: int, first: int) -> Iterator[list[int]]:
    """The places of each batch from a step on: every pair once an epoch, shuffled by the seed."""
    at, epoch, places = first * batch, -1, list[int]()
    while True:
        chosen = []
        for number in range(at, at + batch):
            if number // count != epoch:
                epoch, places = number // count, list(range(count))
                random.Random(f"{seed}/{epoch}").shuffle(places)
            chosen.append(places[number % count])
        yield chosen
        at += batch


def _from(pairs: Sequence[Encoded], recipe: Recipe, first: int) -> Iterator[tuple[int, list[Encoded]]]:
    batches = order(len(pairs), recipe.batch, recipe.seed, first)
    for step in range(first, recipe.steps):
        yield step, [pairs[place] for place in next(batches)]


def _encoded(
    engine: Engine, recipe: Recipe, pairs: Sequence[Pair], held_out: Sequence[Pair], emit: Emit
) -> tuple[list[Encoded], list[Encoded]]:
    found, judged = [engine.encode(pair) for pair in pairs], [engine.encode(pair) for pair in held_out]
    short, fair = ([one for one in some if len(one.tokens) <= recipe.sequence] for some in (found, judged))
    emit(
        {
            "event": "encoded", "pairs": len(short), "held_out": len(fair),
            "too_long": len(found) + len(judged) - len(short) - len(fair),
            "longest": max((len(one.tokens) for one in (*found, *judged)), default=0),
            "tokens": sum(len(one.tokens) for one in short),
        }
    )  # fmt: skip
    if not short or not fair:
        raise KikiError(
            f"{'no pair' if not short else 'nothing held out'} has {recipe.sequence} tokens or less", "raise --sequence"
        )
    return short, fair[:MOST_HELD_OUT]


def _held_out_loss(
    engine: Engine, recipe: Recipe, judged: Sequence[Encoded], emit: Emit, when: str, stopping: Callable[[], bool]
) -> float:
    total, count = 0.0, 0
    for at in range(0, len(judged), recipe.batch):
        more, tokens = engine.loss(judged[at : at + recipe.batch])
        total, count = total + more, count + tokens
        emit({"event": "measuring", "when": when, "done": min(at + recipe.batch, len(judged)), "of": len(judged)})
        if stopping():
            raise Stopped
    if not math.isfinite(total):
        raise KikiError(f"the held-out loss {when} isn't finite", "lower --learning-rate, or name another base")
    return round(total / count, 5)


def _keep(engine: Engine, folder: Path, at: Progress) -> None:
    """The state and where it stands, whole or not at all."""
    told = {"step": at.step, "before": at.before, "tokens": at.tokens, "seconds": at.seconds, "identity": at.identity}
    tensors = {
        name: Tensor("F64" if value.dtype.itemsize == 8 else "F32", value) for name, value in engine.state().items()
    }
    write_atomically(folder / CHECKPOINT, b"".join(safetensors.encode(tensors, {"progress": json.dumps(told)})))


def _restored(engine: Engine, folder: Path, identity: str) -> Progress | None:
    """Null if there is no checkpoint of this training; a damaged one counts as none."""
    path = folder / CHECKPOINT
    if not os.path.exists(path):
        return None
    try:
        contents = safetensors.read(path)
        told = json.loads(contents.strings.get("progress", "{}"))
        if told.get("identity") != identity:
            return None
        engine.restore({name: tensor.bits for name, tensor in contents.tensors.items()})
        return Progress(identity, int(told["step"]), told["before"], int(told["tokens"]), float(told["seconds"]))
    except (KikiError, ValueError, KeyError, TypeError):
        return None
