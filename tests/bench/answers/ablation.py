"""What each mechanism is worth: `python tests/bench/answers/ablation.py --most 7 --slots 4`.

The same requests of each set (`--most` of each, spread over its strata) answered by the bare model, under a grammar, by
the pipeline without plans (examples, checks, tuning, repairs), with plans, and with a panel on single drafts too, each
judged by its set's judge. `--configs adapter` (with `--slots 0`, the embedded server) adds the installed adapters.
All generations and judgements are kept, so that `--seconds N`, which begins no further request after N seconds, makes
the table in slices; what isn't made yet is said. `--slots N` starts a server of its own that answers N requests at
once, which takes a processor less time for each; its seconds are those of one among N. `--table` asks no model.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import importlib
import json
import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from judging import Judged, of_refusal
from run import FOLDER, Answered, Answers, judged_by, read, spread, wilson

from kiki_core import config as configuration
from kiki_core.app import open_kiki

SETS = ("analog", "kicad", "stm32", "cross")
ORDER = ("bare", "adapter", "grammar", "free", "guided", "plans", "panel")
TOLD = {
    "bare": "bare model", "adapter": "+ adapter", "grammar": "+ grammar", "free": "+ examples, checks, repairs",
    "guided": "the same, under a grammar", "plans": "+ plans (as it comes)", "panel": "+ panel on single drafts",
}  # fmt: skip
_UNGRAMMATICAL = ("stm32", "cross")
_LIKE = {"grammar": "bare", "guided": "free"}
"""Sets whose files have no grammar, and what a configuration with one is there."""


@dataclass(frozen=True)
class One:
    """One request of a set under a configuration, with its answer if that is made."""

    item: dict[str, Any]
    name: str
    config: str
    answered: Answered | None
    judged: Judged | None = None


@contextmanager
def serving(slots: int, threads: int) -> Iterator[dict[str, str]]:
    """A server with so many slots, and the environment that leads to it; nothing for no slots."""
    if not slots:
        yield {}
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words = [sys.executable, str(FOLDER / "slots.py"), str(port), str(slots), str(threads)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=2) as said:
                if said.status == 200:
                    break
            time.sleep(0.5)
        yield {"KIKI_BACKEND__KIND": "openai", "KIKI_BACKEND__URL": f"{url}/v1", "KIKI_API_KEY": "none",
               "KIKI_BACKEND__MODEL": configuration.load().models.name,
               "KIKI_BACKEND__TIMEOUT_S": "600", "KIKI_PIPELINE__ANSWER_S": "3600"}  # fmt: skip
    finally:
        server.kill()
        server.wait()


async def answers(arguments: argparse.Namespace, configs: list[str]) -> list[One]:
    """All requests under all configurations."""
    slots = asyncio.Semaphore(max(1, arguments.slots))
    end = time.monotonic() + (arguments.seconds or math.inf)
    kiki = open_kiki(configuration.load())
    wanted: list[tuple[int, tuple[Answers, dict[str, Any], str, str]]] = []
    for config in configs:
        for name in arguments.sets.split(","):
            judge = importlib.import_module(name)
            kind = _LIKE[config] if config in _LIKE and name in _UNGRAMMATICAL else config
            maker = Answers(kind, False, judge.PLANNER, getattr(judge, "FILES", False), kiki)
            maker.model = f"{maker.config.models.name}"  # the same weights, whichever server holds them
            items = spread(read(name), arguments.most)
            wanted += [(place, (maker, item, name, config)) for place, item in enumerate(items)]
    wanted.sort(key=lambda each: each[0])  # so that all configurations have the same requests when time is over

    async def one(maker: Answers, item: dict[str, Any], name: str, config: str) -> One:
        async with slots:
            if arguments.table or time.monotonic() > end:
                return One(item, name, config, maker.kept(item))
            left = max(1.0, end + arguments.grace - time.monotonic()) if arguments.seconds else None
            try:
                async with asyncio.timeout(left):
                    made = await maker.answer(item)
            except TimeoutError:
                return One(item, name, config, None)
            print(f"{time.strftime('%T')} {config} {item['id']} {made.completion_tokens}", file=sys.stderr, flush=True)
            return One(item, name, config, made)

    try:
        return list(await asyncio.gather(*(one(*each) for _, each in wanted)))
    finally:
        await kiki.aclose()


async def judged(all_: list[One], folder: Path) -> list[One]:
    """The answered ones with their judgements, kept by answer."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for one in all_:
        if one.answered is None:
            found.append(one)
            continue
        of = json.dumps([one.name, one.item, one.answered.artefact, one.answered.verified, one.answered.text])
        path = folder / f"{hashlib.sha256(of.encode()).hexdigest()[:24]}.json"
        if not path.is_file():
            judge = importlib.import_module(one.name)
            said = of_refusal(one.item, one.answered) or await judged_by(judge, one.item, one.answered.artefact)
            path.write_text(json.dumps(asdict(said)), "utf-8")
        kept = json.loads(path.read_text("utf-8"))
        found.append(One(one.item, one.name, one.config, one.answered, Judged(kept["ok"], tuple(kept["failed"]))))
    return found


