"""Numbers as SPICE writes them: engineering suffixes, and units that it ignores (ngspice manual, 2.1.4)."""

from __future__ import annotations

import re

SUFFIXES = {
    "t": 1e12, "g": 1e9, "meg": 1e6, "k": 1e3, "mil": 25.4e-6,
    "m": 1e-3, "u": 1e-6, "µ": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15, "a": 1e-18,
}  # fmt: skip
"""Lower case; ``m`` is milli in any case, mega is ``meg``."""

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(.*)", re.IGNORECASE | re.DOTALL)
_SUFFIX = re.compile(r"meg|mil|[tgkmunpfaµ]", re.IGNORECASE)
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"),
             (1e-12, "p"), (1e-15, "f"))  # fmt: skip


def parse_number(text: str) -> float | None:
    """The value of ``4.7k``, ``10MEG``, ``100nF``, ``1e-3``; null if the text is no SPICE number."""
    parts = split_number(text)
    return None if parts is None else parts[0] * SUFFIXES.get(parts[1], 1.0)


_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:meg|mil|[tgkmunpfa])?[a-zµΩ%]*", re.IGNORECASE)


def is_plain_number(text: str) -> bool:
    """Whether the text can be nothing but a number: ``2n`` and ``2nF`` are, a model ``2n2222`` isn't."""
    return _PLAIN.fullmatch(text) is not None


def split_number(text: str) -> tuple[float, str, str] | None:
    """Mantissa, suffix in lower case (or empty) and the unit that follows; null if it is no SPICE number."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    rest = match.group(2)
    if rest and not (rest[0].isalpha() or rest[0] in "µ%Ω"):
        return None
    if not re.fullmatch(r"[\wµΩ%/.]*", rest):
        return None
    suffix = _SUFFIX.match(rest)
    length = suffix.end() if suffix else 0
    return float(match.group(1)), rest[:length].lower(), rest[length:]


def format_value(value: float, unit: str = "") -> str:
    """``value`` with an SI prefix and four significant digits: ``format_value(1591.5, "Hz")`` is ``1.592 kHz``."""
    if value == 0 or value != value or abs(value) in (float("inf"),):
        return f"{value:g} {unit}".rstrip()
    for scale, prefix in _PREFIXES:
        if abs(value) >= scale * 0.99995:
            return f"{value / scale:.4g}{' ' if unit else ''}{prefix}{unit}"
    return f"{value:.4g} {unit}".rstrip()
