"""The router: which experts a question goes to, with probabilities, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS, MAX_ACTIVE
from kiki_core.events import Expert
from kiki_core.routing.advice import Advisors, blended
from kiki_core.routing.features import ALONE, Surroundings, features, shortened
from kiki_core.routing.head import Head, load
from kiki_core.routing.static import StaticEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST = 0.1
"""A question that fits kiki's domains goes to the best one even below its threshold, but not below this score."""
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Routing:
    """Probabilities of all domains, the active experts (at most four, best first), and whether there are none.

    ``inside``: the probability that the question fits any of the domains.
    """

    scores: dict[str, float]
    active: tuple[Expert, ...]
    none: bool
    inside: float


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants of the experts: ``pinned`` ones answer in any case, ``muted`` ones never."""

    pinned: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()


AS_ROUTED = Wishes()


class Router:
    """Routes by the trained head; loads it on first use. ``offsets``: a person's corrections of the calibration."""

    def __init__(
        self, folder: Path | None = None, advisors: Advisors | None = None, offsets: Mapping[str, float] | None = None
    ) -> None:
        self._folder = folder
        self._advisors = advisors or Advisors(())
        self._offsets = dict(offsets or {})
        self.encoder = StaticEncoder()

    @cached_property
    def head(self) -> Head:
        """The trained head.

        Raises:
            KikiError: if its file is missing or isn't one.
        """
        return load(self._folder)

    def route(self, text: str, surroundings: Surroundings = ALONE, wishes: Wishes = AS_ROUTED) -> Routing:
        """The experts for ``text``; of a long text its beginning and end count.

        Raises:
            KikiError: if the head can't be read.
        """
        return wished(self.route_many([text], surroundings)[0], wishes)

    def route_many(self, texts: Sequence[str], surroundings: Surroundings = ALONE) -> list[Routing]:
        """The experts for each text, in order."""
        routings: list[Routing] = []
        for start in range(0, len(texts), _BATCH):
            short = [shortened(text) for text in texts[start : start + _BATCH]]
            vectors = self.encoder.encode(short)
            routings += [
                self._routing(self.calibrated(text, vector, surroundings), text)
                for text, vector in zip(short, vectors, strict=True)
            ]
        return routings

    def calibrated(
        self, text: str, vector: NDArray[Any], surroundings: Surroundings = ALONE
    ) -> tuple[NDArray[Any], float]:
        """The domains' logits before advice, and the logit of fitting any, for a `shortened` text and its vector."""
        return self.head.calibrated(self.head.logits(features(text, surroundings), vector))

    def _routing(self, calibrated: tuple[NDArray[Any], float], text: str) -> Routing:
        import numpy as np

        logits, fits = calibrated
        if not any(char.isalnum() for char in text):
            return Routing(dict.fromkeys(DOMAINS, 0.0), (), True, 0.0)
        if self._offsets:
            logits = logits + np.array([self._offsets.get(domain, 0.0) for domain in DOMAINS], np.float32)
        logits, advised = blended(logits, self._advisors.advice(text))
        scores = 1 / (1 + np.exp(-np.clip(logits, -60, 60)))
        inside = float(1 / (1 + np.exp(-np.clip(fits, -60, 60))))
        order = np.argsort(-scores, kind="stable")
        chosen = [int(d) for d in order[:MAX_ACTIVE] if scores[d] >= self.head.thresholds[d]]
        best = int(order[0])
        if not chosen and inside >= self.head.floor[0] and scores[best] >= _LEAST:
            chosen = [best]
        if inside < self.head.floor[0]:
            chosen = [d for d in chosen if DOMAINS[d] in advised]
        active = tuple(Expert(DOMAINS[d], round(float(scores[d]), 4)) for d in chosen)
        return Routing({d: float(s) for d, s in zip(DOMAINS, scores, strict=True)}, active, not active, inside)


def wished(routing: Routing, wishes: Wishes) -> Routing:
    """The routing as a person wants it: pinned experts first, muted ones left out, four at most."""
    if not wishes.pinned and not wishes.muted:
        return routing
    pinned = [Expert(domain, round(routing.scores[domain], 4)) for domain in wishes.pinned]
    others = [e for e in routing.active if e.domain not in wishes.pinned and e.domain not in wishes.muted]
    active = (*pinned, *others)[:MAX_ACTIVE]
    return replace(routing, active=active, none=not active)
