"""What a person corrected: overrides kept as labelled examples, with consent, and the calibration fitted to them."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically
from kiki_core.routing.router import Router

_EXAMPLES, _ADAPTED = "overrides.jsonl", "adapted.json"
_MOST_TEXT = 4000
_TRUST = 1.0
"""Standard deviation of a correction, in logits: a domain's offset moves so far when evidence is plenty."""


@dataclass(frozen=True, slots=True)
class Override:
    """A question, and the domains that a person wanted or didn't want for it. ``time``: seconds since 1970."""

    text: str
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...] = ()
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Correction:
    """How a domain's logit is to be moved, by how many examples for and against it, and its mean score there."""

    domain: str
    offset: float
    wanted: int
    unwanted: int
    before: float
    after: float


def keep(override: Override, folder: Path) -> None:
    """Appends an override to the person's examples. Ask for consent first.

    Raises:
        KikiError: if it can't be written.
    """
    stamped = {**asdict(override), "text": override.text[:_MOST_TEXT], "time": override.time or time.time()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _EXAMPLES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(stamped, ensure_ascii=False) + "\n")
    except OSError as error:
        reason = f"can't keep the correction in {folder}: {error.strerror}"
        raise KikiError(reason, "free space, or mend its rights") from error


def kept(folder: Path) -> list[Override]:
    """The person's examples; lines that aren't any are left out.

    Raises:
        KikiError: if the file is there and can't be read.
    """
    try:
        lines = (folder / _EXAMPLES).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise KikiError(f"can't read {folder / _EXAMPLES}: {error.strerror}", "mend its rights") from error
    overrides = []
    for line in lines:
        try:
            row = json.loads(line)
            wanted = tuple(domain for domain in row["wanted"] if domain in DOMAINS)
            unwanted = tuple(domain for domain in row.get("unwanted", ()) if domain in DOMAINS)
            overrides.append(Override(str(row["text"]), wanted, unwanted, float(row.get("time", 0))))
        except (ValueError, KeyError, TypeError):
            continue
    return overrides


def fitted(router: Router, overrides: Sequence[Override]) -> list[Correction]:
    """The offsets that the examples ask for: maximum a posteriori, so that a few examples move little."""
    rows: dict[str, list[tuple[float, bool]]] = {}
    scored = router.route_many([override.text for override in overrides])
    for override, routing in zip(overrides, scored, strict=True):
        for domain in (*override.wanted, *override.unwanted):
            rows.setdefault(domain, []).append((_logit(routing.scores[domain]), domain in override.wanted))
    corrections = []
    for domain, listed in sorted(rows.items()):
        offset = _offset(listed)
        wanted = sum(label for _, label in listed)
        before = sum(_sigmoid(logit) for logit, _ in listed) / len(listed)
        after = sum(_sigmoid(logit + offset) for logit, _ in listed) / len(listed)
        corrections.append(Correction(domain, offset, wanted, len(listed) - wanted, before, after))
    return corrections


def apply(corrections: Sequence[Correction], fingerprint: str, folder: Path) -> None:
    """Makes the corrections count from now on, for the head with this fingerprint."""
    folder.mkdir(parents=True, exist_ok=True)
    offsets = {correction.domain: round(correction.offset, 4) for correction in corrections}
    write_atomically(folder / _ADAPTED, json.dumps({"head": fingerprint, "offsets": offsets}, indent=1) + "\n")


def reset(folder: Path) -> bool:
    """Forgets the corrections (not the examples); whether there were any."""
    try:
        (folder / _ADAPTED).unlink()
    except FileNotFoundError:
        return False
    return True


def offsets(fingerprint: str, folder: Path) -> dict[str, float]:
    """The corrections in force; none if they were fitted to another head, or are no corrections."""
    try:
        read = json.loads((folder / _ADAPTED).read_text("utf-8"))
        if read["head"] != fingerprint:
            return {}
        return {d: float(o) for d, o in read["offsets"].items() if d in DOMAINS and math.isfinite(float(o))}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _offset(rows: Sequence[tuple[float, bool]]) -> float:
    """Newton's method on the log posterior of one offset."""
    offset = 0.0
    for _ in range(30):
        slope = -offset / _TRUST**2 + sum(label - _sigmoid(logit + offset) for logit, label in rows)
        curve = 1 / _TRUST**2 + sum(_sigmoid(logit + offset) * (1 - _sigmoid(logit + offset)) for logit, _ in rows)
        offset += max(-1.0, min(1.0, slope / curve))
    return offset


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def _logit(score: float) -> float:
    score = min(max(score, 1e-9), 1 - 1e-9)
    return math.log(score / (1 - score))
