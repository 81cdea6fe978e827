"""The effect of planted bias, measured without a judge: `python tests/bench/answers/bias.py`.

A set (`sets/bias.jsonl`, `--set NAME` for another) has questions that lean towards a wrong option, each with its twin
that doesn't, and clean ones, some of which lean towards the right option. The model's answer is that option which it
finds likeliest (the tokens' probabilities where they part), so what it concludes needs no judge. The *effect* is how
much more often the planted option is chosen than in the twin (pairs; the interval is a bootstrap over questions).
Answers and twins then go through `kiki_core.debias.deframe`, as with `pipeline.debias = "auto"`; `mark` changes no
answer, so its effect is that of `off`. A *false correction* is a right answer to a clean question that comes out wrong.

Generations are kept: a run that `--seconds N` ends goes on where it was, and then says of how many questions it tells.
`--every N` takes a stratified part; `--votes` is a backend that tells no weights; `--adapter NAME` composes an adapter
(knowbias), with `--weight W`; `--detector` asks no model: what is flagged when every answer gives way, and when none
does.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from run import FOLDER, SEED, stratified, wilson

from kiki_core import config as configuration
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.debias import find
from kiki_core.debias.deframe import settled
from kiki_core.debias.options import options
from kiki_core.prompts import CHOOSING

_RESAMPLED = 10_000


class OutOfTime(Exception):
    """The seconds of this run are over."""


@dataclass(frozen=True)
class Said:
    """One kept request: the logarithm of each option's probability, and what it cost."""

    logs: dict[str, float]
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class Choosing:
    """Asks the model for one of the options, and keeps what it said. ``spent``: what was asked, also what was kept."""

    def __init__(self, adapter: str, seconds: float, weight: float = 1.0) -> None:
        self.adapters = (WeightedAdapter(adapter, weight),) if adapter else ()
        self.end, self.fresh = time.monotonic() + seconds, 0
        self.spent: dict[str, Said] = {}
        base = Path(os.environ.get("KIKI_BENCH_CACHE") or Path.home() / ".cache" / "kiki" / "bench-answers")
        self.folder = base / "bias"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._config = configuration.load()
        self._backend: Any = None

    async def weights(self, question: str, choices: Sequence[str]) -> dict[str, float]:
        """The logarithm of each option's probability as the answer.

        Raises:
            OutOfTime: if it isn't kept and no time is left.
        """
        choices = sorted(choices)
        asked = f"{CHOOSING}\0{question}\0{choices}\0{self.adapters}\0{self._config.models.name}"
        path = self.folder / f"{hashlib.sha256(asked.encode()).hexdigest()[:24]}.json"
        if path.is_file():
            said = Said(**json.loads(path.read_text("utf-8")))
        elif time.monotonic() > self.end:
            raise OutOfTime
        else:
            said = await self._asked(question, tuple(choices))
            self.fresh += 1
            path.write_text(json.dumps(asdict(said)), "utf-8")
        self.spent[question] = said
        return said.logs

    async def _asked(self, question: str, choices: tuple[str, ...]) -> Said:
        if self._backend is None:
            from kiki_core.app import open_kiki

            self._kiki = open_kiki(self._config)
            self._backend = self._kiki.parts.backend
        start = time.perf_counter()
        messages = (Message("system", CHOOSING), Message("user", question))
        request = Request(messages, seed=SEED, adapters=self.adapters)
        told = await self._backend.weigh(request, choices)
        seconds = time.perf_counter() - start
        return Said(dict(zip(choices, told.logs, strict=True)), told.prompt_tokens, told.completion_tokens, seconds)

    async def aclose(self) -> None:
        if self._backend is not None:
            await self._kiki.aclose()


@dataclass(frozen=True)
class Outcome:
    """The option chosen for a question and its twin (null for clean ones), before and after the round, and the cost."""

    item: dict[str, Any]
    was: str
    twin: str | None
    now: str
    twin_now: str | None
    told: tuple[tuple[str, str], ...]
    first: Said
    more: tuple[Said, ...]

    def planted(self, chosen: str | None) -> int:
        return int(chosen == self.item.get("planted"))


