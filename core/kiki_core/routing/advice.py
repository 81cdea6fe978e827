"""The advisor bridge: other packages may say what they think of a question, by domain.

An advisor is an entry point of the group `kiki.advisors`: a callable that takes the text and gives logits for some of
the domains, or nothing. Advice is blended before the sigmoid, `(1 - a) * logit + a * advice`, for the domains that it
names; the others stay as they are. An advisor that is absent, fails, takes too long or says nonsense changes nothing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUP = "kiki.advisors"
WEIGHT = 0.5
_PATIENCE_S = 0.05
_LARGEST = 20.0
"""Advice is a logit: beyond this nothing is more certain."""

Advisor = Callable[[str], Mapping[str, float] | None]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Advisors:
    """Advisors by name, with the share of the result that advice gets, 0 to 1."""

    advisors: Sequence[tuple[str, Advisor]]
    weight: float = WEIGHT

    def advice(self, text: str) -> Advice:
        """What the advisors say: the mean by domain over those that name it."""
        if not self.advisors or self.weight == 0:
            return Advice({}, self.weight)
        named: dict[str, list[float]] = {}
        for name, advisor in self.advisors:
            for domain, logit in _asked(name, advisor, text).items():
                named.setdefault(domain, []).append(logit)
        return Advice({domain: sum(logits) / len(logits) for domain, logits in named.items()}, self.weight)


@dataclass(frozen=True)
class Advice:
    """Logits by domain, and the weight that they get."""

    logits: Mapping[str, float]
    weight: float


def installed(weight: float = WEIGHT) -> Advisors:
    """The advisors that are installed; one that can't be loaded is left out."""
    from importlib.metadata import entry_points

    found = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            found.append((point.name, point.load()))
        except Exception as error:  # noqa: BLE001  foreign code: whatever it raises, routing goes on without it
            _log.warning("the advisor %s can't be loaded: %s", point.name, error)
    return Advisors(tuple(found), weight)


def blended(logits: NDArray[Any], advice: Advice) -> tuple[NDArray[Any], frozenset[str]]:
    """The logits with the advice blended in, and the domains that it names. Without advice, the very same array."""
    if not advice.logits:
        return logits, frozenset()
    result = logits.copy()
    for domain, logit in advice.logits.items():
        index = DOMAINS.index(domain)
        result[index] = (1 - advice.weight) * result[index] + advice.weight * logit
    return result, frozenset(advice.logits)


def _asked(name: str, advisor: Advisor, text: str) -> Mapping[str, float]:
    """One advisor's logits; none if it fails, takes too long, or names what isn't a domain or a number."""
    answers: list[Mapping[str, float]] = []

    def ask() -> None:
        try:
            answers.append(_checked(advisor(text)))
        except Exception as error:  # noqa: BLE001  foreign code, see above
            _log.warning("the advisor %s failed: %s", name, error)

    # A thread can't be stopped; a daemon that is late is left to itself, and its answer to nobody.
    thread = Thread(target=ask, name=f"advisor {name}", daemon=True)
    thread.start()
    thread.join(_PATIENCE_S)
    if thread.is_alive():
        _log.warning("the advisor %s took longer than %.0f ms", name, _PATIENCE_S * 1e3)
        return {}
    return answers[0] if answers else {}


def _checked(answer: Mapping[str, float] | None) -> Mapping[str, float]:
    if answer is None:
        return {}
    checked = {}
    for domain, logit in answer.items():
        value = float(logit)
        if domain not in DOMAINS or not math.isfinite(value):
            raise ValueError(f"{domain!r}: {logit!r} is no logit of a domain")
        checked[domain] = min(max(value, -_LARGEST), _LARGEST)
    return checked
