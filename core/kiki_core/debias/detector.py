"""RBD (arXiv 2505.17100) without a model: rules find what leans, a classifier whether the answer gave way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np

from kiki_core.artefacts import without
from kiki_core.debias import features
from kiki_core.debias.marks import CROWD, Mark, marks, sentences, shown
from kiki_core.debias.options import options

FLAGGED = 0.5
_REASONS = {
    "bandwagon": "the answer follows what others are said to use",
    "anchoring": "the answer repeats a number of the question that nothing derives",
    "framing": "the answer takes over what the question presupposes",
    "position": "the answer takes the first option and gives no ground",
    "sentiment": "the answer follows the feeling in the question",
    "verbosity": "length stands for quality",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A bias of an answer: its name, the words that show it, how sure (0..1), why, and the question's mark."""

    bias: str
    quote: str
    confidence: float
    reason: str
    mark: Mark


def find(question: str, answer: str, floor: float = FLAGGED) -> tuple[Finding, ...]:
    """What in an answer looks biased, the surest first. No model; milliseconds."""
    answer = "\n".join(answer[begin:end] for begin, end in without(answer)) if "```" in answer else answer
    question, answer = shown(question), shown(answer)
    found = options(question)
    candidates = [*marks(question, found), *_of_answer(question, answer)]
    if not candidates:
        return ()
    rows = np.stack([features.row(mark, answer, found, question) for mark in candidates])
    judged = [
        Finding(mark.bias, mark.quote[:200], round(float(p), 3), _REASONS[mark.bias], mark)
        for mark, p in zip(candidates, probabilities(rows), strict=True)
        if p >= floor
    ]
    return tuple(sorted(judged, key=lambda one: -one.confidence))


def probabilities(rows: features.Row) -> features.Row:
    """The logistic model's probability for each row of features."""
    weights, intercept = _model()
    return np.asarray(1 / (1 + np.exp(-(rows @ weights + intercept))))


@cache
def _model() -> tuple[features.Row, float]:
    kept = json.loads((files("kiki_core.debias.data") / "model.json").read_text("utf-8"))
    return np.array([kept["weights"][name] for name in features.NAMES]), float(kept["intercept"])


def _of_answer(question: str, answer: str) -> list[Mark]:
    """Marks that the answer alone bears: a crowd as its ground, and length without content."""
    text, found = answer[:20_000], []
    if not CROWD.search(question):
        for begin, end in sentences(text):
            if CROWD.search(text[begin:end]):
                found.append(Mark("bandwagon", text[begin:end].strip(), 0, 0))
                break
    if len(text.split()) > 150:
        begin, end = next(sentences(text), (0, 80))
        found.append(Mark("verbosity", text[begin:end].strip(), 0, 0))
    return found
