"""Cards that reach out of a simulation: to a shell, to files, to other programs."""

from __future__ import annotations

from collections.abc import Iterator

from kiki_tools.spice.cards import Card, Deck

COMMANDS = {
    "shell": "runs a program on the host",
    "system": "runs a program on the host",
    "source": "reads and runs another file",
    "cd": "changes the working folder",
    "write": "writes a file",
    "wrdata": "writes a file",
    "wrs2p": "writes a file",
    "wrnodev": "writes a file",
    "snsave": "writes a file",
    "hardcopy": "writes a file",
    "codemodel": "loads machine code",
    "osdi": "loads machine code",
    "pre_osdi": "loads machine code",
    "load": "reads a file",
    "aspice": "runs a program on the host",
    "jobs": "runs a program on the host",
    "rspice": "runs a program on another host",
    "mrdump": "writes a file",
}
"""Commands of `.control` blocks that touch the host, and how."""
_COMPARING = frozenset({"if", "elseif", "while", "dowhile", "let"})
"""Commands in which ``>`` compares."""


def reaching(deck: Deck) -> Iterator[tuple[Card, str]]:
    """The `.control` commands that reach out, each with what it does."""
    for card in deck.cards:
        if card.kind == "control" and (what := reaches_out(" ".join(word.low for word in card.words))) is not None:
            yield card, what


def reaches_out(command: str) -> str | None:
    """What a command of `.control`, in lower case, does to the host; null if nothing."""
    words = command.split()
    if words and (known := COMMANDS.get(words[0].removeprefix("pre_"))):
        return known
    if words and words[0] not in _COMPARING and any(word.startswith(">") for word in words):
        return "writes a file"
    return "runs a program on the host" if "`" in command else None
