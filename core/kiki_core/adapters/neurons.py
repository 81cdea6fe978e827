"""Neurons of a feed-forward layer made stronger, as an ordinary adapter (KnowBias, arXiv 2601.21864).

Multiplying the activations J of one layer by lambda is the update ``dW = (lambda - 1) * W[:, J] * E_J`` of its down
projection W, with the rows J of the unit matrix as E_J: of rank |J|, exactly. It runs wherever adapters run.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kiki_core.adapters.model import Module, single
from kiki_core.errors import KikiError


def amplify(layer: int, down: npt.NDArray[Any], neurons: Sequence[int], factor: float) -> Module:
    """The module that amplifies these neurons by ``factor`` (lambda). ``down``: W of shape (hidden, feed-forward).

    Raises:
        KikiError: for neurons that aren't there, that repeat, or a factor that isn't finite.
    """
    width = down.shape[1]
    chosen = np.asarray(neurons, dtype=np.intp)
    if not len(chosen) or len(set(neurons)) != len(neurons) or chosen.min() < 0 or chosen.max() >= width:
        raise KikiError(f"neurons {list(neurons)[:8]} of {width}", "choose different ones that exist")
    if not np.isfinite(factor):
        raise KikiError(f"a factor of {factor}", "choose a finite one, such as 1.5")
    rows = np.zeros((len(chosen), width), dtype=np.float32)
    rows[np.arange(len(chosen)), chosen] = 1.0
    columns = (factor - 1.0) * np.asarray(down[:, chosen], dtype=np.float64)
    return Module(f"layers.{layer}.mlp.down_proj", single(rows), single(columns), 1.0)
