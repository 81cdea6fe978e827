"""The router's head: a sigmoid per domain over n-grams, marks and the sentence vector, calibrated, with thresholds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.routing.features import BUCKETS, Features
from kiki_core.routing.marks import marks
from kiki_core.routing.static import DIMENSIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUTPUTS = len(DOMAINS) + 1
"""A column for each domain, and one for what is outside of all."""
MARKS_WEIGHT, DENSE_WEIGHT = 0.35, 0.7
"""Lengths of a text's marks and sentence vector, where its n-grams have length 1."""
_FILE = "head.safetensors"


@dataclass(frozen=True)
class Head:
    """Trained arrays: float32, but ``grams``, which is int8. D: domains, O = D + 1: outputs.

    ``grams`` (buckets, O) times ``scales`` (O,); ``rarity`` (buckets,): inverse document frequency; ``marks``
    (marks, O); ``dense`` (dimensions, O); ``bias`` (O,). ``inside`` (4,): weights of greatest logit, energy, outside's
    logit and 1 in the logit of fitting any expert. ``standing`` (4,): weights of a domain's logit, of fitting any, of
    its lead over the others and of its lag, in one logit for all domains; ``calibration`` (D, 2): slope and offset of
    that by domain. ``thresholds`` (D,) on the calibrated scores; ``floor`` (1,): least probability of fitting any.
    """

    grams: NDArray[Any]
    scales: NDArray[Any]
    rarity: NDArray[Any]
    marks: NDArray[Any]
    dense: NDArray[Any]
    bias: NDArray[Any]
    inside: NDArray[Any]
    standing: NDArray[Any]
    calibration: NDArray[Any]
    thresholds: NDArray[Any]
    floor: NDArray[Any]

    def logits(self, features: Features, vector: NDArray[Any]) -> NDArray[Any]:
        """The outputs for one text, shape (O,): what speaks for each domain, and for none."""
        import numpy as np

        outputs = self.bias + DENSE_WEIGHT * (vector @ self.dense)
        if features.marks:
            seen = self.marks[list(features.marks)].sum(0)
            outputs = outputs + MARKS_WEIGHT / math.sqrt(len(features.marks)) * seen
        if features.grams:
            buckets = np.fromiter(features.grams, np.int64, len(features.grams))
            weights = np.fromiter(features.grams.values(), np.float32, len(features.grams)) * self.rarity[buckets]
            weights /= max(float(np.linalg.norm(weights)), 1e-9)
            outputs = outputs + (weights @ self.grams[buckets].astype(np.float32)) * self.scales
        return np.asarray(outputs, np.float32)

    def calibrated(self, outputs: NDArray[Any]) -> tuple[NDArray[Any], float]:
        """The calibrated logits of the domains, shape (D,), and the logit of fitting any expert."""
        fits = signs(outputs[None]) @ self.inside
        logits = standings(outputs[None], fits)[0] @ self.standing
        return self.calibration[:, 0] * logits + self.calibration[:, 1], float(fits[0])

    @cached_property
    def fingerprint(self) -> str:
        """Tells this head from others."""
        import hashlib

        return hashlib.sha256(self.grams.tobytes() + self.calibration.tobytes()).hexdigest()[:16]

    def save(self, folder: Path) -> None:
        """Writes the head into a folder, atomically."""
        from safetensors.numpy import save

        from kiki_core.files import write_atomically

        folder.mkdir(parents=True, exist_ok=True)
        arrays = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        write_atomically(folder / _FILE, save(arrays))


def signs(outputs: NDArray[Any]) -> NDArray[Any]:
    """What tells whether a text fits any expert, shape (n, 4): greatest logit, energy, outside's logit, 1.

    Energy: the log of the summed exponentials (Liu et al. 2020).
    """
    import numpy as np

    domains = outputs[:, :-1]
    greatest = domains.max(1)
    energy = greatest + np.log(np.exp(domains - greatest[:, None]).sum(1))
    return np.stack([greatest, energy, outputs[:, -1], np.ones(len(outputs))], 1).astype(np.float32)


def standings(outputs: NDArray[Any], fits: NDArray[Any]) -> NDArray[Any]:
    """What a domain's calibrated logit is made of, shape (n, D, 4): its logit, that of fitting any, its lead, its lag.

    A domain leads if its logit is the greatest, by so much as the next is behind; else it lags behind the greatest.
    """
    import numpy as np

    domains = outputs[:, :-1]
    ordered = np.sort(domains, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    margin = domains - np.where(domains == best, second, best)
    known = np.broadcast_to(fits[:, None], domains.shape)
    return np.stack([domains, known, np.maximum(margin, 0), np.minimum(margin, 0)], 2).astype(np.float32)


def load(folder: Path | None = None) -> Head:
    """The head in a folder; else the one that comes with kiki.

    Raises:
        KikiError: if there is none, or it was trained for other marks, buckets or domains.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    def read(path: Path) -> Head:
        try:
            arrays = load_file(path)
        except (OSError, SafetensorError) as error:
            raise KikiError(f"can't read the router's head {path}: {error}", "train it: `kiki router train`") from error
        names = [field.name for field in dataclasses.fields(Head)]
        if missing := [name for name in names if name not in arrays]:
            raise KikiError(f"{path} is no router's head: it lacks {missing[0]}", "train it: `kiki router train`")
        head = Head(**{name: arrays[name] for name in names})
        _fits(head, path)
        return head

    if folder is not None:
        return read(folder / _FILE)
    with as_file(files("kiki_core.routing") / "model" / _FILE) as path:
        return read(path)


def _fits(head: Head, path: Path) -> None:
    wanted: Sequence[tuple[str, Any, tuple[int, ...]]] = (
        ("grams", head.grams, (BUCKETS, OUTPUTS)),
        ("scales", head.scales, (OUTPUTS,)),
        ("rarity", head.rarity, (BUCKETS,)),
        ("marks", head.marks, (len(marks().names), OUTPUTS)),
        ("dense", head.dense, (DIMENSIONS, OUTPUTS)),
        ("bias", head.bias, (OUTPUTS,)),
        ("inside", head.inside, (4,)),
        ("standing", head.standing, (4,)),
        ("calibration", head.calibration, (len(DOMAINS), 2)),
        ("thresholds", head.thresholds, (len(DOMAINS),)),
        ("floor", head.floor, (1,)),
    )
    for name, array, shape in wanted:
        if array.shape != shape:
            raise KikiError(
                f"{path}: {name} has the shape {array.shape}, not {shape}", "train it anew: `kiki router train`"
            )
