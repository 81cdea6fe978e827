"""MLX's layout: ``adapters.safetensors`` with ``…lora_a`` (in, rank) and ``…lora_b`` (rank, out), PEFT's transposed.

Source: ml-explore/mlx-lm, mlx_lm/tuner/lora.py. Stacked experts have (experts, rank, in) and (experts, out, rank). One
scale holds for all modules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kiki_core.adapters.model import Adapter, Module, Tensor
from kiki_core.adapters.names import bare, expert_of_mlx, to_mlx
from kiki_core.adapters.stacks import one_scale, stacked
from kiki_core.errors import KikiError

_KEY = re.compile(r"^(?P<module>.+)\.lora_(?P<factor>[ab])$")
_LOW_RANK = "kiki reads plain low-rank updates"
_KEPT = ("num_layers", "iters", "learning_rate", "seed", "max_seq_length", "batch_size")
_ALL_LAYERS = -1


def read(tensors: Mapping[str, Tensor], config: Mapping[str, Any] | None, where: str) -> Adapter:
    """The adapter in these tensors. ``config``: adapter_config.json; without it a scaling of 1 is assumed, and noted.

    Raises:
        KikiError: if it holds anything but plain low-rank updates.
    """
    settings = dict(config or {})
    if settings.get("fine_tune_type", "lora") != "lora":
        raise KikiError(f"{where} is of the type {str(settings['fine_tune_type'])[:40]}, not lora", _LOW_RANK)
    scale = _scale(settings, where) if config is not None else 1.0
    pairs: dict[str, dict[str, Tensor]] = {}
    nested = False
    for key, tensor in tensors.items():
        match = _KEY.match(key)
        if match is None:
            raise KikiError(f"{where}: {key[:120]!r} is no factor of an update", _LOW_RANK)
        name, within = bare(match["module"])
        nested = nested or within
        if match["factor"] in pairs.setdefault(name, {}):
            raise KikiError(f"{where} holds {name} twice", "keep one set of weights a file")
        pairs[name][match["factor"]] = tensor
    modules = {}
    for name, pair in pairs.items():
        for module in _modules(name, pair.get("a"), pair.get("b"), scale):
            modules[module.name] = module
    notes = () if config is not None else (f"{where} has no adapter_config.json: a scaling of 1 is assumed",)
    base_name = settings.get("model")
    kept: dict[str, Any] = {key: settings[key] for key in _KEPT if isinstance(settings.get(key), int | float)}
    return Adapter(modules, "hf", base_name if isinstance(base_name, str) else "", "", nested, notes, kept)


def _scale(settings: Mapping[str, Any], where: str) -> float:
    parameters = settings.get("lora_parameters", settings)
    if not isinstance(parameters, dict):
        raise KikiError(f"{where}: lora_parameters is no object", "mend adapter_config.json")
    scale: Any = parameters.get("scale")
    if scale is None and all(type(parameters.get(key)) in (int, float) for key in ("alpha", "rank")):
        scale = parameters["alpha"] / parameters["rank"] if parameters["rank"] else None
    if type(scale) not in (int, float) or not math.isfinite(scale):
        raise KikiError(f"{where}: the scale {str(scale)[:40]!r} is no number", "mend adapter_config.json")
    return float(scale)


def _modules(name: str, a: Tensor | None, b: Tensor | None, scale: float) -> list[Module]:
    if ".switch_mlp." not in name or a is None or b is None or len(b.shape) != 3:
        return [Module(name, a and a.transposed, b and b.transposed, scale)]
    experts = b.shape[0]
    if len(a.shape) == 2 and experts and a.shape[0] % experts == 0:  # how mlx-lm stacked them before 2026
        a = Tensor(a.dtype, a.bits.reshape(experts, -1, a.shape[1]))
    if len(a.shape) != 3 or a.shape[0] != experts:
        return [Module(name, a, b, scale)]
    return [
        Module(expert_of_mlx(name, n), Tensor(a.dtype, a.bits[n]), Tensor(b.dtype, b.bits[n]), scale)
        for n in range(experts)
    ]


def write(adapter: Adapter, experts: int) -> tuple[dict[str, Tensor], dict[str, Any], list[str]]:
    """Tensors, configuration, and what was changed: nothing, unless the modules' scalings differ.

    ``experts``: how many a stack has in the base; 0 if unknown.
    """
    adapter, notes = one_scale(adapter, lambda module: module.scale)
    tensors: dict[str, Tensor] = {}
    places = {name: to_mlx(name, adapter.nested) for name in adapter.modules}
    stacks, told = stacked(adapter, {name: (place.name, place.expert) for name, place in places.items()}, experts)
    for key, (a, b, is_stack) in stacks.items():
        tensors[f"{key}.lora_a"] = a if is_stack else a.transposed
        tensors[f"{key}.lora_b"] = b if is_stack else b.transposed
    keys = {re.sub(r"^(?:language_model\.)?(?:model\.)?layers\.\d+\.", "", key) for key in stacks}
    config: dict[str, Any] = {
        "fine_tune_type": "lora",
        "model": adapter.base_name,
        "num_layers": _ALL_LAYERS,
        "lora_parameters": {
            "rank": adapter.rank,
            "scale": next((module.scale for module in adapter.modules.values()), 1.0),
            "dropout": 0.0,
            "keys": sorted(keys),
        },
    }
    config |= {key: adapter.facts[key] for key in _KEPT if key in adapter.facts}
    contiguous = {key: replace(tensor, bits=np.ascontiguousarray(tensor.bits)) for key, tensor in tensors.items()}
    return contiguous, config, [*notes, *told]