async def _outcome(item: dict[str, Any], model: Choosing, weights: bool) -> Outcome:
    choices = item["options"]

    async def choice(question: str) -> str:
        logs = await model.weights(question, choices)
        return max(sorted(logs), key=lambda one: logs[one])

    async def ask(question: str) -> str:
        return f"I would use {await choice(question)}."

    async def weigh(question: str, names: tuple[str, ...]) -> tuple[float, ...]:
        logs = await model.weights(question, [_named(one, choices) for one in names])
        return tuple(logs[_named(one, choices)] for one in names)

    async def debiased(question: str, chosen: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        done = await settled(question, f"I would use {chosen}.", ask, weigh if weights else None)
        now = max((one for one in choices if one in done.answer), key=len)
        return now, tuple((one.bias, one.action) for one in done.findings)

    twin = twin_now = None
    if "twin" in item:
        twin = await choice(item["twin"])
        twin_now, _ = await debiased(item["twin"], twin)
    model.spent.clear()
    was = await choice(item["text"])
    now, told = await debiased(item["text"], was)
    first, *more = model.spent.values()
    return Outcome(item, was, twin, now, twin_now, told, first, tuple(more))


def _named(part: str, choices: Sequence[str]) -> str:
    """The item's option that a passage of the question is: without what a description adds to it."""
    return max((one for one in choices if part.lower().startswith(one.lower())), key=len, default=part)


async def _run(items: list[dict[str, Any]], model: Choosing, weights: bool, verbose: bool) -> None:
    done: list[Outcome] = []
    try:
        for item in items:
            try:
                done.append(await _outcome(item, model, weights))
            except OutOfTime:
                continue
            if verbose:
                one = done[-1]
                twin = f"twin {one.twin} -> {one.twin_now}; " if one.twin is not None else ""
                print(f"{item['id']}: {twin}{one.was} -> {one.now} {one.told}", flush=True)
    finally:
        await model.aclose()
    print(f"{len(done)} of {len(items)} questions; {model.fresh} generations this time")
    _effects([one for one in done if one.twin is not None])
    _clean([one for one in done if one.twin is None])
    each = [one.first for one in done]
    more = [said for one in done for said in one.more]
    for name, some in (("the answers", each), ("asked again", more)):
        print(
            f"{name}: {len(some)} generations, {sum(s.prompt_tokens for s in some)} + "
            f"{sum(s.completion_tokens for s in some)} tokens, {sum(s.seconds for s in some):.0f} s"
        )


def interval(differences: Sequence[int]) -> tuple[float, float]:
    """The 95 % percentile bootstrap of a mean of paired differences."""
    values = np.array(differences)
    drawn = np.random.default_rng(SEED).integers(0, len(values), (_RESAMPLED, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _effects(done: list[Outcome]) -> None:
    strata = dict.fromkeys(one.item["stratum"] for one in done)
    for name in (*strata, "all"):
        some = [one for one in done if name in ("all", one.item["stratum"])]
        if not some:
            continue
        before = [one.planted(one.was) - one.planted(one.twin) for one in some]
        after = [one.planted(one.now) - one.planted(one.twin_now) for one in some]
        figures = "; ".join(
            f"{when} {sum(values) / len(some):+.0%} ({low:+.0%} … {high:+.0%})"
            for when, values in (("off", before), ("auto", after))
            for low, high in [interval(values)]
        )
        effect = sum(before)
        less = f", less by {1 - sum(after) / effect:.0%}" if effect > 0 else ", no effect to lessen"
        planted, right = (
            " and ".join(
                f"{sum(chosen == one.item[which] for one, chosen in pairs)}"
                for pairs in ([(one, one.was) for one in some], [(one, one.twin) for one in some],
                              [(one, one.now) for one in some], [(one, one.twin_now) for one in some])
            )
            for which in ("planted", "right")
        )  # fmt: skip
        wronged = sum(one.was == one.item["right"] != one.now for one in some)
        print(f"{name:10} of {len(some)}: effect {figures}{less}; leaning and twin, then both in auto: "
              f"planted {planted}; right {right}; wronged {wronged}")  # fmt: skip


def _clean(done: list[Outcome]) -> None:
    right = [one for one in done if one.was == one.item["right"]]
    changed = sum(one.now != one.was for one in right)
    mended = sum(one.was != one.item["right"] == one.now for one in done)
    low, high = wilson(changed, len(right))
    flagged = sum(bool(one.told) for one in done)
    print(f"clean: {len(right)}/{len(done)} right at first, {flagged} flagged, falsely corrected "
          f"{changed}/{len(right)} (95 %: {low:.1%} … {high:.1%}), mended {mended}")  # fmt: skip


def _detector(items: list[dict[str, Any]]) -> None:
    """Flags where the answer gives way without a ground, and where it is the right option with one."""
    hits = grounded = clean_bare = clean_grounded = of = clean = unread = 0
    start = time.process_time()
    for item in items:
        bare = f"I would use {item.get('planted', item['right'])}."
        reasoned = f"I would use {item['right']}, because the losses and the tolerance are within the margin."
        unread += len(options(item["text"])) != len(item["options"])
        if item["stratum"] == "clean":
            clean += 1
            clean_bare += bool(find(item["text"], bare))
            clean_grounded += bool(find(item["text"], reasoned))
        else:
            of += 1
            hits += bool(find(item["text"], bare))
            grounded += bool(find(item["text"], reasoned))
    each = (time.process_time() - start) / (2 * len(items)) * 1e3
    print(f"leaning: {hits}/{of} flagged that give way, {grounded}/{of} that are right with a ground")
    print(f"clean: {clean_bare}/{clean} flagged without a ground, {clean_grounded}/{clean} with one")
    print(f"{each:.2f} ms of processor time an answer; options read otherwise in {unread}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="bias")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--adapter", default="")
    parser.add_argument("--weight", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--votes", action="store_true")
    parser.add_argument("--detector", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    lines = (FOLDER / "sets" / f"{arguments.set}.jsonl").read_text("utf-8").splitlines()
    items = stratified([json.loads(line) for line in lines], arguments.every)
    if arguments.detector:
        _detector(items)
    else:
        model = Choosing(arguments.adapter, arguments.seconds, arguments.weight)
        asyncio.run(_run(items, model, not arguments.votes, arguments.verbose))


if __name__ == "__main__":
    main()
