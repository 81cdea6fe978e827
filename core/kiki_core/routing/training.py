"""Trains the head: least squares for a start, then binary cross-entropy; calibrated on prompts that it hasn't seen.

Least squares by conjugate gradients (all outputs at once) is near the optimum of the cross-entropy in a tenth of the
time that L-BFGS needs from zero. All is deterministic: no random start, no shuffling; folds by the hash of a group.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS
from kiki_core.routing.dataset import Prompt, place_of
from kiki_core.routing.features import BUCKETS, features, shortened
from kiki_core.routing.head import DENSE_WEIGHT, MARKS_WEIGHT, OUTPUTS, Head, signs, standings
from kiki_core.routing.marks import marks
from kiki_core.routing.static import StaticEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUTSIDE = "outside"
"""The glossary of what no expert knows."""
FOLDS = 4
_RIDGE, _RIDGE_STEPS = 0.3, 40
_DECAY, _STEPS = 0.1, 30
_TERM_WEIGHT = 0.3
"""A line of a glossary counts so much of a prompt."""
_COMMON = 0.25
"""A common threshold below one half: where two experts share a question, each gets a middling score."""
_START_SLOPE, _START_BIAS = 6.0, -3.0
"""From least squares on 0 and 1 to logits."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Table:
    """Features of texts: ``grams`` (n, buckets) counts, ``marks`` (n, marks) and ``dense`` (n, dimensions)."""

    grams: Any
    marks: Any
    dense: NDArray[Any]

    def rows(self, chosen: NDArray[Any]) -> Table:
        """The table of these rows."""
        return Table(self.grams[chosen], self.marks[chosen], self.dense[chosen])


@dataclass(frozen=True)
class Weights:
    """A linear map from columns to outputs, with the rarity of the n-grams that it was trained with."""

    rarity: NDArray[Any]
    matrix: NDArray[Any]

    def outputs(self, table: Table) -> NDArray[Any]:
        """Logits, shape (n, O)."""
        outputs: NDArray[Any] = _design(table, self.rarity) @ self.matrix
        return outputs


def tabulate(texts: Sequence[str], encoder: StaticEncoder) -> Table:
    """The features of texts."""
    import numpy as np
    from scipy import sparse

    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    seen = sparse.lil_matrix((len(texts), len(marks().names)), dtype=np.float32)
    for row, text in enumerate(texts):
        found = features(shortened(text))
        rows += [row] * len(found.grams)
        columns += found.grams
        values += found.grams.values()
        for mark in found.marks:
            seen[row, mark] = 1 / math.sqrt(len(found.marks))
    grams = sparse.csr_matrix((np.array(values, np.float32), (rows, columns)), shape=(len(texts), BUCKETS))
    return Table(grams, seen.tocsr(), encoder.encode([shortened(text) for text in texts]))


def targets(labels: Sequence[Sequence[str]]) -> NDArray[Any]:
    """1 where a domain is wanted, shape (n, O); the last column: no domain is."""
    import numpy as np

    wanted = np.zeros((len(labels), OUTPUTS), np.float32)
    for row, listed in enumerate(labels):
        for domain in listed:
            wanted[row, DOMAINS.index(domain)] = 1
        wanted[row, -1] = not listed
    return wanted


