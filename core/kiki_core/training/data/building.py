"""Building a domain's set: drafts in the order of their places, judged, kept or refused, noted as they come.

The journal has a line for each place, so a build that was stopped goes on where it was; what is kept depends on the
seed alone, not on interruptions or on how many drafts are judged at a time.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Protocol

from kiki_core.errors import KikiError
from kiki_core.training import pairs as training
from kiki_core.training.data import checking
from kiki_core.training.data.judgement import Judgement
from kiki_core.training.data.model import Draft
from kiki_core.training.data.tools import versions
from kiki_core.training.pairs import Pair

DOMAINS: Mapping[str, str] = {
    name: f"kiki_core.training.data.{name.replace('-', '_')}"
    for name in ("spice-sim", "electronics", "kicad-dsl", "stm32")
}
"""What can be built, and the module that drafts it."""
PAIRS, JOURNAL, DATASHEET = "pairs.jsonl", "journal.jsonl", "README.md"
MOST = 20_000
LONGEST = 1600
"""Characters of an answer: about 400 tokens, the room that answers have."""
_HOPELESS = 40
"""Refused drafts for each pair that was asked for, after which a build gives up."""
TWICE, NOTHING, TOO_LONG, UNNOTICED = "asked before", "nothing drafted", "too long", "its fault goes unnoticed"


class Generator(Protocol):
    """What drafts a domain's pairs; a module does."""

    @property
    def VERSION(self) -> int:
        """Changes when the same seed gives other pairs."""
        ...

    def draft(self, random: Random, place: int) -> Draft | None:
        """The proposal of a place; null where none comes of it."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of a place: the pair, or why there is none."""

    place: int
    kind: str
    language: str
    pair: Pair | None
    reason: str = ""
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a line of the journal has it."""
        told: dict[str, Any] = {"place": self.place, "kind": self.kind, "language": self.language}
        if self.pair is not None:
            return {**told, "pair": self.pair.to_json()}
        return {**told, "reason": self.reason, "detail": self.detail}


@dataclass
class Built:
    """The state of a build: all places so far, in order."""

    domain: str
    seed: int
    count: int
    tools: Mapping[str, str]
    placed: list[Placed] = field(default_factory=list)
    resumed: int = 0

    def kept(self) -> tuple[Placed, ...]:
        """The places whose pairs are kept: the first ``count`` of those that don't say the same twice."""
        with_pair = [one for one in self.placed if one.pair is not None]
        _, twins = training.deduplicated([one.pair for one in with_pair if one.pair is not None])
        dropped = {twin.one for twin in twins}
        return tuple(one for at, one in enumerate(with_pair) if at not in dropped)[: self.count]

    def refused(self) -> dict[str, int]:
        """Refused places by reason, most frequent first."""
        counts: dict[str, int] = {}
        for one in self.placed:
            if one.pair is None:
                counts[one.reason] = counts.get(one.reason, 0) + 1
        _, twins = training.deduplicated([one.pair for one in self.placed if one.pair is not None])
        if twins:
            counts["says the same as another"] = len(twins)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def generator(domain: str) -> Generator:
    """What drafts a domain's pairs.

    Raises:
        KikiError: if the domain's data can't be built.
    """
    if domain not in DOMAINS:
        known = ", ".join(DOMAINS)
        raise KikiError(f"no tool verifies answers of {domain!r}, so its data can't be built", f"name one of {known}")
    module: ModuleType = import_module(DOMAINS[domain])
    found: Generator = module
    return found


async def build(
    domain: str, count: int, seed: int, folder: Path, jobs: int = 1, drafts: Generator | None = None
) -> AsyncGenerator[Placed | Built, None]:
    """Builds until ``count`` pairs are kept, in ``folder``; gives each place judged now, and the whole at the end.

    Raises:
        KikiError: if a tool is missing, another build works in the folder, the disk refuses, or hardly a draft passes.
    """
    drafts = drafts or generator(domain)
    built = Built(domain, seed, count, versions(domain))
    header = {"domain": domain, "seed": seed, "version": drafts.VERSION, "tools": dict(built.tools)}
    with _journal(folder, header, built) as note:
        asked = {_plain(one.pair.instruction) for one in built.placed if one.pair is not None}
        while len(built.kept()) < count:
            missing = count - len(built.kept())
            async with aclosing(_judged(built, drafts, count, jobs)) as judged:
                async for placed in judged:
                    if placed.pair is not None:
                        if (words := _plain(placed.pair.instruction)) in asked:
                            placed = Placed(placed.place, placed.kind, placed.language, None, TWICE)
                        else:
                            asked.add(words)
                    built.placed.append(placed)
                    note(placed)
                    yield placed
                    missing -= placed.pair is not None
                    if not missing:
                        break
    yield built


