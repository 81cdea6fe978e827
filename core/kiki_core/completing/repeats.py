"""How a line goes on by its likes in the file: copied from where the same was written before, its numbers carried on.

Netlists, KiCad's lists and initialisations in C repeat themselves: a card like the last one with the next number, a
property like the last symbol's, a field set as in the block above. No model is asked.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kiki_tools.text import Snapshot, Span

_NEAR = 1500
"""Lines above and below that are looked through."""
_LONGEST = 300
"""Characters of a line; longer ones are data."""
_MOST_LIKES = 60
_ABOVE, _BELOW = 6, 3
"""Lines around a place that are held against those around another one."""
_TOKEN = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])|[A-Za-z_]+|\d+|[^\S\n]+|.")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A text that likes of the line go on with. ``weight``: its share of what speaks for any text, 0 to 1; ``context``:
    lines around the best of the likes that are like those around the place."""

    text: str
    weight: float
    context: float


@dataclass(frozen=True, slots=True)
class _Like:
    """A line that begins like the one that is typed: its number, its tokens, how far its surroundings agree."""

    number: int
    tokens: list[str]
    agrees: float
    names: Mapping[str, str]


def sure(one: Repeat) -> bool:
    """Whether a text is rather right than what a small model would say."""
    return one.weight >= 0.5 and one.context >= 2.2


def fair(one: Repeat) -> bool:
    """Whether a text is worth showing where a model has nothing to say."""
    return one.weight >= 0.25 and one.context >= 1.5


def repeats(snapshot: Snapshot, offset: int) -> list[Repeat]:
    """What the line may go on with, the likeliest first; empty where nothing like it stands in the file."""
    here = snapshot.line_of(offset)
    typed = snapshot.slice(Span(snapshot.line_start(here), offset))
    after = snapshot.slice(Span(offset, snapshot.line_span(here).end)).strip()
    if not typed.strip() or len(typed) > _LONGEST:
        return []
    first, last = max(0, here - _NEAR), min(snapshot.line_count - 1, here + _NEAR)
    text = snapshot.slice(Span(snapshot.line_start(first), snapshot.line_span(last).end)).replace("\r\n", "\n")
    lines = text.split("\n")
    place = here - first
    shapes = _NUMBER.sub("#", text).split("\n")
    likes = _likes(lines, shapes, place, typed)
    votes: defaultdict[str, float] = defaultdict(float)
    contexts: defaultdict[str, float] = defaultdict(float)
    count = len(_tokens(typed))
    for rank, like in enumerate(likes):
        for said, part in _carried(like, likes, count, typed, place):
            rest = said.removesuffix(after) if after else said
            if rest.strip() and said.endswith(after):
                votes[rest] += part * like.agrees / (1 + 0.1 * rank)
                contexts[rest] = max(contexts[rest], like.agrees)
    whole = sum(votes.values())
    return sorted(
        (Repeat(said, vote / whole, contexts[said]) for said, vote in votes.items()), key=lambda one: -one.weight
    )


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _likes(lines: Sequence[str], shapes: Sequence[str], place: int, typed: str) -> list[_Like]:
    """The lines that begin as the one that is typed does, numbers aside; those whose surroundings agree most first."""
    begun = _NUMBER.sub("#", typed)
    known = [number for number, shape in enumerate(shapes) if number != place and shape.startswith(begun)]
    if not known:
        loose = _loose(typed)
        known = [
            number
            for number, line in enumerate(lines)
            if number != place and len(line) <= _LONGEST and _loose(line).startswith(loose)
        ]
    known = sorted(known, key=lambda number: abs(number - place))[:_MOST_LIKES]
    count = len(_tokens(typed))
    found = []
    for number in known:
        if len(lines[number]) > _LONGEST:
            continue
        tokens = _tokens(lines[number].rstrip())
        if len(tokens) <= count:
            continue
        agrees, names = _around(lines, shapes, place, number)
        mine = _tokens(typed)
        names.update(zip(tokens, mine, strict=False))
        same = sum(a == b for a, b in zip(tokens, mine, strict=False)) / count
        found.append(_Like(number, tokens, 0.5 + agrees + same, names))
    return sorted(found, key=lambda like: (-like.agrees, abs(like.number - place)))


def _loose(line: str) -> str:
    """A line with any word for each word, but for the first letter of the first one: it tells the kind of a device."""
    head = line.lstrip()[:1]
    return head + re.sub(r"[\w.+-]+", "w", line)


def _around(lines: Sequence[str], shapes: Sequence[str], place: int, other: int) -> tuple[float, dict[str, str]]:
    """How far the lines around two places agree, and which word there stands for which one here."""
    agrees, names = 0.0, dict[str, str]()
    for step, most in ((-1, _ABOVE), (1, _BELOW)):
        for distance in range(1, most + 1):
            mine, theirs = place + step * distance, other + step * distance
            if not (0 <= mine < len(lines) and 0 <= theirs < len(lines)) or other == mine or theirs == place:
                break
            if shapes[mine] != shapes[theirs]:
                break
            if not shapes[mine].strip():
                continue
            agrees += 1.0 if lines[mine] == lines[theirs] else 0.7
            if len(lines[mine]) <= _LONGEST:
                for there, here in zip(_tokens(lines[theirs]), _tokens(lines[mine]), strict=False):
                    names.setdefault(there, here)
    return agrees, names


def _carried(like: _Like, likes: Sequence[_Like], count: int, typed: str, place: int) -> Iterator[tuple[str, float]]:
    """The rest of a like as it would stand here: with the names of this place, with numbers that go on, as it is."""
    rest = like.tokens[count:]
    yield "".join(rest), 1.0
    renamed = [like.names.get(token, token) if token.strip() and token[-1].isalnum() else token for token in rest]
    if renamed != rest:
        yield "".join(renamed), 1.0
    stepped = _stepped(like, likes, count, place)
    if stepped is not None:
        yield "".join(stepped), 1.5


def _stepped(like: _Like, likes: Sequence[_Like], count: int, place: int) -> list[str] | None:
    """The rest with each number as far on as from the like before this one; null where nothing goes on."""
    above, length = like.number < place, len(like.tokens)
    side = [one for one in likes if len(one.tokens) == length and (one.number < place) == above]
    further = [one for one in side if abs(one.number - place) > abs(like.number - place)]
    before = min(further, key=lambda one: abs(one.number - like.number), default=None)
    if before is None:
        return None
    stride = like.number - before.number
    if place - like.number != stride:
        return None
    found, moved = [], False
    for there, here in zip(before.tokens[count:], like.tokens[count:], strict=True):
        if there == here:
            found.append(here)
        elif _NUMBER.fullmatch(there) and _NUMBER.fullmatch(here):
            found.append(_next(there, here))
            moved = True
        else:
            return None
    return found if moved else None


def _next(before: str, last: str) -> str:
    """The number that comes as far behind the last as that behind the one before, written like them."""
    value = 2 * Decimal(last) - Decimal(before)
    written = f"{value:f}"
    if "." in written:
        return written.rstrip("0").rstrip(".") or "0"
    if last.startswith("0") and len(last) > 1 and value >= 0:
        return written.zfill(len(last))
    return written
