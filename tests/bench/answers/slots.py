"""llama.cpp with several slots, for generations at once: `slots.py PORT SLOTS THREADS`; ends with its parent."""

from __future__ import annotations

import os
import sys
import time

import xllamacpp

from kiki_core import config as configuration
from kiki_core.backends.llamacpp import weights_path

_CONTEXT = 4096


def main() -> None:
    port, slots, threads = (int(word) for word in sys.argv[1:4])
    weights = weights_path(configuration.load().models.name)
    if weights is None:
        raise SystemExit("the model is not here: `kiki models pull`")
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.hostnames, params.port = ["127.0.0.1"], port
    params.n_ctx, params.n_batch, params.n_parallel, params.kv_unified = _CONTEXT * slots, 2048, slots, True
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.n_gpu_layers, params.warmup = 999, False
    server = xllamacpp.Server(params)
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    del server
    os._exit(0)  # its threads would go on


if __name__ == "__main__":
    main()
