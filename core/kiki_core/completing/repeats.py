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
    """A line that begins like the one that is typed: its number, what follows there, how far its surroundings agree."""

    number: int
    rest: list[str]
    agrees: float
    names: Mapping[str, str]


def sure(one: Repeat) -> bool:
    """Whether a text is rather right than what a small model would say."""
    return (one.context >= 3 and one.weight >= 0.45) or (one.context >= 2 and one.weight >= 0.75)


def fair(one: Repeat) -> bool:
    """Whether a text is worth showing where a model has nothing to say."""
    return one.weight >= 0.3


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
    for rank, like in enumerate(likes):
        for said, part in _carried(like, likes, place):
            rest = said.removesuffix(after) if after else said
            if rest.strip() and said.endswith(after):
                votes[rest] += part * like.agrees**2 / (1 + 0.1 * rank)
                contexts[rest] = max(contexts[rest], like.agrees)
    written = ["".join(like.rest) for like in likes]
    again = (len(written) - len(set(written)) + 0.5) / max(1, len(written))
    for said in votes.keys() & set(written):
        votes[said] *= min(1.0, 2 * again)
    whole = sum(votes.values())
    known = set(written)
    found = (
        Repeat(said, vote / whole * (again if said in known else 1.0), contexts[said]) for said, vote in votes.items()
    )
    return sorted(found, key=lambda one: -one.weight)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _likes(lines: Sequence[str], shapes: Sequence[str], place: int, typed: str) -> list[_Like]:
    """The lines that begin as the one that is typed does, numbers aside; those whose surroundings agree most first.

    Where there are none: lines with other words behind the first one, which tells what a line is about; then lines
    that have the last word, as a member of something else.
    """
    mine = _tokens(typed.lstrip())
    numbers = sorted((n for n in range(len(lines)) if n != place), key=lambda n: abs(n - place))
    begun, head, ending = _shape(typed), _head(typed.lstrip()), _ending(typed)
    for trust, fits in (
        (1.0, lambda n: shapes[n].startswith(begun)),
        (0.3, lambda n: lines[n].lstrip().startswith(head)),
        (0.3, lambda n: ending is not None and ending.search(lines[n]) is not None),
    ):
        found = []
        for number in [n for n in numbers if fits(n)][:_MOST_LIKES]:
            line = lines[number].strip()
            tokens = _tokens(line) if len(line) <= _LONGEST else []
            agrees, names = _around(lines, shapes, place, number)
            if len(tokens) > len(mine) and all(map(_alike, tokens, mine)):
                names.update(zip(tokens, mine, strict=False))
                same = sum(a == b for a, b in zip(tokens, mine, strict=False)) / len(mine)
                found.append(_Like(number, tokens[len(mine) :], trust + agrees + same, names))
            elif ending is not None and trust < 1 and (match := ending.search(line)) is not None:
                found.append(_Like(number, _tokens(line[match.end() :]), trust + agrees, names))
        if found:
            return sorted(found, key=lambda like: (-like.agrees, abs(like.number - place)))
    return []


def _ending(typed: str) -> re.Pattern[str] | None:
    """The last word of a line with the mark behind it, wherever it stands; null where none tells anything."""
    match = re.search(r"([A-Za-z_]\w{2,})\s*([=(])\s*$", typed)
    return re.compile(rf"(?<!\w){re.escape(match[1])}\s*{re.escape(match[2])}\s*(?=\S)") if match else None


def _shape(text: str) -> str:
    return _NUMBER.sub("#", text)


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


def _around(lines: Sequence[str], shapes: Sequence[str], place: int, other: int) -> tuple[float, dict[str, str]]:
    """How far the lines around two places agree, and which word there stands for which one here."""
    agrees, names = 0.0, dict[str, str]()
    doubtful: set[str] = set()
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
                    if names.setdefault(there, here) != here:
                        doubtful.add(there)
    return agrees, {there: here for there, here in names.items() if there not in doubtful}


def _carried(like: _Like, likes: Sequence[_Like], place: int) -> Iterator[tuple[str, float]]:
    """The rest of a like as it would stand here: with the names of this place, with numbers that go on, as it is."""
    rest = like.rest
    yield "".join(rest), 1.0
    renamed = [like.names.get(token, token) if token.strip() and token[-1].isalnum() else token for token in rest]
    if renamed != rest:
        yield "".join(renamed), 1.0
    stepped = _stepped(like, likes, place)
    if stepped is not None:
        yield "".join(stepped), 1.5


def _stepped(like: _Like, likes: Sequence[_Like], place: int) -> list[str] | None:
    """The rest with each number as far on as from the like before this one; null where nothing goes on."""
    above, length = like.number < place, len(like.rest)
    side = [one for one in likes if len(one.rest) == length and (one.number < place) == above]
    further = [one for one in side if abs(one.number - place) > abs(like.number - place)]
    before = min(further, key=lambda one: abs(one.number - like.number), default=None)
    if before is None:
        return None
    stride = like.number - before.number
    if place - like.number != stride:
        return None
    found, moved = [], False
    for there, here in zip(before.rest, like.rest, strict=True):
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
