"""What the router sees of a text: marks, and hashed n-grams of words and letters. `static.py` adds a vector."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kiki_core.routing.marks import marks

BUCKETS = 1 << 14
"""Columns of the n-grams."""
_HEAD, _TAIL = 2000, 800
"""Of a long text its beginning and its end count: a question stands before what is pasted, or behind it."""
_WORD = re.compile(r"\.?[^\W_][\w+#./'-]*[\w+#]|[^\W_]|[{}\[\]()<>;$&|=#@~]{1,3}")
_PART = re.compile(r"[^\W\d_]+|\d+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a question comes with: names and beginnings of attached files, the language of the editor's file."""

    files: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    language: str = ""


ALONE = Surroundings()
"""A question without a file or an editor."""


@dataclass(frozen=True, slots=True)
class Features:
    """Columns of the marks; n-grams with their weights (1 + log count), by bucket."""

    marks: tuple[int, ...]
    grams: dict[int, float]


def shortened(text: str) -> str:
    """The part of a text that the router reads: at most 2,800 characters of its beginning and end."""
    text = text.strip()
    return text if len(text) <= _HEAD + _TAIL else f"{text[:_HEAD]}\n{text[-_TAIL:]}"


def words(text: str) -> list[str]:
    """Words as the router tells them apart: casefolded, without accents, numbers as their shape."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(plain)


def features(text: str, surroundings: Surroundings = ALONE) -> Features:
    """The marks and n-grams of a `shortened` text."""
    listed = words(text)
    beside = "\n".join(surroundings.texts)
    whole = f"{text}\n{beside}" if beside else text
    seen = marks().found(whole, set(listed), surroundings.files, surroundings.language)
    counted = Counter(gram for word in listed for gram in _grams(word))
    counted.update(_bucket(f"{a} {b}") for a, b in itertools.pairwise(listed))
    return Features(tuple(seen), {bucket: 1 + math.log(count) for bucket, count in counted.items()})


def grams_of(word: str) -> Sequence[int]:
    """The buckets that one word fills."""
    return _grams(word)


@lru_cache(maxsize=50_000)
def _grams(word: str) -> tuple[int, ...]:
    shape = re.sub(r"\d", "0", word)
    found = {f"={word[:40]}", f"0{shape[:40]}"}
    parts = _PART.findall(word)
    if len(parts) > 1:
        found.update(f"={part}" for part in parts if len(part) > 1 and not part.isdigit())
    padded = f"<{shape[:40]}>"
    found.update(padded[i : i + n] for n in (3, 4, 5) for i in range(len(padded) - n + 1))
    return tuple(_bucket(gram) for gram in sorted(found))


def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "surrogatepass")) % BUCKETS
