"""One suggestion at a place: taken from the line's likes in the file or asked of the model, checked, or none.

One request is under way at a time; the next one stops it. What was suggested is kept, and serves while a person types
along it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from statistics import median
from typing import Any

from kiki_core.backends.protocol import Fill, Fills, WeightedAdapter
from kiki_core.completing.checking import Place, cleaned, objection
from kiki_core.completing.counts import Counts
from kiki_core.completing.repeats import fair, repeats, sure
from kiki_core.completing.window import Window, window
from kiki_core.errors import KikiError
from kiki_tools.language import Continuation, Continues

_KEPT = 64
_TRIES = 3
_TOKENS_OF_LINE, _MOST_TOKENS = 48, 120
_ANY = 'root ::= [^\\n]* "\\n"\n'
_LARGEST = 1_000_000
"""Characters of a file; in larger ones the check of a proposal takes seconds that typing needs."""
_FIRST_S = 30.0
"""Longest wait for a first token: behind a window that is new the model reads it first."""
_LEAST_WAIT_S, _MOST_WAIT_S = 0.04, 0.35


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that may stand at a place. ``held_back``: candidates before it that were not shown."""

    text: str
    held_back: int = 0
    cached: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    """A suggestion with what stood around its place: the text above its line, what was typed, what stood behind."""

    above: str
    behind: str
    typed: str
    text: str