def table(found: list[One], configs: list[str], sets: list[str]) -> Iterator[str]:
    """Markdown: for each configuration the share of each set, of all with its interval, and what an answer cost."""
    yield f"| | {' | '.join(sets)} | all (95 %) | kiki said verified, refused | tokens | seconds |"
    yield "| --- " * (len(sets) + 5) + "|"
    for config in configs:
        mine = [one for one in found if one.config == config and one.judged is not None and one.answered is not None]
        if not mine:
            continue
        shares = []
        for name in sets:
            oks = [one.judged.ok for one in mine if one.name == name and one.judged]
            shares.append(f"{sum(oks)}/{len(oks)}")
        ok = sum(one.judged is not None and one.judged.ok for one in mine)
        low, high = wilson(ok, len(mine))
        claimed = [one for one in mine if one.answered and one.answered.verified is True]
        refused = sum(one.judged is not None and not one.judged.ok for one in claimed)
        tokens = sum(one.answered.completion_tokens for one in mine if one.answered) / len(mine)
        prompt = sum(one.answered.prompt_tokens for one in mine if one.answered) / len(mine)
        seconds = sorted(one.answered.seconds for one in mine if one.answered)[len(mine) // 2]
        yield (
            f"| {TOLD[config]} | {' | '.join(shares)} | {ok}/{len(mine)} = {ok / len(mine):.0%} ({100 * low:.0f} … "
            f"{100 * high:.0f}) | {len(claimed)}, {refused} | {prompt:.0f} + {tokens:.0f} | {seconds:.1f} |"
        )
    missing = sum(one.answered is None for one in found)
    if missing:
        yield f"\n{missing} of {len(found)} answers are not made yet."


def main() -> int:
    """Generates what is missing, then prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=15, help="requests of each set")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--configs", default="bare,grammar,free,guided,plans,panel")
    parser.add_argument("--slots", type=int, default=0, help="requests at once; 0: the embedded server, one")
    parser.add_argument("--threads", type=int, default=max(1, os.cpu_count() or 1))
    parser.add_argument("--seconds", type=float, default=0, help="begin no further request after so long")
    parser.add_argument("--grace", type=float, default=60, help="seconds for what was begun before that")
    parser.add_argument("--table", action="store_true", help="ask no model; judge and print what is there")
    parser.add_argument("--generate", action="store_true", help="judge nothing")
    parser.add_argument("--verbose", action="store_true", help="what failed, and why")
    arguments = parser.parse_args()
    configs = [config for config in ORDER if config in arguments.configs.split(",")]
    with serving(0 if arguments.table else arguments.slots, arguments.threads) as environment:
        os.environ.update(environment)
        found = asyncio.run(answers(arguments, configs))
    if arguments.generate:
        print(f"{sum(one.answered is None for one in found)} of {len(found)} answers are not made yet")
        return 0
    base = Path(os.environ.get("KIKI_BENCH_CACHE") or Path.home() / ".cache" / "kiki" / "bench-answers")
    found = asyncio.run(judged(found, base / "judged"))
    for one in found:
        if arguments.verbose and one.judged is not None and not one.judged.ok:
            print(f"{one.config} {one.name} {one.item['id']}: {'; '.join(one.judged.failed)[:200]}", file=sys.stderr)
    print("\n".join(table(found, configs, arguments.sets.split(","))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
