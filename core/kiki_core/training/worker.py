"""The process that trains: a job comes as the first line of its input, events go out as JSON lines.

It ends when its input does, so that it never outlives who started it. SIGTERM makes it keep its state and end (exit 3).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from kiki_core.errors import KikiError

STOPPED = 3
PAIRS, HELD_OUT, ADAPTER = "train.jsonl", "held_out.jsonl", "adapter"


def main() -> int:
    """Runs one job; gives the exit status."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print goes to the log
    line = sys.stdin.readline()
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(STOPPED))  # while loading there is nothing to keep
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for who started this
    threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        _run(json.loads(line), out, asked)
    except KikiError as error:
        _emit(out, {"event": "failed", "wrong": error.wrong, "remedy": error.remedy})
        return 2
    except MemoryError:
        _emit(out, {"event": "failed", "wrong": "memory ran out", "remedy": "lower --sequence, --batch or --rank"})
        return 2
    return STOPPED if asked.is_set() else 0


def _run(job: dict[str, Any], out: TextIO, asked: threading.Event) -> None:
    if job["threads"]:
        os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(job["threads"])
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin cost twice the time on a shared machine
    from kiki_core.adapters.files import save
    from kiki_core.training import pairs
    from kiki_core.training.engine import Setting, open_engine
    from kiki_core.training.loop import Stopped, train
    from kiki_core.training.memory import Estimate, refuse_if_too_large
    from kiki_core.training.recipes import Recipe

    recipe = Recipe(**{**job["recipe"], **{name: tuple(job["recipe"][name]) for name in ("modules", "kinds")}})
    folder = Path(job["folder"])
    started = time.monotonic()
    setting = Setting(
        job["weights"], job["base_name"], job["architecture"], recipe, int(job["threads"]), int(job["blocks"])
    )
    engine = open_engine(job["engine"], setting)
    free = engine.free()
    if free is not None:
        refuse_if_too_large(Estimate(**job["estimate"]), free, "the device")
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    _emit(out, {"event": "loaded", "elapsed_s": round(time.monotonic() - started, 1)})
    try:
        at = train(
            engine, recipe, pairs.read(folder / PAIRS), pairs.read(folder / HELD_OUT), folder, job["identity"],
            lambda event: _emit(out, event), asked.is_set,
        )  # fmt: skip
    except Stopped:
        asked.set()
        return
    path = folder / f"{ADAPTER}.safetensors"
    save(engine.adapter(), "peft", path, None)
    told = {"steps": at.step, "tokens": at.tokens, "seconds": round(at.seconds, 1)}
    _emit(out, {"event": "trained", "adapter": str(path), "peak_gb": _peak_gb(), **told})


def _peak_gb() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e9, 2)


def _emit(out: TextIO, event: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        out.write(json.dumps(event) + "\n")


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(STOPPED)


if __name__ == "__main__":
    sys.exit(main())