class Suggester:
    """Suggests with one backend. ``budget_s``: the longest generation of all candidates of a suggestion. ``repeats``:
    whether lines are also carried on by their likes in the file, and by what is usual."""

    def __init__(self, backend: Fills, counts: Counts, *, budget_s: float = 1.5, repeats: bool = True) -> None:
        self.backend = backend
        self._repeats = repeats
        self._counts = counts
        self._budget_s = budget_s
        self._running: asyncio.Task[Any] | None = None
        self._kept: OrderedDict[_Kept, None] = OrderedDict()
        self._took: deque[float] = deque(maxlen=9)
        self.problem = ""
        """What the last request failed with; empty if it didn't."""

    @property
    def wait_s(self) -> float:
        """How long to wait for another key before asking: a tenth of what an answer takes."""
        return min(_MOST_WAIT_S, max(_LEAST_WAIT_S, median(self._took) / 10)) if self._took else _LEAST_WAIT_S

    def kept(self, place: Place) -> Suggestion | None:
        """The rest of an earlier suggestion that a person typed along, or none; asks nobody."""
        around = window(place.snapshot, place.offset)
        for known in reversed(self._kept):
            whole = known.typed + known.text
            if (
                known.behind == around.behind
                and known.above == _above(around)
                and around.typed.startswith(known.typed)
                and whole.startswith(around.typed)
                and len(whole) > len(around.typed)
            ):
                return Suggestion(whole[len(around.typed) :], cached=True)
        return None

    async def suggest(
        self, place: Place, adapters: Sequence[WeightedAdapter] = (), *, at_once: bool = False
    ) -> Suggestion | None:
        """The suggestion for a place; None where there is none. A request under way is stopped.

        ``at_once``: somebody asked for it; else it waits whether another key follows.

        Raises:
            KikiError: if the model can't be reached or started.
        """
        self.stop()
        if (known := self.kept(place)) is not None:
            return known
        task = asyncio.get_running_loop().create_task(self._suggest(place, tuple(adapters), at_once))
        self._running = task
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and not _is_cancelled():
                return None  # another request took its place
            task.cancel()
            raise
        finally:
            if self._running is task:
                self._running = None

    def stop(self) -> None:
        """Stops the request under way."""
        if self._running is not None:
            self._running.cancel()
            self._running = None

    async def warm(self, place: Place, adapters: Sequence[WeightedAdapter] = ()) -> None:
        """Lets the model read the window, so that the first suggestion comes soon. Gives way to any request."""
        if self._running is not None:
            return
        going_on = await asyncio.to_thread(_going_on, place)
        around = window(place.snapshot, place.offset, going_on.facts if going_on else ())
        request = Fill(_above(around), around.behind, max_tokens=1, adapters=tuple(adapters))

        async def read() -> None:
            with contextlib.suppress(KikiError):
                async with aclosing(self.backend.fill(request)) as pieces:
                    async for _ in pieces:
                        pass

        task = asyncio.get_running_loop().create_task(read())
        self._running = task
        try:
            await task
        except asyncio.CancelledError:
            if _is_cancelled():
                task.cancel()
                raise
        finally:
            if self._running is task:
                self._running = None

    async def _suggest(self, place: Place, adapters: tuple[WeightedAdapter, ...], at_once: bool) -> Suggestion | None:
        if not at_once:
            await asyncio.sleep(self.wait_s)
        going_on = await asyncio.to_thread(_going_on, place)
        if going_on is None:
            return None
        language = place.service.language
        self._counts.count(language, "asked")
        around = window(place.snapshot, place.offset, going_on.facts)
        held_back = 0
        shown = ""
        async with aclosing(self._candidates(place, around, going_on, adapters)) as candidates:
            async for text in candidates:
                shown = await asyncio.to_thread(longest_without_objection, place, text)
                if shown:
                    break
                held_back += 1
        self._counts.count(language, "suppressed", held_back)
        self._counts.count(language, "shown" if shown else "none")
        if not shown:
            return None
        self._keep(_Kept(_above(window(place.snapshot, place.offset)), around.behind, around.typed, shown))
        return Suggestion(shown, held_back)

    async def _candidates(
        self, place: Place, around: Window, going_on: Continuation, adapters: tuple[WeightedAdapter, ...]
    ) -> AsyncGenerator[str, None]:
        """What may be shown, the best first: what the line's likes say for sure, what is usual, the model's word, what
        the likes say else.

        The next one is made only when the one before was held back.
        """
        likes = await asyncio.to_thread(repeats, place.snapshot, place.offset) if self._repeats else []
        seen: set[str] = set()
        certain = [like.text for like in filter(sure, likes[:_TRIES])]
        for text in [*certain, going_on.usual] if self._repeats else ():
            if text and text not in seen:
                seen.add(text)
                yield text
        started, left = time.perf_counter(), self._budget_s
        for attempt in range(_TRIES):
            text, took = await self._drafted(around, going_on, adapters, attempt, left)
            left -= took
            self._took.append(time.perf_counter() - started)
            text = cleaned(text, going_on.most_lines)
            if text.strip() and text not in seen:
                seen.add(text)
                yield text
            if left < self._budget_s / 3:
                break
        for like in filter(fair, likes[:_TRIES]):
            if like.text not in seen:
                yield like.text

    async def _drafted(
        self, around: Window, going_on: Continuation, adapters: tuple[WeightedAdapter, ...], attempt: int, left_s: float
    ) -> tuple[str, float]:
        """A candidate, and the seconds that its generation took. What is cut ends with its last whole word or line."""
        request = asked_for(around, going_on, adapters, attempt)
        text, first, finish = "", 0.0, None
        async with aclosing(self.backend.fill(request)) as pieces:
            try:
                async with asyncio.timeout(_FIRST_S) as limit:
                    async for piece in pieces:
                        if not first:
                            first = time.perf_counter()
                            limit.reschedule(asyncio.get_running_loop().time() + left_s)
                        text, finish = text + piece.text, piece.finish or finish
                        if text.count("\n") >= going_on.most_lines:
                            break
                self.problem = ""
                said = said_of(around, text) if finish != "length" else _cut(said_of(around, text), going_on)
                return said, time.perf_counter() - first if first else 0.0
            except TimeoutError:
                return _cut(said_of(around, text), going_on), left_s

    def _keep(self, one: _Kept) -> None:
        self._kept[one] = None
        self._kept.move_to_end(one)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def asked_for(
    around: Window, going_on: Continuation, adapters: Sequence[WeightedAdapter] = (), attempt: int = 0
) -> Fill:
    """The request for a window: what the model says by itself, then held by the grammar, then with some chance.

    A grammar changes what a model says where it would have written in another way; what it says by itself is rather
    right, if it passes the check. Blanks at the end of what was typed are left out, and asked for: words begin with
    their blank where models split text, and behind a blank alone they say odd things.
    """
    stripped = around.before.rstrip(" ") if around.typed.strip() else around.before
    grammar = going_on.grammar if attempt else ""
    if stripped != around.before:
        grammar = (grammar or _ANY).replace("root ::= ", 'root ::= " "+ ', 1)
    return Fill(
        stripped,
        around.behind,
        max_tokens=min(_MOST_TOKENS, _TOKENS_OF_LINE * going_on.most_lines),
        temperature=0.0 if attempt < (2 if going_on.grammar else 1) else 0.7,
        seed=attempt,
        stop=("\n",) if going_on.most_lines == 1 else ("\n\n",),
        adapters=tuple(adapters),
        grammar=grammar,
    )


def said_of(around: Window, text: str) -> str:
    """A model's text as it stands behind what was typed, blanks at its end included."""
    return text.lstrip(" ") if around.before.endswith(" ") and around.typed.strip() else text


def _cut(text: str, going_on: Continuation) -> str:
    """A text that was not brought to its end, without its last line, or word where there is one line alone."""
    return text.rpartition("\n")[0] if going_on.most_lines > 1 else text.rpartition(" ")[0]


def _going_on(place: Place) -> Continuation | None:
    service = place.service
    if not isinstance(service, Continues) or place.snapshot.length > _LARGEST:
        return None
    return service.continuation(place.snapshot, place.offset, place.workspace)


def _above(around: Window) -> str:
    return around.before[: len(around.before) - len(around.typed)]


def longest_without_objection(place: Place, text: str) -> str:
    """The text, or as many of its first lines as may be shown; empty if not even one may."""
    lines = text.split("\n")
    for count in range(len(lines), 0, -1):
        part = "\n".join(lines[:count]).rstrip()
        if part.strip() and not objection(place, part):
            return part
    return ""


def _is_cancelled() -> bool:
    """Whether the task that runs now is itself asked to stop."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