def train(prompts: Sequence[Prompt], terms: Sequence[tuple[str, str]], progress: Progress) -> Head:
    """The head from these prompts (give none that will test it) and glossaries."""
    import numpy as np

    progress(f"reading {len(prompts)} prompts and {len(terms)} glossary lines")
    table = tabulate([*(prompt.text for prompt in prompts), *(term for _, term in terms)], StaticEncoder())
    wanted = targets(
        [*(prompt.labels for prompt in prompts), *((() if name == OUTSIDE else (name,)) for name, _ in terms)]
    )
    share = np.concatenate([np.ones(len(prompts)), np.full(len(terms), _TERM_WEIGHT)]).astype(np.float32)
    folds = np.array([place_of(prompt.group, FOLDS, "fold ") for prompt in prompts] + [-1] * len(terms))
    held_out = np.zeros((len(prompts), OUTPUTS), np.float32)
    for fold in range(FOLDS):
        progress(f"fold {fold + 1} of {FOLDS}: what the head says of prompts that it hasn't seen")
        chosen = np.flatnonzero(folds != fold)
        weights = _fit(table.rows(chosen), wanted[chosen], share[chosen])
        unseen = np.flatnonzero(folds == fold)
        held_out[unseen] = weights.outputs(table.rows(unseen))
    progress("the head itself")
    weights = _fit(table, wanted, share)
    progress("calibration and thresholds")
    return calibrate(_quantised(weights), held_out, wanted[: len(prompts)])


def calibrate(head: Head, outputs: NDArray[Any], wanted: NDArray[Any]) -> Head:
    """The head with calibration and thresholds fitted to outputs for prompts that it wasn't trained with.

    A logit for all domains from a domain's standing, then Platt's sigmoid by domain (Platt 1999).
    """
    import dataclasses

    import numpy as np
    from sklearn.linear_model import LogisticRegression

    inside = LogisticRegression(C=10.0, max_iter=1000, fit_intercept=False)
    told = signs(outputs)
    known = wanted[:, -1] == 0
    inside.fit(told, known)
    weights = inside.coef_[0].astype(np.float32)
    fits = told @ weights
    stood = standings(outputs, fits)
    shared = LogisticRegression(C=1.0, max_iter=2000)
    shared.fit(stood.reshape(-1, stood.shape[2]), wanted[:, :-1].ravel())
    standing = shared.coef_[0].astype(np.float32)
    logits = stood @ standing
    rows = []
    for domain in range(len(DOMAINS)):
        platt = LogisticRegression(C=1.0, max_iter=1000)
        platt.fit(logits[:, domain, None], wanted[:, domain])
        rows.append([platt.coef_[0, 0], platt.intercept_[0]])
    calibration = np.array(rows, np.float32)
    scores = _sigmoid(logits * calibration[:, 0] + calibration[:, 1])
    thresholds = np.array([_threshold(scores[:, d], wanted[:, d]) for d in range(len(DOMAINS))], np.float32)
    floor = np.array([_floor(_sigmoid(fits), known)], np.float32)
    return dataclasses.replace(
        head, inside=weights, standing=standing, calibration=calibration, thresholds=thresholds, floor=floor
    )


