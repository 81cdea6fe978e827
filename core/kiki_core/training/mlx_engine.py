"""Training with mlx-lm: its models, its LoRA layers, on Apple's GPU or any processor.

What `mlx_lm.lora` does with ``num_layers``, ``lora_parameters.{rank,scale,keys}`` and ``mask_prompt``, but step by
step, so that a training can stop anywhere and go on exactly.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from kiki_core.adapters import mlx as layout
from kiki_core.adapters.model import Adapter, Tensor
from kiki_core.errors import KikiError
from kiki_core.training.engine import Array, Encoded, Setting, encoded, padded
from kiki_core.training.pairs import Pair


class MlxEngine:
    """A model of mlx-lm with LoRA layers."""

    def __init__(self, setting: Setting) -> None:
        try:
            mx: Any = import_module("mlx.core")
            nn: Any = import_module("mlx.nn")
            optimizers: Any = import_module("mlx.optimizers")
            mlx_lm: Any = import_module("mlx_lm")
            layers: Any = import_module("mlx_lm.tuner.utils")
            trees: Any = import_module("mlx.utils")
        except ImportError as error:
            raise KikiError(f"{error.name or 'mlx'} is not installed", "pip install 'micro-kiki[mlx]'") from error
        if not Path(setting.weights).is_dir():
            raise KikiError(
                f"mlx-lm loads folders, not {Path(setting.weights).name}", "name one with --weights, or --engine torch"
            )
        from kiki_core.backends.mlx import limits

        self._mx, self._nn, self._optimizers, self._trees, self._setting = mx, nn, optimizers, trees, setting
        recipe = setting.recipe
        most, cache = limits(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        mx.set_memory_limit(most)
        mx.set_cache_limit(cache)
        mx.random.seed(recipe.seed)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self._model, self._tokenizer = mlx_lm.load(setting.weights)[:2]
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            told = " ".join(str(error).split())[:300]
            raise KikiError(f"mlx-lm can't load {setting.weights}: {told}", "name another base") from error
        self._model.freeze()
        settings = {
            "rank": recipe.rank,
            "scale": recipe.alpha / recipe.rank,
            "dropout": 0.0,
            "keys": set(recipe.modules),
        }
        layers.linear_to_lora_layers(self._model, setting.blocks - setting.first_layer, settings)
        self._settings = {**settings, "keys": sorted(recipe.modules)}
        if not self._trained():
            raise KikiError(f"the base has none of the modules {', '.join(recipe.modules)}", "see --modules")
        self._model.train()
        self._adam = optimizers.Adam(learning_rate=recipe.learning_rate, bias_correction=True)
        self._adam.init(self._model.trainable_parameters())
        self._gradient = nn.value_and_grad(self._model, self._mean)

    def free(self) -> float | None:
        """None: it shares the machine's memory."""
        return None

    def encode(self, pair: Pair) -> Encoded:
        """By the model's own chat template."""
        return encoded(self._tokenizer, pair)

    def loss(self, batch: Sequence[Encoded]) -> tuple[float, int]:
        """Without gradients."""
        mean, count = self._mean(self._model, *self._arrays(batch))
        return float(mean.item()) * int(count.item()), int(count.item())

    def step(self, batch: Sequence[Encoded], learning_rate: float) -> tuple[float, int]:
        """Adam on the mean loss of the answers' tokens; gradients are cut at a norm of 1."""
        (mean, count), gradient = self._gradient(self._model, *self._arrays(batch))
        gradient, _ = self._optimizers.clip_grad_norm(gradient, 1.0)
        self._adam.learning_rate = learning_rate
        self._adam.update(self._model, gradient)
        self._mx.eval(mean, count, self._model.trainable_parameters(), self._adam.state)
        return float(mean.item()) * int(count.item()), int(count.item())

    def _arrays(self, batch: Sequence[Encoded]) -> tuple[Any, Any]:
        tokens, counts = padded(batch)
        return self._mx.array(tokens), self._mx.array(counts)

    def _mean(self, model: Any, tokens: Any, counts: Any) -> tuple[Any, Any]:
        logits = model(tokens[:, :-1]).astype(self._mx.float32)
        answers = counts[:, 1:]
        losses = self._nn.losses.cross_entropy(logits, tokens[:, 1:]) * answers
        count = answers.sum()
        return losses.sum() / count, count

    def _trained(self) -> dict[str, Any]:
        return dict(self._trees.tree_flatten(self._model.trainable_parameters()))

    def state(self) -> dict[str, Array]:
        """Factors by their names, Adam's state as ``adam.<name>``."""
        found = {name: np.array(value.astype(self._mx.float32)) for name, value in self._trained().items()}
        for name, value in self._trees.tree_flatten(self._adam.state):
            found[f"adam.{name}"] = (
                np.array(value).astype(np.float64 if name == "step" else np.float32).reshape(value.shape or (1,))
            )
        return found

    def restore(self, state: Mapping[str, Array]) -> None:
        """Goes on from `state`."""
        mx = self._mx
        kinds = {name: value.dtype for name, value in self._trained().items()}
        self._model.load_weights([(name, mx.array(state[name]).astype(kinds[name])) for name in kinds], strict=False)
        before = dict(self._trees.tree_flatten(self._adam.state))
        after = {}
        for name, value in before.items():
            kept = state[f"adam.{name}"].reshape(value.shape)
            after[name] = mx.array(kept.astype(np.uint64) if name == "step" else kept).astype(value.dtype)
        self._adam.state = self._trees.tree_unflatten(list(after.items()))
        mx.eval(self._model.trainable_parameters(), self._adam.state)

    def adapter(self) -> Adapter:
        """In the publisher's order of heads."""
        tensors = {
            name: Tensor("F32", np.ascontiguousarray(np.array(value.astype(self._mx.float32))))
            for name, value in self._trained().items()
        }
        config = {"fine_tune_type": "lora", "model": self._setting.base_name, "lora_parameters": self._settings}
        return layout.read(tensors, config, "the trained adapter")
