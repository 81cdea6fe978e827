"""From a file of pairs to what is trained on and what is held out: licences, doubles, leaks, whole groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiki_core.adapters import probes
from kiki_core.errors import KikiError
from kiki_core.training import pairs
from kiki_core.training.pairs import Pair
from kiki_core.training.recipes import Recipe

LEAST = 20
"""Pairs that a training needs."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Pairs for training and held out, and how many were left out: of another domain or kind, double, or standing in an
    evaluation."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    others: int
    other_kinds: int
    doubles: int
    leaks: int
    sha256: str
    licences: tuple[tuple[str, int], ...]
    file: str

    def to_json(self) -> dict[str, Any]:
        """As it stands in a provenance."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "pairs": len(self.train),
            "held_out": len(self.held_out),
            "of_other_domains": self.others,
            "of_other_kinds": self.other_kinds,
            "doubles": self.doubles,
            "leaks": self.leaks,
            "licences": dict(self.licences),
        }


def prepared(path: Path, recipe: Recipe, evaluations: Sequence[Path] = (), licences: Sequence[str] = ()) -> Prepared:
    """Reads and divides a file of pairs. What stands in kiki's probes or in an evaluation file is left out.

    ``licences``: allowed besides the permissive ones.

    Raises:
        KikiError: for bad lines (by number), a licence that isn't allowed, or too few pairs.
    """
    everything = pairs.read(path)
    mine = [pair for pair in everything if pair.domain == recipe.domain]
    if not mine:
        there = ", ".join(sorted({pair.domain for pair in everything}))
        raise KikiError(f"{path} holds no pair of {recipe.domain}, only of {there}", "name another file with --data")
    of_domain = len(mine)
    # Somebody's own data may have kinds of its own; they are all meant then.
    mine = [pair for pair in mine if pair.group.split("/", 1)[0] in recipe.kinds] or mine
    allowed = pairs.PERMISSIVE | set(licences)
    for pair in mine:
        if pair.licence not in allowed:
            raise KikiError(
                f"{path}: the licence {pair.licence[:60]!r} of {pair.source[:80]!r} isn't known as permissive",
                f"leave such pairs out, or --licence {pair.licence[:60]!r} if you may",
            )
    kept, doubles = pairs.deduplicated(mine)
    asked = [probe.prompt for probe in probes.read()]
    for file in evaluations:
        asked += [pair.instruction for pair in pairs.read(file)]
    leaked = {twin.one for twin in pairs.leaks(kept, asked)}
    clean = [pair for place, pair in enumerate(kept) if place not in leaked]
    if len(clean) < LEAST:
        raise KikiError(f"{path} leaves {len(clean)} pairs of {recipe.domain}", f"a training needs {LEAST}")
    train, held_out = pairs.split(clean, recipe.held_out, recipe.seed)
    near = {twin.one for twin in pairs.leaks(train, [pair.instruction for pair in held_out])}
    fair = tuple(pair for place, pair in enumerate(train) if place not in near)
    if not fair:
        raise KikiError(f"{path}: every pair is all but the same as one held out", "give more varied pairs")
    return Prepared(
        fair, held_out, len(everything) - of_domain, of_domain - len(mine), len(doubles), len(leaked) + len(near),
        pairs.digest(clean), tuple(sorted(Counter(pair.licence for pair in clean).items())), path.name,
    )  # fmt: skip
