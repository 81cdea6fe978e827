"""Settings of the backend for kinds of machines; a key that is set by hand wins over its profile.

The numbers for the 35 B base (Qwen3.6-35B-A3B): weights of 4 bits take about 20 GB. Its full-attention layers are every
fourth, 10 of 40, with 2 key/value heads of 256: 10 * 2 * 2 * 256 * 2 bytes = 20 KB of 16-bit cache a token,
so 0.7 GB for 32,768 tokens and 5.4 GB for the base's whole 262,144.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BASE_CONTEXT = 262_144
"""Tokens that the 35 B base can attend to."""

PROFILES: Mapping[str, Mapping[str, Any]] = {
    # 512 GB (64 GB are enough): weights 20 GB, cache 5.4 GB at full context. One adapter per request, composed.
    "mac-studio": {
        "kind": "mlx",
        "model": "mlx-community/Qwen3.6-35B-A3B-OptiQ-4bit",
        "context": BASE_CONTEXT,
        "timeout_s": 600.0,
    },
    # 24 GB: weights 20 GB, and of the 22.1 GB that 0.92 allows the rest holds 32,768 tokens and the adapters' slots.
    # A composition of four adapters of rank 16 has rank 64.
    "rtx4090": {
        "kind": "vllm",
        "model": "cyankiwi/Qwen3.6-35B-A3B-AWQ-4bit",
        "context": 32_768,
        "adapter_slots": 2,
        "adapter_rank": 64,
        "gpu_share": 0.92,
        "timeout_s": 300.0,
    },
    # The embedded 0.5 B model: 0.65 GB of memory with this context, about 30 tokens/s on two idle cores.
    "cpu": {"kind": "llamacpp", "context": 8192},
    # A 4 B model in GGUF, chosen with `kiki models use PATH`: Q4_K_M takes 2.5 GB, with this context about 5 GB.
    "lite": {"kind": "llamacpp", "context": 16_384, "timeout_s": 300.0},
    # A server that others run: it queues, so an answer may take long to begin.
    "remote": {"kind": "openai", "context": 32_768, "timeout_s": 300.0},
}
