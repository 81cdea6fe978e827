"""How good the router is: on prompts that it hasn't seen, beside simpler ways on the same features."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS, MERGES
from kiki_core.routing.dataset import Prompt
from kiki_core.routing.router import Router

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BINS = 15


@dataclass(frozen=True)
class Figures:
    """Measures on one set of prompts; shares in 0..1, nan where the set has none of the kind.

    ``top1``, ``top3``: single-label prompts, by the greatest score; ``top1_merged``: of the 31 merged domains.
    ``micro_f1``, ``macro_f1``, ``exact``: active experts against labels on all in-domain prompts; ``multi_f1``: micro
    F1 on those with several labels. ``ece``: expected calibration error over all pairs of prompt and domain whose score
    or label isn't nearly nought; ``ece_top``: of the best domain's score. ``auroc``, ``fpr95``: telling in-domain
    prompts from others, by the probability of fitting any. ``none_right``: out-of-domain prompts answered by none;
    ``none_wrong``: in-domain prompts answered by none.
    """

    prompts: int
    top1: float
    top3: float
    top1_merged: float
    micro_f1: float
    macro_f1: float
    multi_f1: float
    exact: float
    ece: float
    ece_top: float
    auroc: float
    fpr95: float
    none_right: float
    none_wrong: float
    by_language: dict[str, float] = field(default_factory=dict)
    by_domain: dict[str, float] = field(default_factory=dict)
    confusions: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Scored:
    """What a way of routing says of n prompts: scores and active experts (n, 35), probability of fitting any (n,)."""

    scores: NDArray[Any]
    active: NDArray[Any]
    inside: NDArray[Any]


def routed(router: Router, prompts: Sequence[Prompt]) -> Scored:
    """What the router says of prompts."""
    import numpy as np

    routings = router.route_many([prompt.text for prompt in prompts])
    active = np.zeros((len(prompts), len(DOMAINS)), bool)
    for row, routing in enumerate(routings):
        active[row, [DOMAINS.index(expert.domain) for expert in routing.active]] = True
    scores = np.array([[routing.scores[domain] for domain in DOMAINS] for routing in routings])
    return Scored(scores, active, np.array([routing.inside for routing in routings]))


def figures(scored: Scored, prompts: Sequence[Prompt]) -> Figures:
    """The measures of ``scored`` against the prompts' labels."""
    import numpy as np
    from sklearn.metrics import f1_score, roc_auc_score, roc_curve

    wanted = np.array([[domain in prompt.labels for domain in DOMAINS] for prompt in prompts])
    count = wanted.sum(1)
    main = np.array([DOMAINS.index(prompt.labels[0]) if prompt.labels else -1 for prompt in prompts])
    single, inside, several = count == 1, count > 0, count > 1
    ranked = np.argsort(-scored.scores, axis=1, kind="stable")
    right = ranked[:, 0] == main
    group = np.array([_merged_index(d) for d in range(len(DOMAINS))])
    nan = float("nan")
    both = bool(inside.any() and (~inside).any())
    auroc = fpr95 = nan
    if both:
        auroc = float(roc_auc_score(inside, scored.inside))
        passed, kept, _ = roc_curve(inside, scored.inside)
        fpr95 = float(passed[np.searchsorted(kept, 0.95)])
    confusions = Counter(
        (DOMAINS[main[row]], DOMAINS[ranked[row, 0]]) for row in np.flatnonzero(single & ~right)
    ).most_common(12)

    def share(chosen: Any, of: NDArray[Any]) -> float:
        return float(chosen[of].mean()) if of.any() else nan

    def f1(average: str, of: NDArray[Any]) -> float:
        return float(f1_score(wanted[of], scored.active[of], average=average, zero_division=0)) if of.any() else nan

    of_domain = {domain: single & (main == index) for index, domain in enumerate(DOMAINS)}
    language = np.array([prompt.language for prompt in prompts])
    return Figures(
        prompts=len(prompts),
        top1=share(right, single),
        top3=share((ranked[:, :3] == main[:, None]).any(1), single),
        top1_merged=share(group[ranked[:, 0]] == group[np.maximum(main, 0)], single),
        micro_f1=f1("micro", inside),
        macro_f1=f1("macro", inside),
        multi_f1=f1("micro", several),
        exact=share((wanted == scored.active).all(1), inside),
        ece=_ece(scored.scores.ravel(), wanted.ravel()),
        ece_top=_ece(scored.scores.max(1), wanted[np.arange(len(prompts)), ranked[:, 0]]),
        auroc=auroc,
        fpr95=fpr95,
        none_right=share(~scored.active.any(1), ~inside),
        none_wrong=share(~scored.active.any(1), inside),
        by_language={str(name): share(right, single & (language == name)) for name in np.unique(language[single])},
        by_domain={domain: share(right, of) for domain, of in of_domain.items() if of.any()},
        confusions=[(meant, got, times) for (meant, got), times in confusions],
    )


def latency(router: Router, texts: Sequence[str]) -> tuple[float, float, float]:
    """Milliseconds a question, median and 95th percentile, warm; and questions a second in a batch."""
    for text in texts[:5]:
        router.route(text)
    times = []
    for text in texts:
        start = time.perf_counter()
        router.route(text)
        times.append((time.perf_counter() - start) * 1e3)
    start = time.perf_counter()
    router.route_many(texts)
    rate = len(texts) / (time.perf_counter() - start)
    return statistics.median(times), statistics.quantiles(times, n=20)[18], rate


def rows(figures_by_name: Sequence[tuple[str, Figures]]) -> list[tuple[str, ...]]:
    """The figures as a table, a row a way of routing, the header first."""
    columns: tuple[tuple[str, Callable[[Figures], float]], ...] = (
        ("top-1", lambda f: f.top1),
        ("top-3", lambda f: f.top3),
        ("top-1 of 31", lambda f: f.top1_merged),
        ("micro F1", lambda f: f.micro_f1),
        ("macro F1", lambda f: f.macro_f1),
        ("F1, several", lambda f: f.multi_f1),
        ("exact", lambda f: f.exact),
        ("ECE", lambda f: f.ece),
        ("ECE, best", lambda f: f.ece_top),
        ("AUROC", lambda f: f.auroc),
        ("FPR95", lambda f: f.fpr95),
    )
    header = ("", *(name for name, _ in columns))
    return [header, *((name, *(_cell(read(f)) for _, read in columns)) for name, f in figures_by_name)]


def _cell(value: float) -> str:
    return "" if value != value else f"{value:.3f}".removeprefix("0")


def _merged_index(domain: int) -> int:
    for number, members in enumerate(MERGES.values()):
        if DOMAINS[domain] in members:
            return 100 + number
    return domain


def _ece(scores: NDArray[Any], labels: NDArray[Any]) -> float:
    """Expected calibration error over equal bins of the score, of pairs that matter: a score above .01, or a label."""
    import numpy as np

    matters = (scores > 0.01) | labels
    scores, labels = scores[matters], labels[matters]
    bins = np.minimum((scores * _BINS).astype(int), _BINS - 1)
    gaps = [
        (bins == b).mean() * abs(scores[bins == b].mean() - labels[bins == b].mean())
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))
