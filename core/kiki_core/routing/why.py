"""Why a question goes where it goes: the words and marks that moved the scores, and the nearest training prompts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kiki_core.domains import DOMAINS
from kiki_core.routing import dataset
from kiki_core.routing.features import ALONE, Surroundings, features, grams_of, shortened, words
from kiki_core.routing.head import DENSE_WEIGHT, MARKS_WEIGHT
from kiki_core.routing.marks import marks
from kiki_core.routing.router import Router, Routing

_FEW = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """Something in the text that moved a domain's logit, and by how much."""

    domain: str
    what: str
    moved: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training prompt like the question: cosine of the sentence vectors."""

    text: str
    labels: tuple[str, ...]
    similarity: float


def reasons(router: Router, routing: Routing, text: str, surroundings: Surroundings = ALONE) -> list[Reason]:
    """What moved the scores of the active experts (or of the best domain), the strongest first for each."""
    import numpy as np

    head = router.head
    text = shortened(text)
    found = features(text, surroundings)
    buckets = {bucket: weight * float(head.rarity[bucket]) for bucket, weight in found.grams.items()}
    length = math.sqrt(sum(weight * weight for weight in buckets.values())) or 1.0
    vector = router.encoder.encode([text])[0]
    told = []
    best = max(routing.scores, key=lambda domain: routing.scores[domain])
    for domain in [expert.domain for expert in routing.active] or [best]:
        column = DOMAINS.index(domain)
        slope = float(head.calibration[column, 0] * head.standing[0])
        scale = slope * float(head.scales[column]) / length
        moved = [
            Reason(domain, f"“{word}”", scale * sum(buckets[b] * int(head.grams[b, column]) for b in grams_of(word)))
            for word in dict.fromkeys(words(text))
        ]
        share = slope * MARKS_WEIGHT / math.sqrt(max(len(found.marks), 1))
        moved += [Reason(domain, marks().names[m], share * float(head.marks[m, column])) for m in found.marks]
        meaning = slope * DENSE_WEIGHT * float(np.dot(vector, head.dense[:, column]))
        moved.append(Reason(domain, "the sentence's meaning", meaning))
        told += sorted(moved, key=lambda reason: -abs(reason.moved))[:_FEW]
    return told


def neighbours(router: Router, routing: Routing, text: str, count: int = 3) -> list[Neighbour]:
    """The training prompts most like the question, among those of its three best domains and of none."""
    import numpy as np

    ranked = sorted(routing.scores, key=lambda domain: -routing.scores[domain])[:3]
    near = [p for p in dataset.prompts() if p.split == "train" and (not p.labels or set(p.labels) & set(ranked))]
    vectors = router.encoder.encode([shortened(prompt.text) for prompt in near])
    similarity = vectors @ router.encoder.encode([shortened(text)])[0]
    order = np.argsort(-similarity)[:count]
    return [Neighbour(near[i].text, near[i].labels, float(similarity[i])) for i in order]
