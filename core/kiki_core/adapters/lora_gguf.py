"""llama.cpp's layout: a GGUF file of the type ``adapter``.

It holds ``blk.N.attn_q.weight.lora_a`` (rank, in) and ``lora_b`` (out, rank). Source: llama.cpp,
convert_lora_to_gguf.py and src/llama-adapter.cpp: the scaling is ``adapter.lora.alpha / rank``, or 1 if alpha is 0.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from kiki_core.adapters.gguf import Gguf
from kiki_core.adapters.model import Adapter, Module, Tensor, single
from kiki_core.adapters.names import NESTED, from_gguf, to_gguf
from kiki_core.adapters.peft import alpha_of
from kiki_core.adapters.stacks import one_scale, stacked, unscaled
from kiki_core.errors import KikiError

_KEY = re.compile(r"^(?P<tensor>.+)\.lora_(?P<factor>[ab])$")
_BASE_NAME = "general.base_model.0.name"


def read(file: Gguf) -> Adapter:
    """The adapter in a GGUF file, its rows in llama.cpp's order.

    Raises:
        KikiError: if it isn't a LoRA adapter, or updates a tensor that kiki doesn't know.
    """
    known = file.metadata
    if known.get("general.type") != "adapter" or known.get("adapter.type") != "lora":
        raise KikiError(f"{file.path} is no LoRA adapter", "its general.type or adapter.type says so")
    architecture, alpha = known.get("general.architecture"), known.get("adapter.lora.alpha", 0.0)
    if not isinstance(architecture, str) or type(alpha) not in (int, float) or not math.isfinite(alpha):
        raise KikiError(f"{file.path}: a bad general.architecture or adapter.lora.alpha", "make the file again")
    alpha = _shortest(alpha)
    pairs: dict[str, dict[str, Tensor]] = {}
    for key in file.entries:
        match = _KEY.match(key)
        if match is None:
            raise KikiError(
                f"{file.path}: {key[:100]!r} is no factor of an update", "kiki reads plain low-rank updates"
            )
        pairs.setdefault(match["tensor"], {})[match["factor"]] = file.tensor(key)
    modules: dict[str, Module] = {}
    for tensor, pair in pairs.items():
        name = from_gguf(tensor, architecture)
        if name is None:
            raise KikiError(f"{file.path} updates {tensor[:100]!r}, which kiki doesn't know", "keep it as it is")
        for module in _modules(name, pair.get("a"), pair.get("b"), alpha):
            modules[module.name] = module
    base_name = known.get(_BASE_NAME, "")
    return Adapter(
        modules, "gguf", base_name if isinstance(base_name, str) else "", architecture, architecture in NESTED
    )


def _modules(name: str, a: Tensor | None, b: Tensor | None, alpha: float) -> list[Module]:
    def scale(rank: int) -> float:
        return alpha / rank if alpha and rank else 1.0

    if "{}" not in name or a is None or b is None:
        return [Module(name, a, b, scale(b.shape[-1] if b and b.shape else 0))]
    if len(a.shape) != 3 or len(b.shape) != 3 or a.shape[0] != b.shape[0]:
        return [Module(name, a, b, 1.0)]
    return [
        Module(name.format(n), Tensor(a.dtype, a.bits[n]), Tensor(b.dtype, b.bits[n]), scale(b.shape[-1]))
        for n in range(b.shape[0])
    ]


def _alpha(adapter: Adapter) -> tuple[Adapter, float, list[str]]:
    """The one alpha of the file; 0 says that all scalings are 1, so that a scaling of 0 must go into B."""
    scales = {module.scale for module in adapter.modules.values()}
    if scales == {1.0}:
        return adapter, 0.0, []
    if 0.0 in scales:
        return unscaled(adapter), 0.0, ["a scaling of 0 was multiplied into B"]
    adapter, notes = one_scale(adapter, lambda module: float(alpha_of(module)))
    if notes or not adapter.modules:
        return adapter, 0.0, notes
    alpha = float(alpha_of(next(iter(adapter.modules.values()))))
    if any(_shortest(alpha) / module.rank != module.scale for module in adapter.modules.values()):
        notes.append("the scaling was rounded to float32")
    return adapter, alpha, notes


def _shortest(value: float) -> float:
    """A float32 as its shortest decimal: 0.8, not 0.800000011920929."""
    return float(np.format_float_scientific(np.float32(value), unique=True))


def _place(item: tuple[str, object]) -> tuple[int, str]:
    """Layer by layer, then by name."""
    block = re.match(r"blk\.(\d+)\.", item[0])
    return (int(block[1]) if block else -1, item[0])


def write(adapter: Adapter, experts: int) -> tuple[dict[str, Any], dict[str, Tensor], list[str]]:
    """Metadata, tensors, and what was changed: nothing, unless the modules' alphas differ or numbers are float64.

    Raises:
        KikiError: if llama.cpp has no name for a module, or the architecture isn't known.
    """
    if not adapter.architecture:
        raise KikiError("llama.cpp's files name the base's architecture, which isn't known", "give --base")
    adapter, alpha, notes = _alpha(adapter)
    places = {}
    for name in adapter.modules:
        place = to_gguf(name)
        if place is None:
            raise KikiError(
                f"llama.cpp has no name for {name} that kiki knows", "leave this module out, or stay with PEFT"
            )
        places[name] = (place.name, place.expert)
    if len(set(places.values())) != len(places):
        raise KikiError("two modules have the same name in llama.cpp", "the adapter mixes architectures")
    stacks, told = stacked(adapter, places, experts)
    tensors = {}
    for key, (a, b, _) in sorted(stacks.items(), key=_place):
        for factor, tensor in (("a", a), ("b", b)):
            if tensor.dtype == "F64":
                tensor = single(tensor.bits)
                told.append(f"{key}: float64 was rounded to float32")
            tensors[f"{key}.lora_{factor}"] = tensor
    metadata: dict[str, Any] = {
        "general.type": "adapter",
        "adapter.type": "lora",
        "general.architecture": adapter.architecture,
        "adapter.lora.alpha": alpha,
    }
    if adapter.base_name:
        metadata |= {"general.base_model.count": 1, _BASE_NAME: adapter.base_name}
    return metadata, tensors, [*notes, *told]
