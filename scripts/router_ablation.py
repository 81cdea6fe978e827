"""What each part of the router is worth: trained without it, on all groups but one fold, measured on that fold.

A row a variant: top-1 and top-3 of single-label prompts, and AUROC of telling what fits none. About ten minutes.
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from kiki_core.routing import dataset, training
from kiki_core.routing.dataset import place_of
from kiki_core.routing.static import StaticEncoder
from kiki_core.routing.training import Table


def main() -> None:
    prompts = [prompt for prompt in dataset.prompts() if prompt.split == "train"]
    terms = dataset.terms()
    table = training.tabulate([*(p.text for p in prompts), *(term for _, term in terms)], StaticEncoder())
    labels = [*(p.labels for p in prompts), *((() if name == training.OUTSIDE else (name,)) for name, _ in terms)]
    wanted = training.targets(labels)
    share = np.concatenate([np.ones(len(prompts)), np.full(len(terms), 0.3)]).astype(np.float32)
    fold = np.array([place_of(p.group, training.FOLDS, "fold ") for p in prompts] + [-1] * len(terms))
    is_term = fold == -1
    variants = {
        "everything": (table, fold != 0),
        "without glossaries": (table, (fold != 0) & ~is_term),
        "without marks": (Table(table.grams, table.marks * 0, table.dense), fold != 0),
        "without sentence vectors": (Table(table.grams, table.marks, table.dense * 0), fold != 0),
        "without n-grams": (Table(table.grams * 0, table.marks, table.dense), fold != 0),
    }
    for name, (seen, known) in variants.items():
        weights = training._fit(seen.rows(np.flatnonzero(known)), wanted[known], share[known])
        outputs = weights.outputs(seen.rows(np.flatnonzero(fold == 0)))
        print(f"{name:26}", *_figures(outputs, wanted[fold == 0]), flush=True)
        if name == "everything":
            prompts_known = known & ~is_term & (wanted[:, -1] == 0)
            nearest = (seen.dense[fold == 0] @ seen.dense[prompts_known].T).max(1)
            _outside(outputs, wanted[fold == 0], nearest)


def _figures(outputs: np.ndarray, wanted: np.ndarray) -> tuple[str, str, str]:
    single = (wanted[:, :-1].sum(1) == 1) & (wanted[:, -1] == 0)
    ranked = np.argsort(-outputs[single, :-1], axis=1)
    right = wanted[single, :-1].argmax(1)
    greatest = outputs[:, :-1].max(1)
    return (
        f"top-1 {(ranked[:, 0] == right).mean():.3f}",
        f"top-3 {(ranked[:, :3] == right[:, None]).any(1).mean():.3f}",
        f"AUROC of the greatest logit {roc_auc_score(wanted[:, -1] == 0, greatest):.3f}",
    )


def _outside(outputs: np.ndarray, wanted: np.ndarray, nearest: np.ndarray) -> None:
    """AUROC by which signs tell what fits none; half of the fold fits their weights, the other half measures."""
    signs = np.column_stack([training.signs(outputs)[:, :3], nearest])
    known = wanted[:, -1] == 0
    half = np.arange(len(known)) % 2 == 0
    for name, columns in (
        ("greatest logit", [0]), ("energy", [1]), ("36th output", [2]), ("distance", [3]),
        ("the first three", [0, 1, 2]), ("all four", [0, 1, 2, 3]),
    ):  # fmt: skip
        model = LogisticRegression(C=10.0).fit(signs[half][:, columns], known[half])
        told = model.predict_proba(signs[~half][:, columns])[:, 1]
        print(f"  none, by {name:16} AUROC {roc_auc_score(known[~half], told):.3f}")


if __name__ == "__main__":
    main()
