"""PEFT's layout: ``adapter_model.safetensors`` with ``…lora_A.weight`` (rank, in) and ``…lora_B.weight`` (out, rank).

Source: huggingface/peft, src/peft/tuners/lora; the scaling is ``lora_alpha / r``, or ``lora_alpha / sqrt(r)`` with
``use_rslora``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from kiki_core.adapters.model import Adapter, Module, Tensor
from kiki_core.adapters.names import bare, to_peft
from kiki_core.errors import KikiError

_KEY = re.compile(r"^(?P<module>.+)\.lora_(?P<factor>[AB])(?:\.(?P<adapter>[^.]+))?\.weight$")
_LITERAL = re.compile(r"^\^?[\w.]+$")
_LOW_RANK = "kiki reads plain low-rank updates"
_KEPT = ("task_type", "lora_dropout", "revision")


def read(tensors: Mapping[str, Tensor], config: Mapping[str, Any] | None, where: str) -> Adapter:
    """The adapter in these tensors. ``config``: adapter_config.json; without it a scaling of 1 is assumed, and noted.

    Raises:
        KikiError: if it holds anything but plain low-rank updates, or the configuration contradicts the tensors.
    """
    pairs: dict[str, dict[str, Tensor]] = {}
    sets: set[str] = set()
    nested = False
    for key, tensor in tensors.items():
        match = _KEY.match(key)
        if match is None:
            raise KikiError(f"{where}: {_what(key)}", _LOW_RANK)
        sets.add(match["adapter"] or "default")
        name, within = bare(match["module"])
        nested = nested or within
        if match["factor"] in pairs.setdefault(name, {}):
            raise KikiError(f"{where} holds {name} twice", "keep one set of weights a file")
        pairs[name][match["factor"]] = tensor
    if len(sets) > 1:
        raise KikiError(f"{where} holds several adapters: {', '.join(sorted(sets))[:200]}", "keep one a file")
    for name in pairs:
        if re.search(r"\.experts(\.base_layer)*$", name):
            raise KikiError(f"{where}: {name} updates fused experts", "train the experts' projections one by one")
    settings = dict(config or {})
    _plain(settings, where)
    modules = {}
    for name, pair in pairs.items():
        a, b = pair.get("A"), pair.get("B")
        modules[name] = Module(name, a, b, _scale(name, a, settings, where) if config is not None else 1.0)
    notes = () if config is not None else (f"{where} has no adapter_config.json: a scaling of 1 is assumed",)
    base_name = settings.get("base_model_name_or_path")
    kept: dict[str, Any] = {key: settings[key] for key in _KEPT if key in settings}
    return Adapter(modules, "hf", base_name if isinstance(base_name, str) else "", "", nested, notes, kept)


def _what(key: str) -> str:
    if "lora_magnitude_vector" in key:
        return "it is a DoRA adapter"
    if "lora_embedding" in key:
        return "it updates the embedding"
    return f"{key[:120]!r} is no factor of an update"


def _plain(settings: Mapping[str, Any], where: str) -> None:
    if settings.get("peft_type", "LORA") != "LORA":
        raise KikiError(f"{where} is of the type {str(settings['peft_type'])[:40]}, not LORA", _LOW_RANK)
    for key in ("use_dora", "lora_bias", "modules_to_save", "trainable_token_indices"):
        if settings.get(key):
            raise KikiError(f"{where}: {key} is set", _LOW_RANK)
    if settings.get("bias", "none") != "none":
        raise KikiError(f"{where} trains biases", _LOW_RANK)


def _scale(name: str, a: Tensor | None, settings: Mapping[str, Any], where: str) -> float:
    rank = _of_pattern(name, settings.get("rank_pattern"), settings.get("r", 8), where)
    alpha = _of_pattern(name, settings.get("alpha_pattern"), settings.get("lora_alpha", 8), where)
    if rank < 1 or rank != int(rank):
        raise KikiError(f"{where}: r is {rank}", "mend adapter_config.json")
    if a is not None and len(a.shape) == 2 and a.shape[0] != rank:
        raise KikiError(f"{where}: {name} has rank {a.shape[0]}, the configuration says {int(rank)}", "mend its r")
    return alpha / (math.sqrt(rank) if settings.get("use_rslora") else rank)


def _of_pattern(name: str, patterns: Any, default: Any, where: str) -> float:
    value = default
    for pattern, special in (patterns if isinstance(patterns, dict) else {}).items():
        if not _LITERAL.match(pattern):
            raise KikiError(f"{where}: the pattern {pattern[:80]!r} isn't read", "write module names in it")
        ending = bare(pattern.removeprefix("^"))[0]
        if name == ending or name.endswith(f".{ending}"):
            value = special
            break
    if type(value) not in (int, float) or not math.isfinite(value):
        raise KikiError(f"{where}: {str(value)[:40]!r} is no rank or alpha", "mend adapter_config.json")
    return float(value)


def write(adapter: Adapter) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Tensors and configuration of an adapter in the publisher's order. No factor is changed."""
    tensors = {}
    ranks: dict[str, int] = {}
    alphas: dict[str, float] = {}
    for name, module in adapter.modules.items():
        assert module.a is not None
        assert module.b is not None
        key = to_peft(name, adapter.nested)
        tensors[f"{key}.lora_A.weight"] = module.a
        tensors[f"{key}.lora_B.weight"] = module.b
        ranks[name], alphas[name] = module.rank, alpha_of(module)
    rank = _most(ranks.values())
    alpha = _most(alphas[name] for name in ranks if ranks[name] == rank)
    config: dict[str, Any] = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": adapter.base_name or None,
        "r": rank,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "target_modules": sorted({name.rpartition(".")[2] for name in adapter.modules}),
        "rank_pattern": {name: one for name, one in sorted(ranks.items()) if one != rank},
        "alpha_pattern": {name: one for name, one in sorted(alphas.items()) if one != alpha},
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "use_rslora": False,
        "use_dora": False,
        "modules_to_save": None,
    }
    return tensors, config | {key: adapter.facts[key] for key in _KEPT if key in adapter.facts}


def alpha_of(module: Module) -> float:
    """The alpha for which ``alpha / rank`` is exactly the module's scaling, where a double has one."""
    alpha = module.scale * module.rank
    for candidate in (float(round(alpha)), round(alpha, 12), alpha):
        if candidate / module.rank == module.scale:
            return int(candidate) if candidate == int(candidate) else candidate
    return alpha


def _most(values: Any) -> Any:
    """The value that occurs most often; the greatest of several."""
    listed = list(values)
    return max(set(listed), key=lambda value: (listed.count(value), value))
