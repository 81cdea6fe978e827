"""Makes the static encoder's token vectors from MiniLM: a minute on one core, only when the encoder changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiki_core.encoder import Encoder
from kiki_core.routing.static import DIMENSIONS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_RARITY = 1e-4
"""The weight a of smooth inverse frequency, a / (a + p)."""


def distil(folder: Path, encoder: Encoder) -> None:
    """Writes `static.safetensors` and `vocabulary.txt` into ``folder``.

    Raises:
        KikiError: if the encoder's files are not here.
    """
    import numpy as np
    from safetensors.numpy import save_file

    words, vectors = encoder.tokens()
    table = _reduced(vectors) * _rarity(len(words))[:, None]
    scales = np.maximum(np.abs(table).max(1), 1e-9) / 127
    quantised = np.clip(np.round(table / scales[:, None]), -127, 127).astype(np.int8)
    save_file({"table": quantised, "scales": scales.astype(np.float32)}, folder / "static.safetensors")
    (folder / "vocabulary.txt").write_text("\n".join(words), "utf-8")


def _reduced(vectors: NDArray[Any]) -> NDArray[Any]:
    """Principal components, each divided by the fourth root of its variance: between plain and whitened."""
    import numpy as np

    centred = vectors - vectors.mean(0)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    axes, variances = axes[:, ::-1][:, :DIMENSIONS], variances[::-1][:DIMENSIONS]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), range(DIMENSIONS)])
    reduced: NDArray[Any] = centred @ axes / np.maximum(variances, 1e-12) ** 0.25
    return reduced


def _rarity(count: int) -> NDArray[Any]:
    """Weights by rank: a WordPiece vocabulary is ordered by frequency, which follows Zipf's law."""
    import numpy as np

    shares = 1 / (np.arange(count) + 2.7)
    weights: NDArray[Any] = _RARITY / (_RARITY + shares / shares.sum())
    return weights
