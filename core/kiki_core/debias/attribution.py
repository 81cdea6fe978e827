"""Which feed-forward neurons of a base speak for an answer: the gradient of its log odds by a factor on each neuron.

At a factor of 1 that is gradient times activation, summed over the prompt's tokens: how the odds change to first order
when the neuron is amplified. The base is frozen; with torch from a GGUF file or a folder, with MLX from a folder.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from kiki_core.errors import KikiError

Array = npt.NDArray[Any]


class Attributing(Protocol):
    """A base whose feed-forward neurons can be read, and amplified by hooks."""

    def attribution(self, question: str, right: str, wrong: str) -> Array:
        """d(log p(right) - log p(wrong)) / d(factor), of shape (layers, feed-forward)."""
        ...

    def down(self, layer: int) -> Array:
        """The down projection, of shape (hidden, feed-forward)."""
        ...

    def logits(self, tokens: list[int], factors: Mapping[int, Array]) -> Array:
        """The last token's logits with each layer's activations times its factors: the hook form."""
        ...


def open_base(weights: Path, engine: str) -> Attributing:
    """The base for ``engine`` (torch or mlx).

    Raises:
        KikiError: if the engine isn't installed, or can't load these weights.
    """
    return _Torch(weights) if engine == "torch" else _Mlx(weights)


def _tokens(tokenizer: Any, question: str, answers: tuple[str, str]) -> tuple[list[int], list[int]]:
    asked = [{"role": "user", "content": f"Answer with yes or no. {question}"}]
    try:
        prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, return_dict=False)
    except (ValueError, TypeError) as error:
        raise KikiError(f"the base has no usable chat template: {error}", "name an instruct model") from error
    heads = [tokenizer.encode(one.capitalize(), add_special_tokens=False)[0] for one in answers]
    return [int(one) for one in prompt], heads


_NO_NEURONS = KikiError("the base's layers have no plain down projection", "mixtures of experts can't be amplified so")


class _Mlx:
    def __init__(self, weights: Path) -> None:
        try:
            self._mx: Any = import_module("mlx.core")
            nn: Any = import_module("mlx.nn")
            mlx_lm: Any = import_module("mlx_lm")
        except ImportError as error:
            raise KikiError(f"{error.name or 'mlx'} is not installed", "pip install 'micro-kiki[mlx]'") from error
        if not weights.is_dir():
            raise KikiError(f"mlx-lm loads folders, not {weights.name}", "name one with --base, or --engine torch")
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self._model, self._tokenizer = mlx_lm.load(str(weights))[:2]
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            told = " ".join(str(error).split())[:300]
            raise KikiError(f"mlx-lm can't load {weights}: {told}", "name another base") from error
        self._model.freeze()

        class Tap(nn.Module):  # type: ignore[misc]
            def __init__(self, inner: Any) -> None:
                super().__init__()
                self.inner, self.factor = inner, None

            def __call__(self, x: Any) -> Any:
                return self.inner(x if self.factor is None else x * self.factor.astype(x.dtype))

        self._taps = []
        for layer in self._model.layers:
            if getattr(getattr(layer, "mlp", None), "down_proj", None) is None:
                raise _NO_NEURONS
            layer.mlp.down_proj = Tap(layer.mlp.down_proj)
            self._taps.append(layer.mlp.down_proj)

    def attribution(self, question: str, right: str, wrong: str) -> Array:
        mx = self._mx
        prompt, (yes, no) = _tokens(self._tokenizer, question, (right, wrong))
        ones = [mx.ones(self.down(layer).shape[1]) for layer in range(len(self._taps))]

        def odds(factors: list[Any]) -> Any:
            for tap, factor in zip(self._taps, factors, strict=True):
                tap.factor = factor
            last = self._model(mx.array([prompt]))[0, -1].astype(mx.float32)
            return last[yes] - last[no]

        gradients = mx.grad(odds)(ones)
        mx.eval(gradients)
        for tap in self._taps:
            tap.factor = None
        return np.stack([np.array(one) for one in gradients])

    def down(self, layer: int) -> Array:
        inner, mx = self._taps[layer].inner, self._mx
        weight = inner.weight
        if hasattr(inner, "scales"):
            weight = mx.dequantize(weight, inner.scales, inner.biases, inner.group_size, inner.bits)
        return np.array(weight.astype(mx.float32))

    def logits(self, tokens: list[int], factors: Mapping[int, Array]) -> Array:
        for layer, tap in enumerate(self._taps):
            tap.factor = self._mx.array(factors[layer]) if layer in factors else None
        last = self._model(self._mx.array([tokens]))[0, -1].astype(self._mx.float32)
        for tap in self._taps:
            tap.factor = None
        return np.array(last)


class _Torch:
    def __init__(self, weights: Path) -> None:
        from kiki_core.training.torch_engine import plain_arrays

        try:
            self._torch: Any = import_module("torch")
            transformers: Any = import_module("transformers")
        except ImportError as error:
            raise KikiError(f"{error.name or 'torch'} is not installed", "pip install 'micro-kiki[train]'") from error
        place, more = weights, {}
        if place.is_file():
            place, more = place.parent, {"gguf_file": place.name}
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        transformers.logging.set_verbosity_error()
        try:
            with plain_arrays():
                model = transformers.AutoModelForCausalLM.from_pretrained(str(place), dtype=self._torch.float32, **more)
                self._tokenizer = transformers.AutoTokenizer.from_pretrained(str(place), **more)
        except (OSError, ValueError, ImportError, KeyError, RuntimeError) as error:
            told = " ".join(str(error).split())[:300]
            raise KikiError(f"transformers can't load {weights}: {told}", "name another base") from error
        self._model = model.eval().requires_grad_(False)
        self._downs = []
        for layer in self._model.get_decoder().layers:
            if getattr(getattr(layer, "mlp", None), "down_proj", None) is None:
                raise _NO_NEURONS
            self._downs.append(layer.mlp.down_proj)

    def _last(self, tokens: list[int], factors: Mapping[int, Any]) -> Any:
        hooks = [
            self._downs[layer].register_forward_pre_hook(lambda _, x, factor=factor: (x[0] * factor,))
            for layer, factor in factors.items()
        ]
        try:
            return self._model(input_ids=self._torch.tensor([tokens]), use_cache=False).logits[0, -1]
        finally:
            for hook in hooks:
                hook.remove()

    def attribution(self, question: str, right: str, wrong: str) -> Array:
        prompt, (yes, no) = _tokens(self._tokenizer, question, (right, wrong))
        ones = [self._torch.ones(one.weight.shape[1], requires_grad=True) for one in self._downs]
        last = self._last(prompt, dict(enumerate(ones)))
        gradients = self._torch.autograd.grad(last[yes] - last[no], ones)
        return np.stack([one.numpy() for one in gradients])

    def down(self, layer: int) -> Array:
        return np.asarray(self._downs[layer].weight.numpy())

    def logits(self, tokens: list[int], factors: Mapping[int, Array]) -> Array:
        with self._torch.inference_mode():
            wide = {layer: self._torch.tensor(one, dtype=self._torch.float32) for layer, one in factors.items()}
            return np.asarray(self._last(tokens, wide).numpy())
