"""Answers judged by independent measurements: `python tests/bench/answers/run.py --set analog --config plans`.

A set is `sets/NAME.jsonl` (one request with its checks a line) and a judge, the module `NAME.py` beside this file with
`PLANNER` (a module of `kiki_core.planning`), `judge(item, artefact) -> Judged`, and `wrong(artefact)` for negative
controls; with `FILES` true the artefact is the JSON of all its files by name. Generations are kept, so that a run that
stops goes on where it was; `--fresh` makes them anew.

Configurations: `bare` (one draft of the model without examples), `adapter` (the same with the installed adapter of the
set's domain), `grammar` (bare, under the grammar of the file that is asked for), `free` (the pipeline without plans:
the nearest examples, checks, tuning and repairs), `guided` (the same, each draft under its grammar), `plans` (the
pipeline as it comes), `panel` (the same with a panel on single drafts too), `planner` (the plan alone, without router).
What takes a model is slow: `--most N` takes that many requests, spread over the strata (a smaller N takes a part of
them), `--at-once` sends several to a server with as many slots, `--seconds` begins no further one after that time. A
draft of `bare`, `adapter` and `grammar` ends with its last wanted block or at 400 tokens; others have 400 at most too.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib
import json
import math
import os
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from judging import Judged
from keeping import Kept

from kiki_core import config as configuration
from kiki_core.events import Artefact
from kiki_core.planning.grammar import of_domains

if TYPE_CHECKING:
    from kiki_core.backends.protocol import WeightedAdapter

FOLDER = Path(__file__).parent
SEED = 1
_LONGEST = 400
_LONGEST_OF_REPAIRED = 400
_DOMAINS = {"spice": "spice", "kicad": "kicad-dsl", "firmware": "stm32", "cross": "stm32"}
"""Whose prompt and adapter a planner's requests get, where the router isn't asked."""
_ASKED = {
    "firmware": "\nThe C file main.c names the device in a comment; void board_init(void) sets all of it up.",
    "cross": "\nGive the front end's netlist in a ```spice block (the sensor is the source Vin between in and 0, the "
    "output is out), and main.c in a ```c block: it names the device in a comment, void board_init(void) sets it up, "
    "it defines SENSOR_COUNTS_LOW and SENSOR_COUNTS_HIGH, and float sensor_value(uint32_t counts) gives it.",
}
"""What the judges must know to find their way in a free answer, told to the model too."""
CONFIGS = ("planner", "plans", "panel", "free", "guided", "bare", "adapter", "grammar")
PIPELINES: dict[str, dict[str, Any]] = {
    "free": {"plans": False, "max_tokens": _LONGEST_OF_REPAIRED},
    "guided": {"plans": False, "max_tokens": _LONGEST_OF_REPAIRED, "grammar": "auto"},
    "plans": {"plans": True, "max_tokens": _LONGEST_OF_REPAIRED},
    "panel": {"plans": True, "max_tokens": _LONGEST_OF_REPAIRED, "panel": "always"},
}


@dataclass(frozen=True)
class Answered:
    """One kept answer: the artefact's text, or the JSON of all files by name (null: none), what kiki said, the cost."""

    artefact: str | None
    verified: bool | None
    text: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float


