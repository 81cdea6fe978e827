"""Routing: time a question, rate in batches, time and memory to load; nearest neighbours on MiniLM as peer."""

from __future__ import annotations

import json
import subprocess
import sys

from rows import Row, row, seconds

_MEMORY = """
import json, re, time
start = time.perf_counter()
from kiki_core.routing import Router
router = Router()
router.route("warm")
loaded = time.perf_counter() - start
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) / 1024
print(json.dumps([loaded, peak]))
"""


def benchmarks() -> list[Row]:
    from kiki_core.encoder import Encoder
    from kiki_core.routing import Router, dataset

    prompts = dataset.prompts()
    texts = [prompt.text for prompt in prompts if prompt.split == "transfer"]
    router = Router()
    router.route_many(texts[:20])
    routed = [sample for text in texts for sample in seconds(lambda text=text: router.route(text), 1)]
    encoder = Encoder()
    known = encoder.encode([prompt.text for prompt in prompts if prompt.split == "train"][:200])
    neighbours = [
        sample
        for text in texts[:60]
        for sample in seconds(lambda text=text: (known @ encoder.encode([text])[0]).argmax(), 1)
    ]
    batch = min(seconds(lambda: router.route_many(texts), 3))
    long = seconds(lambda: router.route("why does this netlist not converge? " + "R1 a b 1k\n" * 100_000), 5)
    starts = [json.loads(subprocess.check_output([sys.executable, "-c", _MEMORY])) for _ in range(3)]
    load, memory = sorted(start[0] for start in starts)[1], sorted(start[1] for start in starts)[1]
    return [
        row("routing one question, warm", routed, "p50 <= 5 ms, p95 <= 12 ms", ("neighbours on MiniLM", neighbours)),
        row("routing a question of 1 MB", long, ""),
        Row("routing in batches, a second", len(texts) / batch, len(texts) / batch, "/s", ">= 100 /s"),
        Row("router: import, load, first question", load * 1e3, max(s[0] for s in starts) * 1e3, "ms", "<= 500 ms"),
        Row("router: memory of the process", memory, max(start[1] for start in starts), "MB", "<= 250 MB"),
    ]
