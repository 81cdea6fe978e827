"""An adapter in memory: low-rank factors per module, as stored, and the scaling that makes an update of them.

The update of module m is ``dW = scale * B @ A`` with A of shape (rank, in) and B of shape (out, rank)
(Hu et al., arXiv 2106.09685). Factors keep the numbers' format of their file, so that a conversion changes no bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from kiki_core.errors import KikiError

Float = Literal["F64", "F32", "F16", "BF16"]
Order = Literal["hf", "gguf"]
"""Whose order of attention heads the rows are in: the publisher's, or llama.cpp's."""

NUMPY: Mapping[str, Any] = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16}
"""How each format's bits lie in numpy; BF16 has no type there and stays as its 16 bits."""
MOST_ELEMENTS = 1 << 27
"""Numbers in one factor; what is larger is no adapter."""
MOST_RANK = 8_192
"""The largest rank that is computed with: products of factors take its square in memory."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """Numbers in one of the formats, not converted."""

    dtype: Float
    bits: npt.NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns; three numbers where experts are stacked."""
        return tuple(int(size) for size in self.bits.shape)

    def doubles(self) -> Doubles:
        """The numbers as float64, exactly."""
        if self.dtype == "BF16":
            wide = self.bits.astype(np.uint32) << np.uint32(16)
            return wide.view(np.float32).astype(np.float64)
        return self.bits.astype(np.float64)

    @property
    def transposed(self) -> Tensor:
        """The last two axes exchanged."""
        return Tensor(self.dtype, np.swapaxes(self.bits, -1, -2))

    def same(self, other: Tensor) -> bool:
        """Whether format, shape and every bit agree."""
        mine, theirs = np.ascontiguousarray(self.bits), np.ascontiguousarray(other.bits)
        return (self.dtype, self.shape) == (other.dtype, other.shape) and mine.tobytes() == theirs.tobytes()


def single(values: npt.NDArray[Any]) -> Tensor:
    """Numbers rounded to float32."""
    with np.errstate(over="ignore"):
        return Tensor("F32", np.ascontiguousarray(values, dtype=np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One module's factors and scaling. A factor is null if the file lacks it; `health` tells of that."""

    name: str
    """As the publisher names it, from the layer on: ``layers.3.self_attn.q_proj``, ``lm_head``."""
    a: Tensor | None
    b: Tensor | None
    scale: float

    @property
    def rank(self) -> int:
        """The number of columns of B; 0 if it is missing."""
        return self.b.shape[-1] if self.b is not None and len(self.b.shape) == 2 else 0

    def factors(self) -> tuple[Doubles, Doubles]:
        """A and B as float64.

        Raises:
            KikiError: if one is missing or they don't fit each other.
        """
        problem = self.misfit()
        if problem:
            raise KikiError(f"{self.name}: {problem}", "the file is damaged or of another kind")
        assert self.a is not None
        assert self.b is not None
        return self.a.doubles(), self.b.doubles()

    def misfit(self) -> str:
        """What makes the factors no low-rank update; empty if they are one."""
        if self.a is None or self.b is None:
            return f"lora_{'A' if self.a is None else 'B'} is missing"
        if len(self.a.shape) != 2 or len(self.b.shape) != 2:
            return f"factors of shape {self.a.shape} and {self.b.shape} are no matrices"
        if self.a.shape[0] != self.b.shape[1]:
            return f"the rank of A is {self.a.shape[0]}, that of B is {self.b.shape[1]}"
        if self.b.shape[1] > MOST_RANK:
            return f"a rank of {self.b.shape[1]}"
        if 0 in self.a.shape or 0 in self.b.shape:
            return "a factor is empty"
        return ""


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """A set of modules for one base model."""

    modules: Mapping[str, Module]
    order: Order = "hf"
    base_name: str = ""
    """The base model as the file names it; empty if it doesn't."""
    architecture: str = ""
    """llama.cpp's name of the base's architecture; empty if the file doesn't tell."""
    nested: bool = False
    """Whether the publisher keeps the language model inside a larger one (``language_model.``)."""
    notes: tuple[str, ...] = ()
    """What had to be assumed in reading."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the file's own configuration (target modules, number of layers)."""

    @property
    def rank(self) -> int:
        """The largest rank of a module."""
        return max((module.rank for module in self.modules.values()), default=0)
