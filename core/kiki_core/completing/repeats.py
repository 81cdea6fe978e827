"""How a line goes on by its likes in the file: as they do, with the names and the numbers of its own place.

Netlists, KiCad's lists and initialisations in C repeat themselves: a card like the last one with the next number, a
property like the last symbol's, a field set as in the block above. No model is asked. Each way of carrying a line on is
tried on the likes themselves first: what would have been right there is believed here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from kiki_tools.text import Snapshot, Span

_NEAR = 1500
"""Lines above and below that are looked through."""
_LONGEST = 300
"""Characters of a line; longer ones are data."""
_MOST_LIKES, _TRIED = 30, 8
"""Likes that are looked at, and those of them that a way is tried on: the nearest."""
_ABOVE, _BELOW = 6, 3
"""Lines around a place that are held against those around another one."""
_SURE, _FAIR = 0.5, 0.3
_TOKEN = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])|[A-Za-z_]+|\d+|[^\S\n]+|.")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A text that a line may go on with. ``belief``: how often it is right, as far as the file tells; 0 to 1."""

    text: str
    belief: float


def sure(one: Repeat) -> bool:
    """Whether a text is rather right than what a small model would say."""
    return one.belief >= _SURE


def fair(one: Repeat) -> bool:
    """Whether a text is worth showing where a model has nothing to say."""
    return one.belief >= _FAIR


