"""Reading what ngspice says: its errors with their lines, and its measures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiki_tools.spice.cards import Card, Deck
from kiki_tools.spice.includes import included


@dataclass(frozen=True, slots=True)
class SimulationError:
    """An error of a run; ``line`` is 0-based, null when neither ngspice nor the deck tells it."""

    path: str
    line: int | None
    message: str
    unsolved: bool = False
    """Whether ngspice found no solution, rather than refusing the deck."""


_SUSPECT = re.compile(r"singular matrix:\s+check node (\S+)", re.IGNORECASE)
_UNSOLVED = re.compile(
    r"timestep too small|no convergence|iteration limit|singular matrix|could not be simulated|op failed", re.IGNORECASE
)
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
_SEVERITY = re.compile(r"^(?:(?:fatal )?error|warning)\s*[:,]\s*(?=\S)", re.IGNORECASE)
"""What a message begins with is left out: whoever shows it says how grave it is."""
_INTERNAL_LINE = re.compile(r"new internal line no\. (\d+)")
_LINE = re.compile(r"(?:in |on |at )?line (?:no\. |number )?(\d+)(?: from file| or its| deck|,|:|$)", re.IGNORECASE)
_NAMED = re.compile(r"[\w.:#+\-]+")
_MEASURE = re.compile(r"^\s*([a-z_][\w.]*)\s*=\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?:\s|$)", re.IGNORECASE)


def read_errors(log: str, decks: Sequence[Deck]) -> Iterator[SimulationError]:
    """The errors that the log holds, each once, at the card that ngspice names or quotes.

    ``decks``: the deck, then what it draws in.
    """
    lines = log.splitlines()
    seen: set[str] = set()
    suspect = _SUSPECT.search(log)
    for at, text in enumerate(lines):
        if not _ERROR.match(text) or _NOT_ONE.search(text):
            continue
        following = [line.strip() for line in lines[at + 1 : at + 4] if line.startswith((" ", "\t"))]
        said = [f for f in following if not f.lower().startswith(("in line", "simulation interrupted", "any of the"))]
        message = _SEVERITY.sub("", " ".join([text.strip().rstrip(":"), *said]))
        if message.lower() in seen:
            continue
        seen.add(message.lower())
        unsolved = _UNSOLVED.search(message) is not None
        if unsolved and suspect is not None and suspect[1].lower() not in message.lower():
            message += f"; the matrix is singular: check node {suspect[1]}"
        path, line = _place(" ".join([message, *following]), following, decks)
        yield SimulationError(path, line, message[:500], unsolved)


def _place(text: str, following: Sequence[str], decks: Sequence[Deck]) -> tuple[str, int | None]:
    """The file and line that an error is about: the card that it quotes, the device or node that it names."""
    main = decks[0]
    for quoted in following[:1]:
        words = quoted.lower().split()
        for deck, card in _devices(words[0], decks) if words else ():
            if words[0].count(".") or [word.low for word in card.words][: len(words)] == words or len(decks) == 1:
                return deck.snapshot.path, card.line
    if len(decks) == 1:
        for pattern in (_INTERNAL_LINE, _LINE):
            if (match := pattern.search(text)) and 0 < int(match.group(1)) <= main.snapshot.line_count:
                return main.snapshot.path, int(match.group(1)) - 1
    for card, _, path in included(main):
        if path in text:
            return main.snapshot.path, card.line
    names = [word.lower().removesuffix("#branch") for word in _NAMED.findall(text)]
    for name in names:
        for deck, card in _devices(name, decks):
            return deck.snapshot.path, card.line
    match = re.search(r"node (\S+)", text)
    if match is not None:
        for deck, card in _touching(match[1].lower(), decks):
            return deck.snapshot.path, card.line
    for card in main.cards:
        if card.kind == "device" and any(word.low in names for word in card.words[-2:] if len(word.text) > 2):
            return main.snapshot.path, card.line
    match = _LINE.search(text)
    return main.snapshot.path, int(match[1]) - 1 if match and int(match[1]) <= main.snapshot.line_count else None


def _devices(name: str, decks: Sequence[Deck]) -> Iterator[tuple[Deck, Card]]:
    """The devices of a name as ngspice has it: ``r1``, or ``d.x1.d1`` for the ``d1`` of what ``x1`` calls."""
    parts = name.split(".")
    calls, device = (parts[1:-1], parts[-1]) if len(parts) > 2 else (parts[:-1], parts[-1])
    scope: tuple[str, ...] = ()
    for call in calls:
        found = next((card for deck in decks for card in deck.devices("x") if card.name.low == call
                      and card.scope[-1:] == scope[-1:]), None)  # fmt: skip
        words = found.positional() if found is not None else ()
        if not words:
            return
        scope = (words[-1].low,)
    for deck in decks:
        for card in deck.devices():
            if card.name.low == device and card.scope[-1:] == scope[-1:]:
                yield deck, card


def _touching(node: str, decks: Sequence[Deck]) -> Iterator[tuple[Deck, Card]]:
    """The devices at a node, which may be inside of a call: ``xu3.mid``."""
    *calls, inner = node.split(".")
    scope: tuple[str, ...] = ()
    for _, card in _devices(".".join(calls), decks) if calls else ():
        words = card.positional()
        scope = (words[-1].low,) if words else ()
        break
    for deck in decks:
        for card in deck.devices():
            if card.scope[-1:] == scope[-1:] and any(word.low == inner for word in card.words[1:]):
                yield deck, card


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
