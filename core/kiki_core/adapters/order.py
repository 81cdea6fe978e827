"""The order of attention heads: llama.cpp keeps some rows of some architectures in another one than the publisher.

- Architectures with interleaved rotary pairs (llama.cpp, convert_hf_to_gguf.py, ``LlamaModel.permute``): within each
  head of q and k, the two halves are interleaved.
- Gated delta-net layers (``_LinearAttentionVReorderBase``): value heads, grouped by key head at the publisher's, are
  tiled.

Rows of dW are rows of B; its columns are columns of A.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from kiki_core.adapters.base import Base
from kiki_core.adapters.model import Adapter, Module, Order, Tensor
from kiki_core.errors import KikiError

INTERLEAVED = frozenset({"llama", "granite", "granitemoe", "smollm3", "arcee", "deci", "minicpm", "mistral3"})
STRAIGHT = frozenset(
    {"qwen2", "qwen2moe", "qwen3", "qwen3moe", "qwen2vl", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe"}
    | {"gemma", "gemma2", "gemma3", "phi2", "phi3", "stablelm", "starcoder2"}
)
_TILED = frozenset({"qwen35", "qwen35moe"})
_ROTATED = (".self_attn.q_proj", ".self_attn.k_proj")

_Index = npt.NDArray[np.intp]


def in_order(adapter: Adapter, order: Order, base: Base | None) -> Adapter:
    """The same updates with the rows in the wanted order.

    Raises:
        KikiError: if it depends on heads that only the base knows, and it isn't given, or on an unknown architecture.
    """
    if adapter.order == order:
        return adapter
    architecture = adapter.architecture or (base.architecture if base else "")
    modules = {}
    for name, module in adapter.modules.items():
        rows, columns = _indices(module, architecture, base)
        if order == "hf":
            rows = np.argsort(rows) if rows is not None else None
            columns = np.argsort(columns) if columns is not None else None
        modules[name] = _taken(module, rows, columns)
    return replace(adapter, modules=modules, order=order, architecture=architecture)


def _taken(module: Module, rows: _Index | None, columns: _Index | None) -> Module:
    a, b = module.a, module.b
    if rows is not None and b is not None:
        b = Tensor(b.dtype, b.bits[rows])
    if columns is not None and a is not None:
        a = Tensor(a.dtype, a.bits[:, columns])
    return replace(module, a=a, b=b)


def _indices(module: Module, architecture: str, base: Base | None) -> tuple[_Index | None, _Index | None]:
    """The rows of B and the columns of A to take, from the publisher's order to llama.cpp's."""
    name = module.name
    if problem := module.misfit():
        _refuse(name, problem)
    assert module.b is not None
    assert module.a is not None
    rows, columns = module.b.shape[0], module.a.shape[1]
    if name.endswith(_ROTATED):
        if architecture in STRAIGHT:
            return None, None
        if architecture not in INTERLEAVED:
            _refuse(name, f"kiki doesn't know llama.cpp's order of heads for {architecture or 'an unknown base'}")
        if base is None:
            _refuse(name, "its heads are in another order in llama.cpp, and the base isn't known")
        heads = base.heads if name.endswith("q_proj") else base.kv_heads
        if not heads or rows % (2 * heads):
            _refuse(name, f"{rows} rows aren't {heads} heads")
        return np.arange(rows).reshape(heads, 2, -1).swapaxes(1, 2).reshape(-1), None
    if ".linear_attn." in name:
        if architecture not in _TILED:
            _refuse(name, f"kiki doesn't know llama.cpp's order of linear attention in {architecture or 'this base'}")
        if base is None or base.linear is None:
            _refuse(name, "its value heads are in another order in llama.cpp, and the base isn't known")
        return _delta_net(name, rows, columns, base)
    return None, None


def _delta_net(name: str, rows: int, columns: int, base: Base) -> tuple[_Index | None, _Index | None]:
    linear = base.linear
    assert linear is not None
    heads = np.arange(linear.value_heads).reshape(linear.key_heads, -1).T.reshape(-1)
    wide = (heads[:, None] * linear.value_dim + np.arange(linear.value_dim)).reshape(-1)
    before = 2 * linear.key_heads * linear.key_dim
    expected: dict[str, tuple[int, _Index]] = {
        "in_proj_qkv": (before + len(wide), np.concatenate([np.arange(before), before + wide])),
        "in_proj_z": (len(wide), wide),
        "in_proj_a": (len(heads), heads),
        "in_proj_b": (len(heads), heads),
        "out_proj": (len(wide), wide),
    }
    kind = name.rpartition(".")[2]
    if kind not in expected:
        _refuse(name, "kiki doesn't know llama.cpp's order of it")
    size, index = expected[kind]
    if size != (columns if kind == "out_proj" else rows):
        _refuse(name, f"{rows} rows and {columns} columns don't fit the base's {linear.value_heads} value heads")
    return (None, index) if kind == "out_proj" else (index, None)


def _refuse(name: str, why: str) -> NoReturn:
    raise KikiError(f"{name}: {why}", "name the base model with --base")