async def _judged(built: Built, drafts: Generator, count: int, jobs: int) -> AsyncGenerator[Placed, None]:
    """The next places, in order, several at a time. Closing it stops those under way."""
    under_way: deque[asyncio.Task[Placed]] = deque()
    place = len(built.placed)
    passed = refused = 0
    try:
        while True:
            while len(under_way) < jobs:
                under_way.append(asyncio.create_task(_placed(built, drafts, place)))
                place += 1
            placed = await under_way.popleft()
            refused += placed.pair is None
            passed += placed.pair is not None
            yield placed
            if refused > max(_HOPELESS, 3 * count) and passed < refused / 10:
                common = next(iter(built.refused().items()))
                raise KikiError(
                    f"of {passed + refused} drafts {passed} passed; most often: {common[0]} ({common[1]})",
                    "`kiki doctor` says whether the tools work",
                )
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def _placed(built: Built, drafts: Generator, place: int) -> Placed:
    draft = drafts.draft(Random(f"{built.domain}\n{built.seed}\n{place}"), place)
    if draft is None:
        return Placed(place, "", "", None, NOTHING)

    def refused(reason: str, detail: str = "") -> Placed:
        return Placed(place, draft.kind, draft.language, None, reason, detail[:300])

    if draft.licence not in training.PERMISSIVE:
        return refused("its licence doesn't permit training", draft.licence)
    if len(draft.answer) > LONGEST:
        return refused(TOO_LONG, f"{len(draft.answer)} characters")
    instruction = draft.instruction
    if draft.broken:
        fault = await checking.judged(draft.check, draft.broken)
        if fault.ok:
            return refused(UNNOTICED)
        instruction = instruction.replace("{said}", (fault.detail or fault.reason).strip())
    judgement = await checking.judged(draft.check, draft.answer)
    if not judgement.ok:
        return refused(judgement.reason, judgement.detail)
    by = ", ".join(f"{name} {version}" for name, version in built.tools.items())
    pair = Pair(instruction, draft.answer, built.domain, draft.licence, draft.source, draft.group, by, draft.check)
    return Placed(place, draft.kind, draft.language, pair)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@contextmanager
def _journal(folder: Path, header: Mapping[str, Any], built: Built) -> Iterator[Callable[[Placed], None]]:
    """Reads what an earlier build of the same seed, generator and tools has done, and notes what comes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = open(folder / JOURNAL, "a+b")  # noqa: SIM115 (closed below, together with its lock)
    except OSError as error:
        raise KikiError(f"can't write in {folder}: {error.strerror}", "choose another folder with --out") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise KikiError(f"another build works in {folder}", "wait for it, or choose another with --out") from error
        file.seek(0)
        good = _resumed(file.read(), header, built)
        file.truncate(good)
        file.seek(0, os.SEEK_END)

        def note(told: Mapping[str, Any]) -> None:
            try:
                file.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
                file.flush()
            except OSError as error:
                raise KikiError(
                    f"can't write {folder / JOURNAL}: {error.strerror}", "free some space; the build then goes on"
                ) from error

        if not good:
            note(header)
        yield lambda placed: note(placed.to_json())


def _resumed(content: bytes, header: Mapping[str, Any], built: Built) -> int:
    """Takes over the places of a journal; gives how many bytes of it hold: none if it is of another build."""
    good = 0
    for number, line in enumerate(content.splitlines(keepends=True)):
        try:
            told = json.loads(line) if line.endswith(b"\n") else None
            if number == 0:
                if told != header:
                    return 0
            else:
                placed = _parsed(told)
                if placed.place != len(built.placed):
                    break
                built.placed.append(placed)
        except (ValueError, KeyError, TypeError, RecursionError):
            break
        good += len(line)
    built.resumed = len(built.placed)
    return good


def _parsed(told: Any) -> Placed:
    pair = training.parsed(told["pair"]) if "pair" in told else None
    return Placed(
        int(told["place"]), str(told["kind"]), str(told["language"]), pair, str(told.get("reason", "")),
        str(told.get("detail", "")),
    )  # fmt: skip


async def checked_again(pairs: Sequence[Pair], jobs: int = 1) -> AsyncGenerator[tuple[int, Judgement], None]:
    """Judges the answers of a set once more, in order; pairs without a check are passed over.

    Raises:
        KikiError: if a tool is missing.
    """
    under_way: deque[tuple[int, asyncio.Task[Judgement]]] = deque()
    waiting = deque((number, pair) for number, pair in enumerate(pairs) if pair.check)
    try:
        while waiting or under_way:
            while waiting and len(under_way) < jobs:
                number, pair = waiting.popleft()
                under_way.append((number, asyncio.create_task(checking.check(pair, pair.answer))))
            number, task = under_way.popleft()
            yield number, await task
    finally:
        for _, task in under_way:
            task.cancel()
        await asyncio.gather(*(task for _, task in under_way), return_exceptions=True)
