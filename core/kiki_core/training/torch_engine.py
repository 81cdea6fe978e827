"""Training with torch and peft: on a processor in float32, on a CUDA device in bfloat16. GGUF weights are unpacked."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from kiki_core.adapters import peft as layout
from kiki_core.adapters.model import Adapter, Tensor
from kiki_core.errors import KikiError
from kiki_core.training.engine import Array, Encoded, Setting, encoded, packed, padded
from kiki_core.training.pairs import Pair

_ADAM = ("exp_avg", "exp_avg_sq", "step")
_MOST_PACKED = 4096
"""Tokens in a row of several pairs: who sees whom is a square of them."""


class TorchEngine:
    """A causal language model of transformers, with a peft adapter."""

    def __init__(self, setting: Setting) -> None:
        try:
            peft: Any = import_module("peft")
            torch: Any = import_module("torch")
            transformers: Any = import_module("transformers")
        except ImportError as error:
            raise KikiError(f"{error.name or 'torch'} is not installed", "pip install 'micro-kiki[train]'") from error
        self._torch = torch
        self._setting = setting
        recipe = setting.recipe
        if setting.threads:
            torch.set_num_threads(setting.threads)
        torch.manual_seed(recipe.seed)
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        place, more = Path(setting.weights), {}
        if place.is_file():
            place, more = place.parent, {"gguf_file": place.name}
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # what is here is enough
        transformers.logging.set_verbosity_error()
        kind = torch.float32 if self._device.type == "cpu" else torch.bfloat16
        try:
            with plain_arrays():
                model = transformers.AutoModelForCausalLM.from_pretrained(str(place), dtype=kind, **more)
                self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(place), **more)
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
            told = " ".join(str(error).split())[:300]
            raise KikiError(f"transformers can't load {setting.weights}: {told}", "name another base") from error
        # Layers that carry a state from token to token would carry it from pair to pair.
        kinds = getattr(model.config, "layer_types", None) or ()
        self._packs = recipe.batch * recipe.sequence <= _MOST_PACKED and set(kinds) == {"full_attention"}
        wanted = peft.LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            target_modules=list(recipe.modules),
            layers_to_transform=list(range(setting.first_layer, setting.blocks)),
            layers_pattern="layers",
            task_type="CAUSAL_LM",
        )
        try:
            self._model = peft.get_peft_model(model.to(self._device), wanted)
        except ValueError as error:
            raise KikiError(f"the base has none of the modules {', '.join(recipe.modules)}", "see --modules") from error
        self._trained = {name: one for name, one in self._model.named_parameters() if one.requires_grad}
        for one in self._trained.values():
            one.data = one.data.float()  # Adam's steps are too small for bfloat16
        self._adam = torch.optim.Adam(self._trained.values(), lr=recipe.learning_rate)

    def free(self) -> float | None:
        """Bytes left on the CUDA device and already taken by the weights."""
        if self._device.type == "cpu":
            return None
        return float(self._torch.cuda.mem_get_info()[0] + self._torch.cuda.memory_allocated())

    def encode(self, pair: Pair) -> Encoded:
        """By the model's own chat template."""
        return encoded(self._tokenizer, pair)

    def loss(self, batch: Sequence[Encoded]) -> tuple[float, int]:
        """Without gradients."""
        with self._torch.inference_mode():
            total, count = self._total(batch)
        return float(total), count

    def step(self, batch: Sequence[Encoded], learning_rate: float) -> tuple[float, int]:
        """Adam on the mean loss of the answers' tokens; gradients are cut at a norm of 1."""
        for group in self._adam.param_groups:
            group["lr"] = learning_rate
        total, count = self._total(batch)
        (total / count).backward()
        self._torch.nn.utils.clip_grad_norm_(self._trained.values(), 1.0)
        self._adam.step()
        self._adam.zero_grad()
        return float(total.detach()), count

    def _total(self, batch: Sequence[Encoded]) -> tuple[Any, int]:
        """Only what is answered passes the head, which is a third of a small model."""
        base = self._model.get_base_model()
        if len(batch) > 1 and self._packs:
            return self._packed_total(base, batch)
        tokens, counts = padded(batch)
        inputs = self._torch.from_numpy(tokens).to(self._device)
        # The padding lies behind everything that counts: causal attention never sees it.
        hidden = base.get_decoder()(input_ids=inputs[:, :-1], use_cache=False)[0]
        answers = self._torch.from_numpy(counts[:, 1:]).to(self._device)
        logits = base.get_output_embeddings()(hidden[answers]).float()
        total = self._torch.nn.functional.cross_entropy(logits, inputs[:, 1:][answers], reduction="sum")
        return total, int(counts[:, 1:].sum())

    def _packed_total(self, base: Any, batch: Sequence[Encoded]) -> tuple[Any, int]:
        row = packed(batch)
        tokens, positions, predicting, targets = (
            self._torch.from_numpy(one).to(self._device)
            for one in (row.tokens, row.positions, row.predicting, row.targets)
        )
        embedded = base.get_input_embeddings()(tokens[None])
        mask = self._torch.zeros(row.visible.shape, dtype=embedded.dtype, device=self._device)
        mask.masked_fill_(~self._torch.from_numpy(row.visible).to(self._device), self._torch.finfo(mask.dtype).min)
        decoder = base.get_decoder()
        hidden = decoder(
            inputs_embeds=embedded, attention_mask=mask[None, None], position_ids=positions[None], use_cache=False
        )[0]
        logits = base.get_output_embeddings()(hidden[0, predicting]).float()
        return self._torch.nn.functional.cross_entropy(logits, targets, reduction="sum"), len(row.targets)

    def state(self) -> dict[str, Array]:
        """Factors by their names, Adam's means as ``adam.<mean>.<name>``."""
        found = {name: self._array(one) for name, one in self._trained.items()}
        for name, one in self._trained.items():
            for mean in _ADAM:
                if (value := self._adam.state.get(one, {}).get(mean)) is not None:
                    found[f"adam.{mean}.{name}"] = self._array(value).reshape(value.shape or (1,))
        return found

    def restore(self, state: Mapping[str, Array]) -> None:
        """Goes on from `state`."""
        for name, one in self._trained.items():
            one.data.copy_(self._torch.from_numpy(state[name].copy()))
            kept = {}
            for mean in _ADAM:
                if (value := state.get(f"adam.{mean}.{name}")) is not None:
                    kept[mean] = self._torch.from_numpy(value.copy())
            if kept:
                kept["step"] = kept["step"].reshape(())
                self._adam.state[one] = {
                    mean: value if mean == "step" else value.to(one.device) for mean, value in kept.items()
                }

    def adapter(self) -> Adapter:
        """In the publisher's order of heads."""
        recipe = self._setting.recipe
        tensors = {
            name.replace(".default.weight", ".weight"): Tensor("F32", self._array(one))
            for name, one in self._trained.items()
        }
        config = {"r": recipe.rank, "lora_alpha": recipe.alpha, "base_model_name_or_path": self._setting.base_name}
        return layout.read(tensors, config, "the trained adapter")

    def _array(self, value: Any) -> Array:
        return np.ascontiguousarray(value.detach().float().cpu().numpy())


@contextlib.contextmanager
def plain_arrays() -> Iterator[None]:
    """Lets gguf read through plain arrays.

    It takes a vocabulary apart element by element, each a slice of numpy's memmap: 19 s for each of three readings of
    the 0.5 B base. Through an array over the same mapping it takes 5 s.
    """
    mapped = np.memmap
    np.memmap = lambda *args, **more: mapped(*args, **more).view(np.ndarray)  # type: ignore
    try:
        yield
    finally:
        np.memmap = mapped  # type: ignore