def _sigmoid(logits: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    result: NDArray[Any] = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
    return result


def _threshold(scores: NDArray[Any], wanted: NDArray[Any]) -> float:
    """The threshold with the best F1 for one domain, drawn halfway to a common one: a hundred examples tell little."""
    import numpy as np

    steps = np.arange(0.1, 0.75, 0.01)
    chosen = scores[None] >= steps[:, None]
    hits = (chosen & (wanted[None] > 0)).sum(1)
    best = steps[int(np.argmax(2 * hits / np.maximum(chosen.sum(1) + wanted.sum(), 1)))]
    return float((best + _COMMON) / 2)


def _floor(fits: NDArray[Any], known: NDArray[Any]) -> float:
    """The probability of fitting any expert that parts the two best (Youden's index)."""
    import numpy as np

    steps = np.arange(0.02, 0.9, 0.01)
    passed = fits[None] >= steps[:, None]
    gain = (passed & known).sum(1) / known.sum() - (passed & ~known).sum(1) / max((~known).sum(), 1)
    return float(steps[int(np.argmax(gain))])


def _fit(table: Table, wanted: NDArray[Any], share: NDArray[Any]) -> Weights:
    import numpy as np

    found = np.asarray((table.grams > 0).sum(0)).ravel()
    rarity = (np.log((1 + table.grams.shape[0]) / (1 + found)) + 1).astype(np.float32)
    design = _design(table, rarity)
    start = _least_squares(design, wanted, share) * _START_SLOPE
    start[-1] += _START_BIAS
    return Weights(rarity, _cross_entropy(design, wanted, share, start))


def _design(table: Table, rarity: NDArray[Any]) -> Any:
    """All columns side by side, n-grams of length 1, and a last column of ones."""
    import numpy as np
    from scipy import sparse

    grams = table.grams.multiply(rarity).tocsr()
    lengths = np.sqrt(np.asarray(grams.multiply(grams).sum(1)).ravel())
    grams = sparse.diags((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ grams
    ones = np.ones((grams.shape[0], 1), np.float32)
    dense = sparse.csr_matrix(table.dense * DENSE_WEIGHT)
    return sparse.hstack([grams, table.marks * MARKS_WEIGHT, dense, sparse.csr_matrix(ones)]).tocsr().astype(np.float32)


def _least_squares(design: Any, wanted: NDArray[Any], share: NDArray[Any]) -> NDArray[Any]:
    """Ridge regression by conjugate gradients on the normal equations, every output at once."""
    import numpy as np

    transposed = design.T.tocsr()

    def normal(matrix: NDArray[Any]) -> NDArray[Any]:
        result: NDArray[Any] = transposed @ (share[:, None] * (design @ matrix)) + _RIDGE * matrix
        return result

    right = transposed @ (share[:, None] * wanted)
    matrix = np.zeros_like(right)
    residual = right.copy()
    direction = residual.copy()
    size = (residual * residual).sum(0)
    for _ in range(_RIDGE_STEPS):
        image = normal(direction)
        step = size / np.maximum((direction * image).sum(0), 1e-20)
        matrix += step * direction
        residual -= step * image
        new = (residual * residual).sum(0)
        direction = residual + new / np.maximum(size, 1e-20) * direction
        size = new
    found: NDArray[Any] = matrix
    return found


def _cross_entropy(design: Any, wanted: NDArray[Any], share: NDArray[Any], start: NDArray[Any]) -> NDArray[Any]:
    """Class-balanced binary cross-entropy with weight decay, by L-BFGS from ``start``."""
    import numpy as np
    from scipy.optimize import minimize

    transposed = design.T.tocsr()
    present = share @ wanted
    balance = np.sqrt(present.mean() / np.maximum(present, 1)).astype(np.float32)
    weight = share[:, None] * np.where(wanted > 0, balance, 1).astype(np.float32)

    def loss(flat: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        matrix = flat.reshape(start.shape).astype(np.float32)
        logits = design @ matrix
        entropy = float((weight * (np.logaddexp(0, logits) - wanted * logits)).sum())
        slope = transposed @ (weight * (_sigmoid(logits) - wanted)) + _DECAY * matrix
        return entropy + 0.5 * _DECAY * float((matrix * matrix).sum()), slope.ravel().astype(np.float64)

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 10})
    result: NDArray[Any] = found.x.reshape(start.shape).astype(np.float32)
    return result


def _quantised(weights: Weights) -> Head:
    """The weights as a head without calibration; those of n-grams in 8 bits."""
    import numpy as np

    count = len(marks().names)
    grams, seen, dense, bias = np.split(weights.matrix, [BUCKETS, BUCKETS + count, len(weights.matrix) - 1])
    scales = np.maximum(np.abs(grams).max(0), 1e-9) / 127
    return Head(
        np.round(grams / scales).astype(np.int8),
        scales.astype(np.float32),
        weights.rarity,
        np.ascontiguousarray(seen),
        np.ascontiguousarray(dense),
        bias[0].copy(),
        np.zeros(4, np.float32),
        np.zeros(4, np.float32),
        np.zeros((len(DOMAINS), 2), np.float32),
        np.full(len(DOMAINS), 0.5, np.float32),
        np.array([0.5], np.float32),
    )
