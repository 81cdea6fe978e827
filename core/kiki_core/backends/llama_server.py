"""The process that holds the embedded model: llama.cpp's server on loopback, alive while a kiki process needs it.

Run as ``python -m kiki_core.backends.llama_server STATE MODEL THREADS CONTEXT ADAPTER...``, the key in
``KIKI_SERVER_KEY``. Adapters (GGUF files) are loaded without effect; each request says what weights they get.
An owner holds a lock on a file beside STATE; when no such lock is held any more, the server ends, also after
its owners were killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from pathlib import Path

_GRACE_S = 15.0
_POLL_S = 1.0
_NICE = 10
"""The editor and the instruments go first where the processor is short: by the scheduler's weights work takes a third
longer beside a process at 5 (335 to 1024), a tenth beside one at 10, a thirtieth beside one at 15, where the model
itself doesn't even start beside a compiler that fills the machine."""
_FILLING = 2048
"""Tokens of context beside those of conversations."""
_KEPT_MIB = 256
"""Memory for prompts that were answered before, in MiB; llama.cpp takes 8 GiB by itself."""


def owned(state: Path) -> bool:
    """Whether some process still holds its owner's lock; the files of dead owners are removed."""
    alive = False
    for path in state.parent.glob(f"{state.stem}.owner-*"):
        try:
            with path.open("r+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except BlockingIOError:
            alive = True
        except OSError:
            continue
    return alive


def main() -> None:
    """Loads the model, writes STATE, and serves until it has no owner."""
    state, model, threads, context = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    key = os.environ.pop("KIKI_SERVER_KEY")
    if hasattr(os, "nice"):
        os.nice(_NICE)
    import xllamacpp

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.api_keys = [key]
    params.n_ctx = context + _FILLING
    params.n_batch = min(context, 8192)
    params.n_parallel = 2  # one for conversations, one for completions in the editor: each keeps its cache
    params.kv_unified = True
    params.cache_ram_mib = _KEPT_MIB
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.n_gpu_layers = 999
    params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(path, 0.0) for path in sys.argv[5:]]
    params.warmup = False
    server = xllamacpp.Server(params)
    unfinished = state.with_suffix(".unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump({"url": f"http://127.0.0.1:{port}", "key": key, "pid": os.getpid()}, file)
    os.replace(unfinished, state)
    started = time.monotonic()
    while owned(state) or time.monotonic() - started < _GRACE_S:
        time.sleep(_POLL_S)
    state.unlink(missing_ok=True)
    del server
    os._exit(0)  # llama.cpp's threads need no farewell


if __name__ == "__main__":
    main()
