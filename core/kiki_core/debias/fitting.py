"""The classifier's training, from the written examples in `data/examples.jsonl`: deterministic, seconds.

Each line has a question, an answer, and the biases that a person sees in it. Every mark of a question is one example;
it is positive if its bias is named. L2-regularised logistic regression (scikit-learn); its penalty is the one whose
probabilities are best (Brier score) in ten-fold cross-validation, so that they are calibrated; the held-out figures are
those of that cross-validation.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np

from kiki_core.debias import features
from kiki_core.debias.detector import FLAGGED, _of_answer
from kiki_core.debias.marks import marks
from kiki_core.debias.options import options

_PENALTIES = (0.1, 0.3, 1.0, 3.0, 10.0)
_FOLDS = 10


@dataclass(frozen=True, slots=True)
class Fitted:
    """The model as it is kept, with its held-out figures."""

    weights: dict[str, float]
    intercept: float
    figures: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """As in `data/model.json`."""
        return {"weights": self.weights, "intercept": self.intercept, "held_out": self.figures}


def examples() -> list[dict[str, Any]]:
    """The written examples."""
    lines = (files("kiki_core.debias.data") / "examples.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def rows(items: list[dict[str, Any]]) -> tuple[features.Row, features.Row, features.Row]:
    """Features, labels (0 or 1) and the number of its example, for every mark of the examples."""
    x, y, group = [], [], []
    for number, item in enumerate(items):
        found = options(item["question"])
        for mark in (*marks(item["question"], found), *_of_answer(item["question"], item["answer"])):
            x.append(features.row(mark, item["answer"], found, item["question"]))
            y.append(float(mark.bias in item["biases"]))
            group.append(float(number))
    return np.stack(x), np.array(y), np.array(group)


def fit(items: list[dict[str, Any]]) -> Fitted:
    """The model of these examples."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    x, y, group = rows(items)
    held: dict[float, features.Row] = {}
    for penalty in _PENALTIES:
        guessed = np.zeros(len(y))
        for train, test in GroupKFold(_FOLDS).split(x, y, group):
            model = LogisticRegression(C=penalty, max_iter=2000).fit(x[train], y[train])
            guessed[test] = model.predict_proba(x[test])[:, 1]
        held[penalty] = guessed
    best = min(_PENALTIES, key=lambda penalty: float(((held[penalty] - y) ** 2).mean()))
    model = LogisticRegression(C=best, max_iter=2000).fit(x, y)
    weights = {name: round(float(w), 5) for name, w in zip(features.NAMES, model.coef_[0], strict=True)}
    return Fitted(weights, round(float(model.intercept_[0]), 5), _figures(held[best], y, best))


def _figures(p: features.Row, y: features.Row, penalty: float) -> dict[str, float]:
    flagged = p >= FLAGGED
    hits = float((flagged & (y == 1)).sum())
    bins = np.minimum((p * 5).astype(int), 4)
    gaps = [abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in range(5) if (bins == b).any()]
    return {
        "marks": float(len(y)),
        "positive": float(y.sum()),
        "precision": round(hits / max(float(flagged.sum()), 1.0), 3),
        "recall": round(hits / max(float(y.sum()), 1.0), 3),
        "false_flags": round(float((flagged & (y == 0)).sum()) / max(float((y == 0).sum()), 1.0), 3),
        "brier": round(float(((p - y) ** 2).mean()), 4),
        "calibration_error": round(float(sum(gaps)), 4),
        "penalty": penalty,
    }
