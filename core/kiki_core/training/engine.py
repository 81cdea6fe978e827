"""What a training framework does for the loop: encode, lose, step, and give its state as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from kiki_core.adapters.model import Adapter
from kiki_core.errors import KikiError
from kiki_core.training.pairs import Pair
from kiki_core.training.recipes import Recipe

EngineName = Literal["torch", "mlx"]
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A pair's tokens; those from ``start`` on are the answer, and count in the loss."""

    tokens: tuple[int, ...]
    start: int


class Engine(Protocol):
    """A base with an adapter in training."""

    def free(self) -> float | None:
        """Bytes left on a device of its own; null where it shares the machine's memory."""
        ...

    def encode(self, pair: Pair) -> Encoded:
        """The pair in the base's own chat format."""
        ...

    def loss(self, batch: Sequence[Encoded]) -> tuple[float, int]:
        """The sum of the losses of all answer tokens, and their number. Changes nothing."""
        ...

    def step(self, batch: Sequence[Encoded], learning_rate: float) -> tuple[float, int]:
        """One step of Adam; gives what `loss` does, before the step."""
        ...

    def state(self) -> dict[str, Array]:
        """The adapter's factors and Adam's means, to go on from."""
        ...

    def restore(self, state: Mapping[str, Array]) -> None:
        """Goes on from a state."""
        ...

    def adapter(self) -> Adapter:
        """The adapter as it is now."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What an engine starts from."""

    weights: str
    base_name: str
    architecture: str
    recipe: Recipe
    threads: int
    blocks: int

    @property
    def first_layer(self) -> int:
        """The first layer that is trained."""
        return max(0, self.blocks - self.recipe.layers)


def open_engine(name: EngineName, setting: Setting) -> Engine:
    """Loads the base, with a new adapter.

    Raises:
        KikiError: if the framework is missing or can't load the base.
    """
    if name == "torch":
        from kiki_core.training.torch_engine import TorchEngine

        return TorchEngine(setting)
    from kiki_core.training.mlx_engine import MlxEngine

    return MlxEngine(setting)


def encoded(tokenizer: Any, pair: Pair) -> Encoded:
    """A pair by a tokenizer's chat template.

    Raises:
        KikiError: if it has none, or its template rewrites the question once there is an answer.
    """
    question = {"role": "user", "content": pair.instruction}
    answer = {"role": "assistant", "content": pair.answer}
    try:
        start = tokenizer.apply_chat_template([question], add_generation_prompt=True, return_dict=False)
        whole = tokenizer.apply_chat_template([question, answer], return_dict=False)
    except (ValueError, TypeError) as error:
        raise KikiError(f"the base has no usable chat template: {error}", "train an instruct model") from error
    if list(whole[: len(start)]) != list(start) or len(whole) == len(start):
        raise KikiError("the base's chat template changes a question that is answered", "train another base")
    end = getattr(tokenizer, "eos_token_id", None)
    if end is not None and end not in whole[len(start) :]:
        whole = [*whole, end]
    return Encoded(tuple(int(token) for token in whole), len(start))


def padded(batch: Sequence[Encoded]) -> tuple[Array, Array]:
    """Inputs (batch, length) filled up with zeros at the end, and which of them are answers that count."""
    length = max(len(one.tokens) for one in batch)
    tokens = np.zeros((len(batch), length), np.int64)
    counts = np.zeros((len(batch), length), bool)
    for row, one in enumerate(batch):
        tokens[row, : len(one.tokens)] = one.tokens
        counts[row, one.start : len(one.tokens)] = True
    return tokens, counts


@dataclass(frozen=True, slots=True)
class Packed:
    """Pairs in one row, without padding, what all begin with only once.

    ``tokens`` and ``positions``: (length,). ``visible``: (length, length), whether a row's token sees a column's.
    ``predicting``: the places from which the answers' tokens, ``targets``, are predicted.
    """

    tokens: Array
    positions: Array
    visible: Array
    predicting: Array
    targets: Array


def packed(batch: Sequence[Encoded]) -> Packed:
    """Every pair sees the common beginning and itself, at the positions that it would have alone."""
    first = batch[0].tokens
    shared = min(min(one.start for one in batch) - 1, len(first))
    for one in batch[1:]:
        shared = next((at for at in range(shared) if one.tokens[at] != first[at]), shared)
    tokens, positions, owners = list(first[:shared]), list(range(shared)), [0] * shared
    predicting, targets = list[int](), list[int]()
    for owner, one in enumerate(batch, start=1):
        predicting += range(len(tokens) + one.start - 1 - shared, len(tokens) + len(one.tokens) - 1 - shared)
        targets += one.tokens[one.start :]
        tokens += one.tokens[shared:-1]
        positions += range(shared, len(one.tokens) - 1)
        owners += [owner] * (len(one.tokens) - 1 - shared)
    owner_of = np.array(owners)
    visible = np.tril((owner_of[:, None] == owner_of[None, :]) | (owner_of[None, :] == 0))
    return Packed(np.array(tokens), np.array(positions), visible, np.array(predicting), np.array(targets))
