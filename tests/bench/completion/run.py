"""How good and how quick proposals are on real lines: the bare model, with grammar, with the check, with repetition.

    python tests/bench/completion/run.py [--language spice] [--lines 40] [--half open] [--adapter NAME] [--pace 0]
    python tests/bench/completion/run.py --file    # what the file itself says, and what is usual: no model, seconds

All ways see the same places and the same window with the same model, which has read the window, as an editor's has.
What the model said is kept with its times: a run that was stopped goes on, and other judging costs no generation.
"Exact" is the rest of the line, blanks aside; "names": the same device and nodes, the same path of lists, or the same
call. "Adds": an error or a warning that the file didn't have, looked for apart from the check; "repeats": one more of a
kind that it had.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from lines import Half, Line, sample
from rapidfuzz import fuzz
from recorded import KEPT, Recorded

from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Fill, Piece, WeightedAdapter
from kiki_core.completing.checking import Place, cleaned, objection
from kiki_core.completing.counts import Counts
from kiki_core.completing.suggester import Suggester, asked_for, said_of
from kiki_core.completing.window import window
from kiki_core.config import BackendSettings, Config
from kiki_core.netlists import drawn_in
from kiki_lsp.knowledge import Cache
from kiki_tools.language import Consults, LanguageService, Workspace
from kiki_tools.languages import service
from kiki_tools.text import Edit, NotText, Snapshot, Span

_TOKENS = 48
COUNTS = {"spice": 60, "kicad": 40, "c": 40}


@dataclass(frozen=True)
class Told:
    """What one way proposed for a line, the seconds it took, and the candidates that were held back."""

    text: str
    took_s: float
    held_back: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What all ways proposed for a line.

    ``cold_s``: what reading the window anew took; ``refused``: why the line itself would have been held back, or empty.
    """

    line: Line
    told: dict[str, Told]
    place: Place
    silent: bool
    refused: str
    cold_s: float | None


@functools.cache
def _index(asked: Consults, real: str, path: str) -> object:
    return Cache(lambda: KEPT / "indexes").index(asked, path, Path(real).read_bytes())


def seen(asked: LanguageService, snapshot: Snapshot) -> Workspace:
    """What the editor's server sees of a file's project, the headers' indexes too."""
    workspace = drawn_in(snapshot)
    if not isinstance(asked, Consults):
        return workspace
    indexes = {}
    for path in asked.consulted(snapshot, workspace):
        with suppress(OSError, NotText):
            indexes[path] = _index(asked, os.path.realpath(path), os.path.basename(path))
    return replace(workspace, indexes=indexes)


async def _tried(line: Line, backend: Recorded, adapters: tuple[WeightedAdapter, ...], budget_s: float = 1.5) -> Result:
    asked = service(line.language)
    snapshot = Snapshot(line.without, line.path)
    place = Place(asked, snapshot, line.offset, await asyncio.to_thread(seen, asked, snapshot))
    going_on = asked.continuation(snapshot, line.offset, place.workspace)  # type: ignore[attr-defined]
    refused = objection(place, line.rest)  # and the analysis has seen the file, as an editor's has
    plain = window(snapshot, line.offset, going_on.facts if going_on else ())
    bare = Fill(plain.before, plain.behind, max_tokens=_TOKENS, stop=("\n",), adapters=adapters)
    told = {"bare": await _said(backend, bare, lambda text: text)}
    if going_on is not None:
        held = asked_for(plain, replace(going_on, most_lines=1), adapters, 1 if going_on.grammar else 0)
        told["grammar"] = await _said(backend, held, lambda text: said_of(plain, text))
    for way, repeats in (("check", False), ("repeats", True)):
        suggester = Suggester(backend, Counts(KEPT / "counts.json"), repeats=repeats, budget_s=budget_s)
        backend.said = []
        started = time.perf_counter()
        found = await suggester.suggest(place, adapters, at_once=True)
        took = time.perf_counter() - started
        shown = found.text.partition("\n")[0] if found else ""
        others = (cleaned(said_of(plain, text), 1) for text in backend.said)
        told[way] = Told(shown, took, tuple(text for text in others if text and text != shown))
    return Result(line, told, place, going_on is None, refused, backend.cold_s(bare))


class _Silent:
    """A model that has nothing to say."""

    async def fill(self, request: Fill) -> AsyncGenerator[Piece, None]:
        for text in ():
            yield Piece(text)

    async def aclose(self) -> None:
        """Nothing to close."""


async def _of_the_file(line: Line) -> Result:
    """What is proposed without any model."""
    asked = service(line.language)
    snapshot = Snapshot(line.without, line.path)
    place = Place(asked, snapshot, line.offset, await asyncio.to_thread(seen, asked, snapshot))
    going_on = asked.continuation(snapshot, line.offset, place.workspace)  # type: ignore[attr-defined]
    refused = objection(place, line.rest)
    started = time.perf_counter()
    found = await Suggester(_Silent(), Counts(KEPT / "counts.json")).suggest(place, at_once=True)
    took = time.perf_counter() - started
    shown = found.text.partition("\n")[0] if found else ""
    return Result(line, {"file": Told(shown, took)}, place, going_on is None, refused, None)


async def _said(backend: Recorded, request: Fill, whole: Callable[[str], str]) -> Told:
    text, started = "", time.perf_counter()
    async with aclosing(backend.fill(request)) as pieces:
        async for piece in pieces:
            text += piece.text
    return Told(cleaned(whole(text), 1), time.perf_counter() - started)


