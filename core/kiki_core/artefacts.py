"""Artefacts in a draft: fenced blocks, and bare netlists in prose."""

from __future__ import annotations

import re

from kiki_core.events import Artefact

_FENCE = re.compile(
    r"^[ \t]*+(`{3,}+|~{3,}+)[ \t]*+([\w+-]*+)[^\n]*+\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)
_SPICE_NAMES = frozenset({"spice", "ngspice", "netlist", "cir", "ltspice", "sp", "hspice"})
_CARD = re.compile(
    r"^[ \t]*(?:[rclvidqmjexfghbs]\w*(?:[ \t]+[\w.+-]+){2,}.*"
    r"|\.(?:tran|ac|dc|op|model|subckt|ends?|param|meas)\b.*|\+.*|\*.*)$",
    re.IGNORECASE,
)
_ANALYSIS_OR_END = re.compile(r"^[ \t]*\.(?:end|tran|ac|dc|op)\b", re.IGNORECASE | re.MULTILINE)
MOST_TEXT = 200_000
_MOST = 8


def find(draft: str) -> tuple[Artefact, ...]:
    """The SPICE decks of a draft, unverified, in the order of the text; at most eight."""
    draft = draft[:MOST_TEXT]
    decks = []
    for match in _FENCE.finditer(draft):
        language, body = match.group(2).lower(), match.group(3)
        if language in _SPICE_NAMES or (language in ("", "text", "plaintext") and _is_deck(body)):
            decks.append(body)
    if not decks and not _FENCE.search(draft):
        decks = [body for body in (_bare(draft),) if body]
    names = [f"circuit{number}.cir" if len(decks) > 1 else "circuit.cir" for number in range(1, len(decks) + 1)]
    return tuple(Artefact(n, "spice", _tidied(d), None) for n, d in zip(names[:_MOST], decks[:_MOST], strict=True))


def _is_deck(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    cards = sum(1 for line in lines if _CARD.match(line))
    return cards >= 3 and cards >= len(lines) * 0.6 and bool(_ANALYSIS_OR_END.search(text))


def _bare(text: str) -> str:
    """The longest run of lines that read as cards."""
    best: list[str] = []
    run: list[str] = []
    for line in [*text.splitlines(), "end of the text"]:
        if _CARD.match(line) or (run and not line.strip()):
            run.append(line)
            continue
        best, run = max(best, run, key=len), []
    joined = "\n".join(best)
    return joined if _is_deck(joined) else ""


def _tidied(text: str) -> str:
    return text.strip("\n") + "\n"
