"""The base model that an adapter belongs to: what identifies it, read from a GGUF file or a `config.json`.

The fingerprint is the SHA-256 of architecture, name and dimensions. All of them stand both in GGUF metadata and in the
publisher's configuration, so a quantised copy has its original's fingerprint: quantisation and file format are
taken off the name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kiki_core.adapters import gguf
from kiki_core.adapters.names import to_gguf
from kiki_core.errors import KikiError

_MODEL_TYPES = {
    "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe", "qwen3_5": "qwen35", "qwen3_5_text": "qwen35",
    "qwen3_5_moe": "qwen35moe", "qwen3_5_moe_text": "qwen35moe", "qwen3_next": "qwen3next", "mistral": "llama",
    "mixtral": "llama", "gemma3_text": "gemma3", "granitemoe": "granitemoe",
}  # fmt: skip
_QUANTISATION = re.compile(
    r"[-.](?:gguf|awq|gptq|mlx|dwq|bnb|unsloth|optiq|nvfp4|mxfp4|fp(?:4|8|16|32)|f(?:16|32)|bf16|int[48]|"
    r"[2-8]-?bit|w[48]a(?:8|16)|i?q[1-8](?:[-.](?:[0-9]|k|s|m|l|xs|xl|xxs|nl))*)$"
)
_CONFIG_BYTES = 4_000_000
_REMEDY = "name a known model, a .gguf file, or the folder of its config.json"


@dataclass(frozen=True, slots=True)
class LinearAttention:
    """The heads of gated delta-net layers, whose value heads llama.cpp keeps in another order."""

    key_heads: int
    value_heads: int
    key_dim: int
    value_dim: int


@dataclass(frozen=True, slots=True)
class Base:
    """A base model's identity. ``feed_forward``: of one expert, where there are experts."""

    architecture: str
    name: str
    blocks: int
    embedding: int
    heads: int
    kv_heads: int
    feed_forward: int
    experts: int
    linear: LinearAttention | None = field(default=None, compare=False)
    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    """(out, in) of the model's own tensors by llama.cpp's names; empty when only the configuration is here."""

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hex."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """What identifies the base, as it stands in a manifest."""
        shown = asdict(self)
        del shown["linear"], shown["shapes"]
        return shown

    def expected(self, module: str) -> tuple[int | None, int | None]:
        """(out, in) that an update of this module must have; null what this base doesn't tell."""
        place = to_gguf(module)
        if self.shapes:
            shape = self.shapes.get(place.name) if place is not None else None
            return (shape[-2], shape[-1]) if shape is not None and len(shape) >= 2 else (None, None)
        kind = module.rpartition(".")[2]
        reads = kind in ("q_proj", "k_proj", "v_proj", "gate_proj", "up_proj", "lm_head")
        return (self.embedding if kind in ("o_proj", "down_proj") else None, self.embedding if reads else None)

    def has(self, module: str) -> bool:
        """Whether the base has such a module, as far as it tells."""
        layer = re.match(r"layers\.(\d+)\.", module)
        if layer is not None and int(layer[1]) >= self.blocks:
            return False
        place = to_gguf(module)
        if not self.shapes or place is None:
            return True
        tied = module == "lm_head" and "token_embd.weight" in self.shapes
        return place.name in self.shapes or tied


def normal_name(name: str) -> str:
    """A model's name without its publisher, its format and its quantisation, in lower case with dashes."""
    text = re.sub(r"[^a-z0-9.]+", "-", name.lower().rstrip("/").rsplit("/", 1)[-1]).strip("-.")
    text = re.sub(r"^models--.*--", "", text)
    while (shorter := _QUANTISATION.sub("", text)) != text:
        text = shorter
    return text


def same_name(one: str, other: str) -> bool:
    """Whether both name the same model, whatever its publisher's folder or quantisation."""
    return bool(one) and normal_name(one) == normal_name(other)


def base_of(model: str) -> Base:
    """The base that a known model's name, a GGUF file, a `config.json` or its folder stands for.

    Raises:
        KikiError: if there is no such model, or its dimensions can't be read.
    """
    from kiki_core.backends.llamacpp import weights_path
    from kiki_core.models import MODELS

    if model in MODELS:
        path = weights_path(model)
        if path is None:
            raise KikiError(f"the model {model} is not here yet", f"run `kiki models pull {model}`")
        return from_gguf(gguf.read(path))
    path = Path(model).expanduser()
    if path.is_dir():
        path = path / "config.json"
    if not path.is_file():
        raise KikiError(f"{model} is no base model", _REMEDY)
    return from_gguf(gguf.read(path)) if path.suffix == ".gguf" else _from_config(path)


