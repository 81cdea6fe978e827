"""Training data: questions with answers that a tool accepted, one JSON object a line.

A line is ``{"messages": [{"role": "user", "content": …}, {"role": "assistant", "content": …}], "domain", "licence",
"source", "group", "checked_by", "check"}``: the layout of chat messages that mlx-lm and others read, with columns that
tell where a pair comes from. ``{"instruction", "answer", …}`` is read too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kiki_core.domains import DOMAINS
from kiki_core.errors import KikiError
from kiki_core.files import write_atomically

MOST_BYTES = 256_000_000
MOST_LINE = 1_000_000
MOST_PAIRS = 200_000
_COLUMNS = ("licence", "source", "group", "checked_by")
_TOLD = 5
_FORMAT = "see docs/training.md for the format"

PERMISSIVE = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 CC-BY-3.0 CC-BY-4.0 CC0-1.0 ISC MIT MIT-0 PSF-2.0 Unlicense "
    "X11 Zlib".split()
)
"""Licences (SPDX) whose text may be trained on without asking."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer. ``group``: what shares wording, topology or material; a split never cuts a group.

    ``checked_by``: the tool that accepted the answer, with its version; ``check``: how an answer to this question is
    judged, as a probe's check (``{"kind": "spice", "expect": ["f3db = 1k +/- 5%"]}``); empty if no tool can.
    """

    instruction: str
    answer: str
    domain: str
    licence: str
    source: str
    group: str
    checked_by: str
    check: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def to_json(self) -> dict[str, Any]:
        """As it stands in a line."""
        told: dict[str, Any] = {
            "messages": [
                {"role": "user", "content": self.instruction},
                {"role": "assistant", "content": self.answer},
            ],
            "domain": self.domain,
            "licence": self.licence,
            "source": self.source,
            "group": self.group,
            "checked_by": self.checked_by,
        }
        return {**told, "check": dict(self.check)} if self.check else told


def read(path: Path) -> tuple[Pair, ...]:
    """The pairs of a file, in order.

    Raises:
        KikiError: if it can't be read, is too large or empty, or holds lines that are no pairs: the first is told with
            its number and fault, the others by number.
    """
    found: list[Pair] = []
    wrong: list[tuple[int, str]] = []
    try:
        if path.stat().st_size > MOST_BYTES:
            raise KikiError(f"{path} has more than {MOST_BYTES // 1_000_000} MB", "split it")
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MOST_LINE + 1), b""), start=1):
                if len(line) > MOST_LINE:
                    raise KikiError(f"{path}, line {number}: longer than {MOST_LINE // 1_000_000} MB", _FORMAT)
                if not line.strip():
                    continue
                if len(found) >= MOST_PAIRS:
                    raise KikiError(f"{path} has more than {MOST_PAIRS} pairs", "split it")
                try:
                    found.append(parsed(json.loads(line)))
                except (ValueError, RecursionError) as error:
                    wrong.append((number, _told(error)))
    except OSError as error:
        raise KikiError(f"can't read {path}: {error.strerror}", "name a file of pairs, or `kiki data build`") from error
    if wrong:
        others = ", ".join(str(number) for number, _ in wrong[1 : _TOLD + 1])
        more = f" (and {len(wrong) - 1} more: line {others}{', …' if len(wrong) > _TOLD + 1 else ''})" if others else ""
        raise KikiError(f"{path}, line {wrong[0][0]}: {wrong[0][1]}{more}", _FORMAT)
    if not found:
        raise KikiError(f"{path} holds no pair", "make some with `kiki data build`")
    return tuple(found)


def _told(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON: {error.msg} at column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)[:200]


def parsed(value: Any) -> Pair:
    """The pair in a line's object.

    Raises:
        ValueError: saying what is wrong with it.
    """
    if not isinstance(value, dict):
        raise ValueError("a pair is a JSON object")
    instruction, answer = _turns(value) if "messages" in value else (value.get("instruction"), value.get("answer"))
    texts = {"instruction": _text("instruction", instruction), "answer": _text("answer", answer)}
    domain = value.get("domain")
    if domain not in DOMAINS:
        raise ValueError(f"{str(domain)[:60]!r} is no domain")
    columns = {name: _text(f"column {name}", value.get(name)) for name in _COLUMNS}
    for name, text in columns.items():
        if "\n" in text:
            raise ValueError(f"the column {name} is no single line")
    check = value.get("check", {})
    if not isinstance(check, dict) or (check and not isinstance(check.get("kind"), str)):
        raise ValueError("check is an object with a kind")
    return Pair(**texts, **columns, domain=domain, check=check)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"the {name} is missing or empty")
    if "\0" in value:
        raise ValueError(f"the {name} holds a NUL")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the {name} holds half of a surrogate pair") from error
    return value


def _turns(value: Mapping[str, Any]) -> tuple[Any, Any]:
    turns = value["messages"]
    roles = [turn.get("role") for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    if roles != ["user", "assistant"] or len(turns) != 2:
        raise ValueError("messages are one of the user and one of the assistant")
    return turns[0].get("content"), turns[1].get("content")


def encode(pairs: Iterable[Pair]) -> bytes:
    """The lines of these pairs, in UTF-8."""
    return "".join(json.dumps(pair.to_json(), ensure_ascii=False) + "\n" for pair in pairs).encode()


def write(path: Path, pairs: Iterable[Pair]) -> None:
    """Writes a file of pairs, whole or not at all.

    Raises:
        KikiError: if the disk refuses.
    """
    write_atomically(path, encode(pairs))


def digest(pairs: Iterable[Pair]) -> str:
    """SHA-256 of the pairs' lines, in hex: what an adapter's provenance names its data by."""
    return hashlib.sha256(encode(pairs)).hexdigest()


# Sameness


SAME = 0.95
"""Question and answer this alike (Jaccard) say the same twice."""
LEAK = 0.8
"""A question this alike to one of an evaluation is that one."""
_WORDS = 3
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Twin:
    """Two texts too alike: their places in the two lists, and their Jaccard similarity (0 to 1)."""

    one: int
    other: int
    similarity: float


def deduplicated(pairs: Sequence[Pair], near: float = SAME) -> tuple[tuple[Pair, ...], tuple[Twin, ...]]:
    """The pairs without those whose question (blanks and case apart) came before, or that are all but the same.

    Gives what is kept, and for each that was dropped its place and that of the earlier one.
    """
    first: dict[str, int] = {}
    dropped: dict[int, Twin] = {}
    for place, pair in enumerate(pairs):
        earlier = first.setdefault(" ".join(pair.instruction.split()).casefold(), place)
        if earlier != place:
            dropped[place] = Twin(place, earlier, 1.0)
    texts = [f"{pair.instruction}\n{pair.answer}" for pair in pairs]
    for twin in alike(texts, texts, near):
        if twin.other < twin.one and twin.one not in dropped and twin.other not in dropped:
            dropped[twin.one] = twin
    return tuple(pair for place, pair in enumerate(pairs) if place not in dropped), tuple(
        dropped[place] for place in sorted(dropped)
    )


def leaks(pairs: Sequence[Pair], evaluation: Sequence[str], near: float = LEAK) -> tuple[Twin, ...]:
    """Pairs whose question stands in an evaluation set, all but word for word; numbers are words."""
    return tuple(alike([pair.instruction for pair in pairs], evaluation, near))


def alike(texts: Sequence[str], others: Sequence[str], near: float) -> Iterator[Twin]:
    """All pairs of texts with a Jaccard similarity of their word 3-grams of at least ``near``, by their first places.

    Exact. Sets that alike share one of their rarest members: prefix filtering (Chaudhuri, Ganti and Kaushik, 2006)
    looks only at those that do.
    """
    mine, theirs = [_grams(text) for text in texts], [_grams(text) for text in others]
    counts: dict[str, int] = {}
    for grams in theirs:
        for gram in grams:
            counts[gram] = counts.get(gram, 0) + 1
    places: dict[str, list[int]] = {}
    for place, grams in enumerate(theirs):
        for gram in _rarest(grams, counts, near):
            places.setdefault(gram, []).append(place)
    for one, grams in enumerate(mine):
        for other in sorted({other for gram in _rarest(grams, counts, near) for other in places.get(gram, ())}):
            shared = len(grams & theirs[other])
            similarity = shared / (len(grams) + len(theirs[other]) - shared)
            if similarity >= near:
                yield Twin(one, other, similarity)


def _grams(text: str) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    return frozenset(" ".join(words[at : at + _WORDS]) for at in range(max(1, len(words) - _WORDS + 1)))


def _rarest(grams: frozenset[str], counts: Mapping[str, int], near: float) -> list[str]:
    """So many of a set's members, rarest first, that a set as alike as ``near`` must have one of them."""
    enough = len(grams) - int(near * len(grams) + 1 - 1e-9) + 1
    return sorted(grams, key=lambda gram: (counts.get(gram, 0), gram))[:enough]


# Splitting


def split(pairs: Sequence[Pair], share: float, seed: int = 0) -> tuple[tuple[Pair, ...], tuple[Pair, ...]]:
    """Pairs to train on and pairs held out; whole groups only, the same ones for the same seed.

    At least ``share`` of the pairs are held out, but never the last group.

    Raises:
        KikiError: if all pairs are of one group.
    """
    sizes: dict[str, int] = {}
    for pair in pairs:
        sizes[pair.group] = sizes.get(pair.group, 0) + 1
    if len(sizes) < 2:
        raise KikiError("all pairs are of one group: none can be held out", "give more, with other groups")
    order = sorted(sizes, key=lambda group: hashlib.sha256(f"{seed}\n{group}".encode()).digest())
    held: set[str] = set()
    for group in order[:-1]:
        if held and sum(sizes[one] for one in held) >= share * len(pairs):
            break
        held.add(group)
    return tuple(pair for pair in pairs if pair.group not in held), tuple(pair for pair in pairs if pair.group in held)
