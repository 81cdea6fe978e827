"""Simpler ways to route, on the same data and features: what the router has to beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS
from kiki_core.routing.dataset import Prompt
from kiki_core.routing.evaluation import Scored
from kiki_core.routing.features import words
from kiki_core.routing.static import StaticEncoder
from kiki_core.routing.training import tabulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEIGHBOURS = 10
_HALF = 0.5


def baselines(train: Sequence[Prompt], test: Sequence[Prompt]) -> Iterator[tuple[str, Scored]]:
    """Keyword, TF-IDF with logistic regression, centroid and nearest neighbours, with what they say of ``test``."""
    import numpy as np

    wanted = np.array([[domain in prompt.labels for domain in DOMAINS] for prompt in train], np.float32)
    yield "keywords", _keywords(train, test)
    learnt, unseen = (tabulate([p.text for p in part], StaticEncoder()) for part in (train, test))
    yield "TF-IDF + logistic regression", _tfidf(learnt.grams, wanted, unseen.grams)
    marked = (np.hstack([table.dense, np.asarray(table.marks.todense())]) for table in (learnt, unseen))
    near, far = (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9) for rows in marked)
    centres = wanted.T @ near
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    yield "centroid", _scored(far @ centres.T)
    similarity = far @ near.T
    nearest = np.argsort(-similarity, axis=1)[:, :_NEIGHBOURS]
    weights = np.take_along_axis(similarity, nearest, 1)
    votes = (weights[:, :, None] * wanted[nearest]).sum(1) / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    yield "nearest neighbours", _scored(votes)


def _keywords(train: Sequence[Prompt], test: Sequence[Prompt]) -> Scored:
    """A domain's score: the share of its twenty most telling words that stand in the text."""
    import numpy as np

    counts = {domain: Counter[str]() for domain in DOMAINS}
    everywhere: Counter[str] = Counter()
    for prompt in train:
        for word in {word for word in words(prompt.text) if word[0].isalpha() and len(word) > 2}:
            everywhere[word] += 1
            for domain in prompt.labels:
                counts[domain][word] += 1
    telling = {
        domain: sorted(count, key=lambda word: (-(count[word] ** 2) / everywhere[word], word))[:20]
        for domain, count in counts.items()
    }
    scores = np.zeros((len(test), len(DOMAINS)))
    for row, prompt in enumerate(test):
        found = set(words(prompt.text))
        scores[row] = [sum(word in found for word in telling[domain]) / 3 for domain in DOMAINS]
    return _scored(scores)


def _tfidf(train: Any, wanted: NDArray[Any], test: Any) -> Scored:
    import numpy as np
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression

    weigh = TfidfTransformer()
    known, unknown = weigh.fit_transform(train), weigh.transform(test)
    scores = np.zeros((test.shape[0], len(DOMAINS)))
    for column in range(len(DOMAINS)):
        model = LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced")
        scores[:, column] = model.fit(known, wanted[:, column]).predict_proba(unknown)[:, 1]
    return _scored(scores)


def _scored(scores: NDArray[Any]) -> Scored:
    return Scored(scores, scores >= _HALF, scores.max(1))
