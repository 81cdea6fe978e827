"""Adapters and tiny base models for tests: random numbers, real files."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kiki_core.adapters.gguf import encode
from kiki_core.adapters.model import Adapter, Module, Tensor, single

BLOCKS, HIDDEN, HEADS, KV_HEADS, FEED_FORWARD, VOCABULARY = 2, 64, 4, 2, 96, 257
KV = HIDDEN // HEADS * KV_HEADS
SHAPES = {
    "self_attn.q_proj": (HIDDEN, HIDDEN),
    "self_attn.k_proj": (KV, HIDDEN),
    "self_attn.v_proj": (KV, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HIDDEN),
    "mlp.gate_proj": (FEED_FORWARD, HIDDEN),
    "mlp.up_proj": (FEED_FORWARD, HIDDEN),
    "mlp.down_proj": (HIDDEN, FEED_FORWARD),
}
"""(out, in) of the tiny base's modules."""


def delta(module: Module) -> np.ndarray:
    """dW, formed densely in float64."""
    assert module.a
    assert module.b
    return module.scale * module.b.doubles() @ module.a.doubles()


def adapter(
    seed: int = 0,
    rank: int = 4,
    kinds: Sequence[str] = tuple(SHAPES),
    scale: float = 2.0,
    size: float = 0.1,
    blocks: int = BLOCKS,
    dtype: str = "F32",
    base_name: str = "kiki/Tiny-Qwen2",
) -> Adapter:
    """Random updates of the tiny base."""
    random = np.random.default_rng(seed)
    modules = {}
    for layer in range(blocks):
        for kind in kinds:
            out, into = SHAPES[kind]
            name = f"layers.{layer}.{kind}"
            a, b = random.standard_normal((rank, into)) / 8, size * random.standard_normal((out, rank))
            modules[name] = Module(name, stored(a, dtype), stored(b, dtype), scale)
    return Adapter(modules, "hf", base_name, "qwen2")


def stored(values: np.ndarray, dtype: str) -> Tensor:
    if dtype == "BF16":
        return Tensor("BF16", (values.astype("<f4").view("<u4") >> 16).astype("<u2"))
    return Tensor("F16", values.astype("<f2")) if dtype == "F16" else single(values)


def same_bits(one: Adapter, other: Adapter) -> bool:
    """Whether all factors agree to the bit and all scalings exactly."""
    if one.modules.keys() != other.modules.keys():
        return False
    pairs = [(one.modules[name], other.modules[name]) for name in one.modules]
    return all(
        mine.a and mine.b and theirs.a and theirs.b and mine.a.same(theirs.a) and mine.b.same(theirs.b)
        and mine.scale == theirs.scale for mine, theirs in pairs
    )  # fmt: skip


def with_module(base: Adapter, name: str, **changes: Any) -> Adapter:
    return replace(base, modules={**base.modules, name: replace(base.modules[name], **changes)})


def _bytes_as_letters() -> list[str]:
    """GPT-2's letters for the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}
    return [letters[byte] for byte in range(256)]


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    """Random weights of the tiny base, in the publisher's order of heads, by the publisher's names."""
    random = np.random.default_rng(seed)
    found = {
        "embed": random.standard_normal((VOCABULARY, HIDDEN)),
        "head": random.standard_normal((VOCABULARY, HIDDEN)),
    }
    for layer in range(BLOCKS):
        for kind, shape in SHAPES.items():
            found[f"layers.{layer}.{kind}"] = random.standard_normal(shape) / np.sqrt(shape[1])
    return found


def interleaved(weight: np.ndarray, heads: int) -> np.ndarray:
    """Rows as llama.cpp wants them of architectures with interleaved rotary pairs."""
    rows = weight.shape[0]
    return weight.reshape(heads, 2, rows // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def model(
    path: Path, found: Mapping[str, np.ndarray], architecture: str = "qwen2", name: str = "Tiny Qwen2 F32"
) -> Path:
    """A GGUF file of these weights that llama.cpp loads, unquantised."""
    kinds = dict(
        zip(SHAPES, ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"), strict=True)
    )
    ones, tensors = np.ones(HIDDEN), {"token_embd.weight": found["embed"], "output.weight": found["head"]}
    tensors["output_norm.weight"] = ones
    for layer in range(BLOCKS):
        tensors |= {f"blk.{layer}.attn_norm.weight": ones, f"blk.{layer}.ffn_norm.weight": ones}
        for kind, theirs in kinds.items():
            weight = found[f"layers.{layer}.{kind}"]
            if architecture == "llama" and theirs in ("attn_q", "attn_k"):
                weight = interleaved(weight, HEADS if theirs == "attn_q" else KV_HEADS)
            tensors[f"blk.{layer}.{theirs}.weight"] = weight
        if architecture == "qwen2":
            for theirs, rows in (("attn_q", HIDDEN), ("attn_k", KV), ("attn_v", KV)):
                tensors[f"blk.{layer}.{theirs}.bias"] = np.zeros(rows)
    metadata = {
        "general.architecture": architecture, "general.type": "model", "general.name": name,
        f"{architecture}.block_count": BLOCKS, f"{architecture}.context_length": 4096,
        f"{architecture}.embedding_length": HIDDEN, f"{architecture}.feed_forward_length": FEED_FORWARD,
        f"{architecture}.attention.head_count": HEADS, f"{architecture}.attention.head_count_kv": KV_HEADS,
        f"{architecture}.attention.layer_norm_rms_epsilon": 1e-6, f"{architecture}.rope.freq_base": 10000.0,
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.eos_token_id": 256, "tokenizer.ggml.bos_token_id": 256,
    }  # fmt: skip
    tokens = [*_bytes_as_letters(), "<|endoftext|>"]
    arrays = [
        _array("tokenizer.ggml.tokens", 8, [_text(token) for token in tokens]),
        _array("tokenizer.ggml.token_type", 5, [struct.pack("<i", 3 if n == 256 else 1) for n in range(VOCABULARY)]),
        _array("tokenizer.ggml.merges", 8, [_text("h e")]),
    ]
    head, *rest = encode(metadata, {name: single(value) for name, value in tensors.items()})
    magic, version, count, keys = struct.unpack_from("<4sIQQ", head)
    # The arrays go right behind the header, which then is padded anew.
    table_end = _table_end(head, count, keys)
    start = struct.pack("<4sIQQ", magic, version, count, keys + len(arrays)) + b"".join(arrays) + head[24:table_end]
    path.write_bytes(start + bytes(-len(start) % 32) + b"".join(rest))
    return path


def _table_end(head: bytes, count: int, keys: int) -> int:
    at = 24
    for _ in range(keys):
        at += 8 + struct.unpack_from("<Q", head, at)[0]
        kind = struct.unpack_from("<I", head, at)[0]
        at += 4 + (8 + struct.unpack_from("<Q", head, at + 4)[0] if kind == 8 else 4)
    for _ in range(count):
        at += 8 + struct.unpack_from("<Q", head, at)[0]
        at += 4 + 8 * struct.unpack_from("<I", head, at)[0] + 12
    return at


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def _array(key: str, kind: int, values: Sequence[bytes]) -> bytes:
    return _text(key) + struct.pack("<IIQ", 9, kind, len(values)) + b"".join(values)