def squeezed(text: str) -> str:
    """A text without what doesn't count."""
    return re.sub(r"\s+", " ", text).strip().lower()


def _names(line: Line, text: str) -> object:
    """What must agree beside values: device and nodes, heads of lists, the name that is called or assigned."""
    typed = line.text[line.text.rfind("\n", 0, line.offset) + 1 : line.offset]
    whole = squeezed(typed + text)
    if line.language == "spice":
        words = whole.split(" ")
        return words[: 5 if words[0][:1] in "meg" else 3]
    if line.language == "kicad":
        return re.findall(r"\((\w+)", whole)
    return re.split(r"[(=]", whole)[0].strip()


def _added(result: Result, text: str) -> tuple[int, int]:
    """Errors and warnings that a text adds to its file: of kinds that it didn't have, and more of those that it had."""
    place = result.place
    after = place.snapshot.edited([Edit(Span(place.offset, place.offset), text)])
    counts = [
        Counter(
            re.sub(r"\d+", "", f"{one.code} {one.message}")  # a message may name the lines of others
            for one in place.service.diagnostics(snapshot, place.workspace, patient=False)
            if one.severity in ("error", "warning")
        )
        for snapshot in (place.snapshot, after)
    ]
    more = counts[1] - counts[0]
    return sum(not counts[0][kind] for kind in more), sum(counts[0][kind] > 0 for kind in more)


def _is_exact(result: Result, way: str) -> bool:
    return way in result.told and squeezed(result.told[way].text) == squeezed(result.line.rest)


def _table(language: str, results: Sequence[Result]) -> None:
    print(f"\n{language}: {len(results)} lines of {len({one.line.project for one in results})} projects")
    for way in ("bare", "grammar", "check", "repeats", "file"):
        told = [(one, one.told[way]) for one in results if way in one.told]
        if not told:
            continue
        shown = [(one, each.text) for one, each in told if each.text]
        exact = sum(_is_exact(one, way) for one in results)
        better = sum(_is_exact(one, way) and not _is_exact(one, "bare") for one in results)
        worse = sum(_is_exact(one, "bare") and not _is_exact(one, way) for one in results)
        names = sum(_names(one.line, text) == _names(one.line, one.line.rest) for one, text in shown)
        alike = statistics.mean([fuzz.ratio(text, one.line.rest) / 100 for one, text in shown] or [0.0])
        added = [_added(one, text) for one, text in shown]
        times = sorted(each.took_s for _, each in told)
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))]
        print(
            f"  {way:8} shown {len(shown):3}  exact {exact:3} ({exact / len(results):.0%}, +{better} -{worse})  "
            f"names {names:3} ({names / len(results):.0%})  alike {alike:.2f}  "
            f"adds {sum(new > 0 for new, _ in added)}  repeats {sum(more > 0 for _, more in added)}  "
            f"p50 {statistics.median(times):.2f} s  p95 {p95:.2f} s  "
            f"shown after {statistics.median([each.took_s for _, each in told if each.text] or [0.0]):.2f} s"
        )
        held = [(one, text) for one, each in told for text in each.held_back]
        right = sum(squeezed(text) == squeezed(one.line.rest) for one, text in held)
        if held:
            print(f"  {'':8} held back {len(held)}, of them right {right}")
    cold = [one.cold_s for one in results if one.cold_s is not None]
    print(
        f"  reading a new window: p50 {statistics.median(cold or [0]):.1f} s; real lines that would be held back: "
        f"{sum(bool(one.refused) for one in results)}; nothing is proposed at {sum(one.silent for one in results)}"
    )


def _shown(results: Sequence[Result]) -> None:
    """Each line with what was proposed, for reading."""
    for one in results:
        line = one.line
        start = line.text.rfind("\n", 0, line.offset) + 1
        print(f"{line.path.rpartition('corpus/')[2]}\n  {line.text[start : line.offset]!r} | {line.rest!r}")
        for way, told in one.told.items():
            mark = "=" if _is_exact(one, way) else " "
            print(f"   {mark} {way:8} {told.text!r} {'  not: ' + repr(told.held_back) if told.held_back else ''}")
        if one.refused:
            print(f"     the line itself: {one.refused}")


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=["spice", "kicad", "c"], action="append")
    parser.add_argument("--lines", type=int)
    parser.add_argument("--half", choices=["open", "held"], default="held")
    parser.add_argument("--adapter", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pace", type=float, default=1.0, help="of recorded times; 0: at once")
    parser.add_argument("--minutes", type=float, default=1e9, help="stops then; the next run goes on")
    parser.add_argument("--budget", type=float, default=1.5, help="seconds; more where others use the processor")
    parser.add_argument("--file", action="store_true", help="without a model")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    half: Half = options.half
    model = LlamaCppBackend(Config(backend=BackendSettings(threads=options.threads, timeout_s=600)))
    backend = Recorded(model, f"{model.name} {options.threads}", options.pace)
    adapters = tuple(WeightedAdapter(name, 1.0) for name in options.adapter)
    until = time.monotonic() + 60 * options.minutes
    try:
        for language in options.language or ["spice", "kicad", "c"]:
            results: list[Result] = []
            for line in sample(language, options.lines or COUNTS[language], half):
                if time.monotonic() > until:
                    break
                told = _of_the_file(line) if options.file else _tried(line, backend, adapters, options.budget)
                results.append(await told)
            if results:
                _table(language, results)
            if options.show:
                _shown(results)
    finally:
        await model.aclose()


if __name__ == "__main__":
    asyncio.run(main())
