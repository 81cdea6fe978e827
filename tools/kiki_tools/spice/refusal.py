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


def reaching(deck: Deck) -> Iterator[tuple[Card, str]]:
    """The `.control` commands that reach out, each with what it does."""
    for card in deck.cards:
        if card.kind != "control":
            continue
        words = [word.low for word in card.words]
        if (command := words[0].removeprefix("pre_")) in COMMANDS:
            yield card, COMMANDS[command]
        elif any(word.startswith(">") for word in words):
            yield card, "writes a file"
        elif "`" in "".join(words):
            yield card, "runs a program on the host"
