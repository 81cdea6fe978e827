"""How the three formats name one module.

Ours is the publisher's name from the layer on, as PEFT and MLX have it behind their prefixes:
``layers.3.self_attn.q_proj``, with each expert of a mixture apart: ``layers.3.mlp.experts.17.up_proj``. llama.cpp has
its own names and stacks the experts of a layer (llama.cpp, gguf-py/gguf/tensor_mapping.py); MLX stacks them too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PREFIX = re.compile(r"^(?:base_model\.model\.)?(?P<within>(?:(?:model|language_model|text_model)\.)*)")
_LAYER = re.compile(r"^layers\.(\d{1,5})\.(.+)$")
_BLOCK = re.compile(r"^blk\.(\d{1,5})\.([a-z0-9_]+)\.weight$")
_EXPERT = re.compile(r"^(mlp|block_sparse_moe)\.experts\.(\d{1,5})\.(\w+)$")
_MOST_EXPERTS = 4_096

_IN_LAYER = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "mlp.gate": "ffn_gate_inp", "mlp.shared_expert_gate": "ffn_gate_inp_shexp",
    "mlp.shared_expert.gate_proj": "ffn_gate_shexp", "mlp.shared_expert.up_proj": "ffn_up_shexp",
    "mlp.shared_expert.down_proj": "ffn_down_shexp",
    "linear_attn.in_proj_qkv": "attn_qkv", "linear_attn.in_proj_z": "attn_gate",
    "linear_attn.in_proj_a": "ssm_alpha", "linear_attn.in_proj_b": "ssm_beta", "linear_attn.out_proj": "ssm_out",
}  # fmt: skip
_FUSED = {"self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up"}
"""Phi-3's; llama.cpp has them under names that mean other modules in other architectures."""
_MIXTRAL = {"block_sparse_moe.gate": "ffn_gate_inp"}
_EXPERTS = {
    ("mlp", "gate_proj"): "ffn_gate_exps", ("mlp", "up_proj"): "ffn_up_exps", ("mlp", "down_proj"): "ffn_down_exps",
    ("block_sparse_moe", "w1"): "ffn_gate_exps", ("block_sparse_moe", "w3"): "ffn_up_exps",
    ("block_sparse_moe", "w2"): "ffn_down_exps",
}  # fmt: skip
_MLX_EXPERTS = {"w1": "gate_proj", "w3": "up_proj", "w2": "down_proj"}
NESTED = frozenset({"qwen35", "qwen35moe", "qwen3vl", "qwen3vlmoe"})
"""Architectures whose publisher keeps the language model inside a larger one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor of the target format, and which expert of its stack; null where nothing is stacked."""

    name: str
    expert: int | None


def bare(name: str) -> tuple[str, bool]:
    """Our name of a module of a PEFT or MLX file, and whether it lies inside a larger model."""
    match = _PREFIX.match(name)
    assert match is not None
    rest = name[match.end() :]
    if not (rest.startswith("layers.") or rest == "lm_head"):
        rest = name.removeprefix("base_model.model.")
        return rest, False
    return rest, "language_model" in match["within"]


def to_peft(module: str, nested: bool) -> str:
    """The module's name in a PEFT file, without the factor."""
    if module == "lm_head":
        return "base_model.model.lm_head"
    if not _LAYER.match(module):
        return f"base_model.model.{module}"
    return f"base_model.model.model.{'language_model.' if nested else ''}{module}"


def to_mlx(module: str, nested: bool) -> Place:
    """The module's name in an MLX file, without the factor."""
    within = "language_model." if nested else ""
    layer = _LAYER.match(module)
    if layer is None:
        return Place(f"{within}{module}" if module == "lm_head" else module, None)
    expert = _EXPERT.match(layer[2])
    if expert is None:
        return Place(f"{within}model.{module}", None)
    kind = _MLX_EXPERTS.get(expert[3], expert[3])
    return Place(f"{within}model.layers.{layer[1]}.{expert[1]}.switch_mlp.{kind}", int(expert[2]))


def expert_of_mlx(stack: str, expert: int) -> str:
    """Our name of one expert of an MLX stack ``layers.3.mlp.switch_mlp.up_proj``."""
    head, _, kind = stack.partition(".switch_mlp.")
    if head.endswith("block_sparse_moe"):
        kind = {theirs: ours for ours, theirs in _MLX_EXPERTS.items()}.get(kind, kind)
    return f"{head}.experts.{expert}.{kind}"


def to_gguf(module: str) -> Place | None:
    """The model tensor that llama.cpp would update; null if kiki knows no name for it there."""
    if module == "lm_head":
        return Place("output.weight", None)
    layer = _LAYER.match(module)
    if layer is None:
        return None
    expert = _EXPERT.match(layer[2])
    if expert is not None:
        kind = _EXPERTS.get((expert[1], expert[3]))
        number = int(expert[2])
        return Place(f"blk.{layer[1]}.{kind}.weight", number) if kind and number < _MOST_EXPERTS else None
    kind = _IN_LAYER.get(layer[2]) or _FUSED.get(layer[2]) or _MIXTRAL.get(layer[2])
    return Place(f"blk.{layer[1]}.{kind}.weight", None) if kind else None


def from_gguf(tensor: str, architecture: str) -> str | None:
    """Our name of a llama.cpp tensor; that of a stack of experts has ``{}`` for the expert's number."""
    if tensor == "output.weight":
        return "lm_head"
    block = _BLOCK.match(tensor)
    if block is None:
        return None
    mixtral = architecture == "llama"
    for (parent, kind), theirs in _EXPERTS.items():
        if theirs == block[2] and (parent == "block_sparse_moe") == mixtral:
            return f"layers.{block[1]}.{parent}.experts.{{}}.{kind}"
    table = {**_IN_LAYER, **(_FUSED if architecture == "phi3" else {}), **(_MIXTRAL if mixtral else {})}
    ours = {theirs: name for name, theirs in table.items()}.get(block[2])
    return f"layers.{block[1]}.{ours}" if ours else None
