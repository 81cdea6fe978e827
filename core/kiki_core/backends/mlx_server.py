"""mlx-lm's server within limits of memory, which its command line can't set.

Run as ``python -m kiki_core.backends.mlx_server MEMORY CACHE ARGUMENT…``: bytes, then the arguments of `mlx_lm.server`.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Sets the limits and serves."""
    memory, cache = int(sys.argv[1]), int(sys.argv[2])
    import mlx.core as mx
    from mlx_lm import server

    mx.set_memory_limit(memory)
    mx.set_cache_limit(cache)
    sys.argv = ["mlx_lm.server", *sys.argv[3:]]
    server.main()  # type: ignore[no-untyped-call,unused-ignore]


if __name__ == "__main__":
    main()
