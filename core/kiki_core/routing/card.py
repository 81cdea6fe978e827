"""The head's model card, written from its evaluation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from kiki_core.domains import DOMAINS
from kiki_core.files import write_atomically
from kiki_core.routing import dataset
from kiki_core.routing.baselines import baselines
from kiki_core.routing.dataset import Prompt
from kiki_core.routing.evaluation import Figures, figures, routed, rows
from kiki_core.routing.router import Router

_INTRODUCTION = """# The router's head

Which of kiki's 35 experts a question goes to. A linear map from n-grams of words and letters (16,384 hashed columns),
marks (what can be seen without understanding: a SPICE card, a HAL call, an error's shape) and a sentence vector of 128
dimensions (mean of token vectors distilled from MiniLM-L6, Apache-2.0) to a sigmoid for each domain, and one for what
fits none. Trained by class-balanced binary cross-entropy from a least-squares start; Platt-scaled by domain, thresholds
by F1, both on prompts that the scoring model hadn't seen (grouped folds). Deterministic: `kiki router train`.

For questions typed by engineers and developers in English and French; for hardware in German and Spanish too. One in
another language, or about a thing that no training prompt resembles, may be sent to the wrong expert, or to none. An
answer never depends on the router alone: what the experts write is verified.
"""


def write(folder: Path, router: Router, prompts: Sequence[Prompt]) -> None:
    """Writes `README.md` beside the head in ``folder``."""
    train = [prompt for prompt in prompts if prompt.split == "train"]
    parts = [_INTRODUCTION, _data(prompts)]
    for name, about in (
        ("test", "Groups of prompts apart from training, by the same writers"),
        ("transfer", "Written apart, by another writer, in other styles"),
    ):
        chosen = [prompt for prompt in prompts if prompt.split == name]
        measured = [("kiki", figures(routed(router, chosen), chosen))]
        measured += [(way, figures(scored, chosen)) for way, scored in baselines(train, chosen)]
        parts.append(f"## {name.capitalize()}: {len(chosen)} prompts\n\n{about}.\n\n{_table(rows(measured))}")
        parts.append(_details(measured[0][1]))
    write_atomically(folder / "README.md", "\n".join(parts))


def _data(prompts: Sequence[Prompt]) -> str:
    counted = Counter(prompt.split for prompt in prompts)
    outside = sum(not prompt.labels for prompt in prompts if prompt.split == "train")
    return (
        f"Data: {counted['train']} prompts for training ({outside} of them fit none), "
        f"{len(dataset.terms())} glossary lines, "
        f"{counted['test']} and {counted['transfer']} for testing; SHA-256 `{dataset.fingerprint()[:16]}…`. "
        "The datasheet is `../data/README.md`.\n"
    )


def _details(found: Figures) -> str:
    languages = ", ".join(f"{language} {share:.3f}" for language, share in found.by_language.items())
    domains = ", ".join(f"{domain} {found.by_domain[domain]:.2f}" for domain in DOMAINS if domain in found.by_domain)
    confused = ", ".join(f"{meant} -> {got} ({times})" for meant, got, times in found.confusions)
    return (
        f"\nTop-1 by language: {languages}.\n\nTop-1 by domain: {domains}.\n\nMost confused: {confused}.\n\n"
        f"None is said of {found.none_right:.3f} of what fits none, and of {found.none_wrong:.3f} of what fits.\n"
    )


def _table(listed: Sequence[Sequence[str]]) -> str:
    header, *body = listed
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