def from_gguf(file: gguf.Gguf) -> Base:
    """The identity of a model's GGUF file.

    Raises:
        KikiError: if it is an adapter or lacks its dimensions.
    """
    known = file.metadata
    architecture = known.get("general.architecture", "")
    if not isinstance(architecture, str) or known.get("general.type", "model") != "model":
        raise KikiError(f"{file.path} is no model", _REMEDY)

    def number(key: str, default: int | None = None) -> int:
        value = known.get(f"{architecture}.{key}", default)
        if isinstance(value, tuple) and value and len(set(value) - {0}) == 1:
            value = max(value)  # one number a layer: 0 where the layer is of another kind
        if type(value) is not int or value < 0:
            raise KikiError(f"{file.path} doesn't tell its {architecture}.{key}", _REMEDY)
        return value

    experts = number("expert_count", 0)
    feed_forward = number("expert_feed_forward_length", 0) if experts else 0
    heads = number("attention.head_count")
    linear = None
    if f"{architecture}.ssm.group_count" in known:
        values = number("ssm.time_step_rank")
        keys, inner = number("ssm.group_count"), number("ssm.inner_size")
        if not keys or not values or values % keys or inner % values:
            raise KikiError(f"{file.path} has {values} value heads to {keys} key heads", _REMEDY)
        linear = LinearAttention(keys, values, number("ssm.state_size"), inner // values)
    return Base(
        architecture,
        normal_name(str(known.get("general.name") or known.get("general.basename") or "")),
        number("block_count") - number("nextn_predict_layers", 0),
        number("embedding_length"),
        heads,
        number("attention.head_count_kv", heads),
        feed_forward or number("feed_forward_length", 0),
        experts,
        linear,
        {name: entry.shape for name, entry in file.entries.items()},
    )


def _from_config(path: Path) -> Base:
    try:
        if path.stat().st_size > _CONFIG_BYTES:
            raise KikiError(f"{path} is too large for a configuration", _REMEDY)
        config = json.loads(path.read_bytes())
    except OSError as error:
        raise KikiError(f"can't read {path}: {error.strerror}", _REMEDY) from error
    except (ValueError, RecursionError) as error:
        raise KikiError(f"{path} is no JSON", _REMEDY) from error
    if not isinstance(config, dict):
        raise KikiError(f"{path} is no model's configuration", _REMEDY)
    text = config.get("text_config") if isinstance(config.get("text_config"), dict) else config
    assert isinstance(text, dict)
    kind = str(text.get("model_type") or config.get("model_type") or "")

    def number(*keys: str, default: int | None = None) -> int:
        value = next((text[key] for key in keys if text.get(key) is not None), default)
        if type(value) is not int or value < 0:
            raise KikiError(f"{path} doesn't tell its {keys[0]}", _REMEDY)
        return value

    experts = number("num_experts", "num_local_experts", default=0)
    heads = number("num_attention_heads")
    linear = None
    if "linear_num_value_heads" in text:
        linear = LinearAttention(
            number("linear_num_key_heads"), number("linear_num_value_heads"),
            number("linear_key_head_dim"), number("linear_value_head_dim"),
        )  # fmt: skip
        if not linear.key_heads or linear.value_heads % linear.key_heads:
            raise KikiError(f"{path} has {linear.value_heads} value heads to {linear.key_heads} key heads", _REMEDY)
    return Base(
        _MODEL_TYPES.get(kind, kind),
        normal_name(str(config.get("_name_or_path") or _folder_name(path))),
        number("num_hidden_layers"),
        number("hidden_size"),
        heads,
        number("num_key_value_heads", default=heads),
        number("moe_intermediate_size", "intermediate_size") if experts else number("intermediate_size"),
        experts,
        linear,
    )


def _folder_name(path: Path) -> str:
    """The model's name from the folder, also from the hub's cache (``models--Publisher--Name/snapshots/…``)."""
    folder = path.absolute().parent
    for parent in (folder, *folder.parents):
        if parent.name.startswith("models--"):
            return parent.name.rsplit("--", 1)[-1]
    return folder.name
