"""How often a tool accepts an answer: of the base, and of the base with an adapter, on held-out questions."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from kiki_core.backends.protocol import Backend, Message, Request, WeightedAdapter
from kiki_core.errors import KikiError
from kiki_core.training.pairs import Pair

Judge = Callable[[Mapping[str, Any], str], Awaitable[bool]]
Tell = Callable[[int, int], None]
_Z = 1.959964  # 95 %
_MOST_TEXT = 40_000
_BY_BLOCK = frozenset({"circuit", "card", "firmware", "kicad-file"})
"""Checks that look at an answer's first block alone: nothing behind it needs to be generated."""
_BLOCK = re.compile(r"^[ \t]*```[^\n]*\n(?:.*\n)?[ \t]*```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question: whether the tool accepted the base's answer, and the adapter's."""

    instruction: str
    base: bool
    adapter: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """All of them."""

    outcomes: tuple[Outcome, ...]

    @property
    def base(self) -> float:
        """The share that the base alone gets right."""
        return sum(one.base for one in self.outcomes) / len(self.outcomes)

    @property
    def adapter(self) -> float:
        """The share that it gets right with the adapter."""
        return sum(one.adapter for one in self.outcomes) / len(self.outcomes)

    @property
    def better(self) -> bool:
        """Whether the adapter's share is the greater one."""
        return self.adapter > self.base

    def to_json(self) -> dict[str, Any]:
        """As it stands in a card: shares with their 95 % intervals, and how many questions changed sides."""
        count = len(self.outcomes)
        base, adapter = sum(one.base for one in self.outcomes), sum(one.adapter for one in self.outcomes)
        return {
            "questions": count,
            "base": round(base / count, 4),
            "base_interval": wilson(base, count),
            "adapter": round(adapter / count, 4),
            "adapter_interval": wilson(adapter, count),
            "won": sum(one.adapter and not one.base for one in self.outcomes),
            "lost": sum(one.base and not one.adapter for one in self.outcomes),
        }


def wilson(right: int, count: int) -> list[float]:
    """The 95 % interval of a share (Wilson, 1927)."""
    share, square = right / count, _Z * _Z / count
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


def questions(held_out: Sequence[Pair], most: int) -> list[Pair]:
    """Held-out pairs that a tool can judge, at most so many, spread over all of them."""
    judged = [pair for pair in held_out if pair.check]
    return [judged[at * len(judged) // most] for at in range(most)] if len(judged) > most else judged


async def rates(
    asked: Sequence[Pair], backend: Backend, adapter: str, judge: Judge, max_tokens: int, tell: Tell
) -> Rates:
    """Asks all questions of the base, then with the adapter at full weight, greedily, and lets the tools judge.

    Raises:
        KikiError: if the model can't answer or a tool is missing.
    """
    if not asked:
        raise KikiError("no held-out pair has a check", "build pairs with `kiki data build`")
    found: dict[bool, list[bool]] = {False: [], True: []}
    for with_adapter, results in found.items():
        adapters = (WeightedAdapter(adapter, 1.0),) if with_adapter else ()
        for pair in asked:
            results.append(await judge(pair.check, await _answer(pair, adapters, backend, max_tokens)))
            tell(len(found[False]) + len(found[True]), 2 * len(asked))
    both = zip(asked, found[False], found[True], strict=True)
    return Rates(tuple(Outcome(pair.instruction, before, after) for pair, before, after in both))


async def _answer(pair: Pair, adapters: tuple[WeightedAdapter, ...], backend: Backend, max_tokens: int) -> str:
    request = Request(
        (Message("user", pair.instruction),), max_tokens=max_tokens, temperature=0.0, seed=1, adapters=adapters
    )
    text, by_block = "", pair.check.get("kind") in _BY_BLOCK
    async with aclosing(backend.generate(request)) as pieces:
        async for piece in pieces:
            text += piece.text
            if len(text) > _MOST_TEXT or (by_block and "`" in piece.text and _BLOCK.search(text)):
                break
    return text[:_MOST_TEXT]
