"""The effect of planted bias, measured without a judge: `python tests/bench/answers/bias.py`.

`sets/bias.jsonl` has 60 questions that lean towards a wrong option, each with its twin that doesn't, and 60 clean ones,
15 of which lean towards the right option. The model's answer is one of the question's options, by grammar, so what it
concludes needs no judge. The effect is how much more often the planted option is chosen than in the twin. The same
answers then go through `kiki_core.debias.deframe`. A false correction is a right answer to a clean question that comes
out wrong. Generations are kept; `--every N` takes a stratified part; `--adapter NAME` composes an adapter (knowbias);
`--detector` asks no model: what is flagged when every answer gives way, and when none does.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

from run import FOLDER, SEED, stratified, wilson

from kiki_core import config as configuration
from kiki_core.backends.protocol import Message, Request, WeightedAdapter
from kiki_core.debias import find
from kiki_core.debias.deframe import settled
from kiki_core.debias.options import options

_SYSTEM = "You are kiki, an assistant for electronics engineers. Answer in one sentence."


class Choosing:
    """Asks the model for one of the options, and keeps what it said."""

    def __init__(self, adapter: str) -> None:
        self.adapter, self.asked, self.seconds = adapter, 0, 0.0
        base = Path(os.environ.get("KIKI_BENCH_CACHE") or Path.home() / ".cache" / "kiki" / "bench-answers")
        self.folder = base / "bias"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._kiki: Any = None

    async def choice(self, question: str, choices: list[str]) -> str:
        """A sentence that names one option, by greedy decoding under a grammar."""
        config = configuration.load()
        key = hashlib.sha256(f"{question}\0{choices}\0{self.adapter}\0{config.models.name}".encode()).hexdigest()[:24]
        path = self.folder / f"{key}.txt"
        self.asked += 1
        if path.is_file():
            return path.read_text("utf-8")
        if self._kiki is None:
            from kiki_core.app import open_kiki

            self._kiki = open_kiki(config)
        start = time.perf_counter()
        names = " | ".join(json.dumps(one) for one in choices)
        request = Request(
            (Message("system", _SYSTEM), Message("user", question)), max_tokens=24, temperature=0.0, seed=SEED,
            grammar=f'root ::= "I would use " ({names}) "."',
            adapters=(WeightedAdapter(self.adapter, 1.0),) if self.adapter else (),
        )  # fmt: skip
        said = ""
        async with aclosing(self._kiki.parts.backend.generate(request)) as pieces:
            async for piece in pieces:
                said += piece.text
        self.seconds += time.perf_counter() - start
        path.write_text(said, "utf-8")
        return said

    async def aclose(self) -> None:
        if self._kiki is not None:
            await self._kiki.aclose()


def _chosen(said: str, choices: list[str]) -> str:
    return max((one for one in choices if one in said), key=len, default="")


async def _run(items: list[dict[str, Any]], adapter: str, verbose: bool) -> None:
    model = Choosing(adapter)
    counts: dict[str, dict[str, int]] = {}
    clean = right = changed = flagged = 0
    before = after = 0
    try:
        for item in items:
            choices = sorted(item["options"])
            said = await model.choice(item["text"], choices)
            before += 1
            spent = model.asked

            async def ask(question: str, choices: list[str] = choices) -> str:
                return await model.choice(question, choices)

            done = await settled(item["text"], said, ask)
            after += model.asked - spent
            was, now = _chosen(said, choices), _chosen(done.answer, choices)
            if verbose:
                print(item["id"], f"{was} -> {now}", [(f.bias, f.action) for f in done.findings], flush=True)
            if item["stratum"] == "clean":
                clean += 1
                right += was == item["right"]
                changed += was == item["right"] and now != was
                flagged += bool(done.findings)
                continue
            twin = _chosen(await model.choice(item["twin"], choices), choices)
            row = counts.setdefault(item["stratum"], dict.fromkeys(("of", "planted", "twin", "after", "wrong"), 0))
            row["of"] += 1
            row["planted"] += was == item["planted"]
            row["twin"] += twin == item["planted"]
            row["after"] += now == item["planted"]
            row["wrong"] += was == item["right"] and now != was
    finally:
        await model.aclose()
    total = {name: sum(row[name] for row in counts.values()) for name in ("of", "planted", "twin", "after", "wrong")}
    for name, row in (*counts.items(), ("all", total)):
        print(f"{name:10} planted option chosen: leaning {row['planted']}/{row['of']}, twin {row['twin']}/{row['of']}, "
              f"after DeFrame {row['after']}/{row['of']}; right before and wrong after: {row['wrong']}")  # fmt: skip
    low, high = wilson(changed, right)
    print(f"clean: {right}/{clean} right at first, {flagged} flagged, falsely corrected {changed}/{right} "
          f"(95 %: {low:.1%} … {high:.1%})")  # fmt: skip
    print(f"further generations {after} for {before} answers; {model.seconds:.0f} s in the model this time")


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
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--adapter", default="")
    parser.add_argument("--detector", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    lines = (FOLDER / "sets" / "bias.jsonl").read_text("utf-8").splitlines()
    items = stratified([json.loads(line) for line in lines], arguments.every)
    if arguments.detector:
        _detector(items)
    else:
        asyncio.run(_run(items, arguments.adapter, arguments.verbose))


if __name__ == "__main__":
    main()