@dataclass(frozen=True, slots=True)
class _Like:
    """A line that begins like the one that is typed: its number, that beginning, what follows there."""

    number: int
    begun: tuple[str, ...]
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines around a place; ``shapes``: with a mark for each number; ``trust``: how close the likes must be."""

    lines: Sequence[str]
    shapes: Sequence[str]
    trust: float


def repeats(snapshot: Snapshot, offset: int) -> list[Repeat]:
    """What the line may go on with, the likeliest first; empty where nothing like it stands in the file."""
    here = snapshot.line_of(offset)
    typed = snapshot.slice(Span(snapshot.line_start(here), offset))
    after = snapshot.slice(Span(offset, snapshot.line_span(here).end)).strip()
    if not typed.strip() or len(typed) > _LONGEST:
        return []
    first, last = max(0, here - _NEAR), min(snapshot.line_count - 1, here + _NEAR)
    text = snapshot.slice(Span(snapshot.line_start(first), snapshot.line_span(last).end)).replace("\r\n", "\n")
    around = _Lines(text.split("\n"), _NUMBER.sub("#", text).split("\n"), 1.0)
    trust, likes = _likes(around, here - first, typed)
    around = replace(around, trust=trust)
    said = dict(_ways(_Like(here - first, _tokens(typed.lstrip()), ()), likes, around))
    right = dict.fromkeys(said, 0.0)
    tried = dict.fromkeys(said, 0)
    for like in likes[:_TRIED]:
        others = [one for one in likes if one is not like]
        for way, (rest, _) in _ways(like, others, around):
            if way in said:
                tried[way] += 1
                right[way] += rest == like.rest
    found: dict[str, float] = {}
    for way, (rest, agrees) in said.items():
        whole = "".join(rest)
        if not whole.endswith(after) or not (shown := whole.removesuffix(after)).strip():
            continue
        before = 0.5 if agrees >= 3 else 0.3 if agrees >= 2 else 0.15
        belief = (right[way] + 2 * before) / (tried[way] + 2)
        found[shown] = max(found.get(shown, 0.0), belief)
    return sorted((Repeat(text, belief) for text, belief in found.items()), key=lambda one: -one.belief)


@lru_cache(4096)
def _tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(text))


def _likes(around: _Lines, place: int, typed: str) -> tuple[float, list[_Like]]:
    """The lines that begin as the one that is typed does, numbers aside, the nearest first; how far they are trusted.

    Where there are none: lines with other words behind the first one, which tells what a line is about; then lines
    that have the last word, as a member of something else.
    """
    mine = _tokens(typed.lstrip())
    lines, shapes = around.lines, around.shapes
    numbers = sorted((n for n in range(len(lines)) if n != place), key=lambda n: abs(n - place))
    begun, head, ending = _NUMBER.sub("#", typed), _head(typed.lstrip()), _ending(typed)
    tiers: list[tuple[float, Callable[[int], bool]]] = [
        (1.0, lambda n: shapes[n].startswith(begun)),
        (0.3, lambda n: lines[n].lstrip().startswith(head)),
        (0.3, lambda n: ending is not None and ending.search(lines[n]) is not None),
    ]
    for trust, fits in tiers:
        found = []
        for number in [n for n in numbers if fits(n)]:
            line = lines[number].strip()
            tokens = _tokens(line) if len(line) <= _LONGEST else ()
            if len(tokens) > len(mine) and all(map(_alike, tokens, mine)):
                found.append(_Like(number, tokens[: len(mine)], tokens[len(mine) :]))
            elif ending is not None and trust < 1 and (match := ending.search(line)) is not None:
                found.append(_Like(number, (), _tokens(line[match.end() :])))
            if len(found) >= _MOST_LIKES:
                break
        if found:
            return trust, found
    return 0.0, []


def _ending(typed: str) -> re.Pattern[str] | None:
    """The last word of a line with the mark behind it, wherever it stands; null where none tells anything."""
    match = re.search(r"([A-Za-z_]\w{2,})\s*([=(])\s*$", typed)
    return re.compile(rf"(?<!\w){re.escape(match[1])}\s*{re.escape(match[2])}\s*(?=\S)") if match else None


def _head(line: str) -> str:
    """The beginning of a line that tells what it is about: a list's name, a library's part; of a device its letter."""
    match = re.match(r"\([a-z_]+|[A-Za-z]+_[A-Za-z0-9]+_|\w+(?=\s*[(.=\[-])|[A-Za-z.]", line)
    return match.group() if match else line


def _alike(one: str, other: str) -> bool:
    """Whether two pieces are of a kind: two words, two numbers, blanks, or the same mark."""
    if one == other:
        return True
    return any(kind(one[:1]) and kind(other[:1]) for kind in (str.isalpha, _is_digit, str.isspace))


def _is_digit(char: str) -> bool:
    return char.isdigit() or char == "-"


def _ways(place: _Like, likes: Sequence[_Like], around: _Lines) -> Iterator[tuple[str, tuple[tuple[str, ...], float]]]:
    """How a place would go on by each way that there is, and how far the surroundings of its source agree."""
    if not likes:
        return
    near = {like.number: _agreeing(place, like, around) for like in likes}
    best = max(likes, key=lambda like: (near[like.number][0], -abs(like.number - place.number)))
    agrees, names = near[best.number]
    yield "alike", (best.rest, agrees)
    yield "renamed", (tuple(names.get(token, token) for token in best.rest), agrees)
    common, count = Counter(like.rest for like in likes).most_common(1)[0]
    if count > 1:
        yield "commonest", (common, max(near[like.number][0] for like in likes if like.rest == common))
    below = min((like for like in likes if like.number > place.number), key=lambda like: like.number, default=None)
    if below is not None:
        agrees, names = near[below.number]
        yield "next", (below.rest, agrees)
        yield "next renamed", (tuple(names.get(token, token) for token in below.rest), agrees)
    above = sorted((like for like in likes if like.number < place.number), key=lambda like: -like.number)
    if not above:
        return
    last = above[0]
    agrees, names = near[last.number]
    yield "last", (last.rest, agrees)
    yield "last renamed", (tuple(names.get(token, token) for token in last.rest), agrees)
    before = next((like for like in above[1:] if len(like.rest) == len(last.rest)), None)
    if before is not None and (stepped := _stepped(before, last, place)) is not None:
        yield "stepped", (stepped, agrees)


def _agreeing(place: _Like, other: _Like, around: _Lines) -> tuple[float, Mapping[str, str]]:
    """How far the lines of two places and those around agree, and which word there stands for which one here."""
    agrees, names, doubtful = around.trust, dict[str, str](), set[str]()
    lines, shapes = around.lines, around.shapes
    pairs = list(zip(other.begun, place.begun, strict=False))
    agrees += sum(there == here for there, here in pairs) / max(1, len(pairs))
    for step, most in ((-1, _ABOVE), (1, _BELOW)):
        for distance in range(1, most + 1):
            mine, theirs = place.number + step * distance, other.number + step * distance
            if not (0 <= mine < len(lines) and 0 <= theirs < len(lines)) or theirs == place.number:
                break
            if shapes[mine] != shapes[theirs]:
                break
            if not shapes[mine].strip():
                continue
            agrees += 1.0 if lines[mine] == lines[theirs] else 0.7
            if len(lines[mine]) <= _LONGEST:
                pairs += zip(_tokens(lines[theirs]), _tokens(lines[mine]), strict=False)
    for there, here in pairs:
        if there[-1:].isalnum() and names.setdefault(there, here) != here:
            doubtful.add(there)
    return agrees, {there: here for there, here in names.items() if there not in doubtful}


def _stepped(before: _Like, last: _Like, place: _Like) -> tuple[str, ...] | None:
    """The rest of the last like with its numbers as far on as the line's own; null where nothing goes on."""
    scale = Decimal(1)
    for first, second, third in zip(before.begun, last.begun, place.begun, strict=False):
        if first != second and all(map(_NUMBER.fullmatch, (first, second, third))):
            step = Decimal(second) - Decimal(first)
            if step:
                scale = (Decimal(third) - Decimal(second)) / step
                break
    found, moved = [], False
    for there, here in zip(before.rest, last.rest, strict=True):
        if there == here:
            found.append(here)
        elif _NUMBER.fullmatch(there) and _NUMBER.fullmatch(here):
            value = Decimal(here) + scale * (Decimal(here) - Decimal(there))
            if _places(value) > max(_places(Decimal(there)), _places(Decimal(here))):
                return None  # no step that a person would take
            found.append(_written(value, here))
            moved = True
        else:
            return None
    return tuple(found) if moved else None


def _places(value: Decimal) -> int:
    """How many digits stand behind the point, without zeros at the end."""
    written = f"{value:f}"
    return len(written.rstrip("0").partition(".")[2]) if "." in written else 0


def _written(value: Decimal, like: str) -> str:
    """A number, written like another one."""
    written = f"{value:f}"
    if "." in written:
        return written.rstrip("0").rstrip(".") or "0"
    return written.zfill(len(like)) if like.startswith("0") and len(like) > 1 and value >= 0 else written
