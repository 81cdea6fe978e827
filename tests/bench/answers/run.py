"""Answers judged by independent measurements: `python tests/bench/answers/run.py --set analog --config plans`.

A set is `sets/NAME.jsonl` (one request with its checks a line) and a judge, the module `NAME.py` beside this file with
`PLANNER` (a module of `kiki_core.planning`), `judge(item, artefact) -> Judged`, and `wrong(artefact)` for negative
controls; with `FILES` true the artefact is the JSON of all its files by name. Generations are kept, so that a run that
stops goes on where it was; `--fresh` makes them anew.
Configurations: `planner` (the plan alone, no router or memory), `plans`, `free` (the pipeline without plans), `bare`
(one draft of the model without examples), `grammar` (bare, under the grammar of netlists). What takes a model
is slow; `--every N` takes a stratified part.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib
import json
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kiki_core import config as configuration
from kiki_core.events import Artefact

FOLDER = Path(__file__).parent
SEED = 1


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


class Answers:
    """Makes answers of one configuration, and keeps them."""

    def __init__(self, name: str, fresh: bool, planner: str, all_files: bool) -> None:
        self.name, self.fresh, self.planner, self.all_files = name, fresh, planner, all_files
        base = Path(os.environ.get("KIKI_BENCH_CACHE") or Path.home() / ".cache" / "kiki" / "bench-answers")
        self.folder = base / name
        self.folder.mkdir(parents=True, exist_ok=True)
        loaded = configuration.load()
        pipeline = loaded.pipeline.model_copy(update={"plans": name == "plans", "seed": SEED})
        self.config = loaded.model_copy(update={"pipeline": pipeline})
        self._kiki: Any = None

    async def answer(self, item: dict[str, Any]) -> Answered:
        key = hashlib.sha256(f"{item['text']}\0{self.config.backend!r}".encode()).hexdigest()[:24]
        path = self.folder / f"{key}.json"
        if path.is_file() and not self.fresh:
            return Answered(**json.loads(path.read_text("utf-8")))
        start = time.perf_counter()
        made: Answered = await getattr(self, f"_{self.name}")(item)
        made = replace(made, seconds=time.perf_counter() - start)
        path.write_text(json.dumps(asdict(made)), "utf-8")
        return made

    @property
    def kiki(self) -> Any:
        if self._kiki is None:
            from kiki_core.app import open_kiki

            self._kiki = open_kiki(self.config)
        return self._kiki

    async def aclose(self) -> None:
        if self._kiki is not None:
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

    async def _plans(self, item: dict[str, Any]) -> Answered:
        from kiki_core.events import Answer
        from kiki_core.pipeline import Question

        answer: Answer | None = None
        async for event in self.kiki.ask(Question(item["text"], memory=False)):
            if isinstance(event, Answer):
                answer = event
        assert answer is not None
        artefact = self._kept(answer.artefacts)
        usage = answer.usage
        return Answered(artefact, answer.verified, answer.text, usage["prompt_tokens"], usage["completion_tokens"], 0.0)

    _free = _plans

    async def _bare(self, item: dict[str, Any], grammar: str | None = None) -> Answered:
        from kiki_core import artefacts, prompts
        from kiki_core.backends.protocol import Request

        messages = prompts.draft(item["text"], [], [], [])
        request = Request(messages, max_tokens=500, temperature=0.0, seed=SEED, grammar=grammar)
        text, spent = "", [0, 0]
        async with aclosing(self.kiki.parts.backend.generate(request)) as pieces:
            async for piece in pieces:
                text += piece.text
                spent[0] += piece.prompt_tokens or 0
                spent[1] += piece.completion_tokens or 0
        decks = artefacts.find(text)
        return Answered(self._kept(decks), None, text, spent[0], spent[1], 0.0)

    async def _grammar(self, item: dict[str, Any]) -> Answered:
        from kiki_core.planning.grammar import FENCED

        return await self._bare(item, FENCED)


async def _run(arguments: argparse.Namespace) -> int:
    from judging import of_refusal

    judge = importlib.import_module(arguments.judge or arguments.set.partition("-")[0])
    lines = (FOLDER / "sets" / f"{arguments.set}.jsonl").read_text("utf-8").splitlines()
    items = stratified([json.loads(line) for line in lines if line.strip()], arguments.every)
    if arguments.only:
        items = [item for item in items if item["id"] in arguments.only.split(",")]
    fresh = arguments.fresh or arguments.config == "planner"
    answers = Answers(arguments.config, fresh, judge.PLANNER, all_files=getattr(judge, "FILES", False))
    passed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    false_pass, claimed, controls, caught = [], 0, 0, 0
    tokens, seconds = [0, 0], []
    try:
        for item in items:
            made = await answers.answer(item)
            judged = of_refusal(item, made) or await judge.judge(item, made.artefact)
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
                results = [await judge.judge(item, deck) for deck in judge.wrong(made.artefact)]
                controls += 1
                caught += any(not result.ok for result in results)
                if all(result.ok for result in results):
                    print(f"control not caught: {item['id']}", file=sys.stderr)
    finally:
        await answers.aclose()
    print(f"set {arguments.set}, configuration {arguments.config}, {len(items)} requests")
    for stratum in asked:
        print(f"  {stratum:16} {passed[stratum]}/{asked[stratum]}")
    total, right = sum(asked.values()), sum(passed.values())
    low, high = wilson(right, total)
    print(f"meets every spec: {right}/{total} = {right / max(total, 1):.1%} (95 %: {low:.1%} … {high:.1%})")
    print(f"kiki said verified: {claimed}; of these the judge refused {len(false_pass)} {' '.join(false_pass)}")
    print(f"tokens {tokens[0]} + {tokens[1]}; seconds a request: median {sorted(seconds)[len(seconds) // 2]:.2f}, "
          f"most {max(seconds):.2f}")  # fmt: skip
    if controls:
        print(f"negative controls: {caught}/{controls} decks with wrong values refused")
    return 0


def main() -> int:
    sys.path.insert(0, str(FOLDER))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", default="analog")
    parser.add_argument("--config", default="planner", choices=("planner", "plans", "free", "bare", "grammar"))
    parser.add_argument("--judge", help="the judge's module; by default the set's name up to its first hyphen")
    parser.add_argument("--every", type=int, default=1, help="each N-th request of a stratum")
    parser.add_argument("--only", help="ids, separated by commas")
    parser.add_argument("--fresh", action="store_true", help="make kept answers again")
    parser.add_argument("--controls", action="store_true", help="judge decks with wrong values too; they must fail")
    parser.add_argument("--verbose", action="store_true")
    return asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    raise SystemExit(main())