def wilson(passed: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (E. B. Wilson, JASA 22, 1927)."""
    if not of:
        return 0.0, 1.0
    p = passed / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)


def stratified(items: Sequence[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    """Each ``every``-th of each stratum, the first one always."""
    counts: Counter[str] = Counter()
    kept = []
    for item in items:
        if counts[item["stratum"]] % every == 0:
            kept.append(item)
        counts[item["stratum"]] += 1
    return kept


def read(name: str) -> list[dict[str, Any]]:
    """The items of a set."""
    lines = (FOLDER / "sets" / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def spread(items: Sequence[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """``most`` items, each stratum nearly in proportion; what a smaller number takes is among them."""
    ordered = sorted(range(len(items)), key=lambda number: items[number]["stratum"])
    # The binary van der Corput sequence: however many of its places are taken, they lie evenly.
    places = (int(f"{turn:010b}"[::-1], 2) * len(items) // 1024 for turn in range(1024))
    return [items[ordered[place]] for place in list(dict.fromkeys(places))[:most]]


class Answers:
    """Makes answers of one configuration, and keeps them."""

    def __init__(self, name: str, fresh: bool, planner: str, all_files: bool, kiki: Any = None) -> None:
        """``kiki``: one to use, which stays open; by default it opens its own."""
        self.name, self.fresh, self.planner, self.all_files = name, fresh, planner, all_files
        base = Path(os.environ.get("KIKI_BENCH_CACHE") or Path.home() / ".cache" / "kiki" / "bench-answers")
        self.folder = base / name
        self.folder.mkdir(parents=True, exist_ok=True)
        loaded = configuration.load()
        settings = {"seed": SEED, **PIPELINES.get(name, {})}
        self.config = loaded.model_copy(update={"pipeline": loaded.pipeline.model_copy(update=settings)})
        backend = loaded.backend
        self.model = f"{backend.kind} {backend.model or loaded.models.name}"
        self._kiki, self._mine = kiki, kiki is None

    def _path(self, item: dict[str, Any]) -> Path:
        grammar = of_domains([_DOMAINS[self.planner]], item["text"]) if self.name == "grammar" else ""
        kept = f"{item['text']}\0{self.model}\0{self.planner}\0{PIPELINES.get(self.name, _LONGEST)!r}\0{grammar}"
        return self.folder / f"{hashlib.sha256(kept.encode()).hexdigest()[:24]}.json"

    def kept(self, item: dict[str, Any]) -> Answered | None:
        """The answer that was made before."""
        path = self._path(item)
        return Answered(**json.loads(path.read_text("utf-8"))) if path.is_file() else None

    async def answer(self, item: dict[str, Any]) -> Answered:
        """The kept answer, unless all are to be made afresh, else a new one."""
        if not self.fresh and (kept := self.kept(item)) is not None:
            return kept
        start = time.perf_counter()
        made: Answered = await getattr(self, f"_{self.name}")(item)
        made = replace(made, seconds=time.perf_counter() - start)
        self._path(item).write_text(json.dumps(asdict(made)), "utf-8")
        return made

    @property
    def kiki(self) -> Any:
        if self._kiki is None:
            from kiki_core.app import open_kiki

            self._kiki = open_kiki(self.config)
        return self._kiki

    async def aclose(self) -> None:
        if self._kiki is not None and self._mine:
            await self._kiki.aclose()

    def _kept(self, artefacts: Sequence[Artefact]) -> str | None:
        if not artefacts:
            return None
        return json.dumps({one.name: one.text for one in artefacts}) if self.all_files else artefacts[0].text

    async def _planner(self, item: dict[str, Any]) -> Answered:
        planner = importlib.import_module(f"kiki_core.planning.{self.planner}")
        made = await planner.planned(item["text"], item.get("domains", []), self.kiki.parts.backend)
        if made is None:
            return Answered(None, None, "no kit fits", 0, 0, 0.0)
        artefact = self._kept(made.artefacts)
        return Answered(artefact, made.verified, made.text, made.prompt_tokens, made.completion_tokens, 0.0)

    async def _plans(self, item: dict[str, Any], told: str = "") -> Answered:
        from kiki_core import pipeline
        from kiki_core.events import Answer

        parts = self.kiki.parts
        backend = Kept(parts.backend, self.folder.parent / "requests", self.model)
        parts = replace(parts, backend=backend, config=self.config)
        answer: Answer | None = None
        async for event in pipeline.ask(pipeline.Question(item["text"] + told, memory=False), parts):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None
        artefact = self._kept(answer.artefacts)
        usage = answer.usage
        return Answered(artefact, answer.verified, answer.text, usage["prompt_tokens"], usage["completion_tokens"], 0.0)

    _panel = _plans

    async def _free(self, item: dict[str, Any]) -> Answered:
        return await self._plans(item, _ASKED.get(self.planner, ""))

    _guided = _free

    async def _bare(
        self, item: dict[str, Any], grammar: str | None = None, adapters: tuple[WeightedAdapter, ...] = ()
    ) -> Answered:
        from kiki_core import artefacts, prompts
        from kiki_core.backends.protocol import Request

        domains = [_DOMAINS[self.planner]]
        messages = prompts.draft(item["text"] + _ASKED.get(self.planner, ""), [], [], [], domains)
        warmth = self.config.pipeline.temperature
        request = Request(messages, _LONGEST, temperature=warmth, seed=SEED, adapters=adapters, grammar=grammar)
        text, spent, pieces, blocks = "", [0, 0], 0, 2 if self.planner == "cross" else 1
        async with aclosing(self.kiki.parts.backend.generate(request)) as stream:
            async for piece in stream:
                text += piece.text
                pieces += bool(piece.text)
                spent = [spent[0] + (piece.prompt_tokens or 0), spent[1] + (piece.completion_tokens or 0)]
                if text.count("\n```") + text.startswith("```") >= 2 * blocks and text.rstrip().endswith("```"):
                    break
        found = artefacts.find(text, firmware=self.planner in ("firmware", "cross"))
        return Answered(self._kept(found), None, text, spent[0], spent[1] or pieces, 0.0)

    async def _adapter(self, item: dict[str, Any]) -> Answered:
        from kiki_core.adapters.serving import speaking
        from kiki_core.events import Expert

        backend, domain = self.kiki.parts.backend, _DOMAINS[self.planner]
        domain = "spice-sim" if domain == "spice" else domain  # whose expert writes what circuits are simulated by
        adapters = speaking((Expert(domain, 1.0),), self.config, backend.capabilities.adapters)
        if not adapters:
            raise SystemExit(
                f"no adapter of the domain {domain} is installed (`kiki adapters`), or the backend takes none"
            )
        return await self._bare(item, adapters=adapters)

    async def _grammar(self, item: dict[str, Any]) -> Answered:
        return await self._bare(item, of_domains([_DOMAINS[self.planner]], item["text"]))


async def _run(arguments: argparse.Namespace) -> int:
    from judging import of_refusal

    judge = importlib.import_module(arguments.judge or arguments.set.partition("-")[0])
    items = stratified(read(arguments.set), arguments.every)
    items = spread(items, arguments.most or len(items)) if arguments.most else items
    if arguments.only:
        items = [item for item in items if item["id"] in arguments.only.split(",")]
    fresh = arguments.fresh or arguments.config == "planner"
    answers = Answers(arguments.config, fresh, judge.PLANNER, all_files=getattr(judge, "FILES", False))
    passed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    false_pass, claimed, controls, caught = [], 0, 0, 0
    tokens, seconds = [0, 0], []
    slots, end = asyncio.Semaphore(arguments.at_once), time.monotonic() + (arguments.seconds or math.inf)

    broken: dict[str, str] = {}

    async def answered(item: dict[str, Any]) -> Answered | None:
        async with slots:
            if time.monotonic() > end:
                return None if fresh else answers.kept(item)
            try:
                return await answers.answer(item)
            except Exception as error:  # noqa: BLE001 - a planner that breaks fails its own request only
                broken[item["id"]] = f"{type(error).__name__}: {str(error)[:200]}"
                traceback.print_exc()
                return Answered(None, None, "", 0, 0, 0.0)

    missing = 0
    try:
        for item, made in zip(items, await asyncio.gather(*map(answered, items)), strict=True):
            if made is None:
                missing += 1
                continue
            if item["id"] in broken:
                judged = Judged(False, (broken[item["id"]],))
            else:
                judged = of_refusal(item, made) or await judged_by(judge, item, made.artefact)
            asked[item["stratum"]] += 1
            passed[item["stratum"]] += judged.ok
            tokens = [tokens[0] + made.prompt_tokens, tokens[1] + made.completion_tokens]
            seconds.append(made.seconds)
            claimed += made.verified is True
            if made.verified is True and not judged.ok:
                false_pass.append(item["id"])
            if not judged.ok or arguments.verbose:
                state = "pass" if judged.ok else "FAIL"
                said = "; ".join(judged.failed) or "every check held"
                print(
                    f"{state} {item['id']} (kiki: {made.verified}, {made.seconds:.1f} s): {said}",
                    file=sys.stderr,
                    flush=True,
                )
            if judged.ok and arguments.controls and made.artefact:
                for number, spoilt in enumerate(judge.wrong(made.artefact), 1):
                    if spoilt == made.artefact:
                        continue
                    controls += 1
                    refused = not (await judged_by(judge, item, spoilt)).ok
                    caught += refused
                    if not refused:
                        print(f"control {number} not caught: {item['id']}", file=sys.stderr)
    finally:
        await answers.aclose()
    left = f", {missing} more not made yet" if missing else ""
    print(f"set {arguments.set}, configuration {arguments.config}, {len(items) - missing} requests{left}")
    if not seconds:
        return 1
    for stratum in asked:
        print(f"  {stratum:16} {passed[stratum]}/{asked[stratum]}")
    total, right = sum(asked.values()), sum(passed.values())
    low, high = wilson(right, total)
    print(f"meets every spec: {right}/{total} = {right / max(total, 1):.1%} (95 %: {low:.1%} … {high:.1%})")
    if broken:
        print(f"ended by an error: {len(broken)} {' '.join(broken)}")
    print(f"kiki said verified: {claimed}; of these the judge refused {len(false_pass)} {' '.join(false_pass)}")
    print(f"tokens {tokens[0]} + {tokens[1]}; seconds a request: median {sorted(seconds)[len(seconds) // 2]:.2f}, "
          f"most {max(seconds):.2f}")  # fmt: skip
    if controls:
        low, high = wilson(caught, controls)
        print(f"negative controls: {caught}/{controls} spoilt answers refused (95 %: {low:.1%} … {high:.1%})")
    return 0


async def judged_by(judge: Any, item: dict[str, Any], artefact: str | None) -> Judged:
    """The judgement; what takes the judge's tools too long, or can't be read at all, has failed."""
    try:
        judged: Judged = await judge.judge(item, artefact)
    except (subprocess.SubprocessError, LookupError, ValueError, TypeError, ElementTree.ParseError) as error:
        return Judged(False, (f"{type(error).__name__}: {str(error)[:100]}",))
    return judged


def main() -> int:
    sys.path.insert(0, str(FOLDER))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="analog")
    parser.add_argument("--config", default="planner", choices=CONFIGS)
    parser.add_argument("--judge", help="the judge's module; by default the set's name up to its first hyphen")
    parser.add_argument("--most", type=int, default=0, help="at most so many requests, spread over the strata")
    parser.add_argument("--at-once", type=int, default=1, help="requests under way at the same time")
    parser.add_argument("--seconds", type=float, default=0, help="begin no further request after so long")
    parser.add_argument("--every", type=int, default=1, help="each N-th request of a stratum")
    parser.add_argument("--only", help="ids, separated by commas")
    parser.add_argument("--fresh", action="store_true", help="make kept answers again")
    parser.add_argument("--controls", action="store_true", help="judge decks with wrong values too; they must fail")
    parser.add_argument("--verbose", action="store_true")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
