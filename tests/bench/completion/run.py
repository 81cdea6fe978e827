"""How good and how quick proposals are on real lines: the bare model, with grammar, with the check, with an expert.

    python tests/bench/completion/run.py [--language spice] [--lines 40] [--adapter NAME]

All ways see the same places with the same model; generation is greedy. A line's figures are kept, so that a run that is
stopped goes on. "Exact" is the rest of the line, blanks aside; "names": the same device and nodes, the same path of
lists, or the same call.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import statistics
import sys
import time
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from lines import Line, held_out
from rapidfuzz import fuzz

from kiki_core.backends.llamacpp import LlamaCppBackend
from kiki_core.backends.protocol import Fill, WeightedAdapter
from kiki_core.completing.checking import Place, cleaned, objection
from kiki_core.completing.suggester import asked_for, said_of
from kiki_core.completing.window import window
from kiki_core.config import BackendSettings, Config
from kiki_core.netlists import drawn_in
from kiki_tools.languages import service
from kiki_tools.text import Snapshot

WAYS = ("bare", "grammar", "check")
_KEPT = Path("/tmp/kiki-completion")
_TOKENS = 32
_TRIES = 3


async def _said(backend: LlamaCppBackend, request: Fill) -> tuple[str, float]:
    """The model's line, and seconds to it."""
    text, start = "", time.perf_counter()
    async with aclosing(backend.fill(request)) as pieces:
        async for piece in pieces:
            text += piece.text
    return cleaned(text, 1), time.perf_counter() - start


async def _tried(line: Line, backend: LlamaCppBackend, adapters: tuple[WeightedAdapter, ...]) -> dict[str, object]:
    asked = service(line.language)
    snapshot = Snapshot(line.without, line.path)
    workspace = await asyncio.to_thread(drawn_in, snapshot)
    place = Place(asked, snapshot, line.offset, workspace)
    going_on = asked.continuation(snapshot, line.offset, workspace)  # type: ignore[attr-defined]
    plain = window(snapshot, line.offset)
    result: dict[str, object] = {"project": line.project, "rest": line.rest, "proposed": going_on is not None}
    request = Fill(plain.before, plain.behind, max_tokens=_TOKENS, stop=("\n",), adapters=adapters)
    _, cold = await _said(backend, request)
    bare, warm = await _said(backend, request)
    result["bare"], result["cold_s"], result["bare_s"] = bare, cold, warm
    if going_on is None:
        return result
    around = window(snapshot, line.offset, going_on.facts)
    held = asked_for(around, replace(going_on, most_lines=1), adapters)
    await _said(backend, replace(held, max_tokens=1, grammar=""))  # the window is warm, as the editor's is
    text, result["grammar_s"] = await _said(backend, held)
    result["grammar"] = said_of(around, text)
    start = time.perf_counter()
    text, tries, held_back = str(result["grammar"]), 0, []
    while text and objection(place, text):
        held_back.append(text)
        tries += 1
        if tries == _TRIES or time.perf_counter() - start > 1.0:
            text = ""
            break
        text, _ = await _said(backend, asked_for(around, replace(going_on, most_lines=1), adapters, tries))
        text = said_of(around, text)
    result["check"], result["check_s"] = text, float(str(result["grammar_s"])) + time.perf_counter() - start
    result["held_back"] = held_back
    result["truth_objected"] = objection(place, line.rest)
    return result


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


def _names(line: Line, text: str) -> object:
    """What must agree beside values: device and nodes, heads of lists, the name that is called or assigned."""
    typed = line.text[line.text.rfind("\n", 0, line.offset) + 1 : line.offset]
    whole = _squeezed(typed + text)
    if line.language == "spice":
        words = whole.split(" ")
        return words[: 5 if words[0][:1] in "meg" else 3]
    if line.language == "kicad":
        return re.findall(r"\((\w+)", whole)
    return re.split(r"[(=]", whole)[0].strip()


def _table(language: str, results: list[dict[str, object]], lines: list[Line]) -> None:
    print(f"\n{language}: {len(results)} lines of {len({line.project for line in lines})} projects")
    pairs = list(zip(results, lines, strict=True))
    for way in WAYS:
        said = [(str(one.get(way, "")), line, one) for one, line in pairs]
        shown = [(text, line) for text, line, _ in said if text]
        exact = sum(_squeezed(text) == _squeezed(line.rest) for text, line in shown)
        names = sum(_names(line, text) == _names(line, line.rest) for text, line in shown)
        alike = statistics.mean([fuzz.ratio(text, line.rest) / 100 for text, line in shown] or [0.0])
        times = sorted(float(str(one[f"{way}_s"])) for _, _, one in said if f"{way}_s" in one)
        p95 = times[min(len(times) - 1, int(0.95 * len(times)))] if times else 0
        told = f"shown {len(shown):3}  exact {exact:3} ({exact / len(said):.1%})  names {names:3} "
        told += f"({names / len(said):.1%})  alike {alike:.2f}"
        print(f"  {way:8} {told}  warm p50 {statistics.median(times or [0]):.2f} s  p95 {p95:.2f} s")
    cold = [float(str(one["cold_s"])) for one in results]
    held = [(text, str(one["rest"])) for one in results for text in _held(one)]
    right = sum(_squeezed(text) == _squeezed(rest) for text, rest in held)
    objected = sum(bool(one.get("truth_objected")) for one in results)
    silent = sum(not one["proposed"] for one in results)
    print(
        f"  cold p50 {statistics.median(cold):.2f} s; held back {len(held)}, of them right {right}; of the real lines"
    )
    print(f"  {objected} would be held back; places where nothing is proposed: {silent}")


def _held(result: dict[str, object]) -> list[str]:
    found = result.get("held_back", [])
    return [str(one) for one in found] if isinstance(found, list) else []


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", choices=["spice", "kicad", "c"], action="append")
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--adapter", action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    _KEPT.mkdir(exist_ok=True)
    backend = LlamaCppBackend(Config(backend=BackendSettings(threads=options.threads)))
    adapters = tuple(WeightedAdapter(name, 1.0) for name in options.adapter)
    try:
        for language in options.language or ["spice", "kicad", "c"]:
            lines, results = held_out(language, options.lines), []
            for line in lines:
                key = f"{line.path} {line.offset} {options.adapter} {hashlib.sha256(line.text.encode()).hexdigest()}"
                kept = _KEPT / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.json"
                if not kept.exists():
                    kept.write_text(json.dumps(await _tried(line, backend, adapters)))
                results.append(json.loads(kept.read_text()))
            _table(language, results, lines)
    finally:
        await backend.aclose()


if __name__ == "__main__":
    asyncio.run(main())
