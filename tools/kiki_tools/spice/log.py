"""Reading what ngspice says: its errors with their lines, and its measures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kiki_tools.spice.cards import Deck
from kiki_tools.spice.includes import included


@dataclass(frozen=True, slots=True)
class SimulationError:
    """An error of a run; ``line`` is 0-based, null when neither ngspice nor the deck tells it."""

    path: str
    line: int | None
    message: str


_ERROR = re.compile(
    r"^\s*(?:(?:fatal )?error\b|.*\berror:|unknown (?:subckt|model)|.*too few (?:nodes|parameters)|doanalyses:|"
    r"warning, can't find model|warning: unknown|.*simulation\(?s?\)? (?:aborted|interrupted)|.*timestep too small|"
    r".*singular matrix.*aborted|.*iteration limit reached|unable to find definition of model|.*mal formed|"
    r".*is not a valid .* line, ignored|.*no such (?:vector|function)|.*undefined (?:number|parameter))",
    re.IGNORECASE,
)
_NOT_ONE = re.compile(
    r"(?:circuit not parsed|there aren't any circuits|\.meas|measure |simulation interrupted due to error|"
    r"no circuit loaded|fatal error in ngspice|run simulation\(s\) aborted|can't open .*initrc|"
    r"incomplete or empty netlist|note: )",
    re.IGNORECASE,
)
_INTERNAL_LINE = re.compile(r"new internal line no\. (\d+)")
_LINE = re.compile(r"(?:in |on |at )?line (?:no\. |number )?(\d+)(?: from file| or its| deck|,|:|$)", re.IGNORECASE)
_NAMED = re.compile(r"[\w.:#+\-]+")
_MEASURE = re.compile(r"^\s*([a-z_][\w.]*)\s*=\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\s|$)", re.IGNORECASE)


def read_errors(log: str, deck: Deck) -> Iterator[SimulationError]:
    """The errors that the log holds, each once, at the line of the deck that ngspice names or quotes."""
    lines = log.splitlines()
    seen: set[str] = set()
    for at, text in enumerate(lines):
        if not _ERROR.match(text) or _NOT_ONE.search(text):
            continue
        following = [line.strip() for line in lines[at + 1 : at + 4] if line.startswith((" ", "\t"))]
        message = " ".join([text.strip().rstrip(":"), *(f for f in following if not f.lower().startswith("in line"))])
        if message.lower() in seen:
            continue
        seen.add(message.lower())
        yield SimulationError(deck.snapshot.path, _line(" ".join([text, *following]), deck), message[:500])


def _line(text: str, deck: Deck) -> int | None:
    most = deck.snapshot.line_count
    for pattern in (_INTERNAL_LINE, _LINE):
        if (match := pattern.search(text)) and 0 < int(match.group(1)) <= most:
            return int(match.group(1)) - 1
    words = {word.lower() for word in _NAMED.findall(text)}
    for card, _, path in included(deck):
        if path in text:
            return card.line
    for card in deck.cards:
        if card.kind == "device" and card.name.low in words:
            return card.line
    for card in deck.cards:
        if card.kind == "device" and any(word.low in words for word in card.words[-2:] if len(word.text) > 2):
            return card.line
    return None


def read_measures(log: str, deck: Deck) -> dict[str, float | None]:
    """The results of the deck's ``.meas`` cards and ``meas`` commands, by name in lower case; null: it failed."""
    names: dict[str, float | None] = {}
    for card in deck.cards:
        if card.name.low in (".meas", ".measure", "meas") and len(card.words) > 2:
            names[card.words[2].low] = None
    if names:
        for text in log.splitlines():
            match = _MEASURE.match(text)
            if match and match.group(1).lower() in names:
                names[match.group(1).lower()] = float(match.group(2))
    return names
