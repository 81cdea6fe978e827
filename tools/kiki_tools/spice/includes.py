"""The files that a deck draws in, and those that it may not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import PurePath

from kiki_tools.spice.cards import Card, Deck, Word

SUFFIXES = frozenset(
    """
        .cir .ckt .sp .spi .spice .spc .net .lib .inc .mod .model .models .sub .subckt .pm .l .cdl .mdl .txt
        .par
    """.split()
)
"""What an included file is called. Others (`/etc/passwd`) are not opened for a deck."""


def included(deck: Deck) -> Iterator[tuple[Card, Word, str]]:
    """Each include: its card, the word that names the file, and the file's absolute path."""
    for card in deck.directives(".include", ".inc", ".lib"):
        found = target(card, deck.snapshot.path)
        if found is not None:
            yield card, found[0], found[1]


def target(card: Card, path: str) -> tuple[Word, str, str] | None:
    """The file that an include of the file ``path`` draws in: the word that names it, its path, its section."""
    arguments = card.arguments
    # `.lib name` alone opens a section of this very file; `.lib file section` draws one in.
    if not arguments or (card.name.low == ".lib" and len(arguments) < 2 and not _looks_like_path(arguments[0])):
        return None
    name = arguments[0].text.strip("'\"")
    folder = os.path.dirname(path) or os.getcwd()
    section = arguments[1].low if len(arguments) > 1 else ""
    return arguments[0], os.path.normpath(os.path.join(folder, os.path.expanduser(name))), section


def openable(path: str) -> bool:
    """Whether a deck may draw this file in: by its suffix, so that a deck can't leak what is no netlist."""
    return PurePath(path).suffix.lower() in SUFFIXES


def _looks_like_path(word: Word) -> bool:
    text = word.text.strip("'\"")
    return "/" in text or PurePath(text).suffix.lower() in SUFFIXES
