"""Names of buses: `D[0..7]`, `USB{DP DM}`, and the aliases of a schematic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_VECTOR = re.compile(r"(?P<prefix>[^\[\]{}\s]+)\[(?P<first>\d{1,5})\.\.(?P<last>\d{1,5})\](?P<suffix>[~^_{}+\-PN]*)")
_GROUP = re.compile(r"(?P<prefix>[^{}\s]*)\{(?P<inner>.*)\}")
_MOST = 1024
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ESCAPED = {"slash", "backslash", "lt", "gt", "colon", "dblquote", "return", "tab", "brace", "space", "bar"}
_MARKED = re.compile(r"[~^_]\{[^{}]*\}")


def is_bus(text: str) -> bool:
    """Whether a label with this text names several nets."""
    if "[" not in text and "{" not in text:
        return False
    return bool(members(text))


def members(text: str, aliases: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The nets of a bus, in their order; none if the text names a single net."""
    if "[" not in text and "{" not in text:
        return []
    if vector := _VECTOR.fullmatch(text):
        first, last = int(vector["first"]), int(vector["last"])
        low, high = min(first, last), max(first, last)
        if high - low >= _MOST:
            return []
        return [f"{vector['prefix']}{number}{vector['suffix']}" for number in range(low, high + 1)]
    group = _GROUP.fullmatch(text)
    if group is None or group["prefix"].endswith(("$", "~", "^", "_")) or group["inner"] in _ESCAPED:
        return []
    if _MARKED.search(text) and not _MARKED.sub("", text).endswith("}"):
        return []
    found: list[str] = []
    prefix = f"{group['prefix']}." if group["prefix"] else ""
    for word in re.split(r"[\s,]+", group["inner"].strip()):
        for name in (aliases or {}).get(word, (word,)):
            found.extend(f"{prefix}{member}" for member in (members(name) or [name]))
            if len(found) > _MOST:
                return []
    return found


def keys(text: str, aliases: Mapping[str, Sequence[str]] | None = None) -> list[tuple[str, str]]:
    """The members with what they are matched by where the bus goes on in another sheet: index or name.

    A member with a bar over it, `~{RESET}` in a group, is none to KiCad 9: the net stays apart on each sheet.
    """
    if _VECTOR.fullmatch(text):
        return [(str(number), name) for number, name in enumerate(members(text))]
    group = _GROUP.fullmatch(text)
    prefix = f"{group['prefix']}." if group and group["prefix"] else ""
    named = [(name.removeprefix(prefix), name) for name in members(text, aliases)]
    return [(key, name) for key, name in named if not _MARKED.search(key)]
